"""The leaders: belief, decision, truce."""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from ceasefire.war import offensive, truce
from ceasefire.war.steps.morning import Morning
from ceasefire.war.steps.today import Change, Decisions, Shocks, Today


class Leaders(NamedTuple):
    """What the leaders decide, and what it makes of the truce."""

    offensive: jax.Array
    """1 while an offensive is under way, `[2, N]`."""
    in_force: jax.Array
    """1 where a truce is in force today, `[N]`."""
    activity: jax.Array
    """Share of the fighting that goes on, `[N]`."""
    change: Change

    def in_truce(self, share: jax.Array) -> jax.Array:
        """Return a lever's share where a truce is in force, else 1."""
        return jnp.where(self.in_force > 0, share, 1.0)


def leaders(now: Morning, today: Today, shocks: Shocks, decisions: Decisions) -> Leaders:
    """Belief, decision, truce."""
    state, p, lever = now.state, now.p, now.lever
    perceived = offensive.next_perceived(
        state.perceived,
        now.seen.total_balance,
        shocks.perception,
        p["perception_bias"],
        p["perception_noise"],
        p["perception_delay_days"],
    )
    in_force = truce.begin_or_end(state.truce, today.truce_begins, today.truce_ends)
    decision = offensive.decide(
        state.offensive,
        state.days_in_phase,
        state.perceived,
        now.seen.total_balance,
        in_force,
        lever["monitored"],
        lever["offensives"],
        decisions.offensive,
        p["offensive_threshold"],
        p["truce_cost"],
        p["monitoring_cost"],
        offensive.over(shocks.culmination, today.new_week, p["offensive_days"], today.step),
        p["rest_days"],
        p["culmination_drop"],
    )
    # Whoever is on the attack when a truce begins stops for it.
    halted = jnp.where((in_force > 0) & (decision.started == 0), 0.0, decision.offensive)
    agreed = truce.broken(in_force, decision.started)
    activity = truce.activity(
        agreed.in_force, lever["monitored"], p["violation_level"], p["monitoring_effect"]
    )
    stocks = {
        "perceived": perceived,
        "offensive": halted,
        "days_in_phase": jnp.where(halted != decision.offensive, 0.0, decision.days_in_phase),
        "truce": agreed.in_force,
        "truces_broken": state.truces_broken + agreed.broken_by,
    }
    return Leaders(halted, agreed.in_force, activity, Change(stocks, {}))
