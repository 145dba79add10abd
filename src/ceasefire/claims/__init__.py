"""What an article says, made checkable: claims, their readings, and verdicts computed from data.

The rules are in `ceasefire.claims.rules`. No verdict is written by hand; each has its reasons as data.
"""

from ceasefire.claims.auditing import audit
from ceasefire.claims.chartdata import (
    ChartData,
    FuturesChart,
    OfferChart,
    PowerChart,
    ShareChart,
    SourcesChart,
    SurvivalChart,
    TimelineChart,
)
from ceasefire.claims.linting import LintFinding, lint
from ceasefire.claims.loading import ClaimFile, load_claims, parse_claims, shipped_claims, template
from ceasefire.claims.mechanisms import MECHANISMS, Mechanism
from ceasefire.claims.results import Audit, Finding, Headline, Reading, Result, SourceRow
from ceasefire.claims.rules import VERDICTS, Verdict

__all__ = [
    "MECHANISMS",
    "VERDICTS",
    "Audit",
    "ChartData",
    "ClaimFile",
    "Finding",
    "FuturesChart",
    "Headline",
    "LintFinding",
    "Mechanism",
    "OfferChart",
    "PowerChart",
    "Reading",
    "Result",
    "ShareChart",
    "SourceRow",
    "SourcesChart",
    "SurvivalChart",
    "TimelineChart",
    "Verdict",
    "audit",
    "lint",
    "load_claims",
    "parse_claims",
    "shipped_claims",
    "template",
]
