"""Walks of ensembles that keep every stock: one fused loop, in which each row says what its step is.

A row has its own calendar, chances, length of step and whether the clock stands, so that one compiled loop
walks in weeks of days, day by day, in quarters of days, and through a stop of the clock.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from ceasefire.engine import chance, draw_parameters, draw_structure
from ceasefire.engine.ensemble import OfRun, OfWars, week_shocks
from ceasefire.engine.fused import LANES, Kernel
from ceasefire.engine.loop import Loop
from ceasefire.scenario import Scenario, World, load_scenario
from ceasefire.war import (
    REGISTRY,
    STRUCTURES,
    Decisions,
    Geography,
    State,
    Today,
    day,
    initial_state,
    steps,
)
from ceasefire.war.levers import COLUMNS, WIDTH, defaults
from ceasefire.war.structure import OPTIONAL, ROWS, SWITCHES
from ceasefire.war.timestep import lever_factors, parameter_factors

FRONTS = 2
WEEK = 7
SEED = 1

# A plan under which every optional mechanism has something to do, by lever: side 0, side 1.
BUSY = {
    "mobilisation": (100.0, 60.0),
    "sanctions": (0.4, 0.1),
    "third_party": (0.2, 0.4),
    "flank": (1.0, 1.0),
    "aid_artillery": (0.0, 0.3),
    "aid_drones": (5.0, 20.0),
    "aid_interceptors": (0.0, 0.5),
}


class Row(NamedTuple):
    """What a step has; a walk takes arrays of them, `[S, ...]`."""

    levers: Any
    begins: Any
    ends: Any
    observed: Any
    new_week: Any
    stands: Any
    """1 where the clock stands still: the day does not happen."""
    step: Any
    """Length of the step in days."""


class Walk(NamedTuple):
    """The states before the first step and after each record's last, and the true balance of that step."""

    states: State
    """`[R + 1, ...]`."""
    balance: np.ndarray
    """Of the whole forces, as it was when the leaders decided, `[R, 2, N]`."""


def _start(of_wars, of_run):
    state = initial_state(of_wars.parameters, of_wars.structure, of_run.geography)
    return state, jnp.zeros_like(state.perceived)


def _begin_week(carry, of_wars, of_run, week):
    return week_shocks(of_run.seed_key, of_wars.wars, week, of_run.streams, FRONTS)


def _step(carry, of_wars, of_run, shocks, row, first_of_record):
    state, _ = carry
    today = Today(row.levers, row.begins, row.ends, row.new_week, row.step)
    observed = Decisions(row.observed[:, None])
    tomorrow, _ = day(state, of_wars.parameters, of_wars.structure, today, shocks, observed)
    now = steps.morning(state, of_wars.parameters, of_wars.structure, today, shocks)
    stands = row.stands > 0
    return jax.tree.map(
        lambda old, new: jnp.where(stands, old, new), carry, (tomorrow, now.seen.total_balance)
    )


def _end_week(carry, of_wars, of_run, shocks):
    return carry, carry


@cache
def kernel() -> Kernel:
    shape = jax.ShapeDtypeStruct
    of_wars = OfWars(
        shape((REGISTRY.size, LANES), jnp.float32),
        shape((len(STRUCTURES), LANES), jnp.int8),
        shape((LANES,), jnp.uint32),
    )
    of_run = OfRun(
        Geography(*(shape(axes, jnp.float32) for axes in ((FRONTS,), *[(2, FRONTS)] * 3))),
        shape((2,), jnp.uint32),
        shape((2,), jnp.int32),
    )
    number = shape((), jnp.float32)
    row = Row(shape((WIDTH,), jnp.float32), number, number, shape((2,), jnp.float32), number, number, number)
    carry = jax.eval_shape(_start, of_wars, of_run)
    return Kernel(
        Loop(_start, _begin_week, _step, _end_week, carry, of_wars, of_run, shape((), jnp.int32), row)
    )


@cache
def scenario() -> Scenario:
    return load_scenario("invented-war")


def world() -> World:
    return scenario().world()


def run_of(seed: int = SEED, aim: Any = None) -> OfRun:
    """Return what wars have in common; `aim` `[2, F]` takes the place of the scenario's."""
    geography = world().geography if aim is None else world().geography._replace(aim=np.float32(aim))
    return OfRun(
        Geography(*(jnp.asarray(part) for part in geography)),
        chance.shock_key(seed),
        jnp.asarray(world().streams, jnp.int32),
    )


