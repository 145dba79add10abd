"""Guns of both sides in ordinary Python: the equations of `ceasefire.war.artillery`.

Nothing is imported from the package. Every quantity of a side is a list of two, side 0 first.
"""

from __future__ import annotations

from math import exp

GUNS_AT_REFERENCE = 2_000.0
Pair = list[float]


def limit(
    guns: float, offensive: float, activity: float, plan: float, offensive_fire: float, rounds_a_gun: float
) -> float:
    """min(1, r G / wanted), wanted = f (1 + (b - 1) O) v"""
    wanted = plan * (1.0 + (offensive_fire - 1.0) * offensive) * activity
    able = rounds_a_gun * guns
    return 1.0 if able >= wanted else able / wanted


def day(
    guns: Pair,
    fire: Pair,
    counted: Pair,
    industry: Pair,
    production: Pair,
    output: Pair,
    counter_battery: Pair,
    wear: float,
    arriving: Pair,
) -> dict[str, Pair]:
    """dG = o I p + arriving - struck - worn"""
    found: dict[str, Pair] = {"built": [], "struck": [], "worn": [], "guns": []}
    for i in (0, 1):
        j = 1 - i
        struck = guns[i] * (1.0 - exp(-counter_battery[j] * counted[j] / GUNS_AT_REFERENCE))
        worn = min(wear * fire[i], guns[i] - struck)
        built = output[i] * industry[i] * production[i]
        found["built"].append(built)
        found["struck"].append(struck)
        found["worn"].append(worn)
        found["guns"].append(guns[i] + built + arriving[i] - struck - worn)
    return found
