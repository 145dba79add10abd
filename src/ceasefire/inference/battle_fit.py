"""The Lanchester family fitted to a daily battle table.

What is fitted are the losses of each interval between two rows, each as a battle of its own that starts from
the strengths of the row and takes in the arrivals:

    losses of a side = the war's own law, integrated over the interval, + error

Errors are Gaussian, with a spread for each side, independent from one interval to the next. Rates are stated
at the reference (the geometric mean of both strengths in the first row), where they mean the same under every
law. Intervals are profile likelihoods with the F distribution in place of the chi-square, as the spread is
estimated too; an exponent is sought from -1 to 6. Laws are compared by AICc. A single battle is never
evidence for a law in general.

Format of the file: comma-separated, UTF-8, one row a day, days rising, gaps allowed.

| column | meaning |
| --- | --- |
| day | whole number of days |
| first_strength, second_strength | strength as the day begins |
| first_arrivals, second_arrivals | who arrives from this row to the next; optional, empty is none |
| first_losses, second_losses | losses from this row to the next; optional, both or neither |
| attacker | first, second or empty; optional |

Without losses, they follow from strengths and arrivals, and the last row only closes the last interval. With
losses, the last row counts as one day.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
from scipy import stats

from ceasefire.evidence.importing.reading import Row, csv_rows, decode, read_bytes
from ceasefire.files import InputError, suggest
from ceasefire.inference.lanchester import SIDES
from ceasefire.war import attrition

FloatArray = npt.NDArray[np.float64]
Interval = tuple[float | None, float | None]

STRENGTHS = ("first_strength", "second_strength")
ARRIVALS = ("first_arrivals", "second_arrivals")
LOSSES = ("first_losses", "second_losses")
COLUMNS = ("day", *STRENGTHS, *ARRIVALS, *LOSSES, "attacker")
FEWEST = 6
MOST = 2_000
LARGEST = 1e12
"""No strength, loss or day of a battle is larger."""

LEVEL = 0.95
#: Differences of AICc up to the first leave laws together; beyond the second a law is far worse.
TOGETHER, FAR = 4.0, 10.0

# The parameters of every law in one vector: log rates of the losses of both sides at the reference, exponents
# of the enemy's and one's own numbers for both, log of the defender's multiplier.
_RATES, _SIZE = 2, 7
_MOST_FREE = 5
# Where each free parameter is sought: published exponents reach from 0 to 5.3.
_RATE_BOUNDS = (-40.0, 20.0)
BOUNDS = {"p": (-1.0, 6.0), "q": (-1.0, 6.0), "w": (-1.0, 2.0), "log d": (-3.0, 3.0)}
# So far from its best value is a parameter followed, in standard errors, and in how many steps.
_REACH, _STEPS = 6.0, 25
# The stages of Runge and Kutta: how far along the last slope, the weight of the new one, 1 where a step ends.
_STAGES = ((0.0, 1 / 6, 0.0), (0.5, 1 / 3, 0.0), (0.5, 1 / 3, 0.0), (1.0, 1 / 6, 1.0))
# Problems are solved so many at once; rounds of the search, and of one that begins near its end.
_BATCH, _ROUNDS, _FEW_ROUNDS = 64, 60, 10
_GRID = np.round(np.linspace(-1.0, 3.0, 21), 10)


@dataclasses.dataclass(frozen=True)
class BattleTable:
    """A daily battle table, cut into K intervals.

    `start` and `arrivals` `[2, K]` are strengths at the start of an interval and arrivals over it, `losses`
    `[2, K]` those over it, `days` `[K]` where it begins, `length` `[K]` its days, `attacker` `[K]` is 0, 1,
    or -1 for neither.
    """

    name: str
    days: FloatArray
    length: FloatArray
    start: FloatArray
    arrivals: FloatArray
    losses: FloatArray
    attacker: npt.NDArray[np.int64]
    losses_given: bool

    def mirrored(self) -> BattleTable:
        """Return the same battle with the sides exchanged."""
        attacker = np.where(self.attacker < 0, -1, 1 - self.attacker)
        return dataclasses.replace(
            self,
            start=self.start[::-1],
            arrivals=self.arrivals[::-1],
            losses=self.losses[::-1],
            attacker=attacker,
        )

    @property
    def reference(self) -> float:
        """The geometric mean of both strengths in the first row, where rates are stated."""
        return float(np.sqrt(np.prod(self.start[:, 0])))


def read_battle(path: Path | str) -> BattleTable:
    """Read a daily battle table, whole or not at all.

    Raises:
        InputError: the file cannot be read as such a table; says in which row and column.
    """
    path = Path(path)
    text = decode(read_bytes(path), path.name)
    rows = list(csv_rows(text, path.name, ("day", *STRENGTHS)))
    if not rows:
        raise InputError("the file holds no rows.", path.name, f"give at least {FEWEST} days.")
    _check_columns(rows[0])
    if len(rows) < FEWEST:
        raise InputError(
            f"the table has {len(rows)} rows; a fit needs at least {FEWEST}.", path.name, "give more days."
        )
    if len(rows) > MOST:
        raise InputError(
            f"the table has {len(rows):,} rows; the limit is {MOST:,}.", path.name, "give fewer days."
        )
    return _cut(path.name, rows)


def _check_columns(row: Row) -> None:
    where = f"{row.name}, row 1"
    for column in row.values:
        if column not in COLUMNS:
            raise InputError(f"the column '{column}' is not known.", where, suggest(column, COLUMNS))
    for pair in (ARRIVALS, LOSSES):
        given = [column for column in pair if column in row.values]
        if len(given) == 1:
            other = pair[1 - pair.index(given[0])]
            raise InputError(
                f"the column '{given[0]}' stands without '{other}'.",
                where,
                "give both, or neither.",
            )


def _number(row: Row, column: str, *, empty: float | None = None) -> float:
    text = str(row.values.get(column) or "").strip()
    if not text:
        if empty is not None:
            return empty
        raise row.fault(
            column, f"'{column}' is empty.", "fill it in, or leave the row out; missing is not 0."
        )
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise row.fault(column, f"'{text}' is not a number.", "write digits, with a point for decimals.")
    if number < 0.0:
        raise row.fault(column, f"{text} is below 0.", "give a number of at least 0.")
    if number > LARGEST:
        raise row.fault(column, f"{text} is too large.", f"give at most {LARGEST:,.0f}.")
    return number


def _attacker(row: Row) -> int:
    word = str(row.values.get("attacker") or "").strip()
    if word and word not in SIDES:
        raise row.fault("attacker", f"'{word}' is no side.", "write first or second, or leave it empty.")
    return SIDES.index(word) if word else -1


def _cut(name: str, rows: Sequence[Row]) -> BattleTable:
    """Cut the rows into intervals."""
    days = np.array([_number(row, "day") for row in rows])
    for before, after, row in zip(days, days[1:], rows[1:], strict=False):
        if after <= before:
            what = f"day {after:g} comes after day {before:g}."
            raise row.fault("day", what, "put the days in order, each once.")
    for day, row in zip(days, rows, strict=True):
        if day != int(day):
            raise row.fault("day", f"{day:g} is not a whole day.", "count days in whole numbers.")
    given = LOSSES[0] in rows[0].values
    strengths = np.array([[_number(row, column) for row in rows] for column in STRENGTHS])
    arrivals = np.array([[_number(row, column, empty=0.0) for row in rows] for column in ARRIVALS])
    attacker = np.array([_attacker(row) for row in rows], dtype=np.int64)
    count = len(rows) if given else len(rows) - 1
    for place, row in enumerate(rows[:count]):
        for side in range(2):
            if strengths[side, place] + arrivals[side, place] == 0.0:
                raise row.fault(
                    STRENGTHS[side],
                    f"the {SIDES[side]} side has nobody left, but the battle goes on.",
                    "end the table there.",
                )
    if not np.all(strengths[:, 0] > 0.0):
        side = int(np.argmin(strengths[:, 0]))
        what = f"the {SIDES[side]} side begins with nobody."
        raise rows[0].fault(STRENGTHS[side], what, "begin with the first day on which both stand there.")
    if given:
        losses = np.array([[_number(row, column) for row in rows] for column in LOSSES])
        length = np.append(np.diff(days), 1.0)
    else:
        losses = strengths[:, :-1] + arrivals[:, :-1] - strengths[:, 1:]
        length = np.diff(days)
    _check_losses(rows, strengths, arrivals, losses, given)
    return BattleTable(
        name,
        days[:count],
        length,
        strengths[:, :count],
        arrivals[:, :count],
        losses,
        attacker[:count],
        given,
    )


def _check_losses(
    rows: Sequence[Row], strengths: FloatArray, arrivals: FloatArray, losses: FloatArray, given: bool
) -> None:
    for side in range(2):
        for place in range(losses.shape[1]):
            row, lost = rows[place], float(losses[side, place])
            if lost < 0.0:
                after = rows[place + 1]
                raise after.fault(
                    STRENGTHS[side],
                    f"the {SIDES[side]} side grows by {-lost:,.10g} more than arrives from row {row.number}.",
                    f"give its arrivals in '{ARRIVALS[side]}', or the losses of both sides.",
                )
            if lost > strengths[side, place] + arrivals[side, place]:
                raise row.fault(
                    LOSSES[side] if given else STRENGTHS[side],
                    f"the {SIDES[side]} side loses {lost:,.10g}, more than are there.",
                    "check the row.",
                )
        if not np.any(losses[side] > 0.0):
            raise InputError(
                f"the {SIDES[side]} side has no losses.", rows[0].name, "a law needs losses on both sides."
            )


# The laws


@dataclasses.dataclass(frozen=True)
class Law:
    """A law of the family as a plane in the space of all parameters: base + free x matrix.

    `free` names what is fitted besides the two rates; `matrix` `[free, 7]` says where it enters.
    """

    name: str
    meaning: str
    base: tuple[float, ...]
    free: tuple[str, ...] = ()
    matrix: tuple[tuple[float, ...], ...] = ()


def _fixed(name: str, meaning: str, first: tuple[float, float], second: tuple[float, float]) -> Law:
    return Law(name, meaning, (0.0, 0.0, *first, *second, 0.0))


_P = (0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0)
_Q = (0.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0)
_W = (0.0, 0.0, 1.0, -1.0, 1.0, -1.0, 0.0)
_D = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0)

LAWS = (
    _fixed("constant", "losses that do not depend on numbers", (0, 0), (0, 0)),
    _fixed("logarithmic", "one's own numbers", (0, 1), (0, 1)),
    _fixed("linear", "both numbers (area fire)", (1, 1), (1, 1)),
    _fixed("square", "the enemy's numbers (aimed fire)", (1, 0), (1, 0)),
    _fixed("guerrilla, first hides", "linear for the first, square for the second", (1, 1), (1, 0)),
    _fixed("guerrilla, second hides", "square for the first, linear for the second", (1, 0), (1, 1)),
    Law("Helmbold", "p = w, q = 1 - w", (0, 0, 0, 1, 0, 1, 0), ("w",), (_W,)),
    Law("generalised", "p and q free", (0,) * 7, ("p", "q"), (_P, _Q)),
)
#: Only where the table names an attacker on some days.
TACTICAL = Law(
    "generalised, with attack",
    "p, q and the defender's multiplier d",
    (0,) * 7,
    ("p", "q", "log d"),
    (_P, _Q, _D),
)


# The fit itself: many problems at once, each a plane in the same space


def _rate(theta: jax.Array, numbers: jax.Array, attacker: jax.Array) -> jax.Array:
    """Return losses per day over the reference `[2, K]`, by the war's own law."""
    multiplier = jnp.exp(theta[6] * jnp.where(attacker < 0, 0.0, 1.0) * _defending(attacker))
    rate = jnp.exp(theta[:_RATES])[:, None] * multiplier
    p, q = theta[jnp.array([2, 4])][:, None], theta[jnp.array([3, 5])][:, None]
    own = jnp.maximum(numbers, 1e-12)
    return attrition.lanchester(rate, own[::-1], own, p, q)


