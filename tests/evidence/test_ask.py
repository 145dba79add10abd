# ruff: noqa: E501 (a gallery of exact messages, one line each)
"""Questions: every source side by side, misspelt words met with the nearest, origins counted once."""

import dataclasses
import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ceasefire.evidence import COLUMNS, check_observations, load
from ceasefire.files import InputError

DAY = "2022-12-20"


@pytest.fixture(scope="module")
def evidence():
    return load()


def observation(**changed):
    row = {
        "quantity": "personnel_losses",
        "concept": "killed",
        "side": "RU",
        "place": "whole_front",
        "start": "2022-02-24",
        "end": DAY,
        "flow_or_stock": "cumulative",
        "low": np.nan,
        "best": 1000.0,
        "high": np.nan,
        "unit": "persons",
        "source": "csis",
        "source_class": "academic_or_think_tank",
        "root": "csis",
        "known_on": DAY,
        "known_on_rule": "stated",
        "kind": "estimate",
        "confidence": "low",
        "verified": "read",
        "reference": "invented for a test",
        "note": "",
        "table": "",
    }
    return {**row, **changed}


def frame(*rows):
    return pd.DataFrame(list(rows), columns=list(COLUMNS))


def test_load_is_cached_and_copies_protect_it(evidence):
    assert load() is evidence
    rows = evidence.observations
    rows["best"] = -1.0
    assert (load().observations["best"].dropna() != -1.0).any()
    events = evidence.records("events")
    events["event"] = ""
    assert (load().records("events")["event"] != "").all()
    with pytest.raises(dataclasses.FrozenInstanceError):
        evidence.as_known_on = None


def test_every_source_stands_side_by_side(evidence):
    rows = evidence.ask("personnel_losses", concept="killed", side="RU", at=DAY, window_days=200)
    assert len(set(rows["source"])) >= 8
    assert not rows.duplicated(["source", "place", "flow_or_stock", "unit"]).any()


@given(
    at=st.dates(dt.date(2022, 3, 1), dt.date(2025, 12, 31)),
    window=st.integers(0, 400),
    concept=st.sampled_from(["killed", "killed_and_wounded", "named_dead", "losses_undefined"]),
)
def test_the_nearest_row_of_each_source(at, window, concept):
    evidence = load()
    rows = evidence.ask(
        "personnel_losses", concept=concept, flow_or_stock="cumulative", at=at, window_days=window
    )
    all_rows = evidence.ask("personnel_losses", concept=concept, flow_or_stock="cumulative")
    when = pd.Timestamp(at)
    for (source, side), group in all_rows.groupby(["source", "side"]):
        nearest = (group["end"] - when).dt.days.abs().min()
        found = rows[(rows["source"] == source) & (rows["side"] == side)]
        assert len(found) == (1 if nearest <= window else 0)
        assert (found["days_from_target"].abs() == nearest).all()


def test_on_a_tie_the_row_known_later(evidence):
    rows = [
        observation(end="2022-12-19", best=1.0),
        observation(end="2022-12-21", known_on="2022-12-22", best=2.0),
    ]
    asked = evidence.replace_observations(frame(*rows)).ask("personnel_losses", at=DAY)
    assert asked["best"].tolist() == [2.0]
    rows = [observation(end=end, known_on="2022-12-22", best=1.0) for end in ("2022-12-19", "2022-12-21")]
    asked = evidence.replace_observations(frame(*rows)).ask("personnel_losses", at=DAY)
    assert asked["end"].tolist() == [pd.Timestamp("2022-12-21")]


@pytest.mark.parametrize("all_vintages", [False, True])
def test_a_misprint_hides_no_other_figure(evidence, all_vintages):
    rows = [observation(best=1.0, kind="misprint"), observation(end="2022-12-15", best=2.0)]
    asked = evidence.replace_observations(frame(*rows)).ask(
        "personnel_losses", at=DAY, all_vintages=all_vintages
    )
    assert sorted(asked["best"]) == [1.0, 2.0]


def test_only_the_newest_vintage_unless_all_are_asked_for(evidence):
    rows = frame(
        observation(best=1.0),
        observation(known_on="2023-05-01", best=2.0),
        observation(known_on="2024-05-01", best=3.0),
    )
    what_if = evidence.replace_observations(rows)
    assert what_if.ask("personnel_losses")["best"].tolist() == [3.0]
    assert what_if.ask("personnel_losses", known_by="2023-12-31")["best"].tolist() == [2.0]
    assert what_if.ask("personnel_losses", at=DAY, all_vintages=True)["best"].tolist() == [1.0, 2.0, 3.0]


