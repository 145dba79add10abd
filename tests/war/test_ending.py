"""The end of a war alone: collapse, exhausted will, settlement, in this order and once."""

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
from ceasefire.war import ending
from tests.reference import ending_reference as reference

NEXT_WILL, NEXT_ENDING = jax.jit(ending.next_will), jax.jit(ending.next_ending)
HAZARD = jax.jit(ending.settlement_hazard)
BY_NAME = {parameter.name: parameter for parameter in ending.PARAMETERS}
BEST = {name: parameter.prior.best for name, parameter in BY_NAME.items()}
GRID = special.ndtri((np.arange(200_000) + 0.5) / 200_000).astype(np.float32)
"""Standard normal numbers that stand for all chances evenly."""
NO = jnp.zeros((2, 1))


def both(first: float, second: float | None = None) -> jax.Array:
    return jnp.asarray([[first], [first if second is None else second]], dtype=jnp.float32)


def one(value: float) -> jax.Array:
    return jnp.asarray([value], dtype=jnp.float32)


def share_that_settles(hazard: float, step: float = 1.0) -> float:
    """The share of all shocks with which a war is settled in a week."""
    wars = GRID.size
    nobody = jnp.zeros((2, wars))
    found = NEXT_ENDING(
        nobody,
        nobody,
        jnp.zeros(wars),
        nobody > 0,
        nobody + 0.5,
        jnp.full(wars, hazard, jnp.float32),
        jnp.asarray(GRID),
        jnp.float32(1.0),
        step,
    )
    return float(jnp.mean(found.settled))


def will_after(days: int, start: float, killed: float, people: float, **changed: float) -> float:
    p = BEST | {"hardship": 0.0, "truce": 0.0} | changed
    will = both(start)
    for _ in range(days):
        will = NEXT_WILL(
            will,
            both(killed),
            both(people),
            both(p["hardship"]),
            one(p["truce"]),
            both(p["will_by_deaths"]),
            both(p["will_by_hardship"]),
            both(p["will_recovery_days"]),
        )
    return float(will[0, 0])


def hazard(
    will: tuple[float, float] = (0.5, 0.5), seen: tuple[float, float] = (-2.0, -2.0), rate: float = 0.003
) -> float:
    found = HAZARD(both(*will), both(*seen), both(-0.9), one(rate))
    return float(found[0])


def next_day(
    collapses: tuple[bool, bool] = (False, False),
    will: tuple[float, float] = (0.5, 0.5),
    rate: float = 0.0,
    shock: float = 0.0,
    new_week: float = 1.0,
    before: ending.Ending | None = None,
) -> ending.Ending:
    was = ending.Ending(NO, NO, one(0.0), one(0.0)) if before is None else before
    return NEXT_ENDING(
        was.collapsed,
        was.exhausted,
        was.settled,
        jnp.asarray(collapses)[:, None],
        both(*will),
        one(rate),
        one(shock),
        jnp.float32(new_week),
    )


def how(found: ending.Ending) -> tuple[list[float], list[float], float, float]:
    return (
        found.collapsed[:, 0].tolist(),
        found.exhausted[:, 0].tolist(),
        float(found.settled[0]),
        float(found.ended[0]),
    )


# Worked number and closed forms


def test_worked_number() -> None:
    told = " ".join((ending.__doc__ or "").split())
    assert "will 0.85, d = 10: exhausted once 8.5 % of the people have been killed" in told
    assert "h = 0.0015 a day, a settlement within a year with 42 %" in told
    people = 1e6
    assert will_after(84, 0.85, 0.001 * people, people, will_by_deaths=10.0) == pytest.approx(0.01, rel=1e-3)
    assert will_after(86, 0.85, 0.001 * people, people, will_by_deaths=10.0) == 0.0
    assert hazard() == pytest.approx(0.0015, rel=1e-6)
    weekly = share_that_settles(hazard())
    assert 1 - (1 - weekly) ** (365 / 7) == pytest.approx(0.42, abs=0.005)


@pytest.mark.parametrize("rate", [1e-4, 1e-3, 0.02, 1.0])
def test_a_settlement_has_the_chance_that_is_said(rate: float) -> None:
    assert share_that_settles(rate) == pytest.approx(-expm1(-7 * rate), rel=1e-2)


def test_a_step_of_a_week_has_the_same_chance() -> None:
    assert share_that_settles(0.007, 7.0) == share_that_settles(0.001)


def test_will_comes_back_in_a_truce_as_an_exponential() -> None:
    back = will_after(500, 0.3, 0.0, 1e6, truce=1.0, will_recovery_days=500.0)
    assert back == pytest.approx(1 - 0.7 * (1 - 1 / 500) ** 500, rel=1e-4)
    assert back == pytest.approx(1 - 0.7 * exp(-1), rel=1e-2)


