"""All sources on one quantity: a row for each, mark and interval on one axis, the claim as a line."""

from __future__ import annotations

import math
from typing import Any, Literal

import altair as alt
import numpy as np
import pandas as pd

from ceasefire.charts import drawing, theme
from ceasefire.charts.frames import checked, each, one_of
from ceasefire.files import InputError

COLUMNS = ("label", "value", "party")
#: Sources that differ by this factor are shown on a logarithmic axis.
LOG_FROM = 10.0
LINE_GAP = 18


def sources(
    frame: pd.DataFrame,
    *,
    title: str,
    subtitle: str,
    unit: str,
    claim_value: float | None = None,
    claim_high: float | None = None,
    claim_label: str = "the claim",
    log: bool | None = None,
    width: int = theme.WIDE,
    show_heading: bool = True,
) -> theme.Chart:
    """Draw what every source says about one quantity, side by side, with the claim's value marked.

    Filled marks are sources outside the war, hollow ones warring parties, grey ones their allies and whoever
    is not neutral. A dot is a
    best figure, a line its low and high; a triangle to the right is "at least", to the left "up to". A row
    that restates another stands below it, joined by a hairline. Rows that do not count have quiet labels.

    Args:
        frame: one row per source: `label`, `value` (what is plotted where there is no best figure), `low`,
            `best`, `high` in `unit`, `party` ("independent", "ally" or "warring party"); optional `source`,
            `root`, `date`, `counted` (default all), `restates` (label, source or root of another row),
            `note` (a few words below the label).
        title: the finding.
        subtitle: what is shown, in which unit, over which dates.
        unit: unit of the axis.
        claim_value: the claim's value, or its lower end.
        claim_high: the upper end where the claim is a range.
        claim_label: what stands on the claim's line.
        log: a logarithmic axis; by default where the figures differ tenfold and all are above zero.
        width: in pixels; below 480 the labels stand above the marks.
        show_heading: draw title and subtitle; off where the page shows them itself.

    Raises:
        InputError: columns missing, no rows, figures that are none, or a logarithm of zero asked for.
    """
    data = _prepared(frame)
    claims = [value for value in (claim_value, claim_high) if value is not None]
    figures = data[["low", "best", "high"]].to_numpy().ravel()
    figures = np.concatenate([figures[np.isfinite(figures)], claims])
    logarithmic = _logarithmic(figures, log)
    order, depth = _ordered(data)
    data = data.loc[order].reset_index(drop=True)
    data["depth"] = depth

    narrow = theme.is_narrow(width)
    data["figure"] = [theme.figure(*row) for row in data[["low", "best", "high"]].itertuples(index=False)]
    below = zip(data["note"], data["date"], depth, strict=True)
    dates = [
        "; ".join(
            part for part in ("restates the above" if level else "", note, theme.short_day(day)) if part
        )
        for note, day, level in below
    ]
    notes = [f"{f}; {d}" if d else f for f, d in zip(data["figure"], dates, strict=True)] if narrow else dates
    layout = drawing.rows(list(data["label"]), notes, width)
    data["y"] = layout.marks

    left, right = (10, 14) if narrow else (226, 132)
    across = width - left - right
    ink = drawing.Ink()
    head = drawing.heading(title, subtitle, width, show_heading)
    top = head.height + (34 if claims else 10)
    ink.heading(head, left, top)
    colours = [theme.INK if counted else theme.QUIET for counted in data["counted"]]
    drawing.row_labels(ink, layout, left, colours, [12 * level for level in depth])
    if not narrow:
        for y, shown, colour in zip(layout.marks, data["figure"], colours, strict=True):
            lines = _figure_lines(shown)
            ink.text(across + 12, y - drawing.LINE / 2 * (len(lines) - 1), lines, colour=colour, size=12)
    scale, ticks = _scale(figures, logarithmic)
    bottom = 26
    axis_words = f"{unit}, logarithmic axis" if logarithmic else unit
    ink.text(0, layout.height + 28, theme.wrap(axis_words, int(across / 6.2), 2), colour=theme.QUIET, size=12)
    bottom += LINE_GAP
    bottom += ink.key(_key(data), left - (10 if narrow else 0), layout.height + bottom + 6, width - 12)

    pixel = _pixels(scale, across, logarithmic)
    layers = [
        *_axis(layout.height, scale, ticks, logarithmic, narrow),
        *_claim_layers(claims, claim_label, pixel, layout.height, (-left, across + right), ink),
        *_joins(data, pixel),
        *_intervals(data),
        *_marks(data),
        *ink.layers(),
    ]
    return drawing.finish(
        alt.layer(*layers).properties(width=across, height=layout.height),
        size=(across, layout.height),
        margins={"left": left, "right": right, "top": top, "bottom": bottom + 4},
        title=title,
        description=_described(subtitle, unit, data, claims, claim_label),
        framed=show_heading,
    )


