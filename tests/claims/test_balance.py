"""More than one article, the same rules: a mirrored article, predictions by others, and a war long over.

Two readings are opposite where they ask the same question (the same policies, outcome and day; the same
figures and number; the same event) and expect opposite answers. Their probabilities add to one and their
words mirror each other: what is borne out in the one is not supported in the other, and what is open in the
one is open in the other.
"""

import datetime as dt
import functools
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import pytest

from ceasefire.claims import ClaimFile, audit, lint, load_claims, parse_claims, rules, schema, shipped_claims
from ceasefire.claims.forecasts import event
from ceasefire.claims.measures import measure
from ceasefire.claims.results import Audit, Finding, Reading
from ceasefire.claims.rules import word_of_share
from ceasefire.claims.survivals import survival
from ceasefire.evidence import Evidence, load

ARTICLE, MIRROR = "interview-with-a-tyrant", "a-truce-in-december-2022"
PREDICTIONS, KOREA = "predictions-of-2022", "the-korean-armistice"
NEW = (MIRROR, PREDICTIONS, KOREA)
DRAWS = 60
# What stands in a file for the opposite of a word; each way round.
OPPOSITE: Mapping[str, frozenset[str]] = {
    "supported": frozenset({"not supported"}),
    "mostly supported": frozenset({"not supported"}),
    "not supported": frozenset({"supported", "mostly supported"}),
    "contested": frozenset({"contested"}),
    "undetermined": frozenset({"undetermined"}),
    "untestable": frozenset({"untestable"}),
}
ANSWERS = {"refusing_pays": 1, "accepting_pays": -1}
# Counted one by one: "at least 100" and "at most 99" leave nothing between them.
WHOLE = ("persons", "items")
Place = tuple[str, str]
Question = tuple[str, ...]


@functools.cache
def file(name: str) -> ClaimFile:
    """Return a shipped claims file, read once."""
    return load_claims(name)


def question(test: schema.Test) -> tuple[Question, int] | None:
    """Return what a test asks, and which of two opposite answers it expects; None where there are not two."""
    asked = {key: value for key, value in test.model_dump(mode="json").items() if key != "counts"}
    if isinstance(test, schema.Compare):
        # "By 10,000 at least" has no opposite among comparisons.
        expects = 0 if test.by is not None else 1 if asked.pop("second_is") == "more" else -1
    elif isinstance(test, schema.Event):
        expects = 1 if asked.pop("occurs") else -1
    elif isinstance(test, schema.Offer):
        expects = ANSWERS.get(asked.pop("asks"), 0)
    elif "at_least" in asked:
        low, high = asked.pop("at_least"), asked.pop("at_most")
        expects = 0 if (low is None) == (high is None) else 1 if high is None else -1
        whole = asked.get("unit") in WHOLE and isinstance(high, float)
        asked["edge"] = low if high is None else high + 1.0 if whole else high
    else:
        expects = 0
    return (tuple(f"{key}: {value}" for key, value in sorted(asked.items())), expects) if expects else None


def readings(claims: ClaimFile) -> dict[Place, schema.Reading]:
    return {(claim.id, reading.id): reading for claim in claims.claims for reading in claim.readings}


def opposites(one: ClaimFile, other: ClaimFile) -> dict[Place, Place]:
    """Return the readings of one file that the other asks the opposite of, with where that stands."""
    asked = {}
    for place, reading in readings(other).items():
        found = None if reading.test is None else question(reading.test)
        if found is not None:
            asked[found] = place
    pairs = {}
    for place, reading in readings(one).items():
        found = None if reading.test is None else question(reading.test)
        if found is not None and (found[0], -found[1]) in asked:
            pairs[place] = asked[found[0], -found[1]]
    return pairs


@functools.cache
def pairs() -> dict[Place, Place]:
    return opposites(file(ARTICLE), file(MIRROR))


