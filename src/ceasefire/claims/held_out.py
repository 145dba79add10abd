"""Whether forecasts of the model were checked against what happened, and how they did: a back-test in short.

The file `backtest-SCENARIO.json` lies beside the shipped posteriors. Its values are JSON objects: the
forecasts of the `chosen` variant and of `everything` (all mechanisms), each by series and horizon in days,

    {"reported losses": {"28": {"ours": 2000.0, "best_baseline": 2098.0, "best_baseline_name": "...",
                                "coverage_90": 0.92, "verdict": "not shown to be worse", "origins": 25}}}

and `trend_alone`, the same with every mechanism cut but the trend (rows, or bare scores). Scores are mean
CRPS on origins that took no part in any choice: less is better. A row may hold `coverage_low` and
`coverage_high` (what a calibrated forecaster shows on the same origins), `variant`, `everything`,
`difference` (ours minus the best baseline: low, mean, high) and `false_verdicts` (how often the comparison
calls one of two equal forecasts better or worse on as many origins); one without any baseline has no verdict.
Without `chosen`, the series may stand at the top.

`forecasts` lists the forecast of every origin with what came:

    {"series": "reported losses", "horizon_days": 28, "origin": "2024-01-02", "truth": 25010.0,
     "median": 24000.0, "low_50": 22000.0, "high_50": 26500.0, "low_90": 19000.0, "high_90": 31000.0,
     "pit": 0.6}

`mechanisms` lists what one optional mechanism more, or one choice of a rule, does to the scores of the core
where all wars have it from the origin on (`difference`: with it less without; below 0 is better):

    {"mechanism": "with air_defence", "series": "reported losses", "horizon_days": 28, "origins": 25,
     "crps": 2000.0, "without": 2010.0, "difference": -10.0, "low": -30.0, "high": 5.0,
     "verdict": "not told apart"}

and `about.judged_from` is the first day of the origins that judge. A row of scores that cannot be read is
left out; with one forecast that cannot be read there are none, as a picture with holes would mislead. A file
that cannot be read counts as none.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from collections.abc import Mapping
from typing import Any

from ceasefire.engine.versions import ANOTHER_MODEL
from ceasefire.inference.shipped import shipped_backtest

# Which series of the back-test speaks of an outcome.
SERIES = {
    "killed": ("reported losses", "excess deaths"),
    "wounded": ("reported losses",),
    "losses": ("reported losses",),
    "ground_lost": ("area held",),
}
UNITS = {"reported losses": "persons", "excess deaths": "persons", "area held": "km2"}
"""The unit of each series."""
#: A smaller change of a score is none, whatever the bootstrap says of it.
NO_CHANGE = 0.0005
MOST_FALSE_VERDICTS = 0.25
"""Where more of the verdicts on two equal forecasts are false, there are too few origins to tell."""


@dataclasses.dataclass(frozen=True)
class Horizon:
    """How forecasts of one series over one horizon did."""

    series: str
    days: int
    ours: float
    """Mean CRPS of the model, in the unit of the series."""
    best_baseline: float
    """NaN where no plain forecast was made of the series."""
    best_baseline_name: str
    coverage_90: float
    """Share of origins whose 90 % interval held what came."""
    verdict: str
    """better, not shown to be worse, worse: against the best baseline; empty without one."""
    origins: int
    trend_alone: float = math.nan
    """Mean CRPS of the trend without the mechanisms."""
    coverage_low: float = math.nan
    """Least share that a perfectly calibrated forecaster shows on these origins."""
    coverage_high: float = math.nan
    variant: str = ""
    """Which way of walking on was chosen for the series."""
    everything: float = math.nan
    """Mean CRPS with all mechanisms."""
    difference: tuple[float, float, float] | None = None
    """Ours minus the best baseline, mean CRPS: low, mean, high (90 %)."""
    false_verdicts: float = math.nan
    """How often the comparison calls one of two equal forecasts better or worse; 0.1 would be honest."""

    @property
    def trend_does_it(self) -> bool:
        """Whether the trend alone does at least as well."""
        return self.trend_alone <= self.ours

    @property
    def too_few(self) -> bool:
        """Whether so few origins cannot tell two forecasts apart."""
        return self.false_verdicts > MOST_FALSE_VERDICTS

    @property
    def calibrated(self) -> bool | None:
        """Whether the coverage is one that a calibrated forecaster shows; None where its range is unknown."""
        if math.isnan(self.coverage_low) or math.isnan(self.coverage_high):
            return None
        return self.coverage_low - 1e-9 <= self.coverage_90 <= self.coverage_high + 1e-9


@dataclasses.dataclass(frozen=True)
class Forecast:
    """What was forecast to be added from an origin to its target, and what came, in the series' unit."""

    series: str
    horizon_days: int
    origin: dt.date
    truth: float
    median: float
    low_50: float
    high_50: float
    low_90: float
    high_90: float
    pit: float
    """Share of the forecast at or below what came."""

    @property
    def held(self) -> bool:
        """Whether the 90 % interval held what came."""
        return self.low_90 <= self.truth <= self.high_90


