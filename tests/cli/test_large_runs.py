"""Large runs on the command line: chosen outcomes, written as they are computed, interrupted, resumed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ceasefire.cli import wars
from ceasefire.engine import load, streaming
from ceasefire.engine.streaming import partial_path
from tests.cli.conftest import Commands

RUN = ("run", "invented-war", "truce", "--draws", "300", "--seed", "7")


def test_only_the_outcomes_asked_for_are_kept_and_shown(commands: Commands) -> None:
    left = commands.done(*RUN, "--outcomes", "killed, ground_net,grid", "--json", "few.json")
    found = load("invented-war-truce-7.nc")
    assert "wounded" not in found
    assert "parameters" not in found
    rows = json.loads(Path("few.json").read_text(encoding="utf-8"))
    assert {row["outcome"] for row in rows} == {"killed", "ground_net", "grid"}
    assert "ground net" in left.out
    commands.done(*RUN, "--json", "all.json", "--out", "all.nc")
    whole = json.loads(Path("all.json").read_text(encoding="utf-8"))
    assert [row for row in rows if row["outcome"] == "killed"] == [
        row for row in whole if row["outcome"] == "killed"
    ]
    assert commands.refused(*RUN, "--outcomes", "kiled") == [
        "error: 'kiled' is no outcome.",
        "  where: --outcomes",
        "  to do: did you mean 'killed'?",
    ]


def test_a_large_run_is_written_as_it_is_computed(
    commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = commands.done(*RUN, "--out", "held.nc", "--json", "held.json")
    monkeypatch.setattr(wars, "HELD_AT_EASE", 0)
    written = commands.done(*RUN, "--out", "streamed.nc", "--json", "streamed.json")
    assert written.out == held.out.replace("held", "streamed")
    first, second = load("held.nc"), load("streamed.nc")
    assert all(np.array_equal(first[name], second[name]) for name in first.data_vars if name != "status")
    assert {name: str(value) for name, value in first.attrs.items()} == {
        name: str(value) for name, value in second.attrs.items()
    }
    assert Path("held.json").read_bytes() == Path("streamed.json").read_bytes()


@pytest.mark.thorough
def test_an_interrupted_run_says_how_to_go_on_and_does(
    commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wars, "HELD_AT_EASE", 0)
    monkeypatch.setattr("ceasefire.engine.results.DEFAULT_CHUNK", 128)
    write = streaming._write

    def stops(part: Any, *others: Any) -> None:
        if part.first == 128:
            raise KeyboardInterrupt
        write(part, *others)

    with monkeypatch.context() as patched:
        patched.setattr(streaming, "_write", stops)
        left = commands(*RUN, "--out", "my result.nc")
    assert (left.code, left.out) == (130, "")
    assert left.err.strip().splitlines() == [
        "interrupted; 128 of 300 wars are in my result.nc.partial, which can be read.",
        "  to go on: ceasefire run invented-war truce --draws 300 --seed 7 --out 'my result.nc' --resume",
    ]
    assert load(partial_path("my result.nc")).sizes["war"] == 128
    refused = commands.refused(*RUN, "--out", "my result.nc")
    assert refused[0] == "error: a run that was not finished stands here."
    commands.done(*RUN, "--out", "my result.nc", "--resume")
    assert load("my result.nc").sizes["war"] == 300
    assert not partial_path("my result.nc").exists()


def test_a_run_too_large_to_hold_says_what_to_do(commands: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ceasefire.engine.results.MOST_HELD", 1_000_000)
    lines = commands.refused(*RUN)
    assert lines[0].startswith("error: 300 wars with ")
    assert "GB" in lines[0]
    assert "--out FILE" in lines[-1]


def test_more_wars_than_memory_may_hold_are_written_where_a_file_is_named(
    commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ceasefire.engine.results.MOST_DRAWS", 100)
    lines = commands.refused(*RUN)
    assert lines[0] == "error: 300 draws cannot be run at one time."
    assert "--out FILE" in lines[-1]
    commands.done(*RUN, "--out", "many.nc")
    assert load("many.nc").sizes["war"] == 300
