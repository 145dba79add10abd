"""Belief: late, biased and filtered reports; without distortion this morning's truth, to the last bit."""

from __future__ import annotations

from itertools import product
from math import log
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ceasefire.engine.fused.tracing import _RULES
from ceasefire.war import belief, offensive
from ceasefire.war.belief import Belief
from tests.reference import belief_reference as reference

WARS = 64
BOUNDS = {parameter.name: parameter.bounds for parameter in belief.PARAMETERS}
BEST = {"distortion": 1.0, "bad_news_filter": 0.3, "bias": 0.0, "noise": 0.15, "delay": 20.0}
NAMES = ("distortion", "bad_news_filter", "bias", "noise", "delay")

next_belief = jax.jit(belief.next_belief)
decide = jax.jit(offensive.decide)


def sides(values: Any) -> jax.Array:
    return jnp.broadcast_to(jnp.asarray(values, jnp.float32), (2, WARS))


def drawn(seed: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {
        "power": rng.uniform(8, 14, (2, WARS)).astype(np.float32),
        "own": rng.uniform(8, 14, (2, WARS)).astype(np.float32),
        "enemy": rng.uniform(8, 14, (2, WARS)).astype(np.float32),
        "balance": rng.normal(-1, 1, (2, WARS)).astype(np.float32),
        "shock": rng.standard_normal((2, WARS)).astype(np.float32),
        "distortion": rng.uniform(0, 3, (2, WARS)).astype(np.float32),
        "bad_news_filter": rng.uniform(0, 1, (2, WARS)).astype(np.float32),
        "bias": rng.normal(0, 0.5, (2, WARS)).astype(np.float32),
        "noise": rng.uniform(0, 1, (2, WARS)).astype(np.float32),
        "delay": rng.uniform(1, 100, (2, WARS)).astype(np.float32),
    }


def told(values: dict[str, np.ndarray], step: float = 1.0) -> Belief:
    given_now = Belief(values["own"], values["enemy"])
    return next_belief(given_now, values["power"], values["shock"], *[values[n] for n in NAMES], step)


def walk(truth: np.ndarray, shock: np.ndarray | None = None, **changed: float) -> np.ndarray:
    """What side 0 believes of its own force on each day `[D]`; the truth is `[D]`, the enemy stands still."""
    p = [sides(value) for value in (BEST | {"noise": 0.0} | changed).values()]
    shocks = np.zeros(len(truth)) if shock is None else shock
    return np.asarray(_walk(*(jnp.asarray(days, jnp.float32) for days in (truth, shocks)), *p))


@jax.jit
def _walk(truth: jax.Array, shocks: jax.Array, *p: jax.Array) -> jax.Array:
    def day(now: Belief, today: tuple[jax.Array, jax.Array]) -> tuple[Belief, jax.Array]:
        power, z = today
        both = jnp.stack([sides(power)[0], sides(0.0)[0]])
        now = belief.next_belief(now, both, sides(z), *p)
        return now, now.own[0, 0]

    return jax.lax.scan(day, Belief(sides(truth[0]), sides(0.0)), (truth, shocks))[1]


def test_worked_number() -> None:
    text = " ".join((belief.__doc__ or "").split())
    assert "0.69 (1 - (1 - 0.7 / 20)^20) = -0.35, with q = 0 by -0.44" in text
    fallen = np.concatenate([[0.0], np.full(20, log(0.5))])
    assert walk(fallen)[-1] == pytest.approx(log(0.5) * (1 - (1 - 0.7 / 20) ** 20), abs=1e-5)
    assert walk(fallen)[-1] == pytest.approx(-0.35, abs=0.005)
    assert walk(fallen, bad_news_filter=0.0)[-1] == pytest.approx(-0.44, abs=0.005)


# Neutral: no distortion


@given(seed=st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_without_distortion_belief_is_the_truth_to_the_last_bit(seed: int) -> None:
    values = drawn(seed) | {"distortion": np.zeros((2, WARS), np.float32)}
    for step in (1.0, 7.0):
        believed = told(values, step)
        np.testing.assert_array_equal(believed.own, values["power"])
        np.testing.assert_array_equal(believed.enemy, values["power"][::-1])
        seen = belief.perceived_balance(values["balance"], values["power"], believed)
        np.testing.assert_array_equal(seen, values["balance"])
    assert (belief.passed_on(values["distortion"], values["bad_news_filter"]) == 1.0).all()
    first = belief.first_belief(values["power"], values["bias"], values["distortion"])
    np.testing.assert_array_equal(first.own, values["power"])
    np.testing.assert_array_equal(first.enemy, values["power"][::-1])


def test_a_little_distortion_is_not_none() -> None:
    """The test above can fail."""
    believed = told(drawn(1) | {"distortion": np.full((2, WARS), 0.01, np.float32)})
    assert (np.asarray(believed.own) != drawn(1)["power"]).all()


# Closed forms


def test_at_usual_distortion_without_a_filter_it_is_the_perception_of_one_number() -> None:
    rng = np.random.default_rng(3)
    values = drawn(3) | {"distortion": np.ones((2, WARS), np.float32)}
    values["bad_news_filter"] = np.zeros((2, WARS), np.float32)
    power, rest = values["power"], sides(-0.7)
    now = belief.first_belief(power, values["bias"], values["distortion"])
    one_number = rest + (power - power[::-1]) + values["bias"]
    for _ in range(30):
        power = power + rng.normal(0, 0.05, power.shape).astype(np.float32)
        shock = rng.standard_normal(power.shape).astype(np.float32)
        y = rest + (power - power[::-1])
        now = next_belief(now, power, shock, *[values[n] for n in NAMES])
        one_number = offensive.next_perceived(
            one_number, y, shock, values["bias"], values["noise"], values["delay"]
        )
        seen = belief.perceived_balance(y, power, now)
        np.testing.assert_allclose(seen, one_number, atol=2e-4)


@pytest.mark.parametrize(("filter_", "distortion"), [(0.0, 1.0), (0.3, 1.0), (0.7, 1.0), (0.4, 2.0)])
def test_belief_settles_at_the_expectile_of_its_reports(filter_: float, distortion: float) -> None:
    """Reports of +s and -s about a steady truth: (s - x) = (1 - x q) (s + x), so x = s f / (2 - f)."""
    shock = np.where(np.arange(3_000) % 2 == 0, 1.0, -1.0)
    found = walk(
        np.zeros(3_000),
        shock,
        noise=0.2,
        bad_news_filter=filter_,
        distortion=distortion,
        delay=300.0 / distortion,
    )
    f, size = filter_ * distortion, distortion * 0.1
    assert found[-100:].mean() == pytest.approx(size * f / (2 - f), abs=2e-3)


def test_the_weight_of_a_report_does_not_depend_on_the_length_of_the_step() -> None:
    """In steps of a week, 1 + x (l - 1) days are the same time."""
    one = drawn(5) | {"delay": np.full((2, WARS), 30.0, np.float32)}
    week = one | {"delay": one["delay"] / 7.0}
    days = 1.0 + one["distortion"] * 29.0
    share = np.where(
        one["power"] + 0.5 * one["distortion"] * (one["bias"] + one["noise"] * one["shock"]) < one["own"],
        np.maximum(1 - one["distortion"] * one["bad_news_filter"], 0),
        1.0,
    )
    report = one["power"] + 0.5 * one["distortion"] * (one["bias"] + one["noise"] * one["shock"])
    for values, step in ((one, 1.0), (week, 7.0)):
        moved = (np.asarray(told(values, step).own) - one["own"]) / (report - one["own"])
        np.testing.assert_allclose(moved, share * np.minimum(step / days, 1.0), atol=1e-4)


# Mirror, bounds, reference


def test_mirror() -> None:
    values = drawn(7)
    mirrored = {name: value[::-1] for name, value in values.items()}
    for ours, theirs in zip(told(values), told(mirrored), strict=True):
        np.testing.assert_array_equal(ours, theirs[::-1])
    seen = belief.perceived_balance(values["balance"], values["power"], told(values))
    back = belief.perceived_balance(mirrored["balance"], mirrored["power"], told(mirrored))
    np.testing.assert_array_equal(seen, back[::-1])


def test_at_all_corners_belief_stays_between_the_report_and_itself() -> None:
    corners = list(
        product(BOUNDS["distortion"], BOUNDS["bad_news_filter"], (-3.0, 3.0), (0.0, 3.0), (1.0, 1e3))
    )
    columns = [np.tile(np.asarray(column, np.float32), (2, 1)) for column in zip(*corners, strict=True)]
    for power, shock in product((0.0, 16.0), (-4.0, 4.0)):
        p, z = np.full((2, len(corners)), power, np.float32), np.full((2, len(corners)), shock, np.float32)
        p[1] = 3.0
        was = belief.first_belief(p, columns[2], columns[0])
        now = belief.next_belief(was, p - 5.0, z, *columns)
        seen = belief.perceived_balance(p * 0.0, p - 5.0, now)
        assert np.isfinite(np.stack([*now, seen])).all()
        report = p - 5.0 + 0.5 * columns[0] * (columns[2] + columns[3] * z)
        assert (now.own >= np.minimum(report, was.own) - 1e-4).all()
        assert (now.own <= np.maximum(report, was.own) + 1e-4).all()
    share = belief.passed_on(columns[0], columns[1])
    assert ((share >= 0) & (share <= 1)).all()


@pytest.mark.parametrize("step", [1.0, 7.0])
def test_agreement_with_the_plain_reference(step: float) -> None:
    values = drawn(11)
    if step > 1:
        values["delay"] = np.maximum(values["delay"] / 7.0, 1.0)
    now = told(values, step)
    seen = belief.perceived_balance(values["balance"], values["power"], now)
    for i, war in product((0, 1), range(WARS)):
        v = {name: float(value[i, war]) for name, value in values.items()}
        theirs = float(values["power"][1 - i, war])
        leader = reference.Leader(
            v["distortion"], v["bad_news_filter"], v["bias"], v["noise"], v["delay"] * step
        )
        own, other = reference.next_belief(v["own"], v["enemy"], v["power"], theirs, v["shock"], leader, step)
        assert float(now.own[i, war]) == pytest.approx(own, rel=1e-5)
        assert float(now.enemy[i, war]) == pytest.approx(other, rel=1e-5)
        expected = reference.perceived(v["balance"], own, other, v["power"], theirs)
        assert float(seen[i, war]) == pytest.approx(expected, rel=1e-5, abs=1e-5)


def test_log_power() -> None:
    found = belief.log_power(sides(300_000.0), sides(-0.2), sides(0.5))
    assert float(found[0, 0]) == pytest.approx(reference.log_power(300_000.0, -0.2, 0.5), rel=1e-6)
    assert float(belief.log_power(sides(0.0), sides(0.0), sides(0.0))[1, 0]) == 0.0


def test_beliefs_follow_when_ground_becomes_advantage() -> None:
    """A running war that becomes the start of another: no leader changes his mind."""
    values = drawn(13)
    change = sides(0.3) * jnp.asarray([[1.0], [-1.0]])
    before = told(values)
    after = belief.shifted(before, change)
    moved = values["power"] + 0.5 * np.asarray(change)
    np.testing.assert_allclose(
        belief.perceived_balance(values["balance"], moved, after),
        belief.perceived_balance(values["balance"], values["power"], before),
        atol=1e-5,
    )


# Direction, and what was stated in advance


FALLING = np.linspace(0.0, -2.0, 120)
RISING = -FALLING


def error(truth: np.ndarray, **changed: float) -> float:
    """How much stronger than it is a leader believes his force to be, on the last day."""
    return float(walk(truth, **changed)[-1] - truth[-1])


def test_a_filter_makes_a_loser_overestimate_his_force() -> None:
    errors = [error(FALLING, bad_news_filter=q) for q in (0.0, 0.3, 0.6, 1.0)]
    assert errors[0] > 0.1  # late news alone
    assert (np.diff(errors) > 0.05).all()
    assert error(RISING, bad_news_filter=0.6) == error(RISING, bad_news_filter=0.0) < 0


def test_a_filter_makes_a_loser_underestimate_a_growing_enemy() -> None:
    def believed(q: float) -> float:
        p = [sides(value) for value in (BEST | {"noise": 0.0, "bad_news_filter": q}).values()]
        now = Belief(sides(0.0), sides(0.0))
        for theirs in RISING:
            power = jnp.stack([sides(0.0)[0], sides(theirs)[0]])
            now = next_belief(now, power, sides(0.0), *p)
        return float(now.enemy[0, 0])

    found = [believed(q) for q in (0.0, 0.3, 0.9)]
    assert (np.diff(found) < -0.05).all()


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [("distortion", 0.5, 2.0), ("bad_news_filter", 0.1, 0.6), ("bias", -0.2, 0.4), ("delay", 5.0, 50.0)],
)
def test_each_parameter_makes_a_loser_think_better_of_his_force(name: str, low: float, high: float) -> None:
    assert error(FALLING, **{name: high}) > error(FALLING, **{name: low}) + 0.02


def test_noise_makes_belief_move() -> None:
    shock = np.random.default_rng(1).standard_normal(200)
    spread = [walk(np.zeros(200), shock, noise=noise)[50:].std() for noise in (0.0, 0.1, 0.4)]
    assert spread[0] == 0.0
    assert (np.diff(spread) > 0.001).all()


def first_stop(**changed: float) -> int:
    """The day on which an offensive ends while one's own force melts away and the enemy's stands still."""
    p = [sides(value) for value in (BEST | {"noise": 0.0} | changed).values()]
    powers = -np.linspace(0.0, 3.0, 300)
    now = Belief(sides(0.0), sides(0.0))
    for day, power in enumerate(powers):
        both = jnp.stack([sides(power)[0], sides(0.0)[0]])
        now = next_belief(now, both, sides(0.0), *p)
        seen = belief.perceived_balance(both - both[::-1], both, now)
        decision = decide(
            sides(1.0), sides(10.0), seen, seen, jnp.zeros(WARS), jnp.zeros(1), sides(1.0),
            jnp.full((2, 1), -1.0), sides(-0.9), sides(0.2), jnp.zeros(WARS), sides(0.0) > 1,
            sides(80.0), jnp.full(WARS, 0.4),
        )  # fmt: skip
        if float(decision.offensive[0, 0]) == 0.0:
            return day
    return len(powers)


def test_a_misled_leader_notices_later_that_his_attack_has_culminated() -> None:
    days = [
        first_stop(distortion=0.0),
        first_stop(bad_news_filter=0.0),
        first_stop(),
        first_stop(distortion=2.0),
    ]
    assert days == sorted(days)
    assert (np.diff(days) >= 5).all()
    assert days[-1] < 300
    # With the truth it ends on the first morning below -1.3.
    assert days[0] == int(np.argmax(-np.linspace(0.0, 3.0, 300) < -1.3))


# Operations


def primitives(jaxpr: Any) -> set[str]:
    found = set()
    for equation in jaxpr.eqns:
        found.add(equation.primitive.name)
        for value in equation.params.values():
            inner = getattr(value, "jaxpr", value)
            if hasattr(inner, "eqns"):
                found |= primitives(inner)
    return found


def test_every_operation_can_be_fused() -> None:
    def everything(force: jax.Array, effect: jax.Array, shock: jax.Array, *p: jax.Array) -> Any:
        power = belief.log_power(force, effect, effect)
        first = belief.first_belief(power, p[2], p[0])
        now = belief.shifted(belief.next_belief(first, power, shock, *p, 7.0), effect)
        return now, belief.perceived_balance(effect, power, now)

    found = primitives(jax.make_jaxpr(everything)(*[sides(1.0)] * 8).jaxpr)
    assert found <= set(_RULES), found - set(_RULES)
