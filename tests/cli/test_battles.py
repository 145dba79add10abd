"""The commands on battles: what they print and write, and what they say where it cannot be done."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Commands

#: Twelve days in which each side loses in proportion to the enemy's numbers, with some noise.
TABLE = """day,first_strength,second_strength
1,10000,6000
2,9716,5790
3,9428,5604
4,9152,5402
5,8893,5229
6,8622,5041
7,8377,4879
8,8126,4702
9,7896,4545
10,7662,4380
11,7449,4234
12,7230,4079
13,7032,3940
"""


def test_a_battle_is_fitted_printed_and_written(commands: Commands) -> None:
    Path("battle.csv").write_text(TABLE, encoding="utf-8")
    done = commands.done("fit-battle", "battle.csv", "--json", "fit.json")
    assert done.out.startswith("battle.csv: 12 intervals, day 1 to 13\n")
    for text in ("square", "guerrilla, first", "Helmbold", "Region: p ", "q  1.0  ", "written: fit.json"):
        assert text in done.out
    content = json.loads(Path("fit.json").read_text(encoding="utf-8"))
    assert content["sentence"] in " ".join(done.out.split())
    assert [row["first_lost"] for row in content["intervals"]][:3] == [284, 288, 276]
    laws = {law["law"]: law for law in content["laws"]}
    assert len(laws) == 8
    assert laws["square"]["aicc_above_best"] < laws["linear"]["aicc_above_best"]
    rate = laws["square"]["rates_at_reference_per_day"]["first"]
    assert rate["low"] < rate["value"] < rate["high"]
    assert len(laws["square"]["expected"]["second"]) == 12
    assert content["region"]["p_q_inside"]


def test_a_wrong_battle_leaves_what_was_written(commands: Commands) -> None:
    Path("battle.csv").write_text(TABLE.replace("9428", "many"), encoding="utf-8")
    Path("fit.json").write_text("old", encoding="utf-8")
    assert commands.refused("fit-battle", "battle.csv", "--json", "fit.json") == [
        "error: 'many' is not a number.",
        "  where: battle.csv, row 4, column 'first_strength'",
        "  to do: write digits, with a point for decimals.",
    ]
    assert Path("fit.json").read_text(encoding="utf-8") == "old"


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        (
            "nothing.csv",
            [
                "error: there is no such file.",
                "  where: nothing.csv",
                "  to do: check the name and the folder.",
            ],
        ),
        (
            ".",
            ["error: this is a folder, not a file.", "  where: ", "  to do: name the file to import."],
        ),
    ],
)
def test_no_such_battle(commands: Commands, name: str, lines: list[str]) -> None:
    said = commands.refused("fit-battle", name)
    assert said[0] == lines[0]
    assert said[-1] == lines[-1]


def test_the_battle_is_not_replaced(commands: Commands) -> None:
    Path("battle.csv").write_text(TABLE, encoding="utf-8")
    assert commands.refused("fit-battle", "battle.csv", "--json", "battle.csv") == [
        "error: --json would replace the battle.",
        "  where: battle.csv",
        "  to do: name another file; nothing was changed.",
    ]


def test_the_table_of_published_numbers(commands: Commands) -> None:
    done = commands.done("published", "--json", "published.json")
    for text in (
        "Lanchester laws",
        "Iwo Jima 1945",
        "Battles 1600 to 1973",
        "Why a row is not reproduced",
        "Kursk",
    ):
        assert text in done.out
    rows = json.loads(Path("published.json").read_text(encoding="utf-8"))
    count = sum(row["status"] == "reproduced" for row in rows)
    assert f"{count} reproduced, 4 not reproduced, " in done.out
    assert all(row["source"] for row in rows)
