"""The check of the built site finds what it is there to find."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.check_site import faults, main

PAGE = '<html><body><h1 id="here">x</h1>{}</body></html>'


def site(folder: Path, body: str) -> Path:
    (folder / "below").mkdir()
    (folder / "index.html").write_text(PAGE.format(body), encoding="utf-8")
    (folder / "below" / "page.html").write_text(PAGE.format('<a href="../index.html#here">up</a>'))
    (folder / "look.css").write_text("body { color: black }")
    return folder


@pytest.mark.parametrize(
    "body",
    [
        '<a href="below/page.html">x</a>',
        '<a href="below/page.html#here">x</a>',
        '<a href="#here">x</a>',
        '<a href="#">x</a>',
        '<a href="https://example.org/elsewhere">x</a>',
        '<a href="mailto:someone@example.org">x</a>',
        '<link rel="stylesheet" href="look.css">',
        '<link rel="canonical" href="https://example.org/">',
        '<img src="data:image/png;base64,AAAA">',
    ],
)
def test_a_link_that_leads_somewhere_is_no_fault(tmp_path: Path, body: str) -> None:
    assert faults(site(tmp_path, body)) == []


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ('<a href="gone.html">x</a>', "index.html: dead link gone.html"),
        ('<a href="below">x</a>', "index.html: dead link below"),
        ('<a href="#gone">x</a>', "index.html: dead link #gone"),
        ('<a href="below/page.html#gone">x</a>', "index.html: dead link below/page.html#gone"),
        ('<img src="gone.png">', "index.html: dead link gone.png"),
        ('<link rel="stylesheet" href="gone.css">', "index.html: dead link gone.css"),
        ('<script src="https://example.org/x.js"></script>', "index.html: fetches https://example.org/x.js"),
        ('<img src="//example.org/x.png">', "index.html: fetches //example.org/x.png"),
        (
            '<link rel="stylesheet" href="https://example.org/x.css">',
            "index.html: fetches https://example.org/x.css",
        ),
        (
            "<style>@import 'https://example.org/x.css';</style>",
            "index.html: fetches https://example.org/x.css",
        ),
        (
            '<p style="background: url(https://example.org/x.png)">x</p>',
            "index.html: fetches https://example.org/x.png",
        ),
    ],
)
def test_a_dead_link_and_a_fetch_from_elsewhere_are_found(tmp_path: Path, body: str, fault: str) -> None:
    assert faults(site(tmp_path, body)) == [fault]


def test_a_style_sheet_that_fetches_is_found(tmp_path: Path) -> None:
    folder = site(tmp_path, "")
    (folder / "look.css").write_text("@font-face { src: url('https://example.org/x.woff2') }")
    assert faults(folder) == ["look.css: fetches https://example.org/x.woff2"]


def test_a_site_without_pages_is_a_fault(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path)]) == 1
    assert "there is no page here" in capsys.readouterr().err
