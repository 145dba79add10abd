"""What a path of the war is worth for all figures to come, learnt from the paths of earlier sets.

The weights of single weeks are a small part of an estimate's error; most of it is what paths have become
before figures that they do not fit are there: a lethality that names of the dead will contradict, armour that
cannot have been left. So each path is weighed in advance by

    v(x) = sum over k of slope_k clip( (x_k - middle_k) / scale_k )

a linear function of its state x in each week, and the week after takes it back: the weight of a week is
multiplied by exp( v_now(x) - v_before(parent) ), and v is 0 in the last week. The product is the likelihood
alone, so that the estimate is unbiased whatever v is (Pitt and Shephard 1999; Whiteley and Lee 2014). The
slopes are found backwards, from the last week to the first, by a ridge regression within each set of what its
paths turned out to be worth,

    log w_next(child) + DISCOUNT v_next(child),

pooled over sets (Guarniero, Johansen and Lee 2017 learn such functions for one set by iteration): a set gains
by what others went through. The discount, and the part that is not believed, keep errors of the regressions
from adding up over many weeks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt

from ceasefire.war import State

Float32 = npt.NDArray[np.float32]

# How much of what later weeks say counts a week earlier.
DISCOUNT = 0.9
# Ridge of the regressions, as a share of the variance of what explains.
RIDGE = 0.1
# Paths that turned out this much worse or better than the middle one of their set count as if by so much.
FARTHEST_WORTH = 8.0
# What lies farther from the middle, in spreads of all sets, counts as if it lay there: what is learnt says
# nothing of a set that is like none of those it was learnt from.
FARTHEST_FEATURE = 4.0
# What varies less within sets, in spreads of all sets, explains nothing.
LEAST_VARIATION = 0.01
# So much of what the regressions say is believed.
TRUST = 0.8


class Lookahead(NamedTuple):
    """The function of each week, by feature `[W, F]`; of one week `[F]`."""

    middle: Any
    scale: Any
    slope: Any


class Watched(NamedTuple):
    """What a week did to all paths, before any are drawn anew."""

    features: Float32
    """`[F, N]`."""
    log_weight: Float32
    """Of the week's figures and chances alone, `[N]`."""
    parent: npt.NDArray[np.int32]
    """Which path of the week before each one goes on from, `[N]`."""


def features(state: State, losses: jax.Array, ground: jax.Array, taken: jax.Array) -> jax.Array:
    """Return what is looked at in a state, `[F, N]`: stocks as logs, the course of the war as it is.

    Args:
        state: the state.
        losses: losses since their last figure, `[2, N]`, persons.
        ground: net ground of side 0, `[N]`, km2.
        taken: what of it was taken since its last figure, `[N]`, km2.
    """

    def log(stock: jax.Array) -> jax.Array:
        return jnp.log(jnp.maximum(stock, 1.0)).reshape(-1, stock.shape[-1])

    return jnp.concatenate(
        [
            log(state.troops),
            log(jnp.sum(state.troops, axis=1)),
            log(state.reserve),
            log(state.recovering),
            log(state.killed),
            log(state.wounded),
            log(state.captured),
            log(state.armour_modern),
            log(state.armour_legacy),
            log(state.armour_lost),
            log(state.shells),
            log(losses),
            state.skill,
            state.fortification.reshape(-1, state.skill.shape[-1]),
            state.log_tempo,
            state.intensity[None],
            state.lethality[None],
            state.volatility[None],
            state.perceived,
            state.advantage[:1],
            ground[None],
            taken[None],
        ]
    )


def size(fronts: int) -> int:
    """Return F, the number of features of a war of so many fronts."""
    stocks = 2 * (1 + 1 + 2 + 3 + 3 + 1 + 1)
    return stocks + 5 * fronts + 2 + 3 + 2 + 1 + 2


def nothing(weeks: int, fronts: int) -> Lookahead:
    """Return that by which all paths are worth the same."""
    return _of_nothing((weeks, size(fronts)))


