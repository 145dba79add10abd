"""Salvo equations: ships or launchers that exchange salvoes of missiles (Hughes 1995).

A loses  max(0, s_B beta B - t_A z A) / a,  at most A
B loses  max(0, s_A alpha A - t_B y B) / b,  at most B
"""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class Force:
    """One side of an exchange: units; missiles a unit fires and stops; hits to disable a unit."""

    units: float
    missiles: float
    stops: float
    staying_power: float
    aimed: float = 1.0
    """Share of the missiles that are well aimed, 0 to 1."""
    alert: float = 1.0
    """Share of the defence that is awake, 0 to 1."""


def raw_losses(own: Force, enemy: Force) -> float:
    """Return the units that one salvo of the enemy would disable if there were enough of them."""
    through = enemy.aimed * enemy.missiles * enemy.units - own.alert * own.stops * own.units
    return max(0.0, through) / own.staying_power


def exchange(first: Force, second: Force) -> tuple[float, float]:
    """Return the units that each side loses when both fire one salvo at the same time."""
    return min(first.units, raw_losses(first, second)), min(second.units, raw_losses(second, first))
