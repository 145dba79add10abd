"""The state of a war: every stock, sides first and the ensemble last, float32."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import jax
import jax.numpy as jnp


class Geography(NamedTuple):
    """What does not change in a war: its fronts, as a scenario describes them."""

    weight: jax.Array
    """Share of the whole front's length that each front has, `[F]`, sums to 1."""
    ground: jax.Array
    """Ground of each side on each front at the start that the other could take, `[2, F]`, km2."""
    share: jax.Array
    """Share of each side's troops on each front at the start, `[2, F]`, sums to 1 for each side."""
    aim: jax.Array | None = None
    """Share of each leader's aims that lies on each front, `[2, F]`, sums to 1 at most; none where None."""


class State(NamedTuple):
    """Stocks on one day. Cumulative counts start at 0, so that float32 does not lose single persons."""

    # People, persons.
    pool_at_start: jax.Array
    """People who could be called up at the start, `[2, N]`; constant."""
    called_up: jax.Array
    """Called up since the start, `[2, N]`."""
    emigrated: jax.Array
    """Left the pool abroad since the start, `[2, N]`."""
    trainees: jax.Array
    """In training, by stage, `[2, 3, N]`."""
    reserve: jax.Array
    """Soldiers in reserve, `[2, N]`."""
    troops: jax.Array
    """Soldiers on each front, `[2, F, N]`."""
    recovering: jax.Array
    """Wounded in recovery, by stage, `[2, 2, N]`."""
    killed: jax.Array
    """Killed since the start, `[2, N]`."""
    wounded: jax.Array
    """Wounded since the start, `[2, N]`; a count, not a stock."""
    captured: jax.Array
    """Captured since the start, `[2, N]`."""
    discharged: jax.Array
    """Discharged after wounds since the start, `[2, N]`."""
    skill: jax.Array
    """Mean skill of the force, `[2, N]`."""
    # Material.
    industry: jax.Array
    """War output as a multiple of that at the start, `[2, N]`."""
    armour_modern: jax.Array
    """Modern armoured vehicles in the field, `[2, N]`."""
    armour_legacy: jax.Array
    """Legacy armoured vehicles in the field, `[2, N]`."""
    armour_storage: jax.Array
    """Legacy armoured vehicles in storage, `[2, N]`."""
    armour_lost: jax.Array
    """Vehicles lost since the start, `[2, N]`."""
    armour_in_transit: jax.Array
    """Vehicles sent from abroad, by stage, `[2, 3, N]`."""
    shells: jax.Array
    """Artillery rounds in stock, `[2, N]`."""
    shells_fired: jax.Array
    """Rounds fired since the start, `[2, N]`."""
    shells_in_transit: jax.Array
    """Rounds sent from abroad, by stage, `[2, 3, N]`."""
    # Ground.
    front_weight: jax.Array
    """Weight of each front, `[F, N]`; constant."""
    ground_at_start: jax.Array
    """Ground of each side on each front at the start, `[2, F, N]`, km2; constant."""
    ground_taken: jax.Array
    """Ground taken by each side since the start, `[2, F, N]`, km2."""
    fortification: jax.Array
    """Prepared lines of each side, `[2, F, N]`, 0 to 1."""
    # Course of the war.
    log_tempo: jax.Array
    """Log tempo of the fighting on each front, `[F, N]`."""
    intensity: jax.Array
    """Drift of the log intensity of the fighting on all fronts, `[N]`."""
    advantage: jax.Array
    """Drift of each side's log advantage, `[2, N]`; the two add up to 0."""
    lethality: jax.Array
    """Drift of the log odds of dying for who is hit, `[N]`."""
    volatility: jax.Array
    """Drift of the log spread of what nothing explains in the line, `[N]`."""
    perceived: jax.Array
    """What each leader believes the balance to be, `[2, N]`."""
    offensive: jax.Array
    """1 while an offensive of the side is under way, `[2, N]`."""
    days_in_phase: jax.Array
    """Days since the present offensive or rest began, `[2, N]`."""
    truce: jax.Array
    """1 while a truce is in force, `[N]`."""
    truces_broken: jax.Array
    """Truces that the side has broken since the start, `[2, N]`."""
    # Optional mechanisms; where one is off its stocks stay as they are on the first morning.
    aim: jax.Array
    """Share of a leader's aims that lies on each front, `[2, F, N]`; constant."""
    believed_own: jax.Array
    """What each leader believes the log power of his own force to be, `[2, N]`."""
    believed_enemy: jax.Array
    """What each leader believes the log power of the enemy's force to be, `[2, N]`."""
    usual_losses: jax.Array
    """Losses a day of full fighting without an attack, as a leader is told, `[2, N]`, persons/day."""
    losses_to_replace: jax.Array
    """Smoothed losses for good, as a leader is told of them, `[2, N]`, persons/day."""
    flank_open: jax.Array
    """1 while the side's flank is open, `[2, N]`."""
    capital_assaults: jax.Array
    """Assaults on the enemy's capital since the start, `[2, N]`."""
    capital_taken: jax.Array
    """1 once the side has taken the enemy's capital, `[2, N]`."""
    battle: jax.Array
    """1 while a battle goes on, for each front, `[F, N]`."""
    battle_losses: jax.Array
    """Losses in battles since the start, part of all losses, `[2, N]`, persons."""
    provocation: jax.Array
    """Growth of the log odds of violations since the truce began, `[N]`."""
    truces_collapsed: jax.Array
    """Truces that violations have ended since the start, `[N]`."""
    artillery: jax.Array
    """Guns and rocket launchers in the field, `[2, N]`."""
    artillery_in_transit: jax.Array
    """Guns sent from abroad, by stage, `[2, 3, N]`."""
    drones: jax.Array
    """Strike drones at hand at the front, `[2, N]`."""
    drone_industry: jax.Array
    """Output and crews of strike drones as a multiple of those at the start, `[2, N]`."""
    drones_in_transit: jax.Array
    """Strike drones sent from abroad, by stage, `[2, 3, N]`."""
    third_party_open: jax.Array
    """1 once third parties have begun to send arms by chance, `[2, N]`."""
    third_party_level: jax.Array
    """What third parties send as a share of the full size, `[2, N]`."""
    sanctions_evaded: jax.Array
    """What ways round sanctions make up for, `[2, N]`."""
    workforce_lost: jax.Array
    """People missing at work since the start, `[2, N]`; below 0 where more came back."""
    emigration_pressure: jax.Array
    """People of the pool who have decided to leave and are still there, `[2, N]`."""
    abroad: jax.Array
    """People of the pool who are abroad for a time, by stage, `[2, 2, N]`."""
    back_from_abroad: jax.Array
    """Come back to the pool since the start, `[2, N]`."""
    missiles: jax.Array
    """Long-range missiles in stock, `[2, N]`."""
    long_range_drones: jax.Array
    """Long-range drones in stock, `[2, N]`."""
    interceptors: jax.Array
    """Missiles of the air defence in stock, `[2, N]`."""
    interceptors_in_transit: jax.Array
    """Interceptors sent from abroad, by stage, `[2, 3, N]`."""
    grid: jax.Array
    """Share of the power grid's capacity that works, `[2, N]`."""
    missiles_launched: jax.Array
    """Missiles launched since the start, `[2, N]`."""
    drones_launched: jax.Array
    """Long-range drones launched since the start, `[2, N]`."""
    missiles_leaked: jax.Array
    """Missiles that got through to the side since the start, `[2, N]`."""
    drones_leaked: jax.Array
    """Long-range drones that got through to the side since the start, `[2, N]`."""
    interceptors_fired: jax.Array
    """Interceptors fired since the start, `[2, N]`."""
    civilians_killed: jax.Array
    """Civilians killed on the side's ground since the start, `[2, N]`."""
    displaced: jax.Array
    """Civilians displaced within the country, `[2, N]`."""
    broken_within: jax.Array
    """1 while the side is broken within, `[2, N]`."""
    internal_breaks: jax.Array
    """Internal breaks since the start, `[2, N]`."""
    recent_deaths: jax.Array
    """Soldiers killed of late, as they are still remembered, `[2, N]`, persons."""
    escalation: jax.Array
    """Expected number of wider wars since the start, `[N]`."""
    highest_force: jax.Array
    """Largest force of the side so far, `[2, N]`."""
    will: jax.Array
    """Share of what a side can bear that is left, `[2, N]`."""
    collapsed: jax.Array
    """1 for a side whose force has collapsed, `[2, N]`."""
    exhausted: jax.Array
    """1 for a side whose will was exhausted, `[2, N]`."""
    settled: jax.Array
    """1 where both sides have settled, `[N]`."""

    def pool_left(self) -> jax.Array:
        """Return the people who can still be called up, `[2, N]`."""
        return jnp.maximum(self.pool_at_start - self.called_up - self.emigrated + self.back_from_abroad, 0.0)

    def force(self) -> jax.Array:
        """Return the soldiers on the fronts and in reserve, `[2, N]`."""
        return jnp.sum(self.troops, axis=1) + self.reserve

    def ended(self) -> jax.Array:
        """Return 1 where the war has ended, `[N]`."""
        return jnp.maximum(jnp.max(jnp.maximum(self.collapsed, self.exhausted), axis=0), self.settled)

    def ground_held(self) -> jax.Array:
        """Return the ground of each side on each front that the other could take, `[2, F, N]`, km2."""
        return jnp.maximum(self.ground_at_start - self.ground_taken[::-1] + self.ground_taken, 0.0)


