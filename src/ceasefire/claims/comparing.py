"""A comparison as verdicts need it: with shares of the spread, and with sceptical and credulous priors.

*Sceptical and credulous.* Nothing observed teaches how a truce would go: how much fighting goes on in it
(`violation_level`), what breaking it costs a leader (`truce_cost`), and, where third parties watch it, how
many violations that prevents (`monitoring_effect`) and what it adds to that cost (`monitoring_cost`). Each
war is ranked by each of these among all wars, from the one least friendly to a truce to the most friendly
one; its place is the mean of the ranks (of both sides, where each has its own). The sceptical priors are the
quarter of the wars with the least friendly places, the credulous ones the quarter with the most friendly.
They are subsets of the same wars: everything else stays as drawn. The levers of a truce (recruits, output,
arms that go on arriving) are not drawn: they belong to a policy, and other policies of a scenario vary them.

*The other answer.* In which wars it comes out is searched among all that wars differ in before chance acts
(`ceasefire.analysis.questions.conditions`). Half of the draws are searched, and every number comes from the
other half. Draws of a posterior that are worth fewer than they are widen the intervals by the root of draws
over effective draws.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from ceasefire.claims.modelled import Bar, Part, Parts
from ceasefire.scenario.schema import Policy
from ceasefire.war import REGISTRY

if TYPE_CHECKING:
    import xarray as xr

    from ceasefire.analysis import Comparison, Share, Shares
    from ceasefire.analysis.aid import Aid, Saved
    from ceasefire.analysis.columns import Columns
    from ceasefire.analysis.discovery import Column
    from ceasefire.analysis.events import Happened
    from ceasefire.analysis.questions import Condition
    from ceasefire.analysis.shares import Explained
    from ceasefire.engine import Start
    from ceasefire.scenario import World

FloatArray = npt.NDArray[np.float64]

# What a high value does to a truce: -1 where it makes it fail, 1 where it makes it hold.
FRIENDLY = {"violation_level": -1, "truce_cost": 1}
FRIENDLY_IF_WATCHED = {"monitoring_effect": 1, "monitoring_cost": 1}
QUARTER = 0.25
# Resamples behind the interval of a bar, the fewest that there can be: a page asks for dozens of bars.
RESAMPLES = 100
# What a bar takes from the table of indices.
BAR = ("delta", "delta_low", "delta_high", "null", "first", "first_low", "first_high", "first_null")


@dataclasses.dataclass(frozen=True)
class Extremes:
    """Shares of wars with more under the second policy, under sceptical and credulous priors."""

    sceptical: float
    credulous: float
    draws: int
    """Wars behind each."""


def friendliness(parameters: npt.ArrayLike, *, watched: bool) -> FloatArray:
    """Return how friendly each war is to a truce `[N]`: its mean rank among the wars, 1 the least.

    Args:
        parameters: `[P, N]`, rows by the registry.
        watched: whether third parties watch the truce.
    """
    from scipy import stats

    drawn = np.asarray(parameters)
    wanted = FRIENDLY | (FRIENDLY_IF_WATCHED if watched else {})
    places = []
    for name, direction in wanted.items():
        rows = np.atleast_2d(drawn[REGISTRY.rows[name]])
        # Sums of whole and half ranks are exact: sides listed the other way round give the same places.
        ranks = [stats.rankdata(direction * row.astype(np.float64)) for row in rows]
        places.append(np.sum(ranks, axis=0) / len(rows))
    total: FloatArray = np.sum(places, axis=0) / len(places)
    return total


def quarters(places: FloatArray) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Return the numbers of the wars with the lowest and with the highest quarter of places."""
    order = np.argsort(places, kind="stable")
    size = max(round(QUARTER * places.size), 1)
    return order[:size], order[-size:]


def is_watched(policies: Sequence[Policy]) -> bool:
    """Say whether third parties watch a truce of any of these policies."""
    return any(truce.monitored for policy in policies for truce in policy.truces)


