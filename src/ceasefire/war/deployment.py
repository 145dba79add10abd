"""Deployment: how a force is shared among its fronts and its reserve.

Each side mirrors the enemy and the length of the fronts, keeps a reserve, and masses where its attack goes.

Equation, for each side, per day:

    m = (1 - z) w + z T_enemy / sum T_enemy
    c = softmax over fronts of (c0 b + ln w)
    target share of front f = (1 - M O) m + M O c
    kept in reserve = n A (1 - 0.75 O)
    moved_f = (target share x (A - kept) - T_f) / t

| symbol | argument | unit | range |
| --- | --- | --- | --- |
| A, T | force; troops on a front | persons | >= 0 |
| w | weight of the front | share | sums to 1 |
| z | mirroring | share | 0 to 1 |
| b | balance | 1 | any |
| c0 | concentration | 1 | >= 0 |
| M | massing | share | 0 to 1 |
| O | offensive | switch | 0 or 1 |
| n | reserve_share | share | 0 to 1 |
| t | move_days | days | >= 1 |

Source: the project's own. The main effort of an attack (attacking, `[2, F, N]`) is c / max c on each front
while O = 1.
Known to fail: roads, railways and rivers do not limit a move.
Worked number: two equal fronts, mirroring 0.5, an enemy with 3/4 on the first: share 0.5 x 0.5 + 0.5 x 0.75 =
0.625.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from ceasefire.war.flows import TINY, enemy
from ceasefire.war.registry import Parameter, Prior

# Share of its reserve that a side commits to an offensive.
COMMITTED = 0.75

PARAMETERS = (
    Parameter(
        "reserve_share",
        "share of the force kept in reserve outside offensives",
        "share",
        Prior(0.06, 0.15, 0.3, "logit"),
        (0.0, 0.9),
        "assumed",
    ),
    Parameter(
        "mirroring",
        "how far a side spreads its troops as the enemy does",
        "share",
        Prior(0.2, 0.5, 0.8, "logit"),
        (0.0, 1.0),
        "assumed",
        per_side=False,
    ),
    Parameter(
        "massing",
        "share of the force that masses for an offensive",
        "share",
        Prior(0.1, 0.25, 0.5, "logit"),
        (0.0, 0.9),
        "assumed",
        per_side=False,
    ),
    Parameter(
        "concentration",
        "how strongly an attack seeks the front with the best balance",
        "1",
        Prior(0.5, 1.5, 4.0),
        (0.0, 20.0),
        "assumed",
        per_side=False,
    ),
    Parameter(
        "move_days",
        "time in which 63 % of a redeployment is done",
        "days",
        Prior(7, 15, 40),
        (1.0, 500),
        "assumed",
        per_side=False,
    ),
)


class Deployment(NamedTuple):
    """Where a force goes today."""

    attacking: jax.Array
    """Share of effort in attack on each front, `[2, F, N]`, 1 at the main effort of an offensive."""
    moved: jax.Array
    """Soldiers moved from the reserve to each front, `[2, F, N]`, persons/day; negative back to it."""


def deployment(
    troops: jax.Array,
    reserve: jax.Array,
    offensive: jax.Array,
    balance: jax.Array,
    front_weight: jax.Array,
    reserve_share: jax.Array,
    mirroring: jax.Array,
    massing: jax.Array,
    concentration: jax.Array,
    move_days: jax.Array,
) -> Deployment:
    """Return today's effort and moves. Symbols as in the module."""
    on_front = jnp.sum(troops, axis=1)
    enemy_share = enemy(troops / (on_front[:, None, :] + TINY))
    holding = (1.0 - mirroring) * front_weight + mirroring * enemy_share
    pull = concentration * balance + jnp.log(front_weight + TINY)
    pull = jnp.exp(pull - jnp.max(pull, axis=1, keepdims=True))
    effort = pull / jnp.sum(pull, axis=1, keepdims=True)
    massed = (massing * offensive)[:, None, :]
    target = (1.0 - massed) * holding + massed * effort
    force = on_front + reserve
    kept = reserve_share * force * (1.0 - COMMITTED * offensive)
    moved = (target * (force - kept)[:, None, :] - troops) / move_days
    return Deployment(attacking=pull * offensive[:, None, :], moved=moved)
