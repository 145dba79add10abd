"""The number that a test states, or the yardstick of the evidence that stands for it."""

from __future__ import annotations

import math
from typing import Literal

import pandas as pd

from ceasefire.claims import schema
from ceasefire.claims.figures import Condition, Interval, condition, interval_of
from ceasefire.claims.tables import rows_of
from ceasefire.evidence import Evidence


class NoYardstickError(LookupError):
    """The evidence, as known on a day, has no figure for a yardstick."""


def stated_condition(test: schema.Stated, evidence: Evidence) -> Condition:
    """Return the condition that a test states, its yardstick read from the evidence where it has one.

    Raises:
        NoYardstickError: the yardstick has no figure in this evidence.
    """
    if isinstance(test.between, schema.Yardstick):
        return condition("between", yardstick(test.between, evidence))
    if test.between is not None:
        return condition("between", test.between[0], test.between[1])
    if test.about is not None:
        return condition("about", test.about, tolerance=0.2 if test.tolerance is None else test.tolerance)
    says: Literal["at least", "at most"] = "at least" if test.at_least is not None else "at most"
    amount = test.at_least if test.at_least is not None else test.at_most
    tolerance = test.tolerance or 0.0
    if isinstance(amount, schema.Yardstick):
        return condition(says, yardstick(amount, evidence), tolerance=tolerance)
    assert amount is not None
    return condition(says, amount, tolerance=tolerance)


# What a party says of itself is its own to define where it fixes a size or closes an account.
OWN_RECORDS = ("establishment", "actual")


def yardstick(amount: schema.Yardstick, evidence: Evidence) -> Interval:
    """Return the lowest to the highest of what the evidence says of a yardstick.

    Misprints, compilations, sources whose origin has not been judged and what parties to the war say do not
    measure a claim; a party's own establishment and its closed accounts do.

    Raises:
        NoYardstickError: there is no such row.
    """
    rows = evidence.ask(amount.quantity, concept=amount.concept, side=amount.side, place=amount.place)
    if amount.since is not None:
        rows = rows[rows["end"] >= pd.Timestamp(amount.since)]
    if amount.until is not None:
        rows = rows[rows["end"] <= pd.Timestamp(amount.until)]
    rows = rows[_measures(rows, evidence)]
    found = [interval_of(row["low"], row["best"], row["high"]) for row in rows_of(rows)]
    ends = [end for item in found if item is not None for end in (item.low, item.high) if math.isfinite(end)]
    if not ends:
        raise NoYardstickError(amount.says or amount.quantity.replace("_", " "))
    return Interval(min(ends), max(ends)).scaled(amount.times)


def _measures(rows: pd.DataFrame, evidence: Evidence) -> pd.Series:
    """Say of each row whether it may measure a claim."""
    judged = evidence.independent_roots(rows)
    parties = []
    for row in rows_of(rows):
        root, entry = evidence.roots.get(str(row["root"])), evidence.sources.get(str(row["source"]))
        parties.append((root.party if root is not None else "") or (entry.party if entry is not None else ""))
    own = (judged["refusal"] == "party") & (judged["side"] == parties) & judged["kind"].isin(OWN_RECORDS)
    return (judged["refusal"] == "") | own