@dataclasses.dataclass(eq=False)
class Asked:
    """A comparison of two policies over the same sampled wars, with what the caps of a verdict need."""

    comparison: Comparison
    effective_draws: float | None = None
    """Effective draws of the posterior."""
    truces: bool = False
    """Whether either policy has a truce."""
    watched: bool = False
    prepared: dict[bytes, Prepared] = dataclasses.field(default_factory=dict)
    """What the wars differ in by which of them are good, shared by the comparisons of one ensemble."""
    _parts: dict[tuple[str, str | None, dt.date], Parts] = dataclasses.field(default_factory=dict)

    @property
    def posterior(self) -> str:
        """`prior`, or the name of the posterior."""
        return self.comparison.posterior

    @property
    def draws(self) -> int:
        """Wars under each policy."""
        return self.comparison.draws

    @property
    def sides(self) -> tuple[str, str]:
        """The belligerents."""
        return self.comparison.sides

    def curve(self, outcome: str, side: str | None = None, beyond: float = 0.0) -> pd.DataFrame:
        """Return the outcome under both policies over the horizon."""
        return self.comparison.curve(outcome, side, beyond)

    def by_structure(
        self, outcome: str, side: str | None, date: dt.date, beyond: float = 0.0
    ) -> pd.DataFrame:
        """Return the probability for each structural alternative."""
        return self.comparison.by_structure(outcome, side, date, beyond)

    def conditions(
        self, outcome: str, side: str | None, date: dt.date, beyond: float = 0.0
    ) -> tuple[Condition, ...] | None:
        """Return in which wars the other answer is likelier than in all; None where wars are too few."""
        from ceasefire.analysis.compare import share_above
        from ceasefire.analysis.discovery import LEAST_DRAWS, LEAST_WARS
        from ceasefire.analysis.questions import conditions, widened_by

        difference = self.comparison.difference(outcome, side, date) - beyond
        drawn = self._prepared().columns
        if difference.size < LEAST_WARS or np.unique(drawn.draws).size < LEAST_DRAWS:
            return None
        columns, labels = _described(drawn.names, self.sides)
        more = float(share_above(difference))
        worth = math.inf if self.effective_draws is None else self.effective_draws
        wider = widened_by(self.comparison.start, worth)
        wars = (columns, labels, drawn.values, difference, more, drawn.draws)
        return conditions(*wars, self.comparison.seed, widened=wider)

    def bars(
        self, outcome: str, side: str | None, date: dt.date, beyond: float = 0.0
    ) -> tuple[Bar, ...] | None:
        """Return the inputs told apart from nothing, the foremost first; None where draws are too few."""
        from ceasefire.analysis.bars import bars, in_words
        from ceasefire.analysis.compare import share_above
        from ceasefire.analysis.sensitivity import LEAST_DRAWS

        difference = self.comparison.difference(outcome, side, date)
        drawn = self._prepared().columns
        if np.unique(drawn.draws).size < LEAST_DRAWS:
            return None
        if not difference.any():
            return ()
        seed = self.comparison.seed
        table = bars(self.comparison, outcome, side, date, seed, resamples=RESAMPLES).frame
        told = table[table["told_apart"]].sort_values("delta", ascending=False, kind="stable")
        meanings = _of_sides(in_words(list(told["input"])), self.sides)
        rows = dict(zip(drawn.names, drawn.values, strict=True))

        def sides_of(name: str) -> dict[str, float]:
            if name not in rows:
                return {}
            high = rows[name] > np.median(rows[name])
            shares = {"above": difference[high] - beyond, "below": difference[~high] - beyond}
            return {end: float(share_above(values)) for end, values in shares.items()}

        return tuple(
            Bar(
                input=row["input"],
                meaning=meanings[row["input"]],
                kind=row["group"],
                **{name: float(row[name]) for name in BAR},
                **sides_of(row["input"]),
            )
            for row in told.to_dict("records")
        )

    def about(self) -> dict[str, object]:
        """Return which program and which model computed the wars."""
        told = self.comparison.first.attrs
        return {name: told[name] for name in ("version", "model_fingerprint")}

    def parts(self, outcome: str, side: str | None, date: dt.date) -> Parts:
        """Return where the spread of the difference comes from."""
        key = (outcome, side, date)
        if key not in self._parts:
            difference = self.comparison.difference(outcome, side, date)
            self._parts[key] = parts_of(self._prepared().explained.shares(difference))
        return self._parts[key]

    def _prepared(self) -> Prepared:
        found = self.comparison
        return prepared(found.first, found.good, found.start, found.learnt, self.prepared)

    def by_priors(
        self, outcome: str, side: str | None, date: dt.date, beyond: float = 0.0
    ) -> Extremes | None:
        """Return the shares under sceptical and credulous priors; None where no truce is compared."""
        if not self.truces:
            return None
        from ceasefire.analysis.compare import share_above

        difference = self.comparison.difference(outcome, side, date) - beyond
        if difference.size == 0:
            return None
        low, high = self._quarters
        return Extremes(float(share_above(difference[low])), float(share_above(difference[high])), low.size)

    @cached_property
    def _quarters(self) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
        found = self.comparison
        drawn = found.first["parameters"].values
        return quarters(friendliness(drawn[:, found.good], watched=self.watched))


