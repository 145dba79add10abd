"""Writing whole or not at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from ceasefire.files import InputError, write_atomically


def test_text_is_written_as_utf_8_and_bytes_as_they_are(tmp_path: Path) -> None:
    assert write_atomically(tmp_path / "a", "é\r\n") == tmp_path / "a"
    assert (tmp_path / "a").read_bytes() == b"\xc3\xa9\r\n"
    write_atomically(str(tmp_path / "b"), b"\x00\xff")
    assert (tmp_path / "b").read_bytes() == b"\x00\xff"


def test_missing_folders_are_made_and_an_old_file_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "one" / "two" / "file"
    write_atomically(path, "old and longer")
    write_atomically(path, "new")
    assert path.read_text() == "new"
    assert [entry.name for entry in path.parent.iterdir()] == ["file"]


def test_the_rights_are_those_of_any_new_file(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        path = write_atomically(tmp_path / "file", "x")
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@pytest.mark.parametrize("stage", ["fsync", "chmod", "replace"])
@pytest.mark.parametrize("fault", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_fault_at_any_stage_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: str, fault: BaseException
) -> None:
    path = write_atomically(tmp_path / "file", "old")

    def fail(*_: object) -> None:
        raise fault

    monkeypatch.setattr(os, stage, fail)
    with pytest.raises((InputError, KeyboardInterrupt)) as refused:
        write_atomically(path, "new")
    if isinstance(fault, OSError):
        assert str(refused.value) == (
            "could not write the file: No space left on device\n"
            f"  where: {path}\n"
            "  to do: name a folder that exists and can be written to; nothing was changed."
        )
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


def test_a_folder_is_not_replaced_by_a_file(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "kept").touch()
    with pytest.raises(InputError, match="could not write the file"):
        write_atomically(folder, "x")
    assert [entry.name for entry in tmp_path.iterdir()] == ["folder"]
    assert (folder / "kept").exists()


def test_a_file_in_the_way_of_a_folder_is_kept(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("kept")
    with pytest.raises(InputError, match="could not write the file"):
        write_atomically(tmp_path / "file" / "below", "x")
    assert (tmp_path / "file").read_text() == "kept"


def test_a_link_stays_a_link_and_what_it_names_is_written(tmp_path: Path) -> None:
    (tmp_path / "there").write_text("old")
    (tmp_path / "link").symlink_to(tmp_path / "there")
    write_atomically(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "there").read_text() == "new"


def test_a_device_is_written_to_and_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "pipe").unlink(missing_ok=True)
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_atomically(tmp_path / "pipe", "through")
        assert os.read(reader, 100) == b"through"
    finally:
        os.close(reader)
    assert (tmp_path / "pipe").is_fifo()
