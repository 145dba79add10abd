"""The page's standing texts: how an audit is done, what is learnt and what is assumed."""

from __future__ import annotations

from ceasefire.charts import theme
from ceasefire.claims.results import Audit, Result
from ceasefire.claims.schema import MODELLED

PRIORS = (
    "Model results come from priors: ranges taken from the literature and from judgement, not fitted to"
    " evidence. No comparison of policies gets more than undetermined."
)


def method(audit: Audit) -> list[str]:
    """Return how the audit was done, in paragraphs."""
    then, now = theme.day(audit.as_of), theme.day(audit.known_until)
    paragraphs = _paragraphs(
        f"""
        Each claim is restated so that it can be checked, and read in every way that can be defended: as
        killed, as killed and wounded, in the source's own words. Each reading has a verdict of its own; the
        reading in the article's own words decides the word of the claim. Words are never averaged.

        A number is held against all sources at once. Figures that go back to one origin count once, however
        often they are repeated. What a party to the war says about itself or its enemy is shown and not
        counted, and so is what is built on other sources. There is one exception: where no origin outside the
        war settles a claim about losses, a party's figure may, in the one direction that does not serve that
        party. The card then says so. An origin bears a claim out when its whole interval satisfies it, speaks
        against it when none of the interval does, and is compatible otherwise.

        Every claim is judged twice by the same rules: with what could be read on {then}, and with what is
        known up to {now}. A date of death is not a date known.

        A forecast is resolved by what was observed. A universal claim is answered by the share of
        counter-examples and the nearest real one. A claim about intent alone cannot be tested; the card says
        what would bear on it. A recommendation is not scored; the card says under which conditions it holds.
        """
    )
    return paragraphs + (_paragraphs(_simulated(audit)) if compares(audit) else [])


def compares(audit: Audit) -> bool:
    """Say whether any claim is put to simulated wars."""
    return any(is_compared(result) for result in audit.results)


def is_compared(result: Result) -> bool:
    """Say whether a claim rests on simulated wars."""
    return result.assumed_share is not None or any(reading.test in MODELLED for reading in result.readings)


def _simulated(audit: Audit) -> str:
    if audit.calibration is None and audit.calibration_then is None:
        drawn = "Parameters are drawn from priors."
    else:
        drawn = (
            "Parameters and the state of the war on the first day are drawn from a posterior: as known then,"
            " from one that saw only what could be read by that day; as known now, from one that saw later"
            " figures on the same time as well. Where none applies, priors stand, and this page says so."
            " As known then means evidence and levers: priors, the form of the model and the choice of"
            " mechanisms are today's, and some priors cite figures of later years."
        )
    return f"""
        What another policy would change is asked of a model: {audit.draws:,} simulated wars of the scenario
        {audit.scenario}, each fought under both policies that a claim compares, from the same sampled
        parameters and the same chances. The model works with stocks of people, equipment and shells on a few
        fronts, and treats both sides by the same equations. It knows nothing of units or places. {drawn}

        The wars of each comparison are searched for conditions under which the other answer is likelier, in
        half of the draws; the other half judges, so that what chance alone made of the search is not shown.
        Where such a condition surely flips the answer in a tenth of all wars or more, a claim is mostly
        supported at best. Bars show how far knowing one input alone would move the distribution of the
        difference.

        Other questions are put to the same wars: in which share of them something happens by a day, and what
        one more unit of each kind of arms from abroad saves. The hazard of a wider war is counted beside the
        wars, told apart, and decides nothing.
        """


def learnt_and_assumed(from_priors: bool, modelled: bool) -> list[str]:
    """Return what is learnt from evidence and what is assumed, in paragraphs."""
    paragraphs = _paragraphs(
        """
        Nothing that was observed can teach what only a truce would reveal: how fast each side would rearm,
        whether monitors would hold, how aid would react, when a leader would break it. A number of the model
        therefore says how much of its spread comes from parameters that the evidence taught (learnt), from
        those that it did not (assumed), from which of the rival equations holds (structure), and from chance.
        Where more than half of what the parameters explain is assumed, a comparison of policies is
        undetermined, whatever its odds; so is one that works through mechanisms alone that no fit had; where
        rival equations disagree on the sign, or sceptical and
        credulous priors of what only a truce would reveal, it is contested or undetermined.
        """
    )
    if from_priors:
        hatched = " All of the spread of the model's results is assumed; its bands are hatched."
        paragraphs.append(PRIORS + (hatched if modelled else ""))
    return paragraphs


def _paragraphs(text: str) -> list[str]:
    return [" ".join(part.split()) for part in text.strip().split("\n\n")]