def asked_of(*kinds: type) -> list[tuple[schema.Test, schema.Test]]:
    """Return opposite tests of the two articles of some kinds; each question once."""
    mine, theirs = readings(file(ARTICLE)), readings(file(MIRROR))
    found = {}
    for place, other in pairs().items():
        one, opposite = mine[place].test, theirs[other].test
        assert one is not None
        assert opposite is not None
        asked = question(one)
        if isinstance(one, kinds) and asked is not None:
            found[asked[0]] = (one, opposite) if asked[1] > 0 else (opposite, one)
    return list(found.values())


def unmirrored(words: Iterable[tuple[str | None, str | None]]) -> list[tuple[str | None, str | None]]:
    """Return the pairs of words that are not each other's opposite."""
    return [
        (one, other)
        for one, other in words
        if (one is None) != (other is None) or (one is not None and other not in OPPOSITE[one])
    ]


def test_every_file_is_found_by_its_name() -> None:
    assert {ARTICLE, *NEW} <= set(shipped_claims())
    for name in NEW:
        assert load_claims(name).name == load_claims(name).given_as == name


@pytest.mark.parametrize("name", NEW)
def test_nothing_is_wrong_with_any_file(name: str) -> None:
    found = lint(name)
    assert [finding for finding in found if finding.severity == "error"] == []
    # All that is noted is what is not built: no figure is too far away, no truce far from the article's day.
    assert all("needs what is not built" in finding.what for finding in found)


# --- the mirrored article


def test_the_mirror_asks_the_opposite_of_what_the_article_asks() -> None:
    """Of every comparison, and of every event, share and survival that bears on its thesis."""
    asked = readings(file(ARTICLE))
    kinds = Counter(type(reading.test).__name__ for place, reading in asked.items() if place in pairs())
    assert kinds == {
        "Compare": 29, "ModelShare": 12, "Event": 10, "Offer": 5, "TotalAt": 7, "Survival": 3, "Change": 1,
    }  # fmt: skip
    left = [place for place, reading in asked.items() if isinstance(reading.test, schema.Compare)]
    assert set(left) - set(pairs()) == {
        ("exhaust-and-decentralise", "emigration"),
        ("air-defence-saves", "ten-thousand-more"),
    }
    assert len(set(pairs().values())) >= len(pairs()) - 4


def test_both_articles_are_judged_on_the_same_day_in_the_same_scenario() -> None:
    one, other = file(ARTICLE).article, file(MIRROR).article
    assert (one.published, one.scenario) == (other.published, other.scenario)


def test_what_the_mirror_says_of_one_side_alone_it_asks_of_the_other_too() -> None:
    """Soldiers killed, an offensive, an offer and a break from within are asked of both sides."""
    tests = [reading.test for reading in readings(file(MIRROR)).values()]
    codes = {"RU": "UA", "UA": "RU"}
    for kind, name in ((schema.Offer, "by"), (schema.Event, "side"), (schema.ModelShare, "side")):
        sides: dict[Any, set[str]] = {}
        for test in tests:
            side = getattr(test, name, None)
            if isinstance(test, kind) and side in codes:
                what = (
                    getattr(test, "asks", None)
                    or getattr(test, "topic", None)
                    or getattr(test, "event", None)
                )
                sides.setdefault(what, set()).add(side)
        both = {what for what, found in sides.items() if found == set(codes)}
        assert both >= {"Offer": {"bluff", "accepting_pays", "sincere_gains", "rearming_gains"},
                        "Event": {"ground_offensive"},
                        "ModelShare": {"truce_broken", "internal_break"}}[kind.__name__]  # fmt: skip
    killed = {
        (test.side, test.until)
        for test in tests
        if isinstance(test, schema.Compare) and (test.outcome, test.second) == ("killed", "truce")
    }
    assert {(codes[side], until) for side, until in killed if side} == {one for one in killed if one[0]}


