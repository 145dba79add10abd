"""Thousands of wars at once: one compiled program for a block of wars, first week to last."""

from __future__ import annotations

import datetime as dt
import functools
from calendar import isleap
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt

from ceasefire.engine import chance
from ceasefire.engine.draws import draw_extensions
from ceasefire.engine.extending import check_fused
from ceasefire.engine.fused import LANES, Kernel
from ceasefire.engine.loop import Loop, scan
from ceasefire.engine.start import Start
from ceasefire.scenario import TRUCE_BEGINS, TRUCE_ENDS, Plan, World, war_days
from ceasefire.war import (
    REGISTRY,
    STRUCTURES,
    Decisions,
    Drift,
    Events,
    Geography,
    Shocks,
    State,
    Today,
    day,
    initial_state,
)
from ceasefire.war.extension import NOTHING, Calendar, Extension, Rows, factors
from ceasefire.war.levers import WIDTH
from ceasefire.war.structure import OPTIONAL, ROWS, pinned

Array: TypeAlias = Any
"""An array of JAX or of NumPy."""
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
    stands: jax.Array | None = None
    """1 on the days on which the clock stands still, `[W, 7]`; None where it never does."""


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

    return Schedule(
        weekly(plan.levers),
        weekly(begins),
        weekly(ends),
        weekly(plan.observed_offensives),
        None if plan.stands is None else weekly(plan.stands),
    )


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
    """`[N]`; all before `[2, N]`."""
    # Of optional mechanisms.
    artillery: jax.Array
    drones: jax.Array
    battle_losses: jax.Array
    capital_assaults: jax.Array
    capital_taken: jax.Array
    missiles: jax.Array
    interceptors: jax.Array
    missiles_launched: jax.Array
    drones_launched: jax.Array
    missiles_leaked: jax.Array
    drones_leaked: jax.Array
    grid: jax.Array
    civilians_killed: jax.Array
    displaced: jax.Array
    internal_breaks: jax.Array
    will: jax.Array
    escalation: jax.Array
    """`[N]`."""
    ended: jax.Array
    """`[N]`."""


OF_THE_CORE = Record._fields[: Record._fields.index("truce") + 1]
"""What is kept of every war; the rest belongs to optional mechanisms."""


class Passages(NamedTuple):
    """First days of events, int16, -1 for never; and how the computation went."""

    first_offensive_day: jax.Array
    """`[2, N]`."""
    truce_broken_day: jax.Array
    """`[2, N]`."""
    assault_day: jax.Array
    """`[2, N]`."""
    internal_break_day: jax.Array
    """`[2, N]`."""
    truce_collapsed_day: jax.Array
    """`[N]`."""
    ended_day: jax.Array
    """`[N]`."""
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
        artillery=state.artillery,
        drones=state.drones,
        battle_losses=state.battle_losses,
        capital_assaults=state.capital_assaults,
        capital_taken=state.capital_taken,
        missiles=state.missiles,
        interceptors=state.interceptors,
        missiles_launched=state.missiles_launched,
        drones_launched=state.drones_launched,
        missiles_leaked=state.missiles_leaked,
        drones_leaked=state.drones_leaked,
        grid=state.grid,
        civilians_killed=state.civilians_killed,
        displaced=state.displaced,
        internal_breaks=state.internal_breaks,
        will=state.will,
        escalation=state.escalation,
        ended=state.ended(),
    )


# What may be below zero: logs, beliefs.
_SIGNED = {
    "log_tempo",
    "intensity",
    "advantage",
    "lethality",
    "volatility",
    "perceived",
    "believed_own",
    "believed_enemy",
    "workforce_lost",
}


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


# Chances of optional mechanisms that each side has of its own.
_OF_SIDES = {
    "third_party": chance.THIRD_PARTY,
    "flank": chance.FLANK,
    "assault": chance.ASSAULT,
    "missiles": chance.MISSILES,
    "drones": chance.DRONES,
    "interception": chance.INTERCEPTION,
    "internal_break": chance.INTERNAL_BREAK,
}


def week_channels(streams: jax.Array, fronts: int) -> jax.Array:
    """Return the channels of a week's chances, `[C]`, in the order of `shocks_of`."""
    of_sides = jnp.concatenate([streams + chance.PERCEPTION, streams + chance.CULMINATION])
    of_all = jnp.array([chance.INTENSITY, chance.ADVANTAGE, chance.LETHALITY, chance.VOLATILITY, chance.LINE])
    numbers = jnp.arange(fronts)
    further = jnp.concatenate([streams + channel for channel in _OF_SIDES.values()])
    return jnp.concatenate(
        [
            of_sides,
            of_all,
            chance.FIRST_FRONT + numbers,
            further,
            chance.FIRST_BATTLE + numbers,
            jnp.array([chance.SETTLEMENT]),
        ]
    )


