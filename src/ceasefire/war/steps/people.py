"""The people: call-up, training, wounds, return; the force and its skill; who leaves the country."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from ceasefire.war import drift, emigration, internal_break, labour, manpower, recruiting, skill
from ceasefire.war.flows import TINY, delay
from ceasefire.war.steps.fighting import Fighting
from ceasefire.war.steps.leaders import Leaders
from ceasefire.war.steps.morning import Morning
from ceasefire.war.steps.today import Change


def people(now: Morning, led: Leaders, fought: Fighting) -> Change:
    """Call-up, training, wounds, return; the force and its skill; who leaves the country."""
    state, p, lever = now.state, now.p, now.lever
    killed_share = drift.lethal_share(p["killed_share"], state.lethality)
    fate = manpower.split_losses(fought.lost, killed_share, p["captured_share"])
    intake, left = _intake(now, led)
    # What the count can hold, so that nobody is lost between the pool and the trainees.
    called_up_in_all = state.called_up + intake.called_up
    called_up = called_up_in_all - state.called_up
    trainees, graduates = delay(state.trainees, called_up, lever["training_days"])
    recovering, recovered = delay(state.recovering, fate.wounded, p["recovery_days"])
    returned = p["return_share"] * recovered
    discharged = recovered - returned
    recruit = skill.recruit_skill(lever["training_days"], p["untrained_skill"], p["training_time"])
    resting = (state.reserve + now.on_front * (1.0 - led.activity)) / (now.force + TINY)
    in_reserve = state.reserve - jnp.sum(fought.moved, axis=1) - fought.lost_in_reserve
    stocks = left.stocks | {
        "called_up": called_up_in_all,
        "emigrated": state.emigrated + intake.emigrating,
        "trainees": trainees,
        "reserve": jnp.maximum(in_reserve + graduates + returned, 0.0),
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
        "losses_to_replace": recruiting.next_losses_to_replace(
            state.losses_to_replace,
            fate.killed + fate.captured + discharged,
            led.passed_on,
            p["replacement_days"],
        ),
        "workforce_lost": labour.next_workforce_lost(
            state.workforce_lost,
            called_up,
            intake.emigrating,
            left.stocks["back_from_abroad"] - state.back_from_abroad,
            discharged,
        ),
    }
    flows = left.flows | {
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


def _intake(now: Morning, led: Leaders) -> tuple[manpower.Intake, Change]:
    """Return who leaves the pool today, and what changes for those who flee a call-up."""
    state, p, lever = now.state, now.p, now.lever
    replacing = recruiting.added(
        state.losses_to_replace,
        lever["recruitment"],
        lever["mobilisation"],
        p["replacement_effort"],
        p["replacement_ceiling"],
    )
    broken = internal_break.effects(
        state.broken_within, p["break_recruitment_loss"], p["break_production_loss"]
    )
    share = led.in_truce(lever["truce_recruitment"]) * now.where("internal_break", broken.call_up, 1.0)
    share = share * now.factors.recruitment
    pool_left = state.pool_left()
    at_once = manpower.intake(
        pool_left,
        lever["recruitment"] + now.where("recruiting", replacing, 0.0),
        lever["mobilisation"],
        share,
        p["call_up_yield"],
        p["emigration_response"],
        p["emigration_rate"],
    )
    deciding = emigration.decided(lever["mobilisation"], share, p["emigration_response"])
    setting_off = emigration.wave(state.emigration_pressure, p["departure_days"])
    gone = emigration.departures(pool_left - at_once.called_up, setting_off, p["emigration_rate"])
    home = emigration.come_back(state.abroad, gone.of_wave, p["return_share_abroad"], p["return_days"])
    later = now.has("emigration")

    def moved(new: jax.Array, old: jax.Array | float) -> jax.Array:
        return jnp.where(later, new, old)

    stocks = {
        "emigration_pressure": moved(
            emigration.next_pressure(state.emigration_pressure, deciding, setting_off),
            state.emigration_pressure,
        ),
        "abroad": moved(home.abroad, state.abroad),
        "back_from_abroad": moved(state.back_from_abroad + home.back, state.back_from_abroad),
    }
    flows = {
        "leaving_for_a_time": moved(p["return_share_abroad"] * gone.of_wave, 0.0),
        "coming_back": moved(home.back, 0.0),
    }
    emigrating = jnp.where(later, gone.emigrating, at_once.emigrating)
    return manpower.Intake(at_once.called_up, emigrating), Change(stocks, flows)
