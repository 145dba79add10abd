"""What every chapter of the reference day uses: shapes of flows, and how tables and structures are read.

A war:  {"sides": [side, side]} and the stocks of `ceasefire.war.State` that belong to no side: floats, or
        lists over fronts.
A side: the stocks of `ceasefire.war.State` for one side, as floats, or as lists over fronts or stages.
Parameters and levers: name -> [side 0, side 1] where they are per side, else a float.
Structure: name of the alternative -> name of the choice.
"""

from __future__ import annotations

from math import exp, expm1, log
from typing import Any, NamedTuple

War = dict[str, Any]
Side = dict[str, Any]
Table = dict[str, Any]
Flows = dict[str, Any]
Structure = dict[str, str]
Pair = tuple[float, float]


class Calendar(NamedTuple):
    """What today is; parameters and levers are counted in steps of `step` days."""

    truce_begins: bool = False
    truce_ends: bool = False
    new_week: bool = False
    step: float = 1.0


RULES = {  # mechanisms that are one of two rules, and by which
    "decision": ("decision_rule", "expected_utility"),
    "recruiting": ("recruitment_rule", "replacing"),
}


def has(structure: Structure, mechanism: str) -> bool:
    """Whether a war has an optional mechanism"""
    alternative, choice = RULES.get(mechanism, (mechanism, "on"))
    return structure[alternative] == choice


def value(table: Table, name: str, side: int) -> float:
    """A parameter or lever of a side; one for the whole war is the same for both."""
    found = table[name]
    return float(found[side] if isinstance(found, list) else found)


def both(table: Table, name: str) -> Pair:
    return value(table, name, 0), value(table, name, 1)


def of_sides(war: War, stock: str) -> Pair:
    first, second = war["sides"]
    return first[stock], second[stock]


def enemy(i: int) -> int:
    return 1 - i


# Shapes of flows


def bounded(flow: float, stock: float) -> float:
    """taken = stock (1 - exp(-flow / stock))"""
    return -stock * expm1(-flow / stock) if stock > 0 else 0.0


def delay(stages: list[float], inflow: float, mean_days: float) -> tuple[list[float], float]:
    """Each of K stages passes on the share min(1, K / mean) of what it held this morning."""
    share = min(1.0, len(stages) / mean_days)
    passed = [share * stage for stage in stages]
    arrivals = [inflow, *passed[:-1]]
    return [stage - left + came for stage, left, came in zip(stages, passed, arrivals, strict=True)], passed[
        -1
    ]


def ratio(part: float, whole: float) -> float:
    return part / whole if whole > 0 else 0.0


def power(base: float, exponent: float) -> float:
    """base^exponent with 0^0 = 1"""
    if exponent == 0:
        return 1.0
    return exp(exponent * log(base)) if base > 0 else 0.0


def logistic(x: float) -> float:
    if x >= 0:
        return 1.0 / (1.0 + exp(-x))
    return exp(x) / (1.0 + exp(x))


def softmax(values: list[float]) -> list[float]:
    weights = [exp(value - max(values)) for value in values]
    return [weight / sum(weights) for weight in weights]
