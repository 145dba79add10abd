"""The air war: launches, layers, leakers and the grid, alone and over days."""

from __future__ import annotations

import importlib
import itertools
from math import exp
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from ceasefire.engine.fused.tracing import _RULES
from ceasefire.evidence import load
from ceasefire.war import air_defence
from tests.reference import air_defence_reference as reference

PARAMETERS = {parameter.name: parameter for parameter in air_defence.PARAMETERS}
BEST = {name: parameter.prior.best for name, parameter in PARAMETERS.items()}
DEFENCE = (
    "gun_share",
    "missile_interception",
    "drone_interception",
    "interception_spread",
    "interceptors_per_target",
    "air_ration_days",
)
GRID = ("grid_target_share", "grid_hit", "drone_damage", "grid_repair_days")


WARS = 64
DAYS = 182
"""One shape for every walk, so that it compiles once."""


def both(first: float, second: float | None = None) -> jax.Array:
    return jnp.asarray([[first], [first if second is None else second]], dtype=jnp.float32)


def given_as(name: str, value: float) -> jax.Array:
    """A parameter in its shape: per side or of the whole war."""
    return both(value) if PARAMETERS[name].per_side else jnp.asarray([value], jnp.float32)


def draws(rng: np.random.Generator, name: str, wars: int) -> np.ndarray:
    parameter = PARAMETERS[name]
    z = rng.standard_normal((2, wars) if parameter.per_side else (wars,))
    return parameter.prior.draw(z, parameter.bounds).astype(np.float32)


def defend(
    missiles: float = 20.0,
    drones: float = 30.0,
    interceptors: float = 500.0,
    shock: float = 0.3,
    **changed: float,
) -> dict[str, float]:
    """What becomes of launches by side 1 at side 0."""
    values = {name: BEST[name] for name in DEFENCE} | changed
    found = air_defence.defend(
        both(0.0, missiles),
        both(0.0, drones),
        both(interceptors),
        both(shock),
        *[given_as(name, value) for name, value in values.items()],
    )
    return {name: float(part[0, 0]) for name, part in found._asdict().items()}


def launched(stock: float = 400.0, plan: float = 10.0, strikes: float = 1.0, activity: float = 1.0,
             salvo: float = 1.0, days: float = 14.0) -> float:  # fmt: skip
    found = air_defence.launched(
        both(stock), both(plan), both(strikes), jnp.asarray([activity]), both(salvo), jnp.asarray([days])
    )
    return float(found[0, 0])


def next_grid(grid: float = 0.7, missiles: float = 5.0, drones: float = 10.0, **changed: float) -> float:
    values = {name: BEST[name] for name in GRID} | changed
    found = air_defence.next_grid(
        both(grid), both(missiles), both(drones), *[given_as(name, value) for name, value in values.items()]
    )
    return float(found[0, 0])


# Worked number and closed forms


def test_worked_number() -> None:
    docstring = " ".join((importlib.import_module("ceasefire.war.air_defence").__doc__ or "").split())
    assert (
        "100 missiles and no drones against 1,000 interceptors, t = 10, n = 2, a = 0.75, y = 0" in docstring
    )
    assert "25 are destroyed, 75 leak and 66.7 interceptors are fired" in docstring
    found = defend(
        100.0, 0.0, 1_000.0, 0.0, air_ration_days=10.0, interceptors_per_target=2.0, missile_interception=0.75
    )
    assert found["missiles_destroyed"] == pytest.approx(25.0, rel=1e-5)
    assert found["missiles_leaked"] == pytest.approx(75.0, rel=1e-5)
    assert found["interceptors_fired"] == pytest.approx(200.0 / 3.0, rel=1e-5)


def test_plenty_of_interceptors_leave_only_those_that_are_missed() -> None:
    """The leakers of independent targets: N (1 - p), with 100 and p = 0.73 or 0.46."""
    for p, expected in ((0.73, 27.0), (0.46, 54.0)):
        found = defend(100.0, 0.0, 1e9, 0.0, missile_interception=p)
        assert found["missiles_leaked"] == pytest.approx(expected, rel=1e-4)


