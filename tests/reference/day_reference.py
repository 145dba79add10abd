"""One day of one war in ordinary Python and double precision, written from the equations in the docstrings.

Slow and plain on purpose: what the engine computes for thousands of wars at once has to agree with this.
Nothing here comes from the package: a war is a dictionary of floats and lists, so that each line can be held
against an equation. `plain_reference` says what the dictionaries hold; the chapters of the day are
`morning_reference`, `leaders_reference`, `fighting_reference`, `people_reference`, `material_reference` and
`course_reference`, which take the equations of optional mechanisms from a file for each of these.
"""

from __future__ import annotations

from copy import deepcopy

from tests.reference import belief_reference
from tests.reference.course_reference import breaks, escalation, will
from tests.reference.fighting_reference import fighting, ground_taken, next_lines
from tests.reference.leaders_reference import leaders
from tests.reference.material_reference import (
    civilians,
    drones,
    guns,
    industry,
    launches,
    shells,
    skies,
    supply_of,
    third_parties,
    vehicles,
)
from tests.reference.morning_reference import compare, force, morning
from tests.reference.people_reference import people, skill
from tests.reference.plain_reference import (
    Calendar,
    Flows,
    Side,
    Structure,
    Table,
    War,
    enemy,
    has,
    value,
)

__all__ = ["Calendar", "Flows", "War", "day", "first_morning"]

NOTHING_YET = (  # what is 0 on the first morning of every side
    "called_up",
    "emigrated",
    "killed",
    "wounded",
    "captured",
    "discharged",
    "armour_lost",
    "shells_fired",
    "truces_broken",
    "advantage",
    "offensive",
    "flank_open",
    "capital_assaults",
    "capital_taken",
    "battle_losses",
    "third_party_open",
    "third_party_level",
    "workforce_lost",
    "emigration_pressure",
    "back_from_abroad",
    "missiles_launched",
    "drones_launched",
    "missiles_leaked",
    "drones_leaked",
    "interceptors_fired",
    "civilians_killed",
    "broken_within",
    "internal_breaks",
    "collapsed",
    "exhausted",
)
AS_GIVEN = (  # stocks of which a parameter says how large they are at the start
    "armour_modern",
    "armour_legacy",
    "armour_storage",
    "shells",
    "skill",
    "usual_losses",
    "losses_to_replace",
    "artillery",
    "drones",
    "missiles",
    "long_range_drones",
    "interceptors",
    "grid",
    "displaced",
    "recent_deaths",
    "will",
)
OPTIONAL_FLOWS = (  # which are 0 where a war has not the mechanism
    "leaving_for_a_time",
    "coming_back",
    "artillery_built",
    "artillery_struck",
    "artillery_worn",
    "artillery_sent",
    "artillery_arriving",
    "drones_made",
    "drones_used",
    "drones_sent",
    "drones_arriving",
    "missiles_made",
    "missiles_arriving",
    "missiles_launched",
    "missiles_destroyed",
    "long_range_drones_made",
    "long_range_drones_arriving",
    "long_range_drones_launched",
    "long_range_drones_destroyed",
    "interceptors_made",
    "interceptors_sent",
    "interceptors_arriving",
    "interceptors_fired",
    "civilians_killed",
    "displacing",
    "displaced_returning",
)
UNDER_WAY = ("armour", "shells", "artillery", "drones", "interceptors")


