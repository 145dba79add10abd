"""Calibrations small enough for a test: goes on after an interruption, sees nothing of later days."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ceasefire.evidence import load
from ceasefire.evidence.shape import COLUMNS
from ceasefire.files import InputError
from ceasefire.inference import calibrating, sampling
from ceasefire.inference.calibrating import Settings, calibrate
from ceasefire.inference.posterior import Posterior, load_posterior
from ceasefire.scenario import load_scenario
from ceasefire.war import REGISTRY

UNTIL = dt.date(2022, 6, 7)
SMALL = Settings(sets=24, replicates=2, paths=4, step_days=7, draws=32, rounds=2)


@pytest.fixture(scope="module")
def posterior() -> Posterior:
    return calibrate(load_scenario("ukraine-2022"), load(), UNTIL, settings=SMALL)


def draws(found: Posterior) -> np.ndarray:
    return found.parameters()


def test_a_figure_of_a_later_day_moves_nothing_by_a_bit(posterior: Posterior) -> None:
    """A wild figure with `known_on` a day after the cut-off; the fit is the same to the last bit."""
    evidence = load()
    rows = evidence.observations
    wild = rows[(rows["source"] == "ukraine_general_staff") & (rows["end"] == "2022-05-31")].head(3).copy()
    assert len(wild)
    wild["best"] = 9e6
    wild["known_on"] = pd.Timestamp(UNTIL) + pd.Timedelta(days=1)
    planted = evidence.with_observations(wild[list(COLUMNS)])
    again = calibrate(load_scenario("ukraine-2022"), planted, UNTIL, settings=SMALL)
    assert np.array_equal(draws(again), draws(posterior))
    assert np.array_equal(again.state().troops, posterior.state().troops)
    assert again.name == posterior.name


def test_an_interrupted_fit_goes_on_and_ends_the_same(posterior: Posterior, tmp_path: Path) -> None:
    class StopError(Exception):
        pass

    lines: list[str] = []

    def told(line: str, share: float) -> None:
        lines.append(line)
        if len(lines) == 3:
            raise StopError

    scenario, evidence = load_scenario("ukraine-2022"), load()
    with pytest.raises(StopError):
        calibrate(scenario, evidence, UNTIL, settings=SMALL, folder=tmp_path, told=told)
    assert list(tmp_path.glob("calibration-*.npz"))
    after: list[str] = []
    again = calibrate(
        scenario,
        evidence,
        UNTIL,
        settings=SMALL,
        folder=tmp_path,
        told=lambda line, share: after.append(line),
    )
    assert again.name == posterior.name
    assert not set(lines) & set(after)
    assert not list(tmp_path.glob("calibration-*.npz"))


def test_a_torn_stage_is_not_gone_on_from(tmp_path: Path) -> None:
    store = calibrating.Store(tmp_path, "x")
    assert store.path is not None
    store.path.write_bytes(b"not a stage")
    assert store.read() is None


def test_a_fit_that_fails_is_saved_as_failed_and_refused(posterior: Posterior, tmp_path: Path) -> None:
    """48 sets cannot pass: at least 400 effective draws are asked for."""
    assert not posterior.passed
    again = load_posterior(posterior.save(tmp_path / "failed.nc"))
    assert not again.passed
    with pytest.raises(InputError, match="this posterior failed its diagnostics"):
        again.require(again.scenario_sha256)


def test_the_file_holds_what_the_fit_found(posterior: Posterior, tmp_path: Path) -> None:
    again = load_posterior(posterior.save(tmp_path / "posterior.nc"))
    assert again.name == posterior.name
    assert again.until == UNTIL
    assert again.known == "then"
    assert again.size == 32
    for ours, theirs in zip(again.state(), posterior.state(), strict=True):
        assert np.array_equal(ours, theirs)
    told = again.contraction()
    assert {"parameter", "reporting", "state"} <= set(told["kind"])
    assert set(again.evidence_rows()["root"]) >= {"ua_general_staff", "mediazona_bbc_names"}
    assert again.notes() == posterior.notes()


def test_totals_grow_and_killed_are_among_killed_and_wounded(posterior: Posterior) -> None:
    held = posterior.draws
    killed = held["killed"].transpose("month", "side", "draw").values
    both = held["killed_and_wounded"].transpose("month", "side", "draw").values
    assert (np.diff(killed, axis=0) >= 0).all()
    assert (killed <= both).all()
    state = posterior.state()
    before = killed[0]
    assert np.allclose(killed[-1] - before, state.killed, rtol=1e-3)


@pytest.mark.parametrize(
    ("day", "message"),
    [
        (dt.date(2022, 4, 12), "The history"),
        (dt.date(2022, 12, 21), "whole weeks"),
    ],
)
def test_a_cut_off_that_cannot_be_is_refused(day: dt.date, message: str) -> None:
    with pytest.raises(InputError):
        calibrate(load_scenario("ukraine-2022"), load(), day, settings=SMALL)


def test_a_cut_off_after_the_last_figure_is_refused() -> None:
    evidence = load().known_by("2022-11-01")
    with pytest.raises(InputError) as caught:
        calibrate(load_scenario("ukraine-2022"), evidence, dt.date(2022, 12, 20), settings=SMALL)
    assert "it cannot say anything for 2022-12-20" in str(caught.value)
    assert "choose a day between them" in str(caught.value)


def test_a_war_that_nobody_counted_is_refused() -> None:
    scenario = load_scenario("invented-war")
    history = scenario.content.history
    assert history is not None
    with pytest.raises(InputError) as caught:
        calibrate(scenario, load(), history.start + dt.timedelta(days=28), settings=SMALL)
    assert "the evidence holds no losses and no area for" in str(caught.value)


def test_months_end_on_their_last_days() -> None:
    history = load_scenario("ukraine-2022").history(UNTIL)
    assert calibrating.month_ends(history) == [
        dt.date(2022, 4, 12), dt.date(2022, 4, 30), dt.date(2022, 5, 31), UNTIL,
    ]  # fmt: skip


def test_draws_come_from_the_rounds_after_the_first_third_and_from_their_own_replicate() -> None:
    class Nothing:
        dimension = 1
        silent = np.zeros(1, bool)

        def log_likelihood(self, z, structure, numbers):
            return np.zeros(z.shape[1], np.float32)

        def draw_structure(self, uniform):
            return np.zeros(uniform.shape, np.int8)

    population = sampling.start(Nothing(), 4, 2, np.random.default_rng(1))
    # Six rounds; a member's value says round and replicate.
    rounds = tuple(
        np.tile(np.repeat([10.0 * r, 10.0 * r + 1], 4), (1, 1)).astype(np.float32) for r in range(6)
    )
    stage = calibrating.Stage(
        population, 0, 6, rounds, (population.structure,) * 6, (population.numbers,) * 6
    )
    found = calibrating.pick(stage, 2, 16, 1).z[0]
    assert set(found[:16]) == {20.0, 30.0, 40.0, 50.0}
    assert set(found[16:]) == {21.0, 31.0, 41.0, 51.0}


def test_what_a_fit_must_reach() -> None:
    table = pd.DataFrame(
        {"name": ["a", "b"], "kind": ["parameter", "reporting"], "rhat": [1.002, 1.02], "ess": [900.0, 380.0]}
    )
    why = calibrating.judge(table)
    assert "R-hat of 'b' is 1.020, above 1.01" in why
    assert "'b' has 380 effective draws, below 400" in why
    assert calibrating.judge(table.assign(rhat=1.0, ess=500.0)) == ""


def test_more_weeks_take_more_paths_and_more_blocks() -> None:
    history = load_scenario("ukraine-2022").history(dt.date(2024, 1, 2))
    observed = calibrating.observe(load(), history, step_days=7)
    course = calibrating.Course(history, observed, dataclasses.replace(SMALL, paths=8))
    assert course.ends == [36, 62, 90]
    assert [course.target(block).paths for block in range(3)] == [8, 8, 16]


def test_silent_are_the_rows_that_a_truce_or_a_decision_would_show() -> None:
    """And none that one of the rival equations alone would hear."""
    history = load_scenario("ukraine-2022").history(UNTIL, known_on=UNTIL)
    observed = calibrating.observe(load().known_by(UNTIL), history, step_days=7)
    silent = calibrating.Target(history.world, observed, paths=4, step_days=7).silent
    names = [name for name, _ in REGISTRY.labels()]
    quiet = {name for name, is_silent in zip(names, silent, strict=False) if is_silent}
    assert {"truce_cost", "monitoring_cost", "violation_level", "monitoring_effect"} <= quiet
    assert {"offensive_threshold", "rest_days", "perception_noise"} <= quiet
    heard = {
        "attrition_coefficient",
        "mixed_enemy_exponent",
        "mixed_own_exponent",
        "fire_returns",
        "line_spread",
    }
    assert not heard & quiet


def test_what_is_shown_of_the_state_must_agree_too() -> None:
    table = pd.DataFrame(
        {
            "name": ["a", "state: force"],
            "kind": ["parameter", "state"],
            "rhat": [1.0, 1.05],
            "ess": [900.0, 900.0],
        }
    )
    assert "R-hat of 'state: force' is 1.050" in calibrating.judge(table)
