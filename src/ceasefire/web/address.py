"""What a view shows, as the query of its address, and back.

Whatever stands in an address comes from outside: it is read slot by slot, each by its own rule. A slot that
cannot be read keeps its default, and the view says what was wrong with it.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
import urllib.parse
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ceasefire.files import InputError, suggest

# A longer address is not read, and no longer value.
LONGEST_QUERY = 4000
LONGEST_VALUE = 200
MOST_ENTRIES = 100
MOST_FAULTS = 5
PARTS = ("question", "audit", "offer", "evidence")


@dataclasses.dataclass(frozen=True)
class Slot:
    """One thing that a view can be asked for."""

    name: str
    default: Any
    read: Callable[[str], Any]
    """From text to a value; raises `InputError`."""
    write: Callable[[Any], str] = str


@dataclasses.dataclass(frozen=True)
class State:
    """What a view shows: a value for each of its slots, and what was wrong with what was asked for."""

    slots: Mapping[str, Slot]
    values: Mapping[str, Any]
    faults: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> Any:
        """Return the value of a slot."""
        return self.values[name]

    def changed(self, **values: Any) -> State:
        """Return the state with other values."""
        return dataclasses.replace(self, values={**self.values, **values}, faults=())

    def query(self, part: str, **more: str) -> str:
        """Return the query of the address of this view; what is at its default is left out.

        Args:
            part: the part of the page.
            more: further entries.
        """
        pairs = [("part", part)] if part != PARTS[0] else []
        for name, slot in self.slots.items():
            if self.values[name] != slot.default:
                pairs.append((name, slot.write(self.values[name])))
        return urllib.parse.urlencode([*pairs, *more.items()])

    def key(self) -> tuple[tuple[str, Any], ...]:
        """Return the state as something to keep a result by."""
        return tuple((name, self.values[name]) for name in self.slots)


def read(slots: Iterable[Slot], asked: Mapping[str, str], known: Iterable[str] = ("part",)) -> State:
    """Return the state that an address asks for.

    Args:
        slots: what can be asked for.
        asked: the entries of the address.
        known: names of entries that are read elsewhere.
    """
    named = {slot.name: slot for slot in slots}
    values, faults = {name: slot.default for name, slot in named.items()}, []
    for name, text in asked.items():
        if name in known:
            continue
        if name not in named:
            faults.append(f"the address asks for '{shown(name)}', which this view does not have.")
            continue
        try:
            if len(text) > LONGEST_VALUE:
                raise InputError("it is too long.", name, f"give at most {LONGEST_VALUE} letters.")
            values[name] = named[name].read(text)
        except InputError as error:
            faults.append(f"{name} '{shown(text)}': {error.what} {_capital(error.todo)}".rstrip())
    if len(faults) > MOST_FAULTS:
        faults = [*faults[:MOST_FAULTS], f"and {len(faults) - MOST_FAULTS} more."]
    return State(named, values, tuple(faults))


def entries(query: str) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the entries of a query, the last of each name, and what was wrong with it."""
    if len(query) > LONGEST_QUERY:
        return {}, (f"the address is longer than {LONGEST_QUERY} letters and was not read.",)
    try:
        return dict(urllib.parse.parse_qsl(query, keep_blank_values=True, max_num_fields=MOST_ENTRIES)), ()
    except ValueError:
        return {}, ("the address has more entries than any view, and was not read.",)


def texts(given: Any) -> dict[str, str]:
    """Return what a page sent as entries of an address; nothing where it sent none."""
    if not isinstance(given, Mapping) or len(given) > MOST_ENTRIES:
        return {}
    return {str(name): text if isinstance(text, str) else str(text) for name, text in given.items()}


def shown(text: str, most: int = 40) -> str:
    """Return text from outside as it can be repeated: short, and on one line."""
    line = "".join(letter if letter.isprintable() else " " for letter in text)
    return line if len(line) <= most else f"{line[: most - 3]}..."


def one_of(names: Sequence[str]) -> Callable[[str], str]:
    """Return the rule of a slot that takes one of some names."""

    def rule(text: str) -> str:
        if text not in names:
            raise InputError("there is no such choice.", "", suggest(text, [name for name in names if name]))
        return text

    return rule


def whole(least: int, most: int) -> Callable[[str], int]:
    """Return the rule of a slot that takes a whole number between two."""

    def rule(text: str) -> int:
        if not text.isascii() or not text.removeprefix("-").isdigit() or not least <= int(text) <= most:
            raise InputError("it cannot be used.", "", f"give a whole number from {least:,} to {most:,}.")
        return int(text)

    return rule


def number(least: float, most: float) -> Callable[[str], float]:
    """Return the rule of a slot that takes a number between two."""

    def rule(text: str) -> float:
        try:
            found = float(text)
        except ValueError:
            found = math.nan
        if not least <= found <= most:
            raise InputError("it cannot be used.", "", f"give a number from {least:g} to {most:g}.")
        # As it is written in an address, so that the address of a view gives the same view.
        return float(write_number(found))

    return rule


def day(text: str) -> dt.date:
    """Read a slot that takes a day."""
    try:
        if len(text) != len("2022-12-20"):
            raise ValueError
        return dt.date.fromisoformat(text)
    except ValueError:
        raise InputError("it is no day.", "", "give one as YYYY-MM-DD.") from None


def day_or_none(text: str) -> dt.date | None:
    """Read a slot that takes a day or nothing."""
    return day(text) if text else None


def yes_or_no(text: str) -> bool:
    """Read a slot that takes yes or no."""
    if text not in {"yes", "no"}:
        raise InputError("it is neither.", "", "give yes or no.")
    return text == "yes"


def write_yes_or_no(value: bool) -> str:
    """Write a slot that takes yes or no."""
    return "yes" if value else "no"


def write_number(value: float) -> str:
    """Write a slot that takes a number."""
    return f"{value:.12g}"


def write_day(value: dt.date | None) -> str:
    """Write a slot that takes a day or nothing."""
    return "" if value is None else value.isoformat()


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
