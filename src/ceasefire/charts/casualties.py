"""Killed and wounded of both sides: each month with its intervals, and the running totals below."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from ceasefire.charts import drawing, theme
from ceasefire.charts.frames import checked, each, one_of
from ceasefire.charts.futures import axis_format
from ceasefire.files import InputError

BAND = ("low", "low50", "median", "high50", "high")
COLOURS = (theme.BLUE, theme.OCHRE)
SHAPES = ("circle", "square")
DASHES = ([1, 0], [7, 4])
# Altair numbers the names of layers in joined panels: ours must not end in a number.
PLACES = ("first", "second")
HATCHES = ("url(#hatch-first)", "url(#hatch-second)")


def casualties(
    months: pd.DataFrame,
    totals: pd.DataFrame,
    beside: pd.DataFrame | None = None,
    *,
    title: str,
    subtitle: str,
    unit: str = "persons",
    since: str = "the first day",
    beside_label: str = "another estimate",
    width: int = theme.WIDE,
    show_heading: bool = True,
) -> theme.Chart:
    """Draw, for each measure, the figures of each month of two sides and, below, their running totals.

    Args:
        months: one row per measure, side and month: `measure` and `side` in words, `start`, `end`, and in
            `unit` `low`, `low50`, `median`, `high50`, `high` (90 and 50 %); `part` true where it is no whole
            month. Sides are drawn alike, in the order in which they come.
        totals: the same figures with `date` in place of `start` and `end`; `assumed` true hatches the band.
        beside: running totals of another estimate: `measure`, `side`, `date`, `low`, `best`, `high`.
        title: the finding.
        subtitle: what is shown, in which unit, over which dates.
        unit: its unit.
        since: the day from which totals run, in words.
        beside_label: whose the other estimate is.
        width: in pixels.
        show_heading: draw title and subtitle; off where the page shows them itself.

    Raises:
        InputError: columns missing, no rows, more than two sides, or an interval upside down.
    """
    monthly, summed = _prepared(months, "end"), _prepared(totals, "date")
    sides = list(dict.fromkeys(summed["side"]))
    measures = list(dict.fromkeys(summed["measure"]))
    if len(sides) > 2:
        raise InputError(
            f"the picture shows two sides, not {len(sides)}.", _where("totals"), "leave a side out."
        )
    one_of(monthly, "casualties", "side", sides)
    one_of(monthly, "casualties", "measure", measures)
    monthly = monthly.sort_values("end", kind="stable", ignore_index=True)
    summed = summed.sort_values("date", kind="stable", ignore_index=True)
    other = _other(beside, sides, measures)
    narrow = theme.is_narrow(width)
    left, right = (58, 14) if narrow else (74, 20)
    across = width - left - right
    upper, lower, gap = (96, 130, 56) if narrow else (120, 170, 56)
    first = min(monthly["start"].min(), summed["date"].min())
    last = max(monthly["end"].max(), summed["date"].max())
    span = (first, last + pd.Timedelta(days=max((last - first).days * 0.01, 1)))
    pixel = (span[1] - span[0]) / across

    head = drawing.heading(title, subtitle, width, show_heading)
    entries = _entries(sides, monthly, summed, other, beside_label)
    key_height = drawing.Ink().key(entries, left, 0, width - 8)
    top = head.height + key_height + 34
    panels = []
    for number, measure in enumerate(measures):
        ink = drawing.Ink()
        if number == 0:
            ink.heading(head, left, top)
            ink.key(entries, left, -key_height - 24, width - 8)
        ink.text(-left, -16, _fitting(f"{measure} in each month", unit, width), weight="bold")
        rows = monthly[monthly["measure"] == measure]
        panels.append(
            alt.layer(*_months(rows, sides, span, pixel, upper, narrow), *ink.layers()).properties(
                width=across, height=upper
            )
        )
        below = drawing.Ink()
        below.text(-left, -16, _fitting(f"{measure} since {since}", unit, width), weight="bold")
        rows = summed[summed["measure"] == measure]
        points = other[other["measure"] == measure]
        panels.append(
            alt.layer(*_totals(rows, points, sides, span, lower, narrow), *below.layers()).properties(
                width=across, height=lower
            )
        )
    tall = len(measures) * (upper + lower) + (len(panels) - 1) * gap
    return drawing.finish(
        alt.vconcat(*panels, spacing=gap, bounds="flush"),
        size=(across, tall),
        margins={"left": left, "right": right, "top": top, "bottom": 30},
        title=title,
        description=_described(summed, other, subtitle, unit, since, beside_label),
        framed=show_heading,
    )


def _where(table: str) -> str:
    return f"the data of the picture 'casualties' ({table})"


def _fitting(words: str, unit: str, width: int) -> list[str]:
    """Return the words over a panel in one line, with the unit where there is room."""
    room = int(width / 7)
    return theme.wrap(words if len(f"{words}, {unit}") > room else f"{words}, {unit}", room, 1)


def _prepared(frame: pd.DataFrame, date: str) -> pd.DataFrame:
    dates = ("start", "end") if date == "end" else ("date",)
    data = checked(
        frame,
        "casualties",
        needs=("measure", "side", *dates, *BAND),
        figures=BAND,
        dates=dates,
        words=("measure", "side"),
    )
    for flag in ("part", "assumed"):
        data[flag] = data[flag].astype(bool) if flag in data else False
    ordered = (np.diff(data[list(BAND)].to_numpy(), axis=1) >= 0).all(axis=1)
    wrong = ~ordered | data[list(dates)].isna().any(axis=1).to_numpy()
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise InputError(
            f"a day is missing, or {', '.join(BAND)} are not in this order.",
            f"{_where('months' if date == 'end' else 'totals')}, row {row + 1} ({data['side'].iloc[row]})",
            "give all of them, the lowest first.",
        )
    return data


def _other(beside: pd.DataFrame | None, sides: list[str], measures: list[str]) -> pd.DataFrame:
    columns = ["measure", "side", "date", "low", "best", "high"]
    data = checked(
        pd.DataFrame(columns=columns) if beside is None else beside,
        "casualties",
        needs=columns,
        figures=("low", "best", "high"),
        dates=("date",),
        words=("measure", "side"),
        may_be_empty=True,
    )
    one_of(data, "casualties", "side", sides)
    one_of(data, "casualties", "measure", measures)
    return data.dropna(subset=["date", "best"]).sort_values("date", kind="stable", ignore_index=True)


def _entries(
    sides: list[str], monthly: pd.DataFrame, summed: pd.DataFrame, other: pd.DataFrame, beside_label: str
) -> list[tuple[str, str, str, str]]:
    """Return the key: the sides, what the marks mean, the other estimate."""
    entries = [
        (SHAPES[place], COLOURS[place], COLOURS[place], f"{side}{' (dashed)' if place else ''}")
        for place, side in enumerate(sides)
    ]
    tail = "median, 50 and 90 %"
    if summed["assumed"].any():
        tail += "; hatched: assumed"
    entries.append(("stroke", theme.QUIET, theme.QUIET, tail))
    if monthly["part"].any():
        entries.append(("circle", theme.PAPER, theme.QUIET, "hollow: part of a month"))
    given = [side for side in sides if (other["side"] == side).any()]
    return entries + [("diamond", *theme.MARKS["ally"], f"{beside_label}, {side}") for side in given]


def _x(span: tuple[pd.Timestamp, pd.Timestamp], narrow: bool, column: str = "date") -> alt.X:
    return alt.X(
        f"{column}:T",
        scale=alt.Scale(domain=[drawing.moment(span[0]), drawing.moment(span[1])], nice=False),
        axis=alt.Axis(**drawing.time_axis((span[1] - span[0]).days, narrow)),
    )


def _y(column: str, top: float, height: int) -> alt.Y:
    return alt.Y(
        f"{column}:Q",
        scale=alt.Scale(domain=[0.0, top], nice=False, zero=True),
        axis=alt.Axis(tickCount=max(height // 40, 3), format=axis_format((0.0, top))),
    )


def _top(*figures: pd.Series) -> float:
    known = pd.concat([one[one.notna()] for one in figures])
    return 1.06 * (float(known.max()) or 1.0)


def _months(
    rows: pd.DataFrame,
    sides: list[str],
    span: tuple[pd.Timestamp, pd.Timestamp],
    pixel: pd.Timedelta,
    height: int,
    narrow: bool,
) -> list[alt.Chart]:
    """Draw each month of each side as a line of 90 %, a thicker one of 50 % and a mark at the median."""
    if rows.empty:
        return []
    top = _top(rows["high"])
    tight = float((rows["end"] - rows["start"]).dt.days.median()) < 14 * pixel / pd.Timedelta(days=1)
    data = rows.assign(
        fill=[
            theme.PAPER if row.part else COLOURS[sides.index(row.side)] for row in each(rows)
        ],
        stroke=[COLOURS[sides.index(side)] for side in rows["side"]],
        shape=[SHAPES[sides.index(side)] for side in rows["side"]],
    )  # fmt: skip
    shift = pixel * (2 if tight else 4)
    middle = data["start"] + (data["end"] - data["start"]) / 2
    places = pd.Series([sides.index(side) for side in data["side"]], index=data.index)
    data["date"] = middle + (2 * places - (len(sides) - 1)) * shift
    colour = alt.Color("stroke:N", scale=None)
    layers = []
    for name, low, high, thick in (("outer", "low", "high", 1.4), ("inner", "low50", "high50", 4.0)):
        line = alt.Chart(data, name=f"months_{name}").mark_rule(
            strokeWidth=thick / 2 if tight and thick > 2 else thick, opacity=0.55
        )
        layers.append(line.encode(x=_x(span, narrow), y=_y(low, top, height), y2=alt.Y2(high), color=colour))
    marks = alt.Chart(data, name="months_median").mark_point(
        size=16 if tight else 38, strokeWidth=1.3, opacity=1
    )
    layers.append(
        marks.encode(
            x=_x(span, narrow),
            y=_y("median", top, height),
            shape=alt.Shape("shape:N", scale=None),
            fill=alt.Fill("fill:N", scale=None),
            stroke=alt.Stroke("stroke:N", scale=None),
        )
    )
    return layers


def _totals(
    rows: pd.DataFrame,
    points: pd.DataFrame,
    sides: list[str],
    span: tuple[pd.Timestamp, pd.Timestamp],
    height: int,
    narrow: bool,
) -> list[alt.Chart]:
    """Draw running totals as nested bands with medians, and the other estimate as marks."""
    top = _top(rows["high"], points["high"], points["best"])
    layers: list[alt.Chart] = []
    lines: list[alt.Chart] = []
    for place, side in enumerate(sides):
        own = rows[rows["side"] == side]
        if own.empty:
            continue
        assumed = bool(own["assumed"].any())
        outer = alt.Chart(own, name=f"totals_outer_{PLACES[place]}").mark_area(
            color=HATCHES[place] if assumed else COLOURS[place], opacity=1.0 if assumed else 0.18
        )
        inner = alt.Chart(own, name=f"totals_inner_{PLACES[place]}").mark_area(
            color=COLOURS[place], opacity=0.26
        )
        line = alt.Chart(own, name=f"totals_median_{PLACES[place]}").mark_line(
            color=COLOURS[place], strokeWidth=2.2, strokeDash=DASHES[place]
        )
        layers.append(outer.encode(x=_x(span, narrow), y=_y("low", top, height), y2=alt.Y2("high")))
        layers.append(inner.encode(x=_x(span, narrow), y=_y("low50", top, height), y2=alt.Y2("high50")))
        lines.append(line.encode(x=_x(span, narrow), y=_y("median", top, height)))
    layers += lines
    if points.empty:
        return layers
    dense = points["date"].nunique() > (12 if narrow else 24)
    ranges = points.dropna(subset=["low", "high"])
    if not ranges.empty:
        bars = alt.Chart(ranges, name="beside_range").mark_rule(
            color=theme.INK, strokeWidth=0.6 if dense else 1.0
        )
        layers.append(bars.encode(x=_x(span, narrow), y=_y("low", top, height), y2=alt.Y2("high")))
    fill, stroke = theme.MARKS["ally"]
    marks = alt.Chart(points, name="beside_mark").mark_point(
        shape="diamond",
        size=12 if dense else 30,
        strokeWidth=0.8 if dense else 1.1,
        fill=fill,
        stroke=stroke,
        opacity=1,
    )
    layers.append(marks.encode(x=_x(span, narrow), y=_y("best", top, height)))
    return layers


def _described(
    summed: pd.DataFrame, other: pd.DataFrame, subtitle: str, unit: str, since: str, beside_label: str
) -> str:
    said = []
    for (measure, side), rows in summed.groupby(["measure", "side"], sort=False):
        row = rows.iloc[-1]
        figure = theme.figure(row["low"], row["median"], row["high"])
        said.append(f"{side}, {str(measure).lower()}: {figure} by {theme.day(row['date'])}")
    text = f"{subtitle.rstrip('.')}. In {unit}, since {since}, median and 90 %: {'; '.join(said)}."
    if summed["assumed"].any():
        text += " What is hatched is assumed, not learnt from evidence."
    for (measure, side), rows in other.groupby(["measure", "side"], sort=False):
        row = rows.iloc[-1]
        figure = theme.figure(row["low"], row["best"], row["high"])
        text += f" {beside_label}, {side}, {str(measure).lower()}: {figure} by {theme.day(row['date'])}."
    return text
