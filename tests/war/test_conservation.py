"""Nobody and nothing appears or vanishes: every stock is what flowed in less what flowed out, on every day.

Sums are taken in double precision from the float32 stocks and flows of 1106 days, with levers, truces, shocks
and parameters drawn by chance and the leaders deciding.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from ceasefire.war import Flows, State
from tests.war.helpers import Path, draw_inputs, set_lever, set_parameter, walk

DAYS = 1106
SEEDS = range(6)
CONSTANT = 100
"""Not a seed: the war of `constant_intake`."""
SHARE = 1e-5
"""Largest error in people as a share of all who have moved since the start."""
OF_MATERIAL = 1e-4
"""The same for vehicles and shells, where a stock of millions of rounds is used by thousands a day."""
NOBODY = 0.1
"""An error of a tenth of a person is none: a force of 500,000 is known to 0.03 in float32."""
ROUNDING = 2.0**-22
"""Rounding of a stock of float32 from one day to the next, as a share of the stock."""


def doubled(part: State | Flows) -> State | Flows:
    return type(part)(*[np.asarray(stock, dtype=np.float64) for stock in part])


def constant_intake() -> Path:
    """A large pool and the same intake every day, which rounds the same way every day."""
    inputs = draw_inputs(1, DAYS)
    levers = set_lever(set_lever(inputs.levers, "recruitment", 633.0), "mobilisation", 0.0)
    parameters = set_parameter(inputs.parameters, "initial_pool", 25e6)
    return walk(inputs._replace(levers=levers, parameters=parameters))


@cache
def path(seed: int) -> Path:
    walked = constant_intake() if seed == CONSTANT else walk(draw_inputs(seed, DAYS))
    return Path(doubled(walked.states), doubled(walked.flows))


def since_start(*flows: np.ndarray) -> np.ndarray:
    return np.cumsum(sum(flows), axis=0)


def assert_balanced(
    stock: np.ndarray, net: np.ndarray, gross: np.ndarray, rounding: float = 0.0, share: float = SHARE
) -> None:
    """The stock moved by the net flow since the start, to a share of the gross flow and a day's rounding."""
    error = np.abs(stock[1:] - stock[0] - net)
    allowed = np.maximum(share * gross, NOBODY) + rounding * np.abs(stock[1:])
    day, *where = np.unravel_index(np.argmax(error - allowed), error.shape)
    worst = (int(day), *where)
    balanced = bool((error <= allowed).all())
    assert balanced, f"day {day}: {error[worst]:.3g} of {gross[worst]:.6g}"


def people_who_moved(flows: Flows) -> np.ndarray:
    """All that has flowed from one stock of people to another since the start."""
    return since_start(
        flows.called_up, flows.emigrating, flows.graduates, flows.losses, flows.returned, flows.discharged
    )


def everybody(states: State) -> np.ndarray:
    pool_left = states.pool_at_start - states.called_up - states.emigrated
    under_arms = states.trainees.sum(axis=2) + states.troops.sum(axis=2) + states.reserve
    gone = states.killed + states.captured + states.emigrated + states.discharged
    return pool_left + under_arms + states.recovering.sum(axis=2) + gone


def test_people_add_up() -> None:
    for seed in (*SEEDS, CONSTANT):
        states, flows = path(seed)
        assert_balanced(everybody(states), np.zeros_like(flows.losses), people_who_moved(flows))


@pytest.mark.parametrize("seed", [*SEEDS, CONSTANT])
def test_each_stock_of_people_is_what_came_less_what_left(seed: int) -> None:
    states, flows = path(seed)
    gross = people_who_moved(flows)
    force = states.troops.sum(axis=2) + states.reserve
    recovering = states.recovering.sum(axis=2)
    assert_balanced(force, since_start(flows.graduates, flows.returned, -flows.losses), gross, ROUNDING)
    assert_balanced(states.trainees.sum(axis=2), since_start(flows.called_up, -flows.graduates), gross)
    assert_balanced(recovering, since_start(flows.wounded, -flows.returned, -flows.discharged), gross)


COUNTS = {
    "called_up": "called_up",
    "emigrated": "emigrating",
    "killed": "killed",
    "wounded": "wounded",
    "captured": "captured",
    "discharged": "discharged",
}


