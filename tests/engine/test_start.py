"""Wars that have been going on: each begins with the stocks of its draw, whatever runs beside it."""

from __future__ import annotations

import dataclasses

import jax
import numpy as np
import pytest
import xarray as xr

from ceasefire.engine import Start, run
from ceasefire.scenario import Scenario, load_scenario, mirror
from ceasefire.war import REGISTRY, State
from tests.engine.starts import start_from_priors

SEED = 11


@pytest.fixture(scope="module")
def invented() -> Scenario:
    return load_scenario("invented-war")


@pytest.fixture(scope="module")
def start(invented: Scenario) -> Start:
    return start_from_priors(invented.world(), 100)


@pytest.fixture(scope="module")
def truce(invented: Scenario, start: Start) -> xr.Dataset:
    return run(invented.world(), invented.plan("truce"), draws=300, seed=SEED, start=start)


def same(first: xr.Dataset, second: xr.Dataset) -> bool:
    return all(
        np.array_equal(first[name].values, second[name].values, equal_nan=True) for name in first.data_vars
    )


@pytest.mark.thorough
@pytest.mark.parametrize("chunk", [37, 128, 300])
def test_results_do_not_depend_on_the_chunk_by_a_bit(
    invented: Scenario, start: Start, truce: xr.Dataset, chunk: int
) -> None:
    world = invented.world()
    again = run(world, invented.plan("truce"), draws=300, seed=SEED, chunk=chunk, start=start)
    assert same(truce, again)


def test_each_war_begins_with_the_stocks_of_its_draw(start: Start, truce: xr.Dataset) -> None:
    assert (truce["status"].values == 0).all()
    draws = np.arange(300) % 100
    first = truce.isel(time=0)
    for name, expected in {
        "force": start.state.force(),
        "skill": start.state.skill,
        "shells": start.state.shells,
        "trainees": start.state.trainees.sum(axis=1),
        "perceived": start.state.perceived,
        "offensive": start.state.offensive,
    }.items():
        assert np.array_equal(first[name].values, np.asarray(expected)[:, draws]), name
    for name in ("killed", "losses", "called_up", "shells_fired", "ground_taken", "armour_lost"):
        assert not first[name].values.any(), name
    assert (first["industry"].values == 1.0).all()
    assert np.array_equal(truce["structure"].values, start.structure[:, draws])


def test_two_wars_of_one_draw_part_by_chance_alone(start: Start, truce: xr.Dataset) -> None:
    here, there = truce.isel(war=7), truce.isel(war=107)
    assert np.array_equal(here["parameters"].values, there["parameters"].values)
    assert np.array_equal(here["force"].values[0], there["force"].values[0])
    assert not np.array_equal(here["force"].values[10], there["force"].values[10])


