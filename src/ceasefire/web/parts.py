"""The parts of the page, in the order in which they stand in its head."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from shiny import Inputs

from ceasefire import charts
from ceasefire.web import address, audit, evidence, offer, question
from ceasefire.web.address import Slot, State
from ceasefire.web.desk import Queue, Told
from ceasefire.web.visits import Visit
from ceasefire.web.workshop import Workshop

FIRST_SCENARIO = "ukraine-2022"


class Part(Protocol):
    """A part of the page."""

    QUEUE: Queue
    """Which worker computes its files."""

    def slots(self, workshop: Workshop, asked: Mapping[str, str]) -> tuple[Slot, ...]:
        """Return what can be asked for; choices may hang on what is asked for."""

    def body(self, workshop: Workshop, state: State) -> str:
        """Return the controls, and the places of what is shown, as HTML."""

    def serve(self, visit: Visit, given: Inputs) -> None:
        """Answer one visitor, as often as he changes a slot."""

    def data(self, workshop: Workshop, state: State, told: Told) -> str:
        """Return the data behind the view as CSV."""

    def as_json(self, workshop: Workshop, state: State, told: Told) -> str:
        """Return all that the view shows as JSON."""

    def chart(
        self, workshop: Workshop, state: State, width: int, told: Told, *, heading: bool
    ) -> charts.Chart:
        """Return its picture."""


PARTS: Mapping[str, Part] = {"question": question, "audit": audit, "offer": offer, "evidence": evidence}
TITLES: Mapping[str, str] = {
    "question": "The question",
    "audit": "The audit",
    "offer": "The offer",
    "evidence": "The evidence",
}


def prepare(workshop: Workshop) -> None:
    """Load what the first visitor needs, and answer his question before he asks, while nobody else does."""

    def work(told: Told) -> None:
        for name, part in PARTS.items():
            state_of(workshop, {"part": name})
            told(0, 1)
            part.body(workshop, state_of(workshop, {"part": name})[1])
            told(0, 1)
        question.shown(workshop, state_of(workshop, {})[1], told)

    workshop.desk.ask("prepare", "rest", "prepare", work, queue="slow")


def state_of(workshop: Workshop, asked: Mapping[str, str]) -> tuple[str, State]:
    """Return the part that an address asks for, and the state of its view."""
    name = asked.get("part", "question")
    faults: tuple[str, ...] = ()
    if name not in PARTS:
        faults = (f"there is no part '{address.shown(name)}'; this is the question.",)
        name = "question"
    state = address.read(PARTS[name].slots(workshop, asked), asked)
    return name, State(state.slots, state.values, (*faults, *state.faults))
