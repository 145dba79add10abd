"""Northern front: a flank over a third country's ground that stays shut, may open, or is open.

While a side's flank may open, its enemy holds back a part of the reserve to guard it. Once it is open, a
side on the offensive that likes what it sees there may try to take the enemy's capital.

Equation, for side i against side j, per day; chances on the first day of a week:

    open_i = 0 where flank_i = 0, 1 where flank_i = 2; where flank_i = 1, once open it stays so, and opens
             if Phi(z_i) < 1 - exp(-7 h_i)
    G_j = g_j R_j where flank_i > 0, else 0;  R_j - G_j can go to the fronts
    C_i = c_i max(R'_i - G_i, 0),  R' = reserve after today's moves
    y_i = ln((C_i + 1) / (G_j + 1)) + advantage_i + effectiveness_i - effectiveness_j - D_j
    assault if open_i (this morning and today), O_i = 1, capital not taken, y_i + Z_i - Y_i > threshold_i
            and Phi(z_i) < 1 - exp(-7 / t)
    taken   if logit(Phi(u_i)) < k y_i: with the chance 1 / (1 + exp(-k y_i))
    lost    = l C_i of side i and l_g G_j of side j, out of their reserves

| symbol | argument | unit | range |
| --- | --- | --- | --- |
| flank | flank (lever): 0 shut, 1 may open, 2 open | switch | 0, 1 or 2 |
| h | flank_opening | 1/day | >= 0 |
| z, u | this week's shocks of the side, standard normal | 1 | any |
| g, G | flank_guard_share; guards of the flank | share, persons | 0 to 1, >= 0 |
| R, C | reserve; troops of an assault | persons | >= 0 |
| c | assault_share | share | 0 to 1 |
| D | capital_defence, of the side whose capital it is | 1 | any |
| O | offensive | switch | 0 or 1 |
| Z, Y | perceived and true balance of the whole forces (offensive) | 1 | any |
| threshold | offensive_threshold (offensive) | 1 | any |
| t | assault_days | days | > 0 |
| k | assault_steepness | 1 | >= 0 |
| l, l_g | assault_losses, capital_guard_losses | share | 0 to 1 |

One shock serves opening and assault: a flank is assaulted over in a later week than that in which it opens.
A flank that is shut gives no guards and no assault. Taking a capital changes nothing else in the war here.
Source: the project's own; log odds of winning that rise with the log ratio of numbers, as in `fronts`.
Known to fail: an assault is over in a day; guards come from the reserve alone, and the line behind the flank
does not move; how the third country decides, and its own army, are one chance a week.
Worked number: 30,000 against 15,000 guards, equal quality, D = 1.6, k = 0.8: y = ln 2 - 1.6 = -0.91 and a
chance of 0.33; with l = 0.1 the attacker loses 3,000.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from ceasefire.war.flows import enemy
from ceasefire.war.registry import Parameter, Prior

# The lever `flank`: below the first it is shut, from the second on open.
MAY_OPEN = 0.5
OPEN = 1.5

# Keeps the log odds of a chance finite where a shock is far out.
_LEAST_CHANCE = 1e-7

PARAMETERS = (
    Parameter(
        "flank_opening",
        "chance that a flank which may open does so",
        "1/day",
        Prior(0.0001, 0.0006, 0.003),
        (0.0, 1.0),
        "assumed: 4, 20 and 67 % within a year. Belarus gave its ground on 24 February 2022 and not again to"
        " 20 December 2022, a joint grouping was announced on 10 October, and Ukraine's commander foresaw a"
        " new attempt on Kyiv for the first months of 2023 (events table); to the end of 2025 none came",
    ),
    Parameter(
        "flank_guard_share",
        "share of its reserve that a side holds back for the enemy's flank",
        "share",
        Prior(0.1, 0.3, 0.6, "logit"),
        (0.0, 1.0),
        "assumed: Ukraine's border service says that Belarus ties forces down, without a number (24 December"
        " 2022, events table); 60,000 is 15 % of 400,000 in reserve",
    ),
    Parameter(
        "assault_share",
        "share of the free reserve that an assault on the capital commits",
        "share",
        Prior(0.3, 0.6, 0.9, "logit"),
        (0.0, 1.0),
        "assumed: 30,000 Russian troops were expected in Belarus in February 2022 (NATO through Politico, 3"
        " February 2022) of 150,000 in all (forces table), nearly all of the force without a front",
    ),
    Parameter(
        "assault_days",
        "mean time until an assault over an open flank begins, while its conditions hold",
        "days",
        Prior(7, 30, 120),
        (1.0, 5_000),
        "assumed: in February 2022 the assault came with the opening; forces then stood ready",
        per_side=False,
    ),
    Parameter(
        "capital_defence",
        "log ratio of the power of an assault to that of the guards at which the capital is lost in half of"
        " the cases",
        "1",
        Prior(0.7, 1.6, 3.0, "plain"),
        (-5.0, 10.0),
        "assumed: from the hasty defence of the registry (ln 2) beyond the rule of three to one for a break"
        " through (ln 3 is 1.1; Mearsheimer 1989); Kyiv held in 2022 (events table)",
    ),
    Parameter(
        "assault_steepness",
        "how sharply the log odds of taking the capital rise with the log ratio of power",
        "1",
        Prior(0.4, 0.8, 2.0),
        (0.0, 20.0),
        "log odds of winning rise by about 0.8 a unit of the log ratio of numbers in 672 engagements (Dupuy"
        " Institute 2019) and by 0.5 in CDB90; the high end is assumed, since power is more than numbers",
        per_side=False,
    ),
    Parameter(
        "assault_losses",
        "share of the troops of an assault that is lost",
        "share",
        Prior(0.03, 0.1, 0.35, "logit"),
        (0.0, 1.0),
        "528 battles (CDB90): attackers lost 7 % in the median, 0.7 and 36 % at the ends of the middle 90 %;"
        " more is assumed at the best, since the attempt on Kyiv took six weeks (events table)",
        per_side=False,
    ),
    Parameter(
        "capital_guard_losses",
        "share of the guards of a flank that is lost in an assault",
        "share",
        Prior(0.03, 0.12, 0.4, "logit"),
        (0.0, 1.0),
        "528 battles (CDB90): defenders lost 12 % in the median, 1.2 and 75 % at the ends of the middle 90 %,"
        " armies that were destroyed or taken among them; the range is assumed",
        per_side=False,
    ),
)


class Assault(NamedTuple):
    """Today's assaults on a capital, `[2, N]` each."""

    begins: jax.Array
    """1 where the side assaults the enemy's capital today."""
    taken: jax.Array
    """1 where it takes it."""
    lost: jax.Array
    """Persons that each side loses in assaults today, its own and the enemy's, out of its reserve."""


