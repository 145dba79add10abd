"""In which wars an outcome turns out one way: boxes of wars, as a few conditions on what wars differ in.

Scenario discovery (Bryant and Lempert 2010, Technological Forecasting and Social Change 77, 34-49) by the
Patient Rule Induction Method (Friedman and Fisher 1999, Statistics and Computing 9, 123-143). Of a box,

    coverage = cases inside / all cases,  density = cases inside / wars inside,  support = wars inside / wars

Half of the draws are searched, and the other half judge what was found: no number of a box comes from the
wars in which it was sought. Wars that share a draw always stay together; so do wars that share a setting of
what somebody chooses, where there are such.

The search:

1. Peel: from all wars, slice after slice of about `peel` of those left is cut off one end of one column (of a
   column of choices: one choice), each time the slice that raises the density most for each war that it
   takes. What is kept of a peel is the point at which the excess is largest,

       excess = cases inside - wars inside * edge,  edge = cases / wars that the peel began with

   Where cases have one density inside a box and a lower one outside, the excess is largest at exactly that
   box; where their share changes gradually, the box ends where the share is that of all wars. So the point
   depends on no weight between coverage and density, which somebody would have to choose. Who wants a
   denser and smaller box states a higher edge: the box then ends where the share of cases falls below it.
2. Choose columns, in two ways, since single slices of a few wars mislead where columns are many: leave out of
   the peel the column that costs least excess, again and again, until `most_restricted` are left and each
   costs some; and add to nothing the column whose best interval, or best choices, raise the excess most,
   again and again, up to as many. Then peel along these columns only: from all wars, and from the intervals
   that were added, which a peel from the ends cannot reach where cases lie at both ends of a column.
3. Paste: move every limit in turn, outward or inward, to where the excess is largest, until none moves. Peels
   are coarse; limits that were pasted are as fine as the wars allow. Of the three boxes the one with the
   largest excess is kept; its peel is the trajectory.
4. Leave out restrictions that do not hold (below), corrected for every end and choice that there was.

The judgement, in the half of the draws that was not searched: a box is kept only if its density is above that
of the wars around it, with a false alarm in at most 5 % of searches that have nothing to find, however many
columns were searched; each of its restrictions has to hold there too, corrected for their number. The first
box that is not kept ends the search. A later box is sought in the wars outside the earlier ones: its
coverage, density and support count those wars only, coverage and support as shares of all cases and wars.

Quasi-p-value of a restriction (Bryant and Lempert 2010, their binomial test): the chance that as many of the
n wars inside are cases, if the share of cases were q, as in the wars that meet all other conditions,

    p = I_q(d m, (1 - d) m + 1),  m = q (1 - q) / variance of d when outcomes are dealt again to wars

with d the density, I the regularised incomplete beta function (the binomial tail), and m the number of
independent wars that n wars are worth. Outcomes are dealt by whole draws. A restriction holds if p is at most
5 % / number tested, and the density without it would lose at least 5 % of what it is above the share q0 of
cases in the wars that were given to the search.

Intervals: those of Jeffreys (Brown, Cai and DasGupta 2001, Statistical Science 16, 101-133) for the number of
independent wars that gives the variance of the share among whole draws, to first order what resampling the
draws gives; a share of 0 or 1 has a width too.

Where it fails: what is no box (a diagonal, a ring) is covered by several or not found; of two columns that
say the same one is named; two columns that act only together may be seen by no first slice. A box that barely
held is a little less dense than it is said to be, as is anything that is kept for being high.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
import math
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from ceasefire.analysis.shares import FloatArray, Share
from ceasefire.files import InputError, suggest

BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]
Criterion = Literal["lenient", "gain"]
Kind = Literal["low", "high", "not"]

LEAST_WARS = 200
LEAST_DRAWS = 20
# Of all wars, those that a box holds at the least.
LEAST_SUPPORT = 0.05
FALSE_ALARMS = 0.05
# What a restriction has to add to a density, as a share of what the density is above that of all wars.
HARDLY = 0.05
LEVEL = 0.9
# Rounds of pasting; it ends by itself, most often after two or three.
ROUNDS = 20
# Wars, of the whole, that the rounding of a limit may put on the other side.
ROUNDED = 0.005
MOST_FIGURES = 15
# Columns that are looked at together.
TOGETHER = 64
# Independent wars below which a cell of a map says nothing.
LEAST_IN_CELL = 10


@dataclasses.dataclass(frozen=True)
class Column:
    """Something in which wars differ."""

    name: str
    unit: str
    choices: tuple[str, ...] = ()
    """Names of the choices, of which the values are codes from 0; none: the values are numbers."""


@dataclasses.dataclass(frozen=True)
class Limit:
    """What a box asks of one column."""

    column: Column
    row: int
    """Where the column stands among the values."""
    low: float
    """Least value inside, in the unit of the column; minus infinity where open."""
    high: float
    """Greatest value inside; infinity where open."""
    excluded: tuple[str, ...]
    """Choices outside."""
    kept: tuple[str, ...]
    """Choices inside, of those that any war has."""
    quasi_p: float
    """Quasi-p-value in the wars that were not searched; the greatest of its two ends, or of its choices."""
    figures: int
    """Significant digits of the ends, from 2, that leave nearly all wars on their side."""


@dataclasses.dataclass(frozen=True)
class Box:
    """Wars that meet a few conditions, with what the half of the draws that was not searched says of them."""

    limits: tuple[Limit, ...]
    """At least one; a war is inside if it is within all of them."""
    coverage: Share
    """Cases inside / all cases."""
    density: Share
    """Cases inside / wars inside."""
    support: Share
    """Wars inside / wars."""
    base: float
    """Cases / wars, of all wars that were not searched."""
    p: float
    """The chance of such a density where the columns say nothing of the outcome."""
    wars: int
    """Wars inside that were not searched."""

    def inside(self, values: npt.ArrayLike) -> BoolArray:
        """Return which wars meet its conditions, `[N]`, of the values `[D, N]` of all columns."""
        given = np.asarray(values, dtype=np.float64)
        found: BoolArray = np.ones(given.shape[-1], dtype=bool)
        for limit in self.limits:
            row = given[limit.row]
            found &= (row >= limit.low) & (row <= limit.high)
            for choice in limit.excluded:
                found &= row != limit.column.choices.index(choice)
        return found


@dataclasses.dataclass(frozen=True)
class Discovery:
    """Where an outcome's cases are."""

    boxes: tuple[Box, ...]
    """In the order in which they were found; a war in several belongs to the first."""
    trajectory: pd.DataFrame
    """The last peel of each box that was sought, the last one not kept where `refused` says so.

    A row for each step: `box` (from 1), `step` (0: nothing removed), `column` and `side` that were cut
    (`low`, `high`, or the choice), `coverage`, `density` and `support` in the draws that were searched,
    `density_held_out` in the others, `restricted` (columns so far), `chosen` (from where limits were pasted).
    """
    base: float
    """Cases / wars, of all wars."""
    left_out: tuple[str, ...]
    """Columns that never vary."""
    wars: int
    draws: int
    """Draws the wars started from."""
    refused: str
    """Why there is no further box; empty where as many were found as asked for."""

    def box_of(self, values: npt.ArrayLike) -> IntArray:
        """Return the box that each war belongs to, `[N]` from 0, and -1 for none."""
        given = np.asarray(values, dtype=np.float64)
        found: IntArray = np.full(given.shape[-1], -1)
        for number, box in enumerate(self.boxes):
            found[box.inside(given) & (found < 0)] = number
        return found


