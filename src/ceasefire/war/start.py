"""The first morning of a war: stocks from the registry, or those that an earlier war has left."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from ceasefire.war import belief, emigration, sanctions
from ceasefire.war.catalogue import view
from ceasefire.war.equipment import AID_STAGES
from ceasefire.war.flows import TINY, enemy
from ceasefire.war.manpower import RECOVERY_STAGES, TRAINING_STAGES
from ceasefire.war.state import MECHANISM_OF, Geography, State
from ceasefire.war.steps import assess
from ceasefire.war.structure import has


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
        volatility=jnp.zeros((wars,), troops.dtype),
        perceived=nothing,
        offensive=nothing,
        days_in_phase=p["rest_days"] / 2.0,
        truce=jnp.zeros((wars,), troops.dtype),
        truces_broken=nothing,
        **_optional(p, geography, troops),
    )
    return first_views(state, parameters, structure, step)


def first_views(state: State, parameters: jax.Array, structure: jax.Array, step: float = 1.0) -> State:
    """Return the state with what leaders believe on a first morning, and the largest force so far.

    Each leader believes the balance, or where beliefs are filtered both forces, as they are, with his bias.
    """
    p = view(parameters)
    seen = assess(state, parameters, structure, step)
    power = belief.log_power(state.force(), seen.effect, state.advantage)
    believed = belief.first_belief(power, p["perception_bias"], p["distortion"])
    told = belief.perceived_balance(seen.total_balance, power, believed)
    late = seen.total_balance + p["perception_bias"]
    return state._replace(
        perceived=jnp.where(has(structure, "belief"), told, late),
        believed_own=believed.own,
        believed_enemy=believed.enemy,
        highest_force=state.force(),
    )


def _optional(p: dict[str, jax.Array], geography: Geography, troops: jax.Array) -> dict[str, jax.Array]:
    """Return the first stocks of optional mechanisms: nothing has happened, nothing is in transit."""
    sides, wars = troops.shape
    fronts = geography.weight.shape[0]
    shapes = {
        "aim": (sides, fronts, wars),
        "battle": (fronts, wars),
        "abroad": (sides, emigration.RETURN_STAGES, wars),
        **dict.fromkeys(("artillery", "drones", "interceptors"), (sides, wars)),
        **dict.fromkeys(
            (f"{kind}_in_transit" for kind in ("artillery", "drones", "interceptors")),
            (sides, AID_STAGES, wars),
        ),
        **dict.fromkeys(("provocation", "truces_collapsed", "escalation", "settled"), (wars,)),
    }
    empty = {name: jnp.zeros(shapes.get(name, (sides, wars)), troops.dtype) for name in MECHANISM_OF}
    aim = jnp.zeros((sides, fronts)) if geography.aim is None else jnp.asarray(geography.aim)
    return empty | {
        "aim": jnp.broadcast_to(aim[..., None], shapes["aim"]).astype(troops.dtype),
        "usual_losses": p["initial_usual_losses"],
        "losses_to_replace": p["initial_losses_to_replace"],
        "artillery": p["initial_artillery"],
        "drones": p["initial_drones"],
        "drone_industry": empty["drone_industry"] + 1.0,
        "sanctions_evaded": sanctions.evaded_at_first(p["sanctions_at_start"], p["evaded_at_start"]),
        "abroad": jnp.broadcast_to(
            p["initial_abroad"][:, None, :] / emigration.RETURN_STAGES, shapes["abroad"]
        ),
        "missiles": p["initial_missiles"],
        "long_range_drones": p["initial_long_range_drones"],
        "interceptors": p["initial_interceptors"],
        "grid": p["initial_grid"],
        "displaced": p["initial_displaced"],
        "recent_deaths": p["initial_recent_deaths"],
        "will": p["initial_will"],
    }


# What is counted since the start.
COUNTERS = (
    "called_up",
    "emigrated",
    "killed",
    "wounded",
    "captured",
    "discharged",
    "armour_lost",
    "shells_fired",
    "ground_taken",
    "truces_broken",
    "capital_assaults",
    "battle_losses",
    "truces_collapsed",
    "back_from_abroad",
    "missiles_launched",
    "drones_launched",
    "missiles_leaked",
    "drones_leaked",
    "interceptors_fired",
    "civilians_killed",
    "internal_breaks",
    "escalation",
)


def rebased(state: State, geography: Geography, overstretch: jax.Array) -> State:
    """Return the state of a war that has been going on as the first morning of another.

    Equation: every count since the start becomes 0; the pool becomes what is left of it; the ground becomes
    that of the geography; and what the net ground H_i taken before had cost goes on in the advantage,

        advantage_i = advantage_i - o H_i / 1000,  H_i = sum over fronts of taken_i - taken_j

    so that the balance of the whole forces does not jump, nor does the mean of the fronts' balances by their
    weights. From then on it fades as every advantage does. All other stocks, what is on its way, beliefs and
    phases stay; nobody is lost or found.

    What leaders believe of both forces moves with the advantage, which each of them knows.

    Args:
        state: the state of the war, ensemble last.
        geography: the fronts as they are on the new first morning; its `share` is not used.
        overstretch: o, log power lost for each 1,000 km2 of net ground, `[N]`.
    """
    net = jnp.sum(state.ground_taken - enemy(state.ground_taken), axis=1)
    wars = state.truce.shape[-1]
    ground = jnp.broadcast_to(geography.ground[..., None], (*geography.ground.shape, wars))
    change = -overstretch * net / 1_000.0
    believed = belief.shifted(belief.Belief(state.believed_own, state.believed_enemy), change)
    return state._replace(
        believed_own=believed.own,
        believed_enemy=believed.enemy,
        pool_at_start=state.pool_left(),
        ground_at_start=jnp.asarray(ground, state.ground_at_start.dtype),
        advantage=state.advantage + change,
        **{name: jnp.zeros_like(getattr(state, name)) for name in COUNTERS},
    )
