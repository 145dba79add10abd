import dataclasses
import datetime as dt
import json

import numpy as np
import pytest

from ceasefire.evidence import load
from ceasefire.inference import calibrating, sampling, validating
from ceasefire.inference.figures import GROUND, Data
from ceasefire.inference.target import Target
from ceasefire.inference.validating import Ranked
from ceasefire.scenario import load_scenario

SETS = 8
# A right fit would be caught in less than so many cases.
FALSE_ALARM = 0.002


@pytest.fixture(scope="module")
def made():
    settings = calibrating.Settings(sets=64, replicates=1, paths=16, rounds=3)
    return validating.design(
        load_scenario("ukraine-2022"), load(), dt.date(2022, 8, 30), settings, weeks=14, draws=31
    )


def half_as_wide(target: Target) -> Target:
    """The planted fault: every figure is taken for twice as exact as it is."""
    data = target.data
    target.data = data._replace(
        guide_scale=0.5 * data.guide_scale, fixed=0.5 * data.fixed, ground_error=0.5 * data.ground_error
    )
    return target


NOT_YET = "the sampler does not pass yet (docs/validation.md); `make validate` runs all data sets"


@pytest.mark.skip(reason=NOT_YET)
def test_a_right_likelihood_passes(made):
    right = validating.validate(made, SETS, seed=1)
    assert not validating.pooled(right, made.draws).caught(FALSE_ALARM)


@pytest.mark.skip(reason=NOT_YET)
def test_halved_spreads_are_caught(made):
    wrong = validating.validate(made, SETS, seed=1, changed=half_as_wide)
    assert validating.pooled(wrong, made.draws).caught(FALSE_ALARM)


def test_without_chance_to_guide_the_filter_weighs_a_path_by_the_density_of_its_figures(made):
    data = made.observed.data
    truth = validating.make_wars(made, 0, 5)
    told = validating.expected(data, truth.quantities[..., [3]], truth.reporting[:, [3]])
    data = validating.draw_figures(data, told, np.random.default_rng(1))
    blind = data._replace(
        guide_given=0 * data.guide_given, ground_given=0 * data.ground_given, ground_set=0 * data.ground_set
    )
    observed = dataclasses.replace(made.observed, data=blind)
    target = Target(made.history.world, observed, paths=1, step_days=7)
    rng = np.random.default_rng(2)
    numbers = sampling.draw_numbers(validating.BLOCK, rng)
    estimate, paths = target.paths_of(truth.z, truth.structure, numbers)
    exact = validating.log_density(blind, validating.expected(blind, paths.quantities, truth.reporting))
    assert np.asarray(blind.given).sum() >= 4
    np.testing.assert_allclose(estimate, exact, rtol=2e-3, atol=0.05)


def small(**changes) -> Data:
    """Three weeks of one guided side, the ground, and two other figures a week."""
    zero = np.zeros((3, 2), np.float32)
    whole = np.zeros((3, 2), np.int32)
    base = Data(
        levers=np.zeros((3, 1, 1)),
        offensives=np.zeros((3, 1, 2)),
        guide_value=zero,
        guide_given=np.array([[1, 0], [0, 0], [1, 0]], np.float32),
        guide_set=zero,
        guide_factor=np.array([0, 1]),
        guide_spread=np.array([2, 3]),
        guide_scale=np.ones((3, 2), np.float32),
        ground_value=np.zeros(3, np.float32),
        ground_given=np.array([1, 0, 1], np.float32),
        ground_set=np.zeros(3, np.float32),
        ground_error=np.float32(10.0),
        quantity=whole,
        series=np.array([[0, 1]] * 3),
        factor=np.array([[0, 1]] * 3),
        spread=np.array([[-1, 2]] * 3),
        fixed=np.array([[0.3, 2.0]] * 3, np.float32),
        value=zero,
        bound=whole,
        since_last=np.array([[0, 1]] * 3, np.float32),
        given=np.array([[1, 1], [0, 0], [1, 1]], np.float32),
        before=np.array([4, 5]),
        decided=np.zeros(3, np.float32),
    )
    return base._replace(**changes)


