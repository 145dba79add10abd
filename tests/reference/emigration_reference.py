"""Emigration of one side in ordinary Python and double precision, from the docstring's equations alone.

A side is a dictionary: pressure, abroad (two stages), pool (what is left of it), emigrated, returned.
"""

from __future__ import annotations

from math import expm1
from typing import Any

Side = dict[str, Any]


def bounded(flow: float, stock: float) -> float:
    """taken = stock (1 - exp(-flow / stock))"""
    return -stock * expm1(-flow / stock) if stock > 0 else 0.0


def day(side: Side, mobilisation: float, supply: float, called_up: float, p: dict[str, float]) -> Side:
    """Return the side of tomorrow, with today's flows under `flows`."""
    decided = p["emigration_response"] * mobilisation * supply
    wave = side["pressure"] * min(1.0, 1.0 / p["departure_days"])
    rest = side["pool"] - called_up
    ordinary = p["emigration_rate"] * rest
    emigrating = bounded(wave + ordinary, rest)
    of_wave = emigrating * wave / (wave + ordinary) if wave > 0 else 0.0
    first, second = side["abroad"]
    share = min(1.0, 2.0 / p["return_days"])
    back = share * second
    return {
        "pressure": side["pressure"] + decided - wave,
        "abroad": [
            first - share * first + p["return_share_abroad"] * of_wave,
            second - back + share * first,
        ],
        "pool": rest - emigrating + back,
        "emigrated": side["emigrated"] + emigrating,
        "returned": side["returned"] + back,
        "flows": {"decided": decided, "emigrating": emigrating, "of_wave": of_wave, "back": back},
    }
