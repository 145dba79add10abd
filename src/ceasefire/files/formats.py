"""Which format a file that this program writes has: a file of a newer one is refused, never guessed at."""

from __future__ import annotations

import numbers
from collections.abc import Mapping
from typing import Any

import ceasefire
from ceasefire.files.errors import InputError

FORMAT = 1
"""The format of result files, posterior files and summaries of back-tests; those without a number have it."""
ATTRIBUTE = "format"


def check_format(about: Mapping[Any, Any], what: str, where: str) -> None:
    """Refuse a file of a format that this version does not know.

    Args:
        about: what the file says of itself.
        what: what kind of file it is: `result`, `posterior`, `back-test`.
        where: the file.

    Raises:
        InputError: its format is newer than this version's, or is none.
    """
    found = about.get(ATTRIBUTE, FORMAT)
    if isinstance(found, bool) or not isinstance(found, numbers.Integral) or found < 1:
        raise InputError(
            f"this {what} file says {str(found)[:40]!r} for its format, which is no whole number from 1.",
            where,
            "it is damaged, or was not written by ceasefire: make it again.",
        )
    if int(found) > FORMAT:
        raise InputError(
            f"this {what} file has format {int(found)}; version {ceasefire.__version__} reads formats up to"
            f" {FORMAT}.",
            where,
            "install a newer version of ceasefire, or make the file again with this one.",
        )
