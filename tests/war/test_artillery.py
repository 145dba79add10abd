"""Artillery alone: worked number, closed forms, evidence, conservation, mirror, bounds, reference."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from importlib import resources
from itertools import product
from math import exp
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ceasefire.engine.fused import tracing
from ceasefire.war import artillery, munitions
from tests.reference import artillery_reference as reference

WARS = 32
BEST = {parameter.name: parameter.prior.best for parameter in artillery.PARAMETERS}
BOUNDS = {parameter.name: parameter.bounds for parameter in artillery.PARAMETERS}


def both(first: float, second: float | None = None) -> jax.Array:
    """A value for each side, `[2, 1]`; the same for both where one is given."""
    return jnp.asarray([[first], [first if second is None else second]], dtype=jnp.float32)


def one(value: float) -> jax.Array:
    return jnp.asarray([value], dtype=jnp.float32)


def worked() -> str:
    docstring = artillery.__doc__ or ""
    return " ".join(docstring[docstring.index("Worked number: ") :].split())


def limit(guns: float, wanted: float, rounds: float, offensive: float = 0.0, activity: float = 1.0) -> float:
    found = artillery.limit(both(guns), both(offensive), one(activity), both(wanted), one(1.5), one(rounds))
    return float(found[0, 0])


def flows(**changed: Any) -> artillery.GunFlows:
    """A day of 2,000 guns on both sides; a pair of numbers tells the sides apart."""
    given = {
        "artillery": 2_000.0,
        "fire": 8_000.0,
        "counted": 9_000.0,
        "industry": 1.5,
        "production": 1.0,
        "artillery_output": BEST["artillery_output"],
        "counter_battery": BEST["counter_battery"],
    } | changed
    wear = given.pop("gun_wear", BEST["gun_wear"])
    sides = {name: both(*value) if isinstance(value, tuple) else both(value) for name, value in given.items()}
    return artillery.gun_flows(**sides, gun_wear=one(wear))


def tomorrow(arriving: float = 0.0, guns: float = 2_000.0, **changed: Any) -> np.ndarray:
    moved = flows(artillery=guns, **changed)
    return np.asarray(artillery.next_artillery(both(guns), moved, both(arriving)))[:, 0]


# The worked number and closed forms


def test_worked_number() -> None:
    assert "1,000 guns at 20 rounds a day against 40,000 wanted: the limit is 0.5" in worked()
    assert limit(1_000.0, 40_000.0, 20.0) == pytest.approx(0.5, rel=1e-6)
    assert "5,000 rounds of the enemy at 0.0004 guns a round strike 1 - exp(-0.001) = 0.1 %" in worked()
    struck = flows(artillery=1_000.0, counted=5_000.0, counter_battery=0.0004).struck
    assert float(struck[0, 0]) == pytest.approx(1_000.0 * (1 - exp(-0.001)), rel=1e-4)
    assert float(struck[0, 0]) == pytest.approx(1.0, rel=1e-3)


def test_guns_under_even_fire_fall_by_a_constant_share() -> None:
    """G(t) = G(0) exp(-c H t / G0) while nothing comes and nothing wears out."""
    guns, step = both(3_000.0), jax.jit(artillery.next_artillery)
    for _ in range(100):
        moved = artillery.gun_flows(
            guns, both(0.0), both(6_000.0), both(1.0), both(1.0), both(0.0), both(4e-4), one(0.0)
        )
        guns = step(guns, moved, both(0.0))
    assert float(guns[0, 0]) == pytest.approx(3_000.0 * exp(-4e-4 * 6_000 * 100 / 2_000), rel=1e-4)


def test_the_limit_is_on_what_is_wanted_in_an_offensive_and_in_a_truce() -> None:
    assert limit(1_000.0, 40_000.0, 20.0, offensive=1.0) == pytest.approx(1 / 3, rel=1e-6)
    assert limit(1_000.0, 40_000.0, 20.0, activity=0.8) == pytest.approx(0.625, rel=1e-6)
    assert limit(1_000.0, 40_000.0, 20.0, activity=0.1) == 1.0


def test_what_is_fired_is_what_the_guns_can_fire() -> None:
    """With shells enough, the limit times the plan is the rounds of all guns."""
    share = artillery.limit(both(500.0), both(1.0), one(1.0), both(20_000.0), one(1.5), one(24.0))
    shells = both(1e12)
    fire = munitions.fired(shells, both(1.0), one(1.0), both(20_000.0) * share, one(1.5), one(25.0))
    assert float(fire[0, 0]) == pytest.approx(500.0 * 24.0, rel=1e-5)


# Neutral values, exact


def test_guns_enough_leave_the_fire_exactly_as_it_was() -> None:
    plan = jnp.asarray(np.random.default_rng(3).uniform(1, 4e4, (2, WARS)), jnp.float32)
    share = artillery.limit(both(5_000.0), both(1.0), one(1.0), plan, one(1.5), one(24.0))
    assert np.array_equal(np.asarray(share), np.ones((2, WARS), np.float32))
    assert np.array_equal(np.asarray(share * plan), np.asarray(plan))


def test_without_output_aid_fire_or_wear_nothing_changes() -> None:
    still = {"artillery_output": 0.0, "gun_wear": 0.0}
    assert tomorrow(counter_battery=0.0, **still).tolist() == [2_000.0, 2_000.0]
    assert tomorrow(fire=0.0, counted=0.0, artillery_output=0.0).tolist() == [2_000.0, 2_000.0]


def test_an_empty_stock_stays_empty_and_fires_nothing() -> None:
    assert tomorrow(guns=0.0, artillery_output=0.0).tolist() == [0.0, 0.0]
    assert limit(0.0, 10_000.0, 24.0) == 0.0
    assert tomorrow(guns=0.0, artillery_output=0.0, arriving=3.0).tolist() == [3.0, 3.0]


# The evidence behind a prior


def test_claimed_losses_of_guns_lie_where_the_source_says() -> None:
    """The claims, halved, by 6,000 rounds a day on 3,500 to 4,500 guns, are 0.0004 to 0.0007 a round."""
    table = resources.files("ceasefire.evidence") / "tables" / "equipment_losses.csv"
    rows = list(csv.DictReader(table.read_text(encoding="utf-8").splitlines()))

    def claimed(day: str) -> float:
        kinds = ("equipment_losses_artillery", "equipment_losses_mrl")
        return sum(float(row["best"]) for row in rows if row["quantity"] in kinds and row["end"] == day)

    first = claimed("2022-12-20") / 300
    later = (claimed("2023-12-26") - claimed("2022-12-20")) / 371
    assert first == pytest.approx(8, abs=0.5)
    assert later == pytest.approx(19, abs=0.5)
    per_round = [
        rate / 2 / 6_000 * artillery.REFERENCE_GUNS / guns for rate, guns in ((first, 3_500), (later, 4_500))
    ]
    assert per_round == pytest.approx([4e-4, 7e-4], rel=0.1)
    prior = next(one.prior for one in artillery.PARAMETERS if one.name == "counter_battery")
    assert all(prior.best < rate < prior.high for rate in per_round)


# Stated in advance: directions


@pytest.mark.parametrize(
    ("changed", "sign"),
    [
        ({"artillery_output": (2.0, 1.0)}, 1),
        ({"counter_battery": (1.5e-4, 3e-4)}, -1),
        ({"counted": (9_000.0, 18_000.0)}, -1),
        ({"fire": (16_000.0, 8_000.0)}, -1),
        ({"gun_wear": 2e-4}, -1),
        ({"industry": (3.0, 1.5)}, 1),
        ({"production": (2.0, 1.0)}, 1),
    ],
)
def test_raising_it_moves_the_guns_of_the_first_side(changed: dict[str, Any], sign: int) -> None:
    before, after = tomorrow(), tomorrow(**changed)
    assert sign * (after[0] - before[0]) > 0.3
    if "gun_wear" not in changed:
        assert after[1] == before[1]


def test_aid_adds_its_guns() -> None:
    assert tomorrow(arriving=5.0) - tomorrow() == pytest.approx([5.0, 5.0], abs=1e-3)


def test_more_guns_and_more_rounds_a_gun_raise_the_limit_until_it_is_one() -> None:
    shares = [limit(guns, 40_000.0, 24.0) for guns in (0.0, 400.0, 800.0, 1_600.0, 1_700.0, 3_000.0)]
    assert shares == sorted(shares)
    assert len(set(shares[:4])) == 4
    assert shares[-2:] == [1.0, 1.0]
    assert limit(800.0, 40_000.0, 30.0) > limit(800.0, 40_000.0, 24.0)
    assert limit(800.0, 50_000.0, 24.0) < limit(800.0, 40_000.0, 24.0)


@given(more=st.floats(0.0, 1e5), guns=st.floats(0.0, 1e5), wanted=st.floats(0.0, 1e6))
def test_more_guns_never_lower_the_limit(more: float, guns: float, wanted: float) -> None:
    assert 0.0 <= limit(guns, wanted, 24.0) <= limit(guns + more, wanted, 24.0) <= 1.0


# Conservation


def drawn(seed: int, wars: int = WARS) -> dict[str, np.ndarray]:
    """Random stocks and parameters over their ranges."""
    rng = np.random.default_rng(seed)

    def of(low: float, high: float, sides: int = 2) -> np.ndarray:
        values = np.exp(rng.uniform(np.log(low), np.log(high), (sides, wars))).astype(np.float32)
        return values if sides == 2 else values[0]

    return {
        "artillery": of(1.0, 2e4),
        "fire": of(10.0, 1e5),
        "counted": of(10.0, 3e5),
        "industry": of(0.2, 5.0),
        "production": of(0.1, 2.0),
        "artillery_output": of(0.01, 50.0),
        "counter_battery": of(1e-5, 1e-2),
        "gun_wear": of(1e-5, 1e-2, sides=1),
    }


@pytest.mark.parametrize("seed", range(3))
def test_guns_add_up(seed: int) -> None:
    values = drawn(seed)
    guns = start = values.pop("artillery")
    came, went = np.zeros_like(start, np.float64), np.zeros_like(start, np.float64)
    step = jax.jit(artillery.gun_flows)
    for _ in range(60):
        moved = step(guns, **values)
        guns = np.asarray(artillery.next_artillery(guns, moved, 0.5))
        came += np.asarray(moved.built) + 0.5
        went += np.asarray(moved.struck) + np.asarray(moved.worn)
    assert went.min() > 0
    assert (np.abs(start + came - went - guns) <= 1e-5 * (start + came)).all()


# Mirror


def test_the_sides_mirror_exactly() -> None:
    values = drawn(7)
    moved = artillery.gun_flows(**values)
    wear = values.pop("gun_wear")
    turned = artillery.gun_flows(**{name: value[::-1] for name, value in values.items()}, gun_wear=wear)
    for straight, other in zip(moved, turned, strict=True):
        assert np.array_equal(np.asarray(straight)[::-1], np.asarray(other))
    assert not np.array_equal(np.asarray(moved.struck[0]), np.asarray(moved.struck[1]))


# Bounds


def test_nothing_is_negative_or_undefined_at_any_corner() -> None:
    corners = np.asarray(
        list(
            product(
                (0.0, 1.0, 1e5),  # guns
                (0.0, 1e6),  # fire
                (0.0, 1e7),  # rounds that count
                BOUNDS["artillery_output"],
                BOUNDS["counter_battery"],
                BOUNDS["gun_wear"],
                BOUNDS["rounds_per_gun_day"],
                (0.0, 20.0),  # industry
            )
        ),
        np.float32,
    ).T
    guns, fire, counted, output, counter, wear, rounds, industry = (
        jnp.stack([row, row[::-1]]) for row in corners
    )
    moved = artillery.gun_flows(guns, fire, counted, industry, jnp.ones_like(guns), output, counter, wear[0])
    left = artillery.next_artillery(guns, moved, jnp.zeros_like(guns))
    share = artillery.limit(guns, jnp.ones_like(guns), jnp.ones_like(wear[0]), fire, one(10.0), rounds[0])
    for values in (*moved, left, share):
        assert np.isfinite(np.asarray(values)).all()
        assert np.asarray(values).min() >= 0
    assert np.asarray(share).max() <= 1.0
    assert (np.asarray(moved.struck + moved.worn) <= np.asarray(guns)).all()


# The plain reference


@pytest.mark.parametrize("seed", range(3))
def test_it_agrees_with_the_plain_reference(seed: int) -> None:
    values = drawn(seed)
    arriving = drawn(seed + 10)["artillery_output"]
    moved = artillery.gun_flows(**values)
    left = np.asarray(artillery.next_artillery(values["artillery"], moved, arriving))
    rng = np.random.default_rng(seed)
    plan = rng.uniform(1.0, 1e5, (2, WARS)).astype(np.float32)
    offensive = rng.integers(0, 2, (2, WARS)).astype(np.float32)
    activity = rng.uniform(0.01, 1.0, WARS).astype(np.float32)
    share = np.asarray(artillery.limit(values["artillery"], offensive, activity, plan, one(1.5), one(24.0)))
    assert 0.1 < np.mean(share < 1.0) < 0.9
    for war in range(WARS):
        sides = {
            name: value[:, war].astype(float).tolist() for name, value in values.items() if name != "gun_wear"
        }
        found = reference.day(
            sides["artillery"],
            sides["fire"],
            sides["counted"],
            sides["industry"],
            sides["production"],
            sides["artillery_output"],
            sides["counter_battery"],
            float(values["gun_wear"][war]),
            arriving[:, war].astype(float).tolist(),
        )
        for name in ("built", "struck", "worn"):
            ours = np.asarray(getattr(moved, name))[:, war]
            # What is left to wear out is a small difference of large numbers.
            floor = 3e-7 * max(sides["artillery"])
            np.testing.assert_allclose(ours, found[name], rtol=1e-5, atol=floor)
        np.testing.assert_allclose(
            left[:, war], found["guns"], rtol=1e-5, atol=3e-7 * max(sides["artillery"])
        )
        for i in (0, 1):
            expected = reference.limit(
                sides["artillery"][i],
                float(offensive[i, war]),
                float(activity[war]),
                float(plan[i, war]),
                1.5,
                24.0,
            )
            assert share[i, war] == pytest.approx(expected, rel=1e-5)


# One compiled loop


def primitives(jaxpr: Any) -> Iterator[str]:
    for equation in jaxpr.eqns:
        yield equation.primitive.name
        for value in equation.params.values():
            inner = getattr(value, "jaxpr", value)
            if hasattr(inner, "eqns"):
                yield from primitives(inner)


def test_the_loop_knows_every_operation() -> None:
    def whole(values: dict[str, jax.Array]) -> tuple[jax.Array, ...]:
        moved = artillery.gun_flows(**values)
        ones = jnp.ones_like(values["fire"])
        share = artillery.limit(values["artillery"], ones, ones[0], values["fire"], ones[0], ones[0])
        return artillery.next_artillery(values["artillery"], moved, ones), share

    found = set(primitives(jax.make_jaxpr(whole)(drawn(0)).jaxpr))
    assert "expm1" in found
    assert found <= set(tracing._RULES)
