"""Questions of what a truce would do: the answer, what flips it, and what carries it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ceasefire.api.loading import choose_posterior, day_of, number, war_of, whole
from ceasefire.files import InputError, suggest

if TYPE_CHECKING:
    import pandas as pd

    from ceasefire.analysis.designed import Designed
    from ceasefire.analysis.mapped import Map
    from ceasefire.analysis.questions import Answer, Asked, Condition, Question
    from ceasefire.analysis.sensitivity import Sensitivity
    from ceasefire.analysis.varied import Varied
    from ceasefire.api.loading import GivenDay, GivenPosterior, GivenScenario, Progress

GIVEN, SOBOL = "given", "sobol"


@dataclasses.dataclass(frozen=True, eq=False)
class Discovery:
    """Under which terms of a truce, and in which wars, the answer to a question flips."""

    varied: Varied
    """The wars, of which each setting of the truce has forty."""
    probability: float
    """Share of them with more of the outcome under the truce, a tie as one half. It says nothing of any
    truce: the ranges of the terms are round numbers."""
    conditions: tuple[Condition, ...]
    """Where the other answer is likelier; none where no condition was found that holds."""
    likeliest: Condition | None
    """Where the other answer is likely, a smaller part of these wars; None where there is none such."""
    map: Map | None
    """The answer over two of what the wars differ in."""
    no_map: str
    """Why there is no map, or nothing."""
    posterior: str
    """Where the parameters come from: `prior`, or the name of a posterior."""
    says: str
    """The same in a sentence."""

    @property
    def sentence(self) -> str:
        """The question as a sentence."""
        return self.varied.asked.sentence

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, as `ceasefire discover --json` writes them."""
        found = self.varied
        return {
            "question": self.sentence,
            "scenario": found.asked.scenario.name,
            "probability": self.probability,
            "conditions": [one.to_dict() for one in self.conditions],
            "likeliest": None if self.likeliest is None else self.likeliest.to_dict(),
            "map": None if self.map is None else self.map.to_dict(),
            "varied": [
                column.name
                for column, group in zip(found.columns, found.groups, strict=True)
                if group == "term"
            ],
            "draws": int(found.difference.size),
            "failed": found.failed,
            "seed": found.seed,
            "posterior": self.posterior,
        }


