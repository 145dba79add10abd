"""The command `policies`: what it prints and writes, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Commands

FEW = ("--draws", "200", "--seed", "2")


def test_policies_are_weighed_for_both_sides_by_the_same_rules(commands: Commands) -> None:
    left = commands.done("policies", "invented-war", *FEW, "--json", "p.json")
    told = json.loads(Path("p.json").read_text(encoding="utf-8"))
    first, second = told["sides"]
    assert told["wars"] == 200
    assert told["baseline"] == "fight-on"
    for side in (first, second):
        one = told["sides"][side]
        assert {row["policy"] for row in one["holding_up"]} == set(told["policies"])
        assert set(one["worth"]) >= {"of_everything", "groups"}
        assert f"Which policy holds up for {side}" in left.out
    assert told["sides"][first]["values"] == told["sides"][second]["values"]
    words = " ".join(left.out.split())
    for said in (
        "Less is better in all that is counted. Not counted: who could choose a policy",
        "mean regret",
        "Does the choice stay?",
        "What it would be worth to know",
        "Not in the model, and so not weighed",
        "nothing was learnt",
        "written: p.json",
    ):
        assert said in words, said
    assert max(len(line) for line in left.out.splitlines()) <= 80


def test_values_and_what_is_asked_for_are_stated(commands: Commands) -> None:
    left = commands.done(
        "policies", "ukraine-2022", "--side", "UA", "--policy", "fight-on", "--policy", "truce", "--until",
        "2023-06-20", "--value", "area=100", "--at-most", "soldiers=1", "--no-worth", "--draws", "200",
        "--json", "p.json", "--picture", "p.svg",
    )  # fmt: skip
    told = json.loads(Path("p.json").read_text(encoding="utf-8"))["sides"]["Ukraine"]
    assert told["values"]["as stated"]["ground"] == 100.0
    assert told["asked_for"]["soldiers"] == 1.0
    assert all(row["met"] == 0.0 for row in told["holding_up"])
    assert "worth" not in told
    words = " ".join(left.out.split())
    assert "by 'as stated': 1 for each own soldier" in words
    assert "100 for each km\N{SUPERSCRIPT TWO} of ground" in words
    assert "What it would be worth" not in words
    assert Path("p.svg").read_text(encoding="utf-8").startswith("<svg")


def test_wrong_words_get_a_suggestion_and_write_nothing(commands: Commands) -> None:
    for words, said in (
        (("--policy", "fight-on", "--policy", "truse"), "truce"),
        (("--policy", "truce"), "name two at least"),
        (("--value", "grund=5"), "'grund' is no value"),
        (("--value", "area"), "not NAME=NUMBER"),
        (("--value", "area=-5"), "cannot be used"),
        (("--at-most", "area=5"), "ground"),
        (("--at-most", "civilians=5"), "do not count civilians"),
        (("--until", "2050-01-01"), "name a day"),
        (("--side", "Nobody"), "no belligerent"),
        (("--draws", "3"), "too few"),
        (("--picture", "p.svg"), "a picture is of one side"),
        (("--side", "AL", "--picture", "p.gif"), "ending"),
    ):
        told = commands.refused("policies", "invented-war", *FEW, *words, "--json", "p.json")
        assert said in " ".join(" ".join(told).split()), (words, told)
        assert not Path("p.json").exists()
