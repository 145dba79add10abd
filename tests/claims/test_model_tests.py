"""Shares of wars, the wider war, aid by kind, and what nobody can observe: the words and their caps."""

import dataclasses
import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ceasefire.analysis import Carried
from ceasefire.analysis.aid import KINDS, SAVINGS, Saved
from ceasefire.analysis.events import EVENTS, Happened
from ceasefire.analysis.questions import Condition
from ceasefire.analysis.shares import Share, Shares
from ceasefire.claims import schema
from ceasefire.claims.aided import aid_saves
from ceasefire.claims.carrying import NOTHING, Carrying
from ceasefire.claims.intents import unobservable
from ceasefire.claims.model_shares import DEEP, model_share
from ceasefire.claims.modelled import Bar

CODES = {"AL": "Aldria", "BR": "Bremor", "Aldria": "Aldria", "Bremor": "Bremor"}
UNTIL = dt.date(2002, 1, 1)
ALONE = Carrying(Carried(("internal_break",), True), frozenset(), ("internal_break",), "a war")


def spread(assumed: float) -> Shares:
    """Return shares of which so much is assumed of what parameters explain."""
    known = Share(0.3, 0.2, 0.4)
    return Shares(known, known, known, known, known, Share(assumed, assumed, assumed), 1_000)


@dataclasses.dataclass
class Wars:
    """Wars in which an event happens as often as a test wants."""

    share: float
    structures: tuple[float, ...] = ()
    posterior: str = "a calibration"
    effective_draws: float | None = None
    assumed: float = 0.2
    draws: int = 10_000
    asked: list[Any] = dataclasses.field(default_factory=list)
    none: bool = False

    def happened(
        self, event: str, side: str | None, until: dt.date, given: tuple[str, str | None] | None = None
    ) -> Happened:
        self.asked.append((event, side, until, given))
        assert event in EVENTS
        table = pd.DataFrame(
            {
                "structure": "decision_rule",
                "choice": [f"rule {number}" for number in range(len(self.structures))],
                "draws": 1_000,
                "probability": self.structures,
                "mc_error": 0.01,
            }
        )
        wars = 0 if self.none else self.draws
        error = float(np.sqrt(self.share * (1 - self.share) / self.draws))
        return Happened(wars, self.share, error, 0.001, 0.1, 0.9, table, spread(self.assumed), 0, self.draws)


@dataclasses.dataclass
class Aided:
    """Wars with more aid, of which each kind saves as often as a test wants."""

    often: dict[str, float]
    posterior: str = "a calibration"
    assumed_share: float = 0.2
    unfitted: tuple[str, ...] = ()
    until: dt.date = UNTIL
    draws: int = 10_000
    failed: int = 0
    where: dict[str, tuple[Condition, ...]] = dataclasses.field(default_factory=dict)
    searched: list[str] = dataclasses.field(default_factory=list)

    @property
    def more(self) -> dict[str, Any]:
        return self.often

    def saved(self, kind: str, saves: str) -> Saved:
        share = self.often[kind]
        rows = pd.DataFrame(columns=["structure", "choice", "draws", "probability", "mc_error"])
        error = float(np.sqrt(share * (1 - share) / self.draws))
        return Saved(
            KINDS[kind], SAVINGS[saves], 100.0, 0.1, 0.01, -0.1, 0.1, 0.5, share, error,
            spread(self.assumed_share), rows,
        )  # fmt: skip

    def assumed(self, kind: str, saves: str) -> tuple[str, ...]:
        return self.unfitted if KINDS[kind].mechanism is not None else ()

    def conditions(self, kind: str, saves: str) -> tuple[Condition, ...] | None:
        self.searched.append(kind)
        return self.where.get(kind, ())

    def bars(self, kind: str, saves: str) -> tuple[Bar, ...] | None:
        return ()


def shared(wars: Wars, carrying: Carrying = NOTHING, **more: Any) -> Any:
    values = {"kind": "model_share", "event": "internal_break", "side": "AL", "until": UNTIL, "at_least": 0.5}
    if "at_most" in more:
        del values["at_least"]
    test = schema.ModelShare.model_validate({**values, **more})
    return model_share(test, wars, CODES, carrying=carrying)


@pytest.mark.parametrize(
    ("share", "structures", "word"),
    [
        (0.6, (), "supported"),
        (0.4, (), "not supported"),
        (0.5, (), "undetermined"),
        (0.6, (0.9, 0.1), "contested"),
        (0.6, (0.9, 0.49), "undetermined"),
    ],
)
def test_the_word_of_a_share_of_wars(share: float, structures: tuple[float, ...], word: str) -> None:
    assert shared(Wars(share, structures)).verdict == word


