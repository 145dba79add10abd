"""From a posterior to the first morning of a scenario's wars."""

from __future__ import annotations

import dataclasses
import datetime as dt
from importlib import resources

import jax
import numpy as np
import pytest
import yaml

from ceasefire.engine import Start
from ceasefire.files import InputError
from ceasefire.inference.posterior import Posterior, state_axes
from ceasefire.inference.starting import start_of
from ceasefire.scenario import Scenario, World, load_scenario, mirror, parse_scenario
from ceasefire.war import REGISTRY, STRUCTURES, Geography, State, initial_state
from ceasefire.war.start import COUNTERS
from ceasefire.war.state import MECHANISM_OF
from ceasefire.war.structure import OPTIONAL, ROWS
from tests.inference.synthetic import synthetic_posterior


@pytest.fixture(scope="module")
def invented() -> Scenario:
    return load_scenario("invented-war")


@pytest.fixture(scope="module")
def posterior(invented: Scenario) -> Posterior:
    return synthetic_posterior(invented)


def test_a_start_holds_the_draws_and_the_rebased_state(invented: Scenario, posterior: Posterior) -> None:
    world = invented.world()
    start = start_of(posterior, world)
    state = posterior.state()
    assert start.name == posterior.name
    known = np.isfinite(posterior.parameters()).all(axis=1)
    of_core = [mechanism not in OPTIONAL for mechanism in mechanisms_of_rows()]
    assert known.tolist() == of_core
    assert np.array_equal(start.parameters[known], posterior.parameters()[known])
    rivals = [ROWS[one.name] for one in STRUCTURES if one.mechanism is None]
    assert np.array_equal(start.structure[rivals], posterior.structure()[rivals])
    assert not start.state.killed.any()
    assert not start.state.ground_taken.any()
    assert np.array_equal(start.state.troops, state.troops)
    assert np.array_equal(start.state.pool_at_start, state.pool_left())
    assert (start.state.ground_at_start == np.asarray(world.geography.ground)[..., None]).all()
    net = (state.ground_taken - state.ground_taken[::-1]).sum(axis=1)
    moved = -posterior.parameters()[REGISTRY.rows["overstretch"]] * net / 1000
    assert start.state.advantage - state.advantage == pytest.approx(moved, abs=1e-5)


def mechanisms_of_rows() -> list[str]:
    return [REGISTRY.mechanisms[name] for name, _ in REGISTRY.labels()]


def with_mechanisms(**shares: float) -> Scenario:
    """The invented war with optional mechanisms in a share of the wars; a quarter of the leaders replace."""
    data = yaml.safe_load(
        (resources.files("ceasefire.scenario") / "shipped" / "invented-war.yaml").read_text()
    )
    data["mechanisms"] = shares
    data["structures"] = {
        "recruitment_rule": {"weights": {"decreed": 0.75, "replacing": 0.25}, "source": "invented"}
    }
    return parse_scenario(yaml.safe_dump(data))


@pytest.mark.parametrize("fitted", [(), ("artillery", "drones"), ("belief", "emigration", "recruiting")])
def test_what_a_fit_had_not_begins_as_the_scenario_says(invented: Scenario, fitted: tuple[str, ...]) -> None:
    """Parameters from its priors, alternatives by its weights, stocks as on a first morning."""
    scenario = with_mechanisms(labour=1.0, air_defence=0.5, belief=0.5, drones=0.5)
    posterior = synthetic_posterior(scenario, 256, mechanisms=list(fitted))
    assert posterior.mechanisms == set(fitted)
    world = scenario.world()
    start = start_of(posterior, world)
    assert np.isfinite(start.parameters).all()
    for row, mechanism in enumerate(mechanisms_of_rows()):
        prior, bounds = world.priors[row], world.bounds[row]
        if mechanism in OPTIONAL and mechanism not in fitted:
            assert np.isnan(posterior.parameters()[row]).all()
            assert bounds[0] <= start.parameters[row].min() <= start.parameters[row].max() <= bounds[1]
            below = np.mean(start.parameters[row] <= np.float32(prior.best))
            assert prior.constant or abs(below - 0.5) < 0.17, REGISTRY.labels()[row]
        else:
            assert np.array_equal(start.parameters[row], posterior.parameters()[row])
    for one in STRUCTURES:
        choices = start.structure[ROWS[one.name]]
        if one.mechanism in fitted:
            assert (choices == 1).all(), one.name
        elif one.mechanism is not None:
            weight = world.structure_weights[one.name][1]
            assert np.mean(choices == 1) == pytest.approx(weight, abs=0.12 if 0 < weight < 1 else 0.0)
    state = posterior.state()
    for name, mechanism in MECHANISM_OF.items():
        found = getattr(start.state, name)
        assert found.shape == getattr(first_morning(world, start), name).shape, name
        if mechanism in fitted and name not in COUNTERS and not name.startswith("believed"):
            assert np.array_equal(found, getattr(state, name)), name
        elif name in COUNTERS:
            assert not found.any(), name
        elif name not in ("highest_force", "believed_own", "believed_enemy"):
            assert np.array_equal(found, getattr(first_morning(world, start), name)), name
    if "ending" not in fitted:
        assert np.array_equal(start.state.highest_force, np.asarray(start.state.force()))


