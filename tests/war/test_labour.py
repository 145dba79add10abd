"""Labour: who is missing at work, and what it costs."""

from __future__ import annotations

import csv
from importlib.resources import files
from itertools import product
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ceasefire.engine.fused.tracing import _RULES
from ceasefire.war import labour
from tests.reference import labour_reference as reference

WARS = 64
FLOWS = ("called_up", "emigrating", "back_from_abroad", "discharged")
SIGNS = dict(zip(FLOWS, (1, 1, -1, -1), strict=True))


def both(first: float, second: float | None = None) -> jax.Array:
    return jnp.asarray([[first], [first if second is None else second]], dtype=jnp.float32)


def factor(lost: float, workforce: float, elasticity: float) -> float:
    return float(labour.factor(both(lost), both(workforce), both(elasticity))[0, 0])


@jax.jit
def day(
    lost: jax.Array, flows: dict[str, jax.Array], workforce: jax.Array, elasticity: jax.Array
) -> tuple[jax.Array, jax.Array]:
    return labour.next_workforce_lost(lost, **flows), labour.factor(lost, workforce, elasticity)


def draw(rng: np.random.Generator) -> tuple[jax.Array, dict[str, jax.Array], jax.Array, jax.Array]:
    def between(low: float, high: float) -> jax.Array:
        return jnp.asarray(rng.uniform(low, high, (2, WARS)), jnp.float32)

    flows = {name: between(0, 10_000) for name in FLOWS}
    return between(-1e6, 1.2e7), flows, between(1e6, 7e7), between(0, 1.5)


def test_labour_worked_number() -> None:
    said = " ".join((labour.__doc__ or "").split()).partition("Worked number: ")[2]
    assert "L = 1,500,000 of W = 20,000,000 and a = 0.6 leave 0.925^0.6 = 0.954" in said
    assert factor(1.5e6, 2e7, 0.6) == pytest.approx(0.954, abs=5e-4)


@given(
    lost=st.floats(-0.5, 0.94),
    workforce=st.floats(1e5, 1e8),
    elasticity=st.floats(0.0, 1.5),
)
def test_the_factor_is_the_power_of_the_share_at_work(
    lost: float, workforce: float, elasticity: float
) -> None:
    found = factor(lost * workforce, workforce, elasticity)
    assert found == pytest.approx((1.0 - lost) ** elasticity, rel=1e-5)


def test_the_factor_in_its_limits() -> None:
    assert factor(3e6, 2e7, 1.0) == pytest.approx(0.85, rel=1e-6)
    assert factor(2e7, 2e7, 1.0) == pytest.approx(0.05, rel=1e-6)
    assert factor(9e7, 2e7, 1.0) == factor(2e7, 2e7, 1.0)
    assert factor(-1e6, 2e7, 0.5) == pytest.approx(1.05**0.5, rel=1e-6)


@pytest.mark.parametrize("workforce", [1e5, 1.3e7, 7.35e7, 1e9])
def test_nobody_missing_leaves_output_as_it_is(workforce: float) -> None:
    for elasticity in (0.0, 0.3, 1.5):
        assert factor(0.0, workforce, elasticity) == 1.0


def test_labour_that_output_does_not_need_leaves_it_as_it_is() -> None:
    for lost in (-1e6, 1.0, 1e6, 5e7, 1e9):
        assert factor(lost, 5e7, 0.0) == 1.0


def test_no_flow_leaves_the_workforce_as_it_is() -> None:
    nothing = both(0.0)
    for lost in (-3e5, 0.0, 1.234567e6):
        found = labour.next_workforce_lost(both(lost), nothing, nothing, nothing, nothing)
        assert float(found[0, 0]) == np.float32(lost)


@pytest.mark.parametrize("flow", FLOWS)
def test_each_flow_moves_the_workforce_the_stated_way(flow: str) -> None:
    found = [
        float(labour.next_workforce_lost(both(1e5), **{name: both(value if name == flow else 100.0)
                                                       for name in FLOWS})[0, 0])
        for value in (0.0, 200.0, 4_000.0)
    ]  # fmt: skip
    assert (np.sign(np.diff(found)) == SIGNS[flow]).all()


