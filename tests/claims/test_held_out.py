"""The back-test's summary: read where it is, none where it is missing or cannot be read."""

from __future__ import annotations

import datetime as dt
import json
import math
from typing import Any

import pytest

from ceasefire.claims.held_out import Forecast, Horizon, Tried, parse_held_out, read_held_out
from ceasefire.claims.results import plain
from tests.report import invented_backtest

ROW = {
    "ours": 2_000.0,
    "best_baseline": 2_098.0,
    "best_baseline_name": "log_rate_walk",
    "coverage_90": 0.92,
    "verdict": "not shown to be worse",
    "origins": 25,
}


def test_the_chosen_variant_is_read_with_the_trend_beside_it() -> None:
    found = parse_held_out(
        {
            "chosen": {"reported losses": {"91": ROW, "28": ROW}},
            "everything": {"reported losses": {"28": {**ROW, "ours": 3_000.0}}},
            "trend_alone": {"reported losses": {"28": {**ROW, "ours": 1_900.0}, "91": 2_500.0}},
        }
    )
    assert found is not None
    assert [(row.days, row.ours, row.trend_alone) for row in found.of("killed")] == [
        (28, 2_000.0, 1_900.0),
        (91, 2_000.0, 2_500.0),
    ]
    assert [row.trend_does_it for row in found.horizons] == [True, False]
    assert found.of("ground_lost") == ()


@pytest.mark.parametrize("content", [
    {"area held": {"28": ROW}},
    {"area held": {"28": ROW}, "trend_alone": {}},
    {"chosen": "everything", "everything": {"area held": {"28": ROW}}},
])  # fmt: skip
def test_without_a_table_of_the_chosen_variant_the_others_are_read(content: dict[str, Any]) -> None:
    found = parse_held_out(content)
    assert found is not None
    (row,) = found.of("ground_lost")
    assert (row.days, row.verdict) == (28, "not shown to be worse")
    assert math.isnan(row.trend_alone)
    assert not row.trend_does_it


@pytest.mark.parametrize(
    "content", [None, [], {}, "text", {"chosen": {"area held": {"28": {"ours": 1.0}}}}, {"chosen": 3}]
)
def test_what_cannot_be_read_counts_as_unchecked(content: Any) -> None:
    assert parse_held_out(content) is None


def test_a_scenario_without_a_back_test_has_none() -> None:
    assert read_held_out("invented-war") is None
    assert read_held_out("../../secrets") is None


def test_every_word_of_a_row_is_read() -> None:
    found = parse_held_out(invented_backtest.content("reported losses"))
    assert found is not None
    # By their words: what is no number is unequal to itself.
    assert str(found.horizons[0]) == str(
        Horizon(
            series="reported losses",
            days=28,
            ours=1_900.0,
            best_baseline=2_098.0,
            best_baseline_name="log_rate_walk",
            coverage_90=0.5,
            verdict="better",
            origins=4,
            trend_alone=2_000.0,
            coverage_low=0.75,
            coverage_high=1.0,
            variant="everything",
            everything=1_900.0,
            difference=(-330.0, -198.0, -42.0),
        )
    )
    assert [row.calibrated for row in found.horizons] == [False, True]


def test_without_a_range_nobody_knows_what_a_calibrated_forecaster_shows() -> None:
    found = parse_held_out({"chosen": {"area held": {"28": {**ROW, "coverage_low": 0.8}}}})
    assert found is not None
    assert found.horizons[0].calibrated is None


def test_a_series_without_a_plain_forecast_has_scores_and_no_verdict() -> None:
    found = parse_held_out(invented_backtest.content("excess deaths"))
    assert found is not None
    assert [(row.days, row.verdict, row.best_baseline_name) for row in found.of("killed")] == [
        (28, "", ""),
        (91, "", ""),
    ]
    assert all(math.isnan(row.best_baseline) for row in found.horizons)


@pytest.mark.parametrize("wrong", [
    {"ours": "2000"}, {"ours": math.nan}, {"ours": True}, {"coverage_90": None}, {"coverage_low": "low"},
    {"difference": [1.0, 2.0]}, {"difference": 3.0}, {"trend_alone": "x"}, {"best_baseline": None},
    {"false_verdicts": "many"},
])  # fmt: skip
def test_a_row_that_cannot_be_read_is_left_out(wrong: dict[str, Any]) -> None:
    found = parse_held_out({"chosen": {"area held": {"28": {**ROW, **wrong}, "91": ROW}}})
    assert found is not None
    assert [row.days for row in found.horizons] == [91]


