"""Belief in ordinary Python and double precision, written from the equations of its docstring."""

from __future__ import annotations

from math import log
from typing import NamedTuple


class Leader(NamedTuple):
    """The parameters of one leader, in the module's symbols."""

    x: float
    q: float
    p: float
    n: float
    delay: float  # l, days


def log_power(force: float, effectiveness: float, advantage: float) -> float:
    return log(force + 1.0) + effectiveness + advantage / 2.0


def hear(believed: float, reported: float, bad: bool, leader: Leader, step: float) -> float:
    """believed = reported - (1 - g s) (reported - believed)"""
    g = step / max(1.0 + leader.x * (leader.delay - 1.0), step)
    s = max(1.0 - leader.x * leader.q, 0.0) if bad else 1.0
    return believed + g * s * (reported - believed)


def next_belief(
    own: float, other: float, power: float, enemy_power: float, shock: float, leader: Leader, step: float
) -> tuple[float, float]:
    """What one leader believes of (his own force, the enemy's) after this morning's reports."""
    lean = leader.x * (leader.p + leader.n * shock) / 2.0
    ours, theirs = power + lean, enemy_power - lean
    return hear(own, ours, ours < own, leader, step), hear(other, theirs, theirs > other, leader, step)


def perceived(balance: float, own: float, other: float, power: float, enemy_power: float) -> float:
    """Z = y + (believed own - P_i) - (believed enemy - P_j)"""
    return balance + (own - power) - (other - enemy_power)
