"""Another length of the step: the same day with time counted in longer units.

A calibration may walk by weeks instead of days. `day` is a step of an Euler scheme whose unit of time is its
parameters' own: with rates per week and times in weeks, one call is a week. Registry and levers name their
units, so that nothing but the unit decides how a row changes; a unit that the rule does not know is refused.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ceasefire.war.catalogue import REGISTRY
from ceasefire.war.levers import COLUMNS, LEVERS, WIDTH

FloatArray = npt.NDArray[np.float32]


_WITHOUT_TIME = {
    "1",
    "1 per 1,000 km2",
    "drones",
    "guns",
    "guns/round",
    "interceptors",
    "km2",
    "missiles",
    "persons",
    "persons/drone",
    "persons/missile",
    "persons/person",
    "persons/round",
    "rounds",
    "rounds/drone",
    "rounds/gun",
    "share",
    "switch",
    "vehicles",
    "vehicles/person",
}


def factor(unit: str, step: float) -> float:
    """Return by what a number of this unit is multiplied when a step has `step` days instead of one.

    Raises:
        ValueError: the unit is neither days, nor one that holds no time, nor such a one per day.
    """
    if unit == "days":
        return 1.0 / step
    amount = unit.removesuffix("/day")
    if amount not in _WITHOUT_TIME:
        raise ValueError(
            f"nothing says how a number in '{unit}' changes with the length of a step: expected days, an"
            " amount or an amount/day"
        )
    return 1.0 if amount == unit else step


def parameter_factors(step: float) -> FloatArray:
    """Return what multiplies each row of the parameter matrix, `[P, 1]`."""
    return np.array([[factor(REGISTRY[name].unit, step)] for name, _ in REGISTRY.labels()], np.float32)


def lever_factors(step: float) -> FloatArray:
    """Return what multiplies each column of a plan's levers, `[L]`."""
    found = np.ones(WIDTH, np.float32)
    for lever in LEVERS:
        found[COLUMNS[lever.name]] = factor(lever.unit, step)
    return found
