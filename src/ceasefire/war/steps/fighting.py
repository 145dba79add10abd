"""The fighting: deployment, battles, fire, tempo, losses, and assaults on a capital."""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from ceasefire.war import attrition, battles, decision, deployment, northern_front, tempo
from ceasefire.war.flows import bounded, enemy
from ceasefire.war.steps.leaders import Leaders
from ceasefire.war.steps.morning import Fire, Morning, fire_effect, fire_of
from ceasefire.war.steps.today import Change, Shocks, Today
from ceasefire.war.structure import ROWS


class Fighting(NamedTuple):
    """Where the troops go, what is fired, and who is lost."""

    attacking: jax.Array
    """Share of effort in attack on each front, `[2, F, N]`."""
    moved: jax.Array
    """Soldiers moved from the reserve to each front, `[2, F, N]`."""
    fire: Fire
    lost_on_front: jax.Array
    """Losses on each front, `[2, F, N]`, persons/day."""
    lost_in_reserve: jax.Array
    """Losses of the reserve, in assaults on a capital, `[2, N]`, persons/day."""
    lost: jax.Array
    """All losses, `[2, N]`, persons/day."""
    tempo: jax.Array
    """Tempo of each front times the intensity of all, `[F, N]`."""
    assault: jax.Array
    """1 where a side assaults the enemy's capital today, `[2, N]`."""
    change: Change


def fighting(now: Morning, led: Leaders, today: Today, shocks: Shocks) -> Fighting:
    """Deployment, battles, fire, tempo, losses; assaults on a capital."""
    state, p, structure = now.state, now.p, now.structure
    guard = now.where(
        "northern_front",
        northern_front.guards(state.reserve, now.lever["flank"], p["flank_guard_share"]),
        0.0,
    )
    moves = deployment.deployment(
        state.troops,
        state.reserve - guard,
        led.offensive,
        now.seen.balance + now.pull.front,
        state.front_weight,
        p["reserve_share"],
        p["mirroring"],
        p["massing"],
        p["concentration"],
        p["move_days"],
    )
    battle = now.where(
        "battles",
        battles.next_battle(
            state.battle,
            moves.attacking,
            led.in_force,
            shocks.events.battle,
            today.new_week,
            p["battle_onset_days"],
            p["battle_days"],
            today.step,
        ),
        0.0,
    )
    in_battle = battles.battles(battle, p["battle_front_share"], p["battle_intensity"])
    wanted_there = battles.fire_factor(
        state.troops, now.on_front, battle, p["battle_front_share"], p["battle_intensity"]
    )
    fire = fire_of(state, p, structure, led.offensive, led.activity, wanted_there * now.factors.fire)
    log_tempo = tempo.next_tempo(
        state.log_tempo,
        shocks.tempo,
        today.new_week,
        p["tempo_spread"],
        p["tempo_persistence_days"],
        today.step,
    )
    tempo_now = tempo.tempo(log_tempo, p["tempo_spread"]) * jnp.exp(state.intensity) * now.factors.tempo
    first, second = moves.attacking[0], moves.attacking[1]
    surge = 1.0 + (p["surge"] - 1.0) * (first + second - first * second)
    p_exponent, q_exponent = attrition.exponents(
        structure[ROWS["attrition_law"]], p["mixed_enemy_exponent"], p["mixed_own_exponent"]
    )
    wanted = attrition.losses(
        state.troops,
        fire_effect(state, fire.counted, led.activity * wanted_there, p, structure, today.step),
        attrition.power(state.skill, p["skill_worth"]),
        attrition.power(now.seen.density, p["armour_worth"]),
        attrition.protection(
            state.fortification, moves.attacking, p["fortification_cover"], p["attacker_exposure"]
        ),
        tempo_now * surge * led.activity * in_battle.factor,
        p_exponent,
        q_exponent,
        p["attrition_coefficient"],
        p["fire_share"],
        structure[ROWS["fire_law"]],
    )
    lost_on_front = bounded(wanted * now.factors.on_losses(), state.troops + moves.moved)
    assaulted = _assault(now, led, guard, state.reserve - jnp.sum(moves.moved, axis=1), today, shocks)
    lost = jnp.sum(lost_on_front, axis=1) + assaulted.lost
    usual = decision.next_usual(
        state.usual_losses,
        lost,
        led.passed_on,
        led.activity,
        led.offensive,
        p["surge"],
        p["attacker_exposure"],
        p["perception_delay_days"],
    )
    stocks = {
        "log_tempo": log_tempo,
        "battle": battle,
        "battle_losses": state.battle_losses + battles.battle_losses(lost_on_front, in_battle.share),
        "usual_losses": usual,
        "capital_assaults": state.capital_assaults + assaulted.begins,
        "capital_taken": state.capital_taken + assaulted.taken,
    }
    return Fighting(
        attacking=moves.attacking,
        moved=moves.moved,
        fire=fire,
        lost_on_front=lost_on_front,
        lost_in_reserve=assaulted.lost,
        lost=lost,
        tempo=tempo_now,
        assault=assaulted.begins,
        change=Change(stocks, {"losses": lost, "shells_fired": fire.rounds}),
    )


def _assault(
    now: Morning, led: Leaders, guard: jax.Array, in_reserve: jax.Array, today: Today, shocks: Shocks
) -> northern_front.Assault:
    """Return today's assaults on a capital; none where no war has a flank."""
    p = now.p
    quality = now.state.advantage + now.seen.effect - enemy(now.seen.effect)
    found = northern_front.assault(
        now.state.flank_open,
        led.flank_open,
        now.state.capital_taken,
        led.offensive,
        in_reserve,
        guard,
        quality,
        led.error,
        shocks.events.flank,
        shocks.events.assault,
        today.new_week,
        p["offensive_threshold"],
        p["assault_share"],
        p["assault_days"],
        p["capital_defence"],
        p["assault_steepness"],
        p["assault_losses"],
        p["capital_guard_losses"],
        today.step,
    )
    return northern_front.Assault(*(now.where("northern_front", part, 0.0) for part in found))
