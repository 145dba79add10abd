"""Measurements: a number of the claim against what every source reported.

Each measure is a pure function of the evidence:

`total_at`   a running total or a state on a day
`mean_rate`  a mean per day over a window
`change`     a state on two days
`precedent`  the largest other case that each origin knows
`share`, `count`  records with a property
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from ceasefire.claims import schema
from ceasefire.claims.asking import (
    bounds,
    check_place,
    first_day,
    first_reached,
    joined,
    near,
    noun_of,
    on_the_day,
    rates,
    roles,
    running,
    spanned,
    states,
    unit_of,
    yard_of,
)
from ceasefire.claims.precedents import precedent
from ceasefire.claims.results import Finding
from ceasefire.claims.shares import counted_records, share
from ceasefire.claims.tables import rows_of
from ceasefire.claims.telling import finding
from ceasefire.claims.weighing import weigh
from ceasefire.claims.wording import day, sentence
from ceasefire.claims.yardsticks import NoYardstickError, stated_condition
from ceasefire.evidence import Evidence
from ceasefire.evidence.bounds import NONE, bare, bounds_of, difference


def measure(test: Any, evidence: Evidence) -> Finding:
    """Return the finding of a measurement; `undetermined` where its yardstick was not yet known."""
    try:
        return MEASURES[test.kind](test, evidence)
    except NoYardstickError as missing:
        return Finding(
            "undetermined",
            quote=sentence(
                f"There was no figure that could be read for what the claim is measured by, {missing}"
            ),
            reason=({"rule": "no yardstick known", "yardstick": str(missing)},),
            depends_on=(f"a figure for what the claim is measured by, {missing}",),
        )


def total_at(test: schema.TotalAt, evidence: Evidence) -> Finding:
    """Hold a running total or a state on a day against the claim."""
    check_place(test, evidence)
    parts: list[pd.DataFrame] = []
    # What a source reported is asked of its own total, whenever that starts.
    first = first_day(evidence, test) if test.as_reported_by is None else None
    for role, concepts in roles(test).items():
        for order, concept in enumerate(concepts):
            parts.append(spanned(near(evidence, test, concept, role, order), first))
            if role != "beside" and test.bounds_days:
                parts += [spanned(rows, first) for rows in bounds(evidence, test, concept, role, order)]
    frame = on_the_day(joined(parts, test.unit), test.window_days)
    weighed = weigh(frame, stated_condition(test, evidence), evidence, reported_by=test.as_reported_by)
    noun = test.counts or noun_of(test.quantity, test.concept, test.side)
    when = f"by {day(test.date)}" if running(frame) else f"on {day(test.date)}"
    extra = first_reached(test, evidence)
    return finding(
        weighed, noun, when, test.unit or unit_of(frame), test.date, extra=extra, yard=yard_of(test)
    )


def mean_rate(test: schema.MeanRate, evidence: Evidence) -> Finding:
    """Hold a mean per day over a window against the claim."""
    check_place(test, evidence)
    parts: list[pd.DataFrame] = []
    for role, concepts in roles(test).items():
        for order, concept in enumerate(concepts):
            parts.append(rates(evidence, test, concept, role, order, test.place))
            if test.whole is not None and role in {"value", "ceiling"}:
                wider = rates(evidence, test, concept, "ceiling", order + 10, test.whole)
                parts.append(wider.assign(whole=f"{_words(test.whole)}: a ceiling"))
            elif test.whole is not None and role == "beside":
                wider = rates(evidence, test, concept, "beside", order + 10, test.whole)
                parts.append(wider.assign(whole=_words(test.whole)))
    frame = joined(parts, test.unit)
    weighed = weigh(frame, stated_condition(test, evidence), evidence, reported_by=test.as_reported_by)
    noun = test.counts or noun_of(test.quantity, test.concept, test.side)
    when = f"in the {test.days} days to {day(test.date)}"
    return finding(
        weighed, noun, when, test.unit or unit_of(frame, "persons_per_day"), test.date, yard=yard_of(test)
    )


def _words(name: str) -> str:
    return name.replace("_", " ")


def change(test: schema.Change, evidence: Evidence) -> Finding:
    """Hold the difference (or ratio) of a state between two days against the claim."""
    check_place(test, evidence)
    rows: list[dict[str, Any]] = []
    for order, concept in enumerate(test.concept):
        early = states(evidence, test, concept, test.first, test.window_days)
        late = states(evidence, test, concept, test.last, test.window_days)
        for row in rows_of(late):
            same = early[
                (early["source"] == row["source"]) & (early["flow_or_stock"] == row["flow_or_stock"])
            ]
            if same.empty:
                continue
            before = same.iloc[0]
            low, best, high = _changed(before.to_dict(), row, relative=test.relative)
            rows.append(
                {
                    **row,
                    "low": low,
                    "best": best,
                    "high": high,
                    "start": pd.Timestamp(test.first),
                    "known_on": max(row["known_on"], before["known_on"]),
                    "kind": "misprint" if before["kind"] == "misprint" else row["kind"],
                    "unit": "ratio" if test.relative else row["unit"],
                    "role": "value",
                    "order": order,
                    "barred": "",
                }
            )
    frame = joined([pd.DataFrame(rows)], test.unit)
    weighed = weigh(frame, stated_condition(test, evidence), evidence, reported_by=test.as_reported_by)
    noun = test.counts or f"the change of {noun_of(test.quantity, test.concept, test.side)}"
    when = f"from {day(test.first)} to {day(test.last)}"
    return finding(weighed, noun, when, test.unit or unit_of(frame), test.last, yard=yard_of(test))


def _changed(
    early: Mapping[str, Any], late: Mapping[str, Any], *, relative: bool
) -> tuple[float, float, float]:
    """Return low, best and high of the change, as wide as the bounds of both states allow."""
    return _ratio(late, early) if relative else difference(late, early)


def _ratio(late: Mapping[str, Any], early: Mapping[str, Any]) -> tuple[float, float, float]:
    """Return low, best and high of late / early; NaN where there is none."""
    if bare(late) and bare(early):
        return NONE, late["best"] / early["best"] if early["best"] > 0 else NONE, NONE
    tops = bounds_of(late["low"], late["best"], late["high"])
    bottoms = bounds_of(early["low"], early["best"], early["high"])
    if tops[0] < 0 or bottoms[1] <= 0:
        return NONE, NONE, NONE
    low = tops[0] / bottoms[1] if math.isfinite(tops[0]) else NONE
    # What may have been nothing can have grown any number of times: then there is no top, and no best value.
    high = tops[1] / bottoms[0] if bottoms[0] > 0 and math.isfinite(tops[1]) else NONE
    return low, late["best"] / early["best"] if bottoms[0] > 0 else NONE, high


MEASURES: Mapping[str, Callable[[Any, Evidence], Finding]] = {
    "total_at": total_at,
    "mean_rate": mean_rate,
    "change": change,
    "precedent": precedent,
    "share": share,
    "count": counted_records,
}
