"""Plain labelled data for the picture of a reading; how it is drawn is the business of `charts`."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import ClassVar

import pandas as pd


@dataclasses.dataclass(frozen=True)
class SourcesChart:
    """All sources on one quantity, with the claim's value marked.

    `frame` has one row per source: label, source, root, value, low, best, high, date, party (independent,
    warring party, ally), counted, restates (the label of what it restates, or empty), verdict.
    """

    kind: ClassVar[str] = "sources"
    quantity: str
    unit: str
    claim_value: float | None
    claim_low: float | None
    claim_high: float | None
    claim_date: dt.date | None
    claim_label: str
    frame: pd.DataFrame
    log: bool
    title: str
    subtitle: str


@dataclasses.dataclass(frozen=True)
class FuturesChart:
    """Two policies on one axis and their difference; `curve` as `Comparison.curve` gives it."""

    kind: ClassVar[str] = "futures"
    title: str
    subtitle: str
    unit: str
    outcome: str
    curve: pd.DataFrame
    first: str
    second: str
    assumed_share: float = 1.0


@dataclasses.dataclass(frozen=True)
class ShareChart:
    """Shares of groups: `frame` has label, value (0 to 1), low, high, count, cases, highlight."""

    kind: ClassVar[str] = "share"
    title: str
    subtitle: str
    unit: str
    frame: pd.DataFrame
    claim_value: float | None = None


@dataclasses.dataclass(frozen=True)
class BarsChart:
    """What knowing one input alone would tell: `frame` has label, kind, value, low, high and null.

    Values are shares; `kind` is learnt, assumed or structure; below `null` nothing is told apart.
    """

    kind: ClassVar[str] = "bars"
    title: str
    subtitle: str
    frame: pd.DataFrame


@dataclasses.dataclass(frozen=True)
class TimelineChart:
    """Dated records: `frame` has date, end_date, label, group."""

    kind: ClassVar[str] = "timeline"
    title: str
    subtitle: str
    frame: pd.DataFrame


@dataclasses.dataclass(frozen=True)
class OfferChart:
    """Whether accepting an offer pays, over the prior: `frame` as `Offer.curve` gives it.

    `classes` has the reference classes: label, prior.
    """

    kind: ClassVar[str] = "offer"
    title: str
    subtitle: str
    frame: pd.DataFrame
    classes: pd.DataFrame
    threshold: tuple[float, float, float] | None = None
    """5, 50 and 95 % points of the prior from which accepting pays."""
    prior: float | None = None


@dataclasses.dataclass(frozen=True)
class PowerChart:
    """A side's share of power over a truce: `frame` has day, low, low50, median, high50, high."""

    kind: ClassVar[str] = "power"
    title: str
    subtitle: str
    side: str
    frame: pd.DataFrame


@dataclasses.dataclass(frozen=True)
class SurvivalChart:
    """Ceasefires still in force: `frame` has group, label, years, survival, low, high."""

    kind: ClassVar[str] = "survival"
    title: str
    subtitle: str
    frame: pd.DataFrame
    years: float = 10.0


ChartData = (
    SourcesChart
    | FuturesChart
    | ShareChart
    | BarsChart
    | TimelineChart
    | OfferChart
    | PowerChart
    | SurvivalChart
)