def test_hardship_takes_will_in_proportion_to_time() -> None:
    lost = 1.0 - will_after(200, 1.0, 0.0, 1e6, hardship=0.5, will_by_hardship=1e-3)
    assert lost == pytest.approx(0.1, rel=1e-4)


@given(will=st.floats(0, 1), killed=st.floats(0, 1e4), people=st.floats(1e5, 1e7), hardship=st.floats(0, 1))
def test_a_day_of_will_is_in_balance(will: float, killed: float, people: float, hardship: float) -> None:
    p = BEST
    tomorrow = will_after(1, will, killed, people, hardship=hardship, truce=1.0)
    change = (
        -p["will_by_deaths"] * killed / people
        - p["will_by_hardship"] * hardship
        + (1 - will) / p["will_recovery_days"]
    )
    assert tomorrow == pytest.approx(min(max(will + change, 0.0), 1.0), rel=1e-5, abs=1e-6)


def test_a_force_collapses_where_it_is_small_and_the_enemy_could_break_it() -> None:
    top, share, edge = both(400_000.0), one(0.5), one(0.0)
    small, large = both(190_000.0), both(210_000.0)

    def found(force: jax.Array, first: float, second: float) -> list[bool]:
        return ending.collapses(force, top, both(first, second), share, edge)[:, 0].tolist()

    assert found(small, 0.1, -0.1) == [False, True]
    assert found(small, 0.1, 0.1) == [True, True]
    assert found(small, -0.1, -0.1) == [False, False]
    assert found(large, 0.1, 0.1) == [False, False]


def test_nearness_runs_from_the_largest_force_to_the_share() -> None:
    def near(force: float) -> float:
        return float(ending.nearness(both(force), both(400.0), one(0.5))[0, 0])

    assert near(400.0) == 0.0
    assert near(300.0) == pytest.approx(0.5, rel=1e-5)
    assert near(200.0) == pytest.approx(1.0, rel=1e-5)
    assert near(10.0) == 1.0


def test_a_war_ends_in_one_way_and_once() -> None:
    settled = {"rate": 5.0, "shock": -3.0}
    assert how(next_day()) == ([0, 0], [0, 0], 0, 0)
    assert how(next_day((True, False), (0.0, 0.0), **settled)) == ([1, 0], [0, 0], 0, 1)
    assert how(next_day((True, True))) == ([1, 1], [0, 0], 0, 1)
    assert how(next_day(will=(0.0, 0.2), **settled)) == ([0, 0], [1, 0], 0, 1)
    assert how(next_day(will=(0.0, 0.0))) == ([0, 0], [1, 1], 0, 1)
    assert how(next_day(**settled)) == ([0, 0], [0, 0], 1, 1)
    assert how(next_day(**settled, new_week=0.0)) == ([0, 0], [0, 0], 0, 0)
    for first in (next_day((True, False)), next_day(will=(0.5, 0.0)), next_day(**settled)):
        later = next_day((True, True), (0.0, 0.0), **settled, before=first)
        assert how(later) == how(first)


# Neutral values


def test_effects_of_nothing_leave_the_will_exactly() -> None:
    nothing = {"will_by_deaths": 0.0, "will_by_hardship": 0.0}
    start = float(np.float32(0.7))
    assert will_after(50, start, 5_000.0, 1e6, hardship=1.0, **nothing) == start


def test_a_share_of_nothing_never_collapses_and_a_rate_of_nothing_never_settles() -> None:
    forces = jnp.asarray([[0.0, 1.0, 1e6]] * 2)
    assert not ending.collapses(forces, forces + 1e6, forces + 9.0, one(0.0), one(-6.0)).any()
    assert share_that_settles(0.0) == 0.0


def test_whoever_expects_a_gain_or_is_fresh_does_not_settle() -> None:
    assert hazard(seen=(-2.0, -0.8)) == hazard(seen=(-0.8, -2.0)) == 0.0
    assert hazard(will=(0.1, 1.0)) == hazard(will=(1.0, 0.1)) == 0.0


# Directions, each strict


def test_more_of_each_parameter_moves_the_will() -> None:
    base = will_after(10, 0.6, 500.0, 1e6, hardship=0.3, truce=1.0)

    def changed(name: str) -> float:
        more = {name: 2 * BEST[name]}
        return will_after(10, 0.6, 500.0, 1e6, hardship=0.3, truce=1.0, **more)

    assert changed("will_by_deaths") < base
    assert changed("will_by_hardship") < base
    assert changed("will_recovery_days") < base
    assert will_after(10, BEST["initial_will"], 500.0, 1e6) > will_after(10, 0.6, 500.0, 1e6)


