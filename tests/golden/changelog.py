"""What CHANGELOG.md says of results that move: its entries on that, and which of them are new.

The kept file of golden results holds the entries with which it was written last. A change of the results
therefore needs an entry that was not there before, and an entry that such a change rests on cannot vanish or
change unseen.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

from tests.repository import ROOT

CHANGELOG = ROOT / "CHANGELOG.md"
HEADING = "Your numbers will move"
UNRELEASED = "not yet released"
_SHOWN = 60


def entries(text: str, *, unreleased: bool = False) -> dict[str, str]:
    """Return the entries under the heading: the first digits of a hash of each, and how it begins.

    Line breaks do not count, so that an entry may be wrapped anew.

    Args:
        text: the changelog.
        unreleased: only those of the part that is not released.
    """
    found: dict[str, str] = {}
    for part in re.split(r"^(?=## )", text, flags=re.MULTILINE):
        if unreleased and UNRELEASED not in part.partition("\n")[0]:
            continue
        for section in re.split(r"^(?=### )", part, flags=re.MULTILINE):
            if section.partition("\n")[0].lstrip("# ").strip() != HEADING:
                continue
            for one in re.findall(r"^\* (.+(?:\n(?:[ \t]+\S.*))*)", section, flags=re.MULTILINE):
                words = " ".join(one.split())
                found[hashlib.sha256(words.encode()).hexdigest()[:16]] = words[:_SHOWN]
    return found


def vanished(kept: Mapping[str, str], text: str) -> list[str]:
    """Return how those kept entries begin that the changelog has no more, or not in the same words."""
    there = entries(text)
    return [begins for name, begins in kept.items() if name not in there]


def refusal(kept: Mapping[str, str], text: str) -> str:
    """Return why golden results that moved cannot be written yet, or nothing where they can.

    An entry that was changed looks like a new one and an old one that vanished; it does not count.

    Args:
        kept: the entries of the file as it was written last.
        text: the changelog as it is now.
    """
    new = [name for name in entries(text, unreleased=True) if name not in kept]
    if len(new) > len(vanished(kept, text)):
        return ""
    return (
        f"CHANGELOG.md has no new entry under '{HEADING}' in the part that is {UNRELEASED}. Say there in a"
        " new entry which results move and why, then run this again. Nothing was written."
    )


def read(path: Path = CHANGELOG) -> str:
    """Return the text of the changelog."""
    return path.read_text(encoding="utf-8")
