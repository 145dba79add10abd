"""How much knowing each input would tell of a difference: a bar each, learnt, assumed or a rival equation."""

from __future__ import annotations

from types import MappingProxyType

import altair as alt
import numpy as np
import pandas as pd

from ceasefire.charts import drawing, theme
from ceasefire.charts.frames import checked, each, one_of
from ceasefire.files import InputError

#: What each kind of input is called, and how its bar is filled: solid, hatched, pale.
KINDS = MappingProxyType(
    {
        "learnt": ("learnt from evidence", theme.INK),
        "assumed": ("assumed", "url(#hatch-ink)"),
        "structure": ("a rival equation", theme.SHADE),
    }
)
HALF = 6
NULL = "dashed: below it, not told apart from nothing"


def bars(
    frame: pd.DataFrame,
    *,
    title: str,
    subtitle: str,
    width: int = theme.WIDE,
    show_heading: bool = True,
) -> theme.Chart:
    """Draw one bar for each input, in the order given, with its interval and the level of nothing.

    Args:
        frame: one row per input: `label`, `kind` (learnt, assumed or structure), `value` as a share; optional
            `low` and `high` (its interval) and `null` (what lies below is not told apart from nothing).
        title: the finding.
        subtitle: what is shown, in which unit, over which dates.
        width: in pixels.
        show_heading: draw title and subtitle; off where the page shows them itself.

    Raises:
        InputError: columns missing, no rows, an unknown kind, or a share that is none.
    """
    data = checked(
        frame,
        "bars",
        needs=("label", "kind", "value"),
        figures=("value", "low", "high", "null"),
        words=("label", "kind"),
    )
    one_of(data, "bars", "kind", KINDS)
    _refuse(data)
    narrow = theme.is_narrow(width)
    shown = [_shown(row.value, row.low, row.high) for row in each(data)]
    notes = [KINDS[kind][0] for kind in data["kind"]]
    if narrow:
        notes = [f"{words}; {note}" for words, note in zip(shown, notes, strict=True)]
    layout = drawing.rows(list(data["label"]), notes, width)
    left, right = (10, 14) if narrow else (236, 140)
    across = width - left - right
    head = drawing.heading(title, subtitle, width, show_heading)
    any_null = bool(data["null"].notna().any())
    top = head.height + (24 if any_null else 8)
    ink = drawing.Ink()
    ink.heading(head, left, top)
    drawing.row_labels(ink, layout, left, [theme.INK] * len(data))
    if any_null:
        ink.text(0, -14, NULL, colour=theme.QUIET, size=12)
    if not narrow:
        for height, words in zip(layout.marks, shown, strict=True):
            ink.text(across + 12, height, words)
    data["start"] = 0.0
    data["top"], data["bottom"] = (np.array(layout.marks) + by for by in (-HALF, HALF))
    end = float(np.nanmax([*data["value"], *data["high"], *data["null"]])) or 1.0
    x = alt.X("start:Q", scale=alt.Scale(domain=[0, end], nice=False), axis=None)
    y = alt.Y("top:Q", scale=None, axis=None)
    filled = [
        alt.Chart(data[data["kind"] == kind], name=f"bars_{kind}")
        .mark_rect(color=fill, stroke=theme.INK, strokeWidth=0.8)
        .encode(x=x, x2=alt.X2("value"), y=y, y2=alt.Y2("bottom"))
        for kind, (_, fill) in KINDS.items()
        if (data["kind"] == kind).any()
    ]
    lines = drawing.rules([(0, 0, 0, layout.height, theme.HAIRLINE, 1.0)]) if not narrow else []
    return drawing.finish(
        alt.layer(*filled, *_nothing(data), *drawing.intervals(data), *lines, *ink.layers()).properties(
            width=across, height=layout.height
        ),
        size=(across, layout.height),
        margins={"left": left, "right": right, "top": top, "bottom": 8},
        title=title,
        description=f"{subtitle.rstrip('.')}. "
        + "; ".join(
            f"{row.label} ({KINDS[row.kind][0]}): {words}"
            for row, words in zip(each(data), shown, strict=True)
        )
        + ".",
        framed=show_heading,
    )


def _refuse(data: pd.DataFrame) -> None:
    shares = data[["value", "low", "high", "null"]]
    wrong = data["value"].isna() | ((shares < 0.0) | (shares > 1.0)).any(axis=1)
    wrong |= (data["low"] > data["value"]) | (data["high"] < data["value"])
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise InputError(
            "low, value and high are no shares in this order, or the level of nothing is none.",
            f"the data of the picture 'bars', row {row + 1} ({data['label'].iloc[row]})",
            "give shares from 0 to 1, the lowest first.",
        )


def _shown(value: float, low: float, high: float) -> str:
    if np.isfinite(low) and np.isfinite(high):
        return f"{theme.percent(value)} ({theme.percent(low)} to {theme.percent(high)})"
    return theme.percent(value)


def _nothing(data: pd.DataFrame) -> list[alt.Chart]:
    """Return a mark at the level of nothing on each bar."""
    known = data.dropna(subset=["null"])
    if known.empty:
        return []
    known = known.assign(top=known["top"] - 4, bottom=known["bottom"] + 4)
    return [
        alt.Chart(known, name="nothing")
        .mark_rule(color=theme.INK, strokeWidth=1.3, strokeDash=[3, 2])
        .encode(x=alt.X("null:Q"), y=alt.Y("top:Q", scale=None, axis=None), y2=alt.Y2("bottom"))
    ]
