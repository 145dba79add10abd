"""Attrition: the Lanchester family, with fire that munitions limit.

Losses on a front grow with the enemy's numbers to the power p and one's own to the power q; the part caused
by indirect fire follows the shells that the enemy fires.

Equation, for the losses of side i to side j on front f, persons per day:

    wanted = v u a_j S_j^w R N_i^q [ (1 - s) E_j^h N_j^p + s Y_j ] K_i,    N = T / R
    Y_j = N_j X_j  where munitions limit fire, N_j^p where only numbers do
    K_i = exp(-c W_i (1 - B_i)) (1 + (x - 1) B_i)
    v = tempo exp(intensity) (1 + (y - 1) (B_i + B_j - B_i B_j))
    L = bounded(wanted, T_i + moved_i)

| law | p | q |
| --- | --- | --- |
| logarithmic | 0 | 1 |
| linear | 1 | 1 |
| square | 1 | 0 |
| mixed | mixed_enemy_exponent | mixed_own_exponent |

| symbol | argument | unit | range |
| --- | --- | --- | --- |
| T, R | troops on the front (moved: today's arrivals); 100,000, the reference force | persons | >= 0 |
| a | attrition_coefficient | 1/day | >= 0 |
| v | tempo, intensity (drift), and y: surge where either side attacks | 1 | >= 0 |
| u | activity: 1, or the level of violations in a truce | share | 0 to 1 |
| s | fire_share | share | 0 to 1 |
| X | effect of the enemy's fire (munitions) | 1 | >= 0 |
| S, w | skill, skill_worth | 1 | > 0 |
| E, h | density of armour, armour_worth | 1 | > 0 |
| W, c | fortification, fortification_cover | 1 | >= 0 |
| B, x | attacking: share of effort in attack; attacker_exposure | 1 | >= 0 |

Coefficients mean the same under every law where both sides stand at the reference.
Source: Lanchester 1916; Peterson 1953 (logarithmic), Bracken 1995 and Fricker 1998 (free exponents) as later
papers cite them; the battle table CDB90 for the exponents.
Known to fail: no law fits battles well (residual of a factor of 4 either way, R2 about 0.1 for ratios);
drones and mines are part of the coefficients.
Worked number: square law, a = 0.05, 120 against 100 in units of the reference: the side of 100 loses 0.05 x
120 = 6 a day.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from ceasefire.war.flows import enemy
from ceasefire.war.registry import Parameter, Prior
from ceasefire.war.structure import ATTRITION_LAW, FIRE_LAW

REFERENCE_FORCE = 100_000.0

PARAMETERS = (
    Parameter(
        "attrition_coefficient",
        "enemy losses that a soldier of this side causes at the reference",
        "1/day",
        Prior(0.001, 0.003, 0.009),
        (0.0, 0.1),
        "assumed, and the same for both sides: about 500 losses a day against some 300,000 soldiers late"
        " in 2022, over 0.6 for the quality of a force below the reference, is 0.003; the range allows a"
        " factor of 3 either way",
    ),
    Parameter(
        "mixed_enemy_exponent",
        "exponent of the enemy's numbers in the mixed law",
        "1",
        Prior(0.25, 0.42, 0.6, "plain"),
        (0.0, 1.5),
        "654 battles (CDB90): 0.33 (0.07) for defenders' losses, 0.52 (0.06) for attackers'",
        per_side=False,
    ),
    Parameter(
        "mixed_own_exponent",
        "exponent of one's own numbers in the mixed law",
        "1",
        Prior(0.55, 0.73, 0.9, "plain"),
        (0.0, 1.5),
        "654 battles (CDB90): 0.80 (0.07) for defenders' losses, 0.66 (0.07) for attackers'",
        per_side=False,
    ),
    Parameter(
        "attacker_exposure",
        "losses of a side that attacks as a multiple of those when it does not",
        "1",
        Prior(0.65, 1.3, 2.5),
        (0.1, 10.0),
        "standard losses of attacker to defender before other factors: 2.8 to 1.5 % a day, or 4 to 6 %"
        " (Dupuy, QJM and TNDM), so 1.9 or 0.7; CDB90: median 0.95, quartiles 0.36 and 1.85; NATO official"
        " on Bakhmut, March 2023: 5",
        per_side=False,
    ),
    Parameter(
        "fortification_cover",
        "log reduction of losses behind prepared lines",
        "1",
        Prior(0.05, 0.3, 0.8),
        (0.0, 3.0),
        "assumed: Dupuy holds that losses fall as fortification grows; in CDB90, at given numbers, log"
        " losses of defenders in prepared lines differ by -0.19 (0.13) from hasty ones, in fortified lines"
        " by 0.02 (0.14)",
        per_side=False,
    ),
)


def exponents(
    law: jax.Array, mixed_enemy_exponent: jax.Array, mixed_own_exponent: jax.Array
) -> tuple[jax.Array, jax.Array]:
    """Return (p, q) `[N]`, the exponents of the enemy's and one's own numbers under each war's law `[N]`."""
    logarithmic = law == ATTRITION_LAW.code("logarithmic")
    square = law == ATTRITION_LAW.code("square")
    mixed = law == ATTRITION_LAW.code("mixed")
    p = jnp.where(mixed, mixed_enemy_exponent, jnp.where(logarithmic, 0.0, 1.0))
    q = jnp.where(mixed, mixed_own_exponent, jnp.where(square, 0.0, 1.0))
    return p, q


