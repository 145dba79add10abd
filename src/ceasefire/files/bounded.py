"""What is looked at before a file is opened: that there is one, that it is a file, and how large it is."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, BinaryIO

from ceasefire.files.errors import InputError


def is_there(path: Path) -> bool:
    """Say whether there is a file or folder of a name; there is none of a name that no file can have."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def is_file(path: Path) -> bool:
    """Say whether a path is that of a file, not of a folder, device or pipe."""
    return is_small_file(path, sys.maxsize)


def is_small_file(path: Path, most: int) -> bool:
    """Say whether a path is that of a file, not of a folder, device or pipe, of at most so many bytes."""
    try:
        return path.is_file() and path.stat().st_size <= most
    except (OSError, ValueError):
        return False


def is_hdf5(path: Path | BinaryIO) -> bool:
    """Say whether a file is one as netCDF 4 is kept in, points to no other file, and names nothing twice."""
    import h5py  # type: ignore[import-untyped]

    def is_own(group: Any) -> bool:
        for name in group:
            if not isinstance(group.get(name, getlink=True), h5py.HardLink):
                return False
            part = group[name]
            # Two names for one group, one in the other, are more ways through than anybody can go.
            if h5py.h5o.get_info(part.id).rc > 1:
                return False
            if isinstance(part, h5py.Group) and not is_own(part):
                return False
            if isinstance(part, h5py.Dataset) and (part.external or part.is_virtual):
                return False
        return True

    try:
        with h5py.File(path, "r") as stored:
            return is_own(stored)
    except Exception:  # noqa: BLE001  # a damaged file fails in the library in countless ways
        return False


def check_size(path: Path, most: int, todo: str) -> None:
    """Refuse a file that is too large, before any of it is read.

    Args:
        path: a file that there is.
        most: bytes.
        todo: what to do where it is too large.

    Raises:
        InputError: it is larger.
    """
    size = path.stat().st_size
    if size > most:
        raise InputError(
            f"the file is too large: {size / 1e6:,.0f} MB, the limit is {most / 1e6:,.0f} MB.",
            str(path),
            todo,
        )
