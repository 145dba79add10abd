"""Where sets seldom come from one mode of a posterior to another, the valley between is levelled.

A fit whose sets remember where they were is asked along which direction they remember most: the v with the
largest correlation of v'z with what it was so many rounds before (time-lagged independent components,
Molgedey and Schuster 1994). Along it sets then move at the density times exp(b), b most where few of them
are, and every set counts by the weight exp(-b), so that the posterior is the same (umbrella sampling, Torrie
and Valleau 1977). Any b would do; a poor one costs effective draws, never truth.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import interpolate, linalg, stats

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]

# How much of the differences in density is levelled: shares of modes as they are known when it is learnt may
# be far from what they are.
LEVELLED = 0.8
# Between which quantiles of the sets: the tails beyond them are no valleys.
BETWEEN = 0.03, 0.97
_KNOTS = 41
# Of the variances of rows, so much is added: rows that are nearly the same would make no inverse.
_RIDGE = 0.01


class Levelling(NamedTuple):
    """By how much the log density is raised along one direction of z."""

    direction: Float32
    """v `[D]`."""
    knots: Float64
    """Places along it, v'z, ascending `[K]`; none where nothing is levelled."""
    heights: Float64
    """b there `[K]`; smooth between them, and beyond them what it is at the ends."""

    @property
    def flat(self) -> bool:
        """Whether nothing is levelled."""
        return self.knots.size == 0

    def raised(self, z: npt.NDArray[np.floating]) -> Float64:
        """Return b of sets, `[..., T]` for `[..., D, T]`."""
        along = self._along(z)
        return np.zeros_like(along) if self.flat else np.asarray(self._smooth()(self._within(along)))

    def slope(self, z: npt.NDArray[np.floating]) -> Float32:
        """Return the slope of b by z, `[..., D, T]`."""
        along = self._along(z)
        of_along = np.zeros_like(along)
        if not self.flat:
            inside = (along > self.knots[0]) & (along < self.knots[-1])
            of_along = np.where(inside, self._smooth()(self._within(along), 1), 0.0)
        return np.asarray(of_along[..., None, :] * self.direction[:, None], np.float32)

    def weight(self, z: npt.NDArray[np.floating]) -> Float64:
        """Return exp(-b), by which each set counts, `[..., T]`."""
        return np.exp(-self.raised(z))

    def _along(self, z: npt.NDArray[np.floating]) -> Float64:
        return np.asarray(np.einsum("d,...dt->...t", self.direction.astype(np.float64), z))

    def _within(self, along: Float64) -> Float64:
        return np.clip(along, self.knots[0], self.knots[-1])

    def _smooth(self) -> interpolate.CubicSpline:
        return interpolate.CubicSpline(self.knots, self.heights, bc_type="clamped")


def none(dimension: int) -> Levelling:
    """Return what levels nothing of so many rows."""
    return Levelling(np.zeros(dimension, np.float32), np.zeros(0), np.zeros(0))


def learnt(
    rounds: npt.NDArray[np.floating],
    rows: npt.NDArray[np.integer],
    lag: int,
    weights: Float64 | None = None,
) -> Levelling:
    """Return what levels the slowest direction.

    Args:
        rounds: z after each round at the posterior, `[N, D, T]`.
        rows: those rows that figures reach; the others are drawn anew at every move.
        lag: rounds over which sets are asked what they remember.
        weights: by what each set counts where something was levelled before, `[N, T]`.
    """
    direction = np.zeros(rounds.shape[1], np.float32)
    direction[rows] = slowest(rounds[:, rows], lag)
    along = np.einsum("d,ndt->nt", direction.astype(np.float64), rounds).ravel()
    knots = np.linspace(*np.quantile(along, BETWEEN), _KNOTS)
    density = stats.gaussian_kde(along, weights=None if weights is None else weights.ravel())(knots)
    return Levelling(direction, knots, LEVELLED * np.log(density.max() / density))


def slowest(rounds: npt.NDArray[np.floating], lag: int) -> Float64:
    """Return the direction v `[D]` in which rounds `[N, D, T]` remember most, of variance 1.

    v maximises v' C(lag) v / v' C(0) v, C(l) the covariance of z with z of l rounds later, taken in both
    directions of time.
    """
    centred = rounds - rounds.mean(axis=(0, 2), keepdims=True, dtype=np.float64)
    # A row that never varies tells nothing.
    deviations = np.maximum(centred.std(axis=(0, 2)), 1e-12)
    scaled = centred / deviations[:, None]
    at_once, later = (_products(scaled[gap:], scaled[: len(scaled) - gap]) for gap in (0, lag))
    size = len(at_once)
    _, vectors = linalg.eigh(
        0.5 * (later + later.T), at_once + _RIDGE * np.eye(size), subset_by_index=[size - 1, size - 1]
    )
    direction = vectors[:, 0]
    spread = np.sqrt(direction @ at_once @ direction)
    # Its sign says nothing: the largest part is above 0.
    sign = np.sign(direction[np.argmax(np.abs(direction))])
    return np.asarray(sign * direction / (spread * deviations))


def _products(first: Float64, second: Float64) -> Float64:
    """Return the mean outer product `[D, D]` of values `[N, D, T]`."""
    of_sets = np.moveaxis(first, 1, 0).reshape(first.shape[1], -1)
    with_sets = np.moveaxis(second, 1, 0).reshape(second.shape[1], -1)
    return np.asarray(of_sets @ with_sets.T / of_sets.shape[1])
