"""Another length of the step: the same day with time counted in longer units.

A calibration may walk by weeks instead of days. `day` is a step of an Euler scheme whose unit of time is its
parameters' own: with rates per week and times in weeks, one call is a week. Registry and levers name their
units, so that nothing but the unit decides how a row changes.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ceasefire.war.catalogue import REGISTRY
from ceasefire.war.levers import COLUMNS, LEVERS, WIDTH

FloatArray = npt.NDArray[np.float32]


def factor(unit: str, step: float) -> float:
    """Return by what a number of this unit is multiplied when a step has `step` days instead of one."""
    if unit == "days":
        return 1.0 / step
    return step if unit.endswith("/day") else 1.0


def parameter_factors(step: float) -> FloatArray:
    """Return what multiplies each row of the parameter matrix, `[P, 1]`."""
    return np.array([[factor(REGISTRY[name].unit, step)] for name, _ in REGISTRY.labels()], np.float32)


def lever_factors(step: float) -> FloatArray:
    """Return what multiplies each column of a plan's levers, `[L]`."""
    found = np.ones(WIDTH, np.float32)
    for lever in LEVERS:
        found[COLUMNS[lever.name]] = factor(lever.unit, step)
    return found