def war() -> tuple[np.ndarray, np.ndarray]:
    """One war's quantities, and factors 2 and 0.5, spreads 0.1 and 0.2, losses before 1,000 and 0."""
    q = np.zeros((3, GROUND + 1, 1))
    q[:, 0, 0] = 100.0, 250.0, 400.0
    q[:, validating.LOSSES, 0] = 1_500.0, 1_700.0, 2_400.0
    q[:, GROUND, 0] = 30.0, 20.0, -10.0
    return q, np.array([[2.0], [0.5], [0.1], [0.2], [1_000.0], [0.0]])


def test_figures_are_expected_where_the_observation_model_puts_them():
    told = validating.expected(small(), *war())
    # Losses since the last figure: 500, then 900 over two weeks.
    np.testing.assert_allclose(told.guide[[0, 2], 0, 0], np.log([2 * 500.001, 2 * 900.001]))
    assert told.guide_error[0, 0, 0] == pytest.approx(0.1)
    np.testing.assert_allclose(told.ground[[0, 2], 0], [30.0, -40.0])
    # A running total as it stands; what was added since the series' last figure.
    np.testing.assert_allclose(told.other[[0, 2], 0, 0], np.log([200.0, 800.0]))
    np.testing.assert_allclose(told.other[[0, 2], 1, 0], np.log([50.0, 150.0]))
    np.testing.assert_allclose(told.other_error[0, :, 0], [0.3, 0.2])


def test_a_war_without_losses_has_finite_figures():
    q, reporting = war()
    q[:] = 0.0
    q[:, validating.LOSSES] = 1_000.0
    told = validating.expected(small(), q, reporting)
    data = validating.draw_figures(small(), told, np.random.default_rng(1))
    assert np.isfinite(data.guide_value).all()
    assert np.isfinite(data.value).all()
    assert np.isfinite(validating.log_density(data, told)).all()


def test_a_bound_is_a_figure_of_which_only_the_side_of_its_limit_is_known():
    q, reporting = war()
    limit = np.log(200.0)
    data = small(bound=np.array([[1, 0]] * 3), value=np.full((3, 2), limit))
    told = validating.expected(data, q, reporting)
    rng = np.random.default_rng(1)
    bounds = np.array([validating.draw_figures(data, told, rng).bound[0, 0] for _ in range(4_000)])
    # Expected at the limit: half of the figures lie above it.
    assert set(bounds) == {-1, 1}
    assert np.mean(bounds == 1) == pytest.approx(0.5, abs=0.03)
    only = data._replace(
        given=np.array([[1, 0], [0, 0], [0, 0]]), guide_given=0 * data.guide_given, ground_given=np.zeros(3)
    )
    assert validating.log_density(only, told)[0] == pytest.approx(np.log(0.5))


def test_log_density_is_the_sum_of_the_normal_densities():
    q, reporting = war()
    told = validating.expected(small(), q, reporting)
    data = small(
        guide_value=told.guide[..., 0] + 0.1,
        ground_value=told.ground[..., 0] - 10.0,
        value=told.other[..., 0] + 0.4,
    )
    gaps = {0.1: [1.0, 1.0], 10.0: [1.0, 1.0], 0.3: [4 / 3] * 2, 0.2: [2.0] * 2}
    wanted = sum(
        -0.5 * gap**2 - np.log(sd) - 0.5 * np.log(2 * np.pi) for sd, each in gaps.items() for gap in each
    )
    assert validating.log_density(data, told)[0] == pytest.approx(wanted)


def test_ranks_of_exchangeable_numbers_are_uniform_and_equal_ones_fall_by_chance():
    rng = np.random.default_rng(1)
    drawn = rng.integers(0, 2, size=(20_000, 7)).astype(float)
    true = rng.integers(0, 2, size=20_000).astype(float)
    counts = np.bincount(validating.rank(true, drawn, rng), minlength=8) / 20_000
    np.testing.assert_allclose(counts, 1 / 8, atol=0.01)


