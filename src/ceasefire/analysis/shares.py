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
import itertools
import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import linalg, special, stats

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
        varies = np.ptp(columns, axis=1) > 0
        kept = np.flatnonzero(varies)
        self.wars = columns.shape[1]
        of_group = np.asarray(groups)[kept]
        parts: list[FloatArray] = []
        marks: list[str] = []
        for row, group in zip(kept, of_group, strict=True):
            linear = _scores(columns[row])
            parts.append(linear)
            square = linear**2
            # Of two values the square is a constant.
            if np.ptp(square) > 1e-9 and group != "structure":
                parts.append(_standard(square))
            marks += [str(group)] * (len(parts) - len(marks))
        self.design = np.array(parts).T if parts else np.zeros((self.wars, 0))
        self.of_group = np.array(marks)
        self.present = tuple(group for group in GROUPS if (self.of_group == group).any())
        self.only_assumed = "learnt" not in self.present
        _, self.draw = np.unique(draws, return_inverse=True)
        rng = np.random.default_rng([seed, 3])
        number = int(self.draw.max()) + 1 if self.wars else 0
        self.folds = [(rng.permutation(number) % FOLDS)[self.draw] for _ in range(REPEATS)]
        self.resampled = rng.multinomial(number, np.full(number, 1.0 / max(number, 1)), RESAMPLES).astype(
            float
        )
        self._grams: dict[tuple[int, int], FloatArray] = {}
        self._fits: dict[tuple[tuple[Group, ...], tuple[int, int]], tuple[FloatArray, FloatArray]] = {}

    def shares(self, outcome: npt.ArrayLike) -> Shares:
        """Return where the spread of an outcome `[N]` comes from."""
        values = np.asarray(outcome, dtype=np.float64)
        of_explained = CERTAIN if self.only_assumed else Share(1.0, 0.0, 1.0)
        if self.wars < LEAST_WARS or np.ptp(values) == 0.0:
            return Shares(UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, of_explained, self.wars)
        target = _scores(values)
        lost = self._errors(target)
        # One column for the estimate, the others for the resamples.
        counts = np.concatenate([np.ones((1, self.resampled.shape[1])), self.resampled])
        total = counts @ np.bincount(self.draw, weights=target**2)
        explained = {subset: 1.0 - (counts @ errors) / total for subset, errors in lost.items()}
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
            chance_alone=self._alone(target, counts),
            assumed_of_explained=of_explained,
            wars=self.wars,
        )

    def _alone(self, target: FloatArray, counts: FloatArray) -> Share:
        """Return the mean variance within a draw, of draws with several wars, over that of all wars."""
        size = np.bincount(self.draw).astype(np.float64)
        several = size > 1
        if several.sum() < LEAST_WARS:
            return UNKNOWN
        mean = np.bincount(self.draw, weights=target) / size
        inside = np.bincount(self.draw, weights=(target - mean[self.draw]) ** 2)
        freedom = np.where(several, size - 1.0, 0.0)
        total = (counts @ np.bincount(self.draw, weights=target**2)) / (counts @ size)
        within = (counts @ np.where(several, inside, 0.0)) / np.clip(counts @ freedom, 1.0, None)
        return _told(np.clip(within / total, 0.0, 1.0))

    def _errors(self, target: FloatArray) -> dict[tuple[Group, ...], FloatArray]:
        """Return, for each set of groups, the squared errors of left-out wars summed by draw."""
        subsets = [
            chosen
            for size in range(len(self.present) + 1)
            for chosen in itertools.combinations(self.present, size)
        ]
        along = {
            (repeat, fold): self._along(target, folds != fold)
            for repeat, folds in enumerate(self.folds)
            for fold in range(FOLDS)
        }
        return {subset: self._errors_of(subset, target, along) for subset in subsets}

    def _along(self, target: FloatArray, inside: npt.NDArray[np.bool_]) -> FloatArray:
        """Return the products of all columns with the target in the wars of a fit."""
        rest = (
            np.where(inside, target - target[inside].mean(), 0.0) if inside.any() else np.zeros_like(target)
        )
        products: FloatArray = rest @ self.design
        return products

    def _errors_of(
        self, subset: tuple[Group, ...], target: FloatArray, along: dict[tuple[int, int], FloatArray]
    ) -> FloatArray:
        used = np.flatnonzero(np.isin(self.of_group, subset))
        squared = np.zeros(self.wars)
        for repeat, folds in enumerate(self.folds):
            for fold in range(FOLDS):
                out = folds == fold
                rest = target[~out]
                guess = np.full(int(out.sum()), rest.mean())
                if used.size:
                    power = float(((rest - rest.mean()) ** 2).sum())
                    slopes, kept = self._slopes(
                        subset, used, (repeat, fold), along[repeat, fold][used], power, rest.size
                    )
                    guess += self.design[np.ix_(out, used[kept])] @ slopes
                squared[out] += (target[out] - guess) ** 2 / len(self.folds)
        errors: FloatArray = np.bincount(self.draw, weights=squared).astype(np.float64)
        return errors

    def _slopes(
        self,
        subset: tuple[Group, ...],
        used: npt.NDArray[np.intp],
        place: tuple[int, int],
        along: FloatArray,
        power: float,
        size: int,
    ) -> tuple[FloatArray, npt.NDArray[np.intp]]:
        """Return the slopes of an adaptive ridge in the wars of the fit, and to which columns they belong.

        Args:
            subset: the groups in the fit.
            used: their columns.
            place: which fold of which repeat is left out.
            along: products of those columns with the target.
            power: product of the target with itself.
            size: wars in the fit.
        """
        repeat, fold = place
        if place not in self._grams:
            chosen = self.design[self.folds[repeat] != fold]
            self._grams[place] = chosen.T @ chosen
        gram = self._grams[place][np.ix_(used, used)]
        if (subset, place) not in self._fits:
            values, vectors = linalg.eigh(gram, check_finite=False)
            self._fits[subset, place] = np.clip(values, 0.0, None), vectors
        slopes = _ridge(*self._fits[subset, place], along, power, size)
        kept = np.arange(used.size)
        for _ in range(ADAPTED):
            # A column that did little before is held back all the more now.
            strongest = np.argsort(-np.abs(slopes))[:MOST_COLUMNS]
            kept, scale = kept[strongest], np.abs(slopes[strongest])
            scale = scale / max(float(scale.max()), 1e-12)
            inner = gram[np.ix_(kept, kept)] * scale[:, None] * scale
            values, vectors = linalg.eigh(inner, check_finite=False)
            own = _ridge(np.clip(values, 0.0, None), vectors, along[kept] * scale, power, size)
            slopes = own * scale
        return slopes, kept


