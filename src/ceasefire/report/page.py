"""The page of an audit: one self-contained HTML file that opens without a network.

A template lays out words, tables and pictures and escapes every value. Nothing outside the file is referred
to, and a content security policy in the page forbids any script or style but its own.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import re
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import jinja2

from ceasefire import evidence
from ceasefire.charts import theme
from ceasefire.claims.chartdata import ChartData, FuturesChart
from ceasefire.claims.results import Audit, Reading, Result, SourceRow
from ceasefire.files import InputError, suggest, write_atomically
from ceasefire.report import claim_review, holding, modelled, pictures, prose, reasons, words
from ceasefire.report.corrections import load_corrections
from ceasefire.war import REGISTRY


def write_report(
    audit: Audit,
    path: Path | str,
    *,
    sources: Mapping[str, evidence.Source] | None = None,
    made_on: dt.date | None = None,
) -> Path:
    """Write the page of an audit and return its path.

    Args:
        audit: the audited claims.
        path: the file to write; whole or not at all.
        sources: the manifest that names the licence and bias of each source; by default that of the package.
        made_on: the day of the audit; today by default.

    Raises:
        InputError: the file cannot be written; what was there is untouched.
    """
    return write_atomically(path, render(audit, sources=sources, made_on=made_on))


def render(
    audit: Audit,
    *,
    sources: Mapping[str, evidence.Source] | None = None,
    made_on: dt.date | None = None,
) -> str:
    """Return the page of an audit as HTML.

    Args:
        audit: the audited claims.
        sources: the manifest that names the licence and bias of each source; by default that of the package.
        made_on: the day of the audit; today by default.
    """
    day = made_on or dt.date.today()
    manifest = evidence.load().sources if sources is None else sources
    style, script = _part("report.css"), _part("report.js")
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            style=style,
            script=script,
            policy=(
                "default-src 'none'; base-uri 'none'; form-action 'none'; "
                f"style-src '{_fingerprint(style)}'; script-src '{_fingerprint(script)}'"
            ),
            reviews=claim_review.in_a_script(claim_review.claim_reviews(audit, made_on=day)),
            **_view(audit, manifest, day),
        )
    )


def claim_card(
    audit: Audit,
    claim: str,
    *,
    sources: Mapping[str, evidence.Source] | None = None,
    numbered: tuple[int, int] | None = None,
) -> str:
    """Return the card of one claim of an audit as HTML, for a page that has the style and script of ours.

    Args:
        audit: the audited claims.
        claim: the id of one of them.
        sources: the manifest that names the licence and bias of each source; by default that of the package.
        numbered: which claim it is, of how many, where the audit is of a part of the article.

    Raises:
        InputError: the audit has no such claim.
    """
    named = [result.id for result in audit.results]
    if claim not in named:
        raise InputError(f"the audit has no claim '{claim}'.", "claim", suggest(claim, named))
    place = named.index(claim)
    manifest = evidence.load().sources if sources is None else sources
    number, total = numbered or (place + 1, len(named))
    shown = _claim(audit.results[place], number, total, audit, manifest)
    parts = _environment().get_template("claim.html.j2").module
    return str(parts.card(shown, _days(audit)))  # type: ignore[attr-defined]


def style_and_script() -> tuple[str, str]:
    """Return the style and the script that a card of a claim is made for."""
    return _part("report.css"), _part("report.js")


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=False,
        loader=jinja2.FunctionLoader(_part),
    )
    environment.filters["slug"] = slug
    environment.tests["address"] = is_address
    return environment


def _days(audit: Audit) -> dict[str, str]:
    return {"then": theme.day(audit.as_of), "now": theme.day(audit.known_until)}


def slug(text: str) -> str:
    """Return text as part of a class name or an anchor: lower-case letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", str(text).lower()).strip("-") or "none"


def is_address(text: str) -> bool:
    """Say whether the whole of a text is an address of the web, which a page may link to."""
    return re.fullmatch(r"https?://[^\s<>\"'`\\]+", str(text)) is not None


def _part(name: str) -> str:
    return resources.files("ceasefire.report").joinpath("page", name).read_text(encoding="utf-8")


