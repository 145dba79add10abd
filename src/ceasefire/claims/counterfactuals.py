"""Counterfactuals: one policy against another over the same simulated wars, as a curve over the horizon.

Let p(t) be the share of wars in which the outcome is as the claim says (more, or less, under the second
policy, and by as much as it says) by day t. The word is formed from all dates up to the claim's own, never
from one alone:

* parameters from priors alone: `undetermined`, whatever the curve shows;
* policies that differ through mechanisms alone that no fit had, or an outcome that they alone count:
  `undetermined`;
* more than half of what parameters explain of the spread assumed, or the shares unknown: `undetermined`;
* rival structures that disagree on the sign (p of one surely above two thirds, of another surely below one
  third), or sceptical and credulous priors that do: `contested`;
* structures of at least 20 wars each, or sceptical and credulous priors, with p on both sides of one half:
  `undetermined`;
* dates that disagree on the sign (surely, as above; not asked where the claim says by how much, which takes
  its time): `contested`;
* else p at the end of the horizon: surely 0.9 or more `supported`, surely two thirds or more `mostly
  supported`, surely one third or less `not supported`, else `undetermined`;
* `supported` becomes `mostly supported` where the other answer has a region of its own: a condition on what
  the wars differ in that surely flips it (the whole 90 % interval of its density above one half, in draws
  that were not searched for it) and that holds a tenth of all wars or more.

Why so, and why not more: nine of ten wars may agree because the wars of one kind that do not are few. Whoever
reads `supported` takes it to hold wherever he looks, and a tenth of the wars is as much as the word leaves
open; so the word must not hide a region as large in which the opposite is likelier. `mostly supported`,
`contested` and `undetermined` say already that there are exceptions, and `not supported` says that the
evidence does not carry the claim: a region in which the claim holds does not gainsay that, and whoever claims
has to show it. Such a region is named under "different if" whatever the word. All this looks at the wars and
at what the claim says, never at whose claim it is: sides that change places have the same regions, with names
changed, and the same words. A condition that merely makes the other answer likelier than in all wars caps
nothing, nor does one whose interval holds one half; both are shown.

Surely: with the whole 95 % Jeffreys interval of the share in so many wars, of one structure or of all, the
wars counted as no more than the posterior's effective draws. Sceptical and credulous priors: the quarter of
the wars in which a truce is least likely to hold, and the quarter in which it is most likely to, by what
only a truce would reveal (`ceasefire.claims.comparing`); asked wherever a policy with a truce is compared. As
known then, parameters come from the posterior that saw only figures known then; as known now, from the one
that saw all figures on the time up to the same day, those that came out later among them.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

import pandas as pd

from ceasefire.analysis import OUTCOMES
from ceasefire.claims import schema
from ceasefire.claims.bars import bars_chart, foremost
from ceasefire.claims.carrying import NOTHING, Carrying
from ceasefire.claims.chartdata import FuturesChart
from ceasefire.claims.comparing import Extremes
from ceasefire.claims.holding import Held, Under, different, exception, held
from ceasefire.claims.modelled import PRIOR, Bar, Calibration, Modelled, Parts
from ceasefire.claims.results import Finding
from ceasefire.claims.rules import (
    EXCEPT,
    HALF,
    Rival,
    Verdict,
    rule_on_wars,
    signs,
    surely_disagree,
    word_of_share,
)
from ceasefire.claims.tables import rows_of
from ceasefire.claims.wording import day, exact, figure, listed, odds, sentence, with_unit
from ceasefire.evidence.shares import jeffreys
from ceasefire.scenario.schema import Policy

if TYPE_CHECKING:
    from ceasefire.analysis.questions import Condition

# Units of what is counted one by one: fewer persons, less ground.
COUNTED = frozenset({"persons", "items", "weapons", "assaults", "weeks", "vehicles", "rounds", "missiles"})
OTHER_WAY = {"more": "less", "less": "more"}


class Compared(Protocol):
    """What a verdict needs of a comparison: see `ceasefire.claims.comparing.Asked`."""

    @property
    def posterior(self) -> str:
        """`prior`, or the name of a posterior."""

    @property
    def effective_draws(self) -> float | None:
        """Effective draws of the posterior; None for priors, whose draws are all independent."""

    @property
    def draws(self) -> int:
        """Wars under each policy."""

    @property
    def sides(self) -> tuple[str, str]:
        """The belligerents."""

    def curve(self, outcome: str, side: str | None = None, beyond: float = 0.0) -> pd.DataFrame:
        """The outcome under both policies over the horizon; the probability of a difference beyond."""

    def by_structure(
        self, outcome: str, side: str | None, date: dt.date, beyond: float = 0.0
    ) -> pd.DataFrame:
        """The probability for each structural alternative."""

    def parts(self, outcome: str, side: str | None, date: dt.date) -> Parts:
        """Where the spread of the difference comes from."""

    def by_priors(
        self, outcome: str, side: str | None, date: dt.date, beyond: float = 0.0
    ) -> Extremes | None:
        """The probability under sceptical and credulous priors; None where no truce is compared."""

    def conditions(
        self, outcome: str, side: str | None, date: dt.date, beyond: float = 0.0
    ) -> tuple[Condition, ...] | None:
        """In which wars the other answer is likelier than in all; None where that cannot be searched."""

    def bars(
        self, outcome: str, side: str | None, date: dt.date, beyond: float = 0.0
    ) -> tuple[Bar, ...] | None:
        """The inputs that carry the difference, the foremost first; None where that cannot be asked."""

    def about(self) -> dict[str, object]:
        """Which program and which model computed the wars: `version` and `model_fingerprint`."""


Comparer = Callable[[str, str], Compared]


def outcome_units() -> dict[str, str]:
    """Return the outcomes that policies can be compared on, with their units."""
    return {name: outcome.unit for name, outcome in OUTCOMES.items()}


def truces(policies: Mapping[str, Policy]) -> dict[str, str]:
    """Return, in words, the truces of each policy that has any: `a truce of 182 days from 21 December 2022`.

    Args:
        policies: the scenario's policies by name.
    """
    return {
        name: listed([f"a truce of {truce.days:,} days from {day(truce.start)}" for truce in policy.truces])
        for name, policy in policies.items()
        if policy.truces
    }


def compare(
    test: schema.Compare,
    comparer: Comparer,
    codes: Mapping[str, str],
    units: Mapping[str, str],
    spans: Mapping[str, str] | None = None,
    calibration: Calibration | None = None,
    carrying: Carrying = NOTHING,
    bars: bool = True,
) -> Finding:
    """Return what the simulated wars say of a claim that one policy brings more (or less) of an outcome.

    Args:
        test: the reading's test.
        comparer: gives the comparison of two policies by name.
        codes: the belligerents' names by code and by name.
        units: the unit of each outcome.
        spans: the truces of the policies that have any, with their days, in words.
        calibration: the posterior of the comparison, to name what stays assumed.
        carrying: the mechanisms that the wars have, and those through which the policies differ.
        bars: ask too what carries the difference; it takes longer than the rest.
    """
    if carrying.carried.off:
        return carrying.turned_off()
    compared = comparer(test.first, test.second)
    side = codes.get(test.side, test.side) if test.side is not None else None
    beyond = _beyond(test)
    whole = compared.curve(test.outcome, side, beyond)
    curve = whole if test.until is None else whole[pd.to_datetime(whole["date"]) <= pd.Timestamp(test.until)]
    if curve.empty:
        curve = whole.head(1)
    last = curve.iloc[-1]
    if last["draws"] == 0:
        return _all_failed(int(last["failed"]))
    date = pd.Timestamp(last["date"]).date()
    unit = units.get(test.outcome, "persons")
    noun = test.counts or _noun(test.outcome, side)
    asked = _Asked(
        compared,
        test,
        curve,
        compared.by_structure(test.outcome, side, date, beyond),
        compared.by_priors(test.outcome, side, date, beyond),
        compared.parts(test.outcome, side, date),
        _weight(compared, last),
        carrying,
        compared.conditions(test.outcome, side, date, beyond),
        _other(test, float(last["probability"]), unit),
        _as_claimed(compared.bars(test.outcome, side, date, beyond), test) if bars else None,
    )
    uncapped, because = _uncapped(asked)
    disagree, differ = _signs(asked)
    from_priors = compared.posterior == PRIOR
    assumed = asked.parts.assumed_of_explained.value
    ruling = rule_on_wars(
        uncapped,
        because,
        from_priors=from_priors,
        assumed_share=assumed,
        disagree=disagree,
        differ=differ,
        unfitted=bool(carrying.resting),
        exception=exception(asked.conditions, asked.other),
    )
    word, rule = ruling.word, ruling.rule
    modelled = _modelled(asked, last, date, unit)
    dates = _share_of_dates(curve, test)
    return Finding(
        verdict=word,
        probability=modelled.probability,
        interval=(modelled.low, modelled.high),
        interval_of=f"{noun}: {test.second} less {test.first} by {day(date)}, 90 % of wars, {unit}",
        mc_error=modelled.mc_error,
        ess=modelled.ess,
        assumed_share=assumed,
        structure_share=asked.parts.structure.value,
        modelled=modelled,
        reason=(
            {
                **ruling.as_reason(),
                "probability": modelled.probability,
                "date": date,
                "median_difference": modelled.median,
                "share_of_dates_with_that_sign": dates,
                "draws": int(last["draws"]),
                "failed": int(last["failed"]),
                "posterior": compared.posterior,
                "assumed_of_explained": assumed,
            },
            *carrying.reasons(),
            *_told_priors(asked, modelled),
            *(
                {
                    "rule": "structure",
                    "structure": row["structure"],
                    "choice": row["choice"],
                    "draws": int(row["draws"]),
                    "probability": _share(float(row["probability"]), test),
                }
                for row in rows_of(asked.structures)
            ),
        ),
        quote=_quote(asked, noun, modelled, dates, word, rule, spans or {}),
        depends_on=_depends(asked),
        different_if=_different(asked),
        chart=FuturesChart(
            title=_title(modelled.probability, test, noun, unit, date),
            subtitle=f"{noun}; 50 % and 90 % of {int(last['draws']):,} wars each;"
            f" {_from(compared, calibration)}",
            unit=unit,
            outcome=test.outcome,
            curve=whole,
            first=test.first,
            second=test.second,
            assumed_share=1.0 if from_priors else assumed,
        ),
        beside=bars_chart(asked.bars, f"{noun}, {test.second} less {test.first}, by {day(date)}"),
    )


@dataclasses.dataclass(frozen=True)
class _Asked:
    """All that a verdict on a comparison is formed from."""

    compared: Compared
    test: schema.Compare
    curve: pd.DataFrame
    structures: pd.DataFrame
    priors: Extremes | None
    parts: Parts
    weight: float
    """Independent wars for each war."""
    carrying: Carrying
    conditions: tuple[Condition, ...] | None
    other: str
    """The answer that most wars do not give, in words."""
    bars: tuple[Bar, ...] | None

    @property
    def rivals(self) -> dict[Under, dict[str, Rival]]:
        """What the wars say under each rival equation, and under sceptical and credulous priors."""
        quarters: list[dict[str, Any]] = []
        if self.priors is not None:
            ends = (("least", self.priors.sceptical), ("most", self.priors.credulous))
            quarters = [{"end": end, "probability": share, "draws": self.priors.draws} for end, share in ends]
        return {
            "rival equations": {_choice(row): self._rival(row) for row in rows_of(self.structures)},
            "priors of a truce": {
                f"where a truce is {row['end']} likely to hold": self._rival(row) for row in quarters
            },
        }

    @property
    def holds(self) -> tuple[Held, ...]:
        """Whether the sign stays under each rival equation, under either priors of a truce, on each date."""
        # A difference of a stated size takes its time: early dates say nothing against it. Nor does one on
        # which the policies have not differed yet.
        apart = (self.curve["difference_low"] != 0.0) | (self.curve["difference_high"] != 0.0)
        dates = rows_of(self.curve[apart]) if self.test.by is None else []
        under = self.rivals | {"dates": {day(row["date"].date()): self._rival(row) for row in dates}}
        share = _share(float(self.curve.iloc[-1]["probability"]), self.test)
        found = [held(name, share, rows) for name, rows in under.items()]
        return tuple(one for one in found if one is not None)

    def interval(self, row: Mapping[str, Any] | pd.Series) -> tuple[float, float]:
        """Return the 95 % interval of the share of wars that go as the claim says, from so many wars."""
        draws = float(row["draws"]) * self.weight
        return jeffreys(_share(float(row["probability"]), self.test) * draws, draws)

    def _rival(self, row: Mapping[str, Any]) -> Rival:
        return Rival(_share(float(row["probability"]), self.test), *self.interval(row), float(row["draws"]))


def _weight(compared: Compared, last: pd.Series) -> float:
    """Return how many independent wars each war counts for: wars of one draw are alike."""
    if compared.effective_draws is None:
        return 1.0
    draws, share, error = (float(last[name]) for name in ("draws", "probability", "mc_error"))
    alike = share * (1.0 - share) / error**2 if error > 0.0 else draws
    return min(1.0, compared.effective_draws / draws, alike / draws)


def _modelled(asked: _Asked, last: pd.Series, date: dt.date, unit: str) -> Modelled:
    share = _share(float(last["probability"]), asked.test)
    low, high = asked.interval(last)
    ess = float(last["draws"]) * asked.weight
    # At a share of 0 or 1 the plain error is 0 however few the wars: then a quarter of the interval.
    error = max(float(last["mc_error"]), math.sqrt(share * (1.0 - share) / ess), (high - low) / 4)
    priors = asked.priors
    return Modelled(
        posterior=asked.compared.posterior,
        date=date,
        probability=share,
        mc_error=error,
        ess=ess,
        median=float(last["difference_median"]),
        low=float(last["difference_low"]),
        high=float(last["difference_high"]),
        unit=unit,
        parts=asked.parts,
        sceptical=None if priors is None else _share(priors.sceptical, asked.test),
        credulous=None if priors is None else _share(priors.credulous, asked.test),
        other=asked.other,
        conditions=asked.conditions,
        bars=asked.bars,
        holds=asked.holds,
    )


def _told_priors(asked: _Asked, modelled: Modelled) -> list[dict[str, Any]]:
    if asked.priors is None:
        return []
    return [
        {
            "rule": "sceptical and credulous priors",
            "draws": asked.priors.draws,
            "sceptical": modelled.sceptical,
            "credulous": modelled.credulous,
        }
    ]


def _beyond(test: schema.Compare) -> float:
    """Return the difference, second less first, on whose far side the claim holds."""
    size = test.by or 0.0
    return size if test.second_is == "more" else -size


def _share(probability: float, test: schema.Compare) -> float:
    """Return the share of wars that go as the claim says."""
    return probability if test.second_is == "more" else 1.0 - probability


def _share_of_dates(curve: pd.DataFrame, test: schema.Compare) -> float:
    """Return the share of dates on which more than half of the wars go as the claim says."""
    return float((curve["probability"].map(lambda p: _share(float(p), test)) > 0.5).mean())


def _uncapped(asked: _Asked) -> tuple[Verdict, str]:
    """Return what the wars say by themselves."""
    ordered = asked.curve.sort_values("probability", kind="stable")
    # A difference of a stated size takes its time: early dates say nothing against it.
    if asked.test.by is None and surely_disagree([asked.interval(ordered.iloc[place]) for place in (0, -1)]):
        return "contested", "dates disagree on the sign"
    return word_of_share(*asked.interval(asked.curve.iloc[-1]))


def _signs(asked: _Asked) -> tuple[str, str]:
    """Return which assumptions surely disagree on the sign, and between which it differs at all."""
    found = asked.rivals
    return signs(
        {
            "structures": tuple(found["rival equations"].values()),
            "sceptical and credulous priors": tuple(found["priors of a truce"].values()),
        }
    )


def _all_failed(failed: int) -> Finding:
    return Finding(
        "undetermined",
        quote=f"No simulated war could be computed to its end: all {failed:,} failed.",
        reason=({"rule": "every war failed", "failed": failed},),
        depends_on=("wars that can be computed",),
        different_if=("any of the wars could be computed",),
    )


def _noun(outcome: str, side: str | None) -> str:
    words = {
        "killed": "soldiers killed",
        "wounded": "soldiers wounded",
        "losses": "soldiers killed, wounded and captured",
        "ground_lost": "ground lost",
        "civilians_killed": "civilians killed",
        "deaths": "soldiers and civilians killed",
        "displaced": "people displaced",
        "strikes_through": "missiles and drones that get through",
        "weeks_attacking": "weeks of attack",
        "vehicles_supplied": "vehicles made and received",
        "shells_supplied": "rounds made and received",
        "missiles_supplied": "missiles made and received",
        "emigrated": "people gone abroad",
        "at_war": "wars still going on",
    }
    text = words.get(outcome, outcome.replace("_", " "))
    return f"{text} on the side of {side}" if side else f"{text} on both sides"


def _from(compared: Compared, calibration: Calibration | None) -> str:
    if compared.posterior == PRIOR:
        return "parameters from priors alone"
    if calibration is None:
        return "parameters from a posterior"
    return f"parameters from the posterior of {day(calibration.until)}, as known {calibration.known}"


def _other(test: schema.Compare, more: float, unit: str) -> str:
    """Return the answer that most wars do not give, in words; `more` is the share of wars with more."""
    claimed = _more_or_fewer(test, unit)
    if (more < HALF) == (test.second_is == "more"):
        return claimed
    if test.by is not None:
        return f"not {claimed}"
    return _more_or_fewer(test.model_copy(update={"second_is": OTHER_WAY[test.second_is]}), unit)


def _as_claimed(bars: tuple[Bar, ...] | None, test: schema.Compare) -> tuple[Bar, ...] | None:
    """Return bars of which the shares of wars are those that go as the claim says."""
    if bars is None:
        return None
    return tuple(
        dataclasses.replace(bar, above=_share(bar.above, test), below=_share(bar.below, test)) for bar in bars
    )


def _quote(
    asked: _Asked,
    noun: str,
    modelled: Modelled,
    dates: float,
    word: Verdict,
    rule: str,
    spans: Mapping[str, str],
) -> str:
    test = asked.test
    more = _more_or_fewer(test, modelled.unit)

    def named(policy: str) -> str:
        return f"'{policy}' ({spans[policy]})" if policy in spans else f"'{policy}'"

    return sentence(
        f"{_opening(asked, word, rule)}: {more} {noun} by {day(modelled.date)} with {named(test.second)} than"
        f" with {named(test.first)} {odds(modelled.probability)}{_ties(modelled)},"
        f" a difference of {figure(modelled.low, modelled.median, modelled.high, modelled.unit)};"
        f" {_over_dates(dates)}"
    )


def _ties(modelled: Modelled) -> str:
    """Say how wars without a difference count, where the middle one has none."""
    return " (one without a difference counts half)" if modelled.median == 0.0 else ""


def _opening(asked: _Asked, word: Verdict, rule: str) -> str:
    if asked.compared.posterior == PRIOR:
        return "With parameters from priors alone the model cannot decide it"
    if asked.carrying.resting:
        return f"By the model it is undetermined, {asked.carrying.why()}"
    assumed = asked.parts.assumed_of_explained.value
    if math.isnan(assumed):
        return "By the fitted model it is undetermined, as the share that is assumed is not known"
    if assumed > HALF:
        return (
            f"By the fitted model it is undetermined, as {assumed:.0%} of what its parameters explain is"
            " assumed"
        )
    _, but, where = rule.partition(EXCEPT)
    why = f", as {rule}" if "sign" in rule and not but else ""
    return f"By the fitted model it is {word}{why}{but}{where}"


def _over_dates(dates: float) -> str:
    if dates == 0:
        return "on no date up to then do most wars say so"
    return f"most wars say so on {'all' if dates == 1 else f'{dates:.0%}'} of the dates up to then"


def _more_or_fewer(test: schema.Compare, unit: str) -> str:
    """Return `more`, and for the other direction `fewer` of what is counted one by one, else `less`."""
    size = "" if test.by is None else f"at least {with_unit(exact(test.by), unit)} "
    if test.second_is == "more":
        return f"{size}more"
    return f"{size}fewer" if unit in COUNTED else f"{size}less"


def _depends(asked: _Asked) -> tuple[str, ...]:
    """Return what the answer rests on; under what it stays is told apart (`_Asked.holds`)."""
    lines = [*asked.carrying.depends()]
    if asked.compared.posterior == PRIOR:
        lines.append("priors alone: none of the spread is learnt from the evidence, all of it is assumed")
    if asked.bars is not None:
        lines.append(foremost(asked.bars))
    return tuple(lines) or ("the draws of the simulated wars",)


def _choice(row: Mapping[str, Any]) -> str:
    return f"{str(row['structure']).replace('_', ' ')}: {str(row['choice']).replace('_', ' ')}"


def _different(asked: _Asked) -> tuple[str, ...]:
    lines = []
    test, curve = asked.test, asked.curve
    if asked.compared.posterior == PRIOR:
        lines.append(
            "the parameters were learnt from evidence: only then can a comparison be more than undetermined"
        )
    elif asked.carrying.resting:
        lines.append(asked.carrying.different())
    elif not asked.parts.assumed_of_explained.value <= HALF:
        lines.append("more than half of what the parameters explain were learnt from evidence")
    shares = curve["probability"].map(lambda p: _share(float(p), test) > 0.5)
    pairs = zip(curve["date"].iloc[1:], shares.iloc[1:], shares.iloc[:-1], strict=True)
    flips = [pd.Timestamp(date).date() for date, one, other in pairs if one != other]
    if flips:
        lines.append(
            "the question were asked of another day: which policy has more in most wars changes"
            f" on {day(flips[-1])}"
        )
    return (*lines, *different(asked.conditions, asked.other))


def _title(share: float, test: schema.Compare, noun: str, unit: str, date: dt.date) -> str:
    return sentence(
        f"{odds(share)}: {_more_or_fewer(test, unit)} {noun} with '{test.second}' by {day(date)}"
    ).rstrip(".")
