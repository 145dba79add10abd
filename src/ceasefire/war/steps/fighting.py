"""The fighting: deployment, fire, tempo, losses."""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from ceasefire.war import attrition, deployment, munitions, tempo
from ceasefire.war.flows import bounded
from ceasefire.war.steps.leaders import Leaders
from ceasefire.war.steps.morning import Morning, fire_effect
from ceasefire.war.steps.today import Change, Shocks, Today
from ceasefire.war.structure import ROWS


class Fighting(NamedTuple):
    """Where the troops go, what is fired, and who is lost."""

    attacking: jax.Array
    """Share of effort in attack on each front, `[2, F, N]`."""
    moved: jax.Array
    """Soldiers moved from the reserve to each front, `[2, F, N]`."""
    fire: jax.Array
    """Rounds fired, `[2, N]`."""
    lost_on_front: jax.Array
    """Losses on each front, `[2, F, N]`, persons/day."""
    lost: jax.Array
    """Losses, `[2, N]`, persons/day."""
    tempo: jax.Array
    """Tempo of each front times the intensity of all, `[F, N]`."""
    change: Change


def fighting(now: Morning, led: Leaders, today: Today, shocks: Shocks) -> Fighting:
    """Deployment, fire, tempo, losses."""
    state, p, structure = now.state, now.p, now.structure
    moves = deployment.deployment(
        state.troops,
        state.reserve,
        led.offensive,
        now.seen.balance,
        state.front_weight,
        p["reserve_share"],
        p["mirroring"],
        p["massing"],
        p["concentration"],
        p["move_days"],
    )
    fire = munitions.fired(
        state.shells, led.offensive, led.activity, p["fire_plan"], p["offensive_fire"], p["ration_days"]
    )
    log_tempo = tempo.next_tempo(
        state.log_tempo,
        shocks.tempo,
        today.new_week,
        p["tempo_spread"],
        p["tempo_persistence_days"],
        today.step,
    )
    tempo_now = tempo.tempo(log_tempo, p["tempo_spread"]) * jnp.exp(state.intensity)
    first, second = moves.attacking[0], moves.attacking[1]
    surge = 1.0 + (p["surge"] - 1.0) * (first + second - first * second)
    p_exponent, q_exponent = attrition.exponents(
        structure[ROWS["attrition_law"]], p["mixed_enemy_exponent"], p["mixed_own_exponent"]
    )
    wanted = attrition.losses(
        state.troops,
        fire_effect(state, fire, led.activity, p, structure, today.step),
        attrition.power(state.skill, p["skill_worth"]),
        attrition.power(now.seen.density, p["armour_worth"]),
        attrition.protection(
            state.fortification, moves.attacking, p["fortification_cover"], p["attacker_exposure"]
        ),
        tempo_now * surge * led.activity,
        p_exponent,
        q_exponent,
        p["attrition_coefficient"],
        p["fire_share"],
        structure[ROWS["fire_law"]],
    )
    lost_on_front = bounded(wanted, state.troops + moves.moved)
    lost = jnp.sum(lost_on_front, axis=1)
    change = Change({"log_tempo": log_tempo}, {"losses": lost, "shells_fired": fire})
    return Fighting(moves.attacking, moves.moved, fire, lost_on_front, lost, tempo_now, change)
