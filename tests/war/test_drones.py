"""Strike drones alone: worked number, closed forms, evidence, conservation, mirror, bounds, reference."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from importlib import resources
from itertools import product
from math import exp, log
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ceasefire.engine.fused import tracing
from ceasefire.war import drones
from tests.reference import drones_reference as reference

WARS = 32
BEST = {parameter.name: parameter.prior.best for parameter in drones.PARAMETERS}
BOUNDS = {parameter.name: parameter.bounds for parameter in drones.PARAMETERS}
FLOW_NAMES = (
    "drones",
    "drone_industry",
    "fire",
    "offensive",
    "activity",
    "drone_plan",
    "offensive_fire",
    "drone_ration_days",
    "rounds_per_drone",
    "jamming",
)


grow = jax.jit(drones.next_drone_industry)


def both(first: float, second: float | None = None) -> jax.Array:
    """A value for each side, `[2, 1]`; the same for both where one is given."""
    return jnp.asarray([[first], [first if second is None else second]], dtype=jnp.float32)


def one(value: float) -> jax.Array:
    return jnp.asarray([value], dtype=jnp.float32)


def worked() -> str:
    docstring = drones.__doc__ or ""
    return " ".join(docstring[docstring.index("Worked number: ") :].split())


def flows(**changed: Any) -> drones.DroneFlows:
    """A day at the best guess; a pair of numbers tells the sides apart."""
    given: dict[str, Any] = {
        "drones": 5_000.0,
        "drone_industry": 10.0,
        "fire": 6_000.0,
        "offensive": 0.0,
        "activity": 1.0,
        "offensive_fire": 1.5,
    } | {name: BEST[name] for name in FLOW_NAMES if name in BEST}
    given |= changed
    of_the_war = ("activity", "offensive_fire", "drone_ration_days", "rounds_per_drone")
    return drones.drone_flows(
        *(
            one(given[name])
            if name in of_the_war
            else both(*given[name])
            if isinstance(given[name], tuple)
            else both(given[name])
            for name in FLOW_NAMES
        )
    )


def losses(share: tuple[float, float], ratio: float, fire_share: float = 0.65) -> drones.VehicleLosses:
    return drones.vehicle_losses(both(*share), one(fire_share), one(ratio))


# The worked number and closed forms


def test_worked_number() -> None:
    assert "a ceiling of 60 and a growth of 0.007 a day: after a year output is 10.7 times" in worked()
    level = both(1.0)
    for _ in range(365):
        level = grow(level, both(1.0), both(0.007), both(60.0))
    assert float(level[0, 0]) == pytest.approx(10.7, rel=5e-3)
    assert "100 drones a day, 45 % of them jammed, at 4 rounds each count as 220 rounds" in worked()
    moved = flows(drones=1e12, drone_industry=1.0, drone_plan=100.0, jamming=0.45, rounds_per_drone=4.0)
    assert float(moved.counted[0, 0]) == pytest.approx(6_220.0, rel=1e-6)


@pytest.mark.parametrize("step", [1.0, 7.0])
def test_output_grows_as_the_logistic_whatever_the_step(step: float) -> None:
    """J(t) = K / (1 + (K - 1) exp(-g t)), by days and by weeks alike."""
    level = both(1.0)
    for _ in range(round(700 / step)):
        level = grow(level, both(1.0), both(0.008 * step), both(80.0))
    assert float(level[0, 0]) == pytest.approx(80.0 / (1.0 + 79.0 * exp(-0.008 * 700)), rel=2e-4)


def test_half_the_effort_has_half_the_way_to_the_ceiling() -> None:
    level = both(1.0)
    for _ in range(100):
        level = grow(level, both(0.5), both(0.1), both(21.0))
    assert float(level[0, 0]) == pytest.approx(11.0, rel=1e-3)


def test_output_above_its_ceiling_falls_to_it_and_never_below() -> None:
    level = both(500.0)
    seen = []
    for _ in range(500):
        level = grow(level, both(0.0), both(0.08), both(500.0))
        seen.append(float(level[0, 0]))
    assert seen == sorted(seen, reverse=True)
    assert seen[-1] == pytest.approx(1.0, rel=1e-4)
    assert min(seen) >= 1.0 - 1e-4


def test_two_thirds_of_the_vehicles() -> None:
    """n q / (1 + (n - 1) q) = 2/3 at n = 3 and q = 0.4"""
    found = losses((0.8, 0.8), 3.0, fire_share=0.5)
    assert float(found.share[0, 0]) == pytest.approx(2 / 3, rel=1e-5)
    assert float(found.factor[0, 0]) == pytest.approx(1.8, rel=1e-6)


def test_use_in_the_limits() -> None:
    assert float(flows(drones=0.0).used[0, 0]) == 0.0
    assert float(flows(activity=0.0).used[0, 0]) == 0.0
    assert float(flows(drones=1e9, drone_ration_days=3.0).used[0, 0]) == pytest.approx(2_000.0, rel=1e-3)
    assert float(flows(drones=50.0, drone_ration_days=10.0).used[0, 0]) == pytest.approx(5.0, rel=1e-2)
    # A step may be longer than the ration: no more is used than is there.
    assert float(flows(drones=50.0, drone_ration_days=0.1).used[0, 0]) <= 50.0


# Neutral values, exact


def test_without_drones_the_rounds_fired_count_and_nothing_else() -> None:
    fire = jnp.asarray(np.random.default_rng(2).uniform(0, 4e4, (2, WARS)), jnp.float32)
    for changed in ({"drones": 0.0}, {"rounds_per_drone": 0.0}, {"jamming": 1.0}, {"drone_plan": 0.0}):
        named = {name: BEST.get(name, 1.0) for name in FLOW_NAMES} | {"drones": 5_000.0} | changed
        moved = drones.drone_flows(
            *(fire if name == "fire" else both(value) for name, value in named.items())
        )
        assert np.array_equal(np.asarray(moved.counted), np.asarray(fire))
        assert not np.asarray(moved.share).any()
        found = drones.vehicle_losses(moved.share, one(0.65), one(3.0))
        assert (np.asarray(found.factor) == 1.0).all()
        assert not np.asarray(found.share).any()


def test_a_ratio_of_one_leaves_the_vehicles_exactly_as_they_were() -> None:
    assert losses((0.3, 0.9), 1.0).factor.tolist() == [[1.0], [1.0]]
    assert losses((0.3, 0.9), 0.0).share.tolist() == [[0.0], [0.0]]


@pytest.mark.parametrize(
    ("growth", "ceiling", "economy"), [(0.0, 60.0, 1.0), (0.01, 1.0, 1.0), (0.01, 60.0, 0.0)]
)
def test_no_growth_leaves_output_exactly_as_it_was(growth: float, ceiling: float, economy: float) -> None:
    level = drones.next_drone_industry(both(1.0), both(economy), both(growth), both(ceiling))
    assert level.tolist() == [[1.0], [1.0]]


# The evidence behind priors


def production(quantity: str, side: str, year: int) -> float:
    """The best or lowest count of a year in the production table."""
    table = resources.files("ceasefire.evidence") / "tables" / "production.csv"
    for row in csv.DictReader(table.read_text(encoding="utf-8").splitlines()):
        asked = (row["quantity"], row["side"], row["end"]) == (quantity, side, f"{year}-12-31")
        if asked and row["concept"] in ("delivered_both", "produced_new"):
            return float(row["best"] or row["low"])
    raise AssertionError(f"no {quantity} of {side} in {year}")


def test_growth_on_both_sides_lies_where_the_source_says() -> None:
    prior = next(one.prior for one in drones.PARAMETERS if one.name == "drone_growth")
    russia = (
        log(production("drones_all_types", "RU", 2024) / production("drones_all_types", "RU", 2023)) / 366
    )
    # From the month around mid December 2023 to the middle of 2024.
    ukraine = log(production("drone_fpv", "UA", 2024) / 12 / 50_000) / 200
    for rate in (russia, ukraine):
        assert rate == pytest.approx(0.0065, abs=0.0002)
        assert prior.low < rate < prior.high


def test_half_of_all_losses_takes_the_worth_of_a_drone_that_the_source_says() -> None:
    """Of losses by fire, 65 % of all, drones that cause half of all are 50 in 15 against the rounds."""
    odds = 0.5 / (0.65 - 0.5)
    ukraine, russia = odds * 2_000 / (6_000 * 0.55), odds * 10_000 / (4_000 * 0.55)
    assert (ukraine, russia) == pytest.approx((2, 15), rel=0.05)
    prior = next(one.prior for one in drones.PARAMETERS if one.name == "rounds_per_drone")
    assert prior.low < ukraine < prior.best < russia <= prior.high * 1.05


# Stated in advance: directions


@pytest.mark.parametrize(
    ("changed", "used", "counted"),
    [
        ({"drones": (9_000.0, 5_000.0)}, 1, 1),
        ({"drone_industry": (20.0, 10.0)}, 1, 1),
        ({"drone_plan": (400.0, 200.0)}, 1, 1),
        ({"offensive": (1.0, 0.0)}, 1, 1),
        ({"drone_ration_days": 20.0}, -1, -1),
        ({"activity": 0.1}, -1, -1),
        ({"rounds_per_drone": 8.0}, 0, 1),
        ({"jamming": (0.45, 0.8)}, 0, -1),
    ],
)
def test_raising_it_moves_the_drones_of_the_first_side(
    changed: dict[str, Any], used: int, counted: int
) -> None:
    before, after = flows(), flows(**changed)
    for name, sign in (("used", used), ("counted", counted), ("share", counted)):
        change = float(getattr(after, name)[0, 0] - getattr(before, name)[0, 0])
        assert change == 0.0 if sign == 0 else sign * change > 1e-3 * float(getattr(before, name)[0, 0])
        if any(isinstance(value, tuple) for value in changed.values()):
            assert float(getattr(after, name)[1, 0]) == float(getattr(before, name)[1, 0])


@pytest.mark.parametrize(
    ("changed", "sign"),
    [({"growth": 0.01}, 1), ({"ceiling": 120.0}, 1), ({"economy": 0.5}, -1), ({"level": 12.0}, 1)],
)
def test_raising_it_moves_the_output(changed: dict[str, float], sign: int) -> None:
    def tomorrow(
        level: float = 10.0, economy: float = 1.0, growth: float = 0.007, ceiling: float = 60.0
    ) -> float:
        found = drones.next_drone_industry(both(level), both(economy), both(growth), both(ceiling))
        return float(drones.made(found, both(1.0), both(100.0))[0, 0])

    assert sign * (tomorrow(**changed) - tomorrow()) > 0.1


def test_more_output_and_effort_make_more() -> None:
    assert float(drones.made(both(2.0), both(1.0), both(100.0))[0, 0]) == 200.0
    assert float(drones.made(both(2.0), both(0.5), both(150.0))[0, 0]) == 150.0


def test_drones_of_the_enemy_cost_vehicles_and_take_a_larger_share_of_them() -> None:
    low, high = losses((0.0, 0.3), 2.0), losses((0.0, 0.6), 2.0)
    assert float(high.factor[0, 0]) > float(low.factor[0, 0]) > 1.0
    assert float(high.share[0, 0]) > float(low.share[0, 0]) > 0.0
    assert float(high.factor[1, 0]) == 1.0
    more = losses((0.0, 0.3), 4.0)
    assert float(more.factor[0, 0]) > float(low.factor[0, 0])
    assert float(more.share[0, 0]) > float(low.share[0, 0])
    assert float(losses((0.0, 0.3), 2.0, 0.9).share[0, 0]) > float(low.share[0, 0])


def test_what_a_quiet_front_saves_is_there_afterwards() -> None:
    """In a truce drones pile up; afterwards crews, not the pile, limit their use."""
    stock, used = both(1_000.0), []
    for day in range(200):
        moved = flows(drones=float(stock[0, 0]), drone_industry=1.0, activity=0.02 if day < 180 else 1.0)
        stock = drones.next_drones(stock, both(100.0), both(0.0), moved.used)
        used.append(float(moved.used[0, 0]))
    assert float(stock[0, 0]) > 10_000.0
    assert max(used) <= BEST["drone_plan"]
    assert used[180] > 0.8 * BEST["drone_plan"]


# Conservation


def drawn(seed: int, wars: int = WARS) -> dict[str, np.ndarray]:
    """Random stocks and parameters over their ranges."""
    rng = np.random.default_rng(seed)

    def of(low: float, high: float, sides: int = 2) -> np.ndarray:
        values = np.exp(rng.uniform(np.log(low), np.log(high), (sides, wars))).astype(np.float32)
        return values if sides == 2 else values[0]

    return {
        "drones": of(1.0, 1e6),
        "drone_industry": of(1.0, 500.0),
        "fire": of(1.0, 1e5),
        "offensive": rng.integers(0, 2, (2, wars)).astype(np.float32),
        "activity": of(0.01, 1.0, sides=1),
        "drone_plan": of(1.0, 1e3),
        "offensive_fire": of(1.0, 10.0, sides=1),
        "drone_ration_days": of(0.2, 100.0, sides=1),
        "rounds_per_drone": of(0.01, 100.0, sides=1),
        "jamming": rng.uniform(0.0, 0.99, (2, wars)).astype(np.float32),
        "fire_share": rng.uniform(0.01, 0.99, wars).astype(np.float32),
        "drone_vehicle_ratio": of(0.01, 50.0, sides=1),
        "economy": rng.uniform(0.0, 1.0, (2, wars)).astype(np.float32),
        "drone_growth": of(1e-4, 0.1),
        "drone_ceiling": of(1.0, 1e4),
        "drone_output": of(1.0, 1e3),
        "production": of(0.1, 2.0),
        "arriving": of(0.1, 1e3),
    }


def flow_arguments(values: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {name: values[name] for name in FLOW_NAMES}


@pytest.mark.parametrize("seed", range(3))
def test_drones_add_up(seed: int) -> None:
    values = drawn(seed)
    stock = start = values["drones"]
    came, went = np.zeros(stock.shape), np.zeros(stock.shape)
    step = jax.jit(drones.drone_flows)
    for _ in range(60):
        moved = step(**(flow_arguments(values) | {"drones": stock}))
        new = drones.made(values["drone_industry"], values["production"], values["drone_output"])
        stock = np.asarray(drones.next_drones(stock, new, values["arriving"], moved.used))
        came += np.asarray(new) + values["arriving"]
        went += np.asarray(moved.used)
    assert went.min() > 0
    assert (np.abs(start + came - went - stock) <= 1e-5 * (start + came)).all()


# Mirror


def test_the_sides_mirror_exactly() -> None:
    values = drawn(5)
    moved = drones.drone_flows(**flow_arguments(values))
    turned_values = {name: value[::-1] if value.ndim == 2 else value for name, value in values.items()}
    turned = drones.drone_flows(**flow_arguments(turned_values))
    for straight, other in zip(moved, turned, strict=True):
        assert np.array_equal(np.asarray(straight)[::-1], np.asarray(other))
    ratio = (values["fire_share"], values["drone_vehicle_ratio"])
    for straight, other in zip(
        drones.vehicle_losses(moved.share, *ratio), drones.vehicle_losses(turned.share, *ratio), strict=True
    ):
        assert np.array_equal(np.asarray(straight)[::-1], np.asarray(other))
    assert not np.array_equal(np.asarray(moved.counted[0]), np.asarray(moved.counted[1]))


# Bounds


def test_nothing_is_negative_or_undefined_at_any_corner() -> None:
    corners = np.asarray(
        list(
            product(
                (0.0, 1.0, 1e7),  # drones
                (0.0, 1e6),  # fire
                (0.0, 1.0),  # activity
                BOUNDS["drone_plan"],
                BOUNDS["drone_ration_days"],
                BOUNDS["rounds_per_drone"],
                BOUNDS["jamming"],
                (1.0, BOUNDS["drone_ceiling"][1]),  # level of output
            )
        ),
        np.float32,
    ).T
    stock, fire, activity, plan, ration, rounds, jamming, level = (
        jnp.stack([row, row[::-1]]) for row in corners
    )
    moved = drones.drone_flows(
        stock, level, fire, jnp.ones_like(stock), activity[0], plan, one(10.0), ration[0], rounds[0], jamming
    )
    left = drones.next_drones(stock, jnp.zeros_like(stock), jnp.zeros_like(stock), moved.used)
    found = []
    for fire_share, ratio in product((0.01, 0.99), BOUNDS["drone_vehicle_ratio"]):
        parts = drones.vehicle_losses(moved.share, one(fire_share), one(ratio))
        assert np.asarray(parts.share).max() <= 1.0 + 1e-6
        found += list(parts)
    for economy, growth, ceiling in product((0.0, 1.0), BOUNDS["drone_growth"], BOUNDS["drone_ceiling"]):
        found.append(drones.next_drone_industry(level, both(economy), both(growth), both(ceiling)))
        assert np.asarray(found[-1]).min() > 0
    for values in (*moved, left, *found):
        assert np.isfinite(np.asarray(values)).all()
        assert np.asarray(values).min() >= 0
    assert np.asarray(moved.share).max() <= 1.0
    assert (np.asarray(moved.used) <= np.asarray(stock)).all()
    assert (np.asarray(moved.counted) >= np.asarray(fire)).all()


# The plain reference


@pytest.mark.parametrize("seed", range(3))
def test_it_agrees_with_the_plain_reference(seed: int) -> None:
    values = drawn(seed)
    moved = drones.drone_flows(**flow_arguments(values))
    lost = drones.vehicle_losses(moved.share, values["fire_share"], values["drone_vehicle_ratio"])
    new = drones.made(values["drone_industry"], values["production"], values["drone_output"])
    ours = {
        "used": moved.used,
        "counted": moved.counted,
        "share": moved.share,
        "factor": lost.factor,
        "vehicle_share": lost.share,
        "made": new,
        "level": drones.next_drone_industry(
            values["drone_industry"], values["economy"], values["drone_growth"], values["drone_ceiling"]
        ),
        "drones": drones.next_drones(values["drones"], new, values["arriving"], moved.used),
    }
    renamed = {"drone_industry": "level", "drone_plan": "plan", "drone_ration_days": "ration_days"}
    renamed |= {"drone_vehicle_ratio": "vehicle_ratio", "drone_growth": "growth"}
    renamed |= {"drone_ceiling": "highest", "drone_output": "output"}
    for war in range(WARS):
        found = reference.day(
            **{
                renamed.get(name, name): value[..., war].astype(float).tolist()
                for name, value in values.items()
            }
        )
        for name, expected in found.items():
            # A stock is what is left when large flows cancel.
            floor = 3e-7 * max(values["drones"][:, war]) if name == "drones" else 0.0
            np.testing.assert_allclose(
                np.asarray(ours[name])[:, war], expected, rtol=1e-5, atol=floor, err_msg=name
            )


# One compiled loop


def primitives(jaxpr: Any) -> Iterator[str]:
    for equation in jaxpr.eqns:
        yield equation.primitive.name
        for value in equation.params.values():
            inner = getattr(value, "jaxpr", value)
            if hasattr(inner, "eqns"):
                yield from primitives(inner)


def test_the_loop_knows_every_operation() -> None:
    def whole(values: dict[str, jax.Array]) -> tuple[Any, ...]:
        moved = drones.drone_flows(**{name: values[name] for name in FLOW_NAMES})
        lost = drones.vehicle_losses(moved.share, values["fire_share"], values["drone_vehicle_ratio"])
        level = drones.next_drone_industry(
            values["drone_industry"], values["economy"], values["drone_growth"], values["drone_ceiling"]
        )
        new = drones.made(level, values["production"], values["drone_output"])
        return moved, lost, level, drones.next_drones(values["drones"], new, values["arriving"], moved.used)

    found = set(primitives(jax.make_jaxpr(whole)(drawn(0)).jaxpr))
    assert "expm1" in found
    assert found <= set(tracing._RULES)
