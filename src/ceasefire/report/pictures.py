"""From the plain data of a picture to drawn SVG, once for a page and once for a telephone."""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from typing import Any

import pandas as pd

from ceasefire import charts
from ceasefire.claims.chartdata import (
    BarsChart,
    ChartData,
    FuturesChart,
    OfferChart,
    PowerChart,
    ShareChart,
    SourcesChart,
    SurvivalChart,
    TimelineChart,
)
from ceasefire.claims.held_out import UNITS, HeldOut
from ceasefire.files import InputError, suggest
from ceasefire.report import modelled, words

#: A curve of more points than this is thinned: no eye sees more on a page.
POINTS = 60
#: A picture of more records than this is too tall to read.
RECORDS = 12


@dataclasses.dataclass(frozen=True)
class Picture:
    """A picture as the page holds it: its finding, what it shows, and the drawing at two widths."""

    title: str
    subtitle: str
    wide: str
    narrow: str


def draw(
    data: ChartData | None, place: str, *, assumed: bool = False, published: dt.date | None = None
) -> Picture | None:
    """Draw a picture at both widths; None where there is nothing to draw.

    One that cannot be drawn says so in its subtitle: words and tables never depend on it.

    Args:
        data: what to draw.
        place: where it stands on the page; the same picture may stand there twice.
        assumed: whether the spread of the model's results is assumed.
        published: the day of the article.
    """
    if data is None or len(_frame(data)) == 0:
        return None
    try:
        wide, narrow = (
            charts.to_svg(chart_of(data, width, assumed=assumed, published=published), place=place)
            for width in (charts.WIDE, charts.NARROW)
        )
    except InputError as error:
        return Picture(data.title, f"No picture: {error.what}", "", "")
    return Picture(data.title, _subtitle(data), wide, narrow)


def _subtitle(data: ChartData) -> str:
    said = words.squared(data.subtitle[:1].upper() + data.subtitle[1:])
    records = len(data.frame.drop_duplicates(["date", "label"])) if isinstance(data, TimelineChart) else 0
    if records > RECORDS:
        said += f"; the {RECORDS} of {records} records nearest to the article"
    return said


def _frame(data: ChartData) -> pd.DataFrame:
    return data.curve if isinstance(data, FuturesChart) else data.frame


def chart_of(
    data: ChartData,
    width: int,
    *,
    assumed: bool = False,
    published: dt.date | None = None,
    heading: bool = False,
) -> charts.Chart:
    """Return a picture as a chart.

    Args:
        data: what to draw.
        width: in pixels.
        assumed: whether the spread of the model's results is assumed.
        published: the day of the article.
        heading: draw title and subtitle; off where the page shows them itself.

    Raises:
        InputError: it cannot be drawn.
    """
    shared: dict[str, Any] = {
        "title": _together(data.title),
        "subtitle": _together(data.subtitle[:1].upper() + data.subtitle[1:]),
        "width": width,
        "show_heading": heading,
    }
    if isinstance(data, SourcesChart):
        low, high = _claim(data)
        return charts.sources(
            _told_apart(data.frame),
            unit=words.unit(data.unit),
            claim_value=low,
            claim_high=high,
            claim_label=data.claim_label,
            log=data.log and _positive(data),
            **shared,
        )
    if isinstance(data, FuturesChart):
        return charts.futures(
            thinned(data.curve),
            outcome=words.sentence(words.plain(data.outcome)).rstrip("."),
            unit=words.unit(data.unit),
            first=data.first,
            second=data.second,
            assumed=assumed or not data.assumed_share <= 0.5,
            **shared,
        )
    if isinstance(data, ShareChart):
        frame = data.frame.copy()
        if {"count", "cases"} <= set(frame.columns) and "note" not in frame:
            frame["note"] = [
                "" if pd.isna(count) or pd.isna(cases) else f"{int(count)} of {int(cases)}"
                for count, cases in zip(frame["count"], frame["cases"], strict=True)
            ]
        return charts.share(
            frame,
            unit=words.unit(data.unit),
            claim_value=data.claim_value,
            **shared,
        )
    if isinstance(data, BarsChart):
        return charts.bars(
            data.frame.assign(label=[words.squared(label) for label in data.frame["label"]]), **shared
        )
    if isinstance(data, TimelineChart):
        return charts.timeline(_told(nearest(data.frame, published)), marked_date=published, **shared)
    return _of_a_truce(data, shared)


def _together(text: str) -> str:
    """Return a text in which a figure and its per cent stay on one line."""
    return words.squared(text).replace(" %", "\N{NO-BREAK SPACE}%")


def _of_a_truce(data: OfferChart | PowerChart | SurvivalChart, shared: dict[str, Any]) -> charts.Chart:
    if isinstance(data, OfferChart):
        return charts.offer_belief(
            data.frame, data.classes, threshold=data.threshold, prior=data.prior, **shared
        )
    if isinstance(data, PowerChart):
        return charts.power_shift(data.frame, side=data.side, **shared)
    return charts.survival(data.frame, years=data.years, **shared)