@pytest.mark.parametrize("count", COUNTS)
def test_each_count_is_the_sum_of_its_flow(count: str) -> None:
    for seed in (*SEEDS, CONSTANT):
        states, flows = path(seed)
        flowed = since_start(getattr(flows, COUNTS[count]))
        assert_balanced(getattr(states, count), flowed, flowed, ROUNDING)


@pytest.mark.parametrize("seed", SEEDS)
def test_losses_are_killed_wounded_and_captured(seed: int) -> None:
    flows = path(seed).flows
    np.testing.assert_allclose(flows.killed + flows.wounded + flows.captured, flows.losses, rtol=1e-5)


@pytest.mark.parametrize("seed", SEEDS)
def test_vehicles_add_up(seed: int) -> None:
    states, flows = path(seed)
    field = states.armour_modern + states.armour_legacy
    on_the_way = states.armour_in_transit.sum(axis=2)
    everything = field + states.armour_storage + states.armour_lost + on_the_way
    added = since_start(flows.armour_built, flows.armour_sent)
    gross = added + since_start(flows.armour_lost, flows.armour_refurbished, flows.armour_arriving)
    assert_balanced(everything, added, gross, ROUNDING, OF_MATERIAL)
    assert_balanced(
        states.armour_storage, since_start(-flows.armour_refurbished), gross, ROUNDING, OF_MATERIAL
    )
    assert_balanced(states.armour_lost, since_start(flows.armour_lost), gross, ROUNDING, OF_MATERIAL)
    assert_balanced(
        on_the_way, since_start(flows.armour_sent, -flows.armour_arriving), gross, share=OF_MATERIAL
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_shells_add_up(seed: int) -> None:
    states, flows = path(seed)
    on_the_way = states.shells_in_transit.sum(axis=2)
    added = since_start(flows.shells_made, flows.shells_sent)
    gross = added + since_start(flows.shells_fired, flows.shells_arriving)
    everything = states.shells + states.shells_fired + on_the_way
    assert_balanced(everything, added, gross, ROUNDING, OF_MATERIAL)
    assert_balanced(states.shells_fired, since_start(flows.shells_fired), gross, ROUNDING, OF_MATERIAL)
    assert_balanced(
        on_the_way, since_start(flows.shells_sent, -flows.shells_arriving), gross, share=OF_MATERIAL
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_ground_changes_hands_and_nothing_else(seed: int) -> None:
    walked = path(seed)
    ground = walked.states.ground_at_start
    held = ground - walked.states.ground_taken[:, ::-1] + walked.states.ground_taken
    np.testing.assert_allclose(held.sum(axis=1), ground.sum(axis=1), rtol=1e-6)
    assert held.min() > -1e-6 * ground.max()
    taken = since_start(walked.flows.ground_taken)
    np.testing.assert_allclose(walked.states.ground_taken[1:], taken, rtol=1e-4, atol=1e-4)


def test_the_wars_of_these_tests_go_where_they_must() -> None:
    """Truces are kept and broken, offensives run, pools run low: these are not quiet wars."""
    walks = [path(seed).states for seed in SEEDS]
    assert sum(float(states.truces_broken[-1].sum()) for states in walks) > 50
    assert sum(float(states.truce.sum()) for states in walks) > 50 * 64
    assert sum(float(states.offensive.sum()) for states in walks) > 50 * 64
    left = np.concatenate([(1 - states.called_up[-1] / states.pool_at_start[-1]).ravel() for states in walks])
    assert left.min() < 0.1


@pytest.mark.parametrize("stock", ["killed", "reserve", "called_up", "discharged"])
def test_a_count_that_is_one_in_a_thousand_off_is_found(stock: str) -> None:
    states, flows = path(0)
    moved = getattr(states, stock).copy()
    moved[500:] += 1e-3 * people_who_moved(flows)[499:]
    wrong = states._replace(**{stock: moved})
    nobody = np.zeros_like(flows.losses)
    with pytest.raises(AssertionError, match="day "):
        assert_balanced(everybody(wrong), nobody, people_who_moved(flows), share=1e-4)
