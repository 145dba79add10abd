"""What it would be worth, for a choice among policies, to know something before choosing.

Of values V `[S, N]` of S policies in the same N wars, more is better, in the unit of an outcome (lives, km2):

    EVPI     = E[max over s of V_s] - max over s of E[V_s]
    EVPPI(g) = E[max over s of E[V_s | x_g]] - max over s of E[V_s]

(Raiffa and Schlaifer 1961, Applied Statistical Decision Theory, ch. 4): what perfect information would add to
the outcome that is expected, of everything, or of the inputs x_g alone. It is not below zero and not above
EVPI, and knowing more is worth no less; the worths of groups do not add up. Zero says that no choice would
change, and not that the inputs do not matter.

E[V_s | x_g] is a regression of the values on the inputs of the group (Strong, Oakley and Brennan 2014,
Medical Decision Making 34, 311-326). Theirs takes the largest of the fitted values in the wars of the fit, so
that noise of the fit counts as worth. Here the policy is chosen by fits that have not seen the war (5 folds,
twice, whole draws at a time), and valued by what then happens in it,

    EVPPI(g) = mean over wars of V of the policy chosen by x_g - V of the policy of the highest mean.

What a fit says is followed only as far as it held in wars that it had not seen (a slope between 0 and 1 for
each policy). Noise of a fit chooses badly and is worth nothing; what the regression misses is not found. So
the estimate is on the low side, never above EVPI, and may come out below zero where the truth is near it: it
is not cut off there. Since the truth is not below zero, the upper end of an interval is not either; where the
choice changes in fewer than 10 draws, the lower end is not above it.

Inputs go in as the normal scores of their ranks: Hermite polynomials of degree 5 for up to 3 inputs, 3 for up
to 12 and 2 for more, and products of two inputs: all for up to 6 inputs, for more only those that go with
what the others leave more than the strongest of so many would by chance. The fit is a ridge whose penalty
adapts to each column and is of least generalised cross-validation, as in `ceasefire.analysis.shares`, but of
the values themselves, since it is their mean that counts.

What it would narrow is told beside the worth, by the same fits in the wars that they have not seen,

    narrows = sum over s of Var(E[V_s | x_g]) / sum over s of Var(V_s),

of values less their mean over the policies: the share of the spread of what tells policies apart that would
be gone. A group can narrow much and be worth nothing, where no choice would change.

Intervals hold 90 %: whole draws are resampled (500 times), with the choices as they are; so are those of
EVPI. They do not show what the regression misses.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import linalg, special, stats

from ceasefire.analysis.robustness import (
    RESAMPLES,
    ByDraw,
    Estimate,
    FloatArray,
    IntArray,
    Resamples,
    checked,
    ends,
    rounded,
)
from ceasefire.analysis.threads import one_thread
from ceasefire.files import InputError

FOLDS = 5
REPEATS = 2
# With fewer draws no regression is made, and by fewer changed choices no worth is told apart from 0.
LEAST_DRAWS, LEAST_CHANGED = 50, 10
# Inputs of a group up to which polynomials of a degree are taken; two for any more.
DEGREES = {3: 5, 12: 3}
MOST_DEGREE = 2
# Inputs of which all products of two are taken, and the most such products in a larger group.
ALL_PAIRS, MOST_PAIRS = 6, 20
# Columns that go on after the first fit, and how many times the penalty is adapted to what they did.
MOST_COLUMNS = 60
ADAPTED = 2
PENALTIES = 10.0 ** np.arange(-6.0, 3.0, 0.5)
EVERYTHING = "all inputs"
UNKNOWN = Estimate(math.nan, math.nan, math.nan, math.nan)


@dataclasses.dataclass(frozen=True)
class PerfectInformation:
    """What it would be worth to know everything before choosing."""

    of_everything: Estimate
    """Parameters, structure and chance: of each war the best policy. Nobody can know as much."""
    of_parameters: Estimate
    """Of each draw the best policy, chance taken off; NaN where wars do not share draws often enough."""
    of_parameters_at_most: Estimate
    """The same by the plain means of draws, in which what is left of chance counts as known: too high."""
    best: str
    """The policy of the highest mean, which is chosen without information."""
    wars: int
    draws: int


def perfect_information(
    values: npt.ArrayLike,
    draws: npt.ArrayLike | None = None,
    *,
    policies: Sequence[str] = (),
    seed: int = 0,
) -> PerfectInformation:
    """Return the expected value of perfect information (EVPI).

    Equation: EVPI = E[max over s of V_s] - max over s of E[V_s], of wars, or of the means of draws. How
    chance is taken off the means is told in `ceasefire.analysis.robustness`. Draws count by their wars.

    Args:
        values: `[S, N]`, more is better, in any unit; the worth has the same.
        draws: the draw of each war, `[N]`; None: no two wars share one.
        policies: names, S of them.
        seed: of the resampling.

    Raises:
        InputError: values or draws of another shape, a value that is no number, or one policy only.
    """
    given, names = checked(values, policies)
    resamples = Resamples(draws, given.shape[1], seed)
    best = int(np.argmax(given.mean(axis=1)))
    everything = resamples.estimate(given.max(axis=0) - given[best])
    by_draw = ByDraw(given, resamples)
    parameters = most = UNKNOWN
    if by_draw.enough:
        # Which policy is best without information stays as it is: of two that are nearly alike, one that is
        # chosen again in each resample would be chosen with hindsight.
        def gained(counts: FloatArray) -> FloatArray:
            weight = counts * resamples.size
            return np.asarray((_gain(by_draw.known(counts), best) * weight).sum(axis=1) / weight.sum(axis=1))

        value = float(gained(np.ones((1, resamples.number)))[0])
        resampled = resamples.of_each(gained, len(names) * resamples.number)
        low, high = ends(resampled, value)
        parameters = Estimate(value, float(resampled.std()), low, high)
        most = resamples.estimate(_gain(by_draw.mean.T, best)[resamples.draw])
    return PerfectInformation(everything, parameters, most, names[best], given.shape[1], resamples.number)


def _gain(values: FloatArray, best: int) -> FloatArray:
    """Return how much better the best of each column is than one policy, `[..., M]` of `[..., S, M]`."""
    return np.asarray(values.max(axis=-2) - values[..., best, :])


@dataclasses.dataclass(frozen=True)
class Partial:
    """What it would be worth to know groups of inputs."""

    table: pd.DataFrame
    """One row for each group and the last for all inputs; see `partial`."""
    perfect: PerfectInformation
    between_draws: float
    """Share of the spread of what tells policies apart that lies between draws, 0 to 1, by one-way analysis
    of variance: what knowing all that the draws differ in would narrow. NaN where no draw has two wars."""
    unit: str
    about: dict[str, object]
    """What a reader of the figures must know."""


@one_thread()
def partial(
    values: npt.ArrayLike,
    inputs: npt.ArrayLike,
    groups: Mapping[str, Sequence[int]],
    draws: npt.ArrayLike | None = None,
    *,
    policies: Sequence[str] = (),
    unit: str = "",
    seed: int = 0,
) -> Partial:
    """Return the expected value of partial perfect information (EVPPI) of groups of inputs.

    Args:
        values: `[S, N]`, more is better.
        inputs: `[D, N]`; one that does not vary is worth nothing. A structure goes in as one row of 0 and 1
            for each choice.
        groups: rows of `inputs` by name; a row may be in several groups or in none.
        draws: the draw of each war, `[N]`; None: no two wars share one.
        policies: names, S of them.
        unit: of the values.
        seed: of the folds and of the resampling.

    Returns:
        A table with `group`, `inputs` (how many vary), `value`, `mc_error`, `low`, `high` (in the unit of the
        values), `above_zero` (whether the interval is), `share`, `share_low`, `share_high` (of EVPI, chance
        included), `share_of_inputs` (of what all inputs are worth; missing where that is not told apart
        from 0), and `narrows`, `narrows_low`, `narrows_high` (the share of the spread of what tells policies
        apart; an estimate may fall below 0 by its error).

    Raises:
        InputError: bad values, inputs or draws, an unknown row of inputs, an empty group, or too few draws.
    """
    given, names = checked(values, policies)
    rows = _inputs(inputs, given.shape[1])
    chosen = {str(name): _rows(name, group, rows.shape[0]) for name, group in groups.items()}
    if not chosen:
        raise InputError("there is no group of inputs.", "groups", "give at least one.")
    if EVERYTHING in chosen:
        raise InputError(f"'{EVERYTHING}' is the name of the last row.", "groups", "take another name.")
    chosen[EVERYTHING] = np.arange(rows.shape[0])
    resamples = Resamples(draws, given.shape[1], seed)
    if resamples.number < LEAST_DRAWS:
        raise InputError(
            f"there are only {resamples.number} draws: no regression is made of fewer than {LEAST_DRAWS}.",
            "draws",
            "sample more.",
        )
    perfect = perfect_information(given, draws, policies=names, seed=seed)
    best = names.index(perfect.best)
    everything = resamples.summed(given.max(axis=0) - given[best])
    counts = np.concatenate([np.ones((1, resamples.number)), resamples.counts])
    wars = counts @ resamples.size
    whole = counts @ everything / wars
    fits = _Fits(given, resamples, seed)
    apart = counts @ resamples.summed(((fits.centred - fits.centred.mean(axis=1)[:, None]) ** 2).sum(axis=0))
    told = []
    for name, group in chosen.items():
        varies = group[np.ptp(rows[group], axis=1) > 0.0]
        nothing = np.zeros(given.shape[1]), np.zeros(resamples.number)
        gained, gone = fits.gained(rows[varies]) if varies.size else nothing
        found = resamples.estimate(gained)
        # A few draws that happen to agree in sign agree in all resamples too.
        highest_low = math.inf if np.unique(resamples.draw[gained != 0.0]).size >= LEAST_CHANGED else 0.0
        found = dataclasses.replace(found, low=min(found.low, highest_low), high=max(found.high, 0.0))
        value = counts @ resamples.summed(gained) / wars
        share = value / np.where(whole > 0.0, whole, math.nan)
        low, high = ends(share[1:], float(share[0]))
        narrows = counts @ gone / np.where(apart > 0.0, apart, math.nan)
        least, most = ends(narrows[1:], float(narrows[0]))
        told.append(
            {
                "group": name,
                "inputs": varies.size,
                **dataclasses.asdict(found),
                "above_zero": found.low > 0.0,
                "share": float(share[0]),
                "share_low": min(low, highest_low),
                "share_high": max(high, 0.0),
                "narrows": float(narrows[0]),
                "narrows_low": least,
                "narrows_high": most,
            }
        )
    table = pd.DataFrame(told)
    last = table.iloc[-1]
    table["share_of_inputs"] = table["value"] / last["value"] if last["above_zero"] else math.nan
    about: dict[str, object] = {
        "policies": list(names),
        "chosen_without_information": perfect.best,
        "unit": unit,
        "wars": perfect.wars,
        "draws": perfect.draws,
        "folds": FOLDS,
        "repeats": REPEATS,
        "interval": 0.9,
        "resamples": RESAMPLES,
        "seed": seed,
        "limits": [
            "what the regression misses is not found: the worth of a group is on the low side",
            "the worths of groups do not add up",
            "worth is for the choice among these policies by these values, and for no other",
        ],
    }
    return Partial(table, perfect, _between(fits.centred, resamples), unit, about)


def _between(values: FloatArray, resamples: Resamples) -> float:
    """Return the share of the variance of values `[S, N]` between draws, all policies together.

    Equation, for draws of n wars: B / (B + W), with W the mean square within draws and B + W / n that between
    (Searle, Casella and McCulloch 1992, ch. 3).
    """
    number, wars = resamples.number, values.shape[1]
    if wars <= number:
        return math.nan
    mean = resamples.summed(values) / resamples.size
    within = float(((values - mean[:, resamples.draw]) ** 2).sum()) / (wars - number)
    off = mean - values.mean(axis=1)[:, None]
    each = (wars - float((resamples.size**2).sum()) / wars) / (number - 1)
    between = (float((off**2 * resamples.size).sum()) / (number - 1) - within) / each
    total = between + within
    return float(np.clip(between / total, 0.0, 1.0)) if total > 0.0 else math.nan


def information_by_kind(
    values: npt.ArrayLike,
    inputs: npt.ArrayLike,
    kinds: Sequence[str],
    draws: npt.ArrayLike | None = None,
    *,
    policies: Sequence[str] = (),
    unit: str = "",
    seed: int = 0,
) -> Partial:
    """Return what it would be worth to know all inputs of each kind; see `partial`.

    Args:
        values: `[S, N]`, more is better.
        inputs: `[D, N]`.
        kinds: the kind of each input, D of them: learnt, assumed, structure, or a kind of evidence.
        draws: the draw of each war, `[N]`; None: no two wars share one.
        policies: names, S of them.
        unit: of the values.
        seed: of the folds and of the resampling.

    Raises:
        InputError: another number of kinds than of inputs; see `partial`.
    """
    number = len(np.asarray(inputs))
    if len(kinds) != number:
        raise InputError(
            f"there are {number} inputs and {len(kinds)} kinds.", "kinds", "give the kind of each input."
        )
    groups = {kind: [row for row, own in enumerate(kinds) if own == kind] for kind in dict.fromkeys(kinds)}
    return partial(values, inputs, groups, draws, policies=policies, unit=unit, seed=seed)


def sentence(found: Partial) -> str:
    """Return what was found in plain sentences: number, interval and limits."""
    everything = found.perfect.of_everything
    unit = f" {found.unit}" if found.unit else ""
    last = found.table.iloc[-1]
    groups = found.table.iloc[:-1]
    most = groups.iloc[int(groups["value"].argmax())]
    whole = rounded(everything.value, everything.low, everything.high)
    start = (
        f"Over {found.perfect.wars:,} wars from {found.perfect.draws:,} draws, to know everything, chance"
        f" included, before a policy is chosen would be worth {whole}{unit} (90 % interval), and to know all"
        f" inputs {rounded(last['value'], last['low'], last['high'])}{unit}."
    )
    told = rounded(most["value"], most["low"], most["high"])
    rest = (
        f"Of the groups '{most['group']}' is worth most, {told}{unit}"
        if most["above_zero"]
        else "The worth of no group is told apart from 0"
    )
    return f"{start} {rest}; what the regression misses is not in it, so that the worth may be higher."


def _inputs(inputs: npt.ArrayLike, wars: int) -> FloatArray:
    rows = np.asarray(inputs, dtype=np.float64)
    if rows.ndim != 2 or rows.shape[1] != wars or not rows.shape[0]:
        raise InputError(
            f"the inputs are not rows of one number for each of {wars:,} wars.",
            "inputs",
            "give them as inputs x wars.",
        )
    if not np.isfinite(rows).all():
        row, war = np.argwhere(~np.isfinite(rows))[0]
        raise InputError(
            f"{int((~np.isfinite(rows)).sum()):,} of the inputs are not numbers.",
            f"input {row}, war {war}",
            "leave that input or those wars out.",
        )
    return rows


def _rows(name: str, group: Sequence[int], number: int) -> IntArray:
    rows = np.unique(np.asarray(group, dtype=np.int64))
    if not rows.size:
        raise InputError("the group has no inputs.", f"group '{name}'", "name at least one row of inputs.")
    if rows[0] < 0 or rows[-1] >= number:
        row = int(rows[0] if rows[0] < 0 else rows[-1])
        raise InputError(
            f"there is no input {row}.", f"group '{name}'", f"number the inputs from 0 to {number - 1}."
        )
    return rows


class _Fits:
    """Policies chosen by inputs, in folds of whole draws."""

    def __init__(self, values: FloatArray, resamples: Resamples, seed: int) -> None:
        self.values = values
        self.best = int(np.argmax(values.mean(axis=1)))
        # What all policies share is no matter of choice.
        self.centred = values - values.mean(axis=0)
        self.draw = resamples.draw
        rng = np.random.default_rng([seed, 11])
        self.folds = [rng.permutation(resamples.number) % FOLDS for _ in range(REPEATS)]

    def gained(self, inputs: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return what knowing inputs `[P, N]` adds in each war, `[N]`, and the squares that go, `[D]`.

        Both are means over the repeats.
        """
        cell = self.draw
        _, first = np.unique(cell, return_index=True)
        if not np.array_equal(inputs, inputs[:, first[cell]]):
            # Wars of one draw differ in these inputs.
            cell, first = np.arange(self.draw.size), np.arange(self.draw.size)
        design = _Design(inputs[:, first])
        size = np.bincount(cell).astype(np.float64)
        target = np.array([np.bincount(cell, weights=row) for row in self.centred]) / size
        gained, gone = np.zeros(self.draw.size), np.zeros(size.size)
        for folds in self.folds:
            fold = folds[self.draw[first]]
            inside = [np.where(fold == one, 0.0, size) for one in range(FOLDS)]
            mean = np.array([target @ weight / weight.sum() for weight in inside])
            fitted = np.array([design.fitted(target, weight) for weight in inside])
            # What each fit says of the wars that it has not seen, less the mean of those that it has.
            told = np.take_along_axis(fitted, fold[None, None], axis=0)[0] - mean[fold].T
            off = target - mean[fold].T
            for one in range(FOLDS):
                trust = _trust(off, told, inside[one])
                chosen = np.argmax(mean[one][:, None] + trust[:, None] * told, axis=0)[cell]
                here = np.flatnonzero((fold == one)[cell])
                gained[here] += (self.values[chosen[here], here] - self.values[self.best, here]) / REPEATS
                seen = fold == one
                left = off[:, seen] - trust[:, None] * told[:, seen]
                gone[seen] += (off[:, seen] ** 2 - left**2).sum(axis=0) * size[seen] / REPEATS
        return gained, np.bincount(self.draw[first], weights=gone).astype(np.float64)


