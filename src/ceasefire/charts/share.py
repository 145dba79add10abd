"""Shares or counts of cases as bars, one row each, those that matter picked out."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from ceasefire.charts import drawing, theme
from ceasefire.charts.frames import checked, each
from ceasefire.files import InputError

#: Units in which 1 is the whole: shown as per cent.
WHOLES = ("share", "probability", "fraction")


def share(
    frame: pd.DataFrame,
    *,
    title: str,
    subtitle: str,
    unit: str,
    claim_value: float | None = None,
    claim_label: str = "the claim",
    width: int = theme.WIDE,
    show_heading: bool = True,
) -> theme.Chart:
    """Draw one bar per case or share, in the order given, the highlighted ones dark.

    Args:
        frame: one row per bar: `label`, `value` in `unit`; optional `low` and `high` (its interval),
            `highlight` (bool) and `note` (a quiet second line, such as "31 of 60").
        title: the finding.
        subtitle: what is shown, in which unit, over which dates.
        unit: its unit; "share" is shown as per cent.
        claim_value: what the claim says, drawn as a line.
        claim_label: what stands on that line.
        width: in pixels.
        show_heading: draw title and subtitle; off where the page shows them itself.

    Raises:
        InputError: columns missing, no rows, an empty or negative value, a share above one.
    """
    data = checked(
        frame, "share", needs=("label", "value"), figures=("value", "low", "high"), words=("label", "note")
    )
    whole = unit in WHOLES
    _refuse(data, whole)
    data["highlight"] = data["highlight"].fillna(False).astype(bool) if "highlight" in data else False
    narrow = theme.is_narrow(width)
    shown = [_shown(row.value, row.low, row.high, whole) for row in each(data)]
    notes = list(data["note"])
    if narrow:
        notes = [f"{words}; {note}" if note else words for words, note in zip(shown, notes, strict=True)]
    layout = drawing.rows(list(data["label"]), notes, width)
    left, right = (10, 14) if narrow else (226, 140)
    across = width - left - right
    head = drawing.heading(title, subtitle, width, show_heading)
    top = head.height + (8 if claim_value is None else 34)
    ink = drawing.Ink()
    ink.heading(head, left, top)
    drawing.row_labels(ink, layout, left, [theme.INK] * len(data))
    longest = float(np.nanmax([*data["value"], *data["high"], claim_value or 0.0])) or 1.0
    end = 1.0 if whole and longest > 0.5 else longest
    if not narrow:
        for height, words in zip(layout.marks, shown, strict=True):
            ink.text(across + 12, height, words)
    data["start"], data["top"], data["bottom"] = 0.0, np.array(layout.marks) - 6, np.array(layout.marks) + 6
    x = alt.X("start:Q", scale=alt.Scale(domain=[0, end], nice=False), axis=None)
    y = alt.Y("top:Q", scale=None, axis=None)
    bars = (
        alt.Chart(data, name="bars")
        .mark_rect()
        .encode(
            x=x,
            x2=alt.X2("value"),
            y=y,
            y2=alt.Y2("bottom"),
            color=alt.condition(alt.datum.highlight, alt.value(theme.TEXT), alt.value(theme.SHADE)),
        )
    )
    lines = drawing.rules([(0, 0, 0, layout.height, theme.HAIRLINE, 1.0)]) if not narrow else []
    claim = []
    if claim_value is not None:
        at = claim_value / end * across
        line = alt.Chart(pd.DataFrame({"start": [claim_value], "top": [-8.0], "bottom": [layout.height]}))
        claim = [
            line.properties(name="claim")
            .mark_rule(color=theme.INK, strokeWidth=1.3)
            .encode(x=x, y=y, y2=alt.Y2("bottom"))
        ]
        ink.line_label(at, claim_label, -left, across + right)
    return drawing.finish(
        alt.layer(bars, *drawing.intervals(data), *lines, *claim, *ink.layers()).properties(
            width=across, height=layout.height
        ),
        size=(across, layout.height),
        margins={"left": left, "right": right, "top": top, "bottom": 8},
        title=title,
        description=f"{subtitle.rstrip('.')}. In {unit}: "
        + "; ".join(f"{label}: {words}" for label, words in zip(data["label"], shown, strict=True))
        + ".",
        framed=show_heading,
    )


def _refuse(data: pd.DataFrame, whole: bool) -> None:
    wrong = data["value"].isna() | (data["value"] < 0) | (whole & (data["value"] > 1))
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise InputError(
            f"'{data['value'].iloc[row]}' cannot be drawn as a bar.",
            f"the data of the picture 'share', row {row + 1} ({data['label'].iloc[row]})",
            "give a share from 0 to 1." if whole else "give a number of 0 or more.",
        )


def _shown(value: float, low: float, high: float, whole: bool) -> str:
    if not whole:
        return theme.figure(low, value, high)
    if np.isfinite(low) and np.isfinite(high):
        return f"{theme.percent(value)} ({theme.percent(low)} to {theme.percent(high)})"
    return theme.percent(value)
