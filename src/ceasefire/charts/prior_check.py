"""The model's band against what was observed: one row per quantity, each on a scale of its own."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from ceasefire.charts import drawing, theme
from ceasefire.charts.frames import checked, each, one_of
from ceasefire.files import InputError

MODEL = ("model_low", "model_median", "model_high")


def prior_check(
    frame: pd.DataFrame,
    *,
    title: str,
    subtitle: str,
    assumed: bool = True,
    width: int = theme.WIDE,
    show_heading: bool = True,
) -> theme.Chart:
    """Draw, for each quantity, the model's 90 % band with its median and what the sources observed.

    Every row has a scale of its own from zero to its largest figure: rows are not compared with each other.

    Args:
        frame: one row per observation: `label` (the quantity with its unit), `model_low`, `model_median`,
            `model_high`; `observed` and, where known, `observed_low`, `observed_high`, `source`, `party`
            ("independent", "ally", "warring party"). Rows of one label share its band.
        title: the finding.
        subtitle: what is shown, over which dates.
        assumed: hatch the band: its spread is assumed, not learnt.
        width: in pixels.
        show_heading: draw title and subtitle; off where the page shows them itself.

    Raises:
        InputError: columns missing, no rows, or a band without its three figures.
    """
    data = _prepared(frame)
    labels = list(dict.fromkeys(data["label"]))
    bands = data.drop_duplicates("label").set_index("label").loc[labels, list(MODEL)]
    notes = [f"model: {theme.figure(*bands.loc[label])}" for label in labels]
    layout = drawing.rows(labels, notes, width)
    narrow = layout.narrow
    left, right = (10, 14) if narrow else (226, 20)
    across = width - left - right
    head = drawing.heading(title, subtitle, width, show_heading)
    top = head.height + 8
    ink = drawing.Ink()
    ink.heading(head, left, top)
    drawing.row_labels(ink, layout, left, [theme.INK] * len(labels))

    y_of = dict(zip(labels, layout.marks, strict=True))
    ends = {label: _ends(data[data["label"] == label]) for label in labels}
    boxes, medians = [], []
    for label in labels:
        low, median, high = (_place(value, ends[label]) * across for value in bands.loc[label])
        y = y_of[label]
        boxes.append({"x": low, "x2": max(high, low + 1), "y": y - 8, "y2": y + 8, "label": label})
        medians.append((median, y - 8, median, y + 8, theme.BLUE, 2.2))
    for row in each(data):
        if not np.isfinite(row.observed):
            continue
        fill, stroke = theme.MARKS[row.party]
        ink.mark(_place(row.observed, ends[row.label]) * across, y_of[row.label], "circle", fill, stroke)
    spans = [
        (
            _place(row.observed_low, ends[row.label]) * across,
            y_of[row.label],
            _place(row.observed_high, ends[row.label]) * across,
            y_of[row.label],
            theme.INK,
            1.6,
        )
        for row in each(data)
        if np.isfinite(row.observed_low) and np.isfinite(row.observed_high)
    ]
    parties = [party for party in theme.MARKS if (data["party"] == party).any()]
    fill = "url(#hatch-first)" if assumed else theme.BLUE
    words = "model, 90 % of the wars" + (", assumed" if assumed else "")
    entries = [("square", fill, theme.BLUE, words)]
    entries += [("circle", *theme.MARKS[party], f"observed: {theme.MARK_WORDS[party]}") for party in parties]
    bottom = 14 + ink.key(entries, left, layout.height + 16, width - 8)
    band = (
        alt.Chart(pd.DataFrame(boxes), name="bands")
        .mark_rect(color=fill, opacity=1 if assumed else 0.3)
        .encode(
            x=alt.X("x:Q", scale=None, axis=None),
            x2=alt.X2("x2"),
            y=alt.Y("y:Q", scale=None, axis=None),
            y2=alt.Y2("y2"),
        )
    )
    base = [(0, y, across, y, theme.GRID, 1.0) for y in layout.marks]
    return drawing.finish(
        alt.layer(
            *drawing.rules(base), band, *drawing.rules(medians), *drawing.rules(spans), *ink.layers()
        ).properties(width=across, height=layout.height),
        size=(across, layout.height),
        margins={"left": left, "right": right, "top": top, "bottom": bottom},
        title=title,
        description=_described(data, subtitle, labels, notes),
        framed=show_heading,
    )


def _prepared(frame: pd.DataFrame) -> pd.DataFrame:
    data = checked(
        frame,
        "prior_check",
        needs=("label", *MODEL, "observed"),
        figures=(*MODEL, "observed", "observed_low", "observed_high"),
        words=("label", "source", "party"),
    )
    data.loc[data["party"] == "", "party"] = "independent"
    one_of(data, "prior_check", "party", theme.MARKS)
    incomplete = data[list(MODEL)].isna().any(axis=1)
    if incomplete.any():
        row = int(np.flatnonzero(incomplete)[0])
        raise InputError(
            "the model's low, median and high must all be given.",
            f"the data of the picture 'prior_check', row {row + 1} ({data['label'].iloc[row]})",
            "give all three, or leave the row out.",
        )
    return data


def _ends(rows: pd.DataFrame) -> tuple[float, float]:
    figures = rows[[*MODEL, "observed", "observed_low", "observed_high"]].to_numpy().ravel()
    figures = figures[np.isfinite(figures)]
    low, high = min(float(figures.min()), 0.0), max(float(figures.max()), 0.0)
    return low, high if high > low else low + 1.0


def _place(value: float, ends: tuple[float, float]) -> float:
    return (float(value) - ends[0]) / (ends[1] - ends[0])


def _described(data: pd.DataFrame, subtitle: str, labels: list[str], notes: list[str]) -> str:
    parts = []
    for label, note in zip(labels, notes, strict=True):
        seen = [
            f"{row.source or theme.MARK_WORDS[row.party]} {theme.number(row.observed)}"
            for row in each(data[data["label"] == label])
            if np.isfinite(row.observed)
        ]
        parts.append(f"{label}: {note}; observed: {', '.join(seen) or 'nothing'}")
    return f"{subtitle.rstrip('.')}. {'. '.join(parts)}."
