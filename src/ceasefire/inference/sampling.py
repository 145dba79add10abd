"""Sequential Monte Carlo over sets of parameters whose likelihood a particle filter estimates (SMC2).

A population of sets goes from one target to the next: weights, resampling, and moves that leave the target as
it is. A move proposes in standard normal numbers z with the prior N(0, I). Near the population lies a normal
distribution N(m, C): that of its members in the few directions in which they are narrower than the prior, and
the prior in all others. In its own independent coordinates a share of them, chosen by chance, is drawn anew
and the rest stays, which leaves N(m, C) as it is, so that only the likelihood and the difference between
prior and N(m, C) decide whether it is accepted. Most of these keep the chances of the estimate. Other moves
draw some rows anew from the prior, so that no row stays narrow by luck, or change the structure alone.

The sets move in groups, one after the other, and N(m, C) is made of all the others: a set that had a part in
its own N(m, C) would seem to lie nearer to the middle than it does and be given up too easily. With 256 sets
and 40 directions eight times as many moves were taken as ought to be. Where the target stays the same the
others' past counts too, so that a hundred sets are enough. A set still has a part in that by way of the
others, which moved by what it was: as with every proposal that adapts, the target is left as it is only in
the limit; a test holds eighty sets to a posterior that is known.

A set keeps the estimate of its likelihood until it moves, so that the target is exact whatever the number of
paths (Andrieu and Roberts 2009; Chopin, Jacob and Papaspiliopoulos 2013; Goodman and Weare 2010 for groups
that move by each other).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import NamedTuple, Protocol

import jax
import numpy as np
import numpy.typing as npt
from blackjax.smc import resampling
from scipy import optimize, special

from ceasefire.war import STRUCTURES

Float = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int8 = npt.NDArray[np.int8]
UInt32 = npt.NDArray[np.uint32]

# Shares of its coordinates that a proposal draws anew, and how often each is tried. On average wider ones
# move a population farther, but they leave the sets where they are that lie out in the tails; where much is
# learnt of many rows, only the narrowest are ever taken.
SHARES = (0.5, 0.25, 0.12, 0.06, 0.04)
SHARES_OF_SHARES = (0.1, 0.2, 0.4, 0.2, 0.1)
# Where it is learnt how often (`Acceptance.learnt`): the part that stays as it is, and how many proposals of
# each share count as much as what is usual.
_AS_USUAL, _UNSEEN = 0.2, 100.0
# Share of these proposals that take new chances.
NEW_CHANCES = 0.3
# The sets move in so many groups, each by the distribution of all others.
GROUPS = 4
# Share of the moves that also try another choice of a structural alternative, and of those that try nothing
# else and keep the chances.
CHANGE_OF_STRUCTURE = 0.05
STRUCTURE_ALONE = 0.15
# Share of these that also take the step between the means of both structures.
STEPS_WITH_IT = 0.6
# Share of the moves that draw some rows anew from the prior, and the shares of rows that they draw.
REDRAWN = 0.15
SHARES_REDRAWN = (0.02, 0.05, 0.15)
# Standard errors by which a row differs from the prior before proposals follow it.
_ERRORS = 2.5
_LEAST_OF_A_CHOICE = 10
# Numbers of sets lie below: with those of the paths (`filtering.MOST_PATHS`) they fit into 32 bits.
_NUMBERS = 2**22


class Likelihood(Protocol):
    """Estimates of a likelihood, and the prior of structures."""

    dimension: int
    silent: npt.NDArray[np.bool_]
    """Rows that the likelihood does not depend on at all, `[D]`: drawn from the prior at every move."""

    def log_likelihood(self, z: Float, structure: Int8, numbers: UInt32) -> Float:
        """Return the log of an unbiased estimate for each set, `[T]`; chance belongs to its number."""

    def draw_structure(self, uniform: Float64) -> Int8:
        """Return structures `[K, T]` from uniform numbers."""


@dataclasses.dataclass(frozen=True)
class Population:
    """Sets of parameters with equal weights, in replicates that never exchange members.

    They are draws of the target `prior x old^(1 - power) x new^power`, the bridge from one likelihood to the
    next; `old` is 1 for the prior.
    """

    z: Float
    """`[D, T]`, replicates side by side."""
    structure: Int8
    """`[K, T]`."""
    numbers: UInt32
    """Whose chances each set's estimates take, `[T]`: both ends of a bridge take the same."""
    old: Float
    """Log likelihood where the bridge begins, `[T]`."""
    new: Float
    """Log likelihood where it ends, `[T]`."""
    power: float
    replicates: int
    log_evidence: Float64
    """Estimate of the log of the marginal likelihood so far, `[R]`."""
    line: npt.NDArray[np.int32]
    """Which first member each one descends from, `[T]`."""

    @property
    def size(self) -> int:
        """Number of sets."""
        return int(self.z.shape[1])

    @property
    def log_target(self) -> Float64:
        """Log of the target without the prior, `[T]`."""
        # At the end of a bridge its beginning no longer counts, even where it is unknown.
        old = 0.0 if self.power == 1.0 else (1.0 - self.power) * self.old.astype(np.float64)
        return np.asarray(old + self.power * self.new.astype(np.float64))


