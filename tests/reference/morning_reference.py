"""The morning of the reference day: what drifts moves, the forces are compared, what limits production."""

from __future__ import annotations

from math import exp, log, sqrt
from typing import NamedTuple

from tests.reference import (
    aims_reference,
    air_defence_reference,
    artillery_reference,
    drones_reference,
    labour_reference,
    sanctions_reference,
)
from tests.reference.plain_reference import (
    Calendar,
    Side,
    Structure,
    Table,
    War,
    both,
    enemy,
    has,
    of_sides,
    power,
    ratio,
    value,
)

REFERENCE_FORCE = 100_000.0  # persons
REFERENCE_FIRE = 4_000.0  # rounds a day for one reference force
REFERENCE_DENSITY = 0.02  # vehicles per person
MOST_DENSE = 3.0  # for the loss and the effect of vehicles
LEAST_EQUIPPED = 0.05  # for the effect of vehicles
NO_SHORTER_THAN_A_STEP = ("move_days", "perception_delay_days", "ration_days", "replacement_days")


def at_least_a_step(parameters: Table) -> Table:
    """Where a step is longer than one of these, all that is aimed at is done in it, and never more."""
    longer = {}
    for name in NO_SHORTER_THAN_A_STEP:
        found = parameters[name]
        longer[name] = [max(x, 1.0) for x in found] if isinstance(found, list) else max(found, 1.0)
    return {**parameters, **longer}


# What a side has this morning


def force(side: Side) -> float:
    """A: soldiers on the fronts and in reserve"""
    return sum(side["troops"]) + side["reserve"]


def pool_left(side: Side) -> float:
    return max(side["pool_at_start"] - side["called_up"] - side["emigrated"] + side["back_from_abroad"], 0.0)


def people_of(side: Side) -> float:
    """M: those who serve and those who could be called up"""
    return force(side) + pool_left(side) + sum(side["trainees"])


def ground_held(side: Side, other: Side) -> list[float]:
    """Ground that the other could take: at the start, less what was lost, plus what was won."""
    return [
        max(start - lost + won, 0.0)
        for start, lost, won in zip(
            side["ground_at_start"], other["ground_taken"], side["ground_taken"], strict=True
        )
    ]


def net_ground(side: Side, other: Side) -> list[float]:
    """H: ground taken on each front less ground lost there"""
    return [won - lost for won, lost in zip(side["ground_taken"], other["ground_taken"], strict=True)]


def relative_density(side: Side, legacy_worth: float) -> float:
    """E = (V_m + w V_l) / (A D0), held between 0.05 and 3"""
    worth = side["armour_modern"] + legacy_worth * side["armour_legacy"]
    return min(max(worth / (force(side) * REFERENCE_DENSITY), LEAST_EQUIPPED), MOST_DENSE)


# Fire


class Fire(NamedTuple):
    """What both sides fire in a day, a number for each side."""

    rounds: list[float]  # F
    counted: list[float]  # H, with strike drones in rounds
    vehicle_factor: list[float]  # on the vehicles of a side that each casualty costs


def rounds_fired(
    war: War, i: int, attack: float, activity: float, battle: float, parameters: Table, structure: Structure
) -> float:
    """wanted = f (1 + (b - 1) O) v;  fired = wanted M / (M + t wanted)

    Where battles are fought f is that much larger; where guns limit fire it is their limit times f.
    """
    side, more = war["sides"][i], value(parameters, "offensive_fire", i)
    plan = value(parameters, "fire_plan", i) * battle
    if has(structure, "artillery"):
        a_gun = value(parameters, "rounds_per_gun_day", i)
        plan *= artillery_reference.limit(side["artillery"], attack, activity, plan, more, a_gun)
    wanted = plan * activity * (1.0 + (more - 1.0) * attack)
    return ratio(wanted * side["shells"], side["shells"] + value(parameters, "ration_days", i) * wanted)