def shocks_of(drawn: jax.Array, streams: jax.Array, fronts: int) -> Shocks:
    """Return a week's chances from the standard normal numbers of its channels, `[C, N]`."""
    after = 9 + fronts
    events = {name: drawn[after + 2 * number :][:2] for number, name in enumerate(_OF_SIDES)}
    after += 2 * len(_OF_SIDES)
    intensity, advantage, lethality, volatility, line = drawn[4:9]
    # What favours the initiator goes against the defender, whichever of them is listed first.
    favours = (1 - 2 * streams)[:, None].astype(drawn.dtype)
    return Shocks(
        tempo=drawn[9 : 9 + fronts],
        perception=drawn[:2],
        culmination=drawn[2:4],
        drift=Drift(intensity, favours * advantage, lethality, volatility),
        line=favours * line,
        events=Events(**events, battle=drawn[after : after + fronts], settlement=drawn[after + fronts]),
    )


def week_shocks(
    seed_key: jax.Array, wars: jax.Array, week: jax.Array, streams: jax.Array, fronts: int
) -> Shocks:
    """Return the chances of a week: pure in seed, war, week and channel. Arguments as in `OfRun`."""
    return shocks_of(chance.shock(seed_key, wars, week, week_channels(streams, fronts)), streams, fronts)


class OfWars(NamedTuple):
    """What each war has of its own."""

    parameters: Array
    """`[P, N]`."""
    structure: Array
    """int8 `[K, N]`."""
    wars: Array
    """Numbers of the wars, uint32 `[N]`; chance belongs to them."""
    extension: Rows | None = None
    """What each war has of mechanisms of one's own; None where the run has none."""


class OfRun(NamedTuple):
    """What all wars of a run have in common."""

    geography: Geography
    seed_key: jax.Array
    """Key of the weekly shocks, uint32 `[2]`."""
    streams: jax.Array
    """Random stream of each side, int32 `[2]`."""


class OfDay(NamedTuple):
    """What a day of the plan has."""

    plan: Schedule
    """One day's row of each part."""
    date: jax.Array
    """Days since the first morning, int32."""
    calendar: Calendar | None = None
    """For mechanisms of one's own; None where the run has none."""


Carry = tuple[State, Passages]


def _start(of_wars: OfWars, of_run: OfRun) -> Carry:
    state = initial_state(of_wars.parameters, of_wars.structure, of_run.geography)
    return state, no_passages(state)


def _resumed(morning: State) -> Carry:
    return morning, _no_passages(morning)


def no_passages(state: State) -> Passages:
    """Return that nothing has happened yet, and whether the first morning is sound."""
    never = jnp.full((2, *state.truce.shape), -1, jnp.int16)
    return Passages(never, never, never, never, never[0], never[0], health(state))


# One by one its hundred operations take a third of the time of a short run.
_no_passages = jax.jit(no_passages)


def _begin_week(carry: Carry, of_wars: OfWars, of_run: OfRun, week: jax.Array, *, fronts: int) -> Shocks:
    return week_shocks(of_run.seed_key, of_wars.wars, week, of_run.streams, fronts)


def _step(
    carry: Carry,
    of_wars: OfWars,
    of_run: OfRun,
    shocks: Shocks,
    of_day: OfDay,
    new_week: jax.Array,
    *,
    off: tuple[str, ...] = (),
    extensions: tuple[Extension, ...] = (),
) -> Carry:
    state, passages = carry
    today = of_day.plan
    added = NOTHING
    if extensions and of_wars.extension is not None and of_day.calendar is not None:
        added = factors(
            extensions, state, of_wars.parameters, of_wars.extension, today.levers, of_day.calendar
        )
    tomorrow, _ = day(
        state,
        of_wars.parameters,
        pinned(of_wars.structure, off),
        Today(today.levers, today.truce_begins, today.truce_ends, new_week),
        shocks,
        Decisions(today.observed[:, None]),
        added,
    )
    if today.stands is not None:
        stands = today.stands > 0
        tomorrow = jax.tree.map(lambda now, then: jnp.where(stands, now, then), state, tomorrow)
    return tomorrow, passages._replace(
        first_offensive_day=_first(passages.first_offensive_day, tomorrow.offensive, of_day.date),
        truce_broken_day=_first(
            passages.truce_broken_day, tomorrow.truces_broken - state.truces_broken, of_day.date
        ),
        assault_day=_first(passages.assault_day, tomorrow.capital_assaults, of_day.date),
        internal_break_day=_first(passages.internal_break_day, tomorrow.internal_breaks, of_day.date),
        truce_collapsed_day=_first(
            passages.truce_collapsed_day, tomorrow.truces_collapsed - state.truces_collapsed, of_day.date
        ),
        ended_day=_first(passages.ended_day, tomorrow.ended(), of_day.date),
    )


