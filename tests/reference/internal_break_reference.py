"""The internal break of one side in ordinary Python and double precision, from the docstring's equations."""

from __future__ import annotations

from math import erfc, exp, expm1, sqrt


def normal(z: float) -> float:
    """Phi(z)"""
    return 0.5 * erfc(-z / sqrt(2.0))


def happens(hazard: float, z: float, step: float = 1.0) -> bool:
    """Phi(z) < 1 - exp(-7 h); a hazard counted in steps of several days is that much larger"""
    return normal(z) < -expm1(-7.0 * hazard / step)


def lost(taken: list[float], taken_by_enemy: list[float], at_start: list[float]) -> float:
    """max(sum of ground taken by the enemy less that taken from him, 0) / ground at the start"""
    net = sum(theirs - ours for ours, theirs in zip(taken, taken_by_enemy, strict=True))
    whole = sum(at_start)
    return min(max(net, 0.0) / whole, 1.0) if whole > 0 else float(net > 0)


def risk(
    bite: float, deaths: float, people: float, ground_lost: float, s: float, d: float, g: float
) -> float:
    """x = s bite + d G / M + g lost"""
    return s * bite + (d * deaths / people if people > 0 else 0.0) + g * ground_lost


def day(
    broken: float, x: float, z: float, new_week: bool, r: float, break_days: float, step: float = 1.0
) -> tuple[float, float]:
    """B and whether a break begins today"""
    if not new_week:
        return broken, 0.0
    if broken == 0:
        begins = float(happens(r * exp(x), z, step))
        return begins, begins
    return float(not happens(1.0 / break_days, z, step)), 0.0


def remembered(deaths: float, killed: float, grief_days: float) -> float:
    """dG = K - G / u"""
    return deaths + killed - deaths / grief_days
