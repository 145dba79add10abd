"""A question answered as a claim is: the same rules, the same caps, the same words."""

from __future__ import annotations

from ceasefire.analysis.questions import ASKED, Answer
from ceasefire.analysis.uses import carried_by, uses
from ceasefire.claims import schema
from ceasefire.claims.carrying import carrying_of
from ceasefire.claims.comparing import Asked, is_watched
from ceasefire.claims.counterfactuals import compare, outcome_units, truces
from ceasefire.claims.modelled import described
from ceasefire.claims.results import Finding
from ceasefire.inference.shipped import Chosen


def verdict_on(answer: Answer, chosen: Chosen) -> Finding:
    """Return the verdict on an answered question, read as the claim that there would be more with the truce.

    Args:
        answer: what the simulated wars answer.
        chosen: the posterior, or priors, that they started from.
    """
    scenario, question = answer.asked.scenario, answer.asked.question
    codes = {name: name for name in scenario.sides} | dict(zip(scenario.codes, scenario.sides, strict=True))
    posterior = chosen.posterior
    calibration = (
        None
        if posterior is None
        else described(posterior, dict(zip(scenario.codes, scenario.sides, strict=True)))
    )
    fitted = None if calibration is None else frozenset(calibration.mechanisms)
    carried = carried_by(scenario, question.against, ASKED, question.outcome)
    wars = Asked(
        answer.comparison,
        effective_draws=None if posterior is None else posterior.least_ess,
        truces=True,
        watched=is_watched([scenario.policies[name] for name in (question.against, ASKED)]),
    )
    test = schema.Compare(
        kind="compare",
        first=question.against,
        second=ASKED,
        outcome=question.outcome,
        side=question.side,
        until=answer.comparison.last_day,
    )
    return compare(
        test,
        lambda _first, _second: wars,
        codes,
        outcome_units(),
        truces({ASKED: scenario.policies[ASKED]}),
        calibration=calibration,
        carrying=carrying_of(
            carried, uses(scenario.world().structure_weights, fitted), fitted, scenario.name
        ),
        bars=False,
    )
