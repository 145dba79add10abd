"""What 400 years of land battles say about attrition: regressions on CDB90, and a check of daily losses.

The package ships a part of the battles of CDB90 (1600 to 1973); numbers of the whole table, where they are
quoted, are told apart. Battles without both strengths or without losses on both sides are left out. Units
range from a regiment for hours to armies for months; famous and Western battles are over-represented, and who
attacks chooses when: no coefficient here is a causal effect.

    ln(D's loss share / A's loss share) = c + m ln(A / D) + e,    m = p - q + 1

m is 0 under the logarithmic, 1 under the linear and 2 under the square law.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from ceasefire.evidence import load
from ceasefire.war.registry import Prior
from ceasefire.war.structure import ATTRITION_LAW

FloatArray = npt.NDArray[np.float64]

PERIODS = ((1600, 1799), (1800, 1899), (1900, 1938), (1939, 1973))
RATIO_BANDS = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, math.inf)
#: The slope m of log loss ratio on log strength ratio under the laws without free exponents.
SLOPES = {"logarithmic": 0.0, "linear": 1.0, "square": 2.0}
FEWEST_BATTLES = 5


@dataclasses.dataclass(frozen=True)
class Regression:
    """A least-squares fit: coefficients and standard errors by name, and what it leaves unexplained."""

    coefficients: dict[str, float]
    errors: dict[str, float]
    n: int
    r2: float
    residual_sd: float


def battles(table: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return the battles with strengths and losses above 0 on both sides, with the columns that fits use.

    Added: `year`, `ratio` (attacker over defender), `log_ratio`, `attacker_share` and `defender_share` lost,
    `log_exchange` (log of the defender's over the attacker's share), `fighting_days` (days begun).

    Args:
        table: battles in the columns of the shipped table; None for the shipped one.
    """
    frame = load().records("battles_cdb90") if table is None else table
    needed = ["attacker_strength", "defender_strength", "attacker_casualties", "defender_casualties"]
    kept = frame[(frame[needed] > 0).all(axis=1)].copy()
    kept["year"] = pd.to_datetime(kept["start_date"]).dt.year
    kept["ratio"] = kept["attacker_strength"] / kept["defender_strength"]
    kept["log_ratio"] = np.log(kept["ratio"])
    for role in ("attacker", "defender"):
        kept[f"{role}_share"] = kept[f"{role}_casualties"] / kept[f"{role}_strength"]
    kept["log_exchange"] = np.log(kept["defender_share"] / kept["attacker_share"])
    # A battle of hours costs what a day of it costs.
    kept["fighting_days"] = np.ceil(kept["duration_days"]).clip(lower=1.0)
    return kept.reset_index(drop=True)


def least_squares(
    columns: Mapping[str, FloatArray | pd.Series], outcome: FloatArray | pd.Series
) -> Regression:
    """Return the regression of an outcome on a constant and the columns, with the usual standard errors.

    Raises:
        ValueError: fewer rows than coefficients, or columns that repeat one another.
    """
    y = np.asarray(outcome, dtype=np.float64)
    names = ["constant", *columns]
    x = np.column_stack([np.ones(len(y)), *(np.asarray(one, dtype=np.float64) for one in columns.values())])
    if len(y) <= x.shape[1] or np.linalg.matrix_rank(x) < x.shape[1]:
        raise ValueError("too few rows, or columns that repeat one another")
    solution = np.linalg.lstsq(x, y)[0]
    residual = y - x @ solution
    variance = float(residual @ residual) / (len(y) - x.shape[1])
    errors = np.sqrt(variance * np.diag(np.linalg.inv(x.T @ x)))
    around = y - y.mean()
    return Regression(
        dict(zip(names, solution.tolist(), strict=True)),
        dict(zip(names, errors.tolist(), strict=True)),
        len(y),
        1.0 - float(residual @ residual) / float(around @ around),
        math.sqrt(variance),
    )


def exchange_slope(frame: pd.DataFrame) -> Regression:
    """Return the regression of the log loss ratio on the log strength ratio; its `log_ratio` is m."""
    return least_squares({"log_ratio": frame["log_ratio"]}, frame["log_exchange"])


def slopes_by_period(frame: pd.DataFrame) -> dict[str, Regression]:
    """Return `exchange_slope` for all battles and for each period, by its years."""
    result = {f"{PERIODS[0][0]}-{PERIODS[-1][1]}": exchange_slope(frame)}
    for first, last in PERIODS:
        result[f"{first}-{last}"] = exchange_slope(frame[frame["year"].between(first, last)])
    return result


