"""A question with slots, answered from simulated wars.

Would a truce lead to more of something by a day than fighting on? The truce of a question is a policy of its
scenario that stands in no file; both policies are run over the same wars, with the same parameters and
chances, up to the day that is asked for and no further.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import itertools
import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from ceasefire.analysis.columns import columns_of, described
from ceasefire.analysis.compare import OUTCOMES, Comparison, compare
from ceasefire.analysis.discovery import LEAST_DRAWS, LEAST_SUPPORT, LEAST_WARS, Column, discover, in_words
from ceasefire.analysis.shares import FloatArray, Share
from ceasefire.bargaining.branches import AID_LEVERS
from ceasefire.engine import Start
from ceasefire.engine.results import Progress
from ceasefire.files import InputError, suggest
from ceasefire.scenario import Scenario, plan_without_truce, with_policy
from ceasefire.scenario.schema import Policy
from ceasefire.war.levers import COLUMNS

ASKED = "this truce"
#: Words of a question for outcomes, besides their own names.
ALSO: Mapping[str, str] = MappingProxyType(
    {
        "soldiers": "killed",
        "civilians": "civilians_killed",
        "all": "deaths",
        "area": "ground_lost",
        "assault": "capital_assaults",
    }
)
#: What there would be more of, of a side and of both, where an outcome's meaning does not fit a sentence.
MORE_OF: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "killed": ("soldiers of {side} killed", "soldiers killed on both sides"),
        "civilians_killed": (
            "civilians killed on the ground of {side}",
            "civilians killed on the ground of both sides",
        ),
        "deaths": (
            "soldiers of {side}, and civilians on its ground, killed",
            "soldiers and civilians killed on both sides",
        ),
        "losses": (
            "soldiers of {side} killed, wounded and captured",
            "soldiers killed, wounded and captured on both sides",
        ),
        "ground_lost": ("ground lost by {side}", ""),
        "capital_assaults": (
            "assaults of {side} on the enemy's capital",
            "assaults on the capital of either side",
        ),
        "displaced": ("civilians of {side} displaced", "civilians displaced on both sides"),
        "strikes_through": (
            "missiles and drones that get through to {side}",
            "missiles and drones that get through to either side",
        ),
    }
)
YEAR = dt.timedelta(days=365)
LARGEST_SHARE = 5.0
# With fewer wars an interval of 90 % is that of the extremes.
FEWEST = 50
OUTSIDE = ", outside of what stands above"
# Even odds, and where an answer is likely: twice as often as not.
OPEN = 0.5
LIKELY = 2.0 / 3.0


@dataclasses.dataclass(frozen=True)
class Question:
    """Whether such a truce would lead to more of an outcome by a day than another policy."""

    outcome: str = "killed"
    """A name of `OUTCOMES`, or one of `ALSO`."""
    side: str | None = None
    """Whose, by name; both sides together where not given."""
    by: dt.date | None = None
    """The day by which it counts; a year after the truce begins where not given, or the scenario's end."""
    start: dt.date | None = None
    """First day of the truce; the day after the scenario's first where not given."""
    days: int = 182
    """How long the truce is to last."""
    monitored: bool = False
    """Whether third parties watch it."""
    aid: float = 1.0
    """Share of arms from abroad that is sent in the truce, 0 to 5."""
    aid_to: str | None = None
    """To whom these are sent; the one side that gets any where not given."""
    against: str = ""
    """The policy to compare with; the scenario's first without a truce or a change where not given."""


@dataclasses.dataclass(frozen=True)
class Asked:
    """A question of which every slot is filled, and the scenario that has its truce as a policy."""

    question: Question
    scenario: Scenario
    start: dt.date
    by: dt.date

    @property
    def last_day(self) -> dt.date:
        """The end of the simulated week nearest to the day that is asked for, the first at the earliest."""
        first = self.scenario.start
        return first + dt.timedelta(days=7 * max(round((self.by - first).days / 7), 1))

    @property
    def truce(self) -> str:
        """The truce in words."""
        question = self.question
        watched = "watched by third parties" if question.monitored else "without monitors"
        arms = (
            f", with arms from abroad for {question.aid_to} at {100 * question.aid:.3g} % of what they are"
            if question.aid_to is not None
            else ""
        )
        return f"a truce of {question.days} days from {_day(self.start)}, {watched}{arms}"

    @property
    def counted(self) -> str:
        """Of what there would be more, in words."""
        question, outcome = self.question, OUTCOMES[self.question.outcome]
        plain = outcome.meaning.removesuffix(" since the start")
        one, both = MORE_OF.get(
            question.outcome, (f"{plain}, {{side}},", f"{plain}, both sides," if outcome.each else plain)
        )
        return both if question.side is None else one.format(side=question.side)

    @property
    def other(self) -> str:
        """The policy that the truce is compared with, in words."""
        against = self.question.against
        return "fighting on" if against == "fight-on" else f"the policy '{against}'"

    @property
    def sentence(self) -> str:
        """The question as a sentence."""
        return f"Would {self.truce}, lead to more {self.counted} by {_day(self.by)} than {self.other}?"


