"""Is the offer a bluff? The answer as a curve over the prior, from the war, the game and the record.

For a prior q that the one who offers is sincere, the record gives the belief mu (`belief`); each draw of the
war gives what the one who answers wins by peace and loses by being exploited (`payoffs`). Accepting pays in a
draw where

    mu (P - W) - (1 - mu) (W - E) > 0,    so where  mu > mu* = (W - E) / ((P - W) + (W - E))  if P > W > E

The answer is the share of draws in which it pays. It is accept from 80 % on, refuse up to 20 %, at both ends
of the range of belief; in between, within two simulation errors of where an answer begins, and where a branch
is never reached, it is undetermined.

Draws in which P > W > E does not hold have no threshold. They are counted, by how it fails, and are in the
answer like all others: accepting pays in them at every belief, or at none, or (both fail) at low ones.

The simulation error of a share and of a median is that over draws drawn again with all their wars, chance
taken out anew each time (`payoffs.Spread`). Draws lost to failed wars are in nothing; they are counted.
"""

from __future__ import annotations

import collections
import dataclasses
import datetime as dt
import functools
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from ceasefire.bargaining.belief import (
    Belief,
    ReferenceClass,
    believe,
    prior_of,
    reference_classes,
    stated_ratios,
    update,
)
from ceasefire.bargaining.commitment import DISCOUNT_PER_YEAR, Commitment, commitment
from ceasefire.bargaining.game import SEMI, SEPARATING, SILENCE, Equilibrium, equilibria
from ceasefire.bargaining.past import known_day
from ceasefire.bargaining.payoffs import (
    DRAWS,
    REPEATS,
    Estimate,
    Payoffs,
    Progress,
    Stakes,
    error_of_mean,
    estimate,
    estimate_of,
    payoffs,
    side_named,
)
from ceasefire.bargaining.stated import REARMING, SINCERE, Terms, Type, Values
from ceasefire.engine import Start
from ceasefire.evidence import Evidence
from ceasefire.evidence.shares import jeffreys
from ceasefire.inference.posterior import Posterior
from ceasefire.scenario import Scenario

FloatArray = npt.NDArray[np.float64]

MOSTLY = 0.8
"""From this share of draws on an answer is given. A judgement: four of five, so that an answer still stands
where the simulation error of a share of 128 draws (up to 6 points) is taken off."""
# Standard errors that an interval of 95 % is wide.
WIDTH_IN_ERRORS = 4.0
DEFAULT_PRIOR = "fortna"
POINTS = 21
LEAST_ORDERED = 10
"""With fewer draws in order no threshold is given. A judgement: the 5 and 95 % points are then its ends."""
#: Lives for a km2 that stand beside the stated one. A judgement: none, and somewhat more than attackers paid
#: in 2024 (`Values.area`).
OTHER_AREAS = (0.0, 30.0)
INTERVAL = "5 to 95 % of the draws of the war in which payoffs are ordered"


class Threshold(NamedTuple):
    """The belief from which accepting pays, with its two intervals, which are never mixed."""

    median: float | None
    """Over the draws in which payoffs are ordered; None where fewer than `LEAST_ORDERED` are."""
    low: float | None
    """5 % point: posterior spread, which does not shrink with draws."""
    high: float | None
    """95 % point."""
    mc_error: float | None
    """Monte-Carlo error of the median, which shrinks with draws."""
    expected: float | None
    """Of expected payoffs, (W - E) / (P - E); as it comes, also outside 0 to 1. None where P - E is 0."""
    expected_mc_error: float | None
    draws: int
    """Draws in which payoffs are ordered."""

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        interval = None if self.low is None else [self.low, self.high]
        return {
            "median": self.median,
            "interval": interval,
            "interval_is": INTERVAL,
            "mc_error": self.mc_error,
            "of_expected_payoffs": self.expected,
            "of_expected_payoffs_mc_error": self.expected_mc_error,
            "draws": self.draws,
        }


class Case(NamedTuple):
    """What is stated, or could be instead, of the same wars."""

    what: str
    values: Values
    aid: str = "keep"
    """What becomes of arms from abroad in an accepted truce."""
    day: int = -1
    """Place in `Payoffs.days`."""


