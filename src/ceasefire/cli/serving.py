"""The command that serves the page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ceasefire.cli.terminal import terminal


def serve(
    port: Annotated[
        int, typer.Option(help="Port to listen on; 0 for any that is free.", min=0, max=65535)
    ] = 8765,
    host: Annotated[
        str, typer.Option(help="Address to listen on; 127.0.0.1 can be reached from this machine alone.")
    ] = "127.0.0.1",
    scenario: Annotated[
        list[Path] | None, typer.Option(help="A scenario file of your own to ask about; once for each.")
    ] = None,
    claims: Annotated[
        list[Path] | None, typer.Option(help="A claims file of your own to audit; once for each.")
    ] = None,
) -> None:
    """Serve the interactive page: a question, an audit, an offer and the evidence."""
    from ceasefire.web import serve as serve_page

    serve_page(
        host=host,
        port=port,
        scenarios=[str(path) for path in scenario or ()],
        claims=[str(path) for path in claims or ()],
        told=lambda line: terminal.out.print(line, markup=False, soft_wrap=True),
    )
