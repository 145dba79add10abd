"""From a posterior to wars that go on from its day."""

from __future__ import annotations

import dataclasses
import zlib
from collections.abc import Callable

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
    seed = zlib.crc32(posterior.name.encode())
    return _begun(start, lambda mechanism: is_known(mechanism, fitted), world, seed)


def beginning(start: Start, alternative: str, choice: str, world: World, seed: int) -> Start:
    """Return the same wars, all of which follow one choice of an optional mechanism from now on.

    Its parameters are drawn from the scenario's priors, and its stocks are those of the scenario's first
    morning, whatever the day of the start.

    Args:
        start: where the wars stand, on any day.
        alternative: name of a structural alternative.
        choice: name of its choice.
        world: the scenario's.
        seed: chance, which belongs to the draw too.
    """
    row = next(row for row, one in enumerate(STRUCTURES) if one.name == alternative)
    found = _begun(start, lambda mechanism: mechanism != STRUCTURES[row].mechanism, world, seed)
    structure = found.structure.copy()
    structure[row] = STRUCTURES[row].code(choice)
    return dataclasses.replace(found, structure=structure)


def _begun(start: Start, known: Callable[[str | None], bool], world: World, seed: int) -> Start:
    """Return a start of which all that is not known, by mechanism, is that of a first morning."""
    draws = np.arange(start.size)
    rows = np.array([not known(REGISTRY.mechanisms[name]) for name, _ in REGISTRY.labels()])
    own = np.array([not known(one.mechanism) for one in STRUCTURES])
    parameters = np.where(rows[:, None], draw_parameters(world, draws, seed), start.parameters)
    structure = np.where(own[:, None], draw_structure(world, draws, seed), start.structure)
    new = [name for name, mechanism in MECHANISM_OF.items() if not known(mechanism)]
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
