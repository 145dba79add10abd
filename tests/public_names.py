"""The public names of the package: what `__all__` of each room says, as one sorted list.

To take in a change of the public names: python -m tests.update_public_names
"""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

import ceasefire

KEPT = Path(__file__).with_name("public_names.txt")


def rooms() -> list[str]:
    """Return the name of each package in `ceasefire`."""
    return sorted(
        f"ceasefire.{found.name}" for found in pkgutil.iter_modules(ceasefire.__path__) if found.ispkg
    )


def public_names() -> list[str]:
    """Return every public name, with the room it is in."""
    listed = {room: getattr(importlib.import_module(room), "__all__", []) for room in rooms()}
    return sorted(f"{room}.{name}" for room, names in listed.items() for name in names)
