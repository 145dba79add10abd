"""Shares of simulated wars: how often something happens by a day under one policy.

Let p be the share and t the edge that the claim gives (at least, or at most, so many of the wars).

* Parameters from priors alone, or an event that a mechanism alone makes that no fit had: `undetermined`;
* more than half of what parameters explain of the spread assumed, or the shares unknown: `undetermined`;
* rival structures of which one surely has p on the one side of t and another on the other: `contested`;
  with p on both sides at all, of at least 20 wars each: `undetermined`;
* else p surely as the claim says: `supported`; surely not: `not supported`; else `undetermined`.

Surely is as for comparisons (`ceasefire.claims.counterfactuals`). The wider war is a hazard beside the war
and never decides anything: its probability is told apart, with the 5 and 95 % points over the wars, and the
word is `undetermined` whatever it is, since its chance is deeply uncertain: nothing observed has taught it.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from typing import Any, Protocol

import pandas as pd

from ceasefire.analysis.events import EVENTS, WIDER_WAR, Happened
from ceasefire.claims import schema
from ceasefire.claims.carrying import NOTHING, Carrying
from ceasefire.claims.chartdata import ShareChart
from ceasefire.claims.comparing import parts_of
from ceasefire.claims.modelled import PRIOR, Modelled, Parts
from ceasefire.claims.results import Finding
from ceasefire.claims.rules import FEWEST, HALF, Verdict, rule_on_wars
from ceasefire.claims.tables import rows_of
from ceasefire.claims.wording import count, day, odds, sentence
from ceasefire.evidence.shares import jeffreys

DEEP = "a hazard beside the war, deeply uncertain, decides nothing"


class Asked(Protocol):
    """What a verdict needs of the wars under a policy: see `ceasefire.claims.comparing.Wars`."""

    @property
    def posterior(self) -> str:
        """`prior`, or the name of a posterior."""

    @property
    def effective_draws(self) -> float | None:
        """Effective draws of the posterior; None for priors."""

    def happened(
        self, event: str, side: str | None, until: dt.date, given: tuple[str, str | None] | None = None
    ) -> Happened:
        """In which share of the wars an event comes by a day."""


def model_share(
    test: schema.ModelShare,
    wars: Asked,
    codes: Mapping[str, str],
    *,
    carrying: Carrying = NOTHING,
    spans: Mapping[str, str] | None = None,
) -> Finding:
    """Return what the simulated wars say of a claim that something happens in so many of them.

    Args:
        test: the reading's test.
        wars: the wars under its policy.
        codes: the belligerents' names by code and by name.
        carrying: the mechanisms that the wars have, and those that make the event.
        spans: the truces of the policies that have any, with their days, in words.
    """
    if carrying.carried.off:
        return carrying.turned_off()
    side = None if test.side is None else codes.get(test.side, test.side)
    given = None
    if test.given is not None:
        whose = test.given.side
        given = (test.given.event, None if whose is None else codes.get(whose, whose))
    found = wars.happened(test.event, side, test.until, given)
    if not found.wars:
        return _none(test, found, given)
    weight = _weight(wars, found)
    parts = parts_of(found.shares)
    says = _words(test.event, side, test.counts)
    policy = f"'{test.policy}'" + (f" ({spans[test.policy]})" if spans and test.policy in spans else "")
    if test.event == WIDER_WAR:
        return _hazard(test, wars, found, weight, parts, says, policy, carrying)
    low, high = _interval(found.share, found.wars * weight)
    uncapped, because = _uncapped(test, low, high)
    disagree, differ = _signs(test, found, weight)
    assumed = parts.assumed_of_explained.value
    ruling = rule_on_wars(
        uncapped,
        because,
        from_priors=wars.posterior == PRIOR,
        assumed_share=assumed,
        disagree=disagree,
        differ=differ,
        unfitted=bool(carrying.resting),
    )
    word, rule = ruling.word, ruling.rule
    bears = found.share if test.at_least is not None else 1.0 - found.share
    of = _of(found, given)
    return Finding(
        verdict=word,
        probability=found.share,
        interval=(low, high),
        interval_of="share of the simulated wars, 95 % by their number",
        mc_error=max(found.mc_error, (high - low) / 4),
        ess=found.wars * weight,
        assumed_share=_share_or_all(assumed, carrying),
        structure_share=parts.structure.value,
        modelled=_modelled(test, wars, found, weight, parts, (low, found.share, high), "share of wars"),
        reason=(
            {
                **ruling.as_reason(),
                "probability": found.share,
                "bears_out": bears,
                "edge": _edge(test),
                "date": test.until,
                "draws": found.wars,
                "failed": found.failed,
                "posterior": wars.posterior,
                "assumed_of_explained": assumed,
            },
            *carrying.reasons(),
            *_structures(found),
        ),
        quote=sentence(
            f"{_opening(wars, word, rule, assumed, carrying)}: {says} by {day(test.until)} under {policy}"
            f" {odds(found.share)}{of}, 95 % interval {low:.0%} to {high:.0%}; the claim needs {_edge(test)}"
        ),
        depends_on=(*carrying.depends(), *_by_structure(found)),
        different_if=_different(wars, assumed, carrying, test, found),
        chart=_chart(test, found, weight, says, (low, high)),
    )


def _words(event: str, side: str | None, counts: str | None) -> str:
    """Return what happens, in words that fit into a sentence."""
    if counts:
        return counts
    meaning = EVENTS[event].meaning
    return meaning if not EVENTS[event].of_side else f"{side or 'either side'} {meaning}"


def _of(found: Happened, given: tuple[str, str | None] | None) -> str:
    if given is None:
        return ""
    return f", of the {found.wars:,} of {found.draws:,} in which {_words(*given, None)} first"


def _none(test: schema.ModelShare, found: Happened, given: tuple[str, str | None] | None) -> Finding:
    condition = "" if given is None else _words(*given, None)
    return Finding(
        "undetermined",
        quote=sentence(
            f"In none of {found.draws:,} simulated wars {condition} by {day(test.until)}, so that they cannot"
            " tell what follows it"
        ),
        reason=({"rule": "no simulated war meets the condition", "draws": found.draws},),
        depends_on=("wars in which the condition is met",),
        different_if=("any of the wars met the condition",),
    )


def _weight(wars: Asked, found: Happened) -> float:
    """Return how many independent wars each war counts for: wars of one draw are alike."""
    if wars.effective_draws is None:
        return 1.0
    share, error = found.share, found.mc_error
    alike = share * (1.0 - share) / error**2 if error > 0.0 else float(found.wars)
    # Of a part of the wars no more draws can count than of all.
    return min(1.0, wars.effective_draws / found.draws, max(alike, 1.0) / found.wars)


def _interval(share: float, draws: float) -> tuple[float, float]:
    low, high = jeffreys(min(max(share, 0.0), 1.0) * draws, draws)
    return low, high


def _edge(test: schema.ModelShare) -> str:
    return f"at least {test.at_least:.0%}" if test.at_least is not None else f"at most {test.at_most:.0%}"


def _threshold(test: schema.ModelShare) -> float:
    edge = test.at_least if test.at_least is not None else test.at_most
    assert edge is not None
    return edge


def _uncapped(test: schema.ModelShare, low: float, high: float) -> tuple[Verdict, str]:
    edge = _threshold(test)
    above, below = low >= edge, high <= edge
    if test.at_least is None:
        above, below = below, above
    if above:
        return "supported", "so many of the wars as the claim says"
    if below:
        return "not supported", "the share of the wars lies on the other side"
    return "undetermined", "the wars are too near the edge"


def _signs(test: schema.ModelShare, found: Happened, weight: float) -> tuple[str, str]:
    """Return whether rival structures surely disagree on which side of the edge, and whether at all."""
    edge = _threshold(test)
    rows = list(rows_of(found.by_structure))
    ends = [_interval(float(row["probability"]), float(row["draws"]) * weight) for row in rows]
    if any(low > edge for low, _ in ends) and any(high < edge for _, high in ends):
        return "structures", "structures"
    shares = [float(row["probability"]) for row in rows if int(row["draws"]) >= FEWEST]
    return "", "structures" if shares and min(shares) < edge < max(shares) else ""


def _modelled(
    test: schema.ModelShare,
    wars: Asked,
    found: Happened,
    weight: float,
    parts: Parts,
    points: tuple[float, float, float],
    of: str,
) -> Modelled:
    low, median, high = points
    spread = (high - low) / 4 if of == "share of wars" else 0.0
    return Modelled(
        posterior=wars.posterior,
        date=test.until,
        probability=found.share,
        mc_error=max(found.mc_error, spread),
        ess=found.wars * weight,
        median=median,
        low=low,
        high=high,
        unit="share",
        parts=parts,
        of=of,
    )


def _share_or_all(assumed: float, carrying: Carrying) -> float:
    """Return the assumed share; all of it where it is not known and no fit had what carries it."""
    return 1.0 if math.isnan(assumed) and carrying.resting else assumed


def _opening(wars: Asked, word: Verdict, rule: str, assumed: float, carrying: Carrying) -> str:
    if wars.posterior == PRIOR:
        return "With parameters from priors alone the model cannot decide it"
    if carrying.resting:
        return f"By the model it is undetermined, {carrying.why()}"
    if not assumed <= HALF:
        share = "the share that is assumed is not known"
        if not math.isnan(assumed):
            share = f"{assumed:.0%} of what its parameters explain is assumed"
        return f"By the fitted model it is undetermined, as {share}"
    return f"By the fitted model it is {word}" + (f", as {rule}" if "sign" in rule else "")


def _structures(found: Happened) -> tuple[dict[str, Any], ...]:
    return tuple(
        {
            "rule": "structure",
            "structure": row["structure"],
            "choice": row["choice"],
            "draws": int(row["draws"]),
            "probability": float(row["probability"]),
        }
        for row in rows_of(found.by_structure)
    )


def _by_structure(found: Happened) -> tuple[str, ...]:
    if not len(found.by_structure):
        return ()
    ordered = found.by_structure.sort_values("probability", kind="stable")
    low, high = ordered.iloc[0], ordered.iloc[-1]
    return (
        f"the structure of the model: from {low['probability']:.0%} of wars ({_choice(low)})"
        f" to {high['probability']:.0%} ({_choice(high)})",
    )


def _choice(row: pd.Series) -> str:
    return f"{str(row['structure']).replace('_', ' ')}: {str(row['choice']).replace('_', ' ')}"


def _different(
    wars: Asked, assumed: float, carrying: Carrying, test: schema.ModelShare, found: Happened
) -> tuple[str, ...]:
    nearest = f"the claim's edge were {found.share:.0%} of the wars and not {_threshold(test):.0%}"
    if wars.posterior == PRIOR:
        return ("the parameters were learnt from evidence: only then can a share be more than undetermined",)
    if carrying.resting:
        return (carrying.different(),)
    if not assumed <= HALF:
        return ("more than half of what the parameters explain were learnt from evidence",)
    return (nearest,)


def _chart(
    test: schema.ModelShare, found: Happened, weight: float, says: str, interval: tuple[float, float]
) -> ShareChart:
    rows = [("All wars", found.share, *interval, found.share * found.wars, found.wars, True)]
    for row in rows_of(found.by_structure):
        share, draws = float(row["probability"]), int(row["draws"])
        low, high = _interval(share, draws * weight)
        label = f"{str(row['structure']).replace('_', ' ')}: {str(row['choice']).replace('_', ' ')}"
        rows.append((sentence(label).rstrip("."), share, low, high, share * draws, draws, False))
    frame = pd.DataFrame(rows, columns=["label", "value", "low", "high", "count", "cases", "highlight"])
    frame["count"] = frame["count"].round()
    return ShareChart(
        title=sentence(f"{says} {odds(found.share)}").rstrip("."),
        subtitle=f"share of the simulated wars under '{test.policy}' by {day(test.until)}, in all and by"
        " rival equation, with 95 % intervals",
        unit="share",
        frame=frame,
        claim_value=_threshold(test),
    )


def _hazard(
    test: schema.ModelShare,
    wars: Asked,
    found: Happened,
    weight: float,
    parts: Parts,
    says: str,
    policy: str,
    carrying: Carrying,
) -> Finding:
    """Return what the hazard of a wider war adds up to, apart from all else."""
    low, high = found.low, found.high
    return Finding(
        "undetermined",
        probability=found.share,
        interval=(low, high),
        interval_of="probability of a wider war, 90 % over the wars",
        mc_error=found.mc_error,
        ess=found.wars * weight,
        assumed_share=1.0,
        structure_share=parts.structure.value,
        modelled=_modelled(
            test, wars, found, weight, parts, (low, found.median, high), "probability in one war"
        ),
        reason=(
            {
                "rule": DEEP,
                "mean": found.share,
                "median": found.median,
                "low": low,
                "high": high,
                "date": test.until,
                "draws": found.wars,
            },
            *carrying.reasons(),
        ),
        quote=sentence(
            f"Nobody can say how likely it is: as assumed, {says} by {day(test.until)} under {policy} with a"
            f" median probability of {_percent(found.median)}, from {_percent(low)} to {_percent(high)} over"
            f" {count(found.wars, 'simulated war')} (mean {_percent(found.share)}), and nothing observed has"
            " taught it"
        ),
        depends_on=(
            *carrying.depends(),
            "the hazard where no condition holds, assumed over nearly three orders of magnitude",
            "deterrence, signals and intentions, which are not modelled",
        ),
        different_if=("there were evidence on what sets off a wider war",),
    )


def _percent(value: float) -> str:
    """Return a probability as the uncertainty allows."""
    if value < 0.01:
        return f"{100 * value:.1g}%"
    return "more than 99%" if value > 0.99 else f"{value:.0%}"
