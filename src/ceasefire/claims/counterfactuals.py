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
  supported`, surely one third or less `not supported`, else `undetermined`.

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
from typing import Any, Protocol

import pandas as pd

from ceasefire.analysis import OUTCOMES
from ceasefire.claims import schema
from ceasefire.claims.carrying import NOTHING, Carrying
from ceasefire.claims.chartdata import FuturesChart
from ceasefire.claims.comparing import Extremes
from ceasefire.claims.modelled import PRIOR, Calibration, Modelled, Parts
from ceasefire.claims.results import Finding
from ceasefire.claims.rules import HALF, Rival, Verdict, rule_on_wars, signs, surely_disagree, word_of_share
from ceasefire.claims.tables import rows_of
from ceasefire.claims.wording import day, exact, figure, listed, odds, sentence, with_unit
from ceasefire.evidence.shares import jeffreys
from ceasefire.scenario.schema import Policy

# Units of what is counted one by one: fewer persons, less ground.
COUNTED = frozenset({"persons", "items", "weapons", "assaults", "weeks", "vehicles", "rounds", "missiles"})


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

    def drivers(self, outcome: str, side: str | None, date: dt.date, beyond: float = 0.0) -> pd.DataFrame:
        """The parameters that go most with the difference."""

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
    )
    word, rule = ruling.word, ruling.rule
    modelled = _modelled(asked, last, date, unit)
    dates = _share_of_dates(curve, test)
    drivers = _drivers(compared, test.outcome, side, date, beyond)
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
            *_told_priors(asked),
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
            *drivers,
        ),
        quote=_quote(asked, noun, modelled, dates, word, rule, spans or {}),
        depends_on=_depends(asked, drivers, calibration),
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

    def interval(self, row: Mapping[str, Any] | pd.Series) -> tuple[float, float]:
        """Return the 95 % interval of the share of wars that go as the claim says, from so many wars."""
        draws = float(row["draws"]) * self.weight
        return jeffreys(_share(float(row["probability"]), self.test) * draws, draws)

    def extremes(self) -> list[dict[str, Any]]:
        """Return sceptical and credulous priors as rows, like those of structures."""
        found = self.priors
        if found is None:
            return []
        return [
            {"priors": name, "draws": found.draws, "probability": probability}
            for name, probability in (("sceptical", found.sceptical), ("credulous", found.credulous))
        ]


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
    )


def _told_priors(asked: _Asked) -> list[dict[str, Any]]:
    if asked.priors is None:
        return []
    shares = {row["priors"]: _share(row["probability"], asked.test) for row in asked.extremes()}
    return [{"rule": "sceptical and credulous priors", "draws": asked.priors.draws, **shares}]


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
    return signs(
        {
            name: [Rival(float(row["probability"]), *asked.interval(row), int(row["draws"])) for row in rows]
            for name, rows in (
                ("structures", [dict(row) for row in rows_of(asked.structures)]),
                ("sceptical and credulous priors", asked.extremes()),
            )
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


def _drivers(
    compared: Compared, outcome: str, side: str | None, date: dt.date, beyond: float
) -> list[dict[str, Any]]:
    return [
        {"rule": "driver", **row, "side": row["side"] if isinstance(row["side"], str) else None}
        for row in rows_of(compared.drivers(outcome, side, date, beyond))
    ]


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
    if not assumed <= HALF:
        if math.isnan(assumed):
            return "By the fitted model it is undetermined, as the share that is assumed is not known"
        return (
            f"By the fitted model it is undetermined, as {assumed:.0%} of what its parameters explain is"
            " assumed"
        )
    if "sign" in rule:
        return f"By the fitted model it is {word}, as {rule}"
    return f"By the fitted model it is {word}"


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


def _depends(
    asked: _Asked, drivers: list[dict[str, Any]], calibration: Calibration | None
) -> tuple[str, ...]:
    test, lines = asked.test, [*asked.carrying.depends()]
    if asked.compared.posterior == PRIOR:
        lines.append("priors alone: none of the spread is learnt from the evidence, all of it is assumed")
    if len(asked.structures):
        shares = asked.structures.assign(
            _share=[_share(float(p), test) for p in asked.structures["probability"]]
        )
        ordered = shares.sort_values("_share", kind="stable")
        low, high = ordered.iloc[0], ordered.iloc[-1]
        lines.append(
            f"the structure of the model: from {low['_share']:.0%} of wars ({_choice(low)})"
            f" to {high['_share']:.0%} ({_choice(high)})"
        )
    if asked.priors is not None:
        sceptical, credulous = (_share(row["probability"], test) for row in asked.extremes())
        lines.append(
            f"what only a truce would reveal: {sceptical:.0%} of wars where it is least likely to hold,"
            f" {credulous:.0%} where it is most likely to (a quarter of the wars each)"
        )
    lines += [
        f"{row['meaning']}"
        + (f" ({row['side']})" if row.get("side") else "")
        + _label(row, calibration)
        + f": {_share(row['above'], test):.0%} of wars above its median,"
        + f" {_share(row['below'], test):.0%} below"
        for row in drivers[:3]
    ]
    return tuple(lines)


def _label(row: Mapping[str, Any], calibration: Calibration | None) -> str:
    """Return whether a driver was learnt, in words."""
    taught = None if calibration is None else calibration.find(str(row["parameter"]), row.get("side"))
    return "" if taught is None else f", {taught.label}"


def _choice(row: pd.Series) -> str:
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
    return tuple(lines)


def _title(share: float, test: schema.Compare, noun: str, unit: str, date: dt.date) -> str:
    return sentence(
        f"{odds(share)}: {_more_or_fewer(test, unit)} {noun} with '{test.second}' by {day(date)}"
    ).rstrip(".")
