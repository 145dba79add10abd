"""The page in a real browser: opens offline, its script runs, no complaint, nothing off a telephone."""

from __future__ import annotations

import dataclasses
import html
import re
import shutil
import subprocess
from pathlib import Path

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
            f"--window-size={width},844",
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


@pytest.mark.parametrize("width", [390, 360])
def test_nothing_runs_off_a_telephone_and_tables_sort(page: str, tmp_path: Path, width: int) -> None:
    # The page forbids scripts of others; here its own must run under the frame's address.
    free = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page)
    path = tmp_path / "frame.html"
    path.write_text(FRAME.format(width=width, page=html.escape(free)), encoding="utf-8")
    dom, _ = opened(path, tmp_path / "profile", 1280)
    measured = dict(re.findall(r'data-(\w+)="([^"]*)"', dom[dom.rindex("<body") :][:5000]))
    assert int(measured["inner"]) == width
    assert int(measured["scroll"]) <= width
    assert measured["off"] == ""
    assert measured["narrow"] == "true"
    order = measured["sorted"]
    places = [
        order.index(name) for name in ("Names Of The Dead", "Registry Of Deaths", "Ministry Of An Ally")
    ]
    assert places == sorted(places)