def _chance(shock: jax.Array) -> jax.Array:
    return jax.scipy.stats.norm.cdf(shock)


def next_open(
    flank_open: jax.Array,
    flank: jax.Array,
    shock: jax.Array,
    new_week: jax.Array,
    flank_opening: jax.Array,
    step: jax.Array | float = 1.0,
) -> jax.Array:
    """Return 1 where a side's flank is open today, else 0, `[2, N]`.

    `flank` is the lever (`[2, 1]` or `[2, N]`), `shock` this week's standard normal number of the side;
    `step` is the length of a step in days, for which `flank_opening` is a rate.
    """
    opens = (new_week > 0) & (_chance(shock) < -jnp.expm1(-7.0 * flank_opening / step))
    by_chance = jnp.where(opens, 1.0, flank_open)
    return jnp.where(flank >= OPEN, 1.0, jnp.where(flank >= MAY_OPEN, by_chance, 0.0))


def guards(reserve: jax.Array, flank: jax.Array, flank_guard_share: jax.Array) -> jax.Array:
    """Return the soldiers that each side holds back for the enemy's flank `[2, N]`, part of its reserve."""
    return jnp.where(enemy(flank) >= MAY_OPEN, flank_guard_share * reserve, 0.0)


def assault(
    was_open: jax.Array,
    flank_open: jax.Array,
    capital_taken: jax.Array,
    offensive: jax.Array,
    in_reserve: jax.Array,
    guard: jax.Array,
    quality: jax.Array,
    error: jax.Array,
    timing_shock: jax.Array,
    outcome_shock: jax.Array,
    new_week: jax.Array,
    offensive_threshold: jax.Array,
    assault_share: jax.Array,
    assault_days: jax.Array,
    capital_defence: jax.Array,
    assault_steepness: jax.Array,
    assault_losses: jax.Array,
    capital_guard_losses: jax.Array,
    step: jax.Array | float = 1.0,
) -> Assault:
    """Return today's assaults, what they take and whom they cost.

    Args:
        was_open: whether the side's flank was open yesterday, `[2, N]`.
        flank_open: whether it is open today, `[2, N]`.
        capital_taken: 1 where the side has taken the enemy's capital, `[2, N]`.
        offensive: 1 while an offensive of the side is under way, `[2, N]`.
        in_reserve: R', reserve after today's moves to the fronts, `[2, N]`.
        guard: G, guards of the enemy's flank, `[2, N]`.
        quality: advantage + effectiveness less that of the enemy, `[2, N]`.
        error: Z - Y, how much better than it is the leader sees the balance of the forces, `[2, N]`.
        timing_shock: z, `[2, N]`; the same number as in `next_open`.
        outcome_shock: u, `[2, N]`.
        new_week: 1 on the first day of a week.
        offensive_threshold: `[2, N]`; the other parameters as in the module.
        assault_share: c, `[2, N]`.
        assault_days: t, `[N]`.
        capital_defence: D, `[2, N]`, of the side whose capital it is.
        assault_steepness: k, `[N]`.
        assault_losses: l, `[N]`.
        capital_guard_losses: l_g, `[N]`.
        step: length of a step in days, in which `assault_days` is counted.
    """
    there = jnp.maximum(in_reserve, 0.0)
    standing = jnp.minimum(guard, there)
    committed = assault_share * (there - standing)
    balance = jnp.log((committed + 1.0) / (enemy(standing) + 1.0)) + quality - enemy(capital_defence)
    now = (new_week > 0) & (_chance(timing_shock) < -jnp.expm1(-7.0 / (assault_days * step)))
    may = now & (was_open > 0) & (flank_open > 0) & (offensive > 0) & (capital_taken == 0)
    begins = jnp.where(may & (balance + error > offensive_threshold), 1.0, 0.0)
    chance = jnp.clip(_chance(outcome_shock), _LEAST_CHANCE, 1.0 - _LEAST_CHANCE)
    log_odds = jnp.log(chance) - jnp.log1p(-chance)
    return Assault(
        begins=begins,
        taken=jnp.where(log_odds < assault_steepness * balance, begins, 0.0),
        lost=begins * (assault_losses * committed) + enemy(begins) * (capital_guard_losses * standing),
    )
