"""A folder for what can be made again: compiled programs, kept from one run to the next."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from ceasefire.files.bounded import is_small_file
from ceasefire.files.errors import InputError
from ceasefire.files.sealed import sealed, unsealed
from ceasefire.files.writing import write_atomically

VARIABLE = "CEASEFIRE_CACHE"
"""Names another folder; empty: nothing is kept."""
MAX_BYTES = 500_000_000


def cache_folder() -> Path | None:
    """Return the folder of the cache, or None where nothing is kept.

    It is the one that `CEASEFIRE_CACHE` names, else `ceasefire` in the user's own cache folder.
    """
    named = os.environ.get(VARIABLE)
    if named is not None:
        return Path(named) if named.strip() else None
    try:
        return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ceasefire"
    except RuntimeError:
        return None


def read_cached(name: str) -> bytes | None:
    """Return what is kept under a name, or None where there is nothing or it is not whole.

    What is kept may be a program: a file that another user has written, or that everybody may write to, is
    not read.
    """
    folder = cache_folder()
    if folder is None or not is_small_file(folder / name, MAX_BYTES):
        return None
    try:
        with (folder / name).open("rb") as stream:
            if not _own(os.fstat(stream.fileno())):
                return None
            data = stream.read()
    except OSError:
        return None
    return unsealed(data, name)


def _own(told: os.stat_result) -> bool:
    """Say whether a file is this user's (or the system's) and nobody else may write to it."""
    if not hasattr(os, "getuid"):
        return True
    return told.st_uid in {os.getuid(), 0} and not told.st_mode & stat.S_IWOTH


def keep_cached(name: str, content: bytes) -> None:
    """Keep content under a name; where the folder cannot be written to, nothing is kept."""
    folder = cache_folder()
    if folder is None:
        return
    try:
        write_atomically(folder / name, sealed(content, name))
    except InputError:
        return
