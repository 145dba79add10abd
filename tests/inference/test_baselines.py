"""Baselines on invented series with a known answer, and their sums against statsforecast's own intervals."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy import stats

from ceasefire.files import InputError
from ceasefire.inference import baselines

FloatArray = npt.NDArray[np.float64]
HORIZONS = (4, 13, 26, 52)
BOTH = {**{f"total {n}": f for n, f in baselines.FOR_TOTALS.items()}, **baselines.FOR_LEVELS}


def needs(name: str) -> None:
    if any(name.endswith(other) for other in baselines.OF_STATSFORECAST):
        pytest.importorskip("statsforecast", reason="needs the extra `baselines`")


def noisy(weeks: int = 150, seed: int = 0, rate: float = 1000.0, spread: float = 0.2) -> FloatArray:
    """A total whose weekly increments wander lognormally about a rate, forgetting over eight weeks."""
    noise = np.random.default_rng(seed).standard_normal(weeks)
    keep = np.exp(-1 / 8)
    for week in range(1, weeks):
        noise[week] = keep * noise[week - 1] + np.sqrt(1 - keep**2) * noise[week]
    return np.cumsum(np.r_[0.0, rate * np.exp(spread * noise)])


def steady(weeks: int = 120, rate: float = 100.0) -> FloatArray:
    return rate * np.arange(weeks + 1.0)


@pytest.mark.parametrize("name", [n for n in BOTH if "awm" not in n])
def test_without_past_volatility_the_rate_goes_on(name: str) -> None:
    draws = BOTH[name](steady(), HORIZONS, 50, 1)
    np.testing.assert_allclose(draws, np.multiply.outer(np.multiply(HORIZONS, 100.0), np.ones(50)))


@pytest.mark.parametrize("name", BOTH)
def test_draws_have_their_shape_and_keep_to_their_seed(name: str) -> None:
    needs(name)
    series = noisy(80)
    draws = BOTH[name](series, HORIZONS, 300, 1)
    assert draws.shape == (4, 300)
    assert draws.dtype == np.float64
    assert np.all(np.isfinite(draws))
    np.testing.assert_array_equal(draws, BOTH[name](series, HORIZONS, 300, 1))
    assert np.any(draws != BOTH[name](series, HORIZONS, 300, 2))
    assert np.all(np.diff(draws.std(axis=1)) > 0), "spread grows with the horizon"
    # The AWM-like model expects the other side's output of shells to grow.
    allowed = 0.5 if "awm" in name else 0.35
    np.testing.assert_allclose(np.median(draws, axis=1), np.multiply(HORIZONS, 1000.0), rtol=allowed)


@pytest.mark.parametrize("name", BOTH)
def test_horizons_are_points_of_one_path(name: str) -> None:
    needs(name)
    series = noisy(80)
    one = BOTH[name](series, [26], 100, 3)
    turned = BOTH[name](series, [26, 4], 100, 3)
    np.testing.assert_array_equal(turned[0], one[0])
    if name.startswith("total") and name.split()[1] in ("log_rate_walk", "awm_like", "automatic_ets"):
        assert np.all(turned[0] > turned[1])
        assert np.all(turned[1] > 0)


@pytest.mark.parametrize("name", BOTH)
def test_the_level_does_not_matter_and_the_unit_does_not_either(name: str) -> None:
    needs(name)
    series = noisy(80)
    draws = BOTH[name](series, [4, 13], 2000, 4)
    raised = BOTH[name](series + 1e5, [4, 13], 2000, 4)
    np.testing.assert_allclose(raised, draws, rtol=1e-3, atol=1.0)
    if "awm" not in name:  # its priors have units
        doubled = BOTH[name](2 * series, [4, 13], 2000, 4)
        np.testing.assert_allclose(doubled, 2 * draws, rtol=0.02, atol=30.0)


def test_persistence_repeats_the_last_change_with_the_spread_of_its_errors() -> None:
    series = noisy(200)
    draws = baselines.persistence(series, [4, 26], 40_000, 1)
    for row, weeks in zip(draws, (4, 26), strict=True):
        change = series[weeks:] - series[:-weeks]
        errors = (change[weeks:] - change[:-weeks])[-52:]
        assert row.mean() == pytest.approx(change[-1], abs=0.02 * np.sqrt(np.mean(errors**2)))
        assert row.std() == pytest.approx(np.sqrt(np.mean(errors**2)), rel=0.02)


def test_persistence_stretches_the_longest_lag_that_it_has() -> None:
    series = np.r_[np.zeros(1), np.cumsum(np.r_[np.full(20, 10.0), np.full(20, 30.0)])]
    draws = baselines.persistence(series, [40], 40_000, 1)
    # Lag 20: the last change is 600, the one before 200; both are doubled for 40 weeks.
    assert draws.mean() == pytest.approx(1200, rel=0.02)
    assert draws.std() == pytest.approx(800, rel=0.02)


def test_drift_has_the_textbook_spread() -> None:
    series = noisy(60, seed=2)
    last = np.diff(series)[-12:]
    draws = baselines.drift_random_walk(series, HORIZONS, 40_000, 1)
    for row, weeks in zip(draws, HORIZONS, strict=True):
        assert row.std() == pytest.approx(last.std(ddof=1) * np.sqrt(weeks + weeks**2 / 12), rel=0.02)
        assert row.mean() == pytest.approx(weeks * last.mean(), rel=0.02)


def alternating(low: float, high: float, months: int) -> FloatArray:
    """Four-week rates that jump between two values, the low one last."""
    rates = np.resize([low, high], months)[::-1] if months % 2 else np.resize([high, low], months)
    return np.cumsum(np.r_[0.0, np.repeat(rates, 4)])


def test_log_rate_walk_steps_by_the_past_changes_of_the_log_rate() -> None:
    series = alternating(100.0, 200.0, 20)
    draws = baselines.log_rate_walk(series, [4, 8], 40_000, 1)
    first, second = draws[0] / 400, (draws[1] - draws[0]) / 400
    # Each change of the log rate was log 2 in size.
    assert np.log(first).mean() == pytest.approx(0, abs=0.02)
    assert np.log(first).std() == pytest.approx(np.log(2), rel=0.02)
    assert np.log(second).std() == pytest.approx(np.log(2) * np.sqrt(2), rel=0.02)


def test_weekly_change_walk_steps_by_the_past_changes_of_the_rate() -> None:
    draws = baselines.weekly_change_walk(alternating(-50.0, 50.0, 20), [4, 52], 40_000, 1)
    assert draws[0].mean() == pytest.approx(-200, abs=10)
    assert draws[0].std() == pytest.approx(400, rel=0.02)
    # The sum of a walk over 13 steps: the square root of the sum of k^2.
    assert draws[1].std() == pytest.approx(400 * np.sqrt(np.sum(np.arange(1, 14.0) ** 2)), rel=0.02)


@pytest.mark.parametrize("walk", [baselines.log_rate_walk, baselines.weekly_change_walk])
def test_only_the_last_year_sets_the_spread(walk: baselines.Baseline) -> None:
    wild = np.r_[0.0, np.random.default_rng(0).uniform(1, 10_000, 40)]
    calm = np.full(60, 100.0)
    draws = walk(np.cumsum(np.r_[wild, calm]), [4], 20, 1)
    np.testing.assert_allclose(draws, 400.0)


@pytest.fixture(scope="module")
def library() -> Any:
    return pytest.importorskip("statsforecast.models", reason="needs the extra `baselines`")


@pytest.mark.parametrize(("form", "damped"), [("ANN", None), ("AAN", False), ("AAN", True)])
def test_ets_paths_have_the_library_s_intervals_week_by_week(
    library: Any, form: str, damped: bool | None
) -> None:
    chance = np.random.default_rng(5)
    data = 50 + np.cumsum(0.2 * np.cumsum(chance.standard_normal(80)) + chance.standard_normal(80))
    model = library.AutoETS(season_length=1, model=form, damped=damped).fit(data)
    expected = model.predict(h=26, level=[90])
    path = baselines.ets_paths(model.model_, 26, 40_000, 1)
    half = (expected["hi-90"] - expected["mean"]) / stats.norm.ppf(0.95)
    np.testing.assert_allclose(path.std(axis=0), half, rtol=0.02)
    without_noise = baselines.ets_paths({**model.model_, "sigma2": 0.0}, 26, 1, 1)[0]
    if not damped:
        np.testing.assert_allclose(without_noise, expected["mean"])
        return
    level, slope = model.model_["states"][-1]
    phi = model.model_["par"][3]
    powers = np.cumsum(phi ** np.arange(1, 27))
    np.testing.assert_allclose(without_noise, level + slope * powers)
    # The library's mean is ahead by phi b from the second week on, less one power.
    late = np.r_[phi, phi + np.cumsum(phi ** np.arange(1, 26))]
    np.testing.assert_allclose(expected["mean"], level + slope * late)


def test_impulse_responses_of_known_models() -> None:
    ar = baselines.impulse_responses((1, 0, 0), {"ar1": 0.5}, 4)
    assert ar.tolist() == [1.0, 0.5, 0.25, 0.125]
    smoothing = baselines.impulse_responses((0, 1, 1), {"ma1": -0.6}, 4)
    np.testing.assert_allclose(smoothing, [1.0, 0.4, 0.4, 0.4])
    twice = baselines.impulse_responses((0, 2, 0), {}, 4)
    assert twice.tolist() == [1.0, 2.0, 3.0, 4.0]
    mixed = baselines.impulse_responses((1, 1, 1), {"ar1": 0.5, "ma1": 0.2}, 3)
    np.testing.assert_allclose(mixed, [1.0, 1.7, 2.05])


def test_arima_of_white_noise_gives_the_sum_of_independent_weeks(library: Any) -> None:
    changes = np.random.default_rng(11).standard_normal(52)
    model = library.AutoARIMA(season_length=1, seasonal=False).fit(changes)
    assert tuple(model.model_["arma"][:2]) == (0, 0)
    draws = baselines.automatic_arima(np.cumsum(np.r_[0.0, changes]), [4, 52], 40_000, 1)
    spread = np.sqrt(model.model_["sigma2"])
    assert draws.std(axis=1) == pytest.approx([2 * spread, np.sqrt(52) * spread], rel=0.02)


def test_arima_paths_have_the_library_s_intervals_week_by_week(library: Any) -> None:
    changes = np.cumsum(np.random.default_rng(6).standard_normal(52))
    model = library.AutoARIMA(season_length=1, seasonal=False).fit(changes)
    assert model.model_["arma"][5] == 1, "a walk is differenced"
    expected = model.predict(h=26, level=[90])
    weeks = list(range(1, 27))
    totals = baselines.automatic_arima(np.cumsum(np.r_[0.0, changes]), weeks, 40_000, 1)
    weekly = np.diff(totals, axis=0, prepend=0.0)
    half = (np.asarray(expected["hi-90"]) - expected["mean"]) / stats.norm.ppf(0.95)
    np.testing.assert_allclose(weekly.std(axis=1), half, rtol=0.02)
    np.testing.assert_allclose(weekly.mean(axis=1), expected["mean"], atol=0.03 * half.max())
    # The weeks of a walk go together: intervals taken as independent would be far too narrow.
    assert totals[-1].std() > 3 * np.sqrt(np.sum(half**2))


def test_awm_like_learns_casualties_per_shell_and_stays_positive() -> None:
    few, many = noisy(104, rate=1000.0), noisy(104, rate=10_000.0)
    fits = [baselines.fit_awm_like(series, 4, 1) for series in (few, many)]
    means = [float(np.log(f.values["casualties_per_shell"]) @ f.weights) for f in fits]
    assert means[1] - means[0] == pytest.approx(np.log(10), rel=0.25)
    for fit in fits:
        assert fit.weights.sum() == pytest.approx(1.0)
        assert fit.effective_draws > baselines.AWM_LEAST_DRAWS
    draws = baselines.awm_like(many, [1, 4], 4000, 1)
    assert np.all(draws > 0)
    assert np.median(draws[1]) == pytest.approx(many[-1] - many[-5], rel=0.2)


def test_awm_likelihood_is_that_of_the_joint_normal() -> None:
    series = noisy(30)
    fit = baselines.fit_awm_like(series, 1, 1)
    logs = np.log(np.diff(series))
    prior = baselines.AWM_PRIORS["casualties_per_shell"]
    far = np.abs(np.subtract.outer(np.arange(30), np.arange(30)))

    def directly(i: int) -> float:
        spread, memory = fit.values["effect_spread"][i], fit.values["effect_memory"][i]
        mean = np.log(fit.used[i, :30]) + prior.centre - spread**2 / 2
        covariance = spread**2 * np.exp(-far / memory) + prior.width**2
        return float(stats.multivariate_normal(mean, covariance).logpdf(logs))

    places = np.argsort(fit.weights)[-4:]
    expected = np.asarray([directly(int(i)) for i in places])
    found = np.log(fit.weights[places])
    np.testing.assert_allclose(found - found[0], expected - expected[0], atol=1e-6)


def test_awm_stock_never_goes_below_zero() -> None:
    chance = np.random.default_rng(1)
    drawn = {name: prior.draw(chance, 500) for name, prior in baselines.AWM_PRIORS.items()}
    drawn["spread_of_stock"][:] = 0.1
    drawn["imports"][:] = 0.0
    used = baselines._shells(drawn, 200)
    assert np.all(used > 0)
    limit = np.maximum(drawn["output_limit"], drawn["output"])
    assert np.all(used.sum(axis=1) <= drawn["stock"] + 200 * 7 * limit)


def test_awm_priors_have_their_range_units_and_reasons() -> None:
    for name, prior in baselines.AWM_PRIORS.items():
        low, high = np.quantile(prior.draw(np.random.default_rng(1), 40_000), [0.05, 0.95])
        assert (low, high) == pytest.approx((prior.low, prior.high), rel=0.05), name
        assert prior.unit
        assert prior.why


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "statsforecast", None)
    for forecast in (baselines.automatic_ets, baselines.automatic_arima):
        with pytest.raises(InputError) as error:
            forecast(noisy(60), [4], 10, 1)
        assert str(error.value) == (
            "Automatic ETS and ARIMA need the package statsforecast, which is not installed.\n"
            "  where: baselines\n"
            '  to do: Install the extra: pip install "ceasefire[baselines]", '
            "or leave these two baselines out."
        )


def test_losses_that_the_priors_cannot_give_are_refused() -> None:
    with pytest.raises(InputError) as error:
        baselines.awm_like(steady(), [4], 10, 1)
    assert str(error.value) == (
        "The past losses leave 2 effective draws of 30000 from the AWM-like model's priors; 100 are needed.\n"
        "  where: series\n  to do: The priors do not fit such losses: leave this baseline out."
    )


def falling() -> FloatArray:
    series = steady(60)
    series[31:] -= 150
    return series


def standing(weeks: int) -> FloatArray:
    changes = np.full(60, 100.0)
    changes[-weeks:] = 0.0
    return np.cumsum(np.r_[0.0, changes])


def with_gap() -> FloatArray:
    series = steady(60)
    series[[7, 9]] = np.nan
    return series


SHORT = (
    "The series has 20 weekly figures; 25 are needed.\n"
    "  where: series\n  to do: Take a later origin, or leave this baseline out there."
)
GAP = (
    "2 of 61 weekly figures are missing or not finite; the first is number 8.\n"
    "  where: series\n  to do: Fill missing weeks before, and say how."
)


@pytest.mark.parametrize("name", BOTH)
def test_every_baseline_refuses_what_it_cannot_use(name: str) -> None:
    def message(series: Any, horizons: Any = (4,), draws: Any = 10) -> str:
        with pytest.raises(InputError) as error:
            BOTH[name](series, horizons, draws, 1)
        return str(error.value)

    assert message(steady(19)) == SHORT
    assert message(with_gap()) == GAP
    assert message(steady().reshape(11, 11)) == (
        "A baseline forecasts one weekly series; this has the shape [11, 11].\n"
        "  where: series\n  to do: Give one array of weekly figures."
    )
    for horizon in (0, 2.5, float("nan")):
        assert message(steady(), [4, horizon]) == (
            f"A horizon is a whole number of weeks, 1 at least; this is {horizon}.\n"
            "  where: horizons_in_weeks\n"
            "  to do: Give weeks: 4, 13, 26 and 52 for 28, 91, 182 and 364 days."
        )
    assert message(steady(), []) == (
        "There is no horizon.\n  where: horizons_in_weeks\n  to do: Give one horizon in weeks at least."
    )
    assert message(steady(), [4], 1) == (
        "The number of draws is a whole number, 2 at least; this is 1.\n  where: draws\n  to do: Give 4000."
    )


@pytest.mark.parametrize(
    ("forecast", "needing"),
    [
        (baselines.log_rate_walk, "a log rate"),
        (baselines.FOR_TOTALS["automatic_ets"], "a log of weekly increments"),
        (baselines.FOR_TOTALS["automatic_arima"], "a log of weekly increments"),
        (baselines.awm_like, "a model of losses"),
    ],
)
def test_a_falling_total_has_no_log_rate(forecast: Callable[..., Any], needing: str) -> None:
    with pytest.raises(InputError) as error:
        forecast(falling(), [4], 10, 1)
    assert str(error.value) == (
        f"The series falls from 3000 to 2950 at figure 32; {needing} needs a total that never falls.\n"
        "  where: series\n  to do: Give a running total, or a baseline of weekly changes."
    )


def test_a_total_that_stands_still_has_no_log_rate() -> None:
    # One still week is no hindrance to rates over four.
    assert np.all(baselines.log_rate_walk(standing(1), [4], 10, 1) > 0)
    cases = {
        "The series does not rise in the four weeks to figure 61; a log rate needs a rise.\n"
        "  where: series\n"
        "  to do: Use the walk of the weekly change for a series that stands still.": baselines.log_rate_walk,
        "The series does not rise at figure 57; a log of weekly increments needs a rise each week.\n"
        "  where: series\n  to do: Use weekly changes without logs.": baselines.FOR_TOTALS["automatic_ets"],
        "The series does not rise at figure 57; the AWM-like model has losses above zero each week.\n"
        "  where: series\n"
        "  to do: Begin the series where losses are reported each week.": baselines.awm_like,
    }
    for expected, forecast in cases.items():
        with pytest.raises(InputError) as error:
            forecast(standing(5), [4], 10, 1)
        assert str(error.value) == expected
