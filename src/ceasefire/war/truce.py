"""Truce: fire falls to violations while it is in force; it ends by its date or because a side breaks it.

Equation, per day:

    in force = 1 from the day it begins, 0 from the day it ends or a side starts an offensive
    activity = 1 where no truce is in force, else v (1 - m monitored)

| symbol | argument | unit | range |
| --- | --- | --- | --- |
| v | violation_level | share of the tempo | 0 to 1 |
| m | monitoring_effect | share | 0 to 1 |

All that a truce gives a side (recruits, training, output, arms from abroad, lines) goes on for the other by
the same equations, in the shares that the policy sets.
Source: the project's own; that peacekeeping and joint commissions lengthen peace: Fortna 2003 (direction
only).
Known to fail: violations do not escalate by themselves; nobody negotiates.
Worked number: v = 0.08, m = 0.4: 8 % of the fighting goes on without monitors, 4.8 % with them.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from ceasefire.war.registry import Parameter, Prior

PARAMETERS = (
    Parameter(
        "violation_level",
        "share of the fighting that goes on in an unmonitored truce",
        "share",
        Prior(0.02, 0.08, 0.25, "logit"),
        (0.0, 1.0),
        "Donbas, counted by OSCE monitors: 33 violations a day after the truce of 27 July 2020, 623 before"
        " (5 %), 47 after 654 in August 2017 (7 %), back to 431 within five days; more is assumed without"
        " monitors",
        per_side=False,
    ),
    Parameter(
        "monitoring_effect",
        "share of violations that monitors prevent",
        "share",
        Prior(0.1, 0.4, 0.8, "logit"),
        (0.0, 1.0),
        "assumed: peacekeeping makes peace last longer (Fortna 2003); no size of the effect on violations"
        " was found",
        per_side=False,
    ),
)


class Truce(NamedTuple):
    """The truce of today."""

    in_force: jax.Array
    """1 where a truce is in force, `[N]`."""
    broken_by: jax.Array
    """1 for a side that breaks it today, `[2, N]`."""


def begin_or_end(in_force: jax.Array, begins: jax.Array, ends: jax.Array) -> jax.Array:
    """Return whether a truce is in force this morning `[N]`; events are 0 or 1."""
    return jnp.where(begins > 0, 1.0, jnp.where(ends > 0, 0.0, in_force))


def broken(in_force: jax.Array, started: jax.Array) -> Truce:
    """Return the truce after today's decisions: an offensive that starts breaks it."""
    broken_by = started * in_force
    return Truce(jnp.where(jnp.max(broken_by, axis=0) > 0, 0.0, in_force), broken_by)


def activity(
    in_force: jax.Array, monitored: jax.Array, violation_level: jax.Array, monitoring_effect: jax.Array
) -> jax.Array:
    """Return the share of fighting that goes on today `[N]`: 1 without a truce."""
    return jnp.where(in_force > 0, violation_level * (1.0 - monitoring_effect * monitored), 1.0)