def _defending(attacker: jax.Array) -> jax.Array:
    """Return 1 for a side that defends and -1 for one that attacks `[2, K]`."""
    return jnp.where(attacker[None, :] == jnp.arange(2)[:, None], -1.0, 1.0)


def _predicted(theta: jax.Array, data: dict[str, jax.Array]) -> jax.Array:
    """Return the losses of every interval over the reference `[2, K]`, by Runge and Kutta's fourth order."""
    step = data["length"] / 2.0
    arriving = data["arrivals"] / data["length"]

    def stage(
        now: tuple[jax.Array, jax.Array, jax.Array], this: jax.Array
    ) -> tuple[tuple[jax.Array, jax.Array, jax.Array], None]:
        # A loop over the stages: written out, the compiler would repeat each stage in all that use it.
        numbers, slope, done = now
        slope = arriving - _rate(theta, numbers + this[0] * step * slope, data["attacker"])
        done = done + this[1] * step * slope
        numbers = numbers + this[2] * done
        return (numbers, slope, done * (1.0 - this[2])), None

    begin = data["start"] + 0.0 * theta[0]
    (numbers, _, _), _ = jax.lax.scan(
        stage, (begin, jnp.zeros_like(begin), jnp.zeros_like(begin)), jnp.asarray(_STAGES * 2)
    )
    lost = data["start"] + data["arrivals"] - numbers
    # Nobody loses more than are there.
    return jnp.clip(lost, 0.0, data["start"] + data["arrivals"])


