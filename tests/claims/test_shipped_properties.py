"""Verdicts of the shipped measurements are computed: perturb a figure, swap two, move the number.

The expected word is worked out here a second time, by the rules as they are written.
"""

import dataclasses
import math
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ceasefire.claims import load_claims, schema
from ceasefire.claims.measures import measure
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


@dataclasses.dataclass(frozen=True)
class Said:
    """A row of the evidence as it bears on a reading, and where it stands among those of its origin."""

    root: str
    side_of: str
    own: bool
    level: tuple[Any, ...]
    refusal: str
    low: float
    high: float
    role: str
    rank: tuple[float, ...]


def refusal_of(row: Any, evidence: Evidence) -> str:
    """Return why a row can never count, from the manifest of sources."""
    entry = evidence.sources[row.source]
    if row.kind == "misprint":
        return "misprint"
    if entry.derived_from or entry.source_class == "not_classified":
        return "compiled"
    return "party" if evidence.roots[row.root].party or entry.party else ""


def allows(row: Any, role: str) -> tuple[float, float]:
    given_values = [value for value in (row.low, row.best, row.high) if not math.isnan(value)]
    best = [] if math.isnan(row.best) else [row.best]
    low = min([row.low, *best]) if not math.isnan(row.low) else min(best or [-math.inf])
    high = max([row.high, *best]) if not math.isnan(row.high) else max(best or [math.inf])
    assert given_values
    return (-math.inf if role == "ceiling" else low), (math.inf if role == "floor" else high)


def rows_said(test: schema.TotalAt, evidence: Evidence) -> list[Said]:
    """Return what bears on a reading, worked out from the table of observations alone."""
    frame = evidence.observations
    frame = frame[(frame["quantity"] == test.quantity) & (frame["side"] == test.side)]
    if test.place is not None:
        frame = frame[frame["place"] == test.place]
    main = frame[frame["concept"].isin(test.concept)]
    flows_only = not (main["flow_or_stock"] != "flow").any()
    totals = (main["flow_or_stock"] == "cumulative").any()
    concepts = {"value": test.concept, "floor": test.floors or (), "ceiling": test.ceilings or ()}
    began = frame.loc[(frame["flow_or_stock"] == "cumulative") & (frame["kind"] != "misprint"), "start"].min()
    found: list[tuple[tuple[Any, ...], Any, str, int, bool]] = []
    for role, names in concepts.items():
        for order, name in enumerate(names):
            for row in frame[frame["concept"] == name].itertuples():
                days = (row.end - pd.Timestamp(test.date)).days
                inside = abs(days) <= test.window_days
                bound = "floor" if days < 0 else "ceiling"
                late = row.flow_or_stock == "cumulative" and row.start > began and test.as_reported_by is None
                if late and (role == "ceiling" or (not inside and bound == "ceiling")):
                    continue
                far = totals and row.flow_or_stock == "cumulative" and abs(days) <= test.bounds_days
                if inside and (flows_only or row.flow_or_stock != "flow"):
                    found.append(((role, order, 0), row, "floor" if late else role, order, True))
                elif not inside and far and role in {"value", bound}:
                    found.append(((role, order, 1), row, bound, order, False))
    if test.unit is not None:
        found = [item for item in found if item[1].unit == test.unit]
    proper = [item for item in found if item[4] and item[1].kind != "misprint"]
    silent = {row.source for _, row, role, _, _ in proper if role == "value"}
    same = {(row.source, row.concept) for _, row, *_ in proper}
    kept = []
    for _, row, role, order, inside in found:
        if not inside and (row.source in silent or (row.source, row.concept) in same):
            continue
        low, high = allows(row, role)
        if math.isinf(low) and math.isinf(high):
            continue
        days = abs((row.end - pd.Timestamp(test.date)).days)
        bare = float(low == high or math.isinf(low) or math.isinf(high))
        rank = (float(role != "value"), days, -row.known_on.toordinal(), bare, order)
        root = row.root if test.as_reported_by is None else row.source
        party = evidence.roots[row.root].party
        level = (row.source, row.root, role, row.end, row.known_on)
        own = bool(party) and evidence.sources[row.source].party == party
        kept.append(Said(root, party, own, level, refusal_of(row, evidence), low, high, role, rank))
        if test.as_reported_by is not None:
            wanted = row.source == test.as_reported_by and role == "value" and row.kind != "misprint"
            kept[-1] = dataclasses.replace(kept[-1], refusal="" if wanted else "not asked")
    return kept


def speakers(said: list[Said]) -> list[Said]:
    """Return one row for each origin."""
    first: dict[str, Said] = {}
    for row in said:
        if row.root not in first or row.rank < first[row.root].rank:
            first[row.root] = row
    return [
        dataclasses.replace(row, low=min(item.low for item in level), high=max(item.high for item in level))
        for row in first.values()
        for level in [[row, *[item for item in said if row.role == "value" and item.level == row.level]]]
    ]


