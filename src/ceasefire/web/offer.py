"""The offer: whether accepting pays, over the prior that it is meant, for what a visitor states."""

from __future__ import annotations

import dataclasses
import json
import shlex
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd
from shiny import Inputs, reactive, render, ui

from ceasefire import charts
from ceasefire.report import offered, words
from ceasefire.web import address, templates
from ceasefire.web.address import Slot, State
from ceasefire.web.desk import Queue, Told
from ceasefire.web.visits import Visit
from ceasefire.web.workshop import Workshop

if TYPE_CHECKING:
    from ceasefire.bargaining import Offer
    from ceasefire.scenario import Scenario

PART = "offer"
QUEUE: Queue = "offers"
# So many terms of a truce share what they have in common; then it is begun anew.
MOST_TERMS = 10
LONGEST_TRUCE = 730
#: What is stated: name, words, most of the slider, step.
VALUES = (
    ("own_soldiers", "a soldier of one's own side", 5.0, 0.1),
    ("civilians", "a civilian killed on one's ground", 5.0, 0.1),
    ("area", "a km\N{SUPERSCRIPT TWO} of ground", 60.0, 1.0),
    ("aim", "the whole of an aim", 500_000.0, 5_000.0),
    ("refusal", "for who offers: being refused", 50_000.0, 1_000.0),
)
MOST_VALUE = 1e9
PRIORS = ("0.05", "0.1", "0.25", "0.5", "0.75", "0.9")
LEAST_RATIO, MOST_RATIO = 0.01, 100.0


@dataclasses.dataclass
class Shared:
    """What offers of a war have in common, and which terms have been computed; of their worker alone."""

    found: dict[Any, Any] = dataclasses.field(default_factory=dict)
    terms: set[Any] = dataclasses.field(default_factory=set)


def slots(workshop: Workshop, asked: Mapping[str, str]) -> tuple[Slot, ...]:
    """Return the slots: who offers what, the prior, what is valued, and the ratios of behaviour."""
    name = asked.get("scenario", "")
    name = name if name in workshop.scenarios else next(iter(workshop.scenarios))
    return workshop.once(("offer slots", name), lambda: _slots(workshop, name))  # type: ignore[no-any-return]


def _slots(workshop: Workshop, name: str) -> tuple[Slot, ...]:
    from ceasefire.bargaining import Values
    from ceasefire.bargaining.belief import stated_ratios
    from ceasefire.bargaining.offering import DEFAULT_PRIOR

    scenario = workshop.scenario(name)
    first = scenario.codes[_initiator(scenario)]
    values = Values()
    return (
        Slot("scenario", next(iter(workshop.scenarios)), address.one_of(list(workshop.scenarios))),
        Slot("by", first, address.one_of(list(scenario.codes))),
        Slot("days", 182, address.whole(1, _longest(scenario))),
        Slot("monitored", False, address.yes_or_no, address.write_yes_or_no),
        Slot("prior", DEFAULT_PRIOR, _prior_of(list(_classes(workshop, scenario)))),
        *(
            Slot(name, getattr(values, name), address.number(0.0, MOST_VALUE), address.write_number)
            for name, *_ in VALUES
        ),
        *(
            Slot(f"ratio_{name}", one.best, address.number(LEAST_RATIO, MOST_RATIO), address.write_number)
            for name, one in stated_ratios(None).items()
        ),
    )


def _longest(scenario: Scenario) -> int:
    return min(LONGEST_TRUCE, (scenario.end - scenario.start).days - 2)


def _initiator(scenario: Scenario) -> int:
    from ceasefire.bargaining.payoffs import side_named

    return side_named(scenario, None)


def _prior_of(classes: list[str]) -> Callable[[str], str]:
    """Return the rule of a slot that takes a probability, or a reference class by name."""

    def rule(text: str) -> str:
        try:
            float(text)
        except ValueError:
            return address.one_of(classes)(text)
        return address.write_number(address.number(0.0, 1.0)(text))

    return rule


