"""Fronts: the line moves with the local balance, and prepared lines are built in quiet and lost with ground.

Ground that a side takes on a front grows with its pressure and with how far its power there exceeds the
defender's.

Equation, for side i against side j on front f, per day:

    b_i = ln P_i - ln P_j - ln(d) - ln(e) W_j - o H_i / (1000 m_f) + advantage_i
    H_i = ground taken by i less that taken by j since the start
    ln P_i = ln(T_i + 1) + w ln S_i + ln((1 - s) E_i^h + s X_i)
    u_i = r_i + (1 - r_i) B_i
    taken_i = bounded(g m_f v u_i / (1 + exp(-k b_i)) + m_f a max(c exp(n) z_i, 0), ground of j on f)
    dW_i = (1 - W_i) y / t - W_i (1 - exp(-taken_j / (m_f D)))

| symbol | argument | unit | range |
| --- | --- | --- | --- |
| T | troops on the front | persons | >= 0 |
| S, E, w, h | skill, density of armour and their worth | 1 | > 0 |
| X, s | effect of the fire that this morning's stock allows without a truce; fire_share | 1 | >= 0 |
| d | defence_advantage | 1 | >= 0.2 |
| e, W | fortification_worth, fortification | 1 | >= 1, 0 to 1 |
| o, H | overstretch; net ground taken on the front | 1 per 1,000 km2, km2 | >= 0, any |
| r | routine_pressure | share | 0 to 1 |
| B | attacking: share of effort in attack | share | 0 to 1 |
| g | advance_scale | km2/day | >= 0 |
| m | weight of the front | share | 0 to 1 |
| v | activity, a truce's violations or 1, times tempo and intensity | 1 | >= 0 |
| advantage | log advantage of the side (drift) | 1 | any |
| k | advance_steepness | 1 | >= 0 |
| c, n | line_spread; volatility (drift) | km2/day, 1 | >= 0, any |
| a | activity without tempo and intensity | 1 | >= 0 |
| z | this week's shock of the line, standard normal, of opposite signs for the two sides | 1 | any |
| t | fortify_days; y: quiet, 1 - attacking | days | > 0 |
| D | fortification_depth | km2 | > 0 |

Source: the project's own, a force ratio in logistic form. Rules of force ratio are contested: three to one in
combat power to break through (Mearsheimer 1989), against 672 division engagements of 1904-1991 of which
attackers won half near 1:1 (Dupuy Institute 2019; log odds of winning rise there by about 0.8 a unit of the
log ratio of numbers, by 0.5 in CDB90: numbers are only a part of power).
Known to fail: no terrain, rivers or mud; the ground of a front is one number; encirclement does not exist.
Worked number: equal forces, d = 2.5, no lines, k = 3: 1 / (1 + exp(3 ln 2.5)) = 0.060 of the advance of a
complete break.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from ceasefire.war.flows import TINY, bounded, enemy
from ceasefire.war.registry import Parameter, Prior

PARAMETERS = (
    Parameter(
        "initial_fortification",
        "how far lines are prepared at the start",
        "share",
        Prior(0.15, 0.35, 0.6, "logit"),
        (0.0, 1.0),
        "assumed",
        initial=True,
    ),
    Parameter(
        "defence_advantage",
        "ratio of power at which attack and hasty defence are even",
        "1",
        Prior(1.1, 2.0, 3.2),
        (0.2, 20.0),
        "between 1:1, where attackers won half of 672 division engagements of 1904-1991 (Dupuy Institute"
        " 2019; attacks are made where they promise success), and the rule of three to one for a break"
        " through (Mearsheimer 1989)",
        per_side=False,
    ),
    Parameter(
        "fortification_worth",
        "factor by which fully prepared lines multiply a defender's power",
        "1",
        Prior(1.1, 2.0, 3.5),
        (1.0, 20.0),
        "assumed: Dupuy counts defensive posture as a multiplier of power; in CDB90 attackers at given"
        " numbers won as often against prepared and fortified as against hasty defence, so chosen battles"
        " do not show it",
        per_side=False,
    ),
    Parameter(
        "advance_scale",
        "ground taken on all fronts in a complete break",
        "km2/day",
        Prior(300, 800, 1_500),
        (0.0, 50_000),
        "assumed around the record before the article: 1,196 km2 a day in the week to 13 September 2022,"
        " the fastest by either side after April (area table)",
        per_side=False,
    ),
    Parameter(
        "advance_steepness",
        "how sharply the advance rises with the log of the power ratio",
        "1",
        Prior(2.0, 3.6, 6.0),
        (0.0, 20.0),
        "assumed so that an attack at a balance of -1 takes about 8 km2 a day, within the 6 to 10 of July"
        " and August 2022 (area table)",
        per_side=False,
    ),
    Parameter(
        "overstretch",
        "log power that a side loses for each 1,000 km2 of net ground taken on all fronts, and its enemy"
        " gains",
        "1 per 1,000 km2",
        Prior(0.02, 0.06, 0.2),
        (0.0, 5.0),
        "assumed around the record before the article: the advances to late March 2022 (some 120,000 km2"
        " by the area table, partly map drawing) and of September to November 2022 (some 17,700 km2) both"
        " stopped",
        per_side=False,
    ),
    Parameter(
        "routine_pressure",
        "share of full effort that a side puts into attacks outside offensives",
        "share",
        Prior(0.03, 0.1, 0.3, "logit"),
        (0.0, 1.0),
        "assumed, and the same for both sides",
    ),
    Parameter(
        "line_spread",
        "standard deviation of the change of the line in a week that nothing explains, at usual volatility",
        "km2/day",
        Prior(4, 13, 40),
        (0.0, 2_000),
        "assumed around the record before the article: from June to August 2022 the weekly change of area"
        " has a standard deviation of 112 km2 (16 a day), of 87 km2 (12 a day) by the differences from one"
        " week to the next (area table)",
        per_side=False,
    ),
    Parameter(
        "fortify_days",
        "quiet time in which 63 % of a prepared line is built",
        "days",
        Prior(50, 120, 300),
        (5.0, 5_000),
        "assumed: a 70 km line in Zaporizhzhia was dug from September 2022 and seen unbroken in April 2023"
        " (Centre for Journalistic Investigations); at Kursk in 1943 seven belts stood by July, strong"
        " positions by late April",
    ),
    Parameter(
        "fortification_depth",
        "ground on all fronts whose loss takes 63 % of the prepared lines with it",
        "km2",
        Prior(300, 1_000, 3_000),
        (1.0, 1e6),
        "assumed",
        per_side=False,
    ),
)


def balance(
    troops: jax.Array,
    effectiveness: jax.Array,
    fortification: jax.Array,
    net_ground: jax.Array,
    front_weight: jax.Array,
    defence_advantage: jax.Array,
    fortification_worth: jax.Array,
    overstretch: jax.Array,
) -> jax.Array:
    """Return b `[2, F, N]`, the log ratio of each side's power in attack to the other's in defence.

    `effectiveness` is w ln S + ln((1 - s) E^h + s X), `[2, N]`; `net_ground` is H, `[2, F, N]`.
    """
    log_power = jnp.log(troops + 1.0) + effectiveness[:, None, :]
    return (
        (log_power - enemy(log_power))
        - jnp.log(defence_advantage)
        - jnp.log(fortification_worth) * enemy(fortification)
        - overstretch * net_ground / (1_000.0 * front_weight + TINY)
    )


def effectiveness(
    skill: jax.Array,
    armour_density: jax.Array,
    fire_effect: jax.Array,
    skill_worth: jax.Array,
    armour_worth: jax.Array,
    fire_share: jax.Array,
) -> jax.Array:
    """Return the log effectiveness of a soldier of each side `[2, N]`."""
    return skill_worth * jnp.log(skill) + jnp.log(
        (1.0 - fire_share) * jnp.exp(armour_worth * jnp.log(armour_density)) + fire_share * fire_effect
    )


def ground_taken(
    balance: jax.Array,
    attacking: jax.Array,
    activity: jax.Array,
    front_weight: jax.Array,
    enemy_ground: jax.Array,
    shift: jax.Array,
    advance_scale: jax.Array,
    advance_steepness: jax.Array,
    routine_pressure: jax.Array,
) -> jax.Array:
    """Return the ground that each side takes today `[2, F, N]`, km2.

    `shift` is a max(c exp(n) z, 0), `[2, N]` in km2/day; other symbols as in the module.
    """
    pressure = routine_pressure[:, None, :] + (1.0 - routine_pressure[:, None, :]) * attacking
    break_through = jax.nn.sigmoid(advance_steepness * balance)
    wanted = front_weight * (advance_scale * activity * pressure * break_through + shift[:, None, :])
    return bounded(wanted, enemy_ground)


def next_fortification(
    fortification: jax.Array,
    attacking: jax.Array,
    lost_ground: jax.Array,
    front_weight: jax.Array,
    fortify_days: jax.Array,
    fortification_depth: jax.Array,
) -> jax.Array:
    """Return tomorrow's prepared lines `[2, F, N]`, between 0 and 1."""
    built = (1.0 - fortification) * (1.0 - attacking) / fortify_days[:, None, :]
    given_up = -fortification * jnp.expm1(-lost_ground / (front_weight * fortification_depth + TINY))
    return jnp.clip(fortification + built - given_up, 0.0, 1.0)
