"""Recruiting: what the replacing rule adds, its limits, and a force that keeps its size by it."""

from __future__ import annotations

from itertools import product
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ceasefire.engine.fused.tracing import _RULES
from ceasefire.war import REGISTRY, flows, manpower, recruiting
from tests.reference import recruiting_reference as reference

WARS = 64
BOUNDS = {parameter.name: parameter.bounds for parameter in recruiting.PARAMETERS}


def both(value: float) -> jax.Array:
    return jnp.full((2, 1), value, jnp.float32)


def added(
    b: float = 600.0, recruitment: float = 200.0, mobilisation: float = 0.0, effort: float = 0.6,
    ceiling: float = 1e5,
) -> float:  # fmt: skip
    found = recruiting.added(*[both(v) for v in (b, recruitment, mobilisation, effort, ceiling)])
    return float(found[0, 0])


def settled(lost: float, told: float = 1.0, days: float = 60.0, span: int = 1_500) -> float:
    step = jax.jit(recruiting.next_losses_to_replace)
    b = both(0.0)
    for _ in range(span):
        b = step(b, both(lost), both(told), both(days))
    return float(b[0, 0])


def test_worked_number() -> None:
    text = " ".join((recruiting.__doc__ or "").split())
    assert "0.6 x (600 - 200) = 240 a day more" in text
    assert "with 0.7 of bad news passed on 0.6 x (420 - 200) = 132" in text
    assert added(settled(600.0)) == pytest.approx(240.0, rel=1e-4)
    assert added(settled(600.0, told=0.7)) == pytest.approx(132.0, rel=1e-4)


# Neutral


def test_nothing_is_added_without_effort_losses_or_where_the_levers_suffice() -> None:
    assert added(effort=0.0) == 0.0
    assert added(b=0.0) == 0.0
    assert added(ceiling=0.0) == 0.0
    assert added(recruitment=400.0, mobilisation=200.0) == 0.0
    assert added(recruitment=500.0, mobilisation=100.1) == 0.0
    # Added to the lever it leaves the lever as it is.
    lever = np.random.default_rng(1).uniform(0, 2_000, (2, WARS)).astype(np.float32)
    nothing = recruiting.added(jnp.full((2, WARS), 9e3), lever, lever, both(0.0), both(1e3))
    np.testing.assert_array_equal(lever + np.asarray(nothing), lever)
    assert (
        float(recruiting.next_losses_to_replace(both(0.0), both(500.0), both(0.0), both(60.0))[0, 0]) == 0.0
    )


# Closed forms


def test_the_default_of_the_first_morning_is_what_the_central_shares_say() -> None:
    best = {name: REGISTRY[name].prior.best for name in ("killed_share", "captured_share", "return_share")}
    fate = manpower.split_losses(both(450.0), both(best["killed_share"]), both(best["captured_share"]))
    for_good = float((fate.killed + fate.captured + (1 - best["return_share"]) * fate.wounded)[0, 0])
    initial = next(one for one in recruiting.PARAMETERS if one.initial)
    assert for_good == pytest.approx(initial.prior.best, rel=0.1)
    assert for_good < 225


@pytest.mark.parametrize(("days", "span"), [(60.0, 30), (60.0, 200), (1.0, 1)])
def test_the_news_of_losses_settles_as_an_exponential(days: float, span: int) -> None:
    assert settled(600.0, days=days, span=span) == pytest.approx(
        600.0 * (1 - (1 - 1 / days) ** span), rel=1e-4
    )


def test_what_is_remembered_is_what_was_told_less_what_faded() -> None:
    """Conservation: start + in - out = end, with what fades out as the outflow."""
    rng = np.random.default_rng(2)
    b = start = jnp.asarray(rng.uniform(0, 1_000, (2, WARS)), jnp.float32)
    days = jnp.asarray(rng.uniform(1, 200, (2, WARS)), jnp.float32)
    came = faded = np.zeros((2, WARS))
    for _ in range(100):
        lost = rng.uniform(0, 2_000, (2, WARS)).astype(np.float32)
        told = rng.uniform(0, 1, (2, WARS)).astype(np.float32)
        came = came + (told.astype(float) * lost) / np.asarray(days)
        faded = faded + np.asarray(b, float) / np.asarray(days)
        b = recruiting.next_losses_to_replace(b, lost, told, days)
    np.testing.assert_allclose(np.asarray(start) + came - faded, b, rtol=1e-5, atol=0.05)


def test_the_ceiling_holds() -> None:
    assert added(b=9_000.0, ceiling=700.0) == 700.0
    assert added(b=9_000.0, ceiling=1e5) == pytest.approx(0.6 * 8_800.0, rel=1e-6)