def test_a_truce_takes_hold(invented: Scenario, start: Start, truce: xr.Dataset) -> None:
    fought_on = run(invented.world(), invented.plan("fight-on"), draws=300, seed=SEED, start=start)
    begins = int(invented.plan("truce").events[0, 0])
    before = slice(0, begins // 7 + 1)
    assert same(fought_on[["killed"]].isel(time=before), truce[["killed"]].isel(time=before))
    after = begins // 7 + 4
    held = truce["truce"].isel(time=after).values > 0
    assert 0.3 < held.mean() < 1
    fewer = truce["killed"].isel(time=after) < fought_on["killed"].isel(time=after)
    assert fewer.values[:, held].all()


def test_the_record_holds_the_stocks_that_the_wars_began_with(start: Start, truce: xr.Dataset) -> None:
    draws = np.arange(300) % 100
    recorded = truce["parameters"].values
    # What later days are measured by stays as it was at the start of all.
    measures = {"initial_workforce", "initial_grid"}
    initial = {name for name, parameter in REGISTRY.items() if parameter.initial} - measures
    for name, rows in REGISTRY.rows.items():
        unchanged = np.array_equal(recorded[rows], start.parameters[rows][:, draws])
        assert unchanged == (name not in initial), name
    assert np.array_equal(recorded[REGISTRY.rows["initial_troops"]], truce["force"].values[0])
    assert np.array_equal(recorded[REGISTRY.rows["initial_shells"]], truce["shells"].values[0])
    assert np.array_equal(recorded[REGISTRY.rows["initial_pool"]], start.state.pool_at_start[:, draws])
    for name in ("artillery", "drones", "missiles", "interceptors", "will", "usual_losses", "displaced"):
        rows = REGISTRY.rows[f"initial_{name}"]
        assert np.array_equal(recorded[rows], getattr(start.state, name)[:, draws]), name
    assert np.array_equal(recorded[REGISTRY.rows["initial_abroad"]], start.state.abroad.sum(axis=1)[:, draws])


def test_what_the_stocks_say_in_the_parameters_has_no_effect(
    invented: Scenario, start: Start, truce: xr.Dataset
) -> None:
    other = dataclasses.replace(start, parameters=start.recorded())
    assert same(truce, run(invented.world(), invented.plan("truce"), draws=300, seed=SEED, start=other))


def test_a_result_says_where_its_wars_come_from(invented: Scenario, start: Start, truce: xr.Dataset) -> None:
    world, plan = invented.world(), invented.plan("truce")
    assert truce.attrs["posterior"] == start.name

    def hashed(other: Start | None) -> str:
        return str(run(world, plan, draws=2, seed=1, start=other).attrs["input_sha256"])

    shells = start.state.shells.copy()
    shells[0, 99] += 1
    moved = dataclasses.replace(start, state=start.state._replace(shells=shells))
    renamed = dataclasses.replace(start, name="other")
    assert len({hashed(None), hashed(start), hashed(moved), hashed(renamed)}) == 4
    assert hashed(start) == truce.attrs["input_sha256"]


@pytest.mark.parametrize("policy", ["fight-on", "truce"])
def test_sides_listed_the_other_way_round_mirror_by_the_bit(
    invented: Scenario, start: Start, policy: str
) -> None:
    turned = mirror(invented)
    here = run(invented.world(), invented.plan(policy), draws=128, seed=9, start=start)
    there = run(turned.world(), turned.plan(policy), draws=128, seed=9, start=start.mirrored())
    assert (here["killed"].sel(side=invented.sides[0]).values[-1] != here["killed"].values[-1, 1]).any()
    for name in here.data_vars:
        if name == "ground_net":
            assert np.array_equal(here[name].values, -there[name].values)
            continue
        places = {label: here[label] for label in ("side", "parameter") if label in there[name].dims}
        assert np.array_equal(here[name].values, there[name].sel(places).values), name


def test_a_mirror_of_a_mirror_is_the_start_itself(start: Start) -> None:
    again = start.mirrored().mirrored()
    assert again.sha256 == start.sha256 != start.mirrored().sha256


def test_the_first_mornings_of_the_priors_give_the_wars_of_the_priors(invented: Scenario) -> None:
    """A start made of the priors' own first mornings is the run without one, war by war."""
    from ceasefire.engine import draw_parameters, draw_structure
    from ceasefire.war import Geography, initial_state

    world, plan = invented.world(), invented.plan("truce")
    wars = np.arange(64)
    parameters, structure = draw_parameters(world, wars, 3), draw_structure(world, wars, 3)
    morning = jax.jit(initial_state)(parameters, structure, Geography(*world.geography))
    start = Start(parameters, structure, jax.tree.map(np.asarray, morning), "again")
    here = run(world, plan, draws=64, seed=3)
    there = run(world, plan, draws=64, seed=3, start=start)
    for name in ("killed", "force", "shells", "ground_taken"):
        final = [one[name].values[-1] for one in (here, there)]
        # The two programs may round the first morning apart by a bit, and a leader may then decide apart.
        close = np.isclose(*final, rtol=1e-3, atol=1.0).all(axis=0)
        assert close.mean() > 0.95, name


def test_draws_that_do_not_belong_together_are_refused(start: Start) -> None:
    with pytest.raises(ValueError, match=f"a start needs {REGISTRY.size} rows of parameters"):
        dataclasses.replace(start, parameters=start.parameters[1:])
    with pytest.raises(ValueError, match="a start needs as many states as sets of parameters"):
        dataclasses.replace(start, structure=start.structure[:, :7])
    with pytest.raises(ValueError, match="a start needs as many states as sets of parameters"):
        dataclasses.replace(start, state=State(*(stock[..., :7] for stock in start.state)))


def test_a_start_on_other_fronts_is_refused(invented: Scenario, start: Start) -> None:
    world = dataclasses.replace(invented.world(), fronts=("one",))
    with pytest.raises(ValueError, match="fronts cannot begin a war on 1"):
        run(world, invented.plan("truce"), draws=2, start=start)