def _of_nothing(shape: tuple[int, int]) -> Lookahead:
    return Lookahead(np.zeros(shape, np.float32), np.ones(shape, np.float32), np.zeros(shape, np.float32))


def worth(week: Lookahead, seen: jax.Array) -> jax.Array:
    """Return v of features `[F, N]` by the function of one week, `[N]`."""
    middle, scale, slope = (jnp.asarray(part)[:, None] for part in week)
    off = jnp.clip((seen - middle) / scale, -FARTHEST_FEATURE, FARTHEST_FEATURE)
    return jnp.sum(slope * off, axis=0)


def without(given: Lookahead, watched: Sequence[Watched]) -> list[Watched]:
    """Return the same weeks where the weights no longer hold what a function gave in advance.

    Args:
        given: the function by which the paths went, `[W, F]`: nothing in the last week.
        watched: by week, all that count.
    """
    found: list[Watched] = []
    before = np.zeros(watched[0].log_weight.size, np.float32)
    for week, one in zip(zip(*given, strict=True), watched, strict=True):
        now = np.asarray(worth(Lookahead(*week), jnp.asarray(one.features)))
        found.append(one._replace(log_weight=one.log_weight - (now - before[one.parent])))
        before = now
    return found


def learn(watched: Sequence[Watched], paths: int) -> Lookahead:
    """Return the function of each week, from what paths of some sets went through.

    Args:
        watched: by week, all that count; M paths of each set side by side.
        paths: M.
    """
    found = _of_nothing((len(watched), len(watched[0].features)))
    middle, scale, slope = found
    of_next = np.zeros(watched[0].log_weight.size)
    for week in range(len(watched) - 2, -1, -1):
        seen, child = watched[week].features, watched[week + 1]
        middle[week] = seen.mean(axis=1)
        scale[week] = np.maximum(seen.std(axis=1), 1e-6)
        off = np.clip(
            (seen - middle[week][:, None]) / scale[week][:, None], -FARTHEST_FEATURE, FARTHEST_FEATURE
        )
        slope[week] = _slope(
            _within(off[:, child.parent], paths),
            _turned_out(child.log_weight.astype(np.float64) + DISCOUNT * of_next, paths),
        )
        of_next = slope[week].astype(np.float64) @ off
    return found._replace(slope=TRUST * slope)


def _within(values: Float32, paths: int) -> npt.NDArray[np.float64]:
    """Return values `[F, N]` less the mean of each set."""
    by_set = values.reshape(len(values), -1, paths).astype(np.float64)
    return np.asarray((by_set - by_set.mean(axis=2, keepdims=True)).reshape(values.shape))


def _turned_out(worth: npt.NDArray[np.float64], paths: int) -> npt.NDArray[np.float64]:
    """Return what paths turned out to be worth, `[N]`, less the mean of each set."""
    by_set = np.nan_to_num(worth, nan=-np.inf).reshape(-1, paths)
    middle = np.nan_to_num(np.median(by_set, axis=1, keepdims=True), neginf=0.0)
    by_set = np.clip(by_set - middle, -FARTHEST_WORTH, FARTHEST_WORTH)
    return np.asarray((by_set - by_set.mean(axis=1, keepdims=True)).ravel())


def _slope(explains: npt.NDArray[np.float64], explained: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the ridge regression of `[N]` on `[F, N]`, both of mean 0: 0 where hardly anything varies."""
    spread = explains.std(axis=1)
    varies = spread > LEAST_VARIATION
    found = np.zeros(len(explains))
    if varies.any():
        plain = explains[varies] / spread[varies][:, None]
        covariance = plain @ plain.T / explained.size
        covariance[np.diag_indices(len(covariance))] += RIDGE
        found[varies] = np.linalg.solve(covariance, plain @ explained / explained.size) / spread[varies]
    return found
