"""The guided filter against a plain one: many blind paths, weighed by the same figures."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
from collections.abc import Iterator

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ceasefire.engine import chance
from ceasefire.engine.ensemble import week_shocks
from ceasefire.evidence import load
from ceasefire.inference import filtering
from ceasefire.inference.anticipating import coming_figures, coming_width
from ceasefire.inference.figures import FORGET, GROUND
from ceasefire.inference.filtering import net_ground, quantities
from ceasefire.inference.observing import Observed, observe
from ceasefire.inference.target import Target
from ceasefire.scenario import History, load_scenario
from ceasefire.war import REGISTRY, STRUCTURES, Decisions, Today, day, initial_state
from ceasefire.war.catalogue import view

WEEKS = 8
UNTIL = dt.date(2022, 12, 20)


@functools.cache
def seen(guided: bool) -> tuple[History, Observed]:
    """Figures of eight weeks: those that guide, as a war of the model would give them, or all others."""
    history = load_scenario("ukraine-2022").history(UNTIL, known_on=None)
    observed = observe(load().known_by("2022-12-20"), history, step_days=7)
    data = observed.data
    if not guided:
        off = data._replace(
            guide_given=0 * data.guide_given,
            ground_given=0 * data.ground_given,
            ground_set=0 * data.ground_set,
        )
        return history, dataclasses.replace(observed, data=off)
    blind = data._replace(
        guide_given=0 * data.guide_given,
        ground_given=0 * data.ground_given,
        ground_set=0 * data.ground_set,
        given=0 * data.given,
    )
    z, structure = a_set(True)
    walk = Target(history.world, dataclasses.replace(observed, data=blind), paths=1, step_days=7, weeks=WEEKS)
    _, path = walk.paths_of(z, structure, np.array([7], np.uint32))
    _, told = walk.values(z)
    before = float(np.asarray(told)[data.before[0], 0])
    factor = float(np.asarray(told)[data.guide_factor[0], 0])
    total = np.concatenate([[before], path.quantities[:WEEKS, 4, 0]])
    ground = np.concatenate([[0.0], path.quantities[:WEEKS, GROUND, 0]])
    guide_value, ground_value = data.guide_value.copy(), data.ground_value.copy()
    guide_value[:WEEKS, 0] = np.log(factor * np.diff(total)) + 0.1
    ground_value[:WEEKS] = np.diff(ground) + 20.0
    # The map begins with the second week.
    ground_given, ground_set = np.ones_like(data.ground_given), np.zeros_like(data.ground_set)
    ground_given[:2], ground_set[1] = 0.0, -1.0
    own = blind._replace(
        guide_given=data.guide_given,
        guide_value=guide_value,
        ground_value=ground_value,
        ground_given=ground_given,
        ground_set=ground_set,
        ground_error=np.float32(60.0),
    )
    return history, dataclasses.replace(observed, data=own)


@functools.cache
def a_set(guided: bool) -> tuple[np.ndarray, np.ndarray]:
    """One set of parameters: near the middle of the prior, or the best of some hundred for the figures."""
    rng = np.random.default_rng(1)
    if guided:
        history = load_scenario("ukraine-2022").history(UNTIL, known_on=None)
        observed = observe(load().known_by("2022-12-20"), history, step_days=7)
        target = Target(history.world, observed, paths=1, step_days=7)
        z = (0.3 * rng.standard_normal((target.dimension, 1))).astype(np.float32)
        return z, target.draw_structure(rng.random((len(STRUCTURES), 1)))
    history, observed = seen(False)
    target = Target(history.world, observed, paths=8, step_days=7, weeks=WEEKS)
    z = (0.5 * rng.standard_normal((target.dimension, 128))).astype(np.float32)
    structure = target.draw_structure(rng.random((len(STRUCTURES), 128)))
    best = int(np.argmax(target.log_likelihood(z, structure, np.arange(128, dtype=np.uint32))))
    return z[:, best : best + 1], structure[:, best : best + 1]


def plain(guiding: bool, seed: int, paths: int) -> float:  # noqa: PLR0915
    """Log likelihood by a bootstrap filter: blind chances, weights by all figures, resampling every week."""
    history, observed = seen(guiding)
    z, structure = a_set(guiding)
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
        line_shock = np.asarray(shocks.line[0])
        shocks = shocks._replace(line=0.0)
        today = Today(data.levers[week, 0], 0.0, 0.0, 1.0, 7.0)
        state, _ = step(state, scaled, structure, today, shocks, Decisions(data.offensives[week, 0][:, None]))
        # The chance of the line shifts it at the end of the week.
        line = line_shock * np.asarray(p["line_spread"] * jnp.exp(state.volatility))
        shift = jnp.stack([jnp.maximum(line, 0), jnp.maximum(-line, 0)])
        state = state._replace(ground_taken=state.ground_taken + shift[:, None] * state.front_weight)
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
        if data.ground_set[week] < 0:
            last_ground = ground
        if data.ground_set[week] > 0:
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
            if data.fixed[week, j] < FORGET:
                log_weight += normal(data.value[week, j] - np.log(amount * told[data.factor[week, j]]), sd)
            if since:
                last[series] = now[data.quantity[week, j]]
        for side in np.flatnonzero(data.decided[week] * (data.offensives[week - 1, 0] > 0)):
            weeks = float(p["offensive_days"][side, 0])
            goes_on = data.offensives[week, 0, side] > 0
            log_weight += -1.0 / weeks if goes_on else np.log(1.0 - np.exp(-1.0 / weeks))
        peak = log_weight.max()
        weight = np.exp(log_weight - peak)
        total += peak + np.log(weight.mean())
        chosen = rng.choice(paths, paths, p=weight / weight.sum())
        state = jax.tree.map(lambda stock, chosen=chosen: stock[..., chosen], state)
        last, last_losses, last_ground = last[:, chosen], last_losses[:, chosen], last_ground[chosen]
    return float(total)


def normal(gap: np.ndarray, sd: np.ndarray) -> np.ndarray:
    return -0.5 * (gap / sd) ** 2 - np.log(sd) - 0.5 * np.log(2 * np.pi)


def guided(guiding: bool, sets: int, paths: int, *, ahead: bool) -> np.ndarray:
    history, observed = seen(guiding)
    z, structure = a_set(guiding)
    target = Target(history.world, observed, paths=paths, step_days=7, weeks=WEEKS)
    numbers = np.arange(sets, dtype=np.uint32) + 1_000
    if ahead:
        some = np.repeat(z, 8, 1), np.repeat(structure, 8, 1), np.arange(8, dtype=np.uint32)
        target = target.by(target.look_ahead(*some))
    return target.log_likelihood(np.repeat(z, sets, 1), np.repeat(structure, sets, 1), numbers)


def scatter(target: Target, z: np.ndarray, structure: np.ndarray, tries: int = 48) -> float:
    """Standard deviation of the log of the estimate over chances, by a filter compiled anew."""
    filtering.filter_loop.cache_clear()
    filtering._kernel.cache_clear()
    many = np.repeat(z, tries, axis=1), np.repeat(structure, tries, axis=1)
    return float(target.log_likelihood(*many, np.arange(tries, dtype=np.uint32)).astype(float).std())


@pytest.fixture
def compiled_anew() -> Iterator[None]:
    """A filter that a test has compiled with other constants is not left to the next one."""
    yield
    filtering.filter_loop.cache_clear()
    filtering._kernel.cache_clear()


def test_figures_come_that_count_several_weeks() -> None:
    """What the plain filter is compared with gives weight in advance."""
    _, observed = seen(False)
    coming = coming_figures(observed.data, WEEKS, coming_width(observed.data))
    assert coming.given[: WEEKS - 1].any()
    assert not coming.given[WEEKS - 1 :].any()


def test_figures_guide_from_the_first_weeks_on() -> None:
    _, observed = seen(True)
    assert observed.data.guide_given[:WEEKS, 0].all()
    assert observed.data.ground_given[2:WEEKS].all()
    assert observed.data.ground_set[:WEEKS].tolist() == [0.0, -1.0] + [0.0] * (WEEKS - 2)


@pytest.mark.thorough
@pytest.mark.parametrize("ahead", [False, True])
@pytest.mark.parametrize("guiding", [False, True])
def test_the_guided_estimate_is_that_of_a_plain_filter_with_many_paths(guiding: bool, ahead: bool) -> None:
    """Both estimate one likelihood without bias; their means agree within four standard errors."""
    blind = np.array([plain(guiding, seed, 20_000) for seed in range(8)])
    shown = guided(guiding, 256, 64, ahead=ahead).astype(float)
    ours, theirs = (np.exp(values - blind.mean()) for values in (shown, blind))
    error = np.hypot(ours.std() / np.sqrt(ours.size), theirs.std() / np.sqrt(theirs.size))
    assert abs(ours.mean() - theirs.mean()) < 4 * error
    # The comparison can tell: the error is small against the likelihood itself.
    assert error < 0.15 * theirs.mean()


@pytest.mark.thorough
@pytest.mark.usefixtures("compiled_anew")
def test_a_week_far_from_the_middle_is_linearised_where_the_figures_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A sudden loss of ground: with one line through the middle estimates scatter far more than with two."""
    target, z, structure = after_a_jump(1_000.0, advantage=2.5)
    found = {}
    for pilots in (1, 2):
        monkeypatch.setattr(filtering, "_PILOTS", pilots)
        found[pilots] = scatter(target, z, structure)
    assert found[2] < 0.5 * found[1]


