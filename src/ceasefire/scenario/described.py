"""A scenario's numbers as a table: every parameter, its range and where it comes from."""

from __future__ import annotations

import dataclasses

from ceasefire.scenario.compiled import given, prior
from ceasefire.scenario.history import last_cut_off
from ceasefire.scenario.loading import Scenario
from ceasefire.scenario.schema import KnownLevers
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


def describe_history(scenario: Scenario) -> str:
    """Return one line that says what history a scenario has."""
    past = scenario.content.history
    if past is None:
        return "No history: this scenario cannot be calibrated."
    changes = sum(
        len(getattr(levers, name))
        for levers in past.levers.values()
        for name in KnownLevers.model_fields
        if name != "mobilisation"
    )
    waves = sum(len(levers.mobilisation) for levers in past.levers.values())
    return (
        f"History from {past.start} (the war began on {past.first_day}), for cut-offs up to"
        f" {last_cut_off(scenario.content, past)}: values of levers {changes}, call-ups {waves},"
        f" offensives {len(past.offensives)}."
    )
