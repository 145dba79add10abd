"""The map of the answer that `discover` prints, writes and draws."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from ceasefire import charts
from ceasefire.analysis import varied
from ceasefire.files import InputError
from tests.cli.conftest import Commands

FEW = ("--draws", "600", "--seed", "2", "--by", "2001-05-01")
WORDS: dict[str, Any] = {
    "title": "A finding", "subtitle": "What is shown, 2031", "down": "length, days", "across": "aid, %",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _many_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have 100 settings of the truce in 600 wars."""
    monkeypatch.setattr(varied, "WARS_OF_A_SETTING", 6)


def test_a_map_is_printed_written_and_drawn(commands: Commands) -> None:
    left = commands.done(
        "discover", "invented-war", "--map", "monitored", "--map", "days", *FEW,
        "--json", "d.json", "--picture", "d.svg",
    )  # fmt: skip
    told = json.loads(Path("d.json").read_text(encoding="utf-8"))["map"]
    assert told["columns"] == ["monitored", "days"]
    assert told["units"] == ["", "days"]
    assert {cell["row"] for cell in told["cells"]} == {"absent", "by third parties"}
    assert sum(cell["wars"] for cell in told["cells"]) == 600
    words = " ".join(left.out.split())
    assert "Down: monitoring of the truce. Across: length of the truce, days." in words
    for cell in told["cells"]:
        assert cell["row"] in words
        assert (
            f"{cell['word']} {100 * cell['share']:.0f}\N{NO-BREAK SPACE}%" in left.out
            or len({one["column"] for one in told["cells"]}) > 3
        )
    assert max(len(line) for line in left.out.splitlines()) <= 80
    drawn = ET.fromstring(Path("d.svg").read_text(encoding="utf-8"))
    text = " ".join(drawn.itertext())
    assert "lead to more soldiers killed on both sides by 1 May 2001 than fighting on" in text
    assert "by third parties" in text


def test_the_terms_that_tell_most_are_the_default(commands: Commands) -> None:
    commands.done("discover", "invented-war", "--vary", "aid", "--vary", "days", *FEW, "--json", "d.json")
    told = json.loads(Path("d.json").read_text(encoding="utf-8"))["map"]
    assert set(told["columns"]) == {"aid", "days"}


def test_a_wide_map_has_room(commands: Commands) -> None:
    left = commands.done(
        "discover", "invented-war", "--map", "rest_days (Aldria)", "--map", "initial_troops (Bremor)",
        "--draws", "1000", "--by", "2001-05-01", "--json", "d.json",
    )  # fmt: skip
    cells = json.loads(Path("d.json").read_text(encoding="utf-8"))["map"]["cells"]
    assert len(cells) == 36
    assert max(len(line) for line in left.out.splitlines()) <= 80
    for cell in cells:
        assert cell["row"].split()[0] in left.out


def test_without_two_terms_there_is_no_map_and_it_is_said(commands: Commands) -> None:
    left = commands.done("discover", "invented-war", "--vary", "days", *FEW, "--json", "d.json")
    assert json.loads(Path("d.json").read_text(encoding="utf-8"))["map"] is None
    assert "No map of the answer: fewer than two terms of the truce vary." in left.out


@pytest.mark.parametrize(("options", "said"), [
    (("--map", "day", "--map", "aid"), "did you mean 'days'?"),
    (("--map", "recruitment", "--map", "aid"), "recruitment (Aldria) or recruitment (Bremor)"),
    (("--map", "aid"), "give --map twice"),
    (("--map", "aid", "--map", "aid"), "give --map twice"),
    (("--map", "aid", "--map", "days", "--draws", "60"), "give 120 at least"),
    (("--vary", "days", "--picture", "d.png"), "name two columns with `--map`"),
    (("--picture", "d.pdf"), ".svg or .png"),
    (("--picture", "d.svg", "--json", "d.svg"), "name another file"),
])  # fmt: skip
def test_a_map_that_cannot_be_drawn_is_refused(
    commands: Commands, options: tuple[str, ...], said: str
) -> None:
    told = commands.refused("discover", "invented-war", *FEW, *options)
    assert said in " ".join(" ".join(told).split())
    assert not list(Path().iterdir())


# The picture.


def frame() -> pd.DataFrame:
    words = ("yes", "undecided", "no", "too few")
    rows = [
        {"row": row, "column": column, "word": words[(place + other) % 4], "share": 0.2 + 0.1 * place,
         "low": 0.1, "high": 0.9}
        for place, row in enumerate(("below 50", "50 to 100", "from 100"))
        for other, column in enumerate(("absent", "by third parties"))
    ]  # fmt: skip
    return pd.DataFrame(rows)


@pytest.mark.parametrize("width", [charts.WIDE, charts.NARROW])
def test_every_cell_bears_its_word(width: int) -> None:
    chart = charts.answer_map(frame(), width=width, show_heading=False, **WORDS)
    root = ET.fromstring(charts.to_svg(chart))
    assert float(root.get("width", 0)) == width
    shown = [text.strip() for text in root.itertext()]
    for word, count in frame()["word"].value_counts().items():
        assert shown.count(str(word)) == count
    assert "absent" in shown
    assert "below 50" in " ".join(shown)


def test_words_differ_in_lightness() -> None:
    spec = charts.answer_map(frame(), **WORDS).to_dict(validate=True)
    (layer,) = [layer for layer in spec["layer"] if layer.get("name") == "cells"]
    cells = spec["datasets"][layer["data"]["name"]]
    fills = {cell["word"]: cell["fill"] for cell in cells}

    def light(colour: str) -> float:
        return sum(int(colour[place : place + 2], 16) for place in (1, 3, 5)) / 3.0

    assert light(fills["yes"]) < 100 < light(fills["undecided"]) < 215 < light(fills["no"]) < 248
    # The first row stands lowest.
    assert cells[0]["y"] > cells[-1]["y"]


def test_a_cell_with_little_room_says_open() -> None:
    columns = [f"{number} to {number + 1}" for number in range(6)]
    cells = pd.DataFrame([{"row": "a", "column": name, "word": "undecided"} for name in columns])
    text = charts.to_svg(charts.answer_map(cells, width=charts.NARROW, **WORDS))
    assert ">open<" in text
    assert "open: the interval holds one half" in text
    assert "a and 0 to 1: undecided" in text


@pytest.mark.parametrize(("changed", "what"), [
    ({"word": "perhaps"}, "'perhaps' is no word"),
    ({"share": 1.5}, "a share does not lie from 0 to 1"),
    ({"row": "below 50", "column": "absent"}, "a cell is given twice"),
])  # fmt: skip
def test_wrong_cells_are_refused(changed: dict[str, Any], what: str) -> None:
    with pytest.raises(InputError, match=what):
        charts.answer_map(frame().assign(**changed), **WORDS)
