"""What every origin reported, as likelihood terms: one origin, one factor, one term.

An origin (`root`) counts something of the war with a reporting factor of its own,

    log(figure) ~ normal( log(factor x quantity), spread ),

where the factor has a prior by who speaks of whom, the same for both sides: a belligerent on its enemy, a
belligerent on itself, a list of names, or anybody else. What restates an origin is left out here and only
shown beside. A running total given once in a while counts as it stands; one given every week or so counts by
what it added, so that its figures are not taken for independent. Nothing after the cut-off is read, and what
is set aside (jumps, falls, predictions) is said.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from ceasefire.evidence import Evidence
from ceasefire.inference.figures import FORGET, QUANTITIES, Data
from ceasefire.scenario import History
from ceasefire.war import Parameter, Prior
from ceasefire.war.timestep import lever_factors

WEEK = 7
WHOLE_FRONT = "whole_front"
# Which quantity of the war a concept of the evidence is a figure of.
CONCEPTS = {
    "killed": "killed",
    "killed_and_missing": "killed",
    "named_dead": "killed",
    "killed_and_wounded": "killed_and_wounded",
    "losses_undefined": "losses",
}
NAMED = {"named_dead"}
VEHICLES = ("equipment_losses_tank", "equipment_losses_apc")
# A source is dense from so many figures on; its figures then count by what they add.
DENSE = 20
# A source is weekly with figures on half of the ends of weeks and on so many at least; it guides the walk.
LEAST_WEEKLY = 4
MONTH, QUARTER, HALF_YEAR = 28, 91, 182
# Names of the last half year are still being found.
LATE_NAMES_DAYS = 182
# Within so many days another source of the same origin restates it.
RESTATED_DAYS = 31
LEAST_SPREAD, USUAL_SPREAD = 0.1, 0.15
# A change of the area of more than so many times the usual is a step of the map: where a line broke, it is
# dated to the day on which the map was drawn again.
JUMP = 10.0
# Of the log of a week's losses from those about it, in robust standard deviations.
OUTLIER = 6.0
GROUND_ERROR_KM2 = 10.0
WEEKLY_REFERENCE = 3_500.0

FACTORS = {
    "on_enemy": (
        Prior(0.5, 1.0, 2.0),
        "assumed: a belligerent on its enemy may count twice or miss half, and nobody knows what it counts",
    ),
    "on_itself": (
        Prior(0.15, 0.55, 1.05),
        "assumed: a belligerent on its own dead says too few more often than too many",
    ),
    "names": (
        Prior(0.25, 0.5, 0.85, "logit"),
        "assumed around the record before the article: 10,000 names stood for 20,000 dead and more by the"
        " compilers' own statement (BBC and Mediazona, 9 December 2022)",
    ),
    "others": (
        Prior(0.7, 1.0, 1.4),
        "assumed: a third party has a bias of its own, which nobody knows, the same for both sides",
    ),
}
SPREAD = Prior(0.04, 0.1, 0.25)


@dataclasses.dataclass(frozen=True)
class Term:
    """What one origin says of one side: who, what, by which factor, from how many figures."""

    root: str
    side: str
    about: str
    """people, vehicles or force."""
    kind: str
    """Whose factor it is: a key of `FACTORS`."""
    figures: int
    """How many figures weigh."""
    first: dt.date
    last: dt.date
    says: str


@dataclasses.dataclass(frozen=True)
class Observed:
    """The figures that a calibration sees, ready for the filter."""

    data: Data
    series: int
    parameters: tuple[Parameter, ...]
    """Reporting factors, spreads and losses before the first day, after those of the war."""
    terms: tuple[Term, ...]
    rows: pd.DataFrame
    """The rows of evidence that weigh, with `term`."""
    notes: tuple[str, ...]
    """What was set aside, in words."""
    weeks: int
    layout: Layout


@dataclasses.dataclass(frozen=True)
class Layout:
    """Rows and shapes that several calibrations share, so that one program serves them all."""

    parameters: tuple[Parameter, ...]
    memory: tuple[str, ...]
    """Series that remember their last figure."""
    wide: int
    """Figures in a week at most."""
    longest: int
    """Weeks at most."""


def shared_layout(seen: Sequence[Observed]) -> Layout:
    """Return the layout that holds all of these; who does not report yet keeps the prior."""
    parameters = {one.name: one for observed in seen for one in observed.layout.parameters}
    memory = {name for observed in seen for name in observed.layout.memory}
    return Layout(
        tuple(parameters.values()),
        tuple(sorted(memory)),
        max(observed.layout.wide for observed in seen),
        max(observed.layout.longest for observed in seen),
    )


@dataclasses.dataclass
class _Item:
    week: int
    quantity: int
    factor: str
    spread: str
    fixed: float
    value: float
    bound: int
    series: str


class _Gathering:
    """Collects terms, items and notes while the evidence is read."""

    def __init__(self, evidence: Evidence, history: History) -> None:
        self.evidence = evidence
        self.history = history
        self.weeks = (history.until - history.start).days // WEEK
        self.items: list[_Item] = []
        self.factors: dict[str, str] = {}
        self.spreads: list[str] = []
        self.terms: dict[tuple[str, str, str], Term] = {}
        self.rows: list[pd.DataFrame] = []
        self.guided: set[tuple[str, str]] = set()
        """Roots and sides whose weekly losses guide the walk: their people count nowhere else."""
        self.notes: list[str] = []

    def week(self, date: pd.Timestamp) -> int | None:
        """Return the week at whose end a date lies nearest; None outside the calibration."""
        days = (date.date() - self.history.start).days
        number = round(days / WEEK) - 1
        return number if 0 <= number < self.weeks and days <= self.weeks * WEEK else None

    def kind(self, root: str, side: str, concept: str) -> str:
        """Return whose factor applies."""
        if concept in NAMED:
            return "names"
        party = self.evidence.roots[root].party if root in self.evidence.roots else None
        if not party:
            return "others"
        return "on_itself" if party == side else "on_enemy"

    def factor(self, root: str, side: str, about: str, concept: str) -> str:
        """Return the name of the reporting factor of a root, a side and what it counts.

        Killed and wounded have a factor each: who says both does not know their ratio exactly.
        """
        kind = self.kind(root, side, concept)
        what = "names" if kind == "names" else CONCEPTS[concept] if about == "people" else about
        name = f"reporting_factor[{root}/{side}/{what}]"
        self.factors[name] = kind
        return name

    def spread(self, root: str, side: str, about: str) -> str:
        """Return the name of a dense series' spread."""
        name = f"reporting_spread[{root}/{side}/{about}]"
        if name not in self.spreads:
            self.spreads.append(name)
        return name

    def used(self, rows: pd.DataFrame, root: str, side: str, about: str, concept: str, says: str) -> None:
        """Note that rows weigh in a term."""
        if rows.empty:
            return
        key = (root, side, about)
        before = self.terms.get(key)
        first, last = rows["end"].min().date(), rows["end"].max().date()
        self.terms[key] = Term(
            root,
            side,
            about,
            before.kind if before else self.kind(root, side, concept),
            len(rows) + (before.figures if before else 0),
            min(first, before.first) if before else first,
            max(last, before.last) if before else last,
            f"{before.says}; {says}" if before and says not in before.says else says,
        )
        self.rows.append(rows.assign(term=f"{root}/{side}/{about}"))


