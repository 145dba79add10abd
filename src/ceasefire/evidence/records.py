"""Tables of records that are no observations: events, offers, battles, ceasefires and the like."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from ceasefire.files import InputError, suggest

DAYS = (
    "date",
    "start_date",
    "end_date",
    "offer_date",
    "in_force_from",
    "in_force_to",
    "outcome_known_on",
    "known_on",
)
# What an offer became, known only from the day in `outcome_known_on`; blank before.
OFFER_OUTCOMES = (
    "response",
    "in_force_from",
    "in_force_to",
    "violations_reported",
    "followed_within_90_days_by_offensive_of",
)


@dataclasses.dataclass(frozen=True)
class Records:
    """The tables of records by name."""

    tables: Mapping[str, pd.DataFrame]

    def names(self) -> list[str]:
        """Return the names of the tables, sorted."""
        return sorted(self.tables)

    def table(self, name: str) -> pd.DataFrame:
        """Return a table as a copy.

        Raises:
            InputError: there is no such table.
        """
        if name not in self.tables:
            raise InputError(f"there is no table of records '{name}'.", "", suggest(name, self.tables))
        return self.tables[name].copy()

    def known_by(self, day: pd.Timestamp) -> Records:
        """Return the records known on a day; what came out later is blank."""
        return Records({name: _known(name, table, day) for name, table in self.tables.items()})


def _known(name: str, table: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    if "known_on" not in table.columns:  # a vocabulary, not a record
        return table
    known = table[table["known_on"] <= day].reset_index(drop=True)
    if name == "ceasefires":
        return _ceasefires(known, day)
    if name == "offers":
        later = known["outcome_known_on"] > day
        for column in OFFER_OUTCOMES:
            known[column] = known[column].mask(later)
    return known


def _ceasefires(known: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Blank what a ceasefire became after the day: it stands as held, its windows as not yet observable."""
    start = known["start_date"]
    ended = pd.to_datetime(known["end_date"].where(known["end_date"] != "held"))
    later = ended.isna() | (ended > day)
    known["end_date"] = known["end_date"].mask(later, "held")
    years = ((day - start).dt.days / 365.25).round(2)
    known["years_to_end_or_2026"] = known["years_to_end_or_2026"].mask(later, years)
    for column in ("end_status", "how_it_ended", "resumed_by", "note", "cow_war_years"):
        known[column] = known[column].mask(later)
    for count in (1, 3, 5):
        column = f"offensive_within_{count}y"
        known[column] = known[column].where(window_over(start, count, day))
    # Found by looking at later wars; nothing of it was there on the day.
    for column in ("next_cow_war_same_dyad", "next_ucdp_interstate_episode"):
        known[column] = None
    return known


def window_over(start: pd.Series, years: float, day: pd.Timestamp) -> pd.Series:
    """Say of each case whether so many years, in whole months, had passed by a day.

    What a case did within the window counts only then: a case that failed early is known at once and one that
    held is not, so that shares of cases with open windows would be too high.
    """
    return start + pd.DateOffset(months=round(12 * years)) <= day


def read_records(folder: Path) -> Records:
    """Read the package's own tables of records."""
    tables = {}
    for path in sorted(folder.glob("*.csv")):
        table = pd.read_csv(path, encoding="utf-8", keep_default_na=False, na_values=[""])
        for column in DAYS:
            # A ceasefire's end is a day or the word held.
            if column in table.columns and (path.stem, column) != ("ceasefires", "end_date"):
                table[column] = pd.to_datetime(table[column], format="%Y-%m-%d").astype("datetime64[s]")
        tables[path.stem] = table
    topics = folder.parent.parent / "event_topics.csv"
    tables[topics.stem] = pd.read_csv(topics, encoding="utf-8", dtype=str)
    return Records(tables)
