"""The page, served from a thread of the test's own process."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn
import yaml

from ceasefire.claims.loading import SHIPPED
from ceasefire.web import application
from ceasefire.web.serving import LARGEST_MESSAGE, LOCAL_NAMES

OF_FIGURES = ("killed-in-300-days", "battalion-a-day")


@pytest.fixture(scope="session")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Yield a page that is served: `.url`, and `.workshop` behind it.

    Beside the articles of the package it has one of two claims on figures, which take no war.
    """
    content = yaml.safe_load((SHIPPED / "interview-with-a-tyrant.yaml").read_text(encoding="utf-8"))
    content["article"] |= {"id": "two-claims", "title": "Two claims on figures"}
    content["claims"] = [claim for claim in content["claims"] if claim["id"] in OF_FIGURES]
    content["claims"].sort(key=lambda claim: OF_FIGURES.index(claim["id"]))
    own = tmp_path_factory.mktemp("claims") / "two-claims.yaml"
    own.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    app = application(claims=[str(own)], hosts=LOCAL_NAMES)
    settings = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", ws_max_size=LARGEST_MESSAGE)
    server = uvicorn.Server(settings)
    socket = settings.bind_socket()
    thread = threading.Thread(target=server.run, kwargs={"sockets": [socket]}, daemon=True)
    thread.start()
    deadline = time.monotonic() + 60
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.02)
    app.url = f"http://127.0.0.1:{socket.getsockname()[1]}"  # type: ignore[attr-defined]
    app.workshop = app.state.workshop  # type: ignore[attr-defined]
    yield app
    server.should_exit = True
    thread.join(timeout=30)
    socket.close()
