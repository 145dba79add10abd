"""A second method on the same likelihood: Hamiltonian Monte Carlo against the particle filter and its SMC.

For one structure and weekly steps the joint density of parameters z and of every week's chances x,

    p(z, x | figures) ~ N(z; 0, I) N(x; 0, I) p(figures | war(z, x)),

has a gradient: the No-U-Turn sampler (Hoffman and Gelman 2014; BlackJAX) draws from it without a filter, a
proposal or a resampling. The density is written here a second time and shares nothing with the filter but the
day of the war and the list of quantities. Means and standard deviations of all parameters and of the last
day's quantities are compared in units of the posterior's standard deviation, beside the Monte Carlo errors of
both methods.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import time
from collections.abc import Mapping
from typing import Any, NamedTuple

import blackjax
import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import optimize

from ceasefire.evidence import Evidence
from ceasefire.files import InputError
from ceasefire.inference import calibrating
from ceasefire.inference.calibrating import Told
from ceasefire.inference.figures import FORGET, QUANTITIES, Data
from ceasefire.inference.filtering import net_ground, quantities
from ceasefire.inference.observing import Observed, observe
from ceasefire.inference.posterior import row_label
from ceasefire.inference.target import Target
from ceasefire.scenario import History, Scenario
from ceasefire.war import REGISTRY, STRUCTURES, Decisions, Drift, Shocks, State, Today, day, initial_state
from ceasefire.war.catalogue import view

Float64 = npt.NDArray[np.float64]

# Which share of the work is done after the SMC, at the mode, after the warm-up; roughly, on real figures.
_SHARE_OF_SMC, _SHARE_AT_THE_MODE, _SHARE_WARMED_UP = 0.45, 0.5, 0.75
WEEK = 7
LEAST = 1e-3
# The chances of a week before those of the fronts: intensity, advantage, lethality, line, volatility.
COMMON = 5
# What the chains must reach to check anything.
LARGEST_RHAT, LEAST_ESS = 1.05, 100.0
UNDECIDED = "The chains do not agree with each other: differences above say nothing of either method."
ONE_STRUCTURE = {"attrition_law": "linear", "fire_law": "munitions"}


@dataclasses.dataclass(frozen=True)
class Settings:
    """How hard both methods try."""

    smc: calibrating.Settings = dataclasses.field(
        default_factory=lambda: calibrating.Settings(
            sets=256, replicates=4, paths=64, step_days=WEEK, rounds=24
        )
    )
    chains: int = 4
    warm_up: int = 200
    draws: int = 300
    """Of each chain."""
    acceptance: float = 0.8
    """Share of steps accepted that the warm-up aims at."""
    depth: int = 7
    """Doublings of a trajectory at most."""
    seed: int = 1


@dataclasses.dataclass(frozen=True)
class Crosscheck:
    """What two methods say of one posterior."""

    table: pd.DataFrame
    """One row for each parameter and quantity: `name`, `mean` and `sd` by each method (`_smc`, `_nuts`),
    `error_smc`, `error_nuts` of the means, `difference` of the means and `error` of it in units of the
    standard deviation, `log_sd_ratio`, and `rhat`, `ess` of the chains."""
    seconds_smc: float
    seconds_nuts: float
    divergences: int
    """Trajectories of the chains that left the region in which the steps are exact enough."""
    steps: float
    """Mean number of gradient steps of a draw."""

    @property
    def decides(self) -> bool:
        """Whether the chains agree well enough with each other to check anything."""
        return bool((self.table["rhat"] <= LARGEST_RHAT).all() and (self.table["ess"] >= LEAST_ESS).all())

    def summary(self) -> str:
        """Return the agreement in words."""
        rows = self.table
        gap = rows["difference"].abs()
        ratio = np.exp(rows["log_sd_ratio"].abs())
        near = 100 * (gap <= 2 * rows["error"]).mean()
        return (
            f"{len(rows)} means differ by {gap.median():.2f} standard deviations in the median,"
            f" {gap.max():.2f} at most ('{rows.loc[gap.idxmax(), 'name']}'); {near:.0f} % within two Monte"
            f" Carlo errors. Standard deviations differ by a factor of {ratio.median():.2f} in the median,"
            f" {ratio.max():.2f} at most ('{rows.loc[ratio.idxmax(), 'name']}').\n"
            f"Hamiltonian Monte Carlo: {self.seconds_nuts:.0f} s, {self.divergences} divergences,"
            f" {self.steps:.0f} steps a draw, largest R-hat {rows['rhat'].max():.3f},"
            f" fewest effective draws {rows['ess'].min():.0f}. SMC: {self.seconds_smc:.0f} s."
            + ("" if self.decides else f"\n{UNDECIDED}")
        )


class Walked(NamedTuple):
    """A war and what the figures say of it."""

    log_density: jax.Array
    quantities: jax.Array
    """At the end of each week, `[W, 2 K + 1]`."""
    gaps: jax.Array
    """Figures less what they should be, in standard deviations, 0 where there is none, `[W, G]`."""


class Joint:
    """The joint density of parameters and weekly chances for one structure."""

    def __init__(self, target: Target, structure: npt.NDArray[np.int8]) -> None:
        """Take a target of weekly steps and a structure `[K]`."""
        steps = target.data.levers.shape[1]
        if steps != 1:
            raise InputError(
                f"a week has {steps} steps here.", "crosscheck", "give a target with step_days=7."
            )
        self.target = target
        self.structure = jnp.asarray(structure)[:, None]
        self.fronts = len(target.world.fronts)
        self.weeks = target.weeks
        self.parameters = target.dimension
        self.dimension = target.dimension + self.weeks * (COMMON + self.fronts)
        data = target.observed.data
        # What is never given costs nothing.
        self.guided = [side for side in range(2) if np.asarray(data.guide_given)[: self.weeks, side].any()]

    def walk(self, position: jax.Array) -> Walked:
        """Return the war of a position `[D]`: z, then the chances week by week."""
        target, data, structure = self.target, self.target.data, self.structure
        dtype = position.dtype
        z, chances = position[: self.parameters], position[self.parameters :]
        chances = chances.reshape(self.weeks, COMMON + self.fronts, 1)
        values = target.transform(z[:, None]).astype(dtype)
        war = values[: target.size] * target.factors
        observed = values[target.size :]
        p = view(war)
        before = observed[data.before]
        favours = (1 - 2 * target.streams).astype(dtype)[:, None]

        def one_week(carry: Any, week: Any) -> Any:
            state, last, last_losses, last_ground = carry
            number, chance = week
            shocks = Shocks(
                tempo=chance[COMMON:],
                perception=jnp.zeros((2, 1), dtype),
                culmination=jnp.zeros((2, 1), dtype),
                drift=Drift(chance[0], favours * chance[1], chance[2], chance[4]),
                line=0.0,
            )
            today = Today(data.levers[number, 0], 0.0, 0.0, jnp.ones((), dtype), float(WEEK))
            decided = Decisions(data.offensives[number, 0][:, None])
            attacked = data.offensives[jnp.maximum(number, 1) - 1, 0][:, None]
            for_weeks = _of_decisions(attacked, decided.offensive, p["offensive_days"])
            state, _ = day(state, war, structure, today, shocks, decided)
            # As in the filter, the chance of the line shifts it at the end of the week.
            spread = p["line_spread"] * jnp.exp(state.volatility)
            shift = jnp.maximum(favours * chance[3] * spread, 0.0)
            state = state._replace(ground_taken=state.ground_taken + shift[:, None, :] * state.front_weight)
            told = _told(
                data, number, state, p, before, observed, (last, last_losses, last_ground), self.guided
            )
            state = told.state
            carry = jax.tree.map(lambda one: one.astype(dtype), (state, *told.memory))
            return carry, (told.log_density + data.decided[number] * for_weeks, told.now, told.gaps)

        state = initial_state(war, structure, target.geography, float(WEEK))
        start = (
            state,
            jnp.zeros((target.observed.series, 1)),
            jnp.zeros((2, 1)),
            jnp.zeros((1,)),
        )
        start = jax.tree.map(lambda one: jnp.asarray(one).astype(dtype), start)
        _, (density, shown, gaps) = jax.lax.scan(one_week, start, (jnp.arange(self.weeks), chances))
        return Walked(density.sum(), shown[..., 0], gaps)

    def log_density(self, position: jax.Array) -> jax.Array:
        """Return the log density of a position `[D]` up to a constant."""
        return -0.5 * jnp.sum(position**2) + self.walk(position).log_density


class _ToldWeek(NamedTuple):
    state: State
    memory: tuple[jax.Array, jax.Array, jax.Array]
    log_density: jax.Array
    now: jax.Array
    gaps: jax.Array


def _log_normal(gap: jax.Array, sd: jax.Array | float) -> jax.Array:
    return jax.scipy.stats.norm.logpdf(gap, 0.0, sd)


def _of_decisions(before: jax.Array, known: jax.Array, weeks: jax.Array) -> jax.Array:
    """Return the log probability that offensives of a mean number of weeks go on, or end, this week."""
    told = jnp.where(known > 0, -1.0 / weeks, jnp.log(-jnp.expm1(-1.0 / weeks)))
    return jnp.sum(jnp.where((before > 0) & (known >= 0), told, 0.0))


def _told(
    data: Data,
    week: jax.Array,
    state: State,
    p: dict[str, jax.Array],
    before: jax.Array,
    observed: jax.Array,
    memory: tuple[jax.Array, jax.Array, jax.Array],
    guided: list[int],
) -> _ToldWeek:
    """Return the log density of a week's figures, and what is remembered of it."""
    last, last_losses, last_ground = memory
    losses = state.killed + state.wounded + state.captured
    density = jnp.zeros((), losses.dtype)
    gaps = []
    for side in guided:
        mean = jnp.log((losses - last_losses)[side, 0] + LEAST) + jnp.log(
            observed[data.guide_factor[side], 0]
        )
        error = observed[data.guide_spread[side], 0] * data.guide_scale[week, side]
        here = _log_normal(data.guide_value[week, side] - mean, error)
        gaps.append((data.guide_value[week, side] - mean) / error * data.guide_given[week, side])
        density += jnp.where(data.guide_given[week, side] > 0, here, 0.0)
    change = net_ground(state) - last_ground
    here = _log_normal(data.ground_value[week] - change[0], data.ground_error)
    gaps.append((data.ground_value[week] - change[0]) / data.ground_error * data.ground_given[week])
    density += jnp.where(data.ground_given[week] > 0, here, 0.0)
    off = (data.ground_value[week] - change) * (data.ground_set[week] > 0)
    shift = jnp.stack([jnp.maximum(off, 0.0), jnp.maximum(-off, 0.0)])
    state = state._replace(ground_taken=state.ground_taken + shift[:, None, :] * state.front_weight)
    now = quantities(state, p, before)
    for place in range(data.value.shape[1]):
        series, since = data.series[week, place], data.since_last[week, place] > 0
        given = data.given[week, place] > 0
        quantity = now[data.quantity[week, place]]
        amount = jnp.maximum(quantity - jnp.where(since, last[series], 0.0), LEAST)
        mean = jnp.log(amount) + jnp.log(observed[data.factor[week, place]])
        row = data.spread[week, place]
        spread = data.fixed[week, place] * jnp.where(row < 0, 1.0, observed[jnp.maximum(row, 0)])
        gap = (data.value[week, place] - mean) / spread
        bound = data.bound[week, place]
        one = jnp.where(
            bound == 0, _log_normal(gap, 1.0) - jnp.log(spread), jax.scipy.stats.norm.logcdf(-bound * gap)
        )
        weighs = given & (data.fixed[week, place] < FORGET)
        density += jnp.where(weighs, one, 0.0)[0]
        gaps.append(jnp.where(weighs & (bound == 0), gap, 0.0)[0])
        last = last.at[series].set(jnp.where(given & since, quantity, last[series]))
    renewed = data.guide_given[week] + data.guide_set[week] > 0
    seen = data.ground_given[week] + data.ground_set[week] != 0
    return _ToldWeek(
        state,
        (
            last,
            jnp.where(renewed[:, None], losses, last_losses),
            jnp.where(seen, net_ground(state), last_ground),
        ),
        density,
        jnp.concatenate([now, net_ground(state)[None]]),
        jnp.stack(gaps),
    )


