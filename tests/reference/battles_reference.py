"""Battles in ordinary Python and double precision, from the equations of their docstring."""

from __future__ import annotations

from math import erfc, exp, sqrt


def below(z: float) -> float:
    """Phi(z)"""
    return 0.5 * erfc(-z / sqrt(2.0))


def next_battle(
    battle: float,
    attacking: tuple[float, float],
    in_force: bool,
    shock: float,
    new_week: bool,
    battle_onset_days: float,
    battle_days: float,
    step: float = 1.0,
) -> float:
    """Begins with the chance a (1 - exp(-7 / onset)), ends with 1 - exp(-7 / days); a truce ends it."""
    if in_force:
        return 0.0
    if not new_week:
        return battle
    one, other = attacking
    attacked = one + other - one * other
    if battle > 0:
        return 0.0 if below(shock) < 1.0 - exp(-7.0 / (battle_days * step)) else 1.0
    return 1.0 if below(shock) < attacked * (1.0 - exp(-7.0 / (battle_onset_days * step))) else 0.0


def battles(battle: float, share: float, intensity: float) -> tuple[float, float]:
    """Of a front's troops, `share` lose at `intensity`, the rest at 1: all losses, and the part in battle."""
    if battle == 0:
        return 1.0, 0.0
    fighting, rest = share * intensity, 1.0 - share
    return fighting + rest, fighting / (fighting + rest)


def fire_factor(troops: list[float], battle: list[float], share: float, intensity: float) -> float:
    """Mean of the fronts' factors by the troops there"""
    if sum(troops) == 0:
        return 1.0
    factors = [battles(one, share, intensity)[0] for one in battle]
    return sum(there * factor for there, factor in zip(troops, factors, strict=True)) / sum(troops)


def battle_losses(lost_on_front: list[float], shares: list[float]) -> float:
    return sum(lost * share for lost, share in zip(lost_on_front, shares, strict=True))
