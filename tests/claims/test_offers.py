"""Offers, leaders who go on, past ceasefires and episodes as tests of a claim: words, caps, mirrors."""

import dataclasses
import datetime as dt
import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ceasefire.analysis import Carried
from ceasefire.bargaining import Offer, Values, reference_classes
from ceasefire.bargaining.past import Figure, Range
from ceasefire.bargaining.payoffs import Spread, Stakes
from ceasefire.bargaining.resurrection import Line
from ceasefire.claims import Finding, audit, load_claims, parse_claims, schema
from ceasefire.claims.carrying import Carrying
from ceasefire.claims.leaders import STATED, Followed, carried, leader
from ceasefire.claims.modelled import Part, Parts
from ceasefire.claims.offers import ASKED, STATED_ALONE, Margin, Weighed, belief_reasons, offer
from ceasefire.claims.rules import NO_FIT
from ceasefire.claims.survivals import ONE_CASE, _word, survival
from ceasefire.claims.universals import counterexamples
from ceasefire.evidence import load
from ceasefire.evidence.shares import jeffreys
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


def weighed(
    gain: np.ndarray | float,
    loss: np.ndarray | float,
    *,
    assumed: float = 0.2,
    posterior: str = "a calibration",
    structures: dict[tuple[str, str], Any] | None = None,
    found: Offer | None = None,
    **changed: Any,
) -> Weighed:
    """Return an offer of the invented war whose stakes are what a test wants, by draw or the same in all."""
    base = invented() if found is None else found
    count = base.payoffs.draws

    class Payoffs(type(base.payoffs)):  # type: ignore[misc]
        def stakes(self, values: Values, aid: str = "keep", day: int = -1) -> Stakes:
            ends = [np.broadcast_to(np.asarray(end, float), count) for end in (gain, loss)]
            return Stakes(np.stack(ends, axis=1)[:, None])

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


def asked(asks: str, given: Weighed, by: str = "AL") -> Finding:
    return offer(schema.Offer.model_validate({"kind": "offer", "by": by, "asks": asks}), given, WARS)


@pytest.mark.parametrize(
    ("gain", "loss", "refusing", "accepting", "never"),
    [
        # At every belief of the record (there is none: the prior), peace wins and a bluff loses as much.
        (1_000.0, -1_000.0, "not supported", "supported", "not supported"),
        (-1_000.0, 1_000.0, "supported", "not supported", "supported"),
        # Both the wrong way round: at even odds accepting gains 500.
        (-1_000.0, -2_000.0, "not supported", "supported", "not supported"),
    ],
)
def test_the_word_is_that_of_the_draws(
    gain: float, loss: float, refusing: str, accepting: str, never: str
) -> None:
    given = weighed(gain, loss)
    assert asked("never_pays", given).verdict == never
    assert asked("refusing_pays", given).verdict == refusing
    assert asked("accepting_pays", given).verdict == accepting


@pytest.mark.parametrize(
    ("wins", "word"),
    [
        (48, "supported"),
        (43, "mostly supported"),
        (32, "undetermined"),
        (24, "undetermined"),
        (16, "undetermined"),
        (5, "not supported"),
        (0, "not supported"),
    ],
)
@pytest.mark.parametrize("by", ["AL", "BR"])
def test_the_word_follows_the_share_of_the_48_draws_whoever_offers(wins: int, word: str, by: str) -> None:
    gain = np.where(np.arange(48) < wins, 3_000.0, -3_000.0)
    finding = asked("accepting_pays", weighed(gain, 0.0, found=invented(by)), by)
    assert finding.verdict == word
    assert finding.probability == pytest.approx(wins / 48)


def test_the_interval_of_a_share_is_wider_where_chance_moves_all_draws_and_of_few_draws() -> None:
    rng = np.random.default_rng(5)
    truth = rng.normal(2.0, 3.0, 128)
    exact, noisy = (
        Margin.of(
            Spread(truth[:, None, None] + rng.normal(0.0, chance, (128, 4, 1))), lambda gained: gained[..., 0]
        )
        for chance in (1e-6, 30.0)
    )
    low, high = exact.interval(128.0)
    assert (low, high) == pytest.approx(jeffreys(exact.share * 128, 128), abs=0.03)
    wide = noisy.interval(128.0)
    assert wide[1] - wide[0] > 2.0 * (high - low)
    # A structure of 30 draws is worth 30, and not as many as all.
    some = exact.among(np.arange(128) < 30)
    assert some.known.size == 30
    width = np.subtract(*jeffreys(some.share * 30, 30)[::-1])
    assert np.subtract(*some.interval(128.0)[::-1]) == pytest.approx(width, rel=0.2)
    assert np.subtract(*exact.interval(32.0)[::-1]) > 1.7 * (high - low)