def test_a_figure_can_be_perturbed(evidence):
    rows = evidence.observations
    claim = (
        (rows["source"] == "ukraine_general_staff")
        & (rows["end"] == DAY)
        & (rows["quantity"] == "personnel_losses")
    )
    rows.loc[claim & (rows["flow_or_stock"] == "cumulative"), "best"] = 12_345.0
    asked = evidence.replace_observations(rows).ask(
        "personnel_losses", concept="losses_undefined", at=DAY, window_days=0
    )
    assert 12_345.0 in asked["best"].tolist()
    assert 99_230.0 not in asked["best"].tolist()
    assert 99_230.0 in evidence.ask("personnel_losses", at=DAY, window_days=0)["best"].tolist()


def test_rows_can_be_added(evidence):
    more = evidence.with_observations(frame(observation(best=777.0)))
    assert len(more.observations) == len(evidence.observations) + 1
    assert 777.0 in more.ask("personnel_losses", concept="killed", at=DAY, window_days=0)["best"].tolist()


def test_rows_added_to_a_view_stay_within_it(evidence):
    view = evidence.known_by("2022-12-31").with_observations(
        frame(observation(known_on="2023-01-01", best=777.0))
    )
    assert 777.0 not in view.observations["best"].tolist()


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"quantity": "personel_losses"}, "there is no quantity 'personel_losses' in the evidence.\n  to do: did you mean 'personnel_losses'?"),
        ({"concept": "kiled"}, "'personnel_losses' has no concept 'kiled'.\n  to do: did you mean 'killed'?"),
        ({"concept": ["killed", "woundet"]}, "'personnel_losses' has no concept 'woundet'.\n  to do: did you mean 'wounded'?"),
        ({"side": "BY"}, "'personnel_losses' has no side 'BY'.\n  to do: use one of: RU, UA."),
        ({"place": "Bachmut"}, "'personnel_losses' has no place 'Bachmut'.\n  to do: did you mean 'Bakhmut'?"),
        ({"flow_or_stock": "stocks"}, "'personnel_losses' has no flow or stock 'stocks'.\n  to do: use one of: cumulative, flow."),
        ({"at": "20.12.2022x"}, "'20.12.2022x' is not a day.\n  where: at\n  to do: write a day as YYYY-MM-DD."),
        ({"at": DAY, "window_days": -1}, "a window of -1 days cannot be.\n  where: window_days\n  to do: use 0 or more."),
        ({"window_days": 5}, "window_days needs a day to count from.\n  where: ask\n  to do: give `at` as well."),
        ({"between": ("2023-01-01", "2022-01-01")}, "the first day lies after the last.\n  where: between\n  to do: swap the two days."),
    ],
)  # fmt: skip
def test_wrong_questions(evidence, asked, message):
    with pytest.raises(InputError) as error:
        evidence.ask(**{"quantity": "personnel_losses", **asked})
    assert str(error.value) == message


def test_a_date_before_all_evidence_finds_nothing_and_says_nothing(evidence):
    rows = evidence.ask("personnel_losses", known_by="1900-01-01")
    assert rows.empty
    assert list(rows.columns) == list(COLUMNS)
    assert evidence.known_by("1900-01-01").ask("personnel_losses", at=DAY).empty


# --- roots


def test_the_uk_series_restates_the_general_staff(evidence):
    rows = evidence.observations
    assert set(rows.query("source == 'uk_ministry_of_defence_series'")["root"]) == {"ua_general_staff"}
    asked = evidence.ask(
        "personnel_losses",
        side="RU",
        flow_or_stock="cumulative",
        concept=["losses_undefined", "killed_and_wounded"],
        at=DAY,
        window_days=12,
    )
    judged = evidence.independent_roots(asked).set_index("source")
    assert not judged["counted"].any()
    assert judged.loc["ukraine_general_staff", "why"] == "a party to the war about its enemy"
    restated = "restates ua_general_staff, a party to the war about its enemy"
    assert judged.loc["uk_ministry_of_defence_series", "why"] == restated
    assert judged.loc["economist_meta_estimate", "why"].startswith(
        "built on other sources (registry_excess_deaths,"
    )


