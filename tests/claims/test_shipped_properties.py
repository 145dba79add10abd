"""Verdicts of the shipped measurements are computed: perturb a figure, swap two, move the number.

The expected word is worked out here a second time, by the rules as they are written.
"""

import dataclasses
import math
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ceasefire.claims import load_claims, schema
from ceasefire.claims.measures import measure
from ceasefire.claims.results import Finding, SourceRow
from ceasefire.claims.rules import RANK
from ceasefire.evidence import Evidence, load

READINGS = {
    f"{claim.id}/{reading.id}": reading.test
    for claim in load_claims("interview-with-a-tyrant").claims
    for reading in claim.readings
    if isinstance(reading.test, schema.TotalAt) and isinstance(reading.test.at_least, float)
}


@cache
def evidence_of(name: str) -> Evidence:
    """Return the evidence on one reading's quantity, so that a changed copy is made quickly."""
    frame = load().observations
    return load().replace_observations(frame[frame["quantity"] == READINGS[name].quantity])


def bounds(row: SourceRow) -> tuple[float, float]:
    low = next((value for value in (row.low, row.best) if value is not None), -math.inf)
    high = next((value for value in (row.high, row.best) if value is not None), math.inf)
    if row.best is not None:
        low, high = min(low, row.best), max(high, row.best)
    return (low if row.role != "ceiling" else -math.inf), (high if row.role != "floor" else math.inf)


def expected(finding: Finding, test: schema.TotalAt) -> str:
    """Return the word by the written rules, from the rows shown."""
    assert isinstance(test.at_least, float)
    value = test.at_least * (1 - (test.tolerance or 0.0))
    rows = [row for row in finding.sources if row.counted]
    pairs = [bounds(row) for row in rows]
    out = sum(low >= value for low, _ in pairs)
    against = sum(high < value for _, high in pairs)
    both = sum(low < value <= high and math.isfinite(low) and math.isfinite(high) for low, high in pairs)
    total = out + against + both
    if test.as_reported_by is not None:
        return "supported" if out else "not supported" if against else "undetermined"
    word = "undetermined"
    if out + against:
        share = (out + both / 2) / total
        if share > 2 / 3 - 1e-9:
            word = "supported" if out == total > 1 else "mostly supported"
        elif share < 1 / 3 + 1e-9:
            word = "not supported"
        elif out and against:
            word = "contested"
    if word == "undetermined":
        word = against_interest(finding, test, value, out, against)
    return word


def against_interest(finding: Finding, test: schema.TotalAt, value: float, out: int, against: int) -> str:
    roots = load().roots
    said = [row for row in finding.sources if row.role == "value" and roots[row.root].party]
    if not test.quantity.startswith(("personnel_losses", "equipment_losses")):
        return "undetermined"
    floors = any(bounds(row)[0] >= value for row in said if roots[row.root].party == test.side)
    ceilings = any(bounds(row)[1] < value for row in said if roots[row.root].party != test.side)
    if ceilings and not floors and not out:
        return "not supported"
    if floors and not ceilings and not against:
        return "mostly supported"
    return "undetermined"


def with_number(test: schema.TotalAt, value: float) -> schema.TotalAt:
    return schema.TotalAt.model_validate({**test.model_dump(), "at_least": value})


@pytest.mark.parametrize("name", sorted(READINGS))
def test_the_shipped_word_is_the_rules_word(name: str) -> None:
    finding = measure(READINGS[name], evidence_of(name))
    assert finding.verdict == expected(finding, READINGS[name])
    assert dataclasses.replace(finding, chart=None) == dataclasses.replace(
        measure(READINGS[name], load()), chart=None
    )


@pytest.mark.parametrize("name", sorted(READINGS))
@settings(max_examples=6)
@given(value=st.floats(1.0, 5e5))
def test_the_word_moves_with_the_number(name: str, value: float) -> None:
    test = with_number(READINGS[name], value)
    finding = measure(test, evidence_of(name))
    assert finding.verdict == expected(finding, test)
    more = measure(with_number(test, value * 1.5), evidence_of(name))
    assert RANK[more.verdict] <= RANK[finding.verdict]


def changed(evidence: Evidence, source: str, factor: float) -> Evidence:
    frame = evidence.observations
    for column in ("low", "best", "high"):
        frame[column] = np.where(frame["source"] == source, frame[column] * factor, frame[column])
    return evidence.replace_observations(frame)


@pytest.mark.parametrize("name", sorted(READINGS))
@settings(max_examples=4)
@given(factor=st.sampled_from([0.01, 0.2, 0.9, 1.1, 5.0, 50.0]), data=st.data())
def test_the_word_moves_with_a_figure(name: str, factor: float, data: st.DataObject) -> None:
    test, evidence = READINGS[name], evidence_of(name)
    before = measure(test, evidence)
    sources = sorted({row.source for row in before.sources})
    source = data.draw(st.sampled_from(sources))
    after = measure(test, changed(evidence, source, factor))
    assert after.verdict == expected(after, test)
    roots = load().roots
    moved = [row for row in after.sources if row.source == source]
    if not any(row.counted or roots[row.root].party for row in moved) and test.as_reported_by is None:
        assert (after.verdict, after.probability) == (before.verdict, before.probability)


@pytest.mark.parametrize("name", sorted(READINGS))
def test_two_sources_that_swap_names_leave_or_move_the_word_by_the_rules(name: str) -> None:
    """What counted no longer does, and the other way round."""
    test, evidence = READINGS[name], evidence_of(name)
    finding = measure(test, evidence)
    counted = [row.source for row in finding.sources if row.counted]
    others = [row.source for row in finding.sources if row.source not in counted and row.role != "beside"]
    if not counted or not others:
        assert len({row.source for row in finding.sources if row.role != "beside"}) <= 1
        return
    one, other = counted[0], others[0]
    frame = evidence.observations
    columns = ["source", "source_class", "root"]
    mine, theirs = frame["source"] == one, frame["source"] == other
    mine_is, theirs_is = frame.loc[mine, columns].iloc[0], frame.loc[theirs, columns].iloc[0]
    for column in columns:
        frame.loc[mine, column] = theirs_is[column]
        frame.loc[theirs, column] = mine_is[column]
    swapped = measure(test, evidence.replace_observations(frame))
    assert swapped.verdict == expected(swapped, test)


@pytest.mark.parametrize("name", sorted(READINGS))
def test_restating_an_origin_changes_nothing(name: str) -> None:
    test, evidence = READINGS[name], evidence_of(name)
    before = measure(test, evidence)
    counted = [row for row in before.sources if row.counted]
    if not counted:
        assert before.probability is None
        return
    frame = evidence.observations
    row = frame[frame["source"] == counted[0].source]
    copy = row.assign(
        source="economist_meta_estimate",
        source_class="independent_media",
        known_on=pd.Timestamp("2022-03-01"),
    )
    after = measure(test, evidence.replace_observations(pd.concat([frame, copy], ignore_index=True)))
    assert (after.verdict, after.probability) == (before.verdict, before.probability)