def power(base: jax.Array, exponent: jax.Array) -> jax.Array:
    """Return base^exponent for base >= 0, with 0^0 = 1."""
    positive = jnp.exp(exponent * jnp.log(jnp.maximum(base, 1e-30)))
    return jnp.where(exponent == 0.0, 1.0, jnp.where(base > 0.0, positive, 0.0))


def lanchester(
    coefficient: jax.Array, enemy_numbers: jax.Array, own_numbers: jax.Array, p: jax.Array, q: jax.Array
) -> jax.Array:
    """Return the plain law, coefficient x enemy^p x own^q, in the units of the numbers per day."""
    return coefficient * power(enemy_numbers, p) * power(own_numbers, q)


def losses(
    troops: jax.Array,
    fire_effect: jax.Array,
    skill_effect: jax.Array,
    armour_effect: jax.Array,
    protection: jax.Array,
    intensity: jax.Array,
    p: jax.Array,
    q: jax.Array,
    attrition_coefficient: jax.Array,
    fire_share: jax.Array,
    fire_law: jax.Array,
) -> jax.Array:
    """Return the losses of each side on each front `[2, F, N]`, persons/day.

    They are not yet bounded by the troops there. Shapes: troops, protection (K) `[2, F, N]`; fire_effect (X),
    skill_effect (S^w), armour_effect (E^h), attrition_coefficient `[2, N]`; intensity (v u) `[F, N]`; p, q,
    fire_share, fire_law `[N]`.
    """
    numbers = troops / REFERENCE_FORCE
    by_law = power(numbers, p)
    # Rounds count under every law alike: counted by N^p, fewer soldiers with the same shells would
    # cause more losses where p is small.
    by_fire = jnp.where(fire_law == FIRE_LAW.code("munitions"), numbers * fire_effect[:, None, :], by_law)
    directly = ((1.0 - fire_share) * armour_effect)[:, None, :] * by_law
    caused = (attrition_coefficient * skill_effect)[:, None, :] * (directly + fire_share * by_fire)
    return REFERENCE_FORCE * intensity * enemy(caused) * power(numbers, q) * protection


def protection(
    fortification: jax.Array,
    attacking: jax.Array,
    fortification_cover: jax.Array,
    attacker_exposure: jax.Array,
) -> jax.Array:
    """Return K `[2, F, N]`, the effect of cover and of attacking on a side's own losses.

    A side that attacks leaves its prepared lines in the measure of its effort there.
    """
    cover = jnp.exp(-fortification_cover * fortification * (1.0 - attacking))
    return cover * (1.0 + (attacker_exposure - 1.0) * attacking)
