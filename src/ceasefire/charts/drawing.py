"""What the pictures are built from: text at a pixel, headings, the key to the marks, rows with labels.

Every picture has fixed margins and draws its own heading and row labels, so that its size on the page is
known and nothing is cut off whatever the fonts of a machine.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from ceasefire.charts.theme import INK, PAPER, QUIET, SANS, SERIF, TEXT, Chart, config, is_narrow, wrap

LINE = 16
TITLE_LINE = 22
OUTER = 14
#: The width of a letter of bold words, in pixels, on the broad side.
BOLD = 7.3
#: The same of a title.
TITLE_LETTER = 9.8


@dataclasses.dataclass(frozen=True)
class Heading:
    """The finding, and what is shown in which unit over which dates, wrapped to a width."""

    title: tuple[str, ...]
    subtitle: tuple[str, ...]

    @property
    def height(self) -> int:
        """The room that the heading takes, in pixels."""
        if not (self.title or self.subtitle):
            return 0
        return TITLE_LINE * len(self.title) + LINE * len(self.subtitle) + 14


def heading(title: str, subtitle: str, width: int, shown: bool) -> Heading:
    """Return the heading of a picture of `width` pixels; an empty one where the page shows it itself."""
    if not shown:
        return Heading((), ())
    return Heading(
        tuple(wrap(title, int(width / TITLE_LETTER), 4)) if title else (),
        tuple(wrap(subtitle, int(width / 6.4), 4)) if subtitle else (),
    )


@dataclasses.dataclass
class Ink:
    """Words and marks placed at pixels of a panel (from its upper left corner), drawn style by style."""

    words: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    marks: list[dict[str, Any]] = dataclasses.field(default_factory=list)

    def text(
        self,
        x: float,
        y: float,
        words: str | Sequence[str],
        *,
        colour: str = INK,
        size: float = 12.5,
        align: str = "left",
        weight: str = "normal",
        font: str = SANS,
        line: float = LINE,
        halo: bool = False,
    ) -> None:
        """Place words, in one line or several, the middle of the first line at `y`.

        `halo` keeps them legible where lines cross them.
        """
        lines = [words] if isinstance(words, str) else list(words)
        style = (align, size, weight, font, line, halo)
        self.words.append({"x": x, "y": y, "words": "\n".join(lines), "colour": colour, "style": style})

    def line_label(self, at: float, words: str, left: float, right: float) -> None:
        """Place the label of an upright line above it, shifted so that it keeps between two pixels."""
        shown = wrap(words, int((right - left) / BOLD), 1)[0]
        room = BOLD * len(shown)
        start = at - 4 if at + room <= right else at - room + 4
        self.text(max(min(start, right - room), left), -18, shown, weight="bold")

    def mark(self, x: float, y: float, shape: str, fill: str, stroke: str) -> None:
        """Place a mark of a shape."""
        self.marks.append({"x": x, "y": y, "shape": shape, "fill": fill, "stroke": stroke})

    def heading(self, head: Heading, left: float, top: float) -> None:
        """Place a heading that starts `left` pixels left of the panel and `top` above it."""
        y = -top + TITLE_LINE / 2
        if head.title:
            self.text(-left, y, head.title, size=17, weight="bold", font=SERIF, line=TITLE_LINE)
            y += TITLE_LINE * len(head.title)
        if head.subtitle:
            self.text(-left, y, head.subtitle, colour=TEXT, size=13)

    def key(self, entries: Sequence[tuple[str, str, str, str]], left: float, y: float, width: float) -> int:
        """Place the key to the marks, (shape, fill, stroke, words) each; return its height in pixels.

        It starts `left` pixels left of the panel, at height `y`, and takes as many lines as it needs.
        """
        x, line = -left, 0
        for shape, fill, stroke, words in entries:
            wide = 18 + 6.6 * len(words)
            if x + wide > -left + width and x > -left:
                x, line = -left, line + 1
            at = y + line * (LINE + 2)
            self.mark(x + 5, at, shape, fill, stroke)
            # An entry wider than the picture takes lines of its own.
            shown = wrap(words, int((width - 18) / 6.6), 3)
            self.text(x + 14, at, shown, colour=TEXT, size=12, line=LINE)
            line += len(shown) - 1
            x += wide + 8
        return (line + 1) * (LINE + 2)

    def halo_layers(self) -> list[alt.Chart]:
        """Return the pale edges of the words that have them: drawn first, so that they hide no mark."""
        return self._words(around=True)

    def layers(self) -> list[alt.Chart]:
        """Return one layer for all marks and one for each style of words."""
        layers: list[alt.Chart] = []
        if self.marks:
            layers.append(
                alt.Chart(pd.DataFrame(self.marks))
                .mark_point(size=62, strokeWidth=1.4, opacity=1)
                .encode(
                    x=alt.X("x:Q", scale=None, axis=None),
                    y=alt.Y("y:Q", scale=None, axis=None),
                    shape=alt.Shape("shape:N", scale=None),
                    fill=alt.Fill("fill:N", scale=None),
                    stroke=alt.Stroke("stroke:N", scale=None),
                )
            )
        return layers + self._words(around=False)

    def _words(self, around: bool) -> list[alt.Chart]:
        layers = []
        for style in dict.fromkeys(item["style"] for item in self.words):
            align, size, weight, font, line, halo = style
            if around and not halo:
                continue
            edge: dict[str, Any] = {"stroke": PAPER, "strokeWidth": 4} if around else {}
            frame = pd.DataFrame([item for item in self.words if item["style"] == style])
            layers.append(
                alt.Chart(frame.drop(columns="style"))
                .mark_text(
                    align=align,
                    baseline="middle",
                    fontSize=size,
                    fontWeight=weight,
                    font=font,
                    lineHeight=line,
                    **edge,
                )
                .encode(
                    x=alt.X("x:Q", scale=None, axis=None),
                    y=alt.Y("y:Q", scale=None, axis=None),
                    fill=alt.Fill("colour:N", scale=None),
                    text=alt.Text("words:N"),
                )
            )
        return layers


def linear_ends(figures: np.ndarray) -> tuple[float, float]:
    """Return the ends of a linear axis: from zero, unless all figures lie close together far from it."""
    low, high = float(figures.min()), float(figures.max())
    if not 0 < 0.6 * high < low:
        low, high = min(low, 0.0), max(high, 0.0)
    span = (high - low) or abs(high) or 1.0
    return low - (0.0 if low == 0 else 0.08 * span), high + (0.0 if high == 0 else 0.08 * span)


def log_ticks(low: float, high: float) -> list[float]:
    """Return the ticks of a logarithmic axis: powers of ten, with 2 and 5 between where there is room."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    between = (1,) if math.log10(high / low) > 2.2 else (1, 2, 5)
    ticks = [factor * 10.0**power for power in range(first, last + 1) for factor in between]
    return [tick for tick in ticks if low <= tick <= high]


