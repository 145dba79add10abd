"""The question: one sentence with slots, its answer, the two futures, and what would flip it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import shlex
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd
from shiny import Inputs, reactive, render, ui

from ceasefire import charts
from ceasefire.charts import theme
from ceasefire.files import InputError
from ceasefire.report import answer_picture, words
from ceasefire.web import address, templates
from ceasefire.web.address import Slot, State
from ceasefire.web.desk import Queue, Told
from ceasefire.web.visits import Visit
from ceasefire.web.workshop import Workshop

if TYPE_CHECKING:
    from ceasefire.analysis.questions import Answer, Question
    from ceasefire.scenario import Scenario

PART = "question"
QUEUE: Queue = "quick"
DRAWS = 4000
FEWEST_DRAWS, MOST_DRAWS = 200, 8000
LONGEST_TRUCE = 1095
MOST_AID_PERCENT = 300.0
# The outcomes of the sentence, as what there would be more of: on both sides, and of one.
OUTCOMES: Mapping[str, tuple[str, str]] = {
    "deaths": ("people be killed on both sides", "people of {side} be killed"),
    "killed": ("soldiers be killed on both sides", "soldiers of {side} be killed"),
    "civilians_killed": ("civilians be killed on both sides", "civilians on {side}'s ground be killed"),
    "losses": (
        "soldiers be killed, wounded or captured on both sides",
        "soldiers of {side} be killed, wounded or captured",
    ),
    "ground_lost": ("", "ground be lost by {side}"),
    "displaced": ("civilians be displaced on both sides", "civilians of {side} be displaced"),
    "strikes_through": (
        "missiles and drones get through to either side",
        "missiles and drones get through to {side}",
    ),
}
FIGHT_ON = "if they had fought on"


@dataclasses.dataclass(frozen=True)
class Shown:
    """What is shown of an answer at once."""

    sentence: str
    headline: str
    difference: str
    note: str
    curve: pd.DataFrame
    content: dict[str, Any]
    """The answer as plain values, without what takes longer."""


@dataclasses.dataclass(frozen=True)
class Rest:
    """What an answer rests on and what would flip it."""

    verdict: str
    quote: str
    rests_on: str
    assumed: float | None
    conditions_heading: str
    conditions: tuple[tuple[str, str], ...]
    none_found: str
    depends_on: tuple[str, ...]
    different_if: tuple[str, ...]
    not_modelled: tuple[str, ...]
    says: str
    content: dict[str, Any]


def slots(workshop: Workshop, asked: Mapping[str, str]) -> tuple[Slot, ...]:
    """Return the slots of the sentence; their choices and defaults are those of the scenario asked for."""
    name = asked.get("scenario", "")
    known = list(workshop.scenarios)
    name = name if name in workshop.scenarios else known[0]
    return workshop.once(("question slots", name), lambda: _slots(workshop, known, name))  # type: ignore[no-any-return]


def _slots(workshop: Workshop, known: list[str], name: str) -> tuple[Slot, ...]:
    scenario = workshop.scenario(name)
    first, last = scenario.start + dt.timedelta(days=1), scenario.end
    return (
        Slot("scenario", known[0], address.one_of(known)),
        Slot("start", first, address.day, address.write_day),
        Slot("days", min(182, (last - first).days), address.whole(1, LONGEST_TRUCE)),
        Slot("monitored", False, address.yes_or_no, address.write_yes_or_no),
        Slot("aid", 1.0, _percent, lambda share: address.write_number(100.0 * share)),
        Slot("outcome", "deaths", address.one_of([value for value, _ in outcomes(scenario)])),
        Slot("by", last, address.day, address.write_day),
        Slot("against", "", address.one_of([value for value, _ in policies(scenario)])),
        Slot("posterior", "default", address.one_of([value for value, _ in workshop.posteriors(scenario)])),
        Slot("draws", DRAWS, address.whole(FEWEST_DRAWS, MOST_DRAWS)),
        Slot("seed", 1, address.whole(0, 2**31 - 1)),
    )


def _percent(text: str) -> float:
    return address.number(0.0, MOST_AID_PERCENT)(text) / 100.0


def body(workshop: Workshop, state: State) -> str:
    """Return the sentence with its slots, and the places of what is answered."""
    scenario = workshop.scenario(state["scenario"])
    first, last = scenario.start, scenario.end
    return templates.render(
        "question.html.j2",
        state=state,
        sides=" and ".join(scenario.sides),
        scenarios=list(workshop.scenarios.items()),
        outcomes=outcomes(scenario),
        policies=policies(scenario),
        supplied=_supplied(scenario),
        posteriors=workshop.posteriors(scenario),
        first=first,
        last=last,
        longest=min(LONGEST_TRUCE, (last - first).days - 1),
        most_aid=MOST_AID_PERCENT,
        aid=address.write_number(100.0 * state["aid"]),
    )


def _supplied(scenario: Scenario) -> str | None:
    """Return the one side that gets arms from abroad; None where none or both do."""
    from ceasefire.analysis.questions import the_supplied
    from ceasefire.scenario import plan_without_truce

    try:
        return the_supplied(scenario, plan_without_truce(scenario).policy)
    except InputError:
        return None


def serve(visit: Visit, given: Inputs) -> None:
    """Answer the question of one visitor, as often as he changes a slot."""
    answer: reactive.Value[Shown | None] = reactive.value(None)
    drawn: reactive.Value[str] = reactive.value("")
    founded: reactive.Value[Rest | None] = reactive.value(None)
    workshop = visit.workshop

    @reactive.effect
    @reactive.event(given.question_slots, given.viewport)
    async def _ask() -> None:
        asked = address.texts(given.question_slots())
        state = address.read(slots(workshop, asked), asked)
        width = charts.NARROW if given.viewport() == "narrow" else charts.WIDE
        visit.follow(lambda: _answer(state, width))

    async def _answer(state: State, width: int) -> None:
        if not await visit.accepts(state):
            return
        try:
            check(workshop, state)
            key = state.key()
            found = await visit.compute("answer", ("answer", key), lambda told: shown(workshop, state, told))
            await visit.send("address", query=state.query(PART), command=command(workshop, state))
            # Nothing of the answer before stands beside this one.
            await visit.show((answer, found), (founded, workshop.shown.get(("rest", key))))
            await visit.send("redrawing", on=True)
            picture_key = ("picture", key, width)
            svg = await visit.compute(
                "picture", picture_key, lambda told: picture(workshop, state, width, told)
            )
            await visit.show((drawn, svg))
            await visit.send("redrawing", on=False)
            why = await visit.compute("rest", ("rest", key), lambda told: rest(workshop, state, told))
            await visit.show((founded, why))
        except InputError as error:
            await visit.refuse(error)

    @render.ui
    def question_answer() -> ui.HTML | None:
        found = answer()
        return None if found is None else ui.HTML(templates.render("answer.html.j2", found=found))

    @render.ui
    def question_verdict() -> ui.HTML | None:
        return ui.HTML(templates.render("verdict.html.j2", found=founded())) if answer() else None

    @render.ui
    def question_picture() -> ui.HTML | None:
        return ui.HTML(drawn()) if drawn() else None

    @render.ui
    def question_rest() -> ui.HTML | None:
        return ui.HTML(templates.render("rest.html.j2", found=founded())) if answer() else None


def outcomes(scenario: Scenario) -> list[tuple[str, str]]:
    """Return the outcomes that a war has, of both sides and of each: value and words."""
    from ceasefire.analysis import OUTCOMES as COUNTED
    from ceasefire.analysis.uses import has

    found = []
    for name, (both, one) in OUTCOMES.items():
        if not COUNTED[name].core and not all(has(scenario, needed) for needed in COUNTED[name].mechanisms):
            continue
        if both:
            found.append((name, both))
        found += [
            (f"{name}.{code}", one.format(side=side))
            for code, side in zip(scenario.codes, scenario.sides, strict=True)
        ]
    return found


def policies(scenario: Scenario) -> list[tuple[str, str]]:
    """Return what the truce can be compared with: value and words."""
    from ceasefire.scenario import plan_without_truce

    plain = plan_without_truce(scenario).policy
    others = [name for name in scenario.policies if name != plain]
    return [("", FIGHT_ON), *((name, f"with the policy '{words.dashes(name)}'") for name in others)]


def question_of(state: State) -> Question:
    """Return the question that a view asks."""
    from ceasefire.analysis.questions import Question

    outcome, _, side = str(state["outcome"]).partition(".")
    return Question(
        outcome=outcome,
        side=side or None,
        by=state["by"],
        start=state["start"],
        days=state["days"],
        monitored=state["monitored"],
        aid=state["aid"],
        against=state["against"],
    )


def command(workshop: Workshop, state: State) -> str:
    """Return the command that gives the same answer on the terminal."""
    question = question_of(state)
    scenario = workshop.given_as("scenario", state["scenario"])
    parts = ["ceasefire", "ask", scenario, "--outcome", question.outcome]
    parts += [] if question.side is None else ["--side", question.side]
    parts += ["--from", f"{question.start}", "--length", str(question.days), "--by", f"{question.by}"]
    parts += ["--monitored"] if question.monitored else []
    parts += [] if question.aid == 1.0 else ["--aid", address.write_number(question.aid)]
    parts += ["--against", question.against] if question.against else []
    parts += [] if state["posterior"] == "default" else ["--posterior", state["posterior"]]
    parts += [] if state["draws"] == DRAWS else ["--draws", str(state["draws"])]
    parts += [] if state["seed"] == 1 else ["--seed", str(state["seed"])]
    return shlex.join(parts)


def check(workshop: Workshop, state: State) -> None:
    """Refuse a question that cannot be asked, before anything is computed.

    Raises:
        InputError: a slot that cannot be filled so.
    """
    from ceasefire.analysis.questions import fill

    fill(question_of(state), workshop.scenario(state["scenario"]))


def answered(workshop: Workshop, state: State, told: Told) -> Answer:
    """Return the answer; the wars of the other policy are kept, so that a changed truce runs its own alone.

    Raises:
        InputError: a slot that cannot be filled so.
    """
    from ceasefire.analysis.questions import ASKED, ask, fill

    found: Answer | None = workshop.answers.get(state.key())
    if found is not None:
        return found
    scenario = workshop.scenario(state["scenario"])
    chosen = workshop.chosen(state["scenario"], state["posterior"])
    asked = fill(question_of(state), scenario)
    other = (
        state["scenario"],
        state["posterior"],
        asked.question.against,
        asked.question.outcome,
        asked.last_day,
        state["draws"],
        state["seed"],
    )
    kept = workshop.runs.get(other)
    runs = {} if kept is None else {asked.question.against: kept}
    found = ask(
        question_of(state),
        scenario,
        draws=state["draws"],
        seed=state["seed"],
        start=chosen.start,
        learnt=chosen.learnt,
        effective=chosen.effective,
        progress=told,
        runs=runs,
    )
    runs.pop(ASKED, None)
    workshop.runs.put(other, runs[asked.question.against])
    workshop.answers.put(state.key(), found)
    return found


def shown(workshop: Workshop, state: State, told: Told) -> Shown:
    """Return what is shown of an answer at once."""
    kept: Shown | None = workshop.shown.get(("answer", state.key()))
    if kept is not None:
        return kept
    found = answered(workshop, state, told)
    unit = words.unit(found.unit)
    low, median, high = (
        words.rounded(value, found.unit, digits=2) for value in (found.low, found.median, found.high)
    )
    counted_wars = found.comparison.draws - found.comparison.failed
    last = found.comparison.last_day
    counted = "" if last == state["by"] else f" Counted to {theme.day(last)}, the end of the nearest week."
    same = f" ({words.share(found.same)} come to the same)" if found.same >= 0.005 else ""
    answer = Shown(
        sentence=found.asked.sentence,
        headline=f"In {_in_ten(found.more)} simulated wars: {_more(state, workshop)}.",
        difference=f"This truce less {_other(state)}: {words.squared(f'{median} {unit}')},"
        f" with 90 % of the wars between {low} and {high}.",
        note=f"More in {words.share(found.more)} of {counted_wars:,} wars{same}; simulation error"
        f" {100 * found.mc_error:.2g} points.{counted}",
        curve=found.paths(),
        content={
            "question": found.asked.sentence,
            "command": command(workshop, state),
            "scenario": state["scenario"],
            "probability": found.probability,
            "mc_error": found.mc_error,
            "more": found.more,
            "same": found.same,
            "difference": {
                "median": found.median,
                "interval": [found.low, found.high],
                "level": 0.9,
                "unit": found.unit,
            },
            "draws": found.comparison.draws,
            "failed": found.comparison.failed,
            "seed": found.comparison.seed,
            "posterior": found.comparison.posterior,
        },
    )
    workshop.shown.put(("answer", state.key()), answer)
    return answer


def rest(workshop: Workshop, state: State, told: Told) -> Rest:
    """Return what an answer rests on and what would flip it, by the rules of a claim."""
    from ceasefire.analysis import not_modelled
    from ceasefire.claims.answering import verdict_on
    from ceasefire.report.asked import rests_on
    from ceasefire.report.flipping import NONE_FOUND, heading, less
    from ceasefire.report.flipping import told as told_of

    kept: Rest | None = workshop.shown.get(("rest", state.key()))
    if kept is not None:
        return kept
    found = answered(workshop, state, told)
    told(0, 3)
    chosen = workshop.chosen(state["scenario"], state["posterior"])
    finding = verdict_on(found, chosen)
    told(2, 3)
    other = "more" if found.probability < 0.5 else less(found.unit)
    base = found.probability if found.probability < 0.5 else 1.0 - found.probability
    assumed = found.assumed.value
    answer = Rest(
        verdict=finding.verdict,
        quote=words.squared(finding.quote),
        rests_on=rests_on(found),
        assumed=None if pd.isna(assumed) else assumed,
        conditions_heading=heading(other, base),
        conditions=tuple((words.squared(one.text), told_of(one, other)) for one in found.conditions),
        none_found=NONE_FOUND,
        depends_on=finding.depends_on,
        different_if=finding.different_if,
        not_modelled=not_modelled(found.comparison.world.structure_weights),
        says=chosen.says,
        content={
            **found.to_dict(),
            "command": command(workshop, state),
            "verdict": finding.verdict,
            "quote": finding.quote,
            "reason": [dict(one) for one in finding.reason],
        },
    )
    workshop.shown.put(("rest", state.key()), answer)
    return answer


def picture(workshop: Workshop, state: State, width: int, told: Told, *, heading: bool = False) -> str:
    """Return the two futures as SVG."""
    kept: str | None = workshop.shown.get(("picture", state.key(), width, heading))
    if kept is not None:
        return kept
    drawn = charts.to_svg(chart(workshop, state, width, told, heading=heading), place=f"question {width}")
    workshop.shown.put(("picture", state.key(), width, heading), drawn)
    return drawn


def chart(workshop: Workshop, state: State, width: int, told: Told, *, heading: bool) -> charts.Chart:
    """Return the two futures as a chart."""
    return answer_picture(answered(workshop, state, told), width=width, show_heading=heading)


def data(workshop: Workshop, state: State, told: Told) -> str:
    """Return the curve behind the picture as CSV, with what it is on its first lines."""
    answer = shown(workshop, state, told)
    about = answer.content
    lines = [
        f"# {answer.sentence}",
        f"# {answer.note} {answer.difference}",
        f"# scenario {about['scenario']}, posterior {about['posterior']}, seed {about['seed']};"
        f" again by: {about['command']}",
    ]
    table = answer.curve.assign(date=answer.curve["date"].dt.strftime("%Y-%m-%d"))
    return "\n".join(lines) + "\n" + table.to_csv(index=False, lineterminator="\n")


def as_json(workshop: Workshop, state: State, told: Told) -> str:
    """Return the whole answer as JSON."""
    return json.dumps(rest(workshop, state, told).content, indent=2, default=str) + "\n"


def _in_ten(share: float) -> str:
    """Return a share as `about 7 of 10`, the two ends as parts of twenty."""
    if share < 0.05:
        return "fewer than 1 of 20"
    if share > 0.95:
        return "more than 19 of 20"
    return f"about {min(max(round(10 * share), 1), 9)} of 10"


def _more(state: State, workshop: Workshop) -> str:
    scenario = workshop.scenario(state["scenario"])
    said = dict(outcomes(scenario))[state["outcome"]]
    return f"more {_happens(said)} by {theme.day(state['by'])} than {_than(state)}"


def _happens(said: str) -> str:
    """Return `soldiers be killed` as `soldiers are killed`."""
    plural = not said.startswith("ground")
    return said.replace(" be ", " are " if plural else " is ", 1)


def _than(state: State) -> str:
    return "by fighting on" if not state["against"] else f"with the policy '{words.dashes(state['against'])}'"


def _other(state: State) -> str:
    return "fighting on" if not state["against"] else f"the policy '{words.dashes(state['against'])}'"