def _end_week(carry: Carry, of_wars: OfWars, of_run: OfRun, shocks: Shocks) -> tuple[Carry, Record]:
    state, passages = carry
    status = jnp.where(passages.status == GOOD, health(state), passages.status)
    return (state, passages._replace(status=status)), record(state)


@functools.cache
def war_loop(
    fronts: int, off: tuple[str, ...] = (), extensions: tuple[Extension, ...] = (), *, stops: bool = False
) -> Loop:
    """Return the war as a loop of weeks, without the optional mechanisms that no war has.

    `stops` says whether the clock stands still on some days.
    """
    shape: Any = jax.ShapeDtypeStruct
    of_wars = OfWars(
        shape((REGISTRY.size, LANES), jnp.float32),
        shape((len(STRUCTURES), LANES), jnp.int8),
        shape((LANES,), jnp.uint32),
        _rows_of(extensions) if extensions else None,
    )
    of_run = OfRun(
        Geography(*(shape(axes, jnp.float32) for axes in ((fronts,), *[(2, fronts)] * 3))),
        shape((2,), jnp.uint32),
        shape((2,), jnp.int32),
    )
    scalar = shape((), jnp.float32)
    today = Schedule(
        shape((WIDTH,), jnp.float32), scalar, scalar, shape((2,), jnp.float32), scalar if stops else None
    )
    return Loop(
        start=_start,
        begin_week=functools.partial(_begin_week, fronts=fronts),
        step=functools.partial(_step, off=off, extensions=extensions),
        end_week=_end_week,
        carry=jax.eval_shape(_start, of_wars, of_run),
        of_wars=of_wars,
        of_run=of_run,
        of_week=shape((), jnp.int32),
        of_day=OfDay(today, shape((), jnp.int32), Calendar(scalar, scalar, scalar) if extensions else None),
    )


def _rows_of(extensions: tuple[Extension, ...]) -> Any:
    """Return the shapes of what each war has of extensions."""
    numbers = sum(len(one.labels()) for one in extensions)
    shape: Any = jax.ShapeDtypeStruct
    return Rows(shape((numbers, LANES), jnp.float32), shape((len(extensions), LANES), jnp.int8))


@functools.cache
def kernel(
    fronts: int, off: tuple[str, ...] = (), extensions: tuple[Extension, ...] = (), *, stops: bool = False
) -> Kernel:
    """Return the war compiled for this processor; arguments as in `war_loop`.

    Raises:
        InputError: an operation of an extension cannot be compiled.
    """
    for one in extensions:
        check_fused(one, fronts)
    return Kernel(war_loop(fronts, off, extensions, stops=stops))


@functools.partial(jax.jit, static_argnames=("extensions",))
def run_block(
    of_wars: OfWars,
    of_run: OfRun,
    weeks: Schedule,
    first_morning: State | None = None,
    calendar: Calendar | None = None,
    extensions: tuple[Extension, ...] = (),
) -> tuple[Record, Record, Passages]:
    """Run the wars of one block by JAX; return the first morning, the end of each week, and first passages.

    Args:
        of_wars: the wars.
        of_run: what they have in common.
        weeks: the plan.
        first_morning: stocks with which each war starts; those of its parameters where not given.
        calendar: `[W, 7]` each, for extensions.
        extensions: mechanisms of one's own that the wars may have.
    """
    loop = war_loop(of_run.geography.weight.shape[0], extensions=extensions, stops=weeks.stands is not None)
    carry = _start(of_wars, of_run) if first_morning is None else _resumed(first_morning)
    (_, passages), weekly = scan(loop, carry, of_wars, of_run, *_rows(weeks, calendar))
    return record(carry[0]), weekly, passages