def time_axis(days: int, narrow: bool) -> dict[str, Any]:
    """Return the tick spacing and format of a time axis over a span of days."""
    most = 4 if narrow else 7
    months = next((step for step in (1, 2, 3, 6) if days / 30.4 / step <= most), 0)
    if months:
        return {
            "tickCount": {"interval": "month", "step": months},
            "format": "%b %Y",
            "labelOverlap": "greedy",
        }
    years = next(step for step in (1, 2, 5, 10, 20, 50, 10**6) if days / 365.25 / step <= 2 * most)
    return {"tickCount": {"interval": "year", "step": years}, "format": "%Y", "labelOverlap": "greedy"}


def moment(stamp: pd.Timestamp) -> alt.DateTime:
    """Return a day as Vega-Lite writes it in the ends of a scale."""
    return alt.DateTime(year=stamp.year, month=stamp.month, date=stamp.day)


def rules(items: Sequence[tuple[float, float, float, float, str, float]]) -> list[alt.Chart]:
    """Return straight lines between pixels of the panel: (x, y, x2, y2, colour, width)."""
    if not items:
        return []
    frame = pd.DataFrame(items, columns=["x", "y", "x2", "y2", "colour", "width"])
    return [
        alt.Chart(frame)
        .mark_rule()
        .encode(
            x=alt.X("x:Q", scale=None, axis=None),
            y=alt.Y("y:Q", scale=None, axis=None),
            x2=alt.X2("x2"),
            y2=alt.Y2("y2"),
            color=alt.Color("colour:N", scale=None),
            size=alt.Size("width:Q", scale=None),
        )
    ]


