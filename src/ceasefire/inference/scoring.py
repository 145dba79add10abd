"""Scores of probability forecasts, given as draws, against what then came true.

Every function takes plain arrays: draws of shape `[origin, draw]` and truths of shape `[origin]`, in the unit
of the forecast. Lower scores are better throughout. Scores come from the library scoringrules where it has
them; its plain numpy code is named, so that another installed library cannot change a figure.

Forecasts from neighbouring origins share a part of their horizon. Two functions allow for it: a bootstrap of
blocks of origins compares two forecasts, and a simulation tells what coverage a perfectly calibrated
forecaster shows on such origins.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import scoringrules
from scipy import special, stats

from ceasefire.files import InputError, suggest

FloatArray = npt.NDArray[np.float64]

LEVELS = (0.5, 0.9)
"""Levels of the central intervals that are scored."""

VIEWS_EDGES = (0.0, 0.5, 2.5, 5.5, 10.5, 25.5, 50.5, 100.5, 250.5, 500.5, 1000.5)
"""Lower edges of the bins of the VIEWS 2023 competition; the last bin is open."""

ESTIMATORS = {"fair": "pwm", "plain": "qd"}
TRUTHS = ("level_walk", "rate_walk")
Truth = Literal["level_walk", "rate_walk"]
Verdict = Literal["better", "worse", "not told apart"]

TABLE = (
    "series", "model", "horizon_days", "origin", "truth", "median", "low_50", "high_50", "low_90", "high_90",
    "crps", "log_score", "interval_score_90", "pit", "inside_50", "inside_90",
)  # fmt: skip
KEYS = ["series", "model", "horizon_days"]


def _checked(draws: npt.ArrayLike, truths: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    x = np.asarray(draws, dtype=np.float64)
    y = np.asarray(truths, dtype=np.float64)
    if x.ndim != 2 or y.ndim != 1 or x.shape[0] != y.shape[0]:
        raise InputError(
            "Draws must be [origin, draw] and truths [origin]; "
            f"these are {list(x.shape)} and {list(y.shape)}.",
            "draws, truths",
            "Give one row of draws for each truth.",
        )
    if x.shape[0] < 1 or x.shape[1] < 2:
        raise InputError(
            f"A score needs an origin and two draws at least; these are {list(x.shape)}.",
            "draws",
            "Give more draws.",
        )
    for name, values in (("draws", x), ("truths", y)):
        bad = np.argwhere(~np.isfinite(values))
        if len(bad):
            raise InputError(
                f"{len(bad)} of {values.size} {name} are not finite numbers; the first is at "
                f"{[int(i) for i in bad[0]]}.",
                name,
                "Leave out origins without a truth, and mend the forecast.",
            )
    return x, y


def _check_level(level: float) -> None:
    if not 0 < level < 1:
        raise InputError(f"A level lies between 0 and 1; this is {level}.", "level", "Give 0.9 for 90 %.")


def _check_whole(name: str, value: int, least: int) -> None:
    if isinstance(value, bool) or int(value) != value or value < least:
        raise InputError(
            f"{name} is a whole number, {least} at least; this is {value}.", name, f"Give a larger {name}."
        )


def crps(
    draws: npt.ArrayLike, truths: npt.ArrayLike, estimator: Literal["fair", "plain"] = "fair"
) -> FloatArray:
    """Return the continuous ranked probability score of each forecast.

    CRPS(F, y) = E|X - y| - 1/2 E|X - X'|. The `fair` estimate takes the second mean over pairs of different
    draws, so that the expected score does not depend on how many draws there are (Ferro 2014); the `plain`
    one is the score of the draws as a distribution of their own.

    Args:
        draws: `[origin, draw]`.
        truths: `[origin]`, in the unit of the draws.
        estimator: `fair` or `plain`.

    Returns:
        `[origin]`, in the unit of the draws.

    Raises:
        InputError: if shapes or numbers are not usable, or the estimator is unknown.
    """
    x, y = _checked(draws, truths)
    if estimator not in ESTIMATORS:
        raise InputError(
            f"There is no estimator {estimator!r} of the CRPS.", "estimator", suggest(estimator, ESTIMATORS)
        )
    # The library's "pwm" is its "fair" by sorting, without a table of all pairs; "qd" is its "nrg" likewise.
    score = scoringrules.crps_ensemble(y, x, estimator=ESTIMATORS[estimator], backend="numpy")
    return np.asarray(score, dtype=np.float64)


def log_score(draws: npt.ArrayLike, truths: npt.ArrayLike) -> FloatArray:
    """Return the logarithmic score, minus the log density at the truth, from a kernel density of the draws.

    The density is a mixture of normals at the draws with the bandwidth that scoringrules uses,
    1.06 min(s, IQR / 1.34) M^(-1/5) for M draws. A kernel density was taken, and no normal on logs, because a
    change of area may have either sign and the draws any shape. The mean of densities is taken in logs: a
    truth far outside all draws has a large score and no infinite one. Such a score says how thin a normal
    kernel's tail is; for those forecasts read the CRPS.

    Args:
        draws: `[origin, draw]`.
        truths: `[origin]`, in the unit of the draws.

    Returns:
        `[origin]`, in nats.

    Raises:
        InputError: if shapes or numbers are not usable, or the draws of an origin are (nearly) all equal.
    """
    x, y = _checked(draws, truths)
    low, high = np.quantile(x, [0.25, 0.75], axis=1)
    width = np.minimum(x.std(axis=1, ddof=1), (high - low) / 1.34) * 1.06 * x.shape[1] ** (-0.2)
    flat = np.flatnonzero(width <= 0)
    if len(flat):
        raise InputError(
            f"The draws of origin {int(flat[0])} are equal in half or more: they have no density.",
            "draws",
            "Score such a forecast by CRPS, or leave out its log score.",
        )
    kernels = stats.norm.logpdf(y[:, None], loc=x, scale=width[:, None])
    return np.asarray(math.log(x.shape[1]) - special.logsumexp(kernels, axis=1), dtype=np.float64)


def ignorance_score(
    draws: npt.ArrayLike, truths: npt.ArrayLike, edges: Sequence[float] = VIEWS_EDGES
) -> FloatArray:
    """Return the ignorance score of the VIEWS 2023 competition.

    -log2 of the share of draws in the bin of the truth, after one pseudo-draw is added to each bin.

    Args:
        draws: `[origin, draw]`.
        truths: `[origin]`, in the unit of the draws.
        edges: lower edges of the bins, rising; a value on an edge lies in the bin above it.

    Returns:
        `[origin]`, in bits.

    Raises:
        InputError: if shapes or numbers are not usable, edges do not rise, or a value lies below the first.
    """
    x, y = _checked(draws, truths)
    bounds = np.asarray(edges, dtype=np.float64)
    if bounds.ndim != 1 or len(bounds) < 2 or not np.all(np.isfinite(bounds)) or np.any(np.diff(bounds) <= 0):
        raise InputError("The edges of bins must rise, two at least.", "edges", "Sort them and drop repeats.")
    least = min(x.min(), y.min())
    if least < bounds[0]:
        raise InputError(
            f"The value {least:g} lies below the first bin, which starts at {bounds[0]:g}.",
            "edges",
            "Give edges that start below every draw and truth.",
        )
    of_draws = np.searchsorted(bounds, x, side="right")
    of_truths = np.searchsorted(bounds, y, side="right")
    hits = (of_draws == of_truths[:, None]).sum(axis=1)
    return np.asarray(-np.log2((hits + 1) / (x.shape[1] + len(bounds))), dtype=np.float64)


def central_interval(draws: npt.ArrayLike, level: float) -> tuple[FloatArray, FloatArray]:
    """Return the ends of the central interval of each forecast, `[origin]` each.

    Raises:
        InputError: if the level does not lie between 0 and 1.
    """
    _check_level(level)
    x = np.asarray(draws, dtype=np.float64)
    low, high = np.quantile(x, [(1 - level) / 2, (1 + level) / 2], axis=-1)
    return low, high


def interval_score(draws: npt.ArrayLike, truths: npt.ArrayLike, level: float = 0.9) -> FloatArray:
    """Return the interval score of the central interval, `[origin]`, in the unit of the draws.

    (u - l) + (2/a) (l - y) where y < l, + (2/a) (y - u) where y > u, with a = 1 - level (Gneiting and
    Raftery 2007).

    Raises:
        InputError: if shapes, numbers or the level are not usable.
    """
    x, y = _checked(draws, truths)
    low, high = central_interval(x, level)
    score = scoringrules.interval_score(y, low, high, 1 - level, backend="numpy")
    return np.asarray(score, dtype=np.float64)


def inside(draws: npt.ArrayLike, truths: npt.ArrayLike, level: float) -> npt.NDArray[np.bool_]:
    """Return whether each truth lies in the central interval of its forecast; an end belongs to it.

    Raises:
        InputError: if shapes, numbers or the level are not usable.
    """
    x, y = _checked(draws, truths)
    low, high = central_interval(x, level)
    return np.asarray((low <= y) & (y <= high))


def coverage(draws: npt.ArrayLike, truths: npt.ArrayLike, level: float) -> float:
    """Return the share of truths inside their central intervals.

    Raises:
        InputError: if shapes, numbers or the level are not usable.
    """
    return float(inside(draws, truths, level).mean())


def pit(draws: npt.ArrayLike, truths: npt.ArrayLike) -> FloatArray:
    """Return the probability integral transform: the share of draws below each truth.

    A draw equal to the truth counts one half, so that nothing is left to chance.

    Raises:
        InputError: if shapes or numbers are not usable.
    """
    x, y = _checked(draws, truths)
    return np.asarray(
        ((x < y[:, None]).sum(axis=1) + 0.5 * (x == y[:, None]).sum(axis=1)) / x.shape[1], dtype=np.float64
    )


def pit_histogram(values: npt.ArrayLike, bins: int = 10) -> npt.NDArray[np.int64]:
    """Return how many PIT values lie in each of `bins` equal bins of 0 to 1; 1 lies in the last.

    Raises:
        InputError: if a value lies outside 0 to 1.
    """
    _check_whole("bins", bins, 1)
    v = np.asarray(values, dtype=np.float64)
    if not np.all((v >= 0) & (v <= 1)):
        raise InputError("A PIT value lies outside 0 to 1.", "values", "Give what `pit` returns.")
    return np.histogram(v, bins=bins, range=(0.0, 1.0))[0].astype(np.int64)


@dataclasses.dataclass(frozen=True)
class Difference:
    """The mean difference of two forecasts' scores, first minus second: below zero, the first is better."""

    mean: float
    low: float
    high: float
    level: float
    origins: int
    block: int
    """Length of the blocks, in origins."""
    verdict: Verdict
    """Of the first: better or worse where the interval leaves out zero."""


