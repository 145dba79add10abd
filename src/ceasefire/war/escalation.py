"""Escalation: how many wars with further states this war is expected to set off, counted apart from it.

A hazard that rises with what is said to bring a wider war: a side near collapse, ground lost fast, arms from
abroad, an assault on a capital, strikes deep into a country. It adds up beside the war and never changes it,
since what would follow is beyond this model and its chance is deeply uncertain.

Equation, per day:

    dE = r exp(x) q (1 - ended),   x = c max C_i + g max P_i + a (A_0 + A_1) + k max K_i + s D
    P_i = L_i / (L_i + l),   A_i = U_i / (U_i + Q_i),   D = (F_0 + F_1) / (F_0 + F_1 + f)
    q = 1 where no truce is in force, else w;   probability of at least one = 1 - exp(-E)

| symbol | argument | unit | range |
| --- | --- | --- | --- |
| E | escalation: expected number since the start | 1 | >= 0 |
| r | escalation_rate | 1/day | >= 0 |
| C, c | near_collapse (ending.nearness); escalation_by_collapse | share, 1 | 0 to 1, >= 0 |
| L, l, g | net ground lost today; escalation_ground_pace; escalation_by_ground | km2/day, 1 | >= 0 |
| U, Q, a | rounds arriving from abroad, rounds made; escalation_by_aid | rounds/day, 1 | >= 0 |
| K, k | 1 while a side assaults or holds the other's capital; escalation_by_assault | 0 or 1, 1 | >= 0 |
| F, f | launched: missiles and drones; escalation_strike_pace | missiles/day | >= 0, > 0 |
| s | escalation_by_strikes | 1 | >= 0 |
| w | escalation_truce_share | share | 0 to 1 |
| ended | 1 once the war has ended | 0 or 1 | 0 or 1 |

Source: the project's own proportional hazard. Rates to hold it against: 27 % of the wars of 1816-2007 drew in
a further state (Joyce, Ghosn and Bayer 2014), 8e-4 a day at a mean length of 408 days (Correlates of War);
15 forecasters of the Swift Centre gave 8 % in July 2022 to 25 dead by Russian forces on NATO territory before
2024 (1.5e-4 a day), which is less than a war; Metaculus' forecasters gave 0.35 % on 24 March 2022 to a full
nuclear war within the year (1.2e-5 a day).
Known to fail: deterrence, signals and intentions are not modelled; that none of it has happened yet teaches
little about the size of any term; the conditions multiply each other without evidence that they do.
Worked number: r = 2.5e-5 a day without any condition: an expected 0.0091 in a year, a probability of 0.91 %;
twice the rate where x = ln 2.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from ceasefire.war.flows import TINY, enemy
from ceasefire.war.registry import Parameter, Prior


def _weight(name: str, meaning: str, prior: Prior, source: str) -> Parameter:
    return Parameter(name, meaning, "1", prior, (0.0, 10.0), source, per_side=False)


PARAMETERS = (
    Parameter(
        "escalation_rate",
        "chance a day of a wider war where none of the conditions holds",
        "1/day",
        Prior(1e-6, 2.5e-5, 6e-4),
        (0.0, 0.05),
        "assumed over nearly three orders of magnitude, at half of what forecasts say since aid and strikes"
        " as in late 2022 about double it: 1.2e-5 a day for a full nuclear war (Metaculus, 24 March 2022),"
        " 1.5e-4 for 25 dead on NATO territory (Swift Centre, July 2022), 8e-4 for any further state in a war"
        " of 1816-2007 (27 % of wars, Joyce, Ghosn and Bayer 2014, over a mean of 408 days)",
        per_side=False,
    ),
    _weight(
        "escalation_by_collapse",
        "log of the chance that a side at the point of collapse adds",
        Prior(0.3, 1.5, 4.0),
        "assumed: leaders of some regimes gamble when they lose (Goemans 2000, abstract); no size was found",
    ),
    _weight(
        "escalation_by_ground",
        "log of the chance that a very fast loss of ground adds",
        Prior(0.1, 0.7, 2.5),
        "assumed",
    ),
    Parameter(
        "escalation_ground_pace",
        "net ground lost a day at which half of that is added",
        "km2/day",
        Prior(50, 200, 800),
        (1.0, 50_000),
        "assumed around 193 km2 a day, 1 September to 1 December 2022 (area table)",
        per_side=False,
    ),
    _weight(
        "escalation_by_aid",
        "log of the chance where all rounds of a side come from abroad",
        Prior(0.03, 0.3, 1.5),
        "assumed: arms beyond what had been named as limits, such as HIMARS, had not led to the worst by"
        " October 2022 (Metaculus, Red Lines in Ukraine)",
    ),
    _weight(
        "escalation_by_assault",
        "log of the chance while a capital is assaulted",
        Prior(0.1, 0.8, 2.5),
        "assumed: the assault on Kyiv in February and March 2022 (events table) drew in no further state",
    ),
    _weight(
        "escalation_by_strikes",
        "log of the chance where strikes with missiles and drones are very many",
        Prior(0.05, 0.4, 2.0),
        "assumed: on 15 November 2022 a stray missile of air defence killed two people in Poland (events"
        " table)",
    ),
    Parameter(
        "escalation_strike_pace",
        "missiles and drones launched a day by both sides at which half of that is added",
        "missiles/day",
        Prior(3, 12, 50),
        (0.1, 10_000),
        "assumed around late 2022: 1,000 missiles and strike drones launched at Ukraine from 28 September to"
        " 20 December (air table), 12 a day",
        per_side=False,
    ),
    Parameter(
        "escalation_truce_share",
        "share of the chance that remains in a truce",
        "share",
        Prior(0.05, 0.3, 0.9, "logit"),
        (0.0, 1.0),
        "assumed",
        per_side=False,
    ),
)


def ground_pace(ground_taken: jax.Array) -> jax.Array:
    """Return L `[2, N]`, the net ground that each side loses today, km2, from what each takes `[2, F, N]`."""
    return jnp.maximum(jnp.sum(enemy(ground_taken) - ground_taken, axis=1), 0.0)


def from_abroad(arriving: jax.Array, made: jax.Array) -> jax.Array:
    """Return A `[2, N]`, the share of today's new rounds that comes from abroad."""
    return arriving / (arriving + made + TINY)


