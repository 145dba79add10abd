"""Every source on one quantity over time: series as lines, single figures as marks, the claim as a line."""

from __future__ import annotations

import dataclasses
import math
from typing import Any, Literal

import altair as alt
import numpy as np
import pandas as pd

from ceasefire.charts import drawing, theme
from ceasefire.charts.frames import checked, one_of
from ceasefire.charts.futures import axis_format
from ceasefire.charts.sources import LOG_FROM
from ceasefire.files import InputError

#: A source with at least this many figures is drawn as a line.
SERIES_FROM = 6
#: At most so many sources are named below the picture; it says how many more it draws.
NAMED = 14
LINE_GREYS = (theme.INK, "#6f685e", "#9a9285")
DASHES = ([1, 0], [6, 3], [2, 3])


def evidence_over_time(
    frame: pd.DataFrame,
    *,
    title: str,
    subtitle: str,
    unit: str,
    claim_value: float | None = None,
    claim_date: Any = None,
    claim_label: str = "the claim",
    log: bool | None = None,
    width: int = theme.WIDE,
    show_heading: bool = True,
) -> theme.Chart:
    """Draw what each source said about one quantity, and when, with time on x.

    Args:
        frame: one row per figure: `label` (the source), `date`, `best` and, where known, `low`, `high` in
            `unit`; `party` ("independent", "ally" or "warring party").
        title: the finding.
        subtitle: what is shown, in which unit, over which dates.
        unit: unit of the axis.
        claim_value: the claim's value, drawn as a line.
        claim_date: the day of the claim, drawn as a cross on that line.
        claim_label: what stands on the claim's line.
        log: a logarithmic axis; by default where sources differ tenfold at their last figures.
        width: in pixels; below 480 the sources are named under the picture.
        show_heading: draw title and subtitle; off where the page shows them itself.

    Raises:
        InputError: columns missing, no rows with a date and a figure, or figures that are none.
    """
    data = _prepared(frame)
    narrow = theme.is_narrow(width)
    marked_day = None if claim_date is None else pd.Timestamp(claim_date)
    plane = _plane(data, width, claim_value, marked_day, log)
    if plane.logarithmic:
        data = data[data["shown"] > 0].reset_index(drop=True)
        data["low"] = data["low"].where(data["low"] > 0)
    head = drawing.heading(title, subtitle, width, show_heading)
    top = head.height + 34
    ink = drawing.Ink()
    ink.heading(head, plane.left, top)
    axis_words = f"{unit}, logarithmic axis" if plane.logarithmic else unit
    ink.text(-plane.left, -18, axis_words, colour=theme.QUIET, size=12)
    claim = _claim(ink, plane, claim_value, marked_day, claim_label)

    ordered = _by_last_figure(data)
    bottom = 34.0
    entries = [("circle", *theme.MARKS[party], theme.MARK_WORDS[party]) for party in _parties(data)]
    bottom += ink.key(entries, plane.left, plane.height + 38, width - 8) + 4
    beside = [] if narrow else _room_beside(data, ordered, plane)
    hairlines = _name_beside(ink, data, beside, plane)
    below = [label for label in ordered if label not in beside]
    bottom = _name_below(ink, data, below, plane, bottom, columns=1 if narrow else 2)

    lines, marks = _figures(data, plane)
    layers = [*lines, *claim, *hairlines, *ink.halo_layers(), *marks, *ink.layers()]
    return drawing.finish(
        alt.layer(*layers).properties(width=plane.across, height=plane.height),
        size=(plane.across, plane.height),
        margins={"left": plane.left, "right": plane.right, "top": top, "bottom": bottom + 6},
        title=title,
        description=_described(data, ordered, subtitle, unit, claim_value, claim_label),
        framed=show_heading,
    )


