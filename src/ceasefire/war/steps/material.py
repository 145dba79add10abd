"""The material: industry, vehicles, shells, guns, drones, arms from abroad."""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from ceasefire.war import (
    aid,
    artillery,
    drones,
    equipment,
    industry,
    munitions,
    sanctions,
    third_party_arms,
)
from ceasefire.war.flows import delay
from ceasefire.war.steps.fighting import Fighting
from ceasefire.war.steps.leaders import Leaders
from ceasefire.war.steps.morning import Morning, vehicles_of
from ceasefire.war.steps.today import Change, Shocks, Today


class Material(NamedTuple):
    """What is made and arrives today."""

    output: jax.Array
    """Industry with all that multiplies it, as a multiple of output at the start, `[2, N]`."""
    third_party: third_party_arms.Supply
    """What third parties send, `[2, N]` each."""
    interceptors_arriving: jax.Array
    """Interceptors from abroad, `[2, N]`."""
    shells_made: jax.Array
    shells_arriving: jax.Array
    change: Change


def material(now: Morning, led: Leaders, fought: Fighting, today: Today, shocks: Shocks) -> Material:
    """Industry, vehicles, shells, guns, drones, arms from abroad."""
    state, p, lever = now.state, now.p, now.lever
    effort = led.in_truce(lever["truce_production"])
    output = state.industry * now.production.factor
    sent = led.in_truce(lever["truce_aid"]) * now.factors.aid
    opened = third_party_arms.next_open(
        state.third_party_open,
        shocks.events.third_party,
        today.new_week,
        p["third_party_onset_days"],
        today.step,
    )
    third_party = third_party_arms.supply(
        state.third_party_level,
        sent,
        p["third_party_shells"],
        p["third_party_long_range_drones"],
        p["third_party_missiles"],
    )
    third_party = third_party_arms.Supply(*(now.where("third_party_arms", part, 0.0) for part in third_party))
    sending = aid.sent(
        aid.Kinds(lever["aid_interceptors"], lever["aid_artillery"], lever["aid_drones"]),
        sent,
        fought.lost,
    )
    kinds = aid.move(
        aid.Kinds(state.interceptors_in_transit, state.artillery_in_transit, state.drones_in_transit),
        sending,
        p["aid_delay_days"],
    )
    vehicles = _vehicles(now, fought, effort, output, sent)
    shells_sent = jnp.broadcast_to(lever["aid_shells"] * sent, fought.lost.shape) + third_party.shells
    shells_in_transit, shells_arriving = delay(state.shells_in_transit, shells_sent, p["aid_delay_days"])
    shells_made = p["shell_output"] * output * effort
    guns = artillery.gun_flows(
        state.artillery,
        fought.fire.rounds,
        fought.fire.counted,
        output,
        effort,
        p["artillery_output"],
        p["counter_battery"],
        p["gun_wear"],
    )
    drones_made = drones.made(
        state.drone_industry, effort * now.production.factor * now.production.components, p["drone_output"]
    )
    stocks = vehicles.stocks | {
        "industry": industry.next_industry(
            state.industry, lever["economy"], p["industry_ceiling"], p["ramp_days"]
        ),
        "shells": munitions.next_shells(state.shells, shells_made, shells_arriving, fought.fire.rounds),
        "shells_fired": state.shells_fired + fought.fire.rounds,
        "shells_in_transit": shells_in_transit,
        "artillery": artillery.next_artillery(state.artillery, guns, kinds.arriving.artillery),
        "artillery_in_transit": kinds.in_transit.artillery,
        "drones": drones.next_drones(
            state.drones, drones_made, kinds.arriving.drones, fought.fire.drones_used
        ),
        "drones_in_transit": kinds.in_transit.drones,
        "drone_industry": drones.next_drone_industry(
            state.drone_industry, lever["economy"], p["drone_growth"], p["drone_ceiling"]
        ),
        "interceptors_in_transit": kinds.in_transit.interceptors,
        "third_party_open": opened,
        "third_party_level": third_party_arms.next_level(
            state.third_party_level, opened, lever["third_party"], p["third_party_ramp_days"]
        ),
        "sanctions_evaded": sanctions.next_evaded(
            state.sanctions_evaded, lever["sanctions"], p["sanctions_leak"], p["evasion_days"]
        ),
    }
    flows = vehicles.flows | {
        "shells_made": shells_made,
        "shells_sent": shells_sent,
        "shells_arriving": shells_arriving,
        "artillery_built": now.where("artillery", guns.built, 0.0),
        "artillery_struck": now.where("artillery", guns.struck, 0.0),
        "artillery_worn": now.where("artillery", guns.worn, 0.0),
        "artillery_sent": now.where("artillery", sending.artillery, 0.0),
        "artillery_arriving": now.where("artillery", kinds.arriving.artillery, 0.0),
        "drones_made": now.where("drones", drones_made, 0.0),
        "drones_used": fought.fire.drones_used,
        "drones_sent": now.where("drones", sending.drones, 0.0),
        "drones_arriving": now.where("drones", kinds.arriving.drones, 0.0),
        "interceptors_sent": now.where("air_defence", sending.interceptors, 0.0),
        "interceptors_arriving": now.where("air_defence", kinds.arriving.interceptors, 0.0),
    }
    return Material(
        output=output * effort,
        third_party=third_party,
        interceptors_arriving=kinds.arriving.interceptors,
        shells_made=shells_made,
        shells_arriving=shells_arriving,
        change=Change(stocks, flows),
    )


def _vehicles(
    now: Morning, fought: Fighting, effort: jax.Array, output: jax.Array, sent: jax.Array
) -> Change:
    state, p = now.state, now.p
    vehicles = vehicles_of(state)
    by_drones = drones.vehicle_losses(fought.fire.drone_share, p["fire_share"], p["drone_vehicle_ratio"])
    built = equipment.armour_flows(
        vehicles,
        fought.lost,
        now.force,
        output,
        effort,
        p["armour_output"] * now.production.components,
        p["refurbishment_capacity"],
        p["armour_per_casualty"] * now.where("drones", by_drones.factor, 1.0),
    )
    armour_sent = jnp.broadcast_to(now.lever["aid_armour"] * sent, fought.lost.shape)
    armour_in_transit, armour_arriving = delay(state.armour_in_transit, armour_sent, p["aid_delay_days"])
    after = equipment.next_armour(vehicles, built, armour_arriving)
    armour_lost = built.lost_modern + built.lost_legacy
    return Change(
        stocks={
            "armour_modern": after.modern,
            "armour_legacy": after.legacy,
            "armour_storage": after.storage,
            "armour_lost": state.armour_lost + armour_lost,
            "armour_in_transit": armour_in_transit,
        },
        flows={
            "armour_built": built.built,
            "armour_refurbished": built.refurbished,
            "armour_lost": armour_lost,
            "armour_sent": armour_sent,
            "armour_arriving": armour_arriving,
        },
    )