def test_distance_of_the_truth_is_uniform_among_draws_that_depend_on_one_another():
    rng = np.random.default_rng(1)
    mix = rng.standard_normal((12, 12))
    found = []
    for _ in range(4_000):
        together = mix @ rng.standard_normal((12, 16)) + 3.0 * rng.standard_normal((12, 1))
        found.append(validating.farness(together[:, 0], together[:, 1:], rng))
    np.testing.assert_allclose(np.bincount(found, minlength=16) / 4_000, 1 / 16, atol=0.015)
    assert validating.farness(np.full(12, 99.0), together[:, 1:], rng) == 15


def test_uniform_ranks_hold_and_each_kind_of_departure_is_rejected():
    rng = np.random.default_rng(3)
    draws = 63
    uniform = rng.integers(0, draws + 1, size=(100, 20))
    biased = np.minimum(rng.integers(0, draws + 1, size=(100, 1)), rng.integers(0, draws + 1, size=(100, 1)))
    narrow = np.round(draws * rng.beta(0.4, 0.4, size=(100, 1))).astype(int)
    wide = np.round(draws * rng.beta(3.0, 3.0, size=(100, 1))).astype(int)
    ranks = np.concatenate([uniform, biased, narrow, wide], axis=1)
    table = validating.uniformity(ranks, draws, [f"row {number}" for number in range(23)])
    assert table["holds"].tolist() == [True] * 20 + [False] * 3
    assert table["spread"].iloc[21] > 1.3
    assert table["spread"].iloc[22] < 0.7
    assert table["mean"].iloc[20] < 0.4


def test_p_values_of_uniform_ranks_are_no_smaller_than_they_say():
    rng = np.random.default_rng(4)
    table = validating.uniformity(rng.integers(0, 64, size=(50, 1_000)), 63, [""] * 1_000)
    for name in ("chi_squared_p", "ecdf_p"):
        assert (table[name] < 0.05).mean() < 0.075
        assert (table[name] < 0.05).mean() > 0.02


def test_a_handful_of_right_data_sets_is_caught_as_rarely_as_stated():
    rng = np.random.default_rng(5)
    caught = 0
    for _ in range(200):
        found = [Ranked(n, rng.integers(0, 32, size=3), int(rng.integers(0, 32)), 0.0) for n in range(SETS)]
        caught += validating.pooled(found, 31).caught(0.1)
    assert 6 <= caught <= 34
    far = [Ranked(n, rng.integers(0, 32, size=3), 31, 0.0) for n in range(SETS)]
    assert validating.pooled(far, 31).far < 1e-4


def test_data_sets_are_kept_and_an_interrupted_validation_goes_on(made, tmp_path, monkeypatch):
    done = []

    def fake(made, number, seed, truth, changed):
        done.append(number)
        return Ranked(number, np.array([number, 1]), 3, 0.5)

    monkeypatch.setattr(validating, "rank_one", fake)
    monkeypatch.setattr(validating, "make_wars", lambda made, block, seed: None)
    validating.validate(made, 3, 1, folder=tmp_path)
    found = validating.validate(made, 5, 1, folder=tmp_path)
    assert done == [0, 1, 2, 3, 4]
    assert [one.ranks[0] for one in found] == [0, 1, 2, 3, 4]
    (path,) = tmp_path.iterdir()
    assert len(json.loads(path.read_text())) == 5
    path.write_text("{")
    validating.validate(made, 1, 1, folder=tmp_path)
    assert done[-1] == 0
    # Another seed is another validation.
    validating.validate(made, 1, 2, folder=tmp_path)
    assert len(list(tmp_path.iterdir())) == 2


def test_no_data_sets_are_refused(capsys):
    assert validating.main(["--sets", "0"]) == 2
    assert "0 data sets are none." in capsys.readouterr().err


def test_names_and_ranked_rows_are_as_many(made):
    labels = validating.names(made)
    ranked = int(made.rows.sum() + made.alternatives.sum())
    assert len(labels) == len(set(labels)) == ranked + GROUND + 1 + 1
    assert labels[-1] == validating.FIT


def test_only_what_the_figures_hear_is_ranked(made):
    """Rows that are drawn from the prior in any case would only make the correction weaker."""
    labels = set(validating.names(made))
    assert {"attrition_coefficient (Russia)", "line_spread", "attrition_law", "fire_law"} <= labels
    assert not labels & {"battles", "aims", "initial_missiles (Russia)", "distortion (Russia)"}