@dataclasses.dataclass(frozen=True, eq=False)
class Importance:
    """Which of the things that are not known carry the answer to a question."""

    asked: Asked
    frame: pd.DataFrame
    """One row for each input, or for each group of a design, with its `meaning`; shares of the difference
    without unit, as `ceasefire.analysis.sensitivity` says, with `_low` and `_high` (95 %)."""
    method: str
    sentence: str
    """What was done."""
    level: float
    """Of the intervals."""
    wars: int
    """Wars that were used."""
    dropped: int
    """Wars that were left out."""
    seed: int
    posterior: str
    """Where the parameters come from: `prior`, or the name of a posterior."""
    says: str
    """Where the parameters come from, in a sentence."""
    made: Sensitivity | Designed
    """What the analysis gave: of a design, with the variance in the wars farthest from the mean."""

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, as `ceasefire sensitivity --json` writes them."""
        extreme = getattr(self.made, "extreme", None)
        told = {} if extreme is None else {"variance_in_the_farthest_1_percent": extreme}
        return {
            "question": self.asked.sentence,
            "scenario": self.asked.scenario.name,
            "seed": self.seed,
            "method": self.method,
            "sentence": self.sentence,
            "rows": self.frame.to_dict("records"),
            "level": self.level,
            "wars": self.wars,
            "dropped": self.dropped,
            "posterior": self.posterior,
            **told,
        }


def ask(
    scenario: GivenScenario,
    *,
    outcome: str = "soldiers",
    side: str | None = None,
    by: GivenDay | None = None,
    start: GivenDay | None = None,
    days: int = 182,
    monitored: bool = False,
    aid: float = 1.0,
    aid_to: str | None = None,
    against: str | None = None,
    posterior: GivenPosterior = "default",
    draws: int = 4000,
    seed: int = 1,
    progress: Progress | None = None,
) -> Answer:
    """Ask whether a truce would lead to more of an outcome by a day than fighting on (`ceasefire ask`).

    The answer has its `probability` with `mc_error`, the difference (`low`, `median`, `high`: 90 % of the
    wars), `assumed` and `structure` (what it rests on), `conditions` (what flips it), `curve()` over the
    horizon, and the wars in `comparison`.

    Args:
        scenario: the war.
        outcome: of what there would be more: soldiers, civilians, all (killed), area (lost), assault (on the
            enemy's capital), or any outcome that can be compared.
        side: whose, by name or code; both sides together where not given.
        by: by which day; a year after the truce begins where not given.
        start: first day of the truce; the day after the scenario's first where not given.
        days: how long the truce is to last.
        monitored: whether third parties watch it.
        aid: share of arms from abroad that is sent in the truce, 0 to 5; 1 is today's.
        aid_to: to whom these arms go; the one side that gets any where not given.
        against: policy to compare with; fighting on where not given.
        posterior: where the parameters come from, as `choose_posterior` takes it.
        draws: wars under each policy.
        seed: the same seed gives the same wars.
        progress: called with the wars done and the wars in all.

    Raises:
        InputError: a slot that cannot be filled so, or a posterior that cannot be used.
    """
    from ceasefire.analysis.questions import ask as answer_of

    war = war_of(scenario)
    question = _question(outcome, side, by, start, days, monitored, aid, aid_to, against)
    chosen = choose_posterior(war, posterior)
    return answer_of(
        question,
        war,
        draws=whole(draws, "draws"),
        seed=whole(seed, "seed"),
        start=chosen.start,
        learnt=chosen.learnt,
        effective=chosen.effective,
        progress=progress,
    )


def discover(
    scenario: GivenScenario,
    *,
    outcome: str = "soldiers",
    side: str | None = None,
    by: GivenDay | None = None,
    start: GivenDay | None = None,
    days: int = 182,
    monitored: bool = False,
    aid: float = 1.0,
    aid_to: str | None = None,
    against: str | None = None,
    vary: Sequence[str] | None = None,
    over: Sequence[str] | None = None,
    posterior: GivenPosterior = "default",
    draws: int = 20_000,
    seed: int = 1,
    progress: Progress | None = None,
) -> Discovery:
    """Find under which terms of the truce, and in which wars, an answer flips (`ceasefire discover`).

    Args:
        scenario: the war.
        outcome: as `ask` takes it; so are `side` to `against`.
        side: whose.
        by: by which day.
        start: first day of the truce.
        days: how long it is to last, where that does not vary.
        monitored: whether third parties watch it, where that does not vary.
        aid: share of arms from abroad that is sent in it, where that does not vary.
        aid_to: to whom these arms go.
        against: policy to compare with.
        vary: the terms that vary: days, monitored, aid, recruitment, production; all of them where not given.
        over: what goes down and what goes across the map of the answer, two names: terms, or anything else in
            which the wars differ; the two terms that tell most where not given.
        posterior: where the parameters come from, as `choose_posterior` takes it.
        draws: wars under each of both.
        seed: the same seed gives the same wars.
        progress: called with the wars done and the wars in all.

    Raises:
        InputError: a slot that cannot be filled so, an unknown term, or too few wars to vary the terms.
    """
    from ceasefire.analysis.compare import share_above
    from ceasefire.analysis.discovery import LEAST_DRAWS
    from ceasefire.analysis.questions import check_varies, conditions, fill, likeliest, widened_by
    from ceasefire.analysis.varied import TERMS, WARS_OF_A_SETTING
    from ceasefire.analysis.varied import vary as varied_wars

    war = war_of(scenario)
    asked = fill(_question(outcome, side, by, start, days, monitored, aid, aid_to, against), war)
    wars = whole(draws, "draws")
    if wars // WARS_OF_A_SETTING < LEAST_DRAWS:
        raise InputError(
            f"{wars:,} wars are too few to vary the terms of a truce, {WARS_OF_A_SETTING} wars to a setting.",
            "draws",
            f"give {LEAST_DRAWS * WARS_OF_A_SETTING:,} at least.",
        )
    chosen = choose_posterior(war, posterior)
    found = varied_wars(
        asked,
        war,
        terms=_several(vary, "vary") or tuple(TERMS),
        wars=wars,
        seed=whole(seed, "seed"),
        start=chosen.start,
        learnt=chosen.learnt,
        progress=progress,
    )
    check_varies(found.difference, asked.question.outcome)
    probability = float(share_above(found.difference))
    mapped, no_map = _map(found, _several(over, "over"))
    told = (found.columns, found.labels, found.values, found.difference, probability, found.draws, found.seed)
    wider = widened_by(chosen.start, chosen.effective)
    boxes = conditions(*told, setting=found.setting, widened=wider)
    dense = likeliest(*told, known=boxes, setting=found.setting, widened=wider)
    named = "prior" if chosen.posterior is None else chosen.posterior.name
    return Discovery(found, probability, boxes, dense, mapped, no_map, named, chosen.says)


def sensitivity(
    scenario: GivenScenario,
    *,
    outcome: str = "soldiers",
    side: str | None = None,
    by: GivenDay | None = None,
    start: GivenDay | None = None,
    days: int = 182,
    monitored: bool = False,
    aid: float = 1.0,
    aid_to: str | None = None,
    against: str | None = None,
    method: str = GIVEN,
    posterior: GivenPosterior = "default",
    draws: int | None = None,
    seed: int = 1,
    progress: Progress | None = None,
) -> Importance:
    """Return which of the things that are not known carry an answer (`ceasefire sensitivity`).

    Args:
        scenario: the war.
        outcome: as `ask` takes it; so are `side` to `against`.
        side: whose.
        by: by which day.
        start: first day of the truce.
        days: how long it is to last.
        monitored: whether third parties watch it.
        aid: share of arms from abroad that is sent in it.
        aid_to: to whom these arms go.
        against: policy to compare with.
        method: `given` (what knowing each input alone would tell, read off the wars of the question) or
            `sobol` (what groups of inputs do alone and in all, in wars with independent priors).
        posterior: where the parameters come from, as `choose_posterior` takes it; with `sobol` the priors.
        draws: wars under each of both, 4,000 where not given; with `sobol` at most so many, 65,536.
        seed: the same seed gives the same wars.
        progress: called with the wars done and the wars in all.

    Raises:
        InputError: a slot that cannot be filled so, an unknown method, or a posterior with `sobol`.
    """
    from ceasefire.analysis.questions import fill

    if method not in (GIVEN, SOBOL):
        raise InputError(f"'{method}' is no method.", "method", suggest(str(method), (GIVEN, SOBOL)))
    war = war_of(scenario)
    asked = fill(_question(outcome, side, by, start, days, monitored, aid, aid_to, against), war)
    wars = None if draws is None else whole(draws, "draws")
    chance = whole(seed, "seed")
    if method == GIVEN:
        return _given(asked, posterior, 4000 if wars is None else wars, chance, progress)
    if posterior not in ("default", "prior"):
        raise InputError(
            "the inputs of a posterior are correlated; total order needs independent ones.",
            "posterior",
            f"leave it out with the method '{SOBOL}'; for what is known now, use '{GIVEN}'.",
        )
    return _designed(asked, wars, chance, progress)


def _given(
    asked: Asked, posterior: GivenPosterior, draws: int, seed: int, progress: Progress | None
) -> Importance:
    from ceasefire.analysis.bars import bars, in_words
    from ceasefire.analysis.questions import compared

    chosen = choose_posterior(asked.scenario, posterior)
    wars = compared(
        asked, draws=draws, seed=seed, start=chosen.start, learnt=chosen.learnt, progress=progress
    )
    found = bars(wars, asked.question.outcome, asked.question.side, wars.last_day, seed)
    meanings = in_words(list(found.frame["input"]))
    return Importance(
        asked=asked,
        frame=found.frame.assign(meaning=found.frame["input"].map(meanings)),
        method=found.method,
        sentence=found.sentence,
        level=found.level,
        wars=found.wars,
        dropped=wars.failed,
        seed=seed,
        posterior=wars.posterior,
        says=chosen.says,
        made=found,
    )


def _designed(asked: Asked, draws: int | None, seed: int, progress: Progress | None) -> Importance:
    from ceasefire.analysis.designed import MOST_WARS, designed

    made = designed(asked, wars=MOST_WARS if draws is None else draws, seed=seed, progress=progress)
    found = made.found
    groups = found.frame["group"]
    return Importance(
        asked=asked,
        frame=found.frame.assign(meaning=groups.map(made.meanings), inputs=groups.map(made.inputs)),
        method=found.method,
        sentence=found.sentence,
        level=found.level,
        wars=found.wars,
        dropped=found.dropped,
        seed=seed,
        posterior="prior",
        says="Priors: a design draws each input on its own.",
        made=made,
    )


def _question(
    outcome: str,
    side: str | None,
    by: GivenDay | None,
    start: GivenDay | None,
    days: int,
    monitored: bool,
    aid: float,
    aid_to: str | None,
    against: str | None,
) -> Question:
    from ceasefire.analysis.questions import Question

    for slot, given in (("outcome", outcome), ("side", side), ("aid_to", aid_to), ("against", against)):
        if given is not None and not isinstance(given, str):
            raise InputError(f"{given!r} is no name.", slot, "give a name in quotation marks.")
    return Question(
        outcome=outcome,
        side=side,
        by=day_of(by, "by"),
        start=day_of(start, "start"),
        days=whole(days, "days"),
        monitored=bool(monitored),
        aid=number(aid, "aid"),
        aid_to=aid_to,
        against=against or "",
    )


def _several(given: Sequence[str] | None, slot: str) -> tuple[str, ...]:
    """Return names that are given; one name alone is no list of its letters."""
    if isinstance(given, str):
        raise InputError(f"'{given}' is no list of names.", slot, f"write it as ['{given}'].")
    return tuple(given or ())


def _map(found: Varied, names: tuple[str, ...]) -> tuple[Map | None, str]:
    """Return the map of the answer, or none and why; where it was asked for, why is an error."""
    from ceasefire.analysis.mapped import foremost, map_of

    chosen = names or foremost(found)
    if chosen is None:
        return None, "fewer than two terms of the truce vary."
    try:
        return map_of(found, chosen), ""
    except InputError as error:
        if names:
            raise
        return None, f"{error.what} {error.todo.capitalize()}"
