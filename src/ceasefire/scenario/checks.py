"""What a scenario must keep to beyond its shape: names, bounds, dates, sums. Nothing is computed before.

Every fault names the file, the line and the value, and says what to do.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import math
from collections.abc import Collection, Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from ceasefire.files import Document, InputError, suggest
from ceasefire.scenario.compiled import (
    LEVER,
    STOCK,
    TRUCE,
    amount,
    compile_plan,
    in_order,
)
from ceasefire.scenario.schema import (
    MAX_DAYS,
    MAX_FRONTS,
    MAX_POLICIES,
    Change,
    ClockStop,
    Levers,
    Policy,
    Range,
    ScenarioFile,
    Truce,
    Wave,
)
from ceasefire.war import REGISTRY, STRUCTURES, Parameter
from ceasefire.war.extension import Extension
from ceasefire.war.levers import COLUMNS

# Beyond this factor from low to high, the tails of a log scale leave what a computer can hold.
WIDEST = 1e9

# Units that a message does not write after a number.
PLAIN = {"1", "share", "switch"}

# Chances belong to weeks.
WEEK_DAYS = 7

# How far weights and shares may be from 1 in sum, since people round them.
ROUNDING = 1e-3

STOCKS = {name.removeprefix(STOCK): p for name, p in REGISTRY.items() if p.initial}
PER_SIDE = {name: p for name, p in REGISTRY.items() if p.per_side and not p.initial}
WHOLE_WAR = {name: p for name, p in REGISTRY.items() if not p.per_side}

SWITCHABLE = tuple(alternative.name for alternative in STRUCTURES if alternative.is_switch)

Place = tuple[str | int, ...]


@dataclasses.dataclass(frozen=True)
class Checked:
    """A scenario with the places of its values, while it is checked."""

    content: ScenarioFile
    document: Document
    past: bool = False
    """Whether days are those of the history, which begins before the scenario does."""
    extensions: tuple[Extension, ...] = ()
    """Mechanisms of one's own that the scenario may switch on."""

    @property
    def start(self) -> dt.date:
        """The first day that a value may name."""
        past = self.content.history if self.past else None
        return past.start if past else self.content.start

    @property
    def span(self) -> str:
        """What begins on that day, for the message."""
        return "history" if self.past else "war"

    def of_extensions(self, *, per_side: bool) -> dict[str, Parameter]:
        """Return the parameters of extensions."""
        own = [parameter for one in self.extensions for parameter in one.parameters]
        return {parameter.name: parameter for parameter in own if parameter.per_side == per_side}

    def fault(self, place: Place, what: str, todo: str) -> InputError:
        """Return the error for a value at a place."""
        return InputError(what, self.document.where(self._written(place)), todo)

    def _written(self, place: Place) -> Place:
        """Leave out the index of a lone change that stands without the dash of a list."""
        found: Place = ()
        for part in place:
            if isinstance(part, str) or (*found, part) in self.document.lines:
                found = (*found, part)
        return found


def check(content: ScenarioFile, document: Document, extensions: Iterable[Extension] = ()) -> None:
    """Refuse a scenario that cannot be computed.

    Raises:
        InputError: the first fault found, with its line.
    """
    checked = Checked(content, document, extensions=tuple(extensions))
    _calendar(checked)
    _belligerents(checked)
    _ranges(checked)
    _fronts(checked)
    _structures(checked)
    for side, belligerent in enumerate(content.belligerents):
        _levers(checked, belligerent.levers, belligerent.name, ("belligerents", side, "levers"), sourced=True)
    _policies(checked)


def number(value: float) -> str:
    """Return a number as messages show it."""
    return f"{value:,.10g}"


def _calendar(checked: Checked) -> None:
    content = checked.content
    if content.end <= content.start:
        raise checked.fault(
            ("end",),
            f"the war ends on {content.end}, not after its start on {content.start}.",
            "write an end after the start.",
        )
    days = (content.end - content.start).days
    if days > MAX_DAYS:
        raise checked.fault(
            ("end",), f"the war lasts {days:,} days; the limit is {MAX_DAYS:,}.", "write an earlier end."
        )


def _belligerents(checked: Checked) -> None:
    sides = checked.content.belligerents
    if len(sides) != 2:
        raise checked.fault(
            ("belligerents",),
            f"there are {len(sides)} belligerents; the model has two sides.",
            "write exactly two, allies counted with the side that they fight for.",
        )
    first, second = sides
    for key in ("name", "code"):
        if getattr(first, key) == getattr(second, key):
            raise checked.fault(
                ("belligerents", 1, key),
                f"both belligerents have the {key} '{getattr(second, key)}'.",
                f"give each a {key} of its own.",
            )
    if first.role == second.role:
        raise checked.fault(
            ("belligerents", 1, "role"),
            f"both belligerents have the role '{second.role}'.",
            "name one initiator and one defender.",
        )