class _Restriction(NamedTuple):
    """One end of one column, or one choice that is left out."""

    row: int
    kind: Kind
    value: float


_Region = tuple[_Restriction, ...]


class _Step(NamedTuple):
    """What a peel cut, and what it left."""

    cut: _Restriction | None
    wars: int
    cases: float


def _meets(column: FloatArray, kind: Kind, value: float) -> BoolArray:
    if kind == "not":
        return np.asarray(column != value)
    return np.asarray(column >= value if kind == "low" else column <= value)


@dataclasses.dataclass(frozen=True)
class _Part:
    """Some of the wars; values and cases are those of all, and not copied."""

    values: FloatArray
    cases: FloatArray
    clusters: tuple[IntArray, ...]
    """For each way in which wars belong together: with which others each does."""
    wars: npt.NDArray[np.intp]
    edge: float | None = None

    @functools.cached_property
    def outcome(self) -> FloatArray:
        return self.cases[self.wars]

    @functools.cached_property
    def share(self) -> float:
        return float(self.outcome.mean()) if self.wars.size else 0.0

    @property
    def bar(self) -> float:
        """The share of cases at which a box ends."""
        return self.share if self.edge is None else self.edge

    def meets(self, restriction: _Restriction) -> BoolArray:
        return _meets(self.values[restriction.row, self.wars], restriction.kind, restriction.value)

    def inside(self, region: _Region) -> BoolArray:
        found: BoolArray = np.ones(self.wars.size, dtype=bool)
        for restriction in region:
            found &= self.meets(restriction)
        return found

    def density(self, region: _Region) -> float:
        inside = self.inside(region)
        return float(self.outcome[inside].mean()) if inside.any() else 0.0

    def only(self, chosen: BoolArray) -> _Part:
        return dataclasses.replace(self, wars=self.wars[chosen])


