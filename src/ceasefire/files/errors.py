"""Errors for people: what was wrong, where, and what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class CeasefireError(Exception):
    """An error that a user can act on.

    `what` says what was wrong and what was expected, `where` names the file, line or thing, `todo` says
    what to do. Printed as three lines; any of the last two may be empty.
    """

    def __init__(self, what: str, where: str = "", todo: str = "") -> None:
        self.what = what
        self.where = where
        self.todo = todo
        super().__init__(what, where, todo)

    def __str__(self) -> str:
        lines = [self.what]
        if self.where:
            lines.append(f"  where: {self.where}")
        if self.todo:
            lines.append(f"  to do: {self.todo}")
        return "\n".join(lines)


class InputError(CeasefireError):
    """A file or an option that a user gave cannot be used as it is."""


def suggest(word: str, known: Iterable[str]) -> str:
    """Return `did you mean 'x'?`, or the list of known names where none is near."""
    names = sorted({str(name) for name in known})
    near = difflib.get_close_matches(str(word), names, n=1, cutoff=0.6)
    if near:
        return f"did you mean '{near[0]}'?"
    if not names:
        return "there are none to choose from."
    shown = ", ".join(names[:20])
    return f"use one of: {shown}{', ...' if len(names) > 20 else '.'}"