def test_the_uk_series_equals_the_general_staff_within_two_per_cent(evidence):
    """The reason for one root, computed: ratio of the daily means of the months."""
    flows = evidence.ask(
        "personnel_losses", side="RU", flow_or_stock="flow", between=("2022-03-31", "2025-12-31")
    )
    flows = flows[
        (flows["unit"] == "persons_per_day") & (flows["start"].dt.day == 1) & flows["end"].dt.is_month_end
    ]
    uk = flows.query("source == 'uk_ministry_of_defence_series' and known_on_rule == 'post_date'").set_index(
        "end"
    )["best"]
    claimed = flows.query("source == 'ukraine_general_staff'").groupby("end")["best"].first()
    ratio = (uk / claimed).dropna()
    assert len(ratio) == 46
    assert ratio.mean() == pytest.approx(0.998, abs=0.002)
    assert ratio.std() == pytest.approx(0.018, abs=0.003)


def test_one_row_per_root_and_the_nearest_speaks(evidence):
    rows = [
        observation(best=1.0, end="2022-12-01"),
        observation(best=2.0),
        observation(best=3.0, source="us_government", root="us_government"),
        observation(best=4.0, source="us_intelligence_leak", root="us_government", end="2022-11-01"),
        observation(best=5.0, source="russia_president", root="ru_government"),
        observation(best=6.0, source="ukraine_president", root="ua_government"),
        observation(best=7.0, source="sipri", root="sipri", kind="misprint"),
        observation(best=8.0, source="western_intelligence", root="western_intelligence"),
    ]
    asked = evidence.replace_observations(frame(*rows)).ask("personnel_losses", at=DAY, all_vintages=True)
    further = evidence.replace_observations(frame(rows[0])).ask("personnel_losses", at=DAY)
    judged = evidence.independent_roots(pd.concat([asked, further]))
    told = judged.set_index("best")
    assert told.query("counted").index.tolist() == [2.0, 3.0]
    assert told["why"].to_dict() == {
        1.0: "another row of this source counts",
        2.0: "not a party to the war, but not neutral",
        3.0: "not a party to the war, but not neutral",
        4.0: "the same origin as us_government, which counts",
        5.0: "a party to the war about itself",
        6.0: "a party to the war about its enemy",
        7.0: "marked as a misprint",
        8.0: "built on other sources (us_government, uk_government, nato)",
    }


def test_no_root_counts_twice_anywhere(evidence):
    for _, rows in evidence.observations.groupby(["quantity", "concept"]):
        judged = evidence.independent_roots(rows.head(300))
        counted = judged[judged["counted"]]
        assert not counted["root"].duplicated().any()
        assert len(judged) == len(rows.head(300))
        assert (judged["why"] != "").all()


# --- rates


def test_rate_of_a_made_series(evidence):
    ends = pd.date_range("2022-11-01", "2022-12-31", freq="D")
    totals = [
        observation(end=str(end.date()), known_on=str(end.date()), best=10.0 * i)
        for i, end in enumerate(ends)
    ]
    what_if = evidence.replace_observations(frame(*totals))
    for days in (1, 7, 30):
        mean = what_if.rate("personnel_losses", side="RU", concept="killed", at=DAY, days=days)
        assert mean["best"].tolist() == [10.0]
        assert mean["method"].tolist() == ["difference"]
    sparse = what_if.replace_observations(
        frame(*[row for row in totals if row["end"][-2:] in ("01", "15", "28")])
    )
    mean = sparse.rate("personnel_losses", side="RU", concept="killed", at=DAY, days=30)
    assert mean["best"].tolist() == pytest.approx([10.0])
    assert mean["method"].tolist() == ["difference_interpolated"]
    assert mean["known_on"].tolist() == [pd.Timestamp("2022-12-28")]
    known = sparse.rate("personnel_losses", side="RU", concept="killed", at=DAY, days=30, known_by=DAY)
    assert known.empty


