"""One day of one war in ordinary Python and double precision, written from the equations in the docstrings.

Slow and plain on purpose: what the engine computes for thousands of wars at once has to agree with this.
Nothing here comes from the package: a war is a dictionary of floats and lists, so that each line can be held
against an equation.

A war:  {"sides": [side, side], "log_tempo": [F], "intensity": x, "lethality": x, "volatility": x,
         "front_weight": [F], "truce": 0 or 1}
A side: the stocks of `ceasefire.war.State` for one side, as floats, or as lists over fronts or stages.
Parameters and levers: name -> [side 0, side 1] where they are per side, else a float.
"""

from __future__ import annotations

from copy import deepcopy
from math import erfc, exp, expm1, log, sqrt
from typing import Any, NamedTuple

War = dict[str, Any]
Side = dict[str, Any]
Table = dict[str, Any]
Flows = dict[str, Any]

REFERENCE_FORCE = 100_000.0  # persons
REFERENCE_FIRE = 4_000.0  # rounds a day for one reference force
REFERENCE_DENSITY = 0.02  # vehicles per person
MOST_DENSE = 3.0  # for the loss and the effect of vehicles
LEAST_EQUIPPED = 0.05  # for the effect of vehicles
COMMITTED = 0.75  # share of the reserve that goes into an offensive
COUNTS = (  # what has happened since the start
    "called_up",
    "emigrated",
    "killed",
    "wounded",
    "captured",
    "discharged",
    "armour_lost",
    "shells_fired",
    "truces_broken",
)


# Shapes of flows


def bounded(flow: float, stock: float) -> float:
    """taken = stock (1 - exp(-flow / stock))"""
    return -stock * expm1(-flow / stock) if stock > 0 else 0.0


def delay(stages: list[float], inflow: float, mean_days: float) -> tuple[list[float], float]:
    """Each of K stages passes on the share min(1, K / mean) of what it held this morning."""
    share = min(1.0, len(stages) / mean_days)
    passed = [share * stage for stage in stages]
    arrivals = [inflow, *passed[:-1]]
    return [stage - left + came for stage, left, came in zip(stages, passed, arrivals, strict=True)], passed[
        -1
    ]


def ratio(part: float, whole: float) -> float:
    return part / whole if whole > 0 else 0.0


def power(base: float, exponent: float) -> float:
    """base^exponent with 0^0 = 1"""
    if exponent == 0:
        return 1.0
    return exp(exponent * log(base)) if base > 0 else 0.0


def logistic(x: float) -> float:
    if x >= 0:
        return 1.0 / (1.0 + exp(-x))
    return exp(x) / (1.0 + exp(x))


def softmax(values: list[float]) -> list[float]:
    weights = [exp(value - max(values)) for value in values]
    return [weight / sum(weights) for weight in weights]


# What a side has this morning


def force(side: Side) -> float:
    """A: soldiers on the fronts and in reserve"""
    return sum(side["troops"]) + side["reserve"]


def ground_held(side: Side, other: Side) -> list[float]:
    """Ground that the other could take: at the start, less what was lost, plus what was won."""
    return [
        max(start - lost + won, 0.0)
        for start, lost, won in zip(
            side["ground_at_start"], other["ground_taken"], side["ground_taken"], strict=True
        )
    ]


def relative_density(side: Side, legacy_worth: float) -> float:
    """E = (V_m + w V_l) / (A D0), held between 0.05 and 3"""
    worth = side["armour_modern"] + legacy_worth * side["armour_legacy"]
    return min(max(worth / (force(side) * REFERENCE_DENSITY), LEAST_EQUIPPED), MOST_DENSE)


def fired(side: Side, i: int, offensive: float, activity: float, parameters: Table) -> float:
    """wanted = f (1 + (b - 1) O) v;  fired = wanted M / (M + t wanted)"""
    planned = value(parameters, "fire_plan", i) * activity
    wanted = planned * (1.0 + (value(parameters, "offensive_fire", i) - 1.0) * offensive)
    return ratio(wanted * side["shells"], side["shells"] + value(parameters, "ration_days", i) * wanted)


def fire_effect(fire: float, activity: float, side: Side, law: str, parameters: Table) -> float:
    """X = (fired / (v R_F N))^g where munitions limit fire, 1 where only numbers do"""
    if law == "numbers":
        return 1.0
    numbers = sum(side["troops"]) / REFERENCE_FORCE
    return power(ratio(fire, activity * REFERENCE_FIRE * numbers), value(parameters, "fire_returns", 0))


