"""Aid by kind alone: worked number, delay, conservation, mirror, neutral value, bounds, reference."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ceasefire.engine.fused import tracing
from ceasefire.war import aid
from ceasefire.war.equipment import AID_STAGES
from ceasefire.war.equipment import PARAMETERS as EQUIPMENT
from tests.reference import aid_reference as reference

WARS = 32
DELAY = next(parameter for parameter in EQUIPMENT if parameter.name == "aid_delay_days")


move = jax.jit(aid.move)


def both(first: float, second: float | None = None) -> jax.Array:
    """A value for each side, `[2, 1]`; the same for both where one is given."""
    return jnp.asarray([[first], [first if second is None else second]], dtype=jnp.float32)


def worked() -> str:
    docstring = aid.__doc__ or ""
    return " ".join(docstring[docstring.index("Worked number: ") :].split())


def empty(wars: int = 1) -> aid.Kinds:
    return aid.Kinds(*(jnp.zeros((2, AID_STAGES, wars)) for _ in aid.Kinds._fields))


def test_worked_number() -> None:
    assert "2 guns a day with 45 days of delay have 90 guns under way and give 2 a day" in worked()
    moved = aid.Moved(empty(), empty())
    sending = aid.sent(aid.Kinds(both(0.0), both(2.0), both(0.0)), both(1.0), both(0.0))
    for _ in range(600):
        moved = move(moved.in_transit, sending, both(45.0))
    assert float(moved.in_transit.artillery.sum(axis=1)[0, 0]) == pytest.approx(90.0, rel=1e-3)
    assert float(moved.arriving.artillery[0, 0]) == pytest.approx(2.0, rel=1e-3)


def test_a_pulse_arrives_after_the_delay_on_average() -> None:
    stages, arrived = empty(), []
    for day in range(600):
        pulse = both(300.0 if day == 0 else 0.0)
        stages, arriving = move(stages, aid.Kinds(pulse, pulse, pulse), both(30.0))
        arrived.append(float(arriving.drones[0, 0]))
    assert sum(arrived) == pytest.approx(300.0, rel=1e-4)
    assert np.arange(600) @ np.asarray(arrived) / 300.0 == pytest.approx(30.0, rel=1e-3)
    assert arrived[:3] == [0.0, 0.0, 0.0]


# Neutral values, exact


def test_without_aid_nothing_is_sent_under_way_or_arrives() -> None:
    none = aid.Kinds(both(0.0), both(0.0), both(0.0))
    sending = aid.sent(none, both(1.0), jnp.zeros((2, WARS)))
    moved = move(empty(WARS), sending, both(45.0))
    for part in (*sending, *moved.in_transit, *moved.arriving):
        assert not np.asarray(part).any()


def test_a_truce_that_lets_nothing_through_stops_what_is_sent_and_not_what_is_under_way() -> None:
    levers = aid.Kinds(both(5.0), both(2.0), both(50.0))
    assert not any(np.asarray(part).any() for part in aid.sent(levers, both(0.0), both(0.0)))
    underway = aid.Kinds(*(jnp.ones((2, AID_STAGES, 1)) for _ in aid.Kinds._fields))
    moved = move(underway, aid.sent(levers, both(0.0), both(0.0)), both(30.0))
    assert float(moved.arriving.interceptors[0, 0]) == pytest.approx(0.1, rel=1e-6)


# Stated in advance: directions


def arrived_by(days: int, kind: int = 0, **changed: float) -> list[float]:
    given = {"rate": 4.0, "aid": 1.0, "mean": 45.0} | changed
    levers = [both(0.0)] * 3
    levers[kind] = both(given["rate"], 0.0)
    stages, total = empty(), np.zeros(3)
    for _ in range(days):
        stages, arriving = move(
            stages, aid.sent(aid.Kinds(*levers), both(given["aid"]), both(0.0)), both(given["mean"])
        )
        total += [float(part[0, 0]) for part in arriving]
        assert all(float(part[1, 0]) == 0.0 for part in arriving)
    return total.tolist()


@pytest.mark.parametrize("kind", range(3))
def test_more_of_a_kind_brings_more_of_it_and_of_nothing_else_to_its_side(kind: int) -> None:
    less, more = arrived_by(40, kind), arrived_by(40, kind, rate=8.0)
    assert more[kind] == pytest.approx(2.0 * less[kind], rel=1e-5)
    assert less[kind] > 1.0
    assert sum(more) == more[kind]


def test_a_longer_delay_brings_less_so_far_and_a_truce_its_share() -> None:
    assert arrived_by(40, mean=90.0)[0] < 0.5 * arrived_by(40)[0]
    assert arrived_by(40, aid=0.5)[0] == pytest.approx(0.5 * arrived_by(40)[0], rel=1e-5)


# Conservation, mirror, bounds, reference


def drawn(seed: int, wars: int = WARS) -> tuple[aid.Kinds, aid.Kinds, np.ndarray, np.ndarray]:
    """Random stages, levers, share and delay."""
    rng = np.random.default_rng(seed)

    def of(*shape: int) -> np.ndarray:
        return rng.uniform(0, 500, shape).astype(np.float32)

    return (
        aid.Kinds(*(of(2, AID_STAGES, wars) for _ in range(3))),
        aid.Kinds(*(of(2, 1) for _ in range(3))),
        rng.uniform(0, 2, (2, wars)).astype(np.float32),
        np.exp(rng.uniform(np.log(3), np.log(500), (2, wars))).astype(np.float32),
    )


@pytest.mark.parametrize("seed", range(3))
def test_what_is_sent_is_under_way_or_has_arrived(seed: int) -> None:
    stages, levers, share, mean = drawn(seed)
    start = [np.asarray(part, np.float64).sum(axis=1) for part in stages]
    sent, arrived = [np.zeros_like(part) for part in start], [np.zeros_like(part) for part in start]
    for _ in range(80):
        sending = aid.sent(levers, share, mean)
        stages, arriving = move(stages, sending, mean)
        for place in range(3):
            sent[place] += np.asarray(sending[place])
            arrived[place] += np.asarray(arriving[place])
    for place in range(3):
        underway = np.asarray(stages[place], np.float64).sum(axis=1)
        assert arrived[place].min() > 0
        np.testing.assert_allclose(start[place] + sent[place], underway + arrived[place], rtol=1e-5)


def test_the_sides_mirror_exactly() -> None:
    stages, levers, share, mean = drawn(4)
    moved = move(stages, aid.sent(levers, share, mean), mean)

    def turn(kinds: aid.Kinds) -> aid.Kinds:
        return aid.Kinds(*(np.asarray(part)[::-1] for part in kinds))

    turned = move(turn(stages), aid.sent(turn(levers), share[::-1], mean), mean[::-1])
    for straight, other in zip(
        (*moved.in_transit, *moved.arriving), (*turned.in_transit, *turned.arriving), strict=True
    ):
        assert np.array_equal(np.asarray(straight)[::-1], np.asarray(other))
        assert not np.array_equal(np.asarray(straight)[::-1], np.asarray(straight))


@pytest.mark.parametrize("mean", [*DELAY.bounds, 3.0 / 7.0])
@pytest.mark.parametrize("held", [0.0, 1e6])
def test_nothing_is_negative_or_undefined_at_the_bounds(mean: float, held: float) -> None:
    stages = aid.Kinds(*(jnp.full((2, AID_STAGES, 1), held) for _ in range(3)))
    for rate in (0.0, 1e5):
        for _ in range(5):
            stages, arriving = move(
                stages, aid.sent(aid.Kinds(*[both(rate)] * 3), both(5.0), both(0.0)), both(mean)
            )
            for part in (*stages, *arriving):
                assert np.isfinite(np.asarray(part)).all()
                assert np.asarray(part).min() >= 0


@pytest.mark.parametrize("seed", range(3))
def test_it_agrees_with_the_plain_reference(seed: int) -> None:
    stages, levers, share, mean = drawn(seed)
    moved = move(stages, aid.sent(levers, share, mean), mean)
    for kind in range(3):
        for war in range(WARS):
            for i in (0, 1):
                left, arriving = reference.move(
                    stages[kind][i, :, war].astype(float).tolist(),
                    float(levers[kind][i, 0]),
                    float(share[i, war]),
                    float(mean[i, war]),
                )
                # A stage is what is left when it passes nearly all of it on.
                np.testing.assert_allclose(
                    np.asarray(moved.in_transit[kind])[i, :, war], left, rtol=1e-5, atol=1e-4
                )
                assert float(moved.arriving[kind][i, war]) == pytest.approx(arriving, rel=1e-5)


# One compiled loop


def primitives(jaxpr: Any) -> Iterator[str]:
    for equation in jaxpr.eqns:
        yield equation.primitive.name
        for value in equation.params.values():
            inner = getattr(value, "jaxpr", value)
            if hasattr(inner, "eqns"):
                yield from primitives(inner)


def test_the_loop_knows_every_operation() -> None:
    def whole(
        stages: aid.Kinds, levers: aid.Kinds, share: jax.Array, mean: jax.Array
    ) -> tuple[aid.Kinds, aid.Kinds]:
        return tuple(aid.move(stages, aid.sent(levers, share, mean), mean))

    found = set(primitives(jax.make_jaxpr(whole)(*drawn(0)).jaxpr))
    assert "concatenate" in found
    assert found <= set(tracing._RULES)
