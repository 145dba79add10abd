"""Pictures of an offer: the answer over the prior that it is meant, and power over the days of a truce."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from ceasefire.charts import drawing, theme
from ceasefire.charts.frames import checked
from ceasefire.files import InputError

CURVE = ("prior", "share", "mc_error", "share_without_record")
POWER = ("day", "low", "low50", "median", "high50", "high")
#: Twice the simulation error stands as a band about the line.
ERRORS = 2.0


def offer_belief(
    curve: pd.DataFrame,
    classes: pd.DataFrame,
    *,
    title: str,
    subtitle: str,
    threshold: tuple[float, float, float] | None = None,
    prior: float | None = None,
    width: int = theme.WIDE,
    show_heading: bool = True,
) -> theme.Chart:
    """Draw the share of draws in which accepting pays over the prior, with reference classes on the axis.

    Args:
        curve: one row for each prior: `prior`, `share` with its `mc_error`, `share_without_record`, all from
            0 to 1.
        classes: past cases: `label`, `prior` that they suggest; may have no rows.
        title: the finding.
        subtitle: what is shown, for which war and day.
        threshold: 5 %, 50 % and 95 % points of the prior from which accepting pays, drawn as a band.
        prior: the prior that is chosen, as a line.
        width: in pixels.
        show_heading: draw title and subtitle; off where the page shows them itself.

    Raises:
        InputError: columns missing, fewer than two priors, or a share outside 0 to 1.
    """
    data = checked(curve, "offer_belief", needs=CURVE, figures=CURVE)
    marks = checked(
        classes,
        "offer_belief",
        needs=("label", "prior"),
        figures=("prior",),
        words=("label",),
        may_be_empty=True,
    )
    _within(data, ("prior", "share", "share_without_record"), "offer_belief")
    _within(marks, ("prior",), "offer_belief")
    if len(data) < 2:
        raise InputError(
            "a curve needs at least two priors.", "the data of the picture 'offer_belief'", "give more rows."
        )
    data = data.sort_values("prior", ignore_index=True)
    data["low"] = (data["share"] - ERRORS * data["mc_error"]).clip(0.0, 1.0)
    data["high"] = (data["share"] + ERRORS * data["mc_error"]).clip(0.0, 1.0)
    narrow = theme.is_narrow(width)
    left, right = (46, 14) if narrow else (56, 20)
    across, height = width - left - right, 190 if narrow else 240
    head = drawing.heading(title, subtitle, width, show_heading)
    entries = [
        ("circle", theme.INK, theme.INK, "after the record (band: twice the simulation error)"),
        ("circle", theme.QUIET, theme.QUIET, "by the prior alone (dashed)"),
    ]
    if threshold is not None:
        entries.append(
            (
                "square",
                theme.SHADE,
                theme.SHADE,
                "where accepting starts to pay, 5 to 95 % (line: the median)",
            )
        )
    key_height = drawing.Ink().key(entries, left, 0, width - 8)
    top = head.height + key_height + 62
    ink = drawing.Ink()
    ink.heading(head, left, top)
    ink.key(entries, left, -key_height - 46, width - 8)
    ink.text(-left, -40, "Accepting pays, share of the draws of the war", weight="bold")
    ink.text(across, height + 36, "prior that the offer is meant", colour=theme.TEXT, align="right", size=12)
    x = alt.X(
        "prior:Q",
        scale=alt.Scale(domain=[0, 1], nice=False),
        axis=alt.Axis(format=".0%", values=[0, 0.25, 0.5, 0.75, 1.0], grid=False),
    )
    y = alt.Y(
        "share:Q",
        scale=alt.Scale(domain=[0, 1], nice=False),
        axis=alt.Axis(format=".0%", values=[0, 0.25, 0.5, 0.75, 1.0]),
    )
    layers: list[alt.Chart] = []
    if threshold is not None:
        low, median, high = threshold
        band = pd.DataFrame(
            {"prior": [low], "end": [high], "bottom": [0.0], "top": [1.0], "median": [median]}
        )
        layers += [
            alt.Chart(band, name="threshold")
            .mark_rect(color=theme.SHADE, opacity=0.45)
            .encode(x=x, x2=alt.X2("end"), y=alt.Y("bottom:Q"), y2=alt.Y2("top")),
            alt.Chart(band, name="threshold_median")
            .mark_rule(color=theme.QUIET, strokeWidth=1.4)
            .encode(x=alt.X("median:Q"), y=alt.Y("bottom:Q"), y2=alt.Y2("top")),
        ]
    layers += [
        alt.Chart(data, name="error")
        .mark_area(color=theme.INK, opacity=0.18)
        .encode(x=x, y=alt.Y("low:Q"), y2=alt.Y2("high")),
        alt.Chart(data, name="without_record")
        .mark_line(color=theme.QUIET, strokeWidth=1.8, strokeDash=[7, 4])
        .encode(x=x, y=alt.Y("share_without_record:Q")),
        alt.Chart(data, name="share").mark_line(color=theme.INK, strokeWidth=2.4).encode(x=x, y=y),
    ]
    if prior is not None:
        _within(pd.DataFrame({"prior": [prior]}), ("prior",), "offer_belief")
        layers.append(
            alt.Chart(pd.DataFrame({"prior": [prior], "bottom": [0.0], "top": [1.0]}), name="prior")
            .mark_rule(color=theme.INK, strokeWidth=1.0)
            .encode(x=x, y=alt.Y("bottom:Q"), y2=alt.Y2("top"))
        )
        ink.line_label(prior * across, "the prior", -left, across + right)
    deep = _ticks(ink, marks, across, height, left, right)
    described = "; ".join(
        f"prior {theme.percent(row.prior)}: {theme.percent(row.share)}"
        for row in data.iloc[:: max(len(data) // 5, 1)].itertuples()
    )
    named = "; ".join(f"{row.label} {theme.percent(row.prior)}" for row in marks.itertuples())
    return drawing.finish(
        alt.layer(*layers, *ink.layers()).properties(width=across, height=height),
        size=(across, height),
        margins={"left": left, "right": right, "top": top, "bottom": 46 + deep},
        title=title,
        description=f"{subtitle.rstrip('.')}. Accepting pays in this share of the draws: {described}."
        + (f" Reference classes on the axis: {named}." if named else ""),
        framed=show_heading,
    )


def _ticks(
    ink: drawing.Ink, marks: pd.DataFrame, across: float, height: float, left: float, right: float
) -> int:
    """Place the reference classes below the axis, each with a mark on it; return the room that they take."""
    line = 0
    ends: list[float] = []
    for row in marks.sort_values("prior").itertuples():
        at = row.prior * across
        ink.mark(at, height, "triangle-up", theme.TEXT, theme.TEXT)
        label = theme.wrap(f"{row.label}, {theme.percent(row.prior)}", int((across + left) / 6.4), 1)[0]
        room = 6.4 * len(label)
        start = max(min(at - room / 2, across + right - room), -left)
        line = next((place for place, end in enumerate(ends) if start > end + 8), len(ends))
        if line == len(ends):
            ends.append(start + room)
        else:
            ends[line] = start + room
        ink.text(start, height + 56 + drawing.LINE * line, label, colour=theme.TEXT, size=12)
    return drawing.LINE * len(ends) + (8 if ends else 0)


def power_shift(
    power: pd.DataFrame,
    *,
    title: str,
    subtitle: str,
    side: str,
    width: int = theme.WIDE,
    show_heading: bool = True,
) -> theme.Chart:
    """Draw a side's share of power over the days of a truce that both keep, as bands of 50 and 90 %.

    Args:
        power: one row for each week: `day` of the truce, `low`, `low50`, `median`, `high50`, `high`, shares.
        title: the finding.
        subtitle: what is shown, for which war.
        side: whose share it is.
        width: in pixels.
        show_heading: draw title and subtitle; off where the page shows them itself.

    Raises:
        InputError: columns missing, fewer than two days, or a share outside 0 to 1.
    """
    data = checked(power, "power_shift", needs=POWER, figures=POWER)
    _within(data, POWER[1:], "power_shift")
    if len(data) < 2:
        raise InputError(
            "a path needs at least two days.", "the data of the picture 'power_shift'", "give more rows."
        )
    data = data.sort_values("day", ignore_index=True)
    narrow = theme.is_narrow(width)
    left, right = (46, 14) if narrow else (56, 20)
    across, height = width - left - right, 170 if narrow else 210
    head = drawing.heading(title, subtitle, width, show_heading)
    entries = [("stroke", theme.QUIET, theme.QUIET, "bands: 50 and 90 % of the draws; line: the median")]
    key_height = drawing.Ink().key(entries, left, 0, width - 8)
    top = head.height + key_height + 40
    ink = drawing.Ink()
    ink.heading(head, left, top)
    ink.key(entries, left, -key_height - 24, width - 8)
    ink.text(-left, -16, theme.wrap(f"{side}'s share of power", int(width / 6.6), 1), weight="bold")
    ink.text(across, height + 34, "days of the truce", colour=theme.TEXT, align="right", size=12)
    x = alt.X("day:Q", scale=alt.Scale(nice=False), axis=alt.Axis(grid=False, tickCount=6))
    scale = alt.Scale(domain=[0, 1], nice=False)
    y = alt.Y("low:Q", scale=scale, axis=alt.Axis(format=".0%", values=[0, 0.25, 0.5, 0.75, 1.0]))
    even = pd.DataFrame({"even": [0.5]})
    layers = [
        alt.Chart(data, name="outer")
        .mark_area(color=theme.BLUE, opacity=0.2)
        .encode(x=x, y=y, y2=alt.Y2("high")),
        alt.Chart(data, name="inner")
        .mark_area(color=theme.BLUE, opacity=0.3)
        .encode(x=x, y=alt.Y("low50:Q", scale=scale), y2=alt.Y2("high50")),
        alt.Chart(even, name="even").mark_rule(color=theme.INK, strokeWidth=1.0).encode(y=alt.Y("even:Q")),
        alt.Chart(data, name="median")
        .mark_line(color=theme.BLUE, strokeWidth=2.2)
        .encode(x=x, y=alt.Y("median:Q", scale=scale)),
    ]
    first, last = data.iloc[0], data.iloc[-1]
    told = [
        f"{theme.percent(row['median'])} ({theme.percent(row['low'])} to {theme.percent(row['high'])})"
        for row in (first, last)
    ]
    return drawing.finish(
        alt.layer(*layers, *ink.layers()).properties(width=across, height=height),
        size=(across, height),
        margins={"left": left, "right": right, "top": top, "bottom": 46},
        title=title,
        description=f"{subtitle.rstrip('.')}. {side}'s share of power is {told[0]} on the first day and"
        f" {told[1]} after {theme.number(last['day'])} days, median and 90 % of the draws.",
        framed=show_heading,
    )


def _within(data: pd.DataFrame, columns: tuple[str, ...], picture: str) -> None:
    for column in columns:
        values = data[column].to_numpy(dtype=float)
        wrong = ~((values >= 0.0) & (values <= 1.0))
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            raise InputError(
                f"'{values[row]:g}' is no share.",
                f"the data of the picture '{picture}', column '{column}', row {row + 1}",
                "give a number from 0 to 1.",
            )
