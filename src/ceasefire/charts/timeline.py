"""What happened when: one row per event or period, in the order of its date."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from ceasefire.charts import drawing, theme
from ceasefire.charts.frames import checked, each
from ceasefire.files import InputError

#: The marks of the groups, in the order in which the groups first appear: filled, hollow, grey, ...
GROUP_MARKS = (
    ("circle", theme.INK, theme.INK),
    ("circle", theme.PAPER, theme.INK),
    ("circle", "#aaa397", theme.INK),
    ("square", theme.INK, theme.INK),
    ("square", theme.PAPER, theme.INK),
    ("diamond", theme.INK, theme.INK),
    ("diamond", theme.PAPER, theme.INK),
)


def timeline(
    frame: pd.DataFrame,
    *,
    title: str,
    subtitle: str,
    marked_date: Any = None,
    marked_label: str = "the article",
    width: int = theme.WIDE,
    show_heading: bool = True,
) -> theme.Chart:
    """Draw events as marks and periods as lines on a time axis, one row each, the earliest on top.

    Args:
        frame: one row per event: `date`, `label`; optional `end_date` (a period) and `group` (its mark).
        title: the finding.
        subtitle: what is shown, over which dates.
        marked_date: a date with a line of its own, such as the day of the article.
        marked_label: what stands on that line.
        width: in pixels.
        show_heading: draw title and subtitle; off where the page shows them itself.

    Raises:
        InputError: columns missing, no rows, no date, an end before its start, too many groups.
    """
    data = _prepared(frame)
    groups = list(dict.fromkeys(data["group"]))
    mark_of = dict(zip(groups, GROUP_MARKS, strict=False))
    layout = drawing.rows(list(data["label"]), [_dates(row) for row in each(data)], width)
    narrow = layout.narrow
    left, right = (14, 20) if narrow else (226, 24)
    across = width - left - right
    marked = None if marked_date is None else pd.Timestamp(marked_date)
    head = drawing.heading(title, subtitle, width, show_heading)
    top = head.height + (34 if marked is not None else 10)
    ink = drawing.Ink()
    ink.heading(head, left, top)
    drawing.row_labels(ink, layout, left, [theme.INK] * len(data))
    bottom = 30
    if groups != [""]:
        entries = [(*mark_of[group], group or "other") for group in groups]
        bottom += ink.key(entries, left, layout.height + 38, width - 8) + 10

    start, end = _span(data, marked)
    data["y"] = layout.marks
    data["shape"], data["fill"], data["stroke"] = zip(
        *(mark_of[group] for group in data["group"]), strict=True
    )
    days = (end - start).days
    x = alt.X(
        "date:T",
        scale=alt.Scale(domain=[drawing.moment(start), drawing.moment(end)], nice=False),
        axis=alt.Axis(**drawing.time_axis(days, True)),
    )
    y = alt.Y("y:Q", scale=None, axis=None)
    periods = data[data["end_date"].notna()]
    layers = [
        alt.Chart(data, name="marks")
        .mark_point(size=72, strokeWidth=1.5, opacity=1)
        .encode(
            x=x,
            y=y,
            shape=alt.Shape("shape:N", scale=None),
            fill=alt.Fill("fill:N", scale=None),
            stroke=alt.Stroke("stroke:N", scale=None),
        )
    ]
    if not periods.empty:
        layers.insert(
            0,
            alt.Chart(periods, name="periods")
            .mark_rule(color=theme.INK, strokeWidth=3)
            .encode(x=x, x2=alt.X2("end_date"), y=y),
        )
    if marked is not None:
        # Where the words stand above their marks, the line is drawn beside the marks alone.
        spans = [(-8.0, layout.height)]
        if narrow:
            spans = [(-8.0, 2.0), *((y - 9.0, y + 9.0) for y in layout.marks)]
        line = pd.DataFrame([(marked, *span) for span in spans], columns=["date", "y", "y2"])
        layers.append(
            alt.Chart(line, name="marked")
            .mark_rule(color=theme.INK, strokeWidth=1.3)
            .encode(x=x, y=y, y2=alt.Y2("y2"))
        )
        at = (marked - start) / (end - start) * across
        ink.line_label(at, f"{marked_label}, {theme.short_day(marked)}", -left, across + right)
    return drawing.finish(
        alt.layer(*layers, *ink.layers()).properties(width=across, height=layout.height),
        size=(across, layout.height),
        margins={"left": left, "right": right, "top": top, "bottom": bottom},
        title=title,
        description=f"{subtitle.rstrip('.')}. "
        + "; ".join(f"{_dates(row)}: {row.label}" for row in each(data))
        + ".",
        framed=show_heading,
    )


def _prepared(frame: pd.DataFrame) -> pd.DataFrame:
    data = checked(
        frame, "timeline", needs=("date", "label"), dates=("date", "end_date"), words=("label", "group")
    )
    where = "the data of the picture 'timeline'"
    for row in each(data):
        if pd.isna(row.date):
            raise InputError(
                "an event has no date.", f"{where}, row {row.Index + 1} ({row.label})", "give it one."
            )
        if pd.notna(row.end_date) and row.end_date < row.date:
            raise InputError(
                f"an event ends on {row.end_date:%Y-%m-%d}, before it starts on {row.date:%Y-%m-%d}.",
                f"{where}, row {row.Index + 1} ({row.label})",
                "give the earlier day as 'date'.",
            )
    if data["group"].nunique() > len(GROUP_MARKS):
        raise InputError(
            f"there are {data['group'].nunique()} groups.", where, f"use at most {len(GROUP_MARKS)}."
        )
    return data.sort_values(["date", "label"], ignore_index=True)


def _dates(row: Any) -> str:
    if pd.isna(row.end_date) or row.end_date == row.date:
        return theme.short_day(row.date)
    return f"{theme.short_day(row.date)} to {theme.short_day(row.end_date)}"


def _span(data: pd.DataFrame, marked: pd.Timestamp | None) -> tuple[pd.Timestamp, pd.Timestamp]:
    moments = [*data["date"], *data["end_date"].dropna(), *([] if marked is None else [marked])]
    room = max((max(moments) - min(moments)) * 0.04, pd.Timedelta(days=5))
    return min(moments) - room, max(moments) + room
