"""The expected number of wider wars in ordinary Python and double precision, from the equations."""

from __future__ import annotations

from math import exp

Pair = tuple[float, float]


def pace(first_taken: list[float], second_taken: list[float]) -> Pair:
    """Net ground that each side loses"""
    net = sum(second_taken) - sum(first_taken)
    return max(net, 0.0), max(-net, 0.0)


def part(amount: float, other: float) -> float:
    """amount / (amount + other)"""
    return amount / (amount + other) if amount > 0 else 0.0


def fold(
    near: Pair, ground: Pair, arriving: Pair, made: Pair, assault: Pair, launched: Pair, p: dict[str, float]
) -> float:
    """x = c max C + g max P + a (A_0 + A_1) + k max K + s D"""
    fast = max(part(one, p["escalation_ground_pace"]) for one in ground)
    aid = sum(part(came, own) for came, own in zip(arriving, made, strict=True))
    return (
        p["escalation_by_collapse"] * max(near)
        + p["escalation_by_ground"] * fast
        + p["escalation_by_aid"] * aid
        + p["escalation_by_assault"] * max(assault)
        + p["escalation_by_strikes"] * part(sum(launched), p["escalation_strike_pace"])
    )


def day(escalation: float, x: float, truce: bool, ended: bool, rate: float, truce_share: float) -> float:
    """dE = r exp(x) q, nothing once the war has ended"""
    if ended:
        return escalation
    return escalation + rate * exp(x) * (truce_share if truce else 1.0)
