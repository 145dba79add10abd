"""What is shown as files: data, and pictures, each by the address of its view."""

from __future__ import annotations

import asyncio
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


def route(workshop: Workshop) -> Callable[[Request], Awaitable[Response]]:
    """Return what answers a request for a file: `question.csv?...`."""

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

        # Whoever asks for the same kind of file again asks for it in place of the first.
        # Whoever asks for the same kind of file again asks for it in place of the first.
        visitor = f"{request.client.host if request.client else ''} {name}.{ending}"
        try:
            found = asyncio.wrap_future(
                workshop.desk.ask(
                    visitor, "file", ("file", name, ending, state.key()), make, queue=part.QUEUE
                )
            )
            if not await _is_there(found, request):
                workshop.desk.leave(visitor)
                return PlainTextResponse("Nobody waits for it, or another was asked for.", 409)
            content = found.result()
        except InputError as error:
            return PlainTextResponse(str(error), 400)
        except BusyError:
            return PlainTextResponse("Too many people are asking at once.", 503)
        title = f"ceasefire-{name}.{ending}"
        return Response(
            content,
            media_type=TYPES[ending],
            headers={"content-disposition": f'attachment; filename="{title}"'},
        )

    return answer


async def _is_there(found: asyncio.Future[bytes], request: Request) -> bool:
    """Wait for a file; say whether it came while somebody still waited for it."""
    while not found.done():
        await asyncio.wait([found], timeout=PACE)
        if not found.done() and await request.is_disconnected():
            return False
    return not found.cancelled()