def _ranges(checked: Checked) -> None:
    per_side = PER_SIDE | checked.of_extensions(per_side=True)
    whole_war = WHOLE_WAR | checked.of_extensions(per_side=False)
    for side, belligerent in enumerate(checked.content.belligerents):
        place = ("belligerents", side)
        check_names(checked, belligerent.stocks, STOCKS, "stock", (*place, "stocks"))
        check_names(
            checked, belligerent.parameters, per_side, "parameter of a belligerent", (*place, "parameters")
        )
        for name, found in belligerent.stocks.items():
            check_stock(checked, belligerent.name, name, found, (*place, "stocks", name))
        for name, found in belligerent.parameters.items():
            label = f"'{name}' of {belligerent.name}"
            _range(checked, label, per_side[name], found, (*place, "parameters", name))
    check_names(checked, checked.content.war, whole_war, "parameter of the whole war", ("war",))
    for name, found in checked.content.war.items():
        _range(checked, f"'{name}'", whole_war[name], found, ("war", name))


def check_names(
    checked: Checked, given: Iterable[str], known: Mapping[str, Parameter], kind: str, place: Place
) -> None:
    """Refuse a name that is not known there; say where it belongs if it is known elsewhere."""
    for name in given:
        if name in known:
            continue
        stock = name.removeprefix(STOCK)
        if stock in STOCKS:
            todo = f"write it as '{stock}' under 'stocks' of a belligerent."
        elif name in PER_SIDE:
            todo = "write it under 'parameters' of each belligerent."
        elif name in WHOLE_WAR:
            todo = "write it under 'war'."
        else:
            todo = suggest(name, known)
        raise checked.fault((*place, name), f"'{name}' is not a {kind}.", todo)


def check_stock(checked: Checked, side: str, name: str, found: Range, place: Place) -> None:
    """Refuse a stock that is negative, no army, or outside its bounds; `side` is the belligerent's name."""
    parameter = STOCKS[name]
    lowest = min(found.points)
    if lowest < 0:
        raise checked.fault(
            (*place, _key(found, lowest)),
            f"the stock '{name}' of {side} is negative: {number(lowest)} {parameter.unit}.",
            _within(parameter.bounds, parameter.unit),
        )
    if name == "troops" and lowest == 0:
        raise checked.fault(
            (*place, _key(found, lowest)),
            f"{side} has no soldiers: 'troops' is 0.",
            _within(parameter.bounds, parameter.unit),
        )
    _range(checked, f"the stock '{name}' of {side}", parameter, found, place)


def _range(checked: Checked, label: str, parameter: Parameter, found: Range, place: Place) -> None:
    check_range(checked, label, parameter.bounds, parameter.unit, parameter.prior.scale, found, place)


def check_range(
    checked: Checked,
    label: str,
    bounds: tuple[float, float],
    unit: str,
    scale: str,
    found: Range,
    place: Place,
) -> None:
    """Refuse a range that leaves its bounds or that its scale cannot hold."""
    low, high = bounds
    for point in found.points:
        if not low <= point <= high:
            raise checked.fault(
                (*place, _key(found, point)),
                f"{label} is {_with_unit(point, unit)}, outside its bounds.",
                _within(bounds, unit),
            )
    if found.points[0] == found.points[2]:
        return
    if scale != "plain" and found.points[0] <= 0:
        raise checked.fault(
            (*place, "low"),
            f"{label} has a range that begins at 0, which a {scale} scale cannot hold.",
            "write a low value above 0, or a fixed value of 0.",
        )
    if scale != "plain" and found.points[2] / WIDEST > found.points[0]:
        raise checked.fault(
            place,
            f"{label} has a range of more than a factor of {number(WIDEST)}.",
            "write a low value that could be true.",
        )
    if scale == "logit" and found.points[2] >= 1:
        raise checked.fault(
            (*place, "high"),
            f"{label} has a range that ends at 1, which a {scale} scale cannot hold.",
            "write a high value below 1, or a fixed value of 1.",
        )


def _key(found: Range, point: float) -> str:
    """Return the key under which a point of a range is written."""
    keys = ("low", "best", "high", "value")
    return next(key for key in keys if getattr(found, key) == point)


def _within(bounds: tuple[float, float], unit: str) -> str:
    return f"write numbers from {number(bounds[0])} to {_with_unit(bounds[1], unit)}."


