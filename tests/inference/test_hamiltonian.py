"""Sets and their paths moved together: the density is the filter's, and moves leave a known one as it is."""

from __future__ import annotations

import dataclasses
import types

import numpy as np
import pytest

from ceasefire.inference import hamiltonian, levelling
from ceasefire.inference.filtering import MOST_PATHS
from ceasefire.inference.hamiltonian import Metric, PathDensity, Tuning, Walkers, metric, move, tuned
from ceasefire.war import STRUCTURES
from tests.inference.test_lookahead import numbers, sets, target

SETS = 6


@pytest.fixture(scope="module")
def density() -> PathDensity:
    return PathDensity(target(1))


def prior(z: np.ndarray, chances: np.ndarray) -> np.ndarray:
    return -0.5 * ((z.astype(float) ** 2).sum(axis=0) + (chances.astype(float) ** 2).sum(axis=(0, 1)))


def test_the_density_of_a_path_is_the_estimate_of_one_path(density: PathDensity) -> None:
    z, structure = sets(SETS)
    log_likelihood, paths = target(1).paths_of(z, structure, numbers(SETS, 30))
    np.testing.assert_array_equal(paths.wars, np.tile(numbers(SETS, 30) * MOST_PATHS, (density.weeks, 1)))
    chances = density.chances_of(paths.wars)
    found = density.log_density(z, structure, chances) - prior(z, chances)
    np.testing.assert_allclose(found, log_likelihood, rtol=1e-4, atol=5e-3)
    # Blocks that are not full, and more than one for each core.
    twice = np.r_[np.arange(SETS), 0, 1, 2]
    again = density.log_density(z[:, twice], structure[:, twice], chances[..., twice])
    np.testing.assert_allclose(again, (found + prior(z, chances))[twice], rtol=1e-5)


def test_a_path_that_a_filter_drew_is_walked_again_from_its_chances(density: PathDensity) -> None:
    z, structure = sets(SETS)
    _, paths = target(16).paths_of(z, structure, numbers(SETS, 50))
    # Paths were drawn anew on the way, so that a path has the chances of more than one.
    assert (paths.wars != paths.wars[0]).any()
    walked = density.walk(z, structure, density.chances_of(paths.wars))
    np.testing.assert_allclose(walked.quantities, paths.quantities[: density.weeks], rtol=1e-4)
    for name, ours, theirs in zip(walked.state._fields, walked.state, paths.state, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-3, err_msg=name)


def test_on_a_bridge_later_weeks_weigh_by_a_power(density: PathDensity) -> None:
    z, structure = sets(SETS)
    _, paths = target(16).paths_of(z, structure, numbers(SETS, 50))
    chances = density.chances_of(paths.wars)
    whole, few = density.log_weight(z, structure, chances), density.weeks // 2
    none = density.bridge(few, 0.0).log_weight(z, structure, chances)
    some = density.bridge(few, 0.3).log_weight(z, structure, chances)
    assert (np.abs(whole - none) > 1.0).all()
    np.testing.assert_allclose(some, none + 0.3 * (whole - none), rtol=1e-6)
    np.testing.assert_array_equal(density.log_weight(z, structure, chances), whole)
    # With no power it is the density of the earlier weeks.
    early = PathDensity(target(1, few)).log_weight(z, structure, chances[:few])
    np.testing.assert_allclose(none, early, rtol=1e-6)


def a_hill(rows: int) -> levelling.Levelling:
    direction = np.random.default_rng(3).standard_normal(rows).astype(np.float32) / np.sqrt(rows)
    return levelling.Levelling(direction, np.linspace(-2.0, 2.0, 5), np.array([0.0, 1.0, 4.0, 2.0, 1.0]))


def test_a_levelled_density_is_raised_and_its_paths_weigh_the_same(density: PathDensity) -> None:
    z, structure = sets(SETS)
    chances = np.random.default_rng(1).standard_normal((density.weeks, density.channels, SETS))
    where = z, structure, chances.astype(np.float32)
    hill = a_hill(len(z))
    found = density.levelled(hill)
    raised = found.log_density(*where) - density.log_density(*where)
    assert np.ptp(raised) > 0.1
    np.testing.assert_allclose(raised, hill.raised(z), atol=1e-6)
    np.testing.assert_array_equal(found.log_weight(*where), density.log_weight(*where))
    assert density.levelling.flat