def observe(
    evidence: Evidence, history: History, *, step_days: int = 1, layout: Layout | None = None
) -> Observed:
    """Read the evidence into likelihood terms.

    Args:
        evidence: what may be known; a calibration as known then passes `evidence.known_by(until)`.
        history: the war to be calibrated, up to its cut-off; figures of later days are left out.
        step_days: 1, or 7 to walk by weeks.
        layout: rows and shapes to keep to; those of these figures alone where not given.

    Returns:
        The figures by week, the parameters of reporting, and what was done.
    """
    told = _Gathering(evidence, history)
    codes = history.world.codes
    guide = [_weekly_losses(told, number, code) for number, code in enumerate(codes)]
    ground = _ground(told, codes)
    for number, code in enumerate(codes):
        _people(told, number, code)
        _vehicles(told, number, code)
        _forces(told, number, code)
    return _arrays(told, guide, ground, step_days, layout)


@dataclasses.dataclass
class _Guide:
    """Weekly losses of one side: log figure, given and set `[W]`, scale of the spread `[W]`."""

    value: npt.NDArray[np.float64]
    given: npt.NDArray[np.float64]
    set: npt.NDArray[np.float64]
    scale: npt.NDArray[np.float64]
    factor: str
    spread: str


def _select(told: _Gathering, quantity: str, code: str) -> pd.DataFrame:
    """Return the figures of a quantity and a side that a calibration may weigh, in order of days."""
    known = told.evidence.observations
    if not ((known["quantity"] == quantity) & (known["side"] == code)).any():
        return known.iloc[:0]
    rows = told.evidence.ask(quantity, side=code, all_vintages=True)
    places = set(rows["place"])
    place = WHOLE_FRONT if WHOLE_FRONT in places else places.pop() if len(places) == 1 else None
    derived = {
        name
        for name, source in told.evidence.sources.items()
        if source.derived_from or told.evidence.roots[source.root].why.startswith("a model over")
    }
    keep = (
        (rows["place"] == place)
        & ~rows["kind"].isin(["misprint", "prediction"])
        & ~rows["source"].isin(derived)
        & (rows["end"] <= pd.Timestamp(told.history.until))
        & rows[["low", "best", "high"]].notna().any(axis=1)
    )
    return rows[keep].sort_values(["end", "known_on"], kind="stable")


