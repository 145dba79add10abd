"""Plain forecasts of a weekly series, against which the model has to earn its keep.

Each baseline is a function of the figures known at the origin (weekly, the last one at the origin), of the
horizons in weeks, of how many draws to give and of a seed. It returns draws `[horizon, draw]` of the change
from the origin to each horizon, in the unit of the series. Draws are paths: the same draw at two horizons is
one future, and a sum over weeks is the sum along a path.

None knows anything of the war. Spreads come from the last year of each series (less where less is known), so
that the early weeks of a war do not set the spread for ever. Nothing was tuned to later origins.
"""

from __future__ import annotations

import dataclasses
import functools
import warnings
from collections.abc import Callable, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

from ceasefire.files import InputError

FloatArray = npt.NDArray[np.float64]
Baseline = Callable[[npt.ArrayLike, Sequence[int], int, int], FloatArray]

YEAR_WEEKS = 52
MONTH_WEEKS = 4
"""Weeks of the step of both walks of a rate: single weeks hold much noise that does not last."""
DRIFT_WEEKS = 12
"""Weeks whose mean is the drift: three steps of four weeks."""
LEAST_WEEKS = 24
"""Weekly changes that a series must have: five changes from one four-week rate to the next."""
WEEK_DAYS = 7


def _past(series: npt.ArrayLike, least: int = LEAST_WEEKS, rises: str = "") -> FloatArray:
    """Return a checked series; `rises` says what for it may not fall."""
    values = np.asarray(series, dtype=np.float64)
    if values.ndim != 1:
        raise InputError(
            f"A baseline forecasts one weekly series; this has the shape {list(values.shape)}.",
            "series",
            "Give one array of weekly figures.",
        )
    if len(values) < least + 1:
        raise InputError(
            f"The series has {len(values)} weekly figures; {least + 1} are needed.",
            "series",
            "Take a later origin, or leave this baseline out there.",
        )
    bad = np.flatnonzero(~np.isfinite(values))
    if len(bad):
        raise InputError(
            f"{len(bad)} of {len(values)} weekly figures are missing or not finite; the first is number "
            f"{int(bad[0]) + 1}.",
            "series",
            "Fill missing weeks before, and say how.",
        )
    if rises:
        falls = np.flatnonzero(np.diff(values) < 0)
        if len(falls):
            week = int(falls[0]) + 1
            raise InputError(
                f"The series falls from {values[week - 1]:g} to {values[week]:g} at figure {week + 1}; "
                f"{rises} needs a total that never falls.",
                "series",
                "Give a running total, or a baseline of weekly changes.",
            )
    return values


def _weeks(horizons_in_weeks: Sequence[int]) -> npt.NDArray[np.int64]:
    for weeks in horizons_in_weeks:
        if isinstance(weeks, bool) or not np.isfinite(weeks) or int(weeks) != weeks or weeks < 1:
            raise InputError(
                f"A horizon is a whole number of weeks, 1 at least; this is {weeks}.",
                "horizons_in_weeks",
                "Give weeks: 4, 13, 26 and 52 for 28, 91, 182 and 364 days.",
            )
    if not len(horizons_in_weeks):
        raise InputError("There is no horizon.", "horizons_in_weeks", "Give one horizon in weeks at least.")
    return np.asarray(horizons_in_weeks, dtype=np.int64)


def _count(draws: int) -> int:
    if isinstance(draws, bool) or int(draws) != draws or draws < 2:
        raise InputError(
            f"The number of draws is a whole number, 2 at least; this is {draws}.", "draws", "Give 4000."
        )
    return int(draws)


def _sums(weekly: FloatArray, weeks: npt.NDArray[np.int64]) -> FloatArray:
    """Return the sums to each horizon of weekly changes `[draw, week]`, as `[horizon, draw]`."""
    return np.ascontiguousarray(np.cumsum(weekly, axis=1)[:, weeks - 1].T)


