"""Which policy holds up when parameters, structure and what counts are all in doubt.

Decision making under deep uncertainty (Lempert, Popper and Bankes 2003, Shaping the Next One Hundred Years;
the criteria after McPhail et al. 2018, Earth's Future 6, 169-191): policies are compared over the same
sampled wars, and it is asked how much each may fall short (regret), how often it meets what was asked for
(satisficing), whether another is at least as good in everything (Pareto front), and whether the choice stays
when the structure or the stated values change. Nothing here says which outcome counts how much: that is
stated by whoever asks.

`values` are `[S, N]` or `[S, O, N]`: S policies, O outcomes, the same N sampled wars under each policy. Of
values `[S, N]` more is better; `oriented` turns the sign of outcomes of which less is better. Wars that share
a posterior draw are not independent, so that intervals (90 %) and errors resample whole draws (500 times).

What a decision maker who knew the parameters would expect is the mean over the wars of a draw. With few wars
in a draw that mean still holds chance, which would be counted as known. With B the covariance between draws
and W that within a draw (one-way analysis of variance, unequal sizes: Searle, Casella and McCulloch 1992,
ch. 3), the means of draws with n wars have covariance A = B + W / n and are moved by the linear map

    T = B^1/2 (B^1/2 A B^1/2)^-1/2 B^1/2,

which brings their covariance from A to B (moment matching, as in Heath, Manolopoulou and Baio 2018, Medical
Decision Making 38, 163-173). This is exact where draws and chance are normal, leaves out no draw, and moves
nothing where wars of one draw agree. Where the spread of the draws is skewed and drowned by chance it is off
by a part of what it takes away: more wars in a draw are then the cure.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from ceasefire.analysis.compare import error_of_mean
from ceasefire.files import InputError, suggest

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

RESAMPLES = 500
# Ends of the intervals, 90 %.
LEVELS = (0.05, 0.95)
# Which regret, besides the mean and the largest, is told.
QUANTILE = 0.9
# Wars beyond the first of a draw, all draws together, that tell chance from parameters.
LEAST_REPEATED = 20
# Numbers that are held at a time while resampling.
AT_ONCE = 2_000_000
# Differences below this share of the spread are rounding.
TOLERANCE = 1e-9
STATED = "stated"
JOINTLY = "all of them"
EVERY_WORLD = "all worlds"
PARAMETERS, STRUCTURE, HINDSIGHT = "parameters", "structure", "parameters and chance"
STATISTICS = ("mean", "percentile_90", "maximum")

LIMITS = (
    "only the policies, outcomes and wars that were given are compared",
    "which outcomes count, and how much one unit counts, was stated and not found",
    "the largest regret is that of the sampled wars, and grows with their number",
)


@dataclasses.dataclass(frozen=True)
class Criterion:
    """An outcome by which policies are compared."""

    name: str
    unit: str
    less_is_better: bool = True
    meaning: str = ""


@dataclasses.dataclass(frozen=True)
class Estimate:
    """A number with its Monte-Carlo error and its 90 % interval."""

    value: float
    mc_error: float
    low: float
    high: float


class Resamples:
    """Whole draws, resampled: how often each counts."""

    def __init__(self, draws: npt.ArrayLike | None, wars: int, seed: int = 0) -> None:
        """Resample.

        Args:
            draws: the draw of each war, `[N]` whole numbers; None: no two wars share one.
            wars: N.
            seed: of the resampling.

        Raises:
            InputError: draws that are not N whole numbers, or only one draw.
        """
        given = np.arange(wars) if draws is None else np.asarray(draws)
        if given.shape != (wars,) or not np.issubdtype(given.dtype, np.integer):
            raise InputError(
                f"the draws are not one whole number for each of {wars:,} wars.",
                "draws",
                "give the number of the draw of each war, or none where no two wars share one.",
            )
        _, index = np.unique(given, return_inverse=True)
        self.draw: IntArray = index.astype(np.int64)
        self.size: FloatArray = np.bincount(self.draw).astype(np.float64)
        self.number = self.size.size
        if self.number < 2:
            raise InputError(
                "all wars come from one draw: nothing can be said of other draws.",
                "draws",
                "sample wars from at least two draws.",
            )
        rng = np.random.default_rng([seed, 7])
        share = np.full(self.number, 1.0 / self.number)
        self.counts: FloatArray = rng.multinomial(self.number, share, RESAMPLES).astype(np.float64)

    @property
    def shared(self) -> bool:
        """Whether wars share draws."""
        return self.number < self.draw.size

    def summed(self, values: FloatArray) -> FloatArray:
        """Return sums over the wars of each draw, `[..., D]` of values `[..., N]`."""
        flat = values.reshape(-1, values.shape[-1])
        sums = np.array([np.bincount(self.draw, weights=row, minlength=self.number) for row in flat])
        return sums.reshape(*values.shape[:-1], self.number)

    def means(self, values: FloatArray) -> FloatArray:
        """Return the mean over the wars of each resample, `[R, ...]` of values `[..., N]`."""
        sums = self.summed(values)
        total: FloatArray = np.tensordot(self.counts, sums, axes=([1], [sums.ndim - 1]))
        count = (self.counts @ self.size).reshape(-1, *([1] * (sums.ndim - 1)))
        return np.asarray(total / count)

    def of_each(self, found: Callable[[FloatArray], FloatArray], width: int) -> FloatArray:
        """Return what a function finds with counts `[r, D]`, for all resamples, a part of them at a time.

        Args:
            found: from counts to something of each resample, `[r, ...]`.
            width: numbers that it holds for one resample.
        """
        parts = max(1, math.ceil(RESAMPLES * width / AT_ONCE))
        return np.concatenate(
            [found(counts) for counts in np.array_split(self.counts, min(parts, RESAMPLES))]
        )

    def estimate(self, values: FloatArray) -> Estimate:
        """Return the mean of values `[N]` with its error and interval."""
        low, high = ends(self.means(values), value := float(values.mean()))
        return Estimate(value, error_of_mean(values, self.draw), low, high)


def ends(resampled: FloatArray, value: float) -> tuple[float, float]:
    """Return the ends of the 90 % interval of resampled numbers `[R]` that holds a value."""
    known = resampled[np.isfinite(resampled)]
    if not known.size or not math.isfinite(value):
        return math.nan, math.nan
    low, high = np.quantile(known, LEVELS)
    return min(float(low), value), max(float(high), value)


class ByDraw:
    """What is expected in each draw under each policy, with chance taken off; see the module."""

    def __init__(self, values: FloatArray, resamples: Resamples) -> None:
        """Take the means of draws, and what lies within.

        Args:
            values: `[S, N]`.
            resamples: the draws.
        """
        # What all policies share is no matter of choice.
        centred = values - values.mean(axis=0)
        self.size = resamples.size
        self.mean: FloatArray = (resamples.summed(centred) / self.size).T
        inside = centred - self.mean.T[:, resamples.draw]
        products = inside[:, None] * inside[None]
        self.scatter: FloatArray = np.moveaxis(resamples.summed(products), -1, 0)
        spread = float(np.abs(centred).max())
        self.alike = float(np.abs(inside).max()) <= TOLERANCE * spread

    @property
    def enough(self) -> bool:
        """Whether wars share draws often enough for chance to be told from parameters."""
        repeated = float((self.size - 1.0).sum())
        return repeated >= LEAST_REPEATED or (self.alike and repeated > 0.0)

    def known(self, counts: FloatArray) -> FloatArray:
        """Return what is expected in each draw, `[r, S, D]`, less what is common to all policies.

        Args:
            counts: how often each draw counts in each of some resamples, `[r, D]`.
        """
        policies = self.mean.shape[1]
        if self.alike:
            return np.broadcast_to(self.mean.T, (counts.shape[0], policies, self.size.size))
        weight = counts * self.size
        total = weight.sum(axis=1)
        # From the mean of all, so that policies far apart lose no digits.
        start = self.size @ self.mean / self.size.sum()
        off = self.mean - start
        grand = weight @ off / total[:, None]
        squares = (off[:, :, None] * off[:, None]).reshape(self.size.size, -1)
        second = (weight @ squares).reshape(-1, policies, policies) / total[:, None, None]
        observed = second - grand[:, :, None] * grand[:, None]
        inside = (counts @ self.scatter.reshape(self.size.size, -1)).reshape(observed.shape)
        freedom = counts @ (self.size - 1.0)
        within = inside / np.where(freedom > 0.0, freedom, 1.0)[:, None, None]
        left = np.maximum(1.0 - counts @ self.size**2 / total**2, 1e-12)
        by_chance = (counts.sum(axis=1) - 1.0) / total
        between = (observed - within * by_chance[:, None, None]) / left[:, None, None]
        moved = np.empty((counts.shape[0], policies, self.size.size))
        for size in np.unique(self.size):
            chosen = self.size == size
            moved[:, :, chosen] = _map(between, within / size) @ (off[chosen].T - grand[:, :, None])
        # Sizes differ in how far they are moved: the mean over all stays.
        moved += (start + grand - (moved @ weight[:, :, None])[:, :, 0] / total[:, None])[:, :, None]
        return moved


def _map(between: FloatArray, left: FloatArray) -> FloatArray:
    """Return the maps from the covariances `between + left` to `between`, `[r, S, S]` each."""
    root = _power(between, 0.5)
    inner = root @ (root @ root + left) @ root
    return np.asarray(root @ _power(inner, -0.5) @ root)


def _power(matrices: FloatArray, exponent: float) -> FloatArray:
    """Return a power of symmetric matrices `[r, S, S]`, with what is not positive left out."""
    values, vectors = np.linalg.eigh(matrices)
    largest = np.abs(values).max(axis=1, keepdims=True)
    positive = values > 1e-12 * np.maximum(largest, 1e-300)
    powers = np.where(positive, np.where(positive, values, 1.0) ** exponent, 0.0)
    return np.asarray((vectors * powers[:, None]) @ np.swapaxes(vectors, 1, 2))


# What is given, checked once.


def names_of(policies: Sequence[str], number: int) -> tuple[str, ...]:
    """Return the names of policies, or `policy 1` and so on where none are given.

    Raises:
        InputError: another number of names, or one name twice.
    """
    names = tuple(str(name) for name in policies) or tuple(f"policy {one + 1}" for one in range(number))
    if len(names) != number or len(set(names)) != number:
        raise InputError(
            f"there are {number} policies and {len(set(names))} different names.",
            "policies",
            "name each policy once, in the order of the values.",
        )
    return names


def checked(
    values: npt.ArrayLike, policies: Sequence[str], outcomes: Sequence[str] | None = None
) -> tuple[FloatArray, tuple[str, ...]]:
    """Return values as numbers, and the names of the policies.

    Args:
        values: `[S, N]`, or `[S, O, N]` with outcomes.
        policies: their names; none: they are numbered.
        outcomes: names of the outcomes; None: there is one.

    Raises:
        InputError: another shape, fewer than two policies or wars, or a value that is no number.
    """
    given = np.asarray(values, dtype=np.float64)
    shape = "policies x wars" if outcomes is None else "policies x outcomes x wars"
    if given.ndim != (2 if outcomes is None else 3):
        raise InputError(
            f"the values have {given.ndim} dimensions and not {2 if outcomes is None else 3}.",
            "values",
            f"give them as {shape}.",
        )
    if given.shape[0] < 2:
        raise InputError(
            "there is only one policy: there is nothing to choose.", "values", "give at least two policies."
        )
    if given.shape[-1] < 2:
        raise InputError("there are fewer than two wars.", "values", f"give them as {shape}.")
    if outcomes is not None and (len(outcomes) != given.shape[1] or len(set(outcomes)) != len(outcomes)):
        raise InputError(
            f"the values hold {given.shape[1]} outcomes and {len(set(outcomes))} different names are given.",
            "outcomes",
            "name each outcome once, in the order of the values.",
        )
    names = names_of(policies, given.shape[0])
    if not np.isfinite(given).all():
        first = np.argwhere(~np.isfinite(given))[0]
        where = f"policy '{names[first[0]]}'"
        if outcomes is not None:
            where += f", outcome '{outcomes[first[1]]}'"
        raise InputError(
            f"{int((~np.isfinite(given)).sum()):,} of the values are not numbers.",
            f"{where}, war {int(first[-1])}",
            "leave wars out that failed under any policy.",
        )
    return given, names


def worlds_of(
    worlds: npt.ArrayLike | None, names: Sequence[str], wars: int
) -> tuple[IntArray, tuple[str, ...]]:
    """Return the world of each war, `[N]`, and the names of the worlds that there are.

    Raises:
        InputError: worlds that are not N whole numbers, or a number without a name.
    """
    if worlds is None:
        return np.zeros(wars, dtype=np.int64), ()
    given = np.asarray(worlds)
    if given.shape != (wars,) or not np.issubdtype(given.dtype, np.integer):
        raise InputError(
            f"the worlds are not one whole number for each of {wars:,} wars.",
            "worlds",
            "give the number of the rival structure of each war.",
        )
    codes, index = np.unique(given, return_inverse=True)
    if names and (codes[0] < 0 or codes[-1] >= len(names)):
        raise InputError(
            f"world {int(codes[-1] if codes[0] >= 0 else codes[0])} has no name.",
            "worlds",
            f"number the worlds from 0 to {len(names) - 1}, in the order of their names.",
        )
    told = tuple(str(names[code]) if names else f"world {code}" for code in codes)
    return index.astype(np.int64), told


def oriented(values: npt.ArrayLike, outcomes: Sequence[Criterion]) -> FloatArray:
    """Return values `[S, O, N]` of which more is better: of outcomes of which less is, the sign is turned."""
    sign = np.array([-1.0 if one.less_is_better else 1.0 for one in outcomes])
    return np.asarray(np.asarray(values, dtype=np.float64) * sign[:, None])


Weights = Mapping[str, float] | Mapping[str, Mapping[str, float]]


def weighted(values: npt.ArrayLike, outcomes: Sequence[Criterion], weights: Weights) -> dict[str, FloatArray]:
    """Return the weighted sum of outcomes for each set of stated values, more is better.

    Equation: V = sum over outcomes of w x, with x turned where less is better.

    Args:
        values: `[S, O, N]`.
        outcomes: O of them.
        weights: how much one unit of each outcome counts, by name, at least 0; an outcome that is not named
            counts 0. Or several such sets by name.

    Returns:
        `[S, N]` for each set; the only one is called `stated`.

    Raises:
        InputError: an unknown outcome, a weight below zero or no number, or weights that sum to nothing.
    """
    given, _ = checked(values, (), [one.name for one in outcomes])
    turned = oriented(given, outcomes)
    found = {}
    for label, chosen in _sets(weights).items():
        row = np.array([_weight(chosen, one.name, label) for one in outcomes])
        for name in chosen:
            _known(name, outcomes, f"weights '{label}'")
        if not row.sum() > 0.0:
            raise InputError(
                "the weights sum to nothing: no outcome counts.",
                f"weights '{label}'",
                "give at least one outcome a weight above zero.",
            )
        found[label] = np.asarray(np.einsum("o,son->sn", row, turned))
    return found


def _sets(weights: Weights) -> dict[str, Mapping[str, float]]:
    sets = {str(name): one for name, one in weights.items() if isinstance(one, Mapping)}
    if len(sets) == len(weights) and sets:
        return sets
    point = {str(name): one for name, one in weights.items() if not isinstance(one, Mapping)}
    if sets:
        raise InputError(
            "some weights are numbers and some are sets of them.",
            "weights",
            "give one number for each outcome, or several named sets.",
        )
    return {STATED: point}


def _weight(chosen: Mapping[str, float], name: str, label: str) -> float:
    weight = float(chosen.get(name, 0.0))
    if not (math.isfinite(weight) and weight >= 0.0):
        raise InputError(
            f"the weight of '{name}' is {weight:g}.",
            f"weights '{label}'",
            "give a number of at least 0; the outcome itself says whether less is better.",
        )
    return weight


def _known(name: str, outcomes: Sequence[Criterion], where: str) -> Criterion:
    known = {one.name: one for one in outcomes}
    if name not in known:
        raise InputError(f"'{name}' is no outcome.", where, suggest(name, known))
    return known[name]


# Regret.


def regret(
    values: npt.ArrayLike,
    draws: npt.ArrayLike | None = None,
    *,
    policies: Sequence[str] = (),
    worlds: npt.ArrayLike | None = None,
    world_names: Sequence[str] = (),
    only_first: bool = False,
    seed: int = 0,
) -> pd.DataFrame:
    """Return how far each policy falls short of the best, by what is taken to be known.

    Equation: R_s = max over policies of V - V_s (Savage 1951, J. American Statistical Association 46, 55-67),
    of the values V that are expected by someone who knows

    * `parameters`: those of the draw, chance taken off (see the module): the regret of a decision maker who
      knew the parameters and could not know chance. It comes first, since no evidence teaches chance, and
      regret that includes it calls bad luck a bad choice. Left out where wars do not share draws often
      enough, since then parameters cannot be told from chance;
    * `parameters and chance`: the war itself. The best of each war is chosen with hindsight of chance as
      well; a policy may have much of this regret and be the best that anyone could have chosen;
    * `structure`: which of the rival worlds holds, from the mean over its wars. With few wars in a world it
      is somewhat too high.

    Draws and worlds count by their wars.

    Args:
        values: `[S, N]`, more is better, in any unit; regret has the same.
        draws: the draw of each war, `[N]`; None: no two wars share one.
        policies: names, S of them.
        worlds: the number of the rival world of each war, `[N]`.
        world_names: names of the worlds.
        only_first: whether to return the first `knowing` alone, of parameters where these can be told.
        seed: of the resampling.

    Returns:
        One row for each policy and each `knowing`: `mean`, `percentile_90` (the least regret that nine in ten
        do not exceed) and `maximum`, each with `_low` and `_high`. The maximum is the largest in the sample:
        it grows with the number of wars, and resampling cannot show a larger one.

    Raises:
        InputError: values, draws or worlds of another shape, a value that is no number, or one policy only.
    """
    given, names = checked(values, policies)
    resamples = Resamples(draws, given.shape[1], seed)
    world, told = worlds_of(worlds, world_names, given.shape[1])
    by_draw = ByDraw(given, resamples)
    found: dict[str, tuple[FloatArray, FloatArray]] = {}
    size = given.size
    if by_draw.enough:
        found[PARAMETERS] = _resampled_regret(
            lambda counts: _statistics(shortfall(by_draw.known(counts)), counts * resamples.size),
            resamples,
            given.shape[0] * resamples.number,
        )
    if not (only_first and found):
        by_war = shortfall(given)
        order = np.argsort(by_war, axis=1)
        found[HINDSIGHT] = _resampled_regret(
            lambda counts: _statistics(by_war[None], counts[:, resamples.draw], order[None]), resamples, size
        )
    if len(told) > 1 and not only_first:
        parts = _sums_by_world(given, world, len(told), resamples)
        found[STRUCTURE] = _resampled_regret(
            lambda counts: _of_worlds(*parts, counts), resamples, given.shape[0] * len(told)
        )
    rows = []
    for knowing, (value, resampled) in found.items():
        for number, name in enumerate(names):
            row: dict[str, object] = {"policy": name, "knowing": knowing}
            for column, statistic in enumerate(STATISTICS):
                low, high = ends(resampled[:, number, column], float(value[number, column]))
                row[statistic] = float(value[number, column])
                row[f"{statistic}_low"], row[f"{statistic}_high"] = low, high
            rows.append(row)
    return pd.DataFrame(rows)


def shortfall(values: FloatArray) -> FloatArray:
    """Return the regret of each policy in each war, or whatever else the columns are, `[..., S, M]`."""
    return np.asarray(values.max(axis=-2, keepdims=True) - values)


def _resampled_regret(
    statistics: Callable[[FloatArray], FloatArray], resamples: Resamples, width: int
) -> tuple[FloatArray, FloatArray]:
    """Return statistics `[S, 3]` as they are and for each resample, `[R, S, 3]`."""
    return statistics(np.ones((1, resamples.number)))[0], resamples.of_each(statistics, width)


def _statistics(
    regrets: FloatArray, weight: FloatArray, order: npt.NDArray[np.intp] | None = None
) -> FloatArray:
    """Return mean, 90th percentile and maximum, `[r, S, 3]`, of regrets that count by weight.

    Args:
        regrets: `[r, S, M]`, or `[1, S, M]` where they are the same in all resamples.
        weight: `[r, M]`.
        order: that of the regrets, where it is known.
    """
    order = np.argsort(regrets, axis=2) if order is None else order
    ranked = np.take_along_axis(regrets, order, axis=2)
    weighed = np.take_along_axis(weight[:, None], order, axis=2)
    total = weight.sum(axis=1)[:, None]
    below = np.cumsum(weighed, axis=2)
    place = (below < (QUANTILE - TOLERANCE) * total[:, :, None]).sum(axis=2)[:, :, None]
    last = (below < total[:, :, None]).sum(axis=2)[:, :, None]
    ranked = np.broadcast_to(ranked, below.shape)
    percentile, most = (np.take_along_axis(ranked, at, axis=2)[:, :, 0] for at in (place, last))
    mean = (regrets @ weight[:, :, None])[:, :, 0] / total
    return np.stack([mean, percentile, most], axis=2)


def _sums_by_world(
    values: FloatArray, world: IntArray, number: int, resamples: Resamples
) -> tuple[FloatArray, FloatArray]:
    """Return sums of values by draw within each world, `[W, S, D]`, and the wars in them, `[W, D]`."""
    inside = (world == np.arange(number)[:, None]).astype(np.float64)
    return resamples.summed(inside[:, None] * values), resamples.summed(inside)


def _of_worlds(sums: FloatArray, size: FloatArray, counts: FloatArray) -> FloatArray:
    weight = counts @ size.T
    mean = np.moveaxis(sums @ counts.T, 2, 0) / np.where(weight > 0.0, weight, 1.0)[:, :, None]
    return _statistics(shortfall(np.swapaxes(mean, 1, 2)), weight)


# Satisficing.


def satisficing(
    values: npt.ArrayLike,
    outcomes: Sequence[Criterion],
    thresholds: Mapping[str, float],
    draws: npt.ArrayLike | None = None,
    *,
    policies: Sequence[str] = (),
    seed: int = 0,
) -> pd.DataFrame:
    """Return the share of wars in which each policy meets stated thresholds.

    The domain criterion: the share of sampled worlds in which what was asked for is met (Starr 1963, Product
    Design and Decision Theory; Herman et al. 2015, J. Water Resources Planning and Management 141, 04015012).
    It is a share of the sampled wars, and means what their sampling means.

    Args:
        values: `[S, O, N]`.
        outcomes: O of them.
        thresholds: by outcome, in its unit: no more than it where less is better, no less where more is.
        draws: the draw of each war, `[N]`; None: no two wars share one.
        policies: names, S of them.
        seed: of the resampling.

    Returns:
        One row for each policy and outcome with a threshold, and where there are several one for `all of
        them` jointly: `policy`, `outcome`, `threshold`, `unit`, `share`, `mc_error`, `low`, `high`. Where all
        wars or none meet it, resampling shows no other share, and the end of the interval is the share p with
        p^D = 0.05 (or 1 - p) for D draws.

    Raises:
        InputError: no threshold, one of an unknown outcome, or one that is no number; bad values.
    """
    given, names = checked(values, policies, [one.name for one in outcomes])
    resamples = Resamples(draws, given.shape[2], seed)
    if not thresholds:
        raise InputError("there is no threshold.", "thresholds", "give one for at least one outcome.")
    limits: dict[str, float] = {}
    for name, limit in thresholds.items():
        _known(name, outcomes, "thresholds")
        limits[name] = float(limit)
        if math.isnan(limits[name]):
            raise InputError(f"the threshold of '{name}' is no number.", "thresholds", "give a number.")
    turned = oriented(given, outcomes)
    rows = []
    for policy, own in zip(names, turned, strict=True):
        met: dict[str, npt.NDArray[np.bool_]] = {}
        for one, row in zip(outcomes, own, strict=True):
            if one.name in limits:
                sign = -1.0 if one.less_is_better else 1.0
                met[one.name] = row >= sign * limits[one.name]
        if len(met) > 1:
            met[JOINTLY] = np.logical_and.reduce(list(met.values()))
        units = {one.name: one.unit for one in outcomes}
        for name, reached in met.items():
            rows.append(
                {
                    "policy": policy,
                    "outcome": name,
                    "threshold": limits.get(name, math.nan),
                    "unit": units.get(name, ""),
                    **_share(reached.astype(np.float64), resamples),
                }
            )
    return pd.DataFrame(rows)


def _share(reached: FloatArray, resamples: Resamples) -> dict[str, float]:
    """Return a share with its error and interval."""
    found = resamples.estimate(reached)
    least = LEVELS[0] ** (1.0 / resamples.number)
    return {
        "share": found.value,
        "mc_error": found.mc_error,
        "low": min(found.low, least) if found.value == 1.0 else found.low,
        "high": max(found.high, 1.0 - least) if found.value == 0.0 else found.high,
    }


# The Pareto front.


def dominated(means: npt.ArrayLike, scale: npt.ArrayLike = 0.0) -> npt.NDArray[np.bool_]:
    """Return which policies are dominated by which, `[S, S]`: row by column.

    One dominates another where it is at least as good in every outcome and better in one.

    Args:
        means: `[S, O]`, more is better.
        scale: differences up to it count as none, `[O]`.
    """
    given = np.asarray(means, dtype=np.float64)
    ahead = given[None, :, :] - given[:, None, :]
    margin = np.asarray(scale, dtype=np.float64)
    return np.asarray((ahead >= -margin).all(axis=2) & (ahead > margin).any(axis=2))


def pareto(
    values: npt.ArrayLike,
    outcomes: Sequence[Criterion],
    draws: npt.ArrayLike | None = None,
    *,
    policies: Sequence[str] = (),
    seed: int = 0,
) -> pd.DataFrame:
    """Return which policies are on the Pareto front of the mean outcomes, and how surely.

    A policy is on the front where no other is at least as good in the mean of every outcome and better in
    one. No weight is needed for that; the more outcomes there are, the more policies are on it.

    Args:
        values: `[S, O, N]`.
        outcomes: O of them.
        draws: the draw of each war, `[N]`; None: no two wars share one.
        policies: names, S of them.
        seed: of the resampling.

    Returns:
        One row for each policy: `policy`, `on_front` by the means of all wars, `probability` (the share of
        resamples of whole draws in which it is on the front), `dominated_by` (names), and the mean of each
        outcome in its unit under `mean: NAME`.

    Raises:
        InputError: bad values or draws.
    """
    given, names = checked(values, policies, [one.name for one in outcomes])
    resamples = Resamples(draws, given.shape[2], seed)
    turned = oriented(given, outcomes)
    scale = TOLERANCE * np.ptp(turned, axis=(0, 2))
    here = dominated(turned.mean(axis=2), scale)
    often = np.mean([~dominated(means, scale).any(axis=1) for means in resamples.means(turned)], axis=0)
    frame: dict[str, object] = {
        "policy": names,
        "on_front": ~here.any(axis=1),
        "probability": often,
        "dominated_by": [", ".join(itertools.compress(names, row)) for row in here],
    }
    for one, means in zip(outcomes, given.mean(axis=2).T, strict=True):
        frame[f"mean: {one.name}"] = means
    return pd.DataFrame(frame)


# How often each is best.


def best_shares(values: FloatArray) -> FloatArray:
    """Return 1 for the best policy of each column and 0 for the others, ties shared evenly, `[..., S, M]`."""
    margin = TOLERANCE * float(np.ptp(values, axis=-2).max())
    best = (shortfall(values) <= margin).astype(np.float64)
    return np.asarray(best / best.sum(axis=-2, keepdims=True))


def expected_best(
    values: npt.ArrayLike,
    draws: npt.ArrayLike | None = None,
    *,
    policies: Sequence[str] = (),
    seed: int = 0,
) -> pd.DataFrame:
    """Return the share of wars, and of draws, in which each policy is best; ties are shared evenly.

    A share of wars has hindsight of chance. A share of draws takes what is expected in a draw, chance taken
    off (see the module); it is missing where wars do not share draws often enough. Draws count by their wars.

    Args:
        values: `[S, N]`, more is better.
        draws: the draw of each war, `[N]`; None: no two wars share one.
        policies: names, S of them.
        seed: of the resampling.

    Returns:
        One row for each policy: `policy`, `share_of_wars`, `mc_error`, `low`, `high`, and `share_of_draws`,
        `draws_low`, `draws_high`.

    Raises:
        InputError: bad values or draws.
    """
    given, names = checked(values, policies)
    resamples = Resamples(draws, given.shape[1], seed)
    by_war = best_shares(given)
    by_draw = ByDraw(given, resamples)

    def of_draws(counts: FloatArray) -> FloatArray:
        if not by_draw.enough:
            return np.full((counts.shape[0], len(names)), math.nan)
        weight = counts * resamples.size
        best = best_shares(by_draw.known(counts)) @ weight[:, :, None]
        return np.asarray(best[:, :, 0] / weight.sum(axis=1, keepdims=True))

    whole = of_draws(np.ones((1, resamples.number)))[0]
    resampled = resamples.of_each(of_draws, len(names) * resamples.number)
    rows = []
    for number, name in enumerate(names):
        low, high = ends(resampled[:, number], float(whole[number]))
        share = _share(by_war[number], resamples)
        rows.append(
            {
                "policy": name,
                "share_of_wars": share.pop("share"),
                **share,
                "share_of_draws": float(whole[number]),
                "draws_low": low,
                "draws_high": high,
            }
        )
    return pd.DataFrame(rows)


# Structure and stated values.


@dataclasses.dataclass(frozen=True)
class RobustToStructure:
    """Whether a choice stays when the structure or the stated values change."""

    table: pd.DataFrame
    """One row for each set of values and each world, all worlds together first; see `robust_to_structure`."""
    stays: bool
    """Whether both choices are the same in every row."""
    words: str
    """The same in words."""


def robust_to_structure(
    values: Mapping[str, npt.ArrayLike],
    worlds: npt.ArrayLike | None = None,
    world_names: Sequence[str] = (),
    draws: npt.ArrayLike | None = None,
    *,
    policies: Sequence[str] = (),
    seed: int = 0,
) -> RobustToStructure:
    """Return the ranking and the choice in each rival world, for each set of stated values.

    Two choices are told, since neither rule is the right one: `best`, of the highest expected value, and
    `minimax_regret`, of the least maximum regret (Savage 1951) over the draws of the world, chance taken off
    (see the module); over its wars where they do not share draws often enough. The maximum over a sample is
    one war or draw, so that this choice is less sure: both stand with the share of resamples that agree.

    Args:
        values: `[S, N]` for each set of stated values, more is better (`weighted` makes them).
        worlds: the number of the rival world of each war, `[N]`.
        world_names: names of the worlds.
        draws: the draw of each war, `[N]`; None: no two wars share one.
        policies: names, S of them.
        seed: of the resampling.

    Returns:
        A table with `values`, `world`, `wars`, `ranking` (by expected value), `best`, `best_share`,
        `minimax_regret`, `minimax_share`, `maximum_regret` (of that choice); the verdict on it; and words.

    Raises:
        InputError: bad values, worlds or draws; a world with wars of one draw only.
    """
    if not values:
        raise InputError("there is no set of values.", "values", "give at least one.")
    rows = []
    names: tuple[str, ...] = ()
    for label, one in values.items():
        given, names = checked(one, policies)
        world, told = worlds_of(worlds, world_names, given.shape[1])
        places: dict[str, npt.NDArray[np.bool_]] = {EVERY_WORLD: np.ones(given.shape[1], dtype=np.bool_)}
        if len(told) > 1:
            places |= {name: world == code for code, name in enumerate(told)}
        for place, inside in places.items():
            own = None if draws is None else np.asarray(draws)[inside]
            if (np.arange(int(inside.sum())) if own is None else np.unique(own)).size < 2:
                raise InputError(
                    f"the wars of world '{place}' come from one draw: nothing can be said of other draws.",
                    "worlds",
                    "sample more wars, or leave that world out.",
                )
            rows.append({"values": label, "world": place, **_choices(given[:, inside], own, names, seed)})
    table = pd.DataFrame(rows)
    stays = len({*table["best"], *table["minimax_regret"]}) == 1
    return RobustToStructure(table, stays, _in_words(table))


def _choices(
    values: FloatArray, draws: npt.NDArray[np.generic] | None, names: tuple[str, ...], seed: int
) -> dict[str, object]:
    """Return the ranking and both choices among some wars, with the shares of resamples that agree."""
    resamples = Resamples(draws, values.shape[1], seed)
    by_draw = ByDraw(values, resamples)
    mean = values.mean(axis=1)
    order = np.argsort(-mean, kind="stable")
    best = best_shares(resamples.means(values).T).mean(axis=1)
    along = np.argsort(resamples.draw, kind="stable")
    first = np.searchsorted(resamples.draw[along], np.arange(resamples.number))
    largest = np.maximum.reduceat(shortfall(values)[:, along], first, axis=1)

    def maximum(counts: FloatArray) -> FloatArray:
        regrets = shortfall(by_draw.known(counts)) if by_draw.enough else largest
        return np.asarray(np.where(counts[:, None] > 0.0, regrets, -math.inf).max(axis=2))

    here = maximum(np.ones((1, resamples.number)))[0]
    least = resamples.of_each(maximum, largest.size)
    agree = best_shares(-least.T).mean(axis=1)
    chosen = int(np.argmin(here))
    return {
        "wars": values.shape[1],
        "ranking": " > ".join(names[number] for number in order),
        "best": names[order[0]],
        "best_share": float(best[order[0]]),
        "minimax_regret": names[chosen],
        "minimax_share": float(agree[chosen]),
        "maximum_regret": float(here[chosen]),
    }


RULES = {"best": "highest expected value", "minimax_regret": "least maximum regret"}


def _in_words(table: pd.DataFrame) -> str:
    """Return whether the choices stay, in one sentence for each rule."""
    worlds = table["world"].nunique() - 1
    sets = table["values"].nunique()
    over = f"{sets} {'sets' if sets > 1 else 'set'} of values"
    over += f" and {worlds} rival worlds" if worlds else ""
    told = []
    for rule, meaning in RULES.items():
        chosen = list(dict.fromkeys(table[rule]))
        if len(chosen) == 1:
            told.append(f"Over {over}, the policy of {meaning} is always '{chosen[0]}'.")
            continue
        parts = []
        for policy in chosen:
            places = [
                f"'{label}'{_where(rows.loc[rows[rule] == policy, 'world'], len(rows))}"
                for label, rows in table.groupby("values", sort=False)
                if (rows[rule] == policy).any()
            ]
            parts.append(f"'{policy}' by {', '.join(places)}")
        told.append(f"Over {over}, the policy of {meaning} changes: {'; '.join(parts)}.")
    return " ".join(told)


def _where(places: pd.Series, number: int) -> str:
    """Return in which of a number of worlds: nothing where there is one, `in every world` for all."""
    if number == 1:
        return ""
    return " in every world" if len(places) == number else f" in {' and '.join(places)}"


# All of it.


@dataclasses.dataclass(frozen=True)
class Robustness:
    """What holds up among policies over the same sampled wars."""

    regret: pd.DataFrame
    """As `regret`, with `values` (the set of stated values) and `unit` before it."""
    best: pd.DataFrame
    """As `expected_best`, with `values` before it."""
    satisficing: pd.DataFrame
    """As `satisficing`; empty where no threshold was stated."""
    front: pd.DataFrame
    """As `pareto`."""
    structure: RobustToStructure
    """Whether the choice stays."""
    about: dict[str, object]
    """What a reader of the figures must know: policies, outcomes, wars, draws, what was stated, limits."""


def robustness(
    values: npt.ArrayLike,
    outcomes: Sequence[Criterion],
    draws: npt.ArrayLike | None = None,
    *,
    policies: Sequence[str] = (),
    worlds: npt.ArrayLike | None = None,
    world_names: Sequence[str] = (),
    weights: Weights | None = None,
    thresholds: Mapping[str, float] | None = None,
    seed: int = 0,
) -> Robustness:
    """Return regret, satisficing, the Pareto front and what stays of a choice, over the same wars.

    Args:
        values: `[S, O, N]`, each outcome in its unit.
        outcomes: O of them.
        draws: the draw of each war, `[N]`; None: no two wars share one.
        policies: names, S of them.
        worlds: the number of the rival world of each war, `[N]`.
        world_names: names of the worlds.
        weights: how much one unit of each outcome counts, or several such sets by name (`weighted`). None:
            each outcome by itself, none against another.
        thresholds: what is asked for, by outcome; None: nothing.
        seed: of the resampling.

    Raises:
        InputError: see the functions that it calls.
    """
    labels = [one.name for one in outcomes]
    given, names = checked(values, policies, labels)
    if weights is None:
        alone = oriented(given, outcomes)
        sets = {one.name: alone[:, number] for number, one in enumerate(outcomes)}
        units = {one.name: one.unit for one in outcomes}
    else:
        sets = weighted(given, outcomes, weights)
        units = dict.fromkeys(sets, "weighted units")
    resamples = Resamples(draws, given.shape[2], seed)
    _, told = worlds_of(worlds, world_names, given.shape[2])
    regrets, best = [], []
    for label, one in sets.items():
        frame = regret(one, draws, policies=names, worlds=worlds, world_names=world_names, seed=seed)
        frame.insert(0, "values", label)
        frame.insert(1, "unit", units[label])
        regrets.append(frame)
        frame = expected_best(one, draws, policies=names, seed=seed)
        frame.insert(0, "values", label)
        best.append(frame)
    met = (
        satisficing(given, outcomes, thresholds, draws, policies=names, seed=seed)
        if thresholds
        else pd.DataFrame()
    )
    return Robustness(
        regret=pd.concat(regrets, ignore_index=True),
        best=pd.concat(best, ignore_index=True),
        satisficing=met,
        front=pareto(given, outcomes, draws, policies=names, seed=seed),
        structure=robust_to_structure(sets, worlds, world_names, draws, policies=names, seed=seed),
        about={
            "policies": list(names),
            "outcomes": [dataclasses.asdict(one) for one in outcomes],
            "wars": given.shape[2],
            "draws": resamples.number,
            "worlds": list(told),
            "weights": None if weights is None else {k: dict(v) for k, v in _sets(weights).items()},
            "thresholds": dict(thresholds or {}),
            "interval": 0.9,
            "resamples": RESAMPLES,
            "seed": seed,
            "limits": list(LIMITS),
        },
    )


def sentence(found: Robustness) -> str:
    """Return what was found in plain sentences: number, interval and limits, for no policy and against none.

    The first set of stated values is told; the tables hold all.
    """
    first = found.regret.iloc[0]
    rows = found.regret[
        (found.regret["values"] == first["values"]) & (found.regret["knowing"] == first["knowing"])
    ]
    row = rows.loc[rows["mean"].idxmin()]
    best = found.best[(found.best["values"] == first["values"]) & (found.best["policy"] == row["policy"])]
    share = best.iloc[0]
    mean = rounded(row["mean"], row["mean_low"], row["mean_high"])
    hindsight = (
        "against the policy that is best for the parameters of each draw"
        if first["knowing"] == PARAMETERS
        else "against the policy that hindsight of parameters and chance finds best in each war"
    )
    by = f"'{first['values']}' alone" if found.about["weights"] is None else f"the values '{first['values']}'"
    start = (
        f"Over {found.about['wars']:,} wars from {found.about['draws']:,} draws, by {by},"
        f" '{row['policy']}' has the smallest mean regret {hindsight}: {mean} {first['unit']}"
        f" (90 % interval); it is best in {share['share_of_wars']:.0%} of the wars"
        f" ({share['low']:.0%} to {share['high']:.0%})."
    )
    limits = (
        "This holds for the policies, outcomes and wars that were given;"
        " which outcomes count, and how much, was stated and not found."
    )
    return f"{start} {found.structure.words} {limits}"


def rounded(value: float, low: float, high: float) -> str:
    """Return `value (low to high)`, as fine as the width of the interval allows.

    A digit is told that is at least a hundredth of the interval's width.
    """
    width = high - low if high > low else abs(value)
    if not math.isfinite(width):
        return "not known"
    digits = 1 - math.floor(math.log10(width)) if width > 0.0 else 0
    told = (f"{round(one, digits) + 0.0:,.{max(digits, 0)}f}" for one in (value, low, high))
    return "{} ({} to {})".format(*told)
