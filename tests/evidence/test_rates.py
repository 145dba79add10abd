"""Means per day keep the width of the totals that they are differences of."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ceasefire.evidence.rates import mean_rates
from tests.evidence.test_ask import DAY, frame, observation

AT = pd.Timestamp(DAY)


def rate(*rows, days=10):
    table = frame(*rows)
    for column in ("start", "end", "known_on"):
        table[column] = pd.to_datetime(table[column])
    for column in ("low", "best", "high"):
        table[column] = table[column].astype(float)
    return mean_rates(table, AT, days)


def figures(found):
    (row,) = found[["low", "best", "high"]].to_numpy().tolist()
    return pytest.approx(row, nan_ok=True)


EARLY = "2022-12-10"
NAN = np.nan


@pytest.mark.parametrize(
    ("early", "late", "expected"),
    [
        ((80, 100, 130), (250, 300, 350), (12, 20, 27)),
        ((NAN, 100, NAN), (NAN, 300, NAN), (NAN, 20, NAN)),
        ((NAN, 100, NAN), (250, 300, 350), (15, 20, 25)),
        ((80, 100, 130), (NAN, 300, NAN), (17, 20, 22)),
        ((80, NAN, 130), (250, NAN, 350), (12, NAN, 27)),
        ((NAN, 100, NAN), (250, NAN, 350), (15, NAN, 25)),
        # An open end leaves the other side of the difference open.
        ((NAN, 100, NAN), (250, NAN, NAN), (15, NAN, NAN)),
        ((80, NAN, NAN), (NAN, 300, NAN), (NAN, NAN, 22)),
        # A running total does not fall: what overlaps has the floor zero.
        ((80, 100, 280), (250, 300, 350), (0, 20, 27)),
    ],
)
def test_the_bounds_of_a_difference(early, late, expected):
    names = ("low", "best", "high")
    rows = [
        observation(end=EARLY, **dict(zip(names, early, strict=True))),
        observation(**dict(zip(names, late, strict=True))),
    ]
    assert figures(rate(*rows)) == list(expected)


def test_totals_that_are_open_on_both_sides_give_no_mean():
    assert rate(observation(end=EARLY, best=NAN, low=10), observation(best=NAN, low=50)).empty


def test_a_lone_bound_hides_no_closed_figure():
    rows = [
        observation(end="2022-12-05", best=60),
        observation(end="2022-12-12", best=NAN, low=10),
        observation(end="2022-12-15", best=160),
        observation(end="2022-12-19", best=NAN, low=20),
        observation(end="2022-12-25", best=260, known_on="2023-01-01"),
    ]
    assert figures(rate(*rows)) == [NAN, 10, NAN]


def test_interpolated_totals_keep_their_bounds():
    rows = [
        observation(end="2022-12-05", low=50, best=60, high=70),
        observation(end="2022-12-15", low=150, best=160, high=170, known_on="2023-03-01"),
        observation(end="2022-12-25", low=250, best=260, high=270, known_on="2023-01-01"),
    ]
    found = rate(*rows)
    assert found["method"].tolist() == ["difference_interpolated"]
    assert figures(found) == [8, 10, 12]
    # The row in the middle was needed too, and could be read last.
    assert found["known_on"].tolist() == [pd.Timestamp("2023-03-01")]


def test_a_misprint_forms_no_mean():
    early, late = observation(end=EARLY, best=100), observation(best=300)
    assert rate({**early, "kind": "misprint"}, late).empty
    assert rate(early, {**late, "kind": "misprint"}).empty


def test_the_length_of_what_a_mean_is_made_of():
    assert rate(observation(end=EARLY), observation(best=2000))["period_days"].tolist() == [10]
    month = observation(flow_or_stock="flow", start="2022-12-01", end="2022-12-31", known_on="2023-01-01")
    assert rate(month)["period_days"].tolist() == [31]
    week = observation(flow_or_stock="flow", start="2022-12-14", end="2022-12-20")
    day = observation(flow_or_stock="flow", start="2022-12-13", end="2022-12-13")
    assert rate(week, day)["period_days"].tolist() == [7]


@given(
    st.lists(st.tuples(st.integers(0, 500), st.integers(0, 200), st.integers(0, 200)), min_size=2, max_size=2)
)
def test_a_mean_lies_within_its_bounds_whatever_the_true_totals(ends):
    rows = [
        observation(end=end, low=base, best=base + up, high=base + up + more)
        for end, (base, up, more) in zip((EARLY, DAY), ends, strict=True)
    ]
    (row,) = rate(*rows).to_dict("records")
    (a, b, c), (d, e, f) = ends
    for early in (a, a + b, a + b + c):
        for late in (d, d + e, d + e + f):
            if late >= early:
                assert row["low"] - 1e-9 <= (late - early) / 10 <= row["high"] + 1e-9
