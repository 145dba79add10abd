"""What the evidence says: priors and posteriors beside what was observed, back-tests, scores."""

from ceasefire.inference.prior_predictive import Check, prior_predictive

__all__ = ["Check", "prior_predictive"]