def exponents(frame: pd.DataFrame) -> dict[str, Regression]:
    """Return ln losses = c + p ln(enemy) + q ln(own) for each role, with coefficients named p and q."""
    logs = {role: np.log(frame[f"{role}_strength"]) for role in ("attacker", "defender")}
    return {
        role: least_squares({"p": logs[other], "q": logs[role]}, np.log(frame[f"{role}_casualties"]))
        for role, other in (("attacker", "defender"), ("defender", "attacker"))
    }


def win_shares(table: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return how often the attacker won, by strength ratio, among battles with a winner (draws left out).

    A row for each band [`from`, `to`), with `share`, its standard error and `n`; the last row has all.
    """
    frame = load().records("battles_cdb90") if table is None else table
    known = frame["attacker_strength"].gt(0) & frame["defender_strength"].gt(0)
    decided = frame[frame["winner"].isin(["attacker", "defender"]) & known]
    ratio = decided["attacker_strength"] / decided["defender_strength"]
    won = (decided["winner"] == "attacker").to_numpy(dtype=float)
    rows = []
    bands = [*itertools.pairwise(RATIO_BANDS), (0.0, math.inf)]
    for low, high in bands:
        here = won[((ratio >= low) & (ratio < high)).to_numpy()]
        share = float(here.mean()) if here.size else math.nan
        error = math.sqrt(share * (1.0 - share) / here.size) if here.size else math.nan
        rows.append({"from": low, "to": high, "share": share, "error": error, "n": here.size})
    return pd.DataFrame(rows)


# What the battles say about rival laws


@dataclasses.dataclass(frozen=True)
class LawWeights:
    """Weights of the four attrition laws, and how they came about.

    `weights` are those for a war that is not in the table. `pooled` are those if all wars had one slope: they
    show what leaving out the differences between wars would claim.
    """

    weights: dict[str, float]
    pooled: dict[str, float]
    slope: float
    slope_error: float
    between_wars: float
    """The standard deviation of the slope between wars."""
    wars: int
    battles: int
    r2: float
    residual_sd: float
    sentence: str


def war_slopes(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the slope m within each war of at least five battles, with its standard error.

    Each war has a level of its own; wars that began in one period share one residual spread.

    Raises:
        ValueError: fewer than three wars have enough battles.
    """
    squares, left = np.zeros(len(PERIODS)), np.zeros(len(PERIODS))
    rows = []
    for war, group in frame.groupby("war", sort=True):
        x = group["log_ratio"].to_numpy() - group["log_ratio"].mean()
        y = group["log_exchange"].to_numpy() - group["log_exchange"].mean()
        variation = float(x @ x)
        if len(group) < FEWEST_BATTLES or variation < 1e-9:
            continue
        slope = float(x @ y) / variation
        period = sum(int(group["year"].min()) > last for _, last in PERIODS[:-1])
        squares[period] += float(np.sum((y - slope * x) ** 2))
        left[period] += len(group) - 2
        rows.append((war, len(group), slope, variation, period))
    if len(rows) < 3:
        raise ValueError("fewer than three wars have enough battles")
    result = pd.DataFrame(rows, columns=["war", "n", "slope", "variation", "period"])
    own = result.pop("period").to_numpy()
    result["error"] = np.sqrt(squares[own] / left[own] / result.pop("variation"))
    return result


def between_wars(slopes: FloatArray, errors: FloatArray) -> tuple[float, float, float]:
    """Return the mean slope, its standard error and the spread between wars (restricted likelihood).

    slope of a war ~ Normal(mean, error^2 + spread^2)
    """

    def weighted(spread: float) -> tuple[float, float, float]:
        weight = 1.0 / (errors**2 + spread**2)
        mean = float(weight @ slopes / weight.sum())
        misfit = float(
            np.sum(np.log(errors**2 + spread**2)) + math.log(weight.sum()) + weight @ (slopes - mean) ** 2
        )
        return misfit, mean, float(weight.sum() ** -0.5)

    grid = np.linspace(0.0, 4.0 * float(np.std(slopes)) + 1e-9, 2_001)
    best = float(min(grid, key=lambda spread: weighted(float(spread))[0]))
    _, mean, error = weighted(best)
    return mean, error, best


def law_weights(frame: pd.DataFrame | None = None) -> LawWeights:
    """Return what the battles imply as weights of the four attrition laws.

    The rule: equal odds beforehand; the weight of a law is the density, at the slope that the law demands, of
    the slope m that a war outside the table would show:

        m of a new war ~ Normal(mean, spread between wars^2 + error of the mean^2)

    The mixed law demands no one slope: its density is the average over the prior of p - q + 1. The density is
    that of slopes within wars, each war with a level of its own.
    """
    frame = battles() if frame is None else frame
    pooled = exchange_slope(frame)
    slopes = war_slopes(frame)
    mean, error, spread = between_wars(slopes["slope"].to_numpy(), slopes["error"].to_numpy())
    new = _normalised(mean, math.hypot(error, spread))
    says = max(new, key=lambda law: new[law])
    sentence = (
        f"The {says} law has the most weight, {new[says]:.0%}, but numbers explain little: the slope is"
        f" {mean:.2f} (standard error {error:.2f}) within wars, differs by {spread:.2f} between them, and the"
        f" ratio of numbers explains {pooled.r2:.0%} of the differences in losses between battles."
    )
    return LawWeights(
        weights=new,
        pooled=_normalised(pooled.coefficients["log_ratio"], pooled.errors["log_ratio"]),
        slope=mean,
        slope_error=error,
        between_wars=spread,
        wars=len(slopes),
        battles=int(slopes["n"].sum()),
        r2=pooled.r2,
        residual_sd=pooled.residual_sd,
        sentence=sentence,
    )


def _normalised(mean: float, spread: float) -> dict[str, float]:
    """Return the weights of the laws from the normal density of a slope."""
    middle, width = mixed_slope()
    logs = {law: float(stats.norm.logpdf(slope, mean, spread)) for law, slope in SLOPES.items()}
    logs["mixed"] = float(stats.norm.logpdf(middle, mean, math.hypot(spread, width)))
    top = max(logs.values())
    odds = {law: math.exp(logs[law] - top) for law in ATTRITION_LAW.choices}
    total = sum(odds.values())
    return {law: value / total for law, value in odds.items()}


def mixed_slope() -> tuple[float, float]:
    """Return the mean and the standard deviation of p - q + 1 under the war's priors of the mixed law."""
    from ceasefire.war import REGISTRY

    def moments(prior: Prior) -> tuple[float, float]:
        return prior.best, (prior.high - prior.low) / (2.0 * float(stats.norm.ppf(0.95)))

    p, p_spread = moments(REGISTRY["mixed_enemy_exponent"].prior)
    q, q_spread = moments(REGISTRY["mixed_own_exponent"].prior)
    return p - q + 1.0, math.hypot(p_spread, q_spread)


# Does a fitted law give daily losses like those that happened?

STATISTICS = {
    "attacker_median": "median daily loss of attackers",
    "defender_median": "median daily loss of defenders",
    "attacker_high": "daily loss of attackers that one battle in twenty exceeds",
    "defender_high": "daily loss of defenders that one battle in twenty exceeds",
    "attacker_spread": "quartile ratio of attackers' daily losses",
    "defender_spread": "quartile ratio of defenders' daily losses",
    "attacker_tilt": "how attackers' daily losses fall with the log of their own superiority",
    "defender_tilt": "how defenders' daily losses rise with the log of the attacker's superiority",
    "together": "correlation of both sides' log daily losses within battles",
    "impossible": "share of battles in which a side loses more than all in a day",
}


@dataclasses.dataclass(frozen=True)
class Check:
    """One statistic of daily loss rates: observed, what the fitted law gives (5, 50, 95 %), tail probability.

    `tail` is the share of replications on the far side of what was observed, doubled, at most 1: small means
    that the law does not give such data.
    """

    law: str
    statistic: str
    meaning: str
    observed: float
    low: float
    middle: float
    high: float
    tail: float
    verdict: str


def daily_rates(frame: pd.DataFrame, first: int = 1939, last: int = 1973) -> pd.DataFrame:
    """Return the share of strength lost per day of fighting by each role, for battles of these years."""
    kept = frame[frame["year"].between(first, last)]
    days = kept["fighting_days"]
    return pd.DataFrame(
        {
            "log_ratio": kept["log_ratio"],
            "attacker": kept["attacker_share"] / days,
            "defender": kept["defender_share"] / days,
            "log_attackers": np.log(kept["attacker_strength"]),
            "log_defenders": np.log(kept["defender_strength"]),
        }
    ).reset_index(drop=True)


def posterior_predictive(
    rates: pd.DataFrame, law: str = "free", *, draws: int = 1_000, seed: int = 1
) -> list[Check]:
    """Return how daily loss rates that a fitted law gives compare with those that happened.

        ln(losses per day / strength) = c + p ln(enemy) + (q - 1) ln(own) + e

    with c for each role, (p, q) fixed by the law or, if `free`, estimated for each role, and e normal with a
    covariance between the roles of one battle. The posterior is that under a flat prior of coefficients and
    Jeffreys' prior of the covariance; each draw replicates all battles.

    `free` was fitted to these very battles and `mixed` rests on them: that they pass shows that the errors
    have the right shape, no more. A law with fixed exponents is asked for much: one coefficient for units of
    all sizes.

    Args:
        rates: what `daily_rates` returns.
        law: `logarithmic`, `linear`, `square`, `mixed` (the war's best guess of p and q) or `free`.
        draws: replications.
        seed: of the random numbers.

    Raises:
        KeyError: no such law.
    """
    from ceasefire.war import REGISTRY

    random = np.random.default_rng(seed)
    x = rates[["log_attackers", "log_defenders"]].to_numpy()
    logs = np.log(rates[["attacker", "defender"]].to_numpy())
    n = len(logs)
    if law == "free":
        # The same columns for both roles: enemy and own numbers exchange places.
        design = np.column_stack([np.ones(n), x])
        known = np.zeros((n, 2))
    else:
        best = {
            "mixed": (
                REGISTRY["mixed_enemy_exponent"].prior.best,
                REGISTRY["mixed_own_exponent"].prior.best,
            ),
            "logarithmic": (0.0, 1.0),
            "linear": (1.0, 1.0),
            "square": (1.0, 0.0),
        }
        p, q = best[law]
        design = np.ones((n, 1))
        known = np.column_stack([p * x[:, 1] + (q - 1.0) * x[:, 0], p * x[:, 0] + (q - 1.0) * x[:, 1]])
    middle = np.linalg.lstsq(design, logs - known)[0]
    residual = logs - known - design @ middle
    scatter = residual.T @ residual
    root = np.linalg.cholesky(np.linalg.inv(design.T @ design))
    seen = _statistics(rates["log_ratio"].to_numpy(), logs)
    told: dict[str, list[float]] = {name: [] for name in STATISTICS}
    for _ in range(draws):
        covariance = np.atleast_2d(
            stats.invwishart.rvs(df=n - design.shape[1], scale=scatter, random_state=random)
        )
        half = np.linalg.cholesky(covariance)
        coefficients = middle + root @ random.standard_normal(middle.shape) @ half.T
        again = known + design @ coefficients + random.standard_normal((n, 2)) @ half.T
        for name, value in _statistics(rates["log_ratio"].to_numpy(), again).items():
            told[name].append(value)
    return [_check(law, name, seen[name], np.array(values)) for name, values in told.items()]


def _statistics(log_ratio: FloatArray, logs: FloatArray) -> dict[str, float]:
    """Return every statistic of log daily loss rates `[n, 2]`, attacker first."""
    rates = np.exp(logs)
    low, middle, high, top = np.quantile(rates, [0.25, 0.5, 0.75, 0.95], axis=0)
    x = log_ratio - log_ratio.mean()
    tilt = x @ (logs - logs.mean(axis=0)) / (x @ x)
    return {
        "attacker_median": float(middle[0]),
        "defender_median": float(middle[1]),
        "attacker_high": float(top[0]),
        "defender_high": float(top[1]),
        "attacker_spread": float(high[0] / low[0]),
        "defender_spread": float(high[1] / low[1]),
        "attacker_tilt": float(-tilt[0]),
        "defender_tilt": float(tilt[1]),
        "together": float(np.corrcoef(logs[:, 0], logs[:, 1])[0, 1]),
        "impossible": float(np.mean(rates.max(axis=1) > 1.0)),
    }


def _check(law: str, name: str, seen: float, told: FloatArray) -> Check:
    above = float(np.mean(told >= seen))
    below = float(np.mean(told <= seen))
    tail = min(1.0, 2.0 * min(above, below))
    low, middle, high = (float(one) for one in np.quantile(told, [0.05, 0.5, 0.95]))
    if tail >= 0.1:
        verdict = "the law gives such data"
    elif tail >= 0.01:
        verdict = "unusual under the law"
    else:
        side = "more" if seen > middle else "less"
        verdict = f"the law does not give this: {side} than it allows"
    return Check(law, name, STATISTICS[name], seen, low, middle, high, tail, verdict)
