"""What holds for every picture: a valid chart, well-formed SVG, a description in words, two widths."""

from __future__ import annotations

import datetime as dt
import functools
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from typing import Any

import pytest

from ceasefire import charts
from tests.charts import frames

WORDS = {"title": "A finding", "subtitle": "What is shown, persons, 2031"}
PICTURES: dict[str, Callable[..., charts.Chart]] = {
    "backtest": lambda **more: charts.backtest(
        frames.forecasts(), judged_from=dt.date(2032, 1, 1), calibrated={28: (0.75, 1.0)}, **WORDS | more
    ),
    "bars": lambda **more: charts.bars(frames.inputs(), **WORDS | more),
    "sources": lambda **more: charts.sources(
        frames.sources(), unit="persons", claim_value=100_000.0, claim_label="the claim", **WORDS | more
    ),
    "futures": lambda **more: charts.futures(
        frames.curve(),
        outcome="Soldiers killed",
        unit="persons",
        first="fight-on",
        second="truce",
        assumed=True,
        **WORDS | more,
    ),
    "share": lambda **more: charts.share(frames.shares(), unit="share", claim_value=1.0, **WORDS | more),
    "timeline": lambda **more: charts.timeline(frames.events(), marked_date="2031-05-04", **WORDS | more),
    "offer_belief": lambda **more: charts.offer_belief(
        frames.offer_curve(), frames.offer_classes(), threshold=(0.2, 0.5, 0.9), prior=0.5, **WORDS | more
    ),
    "power_shift": lambda **more: charts.power_shift(frames.power(), side="Aldria", **WORDS | more),
    "prior_check": lambda **more: charts.prior_check(frames.check(), **WORDS | more),
    "casualties": lambda **more: charts.casualties(
        *frames.casualties(), since="1 January 2031", beside_label="others", **WORDS | more
    ),
    "survival": lambda **more: charts.survival(frames.survival(), **WORDS | more),
    "trade_offs": lambda **more: charts.trade_offs(frames.trade_offs(), **WORDS | more),
    "answer_map": lambda **more: charts.answer_map(
        frames.answer_map(), down="Length of the truce, days", across="Arms from abroad, %", **WORDS | more
    ),
    "evidence_over_time": lambda **more: charts.evidence_over_time(
        frames.over_time(), unit="persons", claim_value=30_000.0, claim_date="2031-05-04", **WORDS | more
    ),
}
SVG = "{http://www.w3.org/2000/svg}"


@functools.cache
def svg(name: str, width: int = charts.WIDE, heading: bool = False) -> str:
    return charts.to_svg(PICTURES[name](width=width, show_heading=heading))


@pytest.fixture(params=sorted(PICTURES))
def picture(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_is_a_valid_chart(picture: str) -> None:
    assert "$schema" in PICTURES[picture]().to_dict(validate=True)


@pytest.mark.parametrize("width", [charts.WIDE, charts.NARROW])
def test_has_the_width_asked_for(picture: str, width: int) -> None:
    root = ET.fromstring(svg(picture, width))
    assert root.tag == f"{SVG}svg"
    assert float(root.get("width", 0)) == width
    assert root.get("viewBox", "").split()[2] == str(width)


@pytest.mark.parametrize("width", [charts.WIDE, charts.NARROW])
def test_no_words_start_outside_the_picture(picture: str, width: int) -> None:
    root = ET.fromstring(svg(picture, width))
    height = float(root.get("height", 0))
    for x, y, element in _texts(root):
        assert -0.5 <= x <= width, element.text
        assert -0.5 <= y <= height, element.text


def _texts(element: ET.Element, x: float = 0.0, y: float = 0.0) -> list[tuple[float, float, ET.Element]]:
    """Return every text with its place; transforms of ours are only shifts."""
    shift = re.match(r"translate\(([-\d.]+),([-\d.]+)\)", element.get("transform", ""))
    if shift:
        x, y = x + float(shift[1]), y + float(shift[2])
    found = [(x, y, element)] if element.tag == f"{SVG}text" else []
    for child in element:
        found += _texts(child, x, y)
    return found


def test_is_described_in_words(picture: str) -> None:
    root = ET.fromstring(svg(picture))
    title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert title.text == "A finding"
    assert description is not None
    assert "What is shown, persons, 2031" in str(description.text)
    assert root.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
    assert root.get("role") == "img"


def test_refers_to_nothing_outside_itself(picture: str) -> None:
    text = svg(picture)
    ids = set(re.findall(r'\bid="([^"]+)"', text))
    assert set(re.findall(r"url\(([^)]*)\)", text)) <= {f"#{name}" for name in ids}
    assert "href" not in text
    assert "<script" not in text
    assert set(re.findall(r"https?://[^\"<\s]+", text)) <= {"http://www.w3.org/2000/svg"}


def test_same_data_same_drawing(picture: str) -> None:
    assert charts.to_svg(PICTURES[picture](show_heading=False)) == svg(picture)


def test_two_pictures_share_no_id() -> None:
    drawn = [svg(name, width) for name in PICTURES for width in (charts.WIDE, charts.NARROW)]
    ids = [name for text in drawn for name in re.findall(r'\bid="([^"]+)"', text)]
    assert len(ids) == len(set(ids))


def test_markup_in_words_is_text() -> None:
    hostile = "</svg><script>alert(1)</script>\" ' & <b>"
    data = frames.sources()
    data.loc[0, "label"] = hostile
    chart = charts.sources(data, title=hostile, subtitle=hostile, unit="persons", claim_value=1e5)
    root = ET.fromstring(charts.to_svg(chart))
    assert root.find(f"{SVG}title").text == hostile  # type: ignore[union-attr]
    assert not [element for element in root.iter() if element.tag.endswith(("script", "}b"))]


def test_png_is_written(tmp_path: Any) -> None:
    path = charts.to_png(PICTURES["share"](), tmp_path / "picture.png", scale=1)
    content = path.read_bytes()
    assert content.startswith(b"\x89PNG\r\n")
    assert int.from_bytes(content[16:20], "big") == pytest.approx(charts.WIDE + 28)


def test_what_is_assumed_is_hatched_and_what_is_learnt_is_not() -> None:
    def drawn(assumed: bool) -> str:
        return charts.to_svg(
            charts.futures(
                frames.curve(),
                outcome="Killed",
                unit="persons",
                first="a",
                second="b",
                assumed=assumed,
                **WORDS,
            )
        )

    assert "<pattern" in drawn(True)
    assert "assumed, not learnt" in drawn(True)
    assert "<pattern" not in drawn(False)
    assert "assumed" not in drawn(False)


def test_exported_members() -> None:
    assert set(charts.__all__) == {
        "NARROW",
        "WIDE",
        "Chart",
        "backtest",
        "answer_map",
        "bars",
        "casualties",
        "evidence_over_time",
        "futures",
        "offer_belief",
        "power_shift",
        "prior_check",
        "share",
        "sources",
        "survival",
        "timeline",
        "to_png",
        "to_svg",
        "trade_offs",
        "write",
    }
