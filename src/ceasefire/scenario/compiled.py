"""From a scenario to arrays: the world that the engine starts from, and the plan of a policy.

A plan is made in steps, each a function: baseline levers, the policy's changes, waves of call-up,
truces; a stop of the clock moves what comes after it.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from ceasefire.scenario.schema import Change, Front, Levers, Range, ScenarioFile, Truce, Wave
from ceasefire.war import LEVERS, REGISTRY, STRUCTURES, Geography, Lever, Parameter, Prior
from ceasefire.war.extension import Extension
from ceasefire.war.levers import COLUMNS, defaults

TRUCE_BEGINS = 1
TRUCE_ENDS = 2
DAYS_PER_MONTH = 365.25 / 12.0
STOCK = "initial_"
TRUCE = "truce_"

LEVER: dict[str, Lever] = {lever.name: lever for lever in LEVERS}

Float64 = npt.NDArray[np.float64]


@dataclasses.dataclass(frozen=True, eq=False)
class Added:
    """A mechanism of one's own in a war."""

    extension: Extension
    share: float
    """Share of the wars that have it, above 0."""
    priors: tuple[Prior, ...]
    """One for each row of its parameters."""
    bounds: tuple[tuple[float, float], ...]
    row_sources: tuple[str, ...]


@dataclasses.dataclass(frozen=True, eq=False)
class World:
    """All that the engine needs of a scenario and that no policy changes.

    `days` is the number of simulated days, a multiple of 7: the time from start to end, rounded up to whole
    weeks. Day d of a plan is the date start + d; the state after the last day is that on start + days.
    """

    scenario: str
    sides: tuple[str, str]
    codes: tuple[str, str]
    roles: tuple[str, str]
    fronts: tuple[str, ...]
    start: dt.date
    days: int
    priors: tuple[Prior, ...]
    """One for each row of the parameter matrix, in the registry's order."""
    bounds: tuple[tuple[float, float], ...]
    row_sources: tuple[str, ...]
    geography: Geography
    """weight `[F]`, ground `[2, F]` in km2, share `[2, F]`, as NumPy arrays of float32."""
    streams: tuple[int, int]
    """Random stream of each side: 0 for the initiator, 1 for the defender, wherever it is listed."""
    structure_weights: dict[str, tuple[float, ...]]
    """Weights of the rival equations of each mechanism, which sum to 1."""
    extensions: tuple[Added, ...] = ()
    """Mechanisms of one's own that some of the wars have."""


@dataclasses.dataclass(frozen=True, eq=False)
class Plan:
    """A policy as arrays."""

    policy: str
    levers: npt.NDArray[np.float32]
    """`[D, L]`, columns by `ceasefire.war.levers.COLUMNS`. What concerns a truce is set on its days only."""
    events: npt.NDArray[np.int32]
    """`[E, 2]`, rows of day and code: 1 a truce begins, 2 the first day after its last."""
    observed_offensives: npt.NDArray[np.float32]
    """`[D, 2]`, 1 or 0 where it is known that a side attacks or not; -1 where the model decides."""
    stands: npt.NDArray[np.float32] | None = None
    """`[D]`, 1 on days on which the clock stands still and nothing happens; None where it never does."""