class Earlier(NamedTuple):
    """What the sets of a population were after earlier rounds of moves at the same target."""

    z: Sequence[Float]
    """`[D, T]` each."""
    structure: Sequence[Int8]
    """`[K, T]` each."""


@dataclasses.dataclass(frozen=True)
class Reference:
    """A normal distribution near the population: the prior but for the directions that were learnt."""

    mean: Float64
    """`[D]`."""
    directions: Float64
    """`[D, Q]`, orthonormal."""
    deviation: Float64
    """`[Q]`."""

    def log_ratio(self, z: Float) -> Float64:
        """Return the log of prior over reference, up to a constant, `[T]`."""
        along = self.directions.T @ z
        centre = self.directions.T @ self.mean
        return -0.5 * np.sum(along**2, axis=0) + 0.5 * np.sum(
            ((along - centre[:, None]) / self.deviation[:, None]) ** 2, axis=0
        )

    def propose(self, z: Float, anew: npt.NDArray[np.bool_], noise: Float64) -> Float:
        """Return proposals `[D, T]` that draw the coordinates `anew` `[D, T]` from the distribution.

        The rows that belong to the directions stand for the directions in turn, every other row for itself.
        """
        learnt = np.flatnonzero(self.directions.any(axis=1))
        tried = np.where(anew, noise, z).astype(np.float64)
        turned = self.directions[learnt]
        along = turned.T @ (z[learnt] - self.mean[learnt, None])
        along = np.where(anew[learnt], self.deviation[:, None] * noise[learnt], along)
        tried[learnt] = self.mean[learnt, None] + turned @ along
        return np.asarray(tried, np.float32)


def reference(z: Float) -> Reference:
    """Return the normal distribution for proposals of a population `[D, T]`.

    It follows the population in the rows whose mean or variance differs from that of the prior by more than
    2.5 of the standard errors that as many different members would have, and the prior in all others. The
    correlations are drawn towards 0 as far as they are noise (`noise_of_correlations`).
    """
    dimension = z.shape[0]
    if dimension == 0:
        # Nothing is heard of any row yet.
        return Reference(np.zeros(0), np.zeros((0, 0)), np.ones(0))
    # Copies of a member say nothing about the spread; one row tells them apart.
    size = np.unique(z[:1]).size
    centred = z - z.mean(axis=1, keepdims=True)
    variance = centred.var(axis=1)
    # A mean of the prior itself scatters by 1 / sqrt(T).
    drawn = np.abs(z.mean(axis=1)) > _ERRORS / np.sqrt(size)
    narrow = variance < 1.0 - _ERRORS * np.sqrt(2.0 / size)
    chosen = np.flatnonzero((narrow | drawn) & (variance > 0.0))
    mean = np.zeros(dimension)
    if chosen.size == 0:
        return Reference(mean, np.zeros((dimension, 0)), np.ones(0))
    mean[chosen] = z.mean(axis=1)[chosen]
    covariance = np.cov(centred[chosen]).reshape(chosen.size, chosen.size)
    share = noise_of_correlations(centred[chosen], size)
    covariance = (1.0 - share) * covariance + share * np.diag(np.diag(covariance))
    values, vectors = np.linalg.eigh(covariance)
    directions = np.zeros((dimension, chosen.size))
    directions[chosen] = vectors
    return Reference(mean, directions, np.sqrt(np.clip(values, 1e-4, 1.5)))