@pytest.mark.thorough
@pytest.mark.parametrize(("whole", "power"), [(20, 1.0), (10, 0.3), (0, 0.3)])
def test_the_gradient_is_that_of_small_steps(density: PathDensity, whole: int, power: float) -> None:
    assert density.weeks == 20
    z, structure = sets(SETS)
    density = density.bridge(whole, power)
    if whole == 20:
        density = density.levelled(a_hill(len(z)))
    _, paths = target(16).paths_of(z, structure, numbers(SETS, 50))
    chances = density.chances_of(paths.wars)
    value, of_z, of_chances = density.with_gradient(z, structure, chances)
    np.testing.assert_allclose(value, density.log_density(z, structure, chances), rtol=1e-5)
    rng = np.random.default_rng(4)
    errors = []
    for _ in range(20):
        along_z, along_x = rng.standard_normal(z.shape), rng.standard_normal(chances.shape)
        step = 2e-3
        up, down = (
            density.log_density(
                (z + sign * step * along_z).astype(np.float32),
                structure,
                (chances + sign * step * along_x).astype(np.float32),
            )
            for sign in (1.0, -1.0)
        )
        slope = (of_z * along_z).sum(axis=0) + (of_chances * along_x).sum(axis=(0, 1))
        errors.append((up - down) / (2.0 * step) - slope)
    size = np.sqrt((of_z**2).sum(axis=0) + (of_chances**2).sum(axis=(0, 1)))
    # Curvature and rounding leave a small part; a kink of the model on the way now and then more.
    assert np.median(np.abs(np.stack(errors)) / size) < 0.02


@dataclasses.dataclass
class Known:
    """A density that is normal in z and the numbers for each choice of the first structure.

    z and x are given by u = (z, x), y = A u + e, e ~ N(0, I) and u ~ N(shift of the choice, I).
    """

    weeks: int = 3
    channels: int = 4
    rows: int = 5

    def __post_init__(self) -> None:
        self.levelling = levelling.none(self.rows)
        rng = np.random.default_rng(8)
        self.size = self.rows + self.weeks * self.channels
        self.matrix = rng.standard_normal((6, self.size)) * 1.5
        # The last row and the last channel are heard by nothing.
        quiet = np.zeros(self.size, bool)
        quiet[self.rows - 1] = True
        quiet[self.rows :] = np.arange(self.weeks * self.channels) % self.channels == self.channels - 1
        self.matrix[:, quiet] = 0.0
        self.quiet = quiet
        self.target = types.SimpleNamespace(
            transform=types.SimpleNamespace(free=np.ones(self.rows, bool)),
            silent=quiet[: self.rows],
            draw_structure=self.draw_structure,
            _weights=lambda: [np.array([1.0, 1.0]), *[np.array([1.0])] * (len(STRUCTURES) - 1)],
        )

    def draw_structure(self, uniform: np.ndarray) -> np.ndarray:
        drawn = np.zeros(uniform.shape, np.int8)
        drawn[0] = uniform[0] < 0.5
        return drawn

    def _gap(self, z: np.ndarray, structure: np.ndarray, chances: np.ndarray) -> np.ndarray:
        u = np.concatenate([z, chances.reshape(-1, z.shape[1])])
        return (2.0 + 0.6 * structure[0]) - self.matrix @ u

    def with_gradient(self, z: np.ndarray, structure: np.ndarray, chances: np.ndarray) -> tuple:
        gap = self._gap(z, structure, chances)
        slope = (self.matrix.T @ gap).astype(np.float32)
        value = prior(z, chances) - 0.5 * (gap**2).sum(axis=0)
        of_chances = slope[self.rows :].reshape(chances.shape)
        return value, slope[: self.rows] - z, of_chances - chances

    def log_density(self, z: np.ndarray, structure: np.ndarray, chances: np.ndarray) -> np.ndarray:
        return self.with_gradient(z, structure, chances)[0]

    def log_weight(self, z: np.ndarray, structure: np.ndarray, chances: np.ndarray) -> np.ndarray:
        return -0.5 * (self._gap(z, structure, chances) ** 2).sum(axis=0)

    completed = PathDensity.completed

    def posterior(self, choice: int) -> tuple[np.ndarray, np.ndarray, float]:
        """Return the mean, the covariance and the log evidence of a choice."""
        covariance = np.linalg.inv(np.eye(self.size) + self.matrix.T @ self.matrix)
        y = np.full(6, 2.0 + 0.6 * choice)
        whole = np.eye(6) + self.matrix @ self.matrix.T
        evidence = -0.5 * y @ np.linalg.solve(whole, y) - 0.5 * np.linalg.slogdet(whole)[1]
        return covariance @ self.matrix.T @ y, covariance, float(evidence)


