"""Civilian harm: deaths by strikes and by fire, the displaced, and what interceptors save."""

from __future__ import annotations

import importlib
import itertools
from math import exp
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ceasefire.engine.fused.tracing import _RULES
from ceasefire.evidence import load
from ceasefire.war import air_defence, civilian_harm
from tests.reference import civilian_harm_reference as reference

PARAMETERS = {parameter.name: parameter for parameter in civilian_harm.PARAMETERS}
BEST = {name: parameter.prior.best for name, parameter in PARAMETERS.items()}
DEATHS = ("deaths_per_missile", "deaths_per_drone", "deaths_per_round")
FLIGHT = ("civilian_population", "displaced_per_death", "grid_displacement", "displacement_return_days")


def both(first: float, second: float | None = None) -> jax.Array:
    return jnp.asarray([[first], [first if second is None else second]], dtype=jnp.float32)


def deaths(
    missiles: float = 4.0, drones: float = 10.0, fire: float = 15_000.0, **changed: float
) -> list[float]:
    """Deaths on the ground of side 0 by strikes and by the fire of side 1."""
    values = [both((BEST | changed)[name]) for name in DEATHS]
    found = civilian_harm.deaths(both(missiles, 0.0), both(drones, 0.0), both(0.0, fire), *values)
    return [float(part[0, 0]) for part in found]


def moves(displaced: float = 5e5, killed: float = 5.0, grid: float = 0.7, **changed: float) -> list[float]:
    values = [both((BEST | changed)[name]) for name in FLIGHT]
    found = civilian_harm.displacement(both(displaced), both(killed), both(grid), *values)
    return [float(part[0, 0]) for part in found]


def parameters(rng: np.random.Generator, wars: int) -> dict[str, np.ndarray]:
    return {
        name: parameter.prior.draw(rng.standard_normal((2, wars)), parameter.bounds).astype(np.float32)
        for name, parameter in PARAMETERS.items()
    }


def day(displaced: Any, missiles: Any, drones: Any, fire: Any, grid: Any, p: dict[str, Any]) -> Any:
    """A day as the wiring is meant to do it."""
    killed = civilian_harm.deaths(missiles, drones, fire, *[p[name] for name in DEATHS])
    flows = civilian_harm.displacement(displaced, killed.by_fire, grid, *[p[name] for name in FLIGHT])
    return civilian_harm.next_displaced(displaced, flows), killed, flows


def inputs(rng: np.random.Generator, wars: int) -> list[np.ndarray]:
    """Displaced, leaked missiles and drones, fire, grid, `[2, N]` each."""
    ranges = ((0, 6e6), (0, 20), (0, 200), (0, 30_000), (0, 1))
    return [rng.uniform(low, high, (2, wars)).astype(np.float32) for low, high in ranges]


# Worked number and closed forms


def test_worked_number() -> None:
    docstring = " ".join((importlib.import_module("ceasefire.war.civilian_harm").__doc__ or "").split())
    assert "4 missiles and 10 drones that get through a day at 0.4 and 0.04 deaths each" in docstring
    assert "15,000 rounds a day at 0.0003: 2 + 4.5 = 6.5 people killed a day" in docstring
    found = deaths(deaths_per_missile=0.4, deaths_per_drone=0.04, deaths_per_round=3e-4)
    assert found == pytest.approx([2.0, 4.5], rel=1e-5)


def test_the_displaced_return_exponentially() -> None:
    left = both(1e6)
    for _ in range(100):
        flows = civilian_harm.Displacement(both(0.0), moves_of(left))
        left = civilian_harm.next_displaced(left, flows)
    assert float(left[0, 0]) == pytest.approx(1e6 * 0.995**100, rel=1e-5)


def moves_of(displaced: jax.Array) -> jax.Array:
    values = [both((BEST | {"displacement_return_days": 200.0})[name]) for name in FLIGHT]
    return civilian_harm.displacement(displaced, both(0.0), both(1.0), *values).returning


def test_steady_flight_settles_where_return_equals_it() -> None:
    p = {name: both(value) for name, value in BEST.items()}
    p |= {"displacement_return_days": both(300.0), "displaced_per_death": both(400.0)}

    def step(_: int, displaced: jax.Array) -> jax.Array:
        return day(displaced, both(0.0), both(0.0), both(10_000.0), both(1.0), p)[0]

    settled = jax.lax.fori_loop(0, 6_000, step, both(0.0))
    expected = 300.0 * 400.0 * BEST["deaths_per_round"] * 10_000.0
    assert float(settled[0, 0]) == pytest.approx(expected, rel=1e-3)


