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
# What a table says only once an outcome is known, and what stands there before.
OUTCOMES = {
    "offers": (
        "response",
        "in_force_from",
        "in_force_to",
        "violations_reported",
        "followed_within_90_days_by_offensive_of",
    ),
}


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
    known = table[table["known_on"] <= day].reset_index(drop=True)
    if name == "ceasefires":
        return _ceasefires(known, day)
    if name in OUTCOMES:
        later = known["outcome_known_on"] > day
        for column in OUTCOMES[name]:
            known[column] = known[column].mask(later)
    return known


def _ceasefires(known: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Blank what a ceasefire became after the day: it stands as held, and its windows as not yet observable."""
    start = known["start_date"]
    ended = pd.to_datetime(known["end_date"].where(known["end_date"] != "held"))
    later = ended.isna() | (ended > day)
    open_now = later & (known["end_status"].notna())
    known["end_date"] = known["end_date"].mask(later, "held")
    known["years_to_end_or_2026"] = known["years_to_end_or_2026"].mask(
        later, ((day - start).dt.days / 365.25).round(2)
    )
    for column in ("end_status", "how_it_ended", "resumed_by"):
        known[column] = known[column].mask(open_now)
    for years in (1, 3, 5):
        column = f"offensive_within_{years}y"
        window = start + pd.DateOffset(years=years)
        known[column] = known[column].mask((window > day) & later)
    for column in ("note", "next_cow_war_same_dyad", "next_ucdp_interstate_episode", "cow_war_years"):
        known[column] = known[column].mask(later)
    return known


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
    return Records(tables)