@dataclasses.dataclass(frozen=True)
class _Plane:
    """The panel: its margins and size in pixels, and the days and figures at its edges."""

    left: int
    right: int
    across: int
    height: int
    start: pd.Timestamp
    end: pd.Timestamp
    low: float
    high: float
    logarithmic: bool

    def x_at(self, date: pd.Timestamp) -> float:
        """Return the pixel of a day."""
        return float((date - self.start) / (self.end - self.start) * self.across)

    def y_at(self, value: float) -> float:
        """Return the pixel of a figure."""
        ends = (self.low, value, self.high)
        low, at, high = (math.log(end) for end in ends) if self.logarithmic else ends
        return self.height * (1 - (at - low) / (high - low))

    def x(self) -> alt.X:
        """Return the time axis."""
        days, narrow = (self.end - self.start).days, self.across < 300
        return alt.X(
            "date:T",
            scale=alt.Scale(domain=[drawing.moment(self.start), drawing.moment(self.end)], nice=False),
            axis=alt.Axis(**drawing.time_axis(days, narrow)),
        )

    def y(self, column: str) -> alt.Y:
        """Return the value axis for a column."""
        kind: Literal["log", "linear"] = "log" if self.logarithmic else "linear"
        ticks: dict[str, Any] = (
            {"values": drawing.log_ticks(self.low, self.high)} if self.logarithmic else {"tickCount": 5}
        )
        shown = axis_format((self.low, self.high))
        return alt.Y(
            f"{column}:Q",
            scale=alt.Scale(type=kind, domain=[self.low, self.high], nice=False, zero=False),
            axis=alt.Axis(format=shown, labelOverlap="greedy", **ticks),
        )


def _plane(
    data: pd.DataFrame,
    width: int,
    claim_value: float | None,
    claim_day: pd.Timestamp | None,
    log: bool | None,
) -> _Plane:
    left, right, height = (60, 18, 240) if theme.is_narrow(width) else (74, 196, 330)
    logarithmic = _logarithmic(data, claim_value) if log is None else log
    figures = data[["shown", "low", "high"]].to_numpy(dtype=float).ravel()
    figures = figures[np.isfinite(figures)]
    if claim_value is not None:
        figures = np.append(figures, claim_value)
    if logarithmic:
        figures = figures[figures > 0]
        if not len(figures):
            raise InputError(
                "a logarithmic axis cannot show figures of zero or less.",
                "the data of the picture 'evidence_over_time'",
                "leave `log` out.",
            )
        low, high = float(figures.min()) / 1.3, float(figures.max()) * 1.3
    else:
        low, high = drawing.linear_ends(figures)
    days = [*data["date"], *([] if claim_day is None else [claim_day])]
    room = max((max(days) - min(days)) * 0.02, pd.Timedelta(days=2))
    return _Plane(
        left, right, width - left - right, height, min(days) - room, max(days) + room, low, high, logarithmic
    )


def _claim(
    ink: drawing.Ink,
    plane: _Plane,
    value: float | None,
    claim_day: pd.Timestamp | None,
    label: str,
) -> list[alt.Chart]:
    """Return the claim's line; its label stands at the end away from its day."""
    if value is None:
        return []
    late = claim_day is not None and plane.x_at(claim_day) > plane.across / 2
    x, align = (4, "left") if late else (plane.across - 4, "right")
    ink.text(x, plane.y_at(value) - 10, label, align=align, weight="bold", halo=True)
    if claim_day is not None:
        ink.mark(plane.x_at(claim_day), plane.y_at(value), "cross", theme.INK, theme.INK)
    frame = pd.DataFrame({"shown": [value]})
    line = alt.Chart(frame, name="claim").mark_rule(color=theme.INK, strokeWidth=1.3)
    return [line.encode(y=plane.y("shown"))]


