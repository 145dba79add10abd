"""Which inputs carry an outcome: from wars that are given, and from a design made for the question.

Two methods. `given_data` reads off any wars, whose inputs may be correlated, as those of a posterior are.
`sobol_design` and `sobol_indices` need wars of their own, with independent inputs, and see as well what
inputs do together only.

Given data. Two indices of each input X, shares without unit,

    first = Var(E[Y | X]) / Var(Y)
    delta = 1/2 E[ integral |f(y) - f(y | X)| dy ]

the correlation ratio, which is the index of first order (Sobol 1993) where inputs are independent, and the
index of Borgonovo (2007), which moves with any change of the outcome's distribution and not only of its mean.
Both are defined for correlated inputs: they say what knowing X alone would tell of Y, by whatever way, so
that an input that does nothing but goes with one that does has an index too.

Both are estimated in M bins of equally many wars (Plischke, Borgonovo and Smith 2013), M the cube root of the
number of draws. Within a bin the mean follows a straight line in the normal score of the input's rank; for
delta the outcome is cut into 12 classes of its ranks. Neither index depends on the scale of an input, nor
delta on that of the outcome. With e the raw estimate and r its mean over wars whose outcomes are shuffled,

    first = (e - r) / (1 - r)
    delta = sqrt(max(e^2 - r^2, 0))

The first is the correlation ratio as adjusted by Kelley (1935). The second holds since the mean size of a
difference m that is seen with a normal error s is near sqrt(m^2 + 2 s^2 / pi). Bins and classes cannot show
all of an outcome that an input all but fixes, or moves up and down: delta is then some hundredths too low
(of the function of Ishigami and Homma 1990, with 4,000 wars, by 0.01, 0.05 and 0.02), which its interval does
not cover.

Intervals are e and 1.96 of its standard deviations over resamples, corrected in the same way. Shuffles and
resamples move whole draws, since wars of one draw are not independent. The null level of an index is set
so that in 5 % of the shuffles any index of any input exceeds its own (as Westfall and Young 1993 do for many
tests): what lies below is not told apart from nothing.

The methods that are commonly programmed for given data (PAWN, HSIC, RBD-FAST, delta by kernel densities) take
wars as independent and give no such level; RBD-FAST sees the mean only, and HSIC is no share of anything.

Design. With A and B two independent samples of n wars, and A_i the sample A with input i taken from B,

    first_i = mean(f(B) (f(A_i) - f(A))) / Var(f)
    total_i = mean((f(A) - f(A_i))^2) / (2 Var(f))

(Saltelli et al. 2010; the total after Jansen 1999), with n (D + 2) wars for D inputs, or D groups of
inputs. A war that failed spoils the block of D + 2 wars that it belongs to; the block is dropped and counted.
It would fail again, so that to refuse the outcome would end the study, and the other blocks stay what they
were. But wars do not fail by chance: with more than 5 % of the blocks lost, the indices would be those of the
wars that are easy to compute, and the outcome is refused.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse, special, stats

from ceasefire.analysis.shares import FloatArray
from ceasefire.files import InputError

IntArray = npt.NDArray[np.intp]

LEVEL = 0.95
RESAMPLES = 200
# With fewer, nothing is said.
LEAST_RESAMPLES = 100
LEAST_DRAWS = 50
LEAST_BASE_SAMPLES = 64
CLASSES = 12
MOST_BINS = 48
# Draws of equally many wars are shuffled among each other where there are so many of them.
LEAST_ALIKE = 20
# Figures of inputs in work at a time.
MOST_AT_A_TIME = 2_000_000
LARGEST_LOSS = 0.05
# A spread below this share of the largest figure is rounding.
ROUNDING = 1e-12
# A quantile at 0 or 1 may be infinite.
EDGE = 2.0**-32
# Rows that an error names.
NAMED = 5
# Keeps the chances of this module apart from those of others with the same seed.
DOMAIN = 5


@dataclasses.dataclass(frozen=True, eq=False)
class Sensitivity:
    """Which inputs carry an outcome."""

    frame: pd.DataFrame
    """One row for each input, or for each group of a design: `input` and `group`, either of which may be
    empty, and shares of the outcome without unit, with `_low` and `_high`. Of given data: `first`,
    `first_null`, `delta`, `null` (of delta) and `told_apart`, whether either index exceeds its null level. Of
    a design: `first`, `total`. Estimates may fall below 0 or exceed 1 by their error."""
    method: str
    sentence: str
    """What was done, for a reader."""
    wars: int
    """Wars that were used."""
    level: float = LEVEL
    """Of the intervals."""
    dropped: int = 0
    """Wars of a design that were left out, in the blocks that hold a failed one."""


# Wars that are given.


def given_data(
    values: npt.ArrayLike,
    outcome: npt.ArrayLike,
    names: Sequence[str],
    *,
    groups: Mapping[str, Sequence[int]] | None = None,
    draws: npt.ArrayLike | None = None,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> Sensitivity:
    """Return how much knowing each input alone would tell of an outcome, from wars that are given.

    Equations and sources stand at the head of this module. The order of the wars, and a monotone change of
    an input's scale, change nothing. An input that does not vary has the indices 0.

    Args:
        values: the inputs of the wars, `[D, N]`, in any units.
        outcome: `[N]`, in any unit.
        names: of the inputs, `[D]`.
        groups: the rows of each group. The frame only names them: what a group tells as a whole is at least
            what the foremost of its inputs does.
        draws: the draw that each war was made from, `[N]` whole numbers; where not given, each has its own.
        seed: of the shuffles and the resamples.
        resamples: number of either.

    Raises:
        InputError: shapes that do not fit, values that are not finite, an outcome that does not vary, fewer
            than 50 draws or 100 resamples, or groups that overlap or that name no row.
    """
    inputs, target = _checked(values, outcome)
    _check_names(names, inputs.shape[0])
    group_of = _group_of(len(names), groups)
    _check_resamples(resamples)
    inputs, target, draw = _in_order(inputs, target, draws)
    found = int(draw[-1]) + 1
    rng = np.random.default_rng([_seed(seed), DOMAIN])
    shuffles = _shuffles(draw, resamples, rng)
    counts = rng.multinomial(found, np.full(found, 1.0 / found), resamples).astype(np.float64)

    standard = (target - target.mean()) / target.std()
    classes = _bins(target[None], CLASSES)[0]
    once = np.ones((target.size, 1))
    ensembles = (
        _Ensemble(once, standard[:, None], classes[:, None]),
        _Ensemble(once, standard[shuffles], classes[shuffles]),
        _Ensemble(counts.T[draw], standard[:, None], classes[:, None]),
    )
    bins = int(np.clip(round(found ** (1.0 / 3.0)), 2, MOST_BINS))
    step = max(1, MOST_AT_A_TIME // target.size)
    parts = []
    for start in range(0, len(names), step):
        cut = _Cut(inputs[start : start + step], bins)
        parts.append([np.stack(cut.indices(ensemble)) for ensemble in ensembles])
    raw, shuffled, resampled = (np.concatenate(part, axis=1) for part in zip(*parts, strict=True))
    frame = pd.DataFrame({"input": list(names), "group": group_of})
    return Sensitivity(
        frame=pd.concat([frame, _table(raw[..., 0], shuffled, resampled)], axis=1),
        method="given data",
        sentence=(
            f"What knowing one input alone would tell of the outcome, by correlation ratio (first) and"
            f" Borgonovo's delta, read off {target.size:,} wars of {found:,} draws in {bins} bins;"
            f" {LEVEL:.0%} intervals from {resamples} resamples of whole draws; what lies below the null"
            f" level is not told apart from nothing."
        ),
        wars=target.size,
    )


def _table(raw: FloatArray, shuffled: FloatArray, resampled: FloatArray) -> pd.DataFrame:
    """Return both indices with intervals and null levels.

    Args:
        raw: estimates with their bias, first order and delta, `[2, D]`.
        shuffled: those of shuffled outcomes, `[2, D, R]`.
        resampled: those of resampled draws, `[2, D, R]`.
    """
    # The cube root makes first order nearly normal whatever the bins (Wilson and Hilferty 1931): else an
    # input of two values would set the level for all.
    even = np.stack([np.cbrt(shuffled[0]), shuffled[1]])
    number = even.shape[2]
    mean, spread = even.mean(axis=2), even.std(axis=2)
    varies = spread > 0.0
    away = (even - mean[..., None]) * number / (number - 1.0)
    # Each shuffle against the others only, as the estimate is.
    others = (number * spread[..., None] ** 2 - away**2 * (number - 1.0) / number) / (number - 1.0)
    known = varies[..., None] & (others > 0.0)
    beyond = np.where(known, away / np.sqrt(np.where(known, others, 1.0)), 0.0)
    foremost = beyond.max(axis=(0, 1))
    level = mean + spread * float(np.quantile(foremost, LEVEL, method="higher"))
    level[0] **= 3
    nothing = shuffled.mean(axis=2)
    half = stats.norm.ppf(0.5 + LEVEL / 2.0) * resampled.std(axis=2)

    def first(values: FloatArray) -> FloatArray:
        return np.asarray((values[0] - nothing[0]) / (1.0 - nothing[0]))

    def delta(values: FloatArray) -> FloatArray:
        return np.asarray(np.sqrt(np.clip(np.clip(values[1], 0.0, 1.0) ** 2 - nothing[1] ** 2, 0.0, None)))

    columns: dict[str, FloatArray | npt.NDArray[np.bool_]] = {
        "first": first(raw),
        "first_low": first(raw - half),
        "first_high": first(raw + half),
        "first_null": first(level),
        "delta": delta(raw),
        "delta_low": delta(raw - half),
        "delta_high": delta(raw + half),
        "null": delta(level),
        "told_apart": ((raw > level) & varies).any(axis=0),
    }
    return pd.DataFrame(columns)


class _Ensemble(NamedTuple):
    """Versions of an ensemble that are summed up together."""

    weights: FloatArray
    """How often each war counts, `[N, 1]` or `[N, R]`."""
    outcome: FloatArray
    """With mean near 0 and variance near 1, likewise."""
    classes: IntArray
    """The class of the outcome's rank, likewise."""


