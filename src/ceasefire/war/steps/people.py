"""The people: call-up, training, wounds, return; the force and its skill."""

from __future__ import annotations

import jax.numpy as jnp

from ceasefire.war import drift, manpower, skill
from ceasefire.war.flows import TINY, delay
from ceasefire.war.steps.fighting import Fighting
from ceasefire.war.steps.leaders import Leaders
from ceasefire.war.steps.morning import Morning
from ceasefire.war.steps.today import Change


def people(now: Morning, led: Leaders, fought: Fighting) -> Change:
    """Call-up, training, wounds, return; the force and its skill."""
    state, p, lever = now.state, now.p, now.lever
    killed_share = drift.lethal_share(p["killed_share"], state.lethality)
    fate = manpower.split_losses(fought.lost, killed_share, p["captured_share"])
    intake = manpower.intake(
        state.pool_left(),
        lever["recruitment"],
        lever["mobilisation"],
        led.in_truce(lever["truce_recruitment"]),
        p["call_up_yield"],
        p["emigration_response"],
        p["emigration_rate"],
    )
    # What the count can hold, so that nobody is lost between the pool and the trainees.
    called_up_in_all = state.called_up + intake.called_up
    called_up = called_up_in_all - state.called_up
    trainees, graduates = delay(state.trainees, called_up, lever["training_days"])
    recovering, recovered = delay(state.recovering, fate.wounded, p["recovery_days"])
    returned = p["return_share"] * recovered
    discharged = recovered - returned
    recruit = skill.recruit_skill(lever["training_days"], p["untrained_skill"], p["training_time"])
    resting = (state.reserve + now.on_front * (1.0 - led.activity)) / (now.force + TINY)
    stocks = {
        "called_up": called_up_in_all,
        "emigrated": state.emigrated + intake.emigrating,
        "trainees": trainees,
        "reserve": jnp.maximum(state.reserve - jnp.sum(fought.moved, axis=1) + graduates + returned, 0.0),
        "troops": jnp.maximum(state.troops + fought.moved - fought.lost_on_front, 0.0),
        "recovering": recovering,
        "killed": state.killed + fate.killed,
        "wounded": state.wounded + fate.wounded,
        "captured": state.captured + fate.captured,
        "discharged": state.discharged + discharged,
        "skill": skill.next_skill(
            state.skill,
            recruit,
            graduates,
            fought.lost,
            now.force,
            resting,
            p["skill_selection"],
            p["rest_training_days"],
        ),
    }
    flows = {
        "called_up": called_up,
        "emigrating": intake.emigrating,
        "graduates": graduates,
        "killed": fate.killed,
        "wounded": fate.wounded,
        "captured": fate.captured,
        "returned": returned,
        "discharged": discharged,
    }
    return Change(stocks, flows)
