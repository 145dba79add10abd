"""What an audit as a whole says: a sentence on all claims, three findings, and what it cannot know."""

from __future__ import annotations

from collections.abc import Sequence

from ceasefire.analysis.compare import NOT_MODELLED, not_modelled
from ceasefire.claims import schema
from ceasefire.claims.chartdata import SourcesChart
from ceasefire.claims.modelled import Calibration
from ceasefire.claims.results import Headline, Reading, Result
from ceasefire.claims.rules import RANK, VERDICTS, Verdict
from ceasefire.claims.wording import count, listed, number, sentence
from ceasefire.evidence import Evidence
from ceasefire.scenario import Scenario

DECIDED: frozenset[Verdict] = frozenset({"supported", "mostly supported", "contested", "not supported"})


def overall(results: Sequence[Result]) -> str:
    """Return one sentence on all claims."""
    total = len(results)
    by = {word: sum(result.verdict == word for result in results) for word in VERDICTS}
    borne = by["supported"] + by["mostly supported"]
    parts = [
        (borne, "borne out or mostly so", "borne out or mostly so"),
        (by["not supported"], "not supported", "not supported"),
        (by["contested"], "contested", "contested"),
        (by["undetermined"], "undetermined", "undetermined"),
        (by["untestable"], "untestable", "untestable"),
        (
            by["not yet modelled"],
            "rests on mechanisms not yet modelled",
            "rest on mechanisms not yet modelled",
        ),
    ]
    told = []
    for several, one, more in parts:
        if several:
            verb = "" if one.startswith("rests") else ("is " if several == 1 else "are ")
            told.append(f"{number(several)} {verb}{one if several == 1 else more}")
    return sentence(f"Of {count(total, 'claim')}, {listed(told)}")


def headlines(results: Sequence[Result]) -> tuple[Headline, ...]:
    """Return three findings worth knowing: where readings part, the counterfactual, the forecasts."""
    candidates = (
        _parting(results),
        _central(results),
        _resolved(results),
        _changed(results),
        *_decided(results),
    )
    found: dict[str, Headline] = {}
    for item in candidates:
        if item is not None and item.claim not in found:
            found[item.claim] = item
    return tuple(list(found.values())[:3])


def _parting(results: Sequence[Result]) -> Headline | None:
    """Return the claim whose word depends most on how it is read, one with a number before others."""
    pairs = [
        (result, reading)
        for result in results
        for reading in result.readings
        if {result.verdict, reading.verdict} <= DECIDED and result.verdict != reading.verdict
    ]

    def weight(pair: tuple[Result, Reading]) -> tuple[bool, bool, int]:
        result, reading = pair
        reported = any(item.get("rule") == "as reported" for item in reading.reason)
        numbered = (
            isinstance(result.chart, SourcesChart)
            and result.chart.claim_value is not None
            and result.kind == "measurement"
        )
        return (not reported, numbered, abs(RANK[result.verdict] - RANK[reading.verdict]))

    if not pairs:
        return None
    result, reading = max(pairs, key=weight)
    return Headline(
        f"{result.quote} Read otherwise ({reading.text.rstrip('.')}), the claim is {reading.verdict}.",
        result.id,
    )


def _central(results: Sequence[Result]) -> Headline | None:
    """Return the counterfactual: the one of row S9 before others."""
    found = [
        result for result in results if result.kind == "counterfactual" and result.probability is not None
    ]
    found.sort(key=lambda result: result.row != "S9")
    return Headline(found[0].quote, found[0].id) if found else None


def _resolved(results: Sequence[Result]) -> Headline | None:
    forecasts = [result for result in results if result.kind == "forecast" and result.verdict in DECIDED]
    if not forecasts:
        return None
    right = [result for result in forecasts if RANK[result.verdict] >= 2]
    wrong = [result for result in forecasts if result.verdict == "not supported"]
    of = count(len(forecasts), "forecast")
    text = f"Of {of} that the record resolves by now, {number(len(right)) if right else 'none'} came true"
    text += f"; not: {'; '.join(result.short for result in wrong)}" if wrong else ""
    return Headline(sentence(text), (wrong or forecasts)[0].id)