class _Cut:
    """Some inputs cut into bins: sparse matrices `[D M, N]` that sum wars up by input and bin."""

    def __init__(self, inputs: FloatArray, bins: int) -> None:
        count, wars = inputs.shape
        bin_of = _bins(inputs, bins)
        rows = bin_of + bins * np.arange(count)[:, None]
        score = special.ndtri((stats.rankdata(inputs, axis=1) - 0.5) / wars)
        size = np.bincount(rows.ravel(), minlength=count * bins)
        sums = np.bincount(rows.ravel(), weights=score.ravel(), minlength=count * bins)
        # About the middle of its bin, so that squares lose no digits.
        score -= (sums / np.clip(size, 1, None))[rows]
        order = np.argsort(rows, axis=1, kind="stable")
        ends = np.concatenate([[0], np.cumsum(size)])
        sorted_score = np.take_along_axis(score, order, axis=1).ravel()

        def matrix(data: FloatArray) -> sparse.csr_array:
            return sparse.csr_array((data, order.ravel(), ends), shape=(count * bins, wars))

        self.shape = (count, bins)
        self.varies = np.ptp(inputs, axis=1)[:, None] > 0.0
        self.ones = matrix(np.ones(count * wars))
        self.score = matrix(sorted_score)
        self.square = matrix(sorted_score**2)

    def indices(self, ensemble: _Ensemble) -> tuple[FloatArray, FloatArray]:
        """Return raw first order and raw delta of each input and version, each `[D, R]`."""
        weights, outcome, classes = ensemble
        total = weights.sum(axis=0)
        weighted = weights * outcome
        size = self.ones @ weights
        inverse = 1.0 / np.where(size > 0.0, size, 1.0)
        sums = self.ones @ weighted
        scores = self.score @ weights
        power = self.square @ weights - scores**2 * inverse
        along = self.score @ weighted - scores * sums * inverse
        slanted = power > ROUNDING * size
        inside = sums**2 * inverse + np.where(slanted, along**2 / np.where(slanted, power, 1.0), 0.0)
        centre = weighted.sum(axis=0) ** 2 / total
        spread = (weighted * outcome).sum(axis=0) - centre
        explained = self._by_input(inside) - centre
        first = np.where(self.varies & (spread > 0.0), explained / np.where(spread > 0.0, spread, 1.0), 0.0)
        apart = np.zeros((self.shape[0], weighted.shape[1]))
        for number in np.unique(classes):
            hits = np.where(classes == number, weights, 0.0)
            apart += self._by_input(np.abs(self.ones @ hits - size * (hits.sum(axis=0) / total)))
        return first, np.where(self.varies, apart / (2.0 * total), 0.0)

    def _by_input(self, cells: FloatArray) -> FloatArray:
        return np.asarray(cells.reshape(*self.shape, -1).sum(axis=1))


