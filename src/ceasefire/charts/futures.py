"""Two futures: the same wars under two policies, as bands on one axis, with the difference below."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from ceasefire.charts import drawing, theme
from ceasefire.charts.frames import checked
from ceasefire.files import InputError

BANDS = tuple(
    f"{name}_{end}" for name in ("first", "second", "difference") for end in ("low", "median", "high")
)
#: Shown where the table has them: the inner bands.
INNER = tuple(f"{name}_{end}50" for name in ("first", "second", "difference") for end in ("low", "high"))
DASH = {"first": [1, 0], "second": [7, 4]}
COLOUR = {"first": theme.BLUE, "second": theme.OCHRE}


def futures(
    curve: pd.DataFrame,
    *,
    title: str,
    subtitle: str,
    outcome: str,
    unit: str,
    first: str,
    second: str,
    assumed: bool = False,
    width: int = theme.WIDE,
    show_heading: bool = True,
) -> theme.Chart:
    """Draw two futures as nested bands of 50 and 90 % with their medians, and the difference below.

    Args:
        curve: one row per date: `date`, `first_low`, `first_median`, `first_high` (90 %), the same for
            `second` and for `difference` (second minus first), in `unit`; the 50 % bands
            (`first_low50`, ...) where it has them.
        title: the finding.
        subtitle: what is shown, in which unit, over which dates.
        outcome: what is counted, as a noun ("soldiers killed on both sides").
        unit: its unit.
        first: name of the first policy.
        second: name of the second policy.
        assumed: hatch the bands: their spread is assumed, not learnt from evidence.
        width: in pixels.
        show_heading: draw title and subtitle; off where the page shows them itself.

    Raises:
        InputError: columns missing, fewer than two dates, a figure that is none, or a band upside down.
    """
    data = _prepared(curve)
    narrow = theme.is_narrow(width)
    left, right = (58, 14) if narrow else (74, 20)
    across = width - left - right
    upper, lower, gap = (170, 100, 86) if narrow else (220, 120, 70)
    head = drawing.heading(title, subtitle, width, show_heading)

    ink = drawing.Ink()
    entries = [
        ("circle", COLOUR["first"], COLOUR["first"], first),
        ("circle", COLOUR["second"], COLOUR["second"], f"{second} (dashed)"),
    ]
    tail = _tail(data, assumed)
    key = drawing.Ink()
    key_height = key.key([*entries, ("stroke", theme.QUIET, theme.QUIET, tail)], left, 0, width - 8)
    above = theme.wrap(f"{outcome}, {unit}", int(width / drawing.BOLD), 2)
    more = drawing.LINE * (len(above) - 1)
    top = head.height + key_height + 30 + more
    ink.heading(head, left, top)
    ink.key([*entries, ("stroke", theme.QUIET, theme.QUIET, tail)], left, -key_height - 20 - more, width - 8)
    ink.text(-left, -14 - more, above, weight="bold")

    below = drawing.Ink()
    words = f"Difference: {second} minus {first}, {unit}"
    said = theme.wrap(words, int(width / drawing.BOLD), 2)
    below.text(-left, -34 - drawing.LINE * (len(said) - 1), said, weight="bold")
    zero_words = f"above zero: more with {second}; below: fewer"
    below.text(-left, -16, theme.wrap(zero_words, int(width / 6.2), 1), colour=theme.QUIET, size=12)

    both = data[[name for name in data.columns if name.startswith(("first_", "second_"))]].to_numpy()
    differences = data[[name for name in data.columns if name.startswith("difference_")]].to_numpy()
    panels = [
        alt.layer(
            *_bands(data, "first", upper, _ends(both), narrow, assumed, labels=False),
            *_bands(data, "second", upper, _ends(both), narrow, assumed, labels=False),
            *_medians(data, ("first", "second")),
            *ink.layers(),
        ).properties(width=across, height=upper),
        alt.layer(
            *_bands(data, "difference", lower, _ends(differences), narrow, assumed, labels=True),
            *_zero(data),
            *_medians(data, ("difference",)),
            *below.layers(),
        ).properties(width=across, height=lower),
    ]
    return drawing.finish(
        alt.vconcat(*panels, spacing=gap, bounds="flush"),
        size=(across, upper + gap + lower),
        margins={"left": left, "right": right, "top": top, "bottom": 30},
        title=title,
        description=_described(data, subtitle, outcome, unit, first, second, assumed),
        framed=show_heading,
    )


def _prepared(curve: pd.DataFrame) -> pd.DataFrame:
    inner = [name for name in INNER if name in getattr(curve, "columns", ())]
    data = checked(curve, "futures", needs=("date", *BANDS), figures=(*BANDS, *inner), dates=("date",))
    where = "the data of the picture 'futures'"
    if len(data) < 2 or data["date"].isna().any():
        raise InputError("two futures need at least two dates.", where, "give one row per date.")
    data = data.sort_values("date", ignore_index=True)
    for name in ("first", "second", "difference"):
        band = data[[f"{name}_low", f"{name}_median", f"{name}_high"]].to_numpy()
        wrong = ~((band[:, 0] <= band[:, 1]) & (band[:, 1] <= band[:, 2]))
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            raise InputError(
                f"low, median and high of '{name}' are not in this order, or one is empty.",
                f"{where}, row {row + 1} ({data['date'].iloc[row]:%Y-%m-%d})",
                "give all three, the lowest first.",
            )
    return data


def _ends(figures: np.ndarray) -> tuple[float, float]:
    low, high = min(float(np.nanmin(figures)), 0.0), max(float(np.nanmax(figures)), 0.0)
    room = 0.05 * ((high - low) or 1.0)
    return (low - (room if low < 0 else 0.0), high + room)


def _bands(
    data: pd.DataFrame,
    name: str,
    height: int,
    ends: tuple[float, float],
    narrow: bool,
    assumed: bool,
    *,
    labels: bool,
) -> list[alt.Chart]:
    colour = COLOUR.get(name, theme.INK)
    fill = f"url(#hatch-{name if name in COLOUR else 'ink'})" if assumed else colour
    days = (data["date"].iloc[-1] - data["date"].iloc[0]).days
    x = alt.X(
        "date:T",
        scale=alt.Scale(nice=False),
        axis=alt.Axis(labels=labels, grid=True, **drawing.time_axis(days, narrow)),
    )
    y = alt.Y(
        f"{name}_low:Q",
        scale=alt.Scale(domain=list(ends), nice=False, zero=False),
        axis=alt.Axis(tickCount=max(height // 45, 3), format=axis_format(ends)),
    )
    outer = (
        alt.Chart(data, name=f"{name}_outer")
        .mark_area(color=fill, opacity=1.0 if assumed else 0.2)
        .encode(x=x, y=y, y2=alt.Y2(f"{name}_high"))
    )
    # Bands that lie over each other are told apart by their edges, drawn as their medians are, also in grey.
    edges = [
        alt.Chart(data, name=f"{name}_{end}_edge")
        .mark_line(color=colour, strokeWidth=0.8, strokeDash=DASH.get(name, [1, 0]))
        .encode(x=alt.X("date:T"), y=alt.Y(f"{name}_{end}:Q"))
        for end in ("low", "high")
        if name in COLOUR
    ]
    if f"{name}_low50" not in data:
        return [outer, *edges]
    y_inner = alt.Y(f"{name}_low50:Q", scale=alt.Scale(domain=list(ends), nice=False, zero=False))
    inner = (
        alt.Chart(data, name=f"{name}_inner")
        .mark_area(color=colour, opacity=0.3)
        .encode(x=x, y=y_inner, y2=alt.Y2(f"{name}_high50"))
    )
    return [outer, inner, *edges]


def axis_format(ends: tuple[float, float]) -> str:
    """Return the number format of an axis between two ends."""
    top = max(abs(ends[0]), abs(ends[1]))
    return ".2~f" if top < 5 else (".3~s" if top >= 2_000_000 else ",~f")


def _medians(data: pd.DataFrame, names: tuple[str, ...]) -> list[alt.Chart]:
    return [
        alt.Chart(data, name=f"{name}_median")
        .mark_line(color=COLOUR.get(name, theme.INK), strokeWidth=2.2, strokeDash=DASH.get(name, [1, 0]))
        .encode(x=alt.X("date:T"), y=alt.Y(f"{name}_median:Q"))
        for name in names
    ]


def _zero(data: pd.DataFrame) -> list[alt.Chart]:
    frame = pd.DataFrame({"zero": [0.0]})
    return [
        alt.Chart(frame, name="zero").mark_rule(color=theme.INK, strokeWidth=1.2).encode(y=alt.Y("zero:Q"))
    ]


def _tail(data: pd.DataFrame, assumed: bool) -> str:
    bands = "bands: 50 and 90 % of the wars" if "first_low50" in data else "bands: 90 % of the wars"
    return bands + ("; hatched: assumed" if assumed else "")


def _described(
    data: pd.DataFrame, subtitle: str, outcome: str, unit: str, first: str, second: str, assumed: bool
) -> str:
    last = data.iloc[-1]
    said = [
        f"{words}: {theme.figure(last[f'{name}_low'], last[f'{name}_median'], last[f'{name}_high'])}"
        for name, words in (("first", first), ("second", second), ("difference", "difference"))
    ]
    source = " The spread of the bands is assumed, not learnt from evidence." if assumed else ""
    return (
        f"{subtitle.rstrip('.')}. {outcome}, {unit}, on {theme.day(last['date'])}, median and 90 % of the "
        f"simulated wars: {'; '.join(said)}.{source}"
    )
