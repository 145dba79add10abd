"""Does it hold up: what a card and the terminal say of conditions, rival assumptions and what carries it."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from ceasefire.analysis.questions import Condition
from ceasefire.analysis.shares import Share
from ceasefire.claims.bars import bars_chart
from ceasefire.claims.holding import Held
from ceasefire.claims.modelled import Bar, Modelled, Parts
from ceasefire.claims.results import Reading, Result
from ceasefire.report import asked, flipping, holding, render
from tests.report import example
from tests.report.test_page import HOSTILE, Reader

LEFT, RIGHT = "\N{LEFT DOUBLE QUOTATION MARK}", "\N{RIGHT DOUBLE QUOTATION MARK}"


def condition(text: str, density: float, by: float = 0.06) -> Condition:
    return Condition(
        text, Share(0.5, 0.4, 0.6), Share(density, density - by, density + by), Share(0.2, 0.15, 0.25)
    )


FLIP, OPEN, NOT = (
    condition("arms are below 45 km2", 0.64),
    condition("skill is above 2", 0.5),
    condition("b is 1", 0.3),
)
BARS = (
    Bar("skill (Aldria)", "skill, Aldria", "learnt", 0.2, 0.15, 0.25, 0.07, 0.1, -0.02, 0.2, 0.02, 0.7, 0.4),
    Bar("attrition_law", "the law of losses", "structure", 0.1, 0.05, 0.15, 0.07, 0.0, 0.0, 0.1, 0.02),
)
HOLDS = (
    Held("rival equations", "no", 0.3, "attrition law: square", 0.9, "attrition law: linear"),
    Held("dates", "open", 0.45, "8 January 2031", 0.7, "4 May 2031"),
)


def numbers(**more: Any) -> Modelled:
    values: dict[str, Any] = {
        "posterior": "a fit",
        "date": example.THEN,
        "probability": 0.7,
        "mc_error": 0.01,
        "ess": 500.0,
        "median": 100.0,
        "low": -50.0,
        "high": 300.0,
        "unit": "persons",
        "parts": Parts(),
        "other": "fewer",
        "conditions": (FLIP, NOT),
        "bars": BARS,
        "holds": HOLDS,
    }
    return Modelled(**{**values, **more})


def spaced(value: Any) -> Any:
    """Return texts with plain spaces."""
    if isinstance(value, str):
        return value.replace("\N{NO-BREAK SPACE}", " ")
    if isinstance(value, list):
        return [spaced(item) for item in value]
    return {name: spaced(item) for name, item in value.items()} if isinstance(value, dict) else value


def block(then: Modelled | None = None, **more: Any) -> dict[str, Any]:
    shown = spaced(holding.block(numbers(**more), then))
    assert isinstance(shown, dict)
    return shown


def test_a_block_has_yes_no_or_open_for_each_assumption() -> None:
    shown = block()
    assert shown["answer"] == "Most wars (70 %) go as the reading says. Does that stay?"
    assert [(row["asks"], row["stays"]) for row in shown["rows"]] == [
        ("Whichever of the rival equations holds", "no"),
        ("On every date up to then", "open"),
        ("In every kind of these wars", "no"),
    ]
    told = "from 30 % (attrition law: square) to 90 % (attrition law: linear) of the wars go as it says"
    assert shown["rows"][0]["told"] == told
    assert block(probability=0.2)["answer"].startswith("Most wars (80 %) do not go as the reading says.")


@pytest.mark.parametrize(
    ("conditions", "stays", "told"),
    [
        ((), "yes", "no condition was found that flips it"),
        ((NOT,), "yes", "none that flips it"),
        ((NOT, OPEN), "open", "the wars are divided"),
        ((OPEN, FLIP), "no", "conditions that flip it were found"),
    ],
)
def test_whether_it_stays_in_every_kind_of_wars(
    conditions: tuple[Condition, ...], stays: str, told: str
) -> None:
    row = block(conditions=conditions)["rows"][-1]
    assert row["stays"] == stays
    assert told in row["told"]


def test_conditions_are_sentences_with_units_and_intervals() -> None:
    shown = block()
    assert shown["where"] == 'Where "fewer" is likelier than in all wars (30 %, ties as one half)'
    rest = "They are 20 % (15 % to 25 %) of all wars, and hold 50 % (40 % to 60 %) of those with fewer."
    assert shown["conditions"] == [
        "Where arms are below 45 km\N{SUPERSCRIPT TWO}: fewer in 64 % (58 % to 70 %) of these wars; it flips"
        f" the answer. {rest}",
        f"Where b is 1: fewer in 30 % (24 % to 36 %) of these wars; it does not flip the answer. {rest}",
    ]
    assert "whether it flips the answer is open" in block(conditions=(OPEN,))["conditions"][0]
    assert block(conditions=())["conditions"] == [flipping.NONE_FOUND]
    unsearched = block(conditions=None)
    assert (unsearched["where"], unsearched["conditions"]) == ("", [])
    assert [row["asks"] for row in unsearched["rows"]] == [
        "Whichever of the rival equations holds",
        "On every date up to then",
    ]


def test_the_terminal_says_the_same_of_a_condition() -> None:
    lines = asked._conditions((FLIP,), 0.7, "persons")
    assert str(lines[0]) == flipping.heading("fewer", 0.3)
    assert str(lines[2].renderable) == flipping.told(FLIP, "fewer")  # type: ignore[union-attr]
    assert str(asked._conditions((), 0.3, "persons")[1]) == flipping.NONE_FOUND


def test_what_was_known_then_is_told_in_short_where_it_differs() -> None:
    shown = block(numbers(conditions=(), holds=HOLDS[:1]))
    assert shown["then"].endswith(
        "Does that stay? Whichever of the rival equations holds: no; in every kind of these wars: yes."
    )
    assert block(numbers())["then"] == block()["then"] == ""


def test_nothing_is_shown_where_no_two_policies_are_compared() -> None:
    assert holding.block(None) is None
    assert holding.block(numbers(other="")) is None


def card(result: Result, *others: Result) -> str:
    audit = dataclasses.replace(example.audit(), results=(result, *others), findings=())
    text = render(audit, sources=example.MANIFEST)
    assert Reader(text).open == []
    text = text[text.index(f'id="claim-{result.id}"') :]
    return str(spaced(text[: text.index("</article>")]))


def compared(**more: Any) -> Result:
    values = {"modelled": numbers(), "beside": bars_chart(BARS, "killed"), "chart": example.futures_chart()}
    reading = example.reading(
        "killed", "Killed", "undetermined", "undetermined", main=True, test="compare", **{**values, **more}
    )
    values["readings"] = (reading,)
    return example.result("a-truce", "S9", "counterfactual", "undetermined", **{**values, **more})


def test_a_card_shows_what_holds_the_conditions_and_the_bars() -> None:
    text = card(compared())
    assert "<h4>Does it hold up?</h4>" in text
    assert "<dt>Whichever of the rival equations holds</dt><dd><b>no</b>" in text
    assert "Where arms are below 45 km\N{SUPERSCRIPT TWO}: fewer in 64" in text
    assert text.count('<figure class="picture">') == 2
    assert "2 inputs told apart from nothing" in text
    table = text[text.index('class="inputs"') :]
    table = table[: table.index("</table>")]
    for said in ("Skill, Aldria", "learnt", "a rival equation", "20 % (15 % to 25 %)", "no median"):
        assert said in table
    # An index estimated below nothing is shown as nothing.
    assert "10 % (0 % to 20 %)" in table
    none = card(compared(modelled=numbers(bars=()), beside=()))
    assert "What carries the difference is chance: no input of the wars is told apart from nothing." in none
    assert 'class="inputs"' not in none


def test_conditions_and_inputs_of_a_user_stay_text() -> None:
    hostile = numbers(
        conditions=(condition(HOSTILE, 0.7),),
        bars=tuple(dataclasses.replace(bar, meaning=HOSTILE) for bar in BARS),
        holds=(dataclasses.replace(HOLDS[0], low_at=HOSTILE),),
    )
    text = card(compared(modelled=hostile, beside=bars_chart(hostile.bars, HOSTILE)))
    assert "<script" not in text
    assert "<img" not in text
    assert "7*7" in text


def test_a_policy_says_where_its_bars_and_conditions_stand() -> None:
    other = compared()
    rests = {"rule": "rests", "rests_on": {"a-truce": "undetermined", "gone": "supported"}}
    resting = example.result("never-a-break", "S19", "policy", "undetermined", reason=(rests,))
    alone = card(resting)
    assert "compares no two policies over the same wars, and has no bars and conditions of its own." in alone
    assert f"they stand with what it rests on: {LEFT}a truce{RIGHT}." in card(resting, other)
    own: Reading = dataclasses.replace(other.readings[0], main=False)
    having = dataclasses.replace(resting, readings=(own,))
    text = card(having)
    assert "stand below with the one reading that compares two policies." in text
    two = dataclasses.replace(resting, readings=(own, dataclasses.replace(own, id="other")))
    assert "stand below with the 2 readings that compare two policies." in card(two)
    assert "Does it hold up?" in text
    measured = example.result("counted", "S11", "measurement", "supported")
    assert "compares no two policies" not in card(measured)
    assert "compares no two policies" not in card(other)
