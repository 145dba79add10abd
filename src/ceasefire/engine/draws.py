"""Which wars an ensemble holds: draws of the parameters and of the structure, one column a war."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ceasefire.engine import chance
from ceasefire.scenario import World
from ceasefire.war import REGISTRY, STRUCTURES
from ceasefire.war.extension import Rows


def draw_parameters(world: World, wars: npt.NDArray[np.int64], seed: int) -> npt.NDArray[np.float32]:
    """Return the parameters of each war, `[P, N]` by the registry's rows, drawn from the priors."""
    labels = [(name, None if side is None else world.streams[side]) for name, side in REGISTRY.labels()]
    return parameters_of(world, chance.normals(seed, wars, labels))


def parameters_of(world: World, scores: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    """Return the parameters `[P, N]` whose normal scores `[P, N]` are given, each by its prior."""
    drawn = np.empty(scores.shape, dtype=np.float32)
    for row, z in enumerate(scores):
        drawn[row] = world.priors[row].draw(z, world.bounds[row])
    return drawn


def draw_structure(world: World, wars: npt.NDArray[np.int64], seed: int) -> npt.NDArray[np.int8]:
    """Return the structure of each war, int8 `[K, N]`, drawn by the weights of its alternatives."""
    labels = [(alternative.name, None) for alternative in STRUCTURES]
    return structure_of(world, chance.uniforms(seed, wars, labels))


def structure_of(world: World, uniform: npt.NDArray[np.float64]) -> npt.NDArray[np.int8]:
    """Return the structure `[K, N]` that numbers between 0 and 1, `[K, N]`, choose by the weights."""
    drawn = np.empty(uniform.shape, dtype=np.int8)
    for row, alternative in enumerate(STRUCTURES):
        weights = np.asarray(
            world.structure_weights.get(alternative.name, alternative.weights), dtype=np.float64
        )
        steps = np.cumsum(weights / weights.sum())
        chosen = np.searchsorted(steps, uniform[row], side="right")
        drawn[row] = np.minimum(chosen, len(weights) - 1)
    return drawn


def draw_extensions(world: World, wars: npt.NDArray[np.int64], seed: int) -> Rows | None:
    """Return what each war has of the scenario's extensions; None where it has none.

    A number belongs to its name, so that an extension changes no other draw.
    """
    if not world.extensions:
        return None
    switches = [(f"extension {one.extension.name}", None) for one in world.extensions]
    shares = np.array([[one.share] for one in world.extensions])
    there = (chance.uniforms(seed, wars, switches) < shares).astype(np.int8)
    labels = [
        (name, None if side is None else world.streams[side])
        for one in world.extensions
        for name, side in one.extension.labels()
    ]
    drawn = np.empty((len(labels), wars.size), dtype=np.float32)
    ranges = [told for one in world.extensions for told in zip(one.priors, one.bounds, strict=True)]
    for row, (prior, bounds) in enumerate(ranges):
        z = chance.normals(seed, wars, labels[row : row + 1])[0]
        drawn[row] = prior.draw(z, bounds)
    return Rows(drawn, there)
