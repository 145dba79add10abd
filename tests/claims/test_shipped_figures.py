"""The figures behind the first article come out right, from the evidence that the package ships."""

import datetime as dt
from functools import cache

import pytest

from ceasefire.claims import load_claims, schema
from ceasefire.claims.figures import Interval
from ceasefire.claims.intents import observe
from ceasefire.claims.measures import measure
from ceasefire.claims.results import Finding
from ceasefire.claims.universals import counterexamples
from ceasefire.claims.wording import span
from ceasefire.evidence import load

THEN = dt.date(2022, 12, 21)


@cache
def finding(claim: str, reading: str, then: bool = False) -> Finding:
    (found,) = [item for item in load_claims("interview-with-a-tyrant").claims if item.id == claim]
    (test,) = [item.test for item in found.readings if item.id == reading]
    evidence = load().known_by(THEN) if then else load()
    return measure(test, evidence)


def said(found: Finding, source: str) -> list[float | None]:
    return [row.best for row in found.sources if row.source == source]


def test_the_general_staff_reported_99_230_on_day_300_and_passed_100_000_two_days_later() -> None:
    found = finding("killed-in-300-days", "as-reported")
    assert said(found, "ukraine_general_staff") == [99230]
    (passed,) = [reason for reason in found.reason if reason["rule"] == "first reached"]
    assert (passed["date"], passed["reported"], passed["days_after"]) == (dt.date(2022, 12, 22), 100_400, 2)
    assert found.verdict == "supported"
    assert finding("killed-in-300-days", "as-reported-to-the-letter").verdict == "not supported"


def test_deaths_by_sources_outside_the_war_are_about_a_fifth_of_the_claim() -> None:
    found = finding("killed-in-300-days", "killed")
    vintages = [
        row.best
        for row in found.sources
        if row.source == "meduza_mediazona_registry" and row.concept == "killed"
    ]
    assert sorted(value for value in vintages if value is not None)[0] == pytest.approx(17_068)
    assert sorted(value for value in vintages if value is not None)[-1] == pytest.approx(21_022)
    meta = [row for row in found.sources if row.source == "economist_meta_estimate"]
    assert [(row.low, row.best, row.high, row.counted) for row in meta] == [(12054, 20330, 34289, False)]
    assert found.interval is not None
    assert 0.1 < found.interval[0] / 100_000 < found.interval[1] / 100_000 < 0.3  # type: ignore[operator]
    assert (found.verdict, found.probability) == ("not supported", 0.0)


def test_no_source_outside_the_war_speaks_through_the_general_staff() -> None:
    found = finding("killed-in-300-days", "killed-and-wounded")
    (uk,) = [row for row in found.sources if row.source == "uk_ministry_of_defence_series"]
    assert (uk.counted, uk.restates) == (False, "General Staff of the Armed Forces of Ukraine")
    assert [row.source for row in found.sources if row.counted and row.verdict == "bears out"] == [
        "us_government"
    ]
    assert found.verdict == "mostly supported"


def test_what_was_known_then_is_less() -> None:
    found = finding("killed-in-300-days", "killed", then=True)
    assert all(row.known_on is not None and row.known_on <= THEN for row in found.sources)
    assert found.verdict == "undetermined"
    assert said(found, "mediazona_bbc_names") == [10002]


def test_the_front_lost_about_500_a_day_by_the_general_staff() -> None:
    found = finding("battalion-a-day", "whole-front-as-reported")
    assert said(found, "ukraine_general_staff") == [pytest.approx(500.67, abs=0.01)]
    # A battalion has 400 to 1,000 people, and 501 lies between the two.
    assert found.verdict == "undetermined"


def test_every_reading_of_a_battalion_states_the_same_condition() -> None:
    (claim,) = [
        item for item in load_claims("interview-with-a-tyrant").claims if item.id == "battalion-a-day"
    ]
    amounts = [reading.test.at_least for reading in claim.readings]  # type: ignore[union-attr]
    assert len(amounts) == 3
    assert amounts[0] is not None
    assert amounts == [amounts[0]] * 3


def test_ukraines_command_near_bakhmut_spoke_of_50_to_100_killed_and_as_many_wounded() -> None:
    killed = finding("battalion-a-day", "killed")
    assert [(row.low, row.high) for row in killed.sources if row.source == "ukraine_eastern_command"] == [
        (50, 100)
    ]
    both = finding("battalion-a-day", "killed-and-wounded")
    assert [(row.low, row.high) for row in both.sources if row.source == "ukraine_eastern_command"] == [
        (100, 200)
    ]
    assert both.verdict == killed.verdict == "not supported"
    assert "at least 400 to 1,000 a day (a battalion)" in both.quote


def test_precedents_differ_for_the_world_and_for_moscow() -> None:
    world = finding("without-precedent", "world-as-claimed")
    assert world.verdict == "not supported"
    (sure,) = [reason for reason in world.reason if reason["rule"] == "cases that reach the number"]
    for case in ("Korean War (China)", "Iran-Iraq War (Iran)", "Chinese Civil War, phase 2 (Communists)"):
        assert case in sure["sure"]
    assert any(case.startswith("Vietnam War") for case in sure["sure"])
    assert finding("without-precedent", "moscow-as-claimed").verdict == "supported"
    fifth = finding("without-precedent", "moscow-a-fifth")
    assert fifth.verdict == "contested"
    # By most of the counts that decide, yes: the contested count of the partisans is the one that says no.
    decided = [row.verdict for row in fifth.sources if row.counted and row.verdict != "compatible"]
    assert decided.count("bears out") > decided.count("against") == 1
    assert "Ukrainian Partisans (Soviet Union)" in fifth.quote