@pytest.mark.thorough
@pytest.mark.usefixtures("compiled_anew")
def test_a_line_that_moves_far_is_guided_to_a_volatile_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sudden loss of ground that volatility alone can explain: blind chances of it scatter far more."""
    target, z, structure = after_a_jump(2_000.0, volatility=2.0, advantage=-3.0)
    found = {}
    for scorings in (0, filtering._SCORINGS):
        monkeypatch.setattr(filtering, "_SCORINGS", scorings)
        found[scorings] = scatter(target, z, structure)
    assert found[filtering._SCORINGS] < 0.7 * found[0]


def after_a_jump(
    lost: float, *, advantage: float, volatility: float = 0.0
) -> tuple[Target, np.ndarray, np.ndarray]:
    """A set with other spreads (z), and figures in which ground (km2) is lost in a week, unforeseen."""
    history, observed = seen(True)
    z, structure = a_set(True)
    z = z.copy()
    z[REGISTRY.rows["advantage_spread"]] = advantage
    z[REGISTRY.rows["volatility_spread"]] = volatility
    jump = observed.data.ground_value.copy()
    jump[3] -= lost
    own = dataclasses.replace(observed, data=observed.data._replace(ground_value=jump))
    return Target(history.world, own, paths=32, step_days=7, weeks=5), z, structure