class Condition(NamedTuple):
    """In which wars the answer comes out the other way more often."""

    text: str
    """What has to hold, in words."""
    coverage: Share
    """Share of the wars that come out the other way that meet it."""
    density: Share
    """Share of the wars that meet it that come out the other way."""
    support: Share
    """Share of all wars that meet it."""

    def to_dict(self) -> dict[str, Any]:
        """Return plain values; intervals hold 90 %."""
        found: dict[str, Any] = {"text": self.text}
        for name, share in (
            ("coverage", self.coverage),
            ("density", self.density),
            ("support", self.support),
        ):
            found |= {name: share.value, f"{name}_interval": [share.low, share.high]}
        return found


@dataclasses.dataclass(frozen=True)
class Answer:
    """What simulated wars answer.

    What takes longer than the answer itself (what it rests on, what flips it) is computed when it is asked
    for, once.
    """

    asked: Asked
    comparison: Comparison
    probability: float
    """Share of the wars with more under the truce; one half of those that come to the same counts."""
    mc_error: float
    """One standard error of it: what other draws and other chances would change."""
    ess: float
    """Independent wars that would have the same error."""
    more: float
    """Share of the wars with more under the truce."""
    same: float
    """Share in which both come to the same."""
    median: float
    """Of the difference, the truce less the other policy."""
    low: float
    """90 % of the wars lie between low and high."""
    high: float
    widened: float
    """By how much errors are wider than draws of a posterior alone say, since they are worth fewer."""

    @functools.cached_property
    def assumed(self) -> Share:
        """Assumed / (assumed + learnt) of what explains the difference."""
        filled = self.asked.question
        return self.comparison.shares(
            filled.outcome, filled.side, self.comparison.last_day
        ).assumed_of_explained

    @functools.cached_property
    def structure(self) -> float:
        """Share of the difference's variance that lies between rival equations."""
        filled = self.asked.question
        return self.comparison.structure_share(filled.outcome, filled.side, self.comparison.last_day)

    @functools.cached_property
    def conditions(self) -> tuple[Condition, ...]:
        """Where the answer comes out the other way more often, of what the wars differ in.

        None is found where nothing tells the wars apart.
        """
        filled, wars = self.asked.question, self.comparison
        difference = wars.difference(filled.outcome, filled.side, wars.last_day)
        return _conditions(wars, difference, self.probability, wars.seed, self.widened)

    @property
    def unit(self) -> str:
        """Unit of the difference."""
        return OUTCOMES[self.asked.question.outcome].unit

    def paths(self) -> pd.DataFrame:
        """Return the outcome under both policies and the difference at the end of each week.

        The columns of `Comparison.curve`, with errors of what the draws are worth.
        """
        question = self.asked.question
        found = self.comparison.curve(question.outcome, question.side)
        found["mc_error"] *= self.widened
        return found

    def curve(self) -> pd.DataFrame:
        """Return the answer at the end of each week.

        Columns: `date`, `probability`, `mc_error`; `low`, `median` and `high` of the difference.
        """
        named = {f"difference_{name}": name for name in ("low", "median", "high")}
        return self.paths().rename(columns=named)[["date", "probability", "mc_error", *named.values()]]

    def to_dict(self) -> dict[str, Any]:
        """Return the answer as plain values, for a file."""
        comparison = self.comparison
        return {
            "question": self.asked.sentence,
            "scenario": self.asked.scenario.name,
            "probability": self.probability,
            "mc_error": self.mc_error,
            "ess": self.ess,
            "more": self.more,
            "same": self.same,
            "difference": {
                "median": self.median,
                "interval": [self.low, self.high],
                "level": 0.9,
                "unit": self.unit,
            },
            "horizon_curve": [
                {**row, "date": f"{row['date']:%Y-%m-%d}"} for row in self.curve().to_dict("records")
            ],
            "conditions": [one.to_dict() for one in self.conditions],
            "assumed_share": _finite(self.assumed.value),
            "assumed_share_interval": [_finite(self.assumed.low), _finite(self.assumed.high)],
            "structural_share": self.structure,
            "seed": comparison.seed,
            "draws": comparison.draws,
            "failed": comparison.failed,
            "posterior": comparison.posterior,
        }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def fill(question: Question, scenario: Scenario) -> Asked:
    """Return a question with every slot filled from a scenario.

    Raises:
        InputError: an unknown outcome, side or policy, a day outside the war, a truce without a day, a share
            outside its bounds, or arms from abroad where none or both sides get any.
    """
    outcome = ALSO.get(question.outcome, question.outcome)
    if outcome not in OUTCOMES:
        raise InputError(
            f"'{question.outcome}' is no outcome.", "outcome", suggest(question.outcome, [*OUTCOMES, *ALSO])
        )
    side = None if question.side is None else scenario.sides[scenario.place_of(question.side, "side")]
    _check_counted(outcome, side, scenario)
    against = question.against or plan_without_truce(scenario).policy
    scenario.plan(against)
    start = question.start or scenario.start + dt.timedelta(days=1)
    last = scenario.end
    by = question.by or min(start + YEAR, last)
    if not scenario.start <= start < last:
        raise InputError(
            f"a truce cannot begin on {start}: the war is simulated from {scenario.start} to {last}.",
            "start",
            "name a day between them.",
        )
    if not start < by <= last:
        raise InputError(
            f"{by} lies outside what can be asked: the truce begins on {start}, and the war is simulated"
            f" to {last}.",
            "by",
            f"name a day from {start + dt.timedelta(days=1)} to {last}.",
        )
    if question.days < 1:
        raise InputError(f"a truce of {question.days} days is none.", "days", "give a number from 1.")
    if start + dt.timedelta(days=question.days) > last:
        raise InputError(
            f"a truce of {question.days} days from {start} goes on after the simulated war ({last}).",
            "days",
            f"give at most {(last - start).days}.",
        )
    if not 0.0 <= question.aid <= LARGEST_SHARE:
        raise InputError(
            f"{question.aid:g} is no share of arms from abroad that can be sent.",
            "aid",
            f"give a number from 0 to {LARGEST_SHARE:g}; 1 is what is sent now.",
        )
    aid_to = question.aid_to
    if aid_to is not None:
        aid_to = scenario.sides[scenario.place_of(aid_to, "aid_to")]
    elif question.aid != 1.0:
        aid_to = the_supplied(scenario, against)
    filled = dataclasses.replace(
        question, outcome=outcome, side=side, by=by, start=start, aid_to=aid_to, against=against
    )
    return Asked(filled, with_policy(scenario, ASKED, _policy(filled, start)), start, by)