def value(table: Table, name: str, side: int) -> float:
    """A parameter or lever of a side; one for the whole war is the same for both."""
    found = table[name]
    return float(found[side] if isinstance(found, list) else found)


def enemy(i: int) -> int:
    return 1 - i


# How the forces compare this morning


class Comparison(NamedTuple):
    armour: list[float]  # E of each side
    balance: list[list[float]]  # b of each side on each front
    total_balance: list[float]  # y of each side


def compare(war: War, parameters: Table, structure: dict[str, str]) -> Comparison:
    """Compare the two forces. The fire is what this morning's stock allows where no truce is in force."""
    sides, weight = war["sides"], war["front_weight"]
    armour, effectiveness = [], []
    for i, side in enumerate(sides):
        armour.append(relative_density(side, value(parameters, "legacy_worth", i)))
        fire = fired(side, i, side["offensive"], 1.0, parameters)
        x = fire_effect(fire, 1.0, side, structure["fire_law"], parameters)
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
        won = [own - theirs for own, theirs in zip(side["ground_taken"], other["ground_taken"], strict=True)]
        balance.append(
            [
                attack(i, side["troops"][f], other["troops"][f], lines[f], won[f] / w)
                for f, w in enumerate(weight)
            ]
        )
        mean_lines = sum(line * w for line, w in zip(lines, weight, strict=True))
        total_balance.append(attack(i, force(side), force(other), mean_lines, sum(won)))
    return Comparison(armour, balance, total_balance)


# Belief, decision, truce


def believed(side: Side, i: int, balance: float, shock: float, parameters: Table) -> float:
    """dZ = (y + p + n z - Z) / l"""
    reported = (
        balance + value(parameters, "perception_bias", i) + value(parameters, "perception_noise", i) * shock
    )
    return float(
        side["perceived"] + (reported - side["perceived"]) / value(parameters, "perception_delay_days", i)
    )


class Decision(NamedTuple):
    offensive: float
    days_in_phase: float
    started: float


def ends_by_chance(shock: float, new_week: bool, i: int, parameters: Table) -> bool:
    """In the first step of a week, with the chance 1 - exp(-7 / offensive_days)"""
    chance = -expm1(-7.0 / value(parameters, "offensive_days", i))
    return new_week and 0.5 * erfc(-shock / sqrt(2.0)) < chance


def decide(
    side: Side, i: int, balance: float, truce: float, over: bool, observed: float, parameters: Table,
    levers: Table,
) -> Decision:  # fmt: skip
    """Start, continue or end an offensive, by the rule or as observed; a truce stops one under way."""
    was = now = side["offensive"]
    threshold = value(parameters, "offensive_threshold", i)
    monitors = value(parameters, "monitoring_cost", i) * value(levers, "monitored", i)
    hurdle = threshold + truce * (value(parameters, "truce_cost", i) + monitors)
    allowed = value(levers, "offensives", i) > 0
    if was == 0:
        rested = side["days_in_phase"] >= value(parameters, "rest_days", i)
        if rested and allowed and side["perceived"] > hurdle:
            now = 1.0
    else:
        too_weak = balance < threshold - value(parameters, "culmination_drop", i)
        if over or too_weak or not allowed:
            now = 0.0
    if observed >= 0:
        now = observed
    started = was == 0 and now == 1
    if truce > 0 and not started:
        now = 0.0
    return Decision(now, 0.0 if now != was else side["days_in_phase"] + 1.0, float(started))


def activity_in(truce: float, parameters: Table, levers: Table) -> float:
    """1 where no truce is in force, else v (1 - m monitored)"""
    if truce == 0:
        return 1.0
    monitors = value(parameters, "monitoring_effect", 0) * value(levers, "monitored", 0)
    return value(parameters, "violation_level", 0) * (1.0 - monitors)


# Where the troops go


class Deployment(NamedTuple):
    attacking: list[float]  # B on each front
    moved: list[float]  # persons a day, from the reserve to each front


