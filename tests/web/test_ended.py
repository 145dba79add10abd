"""A page in a browser whose connection the program ended: it says why, and does not come back by itself."""

from __future__ import annotations

from typing import Any

import pytest

from ceasefire.web import limits, serving
from tests.web.test_browser import SMALL, Seen, browser, pytestmark, seen

__all__ = ["browser", "pytestmark", "seen"]


@pytest.mark.usefixtures("page")
def test_a_page_that_rested_says_so_and_goes_on_when_asked(
    seen: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What is answered once is answered at once; a page that waits for an answer says nothing.
    seen.open(SMALL, ".judged")
    monkeypatch.setattr(serving, "PATIENCE", limits.Patience(30.0, 4.0))
    loads: list[Any] = []
    seen.tab.on("load", lambda tab: loads.append(tab))  # noqa: PLW0108
    seen.open(SMALL, ".judged")
    seen.tab.wait_for_function(
        "() => document.getElementById('trying').textContent.includes('Nothing is lost')"
    )
    assert limits.RESTED.reason in seen.text("#lost")
    # Longer than it takes a page that lost its connection to look for it again.
    seen.tab.wait_for_timeout(7000)
    assert len(loads) == 1
    monkeypatch.undo()
    address = seen.tab.url
    seen.tab.click("#again")
    seen.tab.wait_for_selector("#lost[hidden]", state="attached")
    seen.tab.wait_for_selector(".judged")
    assert seen.tab.url == address
