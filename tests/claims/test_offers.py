"""Offers, leaders who go on, past ceasefires and episodes as tests of a claim: words, caps, mirrors."""

import dataclasses
import datetime as dt
import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ceasefire.analysis import Carried
from ceasefire.bargaining import Offer, Values, reference_classes
from ceasefire.bargaining.payoffs import Stakes
from ceasefire.bargaining.resurrection import Line
from ceasefire.claims import Finding, audit, load_claims, parse_claims, schema
from ceasefire.claims.carrying import Carrying
from ceasefire.claims.leaders import STATED, Followed, carried, leader
from ceasefire.claims.modelled import Part, Parts
from ceasefire.claims.offers import ASKED, STATED_ALONE, Weighed, belief_reasons, offer
from ceasefire.claims.rules import NO_FIT
from ceasefire.claims.survivals import ONE_CASE, survival
from ceasefire.claims.universals import counterexamples
from ceasefire.evidence import load
from ceasefire.files import InputError
from ceasefire.report.reasons import because
from ceasefire.scenario import load_scenario, mirror
from tests.bargaining.offers import invented, shipped

THEN = dt.date(2022, 12, 21)
WARS = Carrying(Carried(()), frozenset(), ("belief",), "a war")


def spread(assumed: float) -> Parts:
    """Return parts of a spread of which so much is assumed of what parameters explain."""
    known = Part(0.3, 0.2, 0.4)
    return Parts(known, known, known, known, Part(assumed, assumed, assumed))


class Sure(Offer):
    """An offer whose stakes are the same whatever is valued."""


def weighed(
    gain: Callable[[int], np.ndarray] | float,
    loss: float,
    *,
    assumed: float = 0.2,
    posterior: str = "a calibration",
    structures: dict[tuple[str, str], Any] | None = None,
    found: Offer | None = None,
    **changed: Any,
) -> Weighed:
    """Return an offer of the invented war whose stakes are what a test wants, the same in every draw."""
    base = invented() if found is None else found
    count = base.payoffs.draws

    class Payoffs(type(base.payoffs)):  # type: ignore[misc]
        def stakes(self, values: Values, aid: str = "keep", day: int = -1) -> Stakes:
            ends = np.full(count, float(gain)), np.full(count, loss)  # type: ignore[arg-type]
            return Stakes(*ends, float(ends[0][0]), loss, np.stack(ends, axis=1))

        def reached(self) -> dict[str, float]:
            return {"truce": 1.0, "exploited": 1.0}

    parts = {
        field.name: getattr(base.payoffs, field.name)
        for field in dataclasses.fields(base.payoffs)
        if field.init
    }
    payoffs = Payoffs(**{**parts, "posterior": posterior})
    made = dataclasses.replace(base, payoffs=payoffs, **changed)
    return Weighed(made, structures or {}, None, spread(assumed))


def asked(asks: str, given: Weighed) -> Finding:
    return offer(schema.Offer.model_validate({"kind": "offer", "by": "AL", "asks": asks}), given, WARS)


@pytest.mark.parametrize(
    ("gain", "loss", "refusing", "accepting", "never"),
    [
        # At every belief of the record (there is none: the prior), peace wins and a bluff loses as much.
        (1_000.0, -1_000.0, "not supported", "supported", "not supported"),
        (-1_000.0, 1_000.0, "supported", "not supported", "supported"),
        (-1_000.0, -2_000.0, "undetermined", "undetermined", "not supported"),
    ],
)
def test_the_word_is_that_of_the_draws(
    gain: float, loss: float, refusing: str, accepting: str, never: str
) -> None:
    given = weighed(gain, loss)
    assert asked("never_pays", given).verdict == never
    if refusing != "undetermined":
        assert asked("refusing_pays", given).verdict == refusing
        assert asked("accepting_pays", given).verdict == accepting


