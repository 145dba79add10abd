"""Scenarios that the schema admits, at random: for the property tests of this room and of the engine."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import yaml
from hypothesis import strategies as st

from ceasefire.scenario import Scenario, parse_scenario
from ceasefire.war import LEVERS, REGISTRY, STRUCTURES, Parameter

START = dt.date(2001, 1, 1)
SIDES = ("Aldria", "Bremor")
FLOWS = {"recruitment", "aid_armour", "aid_shells", "aid_artillery", "aid_drones", "aid_interceptors"}
LEVER = {lever.name: lever for lever in LEVERS}
SWITCHED = tuple(alternative.name for alternative in STRUCTURES if alternative.is_switch)
RIVALS = tuple(alternative for alternative in STRUCTURES if not alternative.is_switch)
OF_CORE = ("recruitment", "training_days", "economy", "aid_armour", "aid_shells", "offensives")
OF_MECHANISMS = tuple(lever.name for lever in LEVERS if lever.mechanism is not None)


def numbers(low: float, high: float) -> st.SearchStrategy[float]:
    """Numbers of float64 within bounds, ends included and not rare."""
    return st.one_of(
        st.sampled_from([low, high]), st.floats(low, high, allow_nan=False, allow_subnormal=False)
    )


@st.composite
def ranges(draw: st.DrawFn, parameter: Parameter) -> dict[str, Any]:
    low, high = parameter.bounds
    if draw(st.booleans()):
        return {"value": draw(numbers(low, high)), "source": "invented"}
    scale = parameter.prior.scale
    inner = high * 1e-6 if scale != "plain" and low <= 0 else low
    outer = math.nextafter(high, 0.0) if scale == "logit" and high >= 1 else high
    points = sorted(draw(st.lists(numbers(inner, outer), min_size=3, max_size=3)))
    return {**dict(zip(("low", "best", "high"), points, strict=True)), "source": "invented"}


@st.composite
def some_ranges(draw: st.DrawFn, known: dict[str, Parameter]) -> dict[str, Any]:
    names = draw(st.lists(st.sampled_from(sorted(known)), unique=True, max_size=5))
    return {name: draw(ranges(known[name])) for name in names}


@st.composite
def levers(draw: st.DrawFn, days: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    further = draw(st.lists(st.sampled_from(OF_MECHANISMS), unique=True, max_size=3))
    for name in (*OF_CORE, *further):
        is_switch = LEVER[name].unit == "switch"
        starts = sorted(draw(st.lists(st.integers(0, days - 1), unique=True, max_size=2)))
        changes = []
        for index, first in enumerate(starts):
            low, high = LEVER[name].bounds
            # Half of the bound, so that a wave on the same day stays within it.
            value = draw(st.integers(0, int(high)) if is_switch else numbers(low, max(low, high / 2)))
            change = {
                "from": START + dt.timedelta(days=first),
                "per_day" if name in FLOWS else "value": value,
                "source": "invented",
            }
            room = (starts[index + 1] - 1 if index + 1 < len(starts) else days) - first
            if not is_switch and room > 0 and draw(st.booleans()):
                change["to"] = START + dt.timedelta(days=first + draw(st.integers(1, room)))
            changes.append(change)
        if changes:
            found[name] = changes
    if draw(st.booleans()):
        first = draw(st.integers(0, days - 1))
        length = draw(st.integers(1, days - first))
        found["mobilisation"] = {
            "kind": draw(st.sampled_from(["covert", "partial", "general"])),
            "from": START + dt.timedelta(days=first),
            "days": length,
            "persons": draw(st.floats(1, 2e4)) * length,
            "training_days": draw(numbers(*LEVER["training_days"].bounds)),
            "source": "invented",
        }
    return found


@st.composite
def truces(draw: st.DrawFn, days: int) -> list[dict[str, Any]]:
    found = []
    free = 0
    for _ in range(draw(st.integers(0, 2))):
        if free >= days:
            break
        first = draw(st.integers(free, days - 1))
        length = draw(st.integers(1, days - first))
        supply = {
            side: {
                kind: draw(numbers(*LEVER[f"truce_{kind}"].bounds))
                for kind in ("recruitment", "production", "aid")
            }
            for side in SIDES
            if draw(st.booleans())
        }
        found.append(
            {
                "start": START + dt.timedelta(days=first),
                "days": length,
                "monitored": draw(st.booleans()),
                "supply": supply,
            }
        )
        free = first + length + 1
    return found


@st.composite
def shares(draw: st.DrawFn, count: int, smallest: float) -> list[float]:
    parts = draw(st.lists(st.floats(smallest, 1.0), min_size=count, max_size=count))
    total = sum(parts)
    return [part / total for part in parts]


@st.composite
def aims(draw: st.DrawFn, count: int) -> list[float]:
    """Shares of a leader's aims on the fronts, which add up to 1 at most."""
    whole = draw(numbers(0.0, 1.0))
    return [whole * share for share in draw(shares(count, 0.01))]


def switches() -> st.SearchStrategy[dict[str, Any]]:
    """Some mechanisms, on, off, or in a share of the wars."""
    return st.dictionaries(st.sampled_from(SWITCHED), st.booleans() | numbers(0.0, 1.0), max_size=5)


