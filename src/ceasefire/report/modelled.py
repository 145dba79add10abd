"""What the page and the terminal say of the model: its posterior, what was learnt, how forecasts did."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ceasefire.analysis.uses import Use
from ceasefire.charts import theme
from ceasefire.claims.bars import MOST
from ceasefire.claims.held_out import HeldOut, Horizon
from ceasefire.claims.modelled import Calibration, Factor, Modelled, Part, Taught
from ceasefire.claims.results import Audit, Reading
from ceasefire.report import words

TRUCE = "truce"
UNCHECKED = "The intervals of the model's forecasts have not been checked out of sample."
# Rows of what stays assumed: all that only a truce would reveal, then what carries the comparisons.
MOST_ASSUMED = 12
COUNTS = {
    "losses": "all that it counts as losses",
    "killed": "killed",
    "killed_and_wounded": "killed and wounded",
    "people": "people",
    "names": "dead, by name",
    "vehicles": "armoured vehicles",
}


# How a share of wars, and a hazard beside the wars, are told; by what they are of (`Modelled.of`).
OF_SHARES = {
    "share of wars": "it happens in {share} of the simulated wars by {day} {error}, 95 % interval {low} to"
    " {high}",
    "probability in one war": "probability by {day}, told apart and deeply uncertain: median {median}"
    " ({low} to {high} over the simulated wars), mean {share} {error}",
}


def part(share: Part) -> str:
    """Return a share of the spread with its interval: `30 % (26 to 35 %)`."""
    if math.isnan(share.value):
        return "not known"
    if share.low == share.high:
        return words.share(share.value)
    low = words.share(share.low).removesuffix("%").rstrip()
    return f"{words.share(share.value)} ({low} to {words.share(share.high)})"


def spread(modelled: Modelled) -> str:
    """Return where the spread of a model number comes from, in one sentence."""
    parts = modelled.parts
    if math.isnan(parts.learnt.value) and math.isnan(parts.assumed_of_explained.value):
        return "How much of the spread is learnt from evidence and how much is assumed is not known here."
    told = (
        f"Of the spread, learnt: {part(parts.learnt)}; assumed: {part(parts.assumed)};"
        f" structure: {part(parts.structure)}; chance: {part(parts.chance)}."
    )
    return f"{told} Of what parameters explain, {part(parts.assumed_of_explained)} is assumed."


def number(modelled: Modelled) -> str:
    """Return the probability behind a word, and the difference with its interval."""
    low, middle, high = (
        words.rounded(end, modelled.unit) for end in (modelled.low, modelled.median, modelled.high)
    )
    error = f"(simulation error {100 * modelled.mc_error:.1f} %)"
    if modelled.of in OF_SHARES:
        low, middle, high = (words.share(end) for end in (modelled.low, modelled.median, modelled.high))
        return OF_SHARES[modelled.of].format(
            share=words.share(modelled.probability),
            error=error,
            day=theme.day(modelled.date),
            low=low,
            median=middle,
            high=high,
        )
    return (
        f"probability over the simulated wars: {words.share(modelled.probability)} {error};"
        f" {modelled.of} by {theme.day(modelled.date)}: {middle} ({low} to {high})"
        f" {words.unit(modelled.unit)}"
    )


def model_rows(audit: Audit, reading: Reading) -> list[dict[str, Any]]:
    """Return the model's numbers of a reading, as known then and as known now, each with its shares."""
    then, now = reading.modelled_then, reading.modelled
    if now is None:
        return []
    if then is None or then == now:
        return [_row("As known then and now", now)]
    return [_row("As known then", then), _row("As known now", now)]


def _row(when: str, modelled: Modelled) -> dict[str, Any]:
    parts = modelled.parts
    known = not math.isnan(parts.learnt.value)
    return {
        "when": when,
        "number": words.sentence(number(modelled)),
        "spread": spread(modelled),
        "bars": (
            [
                {"kind": kind, "step": round(20 * max(share.value, 0.0))}
                for kind, share in (
                    ("learnt", parts.learnt),
                    ("assumed", parts.assumed),
                    ("structure", parts.structure),
                )
            ]
            if known
            else []
        ),
    }


def mechanisms(audit: Audit) -> list[dict[str, str]]:
    """Return the mechanisms of the war as the scenario has them: on, off or in a share of its wars."""
    rows = []
    for use in audit.mechanisms:
        share = (
            "on" if use.share >= 1 else "off" if use.share <= 0 else f"in {words.share(use.share)} of wars"
        )
        rows.append(
            {
                "name": words.sentence(words.plain(use.name)).rstrip("."),
                "meaning": words.sentence(use.meaning).rstrip("."),
                "kind": "a scenario may leave it out" if use.optional else "every war has it",
                "share": share,
                "sort": repr(use.share),
                "evidence": _evidence(use, fitted=audit.calibration is not None),
                "forecasts": forecasts_with(audit.held_out, use.name) if use.optional else "",
            }
        )
    return rows


