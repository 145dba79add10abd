"""Sanctions: what they cost, how they wear off, and that none of it is there without them."""

from __future__ import annotations

from itertools import product
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ceasefire.engine.fused.tracing import _RULES
from ceasefire.war import sanctions
from tests.reference import sanctions_reference as reference

WARS = 64
BOUNDS = {parameter.name: parameter.bounds for parameter in sanctions.PARAMETERS}
BEST = {parameter.name: parameter.prior.best for parameter in sanctions.PARAMETERS}
share = st.floats(0.0, 1.0, width=32)


def both(first: float, second: float | None = None) -> jax.Array:
    return jnp.asarray([[first], [first if second is None else second]], dtype=jnp.float32)


@jax.jit
def day(
    evaded: jax.Array, lever: jax.Array, p: dict[str, jax.Array]
) -> tuple[jax.Array, jax.Array, sanctions.Factors]:
    """Tomorrow's A, today's bite and today's factors."""
    felt = sanctions.bite(lever, evaded)
    found = sanctions.factors(
        felt,
        p["sanctions_at_start"],
        p["evaded_at_start"],
        p["component_dependence"],
        p["money_dependence"],
    )
    later = sanctions.next_evaded(evaded, lever, p["sanctions_leak"], p["evasion_days"])
    return later, felt, found


def parameters(**changed: float) -> dict[str, jax.Array]:
    assert set(changed) <= set(BEST)
    return {name: both(value) for name, value in (BEST | changed).items()}


def walk(levers: list[float], start: float = 0.0, **changed: float) -> tuple[np.ndarray, ...]:
    """A, bite, components and money of the first side on each day; `start` is A on the first morning."""
    p, evaded = parameters(**changed), both(start)
    days = []
    for lever in levers:
        later, felt, found = day(evaded, both(lever), p)
        days.append([float(x[0, 0]) for x in (evaded, felt, *found)])
        evaded = later
    return tuple(np.array(days).T)


def draw(rng: np.random.Generator) -> tuple[jax.Array, jax.Array, dict[str, jax.Array]]:
    """A, the lever and all parameters anywhere within their bounds, `[2, N]` float32."""

    def between(low: float, high: float) -> jax.Array:
        return jnp.asarray(rng.uniform(low, high, (2, WARS)), jnp.float32)

    return between(0, 1), between(0, 1), {name: between(*bounds) for name, bounds in BOUNDS.items()}


def test_sanctions_worked_number() -> None:
    said = " ".join((sanctions.__doc__ or "").split()).partition("Worked number: ")[2]
    assert "0.80 on the first day, 0.876 after 300 days and 0.92 in the end" in said
    _, _, components, _ = walk(
        [0.5] * 3_001, sanctions_leak=0.6, evasion_days=300.0, component_dependence=0.4
    )
    assert components[0] == pytest.approx(0.80, rel=1e-6)
    assert components[300] == pytest.approx(0.876, abs=5e-4)
    assert components[-1] == pytest.approx(0.92, abs=5e-5)