def _prepared(frame: pd.DataFrame) -> pd.DataFrame:
    data = checked(
        frame,
        "evidence_over_time",
        needs=("label", "date", "best"),
        figures=("low", "best", "high"),
        dates=("date",),
        words=("label", "party"),
    )
    data.loc[data["party"] == "", "party"] = "independent"
    one_of(data, "evidence_over_time", "party", theme.MARKS)
    data["lone"] = ""
    data.loc[data["best"].isna() & data["low"].notna(), "lone"] = "at least"
    data.loc[data["best"].isna() & data["low"].isna() & data["high"].notna(), "lone"] = "up to"
    data["shown"] = data["best"].fillna(data["low"]).fillna(data["high"])
    data = data.dropna(subset=["date", "shown"])
    checked(data, "evidence_over_time", needs=("label", "date"))
    return data.sort_values(["date", "label"], ignore_index=True)


def _logarithmic(data: pd.DataFrame, claim: float | None) -> bool:
    last = data.groupby("label")["shown"].last()
    figures = [*last, *([] if claim is None else [claim])]
    return bool(min(figures) > 0 and max(figures) / min(figures) >= LOG_FROM)


def _parties(data: pd.DataFrame) -> list[str]:
    return [party for party in theme.MARKS if (data["party"] == party).any()]


def _by_last_figure(data: pd.DataFrame) -> list[str]:
    """Return the sources, those with most figures first, so that series are named before single figures."""
    counts = data.groupby("label").agg(count=("shown", "size"), last=("shown", "last"))
    return list(counts.sort_values(["count", "last"], ascending=False).index)


def _figures(data: pd.DataFrame, plane: _Plane) -> tuple[list[alt.Chart], list[alt.Chart]]:
    """Return series as bands and lines, and single figures (and the last of each series) as marks."""
    lines: list[alt.Chart] = []
    sizes = data.groupby("label")["shown"].size()
    series = [label for label in dict.fromkeys(data["label"]) if sizes[label] >= SERIES_FROM]
    for place, label in enumerate(series):
        rows = data[data["label"] == label]
        dash = DASHES[place % 3] if rows["party"].iloc[0] == "independent" else [4, 2]
        band = rows.dropna(subset=["low", "high"])
        if len(band) >= SERIES_FROM:
            shade = alt.Chart(band).mark_area(color=theme.INK, opacity=0.1)
            lines.append(shade.encode(x=plane.x(), y=plane.y("low"), y2=alt.Y2("high")))
        line = alt.Chart(rows).mark_line(color=LINE_GREYS[place % 3], strokeWidth=1.5, strokeDash=dash)
        lines.append(line.encode(x=plane.x(), y=plane.y("shown")))
    single = data[~data["label"].isin(series)]
    spans = single.dropna(subset=["low", "high"])
    if not spans.empty:
        span = alt.Chart(spans, name="intervals").mark_rule(color=theme.QUIET, strokeWidth=1.4)
        lines.append(span.encode(x=plane.x(), y=plane.y("low"), y2=alt.Y2("high")))
    ends = data[data["label"].isin(series)].groupby("label").tail(1)
    marked = pd.concat([frame for frame in (single, ends) if not frame.empty], ignore_index=True)
    shapes = {"": "circle", "at least": "triangle-up", "up to": "triangle-down"}
    marked = marked.assign(
        shape=[shapes[lone] for lone in marked["lone"]],
        fill=[theme.MARKS[party][0] for party in marked["party"]],
        stroke=[theme.MARKS[party][1] for party in marked["party"]],
    )
    marks = (
        alt.Chart(marked, name="marks")
        .mark_point(size=46, strokeWidth=1.3, opacity=1)
        .encode(
            x=plane.x(),
            y=plane.y("shown"),
            shape=alt.Shape("shape:N", scale=None),
            fill=alt.Fill("fill:N", scale=None),
            stroke=alt.Stroke("stroke:N", scale=None),
        )
    )
    return lines, [marks]