def _evidence(use: Use, *, fitted: bool) -> str:
    """Return whether evidence was held against a mechanism."""
    if use.share <= 0:
        return "not in these wars"
    if not fitted:
        return "assumed: priors alone"
    if use.name == TRUCE:
        return "assumed: no truce was observed"
    return "in the fit" if use.fitted else "assumed: no fit had it"


def forecasts_with(held_out: HeldOut | None, name: str) -> str:
    """Return what forecasts are worth where all wars have one optional mechanism more, in a few words.

    One of a dozen comparisons at 90 % is called better or worse by chance alone.
    """
    rows = () if held_out is None else held_out.with_more(name)
    if not rows:
        return ""
    told = []
    for word in ("better", "worse"):
        changes = [abs(row.change) for row in rows if row.word == word]
        if changes:
            told.append(f"{word} in {len(changes)} (by {100 * max(changes):.2g} % at most)")
    if not told:
        return f"not told apart in any of {len(rows)}"
    return f"{' and '.join(told)} of {len(rows)}"


def mechanisms_line(audit: Audit) -> str:
    """Return in a sentence how many mechanisms evidence stands behind."""
    on = [use for use in audit.mechanisms if use.share > 0]
    fitted = sum(_evidence(use, fitted=audit.calibration is not None) == "in the fit" for use in on)
    assumed = len(on) - fitted
    return (
        f"The war is made of {words.counted(len(audit.mechanisms), 'mechanism')}. The simulated wars here"
        f" have {len(on)} of them: {fitted} were in the fit, so that figures were held against them together;"
        f" {assumed} are assumed, whatever the wars show. To be in a fit is not to be proved: the back-test"
        " says what forecasts are worth. A result that works through assumed mechanisms alone is"
        " undetermined, and its card names them."
    )


def posterior_line(audit: Audit) -> str:
    """Return one or two sentences on where the model's parameters come from, for the first screen."""
    then, now = audit.calibration_then, audit.calibration
    if then is None and now is None:
        return ""
    if then is not None and now is not None and then.name == now.name:
        return f"{_fitted(now)} It stands behind both answers, as known then and as known now."
    told = []
    for when, calibration in (("then", then), ("now", now)):
        if calibration is None:
            told.append(f"As known {when}, parameters come from priors alone.")
        else:
            fitted = _fitted(calibration)
            told.append(f"As known {when}, {fitted[:1].lower()}{fitted[1:]}")
    return " ".join(told)


def _fitted(calibration: Calibration) -> str:
    return (
        f"The model is fitted to {words.counted(calibration.figures, 'figure')} of"
        f" {words.counted(calibration.origins, 'origin')} up to {theme.day(calibration.until)}, as known"
        f" {calibration.known} (posterior {calibration.name})."
    )


def calibrations(audit: Audit) -> list[dict[str, Any]]:
    """Return what the method section shows of each posterior."""
    found: list[dict[str, Any]] = []
    for heading, calibration in (
        ("Posterior of the answers as known then", audit.calibration_then),
        ("Posterior of the answers as known now", audit.calibration),
    ):
        if calibration is None or (found and found[0]["name"] == calibration.name):
            continue
        found.append(_calibration(heading, calibration, _foremost(audit)))
    if len(found) == 1 and audit.calibration_then is not None and audit.calibration is not None:
        found[0]["heading"] = "Posterior of both answers"
    return found


def _calibration(
    heading: str,
    calibration: Calibration,
    foremost: Sequence[str],
) -> dict[str, Any]:
    assumed = [*calibration.only_a_truce]
    for name in foremost:
        taught = calibration.of_input(name)
        if taught is not None and taught.label == "assumed" and taught not in assumed:
            assumed.append(taught)
        if len(assumed) == MOST_ASSUMED:
            break
    return {
        "heading": heading,
        "name": calibration.name,
        "about": [
            f"{_fitted(calibration)} {calibration.count('learnt')} parameters of the model are learnt, which"
            f" means that the evidence took away more than half of their variance;"
            f" {calibration.count('assumed')} stay assumed.",
            f"The fit is kept as {calibration.draws:,} draws, worth at least {calibration.least_ess:,.0f}"
            " independent ones for every parameter. Replicates of the fit agree: the largest R-hat is"
            f" {calibration.worst_rhat:.3f}, where 1 is full agreement and more than 1.01 would not be used.",
        ],
        "notes": [words.sentence(words.squared(words.spaced(note))) for note in calibration.notes],
        "notes_heading": f"{words.counted(len(calibration.notes), 'note')} on what the fit set aside",
        "learnt": [_taught(one) for one in calibration.most_learnt],
        "assumed": [_taught(one) for one in assumed],
        "factors": [_factor(one) for one in calibration.factors],
    }


