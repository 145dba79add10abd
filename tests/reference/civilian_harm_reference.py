"""Civilian harm of one day on one side in ordinary Python and double precision, from the docstring.

Nothing here comes from the package.
"""

from __future__ import annotations

from math import expm1


def deaths(
    missiles: float,
    drones: float,
    enemy_fire: float,
    per_missile: float,
    per_drone: float,
    per_round: float,
) -> tuple[float, float]:
    """Killed by strikes = m leaked missiles + d leaked drones; killed by fire = f rounds of the enemy."""
    return per_missile * missiles + per_drone * drones, per_round * enemy_fire


def displacement(
    displaced: float,
    killed_by_fire: float,
    grid: float,
    population: float,
    per_death: float,
    without_grid: float,
    return_days: float,
) -> tuple[float, float]:
    """displacing = bounded(x killed by fire + g (1 - G), P - D);  returning = D / r"""
    wanted = per_death * killed_by_fire + without_grid * (1.0 - grid)
    at_home = max(population - displaced, 0.0)
    displacing = -at_home * expm1(-wanted / at_home) if at_home > 0 else 0.0
    return displacing, displaced / return_days