@pytest.mark.parametrize(
    ("start", "level", "leak", "days"), [(0.0, 0.7, 0.8, 90.0), (0.5, 0.2, 0.3, 45.0), (0.3, 0.0, 1.0, 30.0)]
)
def test_ways_round_follow_their_closed_form(start: float, level: float, leak: float, days: float) -> None:
    """A(t) = l S + (A(0) - l S) (1 - 1/t_e)^t"""
    evaded, felt, _, _ = walk([level] * 200, start, sanctions_leak=leak, evasion_days=days)
    expected = leak * level + (start - leak * level) * (1.0 - 1.0 / days) ** np.arange(200)
    np.testing.assert_allclose(evaded, expected, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(felt, np.maximum(level - expected, 0.0), rtol=1e-4, atol=1e-6)


def test_without_sanctions_nothing_changes() -> None:
    """Factors are exactly 1 on all days, whatever a side would lose and whatever ways round are open."""
    for start, dependence in product((0.0, 0.4), (0.1, 0.9)):
        _, felt, components, money = walk(
            [0.0] * 20, start, component_dependence=dependence, money_dependence=dependence
        )
        assert (felt == 0.0).all()
        assert (components == 1.0).all()
        assert (money == 1.0).all()


def test_who_depends_on_nobody_loses_nothing() -> None:
    _, felt, components, money = walk(
        [0.9] * 20, component_dependence=0.0, money_dependence=0.0, sanctions_at_start=0.5
    )
    assert felt.min() > 0.5
    assert (components == 1.0).all()
    assert (money == 1.0).all()


def test_what_leaks_wholly_bites_no_more_in_the_end() -> None:
    _, felt, components, money = walk([0.8] * 1_500, sanctions_leak=1.0, evasion_days=100.0)
    assert (np.diff(felt[:300]) < 0).all()
    assert felt[-1] < 1e-5
    assert components[-1] == pytest.approx(1.0, abs=1e-5)
    assert money[-1] == pytest.approx(1.0, abs=1e-5)


def test_what_does_not_leak_bites_for_ever() -> None:
    _, felt, _, _ = walk([0.8] * 500, sanctions_leak=0.0)
    assert (felt == np.float32(0.8)).all()


def test_a_tightening_bites_afresh() -> None:
    """The bite jumps by all that is added, and wears off from there."""
    _, felt, components, _ = walk([0.5] * 900 + [0.8] * 900, sanctions_leak=0.6, evasion_days=100.0)
    assert felt[899] == pytest.approx(0.2, abs=1e-3)
    assert felt[900] - felt[899] == pytest.approx(0.3, abs=1e-3)
    assert components[900] < components[899]
    assert felt[-1] == pytest.approx(0.32, abs=1e-3)
    assert (np.diff(felt[900:1_200]) < 0).all()


def test_a_loosening_lets_up_at_once() -> None:
    _, felt, _, money = walk([0.8] * 300 + [0.1] * 10, sanctions_leak=0.6, evasion_days=100.0)
    assert felt[300] == 0.0
    assert money[300] == 1.0


def test_output_at_the_start_was_made_under_the_sanctions_of_that_day() -> None:
    """Both factors are 1 on the first morning, above it once sanctions are lifted, by 1 / (1 - c bite_0)."""
    given = {"sanctions_at_start": 0.6, "evaded_at_start": 0.25, "component_dependence": 0.4}
    start = float(sanctions.evaded_at_first(both(0.6), both(0.25))[0, 0])
    assert start == pytest.approx(0.15, rel=1e-6)
    _, felt, components, money = walk([0.6], start, **given)
    assert felt[0] == pytest.approx(0.45, rel=1e-6)
    assert components[0] == pytest.approx(1.0, abs=2e-7)
    assert money[0] == pytest.approx(1.0, abs=2e-7)
    _, _, lifted, _ = walk([0.0], start, **given)
    assert lifted[0] == pytest.approx(1.0 / (1.0 - 0.4 * 0.45), rel=1e-6)


# After 100 days of sanctions at 0.6: what rises and what falls with each parameter and the lever.
@pytest.mark.parametrize(
    ("name", "values", "outcome", "sign"),
    [
        ("sanctions_leak", (0.3, 0.6, 0.9), "components", 1),
        ("sanctions_leak", (0.3, 0.6, 0.9), "money", 1),
        ("evasion_days", (100.0, 300.0, 900.0), "components", -1),
        ("evasion_days", (100.0, 300.0, 900.0), "money", -1),
        ("component_dependence", (0.1, 0.4, 0.8), "components", -1),
        ("component_dependence", (0.1, 0.4, 0.8), "money", 0),
        ("money_dependence", (0.1, 0.4, 0.8), "money", -1),
        ("money_dependence", (0.1, 0.4, 0.8), "components", 0),
        ("sanctions_at_start", (0.0, 0.3, 0.9), "components", 1),
        ("sanctions_at_start", (0.0, 0.3, 0.9), "money", 1),
        ("lever", (0.1, 0.4, 0.9), "components", -1),
        ("lever", (0.1, 0.4, 0.9), "money", -1),
    ],
)
def test_each_number_moves_output_the_stated_way(
    name: str, values: tuple[float, ...], outcome: str, sign: int
) -> None:
    found = []
    for value in values:
        changed = {} if name == "lever" else {name: value}
        _, _, components, money = walk([value if name == "lever" else 0.6] * 100, **changed)
        found.append({"components": components, "money": money}[outcome][-1])
    assert (np.sign(np.diff(found)) == sign).all()


def test_more_evaded_at_the_start_means_that_less_comes_back_when_sanctions_are_lifted() -> None:
    lifted = [
        walk([0.0], w * 0.6, sanctions_at_start=0.6, evaded_at_start=w)[2][0] for w in (0.1, 0.4, 0.8, 1.0)
    ]
    assert (np.diff(lifted) < 0).all()
    assert lifted[-1] == 1.0


@given(evaded=share, low=share, high=share, leak=share)
def test_tighter_sanctions_never_bite_less(evaded: float, low: float, high: float, leak: float) -> None:
    low, high = sorted((low, high))
    assert float(sanctions.bite(both(low), both(evaded))[0, 0]) <= float(
        sanctions.bite(both(high), both(evaded))[0, 0]
    )
    later = sanctions.next_evaded(both(evaded), both(high), both(leak), both(30.0))
    assert 0.0 <= float(later[0, 0]) <= 1.0


@pytest.mark.parametrize("seed", range(3))
def test_the_sides_mirror(seed: int) -> None:
    evaded, lever, p = draw(np.random.default_rng(seed))
    there = jax.tree.leaves(day(evaded, lever, p))
    back = jax.tree.leaves(day(evaded[::-1], lever[::-1], {name: row[::-1] for name, row in p.items()}))
    assert len(there) == 4
    for one, other in zip(there, back, strict=True):
        np.testing.assert_array_equal(one, other[::-1])


def test_one_side_does_not_feel_the_sanctions_on_the_other() -> None:
    p = parameters()
    for side in (0, 1):
        lever = both(0.0).at[side].set(0.8)
        _, _, found = day(both(0.0), lever, p)
        assert float(found.components[1 - side, 0]) == 1.0
        assert float(found.components[side, 0]) < 1.0


def test_the_corners_of_all_bounds_are_finite_and_nothing_is_negative() -> None:
    ends = [(0.0, 1.0), (0.0, 1.0), *BOUNDS.values()]
    corners = np.array(list(product(*ends)), np.float32).T
    evaded, lever, *rows = (jnp.asarray(np.stack([row, row[::-1]])) for row in corners)
    later, felt, found = day(evaded, lever, dict(zip(BOUNDS, rows, strict=True)))
    for part in (later, felt, *found):
        assert np.isfinite(part).all()
        assert float(part.min()) >= 0.0
    assert float(later.max()) <= 1.0
    for part in found:
        assert float(part.min()) >= 0.0999
        assert float(part.max()) <= 10.001


@pytest.mark.parametrize("seed", range(3))
def test_it_agrees_with_the_plain_reference(seed: int) -> None:
    evaded, lever, p = draw(np.random.default_rng(seed))
    later, felt, found = day(evaded, lever, p)
    for side, war in product((0, 1), range(WARS)):
        at = {name: float(row[side, war]) for name, row in p.items()}
        a, s = float(evaded[side, war]), float(lever[side, war])
        expected = reference.bite(s, a)
        assert float(felt[side, war]) == pytest.approx(expected, rel=1e-5, abs=1e-7)
        assert float(later[side, war]) == pytest.approx(
            reference.next_evaded(a, s, at["sanctions_leak"], at["evasion_days"]), rel=1e-5
        )
        for part, name in zip(found, ("component_dependence", "money_dependence"), strict=True):
            assert float(part[side, war]) == pytest.approx(
                reference.factor(expected, at["sanctions_at_start"], at["evaded_at_start"], at[name]),
                rel=1e-5,
            )


def primitives(jaxpr: Any) -> set[str]:
    found: set[str] = set()
    for equation in jaxpr.eqns:
        found.add(equation.primitive.name)
        for parameter in equation.params.values():
            inner = getattr(parameter, "jaxpr", parameter)
            found |= primitives(inner) if hasattr(inner, "eqns") else set()
    return found


def test_the_fused_loop_knows_every_operation() -> None:
    evaded, lever, p = draw(np.random.default_rng(0))
    used = primitives(jax.make_jaxpr(day)(evaded, lever[:, :1], p).jaxpr)
    assert {"sub", "div", "max"} <= used
    assert used <= set(_RULES)


def test_the_parameters_are_told_apart_and_their_priors_hold() -> None:
    assert len(BOUNDS) == len(sanctions.PARAMETERS) == 6
    assert all(parameter.per_side and not parameter.initial for parameter in sanctions.PARAMETERS)
    assert BEST["sanctions_at_start"] == 0.0