def started(known: Known, count: int) -> Walkers:
    rng = np.random.default_rng(2)
    return Walkers(
        rng.standard_normal((known.rows, count)).astype(np.float32),
        known.draw_structure(rng.random((len(STRUCTURES), count))),
        rng.standard_normal((known.weeks, known.channels, count)).astype(np.float32),
    )


def test_moves_reach_a_known_posterior_and_leave_it_as_it_is() -> None:
    known, rng = Known(), np.random.default_rng(6)
    walkers = started(known, 2_000)
    channels = hamiltonian.heard_channels(walkers, known, rng)
    assert channels.tolist() == [0, 1, 2]
    assert hamiltonian.heard_rows(known.target).tolist() == [0, 1, 2, 3]
    tuning = tuned([walkers], known, channels)
    seen = []
    for number in range(60):
        if number == 20:
            tuning = tuned([walkers], known, channels)
        walkers, went = move(walkers, known, tuning, rng)
        if number >= 30:
            seen.append(walkers)
    assert 0.5 < went.accepted < 1.0
    assert went.changed > 0.02
    u = np.concatenate([np.concatenate([one.z, one.chances.reshape(-1, 2_000)]) for one in seen], axis=1)
    choice = np.concatenate([one.structure[0] for one in seen])
    ways = [known.posterior(0), known.posterior(1)]
    share = 1.0 / (1.0 + np.exp(ways[0][2] - ways[1][2]))
    assert choice.mean() == pytest.approx(share, abs=0.02)
    for number, (mean, covariance, _) in enumerate(ways):
        here = u[:, choice == number]
        np.testing.assert_allclose(here.mean(axis=1), mean, atol=0.05)
        np.testing.assert_allclose(np.cov(here), covariance, atol=0.06)


def test_a_channel_that_decides_by_a_threshold_is_heard() -> None:
    """It has no slope, and drawn from the prior it would be no draw of the posterior."""
    known, rng = Known(), np.random.default_rng(6)
    exact = known.log_weight

    def decided(z: np.ndarray, structure: np.ndarray, chances: np.ndarray) -> np.ndarray:
        return exact(z, structure, chances) + 2.0 * (chances[1, known.channels - 1] > 1.0)

    known.log_weight = decided
    assert hamiltonian.heard_channels(started(known, 200), known, rng).tolist() == [0, 1, 2, 3]


def test_the_channels_that_are_heard_are_those_of_the_drifts_the_fronts_and_what_guides(
    density: PathDensity,
) -> None:
    z, structure = sets(SETS)
    _, paths = target(16).paths_of(z, structure, numbers(SETS, 50))
    assert paths.wars is not None
    walkers = Walkers(z, structure, density.chances_of(paths.wars))
    found = hamiltonian.heard_channels(walkers, density, np.random.default_rng(2)).tolist()
    drifts_and_line, fronts = range(4, 9), range(9, 9 + len(target(1).world.fronts))
    losses_of_side_0, ground = density.channels - 3, density.channels - 1
    assert found == [*drifts_and_line, *fronts, losses_of_side_0, ground]


