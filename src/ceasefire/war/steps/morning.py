"""The morning: what drifts moves, and the two forces are compared."""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from ceasefire.war import attrition, drift, equipment, fronts, levers, munitions, offensive
from ceasefire.war.catalogue import view
from ceasefire.war.flows import enemy
from ceasefire.war.state import State
from ceasefire.war.steps.today import Named, Shocks, Today
from ceasefire.war.structure import ROWS


class Assessment(NamedTuple):
    """How the two forces compare this morning."""

    density: jax.Array
    """Density of armour relative to the reference, `[2, N]`."""
    balance: jax.Array
    """Log balance of each side's attack on each front, `[2, F, N]`."""
    total_balance: jax.Array
    """The same for the whole forces, `[2, N]`."""


# Where a step is longer than one of these, all that is aimed at is done in it, and never more.
_NO_SHORTER_THAN_A_STEP = ("move_days", "perception_delay_days", "ration_days")


def _named(parameters: jax.Array) -> Named:
    p = view(parameters)
    return p | {name: jnp.maximum(p[name], 1.0) for name in _NO_SHORTER_THAN_A_STEP}


def vehicles_of(state: State) -> equipment.Armour:
    """Return the vehicles of both sides."""
    return equipment.Armour(state.armour_modern, state.armour_legacy, state.armour_storage)


def fire_effect(
    state: State,
    fire: jax.Array,
    activity: jax.Array,
    p: dict[str, jax.Array],
    structure: jax.Array,
    step: jax.Array | float,
) -> jax.Array:
    """Return the effect of today's fire relative to the reference, `[2, N]`: see `munitions`."""
    numbers = jnp.sum(state.troops, axis=1) / attrition.REFERENCE_FORCE
    law = structure[ROWS["fire_law"]]
    return munitions.fire_effect(fire, activity, numbers, law, p["fire_returns"], step)


def assess(
    state: State, parameters: jax.Array, structure: jax.Array, step: jax.Array | float = 1.0
) -> Assessment:
    """Compare the two forces as they stand, on every front and as a whole. Arguments as in `day`."""
    p = _named(parameters)
    force = state.force()
    density = equipment.armour_density(vehicles_of(state), force, p["legacy_worth"])
    always = jnp.ones_like(state.truce)
    fire = munitions.fired(
        state.shells, state.offensive, always, p["fire_plan"], p["offensive_fire"], p["ration_days"]
    )
    effect = fronts.effectiveness(
        state.skill,
        density,
        fire_effect(state, fire, always, p, structure, step),
        p["skill_worth"],
        p["armour_worth"],
        p["fire_share"],
    )
    net_ground = state.ground_taken - enemy(state.ground_taken)
    return Assessment(
        density=density,
        balance=state.advantage[:, None, :]
        + fronts.balance(
            state.troops,
            effect,
            state.fortification,
            net_ground,
            state.front_weight,
            p["defence_advantage"],
            p["fortification_worth"],
            p["overstretch"],
        ),
        total_balance=state.advantage
        + offensive.total_balance(
            force,
            effect,
            state.fortification,
            state.front_weight,
            net_ground,
            p["defence_advantage"],
            p["fortification_worth"],
            p["overstretch"],
        ),
    )


class Morning(NamedTuple):
    """All that is known when the day begins."""

    state: State
    p: Named
    """Parameters by name."""
    lever: Named
    """Today's levers by name."""
    structure: jax.Array
    seen: Assessment
    force: jax.Array
    """Soldiers on the fronts and in reserve, `[2, N]`."""
    on_front: jax.Array
    """Soldiers on the fronts, `[2, N]`."""


def morning(
    state: State, parameters: jax.Array, structure: jax.Array, today: Today, shocks: Shocks
) -> Morning:
    """Return the morning of a day, on which what drifts has moved. Arguments as in `day`."""
    p = _named(parameters)
    drifted = {
        name: drift.next_drift(
            getattr(state, name),
            getattr(shocks.drift, name),
            today.new_week,
            p[f"{name}_spread"],
            p[f"{name}_persistence_days"],
            today.step,
        )
        for name in drift.Drift._fields
    }
    state = state._replace(**drifted)
    return Morning(
        state,
        p,
        levers.view(today.levers),
        structure,
        assess(state, parameters, structure, today.step),
        state.force(),
        jnp.sum(state.troops, axis=1),
    )
