"""Counterfactuals: one policy against another over the same simulated wars, as a curve over the horizon.

Let p(t) be the share of wars in which the outcome is as the claim says (more, or less, under the second
policy) by day t. The word is formed from all dates up to the claim's own, never from one alone:

* parameters from priors alone: `undetermined`, whatever the curve shows;
* more than half of the spread assumed: at most `undetermined`;
* structures that disagree on the sign (p of one surely above two thirds, of another surely below one third):
  `contested`;
* dates that disagree on the sign in the same way: `contested`;
* else p at the end of the horizon: surely 0.9 or more `supported`, surely two thirds or more `mostly
  supported`, surely one third or less `not supported`, else `undetermined`.

Surely: with the whole 95 % Jeffreys interval of the share in so many wars, of one structure or of all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import pandas as pd

from ceasefire.analysis import OUTCOMES
from ceasefire.claims import schema
from ceasefire.claims.chartdata import FuturesChart
from ceasefire.claims.figures import jeffreys
from ceasefire.claims.results import Finding
from ceasefire.claims.rules import FEW, MOST, Verdict
from ceasefire.claims.tables import rows_of
from ceasefire.claims.wording import day, figure, listed, odds, sentence
from ceasefire.scenario.schema import Policy

# "Very likely" begins at nine of ten in the scale that `MOST` and `FEW` are taken from (see `rules`).
SURE = 0.9
# Units of what is counted one by one: fewer persons, less ground.
COUNTED = frozenset({"persons", "items"})


class Compared(Protocol):
    """What this room needs of `ceasefire.analysis.Comparison`."""

    @property
    def posterior(self) -> str:
        """`prior`, or the hash of a posterior."""

    @property
    def assumed_share(self) -> float:
        """Share of the spread that the evidence did not teach."""

    @property
    def draws(self) -> int:
        """Wars under each policy."""

    @property
    def sides(self) -> tuple[str, str]:
        """The belligerents."""

    def curve(self, outcome: str, side: str | None = None) -> pd.DataFrame:
        """The outcome under both policies over the horizon."""

    def by_structure(self, outcome: str, side: str | None, date: dt.date) -> pd.DataFrame:
        """The probability for each structural alternative."""

    def structure_share(self, outcome: str, side: str | None, date: dt.date) -> float:
        """Share of the difference's variance that lies between structures."""

    def drivers(self, outcome: str, side: str | None, date: dt.date) -> pd.DataFrame:
        """The parameters that go most with the difference."""

    def about(self) -> dict[str, object]:
        """What a reader of the figures must know, with `version` and `model_fingerprint`."""


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
) -> Finding:
    """Return what the simulated wars say of a claim that one policy brings more (or less) of an outcome.

    Args:
        test: the reading's test.
        comparer: gives the comparison of two policies by name.
        codes: the belligerents' names by code and by name.
        units: the unit of each outcome.
        spans: the truces of the policies that have any, with their days, in words.
    """
    compared = comparer(test.first, test.second)
    side = codes.get(test.side, test.side) if test.side is not None else None
    whole = compared.curve(test.outcome, side)
    curve = whole if test.until is None else whole[pd.to_datetime(whole["date"]) <= pd.Timestamp(test.until)]
    if curve.empty:
        curve = whole.head(1)
    last = curve.iloc[-1]
    if last["draws"] == 0:
        return _all_failed(int(last["failed"]))
    date = pd.Timestamp(last["date"]).date()
    share = _share(float(last["probability"]), test)
    structures = compared.by_structure(test.outcome, side, date)
    uncapped, rule = _uncapped(curve, structures, test)
    low, high = _interval(last, test)
    word: Verdict = (
        "undetermined" if compared.posterior == "prior" or compared.assumed_share > 0.5 else uncapped
    )
    unit = units.get(test.outcome, "persons")
    noun = test.counts or _noun(test.outcome, side)
    dates = _share_of_dates(curve, test)
    return Finding(
        verdict=word,
        probability=share,
        interval=(float(last["difference_low"]), float(last["difference_high"])),
        interval_of=f"{noun}: {test.second} less {test.first} by {day(date)}, 90 % of wars, {unit}",
        # At a share of 0 or 1 the plain error is 0 however few the wars: then a quarter of the interval.
        mc_error=max(float(last["mc_error"]), (high - low) / 4),
        ess=float(last["draws"]),
        assumed_share=float(compared.assumed_share),
        structure_share=compared.structure_share(test.outcome, side, date),
        reason=(
            {
                "rule": "priors alone decide nothing" if compared.posterior == "prior" else rule,
                "word": word,
                "word_without_the_cap": uncapped,
                "because_then": rule,
                "probability": share,
                "date": date,
                "median_difference": float(last["difference_median"]),
                "share_of_dates_with_that_sign": dates,
                "draws": int(last["draws"]),
                "failed": int(last["failed"]),
                "posterior": compared.posterior,
            },
            *(
                {
                    "rule": "structure",
                    "structure": row["structure"],
                    "choice": row["choice"],
                    "draws": int(row["draws"]),
                    "probability": _share(float(row["probability"]), test),
                }
                for row in rows_of(structures)
            ),
            *_drivers(compared, test.outcome, side, date),
        ),
        quote=_quote(compared, test, noun, unit, last, date, share, dates, word, spans or {}),
        depends_on=_depends(compared, structures, test, date, side),
        different_if=_different(compared, curve, test, noun),
        chart=FuturesChart(
            title=_title(share, test, noun, unit, date),
            subtitle=f"{noun}; 50 % and 90 % of {int(last['draws']):,} wars each; {_from(compared)}",
            unit=unit,
            outcome=test.outcome,
            curve=whole,
            first=test.first,
            second=test.second,
            assumed_share=float(compared.assumed_share),
        ),
    )