def _changed(results: Sequence[Result]) -> Headline | None:
    changed = [
        result for result in results if result.verdict != result.as_known_then and result.kind != "forecast"
    ]
    if not changed:
        return None
    first = changed[0]
    then_and_now = f"{first.as_known_then} on the day of the article and is {first.verdict}"
    return Headline(sentence(f"More is known now: '{first.short}' was {then_and_now}"), first.id)


def _decided(results: Sequence[Result]) -> list[Headline]:
    return [Headline(result.quote, result.id) for result in results if result.verdict in DECIDED]


def limits(
    results: Sequence[Result],
    calibrations: tuple[Calibration | None, Calibration | None],
    evidence: Evidence,
    scenario: Scenario,
    *,
    checked: bool = False,
) -> tuple[str, ...]:
    """Return what the audit cannot know.

    Args:
        results: the claims with their verdicts.
        calibrations: where the parameters of the model come from, as known then and as known now; None for
            priors.
        evidence: the evidence as known now.
        scenario: the scenario of the counterfactuals.
        checked: whether the model's forecasts were checked out of sample.
    """
    lines = []
    if any(item.test in schema.MODELLED for result in results for item in result.readings):
        lines += _of_the_model(*calibrations)
        lines.append(
            "The priors lean in part on reports that were published later, so that a model result 'as known"
            " then' is not strictly so."
        )
        if not checked and calibrations != (None, None):
            lines.append("The intervals of the model's forecasts have not been checked out of sample.")
    if any(item in NOT_MODELLED for result in results for item in result.not_modelled):
        left = not_modelled(scenario.world().structure_weights)
        lines.append(sentence(f"What a truce changes and the model leaves out: {'; '.join(left)}"))
    if any(result.verdict == "untestable" for result in results):
        lines.append("What someone means cannot be observed; only behaviour can.")
    counts = _origins_of_losses(evidence, scenario)
    if counts:
        told = listed([f"{number(origins)} for {name}" for name, origins in counts.items()])
        lines.append(
            sentence(
                f"Both sides hide their losses; origins outside the war that count soldiers killed: {told}"
            )
        )
    waiting = sum(result.verdict == "not yet modelled" for result in results)
    if waiting:
        verb = "rests" if waiting == 1 else "rest"
        lines.append(sentence(f"{count(waiting, 'claim')} {verb} on mechanisms that are not built yet"))
    return tuple(lines)


def _of_the_model(then: Calibration | None, now: Calibration | None) -> list[str]:
    """Return what the parameters of the model rest on, where that is a limit."""
    if now is None and then is None:
        return [
            "Model results come from priors alone: nothing in them is learnt from the evidence, and no"
            " comparison of policies is more than undetermined."
        ]
    lines = [
        "What only a truce would reveal is not learnt from any evidence: how much fighting goes on in it,"
        " what breaking it costs a leader, what monitors do. It stays assumed, whatever is fitted."
    ]
    for calibration, when in ((then, "then"), (now, "now")):
        if calibration is None:
            lines.append(
                f"Model results as known {when} come from priors alone: no posterior of what was known {when}"
                " applies, and no comparison is more than undetermined there."
            )
    return lines


def _origins_of_losses(evidence: Evidence, scenario: Scenario) -> dict[str, int]:
    """Return how many origins outside the war count each belligerent's killed."""
    rows = evidence.observations
    rows = rows[(rows["quantity"] == "personnel_losses") & (rows["concept"] == "killed")]
    found = {}
    for name, code in zip(scenario.sides, scenario.codes, strict=True):
        of_side = rows[rows["side"] == code]
        found[name] = int(evidence.independent_roots(of_side)["counted"].sum()) if len(of_side) else 0
    return found if any(found.values()) else {}