def default_block(horizon_days: int, spacing_days: int, origins: int) -> int:
    """Return the length of blocks, in origins, for forecasts whose horizons overlap.

    ceil(horizon / spacing) + 1, and half of the origins at most. Errors of optimal forecasts over k steps are
    correlated up to lag k - 1 (Diebold and Mariano 1995), so a block must reach over the k origins that share
    days with one another (Kuensch 1989); the one beyond is for forecasts that are not optimal. With blocks of
    more than half of the origins there would be hardly anything to draw from. With few blocks the interval is
    too narrow and the verdict too bold: `false_verdicts` tells by how much.

    Raises:
        InputError: if a number is not whole or too small.
    """
    _check_whole("horizon_days", horizon_days, 1)
    _check_whole("spacing_days", spacing_days, 1)
    _check_whole("origins", origins, 1)
    return max(1, min(math.ceil(horizon_days / spacing_days) + 1, origins // 2))


def _resamples(count: int, block: int, draws: int, chance: np.random.Generator) -> npt.NDArray[np.int64]:
    """Return places `[draw, origin]` of circular blocks laid end to end."""
    starts = chance.integers(count, size=(draws, math.ceil(count / block)))
    return (starts[:, :, None] + np.arange(block)).reshape(draws, -1)[:, :count] % count


def paired_block_bootstrap(
    first_scores: npt.ArrayLike,
    second_scores: npt.ArrayLike,
    block: int,
    draws: int = 10_000,
    seed: int = 0,
    level: float = 0.9,
) -> Difference:
    """Compare two forecasts on the same origins by a bootstrap of circular blocks of their differences.

    Blocks of neighbouring origins, on a circle so that each origin is drawn equally often, are laid end to
    end until there are as many differences as origins; the interval holds the central `level` of their means
    (Politis and Romano 1992).

    Args:
        first_scores: `[origin]`, in the order of time.
        second_scores: `[origin]`, of the same origins.
        block: length of the blocks in origins; `default_block` gives one.
        draws: resamples.
        seed: any whole number; the same seed gives the same interval.
        level: of the interval.

    Raises:
        InputError: if the scores do not pair, are not finite, or fewer than twice the block.
    """
    _check_level(level)
    _check_whole("block", block, 1)
    _check_whole("draws", draws, 100)
    first = np.asarray(first_scores, dtype=np.float64)
    second = np.asarray(second_scores, dtype=np.float64)
    if first.ndim != 1 or first.shape != second.shape:
        raise InputError(
            f"Scores must pair: these are {list(first.shape)} and {list(second.shape)}.",
            "first_scores, second_scores",
            "Give the scores of both forecasts on the same origins.",
        )
    difference = first - second
    count = len(difference)
    if not np.all(np.isfinite(difference)):
        raise InputError("A score is not a finite number.", "first_scores, second_scores", "Mend it first.")
    if count < 2 * block:
        raise InputError(
            f"{count} origins are fewer than two blocks of {block}.",
            "block",
            f"Give a block of {max(count // 2, 1)} at most, or more origins.",
        )
    means = difference[_resamples(count, block, draws, np.random.default_rng(seed))].mean(axis=1)
    low, high = (float(q) for q in np.quantile(means, [(1 - level) / 2, (1 + level) / 2]))
    verdict: Verdict = "better" if high < 0 else "worse" if low > 0 else "not told apart"
    return Difference(float(difference.mean()), low, high, level, count, block, verdict)


@functools.cache
def false_verdicts(
    origins: int,
    spacing_days: int,
    horizon_days: int,
    block: int | None = None,
    level: float = 0.9,
    draws: int = 2_000,
    seed: int = 0,
) -> float:
    """Return how often the bootstrap calls one of two equally good forecasts better or worse.

    Differences of scores are simulated as sums of independent normal steps over the horizon, of mean zero, so
    that overlapping origins share steps: the strongest correlation that the overlap alone can give. An honest
    interval would be wrong in 1 - level of the cases; above it, verdicts claim more than they hold.

    Args:
        origins: how many there are.
        spacing_days: days from one origin to the next.
        horizon_days: days from an origin to its target.
        block: in origins; `default_block` where None.
        level: of the interval.
        draws: simulated comparisons, and resamples in each.
        seed: any whole number.

    Raises:
        InputError: if a number is out of range.
    """
    _check_level(level)
    longest = default_block(horizon_days, spacing_days, origins)
    block = longest if block is None else block
    _check_whole("block", block, 1)
    _check_whole("draws", draws, 100)
    chance = np.random.default_rng(seed)
    step = math.gcd(spacing_days, horizon_days)
    spacing, horizon = spacing_days // step, horizon_days // step
    steps = chance.standard_normal((draws, (origins - 1) * spacing + horizon))
    sums = np.stack([steps[:, o * spacing : o * spacing + horizon].sum(axis=1) for o in range(origins)], 1)
    places = _resamples(origins, block, draws, chance)
    times = np.zeros((draws, origins))
    np.add.at(times, (np.arange(draws)[:, None], places), 1 / origins)
    low, high = np.quantile(sums @ times.T, [(1 - level) / 2, (1 + level) / 2], axis=1)
    return float(np.mean((low > 0) | (high < 0)))


@dataclasses.dataclass(frozen=True)
class CalibratedCoverage:
    """What coverage a perfectly calibrated forecaster shows on overlapping origins."""

    low: float
    """The 5th percentile of the observed coverage."""
    high: float
    """The 95th percentile: with `low` it bounds the central 90 %."""
    mean: float
    probabilities: FloatArray
    """`[origins + 1]`: how likely it is that 0, 1, ... of the origins are covered."""

    def contains(self, observed: float) -> bool:
        """Return whether an observed coverage lies in the range, its ends included."""
        return self.low - 1e-9 <= observed <= self.high + 1e-9


def coverage_of_the_calibrated(
    origins: int,
    spacing_days: int,
    horizon_days: int,
    level: float,
    draws: int = 10_000,
    seed: int = 0,
    truth: Truth = "level_walk",
) -> CalibratedCoverage:
    """Simulate the observed coverage of a forecaster whose predictive distribution is the true one.

    The truth is a Gaussian random walk, the forecast from each origin its exact normal distribution given the
    past; overlapping horizons share steps, so that hits and misses come in runs. With `level_walk` the
    forecast level itself walks: the error from an origin is the sum of the steps to the target. With
    `rate_walk` the rate of change walks, as for a total whose weekly increments wander: a step k before the
    target counts k times.

    Args:
        origins: how many there are.
        spacing_days: days from one origin to the next.
        horizon_days: days from an origin to its target.
        level: of the forecaster's central intervals.
        draws: simulated histories.
        seed: any whole number; the same seed gives the same range.
        truth: `level_walk` or `rate_walk`.

    Raises:
        InputError: if a number is out of range or the truth unknown.
    """
    _check_level(level)
    _check_whole("origins", origins, 1)
    _check_whole("spacing_days", spacing_days, 1)
    _check_whole("horizon_days", horizon_days, 1)
    _check_whole("draws", draws, 100)
    if truth not in TRUTHS:
        raise InputError(f"There is no truth {truth!r}.", "truth", suggest(truth, TRUTHS))
    step = math.gcd(spacing_days, horizon_days)
    if truth == "rate_walk":
        # The rate moves inside the horizon too: weekly where the days allow, as the data come.
        step = math.gcd(step, 7)
    spacing, horizon = spacing_days // step, horizon_days // step
    weights = np.ones(horizon) if truth == "level_walk" else np.arange(horizon, 0, -1, dtype=np.float64)
    bound = stats.norm.ppf((1 + level) / 2) * math.sqrt(float(weights @ weights))
    chance = np.random.default_rng(seed)
    counts = np.zeros(origins + 1)
    length = (origins - 1) * spacing + horizon
    left = draws
    while left:
        # In portions: a year of days at many origins would fill the memory.
        portion = min(left, max(1, 2_000_000 // length))
        steps = chance.standard_normal((portion, length))
        errors = np.stack(
            [steps[:, o * spacing : o * spacing + horizon] @ weights for o in range(origins)], 1
        )
        counts += np.bincount((np.abs(errors) <= bound).sum(axis=1), minlength=origins + 1)
        left -= portion
    probabilities = counts / draws
    rising = np.cumsum(probabilities)
    low, high = (int(np.searchsorted(rising, share - 1e-12)) for share in (0.05, 0.95))
    mean = float(probabilities @ np.arange(origins + 1)) / origins
    return CalibratedCoverage(low / origins, high / origins, mean, probabilities)


def score_table(
    draws: npt.ArrayLike,
    truths: npt.ArrayLike,
    origins: Sequence[object],
    *,
    series: str,
    model: str,
    horizon_days: int,
) -> pd.DataFrame:
    """Return one row of scores for each origin of one model, series and horizon.

    Args:
        draws: `[origin, draw]`.
        truths: `[origin]`.
        origins: label of each origin that sorts by time, such as its date.
        series: what was forecast.
        model: who forecast it.
        horizon_days: days from origin to target.

    Returns:
        The columns of `TABLE`: CRPS (fair), log score (NaN where half of the draws are equal), interval score
        at 90 %, PIT, the ends of the intervals and whether they hold the truth. Tables of several models are
        joined by `pandas.concat`.

    Raises:
        InputError: if shapes or numbers are not usable.
    """
    x, y = _checked(draws, truths)
    if len(origins) != len(y):
        raise InputError(
            f"There are {len(origins)} labels of origins for {len(y)} truths.", "origins", "Give one each."
        )
    low_50, high_50 = central_interval(x, 0.5)
    low_90, high_90 = central_interval(x, 0.9)
    spread = high_50 > low_50
    logs = np.full(len(y), np.nan)
    if spread.any():
        logs[spread] = log_score(x[spread], y[spread])
    return pd.DataFrame(
        {
            "series": series,
            "model": model,
            "horizon_days": horizon_days,
            "origin": list(origins),
            "truth": y,
            "median": np.median(x, axis=1),
            "low_50": low_50,
            "high_50": high_50,
            "low_90": low_90,
            "high_90": high_90,
            "crps": crps(x, y),
            "log_score": logs,
            "interval_score_90": interval_score(x, y, 0.9),
            "pit": pit(x, y),
            "inside_50": inside(x, y, 0.5),
            "inside_90": inside(x, y, 0.9),
        },
        columns=list(TABLE),
    )


def _check_table(table: pd.DataFrame) -> None:
    lacking = [name for name in TABLE if name not in table.columns]
    if lacking or table.empty:
        raise InputError(
            f"The table of scores lacks {', '.join(lacking) if lacking else 'rows'}.",
            "table",
            "Join tables that `score_table` made.",
        )
    if table.duplicated([*KEYS, "origin"]).any():
        raise InputError(
            "An origin is scored twice for one model, series and horizon.", "table", "Join each table once."
        )


def summarise(table: pd.DataFrame) -> pd.DataFrame:
    """Return the mean scores of each model by series and horizon, one row each.

    Returns:
        `series`, `model`, `horizon_days`, `origins`; `crps`, `log_score` (over the origins that have one) and
        `interval_score_90` as means; `coverage_50` and `coverage_90` as shares.

    Raises:
        InputError: if columns are missing or an origin is scored twice.
    """
    _check_table(table)
    return (
        table.groupby(KEYS, sort=False)
        .agg(
            origins=("crps", "size"),
            crps=("crps", "mean"),
            log_score=("log_score", "mean"),
            interval_score_90=("interval_score_90", "mean"),
            coverage_50=("inside_50", "mean"),
            coverage_90=("inside_90", "mean"),
        )
        .reset_index()
    )


def compare_models(
    table: pd.DataFrame,
    model: str,
    spacing_days: int,
    *,
    score: str = "crps",
    draws: int = 10_000,
    seed: int = 0,
    level: float = 0.9,
) -> pd.DataFrame:
    """Compare one model with every other of a table, by series and horizon, on the origins both have.

    Args:
        table: joined tables of `score_table`.
        model: the first of each pair.
        spacing_days: days between origins, for the blocks of `default_block`.
        score: the column compared.
        draws: resamples.
        seed: any whole number.
        level: of the interval.

    Returns:
        `series`, `horizon_days`, `model`, `against`, `origins`, `complete` (whether these are all that the
        model was scored on), `block`, `difference`, `low`, `high`, `verdict` (of the model: better, worse,
        not told apart). A pair that shares fewer than two origins has no row.

    Raises:
        InputError: if the model or the score is not in the table.
    """
    _check_table(table)
    models = list(dict.fromkeys(table["model"]))
    if model not in models:
        raise InputError(f"The table has no model {model!r}.", "model", suggest(model, models))
    scores = ("crps", "log_score", "interval_score_90")
    if score not in scores:
        raise InputError(f"There is no score {score!r} to compare by.", "score", suggest(score, scores))
    rows = []
    for _, part in table.groupby(["series", "horizon_days"], sort=False):
        series, horizon = str(part["series"].iloc[0]), int(part["horizon_days"].iloc[0])
        # Dates sort into the order of time, which blocks need.
        wide = part.pivot(index="origin", columns="model", values=score).sort_index()
        for other in models:
            if other == model or other not in wide or model not in wide:
                continue
            both = wide[[model, other]].dropna()
            if len(both) < 2:
                continue
            block = default_block(horizon, spacing_days, len(both))
            found = paired_block_bootstrap(both[model], both[other], block, draws, seed, level)
            rows.append(
                {
                    "series": series,
                    "horizon_days": horizon,
                    "model": model,
                    "against": other,
                    "origins": found.origins,
                    "complete": len(both) == int(wide[model].notna().sum()),
                    "block": found.block,
                    "difference": found.mean,
                    "low": found.low,
                    "high": found.high,
                    "verdict": found.verdict,
                }
            )
    columns = (
        "series", "horizon_days", "model", "against", "origins", "complete", "block",
        "difference", "low", "high", "verdict",
    )  # fmt: skip
    return pd.DataFrame(rows, columns=list(columns))
