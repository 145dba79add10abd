"""The page on mechanisms of one's own: what it shows is run as it stands."""

from __future__ import annotations

import json
import re
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from ceasefire.engine import load
from ceasefire.engine.extending import OPERATIONS
from ceasefire.scenario import load_scenario
from ceasefire.war.extension import OF_THE_WAR, Factors
from tests.cli.conftest import Commands
from tests.repository import ROOT

PAGE = (ROOT / "docs" / "extending.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    return found[1]


@pytest.fixture
def weather(commands: Commands) -> Path:
    path = Path("weather.py")
    path.write_text(block("python"), encoding="utf-8")
    return path


def test_the_example_takes_ten_lines_and_its_commands_run(commands: Commands, weather: Path) -> None:
    lines = [line for line in block("python").splitlines() if line.strip()]
    assert len(lines) <= 10
    for line in re.findall(r"^\$ ceasefire (.+)$", PAGE, re.MULTILINE):
        shown = commands.done(*line.split())
        assert "mud-season" in shown.out
    left = commands.done("run", "invented-war", "--extension", weather, "--draws", "40", "--out", "result.nc")
    assert "Not the model's own: mud-season (weather.py, " in " ".join(left.out.split())
    assert load("result.nc").attrs["extensions"].startswith("mud-season ")


def test_the_example_slows_the_war_in_its_seasons_and_only_then(commands: Commands, weather: Path) -> None:
    options = ("--draws", "100", "--outcomes", "losses")
    commands.done("run", "invented-war", *options, "--out", "plain.nc")
    commands.done("run", "invented-war", *options, "--extension", weather, "--out", "mud.nc")
    plain, mud = load("plain.nc")["losses"], load("mud.nc")["losses"]
    assert str(plain["time"].values[0])[:10] == "2001-01-01"
    # January is far from both; the first of April is in the deepest mud.
    assert np.median(mud[3] / plain[3]) == pytest.approx(1.0, abs=0.01)
    spring = np.median((mud[14] - mud[12]) / (plain[14] - plain[12]))
    assert 0.55 < spring < 0.8


def test_the_scenario_of_the_page_is_one(commands: Commands, weather: Path) -> None:
    shipped = (
        resources.files("ceasefire.scenario").joinpath("shipped", "invented-war.yaml").read_text("utf-8")
    )
    lines = block("yaml").splitlines(keepends=True)
    place = next(place for place, line in enumerate(lines) if line.startswith("war:"))
    ranges = "".join(lines[place + 1 :])
    there = "\nwar:\n" in shipped
    own = shipped.replace("\nwar:\n", f"\nwar:\n{ranges}") if there else f"{shipped}\nwar:\n{ranges}"
    Path("mine.yaml").write_text(own + "\n" + "".join(lines[:place]), encoding="utf-8")
    assert commands.done("scenario", "lint", "mine.yaml").out == "mine.yaml: no faults found.\n"
    (one,) = load_scenario("mine.yaml").world().extensions
    assert (one.share, one.priors[0].best) == (0.5, 0.4)
    commands.done("parameters", "mine.yaml", "--mechanism", "mud-season", "--json", "mud.json")
    (row,) = json.loads(Path("mud.json").read_text(encoding="utf-8"))
    assert (row["used"], row["share"], row["best"], row["label"]) == ("share", 0.5, 0.4, "assumed")


def test_a_comparison_says_what_is_not_the_models_own(commands: Commands, weather: Path) -> None:
    left = commands.done(
        "compare",
        "invented-war",
        "--draws",
        "60",
        "--extension",
        weather,
        "--outcome",
        "killed",
        "--out",
        "c.nc",
    )
    told = " ".join(left.out.split())
    assert "Not the model's own: mud-season" in told
    assert "counts as chance" in told
    assert load("c.nc").attrs["extensions"].startswith("mud-season ")


def test_what_cannot_be_compiled_is_found_before_a_run(commands: Commands, weather: Path) -> None:
    text = weather.read_text(encoding="utf-8").replace("jnp.exp(-", "jnp.cos(-")
    weather.write_text(text, encoding="utf-8")
    lines = commands.refused("run", "invented-war", "--extension", weather, "--draws", "10", "--out", "r.nc")
    assert lines[0].endswith("cannot be compiled into the loop over wars: it uses the operation 'cos'.")
    assert lines[1] == "  where: weather.py, line 10"
    assert not Path("r.nc").exists()


def test_the_page_lists_every_factor_with_its_shape() -> None:
    listed = dict(re.findall(r"^\| `(\w+)` \| `(\[.*?\])` \|", PAGE, re.MULTILINE))
    assert listed == {name: "[N]" if name in OF_THE_WAR else "[2, N]" for name in Factors._fields}


def test_the_page_promises_no_operation_that_there_is_not() -> None:
    words = set(re.findall(r"`(\w+)`", PAGE.split("has no form for one war alone")[1].split("\n\n")[0]))
    names = {"where": "select_n", "sigmoid": "logistic", "minimum": "min", "maximum": "max"}
    assert {names.get(word, word) for word in words} <= OPERATIONS
    assert words >= set(names)
