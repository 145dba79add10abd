"""Labour of one side in ordinary Python and double precision, from the docstring's equations alone."""

from __future__ import annotations


def next_workforce_lost(
    lost: float, called_up: float, emigrating: float, back: float, discharged: float
) -> float:
    """dL = called up + emigrating - back from abroad - discharged"""
    return lost + called_up + emigrating - back - discharged


def factor(lost: float, workforce: float, elasticity: float) -> float:
    """labour = max(1 - L / W, 0.05)^a"""
    return float(max(1.0 - lost / workforce, 0.05) ** elasticity)