def shortened(world: World, days: int) -> World:
    """Return a world of which only the first days are simulated, whole weeks of them, at least one.

    What happens on these days is what happens on them in the whole war.
    """
    return dataclasses.replace(world, days=min(world.days, max(-(-days // 7) * 7, 7)))


def shortened_plan(plan: Plan, days: int) -> Plan:
    """Return the first days of a plan; an event after the last of them is left out."""
    return dataclasses.replace(
        plan,
        levers=plan.levers[:days],
        events=plan.events[plan.events[:, 0] < days],
        observed_offensives=plan.observed_offensives[:days],
        stands=None if plan.stands is None else plan.stands[:days],
    )


def war_days(plan: Plan) -> npt.NDArray[np.int64]:
    """Return which day of the war each day of a plan is, `[D]`; in a stop of the clock, the one to come."""
    if plan.stands is None:
        return np.arange(len(plan.levers))
    happens = plan.stands == 0
    return np.asarray(np.cumsum(happens) - happens, np.int64)


def days_of(content: ScenarioFile) -> int:
    """Return the number of simulated days: from start to end, rounded up to whole weeks."""
    return -(-(content.end - content.start).days // 7) * 7


def compile_world(content: ScenarioFile, extensions: Iterable[Extension] = ()) -> World:
    """Return the world of a checked scenario; extensions are in it where its `mechanisms` say so."""
    first, second = content.belligerents
    labels = REGISTRY.labels()
    ranges = [given(content, name, side) for name, side in labels]
    parameters = [REGISTRY[name] for name, _ in labels]
    pairs = list(zip(ranges, parameters, strict=True))
    return World(
        scenario=content.name,
        sides=(first.name, second.name),
        codes=(first.code, second.code),
        roles=(first.role, second.role),
        fronts=tuple(front.name for front in content.fronts),
        start=content.start,
        days=days_of(content),
        priors=tuple(prior(found, parameter) for found, parameter in pairs),
        bounds=tuple(parameter.bounds for parameter in parameters),
        row_sources=tuple(found.source if found else parameter.source for found, parameter in pairs),
        geography=geography(content.fronts, (first.name, second.name)),
        streams=(int(first.role == "defender"), int(second.role == "defender")),
        structure_weights=structure_weights(content),
        extensions=tuple(
            added(content, one, share)
            for one in extensions
            if (share := float(content.mechanisms.get(one.name, False))) > 0
        ),
    )


def added(content: ScenarioFile, extension: Extension, share: float) -> Added:
    """Return an extension with the scenario's ranges of its parameters, else its own."""
    parameters = {one.name: one for one in extension.parameters}
    rows = []
    for name, side in extension.labels():
        found = (content.war if side is None else content.belligerents[side].parameters).get(name)
        one = parameters[name]
        rows.append((prior(found, one), one.bounds, found.source if found else one.source))
    priors, bounds, sources = zip(*rows, strict=True) if rows else ((), (), ())
    return Added(extension, share, tuple(priors), tuple(bounds), tuple(sources))


def given(content: ScenarioFile, name: str, side: int | None) -> Range | None:
    """Return the range that a scenario gives for a row of the parameter matrix, or None."""
    if side is None:
        return content.war.get(name)
    belligerent = content.belligerents[side]
    if REGISTRY[name].initial:
        return belligerent.stocks.get(name.removeprefix(STOCK))
    return belligerent.parameters.get(name)


def prior(found: Range | None, parameter: Parameter) -> Prior:
    """Return the prior of a row: the scenario's points on the registry's scale, else the registry's prior."""
    return parameter.prior if found is None else Prior(*found.points, scale=parameter.prior.scale)


def geography(fronts: Iterable[Front], sides: tuple[str, str]) -> Geography:
    """Return the fronts as arrays; weights and shares are divided by their sums."""
    fronts = list(fronts)
    weight = np.array([front.weight for front in fronts])
    ground = np.array([[front.ground[side] for front in fronts] for side in sides])
    share = np.array([[front.troops[side] for front in fronts] for side in sides])
    share = share / share.sum(axis=1, keepdims=True)
    aim = np.array([[front.aim.get(side, 0.0) for front in fronts] for side in sides])
    return Geography(
        weight=_single(weight / weight.sum()),
        ground=_single(ground),
        share=_single(share),
        aim=_single(aim),
    )


def _single(values: Float64) -> Any:
    """Return an array in single precision; the fields of `Geography` take NumPy arrays as well as JAX's."""
    return values.astype(np.float32)


def structure_weights(content: ScenarioFile) -> dict[str, tuple[float, ...]]:
    """Return the weights of each mechanism's rival equations, in the order of their codes; they sum to 1."""
    found: dict[str, tuple[float, ...]] = {}
    for alternative in STRUCTURES:
        own = content.structures.get(alternative.name)
        share = content.mechanisms.get(alternative.name) if alternative.is_switch else None
        if share is not None:
            weights: tuple[float, ...] = (1.0 - float(share), float(share))
        elif own is not None:
            weights = tuple(own.weights.get(choice, 0.0) for choice in alternative.choices)
        else:
            weights = alternative.weights
        total = sum(weights)
        found[alternative.name] = tuple(weight / total for weight in weights)
    return found


def compile_plan(content: ScenarioFile, policy: str) -> Plan:
    """Return the plan of one of the scenario's policies."""
    chosen = content.policies[policy]
    days = days_of(content)
    levers = baseline_levers(content)
    for side, belligerent in enumerate(content.belligerents):
        changed = chosen.levers.get(belligerent.name, Levers())
        change_levers(levers, changed, side, content.start)
        call_up(levers, [*belligerent.levers.mobilisation, *changed.mobilisation], side, content.start)
    sides = [belligerent.name for belligerent in content.belligerents]
    for truce in chosen.truces:
        keep_truce(levers, truce, sides, content.start)
    plan = Plan(
        policy=policy,
        levers=levers.astype(np.float32),
        events=truce_events(chosen.truces, content.start, days),
        observed_offensives=np.full((days, 2), -1.0, dtype=np.float32),
    )
    stop = chosen.clock_stopped
    return plan if stop is None else with_clock_stopped(plan, (stop.start - content.start).days, stop.days)


def with_clock_stopped(plan: Plan, first: int, days: int) -> Plan:
    """Return a plan without truces in which nothing happens on so many days; the rest comes later by them."""
    stands = np.zeros(len(plan.levers), np.float32)
    stands[first : first + days] = 1.0
    stopped = dataclasses.replace(plan, stands=stands)
    when = war_days(stopped)
    return dataclasses.replace(
        stopped, levers=plan.levers[when], observed_offensives=plan.observed_offensives[when]
    )


def baseline_levers(content: ScenarioFile) -> Float64:
    """Return the levers `[D, L]` that both belligerents set whatever the policy, without waves of call-up."""
    levers = defaults(days_of(content)).astype(np.float64)
    for side, belligerent in enumerate(content.belligerents):
        change_levers(levers, belligerent.levers, side, content.start)
    return levers


def change_levers(levers: Float64, changed: Levers, side: int, start: dt.date) -> None:
    """Write a side's changes into the levers `[D, L]`, each from its day to the end or to the next change."""
    for name in Levers.model_fields:
        if name == "mobilisation":
            continue
        column = levers[:, COLUMNS[name].start + side]
        for change in in_order(getattr(changed, name)):
            write_change(column, change, start)


def in_order(changes: Iterable[Change]) -> list[Change]:
    """Return changes in the order of their days; one without a day holds from the start."""
    return sorted(changes, key=lambda change: change.from_ or dt.date.min)


def write_change(column: Float64, change: Change, start: dt.date) -> None:
    """Write one change into a lever's column `[D]`: a step, or a straight line from the value before it."""
    first = ((change.from_ or start) - start).days
    value = amount(change)
    if change.to is None:
        column[first:] = value
        return
    last = (change.to - start).days
    before = column[first]
    day = np.arange(first, len(column))
    column[first:] = before + (value - before) * np.minimum((day - first) / (last - first), 1.0)


def amount(change: Change) -> float:
    """Return the value of a change, a flow per day."""
    if change.per_month is not None:
        return change.per_month / DAYS_PER_MONTH
    value = change.per_day if change.per_day is not None else change.value
    assert value is not None
    return value


def call_up(levers: Float64, waves: Iterable[Wave], side: int, start: dt.date) -> None:
    """Add waves of call-up to the levers `[D, L]`, their persons spread evenly over their days.

    A covert wave adds to recruitment, a partial or general one to mobilisation. The training time of a day is
    the mean over all who are called up on it, weighted by persons: one lever holds for the volunteers and
    the waves of that day.
    """
    column = {
        name: levers[:, COLUMNS[name].start + side]
        for name in ("recruitment", "mobilisation", "training_days")
    }
    persons = column["recruitment"] + column["mobilisation"]
    person_days = persons * column["training_days"]
    waved = np.zeros(len(levers), dtype=bool)
    for wave in waves:
        first = (wave.from_ - start).days
        days = slice(first, first + wave.days)
        daily = wave.persons / wave.days
        column["recruitment" if wave.kind == "covert" else "mobilisation"][days] += daily
        persons[days] += daily
        person_days[days] += daily * wave.training_days
        waved[days] = True
    column["training_days"][waved] = person_days[waved] / persons[waved]


def keep_truce(levers: Float64, truce: Truce, sides: list[str], start: dt.date) -> None:
    """Write what a truce sets on its days: each side's supply and whether anybody monitors.

    The war applies these only while the truce is in force, so that one that is broken early gives both sides
    their normal supply again.
    """
    first = (truce.start - start).days
    days = slice(first, first + truce.days)
    levers[days, COLUMNS["monitored"].start] = float(truce.monitored)
    for side, name in enumerate(sides):
        supply = truce.supply.get(name)
        if supply is None:
            continue
        for kind in type(supply).model_fields:
            levers[days, COLUMNS[TRUCE + kind].start + side] = getattr(supply, kind)


def truce_events(truces: Iterable[Truce], start: dt.date, days: int) -> npt.NDArray[np.int32]:
    """Return the events `[E, 2]` in the order of their days; an end after the last day is left out."""
    rows: list[tuple[int, int]] = []
    for truce in truces:
        first = (truce.start - start).days
        rows += [(first, TRUCE_BEGINS), (first + truce.days, TRUCE_ENDS)]
    return np.array(sorted(row for row in rows if row[0] < days), dtype=np.int32).reshape(-1, 2)