def _policy(question: Question, start: dt.date) -> Policy:
    truce: dict[str, Any] = {"start": start, "days": question.days, "monitored": question.monitored}
    if question.aid_to is not None:
        truce["supply"] = {question.aid_to: {"aid": float(question.aid)}}
    return Policy.model_validate({"says": "The truce of a question.", "truces": [truce]})


def _check_counted(outcome: str, side: str | None, scenario: Scenario) -> None:
    found = OUTCOMES[outcome]
    if side is None and not found.both:
        raise InputError(f"'{outcome}' needs a side.", "side", f"name one of: {', '.join(scenario.sides)}.")
    if side is not None and not found.each:
        raise InputError(f"'{outcome}' belongs to no side.", "side", "leave the side out.")


def the_supplied(scenario: Scenario, policy: str) -> str:
    """Return the one side that gets arms from abroad.

    Raises:
        InputError: neither does, or both do.
    """
    levers = scenario.plan(policy).levers
    supplied = [
        name
        for side, name in enumerate(scenario.sides)
        if any((levers[:, COLUMNS[lever].start + side] > 0.0).any() for lever in AID_LEVERS)
    ]
    if len(supplied) != 1:
        who = "both sides get" if supplied else "no side gets"
        raise InputError(
            f"{who} arms from abroad in {scenario.name}.",
            "aid_to",
            f"say for whom they change: {' or '.join(scenario.sides)}."
            if supplied
            else "leave the share of arms out.",
        )
    return supplied[0]