def _trust(target: FloatArray, told: FloatArray, weight: FloatArray) -> FloatArray:
    """Return how far to follow what fits say, 0 to 1 for each policy, so that a fit of noise is not followed.

    Equation: the slope of the target on what was said, cut off at 0 and 1.

    Args:
        target: `[S, n]`.
        told: what fits that have not seen a war say of it, `[S, n]`.
        weight: how much each counts, `[n]`.
    """
    power = told**2 @ weight
    slope = (told * target) @ weight / np.where(power > 0.0, power, 1.0)
    return np.asarray(np.clip(slope, 0.0, 1.0))


class _Design:
    """The columns of a regression on some inputs."""

    def __init__(self, inputs: FloatArray) -> None:
        """Make the columns.

        Args:
            inputs: `[P, n]`, each of which varies.
        """
        self.number = inputs.shape[0]
        degree = next((given for most, given in DEGREES.items() if self.number <= most), MOST_DEGREE)
        columns: list[FloatArray] = []
        self.score: list[FloatArray] = []
        for row in inputs:
            scores = _standard(special.ndtri(stats.rankdata(row) / (row.size + 1.0)))
            self.score.append(scores)
            # Of few values the higher powers are nothing new.
            powers = range(1, min(degree, np.unique(row).size - 1) + 1)
            columns += [_standard(special.eval_hermitenorm(power, scores)) / power for power in powers]
        self.columns = np.array(columns)
        if self.number <= ALL_PAIRS:
            pairs = list(itertools.combinations(range(self.number), 2))
            self.columns = np.concatenate([self.columns, self._products(pairs)])

    def _products(self, pairs: Sequence[tuple[int, int]]) -> FloatArray:
        """Return the products of the scores of pairs of inputs."""
        found = [self.score[one] * self.score[other] for one, other in pairs]
        kept = [_standard(row) / 2.0 for row in found if np.ptp(row) > 1e-9]
        return np.array(kept).reshape(len(kept), self.columns.shape[1])

    def fitted(self, target: FloatArray, weight: FloatArray) -> FloatArray:
        """Return what is expected of targets `[S, n]` given the inputs, from fits by weight `[n]`."""
        columns = self.columns
        slopes, start = _slopes(columns, target, weight)
        if self.number > ALL_PAIRS:
            left = target - slopes @ columns - start[:, None]
            pairs = self._telling(left, weight)
            if pairs:
                columns = np.concatenate([columns, self._products(pairs)])
                slopes, start = _slopes(columns, target, weight)
        return np.asarray(slopes @ columns + start[:, None])

    def _telling(self, left: FloatArray, weight: FloatArray) -> list[tuple[int, int]]:
        """Return the pairs of inputs whose products go with what a fit leaves of any target, `[S, n]`."""
        first, second = np.triu_indices(self.number, 1)
        scores = np.array(self.score)
        total = float(weight.sum())
        share = weight / total
        size = ((scores**2 * share) @ (scores**2).T - ((scores * share) @ scores.T) ** 2)[first, second]
        number = total**2 / float((weight**2).sum())
        strength = np.zeros(first.size)
        for row in left:
            off = (row - row @ share) * share
            power = float(((row - row @ share) ** 2 * share).sum())
            along = ((scores * off) @ scores.T)[first, second]
            known = size * power > 0.0
            found = np.where(known, along**2 / np.where(known, size * power, 1.0), 0.0) * number
            strength = np.maximum(strength, found)
        # What the strongest of so many that do nothing would reach by chance.
        kept = np.flatnonzero(strength > 2.0 * math.log(first.size))
        kept = kept[np.argsort(-strength[kept])][:MOST_PAIRS]
        return [(int(first[one]), int(second[one])) for one in kept]


