"""The commands on past ceasefires, on the record of offers, and on a leader who fights on."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Commands


def test_history_prints_each_class_and_writes_all_of_it(commands: Commands) -> None:
    left = commands.done("history", "--as-of", "2022-12-20", "--json", "past.json", "--chart", "past.svg")
    for words in ("Interstate:", "Civil:", "Extrastate:", "by pair", "a war less", "Fortna", "Notes"):
        assert words in left.out
    assert "almost half" in left.out
    content = json.loads(Path("past.json").read_text(encoding="utf-8"))
    assert content["as_of"] == "2022-12-20"
    assert [one["group"] for one in content["groups"]] == ["interstate", "civil", "extrastate"]
    one = content["groups"][0]
    assert {"held", "offensives", "splits", "contrasts", "curve", "median_years", "windows"} <= one.keys()
    assert [figure["years"] for figure in one["offensives"]] == [1, 3, 5]
    assert "<svg" in Path("past.svg").read_text(encoding="utf-8")[:300]


def test_history_of_one_class_alone(commands: Commands) -> None:
    left = commands.done("history", "--group", "civil", "--json", "past.json")
    assert "Interstate:" not in left.out
    content = json.loads(Path("past.json").read_text(encoding="utf-8"))
    assert [one["group"] for one in content["groups"]] == ["civil"]
    assert content["as_of"] == "2025-12-31"


def test_a_class_of_two_is_undetermined(commands: Commands) -> None:
    left = commands.done("history", "--as-of", "1918-01-01", "--group", "interstate")
    assert "Undetermined: 2 ceasefires: fewer than 5 say nothing about others." in " ".join(left.out.split())


@pytest.mark.parametrize(
    ("arguments", "lines"),
    [
        (
            ("history", "--group", "interstat"),
            [
                "error: 'interstat' is no class of ceasefires.",
                "  where: --group",
                "  to do: did you mean 'interstate'?",
            ],
        ),
        (
            ("history", "--as-of", "1900-01-01"),
            [
                "error: no ceasefire of the list had begun before 1900-01-01.",
                "  where: --as-of",
                "  to do: give a day after 1917-12-09, the first of the list.",
            ],
        ),
        (
            ("history", "--as-of", "yesterday"),
            [
                "error: 'yesterday' is not a day.",
                "  where: --as-of",
                "  to do: write a day as YYYY-MM-DD.",
            ],
        ),
        (
            ("history", "--chart", "past.pdf"),
            [
                "error: '.pdf' is no ending of a picture.",
                "  where: past.pdf",
                "  to do: name a file that ends in .svg or .png.",
            ],
        ),
        (
            ("episodes", "--threshold", "1.5"),
            [
                "error: 1.5 is no probability.",
                "  where: the threshold",
                "  to do: give a number from 0 to 1.",
            ],
        ),
        (
            ("episodes", "--list", "conted"),
            [
                "error: 'conted' is no list of offensives.",
                "  where: list of offensives",
                "  to do: did you mean 'counted'?",
            ],
        ),
        (
            ("episodes", "--scenario", "invented-war"),
            [
                "error: the record of offers is between RU and UA, not AL and BR.",
                "  where: --scenario",
                "  to do: name a scenario of that war.",
            ],
        ),
        (
            ("leader", "invented-war", "--fate", "disastre"),
            [
                "error: 'disastre' is no fate of a leader.",
                "  where: --fate",
                "  to do: did you mean 'disaster'?",
            ],
        ),
        (
            ("leader", "invented-war", "--draws", "50"),
            [
                "error: a rule cannot be learnt from 50 wars.",
                "  where: --draws",
                "  to do: give at least 126.",
            ],
        ),
    ],
)
def test_wrong_options_are_told_what_to_do(
    commands: Commands, arguments: tuple[str, ...], lines: list[str]
) -> None:
    assert commands.refused(*arguments) == lines


def test_episodes_prints_both_sides_and_offensives_beside_rows(commands: Commands) -> None:
    left = commands.done("episodes", "--json", "offers.json", "--threshold", "0.6")
    text = " ".join(left.out.split())
    assert "offensives and not" in text
    assert "teach nothing of the other side" in text
    content = json.loads(Path("offers.json").read_text(encoding="utf-8"))
    assert content["threshold"] == 0.6
    assert {one["followed"] for one in content["episodes"]} >= {"attacked", "none", "ongoing"}
    assert {row["window_days"] for row in content["varied"]} == {30, 60, 90, 180, 365}
    assert content["over_thresholds"][0]["teaching"] == content["tallies"][0]["teaching"]


def test_leader_prints_a_map_with_its_error(commands: Commands) -> None:
    left = commands.done("leader", "invented-war", "--draws", "300", "--json", "leader.json")
    text = " ".join(left.out.split())
    assert "past the point at which he would stop if he were told the truth" in text
    assert "simulation error" in text
    content = json.loads(Path("leader.json").read_text(encoding="utf-8"))
    assert content["side"] == "Aldria"
    assert {one["distortion"] for one in content["by_office"]} == {0.0, 0.5, 1.0, 2.0, 3.0}
    assert {"days", "days_error", "interval", "by_reports", "by_stakes"} <= content["by_office"][0].keys()