def _at_ends_of_weeks(told: _Gathering, rows: pd.DataFrame) -> pd.DataFrame:
    days = (rows["end"] - pd.Timestamp(told.history.start)).dt.days
    return rows[(days >= 0) & (days % WEEK == 0)]


def _is_weekly(told: _Gathering, figures: int) -> bool:
    return figures >= max(LEAST_WEEKLY, told.weeks / 2)


def _weekly_losses(told: _Gathering, number: int, code: str) -> _Guide:
    weeks = told.weeks
    empty = _Guide(*(np.zeros(weeks) for _ in range(3)), np.ones(weeks), "", "")
    rows = _select(told, "personnel_losses", code)
    rows = rows[
        rows["concept"].isin(["losses_undefined", "killed_and_wounded"])
        & (rows["flow_or_stock"] == "cumulative")
        & rows["best"].notna()
    ]
    rows = rows.drop_duplicates(["source", "concept", "end"], keep="last")
    sizes = _at_ends_of_weeks(told, rows).groupby(["source", "concept"]).size()
    if sizes.empty or not _is_weekly(told, sizes.max()):
        return empty
    source, concept = sizes.idxmax()
    rows = rows[(rows["source"] == source) & (rows["concept"] == concept)].set_index("end")
    root = str(rows["root"].iloc[0])
    found = empty
    found.factor = told.factor(root, code, "people", concept)
    found.spread = told.spread(root, code, "people")
    start = pd.Timestamp(told.history.start)
    totals = [rows["best"].get(start + pd.Timedelta(days=WEEK * week)) for week in range(weeks + 1)]
    added = np.full(weeks, math.nan)
    last: float | None = None if totals[0] is None else float(totals[0])
    for week in range(weeks):
        total = totals[week + 1]
        if total is None:
            continue
        if last is None:
            found.set[week] = 1.0
        elif total <= last:
            found.set[week] = 1.0
            if total < last:
                day = told.history.start + dt.timedelta(days=WEEK * (week + 1))
                told.notes.append(
                    f"{source}: the running total falls by {last - total:,.0f} to {day};"
                    " that week is set aside."
                )
        else:
            added[week] = math.log(total - last)
        last = float(total)
    usual = pd.Series(added).rolling(13, center=True, min_periods=3).median().to_numpy()
    off = added - usual
    scale = 1.4826 * float(np.nanmedian(np.abs(off))) if np.isfinite(off).any() else math.inf
    for week in np.flatnonzero(np.isfinite(off)):
        if abs(off[week]) > OUTLIER * max(scale, 0.05):
            day = told.history.start + dt.timedelta(days=WEEK * (int(week) + 1))
            told.notes.append(
                f"{source}: the week to {day} adds {math.exp(added[week]):,.0f}, far from the weeks about it;"
                " it is taken for a correction and set aside."
            )
            added[week] = math.nan
            found.set[week] = 1.0
    given = np.isfinite(added)
    found.given = given.astype(float)
    found.value = np.where(given, added, 0.0)
    # Part of a week's scatter is that of counting separate events: it shrinks as the figure grows.
    found.scale = np.where(given, np.sqrt(WEEKLY_REFERENCE / np.exp(found.value)), 1.0)
    dates = [start + pd.Timedelta(days=WEEK * (int(week) + 1)) for week in np.flatnonzero(given)]
    used = rows.loc[dates].reset_index()
    told.used(used, root, code, "people", concept, "losses of each week")
    told.guided.add((root, code))
    return found


