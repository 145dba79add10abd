"""The leaders of the reference day: belief, decision, truce, and whether the war goes on."""

from __future__ import annotations

from math import erfc, expm1, inf, log, sqrt
from typing import Any, NamedTuple

from tests.reference import (
    belief_reference,
    decision_reference,
    ending_reference,
    northern_front_reference,
    violations_reference,
)
from tests.reference.morning_reference import Morning, force
from tests.reference.plain_reference import Side, enemy, of_sides


class Seen(NamedTuple):
    """The balance of the whole forces as one leader sees it"""

    perceived: float  # by which he starts an offensive
    noticed: float  # by which he ends it
    tomorrow: float  # stock `perceived` of tomorrow
    own: float  # log power that he believes his force to have
    other: float  # and that of the enemy


def distortion(now: Morning, i: int) -> float:
    """x: what of the usual distortion the policy leaves"""
    return now.p("distortion", i) * now.lever("distorted_reports", i)


def powers(now: Morning) -> list[float]:
    """P of both sides"""
    return [
        belief_reference.log_power(force(side), now.seen.effectiveness[i], side["advantage"])
        for i, side in enumerate(now.war["sides"])
    ]


def seen_by(now: Morning, i: int) -> Seen:
    """Without belief: dZ = (y + p + n z - Z) / l, and a leader notices the true balance at once."""
    side, true, shock = now.war["sides"][i], now.seen.total_balance[i], now.shocks["perception"][i]
    if not now.has("belief"):
        reported = true + now.p("perception_bias", i) + now.p("perception_noise", i) * shock
        late = side["perceived"] + (reported - side["perceived"]) / now.p("perception_delay_days", i)
        return Seen(side["perceived"], true, late, side["believed_own"], side["believed_enemy"])
    leader = belief_reference.Leader(
        distortion(now, i),
        now.p("bad_news_filter", i),
        now.p("perception_bias", i),
        now.p("perception_noise", i),
        now.p("perception_delay_days", i) * now.calendar.step,
    )
    told = (powers(now)[i], powers(now)[enemy(i)])
    own, other = belief_reference.next_belief(
        side["believed_own"], side["believed_enemy"], *told, shock, leader, now.calendar.step
    )
    z = belief_reference.perceived(true, own, other, *told)
    return Seen(z, z, z, own, other)


def passed_on(now: Morning, i: int) -> float:
    """s = max(1 - x q, 0): share of bad news that reaches a leader"""
    if not now.has("belief"):
        return 1.0
    return max(1.0 - distortion(now, i) * now.p("bad_news_filter", i), 0.0)


def case_of(now: Morning, i: int, seen: Seen, truce: float) -> decision_reference.Case:
    """What a leader weighs"""
    side = now.war["sides"][i]
    names = (
        "offensive_threshold", "truce_cost", "monitoring_cost", "culmination_drop", "success_worth",
        "success_steepness",
    )  # fmt: skip
    return {name: now.p(name, i) for name in names} | {
        "perceived": seen.perceived,
        "noticed": seen.noticed,
        "monitored": now.lever("monitored"),
        "truce": truce,
        "aim": now.pull.whole[i],
        "expected_losses": decision_reference.expected_losses(
            side["usual_losses"],
            force(side),
            now.p("surge"),
            now.p("attacker_exposure"),
            now.p("offensive_days", i),
        ),
    }


def required(now: Morning, case: decision_reference.Case) -> float:
    """r = h - a, or ln(E / (w - E)) / k - a, never where E >= w"""
    if not now.has("decision"):
        return float(case["offensive_threshold"] - case["aim"])
    cost, worth = case["expected_losses"], case["success_worth"]
    if cost >= worth:
        return inf
    if cost <= 0:
        return -inf
    return float(log(cost / (worth - cost)) / case["success_steepness"] - case["aim"])


class Decision(NamedTuple):
    offensive: float
    days_in_phase: float
    started: float


def ends_by_chance(now: Morning, i: int) -> bool:
    """In the first step of a week, with the chance 1 - exp(-7 / offensive_days)"""
    chance = -expm1(-7.0 / (now.p("offensive_days", i) * now.calendar.step))
    shock = now.shocks["culmination"][i]
    return now.calendar.new_week and 0.5 * erfc(-shock / sqrt(2.0)) < chance


def decide(
    now: Morning, side: Side, i: int, seen: Seen, truce: float, ended: bool, observed: float
) -> Decision:
    """Start, continue or end an offensive, by the rule or as observed.

    A truce stops one under way, and nobody attacks in a war that has ended.
    """
    was = chosen = side["offensive"]
    broken = now.has("internal_break") and side["broken_within"] > 0
    allowed = now.lever("offensives", i) > 0 and not broken and not ended
    rule = decision_reference.expected_utility if now.has("decision") else decision_reference.threshold
    would_start, would_stop = rule(case_of(now, i, seen, truce))
    if was == 0:
        rested = side["days_in_phase"] >= now.p("rest_days", i)
        if rested and allowed and would_start:
            chosen = 1.0
    elif ends_by_chance(now, i) or would_stop or not allowed:
        chosen = 0.0
    if observed >= 0:
        chosen = observed
    started = was == 0 and chosen == 1 and not ended
    halted = chosen == 1 and (ended or (truce > 0 and not started))
    days = 0.0 if halted or chosen != was else side["days_in_phase"] + 1.0
    return Decision(0.0 if halted else chosen, days, float(started))