@dataclasses.dataclass(frozen=True, eq=False)
class Offer:
    """What an offer is worth to the one who answers, and what it tells of the one who offers."""

    payoffs: Payoffs
    values: Values
    belief: Belief
    classes: tuple[ReferenceClass, ...]
    chosen_class: str | None
    """The reference class that the prior is from, or None."""
    as_of: dt.date
    conditions: tuple[Commitment, Commitment]
    idle: tuple[str, ...] = ()
    """Kinds of behaviour for which the user stated a ratio and of which nothing is on record."""

    @functools.cached_property
    def stakes(self) -> Stakes:
        """What the one who answers wins and loses on the last day, with aid kept."""
        return self.payoffs.stakes(self.values)

    @functools.cached_property
    def threshold(self) -> Threshold:
        """The belief from which accepting pays."""
        return threshold_of(self.stakes)

    def share(self, belief: float) -> float:
        """Return the share of draws in which accepting pays at a belief."""
        return _share(self.stakes, belief)

    @functools.cached_property
    def undetermined(self) -> str | None:
        """Why there is no answer, or None."""
        reached = self.payoffs.reached()
        if reached["exploited"] == 0.0 and not self.payoffs.types[1].keeps_truce:
            return (
                f"in no simulated war does {self.payoffs.by} attack in the truce or after it, so that nothing"
                " is known of an offer that is a bluff"
            )
        low, middle, high = (
            self.share(one) for one in (self.belief.low, self.belief.value, self.belief.high)
        )
        if min(low, middle, high) >= MOSTLY or max(low, middle, high) <= 1.0 - MOSTLY:
            return self._too_near(middle)
        if 1.0 - MOSTLY < middle < MOSTLY:
            return "what is known of the war does not tell whether it pays"
        return (
            f"over the range of the stated ratios accepting pays in {100 * low:.0f} to {100 * high:.0f} % of"
            " the draws"
        )

    def _too_near(self, share: float) -> str | None:
        """Why other draws might well answer otherwise: less than two errors from where an answer begins."""
        error = self.accept_share[1]
        # With few draws all alike the error over draws is 0, and not for knowing much.
        count = self.stakes.count
        low, high = jeffreys(round(share * count), count)
        error = max(error, (high - low) / WIDTH_IN_ERRORS)
        begins = MOSTLY if share >= MOSTLY else 1.0 - MOSTLY
        if abs(share - begins) >= 2.0 * error:
            return None
        return (
            f"a share of {100 * share:.0f} % with a simulation error of {100 * error:.0f} cannot be told from"
            f" the {100 * begins:.0f} % from which there is an answer; more draws may (`--draws`)"
        )

    @property
    def accept_share(self) -> tuple[float, float]:
        """The share of draws in which accepting pays at the belief, with its Monte-Carlo error."""
        return self.share(self.belief.value), _error(self.stakes, self.belief.value)

    @property
    def stakes_told(self) -> dict[str, Estimate]:
        """What accepting wins and loses, in lives, with both intervals."""
        stakes = self.stakes
        return {
            "gain_of_peace": estimate_of(stakes.gain, stakes.noisy[:, 0]),
            "loss_if_exploited": estimate_of(stakes.loss, stakes.noisy[:, 1]),
        }

    @property
    def accept(self) -> bool | None:
        """Whether to accept: None where that is undetermined."""
        return None if self.undetermined else self.share(self.belief.value) >= MOSTLY

    @functools.cached_property
    def equilibria(self) -> tuple[Equilibrium, ...]:
        """All equilibria of the game with expected payoffs, that with most offers first."""
        return _ordered(equilibria(self.payoffs.game(self.belief.value, self.values)))

    @functools.cached_property
    def kinds(self) -> dict[str, float]:
        """The share of draws in which the equilibrium with most offers is of each kind; they add up to 1.

        Payoffs of a draw are means of few wars, so that chance is still in these shares.
        """
        count: collections.Counter[str] = collections.Counter()
        usable = np.flatnonzero(self.payoffs.good.reshape(self.payoffs.repeats, -1).any(axis=0))
        for draw in usable:
            found = _ordered(equilibria(self.payoffs.game(self.belief.value, self.values, draw=int(draw))))
            count[told(found[0]) if found else "none found"] += 1
        return {name: number / usable.size for name, number in count.most_common()}

    @functools.cached_property
    def implied_office(self) -> Estimate:
        """What settling must cost a leader who exploits, in lives, by the other values."""
        return estimate(self.payoffs.implied_office(self.values))

    def curve(self, priors: Sequence[float] | None = None) -> pd.DataFrame:
        """Return the answer over the prior, one row for each; 21 evenly spaced ones where not given.

        Columns: `prior`; `belief` after the record; `share` of draws in which accepting pays at that belief,
        with its `mc_error`; `advantage` of accepting in lives (mean over draws) with `advantage_mc_error`,
        and `low`, `median`, `high` (5, 50 and 95 % of the draws); `share_without_record`.
        """
        rows = []
        for prior in np.linspace(0.0, 1.0, POINTS) if priors is None else priors:
            belief = update(float(prior), self.belief.ratio)
            found = self.stakes.advantage(belief)
            noisy = belief * self.stakes.noisy[:, 0] - (1.0 - belief) * self.stakes.noisy[:, 1]
            low, median, high = np.nanquantile(found, (0.05, 0.5, 0.95))
            rows.append(
                {
                    "prior": float(prior),
                    "belief": belief,
                    "share": self.share(belief),
                    "mc_error": _error(self.stakes, belief),
                    "share_without_record": self.share(float(prior)),
                    "advantage": float(np.nanmean(noisy)),
                    "advantage_mc_error": error_of_mean(noisy),
                    "low": float(low),
                    "median": float(median),
                    "high": float(high),
                }
            )
        return pd.DataFrame(rows)

    def threshold_as_prior(self) -> tuple[float, float, float] | None:
        """Return the threshold as a prior: what it must be for the record to leave a belief of mu*.

        5, 50 and 95 % of the draws that have one; None where too few have.
        """
        low, median, high = self.threshold.low, self.threshold.median, self.threshold.high
        if low is None or median is None or high is None:
            return None
        first, second, third = (update(point, 1.0 / self.belief.ratio) for point in (low, median, high))
        return first, second, third

    def class_marks(self) -> pd.DataFrame:
        """Return the reference classes for the axis of a picture: `label`, `prior`."""
        known = [(one.label, one.sincere) for one in self.classes if one.sincere is not None]
        return pd.DataFrame(known, columns=["label", "prior"])

    def cases(self) -> list[Case]:
        """Return what is stated, and what else could be: other values, aid, and days to count to."""
        cases = [Case("as stated", self.values)]
        if self.payoffs.has_aid:
            cut = f"the backer cuts arms to {100 * self.payoffs.terms.cut_to:.0f} % once it is accepted"
            cases.append(Case(cut, self.values, "cut"))
        for area in OTHER_AREAS:
            if area != self.values.area:
                words = "ground counts nothing" if area == 0.0 else f"a km2 counts as {area:g} lives"
                other = dataclasses.replace(
                    self.values, area=area, aim=0.0 if area == 0.0 else self.values.aim
                )
                if other.own_soldiers + other.civilians + other.area + other.aim > 0.0:
                    cases.append(Case(words + (", aims neither" if area == 0.0 else ""), other))
        for place, day in enumerate(self.payoffs.days[:-1]):
            date = self.payoffs.start + dt.timedelta(days=day)
            cases.append(Case(f"counted to {date:%-d %B %Y}", self.values, day=place))
        return cases

    def turns(self) -> pd.DataFrame:
        """Return how the answer moves with what is stated, over the same wars.

        Columns: `what`; `gain` and `loss` of the one who answers (mean, lives); `threshold` with `low` and
        `high`, NaN where too few draws are ordered; `share` of draws in which accepting pays at the belief;
        `ordering_fails`, a share.
        """
        rows = []
        for what, values, aid, day in self.cases():
            stakes = self.payoffs.stakes(values, aid, day)
            low, median, high = _points(stakes)
            rows.append(
                {
                    "what": what,
                    "gain": stakes.mean_gain,
                    "loss": stakes.mean_loss,
                    "threshold": np.nan if median is None else median,
                    "low": np.nan if low is None else low,
                    "high": np.nan if high is None else high,
                    "share": _share(stakes, self.belief.value),
                    "ordering_fails": float(stakes.fails()["share"]),
                }
            )
        return pd.DataFrame(rows)

    def as_json(self) -> dict[str, Any]:
        """Return the whole answer as plain values, ready for JSON."""
        found = self.payoffs
        first = self.equilibria[0].as_json() if self.equilibria else None
        return {
            "scenario": found.scenario,
            "by": found.by,
            "to": found.to,
            "as_of": self.as_of.isoformat(),
            "posterior": found.posterior,
            "seed": found.seed,
            "draws": found.draws,
            "wars_per_draw": found.repeats,
            "failed": found.failed,
            "lost_draws": found.lost,
            "values": dataclasses.asdict(self.values),
            "terms": dataclasses.asdict(found.terms),
            "types": {
                name: dataclasses.asdict(kind)
                for name, kind in zip(("sincere", "rearming"), found.types, strict=True)
            },
            "prior": self.belief.prior,
            "prior_from": self.chosen_class,
            "reference_classes": [one.as_json() for one in self.classes],
            "belief": self.belief.value,
            "belief_interval": [self.belief.low, self.belief.high],
            "observations": [one.as_json() for one in self.belief.observations],
            "stakes": {
                **{name: one.as_json() for name, one in self.stakes_told.items()},
                "unit": "lives of soldiers of the one who answers",
            },
            "threshold": self.threshold.as_json(),
            "curve": self.curve().to_dict("records"),
            "turns": [
                {key: None if pd.isna(value) else value for key, value in row.items()}
                for row in self.turns().to_dict("records")
            ],
            "equilibrium": {
                **(first or {"kind": None}),
                "all": [one.as_json() for one in self.equilibria],
                "share_of_draws": self.kinds,
                "settling_must_cost": self.implied_office.as_json(),
            },
            "commitment": [one.as_json() for one in self.conditions],
            "accept": self.accept,
            "accept_share": dict(zip(("value", "mc_error"), self.accept_share, strict=True)),
            "undetermined": self.undetermined,
            "ordering_fails": self.stakes.fails(),
            "reached": found.reached(),
        }


