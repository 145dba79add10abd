"""Was it any good: the forecasts made then of one series, what came, and where in the forecasts it lay."""

from __future__ import annotations

import datetime as dt
import statistics
from collections.abc import Mapping

import altair as alt
import numpy as np
import numpy.typing as npt
import pandas as pd

from ceasefire.charts import drawing, theme
from ceasefire.charts.frames import checked
from ceasefire.charts.futures import axis_format
from ceasefire.files import InputError

FIGURES = ("truth", "low_90", "low_50", "median", "high_50", "high_90", "pit")
BINS = 5
WHERE = "the data of the picture 'backtest'"
#: Forecasts that judge, and those that took part in a choice: (interval, what came).
JUDGED = (theme.BLUE, theme.INK)
EARLIER = (theme.SHADE, "#9a9284")
#: Height of the words over a panel, in pixels.
WORDS_GAP = 16


def backtest(
    forecasts: pd.DataFrame,
    *,
    title: str,
    subtitle: str,
    unit: str = "persons",
    judged_from: dt.date | None = None,
    calibrated: Mapping[int, tuple[float, float]] | None = None,
    width: int = theme.WIDE,
    show_heading: bool = True,
) -> theme.Chart:
    """Draw the forecasts of a series with what came, a panel for each horizon, and histograms of their PIT.

    Each forecast stands over the day of its target: 50 and 90 % interval, median, and what came as a dot, or
    as a triangle where it lies above or below the 90 % interval. The histograms count the forecasts that
    judge. Their band holds 90 % of the bars of a calibrated forecaster on the same origins; it is simulated
    with errors that are sums of independent steps, so that origins whose spans overlap share steps.

    Args:
        forecasts: one row per horizon and origin: `horizon_days`, `origin`, `pit` from 0 to 1, and in `unit`
            `truth`, `low_90`, `low_50`, `median`, `high_50`, `high_90`, as added over the horizon.
        title: the finding.
        subtitle: what is shown, in which unit, over which dates.
        unit: its unit.
        judged_from: choices were made on targets before this day: origins before it are drawn pale and not
            counted.
        calibrated: least and greatest share of 90 % intervals that hold for a calibrated forecaster, by
            horizon.
        width: in pixels.
        show_heading: draw title and subtitle; off where the page shows them itself.

    Raises:
        InputError: columns missing, no rows, a horizon or a PIT that is none, or an interval upside down.
    """
    data = _prepared(forecasts, judged_from)
    horizons = sorted(set(data["horizon_days"]))
    narrow = theme.is_narrow(width)
    left, right = (58, 20) if narrow else (74, 30)
    across = width - left - right
    tall, gap = (104, 44) if narrow else (112, 46)
    first, last = data["target"].min(), data["target"].max()
    pad = pd.Timedelta(days=max((last - first).days * 0.015, 7))
    span = (first - pad, last + pad)

    head = drawing.heading(title, subtitle, width, show_heading)
    entries = _entries(data, judged_from)
    key_height = drawing.Ink().key(entries, left, 0, width - 8)
    top = head.height + key_height + 36
    panels = []
    for number, horizon in enumerate(horizons):
        rows = data[data["horizon_days"] == horizon]
        ink = drawing.Ink()
        if number == 0:
            ink.heading(head, left, top)
            ink.key(entries, left, -key_height - 26, width - 8)
        _words(ink, rows, int(horizon), (calibrated or {}).get(int(horizon)), left, width)
        layers = _panel(rows, span, across, tall, narrow, labels=horizon == horizons[-1])
        panels.append(alt.layer(*layers, *ink.layers()).properties(width=across, height=tall))
    counted = data[data["judged"]]
    if not counted.empty:
        layers, under = _histograms(counted, horizons, left, width, 2 if narrow else 4)
        panels.append(alt.layer(*layers).properties(width=across, height=under))
    else:
        under = -gap
    return drawing.finish(
        alt.vconcat(*panels, spacing=gap, bounds="flush"),
        size=(across, len(horizons) * (tall + gap) + under),
        margins={"left": left, "right": right, "top": top, "bottom": 24},
        title=title,
        description=_described(data, subtitle, unit, judged_from, calibrated or {}),
        framed=show_heading,
    )