def first_morning(world: World, start: Start) -> State:
    geography = Geography(*world.geography)
    return jax.tree.map(np.asarray, _first_morning(start.parameters, start.structure, geography))


_first_morning = jax.jit(initial_state)


@pytest.mark.parametrize("fitted", [(), ("drones", "belief")])
def test_completed_starts_mirror_too(fitted: tuple[str, ...]) -> None:
    scenario = with_mechanisms(labour=1.0, air_defence=0.5, belief=0.5, drones=0.5, sanctions=0.5)
    posterior = synthetic_posterior(scenario, 32, mechanisms=list(fitted))
    assert posterior.mechanisms == set(fitted)
    straight = start_of(posterior, scenario.world())
    turned = start_of(posterior, mirror(scenario).world())
    assert turned.sha256 == straight.mirrored().sha256 != straight.sha256


def test_two_completions_of_a_posterior_are_the_same(posterior: Posterior) -> None:
    """Chance belongs to the posterior and the draw; another posterior has other numbers."""
    scenario = with_mechanisms(labour=1.0)
    one = synthetic_posterior(scenario, 32)
    assert start_of(one, scenario.world()).sha256 == start_of(one, scenario.world()).sha256
    other = synthetic_posterior(scenario, 34)
    rows = REGISTRY.rows["initial_workforce"]
    ours, theirs = (start_of(each, scenario.world()).parameters[rows, :32] for each in (one, other))
    assert not np.array_equal(ours, theirs)


def test_a_scenario_that_lists_the_sides_the_other_way_round_gets_them_turned(
    invented: Scenario, posterior: Posterior
) -> None:
    straight = start_of(posterior, invented.world())
    turned = start_of(posterior, mirror(invented).world())
    assert turned.sha256 == straight.mirrored().sha256 != straight.sha256


def test_every_stock_has_the_axes_that_a_posterior_names(invented: Scenario, posterior: Posterior) -> None:
    """Its own numbers of stages and fronts for each of them; a stage is not taken for a front."""
    world = invented.world()
    state = first_morning(world, start_of(posterior, world))
    sizes: dict[str, set[int]] = {}
    for name, stock in state._asdict().items():
        axes = state_axes(name)
        assert len(axes) == stock.ndim - 1, name
        for axis, size in zip(axes, stock.shape, strict=False):
            sizes.setdefault(axis, set()).add(size)
    assert sizes == {
        "side": {2},
        "front": {2},
        "training_stage": {3},
        "recovery_stage": {2},
        "aid_stage": {3},
        "return_stage": {2},
    }


@pytest.mark.parametrize("fitted", [(), ("artillery", "emigration", "battles", "ending")])
def test_a_posterior_read_from_its_file_gives_the_same_start(
    invented: Scenario, tmp_path: object, fitted: tuple[str, ...]
) -> None:
    from ceasefire.inference.posterior import load_posterior

    posterior = synthetic_posterior(invented, mechanisms=list(fitted))
    path = posterior.save(f"{tmp_path}/kept.nc")
    assert (
        start_of(load_posterior(path), invented.world()).sha256
        == start_of(posterior, invented.world()).sha256
    )


def test_a_posterior_of_another_day_is_refused(invented: Scenario) -> None:
    day = invented.start - dt.timedelta(days=7)
    other = synthetic_posterior(invented, 8, until=str(day))
    with pytest.raises(InputError) as caught:
        start_of(other, invented.world())
    assert caught.value.what == f"this posterior is of {day}; 'invented-war' starts on {invented.start}."
    assert caught.value.where == other.name
    assert caught.value.todo == (
        f"run `ceasefire calibrate invented-war --until {invented.start}`, or use the priors with"
        " `--posterior prior`."
    )


def test_other_sides_and_other_fronts_are_refused(invented: Scenario, posterior: Posterior) -> None:
    world = invented.world()
    with pytest.raises(InputError) as caught:
        start_of(posterior, dataclasses.replace(world, sides=("Left", "Right")))
    assert caught.value.what == (
        "this posterior is of Aldria and Bremor; 'invented-war' is between Left and Right."
    )
    fronts = tuple(reversed(world.fronts))
    with pytest.raises(InputError) as caught:
        start_of(posterior, dataclasses.replace(world, fronts=fronts))
    assert caught.value.what == (
        f"this posterior has the fronts {', '.join(world.fronts)}; 'invented-war' has {', '.join(fronts)}."
    )
