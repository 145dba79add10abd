"""Survival curves: the share still in force over the years as steps, with the interval as a band."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from ceasefire.charts import drawing, theme
from ceasefire.charts.frames import checked, each
from ceasefire.files import InputError

COLOURS = (theme.BLUE, theme.OCHRE, theme.INK)
DASHES = ([1, 0], [7, 4], [2, 3])
SHAPES = ("circle", "square", "diamond")
PLACES = ("first", "second", "third")
MOST = 3


def survival(
    frame: pd.DataFrame,
    *,
    title: str,
    subtitle: str,
    years: float = 10.0,
    width: int = theme.WIDE,
    show_heading: bool = True,
) -> theme.Chart:
    """Draw up to three curves in one panel for each class; classes are never in one panel.

    Args:
        frame: one row per step: `group` (the panel), `label` (the curve), `years`, and the shares `survival`,
            `low`, `high`; optional `cases` (in all) and `ended`.
        title: the finding.
        subtitle: what is shown, in which unit, over which dates.
        years: where the axis ends.
        width: in pixels.
        show_heading: draw title and subtitle; off where the page shows them itself.

    Raises:
        InputError: columns missing, no rows, more than three curves in a panel, or no shares.
    """
    data = checked(
        frame,
        "survival",
        needs=("group", "label", "years", "survival", "low", "high"),
        figures=("years", "survival", "low", "high", "cases", "ended"),
        words=("group", "label"),
    )
    _refuse(data, years)
    groups = list(dict.fromkeys(data["group"]))
    labels = list(dict.fromkeys(data["label"]))
    if len(labels) > MOST:
        raise InputError(
            f"a panel shows {MOST} curves, not {len(labels)}.", _where(), "leave some out or draw them apart."
        )
    narrow = theme.is_narrow(width)
    left, right = (46, 14) if narrow else (58, 24)
    across, tall, gap = width - left - right, 150 if narrow else 190, 62
    head = drawing.heading(title, subtitle, width, show_heading)
    entries = [
        (SHAPES[place], COLOURS[place], COLOURS[place], label + ("", " (dashed)", " (dotted)")[place])
        for place, label in enumerate(labels)
    ]
    key_height = drawing.Ink().key(entries, left, 0, width - 8)
    top = head.height + key_height + 34
    panels, told = [], []
    for number, group in enumerate(groups):
        ink = drawing.Ink()
        if number == 0:
            ink.heading(head, left, top)
            ink.key(entries, left, -key_height - 24, width - 8)
        ink.text(-left, -16, f"{group}: still in force", weight="bold")
        rows = data[data["group"] == group]
        layers: list[alt.Chart] = []
        for place, label in enumerate(labels):
            own = rows[rows["label"] == label]
            if not own.empty:
                layers += _curve(_up_to(own, years), place, years, narrow)
                told.append(_told(group, label, own, years))
        panels.append(alt.layer(*layers, *ink.layers()).properties(width=across, height=tall))
    height = len(panels) * tall + (len(panels) - 1) * gap
    return drawing.finish(
        alt.vconcat(*panels, spacing=gap, bounds="flush"),
        size=(across, height),
        margins={"left": left, "right": right, "top": top, "bottom": 34},
        title=title,
        description=f"{subtitle.rstrip('.')}. {' '.join(told)}",
        framed=show_heading,
    )


def _where() -> str:
    return "the data of the picture 'survival'"


def _refuse(data: pd.DataFrame, years: float) -> None:
    if not np.isfinite(years) or years <= 0:
        raise InputError(f"an axis of {years} years cannot be drawn.", _where(), "give more than 0 years.")
    shares = data[["low", "survival", "high"]].to_numpy()
    wrong = ~((shares >= 0) & (shares <= 1)).all(axis=1) | ~(data["years"] >= 0).to_numpy()
    wrong |= (np.diff(shares, axis=1) < -1e-9).any(axis=1)
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise InputError(
            "years, low, survival and high cannot be drawn as they are.",
            f"{_where()}, row {row + 1} ({data['label'].iloc[row]})",
            "give years from 0, and shares from 0 to 1 in this order: low, survival, high.",
        )


def _up_to(own: pd.DataFrame, years: float) -> pd.DataFrame:
    """Return the steps to the end of the axis or of what was followed, a point at the end of the last."""
    rows = own.sort_values("years", kind="stable")
    inside = rows[rows["years"] <= years]
    if inside.empty:
        inside = rows.iloc[:1].assign(years=0.0, survival=1.0, low=1.0, high=1.0)
    last = inside.iloc[[-1]].assign(years=min(years, float(rows["years"].max())))
    return pd.concat([inside, last], ignore_index=True)


def _curve(own: pd.DataFrame, place: int, years: float, narrow: bool) -> list[alt.Chart]:
    x = alt.X(
        "years:Q",
        scale=alt.Scale(domain=[0, years], nice=False),
        axis=alt.Axis(
            tickCount=5 if narrow else 10, format="~f", title="years since the ceasefire", titlePadding=4,
            titleColor=theme.TEXT, titleFontWeight="normal",
        ),
    )  # fmt: skip

    def y(column: str) -> alt.Y:
        return alt.Y(
            f"{column}:Q",
            scale=alt.Scale(domain=[0, 1], nice=False),
            axis=alt.Axis(format=".0%", tickCount=5),
        )

    name, colour = PLACES[place], COLOURS[place]
    band = (
        alt.Chart(own, name=f"band_{name}")
        .mark_area(color=colour, opacity=0.16, interpolate="step-after")
        .encode(x=x, y=y("low"), y2=alt.Y2("high"))
    )
    edges = [
        alt.Chart(own, name=f"{edge}_{name}")
        .mark_line(
            color=colour, strokeWidth=0.7, opacity=0.7, strokeDash=DASHES[place], interpolate="step-after"
        )
        .encode(x=x, y=y(edge))
        for edge in ("low", "high")
    ]
    line = (
        alt.Chart(own, name=f"line_{name}")
        .mark_line(color=colour, strokeWidth=2.2, strokeDash=DASHES[place], interpolate="step-after")
        .encode(x=x, y=y("survival"))
    )
    # A mark on the last step tells the curves apart where they cross, also in grey.
    mark = (
        alt.Chart(own.iloc[[-1]], name=f"mark_{name}")
        .mark_point(shape=SHAPES[place], size=52, fill=colour, stroke=theme.PAPER, strokeWidth=1, opacity=1)
        .encode(x=x, y=y("survival"))
    )
    return [band, *edges, line, mark]


def _told(group: str, label: str, own: pd.DataFrame, years: float) -> str:
    row = next(
        each(own[own["years"] <= years].sort_values("years", kind="stable").tail(1).reset_index(drop=True)),
        None,
    )
    if row is None:
        return f"{group}, {label}: not followed so long."
    cases = f" of {row.cases:.0f}" if np.isfinite(row.cases) else ""
    return (
        f"{group}, {label}{cases}: {theme.percent(row.survival)} ({theme.percent(row.low)} to"
        f" {theme.percent(row.high)}) still in force after {years:g} years."
    )
