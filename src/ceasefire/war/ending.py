"""Ending: a war ends when a force collapses, when a side's will is exhausted, or when both settle.

A force collapses when little is left of what it was and the enemy could break it. Will is what a side can
still bear: it falls with the dead and with hardship and comes back slowly in a truce. Both settle, by a
weekly chance, when neither sees a gain in another attack and both are weary.

Equation, per day, for side i against side j:

    top_i = max(top_i, A_i)
    collapse_i if A_i < k top_i and y_j > b
    dV_i = -d K_i / M_i - e H_i + truce (1 - V_i) / t,  V held between 0 and 1;   exhausted_i if V_i = 0
    h = s min over sides of (1 - V_i)  where Z_i <= z_i for both sides, else 0
    settled: in the first step of a week, with the chance 1 - exp(-7 h)
    ended = 1 from the first of these on:  activity x (1 - ended), offensives x (1 - ended)

| symbol | argument | unit | range |
| --- | --- | --- | --- |
| A, top | force; highest_force: the largest it has been | persons | >= 0 |
| k | collapse_share | share | 0 to 1 |
| y, b | balance of the whole forces in attack (offensive); collapse_balance | 1 | any |
| V | will | share | 0 to 1 |
| K, M | killed; people: those who serve and those who could be called up | persons/day, persons | >= 0 |
| d | will_by_deaths: will lost where all are killed | 1 | >= 0 |
| H, e | hardship: share of war production lost; will_by_hardship | share, 1/day | 0 to 1, >= 0 |
| truce, t | in_force; will_recovery_days | 0 or 1, days | 0 or 1, >= 10 |
| Z, z | perceived balance, offensive_threshold (offensive) | 1 | any |
| s | settlement_rate | 1/day | >= 0 |

On one day a collapse comes before exhaustion and both before a settlement, so that a war ends in one way;
both sides may collapse, or be exhausted, on the same day. What has ended stays ended.
Source: rules of the literature in the project's own form: an army below a share of its former strength
(Powell 2026: in trouble below 0.65 to 0.73 of 550,000, collapse below 0.5 of the peak), losses beyond a
share of the population (Turchin 2023), a settlement once fighting has nothing more to tell (Slantchev 2003).
Known to fail: terms, third parties and commitment are not modelled; an end is final, though almost half of
the international wars after 1945 were followed by new fighting (Fortna 2004); what a collapse does to those
who live in the land that is taken is not counted.
Worked number: will 0.85, d = 10: exhausted once 8.5 % of the people have been killed; both at will 0.5,
s = 0.003: h = 0.0015 a day, a settlement within a year with 42 %.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from ceasefire.war.flows import TINY, enemy
from ceasefire.war.internal_break import waited
from ceasefire.war.registry import Parameter, Prior

PARAMETERS = (
    Parameter(
        "initial_will",
        "share of what a side can bear that is left at the start",
        "share",
        Prior(0.6, 0.85, 0.97, "logit"),
        (0.05, 1.0),
        "assumed: a scenario gives its own",
        initial=True,
    ),
    Parameter(
        "collapse_share",
        "share of its largest strength below which a force can collapse",
        "share",
        Prior(0.35, 0.5, 0.68, "logit"),
        (0.0, 1.0),
        "assumed around a published rule: collapse below 0.5 of the former peak, a tipping point at 0.65 to"
        " 0.73 of the force (Powell 2026, quoted by Turchin 2026)",
        per_side=False,
    ),
    Parameter(
        "collapse_balance",
        "log balance of the enemy's attack above which such a force gives way",
        "1",
        Prior(-0.4, 0.0, 0.7, "plain"),
        (-6.0, 6.0),
        "assumed: where attack and defence are even",
        per_side=False,
    ),
    Parameter(
        "will_by_deaths",
        "will lost for each share of the people killed: 5 exhausts a full will with one in five",
        "1",
        Prior(1, 5, 30),
        (0.0, 2_000),
        "assumed over more than an order of magnitude, all to a thirtieth of those who serve or could: that"
        " losses beyond a share of the population end a war is Turchin's rule (2023), his share was not read",
    ),
    Parameter(
        "will_by_hardship",
        "will lost a day where all war production is lost",
        "1/day",
        Prior(5e-5, 5e-4, 3e-3),
        (0.0, 0.1),
        "assumed: one to fifty years, since bombed and blockaded countries have fought on for years",
    ),
    Parameter(
        "will_recovery_days",
        "time in which a truce makes up 63 % of the will that is lost",
        "days",
        Prior(300, 1_200, 5_000),
        (10.0, 1e5),
        "assumed",
    ),
    Parameter(
        "settlement_rate",
        "chance a day of a settlement where neither side has any will left to go on and none sees a gain",
        "1/day",
        Prior(0.0005, 0.003, 0.015),
        (0.0, 1.0),
        "assumed so that sides with a third of their will gone, who see no gain half of the time, settle at"
        " 3 to 60 % a year: about two thirds of interstate wars ended by a settlement short of victory (Min"
        " 2020), and of those that passed a year half ended in the next by Correlates of War (lognormal"
        " through median and mean), which would be 37 % a year, while by CSIS 2022 they lasted over a decade"
        " on average, 6 %",
        per_side=False,
    ),
)


def nearness(force: jax.Array, highest_force: jax.Array, collapse_share: jax.Array) -> jax.Array:
    """Return how near each force is to collapse by its strength `[2, N]`: 0 at its largest, 1 from k on."""
    left = force / (highest_force + TINY)
    return jnp.clip((1.0 - left) / (1.0 - collapse_share + TINY), 0.0, 1.0)


def collapses(
    force: jax.Array,
    highest_force: jax.Array,
    balance: jax.Array,
    collapse_share: jax.Array,
    collapse_balance: jax.Array,
) -> jax.Array:
    """Return true where a side's force collapses `[2, N]`.

    `balance` is y `[2, N]`, each side's in attack; the side that collapses is judged by its enemy's.
    """
    return (force < collapse_share * highest_force) & (enemy(balance) > collapse_balance)


def next_will(
    will: jax.Array,
    killed: jax.Array,
    people: jax.Array,
    hardship: jax.Array,
    in_force: jax.Array,
    will_by_deaths: jax.Array,
    will_by_hardship: jax.Array,
    will_recovery_days: jax.Array,
) -> jax.Array:
    """Return tomorrow's will `[2, N]`, between 0 and 1. Symbols as in the module; `in_force` is `[N]`."""
    lost = will_by_deaths * (killed / (people + TINY)) + will_by_hardship * hardship
    regained = in_force * ((1.0 - will) / will_recovery_days)
    return jnp.clip(will - lost + regained, 0.0, 1.0)


