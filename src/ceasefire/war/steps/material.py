"""The material: industry, vehicles, shells, arms from abroad."""

from __future__ import annotations

import jax.numpy as jnp

from ceasefire.war import equipment, industry, munitions
from ceasefire.war.flows import delay
from ceasefire.war.steps.fighting import Fighting
from ceasefire.war.steps.leaders import Leaders
from ceasefire.war.steps.morning import Morning, vehicles_of
from ceasefire.war.steps.today import Change


def material(now: Morning, led: Leaders, fought: Fighting) -> Change:
    """Industry, vehicles, shells, arms from abroad."""
    state, p, lever = now.state, now.p, now.lever
    vehicles = vehicles_of(state)
    effort = led.in_truce(lever["truce_production"])
    built = equipment.armour_flows(
        vehicles,
        fought.lost,
        now.force,
        state.industry,
        effort,
        p["armour_output"],
        p["refurbishment_capacity"],
        p["armour_per_casualty"],
    )
    aid = led.in_truce(lever["truce_aid"])
    armour_sent = jnp.broadcast_to(lever["aid_armour"] * aid, fought.lost.shape)
    shells_sent = jnp.broadcast_to(lever["aid_shells"] * aid, fought.lost.shape)
    armour_in_transit, armour_arriving = delay(state.armour_in_transit, armour_sent, p["aid_delay_days"])
    shells_in_transit, shells_arriving = delay(state.shells_in_transit, shells_sent, p["aid_delay_days"])
    shells_made = p["shell_output"] * state.industry * effort
    after = equipment.next_armour(vehicles, built, armour_arriving)
    armour_lost = built.lost_modern + built.lost_legacy
    stocks = {
        "industry": industry.next_industry(
            state.industry, lever["economy"], p["industry_ceiling"], p["ramp_days"]
        ),
        "armour_modern": after.modern,
        "armour_legacy": after.legacy,
        "armour_storage": after.storage,
        "armour_lost": state.armour_lost + armour_lost,
        "armour_in_transit": armour_in_transit,
        "shells": munitions.next_shells(state.shells, shells_made, shells_arriving, fought.fire),
        "shells_fired": state.shells_fired + fought.fire,
        "shells_in_transit": shells_in_transit,
    }
    flows = {
        "armour_built": built.built,
        "armour_refurbished": built.refurbished,
        "armour_lost": armour_lost,
        "armour_sent": armour_sent,
        "armour_arriving": armour_arriving,
        "shells_made": shells_made,
        "shells_sent": shells_sent,
        "shells_arriving": shells_arriving,
    }
    return Change(stocks, flows)
