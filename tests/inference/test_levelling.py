"""A valley that is levelled lets sets come and go, and weights give each mode its share again."""

from __future__ import annotations

import types

import numpy as np
import pytest

from ceasefire.inference import levelling
from ceasefire.inference.hamiltonian import Metric, Tuning, Walkers, move
from ceasefire.inference.levelling import Levelling
from ceasefire.war import STRUCTURES

ROWS = 3


def hill() -> Levelling:
    direction = np.array([0.6, 0.0, -0.8], np.float32)
    return Levelling(direction, np.array([-1.0, 0.0, 0.5, 2.0]), np.array([0.0, 1.0, 3.0, 2.0]))


def test_the_slope_is_that_of_small_steps_and_nothing_rises_beyond_the_ends() -> None:
    level, rng = hill(), np.random.default_rng(1)
    z, step = rng.standard_normal((ROWS, 200)) * 2.0, 1e-4
    up, down = (
        np.stack([level.raised(z + sign * step * np.eye(ROWS)[:, [row]]) for row in range(ROWS)])
        for sign in (1.0, -1.0)
    )
    np.testing.assert_allclose(level.slope(z), (up - down) / (2.0 * step), atol=1e-3)
    far = np.array([[-50.0, 50.0], [0.0, 0.0], [0.0, 0.0]])
    np.testing.assert_allclose(level.raised(far), [0.0, 2.0], atol=1e-12)
    assert (level.slope(far) == 0.0).all()
    np.testing.assert_allclose(level.raised(np.stack([z, z])), np.stack([level.raised(z)] * 2))


def test_where_nothing_is_levelled_all_count_alike() -> None:
    level, z = levelling.none(ROWS), np.random.default_rng(2).standard_normal((ROWS, 5))
    assert level.flat
    assert not hill().flat
    assert (level.weight(z) == 1.0).all()
    assert (level.slope(z) == 0.0).all()
    np.testing.assert_allclose(hill().weight(z), np.exp(-hill().raised(z)))


def remembering(sets: int = 400, rounds: int = 12, rows: int = 20) -> tuple[np.ndarray, np.ndarray]:
    """Return rounds in which one direction, of two rows, remembers where all others forget; and it."""
    rng = np.random.default_rng(3)
    mix = np.eye(rows)
    mix[0, 1] = 2.0
    hidden = np.empty((rounds, rows, sets))
    hidden[0] = rng.standard_normal((rows, sets))
    for number in range(1, rounds):
        keep = np.full((rows, 1), 0.3)
        keep[1] = 0.98
        drawn = rng.standard_normal((rows, sets))
        hidden[number] = keep * hidden[number - 1] + np.sqrt(1.0 - keep**2) * drawn
    scale = np.linspace(0.1, 10.0, rows)[:, None]
    direction = np.zeros(rows)
    # Hidden row 1 is shown row 1, and twice in row 0.
    direction[1] = 1.0 / scale[1, 0]
    return scale * np.einsum("rs,nst->nrt", mix, hidden), direction


def test_the_slowest_direction_is_found_among_rows_of_any_scale() -> None:
    rounds, direction = remembering()
    found = levelling.slowest(rounds, 6)
    along, wanted = (np.einsum("r,nrt->nt", one, rounds) for one in (found, direction))
    assert along.std() == pytest.approx(1.0, rel=1e-6)
    assert abs(np.corrcoef(along.ravel(), wanted.ravel())[0, 1]) > 0.97


def test_rows_that_no_figure_reaches_have_no_part() -> None:
    rounds, _ = remembering()
    level = levelling.learnt(rounds, np.array([0, 2, 3, 4]), 6)
    assert np.flatnonzero(level.direction).tolist() == [0, 2, 3, 4]


