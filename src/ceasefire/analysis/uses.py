"""Which mechanisms of the war a scenario has, which of them a fit knew, and which carry a comparison.

A fit knows only the mechanisms that were in it. What a policy changes through any other is assumed, however
the simulated wars go, since nothing observed was held against it.
"""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Collection, Mapping

import numpy as np

from ceasefire.analysis.compare import OUTCOMES
from ceasefire.scenario import Scenario
from ceasefire.war import LEVERS, REGISTRY
from ceasefire.war.levers import COLUMNS
from ceasefire.war.structure import OPTIONAL


@dataclasses.dataclass(frozen=True)
class Use:
    """A mechanism of the war as a scenario has it."""

    name: str
    meaning: str
    share: float
    """Share of the simulated wars that have it, 0 to 1."""
    optional: bool
    """Whether a scenario may leave it out."""
    fitted: bool
    """Whether the fit had it, so that evidence was held against it; no fit has anything under priors."""


def uses(weights: Mapping[str, tuple[float, ...]], fitted: Collection[str] | None = ()) -> tuple[Use, ...]:
    """Return the mechanisms of the registry as a scenario's wars have them, those of every war first.

    Args:
        weights: the weights of the alternatives of a world, by name (`World.structure_weights`).
        fitted: the optional mechanisms that the posterior's fit took in; None under priors.
    """
    found = [
        Use(name, _first_line(name), 1.0, False, fitted is not None)
        for name in dict.fromkeys(REGISTRY.mechanisms.values())
        if name not in OPTIONAL
    ]
    for name, alternative in OPTIONAL.items():
        given = weights.get(alternative.name, alternative.weights)
        known = fitted is not None and name in fitted
        found.append(Use(name, alternative.meaning, sum(given[1:]) / sum(given), True, known))
    return tuple(found)


def _first_line(mechanism: str) -> str:
    """Return what a mechanism's own file says of it first, without its name: `pool, call-up, training`."""
    text = str(importlib.import_module(f"ceasefire.war.{mechanism}").__doc__ or "").split("\n", maxsplit=1)[0]
    name, _, rest = text.partition(": ")
    return (rest or name).rstrip(".")


def has(scenario: Scenario, mechanism: str) -> bool:
    """Say whether any of a scenario's wars has a mechanism; one of the core they all have."""
    if mechanism not in OPTIONAL:
        return True
    alternative = OPTIONAL[mechanism]
    return sum(scenario.world().structure_weights[alternative.name][1:]) > 0.0


@dataclasses.dataclass(frozen=True)
class Carried:
    """Through which optional mechanisms of a scenario two policies come to differ in an outcome."""

    mechanisms: tuple[str, ...]
    alone: bool = False
    """Whether nothing would differ, or nothing be counted, without them."""
    off: tuple[str, ...] = ()
    """Those without which nothing differs or is counted, and that none of the scenario's wars has."""

    def unfitted(self, fitted: Collection[str]) -> tuple[str, ...]:
        """Return those that a fit had not."""
        return tuple(name for name in self.mechanisms if name not in fitted)

    def rests_on(self, fitted: Collection[str]) -> tuple[str, ...]:
        """Return those that a fit had not, where nothing would be left without them."""
        return self.unfitted(fitted) if self.alone else ()


def carried_by(scenario: Scenario, first: str, second: str, outcome: str) -> Carried:
    """Return which optional mechanisms carry the difference of two policies in an outcome.

    Raises:
        InputError: there is no such policy.
    """
    counted = OUTCOMES[outcome]
    through = changed_by(scenario, first, second)
    levers = [name for name in through if name is not None]
    only = bool(levers) and None not in through
    named = dict.fromkeys([*levers, *counted.mechanisms])
    on = [name for name in named if has(scenario, name)]
    off: list[str] = []
    if only and not any(name in on for name in levers):
        off += levers
    if not counted.core:
        off += [name for name in counted.mechanisms if name not in on]
    return Carried(tuple(on), only or not counted.core, tuple(dict.fromkeys(off)))


def changed_by(scenario: Scenario, first: str, second: str) -> tuple[str | None, ...]:
    """Return the mechanisms whose levers differ between two policies; None for those of every war."""
    here, there = scenario.plan(first), scenario.plan(second)
    found: dict[str | None, None] = {}
    if not np.array_equal(here.events, there.events):
        found[None] = None
    for lever in LEVERS:
        column = COLUMNS[lever.name]
        if not np.array_equal(here.levers[:, column], there.levers[:, column]):
            found[lever.mechanism] = None
    return tuple(found)
