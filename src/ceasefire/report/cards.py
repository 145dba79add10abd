"""The card of a claim as an image: one still picture, 1200 by 630 pixels, fit to share by itself.

It holds the restated claim, its verdict, the sentence to quote, one number with its interval, what of the
spread is learnt and what assumed, and where it comes from. An image cannot wrap words, so they are laid out
here, by the widest of the fonts that are named, so that no line runs off the card whatever font draws it.
What does not fit is set smaller, and in the end cut between words with three dots.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
import re
import unicodedata
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterable
from pathlib import Path

import vl_convert

from ceasefire.charts import theme
from ceasefire.charts.output import SVG
from ceasefire.claims import wording
from ceasefire.claims.modelled import Parts
from ceasefire.claims.results import Audit, Reading, Result
from ceasefire.files import InputError, suggest, write_atomically
from ceasefire.report import words

WIDTH, HEIGHT = 1200, 630
MARGIN = 56
ROOM = WIDTH - 2 * MARGIN
#: Where words end and the source line begins, in pixels from above.
SOURCE_LINE = 552
FIRST_LINE = 96
#: Sizes of the claim and of the sentence to quote, in pixels, the largest first.
SIZES = ((44, 27), (40, 26), (36, 24), (33, 22), (30, 20), (27, 18))
FEWEST_LINES = 2
MOST_LINES = 4
#: How a verdict is drawn, from the most ink to the least: fill, letters, outline, its width and its dashes.
LOOKS: dict[str, tuple[str, str, str, float, str]] = {
    "supported": (theme.INK, theme.PAPER, theme.INK, 1, ""),
    "mostly supported": (theme.TEXT, theme.PAPER, theme.TEXT, 1, ""),
    "contested": (theme.SHADE, theme.INK, theme.SHADE, 1, ""),
    "not supported": (theme.PAPER, theme.INK, theme.INK, 4, ""),
    "undetermined": ("#efeae0", theme.INK, "#d9d2c5", 1, ""),
    "untestable": (theme.PAPER, theme.TEXT, theme.QUIET, 2, "8 5"),
    "not yet modelled": (theme.PAPER, theme.TEXT, theme.QUIET, 2, "2 4"),
}
#: Widths of bold letters in parts of the size, the largest of DejaVu Sans and DejaVu Serif, which are broad.
LETTERS = (
    ("ijl'\N{RIGHT SINGLE QUOTATION MARK}., |/\\\N{NO-BREAK SPACE}", 0.38),
    ("ftIJ()[]-!:;", 0.48),
    ('rcsz?*_`"\N{EN DASH}\N{SUPERSCRIPT TWO}\N{MIDDLE DOT}', 0.61),
    ("aekovxy", 0.69),
    ("bdghnpqu0123456789$LFTYSZPE", 0.76),
    ("ABCDGKOQRUVX&", 0.88),
    ("HNw+=<>#~^{}\N{MINUS SIGN}", 0.94),
    ("m%@", 1.06),
)
WIDE, REGULAR = 1.13, 0.92
# Characters that turn the direction of what follows could show a sentence otherwise than it stands.
TURNING = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def card_image(audit: Audit, claim: str, *, made_on: dt.date | None = None) -> str:
    """Return the card of one claim as SVG, 1200 by 630 pixels.

    Args:
        audit: the audited claims.
        claim: the id of one of them.
        made_on: the day of the audit for the source line; today by default.

    Raises:
        InputError: the audit has no such claim.
    """
    named = [result.id for result in audit.results]
    if claim not in named:
        raise InputError(f"the audit has no claim '{claim}'.", "claim", suggest(claim, named))
    card = _Card(audit, audit.results[named.index(claim)], made_on or dt.date.today())
    return card.drawn(f"Claim {named.index(claim) + 1} of {len(named)}")


def card_paths(claims: Iterable[str], folder: Path | str) -> list[Path]:
    """Return the files that the cards of claims are written to, SVG and PNG of each.

    Args:
        claims: their ids.
        folder: where the cards are written.
    """
    names = [re.sub(r"[^a-z0-9]+", "-", claim.lower()).strip("-") or "claim" for claim in claims]
    return [Path(folder) / f"{name}{ending}" for name in names for ending in (".svg", ".png")]


def write_cards(
    audit: Audit,
    folder: Path | str,
    *,
    made_on: dt.date | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[Path]:
    """Write the card of each claim as SVG and as PNG, and return the paths.

    Args:
        audit: the audited claims.
        folder: where the cards are written, `CLAIM.svg` and `CLAIM.png`; it is made where there is none.
        made_on: the day of the audit for the source line; today by default.
        progress: called with the number of cards written and of all.

    Raises:
        InputError: a file cannot be written.
    """
    written: list[Path] = []
    for done, result in enumerate(audit.results, start=1):
        image = card_image(audit, result.id, made_on=made_on)
        as_svg, as_png = card_paths([result.id], folder)
        written += [
            write_atomically(as_svg, image),
            write_atomically(as_png, vl_convert.svg_to_png(image, scale=1.0)),
        ]
        if progress is not None:
            progress(done, len(audit.results))
    return written


def telling_number(result: Result) -> tuple[str, str] | None:
    """Return the number behind a claim's verdict with its interval, and what it is of, as a caption.

    The number is worded as in the sentences of a verdict: `about 500 (82 to 2,300)`. None where there is
    none.
    """
    main = next((reading for reading in result.readings if reading.main), None)
    shown: Reading | Result = result if main is None else main
    low, high = shown.interval or (None, None)
    of = shown.interval_of
    middle = None if shown.modelled is None else shown.modelled.median
    if not _known(low) and not _known(high):
        return None
    if of.startswith(("share", "probability")):
        ends = [words.share(end) for end in (low, high) if _known(end)]  # type: ignore[arg-type]
        figure = " to ".join(ends)
        if _known(middle):
            figure = f"{words.share(middle)} ({figure})"  # type: ignore[arg-type]
    else:
        figure = wording.figure(low, middle, high, "" if shown.modelled is None else shown.modelled.unit)
    return figure, words.sentence(words.squared(of.removesuffix(", at least"))).rstrip(".")


def _known(value: float | None) -> bool:
    return value is not None and math.isfinite(value)


@dataclasses.dataclass(frozen=True)
class _Lines:
    """Words in lines of one size."""

    lines: tuple[str, ...]
    size: int

    @property
    def height(self) -> float:
        return len(self.lines) * leading(self.size)


def leading(size: float) -> float:
    """Return the height of a line of words of a size, in pixels."""
    return round(1.26 * size)


class _Card:
    """One card while it is drawn, from above and from below."""

    def __init__(self, audit: Audit, result: Result, made_on: dt.date) -> None:
        self.audit, self.result, self.made_on = audit, result, made_on
        self.root = ET.Element(
            "svg",
            {
                "xmlns": SVG,
                "width": f"{WIDTH}",
                "height": f"{HEIGHT}",
                "viewBox": f"0 0 {WIDTH} {HEIGHT}",
                "role": "img",
                "aria-labelledby": "card-title card-desc",
                "font-family": theme.SANS,
            },
        )

    def drawn(self, place: str) -> str:
        """Return the whole card as SVG; `place` says which of the claims it is."""
        title, description = ET.SubElement(self.root, "title"), ET.SubElement(self.root, "desc")
        title.set("id", "card-title")
        description.set("id", "card-desc")
        title.text = clean(f"{self.result.says} Verdict as known now: {self.result.verdict}.")
        self._box(0, 0, WIDTH, HEIGHT, theme.PAPER)
        self._box(0, 0, WIDTH, 8, theme.INK)
        self._words(MARGIN, 58, "ceasefire", 22, serif=True, bold=True)
        self._words(
            WIDTH - MARGIN, 58, f"{place} \N{MIDDLE DOT} {self.result.kind}", 19, theme.QUIET, end=True
        )
        floor = self._below()
        self._above(floor)
        description.text = clean(" ".join(self._described()))
        return ET.tostring(self.root, encoding="unicode") + "\n"

    def _above(self, floor: float) -> None:
        """Draw the claim, its verdicts and the sentence to quote between the head and `floor`."""
        room = floor - FIRST_LINE - self._verdicts_height()
        claim, quote = self._sizes(room)
        top = self._lines(MARGIN, FIRST_LINE, claim, bold=True)
        top = self._verdicts(top + 18)
        if quote.lines:
            self._box(MARGIN, top + 16, 4, quote.height, theme.INK)
            self._lines(MARGIN + 22, top + 16, quote)

    def _sizes(self, room: float) -> tuple[_Lines, _Lines]:
        """Return the claim and the quote at the largest sizes at which both fit into a height."""
        for large, small in SIZES:
            claim = _Lines(tuple(wrapped(self.result.says, large, ROOM, bold=True)), large)
            quote = _Lines(tuple(wrapped(self.result.quote, small, ROOM - 22)), small)
            if len(claim.lines) < MOST_LINES and claim.height + quote.height <= room:
                return claim, quote
        lines = cut(claim.lines, MOST_LINES, claim.size, ROOM, bold=True)
        claim = dataclasses.replace(claim, lines=lines)
        left = int((room - claim.height) // leading(quote.size))
        return claim, dataclasses.replace(
            quote, lines=cut(quote.lines, max(left, FEWEST_LINES), quote.size, ROOM - 22)
        )

    def _verdicts_height(self) -> float:
        return 18 + 26 + 48 + 16

    def _verdicts(self, top: float) -> float:
        """Draw the verdict as known now, and as known then where it is another; return where they end."""
        now, then = (theme.day(day) for day in (self.audit.known_until, self.audit.as_of))
        if self.result.verdict == self.result.as_known_then:
            self._verdict(MARGIN, top, f"As known then ({then}) and now ({now})", self.result.verdict)
        else:
            end = self._verdict(MARGIN, top, f"As known now ({now})", self.result.verdict)
            self._verdict(end + 40, top, f"As known then ({then})", self.result.as_known_then)
        return top + 26 + 48

    def _verdict(self, left: float, top: float, label: str, word: str) -> float:
        fill, letters, outline, width, dashes = LOOKS.get(word, LOOKS["undetermined"])
        self._words(left, top + 16, label, 18, theme.QUIET)
        broad = measured(word, 28, bold=True) + 36
        box = self._box(left + width / 2, top + 26 + width / 2, broad - width, 48 - width, fill)
        box.set("stroke", outline)
        box.set("stroke-width", f"{width:g}")
        if dashes:
            box.set("stroke-dasharray", dashes)
        self._words(left + broad / 2, top + 26 + 34, word, 28, letters, serif=True, bold=True, middle=True)
        return left + max(broad, measured(label, 18))

    def _below(self) -> float:
        """Draw the source line, the bar and the number, from below; return where they begin."""
        self._box(MARGIN, SOURCE_LINE, ROOM, 1.5, theme.INK)
        line = f"ceasefire {self.audit.version}, audit of {theme.day(self.made_on)}"
        self._words(MARGIN, SOURCE_LINE + 29, _article(self.audit, ROOM), 18)
        self._words(MARGIN, SOURCE_LINE + 56, line, 18, theme.QUIET)
        top = SOURCE_LINE - 18.0
        shares = shares_of(self.result)
        if shares:
            top -= 20
            self._bar(top, shares)
            top -= 12
        number = telling_number(self.result)
        if number is not None:
            figure, of = number
            top -= 26
            self._words(MARGIN, top + 20, shortened(of, 17, ROOM), 17, theme.TEXT)
            top -= 34
            self._words(MARGIN, top + 26, shortened(figure, 27, ROOM, bold=True), 27, bold=True)
            top -= 8
        return top

    def _bar(self, top: float, shares: dict[str, float]) -> None:
        """Draw what of the spread is learnt, solid, and what assumed, hatched; chance is left blank."""
        definitions = ET.SubElement(self.root, "defs")
        pattern = ET.SubElement(
            definitions,
            "pattern",
            {
                "id": "card-hatch",
                "width": "6",
                "height": "6",
                "patternUnits": "userSpaceOnUse",
                "patternTransform": "rotate(45)",
            },
        )
        ET.SubElement(pattern, "rect", {"width": "6", "height": "6", "fill": theme.PAPER})
        ET.SubElement(pattern, "rect", {"width": "2", "height": "6", "fill": theme.QUIET})
        fills = {"learnt": theme.INK, "assumed": "url(#card-hatch)", "structure": theme.HAIRLINE}
        broad, left = 240.0, float(MARGIN)
        for name, share in shares.items():
            if name in fills and share > 0:
                self._box(left, top, broad * share, 16, fills[name])
                left += broad * share
        outline = self._box(MARGIN, top, broad, 16, "none")
        outline.set("stroke", theme.INK)
        told = ", ".join(f"{name} {words.share(share)}" for name, share in shares.items())
        self._words(MARGIN + broad + 16, top + 14, f"Of the spread: {told}", 17, theme.TEXT)

    def _described(self) -> list[str]:
        """Return everything that the card says, whole, in the order in which it stands."""
        result, audit = self.result, self.audit
        said = [
            words.sentence(result.says),
            f"As known now ({theme.day(audit.known_until)}): {result.verdict}.",
        ]
        said.append(f"As known then ({theme.day(audit.as_of)}): {result.as_known_then}.")
        said.append(result.quote)
        number = telling_number(result)
        if number is not None:
            said.append(f"{number[1]}: {number[0]}.")
        shares = shares_of(result)
        if shares:
            told = ", ".join(f"{name} {words.share(share)}" for name, share in shares.items())
            said.append(f"Of the spread: {told}.")
        said.append(words.sentence(_article(audit, math.inf)))
        said.append(f"ceasefire {audit.version}, audit of {theme.day(self.made_on)}.")
        return [part for part in said if part]

    def _lines(self, left: float, top: float, block: _Lines, *, bold: bool = False) -> float:
        """Draw lines of words below `top`; return where they end."""
        for line in block.lines:
            self._words(left, top + 0.92 * block.size, line, block.size, serif=True, bold=bold)
            top += leading(block.size)
        return top

    def _words(
        self,
        x: float,
        y: float,
        text: str,
        size: int,
        colour: str = theme.INK,
        *,
        serif: bool = False,
        bold: bool = False,
        end: bool = False,
        middle: bool = False,
    ) -> None:
        style = {"x": f"{x:.1f}", "y": f"{y:.1f}", "font-size": f"{size}", "fill": colour}
        if serif:
            style["font-family"] = theme.SERIF
        if bold:
            style["font-weight"] = "700"
        if end or middle:
            style["text-anchor"] = "end" if end else "middle"
        ET.SubElement(self.root, "text", style).text = clean(text)

    def _box(self, x: float, y: float, width: float, height: float, fill: str) -> ET.Element:
        place = {"x": f"{x:g}", "y": f"{y:g}", "width": f"{width:.2f}", "height": f"{height:.2f}"}
        return ET.SubElement(self.root, "rect", {**place, "fill": fill})


def _article(audit: Audit, room: float) -> str:
    """Return the title and the day of the article, the title cut so that both keep within a width."""
    article = audit.article
    about = {"approximate": "about ", "never": "as of "}.get(str(article.get("published_is")), "")
    published = article.get("published")
    rest = "".join(
        [
            f", {article['outlet']}" if article.get("outlet") else "",
            f", {about}{words.day(published)}" if published else "",
        ]
    )
    outlet = shortened(rest, 18, room / 2)
    return shortened(str(article.get("title", "")), 18, room - measured(outlet, 18)) + outlet


def shares_of(result: Result) -> dict[str, float]:
    """Return what the spread of a claim's number comes from, as shares; nothing where it is not known."""
    if result.modelled is not None:
        return _shares(result.modelled.parts)
    if not _known(result.assumed_share):
        return {}
    assumed = float(result.assumed_share or 0.0)
    return {"learnt": 1.0 - assumed, "assumed": assumed}