def drone_day(
    war: War, rounds: list[float], attack: list[float], activity: float, economy: list[float],
    production: list[float], arriving: list[float], parameters: Table,
) -> dict[str, list[float]]:  # fmt: skip
    """What strike drones do today, and how many there are tomorrow"""

    def each(name: str) -> list[float]:
        return list(both(parameters, name))

    return drones_reference.day(
        list(of_sides(war, "drones")),
        list(of_sides(war, "drone_industry")),
        rounds,
        attack,
        activity,
        each("drone_plan"),
        value(parameters, "offensive_fire", 0),
        value(parameters, "drone_ration_days", 0),
        value(parameters, "rounds_per_drone", 0),
        each("jamming"),
        value(parameters, "fire_share", 0),
        value(parameters, "drone_vehicle_ratio", 0),
        economy,
        each("drone_growth"),
        each("drone_ceiling"),
        each("drone_output"),
        production,
        arriving,
    )


def fire_of(
    war: War, attack: list[float], activity: float, battle: list[float], parameters: Table,
    structure: Structure,
) -> Fire:  # fmt: skip
    """`attack` is 1 for a side in an offensive, `battle` multiplies the rounds that it wants to fire."""
    rounds = [rounds_fired(war, i, attack[i], activity, battle[i], parameters, structure) for i in (0, 1)]
    if not has(structure, "drones"):
        return Fire(rounds, rounds, [1.0, 1.0])
    nothing = [0.0, 0.0]
    flown = drone_day(war, rounds, attack, activity, nothing, nothing, nothing, parameters)
    return Fire(rounds, flown["counted"], flown["factor"])


def fire_effect(
    fire: float, activity: float, side: Side, law: str, parameters: Table, step: float = 1.0
) -> float:
    """X = (fired / (v R_F N))^g where munitions limit fire, 1 where only numbers do"""
    if law == "numbers":
        return 1.0
    numbers = sum(side["troops"]) / REFERENCE_FORCE
    usual = activity * REFERENCE_FIRE * step * numbers
    return power(ratio(fire, usual), value(parameters, "fire_returns", 0))


# How the forces compare this morning


class Comparison(NamedTuple):
    armour: list[float]  # E of each side
    effectiveness: list[float]  # log effectiveness of a soldier of each side
    balance: list[list[float]]  # b of each side on each front
    total_balance: list[float]  # y of each side


def compare(war: War, parameters: Table, structure: Structure, step: float = 1.0) -> Comparison:
    """Compare the two forces. The fire is what this morning's stock allows where no truce is in force."""
    sides, weight = war["sides"], war["front_weight"]
    fire = fire_of(war, [side["offensive"] for side in sides], 1.0, [1.0, 1.0], parameters, structure)
    armour, effectiveness = [], []
    for i, side in enumerate(sides):
        armour.append(relative_density(side, value(parameters, "legacy_worth", i)))
        x = fire_effect(fire.counted[i], 1.0, side, structure["fire_law"], parameters, step)
        s = value(parameters, "fire_share", i)
        effectiveness.append(
            value(parameters, "skill_worth", i) * log(side["skill"])
            + log((1.0 - s) * armour[i] ** value(parameters, "armour_worth", i) + s * x)
        )

    def attack(i: int, own: float, other: float, lines: float, won: float) -> float:
        """b = ln P_i - ln P_j - ln d - W_j ln e - o H_i / 1000 + advantage_i

        ln P = ln(numbers + 1) + effectiveness
        """
        return (
            (log(own + 1.0) + effectiveness[i])
            - (log(other + 1.0) + effectiveness[enemy(i)])
            - log(value(parameters, "defence_advantage", i))
            - log(value(parameters, "fortification_worth", i)) * lines
            - value(parameters, "overstretch", i) * won / 1_000.0
            + sides[i]["advantage"]
        )

    balance, total_balance = [], []
    for i, side in enumerate(sides):
        other = sides[enemy(i)]
        lines = other["fortification"]
        won = net_ground(side, other)
        balance.append(
            [
                attack(i, side["troops"][f], other["troops"][f], lines[f], won[f] / w)
                for f, w in enumerate(weight)
            ]
        )
        mean_lines = sum(line * w for line, w in zip(lines, weight, strict=True))
        total_balance.append(attack(i, force(side), force(other), mean_lines, sum(won)))
    return Comparison(armour, effectiveness, balance, total_balance)


# Aims


class Pull(NamedTuple):
    """What the leaders' aims add to the balance"""

    front: list[list[float]]
    whole: list[float]