def test_nobody_flees_twice() -> None:
    displacing, _ = moves(displaced=900.0, killed=1e6, civilian_population=1_000.0)
    assert displacing == pytest.approx(100.0, rel=1e-5)
    assert moves(displaced=2_000.0, killed=1e6, civilian_population=1_000.0)[0] == 0.0
    wanted = BEST["displaced_per_death"] * 5.0
    few = moves(displaced=0.0, killed=5.0, grid=1.0, civilian_population=10_000.0)[0]
    assert few == pytest.approx(10_000.0 * (1.0 - exp(-wanted / 10_000.0)), rel=1e-5)


# Conservation, mirror, neutral values


def test_everybody_displaced_is_accounted_for() -> None:
    rng = np.random.default_rng(1)
    p = parameters(rng, 32)
    displaced, *rest = inputs(rng, 32)

    @jax.jit
    def walk(displaced: Any) -> Any:
        def step(displaced: Any, _: None) -> Any:
            tomorrow, _, flows = day(displaced, *rest, p)
            return tomorrow, flows

        return jax.lax.scan(step, displaced, None, 50)

    end, flows = jax.tree.map(lambda part: np.asarray(part, float), walk(displaced))
    moved = flows.displacing.sum(axis=0) - flows.returning.sum(axis=0)
    np.testing.assert_allclose(end, displaced + moved, rtol=1e-5)


def test_the_sides_mirror_exactly() -> None:
    rng = np.random.default_rng(2)
    p, given_today = parameters(rng, 64), inputs(rng, 64)
    found = day(*given_today, p)
    turned = day(*[part[::-1] for part in given_today], {name: value[::-1] for name, value in p.items()})
    for one, other in zip(jax.tree.leaves(found), jax.tree.leaves(turned), strict=True):
        np.testing.assert_array_equal(np.asarray(one), np.asarray(other)[::-1])


def test_each_side_suffers_from_the_other() -> None:
    p = [both(BEST[name]) for name in DEATHS]
    killed = civilian_harm.deaths(both(1.0, 0.0), both(0.0), both(0.0, 10_000.0), *p)
    assert float(killed.by_strikes[1, 0]) == float(killed.by_fire[1, 0]) == 0.0
    assert min(float(killed.by_strikes[0, 0]), float(killed.by_fire[0, 0])) > 0.1


def test_without_strikes_fire_and_damage_nobody_is_harmed() -> None:
    assert deaths(0.0, 0.0, 0.0) == [0.0, 0.0]
    assert moves(displaced=0.0, killed=0.0, grid=1.0) == [0.0, 0.0]


@pytest.mark.parametrize("name", DEATHS)
def test_a_rate_of_zero_kills_nobody(name: str) -> None:
    one = {"deaths_per_missile": (4.0, 0.0, 0.0), "deaths_per_drone": (0.0, 10.0, 0.0)}
    assert deaths(*one.get(name, (0.0, 0.0, 15_000.0)), **{name: 0.0}) == [0.0, 0.0]


# Directions, strict


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("deaths_per_missile", 0),
        ("deaths_per_drone", 0),
        ("deaths_per_round", 1),
        ("missiles", 0),
        ("drones", 0),
        ("fire", 1),
    ],
)
def test_the_direction_of_deaths(name: str, part: int) -> None:
    usual = {"missiles": 4.0, "drones": 10.0, "fire": 15_000.0} | BEST
    low, high = (deaths(**{name: usual[name] * factor}) for factor in (0.9, 1.1))
    assert high[part] > low[part] * 1.01
    assert high[1 - part] == low[1 - part]


@pytest.mark.parametrize(
    ("name", "part", "sign"),
    [
        ("displaced_per_death", 0, 1),
        ("grid_displacement", 0, 1),
        ("civilian_population", 0, 1),
        ("displacement_return_days", 1, -1),
        ("killed", 0, 1),
        ("grid", 0, -1),
        ("displaced", 1, 1),
    ],
)
def test_the_direction_of_displacement(name: str, part: int, sign: int) -> None:
    usual = {"displaced": 5e5, "killed": 5.0, "grid": 0.7} | BEST | {"civilian_population": 6e5}
    low, high = (moves(**usual | {name: usual[name] * factor})[part] for factor in (0.95, 1.05))
    assert sign * (high - low) > 1e-4 * low


def test_more_displaced_at_the_start_are_more_displaced_later() -> None:
    p = {name: both(value) for name, value in BEST.items()}
    later = [
        float(day(both(start), both(1.0), both(1.0), both(1e4), both(0.9), p)[0][0, 0])
        for start in (BEST["initial_displaced"], 1.1 * BEST["initial_displaced"])
    ]
    assert later[1] > later[0] * 1.05


