import dataclasses
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from ceasefire.engine import draw_parameters, draw_structure, ensemble, failed, good, load, run, save
from ceasefire.files import InputError
from ceasefire.scenario import Scenario, load_scenario
from ceasefire.war import REGISTRY, STRUCTURES


@pytest.fixture(scope="module")
def invented() -> Scenario:
    return load_scenario("invented-war")


@pytest.fixture(scope="module")
def fought_on(invented: Scenario) -> xr.Dataset:
    return run(invented.world(), invented.plan("fight-on"), draws=300, seed=11)


def same(first: xr.Dataset, second: xr.Dataset) -> bool:
    return all(
        np.array_equal(first[name].values, second[name].values, equal_nan=True) for name in first.data_vars
    )


@pytest.mark.parametrize("chunk", [37, 128, 256, 300])
def test_results_do_not_depend_on_the_chunk_by_a_bit(
    invented: Scenario, fought_on: xr.Dataset, chunk: int
) -> None:
    assert same(fought_on, run(invented.world(), invented.plan("fight-on"), draws=300, seed=11, chunk=chunk))


def test_a_war_does_not_depend_on_how_many_run_with_it(invented: Scenario, fought_on: xr.Dataset) -> None:
    fewer = run(invented.world(), invented.plan("fight-on"), draws=50, seed=11)
    assert same(fought_on.isel(war=slice(0, 50)), fewer)


def test_another_seed_gives_other_wars(invented: Scenario, fought_on: xr.Dataset) -> None:
    other = run(invented.world(), invented.plan("fight-on"), draws=300, seed=12)
    assert not np.array_equal(fought_on["killed"].values, other["killed"].values)


def test_policies_share_their_wars_until_they_part(invented: Scenario, fought_on: xr.Dataset) -> None:
    truce = run(invented.world(), invented.plan("truce"), draws=300, seed=11)
    begins = int(invented.plan("truce").events[0, 0])
    before = slice(0, begins // 7 + 1)
    assert begins >= 7
    assert same(
        fought_on[["killed", "shells"]].isel(time=before), truce[["killed", "shells"]].isel(time=before)
    )
    after = begins // 7 + 4
    held = truce["truce"].isel(time=after).values > 0
    assert 0.5 < held.mean() < 1
    fewer = truce["killed"].isel(time=after) < fought_on["killed"].isel(time=after)
    assert fewer.values[:, held].all()


def test_counts_begin_at_zero_and_never_fall(fought_on: xr.Dataset) -> None:
    for name in (
        "killed",
        "wounded",
        "captured",
        "losses",
        "called_up",
        "emigrated",
        "shells_fired",
        "ground_taken",
    ):
        values = fought_on[name]
        assert float(values.isel(time=0).max()) == 0.0
        assert float(values.diff("time").min()) >= 0.0
        assert values.attrs["units"]


def test_draws_follow_the_priors_as_typed(invented: Scenario) -> None:
    world = invented.world()
    drawn = draw_parameters(world, np.arange(20_000), 5)
    for row, (prior, bounds) in enumerate(zip(world.priors, world.bounds, strict=True)):
        points = np.clip([prior.low, prior.best, prior.high], *bounds)
        shares = [(drawn[row] <= point).mean() for point in points]
        if prior.constant:
            assert np.unique(drawn[row]).size == 1
        else:
            assert shares == pytest.approx([0.05, 0.5, 0.95], abs=0.012), REGISTRY.labels()[row]


def test_structures_follow_their_weights(invented: Scenario) -> None:
    drawn = draw_structure(invented.world(), np.arange(20_000), 5)
    for row, alternative in enumerate(STRUCTURES):
        weights = invented.world().structure_weights[alternative.name]
        shares = np.bincount(drawn[row], minlength=len(weights)) / drawn.shape[1]
        assert shares == pytest.approx(weights, abs=0.015)


def test_a_failed_war_is_counted_and_never_averaged_in(invented: Scenario) -> None:
    world = invented.world()
    wars = np.arange(128)
    parameters = draw_parameters(world, wars, 1)
    parameters[REGISTRY.rows["initial_shells"].start, 3] = np.nan
    blocks = ensemble.run_blocks(
        world, invented.plan("fight-on"), parameters, draw_structure(world, wars, 1), wars, 1, 128
    )
    status = next(iter(blocks)).passages.status
    assert status[3] == ensemble.NOT_FINITE
    assert (np.delete(status, 3) == ensemble.GOOD).all()


def test_good_leaves_failed_wars_out(fought_on: xr.Dataset) -> None:
    broken = fought_on.copy(deep=True)
    broken["status"][7] = ensemble.NEGATIVE
    assert failed(broken) == 1
    assert 7 not in good(broken)["war"].values
    assert good(broken).sizes["war"] == fought_on.sizes["war"] - 1


def test_a_result_file_gives_back_what_was_saved(fought_on: xr.Dataset, tmp_path: Path) -> None:
    path = save(fought_on, tmp_path / "new" / "result.nc")
    read = load(path)
    assert same(fought_on, read)
    for name in ("seed", "version", "model_fingerprint", "scenario", "policy", "posterior", "input_sha256"):
        assert read.attrs[name] == fought_on.attrs[name]
    assert read["killed"].attrs["units"] == "persons"
    assert list(path.parent.iterdir()) == [path]


def test_a_result_that_cannot_be_written_leaves_the_old_one(fought_on: xr.Dataset, tmp_path: Path) -> None:
    occupied = tmp_path / "result.nc"
    occupied.mkdir()
    with pytest.raises(InputError, match="could not write the file"):
        save(fought_on, occupied)
    assert list(tmp_path.iterdir()) == [occupied]


def test_a_file_that_is_no_result_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other.nc"
    other.write_bytes(b"not netCDF")
    with pytest.raises(InputError, match="this is not a result file"):
        load(other)
    with pytest.raises(InputError, match="there is no such result file"):
        load(tmp_path / "absent.nc")


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({"draws": 0}, "0 draws cannot be run at one time."),
        ({"draws": 10**9}, "1,000,000,000 draws cannot be run at one time."),
        ({"seed": -1}, "-1 is no seed."),
        ({"chunk": 0}, "a chunk of 0 wars cannot be run."),
    ],
)
def test_numbers_that_cannot_be_used_are_refused(
    invented: Scenario, options: dict[str, int], what: str
) -> None:
    with pytest.raises(InputError) as caught:
        run(invented.world(), invented.plan("fight-on"), **{"draws": 10, **options})
    assert caught.value.what == what
    assert caught.value.todo


def test_the_input_hash_moves_with_a_prior_and_a_lever(invented: Scenario, fought_on: xr.Dataset) -> None:
    world, plan = invented.world(), invented.plan("fight-on")
    priors = list(world.priors)
    priors[0] = dataclasses.replace(priors[0], high=priors[0].high * 1.01)
    levers = plan.levers.copy()
    levers[3, 0] += 1
    hashes = {
        run(changed_world, changed_plan, draws=2, seed=1).attrs["input_sha256"]
        for changed_world, changed_plan in (
            (world, plan),
            (dataclasses.replace(world, priors=tuple(priors)), plan),
            (world, dataclasses.replace(plan, levers=levers)),
        )
    }
    assert len(hashes) == 3
    assert fought_on.attrs["input_sha256"] in hashes
