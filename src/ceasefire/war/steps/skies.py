"""The skies: missiles and long-range drones at cities, what is stopped, and what it does to civilians."""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from ceasefire.war import air_defence, civilian_harm
from ceasefire.war.steps.fighting import Fighting
from ceasefire.war.steps.leaders import Leaders
from ceasefire.war.steps.material import Material
from ceasefire.war.steps.morning import Morning
from ceasefire.war.steps.today import Change, Shocks


class Skies(NamedTuple):
    """What was launched today."""

    launched: jax.Array
    """Missiles and long-range drones, `[2, N]`."""
    change: Change


def skies(now: Morning, led: Leaders, fought: Fighting, made: Material, shocks: Shocks) -> Skies:
    """Launches, defence, the grid; civilians killed and displaced."""
    state, p = now.state, now.p
    flying = now.has("air_defence")

    def launch(stock: jax.Array, plan: jax.Array, shock: jax.Array) -> jax.Array:
        week = air_defence.salvo(shock, p["salvo_spread"])
        found = air_defence.launched(
            stock, plan, now.lever["strikes"], led.activity, week, p["air_ration_days"]
        )
        return jnp.where(flying, found, 0.0)

    missiles = launch(state.missiles, p["missile_plan"], shocks.events.missiles)
    drones = launch(state.long_range_drones, p["long_range_drone_plan"], shocks.events.drones)
    met = air_defence.defend(
        missiles,
        drones,
        state.interceptors,
        shocks.events.interception,
        p["gun_share"],
        p["missile_interception"],
        p["drone_interception"],
        p["interception_spread"],
        p["interceptors_per_target"],
        p["air_ration_days"],
    )
    grid = air_defence.next_grid(
        state.grid,
        met.missiles_leaked,
        met.drones_leaked,
        p["grid_target_share"],
        p["grid_hit"],
        p["drone_damage"],
        p["grid_repair_days"],
    )
    built = made.output * now.production.components
    harm = _harm(now, fought, met)
    stocks = {
        "missiles": air_defence.next_stock(
            state.missiles, p["missile_output"] * built, made.third_party.missiles, missiles
        ),
        "long_range_drones": air_defence.next_stock(
            state.long_range_drones,
            p["long_range_drone_output"] * built,
            made.third_party.long_range_drones,
            drones,
        ),
        "interceptors": air_defence.next_stock(
            state.interceptors,
            p["interceptor_output"] * built,
            made.interceptors_arriving,
            met.interceptors_fired,
        ),
        "grid": grid,
        "missiles_launched": state.missiles_launched + missiles,
        "drones_launched": state.drones_launched + drones,
        "missiles_leaked": state.missiles_leaked + met.missiles_leaked,
        "drones_leaked": state.drones_leaked + met.drones_leaked,
        "interceptors_fired": state.interceptors_fired + met.interceptors_fired,
    }
    flows = {
        "missiles_made": p["missile_output"] * built,
        "missiles_arriving": made.third_party.missiles,
        "missiles_launched": missiles,
        "missiles_destroyed": met.missiles_destroyed,
        "long_range_drones_made": p["long_range_drone_output"] * built,
        "long_range_drones_arriving": made.third_party.long_range_drones,
        "long_range_drones_launched": drones,
        "long_range_drones_destroyed": met.drones_destroyed,
        "interceptors_made": p["interceptor_output"] * built,
        "interceptors_fired": met.interceptors_fired,
    }
    flows = {name: jnp.where(flying, flow, 0.0) for name, flow in flows.items()}
    return Skies(missiles + drones, Change(stocks | harm.stocks, flows | harm.flows))


def _harm(now: Morning, fought: Fighting, met: air_defence.Defence) -> Change:
    state, p = now.state, now.p
    killed = civilian_harm.deaths(
        met.missiles_leaked,
        met.drones_leaked,
        fought.fire.rounds,
        p["deaths_per_missile"],
        p["deaths_per_drone"],
        p["deaths_per_round"],
    )
    killed = civilian_harm.Deaths(*(part * now.factors.civilian_deaths for part in killed))
    fled = civilian_harm.displacement(
        state.displaced,
        killed.by_fire,
        now.where("air_defence", state.grid, 1.0),
        p["civilian_population"],
        p["displaced_per_death"],
        p["grid_displacement"],
        p["displacement_return_days"],
    )
    killed_in_all = now.where("civilian_harm", killed.by_strikes + killed.by_fire, 0.0)
    return Change(
        stocks={
            "civilians_killed": state.civilians_killed + killed_in_all,
            "displaced": civilian_harm.next_displaced(state.displaced, fled),
        },
        flows={
            "civilians_killed": killed_in_all,
            "displacing": now.where("civilian_harm", fled.displacing, 0.0),
            "displaced_returning": now.where("civilian_harm", fled.returning, 0.0),
        },
    )