def _ordered(found: Sequence[Equilibrium]) -> tuple[Equilibrium, ...]:
    return tuple(sorted(found, key=lambda one: -(one.sincere_offers + one.rearming_offers)))


def told(found: Equilibrium) -> str:
    """Return an equilibrium in a few words: its kind, and whether the offer is accepted."""
    if found.kind in {SEMI, SILENCE}:
        return found.kind
    taken = "accepted" if found.accept == 1.0 else "refused"
    who = ""
    if found.kind == SEPARATING:
        who = ", only a sincere leader offers" if found.sincere_offers else ", only a rearming leader offers"
    return f"{found.kind}, {taken}{who}"


def threshold_of(stakes: Stakes) -> Threshold:
    """Return the belief from which accepting pays, with its two intervals."""
    again = stakes.spread.again
    gains, losses = again[..., 0], again[..., 1]
    expected, error = None, None
    span = stakes.mean_gain + stakes.mean_loss
    if span != 0.0:
        gain, loss = gains.mean(axis=1), losses.mean(axis=1)
        expected = stakes.mean_loss / span
        known = gain + loss != 0.0
        # Spread by quartiles: the ratio has no variance where its denominator may pass through zero.
        points = np.quantile(loss[known] / (gain + loss)[known], (0.75, 0.25))
        error = float(np.subtract(*points)) / 1.349
    low, median, high = _points(stakes)
    mc_error = None
    if median is not None:
        medians = [
            float(np.median(loss[kept] / (gain[kept] + loss[kept])))
            for gain, loss in zip(gains, losses, strict=True)
            for kept in [(gain > 0.0) & (loss > 0.0)]
            if kept.any()
        ]
        mc_error = float(np.std(medians, ddof=1))
    return Threshold(median, low, high, mc_error, expected, error, int(stakes.ordered.sum()))


