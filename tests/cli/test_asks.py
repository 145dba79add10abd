"""The commands `ask` and `discover`: what they print and write, and what they refuse."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Commands

FEW = ("--draws", "400", "--seed", "2")


def test_an_answer_is_printed_and_written(commands: Commands) -> None:
    left = commands.done("ask", "invented-war", *FEW, "--json", "a.json")
    told = json.loads(Path("a.json").read_text(encoding="utf-8"))
    assert set(told) >= {"probability", "mc_error", "ess", "difference", "horizon_curve", "conditions"}
    words = " ".join(left.out.split())
    for said in (
        "Would a truce of 182 days from",
        "lead to more soldiers killed on both sides by",
        f"More in {100 * told['more']:.0f} % of 400 simulated wars",
        "90 % of the wars lie between",
        "Over the horizon",
        "100 % (100 % to 100 %) is assumed",
        "it says what would follow, not what is known",
        "Not in the model, and so not in the answer",
        "written: a.json",
    ):
        assert said.replace(" %", "\N{NO-BREAK SPACE}%") in words.replace(" %", "\N{NO-BREAK SPACE}%"), said
    assert max(len(line) for line in left.out.splitlines()) <= 80


def test_slots_change_the_question(commands: Commands) -> None:
    left = commands.done(
        "ask", "ukraine-2022", "--outcome", "area", "--side", "UA", "--length", "90", "--monitored",
        "--aid", "0.5", "--by", "2023-06-01", "--draws", "300",
    )  # fmt: skip
    words = " ".join(left.out.split())
    assert "Would a truce of 90 days from 21 December 2022, watched by third parties, with arms from" in words
    assert "lead to more ground lost by Ukraine by 1 June 2023 than fighting on?" in words


def test_conditions_are_printed_and_written(commands: Commands) -> None:
    left = commands.done(
        "discover", "invented-war", "--vary", "aid", "--vary", "days", "--draws", "4000", "--json", "d.json"
    )
    told = json.loads(Path("d.json").read_text(encoding="utf-8"))
    assert told["varied"] == ["aid", "days"]
    assert told["draws"] == 4000
    assert told["conditions"]
    for one in told["conditions"]:
        assert set(one) >= {"text", "coverage", "density"}
        assert one["density_interval"][0] <= one["density"] <= one["density_interval"][1]
    words = " ".join(left.out.split())
    assert "With the terms of the truce varied, there is more in" in words
    assert "arms sent from abroad in the truce" in words
    assert max(len(line) for line in left.out.splitlines()) <= 80


def test_a_slot_misspelt_gets_a_suggestion_and_writes_nothing(commands: Commands) -> None:
    for words, said in (
        (("--outcome", "civilian"), "civilians"),
        (("--by", "2030-01-01"), "name a day"),
        (("--against", "fight-onn"), "fight-on"),
        (("--from", "soon"), "YYYY-MM-DD"),
        (("--side", "Nobody"), "no belligerent"),
    ):
        told = commands.refused("ask", "invented-war", *words, "--json", "a.json")
        assert said in " ".join(" ".join(told).split()), words
        assert not Path("a.json").exists()
    told = commands.refused("discover", "invented-war", "--draws", "400")
    assert "400 wars are too few to vary the terms of a truce" in " ".join(told)
    told = commands.refused("discover", "invented-war", "--vary", "aids")
    assert "'aids' is no term of a truce" in " ".join(told)