def ask(
    question: Question,
    scenario: Scenario,
    *,
    draws: int = 4000,
    seed: int = 1,
    start: Start | None = None,
    learnt: pd.DataFrame | None = None,
    effective: float = math.inf,
    progress: Progress | None = None,
    runs: dict[str, xr.Dataset] | None = None,
) -> Answer:
    """Answer a question from simulated wars.

    Args:
        question: the question.
        scenario: the war that it is about.
        draws: wars under each policy.
        seed: seed of the draws and of chance.
        start: draws of wars that have been going on; the priors where not given.
        learnt: what the evidence taught of them, as `Posterior.contraction` tells it; None: nothing.
        effective: effective draws of the posterior, where its draws are worth fewer than they are.
        progress: called with the wars done and the wars in all.
        runs: as `compared` takes them.

    Raises:
        InputError: a slot that cannot be filled so, or two policies that set the same on every day.
    """
    if draws < FEWEST:
        raise InputError(f"{draws} wars are too few for an answer.", "draws", f"give {FEWEST} at least.")
    asked = fill(question, scenario)
    filled = asked.question
    _check_differs(asked)
    comparison = compared(
        asked, draws=draws, seed=seed, start=start, learnt=learnt, progress=progress, runs=runs
    )
    date = comparison.last_day
    difference = comparison.difference(filled.outcome, filled.side, date)
    check_varies(difference, filled.outcome)
    row = comparison.at(filled.outcome, filled.side, date)
    probability = float(row["probability"])
    widened = widened_by(start, effective)
    error = float(row["mc_error"]) * widened
    # Ties count one half, so that they vary less than p (1 - p).
    variance = float(np.var(np.sign(difference))) / 4.0
    worth = variance / error**2 if error > 0.0 else min(difference.size, effective)
    return Answer(
        asked=asked,
        comparison=comparison,
        probability=probability,
        mc_error=error,
        ess=float(worth),
        more=float(np.mean(difference > 0.0)),
        same=float(np.mean(difference == 0.0)),
        median=float(row["difference_median"]),
        low=float(row["difference_low"]),
        high=float(row["difference_high"]),
        widened=widened,
    )


def compared(
    asked: Asked,
    *,
    draws: int = 4000,
    seed: int = 1,
    start: Start | None = None,
    learnt: pd.DataFrame | None = None,
    progress: Progress | None = None,
    runs: dict[str, xr.Dataset] | None = None,
) -> Comparison:
    """Return the wars of a question under both of its policies, up to its last day.

    Args:
        asked: the question, filled.
        draws: wars under each policy.
        seed: seed of the draws and of chance.
        start: draws of wars that have been going on; the priors where not given.
        learnt: what the evidence taught of them, as `Posterior.contraction` tells it; None: nothing.
        progress: called with the wars done and the wars in all.
        runs: wars by policy that are not run again, of the same scenario, draws, seed, start, last day and
            outcome; the question's are added.
    """
    return compare(
        asked.scenario,
        asked.question.against,
        ASKED,
        draws=draws,
        seed=seed,
        progress=progress,
        runs=runs,
        start=start,
        learnt=learnt,
        until=asked.last_day,
        outcomes=(asked.question.outcome,),
    )


def _conditions(
    comparison: Comparison, difference: FloatArray, probability: float, seed: int, widened: float
) -> tuple[Condition, ...]:
    """Return in which wars the answer comes out the other way, of parameters, stocks and rival equations."""
    wars = comparison.first.isel(war=np.flatnonzero(comparison.good))
    drawn = columns_of(wars, comparison.start, comparison.learnt)
    columns, labels = described(drawn.names)
    return conditions(
        columns, labels, drawn.values, difference, probability, drawn.draws, seed, widened=widened
    )


