"""Arms from third parties in ordinary Python: the equations of `ceasefire.war.third_party_arms`.

Nothing is imported from the package.
"""

from __future__ import annotations

from math import erfc, exp, sqrt


def opened(is_open: float, shock: float, new_week: bool, onset: float, step: float) -> float:
    """1 where the stream is open: in the first step of a week with the chance 1 - exp(-7 / onset)"""
    below = 0.5 * erfc(-shock / sqrt(2.0))
    happens = new_week and below < 1.0 - exp(-7.0 / (onset * step))
    return 1.0 if happens else is_open


def level_of(level: float, is_open: float, lever: float, ramp: float) -> float:
    """dY = (max(Z, s) - Y) / r"""
    return level + (max(is_open, lever) - level) / max(ramp, 1.0)


def sent(level: float, aid: float, sizes: list[float]) -> list[float]:
    """size x Y x f of each kind"""
    return [size * level * aid for size in sizes]
