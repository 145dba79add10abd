"""How past ceasefires ended: survival curves, and the share followed by a large offensive.

Each ceasefire is followed from its first day until large-scale fighting was resumed, or, while it held, until
the as-of date, at which it is censored. Interstate and civil wars, and wars of a state against an opponent
abroad, are three classes and never pooled.

Equations. With d_i ends among the n_i ceasefires still in force just before the time t_i (Kaplan and Meier
1958, Journal of the American Statistical Association 53, 457-481; Greenwood 1926):

    S(t) = product over t_i <= t of (1 - d_i / n_i)
    var S(t) = S(t)^2 sum over t_i <= t of d_i / (n_i (n_i - d_i))
    95 % interval: S(t)^exp(u) to S(t)^exp(-u),  u = 1.96 sqrt(var S(t)) / (S(t) |ln S(t)|)

The share followed by an offensive within 1, 3 or 5 years is did / (did + did not) with the 95 % interval of
Beta(did + 1/2, did not + 1/2); a window still open, or contested, is unknown and in no share.

Both intervals take the ceasefires as independent. They are not: several stand between the same two parties.
So every figure is given three more times: with one vote for each pair of parties and the interval from
drawing whole pairs again; and as the range over leaving out each war, and each pair, in turn.

Known to fail: the list is hand coded and a convenience sample, without most truces that left no text; to be
sent monitors is no accident, so that a difference between monitored and other ceasefires is no effect.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import math
import warnings
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from ceasefire.bargaining.published import PUBLISHED, Published
from ceasefire.evidence import Evidence
from ceasefire.evidence.shares import Counts, counted, jeffreys, within_window
from ceasefire.files import InputError, suggest

FloatArray = npt.NDArray[np.float64]

GROUPS = {
    "interstate": "between states",
    "civil": "within a state, also with foreign troops in it",
    "extrastate": "a state against an opponent abroad that is no state, colonial wars among them",
}
_TYPES = {"intrastate": "civil"}
SPLITS = {
    "monitored": "whether third parties monitored it",
    "decisive": "whether one side had won the war that it ended, by Correlates of War",
}
NOT_KNOWN = "not known"
#: Years after the start at which figures are given.
YEARS = (1, 3, 5, 10)
WINDOWS = (1, 3, 5)
#: How a ceasefire's last day counts as the return of large-scale fighting; others end without it.
ENDED_BY = frozenset({"resumed", "lapsed", "eroded"})
#: With fewer cases a class says nothing. A judgement: one of them would move its share by more than a fifth.
LEAST_CASES = 5
#: With fewer pairs of parties neither. A judgement: of two pairs one is always half of all there is.
LEAST_DYADS = 3
RESAMPLES = 1_000
SEED = 1
DAYS_PER_YEAR = 365.25
LEVELS = (0.025, 0.975)
CAUTIONS = (
    "The list is hand coded and a convenience sample; failed truces that left no text are mostly missing.",
    "Ceasefires of one war or one pair of parties are not independent: read the figures by pair beside them.",
    "Monitors go where both sides let them: a difference between monitored and other ceasefires is no effect"
    " of monitors.",
    "Which side had won is known only of ceasefires that ended their interstate war, so that those not known"
    " are no third kind: truces within a war that went on are among them. Correlates of War calls few"
    " undecided.",
    "Large-scale means comparable with the war that was stopped; raids, shelling and local fights are not"
    " counted.",
)


@dataclasses.dataclass(frozen=True)
class Range:
    """The lowest and the highest of a figure over leaving out each war (or pair) in turn."""

    low: float
    low_without: str
    high: float
    high_without: str


@dataclasses.dataclass(frozen=True)
class Figure:
    """A share of ceasefires with all that says how far it may be trusted."""

    years: float
    value: float
    interval: tuple[float, float]
    """95 %, with the cases as independent."""
    by_dyad: float
    """The same with one vote for each pair of parties."""
    by_dyad_interval: tuple[float, float]
    """95 %, from drawing whole pairs of parties again."""
    without_war: Range
    without_dyad: Range
    counts: Counts | None = None
    """Of a window: the cases behind it; of a curve: None."""
    at_risk: int | None = None
    """Of a curve: ceasefires still followed at that time."""

    def content(self) -> dict[str, Any]:
        """Return it as plain data."""
        found = {
            "years": self.years,
            "value": self.value,
            "interval": list(self.interval),
            "by_dyad": self.by_dyad,
            "by_dyad_interval": list(self.by_dyad_interval),
            "without_war": dataclasses.asdict(self.without_war),
            "without_dyad": dataclasses.asdict(self.without_dyad),
        }
        if self.counts is not None:
            found |= dataclasses.asdict(self.counts)
        if self.at_risk is not None:
            found["at_risk"] = self.at_risk
        return found


@dataclasses.dataclass(frozen=True, eq=False)
class Part:
    """A class of ceasefires, or a part of one, and what became of it."""

    group: str
    label: str
    """`all`, or the value of the split."""
    rows: pd.DataFrame
    undetermined: str | None
    """Why nothing can be said of it; None where something can."""
    curve: pd.DataFrame
    """`years`, `survival`, `low`, `high`, `at_risk`, `ended`; a step at each row. Empty if undetermined."""
    median: tuple[float | None, float | None, float | None]
    """Years until half had ended, with its 95 % interval; None where it was not reached."""
    held: tuple[Figure, ...]
    """Share still in force after `YEARS`."""
    offensives: tuple[Figure, ...]
    """Share followed by a large offensive within `WINDOWS`."""
    open_windows: tuple[Counts, ...]
    """The counts of every window, also of those too few to give a share."""

    @property
    def ended(self) -> int:
        """Ceasefires that ended in large-scale fighting by the as-of date."""
        return int(self.rows["ended"].sum())

    @property
    def wars(self) -> int:
        """Wars among them."""
        return int(self.rows["war"].nunique())

    @property
    def dyads(self) -> int:
        """Pairs of parties among them."""
        return int(self.rows["dyad"].nunique())

    def content(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "label": self.label,
            "cases": len(self.rows),
            "ended": self.ended,
            "wars": self.wars,
            "dyads": self.dyads,
            "undetermined": self.undetermined,
            "median_years": None if self.undetermined else list(self.median),
            "held": [figure.content() for figure in self.held],
            "offensives": [figure.content() for figure in self.offensives],
            "windows": [
                {"years": years, **dataclasses.asdict(counts)}
                for years, counts in zip(WINDOWS, self.open_windows, strict=True)
            ],
            "curve": self.curve.to_dict("records"),
        }


@dataclasses.dataclass(frozen=True)
class Contrast:
    """The difference in what was still in force between two parts of one class."""

    split: str
    first: str
    second: str
    years: float
    difference: float
    """Share still in force of the first, less that of the second."""
    interval: tuple[float, float]
    """95 %, from drawing whole pairs of parties again."""
    without_war: Range
    p_value: float
    """Log-rank test of the two whole curves, cases as independent."""
    highest_p_without_war: float
    """The highest p of that test over leaving out each war."""

    @property
    def stands(self) -> bool:
        """Whether it is more than chance and one war: interval, sign and test, whichever war is left out.

        Drawing again sees no spread in a part of which none (or all) has ended, so that the test counts too.
        """
        sign = self.interval[0] * self.interval[1] > 0.0
        same = self.without_war.low * self.without_war.high > 0.0
        return sign and same and max(self.p_value, self.highest_p_without_war) < 0.05

    def content(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {**dataclasses.asdict(self), "interval": list(self.interval), "stands": self.stands}


@dataclasses.dataclass(frozen=True, eq=False)
class Class:
    """One class of ceasefires: interstate, civil or extrastate."""

    name: str
    whole: Part
    splits: dict[str, tuple[Part, ...]]
    contrasts: tuple[Contrast, ...]
    otherwise: dict[str, float | None]
    """Share still in force after five years under other readings of the list."""

    def content(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "group": self.name,
            "meaning": GROUPS[self.name],
            **self.whole.content(),
            "splits": {name: [part.content() for part in parts] for name, parts in self.splits.items()},
            "contrasts": [contrast.content() for contrast in self.contrasts],
            "held_five_years_otherwise": self.otherwise,
        }


@dataclasses.dataclass(frozen=True, eq=False)
class History:
    """How past ceasefires ended, as known on a day."""

    as_of: dt.date
    classes: tuple[Class, ...]
    published: tuple[Published, ...] = PUBLISHED
    """Figures of others: to be read beside ours, and never mixed with them."""
    cautions: tuple[str, ...] = CAUTIONS

    def of(self, group: str) -> Class:
        """Return one class.

        Raises:
            InputError: there is none of that name.
        """
        wanted = group_name(group)
        for found in self.classes:
            if found.name == wanted:
                return found
        raise InputError(f"the class '{wanted}' was not asked for.", "group", "ask for it.")

    def sentences(self) -> list[str]:
        """Return one sentence fit to quote for each class."""
        return [sentence(found, self.as_of) for found in self.classes]

    def content(self) -> dict[str, Any]:
        """Return all of it as plain data."""
        return {
            "as_of": self.as_of.isoformat(),
            "sentences": self.sentences(),
            "groups": [found.content() for found in self.classes],
            "published": [dataclasses.asdict(entry) for entry in self.published],
            "cautions": list(self.cautions),
            "counts_as_ended": sorted(ENDED_BY),
            "least_cases": LEAST_CASES,
            "least_dyads": LEAST_DYADS,
            "resamples": RESAMPLES,
        }


def group_name(group: str) -> str:
    """Return the name of a class; `intrastate` is another word for civil.

    Raises:
        InputError: there is no such class; the nearest name is suggested.
    """
    wanted = _TYPES.get(group, group)
    if wanted not in GROUPS:
        raise InputError(f"'{group}' is no class of ceasefires.", "--group", suggest(group, GROUPS))
    return wanted


def history(evidence: Evidence, as_of: dt.date, groups: Iterable[str] | None = None) -> History:
    """Return how the ceasefires that began before a day had ended by that day.

    Args:
        evidence: all evidence; what was not known on the day is not used.
        as_of: the day. What ended later stands as in force, and a window not over then is unknown.
        groups: classes by name; each of the three where not given. They are never pooled.

    Raises:
        InputError: a class that there is not, or a day before any ceasefire of the list.
    """
    wanted = list(GROUPS) if groups is None else list(dict.fromkeys(group_name(name) for name in groups))
    cases = ceasefires(evidence, as_of)
    return History(as_of, tuple(_class(name, cases[cases["group"] == name]) for name in wanted))


def offensive_counts(cases: pd.DataFrame, group: str, monitored: str | None = None, years: int = 1) -> Counts:
    """Return how many ceasefires of a class a large offensive followed within some years, and how many none.

    It is the one count behind `history`, the reference classes of an offer and the record of offers: all
    years of the list, and only windows that were over.

    Args:
        cases: as `ceasefires` returns them, for a day.
        group: class of ceasefires.
        monitored: those that third parties monitored: yes, partial or no; all where not given.
        years: one of `WINDOWS`.

    Raises:
        InputError: there is no such class.
    """
    wanted = cases["group"] == group_name(group)
    if monitored is not None:
        wanted &= cases["monitored"] == monitored
    return counted(cases.loc[wanted, f"within_{years}"])


def ceasefires(evidence: Evidence, as_of: dt.date) -> pd.DataFrame:
    """Return the ceasefires that began before a day, with what was known of them on it.

    Columns: `id`, `name`, `war`, `dyad`, `group`, `start`, `years` (to the end, or followed so far), `ended`
    (True where large-scale fighting was resumed), `status` (missing while in force), `monitored` (yes,
    partial, no), `decisive` (yes, no, not known), `agreement_type`, `confidence`, and `within_1`, `within_3`,
    `within_5` (1, 0, or missing where the window was open or the coding contested).

    Raises:
        InputError: none had begun.
    """
    day = pd.Timestamp(as_of)
    known = evidence.known_by(as_of)
    rows = known.records("ceasefires")
    rows = rows[rows["start_date"] < day].reset_index(drop=True)
    if rows.empty:
        first = evidence.records("ceasefires")["start_date"].min()
        raise InputError(
            f"no ceasefire of the list had begun before {as_of}.",
            "--as-of",
            f"give a day after {first:%Y-%m-%d}, the first of the list.",
        )
    start = rows["start_date"]
    end = pd.to_datetime(rows["end_date"].where(rows["end_date"] != "held"))
    until = end.fillna(day)
    outcomes = known.records("war_outcomes")
    decisive = dict(zip(outcomes["id"], outcomes["decisive"], strict=True))
    found = pd.DataFrame(
        {
            "id": rows["id"],
            "name": rows["name"],
            "war": rows["war"],
            "dyad": _dyads(rows),
            "group": rows["conflict_type"].replace(_TYPES),
            "start": start,
            "years": (until - start).dt.days / DAYS_PER_YEAR,
            "ended": end.notna() & rows["end_status"].isin(ENDED_BY),
            "status": rows["end_status"],
            "monitored": rows["third_party_monitored"],
            "decisive": [decisive.get(name, NOT_KNOWN) for name in rows["id"]],
            "agreement_type": rows["agreement_type"],
            "confidence": rows["confidence"],
        }
    )
    for years in WINDOWS:
        found[f"within_{years}"] = within_window(rows[f"offensive_within_{years}y"], start, years, day)
    return found


def _dyads(rows: pd.DataFrame) -> list[str]:
    """Return one name for each pair of parties: by the codes of two states, else by the two names."""
    parent: dict[object, object] = {}

    def root(key: object) -> object:
        parent.setdefault(key, key)
        while parent[key] != key:
            key = parent[key]
        return key

    places: list[object] = []
    states = rows[["ccode_a", "ccode_b"]].to_numpy(float)
    for first, second, codes in zip(rows["party_a"], rows["party_b"], states, strict=True):
        keys: list[object] = [frozenset({str(first), str(second)})]
        if np.isfinite(codes).all():
            keys.append(frozenset(codes.tolist()))
        for key in keys[1:]:
            parent[root(key)] = root(keys[0])
        root(keys[0])
        places.append(keys[0])
    label: dict[object, str] = {}
    for place, first, second in zip(places, rows["party_a"], rows["party_b"], strict=True):
        label.setdefault(root(place), f"{first} and {second}")
    return [label[root(place)] for place in places]


# Estimates


def survival_curve(years: npt.ArrayLike, ended: npt.ArrayLike) -> pd.DataFrame:
    """Return the Kaplan-Meier curve with its 95 % interval, one row for each step and the last time.

    Args:
        years: how long each was followed, `[N]`.
        ended: True where it had ended then, False where it was censored, `[N]`.

    The interval is on the log(-log) scale with Greenwood's variance (`scipy.stats.ecdf`). Where nothing has
    ended, it is not defined: then the Jeffreys interval of the share among those at risk stands for it. Where
    all has, it begins at 0, and its upper end stays where it was before the last end, since S never rises;
    where all ended at once, it is that of Jeffreys. Cases that ended and cases that were censored at the
    same time: all of them were at risk then.
    """
    followed, over = np.asarray(years, float), np.asarray(ended, bool)
    found: Any = stats.ecdf(stats.CensoredData.right_censored(followed, ~over)).sf
    with warnings.catch_warnings():
        # It warns where the interval is not defined, which is dealt with below.
        warnings.simplefilter("ignore", RuntimeWarning)
        interval = found.confidence_interval(0.95, method="log-log")
    times = np.asarray(found.quantiles)
    at_risk = (followed[None] >= times[:, None]).sum(axis=1)
    curve = pd.DataFrame(
        {
            "years": times,
            "survival": found.probabilities,
            "low": interval.low.probabilities,
            "high": interval.high.probabilities,
            "at_risk": at_risk,
            "ended": (over[None] & (followed[None] == times[:, None])).sum(axis=1),
        }
    )
    first = pd.DataFrame(
        {
            "years": [0.0],
            "survival": [1.0],
            "low": [1.0],
            "high": [1.0],
            "at_risk": [followed.size],
            "ended": [0],
        }
    )
    if times[0] > 0.0:
        curve = pd.concat([first, curve], ignore_index=True)
    for place in np.flatnonzero(curve["survival"].isin([0.0, 1.0])):
        share, risk = float(curve["survival"].iloc[place]), int(curve["at_risk"].iloc[place])
        low, high = jeffreys(share * risk, risk)
        if share == 0.0 and place > 0 and curve["survival"].iloc[place - 1] < 1.0:
            high = float(curve["high"].iloc[place - 1])
        curve.loc[place, ["low", "high"]] = low, high
    return curve


def still_in_force(
    years: npt.ArrayLike, ended: npt.ArrayLike, at: float, weights: npt.ArrayLike | None = None
) -> FloatArray:
    """Return S(at) by the product-limit formula, for each set of weights of the cases, `[B]`.

    Args:
        years: how long each was followed, `[N]`.
        ended: True where it had ended then, `[N]`.
        at: the time, years.
        weights: `[B, N]`, or `[N]`; 1 for each where not given. A weight of 0 leaves a case out.

    NaN where no case with a weight was followed until `at`, unless all had ended before.
    """
    times, over = np.asarray(years, float), np.asarray(ended, bool)
    weight = np.atleast_2d(np.ones_like(times) if weights is None else np.asarray(weights, float))
    survival = np.ones(weight.shape[0])
    for time in np.unique(times[over & (times <= at)]):
        at_risk = weight[:, times >= time].sum(axis=1)
        ends = weight[:, over & (times == time)].sum(axis=1)
        survival *= 1.0 - np.divide(ends, at_risk, out=np.zeros_like(ends), where=at_risk > 0)
    followed = weight[:, times >= at].sum(axis=1) > 0
    return np.where(followed | (survival <= 1e-12), survival, np.nan)


@dataclasses.dataclass(frozen=True, eq=False)
class _Sample:
    """Cases as arrays, and the sets of weights by which they are looked at again."""

    rows: pd.DataFrame

    @functools.cached_property
    def dyads(self) -> tuple[npt.NDArray[np.int64], int]:
        """The pair of parties of each case, by number, and how many there are."""
        codes, names = pd.factorize(self.rows["dyad"], sort=True)
        return codes.astype(np.int64), len(names)

    @property
    def one_vote_each(self) -> FloatArray:
        """Weights by which each pair has one vote, `[N]`."""
        codes, _ = self.dyads
        return np.asarray(1.0 / np.bincount(codes)[codes])

    def again(self) -> FloatArray:
        """Return how often each case is in each sample of whole pairs, drawn with replacement, `[B, N]`."""
        codes, count = self.dyads
        random = np.random.default_rng(SEED)
        times = random.multinomial(count, np.full(count, 1.0 / count), RESAMPLES)
        return np.asarray(times[:, codes], float)

    def without(self, by: str) -> tuple[list[str], FloatArray]:
        """Return the wars (or pairs), and for each the weights that leave it out, `[B, N]`."""
        codes, names = pd.factorize(self.rows[by], sort=True)
        return [str(name) for name in names], np.asarray(codes[None] != np.arange(len(names))[:, None], float)


# From cases and weights `[B, N]` to one figure for each set of weights, `[B]`.
Estimate = Callable[[pd.DataFrame, FloatArray], FloatArray]


def _held_at(years: float) -> Estimate:
    def estimate(rows: pd.DataFrame, weights: FloatArray) -> FloatArray:
        return still_in_force(rows["years"], rows["ended"], years, weights)

    return estimate


def _within(years: int) -> Estimate:
    def estimate(rows: pd.DataFrame, weights: FloatArray) -> FloatArray:
        total = weights.sum(axis=1)
        did = weights @ rows[f"within_{years}"].to_numpy(float)
        return np.asarray(np.divide(did, total, out=np.full_like(total, np.nan), where=total > 0))

    return estimate


def _interval(samples: FloatArray) -> tuple[float, float] | None:
    """Return the 95 % interval of an estimate over samples; None where they do not differ, or most fail."""
    known = samples[np.isfinite(samples)]
    if known.size < 0.9 * samples.size or known.min() == known.max():
        return None
    low, high = np.quantile(known, LEVELS)
    return float(low), float(high)


def _range(names: Sequence[str], values: FloatArray) -> Range:
    known = {name: float(value) for name, value in zip(names, values, strict=True) if math.isfinite(value)}
    if not known:
        return Range(math.nan, "", math.nan, "")
    low, high = min(known, key=known.__getitem__), max(known, key=known.__getitem__)
    return Range(known[low], low, known[high], high)


def left_out(rows: pd.DataFrame, by: str, estimate: Estimate) -> Range:
    """Return the lowest and the highest of an estimate over leaving out each war, or each pair, in turn."""
    names, weights = _Sample(rows).without(by)
    return _range(names, estimate(rows, weights))


def _figure(
    rows: pd.DataFrame,
    years: float,
    estimate: Estimate,
    interval: tuple[float, float],
    counts: Counts | None,
    at_risk: int | None,
) -> Figure:
    sample = _Sample(rows)
    votes = sample.one_vote_each
    by_dyad = float(estimate(rows, votes[None])[0])
    dyads = sample.dyads[1]
    spread = _interval(estimate(rows, sample.again() * votes)) or jeffreys(by_dyad * dyads, dyads)
    return Figure(
        years,
        float(estimate(rows, np.ones((1, len(rows))))[0]),
        interval,
        by_dyad,
        spread,
        left_out(rows, "war", estimate),
        left_out(rows, "dyad", estimate),
        counts,
        at_risk,
    )


def _why_undetermined(rows: pd.DataFrame, what: str) -> str | None:
    dyads = rows["dyad"].nunique()
    if len(rows) < LEAST_CASES:
        return f"{len(rows)} {what}: fewer than {LEAST_CASES} say nothing about others"
    if dyads < LEAST_DYADS:
        return f"{len(rows)} {what} of {dyads} pair(s) of parties: fewer than {LEAST_DYADS} say nothing"
    return None


def part(group: str, label: str, rows: pd.DataFrame) -> Part:
    """Return what became of some ceasefires of a class; rows as `ceasefires` returns them."""
    rows = rows.reset_index(drop=True)
    windows = tuple(counted(rows[f"within_{years}"]) for years in WINDOWS)
    why = _why_undetermined(rows, "ceasefires")
    if why is not None:
        empty = pd.DataFrame(columns=["years", "survival", "low", "high", "at_risk", "ended"])
        return Part(group, label, rows, why, empty, (None, None, None), (), (), windows)
    curve = survival_curve(rows["years"], rows["ended"])
    last = float(rows["years"].max())
    held = []
    for years in (years for years in YEARS if years <= last):
        at_risk = int((rows["years"] >= years).sum())
        interval = _interval_at(curve, years, at_risk)
        held.append(_figure(rows, years, _held_at(years), interval, None, at_risk))
    offensives = []
    for years, counts in zip(WINDOWS, windows, strict=True):
        known = rows[rows[f"within_{years}"].notna()]
        if _why_undetermined(known, "") is None and counts.interval is not None:
            offensives.append(_figure(known, years, _within(years), counts.interval, counts, None))
    return Part(group, label, rows, None, curve, _median(curve), tuple(held), tuple(offensives), windows)


def _interval_at(curve: pd.DataFrame, years: float, at_risk: int) -> tuple[float, float]:
    row = curve[curve["years"] <= years].iloc[-1]
    if row["survival"] == 1.0:
        return jeffreys(at_risk, at_risk)
    return float(row["low"]), float(row["high"])


def _median(curve: pd.DataFrame) -> tuple[float | None, float | None, float | None]:
    """Return the first times at which the curve and the ends of its interval are at one half or below."""

    def first(column: str) -> float | None:
        below = curve[curve[column] <= 0.5]
        return None if below.empty else float(below["years"].iloc[0])

    return first("survival"), first("low"), first("high")


def _class(name: str, rows: pd.DataFrame) -> Class:
    rows = rows.reset_index(drop=True)
    splits: dict[str, tuple[Part, ...]] = {}
    contrasts: list[Contrast] = []
    for split in SPLITS:
        parts = [
            part(name, label, rows[rows[split] == label])
            for label in ("yes", "partial", "no", NOT_KNOWN)
            if (rows[split] == label).any()
        ]
        if {one.label for one in parts} == {NOT_KNOWN}:
            continue
        splits[split] = tuple(parts)
        by_label = {one.label: one for one in parts if one.undetermined is None}
        if {"yes", "no"} <= by_label.keys():
            contrasts += _contrasts(split, rows)
    return Class(name, part(name, "all", rows), splits, tuple(contrasts), _otherwise(rows))


def _contrasts(split: str, rows: pd.DataFrame) -> list[Contrast]:
    both = rows[rows[split].isin(["yes", "no"])].reset_index(drop=True)
    yes = both[split].to_numpy() == "yes"
    sample = _Sample(both)
    names, without = sample.without("war")

    def p_value(keep: npt.NDArray[np.bool_]) -> float:
        first, second = both[yes & keep], both[~yes & keep]
        if first.empty or second.empty:
            return math.nan
        here, there = (
            stats.CensoredData.right_censored(one["years"], ~one["ended"]) for one in (first, second)
        )
        return float(stats.logrank(here, there).pvalue)

    highest = max((p for p in map(p_value, without > 0) if math.isfinite(p)), default=math.nan)
    found = []
    for years in WINDOWS:
        held = _held_at(years)

        def difference(some: pd.DataFrame, weights: FloatArray, held: Estimate = held) -> FloatArray:
            return held(some, weights * yes) - held(some, weights * ~yes)

        interval = _interval(difference(both, sample.again()))
        if interval is None:
            continue
        found.append(
            Contrast(
                split,
                "yes",
                "no",
                years,
                float(difference(both, np.ones((1, len(both))))[0]),
                interval,
                _range(names, difference(both, without)),
                p_value(np.ones(len(both), bool)),
                highest,
            )
        )
    return found


def _otherwise(rows: pd.DataFrame) -> dict[str, float | None]:
    """Return the share still in force after five years under other readings of the list."""
    readings: dict[str, pd.DataFrame] = {
        "an end without large-scale fighting counts as an end": rows.assign(
            ended=rows["ended"] | (rows["status"] == "superseded")
        ),
        "slow erosion counts as no end": rows.assign(ended=rows["ended"] & (rows["status"] != "eroded")),
        "only rows coded with high confidence": rows[rows["confidence"] == "high"],
        "without unilateral and unwritten ones": rows[
            ~rows["agreement_type"].isin(["unilateral", "informal"])
        ],
        "only those since 1945": rows[rows["start"] >= pd.Timestamp("1945-09-02")],
    }
    found: dict[str, float | None] = {}
    for name, some in readings.items():
        determined = _why_undetermined(some, "") is None
        value = float(still_in_force(some["years"], some["ended"], 5)[0]) if determined else math.nan
        found[name] = value if math.isfinite(value) else None
    return found


# Words


def percent(value: float) -> str:
    """Return a share in per cent, whole numbers."""
    return f"{100 * value:.0f} %"


def sentence(found: Class, as_of: dt.date) -> str:
    """Return one sentence on a class that is fit to quote."""
    whole = found.whole
    day = f"{as_of.day} {as_of:%B %Y}"
    if whole.undetermined is not None:
        return (
            f"What became of {found.name} ceasefires before {day} is undetermined here: {whole.undetermined}."
        )
    said = f"Of {len(whole.rows)} {found.name} ceasefires before {day} ({whole.dyads} pairs of parties)"
    five = next((figure for figure in whole.held if figure.years == 5), None)
    if five is not None:
        low, high = five.interval
        voted = five.by_dyad_interval
        said += (
            f", {percent(five.value)} ({percent(low)} to {percent(high)}) still held after five years, with"
            f" one vote for each pair {percent(five.by_dyad)} ({percent(voted[0])} to {percent(voted[1])})"
        )
    one = next((figure for figure in whole.offensives if figure.years == 1), None)
    if one is not None and one.counts is not None:
        low, high = one.interval
        said += (
            f"; a large offensive followed within a year in {one.counts.did} of {one.counts.cases}"
            f" ({percent(low)} to {percent(high)})"
        )
        if one.counts.unknown:
            said += f", {one.counts.unknown} not known"
    return said + "."


def table(classes: Sequence[Class]) -> pd.DataFrame:
    """Return the steps of all curves of some classes, for a picture.

    Columns: `group`, `label`, `years`, `survival`, `low`, `high`, `at_risk`.
    """
    found = [
        one.curve.assign(group=one.group, label=one.label)
        for each in classes
        for one in (each.whole, *(part for parts in each.splits.values() for part in parts))
        if not one.curve.empty
    ]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame()


def last_day(evidence: Evidence) -> dt.date:
    """Return the last day that the records are about: of an offer, an event, an offensive or a ceasefire."""
    days = {"offers": "offer_date", "events": "date", "offensives": "start_date", "ceasefires": "start_date"}
    last = max(evidence.records(name)[column].max() for name, column in days.items())
    return dt.date(last.year, last.month, last.day)


def known_day(asked: dt.date | None, evidence: Evidence) -> dt.date:
    """Return the day as of which records count; the last that they are about where none is asked for.

    Raises:
        InputError: a later day, of which nothing is on record.
    """
    last = last_day(evidence)
    if asked is not None and asked > last:
        raise InputError(
            f"the records end on {last}: what had happened by {asked} is not known.",
            "--as-of",
            f"name a day up to {last}.",
        )
    return asked or last
