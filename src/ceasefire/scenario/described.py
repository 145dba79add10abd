"""A scenario's numbers as a table: every parameter, its range and where it comes from."""

from __future__ import annotations

import dataclasses

from ceasefire.scenario.compiled import given, prior
from ceasefire.scenario.loading import Scenario
from ceasefire.war import REGISTRY


@dataclasses.dataclass(frozen=True)
class Row:
    """One row of the parameter matrix."""

    name: str
    side: str | None
    """The belligerent, or None for a parameter of the whole war."""
    mechanism: str
    meaning: str
    unit: str
    low: float
    best: float
    high: float
    source: str
    changed: bool
    """Whether the scenario gives its own range in place of the registry's."""


def describe(scenario: Scenario) -> list[Row]:
    """Return every parameter of a scenario with its range and source, in the registry's order."""
    rows = []
    for name, side in REGISTRY.labels():
        parameter = REGISTRY[name]
        found = given(scenario.content, name, side)
        points = prior(found, parameter)
        rows.append(
            Row(
                name=name,
                side=None if side is None else scenario.sides[side],
                mechanism=REGISTRY.mechanisms[name],
                meaning=parameter.meaning,
                unit=parameter.unit,
                low=points.low,
                best=points.best,
                high=points.high,
                source=found.source if found else parameter.source,
                changed=found is not None,
            )
        )
    return rows