def _ridge(values: FloatArray, vectors: FloatArray, along: FloatArray, power: float, wars: int) -> FloatArray:
    """Return the slopes of a ridge regression with the penalty of least generalised cross-validation.

    Args:
        values: eigenvalues of the columns' products.
        vectors: eigenvectors.
        along: products of the columns with the target.
        power: product of the target with itself.
        wars: number of wars in the fit.
    """
    turned = vectors.T @ along
    shrunk = 1.0 / (values[:, None] + PENALTIES * wars)
    error = power - (turned[:, None] ** 2 * shrunk * (2.0 - values[:, None] * shrunk)).sum(axis=0)
    used = (values[:, None] * shrunk).sum(axis=0)
    score = np.clip(error, 0.0, None) / np.clip(1.0 - used / wars, 1e-3, None) ** 2
    best = int(np.argmin(score))
    return np.asarray(vectors @ (turned * shrunk[:, best]))


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


def _scores(values: FloatArray) -> FloatArray:
    """Return the normal scores of the ranks, with mean 0 and variance 1."""
    return _standard(special.ndtri(stats.rankdata(values) / (values.size + 1.0)))


def _standard(values: npt.ArrayLike) -> FloatArray:
    given = np.asarray(values, dtype=np.float64)
    centred = given - given.mean()
    standard: FloatArray = centred / centred.std()
    return standard


def _told(values: FloatArray) -> Share:
    low, high = np.quantile(values[1:], (0.05, 0.95))
    value = float(values[0])
    return Share(value, min(float(low), value), max(float(high), value))
