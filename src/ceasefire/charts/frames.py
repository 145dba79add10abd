"""Labelled data at the door of a picture: the columns it needs, figures and dates that are such."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from ceasefire.files import InputError, suggest


def checked(
    frame: pd.DataFrame,
    picture: str,
    *,
    needs: Iterable[str],
    figures: Iterable[str] = (),
    dates: Iterable[str] = (),
    words: Iterable[str] = (),
    may_be_empty: bool = False,
) -> pd.DataFrame:
    """Return a copy of `frame` with float figures, timestamps and text, or refuse it.

    Columns of `figures`, `dates` and `words` that are not in `needs` are added empty where they are absent.

    Raises:
        InputError: no frame, no rows, a column that is missing, or a cell that cannot be drawn.
    """
    where = f"the data of the picture '{picture}'"
    if not isinstance(frame, pd.DataFrame):
        raise InputError(
            f"a table was expected, not {type(frame).__name__}.", where, "pass a pandas DataFrame."
        )
    needs = list(needs)
    for column in needs:
        if column not in frame.columns:
            raise InputError(
                f"the column '{column}' is missing.",
                where,
                f"give the columns {', '.join(needs)}; of those it has, {_nearest(column, frame)}",
            )
    if frame.empty and not may_be_empty:
        raise InputError("the table has no rows.", where, "give at least one row.")
    frame = frame.reset_index(drop=True).copy()
    for column in figures:
        frame[column] = _figures(frame, column, where) if column in frame else np.nan
    for column in dates:
        frame[column] = _dates(frame, column, where) if column in frame else pd.NaT
    for column in words:
        text = frame[column].where(frame[column].notna(), "") if column in frame else ""
        frame[column] = pd.Series(text, index=frame.index, dtype=object).map(str)
    return frame


def each(frame: pd.DataFrame) -> Iterator[Any]:
    """Return the rows of a checked table, one after the other, their cells by name."""
    yield from frame.itertuples()


def one_of(frame: pd.DataFrame, picture: str, column: str, known: Iterable[str]) -> None:
    """Refuse a cell of `column` that is none of the `known` words."""
    known = list(known)
    for index, value in enumerate(frame[column]):
        if value not in known:
            raise InputError(
                f"'{value}' is no {column}.",
                f"the data of the picture '{picture}', row {index + 1}",
                suggest(value, known),
            )


def _nearest(column: str, frame: pd.DataFrame) -> str:
    return suggest(column, [str(name) for name in frame.columns])


def _figures(frame: pd.DataFrame, column: str, where: str) -> pd.Series:
    values = pd.to_numeric(frame[column], errors="coerce").astype(float)
    wrong = (values.isna() & frame[column].notna()) | np.isinf(values)
    if wrong.any():
        row = int(np.flatnonzero(wrong.to_numpy())[0])
        raise InputError(
            f"'{frame[column].iloc[row]}' is not a finite number.",
            f"{where}, column '{column}', row {row + 1}",
            "give a number, or leave the cell empty.",
        )
    return values


def _dates(frame: pd.DataFrame, column: str, where: str) -> pd.Series:
    values = pd.to_datetime(frame[column], errors="coerce", format="mixed")
    wrong = values.isna() & frame[column].notna() & (frame[column].astype(str) != "")
    if wrong.any():
        row = int(np.flatnonzero(wrong.to_numpy())[0])
        raise InputError(
            f"'{frame[column].iloc[row]}' is not a date.",
            f"{where}, column '{column}', row {row + 1}",
            "write a day as YYYY-MM-DD, or leave the cell empty.",
        )
    return values
