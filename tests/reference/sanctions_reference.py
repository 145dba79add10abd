"""Sanctions of one side in ordinary Python and double precision, from the docstring's equations alone."""

from __future__ import annotations


def bite(s: float, a: float) -> float:
    """bite = max(S - A, 0)"""
    return max(s - a, 0.0)


def next_evaded(a: float, s: float, leak: float, days: float) -> float:
    """dA = (l S - A) / t"""
    return a + (leak * s - a) / days


def factor(felt: float, s_0: float, w: float, dependence: float) -> float:
    """(1 - c bite) / (1 - c bite_0), bite_0 = (1 - w) S_0"""
    return (1.0 - dependence * felt) / (1.0 - dependence * (1.0 - w) * s_0)
