"""Reasons are data; on the page they are sentences, and no figure of an unknown rule is lost."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from ceasefire.claims.model_shares import DEEP
from ceasefire.report import words
from ceasefire.report.reasons import because

CASES: list[tuple[dict[str, Any], str]] = [
    (
        {
            "rule": "two thirds or more speak against it",
            "origins_counted": 5,
            "bear_out": 1,
            "against": 3,
            "straddle": 0,
            "leave_open": 1,
            "share": 0.2,
        },
        "Of 5 independent origins, 1 bears the claim out, 3 speak against it, 1 is too loose to tell: two"
        " thirds or more speak against it.",
    ),
    (
        {"rule": "no independent origin", "origins_counted": 0, "bear_out": 0, "against": 0},
        "No independent origin.",
    ),
    (
        {
            "rule": "parties to the war are shown and not counted",
            "rows": 2,
            "would_bear_out": 1,
            "would_be_against": 0,
        },
        "2 figures of parties to the war are shown and not counted; 1 would bear the claim out, 0 would speak"
        " against it.",
    ),
    (
        {
            "rule": "first reached",
            "value": 100_000.0,
            "date": dt.date(2031, 5, 6),
            "reported": 100_400.0,
            "days_after": 2,
        },
        "100,000 was first reached on 6 May 2031 (100,400), 2 days after the claim's date.",
    ),
    ({"rule": "first reached", "value": 5.0, "date": None}, "5 was not reached in the record."),
    (
        {
            "rule": "an event on record",
            "date": dt.date(2031, 9, 1),
            "record": "Containers arrive.",
            "source": "a fact sheet",
        },
        "On record for 1 September 2031: Containers arrive (a fact sheet).",
    ),
    (
        {"rule": "group", "group": "interstate", "did": 22, "did_not": 37, "unknown": 1},
        "Interstate: 22 did, 37 did not, 1 unknown.",
    ),
    (
        {
            "rule": "cases that reach the number",
            "number": 100_000.0,
            "sure": ["A", "B", "C", "D", "E", "F"],
            "contested": ["G"],
            "cases": 136,
        },
        "Of 136 cases on record, 6 surely reach 100,000: A, B, C, D and 2 more; contested: G.",
    ),
    (
        {"rule": "a mechanism is not built", "mechanism": "m", "row": "S4", "meaning": "wars re-run"},
        "Not built yet: wars re-run (row S4).",
    ),
    (
        {"rule": "bears on it", "says": "Attacks on the capital", "count": 1, "examples": ["1 May: one."]},
        "Attacks on the capital (1 record), such as 1 May: one.",
    ),
    (
        {"rule": "as reported", "bear_out": 1, "origins_counted": 1},
        "What the source itself reported, whether or not it is right, bears the claim out.",
    ),
    (
        {"rule": "a rule of tomorrow", "word": "contested", "some_figure": 12.5, "when": dt.date(2031, 1, 2)},
        "A rule of tomorrow (some figure 12.5; when 2 January 2031).",
    ),
    (
        {
            "rule": "no fit had what carries it",
            "word": "undetermined",
            "word_without_the_cap": "supported",
            "because_then": "nine of ten wars or more",
        },
        "It rests on mechanisms alone that no fit had, so the word is undetermined; without that cap it would"
        " be 'supported' (nine of ten wars or more).",
    ),
    (
        {
            "rule": "mechanisms",
            "carried_by": ["air defence", "civilian harm"],
            "alone": True,
            "assumed": ["air defence", "civilian harm"],
            "others_assumed": 1,
        },
        "It works through air defence and civilian harm alone; no fit had air defence and civilian harm,"
        " which are assumed; the wars have 1 other mechanism that no fit had.",
    ),
    (
        {
            "rule": "so many of the wars as the claim says",
            "word_without_the_cap": "supported",
            "because_then": "so many of the wars as the claim says",
            "probability": 0.62,
            "edge": "at least 50%",
            "draws": 1_000,
            "date": dt.date(2031, 1, 2),
        },
        "It happens in 62\N{NO-BREAK SPACE}% of 1,000 simulated wars by 2 January 2031, and the claim needs"
        " at least 50%: so many of the wars as the claim says.",
    ),
    (
        {
            "rule": DEEP,
            "mean": 0.2,
            "median": 0.1,
            "low": 0.0,
            "high": 0.9,
            "date": "2031-01-02",
            "draws": 50,
        },
        "A hazard counted beside the war, which it never changes: median probability 10\N{NO-BREAK SPACE}%"
        " (0\N{NO-BREAK SPACE}% to 90\N{NO-BREAK SPACE}% over 50 wars), mean 20\N{NO-BREAK SPACE}%, by 2"
        " January 2031; it is told apart and decides nothing, since nothing observed has taught it.",
    ),
    (
        {
            "rule": "one more unit of aid",
            "kind": "strike_drones",
            "unit": "drones",
            "told_by": 1_000,
            "counted_in": "persons",
            "mean": 8.0,
            "mc_error": 1.4,
            "low": 0.0,
            "median": 4.0,
            "high": 26.0,
            "probability": 0.95,
            "word": "undetermined",
            "word_without_the_cap": "supported",
            "mechanisms_assumed": ["drones"],
        },
        "Strike drones: 1,000 more drones save 4 (0 to 26) persons, mean 8 (simulation error 1); more of it"
        " saves some in 95\N{NO-BREAK SPACE}% of the wars: undetermined, without the caps supported; assumed,"
        " in no fit: drones.",
    ),
    ({"rule": "group", "unexpected": 1}, "Group (unexpected 1)."),
    ({"rule": "says so", "says": "it speaks for itself"}, "It speaks for itself."),
]


@pytest.mark.parametrize(("reason", "sentence"), CASES, ids=[case[0]["rule"] for case in CASES])
def test_a_reason_is_a_sentence(reason: dict[str, Any], sentence: str) -> None:
    assert because((reason,)) == [sentence]


def test_what_stands_elsewhere_on_the_card_is_left_out_and_nothing_stands_twice() -> None:
    reason = {"rule": "intent alone is untestable"}
    other = {"rule": "structure", "structure": "attrition_law", "choice": "square", "probability": 0.5}
    assert because((reason, other, reason)) == ["Intent alone is untestable."]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (dt.date(2031, 5, 4), "4 May 2031"),
        ("2031-05-04", "4 May 2031"),
        ("May 2031", "May 2031"),
        (None, ""),
        ("", ""),
    ],
)
def test_days_are_written_out(value: object, shown: str) -> None:
    assert words.day(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [(1_234_567.0, "1,230,000"), (0.0, "0"), (-1_043.0, "\N{MINUS SIGN}1,040"), (float("nan"), "none")],
)
def test_simulated_figures_have_three_digits(value: float, shown: str) -> None:
    assert words.rounded(value) == shown
