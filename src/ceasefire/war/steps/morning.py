"""The morning: what drifts moves, the two forces are compared, and what limits production is known."""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from ceasefire.war import (
    aims,
    air_defence,
    artillery,
    attrition,
    drift,
    drones,
    equipment,
    fronts,
    internal_break,
    labour,
    levers,
    munitions,
    offensive,
    sanctions,
)
from ceasefire.war.catalogue import view
from ceasefire.war.extension import NOTHING, Factors
from ceasefire.war.flows import enemy
from ceasefire.war.state import State
from ceasefire.war.steps.today import Named, Shocks, Today
from ceasefire.war.structure import ROWS, has


class Assessment(NamedTuple):
    """How the two forces compare this morning."""

    density: jax.Array
    """Density of armour relative to the reference, `[2, N]`."""
    effect: jax.Array
    """Log effectiveness of a soldier, `[2, N]`."""
    balance: jax.Array
    """Log balance of each side's attack on each front, `[2, F, N]`."""
    total_balance: jax.Array
    """The same for the whole forces, `[2, N]`."""


# Where a step is longer than one of these, all that is aimed at is done in it, and never more.
_NO_SHORTER_THAN_A_STEP = ("move_days", "perception_delay_days", "ration_days", "replacement_days")


def _named(parameters: jax.Array) -> Named:
    p = view(parameters)
    return p | {name: jnp.maximum(p[name], 1.0) for name in _NO_SHORTER_THAN_A_STEP}


def vehicles_of(state: State) -> equipment.Armour:
    """Return the vehicles of both sides."""
    return equipment.Armour(state.armour_modern, state.armour_legacy, state.armour_storage)


class Fire(NamedTuple):
    """What a side fires in a day, `[2, N]` each."""

    rounds: jax.Array
    counted: jax.Array
    """Rounds, and strike drones that are not jammed in rounds."""
    drones_used: jax.Array
    drone_share: jax.Array
    """Share of what counts which drones are."""


def fire_of(
    state: State,
    p: Named,
    structure: jax.Array,
    attack: jax.Array,
    activity: jax.Array,
    battle_factor: jax.Array | float = 1.0,
) -> Fire:
    """Return what each side fires; `attack` is 1 in an offensive, `battle_factor` multiplies the plan."""
    plan = p["fire_plan"] * battle_factor
    guns = artillery.limit(
        state.artillery, attack, activity, plan, p["offensive_fire"], p["rounds_per_gun_day"]
    )
    plan = plan * jnp.where(has(structure, "artillery"), guns, 1.0)
    rounds = munitions.fired(state.shells, attack, activity, plan, p["offensive_fire"], p["ration_days"])
    flown = drones.drone_flows(
        state.drones,
        state.drone_industry,
        rounds,
        attack,
        activity,
        p["drone_plan"],
        p["offensive_fire"],
        p["drone_ration_days"],
        p["rounds_per_drone"],
        p["jamming"],
    )
    with_drones = has(structure, "drones")
    return Fire(
        rounds,
        jnp.where(with_drones, flown.counted, rounds),
        jnp.where(with_drones, flown.used, 0.0),
        jnp.where(with_drones, flown.share, 0.0),
    )


def fire_effect(
    state: State,
    counted: jax.Array,
    activity: jax.Array,
    p: Named,
    structure: jax.Array,
    step: jax.Array | float,
) -> jax.Array:
    """Return the effect of today's fire relative to the reference, `[2, N]`: see `munitions`."""
    numbers = jnp.sum(state.troops, axis=1) / attrition.REFERENCE_FORCE
    law = structure[ROWS["fire_law"]]
    return munitions.fire_effect(counted, activity, numbers, law, p["fire_returns"], step)


