"""The course of the reference war: breaks from within, will, and the hazard of a wider war."""

from __future__ import annotations

from tests.reference import ending_reference, escalation_reference, internal_break_reference
from tests.reference.fighting_reference import Fighting
from tests.reference.leaders_reference import Leaders
from tests.reference.material_reference import Launched
from tests.reference.morning_reference import Morning, force, people_of
from tests.reference.plain_reference import Flows, Side, enemy


def breaks(new: Side, now: Morning, flows: Flows, i: int) -> None:
    if not now.has("internal_break"):
        return
    side, other = now.war["sides"][i], now.war["sides"][enemy(i)]
    x = internal_break_reference.risk(
        now.production.bite[i],
        side["recent_deaths"],
        people_of(side),
        internal_break_reference.lost(side["ground_taken"], other["ground_taken"], side["ground_at_start"]),
        now.p("break_by_sanctions"),
        now.p("break_by_deaths"),
        now.p("break_by_ground"),
    )
    new["broken_within"], began = internal_break_reference.day(
        side["broken_within"],
        x,
        now.shocks["internal_break"][i],
        now.calendar.new_week,
        now.p("internal_break_rate", i),
        now.p("break_days", i),
        now.calendar.step,
    )
    new["internal_breaks"] += began
    new["recent_deaths"] = internal_break_reference.remembered(
        side["recent_deaths"], flows["killed"], now.p("grief_days")
    )


def will(new: Side, now: Morning, led: Leaders, flows: Flows, i: int) -> None:
    """Will, and the largest force so far; hardship is the share of war production lost"""
    if not now.has("ending"):
        return
    side = now.war["sides"][i]
    new["highest_force"] = max(side["highest_force"], force(side))
    new["will"] = ending_reference.will(
        side["will"],
        flows["killed"],
        people_of(side),
        1.0 - min(now.production.factor[i], 1.0),
        led.in_force > 0,
        now.p("will_by_deaths", i),
        now.p("will_by_hardship", i),
        now.p("will_recovery_days", i),
    )


def escalation(
    now: Morning,
    led: Leaders,
    fought: Fighting,
    launched: list[Launched],
    taken: list[list[float]],
    flows: list[Flows],
) -> float:
    """Expected wider wars so far; a capital that has been taken counts as one under assault"""
    if not now.has("escalation"):
        return float(now.war["escalation"])
    sides = now.war["sides"]
    near = [
        ending_reference.near(force(side), max(side["highest_force"], force(side)), now.p("collapse_share"))
        for side in sides
    ]
    assault = [max(fought.assault[i], sides[i]["capital_taken"]) for i in (0, 1)]
    x = escalation_reference.fold(
        (near[0], near[1]),
        escalation_reference.pace(*taken),
        (flows[0]["shells_arriving"], flows[1]["shells_arriving"]),
        (flows[0]["shells_made"], flows[1]["shells_made"]),
        (assault[0], assault[1]),
        (sum(launched[0]), sum(launched[1])),
        now.parameters,
    )
    return escalation_reference.day(
        now.war["escalation"],
        x,
        led.in_force > 0,
        led.ended,
        now.p("escalation_rate"),
        now.p("escalation_truce_share"),
    )