def crosscheck(
    scenario: Scenario,
    evidence: Evidence,
    until: dt.date,
    *,
    hindsight: bool = False,
    structure: Mapping[str, str] = ONE_STRUCTURE,
    settings: Settings | None = None,
    told: Told | None = None,
) -> Crosscheck:
    """Compare two samplers on the posterior of a scenario's war on a day, for one structure.

    Args:
        scenario: a scenario with a history.
        evidence: the observations; only those known on the day are read unless `hindsight`.
        until: the day, whole weeks after the history's start.
        hindsight: whether figures count that became known later.
        structure: the choice of each structural alternative.
        settings: how hard both try.
        told: is called with progress.

    Raises:
        InputError: an unknown choice, no history, or a day outside it.
    """
    settings, say = settings or Settings(), told or (lambda line, share: None)
    known = calibrating.known_evidence(evidence, until, hindsight=hindsight)
    history = fixed(scenario.history(until, known_on=None if hindsight else until), structure)
    observed = observe(known, history, step_days=WEEK)
    began = time.perf_counter()
    by_smc = run_smc(history, observed, settings, say)
    seconds_smc = time.perf_counter() - began
    say(f"SMC: {seconds_smc:.0f} s", _SHARE_OF_SMC)
    target = Target(history.world, observed, paths=settings.smc.paths, step_days=WEEK)
    began = time.perf_counter()
    by_nuts = run_nuts(target, codes(structure), settings, say)
    seconds_nuts = time.perf_counter() - began
    say(f"Hamiltonian Monte Carlo: {seconds_nuts:.0f} s", 1.0)
    return Crosscheck(
        compare(labels(target), by_smc, by_nuts.values),
        seconds_smc,
        seconds_nuts,
        by_nuts.divergences,
        by_nuts.steps,
    )


