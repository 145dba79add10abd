"""An internal break alone: rare, likelier under pressure, and without effect where there is none."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from math import exp, expm1, log
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from ceasefire.engine.fused.tracing import _RULES
from ceasefire.war import internal_break
from ceasefire.war.flows import enemy
from tests.reference import internal_break_reference as reference

NEXT_BROKEN = jax.jit(internal_break.next_broken)
BY_NAME = {parameter.name: parameter for parameter in internal_break.PARAMETERS}
BEST = {name: parameter.prior.best for name, parameter in BY_NAME.items()}
GRID = special.ndtri((np.arange(200_000) + 0.5) / 200_000).astype(np.float32)
"""Standard normal numbers that stand for all chances evenly."""


def both(first: float, second: float | None = None) -> jax.Array:
    return jnp.asarray([[first], [first if second is None else second]], dtype=jnp.float32)


def share_that_begins(rate: float, x: float, step: float = 1.0) -> float:
    """The share of all shocks with which a break begins in a week."""
    shock = jnp.broadcast_to(jnp.asarray(GRID), (2, GRID.size))
    nobody = jnp.zeros_like(shock)
    found = NEXT_BROKEN(nobody, nobody + x, shock, jnp.float32(1.0), both(rate), both(100.0), step)
    return float(jnp.mean(found.began))


def share_that_ends(days: float, step: float = 1.0) -> float:
    shock = jnp.broadcast_to(jnp.asarray(GRID), (2, GRID.size))
    broken = jnp.ones_like(shock)
    found = NEXT_BROKEN(broken, 0.0 * broken, shock, jnp.float32(1.0), both(1e-4), both(days), step)
    return float(jnp.mean(1.0 - found.broken_within))


def some_risk(bite: float = 0.4, deaths: float = 20_000.0, lost: float = 0.1, **changed: float) -> float:
    p = BEST | changed
    found = internal_break.risk(
        both(bite),
        both(deaths),
        both(2e6),
        both(lost),
        jnp.float32([p["break_by_sanctions"]]),
        jnp.float32([p["break_by_deaths"]]),
        jnp.float32([p["break_by_ground"]]),
    )
    return float(found[0, 0])


# Worked number and closed forms


def test_worked_number() -> None:
    told = " ".join((internal_break.__doc__ or "").split())
    assert "a chance of 0.91 % in a year; with s = 0.5 and a full bite, 1.5 %" in told
    weeks = 365 / 7
    for x, chance in ((0.0, 0.0091), (0.5 * 1.0, 0.015)):
        # A rate that the grid can resolve, scaled down: the yearly chance of rare events is linear in it.
        weekly = share_that_begins(2.5e-5 * 100, x) / 100
        assert weekly * weeks == pytest.approx(chance, rel=0.02)
        assert -expm1(-365 * 2.5e-5 * exp(x)) == pytest.approx(chance, rel=0.01)


@pytest.mark.parametrize("rate", [1e-4, 1e-3, 0.05])
@pytest.mark.parametrize("x", [0.0, 0.7, 3.0])
def test_a_break_begins_with_the_chance_that_is_said(rate: float, x: float) -> None:
    assert share_that_begins(rate, x) == pytest.approx(-expm1(-7 * rate * exp(x)), rel=1e-2, abs=1e-5)


@pytest.mark.parametrize("days", [1.0, 30.0, 1_000.0])
def test_a_break_ends_with_the_chance_that_is_said(days: float) -> None:
    assert share_that_ends(days) == pytest.approx(-expm1(-7 / days), rel=1e-2)


def test_a_step_of_a_week_has_the_same_chances() -> None:
    assert share_that_begins(7 * 1e-3, 0.5, 7.0) == share_that_begins(1e-3, 0.5)
    assert share_that_ends(70.0 / 7, 7.0) == share_that_ends(70.0)


def test_nothing_changes_but_on_the_first_day_of_a_week() -> None:
    broken = both(0.0, 1.0)
    low = both(-6.0)
    for new_week, expected in ((0.0, [0.0, 1.0]), (1.0, [1.0, 0.0])):
        found = NEXT_BROKEN(broken, both(20.0), low, jnp.float32(new_week), both(1e-3), both(10.0))
        assert found.broken_within[:, 0].tolist() == expected
        assert found.began[:, 0].tolist() == [new_week, 0.0]


def test_deaths_are_remembered_and_none_is_lost() -> None:
    """Steady losses of 100 a day are remembered as 100 times the time; start + in - faded = end."""
    step = jax.jit(internal_break.next_recent_deaths)
    recent, killed, faded = both(10_000.0, 0.0), both(100.0, 30.0), np.zeros((2, 1))
    start = np.asarray(recent, np.float64)
    for _ in range(700):
        faded += np.asarray(recent / 50.0, np.float64)
        recent = step(recent, killed, jnp.float32([50.0]))
    assert np.asarray(recent)[:, 0] == pytest.approx([5_000.0, 1_500.0], rel=1e-3)
    assert np.asarray(start + 700 * killed - faded) == pytest.approx(np.asarray(recent), rel=1e-3)


@given(recent=st.floats(0, 1e6), killed=st.floats(0, 1e5), days=st.floats(30, 10_000))
def test_a_day_of_memory_is_in_balance(recent: float, killed: float, days: float) -> None:
    after = internal_break.next_recent_deaths(both(recent), both(killed), jnp.float32([days]))
    assert float(after[0, 0]) == pytest.approx(recent + killed - recent / days, rel=1e-5, abs=1e-6)
    assert float(after[0, 0]) >= 0


def test_ground_lost_is_net_and_of_the_ground_at_the_start() -> None:
    taken = jnp.asarray([[[100.0], [50.0]], [[300.0], [0.0]]])
    found = internal_break.ground_lost(taken, jnp.asarray([[[600.0], [900.0]], [[1e3], [1e3]]]))
    assert found[:, 0].tolist() == pytest.approx([0.1, 0.0])


# Neutral values


def test_without_a_break_nothing_changes_at_all() -> None:
    factors = internal_break.effects(both(0.0), both(0.73), both(0.41))
    for factor in factors:
        assert factor.tolist() == [[1.0], [1.0]]


def test_shares_of_nothing_change_nothing_but_the_attacks() -> None:
    factors = internal_break.effects(both(1.0), both(0.0), both(0.0))
    assert factors.call_up.tolist() == factors.production.tolist() == [[1.0], [1.0]]
    assert factors.offensives.tolist() == [[0.0], [0.0]]


def test_a_rate_of_nothing_never_breaks() -> None:
    shock = jnp.broadcast_to(jnp.float32([-40.0, -8.0, 0.0, 8.0, 40.0]), (2, 5))
    found = NEXT_BROKEN(
        jnp.zeros_like(shock), jnp.full_like(shock, 1e9), shock, jnp.float32(1.0), both(0.0), both(10.0)
    )
    assert not found.broken_within.any()


def test_a_broken_side_attacks_no_more() -> None:
    factors = internal_break.effects(both(1.0, 0.0), both(0.4), both(0.2))
    assert factors.offensives[:, 0].tolist() == [0.0, 1.0]
    assert factors.call_up[:, 0].tolist() == pytest.approx([0.6, 1.0])
    assert factors.production[:, 0].tolist() == pytest.approx([0.8, 1.0])


# Directions, each strict


@pytest.mark.parametrize("name", ["break_by_sanctions", "break_by_deaths", "break_by_ground"])
def test_pressure_counts_for_more_where_it_weighs_more(name: str) -> None:
    assert some_risk(**{name: 2 * BEST[name]}) > some_risk()


@pytest.mark.parametrize("change", [{"bite": 0.5}, {"deaths": 30_000.0}, {"lost": 0.2}])
def test_each_pressure_raises_the_chance(change: dict[str, float]) -> None:
    less, more = (share_that_begins(1e-3, x) for x in (some_risk(), some_risk(**change)))
    assert more > less


def test_the_rate_raises_the_chance_and_the_days_lower_that_of_an_end() -> None:
    assert share_that_begins(2e-3, 0.1) > share_that_begins(1e-3, 0.1)
    assert share_that_ends(60.0) < share_that_ends(30.0)


def test_longer_grief_remembers_more_and_more_deaths_before_the_start_weigh_more() -> None:
    short, long = (
        internal_break.next_recent_deaths(both(1_000.0), both(10.0), jnp.float32([days]))
        for days in (180.0, 365.0)
    )
    assert (long > short).all()
    assert some_risk(deaths=BEST["initial_recent_deaths"] * 2) > some_risk(
        deaths=BEST["initial_recent_deaths"]
    )


def test_larger_losses_leave_less() -> None:
    less, more = (internal_break.effects(both(1.0), both(loss), both(loss)) for loss in (0.2, 0.3))
    assert (more.call_up < less.call_up).all()
    assert (more.production < less.production).all()


# Mirror, bounds, reference, primitives


def week(rng: np.random.Generator, wars: int = 256) -> dict[str, np.ndarray]:
    """A week of many wars by chance, all of it `[2, N]` but what is said of fronts and the whole war."""
    f = np.float32
    side = (2, wars)
    return {
        "broken": (rng.random(side) < 0.3).astype(f),
        "bite": rng.random(side).astype(f),
        "deaths": rng.uniform(0, 2e5, side).astype(f),
        "people": rng.uniform(1e5, 1e7, side).astype(f),
        "taken": rng.uniform(0, 5_000, (2, 3, wars)).astype(f),
        "at_start": rng.uniform(1_000, 60_000, (2, 3, wars)).astype(f),
        "shock": rng.standard_normal(side).astype(f),
        "killed": rng.uniform(0, 1_000, side).astype(f),
        "rate": np.exp(rng.uniform(np.log(1e-6), np.log(0.05), side)).astype(f),
        "days": rng.uniform(1, 400, side).astype(f),
        "s": rng.uniform(0, 2, wars).astype(f),
        "d": rng.uniform(0, 50, wars).astype(f),
        "g": rng.uniform(0, 8, wars).astype(f),
        "grief": rng.uniform(30, 800, wars).astype(f),
    }


def walked(w: dict[str, Any]) -> tuple[jax.Array, ...]:
    lost = internal_break.ground_lost(w["taken"], w["at_start"])
    x = internal_break.risk(w["bite"], w["deaths"], w["people"], lost, w["s"], w["d"], w["g"])
    found = NEXT_BROKEN(w["broken"], x, w["shock"], jnp.float32(1.0), w["rate"], w["days"])
    factors = internal_break.effects(found.broken_within, w["bite"], 1.0 - w["bite"])
    recent = internal_break.next_recent_deaths(w["deaths"], w["killed"], w["grief"])
    return lost, x, *found, *factors, recent


def test_sides_that_change_places_mirror_to_the_last_bit() -> None:
    w = week(np.random.default_rng(3))
    turned = {name: value[::-1] if value.shape[0] == 2 else value for name, value in w.items()}
    walk = jax.jit(walked)
    for ours, theirs in zip(walk(w), walk(turned), strict=True):
        assert np.array_equal(np.asarray(ours), np.asarray(enemy(theirs)))


def test_it_agrees_with_the_plain_reference() -> None:
    w = week(np.random.default_rng(4))
    lost, x, broken, began, *_, recent = (np.asarray(one) for one in jax.jit(walked)(w))
    assert 0.02 < began.mean() < 0.9
    for i, n in product(range(2), range(256)):
        own = {name: float(value[i, n]) for name, value in w.items() if value.shape == (2, 256)}
        p = {name: float(w[name][n]) for name in ("s", "d", "g", "grief")}
        gone = reference.lost(
            *(w["taken"][side, :, n].astype(float).tolist() for side in (i, 1 - i)),
            w["at_start"][i, :, n].astype(float).tolist(),
        )
        assert lost[i, n] == pytest.approx(gone, rel=1e-5, abs=1e-7)
        pressure = reference.risk(own["bite"], own["deaths"], own["people"], gone, p["s"], p["d"], p["g"])
        assert x[i, n] == pytest.approx(pressure, rel=1e-5)
        hazard = own["rate"] * exp(pressure)
        # On the edge, where float32 may fall to either side, nothing is asked.
        if abs(log(-expm1(-7 * hazard)) - log(reference.normal(own["shock"]))) > 1e-4:
            told = reference.day(own["broken"], pressure, own["shock"], True, own["rate"], own["days"])
            assert (broken[i, n], began[i, n]) == told
        remembered = reference.remembered(own["deaths"], own["killed"], p["grief"])
        assert recent[i, n] == pytest.approx(remembered, rel=1e-5)


def test_the_bounds_of_all_parameters_and_empty_stocks_give_numbers() -> None:
    corners = [BY_NAME[name].bounds for name in ("internal_break_rate", "break_days", "grief_days")]
    corners += [BY_NAME[f"break_by_{what}"].bounds for what in ("sanctions", "deaths", "ground")]
    corners += [BY_NAME["break_recruitment_loss"].bounds, BY_NAME["break_production_loss"].bounds]
    corners += [(0.0, 1.0), (0.0, 5e6), (0.0, 1e7), (-40.0, 40.0), (0.0, 1.0)]
    table = np.asarray(list(product(*corners)), np.float32).T
    rate, days, grief, s, d, g, c, p, bite, deaths, people, z, broken = (
        jnp.broadcast_to(row, (2, table.shape[1])) for row in table
    )
    nothing = jnp.zeros((2, 3, table.shape[1]))
    lost = internal_break.ground_lost(nothing, nothing)
    x = internal_break.risk(bite, deaths, people, lost, s, d, g)
    found = NEXT_BROKEN(broken, x, z, jnp.float32(1.0), rate, days)
    recent = internal_break.next_recent_deaths(deaths, people, grief)
    for numbers in (lost, x, *found, *internal_break.effects(found.broken_within, c, p), recent):
        assert np.isfinite(np.asarray(numbers)).all()
        assert (np.asarray(numbers) >= 0).all()
    assert set(np.unique(np.asarray(found.broken_within))) == {0.0, 1.0}


def primitives(jaxpr: Any) -> Iterator[str]:
    for equation in jaxpr.eqns:
        yield equation.primitive.name
        for inner in equation.params.values():
            if hasattr(inner, "eqns") or hasattr(inner, "jaxpr"):
                yield from primitives(getattr(inner, "jaxpr", inner))


def test_every_operation_has_a_form_in_the_fused_loop() -> None:
    w = {name: jnp.asarray(value) for name, value in week(np.random.default_rng(1), 8).items()}
    found = set(primitives(jax.make_jaxpr(walked)(w).jaxpr))
    assert {"log", "log1p"} <= found
    assert found <= set(_RULES)


def test_every_parameter_is_tried_here() -> None:
    assert set(BY_NAME) == {
        "initial_recent_deaths",
        "internal_break_rate",
        "break_by_sanctions",
        "break_by_deaths",
        "break_by_ground",
        "grief_days",
        "break_days",
        "break_recruitment_loss",
        "break_production_loss",
    }