def _points(stakes: Stakes) -> tuple[float, float, float] | tuple[None, None, None]:
    """Return 5, 50 and 95 % of the thresholds of the draws that have one; None where fewer than ten have."""
    found = stakes.thresholds
    if found.size < LEAST_ORDERED:
        return None, None, None
    low, median, high = (float(point) for point in np.quantile(found, (0.05, 0.5, 0.95)))
    return low, median, high


def _share(stakes: Stakes, belief: float) -> float:
    """Return the share of the draws that are not lost in which accepting pays at a belief."""
    return float((stakes.advantage(belief)[stakes.spread.there] > 0.0).mean())


def _error(stakes: Stakes, belief: float) -> float:
    """Return the Monte-Carlo error of that share."""
    return float((stakes.advantage_again(belief) > 0.0).mean(axis=1).std(ddof=1))


def offer(
    scenario: Scenario,
    by: str | None = None,
    *,
    posterior: Posterior | None = None,
    evidence: Evidence | None = None,
    prior: str | float = DEFAULT_PRIOR,
    ratios: Mapping[str, float] | None = None,
    values: Values | None = None,
    terms: Terms | None = None,
    types: tuple[Type, Type] = (SINCERE, REARMING),
    as_of: dt.date | None = None,
    draws: int = DRAWS,
    repeats: int = REPEATS,
    seed: int = 1,
    discount_per_year: float = DISCOUNT_PER_YEAR,
    progress: Progress | None = None,
    start: Start | None = None,
    shared: dict[Any, Any] | None = None,
) -> Offer:
    """Return what an offer of a truce is worth, and what it tells.

    Args:
        scenario: the war, which begins on the day of the offer.
        by: who offers, by name or code; the initiator where not given.
        posterior: where parameters and the state come from; the priors where not given.
        evidence: past cases and the record of both sides; none where not given.
        prior: probability that the offer is sincere before its record, or a reference class by name.
        ratios: likelihood ratios that replace the stated ones, by kind of behaviour.
        values: what counts for each player.
        terms: the truce.
        types: a sincere and a rearming leader.
        as_of: what was on record by this day counts; the scenario's first day where not given.
        draws: draws of the war, M.
        repeats: wars of each draw, K.
        seed: seed of chance.
        discount_per_year: worth of a year later, for Fearon's condition.
        progress: called with the wars done and the wars in all.
        start: that of the posterior (`start_of`), where it is at hand.
        shared: what other calls for the same scenario, posterior, draws and seed can use again.

    Raises:
        InputError: what is stated cannot be used, an unknown side, a day after the records, or a branch that
            no war reaches.
    """
    values = values or Values()
    kept = {} if shared is None else shared
    if as_of is not None and evidence is not None and {"offers", "events"} <= set(evidence.record_names()):
        known_day(as_of, evidence)
    day = as_of or scenario.start
    side = side_named(scenario, by)
    classes = reference_classes(evidence, day)
    chosen = prior_of(prior, classes)
    known, asked = stated_ratios(ratios), set(ratios or ())
    if types[0] == types[1]:
        # Nobody can be told from himself: whatever is on record is as likely either way.
        ratios = dict.fromkeys(known, 1.0)
    belief = believe(evidence, scenario.codes[side], chosen, day, ratios)
    found = payoffs(
        scenario,
        by,
        posterior=posterior,
        terms=terms,
        types=types,
        draws=draws,
        repeats=repeats,
        seed=seed,
        progress=progress,
        start=start,
        shared=kept,
    )
    conditions = commitment(
        scenario, found, values, posterior=posterior, discount_per_year=discount_per_year, shared=kept
    )
    names = {one.name for one in classes}
    return Offer(
        payoffs=found,
        values=values,
        belief=belief,
        classes=classes,
        chosen_class=prior if isinstance(prior, str) and prior in names else None,
        as_of=day,
        conditions=conditions,
        idle=tuple(sorted(asked - {one.name for one in belief.observations})),
    )