class Leaders(NamedTuple):
    offensive: list[float]
    in_force: float  # 1 where a truce is in force today
    activity: float  # share of the fighting that goes on
    ended: bool
    flank_open: list[float]
    error: list[float]  # Z - Y of each leader
    passed_on: list[float]
    of_war: dict[str, float]  # stocks of the war tomorrow
    of_sides: list[dict[str, float]]  # stocks of the sides tomorrow


def ending_of(now: Morning, seen: list[Seen]) -> ending_reference.War:
    """How the war has ended by this morning's stocks"""
    sides, y = now.war["sides"], now.seen.total_balance
    so_far = ending_reference.War(
        of_sides(now.war, "collapsed"), of_sides(now.war, "exhausted"), now.war["settled"]
    )
    if not now.has("ending"):
        return so_far
    k, b = now.p("collapse_share"), now.p("collapse_balance")
    first, second = (
        ending_reference.collapse(force(side), max(side["highest_force"], force(side)), y[enemy(i)], k, b)
        for i, side in enumerate(sides)
    )
    will = of_sides(now.war, "will")
    hazard = ending_reference.hazard(
        will,
        (seen[0].perceived, seen[1].perceived),
        (required(now, case_of(now, 0, seen[0], 0.0)), required(now, case_of(now, 1, seen[1], 0.0))),
        now.p("settlement_rate"),
    )
    return ending_reference.day(
        so_far,
        (first, second),
        will,
        hazard / now.calendar.step,
        now.shocks["settlement"],
        now.calendar.new_week,
    )


class Truce(NamedTuple):
    """The truce of this morning, before anybody breaks it"""

    in_force: float
    activity: float  # where it is in force
    provocation: float
    collapsed: float


def truce_of(now: Morning) -> Truce:
    """In force from the day on which it begins, not from the day on which it ends or has collapsed

    Activity v (1 - m monitored), or what violations have grown to
    """
    calendar = now.calendar
    in_force = 1.0 if calendar.truce_begins else 0.0 if calendar.truce_ends else now.war["truce"]
    monitored, level, effect = now.lever("monitored"), now.p("violation_level"), now.p("monitoring_effect")
    if not now.has("violations"):
        return Truce(in_force, level * (1.0 - effect * monitored), now.war["provocation"], 0.0)
    provocation = violations_reference.next_provocation(
        now.war["provocation"],
        in_force > 0,
        calendar.truce_begins,
        monitored,
        now.p("violation_growth"),
        effect,
    )
    grown, in_force, collapsed = violations_reference.violations(
        in_force > 0, provocation, monitored, level, effect, now.p("violation_limit")
    )
    return Truce(in_force, grown, provocation, collapsed)


def flanks(now: Morning) -> list[float]:
    if not now.has("northern_front"):
        return list(of_sides(now.war, "flank_open"))
    return [
        northern_front_reference.next_open(
            side["flank_open"],
            now.lever("flank", i),
            now.shocks["flank"][i],
            now.calendar.new_week,
            now.p("flank_opening", i),
            now.calendar.step,
        )
        for i, side in enumerate(now.war["sides"])
    ]


def leaders(now: Morning, observed: list[float]) -> Leaders:
    sides = now.war["sides"]
    seen = [seen_by(now, i) for i in (0, 1)]
    end = ending_of(now, seen)
    ended = now.has("ending") and end.has_ended()
    truce = truce_of(now)
    decisions = [decide(now, sides[i], i, seen[i], truce.in_force, ended, observed[i]) for i in (0, 1)]
    broken = [truce.in_force * decision.started for decision in decisions]
    in_force = 0.0 if max(broken) > 0 else truce.in_force
    activity = 0.0 if ended else truce.activity if in_force > 0 else 1.0
    flank_open = flanks(now)
    tomorrow: list[dict[str, Any]] = [
        {
            "perceived": seen[i].tomorrow,
            "believed_own": seen[i].own,
            "believed_enemy": seen[i].other,
            "offensive": decisions[i].offensive,
            "days_in_phase": decisions[i].days_in_phase,
            "truces_broken": sides[i]["truces_broken"] + broken[i],
            "flank_open": flank_open[i],
            "collapsed": end.collapsed[i],
            "exhausted": end.exhausted[i],
        }
        for i in (0, 1)
    ]
    return Leaders(
        [decision.offensive for decision in decisions],
        in_force,
        activity,
        ended,
        flank_open,
        [seen[i].perceived - now.seen.total_balance[i] for i in (0, 1)],
        [passed_on(now, i) for i in (0, 1)],
        {
            "truce": in_force,
            "provocation": truce.provocation,
            "truces_collapsed": now.war["truces_collapsed"] + truce.collapsed,
            "settled": end.settled,
        },
        tomorrow,
    )