def _told(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the records of a timeline without the capitals that sort them in a table."""
    return frame.assign(label=[words.unprefixed(label).rstrip(".") for label in frame["label"]])


def _told_apart(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the sources with what each counts below its name, where they count different things."""
    if "concept" not in frame or frame["concept"].nunique() < 2:
        return frame
    return frame.assign(note=[words.plain(concept) for concept in frame["concept"]])


def _claim(data: SourcesChart) -> tuple[float | None, float | None]:
    """Return the line, or the two ends of the range, that the claim states."""
    ends = [
        value for value in (data.claim_low, data.claim_high) if value is not None and math.isfinite(value)
    ]
    if len(ends) == 2 and ends[0] < ends[1]:
        return ends[0], ends[1]
    if data.claim_value is not None and math.isfinite(data.claim_value):
        return data.claim_value, None
    return (ends[0], None) if ends else (None, None)


def _positive(data: SourcesChart) -> bool:
    """Say whether a logarithmic axis can hold the figures and the claim."""
    names = [name for name in ("value", "low", "best", "high") if name in data.frame]
    figures = pd.concat([pd.to_numeric(data.frame[name], errors="coerce") for name in names])
    claims = [value for value in _claim(data) if value is not None]
    return bool((figures.dropna() > 0).all()) and all(value > 0 for value in claims)


def nearest(frame: pd.DataFrame, day: dt.date | None) -> pd.DataFrame:
    """Return at most `RECORDS` records, those nearest to a day, each once."""
    frame = frame.drop_duplicates(["date", "label"], ignore_index=True)
    if len(frame) <= RECORDS or day is None:
        return frame.head(RECORDS)
    away = (pd.to_datetime(frame["date"]) - pd.Timestamp(day)).abs()
    return frame.loc[away.sort_values(kind="stable").index[:RECORDS]].reset_index(drop=True)


def thinned(curve: pd.DataFrame) -> pd.DataFrame:
    """Return a curve with about `POINTS` rows, its first and last among them."""
    step = math.ceil(len(curve) / POINTS)
    if step <= 1:
        return curve
    kept = sorted({*range(0, len(curve), step), len(curve) - 1})
    return curve.iloc[kept].reset_index(drop=True)


def draw_forecasts(held_out: HeldOut | None, place: str = "back-test") -> list[Picture]:
    """Draw the forecasts of each series of a back-test with what came, at both widths."""
    drawn = []
    for series in () if held_out is None else forecast_series(held_out):
        assert held_out is not None
        title, subtitle = modelled.forecasts_finding(held_out, series), _forecasts_subtitle(held_out, series)
        try:
            wide, narrow = (
                charts.to_svg(
                    forecasts_chart(held_out, series, width=width, show_heading=False),
                    place=f"{place} {series}",
                )
                for width in (charts.WIDE, charts.NARROW)
            )
        except InputError as error:
            wide, narrow, subtitle = "", "", f"No picture: {error.what}"
        drawn.append(Picture(title, subtitle, wide, narrow))
    return drawn


def forecast_series(held_out: HeldOut) -> list[str]:
    """Return the series of a back-test that have forecasts to draw."""
    return list(dict.fromkeys(row.series for row in held_out.forecasts))


def forecasts_chart(
    held_out: HeldOut, series: str, *, width: int = charts.WIDE, show_heading: bool = True
) -> charts.Chart:
    """Return the picture of the forecasts of one series with what came.

    Args:
        held_out: a back-test.
        series: one that has forecasts.
        width: in pixels.
        show_heading: draw title and subtitle.

    Raises:
        InputError: the series has no forecasts.
    """
    rows = held_out.forecasts_of(series)
    if not rows:
        raise InputError(
            f"the back-test holds no forecast of '{series}'.",
            "its forecasts",
            suggest(series, forecast_series(held_out)),
        )
    known = [row for row in held_out.horizons if row.series == series and row.calibrated is not None]
    return charts.backtest(
        pd.DataFrame([dataclasses.asdict(row) for row in rows]),
        title=modelled.forecasts_finding(held_out, series),
        subtitle=_forecasts_subtitle(held_out, series),
        unit=words.unit(UNITS.get(series, "")),
        judged_from=held_out.judged_from,
        calibrated={row.days: (row.coverage_low, row.coverage_high) for row in known},
        width=width,
        show_heading=show_heading,
    )


def _forecasts_subtitle(held_out: HeldOut, series: str) -> str:
    rows = held_out.forecasts_of(series)
    days = [row.origin + dt.timedelta(days=row.horizon_days) for row in rows]
    unit = words.unit(UNITS.get(series, ""))
    of = f", {unit}" if unit else ""
    return (
        f"What each forecast said would be added{of}, and what came, over the day of its target:"
        f" {words.day(min(days))} to {words.day(max(days))}"
        + (f". {held_out.another_model}" if held_out.another_model else "")
    )
