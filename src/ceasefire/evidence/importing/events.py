"""Event data, summed to countries and weeks: nothing at the level of places is kept."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import defaultdict
from typing import Any

from ceasefire.evidence.importing.reading import Row, csv_rows

ACLED_COLUMNS = ("event_id_cnty", "event_date", "year", "country", "fatalities")
ACLED_DAYS = ("%Y-%m-%d", "%d %B %Y", "%d %b %Y")
UCDP_COLUMNS = (
    "id",
    "year",
    "country",
    "date_start",
    "date_end",
    "deaths_a",
    "deaths_b",
    "deaths_civilians",
    "deaths_unknown",
    "best",
    "high",
    "low",
)
UCDP_DAYS = ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%d %H:%M:%S")
DAY_TODO = "write a day as YYYY-MM-DD."
QUANTITIES = {
    "conflict_deaths": "Soldiers and civilians killed in reported events, by country and week",
    "conflict_deaths_of_civilians": "Civilians killed in reported events, by country and week",
    "conflict_events": "Reported events, by country and week",
}


@dataclasses.dataclass
class _Week:
    events: int = 0
    low: int = 0
    best: int = 0
    high: int = 0
    civilians: int = 0
    long: int = 0


def acled(text: str, name: str, on: dt.date) -> tuple[list[dict[str, Any]], list[str]]:
    """Return weekly sums of an ACLED export, and notes.

    A week's figures count as known from the newest upload in the file (`timestamp`), else from `on`.

    Raises:
        InputError: a column is missing, an event stands twice, or a value cannot be read.
    """
    weeks: dict[tuple[str, dt.date], _Week] = defaultdict(_Week)
    seen: dict[str, int] = {}
    days: list[dt.date] = []
    uploaded: dt.date | None = None
    for row in csv_rows(text, name, ACLED_COLUMNS):
        _once(row, "event_id_cnty", seen)
        day = row.day("event_date", ACLED_DAYS, DAY_TODO)
        _same_year(row, day)
        week = weeks[row.text("country"), _monday(day)]
        week.events += 1
        week.best += row.count("fatalities") or 0
        stamp = row.count("timestamp", empty=True)
        if stamp is not None:
            upload = dt.datetime.fromtimestamp(min(stamp, 4_102_444_800), dt.UTC).date()
            uploaded = upload if uploaded is None else max(uploaded, upload)
        days.append(day)
    known_on, span = max([uploaded or on, *days]), _span(days)
    rows: list[dict[str, Any]] = []
    for (country, monday), week in sorted(weeks.items()):
        common = _common(country, monday, span, "acled", known_on)
        rows.append(_figure(common, "conflict_events", best=week.events))
        rows.append(_figure(common, "conflict_deaths", best=week.best))
    return rows, []


def ucdp(text: str, name: str, on: dt.date) -> tuple[list[dict[str, Any]], list[str]]:
    """Return weekly sums of a UCDP GED file, and notes.

    An event counts in the week in which it ends; nothing is spread over days.

    Raises:
        InputError: a column is missing, an event stands twice, bounds are out of order, or the parts do not
            add up to the best estimate.
    """
    weeks: dict[tuple[str, dt.date], _Week] = defaultdict(_Week)
    seen: dict[str, int] = {}
    days: list[dt.date] = []
    for row in csv_rows(text, name, UCDP_COLUMNS):
        _once(row, "id", seen)
        first, last = row.day("date_start", UCDP_DAYS, DAY_TODO), row.day("date_end", UCDP_DAYS, DAY_TODO)
        if first > last:
            raise row.fault("date_start", f"'{first}' lies after the end, '{last}'.", "swap the two days.")
        low, best, high = (row.count(column) or 0 for column in ("low", "best", "high"))
        if not low <= best <= high:
            what = f"low {low}, best {best} and high {high} are out of order."
            raise row.fault("best", what, "check the three figures.")
        parts = [row.count(f"deaths_{part}") or 0 for part in ("a", "b", "civilians", "unknown")]
        if sum(parts) != best:
            what = f"best is {best}, but the four kinds of deaths add up to {sum(parts)}."
            raise row.fault("best", what, "check the row against the codebook.")
        week = weeks[row.text("country"), _monday(last)]
        week.events += 1
        week.low, week.best, week.high = week.low + low, week.best + best, week.high + high
        week.civilians += parts[2]
        week.long += first < _monday(last)
        days += [first, last]
    known_on, span = max([on, *days]), _span(days)
    rows: list[dict[str, Any]] = []
    for (country, monday), week in sorted(weeks.items()):
        common = _common(country, monday, span, "ucdp_ged", known_on)
        if week.long:
            more = f"{week.long} of {week.events} events began in an earlier week"
            common["note"] = "; ".join(part for part in (common["note"], more) if part)
        rows.append(_figure(common, "conflict_deaths", low=week.low, best=week.best, high=week.high))
        rows.append(_figure(common, "conflict_deaths_of_civilians", best=week.civilians))
        rows.append(_figure(common, "conflict_events", best=week.events))
    return rows, []


def _once(row: Row, column: str, seen: dict[str, int]) -> None:
    name = row.text(column)
    if name in seen:
        raise row.fault(
            column, f"the event '{name}' stands in row {seen[name]} already.", "keep one of the two."
        )
    seen[name] = row.number


def _same_year(row: Row, day: dt.date) -> None:
    year = row.count("year")
    if year != day.year:
        raise row.fault("year", f"{year} is not the year of '{day}'.", "check the date and the year.")


def _span(days: list[dt.date]) -> tuple[dt.date, dt.date]:
    return min(days, default=dt.date.min), max(days, default=dt.date.max)


def _monday(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())


def _common(
    country: str, monday: dt.date, span: tuple[dt.date, dt.date], source: str, known_on: dt.date
) -> dict[str, Any]:
    sunday = monday + dt.timedelta(days=6)
    edge = monday < span[0] or sunday > span[1]
    return {
        "side": "all",
        "place": country,
        "start": monday,
        "end": sunday,
        "flow_or_stock": "flow",
        "source": source,
        "known_on": max(known_on, sunday),
        "known_on_rule": "file_vintage",
        "kind": "count",
        "confidence": "medium",
        "note": "the file may hold only a part of this week" if edge else "",
    }


def _figure(common: dict[str, Any], quantity: str, **figures: int) -> dict[str, Any]:
    counted = quantity == "conflict_events"
    concept, unit = ("counted", "events") if counted else ("killed", "persons")
    return {**common, "quantity": quantity, "concept": concept, "unit": unit, **figures}
