"""Offensives: the decision to attack, on the capability that a leader perceives, and its end.

A leader attacks when the balance that he perceives exceeds his threshold; in a truce he must also accept the
cost of breaking it. An offensive ends at its culmination: when the true balance has fallen too far, or in
any week by the chance of all that is not modelled. How long it has gone on already does not count, so that
one that has outlasted the others is not expected to end tomorrow.

Equation, for each side, per day:

    y = ln(A_i + 1) - ln(A_j + 1) + effectiveness_i - effectiveness_j - ln(d) - ln(e) W_j - o H_i / 1000
        + advantage_i
    dZ = (y + p + n z - Z) / l
    start if O = 0, days since the last >= rest_days, allowed, and Z > h + truce (c + c_m monitored)
    end   if O = 1 and (over, or y < h - f, or not allowed, or a truce begins)
    over: in the first step of a week, with the chance 1 - exp(-7 / offensive_days)

| symbol | argument | unit | range |
| --- | --- | --- | --- |
| y | balance of the whole forces; W, H: mean lines, net ground taken (symbols of `fronts`) | 1 | any |
| Z | perceived balance | 1 | any |
| p, n, l | perception_bias, perception_noise, perception_delay_days | 1, 1, days | any, >= 0, >= 1 |
| z | this week's shock, standard normal | 1 | any |
| O, days | offensive; days since it, or the rest after it, began | switch, days | 0 or 1, >= 0 |
| allowed | offensives (lever) | switch | 0 or 1 |
| h | offensive_threshold | 1 | any |
| c, c_m | truce_cost, monitoring_cost | 1 | >= 0 |
| f | culmination_drop | 1 | >= 0 |

Source: the project's own threshold on perceived capability; an attack that weakens as it goes on: Clausewitz,
On War, book VII, ch. 4.
Known to fail: aims, seasons, politics and allies do not enter the decision yet; perception is one number.
Worked number: equal forces, d = 2, no lines: y = -0.69, so that a leader with threshold -0.5 waits and one
with -0.8 attacks.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from ceasefire.war.flows import enemy
from ceasefire.war.registry import Parameter, Prior

PARAMETERS = (
    Parameter(
        "offensive_threshold",
        "perceived log balance above which a leader attacks",
        "1",
        Prior(-1.6, -0.9, -0.2, "plain"),
        (-6.0, 6.0),
        "assumed, and the same for both sides",
    ),
    Parameter(
        "perception_bias",
        "how much better than it is a leader sees the balance",
        "1",
        Prior(-0.25, 0.0, 0.5, "plain"),
        (-3.0, 3.0),
        "assumed, and the same for both sides",
    ),
    Parameter(
        "perception_noise",
        "standard deviation of the weekly error in the perceived balance",
        "1",
        Prior(0.05, 0.15, 0.4),
        (0.0, 3.0),
        "assumed",
    ),
    Parameter(
        "perception_delay_days",
        "time in which news of the balance reaches 63 % of its weight with a leader",
        "days",
        Prior(5, 20, 60),
        (1.0, 1_000),
        "assumed",
    ),
    Parameter(
        "offensive_days",
        "mean time for which an offensive goes on that does not culminate sooner",
        "days",
        Prior(30, 75, 200),
        (1.0, 1_000),
        "offensives of 2022 in days (events table): Kharkiv 26, Kyiv and the north 42, Kherson 74, Donbas"
        " 76; the high end is assumed, and later ones reached 130 and more (Avdiivka, summer 2023)",
    ),
    Parameter(
        "rest_days",
        "shortest time between two offensives",
        "days",
        Prior(15, 80, 200),
        (1.0, 2_000),
        "assumed: in 2022 Russia took 11 days between the north and Donbas (events table) and paused 10 in"
        " July, too few in the view of ISW; later gaps of some 200 days on both sides are upper bounds",
    ),
    Parameter(
        "culmination_drop",
        "fall of the true balance below the threshold that ends an offensive",
        "1",
        Prior(0.15, 0.4, 0.9),
        (0.0, 6.0),
        "assumed",
        per_side=False,
    ),
    Parameter(
        "truce_cost",
        "log balance that a leader wants beyond his threshold before he breaks a truce",
        "1",
        Prior(0.03, 0.2, 1.0),
        (0.0, 6.0),
        "assumed, and the same for both sides",
    ),
    Parameter(
        "monitoring_cost",
        "what third-party monitors add to that",
        "1",
        Prior(0.03, 0.2, 1.0),
        (0.0, 6.0),
        "assumed: of interstate ceasefires with third-party monitors 18 % (of 28) saw an offensive within"
        " a year, without 46 % (of 26; ceasefire table); stronger agreements make peace last longer (Fortna"
        " 2003)",
        per_side=False,
    ),
    Parameter(
        "surge",
        "fighting on a front under a full offensive as a multiple of that without",
        "1",
        Prior(1.1, 1.6, 3.0),
        (1.0, 20.0),
        "Russian losses a day by the General Staff, as a multiple of the two months before: 2.3 (September"
        " to November 2022), 1.3 (January to March 2023), 1.7 (October 2023 to February 2024)",
        per_side=False,
    ),
)


def total_balance(
    force: jax.Array,
    effectiveness: jax.Array,
    fortification: jax.Array,
    front_weight: jax.Array,
    net_ground: jax.Array,
    defence_advantage: jax.Array,
    fortification_worth: jax.Array,
    overstretch: jax.Array,
) -> jax.Array:
    """Return y `[2, N]`, the log balance of each whole force in attack against the other's in defence."""
    power = jnp.log(force + 1.0) + effectiveness
    lines = jnp.sum(fortification * front_weight, axis=1)
    return (
        (power - enemy(power))
        - jnp.log(defence_advantage)
        - jnp.log(fortification_worth) * enemy(lines)
        - overstretch * jnp.sum(net_ground, axis=1) / 1_000.0
    )