def test_layers_multiply() -> None:
    found = defend(0.0, 100.0, 1e9, 0.0, gun_share=0.6, drone_interception=0.5)
    assert found["drones_leaked"] == pytest.approx(100.0 * 0.4 * 0.5, rel=1e-4)
    assert found["drones_destroyed"] == pytest.approx(80.0, rel=1e-4)
    assert found["interceptors_fired"] == pytest.approx(1.5 * 40.0, rel=1e-4)


def test_a_week_moves_the_odds_of_every_layer() -> None:
    found = defend(
        100.0, 100.0, 1e9, 1.0, gun_share=0.5, missile_interception=0.5, interception_spread=np.log(3.0)
    )
    assert found["missiles_destroyed"] == pytest.approx(75.0, rel=1e-4)
    assert found["interceptors_fired"] == pytest.approx(1.5 * (100.0 + 25.0), rel=1e-4)


def test_launches_are_rationed_like_shells() -> None:
    assert launched(600.0, 20.0, days=30.0) == pytest.approx(10.0, rel=1e-5)
    assert launched(1e9, 20.0) == pytest.approx(20.0, rel=1e-4)
    assert launched(1e9, 20.0, strikes=0.25, activity=0.1, salvo=2.0) == pytest.approx(1.0, rel=1e-4)
    assert launched(10.0, 1e6, days=7.0) == pytest.approx(10.0 / 7.0, rel=1e-4)


@pytest.mark.parametrize("spread", [0.3, 0.8, 1.0, 1.2, 1.6, 5.0])
def test_a_weeks_launches_have_mean_one_and_the_spread_of_the_closed_form(spread: float) -> None:
    """By 200,001 equal cells of chance: s up to 1, else the root of 2 exp(1 - 1/s) - 1; quiet weeks above."""
    cells = (np.arange(200_001) + 0.5) / 200_001
    week = np.asarray(air_defence.salvo(jnp.asarray(special.ndtri(cells), jnp.float32), jnp.float32(spread)))
    quiet = 1.0 - 1.0 / spread if spread > 1 else 0.0
    assert week.mean() == pytest.approx(1.0, abs=2e-3)
    assert week.std() == pytest.approx(spread if spread <= 1 else np.sqrt(2 * exp(quiet) - 1), rel=5e-3)
    assert (week == 0).mean() == pytest.approx(1.0 - exp(-quiet), abs=1e-3)


def test_the_grid_in_closed_form() -> None:
    """Under steady strikes the grid settles where repair and hits are equal; then it heals exponentially."""

    def after(days: int, grid: float, missiles: float) -> float:
        values = (0.5, 0.005, BEST["drone_damage"], 100.0)
        p = [given_as(name, value) for name, value in zip(GRID, values, strict=True)]

        def step(_: int, grid: jax.Array) -> jax.Array:
            return air_defence.next_grid(grid, both(missiles), both(0.0), *p)

        return float(jax.lax.fori_loop(0, days, step, both(grid))[0, 0])

    hit = 1.0 - exp(-4.0 * 0.5 * 0.005)
    assert after(3_000, 1.0, 4.0) == pytest.approx(0.01 / (0.01 + hit), rel=1e-4)
    assert after(100, 0.4, 0.0) == pytest.approx(1.0 - 0.6 * 0.99**100, rel=1e-4)


def test_production_is_as_stated_at_the_start_and_follows_the_grid() -> None:
    def factor(grid: float, at_start: float, worth: float) -> float:
        return float(air_defence.grid_factor(both(grid), both(at_start), jnp.asarray([worth]))[0, 0])

    assert factor(0.6, 0.6, 0.35) == 1.0
    assert factor(0.6, 1.0, 0.35) == pytest.approx(1.0 - 0.35 * 0.4, rel=1e-6)
    assert factor(1.0, 0.6, 0.35) == pytest.approx(1.0 / 0.86, rel=1e-6)
    assert factor(0.0, 1.0, 0.35) == pytest.approx(0.65, rel=1e-6)


