"""Content with a digest before it: what is torn or was changed by accident is told from what is whole.

A digest guards against accidents and not against people: whoever can write a file can write its digest.
"""

from __future__ import annotations

import hashlib

_BYTES = 32


def sealed(content: bytes, name: str) -> bytes:
    """Return content as it is written to a file; `name` is what it is the content of."""
    return _digest(content, name) + content


def unsealed(data: bytes, name: str) -> bytes | None:
    """Return the content of a file, or None where it is not whole or is that of another name."""
    digest, content = data[:_BYTES], data[_BYTES:]
    return content if _digest(content, name) == digest else None


def _digest(content: bytes, name: str) -> bytes:
    return hashlib.sha256(f"{name}\n".encode() + content).digest()
