"""The command `sensitivity`: what it prints and writes by either method, and what it refuses."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Commands

FEW = ("--draws", "400", "--seed", "2", "--by", "2001-05-01")
DESIGN = ("--method", "sobol", "--draws", "1100", "--seed", "2", "--by", "2001-05-01")
KEYS = {"method", "sentence", "question", "rows", "level", "wars", "dropped", "seed", "posterior"}


def test_what_knowing_an_input_would_tell_is_printed_and_written(commands: Commands) -> None:
    left = commands.done("sensitivity", "invented-war", *FEW, "--json", "s.json")
    told = json.loads(Path("s.json").read_text(encoding="utf-8"))
    assert set(told) >= KEYS
    assert (told["method"], told["wars"], told["seed"], told["level"]) == ("given data", 400, 2, 0.95)
    assert (told["dropped"], told["posterior"]) == (0, "prior")
    rows = told["rows"]
    assert set(rows[0]) >= {"input", "group", "first", "first_low", "first_high", "delta", "told_apart"}
    words = " ".join(left.out.split())
    for said in (
        "Would a truce of 182 days from",
        "what an input tells by going along with another",
        "read off 400 wars of 400 draws",
        "Priors: no posterior is shipped",
        "written: s.json",
    ):
        assert said in words, said
    apart = [row for row in rows if row["told_apart"]]
    if apart:
        assert f"Of {len(rows)} inputs {len(rows) - len(apart)} are not told apart from nothing" in words
    else:
        assert f"None of {len(rows)} inputs is told apart from nothing in 400 wars" in words
    assert max(len(line) for line in left.out.splitlines()) <= 80


def test_only_what_is_told_apart_has_a_row_the_foremost_first(commands: Commands) -> None:
    left = commands.done(
        "sensitivity", "ukraine-2022", "--by", "2023-08-01", "--draws", "1500", "--most", "2",
        "--json", "s.json",
    )  # fmt: skip
    told = json.loads(Path("s.json").read_text(encoding="utf-8"))
    apart = sorted((row for row in told["rows"] if row["told_apart"]), key=lambda row: -row["delta"])
    assert apart
    assert told["posterior"].startswith("ukraine-2022@")
    words = " ".join(left.out.split())
    for row in apart[:2]:
        assert row["meaning"][:12] in words
        assert f"{round(100 * row['delta'])} ({round(100 * row['delta_low'])} to" in words
    if len(apart) > 2:
        assert f"{len(apart) - 2} more are told apart" in words
    assert max(len(line) for line in left.out.splitlines()) <= 80


def test_what_groups_do_under_priors_is_printed_and_written(commands: Commands) -> None:
    left = commands.done("sensitivity", "invented-war", *DESIGN, "--most", "3", "--json", "s.json")
    told = json.loads(Path("s.json").read_text(encoding="utf-8"))
    assert set(told) >= KEYS
    assert (told["method"], told["wars"], told["dropped"], told["posterior"]) == ("Sobol", 1_088, 0, "prior")
    rows = sorted(told["rows"], key=lambda row: -row["total"])
    assert len(rows) == 15
    assert {row["group"] for row in rows} >= {"rival equations", "chance", "truce", "attrition"}
    assert sum(row["inputs"] for row in rows) == 120 + 3 + 1
    words = " ".join(left.out.split())
    for row in rows[:3]:
        assert f"{row['group'].replace('_', ' ')}: " in words
        assert f"{round(100 * row['total'])} (" in words
    for said in (
        "12 further groups: total at most",
        "drawn from its prior, independent of the others: this is no account of what is known now",
        "from 1,088 wars made for it",
    ):
        assert said in words, said
    assert max(len(line) for line in left.out.splitlines()) <= 80


@pytest.mark.parametrize(("options", "said"), [
    (("--method", "sobl"), "did you mean 'sobol'?"),
    (("--outcome", "soldier"), "soldiers"),
    (("--most", "0"), "give a number from 1"),
    (("--draws", "20"), "give wars of 50 draws at least"),
    (("--method", "sobol", "--draws", "900"), "compute 1,088 at least"),
    (("--method", "sobol", "--posterior", "now"), "use `--method given`"),
    (("--by", "2030-01-01"), "name a day"),
    (("--against", "fight-onn"), "fight-on"),
])  # fmt: skip
def test_what_cannot_be_done_is_refused_with_what_to_do(
    commands: Commands, options: tuple[str, ...], said: str
) -> None:
    by = () if "--by" in options else ("--by", "2001-03-01")
    told = commands.refused("sensitivity", "invented-war", *by, *options, "--json", "s.json")
    assert said in " ".join(" ".join(told).split())
    assert not Path("s.json").exists()


def test_a_missing_library_is_said(commands: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("SALib")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "SALib", None)
    told = commands.refused("sensitivity", "invented-war", *DESIGN)
    assert "install ceasefire[sensitivity]" in " ".join(told)
