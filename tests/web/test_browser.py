"""The page in a real browser: each part answers, a link gives the same again, nothing leaves the machine."""

from __future__ import annotations

import csv
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Debian's chromium is not installed"),
]
PATIENCE = 90_000
SMALL = "draws=200&by=2023-06-20"
OWN = "article=two-claims"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


class Seen:
    """A tab, with all that it asked for and complained of."""

    def __init__(self, browser: Any, page: Any, width: int = 1280, scheme: str = "light") -> None:
        self.home = page.url
        self.context = browser.new_context(
            viewport={"width": width, "height": 844}, color_scheme=scheme, accept_downloads=True
        )
        self.tab = self.context.new_page()
        self.tab.set_default_timeout(PATIENCE)
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self.tab.on("request", lambda request: self.asked.append(request.url))
        self.tab.on("websocket", lambda socket: self.asked.append(socket.url))
        self.tab.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.tab.on(
            "console",
            lambda said: self.complaints.append(said.text) if said.type in {"error", "warning"} else None,
        )

    def open(self, query: str, ready: str) -> Seen:
        self.tab.goto(f"{self.home}/?{query}")
        self.tab.wait_for_selector(ready)
        self.tab.wait_for_selector("main:not(.busy):not(.waiting)")
        return self

    def text(self, selector: str) -> str:
        return str(self.tab.inner_text(selector))

    def changes(self, selector: str, before: str) -> str:
        """Wait until the text of something is another, and return it."""
        self.tab.wait_for_function(
            "([where, before]) => { const one = document.querySelector(where);"
            " return one && one.innerText !== before; }",
            arg=[selector, before],
        )
        return self.text(selector)

    def quiet(self) -> None:
        """Check that nothing left the machine, and that the browser complained of nothing."""
        own = self.home.removeprefix("http://")
        assert [url for url in self.asked if own not in url and not url.startswith(("data:", "blob:"))] == []
        assert self.complaints == []


@pytest.fixture
def seen(browser: Any, page: Any) -> Iterator[Seen]:
    made = Seen(browser, page)
    yield made
    made.quiet()
    made.context.close()


def test_a_changed_slot_changes_the_answer_and_its_link_gives_it_again(
    browser: Any, page: Any, seen: Seen
) -> None:
    seen.open(SMALL, ".judged")
    first = seen.text("#question_answer")
    assert "simulated wars" in first
    seen.tab.select_option("select[name=outcome]", "ground_lost.UA")
    second = seen.changes("#question_answer", first)
    assert "ground is lost by Ukraine" in second
    assert "outcome=ground_lost.UA" in seen.tab.url
    # A slider, as a hand moves it.
    seen.tab.fill("input[name=days]", "30")
    third = seen.changes("#question_answer", second)
    assert "days=30" in seen.tab.url
    slider = seen.tab.locator("input[type=range][data-twin=days]")
    assert slider.input_value() in {"28", "30", "35"}
    slider.focus()
    slider.press("End")
    fourth = seen.changes("#question_answer", third)
    assert seen.tab.input_value("input[name=days]") == slider.input_value()
    seen.tab.wait_for_selector(".judged")

    other = Seen(browser, page).open(seen.tab.url.split("?", 1)[1], ".judged")
    assert other.text("#question_answer") == fourth
    assert other.tab.input_value("input[name=days]") == slider.input_value()
    other.quiet()
    other.context.close()


def test_what_is_downloaded_is_what_is_shown(seen: Seen, tmp_path: Path) -> None:
    seen.open(f"{SMALL}&outcome=killed&days=90", ".judged")
    shown = seen.text("#question_answer")
    with seen.tab.expect_download() as waiting:
        seen.tab.click("a[data-file=csv]")
    waiting.value.save_as(tmp_path / "data.csv")
    text = (tmp_path / "data.csv").read_text(encoding="utf-8")
    about = [line for line in text.splitlines() if line.startswith("#")]
    assert any(line.removeprefix("# ")[:60] in about[1] for line in shown.splitlines())
    rows = list(csv.DictReader(text.splitlines()[len(about) :]))
    (told,) = re.findall(r"More in (\d+)\s%", shown)
    assert abs(float(told) - 100 * float(rows[-1]["probability"])) <= 0.6
    assert seen.text("#command") in about[2]
    with seen.tab.expect_download() as waiting:
        seen.tab.click("a[data-file=svg]")
    assert "<svg" in Path(waiting.value.path()).read_text(encoding="utf-8")


def test_a_source_that_is_switched_off_moves_the_verdict(seen: Seen) -> None:
    seen.open(f"part=audit&{OWN}", ".claims-list")
    assert len(seen.tab.query_selector_all(".claims-list li")) == 2
    seen.tab.click(".claims-list li:first-child a")
    seen.tab.wait_for_selector(".claim")
    before = seen.text(".claim .verdicts")
    assert "not supported" in before
    boxes = seen.tab.locator("#roots input")
    seen.tab.wait_for_selector("#roots input")
    for place in range(boxes.count()):
        if boxes.nth(place).is_checked():
            boxes.nth(place).uncheck()
    after = seen.changes(".claim .verdicts", before)
    assert "not supported" not in after
    assert "moves" in seen.text(".moved")
    assert "off=" in seen.tab.url
    seen.tab.reload()
    seen.tab.wait_for_selector(".moved")
    assert seen.text(".claim .verdicts") == after