def _bins(values: FloatArray, most: int) -> IntArray:
    """Return the bin of each value within its row, `[D, N]`; equal values share one.

    Rows of few values have a bin for each, all others bins of equally many ranks.
    """
    ranks = stats.rankdata(values, axis=1) - 0.5
    bins = np.asarray(ranks * most / values.shape[1], dtype=np.intp)
    for row, own in enumerate(values):
        distinct, codes = np.unique(own, return_inverse=True)
        if distinct.size <= most:
            bins[row] = codes
    return bins


def _in_order(
    inputs: FloatArray, target: FloatArray, draws: npt.ArrayLike | None
) -> tuple[FloatArray, FloatArray, IntArray]:
    """Return inputs, outcome and draws (from 0) by draw and outcome, so that the wars' own order is nothing.

    Raises:
        InputError: draws that do not fit, or too few.
    """
    wars = target.size
    draw = np.zeros(wars, dtype=np.intp)
    if draws is not None:
        given = np.asarray(draws)
        if given.shape != (wars,) or not np.issubdtype(given.dtype, np.integer):
            raise InputError(
                f"draws are {wars:,} whole numbers, one for each war; these have the shape"
                f" {list(given.shape)} and the type {given.dtype}.",
                "draws",
                "give the number of the draw that each war was made from.",
            )
        _, draw = np.unique(given, return_inverse=True)
    order = np.lexsort((target, draw))
    if ((np.diff(target[order]) == 0.0) & (np.diff(draw[order]) == 0)).any():
        order = np.lexsort((*inputs[::-1], target, draw))
    draw = np.arange(wars) if draws is None else draw[order]
    found = int(draw[-1]) + 1
    if found < LEAST_DRAWS:
        raise InputError(
            f"{found} draws are too few to tell inputs apart.",
            "draws",
            f"give wars of {LEAST_DRAWS} draws at least; wars of one draw count together.",
        )
    return np.ascontiguousarray(inputs[:, order]), target[order], draw


