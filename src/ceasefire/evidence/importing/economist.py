"""The Economist's collection of estimates of dead and wounded soldiers, as CSV."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from typing import Any

from ceasefire.evidence.importing.reading import Row, csv_rows
from ceasefire.files import suggest

WAR = dt.date(2022, 2, 24)
UK_START = dt.date(2022, 3, 1)
COLUMNS = ("date", "estimate_low", "estimate_high", "estimate", "type", "source", "source_url", "country")
CONCEPTS = {"deaths": "killed", "casualties": "killed_and_wounded"}
SIDES = {"russia": "RU", "ukraine": "UA"}
# The names of the collection, and the sources of the manifest that they are.
SOURCES = (
    (r"Russian Ministry of Defen", "russia_ministry_of_defence"),
    (r"Office of the President of Ukraine", "ukraine_president"),
    (r"NATO officials|NATO nations", "nato_officials"),
    (r"Armed Forces of Ukraine", "ukraine_general_staff"),
    (r"CIA|US officials|US Sec|US DoD|US intelligence", "us_government"),
    (r"Pentagon leak", "us_intelligence_leak"),
    (r"BBC Russia", "bbc_extrapolation"),
    (r"Excess deaths estimate \(D\. Kobak\)", "rosstat_excess_deaths_kobak"),
    (r"The Centre for Strategic|CSIS", "csis"),
    (r"Mediazona; Meduza", "meduza_mediazona_registry"),
    (r"The Memory Book", "memory_book"),
    (r"French foreign minister", "france_government"),
    (r"UAlosses", "ualosses"),
    (r"Ukrainian estimate \(leak via WSJ\)", "ukraine_leak_wsj"),
    (r"Western intelligence", "western_intelligence"),
    (r"Lostarmour", "lostarmour"),
    (r"Yurii Butosov", "butusov"),
    (r"IISS", "iiss_losses"),
    (r"Norwegian", "norway_intelligence"),
    (r"Dutch", "netherlands_intelligence"),
    (r"UK Foreign", "uk_ministry_of_defence_series"),
)
# X numbers its posts by the millisecond since this one, shifted by 22 bits.
POST_EPOCH_MS = 1_288_834_974_657


def observations(text: str, name: str, on: dt.date) -> tuple[list[dict[str, Any]], list[str], dict[str, str]]:
    """Return the observations, notes, and the sources that the manifest does not know (id to name).

    Args:
        text: the file.
        name: its name in messages.
        on: day of the import; a figure without a day of publication counts as known from this day.

    Raises:
        InputError: a column is missing, or a value cannot be read.
    """
    rows: list[dict[str, Any]] = []
    strange: dict[str, str] = {}
    for row in csv_rows(text, name, COLUMNS):
        rows += _of_row(row, on, strange)
    notes = [
        f"sources that the manifest does not know, each its own root: {', '.join(sorted(strange.values()))}"
    ]
    return rows, notes if strange else [], strange


def _of_row(row: Row, on: dt.date, strange: dict[str, str]) -> list[dict[str, Any]]:
    day = row.day("date", ["%d/%m/%Y", "%Y-%m-%d"], "write a day as DD/MM/YYYY.")
    figures = {
        key: row.count(column, empty=True)
        for key, column in (("low", "estimate_low"), ("best", "estimate"), ("high", "estimate_high"))
    }
    given = [number for number in figures.values() if number is not None]
    if not given:
        raise row.fault("estimate", "the row has no figure.", "give an estimate, a low or a high one.")
    if given != sorted(given):
        raise row.fault(
            "estimate_low", "low, estimate and high are out of order.", "check the three figures."
        )
    kind, country = row.text("type"), row.text("country")
    if kind not in CONCEPTS:
        raise row.fault("type", f"'{kind}' is not known.", suggest(kind, CONCEPTS))
    if country not in SIDES:
        raise row.fault("country", f"'{country}' is not known.", suggest(country, SIDES))
    told, address = row.text("source"), str(row.values.get("source_url") or "").strip()
    source, concept = _source(told, kind, day, strange), CONCEPTS[kind]
    known_on, rule = _known_on(address, day, on)
    start, end, note = WAR, day, f"named '{told}' in the file"
    if rule == "address_date" and (known_on < day or "mil.gov.ua" in address):
        # No figure is younger than the page that states it, and the General Staff states its own day.
        end, note = known_on, f"{note}, filed under {day} but stated on the day in the address"
    if source == "ukraine_general_staff":
        concept = "losses_undefined"
    if source == "ualosses":
        concept = "named_dead"
    if told == "UK MoD" and kind == "casualties" and day.day == 1:
        start, end = UK_START, day - dt.timedelta(days=1)
        note += "; running total from 1 March 2022 to the end of the month before"
    common = {
        "quantity": "personnel_losses",
        "side": SIDES[country],
        "place": "whole_front",
        "start": start,
        "end": end,
        "flow_or_stock": "cumulative",
        "unit": "persons",
        "source": source,
        "known_on": max(known_on, end),
        "known_on_rule": rule,
        "kind": "estimate",
        "confidence": "medium",
        "reference": address or told,
    }
    if source == "ualosses" and figures["low"] is not None and figures["high"] is not None:
        both = "named dead and missing together"
        return [
            {**common, "concept": "named_dead", "low": figures["low"], "best": figures["best"], "note": note},
            {
                **common,
                "concept": "named_dead_and_missing",
                "high": figures["high"],
                "note": f"{note}; {both}",
            },
        ]
    return [{**common, **figures, "concept": concept, "note": note}]


def _source(told: str, kind: str, day: dt.date, strange: dict[str, str]) -> str:
    for pattern, source in SOURCES:
        if re.match(pattern, told):
            return source
    if told.startswith("UK M"):
        restates = kind == "casualties" and (day.year >= 2024 or day.day == 1)
        return "uk_ministry_of_defence_series" if restates else "uk_ministry_of_defence_assessments"
    name = "economist_" + re.sub(r"[^a-z0-9]+", "_", told.lower()).strip("_")
    strange[name] = told
    return name


def _known_on(address: str, day: dt.date, on: dt.date) -> tuple[dt.date, str]:
    """Return when a row could be read at the latest, by the rules of the package's own tables."""
    post = re.search(r"/status/(\d{10,20})", address)
    if post:
        posted = dt.datetime.fromtimestamp(((int(post[1]) >> 22) + POST_EPOCH_MS) / 1000, dt.UTC)
        return posted.date(), "post_date"
    full = re.search(r"[/-](20\d\d)[/-]?(\d\d)[/-]?(\d\d)(?=[-/?#]|$)", address)
    month = re.search(r"/(20\d\d)/(\d\d)/[a-z]", address)
    try:
        if full:
            return dt.date(int(full[1]), int(full[2]), int(full[3])), "address_date"
        if month:
            year, number = int(month[1]), int(month[2])
            return dt.date(year, number, calendar.monthrange(year, number)[1]), "end_of_month"
    except ValueError:
        pass  # digits that are no day
    if day.day == 1 or not address.startswith("http") or "github.com" in address:
        return on, "file_vintage"
    return day, "statement_day"
