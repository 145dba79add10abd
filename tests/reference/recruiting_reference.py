"""The replacing rule of recruitment in ordinary Python and double precision, from the docstring."""

from __future__ import annotations


def next_losses_to_replace(b: float, lost: float, told: float, days: float) -> float:
    """dB = (s L - B) / t"""
    return b + (told * lost - b) / days


def added(b: float, recruitment: float, mobilisation: float, effort: float, ceiling: float) -> float:
    """min(e max(B - (r + m), 0), c)"""
    return min(effort * max(b - recruitment - mobilisation, 0.0), ceiling)