def pull_of(war: War, parameters: Table, structure: Structure, levers: Table) -> Pull:
    """What a policy leaves of the aims counts"""
    sides = war["sides"]
    if not has(structure, "aims"):
        return Pull([[0.0 for _ in side["aim"]] for side in sides], [0.0, 0.0])
    front, whole = [], []
    for i, side in enumerate(sides):
        other = sides[enemy(i)]
        told = (side["aim"], other["ground_at_start"], net_ground(side, other))
        worth = value(parameters, "aim_worth", i) * value(levers, "aim", i)
        front.append(aims_reference.front_pulls(*told, worth))
        whole.append(aims_reference.whole_pull(*told, worth))
    return Pull(front, whole)


# Production


class Production(NamedTuple):
    """What multiplies production today, a number for each side"""

    factor: list[float]  # on all war production
    components: list[float]  # on missiles, drones and modern armour besides
    bite: list[float]  # of the sanctions


def production_of(war: War, parameters: Table, structure: Structure, levers: Table) -> Production:
    """money x labour x grid x (1 - p B), each where the war has the mechanism"""
    factor, components, bite = [1.0, 1.0], [1.0, 1.0], [0.0, 0.0]
    for i, side in enumerate(war["sides"]):

        def p(name: str, i: int = i) -> float:
            return value(parameters, name, i)

        if has(structure, "sanctions"):
            bite[i] = sanctions_reference.bite(value(levers, "sanctions", i), side["sanctions_evaded"])
            at_start = (p("sanctions_at_start"), p("evaded_at_start"))
            components[i] = sanctions_reference.factor(bite[i], *at_start, p("component_dependence"))
            factor[i] *= sanctions_reference.factor(bite[i], *at_start, p("money_dependence"))
        if has(structure, "labour"):
            factor[i] *= labour_reference.factor(
                side["workforce_lost"], p("initial_workforce"), p("labour_elasticity")
            )
        if has(structure, "air_defence"):
            factor[i] *= air_defence_reference.grid_factor(side["grid"], p("initial_grid"), p("grid_worth"))
        if has(structure, "internal_break"):
            factor[i] *= 1.0 - p("break_production_loss") * side["broken_within"]
    return Production(factor, components, bite)


# Drift


def next_drift(name: str, x: float, shock: float, calendar: Calendar, parameters: Table) -> float:
    """x = r x + s sqrt(1 - r^2) z at the start of each week, r = exp(-7 / d)"""
    if not calendar.new_week:
        return x
    r = exp(-7.0 / (value(parameters, f"{name}_persistence_days", 0) * calendar.step))
    return r * x + value(parameters, f"{name}_spread", 0) * sqrt(1.0 - r * r) * shock


def drifted(war: War, shocks: Table, calendar: Calendar, parameters: Table) -> War:
    """The war on whose morning what drifts has moved"""
    moved = {
        name: next_drift(name, war[name], shocks[name], calendar, parameters)
        for name in ("intensity", "lethality", "volatility")
    }
    sides = [
        {
            **side,
            "advantage": next_drift(
                "advantage", side["advantage"], shocks["advantage"][i], calendar, parameters
            ),
        }
        for i, side in enumerate(war["sides"])
    ]
    return {**war, **moved, "sides": sides}


class Morning(NamedTuple):
    """All that is known when the day begins"""

    war: War
    parameters: Table
    structure: Structure
    levers: Table
    calendar: Calendar
    shocks: Table
    seen: Comparison
    pull: Pull
    production: Production

    def has(self, mechanism: str) -> bool:
        return has(self.structure, mechanism)

    def p(self, name: str, i: int = 0) -> float:
        return value(self.parameters, name, i)

    def lever(self, name: str, i: int = 0) -> float:
        return value(self.levers, name, i)


def morning(
    war: War, parameters: Table, structure: Structure, levers: Table, calendar: Calendar, shocks: Table
) -> Morning:
    parameters = at_least_a_step(parameters)
    war = drifted(war, shocks, calendar, parameters)
    return Morning(
        war,
        parameters,
        structure,
        levers,
        calendar,
        shocks,
        compare(war, parameters, structure, calendar.step),
        pull_of(war, parameters, structure, levers),
        production_of(war, parameters, structure, levers),
    )