def deploy(war: War, i: int, offensive: float, balance: list[float], parameters: Table) -> Deployment:
    """Mirror the enemy and the length of the fronts, keep a reserve, mass where the attack goes."""
    weight = war["front_weight"]
    own, other = war["sides"][i], war["sides"][enemy(i)]
    z = value(parameters, "mirroring", i)
    holding = [
        (1.0 - z) * w + z * ratio(theirs, sum(other["troops"]))
        for w, theirs in zip(weight, other["troops"], strict=True)
    ]
    c0 = value(parameters, "concentration", i)
    effort = softmax([c0 * b + log(w) for b, w in zip(balance, weight, strict=True)])
    massed = value(parameters, "massing", i) * offensive
    kept = value(parameters, "reserve_share", i) * force(own) * (1.0 - COMMITTED * offensive)
    moved = [
        (((1.0 - massed) * m + massed * c) * (force(own) - kept) - t) / value(parameters, "move_days", i)
        for m, c, t in zip(holding, effort, own["troops"], strict=True)
    ]
    return Deployment([offensive * c / max(effort) for c in effort], moved)


# Tempo


def next_log_tempo(log_tempo: float, shock: float, new_week: bool, parameters: Table) -> float:
    """x = r x + s sqrt(1 - r^2) z at the start of each week"""
    if not new_week:
        return log_tempo
    r = exp(-7.0 / value(parameters, "tempo_persistence_days", 0))
    return r * log_tempo + value(parameters, "tempo_spread", 0) * sqrt(1.0 - r * r) * shock


def tempo_of(log_tempo: float, parameters: Table) -> float:
    """tempo = exp(x - s^2 / 2)"""
    return exp(log_tempo - value(parameters, "tempo_spread", 0) ** 2 / 2.0)


# Drift


def next_drift(name: str, x: float, shock: float, new_week: bool, parameters: Table) -> float:
    """x = r x + s sqrt(1 - r^2) z at the start of each week, r = exp(-7 / d)"""
    if not new_week:
        return x
    r = exp(-7.0 / value(parameters, f"{name}_persistence_days", 0))
    return r * x + value(parameters, f"{name}_spread", 0) * sqrt(1.0 - r * r) * shock


def lethal_share(killed_share: float, lethality: float) -> float:
    """k = logistic(logit(killed_share) + lethality)"""
    return logistic(log(killed_share / (1.0 - killed_share)) + lethality)


# Losses


def exponents(law: str, parameters: Table) -> tuple[float, float]:
    """(p, q) of each law"""
    mixed = (value(parameters, "mixed_enemy_exponent", 0), value(parameters, "mixed_own_exponent", 0))
    return {"logarithmic": (0.0, 1.0), "linear": (1.0, 1.0), "square": (1.0, 0.0), "mixed": mixed}[law]


def losses_wanted(
    war: War,
    i: int,
    f: int,
    attacking: list[list[float]],
    tempo: float,
    activity: float,
    enemy_fire: float,
    enemy_armour: float,
    parameters: Table,
    structure: dict[str, str],
) -> float:
    """L = v u a_j S_j^w R N_i^q [(1 - s) E_j^h N_j^p + s Y_j] K_i, Y_j = N_j X_j or N_j^p

    v = tempo exp(intensity) (1 + (y - 1) (B_i + B_j - B_i B_j)); `tempo` holds the first two
    """
    j = enemy(i)
    own, other = war["sides"][i], war["sides"][j]
    ours, theirs = attacking[i][f], attacking[j][f]
    p, q = exponents(structure["attrition_law"], parameters)
    surge = 1.0 + (value(parameters, "surge", i) - 1.0) * (ours + theirs - ours * theirs)
    s = value(parameters, "fire_share", i)
    x = fire_effect(enemy_fire, activity, other, structure["fire_law"], parameters)
    numbers = other["troops"][f] / REFERENCE_FORCE
    aimed = power(numbers, p)
    shelled = numbers * x if structure["fire_law"] == "munitions" else aimed
    skilled = power(other["skill"], value(parameters, "skill_worth", j))
    armoured = power(enemy_armour, value(parameters, "armour_worth", j))
    cover = exp(-value(parameters, "fortification_cover", i) * own["fortification"][f] * (1.0 - ours))
    exposed = 1.0 + (value(parameters, "attacker_exposure", i) - 1.0) * ours
    return (
        (tempo * surge * activity)
        * (value(parameters, "attrition_coefficient", j) * REFERENCE_FORCE)
        * power(own["troops"][f] / REFERENCE_FORCE, q)
        * ((1.0 - s) * armoured * aimed + s * shelled)
        * skilled
        * (cover * exposed)
    )


