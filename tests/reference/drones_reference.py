"""Strike drones of both sides in ordinary Python: the equations of `ceasefire.war.drones`.

Nothing is imported from the package. Every quantity of a side is a list of two, side 0 first.
"""

from __future__ import annotations

from math import exp

Pair = list[float]


def ratio(part: float, whole: float) -> float:
    return part / whole if whole > 0 else 0.0


def grown(level: float, economy: float, growth: float, highest: float) -> float:
    """J' = J K exp(g) / (K + J (exp(g) - 1)), K = 1 + (c - 1) e"""
    ceiling = 1.0 + (highest - 1.0) * economy
    return level * ceiling * exp(growth) / (ceiling + level * (exp(growth) - 1.0))


def day(
    drones: Pair,
    level: Pair,
    fire: Pair,
    offensive: Pair,
    activity: float,
    plan: Pair,
    offensive_fire: float,
    ration_days: float,
    rounds_per_drone: float,
    jamming: Pair,
    fire_share: float,
    vehicle_ratio: float,
    economy: Pair,
    growth: Pair,
    highest: Pair,
    output: Pair,
    production: Pair,
    arriving: Pair,
) -> dict[str, Pair]:
    """used, counted, share, factor, vehicle_share, made, level and drones of tomorrow"""
    names = ("used", "counted", "share", "factor", "vehicle_share", "made", "level", "drones")
    found: dict[str, Pair] = {name: [] for name in names}
    for i in (0, 1):
        wanted = plan[i] * level[i] * (1.0 + (offensive_fire - 1.0) * offensive[i]) * activity
        used = ratio(wanted * drones[i], drones[i] + max(ration_days, 1.0) * wanted)
        in_rounds = rounds_per_drone * (1.0 - jamming[1 - i]) * used
        made = output[i] * level[i] * production[i]
        found["used"].append(used)
        found["counted"].append(fire[i] + in_rounds)
        found["share"].append(ratio(in_rounds, fire[i] + in_rounds))
        found["made"].append(made)
        found["level"].append(grown(level[i], economy[i], growth[i], highest[i]))
        found["drones"].append(drones[i] + made + arriving[i] - used)
    for i in (0, 1):
        by_drones = fire_share * found["share"][1 - i]
        by_all = (1.0 - by_drones) + vehicle_ratio * by_drones
        found["factor"].append(by_all)
        found["vehicle_share"].append(vehicle_ratio * by_drones / by_all)
    return found
