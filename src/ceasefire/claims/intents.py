"""Intents and policies: what cannot be tested alone, and what would bear on it.

An intent is `untestable`: no figure shows what someone means. What observable behaviour bears on it is
counted, for and against, and left to the reader. A policy is a recommendation: the conditions under which
it follows are listed, its valuation is named and not scored, and it is `undetermined` until the claims that
it rests on are more than that.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from ceasefire.claims import schema
from ceasefire.claims.chartdata import TimelineChart
from ceasefire.claims.results import Finding
from ceasefire.claims.rules import Verdict
from ceasefire.claims.tables import between, date_column, rows_of, select
from ceasefire.claims.weighing import label_of
from ceasefire.claims.wording import count, day, figure, listed, sentence
from ceasefire.evidence import Evidence

EXAMPLES = 3
GOOD: tuple[Verdict, ...] = ("supported", "mostly supported")


def intent(claim: schema.Intent, evidence: Evidence, as_of: dt.date) -> Finding:
    """Return `untestable` with what bears on the intent, as could be seen on a day."""
    seen = [observe(item, evidence, as_of) for item in claim.bears_on]
    told = listed([str(item["told"]) for item in seen[:2]])
    return Finding(
        "untestable",
        quote=sentence(f"What someone means cannot be tested; what bears on it is behaviour: {told}"),
        reason=({"rule": "intent alone is untestable"}, *seen),
        depends_on=("what is taken as a sign of the intent",),
        different_if=("the claim spoke of behaviour that can be observed, with a date",),
        chart=_timeline(claim, evidence, as_of),
    )


def unobservable(test: schema.Unobservable) -> Finding:
    """Return `untestable`: nothing that anybody outside could read settles it."""
    return Finding(
        "untestable",
        quote=sentence(f"Nothing that can be read settles it: {test.because}"),
        reason=({"rule": "nobody outside can observe it", "says": test.because},),
        depends_on=("what cannot be observed from outside",),
        different_if=("it could be observed, or the claim spoke of behaviour that can",),
    )


def observe(item: schema.Observe, evidence: Evidence, as_of: dt.date) -> dict[str, Any]:
    """Return what the evidence holds of something that bears on an intent, as data."""
    if item.records is not None:
        rows = _records(item, evidence, as_of)
        column = date_column(rows)
        latest = rows.sort_values(column, ascending=False).head(EXAMPLES)
        of = _base(item, evidence, as_of)
        told = count(len(rows), "record") if of is None else f"{len(rows):,} of {of:,} records"
        examples = [f"{day(row[column].date())}: {_text(row)}" for row in rows_of(latest)]
        return {
            "rule": "bears on it",
            "says": item.says,
            "count": len(rows),
            "of": of,
            "examples": examples,
            "told": f"{item.says.rstrip('.')} ({told})",
        }
    assert item.quantity is not None
    assert item.date is not None
    rows = evidence.ask(
        item.quantity, concept=item.concept, side=item.side, at=item.date, window_days=item.window_days
    )
    shown = [
        f"{label_of(str(row['source']), evidence)}: "
        f"{figure(_n(row['low']), _n(row['best']), _n(row['high']), str(row['unit']))}, "
        f"{day(row['end'].date())}"
        for row in rows_of(rows)
    ]
    return {
        "rule": "bears on it",
        "says": item.says,
        "count": len(rows),
        "examples": shown[:EXAMPLES],
        "told": f"{item.says.rstrip('.')} ({count(len(rows), 'figure')})",
    }


def _n(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)


def _base(item: schema.Observe, evidence: Evidence, as_of: dt.date) -> int | None:
    """Return how many records of the same topic and time could have been such a sign.

    A record on which what is asked was not known yet is none of them; None where a topic alone is asked.
    """
    assert item.records is not None
    asked = [column for column in item.where if column != "topic"]
    if not asked:
        return None
    topic = {column: value for column, value in item.where.items() if column == "topic"}
    rows = _records(item.model_copy(update={"where": topic}), evidence, as_of)
    return int(rows[asked].notna().all(axis=1).sum())


def _records(item: schema.Observe, evidence: Evidence, as_of: dt.date) -> pd.DataFrame:
    assert item.records is not None
    until = min(item.until or as_of, as_of)
    return between(select(evidence.records(item.records), item.where), item.since or schema.FIRST_DAY, until)


def _text(row: Mapping[str, Any]) -> str:
    for name in ("event", "terms_short", "name"):
        if name in row and isinstance(row[name], str):
            text = str(row[name])
            answer = row.get("response")
            return text + (f" ({answer})" if isinstance(answer, str) else "")
    return "a record"


def _timeline(claim: schema.Intent, evidence: Evidence, as_of: dt.date) -> TimelineChart | None:
    parts = []
    for item in claim.bears_on:
        if item.records is None:
            continue
        rows = _records(item, evidence, as_of)
        if rows.empty:
            continue
        ends = (
            rows["end_date"] if "end_date" in rows.columns and rows["end_date"].dtype.kind == "M" else pd.NaT
        )
        parts.append(
            pd.DataFrame(
                {
                    "date": rows[date_column(rows)],
                    "end_date": ends,
                    "label": [_text(row)[:140] for row in rows_of(rows)],
                    "group": item.says.rstrip("."),
                }
            )
        )
    if not parts:
        return None
    frame = pd.concat(parts, ignore_index=True).sort_values("date", kind="stable").reset_index(drop=True)
    return TimelineChart("What bears on it, and does not settle it", f"records up to {day(as_of)}", frame)


def policy(
    claim: schema.Policy, words: Mapping[str, Verdict], labels: Mapping[str, str], own: Sequence[Verdict]
) -> Finding:
    """Return what a recommendation rests on and how far that has come.

    Args:
        claim: the recommendation.
        words: the verdicts of the file's other claims, by id.
        labels: their labels, by id.
        own: the verdicts of the claim's own readings that are tested by comparison.
    """
    rests = {name: words[name] for name in claim.rests_on}
    settled = [*rests.values(), *own]
    word: Verdict = "undetermined"
    rule = "a recommendation is undetermined until what it rests on is computed"
    if settled and all(item in GOOD for item in settled):
        word, rule = (
            "mostly supported",
            "everything it rests on is borne out; the valuation stays the reader's",
        )
    elif settled and all(item in {*GOOD, "contested", "not supported"} for item in settled):
        word, rule = "contested", "something that it rests on is not borne out"
    told = (
        listed([f"'{labels[name]}' is {item}" for name, item in rests.items()])
        or "nothing in this audit is computed for it"
    )
    valued = f"; that it is {claim.valuation} is a valuation and not scored" if claim.valuation else ""
    return Finding(
        word,
        quote=sentence(
            f"A recommendation follows only under conditions: {listed(list(claim.holds_if[:2]))};"
            f" here {told}{valued}"
        ),
        reason=(
            {"rule": rule, "word": word, "rests_on": rests},
            *({"rule": "condition", "says": text} for text in claim.holds_if),
            *([{"rule": "valuation, not scored", "says": claim.valuation}] if claim.valuation else []),
        ),
        depends_on=tuple(claim.holds_if),
        different_if=tuple(
            f"'{labels[name]}' were borne out (it is {item})"
            for name, item in rests.items()
            if item not in GOOD
        ),
    )
