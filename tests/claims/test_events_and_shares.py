"""Forecasts, universal claims, intents and records: resolved by what is on record, as of a day."""

import datetime as dt
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ceasefire.claims import schema
from ceasefire.claims.figures import jeffreys
from ceasefire.claims.forecasts import event
from ceasefire.claims.intents import intent, policy
from ceasefire.claims.measures import measure
from ceasefire.claims.universals import counterexamples
from ceasefire.evidence import load
from ceasefire.files import InputError


def forecast(**given: Any) -> schema.Event:
    values = {
        "kind": "event",
        "topic": "general_mobilisation",
        "side": "RU",
        "after": "2022-12-21",
        "until": "2023-06-21",
    }
    return schema.Event.model_validate({**values, **given})


def test_a_forecast_is_open_until_its_day() -> None:
    for day in ("2022-12-21", "2023-03-01"):
        found = event(forecast(), load().known_by(day))
        assert (found.verdict, found.probability) == ("undetermined", None)


def test_a_record_that_it_had_not_happened_answers_for_every_earlier_day() -> None:
    found = event(forecast(), load())
    assert (found.verdict, found.probability) == ("not supported", 0.0)
    assert found.reason[0]["date"] == dt.date(2025, 12, 31)
    assert event(forecast(occurs=False), load()).verdict == "supported"
    # It says nothing of a day after it.
    assert event(forecast(until="2026-12-31"), load()).verdict == "undetermined"


def test_an_event_on_record_resolves_a_forecast() -> None:
    found = event(forecast(topic="ground_offensive", after="2022-12-22"), load())
    assert found.verdict == "supported"
    assert found.reason[0]["date"] == dt.date(2023, 2, 1)
    assert (
        event(forecast(topic="ground_offensive", after="2022-12-22", occurs=False), load()).verdict
        == "not supported"
    )
    # The day before it was over and told, nobody could know.
    assert event(
        forecast(topic="ground_offensive", after="2022-12-22"), load().known_by("2023-01-31")
    ).verdict == ("undetermined")


def test_an_event_of_medium_confidence_is_mostly_supported() -> None:
    assert event(forecast(topic="recruitment", until="2023-06-30"), load()).verdict == "mostly supported"


@given(st.integers(0, 60), st.integers(0, 60))
def test_the_interval_of_a_share_holds_the_share(did: int, did_not: int) -> None:
    low, high = jeffreys(did, did + did_not + 1)
    share = did / (did + did_not + 1)
    assert 0 <= low <= share <= high <= 1


def test_jeffreys_closed_form() -> None:
    # Beta(1/2, 3/2) has the distribution function 2 / pi (asin(sqrt(x)) + sqrt(x (1 - x))).
    low, high = jeffreys(0, 1)
    assert low == 0.0
    assert 2 / math.pi * (math.asin(math.sqrt(high)) + math.sqrt(high * (1 - high))) == pytest.approx(0.975)
    assert jeffreys(1, 1) == (pytest.approx(1 - high), 1.0)


def universal(**given: Any) -> schema.Counterexamples:
    values = {
        "kind": "counterexamples",
        "groups": ["interstate", "intrastate"],
        "main_group": "interstate",
        "near": ["Russia", "Ukraine"],
    }
    return schema.Counterexamples.model_validate({**values, **given})


def test_one_counter_example_refutes_certainty() -> None:
    found = counterexamples(universal(), load(), dt.date(2026, 1, 1))
    assert found.verdict == "not supported"
    groups = {reason["group"]: reason for reason in found.reason if reason["rule"] == "group"}
    assert groups["interstate"]["did_not"] > 0
    assert "Minsk II" in found.quote


def test_groups_are_never_pooled() -> None:
    rows = load().records("ceasefires")
    found = counterexamples(universal(), load(), dt.date(2026, 1, 1))
    groups = {reason["group"]: reason for reason in found.reason if reason["rule"] == "group"}
    for name, group in groups.items():
        of_group = rows[(rows["conflict_type"] == name) & (rows["start_date"] < "2026-01-01")]
        assert group["did"] + group["did_not"] + group["unknown"] == len(of_group)
    assert found.probability == groups["interstate"]["did"] / (
        groups["interstate"]["did"] + groups["interstate"]["did_not"]
    )


def test_what_could_not_yet_be_seen_is_unknown() -> None:
    """A ceasefire of 2020 could not have held for three years by 2022; it counts only if it had failed."""
    day = dt.date(2022, 12, 21)
    found = counterexamples(universal(), load().known_by(day), day)
    groups = {reason["group"]: reason for reason in found.reason if reason["rule"] == "group"}
    rows = load().records("ceasefires")
    rows = rows[(rows["conflict_type"] == "interstate") & (rows["start_date"] < "2022-12-21")]
    late = rows[rows["start_date"] > "2019-12-21"]
    assert groups["interstate"]["unknown"] >= len(late[late["offensive_within_3y"] != 1])
    assert sum(groups["interstate"][key] for key in ("did", "did_not", "unknown")) == len(rows)


