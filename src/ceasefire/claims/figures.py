"""A figure with its interval, a stated condition, and whether the one bears the other out.

Missing is not zero: a lone low is "at least", a lone high "up to", and a bound that nobody gave is open.
Where a best value stands without one of its bounds, the best value is that bound, as the source stated
nothing wider.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Literal

from ceasefire.evidence.bounds import bounds_of

BEARS_OUT: Literal["bears out"] = "bears out"
AGAINST: Literal["against"] = "against"
COMPATIBLE: Literal["compatible"] = "compatible"
NOT_COMPARABLE: Literal["not comparable"] = "not comparable"
Word = Literal["bears out", "against", "compatible", "not comparable"]

INFINITY = math.inf


@dataclasses.dataclass(frozen=True)
class Interval:
    """What a source allows: from `low` to `high`, either of which may be infinite."""

    low: float
    high: float

    def __post_init__(self) -> None:
        if math.isnan(self.low) or math.isnan(self.high) or self.low > self.high:
            raise ValueError(f"an interval from {self.low} to {self.high} cannot be")

    @property
    def open(self) -> bool:
        """Say whether a bound is missing."""
        return math.isinf(self.low) or math.isinf(self.high)

    def scaled(self, factor: float) -> Interval:
        """Return the interval times a positive factor."""
        return Interval(self.low * factor, self.high * factor)

    def as_floor(self) -> Interval:
        """Return what is left of it where the figure counts a part of what is asked for: at least its low."""
        return Interval(self.low, INFINITY)

    def as_ceiling(self) -> Interval:
        """Return what is left of it where the figure counts more than what is asked for: at most its high."""
        return Interval(-INFINITY, self.high)


def interval_of(low: float | None, best: float | None, high: float | None) -> Interval | None:
    """Return the interval of a stated figure, or None where nothing was stated.

    Args:
        low: the stated low, or None (or NaN).
        best: the stated best value, or None (or NaN).
        high: the stated high, or None (or NaN).
    """
    bottom, top = bounds_of(low, best, high)
    return None if math.isinf(bottom) and math.isinf(top) else Interval(bottom, top)


@dataclasses.dataclass(frozen=True)
class Condition:
    """What a claim says of a number: that it lies between two edges, each of which may itself be a range.

    `at least 400 to 1,000` has the lower edge (400, 1000): a figure bears it out from 1,000 on, is against
    it below 400, and leaves it open in between. An edge at infinity is no edge.
    """

    lower: Interval
    upper: Interval
    says: Literal["at least", "at most", "between", "about"]
    value: float | None = None
    """The one number that the claim states, where it states one."""

    def judge(self, figure: Interval) -> Word:
        """Return `bears out` (all of the figure satisfies it), `against` (none of it) or `compatible`."""
        if figure.low >= self.lower.high and figure.high <= self.upper.low:
            return BEARS_OUT
        if figure.high < self.lower.low or figure.low > self.upper.high:
            return AGAINST
        return COMPATIBLE

    def informs(self, figure: Interval) -> bool:
        """Say whether a figure that leaves the claim open could have spoken against it as well as for it.

        A lone bound that leaves a claim open says nothing of it: "at least 20,000" is no word on 100,000.
        """
        if self.judge(figure) != COMPATIBLE:
            return True
        return not figure.open

    def at(self, value: float) -> Condition:
        """Return the same condition about another number."""
        if self.value is None:
            return self
        return condition(self.says, value, tolerance=self.tolerance)

    @property
    def tolerance(self) -> float:
        """The share of the claim's one number by which a round figure may be missed."""
        if not self.value:
            return 0.0
        edge = self.lower.low if self.says in {"at least", "about"} else self.upper.high
        return abs(edge - self.value) / abs(self.value)


def condition(
    says: Literal["at least", "at most", "between", "about"],
    value: float | Interval,
    other: float | None = None,
    *,
    tolerance: float = 0.0,
) -> Condition:
    """Return a condition.

    Args:
        says: which of the four conditions.
        value: the number, a range of numbers where the yardstick itself is uncertain, or the first of two.
        other: the second number of `between`.
        tolerance: the share of the number by which a round figure may be missed, 0 to 1.
    """
    edge = value if isinstance(value, Interval) else Interval(value, value)
    single = None if isinstance(value, Interval) or says == "between" else float(value)
    down = Interval(edge.low - tolerance * abs(edge.low), edge.high - tolerance * abs(edge.high))
    up = Interval(edge.low + tolerance * abs(edge.low), edge.high + tolerance * abs(edge.high))
    never_low, never_high = Interval(-INFINITY, -INFINITY), Interval(INFINITY, INFINITY)
    if says == "at least":
        return Condition(down, never_high, says, single)
    if says == "at most":
        return Condition(never_low, up, says, single)
    if says == "about":
        return Condition(down, up, says, single)
    last = edge.high if other is None else other
    return Condition(Interval(edge.low, edge.low), Interval(last, last), says)