def _prepared(forecasts: pd.DataFrame, judged_from: dt.date | None) -> pd.DataFrame:
    data = checked(
        forecasts,
        "backtest",
        needs=("horizon_days", "origin", *FIGURES),
        figures=("horizon_days", *FIGURES),
        dates=("origin",),
    )

    def refuse(wrong: npt.NDArray[np.bool_], what: str, todo: str) -> None:
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            raise InputError(what, f"{WHERE}, row {row + 1}", todo)

    days = data["horizon_days"].to_numpy()
    refuse(
        ~((days >= 1) & (days == np.round(days))) | data["origin"].isna().to_numpy(),
        "the origin is missing, or the horizon is no whole number of days.",
        "give the day of each forecast and how many days it looks ahead.",
    )
    between = data["pit"].between(0.0, 1.0).to_numpy()
    refuse(~between, "the PIT value does not lie from 0 to 1.", "give the share of the forecast below.")
    ordered = (np.diff(data[list(FIGURES[1:-1])].to_numpy(), axis=1) >= 0).all(axis=1)
    refuse(
        ~ordered | data["truth"].isna().to_numpy(),
        f"what came is missing, or {', '.join(FIGURES[1:-1])} are not in this order.",
        "give all of them, the lowest first.",
    )
    data["horizon_days"] = days.astype(int)
    data["target"] = data["origin"] + pd.to_timedelta(data["horizon_days"], unit="D")
    data["judged"] = True if judged_from is None else data["origin"] >= pd.Timestamp(judged_from)
    data["came"] = "held"
    data.loc[data["truth"] > data["high_90"], "came"] = "above"
    data.loc[data["truth"] < data["low_90"], "came"] = "below"
    return data.sort_values(["horizon_days", "origin"], kind="stable", ignore_index=True)


def _entries(data: pd.DataFrame, judged_from: dt.date | None) -> list[tuple[str, str, str, str]]:
    """Return the key: the intervals, what came, and which forecasts took part in a choice."""
    entries = [
        ("stroke", theme.BLUE, theme.BLUE, "forecast: median, 50 and 90 %"),
        ("circle", theme.INK, theme.INK, "what came"),
    ]
    missed = set(data["came"]) - {"held"}
    if missed:
        shape = "triangle-up" if "above" in missed else "triangle-down"
        entries.append((shape, theme.PAPER, theme.INK, "outside the 90 % interval, above or below"))
    if not data["judged"].all() and judged_from is not None:
        words = f"pale: made before {theme.day(judged_from)}, not judged; chosen on targets before it"
        entries.append(("square", EARLIER[0], EARLIER[0], words))
    return entries


def _words(
    ink: drawing.Ink,
    rows: pd.DataFrame,
    horizon: int,
    calibrated: tuple[float, float] | None,
    left: float,
    width: int,
) -> None:
    """Place the heading of a panel: how far ahead, and how often the 90 % intervals held."""
    narrow = theme.is_narrow(width)
    # Fonts differ: in a wide one, one word more would run into the count.
    ink.text(-left, -WORDS_GAP, _days(horizon) if narrow else _ahead(horizon), weight="bold")
    judged = rows[rows["judged"]]
    if judged.empty:
        said = "none judged"
    else:
        inside = f"{int((judged['came'] == 'held').sum())} of {len(judged)} in"
        said = f"{inside} the 90 % interval"
        if calibrated is not None:
            low, high = (round(share * len(judged)) for share in calibrated)
            expected = f"{low}" if low == high else f"{low} to {high}"
            said = (
                f"{inside}side; calibrated: {expected}"
                if narrow
                else f"{said}; a calibrated forecaster's: {expected}"
            )
    ink.text(width - left - 12, -WORDS_GAP, said, align="right", colour=theme.TEXT, size=12)


def _ahead(horizon: int) -> str:
    return f"{_days(horizon)} ahead"


def _days(horizon: int) -> str:
    return f"{horizon} day{'' if horizon == 1 else 's'}"


