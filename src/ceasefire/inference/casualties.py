"""Killed and wounded of both sides by month, as a posterior has them, and what these figures rest on.

A posterior holds running totals since the war's first day, at the ends of calendar months and on its last
day. What lies between two of them is the difference, draw by draw; a month that it does not cover has no
figure. Beside them stand each origin's reporting factor with its prior, what the evidence taught, and a
meta-estimate that others made.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ceasefire.evidence import Evidence
from ceasefire.files import InputError, suggest
from ceasefire.inference import shipped
from ceasefire.inference.observing import CONCEPTS, FACTORS
from ceasefire.inference.posterior import LEARNT, Posterior, load_posterior
from ceasefire.scenario import Scenario

MEASURES = ("killed", "killed_and_wounded")
LEVELS = {"low90": 0.05, "low50": 0.25, "median": 0.5, "high50": 0.75, "high90": 0.95}
CHOICES = (shipped.DEFAULT, shipped.THEN, shipped.NOW)
META_ROOT, META_LEVEL = "economist_meta", 0.95
# For each what a factor gives so many figures.
COUNTED = {
    "killed": "soldier killed",
    "killed_and_wounded": "soldier killed or wounded",
    "losses": "soldier killed, wounded or captured",
    "names": "soldier killed (by name)",
    "vehicles": "tank or armoured carrier lost",
    "force": "soldier in the theatre",
}
_QUANTITIES = {
    "killed": "the killed",
    "wounded": "the wounded",
    "killed_share": "the share of killed among both",
    "losses_before": "the losses before the model's first day",
}
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_FACTOR = re.compile(r"reporting_factor\[(?P<root>[^/\]]+)/(?P<code>[^/\]]+)/(?P<counts>[^/\]]+)\]")
_SHIPPED = re.compile(r"(?P<until>\d{4}-\d\d-\d\d)-known-(?P<known>then|now)\.nc")


@dataclasses.dataclass(frozen=True)
class Factor:
    """How many an origin reports for each one that there is: its estimate and its prior."""

    name: str
    root: str
    reporter: str
    side: str
    """Of whose losses it speaks."""
    counts: str
    kind: str
    """Whose prior it has: a key of `FACTORS`."""
    figures: int
    """How many of its figures weigh."""
    prior: tuple[float, float, float]
    """5 %, 50 % and 95 % points."""
    quantiles: dict[str, float]
    """By the names of `LEVELS`."""
    contraction: float

    @property
    def label(self) -> str:
        """`learnt` or `assumed`."""
        return "learnt" if self.contraction > LEARNT else "assumed"

    @property
    def each(self) -> str:
        """One of what is counted, in words."""
        return COUNTED.get(self.counts, f"one of what it counts ({self.counts.replace('_', ' ')})")

    @property
    def sentence(self) -> str:
        """The estimate beside its prior, in words."""
        low, best, high = (f"{end:.3g}" for end in self.prior)
        middle, lower, upper = (f"{self.quantiles[name]:.2f}" for name in ("median", "low90", "high90"))
        return (
            f"{self.reporter}: {middle} ({lower} to {upper}) for each {self.each}, of {self.side};"
            f" assumed before the evidence: {best} ({low} to {high})."
        )


@dataclasses.dataclass(frozen=True)
class Taught:
    """What the evidence left of the prior's spread of one quantity."""

    side: str
    quantity: str
    contraction: float

    @property
    def label(self) -> str:
        """`learnt` or `assumed`."""
        return "learnt" if self.contraction > LEARNT else "assumed"

    @property
    def left(self) -> float:
        """Standard deviation of the posterior over that of the prior, on the prior's scale."""
        return math.sqrt(max(1.0 - self.contraction, 0.0))