def persistence(series: npt.ArrayLike, horizons_in_weeks: Sequence[int], draws: int, seed: int) -> FloatArray:
    """Forecast over h weeks the change of the last h weeks.

    The spread is normal around it, with the root mean square of the errors that the same rule made for the
    targets of the last year. Where the series has no 2h weeks to make one error, the longest lag k that it
    has stands in: the change and the errors over k weeks, times h/k. Horizons share one standard normal draw.

    Raises:
        InputError: if the series is short or has gaps, or a horizon or the draws are no usable numbers.
    """
    values, weeks, count = _past(series), _weeks(horizons_in_weeks), _count(draws)
    chance = np.random.default_rng(seed).standard_normal(count)
    result = []
    for horizon in weeks:
        lag = int(min(horizon, (len(values) - 1) // 2))
        change = values[lag:] - values[:-lag]
        errors = (change[lag:] - change[:-lag])[-YEAR_WEEKS:]
        spread = np.sqrt(np.mean(errors**2))
        result.append((change[-1] + spread * chance) * (horizon / lag))
    return np.asarray(result, dtype=np.float64)


def drift_random_walk(
    series: npt.ArrayLike, horizons_in_weeks: Sequence[int], draws: int, seed: int
) -> FloatArray:
    """Forecast a random walk with drift.

    change over h = h d + e, var e = s^2 (h + h^2 / n), with d and s the mean and the standard deviation of
    the weekly changes of the last n = 12 weeks: steps and the error of the estimated drift (Hyndman and
    Athanasopoulos 2021, section 5.5).

    Raises:
        InputError: if the series is short or has gaps, or a horizon or the draws are no usable numbers.
    """
    values, weeks, count = _past(series), _weeks(horizons_in_weeks), _count(draws)
    changes = np.diff(values)[-DRIFT_WEEKS:]
    spread = changes.std(ddof=1)
    chance = np.random.default_rng(seed)
    drift = changes.mean() + spread / np.sqrt(DRIFT_WEEKS) * chance.standard_normal((count, 1))
    return _sums(drift + spread * chance.standard_normal((count, int(weeks.max()))), weeks)


def _monthly_rates(values: FloatArray) -> FloatArray:
    """Return the mean weekly change of each four weeks, the last of them ending at the origin; 14 at most."""
    every = values[::-1][::MONTH_WEEKS][::-1]
    return np.diff(every)[-(YEAR_WEEKS // MONTH_WEEKS + 1) :] / MONTH_WEEKS


def _walk(last: float, steps: FloatArray, weeks: npt.NDArray[np.int64], count: int, seed: int) -> FloatArray:
    """Return weekly values `[draw, week]` of a walk without drift in steps of four weeks."""
    months = -(-int(weeks.max()) // MONTH_WEEKS)
    spread = np.sqrt(np.mean(steps**2))
    chance = np.random.default_rng(seed).standard_normal((count, months))
    return np.repeat(last + spread * np.cumsum(chance, axis=1), MONTH_WEEKS, axis=1)


def log_rate_walk(
    series: npt.ArrayLike, horizons_in_weeks: Sequence[int], draws: int, seed: int
) -> FloatArray:
    """Forecast a total whose rate walks at random on the log scale.

    log r(k+1) = log r(k) + s e(k), with r the mean weekly increment over four weeks, from the last four weeks
    on; s is the root mean square of the last 13 changes of log r (a year; fewer where fewer are known). There
    is no drift and no damping, and the first four weeks ahead have a full step already.

    Raises:
        InputError: if the series is short, has gaps or falls, or does not rise at all in four weeks, or if a
            horizon or the draws are no usable numbers.
    """
    values = _past(series, rises="a log rate")
    weeks, count = _weeks(horizons_in_weeks), _count(draws)
    rates = _monthly_rates(values)
    still = np.flatnonzero(rates <= 0)
    if len(still):
        ended = len(values) - MONTH_WEEKS * (len(rates) - 1 - int(still[-1]))
        raise InputError(
            f"The series does not rise in the four weeks to figure {ended}; a log rate needs a rise.",
            "series",
            "Use the walk of the weekly change for a series that stands still.",
        )
    logs = np.log(rates)
    return _sums(np.exp(_walk(logs[-1], np.diff(logs), weeks, count, seed)), weeks)


def weekly_change_walk(
    series: npt.ArrayLike, horizons_in_weeks: Sequence[int], draws: int, seed: int
) -> FloatArray:
    """Forecast a level whose weekly change walks at random.

    r(k+1) = r(k) + s e(k), with r the mean weekly change over four weeks, otherwise as `log_rate_walk`. It
    knows no sign and no bounds.

    Raises:
        InputError: if the series is short or has gaps, or a horizon or the draws are no usable numbers.
    """
    values, weeks, count = _past(series), _weeks(horizons_in_weeks), _count(draws)
    rates = _monthly_rates(values)
    return _sums(_walk(rates[-1], np.diff(rates), weeks, count, seed), weeks)


def _models() -> Any:
    try:
        # The library warns of its own text while it is compiled.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from statsforecast import models
    except ImportError as error:
        raise InputError(
            "Automatic ETS and ARIMA need the package statsforecast, which is not installed.",
            "baselines",
            'Install the extra: pip install "ceasefire[baselines]", or leave these two baselines out.',
        ) from error
    return models


def _weekly(series: npt.ArrayLike, logs: bool) -> FloatArray:
    """Return the weekly changes of the last year, or their logs."""
    values = _past(series, rises="a log of weekly increments" if logs else "")
    changes = np.diff(values)[-YEAR_WEEKS:]
    if not logs:
        return changes
    still = np.flatnonzero(changes <= 0)
    if len(still):
        raise InputError(
            f"The series does not rise at figure {len(values) - len(changes) + int(still[0]) + 1}; "
            f"a log of weekly increments needs a rise each week.",
            "series",
            "Use weekly changes without logs.",
        )
    return np.log(changes)


def _totals(path: FloatArray, weeks: npt.NDArray[np.int64], logs: bool) -> FloatArray:
    return _sums(np.exp(path) if logs else path, weeks)


def ets_paths(fitted: dict[str, Any], weeks: int, draws: int, seed: int) -> FloatArray:
    """Return paths `[draw, week]` of a fitted exponential smoothing with additive errors and no season.

    y = l + phi b + e; l' = l + phi b + alpha e; b' = phi b + beta e: the innovations form of Hyndman and
    others (2008). `fitted` is what statsforecast keeps as `model_`; it offers intervals week by week, from
    which the spread of a sum cannot be read. With a damped trend its mean forecast counts phi b twice in the
    second week (2 phi + phi^2 + ... in place of phi + phi^2 + ...); paths follow the equations.
    """
    _error, trend, _season, damped = fitted["components"]
    alpha, beta, _gamma, phi = (float(p) for p in np.asarray(fitted["par"])[:4])
    state = np.asarray(fitted["states"], dtype=np.float64)[-1]
    level = np.full(draws, state[0])
    slope = np.full(draws, state[1] if trend == "A" else 0.0)
    beta = beta if trend == "A" else 0.0
    phi = phi if damped == "D" else 1.0
    noise = np.sqrt(float(fitted["sigma2"])) * np.random.default_rng(seed).standard_normal((draws, weeks))
    path = np.empty((draws, weeks))
    for week in range(weeks):
        ahead = level + phi * slope
        path[:, week] = ahead + noise[:, week]
        level = ahead + alpha * noise[:, week]
        slope = phi * slope + beta * noise[:, week]
    return path


def automatic_ets(
    series: npt.ArrayLike, horizons_in_weeks: Sequence[int], draws: int, seed: int, *, logs: bool = False
) -> FloatArray:
    """Forecast by exponential smoothing, its form chosen by statsforecast.

    AutoETS with additive errors, no season, and no, an additive or a damped trend by AICc, fitted to the
    weekly changes of the last year (to their logs with `logs`). Draws are sums along simulated paths of the
    fitted model. Parameters count as known.

    Raises:
        InputError: if statsforecast is missing, the series is short, has gaps or (with `logs`) does not rise
            each week, or a horizon or the draws are no usable numbers.
    """
    weeks, count, changes = _weeks(horizons_in_weeks), _count(draws), _weekly(series, logs)
    if np.ptp(changes) == 0:
        return _totals(np.full((count, int(weeks.max())), changes[-1]), weeks, logs)
    models = _models()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = models.AutoETS(season_length=1, model="AZN").fit(changes).model_
    return _totals(ets_paths(fitted, int(weeks.max()), count, seed), weeks, logs)


def impulse_responses(orders: Sequence[int], coefficients: dict[str, float], weeks: int) -> FloatArray:
    """Return psi(0..weeks - 1) of an ARIMA without seasons: what one innovation adds k weeks later.

    psi(B) = theta(B) / (phi(B) (1 - B)^d). `orders` is `(p, d, q)`; coefficients are named `ar1`, ..., `ma1`,
    ....
    """
    p, d, q = orders
    left = np.r_[1.0, [-float(coefficients[f"ar{i + 1}"]) for i in range(p)]]
    for _ in range(d):
        left = np.convolve(left, [1.0, -1.0])
    right = np.r_[1.0, [float(coefficients[f"ma{i + 1}"]) for i in range(q)]]
    psi = np.zeros(weeks)
    for k in range(weeks):
        past = sum(left[j] * psi[k - j] for j in range(1, min(k, len(left) - 1) + 1))
        psi[k] = (right[k] if k < len(right) else 0.0) - past
    return psi


def automatic_arima(
    series: npt.ArrayLike, horizons_in_weeks: Sequence[int], draws: int, seed: int, *, logs: bool = False
) -> FloatArray:
    """Forecast by an ARIMA, its orders chosen by statsforecast.

    AutoARIMA without season (AICc, stepwise), fitted to the weekly changes of the last year (to their logs
    with `logs`). A path is the library's mean forecast plus sum_j psi(j) e(k - j) with normal e; draws are
    sums along paths. Parameters count as known.

    Raises:
        InputError: if statsforecast is missing, the series is short, has gaps or (with `logs`) does not rise
            each week, or a horizon or the draws are no usable numbers.
    """
    weeks, count, changes = _weeks(horizons_in_weeks), _count(draws), _weekly(series, logs)
    ahead = int(weeks.max())
    if np.ptp(changes) == 0:
        return _totals(np.full((count, ahead), changes[-1]), weeks, logs)
    models = _models()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = models.AutoARIMA(season_length=1, seasonal=False).fit(changes)
        mean = np.asarray(model.predict(h=ahead)["mean"], dtype=np.float64)
    p, q, _p, _q, _season, d, _d = (int(order) for order in model.model_["arma"])
    psi = impulse_responses((p, d, q), model.model_["coef"], ahead)
    spread = np.sqrt(float(model.model_["sigma2"]))
    noise = spread * np.random.default_rng(seed).standard_normal((count, ahead))
    # Row j of the table holds what the innovation of week j adds to each week from j on.
    table = np.zeros((ahead, ahead))
    for week in range(ahead):
        table[week, week:] = psi[: ahead - week]
    return _totals(mean + noise @ table, weeks, logs)


@dataclasses.dataclass(frozen=True)
class AwmPrior:
    """One lognormal prior of the AWM-like model, by its 90 % range."""

    low: float
    high: float
    unit: str
    why: str

    @property
    def centre(self) -> float:
        """Mean of the log."""
        return float(np.log(self.low * self.high) / 2)

    @property
    def width(self) -> float:
        """Standard deviation of the log."""
        return float(np.log(self.high / self.low) / (2 * special.ndtri(0.95)))

    def draw(self, chance: np.random.Generator, count: int) -> FloatArray:
        """Return draws; 5 % of them lie below `low` and 5 % above `high`."""
        return np.asarray(np.exp(self.centre + self.width * chance.standard_normal(count)), dtype=np.float64)


# A side's losses are caused by its opponent's guns: for the losses of Russia these are Ukraine's.
AWM_PRIORS = MappingProxyType(
    {
        "output": AwmPrior(
            250,
            1_000,
            "shells/day",
            "15,000 a month from the US in 2022 (press, November 2022), half to double",
        ),
        "output_limit": AwmPrior(
            1_600,
            11_900,
            "shells/day",
            "half of the US goal of 100,000 a month (CNN), to the 356,400 wanted (FT)",
        ),
        "output_growth": AwmPrior(
            0.001, 0.01, "1/day", "judgement: about three years from the output of 2022 to the US goal"
        ),
        "imports": AwmPrior(
            1_000,
            4_000,
            "shells/day",
            "judgement: about what 110,000 fired a month early in 2023 (FT) needed",
        ),
        "stock": AwmPrior(0.3e6, 3.0e6, "shells", "judgement: 5,000 a day for 60 to 600 days"),
        "use_wanted": AwmPrior(
            3_700, 11_900, "shells/day", "fire early in 2023 (FT), to the 356,400 a month wanted (FT)"
        ),
        "spread_of_stock": AwmPrior(30, 300, "days", "judgement: a stock is made to last one to ten months"),
        "casualties_per_shell": AwmPrior(
            0.02,
            0.5,
            "persons/shell",
            "judgement: 500 a day claimed late in 2022 from 5,000 shells, fivefold",
        ),
        "effect_spread": AwmPrior(0.1, 0.6, "log units", "judgement: spread of the effect in the long run"),
        "effect_memory": AwmPrior(2, 26, "weeks", "judgement: time over which the effect forgets"),
    }
)
AWM_PRIOR_DRAWS = 30_000
AWM_LEAST_DRAWS = 100
"""Effective draws below which the fit is refused: a handful of draws is no distribution."""


def _shells(values: dict[str, FloatArray], weeks: int) -> FloatArray:
    """Return shells used by week, `[draw, week]`, of the stock equations with steps of a week."""
    output, stock = values["output"].copy(), values["stock"].copy()
    limit = np.maximum(values["output_limit"], output)
    used = np.empty((len(output), weeks))
    for week in range(weeks):
        # No faster than one step can follow: a stock spread over less than a week is used up in it.
        use = np.minimum(values["use_wanted"], stock / np.maximum(values["spread_of_stock"], WEEK_DAYS))
        used[:, week] = WEEK_DAYS * use
        stock = stock + WEEK_DAYS * (output + values["imports"] - use)
        # The exact solution of the logistic equation over a week.
        growth = np.exp(-WEEK_DAYS * values["output_growth"])
        output = limit / (1 + (limit / output - 1) * growth)
    return used


@dataclasses.dataclass(frozen=True)
class AwmFit:
    """Weighted prior draws of the AWM-like model after the past losses were seen."""

    values: dict[str, FloatArray]
    """Parameters, `[draw]` each, in the units of `AWM_PRIORS`; casualties per shell after the fit."""
    used: FloatArray
    """Shells used by week of past and future, `[draw, week]`."""
    effect: FloatArray
    """Log of the effect in the last past week, `[draw]`."""
    weights: FloatArray
    """They sum to one."""

    @property
    def effective_draws(self) -> float:
        """1 / sum of the squared weights."""
        return float(1 / np.sum(self.weights**2))


def fit_awm_like(series: npt.ArrayLike, weeks_ahead: int, seed: int) -> AwmFit:
    """Weigh prior draws of the AWM-like model by how well they give the past weekly losses.

    Weekly losses are l u z: casualties per shell, shells used in the week, and a lognormal effect of mean 1
    whose log is a stationary first-order autoregression. So the log losses have an exact normal likelihood;
    log l enters it as a shift and is integrated out, then drawn from its normal conditional. Stocks run from
    the first figure, taken as the start of the war; the likelihood holds the last year of losses.

    Raises:
        InputError: if the series is short, has gaps or does not rise each week, or the priors do not fit it.
    """
    values = _past(series, rises="a model of losses")
    losses = np.diff(values)
    still = np.flatnonzero(losses <= 0)
    if len(still):
        raise InputError(
            f"The series does not rise at figure {int(still[0]) + 2}; "
            f"the AWM-like model has losses above zero each week.",
            "series",
            "Begin the series where losses are reported each week.",
        )
    chance = np.random.default_rng(seed)
    drawn = {name: prior.draw(chance, AWM_PRIOR_DRAWS) for name, prior in AWM_PRIORS.items()}
    used = _shells(drawn, len(losses) + weeks_ahead)
    spread, keep = drawn["effect_spread"], np.exp(-1 / drawn["effect_memory"])
    # Log losses less log shells: log l - spread^2 / 2 + effect. Whitened by the autoregression.
    seen = losses[-YEAR_WEEKS:]
    past = used[:, len(losses) - len(seen) : len(losses)]
    level = np.log(seen) - np.log(past) + spread[:, None] ** 2 / 2
    step = spread * np.sqrt(1 - keep**2)
    y = np.c_[level[:, 0] / spread, (level[:, 1:] - keep[:, None] * level[:, :-1]) / step[:, None]]
    x = np.c_[1 / spread, np.repeat(((1 - keep) / step)[:, None], len(seen) - 1, axis=1)]
    prior = AWM_PRIORS["casualties_per_shell"]
    centre, width = prior.centre, prior.width
    precision = 1 / width**2 + (x**2).sum(axis=1)
    mean = (centre / width**2 + (x * y).sum(axis=1)) / precision
    misfit = (y**2).sum(axis=1) + centre**2 / width**2 - precision * mean**2
    log_weight = -0.5 * misfit - 0.5 * np.log(precision) - np.log(spread) - (len(seen) - 1) * np.log(step)
    lethal = mean + chance.standard_normal(AWM_PRIOR_DRAWS) / np.sqrt(precision)
    drawn["casualties_per_shell"] = np.exp(lethal)
    weights = np.exp(log_weight - special.logsumexp(log_weight))
    fit = AwmFit(drawn, used, level[:, -1] - lethal, weights)
    if fit.effective_draws < AWM_LEAST_DRAWS:
        raise InputError(
            f"The past losses leave {fit.effective_draws:.0f} effective draws of {AWM_PRIOR_DRAWS} from the "
            f"AWM-like model's priors; {AWM_LEAST_DRAWS} are needed.",
            "series",
            "The priors do not fit such losses: leave this baseline out.",
        )
    return fit


def awm_like(series: npt.ArrayLike, horizons_in_weeks: Sequence[int], draws: int, seed: int) -> FloatArray:
    """Forecast losses by the AWM-like model: stocks of shells, their use, and casualties per shell.

    dP/dt = g P (1 - P/Pmax); dM/dt = P + I - u; u = min(U, M/tau); dC/dt = l u z, with z lognormal of mean 1.
    A reconstruction from a description, on the other side's artillery alone; the size of the army does not
    act on losses here, and no end of the war is forecast. Priors are in `AWM_PRIORS`; `fit_awm_like` weighs
    draws of them by the past losses, and futures start from draws taken with those weights.

    Raises:
        InputError: if the series is short, has gaps or does not rise each week, if the priors do not fit it,
            or if a horizon or the draws are no usable numbers.
    """
    weeks, count = _weeks(horizons_in_weeks), _count(draws)
    ahead = int(weeks.max())
    fit = fit_awm_like(series, ahead, seed)
    # A stream of its own, so that futures do not repeat the numbers of the fit.
    chance = np.random.default_rng([seed, 1])
    taken = chance.choice(len(fit.weights), size=count, p=fit.weights)
    spread = fit.values["effect_spread"][taken]
    keep = np.exp(-1 / fit.values["effect_memory"][taken])
    effect = fit.effect[taken]
    noise = chance.standard_normal((count, ahead))
    weekly = np.empty((count, ahead))
    past = fit.used.shape[1] - ahead
    for week in range(ahead):
        effect = keep * effect + spread * np.sqrt(1 - keep**2) * noise[:, week]
        weekly[:, week] = (
            fit.values["casualties_per_shell"][taken]
            * fit.used[taken, past + week]
            * np.exp(effect - spread**2 / 2)
        )
    return _sums(weekly, weeks)


FOR_TOTALS: MappingProxyType[str, Baseline] = MappingProxyType(
    {
        "persistence": persistence,
        "drift_random_walk": drift_random_walk,
        "log_rate_walk": log_rate_walk,
        "automatic_ets": functools.partial(automatic_ets, logs=True),
        "automatic_arima": functools.partial(automatic_arima, logs=True),
        "awm_like": awm_like,
    }
)
"""Baselines of running totals of losses, by name."""

FOR_LEVELS: MappingProxyType[str, Baseline] = MappingProxyType(
    {
        "persistence": persistence,
        "drift_random_walk": drift_random_walk,
        "weekly_change_walk": weekly_change_walk,
        "automatic_ets": automatic_ets,
        "automatic_arima": automatic_arima,
    }
)
"""Baselines of levels that rise and fall, such as an area, by name."""

OF_STATSFORECAST = ("automatic_ets", "automatic_arima")
"""Those that need the extra `baselines`."""