def conditions(
    columns: Sequence[Column],
    labels: Mapping[str, str],
    values: FloatArray,
    difference: FloatArray,
    probability: float,
    draws: npt.NDArray[np.int64],
    seed: int,
    *,
    setting: npt.NDArray[np.int64] | None = None,
    edge: float | None = None,
    widened: float = 1.0,
) -> tuple[Condition, ...]:
    """Return in which wars a difference comes out the other way than in most, by scenario discovery.

    The search is first for conditions that end where the other answer is as likely as not, so that one that
    flips the answer is not lost in a larger and thinner one: those that surely flip it are returned. Where
    none does, the search is for conditions that end where the other answer is as likely as in all wars. Each
    search has a false alarm in at most 5 %.

    Args:
        columns: what the wars differ in.
        labels: what each column is, in words, by its name.
        values: `[C, N]`.
        difference: `[N]`; above zero there is more of the outcome. A tie counts one half on either side.
        probability: share of the wars in which there is more.
        draws: the draw of each war, `[N]`.
        seed: of the halves of the draws that are searched and that judge.
        setting: which setting of the terms of a truce each war has, `[N]`, where they vary.
        edge: the share of the other answer at which a condition ends, for one search alone.
        widened: by how much intervals are wider than draws of a posterior alone say; see `Answer`.
    """
    sign = np.sign(difference) * (1.0 if probability < OPEN else -1.0)
    cases = (sign + 1.0) / 2.0
    if difference.size < LEAST_WARS or np.unique(draws).size < LEAST_DRAWS or np.ptp(cases) == 0.0:
        return ()

    def searched(end: float | None) -> tuple[Condition, ...]:
        found = discover(columns, values, cases, draws=draws, chosen=setting, seed=seed, edge=end)
        return tuple(
            Condition(
                # A later box is sought, and judged, in the wars that no earlier one holds.
                " and ".join(in_words(box, labels)) + (OUTSIDE if number else ""),
                *(_wider(share, widened) for share in (box.coverage, box.density, box.support)),
            )
            for number, box in enumerate(found.boxes)
        )

    if edge is not None:
        return searched(edge)
    # Where fewer wars go the other way than half of the smallest condition, none can flip the answer.
    found = searched(OPEN) if OPEN * LEAST_SUPPORT < cases.mean() < OPEN else ()
    # What is found after one that does not flip it is sought outside of that one.
    flipping = tuple(itertools.takewhile(lambda one: one.density.low > OPEN, found))
    return flipping or searched(None)


def _wider(share: Share, by: float) -> Share:
    """Return a share with its interval wider on either side, within 0 and 1."""
    low, high = share.value - by * (share.value - share.low), share.value + by * (share.high - share.value)
    return Share(share.value, max(low, 0.0), min(high, 1.0))


def widened_by(start: Start | None, effective: float) -> float:
    """Return by how much errors are wider than draws of a posterior alone say, since they are worth fewer.

    Equation: sqrt(draws / effective draws), at least 1; 1 under priors, of which all are new.

    Args:
        start: the draws; None: the priors.
        effective: how many independent ones they are worth.
    """
    return 1.0 if start is None else math.sqrt(max(start.size / effective, 1.0))


def likeliest(
    columns: Sequence[Column],
    labels: Mapping[str, str],
    values: FloatArray,
    difference: FloatArray,
    probability: float,
    draws: npt.NDArray[np.int64],
    seed: int,
    *,
    known: Sequence[Condition],
    setting: npt.NDArray[np.int64] | None = None,
    widened: float = 1.0,
) -> Condition | None:
    """Return where the other answer is likely, two in three at the edge; None where no such wars are found.

    Such a condition holds fewer wars than those of `conditions`, and more of them come out the other way. It
    is told only beside such, so that a false alarm is no likelier than with these alone, and where the whole
    interval of its density lies above the density of each of them.

    Args:
        columns: as of `conditions`; so are all others but `known`.
        labels: what each column is, in words, by its name.
        values: `[C, N]`.
        difference: `[N]`.
        probability: share of the wars in which there is more.
        draws: the draw of each war, `[N]`.
        seed: of the halves of the draws.
        known: the conditions that are told anyway.
        setting: as of `conditions`.
        widened: as of `conditions`.
    """
    if not known:
        return None
    found = conditions(
        columns, labels, values, difference, probability, draws, seed,
        setting=setting, edge=LIKELY, widened=widened,
    )  # fmt: skip
    if not found or any(found[0].density.low <= one.density.value for one in known):
        return None
    return found[0]


def check_varies(difference: FloatArray, outcome: str) -> None:
    """Refuse an outcome that comes to the same under both policies in all wars.

    Raises:
        InputError: it does.
    """
    if not difference.any():
        raise InputError(
            f"'{outcome}' comes to the same under both policies in all {difference.size:,} wars.",
            "outcome",
            f"ask for another outcome, a later day, or a scenario whose wars have it{_needs(outcome)}.",
        )


def _needs(outcome: str) -> str:
    named = OUTCOMES[outcome].mechanisms
    return f" (it needs {', '.join(named)})" if named and not OUTCOMES[outcome].core else ""


def _check_differs(asked: Asked) -> None:
    one, other = (asked.scenario.plan(name) for name in (asked.question.against, ASKED))
    if np.array_equal(one.levers, other.levers) and np.array_equal(one.events, other.events):
        raise InputError(
            f"the truce of the question and the policy '{asked.question.against}' are the same on every day.",
            "against",
            "compare with a policy without this truce.",
        )


def _day(date: dt.date) -> str:
    return f"{date.day} {date:%B %Y}"