def _rows(weeks: Schedule, calendar: Calendar | None) -> tuple[jax.Array, OfDay]:
    """Return what weeks have, and what days have."""
    count = weeks.levers.shape[0]
    dates = jnp.arange(count * DAYS_IN_WEEK, dtype=jnp.int32).reshape(count, DAYS_IN_WEEK)
    numbers = jnp.arange(count, dtype=jnp.int32)
    if weeks.stands is not None:
        # Chances wait too: a week has those of the week of the war to which its first day belongs.
        stood = jnp.sum(weeks.stands, axis=1).astype(jnp.int32)
        numbers = (DAYS_IN_WEEK * numbers - (jnp.cumsum(stood) - stood)) // DAYS_IN_WEEK
    return numbers, OfDay(weeks, dates, calendar)


def calendar_of(start: dt.date, days: Sequence[int] | npt.NDArray[np.int64]) -> Calendar:
    """Return the calendar of days after a first one, `[W, 7]` each."""
    dates = [start + dt.timedelta(days=int(day)) for day in days]
    share = [(date.timetuple().tm_yday - 1) / (366 if isleap(date.year) else 365) for date in dates]

    def weekly(values: list[Any]) -> jax.Array:
        return jnp.asarray(np.array(values, np.float32).reshape(-1, DAYS_IN_WEEK))

    return Calendar(weekly(list(days)), weekly([date.month for date in dates]), weekly(share))


class Block(NamedTuple):
    """One chunk's results as NumPy arrays."""

    wars: npt.NDArray[np.int64]
    start: Record
    weekly: Record
    passages: Passages


def absent(structure: npt.NDArray[np.int8]) -> tuple[str, ...]:
    """Return the optional mechanisms that no war has."""
    return tuple(sorted(name for name, one in OPTIONAL.items() if not structure[ROWS[one.name]].any()))


def run_blocks(
    world: World,
    plan: Plan,
    parameters: npt.NDArray[np.float32],
    structure: npt.NDArray[np.int8],
    wars: npt.NDArray[np.int64],
    seed: int,
    chunk: int,
    start: Start | None = None,
    off: tuple[str, ...] | None = None,
) -> Iterator[Block]:
    """Run wars in chunks; yield each chunk's results in order. With a start each war has its draw's stocks.

    On a processor the fused loop computes them, on any other device JAX does. `off` names optional mechanisms
    that no war of the whole run has, where these wars are only some of it.
    """
    weeks = schedule(plan)
    of_run = OfRun(
        Geography(*(jnp.asarray(part) for part in world.geography)),
        chance.shock_key(seed),
        jnp.asarray(world.streams, jnp.int32),
    )
    # Of all wars and not of a chunk, so that a result does not depend on the chunk.
    off = absent(structure) if off is None else off
    extensions = tuple(one.extension for one in world.extensions)
    calendar = calendar_of(world.start, war_days(plan)) if extensions else None
    fused = functools.partial(_fused, off=off)
    compute = fused if jax.default_backend() == "cpu" else _by_jax
    for offset in range(0, wars.size, chunk):
        here = slice(offset, min(offset + chunk, wars.size))
        rows = draw_extensions(world, wars[here], seed)
        of_wars = OfWars(parameters[:, here], structure[:, here], wars[here].astype(np.uint32), rows)
        morning = None if start is None else start.state_of(wars[here])
        yield Block(wars[here], *compute(of_wars, of_run, weeks, morning, calendar, extensions))


def _fused(
    of_wars: OfWars,
    of_run: OfRun,
    weeks: Schedule,
    morning: State | None,
    calendar: Calendar | None,
    extensions: tuple[Extension, ...],
    *,
    off: tuple[str, ...],
) -> tuple[Record, Record, Passages]:
    compiled = kernel(of_run.geography.weight.shape[0], off, extensions, stops=weeks.stands is not None)
    carry = compiled.start(of_wars, of_run) if morning is None else _resumed(morning)
    (_, passages), weekly = compiled.run(carry, of_wars, of_run, *_rows(weeks, calendar))
    first: Record = jax.tree.map(np.asarray, record(carry[0]))
    return first, weekly, passages


def _by_jax(
    of_wars: OfWars,
    of_run: OfRun,
    weeks: Schedule,
    morning: State | None,
    calendar: Calendar | None,
    extensions: tuple[Extension, ...],
) -> tuple[Record, Record, Passages]:
    found: tuple[Record, Record, Passages] = jax.tree.map(
        np.asarray, run_block(of_wars, of_run, weeks, morning, calendar, extensions)
    )
    return found
