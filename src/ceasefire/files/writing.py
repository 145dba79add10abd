"""Writing so that what is on disk is either the old file or the new one, whole."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from ceasefire.files.errors import InputError

PICTURES = (".svg", ".png")
"""Endings of pictures."""


def check_picture(path: Path) -> None:
    """Refuse the name of a picture that no picture is written to.

    Raises:
        InputError: the ending is none of `PICTURES`.
    """
    if path.suffix.lower() not in PICTURES:
        raise InputError(
            f"'{path.suffix or path.name}' is no ending of a picture.",
            str(path),
            f"name a file that ends in {' or '.join(PICTURES)}.",
        )


def write_atomically(path: Path | str, content: str | bytes) -> Path:
    """Write `content` to `path` whole or not at all; text is UTF-8. Return the path.

    The content goes to a temporary file in the same folder, is flushed to disk and then takes the name. A
    link is followed; a pipe or a device (`/dev/stdout`) is written to as it is.

    Raises:
        InputError: the folder cannot be made or written to; what was at `path` is untouched.
    """
    path = Path(path)
    data = content.encode("utf-8") if isinstance(content, str) else content
    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            path.write_bytes(data)
        else:
            _replace(Path(os.path.realpath(path)), data)
    except OSError as error:
        raise InputError(
            f"could not write the file: {error.strerror or error}",
            str(path),
            "name a folder that exists and can be written to; nothing was changed.",
        ) from error
    return path


def _replace(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=".", suffix=".partial", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(temporary, 0o666 & ~umask)
        os.replace(temporary, path)
        flush_folder(path.parent)
    except BaseException:
        # Also when the user interrupts: no half-written file stays behind.
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def flush_folder(folder: Path) -> None:
    """Bring to disk which names a folder has, where the system can: new names then survive a power cut."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
