"""Policies against each other over the same sampled wars: what differs, when, and what carries it."""

from ceasefire.analysis.compare import NOT_MODELLED, OUTCOMES, Comparison, Outcome, compare
from ceasefire.analysis.shares import Share, Shares
from ceasefire.analysis.summary import summarise

__all__ = ["NOT_MODELLED", "OUTCOMES", "Comparison", "Outcome", "Share", "Shares", "compare", "summarise"]
