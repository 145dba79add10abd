"""Sequential Monte Carlo over sets of parameters whose likelihood a particle filter estimates (SMC2).

A population of sets goes from one target to the next: weights, resampling, and moves that leave the target as
it is. A move proposes, in standard normal numbers z with the prior N(0, I),

    z' = m + r (z - m) + sqrt(1 - r^2) e,   e ~ N(0, C),

which leaves N(m, C) as it is, so that only the likelihood and the difference between prior and N(m, C) decide
whether it is accepted. m and C are those of the population in the few directions in which it is narrower than
the prior, and those of the prior in all others. Most moves take C as it is, to go far; some take it wider, to
bring back what lies farther out than a normal distribution has it. Other moves keep the chances and draw some
rows anew from the prior, so that no row stays narrow by luck, or change the structure alone. A set keeps the
estimate of its likelihood until it moves, so that the target is exact whatever the number of paths (Andrieu
and Roberts 2009; Chopin, Jacob and Papaspiliopoulos 2013; Cotter and others 2013 for the proposal).
"""

from __future__ import annotations

import dataclasses
from typing import Protocol

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

# Steps r of the proposal, tried in turn by chance: far, middle and near.
CORRELATIONS = (0.0, 0.7, 0.9, 0.97, 0.99)
# From this step on a proposal keeps its chances.
NEAR = 0.9
# Share of the moves that also try another choice of a structural alternative, and of those that try nothing
# else and keep the chances.
CHANGE_OF_STRUCTURE = 0.1
STRUCTURE_ALONE = 0.2
# Share of these that also take the step between the means of both structures.
STEPS_WITH_IT = 0.6
# Share of the moves that draw some rows anew from the prior, and the shares of rows that they draw.
REDRAWN = 0.35
SHARES_REDRAWN = (0.03, 0.1, 0.3)
# Variance of the proposals over that of the population, and how often each is taken: as wide moves far, but
# tails that are lighter than the target's would hold what lies beyond them.
WIDTHS = (1.0, 1.6)
SHARES_OF_WIDTHS = (0.7, 0.3)
_LEAST_OF_A_CHOICE = 10
# Numbers of sets lie below: times the paths of a set they still fit into 32 bits.
_NUMBERS = 2**24


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

    def propose(self, z: Float, r: Float64, noise: Float64) -> Float:
        """Return proposals `[D, T]` with correlations r `[T]` to z."""
        along = self.directions.T @ noise
        scaled = noise + self.directions @ ((self.deviation[:, None] - 1.0) * along)
        mean = self.mean[:, None]
        return np.asarray(mean + r * (z - mean) + np.sqrt(1.0 - r * r) * scaled, np.float32)


def reference(z: Float, silent: npt.NDArray[np.bool_] | None = None, wider: float = 1.0) -> Reference:
    """Return the normal distribution for proposals of a population `[D, T]`, its variances times `wider`.

    It follows the population in the rows whose mean or variance differs from that of the prior by more than
    four of the standard errors that as many different members would have, and the prior in all others.
    """
    dimension = z.shape[0]
    audible = np.ones(dimension, bool) if silent is None else ~silent
    # Copies of a member say nothing about the spread.
    size = np.unique(z[audible], axis=1).shape[1]
    centred = z - z.mean(axis=1, keepdims=True)
    variance = centred.var(axis=1)
    # A mean of the prior itself scatters by 1 / sqrt(T).
    drawn = np.abs(z.mean(axis=1)) > 4.0 / np.sqrt(size)
    narrow = variance < 1.0 - 4.0 * np.sqrt(2.0 / size)
    chosen = np.flatnonzero((narrow | drawn) & audible)
    mean = np.zeros(dimension)
    if chosen.size == 0:
        return Reference(mean, np.zeros((dimension, 0)), np.ones(0))
    mean[chosen] = z.mean(axis=1)[chosen]
    values, vectors = np.linalg.eigh(np.cov(centred[chosen]).reshape(chosen.size, chosen.size))
    directions = np.zeros((dimension, chosen.size))
    directions[chosen] = vectors
    return Reference(mean, directions, np.sqrt(np.clip(wider * values, 1e-4, 1.5)))


def means_by_structure(z: Float, structure: Int8, silent: npt.NDArray[np.bool_]) -> list[Float64]:
    """Return the means `[C, D]` of the sets that have each choice, for each structural alternative.

    Rows in which no choice differs from all sets by more than four standard errors, of as many different
    members as it has, are 0 for every choice, as are those of a choice with fewer than ten.
    """
    found = []
    whole = z.mean(axis=1)
    # Copies share the rows that are heard; one of them tells them apart, the others are drawn anew.
    own = z[int(np.argmin(silent))]
    for row, alternative in enumerate(STRUCTURES):
        means = np.zeros((len(alternative.choices), z.shape[0]))
        far = np.zeros(z.shape[0], bool)
        for choice in range(len(alternative.choices)):
            has = structure[row] == choice
            size = np.unique(own[has]).size
            if size < _LEAST_OF_A_CHOICE:
                continue
            means[choice] = z[:, has].mean(axis=1) - whole
            far |= np.abs(means[choice]) > 4.0 * z[:, has].std(axis=1) / np.sqrt(size)
        means[:, ~far | silent] = 0.0
        found.append(means)
    return found


