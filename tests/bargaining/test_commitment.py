"""Commitment: Fearon's and Powell's conditions against their closed forms, and on the war."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from ceasefire.bargaining import SINCERE, Terms, Values, commitment, preventive_war, random_walk
from ceasefire.bargaining.commitment import _balances, _expected
from ceasefire.bargaining.payoffs import between
from ceasefire.files import InputError
from tests.bargaining.offers import INVENTED, chosen, invented, scenario, shared, shipped


def test_the_worked_numbers_of_preventive_war() -> None:
    assert float(preventive_war(0.4, 0.6, 0.9)) == pytest.approx(0.14, abs=1e-4)


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
        # Next to one half, and where a power of the odds is beyond any number.
        (10, 5, 0.5 + 2e-9, 0.5, 25.0),
        (10, 5, 0.5 + 2e-6, 0.5, 25.0),
        (200, 100, 0.01, 0.0, 100 / 0.98),
        (1_000, 999, 0.001, 0.001 / 0.999, 999 / 0.998 - 1_000 * 0.001 / 0.999 / 0.998),
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
    """Written out from the branches: what A gains by attacking after the truce, and what war costs B."""
    found = shipped()
    discount = 0.95 ** (182 / 365.25)
    soldiers, civilians = found.values.own_soldiers, found.values.civilians
    ground = float(np.asarray(scenario().world().geography.ground).sum())
    branches = found.payoffs.branches
    refused, settled, exploited = (
        branches[name] for name in (("refused", "rearming", "keep"), ("settle", "keep"), ("exploit", "keep"))
    )

    def by_draw(values: np.ndarray) -> np.ndarray:
        return values.reshape(4, 128).T[..., None]

    for place, one in enumerate(found.conditions):
        other = 1 - place
        assert one.discount == pytest.approx(discount, abs=1e-12)
        left = discount * one.shift.last - one.shift.first
        assert np.allclose(one.fearon_left, left)
        spared = (
            soldiers * (refused.own_soldiers - settled.own_soldiers)[-1, other]
            + civilians * (refused.civilians - settled.civilians)[-1, other]
        )
        stake = found.values.area * ground + found.values.aim
        right = (1.0 - discount) * between(by_draw(spared))[0][:, 0] / stake
        assert np.allclose(one.fearon_right, right)
        assert one.fearon[0] == pytest.approx(float((left > right).mean()))
        table = one.table()
        assert list(table.columns) == ["day", "low", "low50", "median", "high50", "high"]
        assert table["day"].tolist() == list(range(0, 7 * 27, 7))
        assert (table["low"] <= table["median"]).all()
        assert "by Fearon's condition" in one.sentence()
    first, second = found.conditions

    def worth(branch: object, player: int) -> np.ndarray:
        pursued = (1.0, 1.0)[player]
        return (
            -soldiers * branch.own_soldiers[-1, player]  # type: ignore[attr-defined]
            - civilians * branch.civilians[-1, player]  # type: ignore[attr-defined]
            - found.values.area * branch.ground_lost[-1, player]  # type: ignore[attr-defined]
            + found.values.aim * pursued * branch.aim[-1, player]  # type: ignore[attr-defined]
        )

    gain = worth(exploited, 0) - worth(refused, 0)
    surplus = sum(worth(settled, player) - worth(refused, player) for player in (0, 1))
    both = between(np.concatenate([by_draw(gain), by_draw(np.asarray(surplus))], axis=-1))[0]
    assert first.powell is not None
    assert first.powell[0] == pytest.approx(float((both[:, 0] > both[:, 1]).mean()))
    # No branch has the one who answers attack after the truce: what the other's attack costs him is no gain.
    assert second.powell is second.powell_gain is second.as_json()["powell"] is None
    assert "Powell's is not computed" in second.sentence()
    assert "by Powell's" in first.sentence()


def test_a_draw_whose_wars_all_failed_is_left_out_of_the_shift() -> None:
    paths = np.random.default_rng(6).normal(size=(5, 6, 2)).cumsum(axis=0)
    paths[:, 2] = np.nan
    first, last, weekly = _expected(paths)
    assert weekly.shape == (5, 6)
    assert np.isnan(first).tolist() == np.isnan(last).tolist() == [False, False, True, False, False, False]
    kept = np.delete(paths, 2, axis=1)
    assert np.allclose(np.delete(weekly, 2, axis=1), _expected(kept)[2])


def test_the_truce_of_the_shift_begins_when_it_is_offered() -> None:
    found = invented(types=(SINCERE, SINCERE), draws=8)
    start = shared(INVENTED)["start", 8, 1]
    early, late = (
        _balances(
            scenario(INVENTED), start, dataclasses.replace(found.payoffs, terms=Terms(days=91, start_day=day))
        )[0]
        for day in (1, 60)
    )
    assert early.shape == late.shape
    # Until day 63 the war goes on.
    assert not np.allclose(early[0], late[0])


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
