"""What the marks of the pictures say, read off the chart itself."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ceasefire import charts
from ceasefire.charts import theme
from ceasefire.charts.trade_offs import ticks as trade_off_ticks
from tests.charts import frames

WORDS = {"title": "A finding", "subtitle": "What is shown"}


def layers(chart: charts.Chart, name: str) -> list[dict[str, Any]]:
    """Return the rows of data behind the layers of a name."""
    spec = chart.to_dict(validate=False)
    found = []
    pairs = [(panel, layer) for panel in spec.get("vconcat", [spec]) for layer in panel["layer"]]
    for panel, layer in pairs:
        if layer.get("name", "").startswith(name):
            data = layer.get("data") or panel.get("data") or spec["data"]
            found += spec["datasets"][data["name"]]
    return found


def drawn(frame: pd.DataFrame | None = None, **more: Any) -> charts.Chart:
    data = frames.sources() if frame is None else frame
    return charts.sources(data, unit="persons", **{**WORDS, "claim_value": 100_000.0, **more})


def test_a_warring_party_is_hollow_and_an_independent_source_filled() -> None:
    marks = {(mark["label"], mark["shape"]): mark for mark in layers(drawn(), "marks")}
    assert marks["General Staff", "circle"]["fill"] == theme.PAPER
    assert marks["Registry", "circle"]["fill"] == theme.INK
    assert marks["Ally's ministry", "circle"]["fill"] not in {theme.PAPER, theme.INK}
    assert {mark["stroke"] for mark in marks.values()} == {theme.INK}


def test_the_claim_stands_at_its_value() -> None:
    assert [row["value"] for row in layers(drawn(claim_value=123_456.0), "claim")] == [123_456.0]


def test_a_range_that_is_claimed_has_two_lines_and_a_band() -> None:
    chart = drawn(claim_value=400.0, claim_high=1_000.0)
    assert sorted(row["value"] for row in layers(chart, "claim") if "value2" not in row) == [400.0, 1_000.0]
    (band,) = [row for row in layers(chart, "claim") if "value2" in row]
    assert (band["value"], band["value2"]) == (400.0, 1_000.0)


def test_lone_bounds_are_triangles_that_point_to_what_is_open() -> None:
    marks = [(mark["label"], mark["shape"], mark["value"]) for mark in layers(drawn(), "marks")]
    assert ("Names of the dead", "triangle-right", 10_376.0) in marks
    assert ("Officials", "triangle-right", 7_000.0) in marks
    assert ("Officials", "triangle-left", 15_000.0) in marks
    assert not [mark for mark in marks if mark[:2] == ("Officials", "circle")]


def test_the_interval_runs_from_low_to_high() -> None:
    spans = {(row["value"], row["value2"]) for row in layers(drawn(), "intervals")}
    assert spans == {(17_000.0, 26_000.0), (7_000.0, 15_000.0)}


def test_what_restates_stands_below_its_origin() -> None:
    y = {mark["label"]: mark["y"] for mark in layers(drawn(), "marks")}
    order = sorted(y, key=y.__getitem__)
    assert order == ["General Staff", "Ally's ministry", "Registry", "Officials", "Names of the dead"]


def test_the_axis_is_logarithmic_where_figures_differ_tenfold() -> None:
    def kind(chart: charts.Chart) -> str:
        return str(
            next(layer for layer in chart.to_dict()["layer"] if "axis" in layer["encoding"]["x"])["encoding"][
                "x"
            ]["scale"]["type"]
        )

    data = frames.sources()
    assert kind(drawn(data)) == "log"
    assert kind(drawn(data[data["best"] > 90_000])) == "linear"
    zero = data.assign(low=0.0)
    assert kind(drawn(zero)) == "linear"


def test_futures_draw_the_figures_they_are_given() -> None:
    chart = charts.futures(
        frames.curve(), outcome="Killed", unit="persons", first="fight-on", second="truce", **WORDS
    )
    spec = chart.to_dict()
    # Altair numbers the names of layers in joined panels.
    names = [
        re.sub(r"_\d+$", "", layer.get("name", "")) for panel in spec["vconcat"] for layer in panel["layer"]
    ]
    for name in ("first", "second", "difference"):
        assert {f"{name}_outer", f"{name}_inner", f"{name}_median"} <= set(names)
    assert "zero" in names
    assert layers(chart, "zero") == [{"zero": 0.0}]
    dashes = {
        re.sub(r"_\d+$", "", layer["name"]): layer["mark"].get("strokeDash")
        for panel in spec["vconcat"]
        for layer in panel["layer"]
        if "median" in layer.get("name", "")
    }
    assert set(dashes) == {"first_median", "second_median", "difference_median"}
    assert dashes["first_median"] != dashes["second_median"]


def test_futures_without_inner_bands_do_not_speak_of_them() -> None:
    curve = frames.curve().drop(columns=[name for name in frames.curve() if str(name).endswith("50")])
    chart = charts.futures(curve, outcome="Killed", unit="persons", first="a", second="b", **WORDS)
    text = charts.to_svg(chart)
    assert "bands: 90 % of the wars" in text
    assert "50 and 90" not in text


def test_events_stand_in_the_order_of_their_dates() -> None:
    marks = layers(charts.timeline(frames.events(), **WORDS), "marks")
    assert [mark["label"] for mark in sorted(marks, key=lambda mark: mark["y"])] == [
        "Partial mobilisation",
        "The president sees no need",
    ]


@given(
    figures=st.lists(
        st.tuples(
            st.floats(1.0, 1e7),
            st.floats(0.0, 0.9),
            st.floats(1.0, 5.0),
            st.sampled_from(sorted(theme.MARKS)),
        ),
        min_size=1,
        max_size=8,
    ),
    claim=st.floats(1.0, 1e7),
)
@settings(max_examples=15, deadline=None)
def test_any_sources_can_be_drawn_and_each_is(
    figures: list[tuple[float, float, float, str]], claim: float
) -> None:
    frame = pd.DataFrame(
        [
            {
                "label": f"source {n}",
                "value": best,
                "low": best * low,
                "best": best,
                "high": best * high,
                "party": party,
            }
            for n, (best, low, high, party) in enumerate(figures)
        ]
    )
    chart = drawn(frame, claim_value=claim)
    marks = layers(chart, "marks")
    assert sorted(mark["value"] for mark in marks) == pytest.approx(sorted(frame["best"]))
    for mark in marks:
        assert (mark["fill"] == theme.PAPER) == (mark["party"] == "warring party")


@pytest.mark.parametrize(
    ("low", "best", "high", "shown"),
    [
        (12_000, 20_000, 34_000, "20,000 (12,000 to 34,000)"),
        (math.nan, 99_230, math.nan, "99,230"),
        (10_376, math.nan, math.nan, "at least 10,376"),
        (math.nan, math.nan, 9_000, "up to 9,000"),
        (7_000, math.nan, 15_000, "7,000 to 15,000"),
        (2_500, 3_000, 3_000, "3,000 (2,500 to 3,000)"),
        (5, 5, 5, "5"),
        (10_000, 12_000, math.nan, "12,000, at least 10,000"),
        (math.nan, 12_000, 15_000, "12,000, up to 15,000"),
        (math.nan, math.nan, math.nan, "no figure"),
        (-22_000, -1_043.2, 1_900, "\N{MINUS SIGN}1,043 (\N{MINUS SIGN}22,000 to 1,900)"),
        (0.258, 0.373, 0.5, "0.373 (0.258 to 0.5)"),
    ],
)
def test_a_figure_and_its_interval_in_one_breath(low: float, best: float, high: float, shown: str) -> None:
    assert theme.figure(low, best, high) == shown


def test_long_words_are_cut_with_dots() -> None:
    lines = theme.wrap("one two three four five six seven", 12, 2)
    assert lines == ["one two", "three..."]


def test_no_colour_is_green_or_red() -> None:
    for colour in (theme.BLUE, theme.OCHRE, theme.INK, theme.TEXT, theme.SHADE):
        red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
        assert not (green > red + 30 and green > blue + 30)
        assert not (red > 2 * green and red > 2 * blue)


def test_side_colours_differ_in_grey_print() -> None:
    def lightness(colour: str) -> float:
        return float(np.dot([0.2126, 0.7152, 0.0722], [int(colour[at : at + 2], 16) for at in (1, 3, 5)]))

    assert abs(lightness(theme.BLUE) - lightness(theme.OCHRE)) > 25


def test_on_a_telephone_the_line_of_the_article_keeps_off_the_words() -> None:
    events = frames.events()
    wide = layers(charts.timeline(events, marked_date="2031-05-04", **WORDS), "marked")
    assert len(wide) == 1
    narrow = charts.timeline(events, marked_date="2031-05-04", **WORDS, width=charts.NARROW)
    spans, marks = layers(narrow, "marked"), layers(narrow, "marks")
    assert len(spans) == len(events) + 1
    for span in spans[1:]:
        assert any(span["y"] < mark["y"] < span["y2"] for mark in marks)
        assert span["y2"] - span["y"] < 20


def test_a_long_entry_of_the_key_takes_lines_of_its_own() -> None:
    long = "what the staff of the northern army said of the plans of its enemy in the coming spring"
    events = frames.events().assign(group=[long, "other"][: len(frames.events())])
    drawn = charts.to_svg(charts.timeline(events, **WORDS, width=charts.NARROW))
    assert long not in drawn
    assert "coming spring" in drawn


def casualties(**more: Any) -> charts.Chart:
    return charts.casualties(*frames.casualties(), **WORDS, **more)


def test_both_sides_have_every_month_drawn_alike_and_a_part_of_one_is_hollow() -> None:
    months, _, _ = frames.casualties()
    marks = layers(casualties(), "months_median")
    told = {(mark["measure"], mark["side"], mark["end"][:10]): mark["median"] for mark in marks}
    assert told == {
        (row["measure"], row["side"], str(row["end"])[:10]): row["median"]
        for row in months.to_dict("records")
    }
    for mark in marks:
        assert (mark["fill"] == theme.PAPER) == mark["part"]
        assert mark["stroke"] == (theme.BLUE if mark["side"] == "Aldria" else theme.OCHRE)
        assert mark["shape"] == ("circle" if mark["side"] == "Aldria" else "square")


def test_of_two_sides_that_are_exchanged_the_first_has_the_first_colour() -> None:
    turned = (
        frame.replace({"side": {"Aldria": "Bremor", "Bremor": "Aldria"}}) for frame in frames.casualties()
    )
    marks = layers(charts.casualties(*turned, **WORDS), "months_median")
    assert {(mark["side"], mark["stroke"]) for mark in marks} == {
        ("Bremor", theme.BLUE), ("Aldria", theme.OCHRE),
    }  # fmt: skip


def test_running_totals_are_those_given_and_what_is_assumed_is_hatched() -> None:
    _, totals, beside = frames.casualties()
    chart = casualties()
    for place, side in (("first", "Aldria"), ("second", "Bremor")):
        drawn = layers(chart, f"totals_outer_{place}")
        wanted = totals[totals["side"] == side]
        assert sorted(row["high"] for row in drawn) == sorted(wanted["high"])
        assert {row["side"] for row in drawn} == {side}
    assert sorted(row["best"] for row in layers(chart, "beside_mark")) == sorted(beside["best"])
    text = charts.to_svg(chart)
    assert "hatch-second" in text
    assert "hatch-first" not in text
    learnt = charts.casualties(
        frames.casualties()[0], totals.drop(columns="assumed"), None, **WORDS, beside_label="others"
    )
    text = charts.to_svg(learnt)
    assert "<pattern" not in text
    assert "assumed" not in text
    assert "others" not in text


def test_a_war_of_many_months_is_drawn_with_thinner_marks() -> None:
    months, totals, _ = frames.casualties()
    ends = pd.date_range("2031-01-31", periods=60, freq="ME")
    long = pd.concat([months.iloc[[0, 4]].assign(end=end, start=end.replace(day=1)) for end in ends])
    spec = charts.casualties(long, totals, **WORDS).to_dict(validate=False)
    marks = {layer["name"]: layer["mark"] for layer in spec["vconcat"][0]["layer"] if "name" in layer}
    short = casualties().to_dict(validate=False)["vconcat"][0]["layer"]
    thick = {layer["name"]: layer["mark"] for layer in short if "name" in layer}
    for name, size in (("months_inner", "strokeWidth"), ("months_median", "size")):
        (one,) = [mark for key, mark in marks.items() if key.startswith(name)]
        (other,) = [mark for key, mark in thick.items() if key.startswith(name)]
        assert one[size] < other[size]


def survival_steps(label: str = "yes") -> pd.DataFrame:
    drawn = charts.survival(frames.survival(), **WORDS).to_dict(validate=False)
    panel = drawn["vconcat"][0]["layer"]
    line = next(layer for layer in panel if layer.get("name", "").startswith(f"line_{label}"))
    return pd.DataFrame(drawn["datasets"][line["data"]["name"]])


def test_a_curve_is_drawn_in_steps_to_the_end_of_the_axis_and_no_further() -> None:
    steps = survival_steps("first")
    assert list(steps["years"]) == [0.0, 0.5, 2.0, 6.0, 10.0]
    # From the last step on it is level: what is not followed is not drawn.
    assert steps["survival"].iloc[-1] == steps["survival"].iloc[-2]
    drawn = charts.survival(frames.survival(), **WORDS).to_dict(validate=False)
    lines = [layer for layer in drawn["vconcat"][0]["layer"] if layer.get("name", "").startswith("line_")]
    assert {layer["mark"]["interpolate"] for layer in lines} == {"step-after"}


def test_curves_are_told_apart_without_colour() -> None:
    drawn = charts.survival(frames.survival(), **WORDS).to_dict(validate=False)
    layers_ = [layer for panel in drawn["vconcat"] for layer in panel["layer"]]
    dashes = {tuple(one["mark"]["strokeDash"]) for one in layers_ if one.get("name", "").startswith("line_")}
    shapes = {one["mark"]["shape"] for one in layers_ if one.get("name", "").startswith("mark_")}
    assert len(dashes) == len(shapes) == 3


def test_the_bars_of_inputs_tell_their_kind_by_filling_and_by_word() -> None:
    chart = charts.bars(frames.inputs(), **WORDS)
    spec = chart.to_dict(validate=False)
    fills = {
        layer["name"]: layer["mark"]["color"]
        for layer in spec["layer"]
        if layer.get("name", "").startswith("bars_")
    }
    assert fills == {
        "bars_learnt": theme.INK,
        "bars_assumed": "url(#hatch-ink)",
        "bars_structure": theme.SHADE,
    }
    for kind in ("learnt", "assumed", "structure"):
        (row,) = layers(chart, f"bars_{kind}")
        assert row["kind"] == kind
        assert row["start"] == 0.0
    assert {(row["low"], row["high"]) for row in layers(chart, "intervals")} == {(0.25, 0.35), (0.1, 0.3)}
    assert [row["null"] for row in layers(chart, "nothing")] == [0.07, 0.08]
    told = chart.usermeta["description"]
    for words in (
        "while there are offensives (assumed): 30",
        "Skill (learnt from evidence): 20",
        "(a rival equation)",
    ):
        assert words in told
    drawn = charts.to_svg(chart)
    assert "<pattern" in drawn
    assert "learnt from evidence" in drawn
    assert "below it, not told apart from nothing" in drawn
    plain = frames.inputs().drop(columns=["low", "high", "null"])
    assert "told apart" not in charts.to_svg(charts.bars(plain, **WORDS))


def test_each_class_has_a_panel_of_its_own() -> None:
    drawn = charts.survival(frames.survival(), **WORDS)
    assert len(drawn.vconcat) == 2
    assert "Civil, no of 21: " in drawn.usermeta["description"]


def trade_off_marks() -> pd.DataFrame:
    drawn = charts.trade_offs(frames.trade_offs(), **WORDS).to_dict(validate=False)
    rows = [row for table in drawn["datasets"].values() for row in table if "shape" in row]
    return pd.DataFrame([row for row in rows if row["y"] > 0.0])


def test_what_no_policy_beats_is_filled_and_less_lies_left() -> None:
    marks = trade_off_marks()
    assert len(marks) == 6
    truce, arms, call_up = (part for _, part in marks.groupby("y"))
    assert arms["fill"].nunique() == 1
    assert set(arms["fill"]).isdisjoint(truce["fill"])
    # In the first panel the policies stand in the order of their figures.
    first = [float(part["x"].min()) for part in (arms, truce, call_up)]
    assert first == sorted(first)


def test_ticks_hold_zero_and_round_numbers_that_have_room() -> None:
    assert trade_off_ticks(-12_000.0, 50_000.0) == [0.0, 50_000.0]
    assert trade_off_ticks(-900.0, 40.0) == [-500.0, 0.0]
    assert trade_off_ticks(-2.0, 2.0) == [-2.0, 0.0, 2.0]
    assert trade_off_ticks(0.0, 0.0) == [0.0]