@dataclasses.dataclass
class _Ground:
    value: npt.NDArray[np.float64]
    given: npt.NDArray[np.float64]
    set: npt.NDArray[np.float64]


def _ground(told: _Gathering, codes: Sequence[str]) -> _Ground:
    weeks = told.weeks
    found = _Ground(np.zeros(weeks), np.zeros(weeks), np.zeros(weeks))
    for number, code in enumerate(codes):
        rows = _select(told, "area_controlled", code)
        rows = rows[rows["best"].notna()].drop_duplicates(["source", "end"], keep="last")
        sizes = _at_ends_of_weeks(told, rows).groupby("source").size()
        if sizes.empty or not _is_weekly(told, sizes.max()):
            continue
        source = sizes.idxmax()
        rows = rows[rows["source"] == source].set_index("end")
        start = pd.Timestamp(told.history.start)
        held = [rows["best"].get(start + pd.Timedelta(days=WEEK * week)) for week in range(weeks + 1)]
        sign = 1.0 if number == 0 else -1.0
        last = held[0]
        for week in range(weeks):
            if held[week + 1] is None:
                continue
            if last is not None:
                found.value[week] = sign * float(held[week + 1] - last)
                found.given[week] = 1.0
            else:
                # Where the line stood on the first morning is not known.
                found.set[week] = -1.0
            last = held[week + 1]
        given = found.given > 0
        if not given.any():
            continue
        usual = float(np.median(np.abs(found.value[given])))
        for week in np.flatnonzero(given):
            if abs(found.value[week]) > JUMP * max(usual, GROUND_ERROR_KM2):
                day = told.history.start + dt.timedelta(days=WEEK * (int(week) + 1))
                told.notes.append(
                    f"{source}: the week to {day} changes the area by {sign * found.value[week]:+,.0f} km2,"
                    f" more than {JUMP:.0f} times the usual; the line is set there and the week does not"
                    " weigh."
                )
                found.given[week], found.set[week] = 0.0, 1.0
        dates = [
            start + pd.Timedelta(days=WEEK * (int(week) + 1)) for week in np.flatnonzero(found.given > 0)
        ]
        used = rows.loc[dates].reset_index()
        root = str(used["root"].iloc[0]) if len(used) else ""
        told.used(used, root, code, "ground", "assessed", "change of area of each week")
        break
    return found


def _people(told: _Gathering, number: int, code: str) -> None:
    rows = _select(told, "personnel_losses", code)
    rows = rows[rows["concept"].isin(list(CONCEPTS)) & (rows["flow_or_stock"] == "cumulative")]
    for root, of_root in rows.groupby("root", sort=True):
        if (root, code) in told.guided:
            continue
        dense = [
            (source, concept, group)
            for (source, concept), group in of_root.groupby(["source", "concept"], sort=True)
            if len(group.drop_duplicates("end")) >= DENSE
        ]
        if dense:
            # One origin, one series: the whole with the missing who are dead before the part.
            order = ["killed_and_missing", "killed", "named_dead"]
            source, concept, group = min(
                dense, key=lambda one: order.index(one[1]) if one[1] in order else len(order)
            )
            _dense_people(told, number, code, str(root), str(source), str(concept), group)
        else:
            _sparse(told, of_root, number, code, str(root), "people")


