"""Intervals and conditions: closed forms, and that a claim of more is never borne out better."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ceasefire.claims.figures import Condition, Interval, condition, interval_of

NUMBERS = st.floats(-1e6, 1e6)


def intervals() -> st.SearchStrategy[Interval]:
    closed = st.tuples(NUMBERS, NUMBERS).map(lambda ends: Interval(min(ends), max(ends)))
    return st.one_of(
        closed,
        NUMBERS.map(lambda low: Interval(low, math.inf)),
        NUMBERS.map(lambda high: Interval(-math.inf, high)),
    )


@pytest.mark.parametrize(
    ("low", "best", "high", "expected"),
    [
        (10.0, 20.0, 30.0, Interval(10, 30)),
        (None, 20.0, None, Interval(20, 20)),
        (10.0, None, None, Interval(10, math.inf)),
        (None, None, 30.0, Interval(-math.inf, 30)),
        (10.0, 20.0, None, Interval(10, 20)),
        (None, 20.0, 30.0, Interval(20, 30)),
        (10.0, 40.0, 30.0, Interval(10, 40)),
        (float("nan"), float("nan"), float("nan"), None),
        (0.0, None, None, Interval(0, math.inf)),
    ],
)
def test_missing_is_not_zero(
    low: float | None, best: float | None, high: float | None, expected: Interval | None
) -> None:
    assert interval_of(low, best, high) == expected


def test_interval_that_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="an interval from 2 to 1 cannot be"):
        Interval(2, 1)


@pytest.mark.parametrize(
    ("said", "figure", "word"),
    [
        (condition("at least", 100), Interval(100, 120), "bears out"),
        (condition("at least", 100), Interval(80, 120), "compatible"),
        (condition("at least", 100), Interval(80, 99.9), "against"),
        (condition("at least", 100), Interval(80, 100), "compatible"),
        (condition("at least", 100, tolerance=0.01), Interval(99.23, 99.23), "bears out"),
        (condition("at most", 100), Interval(80, 100), "bears out"),
        (condition("at most", 100), Interval(100.1, 120), "against"),
        (condition("between", 50, 100), Interval(50, 100), "bears out"),
        (condition("between", 50, 100), Interval(40, 60), "compatible"),
        (condition("between", 50, 100), Interval(101, 102), "against"),
        (condition("about", 100, tolerance=0.2), Interval(81, 119), "bears out"),
        (condition("about", 100, tolerance=0.2), Interval(130, 140), "against"),
        (condition("about", -100, tolerance=0.2), Interval(-110, -90), "bears out"),
        # A yardstick that is itself a range: a battalion of 400 to 1,000.
        (condition("at least", Interval(400, 1000)), Interval(1000, 1200), "bears out"),
        (condition("at least", Interval(400, 1000)), Interval(500, 500), "compatible"),
        (condition("at least", Interval(400, 1000)), Interval(100, 200), "against"),
        (condition("between", Interval(400, 1000)), Interval(500, 500), "bears out"),
    ],
)
def test_a_condition_judges_an_interval(said: Condition, figure: Interval, word: str) -> None:
    assert said.judge(figure) == word


def test_a_lone_bound_that_leaves_a_claim_open_says_nothing_of_it() -> None:
    said = condition("at least", 100)
    assert not said.informs(Interval(20, math.inf))
    assert not said.informs(Interval(-math.inf, 200))
    assert said.informs(Interval(100, math.inf))
    assert said.informs(Interval(-math.inf, 99))
    assert said.informs(Interval(20, 200))


ORDER = {"against": 0, "compatible": 1, "bears out": 2}


@given(intervals(), NUMBERS, st.floats(0, 1e6))
def test_claiming_more_is_never_borne_out_better(figure: Interval, value: float, more: float) -> None:
    less, greater = condition("at least", value), condition("at least", value + more)
    assert ORDER[greater.judge(figure)] <= ORDER[less.judge(figure)]
    less, greater = condition("at most", value), condition("at most", value + more)
    assert ORDER[greater.judge(figure)] >= ORDER[less.judge(figure)]


@given(intervals(), NUMBERS)
def test_at_least_and_at_most_mirror(figure: Interval, value: float) -> None:
    mirrored = Interval(-figure.high, -figure.low)
    assert condition("at least", value).judge(figure) == condition("at most", -value).judge(mirrored)


@given(st.sampled_from(["at least", "at most", "about"]), NUMBERS, st.floats(0, 0.9))
def test_a_condition_about_its_own_number_is_itself(says: str, value: float, tolerance: float) -> None:
    said = condition(says, value, tolerance=tolerance)  # type: ignore[arg-type]
    again = said.at(value)
    for edge, other in ((said.lower, again.lower), (said.upper, again.upper)):
        assert (edge.low, edge.high) == pytest.approx((other.low, other.high), abs=1e-6)
