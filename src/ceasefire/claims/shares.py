"""Records with a property: their share or their number against the claim. One table is one origin."""

from __future__ import annotations

import math

import pandas as pd

from ceasefire.claims import schema
from ceasefire.claims.chartdata import ShareChart
from ceasefire.claims.figures import Condition, Interval
from ceasefire.claims.results import Finding
from ceasefire.claims.rules import rule_on
from ceasefire.claims.tables import between, select
from ceasefire.claims.wording import count, number, sentence, stated
from ceasefire.claims.yardsticks import stated_condition
from ceasefire.evidence import Evidence
from ceasefire.evidence.shares import jeffreys


def share(test: schema.Share, evidence: Evidence) -> Finding:
    """Hold the share of records with a property against the claim; one table is one origin."""
    rows = _records(evidence, test)
    hits = select(rows, test.having)
    return _share_finding(test, len(hits), len(rows), stated_condition(test, evidence))


def _share_finding(test: schema.Share, hits: int, cases: int, said: Condition) -> Finding:
    noun = test.counts or f"records of {test.records}"
    if cases == 0:
        return Finding(
            "undetermined",
            quote=sentence(f"There is no record of {noun} to form a share"),
            reason=({"rule": "no record"},),
        )
    low, high = jeffreys(hits, cases)
    ruling = rule_on(said, [Interval(low, high)])
    frame = pd.DataFrame(
        [
            {
                "label": noun,
                "value": hits / cases,
                "low": low,
                "high": high,
                "count": hits,
                "cases": cases,
                "highlight": True,
            }
        ]
    )
    return Finding(
        verdict=ruling.word,
        probability=ruling.share,
        interval=(low, high),
        interval_of="the share, 95 %",
        reason=(
            {"rule": ruling.rule, "word": ruling.word, "hits": hits, "cases": cases, "share": hits / cases},
        ),
        quote=sentence(
            f"Of {count(cases, 'record')} of {noun}, {hits} ({hits / cases:.0%}; 95 % interval {low:.0%} to"
            f" {high:.0%}) have the property; the claim says {stated(said, 'share')}"
        ),
        depends_on=(f"the table of records '{test.records}' and its coding: one origin",),
        chart=ShareChart(
            f"{hits} of {cases}: {noun}", "share, with its 95 % interval", "share", frame, said.value
        ),
    )


def counted_records(test: schema.Count, evidence: Evidence) -> Finding:
    """Hold a number of records against the claim: a floor, as no table holds everything."""
    rows = _records(evidence, test)
    said = stated_condition(test, evidence)
    ruling = rule_on(said, [Interval(float(len(rows)), math.inf)])
    noun = test.counts or f"records of {test.records}"
    return Finding(
        verdict=ruling.word,
        probability=ruling.share,
        interval=(float(len(rows)), None),
        interval_of="the number of records, at least",
        reason=({"rule": ruling.rule, "word": ruling.word, "records": len(rows)},),
        quote=sentence(
            f"The evidence holds {number(len(rows))} {noun}; the claim says {stated(said, 'records')}"
        ),
        depends_on=(f"the table of records '{test.records}': what it leaves out is not counted",),
    )


def _records(evidence: Evidence, test: schema.Share | schema.Count) -> pd.DataFrame:
    rows = select(evidence.records(test.records), test.where)
    return between(rows, test.since, test.until)