_STOCKS_OF: dict[str, tuple[str, ...]] = {
    "aims": ("aim",),
    "belief": (
        "believed_own",
        "believed_enemy",
    ),
    "decision": ("usual_losses",),
    "recruiting": ("losses_to_replace",),
    "northern_front": (
        "flank_open",
        "capital_assaults",
        "capital_taken",
    ),
    "battles": (
        "battle",
        "battle_losses",
    ),
    "violations": (
        "provocation",
        "truces_collapsed",
    ),
    "artillery": (
        "artillery",
        "artillery_in_transit",
    ),
    "drones": (
        "drones",
        "drone_industry",
        "drones_in_transit",
    ),
    "third_party_arms": (
        "third_party_open",
        "third_party_level",
    ),
    "sanctions": ("sanctions_evaded",),
    "labour": ("workforce_lost",),
    "emigration": (
        "emigration_pressure",
        "abroad",
        "back_from_abroad",
    ),
    "air_defence": (
        "missiles",
        "long_range_drones",
        "interceptors",
        "interceptors_in_transit",
        "grid",
        "missiles_launched",
        "drones_launched",
        "missiles_leaked",
        "drones_leaked",
        "interceptors_fired",
    ),
    "civilian_harm": (
        "civilians_killed",
        "displaced",
    ),
    "internal_break": (
        "broken_within",
        "internal_breaks",
        "recent_deaths",
    ),
    "escalation": ("escalation",),
    "ending": (
        "highest_force",
        "will",
        "collapsed",
        "exhausted",
        "settled",
    ),
}
MECHANISM_OF: Mapping[str, str] = MappingProxyType(
    {stock: mechanism for mechanism, stocks in _STOCKS_OF.items() for stock in stocks}
)
"""Stocks that belong to an optional mechanism alone, and which."""