def _figure_lines(shown: str) -> list[str]:
    """Return a figure in one line, or its interval in a second where it is long."""
    if len(shown) <= 16:
        return [shown]
    for at in (" (", ", ", " to "):
        head, middle, tail = shown.partition(at)
        if middle:
            return [head + middle.rstrip(" ("), middle.lstrip(" ,to") + tail]
    return [shown]


def _prepared(frame: pd.DataFrame) -> pd.DataFrame:
    data = checked(
        frame,
        "sources",
        needs=COLUMNS,
        figures=("value", "low", "best", "high"),
        dates=("date",),
        words=("label", "party", "source", "root", "restates", "note"),
    )
    one_of(data, "sources", "party", theme.MARKS)
    data["counted"] = data["counted"].fillna(False).astype(bool) if "counted" in data else True
    # A row with nothing but its plotted value is a point.
    bare = data[["low", "best", "high"]].isna().all(axis=1)
    data.loc[bare, "best"] = data.loc[bare, "value"]
    nothing = data[["low", "best", "high"]].isna().all(axis=1)
    if nothing.any():
        row = int(np.flatnonzero(nothing)[0])
        raise InputError(
            "a source has no figure: low, best, high and value are all empty.",
            f"the data of the picture 'sources', row {row + 1} ({data['label'].iloc[row]})",
            "give one of them, or leave the row out.",
        )
    return data


def _logarithmic(figures: np.ndarray, asked: bool | None) -> bool:
    # Figures so far apart that one of them is nothing beside the other share no useful axis.
    positive = bool((figures > 1e-12 * figures.max()).all())
    if asked and not positive:
        raise InputError(
            f"a logarithmic axis cannot show {theme.number(float(figures.min()))}.",
            "the data of the picture 'sources'",
            "ask for a linear axis, or leave `log` out.",
        )
    if asked is None:
        return positive and bool(figures.max() >= LOG_FROM * figures.min())
    return asked


def _ordered(data: pd.DataFrame) -> tuple[list[int], list[int]]:
    """Return the rows by size, what restates another right below it, and how deep each is set in."""
    height = data["best"].fillna(data[["low", "high"]].mean(axis=1))
    ranked = sorted(data.index, key=lambda index: (height[index], data["label"][index]), reverse=True)
    parents = {index: _parent(data, index) for index in ranked}
    order: list[int] = []
    depth: list[int] = []
    for index in ranked:
        parent = parents[index]
        if parent is None or parents[parent] is not None:
            order.append(index)
            depth.append(0)
            below = [child for child in ranked if parents[child] == index] if parent is None else []
            order += below
            depth += [1] * len(below)
    return order, depth


def _parent(data: pd.DataFrame, index: int) -> int | None:
    """Return the row that a row restates: named by label, by source or by root."""
    named = data["restates"][index]
    if not named:
        return None
    for column in ("label", "source", "root"):
        for other in data.index[data[column] == named]:
            if other != index and not data["restates"][other]:
                return int(other)
    return None


def _scale(figures: np.ndarray, logarithmic: bool) -> tuple[tuple[float, float], list[float]]:
    """Return the ends of the value axis and its ticks."""
    low, high = float(figures.min()), float(figures.max())
    if logarithmic:
        ends = (low / 1.5, high * 1.5)
        ticks = drawing.log_ticks(*ends)
    else:
        ends = drawing.linear_ends(figures)
        step = _round_step((ends[1] - ends[0]) / 4)
        ticks = [step * count for count in range(math.floor(ends[0] / step), math.ceil(ends[1] / step) + 1)]
    return ends, [tick for tick in ticks if ends[0] <= tick <= ends[1]]


def _round_step(step: float) -> float:
    power = 10.0 ** math.floor(math.log10(step))
    return power * next(factor for factor in (1, 2, 2.5, 5, 10) if factor * power >= step * 0.999)


def _pixels(ends: tuple[float, float], across: float, logarithmic: bool) -> Any:
    low, high = (math.log(end) for end in ends) if logarithmic else ends

    def pixel(value: float) -> float:
        at = math.log(value) if logarithmic else value
        return (at - low) / (high - low) * across

    return pixel


def _x(ends: tuple[float, float], logarithmic: bool, ticks: list[float], narrow: bool) -> alt.X:
    kind: Literal["log", "linear"] = "log" if logarithmic else "linear"
    shown = "~s" if narrow and max(ticks, default=0.0) >= 1_000_000 else ",~f"
    return alt.X(
        "value:Q",
        scale=alt.Scale(type=kind, domain=list(ends), nice=False, zero=False),
        axis=alt.Axis(values=ticks, format=shown, labelOverlap="greedy", labelFlush=24 if narrow else False),
    )


def _axis(
    height: float, ends: tuple[float, float], ticks: list[float], logarithmic: bool, narrow: bool
) -> list[alt.Chart]:
    frame = pd.DataFrame({"value": list(ends), "y": [height, height]})
    return [
        alt.Chart(frame)
        .mark_line(color=theme.HAIRLINE, strokeWidth=1)
        .encode(x=_x(ends, logarithmic, ticks, narrow), y=alt.Y("y:Q", scale=None, axis=None))
    ]


