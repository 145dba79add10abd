"""Content with a digest before it: what is torn or was changed by accident is told from what is whole.

A digest guards against accidents and not against people: whoever can write a file can write its digest.
"""

from __future__ import annotations

import hashlib

_BYTES = 32


def sealed(content: bytes) -> bytes:
    """Return content as it is written to a file."""
    return hashlib.sha256(content).digest() + content


def unsealed(data: bytes) -> bytes | None:
    """Return the content of a file, or None where it is not whole."""
    digest, content = data[:_BYTES], data[_BYTES:]
    return content if hashlib.sha256(content).digest() == digest else None
