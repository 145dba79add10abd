"""Battles: on a stretch of a front that is attacked, fighting concentrates in one place for weeks or months.

A battle takes a share of the front's troops, of both sides alike, and fights there at a multiple of the
intensity of the rest; what is lost in it is a part of what the front loses.

Equation, on the first day of a week, for each front without a truce:

    battle = 1 if battle = 0 and Phi(z) < a (1 - exp(-7 / onset_days)),  a = B_i + B_j - B_i B_j
    battle = 0 if battle = 1 and Phi(z) < 1 - exp(-7 / battle_days)

and on every day:

    losses and rounds wanted on the front x (1 + battle s (q - 1))
    in battle = battle s q / (1 + battle s (q - 1)) of the front's losses

| symbol | argument | unit | range |
| --- | --- | --- | --- |
| battle | 1 while a battle goes on, for each front | switch | 0 or 1 |
| z | this week's shock of the front, standard normal | 1 | any |
| B | attacking: share of effort in attack of each side | share | 0 to 1 |
| onset_days | battle_onset_days | days | > 0 |
| battle_days | battle_days | days | > 0 |
| s | battle_front_share | share | 0 to 1 |
| q | battle_intensity | 1 | >= 1 |

A truce ends every battle and lets none begin. The ground moves no faster for a battle.
Source: the project's own; the losses reported at Bakhmut in December 2022 for its size.
Known to fail: both sides have the same share of the front's troops in it; a battle has no place that could
be taken, and one front has one battle at a time; how long it has gone on does not count.
Worked number: s = 0.2, q = 3.5: the front loses 1 + 0.2 x 2.5 = 1.5 times as many, 0.7 / 1.5 = 47 % of them
in the battle. On a front with 45 % of the troops that is 0.45 x 0.7 / (0.55 + 0.45 x 1.5) = 26 % of the
losses of the whole front.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from ceasefire.war.flows import TINY
from ceasefire.war.registry import Parameter, Prior

PARAMETERS = (
    Parameter(
        "battle_onset_days",
        "mean time of full attack on a front until a battle begins there",
        "days",
        Prior(10, 40, 150),
        (1.0, 5_000),
        "assumed: three of the eleven ground offensives of 2022 to 2025 in the events table became battles"
        " for one place that lasted (Donbas in 2022, Bakhmut, Avdiivka)",
        per_side=False,
    ),
    Parameter(
        "battle_days",
        "mean time for which a battle goes on",
        "days",
        Prior(40, 110, 300),
        (1.0, 5_000),
        "Donbas to 3 July 2022: 76 days; Avdiivka, 10 October 2023 to 17 February 2024: 130; Bakhmut, 1"
        " August 2022 to 21 May 2023: 293, of which Wagner counts 224 for its part (events table; some first"
        " and last days from memory)",
        per_side=False,
    ),
    Parameter(
        "battle_front_share",
        "share of a front's troops that a battle on it takes",
        "share",
        Prior(0.08, 0.2, 0.4, "logit"),
        (0.0, 1.0),
        "assumed: Wagner, much of it at Bakhmut, had 50,000 in Ukraine (White House through Newsmax, 22"
        " December 2022), 38 % of the 130,000 that 45 % of 290,000 are: the high end",
        per_side=False,
    ),
    Parameter(
        "battle_intensity",
        "losses of a soldier in a battle as a multiple of those elsewhere on its front",
        "1",
        Prior(1.7, 3.5, 8.0),
        (1.0, 100.0),
        "100 to 200 Russian killed and wounded a day near Bakhmut in December 2022 (Ukraine's eastern"
        " command) of 537 on the whole front (UK Ministry of Defence; personnel losses table), 19 to 37 %;"
        " with 20 % of the troops of a front that has 45 % of all, this is a multiple of 2.3 to 6.0. Later"
        " claims near Bakhmut: up to 500 a day (March 2023), about 150 a day over 13 months",
        per_side=False,
    ),
)


class Battles(NamedTuple):
    """What battles do to their fronts, `[F, N]` each."""

    factor: jax.Array
    """By what the front's losses are multiplied."""
    share: jax.Array
    """Share of the front's losses that falls in the battle."""


def next_battle(
    battle: jax.Array,
    attacking: jax.Array,
    in_force: jax.Array,
    shock: jax.Array,
    new_week: jax.Array,
    battle_onset_days: jax.Array,
    battle_days: jax.Array,
    step: jax.Array | float = 1.0,
) -> jax.Array:
    """Return where a battle goes on today `[F, N]`.

    Shapes: battle, shock `[F, N]`; attacking `[2, F, N]`; in_force (truce) `[N]`. `step` is the length of a
    step in days, in which both times are counted.
    """
    first, second = attacking[0], attacking[1]
    attacked = first + second - first * second
    chance = jax.scipy.stats.norm.cdf(shock)
    begins = chance < -attacked * jnp.expm1(-7.0 / (battle_onset_days * step))
    ends = chance < -jnp.expm1(-7.0 / (battle_days * step))
    other = jnp.where(battle > 0, ends, begins)
    changed = jnp.where((new_week > 0) & other, 1.0 - battle, battle)
    return jnp.where(in_force > 0, 0.0, changed)


def battles(battle: jax.Array, battle_front_share: jax.Array, battle_intensity: jax.Array) -> Battles:
    """Return what the battles do to their fronts. Symbols as in the module."""
    more = battle_front_share * (battle_intensity - 1.0)
    return Battles(1.0 + battle * more, battle * (battle_front_share * battle_intensity / (1.0 + more)))


def fire_factor(
    troops: jax.Array,
    on_front: jax.Array,
    battle: jax.Array,
    battle_front_share: jax.Array,
    battle_intensity: jax.Array,
) -> jax.Array:
    """Return by what the rounds that a side wants to fire are multiplied `[2, N]`.

    It is the mean of the fronts' factors by the side's troops, so that a battle asks for as many rounds for
    each loss as other fighting. Shapes: troops `[2, F, N]`, on_front `[2, N]`, battle `[F, N]`.
    """
    fought = jnp.sum(troops * battle, axis=1) / (on_front + TINY)
    return 1.0 + fought * (battle_front_share * (battle_intensity - 1.0))


def battle_losses(lost_on_front: jax.Array, share: jax.Array) -> jax.Array:
    """Return the losses in battles of each side `[2, N]`, persons/day: a part of `lost_on_front`."""
    return jnp.sum(lost_on_front * share, axis=1)