@pytest.fixture(scope="session")
def both() -> Audit:
    """All opposite questions that simulated wars answer, in one audit of one set of wars."""
    claims = []
    for number, (one, other) in enumerate(asked_of(schema.Compare, schema.ModelShare, schema.Offer)):
        written = [
            {"id": name, "main": name == "one", "says": "One of two.", "test": given(test)}
            for name, test in (("one", one), ("other", other))
        ]
        claim = {"kind": "measurement", "short": "Two opposite readings", "says": "One of two."}
        claims.append({"id": f"pair-{number}", **claim, "readings": written})
    article = file(ARTICLE).article.model_dump(mode="json", exclude_none=True)
    text = json.dumps({"article": article, "claims": claims})
    # One posterior and one day, since both days have the same rules.
    return audit(parse_claims(text), draws=DRAWS, posterior="then", as_of=load_last_day())


def given(test: schema.Test) -> dict[str, Any]:
    return test.model_dump(mode="json", exclude_none=True)


def load_last_day() -> dt.date:
    return max(stamp.date() for stamp in load().observations["known_on"])


def two(found: Audit) -> list[tuple[Reading, Reading]]:
    return [(result.readings[0], result.readings[1]) for result in found.results]


def uncapped(reading: Reading) -> str | None:
    return next(
        (str(line["word_without_the_cap"]) for line in reading.reason if "word_without_the_cap" in line), None
    )


def bears_out(reading: Reading) -> float | None:
    """Return the share of wars, or of draws, that go as a reading says."""
    stated = next((line["bears_out"] for line in reading.reason if "bears_out" in line), None)
    return reading.probability if stated is None else float(stated)


def test_probabilities_of_opposite_readings_add_to_one(both: Audit) -> None:
    added = 0
    for one, other in two(both):
        mine, theirs = bears_out(one), bears_out(other)
        assert mine is not None
        assert theirs is not None
        if not any(line.get("rule", "").startswith("a hazard beside the war") for line in one.reason):
            assert mine + theirs == pytest.approx(1.0, abs=1e-9), one.text
            added += 1
    assert added >= 35


def test_words_of_opposite_readings_mirror(both: Audit) -> None:
    found = two(both)
    assert unmirrored((one.verdict, other.verdict) for one, other in found) == []
    assert unmirrored((uncapped(one), uncapped(other)) for one, other in found) == []


def test_words_of_opposite_readings_are_not_all_open(both: Audit) -> None:
    """Without the caps on what is assumed the same wars decide many of them, in either direction."""
    words = Counter(uncapped(one) for one, _ in two(both))
    assert words["supported"] + words["mostly supported"] >= 5
    assert words["not supported"] >= 2


def found_by(test: schema.Test, evidence: Evidence) -> Finding:
    if isinstance(test, schema.Event):
        return event(test, evidence)
    return measure(test, evidence)


@pytest.mark.parametrize("day", [None, "2022-12-21"])
def test_words_on_the_same_figures_and_records_mirror(day: str | None) -> None:
    known = load() if day is None else load().known_by(day)
    found = [
        (found_by(one, known), found_by(other, known))
        for one, other in asked_of(schema.TotalAt, schema.Change, schema.Event)
    ]
    assert len(found) == 18
    assert unmirrored((one.verdict, other.verdict) for one, other in found) == []
    decided = [one for one, _ in found if one.verdict != "undetermined"]
    assert len(decided) >= (2 if day else 12)
    for one, other in found:
        if one.probability is not None and other.probability is not None:
            assert one.probability + other.probability == pytest.approx(1.0)


def test_words_on_past_ceasefires_mirror() -> None:
    (one, other), *_ = asked_of(schema.Survival)
    assert isinstance(one, schema.Survival)
    assert isinstance(other, schema.Survival)
    words = [survival(test, load(), dt.date(2022, 12, 21)).verdict for test in (one, other)]
    assert words == ["mostly supported", "not supported"]