def test_more_lost_and_more_elastic_mean_less_output_and_more_people_mean_more() -> None:
    assert (np.diff([factor(lost, 2e7, 0.5) for lost in (-1e6, 0.0, 1e6, 5e6, 1.8e7)]) < 0).all()
    assert (np.diff([factor(2e6, 2e7, a) for a in (0.0, 0.2, 0.6, 1.5)]) < 0).all()
    assert (np.diff([factor(2e6, workforce, 0.5) for workforce in (3e6, 1e7, 7e7)]) > 0).all()


def test_the_workforce_adds_up_over_three_years() -> None:
    """What is missing is all that went less all that came back, to 1e-5 of what moved."""
    rng = np.random.default_rng(3)
    lost = jnp.asarray(rng.uniform(-1e5, 1e6, (2, WARS)), jnp.float32)
    expected = np.asarray(lost, float)
    moved = np.abs(expected)
    step = jax.jit(labour.next_workforce_lost)
    for _ in range(1_096):
        flows = {name: rng.uniform(0, 3_000, (2, WARS)).astype(np.float32) for name in FLOWS}
        lost = step(lost, **flows)
        expected += sum(SIGNS[name] * flow.astype(float) for name, flow in flows.items())
        moved += sum(flow.astype(float) for flow in flows.values())
    assert (np.abs(np.asarray(lost) - expected) <= 1e-5 * moved).all()


@pytest.mark.parametrize("seed", range(3))
def test_the_sides_mirror(seed: int) -> None:
    lost, flows, workforce, elasticity = draw(np.random.default_rng(seed))
    there = day(lost, flows, workforce, elasticity)
    back = day(
        lost[::-1], {name: flow[::-1] for name, flow in flows.items()}, workforce[::-1], elasticity[::-1]
    )
    for one, other in zip(there, back, strict=True):
        np.testing.assert_array_equal(one, other[::-1])


def test_the_corners_of_all_bounds_are_finite_and_nothing_is_negative() -> None:
    workforce, elasticity = (parameter.bounds for parameter in labour.PARAMETERS)
    corners = np.array(list(product((-1e7, 0.0, 1.0, 5e7, 1e9), workforce, elasticity)), np.float32).T
    lost, people, power = (jnp.asarray(np.stack([row, row[::-1]])) for row in corners)
    found = labour.factor(lost, people, power)
    assert np.isfinite(found).all()
    assert float(found.min()) > 0.0


@pytest.mark.parametrize("seed", range(3))
def test_it_agrees_with_the_plain_reference(seed: int) -> None:
    lost, flows, workforce, elasticity = draw(np.random.default_rng(seed))
    later, found = day(lost, flows, workforce, elasticity)
    for side, war in product((0, 1), range(WARS)):
        moved = [float(flows[name][side, war]) for name in FLOWS]
        was = float(lost[side, war])
        assert float(later[side, war]) == pytest.approx(
            reference.next_workforce_lost(was, *moved), rel=1e-5, abs=0.1
        )
        expected = reference.factor(was, float(workforce[side, war]), float(elasticity[side, war]))
        assert float(found[side, war]) == pytest.approx(expected, rel=1e-5)


def primitives(jaxpr: Any) -> set[str]:
    found: set[str] = set()
    for equation in jaxpr.eqns:
        found.add(equation.primitive.name)
        for parameter in equation.params.values():
            inner = getattr(parameter, "jaxpr", parameter)
            found |= primitives(inner) if hasattr(inner, "eqns") else set()
    return found


def test_the_fused_loop_knows_every_operation() -> None:
    used = primitives(jax.make_jaxpr(day)(*draw(np.random.default_rng(0))).jaxpr)
    assert {"exp", "log", "max"} <= used
    assert used <= set(_RULES)


def test_losses_of_2022_are_of_the_size_that_was_counted() -> None:
    """300,000 mobilised and those who left in 2022, of the labour force behind Alfa-Bank's 1.5 %."""
    table = files("ceasefire.evidence").joinpath("tables/emigration.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(table.splitlines()))
    bank = next(row for row in rows if row["source"] == "alfa_bank")
    left = next(row for row in rows if row["source"] == "demographers_deutsche_welle")
    counted = float(bank["best"])
    assert "1.5 percent of the labour force" in bank["note"]
    workforce = counted / 0.015
    for abroad in (float(left["low"]), float(left["high"])):
        lost = labour.next_workforce_lost(both(0.0), both(3e5), both(abroad), both(0.0), both(0.0))
        missing = float(lost[0, 0])
        assert 0.7 * counted < missing < 1.05 * counted
        assert 1.0 - 0.015 < factor(missing, workforce, 0.3) < 1.0