def day(
    war: War,
    parameters: Table,
    structure: Structure,
    levers: Table,
    calendar: Calendar,
    shocks: Table,
    observed: list[float],
) -> tuple[War, list[Flows]]:
    """Return the war of tomorrow morning and today's flows of each side.

    `shocks` holds this week's standard normal numbers by the names of `Shocks`, `Drift` and `Events`;
    `observed` is 1 or 0 for a side whose decision is known, else -1.
    """
    now = morning(war, parameters, structure, levers, calendar, shocks)
    led = leaders(now, observed)
    fought = fighting(now, led)
    taken = [ground_taken(now, led, fought, i) for i in (0, 1)]
    supply = [supply_of(now, led, i) for i in (0, 1)]
    launched = [launches(now, led, i) for i in (0, 1)]

    tomorrow = {**deepcopy(now.war), **led.of_war, **fought.of_war}
    new: list[Side] = tomorrow["sides"]
    flows: list[Flows] = [dict.fromkeys(OPTIONAL_FLOWS, 0.0) for _ in (0, 1)]
    for i in (0, 1):
        side, other, flow = now.war["sides"][i], enemy(i), flows[i]
        new[i] |= led.of_sides[i] | fought.of_sides[i]
        people(new[i], flow, now, led, fought, i)
        skill(new[i], flow, now, led.activity, i)
        industry(new[i], now, i)
        third_parties(new[i], now, i)
        vehicles(new[i], flow, now, supply[i], fought.fire.vehicle_factor[i], i)
        shells(new[i], flow, now, supply[i], fought.fire.rounds[i], i)
        leaked = skies(new[i], flow, now, supply[i], launched, i)
        civilians(new[i], flow, now, leaked, fought.fire.rounds[other], i)
        breaks(new[i], now, flow, i)
        will(new[i], now, led, flow, i)
        flow["ground_taken"] = taken[i]
        new[i]["ground_taken"] = [
            before + won for before, won in zip(side["ground_taken"], taken[i], strict=True)
        ]
        new[i]["fortification"] = [
            next_lines(
                side["fortification"][f], fought.attacking[i][f], taken[other][f], w, i, now.parameters
            )
            for f, w in enumerate(war["front_weight"])
        ]
    guns(new, flows, now, fought, supply)
    drones(new, flows, now, led, fought, supply)
    tomorrow["escalation"] = escalation(now, led, fought, launched, taken, flows)
    return tomorrow, flows


def first_morning(
    parameters: Table,
    structure: Structure,
    weight: list[float],
    ground: list[list[float]],
    share: list[list[float]],
    aim: list[list[float]],
) -> War:
    """Return the state before the first day: delays in equal parts, leaders half-way through a rest.

    Each leader believes both forces to be as they are, with his bias.
    """
    sides: list[Side] = []
    for i in (0, 1):

        def p(name: str, i: int = i) -> float:
            return value(parameters, name, i)

        troops = p("initial_troops")
        reserve = p("reserve_share") * troops
        side: Side = dict.fromkeys(NOTHING_YET, 0.0)
        side |= {name: p(f"initial_{name}") for name in AS_GIVEN}
        side |= {f"{name}_in_transit": [0.0] * 3 for name in UNDER_WAY}
        side |= {
            "pool_at_start": p("initial_pool"),
            "trainees": [p("initial_trainees") / 3] * 3,
            "reserve": reserve,
            "troops": [part / sum(share[i]) * (troops - reserve) for part in share[i]],
            "recovering": [p("initial_recovering") / 2] * 2,
            "industry": 1.0,
            "drone_industry": 1.0,
            "ground_at_start": list(ground[i]),
            "ground_taken": [0.0 for _ in weight],
            "fortification": [p("initial_fortification") for _ in weight],
            "days_in_phase": p("rest_days") / 2,
            "aim": list(aim[i]),
            "sanctions_evaded": p("evaded_at_start") * p("sanctions_at_start"),
            "abroad": [p("initial_abroad") / 2] * 2,
        }
        side["highest_force"] = force(side)
        sides.append(side)
    war = {
        "sides": sides,
        "front_weight": weight,
        "log_tempo": [0.0 for _ in weight],
        "battle": [0.0 for _ in weight],
    }
    drifting = ("intensity", "lethality", "volatility")
    war |= dict.fromkeys(
        (*drifting, "truce", "provocation", "truces_collapsed", "escalation", "settled"), 0.0
    )
    seen = compare(war, parameters, structure)
    power = [
        belief_reference.log_power(force(side), seen.effectiveness[i], side["advantage"])
        for i, side in enumerate(sides)
    ]
    for i, side in enumerate(sides):
        ours, theirs = power[i], power[enemy(i)]
        bias = value(parameters, "perception_bias", i)
        lean = value(parameters, "distortion", i) * bias / 2.0
        side["believed_own"], side["believed_enemy"] = ours + lean, theirs - lean
        side["perceived"] = seen.total_balance[i] + bias
        if has(structure, "belief"):
            side["perceived"] = belief_reference.perceived(
                seen.total_balance[i], side["believed_own"], side["believed_enemy"], ours, theirs
            )
    return war