@settings(max_examples=20)
@given(gain=st.floats(-1e5, 1e5), loss=st.floats(-1e5, 1e5), assumed=st.floats(0, 1))
def test_refusing_mirrors_accepting_and_no_cap_is_passed(gain: float, loss: float, assumed: float) -> None:
    mirrored = {"supported": "not supported", "not supported": "supported"}
    given = weighed(gain, loss, assumed=assumed)
    refusing, accepting = asked("refusing_pays", given), asked("accepting_pays", given)
    assert refusing.probability is not None
    assert accepting.probability is not None
    assert refusing.probability == pytest.approx(1.0 - accepting.probability)
    assert refusing.verdict == mirrored.get(accepting.verdict, accepting.verdict)
    if assumed > 0.5:
        assert refusing.verdict == "undetermined"
    assert asked("refusing_pays", weighed(gain, loss, posterior="prior")).verdict == "undetermined"


def test_structures_that_disagree_are_contested() -> None:
    base = invented().payoffs
    half = np.arange(base.draws) < base.draws // 2

    class Split(Stakes):
        pass

    given = weighed(1_000.0, -1_000.0)
    gain = np.where(half, 1_000.0, -1_000.0)
    stakes = Stakes(gain, -gain, 0.0, 0.0, np.stack([gain, -gain], axis=1))
    object.__setattr__(given.found.payoffs, "stakes", lambda *_: stakes)
    rivals = {("rule", "one"): half, ("rule", "another"): ~half}
    finding = asked("refusing_pays", dataclasses.replace(given, structures=rivals))
    assert finding.verdict == "contested"
    assert "structures disagree on the sign" in finding.reason[0]["rule"]


def test_an_offer_that_no_war_shows_to_be_a_bluff_decides_nothing() -> None:
    given = weighed(1_000.0, -1_000.0)
    object.__setattr__(given.found.payoffs, "reached", lambda: {"truce": 1.0, "exploited": 0.0})
    finding = asked("accepting_pays", given)
    assert finding.verdict == "undetermined"
    assert "no simulated war shows an offer that is a bluff" in finding.quote


@pytest.mark.parametrize("by", ["RU", "UA"])
def test_whether_it_is_a_bluff_is_untestable_and_the_belief_is_quoted(by: str) -> None:
    found = shipped(by)
    finding = offer(
        schema.Offer.model_validate({"kind": "offer", "by": by, "asks": "bluff"}),
        Weighed(found, {}, None, spread(0.2)),
        WARS,
    )
    assert finding.verdict == "untestable"
    assert finding.probability is None
    assert finding.modelled is None
    assert finding.assumed_share == 1.0
    belief = found.belief
    assert finding.interval == (1.0 - belief.high, 1.0 - belief.low)
    assert (
        f"from {belief.prior:.0%} to {belief.value:.0%} ({belief.low:.0%} to {belief.high:.0%}"
        in finding.quote
    )
    assert STATED_ALONE in [line["rule"] for line in finding.reason]
    seen = [line for line in finding.reason if line["rule"] == "behaviour on record"]
    assert len(seen) == len(belief.observations) > 0
    assert seen[-1]["belief_after"] == belief.value
    told = " ".join(because(finding.reason))
    assert told.count(", stated: belief ") == len(seen)
    assert "{" not in told


def test_on_the_shipped_war_both_sides_are_asked_by_the_same_rules() -> None:
    for asks in sorted(ASKED):
        words = set()
        for by in ("RU", "UA"):
            found = shipped(by)
            structures = {("a rule", "one"): np.ones(found.payoffs.draws, dtype=bool)}
            finding = offer(
                schema.Offer.model_validate({"kind": "offer", "by": by, "asks": asks}),
                Weighed(found, structures, None, spread(0.2)),
                WARS,
            )
            words.add(finding.verdict)
            assert finding.probability is not None
            assert found.payoffs.by in finding.quote
            assert {"what it turns on", "equilibrium", "power in the truce"} <= {
                line["rule"] for line in finding.reason
            }
            assert finding.chart is not None
            assert finding.beside
            assert "{" not in " ".join(because(finding.reason))
        assert words <= {"supported", "mostly supported", "contested", "not supported", "undetermined"}