def test_a_wrong_gradient_costs_moves_and_not_the_posterior() -> None:
    known, rng = Known(), np.random.default_rng(7)
    mean, covariance, _ = known.posterior(0)
    u = (mean[:, None] + np.linalg.cholesky(covariance) @ rng.standard_normal((known.size, 4_000))).astype(
        np.float32
    )
    walkers = Walkers(
        u[: known.rows],
        np.zeros((len(STRUCTURES), 4_000), np.int8),
        u[known.rows :].reshape(known.weeks, known.channels, -1),
    )
    known.target._weights = lambda: [np.array([1.0])] * len(STRUCTURES)
    tuning = tuned([walkers], known, np.arange(3, dtype=np.int32))
    right = known.with_gradient

    def wrong(*sets: np.ndarray) -> tuple:
        value, of_z, of_chances = right(*sets)
        return value, 0.8 * of_z, of_chances

    known.with_gradient = wrong
    accepted = []
    for _ in range(20):
        walkers, went = move(walkers, known, tuning, rng)
        accepted.append(went.accepted)
    assert 0.1 < np.mean(accepted) < 0.9
    now = np.concatenate([walkers.z, walkers.chances.reshape(-1, 4_000)])
    assert np.abs(now - u).mean(axis=1).max() > 0.3
    np.testing.assert_allclose(now.mean(axis=1), mean, atol=0.08)
    np.testing.assert_allclose(np.cov(now), covariance, atol=0.1)


def test_the_metric_finds_directions_that_stand_out_and_no_others() -> None:
    rng = np.random.default_rng(9)
    size, count = 60, 90
    truth = np.linalg.qr(rng.standard_normal((size, 2)))[0]
    curvature = np.array([400.0, 25.0])
    gradients = rng.standard_normal((size, count))
    gradients += truth @ ((np.sqrt(curvature) - 1.0)[:, None] * (truth.T @ gradients))
    found = metric(gradients.astype(np.float32))
    assert found.curvature.size in (2, 3)
    near = np.abs(truth.T @ found.directions).max(axis=1)
    assert (near > 0.9).all()
    # Long gradients are shortened so that a few do not decide: curvature comes out too small, not too large.
    assert 0.3 * 400.0 < sorted(found.curvature)[-1] < 1.2 * 400.0
    assert 0.3 * 25.0 < sorted(found.curvature)[-2] < 1.2 * 25.0
    momentum = rng.standard_normal((size, 5)).astype(np.float32)
    whole = np.eye(size) + found.directions @ np.diag(found.curvature - 1.0) @ found.directions.T
    np.testing.assert_allclose(found.velocity(momentum), np.linalg.solve(whole, momentum), atol=1e-4)
    drawn = found.momentum(rng.standard_normal((size, 200_000)).astype(np.float32))
    np.testing.assert_allclose(np.cov(drawn), whole, atol=0.02 * 400)


def test_lines_are_those_along_which_sets_lie_farther_apart_than_the_metric_says() -> None:
    rng = np.random.default_rng(4)
    size, rows = 30, 12
    directions = np.linalg.qr(rng.standard_normal((size, 3)))[0]
    steep = Metric(directions.astype(np.float32), np.array([400.0, 25.0, 4.0], np.float32))
    inverse = (np.eye(size) + (directions * (1.0 / steep.curvature - 1.0)) @ directions.T)[:rows, :rows]
    draws = np.linalg.cholesky(inverse) @ rng.standard_normal((rows, 20_000))
    none, _ = hamiltonian._lines(steep, draws.astype(np.float32), 20_000)
    # Rows alone, whose share in the odds is of noise, and no direction.
    assert (np.count_nonzero(none, axis=0) == 1).all()
    # A variance of 81 along one direction, where the metric says 1.
    along = rng.standard_normal(rows)
    along /= np.sqrt(along @ inverse @ along)
    draws += np.outer(inverse @ along, (9.0 - 1.0) * (along @ draws))
    lines, odds = hamiltonian._lines(steep, draws.astype(np.float32), 20_000)
    assert odds.sum() == pytest.approx(1.0)
    assert np.count_nonzero(lines[:, -1]) == rows
    assert odds[-1] == pytest.approx(0.5)
    longest = lines[:, -1] * np.sign(lines[:, -1] @ inverse @ along)
    np.testing.assert_allclose(longest, 9.0 * inverse @ along, rtol=0.05, atol=0.05)
    alone, variance = lines[:, :-1], np.cov(draws)
    of = np.abs(alone).argmax(axis=0)
    np.testing.assert_allclose(alone.max(axis=0), np.sqrt(np.diag(variance))[of], rtol=1e-5)
    wider = np.diag(variance)[of] / np.diag(inverse)[of] - 1.0
    np.testing.assert_allclose(odds[:-1], 0.5 * wider / wider.sum(), rtol=1e-3)
    # Where a direction is levelled, some steps go where the others lie along it.
    direction = np.linspace(-1.0, 1.0, rows).astype(np.float32)
    more, chosen = hamiltonian._lines(steep, draws.astype(np.float32), 20_000, direction)
    np.testing.assert_array_equal(more[:, :-1], lines)
    np.testing.assert_allclose(chosen, np.append(0.75 * odds, 0.25))
    np.testing.assert_allclose(more[:, -1] @ direction, (direction @ draws).std(), rtol=1e-3)
    np.testing.assert_allclose(
        more[:, -1],
        [np.cov(one, direction @ draws)[0, 1] / (direction @ draws).std() for one in draws],
        rtol=1e-3,
    )
    alone, chosen = hamiltonian._lines(steep, draws[:0].astype(np.float32), 20_000, direction[:0])
    assert (alone.size, chosen.size) == (0, 0)