def log_fold(
    near_collapse: jax.Array,
    ground_pace: jax.Array,
    from_abroad: jax.Array,
    assault: jax.Array,
    launched: jax.Array,
    escalation_by_collapse: jax.Array,
    escalation_by_ground: jax.Array,
    escalation_ground_pace: jax.Array,
    escalation_by_aid: jax.Array,
    escalation_by_assault: jax.Array,
    escalation_by_strikes: jax.Array,
    escalation_strike_pace: jax.Array,
) -> jax.Array:
    """Return x `[N]`, the log of the hazard over the base rate; the first five arguments are `[2, N]`."""
    fastest = jnp.max(ground_pace, axis=0)
    strikes = jnp.sum(launched, axis=0)
    return (
        escalation_by_collapse * jnp.max(near_collapse, axis=0)
        + escalation_by_ground * (fastest / (fastest + escalation_ground_pace))
        + escalation_by_aid * jnp.sum(from_abroad, axis=0)
        + escalation_by_assault * jnp.max(assault, axis=0)
        + escalation_by_strikes * (strikes / (strikes + escalation_strike_pace))
    )


def next_escalation(
    escalation: jax.Array,
    log_fold: jax.Array,
    in_force: jax.Array,
    ended: jax.Array,
    escalation_rate: jax.Array,
    escalation_truce_share: jax.Array,
) -> jax.Array:
    """Return E of tomorrow `[N]`; `in_force` is 1 in a truce, `ended` 1 after the war, `[N]` each."""
    remaining = jnp.where(in_force > 0, escalation_truce_share, 1.0) * (1.0 - ended)
    return escalation + escalation_rate * jnp.exp(log_fold) * remaining


def probability(escalation: jax.Array) -> jax.Array:
    """Return the probability of at least one wider war so far, for reports: the war itself never asks."""
    return -jnp.expm1(-escalation)
