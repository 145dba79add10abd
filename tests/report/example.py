"""A made-up audit with every verdict word, several readings and all four pictures."""

from __future__ import annotations

import dataclasses
import datetime as dt

import numpy as np
import pandas as pd

from ceasefire.claims.chartdata import FuturesChart, ShareChart, SourcesChart, TimelineChart
from ceasefire.claims.results import Audit, Headline, Reading, Result, SourceRow
from ceasefire.evidence import Source

THEN, NOW = dt.date(2031, 5, 4), dt.date(2034, 12, 31)


def source(name: str, **more: object) -> SourceRow:
    values: dict[str, object] = {
        "source": name,
        "label": name.replace("_", " ").title(),
        "value": 20_000.0,
        "low": 17_000.0,
        "best": 20_000.0,
        "high": 26_000.0,
        "unit": "persons",
        "concept": "killed",
        "start": dt.date(2030, 1, 1),
        "end": dt.date(2031, 5, 1),
        "known_on": dt.date(2033, 2, 3),
        "root": name,
        "source_class": "academic_or_think_tank",
        "party": "independent",
        "counted": True,
        "why": "",
        "verdict": "against",
        "reference": f"https://example.org/{name}?a=1&b=2",
    }
    return SourceRow(**{**values, **more})  # type: ignore[arg-type]


SOURCES = (
    source("registry_of_deaths"),
    source("names_of_the_dead", low=10_376.0, best=None, high=None, value=10_376.0),
    source(
        "general_staff",
        low=None,
        best=99_230.0,
        high=None,
        value=99_230.0,
        party="warring party",
        counted=False,
        why="a party to the war on its enemy",
        concept="losses_undefined",
        source_class="government_belligerent",
        verdict="bears out",
        known_on=dt.date(2031, 5, 1),
    ),
    source(
        "ministry_of_an_ally",
        low=None,
        best=96_000.0,
        high=None,
        value=96_000.0,
        party="ally",
        counted=False,
        why="restates the general staff",
        root="general_staff",
        restates="General Staff",
        verdict="bears out",
    ),
)

MANIFEST = {
    row.source: Source(
        id=row.source,
        title=row.label,
        producer="An office",
        reference=row.reference,
        licence="CC BY 4.0",
        counts="deaths of soldiers",
        counts_not="missing",
        bias="counts late",
        source_class=row.source_class,
        root=row.root,
        independent="yes",
    )
    for row in SOURCES
}


def sources_chart(**more: object) -> SourcesChart:
    columns = ("label", "source", "root", "value", "low", "best", "high", "party", "counted", "restates")
    frame = pd.DataFrame([{name: getattr(row, name) for name in columns} for row in SOURCES])
    frame["date"] = [pd.Timestamp(row.end) for row in SOURCES]
    values: dict[str, object] = {
        "quantity": "soldiers killed",
        "unit": "persons",
        "claim_value": 100_000.0,
        "claim_low": 100_000.0,
        "claim_high": None,
        "claim_date": THEN,
        "claim_label": "the claim: at least 100,000",
        "frame": frame,
        "log": True,
        "title": "Only one party's own count comes near the claim",
        "subtitle": "Soldiers killed, persons, 1 January 2030 to 1 May 2031",
    }
    return SourcesChart(**{**values, **more})  # type: ignore[arg-type]


def futures_chart() -> FuturesChart:
    date = pd.date_range("2031-05-11", periods=104, freq="7D")
    t = np.linspace(0, 1, 104)
    frame = pd.DataFrame({"date": date})
    paths = (
        ("first", 90_000 * t, 1.0),
        ("second", 80_000 * t**2, 1.3),
        ("difference", 80_000 * t**2 - 90_000 * t, 1.6),
    )
    for name, middle, wide in paths:
        spread = (25_000 * t + 100) * wide
        for end, factor in (("low", -1.0), ("low50", -0.4), ("median", 0.0), ("high50", 0.45), ("high", 1.3)):
            frame[f"{name}_{end}"] = middle + factor * spread
    return FuturesChart(
        title="The truce saves lives at first; the wars disagree about later",
        subtitle="Soldiers killed on both sides since 4 May 2031, persons, 2,000 simulated wars from priors",
        unit="persons",
        outcome="soldiers killed, both sides",
        curve=frame,
        first="fight-on",
        second="truce",
    )


