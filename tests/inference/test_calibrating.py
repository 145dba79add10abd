"""Calibrations small enough for a test: goes on after an interruption, sees nothing of later days."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
import types
from collections.abc import Callable
from pathlib import Path

import jax
import numpy as np
import pandas as pd
import pytest

from ceasefire.evidence import load
from ceasefire.evidence.shape import COLUMNS
from ceasefire.files import InputError
from ceasefire.inference import calibrating, diagnosing, sampling
from ceasefire.inference.calibrating import Settings, calibrate, paths_for, usual_settings
from ceasefire.inference.hamiltonian import Metric, Tuning
from ceasefire.inference.levelling import Levelling
from ceasefire.inference.observing import observe
from ceasefire.inference.posterior import Posterior, load_posterior
from ceasefire.scenario import load_scenario
from ceasefire.war import REGISTRY, STRUCTURES
from ceasefire.war.structure import OPTIONAL

UNTIL = dt.date(2022, 6, 7)
SMALL = Settings(sets=24, replicates=2, paths=4, step_days=7, draws=32, rounds=2)


@pytest.fixture(scope="module")
def posterior() -> Posterior:
    return calibrate(load_scenario("ukraine-2022"), load(), UNTIL, settings=SMALL)


def draws(found: Posterior) -> np.ndarray:
    """The rows that the fit knows: those of the core, since the history names no optional mechanism."""
    assert found.mechanisms == frozenset()
    parameters = found.parameters()
    known = ~np.isnan(parameters).any(axis=1)
    of_core = [REGISTRY.mechanisms[name] not in OPTIONAL for name, _ in REGISTRY.labels()]
    assert known.tolist() == of_core
    return parameters[known]


def test_usual_settings_suit_the_weeks_and_what_is_given_stands() -> None:
    war = load_scenario("ukraine-2022")
    short, long = dt.date(2022, 12, 20), dt.date(2025, 12, 30)
    assert usual_settings(war, short) == Settings()
    assert usual_settings(war, short, weekly=True) == Settings(paths=32, step_days=7)
    months, years = usual_settings(war, short, weekly=True), usual_settings(war, long, weekly=True)
    assert years.sets < months.sets
    assert years.together
    assert not months.together
    by_days = usual_settings(war, long)
    assert not by_days.together
    assert by_days.rounds * by_days.moves > months.rounds * months.moves
    # The variance of an estimate grows with the weeks, so that a longer one takes more paths.
    assert paths_for(194, years.paths) > 4 * paths_for(36, months.paths)
    given = usual_settings(war, long, weekly=True, sets=400, paths=16, seed=3)
    assert (given.sets, given.paths, given.seed) == (400, 16, 3)
    assert given.sets_before >= given.sets


def test_paths_grow_with_the_weeks_beyond_a_year() -> None:
    assert [paths_for(weeks, 10) for weeks in (1, 52, 104, 208)] == [10, 10, 20, 40]


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


@pytest.mark.thorough
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

    def go_on(save_to: Path) -> Posterior:
        return calibrate(
            scenario,
            evidence,
            UNTIL,
            settings=SMALL,
            folder=tmp_path,
            told=lambda line, share: after.append(line),
            save_to=save_to,
        )

    # Where the posterior cannot be written, the last stage stays.
    with pytest.raises(InputError, match="could not write"):
        go_on(tmp_path)
    assert list(tmp_path.glob("calibration-*.npz"))
    again = go_on(tmp_path / "posterior.nc")
    assert again.name == posterior.name
    assert not set(lines) & set(after)
    assert not list(tmp_path.glob("calibration-*.npz"))
    assert load_posterior(tmp_path / "posterior.nc").name == posterior.name


def test_beyond_a_year_a_fit_that_remembers_where_it_began_does_not_pass(posterior: Posterior) -> None:
    history = load_scenario("ukraine-2022").history(UNTIL, known_on=UNTIL)
    observed = observe(load().known_by(UNTIL), history, step_days=7)
    target, rng = calibrating.Course(history, observed, SMALL).target(0), np.random.default_rng(5)
    z = rng.standard_normal((8, target.dimension, 400)).astype(np.float32)
    heard = int(np.flatnonzero(target.transform.free & ~target.silent)[0])
    z[:, heard] += 2.0 * (rng.random(400) < 0.5)
    structure = np.zeros((8, len(STRUCTURES), 400), np.int8)
    counted = calibrating.Kept(z, structure, np.zeros((8, 400), np.uint32))
    assert calibrating.what_is_remembered(counted, target) == ""
    years = dataclasses.replace(observed, weeks=60)
    long = types.SimpleNamespace(
        transform=target.transform, silent=target.silent, world=target.world, observed=years, weeks=60
    )
    said = calibrating.what_is_remembered(counted, long)
    name = diagnosing.row_names(target)[heard]
    assert re.fullmatch(
        rf"'{re.escape(name)}' has a correlation of 0\.[45]\d with what it was 4 rounds before", said
    )
    z[:, heard] = rng.standard_normal((8, 400))
    assert calibrating.what_is_remembered(counted._replace(z=z), long) == ""


def test_a_stage_on_the_way_comes_back_with_its_paths(tmp_path: Path) -> None:
    store, stage = calibrating.Store(tmp_path, "way"), stage_with_paths()
    stage = dataclasses.replace(stage, rounds=(), structures=(), numbers=(), chances=stage.chances[:1])
    store.write(stage)
    again = store.read()
    assert again is not None
    assert again.rounds == ()
    np.testing.assert_array_equal(again.chances, stage.chances)


@pytest.mark.thorough
def test_sets_with_paths_go_from_the_prior_to_the_posterior() -> None:
    """Weights and paths stay together, and two replicates find the same evidence."""
    until = dt.date(2022, 5, 10)
    settings = Settings(
        sets=16, times_before=6, replicates=2, paths=4, step_days=7, rounds=3, moves=2, together=True
    )
    history, observed = calibrating.history_and_figures(
        load_scenario("ukraine-2022"), load(), until, hindsight=False, step_days=7
    )
    course = calibrating.Course(history, observed, settings)
    stage, powers = calibrating.begin(course), []
    while not stage.arrived(course):
        stage = calibrating.next_stage_together(stage, course)
        powers.append((stage.block, stage.population.power))
        assert stage.tuning is not None
    assert powers == sorted(powers)
    assert {block for block, _ in powers} == {0, 1}
    first, second = stage.population.log_evidence
    assert first == pytest.approx(second, abs=3.0)
    assert len(stage.rounds) == len(stage.chances) == 1
    assert stage.rounds[0].shape[1] == stage.chances[0].shape[2] == 32
    # Each set has its own path: with the numbers that no figure reaches drawn anew it weighs what it did.
    density, rng = course.density(stage), np.random.default_rng(1)
    chances = density.completed(stage.chances[0], stage.tuning.channels, rng)
    weight = density.log_weight(stage.population.z, stage.population.structure, chances)
    np.testing.assert_allclose(weight, stage.population.new, rtol=1e-4, atol=1e-2)
    *_, stage = calibrating.stages(course, stage, settings.rounds)
    assert len(stage.rounds) == len(stage.chances) == settings.rounds


@pytest.mark.thorough
@pytest.mark.parametrize(("disagreements", "rounds"), [(0, 2), (1, 4), (2, 6), (9, 6)])
def test_a_fit_moves_on_while_replicates_disagree_three_times_as_long_at_most(
    monkeypatch: pytest.MonkeyPatch, disagreements: int, rounds: int
) -> None:
    left = iter(["R-hat 1.020"] * disagreements + [""] * 9)
    monkeypatch.setattr(calibrating, "MORE_OF_ROUNDS", 1)
    monkeypatch.setattr(calibrating, "what_lacks", lambda stage, course: next(left))
    lines: list[str] = []
    calibrate(
        load_scenario("ukraine-2022"),
        load(),
        UNTIL,
        settings=SMALL,
        told=lambda line, share: lines.append(line),
    )
    assert sum(line.startswith("round ") for line in lines) == rounds
    assert sum(line.startswith("R-hat 1.020") for line in lines) == min(disagreements, 2)


@pytest.mark.thorough
def test_an_interrupted_fit_is_judged_where_it_would_have_been(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Interrupted at the third round, between the looks after two and after four."""
    judged: list[int] = []

    def disagree(stage: calibrating.Stage, course: calibrating.Course) -> str:
        judged.append(len(stage.rounds))
        return "R-hat 1.020"

    def stop(line: str, share: float) -> None:
        if line.startswith("round 3"):
            raise KeyboardInterrupt

    monkeypatch.setattr(calibrating, "MORE_OF_ROUNDS", 1)
    monkeypatch.setattr(calibrating, "what_lacks", disagree)
    scenario, evidence = load_scenario("ukraine-2022"), load()
    with pytest.raises(KeyboardInterrupt):
        calibrate(scenario, evidence, UNTIL, settings=SMALL, folder=tmp_path, told=stop)
    assert judged == [2]
    calibrate(scenario, evidence, UNTIL, settings=SMALL, folder=tmp_path)
    assert judged == [2, 4]