@dataclasses.dataclass(frozen=True)
class Tried:
    """What one mechanism more does to the scores of one series over one horizon."""

    name: str
    """An optional mechanism, or a rule and its choice."""
    series: str
    days: int
    origins: int
    crps: float
    """With it."""
    without: float
    difference: tuple[float, float, float]
    """Mean CRPS with it less without: low, mean, high (90 %)."""
    verdict: str
    """better, worse, not told apart."""

    @property
    def change(self) -> float:
        """By which share of the score without it the score changes: below 0 is better."""
        return self.difference[1] / self.without

    @property
    def word(self) -> str:
        """`better` or `worse`; empty where neither is shown, or where the change rounds to 0.0 %."""
        return self.verdict if self.verdict in {"better", "worse"} and abs(self.change) >= NO_CHANGE else ""


@dataclasses.dataclass(frozen=True)
class HeldOut:
    """The back-test of a scenario: the variant of the forecast that was chosen."""

    variant: str
    horizons: tuple[Horizon, ...]
    forecasts: tuple[Forecast, ...] = ()
    """Of every origin, those before `judged_from` too."""
    judged_from: dt.date | None = None
    tried: tuple[Tried, ...] = ()
    """What each optional mechanism does to the scores, in the file's order."""
    another_model: str = ""
    """A sentence where the forecasts are of another version of the model than the one there is now."""

    def with_more(self, name: str) -> tuple[Tried, ...]:
        """Return what was tried of an optional mechanism or of a choice of a rule."""
        return tuple(row for row in self.tried if row.name == name)

    def of(self, outcome: str) -> tuple[Horizon, ...]:
        """Return what was checked of an outcome's series."""
        return tuple(row for row in self.horizons if row.series in SERIES.get(outcome, ()))

    def forecasts_of(self, series: str) -> tuple[Forecast, ...]:
        """Return the forecasts of a series, by horizon and origin."""
        return tuple(row for row in self.forecasts if row.series == series)

    def to_dict(self) -> dict[str, Any]:
        """Return the scores as plain values; the forecasts of each origin stay in their file."""
        kept = dataclasses.replace(self, forecasts=())
        return {name: value for name, value in dataclasses.asdict(kept).items() if name != "forecasts"}


def read_held_out(scenario: str) -> HeldOut | None:
    """Return the back-test of a scenario, None where none is shipped or none can be read."""
    return parse_held_out(shipped_backtest(scenario))


def parse_held_out(content: Any) -> HeldOut | None:
    """Return the back-test in a file's content, None where it holds no series."""
    if not isinstance(content, Mapping):
        return None
    name, table = "chosen", content.get("chosen")
    if not _is_table(table):
        # `chosen` may name one of the variants that stand beside it.
        name = table if isinstance(table, str) else "everything"
        table = content.get(name)
    if not isinstance(table, Mapping) or not _is_table(table):
        table = {key: value for key, value in content.items() if _is_series(value) and key not in _VARIANTS}
    trend = content.get("trend_alone")
    rows = [
        found
        for series, horizons in table.items()
        if _is_series(horizons)
        for days, row in horizons.items()
        if (found := _horizon(series, days, row, trend)) is not None
    ]
    if not rows:
        return None
    return HeldOut(
        name,
        tuple(sorted(rows, key=lambda row: (row.series, row.days))),
        _forecasts(content.get("forecasts")),
        _judged_from(content.get("about")),
        _tried(content.get("mechanisms")),
        str(content.get(ANOTHER_MODEL) or ""),
    )


