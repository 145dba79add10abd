"""What the lock files hold: each release with the hashes of its files, and where it is wanted."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from packaging.markers import Marker

ROOT = Path(__file__).resolve().parent.parent
LOCK, DEV_LOCK = ROOT / "requirements.lock", ROOT / "requirements-dev.lock"
_PIN = re.compile(
    r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)==(?P<version>[^\s;\\]+)(?:\s*;\s*(?P<marker>[^\\]+))?"
)
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})\b")


class Locked(NamedTuple):
    """A release that a lock file pins."""

    name: str
    """As package indexes compare names: lower case, hyphens."""
    version: str
    marker: str
    """On which machines it is wanted; all where empty."""
    hashes: tuple[str, ...]
    """SHA-256 of each file of the release that may be installed."""


def canonical(name: str) -> str:
    """Return a name as package indexes compare names."""
    return re.sub(r"[-_.]+", "-", name).lower()


def read_lock(path: Path) -> list[Locked]:
    """Return the releases that a lock file pins, in its order; of some one for each range of Pythons.

    Raises:
        ValueError: a line that is none of a lock file, a release without hashes, or one that is pinned twice.
    """
    found: list[Locked] = []
    text = path.read_text(encoding="utf-8").replace("\\\n", " ")
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        pin, hashes = _PIN.match(line), tuple(_HASH.findall(line))
        if pin is None or not hashes:
            raise ValueError(f"{path.name}, entry {number}: no release with hashes: {line[:60]!r}")
        marker = (pin["marker"] or "").partition("--hash")[0].strip()
        one = Locked(canonical(pin["name"]), pin["version"], marker, hashes)
        if any((other.name, other.version) == (one.name, one.version) for other in found):
            raise ValueError(f"{path.name}: {one.name} {one.version} is pinned twice")
        found.append(one)
    return found


def wanted_here(locked: Locked) -> bool:
    """Say whether a release is wanted with this Python on this kind of machine."""
    return not locked.marker or Marker(locked.marker).evaluate()
