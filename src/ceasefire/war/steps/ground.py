"""The ground: the line and the prepared lines."""

from __future__ import annotations

import jax.numpy as jnp

from ceasefire.war import fronts
from ceasefire.war.flows import enemy
from ceasefire.war.steps.fighting import Fighting
from ceasefire.war.steps.leaders import Leaders
from ceasefire.war.steps.morning import Morning
from ceasefire.war.steps.today import Change, Shocks


def ground(now: Morning, led: Leaders, fought: Fighting, shocks: Shocks) -> Change:
    """The line and the prepared lines."""
    state, p = now.state, now.p
    spread = p["line_spread"] * jnp.exp(state.volatility)
    unexplained = spread * jnp.broadcast_to(jnp.maximum(shocks.line, 0.0), now.force.shape)
    taken = fronts.ground_taken(
        now.seen.balance,
        fought.attacking,
        led.activity * fought.tempo * now.factors.on_ground(),
        state.front_weight,
        enemy(state.ground_held()),
        led.activity * unexplained * now.factors.ground_taken,
        p["advance_scale"],
        p["advance_steepness"],
        p["routine_pressure"],
    )
    stocks = {
        "ground_taken": state.ground_taken + taken,
        "fortification": fronts.next_fortification(
            state.fortification,
            fought.attacking,
            enemy(taken),
            state.front_weight,
            p["fortify_days"],
            p["fortification_depth"],
        ),
    }
    return Change(stocks, {"ground_taken": taken})
