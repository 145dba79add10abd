"""Aid by kind: interceptors, guns and strike drones sent from abroad, under way, and in use.

Shells and vehicles go the same way in `munitions` and `equipment`.

Equation, for each side and each kind, per day:

    sent = a f
    arriving = outflow of a 3-stage delay of mean d
    sent since the start = under way + arrived since the start

| symbol | argument | unit | range |
| --- | --- | --- | --- |
| a | aid_interceptors (lever) | interceptors/day | >= 0 |
| a | aid_artillery (lever) | guns/day | >= 0 |
| a | aid_drones (lever): strike drones | drones/day | >= 0 |
| f | truce_aid (lever, 1 outside a truce) | share | >= 0 |
| d | aid_delay_days (`equipment`) | days | >= 3 |

Source: Erlang's method of stages; the delay is that of `equipment`, with its source.
Known to fail: all kinds take the same time, though HIMARS took 22 days and Patriot 119; nothing is lost on
the way; promises that are broken, and what is spent on them, are left out; donors do not react.
Worked number: 2 guns a day with 45 days of delay have 90 guns under way and give 2 a day once they flow.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from ceasefire.war.flows import delay
from ceasefire.war.registry import Parameter

PARAMETERS: tuple[Parameter, ...] = ()


class Kinds(NamedTuple):
    """One array for each kind of aid: `[2, N]`, or `[2, 3, N]` by stage while it is under way."""

    interceptors: jax.Array
    """Missiles of air defence, interceptors or interceptors/day."""
    artillery: jax.Array
    """Guns or guns/day."""
    drones: jax.Array
    """Strike drones, drones or drones/day."""


class Moved(NamedTuple):
    """Where the aid is after a day."""

    in_transit: Kinds
    """What is under way tomorrow morning, by stage, `[2, 3, N]` each."""
    arriving: Kinds
    """What arrives today, `[2, N]` each."""


def sent(levers: Kinds, aid: jax.Array, like: jax.Array) -> Kinds:
    """Return what is sent today `[2, N]`.

    Args:
        levers: aid_interceptors, aid_artillery and aid_drones of today, `[2, 1]`.
        aid: the lever truce_aid in a truce, else 1.
        like: any array `[2, N]`, for the width of the ensemble.
    """
    return Kinds(*(jnp.broadcast_to(lever * aid, like.shape) for lever in levers))


def move(in_transit: Kinds, sending: Kinds, aid_delay_days: jax.Array) -> Moved:
    """Move all aid on by a day: what is sent joins the first stage, what leaves the last arrives."""
    moved = [
        delay(stages, inflow, aid_delay_days) for stages, inflow in zip(in_transit, sending, strict=True)
    ]
    return Moved(Kinds(*(stages for stages, _ in moved)), Kinds(*(out for _, out in moved)))