def _slopes(columns: FloatArray, target: FloatArray, weight: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return slopes `[S, C]` and constants `[S]` of an adaptive ridge on columns `[C, n]`."""
    total = float(weight.sum())
    # As many as there are independent errors.
    number = total**2 / float((weight**2).sum())
    centre = columns @ weight / total
    mean = target @ weight / total
    inner = columns - centre[:, None]
    gram = (inner * weight) @ inner.T * (number / total)
    off = (target - mean[:, None]) * weight * (number / total)
    along = off @ inner.T
    power = (off * (target - mean[:, None])).sum(axis=1)
    values, vectors = linalg.eigh(gram, check_finite=False)
    slopes = np.zeros_like(along)
    for policy in range(target.shape[0]):
        own = _ridge(values, vectors, along[policy], power[policy], number)
        kept = np.arange(own.size)
        for _ in range(ADAPTED):
            # A column that did little before is held back all the more now.
            strongest = np.argsort(-np.abs(own))[:MOST_COLUMNS]
            kept, scale = kept[strongest], np.abs(own[strongest])
            scale = scale / max(float(scale.max()), 1e-300)
            scaled = gram[np.ix_(kept, kept)] * scale[:, None] * scale
            own = _ridge(
                *linalg.eigh(scaled, check_finite=False), along[policy, kept] * scale, power[policy], number
            )
            own = own * scale
        slopes[policy, kept] = own
    return slopes, mean - slopes @ centre


def _ridge(
    values: FloatArray, vectors: FloatArray, along: FloatArray, power: float, number: float
) -> FloatArray:
    """Return the slopes of a ridge regression with the penalty of least generalised cross-validation.

    Args:
        values: eigenvalues of the columns' products.
        vectors: eigenvectors.
        along: products of the columns with the target.
        power: product of the target with itself.
        number: of independent errors in the fit.
    """
    turned = vectors.T @ along
    known = np.clip(values, 0.0, None)[:, None]
    shrunk = 1.0 / (known + PENALTIES * number)
    error = power - (turned[:, None] ** 2 * shrunk * (2.0 - known * shrunk)).sum(axis=0)
    used = (known * shrunk).sum(axis=0)
    score = np.clip(error, 0.0, None) / np.clip(1.0 - used / number, 1e-3, None) ** 2
    best = int(np.argmin(score))
    return np.asarray(vectors @ (turned * shrunk[:, best]))


def _standard(values: FloatArray) -> FloatArray:
    centred = values - values.mean()
    return np.asarray(centred / centred.std())