def _foremost(audit: Audit) -> list[str]:
    """Return the inputs that carry the comparisons of this audit, the foremost of each first."""
    found = [
        bar.input
        for result in audit.results
        for reading in result.readings
        if reading.modelled is not None
        for bar in (reading.modelled.bars or ())[:MOST]
    ]
    return list(dict.fromkeys(found))


def _taught(one: Taught) -> dict[str, Any]:
    kept = max(0.0, min(1.0, one.contraction))
    return {
        "meaning": words.squared(words.sentence(one.meaning).rstrip("."))
        + (f", {one.side}" if one.side else ""),
        "name": one.name,
        "step": round(20 * kept),
        "taken": words.share(kept),
        "why": "only a truce would reveal it" if one.truce else "",
    }


def _factor(one: Factor) -> dict[str, Any]:
    before = "" if one.before is None else f"{one.before[0]:.2g} to {one.before[1]:.2g}"
    return {
        "origin": words.plain(one.root),
        "of": f"{one.of}: {COUNTS.get(one.about, words.plain(one.about))}",
        "figure": f"{one.median:.2f}",
        "interval": f"({one.low:.2f} to {one.high:.2f})",
        "sort": repr(one.median),
        "before": before,
        "label": one.label,
    }


def held_out_sentence(held_out: HeldOut | None, outcome: str = "") -> str:
    """Return what is known of forecasts out of sample, of one outcome or of all, in a sentence or two."""
    rows = () if held_out is None else held_out.of(outcome) if outcome else held_out.horizons
    if not rows:
        return UNCHECKED if held_out is None else "Forecasts of this outcome were not checked out of sample."
    told = [
        f"{_series(name, [row for row in rows if row.series == name])}"
        for name in dict.fromkeys(row.series for row in rows)
    ]
    said = [
        f"Checked out of sample: {'; '.join(told)}.",
        "" if held_out is None else held_out.another_model,
        _where_too_few(rows),
        _where_off_the_calibrated(rows),
    ]
    return " ".join(part for part in (*said, _where_the_trend_does_it(rows)) if part)


def _series(name: str, rows: Sequence[Horizon]) -> str:
    worse = [row for row in rows if row.verdict == "worse"]
    better = [row for row in rows if row.verdict == "better" and not row.too_few]
    compared = [row for row in rows if row.verdict]
    few = [row for row in compared if row.too_few]
    told = (
        "compared with no simple forecast"
        if not compared
        else f"worse than the best simple forecast over {_spans(worse)}"
        if worse
        else f"better than the best simple forecast over {_spans(better)}"
        if better
        else "not shown to be worse than the best simple forecast"
    )
    if few:
        told += f" (over {_spans(few)} so few origins cannot tell)"
    return f"{name}, {told}; 90 % intervals held what came in {_held(rows)} of the cases"


def _verdict(row: Horizon) -> str:
    """Return the verdict of a row; where so few origins cannot tell, none in our favour."""
    if not row.verdict:
        return "not compared"
    if not row.too_few:
        return row.verdict
    return "worse, but too few origins to tell" if row.verdict == "worse" else "too few origins to tell"


def _held(rows: Sequence[Horizon]) -> str:
    low, high = min(row.coverage_90 for row in rows), max(row.coverage_90 for row in rows)
    return words.share(low) if low == high else f"{words.share(low)} to {words.share(high)}"


def _where_too_few(rows: Sequence[Horizon]) -> str:
    """Say what it means where so few origins cannot tell; nothing where all can."""
    few = [row.false_verdicts for row in rows if row.verdict and row.too_few]
    if not few:
        return ""
    low, high = words.share(min(few)), words.share(max(few))
    false = low if low == high else f"{low} to {high}"
    return (
        "Where so few origins cannot tell, the comparison calls one of two equally good forecasts better or"
        f" worse in {false} of the cases; a verdict in the model's favour is left out there."
    )


