"""A folder for what can be made again: compiled programs, kept from one run to the next."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from ceasefire.files.errors import InputError
from ceasefire.files.writing import write_atomically

VARIABLE = "CEASEFIRE_CACHE"
"""Names another folder; empty: nothing is kept."""
_DIGEST_BYTES = 32


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
    """Return what is kept under a name, or None where there is nothing or it is not whole."""
    folder = cache_folder()
    if folder is None:
        return None
    try:
        data = (folder / name).read_bytes()
    except OSError:
        return None
    digest, content = data[:_DIGEST_BYTES], data[_DIGEST_BYTES:]
    return content if hashlib.sha256(content).digest() == digest else None


def keep_cached(name: str, content: bytes) -> None:
    """Keep content under a name; where the folder cannot be written to, nothing is kept."""
    folder = cache_folder()
    if folder is None:
        return
    try:
        write_atomically(folder / name, hashlib.sha256(content).digest() + content)
    except InputError:
        return
