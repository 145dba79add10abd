"""What is kept is whole or not there, and a folder that cannot be written to costs nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from ceasefire.files import cache_folder, keep_cached, read_cached


def test_what_is_kept_is_read_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CEASEFIRE_CACHE", str(tmp_path / "here"))
    assert read_cached("a.kernel") is None
    keep_cached("a.kernel", b"content")
    assert read_cached("a.kernel") == b"content"
    assert read_cached("b.kernel") is None


@pytest.mark.parametrize("damage", [b"", b"short", b"x" * 100])
def test_what_is_torn_is_not_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, damage: bytes) -> None:
    monkeypatch.setenv("CEASEFIRE_CACHE", str(tmp_path))
    keep_cached("a.kernel", b"content")
    (tmp_path / "a.kernel").write_bytes(damage)
    assert read_cached("a.kernel") is None
    keep_cached("a.kernel", b"again")
    assert read_cached("a.kernel") == b"again"


def test_without_a_folder_nothing_is_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CEASEFIRE_CACHE", "")
    assert cache_folder() is None
    keep_cached("a.kernel", b"content")
    assert read_cached("a.kernel") is None
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    monkeypatch.setenv("CEASEFIRE_CACHE", str(blocked))
    keep_cached("a.kernel", b"content")
    assert read_cached("a.kernel") is None


def test_the_folder_is_the_users_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("CEASEFIRE_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "ceasefire"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder() == tmp_path / ".cache" / "ceasefire"
