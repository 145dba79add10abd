"""A long piece of work as a folder: what it is, and each piece of it as soon as it is done.

    DIR/study.json     what is computed, of what, and how many pieces of it are done
    DIR/pieces/        the pieces, each whole or absent; removed once the results are written
    DIR/study.lock     held while a program works in the folder
    DIR/...            the results

A piece is a file of its own, written under another name first, with a digest before its content: one that is
torn or was changed by accident is told from a whole one and is made again. Nothing depends on a clock.
"""

from __future__ import annotations

import dataclasses
import errno
import json
import re
import shlex
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import filelock

from ceasefire.files.bounded import is_file, is_there
from ceasefire.files.errors import InputError
from ceasefire.files.formats import ATTRIBUTE, FORMAT, check_format
from ceasefire.files.sealed import sealed, unsealed
from ceasefire.files.writing import write_atomically

MANIFEST, PIECES, LOCK = "study.json", "pieces", "study.lock"
SUFFIX = ".piece"
MOST_MANIFEST_BYTES = 1_000_000
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
"""What a system says where a disk, or what one may have of it, is full."""
_NAME = re.compile(r"[0-9a-f]{16,64}")


@dataclasses.dataclass(frozen=True)
class Manifest:
    """What a study says of itself."""

    command: tuple[str, ...]
    """The words after `ceasefire` that began it, without its own folder and the cluster's address."""
    folder: str
    """Where these words were typed: file names in them begin there."""
    made_of: Mapping[str, str]
    """What the pieces are made of (scenario, posterior, seed, version ...); others must not be mixed in."""
    done: int = 0
    """Pieces that were done when this was written."""
    finished: bool = False
    results: tuple[str, ...] = ()
    """Names of the files with the results, once it is finished."""


class Study:
    """The folder of a long piece of work, held by this program alone; use it in a `with` block."""

    def __init__(self, folder: Path, manifest: Manifest, lock: filelock.BaseFileLock) -> None:
        self.folder = folder
        self.manifest = manifest
        self._lock = lock

    def __enter__(self) -> Study:
        return self

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def read(self, name: str) -> bytes | None:
        """Return a piece, or None where it is absent, torn or changed."""
        if not is_file(self._path(name)):
            return None
        try:
            return unsealed(self._path(name).read_bytes(), name)
        except OSError:
            return None

    def has(self, name: str) -> bool:
        """Say whether there is a piece, whole or not."""
        return self._path(name).is_file()

    def keep(self, name: str, content: bytes) -> None:
        """Write a piece, whole or not at all.

        Raises:
            InputError: it cannot be written; all that was there is untouched.
        """
        more = not self.has(name)
        try:
            write_atomically(self._path(name), sealed(content, name))
            self._write(dataclasses.replace(self.manifest, done=self.manifest.done + more))
        except InputError as error:
            if getattr(error.__cause__, "errno", None) not in NO_ROOM:
                raise
            raise InputError(error.what, error.where, f"make room; {self.again()}.") from error

    def again(self) -> str:
        """Return how to go on with what is kept, in words."""
        if not self.manifest.command:
            return "the program goes on where it was when it is run again"
        return f"`ceasefire resume {shlex.quote(str(self.folder))}` goes on where it was"

    def work_folder(self) -> Path:
        """Return the folder in which work that keeps its own stages may keep them."""
        return self.folder / PIECES

    def begin_again(self) -> None:
        """Count the pieces that are there, and remove what a program that was killed was writing."""
        for folder in (self.folder, self.folder / PIECES):
            for torn in folder.glob(".*.partial"):
                torn.unlink(missing_ok=True)
        done = sum(1 for _ in (self.folder / PIECES).glob(f"*{SUFFIX}"))
        self._write(dataclasses.replace(self.manifest, done=done, finished=False, results=()))

    def finish(self, results: Sequence[str]) -> None:
        """Say that the results are written, and remove the pieces."""
        self._write(dataclasses.replace(self.manifest, finished=True, results=tuple(results)))
        shutil.rmtree(self.folder / PIECES, ignore_errors=True)

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise ValueError(f"'{name}' is no name of a piece")
        return self.folder / PIECES / f"{name}{SUFFIX}"

    def _write(self, manifest: Manifest) -> None:
        content = {ATTRIBUTE: FORMAT, **dataclasses.asdict(manifest)}
        write_atomically(self.folder / MANIFEST, json.dumps(content, indent=2, ensure_ascii=False) + "\n")
        self.manifest = manifest


def open_study(folder: Path, command: Sequence[str], typed_in: Path, made_of: Mapping[str, str]) -> Study:
    """Begin a study, or go on with one that was begun by the same words with the same things.

    Raises:
        InputError: another program works in the folder, it holds something else, another study or a finished
            one, or it cannot be written to.
    """
    folder = folder.resolve()
    lock = _locked(folder)
    try:
        wanted = Manifest(tuple(command), str(typed_in), dict(made_of))
        _refuse_links(folder)
        if (folder / MANIFEST).exists():
            there = read_manifest(folder)
            _refuse_other(there, wanted, folder)
            # File names in its command begin where it was typed first.
            wanted = dataclasses.replace(wanted, folder=there.folder)
        elif strange := sorted(path.name for path in folder.iterdir() if not _is_own(path)):
            raise InputError(
                f"the folder holds something that is no study ({strange[0]}).",
                str(folder),
                "name a folder that is empty or does not exist.",
            )
        study = Study(folder, wanted, lock)
        study.begin_again()
    except BaseException:
        lock.release()
        raise
    return study


