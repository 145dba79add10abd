"""Policies against each other over the same sampled wars: what differs, when, how surely, and what carries it."""

from ceasefire.analysis.compare import OUTCOMES, Comparison, Outcome, compare

__all__ = ["OUTCOMES", "Comparison", "Outcome", "compare"]