# People, skill, industry, vehicles, shells, ground: each changes tomorrow's side and notes its flows


def people(
    new: Side, flows: Flows, side: Side, i: int, supply: float, lost: list[float], moved: list[float],
    lethality: float, parameters: Table, levers: Table,
) -> None:  # fmt: skip
    pool = side["pool_at_start"] - side["called_up"] - side["emigrated"]
    drafted = value(levers, "mobilisation", i) * supply
    volunteers = value(levers, "recruitment", i) * supply
    called_up = bounded(value(parameters, "call_up_yield", i) * (volunteers + drafted), pool)
    left = pool - called_up
    driven_out = value(parameters, "emigration_response", i) * drafted
    emigrating = bounded(driven_out + value(parameters, "emigration_rate", i) * left, left)
    captured = value(parameters, "captured_share", i) * sum(lost)
    killed = lethal_share(value(parameters, "killed_share", i), lethality) * (sum(lost) - captured)
    wounded = sum(lost) - captured - killed
    new["trainees"], graduates = delay(side["trainees"], called_up, value(levers, "training_days", i))
    new["recovering"], recovered = delay(side["recovering"], wounded, value(parameters, "recovery_days", i))
    returned = value(parameters, "return_share", i) * recovered
    new["called_up"] += called_up
    new["emigrated"] += emigrating
    new["killed"] += killed
    new["wounded"] += wounded
    new["captured"] += captured
    new["discharged"] += recovered - returned
    new["troops"] = [t + came - fell for t, came, fell in zip(side["troops"], moved, lost, strict=True)]
    new["reserve"] = side["reserve"] - sum(moved) + graduates + returned
    flows |= {"called_up": called_up, "emigrating": emigrating, "graduates": graduates, "losses": sum(lost)}
    flows |= {"killed": killed, "wounded": wounded, "captured": captured}
    flows |= {"returned": returned, "discharged": recovered - returned}


def skill(
    new: Side, flows: Flows, side: Side, i: int, activity: float, parameters: Table, levers: Table
) -> None:
    army, s = force(side), side["skill"]
    u = value(parameters, "untrained_skill", i)
    trained = 1.0 - exp(-value(levers, "training_days", i) / value(parameters, "training_time", i))
    renewed = ratio(flows["graduates"], army + flows["graduates"])
    selected = value(parameters, "skill_selection", i) * ratio(flows["losses"], army)
    resting = ratio(side["reserve"] + sum(side["troops"]) * (1.0 - activity), army)
    change = (
        renewed * (u + (1.0 - u) * trained - s)
        - selected * s * (1.0 - s)
        + resting * (1.0 - s) / value(parameters, "rest_training_days", i)
    )
    new["skill"] = min(max(s + change, 0.01), 1.0)


def industry(new: Side, side: Side, i: int, parameters: Table, levers: Table) -> None:
    """dI = (1 + (c - 1) e - I) / r"""
    target = 1.0 + (value(parameters, "industry_ceiling", i) - 1.0) * value(levers, "economy", i)
    new["industry"] += (target - side["industry"]) / value(parameters, "ramp_days", i)


def vehicles(
    new: Side, flows: Flows, side: Side, i: int, effort: float, sent: float, parameters: Table
) -> None:
    modern, legacy = side["armour_modern"], side["armour_legacy"]
    built = value(parameters, "armour_output", i) * effort
    refurbished = bounded(value(parameters, "refurbishment_capacity", i) * effort, side["armour_storage"])
    density = min(ratio(modern + legacy, force(side) * REFERENCE_DENSITY), MOST_DENSE)
    lost = bounded(value(parameters, "armour_per_casualty", i) * flows["losses"] * density, modern + legacy)
    new["armour_in_transit"], arriving = delay(
        side["armour_in_transit"], sent, value(parameters, "aid_delay_days", i)
    )
    new["armour_modern"] += built + arriving - lost * ratio(modern, modern + legacy)
    new["armour_legacy"] += refurbished - lost * ratio(legacy, modern + legacy)
    new["armour_storage"] -= refurbished
    new["armour_lost"] += lost
    flows |= {"armour_built": built, "armour_refurbished": refurbished, "armour_lost": lost}
    flows |= {"armour_sent": sent, "armour_arriving": arriving}


