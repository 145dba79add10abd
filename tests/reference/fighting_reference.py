"""The fighting of the reference day: deployment, battles, tempo, losses, assaults on a capital, ground."""

from __future__ import annotations

from math import exp, expm1, log, sqrt
from typing import NamedTuple

from tests.reference import battles_reference, decision_reference, northern_front_reference
from tests.reference.leaders_reference import Leaders
from tests.reference.morning_reference import (
    REFERENCE_FORCE,
    Fire,
    Morning,
    fire_effect,
    fire_of,
    force,
    ground_held,
)
from tests.reference.plain_reference import (
    Pair,
    Table,
    both,
    bounded,
    enemy,
    logistic,
    of_sides,
    power,
    ratio,
    softmax,
    value,
)

COMMITTED = 0.75  # share of the reserve that goes into an offensive


# Where the troops go


class Deployment(NamedTuple):
    attacking: list[float]  # B on each front
    moved: list[float]  # persons a day, from the reserve to each front


def guards(now: Morning) -> Pair:
    """G: soldiers of the reserve that are held back for the enemy's flank"""
    if not now.has("northern_front"):
        return 0.0, 0.0
    told = (
        of_sides(now.war, "reserve"),
        both(now.levers, "flank"),
        both(now.parameters, "flank_guard_share"),
    )
    return northern_front_reference.guards(0, *told), northern_front_reference.guards(1, *told)


def deploy(now: Morning, i: int, offensive: float, guard: float) -> Deployment:
    """Mirror the enemy and the length of the fronts, keep a reserve, mass where the attack goes.

    Aims draw an attack as much more balance would.
    """
    weight = now.war["front_weight"]
    own, other = now.war["sides"][i], now.war["sides"][enemy(i)]
    free = force(own) - guard
    z = now.p("mirroring", i)
    holding = [
        (1.0 - z) * w + z * ratio(theirs, sum(other["troops"]))
        for w, theirs in zip(weight, other["troops"], strict=True)
    ]
    drawn = [b + pull for b, pull in zip(now.seen.balance[i], now.pull.front[i], strict=True)]
    c0 = now.p("concentration", i)
    effort = softmax([c0 * b + log(w) for b, w in zip(drawn, weight, strict=True)])
    massed = now.p("massing", i) * offensive
    kept = now.p("reserve_share", i) * free * (1.0 - COMMITTED * offensive)
    moved = [
        (((1.0 - massed) * m + massed * c) * (free - kept) - t) / now.p("move_days", i)
        for m, c, t in zip(holding, effort, own["troops"], strict=True)
    ]
    return Deployment([offensive * c / max(effort) for c in effort], moved)


# Battles


class Battles(NamedTuple):
    battle: list[float]  # 1 where one goes on, for each front
    factor: list[float]  # on the losses of each front
    share: list[float]  # of the losses of each front that falls in the battle
    fire_factor: list[float]  # on the rounds that each side wants to fire


def battles_of(now: Morning, moves: list[Deployment], in_force: float) -> Battles:
    sides, fronts = now.war["sides"], range(len(now.war["front_weight"]))
    if not now.has("battles"):
        quiet = [1.0 for _ in fronts]
        return Battles(now.war["battle"], quiet, [0.0 for _ in fronts], [1.0, 1.0])
    share, intensity = now.p("battle_front_share"), now.p("battle_intensity")
    battle = [
        battles_reference.next_battle(
            now.war["battle"][f],
            (moves[0].attacking[f], moves[1].attacking[f]),
            in_force > 0,
            now.shocks["battle"][f],
            now.calendar.new_week,
            now.p("battle_onset_days"),
            now.p("battle_days"),
            now.calendar.step,
        )
        for f in fronts
    ]
    found = [battles_reference.battles(one, share, intensity) for one in battle]
    return Battles(
        battle,
        [factor for factor, _ in found],
        [part for _, part in found],
        [battles_reference.fire_factor(side["troops"], battle, share, intensity) for side in sides],
    )


# Tempo


def next_log_tempo(now: Morning, f: int) -> float:
    """x = r x + s sqrt(1 - r^2) z at the start of each week"""
    x = now.war["log_tempo"][f]
    if not now.calendar.new_week:
        return float(x)
    r = exp(-7.0 / (now.p("tempo_persistence_days") * now.calendar.step))
    return float(r * x + now.p("tempo_spread") * sqrt(1.0 - r * r) * now.shocks["tempo"][f])