@pytest.mark.parametrize("wars", [20, 400])
def test_a_rule_that_leans_to_one_answer_is_found(wars: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def words(low: float, high: float) -> tuple[str, str]:
        return word_of_share(low, high)[0], word_of_share(1.0 - high, 1.0 - low)[0]

    width = 1.0 / np.sqrt(wars)
    ends = [(max(middle - width, 0.0), min(middle + width, 1.0)) for middle in np.linspace(0.0, 1.0, 41)]
    assert unmirrored(words(*end) for end in ends) == []
    monkeypatch.setattr(rules, "FEW", 0.2)
    assert unmirrored(words(*end) for end in ends)


@pytest.mark.parametrize("turned", [
    lambda test: test.model_copy(update={"second_is": "more" if test.second_is == "less" else "less"}),
    lambda test: test.model_copy(update={"until": dt.date(2024, 12, 21)}),
    lambda test: test.model_copy(update={"second": "truce-long"}),
    lambda test: test.model_copy(update={"by": 1000.0}),
])  # fmt: skip
def test_a_reading_that_no_longer_asks_the_opposite_is_found(
    turned: Callable[[schema.Compare], schema.Compare],
) -> None:
    test = readings(file(MIRROR))["truce-saves-lives", "ukrainians-within-a-year"].test
    article = readings(file(ARTICLE))["truce-costs-more", "killed-within-a-year"].test
    assert isinstance(test, schema.Compare)
    assert article is not None
    asked = question(article)
    assert asked is not None
    assert question(test) == (asked[0], -asked[1])
    assert question(turned(test)) != (asked[0], -asked[1])


# --- predictions by others


SAID = re.compile(
    r"Said by (the )?[A-Z].*? on (or before )?(?P<day>\d{1,2} [A-Z][a-z]+ \d{4}) "
    r"\((?P<read>[^()]*\b[A-Z][a-z]+ \d{4}[^()]*)\)"
)


def said_on(claim: schema.Claim) -> dt.date:
    """Return the day on which a prediction was made, as its note says with the source."""
    found = SAID.match(claim.note or "")
    assert found is not None, f"{claim.id}: no speaker, day and source in its note"
    return dt.datetime.strptime(found["day"], "%d %B %Y").date()


def predictions() -> tuple[schema.Claim, ...]:
    return file(PREDICTIONS).claims


def test_every_prediction_has_a_speaker_a_day_and_a_source() -> None:
    claims = predictions()
    assert len(claims) >= 6
    days = [said_on(claim) for claim in claims]
    assert days == sorted(days)
    assert days[-1] == file(PREDICTIONS).article.published
    assert all(claim.kind == "forecast" for claim in claims)


@pytest.mark.parametrize("note", [
    None,
    "Said by somebody, on 3 February 2022.",
    "Said by Mark Milley, in February 2022 (Mediaite, 5 February 2022).",
    "Said by Mark Milley, on 3 February 2022 (Mediaite).",
])  # fmt: skip
def test_a_prediction_without_its_source_is_found(note: str | None) -> None:
    with pytest.raises(AssertionError, match="no speaker, day and source"):
        said_on(predictions()[0].model_copy(update={"note": note}))


@pytest.mark.parametrize("claim", predictions(), ids=lambda claim: claim.id)
def test_a_prediction_is_judged_by_what_came_after_it(claim: schema.Claim) -> None:
    said = said_on(claim)
    for reading in claim.readings:
        test = reading.test
        if isinstance(test, schema.Event):
            assert said <= test.after < test.until
        elif isinstance(test, schema.TotalAt | schema.MeanRate):
            assert said < test.date
        elif isinstance(test, schema.Change):
            assert said <= test.first < test.last
        else:
            assert isinstance(test, schema.Unobservable)


def test_opposite_predictions_get_opposite_words() -> None:
    """Some said that missiles run out, others that they never do; some a second call-up, others none."""
    claims, known = file(PREDICTIONS), load()
    places = readings(claims)
    found = [(places[one].test, places[other].test) for one, other in opposites(claims, claims).items()]
    assert len(found) >= 2
    for one, other in found:
        assert one is not None
        assert other is not None
        words = found_by(one, known).verdict, found_by(other, known).verdict
        assert "undetermined" not in words
        assert unmirrored([words]) == []


def test_predictions_were_made_for_either_side_and_resolved() -> None:
    found = audit(PREDICTIONS, draws=1, posterior="prior")
    words = {result.id: result.verdict for result in found.results}
    # No prediction of a victory has come true, whosever it was to be.
    for_ukraine = ("russia-heads-for-defeat", "fighting-over-in-2022", "ukraine-wins-in-2023")
    for_russia = ("kyiv-within-three-days", "over-in-ten-days", "over-by-the-end-of-2023")
    for name in (*for_ukraine, *for_russia):
        assert words[name] == "not supported"
    assert words["war-for-years"] == "supported"
    assert not any(reading.test in schema.MODELLED for result in found.results for reading in result.readings)


# --- a war long over


def korea(claim: str, reading: str) -> schema.Test:
    test = readings(file(KOREA))[claim, reading].test
    assert test is not None
    return test


def scaled(factor: float, side: str, end: str) -> Evidence:
    """Return the evidence with one figure of a part of the Korean War times a factor."""
    frame = load().observations
    row = (frame["quantity"] == "war_losses_by_part") & (frame["side"] == side) & (frame["end"] == end)
    assert row.sum() == 1
    frame.loc[row, ["low", "best", "high"]] *= factor
    return load().replace_observations(frame)


def test_the_years_of_the_korean_war_add_up_to_the_whole() -> None:
    frame = load().observations
    prio = frame[(frame["source"] == "prio_battle_deaths") & (frame["place"] == "Korean War")]
    whole = prio[prio["quantity"] == "war_deaths"].iloc[0]
    parts = prio[prio["quantity"] == "war_losses_by_part"].set_index(["start", "end"])
    years = parts[parts.index.map(lambda span: span[0].year == span[1].year)]
    assert len(years) == 4
    for bound in ("low", "best", "high"):
        assert years[bound].sum() == pytest.approx(whole[bound], abs=5)
        both_years = years[bound][[span[0].year in {1952, 1953} for span in years.index]].sum()
        assert parts.loc[("1952-01-01", "1953-07-27"), bound] == both_years


def test_fewer_americans_fell_during_the_talks_by_the_figures_and_not_by_the_file() -> None:
    more, fewer = (
        korea("more-fell-while-they-talked", "americans"),
        korea("less-deadly-once-they-talked", "fewer-americans"),
    )
    assert (measure(more, load()).verdict, measure(fewer, load()).verdict) == (
        "not supported",
        "mostly supported",
    )
    doubled = scaled(2.0, "United States", "1953-07-27")
    assert (measure(more, doubled).verdict, measure(fewer, doubled).verdict) == (
        "mostly supported",
        "not supported",
    )


def test_what_is_said_of_the_dead_moves_with_the_figures() -> None:
    test = korea("less-deadly-once-they-talked", "half-or-less")
    assert measure(test, load()).verdict == "mostly supported"
    deadlier = scaled(10.0, "all participants", "1952-12-31")
    assert measure(test, deadlier).verdict == "not supported"


def test_a_war_long_over_needs_no_simulated_one() -> None:
    found = audit(KOREA, draws=1, posterior="prior")
    words = {result.id: result.verdict for result in found.results}
    assert not any(reading.test in schema.MODELLED for result in found.results for reading in result.readings)
    assert words["armistice-held"] == "mostly supported"
    # One armistice that held does not make a rule.
    assert words["as-in-korea"] == "undetermined"
    assert words["talks-to-gain-time"] == "untestable"
    # Nothing is said of the losses of another war.
    assert not any("soldiers killed" in line for line in found.limits)