def _squares(theta: jax.Array, data: dict[str, jax.Array]) -> jax.Array:
    """Return the sums of squared residuals of both sides `[2]`, with a floor far below any real spread."""
    residual = (data["losses"] - _predicted(theta, data)) * data["weight"]
    return jnp.sum(residual**2, axis=1) + data["floor"]


def _misfit(theta: jax.Array, data: dict[str, jax.Array]) -> jax.Array:
    """Return -2 log likelihood up to a constant, the spreads at their best."""
    return jnp.sum(data["count"] * jnp.log(_squares(theta, data)))


def _bounds(law: Law) -> FloatArray:
    """Return where the parameters of a law are sought `[2, 5]`, least and most."""
    bounds = [_RATE_BOUNDS] * _RATES + [BOUNDS[name] for name in law.free]
    return np.array([*bounds, *[(0.0, 0.0)] * (_MOST_FREE - len(bounds))]).T


class _Search(NamedTuple):
    round: jax.Array
    point: jax.Array
    misfit: jax.Array
    damping: jax.Array
    gain: jax.Array


def _solve(
    base: jax.Array,
    matrix: jax.Array,
    start: jax.Array,
    bounds: jax.Array,
    data: dict[str, jax.Array],
    rounds: jax.Array,
) -> tuple[jax.Array, jax.Array]:
    """Minimise the misfit over one plane by Levenberg and Marquardt's rule; columns of zeros stay put."""
    free = jnp.any(matrix != 0.0, axis=1)

    def at(point: jax.Array) -> jax.Array:
        return base + point @ matrix

    def forward(point: jax.Array) -> jax.Array:
        return _predicted(at(point), data) * data["weight"]

    def goes_on(now: _Search) -> jax.Array:
        return (now.round < rounds) & (now.gain > 1e-9) & (now.damping < 1e9)

    def better(now: _Search) -> _Search:
        point, misfit, damping = now.point, now.misfit, now.damping
        residual = data["losses"] * data["weight"] - forward(point)
        slope = jax.jacfwd(forward)(point)
        weight = data["count"] / (jnp.sum(residual**2, axis=1) + data["floor"])
        curve = jnp.einsum("s,ski,skj->ij", weight, slope, slope)
        pull = jnp.einsum("s,ski,sk->i", weight, slope, residual)
        scale = jnp.diag(curve) * damping + 1e-12 + jnp.where(free, 0.0, 1.0)
        move = jnp.linalg.solve(curve + jnp.diag(scale), pull)
        # What stands at its bound and would leave it stays; the others move without it.
        stays = jnp.where(move < 0.0, point <= bounds[0], point >= bounds[1]) & free
        loose = jnp.where(stays, 0.0, 1.0)
        curve = curve * loose[:, None] * loose[None, :] + jnp.diag(1.0 - loose)
        move = jnp.linalg.solve(curve + jnp.diag(scale), pull * loose)
        length = jnp.max(jnp.abs(move))
        tried = point + jnp.where(free, move, 0.0) * jnp.minimum(1.0, 3.0 / jnp.maximum(length, 1e-30))
        tried = jnp.where(free, jnp.clip(tried, bounds[0], bounds[1]), tried)
        there = _misfit(at(tried), data)
        good = there < misfit
        return _Search(
            now.round + 1,
            jnp.where(good, tried, point),
            jnp.where(good, there, misfit),
            jnp.clip(jnp.where(good, damping * 0.2, damping * 5.0), 1e-12, 1e12),
            jnp.where(good, misfit - there, now.gain),
        )

    begin = _Search(jnp.asarray(0), start, _misfit(at(start), data), jnp.asarray(1e-3), jnp.asarray(jnp.inf))
    found = jax.lax.while_loop(goes_on, better, begin)
    return found.point, found.misfit


