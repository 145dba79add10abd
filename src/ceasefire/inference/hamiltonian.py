"""Sets and their paths moved together: Hamiltonian Monte Carlo on what the filter estimates.

Over years of figures one estimate of a likelihood costs hundreds of paths, and its error lets a set move in a
few rows at a time. Here each set carries one path of the war instead, as the standard normal numbers x from
which every week's chances are guided by its figures (`filtering.guided_week`). Their joint density

    p(z, x | figures) ~ N(z; 0, I) N(x; 0, I) product over the weeks of w(z, x)

has the posterior of z as its marginal, whatever the guide is: the mean of the product over x is the
likelihood, of which a filter with one path is an estimate (Andrieu and Roberts 2009). It has a gradient, and
because the figures have guided the chances, x lies near N(0, I) at the posterior too.

A move draws a momentum p from N(0, M) and goes some leaps of length e,

    p += e / 2 gradient,  (z, x) += e M^-1 p,  p += e / 2 gradient

and is taken by the change of energy, -log density + p' M^-1 p / 2 (Duane and others 1987; Neal 2011). The
length of a leap is drawn for each set and move, and some are short, since some sets need them: those that
mass an attack on one front, as if it were a switch. M is the mean of outer products of gradients at the
posterior in the directions in which it stands out of the noise of so many, and I in all others (Titsias 2023
for the metric; Baik and Silverstein 2006 for the noise).

Where the posterior is no normal one, few sets in steep places decide that mean, and all others would creep
along what is wide elsewhere (men left to call up, of whom some sets have spent nearly all and others lack
none). So before each move a set tries steps as long as the posterior is wide, with the same numbers: in one
row, or along a direction in which sets lie farther apart than M says. Other rival equations are tried with
the same numbers too, a few with the step between the means of the sets that have them.
"""

from __future__ import annotations

import copy
import dataclasses
import functools
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
from scipy import linalg

from ceasefire.engine.fused import LANES, Kernel, Stepwise, available_cores, carry_room
from ceasefire.engine.fused.kernel import Wars
from ceasefire.engine.loop import Loop
from ceasefire.files import InputError
from ceasefire.inference import filtering, levelling
from ceasefire.inference.filtering import OfDay, OfRun, OfWars, OfWeek, Paths
from ceasefire.inference.levelling import Levelling
from ceasefire.inference.sampling import means_by_structure
from ceasefire.inference.target import Target
from ceasefire.war import STRUCTURES, State

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int8 = npt.NDArray[np.int8]

# Leaps of a move; the middle of their length, in units of the metric, and the spread of its log.
LEAPS, LEAP, LEAP_SPREAD = 20, 0.12, 0.3
# In what share of the moves leaps are short, and how much shorter.
SHORT_SHARE, SHORT = 0.1, 0.25
# How many lines each set tries before it moves, and how long steps are, in standard deviations.
LINES_TRIED, LINE_STEPS = 15, (0.35, 0.7, 1.4)
# How many of them go along a direction that is levelled.
ALONG_LEVELLED = 0.25
# How often each set tries another structure before it moves, and how many of these take the step between the
# means of both.
STRUCTURES_TRIED, STEPS_WITH_IT = 24, 0.1
# A gradient longer than this share of them counts as if it were as long.
_LONGEST = 0.85
# Directions of the metric at most.
_MOST_DIRECTIONS = 400
_NEVER = -1e30
# Sets that one core walks at a time, at most: their states at all weeks are kept.
_SETS_A_BLOCK = 256


class Walkers(NamedTuple):
    """Sets with a path each, replicates side by side on the last axis."""

    z: Float32
    """`[D, T]`."""
    structure: Int8
    """`[K, T]`."""
    chances: Float32
    """Numbers x of each week, `[W, C, T]`, of all channels (`filtering.chances`)."""