# A war in the air alone, by days


class Air(NamedTuple):
    missiles: Any
    drones: Any
    interceptors: Any
    grid: Any


class Moved(NamedTuple):
    missiles_launched: Any
    drones_launched: Any
    defence: air_defence.Defence
    made: Any


def day(
    air: Air, p: dict[str, Any], shocks: Any, strikes: Any, activity: Any, arriving: Any
) -> tuple[Air, Moved]:
    """A day as the wiring is meant to do it; shocks `[3, 2, N]`: missiles, drones, defence."""
    week = [air_defence.salvo(shock, p["salvo_spread"]) for shock in (shocks[0], shocks[1])]
    days = p["air_ration_days"]
    missiles = air_defence.launched(air.missiles, p["missile_plan"], strikes, activity, week[0], days)
    drones = air_defence.launched(air.drones, p["long_range_drone_plan"], strikes, activity, week[1], days)
    met = air_defence.defend(missiles, drones, air.interceptors, shocks[2], *[p[name] for name in DEFENCE])
    effort = p.get("effort", 1.0) * air_defence.grid_factor(air.grid, p["initial_grid"], p["grid_worth"])
    made = [p[f"{kind}_output"] * effort for kind in ("missile", "long_range_drone", "interceptor")]
    after = Air(
        air_defence.next_stock(air.missiles, made[0], 0.0, missiles),
        air_defence.next_stock(air.drones, made[1], 0.0, drones),
        air_defence.next_stock(air.interceptors, made[2], arriving, met.interceptors_fired),
        air_defence.next_grid(air.grid, met.missiles_leaked, met.drones_leaked, *[p[name] for name in GRID]),
    )
    return after, Moved(missiles, drones, met, jnp.stack(jnp.broadcast_arrays(*made)))


@jax.jit
def walk(air: Air, p: dict[str, Any], shocks: Any, strikes: Any, activity: Any, arriving: Any) -> Any:
    """Walk by days with the shocks `[D, 3, 2, N]`, strikes and arrivals `[D, 2, 1]`, activity `[D, 1]`."""

    def step(air: Air, today: Any) -> Any:
        tomorrow, moved = day(air, p, *today)
        return tomorrow, (tomorrow, moved)

    return jax.lax.scan(step, air, (shocks, strikes, activity, arriving))[1]


def parameters(rng: np.random.Generator, wars: int = WARS) -> dict[str, Any]:
    return {name: draws(rng, name, wars) for name in PARAMETERS}


def start(p: dict[str, Any]) -> Air:
    kinds = ("missiles", "long_range_drones", "interceptors", "grid")
    return Air(*[jnp.asarray(p[f"initial_{kind}"]) for kind in kinds])


