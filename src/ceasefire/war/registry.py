"""The one registry of parameters: name, meaning, unit, prior, bounds and source of each.

Every mechanism declares its parameters beside its equation; this file collects them in one order. Docs,
scenario errors, calibration and the report's tables are made from it. A parameter without a unit or a source
cannot be made.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import special

Scale = Literal["log", "logit", "plain"]
FloatArray = npt.NDArray[np.float64]

# 95 % point of the standard normal distribution: `low` and `high` are the 5 % and 95 % points of a prior.
_Z95 = 1.6448536269514722


@dataclasses.dataclass(frozen=True)
class Prior:
    """A prior given by its 5 %, 50 % and 95 % points: a two-piece normal on a transformed scale.

    With g the scale's transformation (log, logit or none) and z a standard normal number,

        x = g^-1( g(best) + z (g(high) - g(best)) / 1.645 )   for z >= 0
        x = g^-1( g(best) + z (g(best) - g(low)) / 1.645 )    for z <  0

    so that half of the mass lies on each side of `best`, whatever the skew. Equal points make a constant.
    """

    low: float
    best: float
    high: float
    scale: Scale = "log"

    def __post_init__(self) -> None:
        """Check the order of the points and that the scale can hold them."""
        points = (self.low, self.best, self.high)
        if not all(math.isfinite(point) for point in points):
            raise ValueError(f"a prior needs finite numbers, not {points}")
        if not self.low <= self.best <= self.high:
            raise ValueError(f"a prior needs low <= best <= high, not {points}")
        if self.constant:
            return
        if self.scale == "log" and self.low <= 0:
            raise ValueError(f"a prior on the log scale needs points above 0, not {points}")
        if self.scale == "logit" and (self.low <= 0 or self.high >= 1):
            raise ValueError(f"a prior on the logit scale needs points between 0 and 1, not {points}")

    @property
    def constant(self) -> bool:
        """Whether the three points are one."""
        return self.low == self.high

    def draw(self, z: FloatArray, bounds: tuple[float, float]) -> FloatArray:
        """Turn standard normal numbers into draws of the prior, held inside `bounds`."""
        if self.constant:
            return np.full_like(z, self.best)
        low, best, high = (self._forward(point) for point in (self.low, self.best, self.high))
        spread = np.where(z >= 0, high - best, best - low) / _Z95
        value = best + z * spread
        drawn = (
            np.exp(value) if self.scale == "log" else special.expit(value) if self.scale == "logit" else value
        )
        return np.asarray(np.clip(drawn, *bounds), dtype=np.float64)

    def _forward(self, point: float) -> float:
        if self.scale == "log":
            return math.log(point)
        return float(special.logit(point)) if self.scale == "logit" else point


@dataclasses.dataclass(frozen=True)
class Parameter:
    """One quantity of the model that is uncertain or assumed.

    `per_side` parameters have one value for each belligerent, all others one for the war. `initial` ones are
    stocks at the start.
    """

    name: str
    meaning: str
    unit: str
    prior: Prior
    bounds: tuple[float, float]
    source: str
    per_side: bool = True
    initial: bool = False

    def __post_init__(self) -> None:
        """Refuse a parameter that nobody could check."""
        for field in ("name", "meaning", "unit", "source"):
            if not str(getattr(self, field)).strip():
                raise ValueError(f"the parameter '{self.name}' has no {field}: every parameter needs one")
        low, high = self.bounds
        if not (low <= self.prior.low and self.prior.high <= high):
            raise ValueError(f"the prior of '{self.name}' reaches outside its bounds {self.bounds}")


class Registry(Mapping[str, Parameter]):
    """Parameters by name, each with its rows in the parameter matrix `[P, N]`.

    A per-side parameter takes two rows next to each other, side 0 first; any other takes one.
    """

    def __init__(self, groups: Mapping[str, Iterable[Parameter]]) -> None:
        parameters: dict[str, Parameter] = {}
        mechanisms: dict[str, str] = {}
        rows: dict[str, slice] = {}
        row = 0
        for mechanism, group in groups.items():
            for parameter in group:
                if parameter.name in parameters:
                    raise ValueError(f"the parameter '{parameter.name}' is registered twice")
                size = 2 if parameter.per_side else 1
                parameters[parameter.name] = parameter
                mechanisms[parameter.name] = mechanism
                rows[parameter.name] = slice(row, row + size)
                row += size
        self._parameters = MappingProxyType(parameters)
        self.mechanisms = MappingProxyType(mechanisms)
        self.rows = MappingProxyType(rows)
        self.size = row

    def __getitem__(self, name: str) -> Parameter:
        return self._parameters[name]

    def __iter__(self) -> Iterable[str]:  # type: ignore[override]
        return iter(self._parameters)

    def __len__(self) -> int:
        return len(self._parameters)

    def labels(self) -> list[tuple[str, int | None]]:
        """Return `(name, side)` of each row of the matrix; side is None for a parameter of the whole war."""
        found: list[tuple[str, int | None]] = []
        for name, parameter in self._parameters.items():
            found += [(name, 0), (name, 1)] if parameter.per_side else [(name, None)]
        return found