def _share(probability: float, test: schema.Compare) -> float:
    """Return the share of wars that go as the claim says."""
    return probability if test.second_is == "more" else 1.0 - probability


def _share_of_dates(curve: pd.DataFrame, test: schema.Compare) -> float:
    """Return the share of dates on which more than half of the wars go as the claim says."""
    return float((curve["probability"].map(lambda p: _share(float(p), test)) > 0.5).mean())


def _interval(row: Mapping[str, Any] | pd.Series, test: schema.Compare) -> tuple[float, float]:
    """Return the 95 % interval of the share of wars that go as the claim says, from so many wars."""
    draws = int(row["draws"])
    return jeffreys(_share(float(row["probability"]), test) * draws, draws)


def _uncapped(curve: pd.DataFrame, structures: pd.DataFrame, test: schema.Compare) -> tuple[Verdict, str]:
    if _disagree([_interval(row, test) for row in rows_of(structures)]):
        return "contested", "structures disagree on the sign"
    ordered = curve.sort_values("probability", kind="stable")
    if _disagree([_interval(ordered.iloc[place], test) for place in (0, -1)]):
        return "contested", "dates disagree on the sign"
    low, high = _interval(curve.iloc[-1], test)
    if low >= SURE:
        return "supported", "nine of ten wars or more"
    if low >= MOST:
        return "mostly supported", "two thirds of the wars or more"
    if high <= FEW:
        return "not supported", "one third of the wars or fewer"
    return "undetermined", "the wars are divided"


def _disagree(intervals: list[tuple[float, float]]) -> bool:
    """Say whether one share is surely two thirds or more and another surely one third or less."""
    return any(low >= MOST for low, _ in intervals) and any(high <= FEW for _, high in intervals)


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
    }
    text = words.get(outcome, outcome.replace("_", " "))
    return f"{text} on the side of {side}" if side else f"{text} on both sides"


def _from(compared: Compared) -> str:
    return (
        "parameters from priors alone"
        if compared.posterior == "prior"
        else "parameters learnt from the evidence"
    )


def _drivers(compared: Compared, outcome: str, side: str | None, date: dt.date) -> list[dict[str, Any]]:
    return [
        {"rule": "driver", **row, "side": row["side"] if isinstance(row["side"], str) else None}
        for row in rows_of(compared.drivers(outcome, side, date))
    ]


def _quote(
    compared: Compared,
    test: schema.Compare,
    noun: str,
    unit: str,
    last: pd.Series,
    date: dt.date,
    share: float,
    dates: float,
    word: Verdict,
    spans: Mapping[str, str],
) -> str:
    low, middle, high = (float(last[f"difference_{name}"]) for name in ("low", "median", "high"))
    start = (
        "With parameters from priors alone the model cannot decide it"
        if compared.posterior == "prior"
        else f"By the calibrated model it is {word}"
    )
    more = _more_or_fewer(test, unit)

    def named(policy: str) -> str:
        return f"'{policy}' ({spans[policy]})" if policy in spans else f"'{policy}'"

    return sentence(
        f"{start}: {more} {noun} by {day(date)} with {named(test.second)} than with {named(test.first)}"
        f" {odds(share)},"
        f" a difference of {figure(low, middle, high, unit)}; {_over_dates(dates)}"
    )


def _over_dates(dates: float) -> str:
    if dates == 0:
        return "on no date up to then do most wars say so"
    return f"most wars say so on {'all' if dates == 1 else f'{dates:.0%}'} of the dates up to then"


def _more_or_fewer(test: schema.Compare, unit: str) -> str:
    """Return `more`, and for the other direction `fewer` of what is counted one by one, else `less`."""
    if test.second_is == "more":
        return "more"
    return "fewer" if unit in COUNTED else "less"


def _depends(
    compared: Compared, structures: pd.DataFrame, test: schema.Compare, date: dt.date, side: str | None
) -> tuple[str, ...]:
    lines = []
    if compared.posterior == "prior":
        lines.append("priors alone: none of the spread is learnt from the evidence, all of it is assumed")
    if len(structures):
        shares = structures.assign(_share=[_share(float(p), test) for p in structures["probability"]])
        ordered = shares.sort_values("_share", kind="stable")
        low, high = ordered.iloc[0], ordered.iloc[-1]
        lines.append(
            f"the structure of the model: from {low['_share']:.0%} of wars ({_choice(low)})"
            f" to {high['_share']:.0%} ({_choice(high)})"
        )
    lines += [
        f"{row['meaning']}"
        + (f" ({row['side']})" if row.get("side") else "")
        + f": {_share(row['above'], test):.0%} of wars above its median,"
        + f" {_share(row['below'], test):.0%} below"
        for row in _drivers(compared, test.outcome, side, date)[:3]
    ]
    return tuple(lines)


def _choice(row: pd.Series) -> str:
    return f"{str(row['structure']).replace('_', ' ')}: {str(row['choice']).replace('_', ' ')}"


def _different(compared: Compared, curve: pd.DataFrame, test: schema.Compare, noun: str) -> tuple[str, ...]:
    lines = []
    if compared.posterior == "prior":
        lines.append(
            "the parameters were learnt from evidence: only then can a comparison be more than undetermined"
        )
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
