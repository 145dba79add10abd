"""Thousands of wars at once: one compiled program for a block of wars, first week to last."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
from jax.sharding import AxisType, NamedSharding, PartitionSpec

from ceasefire.engine import chance
from ceasefire.engine.start import Start
from ceasefire.scenario import TRUCE_BEGINS, TRUCE_ENDS, Plan, World
from ceasefire.war import Decisions, Drift, Geography, Shocks, State, Today, day, initial_state

DAYS_IN_WEEK = 7

GOOD, NOT_FINITE, NEGATIVE = 0, 1, 2
STATUS = {GOOD: "good", NOT_FINITE: "a stock was not a finite number", NEGATIVE: "a stock fell below zero"}


class Schedule(NamedTuple):
    """A plan cut into weeks: `W` weeks of 7 days."""

    levers: jax.Array
    """`[W, 7, L]`."""
    truce_begins: jax.Array
    """1 on the days on which a truce begins, `[W, 7]`."""
    truce_ends: jax.Array
    """1 on the first days after a truce's last, `[W, 7]`."""
    observed: jax.Array
    """Offensives that were observed, `[W, 7, 2]`; -1 where the leader decides."""


def schedule(plan: Plan) -> Schedule:
    """Cut a plan of D days into weeks; D is a multiple of 7."""
    days = plan.levers.shape[0]
    if days % DAYS_IN_WEEK:
        raise ValueError(f"a plan needs whole weeks, not {days} days")
    begins, ends = (
        np.isin(np.arange(days), plan.events[plan.events[:, 1] == code, 0]).astype(np.float32)
        for code in (TRUCE_BEGINS, TRUCE_ENDS)
    )

    def weekly(values: npt.NDArray[np.float32]) -> jax.Array:
        return jnp.asarray(values.reshape(days // DAYS_IN_WEEK, DAYS_IN_WEEK, *values.shape[1:]))

    return Schedule(weekly(plan.levers), weekly(begins), weekly(ends), weekly(plan.observed_offensives))


class Record(NamedTuple):
    """What is kept of a war at the end of each week; a leading axis of weeks is added by the run."""

    killed: jax.Array
    wounded: jax.Array
    captured: jax.Array
    force: jax.Array
    reserve: jax.Array
    trainees: jax.Array
    skill: jax.Array
    armour: jax.Array
    armour_lost: jax.Array
    shells: jax.Array
    shells_fired: jax.Array
    industry: jax.Array
    called_up: jax.Array
    emigrated: jax.Array
    perceived: jax.Array
    offensive: jax.Array
    ground_taken: jax.Array
    truce: jax.Array
    """`[N]`; all others `[2, N]`."""


class Passages(NamedTuple):
    """First days of events, int16, -1 for never; and how the computation went."""

    first_offensive_day: jax.Array
    """`[2, N]`."""
    truce_broken_day: jax.Array
    """`[2, N]`."""
    status: jax.Array
    """int8 `[N]`."""


def record(state: State) -> Record:
    """Return what is kept of a state."""
    return Record(
        killed=state.killed,
        wounded=state.wounded,
        captured=state.captured,
        force=state.force(),
        reserve=state.reserve,
        trainees=jnp.sum(state.trainees, axis=1),
        skill=state.skill,
        armour=state.armour_modern + state.armour_legacy,
        armour_lost=state.armour_lost,
        shells=state.shells,
        shells_fired=state.shells_fired,
        industry=state.industry,
        called_up=state.called_up,
        emigrated=state.emigrated,
        perceived=state.perceived,
        offensive=state.offensive,
        ground_taken=jnp.sum(state.ground_taken, axis=1),
        truce=state.truce,
    )


# What may be below zero: logs, beliefs.
_SIGNED = {"log_tempo", "intensity", "advantage", "lethality", "volatility", "perceived"}


def health(state: State) -> jax.Array:
    """Return the status `[N]` of each war: every stock finite, none below zero."""
    status = jnp.zeros(state.truce.shape, jnp.int8)
    for name, values in state._asdict().items():
        other_axes = tuple(range(values.ndim - 1))
        finite = jnp.all(jnp.isfinite(values), axis=other_axes)
        status = jnp.where((status == GOOD) & ~finite, jnp.int8(NOT_FINITE), status)
        if name not in _SIGNED:
            negative = jnp.any(values < 0, axis=other_axes)
            status = jnp.where((status == GOOD) & negative, jnp.int8(NEGATIVE), status)
    return status


def _first(passed: jax.Array, happened: jax.Array, today: jax.Array) -> jax.Array:
    return jnp.where((passed < 0) & (happened > 0), today.astype(jnp.int16), passed)


def week_shocks(
    seed_key: jax.Array, wars: jax.Array, week: jax.Array, streams: jax.Array, fronts: int
) -> Shocks:
    """Return the chances of a week: pure in seed, war, week and channel. Arguments as in `run_block`."""
    of_sides = jnp.concatenate([streams + chance.PERCEPTION, streams + chance.CULMINATION])
    of_all = jnp.array([chance.INTENSITY, chance.ADVANTAGE, chance.LETHALITY, chance.VOLATILITY, chance.LINE])
    channels = jnp.concatenate([of_sides, of_all, chance.FIRST_FRONT + jnp.arange(fronts)])
    drawn = chance.shock(seed_key, wars, week, channels)
    intensity, advantage, lethality, volatility, line = drawn[4:9]
    # What favours the initiator goes against the defender, whichever of them is listed first.
    favours = (1 - 2 * streams)[:, None].astype(drawn.dtype)
    return Shocks(
        tempo=drawn[9:],
        perception=drawn[:2],
        culmination=drawn[2:4],
        drift=Drift(intensity, favours * advantage, lethality, volatility),
        line=favours * line,
    )


def _week(
    carry: tuple[State, Passages],
    plan: tuple[jax.Array, Schedule],
    parameters: jax.Array,
    structure: jax.Array,
    wars: jax.Array,
    seed_key: jax.Array,
    streams: jax.Array,
) -> tuple[tuple[State, Passages], Record]:
    week, levers = plan
    shocks = week_shocks(seed_key, wars, week, streams, carry[0].front_weight.shape[0])

    def one_day(
        inner: tuple[State, Passages], row: tuple[jax.Array, Schedule]
    ) -> tuple[tuple[State, Passages], None]:
        state, passages = inner
        number, today = row
        tomorrow, _ = day(
            state,
            parameters,
            structure,
            Today(today.levers, today.truce_begins, today.truce_ends, (number == 0).astype(jnp.float32)),
            shocks,
            Decisions(today.observed[:, None]),
        )
        date = week * DAYS_IN_WEEK + number
        return (
            tomorrow,
            passages._replace(
                first_offensive_day=_first(passages.first_offensive_day, tomorrow.offensive, date),
                truce_broken_day=_first(
                    passages.truce_broken_day, tomorrow.truces_broken - state.truces_broken, date
                ),
            ),
        ), None

    (state, passages), _ = jax.lax.scan(one_day, carry, (jnp.arange(DAYS_IN_WEEK), levers))
    status = jnp.where(passages.status == GOOD, health(state), passages.status)
    return (state, passages._replace(status=status)), record(state)


@jax.jit
def run_block(
    parameters: jax.Array,
    structure: jax.Array,
    wars: jax.Array,
    geography: Geography,
    weeks: Schedule,
    seed_key: jax.Array,
    streams: jax.Array,
    first_morning: State | None = None,
) -> tuple[Record, Record, Passages]:
    """Run the wars of one block; return the first morning, the end of each week, and first passages.

    Args:
        parameters: `[P, N]`.
        structure: int8 `[K, N]`.
        wars: numbers of the wars, `[N]`; chance belongs to them.
        geography: the fronts.
        weeks: the plan.
        seed_key: key of the weekly shocks.
        streams: random stream of each side, int32 `[2]`.
        first_morning: stocks with which each war starts; those of its parameters where not given.
    """
    state = first_morning
    if state is None:
        state = initial_state(parameters, structure, geography)
    never = jnp.full(parameters.shape[1:], -1, jnp.int16)
    passages = Passages(jnp.stack([never, never]), jnp.stack([never, never]), health(state))
    step = functools.partial(
        _week, parameters=parameters, structure=structure, wars=wars, seed_key=seed_key, streams=streams
    )
    numbers = jnp.arange(weeks.levers.shape[0])
    (_, passages), weekly = jax.lax.scan(step, (state, passages), (numbers, weeks))
    return record(state), weekly, passages


class Block(NamedTuple):
    """One block's results as NumPy arrays, without padding."""

    wars: npt.NDArray[np.int64]
    start: Record
    weekly: Record
    passages: Passages


def run_blocks(
    world: World,
    plan: Plan,
    parameters: npt.NDArray[np.float32],
    structure: npt.NDArray[np.int8],
    wars: npt.NDArray[np.int64],
    seed: int,
    chunk: int,
    start: Start | None = None,
) -> Iterator[Block]:
    """Run wars in chunks, spread over the devices; yield each chunk's results in order.

    A chunk is padded to whole blocks by repeating its last war, so that every chunk of a run is the same
    compiled program. With a start each war begins with the stocks of its draw.
    """
    devices = jax.devices()
    mesh = jax.make_mesh((len(devices),), ("wars",), axis_types=(AxisType.Auto,))
    over_wars = NamedSharding(mesh, PartitionSpec(None, "wars"))  # type: ignore[no-untyped-call]
    numbers = NamedSharding(mesh, PartitionSpec("wars"))  # type: ignore[no-untyped-call]
    width = padded(chunk, len(devices))
    weeks = schedule(plan)
    geography = Geography(*(jnp.asarray(part) for part in world.geography))

    def spread(stock: npt.NDArray[np.float32]) -> Any:
        axes = PartitionSpec(*(None for _ in stock.shape[:-1]), "wars")  # type: ignore[no-untyped-call]
        return jax.device_put(stock, NamedSharding(mesh, axes))

    for offset in range(0, wars.size, chunk):
        here = slice(offset, min(offset + chunk, wars.size))
        count = here.stop - here.start
        index = np.minimum(np.arange(width), count - 1) + offset
        first, weekly, passages = run_block(
            jax.device_put(parameters[:, index], over_wars),
            jax.device_put(structure[:, index], over_wars),
            jax.device_put(wars[index].astype(np.uint32), numbers),
            geography,
            weeks,
            chance.shock_key(seed),
            jnp.asarray(world.streams, jnp.int32),
            None if start is None else jax.tree.map(spread, start.state_of(wars[index])),
        )
        yield Block(wars[here], *(_without_padding(part, count) for part in (first, weekly, passages)))


def _without_padding(part: Any, count: int) -> Any:
    return jax.tree.map(lambda values: np.asarray(values)[..., :count], part)


def padded(chunk: int, devices: int) -> int:
    """Return the width of a chunk with its padding: a multiple of 128 wars on each device."""
    unit = 128 * devices
    return -(-chunk // unit) * unit
