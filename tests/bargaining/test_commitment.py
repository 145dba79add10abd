"""Commitment: Fearon's and Powell's conditions against their closed forms, and on the war."""

from __future__ import annotations

import numpy as np
import pytest

from ceasefire.bargaining import Values, commitment, preventive_war, random_walk
from ceasefire.bargaining.commitment import least_cost_of_peace
from ceasefire.files import InputError
from tests.bargaining.offers import chosen, scenario, shared, shipped


def test_the_worked_numbers_of_preventive_war() -> None:
    assert float(preventive_war(0.4, 0.6, 0.9)) == pytest.approx(0.14, abs=1e-4)
    assert float(least_cost_of_peace(0.4, 0.6, 0.9)) == pytest.approx(14.0, abs=1e-4)


def test_preventive_war_is_what_the_declining_side_prefers() -> None:
    rng = np.random.default_rng(1)
    for _ in range(1_000):
        p1, p2, d, c = rng.uniform(0, 1), rng.uniform(0, 1), rng.uniform(0.5, 0.99), rng.uniform(0, 40)
        now = (1 - p1) / (1 - d) - c
        later = 1 + d * ((1 - p2) / (1 - d) - c)
        assert (now > later) == (float(preventive_war(p1, p2, d)) > c * (1 - d) ** 2)


def test_fearons_condition_is_powells_with_the_costs_of_both() -> None:
    """Where A can be sure of the same costs c', M_B + d M_A > V is d p2 - p1 > (1 - d) (c + d c')."""
    rng = np.random.default_rng(2)
    for _ in range(1_000):
        p1, p2, d = rng.uniform(0, 1), rng.uniform(0, 1), rng.uniform(0.5, 0.99)
        cost, other = rng.uniform(0, 5, 2)
        declining, rising, whole = (1 - p1) / (1 - d) - cost, p2 / (1 - d) - other, 1 / (1 - d)
        powell = declining + d * rising > whole
        assert powell == (float(preventive_war(p1, p2, d)) > (1 - d) * (cost + d * other))


@pytest.mark.parametrize(
    ("forts", "held", "chance", "wins", "battles"),
    [
        (10, 5, 0.50, 0.5, 25.0),
        (10, 5, 0.55, 0.7317, 23.17),
        (10, 5, 0.60, 0.8836, 19.18),
        (20, 10, 0.55, 0.8815, 76.30),
    ],
)
def test_the_war_of_forts(forts: int, held: int, chance: float, wins: float, battles: float) -> None:
    found = random_walk(forts, held, chance)
    assert found.wins == pytest.approx(wins, abs=1e-4)
    assert found.battles == pytest.approx(battles, abs=5e-3)


def test_the_war_of_forts_is_the_solution_of_its_own_steps() -> None:
    forts, chance = 12, 0.57
    walk = [random_walk(forts, held, chance) for held in range(forts + 1)]
    for held in range(1, forts):
        up, down = walk[held + 1], walk[held - 1]
        assert walk[held].wins == pytest.approx(chance * up.wins + (1 - chance) * down.wins, abs=1e-12)
        mean = 1 + chance * up.battles + (1 - chance) * down.battles
        assert walk[held].battles == pytest.approx(mean, abs=1e-9)
    assert (walk[0].wins, walk[-1].wins) == (0.0, 1.0)


def test_forts_and_chances_that_cannot_be_are_refused() -> None:
    with pytest.raises(InputError, match="11 of 10 forts cannot be held"):
        random_walk(10, 11, 0.5)
    with pytest.raises(InputError, match="1 is no chance of winning a battle"):
        random_walk(10, 5, 1.0)


def test_on_the_war_the_two_sides_mirror_each_other() -> None:
    first, second = shipped().conditions
    assert (first.side, second.side) == (second.other, first.other) == ("Russia", "Ukraine")
    assert np.allclose(first.shift.log_shift, -second.shift.log_shift, atol=1e-6)
    assert np.allclose(first.shift.first + second.shift.first, 1.0, atol=1e-6)
    assert np.allclose(first.shift.last + second.shift.last, 1.0, atol=1e-6)


def test_the_conditions_are_those_of_the_docstring_on_every_draw() -> None:
    found = shipped()
    for one in found.conditions:
        assert one.discount == pytest.approx(0.95 ** (182 / 365.25), abs=1e-12)
        left = one.discount * one.shift.last - one.shift.first
        assert np.allclose(one.fearon_left, left)
        assert one.fearon[0] == pytest.approx(float((one.fearon_left > one.fearon_right).mean()))
        assert one.powell[0] == pytest.approx(float((one.powell_gain > one.powell_surplus).mean()))
        assert 0.0 <= one.fearon[0] <= 1.0
        table = one.table()
        assert list(table.columns) == ["day", "low", "low50", "median", "high50", "high"]
        assert table["day"].tolist() == list(range(0, 7 * 27, 7))
        assert (table["low"] <= table["median"]).all()
        assert "by Fearon's condition" in one.sentence()


def test_a_discount_that_is_none_is_refused() -> None:
    found = shipped()
    with pytest.raises(InputError, match=r"1\.5 is no discount factor"):
        commitment(
            scenario(),
            found.payoffs,
            Values(),
            posterior=chosen().posterior,
            discount_per_year=1.5,
            shared=shared(),
        )
