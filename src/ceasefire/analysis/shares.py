"""How much of the spread of a difference comes from what was learnt, from what was assumed, and from chance.

Method, for wars that are given and whose parameters may be correlated: the outcome and every column (a drawn
parameter, a stock on the first morning) are replaced by the normal scores of their ranks (Iman and Conover
1979; van der Waerden's scores); the outcome is regressed on the columns, linear and quadratic, by a ridge
whose penalty adapts to each column, for each set S of the three groups (learnt, assumed, structure). R2(S) is
the share of the variance of the scores that is predicted for wars that were left out of the fit, whole draws
at a time. What a group adds depends on the order in which groups enter where columns are correlated; a
group's share is the mean over all orders,

    share_g = mean over orders of R2(those before g and g) - R2(those before g)

(Lindeman, Merenda and Gold 1980, ch. 4; the Shapley value, Owen 2014, SIAM/ASA J. Uncertainty Quantification
2, 245-251), so that the three add up to R2 of all. What is left is chance, and what groups or columns do
together only: interactions are not in the regression. With fewer wars, or many weak columns, a fit predicts
less and the rest grows. Where wars share a draw, the variance within a draw is chance alone.

Intervals hold 90 %: errors of wars that were left out are resampled, whole draws at a time (500 times).
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
import math
from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import special
from scipy.linalg import lapack

from ceasefire.analysis.threads import one_thread

FloatArray = npt.NDArray[np.float64]
Group = Literal["learnt", "assumed", "structure"]

GROUPS: tuple[Group, ...] = ("learnt", "assumed", "structure")
FOLDS = 5
REPEATS = 2
RESAMPLES = 500
# With fewer wars nothing is said.
LEAST_WARS = 50
# Columns that go on after the first fit, and how many times the penalty is adapted to what they did.
MOST_COLUMNS = 60
ADAPTED = 2
PENALTIES = 10.0 ** np.arange(-6.0, 3.0, 0.5)
# Columns of a group up to which the fits with and without it are made together.
FEW_COLUMNS = 32


@dataclasses.dataclass(frozen=True)
class Share:
    """A share between 0 and 1 with its 90 % interval."""

    value: float
    low: float
    high: float


@dataclasses.dataclass(frozen=True)
class Shares:
    """Where the spread of a difference comes from; the four add up to 1."""

    learnt: Share
    """From parameters and stocks of which the evidence took away more than half of the variance."""
    assumed: Share
    """From all other parameters and stocks, all that only a truce would show among them."""
    structure: Share
    """From which of the rival equations holds."""
    chance: Share
    """The rest: chance, and what acts together only."""
    chance_alone: Share
    """Chance without what acts together, from wars that share a draw; NaN where fewer than 50 draws do."""
    assumed_of_explained: Share
    """Assumed / (assumed + learnt): what limits a verdict. 1 under priors, and where neither explains any."""
    wars: int
    """Wars that were used."""


CERTAIN = Share(1.0, 1.0, 1.0)
UNKNOWN = Share(math.nan, math.nan, math.nan)


class Explained:
    """The columns of an ensemble, ready to explain any outcome of it."""

    def __init__(
        self, columns: FloatArray, groups: Sequence[Group], draws: npt.NDArray[np.integer], seed: int = 0
    ) -> None:
        """Prepare the fits.

        Args:
            columns: `[C, N]`; one that does not vary says nothing.
            groups: the group of each column.
            draws: which draw each war was made from, `[N]`; wars of one draw are left out together.
            seed: of the folds and of the resampling.
        """
        self.wars = columns.shape[1]
        _, first, self.draw = np.unique(draws, return_index=True, return_inverse=True)
        # Where wars of one draw have the same columns, one row of the design stands for all of them.
        alike = np.array_equal(columns, columns[:, first[self.draw]])
        self.row = self.draw if alike else np.arange(self.wars)
        self.draw_of_row = self.draw[first] if alike else self.draw
        self.size = np.bincount(self.row).astype(np.float64)
        kept = np.flatnonzero(np.ptp(columns, axis=1) > 0)
        varied = columns[np.ix_(kept, first)] if alike else columns[kept]
        self.design, self.of_group = _design(varied, np.asarray(groups, dtype=np.str_)[kept], self.size)
        self.present = tuple(group for group in GROUPS if (self.of_group == group).any())
        self.only_assumed = "learnt" not in self.present
        self.subsets = [
            chosen
            for size in range(len(self.present) + 1)
            for chosen in itertools.combinations(self.present, size)
        ]
        folds, resampled = _lots(first.size, seed)
        # For each place, that is a fold of a repeat which is left out: the rows that are not.
        self.inside = np.array([own[self.draw_of_row] != fold for own in folds for fold in range(FOLDS)])
        # How often each draw counts, in the estimate and in each resample.
        self.counts = np.concatenate([np.ones((1, first.size)), resampled])

    @one_thread()
    def shares(self, outcome: npt.ArrayLike) -> Shares:
        """Return where the spread of an outcome `[N]` comes from."""
        values = np.asarray(outcome, dtype=np.float64)
        of_explained = CERTAIN if self.only_assumed else Share(1.0, 0.0, 1.0)
        if self.wars < LEAST_WARS or np.ptp(values) == 0.0:
            return Shares(UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, of_explained, self.wars)
        target = _scores(values[None], np.ones(self.wars))[0]
        power = np.bincount(self.draw, weights=target**2)
        total, *lost = (self.counts @ np.stack([power, *self._errors(target)], axis=1)).T
        explained = {subset: 1.0 - errors / total for subset, errors in zip(self.subsets, lost, strict=True)}
        share = _by_order(explained, self.present)
        share = {group: np.clip(values, 0.0, None) for group, values in share.items()}
        whole = np.clip(explained[self.present], 0.0, 1.0)
        found = sum(share.values(), np.zeros_like(whole))
        for group, given in share.items():
            share[group] = given * whole / np.where(found > 0.0, found, 1.0)
        nothing = np.zeros_like(whole)
        learnt, assumed = share.get("learnt", nothing), share.get("assumed", nothing)
        known = learnt + assumed
        if not self.only_assumed:
            of_explained = _told(np.where(known > 0.0, assumed / np.where(known > 0.0, known, 1.0), 1.0))
        return Shares(
            learnt=_told(learnt),
            assumed=_told(assumed),
            structure=_told(share.get("structure", nothing)),
            chance=_told(1.0 - whole),
            chance_alone=self._alone(target),
            assumed_of_explained=of_explained,
            wars=self.wars,
        )

    def _alone(self, target: FloatArray) -> Share:
        """Return the mean variance within a draw, of draws with several wars, over that of all wars."""
        size = np.bincount(self.draw).astype(np.float64)
        several = size > 1
        if several.sum() < LEAST_WARS:
            return UNKNOWN
        mean = np.bincount(self.draw, weights=target) / size
        inside = np.bincount(self.draw, weights=(target - mean[self.draw]) ** 2)
        power = np.bincount(self.draw, weights=target**2)
        freedom = np.where(several, size - 1.0, 0.0)
        columns = (power, size, np.where(several, inside, 0.0), freedom)
        power, wars, inside, freedom = (self.counts @ np.stack(columns, axis=1)).T
        total, within = power / wars, inside / np.clip(freedom, 1.0, None)
        return _told(np.clip(within / total, 0.0, 1.0))

    def _errors(self, target: FloatArray) -> list[FloatArray]:
        """Return, for each set of groups, the squared errors of left-out wars summed by draw."""
        sums = np.bincount(self.row, weights=target)
        squares = np.bincount(self.row, weights=target**2)
        wars = self.inside @ self.size
        means = self.inside @ sums / wars
        along = (self.inside * (sums - means[:, None] * self.size)) @ self.design
        slopes = self._slopes(_Target(along, self.inside @ squares - wars * means**2, wars))
        guess = np.zeros((REPEATS, len(self.subsets), self.size.size))
        for place, inside in enumerate(self.inside):
            out = np.flatnonzero(~inside)
            guess[place // FOLDS][:, out] = means[place] + slopes[place] @ self.design[out].T
        errors = (squares - 2.0 * guess * sums + guess**2 * self.size).mean(axis=0)
        return [np.bincount(self.draw_of_row, weights=row).astype(np.float64) for row in errors]

    def _slopes(self, target: _Target) -> FloatArray:
        """Return the slopes of an adaptive ridge for each place and each set of groups, `[F, sets, P]`."""
        fits, slopes = self._first(target)
        for _ in range(ADAPTED):
            fits, slopes = self._adapted(fits, slopes, target)
        found = np.zeros((self.inside.shape[0], len(self.subsets), self.design.shape[1]))
        for fit, own in zip(fits, slopes, strict=True):
            found[fit.place, fit.subset, fit.columns] = own
        return found

    def _first(self, target: _Target) -> tuple[list[_Fit], list[FloatArray]]:
        """Return fits of all columns of each set of groups, and their slopes."""
        single = [(fit, turned) for fit, turned, more in self._prepared if more is None]
        double = [(fit, turned, more) for fit, turned, more in self._prepared if more is not None]
        slopes = _ridges([target.posed(fit, turned) for fit, turned in single])
        slopes += _double_ridges(
            [target.posed(fit, turned) for fit, turned, _ in double],
            [more for _, _, more in double],
            [target.along[fit.place, more.columns] for fit, _, more in double],
        )
        fits = [fit for fit, _ in single] + [fit for fit, _, _ in double]
        fits += [
            _Fit(fit.place, more.subset, np.concatenate([fit.columns, more.columns]))
            for fit, _, more in double
        ]
        return fits, slopes

    def _adapted(
        self, fits: Sequence[_Fit], slopes: Sequence[FloatArray], target: _Target
    ) -> tuple[list[_Fit], list[FloatArray]]:
        """Fit again, where a column that did little before is held back all the more."""
        kept, scales, posed = [], [], []
        for fit, own in zip(fits, slopes, strict=True):
            strongest = np.argsort(-np.abs(own))[:MOST_COLUMNS]
            chosen, scale = fit._replace(columns=fit.columns[strongest]), np.abs(own[strongest])
            scale = scale / max(float(scale.max()), 1e-12)
            gram = self._grams[fit.place][np.ix_(chosen.columns, chosen.columns)]
            kept.append(chosen)
            scales.append(scale)
            posed.append(target.posed(chosen, _Turned(gram * scale[:, None] * scale), scale))
        return kept, [own * scale for own, scale in zip(_ridges(posed), scales, strict=True)]

    @functools.cached_property
    def _prepared(self) -> list[tuple[_Fit, _Turned, _More | None]]:
        """The fits of all columns of a set of groups; a small group goes with a set that is without it."""
        smallest = min(self.present, key=lambda group: int((self.of_group == group).sum()), default="")
        few = np.flatnonzero(self.of_group == smallest)
        together = few.size <= FEW_COLUMNS
        found = []
        for subset, groups in enumerate(self.subsets):
            if not groups or (together and smallest in groups and len(groups) > 1):
                continue
            columns = np.flatnonzero(np.isin(self.of_group, groups))
            wider = tuple(group for group in self.present if group in groups or group == smallest)
            for place, gram in enumerate(self._grams):
                turned, more = _Turned(gram[np.ix_(columns, columns)]), None
                if together and smallest not in groups:
                    between, own = gram[np.ix_(columns, few)], gram[np.ix_(few, few)]
                    more = _More(self.subsets.index(wider), few, turned.to(between), own)
                found.append((_Fit(place, subset, columns), turned, more))
        return found

    @functools.cached_property
    def _grams(self) -> FloatArray:
        """The products of all columns in the wars of each place, `[F, P, P]`: of all, less those left out."""
        rows = self.design * np.sqrt(self.size)[:, None]
        found = np.empty((self.inside.shape[0], *2 * rows.shape[1:]))
        for inside, products in zip(self.inside, found, strict=True):
            left_out = rows[~inside]
            np.matmul(left_out.T, left_out, out=products)
        for repeat in np.split(found, REPEATS):
            np.subtract(repeat.sum(axis=0), repeat, out=repeat)
        return found


@functools.lru_cache(maxsize=2)
def _lots(draws: int, seed: int) -> tuple[list[npt.NDArray[np.int64]], npt.NDArray[np.uint16]]:
    """Return the fold of each draw in each repeat, and how often each is in each resample, `[R, draws]`."""
    rng = np.random.default_rng([seed, 3])
    folds = [rng.permutation(draws) % FOLDS for _ in range(REPEATS)]
    # Kept, since they take long to draw and ensembles with as many draws have the same.
    resampled = rng.multinomial(draws, np.full(draws, 1.0 / max(draws, 1)), RESAMPLES)
    return folds, resampled.astype(np.uint16)


class _Fit(NamedTuple):
    """Some columns of a set of groups, in the wars of a place."""

    place: int
    """Which fold of which repeat is left out."""
    subset: int
    """Which set of groups."""
    columns: npt.NDArray[np.intp]


class _Target(NamedTuple):
    """What is explained, in the wars of each place."""

    along: FloatArray
    """Its products with all columns, `[F, P]`."""
    power: FloatArray
    """Its product with itself, `[F]`."""
    wars: FloatArray
    """Their number, `[F]`."""

    def posed(self, fit: _Fit, turned: _Turned, scale: FloatArray | float = 1.0) -> _Posed:
        """Return the ridge regression on the columns of a fit, each times its scale."""
        along = self.along[fit.place, fit.columns] * scale
        return _Posed(turned, along, float(self.power[fit.place]), float(self.wars[fit.place]))


class _Turned:
    """The products G of some columns, turned so that each goes with the next one only.

    Equation: G = Q T Q', with Q orthogonal and T tridiagonal (Householder 1958; Golub and Van Loan 2013,
    Matrix Computations, section 8.3): the first part of the way to the eigenvectors of G, with which ridges
    come to the same and take several times as long.
    """

    def __init__(self, gram: FloatArray) -> None:
        """Turn products `[K, K]`, which are lost."""
        size = gram.shape[0]
        self.diagonal, self.beside, self._factors = gram[0], np.zeros(0), np.zeros(0)
        if size > 1:
            turned, self.diagonal, self.beside, self._factors, _ = lapack.dsytrd(
                gram.T, lower=1, lwork=64 * size, overwrite_a=1
            )
            self._mirrors = np.asfortranarray(turned[1:, :-1])

    def to(self, given: FloatArray) -> FloatArray:
        """Return Q'X of X `[K, m]`."""
        return self._times(given, "T")

    def back(self, turned: FloatArray) -> FloatArray:
        """Return Q X of X `[K, m]`."""
        return self._times(turned, "N")

    def _times(self, given: FloatArray, way: str) -> FloatArray:
        found = given.copy()
        if self._factors.size:
            found[1:] = lapack.dormqr("L", way, self._mirrors, self._factors, given[1:], given.shape[1])[0]
        return found