def test_sums_over_wars_and_territories_are_no_case() -> None:
    world = finding("without-precedent", "world-as-claimed")
    for row in world.sources:
        assert not row.note.startswith(("All Soviet", "Russia-Ukraine"))
        assert "all participants" not in row.note
        assert "on the territory" not in row.note


def test_the_front_was_steady_from_mid_november() -> None:
    found = finding("call-up-only-steadied", "steadied-then", then=True)
    assert said(found, "isw_economist_area") == [pytest.approx(83.5)]
    before = finding("call-up-only-steadied", "not-before", then=True)
    assert said(before, "isw_economist_area") == [pytest.approx(-17_695.8)]


def test_a_sum_of_both_wars_in_chechnya_is_no_case() -> None:
    for reading in ("moscow-as-claimed", "moscow-a-fifth", "world-as-claimed", "world-in-300-days"):
        for row in finding("without-precedent", reading).sources:
            assert not row.note.startswith("Chechnya, both wars")


def test_a_count_that_its_table_calls_contested_is_quoted_so() -> None:
    quote = finding("without-precedent", "moscow-a-fifth").quote
    assert "by 2 of 3 counts" in quote
    assert "Ukrainian Partisans (Soviet Union), about 35,000 by" in quote
    assert (
        "with the note 'if right, the costliest Soviet war after 1945, far above archive-based counts,"
        " treat as contested'"
    ) in quote
    # How a war is classified is no caution.
    assert "COW 722" not in quote


def test_where_one_sure_case_decides_there_is_no_probability() -> None:
    for reading in ("world-as-claimed", "world-in-300-days"):
        found = finding("without-precedent", reading)
        assert (found.verdict, found.probability) == ("not supported", None)
    assert finding("without-precedent", "moscow-as-claimed").probability == 1.0


def test_a_range_of_deaths_can_be_told_with_its_bounds() -> None:
    """Best values alone, 18,542 and 24,000, hide that the first of them is 14,793 to 22,291."""
    intervals = [Interval(14_793, 22_291), Interval(24_000, 24_000)]
    bests = [18_542.0, 24_000.0]
    assert span(intervals, bests, "persons", bounds=True) == (
        "about 19,000 to 24,000 (15,000 to 24,000 with their intervals)"
    )
    assert span(intervals, bests, "persons") == "about 19,000 to 24,000"
    assert span(intervals[1:], bests[1:], "persons", bounds=True) == "about 24,000"


def test_a_counter_example_of_another_group_is_named_apart() -> None:
    (claim,) = [i for i in load_claims("interview-with-a-tyrant").claims if i.id == "any-break-is-used"]
    (test,) = [reading.test for reading in claim.readings if reading.id == "always"]
    assert isinstance(test, schema.Counterexamples)
    evidence = load()
    found = counterexamples(test, evidence, dt.date(2026, 8, 1))
    named = next(r["case"] for r in found.reason if r["rule"] == "nearest counter-example")
    table = evidence.records("ceasefires")
    kinds = table.loc[[named.startswith(name) for name in table["name"]], "conflict_type"]
    assert set(kinds) == {"interstate"}
    assert "of another group (intrastate), not in that share: Minsk II" in found.quote


def test_wartime_economy_is_asked_of_what_could_be_known_then() -> None:
    (claim,) = [i for i in load_claims("interview-with-a-tyrant").claims if i.id == "wartime-economy"]
    assert claim.main is not None
    assert claim.main.id == "more-than-peace"
    found = finding("wartime-economy", "more-than-peace")
    assert found.verdict == "mostly supported"


def test_ground_lost_by_the_other_side_is_no_reading_of_its_own() -> None:
    """Net ground lost by one is net ground won by the other: the same test twice."""
    asked = [
        (claim.id, r.test.second, r.test.first, r.test.outcome)
        for claim in load_claims("interview-with-a-tyrant").claims
        for r in claim.readings
        if isinstance(r.test, schema.Compare) and r.test.outcome == "ground_lost"
    ]
    assert len(asked) == len(set(asked))


def test_signs_of_an_intent_are_counted_of_all_that_could_be_such() -> None:
    (claim,) = [i for i in load_claims("interview-with-a-tyrant").claims if i.id == "talks-are-a-bluff"]
    assert isinstance(claim, schema.Intent)
    evidence = load()
    offers = evidence.records("offers")
    told = [observe(item, evidence, dt.date(2026, 8, 22)) for item in claim.bears_on]
    after = offers["followed_within_90_days_by_offensive_of"]
    assert (told[2]["count"], told[2]["of"]) == ((after == "RU").sum(), after.notna().sum()) == (20, 71)
    assert told[2]["told"].endswith("(20 of 71 records)")
    autumn = offers[offers["offer_date"].between("2022-09-01", "2022-12-31")]
    assert told[0]["of"] == told[1]["of"] == len(autumn)
    # What came after an offer was not known the day after it: such an offer is not in the count.
    assert observe(claim.bears_on[2], evidence.known_by(THEN), THEN)["of"] < 71
    (aim,) = [i for i in load_claims("interview-with-a-tyrant").claims if i.id == "aim-unchanged"]
    assert isinstance(aim, schema.Intent)
    assert observe(aim.bears_on[0], evidence, THEN)["of"] is None
