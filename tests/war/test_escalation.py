"""Escalation alone: a count beside the war, that rises with what is said to bring a wider one."""

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

from ceasefire.engine.fused.tracing import _RULES
from ceasefire.war import escalation
from tests.reference import escalation_reference as reference

LOG_FOLD, NEXT = jax.jit(escalation.log_fold), jax.jit(escalation.next_escalation)
BY_NAME = {parameter.name: parameter for parameter in escalation.PARAMETERS}
BEST = {name: parameter.prior.best for name, parameter in BY_NAME.items()}
OF_X = (
    "escalation_by_collapse",
    "escalation_by_ground",
    "escalation_ground_pace",
    "escalation_by_aid",
    "escalation_by_assault",
    "escalation_by_strikes",
    "escalation_strike_pace",
)
WEIGHTS = tuple(name for name in OF_X if "_by_" in name)
CALM = {
    "near": (0.0, 0.0),
    "pace": (0.0, 0.0),
    "abroad": (0.0, 0.0),
    "assault": (0.0, 0.0),
    "launched": (0.0, 0.0),
}
TROUBLED = {
    "near": (0.4, 0.1),
    "pace": (30.0, 0.0),
    "abroad": (0.0, 0.6),
    "assault": (1.0, 0.0),
    "launched": (12.0, 1.0),
}


def both(values: tuple[float, float]) -> jax.Array:
    return jnp.asarray(values, dtype=jnp.float32)[:, None]


def one(value: float) -> jax.Array:
    return jnp.asarray([value], dtype=jnp.float32)


def fold(conditions: dict[str, tuple[float, float]] = TROUBLED, **changed: float) -> float:
    p = BEST | changed
    found = LOG_FOLD(*map(both, conditions.values()), *(one(p[name]) for name in OF_X))
    return float(found[0])


def after(
    days: int, x: float = 0.0, truce: float = 0.0, ended: float = 0.0, start: float = 0.0, **changed: float
) -> float:
    p = BEST | changed
    number = one(start)
    for _ in range(days):
        number = NEXT(
            number,
            one(x),
            one(truce),
            one(ended),
            one(p["escalation_rate"]),
            one(p["escalation_truce_share"]),
        )
    return float(number[0])


# Worked number and closed forms


def test_worked_number() -> None:
    told = " ".join((escalation.__doc__ or "").split())
    assert "an expected 0.0091 in a year, a probability of 0.91 %" in told
    assert "twice the rate where x = ln 2" in told
    year = after(365, escalation_rate=2.5e-5)
    assert year == pytest.approx(365 * 2.5e-5, rel=1e-4)
    assert year == pytest.approx(0.0091, rel=0.01)
    assert float(escalation.probability(one(year))[0]) == pytest.approx(0.0091, rel=0.01)
    assert after(365, log(2), escalation_rate=2.5e-5) == pytest.approx(2 * year, rel=1e-4)


@given(number=st.floats(0, 30))
def test_the_probability_of_at_least_one(number: float) -> None:
    found = float(escalation.probability(one(number))[0])
    assert found == pytest.approx(-expm1(-number), rel=1e-5, abs=1e-7)
    assert 0 <= found <= 1


def test_the_number_is_the_sum_of_its_days() -> None:
    assert after(10, 0.3, start=0.5) == pytest.approx(0.5 + 10 * BEST["escalation_rate"] * exp(0.3), rel=1e-5)


def test_a_step_of_a_week_adds_what_seven_days_add() -> None:
    """Rates and paces are counted in the step; so is what is lost and launched in it."""
    weekly = {
        name: (7 * a, 7 * b) if name in ("pace", "launched") else (a, b) for name, (a, b) in TROUBLED.items()
    }
    paces = {name: 7 * BEST[name] for name in ("escalation_ground_pace", "escalation_strike_pace")}
    assert fold(weekly, **paces) == pytest.approx(fold(), rel=1e-6)
    once = after(1, fold(), escalation_rate=7 * BEST["escalation_rate"])
    assert once == pytest.approx(after(7, fold()), rel=1e-5)