class Metric(NamedTuple):
    """M = I + U diag(curvature - 1) U', U orthonormal."""

    directions: Float32
    """U `[Q, n]`."""
    curvature: Float32
    """`[n]`, above 0."""

    def momentum(self, standard: Float32) -> Float32:
        """Return draws of N(0, M) from standard normal numbers `[Q, T]`."""
        return self._scaled(standard, np.sqrt(self.curvature))

    def velocity(self, momentum: Float32) -> Float32:
        """Return M^-1 p of momenta `[Q, T]`."""
        return self._scaled(momentum, 1.0 / self.curvature)

    def _scaled(self, values: Float32, by: Float32) -> Float32:
        return values + self.directions @ ((by - 1.0)[:, None] * (self.directions.T @ values))


class Tuning(NamedTuple):
    """What moves go by, learnt from sets once and the same for all moves after."""

    rows: npt.NDArray[np.int32]
    """Rows of z that move; the others, which no figure reaches, are drawn from the prior."""
    channels: npt.NDArray[np.int32]
    """Channels of chance that move; the others likewise."""
    metric: Metric
    means: Float32
    """Mean of the sets of each choice of each structural alternative less that of all, one after the other,
    `[choices, D]`."""
    lines: Float32
    """Steps that are tried, a standard deviation of the sets long, in the rows that move, `[rows, L]`."""
    odds: Float64
    """How often each of them is, `[L]`."""
    levelling: Levelling
    """What is levelled where sets move."""


class Went(NamedTuple):
    """How a move went."""

    accepted: float
    """Mean probability with which it was taken."""
    changed: float
    """Share of the sets that took another structure."""


@dataclasses.dataclass(frozen=True)
class _At:
    """Sets in the coordinates that move."""

    position: Float32
    """`[Q, T]`."""
    log_density: Float64
    """`[T]`."""
    gradient: Float32
    """`[Q, T]`."""


def _walking(sizes: tuple[int, ...], off: tuple[str, ...]) -> Loop:
    """Return the weeks of paths whose chances stand beside the state, `[C, N]`."""
    of, channels = filtering.filter_loop(*sizes, off=off), filtering.channels_of(sizes[0])

    def start(of_wars: OfWars, of_run: OfRun) -> Any:
        return of.start(of_wars, of_run), jnp.zeros((channels, of_wars.wars.shape[0]), jnp.float32)

    def begin_week(carry: Any, of_wars: OfWars, of_run: OfRun, week: OfWeek) -> Any:
        return filtering.guided_week(carry[0], of_wars, of_run, week, carry[1], steps=1, off=off)

    def step(carry: Any, of_wars: OfWars, of_run: OfRun, held: Any, of_day: OfDay, new_week: Any) -> Any:
        return of.step(carry[0], of_wars, of_run, held, of_day, new_week), carry[1]

    def end_week(carry: Any, of_wars: OfWars, of_run: OfRun, held: Any) -> Any:
        after, shown = of.end_week(carry[0], of_wars, of_run, held)
        return (after, carry[1]), shown

    carry = of.carry, jax.ShapeDtypeStruct((channels, LANES), jnp.float32)
    return dataclasses.replace(
        of, start=start, begin_week=begin_week, step=step, end_week=end_week, carry=carry
    )


class _Back(NamedTuple):
    """What goes back from week to week: where a week began, and slopes of all weights from its end on."""

    carry: Any
    chances: jax.Array
    """Those of the week; after it the slopes by them, `[C, N]`."""
    of_carry: list[jax.Array]
    """Slopes by the real numbers of the carry at the week's end; after it by those at its beginning."""
    of_parameters: jax.Array
    """`[P, N]`."""
    of_observed: jax.Array
    """`[O, N]`."""


def _real(carry: Any) -> list[Any]:
    """Return the leaves that are real numbers."""
    return [leaf for leaf in jax.tree.leaves(carry) if leaf.dtype == jnp.float32]


def _with_real(carry: Any, real: Sequence[jax.Array]) -> Any:
    leaves, tree = jax.tree.flatten(carry)
    given = iter(real)
    return jax.tree.unflatten(tree, [next(given) if leaf.dtype == jnp.float32 else leaf for leaf in leaves])


