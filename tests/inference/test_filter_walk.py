"""The filter in the fused loop against the same weeks walked by JAX."""

from __future__ import annotations

import datetime as dt
import functools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import special

from ceasefire.engine import chance
from ceasefire.engine.loop import scan
from ceasefire.evidence import load
from ceasefire.inference import filtering, lookahead
from ceasefire.inference.anticipating import coming_figures, coming_width
from ceasefire.inference.observing import Observed, observe
from ceasefire.inference.target import Target
from ceasefire.scenario import load_scenario
from ceasefire.war import STRUCTURES

UNTIL = dt.date(2022, 5, 31)
SETS, PATHS = 6, 24


class Case(NamedTuple):
    """What `filter_wars` takes, and what it gives."""

    observed: Observed
    asked: filtering.Asked
    log_likelihood: np.ndarray
    paths: filtering.Paths


@pytest.fixture(scope="module", params=[7, 1], ids=["by week", "by day"])
def case(request: pytest.FixtureRequest) -> Case:
    """Sets from near the middle of the prior, and weeks with figures of every kind."""
    history = load_scenario("ukraine-2022").history(UNTIL, known_on=None)
    observed = observe(load().known_by("2022-12-20"), history, step_days=request.param)
    target = Target(history.world, observed, paths=PATHS, step_days=request.param)
    rng = np.random.default_rng(8)
    z = (0.4 * rng.standard_normal((target.dimension, SETS))).astype(np.float32)
    structure = target.draw_structure(rng.random((len(STRUCTURES), SETS)))
    numbers = np.arange(SETS, dtype=np.uint32) + 40
    worth = lookahead.nothing(observed.weeks, len(history.world.fronts))
    slope = (0.1 * rng.standard_normal(worth.slope.shape)).astype(np.float32)
    asked = target.by(worth._replace(slope=slope))._asked(z, structure, numbers)
    log_likelihood, paths = filtering.filter_wars(asked, keep=True)
    assert paths is not None
    plain = asked._replace(
        parameters=np.asarray(asked.parameters),
        observed=np.asarray(asked.observed),
        geography=jax.tree.map(np.asarray, asked.geography),
        streams=np.asarray(asked.streams),
    )
    return Case(observed, plain, log_likelihood, paths)


def looked(case: Case) -> lookahead.Lookahead:
    """The function of the weeks that count but the last, which no week would take back."""
    nothing = lookahead.nothing(len(case.observed.data.levers), case.asked.geography.weight.size)
    for whole, part in zip(nothing, case.asked.worth or (), strict=True):
        whole[: case.observed.weeks - 1] = part[:-1]
    return nothing


