"""The hash of the code that made what is kept while a fit is under way."""

from __future__ import annotations

from pathlib import Path

import pytest

from ceasefire.inference import code


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(code.resources, "files", lambda _: tmp_path)
    (tmp_path / "one.py").write_text("a = 1\n")
    (tmp_path / "two.py").write_text("b = 2\n")
    return tmp_path


def test_it_changes_with_a_byte_of_any_module_and_with_no_other(package: Path) -> None:
    before = code.source_hash("one", "two")
    (package / "three.py").write_text("c = 3\n")
    assert code.source_hash("one", "two") == before
    (package / "two.py").write_text("b = 3\n")
    assert code.source_hash("one", "two") != before


def test_code_that_moves_from_one_module_to_the_next_counts(package: Path) -> None:
    before = code.source_hash("one", "two")
    (package / "one.py").write_text("a = 1\nb = 2\n")
    (package / "two.py").write_text("")
    assert code.source_hash("one", "two") != before


def test_a_module_that_is_none_is_refused(package: Path) -> None:
    with pytest.raises(FileNotFoundError):
        code.source_hash("four")


@pytest.mark.parametrize("modules", [code.FIT, code.FORECAST])
def test_the_modules_are_there(modules: tuple[str, ...]) -> None:
    assert len(code.source_hash(*modules)) == 16
    assert len(set(modules)) == len(modules)