def settlement_hazard(
    will: jax.Array, perceived: jax.Array, offensive_threshold: jax.Array, settlement_rate: jax.Array
) -> jax.Array:
    """Return h `[N]`, 1/day: 0 as long as one side expects to gain by an attack or is not weary."""
    weary = jnp.min(1.0 - will, axis=0)
    no_gain = jnp.min(jnp.where(perceived <= offensive_threshold, 1.0, 0.0), axis=0)
    return settlement_rate * weary * no_gain


class Ending(NamedTuple):
    """How the war has ended by today; at most one of the three kinds is not 0."""

    collapsed: jax.Array
    """1 for a side whose force has collapsed, `[2, N]`."""
    exhausted: jax.Array
    """1 for a side whose will was exhausted, `[2, N]`."""
    settled: jax.Array
    """1 where both have settled, `[N]`."""
    ended: jax.Array
    """1 where the war has ended, `[N]`."""


def next_ending(
    collapsed: jax.Array,
    exhausted: jax.Array,
    settled: jax.Array,
    collapses: jax.Array,
    will: jax.Array,
    settlement_hazard: jax.Array,
    shock: jax.Array,
    new_week: jax.Array,
    step: jax.Array | float = 1.0,
) -> Ending:
    """Return the ending of today, from this morning's stocks.

    `collapses` is true or false, `[2, N]`; `shock` `[N]` is this week's standard normal number of the war;
    `step` is the length of a step in days, in which the hazard is counted.
    """
    going_on = 1.0 - _ended(collapsed, exhausted, settled)
    collapse = jnp.where(collapses, going_on, 0.0)
    going_on = going_on - jnp.max(collapse, axis=0)
    exhaustion = jnp.where(will <= 0, going_on, 0.0)
    going_on = going_on - jnp.max(exhaustion, axis=0)
    agreed = (new_week > 0) & (7.0 * settlement_hazard / step > waited(shock))
    collapsed = collapsed + collapse
    exhausted = exhausted + exhaustion
    settled = settled + jnp.where(agreed, going_on, 0.0)
    return Ending(collapsed, exhausted, settled, _ended(collapsed, exhausted, settled))


def _ended(collapsed: jax.Array, exhausted: jax.Array, settled: jax.Array) -> jax.Array:
    return jnp.maximum(jnp.max(jnp.maximum(collapsed, exhausted), axis=0), settled)
