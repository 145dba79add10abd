"""Policies against each other over the same sampled wars: what differs, when, and what carries it."""

from ceasefire.analysis.compare import (
    FIRST_OUTCOMES,
    NOT_MODELLED,
    OUTCOMES,
    Comparison,
    Outcome,
    compare,
    not_modelled,
)
from ceasefire.analysis.events import EVENTS, Event, Happened, happened
from ceasefire.analysis.shares import Share, Shares
from ceasefire.analysis.summary import summarise
from ceasefire.analysis.uses import Carried, Use, carried_by, uses

__all__ = [
    "EVENTS",
    "FIRST_OUTCOMES",
    "NOT_MODELLED",
    "OUTCOMES",
    "Carried",
    "Comparison",
    "Event",
    "Happened",
    "Outcome",
    "Share",
    "Shares",
    "Use",
    "carried_by",
    "compare",
    "happened",
    "not_modelled",
    "summarise",
    "uses",
]
