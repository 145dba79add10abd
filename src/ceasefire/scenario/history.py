"""A scenario's history as arrays: the war from an earlier day up to a cut-off, as it was known on a day.

A calibration simulates it: levers, call-ups and offensives are those that happened. What was not known yet on
the given day is left out, so that the value before it goes on.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from ceasefire.scenario.compiled import (
    STOCK,
    Plan,
    World,
    call_up,
    change_levers,
    compile_world,
    structure_weights,
    truce_events,
)
from ceasefire.scenario.schema import (
    KnownChange,
    KnownLevers,
    KnownWave,
    Levers,
    Past,
    PastOffensive,
    Range,
    ScenarioFile,
    Weights,
)
from ceasefire.war import LEVERS, REGISTRY, STRUCTURES, Prior
from ceasefire.war.levers import defaults
from ceasefire.war.structure import OPTIONAL, in_use

HISTORY = "history"
WEEK = dt.timedelta(days=7)

Entry = TypeVar("Entry", KnownChange, KnownWave)


@dataclasses.dataclass(frozen=True, eq=False)
class History:
    """The war from `start` up to, and without, the day `until`, as it was known on a given day."""

    start: dt.date
    until: dt.date
    first_day: dt.date
    """First day of the war, from which running totals of losses count; on or before `start`."""
    world: World
    """The scenario's world from `start` on: with the history's stocks and ground, `until - start` days."""
    plan: Plan
    """Levers as they were, no truces; `observed_offensives` is 1 or 0 on every day."""
    losses_before: tuple[Prior, Prior]
    """Killed, wounded and captured of each side from `first_day` to `start`, persons."""


def last_cut_off(content: ScenarioFile, past: Past) -> dt.date:
    """Return the latest day up to which a history can go: whole weeks, not after the scenario's end."""
    return past.start + (content.end - past.start) // WEEK * WEEK


def compile_history(
    content: ScenarioFile, past: Past, until: dt.date, known_on: dt.date | None = None
) -> History:
    """Return the history of a checked scenario up to an admissible cut-off; known_on None is hindsight."""
    return History(
        start=past.start,
        until=until,
        first_day=past.first_day,
        world=compile_world(as_of_start(content, past, until)),
        plan=past_plan(content, past, until, known_on),
        losses_before=_losses(content, past),
    )


def as_of_start(content: ScenarioFile, past: Past, until: dt.date) -> ScenarioFile:
    """Return the scenario as it would be written from the history's start to the cut-off, levers apart.

    It has the optional mechanisms that the history names; how leaders decide is not asked, since what they
    decided is given.
    """
    belligerents = [
        belligerent.model_copy(update={"stocks": belligerent.stocks | past.stocks.get(belligerent.name, {})})
        for belligerent in content.belligerents
    ]
    fronts = [front.model_copy(update={"ground": past.ground.fronts[front.name]}) for front in content.fronts]
    given = {
        alternative.name
        for alternative in STRUCTURES
        if alternative.mechanism is not None and not alternative.is_switch
    }
    structures = {name: found for name, found in content.structures.items() if name not in given}
    first = {
        alternative.name: Weights(weights={alternative.choices[0]: 1.0}, source="what was decided is given")
        for alternative in STRUCTURES
        if alternative.name in given
    }
    return content.model_copy(
        update={
            "start": past.start,
            "end": until,
            "belligerents": belligerents,
            "fronts": fronts,
            "mechanisms": past.mechanisms,
            "structures": structures | first,
        }
    )


def fitted_mechanisms(content: ScenarioFile) -> frozenset[str]:
    """Return the optional mechanisms that a calibration of a scenario takes in."""
    past = content.history
    if past is None:
        return frozenset()
    return in_use(structure_weights(as_of_start(content, past, content.end)))


