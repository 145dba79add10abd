"""Where wars start that have been going on: draws of parameters, structure and stocks, one column a draw."""

from __future__ import annotations

import dataclasses
import hashlib
import operator
from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from ceasefire.scenario.compiled import STOCK
from ceasefire.war import REGISTRY, STRUCTURES, State

Int64 = npt.NDArray[np.int64]

# What the parameters that are stocks at the start stand for in a state, `[2, n]`.
_STOCKS: dict[str, Callable[[State], npt.NDArray[np.float32]]] = {
    "pool": lambda state: np.asarray(state.pool_left()),
    "troops": lambda state: np.asarray(state.force()),
    "trainees": lambda state: np.asarray(state.trainees).sum(axis=1),
    "recovering": lambda state: np.asarray(state.recovering).sum(axis=1),
    "skill": lambda state: np.asarray(state.skill),
    "armour_modern": lambda state: np.asarray(state.armour_modern),
    "armour_legacy": lambda state: np.asarray(state.armour_legacy),
    "armour_storage": lambda state: np.asarray(state.armour_storage),
    "shells": lambda state: np.asarray(state.shells),
    "fortification": lambda state: np.asarray(state.fortification).mean(axis=1),
    "abroad": lambda state: np.asarray(state.abroad).sum(axis=1),
    **{
        name: operator.attrgetter(name)
        for name in (
            "usual_losses",
            "losses_to_replace",
            "artillery",
            "drones",
            "missiles",
            "long_range_drones",
            "interceptors",
            "displaced",
            "recent_deaths",
            "will",
        )
    },
}
# Stocks of the whole war, which no side owns.
_OF_BOTH = {
    "front_weight",
    "log_tempo",
    "intensity",
    "lethality",
    "volatility",
    "truce",
    "battle",
    "provocation",
    "truces_collapsed",
    "escalation",
    "settled",
}


@dataclasses.dataclass(frozen=True, eq=False)
class Start:
    """Draws from which wars start: war w takes draw w mod n.

    The state is that of the scenario's first morning: its counts since the start are 0.
    """

    parameters: npt.NDArray[np.float32]
    """`[P, n]`, rows by the registry; stocks at the start do not count, the state has them."""
    structure: npt.NDArray[np.int8]
    """`[K, n]`."""
    state: State
    """NumPy arrays of float32, n wars on the last axis."""
    name: str
    """What results carry as their `posterior`."""

    def __post_init__(self) -> None:
        """Refuse draws that do not belong together."""
        wanted: dict[str, tuple[npt.NDArray[Any], int]] = {
            "parameters": (self.parameters, REGISTRY.size),
            "structure": (self.structure, len(STRUCTURES)),
        }
        for what, (values, rows) in wanted.items():
            if values.ndim != 2 or values.shape[0] != rows:
                raise ValueError(f"a start needs {rows} rows of {what}, not the shape {values.shape}")
        sizes = {self.structure.shape[-1], *(np.shape(stock)[-1] for stock in self.state)}
        if sizes != {self.size} or self.size == 0:
            raise ValueError(f"a start needs as many states as sets of parameters, not {sorted(sizes)}")

    @property
    def size(self) -> int:
        """Number of draws."""
        return int(np.shape(self.parameters)[1])

    @cached_property
    def sha256(self) -> str:
        """Hash of the name and the draws."""
        digest = hashlib.sha256(self.name.encode("utf-8"))
        for part in (self.parameters, self.structure, *self.state):
            digest.update(np.ascontiguousarray(part).tobytes())
        return digest.hexdigest()

    def draws(self, wars: Int64) -> Int64:
        """Return the draw of each war."""
        return np.asarray(wars % self.size, dtype=np.int64)

    def thinned(self, most: int) -> Start:
        """Return evenly spaced ones of the draws, at most so many."""
        chosen = np.unique(np.linspace(0, self.size - 1, min(most, self.size)).round().astype(np.int64))
        return dataclasses.replace(
            self,
            parameters=self.parameters[:, chosen],
            structure=self.structure[:, chosen],
            state=self.state_of(chosen),
        )

    def state_of(self, wars: Int64) -> State:
        """Return the state in which each war starts."""
        draws = self.draws(wars)
        return _mapped(lambda _, stock: stock[..., draws], self.state)

    def recorded(self) -> npt.NDArray[np.float32]:
        """Return the parameters `[P, n]` with the stocks that the wars really start with in their rows.

        Troops count the reserve, the pool is what is left of it, fortification is the mean over the fronts.
        The first workforce and grid stay: they are what later days are measured by.
        """
        told = np.array(self.parameters, dtype=np.float32)
        for name, parameter in REGISTRY.items():
            stock = _STOCKS.get(name.removeprefix(STOCK)) if parameter.initial else None
            if stock is not None:
                told[REGISTRY.rows[name]] = stock(self.state)
        return told

    def mirrored(self) -> Start:
        """Return the same draws with the two sides listed the other way round."""
        rows = np.arange(REGISTRY.size)
        for name, parameter in REGISTRY.items():
            if parameter.per_side:
                rows[REGISTRY.rows[name]] = rows[REGISTRY.rows[name]][::-1]
        turned = _mapped(lambda name, stock: stock if name in _OF_BOTH else stock[::-1], self.state)
        return dataclasses.replace(self, parameters=self.parameters[rows], state=turned)


def _mapped(change: Callable[[str, npt.NDArray[Any]], npt.NDArray[Any]], state: State) -> State:
    stocks: dict[str, Any] = {
        name: np.ascontiguousarray(change(name, np.asarray(stock, np.float32)))
        for name, stock in state._asdict().items()
    }
    return State(**stocks)