def test_the_threshold_is_nowhere_where_no_draw_has_one() -> None:
    finding = asked("accepting_pays", weighed(1_000.0, -1_000.0))
    assert "hardly any draw has a belief from which accepting starts to pay" in finding.quote


def test_regret_is_what_the_better_answer_would_have_given() -> None:
    finding = asked("refusing_pays", weighed(1_000.0, -1_000.0))
    (regret,) = (line for line in finding.reason if line["rule"] == "regret")
    assert regret["refuse"]["mean"] == pytest.approx(1_000.0)
    assert regret["accept"]["mean"] == 0.0


ARTICLE = """
article: {{id: mine, title: Mine, published: 2001-07-15, scenario: invented-war, about: Mine.}}
claims:
  - id: offers
    kind: counterfactual
    short: Offers
    says: Something of offers.
    readings:
      - {{id: one, main: true, says: One., test: {{kind: offer, by: {by}, asks: {asks}, days: 91}}}}
"""


@pytest.mark.parametrize("asks", ["refusing_pays", "rearming_gains"])
def test_sides_listed_the_other_way_round_get_the_same_answer(asks: str) -> None:
    file = parse_claims(ARTICLE.format(by="AL", asks=asks), "mine.yaml")
    war = load_scenario("invented-war")
    (here,) = audit(file, scenario=war, draws=48, posterior="prior", evidence=load()).results
    (there,) = audit(file, scenario=mirror(war), draws=48, posterior="prior", evidence=load()).results
    assert here.verdict == there.verdict == "undetermined"
    assert here.probability == there.probability
    assert here.interval == there.interval
    assert here.quote == there.quote


# Leaders


class Study:
    """Leaders who go on as much longer as a test wants."""

    def __init__(self, days: float, other_aim: float | None = None, disaster: float | None = None) -> None:
        self.days, self.other_aim, self.disaster = days, other_aim, disaster

    def longer(self, distortion: float, aim: float, office: float, line: Line) -> Any:
        days = self.days
        if self.other_aim is not None and aim == 0.0:
            days = self.other_aim
        if self.disaster is not None and line.fate == "disaster":
            days = self.disaster
        return np.full((4, 1_000), days)

    def cell(self, *_: Any) -> Any:
        return type(
            "Cell", (), {
                "days": self.days, "days_error": 1.0, "interval": (self.days, self.days), "killed": 10.0,
                "killed_error": 1.0, "to_the_end": 0.0,
            },
        )  # fmt: skip


def going_on(days: float, fitted: bool = False, assumed: float = 0.2, **given: Any) -> Finding:
    """Return the finding on a leader who goes on so many days longer in every war."""
    asked_of = {name: given.pop(name) for name in ("distortion", "office") if name in given}
    posterior = given.pop("posterior", "a calibration")
    test = schema.Leader.model_validate({"kind": "leader", "side": "AL", **asked_of})
    found = type(
        "Found", (), {
            "study": Study(days, **given), "line": Line(), "values": Values(), "draws": 1_000, "failed": 0,
            "posterior": posterior, "side": "Aldria", "last": dt.date(2002, 1, 1),
        },
    )  # fmt: skip
    kinds = ((test.distortion, test.office),)
    having = frozenset({"belief"}) if fitted else frozenset()
    followed = Followed(found, kinds, {}, None, spread(assumed))  # type: ignore[arg-type]
    return leader(test, followed, Carrying(carried(test), having, ("belief",)))


@pytest.mark.parametrize(
    ("days", "word"), [(28.0, "supported"), (-28.0, "not supported"), (0.0, "undetermined")]
)
def test_a_misled_leader_decides_only_where_a_fit_had_his_reports(days: float, word: str) -> None:
    assert going_on(days, fitted=True).verdict == word
    without = going_on(days)
    assert without.verdict == "undetermined"
    assert without.reason[0]["rule"] == NO_FIT
    assert without.reason[0]["word_without_the_cap"] == word
    assert going_on(days, fitted=True, posterior="prior").verdict == "undetermined"
    assert going_on(days, fitted=True, assumed=0.7).verdict == "undetermined"


