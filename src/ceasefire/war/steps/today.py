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


class Change(NamedTuple):
    """What a step changes: tomorrow's stocks and today's flows, by their names in `State` and `Flows`."""

    stocks: Named
    flows: Named