def _where_off_the_calibrated(rows: Sequence[Horizon]) -> str:
    """Say where coverage is none that a calibrated forecaster shows; nothing where no range is known."""
    known = [row for row in rows if row.calibrated is not None]
    if not known:
        return ""
    told = []
    for name in dict.fromkeys(row.series for row in known):
        for few in (True, False):
            off = [
                row
                for row in known
                if row.series == name and not row.calibrated and (row.coverage_90 < row.coverage_low) == few
            ]
            if off:
                told.append(f"{'too seldom' if few else 'too often'} for {name} over {_spans(off)}")
    if not told:
        return (
            "That is as often as the intervals of a calibrated forecaster hold on the same overlapping"
            " origins, for every series and horizon that was checked."
        )
    return (
        "Beside those of a calibrated forecaster on the same overlapping origins, intervals hold"
        f" {'; '.join(told)}. Too seldom says that they are too narrow, too often that they are too wide."
    )


def off_calibrated(row: Horizon) -> str:
    """Say in words whether coverage is one that a calibrated forecaster shows; nothing where unknown."""
    if row.calibrated is None:
        return ""
    if row.calibrated:
        return "as a calibrated forecaster's"
    if row.coverage_90 < row.coverage_low:
        return "too seldom: intervals too narrow"
    return "too often: intervals too wide"


def first_line(held_out: HeldOut | None) -> str:
    """Return the same for the first screen: whether it was checked, and where the trend does the work."""
    if held_out is None:
        return UNCHECKED
    told = " ".join(filter(None, ("Its forecasts were checked out of sample.", held_out.another_model)))
    trend = _where_the_trend_does_it(held_out.horizons)
    return f"{told} {trend}" if trend else told


def _where_the_trend_does_it(rows: Sequence[Horizon]) -> str:
    told = []
    for name in dict.fromkeys(row.series for row in rows):
        of_series = [row for row in rows if row.series == name]
        alone = [row for row in of_series if row.trend_does_it]
        if alone:
            where = "at every horizon" if len(alone) == len(of_series) else f"over {_spans(alone)}"
            told.append(f"{name} {where}")
    if not told:
        return ""
    return (
        f"The trend does the work for {' and '.join(told)}: with all mechanisms of the war cut, the"
        " forecast is no worse."
    )


def _spans(rows: Sequence[Horizon]) -> str:
    """Return horizons in words: `28, 91 and 182 days`."""
    first = ", ".join(f"{row.days}" for row in rows[:-1])
    return f"{first} and {rows[-1].days} days" if first else words.counted(rows[-1].days, "day")


def held_out_rows(held_out: HeldOut | None, outcome: str = "") -> list[dict[str, str]]:
    """Return the table of the back-test, of one outcome or of all."""
    rows = () if held_out is None else held_out.of(outcome) if outcome else held_out.horizons
    return [
        {
            "series": words.sentence(row.series).rstrip("."),
            "days": f"{row.days} days",
            "ours": words.rounded(row.ours),
            "variant": row.variant,
            "best": words.rounded(row.best_baseline),
            "best_name": words.plain(row.best_baseline_name),
            "trend": "not run" if math.isnan(row.trend_alone) else words.rounded(row.trend_alone),
            "coverage": words.share(row.coverage_90),
            "calibrated": _calibrated(row),
            "verdict": _verdict(row),
            "difference": _difference(row),
            "origins": f"{row.origins}",
        }
        for row in rows
    ]


def _calibrated(row: Horizon) -> str:
    """Return the range of a calibrated forecaster, and in words where the coverage lies outside of it."""
    if row.calibrated is None:
        return ""
    off = "" if row.calibrated else f"; {off_calibrated(row)}"
    return f"calibrated: {words.share(row.coverage_low)} to {words.share(row.coverage_high)}{off}"


def _difference(row: Horizon) -> str:
    """Return ours minus the best simple forecast with its interval: less is better."""
    if row.difference is None:
        return ""
    low, middle, high = (words.rounded(value, digits=2) for value in row.difference)
    return f"by {middle} ({low} to {high})"


def forecasts_finding(held_out: HeldOut, series: str) -> str:
    """Return what the forecasts of a series show, as the title of their picture."""
    rows = [row for row in held_out.horizons if row.series == series]
    name = words.sentence(series).rstrip(".")
    off = [row for row in rows if row.calibrated is False]
    if off:
        narrow = [row for row in off if row.coverage_90 < row.coverage_low]
        wide = [row for row in off if row not in narrow]
        said = [
            f"too {how} over {_spans(part)}" for how, part in (("narrow", narrow), ("wide", wide)) if part
        ]
        return f"{name}: 90 % intervals are {' and '.join(said)}"
    if rows and all(row.calibrated for row in rows):
        return f"{name}: 90 % intervals hold what came as often as a calibrated forecaster's"
    if not rows:
        return f"{name}: forecasts and what came"
    return f"{name}: 90 % intervals held what came in {_held(rows)} of the cases"