@given(st.floats(0, 1), st.floats(0.01, 0.99))
def test_at_most_mirrors_at_least(share: float, edge: float) -> None:
    mirrored = {"supported": "not supported", "not supported": "supported"}
    least, most = shared(Wars(share), at_least=edge), shared(Wars(share), at_most=edge)
    assert most.verdict == mirrored.get(least.verdict, least.verdict)
    assert least.probability == most.probability == share


@given(st.integers(0, 10_000), st.floats(0, 1), st.sampled_from(["prior", "a calibration"]))
def test_no_share_is_better_than_its_caps(wars: int, assumed: float, posterior: str) -> None:
    share = wars / 10_000
    finding = shared(Wars(share, posterior=posterior, assumed=assumed))
    if posterior == "prior" or assumed > 0.5:
        assert finding.verdict == "undetermined"
    low, high = finding.interval
    assert low <= share <= high
    assert finding.mc_error > 0
    assert shared(Wars(share, assumed=assumed), ALONE).verdict == "undetermined"


def test_an_event_that_no_fit_had_says_what_the_word_would_be() -> None:
    finding = shared(Wars(0.99), ALONE)
    assert finding.reason[0]["word_without_the_cap"] == "supported"
    assert "as what carries it (internal break) is assumed and in no fit" in finding.quote
    assert "Aldria breaks from within by 1 January 2002" in finding.quote


def test_sides_by_code_and_a_condition() -> None:
    wars = Wars(0.5)
    shared(wars, event="war_ended", side=None, given={"event": "internal_break", "side": "BR"})
    assert wars.asked == [("war_ended", None, UNTIL, ("internal_break", "Bremor"))]
    none = shared(Wars(0.5, none=True), event="war_ended", side=None, given={"event": "internal_break"})
    assert none.verdict == "undetermined"
    assert "In none of 10,000 simulated wars either side breaks from within" in none.quote


def test_few_draws_of_the_posterior_are_less_sure() -> None:
    assert shared(Wars(0.55)).verdict == "supported"
    assert shared(Wars(0.55, effective_draws=50.0)).verdict == "undetermined"


@pytest.mark.parametrize("share", [0.0, 0.2, 0.99, 1.0])
def test_the_wider_war_decides_nothing_and_is_told_apart(share: float) -> None:
    finding = shared(Wars(share), event="wider_war", side=None)
    assert finding.verdict == "undetermined"
    assert finding.assumed_share == 1.0
    assert finding.interval == (0.001, 0.9)
    assert finding.reason[0]["rule"] == DEEP
    assert finding.quote.startswith("Nobody can say how likely it is")
    assert "from 0.1% to 90%" in finding.quote


def test_a_share_needs_one_edge() -> None:
    for edges in ({}, {"at_least": 0.5, "at_most": 0.9}):
        with pytest.raises(ValueError, match="a share needs one edge"):
            schema.ModelShare.model_validate(
                {"kind": "model_share", "event": "war_ended", "until": UNTIL, **edges}
            )


def saving(aided: Aided, **more: Any) -> Any:
    test = schema.AidSaves.model_validate({"kind": "aid", "side": "AL", **more})
    return aid_saves(test, aided, CODES, NOTHING)


@pytest.mark.parametrize(
    ("often", "word"),
    [
        ({"shells": 0.95, "vehicles": 0.93}, "supported"),
        ({"shells": 0.95, "vehicles": 0.8}, "mostly supported"),
        ({"shells": 0.95, "vehicles": 0.5}, "undetermined"),
        ({"shells": 0.95, "vehicles": 0.1}, "not supported"),
    ],
)
def test_the_weakest_kind_decides(often: dict[str, float], word: str) -> None:
    finding = saving(Aided(often))
    assert finding.verdict == word
    assert finding.reason[0]["weakest"] == "vehicles"
    assert finding.probability == often["vehicles"]
    assert saving(Aided(often), of="shells").verdict == "supported"


def test_a_kind_that_no_fit_had_is_undetermined_and_named() -> None:
    finding = saving(Aided({"shells": 0.95, "guns": 0.99}, unfitted=("artillery",)))
    assert finding.verdict == "undetermined"
    assert "as artillery, which no fit had, is assumed" in finding.quote
    assert any(line.startswith("guns: artillery in every war") for line in finding.depends_on)
    assert saving(Aided({"shells": 0.95}, posterior="prior")).verdict == "undetermined"
    assert saving(Aided({"shells": 0.95}, assumed_share=0.6)).verdict == "undetermined"


def test_units_are_told_together() -> None:
    finding = saving(Aided({"shells": 0.95}))
    assert finding.interval == pytest.approx((-1_000.0, 5_000.0))
    assert "10,000 rounds more save about 1,000" in finding.quote


def test_what_nobody_can_observe_is_untestable() -> None:
    test = schema.Unobservable(kind="unobservable", because="it is said behind closed doors")
    finding = unobservable(test)
    assert finding.verdict == "untestable"
    assert finding.quote == "Nothing that can be read settles it: it is said behind closed doors."
