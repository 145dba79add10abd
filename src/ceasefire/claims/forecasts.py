"""Forecasts: whether something happened by a day, resolved by the record of events.

A record says that a thing occurred on a day (`yes`), or that it had not occurred by a day (`no`). Only a `no`
with the mark `status`, a state of affairs looked up for that day, settles that something did not come; it
answers for every earlier day. What a belligerent or anyone else says of its plans or its border is shown and
settles nothing. Before the day of a forecast has come, and without a record, a forecast is `undetermined`.
"""

from __future__ import annotations

import pandas as pd

from ceasefire.claims import schema
from ceasefire.claims.chartdata import TimelineChart
from ceasefire.claims.results import Finding
from ceasefire.claims.rules import Verdict
from ceasefire.claims.wording import day, sentence
from ceasefire.evidence import Evidence
from ceasefire.files import InputError, suggest

CONFIDENCE = {"high": 2, "medium": 1, "low": 0}


def event(test: schema.Event, evidence: Evidence) -> Finding:
    """Return whether an event came by its day, from the records that this evidence holds.

    Raises:
        InputError: the record of events has no such topic.
    """
    rows = _topic(test, evidence)
    after, until = pd.Timestamp(test.after), pd.Timestamp(test.until)
    came = rows[(rows["occurred"] == "yes") & (rows["date"] > after) & (rows["date"] <= until)]
    came = came.assign(_sure=came["confidence"].map(CONFIDENCE))
    came = came.sort_values(["_sure", "date"], ascending=[False, True], kind="stable")
    not_by = rows[(rows["occurred"] == "no") & (rows["status"] == "yes") & (rows["date"] >= until)]
    not_by = not_by.sort_values("date", kind="stable")
    noun = test.counts or f"an event of the topic '{test.topic.replace('_', ' ')}'"
    span = f"between {day(test.after)} and {day(test.until)}"
    if len(came):
        first = came.iloc[0]
        dated = first["date"].date()
        when = day(dated) if first.get("precision", "day") == "day" else f"{dated:%B %Y}"
        what = f"{noun} came {span}, on record for {when}: {_told(first)}"
        return _resolved(test, True, first, what, rows)
    if len(not_by):
        first = not_by.iloc[0]
        return _resolved(test, False, first, f"{noun} did not come {span}", rows)
    open_text = f"whether there would be {noun} {span} could not be told from what was known"
    reason = {"rule": "no record settles it by then", "records": len(rows)}
    return Finding(
        "undetermined",
        quote=sentence(open_text),
        reason=(reason,),
        depends_on=("the record of events: a later record settles it",),
        chart=_timeline(test, rows, noun) if len(rows) else None,
    )


def _topic(test: schema.Event, evidence: Evidence) -> pd.DataFrame:
    rows = evidence.records("events")
    rows = rows[rows["topic"] == test.topic]
    if test.side is not None:
        rows = rows[rows["side"].isin([test.side, "both"])]
    return rows


def check_topic(test: schema.Event, evidence: Evidence) -> None:
    """Refuse a topic that no record has.

    Raises:
        InputError: with the nearest known topic.
    """
    topics = set(evidence.records("events")["topic"].dropna())
    if test.topic not in topics:
        near = suggest(test.topic, topics)
        listed = f"use one of: {', '.join(sorted(topics))}."
        todo = f"{near} Or {listed}" if near.startswith("did you mean") else listed
        raise InputError(f"no event has the topic '{test.topic}'.", "", todo)


def _told(row: pd.Series) -> str:
    """Return the first part of a record."""
    return str(row["event"]).split(";")[0].strip().rstrip(".")


def _resolved(test: schema.Event, happened: bool, row: pd.Series, text: str, rows: pd.DataFrame) -> Finding:
    right = happened == test.occurs
    sure = row["confidence"] == "high"
    word: Verdict = ("supported" if sure else "mostly supported") if right else "not supported"
    noun = test.counts or test.topic.replace("_", " ")
    reason = {
        "rule": "an event on record" if happened else "a record that it had not happened by then",
        "date": row["date"].date(),
        "record": str(row["event"]),
        "source": str(row["source"]),
        "confidence": str(row["confidence"]),
        "verified": str(row["verified"]),
    }
    return Finding(
        word,
        probability=1.0 if right else 0.0,
        quote=sentence(text),
        reason=(reason,),
        depends_on=("the record of events, and how the event is defined in the reading",),
        different_if=(
            f"the record held {'no such event' if happened else 'such an event'}"
            f" between {day(test.after)} and {day(test.until)}",
        ),
        chart=_timeline(test, rows, noun),
    )


def _timeline(test: schema.Event, rows: pd.DataFrame, noun: str) -> TimelineChart:
    shown = rows.sort_values("date")
    frame = pd.DataFrame(
        {
            "date": shown["date"],
            "end_date": shown["end_date"],
            "label": shown["event"].astype(str).str.slice(0, 140),
            "group": shown["occurred"]
            .mask((shown["occurred"] == "no") & (shown["status"] != "yes"))
            .map({"yes": "happened", "no": "had not happened by then"})
            .fillna("said or planned"),
        }
    )
    return TimelineChart(
        title=f"On record: {noun}",
        subtitle=f"the forecast speaks of {day(test.after)} to {day(test.until)}",
        frame=frame.reset_index(drop=True),
    )