def test_along_lines_sets_come_from_mode_to_mode_as_often_as_these_weigh() -> None:
    """One in five of them belongs to the far mode, which no gradient leads to."""

    def log_density(z: np.ndarray, structure: np.ndarray, chances: np.ndarray) -> np.ndarray:
        first, second = (z.astype(float)[0] - middle for middle in (-2.0, 3.0))
        return np.logaddexp(np.log(0.8) - 50.0 * first**2, np.log(0.2) - 50.0 * second**2)

    sets, rng = 4_000, np.random.default_rng(3)
    z = np.full((2, sets), -2.0, np.float32)
    start = Walkers(z, np.zeros((1, sets), np.int8), np.zeros((1, 1, sets), np.float32))
    tuning = Tuning(
        np.array([0], np.int32),
        np.zeros(0, np.int32),
        Metric(np.zeros((1, 0), np.float32), np.ones(0, np.float32)),
        np.zeros((0, 2), np.float32),
        np.array([[2.5]], np.float32),
        np.array([1.0]),
        levelling.none(2),
    )
    walkers = start
    for _ in range(30):
        walkers = hamiltonian._along_lines(
            walkers, types.SimpleNamespace(log_density=log_density), tuning, rng
        )
    far = walkers.z[0] > 0.0
    assert far.mean() == pytest.approx(0.2, abs=4.0 * np.sqrt(0.2 * 0.8 / sets))
    assert walkers.z[0, far].std() == pytest.approx(0.1, rel=0.1)
    np.testing.assert_array_equal(walkers.z[1], start.z[1])


def test_nothing_stands_out_of_noise() -> None:
    gradients = np.random.default_rng(1).standard_normal((200, 300)).astype(np.float32)
    assert metric(gradients).curvature.size <= 2


def test_what_is_not_finite_is_not_taken() -> None:
    known = Known()
    right = known.with_gradient

    def broken(z: np.ndarray, structure: np.ndarray, chances: np.ndarray) -> tuple:
        value, of_z, of_chances = right(z, structure, chances)
        return np.where(z[0] > 0.0, -np.inf, value), of_z, np.where(z[0] > 0.0, np.nan, of_chances)

    walkers = started(known, 200)
    walkers.z[0] = -np.abs(walkers.z[0])
    none = np.zeros((4 + 3 * 3, 0), np.float32)
    tuning = Tuning(
        np.arange(4, dtype=np.int32),
        np.arange(3, dtype=np.int32),
        Metric(none, np.ones(0, np.float32)),
        np.zeros((sum(len(one.choices) for one in STRUCTURES), known.rows), np.float32),
        np.eye(4, dtype=np.float32),
        np.full(4, 0.25),
        levelling.none(known.rows),
    )
    known.with_gradient = broken
    for _ in range(5):
        walkers, _ = move(walkers, known, tuning, np.random.default_rng(3))
    assert (walkers.z[0] <= 0.0).all()
    assert np.isfinite(walkers.chances).all()
