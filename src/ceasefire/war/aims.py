"""Aims: what a leader wants beyond ordinary ground, which makes him attack sooner and draws his attack there.

Equation, for each side, per day:

    open_f = v_f min(max(1 - H_f / G_f, 0), 1)
    pull of the front = a open_f
    pull of the whole = sum over fronts of a open_f
    threshold = h - pull of the whole
    softmax of `deployment` over c0 (b_f + pull of the front) + ln w_f

| symbol | argument | unit | range |
| --- | --- | --- | --- |
| v | aim: share of a leader's aims that lies on the front, the rest lies nowhere | share | sum 0 to 1 |
| H | net_ground: ground taken on the front less ground lost there, before the start included | km2 | any |
| G | aim_ground: enemy ground on the front that the aim is made of | km2 | >= 0 |
| a | aim_worth: log balance that a leader forgoes for an aim that is wholly open | 1 | >= 0 |
| h, c0, b, w | offensive_threshold; concentration, balance, weight (`offensive`, `deployment`) | 1 | any |

The aim fades as its ground is taken, front by front, and is back in full when that ground is lost again. The
threshold is lowered for the end of an offensive as for its start: a leader who wants a place accepts worse
odds before he attacks and before he stops. Without an aim (v = 0) or with a = 0 all is as without this file.

Source: the project's own. Aims are named before an attack: on 22 December 2022 the chief of the general staff
of Russia called the rest of Donetsk region the main effort, and the winter offensive went there (events
table).
Known to fail: aims do not change in the war; a place is worth the same to both sides only if a scenario says
so; ground that no front holds (a capital far behind the line) draws no attack.
Worked number: a = 0.4, 3/4 of the value on a front with 12,000 km2 of which 4,000 are taken: the pull is 0.4
x 0.75 x 2/3 = 0.2, so that a leader with threshold -0.9 attacks above -1.1.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from ceasefire.war.flows import TINY
from ceasefire.war.registry import Parameter, Prior

PARAMETERS = (
    Parameter(
        "aim_worth",
        "log balance that a leader forgoes for an aim of which nothing is reached",
        "1",
        Prior(0.05, 0.3, 1.0),
        (0.0, 6.0),
        "assumed, and the same for both sides: up to the spread of the threshold between its 5 and 95 %"
        " points; it counts only where a scenario names an aim",
    ),
)


class Pull(NamedTuple):
    """What the aim adds in log balance."""

    front: jax.Array
    """On each front, `[2, F, N]`."""
    whole: jax.Array
    """On all fronts, `[2, N]`."""


def still_open(aim: jax.Array, aim_ground: jax.Array, net_ground: jax.Array) -> jax.Array:
    """Return the share of the aim's value that is not reached yet, on each front, `[2, F, N]`."""
    left = 1.0 - net_ground / (aim_ground + TINY)
    return aim * jnp.minimum(jnp.maximum(left, 0.0), 1.0)


def pull(aim: jax.Array, aim_ground: jax.Array, net_ground: jax.Array, aim_worth: jax.Array) -> Pull:
    """Return what the aim adds to the balance that a leader weighs. Symbols as in the module.

    Shapes: aim, aim_ground, net_ground `[2, F, N]`, aim_worth `[2, N]`.
    """
    front = aim_worth[:, None, :] * still_open(aim, aim_ground, net_ground)
    return Pull(front, jnp.sum(front, axis=1))