@dataclasses.dataclass(frozen=True, eq=False)
class Casualties:
    """Killed, and killed and wounded, of both sides of a war, with what they rest on."""

    scenario: str
    sides: tuple[str, str]
    first_day: dt.date
    until: dt.date
    """Day of the last running total shown."""
    posterior: str
    known: str
    seed: int
    version: str
    draws: int
    table: pd.DataFrame
    """One row per measure, side and period: `measure`, `side`, `start`, `end`, `days`, `part` (before, whole,
    part), the quantiles of `LEVELS`, those of the running total (`total_median`, ...), and the evidence
    on the side's people within the period: `figures`, `origins`."""
    factors: tuple[Factor, ...]
    taught: tuple[Taught, ...]
    meta: pd.DataFrame
    """The meta-estimate on the days of the running totals: `measure`, `side`, `end`, `low`, `best`, `high`,
    `known_on`."""
    meta_sentence: str
    notes: tuple[str, ...]
    set_aside: tuple[str, ...]
    """What the fit set aside, in words."""

    def rows(self, measure: str, side: str) -> pd.DataFrame:
        """Return the periods of a measure and a side."""
        chosen = (self.table["measure"] == measure) & (self.table["side"] == side)
        return self.table[chosen].reset_index(drop=True)

    def assumed(self, measure: str, side: str) -> bool:
        """Say whether what a running total added since the model's first day is assumed, or a part of it."""
        needed = {"killed"} if measure == "killed" else {"killed", "wounded"}
        labels = {one.label for one in self.taught if one.side == side and one.quantity in needed}
        return labels != {"learnt"}

    def rests(self, side: str) -> str:
        """Say how far the figures of a side rest on evidence, in words."""
        rows = self.rows("killed", side)
        own = int((rows["figures"] > 0).sum())
        if own == 0:
            said = f"{side}: no figure of its own lies in any period; the model carries all of them."
        else:
            origins = len({origin for names in rows["origins"] for origin in names})
            said = (
                f"{side}: {_many(int(rows['figures'].sum()), 'figure')} of {_many(origins, 'origin')} weigh;"
                f" {own} of {len(rows)} periods hold at least one."
            )
            if own < len(rows):
                said += " The model carries the others by those before and after."
        left = [
            f"{100 * one.left:.0f} % for {_QUANTITIES[one.quantity]} ({one.label})"
            for one in self.taught
            if one.side == side
        ]
        if left:
            said += (
                f" Of the spread that the priors alone give by the posterior's day, the evidence leaves"
                f" {', '.join(left)}."
            )
        return said

    def content(self) -> dict[str, Any]:
        """Return all of it as plain data."""
        return {
            "scenario": self.scenario,
            "sides": list(self.sides),
            "first_day": str(self.first_day),
            "until": str(self.until),
            "posterior": self.posterior,
            "known": self.known,
            "seed": self.seed,
            "version": self.version,
            "draws": self.draws,
            "unit": "persons",
            "months": [
                {
                    "measure": row["measure"],
                    "side": row["side"],
                    "start": str(row["start"]),
                    "end": str(row["end"]),
                    "days": int(row["days"]),
                    "part": row["part"],
                    **_figures(row),
                    "figures_in_it": int(row["figures"]),
                    "origins_in_it": list(row["origins"]),
                }
                for row in self.table.to_dict("records")
            ],
            "totals": [
                {
                    "measure": row["measure"],
                    "side": row["side"],
                    "until": str(row["end"]),
                    **_figures(row, "total_"),
                }
                for row in self.table.to_dict("records")
            ],
            "factors": [
                {
                    **dataclasses.asdict(factor),
                    "prior": dict(zip(("low90", "median", "high90"), factor.prior, strict=True)),
                    "label": factor.label,
                    "sentence": factor.sentence,
                }
                for factor in self.factors
            ],
            "learnt_and_assumed": [
                {**dataclasses.asdict(one), "spread_left": one.left, "label": one.label}
                for one in self.taught
            ],
            "rests_on": {side: self.rests(side) for side in self.sides},
            "meta_estimate": {
                "level": META_LEVEL,
                "sentence": self.meta_sentence,
                "totals": [
                    {
                        "measure": row["measure"],
                        "side": row["side"],
                        "until": str(row["end"]),
                        **{name: _plain(row[name]) for name in ("low", "best", "high")},
                        "known_on": str(row["known_on"]),
                    }
                    for row in self.meta.to_dict("records")
                ],
            },
            "notes": list(self.notes),
            "set_aside_by_the_fit": list(self.set_aside),
        }


