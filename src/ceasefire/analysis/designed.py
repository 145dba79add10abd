"""Wars of a design on independent priors: what carries the answer to a question before evidence is seen.

A design (`sensitivity.sobol_design`) gives each input of a war a number u between 0 and 1. The inputs are all
that is drawn of a war, each by its own quantile,

    parameter = g^-1( g(best) + z s ),  z = Phi^-1(u), s as in `Prior`
    equation  = the first choice whose weights, summed up to it, exceed u
    chances   = those of war number floor(2^32 u)

so that wars of one number have one parameter, equation or course of chance. Inputs stand in groups: the
parameters of a mechanism, rival equations, chance. Wars of a block of the design share all but one group;
chance too, which would else count in every total.

Both policies run over the same wars; the outcome is their difference on the last day. A war that fails under
either is NaN, and its block is dropped.

Known to fail: inputs are independent, as priors are and draws of a posterior are not, so that this says
nothing of what is known now. Mechanisms of one's own go with chance: what they draw belongs to its number.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import xarray as xr
from scipy import special

from ceasefire.analysis.compare import OUTCOMES
from ceasefire.analysis.questions import ASKED, Asked
from ceasefire.analysis.sensitivity import Sensitivity, base_samples_for, sobol_design, sobol_indices
from ceasefire.analysis.shares import FloatArray
from ceasefire.analysis.uses import uses
from ceasefire.engine.draws import parameters_of, structure_of
from ceasefire.engine.ensemble import Block, absent, run_blocks
from ceasefire.engine.results import DEFAULT_CHUNK, Progress, check_draws
from ceasefire.scenario import Plan, World, shortened, shortened_plan
from ceasefire.war import REGISTRY, STRUCTURES
from ceasefire.war.structure import OPTIONAL, in_use

IntArray = npt.NDArray[np.intp]

#: Groups that are no mechanism.
RIVALS, CHANCE = "rival equations", "chance"
MOST_WARS = 65_536
EXTREME = 0.01
# Numbers of wars that chance tells apart.
COURSES = 2**32
# What of a result is a sum of others.
SUMS: Mapping[str, tuple[str, ...]] = MappingProxyType({"losses": ("killed", "wounded", "captured")})


class Inputs(NamedTuple):
    """What is drawn of a war, in the order of the columns of a design; chance is the last."""

    names: tuple[str, ...]
    groups: tuple[str, ...]
    rows: IntArray
    """Rows of the parameters that the first inputs are."""
    alternatives: IntArray
    """Rows of the structure that the inputs after them choose."""

    @property
    def members(self) -> dict[str, list[int]]:
        """The inputs of each group."""
        found: dict[str, list[int]] = {}
        for place, group in enumerate(self.groups):
            found.setdefault(group, []).append(place)
        return found


class Wars(NamedTuple):
    """Wars whose draws are given and not made from their numbers."""

    parameters: npt.NDArray[np.float32]
    """`[P, N]`."""
    structure: npt.NDArray[np.int8]
    """`[K, N]`."""
    chances: npt.NDArray[np.int64]
    """The war number whose chances each takes, from 0 to 2^32 - 1, `[N]`."""


@dataclasses.dataclass(frozen=True)
class Designed:
    """What carries the answer to a question, of independent priors."""

    asked: Asked
    found: Sensitivity
    meanings: Mapping[str, str]
    """What each group is, in words."""
    inputs: Mapping[str, int]
    """How many inputs each group has."""
    extreme: float
    """Share of the variance that lies in the 1 % of the wars whose difference is farthest from the mean."""
    seed: int


def inputs_of(world: World) -> Inputs:
    """Return the inputs of a world's wars.

    A parameter is one where its prior is no constant and some war has its mechanism; an alternative where two
    of its choices have weight. The initiator's parameters come first, wherever it is listed, so that sides
    that are exchanged have each other's draws.
    """
    on = in_use(world.structure_weights)
    rows = []
    for name, parameter in REGISTRY.items():
        mechanism = REGISTRY.mechanisms[name]
        if mechanism in OPTIONAL and mechanism not in on:
            continue
        span = list(range(REGISTRY.rows[name].start, REGISTRY.rows[name].stop))
        in_order = sorted(span, key=lambda row: world.streams[row - span[0]]) if parameter.per_side else span
        rows += [row for row in in_order if not world.priors[row].constant]
    chosen = [
        row
        for row, one in enumerate(STRUCTURES)
        if np.count_nonzero(world.structure_weights.get(one.name, one.weights)) > 1
    ]
    labels = REGISTRY.labels()
    named = [labels[row] for row in rows]
    return Inputs(
        (
            *(name if side is None else f"{name} ({world.sides[side]})" for name, side in named),
            *(STRUCTURES[row].name for row in chosen),
            CHANCE,
        ),
        (*(REGISTRY.mechanisms[name] for name, _ in named), *(RIVALS for _ in chosen), CHANCE),
        np.array(rows, dtype=np.intp),
        np.array(chosen, dtype=np.intp),
    )


def wars_of(world: World, inputs: Inputs, uniform: FloatArray) -> Wars:
    """Return the wars of rows of a design.

    Args:
        world: the compiled scenario.
        inputs: those of `inputs_of`.
        uniform: `[N, D]`, above 0 and below 1. What is no input stays at the middle of its prior.
    """
    scores = np.zeros((REGISTRY.size, len(uniform)))
    scores[inputs.rows] = special.ndtri(uniform[:, : inputs.rows.size].T)
    return Wars(
        parameters_of(world, scores),
        _structure(world, inputs, uniform),
        np.asarray(uniform[:, -1] * COURSES, dtype=np.int64),
    )


def _structure(world: World, inputs: Inputs, uniform: FloatArray) -> npt.NDArray[np.int8]:
    choosing = np.full((len(STRUCTURES), len(uniform)), 0.5)
    choosing[inputs.alternatives] = uniform[:, inputs.rows.size : -1].T
    return structure_of(world, choosing)


def outcome_of(
    world: World,
    plan: Plan,
    wars: Wars,
    outcome: str,
    side: str | None,
    *,
    seed: int = 1,
    chunk: int = DEFAULT_CHUNK,
    off: tuple[str, ...] | None = None,
) -> FloatArray:
    """Return an outcome on the last day of wars whose draws are given, `[N]`; NaN where a war failed.

    Wars with the draws and the numbers of a run are that run's, bit for bit, whatever the chunk.

    Args:
        world: the compiled scenario.
        plan: the compiled policy.
        wars: the wars.
        outcome: a name of `OUTCOMES`.
        side: a belligerent, or None for both together.
        seed: of chance.
        chunk: wars computed at one time.
        off: optional mechanisms that no war has, where these wars are only some of all.
    """
    read = OUTCOMES[outcome]
    found = []
    for block in run_blocks(world, plan, wars.parameters, wars.structure, wars.chances, seed, chunk, off=off):
        values = read.read(_labelled(world, block, read.kept), side)[-1]
        found.append(np.where(block.passages.status == 0, values, np.nan))
    return np.concatenate(found)


def _labelled(world: World, block: Block, names: tuple[str, ...]) -> xr.Dataset:
    """Return some of what is kept of wars with the names by which outcomes are read."""
    data = {}
    for name in names:
        values = sum(
            np.concatenate([getattr(block.start, part)[None], getattr(block.weekly, part)])
            for part in SUMS.get(name, (name,))
        )
        data[name] = (("time", "side", "war") if np.ndim(values) == 3 else ("time", "war"), values)
    return xr.Dataset(data, {"side": list(world.sides)})


def designed(
    asked: Asked, *, wars: int = MOST_WARS, seed: int = 1, progress: Progress | None = None
) -> Designed:
    """Return what carries the answer to a question, with all that is not known drawn from its prior.

    Args:
        asked: the question, filled.
        wars: how many there are at most, each run under both policies; the design takes the most that are a
            power of two of blocks.
        seed: of the design and of chance.
        progress: called with the wars done and the wars in all, both policies together.

    Raises:
        InputError: too few or too many wars, an outcome that is the same in all, more than 5 % of the blocks
            with a failed war, or SALib is missing.
    """
    check_draws(wars, seed)
    question, scenario = asked.question, asked.scenario
    world = shortened(scenario.world(), (asked.last_day - scenario.start).days)
    inputs = inputs_of(world)
    members = inputs.members
    design = sobol_design(
        len(inputs.names),
        base_samples_for(wars, len(members)),
        seed,
        names=inputs.names,
        groups=members,
    )
    plans = [shortened_plan(scenario.plan(name), world.days) for name in (question.against, ASKED)]
    # Of all wars and not of a piece, so that a result does not depend on the piece.
    off = absent(_structure(world, inputs, design.uniform))
    difference = np.empty(design.wars)
    for first in range(0, design.wars, DEFAULT_CHUNK):
        here = slice(first, min(first + DEFAULT_CHUNK, design.wars))
        made = wars_of(world, inputs, design.uniform[here])
        other, truce = (
            outcome_of(world, plan, made, question.outcome, question.side, seed=seed, off=off)
            for plan in plans
        )
        difference[here] = truce - other
        if progress is not None:
            progress(2 * here.stop, 2 * design.wars)
    return Designed(
        asked,
        sobol_indices(design, difference),
        _meanings(world),
        {group: len(places) for group, places in members.items()},
        _extreme(difference[np.isfinite(difference)]),
        seed,
    )


def _extreme(difference: FloatArray) -> float:
    """Return the share of a variance that lies in the values farthest from the mean, 1 % of them."""
    squares = np.sort((difference - difference.mean()) ** 2)[::-1]
    return float(squares[: max(round(EXTREME * squares.size), 1)].sum() / squares.sum())


def _meanings(world: World) -> dict[str, str]:
    """Return what each group is, in words."""
    return {
        **{use.name: use.meaning.removeprefix("whether ") for use in uses(world.structure_weights)},
        RIVALS: "which of the rival equations hold, and which mechanisms that not all wars have there are",
        CHANCE: "what no two wars share, week by week and event by event",
    }