def _room_beside(data: pd.DataFrame, ordered: list[str], plane: _Plane) -> list[str]:
    """Return the sources to name at the right edge: series, and those whose last figure is near it."""
    sizes = data.groupby("label")["shown"].size()
    last = data.groupby("label")["date"].last()
    near = plane.end - (plane.end - plane.start) * 0.12
    chosen = [label for label in ordered if sizes[label] >= SERIES_FROM or last[label] >= near]
    return chosen[: plane.height // 34]


def _name_beside(ink: drawing.Ink, data: pd.DataFrame, named: list[str], plane: _Plane) -> list[alt.Chart]:
    """Name sources at the right edge, apart from each other, each with a hairline to its last figure."""
    last = [data[data["label"] == label].iloc[-1] for label in named]
    last.sort(key=lambda row: plane.y_at(row["shown"]))
    texts = [theme.wrap(row["label"], 27, 2) for row in last]
    rooms = [14 * len(lines) + 5 for lines in texts]
    placed = _apart([plane.y_at(row["shown"]) for row in last], rooms, -8.0, plane.height + 8.0)
    lines = []
    edge = plane.across
    for row, words, at in zip(last, texts, placed, strict=True):
        here = (plane.x_at(row["date"]), plane.y_at(row["shown"]))
        lines.append((*here, edge + 14, at, theme.HAIRLINE, 0.8))
        ink.text(edge + 18, at - 7 * (len(words) - 1), words, colour=theme.TEXT, size=12, line=14)
    return drawing.rules(lines)


def _name_below(
    ink: drawing.Ink, data: pd.DataFrame, labels: list[str], plane: _Plane, bottom: float, columns: int
) -> float:
    """Name sources in a numbered list below the picture; return where it ends."""
    numbered = labels[:NAMED]
    column_width = (plane.left + plane.across + plane.right) / columns
    for place, label in enumerate(numbered):
        row = data[data["label"] == label].iloc[-1]
        x, y = plane.x_at(row["date"]) + 6, plane.y_at(row["shown"]) - 8
        ink.text(x, y, str(place + 1), colour=theme.TEXT, size=11)
        column, line = place % columns, place // columns
        words = theme.wrap(f"{place + 1}  {label}", 50, 1)
        x, y = -plane.left + column * column_width, plane.height + bottom + line * drawing.LINE
        ink.text(x, y, words, colour=theme.TEXT, size=12)
    bottom += math.ceil(len(numbered) / columns) * drawing.LINE
    unnamed = len(labels) - len(numbered)
    if unnamed:
        words = [f"and {unnamed} more, drawn and not named here"]
        ink.text(-plane.left, plane.height + bottom, words, colour=theme.QUIET, size=12)
        bottom += drawing.LINE
    return bottom


def _apart(wanted: list[float], rooms: list[int], low: float, high: float) -> list[float]:
    """Return heights near those wanted, in the same order, that leave each label its room."""
    placed: list[float] = []
    edge = low
    for at, room in zip(wanted, rooms, strict=True):
        middle = max(at, edge + room / 2)
        placed.append(middle)
        edge = middle + room / 2
    edge = high
    for index in range(len(placed) - 1, -1, -1):
        placed[index] = min(placed[index], edge - rooms[index] / 2)
        edge = placed[index] - rooms[index] / 2
    return placed


def _described(
    data: pd.DataFrame,
    ordered: list[str],
    subtitle: str,
    unit: str,
    claim_value: float | None,
    claim_label: str,
) -> str:
    said = []
    for label in ordered:
        rows = data[data["label"] == label]
        row = rows.iloc[-1]
        figure = theme.figure(row["low"], row["best"], row["high"])
        said.append(f"{label} ({theme.MARK_WORDS[row['party']]}): {figure} on {theme.day(row['date'])}")
    claim = f" {claim_label}: {theme.number(claim_value)}." if claim_value is not None else ""
    return f"{subtitle.rstrip('.')}. In {unit}.{claim} The last figure of each source: {'; '.join(said)}."
