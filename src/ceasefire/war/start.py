"""The first morning of a war: stocks from the registry, spread over fronts and delays."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from ceasefire.war.catalogue import view
from ceasefire.war.equipment import AID_STAGES
from ceasefire.war.flows import TINY
from ceasefire.war.manpower import RECOVERY_STAGES, TRAINING_STAGES
from ceasefire.war.state import Geography, State
from ceasefire.war.steps import assess


def initial_state(
    parameters: jax.Array, structure: jax.Array, geography: Geography, step: float = 1.0
) -> State:
    """Return the state before the first day.

    Recruits in training and wounded in recovery stand in equal parts in the stages of their delay; nothing is
    in transit; each leader believes the balance as it is, with his bias; both are half-way through the rest
    between two offensives.

    Args:
        parameters: `[P, N]`, rows by the registry.
        structure: int8 `[K, N]`, rows by `STRUCTURES`.
        geography: the fronts.
        step: length of a step in days, in which parameters are counted.
    """
    p = view(parameters)
    troops = p["initial_troops"]
    sides, wars = troops.shape
    fronts = geography.weight.shape[0]
    nothing = jnp.zeros((sides, wars), troops.dtype)

    def on_fronts(values: jax.Array) -> jax.Array:
        return jnp.broadcast_to(values[..., None], (*values.shape, wars)).astype(troops.dtype)

    def in_stages(amount: jax.Array, stages: int) -> jax.Array:
        return jnp.broadcast_to(amount[:, None, :] / stages, (sides, stages, wars))

    reserve = p["reserve_share"] * troops
    share = on_fronts(geography.share)
    share = share / (jnp.sum(share, axis=1, keepdims=True) + TINY)
    state = State(
        pool_at_start=p["initial_pool"],
        called_up=nothing,
        emigrated=nothing,
        trainees=in_stages(p["initial_trainees"], TRAINING_STAGES),
        reserve=reserve,
        troops=share * (troops - reserve)[:, None, :],
        recovering=in_stages(p["initial_recovering"], RECOVERY_STAGES),
        killed=nothing,
        wounded=nothing,
        captured=nothing,
        discharged=nothing,
        skill=p["initial_skill"],
        industry=nothing + 1.0,
        armour_modern=p["initial_armour_modern"],
        armour_legacy=p["initial_armour_legacy"],
        armour_storage=p["initial_armour_storage"],
        armour_lost=nothing,
        armour_in_transit=jnp.zeros((sides, AID_STAGES, wars), troops.dtype),
        shells=p["initial_shells"],
        shells_fired=nothing,
        shells_in_transit=jnp.zeros((sides, AID_STAGES, wars), troops.dtype),
        front_weight=on_fronts(geography.weight),
        ground_at_start=on_fronts(geography.ground),
        ground_taken=jnp.zeros((sides, fronts, wars), troops.dtype),
        fortification=jnp.broadcast_to(p["initial_fortification"][:, None, :], (sides, fronts, wars)),
        log_tempo=jnp.zeros((fronts, wars), troops.dtype),
        intensity=jnp.zeros((wars,), troops.dtype),
        advantage=nothing,
        lethality=jnp.zeros((wars,), troops.dtype),
        perceived=nothing,
        offensive=nothing,
        days_in_phase=p["rest_days"] / 2.0,
        truce=jnp.zeros((wars,), troops.dtype),
        truces_broken=nothing,
    )
    return state._replace(
        perceived=assess(state, parameters, structure, step).total_balance + p["perception_bias"]
    )
