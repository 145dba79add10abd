"""Starts for tests: wars of the priors that have been going on for some weeks."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from ceasefire.engine import Start, draw_parameters, draw_structure
from ceasefire.scenario import World
from ceasefire.war import REGISTRY, Geography, State, initial_state, rebased


def state_from_priors(world: World, wars: int, seed: int = 4) -> tuple[np.ndarray, np.ndarray, State]:
    """Return parameters, structure and a state in which every stock differs from the first morning's."""
    numbers = np.arange(wars)
    parameters, structure = draw_parameters(world, numbers, seed), draw_structure(world, numbers, seed)
    state = jax.jit(initial_state)(parameters, structure, Geography(*world.geography))
    state = jax.tree.map(np.asarray, state)
    rng = np.random.default_rng(seed)

    def some(low: float, high: float, *shape: int) -> np.ndarray:
        return rng.uniform(low, high, (*shape, wars)).astype(np.float32)

    fronts = len(world.fronts)
    advantage = some(-0.3, 0.3)
    dead = some(5_000, 20_000, 2)
    state = state._replace(
        called_up=dead * 2,
        emigrated=dead,
        killed=dead,
        wounded=dead * 3,
        captured=dead / 10,
        discharged=dead / 2,
        armour_lost=some(100, 900, 2),
        shells_fired=some(1e5, 1e6, 2),
        troops=state.troops * some(0.7, 1.2, 2, fronts),
        reserve=state.reserve * some(0.5, 1.5, 2),
        trainees=state.trainees * some(0.5, 2.0, 2, 3),
        recovering=state.recovering * some(0.5, 2.0, 2, 2),
        skill=state.skill * some(0.7, 1.0, 2),
        shells=state.shells * some(0.3, 1.0, 2),
        armour_modern=state.armour_modern * some(0.4, 1.0, 2),
        armour_legacy=state.armour_legacy * some(0.4, 1.0, 2),
        armour_storage=state.armour_storage * some(0.8, 1.0, 2),
        shells_in_transit=some(0, 1e4, 2, 3),
        fortification=np.clip(state.fortification * some(0.5, 1.5, 2, fronts), 0, 1),
        industry=some(1.0, 1.5, 2),
        ground_taken=some(0, 3_000, 2, fronts),
        intensity=some(-0.3, 0.3),
        lethality=some(-0.3, 0.3),
        volatility=some(-0.5, 0.5),
        advantage=np.stack([advantage, -advantage]),
        perceived=some(-1.2, -0.2, 2),
        days_in_phase=some(0, 90, 2).round(),
        offensive=(some(0, 1, 2) < 0.2).astype(np.float32),
        believed_own=state.believed_own + some(-0.3, 0.3, 2),
        believed_enemy=state.believed_enemy + some(-0.3, 0.3, 2),
        usual_losses=some(100, 900, 2),
        losses_to_replace=some(50, 500, 2),
        battle=(some(0, 1, fronts) < 0.3).astype(np.float32),
        battle_losses=dead / 4,
        artillery=state.artillery * some(0.5, 1.2, 2),
        artillery_in_transit=some(0, 50, 2, 3),
        drones=state.drones * some(0.5, 2.0, 2),
        drone_industry=some(1.0, 3.0, 2),
        drones_in_transit=some(0, 500, 2, 3),
        third_party_level=some(0, 1, 2),
        sanctions_evaded=some(0, 0.5, 2),
        workforce_lost=some(-1e4, 1e5, 2),
        emigration_pressure=some(0, 1e4, 2),
        abroad=some(0, 2e4, 2, 2),
        back_from_abroad=dead / 3,
        missiles=state.missiles * some(0.3, 1.5, 2),
        long_range_drones=state.long_range_drones * some(0.3, 1.5, 2),
        interceptors=state.interceptors * some(0.3, 1.0, 2),
        interceptors_in_transit=some(0, 50, 2, 3),
        grid=some(0.5, 1.0, 2),
        missiles_launched=some(100, 900, 2),
        drones_launched=some(100, 900, 2),
        missiles_leaked=some(10, 90, 2),
        drones_leaked=some(10, 90, 2),
        interceptors_fired=some(100, 900, 2),
        civilians_killed=some(100, 9_000, 2),
        displaced=state.displaced * some(0.5, 1.5, 2),
        recent_deaths=dead,
        escalation=some(0, 0.1),
        will=state.will * some(0.5, 1.0, 2),
    )
    return parameters, structure, state


def start_from_priors(world: World, wars: int, seed: int = 4, name: str = "test@2023-06-06") -> Start:
    """Return draws of the priors whose war has been going on."""
    parameters, structure, state = state_from_priors(world, wars, seed)
    overstretch = parameters[REGISTRY.rows["overstretch"]][0]
    first = rebased(state, Geography(*(jnp.asarray(part) for part in world.geography)), overstretch)
    return Start(parameters, structure, jax.tree.map(np.asarray, first), name)