def test_most_is_a_share_with_its_interval() -> None:
    found = counterexamples(universal(says="mostly"), load(), dt.date(2026, 1, 1))
    assert found.interval is not None
    low, high = found.interval
    expected = "not supported" if high < 0.5 else "mostly supported" if low >= 0.5 else "undetermined"  # type: ignore[operator]
    assert found.verdict == expected


def test_a_share_and_a_count_of_records() -> None:
    test = schema.Share.model_validate(
        {
            "kind": "share",
            "records": "ceasefires",
            "where": {"conflict_type": "interstate"},
            "having": {"offensive_within_1y": 1},
            "at_least": 0.9,
            "unit": "share",
        }
    )
    assert measure(test, load()).verdict == "not supported"
    test = schema.Count.model_validate(
        {
            "kind": "count",
            "records": "offers",
            "where": {"proposer": "RU"},
            "since": "2022-09-01",
            "until": "2022-12-31",
            "at_least": 1,
            "unit": "records",
        }
    )
    found = measure(test, load())
    offers = load().records("offers")
    expected = offers[(offers["proposer"] == "RU") & offers["offer_date"].between("2022-09-01", "2022-12-31")]
    assert found.interval == (len(expected), None)
    assert found.verdict == "mostly supported"


def test_a_column_that_is_not_there_is_refused() -> None:
    test = schema.Count.model_validate(
        {"kind": "count", "records": "offers", "where": {"propser": "RU"}, "at_least": 1, "unit": "records"}
    )
    with pytest.raises(InputError, match="the records have no column 'propser'"):
        measure(test, load())


def bluff() -> schema.Intent:
    killed = {"quantity": "personnel_losses", "concept": "killed", "side": "RU", "date": "2022-12-20"}
    offers = {"says": "Offers by Russia", "records": "offers", "where": {"proposer": "RU"}}
    values = {"id": "bluff", "row": "S7", "kind": "intent", "short": "A bluff", "says": "They are a bluff."}
    return schema.Intent.model_validate({**values, "bears_on": [offers, {"says": "Killed", **killed}]})


def test_an_intent_is_untestable_and_says_what_bears_on_it() -> None:
    day = dt.date(2022, 12, 21)
    now, then = intent(bluff(), load(), dt.date(2026, 1, 1)), intent(bluff(), load().known_by(day), day)
    assert now.verdict == then.verdict == "untestable"
    assert now.probability is None
    more, fewer = ([reason["count"] for reason in found.reason if "count" in reason] for found in (now, then))
    assert more[0] > fewer[0] > 0


def refuse(**given: Any) -> schema.Policy:
    values = {
        "id": "refuse", "row": "S19", "kind": "policy", "short": "Refuse", "says": "Refuse it.",
        "holds_if": ["it costs more"], "rests_on": ["a", "b"], "valuation": "an investment",
    }  # fmt: skip
    return schema.Policy.model_validate({**values, **given})


@pytest.mark.parametrize(
    ("a", "b", "word"),
    [
        ("undetermined", "not supported", "undetermined"),
        ("not yet modelled", "supported", "undetermined"),
        ("supported", "mostly supported", "mostly supported"),
        ("supported", "not supported", "contested"),
        ("contested", "supported", "contested"),
    ],
)
def test_a_policy_is_no_more_than_what_it_rests_on(a: Any, b: Any, word: str) -> None:
    found = policy(refuse(), {"a": a, "b": b}, {"a": "First", "b": "Second"}, [])
    assert found.verdict == word
    assert "an investment is a valuation and not scored" in found.quote


def test_a_policy_that_rests_on_nothing_computed_is_undetermined() -> None:
    assert policy(refuse(rests_on=[]), {}, {}, []).verdict == "undetermined"


def test_no_record_is_no_proof_that_nothing_happened() -> None:
    test = schema.Count.model_validate(
        {
            "kind": "count",
            "records": "events",
            "where": {"topic": "third_party_arms"},
            "at_least": 1,
            "unit": "records",
        }
    )
    assert measure(test, load().known_by("2022-03-01")).verdict == "undetermined"
    assert measure(test, load()).verdict == "mostly supported"
    few = test.model_copy(update={"at_least": None, "at_most": 0.0})
    assert measure(few, load()).verdict == "not supported"
    assert measure(few, load().known_by("2022-03-01")).verdict == "undetermined"
