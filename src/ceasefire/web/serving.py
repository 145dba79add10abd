"""The program behind the page: Shiny for what changes, plain addresses for files, and what keeps it safe."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import urllib.parse
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from typing import Any

import uvicorn
from shiny import App, Inputs, Outputs, Session, ui
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

import ceasefire
from ceasefire.files import InputError
from ceasefire.report import style_and_script
from ceasefire.web import address, files, parts, templates
from ceasefire.web.limits import Allowance, Line, Patience, Rate
from ceasefire.web.visits import Visit
from ceasefire.web.workshop import Workshop

HOST, PORT = "127.0.0.1", 8765
MOST_VISITORS = 200
# A message of a page is a few hundred bytes.
LARGEST_MESSAGE = 64_000
# A page asks for about 20 files when it opens, and says at most 7 things a second while a slider moves. A
# class of a hundred that opens it at once may have one address.
REQUESTS_OF_ONE, REQUESTS_OF_ALL = Rate(100, 2500), Rate(500, 5000)
MESSAGES_OF_ONE, MESSAGES_OF_ALL = Rate(20, 200), Rate(1000, 5000)
# A page speaks as soon as it is connected. One on which nothing is moved for so long gives its place away.
PATIENCE = Patience(before_the_first_word=30.0, after=3600.0)
STATIC = {
    "page.css": "text/css",
    "page.js": "text/javascript",
    "report.css": "text/css",
    "report.js": "text/javascript",
    "mark.svg": "image/svg+xml",
}
HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self'"
    " 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}


def application(
    scenarios: Iterable[str] = (), claims: Iterable[str] = (), *, hosts: Iterable[str] | None = None
) -> Starlette:
    """Return the page as an ASGI application.

    Args:
        scenarios: files of scenarios of one's own, which can be asked for beside those of the package.
        claims: claim files of one's own.
        hosts: the names by which the page may be asked for; any where not given.

    Raises:
        InputError: a file cannot be used.
    """
    workshop = _workshop(scenarios, claims)

    def page(request: Request) -> Any:
        asked, faults = address.entries(request.url.query)
        part, state = parts.state_of(workshop, asked)
        content = templates.render(
            "frame.html.j2",
            title=parts.TITLES[part],
            part=part,
            parts=list(parts.TITLES.items()),
            faults=(*faults, *state.faults),
            body=parts.PARTS[part].body(workshop, state),
            version=ceasefire.__version__,
        )
        return ui.page_html(content)

    def server(given: Inputs, output: Outputs, session: Session) -> None:
        visit = Visit(session, workshop)
        for part in parts.PARTS.values():
            part.serve(visit, given)

    shiny = App(page, server)
    shiny.sanitize_errors = True

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        parts.prepare(workshop)
        try:
            yield
        finally:
            await shiny.stop()
            workshop.desk.close()

    whole = Starlette(
        routes=[
            Route("/static/{name}", _static),
            Route("/files/{name}", files.route(workshop)),
            Mount("/", app=shiny),
        ],
        lifespan=lifespan,
    )
    whole.state.workshop = workshop
    whole.add_middleware(_Guard, hosts=None if hosts is None else frozenset(hosts), visitors=shiny._sessions)
    return whole


def serve(
    *,
    host: str = HOST,
    port: int = PORT,
    scenarios: Iterable[str] = (),
    claims: Iterable[str] = (),
    told: Callable[[str], None] = print,
) -> None:
    """Serve the page until it is interrupted.

    Args:
        host: the address that it listens on; 127.0.0.1 can be reached from this machine alone.
        port: the port.
        scenarios: files of scenarios of one's own.
        claims: claim files of one's own.
        told: says where the page is.

    Raises:
        InputError: a file cannot be used, or the address or port is taken or none.
    """
    local = _is_local(host)
    shown = f"[{host}]" if ":" in host else host
    app = application(scenarios, claims, hosts=LOCAL_NAMES | {shown} if local else None)
    settings = uvicorn.Config(
        app, host=host, port=port, log_level="warning", ws_max_size=LARGEST_MESSAGE, access_log=False
    )
    try:
        listening = socket.create_server((host, port), family=_family(host), backlog=100)
    except OSError as error:
        raise InputError(
            f"the page cannot listen on {host}, port {port}.",
            "--host and --port",
            f"name another port, or an address of this machine ({error}).",
        ) from error
    there = listening.getsockname()[1]
    told(f"The page is at http://{shown}:{there}/ - press Ctrl-C to end.")
    if not local:
        told(
            f"It listens on {host}: whoever can reach this machine over the network can use the page, and"
            " with it the machine's processors."
        )
    with listening, contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(settings).run(sockets=[listening])


LOCAL_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _is_local(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _workshop(scenarios: Iterable[str], claims: Iterable[str]) -> Workshop:
    from ceasefire.claims import load_claims, shipped_claims
    from ceasefire.scenario import load_scenario, shipped_scenarios

    titles = dict(sorted(shipped_scenarios().items(), key=lambda item: item[0] != parts.FIRST_SCENARIO))
    articles = {name: load_claims(name).article.title for name in shipped_claims()}
    paths: dict[str, str] = {}
    for path in scenarios:
        own = load_scenario(path)
        titles[own.name], paths[f"scenario {own.name}"] = own.content.title, str(path)
    for path in claims:
        file = load_claims(path)
        articles[file.name], paths[f"article {file.name}"] = file.article.title, str(path)
    return Workshop(titles, articles, paths)


async def _static(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in STATIC:
        return PlainTextResponse("There is no such file.", 404)
    of_the_report = dict(zip(("report.css", "report.js"), style_and_script(), strict=True))
    content = of_the_report.get(name) or templates.static(name)
    return Response(content, media_type=STATIC[name])


class _Guard:
    """Refuses what no page of ours asks for, and says in each answer what a browser may do with it."""

    def __init__(self, app: ASGIApp, *, hosts: frozenset[str] | None, visitors: Mapping[str, Any]) -> None:
        self._app = app
        self._hosts = hosts
        self._visitors = visitors
        self._requests, self._all_requests = Allowance(REQUESTS_OF_ONE), Allowance(REQUESTS_OF_ALL)
        self._all_messages = Allowance(MESSAGES_OF_ALL)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        refused = self._refused(scope)
        if refused is not None:
            await self._refuse(scope, receive, send, *refused)
            return

        async def with_headers(message: Any) -> None:
            if message["type"] == "http.response.start":
                there = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *(
                        (name.encode(), text.encode())
                        for name, text in HEADERS.items()
                        if name.encode() not in there
                    ),
                ]
            await send(message)

        if scope["type"] == "http":
            await self._app(scope, receive, with_headers)
            return
        line = Line(receive, send, PATIENCE, Allowance(MESSAGES_OF_ONE), self._all_messages)

        async def without_files() -> Any:
            """Receive what a page sends; that a file would follow is not heard."""
            while True:
                message = await line.hear()
                if "uploadInit" not in (message.get("text") or ""):
                    return message

        try:
            await self._app(scope, without_files, line.say)
        finally:
            line.close()

    def _refused(self, scope: Scope) -> tuple[int, str] | None:
        headers = {name.decode("latin-1"): text.decode("latin-1") for name, text in scope["headers"]}
        host = headers.get("host", "")
        origin = urllib.parse.urlsplit(headers.get("origin", "")).netloc
        path = scope["path"]
        asks = scope["type"] == "websocket" or path == "/"
        whose = (scope.get("client") or ("",))[0]
        from_elsewhere = path.startswith("/files/") and headers.get("sec-fetch-site") == "cross-site"
        reasons = (
            (
                self._hosts is not None and _name(host).lower() not in self._hosts,
                (403, "This page is asked for by another name than that of this machine."),
            ),
            (
                not (self._requests.takes(whose) and self._all_requests.takes()),
                (429, "Too much is asked for at once. Try again in a minute."),
            ),
            (
                scope["type"] == "http" and scope["method"] not in {"GET", "HEAD"},
                (405, "Nothing can be sent to this page."),
            ),
            (
                path != "/" and len(scope["query_string"]) > address.LONGEST_QUERY,
                (414, "The address is too long."),
            ),
            (from_elsewhere, (403, "Another page cannot ask for files of this one.")),
            ("/upload" in path, (403, "Nothing can be sent to this page as a file.")),
            (
                scope["type"] == "websocket" and (not origin or origin != host),
                (403, "Another page cannot speak for this one."),
            ),
            (
                asks and len(self._visitors) >= MOST_VISITORS,
                (503, "Too many people are asking at once. Try again in a minute."),
            ),
        )
        return next((why for holds, why in reasons if holds), None)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send, status: int, why: str) -> None:
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008, "reason": why})
            return
        await PlainTextResponse(why, status, headers=HEADERS)(scope, receive, send)


def _name(host: str) -> str:
    """Return the name in a `host:port`."""
    return host.rpartition(":")[0] if host.count(":") == 1 or "]:" in host else host
