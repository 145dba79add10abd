"""Errors for people: what was wrong, where, and what to do."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

LONGEST = 2_000
"""Characters of each line of an error."""
# A longer word is no misspelt name, and comparing it would take long.
LONGEST_WORD = 200
# Controls, ends of lines of other kinds, marks that turn the direction of writing, and half characters: what
# would do something to a terminal instead of being shown there.
_UNSHOWN = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
# What no text of a file has.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


class CeasefireError(Exception):
    """An error that a user can act on.

    `what` says what was wrong and what was expected, `where` names the file, line or thing, `todo` says
    what to do. Printed as three lines; any of the last two may be empty. What they repeat of a user's file is
    made harmless: see `plain`.
    """

    def __init__(self, what: str, where: str = "", todo: str = "") -> None:
        self.what = plain(what)
        self.where = plain(where)
        self.todo = plain(todo)
        super().__init__(self.what, self.where, self.todo)

    def __str__(self) -> str:
        lines = [self.what]
        if self.where:
            lines.append(f"  where: {self.where}")
        if self.todo:
            lines.append(f"  to do: {self.todo}")
        return "\n".join(lines)


class InputError(CeasefireError):
    """A file or an option that a user gave cannot be used as it is."""


def plain(text: str, most: int = LONGEST) -> str:
    """Return text from outside as it can be shown: of bounded length, what is not shown as its code."""
    half = (most - 5) // 2
    for _ in range(2):
        # A code is longer than what it stands for.
        if len(text) > most:
            text = f"{text[:half]} ... {text[-half:]}"
        text = _UNSHOWN.sub(lambda found: ascii(found[0])[1:-1], text)
    return text


def control_in(text: str) -> str:
    """Return the code of the first control character or half character of a text, or nothing.

    Tabulators and ends of lines are text.
    """
    found = _CONTROL.search(text)
    return "" if found is None else ascii(found[0])[1:-1]


def suggest(word: str, known: Iterable[str]) -> str:
    """Return `did you mean 'x'?`, or the list of known names where none is near."""
    names = sorted({str(name) for name in known})
    near = difflib.get_close_matches(str(word)[:LONGEST_WORD], names, n=1, cutoff=0.6)
    if near:
        return f"did you mean '{near[0]}'?"
    if not names:
        return "there are none to choose from."
    shown = ", ".join(names[:20])
    return f"use one of: {shown}{', ...' if len(names) > 20 else '.'}"
