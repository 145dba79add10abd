"""The page in a real browser: opens offline, its script runs, no complaint, nothing off a telephone."""

from __future__ import annotations

import dataclasses
import html
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ceasefire.report import render
from tests.report import example
from tests.report.test_holding import compared

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Debian's chromium is not installed"),
]
# A window has a least width, a frame has none: the page is measured in a frame as wide as a telephone.
FRAME = """<!doctype html><meta charset="utf-8"><body><iframe width="{width}" height="844" style="border:0"
srcdoc="{page}"></iframe><script>
onload = () => {{
  const frame = document.querySelector("iframe").contentWindow, inside = frame.document;
  for (const part of inside.querySelectorAll("details")) part.open = true;
  const off = [...inside.querySelectorAll("body *")].filter((part) =>
    part.getBoundingClientRect().right > frame.innerWidth + 1 &&
    !part.closest(".scroll, svg, .skip, .hidden"));
  const table = inside.querySelector("table.sortable");
  table.querySelector("th:nth-child(2) button").click();
  document.body.dataset.inner = frame.innerWidth;
  document.body.dataset.scroll = inside.documentElement.scrollWidth;
  document.body.dataset.off = off.map((part) => part.outerHTML.slice(0, 60)).join(" | ");
  document.body.dataset.wide = [...inside.querySelectorAll(".picture .wide")]
    .every((part) => part.getBoundingClientRect().width > 0);
  document.body.dataset.narrow = [...inside.querySelectorAll(".picture .narrow")]
    .every((part) => part.getBoundingClientRect().width > 300);
  document.body.dataset.sorted = table.tBodies[0].innerText.replace(/\\s+/g, " ");
}};
</script></body>"""


@pytest.fixture(scope="module")
def page() -> str:
    audit = example.audit()
    return render(dataclasses.replace(audit, results=(*audit.results, compared())), sources=example.MANIFEST)


