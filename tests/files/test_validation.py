"""A document held against a schema: a gallery of wrong documents, with the exact words."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

import pydantic
import pytest

from ceasefire.files import InputError, read_yaml, validate


class Strict(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid")


class Stock(Strict):
    count: int = pydantic.Field(ge=0)
    unit: Literal["people", "shells"] = "people"


class Rain(Strict):
    kind: Literal["rain"]
    depth: float
    since: dt.date = dt.date(2022, 12, 20)


class Wind(Strict):
    kind: Literal["wind"]
    speed: Annotated[float, pydantic.Field(gt=0)]


class Valley(Strict):
    name: str
    stocks: dict[str, Stock] = {}
    weather: list[Annotated[Rain | Wind, pydantic.Field(discriminator="kind")]] = []
    area: tuple[float, float] | None = None

    @pydantic.field_validator("name")
    @classmethod
    def not_a_number(cls, name: str) -> str:
        if name.isdigit():
            raise ValueError(f"the name '{name}' is a number. | use a word.")
        if not name:
            raise ValueError("the name is empty.")
        return name


def refusal(text: str) -> str:
    with pytest.raises(InputError) as refused:
        validate(read_yaml("valley.yaml", text), Valley, "a valley")
    return str(refused.value)


WRONG = {
    "misspelt key": (
        "name: x\nstokcs: {}\n",
        "'stokcs' is not known here.\n  where: valley.yaml, line 2 (stokcs)\n  to do: did you mean 'stocks'?",
    ),
    "key like no other": (
        "name: x\nqqq: 1\n",
        "'qqq' is not known here.\n"
        "  where: valley.yaml, line 2 (qqq)\n"
        "  to do: use one of: area, name, stocks, weather.",
    ),
    "misspelt key in a table of names": (
        "name: x\nstocks:\n  red:\n    count: 1\n    unti: people\n",
        "'unti' is not known here.\n"
        "  where: valley.yaml, line 5 (stocks.red.unti)\n"
        "  to do: did you mean 'unit'?",
    ),
    "misspelt key in one branch of a union": (
        "name: x\nweather:\n  - kind: wind\n    speed: 3\n    dpeth: 1\n",
        "'dpeth' is not known here.\n"
        "  where: valley.yaml, line 5 (weather[1].dpeth)\n"
        "  to do: use one of: kind, speed.",
    ),
    "misspelt key that leaves one missing": (
        "nmae: x\n",
        "'nmae' is not known here.\n"
        "  where: valley.yaml, line 1 (nmae)\n"
        "  to do: did you mean 'name'?\n"
        "'name' is missing.\n"
        "  where: valley.yaml, line 1 (name)\n"
        "  to do: add 'name:' here.",
    ),
    "missing key": (
        "name: x\nstocks:\n  red: {}\n",
        "'count' is missing.\n  where: valley.yaml, line 3 (stocks.red.count)\n  to do: add 'count:' here.",
    ),
    "misspelt kind": (
        "name: x\nweather:\n  - kind: rian\n    depth: 1\n",
        "'rian' is not a known kind.\n"
        "  where: valley.yaml, line 3 (weather[1])\n"
        "  to do: did you mean 'rain'?",
    ),
    "no kind": (
        "name: x\nweather:\n  - depth: 1\n",
        "'kind' is missing.\n  where: valley.yaml, line 3 (weather[1])\n  to do: add 'kind:' here.",
    ),
    "word that is not in the list": (
        "name: x\nstocks:\n  red: {count: 1, unit: shels}\n",
        "'shels' is not known here.\n"
        "  where: valley.yaml, line 3 (stocks.red.unit)\n"
        "  to do: did you mean 'shells'?",
    ),
    "negative stock": (
        "name: x\nstocks:\n  red:\n    count: -5\n",
        "'count': input should be greater than or equal to 0 (it is -5).\n"
        "  where: valley.yaml, line 4 (stocks.red.count)\n"
        "  to do: correct the value.",
    ),
    "part of a person": (
        "name: x\nstocks: {red: {count: 1.5}}\n",
        "'count': input should be a whole number (it is 1.5).\n"
        "  where: valley.yaml, line 2 (stocks.red.count)\n"
        "  to do: correct the value.",
    ),
    "number where keys are expected": (
        "name: x\nstocks:\n  red: 5\n",
        "'red': keys with values are expected here (it is 5).\n"
        "  where: valley.yaml, line 3 (stocks.red)\n"
        "  to do: correct the value.",
    ),
    "number where a list is expected": (
        "name: x\nweather: 5\n",
        "'weather': a list is expected here (it is 5).\n"
        "  where: valley.yaml, line 2 (weather)\n"
        "  to do: correct the value.",
    ),
    "number in place of a list's keys": (
        "name: x\nweather: [5]\n",
        "'weather[1]': keys with values are expected here (it is 5).\n"
        "  where: valley.yaml, line 2 (weather[1])\n"
        "  to do: correct the value.",
    ),
    "rule of the schema with what to do": (
        "name: '12'\n",
        "the name '12' is a number.\n  where: valley.yaml, line 1 (name)\n  to do: use a word.",
    ),
    "rule of the schema without what to do": (
        "name: ''\n",
        "the name is empty.\n  where: valley.yaml, line 1 (name)\n  to do: correct the value.",
    ),
    "list in place of a document": (
        "- 1\n",
        "this is not a valley: it holds no keys.\n"
        "  where: valley.yaml\n"
        "  to do: start from a template of a valley.",
    ),
    "empty file": (
        "",
        "this is not a valley: it holds no keys.\n"
        "  where: valley.yaml\n"
        "  to do: start from a template of a valley.",
    ),
    "five faults": (
        "name: x\na: 1\nb: 1\nc: 1\nd: 1\nweather: 5\n",
        "'a' is not known here.\n"
        "  where: valley.yaml, line 2 (a)\n"
        "  to do: use one of: area, name, stocks, weather.\n"
        "'b' is not known here.\n"
        "  where: valley.yaml, line 3 (b)\n"
        "  to do: use one of: area, name, stocks, weather.\n"
        "'c' is not known here.\n"
        "  where: valley.yaml, line 4 (c)\n"
        "  to do: use one of: area, name, stocks, weather.\n"
        "... and 2 more.",
    ),
}


@pytest.mark.parametrize(("text", "expected"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_document_is_refused_with_the_words_expected(text: str, expected: str) -> None:
    assert refusal(text) == expected


def test_a_value_too_long_to_show_is_cut() -> None:
    told = refusal("name: x\nstocks:\n  red: {count: " + "y" * 10_000 + "}\n")
    assert "(it is 'yyy" in told
    assert "yyy...)" in told
    assert len(told) < 400


def test_no_word_of_the_library_or_its_site_is_shown() -> None:
    for text, _ in WRONG.values():
        told = refusal(text)
        assert "pydantic" not in told
        assert "://" not in told
        assert "Valley" not in told


def test_a_right_document_becomes_the_model() -> None:
    text = "name: x\nstocks: {red: {count: 3}}\nweather:\n  - {kind: rain, depth: 1.5, since: 2023-01-02}\n"
    valley = validate(read_yaml("valley.yaml", text), Valley, "a valley")
    assert valley == Valley(
        name="x",
        stocks={"red": Stock(count=3)},
        weather=[Rain(kind="rain", depth=1.5, since=dt.date(2023, 1, 2))],
    )


class Fort(Strict):
    walls: dict[Annotated[str, pydantic.Field(pattern="^[a-z]+$")], int] = {}
    pair: tuple[Stock, Rain] | None = None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "walls:\n  North: 5\n",
            "'North': string should match pattern '^[a-z]+$' (it is 'North').\n"
            "  where: fort.yaml, line 2 (walls.North)\n"
            "  to do: correct the value.",
        ),
        (
            "pair:\n  - {count: 1, unti: people}\n  - {kind: rain, depth: 1}\n",
            "'unti' is not known here.\n"
            "  where: fort.yaml, line 2 (pair[1].unti)\n"
            "  to do: did you mean 'unit'?",
        ),
        (
            "pair:\n  - {count: 1}\n  - {kind: rain, depth: 1, cuont: 1}\n",
            "'cuont' is not known here.\n"
            "  where: fort.yaml, line 3 (pair[2].cuont)\n"
            "  to do: use one of: depth, kind, since.",
        ),
    ],
    ids=["key against the rule", "first of a pair", "second of a pair"],
)
def test_keys_and_pairs_have_their_place(text: str, expected: str) -> None:
    with pytest.raises(InputError) as refused:
        validate(read_yaml("fort.yaml", text), Fort, "a fort")
    assert str(refused.value) == expected