def codes(structure: Mapping[str, str]) -> npt.NDArray[np.int8]:
    """Return the codes `[K]` of a choice for each alternative; the first where an optional one is not named.

    Raises:
        InputError: a choice that is missing or unknown.
    """
    found = []
    for alternative in STRUCTURES:
        first = None if alternative.mechanism is None else alternative.choices[0]
        choice = structure.get(alternative.name, first)
        if choice not in alternative.choices:
            raise InputError(
                f"'{choice}' is no choice of {alternative.name}.",
                "structure",
                f"choose one of {', '.join(alternative.choices)}.",
            )
        found.append(alternative.code(choice))
    return np.array(found, np.int8)


def fixed(history: History, structure: Mapping[str, str]) -> History:
    """Return a history in which one structure is certain."""
    weights = {
        alternative.name: tuple(float(number == code) for number in range(len(alternative.choices)))
        for alternative, code in zip(STRUCTURES, codes(structure), strict=True)
    }
    return dataclasses.replace(history, world=dataclasses.replace(history.world, structure_weights=weights))


def labels(target: Target) -> list[str]:
    """Return the names of the rows that are compared."""
    sides = target.world.sides
    rows = [row_label(name, side, sides) for name, side in REGISTRY.labels()]
    rows += [parameter.name for parameter in target.observed.parameters]
    free = [row for row, is_free in zip(rows, target.transform.free, strict=True) if is_free]
    outcomes = [f"{name} ({side})" for name in QUANTITIES for side in sides]
    return [*free, *(f"last day: {name}" for name in [*outcomes, "ground"])]


