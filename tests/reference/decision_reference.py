"""Both rules of decision in ordinary Python and double precision, written from the docstring's equations.

The second rule is computed in utilities, not solved for the balance: the two forms have to agree.
"""

from __future__ import annotations

from math import exp
from typing import Any

Case = dict[str, Any]


def chance(y: float, k: float) -> float:
    """P(y) = 1 / (1 + exp(-k y))"""
    if k * y >= 0:
        return 1.0 / (1.0 + exp(-k * y))
    return exp(k * y) / (1.0 + exp(k * y))


def truce_part(case: Case) -> float:
    return float(case["truce"] * (case["truce_cost"] + case["monitoring_cost"] * case["monitored"]))


def threshold(case: Case) -> tuple[bool, bool]:
    """Whether a leader (would start, would stop)."""
    required = case["offensive_threshold"] - case["aim"]
    return (
        case["perceived"] > required + truce_part(case),
        case["noticed"] < required - case["culmination_drop"],
    )


def expected_utility(case: Case) -> tuple[bool, bool]:
    w, k, a, cost = (case[n] for n in ("success_worth", "success_steepness", "aim", "expected_losses"))
    z, y, f, c = case["perceived"], case["noticed"], case["culmination_drop"], truce_part(case)
    aim_less_truce = w * (chance(z + a - c, k) - chance(z, k))
    aim_and_breaking_off = w * (chance(y + a + f, k) - chance(y, k))
    return w * chance(z, k) + aim_less_truce > cost, w * chance(y, k) + aim_and_breaking_off < cost


def expected_losses(usual: float, force: float, surge: float, exposure: float, days: float) -> float:
    """E = R max(u x - 1, 0) D / A"""
    return usual * max(surge * exposure - 1.0, 0.0) * days / force


def next_usual(
    usual: float, losses: float, told: float, activity: float, offensive: float, surge: float,
    exposure: float, delay: float,
) -> float:  # fmt: skip
    """dR = (s L / (1 + (u x - 1) O) - v R) / l"""
    normal = told * losses / (1.0 + (surge * exposure - 1.0) * offensive)
    return usual + (normal - activity * usual) / delay
