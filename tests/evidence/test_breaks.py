"""Gaps and corrections of a series, and evidence without an origin."""

from __future__ import annotations

import pandas as pd
import pytest

from ceasefire.evidence import breaks, load
from ceasefire.files import InputError


def weekly(totals: list[float], skip: tuple[int, ...] = (), **more: str) -> pd.DataFrame:
    days = pd.date_range("2023-01-01", periods=len(totals), freq="7D")
    rows = pd.DataFrame({"end": days, "best": totals}).drop(index=list(skip))
    about = {
        "quantity": "personnel_losses",
        "source": "a",
        "concept": "killed",
        "side": "RU",
        "place": "whole_front",
        "flow_or_stock": "cumulative",
        "unit": "persons",
        "table": "t.csv",
    }
    return rows.assign(**{**about, **more})


def test_a_silence_and_a_total_that_falls_are_found_where_they_are() -> None:
    totals = [100.0 * week for week in range(1, 21)]
    totals[12] = totals[11] - 40.0
    found = breaks(weekly(totals, skip=(4, 5, 6)))
    assert list(found["kind"]) == ["gap", "fall"]
    gap, fall = found.iloc[0], found.iloc[1]
    assert (gap["start"], gap["end"]) == (pd.Timestamp("2023-01-22"), pd.Timestamp("2023-02-19"))
    assert fall["end"] == pd.Timestamp("2023-03-26")
    assert fall["change"] == -40.0


def test_what_is_no_break_is_none() -> None:
    rising = [100.0 * week for week in range(1, 21)]
    assert breaks(weekly(rising)).empty
    # Two weeks without a figure are no silence, and an amount within a span may be less than the one before.
    assert breaks(weekly(rising, skip=(7,))).empty
    assert breaks(weekly(rising[::-1], flow_or_stock="flow")).empty
    # Two series that one source has in two tables are no corrections of each other.
    other = weekly([total + 5000.0 for total in rising], table="u.csv")
    assert breaks(pd.concat([weekly(rising), other])).empty
    # Of five figures nothing is usual.
    assert breaks(weekly(rising[:5][::-1])).empty


def test_the_shipped_corrections_are_those_of_the_general_staff() -> None:
    evidence = load()
    found = breaks(evidence.ask("equipment_losses_aircraft"))
    falls = found[found["kind"] == "fall"]
    assert list(falls["source"]) == ["ua_general_staff_personnel"] or "general" in falls["source"].iloc[0]
    assert len(falls) == 1


def test_evidence_without_an_origin_has_none_of_what_restates_it_and_knows_its_names_still() -> None:
    evidence = load()
    rows = evidence.ask("personnel_losses")
    root = rows.groupby("root")["source"].nunique().idxmax()
    assert rows.loc[rows["root"] == root, "source"].nunique() > 1
    less = evidence.without([root])
    left = less.ask("personnel_losses")
    assert root not in set(left["root"])
    assert len(left) == len(rows) - int((rows["root"] == root).sum())
    everything = evidence.without(list(set(evidence.observations["root"])))
    # It is as if nobody had said it, and not as if there were no such quantity.
    assert everything.ask("personnel_losses", concept="killed", side="RU").empty
    with pytest.raises(InputError, match="no figure has its origin"):
        evidence.without(["nobody"])