def _dense_people(
    told: _Gathering, number: int, code: str, root: str, source: str, concept: str, rows: pd.DataFrame
) -> None:
    rows = rows[rows["best"].notna()]
    counts = rows.groupby("known_on").size()
    by_event = counts.max() >= DENSE
    factor = told.factor(root, code, "people", concept)
    quantity = 2 * QUANTITIES.index(CONCEPTS[concept]) + number
    if by_event:
        vintage = counts[counts >= DENSE].index.max()
        series = rows[rows["known_on"] == vintage].drop_duplicates("end", keep="last").set_index("end")
        if concept in NAMED:
            series = series[series.index <= vintage - pd.Timedelta(days=LATE_NAMES_DAYS)]
        every = QUARTER if concept in NAMED else MONTH
        spread = told.spread(root, code, "names" if concept in NAMED else "people")
        used = _added(told, series, quantity, factor, spread, every, f"{root}/{code}/{concept}")
        told.used(used, root, code, "people", concept, f"deaths of each {every} days by day of death")
        return
    # Counted by day of discovery: the total stands for the dead so far, now and at half-yearly distances.
    latest = rows.drop_duplicates("end", keep="last").sort_values("end")
    picked: list[int] = []
    next_before: pd.Timestamp | None = None
    for index in reversed(latest.index):
        end = latest.loc[index, "end"]
        if told.week(end) is not None and (next_before is None or end <= next_before):
            picked.append(index)
            next_before = end - pd.Timedelta(days=HALF_YEAR)
    used = latest.loc[picked]
    _levels(told, used, number, code, root, "people")


def _added(
    told: _Gathering,
    series: pd.DataFrame,
    quantity: int,
    factor: str,
    spread: str,
    every: int,
    name: str,
) -> pd.DataFrame:
    """Add what a running total grows by in each `every` days; return the rows that weigh."""
    start, until = pd.Timestamp(told.history.start), pd.Timestamp(told.history.until)
    wanted = pd.date_range(start, until, freq=f"{every}D")
    totals = series["best"].sort_index()
    kept: list[pd.Timestamp] = []
    last: float | None = None
    for day in wanted:
        near = totals[
            (totals.index >= day - pd.Timedelta(days=3)) & (totals.index <= day + pd.Timedelta(days=3))
        ]
        if near.empty:
            continue
        end, total = near.index[-1], float(near.iloc[-1])
        week = told.week(day)
        if week is None:
            # The first morning is the end of no week: nothing could be remembered there.
            continue
        if last is None:
            # The series begins here: it remembers, and does not weigh.
            told.items.append(_Item(week, quantity, factor, spread, FORGET, 0.0, 0, name))
            last = total
            continue
        if total > last:
            told.items.append(_Item(week, quantity, factor, spread, 1.0, math.log(total - last), 0, name))
            kept.append(end)
        else:
            told.notes.append(f"{name}: the total does not grow to {end.date()}; it is set aside.")
            told.items.append(_Item(week, quantity, factor, spread, FORGET, 0.0, 0, name))
        last = total
    return series.loc[kept].reset_index()


def _sparse(told: _Gathering, rows: pd.DataFrame, number: int, code: str, root: str, about: str) -> None:
    newest = rows.drop_duplicates(["source", "concept", "end"], keep="last")
    _levels(told, without_restatements(newest), number, code, root, about)


