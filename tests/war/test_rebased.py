"""The state of a war as the first morning of another: counts at 0, nobody lost, balances where they were."""

from __future__ import annotations

from functools import cache

import jax
import numpy as np
import pytest

from ceasefire.war import Geography, State, rebased
from ceasefire.war.start import COUNTERS
from ceasefire.war.steps import assess
from tests.war.helpers import SPAN, Inputs, draw_geography, draw_inputs, rows, walk
from tests.war.test_mirror import OF_THE_WAR, mirrored

NEW = draw_geography(np.random.default_rng(99))
CHANGED = {*COUNTERS, "pool_at_start", "ground_at_start", "advantage"}


@cache
def after_a_while(seed: int) -> tuple[Inputs, State]:
    inputs = draw_inputs(seed, 2 * SPAN)
    return inputs, jax.tree.map(lambda stock: stock[-1], walk(inputs).states)


def begun(seed: int, geography: Geography = NEW) -> tuple[Inputs, State, State]:
    inputs, state = after_a_while(seed)
    overstretch = inputs.parameters[rows("overstretch")][0]
    return inputs, state, jax.tree.map(np.asarray, rebased(state, geography, overstretch))


def people(state: State) -> np.ndarray:
    stocks = state.pool_left() + state.force() + state.trainees.sum(axis=1) + state.recovering.sum(axis=1)
    return np.asarray(stocks, np.float64)


@pytest.mark.parametrize("seed", [1, 2])
def test_counts_begin_at_zero_and_nothing_else_is_touched(seed: int) -> None:
    _, state, first = begun(seed)
    for name in State._fields:
        stock = getattr(first, name)
        assert stock.shape == getattr(state, name).shape
        assert stock.dtype == np.float32
        if name in COUNTERS:
            assert not stock.any(), name
            # Without this the test would hold of a war in which nothing happened.
            assert getattr(state, name).any() or name == "truces_broken", name
        elif name not in CHANGED:
            assert np.array_equal(stock, getattr(state, name)), name


@pytest.mark.parametrize("seed", [1, 2])
def test_nobody_is_lost_or_found(seed: int) -> None:
    _, state, first = begun(seed)
    assert people(first) == pytest.approx(people(state), rel=1e-6)
    assert np.array_equal(first.pool_at_start, state.pool_left())
    assert np.array_equal(np.asarray(first.force()), np.asarray(state.force()))


def test_the_ground_is_that_of_the_new_morning() -> None:
    _, _, first = begun(1)
    assert (first.ground_at_start == NEW.ground[..., None]).all()
    assert np.array_equal(np.asarray(first.ground_held()), first.ground_at_start)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_balance_of_the_whole_forces_does_not_jump(seed: int) -> None:
    inputs, state, first = begun(seed)
    before, after = (assess(one, inputs.parameters, inputs.structure) for one in (state, first))
    assert np.asarray(after.total_balance) == pytest.approx(np.asarray(before.total_balance), abs=1e-4)
    weight = state.front_weight
    means = [(np.asarray(seen.balance) * weight).sum(axis=1) for seen in (before, after)]
    assert means[1] == pytest.approx(means[0], abs=1e-4)
    # The advantage has moved by something that matters, and in opposite ways for the two sides.
    moved = first.advantage - state.advantage
    assert np.abs(moved).max() > 0.1
    assert moved[0] == pytest.approx(-moved[1], abs=1e-6)


def test_without_overstretch_the_advantage_stays() -> None:
    _, state = after_a_while(1)
    first = rebased(state, NEW, np.zeros(state.truce.shape, np.float32))
    assert np.array_equal(np.asarray(first.advantage), state.advantage)


def test_sides_listed_the_other_way_round_mirror_by_the_bit() -> None:
    inputs, state, first = begun(3)
    turned_state = State(
        *(stock if name in OF_THE_WAR else stock[::-1] for name, stock in state._asdict().items())
    )
    turned = rebased(
        turned_state,
        Geography(NEW.weight, NEW.ground[::-1], NEW.share[::-1]),
        mirrored(inputs).parameters[rows("overstretch")][0],
    )
    for name in State._fields:
        ours, theirs = getattr(first, name), np.asarray(getattr(turned, name))
        assert np.array_equal(ours, theirs if name in OF_THE_WAR else theirs[::-1]), name


def test_a_war_that_has_just_begun_is_its_own_first_morning() -> None:
    inputs = draw_inputs(5)
    state = jax.tree.map(lambda stock: stock[0], walk(inputs).states)
    first = rebased(state, inputs.geography, inputs.parameters[rows("overstretch")][0])
    for name in State._fields:
        assert np.array_equal(np.asarray(getattr(first, name)), getattr(state, name)), name