def _shuffles(draw: IntArray, number: int, rng: np.random.Generator) -> IntArray:
    """Return which war's outcome each war is given, so that draws change places, `[N, R]`.

    Draws change places with draws of equally many wars. Draws with a number of wars that few others have do
    so among each other, where wars too many are left out and wars too few are repeated. Within a draw the
    order is by chance.
    """
    sizes = np.bincount(draw)
    starts = np.cumsum(sizes) - sizes
    alike = np.where(np.bincount(sizes)[sizes] >= LEAST_ALIKE, sizes, 0)
    pools = [np.flatnonzero(alike == size) for size in np.unique(alike)]
    place = np.arange(draw.size) - starts[draw]
    shuffles = np.empty((draw.size, number), dtype=np.intp)
    giver = np.empty(sizes.size, dtype=np.intp)
    for column in range(number):
        for pool in pools:
            giver[pool] = rng.permutation(pool)
        within = np.lexsort((rng.random(draw.size), draw))
        given = giver[draw]
        shuffles[:, column] = within[starts[given] + place % sizes[given]]
    return shuffles


# A design.


@dataclasses.dataclass(frozen=True, eq=False)
class Design:
    """Inputs of wars that are to be computed for indices of first and total order."""

    uniform: FloatArray
    """`[n (D + 2), inputs]`, above 0 and below 1, to be turned into draws by the quantiles of the priors. In
    blocks of D + 2: the war of A, those of A_1 to A_D, that of B."""
    names: tuple[str, ...]
    """Of the inputs."""
    group_of: tuple[str, ...]
    """The group of each input; empty where it stands for itself."""
    base_samples: int
    """n."""
    seed: int

    @property
    def carriers(self) -> tuple[str, ...]:
        """The D groups, and inputs that stand for themselves, in the order of the inputs."""
        return tuple(dict.fromkeys(_labels(self.names, self.group_of)))

    @property
    def wars(self) -> int:
        """Wars that the design needs."""
        return wars_needed(len(self.carriers), self.base_samples)


