"""The one shape of an observation, and the check that every row passes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

import numpy as np
import pandas as pd

from ceasefire.files import InputError, suggest
from ceasefire.files.errors import control_in

COLUMNS = (
    "quantity",
    "concept",
    "side",
    "place",
    "start",
    "end",
    "flow_or_stock",
    "low",
    "best",
    "high",
    "unit",
    "source",
    "source_class",
    "root",
    "known_on",
    "known_on_rule",
    "kind",
    "confidence",
    "verified",
    "reference",
    "note",
    "table",
)
DATES = ("start", "end", "known_on")
FIGURES = ("low", "best", "high")
TEXTS = tuple(column for column in COLUMNS if column not in DATES and column not in FIGURES)
REQUIRED = ("quantity", "concept", "side", "place", "unit", "source", "root", "known_on_rule", "reference")
FLOW_OR_STOCK = ("stock", "cumulative", "flow")

Day = dt.date | pd.Timestamp | str


def as_day(value: Day, name: str) -> pd.Timestamp:
    """Return a day as a Timestamp at midnight without a time zone.

    Raises:
        InputError: the value is not a day.
    """
    try:
        if isinstance(value, bool | int | float):
            raise ValueError(value)
        day = pd.Timestamp(value)
        if pd.isna(day):
            raise ValueError(value)
    except (ValueError, TypeError, OverflowError):
        raise InputError(f"'{value}' is not a day.", name, "write a day as YYYY-MM-DD.") from None
    return day.tz_localize(None).normalize()


def check_observations(
    frame: pd.DataFrame, *, sources: Collection[str] | None = None, name: str = "observations"
) -> pd.DataFrame:
    """Return the rows in canonical shape: columns in order, days as datetime64, figures as float64.

    Args:
        frame: one observation per row with the columns of `COLUMNS`; rows are counted from 1 in messages.
        sources: ids of the known sources; where given, every row must name one of them.
        name: the name of the frame or file in messages.

    Raises:
        InputError: a column is missing or unknown, a required text is empty, a day or a figure cannot be
            read, a period runs backwards, a row has no figure, or low, best and high are out of order.
    """
    for column in COLUMNS:
        if column not in frame.columns:
            raise InputError(
                f"the column '{column}' is missing.", name, f"use the columns {', '.join(COLUMNS)}."
            )
    for column in frame.columns:
        if column not in COLUMNS:
            raise InputError(f"the column '{column}' is not known.", name, suggest(str(column), COLUMNS))
    checked = frame.loc[:, list(COLUMNS)].reset_index(drop=True)
    for column in TEXTS:
        checked[column] = checked[column].astype(object).where(checked[column].notna(), "").astype(str)
    for column in DATES:
        checked[column] = _days(checked[column], column, name)
    for column in FIGURES:
        checked[column] = _figures(checked[column], column, name)
    for column in TEXTS:
        _refuse_control(checked, column, name)
    for column in REQUIRED:
        _refuse(checked, checked[column].str.strip() == "", column, name, "is empty", "give it a value.")
    wrong = ~checked["flow_or_stock"].isin(FLOW_OR_STOCK)
    _refuse(checked, wrong, "flow_or_stock", name, "is not known", "use stock, cumulative or flow.")
    if sources is not None:
        strange = ~checked["source"].isin(list(sources))
        if strange.any():
            row = int(np.flatnonzero(strange)[0])
            word = str(checked["source"].iloc[row])
            where = f"{name}, row {row + 1}, column 'source'"
            raise InputError(f"the source '{word}' is not in the manifest.", where, suggest(word, sources))
    _refuse(checked, checked["start"] > checked["end"], "start", name, "lies after the end", "swap them.")
    empty = checked[list(FIGURES)].isna().all(axis=1)
    _refuse(checked, empty, "best", name, "has no figure", "give at least one of low, best and high.")
    for lower, upper in (("low", "best"), ("best", "high"), ("low", "high")):
        wrong = checked[lower] > checked[upper]
        _refuse(checked, wrong, lower, name, f"is above {upper}", "check the order of low, best and high.")
    return checked


def _refuse_control(frame: pd.DataFrame, column: str, name: str) -> None:
    """Refuse what would do something to a terminal or a page instead of being shown there."""
    for row, text in enumerate(frame[column]):
        control = "" if text.isprintable() else control_in(text)
        if control:
            what = f"a text holds a control character or half a character ({control})."
            raise InputError(what, f"{name}, row {row + 1}, column '{column}'", "take it out.")


def _refuse(frame: pd.DataFrame, wrong: pd.Series, column: str, name: str, says: str, todo: str) -> None:
    if not wrong.any():
        return
    row = int(np.flatnonzero(wrong)[0])
    value = frame[column].iloc[row]
    shown = str(value.date()) if isinstance(value, pd.Timestamp) else str(value)
    what = (
        f"'{shown}' in column '{column}' {says}."
        if shown.strip() and shown != "nan"
        else f"column '{column}' {says}."
    )
    raise InputError(what, f"{name}, row {row + 1}, column '{column}'", todo)


def _days(values: pd.Series, column: str, name: str) -> pd.Series:
    if pd.api.types.is_datetime64_any_dtype(values) and values.notna().all():
        stamped: pd.Series = values.dt.tz_localize(None).dt.normalize().astype("datetime64[s]")
        return stamped
    text = values.astype(object).where(values.notna(), "").map(_day_text)
    days = pd.to_datetime(text, format="%Y-%m-%d", errors="coerce")
    wrong = days.isna()
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        where = f"{name}, row {row + 1}, column '{column}'"
        raise InputError(f"'{text.iloc[row]}' is not a day.", where, "write a day as YYYY-MM-DD.")
    checked: pd.Series = days.astype("datetime64[s]")
    return checked


def _day_text(value: object) -> str:
    if isinstance(value, dt.datetime | pd.Timestamp):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def _figures(values: pd.Series, column: str, name: str) -> pd.Series:
    if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
        figures = values.astype("float64")
        wrong = figures.isin([np.inf, -np.inf])
    else:
        given = values.astype(object).where(values.notna(), "").astype(str).str.strip()
        figures = pd.to_numeric(given.where(given != "", "nan"), errors="coerce").astype("float64")
        wrong = (figures.isna() & (given != "") & (given != "nan")) | figures.isin([np.inf, -np.inf])
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        where = f"{name}, row {row + 1}, column '{column}'"
        raise InputError(
            f"'{values.iloc[row]}' is not a number.", where, "write a plain number, or leave it empty."
        )
    return figures