def without_restatements(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the figures of one origin without those that another of its sources gave within a month before.

    Two sources of one origin on nearly one day are one figure, told twice.
    """
    kept: list[int] = []
    for index, row in rows.sort_values(["end", "known_on"], kind="stable").iterrows():
        before = rows.loc[kept]
        told_already = (
            (before["concept"] == row["concept"])
            & (before["source"] != row["source"])
            & (row["end"] - before["end"] <= pd.Timedelta(days=RESTATED_DAYS))
        )
        if not told_already.any():
            kept.append(index)
    return rows.loc[kept]


def _levels(told: _Gathering, rows: pd.DataFrame, number: int, code: str, root: str, about: str) -> None:
    """Add running totals or states as they stand."""
    kept: list[int] = []
    for index, row in rows.iterrows():
        week = told.week(row["end"])
        if week is None:
            continue
        concept = str(row["concept"])
        quantity = 2 * QUANTITIES.index("force" if about == "force" else CONCEPTS[concept]) + number
        low, best, high = (float(row[end]) for end in ("low", "best", "high"))
        spread, bound = USUAL_SPREAD, 0
        if math.isfinite(low) and math.isfinite(high) and low > 0:
            spread = max(LEAST_SPREAD, (math.log(high) - math.log(low)) / 3.29)
            value = best if math.isfinite(best) else math.sqrt(low * high)
        elif math.isfinite(best):
            value = best
        else:
            value, bound = (low, 1) if math.isfinite(low) else (high, -1)
        if value <= 0:
            continue
        factor = told.factor(root, code, about, concept)
        told.items.append(_Item(week, quantity, factor, "", spread, math.log(value), bound, ""))
        kept.append(index)
        told.used(
            rows.loc[[index]], root, code, about, concept, "running totals" if about == "people" else "states"
        )


def _vehicles(told: _Gathering, number: int, code: str) -> None:
    parts = []
    for quantity in VEHICLES:
        rows = _select(told, quantity, code)
        rows = rows[(rows["flow_or_stock"] == "cumulative") & rows["best"].notna()]
        if rows.empty:
            return
        parts.append(rows.drop_duplicates(["root", "end"], keep="last"))
    roots = set(parts[0]["root"]) & set(parts[1]["root"])
    for root in sorted(roots):
        first, second = (part[part["root"] == root].set_index("end") for part in parts)
        both = first.assign(best=first["best"] + second["best"].reindex(first.index)).dropna(subset=["best"])
        if len(both) < DENSE:
            continue
        factor = told.factor(root, code, "vehicles", "losses_undefined")
        spread = told.spread(root, code, "vehicles")
        row = 2 * QUANTITIES.index("armour_lost") + number
        used = _added(told, both, row, factor, spread, MONTH, f"{root}/{code}/vehicles")
        told.used(
            used, root, code, "vehicles", "losses_undefined", "tanks and armoured carriers of each 28 days"
        )


def _forces(told: _Gathering, number: int, code: str) -> None:
    rows = _select(told, "force_strength", code)
    rows = rows[(rows["concept"] == "in_theatre") & (rows["root"] != "compilers_judgement")]
    for root, of_root in rows.groupby("root", sort=True):
        _sparse(told, of_root, number, code, str(root), "force")


NO_FACTOR, NO_SPREAD = "reporting_factor[none]", "reporting_spread[none]"


def _parameters(told: _Gathering, guide: Sequence[_Guide], before: Sequence[str]) -> tuple[Parameter, ...]:
    """Return the parameters of reporting: factors, spreads, losses before the first day."""

    def one(name: str, meaning: str, prior: Prior, source: str, unit: str = "1") -> Parameter:
        bounds = (0.0, 1e8) if unit == "persons" else (1e-3, 1e3)
        return Parameter(name, meaning, unit, prior, bounds, source, per_side=False)

    found = [
        one(name, f"figure that {name[17:-1]} gives for each one that there is", *FACTORS[kind])
        for name, kind in told.factors.items()
    ]
    of_spread = "standard deviation of the log of a figure of this series"
    found += [one(name, of_spread, SPREAD, "assumed") for name in told.spreads]
    if any(side.factor == NO_FACTOR for side in guide):
        nothing = "of no series: weighs nothing"
        found.append(one(NO_FACTOR, nothing, Prior(1.0, 1.0, 1.0), "none"))
        found.append(one(NO_SPREAD, nothing, Prior(0.1, 0.1, 0.1), "none"))
    span = f"killed, wounded and captured from {told.history.first_day} to {told.history.start}"
    found += [
        one(name, span, prior, "the scenario's history", "persons")
        for name, prior in zip(before, told.history.losses_before, strict=True)
    ]
    return tuple(found)


def _arrays(
    told: _Gathering,
    guide: Sequence[_Guide],
    ground: _Ground,
    step_days: int,
    layout: Layout | None,
) -> Observed:
    history = told.history
    if not any(one.given.any() for one in guide) and not told.items and not ground.given.any():
        told.notes.append("no figure lies between the first day and the cut-off: the priors stand.")
    before = [f"losses_before[{code}]" for code in history.world.codes]
    for one in guide:
        # A side without a weekly series needs rows all the same; they weigh nothing.
        one.factor = one.factor or NO_FACTOR
        one.spread = one.spread or NO_SPREAD
    own = _parameters(told, guide, before)
    parameters = own if layout is None else layout.parameters
    row = {parameter.name: index for index, parameter in enumerate(parameters)}
    own_memory = sorted({item.series for item in told.items} | {""})
    memory = {name: index for index, name in enumerate(own_memory if layout is None else layout.memory)}
    longest = told.weeks if layout is None else layout.longest
    by_week: list[list[_Item]] = [[] for _ in range(longest)]
    for item in told.items:
        by_week[item.week].append(item)
    most = max(1, max((len(items) for items in by_week), default=1))
    wide = most if layout is None else layout.wide

    def table(read: str, dtype: type) -> npt.NDArray[np.generic]:
        found = np.zeros((longest, wide), dtype)
        for week, items in enumerate(by_week):
            for place, item in enumerate(items):
                value = getattr(item, read)
                if read == "factor":
                    value = row[value]
                elif read == "spread":
                    value = row[value] if value else -1
                elif read == "series":
                    value = memory[value]
                found[week, place] = value
        return found

    given = np.zeros((longest, wide), np.float32)
    since = np.zeros((longest, wide), np.float32)
    for week, items in enumerate(by_week):
        given[week, : len(items)] = 1.0
        since[week, : len(items)] = [float(bool(item.series)) for item in items]

    def padded(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
        filled = np.zeros((longest, *values.shape[1:]), np.float32)
        filled[: len(values)] = values
        return filled

    steps = WEEK // step_days
    days = told.weeks * WEEK
    levers = history.plan.levers[:days].reshape(told.weeks, WEEK, -1)
    offensives = history.plan.observed_offensives[:days].reshape(told.weeks, WEEK, 2)
    if step_days != 1:
        levers = levers.mean(axis=1, keepdims=True) * lever_factors(float(step_days))
        offensives = offensives[:, :1]
    assert levers.shape[1] == steps
    data = Data(
        levers=padded(levers),
        offensives=padded(offensives),
        guide_value=padded(np.stack([one.value for one in guide], axis=1)),
        guide_given=padded(np.stack([one.given for one in guide], axis=1)),
        guide_set=padded(np.stack([one.set for one in guide], axis=1)),
        guide_factor=np.array([row[one.factor] for one in guide], np.int32),
        guide_spread=np.array([row[one.spread] for one in guide], np.int32),
        guide_scale=padded(np.stack([one.scale for one in guide], axis=1))
        + (padded(np.stack([one.scale for one in guide], axis=1)) == 0),
        ground_value=padded(ground.value),
        ground_given=padded(ground.given),
        ground_set=padded(ground.set),
        ground_error=np.float32(GROUND_ERROR_KM2),
        quantity=table("quantity", np.int32),
        series=table("series", np.int32),
        factor=table("factor", np.int32),
        spread=table("spread", np.int32),
        fixed=table("fixed", np.float32) + (given == 0),
        value=table("value", np.float32),
        bound=table("bound", np.float32),
        since_last=since,
        given=given,
        before=np.array([row[name] for name in before], np.int32),
        decided=padded((np.arange(told.weeks) > 0).astype(np.float32)),
    )
    rows = (
        pd.concat(told.rows, ignore_index=True)
        if told.rows
        else told.evidence.observations.iloc[:0].assign(term="")
    )
    return Observed(
        data,
        len(memory),
        parameters,
        tuple(told.terms.values()),
        rows,
        tuple(told.notes),
        told.weeks,
        Layout(parameters, tuple(memory), wide, longest),
    )
