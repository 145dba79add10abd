"""The people of the reference day: call-up, training, wounds, return, skill, who leaves the country."""

from __future__ import annotations

from math import exp, log

from tests.reference import emigration_reference, labour_reference, recruiting_reference
from tests.reference.fighting_reference import Fighting
from tests.reference.leaders_reference import Leaders
from tests.reference.morning_reference import Morning, force, pool_left
from tests.reference.plain_reference import Flows, Side, bounded, delay, logistic, ratio


def lethal_share(killed_share: float, lethality: float) -> float:
    """k = logistic(logit(killed_share) + lethality)"""
    return logistic(log(killed_share / (1.0 - killed_share)) + lethality)


def emigration(
    new: Side, flows: Flows, now: Morning, i: int, drafted: float, called_up: float
) -> tuple[float, float]:
    """Who leaves the pool abroad today, and who comes back to it"""
    side = now.war["sides"][i]
    pool = pool_left(side)
    if not now.has("emigration"):
        left = pool - called_up
        driven_out = now.p("emigration_response", i) * drafted
        return bounded(driven_out + now.p("emigration_rate", i) * left, left), 0.0
    names = (
        "emigration_response", "emigration_rate", "departure_days", "return_share_abroad", "return_days",
    )  # fmt: skip
    found = emigration_reference.day(
        {
            "pressure": side["emigration_pressure"],
            "abroad": side["abroad"],
            "pool": pool,
            "emigrated": side["emigrated"],
            "returned": side["back_from_abroad"],
        },
        drafted,
        1.0,
        called_up,
        {name: now.p(name, i) for name in names},
    )
    new["emigration_pressure"] = found["pressure"]
    new["abroad"] = found["abroad"]
    new["back_from_abroad"] = found["returned"]
    back = found["flows"]["back"]
    flows["leaving_for_a_time"] = now.p("return_share_abroad", i) * found["flows"]["of_wave"]
    flows["coming_back"] = back
    return found["flows"]["emigrating"], back


def people(new: Side, flows: Flows, now: Morning, led: Leaders, fought: Fighting, i: int) -> None:
    """Change tomorrow's side and note the flows of people"""
    side, lost = now.war["sides"][i], fought.lost[i]
    supply = now.lever("truce_recruitment", i) if led.in_force > 0 else 1.0
    if now.has("internal_break"):
        supply *= 1.0 - now.p("break_recruitment_loss", i) * side["broken_within"]
    recruitment, mobilisation = now.lever("recruitment", i), now.lever("mobilisation", i)
    volunteers = recruitment
    if now.has("recruiting"):
        volunteers += recruiting_reference.added(
            side["losses_to_replace"],
            recruitment,
            mobilisation,
            now.p("replacement_effort", i),
            now.p("replacement_ceiling", i),
        )
    drafted = mobilisation * supply
    called_up = bounded(now.p("call_up_yield", i) * (volunteers * supply + drafted), pool_left(side))
    emigrating, back = emigration(new, flows, now, i, drafted, called_up)

    captured = now.p("captured_share", i) * lost
    killed = lethal_share(now.p("killed_share", i), now.war["lethality"]) * (lost - captured)
    wounded = lost - captured - killed
    new["trainees"], graduates = delay(side["trainees"], called_up, now.lever("training_days", i))
    new["recovering"], recovered = delay(side["recovering"], wounded, now.p("recovery_days", i))
    returned = now.p("return_share", i) * recovered
    discharged = recovered - returned
    new["called_up"] += called_up
    new["emigrated"] += emigrating
    new["killed"] += killed
    new["wounded"] += wounded
    new["captured"] += captured
    new["discharged"] += discharged
    moved = fought.moved[i]
    new["troops"] = [
        t + came - fell for t, came, fell in zip(side["troops"], moved, fought.lost_on_front[i], strict=True)
    ]
    new["reserve"] = side["reserve"] - sum(moved) - fought.lost_in_reserve[i] + graduates + returned
    if now.has("recruiting"):
        new["losses_to_replace"] = recruiting_reference.next_losses_to_replace(
            side["losses_to_replace"],
            killed + captured + discharged,
            led.passed_on[i],
            now.p("replacement_days", i),
        )
    if now.has("labour"):
        new["workforce_lost"] = labour_reference.next_workforce_lost(
            side["workforce_lost"], called_up, emigrating, back, discharged
        )
    flows |= {"called_up": called_up, "emigrating": emigrating, "graduates": graduates, "losses": lost}
    flows |= {"killed": killed, "wounded": wounded, "captured": captured}
    flows |= {"returned": returned, "discharged": discharged}


def skill(new: Side, flows: Flows, now: Morning, activity: float, i: int) -> None:
    side = now.war["sides"][i]
    army, s = force(side), side["skill"]
    u = now.p("untrained_skill", i)
    trained = 1.0 - exp(-now.lever("training_days", i) / now.p("training_time", i))
    renewed = ratio(flows["graduates"], army + flows["graduates"])
    selected = now.p("skill_selection", i) * ratio(flows["losses"], army)
    resting = ratio(side["reserve"] + sum(side["troops"]) * (1.0 - activity), army)
    change = (
        renewed * (u + (1.0 - u) * trained - s)
        - selected * s * (1.0 - s)
        + resting * (1.0 - s) / now.p("rest_training_days", i)
    )
    new["skill"] = min(max(s + change, 0.01), 1.0)
