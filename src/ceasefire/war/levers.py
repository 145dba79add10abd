"""Levers: what a policy sets, day by day. A mechanism sees only today's row.

A plan's levers are float32 `[D, L]`. A per-side lever takes two columns, side 0 first.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from types import MappingProxyType

import jax
import numpy as np


@dataclasses.dataclass(frozen=True)
class Lever:
    """One thing that a policy can set, with its unit, its value when nobody sets it, and its bounds."""

    name: str
    meaning: str
    unit: str
    default: float
    bounds: tuple[float, float]
    per_side: bool = True
    mechanism: str | None = None
    """The optional mechanism that alone reads it; None: the war always does."""


LEVERS: tuple[Lever, ...] = (
    Lever("recruitment", "volunteers, contracts and covert call-up", "persons/day", 0.0, (0.0, 1e5)),
    Lever("mobilisation", "compulsory call-up by decree, partial or general", "persons/day", 0.0, (0.0, 1e5)),
    Lever("training_days", "training before a recruit joins the force", "days", 60.0, (3.0, 730.0)),
    Lever(
        "economy",
        "share of the way to the ceiling of war production that is aimed at",
        "share",
        1.0,
        (0.0, 1.0),
    ),
    Lever("aid_armour", "armoured vehicles sent from abroad", "vehicles/day", 0.0, (0.0, 1e3)),
    Lever("aid_shells", "artillery rounds sent from abroad", "rounds/day", 0.0, (0.0, 1e5)),
    Lever("offensives", "1 if the leader may start an offensive, 0 if not", "switch", 1.0, (0.0, 1.0)),
    Lever(
        "truce_recruitment",
        "share of recruitment and mobilisation that goes on in a truce",
        "share",
        1.0,
        (0.0, 5.0),
    ),
    Lever("truce_production", "share of war production that goes on in a truce", "share", 1.0, (0.0, 5.0)),
    Lever("truce_aid", "share of arms from abroad that is sent in a truce", "share", 1.0, (0.0, 5.0)),
    Lever(
        "monitored",
        "1 if third parties monitor a truce, 0 if nobody does",
        "share",
        0.0,
        (0.0, 1.0),
        per_side=False,
    ),
    Lever(
        "aim",
        "share of his aims that a leader still pursues",
        "share",
        1.0,
        (0.0, 1.0),
        mechanism="aims",
    ),
    Lever(
        "distorted_reports",
        "share of the usual distortion of reports that remains; 0: the leader sees the truth",
        "share",
        1.0,
        (0.0, 5.0),
        mechanism="belief",
    ),
    Lever(
        "sanctions",
        "what others cut the side off from: 0 nothing, 1 all that is traded with the world",
        "share",
        0.0,
        (0.0, 1.0),
        mechanism="sanctions",
    ),
    Lever(
        "third_party",
        "share of the stream of arms from third parties that opens at once",
        "share",
        0.0,
        (0.0, 1.0),
        mechanism="third_party_arms",
    ),
    Lever("aid_artillery", "guns sent from abroad", "guns/day", 0.0, (0.0, 1e3), mechanism="artillery"),
    Lever(
        "aid_drones",
        "strike drones for the front sent from abroad",
        "drones/day",
        0.0,
        (0.0, 1e5),
        mechanism="drones",
    ),
    Lever(
        "aid_interceptors",
        "missiles of air defence sent from abroad",
        "interceptors/day",
        0.0,
        (0.0, 1e3),
        mechanism="air_defence",
    ),
    Lever(
        "strikes",
        "share of the planned missiles and long-range drones that the side launches",
        "share",
        1.0,
        (0.0, 5.0),
        mechanism="air_defence",
    ),
    Lever(
        "flank",
        "the side's flank over a third country: 0 shut, 1 may open by chance, 2 open",
        "switch",
        0.0,
        (0.0, 2.0),
        mechanism="northern_front",
    ),
)

COLUMNS: Mapping[str, slice]
WIDTH: int


def _columns() -> tuple[Mapping[str, slice], int]:
    columns: dict[str, slice] = {}
    column = 0
    for lever in LEVERS:
        size = 2 if lever.per_side else 1
        columns[lever.name] = slice(column, column + size)
        column += size
    return MappingProxyType(columns), column


COLUMNS, WIDTH = _columns()


def defaults(days: int) -> np.ndarray:
    """Return a plan's levers `[D, L]` with every lever at its default, float32."""
    row = np.zeros(WIDTH, dtype=np.float32)
    for lever in LEVERS:
        row[COLUMNS[lever.name]] = lever.default
    return np.tile(row, (days, 1))


def view(row: jax.Array) -> dict[str, jax.Array]:
    """Name the entries of one day's row `[L]`: `[2, 1]` for a per-side lever, `[1]` for any other."""
    return {
        lever.name: row[COLUMNS[lever.name]].reshape((2, 1) if lever.per_side else (1,)) for lever in LEVERS
    }
