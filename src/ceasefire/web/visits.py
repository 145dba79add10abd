"""One visitor: what he waits for, what he is shown, and how far it is."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Hashable
from typing import Any

from shiny import Session, reactive

from ceasefire.files import InputError
from ceasefire.report import words as words_of
from ceasefire.web.address import State
from ceasefire.web.desk import BusyError, Lane, Queue, Work
from ceasefire.web.workshop import Workshop

# Progress is told no more often than this, seconds.
PACE = 0.2


class Visit:
    """A visitor's session.

    What he asks for last replaces what he asked for before: the earlier request is dropped, and nothing of
    it is shown any more.
    """

    def __init__(self, session: Session, workshop: Workshop) -> None:
        self.workshop = workshop
        self._session = session
        self._following: asyncio.Task[None] | None = None
        self._telling: asyncio.Task[None] | None = None
        self._told = 0.0
        session.on_ended(self._end)

    def follow(self, what: Callable[[], Awaitable[None]]) -> None:
        """Begin to compute and show something, in place of what is being computed for this visitor."""
        if self._following is not None:
            self._following.cancel()
            # What it waits for is dropped here and now: what replaces it would wait behind it.
            self.workshop.desk.leave(str(self._session.id))
        self._following = asyncio.get_running_loop().create_task(self._followed(what))

    async def compute(
        self, lane: Lane, key: Hashable, work: Work, *, queue: Queue = "quick", words: str = ""
    ) -> Any:
        """Return what the desk computes for this visitor.

        Args:
            lane: what for.
            key: what is computed.
            work: computes it.
            queue: which worker computes it.
            words: what is counted as it goes on; a share is told where not given.
        """
        loop = asyncio.get_running_loop()

        def told(done: int, total: int) -> None:
            loop.call_soon_threadsafe(self._progress, words, done, total)

        visitor = str(self._session.id)
        return await asyncio.wrap_future(
            self.workshop.desk.ask(visitor, lane, key, work, queue=queue, told=told)
        )

    async def show(self, *values: tuple[reactive.Value[Any], Any]) -> None:
        """Set what outputs show, all at once."""
        async with reactive.lock():
            for place, value in values:
                place.set(value)
            await reactive.flush()

    async def view(
        self,
        place: reactive.Value[Any],
        part: str,
        state: State,
        command: str,
        make: Work,
        *,
        key: Hashable,
        queue: Queue = "quick",
        words: str = "",
    ) -> Any | None:
        """Compute a view and show it, with its address and its command; None where it cannot be.

        Args:
            place: what the view is shown from.
            part: the part of the page.
            state: what is asked for.
            command: what gives the same on the terminal.
            make: computes what is shown; `pictured` in it says whether there is a picture.
            key: what is computed.
            queue: which worker computes it.
            words: what is counted as it goes on.
        """
        if not await self.accepts(state):
            return None
        try:
            found = await self.compute("answer", key, make, queue=queue, words=words)
        except InputError as error:
            await self.refuse(error)
            return None
        pictured = bool(found.get("pictured", True))
        await self.send("address", query=state.query(part), command=command, picture=pictured)
        await self.show((place, found))
        return found

    async def accepts(self, state: State) -> bool:
        """Say whether what the page sent can be read; where not, it is told, and nothing is answered.

        An answer to something else would stand under what the page still shows.
        """
        if not state.faults:
            return True
        await self.send("fault", what=" ".join(state.faults), todo="")
        return False

    async def refuse(self, error: InputError) -> None:
        """Tell what cannot be answered, and what to do."""
        await self.send(
            "fault",
            what=words_of.sentence(error.what),
            todo=words_of.sentence(error.todo) if error.todo else "",
        )

    async def send(self, name: str, **content: Any) -> None:
        """Tell the page something."""
        await self._session.send_custom_message(name, content)

    async def _followed(self, what: Callable[[], Awaitable[None]]) -> None:
        try:
            await self.send("busy", on=True)
            await what()
            await self.send("busy", on=False)
        except asyncio.CancelledError:
            # What replaced it says when it is done.
            raise
        except BusyError:
            await self._failed("Too many people are asking at once.", "Wait a moment, and ask again.")
        except Exception as error:  # noqa: BLE001  # the page says what happened, and goes on
            await self._failed(f"This could not be computed: {type(error).__name__}.", "Ask something else.")
            print(f"ceasefire serve: {type(error).__name__}: {error}", flush=True)

    async def _failed(self, what: str, todo: str) -> None:
        await self.send("fault", what=what, todo=todo)
        await self.send("busy", on=False)

    def _progress(self, words: str, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self._told >= PACE:
            self._told = now
            said = f"{words}: {done} of {total}" if words else f"Computing: {done / max(total, 1):.0%}"
            # Kept until it is done: a task that nobody holds may be collected before.
            self._telling = asyncio.get_running_loop().create_task(self.send("progress", words=said))

    def _end(self) -> None:
        if self._following is not None:
            self._following.cancel()
        self.workshop.desk.leave(str(self._session.id))
