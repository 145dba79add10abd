"""The sampler on targets whose posterior is known."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from ceasefire.inference import sampling
from ceasefire.inference.diagnosing import agreement
from ceasefire.inference.filtering import MOST_PATHS
from ceasefire.war import STRUCTURES

DIMENSION = 12


@dataclasses.dataclass
class Normal:
    """A normal likelihood of a few directions, estimated with an unbiased lognormal error.

    With y = A z + e, e ~ N(0, s^2 I) and z ~ N(0, I) the posterior is normal with precision I + A'A / s^2.
    """

    dimension: int = DIMENSION
    error: float = 0.0
    strength: float = 2.0
    favoured: int = 1

    def __post_init__(self) -> None:
        rng = np.random.default_rng(5)
        self.matrix = rng.standard_normal((3, self.dimension)) * self.strength
        self.matrix[:, -1] = 0.0
        self.seen = np.array([1.0, -2.0, 3.0])
        self.silent = np.arange(self.dimension) == self.dimension - 1

    def log_likelihood(self, z: np.ndarray, structure: np.ndarray, numbers: np.ndarray) -> np.ndarray:
        gap = self.seen[:, None] - self.matrix @ z[: self.dimension]
        exact = -0.5 * (gap**2).sum(axis=0) + np.log(4.0) * (structure[0] == self.favoured)
        noise = np.array([np.random.default_rng(int(n)).standard_normal() for n in numbers])
        return (exact + self.error * noise - 0.5 * self.error**2).astype(np.float32)

    def draw_structure(self, uniform: np.ndarray) -> np.ndarray:
        return (uniform * 2).astype(np.int8)

    def posterior(self) -> tuple[np.ndarray, np.ndarray]:
        precision = np.eye(self.dimension) + self.matrix.T @ self.matrix
        covariance = np.linalg.inv(precision)
        return covariance @ self.matrix.T @ self.seen, covariance

    def log_evidence(self) -> float:
        covariance = np.eye(3) + self.matrix @ self.matrix.T
        of_data = -0.5 * self.seen @ np.linalg.solve(covariance, self.seen)
        # The structure doubles or not: one of two, favoured four to one.
        return float(of_data - 0.5 * np.linalg.slogdet(covariance)[1] + np.log(0.5 * 4.0 + 0.5))


def sampled(target: Normal, sets: int = 400, moves: int = 40) -> tuple[sampling.Population, np.ndarray]:
    rng = np.random.default_rng(3)
    population = sampling.towards(sampling.start(target, sets, 2, rng), target, 1)
    while population.power < 1.0:
        population = sampling.step_forward(population, 0.5, rng)
        acceptance = sampling.Acceptance()
        for _ in range(8):
            population = sampling.move(population, None, target, rng, acceptance)
    kept = []
    for _ in range(moves):
        population = sampling.move(population, None, target, rng, acceptance)
        kept.append(population.z)
    return population, np.stack(kept)


@pytest.mark.parametrize("error", [0.0, 1.0])
def test_the_posterior_of_a_normal_likelihood(error: float) -> None:
    """Mean and covariance are those of the closed form, whatever the error of the estimates."""
    target = Normal(error=error)
    population, kept = sampled(target)
    mean, covariance = target.posterior()
    flat = kept.transpose(1, 0, 2).reshape(DIMENSION, -1)
    assert np.abs(flat.mean(axis=1) - mean).max() < 0.15
    assert np.abs(np.cov(flat) - covariance).max() < 0.2
    favoured = (population.structure[0] == target.favoured).mean()
    assert favoured == pytest.approx(0.8, abs=0.08)


@pytest.mark.thorough
def test_proposals_that_learn_from_the_past_leave_the_posterior_as_it_is() -> None:
    """Eighty sets whose proposals know forty earlier rounds: mean and covariance of the closed form."""
    target, rng = Normal(error=1.0), np.random.default_rng(17)
    population, _ = sampled(target, sets=40, moves=1)
    zs, structures = [], []
    acceptance = sampling.Acceptance()
    for _ in range(500):
        acceptance = dataclasses.replace(acceptance, chances=acceptance.learnt())
        earlier = sampling.Earlier(zs[-80::2], structures[-80::2])
        population = sampling.move(population, None, target, rng, acceptance, earlier)
        zs.append(population.z)
        structures.append(population.structure)
    mean, covariance = target.posterior()
    flat = np.stack(zs[100:]).transpose(1, 0, 2).reshape(DIMENSION, -1)
    assert np.abs(flat.mean(axis=1) - mean).max() < 0.1
    assert np.abs(np.cov(flat) - covariance).max() < 0.12
    favoured = (np.stack(structures[100:])[:, 0] == target.favoured).mean()
    assert favoured == pytest.approx(0.8, abs=0.04)


def test_no_set_has_a_part_in_its_own_proposals(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither as it is nor as it was."""
    target, rng = Normal(), np.random.default_rng(18)
    population = dataclasses.replace(sampling.start(target, 16, 2, rng), power=1.0)
    population = dataclasses.replace(
        population, new=target.log_likelihood(population.z, population.structure, population.numbers)
    )
    # The set that a number belongs to can be read off it, now and in the past.
    marked = np.tile(np.arange(32, dtype=np.float32), (DIMENSION, 1))
    seen: list[set[int]] = []
    right = sampling.reference

    def watched(z: np.ndarray) -> sampling.Reference:
        seen.append(set(np.unique(z[0, -32 + 32 // sampling.GROUPS :]).astype(int)))
        assert z.shape[1] == 2 * (32 - 32 // sampling.GROUPS)
        return right(z)

    monkeypatch.setattr(sampling, "reference", watched)
    earlier = sampling.Earlier([marked], [population.structure])
    sampling.move(population, None, target, rng, sampling.Acceptance(), earlier)
    assert len(seen) == sampling.GROUPS
    own = [set(range(first, 32, sampling.GROUPS)) for first in range(sampling.GROUPS)]
    assert seen == [set(range(32)) - group for group in own]


@dataclasses.dataclass
class Apart(Normal):
    """A likelihood whose posteriors under two equations lie several standard deviations apart."""

    gap: float = 4.0

    def shift(self, structure: np.ndarray) -> np.ndarray:
        return np.outer([self.gap, -self.gap, self.gap], structure[0].astype(float))

    def log_likelihood(self, z: np.ndarray, structure: np.ndarray, numbers: np.ndarray) -> np.ndarray:
        off = self.seen[:, None] + self.shift(structure) - self.matrix @ z
        return np.asarray(-0.5 * (off**2).sum(axis=0), np.float32)

    def share(self) -> float:
        """Posterior share of the second equation."""
        covariance = np.eye(3) + self.matrix @ self.matrix.T
        seen = [self.seen + self.shift(np.array([[code]]))[:, 0] for code in (0, 1)]
        log = [-0.5 * one @ np.linalg.solve(covariance, one) for one in seen]
        return float(1.0 / (1.0 + np.exp(log[0] - log[1])))

    def mean(self, code: int) -> np.ndarray:
        covariance = np.linalg.inv(np.eye(self.dimension) + self.matrix.T @ self.matrix)
        return covariance @ self.matrix.T @ (self.seen + self.shift(np.array([[code]]))[:, 0])


@pytest.mark.thorough
def test_a_set_goes_from_one_equation_to_the_other_with_a_step_between_their_means(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With the step the shares of both are those of the closed form; without it hardly a set changes."""
    target, rng = Apart(), np.random.default_rng(6)
    assert 0.1 < target.share() < 0.9
    population, _ = sampled(target, moves=1)
    changed, shares, members = {}, [], []
    for steps in (0.0, 1.0):
        monkeypatch.setattr(sampling, "STEPS_WITH_IT", steps)
        acceptance, before, count = sampling.Acceptance(), population.structure[0], 0
        for _ in range(150):
            population = sampling.move(population, None, target, rng, acceptance)
            count += int((population.structure[0] != before).sum())
            before = population.structure[0]
            if steps:
                shares.append((before == 1).mean())
                members.append(population)
        changed[steps] = count
    assert changed[1.0] > 5 * changed[0.0]
    assert np.mean(shares[50:]) == pytest.approx(target.share(), abs=0.03)
    for code in (0, 1):
        z = np.concatenate([one.z[:, one.structure[0] == code] for one in members[50:]], axis=1)
        assert np.abs(z.mean(axis=1) - target.mean(code)).max() < 0.15


def test_means_by_structure_are_those_of_rows_that_differ() -> None:
    rng = np.random.default_rng(9)
    z = rng.standard_normal((4, 2_000)).astype(np.float32)
    structure = np.zeros((len(STRUCTURES), 2_000), np.int8)
    structure[0, 500:] = 1
    structure[1, :5] = 1
    z[2, 500:] += 2.0
    first, second, *others = sampling.means_by_structure(z, structure)
    assert first[1, 2] - first[0, 2] == pytest.approx(2.0, abs=0.2)
    assert not first[:, [0, 1, 3]].any()
    # Five sets say nothing of a mean.
    assert not second.any()
    # Nor does a choice that all of them have.
    assert len(others) == len(STRUCTURES) - 2
    assert not any(means.any() for means in others)


def test_the_evidence_of_a_normal_likelihood() -> None:
    target = Normal()
    population, _ = sampled(target)
    assert population.log_evidence.mean() == pytest.approx(target.log_evidence(), abs=0.4)


@pytest.mark.thorough
def test_a_bridge_from_one_likelihood_to_the_next_ends_at_the_next() -> None:
    """From a strong likelihood to another that asks for the opposite, with a row that is new."""
    first, rng = Normal(), np.random.default_rng(8)
    population, _ = sampled(first)
    second = Normal(dimension=DIMENSION + 2)
    second.seen = -second.seen
    population = sampling.towards(population, second, 4)
    assert population.z.shape[0] == DIMENSION + 2
    while population.power < 1.0:
        population = sampling.step_forward(population, 0.5, rng)
        acceptance = sampling.Acceptance()
        for _ in range(12):
            population = sampling.move(population, first, second, rng, acceptance)
    kept = []
    for _ in range(40):
        population = sampling.move(population, None, second, rng, acceptance)
        kept.append(population.z)
    mean, _ = second.posterior()
    assert np.abs(np.concatenate(kept, axis=1).mean(axis=1) - mean).max() < 0.15


def test_moves_alone_leave_the_prior_as_it_is() -> None:
    """A likelihood that says nothing: every far move is accepted, and nothing is learnt."""
    target = Normal(strength=0.0)
    _, kept = sampled(target, moves=6)
    assert np.abs(kept.mean(axis=(0, 2))).max() < 0.12
    assert np.abs(kept.var(axis=(0, 2)) - 1.0).max() < 0.15


def test_a_reference_is_the_prior_where_nothing_was_learnt() -> None:
    rng = np.random.default_rng(1)
    found = sampling.reference(rng.standard_normal((30, 500)).astype(np.float32))
    assert found.deviation.size <= 1
    narrow = rng.standard_normal((30, 500)).astype(np.float32)
    narrow[4] *= 0.1
    narrow[7] = narrow[7] * 0.2 + 2.0
    found = sampling.reference(narrow)
    assert found.deviation.size >= 2
    assert np.abs(found.directions).sum(axis=1)[[4, 7]] == pytest.approx([1, 1], abs=0.5)
    assert found.mean[7] == pytest.approx(2.0, abs=0.1)


def test_a_proposal_leaves_its_reference_as_it_is() -> None:
    """Whatever share is drawn anew, N(m, C) stays; a row that is not drawn stays where it is."""
    rng = np.random.default_rng(2)
    directions = np.zeros((6, 2))
    directions[1:3] = np.linalg.qr(rng.standard_normal((2, 2)))[0]
    mean = np.array([0.0, 0.1, 0.2, 0.0, 0.0, 0.0])
    near = sampling.Reference(mean, directions, np.array([0.3, 0.6]))
    shape = (6, 200_000)
    z = near.propose(np.zeros(shape, np.float32), np.ones(shape, bool), rng.standard_normal(shape))
    anew = rng.random(shape) < 0.4
    again = near.propose(z, anew, rng.standard_normal(shape))
    assert np.abs(np.cov(z) - np.cov(again)).max() < 0.02
    assert np.abs(z.mean(axis=1) - again.mean(axis=1)).max() < 0.02
    expected = np.eye(6) + directions @ np.diag(np.array([0.3, 0.6]) ** 2 - 1.0) @ directions.T
    assert np.abs(np.cov(z) - expected).max() < 0.02
    assert np.corrcoef(z[1], again[1])[0, 1] == pytest.approx(0.6, abs=0.05)
    np.testing.assert_array_equal(z[4, ~anew[4]], again[4, ~anew[4]])
    still = near.propose(z, np.zeros(shape, bool), rng.standard_normal(shape))
    np.testing.assert_allclose(still, z, atol=1e-5)


def test_a_small_population_in_many_directions_keeps_its_spread() -> None:
    """Sets move by what the others are: with a part in its own reference each would be drawn inwards."""
    rng = np.random.default_rng(11)
    dimension, sets = 24, 60
    target = Normal(dimension=dimension)
    target.matrix = 3.0 * np.linalg.qr(rng.standard_normal((dimension, dimension)))[0]
    target.seen = np.zeros(dimension)
    target.silent = np.zeros(dimension, bool)
    deviation = 1.0 / np.sqrt(1.0 + 9.0)
    found = []
    for _ in range(20):
        population = sampling.start(target, sets, 1, rng)
        z = (deviation * population.z).astype(np.float32)
        new = target.log_likelihood(z, population.structure, population.numbers)
        population = dataclasses.replace(population, z=z, new=new)
        acceptance = sampling.Acceptance()
        for _ in range(20):
            population = sampling.move(population, None, target, rng, acceptance)
        found.append(np.square(population.z / deviation).mean())
    assert np.mean(found) == pytest.approx(1.0, abs=0.03)


def test_correlations_of_independent_rows_are_noise() -> None:
    rng = np.random.default_rng(12)
    apart = rng.standard_normal((20, 100))
    assert sampling.noise_of_correlations(apart, 100) > 0.8
    together = apart + 3.0 * rng.standard_normal((1, 100))
    assert sampling.noise_of_correlations(together, 100) < 0.05


def test_no_move_tries_nothing_where_there_is_one_structure_only() -> None:
    """Those for the structure draw coordinates anew; what happens to draw none of them is not counted."""

    class OfOneStructure(Normal):
        def draw_structure(self, uniform: np.ndarray) -> np.ndarray:
            return np.zeros_like(uniform, dtype=np.int8)

    target, rng = OfOneStructure(), np.random.default_rng(21)
    population = dataclasses.replace(sampling.start(target, 512, 2, rng), power=1.0)
    acceptance = sampling.Acceptance()
    for _ in range(8):
        population = sampling.move(population, None, target, rng, acceptance)
    shares, chances = np.asarray(sampling.SHARES), np.asarray(sampling.SHARES_OF_SHARES)
    heard = int((~target.silent).sum())
    drawn = chances * (1.0 - (1.0 - shares) ** heard)
    expected = 8 * 1_024 * (1.0 - sampling.REDRAWN) * drawn
    np.testing.assert_allclose(acceptance.tried, expected, atol=5.0 * np.sqrt(expected.max()))


def test_shares_are_tried_as_often_as_they_move_sets_and_none_is_given_up() -> None:
    usual = np.asarray(sampling.SHARES_OF_SHARES)
    np.testing.assert_allclose(sampling.Acceptance().learnt(), usual)
    tried = np.full(usual.size, 5_000.0)
    taken = tried * [0.0, 0.0, 0.01, 0.08, 0.12]
    chances = sampling.Acceptance(tried, taken).learnt()
    assert chances.sum() == pytest.approx(1.0)
    assert chances[3:].sum() > 2.0 * usual[3:].sum()
    assert 0.2 * usual[0] < chances[0] < 0.5 * usual[0]
    everywhere = sampling.Acceptance(tried, 0.5 * tried).learnt()
    assert (np.diff(everywhere) < 0.0).all()


def test_weights_go_as_far_as_they_can_and_no_further() -> None:
    target = Normal()
    population = sampling.towards(sampling.start(target, 500, 2, np.random.default_rng(1)), target, 1)
    power = sampling.next_power(population, 0.5)
    assert 0.0 < power < 1.0
    gains = (power * population.new.astype(float)).reshape(2, -1)
    assert min(sampling.effective(group) for group in gains) == pytest.approx(0.5, abs=0.01)
    assert sampling.next_power(dataclasses.replace(population, new=population.old), 0.5) == 1.0


def test_thinning_keeps_each_set_once_with_all_that_belongs_to_it() -> None:
    target, rng = Normal(), np.random.default_rng(2)
    population = sampling.towards(sampling.start(target, 60, 2, rng), target, 1)
    found = sampling.thinned(population, 20, rng)
    assert found.size == 40
    for replicate, line in enumerate(found.line.reshape(2, -1)):
        assert len(set(line)) == 20
        assert ((line >= 60 * replicate) & (line < 60 * (replicate + 1))).all()
    # A first population is its own first members.
    for name in ("z", "structure", "numbers", "old", "new"):
        kept = getattr(population, name)[..., found.line]
        assert np.array_equal(getattr(found, name), kept)
    assert sampling.thinned(population, 60, rng) is population


def test_a_silent_row_is_the_prior_whatever_becomes_of_the_rest() -> None:
    """The last column of the matrix is 0: the row is drawn from the prior at every move."""
    target = Normal()
    _, kept = sampled(target, sets=200, moves=20)
    last = kept[:, -1]
    assert abs(last.mean()) < 0.05
    assert abs(last.var() - 1.0) < 0.08
    assert abs(np.corrcoef(last[0], last[1])[0, 1]) < 0.2


def test_replicates_never_exchange_members() -> None:
    target = Normal()
    population, _ = sampled(target, sets=100, moves=1)
    first, second = population.line.reshape(2, -1)
    assert first.max() < 100 <= second.min()


def test_agreement_of_replicates() -> None:
    """Independent draws: R-hat near 1 and all of them count; a shifted replicate or stuck sets are seen."""
    rng = np.random.default_rng(4)
    draws = rng.standard_normal((8, 3, 4 * 200))
    rhat, ess = agreement(draws, 4)
    assert rhat.max() < 1.01
    assert ess.min() > 5_000
    shifted = draws.copy()
    shifted[:, 1, :200] += 0.5
    assert agreement(shifted, 4)[0][1] > 1.01
    stuck = np.repeat(draws[:1], 8, axis=0)
    assert agreement(stuck, 4)[1].max() < 900


def test_numbers_of_sets_fit_into_32_bits_with_their_paths() -> None:
    numbers = sampling.draw_numbers(1_000, np.random.default_rng(0))
    assert numbers.dtype == np.uint32
    assert (int(numbers.max()) + 1) * MOST_PATHS <= 2**32


def test_structures_have_a_row_each() -> None:
    population = sampling.start(Normal(), 10, 2, np.random.default_rng(0))
    assert population.structure.shape == (len(STRUCTURES), 20)