@pytest.mark.thorough
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

    gain = np.where(half, 1_000.0, -1_000.0)
    given = weighed(gain, -gain)
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
        for by in ("RU", "UA"):
            found = shipped(by)
            structures = {("a rule", "one"): np.ones(found.payoffs.draws, dtype=bool)}
            finding = offer(
                schema.Offer.model_validate({"kind": "offer", "by": by, "asks": asks}),
                Weighed(found, structures, None, spread(0.2)),
                WARS,
            )
            assert finding.probability is not None
            assert found.payoffs.by in finding.quote
            assert {"what it turns on", "equilibrium", "power in the truce"} <= {
                line["rule"] for line in finding.reason
            }
            assert finding.chart is not None
            assert finding.beside
            assert "{" not in " ".join(because(finding.reason))


def test_the_threshold_is_nowhere_where_no_draw_has_one() -> None:
    finding = asked("accepting_pays", weighed(1_000.0, -1_000.0))
    assert "hardly any draw has a belief from which accepting starts to pay" in finding.quote


def test_regret_is_what_the_better_answer_would_have_given() -> None:
    finding = asked("refusing_pays", weighed(1_000.0, -1_000.0))
    (regret,) = (line for line in finding.reason if line["rule"] == "regret")
    assert regret["refuse"] == pytest.approx({"mean": 1_000.0, "mc_error": 0.0, "high": 1_000.0})
    assert regret["accept"] == {"mean": 0.0, "mc_error": 0.0, "high": 0.0}


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

    def __init__(self, days: Any, other_aim: float | None = None, disaster: float | None = None) -> None:
        self.days, self.other_aim, self.disaster = days, other_aim, disaster

    def longer(self, distortion: float, aim: float, office: float, line: Line) -> Any:
        if isinstance(self.days, np.ndarray):
            return self.days
        days = self.days
        if self.other_aim is not None and aim == 0.0:
            days = self.other_aim
        if self.disaster is not None and line.fate == "disaster":
            days = self.disaster
        return np.full((4, 1_000), days)

    def cell(self, *_: Any) -> Any:
        return type(
            "Cell", (), {
                "days": float(np.mean(self.days)), "days_error": 1.0, "killed": 10.0,
                "killed_error": 1.0, "to_the_end": 0.0,
            },
        )  # fmt: skip


def going_on(days: Any, fitted: bool = False, assumed: float = 0.2, **given: Any) -> Finding:
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


def test_one_spread_of_the_days_is_told_everywhere() -> None:
    """Over wars and the halves that rules came from: here halves differ, and wars do not."""
    finding = going_on(np.repeat([[-10.0], [10.0], [20.0], [60.0]], 1_000, axis=1), fitted=True)
    (line,) = (line for line in finding.reason if line["rule"] == "days past an informed leader")
    assert finding.modelled is not None
    assert finding.interval == (finding.modelled.low, finding.modelled.high) == (-10.0, 60.0)
    assert finding.modelled.median == 15.0
    assert (line["low"], line["high"]) == (-10.0, 60.0)
    assert "90 % of wars \N{MINUS SIGN}10 to 60" in finding.quote


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


def figure(
    interval: tuple[float, float],
    by_dyad: tuple[float, float],
    war: tuple[float, float],
    dyad: tuple[float, float],
) -> Figure:
    """Return a share of 0.6 whose intervals and ranges are what a test wants."""
    ranges = (Range(low, "one", high, "another") for low, high in (war, dyad))
    return Figure(5.0, 0.6, interval, 0.6, by_dyad, *ranges)


@pytest.mark.parametrize(
    ("held_by", "word"),
    [
        (figure((0.5, 0.7), (0.5, 0.7), (0.5, 0.7), (0.5, 0.7)), "mostly supported"),
        (figure((0.5, 0.7), (0.5, 0.7), (0.3, 0.7), (0.5, 0.7)), "undetermined"),
        (figure((0.5, 0.7), (0.5, 0.7), (0.5, 0.7), (0.3, 0.7)), "undetermined"),
        (figure((0.5, 0.7), (0.1, 0.3), (0.5, 0.7), (0.5, 0.7)), "undetermined"),
        (figure((0.1, 0.3), (0.1, 0.3), (0.1, 0.3), (0.1, 0.3)), "not supported"),
        (figure((0.1, 0.3), (0.1, 0.3), (0.1, 0.5), (0.1, 0.3)), "undetermined"),
    ],
)
def test_one_war_or_pair_that_carries_it_decides_nothing(held_by: Figure, word: str) -> None:
    test = schema.Survival.model_validate(
        {"kind": "survival", "group": "interstate", "years": 5, "at_least": 0.4}
    )
    found, rule = _word(test, held_by)
    assert found == word
    assert (rule == ONE_CASE) == (word == "undetermined")


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
