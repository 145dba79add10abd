"""From a posterior to wars that go on from its day."""

from __future__ import annotations

import dataclasses
import zlib

import jax
import jax.numpy as jnp
import numpy as np

from ceasefire.engine import Start, draw_parameters, draw_structure
from ceasefire.files import InputError
from ceasefire.inference.posterior import Posterior, is_known
from ceasefire.scenario import World
from ceasefire.war import REGISTRY, STRUCTURES, Geography, State, initial_state, rebased
from ceasefire.war.start import first_views
from ceasefire.war.state import MECHANISM_OF

PRIOR_TOO = "or use the priors with `--posterior prior`."


def start_of(posterior: Posterior, world: World) -> Start:
    """Return the draws of a posterior as starts of a scenario's wars.

    The state is rebased to the first morning of the scenario (`ceasefire.war.rebased`); the ground is the
    scenario's. A scenario that lists the two sides the other way round gets the same draws turned round.

    Raises:
        InputError: the posterior is of another day, of other sides or of other fronts.
    """
    where = posterior.path or posterior.name
    if posterior.until != world.start:
        raise InputError(
            f"this posterior is of {posterior.until}; '{world.scenario}' starts on {world.start}.",
            where,
            f"run `ceasefire calibrate {world.scenario} --until {world.start}`, {PRIOR_TOO}",
        )
    turned = posterior.sides == world.sides[::-1] != world.sides
    if posterior.sides != world.sides and not turned:
        raise InputError(
            f"this posterior is of {' and '.join(posterior.sides)}; '{world.scenario}' is between"
            f" {' and '.join(world.sides)}.",
            where,
            f"calibrate this scenario, {PRIOR_TOO}",
        )
    fronts = tuple(str(front) for front in posterior.draws["front"].values)
    if fronts != world.fronts:
        raise InputError(
            f"this posterior has the fronts {', '.join(fronts)}; '{world.scenario}' has"
            f" {', '.join(world.fronts)}.",
            where,
            f"calibrate this scenario, {PRIOR_TOO}",
        )
    weight, *of_sides = (np.asarray(part) for part in world.geography)
    ground, share, aim = (part[::-1] if turned else part for part in of_sides)
    parameters = posterior.parameters()
    state = rebased(
        posterior.state(),
        Geography(*(jnp.asarray(part) for part in (weight, ground, share, aim))),
        jnp.asarray(parameters[REGISTRY.rows["overstretch"]][0]),
    )
    start = Start(parameters, posterior.structure(), jax.tree.map(np.asarray, state), posterior.name)
    return completed(start.mirrored() if turned else start, posterior, world)


def completed(start: Start, posterior: Posterior, world: World) -> Start:
    """Return a posterior's draws with what its fit had not: optional mechanisms that begin with the question.

    Their parameters are drawn from the scenario's priors, their alternatives by its weights, and their stocks
    are those of a first morning. Chance belongs to the posterior and the draw.
    """
    fitted = posterior.mechanisms
    draws = np.arange(start.size)
    seed = zlib.crc32(posterior.name.encode())
    rows = np.array([not is_known(REGISTRY.mechanisms[name], fitted) for name, _ in REGISTRY.labels()])
    own = np.array([not is_known(one.mechanism, fitted) for one in STRUCTURES])
    parameters = np.where(rows[:, None], draw_parameters(world, draws, seed), start.parameters)
    structure = np.where(own[:, None], draw_structure(world, draws, seed), start.structure)
    new = [name for name, mechanism in MECHANISM_OF.items() if not is_known(mechanism, fitted)]
    state = start.state
    if new:
        geography = Geography(*(jnp.asarray(part) for part in world.geography))
        given = jnp.asarray(parameters), jnp.asarray(structure)
        first = jax.jit(initial_state)(*given, geography)
        state = state._replace(**{name: np.asarray(getattr(first, name)) for name in new})
        seen = jax.jit(first_views)(jax.tree.map(jnp.asarray, state), *given)
        kept = set(State._fields) - set(new)
        state = seen._replace(**{name: getattr(state, name) for name in kept})
        state = jax.tree.map(np.asarray, state)
    return dataclasses.replace(start, parameters=parameters, structure=structure, state=state)