@dataclasses.dataclass
class Acceptance:
    """How often moves were accepted, by step."""

    tried: Float64 = dataclasses.field(default_factory=lambda: np.zeros(len(CORRELATIONS)))
    taken: Float64 = dataclasses.field(default_factory=lambda: np.zeros(len(CORRELATIONS)))

    def rates(self) -> Float64:
        """Return the shares accepted, `[5]`."""
        return np.asarray((self.taken + 0.5) / (self.tried + 2.0))

    def share(self) -> float:
        """Return the share of all moves that was accepted."""
        return float(self.taken.sum() / max(self.tried.sum(), 1.0))

    def weights(self) -> Float64:
        """Return how often to try each step: by the squared distance that it is expected to go."""
        gain = self.rates() * (1.0 - np.asarray(CORRELATIONS))
        return np.asarray(0.05 + gain / gain.sum()) / (1.0 + 0.05 * len(CORRELATIONS))


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
    near: Reference | None = None,
) -> Population:
    """Move every set once and leave the target as it is.

    Args:
        population: at any power.
        old: the likelihood where the bridge began; None for the prior.
        new: the likelihood where it ends.
        rng: chance.
        acceptance: counts what was accepted.
        near: where proposals come from; made of the population where not given.
    """
    z, size, power = population.z, population.size, population.power
    silent = new.silent.copy()
    if old is not None and power < 1.0:
        silent[: old.dimension] &= old.silent
    near = near or reference(z, silent, float(rng.choice(WIDTHS, p=SHARES_OF_WIDTHS)))
    step = rng.choice(len(CORRELATIONS), size=size, p=acceptance.weights())
    r = np.asarray(CORRELATIONS)[step]
    noise = rng.standard_normal(z.shape)
    tried = near.propose(z, r, noise)
    gain = near.log_ratio(tried) - near.log_ratio(z)
    # A few rows anew from the prior: a row that was narrow by chance alone widens again.
    kind = rng.random(size)
    redraws = kind < REDRAWN
    alone = kind > 1.0 - STRUCTURE_ALONE
    rows = rng.random(z.shape) < rng.choice(SHARES_REDRAWN, size=size)
    other = new.draw_structure(rng.random(population.structure.shape))
    change = rng.random(population.structure.shape) < np.where(alone, 0.5, CHANGE_OF_STRUCTURE)
    structure = np.where(change, other, population.structure)
    # There and back are the same step, so that only the prior of both ends decides beside the likelihood.
    steps = alone & (rng.random(size) < STEPS_WITH_IT)
    stepped = z.astype(np.float64)
    for row, means in enumerate(means_by_structure(z, population.structure, silent)):
        stepped += (means[structure[row]] - means[population.structure[row]]).T
    stays = np.where(steps, stepped, z)
    tried = np.where(redraws, np.where(rows, noise, z), np.where(alone, stays, tried)).astype(np.float32)
    of_step = 0.5 * (np.square(z, dtype=np.float64) - np.square(stepped)).sum(axis=0)
    gain = np.where(redraws | alone, np.where(steps, of_step, 0.0), gain)
    # With the same chances a small change of the parameters changes the estimate little, and none nothing.
    keeps = redraws | alone | (r >= NEAR)
    numbers = np.where(keeps, population.numbers, draw_numbers(size, rng)).astype(np.uint32)
    found = dataclasses.replace(
        population,
        new=new.log_likelihood(tried, structure, numbers),
        old=old.log_likelihood(tried[: old.dimension], structure, numbers)
        if old is not None and power < 1.0
        else np.zeros(size, np.float32),
    )
    taken = np.log(rng.random(size)) < gain + found.log_target - population.log_target
    moved = np.where(taken, tried, z)
    moved[silent] = rng.standard_normal((int(silent.sum()), size))
    walks = ~(redraws | alone)
    np.add.at(acceptance.tried, step[walks], 1.0)
    np.add.at(acceptance.taken, step[taken & walks], 1.0)
    return dataclasses.replace(
        population,
        z=moved,
        structure=np.where(taken, structure, population.structure),
        numbers=np.where(taken, numbers, population.numbers),
        old=np.where(taken, found.old, population.old),
        new=np.where(taken, found.new, population.new),
    )