def _with_unit(value: float, unit: str) -> str:
    return number(value) if unit in PLAIN else f"{number(value)} {unit}"


def _fronts(checked: Checked) -> None:
    fronts = checked.content.fronts
    sides = [belligerent.name for belligerent in checked.content.belligerents]
    if not 1 <= len(fronts) <= MAX_FRONTS:
        raise checked.fault(
            ("fronts",), f"there are {len(fronts)} fronts.", f"write between 1 and {MAX_FRONTS} fronts."
        )
    seen: set[str] = set()
    for index, front in enumerate(fronts):
        if front.name in seen:
            raise checked.fault(
                ("fronts", index, "name"), f"two fronts have the name '{front.name}'.", "rename one of them."
            )
        seen.add(front.name)
        for key in ("ground", "troops"):
            check_sides(checked, getattr(front, key), sides, ("fronts", index, key))
            for side in sides:
                if side not in getattr(front, key):
                    raise checked.fault(
                        ("fronts", index, key), f"'{side}' is missing.", f"add '{side}:' here."
                    )
        check_sides(checked, front.aim, sides, ("fronts", index, "aim"))
        if front.aim and front.aim_source is None:
            raise checked.fault(
                ("fronts", index, "aim"),
                f"the aims on '{front.name}' have no source.",
                "add 'aim_source:' here.",
            )
    _sum_to_one(checked, [front.weight for front in fronts], "the weights of the fronts")
    for side in sides:
        shares = [front.troops[side] for front in fronts]
        _sum_to_one(checked, shares, f"the shares of the troops of {side} on the fronts")
        aimed = math.fsum(front.aim.get(side, 0.0) for front in fronts)
        if aimed > 1.0 + ROUNDING:
            raise checked.fault(
                ("fronts",),
                f"the shares of the aims of {side} on the fronts add up to {number(round(aimed, 6))}.",
                "correct them so that they add up to 1 at most; the rest lies on no front.",
            )


def check_mechanisms(checked: Checked, given: Iterable[str], place: Place) -> None:
    """Refuse a name that is not a mechanism which a scenario may switch on or off."""
    known = (*SWITCHABLE, *(one.name for one in checked.extensions))
    for name in given:
        if name not in known:
            raise checked.fault(
                (*place, name), f"'{name}' is not a mechanism that can be switched.", suggest(name, known)
            )


def check_sides(checked: Checked, given: Iterable[str], sides: Collection[str], place: Place) -> None:
    """Refuse a name that is not one of the two belligerents'."""
    for name in given:
        if name not in sides:
            raise checked.fault((*place, name), f"'{name}' is not a belligerent.", suggest(name, sides))


def _sum_to_one(checked: Checked, values: Sequence[float], label: str) -> None:
    total = math.fsum(values)
    if abs(total - 1.0) > ROUNDING:
        raise checked.fault(
            ("fronts",),
            f"{label} add up to {number(round(total, 6))}, not to 1.",
            "correct them so that they add up to 1.",
        )


def _structures(checked: Checked) -> None:
    known = {alternative.name: alternative for alternative in STRUCTURES if not alternative.is_switch}
    check_mechanisms(checked, checked.content.mechanisms, ("mechanisms",))
    for name, found in checked.content.structures.items():
        if name not in known:
            raise checked.fault(
                ("structures", name),
                f"'{name}' is not a mechanism with rival equations.",
                suggest(name, known),
            )
        for choice in found.weights:
            if choice not in known[name].choices:
                raise checked.fault(
                    ("structures", name, "weights", choice),
                    f"'{choice}' is not a choice of '{name}'.",
                    suggest(choice, known[name].choices),
                )
        if sum(found.weights.values()) <= 0:
            raise checked.fault(
                ("structures", name, "weights"),
                f"the weights of '{name}' add up to 0.",
                "give at least one choice a weight above 0.",
            )


def _levers(checked: Checked, levers: Levers, side: str, place: Place, *, sourced: bool) -> None:
    for name in Levers.model_fields:
        entries = getattr(levers, name)
        check_entries(checked, name, entries, side, (*place, name), sourced=sourced)
        if name != "mobilisation":
            check_once(checked, name, entries, entries, side, (*place, name))


def check_entries(
    checked: Checked,
    name: str,
    entries: Sequence[Change | Wave],
    side: str,
    place: Place,
    *,
    sourced: bool,
) -> None:
    """Refuse a change or wave of a lever that is wrong by itself."""
    for index, entry in enumerate(entries):
        if sourced and entry.source is None:
            raise checked.fault(
                (*place, index, "source"),
                f"the lever '{name}' of {side} has no source.",
                "add 'source:' here.",
            )
    for index, entry in enumerate(entries):
        if isinstance(entry, Wave):
            _wave(checked, entry, side, (*place, index))
        else:
            _change(checked, name, entry, side, (*place, index))


