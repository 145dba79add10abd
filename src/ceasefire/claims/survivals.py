"""How many past ceasefires were still in force after some years, against a claim.

The share is the Kaplan-Meier estimate (`ceasefire.bargaining.past`): what still held on the day is censored
and not counted as kept for good. Classes (interstate, civil, extrastate) are never pooled. The word needs all
of the 95 % interval on one side of the claim's edge, once with each ceasefire as a case and once with one
vote for each pair of parties. Where the two disagree, or leaving out one war (or pair) puts the share on the
other side, it is `undetermined`. One hand-made list is one origin, so that the word is `mostly supported` at
most.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pandas as pd

from ceasefire.claims import schema
from ceasefire.claims.chartdata import SurvivalChart
from ceasefire.claims.results import Finding
from ceasefire.claims.rules import Verdict
from ceasefire.claims.wording import day, sentence
from ceasefire.evidence import Evidence

if TYPE_CHECKING:
    from ceasefire.bargaining.past import Figure, Part

ONE_CASE = "one war, or one pair of parties, carries it"


def survival(test: schema.Survival, evidence: Evidence, as_of: dt.date) -> Finding:
    """Return whether so many ceasefires of a class were still in force after some years.

    Args:
        test: the reading's test.
        evidence: all evidence; what was not known on the day is not used.
        as_of: the day.

    Raises:
        InputError: there is no such class, or no ceasefire of any had begun before the day. A part without
            one, or with too few, is undetermined.
    """
    from ceasefire.bargaining.past import history

    whole = history(evidence, as_of, [test.group]).of(test.group)
    part = whole.whole
    words = f"{test.group} ceasefires"
    if test.monitored is not None:
        words += {"yes": " with monitors", "partial": " with some monitoring", "no": " without monitors"}[
            test.monitored
        ]
        found = {one.label: one for one in whole.splits.get("monitored", ())}
        if test.monitored not in found:
            return _nothing(words, "there is none")
        part = found[test.monitored]
    held = next((one for one in part.held if one.years == test.years), None)
    if part.undetermined is not None or held is None:
        return _nothing(words, part.undetermined or f"none was followed for {test.years:g} years")
    word, rule = _word(test, held)
    low, high = held.interval
    voted = held.by_dyad_interval
    return Finding(
        verdict=word,
        interval=(low, high),
        interval_of=f"share still in force after {test.years:g} years, 95 %",
        reason=(
            {
                "rule": "still in force",
                "because": rule,
                "word": word,
                "years": test.years,
                "cases": len(part.rows),
                "wars": part.wars,
                "dyads": part.dyads,
                "value": held.value,
                "low": low,
                "high": high,
                "by_dyad": held.by_dyad,
                "by_dyad_low": voted[0],
                "by_dyad_high": voted[1],
                "without_war_low": held.without_war.low,
                "without_war_high": held.without_war.high,
                "without_war": held.without_war.low_without,
                "edge": _edge(test),
            },
        ),
        quote=sentence(
            f"Of {len(part.rows)} {words} before {day(as_of)}, {held.value:.0%} ({low:.0%} to {high:.0%})"
            f" were still in force after {test.years:g} years, with one vote for each pair of parties"
            f" {held.by_dyad:.0%} ({voted[0]:.0%} to {voted[1]:.0%}); the claim says {_edge(test)}"
        ),
        depends_on=(
            "the list of ceasefires: hand coded, a convenience sample, without most that left no text",
            f"single wars: from {held.without_war.low:.0%} without {held.without_war.low_without} to"
            f" {held.without_war.high:.0%} without {held.without_war.high_without}",
            *(
                ("monitors, which go where both sides let them: no effect of monitors is shown",)
                if test.monitored is not None
                else ()
            ),
        ),
        different_if=(
            f"the claim's edge were {held.value:.0%} and not {_threshold(test):.0%}",
            "another class of ceasefires were asked about",
        ),
        chart=_chart(test, part, held, words, as_of),
    )


def _edge(test: schema.Survival) -> str:
    return f"at least {test.at_least:.0%}" if test.at_least is not None else f"at most {test.at_most:.0%}"


def _threshold(test: schema.Survival) -> float:
    edge = test.at_least if test.at_least is not None else test.at_most
    assert edge is not None
    return edge


def _side(test: schema.Survival, low: float, high: float) -> int:
    """Return on which side of the claim an interval lies: 1 for it, -1 against it, 0 on both."""
    edge = _threshold(test)
    above, below = low >= edge, high <= edge
    sign = 1 if test.at_least is not None else -1
    return sign if above and not below else -sign if below and not above else 0


def _word(test: schema.Survival, held: Figure) -> tuple[Verdict, str]:
    sides = {_side(test, *held.interval), _side(test, *held.by_dyad_interval)}
    if 0 in sides:
        return "undetermined", "the interval lies on both sides of the claim's edge"
    left = {
        _side(test, value, value)
        for one in (held.without_war, held.without_dyad)
        for value in (one.low, one.high)
    }
    if len(sides) > 1 or left != sides:
        return "undetermined", ONE_CASE
    if sides == {1}:
        return "mostly supported", "the whole interval bears it out; one list is one origin"
    return "not supported", "the whole interval speaks against it"


def _nothing(words: str, why: str) -> Finding:
    return Finding(
        "undetermined",
        quote=sentence(f"What became of {words} is undetermined here: {why}"),
        reason=({"rule": "too few ceasefires", "says": why},),
        depends_on=("the list of ceasefires",),
        different_if=("the list had more of them",),
    )


def _chart(test: schema.Survival, part: Part, held: Figure, words: str, as_of: dt.date) -> SurvivalChart:
    label = {"yes": "with monitors", "partial": "some monitoring", "no": "without monitors"}.get(
        test.monitored or "", "all"
    )
    frame: pd.DataFrame = part.curve.assign(group=test.group, label=label, cases=float(len(part.rows)))
    return SurvivalChart(
        title=f"{held.value:.0%} of {words} were still in force after {test.years:g} years",
        subtitle=f"share still in force by years since the ceasefire, as known on {day(as_of)}, with its 95 %"
        " interval",
        frame=frame,
        years=max(10.0, float(test.years)),
    )