def discover(
    columns: Sequence[Column],
    values: npt.ArrayLike,
    cases: npt.ArrayLike,
    *,
    peel: float = 0.05,
    least_support: float = LEAST_SUPPORT,
    boxes: int = 3,
    most_restricted: int = 3,
    criterion: Criterion = "lenient",
    edge: float | None = None,
    draws: npt.ArrayLike | None = None,
    chosen: npt.ArrayLike | None = None,
    seed: int = 0,
) -> Discovery:
    """Return the boxes of wars in which an outcome's cases are dense.

    Args:
        columns: what wars differ in, D of them.
        values: `[D, N]`, in the unit of each column, or codes of its choices.
        cases: which wars are cases, `[N]`: true or 1, false or 0, and 1/2 for a tie.
        peel: share of the wars left that a slice takes; smaller is more patient.
        least_support: share of all wars that a box may not fall below.
        boxes: how many are sought at most.
        most_restricted: columns that a box restricts at most.
        criterion: which slice is cut off. `lenient`: the one with the largest gain in density for each war it
            takes; `gain`: the largest gain in density, which prefers whole choices, and numbers with few
            values, since their slices are larger. Both are the same where no two values are equal.
        edge: the share of cases at which a box ends; None: that of the wars it is sought in. One below that
            counts as none.
        draws: which draw each war started from, `[N]`; None: each has its own.
        chosen: which setting of what somebody chooses each war has, `[N]`, where several wars share one;
            None: none do. Wars that are searched and wars that judge then share neither draw nor setting, so
            that a half of all wars is in neither; of the two intervals the wider counts.
        seed: of the halves of the draws.

    Raises:
        InputError: an outcome that never varies, values that are no numbers or no codes, shapes that do not
            fit, too few wars or draws, or a setting out of range.
    """
    _check_settings(peel, least_support, boxes, most_restricted, criterion, edge)
    given, outcome = _checked(columns, values, cases)
    clusters = [_checked_draws(draws, outcome.size)]
    if chosen is not None:
        clusters.append(_checked_draws(chosen, outcome.size, "settings"))
    varies = np.ptp(given, axis=1) > 0
    rows = np.flatnonzero(varies)
    here, there = np.ones((2, outcome.size), dtype=bool)
    for place, cluster in enumerate(clusters):
        several = int(cluster.max()) + 1
        half = np.random.default_rng([seed, 17 + place]).permutation(several)[: (several + 1) // 2]
        inside = np.isin(cluster, half)
        here, there = here & inside, there & ~inside
    whole = _Part(given, outcome, tuple(clusters), np.arange(outcome.size))
    search, judge = whole.only(here), whole.only(there)
    if edge is not None and edge > search.share:
        search = dataclasses.replace(search, edge=edge)
    settings = _Settings(
        tuple(columns),
        peel,
        math.ceil(least_support * search.wars.size),
        most_restricted,
        criterion,
        float(search.outcome.sum()),
        search.wars.size,
        search.edge or 0.0,
    )
    found: list[Box] = []
    tables: list[pd.DataFrame] = []
    refused = ""
    left, rest = search, judge
    ranked = _ranked(search, rows, settings.columns)
    while len(found) < boxes and not refused:
        region, path, chosen = _search(left, ranked, settings)
        tables.append(_table(len(found) + 1, path, chosen, left, rest, settings))
        box, region, refused = _judge(region, rest, judge, whole, settings)
        if box is not None:
            found.append(box)
            ranked = ranked.only(~left.inside(region))
            left, rest = left.only(~left.inside(region)), rest.only(~rest.inside(region))
    return Discovery(
        boxes=tuple(found),
        trajectory=pd.concat(tables, ignore_index=True),
        base=whole.share,
        left_out=tuple(column.name for column, kept in zip(columns, varies, strict=True) if not kept),
        wars=outcome.size,
        draws=int(clusters[0].max()) + 1,
        refused=refused,
    )


@dataclasses.dataclass(frozen=True)
class _Settings:
    columns: tuple[Column, ...]
    peel: float
    least: int
    """Wars of the half that is searched which a box has to hold."""
    most: int
    criterion: Criterion
    cases: float
    """Cases of that half."""
    wars: int
    edge: float = 0.0
    """The share of cases that somebody stated as the edge of a box; 0: nobody did."""


def _search(part: _Part, ranked: _Ranked, settings: _Settings) -> tuple[_Region, list[_Step], int]:
    """Return the region of largest excess, its peel, and the step from which it was pasted."""
    path = _peel(ranked, settings)
    left = _fewest(part, _region(path, _best(path, part.bar)), settings.most)
    added = _strongest(part, ranked, settings)
    best: tuple[float, _Region, list[_Step], int] | None = None
    for columns, begun in ((left, ()), (added, ()), (added, added)):
        path = _peel(_ranked(part, _rows(columns), settings.columns), settings, begun)
        chosen = _best(path, part.bar)
        region = _paste(part, _region(path, chosen), settings.least)
        excess = _excess(part, region)
        if best is None or excess > best[0] + 1e-9:
            best = (excess, region, path, chosen)
    assert best is not None
    _, region, path, chosen = best
    tried = sum(max(2, len(settings.columns[row].choices)) for row in ranked.rows)
    region = tuple(_holding(part, region, part.share, tried))
    return _paste(part, region, settings.least), path, chosen


def _rows(region: _Region) -> npt.NDArray[np.intp]:
    return np.unique(np.array([restriction.row for restriction in region], dtype=np.intp))


def _excess(part: _Part, region: _Region) -> float:
    return float((part.outcome - part.bar)[part.inside(region)].sum())


@dataclasses.dataclass(frozen=True)
class _Ranked:
    """The wars of a part by rising value."""

    rows: npt.NDArray[np.intp]
    """The columns, of all."""
    values: FloatArray
    """`[R, n]`."""
    outcome: FloatArray
    numbers: npt.NDArray[np.intp]
    """Which of the rows are numbers; the others are choices."""
    choices: npt.NDArray[np.intp]
    order: npt.NDArray[np.intp]
    """For each row of numbers, the wars by rising value; of equal values the first war first."""

    def only(self, chosen: BoolArray) -> _Ranked:
        """Return some of the wars, numbered anew."""
        number = np.cumsum(chosen) - 1
        order = number.take(_left(self.order, chosen))
        return dataclasses.replace(
            self, values=self.values[:, chosen], outcome=self.outcome[chosen], order=order
        )


def _left(order: npt.NDArray[np.intp], chosen: BoolArray) -> npt.NDArray[np.intp]:
    """Return rows that each hold all wars without those that are not chosen."""
    return order[chosen.take(order)].reshape(order.shape[0], int(chosen.sum()))


def _taken(values: FloatArray, places: npt.NDArray[np.intp]) -> FloatArray:
    """Return values at places of their own row, `[K, m]` of `[K, n]`."""
    first = values.shape[1] * np.arange(values.shape[0])
    return np.asarray(values.take(places + first[:, None]))


def _ranked(part: _Part, rows: npt.NDArray[np.intp], columns: tuple[Column, ...]) -> _Ranked:
    values = part.values[np.ix_(rows, part.wars)]
    chooses = np.array([bool(columns[row].choices) for row in rows], dtype=bool)
    numbers = np.flatnonzero(~chooses)
    order = np.argsort(values[numbers], axis=1, kind="stable")
    return _Ranked(rows, values, part.outcome, numbers, np.flatnonzero(chooses), order)


def _strongest(part: _Part, ranked: _Ranked, settings: _Settings) -> _Region:
    """Add the column whose best interval, or best choices, raise the excess most, until there are `most`.

    An interval is the run of values of largest sum (Bentley 1984, Communications of the ACM 27, 865-871).
    """
    region: _Region = ()
    pull = part.outcome - part.bar
    for _ in range(settings.most):
        inside = part.inside(region)
        taken = set(_rows(region).tolist())
        found: list[tuple[float, _Region]] = [
            *_intervals(ranked, pull, inside, settings.least),
            *_sets(ranked, pull, inside, settings.least),
        ]
        new = [one for one in found if one[1] and one[1][0].row not in taken]
        if not new:
            break
        region = tuple(sorted((*region, *max(new, key=lambda one: one[0])[1])))
        region = _paste(part, region, settings.least)
    return region


def _intervals(
    ranked: _Ranked, pull: FloatArray, inside: BoolArray, least: int
) -> list[tuple[float, _Region]]:
    """Return the excess of the best interval of each column of numbers, of the wars inside, and its ends."""
    found: list[tuple[float, _Region]] = []
    wars = int(inside.sum())
    if not wars:
        return found
    # Some columns at a time, so that what is computed of them stays in the cache of a processor.
    for start in range(0, ranked.numbers.size, TOGETHER):
        numbers = ranked.numbers[start : start + TOGETHER]
        order = _left(ranked.order[start : start + TOGETHER], inside)
        columns = _taken(ranked.values[numbers], order)
        every = np.arange(numbers.size)
        # An end lies where the value changes.
        ends = np.ones((numbers.size, wars + 1), dtype=bool)
        ends[:, 1:-1] = columns[:, 1:] != columns[:, :-1]
        sums = np.zeros((numbers.size, wars + 1))
        np.cumsum(pull.take(order), axis=1, out=sums[:, 1:])
        lowest = np.minimum.accumulate(np.where(ends, sums, math.inf), axis=1)
        last = np.argmax(np.where(ends, sums - lowest, -math.inf), axis=1)
        least_sum = lowest[every, last]
        first = np.argmax(ends & (sums == least_sum[:, None]), axis=1)
        excess = sums[every, last] - least_sum
        for row in np.flatnonzero(last - first >= least):
            at = int(ranked.rows[numbers[row]])
            low = _Restriction(at, "low", float(columns[row, first[row]]))
            high = _Restriction(at, "high", float(columns[row, last[row] - 1]))
            held = (*((low,) if first[row] > 0 else ()), *((high,) if last[row] < wars else ()))
            found.append((float(excess[row]), held))
    return found


def _sets(ranked: _Ranked, pull: FloatArray, inside: BoolArray, least: int) -> list[tuple[float, _Region]]:
    """Return the excess of the best choices of each column of choices, of the wars inside, and the others."""
    found: list[tuple[float, _Region]] = []
    for row in ranked.choices:
        codes = ranked.values[row, inside].astype(np.int64)
        sums, wars = np.bincount(codes, weights=pull[inside]), np.bincount(codes)
        if wars[sums >= 0.0].sum() < least:
            continue
        at = int(ranked.rows[row])
        out = tuple(_Restriction(at, "not", float(code)) for code in np.flatnonzero(sums < 0.0))
        found.append((float(sums[sums >= 0.0].sum()), out))
    return found


def _peel(ranked: _Ranked, settings: _Settings, begun: _Region = ()) -> list[_Step]:
    """Cut slice after slice off the wars, until the support or the gain is used up.

    Args:
        ranked: the wars.
        settings: how large slices are, and how many wars have to be left.
        begun: what is cut before, one restriction a step.
    """
    outcome, values, order = ranked.outcome, ranked.values, ranked.order
    columns, codes = values[ranked.numbers], _codes(ranked)
    alive = np.ones(outcome.size, dtype=bool)
    wars, total = outcome.size, float(outcome.sum())
    path = [_Step(None, wars, total)]

    def cut(row: int, kind: Kind, value: float) -> None:
        nonlocal wars, total, order, alive
        alive &= _meets(values[row], kind, value)
        wars, total = int(alive.sum()), float(outcome[alive].sum())
        order = _left(order, alive)
        path.append(_Step(_Restriction(int(ranked.rows[row]), kind, value), wars, total))

    for restriction in begun:
        cut(ranked.rows.tolist().index(restriction.row), restriction.kind, restriction.value)
    while wars > settings.least:
        size = max(1, math.floor(settings.peel * wars))
        if size >= wars:
            break
        slices = (
            _ends(order, columns, ranked.numbers, outcome, "low", size),
            _ends(order[:, ::-1], columns, ranked.numbers, outcome, "high", size),
            _choices(codes, outcome, alive, size),
        )
        best = _best_slice(slices, wars, total, settings)
        if best is None:
            break
        cut(*best)
    return path


class _Slices(NamedTuple):
    """What may be cut off: restrictions of one kind (with the row within the peel), wars and cases."""

    kind: Kind
    rows: npt.NDArray[np.intp]
    values: FloatArray
    wars: npt.NDArray[np.intp]
    cases: FloatArray


def _best_slice(
    slices: Sequence[_Slices], wars: int, cases: float, settings: _Settings
) -> tuple[int, Kind, float] | None:
    """Return the slice to cut off: of equal scores that of the most wars, and of these the first.

    Args:
        slices: what may be cut off.
        wars: wars left.
        cases: cases among them.
        settings: the criterion, and how many wars have to be left.
    """
    best: tuple[float, int, tuple[int, Kind, float]] | None = None
    for kind, rows, values, lost, lost_cases in slices:
        fits = np.flatnonzero(wars - lost >= settings.least)
        gain = (cases - lost_cases[fits]) / (wars - lost[fits]) - cases / wars
        fits, gain = fits[gain > 1e-12], gain[gain > 1e-12]
        if not fits.size:
            continue
        score = gain / lost[fits] if settings.criterion == "lenient" else gain
        top = fits[score == score.max()]
        one = top[np.argmax(lost[top])]
        if best is None or (score.max(), lost[one]) > best[:2]:
            best = (score.max(), lost[one], (int(rows[one]), kind, float(values[one])))
    return None if best is None else best[2]


def _ends(
    order: npt.NDArray[np.intp],
    columns: FloatArray,
    numbers: npt.NDArray[np.intp],
    outcome: FloatArray,
    kind: Kind,
    size: int,
) -> _Slices:
    """Return the slices at one end of the columns of numbers.

    A slice ends between two values that differ: at the last such place before `size` wars if that takes at
    least half as many, otherwise at the first after it.

    Args:
        order: for each column, the wars left, from that end on.
        columns: `[K, n]`.
        numbers: which rows of the peel they are.
        outcome: `[n]`.
        kind: the end.
        size: wars of a slice.
    """
    wars = order.shape[1]
    near = order[:, :size]
    edge = _taken(columns, order[:, size : size + 1])
    out = _taken(columns, near) != edge
    lost, cases, values = out.sum(axis=1), (outcome.take(near) * out).sum(axis=1), edge[:, 0]
    tied = np.flatnonzero(lost < size / 2)
    if tied.size:
        ranked = order[tied]
        ordered = _taken(columns[tied], ranked)
        lost[tied] = size + (ordered[:, size:] == edge[tied]).sum(axis=1)
        cases[tied] = (outcome.take(ranked) * (np.arange(wars) < lost[tied, None])).sum(axis=1)
        values[tied] = ordered[np.arange(tied.size), np.minimum(lost[tied], wars - 1)]
    some = lost < wars
    return _Slices(kind, numbers[some], values[some], lost[some], cases[some])


class _Codes(NamedTuple):
    """All choices of all columns of choices, one after the other."""

    rows: npt.NDArray[np.intp]
    """Of which row each is."""
    values: FloatArray
    """Its code there."""
    places: npt.NDArray[np.intp]
    """Which of them each war has, `[C, n]`."""


def _codes(ranked: _Ranked) -> _Codes:
    """Return the choices of all columns of choices."""
    codes = ranked.values[ranked.choices].astype(np.intp)
    number = codes.max(axis=1, initial=0) + 1
    first = np.cumsum(number) - number
    rows = np.repeat(ranked.choices, number)
    values = (np.arange(rows.size) - np.repeat(first, number)).astype(np.float64)
    return _Codes(rows, values, codes + first[:, None])


def _choices(codes: _Codes, outcome: FloatArray, alive: BoolArray, size: int) -> _Slices:
    """Return the single choices that may be cut off; one that takes under half of a slice says too little."""
    places, number = codes.places[:, alive], codes.rows.size
    weights = np.broadcast_to(outcome[alive], places.shape)
    wars = np.bincount(places.ravel(), minlength=number)
    cases = np.bincount(places.ravel(), weights=weights.ravel(), minlength=number).astype(np.float64)
    some = wars >= max(1.0, size / 2)
    return _Slices("not", codes.rows[some], codes.values[some], wars[some], cases[some])


def _best(path: list[_Step], bar: float) -> int:
    """Return the step with the largest excess, the first of equals."""
    return int(np.argmax([step.cases - bar * step.wars for step in path]))


def _region(path: list[_Step], chosen: int) -> _Region:
    """Return the restrictions up to a step; the last of one end counts."""
    found: dict[tuple[int, Kind, float], _Restriction] = {}
    for step in path[1 : chosen + 1]:
        assert step.cut is not None
        key = (step.cut.row, step.cut.kind, step.cut.value if step.cut.kind == "not" else 0.0)
        found[key] = step.cut
    return tuple(sorted(found.values()))


def _fewest(part: _Part, region: _Region, most: int) -> _Region:
    """Leave columns out until `most` are left and each of them costs excess, the cheapest first."""
    pull = part.outcome - part.bar
    rows = sorted({restriction.row for restriction in region})
    broken = np.array(
        [~part.inside(tuple(one for one in region if one.row == row)) for row in rows], dtype=bool
    ).reshape(len(rows), part.wars.size)
    while rows:
        only = broken.sum(axis=0) == 1
        cost = np.array([-float(pull[only & out].sum()) for out in broken])
        cheapest = int(np.argmin(cost))
        if len(rows) <= most and cost[cheapest] > 0.0:
            break
        del rows[cheapest]
        broken = np.delete(broken, cheapest, axis=0)
    return tuple(one for one in region if one.row in rows)


def _paste(part: _Part, region: _Region, least: int) -> _Region:
    """Move each limit to where the excess is largest, the others held, until none moves."""
    pull = part.outcome - part.bar
    for _ in range(ROUNDS):
        before = region
        for restriction in before:
            others = tuple(one for one in region if one != restriction)
            inside = part.inside(others)
            moved = _moved(part.values[restriction.row, part.wars[inside]], pull[inside], restriction, least)
            region = others if moved is None else tuple(sorted((*others, moved)))
        if region == before:
            break
    return region


def _moved(
    column: FloatArray, pull: FloatArray, restriction: _Restriction, least: int
) -> _Restriction | None:
    """Return a limit where it is best, and None where the box is better without it."""
    if restriction.kind == "not":
        out = column == restriction.value
        few = int((~out).sum()) < least
        return restriction if not few and float(pull[out].sum()) < 0.0 else None
    side = 1.0 if restriction.kind == "low" else -1.0
    ranked = np.argsort(side * column, kind="stable")
    ordered = column[ranked]
    # Place 0 leaves nothing out; others where the value changes and enough wars stay inside.
    places = np.concatenate([[0], 1 + np.flatnonzero(ordered[1:] != ordered[:-1])])
    places = places[ordered.size - places >= least]
    if not places.size:
        return restriction
    lost = np.concatenate([[0.0], np.cumsum(pull[ranked])])[places]
    # Sums of cases less their share differ by rounding; of equals the first leaves least out.
    best = int(np.flatnonzero(lost <= lost.min() + 1e-9)[0])
    if places[best] == 0:
        return None
    return restriction._replace(value=float(ordered[places[best]]))


def _holding(
    part: _Part, region: _Region, around: float, tried: int | None = None
) -> dict[_Restriction, float]:
    """Return the restrictions that hold in a part, with their quasi-p-values.

    Args:
        part: wars in which they are tested.
        region: the restrictions; the weakest is left out, and the others are tested again, until all hold.
        around: the share of cases that a density is compared with.
        tried: of how many they were chosen in this part; None: they were not, and their own number counts.
    """
    while region:
        density = part.density(region)
        tests = {}
        weak = {}
        for restriction in region:
            others = tuple(one for one in region if one != restriction)
            p = _quasi_p(part.only(part.inside(others)), (restriction,))
            falls = density - part.density(others)
            tests[restriction] = p
            if p > FALSE_ALARMS / (tried or len(region)) or falls < HARDLY * (density - around):
                weak[restriction] = falls
        if not weak:
            return tests
        weakest = min(weak, key=lambda one: weak[one])
        region = tuple(one for one in region if one != weakest)
    return {}


def _quasi_p(part: _Part, region: _Region) -> float:
    """Return the chance of so many cases inside, were outcomes dealt to the wars of a part again."""
    inside = part.inside(region)
    wars = int(inside.sum())
    if wars in (0, part.wars.size):
        return 1.0
    share, density = part.share, float(part.outcome[inside].mean())
    worth = min(_worth_if_dealt(inside, part.outcome, cluster[part.wars]) for cluster in part.clusters)
    if worth == 0.0 or density <= share:
        return 1.0
    return float(special.betainc(density * worth, (1.0 - density) * worth + 1.0, share))


def _worth_if_dealt(inside: BoolArray, outcome: FloatArray, draws: IntArray) -> float:
    """Return how many independent wars those inside are worth, if outcomes are dealt by whole draws.

    Equation: share (1 - share) n^2 / V, and V, the variance of the cases inside when the outcomes of a draw
    go to another, in any order, is

        V = sum (a - mean a)^2 sum (b - mean b)^2 / (G - 1) + mean(a (s - a) / (s - 1)) sum(v)

    with, for each of G draws, a wars inside of s, mean outcome b, and variance v of outcomes within it.
    """
    every = np.bincount(draws)
    there = every > 0
    size = every[there].astype(np.float64)
    if size.size < 2:
        return 0.0
    within = _by_draw(draws, inside.astype(np.float64))[there]
    mean = _by_draw(draws, outcome)[there] / size
    spread = _by_draw(draws, outcome**2)[there] / size - mean**2
    between = ((within - within.mean()) ** 2).sum() * ((mean - mean.mean()) ** 2).sum() / (size.size - 1.0)
    mixed = (within * (size - within) / np.maximum(size - 1.0, 1.0)).mean() * np.clip(spread, 0.0, None).sum()
    variance = float(between + mixed)
    share = float(outcome.mean())
    return share * (1.0 - share) * float(inside.sum()) ** 2 / variance if variance > 1e-12 else 0.0


def _by_draw(draw: IntArray, weights: FloatArray) -> FloatArray:
    return np.bincount(draw, weights=weights).astype(np.float64)


def _judge(
    region: _Region, rest: _Part, judge: _Part, whole: _Part, settings: _Settings
) -> tuple[Box | None, _Region, str]:
    """Return the box of a region if it holds in wars that were not searched, its region, and else why not."""
    if not region:
        return None, region, "no restriction held in the draws that were searched."
    p = _quasi_p(rest, region)
    if p > FALSE_ALARMS:
        return None, region, f"a further box did not hold in the draws that were not searched (p = {p:.2g})."
    tests = _holding(rest, region, rest.share)
    region = tuple(tests)
    if not region:
        return None, region, "no restriction of a further box held in the draws that were not searched."
    if rest.density(region) <= max(judge.share, whole.share, settings.edge):
        return None, region, "a further box would be no denser in cases than all wars, or than its edge."
    # Restrictions were left out after the first look, so the less certain of both counts.
    p = max(p, _quasi_p(rest, region))
    inside = np.zeros(whole.wars.size, dtype=bool)
    inside[rest.wars[rest.inside(region)]] = True
    here, outcome = inside[judge.wars].astype(np.float64), judge.outcome
    clusters = [np.unique(cluster[judge.wars], return_inverse=True)[1] for cluster in judge.clusters]

    def share(part: FloatArray, of: FloatArray) -> Share:
        found = [_share(_by_draw(one, part), _by_draw(one, of), LEVEL) for one in clusters]
        return Share(found[0].value, min(one.low for one in found), max(one.high for one in found))

    box = Box(
        limits=_limits(tests, whole, settings.columns),
        coverage=share(here * outcome, outcome),
        density=share(here * outcome, here),
        support=share(here, np.ones_like(here)),
        base=judge.share,
        p=p,
        wars=int(here.sum()),
    )
    return box, region, ""


def _limits(
    tests: Mapping[_Restriction, float], whole: _Part, columns: tuple[Column, ...]
) -> tuple[Limit, ...]:
    found: list[Limit] = []
    for row, group in itertools.groupby(sorted(tests), key=lambda one: one.row):
        held = tuple(group)
        column, values = columns[row], whole.values[row]
        low = max((one.value for one in held if one.kind == "low"), default=-math.inf)
        high = min((one.value for one in held if one.kind == "high"), default=math.inf)
        codes = {int(one.value) for one in held if one.kind == "not"}
        seen = np.unique(values).astype(np.int64) if column.choices else ()
        found.append(
            Limit(
                column=column,
                row=row,
                low=low,
                high=high,
                excluded=tuple(column.choices[code] for code in sorted(codes)),
                kept=tuple(column.choices[code] for code in seen if code not in codes),
                quasi_p=max(tests[one] for one in held),
                figures=_figures(values, low, high),
            )
        )
    return tuple(found)


def _figures(values: FloatArray, low: float, high: float) -> int:
    """Return the least significant digits at which the ends put no more than a few wars elsewhere."""
    inside = (values >= low) & (values <= high)
    for figures in range(2, MOST_FIGURES):
        shown = (values >= _rounded(low, figures)) & (values <= _rounded(high, figures))
        if float((shown != inside).mean()) <= ROUNDED:
            return figures
    return MOST_FIGURES


def _rounded(value: float, figures: int) -> float:
    return float(f"{value:.{figures - 1}e}") if math.isfinite(value) else value


def _table(
    number: int, path: list[_Step], chosen: int, part: _Part, rest: _Part, settings: _Settings
) -> pd.DataFrame:
    """Return a peel as rows, with the density of each step in the wars that were not searched."""
    rows = []
    held, restricted = np.ones(rest.wars.size, dtype=bool), set()
    for step, (cut, wars, cases) in enumerate(path):
        name = side = ""
        if cut is not None:
            column = settings.columns[cut.row]
            name = column.name
            side = column.choices[int(cut.value)] if cut.kind == "not" else cut.kind
            held &= rest.meets(cut)
            restricted.add(cut.row)
        rows.append(
            {
                "box": number,
                "step": step,
                "column": name,
                "side": side,
                "coverage": cases / settings.cases if settings.cases else math.nan,
                "density": cases / wars if wars else math.nan,
                "support": wars / settings.wars,
                "density_held_out": float(rest.outcome[held].mean()) if held.any() else math.nan,
                "restricted": len(restricted),
                "chosen": step == chosen,
            }
        )
    return pd.DataFrame(rows)


def _share(part: FloatArray, of: FloatArray, level: float) -> Share:
    """Return a share with its interval, from the sums of each draw.

    Args:
        part: what counts, `[G]`.
        of: of what it is a share, `[G]`.
        level: of the interval.
    """
    whole = float(of.sum())
    if whole <= 0.0:
        return Share(math.nan, 0.0, 1.0)
    value = float(part.sum()) / whole
    fewest = whole**2 / float((of**2).sum())
    # One more draw, half of it cases, so that draws which all agree are not certain.
    smooth = (float(part.sum()) + 0.5 * whole / fewest) / (whole + whole / fewest)
    spread = float(((part - value * of) ** 2).sum()) / whole**2 + 0.25 / fewest**2
    worth = min(max(smooth * (1.0 - smooth) / spread, fewest), max(whole, fewest))
    low, high = special.betaincinv(
        value * worth + 0.5, (1.0 - value) * worth + 0.5, ((1.0 - level) / 2.0, (1.0 + level) / 2.0)
    )
    # A share of 0 or 1 lies at the end of its interval.
    return Share(value, min(float(low), value), max(float(high), value))


def in_words(box: Box, labels: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """Return the conditions of a box: `aid in the truce is below 45 %`, `the law is rival or linear`.

    Ends are rounded to two significant digits, or to as many as leave 99.5 % of the wars on their side.

    Args:
        box: the box.
        labels: what to call a column, by its name; the name itself where there is none.
    """
    names = labels or {}
    found: list[str] = []
    for limit in box.limits:
        name = names.get(limit.column.name, limit.column.name)
        if limit.excluded:
            kept, out = limit.kept, limit.excluded
            words = _listed(kept, "or") if len(kept) <= len(out) else "not " + _listed(out, "or")
            found.append(f"{name} is {words}")
            continue
        unit = f" {limit.column.unit}" if limit.column.unit else ""
        low, high = (_number(end, limit.figures) for end in (limit.low, limit.high))
        if math.isfinite(limit.low) and math.isfinite(limit.high):
            same = low == high
            found.append(f"{name} is {low}{unit}" if same else f"{name} is between {low} and {high}{unit}")
        elif math.isfinite(limit.low):
            exact = _rounded(limit.low, limit.figures) == limit.low
            found.append(f"{name} is {'at least' if exact else 'above'} {low}{unit}")
        else:
            exact = _rounded(limit.high, limit.figures) == limit.high
            found.append(f"{name} is {'at most' if exact else 'below'} {high}{unit}")
    return tuple(found)


def _listed(words: Sequence[str], last: str) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"


def _number(value: float, figures: int) -> str:
    """Return a number as a reader expects it: 45,000; 0.012; never as a power of ten."""
    if not math.isfinite(value):
        return ""
    shown = np.format_float_positional(abs(_rounded(value, figures)), trim="-")
    units, _, decimals = shown.partition(".")
    text = f"{int(units):,}" + (f".{decimals}" if decimals else "")
    return f"\N{MINUS SIGN}{text}" if value < 0.0 else text


def two_way(
    values_a: npt.ArrayLike,
    values_b: npt.ArrayLike,
    cases: npt.ArrayLike,
    *,
    bins: int = 8,
    draws: npt.ArrayLike | None = None,
    level: float = LEVEL,
) -> pd.DataFrame:
    """Return a map of the share of cases over two columns of numbers.

    Bins hold about equally many wars each, so that what a column's prior makes rare is not most of the map,
    and intervals are about as wide in every row; where values are equal there are fewer bins.

    Args:
        values_a: `[N]`, in the unit of the first column.
        values_b: `[N]`, of the second.
        cases: which wars are cases, `[N]`: true or 1, false or 0, and 1/2 for a tie.
        bins: of each column, at most.
        draws: which draw each war started from, `[N]`; None: each has its own.
        level: of the intervals; each cell has its own, so that of many some are wrong.

    Returns:
        A row for each cell: `low_a`, `high_a`, `low_b`, `high_b` (the upper end is inside the last bin only),
        `wars`, `share`, `low`, `high`, and `word`: `yes` where the interval lies above one half, `no` below,
        `undecided`, or `too few` where wars are worth fewer than 10 independent ones at the least.

    Raises:
        InputError: as `discover`; a level outside 0 to 1, or no bin.
    """
    if bins < 1 or bins != int(bins):
        raise InputError(f"{bins} is no number of bins.", "bins", "give a whole number from 1.")
    if not 0.0 < level < 1.0:
        raise InputError(f"{level} is no level of an interval.", "level", "give one between 0 and 1.")
    pair = (Column("values_a", ""), Column("values_b", ""))
    sizes = [np.asarray(one).shape for one in (values_a, values_b)]
    if sizes[0] != sizes[1]:
        raise InputError(
            f"the columns have the shapes {sizes[0]} and {sizes[1]}.",
            "values_b",
            "give both for the same wars.",
        )
    given, outcome = _checked(pair, np.array([values_a, values_b], dtype=np.float64), cases)
    draw = _checked_draws(draws, outcome.size)
    edges = [np.unique(np.quantile(one, np.linspace(0.0, 1.0, int(bins) + 1))) for one in given]
    places = [
        np.clip(np.searchsorted(edge, one, side="right") - 1, 0, max(edge.size - 2, 0))
        for edge, one in zip(edges, given, strict=True)
    ]
    # A column that never varies is one bin.
    ends = [edge if edge.size > 1 else np.repeat(edge, 2) for edge in edges]
    rows = []
    for a, b in itertools.product(range(ends[0].size - 1), range(ends[1].size - 1)):
        cell = (places[0] == a) & (places[1] == b)
        of = _by_draw(draw[cell], np.ones(int(cell.sum())))
        found = _share(_by_draw(draw[cell], outcome[cell]), of, level)
        independent = float(of.sum()) ** 2 / float((of**2).sum()) if cell.any() else 0.0
        word = "undecided"
        if independent < LEAST_IN_CELL:
            word = "too few"
        elif found.low > 0.5 or found.high < 0.5:
            word = "yes" if found.low > 0.5 else "no"
        rows.append(
            {
                "low_a": float(ends[0][a]),
                "high_a": float(ends[0][a + 1]),
                "low_b": float(ends[1][b]),
                "high_b": float(ends[1][b + 1]),
                "wars": int(cell.sum()),
                "share": found.value,
                "low": found.low,
                "high": found.high,
                "word": word,
            }
        )
    return pd.DataFrame(rows)


def _check_settings(
    peel: float,
    least_support: float,
    boxes: int,
    most_restricted: int,
    criterion: str,
    edge: float | None,
) -> None:
    shares = [("peel", peel, 0.5), ("least_support", least_support, 1.0)]
    for name, share, end in shares if edge is None else [*shares, ("edge", edge, 1.0)]:
        if not 0.0 < share < end:
            raise InputError(f"{share} is no share of wars here.", name, f"give one between 0 and {end:g}.")
    for name, number in (("boxes", boxes), ("most_restricted", most_restricted)):
        if number < 1 or number != int(number):
            raise InputError(f"{number} is too few.", name, "give a whole number from 1.")
    if criterion not in get_args(Criterion):
        raise InputError(
            f"'{criterion}' is no criterion of a peel.", "criterion", suggest(criterion, get_args(Criterion))
        )


def _checked(
    columns: Sequence[Column], values: npt.ArrayLike, cases: npt.ArrayLike
) -> tuple[FloatArray, FloatArray]:
    """Return values `[D, N]` and cases `[N]` as numbers, if they can be searched."""
    given, outcome = np.asarray(values, dtype=np.float64), np.asarray(cases, dtype=np.float64)
    if outcome.ndim != 1:
        raise InputError(f"cases have the shape {outcome.shape}.", "cases", "give one for each war.")
    if given.shape != (len(columns), outcome.size):
        raise InputError(
            f"the values have the shape {given.shape}, and not {(len(columns), outcome.size)}.",
            "values",
            "give a row for each column, and in it a value for each war that cases are given for.",
        )
    if not columns:
        raise InputError("there is no column.", "columns", "give at least one.")
    if outcome.size < LEAST_WARS:
        raise InputError(
            f"{outcome.size:,} wars are too few to search.", "cases", f"simulate at least {LEAST_WARS}."
        )
    if not np.isin(outcome, (0.0, 0.5, 1.0)).all():
        raise InputError("a case is yes or no, or one half for a tie.", "cases", "give 1, 0 or 1/2 only.")
    if np.ptp(outcome) == 0.0:
        word = {0.0: "no war is a case", 0.5: "every war is a tie", 1.0: "every war is a case"}
        raise InputError(
            f"{word[float(outcome[0])]}: nothing flips, and there is nothing to discover.",
            "cases",
            "ask for an outcome, or a threshold, that divides the wars.",
        )
    names = [column.name for column in columns]
    for number, (column, row) in enumerate(zip(columns, given, strict=True)):
        if names.index(column.name) != number:
            raise InputError(f"two columns are called '{column.name}'.", "columns", "give each its own name.")
        _check_column(column, row)
    return given, outcome


def _check_column(column: Column, row: FloatArray) -> None:
    good = np.isfinite(row)
    if not good.all():
        raise InputError(
            f"{int((~good).sum()):,} of the values are no finite numbers.",
            f"column '{column.name}'",
            "leave these wars out, or the column.",
        )
    if column.choices and not np.isin(row, np.arange(len(column.choices))).all():
        raise InputError(
            "a value is no code of a choice.",
            f"column '{column.name}'",
            f"give whole numbers from 0 to {len(column.choices) - 1}.",
        )


def _checked_draws(draws: npt.ArrayLike | None, wars: int, what: str = "draws") -> IntArray:
    """Return the draw of each war as a number from 0, `[N]`."""
    if draws is None:
        return np.arange(wars)
    given = np.asarray(draws)
    if given.shape != (wars,) or not np.issubdtype(given.dtype, np.integer):
        raise InputError(
            f"{what} have the shape {given.shape} and the type {given.dtype}.",
            what,
            f"give a whole number for each of the {wars:,} wars.",
        )
    _, found = np.unique(given, return_inverse=True)
    number = int(found.max()) + 1
    if number < LEAST_DRAWS:
        raise InputError(
            f"the wars start from {number} {what}, of which half would judge what the other half shows.",
            what,
            f"start from at least {LEAST_DRAWS}.",
        )
    return np.asarray(found, dtype=np.int64)
