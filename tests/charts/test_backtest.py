"""The picture of a back-test: every forecast over its target, misses by their shape, PIT with its band."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ceasefire import charts
from ceasefire.charts import theme
from ceasefire.charts.backtest import calibrated_counts
from tests.charts import frames
from tests.charts.test_marks import layers

WORDS = {"title": "A finding", "subtitle": "What is shown"}
JUDGED_FROM = dt.date(2032, 1, 1)


def drawn(frame: pd.DataFrame | None = None, **more: Any) -> charts.Chart:
    data = frames.forecasts() if frame is None else frame
    return charts.backtest(data, **{**WORDS, "judged_from": JUDGED_FROM, **more})


def styles(chart: charts.Chart, name: str) -> list[dict[str, Any]]:
    panels = chart.to_dict(validate=False)["vconcat"]
    named = [layer for panel in panels for layer in panel["layer"] if layer.get("name", "").startswith(name)]
    return [layer["mark"] for layer in named]


def days(rows: list[dict[str, Any]]) -> list[str]:
    return sorted({str(row["date"])[:10] for row in rows})


def test_each_forecast_stands_over_the_day_of_its_target() -> None:
    """28 days after 6 January 2032 and 91 after it; those before 2032 are drawn apart."""
    found = days(layers(drawn(), "judged_outer"))
    assert found == [
        "2032-02-03", "2032-03-02", "2032-03-30", "2032-04-06", "2032-04-27", "2032-05-04", "2032-06-01",
        "2032-06-29",
    ]  # fmt: skip
    assert days(layers(drawn(), "earlier_outer")) == ["2031-12-09", "2032-01-06", "2032-02-10", "2032-03-09"]


def test_intervals_and_medians_are_those_given() -> None:
    one = frames.forecasts().query("horizon_days == 28 and origin == '2031-12-09'").iloc[0]
    chart = drawn()
    for name, low, high in (
        ("outer", "low_90", "high_90"),
        ("inner", "low_50", "high_50"),
        ("median", "median", "median"),
    ):
        rows = layers(chart, f"earlier_{name}")
        at = rows.index(next(row for row in rows if row["value"] == pytest.approx(one[low])))
        assert rows[at + 1]["value"] == pytest.approx(one[high])
        assert rows[at + 2]["value"] is None  # the path breaks here


def test_a_miss_is_a_triangle_that_points_to_it_and_the_others_are_dots() -> None:
    chart = drawn()
    above, below = layers(chart, "judged_above"), layers(chart, "judged_below")
    assert days(above) == ["2032-03-02", "2032-05-04"]
    assert days(below) == ["2032-04-27", "2032-06-29"]
    assert {mark["shape"] for mark in styles(chart, "judged_above")} == {"triangle-up"}
    assert {mark["shape"] for mark in styles(chart, "judged_below")} == {"triangle-down"}
    assert not set(days(layers(chart, "judged_held"))) & {*days(above), *days(below)}
    assert days(layers(chart, "earlier_above")) == ["2032-01-06", "2032-03-09"]


def test_without_a_miss_the_key_speaks_of_none() -> None:
    inside = frames.forecasts().assign(truth=lambda rows: rows["median"])
    assert "outside the 90" not in charts.to_svg(drawn(inside))
    assert "outside the 90" in charts.to_svg(drawn())


def test_what_a_choice_was_made_on_is_paler_also_in_grey_and_says_so() -> None:
    def lightness(colour: str) -> float:
        red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
        return 0.299 * red + 0.587 * green + 0.114 * blue

    chart = drawn()
    for name in ("outer", "inner", "median", "held"):
        (pale, *_), (dark, *_) = styles(chart, f"earlier_{name}"), styles(chart, f"judged_{name}")
        assert lightness(pale["color"]) > lightness(dark["color"]) + 80
    assert "pale: made before 1 January 2032, not judged; chosen on targets before it" in charts.to_svg(chart)
    assert "pale" not in charts.to_svg(drawn(judged_from=None))


@pytest.mark.parametrize(
    ("width", "said"),
    [
        (charts.WIDE, "2 of 4 in the 90 % interval; a calibrated forecaster's: 3 to 4"),
        (charts.NARROW, "2 of 4 inside; calibrated: 3 to 4"),
    ],
)
def test_a_panel_says_how_many_judged_intervals_held(width: int, said: str) -> None:
    text = charts.to_svg(drawn(width=width, calibrated={28: (0.75, 1.0)}))
    assert said in text
    assert "2 of 4 in the 90 % interval<" in text  # 91 days: nothing is known of a calibrated one


def test_the_histograms_count_the_judged_forecasts_alone() -> None:
    """PIT of the four: 0.5, 0.99, 0.38, 0.01: four bins hold one each, and a higher bar holds more."""
    bars = [row["y2"] - row["y"] for row in layers(drawn(), "pit_bars")]
    assert len(bars) == 2 * 4
    assert [len(set(np.round(part, 6))) for part in (bars[:4], bars[4:])] == [1, 1]
    doubled = frames.forecasts().assign(pit=[0.5, 0.5, 0.5, 0.5, 0.9, 0.1] * 2)
    bars = [row["y2"] - row["y"] for row in layers(drawn(doubled), "pit_bars")]
    assert [round(bar / bars[0]) for bar in bars[:3]] == [1, 2, 1]


def test_the_words_say_what_the_picture_shows() -> None:
    text = charts.to_svg(drawn(calibrated={28: (0.75, 1.0)}))
    said = re.findall(r"<desc[^>]*>([^<]*)</desc>", text)[0]
    assert said == (
        "What is shown. In persons; forecasts made from 1 January 2032. 28 days ahead: 2 of 4 90 % intervals"
        " held what came, which lay above 1 and below 1 (a calibrated forecaster:"
        f" {theme.percent(0.75)} to {theme.percent(1)}); 91 days ahead: 2 of 4 90 % intervals held what came,"
        " which lay above 1 and below 1."
    )
    assert "overlap are not independent" in re.sub(r"<[^>]*>", " ", text).replace("  ", " ")


def test_where_nothing_is_judged_there_is_no_histogram() -> None:
    chart = drawn(judged_from=dt.date(2040, 1, 1))
    assert layers(chart, "pit") == []
    assert "none judged" in charts.to_svg(chart)


def test_the_band_of_independent_forecasts_is_binomial() -> None:
    """Spans that do not overlap share no step: the count in a fifth of 25 is binomial (5 % 2, 95 % 8)."""
    low, high = calibrated_counts(np.arange(25) * 28, 28)
    assert (low, high) == pytest.approx((2.0, 8.0), abs=0.45)


def test_overlap_widens_the_band() -> None:
    independent = calibrated_counts(np.arange(20) * 28, 28)
    overlapping = calibrated_counts(np.arange(20) * 28, 364)
    assert overlapping[0] < independent[0]
    assert overlapping[1] > independent[1] + 2


def test_one_forecast_can_be_drawn() -> None:
    chart = drawn(frames.forecasts().iloc[[5]])
    assert days(layers(chart, "judged_outer")) == ["2032-04-27"]
    assert charts.to_svg(chart).startswith("<svg")
