"""What a figure allows at most, and the difference of two figures."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

NONE = float("nan")


def bounds_of(low: float | None, best: float | None, high: float | None) -> tuple[float, float]:
    """Return the lowest and the highest that a stated figure allows; infinite where it is open.

    A best value without one of its bounds is that bound, as the source stated nothing wider. A best value
    outside its own bounds widens them.

    Args:
        low: the stated low, or None (or NaN).
        best: the stated best value, or None (or NaN).
        high: the stated high, or None (or NaN).
    """
    low, best, high = (
        None if value is None or math.isnan(value) else float(value) for value in (low, best, high)
    )
    bottom = low if low is not None else best if best is not None else -math.inf
    top = high if high is not None else best if best is not None else math.inf
    if best is not None:
        bottom, top = min(bottom, best), max(top, best)
    return min(bottom, top), max(bottom, top)


def bare(row: Mapping[str, Any] | pd.Series) -> bool:
    """Say whether a row states one number and no bound."""
    return math.isnan(row["low"]) and math.isnan(row["high"])


def difference(late: Mapping[str, Any], early: Mapping[str, Any]) -> tuple[float, float, float]:
    """Return low, best and high of late - early; NaN where there is none.

    The bounds are the widest that the two figures allow, late low - early high and late high - early low;
    two bare numbers differ by a bare number.
    """
    best = float(late["best"]) - float(early["best"])
    if bare(late) and bare(early):
        return NONE, best, NONE
    (late_low, late_high), (early_low, early_high) = (
        bounds_of(row["low"], row["best"], row["high"]) for row in (late, early)
    )
    low, high = late_low - early_high, late_high - early_low
    return (low if math.isfinite(low) else NONE), best, (high if math.isfinite(high) else NONE)
