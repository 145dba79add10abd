"""The flank in ordinary Python and double precision, from the equations of its docstring.

A side is 0 or 1; everything per side is a pair.
"""

from __future__ import annotations

from math import erfc, exp, log, sqrt

Pair = tuple[float, float]


def below(z: float) -> float:
    """Phi(z)"""
    return 0.5 * erfc(-z / sqrt(2.0))


def next_open(
    flank_open: float, flank: float, shock: float, new_week: bool, flank_opening: float, step: float = 1.0
) -> float:
    """0 where flank is 0, 1 where it is 2; else once open it stays so, and opens with 1 - exp(-7 h)"""
    if flank == 0:
        return 0.0
    if flank == 2:
        return 1.0
    opens = new_week and below(shock) < 1.0 - exp(-7.0 * flank_opening / step)
    return 1.0 if opens or flank_open > 0 else 0.0


def guards(i: int, reserve: Pair, flank: Pair, flank_guard_share: Pair) -> float:
    """G_i = g_i R_i where the enemy's flank may open or is open"""
    return flank_guard_share[i] * reserve[i] if flank[1 - i] > 0 else 0.0


def assaults(
    was_open: Pair,
    flank_open: Pair,
    capital_taken: Pair,
    offensive: Pair,
    in_reserve: Pair,
    guard: Pair,
    quality: Pair,
    error: Pair,
    timing_shock: Pair,
    outcome_shock: Pair,
    new_week: bool,
    offensive_threshold: Pair,
    assault_share: Pair,
    assault_days: float,
    capital_defence: Pair,
    assault_steepness: float,
    assault_losses: float,
    capital_guard_losses: float,
    step: float = 1.0,
) -> list[tuple[float, float, float]]:
    """Return for each side whether it assaults, whether it takes the capital, and whom it loses."""
    committed = [assault_share[i] * max(in_reserve[i] - guard[i], 0.0) for i in (0, 1)]
    standing = [min(guard[i], in_reserve[i]) for i in (0, 1)]
    begins, taken = [False, False], [False, False]
    for i in (0, 1):
        j = 1 - i
        there = log(committed[i] + 1.0) - log(standing[j] + 1.0) + quality[i] - capital_defence[j]
        able = was_open[i] > 0 and flank_open[i] > 0 and offensive[i] > 0 and capital_taken[i] == 0
        now = new_week and below(timing_shock[i]) < 1.0 - exp(-7.0 / (assault_days * step))
        begins[i] = able and now and there + error[i] > offensive_threshold[i]
        taken[i] = begins[i] and below(outcome_shock[i]) < 1.0 / (1.0 + exp(-assault_steepness * there))
    return [
        (
            float(begins[i]),
            float(taken[i]),
            begins[i] * assault_losses * committed[i] + begins[1 - i] * capital_guard_losses * standing[i],
        )
        for i in (0, 1)
    ]
