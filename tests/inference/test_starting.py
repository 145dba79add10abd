"""From a posterior to the first morning of a scenario's wars."""

from __future__ import annotations

import dataclasses
import datetime as dt

import numpy as np
import pytest

from ceasefire.files import InputError
from ceasefire.inference.posterior import Posterior
from ceasefire.inference.starting import start_of
from ceasefire.scenario import Scenario, load_scenario, mirror
from ceasefire.war import REGISTRY
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
    assert np.array_equal(start.parameters, posterior.parameters())
    assert np.array_equal(start.structure, posterior.structure())
    assert not start.state.killed.any()
    assert not start.state.ground_taken.any()
    assert np.array_equal(start.state.troops, state.troops)
    assert np.array_equal(start.state.pool_at_start, state.pool_left())
    assert (start.state.ground_at_start == np.asarray(world.geography.ground)[..., None]).all()
    net = (state.ground_taken - state.ground_taken[::-1]).sum(axis=1)
    moved = -posterior.parameters()[REGISTRY.rows["overstretch"]] * net / 1000
    assert start.state.advantage - state.advantage == pytest.approx(moved, abs=1e-5)


def test_a_scenario_that_lists_the_sides_the_other_way_round_gets_them_turned(
    invented: Scenario, posterior: Posterior
) -> None:
    straight = start_of(posterior, invented.world())
    turned = start_of(posterior, mirror(invented).world())
    assert turned.sha256 == straight.mirrored().sha256 != straight.sha256


def test_a_posterior_read_from_its_file_gives_the_same_start(
    invented: Scenario, posterior: Posterior, tmp_path: object
) -> None:
    from ceasefire.inference.posterior import load_posterior

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
