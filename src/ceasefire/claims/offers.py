"""What an offer of a truce is worth, and what it tells, as a verdict: from the signalling game on the war.

Let m be what is asked, in lives, for each draw of the war: what refusing gains at the belief that the record
leaves (`refusing_pays`), or accepting (`accepting_pays`); what refusing gains at the belief at which
accepting is worth most (`never_pays`); what an accepted offer gains its maker (`rearming_gains`,
`sincere_gains`). p is the share of draws in which m is above zero. The words and caps are those of
comparisons (`ceasefire.claims.counterfactuals`):

* parameters from priors alone, or more than half of what they explain assumed, or a share that is not known,
  as it is of so few draws: `undetermined`;
* structures, stated values, stated ratios or reference classes of which one surely has p of two thirds or
  more and another of one third or less: `contested`; on both sides of one half at all: `undetermined`;
* an offer that no simulated war shows to be a bluff: `undetermined`;
* else surely 0.9 or more `supported`, two thirds `mostly supported`, one third or less `not supported`.

That an offer is a bluff (`bluff`) is a claim about intent: `untestable`. Beside it stands the belief that
follows from a prior and from stated likelihood ratios of behaviour on record, which nobody has measured.

The interval of p is that of Jeffreys for as many draws as p is worth: no more than the posterior has
effective ones, and fewer by the factor by which drawing whole draws again, with their wars, scatters p more
than independent draws would (chance in the wars moves all of them together). The same rules hold whoever
offers.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from ceasefire.claims import schema
from ceasefire.claims.carrying import Carrying
from ceasefire.claims.chartdata import OfferChart, PowerChart, ShareChart
from ceasefire.claims.modelled import NOT_KNOWN, PRIOR, Modelled, Parts
from ceasefire.claims.results import Finding
from ceasefire.claims.rules import FEWEST, HALF, Rival, Verdict, rule_on_wars, signs, word_of_share
from ceasefire.claims.wording import count, day, figure, sentence
from ceasefire.evidence.shares import jeffreys

if TYPE_CHECKING:
    from ceasefire.bargaining import Offer
    from ceasefire.bargaining.offering import Case
    from ceasefire.bargaining.payoffs import Spread

FloatArray = npt.NDArray[np.float64]

STATED_ALONE = "a prior and ratios that are stated, and none of them measured"
NO_BLUFF = "no simulated war shows an offer that is a bluff"
# What is asked, as it stands after "the share of draws in which": {by} offers, {to} answers.
ASKED = {
    "refusing_pays": "refusing an offer of {by} pays {to}",
    "accepting_pays": "accepting an offer of {by} pays {to}",
    "never_pays": "accepting an offer of {by} pays {to} at no belief",
    "rearming_gains": "a leader of {by} who means to attack again gains by an offer that is accepted",
    "sincere_gains": "a leader of {by} who means peace gains by an offer that is accepted",
}
GAINED = {
    "refusing_pays": "gained by refusing",
    "accepting_pays": "gained by accepting",
    "never_pays": "gained by refusing at the best belief for accepting",
    "rearming_gains": "gained by the one who offers",
    "sincere_gains": "gained by the one who offers",
}
# What is asked of the belief, and not of the war alone.
OF_BELIEF = frozenset({"refusing_pays", "accepting_pays"})


@dataclasses.dataclass(frozen=True)
class Weighed:
    """An offer as it was weighed, and the draws of the war by what they assume."""

    found: Offer
    structures: Mapping[tuple[str, str], npt.NDArray[np.bool_]]
    """The draws that have each choice of a rival equation, `[M]`."""
    effective_draws: float | None = None
    """Of the posterior; None for priors."""
    parts: Parts = NOT_KNOWN
    """Where the spread comes from. Of so few draws it cannot be told for so many parameters."""


class Margin(NamedTuple):
    """What is asked of each draw, in lives, with chance taken out, and what it would be of other draws."""

    values: FloatArray
    """`[M]`; NaN for a draw that is lost."""
    chosen: npt.NDArray[np.int64]
    """Draws drawn again, by number, `[R, M']`."""
    again: FloatArray
    """What is asked of them, chance taken out of each sample anew, `[R, M']`."""

    @classmethod
    def of(cls, spread: Spread, asked: Callable[[FloatArray], FloatArray]) -> Margin:
        """Return what is asked of quantities of each draw, `[..., D]` to `[...]`."""
        return cls(asked(spread.draws), spread.chosen, asked(spread.again))

    def among(self, draws: npt.NDArray[np.bool_]) -> Margin:
        """Return the same of some draws, `[M]`."""
        return Margin(
            np.where(draws, self.values, np.nan),
            self.chosen,
            np.where(draws[self.chosen], self.again, np.nan),
        )

    @property
    def known(self) -> FloatArray:
        """The draws that are not lost."""
        return self.values[np.isfinite(self.values)]

    @property
    def share(self) -> float:
        """Share of draws above zero; none counts half."""
        return float(_above(self.values))

    def interval(self, effective: float) -> tuple[float, float]:
        """Return the 95 % interval of the share, where all draws are worth so many effective ones."""
        share, size = self.share, self.known.size
        independent = share * (1.0 - share) / size
        scatter = float(np.nanvar(_above(self.again), ddof=1))
        more = max(scatter / independent, 1.0) if independent > 0.0 else 1.0
        worth = size * min(1.0, effective / self.values.size) / more
        return jeffreys(share * worth, worth)


def offer(test: schema.Offer, weighed: Weighed, carrying: Carrying) -> Finding:
    """Return what the game says of a claim about an offer of a truce.

    Args:
        test: the reading's test.
        weighed: the offer, by the side that the test names.
        carrying: the mechanisms that the wars have.
    """
    found = weighed.found
    if test.asks == "bluff":
        return _bluff(found)
    asked = _Asked(test, weighed)
    share, low, high = asked.share, *asked.interval(asked.margin)
    uncapped, because = word_of_share(low, high, "draws")
    if found.payoffs.reached()["exploited"] == 0.0:
        uncapped, because = "undetermined", NO_BLUFF
    disagree, differ = asked.signs()
    parts = weighed.parts
    assumed = parts.assumed_of_explained.value
    ruling = rule_on_wars(
        uncapped,
        because,
        from_priors=found.payoffs.posterior == PRIOR,
        assumed_share=assumed,
        disagree=disagree,
        differ=differ,
    )
    word, rule = ruling.word, ruling.rule
    least, median, most = (float(point) for point in np.quantile(asked.margin.known, (0.05, 0.5, 0.95)))
    error = (high - low) / 4
    modelled = Modelled(
        posterior=found.payoffs.posterior,
        date=asked.until,
        probability=share,
        mc_error=error,
        ess=asked.draws,
        median=median,
        low=least,
        high=most,
        unit="lives",
        parts=parts,
        of=GAINED[test.asks],
    )
    return Finding(
        verdict=word,
        probability=share,
        interval=(least, most),
        interval_of=f"{GAINED[test.asks]} by {day(asked.until)}, 90 % of the draws, lives",
        mc_error=error,
        ess=asked.draws,
        assumed_share=assumed,
        structure_share=parts.structure.value,
        modelled=modelled,
        reason=(
            {
                **ruling.as_reason(),
                "probability": share,
                "of": "draws of the war",
                "draws": int(asked.margin.known.size),
                "failed": found.payoffs.failed,
                "date": asked.until,
                "posterior": found.payoffs.posterior,
                "assumed_of_explained": assumed,
            },
            *asked.reasons(),
            *carrying.reasons(),
        ),
        quote=sentence(
            f"{_opening(asked, word, rule, assumed, ruling.free_because)}: {asked.told(share, modelled)}"
        ),
        depends_on=(*asked.depends(), *carrying.depends()),
        different_if=asked.different(assumed),
        chart=belief_curve(found) if asked.of_the_answer else asked.chart(),
        beside=(power_shift(found),) if asked.of_the_answer else (belief_curve(found), power_shift(found)),
    )


class _Asked:
    """What a test asks of an offer, draw by draw."""

    def __init__(self, test: schema.Offer, weighed: Weighed) -> None:
        self.test, self.weighed, self.found = test, weighed, weighed.found
        self.case = self.found.cases()[0]
        self.belief = self.found.belief.value
        self.margin = self.of(self.case, self.belief)
        self.share = self.margin.share
        size = float(self.margin.values.size)
        self.draws = size if weighed.effective_draws is None else min(size, weighed.effective_draws)

    @property
    def until(self) -> dt.date:
        """The day to which deaths and ground are counted."""
        return self.found.payoffs.start + dt.timedelta(days=self.found.payoffs.days[-1])

    @property
    def of_the_answer(self) -> bool:
        """Whether it is asked of the one who answers, and not of the one who offers."""
        return not self.test.asks.endswith("_gains")

    def chart(self) -> ShareChart:
        """Return the share under each rival assumption, for a picture."""
        rows = []
        for kind, group in self.rivals.items():
            for what, margin in group:
                low, high = self.interval(margin)
                rows.append(
                    {
                        "label": sentence(what).rstrip("."),
                        "value": margin.share,
                        "low": low,
                        "high": high,
                        "count": math.nan,
                        "cases": math.nan,
                        "highlight": kind == "stated values" and what == self.case.what,
                    }
                )
        rows.sort(key=lambda row: not row["highlight"])
        says = ASKED[self.test.asks].format(by=self.found.payoffs.by, to=self.found.payoffs.to)
        return ShareChart(
            title=sentence(f"{says} in {self.share:.0%} of the draws").rstrip("."),
            subtitle="share of the draws of the war, as stated, by other values and by rival equation, with"
            f" 95 % intervals, up to {day(self.until)}; even odds marked",
            unit="share",
            frame=pd.DataFrame(rows),
            claim_value=HALF,
        )

    def of(self, case: Case, belief: float) -> Margin:
        """Return what is asked for each draw."""
        from ceasefire.bargaining.payoffs import Spread

        payoffs, asks = self.found.payoffs, self.test.asks
        if asks in {"rearming_gains", "sincere_gains"}:
            gains = payoffs.offerer_gain(asks.removesuffix("_gains"), case.values, case.aid, case.day)
            return Margin.of(Spread(gains[..., None]), lambda gained: gained[..., 0])
        spread = payoffs.stakes(case.values, case.aid, case.day).spread
        if asks == "never_pays":
            return Margin.of(spread, lambda ends: -np.maximum(ends[..., 0], -ends[..., 1]))
        sign = 1.0 if asks == "accepting_pays" else -1.0
        return Margin.of(spread, lambda ends: sign * (belief * ends[..., 0] - (1.0 - belief) * ends[..., 1]))

    def interval(self, margin: Margin) -> tuple[float, float]:
        """Return the 95 % interval of the share of some draws."""
        return margin.interval(self.draws)

    @functools.cached_property
    def rivals(self) -> dict[str, list[tuple[str, Margin]]]:
        """What is asked under each rival assumption, by the kind of assumption."""
        found: dict[str, list[tuple[str, Margin]]] = {
            "structures": [
                (f"{_plain(name)}: {_plain(choice)}", some)
                for (name, choice), draws in self.weighed.structures.items()
                for some in [self.margin.among(draws)]
                if some.known.size >= FEWEST
            ],
            "stated values": [(case.what, self.of(case, self.belief)) for case in self.found.cases()],
        }
        if self.test.asks in OF_BELIEF:
            from ceasefire.bargaining import update

            belief = self.found.belief
            found["stated ratios"] = [
                (f"a belief of {value:.0%}", self.of(self.case, value))
                for value in (belief.low, belief.value, belief.high)
            ]
            found["reference classes"] = [
                (f"{name}, {prior:.0%}", self.of(self.case, update(prior, belief.ratio)))
                for name, prior in self._classes()
            ]
        return found

    def _classes(self) -> list[tuple[str, float]]:
        return [(one.label, one.sincere) for one in self.found.classes if one.sincere is not None]

    def signs(self) -> tuple[str, str]:
        """Return which assumptions surely disagree on the sign, and between which it differs at all."""
        return signs(
            {
                name: [Rival(margin.share, *self.interval(margin)) for _, margin in rows]
                for name, rows in self.rivals.items()
            }
        )

    def told(self, share: float, modelled: Modelled) -> str:
        """Return what is asked with its numbers, as the rest of a sentence."""
        payoffs = self.found.payoffs
        says = ASKED[self.test.asks].format(by=payoffs.by, to=payoffs.to)
        low, high = self.interval(self.margin)
        lives = figure(modelled.low, modelled.median, modelled.high, "lives")
        watch = " that third parties watch" if payoffs.terms.monitored else ""
        text = (
            f"{says} in {share:.0%} of {modelled_draws(self.margin)} (95 % interval {low:.0%} to {high:.0%}),"
            f" for a truce of {payoffs.terms.days} days{watch}"
        )
        if self.test.asks in OF_BELIEF:
            text += f", {at_a_belief(self.found)}"
        return f"{text}; {GAINED[self.test.asks]} up to {day(self.until)}: {lives}"

    def reasons(self) -> list[dict[str, Any]]:
        """Return what stands behind the number, as data."""
        found = self.found
        lines: list[dict[str, Any]] = []
        if self.test.asks in OF_BELIEF or self.test.asks == "never_pays":
            told = found.stakes_told
            lines.append(
                {
                    "rule": "what accepting is worth",
                    "by": found.payoffs.by,
                    "to": found.payoffs.to,
                    **{
                        name: {
                            "mean": one.value, "mc_error": one.mc_error, "low": one.low, "high": one.high
                        }
                        for name, one in told.items()
                    },
                }
            )  # fmt: skip
            lines.append(_threshold(found))
            lines.append(_regret(found))
        if self.test.asks in OF_BELIEF:
            lines += belief_reasons(found)
        lines += [
            {
                "rule": "what it turns on",
                "kind": kind,
                "rows": [
                    {"what": what, "share": margin.share, "draws": int(margin.known.size)}
                    for what, margin in rows
                ],
            }
            for kind, rows in self.rivals.items()
            if len(rows) > 1
        ]
        kind, often = next(iter(found.kinds.items()))
        lines.append({"rule": "equilibrium", "by": found.payoffs.by, "kind": kind, "share": often})
        lines += [
            {"rule": "power in the truce", "says": condition.sentence()} for condition in found.conditions[:1]
        ]
        return lines

    def depends(self) -> tuple[str, ...]:
        """Return how far the share moves over each kind of assumption, in words."""
        lines = []
        for kind, rows in self.rivals.items():
            ordered = sorted(((margin.share, what) for what, margin in rows), key=lambda row: row[0])
            if len(ordered) > 1:
                (low, least), (high, most) = ordered[0], ordered[-1]
                lines.append(f"{kind}: from {low:.0%} of draws ({least}) to {high:.0%} ({most})")
        lines.append("what a death, ground and aims are worth: stated, the same for both sides")
        if self.test.asks in OF_BELIEF:
            lines.append("the prior and the ratios of behaviour: stated, none of them measured")
        lines.append("a leader who means it: one who gives up his aims and never breaks a truce himself")
        return tuple(lines)

    def different(self, assumed: float) -> tuple[str, ...]:
        """Return what would turn the answer."""
        lines = []
        if self.found.payoffs.posterior == PRIOR:
            lines.append("the parameters were learnt from evidence: else nothing is more than undetermined")
        elif not assumed <= HALF:
            lines.append("more than half of what the parameters explain were learnt from evidence")
        above = self.share > HALF
        for what, margin in self.rivals["stated values"][1:]:
            if (margin.share > HALF) != above:
                lines.append(f"{what}: the share of draws would be {margin.share:.0%}")
        prior = self.found.threshold_as_prior()
        if self.test.asks in OF_BELIEF and prior is not None:
            low, median, high = prior
            lines.append(
                f"the prior that the offer is meant were on the other side of {median:.0%} ({low:.0%} to"
                f" {high:.0%}), from where accepting starts to pay"
            )
        return tuple(lines) or ("the draws of the war were divided otherwise",)


def modelled_draws(margin: Margin) -> str:
    """Return how many draws there are, in words: `128 draws of the war`."""
    return f"{margin.known.size:,} draws of the war"


def at_a_belief(found: Offer) -> str:
    """Return at which belief an answer is given, and where accepting starts to pay, as part of a sentence."""
    belief, threshold = found.belief, found.threshold
    text = f"at a belief of {belief.value:.0%} ({belief.low:.0%} to {belief.high:.0%}) that it is meant"
    if threshold.median is None or threshold.low is None or threshold.high is None:
        return f"{text}, while hardly any draw has a belief from which accepting starts to pay"
    return (
        f"{text}, while accepting starts to pay at {threshold.median:.0%} ({threshold.low:.0%} to"
        f" {threshold.high:.0%}; in the {threshold.draws} draws that have such a threshold)"
    )


def belief_told(found: Offer) -> str:
    """Return in one sentence what the stated ratios make of a prior."""
    belief = found.belief
    kinds = count(len(belief.observations), "kind")
    moved = (
        f"{kinds} of behaviour on record by {day(found.as_of)} move the belief that an offer of"
        f" {found.payoffs.by} is meant from {belief.prior:.0%} to {belief.value:.0%}"
        f" ({belief.low:.0%} to {belief.high:.0%} over the range of the ratios)"
        if belief.observations
        else f"nothing of {found.payoffs.by} is on record, so that the belief that its offer is meant stays"
        f" {belief.prior:.0%}"
    )
    return f"by ratios that are stated and not measured, {moved}"


def belief_reasons(found: Offer) -> list[dict[str, Any]]:
    """Return the prior, each kind of behaviour on record and its effect on belief, as data."""
    belief = found.belief
    lines: list[dict[str, Any]] = [
        {
            "rule": "belief",
            "by": found.payoffs.by,
            "date": found.as_of,
            "prior": belief.prior,
            "class": next((one.label for one in found.classes if one.name == found.chosen_class), None),
            "value": belief.value,
            "low": belief.low,
            "high": belief.high,
        }
    ]
    lines += [
        {
            "rule": "behaviour on record",
            "says": f"{one.says} (looked in: {', '.join(f'{side} {rows}' for side, rows in one.looked_in)})",
            "count": len(one.rows),
            "latest": one.rows[-1][0],
            "ratio": one.ratio.best,
            "low": one.ratio.low,
            "high": one.ratio.high,
            "belief_before": one.belief_before,
            "belief_after": one.belief_after,
        }
        for one in belief.observations
    ]
    lines += [
        {
            "rule": "reference class",
            "class": one.label,
            "says": one.says,
            "failed": one.failed,
            "caution": one.caution,
        }
        for one in found.classes
        if one.failed is not None
    ]
    return lines


def _bluff(found: Offer) -> Finding:
    belief = found.belief
    return Finding(
        "untestable",
        interval=(1.0 - belief.high, 1.0 - belief.low),
        interval_of="share of belief that it is a bluff, over the range of the stated ratios",
        assumed_share=1.0,
        reason=(
            {"rule": "intent alone is untestable"},
            {"rule": STATED_ALONE},
            *belief_reasons(found),
            {
                "rule": "equilibrium",
                "by": found.payoffs.by,
                "kind": next(iter(found.kinds)),
                "share": next(iter(found.kinds.values())),
            },
        ),
        quote=sentence(f"Whether it is meant cannot be tested; {belief_told(found)}"),
        depends_on=(
            "the prior: to which past cases an offer belongs is what people disagree about",
            "the likelihood ratios of behaviour: judgements with ranges, none of them measured",
            "what is in the tables of offers and events, which hold more of what was written about more",
        ),
        different_if=(
            "the claim spoke of behaviour that can be observed, with a date",
            f"another prior were chosen: of 50 % the record makes {_made(found, 0.5):.0%}, of 90 %"
            f" {_made(found, 0.9):.0%}",
        ),
        chart=belief_curve(found),
        beside=(power_shift(found),),
    )


def _made(found: Offer, prior: float) -> float:
    from ceasefire.bargaining import update

    return update(prior, found.belief.ratio)


def _threshold(found: Offer) -> dict[str, Any]:
    threshold, fails = found.threshold, found.stakes.fails()
    return {
        "rule": "threshold",
        "by": found.payoffs.by,
        "median": threshold.median,
        "low": threshold.low,
        "high": threshold.high,
        "mc_error": threshold.mc_error,
        "with_one": threshold.draws,
        "draws": fails["draws"],
        "always": fails["accepting_always_pays"],
        "never": fails["accepting_never_pays"],
        "reversed": fails["reversed"],
    }


def _regret(found: Offer) -> dict[str, Any]:
    """Return what each rule gives up against the better answer of each draw, at the belief, in lives."""
    belief, stakes = found.belief.value, found.stakes
    gained, again = stakes.advantage(belief)[stakes.spread.there], stakes.advantage_again(belief)
    return {
        "rule": "regret",
        "to": found.payoffs.to,
        **{
            name: {
                "mean": float(np.maximum(sign * gained, 0.0).mean()),
                "mc_error": float(np.maximum(sign * again, 0.0).mean(axis=1).std(ddof=1)),
                "high": float(np.quantile(np.maximum(sign * gained, 0.0), 0.95)),
            }
            for name, sign in (("refuse", 1.0), ("accept", -1.0))
        },
    }


def _above(margin: FloatArray) -> FloatArray:
    """Return the share of draws above zero along the last axis; none counts half, NaN not at all."""
    known = np.isfinite(margin)
    signs = np.where(known, np.sign(margin), 0.0).sum(axis=-1)
    count = known.sum(axis=-1)
    return np.asarray(np.divide(signs, count, out=np.full(count.shape, np.nan), where=count > 0) + 1.0) / 2.0


def _opening(asked: _Asked, word: Verdict, rule: str, assumed: float, otherwise: str) -> str:
    if asked.found.payoffs.posterior == PRIOR:
        return "With parameters from priors alone the model cannot decide it"
    if not assumed <= HALF:
        share = "the share that is assumed is not known"
        if not math.isnan(assumed):
            share = f"{assumed:.0%} of what its parameters explain is assumed"
        also = f" and {otherwise}" if "sign" in otherwise else ""
        return f"By the fitted model it is undetermined, as {share}{also}"
    if "sign" in rule or rule == NO_BLUFF:
        return f"By the fitted model it is {word}, as {rule}"
    return f"By the fitted model it is {word}"


def _plain(name: str) -> str:
    return name.replace("_", " ")


def belief_curve(found: Offer) -> OfferChart:
    """Return the answer over the prior, for a picture."""
    payoffs, belief = found.payoffs, found.belief
    share, error = found.accept_share
    watch = " with monitors" if payoffs.terms.monitored else ""
    return OfferChart(
        title=f"Accepting an offer of {payoffs.by} pays {payoffs.to} in {share:.0%} of the draws at a belief"
        f" of {belief.value:.0%}",
        subtitle=f"share of {payoffs.draws} draws of the war in which accepting a truce of"
        f" {payoffs.terms.days} days{watch} pays, over the prior that it is meant; on record by"
        f" {day(found.as_of)}; simulation error {100 * error:.0f} points",
        frame=found.curve(),
        classes=found.class_marks(),
        threshold=found.threshold_as_prior(),
        prior=belief.prior,
    )


def power_shift(found: Offer) -> PowerChart:
    """Return how power shifts in the truce that is offered, for a picture."""
    condition = found.conditions[0]
    frame = condition.table()
    first, last = (float(frame["median"].iloc[place]) for place in (0, -1))
    return PowerChart(
        title=f"{condition.side}'s share of power: {first:.0%} at first, {last:.0%} at the end of the truce",
        subtitle=f"a truce that both keep; odds of success of its attack against those of"
        f" {condition.other}, {condition.days} days",
        side=condition.side,
        frame=frame,
    )