def _returning(sizes: tuple[int, ...], off: tuple[str, ...]) -> Loop:
    """Return the weeks of `_walking` backwards: slopes of the sum of all log weights, by reverse mode."""
    of = filtering.filter_loop(*sizes, off=off)
    walking = _walking(sizes, off)

    def start(of_wars: OfWars, of_run: OfRun) -> _Back:
        wars = of_wars.wars.shape[0]

        def zeros(shapes: Any) -> Any:
            return jax.tree.map(lambda leaf: jnp.zeros((*leaf.shape[:-1], wars), leaf.dtype), shapes)

        parts = zeros((walking.carry, _real(of.carry)))
        nothing = jnp.zeros_like(of_wars.parameters), jnp.zeros_like(of_wars.observed)
        return _Back(*parts[0], parts[1], *nothing)

    def end_week(back: _Back, of_wars: OfWars, of_run: OfRun, week: OfWeek) -> Any:
        of_day = OfDay(week.levers, week.offensives)

        def walked(real: Any, chances: jax.Array, parameters: jax.Array, observed: jax.Array) -> Any:
            wars = of_wars._replace(parameters=parameters, observed=observed)
            carry = _with_real(back.carry, real), chances
            held = walking.begin_week(carry, wars, of_run, week)
            carry = walking.step(carry, wars, of_run, held, of_day, jnp.float32(1.0))
            (after, _), shown = walking.end_week(carry, wars, of_run, held)
            return _real(after), shown.log_weight

        given = _real(back.carry), back.chances, of_wars.parameters, of_wars.observed
        (_, weight), slopes = jax.vjp(walked, *given)
        of_carry, of_chances, of_parameters, of_observed = slopes((back.of_carry, jnp.ones_like(weight)))
        before = _Back(
            back.carry,
            of_chances,
            of_carry,
            back.of_parameters + of_parameters,
            back.of_observed + of_observed,
        )
        return before, weight

    shape = _Back(*walking.carry, _real(of.carry), of.of_wars.parameters, of.of_wars.observed)
    return dataclasses.replace(
        of,
        start=start,
        begin_week=lambda back, of_wars, of_run, week: week,
        step=lambda back, of_wars, of_run, week, of_day, new_week: back,
        end_week=end_week,
        carry=shape,
    )


@functools.cache
def _forwards_compiled(sizes: tuple[int, ...], off: tuple[str, ...]) -> Kernel:
    return Kernel(_walking(sizes, off))


@functools.cache
def _backwards_compiled(sizes: tuple[int, ...], off: tuple[str, ...]) -> Kernel:
    """Return the weeks backwards, compiled: a minute or two, once on each machine."""
    return Kernel(_returning(sizes, off), streamed=False)


class _Forwards(NamedTuple):
    """Paths walked forwards, side by side with some that repeat the last one."""

    weight: Float64
    last: npt.NDArray[np.int32]
    shown: list[Float32]
    mornings: npt.NDArray[np.int32]
    """The carry at the beginning of each week, with the numbers of that week, `[W + 1, C, N]`."""
    wars: Wars


