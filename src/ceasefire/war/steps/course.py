"""The course of the war: what breaks within, what will is left, and the hazard of a wider war."""

from __future__ import annotations

import jax.numpy as jnp

from ceasefire.war import ending, escalation, internal_break
from ceasefire.war.steps.fighting import Fighting
from ceasefire.war.steps.leaders import Leaders
from ceasefire.war.steps.material import Material
from ceasefire.war.steps.morning import Morning
from ceasefire.war.steps.skies import Skies
from ceasefire.war.steps.today import Change, Named, Shocks, Today


def course(
    now: Morning,
    led: Leaders,
    fought: Fighting,
    fate: Named,
    made: Material,
    flown: Skies,
    taken: Named,
    today: Today,
    shocks: Shocks,
) -> Change:
    """Break from within, will, the hazard of a wider war.

    `fate` and `taken` are today's flows of people and of ground.
    """
    state, p = now.state, now.p
    people = now.force + state.pool_left() + jnp.sum(state.trainees, axis=1)
    risk = internal_break.risk(
        now.production.bite,
        state.recent_deaths,
        people,
        internal_break.ground_lost(state.ground_taken, state.ground_at_start),
        p["break_by_sanctions"],
        p["break_by_deaths"],
        p["break_by_ground"],
    )
    broken = internal_break.next_broken(
        state.broken_within,
        risk,
        shocks.events.internal_break,
        today.new_week,
        p["internal_break_rate"],
        p["break_days"],
        today.step,
    )
    hardship = 1.0 - jnp.minimum(now.production.factor, 1.0)
    fold = escalation.log_fold(
        ending.nearness(now.force, jnp.maximum(state.highest_force, now.force), p["collapse_share"]),
        escalation.ground_pace(taken["ground_taken"]),
        escalation.from_abroad(made.shells_arriving, made.shells_made),
        jnp.maximum(fought.assault, state.capital_taken),
        flown.launched,
        p["escalation_by_collapse"],
        p["escalation_by_ground"],
        p["escalation_ground_pace"],
        p["escalation_by_aid"],
        p["escalation_by_assault"],
        p["escalation_by_strikes"],
        p["escalation_strike_pace"],
    )
    wider = escalation.next_escalation(
        state.escalation,
        fold,
        led.in_force,
        led.ended,
        p["escalation_rate"],
        p["escalation_truce_share"],
    )
    return Change(
        {
            "broken_within": now.where("internal_break", broken.broken_within, 0.0),
            "internal_breaks": state.internal_breaks + now.where("internal_break", broken.began, 0.0),
            "recent_deaths": internal_break.next_recent_deaths(
                state.recent_deaths, fate["killed"], p["grief_days"]
            ),
            "will": ending.next_will(
                state.will,
                fate["killed"],
                people,
                hardship,
                led.in_force,
                p["will_by_deaths"],
                p["will_by_hardship"],
                p["will_recovery_days"],
            ),
            "highest_force": jnp.maximum(state.highest_force, now.force),
            "escalation": now.where("escalation", wider, state.escalation),
        },
        {},
    )