def expected(test: schema.TotalAt, evidence: Evidence) -> str:
    """Return the word by the written rules, from the table of observations."""
    assert isinstance(test.at_least, float)
    value = test.at_least * (1 - (test.tolerance or 0.0))
    said = rows_said(test, evidence)
    counted = speakers([row for row in said if not row.refusal])
    out = sum(row.low >= value for row in counted)
    against = sum(row.high < value for row in counted)
    both = sum(row.low < value <= row.high and math.isfinite(row.high - row.low) for row in counted)
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
        parties = speakers([row for row in said if row.refusal == "party" and row.own])
        word = against_interest([row for row in parties if row.role == "value"], test, value, out, against)
    return word


def against_interest(said: list[Said], test: schema.TotalAt, value: float, out: int, against: int) -> str:
    if not test.quantity.startswith(("personnel_losses", "equipment_losses")):
        return "undetermined"
    floors = any(row.low >= value for row in said if row.side_of == test.side)
    ceilings = any(row.high < value for row in said if row.side_of != test.side)
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
    assert finding.verdict == expected(READINGS[name], evidence_of(name))
    assert dataclasses.replace(finding, chart=None) == dataclasses.replace(
        measure(READINGS[name], load()), chart=None
    )


@pytest.mark.thorough
@pytest.mark.parametrize("name", sorted(READINGS))
@settings(max_examples=6)
@given(value=st.floats(1.0, 5e5))
def test_the_word_moves_with_the_number(name: str, value: float) -> None:
    test = with_number(READINGS[name], value)
    finding = measure(test, evidence_of(name))
    assert finding.verdict == expected(test, evidence_of(name))
    more = measure(with_number(test, value * 1.5), evidence_of(name))
    assert RANK[more.verdict] <= RANK[finding.verdict]


def changed(evidence: Evidence, source: str, factor: float) -> Evidence:
    frame = evidence.observations
    for column in ("low", "best", "high"):
        frame[column] = np.where(frame["source"] == source, frame[column] * factor, frame[column])
    return evidence.replace_observations(frame)


@pytest.mark.thorough
@pytest.mark.parametrize("name", sorted(READINGS))
@settings(max_examples=4)
@given(factor=st.sampled_from([0.01, 0.2, 0.9, 1.1, 5.0, 50.0]), data=st.data())
def test_the_word_moves_with_a_figure(name: str, factor: float, data: st.DataObject) -> None:
    test, evidence = READINGS[name], evidence_of(name)
    before = measure(test, evidence)
    sources = sorted({row.source for row in before.sources})
    source = data.draw(st.sampled_from(sources))
    moved_evidence = changed(evidence, source, factor)
    after = measure(test, moved_evidence)
    assert after.verdict == expected(test, moved_evidence)
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
    exchanged = evidence.replace_observations(frame)
    assert measure(test, exchanged).verdict == expected(test, exchanged)


@pytest.mark.parametrize("older", [False, True])
@pytest.mark.parametrize("name", sorted(READINGS))
def test_restating_an_origin_changes_nothing(name: str, older: bool) -> None:
    """Another source of the same origin, which nothing but its origin keeps from counting, is not counted.

    It repeats the figures, or states three times as much, but was known earlier.
    """
    test, evidence = READINGS[name], evidence_of(name)
    before = measure(test, evidence)
    counted = [row for row in before.sources if row.counted]
    if not counted or test.as_reported_by is not None:
        assert before.probability is None or test.as_reported_by is not None
        return
    frame = evidence.observations
    copy = frame[frame["source"] == counted[0].source].assign(source="again")
    if older:
        copy["known_on"] -= pd.Timedelta(days=1)
        copy[["low", "best", "high"]] *= 3
    again = dataclasses.replace(evidence.sources[counted[0].source], id="again", title="Again")
    after = measure(
        test, evidence.replace_observations(pd.concat([frame, copy], ignore_index=True), {"again": again})
    )
    assert (after.verdict, after.probability) == (before.verdict, before.probability)
    assert sum(row.counted for row in after.sources) == len(counted)
    of_root = [row for row in after.sources if row.root == again.root and row.source == "again"]
    assert of_root
    assert sum(row.counted for row in after.sources if row.root == again.root) == 1


@pytest.mark.parametrize("name", sorted(READINGS))
def test_another_origin_with_the_same_figures_does_count(name: str) -> None:
    """The same copy under a root of its own is counted, so that the origin is what keeps it out."""
    test, evidence = READINGS[name], evidence_of(name)
    counted = [row for row in measure(test, evidence).sources if row.counted]
    if not counted or test.as_reported_by is not None:
        return
    frame = evidence.observations
    copy = frame[frame["source"] == counted[0].source].assign(source="again", root="again")
    again = dataclasses.replace(evidence.sources[counted[0].source], id="again", title="Again", root="again")
    after = measure(
        test, evidence.replace_observations(pd.concat([frame, copy], ignore_index=True), {"again": again})
    )
    assert sum(row.counted for row in after.sources) == len(counted) + 1