def wars_needed(inputs_or_groups: int, base_samples: int) -> int:
    """Return the wars that a design needs, n (D + 2): for 20 groups and 2,048 base samples 45,056.

    Args:
        inputs_or_groups: D, groups and inputs that stand for themselves.
        base_samples: n, a power of two.

    Raises:
        InputError: fewer than two inputs or groups, or base samples that are no power of two or below 64.
    """
    _check_carriers(inputs_or_groups)
    if base_samples < LEAST_BASE_SAMPLES:
        raise InputError(
            f"{base_samples:,} base samples are too few.",
            "base samples",
            f"give a power of two, {LEAST_BASE_SAMPLES} at least.",
        )
    if base_samples & (base_samples - 1):
        below = 1 << (base_samples.bit_length() - 1)
        raise InputError(
            f"{base_samples:,} base samples are no power of two: the sequence would lose its balance.",
            "base samples",
            f"give {below:,} or {2 * below:,}.",
        )
    return base_samples * (inputs_or_groups + 2)


def base_samples_for(wars: int, groups: int) -> int:
    """Return the most base samples, a power of two, for which no more wars are needed than those asked for.

    Args:
        wars: at most so many are to be computed.
        groups: D, groups and inputs that stand for themselves.

    Raises:
        InputError: fewer than two groups, or wars that suffice for fewer than 64 base samples only.
    """
    _check_carriers(groups)
    most = wars // (groups + 2)
    if most < LEAST_BASE_SAMPLES:
        enough = wars // LEAST_BASE_SAMPLES - 2
        instead = f" or make {enough} groups of them" if enough >= 2 else ""
        raise InputError(
            f"{wars:,} wars are too few for {groups:,} inputs or groups.",
            "wars",
            f"compute {wars_needed(groups, LEAST_BASE_SAMPLES):,} at least{instead}.",
        )
    return 1 << (most.bit_length() - 1)


def sobol_design(
    count_of_inputs: int,
    base_samples: int,
    seed: int,
    *,
    names: Sequence[str] | None = None,
    groups: Mapping[str, Sequence[int]] | None = None,
) -> Design:
    """Return the inputs of the wars from which `sobol_indices` is formed, by a scrambled Sobol' sequence.

    Chance is an input as any other: where each war has its own, it counts in every total. To tell it apart,
    add an input whose uniform chooses the seed of the war's chance.

    Args:
        count_of_inputs: number of inputs, which are independent.
        base_samples: n, a power of two; see `base_samples_for`.
        seed: of the scrambling; 0 is a seed as any other.
        names: of the inputs; `input 1` and so on where not given.
        groups: the inputs of each group, counted from 0. An input that no group has stands for itself.

    Raises:
        InputError: as of `wars_needed`; groups that overlap or name no input; names that are not as many, or
            not different from each other and from the groups; or SALib is missing.
    """
    given = [f"input {number + 1}" for number in range(count_of_inputs)] if names is None else list(names)
    _check_names(given, count_of_inputs)
    group_of = _group_of(count_of_inputs, groups)
    alone = {name for name, group in zip(given, group_of, strict=True) if not group}
    twice = sorted(alone.intersection(group_of))
    if twice:
        raise InputError(
            f"'{twice[0]}' is a group and an input outside of it.", "groups", "give the group another name."
        )
    labels = _labels(given, group_of)
    wars_needed(len(set(labels)), base_samples)
    sample, _ = _library()
    uniform = sample.sample(
        _problem(given, labels), base_samples, calc_second_order=False, seed=_library_seed(seed)
    )
    inside = np.clip(np.asarray(uniform, dtype=np.float64), EDGE, 1.0 - EDGE)
    return Design(inside, tuple(given), tuple(group_of), base_samples, seed)