def noise_of_correlations(centred: Float, size: int) -> float:
    """Return which share of the squared correlations of rows `[Q, T]` is noise of `size` members, 0 to 1.

    By this share correlations are best drawn towards 0 (Schaefer and Strimmer 2005).
    """
    scaled = (centred / centred.std(axis=1, keepdims=True)).astype(np.float64)
    mean = scaled @ scaled.T / scaled.shape[1]
    variance = np.square(scaled) @ np.square(scaled).T / scaled.shape[1] - mean**2
    off = ~np.eye(len(scaled), dtype=bool)
    found = np.square(mean[off]).sum()
    return float(min(1.0, variance[off].sum() / size / found)) if found > 0.0 else 0.0


def means_by_structure(z: Float, structure: Int8) -> list[Float64]:
    """Return the means `[C, D]` of the sets that have each choice, for each structural alternative.

    Rows in which no choice differs from all sets by more than four standard errors, of as many different
    members as it has, are 0 for every choice, as are those of a choice with fewer than ten.
    """
    found = []
    whole = z.mean(axis=1)
    # Copies share all rows: one tells them apart.
    own = z[:1].ravel()
    for row, alternative in enumerate(STRUCTURES):
        means = np.zeros((len(alternative.choices), z.shape[0]))
        found.append(means)
        if np.ptp(structure[row]) == 0:
            continue
        far = np.zeros(z.shape[0], bool)
        for choice in range(len(alternative.choices)):
            has = structure[row] == choice
            size = np.unique(own[has]).size if own.size else 0
            if size < _LEAST_OF_A_CHOICE:
                continue
            means[choice] = z[:, has].mean(axis=1) - whole
            far |= np.abs(means[choice]) > 4.0 * z[:, has].std(axis=1) / np.sqrt(size)
        means[:, ~far] = 0.0
    return found


@dataclasses.dataclass
class Acceptance:
    """How often moves were accepted, by the share drawn anew."""

    tried: Float64 = dataclasses.field(default_factory=lambda: np.zeros(len(SHARES)))
    taken: Float64 = dataclasses.field(default_factory=lambda: np.zeros(len(SHARES)))
    chances: Float64 = dataclasses.field(default_factory=lambda: np.asarray(SHARES_OF_SHARES))
    """How often each share is tried."""

    def learnt(self) -> Float64:
        """Return how often each share is best tried: in proportion to the share times how often it is taken.

        That is how many coordinates it moves on average.
        """
        usual, shares = np.asarray(SHARES_OF_SHARES), np.asarray(SHARES)
        rate = (self.taken + _UNSEEN * usual / shares / np.sum(usual / shares)) / (self.tried + _UNSEEN)
        moved = shares * rate
        return np.asarray(_AS_USUAL * usual + (1.0 - _AS_USUAL) * moved / moved.sum())

    def share(self) -> float:
        """Return the fraction of all moves that was accepted."""
        return float(self.taken.sum() / max(self.tried.sum(), 1.0))


def start(target: Likelihood, sets: int, replicates: int, rng: np.random.Generator) -> Population:
    """Return a population drawn from the prior, of `sets` in each replicate."""
    total = sets * replicates
    z = rng.standard_normal((target.dimension, total)).astype(np.float32)
    structure = target.draw_structure(rng.random((len(STRUCTURES), total)))
    zero = np.zeros(total, np.float32)
    line = np.arange(total, dtype=np.int32)
    return Population(
        z, structure, draw_numbers(total, rng), zero, zero, 1.0, replicates, np.zeros(replicates), line
    )


