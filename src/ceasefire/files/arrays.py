"""Arrays in a file of this program's own (`.npz`): read whole and as they are, or not at all."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ceasefire.files.bounded import is_small_file

MAX_BYTES = 4_000_000_000
"""Bytes of all arrays of a file, packed or not."""


def read_arrays(path: Path, most: int = MAX_BYTES) -> dict[str, npt.NDArray[Any]] | None:
    """Return the arrays of a file by their names, or None where there is none or it is not whole.

    Nothing that would have to be run is read (no pickles), and nothing that is larger than it says.
    """
    if not is_small_file(path, most):
        return None
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if sum(member.file_size for member in members) > most:
                return None
            return {member.filename.removesuffix(".npy"): _array(archive.read(member)) for member in members}
    except Exception:  # noqa: BLE001  # a damaged file fails in countless ways; it is computed again
        return None


def _array(content: bytes) -> npt.NDArray[Any]:
    stream = io.BytesIO(content)
    version = np.lib.format.read_magic(stream)
    if version not in {(1, 0), (2, 0)}:
        raise ValueError(version)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, by_columns, kind = read(stream)
    # An array of objects is none of ours, and would be a pickle.
    if kind.hasobject or not kind.itemsize:
        raise ValueError(kind)
    flat = np.frombuffer(content, kind, offset=stream.tell())
    return flat.reshape(shape, order="F" if by_columns else "C").copy()
