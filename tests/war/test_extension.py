"""Mechanisms of one's own on single days: products, switches, and that nothing appears or vanishes."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ceasefire.war import Decisions, Flows, State, Today, day
from ceasefire.war.extension import NOTHING, Calendar, Factors, Rows, extension, factors
from ceasefire.war.registry import Parameter, Prior
from tests.war.helpers import Inputs, draw_inputs, initial_state

DAYS = 84
TODAY = Calendar(0.0, 1.0, 0.0)


def number(name: str, *, per_side: bool) -> Parameter:
    return Parameter(name, "for a test", "1", Prior(1, 1, 1), (0.0, 10.0), "assumed", per_side=per_side)


@extension(
    "first", "for a test", [number("first_share", per_side=False), number("first_fire", per_side=True)]
)
def first(state: Any, p: Any, levers: Any, today: Any) -> Factors:
    return Factors(tempo=p["first_share"], fire=p["first_fire"])


@extension("second", "for a test", [number("second_share", per_side=False)])
def second(state: Any, p: Any, levers: Any, today: Any) -> Factors:
    return Factors(tempo=p["second_share"], recruitment=1.0)


@pytest.fixture(scope="module")
def inputs() -> Inputs:
    return draw_inputs(3, DAYS)


@pytest.fixture(scope="module")
def state(inputs: Inputs) -> State:
    found: State = initial_state(inputs.parameters, inputs.structure, inputs.geography)
    return found


def of(inputs: Inputs, state: State, *values: float, there: tuple[int, int] = (1, 1)) -> Factors:
    wars = state.truce.shape[0]
    own = np.tile(np.array(values, np.float32)[:, None], (1, wars))
    switches = np.tile(np.array(there, np.int8)[:, None], (1, wars))
    return factors((first, second), state, inputs.parameters, Rows(own, switches), inputs.levers[0], TODAY)


def test_the_worked_number(inputs: Inputs, state: State) -> None:
    assert np.asarray(of(inputs, state, 0.8, 1.0, 1.0, 0.5).tempo) == pytest.approx(0.4)


def test_only_what_a_war_has_counts_and_the_rest_is_exactly_one(inputs: Inputs, state: State) -> None:
    found = of(inputs, state, 0.8, 0.6, 0.7, 0.5, there=(0, 1))
    assert np.array_equal(found.tempo, np.full_like(found.tempo, 0.5))
    assert np.array_equal(found.fire, np.ones_like(found.fire))
    assert found.recruitment == 1.0
    here = of(inputs, state, 0.8, 0.6, 0.7, 0.5, there=(1, 0))
    assert np.array_equal(np.asarray(here.fire)[:, 0], np.array([0.6, 0.7], np.float32))
    assert factors((), state, inputs.parameters, Rows(None, None), inputs.levers[0], TODAY) == NOTHING


def test_a_factor_below_zero_counts_as_zero(inputs: Inputs, state: State) -> None:
    assert not np.asarray(of(inputs, state, -2.0, 1.0, 1.0, 1.0).tempo).any()


def walk(inputs: Inputs, state: State, by_day: Factors | None) -> tuple[list[State], list[Flows]]:
    @jax.jit
    def one(state: State, number: Any, given: Factors) -> tuple[State, Flows]:
        today = Today(inputs_levers[number], begins[number], ends[number], new_week[number])
        shocks = jax.tree.map(lambda part: part[number], inputs_shocks)
        return day(
            state, inputs.parameters, inputs.structure, today, shocks, Decisions(decisions[number]), given
        )

    inputs_levers, begins, ends = (jnp.asarray(part) for part in (inputs.levers, inputs.begins, inputs.ends))
    new_week, decisions = jnp.asarray(inputs.new_week()), jnp.asarray(inputs.decisions)
    inputs_shocks = jax.tree.map(jnp.asarray, inputs.shocks(slice(0, DAYS)))
    states, flows = [state], []
    for number in range(DAYS):
        given = NOTHING if by_day is None else jax.tree.map(lambda part, here=number: part[here], by_day)
        state, moved = one(state, number, given)
        states.append(jax.tree.map(np.asarray, state))
        flows.append(jax.tree.map(np.asarray, moved))
    return states, flows


def random_factors(wars: int) -> Factors:
    rng = np.random.default_rng(5)

    def drawn(*shape: int) -> Any:
        # None, nearly none, and much more than usual.
        chosen = rng.choice([0.0, 0.3, 1.0, 4.0, 50.0], (DAYS, *shape, wars)).astype(np.float32)
        return jnp.asarray(chosen)

    return Factors(**{name: drawn() if name == "tempo" else drawn(2) for name in Factors._fields})


def people(state: State) -> np.ndarray:
    def double(stock: Any) -> np.ndarray:
        return np.asarray(stock, np.float64)

    pool = double(state.pool_at_start) - double(state.called_up) - double(state.emigrated)
    return (
        pool
        + double(state.trainees).sum(axis=1)
        + double(state.troops).sum(axis=1)
        + double(state.reserve)
        + double(state.recovering).sum(axis=1)
        + double(state.killed)
        + double(state.captured)
        + double(state.discharged)
        + double(state.emigrated)
    )


@pytest.mark.thorough
def test_whatever_the_factors_nobody_and_nothing_appears_or_vanishes(inputs: Inputs, state: State) -> None:
    states, flows = walk(inputs, state, random_factors(state.truce.shape[0]))
    before, after = people(states[0]), people(states[-1])
    assert np.abs(after - before).max() < 1e-5 * before.max()
    for earlier, later, moved in zip(states[:-1], states[1:], flows, strict=True):
        shells = earlier.shells + moved.shells_made + moved.shells_arriving - moved.shells_fired
        assert later.shells == pytest.approx(np.maximum(shells, 0.0), rel=1e-5, abs=1.0)
        assert (moved.ground_taken <= earlier.ground_held()[::-1] * (1 + 1e-6)).all()
        for name in ("troops", "reserve", "shells", "trainees", "armour_modern"):
            assert (getattr(later, name) >= 0).all(), name


@pytest.mark.thorough
def test_factors_of_one_leave_each_day_as_it_is_to_the_last_bit(inputs: Inputs, state: State) -> None:
    wars = state.truce.shape[0]
    ones = Factors(
        **{
            name: jnp.ones((DAYS, *(() if name == "tempo" else (2,)), wars), jnp.float32)
            for name in Factors._fields
        }
    )
    plain, _ = walk(inputs, state, None)
    same, _ = walk(inputs, state, ones)
    for name, values in plain[-1]._asdict().items():
        assert np.array_equal(values, getattr(same[-1], name)), name
