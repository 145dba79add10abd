"""Aims in ordinary Python and double precision, written from the equations of its docstring."""

from __future__ import annotations


def front_pulls(aim: list[float], ground: list[float], net: list[float], worth: float) -> list[float]:
    """a open_f, open_f = v_f min(max(1 - H_f / G_f, 0), 1), for the fronts of one side"""
    found = []
    for v, g, h in zip(aim, ground, net, strict=True):
        left = 1.0 - h / g
        found.append(worth * v * min(max(left, 0.0), 1.0))
    return found


def whole_pull(aim: list[float], ground: list[float], net: list[float], worth: float) -> float:
    return sum(front_pulls(aim, ground, net, worth))