def share_chart() -> ShareChart:
    rows = [
        ("Between states", 0.42, 0.3, 0.55, 25, 60, True),
        ("Civil wars", 0.61, 0.49, 0.72, 41, 67, False),
    ]
    frame = pd.DataFrame(rows, columns=["label", "value", "low", "high", "count", "cases", "highlight"])
    return ShareChart(
        "About four in ten were followed by an offensive", "Ceasefires since 1917, share", "share", frame, 1.0
    )


def timeline_chart() -> TimelineChart:
    frame = pd.DataFrame(
        [
            ("2030-09-21", "2030-10-28", "Partial mobilisation", "call-up"),
            ("2031-12-07", None, "The president sees no need of another", "statement"),
        ],
        columns=["date", "end_date", "label", "group"],
    )
    return TimelineChart("No general mobilisation followed", "Call-ups and statements, 2030 to 2031", frame)


REASON = (
    {
        "rule": "not one origin bears it out",
        "word": "not supported",
        "origins_counted": 2,
        "bear_out": 0,
        "against": 1,
        "straddle": 0,
        "leave_open": 1,
        "share": 0.0,
    },
    {
        "rule": "parties to the war are shown and not counted",
        "rows": 1,
        "would_bear_out": 1,
        "would_be_against": 0,
    },
)


def reading(name: str, text: str, now: str, then: str, **more: object) -> Reading:
    values: dict[str, object] = {
        "id": name,
        "text": text,
        "main": False,
        "verdict": now,
        "as_known_then": then,
        "probability": 0.25,
        "interval": (17_000.0, 26_000.0),
        "interval_of": "figures of the origins that count",
        "quote": f"Read as {text.lower()}, the claim is {now}: about 20,000 (17,000 to 26,000).",
        "quote_then": "",
        "reason": REASON,
        "sources": SOURCES,
        "depends_on": ("which sources count",),
        "different_if": ("the claim said at most 26,000",),
        "chart": sources_chart(),
        "test": "total_at",
    }
    return Reading(**{**values, **more})  # type: ignore[arg-type]


def result(name: str, row: str, kind: str, now: str, then: str = "", **more: object) -> Result:
    values: dict[str, object] = {
        "id": name,
        "row": row,
        "kind": kind,
        "short": name.replace("-", " "),
        "says": f"A restated claim about {name.replace('-', ' ')}, long enough for two lines of its card.",
        "verdict": now,
        "as_known_then": then or now,
        "probability": None,
        "interval": None,
        "quote": f"On {name.replace('-', ' ')} the sources say about 20,000 (17,000 to 26,000).",
        "quote_then": "",
        "readings": (),
        "sources": (),
        "depends_on": ("how the claim is read", "which origin counts"),
        "different_if": ("two independent origins gave 100,000 or more",),
        "reason": REASON,
        "not_modelled": (),
        "chart": None,
    }
    return Result(**{**values, **more})  # type: ignore[arg-type]