def sobol_indices(design: Design, outcome: npt.ArrayLike, *, resamples: int = RESAMPLES) -> Sensitivity:
    """Return the indices of first and total order of each input or group of a design.

    Equations, sources, and what becomes of a war that failed, stand at the head of this module. The
    resamples of the intervals take the n base samples as independent, so that intervals are rather too wide.

    Args:
        design: the design whose wars were computed.
        outcome: of its wars, in its order, `[n (D + 2)]`, in any unit; NaN or infinite where a war failed.
        resamples: for the intervals.

    Raises:
        InputError: an outcome of another shape, that does not vary or with failed wars in more than 5 % of
            the blocks; fewer than 100 resamples; or SALib is missing.
    """
    values = np.asarray(outcome, dtype=np.float64)
    if values.shape != (design.wars,):
        raise InputError(
            f"the design has {design.wars:,} wars; the outcome has the shape {list(values.shape)}.",
            "outcome",
            "give one figure for each war of the design, in its order.",
        )
    _check_resamples(resamples)
    carriers = design.carriers
    blocks = values.reshape(design.base_samples, len(carriers) + 2)
    good = np.isfinite(blocks).all(axis=1)
    lost = int((~good).sum())
    if lost > LARGEST_LOSS * design.base_samples:
        failed = np.flatnonzero(~np.isfinite(values))
        raise InputError(
            f"{failed.size:,} wars failed ({_rows(failed)}), and with them {lost:,} of"
            f" {design.base_samples:,} blocks.",
            "outcome",
            "narrow the priors to wars that can be computed: what is left would not stand for all.",
        )
    used = blocks[good]
    _check_varies(used[:, [0, -1]])
    _, analyse = _library()
    labels = _labels(design.names, design.group_of)
    found = analyse.analyze(
        _problem(design.names, labels),
        used.ravel(),
        calc_second_order=False,
        num_resamples=resamples,
        conf_level=LEVEL,
        seed=_library_seed(design.seed),
    )
    groups = set(design.group_of)
    columns: dict[str, object] = {
        "input": ["" if name in groups else name for name in carriers],
        "group": [name if name in groups else "" for name in carriers],
    }
    for name, key in (("first", "S1"), ("total", "ST")):
        value, half = np.asarray(found[key]), np.asarray(found[f"{key}_conf"])
        columns |= {name: value, f"{name}_low": value - half, f"{name}_high": value + half}
    dropped = lost * blocks.shape[1]
    without = f", {dropped:,} others left out with {lost:,} blocks that hold a failed war" if lost else ""
    return Sensitivity(
        frame=pd.DataFrame(columns),
        method="Sobol",
        sentence=(
            f"Shares of the outcome's variance that an input or group carries alone (first) and with all that"
            f" it does together with others (total), inputs being independent, from {used.size:,} wars made"
            f" for it{without}; {LEVEL:.0%} intervals from {resamples} resamples."
        ),
        wars=used.size,
        dropped=dropped,
    )


def _library() -> tuple[Any, Any]:
    try:
        from SALib.analyze import sobol as analyse
        from SALib.sample import sobol as sample
    except ImportError as error:
        raise InputError(
            "A design for indices of total order needs the package SALib, which is not installed.",
            "sensitivity",
            "install ceasefire[sensitivity], or read the indices off given wars.",
        ) from error
    return sample, analyse


