"""Reasons are data; on the page they are sentences, and no figure of an unknown rule is lost."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

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
    ({"rule": "group", "unexpected": 1}, "Group (unexpected 1)."),
    ({"rule": "says so", "says": "it speaks for itself"}, "It speaks for itself."),
]


@pytest.mark.parametrize(("reason", "sentence"), CASES, ids=[case[0]["rule"] for case in CASES])
def test_a_reason_is_a_sentence(reason: dict[str, Any], sentence: str) -> None:
    assert because((reason,)) == [sentence]


def test_what_stands_elsewhere_on_the_card_is_left_out_and_nothing_stands_twice() -> None:
    reason = {"rule": "intent alone is untestable"}
    other = {"rule": "driver", "parameter": "skill", "correlation": 0.5}
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