def _claim_layers(
    claims: list[float],
    label: str,
    pixel: Any,
    height: float,
    reach: tuple[float, float],
    ink: drawing.Ink,
) -> list[alt.Chart]:
    if not claims:
        return []
    layers = []
    if len(claims) == 2:
        band = pd.DataFrame({"value": [claims[0]], "value2": [claims[1]], "y": [0.0], "y2": [height]})
        layers.append(
            alt.Chart(band, name="claim_range")
            .mark_rect(color=theme.INK, opacity=0.07)
            .encode(
                x=alt.X("value:Q"),
                x2=alt.X2("value2"),
                y=alt.Y("y:Q", scale=None, axis=None),
                y2=alt.Y2("y2"),
            )
        )
    lines = pd.DataFrame({"value": claims, "y": -8.0, "y2": height})
    layers.append(
        alt.Chart(lines, name="claim")
        .mark_rule(color=theme.INK, strokeWidth=1.3)
        .encode(x=alt.X("value:Q"), y=alt.Y("y:Q", scale=None, axis=None), y2=alt.Y2("y2"))
    )
    ink.line_label(pixel(claims[0]), label, *reach)
    return layers


def _joins(data: pd.DataFrame, pixel: Any) -> list[alt.Chart]:
    """Return the hairlines from each row that restates another to that other."""
    lines = []
    origin: Any = None
    for row in each(data):
        if row.depth == 0:
            origin = row
            continue
        lines.append((pixel(_middle(origin)), origin.y, pixel(_middle(row)), row.y, theme.HAIRLINE, 1.0))
    return drawing.rules(lines)


def _middle(row: Any) -> float:
    return float(next(value for value in (row.best, row.low, row.high) if np.isfinite(value)))


def _intervals(data: pd.DataFrame) -> list[alt.Chart]:
    ends = pd.DataFrame(
        {
            "value": data["low"].fillna(data["best"]),
            "value2": data["high"].fillna(data["best"]),
            "y": data["y"],
            "colour": np.where(data["counted"], theme.INK, theme.QUIET),
        }
    ).dropna()
    ends = ends[ends["value2"] > ends["value"]]
    if ends.empty:
        return []
    return [
        alt.Chart(ends, name="intervals")
        .mark_rule(strokeWidth=2.2)
        .encode(
            x=alt.X("value:Q"),
            x2=alt.X2("value2"),
            y=alt.Y("y:Q", scale=None, axis=None),
            color=alt.Color("colour:N", scale=None),
        )
    ]


def _marks(data: pd.DataFrame) -> list[alt.Chart]:
    """Return the marks: a dot at a best figure, triangles at lone ends."""
    items = []
    for row in each(data):
        fill, stroke = theme.MARKS[row.party]
        shared = {"y": row.y, "fill": fill, "stroke": stroke, "label": row.label, "party": row.party}
        if np.isfinite(row.best):
            items.append({"value": row.best, "shape": "circle", **shared})
            continue
        if np.isfinite(row.low):
            items.append({"value": row.low, "shape": "triangle-right", **shared})
        if np.isfinite(row.high):
            items.append({"value": row.high, "shape": "triangle-left", **shared})
    return [
        alt.Chart(pd.DataFrame(items), name="marks")
        .mark_point(size=72, strokeWidth=1.5, opacity=1)
        .encode(
            x=alt.X("value:Q"),
            y=alt.Y("y:Q", scale=None, axis=None),
            shape=alt.Shape("shape:N", scale=None),
            fill=alt.Fill("fill:N", scale=None),
            stroke=alt.Stroke("stroke:N", scale=None),
        )
    ]


def _key(data: pd.DataFrame) -> list[tuple[str, str, str, str]]:
    entries = [
        ("circle", *theme.MARKS[party], theme.MARK_WORDS[party])
        for party in theme.MARKS
        if (data["party"] == party).any()
    ]
    lone = data["best"].isna()
    if (lone & data["low"].notna()).any():
        entries.append(("triangle-right", theme.INK, theme.INK, "at least"))
    if (lone & data["high"].notna()).any():
        entries.append(("triangle-left", theme.INK, theme.INK, "up to"))
    if not data["counted"].all():
        entries.append(("stroke", theme.QUIET, theme.QUIET, "grey words: shown, not counted"))
    return entries


def _described(subtitle: str, unit: str, data: pd.DataFrame, claims: list[float], claim_label: str) -> str:
    said = [
        f"{row.label}: {row.figure} ({theme.MARK_WORDS[row.party]}{'' if row.counted else ', not counted'})"
        for row in each(data)
    ]
    claim = f" {claim_label}: {' to '.join(theme.number(value) for value in claims)}." if claims else ""
    return f"{subtitle.rstrip('.')}. In {unit}.{claim} Sources: {'; '.join(said)}."