def _library_seed(seed: int) -> int:
    """Return a seed of SALib's, which takes 0 for none in its analysis."""
    return int(np.random.default_rng([_seed(seed), DOMAIN]).integers(1, 2**31))


def _problem(names: Sequence[str], labels: Sequence[str]) -> dict[str, object]:
    problem: dict[str, object] = {
        "num_vars": len(names),
        "names": list(names),
        "bounds": [[0.0, 1.0]] * len(names),
    }
    return problem if list(names) == list(labels) else problem | {"groups": list(labels)}


def _labels(names: Sequence[str], group_of: Sequence[str]) -> list[str]:
    return [group or name for name, group in zip(names, group_of, strict=True)]


# Checks.


def _checked(values: npt.ArrayLike, outcome: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    inputs, target = np.asarray(values, dtype=np.float64), np.asarray(outcome, dtype=np.float64)
    if inputs.ndim != 2 or target.ndim != 1 or inputs.shape[1] != target.size or not inputs.size:
        turned = inputs.ndim == 2 and target.shape == inputs.shape[:1]
        raise InputError(
            f"inputs have the shape {list(inputs.shape)} and the outcome {list(target.shape)}: they are"
            " [inputs, wars] and [wars].",
            "inputs and outcome",
            "turn the inputs round." if turned else "give one column of inputs for each war.",
        )
    bad = np.flatnonzero(~(np.isfinite(inputs).all(axis=0) & np.isfinite(target)))
    if bad.size:
        raise InputError(
            f"{bad.size:,} of {target.size:,} wars hold a value that is not finite ({_rows(bad)}).",
            "inputs and outcome",
            "leave out the wars that failed.",
        )
    _check_varies(target)
    return inputs, target


def _check_varies(outcome: FloatArray) -> None:
    if np.ptp(outcome) <= ROUNDING * np.abs(outcome).max():
        raise InputError(
            "the outcome is the same in all wars: nothing varies that an input could carry.",
            "outcome",
            "choose another outcome or a later day.",
        )


def _check_names(names: Sequence[str], count: int) -> None:
    if len(names) != count or len(set(names)) != count:
        raise InputError(
            f"{count:,} inputs have {len(names):,} names, of which {len(set(names)):,} differ.",
            "names",
            "give each input a name of its own.",
        )


def _check_resamples(resamples: int) -> None:
    if resamples < LEAST_RESAMPLES:
        raise InputError(
            f"{resamples} resamples are too few for an interval.",
            "resamples",
            f"give {LEAST_RESAMPLES} at least.",
        )


def _check_carriers(count: int) -> None:
    if count < 2:
        raise InputError(
            f"{count} inputs or groups cannot be told apart: a single one carries everything.",
            "inputs or groups",
            "give two at least.",
        )


def _group_of(count: int, groups: Mapping[str, Sequence[int]] | None) -> list[str]:
    """Return the group of each input, empty where it has none.

    Raises:
        InputError: groups that overlap, that are empty or that name no input.
    """
    group_of = [""] * count
    for group, members in (groups or {}).items():
        if not group or not len(members):
            raise InputError(
                f"the group '{group}' has no {'input' if group else 'name'}.",
                "groups",
                "leave it out or fill it.",
            )
        for member in members:
            if not 0 <= member < count:
                raise InputError(
                    f"the group '{group}' names input {member}; there are {count}, counted from 0.",
                    "groups",
                    f"give numbers from 0 to {count - 1}.",
                )
            if group_of[member]:
                raise InputError(
                    f"input {member} is in '{group_of[member]}' and in '{group}'.",
                    "groups",
                    "give each input one group at most.",
                )
            group_of[member] = group
    return group_of


def _seed(seed: int) -> int:
    if seed < 0:
        raise InputError(f"the seed is {seed}.", "seed", "give a whole number, 0 or above.")
    return seed


def _rows(rows: IntArray) -> str:
    """Return which rows those are, counted from 0; the first of them where they are many."""
    shown = ", ".join(str(row) for row in rows[:NAMED])
    return f"row{'s' if rows.size > 1 else ''} {shown}{', ...' if rows.size > NAMED else ''}"
