"""The Lanchester family: closed forms, invariants, paths by the war's own law, salvo equations."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ceasefire.inference import lanchester as lan
from ceasefire.inference import salvo

NAMED = {"square": lan.SQUARE, "linear": lan.LINEAR, "logarithmic": lan.LOGARITHMIC}
strengths = st.tuples(st.floats(50.0, 500.0), st.floats(50.0, 500.0))
shares = st.tuples(st.floats(0.005, 0.05), st.floats(0.005, 0.05))


def effectiveness(
    law: lan.Exponents, start: tuple[float, float], rates: tuple[float, float]
) -> tuple[float, float]:
    """Coefficients with which each side loses a given share of its strength on the first day."""
    unit = lan.losses(law, (1.0, 1.0), np.array(start))
    return rates[1] * start[1] / float(unit[1]), rates[0] * start[0] / float(unit[0])


@pytest.mark.parametrize(
    ("law", "given", "expected"),
    [
        ("square", (0.1, 0.05), (75.686458, 76.530255)),
        ("linear", (0.001, 0.0005), (78.622294, 77.244588)),
        ("logarithmic", (0.1, 0.05), (100.0 * math.exp(-0.25), 120.0 * math.exp(-0.5))),
    ],
)
def test_the_reference_battle(law: str, given: tuple[float, float], expected: tuple[float, float]) -> None:
    closed = lan.closed_form(law, (100.0, 120.0), given, [5.0])[:, 0]
    ours = lan.path(NAMED[law], (100.0, 120.0), given, [5.0]).strengths[:, 0]
    assert closed == pytest.approx(expected, abs=1e-6)
    assert ours == pytest.approx(expected, abs=1e-6)


@settings(max_examples=25, deadline=None)
@given(law=st.sampled_from(sorted(NAMED)), start=strengths, rates=shares)
def test_paths_follow_the_closed_forms(
    law: str, start: tuple[float, float], rates: tuple[float, float]
) -> None:
    given_rates = effectiveness(NAMED[law], start, rates)
    days = [0.0, 1.0, 4.0, 9.0]
    done = lan.path(NAMED[law], start, given_rates, days)
    assert done.gone is None
    assert done.strengths == pytest.approx(lan.closed_form(law, start, given_rates, days), rel=1e-7)


@settings(max_examples=25, deadline=None)
@given(
    first=st.tuples(st.floats(0.0, 1.2), st.floats(0.0, 1.2)),
    second=st.tuples(st.floats(0.0, 1.2), st.floats(0.0, 1.2)),
    start=strengths,
    rates=shares,
)
def test_the_invariant_is_conserved(
    first: tuple[float, float],
    second: tuple[float, float],
    start: tuple[float, float],
    rates: tuple[float, float],
) -> None:
    law = lan.Exponents(first, second)
    given_rates = effectiveness(law, start, rates)
    done = lan.path(law, start, given_rates, np.linspace(0.0, 8.0, 5)).strengths
    kept = lan.invariant(law, given_rates, done)
    # Its two terms may nearly cancel: the drift is measured by what the first term lost.
    lost = np.ptp(lan.invariant(law, (given_rates[0], 0.0), done))
    assert np.ptp(kept) <= 1e-5 * lost


@settings(max_examples=15, deadline=None)
@given(law=st.sampled_from([lan.GUERRILLA, lan.generalised(0.45, 0.75)]), start=strengths, rates=shares)
def test_a_mirrored_battle_takes_the_mirrored_path(
    law: lan.Exponents, start: tuple[float, float], rates: tuple[float, float]
) -> None:
    given_rates = effectiveness(law, start, rates)
    arrivals = np.array([[0.0, 30.0, 0.0], [10.0, 0.0, 0.0]])
    ours = lan.path(law, start, given_rates, [1.0, 3.0], arrivals).strengths
    mirrored = lan.path(law.mirrored(), start[::-1], given_rates[::-1], [1.0, 3.0], arrivals[::-1]).strengths
    assert mirrored[::-1] == pytest.approx(ours, rel=1e-9)


def test_the_generalised_law_loses_what_its_invariant_says() -> None:
    law = lan.generalised(0.45, 0.75)
    done = lan.path(law, (100.0, 120.0), (0.02, 0.01), [0.0, 5.0]).strengths
    assert done[:, 1] == pytest.approx([87.689898, 94.394092], abs=1e-6)
    for side, coefficient in ((0, 0.02), (1, 0.01)):
        lost = coefficient * (done[side, 0] ** 0.7 - done[side, 1] ** 0.7)
        assert lost == pytest.approx(0.0441355, abs=5e-8)


def test_the_linear_law_where_both_wear_down_alike() -> None:
    done = lan.closed_form("linear", (100.0, 50.0), (0.001, 0.002), [10.0])[:, 0]
    assert done == pytest.approx([100.0 / (1.0 + 0.001 * 100.0 * 10.0), 25.0])


def test_a_side_that_is_gone_ends_the_losses_of_both() -> None:
    done = lan.path(lan.SQUARE, (2.0, 1.0), (1.0, 1.0), [0.5, 2.0, 5.0])
    assert done.gone == "second"
    assert done.gone_on == pytest.approx(0.549306, abs=1e-6)
    assert done.strengths[:, 1:] == pytest.approx(np.array([[math.sqrt(3.0)] * 2, [0.0, 0.0]]), abs=1e-7)


def test_who_arrives_after_the_other_side_is_gone_stays() -> None:
    arrivals = np.array([[0.0, 0.0, 6.0, 0.0], np.zeros(4)])
    done = lan.path(lan.SQUARE, (2.0, 1.0), (1.0, 1.0), [1.0, 2.5, 4.0], arrivals)
    assert done.strengths[0] == pytest.approx(math.sqrt(3.0) + np.array([0.0, 3.0, 6.0]), abs=1e-6)


def test_helmbolds_form_between_the_named_laws() -> None:
    assert lan.helmbold(1.0) == lan.SQUARE
    assert lan.helmbold(0.0) == lan.LOGARITHMIC
    r = 90.0 / 40.0
    lost = lan.losses(lan.helmbold(0.3), (0.0, 0.02), np.array([90.0, 40.0]))
    assert lost[0] == pytest.approx(0.02 * r ** (1.0 - 0.3) * 40.0)


def test_the_tactical_multiplier_is_the_defenders() -> None:
    assert lan.tactical(0.8, "first").tolist() == [1.25, 0.8]
    assert lan.tactical(0.8, "second").tolist() == [0.8, 1.25]
    assert lan.tactical(0.8, None).tolist() == [1.0, 1.0]


def test_the_inverse_problem_finds_planted_coefficients() -> None:
    arrivals = np.array([[500.0, 0.0, 100.0, *[0.0] * 7], np.zeros(10)])
    end = lan.path(lan.SQUARE, (0.0, 200.0), (0.03, 0.07), [10.0], arrivals).strengths[:, 0]
    found = lan.end_point_fit(
        lan.SQUARE, (0.0, 200.0), (float(end[0]), float(end[1])), 10.0, arrivals, (0.01, 0.01)
    )
    assert found == pytest.approx((0.03, 0.07), rel=1e-6)


def test_an_end_that_no_coefficients_reach_is_refused() -> None:
    with pytest.raises(ValueError, match="no coefficients reach these end points"):
        lan.end_point_fit(lan.LOGARITHMIC, (100.0, 100.0), (110.0, 50.0), 5.0)


def test_rates_from_two_short_histories() -> None:
    a, b = lan.square_rates([100.0, 94.0, 88.36], [60.0, 50.0, 40.6])
    assert (a, b) == pytest.approx((0.1, 0.105818), abs=5e-7)


# Salvoes


def test_salvo_examples() -> None:
    destroyers = salvo.Force(2, missiles=4, stops=4, staying_power=1)
    boats = salvo.Force(5, missiles=8, stops=0, staying_power=2, aimed=0.5)
    assert salvo.raw_losses(destroyers, boats) == 12.0
    assert salvo.exchange(destroyers, boats) == (2.0, 4.0)
    ten, eight = (salvo.Force(n, missiles=2, stops=1, staying_power=2) for n in (10, 8))
    assert salvo.exchange(ten, eight) == (3.0, 6.0)


@given(
    units=st.floats(0.0, 50.0),
    missiles=st.floats(0.0, 10.0),
    stops=st.floats(0.0, 10.0),
    alert=st.floats(0.0, 1.0),
)
def test_salvo_losses_stay_between_nothing_and_all(
    units: float, missiles: float, stops: float, alert: float
) -> None:
    one = salvo.Force(units, missiles, stops, 2.0, alert=alert)
    other = salvo.Force(7.0, 3.0, 1.0, 1.5)
    lost = salvo.exchange(one, other)
    assert 0.0 <= lost[0] <= units
    assert 0.0 <= lost[1] <= 7.0
    assert salvo.exchange(other, one) == lost[::-1]