def intervals(data: pd.DataFrame) -> list[alt.Chart]:
    """Return the intervals of bars: `low` and `high` on the axis across, `top` and `bottom` in pixels."""
    known = data.dropna(subset=["low", "high"])
    if known.empty:
        return []
    known = known.assign(y=(known["top"] + known["bottom"]) / 2)
    # A pale line below the dark one keeps the interval visible on a dark bar.
    return [
        alt.Chart(known, name=name)
        .mark_rule(color=colour, strokeWidth=width)
        .encode(x=alt.X("low:Q"), x2=alt.X2("high"), y=alt.Y("y:Q", scale=None, axis=None))
        for name, colour, width in (("halo", PAPER, 4.5), ("intervals", INK, 1.8))
    ]


@dataclasses.dataclass(frozen=True)
class Rows:
    """Where the rows of a picture stand: y of the mark and of the label, in pixels from the panel's top."""

    marks: tuple[float, ...]
    labels: tuple[float, ...]
    lines: tuple[tuple[str, ...], ...]
    notes: tuple[tuple[str, ...], ...]
    height: float
    narrow: bool


def rows(
    labels: Sequence[str], notes: Sequence[str], width: int, *, characters: int = 31, note_below: bool = True
) -> Rows:
    """Lay out one row per label: beside the panel where there is room, above its mark where there is none.

    `notes` are quiet second lines (a date, a figure).
    """
    narrow = is_narrow(width)
    y, marks, at, lines, under = 0.0, [], [], [], []
    for label, note in zip(labels, notes, strict=True):
        shown = wrap(label, 46 if narrow else characters, 3)
        note_lines = wrap(note, 50 if narrow else characters + 4, 2) if note else []
        count = len(shown) + (len(note_lines) if note_below or narrow else 0)
        room = count * LINE
        if narrow:
            at.append(y + LINE / 2 + 3)
            marks.append(y + room + 13)
            y += room + 27
        else:
            tall = max(room + 10, 26)
            at.append(y + (tall - room) / 2 + LINE / 2)
            marks.append(y + tall / 2)
            y += tall
        lines.append(tuple(shown))
        under.append(tuple(note_lines))
    return Rows(tuple(marks), tuple(at), tuple(lines), tuple(under), y, narrow)


def row_labels(
    ink: Ink, layout: Rows, left: float, colours: Sequence[str], indents: Sequence[int] | None = None
) -> None:
    """Place the labels of the rows and the quiet notes below them."""
    shifts = indents or [0] * len(layout.labels)
    for y, lines, notes, colour, shift in zip(
        layout.labels, layout.lines, layout.notes, colours, shifts, strict=True
    ):
        x = (0 if layout.narrow else -left) + shift
        ink.text(x, y, lines, colour=colour)
        if notes:
            ink.text(x, y + LINE * len(lines), notes, colour=QUIET, size=12)


def finish(
    chart: Chart,
    *,
    size: tuple[float, float],
    margins: dict[str, float],
    title: str,
    description: str,
    framed: bool,
) -> Chart:
    """Return the picture with its margins, the common look and its description in words."""
    if framed:
        # A picture that stands alone keeps its words off the edge of the paper.
        margins = {side: margin + OUTER for side, margin in margins.items()}
    width = round(size[0] + margins["left"] + margins["right"])
    height = round(size[1] + margins["top"] + margins["bottom"])
    # Set in place: every chained method of Altair would copy the whole picture with its data.
    _name_tables(chart)
    chart.autosize = alt.AutoSizeParams(type="none")
    chart.padding = margins
    chart.background = PAPER
    chart.usermeta = {"title": title, "description": description, "size": [width, height]}
    chart.config = config()
    return chart


def _name_tables(chart: Any) -> None:
    """Write the tables of a picture out once, by name: Altair would work through one for each layer."""
    names: dict[int, str] = {}
    tables: dict[str, list[dict[str, Any]]] = {}
    for panel in chart.vconcat if isinstance(chart, alt.VConcatChart) else [chart]:
        for part in (panel, *panel.layer):
            if not isinstance(part.data, pd.DataFrame):
                continue
            name = names.setdefault(id(part.data), f"table-{len(names) + 1}")
            if name not in tables:
                tables[name] = _records(part.data)
            part.data = alt.NamedData(name)
    chart.datasets = tables


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a table as plain values: days as text, None for what is missing."""
    columns = []
    for name in frame.columns:
        column = frame[name]
        if pd.api.types.is_datetime64_any_dtype(column):
            column = column.dt.strftime("%Y-%m-%dT%H:%M:%S")
        columns.append(column.astype(object).where(column.notna(), None).tolist())
    return [dict(zip(frame.columns, row, strict=True)) for row in zip(*columns, strict=True)]
