"""The steps of a day: what the leaders decide, who fights, what becomes of people, material and ground.

Each step takes the morning and the steps before it, calls its mechanisms, and returns what it changes.
`day.py` puts them in order.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from ceasefire.war import (
    attrition,
    deployment,
    drift,
    equipment,
    fronts,
    industry,
    levers,
    manpower,
    munitions,
    offensive,
    skill,
    tempo,
    truce,
)
from ceasefire.war.catalogue import view
from ceasefire.war.flows import TINY, bounded, delay, enemy
from ceasefire.war.state import State
from ceasefire.war.structure import ROWS

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


def _vehicles(state: State) -> equipment.Armour:
    return equipment.Armour(state.armour_modern, state.armour_legacy, state.armour_storage)


def _fire_effect(
    state: State,
    fire: jax.Array,
    activity: jax.Array,
    p: dict[str, jax.Array],
    structure: jax.Array,
    step: jax.Array | float,
) -> jax.Array:
    numbers = jnp.sum(state.troops, axis=1) / attrition.REFERENCE_FORCE
    law = structure[ROWS["fire_law"]]
    return munitions.fire_effect(fire, activity, numbers, law, p["fire_returns"], step)


def assess(
    state: State, parameters: jax.Array, structure: jax.Array, step: jax.Array | float = 1.0
) -> Assessment:
    """Compare the two forces as they stand, on every front and as a whole. Arguments as in `day`."""
    p = _named(parameters)
    force = state.force()
    density = equipment.armour_density(_vehicles(state), force, p["legacy_worth"])
    always = jnp.ones_like(state.truce)
    fire = munitions.fired(
        state.shells, state.offensive, always, p["fire_plan"], p["offensive_fire"], p["ration_days"]
    )
    effect = fronts.effectiveness(
        state.skill,
        density,
        _fire_effect(state, fire, always, p, structure, step),
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


class Change(NamedTuple):
    """What a step changes: tomorrow's stocks and today's flows, by their names in `State` and `Flows`."""

    stocks: Named
    flows: Named


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


class Leaders(NamedTuple):
    """What the leaders decide, and what it makes of the truce."""

    offensive: jax.Array
    """1 while an offensive is under way, `[2, N]`."""
    in_force: jax.Array
    """1 where a truce is in force today, `[N]`."""
    activity: jax.Array
    """Share of the fighting that goes on, `[N]`."""
    change: Change

    def in_truce(self, share: jax.Array) -> jax.Array:
        """Return a lever's share where a truce is in force, else 1."""
        return jnp.where(self.in_force > 0, share, 1.0)


def leaders(now: Morning, today: Today, shocks: Shocks, decisions: Decisions) -> Leaders:
    """Belief, decision, truce."""
    state, p, lever = now.state, now.p, now.lever
    perceived = offensive.next_perceived(
        state.perceived,
        now.seen.total_balance,
        shocks.perception,
        p["perception_bias"],
        p["perception_noise"],
        p["perception_delay_days"],
    )
    in_force = truce.begin_or_end(state.truce, today.truce_begins, today.truce_ends)
    decision = offensive.decide(
        state.offensive,
        state.days_in_phase,
        state.perceived,
        now.seen.total_balance,
        in_force,
        lever["monitored"],
        lever["offensives"],
        decisions.offensive,
        p["offensive_threshold"],
        p["truce_cost"],
        p["monitoring_cost"],
        offensive.over(shocks.culmination, today.new_week, p["offensive_days"], today.step),
        p["rest_days"],
        p["culmination_drop"],
    )
    # Whoever is on the attack when a truce begins stops for it.
    halted = jnp.where((in_force > 0) & (decision.started == 0), 0.0, decision.offensive)
    agreed = truce.broken(in_force, decision.started)
    activity = truce.activity(
        agreed.in_force, lever["monitored"], p["violation_level"], p["monitoring_effect"]
    )
    stocks = {
        "perceived": perceived,
        "offensive": halted,
        "days_in_phase": jnp.where(halted != decision.offensive, 0.0, decision.days_in_phase),
        "truce": agreed.in_force,
        "truces_broken": state.truces_broken + agreed.broken_by,
    }
    return Leaders(halted, agreed.in_force, activity, Change(stocks, {}))


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
        _fire_effect(state, fire, led.activity, p, structure, today.step),
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