def assess(
    state: State, parameters: jax.Array, structure: jax.Array, step: jax.Array | float = 1.0
) -> Assessment:
    """Compare the two forces as they stand, on every front and as a whole. Arguments as in `day`."""
    p = _named(parameters)
    force = state.force()
    density = equipment.armour_density(vehicles_of(state), force, p["legacy_worth"])
    always = jnp.ones_like(state.truce)
    fire = fire_of(state, p, structure, state.offensive, always)
    effect = fronts.effectiveness(
        state.skill,
        density,
        fire_effect(state, fire.counted, always, p, structure, step),
        p["skill_worth"],
        p["armour_worth"],
        p["fire_share"],
    )
    net_ground = state.ground_taken - enemy(state.ground_taken)
    return Assessment(
        density=density,
        effect=effect,
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


class Production(NamedTuple):
    """What multiplies production today, `[2, N]` each: exactly 1 where nothing limits it."""

    factor: jax.Array
    """On all war production: money, labour, power, a break from within."""
    components: jax.Array
    """On missiles, drones and modern armour besides."""
    bite: jax.Array
    """What of the sanctions is felt; 0 without them."""


def production_of(state: State, p: Named, lever: Named, structure: jax.Array) -> Production:
    """Return what multiplies production today."""
    one = jnp.ones_like(state.industry)
    felt = sanctions.bite(lever["sanctions"] * one, state.sanctions_evaded)
    cut = sanctions.factors(
        felt,
        p["sanctions_at_start"],
        p["evaded_at_start"],
        p["component_dependence"],
        p["money_dependence"],
    )
    sanctioned = has(structure, "sanctions")
    at_work = labour.factor(state.workforce_lost, p["initial_workforce"], p["labour_elasticity"])
    power = air_defence.grid_factor(state.grid, p["initial_grid"], p["grid_worth"])
    broken = internal_break.effects(
        state.broken_within, p["break_recruitment_loss"], p["break_production_loss"]
    )
    factor = (
        jnp.where(sanctioned, cut.money, 1.0)
        * jnp.where(has(structure, "labour"), at_work, 1.0)
        * jnp.where(has(structure, "air_defence"), power, 1.0)
        * jnp.where(has(structure, "internal_break"), broken.production, 1.0)
    )
    return Production(factor, jnp.where(sanctioned, cut.components, 1.0), jnp.where(sanctioned, felt, 0.0))


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
    pull: aims.Pull
    """What the leaders' aims add to the balance; 0 without them."""
    production: Production
    factors: Factors = NOTHING
    """What mechanisms of one's own multiply today."""

    def has(self, mechanism: str) -> jax.Array:
        """Return the wars that have an optional mechanism, `[N]`."""
        return has(self.structure, mechanism)

    def where(self, mechanism: str, there: jax.Array, else_: jax.Array | float) -> jax.Array:
        """Return one value where a mechanism is there and another where it is not."""
        return jnp.where(self.has(mechanism), there, else_)


def morning(
    state: State,
    parameters: jax.Array,
    structure: jax.Array,
    today: Today,
    shocks: Shocks,
    factors: Factors = NOTHING,
) -> Morning:
    """Return the morning of a day, on which what drifts has moved. Arguments as in `day`."""
    p = _named(parameters)
    lever = levers.view(today.levers)
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
    net_ground = state.ground_taken - enemy(state.ground_taken)
    wanted = aims.pull(state.aim, enemy(state.ground_at_start), net_ground, p["aim_worth"] * lever["aim"])
    with_aims = has(structure, "aims")
    production = production_of(state, p, lever, structure)
    return Morning(
        state=state,
        p=p,
        lever=lever,
        structure=structure,
        seen=assess(state, parameters, structure, today.step),
        force=state.force(),
        on_front=jnp.sum(state.troops, axis=1),
        pull=aims.Pull(jnp.where(with_aims, wanted.front, 0.0), jnp.where(with_aims, wanted.whole, 0.0)),
        production=production._replace(factor=production.factor * factors.production),
        factors=factors,
    )