class TwoModes:
    """A density of two modes apart in row 0, which a third row follows; one in four belongs to the second.

    p = 0.75 N(z0; -2, 0.5) + 0.25 N(z0; 2, 0.5) times N(z1; 0, 1) and N(z2; z0, 1).
    """

    def __init__(self, level: Levelling) -> None:
        self.level = level
        self.target = types.SimpleNamespace(_weights=lambda: [np.array([1.0])] * len(STRUCTURES))
        self.weeks, self.channels = 1, 1

    def completed(self, some: np.ndarray, channels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        return rng.standard_normal((1, 1, some.shape[-1])).astype(np.float32)

    def with_gradient(self, z: np.ndarray, structure: np.ndarray, chances: np.ndarray) -> tuple:
        z = z.astype(float)
        first, second = np.log(0.75) - 2.0 * (z[0] + 2.0) ** 2, np.log(0.25) - 2.0 * (z[0] - 2.0) ** 2
        both = np.logaddexp(first, second)
        of_first = np.exp(first - both)
        gap = z[2] - z[0]
        slope = -4.0 * (of_first * (z[0] + 2.0) + (1.0 - of_first) * (z[0] - 2.0)) + gap
        value = both - 0.5 * z[1] ** 2 - 0.5 * gap**2 + self.level.raised(z)
        return value, np.stack([slope, -z[1], -gap]) + self.level.slope(z), 0.0 * chances

    def log_density(self, z: np.ndarray, structure: np.ndarray, chances: np.ndarray) -> np.ndarray:
        return self.with_gradient(z, structure, chances)[0]


def moved(z: np.ndarray, level: Levelling, rounds: int, seed: int) -> np.ndarray:
    """Return z after each round of moves `[N, D, T]`."""
    rng, sets = np.random.default_rng(seed), z.shape[1]
    tuning = Tuning(
        np.arange(ROWS, dtype=np.int32),
        np.zeros(0, np.int32),
        Metric(np.zeros((ROWS, 0), np.float32), np.ones(0, np.float32)),
        np.zeros((sum(len(one.choices) for one in STRUCTURES), ROWS), np.float32),
        np.zeros((ROWS, 0), np.float32),
        np.zeros(0),
        level,
    )
    walkers = Walkers(z, np.zeros((len(STRUCTURES), sets), np.int8), np.zeros((1, 1, sets), np.float32))
    found = []
    for _ in range(rounds):
        walkers, _ = move(walkers, TwoModes(level), tuning, rng)
        found.append(walkers.z)
    return np.stack(found)


def test_levelled_sets_find_the_share_of_each_mode_that_others_do_not() -> None:
    """Nine in ten begin in the first mode; three in four belong there, and what was learnt does not know."""
    sets, rng = 512, np.random.default_rng(5)
    z = rng.standard_normal((ROWS, sets)).astype(np.float32)
    z[0] = np.where(np.arange(sets) % 10 == 0, 2.0, -2.0) + 0.5 * z[0]
    z[2] += z[0]
    plain = moved(z, levelling.none(ROWS), 40, 1)
    assert (plain[20:, 0] > 0.0).mean() < 0.15
    level = levelling.learnt(plain[20:], np.arange(ROWS), 10)
    along = np.einsum("d,ndt->nt", level.direction, plain[20:])
    assert abs(np.corrcoef(along.ravel(), plain[20:, 0].ravel())[0, 1]) > 0.9
    rounds = moved(plain[-1], level, 140, 2)[60:]
    weights = level.weight(rounds)
    far = rounds[:, 0] > 0.0
    assert np.sum(weights * far) / weights.sum() == pytest.approx(0.25, abs=0.03)
    assert far.mean() > 0.35
    shares = weights / weights.sum()
    assert np.sum(shares * rounds[:, 0]) == pytest.approx(0.5 * -2.0, abs=0.12)
    assert np.sum(shares * rounds[:, 2]) == pytest.approx(0.5 * -2.0, abs=0.15)
    assert np.sum(shares * rounds[:, 1] ** 2) == pytest.approx(1.0, abs=0.1)


def test_what_was_levelled_before_weighs_in_what_is_known_of_the_density() -> None:
    """A quarter of a normal density each side of 0 less is known again from draws that had been levelled."""
    rng, sets = np.random.default_rng(6), 40_000
    level = Levelling(np.array([1.0], np.float32), np.array([-1.0, 0.0, 1.0]), np.array([0.0, 0.8, 0.0]))
    z = rng.standard_normal((4, 1, 2 * sets)).astype(np.float32)
    # Draws of the density times exp(b), by rejection.
    kept = rng.random(z[:, 0].shape) < np.exp(level.raised(z) - 0.8)
    rounds = np.stack([one[:, keep][:, :sets] for one, keep in zip(z, kept, strict=True)])
    plain, weighted = (
        levelling.learnt(rounds, np.array([0]), 1, weights) for weights in (None, level.weight(rounds))
    )
    normal = levelling.LEVELLED * 0.5 * (weighted.knots * rounds.std()) ** 2
    middle = slice(10, -10)
    assert np.abs(weighted.heights - normal)[middle].max() < 0.08
    assert np.abs(plain.heights - normal)[middle].max() > 0.15