def _described(names: Sequence[str], sides: tuple[str, str]) -> tuple[tuple[Column, ...], dict[str, str]]:
    """Return columns with their units, and what each is, in the words of a sentence about one of them."""
    from ceasefire.analysis.columns import described

    columns, labels = described(names)
    told = []
    for column in columns:
        equation, _, choice = (_plain(part) for part in column.name.partition(": "))
        choices = (f"not {choice}", choice) if column.choices else ()
        if choices:
            labels[column.name] = f"the equation for {equation}"
        unit = "" if column.unit == "share" else column.unit
        told.append(dataclasses.replace(column, unit=unit, choices=choices))
    return tuple(told), _of_sides(labels, sides)


def _of_sides(labels: Mapping[str, str], sides: tuple[str, str]) -> dict[str, str]:
    """Return labels that name a side in brackets, and not after a comma, where a sentence would go on."""
    found = dict(labels)
    for name, label in labels.items():
        for side in sides:
            if label.endswith(f", {side}"):
                found[name] = f"{label.removesuffix(f', {side}')} ({side})"
    return found


def _plain(name: str) -> str:
    return name.replace("_", " ")


class Prepared(NamedTuple):
    """What the good wars of an ensemble differ in, the same under every policy."""

    columns: Columns
    explained: Explained
    """The same, ready to explain a spread."""


def prepared(
    result: xr.Dataset,
    good: npt.NDArray[np.bool_],
    start: Start | None,
    learnt: pd.DataFrame | None,
    kept: dict[bytes, Prepared],
) -> Prepared:
    """Return what the good wars of a result differ in; kept, as it is the same of every policy.

    Args:
        result: wars under any policy.
        good: those that count, `[N]`.
        start: the draws from which they started.
        learnt: what the evidence taught of them.
        kept: what was prepared before, by the wars that count.
    """
    from ceasefire.analysis.columns import columns_of
    from ceasefire.analysis.shares import Explained

    key = good.tobytes()
    if key not in kept:
        columns = columns_of(result.isel(war=np.flatnonzero(good)), start, learnt)
        kept[key] = Prepared(columns, Explained(columns.values, columns.groups, columns.draws))
    return kept[key]


