"""Which rows of the evidence a measurement holds against its claim, and what each is to the question.

`value` answers it; a `floor` counts a part of it or an earlier day; a `ceiling` counts more or a later day;
what stands `beside` counts another thing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pandas as pd

from ceasefire.claims import schema
from ceasefire.claims.weighing import COLUMNS
from ceasefire.claims.wording import day, listed
from ceasefire.evidence import Evidence
from ceasefire.files import InputError

# A figure that stands for more than three windows says little of one: a quarter may still speak of a month,
# as a third of it at least lies within, half a year or a year may not.
LONGEST_PERIOD = 3.0


def roles(test: schema.TotalAt | schema.MeanRate) -> dict[str, Sequence[str]]:
    """Return the concepts of a test by what they are to the question."""
    return {
        "value": test.concept,
        "floor": test.floors or (),
        "ceiling": test.ceilings or (),
        "beside": test.beside or (),
    }


def states(
    evidence: Evidence, test: schema.TotalAt | schema.Change, concept: str, at: dt.date, window: int
) -> pd.DataFrame:
    """Return the states and running totals near a day; flows only where the evidence has nothing else."""
    rows = evidence.ask(
        test.quantity,
        concept=concept,
        side=test.side,
        place=test.place,
        at=at,
        window_days=window,
        all_vintages=isinstance(test, schema.TotalAt),
    )
    states = rows[rows["flow_or_stock"] != "flow"]
    # What is stated for whole periods only, such as a share of a year's output, is dated by the period's end.
    return rows if states.empty and not _has_states(evidence, test) else states


def _has_states(evidence: Evidence, test: schema.TotalAt | schema.Change) -> bool:
    rows = evidence.ask(test.quantity, concept=list(test.concept), side=test.side, place=test.place)
    return bool((rows["flow_or_stock"] != "flow").any())


def near(evidence: Evidence, test: schema.TotalAt, concept: str, role: str, order: int) -> pd.DataFrame:
    """Return the rows of one concept within the window."""
    rows = states(evidence, test, concept, test.date, test.window_days)
    return rows.assign(role=role, order=order, barred="")


def bounds(
    evidence: Evidence, test: schema.TotalAt, concept: str, role: str, order: int
) -> list[pd.DataFrame]:
    """Return running totals outside the window: earlier ones as floors, later ones as ceilings."""
    if not _has_totals(evidence, test):
        return []
    at = pd.Timestamp(test.date)
    inner, outer = pd.Timedelta(days=test.window_days + 1), pd.Timedelta(days=test.bounds_days)
    parts = []
    for kind, first, last in (("floor", at - outer, at - inner), ("ceiling", at + inner, at + outer)):
        if first > last or role not in {"value", kind}:
            continue
        rows = evidence.ask(
            test.quantity,
            concept=concept,
            side=test.side,
            place=test.place,
            flow_or_stock="cumulative",
            between=(first, last),
        )
        rows = rows.assign(days_from_target=(rows["end"] - at).dt.days)
        distance = rows["days_from_target"].abs()
        rows = rows[distance == distance.groupby(rows["source"]).transform("min")]
        parts.append(rows.assign(role=kind, order=order, barred=""))
    return parts


def first_day(evidence: Evidence, test: schema.TotalAt) -> pd.Timestamp | None:
    """Return the day from which the longest running total of a quantity counts, or None."""
    rows = evidence.ask(test.quantity, side=test.side, place=test.place)
    starts = rows.loc[(rows["flow_or_stock"] == "cumulative") & (rows["kind"] != "misprint"), "start"]
    return None if starts.empty else starts.min()


def spanned(rows: pd.DataFrame, first: pd.Timestamp | None) -> pd.DataFrame:
    """Return the rows, with a running total that starts later than the question as no more than a floor.

    Where such a total also counts more than what is asked for, or until a later day, it is no bound at all.

    Args:
        rows: rows with `role` and `barred`.
        first: the day on which the question's own span starts, as `first_day` gives it.
    """
    if first is None or rows.empty:
        return rows
    late = (rows["flow_or_stock"] == "cumulative") & (rows["start"] > first)
    both = late & (rows["role"] == "ceiling")
    rows = rows.copy()
    rows.loc[late & (rows["role"] == "value"), "role"] = "floor"
    rows.loc[both, "barred"] = [
        f"counts from {day(start)} on only, and more than what is asked for"
        for start in rows.loc[both, "start"]
    ]
    rows.loc[both, "role"] = "beside"
    return rows


def _has_totals(evidence: Evidence, test: schema.TotalAt) -> bool:
    rows = evidence.ask(test.quantity, concept=list(test.concept), side=test.side, place=test.place)
    return bool((rows["flow_or_stock"] == "cumulative").any())


def rates(
    evidence: Evidence, test: schema.MeanRate, concept: str, role: str, order: int, place: str | None
) -> pd.DataFrame:
    """Return the mean per day of every source over the window."""
    rows = evidence.rate(
        test.quantity, side=test.side, concept=concept, at=test.date, days=test.days, place=place
    )
    if rows.empty:
        return rows
    barred = [_too_long(int(period), test.days) for period in rows["period_days"]]
    return rows.assign(role=role, order=order, barred=barred, days_from_target=0, note=rows["method"])


def _too_long(period: int, days: int) -> str:
    """Say why a mean is no mean of this window: what it is made of stands for a much longer period."""
    return f"a mean over {period} days, not over these {days}" if period > LONGEST_PERIOD * days else ""


def on_the_day(frame: pd.DataFrame, window: int) -> pd.DataFrame:
    """Return the rows without bounds from outside the window where the source answers within it.

    Only a figure that may be held against the claim answers: what stands beside, is barred or misprinted
    hides no bound; a floor or a ceiling hides those of its own concept only.
    """
    inside = frame["days_from_target"].abs() <= window
    answers = inside & (frame["role"] != "beside") & (frame["barred"] == "") & (frame["kind"] != "misprint")
    answers &= frame[["low", "best", "high"]].notna().any(axis=1)
    values = set(frame.loc[answers & (frame["role"] == "value"), "source"])
    same = set(zip(frame.loc[answers, "source"], frame.loc[answers, "concept"], strict=True))
    told = pd.Series(
        [
            source in values or (source, concept) in same
            for source, concept in zip(frame["source"], frame["concept"], strict=True)
        ],
        index=frame.index,
        dtype=bool,
    )
    return frame[inside | ~told]


def joined(parts: Sequence[pd.DataFrame], unit: str | None = None) -> pd.DataFrame:
    """Return the rows of several questions as one table; a row in another unit is shown and cannot count.

    Args:
        parts: tables with `role`, `order` and `barred`.
        unit: the claim's unit; that of the first row where not given.
    """
    kept = [part for part in parts if not part.empty]
    if not kept:
        return pd.DataFrame({name: [] for name in COLUMNS})
    frame = pd.concat(kept, ignore_index=True)
    for name in COLUMNS:
        if name not in frame.columns:
            frame[name] = ""
    frame = frame[list(COLUMNS)]
    texts = ["reference", "note", "barred", "whole"]
    frame[texts] = frame[texts].fillna("")
    identity = [name for name in COLUMNS if name not in {"role", "order", "days_from_target"}]
    frame = frame.drop_duplicates(identity, keep="first").reset_index(drop=True)
    wanted = unit if unit is not None else str(frame["unit"].iloc[0])
    other = frame["unit"] != wanted
    told = [f"in {found}, not in {wanted}".replace("_", " ") for found in frame.loc[other, "unit"]]
    frame.loc[other, "barred"] = told
    frame.loc[other, "role"] = "beside"
    return frame


def check_place(test: schema.TotalAt | schema.MeanRate | schema.Change, evidence: Evidence) -> None:
    """Refuse figures of several places where the test names none: a town and a front are not the same thing.

    Raises:
        InputError: with the places that there are.
    """
    if test.place is not None:
        return
    rows = evidence.ask(test.quantity, concept=list(test.concept), side=test.side)
    places = sorted(set(rows["place"]))
    if len(places) > 1:
        raise InputError(
            f"'{test.quantity}' has figures of several places.",
            "",
            f"add 'place:', one of: {', '.join(places)}.",
        )


def running(frame: pd.DataFrame) -> bool:
    """Say whether the rows are running totals rather than states."""
    return bool(len(frame)) and bool((frame["start"] < frame["end"]).any())


def unit_of(frame: pd.DataFrame, other: str = "persons") -> str:
    """Return the unit of the rows."""
    return str(frame["unit"].iloc[0]) if len(frame) else other


def noun_of(quantity: str, concepts: Sequence[str], side: str) -> str:
    """Return what is counted, where the claims file does not say it in words."""
    told = listed([word.replace("_", " ") for word in concepts], "or")
    return f"{quantity.replace('_', ' ')} of {side} ({told})"


def yard_of(test: schema.Stated) -> str:
    """Return the name of the yardstick that a test states, or an empty text."""
    for amount in (test.at_least, test.at_most, test.between):
        if isinstance(amount, schema.Yardstick):
            return amount.says or amount.quantity.replace("_", " ")
    return ""


def first_reached(test: schema.TotalAt, evidence: Evidence) -> dict[str, Any] | None:
    """Return the day on which the source that is asked about first reported the claim's number."""
    if test.as_reported_by is None or not isinstance(test.at_least, float):
        return None
    rows = evidence.ask(test.quantity, concept=list(test.concept), side=test.side, place=test.place)
    rows = rows[
        (rows["source"] == test.as_reported_by)
        & (rows["flow_or_stock"] == "cumulative")
        & (rows["kind"] != "misprint")
        & rows["best"].notna()
    ]
    reached = rows[rows["best"] >= test.at_least].sort_values("end")
    if reached.empty:
        return {"rule": "first reached", "value": test.at_least, "date": None}
    first = reached.iloc[0]
    return {
        "rule": "first reached",
        "value": test.at_least,
        "date": first["end"].date(),
        "reported": float(first["best"]),
        "days_after": int((first["end"] - pd.Timestamp(test.date)).days),
    }