def test_a_higher_share_collapses_sooner_and_a_higher_balance_later() -> None:
    forces = jnp.broadcast_to(jnp.linspace(0, 1, 101), (2, 101))
    seen = jnp.linspace(-1, 1, 101)

    def count(share: float, balance: float) -> int:
        everywhere = jnp.broadcast_to(seen, (2, 101))
        by_force = ending.collapses(forces, forces * 0 + 1, forces * 0 + 1, one(share), one(balance))
        by_balance = ending.collapses(
            everywhere * 0, everywhere * 0 + 1, everywhere, one(share), one(balance)
        )
        return int(by_force.sum()) + int(by_balance.sum())

    assert count(0.6, 0.0) > count(0.5, 0.0)
    assert count(0.5, 0.4) < count(0.5, 0.0)
    low, high = (ending.nearness(both(300.0), both(400.0), one(share)) for share in (0.3, 0.5))
    assert (high > low).all()


def test_less_will_and_a_higher_rate_settle_sooner() -> None:
    assert hazard(will=(0.4, 0.4)) > hazard(will=(0.5, 0.4)) == hazard(will=(0.4, 0.5))
    assert hazard(rate=0.004) > hazard(rate=0.003)
    assert share_that_settles(0.004) > share_that_settles(0.003)


# Mirror, bounds, reference, primitives


def morning(rng: np.random.Generator, wars: int = 512) -> dict[str, np.ndarray]:
    """Many wars by chance, `[2, N]` but what is of the whole war."""
    f = np.float32
    side = (2, wars)
    top = rng.uniform(1e5, 1e6, side)
    over = rng.random(wars) < 0.2
    first = (rng.random(wars) < 0.5) & over
    found = {
        "force": (top * rng.uniform(0.3, 1.2, side)).astype(f),
        "top": top.astype(f),
        "balance": rng.normal(-0.5, 0.8, side).astype(f),
        "perceived": rng.normal(-1.2, 0.6, side).astype(f),
        "threshold": rng.normal(-0.9, 0.4, side).astype(f),
        "will": np.clip(rng.uniform(-0.1, 1.0, side), 0, 1).astype(f),
        "killed": rng.uniform(0, 3_000, side).astype(f),
        "people": rng.uniform(1e5, 1e7, side).astype(f),
        "hardship": rng.random(side).astype(f),
        "in_force": (rng.random(wars) < 0.4).astype(f),
        "collapsed": np.stack([first, over & ~first & (rng.random(wars) < 0.5)]).astype(f),
        "exhausted": np.zeros(side, f),
        "settled": np.zeros(wars, f),
        "shock": rng.standard_normal(wars).astype(f),
    }
    for name, parameter in BY_NAME.items():
        size = side if parameter.per_side else wars
        found[name] = parameter.prior.draw(rng.standard_normal(size), parameter.bounds).astype(f)
    found["settlement_rate"] = rng.uniform(0, 0.4, wars).astype(f)
    return found


def walked(w: dict[str, Any]) -> tuple[jax.Array, ...]:
    top = jnp.maximum(w["top"], w["force"])
    near = ending.nearness(w["force"], top, w["collapse_share"])
    collapses = ending.collapses(w["force"], top, w["balance"], w["collapse_share"], w["collapse_balance"])
    will = ending.next_will(
        w["will"],
        w["killed"],
        w["people"],
        w["hardship"],
        w["in_force"],
        w["will_by_deaths"],
        w["will_by_hardship"],
        w["will_recovery_days"],
    )
    chance = ending.settlement_hazard(w["will"], w["perceived"], w["threshold"], w["settlement_rate"])
    found = ending.next_ending(
        w["collapsed"],
        w["exhausted"],
        w["settled"],
        collapses,
        w["will"],
        chance,
        w["shock"],
        jnp.float32(1.0),
    )
    return near, collapses, will, chance, *found


def test_sides_that_change_places_mirror_to_the_last_bit() -> None:
    w = morning(np.random.default_rng(3))
    turned = {name: value[::-1] if value.shape[0] == 2 else value for name, value in w.items()}
    walk = jax.jit(walked)
    for ours, theirs in zip(walk(w), walk(turned), strict=True):
        back = theirs[::-1] if theirs.ndim == 2 else theirs
        assert np.array_equal(np.asarray(ours), np.asarray(back))