def opened(path: Path, profile: Path, width: int) -> tuple[str, str]:
    """Return the page as the browser has it after its scripts, and what the browser logged."""
    done = subprocess.run(
        [
            str(CHROMIUM),
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--host-resolver-rules=MAP * ~NOTFOUND",
            "--enable-logging=stderr",
            f"--user-data-dir={profile}",
            f"--window-size={max(width, 1400)},844",
            "--dump-dom",
            path.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout, done.stderr


def test_opens_offline_without_a_complaint_and_its_script_runs(page: str, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(page, encoding="utf-8")
    dom, log = opened(path, tmp_path / "profile", 1280)
    assert [line for line in log.splitlines() if "CONSOLE" in line] == []
    assert 'aria-sort="none"' in dom
    assert '<button type="button">Figure</button>' in dom


@pytest.mark.parametrize("width", [1280, 768, 390, 360])
def test_nothing_runs_off_the_page_or_a_telephone_and_tables_sort(
    page: str, tmp_path: Path, width: int
) -> None:
    # The page forbids scripts of others; here its own must run under the frame's address.
    free = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page)
    path = tmp_path / "frame.html"
    path.write_text(FRAME.format(width=width, page=html.escape(free)), encoding="utf-8")
    dom, _ = opened(path, tmp_path / "profile", 1280)
    measured = dict(re.findall(r'data-(\w+)="([^"]*)"', dom[dom.rindex("<body") :][:5000]))
    assert int(measured["inner"]) == width
    assert int(measured["scroll"]) <= width
    assert measured["off"] == ""
    assert measured["narrow" if width < 700 else "wide"] == "true"
    order = measured["sorted"]
    places = [
        order.index(name) for name in ("Names Of The Dead", "Registry Of Deaths", "Ministry Of An Ally")
    ]
    assert places == sorted(places)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    driver = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with driver.sync_playwright() as started:
        running = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture
def shown(browser: Any, page: str, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Open the page, with the settings of a browser's context; nothing may be complained of or fetched."""
    complaints: list[str] = []

    def opened_with(text: str = page, **context: Any) -> Any:
        path = tmp_path / "page.html"
        path.write_text(text, encoding="utf-8")
        tab = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **context}).new_page()
        tab.on("console", lambda message: complaints.append(message.text))
        tab.on("request", lambda sent: complaints.append(sent.url))
        tab.goto(path.as_uri())
        complaints.remove(path.as_uri())
        return tab

    yield opened_with
    assert [told for told in complaints if not told.startswith("data:image/svg+xml,")] == []


def test_the_first_screen_holds_the_whole_summary(shown: Callable[..., Any]) -> None:
    tab = shown()
    assert tab.locator(".limits").bounding_box()["y"] > tab.locator(".findings").bounding_box()["y"]
    box = tab.locator(".limits").bounding_box()
    assert box["y"] + box["height"] <= 800


# The least contrast of the words of a page with what lies behind them, as WCAG 2 counts it.
CONTRAST = """() => {
  const numbers = (colour) => (colour.match(/[\\d.]+/g) || []).map(Number);
  const luminance = (colour) => numbers(colour).slice(0, 3)
    .map((part) => part / 255)
    .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, place) => sum + part * [0.2126, 0.7152, 0.0722][place], 0);
  const behind = (element) => {
    for (; element; element = element.parentElement) {
      const colour = getComputedStyle(element).backgroundColor;
      if ((numbers(colour)[3] ?? 1) > 0) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const found = [];
  for (const element of document.querySelectorAll("body *:not(svg, svg *, script, .hidden, .skip)")) {
    const words = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!words) continue;
    const pair = [luminance(getComputedStyle(element).color), luminance(behind(element))];
    const [low, high] = pair.sort((a, b) => a - b);
    found.push([(high + 0.05) / (low + 0.05), element.outerHTML.slice(0, 80)]);
  }
  return found.sort((a, b) => a[0] - b[0])[0];
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_are_legible_in_the_light_and_in_the_dark(shown: Callable[..., Any], scheme: str) -> None:
    tab = shown(color_scheme=scheme)
    background = tab.evaluate("getComputedStyle(document.body).backgroundColor")
    assert background == {"light": "rgb(253, 252, 249)", "dark": "rgb(23, 22, 19)"}[scheme]
    least, where = tab.evaluate(CONTRAST)
    assert least >= 4.5, where
    card = "getComputedStyle(document.querySelector('.picture .wide')).backgroundColor"
    assert tab.evaluate(card) == {"light": "rgba(0, 0, 0, 0)", "dark": "rgb(253, 252, 249)"}[scheme]


def test_the_bar_with_the_contents_stays_and_covers_no_heading(shown: Callable[..., Any]) -> None:
    tab = shown()
    tab.locator("#contents a[href='#claim-never-a-break']").click()
    bar = tab.locator(".masthead").bounding_box()
    kicker = tab.locator("#claim-never-a-break .kicker").bounding_box()
    assert bar["y"] == 0
    assert bar["height"] <= kicker["y"] < 200


PAPER = {"width": 673, "height": 980}


@pytest.mark.parametrize("scripts", [True, False])
def test_on_paper_nothing_is_folded_cut_or_dark(shown: Callable[..., Any], scripts: bool) -> None:
    context = {"viewport": PAPER, "color_scheme": "dark", "java_script_enabled": scripts}
    tab = shown(**context)
    tab.emulate_media(media="print", color_scheme="dark")
    if scripts:
        tab.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert tab.locator("details:not([open])").count() == 0
    heights = [part.bounding_box()["height"] for part in tab.locator("details.sources table").all()]
    assert heights
    assert min(heights) > 50
    for part in (*tab.locator("figure.picture").all(), *tab.locator("details.checked table").all()):
        box = part.bounding_box()
        assert 50 < box["height"] <= PAPER["height"]
        assert box["x"] + box["width"] <= PAPER["width"] + 1
    assert not tab.locator(".masthead nav").is_visible()
    assert tab.locator(".picture .wide").first.is_visible()
    assert not tab.locator(".picture .narrow").first.is_visible()
    if scripts:
        assert (
            tab.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--paper')")
            == "#fdfcf9"
        )
        assert tab.evaluate("document.documentElement.scrollWidth") <= PAPER["width"]
        tab.evaluate("dispatchEvent(new Event('afterprint'))")
        assert tab.locator("details[open]").count() == 0


def test_a_pdf_has_a_page_for_every_few_claims(shown: Callable[..., Any]) -> None:
    tab = shown()
    printed = tab.pdf(prefer_css_page_size=True)
    assert printed.startswith(b"%PDF")
    pages = len(re.findall(rb"/Type\s*/Page\b", printed))
    claims = tab.locator("article.claim").count()
    # One in five would be cut short, three for each would be the style of a telephone on paper.
    assert claims / 5 < pages < 3 * claims


# The grey of the marks in the key of a picture, from 0 to 255, as it is drawn.
GREYS = """async () => {
  const svg = document.querySelector("#claim-truce-costs-more-lives .picture .wide svg");
  const box = svg.getBoundingClientRect(), canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [box.width, box.height];
  const image = new Image();
  image.src = "data:image/svg+xml," + encodeURIComponent(new XMLSerializer().serializeToString(svg));
  await image.decode();
  const paper = canvas.getContext("2d", {willReadFrequently: true});
  paper.filter = "grayscale(1)";
  paper.drawImage(image, 0, 0, box.width, box.height);
  const words = [...svg.querySelectorAll("text")], marks = [...svg.querySelectorAll("path")];
  return ["fight-on", "truce (dashed)"].map((name) => {
    const at = words.find((one) => one.textContent === name).getBoundingClientRect();
    const middle = (at.top + at.bottom) / 2;
    const before = marks.map((one) => one.getBoundingClientRect())
      .filter((one) => one.width < 20 && one.right <= at.left && one.top < middle && one.bottom > middle)
      .sort((one, other) => other.right - one.right)[0];
    const left = before.left + before.width / 2 - box.left, top = before.top + before.height / 2 - box.top;
    return [...paper.getImageData(Math.round(left), Math.round(top), 1, 1).data];
  });
}"""


def test_the_two_futures_are_told_apart_in_grey(shown: Callable[..., Any], page: str) -> None:
    free = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page)
    marks = shown(free).evaluate(GREYS)
    assert all(red == green == blue and opaque == 255 for red, green, blue, opaque in marks)
    first, second = (red for red, *_ in marks)
    assert 40 < first < second < 180
    assert second - first > 55
    figure = page[page.index('id="claim-truce-costs-more-lives"') :]
    figure = figure[figure.index('<div class="wide">') : figure.index('<div class="narrow">')]
    # The median and both edges of each band: the second is dashed, so that overlaid bands differ without hue.
    dashed = [path for path in re.findall(r"<path [^>]*>", figure) if 'stroke-dasharray="7,4"' in path]
    assert len(dashed) == 3