def thinned(population: Population, sets: int, rng: np.random.Generator) -> Population:
    """Return so many sets of each replicate, each once; all of them where there are no more."""
    each = population.size // population.replicates
    if each <= sets:
        return population
    kept = np.concatenate(
        [
            np.sort(rng.choice(each, sets, replace=False)) + replicate * each
            for replicate in range(population.replicates)
        ]
    )
    return dataclasses.replace(
        population,
        z=population.z[:, kept],
        structure=population.structure[:, kept],
        numbers=population.numbers[kept],
        old=population.old[kept],
        new=population.new[kept],
        line=population.line[kept],
    )


def draw_numbers(sets: int, rng: np.random.Generator) -> UInt32:
    """Return numbers for sets whose chances are new, `[T]`."""
    return rng.integers(_NUMBERS, size=sets, dtype=np.uint32)


def towards(population: Population, new: Likelihood, seed: int) -> Population:
    """Set out from the present target, which must be reached, towards the next likelihood."""
    added = new.dimension - population.z.shape[0]
    z = population.z
    if added:
        # What has just begun to report had its prior until now.
        noise = np.random.default_rng([seed, 3]).standard_normal((added, population.size))
        z = np.concatenate([z, noise.astype(np.float32)])
    found = new.log_likelihood(z, population.structure, population.numbers)
    return dataclasses.replace(population, z=z, old=population.new, new=found, power=0.0)


def effective(log_weight: Float64) -> float:
    """Return the effective number of sets over their number, for one replicate."""
    weight = special.softmax(log_weight)
    return float(1.0 / np.sum(weight**2) / weight.size)


def next_power(population: Population, least: float) -> float:
    """Return how far the weights can go on: 1 when all the way."""
    ratio = population.new.astype(np.float64) - population.old.astype(np.float64)
    groups = ratio.reshape(population.replicates, -1)

    def worst(step: float) -> float:
        return min(effective(step * group) for group in groups) - least

    left = 1.0 - population.power
    if worst(left) >= 0.0:
        return 1.0
    return population.power + float(optimize.brentq(worst, 1e-9 * left, left, xtol=1e-4 * left))


def step_forward(population: Population, least: float, rng: np.random.Generator) -> Population:
    """Raise the power as far as the weights can go, and resample each replicate (systematic)."""
    power = next_power(population, least)
    ratio = population.new.astype(np.float64) - population.old.astype(np.float64)
    groups = ((power - population.power) * ratio).reshape(population.replicates, -1)
    size = groups.shape[1]
    index = []
    for number, group in enumerate(groups):
        key = jax.random.key(int(rng.integers(2**31)))
        weight = special.softmax(group).astype(np.float32)
        index.append(np.asarray(resampling.systematic(key, weight, size)) + number * size)
    taken = np.concatenate(index)
    return dataclasses.replace(
        population,
        z=population.z[:, taken],
        structure=population.structure[:, taken],
        numbers=population.numbers[taken],
        old=population.old[taken],
        new=population.new[taken],
        power=power,
        log_evidence=population.log_evidence + special.logsumexp(groups, axis=1) - np.log(size),
        line=population.line[taken],
    )


def move(
    population: Population,
    old: Likelihood | None,
    new: Likelihood,
    rng: np.random.Generator,
    acceptance: Acceptance,
    earlier: Earlier | None = None,
) -> Population:
    """Move every set once, group by group, and leave the target as it is.

    Args:
        population: at any power.
        old: the likelihood where the bridge began; None for the prior.
        new: the likelihood where it ends.
        rng: chance.
        acceptance: counts what was accepted.
        earlier: what the sets were before at the same target, from which proposals learn as well. The groups
            are the same each time then, so that no set's past is among what its own proposals are made of.
    """
    silent = new.silent.copy()
    if old is not None and population.power < 1.0:
        silent[: old.dimension] &= old.silent
    order = np.arange(population.size) if earlier is not None else rng.permutation(population.size)
    for first in range(GROUPS):
        group = np.sort(order[first::GROUPS])
        population = _move_group(population, group, old, new, silent, rng, acceptance, earlier)
    return population