def tempo_of(log_tempo: float, parameters: Table) -> float:
    """tempo = exp(x - s^2 / 2)"""
    return exp(log_tempo - value(parameters, "tempo_spread", 0) ** 2 / 2.0)


# Losses


def exponents(law: str, parameters: Table) -> tuple[float, float]:
    """(p, q) of each law"""
    mixed = (value(parameters, "mixed_enemy_exponent", 0), value(parameters, "mixed_own_exponent", 0))
    return {"logarithmic": (0.0, 1.0), "linear": (1.0, 1.0), "square": (1.0, 0.0), "mixed": mixed}[law]


def losses_wanted(
    now: Morning,
    i: int,
    f: int,
    attacking: list[list[float]],
    tempo: float,
    activity: float,
    battle: float,
    enemy_effect: float,
) -> float:
    """L = v u a_j S_j^w R N_i^q [(1 - s) E_j^h N_j^p + s Y_j] K_i, Y_j = N_j X_j or N_j^p

    v = tempo exp(intensity) (1 + (y - 1) (B_i + B_j - B_i B_j)); `tempo` holds the first two. `battle` is the
    factor of a battle on the front, `enemy_effect` is X_j.
    """
    j = enemy(i)
    own, other = now.war["sides"][i], now.war["sides"][j]
    ours, theirs = attacking[i][f], attacking[j][f]
    p, q = exponents(now.structure["attrition_law"], now.parameters)
    surge = 1.0 + (now.p("surge", i) - 1.0) * (ours + theirs - ours * theirs)
    s = now.p("fire_share", i)
    numbers = other["troops"][f] / REFERENCE_FORCE
    aimed = power(numbers, p)
    shelled = numbers * enemy_effect if now.structure["fire_law"] == "munitions" else aimed
    skilled = power(other["skill"], now.p("skill_worth", j))
    armoured = power(now.seen.armour[j], now.p("armour_worth", j))
    cover = exp(-now.p("fortification_cover", i) * own["fortification"][f] * (1.0 - ours))
    exposed = 1.0 + (now.p("attacker_exposure", i) - 1.0) * ours
    return (
        (tempo * surge * activity * battle)
        * (now.p("attrition_coefficient", j) * REFERENCE_FORCE)
        * power(own["troops"][f] / REFERENCE_FORCE, q)
        * ((1.0 - s) * armoured * aimed + s * shelled)
        * skilled
        * (cover * exposed)
    )


# Assaults on a capital


Assault = tuple[float, float, float]  # whether it begins, whether the capital is taken, whom the side loses


def assaults_of(now: Morning, led: Leaders, moves: list[Deployment], guard: Pair) -> list[Assault]:
    if not now.has("northern_front"):
        return [(0.0, 0.0, 0.0)] * 2
    sides, effect = now.war["sides"], now.seen.effectiveness
    first, second = (side["reserve"] - sum(move.moved) for side, move in zip(sides, moves, strict=True))
    better = effect[0] - effect[1]
    return northern_front_reference.assaults(
        of_sides(now.war, "flank_open"),
        (led.flank_open[0], led.flank_open[1]),
        of_sides(now.war, "capital_taken"),
        (led.offensive[0], led.offensive[1]),
        (first, second),
        guard,
        (sides[0]["advantage"] + better, sides[1]["advantage"] - better),
        (led.error[0], led.error[1]),
        tuple(now.shocks["flank"]),
        tuple(now.shocks["assault"]),
        now.calendar.new_week,
        both(now.parameters, "offensive_threshold"),
        both(now.parameters, "assault_share"),
        now.p("assault_days"),
        both(now.parameters, "capital_defence"),
        now.p("assault_steepness"),
        now.p("assault_losses"),
        now.p("capital_guard_losses"),
        now.calendar.step,
    )


class Fighting(NamedTuple):
    attacking: list[list[float]]
    moved: list[list[float]]
    fire: Fire
    lost_on_front: list[list[float]]
    lost_in_reserve: list[float]
    lost: list[float]
    tempo: list[float]  # of each front, times the intensity of all
    assault: list[float]  # 1 for a side that assaults the enemy's capital today
    of_war: dict[str, list[float]]
    of_sides: list[dict[str, float]]