def _classes(workshop: Workshop, scenario: Scenario) -> dict[str, tuple[str, float]]:
    """Return the reference classes of which a share is known: words and the prior that each suggests."""
    from ceasefire.bargaining.belief import reference_classes

    found = workshop.once(
        ("reference classes", scenario.name), lambda: reference_classes(workshop.evidence(), scenario.start)
    )
    return {one.name: (one.label, one.sincere) for one in found if one.sincere is not None}


def body(workshop: Workshop, state: State) -> str:
    """Return the controls, and the places of what is shown."""
    from ceasefire.bargaining.belief import stated_ratios

    scenario = workshop.scenario(state["scenario"])
    classes = _classes(workshop, scenario)
    prior = state["prior"]
    return templates.render(
        "offer.html.j2",
        state=state,
        scenarios=list(workshop.scenarios.items()),
        sides=list(zip(scenario.codes, scenario.sides, strict=True)),
        longest=_longest(scenario),
        opened=any(state[name] != state.slots[name].default for name in _stated(state)),
        priors=[
            *((name, f"{label}: {words.share(share)}") for name, (label, share) in classes.items()),
            *((text, f"{100 * float(text):g} %, stated") for text in _stated_priors(prior, classes)),
        ],
        values=[
            {
                "name": name,
                "words": said,
                "most": most,
                "step": step,
                "value": address.write_number(state[name]),
            }
            for name, said, most, step in VALUES
        ],
        ratios=[
            {
                "name": f"ratio_{name}",
                "words": one.says,
                "range": f"{one.low:g} to {one.high:g}",
                "value": address.write_number(state[f"ratio_{name}"]),
            }
            for name, one in stated_ratios(None).items()
        ],
    )


def _stated_priors(prior: str, classes: Collection[str]) -> list[str]:
    """Return the numbers among which a prior is chosen, with the one that is."""
    return sorted({*PRIORS, *([] if prior in classes else [prior])}, key=float)


def _stated(state: State) -> list[str]:
    """Return the slots of what is stated."""
    named = [name for name, *_ in VALUES]
    return [name for name in state.slots if name in named or name.startswith("ratio_")]


def stated(state: State) -> tuple[dict[str, float], dict[str, float]]:
    """Return the values and the ratios that differ from those that are stated by default."""
    named = [name for name, *_ in VALUES]
    values = {name: state[name] for name in named}
    ratios = {
        name.removeprefix("ratio_"): state[name]
        for name, slot in state.slots.items()
        if name.startswith("ratio_") and state[name] != slot.default
    }
    return values, ratios


def command(workshop: Workshop, state: State) -> str:
    """Return the command that gives the same on the terminal."""
    values, ratios = stated(state)
    scenario = workshop.given_as("scenario", state["scenario"])
    parts = ["ceasefire", "offer", scenario, "--by", state["by"], "--days", str(state["days"])]
    parts += ["--monitored"] if state["monitored"] else []
    parts += ["--prior", state["prior"]]
    for name, value in values.items():
        parts += ["--value", f"{name}={value:.12g}"] if value != state.slots[name].default else []
    for name, value in ratios.items():
        parts += ["--ratio", f"{name}={value:.12g}"]
    return shlex.join(parts)


def _terms(state: State) -> tuple[Any, ...]:
    return (state["by"], state["days"], state["monitored"])


def weighed(workshop: Workshop, state: State, told: Told) -> Offer:
    """Return what the offer is worth.

    Raises:
        InputError: what is stated cannot be used.
    """
    from ceasefire.bargaining import Terms, Values
    from ceasefire.bargaining import offer as weigh

    key = ("offer", state.key())
    kept: Offer | None = workshop.shown.get(key)
    if kept is not None:
        return kept
    scenario = workshop.scenario(state["scenario"])
    chosen = workshop.chosen(state["scenario"])
    shared: Shared | None = workshop.offers.get(state["scenario"])
    if shared is None or (len(shared.terms) >= MOST_TERMS and _terms(state) not in shared.terms):
        shared = Shared()
        workshop.offers.put(state["scenario"], shared)
    values, ratios = stated(state)
    found = weigh(
        scenario,
        state["by"],
        posterior=chosen.posterior,
        evidence=workshop.evidence(),
        prior=state["prior"],
        ratios=ratios,
        values=dataclasses.replace(Values(), **values),
        terms=Terms(days=state["days"], monitored=state["monitored"]),
        progress=told,
        start=chosen.start,
        shared=shared.found,
    )
    shared.terms.add(_terms(state))
    workshop.shown.put(key, found)
    return found