@jax.jit
def _solve_all(
    base: jax.Array,
    matrix: jax.Array,
    start: jax.Array,
    bounds: jax.Array,
    data: dict[str, jax.Array],
    rounds: jax.Array,
) -> tuple[jax.Array, jax.Array]:
    each = jax.vmap(_solve, in_axes=(0, 0, 0, 0, None, None))
    return each(base, matrix, start, bounds, data, rounds)


_describe = jax.jit(
    lambda theta, data: (
        _predicted(theta, data),
        jax.jacfwd(lambda one: _predicted(one, data) * data["weight"])(theta),
    )
)


class _Problem:
    """One battle ready to be fitted: over the reference, padded so that few programs are compiled."""

    def __init__(self, table: BattleTable) -> None:
        count = table.losses.shape[1]
        size = 32 * math.ceil(count / 32)
        self.count, self.size, self.reference = count, size, table.reference

        def padded(values: FloatArray, fill: float) -> FloatArray:
            wide = [(0, 0)] * (values.ndim - 1) + [(0, size - count)]
            return np.pad(np.asarray(values, dtype=np.float64), wide, constant_values=fill)

        losses = table.losses / self.reference
        # A total over n days has the spread of n daily errors.
        weight = padded(1.0 / np.sqrt(table.length), 0.0)
        self.data: dict[str, Any] = {
            "start": padded(table.start / self.reference, 1.0),
            "arrivals": padded(table.arrivals / self.reference, 0.0),
            "losses": padded(losses, 0.0),
            "length": padded(table.length, 1.0),
            "attacker": padded(table.attacker.astype(np.float64), -1.0),
            "weight": weight,
            "floor": count * (1e-9 * losses.mean(axis=1)) ** 2,
            "count": np.full(2, float(count)),
        }
        numbers = table.start + 0.5 * table.arrivals
        self.mean_log = np.log(numbers / self.reference).mean(axis=1)
        self.log_rate = np.log(losses.sum(axis=1) / table.length.sum())

    def solve(
        self,
        base: FloatArray,
        matrix: FloatArray,
        start: FloatArray,
        bounds: FloatArray,
        rounds: int = _ROUNDS,
    ) -> tuple[FloatArray, FloatArray]:
        """Solve many problems in batches of one shape."""
        batch = _BATCH
        points, misfits = [], []
        with jax.enable_x64(True):
            for begin in range(0, len(base), batch):
                part = slice(begin, begin + batch)
                short = batch - len(base[part])
                # The last batch is filled up with its first problem.
                filled = [np.concatenate([x[part], np.repeat(x[begin : begin + 1], short, 0)]) for x in
                          (base, matrix, start, bounds)]  # fmt: skip
                point, misfit = _solve_all(*filled, self.data, rounds)
                points.append(np.asarray(point)[: batch - short])
                misfits.append(np.asarray(misfit)[: batch - short])
        return np.concatenate(points), np.concatenate(misfits)

    def describe(self, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the predicted losses `[2, K]` over the reference, and their slopes `[2, K, 7]`, weighted."""
        with jax.enable_x64(True):
            predicted, slope = _describe(theta, self.data)
        return np.asarray(predicted)[:, : self.count], np.asarray(slope)[:, : self.count]

    def matrix(self, law: Law) -> FloatArray:
        """Return the whole plane of a law `[5, 7]`: the two rates, then what is free, then zeros."""
        matrix = np.zeros((_MOST_FREE, _SIZE))
        matrix[0, 0] = matrix[1, 1] = 1.0
        for place, row in enumerate(law.matrix):
            matrix[2 + place] = row
        return matrix

    def guess(self, theta: FloatArray) -> FloatArray:
        """Return log rates `[2]` that give the mean losses with these exponents."""
        p, q = theta[[2, 4]], theta[[3, 5]]
        return np.asarray(self.log_rate - p * self.mean_log[::-1] - q * self.mean_log, dtype=np.float64)


# What a fit says


@dataclasses.dataclass(frozen=True)
class Estimate:
    """A number with its interval at 95 %; an end that the battle does not give is None."""

    value: float
    low: float | None
    high: float | None


@dataclasses.dataclass(frozen=True)
class LawFit:
    """One law fitted to one battle.

    `rates` are the losses a day that each side suffers at the reference, over the reference (1/day).
    `coefficients` are the same in the units of the table: losses a day over enemy^p x own^q. `expected`
    `[2, K]` are the losses of each interval under the law, `r2` the share of the variation of daily losses
    that it explains, `spread` the residual standard deviation of each side's daily losses. `correlation` is
    that of residuals of one interval with those of the next, the mean of both sides.
    """

    law: str
    meaning: str
    rates: dict[str, Estimate]
    coefficients: dict[str, float]
    exponents: dict[str, Estimate]
    expected: FloatArray
    r2: dict[str, float]
    spread: dict[str, float]
    parameters: int
    aicc: float
    correlation: float
    difference: float = 0.0
    """AICc above that of the best law."""


@dataclasses.dataclass(frozen=True)
class Region:
    """The exponents (p, q) of both sides that the battle allows at 95 %: `inside` `[p, q]` over a grid.

    `open` says that the region reaches the edge of the grid, so that its ends are no ends.
    """

    p: FloatArray
    q: FloatArray
    inside: npt.NDArray[np.bool_]
    open: bool

    def holds(self, p: float, q: float) -> bool:
        """Say whether the nearest point of the grid lies inside."""
        return bool(self.inside[np.argmin(np.abs(self.p - p)), np.argmin(np.abs(self.q - q))])

    def range(self, p: float, q: float) -> tuple[float, float] | None:
        """Return the least and the most of p x (p of the law) + q x (q of the law) inside, or None."""
        values = (p * self.p[:, None] + q * self.q[None, :])[self.inside]
        return (float(values.min()), float(values.max())) if values.size else None


@dataclasses.dataclass(frozen=True)
class BattleFit:
    """A battle with every law of the family fitted to it."""

    table: BattleTable
    laws: tuple[LawFit, ...]
    region: Region
    sentence: str

    def law(self, name: str) -> LawFit:
        """Return the fit of a law by its name."""
        return next(fit for fit in self.laws if fit.law == name)


def fit_battle(table: BattleTable) -> BattleFit:
    """Fit every law of the family to a battle, with intervals and the region of (p, q).

    Raises:
        InputError: there are too few intervals for the laws.
    """
    problem = _Problem(table)
    laws = [*LAWS]
    if len(set(table.attacker.tolist())) > 1:
        laws.append(TACTICAL)
    total = 2 * problem.count
    if total <= 2 + max(len(law.free) for law in laws) + 3:
        raise InputError("the table has too few days for these laws.", table.name, "give more days.")
    base = np.array([law.base for law in laws], dtype=np.float64)
    matrix = np.array([problem.matrix(law) for law in laws])
    points, misfits = _best_of(problem, laws, base, matrix)
    intervals = _profiles(problem, laws, base, matrix, points, misfits)
    fits = [
        _law_fit(table, problem, law, base[i] + points[i] @ matrix[i], misfits[i], intervals[i])
        for i, law in enumerate(laws)
    ]
    best = min(fit.aicc for fit in fits)
    fits = [dataclasses.replace(fit, difference=fit.aicc - best) for fit in fits]
    fits.sort(key=lambda fit: fit.aicc)
    region = _region(problem, points[[law.name for law in laws].index("generalised")])
    return BattleFit(table, tuple(fits), region, _sentence(fits))


def _best_of(
    problem: _Problem, laws: Sequence[Law], base: FloatArray, matrix: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the best of three searches for each law: `[laws, 5]` and the misfits `[laws]`.

    None starts at 0, where an exponent of the war's law has no slope.
    """
    points, misfits = [], []
    for first in (0.5, -1.0, 2.0):
        start = np.zeros((len(laws), _MOST_FREE))
        for place, law in enumerate(laws):
            start[place, _RATES : _RATES + min(len(law.free), 2)] = first
            start[place, :_RATES] = problem.guess(base[place] + start[place] @ matrix[place])
        point, misfit = problem.solve(base, matrix, start, np.array([_bounds(law) for law in laws]))
        points.append(point)
        misfits.append(misfit)
    best = np.argmin(np.array(misfits), axis=0)
    each = np.arange(len(laws))
    return np.array(points)[best, each], np.array(misfits)[best, each]


def _threshold(total: int, parameters: int, together: int) -> float:
    """Return by how much -2 log likelihood may rise, from the F distribution."""
    left = total - parameters
    return total * math.log1p(together / left * float(stats.f.ppf(LEVEL, together, left)))


def _profiles(
    problem: _Problem,
    laws: Sequence[Law],
    base: FloatArray,
    matrix: FloatArray,
    points: FloatArray,
    misfits: FloatArray,
) -> list[list[Interval]]:
    """Return for each law the interval of each of its parameters, by profile likelihood."""
    bases, planes, starts, bounds, where = [], [], [], [], []
    steps = np.linspace(-_REACH, _REACH, _STEPS)
    for i, law in enumerate(laws):
        used = _RATES + len(law.free)
        covariance = _covariance(problem, base[i] + points[i] @ matrix[i], matrix[i][:used])
        spread = np.minimum(np.sqrt(np.diag(covariance)), 2.0)
        for j in range(used):
            plane = matrix[i].copy()
            plane[j] = 0.0
            for step in steps:
                value = float(np.clip(points[i, j] + step * spread[j], *_bounds(law)[:, j]))
                bases.append(base[i] + value * matrix[i, j])
                planes.append(plane)
                # The others begin where they would go if the likelihood were a parabola.
                start = points[i].copy()
                start[:used] += covariance[:, j] / covariance[j, j] * (value - points[i, j])
                start = np.clip(start, *_bounds(law))
                start[j] = 0.0
                starts.append(start)
                bounds.append(_bounds(law))
                where.append((i, j, value))
    _, risen = problem.solve(
        np.array(bases), np.array(planes), np.array(starts), np.array(bounds), _FEW_ROUNDS
    )
    result: list[list[Interval]] = []
    total = 2 * problem.count
    for i, law in enumerate(laws):
        used = _RATES + len(law.free)
        limit = misfits[i] + _threshold(total, used, 1)
        ends = []
        for j in range(used):
            mine = [k for k, (a, b, _) in enumerate(where) if (a, b) == (i, j)]
            ends.append(_crossings(np.array([where[k][2] for k in mine]), risen[mine], limit))
        result.append(ends)
    return result


def _covariance(problem: _Problem, theta: FloatArray, plane: FloatArray) -> FloatArray:
    """Return Gauss and Newton's covariance of the parameters of a law, for the reach of the profile."""
    predicted, slope = problem.describe(theta)
    weight = problem.data["weight"][: problem.count]
    residual = (problem.data["losses"][:, : problem.count] - predicted) * weight
    variance = (np.sum(residual**2, axis=1) + problem.data["floor"]) / problem.count
    curve = np.einsum("s,ski,skj->ij", 1.0 / variance, slope, slope)
    inverse = np.linalg.pinv(plane @ curve @ plane.T, rcond=1e-12)
    return np.asarray(inverse + 1e-24 * np.eye(len(plane)), dtype=np.float64)


def _crossings(values: FloatArray, misfit: FloatArray, limit: float) -> Interval:
    """Return where the profile leaves the limit below and above its middle; None where it does not."""
    middle = len(values) // 2
    least = float(misfit.min())

    def crossing(order: Sequence[int]) -> float | None:
        for before, after in itertools.pairwise(order):
            if misfit[after] > limit:
                # The root of the rise is nearly straight.
                rise, wanted = (float(np.sqrt(max(x - least, 0.0))) for x in (misfit[after], limit))
                begun = float(np.sqrt(max(misfit[before] - least, 0.0)))
                part = (wanted - begun) / (rise - begun) if rise > begun else 0.0
                return float(values[before] + np.clip(part, 0.0, 1.0) * (values[after] - values[before]))
        return None

    return crossing(range(middle, -1, -1)), crossing(range(middle, len(values)))


def _law_fit(
    table: BattleTable,
    problem: _Problem,
    law: Law,
    theta: FloatArray,
    misfit: float,
    intervals: list[Interval],
) -> LawFit:
    predicted, _ = problem.describe(theta)
    expected = predicted * table.reference
    missed = (table.losses - expected) / np.sqrt(table.length)
    around = (table.losses - table.losses.sum(axis=1, keepdims=True) / table.length.sum() * table.length) / (
        np.sqrt(table.length)
    )
    free = _RATES + len(law.free)
    total = 2 * problem.count
    used = free + 2
    left = (total - free) / 2.0
    rates = {
        side: Estimate(float(np.exp(theta[i])), *(_exp(end) for end in intervals[i]))
        for i, side in enumerate(SIDES)
    }
    p, q = theta[[2, 4]], theta[[3, 5]]
    coefficients = np.exp(theta[:_RATES] + (1.0 - p - q) * math.log(table.reference))
    exponents = {}
    for place, name in enumerate(law.free):
        value = float(_free_value(law, theta, place))
        low, high = intervals[_RATES + place]
        if name == "log d":
            exponents["d"] = Estimate(math.exp(value), _exp(low), _exp(high))
        else:
            exponents[name] = Estimate(value, low, high)
    squares = np.sum(missed**2, axis=1)
    variation = np.sum(around**2, axis=1)
    return LawFit(
        law=law.name,
        meaning=law.meaning,
        rates=rates,
        coefficients=dict(zip(SIDES, coefficients.tolist(), strict=True)),
        exponents=exponents,
        expected=expected,
        r2={
            side: float(1.0 - squares[i] / variation[i]) if variation[i] > 0.0 else math.nan
            for i, side in enumerate(SIDES)
        },
        spread={side: float(np.sqrt(squares[i] / left)) for i, side in enumerate(SIDES)},
        parameters=free,
        aicc=float(misfit) + 2.0 * used + 2.0 * used * (used + 1) / max(total - used - 1, 1),
        correlation=float(np.mean([_next_to(row) for row in missed])),
    )


def _free_value(law: Law, theta: FloatArray, place: int) -> float:
    """Return a free parameter from the whole vector: the first entry that it alone moves."""
    row = np.array(law.matrix[place])
    entry = int(np.nonzero(row)[0][0])
    return float((theta[entry] - law.base[entry]) / row[entry])


def _exp(value: float | None) -> float | None:
    return None if value is None else math.exp(value)


def _next_to(residual: FloatArray) -> float:
    """Return the correlation of residuals with the next ones; 0 where they do not vary."""
    before, after = residual[:-1], residual[1:]
    if len(before) < 3 or before.std() == 0.0 or after.std() == 0.0:
        return 0.0
    return float(np.corrcoef(before, after)[0, 1])


def _region(problem: _Problem, best: FloatArray) -> Region:
    """Return the (p, q) that the battle allows, by the likelihood with both rates at their best."""
    p, q = (one.ravel() for one in np.meshgrid(_GRID, _GRID, indexing="ij"))
    base = np.zeros((p.size + 1, _SIZE))
    base[:-1, 2] = base[:-1, 4] = p
    base[:-1, 3] = base[:-1, 5] = q
    base[-1, [2, 4]], base[-1, [3, 5]] = best[2], best[3]
    plane = np.zeros((_MOST_FREE, _SIZE))
    plane[0, 0] = plane[1, 1] = 1.0
    start = np.zeros((len(base), _MOST_FREE))
    for place, theta in enumerate(base):
        start[place, :_RATES] = problem.guess(theta)
    _, misfit = problem.solve(
        base,
        np.repeat(plane[None], len(base), 0),
        start,
        np.repeat(_bounds(LAWS[0])[None], len(base), 0),
        _FEW_ROUNDS,
    )
    limit = float(misfit.min()) + _threshold(2 * problem.count, 4, 2)
    inside = (misfit[:-1] <= limit).reshape(len(_GRID), len(_GRID))
    edge = np.concatenate([inside[0], inside[-1], inside[:, 0], inside[:, -1]])
    beyond = max(abs(best[2]), abs(best[3])) > 3.0 or min(best[2], best[3]) < -1.0
    return Region(_GRID, _GRID, inside, bool(edge.any()) or bool(beyond))


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _sentence(fits: Sequence[LawFit]) -> str:
    """Say in one sentence which named laws this battle can and cannot tell apart."""
    named = [fit for fit in fits if not fit.exponents and fit.law != "constant"]
    constant = next(fit for fit in fits if fit.law == "constant")
    together = [fit.law for fit in named if fit.difference <= TOGETHER]
    worse = [fit.law for fit in named if TOGETHER < fit.difference <= FAR]
    far = [fit.law for fit in named if fit.difference > FAR]
    quoted = {name: f"'{name}'" if "," in name else name for name in [*together, *worse, *far]}
    parts = []
    if len(together) > 1:
        parts.append(f"this battle cannot tell apart these laws: {_listed([quoted[x] for x in together])}")
    elif together:
        parts.append(f"of the named laws this battle fits best with one: {quoted[together[0]]}")
    else:
        parts.append("none of the named laws fits this battle as well as free exponents do")
    if worse:
        parts.append(f"it fits less well with {_listed([quoted[x] for x in worse])}")
    if far:
        parts.append(f"it speaks against {_listed([quoted[x] for x in far])}")
    if constant.difference <= TOGETHER:
        parts.append("losses that do not depend on numbers at all fit as well, so it says little of any law")
    text = "; ".join(parts)
    return f"{text[:1].upper()}{text[1:]}."