def fighting(now: Morning, led: Leaders) -> Fighting:
    sides, fronts = now.war["sides"], range(len(now.war["front_weight"]))
    guard = guards(now)
    moves = [deploy(now, i, led.offensive[i], guard[i]) for i in (0, 1)]
    attacking = [move.attacking for move in moves]
    fought = battles_of(now, moves, led.in_force)
    fire = fire_of(now.war, led.offensive, led.activity, fought.fire_factor, now.parameters, now.structure)
    law = now.structure["fire_law"]
    effect = [
        fire_effect(
            fire.counted[i],
            led.activity * fought.fire_factor[i],
            side,
            law,
            now.parameters,
            now.calendar.step,
        )
        for i, side in enumerate(sides)
    ]
    log_tempo = [next_log_tempo(now, f) for f in fronts]
    tempo = [tempo_of(x, now.parameters) * exp(now.war["intensity"]) for x in log_tempo]
    lost_on_front = [
        [
            bounded(
                losses_wanted(
                    now, i, f, attacking, tempo[f], led.activity, fought.factor[f], effect[enemy(i)]
                ),
                side["troops"][f] + moves[i].moved[f],
            )
            for f in fronts
        ]
        for i, side in enumerate(sides)
    ]
    assaults = assaults_of(now, led, moves, guard)
    lost = [sum(lost_on_front[i]) + assaults[i][2] for i in (0, 1)]
    tomorrow = []
    for i, side in enumerate(sides):
        begins, taken, _ = assaults[i]
        new = {
            "capital_assaults": side["capital_assaults"] + begins,
            "capital_taken": side["capital_taken"] + taken,
        }
        if now.has("battles"):
            in_battle = battles_reference.battle_losses(lost_on_front[i], fought.share)
            new["battle_losses"] = side["battle_losses"] + in_battle
        if now.has("decision"):
            new["usual_losses"] = decision_reference.next_usual(
                side["usual_losses"],
                lost[i],
                led.passed_on[i],
                led.activity,
                led.offensive[i],
                now.p("surge"),
                now.p("attacker_exposure"),
                now.p("perception_delay_days", i),
            )
        tomorrow.append(new)
    return Fighting(
        attacking,
        [move.moved for move in moves],
        fire,
        lost_on_front,
        [gone for _, _, gone in assaults],
        lost,
        tempo,
        [begins for begins, _, _ in assaults],
        {"log_tempo": log_tempo, "battle": fought.battle},
        tomorrow,
    )


# Ground


def ground_taken(now: Morning, led: Leaders, fought: Fighting, i: int) -> list[float]:
    """taken_i = bounded(g m_f v u_i / (1 + exp(-k b_i)) + m_f a max(c exp(n) z_i, 0), ground of j on f)

    u_i = r_i + (1 - r_i) B_i
    """
    sides = now.war["sides"]
    theirs = ground_held(sides[enemy(i)], sides[i])
    r = now.p("routine_pressure", i)
    spread = now.p("line_spread", i) * exp(now.war["volatility"])
    taken = []
    for f, w in enumerate(now.war["front_weight"]):
        pressure = r + (1.0 - r) * fought.attacking[i][f]
        breaking = logistic(now.p("advance_steepness", i) * now.seen.balance[i][f])
        v = led.activity * fought.tempo[f]
        wanted = now.p("advance_scale", i) * w * v * pressure * breaking
        wanted += w * led.activity * max(spread * now.shocks["line"][i], 0.0)
        taken.append(bounded(wanted, theirs[f]))
    return taken


def next_lines(
    lines: float, attacking: float, lost_ground: float, w: float, i: int, parameters: Table
) -> float:
    """dW = (1 - W) y / t - W (1 - exp(-taken / (m D))), y = 1 - attacking"""
    built = (1.0 - lines) * (1.0 - attacking) / value(parameters, "fortify_days", i)
    given_up = -lines * expm1(-lost_ground / (w * value(parameters, "fortification_depth", i)))
    return min(max(lines + built - given_up, 0.0), 1.0)