def test_other_figures_of_the_evidence_are_shown(seen: Seen) -> None:
    seen.open("part=evidence", ".grid2")
    before = seen.text("#evidence_shown h2")
    seen.tab.select_option("select[name=side]", "UA")
    after = seen.changes("#evidence_shown h2", before)
    assert after.startswith("Personnel losses")
    assert "side=UA" in seen.tab.url
    assert seen.tab.query_selector("#evidence_shown svg") is not None
    if seen.tab.get_attribute("#evidence_shown details", "open") is None:
        seen.tab.click("#evidence_shown details summary")
    seen.tab.click("#evidence_shown th:nth-child(2) button")
    assert seen.tab.get_attribute("#evidence_shown th:nth-child(2)", "aria-sort") == "ascending"


def test_a_value_that_is_stated_otherwise_moves_the_offer(seen: Seen) -> None:
    seen.open("part=offer", ".headline")
    before = seen.text(".headline")
    seen.tab.click(".stated summary")
    seen.tab.fill("#ratio_truce_broken", "0.05")
    after = seen.changes(".headline", before)
    assert after != before
    assert "ratio_truce_broken=0.05" in seen.tab.url
    assert "--ratio truce_broken=0.05" in seen.text("#command")


def test_what_cannot_be_asked_is_said_and_the_page_goes_on(seen: Seen) -> None:
    seen.open(f"{SMALL}&days=soon&%3Cb%3E=1", ".judged")
    assert "whole number" in seen.text("#faults")
    assert seen.tab.query_selector("#faults b") is None
    first = seen.text("#question_answer")
    # A truce that begins after the day by which it counts.
    seen.tab.fill("input[name=start]", "2023-06-25")
    seen.tab.wait_for_selector("main.failed")
    assert "what can be asked" in seen.text("#progress")
    # What the browser itself refuses is no question: the answer of before is not one to it.
    seen.tab.fill("input[name=days]", "99999")
    seen.tab.wait_for_selector("main.failed")
    assert "Length of the truce" in seen.text("#progress")
    seen.tab.fill("input[name=days]", "182")
    seen.tab.fill("input[name=start]", "2023-01-10")
    assert seen.changes("#question_answer", first) != first
    assert seen.text("#progress").strip() == ""


def test_a_lost_connection_is_said_and_found_again_with_the_same_view(seen: Seen) -> None:
    seen.open(f"{SMALL}&days=61", ".judged")
    before = seen.text("#question_answer")
    seen.tab.evaluate("Shiny.shinyapp.$socket.close()")
    seen.tab.wait_for_selector("#lost:not([hidden])")
    assert "connection" in seen.text("#lost")
    # It connects again by itself.
    seen.tab.wait_for_selector("#lost[hidden]", state="attached", timeout=30_000)
    seen.tab.wait_for_selector(".judged")
    assert seen.text("#question_answer") == before


def test_the_sentence_is_written_without_a_mouse(seen: Seen) -> None:
    seen.open(SMALL, ".judged")
    before = seen.text("#question_answer")
    seen.tab.focus("select[name=monitored]")
    seen.tab.keyboard.press("ArrowDown")
    seen.changes("#question_answer", before)
    assert "monitored=yes" in seen.tab.url
    names = []
    seen.tab.focus("body")
    for _ in range(60):
        seen.tab.keyboard.press("Tab")
        names.append(seen.tab.evaluate("document.activeElement.name || document.activeElement.className"))
    assert {"skip", "start", "days", "monitored", "outcome", "by", "against"} <= set(names)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("query", "ready"),
    [
        (SMALL, ".judged"),
        (f"part=audit&{OWN}", ".claims-list"),
        (f"part=audit&{OWN}&claim=killed-in-300-days", ".claim"),
        ("part=evidence", ".grid2"),
        ("part=offer", ".headline"),
    ],
)
def test_everybody_can_read_it_on_a_telephone_too(
    browser: Any, page: Any, query: str, ready: str, scheme: str
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    seen = Seen(browser, page, width=390, scheme=scheme).open(query, ready)
    width = seen.tab.evaluate("document.documentElement.scrollWidth")
    assert width <= 390, f"{width} pixels wide"
    found = axe.Axe().run(seen.tab).response["violations"]
    serious = [
        (one["id"], [node["html"][:160] for node in one["nodes"][:3]])
        for one in found
        if one["impact"] in {"serious", "critical"}
    ]
    assert serious == []
    seen.quiet()
    seen.context.close()


def test_two_visitors_do_not_disturb_each_other(browser: Any, page: Any) -> None:
    one, two = (Seen(browser, page) for _ in range(2))
    one.open(f"{SMALL}&days=40", ".judged")
    two.open(f"{SMALL}&days=50", ".judged")
    kept = one.text("#question_answer")
    before = two.text("#question_answer")
    two.tab.select_option("select[name=outcome]", "killed")
    two.changes("#question_answer", before)
    two.tab.wait_for_selector(".judged")
    assert one.text("#question_answer") == kept
    assert "days=40" in one.tab.url
    for seen in (one, two):
        seen.quiet()
        seen.context.close()
