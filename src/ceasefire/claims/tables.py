"""Small helpers on tables: rows as plain mappings, records by their values and days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pandas as pd

from ceasefire.files import InputError


def rows_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table as mappings from column to value."""
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def select(rows: pd.DataFrame, where: Mapping[str, Any]) -> pd.DataFrame:
    """Return the records whose columns have the values given; numbers and their texts are the same.

    Raises:
        InputError: there is no such column.
    """
    for column, wanted in where.items():
        if column not in rows.columns:
            raise InputError(
                f"the records have no column '{column}'.", "", f"use one of: {', '.join(rows.columns)}."
            )
        words = {_word(item) for item in (wanted if isinstance(wanted, list) else [wanted])}
        rows = rows[rows[column].map(_word).isin(words)]
    return rows


def _word(value: Any) -> str:
    if isinstance(value, float | int) and not isinstance(value, bool) and not pd.isna(value):
        return f"{float(value):g}"
    return str(value).strip()


def date_column(rows: pd.DataFrame) -> str:
    """Return the column that dates the records."""
    for name in ("date", "offer_date", "start_date"):
        if name in rows.columns:
            return name
    raise InputError("the records have no date.", "", "leave 'since' and 'until' out.")


def between(rows: pd.DataFrame, since: dt.date | None, until: dt.date | None) -> pd.DataFrame:
    """Return the records dated from `since` to `until`."""
    if since is None and until is None:
        return rows
    dates = rows[date_column(rows)]
    keep = dates.notna()
    if since is not None:
        keep &= dates >= pd.Timestamp(since)
    if until is not None:
        keep &= dates <= pd.Timestamp(until)
    return rows[keep]