def test_a_force_that_replaces_all_its_losses_keeps_its_size() -> None:
    """Full effort, yield and news: once training and news have settled, as many come as are lost."""

    @jax.jit
    def day(state: Any) -> Any:
        force, pool, b, trainees = state
        lost = 0.002 * force
        plan = recruiting.added(b, both(0.0), both(0.0), both(1.0), both(1e5))
        intake = manpower.intake(pool, plan, both(0.0), both(1.0), both(1.0), both(0.0), both(0.0))
        trainees, graduates = flows.delay(trainees, intake.called_up, both(30.0))
        b = recruiting.next_losses_to_replace(b, lost, both(1.0), both(60.0))
        return force - lost + graduates, pool - intake.called_up, b, trainees

    state = (both(300_000.0), both(5e7), both(0.0), jnp.zeros((2, manpower.TRAINING_STAGES, 1)))
    sizes = []
    for _ in range(2_000):
        state = day(state)
        sizes.append(float(state[0][0, 0]))
    assert sizes[0] > sizes[200] > sizes[-1] > 0.7 * sizes[0]
    assert sizes[-1] == pytest.approx(sizes[-400], rel=2e-3)


# Direction


@pytest.mark.parametrize(
    ("name", "low", "high", "up"),
    [
        ("b", 300.0, 900.0, True),
        ("effort", 0.3, 0.9, True),
        ("ceiling", 50.0, 150.0, True),
        ("recruitment", 100.0, 400.0, False),
        ("mobilisation", 0.0, 200.0, False),
    ],
)
def test_directions(name: str, low: float, high: float, up: bool) -> None:
    change = added(**{name: high}) - added(**{name: low})
    assert change > 1.0 if up else change < -1.0


def test_longer_replacement_and_less_news_make_later_and_fewer_replacements() -> None:
    assert settled(600.0, days=20.0, span=40) > settled(600.0, days=100.0, span=40) + 1.0
    assert settled(600.0, told=1.0) > settled(600.0, told=0.5) + 1.0
    assert settled(900.0) > settled(600.0) + 1.0


# Mirror, bounds, reference


def drawn(seed: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    values = {
        "b": rng.lognormal(6, 1, (2, WARS)),
        "lost": rng.lognormal(6, 1, (2, WARS)),
        "told": rng.uniform(0, 1, (2, WARS)),
        "days": rng.uniform(1, 300, (2, WARS)),
        "recruitment": rng.uniform(0, 800, (2, WARS)),
        "mobilisation": rng.uniform(0, 800, (2, WARS)) * rng.integers(0, 2, (2, WARS)),
        "effort": rng.uniform(0, 1, (2, WARS)),
        "ceiling": rng.lognormal(6, 1, (2, WARS)),
    }
    return {name: value.astype(np.float32) for name, value in values.items()}


def results(v: dict[str, np.ndarray]) -> tuple[np.ndarray, ...]:
    return (
        np.asarray(recruiting.next_losses_to_replace(v["b"], v["lost"], v["told"], v["days"])),
        np.asarray(recruiting.added(v["b"], v["recruitment"], v["mobilisation"], v["effort"], v["ceiling"])),
    )


def test_mirror() -> None:
    values = drawn(3)
    mirrored = {name: value[::-1] for name, value in values.items()}
    for ours, theirs in zip(results(values), results(mirrored), strict=True):
        np.testing.assert_array_equal(ours, theirs[::-1])


def test_all_corners_give_numbers_at_or_above_zero() -> None:
    corners = product(
        (0.0, 1e6), (0.0, 1e6), (0.0, 1.0), BOUNDS["replacement_days"], (0.0, 1e5), (0.0, 1e5),
        BOUNDS["replacement_effort"], BOUNDS["replacement_ceiling"],
    )  # fmt: skip
    values = dict(zip(drawn(1), np.asarray(list(corners), np.float32).T, strict=True))
    for found in results(values):
        assert np.isfinite(found).all()
        assert (found >= 0).all()
    assert (results(values)[1] <= values["ceiling"]).all()


def test_agreement_with_the_plain_reference() -> None:
    values = drawn(4)
    memory, more = results(values)
    for i, war in product((0, 1), range(WARS)):
        v = {name: float(value[i, war]) for name, value in values.items()}
        assert float(memory[i, war]) == pytest.approx(
            reference.next_losses_to_replace(v["b"], v["lost"], v["told"], v["days"]), rel=1e-5
        )
        assert float(more[i, war]) == pytest.approx(
            reference.added(v["b"], v["recruitment"], v["mobilisation"], v["effort"], v["ceiling"]),
            rel=1e-5,
            abs=1e-3,
        )


# Operations


def primitives(jaxpr: Any) -> set[str]:
    names = set()
    for equation in jaxpr.eqns:
        names.add(equation.primitive.name)
        for value in equation.params.values():
            inner = getattr(value, "jaxpr", value)
            if hasattr(inner, "eqns"):
                names |= primitives(inner)
    return names


def test_every_operation_can_be_fused() -> None:
    names = set()
    for function, count in (
        (recruiting.next_losses_to_replace, 4),
        (recruiting.added, 5),
    ):
        names |= primitives(jax.make_jaxpr(function)(*[both(1.0)] * count).jaxpr)
    assert names <= set(_RULES), names - set(_RULES)
