"""A fit that begins at the draws of an earlier one of the same posterior."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from ceasefire.cli.app import run
from ceasefire.evidence import load
from ceasefire.evidence.shape import COLUMNS
from ceasefire.files import InputError
from ceasefire.inference import calibrating, continuing
from ceasefire.inference.calibrating import Course, Settings, begin_at_draws, calibrate
from ceasefire.inference.continuing import CannotBeginError, of_other_figures
from ceasefire.inference.observing import observe
from ceasefire.inference.posterior import Posterior, load_posterior
from ceasefire.inference.target import Target
from ceasefire.scenario import load_scenario
from ceasefire.war import REGISTRY

UNTIL = dt.date(2022, 6, 7)
SMALL = Settings(sets=24, replicates=2, paths=4, step_days=7, draws=32, rounds=2)


@pytest.fixture(scope="module")
def earlier() -> Posterior:
    found = calibrate(load_scenario("ukraine-2022"), load(), UNTIL, settings=SMALL)
    assert not found.passed
    return found


@functools.cache
def course(settings: Settings = SMALL) -> Course:
    scenario, evidence = load_scenario("ukraine-2022"), load().known_by(UNTIL)
    history = scenario.history(UNTIL, known_on=UNTIL)
    return Course(history, observe(evidence, history, step_days=settings.step_days), settings)


def target() -> Target:
    return course().target(len(course().ends) - 1)


def test_the_numbers_of_values_give_the_values_back() -> None:
    transform = target().transform
    rng = np.random.default_rng(1)
    z = rng.standard_normal((target().dimension, 200)).astype(np.float32)
    values = np.asarray(transform(z))
    back = transform.inverse(values)
    np.testing.assert_allclose(np.asarray(transform(back)), values, rtol=2e-5, atol=1e-6)
    assert (back[~transform.free] == 0.0).all()
    inside = (values > np.asarray(transform.low) * 1.001) & (values < np.asarray(transform.high) * 0.999)
    inside &= transform.free[:, None] & (values > 1e-3)
    assert inside.mean() > 0.5
    np.testing.assert_allclose(back[inside], z[inside], atol=5e-3)


def test_each_replicate_begins_at_the_draws_of_one_chain(earlier: Posterior) -> None:
    of_draws = Posterior(earlier.tree.drop_nodes("rounds"))
    stage = begin_at_draws(course(), of_draws, load_scenario("ukraine-2022"), hindsight=False)
    assert stage.arrived(course())
    begun, _ = (np.asarray(part) for part in target().values(stage.population.z))
    rows = [REGISTRY.rows[name].start for name in ("attrition_coefficient", "killed_share", "advance_scale")]
    chains = earlier.parameters()[rows].reshape(len(rows), 2, -1)
    replicates = begun[rows].reshape(len(rows), 2, SMALL.sets)
    for replicate in (0, 1):
        same, other = (
            np.abs(replicates[:, replicate, :, None] / chains[:, chain, None] - 1.0).max(axis=0)
            for chain in (replicate, 1 - replicate)
        )
        assert (same.min(axis=1) < 1e-4).all()
        assert (other.min(axis=1) > 1e-4).all()


def test_it_says_where_it_began_and_can_be_begun_at_in_turn(earlier: Posterior, tmp_path: Path) -> None:
    scenario, evidence = load_scenario("ukraine-2022"), load()
    settings = dataclasses.replace(SMALL, sets=16, paths=8, rounds=1)
    found = calibrate(scenario, evidence, UNTIL, settings=settings, begin_at=earlier)
    assert str(found.tree.attrs["begun_at"]).startswith(f"{earlier.name} (")
    assert not np.array_equal(found.parameters(), earlier.parameters())
    kept = load_posterior(found.save(tmp_path / "kept.nc"))
    again = calibrate(scenario, evidence, UNTIL, settings=settings, begin_at=kept)
    told = str(again.tree.attrs["begun_at"])
    assert told.startswith(f"{kept.name} (")
    assert f"itself begun at {earlier.name} (" in told


def test_its_rounds_go_on_and_count(earlier: Posterior, tmp_path: Path) -> None:
    """The sets are where the last round left them, with the estimates that they had."""
    found = load_posterior(earlier.save(tmp_path / "failed.nc"))
    scenario = load_scenario("ukraine-2022")
    stage = begin_at_draws(course(), found, scenario, hindsight=False)
    own = found.tree["rounds"].to_dataset()
    assert stage.earlier == len(stage.rounds) == own.sizes["round"] == 4
    heard = own["heard"].values
    np.testing.assert_array_equal(stage.population.z[heard], own["z"].values[-1])
    assert set(heard) == set(np.flatnonzero(target().transform.free & ~target().silent))
    assert stage.blind == 0
    assert stage.worth is not None
    own_target = target().by(stage.worth)
    again = own_target.log_likelihood(
        stage.population.z, stage.population.structure, stage.population.numbers
    )
    np.testing.assert_array_equal(stage.population.new, again)
    more = calibrate(scenario, load(), UNTIL, settings=SMALL, begin_at=found, folder=tmp_path)
    assert more.tree["rounds"].sizes["round"] == 4 + SMALL.rounds * 3
    np.testing.assert_array_equal(more.tree["rounds"]["z"].values[:4], own["z"].values)


def test_of_many_rounds_the_newest_are_kept(earlier: Posterior, monkeypatch: pytest.MonkeyPatch) -> None:
    held = earlier.tree["rounds"].to_dataset()
    z = np.zeros((4, target().dimension, held.sizes["set"]), np.float32)
    z[:, held["heard"].values] = held["z"].values
    found = Posterior(earlier.tree.copy(deep=True))
    monkeypatch.setattr(continuing, "MOST_KEPT", held["z"][0].nbytes * 2)
    kept = continuing.Kept(z, held["structure"].values, held["numbers"].values.astype(np.uint32), blind=3)
    continuing.keep_rounds(found, kept, target())
    np.testing.assert_array_equal(found.tree["rounds"]["z"].values, held["z"].values[2:])
    assert found.tree["rounds"].attrs["blind"] == 1


def test_rounds_of_other_steps_sets_moves_or_paths_are_not_gone_on_with(earlier: Posterior) -> None:
    for other in ({"sets": 16}, {"moves": 3}, {"step_days": 1}, {"paths": 5}):
        settings = dataclasses.replace(SMALL, **other)
        stage = begin_at_draws(course(settings), earlier, load_scenario("ukraine-2022"), hindsight=False)
        assert stage.rounds == ()
        assert stage.earlier == 0


def test_figures_that_are_no_rows_and_priors_of_reporting_count_as_evidence(earlier: Posterior) -> None:
    """The first map weighs nothing, and says what the first week took."""
    observed, evidence = course().observed, load().known_by(UNTIL)
    assert of_other_figures(earlier, observed) == ""
    rows = evidence.observations
    first = (rows["quantity"] == "area_controlled") & (rows["end"] == pd.Timestamp(course().history.start))
    assert first.any()
    rows.loc[first, "best"] += 50.0
    moved = observe(evidence.replace_observations(rows[list(COLUMNS)]), course().history, step_days=7)
    pd.testing.assert_frame_equal(moved.rows, observed.rows)
    assert "others between them" in of_other_figures(earlier, moved)
    one = observed.parameters[0]
    wider = dataclasses.replace(one, prior=dataclasses.replace(one.prior, low=0.9 * one.prior.low))
    under = dataclasses.replace(observed, parameters=(wider, *observed.parameters[1:]))
    assert "other priors of reporting" in of_other_figures(earlier, under)
    with pytest.raises(CannotBeginError, match="another evidence"):
        begin_at_draws(
            Course(course().history, under, SMALL), earlier, load_scenario("ukraine-2022"), hindsight=False
        )


def test_rounds_from_before_estimates_looked_ahead_count(earlier: Posterior, tmp_path: Path) -> None:
    """Those of the same fit that come after them do look ahead; each draw has the paths of its estimate."""
    tree = earlier.tree.copy(deep=True)
    held = tree["rounds"].to_dataset()
    old = xr.DataTree(held.drop_vars([str(name) for name in held if str(name).startswith("ahead_")]))
    del old.attrs["blind"]
    tree["rounds"] = old
    scenario = load_scenario("ukraine-2022")
    stage = begin_at_draws(course(), Posterior(tree), scenario, hindsight=False)
    assert (stage.blind, stage.worth) == (4, None)
    stage = calibrating.look_ahead(stage, course())
    assert stage.blind == 4
    *_, later = calibrating.stages(course(), stage, 6)
    counted = later.counted(SMALL)
    assert (len(counted.z), counted.blind) == (6, 4)
    picked = calibrating.pick(counted, 2, 32, 1)
    assert picked.blind.any()
    assert not picked.blind.all()
    found, paths = calibrating.paths_as_estimated(target(), picked, counted.worth)
    for is_blind, worth in ((True, None), (False, counted.worth)):
        some = picked.blind == is_blind
        alone, path = (
            target().by(worth).paths_of(picked.z[:, some], picked.structure[:, some], picked.numbers[some])
        )
        np.testing.assert_allclose(found[some], alone, rtol=1e-5)
        np.testing.assert_allclose(paths.quantities[..., some], path.quantities, rtol=1e-4, atol=0.1)
    more = calibrate(scenario, load(), UNTIL, settings=SMALL, begin_at=Posterior(tree), folder=tmp_path)
    assert more.tree["rounds"].attrs["blind"] == 4
    assert "ahead_slope" in more.tree["rounds"]


def test_each_set_takes_one_of_its_new_estimates_once_they_look_ahead() -> None:
    begun = calibrating.begin(course())
    population = dataclasses.replace(begun.population, power=1.0)
    stage = calibrating.look_ahead(
        dataclasses.replace(begun, population=population, block=len(course().ends) - 1), course()
    )
    found = stage.population
    np.testing.assert_array_equal(found.z, population.z)
    assert (found.numbers != population.numbers).all()
    again = target().by(stage.worth).log_likelihood(found.z, found.structure, found.numbers)
    np.testing.assert_array_equal(found.new, again)


def test_one_is_drawn_by_its_weight() -> None:
    weight = np.array([0.1, 0.2, 0.7])
    drawn = calibrating.one_by_weight(
        np.log(np.repeat(weight[:, None], 20_000, axis=1)), np.random.default_rng(2)
    )
    np.testing.assert_allclose(np.bincount(drawn, minlength=3) / 20_000, weight, atol=0.015)


@pytest.mark.parametrize(
    "change",
    [
        lambda held: held.assign_attrs(blind=held.sizes["round"]),
        lambda held: held.assign_attrs(blind="many"),
        lambda held: held.assign(ahead_scale=0.0 * held["ahead_scale"]),
        lambda held: held.drop_vars("ahead_middle"),
    ],
    ids=["all blind", "no number", "no scale", "a part"],
)
def test_a_damaged_function_is_refused(
    earlier: Posterior, change: Callable[[xr.Dataset], xr.Dataset]
) -> None:
    tree = earlier.tree.copy(deep=True)
    tree["rounds"] = xr.DataTree(change(tree["rounds"].to_dataset()))
    with pytest.raises(CannotBeginError, match="rounds that it holds"):
        begin_at_draws(course(), Posterior(tree), load_scenario("ukraine-2022"), hindsight=False)


def test_a_stage_on_disk_still_looks_ahead(tmp_path: Path, earlier: Posterior) -> None:
    stage = begin_at_draws(course(), earlier, load_scenario("ukraine-2022"), hindsight=False)
    stage = dataclasses.replace(stage, blind=2)
    store = calibrating.Store(tmp_path, "x")
    store.write(stage)
    found = store.read()
    assert found is not None
    assert found.blind == 2
    assert found.worth is not None
    for one, other in zip(found.worth, stage.worth or (), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("name", ["z", "heard", "numbers", "ahead_slope"])
def test_damaged_rounds_are_refused(earlier: Posterior, name: str) -> None:
    tree = earlier.tree.copy(deep=True)
    held = tree["rounds"].to_dataset()
    axis = held[name].dims[0]
    renamed = held[name].isel({axis: slice(0, held.sizes[axis] - 1)}).rename({axis: "short"})
    tree["rounds"] = held.drop_vars(name).assign({name: renamed})
    with pytest.raises(CannotBeginError, match="rounds that it holds"):
        begin_at_draws(course(), Posterior(tree), load_scenario("ukraine-2022"), hindsight=False)


def with_paths(earlier: Posterior) -> xr.DataTree:
    """As if the sets of its last round had a path each, of channels 4 and 6."""
    tree = earlier.tree.copy(deep=True)
    held = tree["rounds"].to_dataset()
    held = held.drop_vars([name for name in held.data_vars if str(name).startswith("ahead_")])
    rng, weeks = np.random.default_rng(5), target().weeks
    chances = rng.standard_normal((weeks, 2, held.sizes["set"])).astype(np.float32)
    channels = ("channel", np.array([4, 6], np.int32))
    tree["rounds"] = xr.DataTree(
        held.assign(chances=(("path_week", "channel", "set"), chances), channels=channels)
    )
    return tree


def test_sets_that_have_paths_go_on_with_them(earlier: Posterior) -> None:
    together = dataclasses.replace(SMALL, together=True)
    tree = with_paths(earlier)
    stage = begin_at_draws(course(together), Posterior(tree), load_scenario("ukraine-2022"), hindsight=False)
    assert stage.earlier == len(stage.rounds) > 0
    assert stage.tuning is not None
    assert stage.tuning.channels.tolist() == [4, 6]
    assert stage.tuning.rows.size == 0
    np.testing.assert_array_equal(stage.chances, tree["rounds"]["chances"].values[None])
    # One that moves by estimates does not go on with paths, nor one with paths without them.
    for settings, begun in ((SMALL, Posterior(tree)), (together, earlier)):
        found = begin_at_draws(course(settings), begun, load_scenario("ukraine-2022"), hindsight=False)
        assert found.earlier == 0
        assert found.chances == ()


def levelled_too(earlier: Posterior) -> xr.DataTree:
    """As if they had been levelled where they moved."""
    tree = with_paths(earlier)
    held = tree["rounds"].to_dataset()
    tree["rounds"] = xr.DataTree(
        held.assign(
            levelled_direction=("row", np.linspace(-1.0, 1.0, held.sizes["row"]).astype(np.float32)),
            levelled_knots=("knot", np.array([-1.0, 0.0, 2.0])),
            levelled_heights=("knot", np.array([0.0, 2.0, 1.0])),
        )
    )
    return tree


def test_what_was_levelled_stays_so(earlier: Posterior, tmp_path: Path) -> None:
    tree, together = levelled_too(earlier), dataclasses.replace(SMALL, together=True)
    stage = begin_at_draws(course(together), Posterior(tree), load_scenario("ukraine-2022"), hindsight=False)
    assert stage.tuning is not None
    level, heard = stage.tuning.levelling, tree["rounds"]["heard"].values
    np.testing.assert_array_equal(level.direction[heard], tree["rounds"]["levelled_direction"].values)
    assert np.count_nonzero(level.direction) <= heard.size
    assert level.heights.tolist() == [0.0, 2.0, 1.0]
    # Rounds that count are not forgotten for another levelling.
    assert stage.levellings == calibrating.MOST_LEVELLINGS
    counted = stage.counted(together)
    assert counted.weights is not None
    np.testing.assert_allclose(counted.weights, level.weight(counted.z))
    # A fit that fails in turn says so.
    found = Posterior(earlier.tree.copy(deep=True))
    continuing.keep_rounds(found, counted, target())
    again = load_posterior(found.save(tmp_path / "levelled.nc"))
    for name in ("levelled_direction", "levelled_knots", "levelled_heights"):
        np.testing.assert_array_equal(again.tree["rounds"][name], tree["rounds"][name])


@pytest.mark.parametrize(
    "change",
    [
        lambda held: held.drop_vars("levelled_heights"),
        lambda held: held.assign(levelled_heights=np.nan * held["levelled_heights"]),
        lambda held: held.assign(levelled_knots=held["levelled_knots"][::-1].variable),
        lambda held: held.assign(levelled_direction=("other", np.ones(2, np.float32))),
        lambda held: held.isel(knot=slice(0, 1)),
    ],
    ids=["a part", "no number", "out of order", "of other rows", "one place"],
)
def test_damaged_levelling_is_refused(earlier: Posterior, change: Callable[[xr.Dataset], xr.Dataset]) -> None:
    tree, together = levelled_too(earlier), dataclasses.replace(SMALL, together=True)
    tree["rounds"] = xr.DataTree(change(tree["rounds"].to_dataset()))
    with pytest.raises(CannotBeginError, match="rounds that it holds"):
        begin_at_draws(course(together), Posterior(tree), load_scenario("ukraine-2022"), hindsight=False)


@pytest.mark.parametrize(
    "change",
    [
        lambda held: held.isel(path_week=slice(0, -1)),
        lambda held: held.assign(chances=np.nan * held["chances"]),
        lambda held: held.assign(chances=held["chances"].astype(int)),
        lambda held: held.drop_vars("channels"),
        lambda held: held.assign(channels=held["channels"][::-1].variable),
        lambda held: held.assign(channels=held["channels"] + 1000),
        lambda held: held.assign(channels=held["channels"] - 9),
    ],
    ids=[
        "a week less",
        "no number",
        "whole numbers",
        "no channels",
        "out of order",
        "too many",
        "below none",
    ],
)
def test_damaged_paths_are_refused(earlier: Posterior, change: Callable[[xr.Dataset], xr.Dataset]) -> None:
    tree, together = with_paths(earlier), dataclasses.replace(SMALL, together=True)
    tree["rounds"] = xr.DataTree(change(tree["rounds"].to_dataset()))
    with pytest.raises(CannotBeginError, match="rounds that it holds"):
        begin_at_draws(course(together), Posterior(tree), load_scenario("ukraine-2022"), hindsight=False)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"until": "2022-06-14"}, "another day: 2022-06-14, not 2022-06-07"),
        ({"hindsight": 1}, "another choice of figures: figures with hindsight"),
        ({"scenario_sha256": "0" * 64}, "another scenario"),
        ({"model_fingerprint": "0" * 16}, "another model"),
    ],
)
def test_a_fit_of_another_posterior_is_refused(
    earlier: Posterior, changed: dict[str, object], said: str
) -> None:
    tree = earlier.tree.copy()
    tree.attrs |= changed
    with pytest.raises(InputError, match=re.escape(said)):
        begin_at_draws(course(), Posterior(tree), load_scenario("ukraine-2022"), hindsight=False)


def test_other_evidence_and_another_number_of_chains_are_refused(earlier: Posterior) -> None:
    scenario = load_scenario("ukraine-2022")
    three = course(dataclasses.replace(SMALL, replicates=3))
    with pytest.raises(InputError, match="another number of chains: 2, not 3"):
        begin_at_draws(three, earlier, scenario, hindsight=False)
    root = str(earlier.evidence_rows()["root"].iloc[-1])
    fewer = observe(load().known_by(UNTIL).without([root]), course().history, step_days=7)
    with pytest.raises(InputError, match="another evidence"):
        begin_at_draws(Course(course().history, fewer, SMALL), earlier, scenario, hindsight=False)
    # As many rows, one of them another figure.
    rows = course().observed.rows.copy()
    rows.loc[rows.index[3], "best"] *= 1.01
    other = dataclasses.replace(course().observed, rows=rows)
    with pytest.raises(InputError, match="another evidence: 1 of them as they were"):
        begin_at_draws(Course(course().history, other, SMALL), earlier, scenario, hindsight=False)


def test_a_value_that_no_prior_gives_is_refused(earlier: Posterior) -> None:
    tree = earlier.tree.copy(deep=True)
    tree["posterior"]["parameters"].loc[{"parameter": "advance_scale"}] = 0.0
    with pytest.raises(InputError, match="no prior gives"):
        begin_at_draws(course(), Posterior(tree), load_scenario("ukraine-2022"), hindsight=False)


def test_the_command_refuses_a_file_of_another_day(
    earlier: Posterior,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    earlier.save(tmp_path / "failed.nc")
    args = ("--until", "2022-06-14", "--weekly", "--begin-at", "failed.nc", "--out", "more.nc")
    assert run(["calibrate", "ukraine-2022", *args]) == 2
    assert "another day: 2022-06-07, not 2022-06-14" in capsys.readouterr().err
    assert run(["calibrate", "ukraine-2022", *args[:-1], "failed.nc"]) == 2
    assert "--begin-at" in capsys.readouterr().err
    assert [path.name for path in tmp_path.glob("*.nc")] == ["failed.nc"]