def run_smc(history: History, observed: Observed, settings: Settings, told: Told) -> Float64:
    """Return the rows of `labels` by the stages of a calibration, `[R, n, Q]`: replicates of n draws."""
    smc = dataclasses.replace(settings.smc, step_days=WEEK, seed=settings.seed)
    course = calibrating.Course(history, observed, smc)
    stage = calibrating.begin(course)
    for stage in calibrating.stages(course, stage, smc.rounds):  # noqa: B020
        line, share = course.says(stage, smc.rounds)
        told(line, _SHARE_OF_SMC * share)
    target = course.target(stage.block)
    picked = calibrating.pick(stage.counted(smc), smc.replicates, smc.draws // smc.replicates, smc.seed)
    _, paths = calibrating.paths_as_estimated(target, picked, stage.worth)
    shown = np.concatenate([picked.z[target.transform.free], paths.quantities[target.weeks - 1]])
    return np.asarray(shown, np.float64).T.reshape(smc.replicates, -1, len(shown))


class Nuts(NamedTuple):
    """Draws of the chains."""

    values: Float64
    """Rows of `labels`, `[C, n, Q]`."""
    divergences: int
    steps: float


def run_nuts(
    target: Target, structure: npt.NDArray[np.int8], settings: Settings, told: Told | None = None
) -> Nuts:
    """Return draws of the joint density by the No-U-Turn sampler, in float64, all chains side by side.

    The chains walk in coordinates u, position = mode + A u, with A A' the inverse of I + J' J, J the
    derivatives of the figures' gaps at the mode: near the mode the density of u is that of N(0, I).
    """
    say = told or (lambda line, share: None)
    with jax.enable_x64(True):
        joint = Joint(_exact(target), structure)
        mode, root = _near_normal(joint)
        say("mode found", _SHARE_AT_THE_MODE)

        def density(u: jax.Array) -> jax.Array:
            return joint.log_density(mode + root @ u)

        adaptation = blackjax.window_adaptation(
            blackjax.nuts,
            density,
            target_acceptance_rate=settings.acceptance,
            max_num_doublings=settings.depth,
        )
        warm_key, draw_key, start_key = jax.random.split(jax.random.key(settings.seed), 3)
        start = jax.random.normal(start_key, (settings.chains, joint.dimension))

        def warm(key: jax.Array, position: jax.Array) -> Any:
            found, _ = adaptation.run(key, position, settings.warm_up)
            return found.state, found.parameters

        def draw(key: jax.Array, state: Any, parameters: Any) -> Any:
            tuned = {name: parameters[name] for name in ("step_size", "inverse_mass_matrix")}
            step = blackjax.nuts(density, **tuned, max_num_doublings=settings.depth).step

            def once(state: Any, key: jax.Array) -> Any:
                state, info = step(key, state)
                return state, (state.position, info.is_divergent, info.num_integration_steps)

            return jax.lax.scan(once, state, jax.random.split(key, settings.draws))[1]

        split = functools.partial(jax.random.split, num=settings.chains)
        state, parameters = jax.block_until_ready(jax.jit(jax.vmap(warm))(split(warm_key), start))
        say(f"steps of {np.asarray(parameters['step_size']).round(3)}", _SHARE_WARMED_UP)
        u, divergent, steps = jax.jit(jax.vmap(draw))(split(draw_key), state, parameters)
        position = mode + u.reshape(-1, joint.dimension) @ root.T
        last = jax.jit(
            lambda all_of_them: jax.lax.map(lambda one: joint.walk(one).quantities[-1], all_of_them)
        )(position)
        z = np.asarray(position)[:, : joint.parameters][:, target.transform.free]
        shown = np.concatenate([z, np.asarray(last)], axis=1)
        return Nuts(
            shown.reshape(settings.chains, settings.draws, -1),
            int(np.asarray(divergent).sum()),
            float(np.mean(np.asarray(steps))),
        )


def _near_normal(joint: Joint) -> tuple[jax.Array, jax.Array]:
    """Return the mode `[D]` and A `[D, D]` as `run_nuts` says."""
    slope = jax.jit(jax.value_and_grad(lambda position: -joint.log_density(position)))

    def of(position: Float64) -> tuple[float, Float64]:
        value, gradient = slope(jnp.asarray(position))
        return float(value), np.asarray(gradient)

    found = optimize.minimize(
        of, np.zeros(joint.dimension), jac=True, method="L-BFGS-B", options={"maxiter": 500}
    )
    mode = jnp.asarray(found.x)
    gaps = np.asarray(jax.jit(jax.jacfwd(lambda position: joint.walk(position).gaps.ravel()))(mode))
    values, vectors = np.linalg.eigh(np.eye(joint.dimension) + gaps.T @ gaps)
    return mode, jnp.asarray((vectors / np.sqrt(values)) @ vectors.T)


def _exact(target: Target) -> Target:
    """Return the target with its figures in double precision."""
    made = Target(target.world, target.observed, paths=target.paths, step_days=WEEK, weeks=target.weeks)
    made.data = jax.tree.map(
        lambda one: jnp.asarray(one, jnp.float64 if jnp.issubdtype(one.dtype, jnp.floating) else one.dtype),
        made.data,
    )
    return made


def compare(names: list[str], smc: Float64, nuts: Float64) -> pd.DataFrame:
    """Return the table of `Crosscheck` from draws `[R, n, Q]` and `[C, n, Q]`.

    The error of a mean by SMC is that of the replicates' means; by the chains it is sd / sqrt(ess).
    """
    mean = [part.mean(axis=(0, 1)) for part in (smc, nuts)]
    sd = [part.std(axis=(0, 1), ddof=1) for part in (smc, nuts)]
    ess = np.asarray(blackjax.ess(jnp.asarray(nuts, jnp.float32)))
    rhat = np.asarray(blackjax.rhat(jnp.asarray(nuts, jnp.float32)))
    error_smc = smc.mean(axis=1).std(axis=0, ddof=1) / np.sqrt(len(smc))
    error_nuts = sd[1] / np.sqrt(ess)
    unit = np.sqrt(0.5 * (sd[0] ** 2 + sd[1] ** 2))
    return pd.DataFrame(
        {
            "name": names,
            "mean_smc": mean[0],
            "mean_nuts": mean[1],
            "sd_smc": sd[0],
            "sd_nuts": sd[1],
            "error_smc": error_smc,
            "error_nuts": error_nuts,
            "difference": (mean[0] - mean[1]) / unit,
            "error": np.hypot(error_smc, error_nuts) / unit,
            "log_sd_ratio": np.log(sd[0] / sd[1]),
            "rhat": rhat,
            "ess": ess,
        }
    )