def _many(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _plain(value: float) -> float | None:
    return round(float(value), 1) if math.isfinite(value) else None


def _figures(row: dict[Any, Any], before: str = "") -> dict[str, Any]:
    figures = {name: _plain(row[before + name]) for name in LEVELS}
    return {
        "median": figures["median"],
        "interval50": [figures["low50"], figures["high50"]],
        "interval90": [figures["low90"], figures["high90"]],
    }


# Which posterior


def by_day(scenario: str) -> list[tuple[dt.date, str, Path]]:
    """Return day, `then` or `now`, and file of each posterior that comes with the package, the latest last.

    Of two with one day, the one that uses all figures comes last.
    """
    found = []
    for path in sorted(shipped.folder().glob(f"{scenario}-*.nc")):
        match = _SHIPPED.fullmatch(path.name.removeprefix(f"{scenario}-"))
        if match:
            found.append((dt.date.fromisoformat(match["until"]), match["known"], path))
    return sorted(found, key=lambda one: (one[0], one[1] == "now"))


def posterior_path(scenario: Scenario, wanted: str = shipped.DEFAULT, until: dt.date | None = None) -> Path:
    """Return the file of the posterior asked for.

    Args:
        scenario: the scenario.
        wanted: `default` (the shipped one with the latest day), `then` or `now` (the latest that knows what
            was known then, or now), or a file.
        until: prefer the shipped one of this very day.

    Raises:
        InputError: the scenario has no history, or there is no such posterior.
    """
    if scenario.content.history is None:
        raise InputError(
            f"the scenario '{scenario.name}' has no history.",
            scenario.path,
            "add a block 'history:'; the template shows one.",
        )
    if wanted not in CHOICES:
        path = Path(wanted)
        if not path.is_file():
            near = suggest(wanted, CHOICES)
            raise InputError(
                f"there is no posterior '{wanted}'.",
                shipped.OPTION,
                near
                if near.startswith("did")
                else "use default, then or now, or name a file that `ceasefire calibrate` wrote.",
            )
        return path
    found = [one for one in by_day(scenario.name) if wanted in (shipped.DEFAULT, one[1])]
    if not found:
        kind = "" if wanted == shipped.DEFAULT else f" as known {wanted}"
        raise InputError(
            f"no posterior{kind} is shipped for '{scenario.name}'.",
            shipped.OPTION,
            f"run `ceasefire calibrate {scenario.given_as} --until DATE` and name its file with --posterior.",
        )
    return next((one[2] for one in reversed(found) if one[0] == until), found[-1][2])


def usable_posterior(path: Path, scenario: Scenario) -> Posterior:
    """Read a posterior and make sure that it may be used for a scenario.

    Raises:
        InputError: it cannot be read, belongs to another scenario or another model, or failed.
    """
    posterior = load_posterior(path)
    if posterior.scenario != scenario.name:
        raise InputError(
            f"this posterior is of the scenario '{posterior.scenario}', not of '{scenario.name}'.",
            str(path),
            "name one of this scenario.",
        )
    if not posterior.passed:
        raise InputError(
            f"this posterior failed its diagnostics: {posterior.tree.attrs['why']}.",
            str(path),
            "calibrate again with more sets, or name another posterior.",
        )
    return posterior.require(scenario.calibrated_sha256)


# What it says


def casualties(
    posterior: Posterior, scenario: Scenario, evidence: Evidence, *, until: dt.date | None = None
) -> Casualties:
    """Return killed, and killed and wounded, of both sides by month, in persons, with what they rest on.

    With T_m the running total at the end of month m, the figure of the month is T_m - T_(m-1), taken in each
    draw; medians and intervals are those of the draws. Sides stand in the order of the scenario.

    Args:
        posterior: of this scenario.
        scenario: a scenario with a history.
        evidence: names of the sources, and the meta-estimate to show beside.
        until: leave out what ends after this day.

    Raises:
        InputError: the posterior does not cover the day.
    """
    past = scenario.content.history
    if past is None or set(posterior.sides) != set(scenario.sides):
        raise InputError(
            f"this posterior has the sides {' and '.join(posterior.sides)}, not those of the scenario"
            f" '{scenario.name}'.",
            posterior.path or posterior.name,
            "name a posterior of this scenario.",
        )
    ends = [stamp.date() for stamp in pd.DatetimeIndex(posterior.draws["month"].values)]
    kept = _kept(ends, until)
    totals = {name: _totals(posterior, name, scenario.sides)[: len(kept)] for name in MEASURES}
    rows = posterior.evidence_rows()
    people = rows[rows["term"].str.endswith("/people")]
    table = pd.DataFrame(
        [
            row
            for measure in MEASURES
            for place, side in enumerate(scenario.sides)
            for row in _periods(
                measure, side, scenario.codes[place], totals[measure][:, place], kept, past.first_day, people
            )
        ]
    )
    meta = _meta(evidence, scenario, kept)
    factors = _factors(posterior, scenario, evidence, rows)
    return Casualties(
        scenario=scenario.name,
        sides=scenario.sides,
        first_day=past.first_day,
        until=kept[-1],
        posterior=posterior.name,
        known=posterior.known,
        seed=posterior.seed,
        version=str(posterior.tree.attrs["version"]),
        draws=posterior.size,
        table=table,
        factors=factors,
        taught=_taught(posterior, scenario.sides, scenario.codes),
        meta=meta,
        meta_sentence=_meta_sentence(meta, scenario, evidence, rows),
        notes=_notes(posterior, kept, until),
        set_aside=tuple(posterior.notes()),
    )


def increments(totals: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """Return what running totals `[M, ...]` add from each to the next, the first as it stands."""
    exact = np.asarray(totals, np.float64)
    return np.diff(exact, axis=0, prepend=np.zeros_like(exact[:1]))


def _kept(ends: Sequence[dt.date], until: dt.date | None) -> list[dt.date]:
    """Return the days of running totals up to a day."""
    if until is None:
        return list(ends)
    if not ends[0] <= until <= ends[-1]:
        raise InputError(
            f"the posterior runs from {ends[0]} to {ends[-1]}: it cannot say anything for {until}.",
            "--until",
            "choose a day between them, or another posterior.",
        )
    return [end for end in ends if end <= until]


def _totals(posterior: Posterior, name: str, sides: tuple[str, str]) -> npt.NDArray[np.float64]:
    """Return running totals `[M, 2, n]`, sides in the given order."""
    ordered = posterior.draws[name].sel(side=list(sides)).transpose("month", "side", "draw")
    return np.asarray(ordered.values, np.float64)


def _periods(
    measure: str,
    side: str,
    code: str,
    totals: npt.NDArray[np.float64],
    ends: Sequence[dt.date],
    first_day: dt.date,
    people: pd.DataFrame,
) -> list[dict[str, Any]]:
    """Return the periods of one measure and side; `totals` `[M, n]`."""
    added = np.quantile(increments(totals), list(LEVELS.values()), axis=1)
    summed = np.quantile(totals, list(LEVELS.values()), axis=1)
    own = people[people["side"] == code]
    days = pd.to_datetime(own["end"]).dt.date
    found = []
    start = first_day
    for number, end in enumerate(ends):
        inside = own[(days >= start) & (days <= end)]
        found.append(
            {
                "measure": measure,
                "side": side,
                "start": start,
                "end": end,
                "days": (end - start).days + 1,
                "part": "before" if number == 0 else "whole" if _is_month(start, end) else "part",
                **{name: float(added[level, number]) for level, name in enumerate(LEVELS)},
                **{f"total_{name}": float(summed[level, number]) for level, name in enumerate(LEVELS)},
                "figures": len(inside),
                "origins": tuple(sorted(set(inside["root"]))),
            }
        )
        start = end + dt.timedelta(days=1)
    return found


def _is_month(start: dt.date, end: dt.date) -> bool:
    return start.day == 1 and (end + dt.timedelta(days=1)).day == 1 and (end - start).days < 31


def _factors(
    posterior: Posterior, scenario: Scenario, evidence: Evidence, rows: pd.DataFrame
) -> tuple[Factor, ...]:
    """Return the reporting factors, those of the first side first, people before vehicles and forces."""
    told = posterior.contraction().set_index("name")["contraction"]
    found = []
    for name in posterior.draws["report"].values.astype(str):
        match = _FACTOR.fullmatch(name)
        if match is None or match["code"] not in scenario.codes:
            continue
        root, code, counts = match["root"], match["code"], match["counts"]
        weighing = _weighing(rows, root, code, counts)
        kind = _kind(evidence, root, code, counts)
        draws = np.asarray(posterior.draws["reporting"].sel(report=name).values, np.float64)
        prior = FACTORS[kind][0]
        found.append(
            Factor(
                name,
                root,
                _reporter(evidence, root, weighing),
                scenario.sides[scenario.codes.index(code)],
                counts,
                kind,
                len(weighing),
                (prior.low, prior.best, prior.high),
                {
                    level: float(value)
                    for level, value in zip(LEVELS, np.quantile(draws, list(LEVELS.values())), strict=True)
                },
                float(told[name]),
            )
        )
    order = list(COUNTED)
    return tuple(
        sorted(
            found,
            key=lambda one: (
                scenario.sides.index(one.side),
                order.index(one.counts) if one.counts in order else len(order),
                one.root,
            ),
        )
    )


def _weighing(rows: pd.DataFrame, root: str, code: str, counts: str) -> pd.DataFrame:
    """Return the rows of evidence behind a factor."""
    about = {"vehicles": "vehicles", "force": "force"}.get(counts, "people")
    own = rows[rows["term"] == f"{root}/{code}/{about}"]
    if about != "people" or own.empty:
        return own
    named = own["concept"] == "named_dead"
    if counts == "names":
        return own[named]
    quantity = own["concept"].map(CONCEPTS)
    chosen = own[~named & (quantity == counts)]
    return chosen if counts in set(CONCEPTS.values()) else own[~named]


def _kind(evidence: Evidence, root: str, code: str, counts: str) -> str:
    """Return whose factor it is, by the rule of the observation model."""
    if counts == "names":
        return "names"
    party = evidence.roots[root].party if root in evidence.roots else ""
    return "others" if not party else "on_itself" if party == code else "on_enemy"


def _reporter(evidence: Evidence, root: str, rows: pd.DataFrame) -> str:
    """Return who speaks, in words: the producers of the figures that weigh, those of most figures first."""
    sources = list(rows["source"].value_counts(sort=True).index) if len(rows) else []
    if not sources:
        sources = [name for name, source in evidence.sources.items() if source.root == root][:1]
    names = [evidence.sources[name].producer for name in sources if name in evidence.sources]
    return "; ".join(dict.fromkeys(names)) or root.replace("_", " ")


def _taught(posterior: Posterior, sides: tuple[str, str], codes: tuple[str, str]) -> tuple[Taught, ...]:
    """Return what the evidence taught of the dead, the wounded, their ratio and the losses before."""
    told = posterior.contraction().set_index("name")["contraction"]
    wanted = {
        "killed": "state: killed ({})",
        "wounded": "state: wounded ({})",
        "killed_share": "killed_share ({})",
        "losses_before": "losses_before[{}]",
    }
    found = []
    for side, code in zip(sides, codes, strict=True):
        for quantity, pattern in wanted.items():
            name = pattern.format(code if quantity == "losses_before" else side)
            if name in told.index:
                found.append(Taught(side, quantity, float(told[name])))
    return tuple(found)


def _meta(evidence: Evidence, scenario: Scenario, ends: Sequence[dt.date]) -> pd.DataFrame:
    """Return the meta-estimate's running totals on the same days."""
    known = evidence.observations
    rows = known[
        (known["root"] == META_ROOT)
        & (known["quantity"] == "personnel_losses")
        & (known["flow_or_stock"] == "cumulative")
        & known["concept"].isin(MEASURES)
        & known["side"].isin(scenario.codes)
        & known["best"].notna()
        & known["end"].isin(pd.to_datetime(list(ends)))
    ]
    rows = rows.sort_values("known_on", kind="stable")
    rows = rows.drop_duplicates(["concept", "side", "end"], keep="last").sort_values("end", kind="stable")
    return pd.DataFrame(
        {
            "measure": rows["concept"].to_numpy(),
            "side": [scenario.sides[scenario.codes.index(code)] for code in rows["side"]],
            "end": rows["end"].dt.date.to_numpy(),
            "low": rows["low"].to_numpy(float),
            "best": rows["best"].to_numpy(float),
            "high": rows["high"].to_numpy(float),
            "known_on": rows["known_on"].dt.date.to_numpy(),
        }
    )


def _meta_sentence(meta: pd.DataFrame, scenario: Scenario, evidence: Evidence, rows: pd.DataFrame) -> str:
    """Say what the meta-estimate shares with the fit."""
    if meta.empty:
        return ""
    sources = [source for source in evidence.sources.values() if source.root == META_ROOT]
    title = sources[0].producer if sources else META_ROOT
    built_on = {root for source in sources for root in source.derived_from}
    shared = sorted(built_on & set(rows.loc[rows["term"].str.endswith("/people"), "root"]))
    names = ", ".join(_reporter(evidence, root, rows[rows["root"] == root].head(1)) for root in shared)
    count = _NUMBERS[len(shared)] if len(shared) < len(_NUMBERS) else str(len(shared))
    origins = f"origin{'' if len(shared) == 1 else 's'}"
    shares = f"it shares {count} {origins} with this fit ({names})" if shared else "it is a model over others"
    missing = [side for side in scenario.sides if side not in set(meta["side"])]
    none = f" There is none for {' and '.join(missing)}." if missing else ""
    return (
        f"{title}'s meta-estimate is no independent check: {shares}."
        f" Its intervals hold {100 * META_LEVEL:.0f} %; it uses what was known on"
        f" {meta['known_on'].max()}.{none}"
    )


def _notes(posterior: Posterior, kept: Sequence[dt.date], until: dt.date | None) -> tuple[str, ...]:
    notes = [
        "Soldiers only: civilians who were killed are not in these figures.",
        "Learnt means narrowed by the evidence, given the prior of each reporting factor; those are assumed.",
        "For a single month it is not known how far the evidence narrowed it: a posterior keeps the spread of"
        " the priors for its own day alone.",
        "The fit used figures up to its day that became known later."
        if posterior.hindsight
        else f"The fit used only what was known on {posterior.until}.",
    ]
    if until is not None and kept[-1] != until:
        notes.append(
            f"The posterior has totals at the ends of months: these end on {kept[-1]}, before {until}."
        )
    return tuple(notes)
