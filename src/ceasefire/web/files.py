"""What is shown as files: data, and pictures, each by the address of its view."""

from __future__ import annotations

import asyncio
import collections
import itertools
from collections.abc import Awaitable, Callable

import vl_convert
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from ceasefire import charts
from ceasefire.files import InputError
from ceasefire.web import address, parts
from ceasefire.web.desk import BusyError, Told
from ceasefire.web.workshop import Workshop

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "svg": "image/svg+xml",
    "png": "image/png",
}
# Pixels of a PNG for each of the picture's own.
SCALE = 2.0
# Seconds after which it is looked whether somebody still waits for a file.
PACE = 0.5
# More files than these are not computed for one address at once.
MOST_FILES = 8


def route(workshop: Workshop) -> Callable[[Request], Awaitable[Response]]:
    """Return what answers a request for a file: `question.csv?...`."""
    # How many files each address waits for.
    waiting: collections.Counter[str] = collections.Counter()
    numbers = itertools.count()

    async def answer(request: Request) -> Response:
        name, _, ending = request.path_params["name"].partition(".")
        if name not in parts.PARTS or ending not in TYPES:
            return PlainTextResponse("There is no such file.", 404)
        asked, faults = address.entries(request.url.query)
        _, state = parts.state_of(workshop, {**asked, "part": name})
        if faults or state.faults:
            # A file of something else than what was asked for would be quoted as what was asked for.
            return PlainTextResponse("\n".join((*faults, *state.faults)), 400)
        part = parts.PARTS[name]

        def make(told: Told) -> bytes:
            if ending in {"csv", "json"}:
                made = (
                    part.data(workshop, state, told)
                    if ending == "csv"
                    else part.as_json(workshop, state, told)
                )
                return made.encode()
            drawn = charts.to_svg(part.chart(workshop, state, charts.WIDE, told, heading=True))
            return drawn.encode() if ending == "svg" else vl_convert.svg_to_png(drawn, scale=SCALE)

        whose = request.client.host if request.client else ""
        if waiting[whose] >= MOST_FILES:
            return PlainTextResponse("Too many files are asked for at once.", 429)
        waiting[whose] += 1
        visitor = f"file {next(numbers)}"
        try:
            found = asyncio.wrap_future(
                workshop.desk.ask(
                    visitor, "file", ("file", name, ending, state.key()), make, queue=part.QUEUE
                )
            )
            await _until_there_or_left(found, request)
            content = await found if found.done() else b""
        except InputError as error:
            return PlainTextResponse(str(error), 400)
        except BusyError:
            return PlainTextResponse("Too many people are asking at once.", 503)
        finally:
            # Where nobody waits any more, it is not computed to its end.
            workshop.desk.leave(visitor)
            waiting[whose] -= 1
        title = f"ceasefire-{name}.{ending}"
        return Response(
            content,
            media_type=TYPES[ending],
            headers={"content-disposition": f'attachment; filename="{title}"'},
        )

    return answer


async def _until_there_or_left(found: asyncio.Future[bytes], request: Request) -> None:
    """Wait until a file is there, or whoever asked for it has left."""
    while not found.done():
        await asyncio.wait([found], timeout=PACE)
        if not found.done() and await request.is_disconnected():
            return