def test_rate_of_flows_keeps_bounds_apart(evidence):
    weeks = [
        observation(flow_or_stock="flow", start=start, end=end, low=70.0, best=np.nan, known_on="2023-01-01")
        for start, end in (("2022-12-07", "2022-12-13"), ("2022-12-14", "2022-12-20"))
    ]
    mean = evidence.replace_observations(frame(*weeks)).rate(
        "personnel_losses", side="RU", concept="killed", at=DAY, days=10
    )
    assert mean["low"].tolist() == [10.0]
    assert mean[["best", "high"]].isna().all(axis=None)
    assert mean["coverage"].tolist() == [1.0]
    half = evidence.replace_observations(frame(weeks[1])).rate(
        "personnel_losses", side="RU", concept="killed", at=DAY, days=14
    )
    assert half["coverage"].tolist() == [0.5]
    assert (
        evidence.replace_observations(frame(weeks[1]))
        .rate("personnel_losses", side="RU", concept="killed", at=DAY, days=15)
        .empty
    )


def test_rate_of_a_year_is_per_day(evidence):
    year = observation(
        flow_or_stock="flow", start="2022-01-01", end="2022-12-31", best=365.25, unit="items_per_year"
    )
    mean = evidence.replace_observations(frame({**year, "known_on": "2023-01-01"})).rate(
        "personnel_losses", side="RU", concept="killed", at=DAY, days=30
    )
    assert mean["best"].tolist() == pytest.approx([1.0])
    assert mean["unit"].tolist() == ["items_per_day"]


@pytest.mark.parametrize("days", [0, -3, 2.5, True])
def test_rate_refuses_a_window_that_cannot_be(evidence, days):
    with pytest.raises(InputError, match="days cannot be"):
        evidence.rate("personnel_losses", side="RU", concept="killed", at=DAY, days=days)


# --- the check


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"known_on": "soon"}, "'soon' is not a day.\n  where: observations, row 2, column 'known_on'\n  to do: write a day as YYYY-MM-DD."),
        ({"known_on": None}, "'' is not a day.\n  where: observations, row 2, column 'known_on'\n  to do: write a day as YYYY-MM-DD."),
        ({"start": "2023-01-01"}, "'2023-01-01' in column 'start' lies after the end.\n  where: observations, row 2, column 'start'\n  to do: swap them."),
        ({"best": "many"}, "'many' is not a number.\n  where: observations, row 2, column 'best'\n  to do: write a plain number, or leave it empty."),
        ({"best": np.inf}, "'inf' is not a number.\n  where: observations, row 2, column 'best'\n  to do: write a plain number, or leave it empty."),
        ({"best": np.nan}, "column 'best' has no figure.\n  where: observations, row 2, column 'best'\n  to do: give at least one of low, best and high."),
        ({"low": 2000.0}, "'2000.0' in column 'low' is above best.\n  where: observations, row 2, column 'low'\n  to do: check the order of low, best and high."),
        ({"root": " "}, "column 'root' is empty.\n  where: observations, row 2, column 'root'\n  to do: give it a value."),
        ({"unit": ""}, "column 'unit' is empty.\n  where: observations, row 2, column 'unit'\n  to do: give it a value."),
        ({"flow_or_stock": "rate"}, "'rate' in column 'flow_or_stock' is not known.\n  where: observations, row 2, column 'flow_or_stock'\n  to do: use stock, cumulative or flow."),
        ({"source": "cisi"}, "the source 'cisi' is not in the manifest.\n  where: observations, row 2, column 'source'\n  to do: did you mean 'csis'?"),
    ],
)  # fmt: skip
def test_wrong_observations(evidence, changed, message):
    with pytest.raises(InputError) as error:
        evidence.with_observations(frame(observation(), observation(**changed)))
    assert str(error.value) == message


def test_wrong_columns():
    rows = frame(observation())
    with pytest.raises(InputError, match="the column 'root' is missing"):
        check_observations(rows.drop(columns="root"))
    with pytest.raises(InputError) as error:
        check_observations(rows.assign(sauce="x"))
    assert (
        str(error.value)
        == "the column 'sauce' is not known.\n  where: observations\n  to do: did you mean 'source'?"
    )


def test_the_check_changes_no_figure(evidence):
    rows = evidence.observations
    pd.testing.assert_frame_equal(check_observations(rows, sources=evidence.sources), rows)


def test_days_may_be_dates_stamps_or_text(evidence):
    given_days = [dt.date(2022, 12, 20), pd.Timestamp(DAY), DAY]
    answers = [evidence.ask("area_controlled", at=day, window_days=0)["best"].tolist() for day in given_days]
    assert answers == [[111_331.5]] * 3
