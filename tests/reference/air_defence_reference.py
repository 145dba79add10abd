"""The air war of one day in ordinary Python and double precision, from the equations of the docstring.

A side is a float or a dictionary of floats; nothing here comes from the package.
"""

from __future__ import annotations

from math import erfc, exp, expm1, log, sqrt


def salvo(shock: float, spread: float) -> float:
    """E = min(-ln(Phi(-z)), 13.8);  V = max(1 + s (E - 1), 0) / (r exp(1 / r - 1)),  r = max(s, 1)"""
    exponential = -log(max(0.5 * erfc(shock / sqrt(2.0)), 1e-6))
    r = max(spread, 1.0)
    return max(1.0 + spread * (exponential - 1.0), 0.0) / (r * exp(1.0 / r - 1.0))


def launched(stock: float, plan: float, strikes: float, activity: float, week: float, days: float) -> float:
    """wanted = l k v V;  launched = wanted M / (M + t wanted)"""
    wanted = plan * strikes * activity * week
    return wanted * stock / (stock + days * wanted) if stock > 0 else 0.0


def of_the_week(share: float, spread: float, shock: float) -> float:
    """q(x) = x exp(c y) / (1 - x + x exp(c y))"""
    odds = share * exp(spread * shock)
    return odds / (1.0 - share + odds)


def defend(
    missiles: float,
    drones: float,
    interceptors: float,
    shock: float,
    *,
    gun_share: float,
    missile_interception: float,
    drone_interception: float,
    interception_spread: float,
    interceptors_per_target: float,
    air_ration_days: float,
) -> dict[str, float]:
    """What becomes of the missiles and drones that come at one side.

    passed = (1 - q(g)) drones;  met = K / (K + t n (missiles + passed))
    """
    passed = (1.0 - of_the_week(gun_share, interception_spread, shock)) * drones
    targets = missiles + passed
    if interceptors <= 0:
        met = 0.0
    else:
        met = interceptors / (interceptors + air_ration_days * interceptors_per_target * targets)
    destroyed = of_the_week(missile_interception, interception_spread, shock) * met * missiles
    drones_destroyed = (
        drones - passed + of_the_week(drone_interception, interception_spread, shock) * met * passed
    )
    return {
        "missiles_destroyed": destroyed,
        "drones_destroyed": drones_destroyed,
        "missiles_leaked": missiles - destroyed,
        "drones_leaked": drones - drones_destroyed,
        "interceptors_fired": interceptors_per_target * met * targets,
    }


def next_grid(
    grid: float, missiles: float, drones: float, aimed: float, hit: float, damage: float, repair_days: float
) -> float:
    """dG = (1 - G) / h - G (1 - exp(-e u (leaked missiles + d leaked drones)))"""
    lost = -grid * expm1(-aimed * hit * (missiles + damage * drones))
    return min(max(grid + (1.0 - grid) / repair_days - lost, 0.0), 1.0)


def grid_factor(grid: float, at_start: float, worth: float) -> float:
    """(1 - w (1 - G)) / (1 - w (1 - G_0))"""
    return (1.0 - worth * (1.0 - grid)) / (1.0 - worth * (1.0 - at_start))
