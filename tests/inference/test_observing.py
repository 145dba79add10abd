"""What weighs and what does not: each origin once, nothing of later days, jumps said."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from ceasefire.evidence import Evidence, load
from ceasefire.evidence.shape import COLUMNS
from ceasefire.inference.figures import FORGET
from ceasefire.inference.observing import (
    FACTORS,
    Observed,
    observe,
    shared_layout,
    without_restatements,
)
from ceasefire.scenario import History, load_scenario, mirror
from tests.claims import helpers as invented

UNTIL = dt.date(2022, 12, 20)


def history(until: dt.date = UNTIL) -> History:
    return load_scenario("ukraine-2022").history(until, known_on=until)


def seen(evidence: Evidence | None = None, until: dt.date = UNTIL) -> Observed:
    return observe((evidence or load()).known_by(until), history(until))


def arrays(observed: Observed) -> list[np.ndarray]:
    return [np.asarray(part) for part in observed.data]


def changed(evidence: Evidence, which: pd.Series, **values: object) -> Evidence:
    rows = evidence.observations
    for column, value in values.items():
        rows.loc[which, column] = value
    return evidence.replace_observations(rows[list(COLUMNS)])


def general_staff(evidence: Evidence) -> pd.Series:
    rows = evidence.observations
    return (
        (rows["source"] == "ukraine_general_staff")
        & (rows["quantity"] == "personnel_losses")
        & (rows["flow_or_stock"] == "cumulative")
    )


def test_what_becomes_known_later_changes_nothing() -> None:
    """A wild figure of December 2022 that is published a day after the cut-off."""
    evidence = load()
    rows = evidence.observations
    wild = rows[general_staff(evidence) & (rows["end"] == "2022-12-13")].head(1).copy()
    wild["best"] = 9e6
    wild["known_on"] = pd.Timestamp("2022-12-21")
    planted = evidence.with_observations(wild[list(COLUMNS)])
    for before, after in zip(arrays(seen(evidence)), arrays(seen(planted)), strict=True):
        assert np.array_equal(before, after)
    # The same figure a day earlier is seen.
    wild["known_on"] = pd.Timestamp("2022-12-20")
    seen_now = seen(evidence.with_observations(wild[list(COLUMNS)]))
    assert not np.array_equal(seen_now.data.guide_value, seen(evidence).data.guide_value)


def test_each_origin_weighs_once_for_each_side_and_thing() -> None:
    found = seen()
    keys = [(term.root, term.side, term.about) for term in found.terms]
    assert len(keys) == len(set(keys))
    rows = found.rows
    # The British series restates the General Staff's, the meta-estimate is built on others.
    assert "uk_ministry_of_defence_series" not in set(rows["source"])
    assert "economist_meta" not in set(rows["root"])
    assert not rows.duplicated(["source", "concept", "side", "end", "term"]).any()


def test_no_figure_of_a_later_day_weighs_even_with_hindsight() -> None:
    observed = observe(load(), history())
    assert observed.rows["end"].max() <= pd.Timestamp(UNTIL)
    assert observed.rows["known_on"].max() > pd.Timestamp(UNTIL)


def test_factors_go_by_who_speaks_of_whom_and_not_by_side() -> None:
    """A belligerent on its enemy, on itself, a list of names, anybody else: four priors, both sides alike."""
    kinds = {(term.root, term.side, term.about): term.kind for term in observe(load(), history()).terms}
    assert kinds["ua_general_staff", "RU", "people"] == "on_enemy"
    assert kinds["ru_government", "UA", "people"] == "on_enemy"
    assert kinds["ua_government", "UA", "people"] == "on_itself"
    assert kinds["ru_government", "RU", "people"] == "on_itself"
    assert kinds["us_government", "RU", "people"] == kinds["us_government", "UA", "people"] == "others"
    assert kinds["mediazona_bbc_names", "RU", "people"] == "names"
    assert kinds["ukraine_name_lists", "UA", "people"] == "names"
    assert FACTORS["on_enemy"][0].low * FACTORS["on_enemy"][0].high == pytest.approx(1.0)


def test_weekly_losses_are_those_of_the_source() -> None:
    """The week to 20 December 2022: 99,230 less 95,260 on 13 December."""
    found = seen()
    rows = load().observations
    totals = rows[general_staff(load())].drop_duplicates("end").set_index("end")["best"]
    added = totals[pd.Timestamp("2022-12-20")] - totals[pd.Timestamp("2022-12-13")]
    assert np.exp(found.data.guide_value[-1, 0]) == pytest.approx(added, rel=1e-5)
    assert found.data.guide_given[:, 0].all()
    assert not found.data.guide_given[:, 1].any()


def test_a_jump_is_set_aside_and_said() -> None:
    """A correction of 20,000 persons within a week, upwards for good."""
    evidence = load()
    rows = evidence.observations
    late = general_staff(evidence) & (rows["end"] >= "2022-10-11")
    found = seen(changed(evidence, late, best=rows.loc[late, "best"] + 20_000))
    notes = [note for note in found.notes if "general_staff" in note]
    assert len(notes) == 1
    assert "2022-10-11" in notes[0]
    assert "taken for a correction and set aside" in notes[0]
    week = (dt.date(2022, 10, 11) - found_start()).days // 7 - 1
    assert found.data.guide_given[week, 0] == 0
    assert found.data.guide_set[week, 0] == 1
    assert found.data.guide_value[week + 1, 0] == seen().data.guide_value[week + 1, 0]


def found_start() -> dt.date:
    return history().start


def test_a_total_that_falls_is_set_aside_and_said() -> None:
    evidence = load()
    rows = evidence.observations
    one = general_staff(evidence) & (rows["end"] == "2022-08-09")
    found = seen(changed(evidence, one, best=10.0))
    assert any("the running total falls by" in note and "2022-08-09" in note for note in found.notes)


def test_a_missing_week_is_bridged() -> None:
    """The week after it counts for both: what was added since the last figure."""
    evidence = load()
    rows = evidence.observations
    kept = rows[~(general_staff(evidence) & (rows["end"] == "2022-08-09"))]
    found = seen(evidence.replace_observations(kept[list(COLUMNS)]))
    whole = seen()
    week = (dt.date(2022, 8, 9) - found_start()).days // 7 - 1
    assert found.data.guide_given[week, 0] == 0
    both = np.exp(whole.data.guide_value[week, 0]) + np.exp(whole.data.guide_value[week + 1, 0])
    assert np.exp(found.data.guide_value[week + 1, 0]) == pytest.approx(both, rel=1e-4)


def test_reassessments_of_the_line_are_set_and_said() -> None:
    found = seen()
    said = [note for note in found.notes if "the line is set there" in note]
    assert [note.split("week to ")[1][:10] for note in said] == [
        "2022-04-26", "2022-09-13", "2022-10-04", "2022-11-15",
    ]  # fmt: skip
    assert found.data.ground_set.sum() == len(said)
    assert not (found.data.ground_set * found.data.ground_given).any()


def test_known_weeks_of_offensives_weigh_from_the_second_week_on() -> None:
    found = seen()
    assert found.data.decided[0] == 0
    assert found.data.decided[1 : found.weeks].all()


def test_evidence_of_one_root_alone() -> None:
    evidence = load()
    rows = evidence.observations
    only = evidence.replace_observations(rows[general_staff(evidence)][list(COLUMNS)])
    found = seen(only)
    assert [term.root for term in found.terms] == ["ua_general_staff"]


def test_no_figure_at_all_leaves_the_priors_and_says_so() -> None:
    evidence = load()
    rows = evidence.observations
    aid = rows[rows["quantity"].str.startswith("aid")].head(3)
    other = evidence.replace_observations(aid[list(COLUMNS)])
    found = observe(other, history())
    assert not found.terms
    assert found.notes == ("no figure lies between the first day and the cut-off: the priors stand.",)


def test_contradictory_figures_both_weigh() -> None:
    """Two origins that exclude each other: two factors, no choice between them."""
    evidence = load()
    source = invented.source("contrary")
    rows = evidence.observations
    totals = (rows["flow_or_stock"] == "cumulative") & (rows["concept"] == "killed_and_wounded")
    row = rows[totals & (rows["root"] == "us_government") & (rows["side"] == "RU")].head(1).copy()
    row = row.assign(source="contrary", root="contrary", low=np.nan, high=np.nan, best=900_000.0)
    row["end"] = pd.Timestamp("2022-11-09")
    row["known_on"] = pd.Timestamp("2022-11-09")
    found = seen(evidence.with_observations(row[list(COLUMNS)], {"contrary": source}))
    assert {"contrary", "us_government"} <= {term.root for term in found.terms if term.side == "RU"}


def test_a_shared_layout_serves_all() -> None:
    early, late = seen(until=dt.date(2022, 9, 6)), seen()
    layout = shared_layout([early, late])
    again = observe(load().known_by("2022-09-06"), history(dt.date(2022, 9, 6)), layout=layout)
    assert [p.name for p in again.parameters] == [p.name for p in layout.parameters]
    for ours, theirs in zip(
        arrays(again), arrays(observe(load().known_by(UNTIL), history(), layout=layout)), strict=True
    ):
        assert ours.shape == theirs.shape
    assert again.weeks == early.weeks
    assert np.array_equal(again.data.guide_value[: early.weeks], early.data.guide_value)


def test_the_mirrored_war_sees_the_mirrored_figures() -> None:
    straight = seen()
    turned = observe(
        load().known_by(UNTIL), mirror(load_scenario("ukraine-2022")).history(UNTIL, known_on=UNTIL)
    )
    assert np.array_equal(straight.data.guide_value[:, ::-1], turned.data.guide_value)
    assert np.array_equal(straight.data.ground_value, -turned.data.ground_value)
    assert {term.says for term in straight.terms} == {term.says for term in turned.terms}


def test_weekly_steps_carry_the_same_figures() -> None:
    known = load().known_by(UNTIL)
    daily, weekly = observe(known, history()), observe(known, history(), step_days=7)
    assert weekly.data.levers.shape[1] == 1
    assert np.array_equal(daily.data.guide_value, weekly.data.guide_value)
    assert np.array_equal(daily.data.value, weekly.data.value)


def test_without_a_figure_on_the_first_morning_the_area_counts_from_its_first_figure() -> None:
    rows = load().observations
    tenth = pd.Timestamp(history().start) + pd.Timedelta(days=10)
    early = (rows["quantity"] == "area_controlled") & (rows["end"] <= tenth)
    assert early.any()
    found, whole = seen(load().replace_observations(rows[~early][list(COLUMNS)])).data, seen().data
    assert found.ground_set[:2].tolist() == [0.0, -1.0]
    assert not found.ground_given[:2].any()
    assert np.array_equal(found.ground_given[2:], whole.ground_given[2:])
    assert np.array_equal(found.ground_value[2:], whole.ground_value[2:])


def test_a_series_of_additions_first_only_remembers() -> None:
    """Its first figure stands for all before it too, the losses before the first day among them."""
    data = observe(load(), history()).data
    for series in np.unique(data.series[data.since_last > 0]):
        weeks, places = np.nonzero((data.series == series) & (data.since_last > 0) & (data.given > 0))
        first = int(np.argmin(weeks))
        assert data.fixed[weeks[first], places[first]] == FORGET
        assert (data.fixed[weeks[1:], places[1:]] < FORGET).all()


def test_another_source_of_an_origin_on_nearly_one_day_restates_it() -> None:
    """The European Commission gave the United States' 100,000 three weeks after them (30 November 2022)."""
    used = seen().rows
    ukraine = used[(used["side"] == "UA") & (used["root"] == "us_government")]
    assert list(ukraine["source"]) == ["us_government"]
    rows = pd.DataFrame(
        {
            "source": ["a", "b", "a", "b"],
            "concept": "killed",
            "end": pd.to_datetime(["2022-11-09", "2022-11-30", "2022-12-05", "2023-02-15"]),
            "known_on": pd.to_datetime(["2022-11-09", "2022-11-30", "2022-12-05", "2023-02-15"]),
        }
    )
    assert list(without_restatements(rows).index) == [0, 2, 3]