class _More(NamedTuple):
    """The m columns that the fit of another set of groups has besides."""

    subset: int
    """The other set."""
    columns: npt.NDArray[np.intp]
    between: FloatArray
    """Q'B, with B their products with the K columns of the fit, `[K, m]`."""
    gram: FloatArray
    """C, their products with each other, `[m, m]`."""


class _Posed(NamedTuple):
    """A ridge regression."""

    turned: _Turned
    along: FloatArray
    """b, the products of the columns with the target, `[K]`."""
    power: float
    """The product of the target with itself."""
    wars: float


def _ridges(posed: Sequence[_Posed]) -> list[FloatArray]:
    """Return the slopes of ridge regressions, each with the penalty of least generalised cross-validation.

    Equation, with p the penalty, and n wars:

        slopes = (G + p)^-1 b,  error = power - b' slopes - p slopes' slopes,  used = tr G (G + p)^-1

    and p such that error / (1 - used / n)^2 is least.
    """
    if not posed:
        return []
    target, solved, trace = _eliminated(posed, [one.turned.to(one.along[:, None]) for one in posed])
    explained = (target[:, :, None] * solved).sum(axis=(0, -1))
    best = _least(posed, explained, (solved**2).sum(axis=(0, -1)), target.shape[0], trace)
    return [one.turned.back(solved[: one.along.size, at, best[at]])[:, 0] for at, one in enumerate(posed)]


