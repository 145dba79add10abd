"""The card of a claim as an image: what it says, that nothing runs off it, and that words stay words."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import math
import re
import struct
import xml.etree.ElementTree as ET
from html import unescape
from pathlib import Path

import pytest
import vl_convert

from ceasefire.claims.modelled import Modelled, Part, Parts
from ceasefire.claims.results import Audit, Result
from ceasefire.claims.rules import VERDICTS
from ceasefire.files import InputError
from ceasefire.report import card_image, card_paths, cards, write_cards
from tests.report import example
from tests.report.test_browser import CHROMIUM, opened
from tests.report.test_holding import compared
from tests.report.test_page import HOSTILE

SVG = "{http://www.w3.org/2000/svg}"
DAY = dt.date(2035, 1, 2)
LONG = (
    "By the fitted model it is undetermined, as 100% of what its parameters explain is assumed: more soldiers"
    " of the north killed by 19 December 2033 with 'truce' (a truce of 182 days from 21 December 2032) than"
    " with 'fight-on' in about 3 of 10 simulated wars, a difference of about \N{MINUS SIGN}2,000"
    " (\N{MINUS SIGN}19,000 to 3,100); on no date up to then do most wars say so, WWWMMM @@@ %%%."
)
# Words that are too long, too many, of other scripts, or meant to break out of the picture.
TEXTS = {
    "hostile": HOSTILE,
    "long": LONG,
    "very long": f"{LONG} {LONG} {LONG}",
    "one word": "Wm" * 400,
    "capitals": "WE WILL MAKE MMMMM WWWWW OF ALL SUCH CLAIMS " * 8,
    "other scripts": "\u0416\u0438\u0432\u0438 \u0429\u0429\u0429 " * 25 + "\u6f22\u5b57" * 60,
    "control": "a\x00b\x0bc\ud800d \u202eturned\u202c \u2066apart\u2069 end\x7f",
    "lines": "one\ntwo\r\nthree\tfour",
    "short": "No.",
    "nothing": "",
}


@pytest.fixture(scope="module")
def whole() -> Audit:
    audit = example.audit()
    return dataclasses.replace(audit, results=(*audit.results, compared()))


def with_claim(text: str, **more: object) -> Audit:
    """Return an audit of one claim that a text stands in everywhere, with a number and a bar."""
    audit = example.audit()
    values = {
        "says": text, "quote": text, "kind": "counterfactual", "verdict": "mostly supported",
        "as_known_then": "not yet modelled", "assumed_share": 0.25, "interval": (1.0, 2.0),
        "interval_of": text, **more,
    }  # fmt: skip
    one = dataclasses.replace(audit.results[0], id="one", readings=(), **values)  # type: ignore[arg-type]
    article = {**audit.article, "title": text, "outlet": text}
    return dataclasses.replace(audit, article=article, results=(one,))


def said(image: str) -> str:
    """Return the words that stand on a card, as one line."""
    return " ".join(element.text or "" for element in ET.fromstring(image).iter(f"{SVG}text"))


def test_a_card_has_the_size_that_is_shared(whole: Audit, tmp_path: Path) -> None:
    for path in write_cards(dataclasses.replace(whole, results=whole.results[:2]), tmp_path):
        if path.suffix == ".png":
            header = path.read_bytes()[:24]
            assert header.startswith(b"\x89PNG")
            assert struct.unpack(">II", header[16:24]) == (1200, 630)
        else:
            root = ET.fromstring(path.read_text(encoding="utf-8"))
            assert (root.get("width"), root.get("height"), root.get("viewBox")) == (
                "1200",
                "630",
                "0 0 1200 630",
            )


def test_a_card_says_claim_verdict_quote_article_and_source_line(whole: Audit) -> None:
    for place, result in enumerate(whole.results, start=1):
        words = said(card_image(whole, result.id, made_on=DAY))
        assert f"Claim {place} of {len(whole.results)} \N{MIDDLE DOT} {result.kind}" in words
        assert result.says in words
        assert f" {result.verdict} " in words
        assert result.quote in words
        assert "Talks With the North: Why Does It Keep Asking?, The Invented Gazette, 4 May 2031" in words
        assert (
            words.endswith("ceasefire 0.1.0, audit of 2 January 2035") or "audit of 2 January 2035" in words
        )
    today = dt.date.today()
    assert f"audit of {today.day} {today:%B %Y}" in said(card_image(whole, whole.results[0].id))


def test_as_known_then_stands_beside_only_where_it_differs(whole: Audit) -> None:
    changed = next(result for result in whole.results if result.verdict != result.as_known_then)
    words = said(card_image(whole, changed.id))
    assert f"As known now (31 December 2034) {changed.verdict} " in words
    assert f"As known then (4 May 2031) {changed.as_known_then} " in words
    same = next(result for result in whole.results if result.verdict == result.as_known_then)
    words = said(card_image(whole, same.id))
    assert f"As known then (4 May 2031) and now (31 December 2034) {same.verdict} " in words
    assert words.count(f" {same.verdict} ") == 1


def test_every_verdict_has_a_look_of_its_own() -> None:
    assert list(cards.LOOKS) == list(VERDICTS)
    assert len(set(cards.LOOKS.values())) == len(VERDICTS)
    for fill, letters, *_ in cards.LOOKS.values():
        assert contrast(fill, letters) > 4.5


def contrast(first: str, second: str) -> float:
    """Return the contrast of two colours as WCAG 2 counts it."""

    def luminance(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def number(**more: object) -> tuple[str, str] | None:
    """Return the number of a claim whose main reading has these values."""
    main = example.reading("a", "A", "supported", "supported", main=True, **more)
    return cards.telling_number(example.result("x", "S1", "measurement", "supported", readings=(main,)))


def model(**more: object) -> Modelled:
    plain = Modelled("a", example.THEN, 0.31, 0.01, 100.0, -1_650.0, -19_300.0, 3_090.0, "persons", Parts())
    return dataclasses.replace(plain, **more)  # type: ignore[arg-type]


def test_the_number_stands_with_its_interval_in_the_words_of_a_verdict() -> None:
    minus = "\N{MINUS SIGN}"
    assert number() == ("17,000 to 26,000", "Figures of the origins that count")
    assert number(interval=(2.0, None), interval_of="the number of records, at least") == (
        "at least 2", "The number of records",
    )  # fmt: skip
    of = "soldiers killed: truce less fight-on by 4 May 2031, 90 % of wars, persons"
    assert number(modelled=model(), interval=(-19_300.0, 3_090.0), interval_of=of) == (
        f"about {minus}2,000 ({minus}19,000 to 3,100)", f"S{of[1:]}",
    )  # fmt: skip
    share = model(median=0.58, low=0.52, high=0.63, unit="share")
    assert number(modelled=share, interval=(0.52, 0.63), interval_of="share of wars, 95 %") == (
        "58\N{NO-BREAK SPACE}% (52\N{NO-BREAK SPACE}% to 63\N{NO-BREAK SPACE}%)", "Share of wars, 95 %",
    )  # fmt: skip
    assert number(interval=(0.25, 0.49), interval_of="share of cases, 95 %") == (
        "25\N{NO-BREAK SPACE}% to 49\N{NO-BREAK SPACE}%", "Share of cases, 95 %",
    )  # fmt: skip
    assert number(interval=(-100.0, 80.0), interval_of="change, km2")[1] == "Change, km²"  # type: ignore[index]
    assert number(interval=None) is None
    assert number(interval=(None, None)) is None
    assert number(interval=(math.nan, None)) is None


def bars(image: str) -> list[tuple[str, float]]:
    """Return the fill and the width of each part of the bar of a card."""
    root = ET.fromstring(image)
    tall = [element for element in root.iter(f"{SVG}rect") if element.get("height") == "16.00"]
    return [(str(element.get("fill")), float(str(element.get("width")))) for element in tall]


def test_the_bar_is_as_long_as_the_shares_and_hatched_where_assumed() -> None:
    parts = Parts(Part(0.5, 0.4, 0.6), Part(0.25, 0.2, 0.3), Part(0.125, 0.1, 0.2), Part(0.125, 0.1, 0.2))
    audit = with_claim("A claim.", modelled=model(parts=parts))
    image = card_image(audit, "one")
    assert bars(image) == [
        (cards.theme.INK, 120.0),
        ("url(#card-hatch)", 60.0),
        ("#b9b2a5", 30.0),
        ("none", 240.0),
    ]
    assert 'id="card-hatch"' in image
    space = "\N{NO-BREAK SPACE}"
    told = f"learnt 50{space}%, assumed 25{space}%, structure 12{space}%, chance 12{space}%"
    assert f"Of the spread: {told}" in said(image)
    assert bars(card_image(with_claim("A claim."), "one"))[:2] == [
        (cards.theme.INK, 180.0), ("url(#card-hatch)", 60.0),
    ]  # fmt: skip
    for unknown in (with_claim("A claim.", assumed_share=None), with_claim("A claim.", modelled=model())):
        image = card_image(unknown, "one")
        assert bars(image) == []
        assert "Of the spread" not in said(image)


@pytest.mark.parametrize("name", TEXTS)
def test_words_are_escaped_cut_between_words_and_whole_in_the_description(name: str) -> None:
    image = card_image(with_claim(TEXTS[name]), "one")
    root = ET.fromstring(image)
    assert {element.tag.removeprefix(SVG) for element in root.iter()} == {
        "svg", "title", "desc", "rect", "text", "defs", "pattern",
    }  # fmt: skip
    assert not [key for element in root.iter() for key in element.attrib if key.startswith("on")]
    assert not set(said(image)) & {*cards.TURNING, "\x00", "\x0b", "\x7f", "\ud800", "\n"}
    description = root.find(f"{SVG}desc")
    assert description is not None
    assert cards.clean(TEXTS[name]) in str(description.text)
    for element in root.iter(f"{SVG}text"):
        bold = element.get("font-weight") == "700"
        wide = cards.measured(element.text or "", float(str(element.get("font-size"))), bold=bold)
        assert wide <= cards.ROOM + 0.1
    assert vl_convert.svg_to_png(image, scale=0.25).startswith(b"\x89PNG")


def test_what_is_cut_ends_in_dots() -> None:
    assert cards.shortened("short", 20, 500) == "short"
    cut = cards.shortened("one two three four five six", 20, 150)
    assert cut.endswith("...")
    assert "one two three four five six".startswith(cut.removesuffix("..."))
    assert cards.measured(cut, 20) <= 150
    assert cards.cut(("a", "b"), 2, 20, 500) == ("a", "b")
    assert cards.cut(("one", "two three", "four"), 2, 20, 90) == ("one", "two...")
    shown = said(card_image(with_claim(TEXTS["very long"]), "one"))
    assert shown.count("...") >= 3
    assert "..." not in said(card_image(with_claim("A claim that is short."), "one"))


def has_words(image: str, view: str) -> bool:
    """Say whether any word of a card is drawn within a part of it, by the picture itself."""
    width, height = view.split()[2:]
    whole, part = 'width="1200" height="630" viewBox="0 0 1200 630"', f'width="{width}" height="{height}"'
    assert whole in image
    bare = re.sub(r"<text .*?</text>|<text [^>]*/>", "", image)
    assert "<text" not in bare
    drawn = [
        vl_convert.svg_to_png(one.replace(whole, f'{part} viewBox="{view}"'), scale=0.5)
        for one in (image, bare)
    ]
    return drawn[0] != drawn[1]


def test_the_margins_of_the_picture_stay_blank_as_it_is_drawn_here() -> None:
    margins = ("1148 0 52 630", "0 0 52 630", "0 614 1200 16", "0 0 1200 30")
    for name in ("hostile", "very long", "one word", "capitals", "other scripts"):
        image = card_image(with_claim(TEXTS[name]), "one")
        assert has_words(image, "56 30 1088 584")
        assert not any(has_words(image, margin) for margin in margins)
        off = image.replace("</svg>", '<text x="1150" y="300" font-size="30">off</text></svg>')
        assert has_words(off, margins[0])


MEASURED = """<!doctype html><meta charset="utf-8"><body>{images}<script>
onload = () => {{
  const found = [...document.querySelectorAll("svg")].map((svg) => {{
    const at = svg.getBoundingClientRect();
    const boxes = [...svg.querySelectorAll("text")].filter((one) => one.textContent).map((one) => {{
      const box = one.getBoundingClientRect();
      return [box.left - at.left, box.top - at.top, box.right - at.left, box.bottom - at.top];
    }});
    return boxes;
  }});
  document.body.dataset.found = JSON.stringify(found);
}};
</script></body>"""


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="Debian's chromium is not installed")
def test_in_a_browser_no_line_runs_off_the_card_and_none_lies_on_another(
    tmp_path: Path, whole: Audit
) -> None:
    images = [card_image(with_claim(text), "one") for text in TEXTS.values()]
    images += [card_image(with_claim(text, verdict="untestable", as_known_then="untestable"), "one")
               for text in TEXTS.values()]  # fmt: skip
    images += [card_image(whole, result.id) for result in whole.results]
    path = tmp_path / "cards.html"
    path.write_text(MEASURED.format(images="".join(images)), encoding="utf-8")
    dom, log = opened(path, tmp_path / "profile", 1280)
    assert [line for line in log.splitlines() if "CONSOLE" in line] == []
    (found,) = re.findall(r'data-found="([^"]*)"', dom)
    measured = json.loads(unescape(found))
    assert len(measured) == len(images)
    for boxes in measured:
        assert len(boxes) >= 6
        for left, top, right, bottom in boxes:
            assert left >= cards.MARGIN - 1
            assert right <= cards.WIDTH - cards.MARGIN + 1
            assert top >= 8
            assert bottom <= cards.HEIGHT
        for place, first in enumerate(boxes):
            for second in boxes[place + 1 :]:
                across = min(first[2], second[2]) - max(first[0], second[0])
                down = min(first[3], second[3]) - max(first[1], second[1])
                # The box of a line has room above and below its letters.
                assert across <= 0 or down <= 6, (first, second)


def test_cards_are_written_for_every_claim_whole_or_not_at_all(whole: Audit, tmp_path: Path) -> None:
    few = dataclasses.replace(whole, results=whole.results[:3])
    told: list[tuple[int, int]] = []
    written = write_cards(few, tmp_path / "cards", made_on=DAY, progress=lambda *at: told.append(at))
    assert written == card_paths([result.id for result in few.results], tmp_path / "cards")
    assert sorted(path.name for path in (tmp_path / "cards").iterdir()) == sorted(
        path.name for path in written
    )
    assert (tmp_path / "cards" / "best-troops-gone.svg").read_text(encoding="utf-8") == card_image(
        few, "best-troops-gone", made_on=DAY
    )
    assert told == [(1, 3), (2, 3), (3, 3)]
    blocked = tmp_path / "file"
    blocked.write_text("kept")
    with pytest.raises(InputError, match="could not write"):
        write_cards(few, blocked / "cards")
    assert blocked.read_text() == "kept"


def test_a_claim_that_is_not_there_is_refused_and_no_name_leads_out_of_the_folder(whole: Audit) -> None:
    with pytest.raises(InputError) as caught:
        card_image(whole, "battalion-a-dy")
    assert caught.value.what == "the audit has no claim 'battalion-a-dy'."
    assert caught.value.todo == "did you mean 'battalion-a-day'?"
    assert [path.name for path in card_paths(["../../etc/passwd", "..", ""], "x")] == [
        "etc-passwd.svg", "etc-passwd.png", "claim.svg", "claim.png", "claim.svg", "claim.png",
    ]  # fmt: skip
    assert all(path.parent == Path("x") for path in card_paths(["../up"], "x"))


def test_an_audit_writes_its_cards_and_reviews_beside_the_page(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from ceasefire.cli.audits import audit
    from ceasefire.cli.terminal import terminal

    checked = example.audit()
    few: tuple[Result, ...] = checked.results[:2]
    monkeypatch.setattr("ceasefire.claims.audit", lambda *_, **__: dataclasses.replace(checked, results=few))
    article = str(Path(__file__).parent.parent / "cli" / "article.yaml")
    with terminal.out.capture() as printed:
        audit(article, draws=32, seed=1, out=tmp_path, json=None, posterior="prior", imports=None)
    assert {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()} == {
        "a-letter.html", "a-letter.claim-review.json",
        *(f"a-letter-cards/{result.id}.{ending}" for result in few for ending in ("svg", "png")),
    }  # fmt: skip
    reviews = json.loads((tmp_path / "a-letter.claim-review.json").read_text(encoding="utf-8"))
    assert reviews[0]["url"] == "a-letter.html#claim-line-follows-strength"
    assert "reviews: " in printed.get()
    with pytest.raises(InputError, match="the reviews and --json name the same file"):
        audit(article, draws=32, seed=1, out=tmp_path, json=tmp_path / "a-letter.claim-review.json")
    (tmp_path / "blocked" / "a-letter-cards" / "bridges.png").mkdir(parents=True)
    with pytest.raises(InputError, match=r"a folder stands where the card bridges\.png would be written"):
        audit(article, draws=32, seed=1, out=tmp_path / "blocked", json=None)
    assert not (tmp_path / "blocked" / "a-letter.html").exists()