def audit(**more: object) -> Audit:
    killed = reading("killed", "Killed", "not supported", "undetermined", main=True)
    both = reading(
        "killed-and-wounded", "Killed and wounded", "mostly supported", "contested", probability=0.75
    )
    truce = {
        "chart": futures_chart(),
        "probability": 0.31,
        "mc_error": 0.01,
        "assumed_share": 1.0,
        "interval": (-40_000.0, 30_000.0),
        "interval_of": "difference in soldiers killed, 90 % of the wars",
        "not_modelled": ("areas under occupation", "people displaced", "civilians killed"),
    }
    results = (
        result(
            "line-follows-strength", "S1", "measurement", "supported", chart=sources_chart(), sources=SOURCES
        ),
        result("best-troops-gone", "S2", "measurement", "contested"),
        result("capital-is-the-aim", "S3", "intent", "untestable"),
        result(
            "general-mobilisation-soon",
            "S4",
            "forecast",
            "not supported",
            "undetermined",
            chart=timeline_chart(),
        ),
        result("call-up-steadied-line", "S4", "measurement", "mostly supported"),
        result("arms-from-abroad", "S5", "measurement", "not yet modelled"),
        result("offers-are-a-bluff", "S7", "intent", "untestable"),
        result("pause-serves-rearming", "S8", "counterfactual", "undetermined", **truce),
        result("truce-costs-more-lives", "S9", "counterfactual", "undetermined", **truce),
        result("battalion-a-day", "S10", "measurement", "not supported"),
        result(
            "hundred-thousand-killed",
            "S11",
            "measurement",
            "not supported",
            "undetermined",
            readings=(killed, both),
            sources=SOURCES,
            chart=killed.chart,
            also=("S10",),
        ),
        result("without-precedent", "S11", "measurement", "mostly supported"),
        result("neighbour-annexed", "S12", "intent", "not yet modelled"),
        result("leader-is-misled", "S13", "intent", "untestable"),
        result("wartime-economy", "S14", "measurement", "mostly supported", "supported"),
        result("sanctions-weaken", "S15", "policy", "not yet modelled"),
        result("weapons-are-an-investment", "S16", "policy", "undetermined"),
        result("air-defence-saves-cities", "S17", "policy", "not yet modelled"),
        result("could-become-world-war", "S18", "forecast", "undetermined"),
        result("any-break-is-used", "S19", "universal", "not supported", chart=share_chart()),
        result("never-a-break", "S19", "policy", "undetermined"),
        result("second-offensive", "S20", "forecast", "supported", "undetermined"),
    )
    values: dict[str, object] = {
        "article": {
            "id": "talks-with-the-north",
            "title": "Talks With the North: Why Does It Keep Asking?",
            "published": THEN,
            "outlet": "The Invented Gazette",
        },
        "scenario": "invented-war",
        "as_of": THEN,
        "known_until": NOW,
        "draws": 2000,
        "seed": 1,
        "posterior": "prior",
        "version": "0.1.0",
        "results": results,
        "overall": "Of 22 claims, five are borne out in the article's own words and four are not; what"
        " a truce would cost is undetermined, for nothing observed teaches what only a truce would reveal.",
        "findings": (
            Headline(
                "Estimates of soldiers killed from outside the war are about a fifth of the number claimed;"
                " as killed and wounded, the number holds.",
                "hundred-thousand-killed",
            ),
            Headline(
                "No general mobilisation followed in the year after; volunteers were paid instead.",
                "general-mobilisation-soon",
            ),
            Headline(
                "A truce saves lives at first in most simulated wars; whether it does by the end depends on"
                " assumptions.",
                "truce-costs-more-lives",
            ),
        ),
        "limits": (
            "What only a truce would reveal: how fast each side would rearm, whether monitors would hold,"
            " when a leader would break it.",
            "What a truce leaves in place: areas under occupation, people displaced",
        ),
        "model": {"fingerprint": "3f1c9a0b77de", "scenario_sha256": "0" * 64},
    }
    return Audit(**{**values, **more})  # type: ignore[arg-type]


def with_text(text: str) -> Audit:
    """Return the audit with `text` wherever a claims file may put words."""
    whole = audit()
    first = dataclasses.replace(
        whole.results[10],
        says=text,
        short=text,
        quote=text,
        note=text,
        depends_on=(text,),
        different_if=(text,),
        not_modelled=(text,),
        readings=tuple(
            dataclasses.replace(reading, text=text, quote=text) for reading in whole.results[10].readings
        ),
        chart=sources_chart(title=text, subtitle=text, claim_label=text),
        sources=tuple(
            dataclasses.replace(row, label=text, note=text, why=text, reference=text) for row in SOURCES
        ),
    )
    article = {**whole.article, "title": text, "outlet": text}
    return dataclasses.replace(
        whole,
        article=article,
        overall=text,
        findings=(Headline(text, first.id),),
        limits=(text,),
        results=(first, *whole.results[:10]),
    )