def _shares(parts: Parts) -> dict[str, float]:
    named = {name: getattr(parts, name).value for name in ("learnt", "assumed", "structure", "chance")}
    return {} if any(math.isnan(share) for share in named.values()) else named


def clean(text: str) -> str:
    """Return a text in one line without what no XML holds and what would turn the direction of its words."""
    kept = "".join(
        letter
        for letter in str(text)
        if letter not in TURNING
        and (letter.isspace() or unicodedata.category(letter) not in {"Cc", "Cn", "Cs"})
    )
    # Words that must stay together keep their space.
    return re.sub(r"[^\S\N{NO-BREAK SPACE}]+", " ", kept).strip(" ")


def measured(text: str, size: float, *, bold: bool = False) -> float:
    """Return how wide a text is at most, in pixels, in the widest of the fonts that the card names."""
    return sum(_letter(letter, bold) for letter in text) * size


def _letter(letter: str, bold: bool) -> float:
    if unicodedata.combining(letter):
        return 0.0
    if unicodedata.east_asian_width(letter) in {"W", "F"}:
        return WIDE
    width = next((width for letters, width in LETTERS if letter in letters), WIDE)
    return width if bold else width * REGULAR


def wrapped(text: str, size: float, room: float, *, bold: bool = False) -> list[str]:
    """Return a text in lines that keep within a width; a word that is too long for a line is broken."""
    lines: list[str] = []
    line = ""
    for word in _pieces(clean(text), size, room, bold):
        longer = f"{line} {word}" if line else word
        if not line or measured(longer, size, bold=bold) <= room:
            line = longer
        else:
            lines.append(line)
            line = word
    return [*lines, line] if line else lines


def _pieces(text: str, size: float, room: float, bold: bool) -> list[str]:
    """Return the words of a text, those that no line holds in pieces."""
    pieces: list[str] = []
    for word in text.split(" "):
        piece = ""
        for letter in word:
            if piece and measured(piece + letter, size, bold=bold) > room:
                pieces.append(piece)
                piece = ""
            piece += letter
        pieces += [piece] if piece else []
    return pieces


def cut(
    lines: tuple[str, ...], most: int, size: float, room: float, *, bold: bool = False
) -> tuple[str, ...]:
    """Return at most so many lines; where some are left out, the last one ends in three dots."""
    if len(lines) <= most:
        return lines
    return (*lines[: most - 1], shortened(" ".join(lines[most - 1 :]), size, room, bold=bold))


def shortened(text: str, size: float, room: float, *, bold: bool = False) -> str:
    """Return a text that keeps within a width, cut between words with three dots where it is too long."""
    if measured(text, size, bold=bold) <= room:
        return text
    kept = next(iter(wrapped(text, size, room - measured("...", size, bold=bold), bold=bold)), "")
    return kept.rstrip(" ,.;:(") + "..."