def shells(
    new: Side, flows: Flows, side: Side, i: int, effort: float, sent: float, fire: float, parameters: Table
) -> None:
    """dM = o I p + arriving - fired"""
    made = value(parameters, "shell_output", i) * effort
    new["shells_in_transit"], arriving = delay(
        side["shells_in_transit"], sent, value(parameters, "aid_delay_days", i)
    )
    new["shells"] += made + arriving - fire
    new["shells_fired"] += fire
    flows |= {"shells_made": made, "shells_fired": fire, "shells_sent": sent, "shells_arriving": arriving}


def ground_taken(
    war: War, i: int, attacking: list[float], balance: list[float], fought: list[float], activity: float,
    shock: float, volatility: float, parameters: Table,
) -> list[float]:  # fmt: skip
    """taken_i = bounded(g m_f v u_i / (1 + exp(-k b_i)) + m_f a max(c exp(n) z_i, 0), ground of j on f)

    u_i = r_i + (1 - r_i) B_i; `fought` is v, `activity` is a, `shock` is z, `volatility` is n
    """
    theirs = ground_held(war["sides"][enemy(i)], war["sides"][i])
    r = value(parameters, "routine_pressure", i)
    taken = []
    for f, w in enumerate(war["front_weight"]):
        pressure = r + (1.0 - r) * attacking[f]
        breaking = logistic(value(parameters, "advance_steepness", i) * balance[f])
        wanted = value(parameters, "advance_scale", i) * w * fought[f] * pressure * breaking
        wanted += w * activity * max(value(parameters, "line_spread", i) * exp(volatility) * shock, 0.0)
        taken.append(bounded(wanted, theirs[f]))
    return taken


def next_lines(
    lines: float, attacking: float, lost_ground: float, w: float, i: int, parameters: Table
) -> float:
    """dW = (1 - W) y / t - W (1 - exp(-taken / (m D))), y = 1 - attacking"""
    built = (1.0 - lines) * (1.0 - attacking) / value(parameters, "fortify_days", i)
    given_up = -lines * expm1(-lost_ground / (w * value(parameters, "fortification_depth", i)))
    return min(max(lines + built - given_up, 0.0), 1.0)