def _double_ridges(
    posed: Sequence[_Posed], more: Sequence[_More], along: Sequence[FloatArray]
) -> list[FloatArray]:
    """Return the slopes of ridge regressions as `_ridges` does: of all, and then of all with more columns.

    Equation, for the products [[G, B], [B', C]], with K = (G + p)^-1 and c the b of the columns more:

        slopes of those = z = Z^-1 (c - B'K b),  Z = C + p - B'K B,  slopes of the others = K (b - B z),
        trace of the inverse = tr K + tr Z^-1 + tr Z^-1 B'K K B

    (Golub and Van Loan 2013, section 3.2.11), so that G is turned once for both.

    Args:
        posed: the regressions without more columns.
        more: the columns more, as many for each.
        along: c, `[m]` for each.
    """
    if not posed:
        return []
    sides = [
        np.column_stack([few.between, one.turned.to(one.along[:, None])])
        for one, few in zip(posed, more, strict=True)
    ]
    target, solved, trace = _eliminated(posed, sides)
    size, penalty = target.shape[0], _penalties(posed)
    # X'K X and X'K K X for X = [B, b], for each regression and penalty.
    across = solved.transpose(1, 2, 0, 3)
    once = target.transpose(1, 2, 0)[:, None] @ across
    twice = solved.transpose(1, 2, 3, 0) @ across
    without = _least(posed, once[..., -1, -1], twice[..., -1, -1], size, trace)
    gram, right = np.array([few.gram for few in more])[:, None], np.array(along)[:, None]
    inverse = np.linalg.inv(gram + penalty[..., None, None] * np.eye(right.shape[-1]) - once[..., :-1, :-1])
    slopes = (inverse @ (right - once[..., :-1, -1])[..., None])[..., 0]
    # The slopes of the others are K X w.
    weights = np.concatenate([-slopes, np.ones_like(slopes[..., :1])], axis=-1)
    explained = (once[..., -1, :] * weights).sum(axis=-1) + (right * slopes).sum(axis=-1)
    power = np.einsum("fpi,fpij,fpj->fp", weights, twice, weights) + (slopes**2).sum(axis=-1)
    trace = (
        trace + np.trace(inverse, axis1=-2, axis2=-1) + (inverse * twice[..., :-1, :-1]).sum(axis=(-2, -1))
    )
    including = _least(posed, explained, power, size + right.shape[-1], trace)
    found, found_more = [], []
    for at, (one, best) in enumerate(zip(posed, including, strict=True)):
        rows = solved[: one.along.size, at]
        found.append(one.turned.back(rows[:, without[at], -1:])[:, 0])
        others = one.turned.back(rows[:, best] @ weights[at, best][:, None])[:, 0]
        found_more.append(np.concatenate([others, slopes[at, best]]))
    return found + found_more


