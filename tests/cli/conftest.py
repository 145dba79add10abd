"""What the tests of the commands share: commands run in a folder of their own."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from ceasefire.cli import app


class Left(NamedTuple):
    """How a command left."""

    code: int
    out: str
    err: str


class Commands:
    """Runs commands in a folder of their own."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def __call__(self, *arguments: str | Path) -> Left:
        self.capsys.readouterr()
        code = app.run([str(argument) for argument in arguments])
        seen = self.capsys.readouterr()
        return Left(code, seen.out, seen.err)

    def done(self, *arguments: str | Path) -> Left:
        left = self(*arguments)
        assert left.code == 0, left
        assert left.err == ""
        return left

    def refused(self, *arguments: str | Path) -> list[str]:
        """Return the lines of the error of a command that must refuse."""
        left = self(*arguments)
        assert left.code == 2, left
        assert left.out == ""
        assert "Traceback" not in left.err
        return left.err.rstrip("\n").split("\n")


@pytest.fixture
def commands(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Commands:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CEASEFIRE_EVIDENCE", raising=False)
    return Commands(capsys)