class PathDensity:
    """The joint density of sets and their paths, its gradient, and the war that a path is."""

    def __init__(self, target: Target) -> None:
        """Take the likelihood whose weeks guide the chances.

        Raises:
            InputError: a week of it has more than one step.
        """
        self.target, self.weeks = target, target.weeks
        self._whole, self._power = target.weeks, 1.0
        self.levelling = levelling.none(target.dimension)
        common = target.common()
        *others, _, steps = common.sizes
        if steps != 1:
            raise InputError(
                f"a week has {steps} steps here.", "step_days", "give a target with step_days=7."
            )
        # What weeks give in advance one path takes back in full: none does.
        common = common._replace(sizes=(*others, 1, steps), worth=None)
        self._sizes = common.sizes, common.off
        self._walk = _forwards_compiled(*self._sizes)
        self._loop = filtering.filter_loop(*common.sizes, off=common.off)
        self.channels = filtering.channels_of(others[0])
        self._state_rows = self._walk.carry_rows - self.channels
        self._of_run, of_week, of_day = filtering.run_and_rows(common, alone=True)
        longest = len(of_week.number)
        self._rows = self._walk.rows(of_week, longest), self._walk.rows(of_day, longest)
        self._values = jax.jit(self._of_step)
        self._back_to_z = jax.jit(self._slopes_by_z)
        self._chances = jax.jit(
            jax.vmap(functools.partial(filtering.chances, self._of_run, fronts=others[0]))
        )

    def bridge(self, whole: int, power: float) -> PathDensity:
        """Return the density in which the weights of all weeks but the first `whole` count by a power."""
        found = copy.copy(self)
        found._whole, found._power = whole, power
        return found

    def levelled(self, by: Levelling) -> PathDensity:
        """Return the density times exp(b), b that of a levelling; weights of paths stay as they are."""
        found = copy.copy(self)
        found.levelling = by
        return found

    def chances_of(self, wars: npt.NDArray[np.uint32]) -> Float32:
        """Return the numbers `[W, C, T]` of paths that took the chances of these wars `[W, T]`."""
        return np.array(self._chances(jnp.asarray(wars), jnp.arange(self.weeks, dtype=jnp.int32)))

    def completed(self, some: Float32, channels: npt.NDArray[np.int32], rng: np.random.Generator) -> Float32:
        """Return all channels `[W, C, T]`: some that are given `[W, H, T]`, the others from the prior."""
        found = rng.standard_normal((self.weeks, self.channels, some.shape[-1])).astype(np.float32)
        found[:, channels] = some
        return found

    def log_weight(self, z: Float32, structure: Int8, chances: Float32) -> Float64:
        """Return the log weight of each path over all weeks, `[T]`."""
        return _finite(self._in_parts(lambda *part: self._forwards(*part).weight, z, structure, chances))

    def log_density(self, z: Float32, structure: Int8, chances: Float32) -> Float64:
        """Return the log of the joint density `[T]`, up to a constant."""
        raised = self.levelling.raised(z)
        return np.asarray(self.log_weight(z, structure, chances) + _log_prior(z, chances) + raised)

    def with_gradient(
        self, z: Float32, structure: Int8, chances: Float32
    ) -> tuple[Float64, Float32, Float32]:
        """Return the log density `[T]`, and its gradient by z `[D, T]` and by the chances `[W, C, T]`."""
        # Compiled before the cores ask for it side by side.
        _backwards_compiled(*self._sizes)
        weight, of_chances, *others = self._in_parts(self._there_and_back, z, structure, chances)
        of_z = np.asarray(self._back_to_z(z, structure, *others))
        value = _finite(weight) + _log_prior(z, chances) + self.levelling.raised(z)
        return value, of_z - z + self.levelling.slope(z), of_chances - chances

    def walk(self, z: Float32, structure: Int8, chances: Float32) -> Paths:
        """Return the wars that these paths are."""

        def walked(*part: npt.NDArray[Any]) -> tuple[State, Float32]:
            found, size = self._forwards(*part, shown=True), part[0].shape[-1]
            (carry, _) = self._walk.carry_of(found.last, size)
            quantities = [self._walk.record_of(one, size).quantities[0] for one in found.shown]
            return carry.state, np.stack(quantities)

        state, quantities = self._in_parts(walked, z, structure, chances)
        return Paths(state, quantities)

    def _forwards(
        self, z: Float32, structure: Int8, chances: Float32, *, kept: bool = False, shown: bool = False
    ) -> _Forwards:
        parameters, observed = self._values(z)
        nobody = np.zeros(z.shape[1], np.uint32)
        wars = self._walk.lay_out(OfWars(parameters, observed, structure, nobody), self._of_run)
        width, state = wars.of_wars.shape[1], self._state_rows
        numbers = np.pad(chances, ((0, 0), (0, 0), (0, width - z.shape[1])), mode="edge").view(np.int32)
        # Without need of them two take turns.
        mornings = carry_room(self._walk, wars, self.weeks + 1 if kept else 2)
        mornings[0] = self._walk.walk(wars, None, None, None, 0, cores=1)[0]
        stepwise = Stepwise(self._walk, wars, *self._rows)
        weight, records = np.zeros(width), []
        for week in range(self.weeks):
            morning, next_one = (mornings[one % len(mornings)] for one in (week, week + 1))
            morning[state:] = numbers[week]
            stepwise.walk(week, morning, next_one)
            of_week = stepwise.record[0]
            weight += of_week if week < self._whole else self._power * of_week
            if shown:
                records.append(stepwise.record[None].copy())
        last = mornings[self.weeks % len(mornings)]
        return _Forwards(weight[: z.shape[1]], last, records, mornings, wars)

    def _there_and_back(self, z: Float32, structure: Int8, chances: Float32) -> tuple[Any, ...]:
        """Return weights, slopes by the chances, by the carry at the start, parameters and reporting."""
        found, state, size = self._forwards(z, structure, chances, kept=True), self._state_rows, z.shape[1]
        back = _backwards_compiled(*self._sizes)
        rows, other = carry_room(back, found.wars, 2)
        rows[:] = 0
        of_chances = np.empty((self.weeks, self.channels, rows.shape[1]), np.float32)
        numbers = slice(state, state + self.channels)
        stepwise = Stepwise(back, found.wars, *self._rows)
        for week in reversed(range(self.weeks)):
            rows[: numbers.stop] = found.mornings[week]
            stepwise.walk(week, rows, other)
            rows, other = other, rows
            of_chances[week] = rows[numbers].view(np.float32)
            if week == self._whole:
                # All slopes so far are those of weeks that weigh by a power.
                later = rows[numbers.stop :].view(np.float32)
                later *= np.float32(self._power)
        of_chances[self._whole :] *= np.float32(self._power)
        slopes = back.carry_of(rows, size)
        others = slopes.of_carry, slopes.of_parameters, slopes.of_observed
        return found.weight, of_chances[..., :size], *others

    def _of_step(self, z: jax.Array) -> tuple[jax.Array, jax.Array]:
        """Return the war's parameters in the units of a step, and those of reporting."""
        parameters, reporting = self.target.values(z)
        return parameters * self.target.factors, reporting

    def _slopes_by_z(
        self,
        z: jax.Array,
        structure: jax.Array,
        of_carry: list[jax.Array],
        of_parameters: jax.Array,
        of_observed: jax.Array,
    ) -> jax.Array:
        """Return the slopes by z, `[D, T]`, from those by the first morning and by the parameters."""

        def began(z: jax.Array) -> tuple[Any, jax.Array, jax.Array]:
            parameters, observed = self._of_step(z)
            of_wars = OfWars(parameters, observed, structure, jnp.zeros(z.shape[1], jnp.uint32))
            return _real(self._loop.start(of_wars, self._of_run)), parameters, observed

        slopes: jax.Array = jax.vjp(began, z)[1]((of_carry, of_parameters, of_observed))[0]
        return slopes

    def _in_parts(self, of: Callable[..., Any], *sets: npt.NDArray[Any]) -> Any:
        """Return what a function gives for sets: some of them on every core."""
        total, cores = sets[0].shape[-1], available_cores()
        width = -(-total // (cores * max(1, -(-total // (cores * _SETS_A_BLOCK)))))
        with ThreadPoolExecutor(cores) as pool:
            parts = list(
                pool.map(
                    lambda first: of(*(part[..., first : first + width] for part in sets)),
                    range(0, total, width),
                )
            )
        return jax.tree.map(lambda *values: np.concatenate(values, axis=-1), *parts)


def _finite(log_weight: npt.NDArray[np.floating]) -> Float64:
    return np.nan_to_num(log_weight.astype(np.float64), nan=_NEVER, posinf=_NEVER, neginf=_NEVER)


def _log_prior(z: Float32, chances: Float32) -> Float64:
    square = np.square(z, dtype=np.float64).sum(axis=0)
    return np.asarray(-0.5 * (square + np.square(chances, dtype=np.float64).sum(axis=(0, 1))))


def _gathered(walkers: Walkers, tuning: Tuning) -> Float32:
    """Return the coordinates that move, `[Q, T]`."""
    some = walkers.chances[:, tuning.channels]
    return np.concatenate([walkers.z[tuning.rows], some.reshape(-1, some.shape[-1])])


def _spread(walkers: Walkers, tuning: Tuning, position: Float32) -> Walkers:
    """Return the sets with those coordinates at a position."""
    z, chances = walkers.z.copy(), walkers.chances.copy()
    rows = tuning.rows.size
    z[tuning.rows] = position[:rows]
    chances[:, tuning.channels] = position[rows:].reshape(len(chances), -1, position.shape[1])
    return Walkers(z, walkers.structure, chances)


def _evaluated(walkers: Walkers, tuning: Tuning, density: PathDensity) -> _At:
    value, of_z, of_chances = density.with_gradient(*walkers)
    some = of_chances[:, tuning.channels]
    gradient = np.concatenate([of_z[tuning.rows], some.reshape(-1, some.shape[-1])])
    return _At(_gathered(walkers, tuning), value, np.nan_to_num(gradient, posinf=0.0, neginf=0.0))


def move(
    walkers: Walkers, density: PathDensity, tuning: Tuning, rng: np.random.Generator
) -> tuple[Walkers, Went]:
    """Move every set with its path, after it has tried other structures and lines; leave the density alone.

    What no figure reaches is drawn from its prior.
    """
    total = walkers.z.shape[1]
    some = walkers.chances[:, tuning.channels]
    z = walkers.z.copy()
    still = np.delete(np.arange(len(z)), tuning.rows)
    z[still] = rng.standard_normal((still.size, total))
    walkers = Walkers(z, walkers.structure, density.completed(some, tuning.channels, rng))
    walkers, changed = _other_structures(walkers, density, tuning, rng)
    walkers = _along_lines(walkers, density, tuning, rng)
    start = _evaluated(walkers, tuning, density)
    metric = tuning.metric
    momentum = metric.momentum(rng.standard_normal(start.position.shape).astype(np.float32))
    before = start.log_density - _kinetic(metric, momentum)
    leap = (LEAP * np.exp(LEAP_SPREAD * rng.standard_normal(total))).astype(np.float32)
    leap = np.where(rng.random(total) < SHORT_SHARE, np.float32(SHORT) * leap, leap)
    at = start
    for _ in range(LEAPS):
        momentum = momentum + 0.5 * leap * at.gradient
        position = at.position + leap * metric.velocity(momentum)
        # What has left all bounds is not followed further: it will not be taken.
        position = np.where(np.isfinite(position), position, start.position)
        at = _evaluated(_spread(walkers, tuning, position), tuning, density)
        momentum = momentum + 0.5 * leap * at.gradient
    gain = np.nan_to_num(at.log_density - _kinetic(metric, momentum) - before, nan=_NEVER)
    taken = np.log(rng.random(total)) < gain
    moved = np.where(taken, at.position, start.position)
    accepted = float(np.exp(np.minimum(gain, 0.0)).mean())
    return _spread(walkers, tuning, moved), Went(accepted, changed)


def _kinetic(metric: Metric, momentum: Float32) -> Float64:
    with np.errstate(over="ignore", invalid="ignore"):
        return np.asarray(0.5 * np.sum(momentum.astype(np.float64) * metric.velocity(momentum), axis=0))


def _other_structures(
    walkers: Walkers, density: PathDensity, tuning: Tuning, rng: np.random.Generator
) -> tuple[Walkers, float]:
    """Try other structures, drawn from their prior, with the same numbers or the step between the means.

    There and back are the same step, so that only the density decides.
    """
    target, total = density.target, walkers.z.shape[1]
    rivals = _rivals(target)
    if rivals.size == 0:
        return walkers, 0.0
    log_density, changed, every = density.log_density(*walkers), 0, np.arange(total)
    for _ in range(STRUCTURES_TRIED):
        # One alternative at a time: two that both fit seldom come together.
        which = rng.choice(rivals, size=total)
        structure = walkers.structure.copy()
        structure[which, every] = target.draw_structure(rng.random(structure.shape))[which, every]
        differs = (structure != walkers.structure).any(axis=0)
        step = _mean_of(tuning.means, structure) - _mean_of(tuning.means, walkers.structure)
        steps = differs & (rng.random(total) < STEPS_WITH_IT)
        z = walkers.z + np.where(steps, step, 0.0).astype(np.float32)
        found = density.log_density(z, structure, walkers.chances)
        taken = differs & (np.log(rng.random(total)) < found - log_density)
        walkers = Walkers(
            np.where(taken, z, walkers.z), np.where(taken, structure, walkers.structure), walkers.chances
        )
        log_density = np.where(taken, found, log_density)
        changed += int(taken.sum())
    return walkers, changed / total


def _along_lines(walkers: Walkers, density: PathDensity, tuning: Tuning, rng: np.random.Generator) -> Walkers:
    """Try steps along lines, each set another, with the same numbers; there and back are as likely."""
    if tuning.odds.size == 0:
        return walkers
    log_density, total = density.log_density(*walkers), walkers.z.shape[1]
    for _ in range(LINES_TRIED):
        line = rng.choice(tuning.odds.size, size=total, p=tuning.odds)
        length = rng.choice(LINE_STEPS, size=total) * rng.standard_normal(total)
        z = walkers.z.copy()
        z[tuning.rows] += (tuning.lines[:, line] * length).astype(np.float32)
        found = density.log_density(z, walkers.structure, walkers.chances)
        taken = np.log(rng.random(total)) < found - log_density
        walkers = walkers._replace(z=np.where(taken, z, walkers.z))
        log_density = np.where(taken, found, log_density)
    return walkers


def _mean_of(means: Float32, structure: Int8) -> Float32:
    """Return the sum over the alternatives of the means of each set's choices, `[D, T]`."""
    found, first = np.zeros((means.shape[1], structure.shape[1]), np.float32), 0
    for row, alternative in enumerate(STRUCTURES):
        found += means[first + structure[row]].T
        first += len(alternative.choices)
    return found


def _rivals(target: Target) -> npt.NDArray[np.intp]:
    """Return the structural alternatives that have more than one choice."""
    return np.flatnonzero([np.count_nonzero(weights) > 1 for weights in target._weights()])


def heard_channels(walkers: Walkers, density: PathDensity, rng: np.random.Generator) -> npt.NDArray[np.int32]:
    """Return the channels of chance that some figure reaches: drawn anew they change the weight of some path.

    Slopes would not tell: what is decided by a threshold has none. Structures are drawn from their prior, so
    that what is heard under any of them is found.
    """
    structure = density.target.draw_structure(rng.random(walkers.structure.shape))
    weight = density.log_weight(walkers.z, structure, walkers.chances)
    heard = []
    for channel in range(walkers.chances.shape[1]):
        chances = walkers.chances.copy()
        chances[:, channel] = rng.standard_normal(chances[:, channel].shape)
        if (density.log_weight(walkers.z, structure, chances) != weight).any():
            heard.append(channel)
    return np.array(heard, np.int32)


def untuned(channels: npt.NDArray[np.int32], dimension: int) -> Tuning:
    """Return what is known of how to move before anything is learnt: which channels do, not yet the rows."""
    nothing = Metric(np.zeros((0, 0), np.float32), np.ones(0, np.float32))
    means, lines = np.zeros((0, dimension), np.float32), np.zeros((0, 0), np.float32)
    nothing_levelled = levelling.none(dimension)
    return Tuning(np.zeros(0, np.int32), channels, nothing, means, lines, np.zeros(0), nothing_levelled)


def heard_rows(target: Target) -> npt.NDArray[np.int32]:
    """Return the rows of z that some figure reaches."""
    return np.flatnonzero(target.transform.free & ~target.silent).astype(np.int32)


def tuned(
    been: Sequence[Walkers],
    density: PathDensity,
    channels: npt.NDArray[np.int32],
    earlier: Sequence[Float32] = (),
) -> Tuning:
    """Return what moves go by, learnt from where sets are or have been, at the posterior or near it.

    Args:
        been: sets and paths, at each of which the gradient is taken: as many in all as coordinates move, or
            half as many at least.
        density: their density.
        channels: those that move.
        earlier: z where the sets were before.
    """
    rows, rounds = heard_rows(density.target), [(one.z, one.structure) for one in been]
    z, structure = (np.concatenate(part, axis=1) for part in zip(*rounds, strict=True))
    means = np.concatenate(means_by_structure(z, structure)).astype(np.float32)
    found = untuned(channels, len(z))._replace(rows=rows, means=means)
    gradients = [_evaluated(one, found, density).gradient for one in been]
    steep = metric(np.concatenate(gradients, axis=1))
    draws = np.concatenate([z, *earlier], axis=1)[rows]
    lines, odds = _lines(steep, draws, been[0].z.shape[1], density.levelling.direction[rows])
    return found._replace(metric=steep, lines=lines, odds=odds, levelling=density.levelling)


def metric(gradients: Float32) -> Metric:
    """Return the metric of gradients `[Q, n]` at the posterior.

    Only those eigenvalues of their mean outer product count that stand out of the noise of so many.
    """
    size, count = gradients.shape
    square = np.square(gradients, dtype=np.float64).sum(axis=0)
    shorter = np.minimum(1.0, np.sqrt(np.quantile(square, _LONGEST) / np.maximum(square, 1e-30)))
    values, vectors = np.linalg.eigh(_outer(gradients * shorter.astype(np.float32)))
    above, true = _out_of_the_noise(values, size / count)
    above, true = above[-_MOST_DIRECTIONS:], true[-_MOST_DIRECTIONS:]
    return Metric(vectors[:, above].astype(np.float32), np.maximum(true, 1.0).astype(np.float32))


def _out_of_the_noise(values: Float64, share: float) -> tuple[npt.NDArray[np.intp], Float64]:
    """Return which eigenvalues of a covariance stand out of its noise, and what they stand for.

    Those below (1 + sqrt(share))^2 are of noise where the truth is I, share being that of the coordinates in
    the number of draws; one above it stands for the l that would show as l (l + share - 1) / (l - 1).
    """
    above = np.flatnonzero(values > (1.0 + np.sqrt(share)) ** 2)
    shown = values[above] + 1.0 - share
    return above, 0.5 * (shown + np.sqrt(np.maximum(shown**2 - 4.0 * values[above], 0.0)))


def _lines(
    steep: Metric, draws: Float32, sets: int, levelled: Float32 | None = None
) -> tuple[Float32, Float64]:
    """Return the lines that sets try, and how often: those along which they lie farther apart than M says.

    Half of the time a row alone, in proportion to its variance over that of M^-1, less 1; half of the time
    one of the directions S v, S v = l M^-1 v with l out of the noise, S the covariance of the draws. Where a
    direction v is levelled, some steps go along S v, where the others lie for each place along v.

    Args:
        steep: the metric M.
        draws: draws `[R, n]` of the first R coordinates.
        sets: how many of them are independent, at least.
        levelled: that direction `[R]`; 0 where nothing is levelled.
    """
    size, spread = len(draws), np.atleast_2d(np.cov(draws.astype(np.float64)))
    directions = steep.directions[:size].astype(np.float64)
    inverse = np.eye(size) + (directions * (1.0 / steep.curvature - 1.0)) @ directions.T
    values, vectors = linalg.eigh(spread, inverse)
    above, true = _out_of_the_noise(values, size / sets)
    deviations = np.sqrt(np.diag(spread))
    wider = np.maximum(np.diag(spread) / np.diag(inverse) - 1.0, 0.0)
    rows = np.flatnonzero(wider)
    along = inverse @ vectors[:, above] * np.sqrt(true)
    odds = np.concatenate(
        [wider[rows] / max(wider.sum(), 1e-30), np.full(above.size, 1.0 / max(above.size, 1))]
    )
    odds /= max(odds.sum(), 1e-30)
    lines = np.concatenate([np.diag(deviations)[:, rows], along], axis=1)
    if levelled is not None and levelled.any():
        v = levelled.astype(np.float64)
        lines = np.concatenate([lines, (spread @ v / np.sqrt(v @ spread @ v))[:, None]], axis=1)
        odds = np.append(odds, ALONG_LEVELLED / (1.0 - ALONG_LEVELLED))
        odds /= odds.sum()
    return lines.astype(np.float32), odds


def _outer(gradients: Float32) -> Float32:
    return np.asarray(gradients @ gradients.T / gradients.shape[1])