def walked(case: Case) -> tuple[np.ndarray, np.ndarray, int]:
    """Return log likelihoods, the last quantities of each path, and how often paths were drawn anew."""
    asked = case.asked
    data, observed = case.observed.data, np.shape(asked.observed)[0]
    _, steps, levers = np.shape(data.levers)
    series = max(1, case.observed.series)
    width = coming_width(data)
    loop = filtering.filter_loop(
        asked.geography.weight.size, levers, observed, series, np.shape(data.value)[1], width, steps
    )

    def ones(rows: Any) -> np.ndarray:
        return np.eye(observed, dtype=np.float32)[np.asarray(rows)]

    of_run = filtering.OfRun(
        asked.geography,
        chance.shock_key(filtering._CHANCES),
        asked.streams.astype(np.int32),
        ones(data.guide_factor),
        ones(data.guide_spread),
        ones(data.before),
        np.float32(data.ground_error),
    )
    wars = (asked.numbers[:, None] * filtering.MOST_PATHS + np.arange(PATHS)).astype(np.uint32).ravel()
    many = functools.partial(np.repeat, repeats=PATHS, axis=-1)
    of_wars = filtering.OfWars(many(asked.parameters), many(asked.observed), many(asked.structure), wars)
    coming = coming_figures(data, case.observed.weeks, width)
    of_week = filtering.week_rows(data, coming, looked(case), observed, series)
    of_day = filtering.OfDay(np.asarray(data.levers, np.float32), np.asarray(data.offensives, np.float32))
    walk = jax.jit(functools.partial(scan, loop))
    carry = jax.jit(loop.start)(of_wars, of_run)
    log_weight = np.full((SETS, PATHS), -np.log(PATHS))
    log_likelihood, drawn = np.zeros(SETS), 0
    shown: Any = None
    for week in range(case.observed.weeks):
        rows = jax.tree.map(lambda part, week=week: jnp.asarray(part[week : week + 1]), (of_week, of_day))
        carry, shown = walk(carry, of_wars, of_run, *rows)
        log_weight = log_weight + np.asarray(shown.log_weight[0], np.float64).reshape(SETS, PATHS)
        peak = special.logsumexp(log_weight, axis=1)
        log_likelihood += peak
        position = special.ndtr(np.asarray(shown.position[0], np.float64).reshape(SETS, PATHS)[:, 0])
        ancestor, log_weight = filtering.resample(log_weight - peak[:, None], position)
        drawn += int((ancestor != np.arange(PATHS)).any(axis=1).sum())
        place = (ancestor + np.arange(SETS)[:, None] * PATHS).ravel()
        carry = jax.tree.map(lambda stock, place=place: stock[..., place], carry)
    return log_likelihood, np.asarray(shown.quantities[0]).reshape(-1, SETS, PATHS), drawn


@pytest.mark.thorough
def test_the_filter_is_the_same_weeks_walked_by_jax(case: Case) -> None:
    data = case.observed.data
    weeks = case.observed.weeks
    assert data.guide_given[:weeks].any()
    assert data.ground_given[:weeks].any()
    assert data.given[:weeks].any()
    log_likelihood, last, drawn = walked(case)
    assert drawn > SETS
    np.testing.assert_allclose(case.log_likelihood, log_likelihood, rtol=1e-4, atol=5e-3)
    # The path that is kept is one of the set's paths, to the rounding of each walk.
    ours = case.paths.quantities[weeks - 1]
    gap = np.abs(last / ours[:, :, None] - 1.0).max(axis=0).min(axis=1)
    assert gap.max() < 1e-3


def test_the_estimate_of_a_set_does_not_depend_on_the_others(case: Case) -> None:
    here = slice(2, 4)
    asked = case.asked
    few, _ = filtering.filter_wars(
        asked._replace(
            parameters=asked.parameters[:, here],
            observed=asked.observed[:, here],
            structure=asked.structure[:, here],
            numbers=asked.numbers[here],
        ),
        keep=False,
    )
    np.testing.assert_array_equal(few, case.log_likelihood[here])


def test_resampling_draws_each_path_as_often_as_its_weight_says() -> None:
    rng = np.random.default_rng(6)
    log_weight = np.log(rng.dirichlet(np.full(50, 0.2), 400))
    ancestor, after = filtering.resample(log_weight, rng.random(400))
    weight = np.exp(log_weight)
    count = np.stack([np.bincount(row, minlength=50) for row in ancestor])
    poor = 1.0 / np.square(weight).sum(axis=1) < 25
    assert poor.any()
    # Systematic: never more than one away from the expected number.
    assert np.abs(count - 50 * weight)[poor].max() < 1.0
    np.testing.assert_array_equal(after[poor], -np.log(50))


def test_nothing_is_drawn_anew_while_the_weights_are_even() -> None:
    log_weight = np.log(np.random.default_rng(7).dirichlet(np.full(50, 20.0), 10))
    ancestor, after = filtering.resample(log_weight, np.full(10, 0.3))
    np.testing.assert_array_equal(ancestor, np.tile(np.arange(50), (10, 1)))
    np.testing.assert_array_equal(after, log_weight)
