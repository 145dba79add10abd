"""Aims: what they add to the balance a leader weighs; without one everything is as before."""

from __future__ import annotations

from itertools import product
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ceasefire.engine.fused.tracing import _RULES
from ceasefire.war import aims, deployment, offensive
from tests.reference import aims_reference as reference

WARS, FRONTS = 32, 3


def on_fronts(first: list[float], second: list[float]) -> jax.Array:
    """A value for each side on each front, `[2, F, 1]`."""
    return jnp.asarray([first, second], dtype=jnp.float32)[..., None]


def both(value: float) -> jax.Array:
    return jnp.full((2, 1), value, jnp.float32)


def drawn(seed: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    aim = rng.dirichlet(np.ones(FRONTS + 1), (2, WARS)).transpose(0, 2, 1)[:, :FRONTS]
    values = {
        "aim": aim,
        "ground": rng.uniform(1_000, 40_000, (2, FRONTS, WARS)),
        "net": rng.normal(0, 15_000, (2, FRONTS, WARS)),
        "worth": rng.uniform(0, 2, (2, WARS)),
    }
    return {name: value.astype(np.float32) for name, value in values.items()}


def found(values: dict[str, np.ndarray]) -> aims.Pull:
    return aims.pull(*[jnp.asarray(value) for value in values.values()])


def deployed(front: jax.Array | float, seed: int = 1, offensive_on: float = 1.0) -> deployment.Deployment:
    """The deployment of two forces whose leaders see the balance with the pull of an aim."""
    rng = np.random.default_rng(seed)
    balance = jnp.asarray(rng.normal(-1, 0.5, (2, FRONTS, WARS)), jnp.float32)
    return deployment.deployment(
        jnp.asarray(rng.uniform(2e4, 2e5, (2, FRONTS, WARS)), jnp.float32),
        jnp.full((2, WARS), 5e4),
        jnp.full((2, WARS), offensive_on),
        balance + front,
        jnp.full((FRONTS, WARS), 1 / FRONTS),
        jnp.full((2, WARS), 0.15),
        jnp.full(WARS, 0.5),
        jnp.full(WARS, 0.25),
        jnp.full(WARS, 1.5),
        jnp.full(WARS, 15.0),
    )


def test_worked_number() -> None:
    text = " ".join((aims.__doc__ or "").split())
    assert "a = 0.4, 3/4 of the value on a front with 12,000 km2 of which 4,000 are taken" in text
    pull = aims.pull(
        on_fronts([0.75, 0.0], [0.0, 0.0]), on_fronts([12_000.0, 1.0], [1.0, 1.0]),
        on_fronts([4_000.0, 0.0], [-4_000.0, 0.0]), both(0.4),
    )  # fmt: skip
    assert float(pull.whole[0, 0]) == pytest.approx(0.2, rel=1e-5)
    assert float(-0.9 - pull.whole[0, 0]) == pytest.approx(-1.1, rel=1e-5)
    assert float(pull.whole[1, 0]) == 0.0


# Neutral


@pytest.mark.parametrize("nothing", ["worth", "aim"])
def test_without_an_aim_everything_is_as_before_to_the_last_bit(nothing: str) -> None:
    values = drawn(1)
    values[nothing] = np.zeros_like(values[nothing])
    pull = found(values)
    assert not np.asarray(pull.front).any()
    assert not np.asarray(pull.whole).any()
    for ours, theirs in zip(deployed(pull.front), deployed(0.0), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    h = np.random.default_rng(2).normal(-0.9, 0.4, (2, WARS)).astype(np.float32)
    np.testing.assert_array_equal(h - np.asarray(pull.whole), h)


def test_an_aim_that_is_reached_draws_nothing_and_one_that_is_lost_again_draws_in_full() -> None:
    values = drawn(3)
    reached = found(values | {"net": values["ground"] * np.float32(1.001)})
    assert not np.asarray(reached.whole).any()
    full = found(values | {"net": np.zeros_like(values["net"])})
    behind = found(values | {"net": np.full_like(values["net"], -5_000.0)})
    np.testing.assert_array_equal(behind.whole, full.whole)
    np.testing.assert_allclose(full.whole, values["worth"] * values["aim"].sum(axis=1), rtol=1e-5)


def test_the_pull_falls_in_a_line_with_the_ground_taken() -> None:
    values = drawn(4)
    for share in (0.25, 0.5, 0.75):
        pull = found(values | {"net": values["ground"] * np.float32(share)})
        expected = values["worth"][:, None] * values["aim"] * (1 - share)
        np.testing.assert_allclose(pull.front, expected, rtol=1e-4, atol=1e-6)


# Direction


def test_a_worthier_aim_draws_the_main_effort_and_lowers_the_threshold() -> None:
    """Strictly, in every war: with the whole aim on the second front, open at first and then half reached."""
    ground = np.full((2, FRONTS, WARS), 10_000.0, np.float32)
    aim = np.zeros((2, FRONTS, WARS), np.float32)
    aim[:, 1] = 1.0
    effort, whole = [], []
    for worth, taken in ((0.0, 0.0), (0.3, 5_000.0), (0.3, 0.0), (1.0, 0.0)):
        pull = found(
            {
                "aim": aim,
                "ground": ground,
                "net": np.full_like(ground, taken),
                "worth": np.full((2, WARS), worth, np.float32),
            }
        )
        attacking = np.asarray(deployed(pull.front).attacking)
        effort.append(attacking[:, 1] / attacking.sum(axis=1))
        whole.append(np.asarray(pull.whole))
    assert (np.diff(effort, axis=0) > 1e-4).all()
    assert (np.diff(whole, axis=0) > 0.1).all()


def test_an_aim_moves_no_troops_without_an_offensive() -> None:
    quiet = deployed(found(drawn(5)).front, offensive_on=0.0)
    for ours, theirs in zip(quiet, deployed(0.0, offensive_on=0.0), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def started(worth: float) -> np.ndarray:
    aim = np.full((2, FRONTS, WARS), 0.3, np.float32)
    net = np.zeros((2, FRONTS, WARS), np.float32)
    pull = found({"aim": aim, "ground": net + 1_000, "net": net, "worth": np.full((2, WARS), worth)})
    balance = jnp.broadcast_to(jnp.linspace(-2.0, 0.0, WARS), (2, WARS))
    decision = offensive.decide(
        jnp.zeros((2, WARS)), jnp.full((2, WARS), 99.0), balance, balance, jnp.zeros(WARS), jnp.zeros(1),
        jnp.ones((2, 1)), jnp.full((2, 1), -1.0), -0.9 - pull.whole, jnp.full((2, WARS), 0.2),
        jnp.zeros(WARS), jnp.zeros((2, WARS), bool), jnp.full((2, WARS), 80.0), jnp.full(WARS, 0.4),
    )  # fmt: skip
    return np.asarray(decision.started)


def test_a_leader_with_an_aim_attacks_at_worse_odds() -> None:
    counts = [started(worth).sum() for worth in (0.0, 0.3, 1.0)]
    assert counts[0] > 0
    assert (np.diff(counts) > 0).all()


# Mirror, bounds, reference


def test_mirror() -> None:
    values = drawn(6)
    mirror = found({name: value[::-1] for name, value in values.items()})
    for ours, theirs in zip(found(values), mirror, strict=True):
        np.testing.assert_array_equal(ours, theirs[::-1])


def test_at_all_corners_the_pull_is_between_nothing_and_the_worth() -> None:
    low, high = aims.PARAMETERS[0].bounds
    corners = product((0.0, 1.0), (0.0, 1e-3, 5e4), (-1e5, 0.0, 1e5), (low, high))
    columns = [np.asarray(column, np.float32) for column in zip(*corners, strict=True)]
    aim, ground, net = (np.broadcast_to(column, (2, 1, len(column))) for column in columns[:3])
    worth = np.broadcast_to(columns[3], (2, len(columns[3])))
    pull = aims.pull(aim, ground, net, worth)
    assert np.isfinite(pull.front).all()
    assert (np.asarray(pull.whole) >= 0).all()
    assert (np.asarray(pull.whole) <= worth).all()


def test_agreement_with_the_plain_reference() -> None:
    values = drawn(8)
    pull = found(values)
    for i, war in product((0, 1), range(WARS)):
        lists = [values[name][i, :, war].astype(float).tolist() for name in ("aim", "ground", "net")]
        worth = float(values["worth"][i, war])
        expected = reference.front_pulls(*lists, worth)
        np.testing.assert_allclose(pull.front[i, :, war], expected, rtol=1e-5, atol=1e-6)
        assert float(pull.whole[i, war]) == pytest.approx(
            reference.whole_pull(*lists, worth), rel=1e-5, abs=1e-6
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
    names = primitives(jax.make_jaxpr(aims.pull)(*[jnp.asarray(v) for v in drawn(1).values()]).jaxpr)
    assert names <= set(_RULES), names - set(_RULES)