@dataclasses.dataclass(eq=False)
class MoreAid:
    """The same wars with a little more of each kind of aid to one side, with what a verdict needs of them."""

    aid: Aid
    world: World
    start: Start | None = None
    learnt: pd.DataFrame | None = None
    effective_draws: float | None = None
    prepared: dict[bytes, Prepared] = dataclasses.field(default_factory=dict)
    """What these wars differ in: they have more mechanisms than those of the scenario."""

    @property
    def posterior(self) -> str:
        """`prior`, or the name of the posterior."""
        return self.aid.posterior

    @property
    def until(self) -> dt.date:
        """The last day."""
        return self.aid.until

    @property
    def draws(self) -> int:
        """Wars for each kind."""
        return self.aid.draws

    @property
    def failed(self) -> int:
        """Wars left out."""
        return self.aid.failed

    @property
    def more(self) -> Mapping[str, xr.Dataset]:
        """The wars with more of each kind."""
        return self.aid.more

    def saved(self, kind: str, saves: str) -> Saved:
        """Return what one more unit of a kind saves."""
        return self.aid.saved(kind, saves)

    def assumed(self, kind: str, saves: str) -> tuple[str, ...]:
        """Return the mechanisms that carry it and that no fit had."""
        return self.aid.assumed(kind, saves)

    def conditions(self, kind: str, saves: str) -> tuple[Condition, ...] | None:
        """Return in which wars the other answer is likelier than in all; None where wars are too few."""
        return self._without(kind).conditions(*self._asked(saves))

    def bars(self, kind: str, saves: str) -> tuple[Bar, ...] | None:
        """Return the inputs told apart from nothing, the foremost first; None where draws are too few."""
        return self._without(kind).bars(*self._asked(saves))

    def _asked(self, saves: str) -> tuple[str, str, dt.date]:
        from ceasefire.analysis.aid import SAVINGS

        return SAVINGS[saves].outcome, self.aid.side, self.until

    def _without(self, kind: str) -> Asked:
        """Return the policy, second, against itself with more of a kind, first: the difference is saved."""
        from ceasefire.analysis import Comparison

        found = self.aid
        names = (f"{found.policy} with more {kind}", found.policy)
        wars = (found.more[kind], found.base)
        compared = Comparison(found.scenario, *names, *wars, self.world, found.seed, self.start, self.learnt)
        return Asked(compared, self.effective_draws, prepared=self.prepared)


@dataclasses.dataclass(eq=False)
class Wars:
    """The wars under one policy, to ask in which share of them something happens."""

    result: xr.Dataset
    posterior: str
    start: Start | None = None
    learnt: pd.DataFrame | None = None
    effective_draws: float | None = None
    """Effective draws of the posterior."""
    prepared: dict[bytes, Prepared] = dataclasses.field(default_factory=dict)
    """Shared with the comparisons of the ensemble."""

    def happened(
        self, event: str, side: str | None, until: dt.date, given: tuple[str, str | None] | None = None
    ) -> Happened:
        """Return in which share of the wars an event comes by a day."""
        from ceasefire.analysis.events import happened

        def explained(good: npt.NDArray[np.bool_]) -> Explained:
            return prepared(self.result, good, self.start, self.learnt, self.prepared).explained

        return happened(self.result, event, side, until, given=given, start=self.start, explained=explained)


def choices_of(codes: npt.NDArray[np.generic]) -> dict[tuple[str, str], npt.NDArray[np.bool_]]:
    """Return which columns have each choice of each rival equation; none where all have one.

    Args:
        codes: the structure of each war or draw, `[K, N]`.
    """
    from ceasefire.war import STRUCTURES

    return {
        (alternative.name, choice): np.asarray(codes[row] == code)
        for row, alternative in enumerate(STRUCTURES)
        if np.unique(codes[row]).size > 1
        for code, choice in enumerate(alternative.choices)
        if (codes[row] == code).any()
    }


def parts_of(shares: Shares) -> Parts:
    """Return shares of `ceasefire.analysis` as plain data."""

    def part(share: Share) -> Part:
        return Part(float(share.value), float(share.low), float(share.high))

    return Parts(
        learnt=part(shares.learnt),
        assumed=part(shares.assumed),
        structure=part(shares.structure),
        chance=part(shares.chance),
        assumed_of_explained=part(shares.assumed_of_explained),
    )