def _panel(
    rows: pd.DataFrame,
    span: tuple[pd.Timestamp, pd.Timestamp],
    across: float,
    tall: int,
    narrow: bool,
    *,
    labels: bool,
) -> list[alt.Chart]:
    """Draw the forecasts of one horizon. Marks of a kind are one path: a page of pictures stays small."""
    figures = rows[["truth", "low_90", "high_90"]].to_numpy()
    low, high = float(figures.min()), float(figures.max())
    # Zero is on the axis unless all figures lie far from it: intervals, not heights, are read here.
    near, far = sorted((abs(low), abs(high)))
    if low * high <= 0 or near < 0.25 * far:
        low, high = min(low, 0.0), max(high, 0.0)
    room = 0.05 * ((high - low) or far or 1.0)
    ends = (low - (room if low else 0.0), high + (room if high or not low else 0.0))
    x = alt.X(
        "date:T",
        scale=alt.Scale(domain=[drawing.moment(span[0]), drawing.moment(span[1])], nice=False),
        axis=alt.Axis(labels=labels, grid=True, **drawing.time_axis((span[1] - span[0]).days, narrow)),
    )
    y = alt.Y(
        "value:Q",
        scale=alt.Scale(domain=list(ends), nice=False, zero=False),
        axis=alt.Axis(tickCount=max(tall // 36, 3), format=axis_format(ends)),
    )
    pixel = (span[1] - span[0]) / across
    steps = np.diff(np.unique(rows["target"].to_numpy().astype("datetime64[D]")).astype(np.int64))
    apart = float(np.median(steps)) * float(pd.Timedelta(days=1) / pixel) if len(steps) else 20.0
    thick, thin = float(np.clip(0.55 * apart, 2.0, 7.0)), float(np.clip(0.16 * apart, 0.9, 1.6))
    dot = float(np.clip(0.5 * apart, 2.8, 4.6))

    layers = []
    if low < 0 < high:
        zero = pd.DataFrame({"date": list(span), "value": 0.0})
        layers.append(alt.Chart(zero, name="zero").mark_line(color=theme.HAIRLINE, strokeWidth=1.2))
    for name, colours, part in (
        ("earlier", EARLIER, rows[~rows["judged"]]),
        ("judged", JUDGED, rows[rows["judged"]]),
    ):
        if part.empty:
            continue
        bar, point = colours
        fade = 0.5 if name == "judged" else 0.6
        target = part["target"]
        half = pixel * (thick / 2 + 1)
        held = part[part["came"] == "held"]
        for kind, table, style in (
            ("outer", _segments(target, part["low_90"], target, part["high_90"]), (bar, thin, fade + 0.2)),
            ("inner", _segments(target, part["low_50"], target, part["high_50"]), (bar, thick, fade)),
            (
                "median",
                _segments(target - half, part["median"], target + half, part["median"]),
                (bar, 1.4, 1.0),
            ),
        ):
            colour, wide, opacity = style
            layers.append(
                alt.Chart(table, name=f"{name}_{kind}").mark_line(
                    color=colour, strokeWidth=wide, opacity=opacity, strokeCap="butt"
                )
            )
        if not held.empty:
            # A dot is a line of no length with a round end.
            dots = _segments(held["target"], held["truth"], held["target"], held["truth"])
            layers.append(
                alt.Chart(dots, name=f"{name}_held").mark_line(
                    color=point, strokeWidth=dot, strokeCap="round", opacity=1.0
                )
            )
        for place in ("above", "below"):
            missed = part[part["came"] == place]
            if missed.empty:
                continue
            table = pd.DataFrame({"date": missed["target"], "value": missed["truth"]})
            layers.append(
                alt.Chart(table, name=f"{name}_{place}").mark_point(
                    shape="triangle-up" if place == "above" else "triangle-down",
                    size=34 if narrow else 46,
                    fill=theme.PAPER,
                    stroke=point,
                    strokeWidth=1.5,
                    opacity=1,
                )
            )
    order = alt.Order("order:Q")
    return [
        layer.encode(x=x, y=y, order=order) if "order" in layer.data else layer.encode(x=x, y=y)
        for layer in layers
    ]


def _segments(x: pd.Series, y: pd.Series, x2: pd.Series, y2: pd.Series) -> pd.DataFrame:
    """Return straight lines from (x, y) to (x2, y2) as one path with breaks between them."""
    count = len(x)
    dates = np.stack([x.to_numpy(), x2.to_numpy(), x2.to_numpy()], axis=1).reshape(-1)
    values = np.stack([y.to_numpy(float), y2.to_numpy(float), np.full(count, np.nan)], axis=1).reshape(-1)
    return pd.DataFrame({"date": dates, "value": values, "order": np.arange(3 * count)})


def calibrated_counts(
    origins: npt.NDArray[np.int64], horizon: int, bins: int = BINS, draws: int = 4_000, seed: int = 0
) -> tuple[float, float]:
    """Return the 5 and 95 % points of the count in a bin of the PIT histogram of a calibrated forecaster.

    Its errors are sums of independent normal steps over the horizon, so that origins whose spans overlap
    share steps. The mean over the bins is given.

    Args:
        origins: days, as whole numbers.
        horizon: days from an origin to its target.
        bins: equal bins of 0 to 1.
        draws: simulated histories.
        seed: any whole number.
    """
    days = np.sort(origins) - origins.min()
    step = int(np.gcd.reduce([horizon, *days[days > 0]]))
    starts, length = days // step, horizon // step
    chance = np.random.default_rng(seed)
    walks = np.zeros((draws, int(starts.max()) + length + 1))
    np.cumsum(chance.standard_normal((draws, walks.shape[1] - 1)), axis=1, out=walks[:, 1:])
    errors = (walks[:, starts + length] - walks[:, starts]) / np.sqrt(length)
    # Bins of equal probability, by their edges on the scale of the errors.
    edges = [statistics.NormalDist().inv_cdf(one / bins) for one in range(1, bins)]
    place = np.searchsorted(edges, errors)
    counts = np.stack([(place == one).sum(axis=1) for one in range(bins)], axis=1)
    low, high = np.quantile(counts, [0.05, 0.95], axis=0, method="inverted_cdf").mean(axis=1)
    return float(low), float(high)


def _histograms(
    judged: pd.DataFrame, horizons: list[int], left: float, width: int, columns: int
) -> tuple[list[alt.Chart], int]:
    """Draw the PIT histogram of each horizon at pixels of one panel; return the layers and the height."""
    ink = drawing.Ink()
    words = (
        "Where in its forecast, from 0 (lowest) to 1 (highest), what came lay; forecasts that judge. Line: an"
        " even spread. Band: where 90 % of the bars of a calibrated forecaster lie. Forecasts whose spans"
        " overlap are not independent; the band allows for that."
    )
    lines = theme.wrap(words, int((width - 8) / 6.2), 6)
    ink.text(-left, 0, "PIT histograms", weight="bold")
    ink.text(-left, drawing.LINE + 2, lines, colour=theme.TEXT, size=12)
    start = drawing.LINE * (len(lines) + 1) + 12
    between, high, room = 22, 70, 46
    wide = (width - 8 - (columns - 1) * between) / columns
    boxes: list[tuple[float, float, float, float, str]] = []
    bars: list[tuple[float, float, float, float, str]] = []
    lines_at: list[tuple[float, float, float, float, str, float]] = []
    shown = [horizon for horizon in horizons if (judged["horizon_days"] == horizon).any()]
    for number, horizon in enumerate(shown):
        rows = judged[judged["horizon_days"] == horizon]
        counts = np.histogram(rows["pit"], bins=BINS, range=(0.0, 1.0))[0]
        days = ((rows["origin"] - pd.Timestamp(0)) / pd.Timedelta(days=1)).to_numpy().astype(np.int64)
        low, top = calibrated_counts(days, horizon)
        scale = high / max(float(counts.max()), top, 1.0)
        x = -left + (number % columns) * (wide + between)
        y = start + (number // columns) * (high + room + 14)
        floor = y + 16 + high
        ink.text(
            x, y, f"{horizon} days, {len(rows)} forecasts" if wide > 135 else f"{horizon} days, {len(rows)}"
        )
        boxes.append((x, floor - top * scale, x + wide, floor - low * scale, theme.SHADE))
        cell = wide / BINS
        for place, count in enumerate(counts):
            if count:
                across = (x + (place + 0.22) * cell, x + (place + 0.78) * cell)
                bars.append((across[0], floor - count * scale, across[1], floor, theme.BLUE))
        level = floor - len(rows) / BINS * scale
        lines_at.append((x, level, x + wide, level, theme.INK, 1.2))
        lines_at.append((x, floor, x + wide, floor, theme.HAIRLINE, 1.0))
        for share, align in ((0, "left"), (1, "right")):
            ink.text(x + share * wide, floor + 12, f"{share}", align=align, colour=theme.QUIET, size=12)
    count = -(-len(shown) // columns)
    height = start + count * (high + room) + (count - 1) * 14 - 16
    layers = [*_boxes("pit_band", boxes, 0.75), *_boxes("pit_bars", bars, 0.8), *drawing.rules(lines_at)]
    return [*layers, *ink.layers()], int(height)


def _boxes(name: str, items: list[tuple[float, float, float, float, str]], opacity: float) -> list[alt.Chart]:
    frame = pd.DataFrame(items, columns=["x", "y", "x2", "y2", "colour"])
    return [
        alt.Chart(frame, name=name)
        .mark_rect(opacity=opacity)
        .encode(
            x=alt.X("x:Q", scale=None, axis=None),
            y=alt.Y("y:Q", scale=None, axis=None),
            x2=alt.X2("x2"),
            y2=alt.Y2("y2"),
            color=alt.Color("colour:N", scale=None),
        )
    ]


def _described(
    data: pd.DataFrame,
    subtitle: str,
    unit: str,
    judged_from: dt.date | None,
    calibrated: Mapping[int, tuple[float, float]],
) -> str:
    said = []
    for horizon in sorted({int(one) for one in data["horizon_days"]}):
        judged = data[data["judged"] & (data["horizon_days"] == horizon)]
        if judged.empty:
            said.append(f"{_ahead(horizon)}: none is judged")
            continue
        places = judged["came"].value_counts()
        text = (
            f"{_ahead(horizon)}: {places.get('held', 0)} of {len(judged)} 90 % intervals held what came,"
            f" which lay above {places.get('above', 0)} and below {places.get('below', 0)}"
        )
        if horizon in calibrated:
            low, high = calibrated[horizon]
            text += f" (a calibrated forecaster: {theme.percent(low)} to {theme.percent(high)})"
        said.append(text)
    since = "" if judged_from is None else f" made from {theme.day(judged_from)}"
    return f"{subtitle.rstrip('.')}. In {unit}; forecasts{since}. {'; '.join(said)}."