def people(now: Morning, led: Leaders, fought: Fighting) -> Change:
    """Call-up, training, wounds, return; the force and its skill."""
    state, p, lever = now.state, now.p, now.lever
    killed_share = drift.lethal_share(p["killed_share"], state.lethality)
    fate = manpower.split_losses(fought.lost, killed_share, p["captured_share"])
    intake = manpower.intake(
        state.pool_left(),
        lever["recruitment"],
        lever["mobilisation"],
        led.in_truce(lever["truce_recruitment"]),
        p["call_up_yield"],
        p["emigration_response"],
        p["emigration_rate"],
    )
    # What the count can hold, so that nobody is lost between the pool and the trainees.
    called_up_in_all = state.called_up + intake.called_up
    called_up = called_up_in_all - state.called_up
    trainees, graduates = delay(state.trainees, called_up, lever["training_days"])
    recovering, recovered = delay(state.recovering, fate.wounded, p["recovery_days"])
    returned = p["return_share"] * recovered
    discharged = recovered - returned
    recruit = skill.recruit_skill(lever["training_days"], p["untrained_skill"], p["training_time"])
    resting = (state.reserve + now.on_front * (1.0 - led.activity)) / (now.force + TINY)
    stocks = {
        "called_up": called_up_in_all,
        "emigrated": state.emigrated + intake.emigrating,
        "trainees": trainees,
        "reserve": jnp.maximum(state.reserve - jnp.sum(fought.moved, axis=1) + graduates + returned, 0.0),
        "troops": jnp.maximum(state.troops + fought.moved - fought.lost_on_front, 0.0),
        "recovering": recovering,
        "killed": state.killed + fate.killed,
        "wounded": state.wounded + fate.wounded,
        "captured": state.captured + fate.captured,
        "discharged": state.discharged + discharged,
        "skill": skill.next_skill(
            state.skill,
            recruit,
            graduates,
            fought.lost,
            now.force,
            resting,
            p["skill_selection"],
            p["rest_training_days"],
        ),
    }
    flows = {
        "called_up": called_up,
        "emigrating": intake.emigrating,
        "graduates": graduates,
        "killed": fate.killed,
        "wounded": fate.wounded,
        "captured": fate.captured,
        "returned": returned,
        "discharged": discharged,
    }
    return Change(stocks, flows)


def material(now: Morning, led: Leaders, fought: Fighting) -> Change:
    """Industry, vehicles, shells, arms from abroad."""
    state, p, lever = now.state, now.p, now.lever
    vehicles = _vehicles(state)
    effort = led.in_truce(lever["truce_production"])
    built = equipment.armour_flows(
        vehicles,
        fought.lost,
        now.force,
        state.industry,
        effort,
        p["armour_output"],
        p["refurbishment_capacity"],
        p["armour_per_casualty"],
    )
    aid = led.in_truce(lever["truce_aid"])
    armour_sent = jnp.broadcast_to(lever["aid_armour"] * aid, fought.lost.shape)
    shells_sent = jnp.broadcast_to(lever["aid_shells"] * aid, fought.lost.shape)
    armour_in_transit, armour_arriving = delay(state.armour_in_transit, armour_sent, p["aid_delay_days"])
    shells_in_transit, shells_arriving = delay(state.shells_in_transit, shells_sent, p["aid_delay_days"])
    shells_made = p["shell_output"] * state.industry * effort
    after = equipment.next_armour(vehicles, built, armour_arriving)
    armour_lost = built.lost_modern + built.lost_legacy
    stocks = {
        "industry": industry.next_industry(
            state.industry, lever["economy"], p["industry_ceiling"], p["ramp_days"]
        ),
        "armour_modern": after.modern,
        "armour_legacy": after.legacy,
        "armour_storage": after.storage,
        "armour_lost": state.armour_lost + armour_lost,
        "armour_in_transit": armour_in_transit,
        "shells": munitions.next_shells(state.shells, shells_made, shells_arriving, fought.fire),
        "shells_fired": state.shells_fired + fought.fire,
        "shells_in_transit": shells_in_transit,
    }
    flows = {
        "armour_built": built.built,
        "armour_refurbished": built.refurbished,
        "armour_lost": armour_lost,
        "armour_sent": armour_sent,
        "armour_arriving": armour_arriving,
        "shells_made": shells_made,
        "shells_sent": shells_sent,
        "shells_arriving": shells_arriving,
    }
    return Change(stocks, flows)


def ground(now: Morning, led: Leaders, fought: Fighting, shocks: Shocks) -> Change:
    """The line and the prepared lines."""
    state, p = now.state, now.p
    spread = p["line_spread"] * jnp.exp(state.volatility)
    unexplained = spread * jnp.broadcast_to(jnp.maximum(shocks.line, 0.0), now.force.shape)
    taken = fronts.ground_taken(
        now.seen.balance,
        fought.attacking,
        led.activity * fought.tempo,
        state.front_weight,
        enemy(state.ground_held()),
        led.activity * unexplained,
        p["advance_scale"],
        p["advance_steepness"],
        p["routine_pressure"],
    )
    stocks = {
        "ground_taken": state.ground_taken + taken,
        "fortification": fronts.next_fortification(
            state.fortification,
            fought.attacking,
            enemy(taken),
            state.front_weight,
            p["fortify_days"],
            p["fortification_depth"],
        ),
    }
    return Change(stocks, {"ground_taken": taken})
