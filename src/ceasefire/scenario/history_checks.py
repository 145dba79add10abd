"""What the history of a scenario must keep to beyond its shape: dates, names, ground, what was known."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence

from ceasefire.files import Document, suggest
from ceasefire.scenario.checks import (
    STOCKS,
    Checked,
    Place,
    check_bounds,
    check_entries,
    check_mechanisms,
    check_names,
    check_once,
    check_range,
    check_sides,
    check_stock,
    number,
)
from ceasefire.scenario.history import WEEK, last_cut_off, newest, past_plan, place_in_time
from ceasefire.scenario.schema import (
    MAX_DAYS,
    KnownChange,
    KnownLevers,
    KnownWave,
    Past,
    PastOffensive,
    ScenarioFile,
)

# Persons lost before a history; no war has had more.
MOST_LOST = (0.0, 5e7)

# How far the ground of a front, both sides together, may be from the scenario's: people round it.
GROUND_ROUNDING = 0.01


def check_history(content: ScenarioFile, document: Document) -> None:
    """Refuse a history that cannot be computed; a scenario without one is admitted.

    Raises:
        InputError: the first fault found, with its line.
    """
    past = content.history
    if past is None:
        return
    checked = Checked(content, document, past=True)
    _calendar(checked, past)
    sides = [belligerent.name for belligerent in content.belligerents]
    _all(checked, past.losses_before, sides, ("history", "losses_before"))
    for side, lost in past.losses_before.items():
        label = f"what {side} lost before the history"
        check_range(checked, label, MOST_LOST, "persons", "log", lost, ("history", "losses_before", side))
    check_sides(checked, past.stocks, sides, ("history", "stocks"))
    for side, stocks in past.stocks.items():
        check_names(checked, stocks, STOCKS, "stock", ("history", "stocks", side))
        for name, found in stocks.items():
            check_stock(checked, side, name, found, ("history", "stocks", side, name))
    check_mechanisms(checked, past.mechanisms, ("history", "mechanisms"))
    _ground(checked, past, sides)
    _all(checked, past.levers, sides, ("history", "levers"))
    for side, levers in past.levers.items():
        for name in KnownLevers.model_fields:
            _lever(checked, name, getattr(levers, name), side, ("history", "levers", side, name))
    for index, offensive in enumerate(past.offensives):
        _offensive(checked, past, offensive, sides, ("history", "offensives", index))
    for known_on in (None, *_days_of_news(past)):
        plan = past_plan(content, past, last_cut_off(content, past), known_on)
        check_bounds(checked, plan.levers, "the history", ("history", "levers"))


def _calendar(checked: Checked, past: Past) -> None:
    content = checked.content
    before = content.start - past.start
    if before <= dt.timedelta(0):
        raise checked.fault(
            ("history", "start"),
            f"the history starts on {past.start}, not before the scenario ({content.start}).",
            "write an earlier day, whole weeks before the scenario's start.",
        )
    if before % WEEK:
        near = content.start - before // WEEK * WEEK
        days = [day for day in (near - WEEK, near) if day < content.start]
        raise checked.fault(
            ("history", "start"),
            f"the history starts on {past.start}, not whole weeks before the scenario ({content.start}).",
            f"write {' or '.join(str(day) for day in days)}.",
        )
    if past.first_day > past.start:
        raise checked.fault(
            ("history", "first_day"),
            f"the war begins on {past.first_day}, after the start of the history ({past.start}).",
            "write the first day of the war, at latest the start of the history.",
        )
    days_in_all = (content.end - past.start).days
    if days_in_all > MAX_DAYS:
        raise checked.fault(
            ("history", "start"),
            f"from the start of the history to the end of the war are {days_in_all:,} days; the limit is"
            f" {MAX_DAYS:,}.",
            "write a later start.",
        )


def _all(checked: Checked, given: Mapping[str, object], sides: Sequence[str], place: Place) -> None:
    """Refuse a table that does not name both belligerents and nobody else."""
    check_sides(checked, given, sides, place)
    for side in sides:
        if side not in given:
            raise checked.fault(place, f"'{side}' is missing.", f"add '{side}:' here.")


def _ground(checked: Checked, past: Past, sides: Sequence[str]) -> None:
    place: Place = ("history", "ground", "fronts")
    fronts = {front.name: front for front in checked.content.fronts}
    for name in past.ground.fronts:
        if name not in fronts:
            raise checked.fault((*place, name), f"'{name}' is not a front.", suggest(name, fronts))
    for name, front in fronts.items():
        if name not in past.ground.fronts:
            raise checked.fault(place, f"the front '{name}' is missing.", f"add '{name}:' here.")
        ground = past.ground.fronts[name]
        _all(checked, ground, sides, (*place, name))
        before, after = math.fsum(ground.values()), math.fsum(front.ground.values())
        if abs(before - after) > GROUND_ROUNDING * after:
            raise checked.fault(
                (*place, name),
                f"the front '{name}' has {number(before)} km2 in all at the start of the history and"
                f" {number(after)} at the start of the scenario.",
                "correct them: ground changes hands, in all it stays the same.",
            )


def _lever(
    checked: Checked,
    name: str,
    entries: Sequence[KnownChange | KnownWave],
    side: str,
    place: Place,
) -> None:
    check_entries(checked, name, entries, side, place, sourced=True)
    for index, entry in enumerate(entries):
        if entry.from_ is not None and entry.known_on is None:
            raise checked.fault(
                (*place, index),
                f"the lever '{name}' of {side} changes on {entry.from_}, but not when that was known.",
                "add 'known_on:', the day on which its source could be read.",
            )
        same = [place_in_time(other) for other in entries[:index] if other.known_on == entry.known_on]
        if place_in_time(entry) in same:
            raise checked.fault(
                (*place, index),
                f"the lever '{name}' of {side} is set twice on {entry.from_ or checked.start}, known on the"
                " same day.",
                "keep one, or correct 'known_on:'; of two, the one known last holds.",
            )
    changes = [entry for entry in entries if isinstance(entry, KnownChange)]
    if not changes:
        return
    if not any(change.from_ is None and change.known_on is None for change in changes):
        raise checked.fault(
            place,
            f"the lever '{name}' of {side} has no value from the start of the history on.",
            "add one without 'from' and 'known_on'; it holds until the first change that is known.",
        )
    for known_on in (None, *_news(changes)):
        check_once(checked, name, newest(changes, known_on), changes, side, place)


def _offensive(
    checked: Checked, past: Past, offensive: PastOffensive, sides: Sequence[str], place: Place
) -> None:
    if offensive.side not in sides:
        raise checked.fault(
            (*place, "side"), f"'{offensive.side}' is not a belligerent.", suggest(offensive.side, sides)
        )
    end = checked.content.end
    if not past.first_day <= offensive.from_ < end:
        raise checked.fault(
            (*place, "from"),
            f"{offensive.from_} is not between the first day of the war ({past.first_day}) and its end"
            f" ({end}).",
            "write a day in the war.",
        )
    if offensive.known_on is not None and offensive.known_on < offensive.from_:
        raise checked.fault(
            (*place, "known_on"),
            f"the offensive is known on {offensive.known_on}, before it begins ({offensive.from_}).",
            "write the day on which it could be known, or leave it out.",
        )
    if offensive.to is None:
        if offensive.ended_known_on is not None:
            raise checked.fault(
                (*place, "ended_known_on"),
                "the end of the offensive is known but not written.",
                "write its last day as 'to', or leave 'ended_known_on' out.",
            )
        return
    if offensive.to < max(offensive.from_, past.start):
        raise checked.fault(
            (*place, "to"),
            f"the offensive ends on {offensive.to}, before it begins or before the history ({past.start}).",
            "correct its days, or take it out.",
        )
    if offensive.ended_known_on is not None and offensive.ended_known_on < offensive.to:
        raise checked.fault(
            (*place, "ended_known_on"),
            f"the end of the offensive is known on {offensive.ended_known_on}, before it ({offensive.to}).",
            "write the day on which the end could be known, or leave it out.",
        )


def _news(entries: Sequence[KnownChange | KnownWave]) -> list[dt.date]:
    """Return the days on which something of a lever became known."""
    return sorted({entry.known_on for entry in entries if entry.known_on is not None})


def _days_of_news(past: Past) -> list[dt.date]:
    """Return the days on which something of any lever became known."""
    levers = [getattr(side, name) for side in past.levers.values() for name in KnownLevers.model_fields]
    return sorted({day for entries in levers for day in _news(entries)})
