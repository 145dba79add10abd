"""What the evidence says about the model: until calibration, what the priors alone imply beside what was observed."""

from ceasefire.inference.prior_predictive import Check, prior_predictive

__all__ = ["Check", "prior_predictive"]