def ordinary(rng: np.random.Generator, days: int = DAYS, wars: int = WARS) -> tuple[Any, Any, Any, Any]:
    shocks = np.repeat(rng.standard_normal((-(-days // 7), 3, 2, wars)), 7, axis=0)[:days]
    strikes, activity = np.ones((days, 2, 1)), np.where(np.arange(days) < days // 2, 1.0, 0.1)[:, None]
    arriving = np.broadcast_to(rng.uniform(0, 5, (2, 1)), (days, 2, 1))
    return tuple(jnp.asarray(part, jnp.float32) for part in (shocks, strikes, activity, arriving))  # type: ignore[return-value]


def test_every_missile_drone_and_interceptor_is_accounted_for() -> None:
    rng = np.random.default_rng(2)
    p = parameters(rng)
    given_today = ordinary(rng)
    path, moved = jax.tree.map(lambda part: np.asarray(part, float), walk(start(p), p, *given_today))
    used = (moved.missiles_launched, moved.drones_launched, moved.defence.interceptors_fired)
    for kind, stock in enumerate(("missiles", "long_range_drones", "interceptors")):
        came = moved.made[:, kind].sum(axis=0)
        if kind == 2:
            came = came + np.asarray(given_today[3], float).sum(axis=0)
        balance = p[f"initial_{stock}"] + came - used[kind].sum(axis=0)
        np.testing.assert_allclose(path[kind][-1], balance, rtol=1e-5, atol=1e-3)
    for weapon in ("missiles", "drones"):
        came_at = getattr(moved, f"{weapon}_launched")[:, ::-1]
        ended = getattr(moved.defence, f"{weapon}_destroyed") + getattr(moved.defence, f"{weapon}_leaked")
        np.testing.assert_allclose(ended, came_at, rtol=1e-5, atol=1e-7)


def test_the_sides_mirror_exactly() -> None:
    rng = np.random.default_rng(3)
    p = parameters(rng)
    given_today = list(ordinary(rng))
    given_today[1] = jnp.asarray(rng.uniform(0, 1, (DAYS, 2, 1)), jnp.float32)
    turned = {name: value[::-1] if PARAMETERS[name].per_side else value for name, value in p.items()}
    swapped = [given_today[0][:, :, ::-1], given_today[1][:, ::-1], given_today[2], given_today[3][:, ::-1]]
    path, moved = walk(start(p), p, *given_today)
    other_path, other_moved = walk(start(turned), turned, *swapped)
    for one, other in zip(
        jax.tree.leaves((path, moved)), jax.tree.leaves((other_path, other_moved)), strict=True
    ):
        np.testing.assert_array_equal(np.asarray(one), np.asarray(other)[..., ::-1, :])


# Neutral values, exact


def test_without_missiles_and_drones_nothing_happens_and_the_grid_stays_whole() -> None:
    rng = np.random.default_rng(4)
    p = parameters(rng)
    for name in (
        "initial_missiles",
        "initial_long_range_drones",
        "missile_output",
        "long_range_drone_output",
    ):
        p[name] = np.zeros_like(p[name])
    p["initial_grid"] = np.ones_like(p["initial_grid"])
    path, moved = walk(start(p), p, *ordinary(rng))
    for part in (moved.missiles_launched, moved.drones_launched, *moved.defence):
        assert not np.asarray(part).any()
    assert (np.asarray(path.grid) == 1.0).all()
    assert (
        np.asarray(air_defence.grid_factor(path.grid[-1], p["initial_grid"], p["grid_worth"])) == 1.0
    ).all()


def test_without_strikes_nobody_launches_and_nothing_is_fired() -> None:
    rng = np.random.default_rng(5)
    p = parameters(rng)
    shocks, strikes, activity, arriving = ordinary(rng)
    path, moved = walk(start(p), p, shocks, strikes * 0.0, activity, arriving)
    for part in (moved.missiles_launched, moved.drones_launched, *moved.defence):
        assert not np.asarray(part).any()
    assert (np.asarray(path.grid[-1]) >= p["initial_grid"]).all()


def test_even_launches_without_a_salvo_spread() -> None:
    shocks = jnp.asarray(np.random.default_rng(6).standard_normal(1_000), jnp.float32)
    assert (np.asarray(air_defence.salvo(shocks, jnp.float32(0.0))) == 1.0).all()


def test_a_grid_that_is_worth_nothing_leaves_production_exactly() -> None:
    grid = jnp.asarray(np.random.default_rng(7).uniform(0, 1, (2, 100)), jnp.float32)
    assert (np.asarray(air_defence.grid_factor(grid, grid[::-1], jnp.zeros(100))) == 1.0).all()


def test_an_empty_stock_of_interceptors_lets_through_all_that_pass_the_guns() -> None:
    found = defend(20.0, 30.0, 0.0)
    assert found["missiles_leaked"] == 20.0
    assert found["missiles_destroyed"] == found["interceptors_fired"] == 0.0
    passed = 30.0 * (1.0 - reference.of_the_week(BEST["gun_share"], BEST["interception_spread"], 0.3))
    assert found["drones_leaked"] == pytest.approx(passed, rel=1e-5)
    assert defend(20.0, 30.0, 0.0, gun_share=0.0)["drones_leaked"] == 30.0


# Directions, strict


@pytest.mark.parametrize(
    ("name", "outcome", "sign"),
    [
        ("gun_share", "drones_leaked", -1),
        ("gun_share", "missiles_leaked", -1),  # interceptors that drones do not take
        ("missile_interception", "missiles_leaked", -1),
        ("missile_interception", "missiles_destroyed", 1),
        ("drone_interception", "drones_leaked", -1),
        ("drone_interception", "drones_destroyed", 1),
        ("interceptors_per_target", "missiles_leaked", 1),
        ("interceptors_per_target", "interceptors_fired", 1),
        ("air_ration_days", "missiles_leaked", 1),
        ("air_ration_days", "interceptors_fired", -1),
        ("interception_spread", "missiles_leaked", -1),  # in a good week
        ("interceptors", "missiles_leaked", -1),
        ("interceptors", "drones_leaked", -1),
        ("missiles", "drones_leaked", 1),  # saturation of a finite stock
        ("drones", "missiles_leaked", 1),
        ("shock", "missiles_leaked", -1),
    ],
)
def test_the_direction_of_the_defence(name: str, outcome: str, sign: int) -> None:
    usual = {"missiles": 20.0, "drones": 30.0, "interceptors": 500.0, "shock": 0.3} | BEST
    low, high = (defend(**{name: usual[name] * factor})[outcome] for factor in (0.9, 1.1))
    assert sign * (high - low) > 1e-4


@pytest.mark.parametrize(
    ("name", "sign"),
    [("stock", 1), ("plan", 1), ("strikes", 1), ("activity", 1), ("salvo", 1), ("days", -1)],
)
def test_the_direction_of_launches(name: str, sign: int) -> None:
    usual = {"stock": 400.0, "plan": 10.0, "strikes": 1.0, "activity": 1.0, "salvo": 1.0, "days": 14.0}
    low, high = (launched(**{name: usual[name] * factor}) for factor in (0.9, 1.1))
    assert sign * (high - low) > 1e-3


def test_the_direction_of_unevenness() -> None:
    good = [float(air_defence.salvo(jnp.float32(1.5), jnp.float32(spread))) for spread in (0.5, 1.0, 1.5)]
    assert good == sorted(good)
    assert good[0] < good[1] < good[2]


@pytest.mark.parametrize(
    ("name", "sign"),
    [
        ("grid_target_share", -1),
        ("grid_hit", -1),
        ("drone_damage", -1),
        ("grid_repair_days", -1),
        ("missiles", -1),
        ("drones", -1),
        ("grid", 1),
    ],
)
def test_the_direction_of_the_grid(name: str, sign: int) -> None:
    usual = {"grid": 0.7, "missiles": 5.0, "drones": 10.0} | BEST
    low, high = (next_grid(**{name: usual[name] * factor}) for factor in (0.9, 1.1))
    assert sign * (high - low) > 1e-5


def test_the_direction_of_the_worth_of_a_damaged_grid() -> None:
    factors = [
        float(air_defence.grid_factor(both(0.5), both(0.9), jnp.asarray([worth]))[0, 0])
        for worth in (0.1, 0.3, 0.6)
    ]
    assert factors[0] > factors[1] > factors[2]


@pytest.mark.parametrize(
    ("name", "outcome", "sign"),
    [
        ("initial_missiles", "launched", 1),
        ("initial_long_range_drones", "launched", 1),
        ("missile_output", "launched", 1),
        ("long_range_drone_output", "launched", 1),
        ("missile_plan", "launched", 1),
        ("long_range_drone_plan", "launched", 1),
        ("initial_interceptors", "leaked", -1),
        ("interceptor_output", "leaked", -1),
        ("initial_grid", "grid", 1),
    ],
)
def test_the_direction_of_stocks_and_output_over_half_a_year(name: str, outcome: str, sign: int) -> None:
    def after(factor: float) -> float:
        p = {
            key: np.full((2, WARS) if PARAMETERS[key].per_side else (WARS,), value, np.float32)
            for key, value in BEST.items()
        }
        p[name] = p[name] * np.float32(factor)
        days = ordinary(np.random.default_rng(8))
        path, moved = walk(start(p), p, *days)
        found = {
            "launched": moved.missiles_launched.sum() + moved.drones_launched.sum(),
            "leaked": moved.defence.missiles_leaked.sum() + moved.defence.drones_leaked.sum(),
            "grid": path.grid[10].sum(),
        }
        return float(found[outcome])

    low, high = after(0.9), after(1.02)
    assert sign * (high - low) > 1e-4 * abs(low)


@given(
    missiles=st.floats(0, 500),
    drones=st.floats(0, 5_000),
    interceptors=st.floats(0, 20_000),
    more=st.floats(0, 20_000),
    shock=st.floats(-5, 5),
)
def test_more_interceptors_never_raise_leakers(
    missiles: float, drones: float, interceptors: float, more: float, shock: float
) -> None:
    few = defend(missiles, drones, interceptors, shock)
    many = defend(missiles, drones, interceptors + more, shock)
    for name in ("missiles_leaked", "drones_leaked"):
        assert many[name] <= few[name] * (1 + 1e-6) + 1e-5


# Bounds


@pytest.mark.parametrize("seed", range(10))
def test_no_corner_of_the_bounds_gives_a_negative_or_no_number(seed: int) -> None:
    rng = np.random.default_rng(seed)
    p = {}
    for name, parameter in PARAMETERS.items():
        shape = (2, WARS) if parameter.per_side else (WARS,)
        p[name] = rng.choice([*parameter.bounds, parameter.prior.best], shape).astype(np.float32)
    for stock in ("missiles", "long_range_drones", "interceptors"):
        p[f"initial_{stock}"] *= rng.integers(0, 2, (2, WARS)).astype(np.float32)
    shocks, strikes, activity, arriving = ordinary(rng)
    strikes = strikes * jnp.asarray(rng.choice([0.0, 1.0, 5.0], (DAYS, 2, 1)), jnp.float32)
    path, moved = walk(start(p), p, shocks, strikes, activity, arriving)
    for part in jax.tree.leaves((path, moved)):
        assert np.isfinite(np.asarray(part)).all()
        assert np.asarray(part).min() >= 0
    assert np.asarray(path.grid).max() <= 1


# The plain reference


def test_agreement_with_the_plain_reference() -> None:
    rng = np.random.default_rng(10)
    wars = 60
    p = parameters(rng, wars)
    missiles, drones = (rng.lognormal(2, 1.5, (2, wars)).astype(np.float32) for _ in range(2))
    interceptors = (rng.lognormal(5, 2, (2, wars)) * rng.integers(0, 2, (2, wars))).astype(np.float32)
    shock = rng.standard_normal((2, wars)).astype(np.float32)
    grid = rng.uniform(0, 1, (2, wars)).astype(np.float32)
    strikes, activity = rng.uniform(0, 2, (2, wars)), rng.uniform(0, 1, wars)
    week = air_defence.salvo(shock, p["salvo_spread"])
    went = air_defence.launched(
        interceptors, p["missile_plan"], strikes, activity, week, p["air_ration_days"]
    )
    met = air_defence.defend(missiles, drones, interceptors, shock, *[p[name] for name in DEFENCE])
    later = air_defence.next_grid(grid, met.missiles_leaked, met.drones_leaked, *[p[name] for name in GRID])
    worth = air_defence.grid_factor(grid, p["initial_grid"], p["grid_worth"])
    week, went, met, later, worth = jax.tree.map(np.asarray, (week, went, met, later, worth))

    def of(name: str, side: int, war: int) -> float:
        return float(p[name][side, war] if PARAMETERS[name].per_side else p[name][war])

    def close(found: Any, expected: float, floor: float = 1e-9) -> None:
        assert float(found) == pytest.approx(expected, rel=1e-5, abs=floor)

    for side, war in itertools.product((0, 1), range(wars)):
        here = (side, war)
        v = reference.salvo(float(shock[here]), of("salvo_spread", *here))
        close(week[here], v, 1e-6)  # close to a quiet week it is a difference of near numbers
        close(
            went[here],
            reference.launched(
                float(interceptors[here]),
                of("missile_plan", *here),
                float(strikes[here]),
                float(activity[war]),
                float(week[here]),
                of("air_ration_days", *here),
            ),
        )
        # What is left of a large number is known to the rounding of that number.
        rounding = 2e-7 * float(missiles[1 - side, war] + drones[1 - side, war])
        expected = reference.defend(
            float(missiles[1 - side, war]),
            float(drones[1 - side, war]),
            float(interceptors[here]),
            float(shock[here]),
            **{name: of(name, *here) for name in DEFENCE},
        )
        for name, value in expected.items():
            close(getattr(met, name)[here], value, rounding)
        close(
            later[here],
            reference.next_grid(
                float(grid[here]),
                float(met.missiles_leaked[here]),
                float(met.drones_leaked[here]),
                of("grid_target_share", 1 - side, war),
                of("grid_hit", *here),
                of("drone_damage", *here),
                of("grid_repair_days", *here),
            ),
            1e-7,
        )
        close(
            worth[here],
            reference.grid_factor(float(grid[here]), of("initial_grid", *here), of("grid_worth", *here)),
        )


# What the compiled loop can do


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
    p = parameters(np.random.default_rng(11), 8)
    air = start(p)
    shocks, strikes, activity, arriving = (part[0] for part in ordinary(np.random.default_rng(12), 1, 8))
    traced = jax.make_jaxpr(day)(air, p, shocks, strikes, activity, arriving)
    assert primitives(traced.jaxpr) <= set(_RULES)
    assert "tanh" in primitives(jax.make_jaxpr(jnp.tanh)(1.0).jaxpr)


# The evidence


def test_the_share_destroyed_has_the_spread_of_the_beta_binomial_fit() -> None:
    """28 months of missiles: Beta(4.43, 3.01), mean 0.595, standard deviation 0.169, correlation 0.119."""
    cells = special.ndtri((np.arange(20_001) + 0.5) / 20_001)
    shocks = jnp.broadcast_to(jnp.asarray(cells, jnp.float32), (2, cells.size))

    def shares(middle: float) -> np.ndarray:
        values = BEST | {"missile_interception": middle}
        found = air_defence.defend(
            jnp.ones_like(shocks),
            jnp.zeros_like(shocks),
            jnp.full_like(shocks, 1e9),
            shocks,
            *[given_as(name, values[name]) for name in DEFENCE],
        )
        return np.asarray(found.missiles_destroyed[0], float)

    low, high = 0.4, 0.8
    while high - low > 1e-4:
        middle = (low + high) / 2
        low, high = (middle, high) if shares(middle).mean() < 0.595 else (low, middle)
    share = shares(low)
    assert share.mean() == pytest.approx(0.595, abs=0.002)
    assert share.std() == pytest.approx(0.169, abs=0.005)
    assert share.var() / (share.mean() * (1 - share.mean())) == pytest.approx(0.119, abs=0.006)
    grid = np.linspace(0, 1, 501)
    beta = stats.beta(4.43, 3.01).cdf(grid)
    assert np.abs(beta - np.searchsorted(np.sort(share), grid) / share.size).max() < 0.025
    # Destroyed out of 36, the mean of a week: the whole distribution against the beta-binomial.
    counts = np.arange(37)
    mixed = stats.binom.pmf(counts[:, None], 36, share[None, ::20]).mean(axis=1)
    fitted = stats.betabinom.pmf(counts, 36, 4.43, 3.01)
    assert np.abs(mixed.cumsum() - fitted.cumsum()).max() < 0.025


# Best values of the scenario ukraine-2022 for launches by one side at the other, set back to 5 October 2022:
# stocks by what was launched and fired since.
UKRAINE_2022 = BEST | {
    "initial_missiles": 1_400.0,
    "initial_long_range_drones": 250.0,
    "initial_interceptors": 1_800.0,
    "initial_grid": 1.0,
    "missile_output": 2.5,
    "long_range_drone_output": 6.0,
    "missile_plan": 8.0,
    "long_range_drone_plan": 14.0,
    "interceptor_output": 0.0,
}


WEEKS = 64
ARRIVING = 5.0
"""Interceptors from abroad a day: assumed, as in the scenario; no count is known."""


def weeks_inside(wars: int = 1_000, arriving: float = ARRIVING, **changed: float) -> dict[str, float]:
    """Share of 64 weeks in which the reported number lies inside the mechanism's band, by series."""
    rows = load().observations
    rows = rows[(rows["end"] >= "2022-10-11") & (rows["end"] <= "2023-12-26") & (rows["side"] == "RU")]
    days = WEEKS * 7
    shocks = np.repeat(np.random.default_rng(13).standard_normal((WEEKS, 3, 2, wars)), 7, axis=0)
    p: dict[str, Any] = {
        name: jnp.full((2, wars) if PARAMETERS[name].per_side else (wars,), value, jnp.float32)
        for name, value in (UKRAINE_2022 | changed).items()
    }
    # Industry at the registry's best ceiling and ramp and the scenario's effort of 0.7.
    industry = 1.0 + 1.8 * 0.7 * (1.0 - np.exp(-np.arange(days) / 500.0))

    def step(air: Air, today: Any) -> Any:
        shock, output = today
        return day(air, p | {"effort": output}, shock, jnp.ones((2, 1)), jnp.ones(1), arriving)

    moved = jax.lax.scan(
        step, start(p), tuple(jnp.asarray(part, jnp.float32) for part in (shocks, industry))
    )[1]
    made = {
        ("launched", "missiles"): moved.missiles_launched[:, 1],
        ("launched", "shahed"): moved.drones_launched[:, 1],
        ("destroyed", "missiles"): moved.defence.missiles_destroyed[:, 0],
        ("destroyed", "shahed"): moved.defence.drones_destroyed[:, 0],
    }
    found = {}
    for (deed, weapon), daily in made.items():
        weekly = np.asarray(daily, float).reshape(WEEKS, 7, wars).sum(axis=1)
        low, high = np.round(np.percentile(weekly, [5, 95], axis=1))
        reported = rows[rows["quantity"] == f"air_weapons_{deed}_{weapon}"].sort_values("end")
        seen = reported["best"].to_numpy(float)
        assert len(seen) == WEEKS
        found[f"{deed} {weapon}"] = float(np.mean((seen >= low) & (seen <= high)))
    return found


def test_reported_weeks_lie_inside_the_band_as_often_as_they_should() -> None:
    """Inside the 90 % band of 64 weeks: missiles launched 64, destroyed 60; drones launched 58, destroyed 57.

    Quiet weeks have no lower end outside the band, so that more than 90 % is right for missiles. With 64
    weeks the share of a right band lies between 0.78 and 0.98 with 99 % chance.
    """
    found = weeks_inside()
    assert found == {
        "launched missiles": pytest.approx(64 / 64, abs=1.5 / 64),
        "launched shahed": pytest.approx(58 / 64, abs=1.5 / 64),
        "destroyed missiles": pytest.approx(60 / 64, abs=1.5 / 64),
        "destroyed shahed": pytest.approx(57 / 64, abs=1.5 / 64),
    }
    assert min(found.values()) > 0.78


def test_a_band_of_even_weeks_is_found_too_narrow() -> None:
    assert max(weeks_inside(wars=50, salvo_spread=0.0, interception_spread=0.0).values()) < 0.3
