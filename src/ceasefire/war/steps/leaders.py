"""The leaders: belief, decision, truce, and whether the war goes on."""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from ceasefire.war import (
    belief,
    decision,
    ending,
    internal_break,
    northern_front,
    offensive,
    truce,
    violations,
)
from ceasefire.war.steps.morning import Morning
from ceasefire.war.steps.today import Change, Decisions, Named, Shocks, Today


class Leaders(NamedTuple):
    """What the leaders decide, and what it makes of the truce."""

    offensive: jax.Array
    """1 while an offensive is under way, `[2, N]`."""
    in_force: jax.Array
    """1 where a truce is in force today, `[N]`."""
    activity: jax.Array
    """Share of the fighting that goes on, `[N]`."""
    ended: jax.Array
    """1 where the war has ended, `[N]`."""
    flank_open: jax.Array
    """1 where a side's flank is open today, `[2, N]`."""
    error: jax.Array
    """How much better than it is a leader sees the balance of the forces, `[2, N]`."""
    passed_on: jax.Array
    """Share of bad news that reaches a leader, `[2, N]`; 1 where nothing filters it."""
    change: Change

    def in_truce(self, share: jax.Array) -> jax.Array:
        """Return a lever's share where a truce is in force, else 1."""
        return jnp.where(self.in_force > 0, share, 1.0)


class _Seen(NamedTuple):
    """The balance of the whole forces as each leader sees it this morning, `[2, N]` each."""

    perceived: jax.Array
    """What he starts an offensive by."""
    noticed: jax.Array
    """What he ends it by."""
    stocks: Named


def _distortion(now: Morning) -> jax.Array:
    return now.p["distortion"] * now.lever["distorted_reports"]


def _seen(now: Morning, today: Today, shocks: Shocks) -> _Seen:
    state, p, true = now.state, now.p, now.seen.total_balance
    power = belief.log_power(now.force, now.seen.effect, state.advantage)
    told = belief.next_belief(
        belief.Belief(state.believed_own, state.believed_enemy),
        power,
        shocks.perception,
        _distortion(now),
        p["bad_news_filter"],
        p["perception_bias"],
        p["perception_noise"],
        p["perception_delay_days"],
        today.step,
    )
    believed = belief.perceived_balance(true, power, told)
    late = offensive.next_perceived(
        state.perceived,
        true,
        shocks.perception,
        p["perception_bias"],
        p["perception_noise"],
        p["perception_delay_days"],
    )
    return _Seen(
        perceived=now.where("belief", believed, state.perceived),
        noticed=now.where("belief", believed, true),
        stocks={
            "perceived": now.where("belief", believed, late),
            "believed_own": told.own,
            "believed_enemy": told.enemy,
        },
    )


def _required(now: Morning, seen: _Seen) -> jax.Array:
    """Return the perceived balance that each leader's rule requires for an attack, `[2, N]`."""
    p = now.p
    expected = decision.expected_losses(
        now.state.usual_losses, now.force, p["surge"], p["attacker_exposure"], p["offensive_days"]
    )
    weighed = (
        seen.perceived,
        seen.noticed,
        expected,
        now.state.truce,
        now.lever["monitored"],
        now.pull.whole,
        p["offensive_threshold"],
        p["success_worth"],
        p["success_steepness"],
        p["truce_cost"],
        p["monitoring_cost"],
        p["culmination_drop"],
    )
    rules = decision.threshold(*weighed), decision.expected_utility(*weighed)
    return decision.chosen(now.has("decision"), *rules).required


def _ending(now: Morning, seen: _Seen, required: jax.Array, today: Today, shocks: Shocks) -> ending.Ending:
    """Return how the war has ended by this morning's stocks; not at all where wars do not end."""
    state, p = now.state, now.p
    found = ending.next_ending(
        state.collapsed,
        state.exhausted,
        state.settled,
        ending.collapses(
            now.force, state.highest_force, now.seen.total_balance, p["collapse_share"], p["collapse_balance"]
        ),
        state.will,
        ending.settlement_hazard(state.will, seen.perceived, required, p["settlement_rate"]),
        shocks.events.settlement,
        today.new_week,
        today.step,
    )
    return ending.Ending(*(now.where("ending", part, 0.0) for part in found))


def leaders(now: Morning, today: Today, shocks: Shocks, decisions: Decisions) -> Leaders:
    """Belief, decision, truce; whether the war goes on."""
    state, p, lever = now.state, now.p, now.lever
    seen = _seen(now, today, shocks)
    required = _required(now, seen)
    over = _ending(now, seen, required, today, shocks)
    going_on = 1.0 - over.ended
    broken = internal_break.effects(
        state.broken_within, p["break_recruitment_loss"], p["break_production_loss"]
    )
    in_force = truce.begin_or_end(state.truce, today.truce_begins, today.truce_ends)
    provocation = violations.next_provocation(
        state.provocation,
        in_force,
        today.truce_begins,
        lever["monitored"],
        p["violation_growth"],
        p["monitoring_effect"],
    )
    decayed = violations.violations(
        in_force,
        provocation,
        lever["monitored"],
        p["violation_level"],
        p["monitoring_effect"],
        p["violation_limit"],
    )
    in_force = now.where("violations", decayed.in_force, in_force)
    chosen = offensive.decide(
        state.offensive,
        state.days_in_phase,
        seen.perceived,
        seen.noticed,
        in_force,
        lever["monitored"],
        lever["offensives"] * now.where("internal_break", broken.offensives, 1.0) * going_on,
        decisions.offensive,
        required,
        p["truce_cost"],
        p["monitoring_cost"],
        offensive.over(shocks.culmination, today.new_week, p["offensive_days"], today.step),
        p["rest_days"],
        p["culmination_drop"],
    )
    # Whoever is on the attack when a truce begins, or the war ends, stops for it.
    attacks = chosen.offensive * going_on
    halted = jnp.where((in_force > 0) & (chosen.started == 0), 0.0, attacks)
    agreed = truce.broken(in_force, chosen.started * going_on)
    constant = truce.activity(
        agreed.in_force, lever["monitored"], p["violation_level"], p["monitoring_effect"]
    )
    growing = violations.activity(agreed.in_force, decayed.level)
    flank_open = northern_front.next_open(
        state.flank_open, lever["flank"], shocks.events.flank, today.new_week, p["flank_opening"], today.step
    )
    stocks = seen.stocks | {
        "offensive": halted,
        "days_in_phase": jnp.where(halted != chosen.offensive, 0.0, chosen.days_in_phase),
        "truce": agreed.in_force,
        "truces_broken": state.truces_broken + agreed.broken_by,
        "provocation": provocation,
        "truces_collapsed": state.truces_collapsed + now.where("violations", decayed.collapsed, 0.0),
        "flank_open": now.where("northern_front", flank_open, 0.0),
        "collapsed": over.collapsed,
        "exhausted": over.exhausted,
        "settled": over.settled,
    }
    return Leaders(
        offensive=halted,
        in_force=agreed.in_force,
        activity=now.where("violations", growing, constant) * going_on,
        ended=over.ended,
        flank_open=stocks["flank_open"],
        error=seen.perceived - now.seen.total_balance,
        passed_on=now.where("belief", belief.passed_on(_distortion(now), p["bad_news_filter"]), 1.0),
        change=Change(stocks, {}),
    )
