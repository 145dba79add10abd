"""The answer over two of what wars differ in: a grid of cells, each with its word and its share."""

from __future__ import annotations

from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from ceasefire.charts import drawing, theme
from ceasefire.charts.frames import checked, each, one_of
from ceasefire.files import InputError

#: How a cell is filled and written on, by its word: told apart by lightness alone.
SHADES: dict[str, tuple[str, str]] = {
    "yes": (theme.TEXT, theme.PAPER),
    "undecided": (theme.SHADE, theme.INK),
    "no": ("#f3efe7", theme.INK),
    "too few": (theme.PAPER, theme.QUIET),
}
MEANINGS = {
    "yes": "more in over half of the wars",
    "undecided": "the interval holds one half",
    "no": "in fewer than half",
    "too few": "worth fewer than 10 independent wars",
}
FIGURES = ("share", "low", "high")
GAP = 2
# The width of a letter of small words, in pixels.
LETTER = 6.4


def answer_map(
    frame: pd.DataFrame,
    *,
    title: str,
    subtitle: str,
    down: str,
    across: str,
    width: int = theme.WIDE,
    show_heading: bool = True,
) -> theme.Chart:
    """Draw a map of an answer over two columns, the cells told apart by word and lightness.

    Args:
        frame: one row for each cell: `row` and `column` (their ranges in words, in the order in which they
            first come; the first row stands lowest, as on an axis), `word` (yes, no, undecided, too few), and
            where known `share` of wars with `low` and `high`, from 0 to 1.
        title: the finding.
        subtitle: what is shown, for which war and day.
        down: what the rows are, with its unit.
        across: what the columns are, with its unit.
        width: in pixels.
        show_heading: draw title and subtitle; off where the page shows them itself.

    Raises:
        InputError: columns missing, no rows, a word that is none of these, a share outside 0 to 1, or two
            cells in one place.
    """
    data = checked(
        frame,
        "answer_map",
        needs=("row", "column", "word"),
        figures=FIGURES,
        words=("row", "column", "word"),
    )
    one_of(data, "answer_map", "word", SHADES)
    _refuse(data)
    rows, columns = (list(dict.fromkeys(data[name])) for name in ("row", "column"))
    narrow = theme.is_narrow(width)
    labels = [theme.wrap(name, 9 if narrow else 16, 3) for name in rows]
    left = min(16 + int(LETTER * max(len(line) for lines in labels for line in lines)), 76 if narrow else 130)
    right = 14 if narrow else 20
    across_pixels = width - left - right
    cell = across_pixels / len(columns)
    tight = cell < LETTER * 11
    size, high = (9.0, 50) if tight else (12.5, 62)
    height = high * len(rows)
    heads = [theme.wrap(name, max(int(cell / LETTER), 4), 3) for name in columns]
    head_room = drawing.LINE * max(len(lines) for lines in heads)
    head = drawing.heading(title, subtitle, width, show_heading)
    sides = [theme.wrap(text, int(width / LETTER), 2) for text in (f"Upwards: {down}", f"Across: {across}")]
    entries = [
        ("square", fill, theme.HAIRLINE, f"{_shown(word, tight)}: {MEANINGS[word]}")
        for word, (fill, _) in SHADES.items()
        if (data["word"] == word).any()
    ]
    key_height = drawing.Ink().key(entries, left, 0, width - 8)
    said = drawing.LINE * sum(len(lines) for lines in sides)
    top = head.height + key_height + said + 14
    ink = drawing.Ink()
    ink.heading(head, left, top)
    ink.key(entries, left, -key_height - said - 2, width - 8)
    y = -said + 2.0
    for lines in sides:
        ink.text(-left, y, lines, colour=theme.TEXT, size=12)
        y += drawing.LINE * len(lines)
    for place, lines in enumerate(labels):
        middle = height - (place + 0.5) * high - drawing.LINE * (len(lines) - 1) / 2
        ink.text(-10, middle, lines, colour=theme.TEXT, size=12, align="right")
    for place, lines in enumerate(heads):
        ink.text(
            (place + 0.5) * cell, height + 16, lines, colour=theme.TEXT, size=min(size, 12.0), align="center"
        )
    boxes = [_box(row, rows, columns, cell, high, height) for row in each(data)]
    for row, box in zip(each(data), boxes, strict=True):
        _write(ink, row, box, size, tight)
    cells = (
        alt.Chart(pd.DataFrame(boxes), name="cells")
        .mark_rect(strokeWidth=1)
        .encode(
            x=alt.X("x:Q", scale=None, axis=None),
            x2=alt.X2("x2"),
            y=alt.Y("y:Q", scale=None, axis=None),
            y2=alt.Y2("y2"),
            fill=alt.Fill("fill:N", scale=None),
            stroke=alt.Stroke("stroke:N", scale=None),
        )
    )
    return drawing.finish(
        alt.layer(cells, *ink.layers()).properties(width=across_pixels, height=height),
        size=(across_pixels, height),
        margins={"left": left, "right": right, "top": top, "bottom": head_room + 16},
        title=title,
        description=_described(data, subtitle, down, across),
        framed=show_heading,
    )


def _refuse(data: pd.DataFrame) -> None:
    outside = ((data[list(FIGURES)] < 0.0) | (data[list(FIGURES)] > 1.0)).any(axis=1)
    twice = data.duplicated(["row", "column"])
    for wrong, what, todo in (
        (outside, "a share does not lie from 0 to 1.", "give shares of wars."),
        (twice, "a cell is given twice.", "give one row for each cell."),
    ):
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            raise InputError(what, f"the data of the picture 'answer_map', row {row + 1}", todo)


def _shown(word: str, tight: bool) -> str:
    """Return a word as a cell has room for it."""
    return "open" if tight and word == "undecided" else word


def _box(
    row: Any, rows: list[str], columns: list[str], cell: float, high: float, height: float
) -> dict[str, Any]:
    x, y = columns.index(row.column) * cell, height - (rows.index(row.row) + 1) * high
    return {
        "x": x + GAP / 2,
        "x2": x + cell - GAP / 2,
        "y": y + GAP / 2,
        "y2": y + high - GAP / 2,
        "fill": SHADES[row.word][0],
        "stroke": theme.HAIRLINE,
        "word": row.word,
        "share": row.share,
    }


def _write(ink: drawing.Ink, row: Any, box: dict[str, Any], size: float, tight: bool) -> None:
    """Write a cell's word, its share and its interval in it."""
    colour = SHADES[row.word][1]
    middle, y = (box["x"] + box["x2"]) / 2, (box["y"] + box["y2"]) / 2
    lines = [theme.percent(row.share)] if np.isfinite(row.share) else []
    if np.isfinite(row.low) and np.isfinite(row.high):
        span = f"{100 * row.low:.0f} to {100 * row.high:.0f}"
        wide = box["x2"] - box["x"] >= LETTER * (len(span) + 9)
        lines = [f"{lines[0]} ({span})"] if wide and lines else [*lines, span]
    step = size + 3.5
    first = y - step * len(lines) / 2
    ink.text(middle, first, _shown(row.word, tight), colour=colour, size=size, align="center", weight="bold")
    for number, line in enumerate(lines, start=1):
        ink.text(middle, first + number * step, line, colour=colour, size=size, align="center")


def _described(data: pd.DataFrame, subtitle: str, down: str, across: str) -> str:
    told = [
        f"{row.row} and {row.column}: {row.word}"
        + (f", {theme.percent(row.share)}" if np.isfinite(row.share) else "")
        for row in each(data)
    ]
    return f"{subtitle.rstrip('.')}. Upwards {down}, across {across}. {'; '.join(told)}."
