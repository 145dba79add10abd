"""Violations of a truce in ordinary Python and double precision, from the equations of their docstring."""

from __future__ import annotations

from math import exp, log


def next_provocation(
    provocation: float,
    in_force: bool,
    begins: bool,
    monitored: float,
    violation_growth: float,
    monitoring_effect: float,
) -> float:
    """x = 0 on the day on which a truce begins and without one, then x + g (1 - m M), at most 30"""
    if not in_force or begins:
        return 0.0
    return min(provocation + violation_growth * (1.0 - monitoring_effect * monitored), 30.0)


def violations(
    in_force: bool,
    provocation: float,
    monitored: float,
    violation_level: float,
    monitoring_effect: float,
    violation_limit: float,
) -> tuple[float, float, float]:
    """level = logistic(logit(v0) + x);  collapsed if (level - v0) / (1 - v0) > L

    Returns level, whether the truce is still in force, whether it collapses today.
    """
    first = violation_level * (1.0 - monitoring_effect * monitored)
    if first <= 0.0:
        return 0.0, float(in_force), 0.0
    if first >= 1.0:
        # The limit of r as v0 goes to 1: exp(x) - 1 against exp(x).
        regained = 1.0 - exp(-provocation)
        level = 1.0
    else:
        odds = exp(log(first / (1.0 - first)) + provocation)
        level = odds / (1.0 + odds)
        regained = (level - first) / (1.0 - first)
    collapsed = in_force and regained > violation_limit
    return level, float(in_force and not collapsed), float(collapsed)
