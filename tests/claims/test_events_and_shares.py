"""Forecasts, universal claims, intents and records: resolved by what is on record, as of a day."""

import dataclasses
import datetime as dt
import math
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ceasefire.claims import schema
from ceasefire.claims.forecasts import event
from ceasefire.claims.intents import intent, policy
from ceasefire.claims.measures import measure
from ceasefire.claims.universals import counterexamples
from ceasefire.evidence import load
from ceasefire.evidence.records import Records
from ceasefire.evidence.shares import jeffreys
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


def test_what_a_belligerent_says_resolves_no_forecast() -> None:
    """That nothing happened is told by a state of affairs looked up, never by the word of a warring party."""
    day = "2024-01-31"
    rows = load().known_by(day).records("events")
    said = rows[(rows["topic"] == "general_mobilisation") & (rows["occurred"] == "no")]
    assert "Putin: no need for a second wave of mobilisation" in set(said["event"])
    assert event(forecast(), load().known_by(day)).verdict == "undetermined"
    word_of_a_service = forecast(topic="northern_front", side="BY", after="2022-12-31", until="2024-06-30")
    assert event(word_of_a_service, load().known_by("2024-12-31")).verdict == "undetermined"


def recorded(*given: tuple[str, str, str]) -> Any:
    """Return evidence whose record of one topic is what is given: day, whether it occurred, confidence."""
    rows = (
        load().records("events").head(len(given)).assign(topic="x", side="RU", end_date=pd.NaT, status=None)
    )
    rows["date"] = pd.to_datetime([item[0] for item in given])
    rows["occurred"], rows["confidence"] = [item[1] for item in given], [item[2] for item in given]
    return SimpleNamespace(records=lambda name: rows.copy())


def test_of_several_events_the_surest_is_cited_then_the_earliest() -> None:
    asked = forecast(topic="x")
    days = [("2023-01-01", "yes", "low"), ("2023-02-01", "yes", "high"), ("2023-03-01", "yes", "high")]
    for order in (days, days[::-1]):
        found = event(asked, recorded(*order))
        assert (found.verdict, found.reason[0]["date"]) == ("supported", dt.date(2023, 2, 1))
    assert event(asked, recorded(("2023-01-01", "yes", "low"))).verdict == "mostly supported"


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


def ceasefires(*given: tuple[str, str, float]) -> Any:
    """Return evidence with these ceasefires: start, end, whether an offensive came within three years."""
    rows = load().records("ceasefires").head(len(given)).assign(conflict_type="interstate")
    rows["start_date"] = pd.to_datetime([item[0] for item in given])
    rows["known_on"] = rows["start_date"]
    rows["end_date"] = [item[1] for item in given]
    rows["offensive_within_3y"] = [item[2] for item in given]
    return dataclasses.replace(load(), _records=Records({"ceasefires": rows}))


def test_an_open_window_is_in_neither_share_even_where_the_offensive_came_early() -> None:
    """Counting early failures alone would make each share too high."""
    cases = [("1990-01-01", "held", 0), ("1991-01-01", "1991-06-01", 1)]
    early = ("2020-01-01", "2020-02-01", 1)
    day = dt.date(2021, 1, 1)
    for says in ("always", "mostly"):
        whole = ceasefires(*cases, early)
        for evidence in (whole, whole.known_by(day)):
            found = counterexamples(universal(says=says), evidence, day)
            (group,) = [r for r in found.reason if r.get("group") == "interstate"]
            assert (group["did"], group["did_not"], group["unknown"]) == (1, 1, 1)


@pytest.mark.parametrize("day", ["2023-12-31", "2024-01-01"])
def test_a_window_is_over_on_one_day_wherever_it_is_asked(day: str) -> None:
    """Three years from 1 January 2021 end on 1 January 2024, in the records and in the count."""
    evidence = ceasefires(("2021-01-01", "held", 0))
    known = evidence.known_by(day).records("ceasefires")["offensive_within_3y"].notna().all()
    found = counterexamples(universal(), evidence, dt.date.fromisoformat(day))
    assert known == (found.verdict != "undetermined") == (day == "2024-01-01")


def test_the_share_of_a_certainty_is_not_its_probability() -> None:
    """One counter-example makes `always` false; that there was none so far gives no probability."""
    refuted = counterexamples(universal(), ceasefires(("1990-01-01", "held", 0)), dt.date(2021, 1, 1))
    assert (refuted.verdict, refuted.probability) == ("not supported", 0.0)
    none = counterexamples(universal(), ceasefires(("1990-01-01", "1990-02-01", 1)), dt.date(2021, 1, 1))
    assert (none.verdict, none.probability) == ("mostly supported", None)
    # Of one case that did, Beta(3/2, 1/2) puts 1/2 + 1/pi above one half.
    most = counterexamples(
        universal(says="mostly"), ceasefires(("1990-01-01", "1990-02-01", 1)), dt.date(2021, 1, 1)
    )
    assert most.probability == pytest.approx(0.5 + 1 / math.pi)


def test_what_could_not_yet_be_seen_is_unknown() -> None:
    """A ceasefire of 2020 could not have held for three years by 2022; it is in neither share."""
    day = dt.date(2022, 12, 21)
    found = counterexamples(universal(), load().known_by(day), day)
    groups = {reason["group"]: reason for reason in found.reason if reason["rule"] == "group"}
    rows = load().records("ceasefires")
    rows = rows[(rows["conflict_type"] == "interstate") & (rows["start_date"] < "2022-12-21")]
    late = rows[rows["start_date"] > "2019-12-21"]
    assert groups["interstate"]["unknown"] >= len(late) > 0
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