def test_what_is_stated_of_a_leader_decides_nothing() -> None:
    finding = going_on(28.0, distortion=0.0, office=1_000.0)
    assert finding.verdict == "undetermined"
    assert finding.reason[0]["rule"] == STATED
    assert going_on(28.0, fitted=True, other_aim=-28.0).verdict == "contested"
    turned = going_on(28.0, distortion=0.0, office=1_000.0, disaster=-28.0)
    assert "office lost by a disaster alone: he would go on longer in 0% of the wars" in turned.different_if


# Past ceasefires and episodes


def held(**given: Any) -> Finding:
    test = schema.Survival.model_validate({"kind": "survival", "group": "interstate", **given})
    return survival(test, load(), THEN)


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({"at_least": 0.4}, "mostly supported"),
        ({"at_most": 0.4}, "not supported"),
        ({"at_least": 0.9}, "not supported"),
        ({"at_most": 0.9}, "mostly supported"),
        ({"at_least": 0.6}, "undetermined"),
    ],
)
def test_survival_against_an_edge(given: dict[str, float], word: str) -> None:
    finding = held(**given)
    assert finding.verdict == word
    assert finding.probability is None
    assert finding.chart is not None
    assert "{" not in " ".join(because(finding.reason))


def test_one_war_that_carries_it_decides_nothing() -> None:
    middle = held(at_least=0.4).reason[0]
    edge = min(middle["low"], middle["by_dyad_low"])
    assert held(at_least=edge).verdict == "mostly supported"
    rules = {held(at_least=edge - step / 100).reason[0]["because"] for step in range(10)}
    assert rules <= {ONE_CASE, "the whole interval bears it out; one list is one origin"}


def test_a_class_too_small_is_undetermined() -> None:
    test = schema.Survival.model_validate(
        {"kind": "survival", "group": "extrastate", "years": 5, "at_least": 0.5}
    )
    assert survival(test, load(), dt.date(1930, 1, 1)).verdict == "undetermined"


def episodes(main: str, **given: Any) -> Finding:
    test = schema.Counterexamples.model_validate(
        {
            "kind": "counterexamples", "records": "episodes", "outcome": "attacked", "group": "answerer",
            "groups": ["RU", "UA"], "main_group": main, "years": 0.25, **given,
        }
    )  # fmt: skip
    return counterexamples(test, load(), dt.date(2025, 12, 31))


@pytest.mark.parametrize("side", ["RU", "UA"])
def test_offers_as_episodes_answer_always_and_name_the_offensives(side: str) -> None:
    finding = episodes(side)
    assert finding.verdict == "not supported"
    assert any("those that share one are one event" in line for line in finding.depends_on)
    with pytest.raises(InputError, match="have no answer for 'says: mostly'"):
        episodes(side, says="mostly")


def test_the_shipped_claims_ask_the_same_of_both_sides() -> None:
    tests = [
        reading.test
        for claim in load_claims("interview-with-a-tyrant").claims
        for reading in claim.readings
        if isinstance(reading.test, schema.Offer | schema.Leader)
    ]
    for side, other in (("RU", "UA"), ("UA", "RU")):
        mine = {_of(test) for test in tests if _of(test)[1] == side and not getattr(test, "monitored", False)}
        theirs = {_of(test) for test in tests if _of(test)[1] == other}
        assert {(kind, other, *rest) for kind, _, *rest in mine} <= theirs


def _of(test: schema.Offer | schema.Leader) -> tuple[Any, ...]:
    if isinstance(test, schema.Offer):
        return (test.kind, test.by, test.asks)
    return (test.kind, test.side, test.distortion, test.office)


def test_the_reference_classes_are_those_of_the_game() -> None:
    assert set(schema.REFERENCE_CLASSES) == {one.name for one in reference_classes(load(), THEN)}


def test_the_effect_on_belief_is_a_chain() -> None:
    lines = [line for line in belief_reasons(shipped()) if line["rule"] == "behaviour on record"]
    for before, after in itertools.pairwise(lines):
        assert before["belief_after"] == after["belief_before"]
