"""Scores on fixed inputs, the bootstrap and the calibrated range on cases with a known answer."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scoringrules
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from ceasefire.files import InputError
from ceasefire.inference import scoring

NORMAL = stats.norm.ppf((np.arange(100_000) + 0.5) / 100_000)
"""An ensemble that is the standard normal distribution, without chance."""


@pytest.mark.parametrize(("truth", "expected"), [(0.0, 0.233695), (1.0, 0.602441)])
def test_crps_of_the_standard_normal(truth: float, expected: float) -> None:
    assert float(scoringrules.crps_normal(truth, 0.0, 1.0)) == pytest.approx(expected, abs=5e-7)
    for estimator in ("fair", "plain"):
        assert scoring.crps([NORMAL], [truth], estimator)[0] == pytest.approx(expected, abs=2e-5)


def test_crps_by_hand() -> None:
    # Draws 0 and 2, truth 1: E|X - y| = 1; |X - X'| is 2 over different draws, 1 over all pairs.
    assert scoring.crps([[0.0, 2.0]], [1.0], "fair")[0] == pytest.approx(0.0)
    assert scoring.crps([[0.0, 2.0]], [1.0], "plain")[0] == pytest.approx(0.5)


def test_fair_crps_does_not_depend_on_the_number_of_draws() -> None:
    chance = np.random.default_rng(1)
    few, truths = chance.standard_normal((40_000, 3)), chance.standard_normal(40_000)
    expected = 1 / math.sqrt(math.pi)  # of the true distribution
    assert scoring.crps(few, truths).mean() == pytest.approx(expected, abs=0.01)
    assert scoring.crps(few, truths, "plain").mean() > expected + 0.1


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=12),
    st.floats(-1e6, 1e6),
    st.floats(-1e6, 1e6),
    st.floats(0.01, 100),
)
def test_crps_shifts_and_scales(draws: list[float], truth: float, shift: float, scale: float) -> None:
    x = np.asarray([draws])
    first = scoring.crps(x, [truth])[0]
    second = scoring.crps(x * scale + shift, [truth * scale + shift])[0]
    assert second == pytest.approx(first * scale, rel=1e-6, abs=1e-4)


def test_log_score_is_the_library_s_and_stays_finite() -> None:
    x = np.random.default_rng(2).standard_normal((3, 4000))
    y = np.asarray([0.0, 1.0, -2.0])
    np.testing.assert_allclose(
        scoring.log_score(x, y), scoringrules.logs_ensemble(y, x, backend="numpy"), rtol=1e-9
    )
    assert scoring.log_score([NORMAL], [0.0])[0] == pytest.approx(0.5 * math.log(2 * math.pi), abs=0.01)
    far = scoring.log_score(x, y + 1000.0)
    assert np.all(np.isfinite(far))
    assert np.all(far > 1e6)


def test_ignorance_of_the_competition() -> None:
    draws = np.full((2, 1000), 3.0)
    np.testing.assert_allclose(
        scoring.ignorance_score(draws, [4.0, 700.0]), [0.014341, 9.981567], rtol=0, atol=5e-7
    )


def test_ignorance_bins_are_open_above_and_hold_their_lower_edge() -> None:
    draws = np.full((4, 1000), 2000.0)
    bits = scoring.ignorance_score(draws, [1e9, 1000.5, 1000.4, 0.0])
    assert bits.round(3).tolist() == [0.014, 0.014, 9.982, 9.982]


def test_interval_score_by_hand() -> None:
    # The central half of 0, 1, ..., 100 is 25 to 75: width 50, and four times what a truth lies outside.
    draws = np.tile(np.arange(101.0), (3, 1))
    assert scoring.interval_score(draws, [50.0, 20.0, 80.0], 0.5).tolist() == [50.0, 70.0, 70.0]
    assert scoring.interval_score(draws, [50.0, 0.0, 100.0], 0.9).tolist() == pytest.approx([90, 190, 190])


def test_coverage_and_its_ends() -> None:
    draws = np.tile(np.arange(101.0), (4, 1))
    assert scoring.inside(draws, [25.0, 75.0, 24.0, 76.0], 0.5).tolist() == [True, True, False, False]
    assert scoring.coverage(draws, [25.0, 75.0, 24.0, 76.0], 0.5) == 0.5
    assert scoring.coverage(draws, [25.0, 75.0, 24.0, 76.0], 0.9) == 1.0


def test_pit_and_histogram() -> None:
    draws = np.tile(np.arange(4.0), (4, 1))
    values = scoring.pit(draws, [-1.0, 1.0, 1.5, 9.0])
    assert values.tolist() == [0.0, 0.375, 0.5, 1.0]
    assert scoring.pit_histogram(values, 4).tolist() == [1, 1, 1, 1]
    assert scoring.pit_histogram([1.0, 1.0], 10).tolist() == [0] * 9 + [2]


def test_pit_of_the_true_distribution_is_uniform() -> None:
    chance = np.random.default_rng(3)
    values = scoring.pit(chance.standard_normal((2000, 500)), chance.standard_normal(2000))
    assert stats.kstest(values, "uniform").pvalue > 0.01
    narrow = scoring.pit(0.5 * chance.standard_normal((2000, 500)), chance.standard_normal(2000))
    assert stats.kstest(narrow, "uniform").pvalue < 1e-6


@pytest.mark.parametrize(
    ("horizon", "origins", "expected"), [(28, 25, 2), (91, 23, 5), (182, 20, 8), (364, 13, 6), (28, 1, 1)]
)
def test_default_block(horizon: int, origins: int, expected: int) -> None:
    assert scoring.default_block(horizon, 28, origins) == expected


def test_bootstrap_of_identical_scores_is_zero() -> None:
    scores = np.random.default_rng(4).gamma(2, size=20)
    found = scoring.paired_block_bootstrap(scores, scores, block=4)
    assert (found.mean, found.low, found.high, found.verdict) == (0.0, 0.0, 0.0, "not told apart")


def test_bootstrap_finds_a_planted_better_forecast() -> None:
    chance = np.random.default_rng(5)
    base = chance.gamma(5, size=24)
    better = base - 1 + 0.3 * chance.standard_normal(24)
    found = scoring.paired_block_bootstrap(better, base, block=3)
    assert found.verdict == "better"
    assert found.low < found.mean < found.high < 0
    turned = scoring.paired_block_bootstrap(base, better, block=3)
    assert turned.verdict == "worse"
    assert (turned.low, turned.high) == pytest.approx((-found.high, -found.low))


def test_bootstrap_of_single_origins_is_the_standard_error() -> None:
    difference = np.random.default_rng(6).standard_normal(400)
    found = scoring.paired_block_bootstrap(difference, np.zeros(400), block=1)
    half = stats.norm.ppf(0.95) * difference.std() / 20
    assert found.high - found.low == pytest.approx(2 * half, rel=0.05)


def test_blocks_widen_the_interval_of_correlated_scores() -> None:
    chance = np.random.default_rng(7)
    runs = np.repeat(chance.standard_normal(20), 10)
    single = scoring.paired_block_bootstrap(runs, np.zeros(200), block=1)
    blocks = scoring.paired_block_bootstrap(runs, np.zeros(200), block=10)
    assert blocks.high - blocks.low > 2 * (single.high - single.low)


def test_bootstrap_keeps_to_its_seed() -> None:
    first, second = np.random.default_rng(8).standard_normal((2, 20))
    one = scoring.paired_block_bootstrap(first, second, 4, seed=1)
    assert one == scoring.paired_block_bootstrap(first, second, 4, seed=1)
    assert one != scoring.paired_block_bootstrap(first, second, 4, seed=2)


def test_false_verdicts_are_near_nominal_without_overlap_and_rise_with_it() -> None:
    assert scoring.false_verdicts(100, 28, 28, block=1) == pytest.approx(0.1, abs=0.03)
    assert scoring.false_verdicts(20, 28, 182) > 0.3


def test_calibrated_coverage_without_overlap_is_binomial() -> None:
    for origins in (1, 12):
        found = scoring.coverage_of_the_calibrated(origins, 28, 28, 0.9, draws=40_000)
        expected = stats.binom(origins, 0.9).pmf(np.arange(origins + 1))
        np.testing.assert_allclose(found.probabilities, expected, atol=0.01)
        assert found.mean == pytest.approx(0.9, abs=0.005)
        assert found.low == stats.binom(origins, 0.9).ppf(0.05) / origins
        assert found.high == stats.binom(origins, 0.9).ppf(0.95) / origins


def test_calibrated_coverage_of_one_target_seen_twice() -> None:
    # At a year, two origins 28 days apart share 12 of 13 steps.
    found = scoring.coverage_of_the_calibrated(2, 28, 364, 0.9, draws=40_000)
    bound, share = stats.norm.ppf(0.95), 12 / 13
    both = stats.multivariate_normal([0, 0], [[1, share], [share, 1]]).cdf(
        [bound, bound], lower_limit=[-bound, -bound]
    )
    assert found.probabilities[2] == pytest.approx(both, abs=0.006)


@pytest.mark.parametrize("truth", scoring.TRUTHS)
def test_overlap_widens_the_calibrated_range_and_keeps_its_mean(truth: Any) -> None:
    apart = scoring.coverage_of_the_calibrated(20, 182, 182, 0.9, truth=truth)
    shared = scoring.coverage_of_the_calibrated(20, 28, 182, 0.9, truth=truth)
    assert shared.low < apart.low
    assert shared.mean == pytest.approx(0.9, abs=0.01)
    assert shared.contains(0.9)
    assert not shared.contains(0.3)


def test_calibrated_coverage_keeps_to_its_seed() -> None:
    one, again, other = (
        scoring.coverage_of_the_calibrated(10, 28, 91, 0.5, seed=seed).probabilities for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one, again)
    assert np.any(one != other)


def table(model: str, shift: float, horizon: int = 28, origins: int = 24) -> pd.DataFrame:
    chance = np.random.default_rng(9)
    draws = chance.standard_normal((origins, 800)) + shift
    truths = chance.standard_normal(origins)
    days = pd.date_range("2001-01-02", periods=origins, freq="28D")
    return scoring.score_table(draws, truths, days, series="losses", model=model, horizon_days=horizon)


def test_table_and_summary() -> None:
    good, poor = table("good", 0.0), table("poor", 3.0)
    assert tuple(good.columns) == scoring.TABLE
    assert good["crps"].mean() == pytest.approx(1 / math.sqrt(math.pi), abs=0.15)
    assert (good["inside_90"] == good["truth"].between(good["low_90"], good["high_90"])).all()
    both = pd.concat([good, poor], ignore_index=True)
    summary = scoring.summarise(both).set_index("model")
    assert summary.loc["good", "origins"] == 24
    assert summary.loc["good", "crps"] == good["crps"].mean()
    assert summary.loc["good", "coverage_90"] == good["inside_90"].mean()
    assert summary.loc["poor", "crps"] > summary.loc["good", "crps"]


def test_comparison_pairs_models_on_shared_origins() -> None:
    both = pd.concat([table("good", 0.0), table("poor", 3.0).iloc[:20]], ignore_index=True)
    rows = scoring.compare_models(both, "good", spacing_days=28)
    assert rows[["model", "against", "origins", "complete", "block", "verdict"]].to_numpy().tolist() == [
        ["good", "poor", 20, False, 2, "better"]
    ]
    assert scoring.compare_models(both, "poor", spacing_days=28)["verdict"].tolist() == ["worse"]


def test_a_pair_that_shares_less_than_two_origins_is_left_out() -> None:
    one = pd.concat(
        [table("good", 0.0), table("poor", 3.0, origins=1), table("fair", 1.0)], ignore_index=True
    )
    rows = scoring.compare_models(one, "good", spacing_days=28)
    assert rows[["against", "complete"]].to_numpy().tolist() == [["fair", True]]
    # The partial one has every origin in common with the one that is whole: nothing to judge by.
    assert scoring.compare_models(one, "poor", spacing_days=28).empty


def test_a_forecast_without_spread_has_no_log_score() -> None:
    found = scoring.score_table(
        np.ones((2, 5)), [1.0, 2.0], [1, 2], series="losses", model="still", horizon_days=28
    )
    assert found["log_score"].isna().all()
    assert found["crps"].tolist() == [0.0, 1.0]


X = np.zeros((2, 3))
WRONG: list[tuple[Callable[[], Any], str]] = [
    (
        lambda: scoring.crps([1.0, 2.0], [1.0]),
        "Draws must be [origin, draw] and truths [origin]; these are [2] and [1].\n"
        "  where: draws, truths\n  to do: Give one row of draws for each truth.",
    ),
    (
        lambda: scoring.crps([[1.0]], [1.0]),
        "A score needs an origin and two draws at least; these are [1, 1].\n"
        "  where: draws\n  to do: Give more draws.",
    ),
    (
        lambda: scoring.crps([[1.0, np.nan]], [1.0]),
        "1 of 2 draws are not finite numbers; the first is at [0, 1].\n"
        "  where: draws\n  to do: Leave out origins without a truth, and mend the forecast.",
    ),
    (
        lambda: scoring.pit(X, [1.0, np.inf]),
        "1 of 2 truths are not finite numbers; the first is at [1].\n"
        "  where: truths\n  to do: Leave out origins without a truth, and mend the forecast.",
    ),
    (
        lambda: scoring.crps(X, [0.0, 0.0], "fiar"),  # type: ignore[arg-type]
        "There is no estimator 'fiar' of the CRPS.\n  where: estimator\n  to do: did you mean 'fair'?",
    ),
    (
        lambda: scoring.log_score(X, [0.0, 0.0]),
        "The draws of origin 0 are equal in half or more: they have no density.\n"
        "  where: draws\n  to do: Score such a forecast by CRPS, or leave out its log score.",
    ),
    (
        lambda: scoring.ignorance_score(X - 1, [0.0, 0.0]),
        "The value -1 lies below the first bin, which starts at 0.\n"
        "  where: edges\n  to do: Give edges that start below every draw and truth.",
    ),
    (
        lambda: scoring.ignorance_score(X, [0.0, 0.0], [0.0, 2.0, 1.0]),
        "The edges of bins must rise, two at least.\n  where: edges\n  to do: Sort them and drop repeats.",
    ),
    (
        lambda: scoring.interval_score(X, [0.0, 0.0], 90),
        "A level lies between 0 and 1; this is 90.\n  where: level\n  to do: Give 0.9 for 90 %.",
    ),
    (
        lambda: scoring.pit_histogram([0.5, 1.5]),
        "A PIT value lies outside 0 to 1.\n  where: values\n  to do: Give what `pit` returns.",
    ),
    (
        lambda: scoring.paired_block_bootstrap([1.0, 2.0], [1.0], 1),
        "Scores must pair: these are [2] and [1].\n  where: first_scores, second_scores\n"
        "  to do: Give the scores of both forecasts on the same origins.",
    ),
    (
        lambda: scoring.paired_block_bootstrap(np.arange(13.0), np.zeros(13), 14),
        "13 origins are fewer than two blocks of 14.\n  where: block\n"
        "  to do: Give a block of 6 at most, or more origins.",
    ),
    (
        lambda: scoring.paired_block_bootstrap([1.0, np.nan], [1.0, 1.0], 1),
        "A score is not a finite number.\n  where: first_scores, second_scores\n  to do: Mend it first.",
    ),
    (
        lambda: scoring.coverage_of_the_calibrated(0, 28, 28, 0.9),
        "origins is a whole number, 1 at least; this is 0.\n"
        "  where: origins\n  to do: Give a larger origins.",
    ),
    (
        lambda: scoring.coverage_of_the_calibrated(1, 28, 28, 0.9, truth="walk"),  # type: ignore[arg-type]
        "There is no truth 'walk'.\n  where: truth\n  to do: did you mean 'rate_walk'?",
    ),
    (
        lambda: scoring.summarise(pd.DataFrame({"crps": [1.0]})),
        "The table of scores lacks series, model, horizon_days, origin, truth, median, low_50, high_50, "
        "low_90, high_90, log_score, interval_score_90, pit, inside_50, inside_90.\n"
        "  where: table\n  to do: Join tables that `score_table` made.",
    ),
    (
        lambda: scoring.summarise(pd.concat([table("good", 0.0), table("good", 0.0)])),
        "An origin is scored twice for one model, series and horizon.\n"
        "  where: table\n  to do: Join each table once.",
    ),
    (
        lambda: scoring.compare_models(table("good", 0.0), "goood", 28),
        "The table has no model 'goood'.\n  where: model\n  to do: did you mean 'good'?",
    ),
    (
        lambda: scoring.compare_models(table("good", 0.0), "good", 28, score="crsp"),
        "There is no score 'crsp' to compare by.\n  where: score\n  to do: did you mean 'crps'?",
    ),
    (
        lambda: scoring.score_table(X, [0.0, 0.0], [1], series="s", model="m", horizon_days=28),
        "There are 1 labels of origins for 2 truths.\n  where: origins\n  to do: Give one each.",
    ),
]


@pytest.mark.parametrize(("call", "message"), WRONG)
def test_wrong_input(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(InputError) as error:
        call()
    assert str(error.value) == message