def test_what_lacks_sees_rows_that_vary_rival_equations_and_few_draws(
    posterior: Posterior, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = load_scenario("ukraine-2022").history(UNTIL, known_on=UNTIL)
    observed = observe(load().known_by(UNTIL), history, step_days=7)
    course = calibrating.Course(history, observed, SMALL)
    target, rng = course.target(0), np.random.default_rng(5)
    population = sampling.start(target, 64, 2, rng)
    rounds = tuple(rng.standard_normal((target.dimension, 128)).astype(np.float32) for _ in range(12))
    structures = tuple(target.draw_structure(rng.random((len(STRUCTURES), 128))) for _ in range(12))
    stage = calibrating.Stage(population, 0, 12, rounds, structures, (population.numbers,) * 12)
    monkeypatch.setattr(diagnosing, "LARGEST_RHAT", 1.09)
    assert calibrating.what_lacks(stage, course) == ""
    free = int(np.flatnonzero(target.transform.free)[0])
    parted = tuple(values.copy() for values in rounds)
    for values in parted:
        values[free, 64:] += 1.0
    assert calibrating.what_lacks(dataclasses.replace(stage, rounds=parted), course).startswith("R-hat 1.1")
    split = tuple(values.copy() for values in structures)
    for values in split:
        values[0, 64:] = 0
    assert calibrating.what_lacks(dataclasses.replace(stage, structures=split), course).startswith("R-hat ")
    # Sets that stay where they are are worth themselves once, at most.
    resting = dataclasses.replace(stage, rounds=rounds[:1] * 12)
    number, words = calibrating.what_lacks(resting, course).split(maxsplit=1)
    assert words == "effective draws"
    assert 30 < int(number) <= 128


def stage_with_paths() -> calibrating.Stage:
    """Three rounds of which the last two are with paths of 4 weeks and 2 channels."""
    rng = np.random.default_rng(7)
    z = rng.standard_normal((6, 8)).astype(np.float32)
    structure = np.zeros((len(STRUCTURES), 8), np.int8)
    numbers, zero = np.arange(8, dtype=np.uint32), np.zeros(8, np.float32)
    line = np.arange(8, dtype=np.int32)
    population = sampling.Population(z, structure, numbers, zero, zero, 1.0, 2, np.zeros(2), line)
    choices = sum(len(alternative.choices) for alternative in STRUCTURES)
    tuning = Tuning(
        np.array([0, 2, 5], np.int32),
        np.array([1, 3], np.int32),
        Metric(rng.standard_normal((3 + 4 * 2, 2)).astype(np.float32), np.array([3.0, 9.0], np.float32)),
        rng.standard_normal((choices, 6)).astype(np.float32),
        rng.standard_normal((3, 4)).astype(np.float32),
        np.array([0.4, 0.3, 0.2, 0.1]),
        Levelling(rng.standard_normal(6).astype(np.float32), np.arange(3.0), rng.random(3)),
    )
    chances = tuple(rng.standard_normal((4, 2, 8)).astype(np.float32) for _ in range(2))
    return calibrating.Stage(
        population, 0, 3, (z,) * 3, (structure,) * 3, (numbers,) * 3, chances=chances, tuning=tuning
    )


def test_a_stage_with_paths_comes_back_as_it_was(tmp_path: Path) -> None:
    store, stage = calibrating.Store(tmp_path, "paths"), stage_with_paths()
    store.write(stage)
    again = store.read()
    assert again is not None
    assert again.tuning is not None
    assert len(again.rounds) == 3
    np.testing.assert_array_equal(again.chances, stage.chances)
    for ours, theirs in zip(jax.tree.leaves(again.tuning), jax.tree.leaves(stage.tuning), strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize(
    "change",
    [
        lambda stored: stored | {"round_chances": stored["round_chances"][:, :, :1]},
        lambda stored: stored | {"round_chances": np.full_like(stored["round_chances"], np.nan)},
        lambda stored: stored | {"tuning_rows": stored["tuning_rows"] + 3},
        lambda stored: stored | {"tuning_curvature": -stored["tuning_curvature"]},
        lambda stored: stored | {"tuning_directions": stored["tuning_directions"][1:]},
        lambda stored: stored | {"tuning_means": stored["tuning_means"][1:]},
        lambda stored: stored | {"level_direction": stored["level_direction"][1:]},
        lambda stored: stored | {"level_knots": stored["level_knots"][::-1]},
        lambda stored: stored | {"level_heights": np.nan * stored["level_heights"]},
        lambda stored: stored | {f"level_{one}": stored[f"level_{one}"][:1] for one in ("knots", "heights")},
    ],
)
def test_a_stage_whose_paths_are_damaged_is_not_gone_on_from(
    change: Callable[[dict[str, np.ndarray]], dict[str, np.ndarray]], tmp_path: Path
) -> None:
    store = calibrating.Store(tmp_path, "paths")
    store.write(stage_with_paths())
    assert store.path is not None
    with np.load(store.path) as stored:
        whole = dict(stored)
    np.savez(store.path, **change(whole))
    assert store.read() is None


def test_draws_of_sets_with_paths_come_from_rounds_whose_paths_are_known() -> None:
    stage = stage_with_paths()
    rounds = tuple(np.full_like(one, number) for number, one in enumerate(stage.rounds))
    chances = tuple(np.full_like(one, 1 + number) for number, one in enumerate(stage.chances))
    kept = dataclasses.replace(stage, rounds=rounds, chances=chances, earlier=1).counted(Settings())
    found = calibrating.pick(kept, 2, 8, 1)
    assert found.chances is not None
    assert set(found.z[0]) == {1.0, 2.0}
    np.testing.assert_array_equal(found.chances, np.broadcast_to(found.z[0], found.chances.shape))


def test_levelled_draws_are_taken_by_their_weights() -> None:
    """Rows of the second mode weigh a third of the others; each draw is there about as often as it should."""
    stage, rng = stage_with_paths(), np.random.default_rng(2)
    far = rng.random((40, 1, 8)) < 0.5
    z = np.concatenate([np.where(far, 1.0, 0.0), rng.random((40, 5, 8))], axis=1).astype(np.float32)
    level = Levelling(np.eye(1, 6, dtype=np.float32)[0], np.array([0.0, 1.0]), np.array([0.0, np.log(3.0)]))
    assert stage.tuning is not None
    stage = dataclasses.replace(
        stage,
        rounds=tuple(z),
        structures=stage.structures[:1] * 40,
        numbers=stage.numbers[:1] * 40,
        chances=stage.chances[:1] * 40,
        tuning=stage.tuning._replace(levelling=level),
        earlier=40,
    )
    kept = stage.counted(Settings())
    assert kept.weights is not None
    drawn = np.mean([calibrating.pick(kept, 2, 80, seed).z[0].reshape(2, 80) for seed in range(100)], axis=0)
    for replicate, share in enumerate(drawn.mean(axis=1)):
        mine = far[..., 4 * replicate :][..., :4].mean()
        assert share == pytest.approx(mine / 3.0 / (1.0 - mine + mine / 3.0), abs=0.015)
    found = calibrating.pick(kept, 2, 80, 1)
    # Each in no order, so that every fourth is as good as any.
    assert 0 < np.flatnonzero(found.z[0, :80]).min() < 30
    _, times = np.unique(found.z[1, :80], return_counts=True)
    assert times.max() <= 2


def test_sets_that_remember_are_levelled_and_begin_to_count_anew(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    history, observed = calibrating.history_and_figures(
        load_scenario("ukraine-2022"), load(), UNTIL, hindsight=False, step_days=7
    )
    settings = dataclasses.replace(SMALL, together=True, rounds=4)
    course = calibrating.Course(history, observed, settings)
    target, rng = course.target(len(course.ends) - 1), np.random.default_rng(5)
    size = SMALL.sets * SMALL.replicates
    population = dataclasses.replace(sampling.start(target, SMALL.sets, SMALL.replicates, rng), power=1.0)
    heard = calibrating.heard_rows(target)
    rounds = [rng.standard_normal(population.z.shape).astype(np.float32) for _ in range(6)]
    for one in rounds:
        one[heard[0]] = rounds[0][heard[0]]
    channels = np.array([4, 6], np.int32)
    chances = tuple(rng.standard_normal((target.weeks, 2, size)).astype(np.float32) for _ in range(6))
    tuning = calibrating.untuned(channels, target.dimension)._replace(rows=heard)
    stage = calibrating.Stage(
        population,
        len(course.ends) - 1,
        6,
        tuple(rounds),
        (population.structure,) * 6,
        (population.numbers,) * 6,
        earlier=6,
        chances=chances,
        tuning=tuning,
    )
    # Fits up to a year are not asked.
    assert not calibrating.may_be_levelled(stage, course)
    monkeypatch.setattr(calibrating, "PATHS_FOR_WEEKS", 1)
    assert calibrating.may_be_levelled(stage, course)
    found = calibrating.levelled(stage, course)
    assert found.tuning is not None
    level = found.tuning.levelling
    assert np.argmax(np.abs(level.direction)) == heard[0]
    assert level.knots.size > 1
    assert course.density(found).levelling is level
    assert (len(found.rounds), len(found.chances), found.earlier) == (1, 1, 0)
    np.testing.assert_array_equal(found.rounds[0], population.z)
    np.testing.assert_array_equal(found.chances[0], chances[-1])
    # What is left is for more rounds, and only after many of them levelled anew: by weights, in full.
    later = dataclasses.replace(found, rounds=stage.rounds, chances=chances)
    assert not calibrating.may_be_levelled(later, course)
    many = calibrating.LEVELLED_AGAIN * settings.rounds
    later = dataclasses.replace(later, rounds=later.rounds[:1] * many, chances=chances[:1] * many)
    later = dataclasses.replace(
        later, structures=stage.structures[:1] * many, numbers=stage.numbers[:1] * many
    )
    assert calibrating.may_be_levelled(later, course)
    store = calibrating.Store(tmp_path, "levelled")
    store.write(later)
    held = store.read()
    assert held is not None
    assert held.levellings == 1
    # It ends: what was before is forgotten each time.
    assert not calibrating.may_be_levelled(dataclasses.replace(later, levellings=2), course)


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


def test_draws_come_from_the_second_half_of_the_rounds_and_from_their_own_replicate() -> None:
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
    found = calibrating.pick(stage.counted(Settings(rounds=6)), 2, 16, 1).z[0]
    assert set(found[:16]) == {30.0, 40.0, 50.0}
    assert set(found[16:]) == {31.0, 41.0, 51.0}


def test_more_weeks_take_more_blocks_and_beyond_a_year_more_paths() -> None:
    history = load_scenario("ukraine-2022").history(dt.date(2024, 1, 2))
    observed = calibrating.observe(load(), history, step_days=7)
    course = calibrating.Course(history, observed, dataclasses.replace(SMALL, paths=8))
    assert course.ends[:12] == [2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24]
    assert course.ends[12:] == [27, 30, 33, 37, 41, 46, 51, 57, 64, 72, 81, 90]
    assert [course.target(block).paths for block in (0, 18, 20, 23)] == [8, 8, 9, 13]


@pytest.mark.parametrize(("rounds", "first"), [(1, 0), (60, 30), (120, 60), (150, 60), (180, 60), (300, 100)])
def test_half_of_few_rounds_and_a_third_of_many_forget_the_way(rounds: int, first: int) -> None:
    z = np.zeros((1, 1), np.float32)
    settings = Settings(rounds=60)
    assert calibrating.Stage(None, rounds=(z,) * rounds).settled(settings) == slice(first, None)
    assert calibrating.Stage(None, rounds=(z,) * rounds, earlier=1).settled(settings) == slice(0, None)


@pytest.mark.parametrize(
    ("rounds", "size"), [(0, 0), (1, 1), (7, 4), (60, 30), (128, 32), (130, 22), (360, 30)]
)
def test_proposals_learn_from_rounds_of_the_later_half_as_far_apart_as_it_allows(
    rounds: int, size: int
) -> None:
    found = np.arange(rounds)[calibrating.learnt(rounds)]
    assert found.size == size <= calibrating.ROUNDS_LEARNT
    assert (found >= rounds // 2).all()
    assert (np.diff(found) == np.diff(found)[:1]).all()


def test_the_last_block_ends_with_the_last_week() -> None:
    assert calibrating.block_ends(1) == [1]
    assert calibrating.block_ends(5) == [2, 4, 5]


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


def test_a_fit_tells_what_the_state_s_own_draws_are_worth(posterior: Posterior) -> None:
    """128 draws of the state are judged, in two groups; rival equations are no parameters."""
    told = posterior.diagnostics()
    state = told[told["kind"] == "state"]
    assert state["ess"].nunique() == 1
    assert state["ess"].max() <= 4 * 32
    assert (told["kind"] == "structure").sum() == 6
    assert "structure" not in set(posterior.contraction()["kind"])
    assert len(posterior.contraction()) == len(told) - 6


def test_a_stage_of_other_code_is_not_gone_on_from(monkeypatch: pytest.MonkeyPatch) -> None:
    history = load_scenario("ukraine-2022").history(UNTIL)
    observed = calibrating.observe(load(), history, step_days=7)

    def name() -> str:
        return calibrating.identity(load_scenario("ukraine-2022"), observed, history, False, SMALL)

    before = name()
    assert name() == before
    monkeypatch.setattr(calibrating.code, "source_hash", lambda *modules: "other code")
    assert name() != before