def _fingerprint(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _view(audit: Audit, manifest: Mapping[str, evidence.Source], made_on: dt.date) -> dict[str, Any]:
    """Return everything that the template shows, as plain values."""
    compares = prose.compares(audit)
    from_priors = compares and audit.posterior == audit.posterior_then == "prior"
    tiles = [_tile(result, number) for number, result in enumerate(audit.results, start=1)]
    findings = len(audit.findings)
    shown: dict[str, Any] = {
        "audit": audit,
        "article": _article(audit),
        "groups": [
            {"word": word, "tiles": [tile for tile in tiles if tile["now"] == word]}
            for word in words.VERDICTS
            if any(tile["now"] == word for tile in tiles)
        ],
        "any_changed": any(tile["changed"] for tile in tiles),
        "count_claims": words.counted(len(audit.results), "claim"),
        "findings_heading": f"{_NUMBERS.get(findings, str(findings))} worth knowing".replace(
            "One findings", "One finding"
        ),
        "from_priors": from_priors,
        "fitted_line": _fitted_line(audit) if compares else "",
        "first_line": modelled.first_line(audit.held_out) if compares else "",
        "held_out_line": modelled.held_out_sentence(audit.held_out) if compares else "",
        "held_out": modelled.held_out_rows(audit.held_out) if compares else [],
        "forecasts": pictures.draw_forecasts(audit.held_out) if compares else [],
        "calibrations": modelled.calibrations(audit) if compares else [],
        "mechanisms": modelled.mechanisms(audit) if compares else [],
        "mechanisms_line": modelled.mechanisms_line(audit) if compares and audit.mechanisms else "",
        "priors_line": prose.PRIORS,
        "days": _days(audit),
        "command": _command(audit),
        "claims": [
            _claim(result, place, len(audit.results), audit, manifest)
            for place, result in enumerate(audit.results, start=1)
        ],
        "method": prose.method(audit),
        "meanings": list(words.VERDICTS.items()),
        "learnt_and_assumed": prose.learnt_and_assumed(from_priors, compares),
        "parameters": _parameters() if compares else [],
        "limits": _limits(audit),
        "first_limit": _first_limit(audit),
        "manifest": _manifest(audit, manifest),
        "corrections": _corrections(audit),
        "colophon": _colophon(audit, made_on),
    }
    return shown | {"contents": _contents(tiles, shown)}


def _contents(tiles: Sequence[Mapping[str, Any]], shown: Mapping[str, Any]) -> dict[str, Any]:
    """Return the table of contents: the claims, and the parts of the end that this page has."""
    parts = [
        ("method", "The method in one page", True),
        ("words", "The words of a verdict", True),
        ("learnt-and-assumed", "Learnt and assumed", True),
        ("forecasts", "Forecasts, checked against what happened", bool(shown["held_out_line"])),
        ("mechanisms", "Mechanisms of the war: in the fit, or assumed", bool(shown["mechanisms"])),
        ("limits", "What cannot be known here, and what is not modelled", True),
        ("sources", "Sources and their licences", True),
        ("corrections", "Corrections", True),
        ("this-page", "This page: version, scenario and command", True),
    ]
    return {"claims": tiles, "parts": [(anchor, said) for anchor, said, stands in parts if stands]}


def _corrections(audit: Audit) -> dict[str, Any]:
    """Return the log of corrections, as far as it is of this article."""
    everything = load_corrections()
    of_article = [row for row in everything if row.article == audit.article.get("id")]
    others = len(everything) - len(of_article)
    named = {result.id: result.short or words.dashes(result.id) for result in audit.results}
    about = [
        "What a released version of the software said of a claim of this article, and a later one found"
        " wrong, stands here with what is right. A number that moves with new evidence or a better fit is no"
        " correction: the list of changes of the software names those."
    ]
    if not of_article:
        about.append("There are none so far.")
    if others:
        about.append(f"The log holds {words.counted(others, 'correction')} of other articles.")
    return {
        "about": about,
        "rows": [
            {
                "date": theme.day(row.date),
                "claim": named.get(row.claim, words.dashes(row.claim)),
                "anchor": f"claim-{row.claim}" if row.claim in named else "",
                "wrong": row.wrong,
                "right": row.right,
                "since": row.since,
            }
            for row in of_article
        ],
    }


def _fitted_line(audit: Audit) -> str:
    """Return in a sentence what the model was fitted to, for the first screen; nothing where to nothing."""
    then, now = audit.calibration_then, audit.calibration
    if then is None or now is None or then.name == now.name or then.until != now.until:
        return modelled.posterior_line(audit)
    return (
        f"The model is fitted to what had happened by {theme.day(now.until)}:"
        f" {words.counted(then.figures, 'figure')} of it as known then, {now.figures:,} as known now."
    )


_NUMBERS = {1: "One finding", 2: "Two findings", 3: "Three findings", 4: "Four findings", 5: "Five findings"}


def _article(audit: Audit) -> dict[str, str]:
    article = audit.article
    address = str(article.get("url", ""))
    said = [str(article[name]) for name in ("outlet",) if article.get(name)]
    if article.get("published"):
        said.append(words.published(article))
    said.append(
        f"checked as known then ({theme.day(audit.as_of)}) and as known now ({theme.day(audit.known_until)})"
    )
    return {
        "title": str(article.get("title", "")),
        "about": str(article.get("about", "")),
        "line": _capital(" \N{MIDDLE DOT} ".join(said)),
        "address": address if is_address(address) else "",
    }


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _tile(result: Result, number: int) -> dict[str, Any]:
    return {
        "anchor": f"claim-{result.id}",
        "number": number,
        "short": result.short or result.id.replace("-", " "),
        "now": result.verdict,
        "then": result.as_known_then,
        "changed": result.verdict != result.as_known_then,
    }


def _claim(
    result: Result, place: int, total: int, audit: Audit, manifest: Mapping[str, evidence.Source]
) -> dict[str, Any]:
    main = next((reading for reading in result.readings if reading.main), None)
    others = [reading for reading in result.readings if reading is not main]
    sources = result.sources or (main.sources if main else ())
    chart = result.chart or (main.chart if main else None)
    number = _number(main) if main else ""
    return {
        "anchor": f"claim-{result.id}",
        "rows": _rows(result),
        "kind": result.kind,
        "place": f"Claim {place} of {total}",
        "says": result.says,
        "now": result.verdict,
        "then": result.as_known_then,
        "quote": result.quote,
        "quote_then": result.quote_then if result.quote_then != result.quote else "",
        "number": words.sentence(number) if number and not others else "",
        "models": modelled.model_rows(audit, main) if main else [],
        "holds": holding.block(result.modelled, result.modelled_then),
        "elsewhere": holding.elsewhere(result, audit),
        "learnt": _learnt(result.assumed_share) if result.modelled is None else None,
        "forecast": _forecast(main, audit),
        "because": reasons.because(result.reason),
        "depends_on": list(result.depends_on),
        "different_if": list(result.different_if),
        "not_modelled": list(result.not_modelled),
        "note": result.note,
        "picture": _picture(chart, result.id, audit),
        "pictures": _pictures(result.beside, result.id, audit),
        "sources": _sources(sources, manifest),
        "readings_heading": f"{words.counted(len(result.readings), 'reading')} of the claim",
        "readings": [_reading_row(reading) for reading in result.readings] if others else [],
        "others": [_other(reading, result.id, audit, manifest) for reading in others],
    }


def _rows(result: Result) -> str:
    """Return the rows of the design that a claim belongs to, or nothing: `row S11 (also S10)`."""
    also = f"also {', '.join(result.also)}" if result.also else ""
    if not result.row:
        return f"row {', '.join(result.also)}" if result.also else ""
    return f"row {result.row}" + (f" ({also})" if also else "")


def _reading_row(reading: Reading) -> dict[str, Any]:
    return {
        "text": reading.text,
        "main": reading.main,
        "then": reading.as_known_then,
        "now": reading.verdict,
        "numbers": _numbers(reading),
    }


def _other(
    reading: Reading, claim: str, audit: Audit, manifest: Mapping[str, evidence.Source]
) -> dict[str, Any]:
    return {
        "text": reading.text.rstrip("."),
        "now": reading.verdict,
        "quote": reading.quote,
        "quote_then": reading.quote_then if reading.quote_then not in {"", reading.quote} else "",
        "models": modelled.model_rows(audit, reading),
        "holds": holding.block(reading.modelled, reading.modelled_then),
        "because": reasons.because(reading.reason),
        "depends_on": list(reading.depends_on),
        "different_if": list(reading.different_if),
        "picture": _picture(reading.chart, f"{claim}-{reading.id}", audit),
        "pictures": _pictures(reading.beside, f"{claim}-{reading.id}", audit),
        "sources": _sources(reading.sources, manifest),
    }


def _forecast(main: Reading | None, audit: Audit) -> dict[str, Any] | None:
    """Return how forecasts of a claim's outcome did out of sample; None where the model forecasts nothing."""
    chart = None if main is None else main.chart
    if not isinstance(chart, FuturesChart):
        return None
    return {
        "says": modelled.held_out_sentence(audit.held_out, chart.outcome),
        "rows": modelled.held_out_rows(audit.held_out, chart.outcome),
    }


def _picture(chart: ChartData | None, place: str, audit: Audit) -> pictures.Picture | None:
    published = audit.article.get("published")
    return pictures.draw(chart, place, assumed=audit.posterior == "prior", published=published)


def _pictures(beside: Sequence[ChartData], place: str, audit: Audit) -> list[pictures.Picture]:
    """Draw the further pictures of a claim or a reading."""
    drawn = [_picture(chart, f"{place}-{number}", audit) for number, chart in enumerate(beside, start=2)]
    return [one for one in drawn if one is not None]


#: What the number behind a verdict is, by the test of the reading; a test that is not named here has none.
NUMBERS = {
    "total_at": "share of independent origins that bear it out",
    "mean_rate": "share of independent origins that bear it out",
    "change": "share of independent origins that bear it out",
    "precedent": "share of independent origins that know no such case",
    "compare": "probability over the simulated wars",
    "model_share": "share of the simulated wars",
    "aid": "probability over the simulated wars",
    "offer": "share of the draws of the war",
    "leader": "share of the simulated wars",
}


def _number(reading: Reading) -> str:
    """Return the number behind a verdict with what it is a number of, in one line."""
    return "; ".join(_numbers(reading))


def _numbers(reading: Reading) -> list[str]:
    """Return the number behind a verdict, as known now and as known then where both are of simulated wars."""
    if reading.modelled is not None:
        now, then = reading.modelled, reading.modelled_then
        if then is None or then == now:
            return [modelled.number(now)]
        return [f"now: {modelled.number(now)}", f"then: {modelled.number(then)}"]
    parts = []
    as_reported = any(reason.get("rule") == "as reported" for reason in reading.reason)
    if reading.probability is not None and reading.test in NUMBERS and not as_reported:
        error = reading.mc_error
        give = f" (simulation error {100 * error:.1f} %)" if error is not None else ""
        parts.append(f"{NUMBERS[reading.test]}: {words.share(reading.probability)}{give}")
    low, high = reading.interval or (None, None)
    if low is not None or high is not None:
        of = (reading.interval_of or "interval").replace("km2", "km²")
        parts.append(f"{of}: {_interval(reading, low, high)}")
    return ["; ".join(parts)] if parts else []


def _interval(reading: Reading, low: float | None, high: float | None) -> str:
    if reading.interval_of.startswith("share") and low is not None and high is not None:
        return f"{words.share(low)} to {words.share(high)}"
    if reading.test == "compare" and low is not None and high is not None:
        return f"{words.rounded(low)} to {words.rounded(high)}"
    return words.figure(low, None, high)


def _learnt(assumed_share: float | None) -> dict[str, Any] | None:
    if assumed_share is None:
        return None
    learnt = 1.0 - assumed_share
    return {
        "step": round(10 * learnt),
        "words": f"Of the spread, {words.share(learnt)} is learnt from evidence and"
        f" {words.share(assumed_share)} is assumed.",
    }


def _sources(rows: Sequence[SourceRow], manifest: Mapping[str, evidence.Source]) -> dict[str, Any] | None:
    if not rows:
        return None
    counted = sum(row.counted for row in rows)
    said = f"{words.counted(len(rows), 'figure')} from the sources, {counted} counted"
    return {
        "summary": f"{said}: values, origins and dates",
        "caption": f"{said}; the columns sort",
        "rows": [_source_row(row, manifest) for row in rows],
    }


def _source_row(row: SourceRow, manifest: Mapping[str, evidence.Source]) -> dict[str, Any]:
    known = row.low is not None or row.best is not None or row.high is not None
    best = row.best if known else row.value
    figure, _, interval = words.figure(row.low, best, row.high).partition(" (")
    sort = next((value for value in (best, row.value, row.low, row.high) if value is not None), None)
    return {
        "label": row.label or (manifest[row.source].title if row.source in manifest else row.source),
        "figure": figure + (f" {words.unit(row.unit)}" if row.unit and not interval else ""),
        "interval": f"({interval} {words.unit(row.unit)}".rstrip() if interval else "",
        "sort": "" if sort is None else repr(float(sort)),
        "concept": words.plain(row.concept),
        "end": theme.short_day(row.end),
        "end_sort": words.sortable_day(row.end),
        "known_on": theme.short_day(row.known_on),
        "known_sort": words.sortable_day(row.known_on),
        "root": words.plain(row.root),
        "source_class": words.plain(row.source_class),
        "party": row.party,
        "counted": row.counted,
        "why": words.spaced(row.why),
        "verdict": row.verdict,
        "restates": words.plain(row.restates),
        "note": words.noted(row.note),
        "reference": row.reference,
    }


def _command(audit: Audit) -> str:
    if audit.command:
        return audit.command
    return (
        f"ceasefire audit {audit.article.get('id', 'CLAIMS.yaml')} --scenario {audit.scenario}"
        f" --as-of {audit.as_of:%Y-%m-%d} --draws {audit.draws} --seed {audit.seed}"
    )


def _parameters() -> list[dict[str, str]]:
    rows = []
    for parameter in REGISTRY.values():
        prior = parameter.prior
        rows.append(
            {
                "name": parameter.name,
                "meaning": words.squared(words.sentence(parameter.meaning).rstrip(".")),
                "unit": words.unit(parameter.unit),
                "source": parameter.source,
                **{end: words.written_out(getattr(prior, end)) for end in ("low", "best", "high")},
                **{f"{end}_sort": repr(float(getattr(prior, end))) for end in ("low", "best", "high")},
            }
        )
    return rows


def _limits(audit: Audit) -> list[str]:
    """Return what cannot be known and what is not modelled, each once."""
    said = [*audit.limits]
    for result in audit.results:
        said += result.not_modelled
    return [words.sentence(limit) for limit in dict.fromkeys(said)]


def _first_limit(audit: Audit) -> str:
    """Return the limit for the first screen: not the one on priors, which has a line of its own there."""
    others = [limit for limit in audit.limits if "priors" not in limit and limit != modelled.UNCHECKED]
    return others[0] if others else ""


def _manifest(audit: Audit, manifest: Mapping[str, evidence.Source]) -> list[dict[str, str]]:
    used = {
        row.source
        for result in audit.results
        for rows in (result.sources, *(reading.sources for reading in result.readings))
        for row in rows
    }
    rows = []
    for name in sorted(used):
        source = manifest.get(name)
        rows.append(
            {
                "title": source.title if source else words.plain(name),
                "producer": source.producer if source and source.producer != source.title else "",
                "reference": source.reference if source else "",
                "counts": source.counts if source else "",
                "bias": source.bias if source else "",
                "licence": source.licence if source else "not stated",
            }
        )
    return sorted(rows, key=lambda row: row["title"].lower())


def _colophon(audit: Audit, made_on: dt.date) -> list[tuple[str, str]]:
    entries = [
        ("Software", f"ceasefire {audit.version}"),
        ("Audit of", theme.day(made_on)),
        ("Scenario", audit.scenario or "none"),
        ("Simulated wars", f"{audit.draws:,} under each policy, seed {audit.seed}"),
        ("Parameters, as known now", _origin(audit.posterior)),
        ("Parameters, as known then", _origin(audit.posterior_then)),
        ("As known then", theme.day(audit.as_of)),
        ("As known now", theme.day(audit.known_until)),
    ]
    entries += [
        (words.sentence(words.plain(name)).rstrip("."), _text(value)) for name, value in audit.model.items()
    ]
    entries.append(("Command", _command(audit)))
    return entries


def _origin(posterior: str) -> str:
    return "priors only" if posterior == "prior" else f"posterior {posterior}"


def _text(value: Any) -> str:
    return words.day(value) if isinstance(value, dt.date) else str(value)
