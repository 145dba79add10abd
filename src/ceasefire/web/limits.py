"""How often a visitor may ask, and how long a connection that says nothing is kept."""

from __future__ import annotations

import asyncio
import collections
import contextlib
import json
import time
from collections.abc import Callable, Hashable
from typing import Any, NamedTuple

from starlette.types import Message, Receive, Send

# So many visitors are remembered; one that is forgotten begins anew.
MOST_REMEMBERED = 10_000
# Seconds between two looks whether there is room for a message.
PAUSE = 0.05


class Rate(NamedTuple):
    """How often something may be done."""

    per_second: float
    at_once: int
    """So many may follow each other without a pause."""


class Allowance:
    """What is left to each of what it may do; it fills up again with time."""

    def __init__(self, rate: Rate, now: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._now = now
        self._left: collections.OrderedDict[Hashable, tuple[float, float]] = collections.OrderedDict()

    def takes(self, whose: Hashable = None) -> bool:
        """Take one from somebody's allowance; say whether there was one."""
        now = self._now()
        left, before = self._left.pop(whose, (float(self._rate.at_once), now))
        left = min(left + (now - before) * self._rate.per_second, float(self._rate.at_once))
        allowed = left >= 1.0
        self._left[whose] = (left - 1.0 if allowed else left, now)
        while len(self._left) > MOST_REMEMBERED:
            self._left.popitem(last=False)
        return allowed


class Patience(NamedTuple):
    """How long a connection is kept on which nothing is said, seconds."""

    before_the_first_word: float
    after: float


class Ended(NamedTuple):
    """Why the program ended a connection."""

    code: int
    reason: str


SILENT = Ended(4000, "Nothing was asked for on this connection.")
RESTED = Ended(
    4001, "Nothing was asked for here for a long time, and the place was given to others. Nothing is lost."
)
TOO_OFTEN = Ended(4002, "Too much was asked for at once. Wait a minute.")


class Line:
    """A connection of a page to the program, between the server and Shiny.

    It is ended when nothing is said on it for too long, in either direction, and when the page says too much;
    the page is told why before. Where all pages together say too much, each waits.
    """

    def __init__(
        self, receive: Receive, send: Send, patience: Patience, own: Allowance, shared: Allowance
    ) -> None:
        self._receive = receive
        self._send = send
        self._patience = patience
        self._own = own
        self._shared = shared
        self._spoke = False
        self._accepted = False
        self._ended = False
        self._last = time.monotonic()
        self._coming: asyncio.Future[Message] | None = None

    async def hear(self) -> Message:
        """Return what the page says next; that it left, where the connection was ended."""
        while not self._ended:
            if self._coming is None:
                self._coming = asyncio.ensure_future(self._receive())
            patience = self._patience.after if self._spoke else self._patience.before_the_first_word
            left = self._last + patience - time.monotonic()
            # What is coming is not cancelled: a word could be lost.
            done, _ = await asyncio.wait({self._coming}, timeout=max(left, 0.0))
            if not done:
                # What was sent to the page meanwhile counts too.
                if time.monotonic() >= self._last + patience:
                    await self._end(RESTED if self._spoke else SILENT)
                continue
            message, self._coming = self._coming.result(), None
            if message["type"] != "websocket.receive":
                return message
            self._last = time.monotonic()
            self._spoke = True
            if not self._own.takes():
                await self._end(TOO_OFTEN)
                break
            while not self._shared.takes():
                await asyncio.sleep(PAUSE)
            return message
        return {"type": "websocket.disconnect", "code": 1000}

    async def say(self, message: Message) -> None:
        """Send something to the page; where the connection was ended, nothing."""
        if self._ended:
            return
        self._accepted = self._accepted or message["type"] == "websocket.accept"
        if self._spoke:
            self._last = time.monotonic()
        await self._send(message)

    def close(self) -> None:
        """Let go of what is still being waited for."""
        if self._coming is not None:
            self._coming.cancel()

    async def _end(self, why: Ended) -> None:
        self._ended = True
        # The page may be gone by now.
        with contextlib.suppress(RuntimeError, OSError):
            if self._accepted:
                notice: dict[str, Any] = {"custom": {"ended": {"what": why.reason}}}
                await self._send({"type": "websocket.send", "text": json.dumps(notice)})
            await self._send({"type": "websocket.close", "code": why.code, "reason": why.reason})
