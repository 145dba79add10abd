"""Tables and records as files, written whole or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ceasefire.cli.terminal import terminal
from ceasefire.files import InputError, write_atomically
from ceasefire.files.bounded import is_there

if TYPE_CHECKING:
    import pandas as pd


TO_DO = "name another file; nothing was changed."


def check_targets(
    targets: Mapping[str, Path | None], read: Mapping[str, str | Path | None] | None = None
) -> None:
    """Make sure, before any work is done, that what will be written can be and replaces nothing it must not.

    Args:
        targets: the files to write by what names them (`--json`, `the page`); None is not written.
        read: the files that the command reads, by what they are (`the claims file`).

    Raises:
        InputError: a target is a file that is read, another target, a folder, or cannot be written.
    """
    wanted = {name: path for name, path in targets.items() if path is not None}
    for name, path in wanted.items():
        for what, source in (read or {}).items():
            if source is not None and _same(path, Path(source)):
                raise InputError(f"{name} would replace {what}.", str(path), TO_DO)
    names = list(wanted)
    for place, second in enumerate(names):
        for first in names[:place]:
            if _same(wanted[first], wanted[second]) and not _is_device(wanted[second]):
                raise InputError(f"{first} and {second} name the same file.", str(wanted[second]), TO_DO)
    for name, path in wanted.items():
        why = _cannot(path)
        if path.is_dir():
            raise InputError(f"a folder stands where {name} would be written.", str(path), TO_DO)
        if why:
            raise InputError(f"{name} cannot be written: {why}", str(path), TO_DO)


def _same(first: Path, second: Path) -> bool:
    """Say whether two paths are one file: by their names with links followed, or on the disk."""
    if os.path.realpath(first) == os.path.realpath(second):
        return True
    return is_there(first) and is_there(second) and first.samefile(second)


def _is_device(path: Path) -> bool:
    return path.exists() and not path.is_file() and not path.is_dir()


def _cannot(path: Path) -> str:
    """Return why a file cannot be written, or nothing."""
    if _is_device(path):
        return "" if os.access(path, os.W_OK) else "there is no leave to write to it."
    folder = Path(os.path.realpath(path)).parent
    while not folder.exists():
        folder = folder.parent
    shown = os.path.relpath(folder) if folder.is_relative_to(Path.cwd()) else str(folder)
    if not folder.is_dir():
        return f"'{shown}' is no folder."
    return "" if os.access(folder, os.W_OK | os.X_OK) else f"there is no leave to write into '{shown}'."


def as_json(content: Any, path: Path | None) -> None:
    """Write plain data as JSON where a file is named, and say so."""
    if path is None:
        return
    _said(write_atomically(path, json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False) + "\n"))


def frame_as_json(frame: pd.DataFrame, path: Path | None) -> None:
    """Write a table as a JSON list of rows, days as YYYY-MM-DD and what is not known as null."""
    if path is not None:
        as_json(records(frame), path)


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a table as rows of plain values, days as YYYY-MM-DD and what is not known as None."""
    text = frame.to_json(
        orient="records", date_format="iso", date_unit="s", force_ascii=False, default_handler=str
    )
    found: list[dict[str, Any]] = json.loads(text)
    return found


def frame_as_csv(frame: pd.DataFrame, path: Path | None) -> None:
    """Write a table as CSV where a file is named, and say so."""
    if path is not None:
        _said(write_atomically(path, frame.to_csv(index=False)))


def _said(path: Path) -> None:
    terminal.out.print(f"written: {path}", markup=False, soft_wrap=True)