def _is_own(path: Path) -> bool:
    """Say whether a file is what a study leaves that was killed, or whose manifest was taken away."""
    if path.is_symlink():
        return False
    unfinished = path.name.endswith(".partial")
    return path.name in (LOCK, PIECES) or (
        unfinished and (path.name.startswith(".") or (path.parent / PIECES).is_dir())
    )


def _refuse_links(folder: Path) -> None:
    """Refuse links in a study: what is written through one lands elsewhere."""
    for path in folder.rglob("*"):
        if path.is_symlink():
            raise InputError(
                f"'{path.relative_to(folder)}' in the study is a link to elsewhere.",
                str(folder),
                "take it out: a study has only files of its own.",
            )


def _locked(folder: Path) -> filelock.BaseFileLock:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = filelock.FileLock(folder / LOCK, blocking=False)
        lock.acquire()
    except filelock.Timeout:
        raise InputError(
            "another program works in this folder.",
            str(folder),
            "wait until it has ended, or name another folder with `--study`.",
        ) from None
    except OSError as error:
        raise InputError(
            f"the folder of the study cannot be used: {error.strerror or error}.",
            str(folder),
            "name a folder that can be written to.",
        ) from error
    return lock


def _refuse_other(there: Manifest, wanted: Manifest, folder: Path) -> None:
    if there.finished:
        missing = [name for name in there.results if not is_file(folder / name)]
        results = ", ".join(there.results) or "in the folder"
        gone = f", of which {', '.join(missing)} is not there any more" if missing else ""
        raise InputError(
            f"this study is finished; its results are {results}{gone}.",
            str(folder),
            "name another folder to compute again, or remove this one.",
        )
    for name in sorted({*there.made_of, *wanted.made_of}):
        before, now = (one.made_of.get(name, "none") for one in (there, wanted))
        if before != now:
            raise InputError(
                f"the study in this folder began with another {name}: {_short(before)}, not {_short(now)}.",
                str(folder),
                "go on with what it began with, or name another folder.",
            )
    if there.command != wanted.command:
        raise InputError(
            "the study in this folder is of another command.",
            str(folder),
            f"go on with it by `ceasefire resume {shlex.quote(str(folder))}`, or name another folder.",
        )


def _short(text: str) -> str:
    return text if len(text) <= 16 else f"{text[:12]}..."


def read_manifest(folder: Path) -> Manifest:
    """Read what a study says of itself.

    Raises:
        InputError: there is none, or it cannot be read.
    """
    path = folder / MANIFEST
    if is_there(folder) and not folder.is_dir():
        raise InputError(
            "this is a file and no study.", str(folder), "name the folder that was given as `--study`."
        )
    try:
        if is_there(path) and not path.is_file():
            raise _no_manifest(path, "it is a device, a pipe or a folder")
        if path.stat().st_size > MOST_MANIFEST_BYTES:
            raise _no_manifest(path, f"it is larger than {MOST_MANIFEST_BYTES / 1e6:.0f} MB")
        content = json.loads(path.read_bytes().decode("utf-8"))
    except FileNotFoundError:
        raise InputError(
            "there is no study here.", str(folder), "name the folder that was given as `--study`."
        ) from None
    except OSError as error:
        raise InputError(
            f"the study cannot be read: {error.strerror or error}.", str(path), "check its rights."
        ) from error
    except UnicodeDecodeError:
        raise _no_manifest(path, "it is not UTF-8 text") from None
    except RecursionError:
        raise _no_manifest(path, "it nests too deeply") from None
    except json.JSONDecodeError as error:
        raise _no_manifest(path, f"line {error.lineno} is no JSON") from None
    except ValueError:
        raise _no_manifest(path, "a number in it is too large") from None
    if not isinstance(content, dict):
        raise _no_manifest(path, "it holds no keys")
    check_format(content, "study", str(path))
    return Manifest(
        command=_words(content, "command", path),
        folder=_text(content, "folder", path),
        made_of=_table(content, path),
        done=_count(content, path),
        finished=content.get("finished") is True,
        results=_words(content, "results", path),
    )


def _words(content: Mapping[str, Any], key: str, path: Path) -> tuple[str, ...]:
    words = content.get(key)
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise _no_manifest(path, f"'{key}' is no list of words")
    return tuple(words)


def _text(content: Mapping[str, Any], key: str, path: Path) -> str:
    text = content.get(key)
    if not isinstance(text, str):
        raise _no_manifest(path, f"'{key}' is no text")
    return text


def _table(content: Mapping[str, Any], path: Path) -> dict[str, str]:
    table = content.get("made_of")
    if not isinstance(table, dict) or not all(isinstance(value, str) for value in table.values()):
        raise _no_manifest(path, "'made_of' is no table of texts")
    return dict(table)


def _count(content: Mapping[str, Any], path: Path) -> int:
    count = content.get("done")
    if not isinstance(count, int) or isinstance(count, bool) or count < 0:
        raise _no_manifest(path, "'done' is no number of pieces")
    return count


def _no_manifest(path: Path, why: str) -> InputError:
    return InputError(
        f"this is not what a study says of itself: {why}.",
        str(path),
        "remove it and type the command again with the same `--study`: finished pieces are found again.",
    )