def _penalties(posed: Sequence[_Posed]) -> FloatArray:
    """Return the penalties of each regression, `[F, penalties]`."""
    return np.array([one.wars for one in posed])[:, None] * PENALTIES


def _eliminated(
    posed: Sequence[_Posed], sides: Sequence[FloatArray]
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Solve (T + p) Y = X by elimination, for each regression and penalty.

    The trace of (T + p)^-1 is the derivative of log det (T + p) by p.

    Args:
        posed: F regressions.
        sides: X of each, `[K, m]`.

    Returns:
        X `[K, F, m]`, Y `[K, F, penalties, m]` and the trace `[F, penalties]`. K is the largest: the others
        get columns of zeros, which explain nothing and use no wars.
    """
    shape = (max(side.shape[0] for side in sides), len(sides))
    diagonal, beside = np.zeros((*shape, 1)), np.zeros((*shape, 1))
    target = np.zeros((*shape, sides[0].shape[1]))
    for at, (one, side) in enumerate(zip(posed, sides, strict=True)):
        size = side.shape[0]
        diagonal[:size, at, 0], beside[1:size, at, 0] = one.turned.diagonal, one.turned.beside
        target[:size, at] = side
    pivot = diagonal + _penalties(posed)
    growth = np.ones_like(pivot)
    solved = np.repeat(target[:, :, None], PENALTIES.size, axis=2)
    for row in range(1, shape[0]):
        ratio = beside[row] / pivot[row - 1]
        pivot[row] -= beside[row] * ratio
        # The derivative of the pivot by the penalty.
        growth[row] += growth[row - 1] * ratio**2
        solved[row] -= solved[row - 1] * ratio[..., None]
    solved /= pivot[..., None]
    ratios = beside[1:] / pivot[:-1]
    for row in range(shape[0] - 2, -1, -1):
        solved[row] -= solved[row + 1] * ratios[row, ..., None]
    return target, solved, (growth / pivot).sum(axis=0)


def _least(
    posed: Sequence[_Posed], explained: FloatArray, power: FloatArray, size: int, trace: FloatArray
) -> npt.NDArray[np.intp]:
    """Return the place of the penalty of least generalised cross-validation, `[F]`.

    Args:
        posed: the regressions.
        explained: b' slopes, `[F, penalties]`.
        power: slopes' slopes.
        size: number of columns.
        trace: tr (G + p)^-1.
    """
    penalty, wars = _penalties(posed), np.array([one.wars for one in posed])[:, None]
    error = np.array([one.power for one in posed])[:, None] - explained - penalty * power
    used = size - penalty * trace
    score = np.clip(error, 0.0, None) / np.clip(1.0 - used / wars, 1e-3, None) ** 2
    return np.asarray(np.argmin(score, axis=1))


def _by_order(
    explained: dict[tuple[Group, ...], FloatArray], groups: tuple[Group, ...]
) -> dict[Group, FloatArray]:
    """Return what each group adds, as the mean over all orders in which the groups can enter."""
    orders = list(itertools.permutations(groups))
    added = {group: np.zeros_like(explained[()]) for group in groups}
    for order in orders:
        for place, group in enumerate(order):
            before = tuple(one for one in groups if one in order[:place])
            after = tuple(one for one in groups if one in order[: place + 1])
            added[group] += (explained[after] - explained[before]) / len(orders)
    return added


def _design(
    values: FloatArray, groups: npt.NDArray[np.str_], size: FloatArray
) -> tuple[FloatArray, npt.NDArray[np.str_]]:
    """Return the columns of the regression, `[n, P]`, and the group of each.

    Args:
        values: `[C, n]`, each of which varies.
        groups: of each.
        size: for how many wars each value stands, `[n]`.
    """
    linear = _scores(values, size)
    square = linear**2
    # Of two values the square is a constant.
    bent = (np.ptp(square, axis=1) > 1e-9) & (groups != "structure")
    square[bent] = _standard(square[bent], size)
    both = np.stack([linear, square], axis=1).reshape(-1, size.size)
    kept = np.stack([np.ones_like(bent), bent], axis=1).ravel()
    return np.ascontiguousarray(both[kept].T), np.repeat(groups, 2)[kept]


def _scores(values: FloatArray, size: FloatArray) -> FloatArray:
    """Return the normal scores of the ranks in rows `[C, n]`, with mean 0 and variance 1.

    Equal values share the mean of their ranks, (wars before them + wars up to the last of them + 1) / 2.

    Args:
        values: the rows.
        size: for how many wars each value stands, `[n]`.
    """
    order = np.argsort(values, axis=1)
    ordered = np.take_along_axis(values, order, axis=1)
    counted = size[order]
    up_to = np.cumsum(counted, axis=1)
    changes = np.ones((values.shape[0], values.shape[1] + 1), dtype=bool)
    changes[:, 1:-1] = ordered[:, 1:] != ordered[:, :-1]
    before = np.maximum.accumulate(np.where(changes[:, :-1], up_to - counted, 0.0), axis=1)
    last = np.where(changes[:, 1:], up_to, math.inf)
    last = np.minimum.accumulate(last[:, ::-1], axis=1)[:, ::-1]
    scores = np.empty_like(values)
    ranks = (before + last + 1.0) / 2.0
    np.put_along_axis(scores, order, special.ndtri(ranks / (size.sum() + 1.0)), axis=1)
    return _standard(scores, size)


def _standard(values: FloatArray, size: FloatArray) -> FloatArray:
    wars = size.sum()
    centred = values - (values @ size / wars)[:, None]
    standard: FloatArray = centred / np.sqrt(centred**2 @ size / wars)[:, None]
    return standard


def _told(values: FloatArray) -> Share:
    low, high = np.quantile(values[1:], (0.05, 0.95))
    value = float(values[0])
    return Share(value, min(float(low), value), max(float(high), value))