def next_perceived(
    perceived: jax.Array,
    balance: jax.Array,
    shock: jax.Array,
    perception_bias: jax.Array,
    perception_noise: jax.Array,
    perception_delay_days: jax.Array,
) -> jax.Array:
    """Return what each leader believes the balance to be tomorrow `[2, N]`."""
    reported = balance + perception_bias + perception_noise * shock
    return perceived + (reported - perceived) / perception_delay_days


class Decision(NamedTuple):
    """What the leaders decide today, `[2, N]` each."""

    offensive: jax.Array
    """1 while an offensive is under way."""
    days_in_phase: jax.Array
    """Days since the present offensive, or the present rest, began."""
    started: jax.Array
    """1 on the day on which an offensive starts."""


def weekly_end(offensive_days: jax.Array, step: jax.Array | float = 1.0) -> jax.Array:
    """Return the chance that an offensive ends in a week, 1 - exp(-7 / offensive_days).

    `step` is the length of a step in days, in which `offensive_days` is counted.
    """
    return -jnp.expm1(-7.0 / (offensive_days * step))


def over(
    shock: jax.Array, new_week: jax.Array, offensive_days: jax.Array, step: jax.Array | float = 1.0
) -> jax.Array:
    """Return where an offensive would end by chance today, `[2, N]`; arguments as in `weekly_end`.

    `shock` is this week's standard normal number of the side.
    """
    return (new_week > 0) & (jax.scipy.stats.norm.cdf(shock) < weekly_end(offensive_days, step))


def decide(
    offensive: jax.Array,
    days_in_phase: jax.Array,
    perceived: jax.Array,
    balance: jax.Array,
    truce: jax.Array,
    monitored: jax.Array,
    allowed: jax.Array,
    observed: jax.Array,
    offensive_threshold: jax.Array,
    truce_cost: jax.Array,
    monitoring_cost: jax.Array,
    over: jax.Array,
    rest_days: jax.Array,
    culmination_drop: jax.Array,
) -> Decision:
    """Return today's decisions; `observed` (`[2, 1]`: 0 or 1, or -1 to decide) overrides the rule.

    `over` `[2, N]` is true where an offensive ends today by chance; other symbols as in the module.
    """
    hurdle = offensive_threshold + truce * (truce_cost + monitoring_cost * monitored)
    may_start = (offensive == 0) & (days_in_phase >= rest_days) & (allowed > 0)
    start = may_start & (perceived > hurdle)
    culminated = over | (balance < offensive_threshold - culmination_drop)
    stop = (offensive > 0) & (culminated | (allowed == 0))
    chosen = jnp.where(start, 1.0, jnp.where(stop, 0.0, offensive))
    now = jnp.where(observed >= 0, jnp.broadcast_to(observed, chosen.shape), chosen)
    changed = now != offensive
    return Decision(
        offensive=now,
        days_in_phase=jnp.where(changed, 0.0, days_in_phase + 1.0),
        started=jnp.where(changed & (now > 0), 1.0, 0.0),
    )