def _change(checked: Checked, name: str, change: Change, side: str, place: Place) -> None:
    lever = LEVER[name]
    flow = lever.unit.endswith("/day")
    key = next(key for key in ("value", "per_day", "per_month") if getattr(change, key) is not None)
    if flow == (key == "value"):
        raise checked.fault(
            (*place, key),
            f"'{key}' does not fit the lever '{name}', whose unit is {lever.unit}.",
            "write 'per_day' or 'per_month'." if flow else "write 'value'.",
        )
    low, high = lever.bounds
    if not low <= amount(change) <= high:
        raise checked.fault(
            (*place, key),
            f"the lever '{name}' of {side} is {_with_unit(amount(change), lever.unit)}, outside its bounds.",
            _within(lever.bounds, lever.unit),
        )
    places = range(int(high) + 1)
    if lever.unit == "switch" and (amount(change) not in places or change.to is not None):
        told = " or ".join([", ".join(map(str, places[:-1])), str(places[-1])])
        raise checked.fault(
            place, f"the lever '{name}' of {side} is a switch.", f"write {told}, without a ramp."
        )
    _in_war(checked, change.from_, (*place, "from"))
    if change.to is None:
        return
    if change.to <= (change.from_ or checked.start):
        raise checked.fault(
            (*place, "to"),
            f"the ramp ends on {change.to}, not after it begins.",
            "write a day after its first, or leave 'to' out.",
        )
    if change.to > checked.content.end:
        raise checked.fault(
            (*place, "to"),
            f"the ramp ends on {change.to}, after the war ({checked.content.end}).",
            "write an earlier day, or a later end of the war.",
        )


def _wave(checked: Checked, wave: Wave, side: str, place: Place) -> None:
    _in_war(checked, wave.from_, (*place, "from"))
    after = wave.from_ + dt.timedelta(days=wave.days)
    if after > checked.content.end:
        raise checked.fault(
            (*place, "days"),
            f"the wave of {side} goes on after the war ({checked.content.end}).",
            f"write at most {(checked.content.end - wave.from_).days} days, or a later end of the war.",
        )
    for key, lever in (("training_days", "training_days"), ("persons", "mobilisation")):
        value = wave.training_days if key == "training_days" else wave.persons / wave.days
        if not LEVER[lever].bounds[0] <= value <= LEVER[lever].bounds[1]:
            raise checked.fault(
                (*place, key),
                f"the wave of {side} has {_with_unit(value, LEVER[lever].unit)}, outside the bounds.",
                _within(LEVER[lever].bounds, LEVER[lever].unit),
            )


def _in_war(checked: Checked, day: dt.date | None, place: Place) -> None:
    start, end = checked.start, checked.content.end
    if day is not None and day < start:
        raise checked.fault(
            place,
            f"{day} is before the start of the {checked.span} ({start}).",
            f"write a day in the {checked.span}, or an earlier start.",
        )
    if day is not None and day >= end:
        raise checked.fault(
            place,
            f"{day} is not before the end of the war ({end}).",
            "write a day in the war, or a later end.",
        )


def check_once(
    checked: Checked,
    name: str,
    changes: Sequence[Change],
    written: Sequence[Change],
    side: str,
    place: Place,
) -> None:
    """Refuse two changes of one lever on one day, ramps included; `written` are all that stand there."""
    busy: dt.date | None = None
    for change in in_order(changes):
        first = change.from_ or checked.start
        if busy is not None and first <= busy:
            raise checked.fault(
                (*place, list(written).index(change)),
                f"the lever '{name}' of {side} is set twice on {first}.",
                "keep one change for each day; a ramp fills all days up to its 'to'.",
            )
        busy = change.to or first


def _policies(checked: Checked) -> None:
    content = checked.content
    if not 1 <= len(content.policies) <= MAX_POLICIES:
        raise checked.fault(
            ("policies",),
            f"there are {len(content.policies)} policies.",
            f"write between 1 and {MAX_POLICIES} policies.",
        )
    sides = [belligerent.name for belligerent in content.belligerents]
    for name, policy in content.policies.items():
        place: Place = ("policies", name)
        check_sides(checked, policy.levers, sides, (*place, "levers"))
        for side, levers in policy.levers.items():
            _levers(checked, levers, side, (*place, "levers", side), sourced=False)
        for index, truce in enumerate(policy.truces):
            _truce(checked, truce, sides, (*place, "truces", index))
        _apart(checked, policy, (*place, "truces"))
        if policy.clock_stopped is not None:
            _clock_stopped(checked, policy, policy.clock_stopped, (*place, "clock_stopped"))
        _together(checked, name)