def test_it_agrees_with_the_plain_reference() -> None:
    w = morning(np.random.default_rng(4))
    near, collapses, will, chance, collapsed, exhausted, settled, ended = (
        np.asarray(found) for found in jax.jit(walked)(w)
    )
    for kind in (collapsed, exhausted):
        assert 0 < kind.mean() < 0.9
    assert 0 < settled.mean() < 0.9
    for n in range(512):
        p = {name: float(w[name][n]) for name in BY_NAME if not BY_NAME[name].per_side}

        def pair(name: str, n: int = n) -> tuple[float, float]:
            return float(w[name][0, n]), float(w[name][1, n])

        force, before, balance = pair("force"), pair("top"), pair("balance")
        falls = []
        for i in range(2):
            top = max(before[i], force[i])
            share = p["collapse_share"]
            assert near[i, n] == pytest.approx(reference.near(force[i], top, share), rel=1e-5, abs=1e-6)
            falls.append(reference.collapse(force[i], top, balance[1 - i], share, p["collapse_balance"]))
            tomorrow = reference.will(
                pair("will")[i],
                pair("killed")[i],
                pair("people")[i],
                pair("hardship")[i],
                bool(w["in_force"][n]),
                *(pair(name)[i] for name in ("will_by_deaths", "will_by_hardship", "will_recovery_days")),
            )
            assert will[i, n] == pytest.approx(tomorrow, rel=1e-5, abs=1e-6)
        assert collapses[:, n].tolist() == falls
        h = reference.hazard(pair("will"), pair("perceived"), pair("threshold"), p["settlement_rate"])
        assert chance[n] == pytest.approx(h, rel=1e-5, abs=1e-9)
        # On the edge, where float32 may fall to either side, nothing is asked.
        edge = h > 0 and abs(log(-expm1(-7 * h)) - special.log_ndtr(float(w["shock"][n]))) < 1e-4
        if not edge:
            war = reference.War(pair("collapsed"), pair("exhausted"), float(w["settled"][n]))
            told = reference.day(war, (falls[0], falls[1]), pair("will"), h, float(w["shock"][n]), True)
            assert tuple(collapsed[:, n]) == told.collapsed
            assert tuple(exhausted[:, n]) == told.exhausted
            assert settled[n] == told.settled
            assert ended[n] == float(told.has_ended())


def test_the_bounds_of_all_parameters_and_empty_stocks_give_numbers() -> None:
    corners = [parameter.bounds for parameter in ending.PARAMETERS]
    corners += [(0.0, 1e6), (0.0, 1e7), (0.0, 1.0), (-6.0, 6.0), (-40.0, 40.0)]
    table = np.asarray(list(product(*corners)), np.float32).T
    p = dict(zip(BY_NAME, table, strict=False))
    amount, people, share, level, shock = table[-5:]
    side = {name: jnp.broadcast_to(value, (2, value.size)) for name, value in p.items()}
    force, all_people, shares, levels = (
        jnp.broadcast_to(row, (2, row.size)) for row in (amount, people, share, level)
    )
    near = ending.nearness(force, all_people, p["collapse_share"])
    falls = ending.collapses(force, all_people, levels, p["collapse_share"], p["collapse_balance"])
    will = ending.next_will(
        side["initial_will"],
        force,
        all_people,
        shares,
        share,
        side["will_by_deaths"],
        side["will_by_hardship"],
        side["will_recovery_days"],
    )
    chance = ending.settlement_hazard(will, levels, shares, p["settlement_rate"])
    nobody = jnp.zeros_like(force)
    found = ending.next_ending(nobody, nobody, nobody[0], falls, will, chance, shock, jnp.float32(1.0))
    for numbers in (near, will, chance, *found):
        assert np.isfinite(np.asarray(numbers)).all()
        assert (np.asarray(numbers) >= 0).all()
    for numbers in (near, will, *found):
        assert (np.asarray(numbers) <= 1).all()
    kinds = found.collapsed.max(axis=0) + found.exhausted.max(axis=0) + found.settled
    assert np.array_equal(np.asarray(kinds), np.asarray(found.ended))


def primitives(jaxpr: Any) -> Iterator[str]:
    for equation in jaxpr.eqns:
        yield equation.primitive.name
        for inner in equation.params.values():
            if hasattr(inner, "eqns") or hasattr(inner, "jaxpr"):
                yield from primitives(getattr(inner, "jaxpr", inner))


def test_every_operation_has_a_form_in_the_fused_loop() -> None:
    w = {name: jnp.asarray(value) for name, value in morning(np.random.default_rng(1), 8).items()}
    found = set(primitives(jax.make_jaxpr(walked)(w).jaxpr))
    assert {"log1p", "reduce_max", "reduce_min"} <= found
    assert found <= set(_RULES)


def test_every_parameter_is_tried_here() -> None:
    assert set(BY_NAME) == {
        "initial_will",
        "collapse_share",
        "collapse_balance",
        "will_by_deaths",
        "will_by_hardship",
        "will_recovery_days",
        "settlement_rate",
    }