def test_half_of_a_weight_is_added_at_its_pace() -> None:
    at = CALM | {"pace": (0.0, BEST["escalation_ground_pace"])}
    assert fold(at) == pytest.approx(BEST["escalation_by_ground"] / 2, rel=1e-6)
    at = CALM | {"launched": (BEST["escalation_strike_pace"] / 2,) * 2}
    assert fold(at) == pytest.approx(BEST["escalation_by_strikes"] / 2, rel=1e-6)


def test_the_pace_of_the_ground_is_net() -> None:
    taken = jnp.asarray([[[10.0], [0.0]], [[25.0], [5.0]]])
    assert escalation.ground_pace(taken)[:, 0].tolist() == [20.0, 0.0]


def test_the_share_from_abroad() -> None:
    found = escalation.from_abroad(both((3_000.0, 0.0)), both((1_000.0, 0.0)))
    assert found[:, 0].tolist() == pytest.approx([0.75, 0.0], rel=1e-6)


# Neutral values


def test_no_condition_leaves_the_base_rate_exactly() -> None:
    assert fold(CALM) == 0.0
    assert fold(TROUBLED, **dict.fromkeys(WEIGHTS, 0.0)) == 0.0


def test_a_rate_of_nothing_adds_nothing() -> None:
    assert after(5, 40.0, start=0.25, escalation_rate=0.0) == 0.25


def test_an_ended_war_adds_nothing() -> None:
    assert after(5, 3.0, ended=1.0, start=0.25) == 0.25


# Directions, each strict


@pytest.mark.parametrize("name", WEIGHTS)
def test_a_condition_counts_for_more_where_it_weighs_more(name: str) -> None:
    assert fold(**{name: 2 * BEST[name]}) > fold()


@pytest.mark.parametrize("name", ["escalation_ground_pace", "escalation_strike_pace"])
def test_a_higher_pace_to_reach_lowers_the_chance(name: str) -> None:
    assert fold(**{name: 2 * BEST[name]}) < fold()


@pytest.mark.parametrize("name", list(CALM))
@pytest.mark.parametrize("side", [0, 1])
def test_each_condition_of_either_side_raises_the_chance(name: str, side: int) -> None:
    of_one = tuple(0.5 if side == i else 0.0 for i in range(2))
    assert fold(CALM | {name: of_one}) > 0
    assert fold(CALM | {name: tuple(2 * value for value in of_one)}) > fold(CALM | {name: of_one})


def test_a_higher_rate_and_a_truce_that_matters_less_raise_the_number() -> None:
    assert after(3, escalation_rate=2e-5) > after(3, escalation_rate=1e-5)
    assert after(3, truce=1.0, escalation_truce_share=0.6) > after(3, truce=1.0, escalation_truce_share=0.5)
    assert after(3, truce=1.0) == pytest.approx(BEST["escalation_truce_share"] * after(3), rel=1e-5)


# Mirror, bounds, reference, primitives


def conditions(rng: np.random.Generator, wars: int = 256) -> dict[str, np.ndarray]:
    f = np.float32
    side = (2, wars)
    found = {
        "near": rng.random(side).astype(f),
        "taken": rng.uniform(0, 300, (2, 3, wars)).astype(f),
        "arriving": (rng.uniform(0, 6_000, side) * (rng.random(side) < 0.7)).astype(f),
        "made": (rng.uniform(0, 6_000, side) * (rng.random(side) < 0.7)).astype(f),
        "assault": (rng.random(side) < 0.3).astype(f),
        "launched": (rng.uniform(0, 40, side) * (rng.random(side) < 0.7)).astype(f),
        "escalation": rng.uniform(0, 1, wars).astype(f),
        "in_force": (rng.random(wars) < 0.3).astype(f),
        "ended": (rng.random(wars) < 0.2).astype(f),
    }
    for name, parameter in BY_NAME.items():
        found[name] = parameter.prior.draw(rng.standard_normal(wars), parameter.bounds).astype(f)
    return found