def structure_with(structure: np.ndarray, **there: bool) -> np.ndarray:
    """Return a copy of a structure with optional mechanisms on or off in every war."""
    changed = structure.copy()
    for mechanism, on in there.items():
        changed[ROWS[OPTIONAL[mechanism].name]] = int(on)
    return changed


@cache
def _drawn(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    numbers = np.arange(count)
    return draw_parameters(world(), numbers, seed), draw_structure(world(), numbers, seed)


def wars(
    count: int, *, whole: bool, parameters: dict[str, Any] | None = None, seed: int = SEED, **there: bool
) -> OfWars:
    """Draw wars from the priors: all optional mechanisms on, or none; then those given on or off.

    Rival rules of recruitment are followed in turn in the whole model; decision rules by their weights.
    """
    drawn, structure = _drawn(count, seed)
    structure = structure_with(structure, **dict.fromkeys((one.name for one in SWITCHES), whole))
    structure[ROWS["recruitment_rule"]] = np.arange(count) % 2 if whole else 0
    if not whole:
        structure[ROWS["decision_rule"]] = 0
    matrix = drawn.copy()
    for name, value in (parameters or {}).items():
        matrix[REGISTRY.rows[name]] = value
    return OfWars(matrix, structure_with(structure, **there), np.arange(count, dtype=np.uint32))


def levers(days: int, **given: Any) -> np.ndarray:
    """Return levers `[D, L]`: the scenario's of its first day, with some set on all days."""
    plan = defaults(days)
    plan[:] = scenario().plan("fight-on").levers[0]
    for name, values in given.items():
        plan[:, COLUMNS[name]] = values
    return plan


def rows(
    plan: np.ndarray,
    truces: tuple[tuple[int, int], ...] = (),
    observed: tuple[float, float] = (-1.0, -1.0),
    parts: int = 1,
) -> Row:
    """Return the steps of a plan `[D, L]`, each day in as many parts as given.

    Truces are (first day, first day after); `observed` is 1, 0 or -1 (the leader decides) for each side.
    """
    days = len(plan)
    begins, ends = np.zeros((2, days), np.float32)
    for first, after in truces:
        begins[first] = 1.0
        ends[after:][:1] = 1.0
    in_the_morning = (np.arange(days * parts) % parts == 0).astype(np.float32)
    return Row(
        np.repeat(plan, parts, axis=0) * lever_factors(1 / parts),
        np.repeat(begins, parts) * in_the_morning,
        np.repeat(ends, parts) * in_the_morning,
        np.tile(np.asarray(observed, np.float32), (days * parts, 1)),
        np.repeat((np.arange(days) % WEEK == 0).astype(np.float32), parts) * in_the_morning,
        np.zeros(days * parts, np.float32),
        np.full(days * parts, 1 / parts, np.float32),
    )


# Stocks that are counted in steps, or per step.
_IN_STEPS = {"days_in_phase": -1, "usual_losses": 1, "losses_to_replace": 1}


def walk(
    of_wars: OfWars,
    row: Row,
    *,
    parts: int = 1,
    daily: bool = False,
    weeks: np.ndarray | None = None,
    seed: int = SEED,
    aim: Any = None,
) -> Walk:
    """Walk through the steps; a record at the end of each week, or of each step where `daily`.

    `weeks`: the week of the war, which chances belong to, for each record; counted on where not given.
    """
    each = 1 if daily else WEEK * parts
    count = len(row.begins) // each
    assert count * each == len(row.begins)
    if weeks is None:
        weeks = np.arange(count) * each // (WEEK * parts)
    of_run = run_of(seed, aim)
    # The first morning is the same whatever follows; only what is counted in steps is not.
    state, balance = kernel().start(of_wars, of_run)
    step = np.float32(1 / parts)
    first = state._replace(**{name: getattr(state, name) * step**power for name, power in _IN_STEPS.items()})
    cut = jax.tree.map(lambda values: values.reshape(count, each, *values.shape[1:]), row)
    of_steps = of_wars._replace(parameters=of_wars.parameters * parameter_factors(float(step)))
    _, (later, balances) = kernel().run((first, balance), of_steps, of_run, weeks.astype(np.int32), cut)
    states = jax.tree.map(lambda one, more: np.concatenate([one[None], more]), first, later)
    return Walk(states, balances)
