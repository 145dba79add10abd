"""Arms from third parties alone: worked number, chance, ramp, neutral value, mirror, bounds, reference."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from math import exp
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import norm

from ceasefire.engine.fused import tracing
from ceasefire.war import third_party_arms as third
from tests.reference import third_party_arms_reference as reference

BOUNDS = {parameter.name: parameter.bounds for parameter in third.PARAMETERS}
SIZES = ("third_party_shells", "third_party_long_range_drones", "third_party_missiles")


next_level = jax.jit(third.next_level)


def both(first: float, second: float | None = None) -> jax.Array:
    """A value for each side, `[2, 1]`; the same for both where one is given."""
    return jnp.asarray([[first], [first if second is None else second]], dtype=jnp.float32)


def one(value: float) -> jax.Array:
    return jnp.asarray([value], dtype=jnp.float32)


def worked() -> str:
    docstring = third.__doc__ or ""
    return " ".join(docstring[docstring.index("Worked number: ") :].split())


def levels(
    days: int, ramp: float, is_open: float = 0.0, lever: float = 0.0, start: float = 0.0
) -> list[float]:
    given = both(is_open), both(lever), one(ramp)
    level, found = both(start), []
    for _ in range(days):
        level = next_level(level, *given)
        found.append(float(level[0, 0]))
    return found


def opened_in(weeks: int, onset: float, step: float = 1.0, wars: int = 4_000) -> float:
    """Share of wars in which the stream is open after some weeks of shocks drawn evenly."""
    rng = np.random.default_rng(11)
    is_open = jnp.zeros((2, wars))
    onsets = jnp.full((2, wars), onset / step, jnp.float32)
    move = jax.jit(third.next_open)
    for _ in range(weeks):
        shock = jnp.asarray(rng.standard_normal((2, wars)), jnp.float32)
        is_open = move(is_open, shock, 1.0, onsets, step)
    return float(is_open.mean())


# The worked number and closed forms


def test_worked_number() -> None:
    assert (
        "an onset of 500 days: the stream is open after a year with the chance 1 - exp(-365 / 500) = 52 %"
        in (worked())
    )
    chance = float(third.weekly_chance(one(500.0))[0])
    assert 1 - (1 - chance) ** (365 / 7) == pytest.approx(1 - exp(-365 / 500), rel=1e-4)
    assert 1 - exp(-365 / 500) == pytest.approx(0.52, abs=0.005)
    assert "with a ramp of 60 days it stands at 63 % of its size 60 days later" in worked()
    assert levels(60, 60.0, is_open=1.0)[-1] == pytest.approx(0.63, abs=0.01)


@pytest.mark.parametrize("step", [1.0, 7.0])
def test_streams_open_as_often_as_their_mean_says(step: float) -> None:
    expected = 1 - exp(-52 * 7 / 500)
    assert opened_in(52, 500.0, step) == pytest.approx(
        expected, abs=4 * (expected * (1 - expected) / 8_000) ** 0.5
    )


def test_the_ramp_in_closed_form() -> None:
    found = levels(90, 30.0, is_open=1.0)
    assert found == pytest.approx([1 - (1 - 1 / 30) ** (day + 1) for day in range(90)], rel=1e-4)


def test_a_ramp_shorter_than_a_step_is_done_in_one() -> None:
    assert levels(2, 0.5, is_open=1.0) == [1.0, 1.0]


def test_it_opens_only_where_the_shock_is_low_and_a_week_begins() -> None:
    chance = float(third.weekly_chance(one(500.0))[0])
    low, high = norm.ppf(chance) - 0.01, norm.ppf(chance) + 0.01
    shocks, onset = both(low, high), both(500.0)
    assert third.next_open(both(0.0), shocks, 1.0, onset).tolist() == [[1.0], [0.0]]
    assert third.next_open(both(0.0), shocks, 0.0, onset).tolist() == [[0.0], [0.0]]
    assert third.next_open(both(1.0), both(9.0), 1.0, onset).tolist() == [[1.0], [1.0]]


# Neutral values, exact


def sizes(first: float = 2_500.0) -> list[jax.Array]:
    return [both(first), both(4.0), both(0.3)]


def test_a_stream_that_is_not_open_sends_exactly_nothing() -> None:
    assert levels(200, 60.0) == [0.0] * 200
    for part in third.supply(both(0.0), both(1.0), *sizes()):
        assert part.tolist() == [[0.0], [0.0]]


def test_no_size_and_no_arms_in_a_truce_send_exactly_nothing() -> None:
    nothing = [both(0.0)] * 3
    for part in (
        *third.supply(both(1.0), both(1.0), *nothing),
        *third.supply(both(1.0), both(0.0), *sizes()),
    ):
        assert part.tolist() == [[0.0], [0.0]]


# Stated in advance: directions


def test_the_lever_opens_a_stream_at_once_in_its_share() -> None:
    assert levels(1, 60.0, lever=0.4)[0] == pytest.approx(0.4 / 60.0, rel=1e-5)
    assert levels(600, 60.0, lever=0.4)[-1] == pytest.approx(0.4, rel=1e-4)
    # It adds nothing to one that is open in full, and fades when the lever goes back.
    assert levels(50, 60.0, is_open=1.0, lever=0.4) == levels(50, 60.0, is_open=1.0)
    fading = levels(400, 60.0, start=0.4)
    assert fading == sorted(fading, reverse=True)
    assert 0.0 <= fading[-1] < 0.001


def test_a_later_onset_opens_later() -> None:
    assert opened_in(20, 100.0) > opened_in(20, 300.0) + 0.1 > opened_in(20, 3_000.0) + 0.2


def test_a_slower_ramp_sends_less() -> None:
    assert levels(30, 20.0, is_open=1.0)[-1] > levels(30, 60.0, is_open=1.0)[-1] + 0.1


@pytest.mark.parametrize("kind", range(3))
def test_a_larger_size_sends_more_of_its_kind_to_its_side(kind: int) -> None:
    larger = sizes()
    larger[kind] = both(2.0 * float(larger[kind][0, 0]), float(larger[kind][1, 0]))
    before, after = third.supply(both(0.5), both(1.0), *sizes()), third.supply(both(0.5), both(1.0), *larger)
    for place, (was, now) in enumerate(zip(before, after, strict=True)):
        assert float(now[0, 0]) == float(was[0, 0]) * (2.0 if place == kind else 1.0)
        assert float(now[1, 0]) == float(was[1, 0])


def test_a_truce_lets_through_its_share() -> None:
    full, half = third.supply(both(0.5), both(1.0), *sizes()), third.supply(both(0.5), both(0.5), *sizes())
    assert [2.0 * float(part[0, 0]) for part in half] == pytest.approx([float(part[0, 0]) for part in full])


# Mirror, bounds, reference


def drawn(seed: int, wars: int = 64) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {
        "is_open": rng.integers(0, 2, (2, wars)).astype(np.float32),
        "level": rng.uniform(0, 1, (2, wars)).astype(np.float32),
        "shock": rng.normal(-1.0, 1.0, (2, wars)).astype(np.float32),
        "onset": np.exp(rng.uniform(np.log(5), np.log(5_000), (2, wars))).astype(np.float32),
        "lever": rng.uniform(0, 1, (2, wars)).astype(np.float32),
        "ramp": rng.uniform(0.5, 300, wars).astype(np.float32),
        "aid": rng.uniform(0, 2, (2, wars)).astype(np.float32),
        **{name: rng.uniform(0, BOUNDS[name][1], (2, wars)).astype(np.float32) for name in SIZES},
    }


def whole(values: dict[str, Any], step: float = 1.0) -> tuple[jax.Array, ...]:
    """Open, level and what is sent."""
    is_open = third.next_open(values["is_open"], values["shock"], 1.0, values["onset"], step)
    level = third.next_level(values["level"], is_open, values["lever"], values["ramp"])
    return is_open, level, *third.supply(values["level"], values["aid"], *(values[name] for name in SIZES))


def test_the_sides_mirror_exactly() -> None:
    values = drawn(1)
    turned = {name: value[::-1] if value.ndim == 2 else value for name, value in values.items()}
    for straight, other in zip(whole(values), whole(turned), strict=True):
        assert np.array_equal(np.asarray(straight)[::-1], np.asarray(other))
        assert not np.array_equal(np.asarray(straight)[::-1], np.asarray(straight))


def test_nothing_is_negative_or_undefined_at_any_corner() -> None:
    names = ("third_party_onset_days", "third_party_ramp_days", *SIZES)
    corners = np.asarray(
        list(product((0.0, 1.0), (0.0, 1.0), (-9.0, 9.0), (0.0, 1.0), *(BOUNDS[name] for name in names))),
        np.float32,
    ).T
    is_open, level, shock, lever, onset, ramp, *kinds = (jnp.stack([row, row[::-1]]) for row in corners)
    values = {"is_open": is_open, "level": level, "shock": shock, "lever": lever, "onset": onset}
    values |= {"ramp": ramp[0], "aid": jnp.ones_like(level)} | dict(zip(SIZES, kinds, strict=True))
    for step in (1.0, 7.0):
        found = [np.asarray(part) for part in whole(values, step)]
        assert all(np.isfinite(part).all() and part.min() >= 0 for part in found)
        assert all(part.max() <= 1 for part in found[:2])


@pytest.mark.parametrize(("seed", "step"), [(0, 1.0), (1, 1.0), (2, 7.0)])
def test_it_agrees_with_the_plain_reference(seed: int, step: float) -> None:
    values = drawn(seed)
    found = [np.asarray(part) for part in whole(values, step)]
    assert 0.02 < np.mean((found[0] > 0) & (values["is_open"] == 0)) < 0.4
    for war in range(values["ramp"].size):
        for i in (0, 1):
            of = {name: float(value[i, war]) for name, value in values.items() if value.ndim == 2}
            is_open = reference.opened(of["is_open"], of["shock"], True, of["onset"], step)
            level = reference.level_of(of["level"], is_open, of["lever"], float(values["ramp"][war]))
            sent = reference.sent(of["level"], of["aid"], [of[name] for name in SIZES])
            assert [part[i, war] for part in found] == pytest.approx([is_open, level, *sent], rel=1e-5)


# One compiled loop


def primitives(jaxpr: Any) -> Iterator[str]:
    for equation in jaxpr.eqns:
        yield equation.primitive.name
        for value in equation.params.values():
            inner = getattr(value, "jaxpr", value)
            if hasattr(inner, "eqns"):
                yield from primitives(inner)


def test_the_loop_knows_every_operation() -> None:
    found = set(primitives(jax.make_jaxpr(whole)(drawn(0)).jaxpr))
    assert "erfc" in found
    assert found <= set(tracing._RULES)