@st.composite
def scenario_data(
    draw: st.DrawFn, longest: int = 70, mechanisms: st.SearchStrategy[dict[str, Any]] | None = None
) -> dict[str, Any]:
    """The content of a scenario file that must be admitted; `mechanisms`: what is switched in it."""
    days = draw(st.integers(1, longest))
    stocks = {name.removeprefix("initial_"): p for name, p in REGISTRY.items() if p.initial}
    per_side = {name: p for name, p in REGISTRY.items() if p.per_side and not p.initial}
    whole = {name: p for name, p in REGISTRY.items() if not p.per_side}
    roles = draw(st.permutations(["initiator", "defender"]))
    belligerents = [
        {
            "name": side,
            "code": side[:2].upper(),
            "role": role,
            "stocks": draw(some_ranges(stocks)),
            "parameters": draw(some_ranges(per_side)),
            "levers": draw(levers(days)),
        }
        for side, role in zip(SIDES, roles, strict=True)
    ]
    count = draw(st.integers(1, 3))
    weight = draw(shares(count, 0.01))
    troops = {side: draw(shares(count, 0.01)) for side in SIDES}
    aimed = {side: draw(aims(count)) for side in SIDES if draw(st.booleans())}
    fronts = [
        {
            "name": f"Front {index}",
            "weight": weight[index],
            "ground": {side: draw(numbers(0.0, 1e6)) for side in SIDES},
            "troops": {side: troops[side][index] for side in SIDES},
            "aim": {side: aimed[side][index] for side in aimed},
            "aim_source": "invented",
            "source": "invented",
        }
        for index in range(count)
    ]
    structures = {
        alternative.name: {
            "weights": {choice: draw(st.floats(0.01, 10)) for choice in alternative.choices},
            "source": "invented",
        }
        for alternative in RIVALS
        if draw(st.booleans())
    }
    return {
        "name": "drawn",
        "title": "Drawn",
        "about": "Drawn at random.",
        "version": 1,
        "start": START,
        "end": START + dt.timedelta(days=days),
        "belligerents": belligerents,
        "war": draw(some_ranges(whole)),
        "fronts": fronts,
        "structures": structures,
        "mechanisms": draw(switches() if mechanisms is None else mechanisms),
        "policies": {
            "fight-on": {"says": "Both sides fight on."},
            "truce": {"says": "Truces.", "truces": draw(truces(days))},
            "changed": {
                "says": "Levers change.",
                "levers": {side: draw(levers(days)) for side in SIDES if draw(st.booleans())},
                "truces": draw(truces(days)),
            },
        },
    }


@st.composite
def known_levers(draw: st.DrawFn, start: dt.date, days: int) -> dict[str, Any]:
    """What a side did, each value from the start and up to two changes, known at most 30 days later."""
    found: dict[str, Any] = {}
    for name in ("recruitment", "training_days", "aid_shells"):
        if not draw(st.booleans()):
            continue
        low, high = LEVER[name].bounds
        key = "per_day" if name in FLOWS else "value"
        value = numbers(low, max(low, high / 2))
        changes = [{key: draw(value), "source": "invented"}]
        for first in draw(st.lists(st.integers(1, days - 1), unique=True, max_size=2)):
            day = start + dt.timedelta(days=first)
            known_on = day + dt.timedelta(days=draw(st.integers(0, 30)))
            changes.append({"from": day, key: draw(value), "known_on": known_on, "source": "invented"})
        found[name] = changes
    if draw(st.booleans()):
        first = draw(st.integers(0, days - 1))
        found["mobilisation"] = {
            "kind": draw(st.sampled_from(["covert", "partial", "general"])),
            "from": start + dt.timedelta(days=first),
            "days": draw(st.integers(1, days - first)),
            "persons": draw(st.floats(1, 2e4)),
            "training_days": draw(numbers(*LEVER["training_days"].bounds)),
            "known_on": start + dt.timedelta(days=first + draw(st.integers(0, 30))),
            "source": "invented",
        }
    return found


@st.composite
def scenarios_with_history(draw: st.DrawFn, longest: int = 30) -> Scenario:
    """Scenarios that the schema admits, of at most `longest` days, with a history of one to eight weeks."""
    data = draw(scenario_data(longest))
    start = START - dt.timedelta(days=7 * draw(st.integers(1, 8)))
    days = (data["end"] - start).days
    fronts = {}
    for front in data["fronts"]:
        whole = sum(front["ground"].values())
        first = whole * draw(st.floats(0, 1))
        fronts[front["name"]] = dict(zip(SIDES, (first, whole - first), strict=True))
    offensives = []
    for side in draw(st.lists(st.sampled_from(SIDES), max_size=3)):
        first = draw(st.integers(0, days - 1))
        offensive = {"side": side, "from": start + dt.timedelta(days=first), "source": "invented"}
        if draw(st.booleans()):
            offensive["to"] = start + dt.timedelta(days=draw(st.integers(first, days)))
        offensives.append(offensive)
    data["history"] = {
        "start": start,
        "first_day": start - dt.timedelta(days=draw(st.integers(0, 100))),
        "losses_before": {side: {"value": draw(st.floats(0, 1e6)), "source": "invented"} for side in SIDES},
        "stocks": {
            side: draw(some_ranges({n.removeprefix("initial_"): p for n, p in REGISTRY.items() if p.initial}))
            for side in SIDES
            if draw(st.booleans())
        },
        "ground": {"fronts": fronts, "source": "invented"},
        "levers": {side: draw(known_levers(start, days)) for side in SIDES},
        "offensives": offensives,
        "mechanisms": draw(switches()),
    }
    return parse_scenario(yaml.safe_dump(data), "drawn.yaml")


def scenarios(
    longest: int = 70, mechanisms: st.SearchStrategy[dict[str, Any]] | None = None
) -> st.SearchStrategy[Scenario]:
    """Scenarios that the schema admits, of at most `longest` days."""
    return scenario_data(longest, mechanisms).map(
        lambda data: parse_scenario(yaml.safe_dump(data), "drawn.yaml")
    )
