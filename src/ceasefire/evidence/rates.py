"""Mean amounts per day over a window, from running totals and from flows."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from ceasefire.evidence.bounds import NONE, bare, bounds_of, difference
from ceasefire.evidence.shape import FIGURES

# Running totals are interpolated over at most this many days: a month and two weeks, so that a monthly
# series may be late once. The next usual step in the evidence is a year; nothing says when in it they rose.
MAX_GAP_DAYS = 45
# Flows must cover at least half of the window: those that cover less say more of other days than of these.
MIN_COVERAGE = 0.5
PER_DAY = {"day": 1.0, "week": 7.0, "month": 365.25 / 12, "year": 365.25}
COLUMNS = (
    "quantity",
    "concept",
    "side",
    "place",
    "start",
    "end",
    "low",
    "best",
    "high",
    "unit",
    "method",
    "coverage",
    "period_days",
    "source",
    "source_class",
    "root",
    "known_on",
    "kind",
    "reference",
)


def mean_rates(rows: pd.DataFrame, at: pd.Timestamp, days: int) -> pd.DataFrame:
    """Return one mean per day for each source and place; see `Evidence.rate`.

    Args:
        rows: observations of one quantity, concept and side, one vintage each.
        at: last day of the window.
        days: length of the window, in days.
    """
    found: list[dict[str, Any]] = []
    rows = rows[rows["kind"] != "misprint"]
    for _, series in rows.groupby(["source", "place"], sort=True):
        totals = series[series["flow_or_stock"] == "cumulative"]
        flows = series[series["flow_or_stock"] == "flow"]
        best = (
            _difference(totals, at, days, exact=True)
            or _stated(flows, at, days)
            or _difference(totals, at, days, exact=False)
            or _mean_of_flows(flows, at, days)
        )
        if best is not None:
            found.append(best)
    return pd.DataFrame(found, columns=list(COLUMNS))


def _row(last: pd.Series, at: pd.Timestamp, days: int, unit: str, **values: Any) -> dict[str, Any]:
    kept = {
        name: last[name]
        for name in ("quantity", "concept", "side", "place", "source", "source_class", "root")
    }
    kept.update(
        kind=last["kind"], reference=last["reference"], start=at - pd.Timedelta(days=days - 1), end=at
    )
    return {**kept, "unit": f"{unit}_per_day", "low": float("nan"), "high": float("nan"), **values}


def _difference(totals: pd.DataFrame, at: pd.Timestamp, days: int, *, exact: bool) -> dict[str, Any] | None:
    """Return the mean between two running totals, as wide as the bounds of both allow."""
    closed = totals["best"].notna() | (totals["low"].notna() & totals["high"].notna())
    series_of = [
        series
        # A lone bound is taken only where no figure is closed: it hides none that is.
        for rows in (totals[closed], totals)
        for _, series in rows.groupby(["start", "unit"], sort=False)
    ]
    for series in series_of:
        ordered = series.drop_duplicates("end", keep="last").sort_values("end")
        late = _total(ordered, at, exact)
        early = _total(ordered, at - pd.Timedelta(days=days), exact)
        if late is None or early is None:
            continue
        low, best, high = difference(late[0], early[0])
        # A running total does not fall: where the bounds of both ends overlap, the mean is nothing or more.
        low = max(low, 0.0) if not best < 0 else low
        figures = {"low": low / days, "best": best / days, "high": high / days}
        if all(math.isnan(value) for value in figures.values()):
            continue
        used = [*late[1], *early[1]]
        last, known = late[1][-1], max(row["known_on"] for row in used)
        method = "difference" if exact else "difference_interpolated"
        return _row(
            last, at, days, str(last["unit"]), method=method, coverage=1.0, period_days=days, known_on=known,
            **figures,
        )  # fmt: skip
    return None


def _total(
    ordered: pd.DataFrame, day: pd.Timestamp, exact: bool
) -> tuple[dict[str, float], list[pd.Series]] | None:
    """Return the figures of a running total on a day, and the rows that they come from."""
    same = ordered[ordered["end"] == day]
    if len(same):
        row = same.iloc[-1]
        return {name: float(row[name]) for name in FIGURES}, [row]
    if exact:
        return None
    before, after = ordered[ordered["end"] < day], ordered[ordered["end"] > day]
    if before.empty or after.empty:
        return None
    first, last = before.iloc[-1], after.iloc[0]
    gap = (last["end"] - first["end"]).days
    if gap > MAX_GAP_DAYS:
        return None
    share = (day - first["end"]).days / gap
    ends = [dict(zip(FIGURES, _filled(row), strict=True)) for row in (first, last)]
    if bare(first) and bare(last):
        ends = [{name: float(row[name]) for name in FIGURES} for row in (first, last)]
    return {name: ends[0][name] + share * (ends[1][name] - ends[0][name]) for name in FIGURES}, [first, last]


def _filled(row: pd.Series) -> tuple[float, float, float]:
    """Return the figures of a row with the bounds that its best value stands for; NaN where it is open."""
    low, high = bounds_of(row["low"], row["best"], row["high"])
    return (low if math.isfinite(low) else NONE), float(row["best"]), (high if math.isfinite(high) else NONE)


def _per_day(row: pd.Series) -> tuple[str, float]:
    """Return the unit without its time, and the number that turns the row's figures into means per day."""
    unit = str(row["unit"])
    for name, length in PER_DAY.items():
        if unit.endswith(f"_per_{name}"):
            return unit.removesuffix(f"_per_{name}"), 1.0 / length
    return unit, 1.0 / ((row["end"] - row["start"]).days + 1)