def day(
    war: War,
    parameters: Table,
    structure: dict[str, str],
    levers: Table,
    truce_begins: bool,
    truce_ends: bool,
    new_week: bool,
    tempo_shock: list[float],
    perception_shock: list[float],
    culmination_shock: list[float],
    drift_shock: Table,
    line_shock: list[float],
    observed: list[float],
) -> tuple[War, list[Flows]]:
    """Return the war of tomorrow morning and today's flows of each side."""
    intensity, lethality, volatility = (
        next_drift(name, war[name], drift_shock[name], new_week, parameters)
        for name in ("intensity", "lethality", "volatility")
    )
    advantage = [
        next_drift(
            "advantage", war["sides"][i]["advantage"], drift_shock["advantage"][i], new_week, parameters
        )
        for i in (0, 1)
    ]
    moved = [{**side, "advantage": now} for side, now in zip(war["sides"], advantage, strict=True)]
    war = {**war, "sides": moved}
    sides, weight = war["sides"], war["front_weight"]
    fronts = range(len(weight))
    seen = compare(war, parameters, structure)

    truce = 1.0 if truce_begins else 0.0 if truce_ends else war["truce"]
    over = [ends_by_chance(culmination_shock[i], new_week, i, parameters) for i in (0, 1)]
    decisions = [
        decide(sides[i], i, seen.total_balance[i], truce, over[i], observed[i], parameters, levers)
        for i in (0, 1)
    ]
    broken = [truce * decision.started for decision in decisions]
    truce = 0.0 if max(broken) > 0 else truce
    activity = activity_in(truce, parameters, levers)

    moves = [deploy(war, i, decisions[i].offensive, seen.balance[i], parameters) for i in (0, 1)]
    attacking = [move.attacking for move in moves]
    fire = [fired(sides[i], i, decisions[i].offensive, activity, parameters) for i in (0, 1)]
    log_tempo = [next_log_tempo(war["log_tempo"][f], tempo_shock[f], new_week, parameters) for f in fronts]
    tempo = [tempo_of(x, parameters) * exp(intensity) for x in log_tempo]

    lost = [
        [
            bounded(
                losses_wanted(
                    war, i, f, attacking, tempo[f], activity, fire[enemy(i)], seen.armour[enemy(i)],
                    parameters, structure,
                ),
                sides[i]["troops"][f] + moves[i].moved[f],
            )
            for f in fronts
        ]
        for i in (0, 1)
    ]  # fmt: skip
    fought = [activity * tempo[f] for f in fronts]
    taken = [
        ground_taken(
            war, i, attacking[i], seen.balance[i], fought, activity, line_shock[i], volatility, parameters
        )
        for i in (0, 1)
    ]

    tomorrow = {
        "sides": deepcopy(sides),
        "log_tempo": log_tempo,
        "intensity": intensity,
        "lethality": lethality,
        "volatility": volatility,
        "front_weight": weight,
        "truce": truce,
    }
    flows: list[Flows] = [{}, {}]
    for i in (0, 1):

        def supply(name: str, i: int = i) -> float:
            return value(levers, name, i) if truce > 0 else 1.0

        side, new, flow = sides[i], tomorrow["sides"][i], flows[i]
        effort = side["industry"] * supply("truce_production")
        aid = supply("truce_aid")
        people(
            new, flow, side, i, supply("truce_recruitment"), lost[i], moves[i].moved, lethality, parameters,
            levers,
        )  # fmt: skip
        skill(new, flow, side, i, activity, parameters, levers)
        industry(new, side, i, parameters, levers)
        vehicles(new, flow, side, i, effort, aid * value(levers, "aid_armour", i), parameters)
        shells(new, flow, side, i, effort, aid * value(levers, "aid_shells", i), fire[i], parameters)
        flow["ground_taken"] = taken[i]
        new["ground_taken"] = [
            before + won for before, won in zip(side["ground_taken"], taken[i], strict=True)
        ]
        new["fortification"] = [
            next_lines(
                side["fortification"][f], attacking[i][f], taken[enemy(i)][f], weight[f], i, parameters
            )
            for f in fronts
        ]
        new["perceived"] = believed(side, i, seen.total_balance[i], perception_shock[i], parameters)
        new["offensive"] = decisions[i].offensive
        new["days_in_phase"] = decisions[i].days_in_phase
        new["truces_broken"] += broken[i]
    return tomorrow, flows


def first_morning(
    parameters: Table,
    structure: dict[str, str],
    weight: list[float],
    ground: list[list[float]],
    share: list[list[float]],
) -> War:
    """Return the state before the first day: delays in equal parts, leaders half-way through a rest."""
    sides: list[Side] = []
    for i in (0, 1):
        troops = value(parameters, "initial_troops", i)
        reserve = value(parameters, "reserve_share", i) * troops
        side: Side = dict.fromkeys(COUNTS, 0.0)
        side |= {
            "pool_at_start": value(parameters, "initial_pool", i),
            "trainees": [value(parameters, "initial_trainees", i) / 3] * 3,
            "reserve": reserve,
            "troops": [part / sum(share[i]) * (troops - reserve) for part in share[i]],
            "recovering": [value(parameters, "initial_recovering", i) / 2] * 2,
            "skill": value(parameters, "initial_skill", i),
            "industry": 1.0,
            "armour_modern": value(parameters, "initial_armour_modern", i),
            "armour_legacy": value(parameters, "initial_armour_legacy", i),
            "armour_storage": value(parameters, "initial_armour_storage", i),
            "armour_in_transit": [0.0] * 3,
            "shells": value(parameters, "initial_shells", i),
            "shells_in_transit": [0.0] * 3,
            "ground_at_start": list(ground[i]),
            "ground_taken": [0.0 for _ in weight],
            "fortification": [value(parameters, "initial_fortification", i) for _ in weight],
            "advantage": 0.0,
            "perceived": 0.0,
            "offensive": 0.0,
            "days_in_phase": value(parameters, "rest_days", i) / 2,
        }
        sides.append(side)
    war = {
        "sides": sides,
        "log_tempo": [0.0 for _ in weight],
        "intensity": 0.0,
        "lethality": 0.0,
        "volatility": 0.0,
        "front_weight": weight,
        "truce": 0.0,
    }
    seen = compare(war, parameters, structure)
    for i in (0, 1):
        sides[i]["perceived"] = seen.total_balance[i] + value(parameters, "perception_bias", i)
    return war
