"""How a war ends, in ordinary Python and double precision, from the docstring's equations."""

from __future__ import annotations

from math import erfc, expm1, sqrt
from typing import NamedTuple

Pair = tuple[float, float]


class War(NamedTuple):
    collapsed: Pair
    exhausted: Pair
    settled: float

    def has_ended(self) -> bool:
        return any((*self.collapsed, *self.exhausted, self.settled))


def near(force: float, top: float, k: float) -> float:
    """0 at the largest force, 1 from the share k on, a straight line between"""
    left = force / top if top > 0 else 0.0
    if left <= k:
        return 1.0 if k < 1 or left < 1 else 0.0
    return min(max((1.0 - left) / (1.0 - k), 0.0), 1.0) if k < 1 else 0.0


def collapse(force: float, top: float, balance_of_enemy: float, k: float, b: float) -> bool:
    """A < k top and y of the enemy > b"""
    return force < k * top and balance_of_enemy > b


def will(
    v: float, killed: float, people: float, hardship: float, truce: bool, d: float, e: float, t: float
) -> float:
    """dV = -d K / M - e H + truce (1 - V) / t, V held between 0 and 1"""
    change = -e * hardship
    if people > 0:
        change -= d * killed / people
    if truce:
        change += (1.0 - v) / t
    return min(max(v + change, 0.0), 1.0)


def hazard(v: Pair, perceived: Pair, threshold: Pair, s: float) -> float:
    """h = s min (1 - V) where neither sees a gain"""
    if any(seen > hurdle for seen, hurdle in zip(perceived, threshold, strict=True)):
        return 0.0
    return s * (1.0 - max(v))


def day(war: War, collapses: tuple[bool, bool], v: Pair, h: float, z: float, new_week: bool) -> War:
    """First a collapse, then exhaustion, then a settlement; what has ended stays ended."""
    if war.has_ended():
        return war
    if any(collapses):
        return war._replace(collapsed=(float(collapses[0]), float(collapses[1])))
    if min(v) <= 0:
        return war._replace(exhausted=(float(v[0] <= 0), float(v[1] <= 0)))
    if new_week and 0.5 * erfc(-z / sqrt(2.0)) < -expm1(-7.0 * h):
        return war._replace(settled=1.0)
    return war