@given(
    interceptors=st.floats(0, 5_000),
    more=st.floats(0, 5_000),
    missiles=st.floats(0, 200),
    drones=st.floats(0, 500),
)
def test_more_interceptors_never_kill_more_civilians(
    interceptors: float, more: float, missiles: float, drones: float
) -> None:
    air = {parameter.name: jnp.float32(parameter.prior.best) for parameter in air_defence.PARAMETERS}
    names = (
        "gun_share",
        "missile_interception",
        "drone_interception",
        "interception_spread",
        "interceptors_per_target",
        "air_ration_days",
    )
    killed = []
    for stock in (interceptors, interceptors + more):
        met = air_defence.defend(
            both(0.0, missiles), both(0.0, drones), both(stock), both(0.0), *[air[name] for name in names]
        )
        p = [both(BEST[name]) for name in DEATHS]
        found = civilian_harm.deaths(met.missiles_leaked, met.drones_leaked, both(1e4), *p)
        killed.append(float(found.by_strikes[0, 0]))
    assert killed[1] <= killed[0] * (1 + 1e-6) + 1e-5


# Bounds, the plain reference, what the compiled loop can do


def test_no_corner_of_the_bounds_gives_a_negative_or_no_number() -> None:
    rng = np.random.default_rng(3)
    wars = 1_024
    p = {
        name: rng.choice([*parameter.bounds, parameter.prior.best], (2, wars)).astype(np.float32)
        for name, parameter in PARAMETERS.items()
    }
    _, *rest = inputs(rng, wars)
    rest = [(part * rng.integers(0, 2, (2, wars))).astype(np.float32) for part in rest]
    displaced = jnp.asarray(p["initial_displaced"])
    for _ in range(10):
        displaced, killed, flows = day(displaced, *rest, p)
        for part in (displaced, *killed, *flows):
            assert np.isfinite(np.asarray(part)).all()
            assert np.asarray(part).min() >= 0


def test_agreement_with_the_plain_reference() -> None:
    rng = np.random.default_rng(4)
    wars = 60
    p, given_today = parameters(rng, wars), inputs(rng, wars)
    displaced, missiles, drones, fire, grid = given_today
    _, killed, flows = jax.tree.map(np.asarray, day(*given_today, p))
    for here in itertools.product((0, 1), range(wars)):
        other = (1 - here[0], here[1])
        deaths_here = [float(part[here]) for part in killed]
        assert deaths_here == pytest.approx(
            reference.deaths(
                float(missiles[here]),
                float(drones[here]),
                float(fire[other]),
                *[float(p[name][here]) for name in DEATHS],
            ),
            rel=1e-5,
        )
        assert [float(part[here]) for part in flows] == pytest.approx(
            reference.displacement(
                float(displaced[here]),
                deaths_here[1],
                float(grid[here]),
                *[float(p[name][here]) for name in FLIGHT],
            ),
            rel=1e-5,
            abs=1e-3,
        )


def primitives(jaxpr: Any) -> set[str]:
    found = set()
    for equation in jaxpr.eqns:
        found.add(equation.primitive.name)
        for inner in equation.params.values():
            if hasattr(inner, "jaxpr"):
                found |= primitives(inner.jaxpr)
            elif hasattr(inner, "eqns"):
                found |= primitives(inner)
    return found


def test_every_operation_has_a_form_for_one_war() -> None:
    rng = np.random.default_rng(5)
    traced = jax.make_jaxpr(day)(*inputs(rng, 8), parameters(rng, 8))
    assert {"expm1", "rev"} <= primitives(traced.jaxpr) <= set(_RULES)


# The evidence


def test_the_rates_give_the_verified_deaths_of_two_known_months() -> None:
    """Best rates, what got through by the air table and the fire that officials named, against the counts."""
    rows = load().observations
    air = rows[(rows["side"] == "RU") & rows["quantity"].str.startswith("air_weapons_")]
    civilians = rows[(rows["quantity"] == "civilian_casualties") & (rows["concept"] == "killed")]

    def got_through(weapon: str, first: str, last: str) -> float:
        weeks = air[(air["end"] >= first) & (air["end"] <= last)]
        sums = [
            weeks[weeks["quantity"] == f"air_weapons_{deed}_{weapon}"]["best"].sum()
            for deed in ("launched", "destroyed", "lost")
        ]
        return float(sums[0] - sums[1] - sums[2])

    for month, weeks, days, rounds in (
        (("2022-11-01", "2022-11-30"), ("2022-11-08", "2022-11-29"), 28, 20_000.0),
        (("2024-04-01", "2024-04-30"), ("2024-04-09", "2024-04-30"), 28, 10_000.0),
    ):
        counted = civilians[(civilians["start"] == month[0]) & (civilians["end"] == month[1])]
        newest = float(counted.sort_values("known_on")["best"].iloc[-1]) / 30.0
        missiles = got_through("missiles", *weeks) / days
        drones = got_through("shahed", *weeks) / days
        assert sum(deaths(missiles, drones, rounds)) == pytest.approx(newest, rel=0.25)