def what_a_fit_reads(content: ScenarioFile) -> ScenarioFile:
    """Return the scenario without what no calibration of it reads.

    That is: its switches, and the ranges, levers and weights of optional mechanisms that its history has not.
    """
    absent = set(OPTIONAL) - fitted_mechanisms(content)

    def ranges(found: Mapping[str, Range], prefix: str = "") -> dict[str, Range]:
        return {
            name: one
            for name, one in found.items()
            if prefix + name in REGISTRY and REGISTRY.mechanisms[prefix + name] not in absent
        }

    unread = {lever.name for lever in LEVERS if lever.mechanism in absent}
    belligerents = [
        belligerent.model_copy(
            update={
                "stocks": ranges(belligerent.stocks, STOCK),
                "parameters": ranges(belligerent.parameters),
                "levers": belligerent.levers.model_copy(
                    update={name: [] for name in Levers.model_fields if name in unread}
                ),
            }
        )
        for belligerent in content.belligerents
    ]
    structures = {
        name: one
        for name, one in content.structures.items()
        if name not in {OPTIONAL[mechanism].name for mechanism in absent}
    }
    fronts = [
        front.model_copy(update={"aim": {}, "aim_source": None}) if "aims" in absent else front
        for front in content.fronts
    ]
    return content.model_copy(
        update={
            "belligerents": belligerents,
            "fronts": fronts,
            "war": ranges(content.war),
            "structures": structures,
            "mechanisms": {},
            "extensions": [],
        }
    )


def past_plan(content: ScenarioFile, past: Past, until: dt.date, known_on: dt.date | None) -> Plan:
    """Return what both sides did from the history's start to the cut-off, as far as it was known."""
    days = (until - past.start).days
    levers = defaults(days).astype(np.float64)
    for side, belligerent in enumerate(content.belligerents):
        known = known_levers(past.levers[belligerent.name], until, known_on)
        change_levers(levers, known, side, past.start)
        call_up(levers, known.mobilisation, side, past.start)
    sides = [belligerent.name for belligerent in content.belligerents]
    return Plan(
        policy=HISTORY,
        levers=levers.astype(np.float32),
        events=truce_events([], past.start, days),
        observed_offensives=attacks(past.offensives, sides, past.start, days, known_on),
    )


def known_levers(levers: KnownLevers, until: dt.date, known_on: dt.date | None) -> Levers:
    """Return the changes and waves before the cut-off that were known on a day."""
    kept = {
        name: [
            entry
            for entry in newest(getattr(levers, name), known_on)
            if entry.from_ is None or entry.from_ < until
        ]
        for name in KnownLevers.model_fields
    }
    return Levers.model_validate(kept)


def newest(entries: Iterable[Entry], known_on: dt.date | None) -> list[Entry]:
    """Return what was known on a day: of entries for one day, the one that became known last."""
    found: dict[tuple[dt.date | None, str | None], Entry] = {}
    for entry in sorted(entries, key=lambda entry: entry.known_on or dt.date.min):
        if known_on is None or entry.known_on is None or entry.known_on <= known_on:
            found[place_in_time(entry)] = entry
    return list(found.values())


def place_in_time(entry: KnownChange | KnownWave) -> tuple[dt.date | None, str | None]:
    """Return what tells an entry apart from others of its lever: its first day and, of a wave, its kind."""
    return entry.from_, entry.kind if isinstance(entry, KnownWave) else None


def attacks(
    offensives: Iterable[PastOffensive],
    sides: Sequence[str],
    start: dt.date,
    days: int,
    known_on: dt.date | None,
) -> npt.NDArray[np.float32]:
    """Return 1 on the days on which a side was known to attack, else 0, `[D, 2]`.

    An offensive whose end was not known yet goes on to the last day.
    """
    found = np.zeros((days, 2), dtype=np.float32)
    for offensive in offensives:
        began_known = offensive.known_on or offensive.from_
        ended_known = offensive.ended_known_on or offensive.to
        if known_on is not None and known_on < began_known:
            continue
        ended = ended_known is not None and (known_on is None or ended_known <= known_on)
        first = max((offensive.from_ - start).days, 0)
        after = (offensive.to - start).days + 1 if ended and offensive.to is not None else days
        found[first : max(after, 0), sides.index(offensive.side)] = 1.0
    return found


def _losses(content: ScenarioFile, past: Past) -> tuple[Prior, Prior]:
    first, second = (
        Prior(*past.losses_before[belligerent.name].points, scale="log")
        for belligerent in content.belligerents
    )
    return first, second