def test_forecasts_are_read_by_series_horizon_and_origin() -> None:
    content = invented_backtest.content()
    content["forecasts"].reverse()
    found = parse_held_out(content)
    assert found is not None
    assert found.judged_from == dt.date(2032, 1, 1)
    assert len(found.forecasts) == 36
    rows = found.forecasts_of("area held")
    assert [(row.horizon_days, row.origin) for row in rows] == sorted(
        (row.horizon_days, row.origin) for row in rows
    )
    assert rows[1] == Forecast(
        series="area held",
        horizon_days=28,
        origin=dt.date(2031, 12, 9),
        truth=pytest.approx(277.2),
        median=pytest.approx(220.0),
        low_50=pytest.approx(202.4),
        high_50=pytest.approx(237.6),
        low_90=pytest.approx(176.0),
        high_90=pytest.approx(264.0),
        pit=0.99,
    )
    assert [row.held for row in rows[:6]] == [True, False, True, False, True, False]


@pytest.mark.parametrize("wrong", [
    {"truth": None}, {"truth": math.inf}, {"median": "5"}, {"origin": "2032-13-01"}, {"origin": 20320101},
    {"series": None}, {"horizon_days": 28.5}, {"horizon_days": 0}, {"pit": 1.2}, {"low_90": 1e9},
])  # fmt: skip
def test_with_one_forecast_that_cannot_be_read_there_are_none_but_the_scores_stay(
    wrong: dict[str, Any],
) -> None:
    content = invented_backtest.content("reported losses")
    content["forecasts"][3] = {**content["forecasts"][3], **wrong}
    found = parse_held_out(content)
    assert found is not None
    assert found.forecasts == ()
    assert len(found.horizons) == 2


@pytest.mark.parametrize("rows", [None, {}, "text", [3], [{}]])
def test_forecasts_that_are_no_rows(rows: Any) -> None:
    found = parse_held_out({**invented_backtest.content("area held"), "forecasts": rows})
    assert found is not None
    assert found.forecasts == ()


@pytest.mark.parametrize("about", [None, {}, "text", {"judged_from": 3}, {"judged_from": "soon"}])
def test_a_file_that_does_not_say_from_when_it_judges(about: Any) -> None:
    found = parse_held_out({**invented_backtest.content("area held"), "about": about})
    assert found is not None
    assert found.judged_from is None


def test_an_audit_s_file_holds_the_scores_and_not_every_forecast() -> None:
    found = parse_held_out(invented_backtest.content("area held"))
    assert found is not None
    told = json.loads(json.dumps(plain(found.to_dict())))
    assert told["judged_from"] == "2032-01-01"
    assert told["horizons"][0]["difference"] == [-330.0, -198.0, -42.0]
    assert "forecasts" not in told


@pytest.mark.parametrize(("share", "too_few"), [(None, False), (0.25, False), (0.26, True)])
def test_with_many_false_verdicts_origins_are_too_few(share: float | None, too_few: bool) -> None:
    found = parse_held_out({"chosen": {"area held": {"28": {**ROW, "false_verdicts": share}}}})
    assert found is not None
    assert found.horizons[0].too_few is too_few


def test_what_one_mechanism_more_does_is_read_by_its_name() -> None:
    rows = invented_backtest.tried("drones", "better") + invented_backtest.tried("aims", "worse", "better")
    found = parse_held_out({**invented_backtest.content("reported losses"), "mechanisms": rows})
    assert found is not None
    assert found.with_more("drones") == (
        Tried("drones", "reported losses", 28, 4, 1_800.0, 1_900.0, (-250.0, -100.0, 50.0), "better"),
    )
    assert [row.days for row in found.with_more("aims")] == [28, 56]
    assert found.with_more("ending") == ()


@pytest.mark.parametrize("wrong", [{"crps": None}, {"low": "few"}, {"origins": math.inf}, {"mechanism": ...}])
def test_with_one_row_that_cannot_be_read_nothing_was_tried(wrong: dict[str, Any]) -> None:
    rows = invented_backtest.tried("drones", "better", "worse")
    rows[1] = {name: value for name, value in {**rows[1], **wrong}.items() if value is not ...}
    found = parse_held_out({**invented_backtest.content("reported losses"), "mechanisms": rows})
    assert found is not None
    assert found.tried == ()
    assert len(found.horizons) == 2


@pytest.mark.parametrize(("difference", "verdict", "word"), [
    (-100.0, "better", "better"), (-0.5, "better", ""), (2.0, "worse", "worse"), (50.0, "not told apart", ""),
])  # fmt: skip
def test_a_change_that_rounds_to_nothing_has_no_word(difference: float, verdict: str, word: str) -> None:
    row = Tried("x", "reported losses", 28, 4, 1_900.0, 1_900.0, (-1.0, difference, 1.0), verdict)
    assert row.change == pytest.approx(difference / 1_900.0)
    assert row.word == word