def _truce(checked: Checked, truce: Truce, sides: Collection[str], place: Place) -> None:
    _in_war(checked, truce.start, (*place, "start"))
    if _after(truce) > checked.content.end:
        raise checked.fault(
            (*place, "days"),
            f"the truce from {truce.start} goes on after the war ({checked.content.end}).",
            f"write at most {(checked.content.end - truce.start).days} days, or a later end of the war.",
        )
    check_sides(checked, truce.supply, sides, (*place, "supply"))
    for side, supply in truce.supply.items():
        for kind in type(supply).model_fields:
            lever = LEVER[TRUCE + kind]
            share = getattr(supply, kind)
            if not lever.bounds[0] <= share <= lever.bounds[1]:
                raise checked.fault(
                    (*place, "supply", side, kind),
                    f"{side} keeps {number(share)} of its {kind} in the truce, outside the bounds.",
                    _within(lever.bounds, "1"),
                )


def _clock_stopped(checked: Checked, policy: Policy, stop: ClockStop, place: Place) -> None:
    if policy.levers or policy.truces:
        raise checked.fault(
            place,
            "a policy that stops the clock changes something else too.",
            "take out its levers and truces: all goes on afterwards as it would have.",
        )
    _in_war(checked, stop.start, (*place, "start"))
    if stop.days % WEEK_DAYS:
        whole = max(stop.days // WEEK_DAYS, 1) * WEEK_DAYS
        raise checked.fault(
            (*place, "days"),
            f"a stop of the clock of {stop.days} days is not of whole weeks.",
            f"write {whole} or {whole + WEEK_DAYS} days: chances belong to weeks.",
        )
    if _after(stop) > checked.content.end:
        raise checked.fault(
            (*place, "days"),
            f"the clock stands from {stop.start} beyond the end of the war ({checked.content.end}).",
            _room_for_weeks(stop.start, checked.content.end),
        )


def _room_for_weeks(start: dt.date, end: dt.date) -> str:
    whole = (end - start).days // WEEK_DAYS * WEEK_DAYS
    if whole:
        return f"write at most {whole} days, or a later end of the war."
    return f"let it begin by {end - dt.timedelta(days=WEEK_DAYS)}, or write a later end of the war."


def _after(truce: Truce | ClockStop) -> dt.date:
    """Return the first day after a truce or a stop of the clock."""
    return truce.start + dt.timedelta(days=truce.days)


def _apart(checked: Checked, policy: Policy, place: Place) -> None:
    """Refuse truces that share a day or that follow each other without a day between them."""
    order = sorted(range(len(policy.truces)), key=lambda index: policy.truces[index].start)
    for one, other in itertools.pairwise(order):
        before, after = policy.truces[one], policy.truces[other]
        if after.start < _after(before):
            what = f"the truce from {after.start} overlaps the one from {before.start}."
        elif after.start == _after(before):
            what = f"the truce from {after.start} begins on the day after the one from {before.start}."
        else:
            continue
        raise checked.fault(
            (*place, other, "start"), what, "leave at least one day between them, or write one truce."
        )


def _together(checked: Checked, policy: str) -> None:
    """Refuse a policy whose levers leave their bounds only when taken together, as overlapping waves do."""
    levers = compile_plan(checked.content, policy).levers
    check_bounds(checked, levers, f"'{policy}'", ("policies", policy))


def check_bounds(checked: Checked, levers: npt.NDArray[np.float32], label: str, place: Place) -> None:
    """Refuse levers `[D, L]` outside their bounds; `label` names whose they are."""
    for name, columns in COLUMNS.items():
        low, high = LEVER[name].bounds
        outside = np.argwhere((levers[:, columns] < low) | (levers[:, columns] > high))
        if not outside.size:
            continue
        day, column = outside[0]
        side = checked.content.belligerents[column].name if LEVER[name].per_side else "the war"
        date = checked.start + dt.timedelta(days=int(day))
        value = _with_unit(round(float(levers[day, columns][column]), 3), LEVER[name].unit)
        raise checked.fault(
            place,
            f"taken together, the levers of {label} set '{name}' of {side} to {value} on {date},"
            " outside its bounds.",
            _within(LEVER[name].bounds, LEVER[name].unit),
        )
