"""Forecasts from a state, what is judged, what is chosen, and a back-test of two origins."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ceasefire.engine import draw_parameters, draw_structure
from ceasefire.evidence import load
from ceasefire.inference import backtesting, sampling, scoring
from ceasefire.inference.backtesting import (
    DEATHS,
    EVERYTHING,
    GROUND,
    LOSSES,
    OURS,
    Backtest,
    Series,
    Settings,
    Snapshot,
)
from ceasefire.inference.forecasting import (
    ADDED,
    OFFENSIVES_HELD,
    STOCKS,
    TREND,
    VARIANTS,
    Futures,
    Variant,
    walk_on,
)
from ceasefire.scenario import Scenario, load_scenario, mirror
from ceasefire.scenario.compiled import baseline_levers
from ceasefire.war import LEVERS, REGISTRY, State, initial_state
from ceasefire.war.levers import COLUMNS
from ceasefire.war.state import MECHANISM_OF
from ceasefire.war.structure import ROWS, SWITCHES
from tests.inference.synthetic import as_fitted

WARS = 32


def scenario() -> Scenario:
    return load_scenario("ukraine-2022")


@functools.cache
def a_start(turned: bool = False) -> Snapshot:
    """Wars of the prior on the first morning, with what a fit has."""
    war = mirror(scenario()) if turned else scenario()
    world = as_fitted(war.world())
    numbers = np.arange(WARS)
    parameters, structure = draw_parameters(world, numbers, 1), draw_structure(world, numbers, 1)
    state = initial_state(parameters, structure, world.geography)
    levers = war.plan("fight-on").levers[0]
    plain = State(*(np.asarray(stock) for stock in state))
    return Snapshot(parameters, {}, structure, plain, levers, world.streams)


def walked(
    start: Snapshot,
    variant: Variant = EVERYTHING,
    draws: int = WARS,
    weeks: int = 12,
    seed: int = 1,
    step_days: int = 1,
) -> Futures:
    return walk_on(
        start.parameters,
        start.structure,
        start.state,
        start.levers,
        start.streams,
        weeks=weeks,
        draws=draws,
        seed=seed,
        variant=variant,
        step_days=step_days,
    )


def quiet(start: Snapshot) -> Snapshot:
    """The same wars without chance."""
    parameters = start.parameters.copy()
    for name in ("tempo_spread", "intensity_spread", "advantage_spread", "lethality_spread", "line_spread"):
        parameters[REGISTRY.rows[name]] = 0.0
    return dataclasses.replace(start, parameters=parameters)


@pytest.mark.thorough
def test_the_trend_alone_without_chance_is_a_straight_line() -> None:
    """With every stock held and no drift each week adds the same losses and the same ground."""
    found = walked(quiet(a_start()), TREND)
    weekly = np.diff(found.losses, axis=0)
    assert np.allclose(weekly, weekly[0], rtol=2e-3, atol=0.5)
    assert (weekly > 0).all()


@pytest.mark.thorough
def test_by_weeks_the_trend_alone_is_that_by_days() -> None:
    """With every stock held a week's step adds what seven of a day do, but for the line's own pull."""
    by_days, by_weeks = (walked(quiet(a_start()), TREND, step_days=days) for days in (1, 7))
    assert np.allclose(by_weeks.losses, by_days.losses, rtol=0.04, atol=1.0)
    assert np.allclose(by_weeks.ground, by_days.ground, rtol=0.04, atol=20.0)


def test_by_weeks_a_war_goes_on_nearly_as_by_days() -> None:
    """A quarter of a year from the first morning, where stocks move fastest."""
    by_days, by_weeks = (walked(a_start(), OFFENSIVES_HELD, step_days=days).losses[-1] for days in (1, 7))
    assert np.allclose(np.log(np.median(by_weeks, axis=1) / np.median(by_days, axis=1)), 0.0, atol=0.1)


def test_cutting_nothing_lets_stocks_move() -> None:
    weekly = np.diff(walked(quiet(a_start()), OFFENSIVES_HELD).losses, axis=0)
    assert not np.allclose(weekly, weekly[0], rtol=2e-2)


@pytest.mark.parametrize("name", list(STOCKS))
def test_each_cut_holds_stocks_that_there_are(name: str) -> None:
    assert set(STOCKS[name]) <= set(State._fields)


@pytest.mark.thorough
def test_a_future_goes_on_from_its_draw_and_has_chances_of_its_own() -> None:
    """War i of many takes draw i mod n; the same number has the same chances."""
    few, many = walked(a_start()), walked(a_start(), draws=2 * WARS)
    assert np.allclose(few.losses, many.losses[..., :WARS], rtol=1e-5)
    assert not np.allclose(few.losses[-1], many.losses[-1, :, WARS:], rtol=1e-3)
    assert np.array_equal(few.losses, walked(a_start()).losses)
    assert not np.array_equal(few.losses, walked(a_start(), seed=2).losses)


def test_futures_mirror() -> None:
    straight, turned = walked(a_start()), walked(a_start(turned=True))
    assert np.array_equal(straight.losses, turned.losses[:, ::-1])
    assert np.array_equal(straight.ground, -turned.ground)


@pytest.mark.parametrize("name", ["battles", "drones", "belief", "sanctions"])
def test_a_mechanism_begins_at_the_origin_with_what_the_scenario_says(name: str) -> None:
    """All wars have it, its stocks are those of a first morning, and what the fit knows stays."""
    before = a_start()
    found = before.following((name, "on"), scenario(), 1)
    row = ROWS[name]
    assert (found.structure[row] == 1).all()
    assert np.array_equal(np.delete(found.structure, row, 0), np.delete(before.structure, row, 0))
    own = np.array([REGISTRY.mechanisms[label] == name for label, _ in REGISTRY.labels()])
    assert np.array_equal(found.parameters[~own], before.parameters[~own])
    stocks = {stock for stock, mechanism in MECHANISM_OF.items() if mechanism == name}
    for stock in set(State._fields) - stocks:
        assert np.array_equal(getattr(found.state, stock), getattr(before.state, stock)), stock
    columns = np.zeros(len(before.levers), bool)
    for lever in LEVERS:
        columns[COLUMNS[lever.name]] = lever.mechanism == name
    assert np.array_equal(found.levers[~columns], before.levers[~columns])


@pytest.mark.thorough
def test_a_mechanism_moves_forecasts_and_one_without_effect_on_them_does_not() -> None:
    before = a_start()
    plain = walked(before, weeks=26, step_days=7)
    moved = walked(before.following(("drones", "on"), scenario(), 1), weeks=26, step_days=7)
    same = walked(before.following(("escalation", "on"), scenario(), 1), weeks=26, step_days=7)
    assert not np.allclose(moved.losses[-1], plain.losses[-1], rtol=1e-2)
    assert np.allclose(same.losses, plain.losses, rtol=1e-5)
    assert np.allclose(same.ground, plain.ground, atol=1e-2)


def test_the_sanctions_of_the_scenario_come_with_the_mechanism() -> None:
    given = baseline_levers(scenario().content)[0][COLUMNS["sanctions"]]
    assert given.any()
    found = a_start().following(("sanctions", "on"), scenario(), 1)
    assert np.array_equal(found.levers[COLUMNS["sanctions"]], given.astype(np.float32))


def test_what_a_mechanism_does_to_the_scores() -> None:
    """With it less without, on origins from 2024; what came before 2024 stands apart."""
    days = pd.date_range("2023-01-17", periods=30, freq="28D").strftime("%Y-%m-%d")
    rows = []
    for number, day in enumerate(days):
        rows += [
            scores("everything", 5.0 + 0.1 * (number % 3), day),
            scores("with drones", 7.0 + 0.1 * (number % 3), day),
            scores("with battles", 4.0 + 0.1 * (number % 3) + (3.0 if day < "2024" else 0.0), day),
            scores("with labour", 5.0 + 0.1 * ((number + 1) % 3), day),
        ]
    found = Backtest("x", pd.DataFrame(), {}, {}, pd.DataFrame(rows)).mechanisms().set_index("mechanism")
    assert found["difference"]["with drones"] == pytest.approx(2.0)
    assert found["without"]["with drones"] == pytest.approx(found["crps"]["with drones"] - 2.0)
    assert list(found["verdict"][["with drones", "with battles", "with labour"]]) == [
        "worse",
        "better",
        "not told apart",
    ]
    assert found["low"]["with battles"] <= -1.0 <= found["high"]["with battles"] < 0.0
    assert found["before"]["with battles"] == pytest.approx(2.0)
    assert Backtest("x", pd.DataFrame(), {}, {}).mechanisms().empty


def test_added_mechanisms_are_all_optional_ones_and_both_rules() -> None:
    assert {variant.choice for variant in ADDED} == {
        *((one.name, "on") for one in SWITCHES),
        ("decision_rule", "threshold"),
        ("decision_rule", "expected_utility"),
        ("recruitment_rule", "replacing"),
    }
    assert not {variant.name for variant in ADDED} & {variant.name for variant in VARIANTS}


def test_origins_and_targets_are_those_of_the_design() -> None:
    """Tuesdays every 28 days; from 2024 on 25, 23, 20 and 13 of them at the four horizons."""
    days = backtesting.origins(scenario(), load())
    assert days[0] == dt.date(2022, 12, 20)
    assert {(later - earlier).days for earlier, later in itertools.pairwise(days)} == {28}
    assert {day.weekday() for day in days} == {1}
    losses = next(series for series in backtesting.truths(scenario(), load()) if series.name == LOSSES)
    late = [day for day in days if day >= backtesting.JUDGED_FROM]
    counts = [
        sum(np.isfinite(losses.change(day, horizon)) for day in late) for horizon in backtesting.HORIZONS_DAYS
    ]
    assert counts == [25, 23, 20, 13]


def test_truths_are_what_the_evidence_says_and_no_prediction() -> None:
    by_name = {series.name: series for series in backtesting.truths(scenario(), load())}
    assert by_name[LOSSES].change(dt.date(2022, 12, 20), 364) == 249_070
    assert by_name[GROUND].root == "isw"
    last = by_name[DEATHS].values.last_valid_index()
    assert last < pd.Timestamp("2025-07-31")


def test_forecasts_are_factor_times_what_is_added() -> None:
    start = dataclasses.replace(
        a_start(),
        reporting={
            "reporting_factor[staff/RU/losses]": np.full(WARS, 0.5, np.float32),
            "reporting_spread[staff/RU/people]": np.zeros(WARS, np.float32),
        },
    )
    futures = walked(start)
    series = Series(LOSSES, "staff", 0, "persons", pd.Series(dtype=float))
    found = backtesting.forecast(start, series, ("RU", "UA"), futures, 1)
    assert np.allclose(found, 0.5 * futures.losses[:, 0])
    ground = Series(GROUND, "maps", 1, "km2", pd.Series(dtype=float))
    assert np.array_equal(backtesting.forecast(start, ground, ("RU", "UA"), futures, 1), -futures.ground)


def scores(model: str, crps: float, origin: str, horizon: int = 28) -> dict[str, object]:
    return {
        "series": LOSSES, "model": model, "horizon_days": horizon, "origin": origin, "truth": 1.0,
        "median": 1.0,
        "low_50": 0.0, "high_50": 2.0, "low_90": 0.0, "high_90": 2.0, "crps": crps, "log_score": 0.0,
        "interval_score_90": 1.0, "pit": 0.5, "inside_50": True, "inside_90": True,
    }  # fmt: skip


def test_the_choice_looks_at_targets_before_2024_alone() -> None:
    """A variant that is better only later is not chosen, nor one whose early origins have late targets."""
    table = pd.DataFrame(
        [
            scores("everything", 2.0, "2023-01-17"),
            scores("the trend alone", 1.0, "2023-01-17"),
            scores("everything", 1.0, "2024-03-12"),
            scores("the trend alone", 9.0, "2024-03-12"),
            scores("everything", 1.0, "2023-12-19", 364),
            scores("the trend alone", 90.0, "2023-12-19", 364),
        ]
    )
    assert backtesting.choose(table, ["everything", "the trend alone"]) == {LOSSES: "the trend alone"}
    late = table[table["origin"] > "2024"]
    assert backtesting.choose(late, ["everything", "the trend alone"]) == {LOSSES: "everything"}


def test_a_summary_names_the_best_baseline_and_the_verdict() -> None:
    days = pd.date_range("2024-01-16", periods=12, freq="28D").strftime("%Y-%m-%d")
    rng = np.random.default_rng(0)
    rows = []
    for day in days:
        common = rng.uniform(5, 6)
        for model, more in (
            (OURS, 0.0),
            ("everything", 0.3),
            ("the trend alone", 0.1),
            ("log_rate_walk", 2.0),
        ):
            rows.append(scores(model, common + more + rng.uniform(0, 0.01), str(day)))
    found = Backtest("x", pd.DataFrame(rows), {LOSSES: "everything"}, {})
    told = found.summary_by_series()["chosen"][LOSSES]["28"]  # type: ignore[index]
    assert told["best_baseline_name"] == "log_rate_walk"
    assert told["verdict"] == "better"
    assert told["coverage_90"] == 1.0
    assert told["origins"] == 12
    assert told["false_verdicts"] == scoring.false_verdicts(12, 28, 28)
    rows = found.summary_by_series()["forecasts"]
    assert len(rows) == 12  # type: ignore[arg-type]
    assert set(rows[0]) == set(backtesting.TOLD)  # type: ignore[index]
    assert rows[0]["origin"] == "2024-01-16"  # type: ignore[index]


def a_table(*models: tuple[str, float, slice]) -> Backtest:
    """Each model has its mean score on a part of twelve origins."""
    days = pd.date_range("2024-01-16", periods=12, freq="28D").strftime("%Y-%m-%d")
    rng = np.random.default_rng(0)
    rows = [
        scores(model, crps + rng.uniform(0, 0.01), str(day))
        for model, crps, part in models
        for day in days[part]
    ]
    return Backtest("x", pd.DataFrame(rows), {LOSSES: "everything"}, {})


OF_OURS = tuple((model, 5.0, slice(None)) for model in (OURS, "everything", "the trend alone"))


def test_a_baseline_of_other_origins_is_no_rival() -> None:
    """One that forecast the three easiest origins alone looks best and is not; one origin is no pair."""
    found = a_table(
        *OF_OURS,
        ("drift_random_walk", 1.0, slice(9, None)),
        ("automatic_ets", 0.5, slice(11, None)),
        ("automatic_arima", 6.0, slice(None)),
    )
    told = found.summary_by_series()["chosen"][LOSSES]["28"]  # type: ignore[index]
    assert (told["best_baseline_name"], told["verdict"], told["origins"]) == ("automatic_arima", "better", 12)
    against = found.against().set_index("against")
    assert against["complete"].to_dict() == {
        "everything": True, "the trend alone": True, "drift_random_walk": False, "automatic_arima": True,
    }  # fmt: skip
    assert against.loc["drift_random_walk", "origins"] == 3


def test_with_partial_baselines_alone_there_is_no_verdict() -> None:
    told = a_table(*OF_OURS, ("drift_random_walk", 1.0, slice(9, None))).summary_by_series()["chosen"][
        LOSSES
    ]["28"]  # type: ignore[index]
    assert "verdict" not in told
    assert "best_baseline" not in told


def test_two_that_are_not_told_apart_are_not_called_equal() -> None:
    found = a_table(*OF_OURS, ("drift_random_walk", 5.0, slice(None)))
    told = found.summary_by_series()["chosen"][LOSSES]["28"]  # type: ignore[index]
    assert told["verdict"] == "not shown to be worse"


def test_the_hindcast_is_of_all_mechanisms_from_the_first_origin() -> None:
    """Not of the variant that was chosen on what came after that day."""
    table = pd.DataFrame(
        [
            scores(model, 1.0, origin) | {"median": median}
            for origin in ("2022-12-20", "2024-01-16", "2024-02-13")
            for model, median in ((OURS, 7.0), ("everything", 3.0), ("the trend alone", 7.0))
        ]
    )
    found = Backtest("x", table, {LOSSES: "the trend alone"}, {})
    (row,) = found.summary_by_series()["hindcast"]  # type: ignore[misc]
    assert (row["origin"], row["median"]) == ("2022-12-20", 3.0)
    assert set(row) == set(backtesting.TOLD)


def test_how_well_replicates_agree_at_an_origin() -> None:
    """Two replicates a deviation apart in one row of four; one of them descends from three members."""
    rng = np.random.default_rng(1)
    z = rng.standard_normal((5, 400)).astype(np.float32)
    z[0, :200] += 1.0
    z[4, :200] += 9.0
    zero = np.zeros(400, np.float32)
    line = np.concatenate([np.arange(200) % 3, np.arange(200, 400)]).astype(np.int32)
    population = sampling.Population(
        z, np.zeros((2, 400), np.int8), zero.astype(np.uint32), zero, zero, 1.0, 2,
        np.array([-10.0, -12.5]), line,
    )  # fmt: skip
    found = backtesting.health(dt.date(2024, 1, 2), population, np.arange(5) < 4, 0.25)
    assert found["origin"] == "2024-01-02"
    # B is half of the squared difference: sqrt(1 + 0.5).
    assert found["worst_rhat"] == pytest.approx(np.sqrt(1.5), rel=0.1)
    assert found["share_above"] == 0.25
    assert found["ancestors"] == [3, 200]
    assert (found["accepted"], found["log_evidence_spread"]) == (0.25, 2.5)
    good = found | {"worst_rhat": 1.0, "share_above": 0.0, "ancestors": [150, 160], "accepted": 0.5}
    assert backtesting.worst_health([found, good]) == {
        "worst_rhat": found["worst_rhat"],
        "share_above": 0.25,
        "ancestors": 3,
        "accepted": 0.25,
        "log_evidence_spread": 2.5,
    }


def test_snapshots_of_other_code_are_not_gone_on_from(monkeypatch: pytest.MonkeyPatch) -> None:
    def name() -> str:
        return backtesting.Pass(scenario(), load(), [dt.date(2022, 5, 10)], Settings()).name

    before = name()
    assert name() == before
    days = [dt.date(2022, 5, 10)]
    assert backtesting.Pass(scenario(), load(), days, Settings(), scored="the trend alone").name != before
    monkeypatch.setattr(backtesting, "source_hash", lambda *modules: "other code")
    assert name() != before


def test_the_likelihood_of_an_origin_is_made_once_for_its_fit_its_forecast_and_the_next_bridge() -> None:
    days = [dt.date(2022, 5, 10), dt.date(2022, 6, 7), dt.date(2022, 7, 5)]
    through = backtesting.Pass(scenario(), load(), days, Settings(sets=8, paths=4))
    first, second, third = (through.look(number) for number in range(3))
    made = through.target(first), through.target(second)
    assert through.target(through.look(0)) is made[0]
    assert through.target(second) is made[1]
    assert through.target(third).weeks == second.observed.weeks + 4
    assert through.target(second) is made[1]


@pytest.mark.thorough
def test_two_origins_go_on_after_an_interruption(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A snapshot and its scores are kept at each origin; what is done is not done again."""
    days = [dt.date(2022, 5, 10), dt.date(2022, 6, 7)]
    monkeypatch.setattr(backtesting, "origins", lambda *_: days)
    monkeypatch.setattr(backtesting, "JUDGED_FROM", dt.date(2022, 1, 1))
    settings = Settings(sets=8, replicates=2, paths=4, draws=200, rounds=2)

    def judge(folder: Path, lines: list[str]) -> Backtest:
        return backtesting.backtest(
            scenario(),
            load(),
            settings=settings,
            folder=folder,
            told=lambda line, share: lines.append(line),
            variants=(TREND,),
            added=ADDED[:1],
            with_baselines=False,
        )

    first: list[str] = []
    whole = judge(tmp_path, first)
    assert set(whole.table["model"]) == {TREND.name, OURS}
    assert {"2022-05-10", "2022-06-07"} == set(whole.table["origin"])
    for path in tmp_path.glob("*2022-06-07.json"):
        path.unlink()
    second: list[str] = []
    again = judge(tmp_path, second)
    assert all(line.startswith("2022-06-07") for line in second)
    pd.testing.assert_frame_equal(
        whole.table.reset_index(drop=True), again.table.reset_index(drop=True), check_dtype=False
    )
    agreed = whole.about["agreement"]
    assert [row["origin"] for row in agreed["origins"]] == ["2022-05-10", "2022-06-07"]  # type: ignore[index]
    assert again.about == whole.about
    third: list[str] = []
    assert judge(tmp_path, third).about == whole.about
    assert third == []