def _move_group(
    population: Population,
    group: npt.NDArray[np.intp],
    old: Likelihood | None,
    new: Likelihood,
    silent: npt.NDArray[np.bool_],
    rng: np.random.Generator,
    acceptance: Acceptance,
    earlier: Earlier | None,
) -> Population:
    """Move the sets of a group by what the others are."""
    others = np.ones(population.size, bool)
    others[group] = False
    power, size = population.power, group.size
    # What is silent is drawn anew in any case.
    heard = np.flatnonzero(~silent)
    past = [(population.z, population.structure), *(() if earlier is None else zip(*earlier, strict=True))]
    apart = np.flatnonzero(others)
    apart_z = np.concatenate([z[np.ix_(heard, apart)] for z, _ in past], axis=1)
    apart_structure = np.concatenate([structure[:, apart] for _, structure in past], axis=1)
    mine = dataclasses.replace(
        population,
        z=population.z[:, group],
        structure=population.structure[:, group],
        numbers=population.numbers[group],
        old=population.old[group],
        new=population.new[group],
    )
    near = reference(apart_z)
    z = mine.z[heard]
    step = rng.choice(len(SHARES), size=size, p=acceptance.chances)
    noise = rng.standard_normal(z.shape)
    anew = rng.random(z.shape) < np.asarray(SHARES)[step]
    tried = near.propose(z, anew, noise)
    gain = near.log_ratio(tried) - near.log_ratio(z)
    # A few rows anew from the prior: a row that was narrow by chance alone widens again.
    kind = rng.random(size)
    redraws = kind < REDRAWN
    alone = kind > 1.0 - STRUCTURE_ALONE
    rows = rng.random(z.shape) < rng.choice(SHARES_REDRAWN, size=size)
    other = new.draw_structure(rng.random(mine.structure.shape))
    change = rng.random(mine.structure.shape) < np.where(alone, 0.5, CHANGE_OF_STRUCTURE)
    structure = np.where(change, other, mine.structure)
    # What would try nothing at all draws coordinates anew instead; its structure stays either way.
    alone &= (structure != mine.structure).any(axis=0)
    # There and back are the same step, so that only the prior of both ends decides beside the likelihood.
    steps = alone & (rng.random(size) < STEPS_WITH_IT)
    stepped = z.astype(np.float64)
    for row, means in enumerate(means_by_structure(apart_z, apart_structure)):
        if means.any():
            stepped += (means[structure[row]] - means[mine.structure[row]]).T
    stays = np.where(steps, stepped, z)
    tried = np.where(redraws, np.where(rows, noise, z), np.where(alone, stays, tried)).astype(np.float32)
    of_step = 0.5 * (np.square(z, dtype=np.float64) - np.square(stepped)).sum(axis=0)
    gain = np.where(redraws | alone, np.where(steps, of_step, 0.0), gain)
    # With the same chances a small change of the parameters changes the estimate little, and none nothing.
    keeps = redraws | alone | (rng.random(size) > NEW_CHANCES)
    numbers = np.where(keeps, mine.numbers, draw_numbers(size, rng)).astype(np.uint32)
    whole = mine.z.copy()
    whole[heard] = tried
    found = dataclasses.replace(
        mine,
        new=new.log_likelihood(whole, structure, numbers),
        old=old.log_likelihood(whole[: old.dimension], structure, numbers)
        if old is not None and power < 1.0
        else np.zeros(size, np.float32),
    )
    taken = np.log(rng.random(size)) < gain + found.log_target - mine.log_target
    moved = np.where(taken, whole, mine.z)
    moved[silent] = rng.standard_normal((int(silent.sum()), size))
    # What draws nothing is taken and moves nothing.
    walks = ~(redraws | alone) & anew.any(axis=0)
    np.add.at(acceptance.tried, step[walks], 1.0)
    np.add.at(acceptance.taken, step[taken & walks], 1.0)

    def put(into: npt.NDArray[np.generic], values: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
        whole = into.copy()
        whole[..., group] = values
        return whole

    return dataclasses.replace(
        population,
        z=put(population.z, moved),
        structure=put(population.structure, np.where(taken, structure, mine.structure)),
        numbers=put(population.numbers, np.where(taken, numbers, mine.numbers)),
        old=put(population.old, np.where(taken, found.old, mine.old)),
        new=put(population.new, np.where(taken, found.new, mine.new)),
    )