_VARIANTS = {"chosen", "everything", "trend_alone"}


def _is_series(value: Any) -> bool:
    return (
        isinstance(value, Mapping)
        and bool(value)
        and all(str(key).isdigit() and isinstance(row, Mapping) for key, row in value.items())
    )


def _is_table(value: Any) -> bool:
    return isinstance(value, Mapping) and any(_is_series(one) for one in value.values())


def _number(value: Any) -> float:
    """Return a finite number.

    Raises:
        TypeError: it is no number.
        ValueError: it is not finite.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(value)
    if not math.isfinite(value):
        raise ValueError(value)
    return float(value)


def _maybe(value: Any) -> float:
    return math.nan if value is None else _number(value)


def _horizon(series: str, days: str, row: Mapping[str, Any], trend: Any) -> Horizon | None:
    try:
        alone = row.get("trend_alone")
        if alone is None and isinstance(trend, Mapping) and isinstance(trend.get(series), Mapping):
            alone = trend[series].get(days)
        if isinstance(alone, Mapping):
            alone = alone.get("ours")
        compared = "best_baseline" in row
        return Horizon(
            series=series,
            days=int(days),
            ours=_number(row["ours"]),
            best_baseline=_number(row["best_baseline"]) if compared else math.nan,
            best_baseline_name=str(row["best_baseline_name"]) if compared else "",
            coverage_90=_number(row["coverage_90"]),
            verdict=str(row["verdict"]) if compared else "",
            origins=int(_number(row["origins"])),
            trend_alone=_maybe(alone),
            coverage_low=_maybe(row.get("coverage_low")),
            coverage_high=_maybe(row.get("coverage_high")),
            variant=str(row.get("variant") or ""),
            everything=_maybe(row.get("everything")),
            difference=_difference(row.get("difference")),
            false_verdicts=_maybe(row.get("false_verdicts")),
        )
    except (KeyError, TypeError, ValueError):
        return None


def _difference(value: Any) -> tuple[float, float, float] | None:
    if value is None:
        return None
    low, middle, high = (_number(one) for one in value)
    return low, middle, high


def _forecasts(rows: Any) -> tuple[Forecast, ...]:
    """Return the forecasts by series, horizon and origin; none where one cannot be read."""
    if not isinstance(rows, list):
        return ()
    try:
        found = [_forecast(row) for row in rows]
    except (KeyError, TypeError, ValueError):
        return ()
    return tuple(sorted(found, key=lambda row: (row.series, row.horizon_days, row.origin)))


_FIGURES = ("truth", "median", "low_50", "high_50", "low_90", "high_90", "pit")


def _forecast(row: Any) -> Forecast:
    if not isinstance(row, Mapping) or not isinstance(row["series"], str):
        raise TypeError(row)
    days = _number(row["horizon_days"])
    made = Forecast(
        row["series"],
        int(days),
        dt.date.fromisoformat(row["origin"]),
        **{name: _number(row[name]) for name in _FIGURES},
    )
    ordered = made.low_90 <= made.low_50 <= made.median <= made.high_50 <= made.high_90
    if days != made.horizon_days or days < 1 or not ordered or not 0 <= made.pit <= 1:
        raise ValueError(row)
    return made


def _tried(rows: Any) -> tuple[Tried, ...]:
    """Return what was tried; none where a row cannot be read."""
    if not isinstance(rows, list):
        return ()
    try:
        return tuple(
            Tried(
                str(row["mechanism"]).removeprefix("with "),
                str(row["series"]),
                int(_number(row["horizon_days"])),
                int(_number(row["origins"])),
                _number(row["crps"]),
                _number(row["without"]),
                (_number(row["low"]), _number(row["difference"]), _number(row["high"])),
                str(row["verdict"]),
            )
            for row in rows
        )
    except (KeyError, TypeError, ValueError):
        return ()


def _judged_from(about: Any) -> dt.date | None:
    try:
        return dt.date.fromisoformat(about["judged_from"])
    except (KeyError, TypeError, ValueError):
        return None
