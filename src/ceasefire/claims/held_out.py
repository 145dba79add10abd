"""Whether forecasts of the model were checked against what happened, and how they did: a back-test in short.

The file `backtest-SCENARIO.json` lies beside the shipped posteriors. Its values are JSON objects: the
forecasts of the `chosen` variant and of `everything` (all mechanisms), each by series and horizon in days,

    {"reported losses": {"28": {"ours": 2000.0, "best_baseline": 2098.0, "best_baseline_name": "...",
                                "coverage_90": 0.92, "verdict": "not worse", "origins": 25}}}

and `trend_alone`, the same with every mechanism cut but the trend (rows, or bare scores). Scores are mean
CRPS on origins that took no part in any choice: less is better. Without `chosen`, the series may stand at the
top. A file that cannot be read counts as none.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping
from importlib import resources
from typing import Any

# Which series of the back-test speaks of an outcome.
SERIES = {
    "killed": ("reported losses", "excess deaths"),
    "wounded": ("reported losses",),
    "losses": ("reported losses",),
    "ground_lost": ("area held",),
}


@dataclasses.dataclass(frozen=True)
class Horizon:
    """How forecasts of one series over one horizon did."""

    series: str
    days: int
    ours: float
    """Mean CRPS of the model, in the unit of the series."""
    best_baseline: float
    best_baseline_name: str
    coverage_90: float
    """Share of origins whose 90 % interval held what came."""
    verdict: str
    """better, not worse, worse: against the best baseline."""
    origins: int
    trend_alone: float = math.nan
    """Mean CRPS of the trend without the mechanisms."""

    @property
    def trend_does_it(self) -> bool:
        """Whether the trend alone does at least as well."""
        return self.trend_alone <= self.ours


@dataclasses.dataclass(frozen=True)
class HeldOut:
    """The back-test of a scenario: the variant of the forecast that was chosen."""

    variant: str
    horizons: tuple[Horizon, ...]

    def of(self, outcome: str) -> tuple[Horizon, ...]:
        """Return what was checked of an outcome's series."""
        return tuple(row for row in self.horizons if row.series in SERIES.get(outcome, ()))

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return dataclasses.asdict(self)


def read_held_out(scenario: str) -> HeldOut | None:
    """Return the back-test of a scenario, None where none is shipped or none can be read."""
    if not scenario.replace("-", "").replace("_", "").isalnum():
        return None
    file = resources.files("ceasefire.inference").joinpath("posteriors", f"backtest-{scenario}.json")
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return parse_held_out(content)


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
    return HeldOut(name, tuple(sorted(rows, key=lambda row: (row.series, row.days)))) if rows else None


_VARIANTS = {"chosen", "everything", "trend_alone"}


def _is_series(value: Any) -> bool:
    return (
        isinstance(value, Mapping)
        and bool(value)
        and all(str(key).isdigit() and isinstance(row, Mapping) for key, row in value.items())
    )


def _is_table(value: Any) -> bool:
    return isinstance(value, Mapping) and any(_is_series(one) for one in value.values())


def _horizon(series: str, days: str, row: Mapping[str, Any], trend: Any) -> Horizon | None:
    try:
        alone = row.get("trend_alone")
        if alone is None and isinstance(trend, Mapping) and isinstance(trend.get(series), Mapping):
            alone = trend[series].get(days)
        if isinstance(alone, Mapping):
            alone = alone.get("ours")
        return Horizon(
            series=series,
            days=int(days),
            ours=float(row["ours"]),
            best_baseline=float(row["best_baseline"]),
            best_baseline_name=str(row["best_baseline_name"]),
            coverage_90=float(row["coverage_90"]),
            verdict=str(row["verdict"]),
            origins=int(row["origins"]),
            trend_alone=math.nan if alone is None else float(alone),
        )
    except (KeyError, TypeError, ValueError):
        return None
