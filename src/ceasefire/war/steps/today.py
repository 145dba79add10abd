"""What a day is given, and what it returns: calendar and policy, chances, decisions, flows."""

from __future__ import annotations

from typing import NamedTuple

import jax

from ceasefire.war import drift

Named = dict[str, jax.Array]


class Today(NamedTuple):
    """What the calendar and the policy say of today."""

    levers: jax.Array
    """The plan's row `[L]`."""
    truce_begins: jax.Array
    """1 on the day on which a truce begins, else 0, scalar."""
    truce_ends: jax.Array
    """1 on the first day after a truce's last, else 0, scalar."""
    new_week: jax.Array
    """1 on the first day of a week of the war, else 0, scalar."""
    step: jax.Array | float = 1.0
    """Length of a step in days: 1; or 7, where parameters and levers are in that unit too (`timestep`)."""


class Events(NamedTuple):
    """The week's chances of optional mechanisms, standard normal numbers; nothing is drawn where 0."""

    third_party: jax.Array = 0.0  # type: ignore[assignment]
    """One for each side: low ones open its stream of arms, `[2, N]`."""
    flank: jax.Array = 0.0  # type: ignore[assignment]
    """One for each side: low ones open its flank, or begin an assault over it, `[2, N]`."""
    assault: jax.Array = 0.0  # type: ignore[assignment]
    """One for each side: low ones let its assault succeed, `[2, N]`."""
    battle: jax.Array = 0.0  # type: ignore[assignment]
    """One for each front: low ones begin or end a battle, `[F, N]`."""
    missiles: jax.Array = 0.0  # type: ignore[assignment]
    """One for each side: the more, the more missiles it launches, `[2, N]`."""
    drones: jax.Array = 0.0  # type: ignore[assignment]
    """The same for long-range drones, `[2, N]`."""
    interception: jax.Array = 0.0  # type: ignore[assignment]
    """One for each side's air defence, `[2, N]`."""
    internal_break: jax.Array = 0.0  # type: ignore[assignment]
    """One for each side: low ones begin a break from within, or end it, `[2, N]`."""
    settlement: jax.Array = 0.0  # type: ignore[assignment]
    """One for the war, `[N]`."""


class Shocks(NamedTuple):
    """The week's chances, standard normal numbers."""

    tempo: jax.Array
    """One for each front, `[F, N]`."""
    perception: jax.Array
    """One for each leader, `[2, N]`."""
    culmination: jax.Array
    """One for each leader's offensive: low ones end it, `[2, N]`."""
    drift: drift.Drift
    """One for each drifting number; opposite for the two sides in `advantage`."""
    line: jax.Array | float = 0.0
    """One for the line, opposite for the two sides, `[2, N]`."""
    events: Events = Events()


class Decisions(NamedTuple):
    """What was decided today: `[2, 1]`, 1 or 0; -1 where the leader decides by the model's rule."""

    offensive: jax.Array


class Flows(NamedTuple):
    """Today's flows, for balances and tests, `[2, N]` unless said otherwise."""

    called_up: jax.Array
    emigrating: jax.Array
    graduates: jax.Array
    losses: jax.Array
    killed: jax.Array
    wounded: jax.Array
    captured: jax.Array
    returned: jax.Array
    discharged: jax.Array
    armour_built: jax.Array
    armour_refurbished: jax.Array
    armour_lost: jax.Array
    armour_sent: jax.Array
    armour_arriving: jax.Array
    shells_made: jax.Array
    shells_fired: jax.Array
    shells_sent: jax.Array
    shells_arriving: jax.Array
    ground_taken: jax.Array
    """`[2, F, N]`, km2/day."""
    # Of optional mechanisms: 0 where a war has them not.
    leaving_for_a_time: jax.Array
    """Those of `emigrating` who will come back."""
    coming_back: jax.Array
    artillery_built: jax.Array
    artillery_struck: jax.Array
    artillery_worn: jax.Array
    artillery_sent: jax.Array
    artillery_arriving: jax.Array
    drones_made: jax.Array
    drones_used: jax.Array
    drones_sent: jax.Array
    drones_arriving: jax.Array
    missiles_made: jax.Array
    missiles_arriving: jax.Array
    missiles_launched: jax.Array
    missiles_destroyed: jax.Array
    """By the side's defence; the same for long-range drones."""
    long_range_drones_made: jax.Array
    long_range_drones_arriving: jax.Array
    long_range_drones_launched: jax.Array
    long_range_drones_destroyed: jax.Array
    interceptors_made: jax.Array
    interceptors_sent: jax.Array
    interceptors_arriving: jax.Array
    interceptors_fired: jax.Array
    civilians_killed: jax.Array
    displacing: jax.Array
    displaced_returning: jax.Array


class Change(NamedTuple):
    """What a step changes: tomorrow's stocks and today's flows, by their names in `State` and `Flows`."""

    stocks: Named
    flows: Named
