"""The state of a war as the first morning of another: counts at 0, nobody lost, balances where they were."""

from __future__ import annotations

import inspect
import re
from functools import cache

import jax
import numpy as np
import pytest

from ceasefire.war import Geography, State, belief, rebased
from ceasefire.war.start import COUNTERS
from ceasefire.war.steps import assess
from tests.war.helpers import SPAN, Inputs, draw_geography, draw_inputs, rows, walk
from tests.war.test_mirror import OF_THE_WAR, mirrored, swapped_geography

NEW = draw_geography(np.random.default_rng(99))
CHANGED = {*COUNTERS, "pool_at_start", "ground_at_start", "advantage", "believed_own", "believed_enemy"}
# What may not have happened in any of these wars.
RARE = ("truces_broken", "truces_collapsed", "capital_assaults", "internal_breaks")


@cache
def after_a_while(seed: int) -> tuple[Inputs, State]:
    inputs = draw_inputs(seed, 2 * SPAN)
    inputs.parameters[rows("internal_break_rate")] *= 100.0
    return inputs, jax.tree.map(lambda stock: stock[-1], walk(inputs).states)


def begun(seed: int, geography: Geography = NEW) -> tuple[Inputs, State, State]:
    inputs, state = after_a_while(seed)
    overstretch = inputs.parameters[rows("overstretch")][0]
    return inputs, state, jax.tree.map(np.asarray, rebased(state, geography, overstretch))


def people(state: State) -> np.ndarray:
    stocks = state.pool_left() + state.force() + state.trainees.sum(axis=1) + state.recovering.sum(axis=1)
    return np.asarray(stocks + state.abroad.sum(axis=1), np.float64)


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
            assert getattr(state, name).any() or name in RARE, name
        elif name not in CHANGED:
            assert np.array_equal(stock, getattr(state, name)), name


def test_every_rare_count_has_begun_in_some_of_these_wars() -> None:
    for name in RARE:
        assert any(getattr(after_a_while(seed)[1], name).any() for seed in (1, 2, 3)), name


def test_every_count_of_the_state_is_among_the_counters() -> None:
    """What says that it counts since the start, but for what will is left and the constants."""
    counts = {
        name
        for name, text in field_docs().items()
        if "since the start" in text and name not in ("workforce_lost",)
    }
    assert counts == set(COUNTERS)


def field_docs() -> dict[str, str]:
    """The line of documentation under each stock of the state."""
    source = inspect.getsource(State)
    return dict(
        re.findall(r'^    (\w+): jax\.Array\n    """(.*?)"""', source, flags=re.MULTILINE | re.DOTALL)
    )


@pytest.mark.parametrize("seed", [1, 2])
def test_what_leaders_believe_of_the_balance_does_not_jump(seed: int) -> None:
    """They know what the ground cost: the advantage moves, and what they make of it with it."""
    inputs, state, first = begun(seed)
    perceived = []
    for one in (state, first):
        seen = assess(one, inputs.parameters, inputs.structure)
        power = belief.log_power(one.force(), seen.effect, one.advantage)
        told = belief.Belief(one.believed_own, one.believed_enemy)
        perceived.append(np.asarray(belief.perceived_balance(seen.total_balance, power, told)))
    assert perceived[1] == pytest.approx(perceived[0], abs=2e-4)
    assert np.abs(first.believed_own - state.believed_own).max() > 0.05


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
        swapped_geography(NEW),
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