def walked(w: dict[str, Any]) -> tuple[jax.Array, ...]:
    pace = escalation.ground_pace(w["taken"])
    abroad = escalation.from_abroad(w["arriving"], w["made"])
    x = escalation.log_fold(w["near"], pace, abroad, w["assault"], w["launched"], *(w[name] for name in OF_X))
    number = escalation.next_escalation(
        w["escalation"], x, w["in_force"], w["ended"], w["escalation_rate"], w["escalation_truce_share"]
    )
    return x, number, escalation.probability(number)


def test_sides_that_change_places_leave_every_number_to_the_last_bit() -> None:
    w = conditions(np.random.default_rng(3))
    turned = {name: value[::-1] if value.shape[0] == 2 else value for name, value in w.items()}
    walk = jax.jit(walked)
    for ours, theirs in zip(walk(w), walk(turned), strict=True):
        assert np.array_equal(np.asarray(ours), np.asarray(theirs))


def test_it_agrees_with_the_plain_reference() -> None:
    w = conditions(np.random.default_rng(4))
    x, number, _ = (np.asarray(found) for found in jax.jit(walked)(w))
    for n in range(256):
        p = {name: float(w[name][n]) for name in BY_NAME}
        near, arriving, made, assault, launched = (
            (float(w[name][0, n]), float(w[name][1, n]))
            for name in ("near", "arriving", "made", "assault", "launched")
        )
        ground = reference.pace(*(w["taken"][i, :, n].astype(float).tolist() for i in range(2)))
        told = reference.fold(near, ground, arriving, made, assault, launched, p)
        assert x[n] == pytest.approx(told, rel=1e-5, abs=1e-6)
        tomorrow = reference.day(
            float(w["escalation"][n]),
            told,
            bool(w["in_force"][n]),
            bool(w["ended"][n]),
            p["escalation_rate"],
            p["escalation_truce_share"],
        )
        assert number[n] == pytest.approx(tomorrow, rel=1e-5)


def test_the_bounds_of_all_parameters_give_numbers() -> None:
    corners = [parameter.bounds for parameter in escalation.PARAMETERS] + [(0.0, 1.0), (0.0, 1e6), (0.0, 1.0)]
    table = np.asarray(list(product(*corners)), np.float32).T
    p = dict(zip(BY_NAME, table, strict=False))
    share, amount, truce = table[-3:]
    pair = [jnp.broadcast_to(row, (2, row.size)) for row in (share, amount, share, share, amount)]
    x = escalation.log_fold(*pair, *(p[name] for name in OF_X))
    number = jnp.zeros_like(x)
    for _ in range(3):
        number = escalation.next_escalation(
            number, x, truce, jnp.zeros_like(x), p["escalation_rate"], p["escalation_truce_share"]
        )
    for numbers in (x, number, escalation.probability(number)):
        assert np.isfinite(np.asarray(numbers)).all()
        assert (np.asarray(numbers) >= 0).all()
    nothing = escalation.from_abroad(jnp.zeros((2, 3)), jnp.zeros((2, 3)))
    assert not nothing.any()


def primitives(jaxpr: Any) -> Iterator[str]:
    for equation in jaxpr.eqns:
        yield equation.primitive.name
        for inner in equation.params.values():
            if hasattr(inner, "eqns") or hasattr(inner, "jaxpr"):
                yield from primitives(getattr(inner, "jaxpr", inner))


def test_every_operation_has_a_form_in_the_fused_loop() -> None:
    w = {name: jnp.asarray(value) for name, value in conditions(np.random.default_rng(1), 8).items()}
    found = list(primitives(jax.make_jaxpr(lambda given: walked(given)[1])(w).jaxpr))
    assert set(found) <= set(_RULES)
    assert found.count("exp") == 1, "one exponential a war and day"


def test_every_parameter_is_tried_here() -> None:
    assert set(BY_NAME) == {*OF_X, "escalation_rate", "escalation_truce_share"}
