"""The guided filter against a plain one: many blind paths, weighed by the same figures."""

from __future__ import annotations

import datetime as dt
import functools

import jax
import jax.numpy as jnp
import numpy as np

from ceasefire.engine import chance
from ceasefire.engine.ensemble import week_shocks
from ceasefire.evidence import load
from ceasefire.inference.filtering import net_ground, quantities
from ceasefire.inference.observing import Observed, observe
from ceasefire.inference.target import Target
from ceasefire.scenario import load_scenario
from ceasefire.war import Decisions, Today, day, initial_state
from ceasefire.war.catalogue import view

WEEKS = 5
UNTIL = dt.date(2022, 6, 7)


@functools.cache
def seen() -> tuple[object, Observed]:
    scenario = load_scenario("ukraine-2022")
    history = scenario.history(UNTIL, known_on=None)
    observed = observe(load().known_by("2022-12-20"), history, step_days=7)
    return history, observed


@functools.cache
def a_set() -> tuple[np.ndarray, np.ndarray]:
    """One set of parameters under which the figures are not absurd: the best of some hundred of the prior."""
    history, observed = seen()
    target = Target(history.world, observed, paths=8, step_days=7, weeks=WEEKS)
    rng = np.random.default_rng(1)
    z = (0.5 * rng.standard_normal((target.dimension, 128))).astype(np.float32)
    structure = target.draw_structure(rng.random((2, 128)))
    best = int(np.argmax(target.log_likelihood(z, structure, np.arange(128, dtype=np.uint32))))
    return z[:, best : best + 1], structure[:, best : best + 1]


def plain(seed: int, paths: int) -> float:  # noqa: PLR0915
    """Log likelihood by a bootstrap filter: blind chances, weights by all figures, resampling every week."""
    history, observed = seen()
    z, structure = a_set()
    target = Target(history.world, observed, paths=1, step_days=7)
    parameters, reporting = target.values(z)
    scaled = jnp.repeat(parameters * target.factors, paths, axis=1)
    told = np.repeat(np.asarray(reporting), paths, axis=1)
    structure = jnp.repeat(jnp.asarray(structure), paths, axis=1)
    data = observed.data
    p = view(scaled)
    rng = np.random.default_rng(seed)
    state = jax.jit(initial_state, static_argnums=3)(scaled, structure, target.geography, 7.0)
    before = told[np.asarray(data.before)]
    last = np.zeros((observed.series, paths))
    last_losses, last_ground = np.zeros((2, paths)), np.zeros(paths)
    wars = jnp.arange(paths, dtype=jnp.uint32)
    step = jax.jit(day)
    total = 0.0
    for week in range(WEEKS):
        shocks = week_shocks(chance.shock_key(seed), wars, jnp.uint32(week), target.streams, 3)
        today = Today(data.levers[week, 0], 0.0, 0.0, 1.0, 7.0)
        state, _ = step(state, scaled, structure, today, shocks, Decisions(data.offensives[week, 0][:, None]))
        losses = np.asarray(state.killed + state.wounded + state.captured)
        ground = np.asarray(net_ground(state))
        log_weight = np.zeros(paths)
        for side in (0, 1):
            if data.guide_given[week, side]:
                expected = np.log((losses - last_losses)[side] * told[data.guide_factor[side]] + 1e-3)
                sd = told[data.guide_spread[side]] * data.guide_scale[week, side]
                log_weight += normal(data.guide_value[week, side] - expected, sd)
                last_losses[side] = losses[side]
        if data.ground_given[week]:
            log_weight += normal(data.ground_value[week] - (ground - last_ground), data.ground_error)
            last_ground = ground
        if data.ground_set[week]:
            off = data.ground_value[week] - (ground - last_ground)
            shift = jnp.stack([jnp.maximum(off, 0), jnp.maximum(-off, 0)])
            state = state._replace(ground_taken=state.ground_taken + shift[:, None] * state.front_weight)
            last_ground = np.asarray(net_ground(state))
        now = np.asarray(quantities(state, p, jnp.asarray(before)))
        for j in np.flatnonzero(data.given[week]):
            assert data.bound[week, j] == 0
            series, since = data.series[week, j], data.since_last[week, j]
            amount = now[data.quantity[week, j]] - since * last[series]
            spread = data.spread[week, j]
            sd = data.fixed[week, j] * (1.0 if spread < 0 else told[spread])
            log_weight += normal(data.value[week, j] - np.log(amount * told[data.factor[week, j]]), sd)
            if since:
                last[series] = now[data.quantity[week, j]]
        peak = log_weight.max()
        weight = np.exp(log_weight - peak)
        total += peak + np.log(weight.mean())
        chosen = rng.choice(paths, paths, p=weight / weight.sum())
        state = jax.tree.map(lambda stock, chosen=chosen: stock[..., chosen], state)
        last, last_losses, last_ground = last[:, chosen], last_losses[:, chosen], last_ground[chosen]
    return float(total)


def normal(gap: np.ndarray, sd: np.ndarray) -> np.ndarray:
    return -0.5 * (gap / sd) ** 2 - np.log(sd) - 0.5 * np.log(2 * np.pi)


def guided(sets: int, paths: int) -> np.ndarray:
    history, observed = seen()
    z, structure = a_set()
    target = Target(history.world, observed, paths=paths, step_days=7, weeks=WEEKS)
    numbers = np.arange(sets, dtype=np.uint32) + 1_000
    return target.log_likelihood(np.repeat(z, sets, 1), np.repeat(structure, sets, 1), numbers)


def test_the_guided_estimate_is_that_of_a_plain_filter_with_many_paths() -> None:
    """Both estimate one likelihood without bias; their means agree within four standard errors."""
    blind = np.array([plain(seed, 20_000) for seed in range(8)])
    shown = guided(256, 8).astype(float)
    ours, theirs = (np.exp(values - blind.mean()) for values in (shown, blind))
    error = np.hypot(ours.std() / np.sqrt(ours.size), theirs.std() / np.sqrt(theirs.size))
    assert abs(ours.mean() - theirs.mean()) < 4 * error
    # The comparison can tell: the error is small against the likelihood itself.
    assert error < 0.15 * theirs.mean()
