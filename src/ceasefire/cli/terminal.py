"""What every command shares: the consoles, the progress bar, days and numbers."""

from __future__ import annotations

import contextlib
import datetime as dt
import math
import time
from collections.abc import Callable, Iterator, Sequence

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from ceasefire.files import CeasefireError, InputError, suggest

# A bar appears only on what takes longer than this.
PATIENCE_SECONDS = 2.0
# No figure of a war that somebody states is larger.
LARGEST = 1e12
NOTHING_CHANGED = "interrupted; nothing that was on disk has changed."


class Terminal:
    """The two consoles of a run: what was asked for goes to `out`, all else to `err`."""

    def __init__(self) -> None:
        self.colour(True)
        self.interrupted = NOTHING_CHANGED
        """What is said where a command is interrupted."""
        self.arguments: list[str] = []
        """The words of the command that runs."""

    def colour(self, wanted: bool) -> None:
        """Use colour where the terminal has it, or never."""
        self.out = Console(no_color=not wanted, highlight=False, soft_wrap=False)
        self.err = Console(no_color=not wanted, highlight=False, stderr=True)

    def error(self, error: CeasefireError) -> None:
        """Print an error in its lines."""
        self.err.print(f"error: {error}", markup=False, style="bold", soft_wrap=True)


terminal = Terminal()


@contextlib.contextmanager
def progress(label: str) -> Iterator[Callable[[int, int], None]]:
    """Give a function `told(done, total)` that shows a bar once the work has lasted two seconds."""
    started = time.monotonic()
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=terminal.err,
        transient=True,
    )
    task = bar.add_task(label, total=None)
    shown = False

    def told(done: int, total: int) -> None:
        nonlocal shown
        # Into a file or a pipe nothing is drawn, not even an empty line.
        if not shown and terminal.err.is_terminal and time.monotonic() - started > PATIENCE_SECONDS:
            bar.start()
            shown = True
        bar.update(task, completed=done, total=total)

    try:
        yield told
    finally:
        if shown:
            bar.stop()


def day(text: str | None, option: str) -> dt.date | None:
    """Read a day written as YYYY-MM-DD.

    Raises:
        InputError: it is not one.
    """
    if text is None:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise InputError(f"'{text}' is not a day.", option, "write a day as YYYY-MM-DD.") from None


def numbers(
    given: Sequence[str] | None, names: Sequence[str] | None, option: str, example: str
) -> dict[str, float]:
    """Read NAME=NUMBER, given once for each.

    Raises:
        InputError: it is not written so, the name is unknown, or what follows is no number.
    """
    found: dict[str, float] = {}
    for text in given or ():
        name, equals, number = (part.strip() for part in text.partition("="))
        if not equals:
            raise InputError(f"'{text}' is not NAME=NUMBER.", option, f"write it as {example}.")
        if names is not None and name not in names:
            raise InputError(f"'{name}' is no value.", option, suggest(name, names))
        if name in found:
            raise InputError(f"'{name}' is given twice.", option, "give each name once.")
        try:
            found[name] = float(number)
        except ValueError:
            found[name] = math.nan
        if not math.isfinite(found[name]):
            raise InputError(f"'{number}' is no number.", option, f"write it as {example}.")
        if abs(found[name]) > LARGEST:
            raise InputError(
                f"'{number}' is too large for '{name}'.", option, f"give at most {LARGEST:,.0f}."
            )
    return found