def chart(workshop: Workshop, state: State, width: int, told: Told, *, heading: bool) -> charts.Chart:
    """Return the answer over the prior as a chart."""
    return _drawn(weighed(workshop, state, told), width, heading=heading)


def _drawn(found: Offer, width: int, *, heading: bool) -> charts.Chart:
    from ceasefire.claims.offers import belief_curve

    told = belief_curve(found)
    return charts.offer_belief(
        told.frame,
        told.classes,
        title=told.title,
        subtitle=told.subtitle,
        threshold=told.threshold,
        prior=told.prior,
        width=width,
        show_heading=heading,
    )


def data(workshop: Workshop, state: State, told: Told) -> str:
    """Return the curve as CSV."""
    found = weighed(workshop, state, told)
    head = f"# {offered.answer(found)}\n# again by: {command(workshop, state)}\n"
    return head + str(found.curve().to_csv(index=False, lineterminator="\n"))


def as_json(workshop: Workshop, state: State, told: Told) -> str:
    """Return the whole answer as JSON."""
    content = {"command": command(workshop, state), **weighed(workshop, state, told).as_json()}
    return json.dumps(content, indent=2, default=str) + "\n"


def shown(workshop: Workshop, state: State, width: int, told: Told) -> dict[str, Any]:
    """Return all that the view shows."""
    from ceasefire.claims.offers import belief_curve

    key = ("offer shown", state.key(), width)
    kept: dict[str, Any] | None = workshop.shown.get(key)
    if kept is not None:
        return kept
    found = weighed(workshop, state, told)
    told(1, 1)
    picture = belief_curve(found)
    view = {
        "answer": offered.answer(found),
        "threshold": offered.threshold_in_words(found),
        "game": offered.game_in_words(found),
        "equilibria": [
            offered.equilibrium_in_words(one, found.payoffs.by, found.payoffs.to) for one in found.equilibria
        ],
        "limits": offered.limits_of_an_offer(found),
        "left_out": offered.left_out(found) if found.payoffs.failed else "",
        "says": workshop.chosen(state["scenario"]).says,
        "observations": [
            {
                "says": one.says,
                "ratio": f"{one.ratio.best:g}",
                "before": words.share(one.belief_before),
                "after": words.share(one.belief_after),
                "rows": [f"{words.day(day)}: {what}" for day, what, _ in one.rows][-4:],
                "count": len(one.rows),
            }
            for one in found.belief.observations
        ],
        "turns": [
            {
                "what": row["what"],
                "share": words.share(row["share"]),
                "threshold": "none"
                if pd.isna(row["threshold"])
                else f"{row['threshold']:.2f} ({row['low']:.2f} to {row['high']:.2f})",
            }
            for row in found.turns().to_dict("records")
        ],
        "title": picture.title,
        "subtitle": picture.subtitle,
        "picture": charts.to_svg(_drawn(found, width, heading=False), place=f"offer {width}"),
    }
    workshop.shown.put(key, view)
    return view


def serve(visit: Visit, given: Inputs) -> None:
    """Weigh the offer for one visitor, as often as he states something else."""
    seen: reactive.Value[dict[str, Any] | None] = reactive.value(None)
    workshop = visit.workshop

    @reactive.effect
    @reactive.event(given.offer_slots, given.viewport)
    async def _ask() -> None:
        asked = address.texts(given.offer_slots())
        state = address.read(slots(workshop, asked), asked)
        width = charts.NARROW if given.viewport() == "narrow" else charts.WIDE
        visit.follow(lambda: _show(state, width))

    async def _show(state: State, width: int) -> None:
        await visit.view(
            seen,
            PART,
            state,
            command(workshop, state),
            lambda told: shown(workshop, state, width, told),
            key=("offer shown", state.key(), width),
            queue=QUEUE,
        )

    @render.ui
    def offer_shown() -> ui.HTML | None:
        found = seen()
        return None if found is None else ui.HTML(templates.render("weighed.html.j2", found=found))
