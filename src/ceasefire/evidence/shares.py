"""How many cases did something, how many did not, and how many are not known: shares with intervals."""

from __future__ import annotations

import dataclasses

import pandas as pd
from scipy import stats

from ceasefire.evidence.records import window_over


def jeffreys(hits: float, cases: float) -> tuple[float, float]:
    """Return the 95 % Jeffreys interval of a share, from Beta(hits + 1/2, cases - hits + 1/2).

    A tie may count as half a hit.
    """
    low = 0.0 if hits == 0 else float(stats.beta.ppf(0.025, hits + 0.5, cases - hits + 0.5))
    high = 1.0 if hits == cases else float(stats.beta.ppf(0.975, hits + 0.5, cases - hits + 0.5))
    return low, high


@dataclasses.dataclass(frozen=True)
class Counts:
    """How many did it, how many did not, how many are unknown; the unknown are in no share."""

    did: int
    did_not: int
    unknown: int

    @property
    def cases(self) -> int:
        """Cases with a known outcome."""
        return self.did + self.did_not

    @property
    def share(self) -> float | None:
        """Share of the known cases that did; None where none is known."""
        return self.did / self.cases if self.cases else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % Jeffreys interval of the share, which takes the cases as independent."""
        return jeffreys(self.did, self.cases) if self.cases else None


def counted(outcomes: pd.Series) -> Counts:
    """Return the counts of outcomes of 1, 0 or missing."""
    return Counts(int((outcomes == 1).sum()), int((outcomes == 0).sum()), int(outcomes.isna().sum()))


def within_window(outcomes: pd.Series, start: pd.Series, years: float, day: pd.Timestamp) -> pd.Series:
    """Return outcomes of a window of so many years after the start, missing where it was not over by a day.

    That holds also where the outcome came early: a share of early outcomes alone would be too high.
    """
    return pd.to_numeric(outcomes, errors="coerce").where(window_over(start, years, day))