def _stated(flows: pd.DataFrame, at: pd.Timestamp, days: int) -> dict[str, Any] | None:
    same = flows[(flows["end"] == at) & (flows["start"] == at - pd.Timedelta(days=days - 1))]
    if same.empty:
        return None
    last = same.iloc[0]
    unit, scale = _per_day(last)
    figures = {name: float(last[name]) * scale for name in FIGURES}
    return _row(
        last, at, days, unit, method="stated", coverage=1.0, period_days=days, known_on=last["known_on"],
        **figures,
    )  # fmt: skip


def _mean_of_flows(flows: pd.DataFrame, at: pd.Timestamp, days: int) -> dict[str, Any] | None:
    start = at - pd.Timedelta(days=days - 1)
    flows = flows[(flows["end"] >= start) & (flows["start"] <= at)]
    best: dict[str, Any] | None = None
    lengths = (flows["end"] - flows["start"]).dt.days + 1
    # Weeks with weeks and months with months, so that no day counts twice.
    cadence = lengths.map(lambda n: 7 if n <= 8 else 30 if 27 <= n <= 32 else int(n))
    for _, series in flows.groupby([cadence, flows["unit"]], sort=True):
        taken: list[tuple[int, pd.Series]] = []
        free = at
        for _, row in series.sort_values(["end", "start"], ascending=False).iterrows():
            overlap = (min(row["end"], free) - max(row["start"], start)).days + 1
            if row["end"] > free and taken:
                continue
            if overlap > 0:
                taken.append((overlap, row))
                free = row["start"] - pd.Timedelta(days=1)
        covered = sum(overlap for overlap, _ in taken)
        if covered / days < MIN_COVERAGE or (best is not None and covered / days <= best["coverage"]):
            continue
        last = taken[0][1]
        unit, _ = _per_day(last)
        figures = {
            name: sum(overlap * float(row[name]) * _per_day(row)[1] for overlap, row in taken) / covered
            for name in FIGURES
        }
        known = max(row["known_on"] for _, row in taken)
        best = _row(
            last, at, days, unit, method="mean_of_flows", coverage=covered / days, known_on=known,
            period_days=max((row["end"] - row["start"]).days + 1 for _, row in taken), **figures,
        )  # fmt: skip
    return best
