"""What the evidence says about the model: so far, what priors imply beside what was observed."""

from ceasefire.inference.prior_predictive import Check, prior_predictive

__all__ = ["Check", "prior_predictive"]
