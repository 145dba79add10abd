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

    def pool_left(self) -> jax.Array:
        """Return the people who can still be called up, `[2, N]`."""
        return jnp.maximum(self.pool_at_start - self.called_up - self.emigrated, 0.0)

    def force(self) -> jax.Array:
        """Return the soldiers on the fronts and in reserve, `[2, N]`."""
        return jnp.sum(self.troops, axis=1) + self.reserve

    def ground_held(self) -> jax.Array:
        """Return the ground of each side on each front that the other could take, `[2, F, N]`, km2."""
        return jnp.maximum(self.ground_at_start - self.ground_taken[::-1] + self.ground_taken, 0.0)


MECHANISM_OF: Mapping[str, str] = MappingProxyType({})
"""Stocks that belong to an optional mechanism alone, and which."""
