"""Each mechanism alone: the worked number of its docstring, its limits, and closed forms that are known."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from math import exp, log, sqrt
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ceasefire.war import (
    REGISTRY,
    attrition,
    deployment,
    drift,
    equipment,
    flows,
    fronts,
    industry,
    manpower,
    munitions,
    offensive,
    skill,
    tempo,
    truce,
)
from ceasefire.war.structure import ATTRITION_LAW, FIRE_LAW, OPTIONAL


def both(first: float, second: float | None = None) -> jax.Array:
    """A value for each side, `[2, 1]`; the same for both where one is given."""
    return jnp.asarray([[first], [first if second is None else second]], dtype=jnp.float32)


def one(value: float) -> jax.Array:
    """A value of the whole war, `[1]`."""
    return jnp.asarray([value], dtype=jnp.float32)


def on_fronts(first: list[float], second: list[float]) -> jax.Array:
    """A value for each side on each front, `[2, F, 1]`."""
    return jnp.asarray([first, second], dtype=jnp.float32)[..., None]


def worked(mechanism: str) -> str:
    """The worked number of a mechanism's docstring, so that a test and the docstring cannot drift apart."""
    docstring = importlib.import_module(f"ceasefire.war.{mechanism}").__doc__ or ""
    return " ".join(docstring[docstring.index("Worked number: ") :].split())


# Flows


@given(flow=st.floats(0, 1e12), stock=st.floats(0, 1e8))
def test_a_bounded_flow_takes_no_more_than_is_wanted_or_there(flow: float, stock: float) -> None:
    taken = float(flows.bounded(jnp.float32(flow), jnp.float32(stock)))
    assert 0 <= taken <= float(jnp.float32(stock))
    assert taken <= flow * (1 + 1e-5)


def test_a_bounded_flow_in_the_limits() -> None:
    assert float(flows.bounded(jnp.float32(5.0), jnp.float32(0.0))) == 0.0
    assert float(flows.bounded(jnp.float32(0.0), jnp.float32(5.0))) == 0.0
    assert float(flows.bounded(jnp.float32(100.0), jnp.float32(25e6))) == pytest.approx(100.0, rel=1e-5)
    assert float(flows.bounded(jnp.float32(1e9), jnp.float32(7.0))) == 7.0
    assert float(flows.bounded(jnp.float32(1.0), jnp.float32(1.0))) == pytest.approx(1 - exp(-1), rel=1e-5)


@pytest.mark.parametrize(("stages", "mean"), [(3, 3.0), (3, 60.0), (3, 17.5), (2, 75.0), (2, 5.0)])
def test_a_delay_has_its_mean_and_the_spread_of_its_stages(stages: int, mean: float) -> None:
    """A pulse leaves after `mean` days on average, with the variance of that many geometric waiting times."""
    chain, out = jnp.zeros((2, stages, 1)), []
    step = jax.jit(flows.delay)
    for day in range(int(40 * mean)):
        chain, left = step(chain, both(1.0 if day == 0 else 0.0), both(mean))
        out.append(float(left[0, 0]))
    days = np.arange(len(out))
    assert sum(out) == pytest.approx(1.0, rel=1e-4)
    assert days @ out == pytest.approx(mean, rel=1e-3)
    p = stages / mean
    assert (days - mean) ** 2 @ out == pytest.approx(stages * (1 - p) / p**2, rel=5e-3, abs=1e-6)


def test_a_delay_shorter_than_its_stages_takes_as_many_days_as_it_has_stages() -> None:
    chain, out = jnp.zeros((2, 3, 1)), []
    for day in range(5):
        chain, left = flows.delay(chain, both(1.0 if day == 0 else 0.0), both(0.5))
        out.append(float(left[1, 0]))
    assert out == [0.0, 0.0, 0.0, 1.0, 0.0]


def test_an_empty_delay_stays_empty() -> None:
    chain, left = flows.delay(jnp.zeros((2, 3, 1)), both(0.0), both(30.0))
    assert not chain.any()
    assert not left.any()


# Manpower


def test_manpower_worked_number() -> None:
    assert "1,000 a day with 30 days of training has 30,000 in training" in worked("manpower")
    chain = jnp.zeros((2, manpower.TRAINING_STAGES, 1))
    step = jax.jit(flows.delay)
    for _ in range(400):
        chain, graduates = step(chain, both(1_000.0), both(30.0))
    assert float(chain.sum(axis=1)[0, 0]) == pytest.approx(30_000.0, rel=1e-4)
    assert float(graduates[0, 0]) == pytest.approx(1_000.0, rel=1e-4)


def intake(pool: float, recruitment: float, mobilisation: float, **changed: float) -> tuple[float, float]:
    values = {
        "share": 1.0,
        "call_up_yield": 0.8,
        "emigration_response": 0.5,
        "emigration_rate": 1e-5,
    } | changed
    found = manpower.intake(
        both(pool), both(recruitment), both(mobilisation), *[both(value) for value in values.values()]
    )
    return float(found.called_up[0, 0]), float(found.emigrating[0, 0])


def test_intake_from_a_large_pool() -> None:
    called_up, emigrating = intake(25e6, 600.0, 400.0)
    assert called_up == pytest.approx(0.8 * 1_000.0, rel=1e-4)
    assert emigrating == pytest.approx(0.5 * 400.0 + 1e-5 * 25e6, rel=1e-4)


def test_intake_in_the_limits() -> None:
    assert intake(0.0, 600.0, 400.0) == (0.0, 0.0)
    assert intake(1e6, 0.0, 0.0, emigration_rate=0.0) == (0.0, 0.0)
    assert intake(1e6, 600.0, 400.0, share=0.0)[0] == 0.0
    called_up, emigrating = intake(1_000.0, 1e5, 1e5)
    assert called_up + emigrating == pytest.approx(1_000.0, rel=1e-6)
    assert called_up + emigrating <= 1_000.0


@given(losses=st.floats(0, 1e6), killed_share=st.floats(0.02, 0.9), captured_share=st.floats(0.0, 0.5))
def test_losses_are_split_without_remainder(
    losses: float, killed_share: float, captured_share: float
) -> None:
    fate = manpower.split_losses(both(losses), both(killed_share), both(captured_share))
    killed, wounded, captured = (float(part[0, 0]) for part in fate)
    assert min(killed, wounded, captured) >= 0
    assert killed + wounded + captured == pytest.approx(losses, rel=1e-5)
    assert captured == pytest.approx(captured_share * losses, rel=1e-5)
    assert killed == pytest.approx(killed_share * (1 - captured_share) * losses, rel=1e-5)


# Attrition


def test_attrition_worked_number() -> None:
    assert "square law, a = 0.05, 120 against 100" in worked("attrition")
    p, q = attrition.exponents(jnp.asarray([ATTRITION_LAW.code("square")]), one(0.4), one(0.7))
    lost = attrition.lanchester(one(0.05), one(120.0), one(100.0), p, q)
    assert float(lost[0]) == pytest.approx(6.0, rel=1e-5)


@pytest.mark.parametrize(
    ("law", "p", "q"),
    [("logarithmic", 0.0, 1.0), ("linear", 1.0, 1.0), ("square", 1.0, 0.0), ("mixed", 0.4, 0.7)],
)
def test_the_exponents_of_each_law(law: str, p: float, q: float) -> None:
    found = attrition.exponents(jnp.asarray([ATTRITION_LAW.code(law)], jnp.int8), one(0.4), one(0.7))
    assert (float(found[0][0]), float(found[1][0])) == pytest.approx((p, q))


def integrate(
    a: float, b: float, p: float, q: float, x0: float, y0: float, days: float
) -> tuple[float, float]:
    """Integrate dx/dt = -b y^p x^q, dy/dt = -a x^p y^q through the plain law by the midpoint rule."""
    steps = 2_000
    size = days / steps

    def rates(numbers: jax.Array) -> jax.Array:
        caused_by_the_enemy = jnp.asarray([b, a])
        return -attrition.lanchester(
            caused_by_the_enemy, numbers[::-1], numbers, jnp.float32(p), jnp.float32(q)
        )

    def step(_: int, numbers: jax.Array) -> jax.Array:
        middle = numbers + 0.5 * size * rates(numbers)
        return numbers + size * rates(middle)

    x, y = jax.jit(lambda start: jax.lax.fori_loop(0, steps, step, start))(jnp.asarray([x0, y0]))
    return float(x), float(y)


X0, Y0, DAYS = 100.0, 120.0, 5.0


def test_the_square_law_in_closed_form() -> None:
    a, b = 0.1, 0.05
    x, y = integrate(a, b, 1.0, 0.0, X0, Y0, DAYS)
    s = sqrt(a * b)
    assert x == pytest.approx(X0 * np.cosh(s * DAYS) - Y0 * sqrt(b / a) * np.sinh(s * DAYS), rel=1e-3)
    assert (x, y) == pytest.approx((75.686458, 76.530255), rel=1e-3)
    assert a * x**2 - b * y**2 == pytest.approx(a * X0**2 - b * Y0**2, rel=1e-3)


def test_the_linear_law_in_closed_form() -> None:
    a, b = 0.001, 0.0005
    x, y = integrate(a, b, 1.0, 1.0, X0, Y0, DAYS)
    k = a * X0 - b * Y0
    assert x == pytest.approx(k * X0 / (a * X0 - b * Y0 * exp(-k * DAYS)), rel=1e-3)
    assert (x, y) == pytest.approx((78.622294, 77.244588), rel=1e-3)
    assert a * x - b * y == pytest.approx(k, rel=1e-3)


def test_the_logarithmic_law_in_closed_form() -> None:
    a, b = 0.1, 0.05
    x, y = integrate(a, b, 0.0, 1.0, X0, Y0, DAYS)
    assert (x, y) == pytest.approx((X0 * exp(-b * DAYS), Y0 * exp(-a * DAYS)), rel=1e-3)
    assert a * log(x) - b * log(y) == pytest.approx(a * log(X0) - b * log(Y0), rel=1e-3)


def test_the_mixed_law_keeps_its_invariant() -> None:
    a, b, p, q = 0.02, 0.01, 0.45, 0.75
    x, y = integrate(a, b, p, q, X0, Y0, DAYS)
    assert (x, y) == pytest.approx((87.689898, 94.394092), rel=1e-3)
    m = p - q + 1
    assert a * (X0**m - x**m) == pytest.approx(0.0441355, rel=1e-3)
    assert b * (Y0**m - y**m) == pytest.approx(0.0441355, rel=1e-3)


def test_two_to_one_with_equal_weapons_under_the_square_law() -> None:
    """The smaller side is gone after ln(3) / 2 units of time; the larger keeps the root of 3 of its 2."""
    x, y = integrate(1.0, 1.0, 1.0, 0.0, 2.0, 1.0, 0.549306)
    assert x == pytest.approx(1.7321, rel=1e-3)
    assert y == pytest.approx(0.0, abs=1e-3)


def losses(
    troops: list[float] | tuple[float, float] = (100_000.0, 100_000.0),
    law: str = "linear",
    fire_effect: float = 1.0,
    intensity: float = 1.0,
    protection: float = 1.0,
    skill_effect: float = 1.0,
    armour_effect: float = 1.0,
    fire_share: float = 0.65,
    fire_law: str = "munitions",
) -> list[float]:
    """Losses of both sides on one front, all else at the reference, coefficient 0.002."""
    p, q = attrition.exponents(jnp.asarray([ATTRITION_LAW.code(law)], jnp.int8), one(0.42), one(0.73))
    found = attrition.losses(
        on_fronts([troops[0]], [troops[1]]),
        both(fire_effect),
        both(skill_effect),
        both(armour_effect),
        on_fronts([protection], [protection]),
        jnp.full((1, 1), intensity),
        p,
        q,
        both(0.002),
        one(fire_share),
        jnp.asarray([FIRE_LAW.code(fire_law)], jnp.int8),
    )
    return [float(side) for side in found[:, 0, 0]]


@pytest.mark.parametrize("law", ATTRITION_LAW.choices)
def test_every_law_means_the_same_at_the_reference(law: str) -> None:
    assert losses(law=law) == pytest.approx([200.0, 200.0], rel=1e-4)


@pytest.mark.parametrize(
    ("law", "expected"),
    [
        ("logarithmic", (0.002 * 2e5, 0.002 * 5e4)),
        ("linear", (0.002 * 1e5 * 0.5 * 2.0, 0.002 * 1e5 * 2.0 * 0.5)),
        ("square", (0.002 * 5e4, 0.002 * 2e5)),
        ("mixed", (200.0 * 0.5**0.42 * 2.0**0.73, 200.0 * 2.0**0.42 * 0.5**0.73)),
    ],
)
def test_losses_at_unequal_numbers(law: str, expected: tuple[float, float]) -> None:
    """The front agrees with the plain law where only numbers count, and quality and protection are 1."""
    assert losses((200_000.0, 50_000.0), law, fire_law="numbers") == pytest.approx(expected, rel=1e-4)


def test_rounds_do_what_they_do_under_every_law() -> None:
    """Half the soldiers, each with twice the effect of fire, cause the same losses by it."""
    for law in ("logarithmic", "linear", "mixed"):
        by_many = losses((100_000.0, 100_000.0), law, fire_effect=1.0, fire_share=1.0)[0]
        by_few = losses((100_000.0, 50_000.0), law, fire_effect=2.0, fire_share=1.0)[0]
        assert by_few == pytest.approx(by_many, rel=1e-5)


@pytest.mark.parametrize("law", ATTRITION_LAW.choices)
def test_losses_in_the_limits(law: str) -> None:
    assert losses(law=law, intensity=0.0) == [0.0, 0.0]
    assert losses(law=law, fire_effect=0.0, fire_share=0.65) == pytest.approx([70.0, 70.0], rel=1e-4)
    assert losses(law=law, skill_effect=2.0, protection=0.25) == pytest.approx([100.0, 100.0], rel=1e-4)
    assert losses(law=law, armour_effect=2.0) == pytest.approx([270.0, 270.0], rel=1e-4)


@pytest.mark.parametrize("law", ["linear", "square", "mixed"])
def test_nobody_on_the_other_side_causes_no_losses(law: str) -> None:
    assert losses((100_000.0, 0.0), law)[0] == pytest.approx(0.0, abs=1e-3)


def test_protection_of_lines_and_exposure_in_attack() -> None:
    def k(lines: float, attacking: float) -> float:
        found = attrition.protection(
            on_fronts([lines], [lines]), on_fronts([attacking], [attacking]), one(0.35), one(1.4)
        )
        return float(found[0, 0, 0])

    assert k(0.0, 0.0) == 1.0
    assert k(1.0, 0.0) == pytest.approx(exp(-0.35), rel=1e-5)
    assert k(0.0, 1.0) == pytest.approx(1.4, rel=1e-5)
    assert k(1.0, 1.0) == pytest.approx(1.4, rel=1e-5)  # an attack leaves its lines
    assert k(0.6, 0.5) == pytest.approx(exp(-0.35 * 0.6 * 0.5) * 1.2, rel=1e-5)


# Munitions


def fired(
    shells: float, wanted: float, ration_days: float, offensive: float = 0.0, activity: float = 1.0
) -> float:
    found = munitions.fired(
        both(shells), both(offensive), one(activity), both(wanted), one(1.5), one(ration_days)
    )
    return float(found[0, 0])


def test_munitions_worked_number() -> None:
    assert "M = 600,000, t = 30 and 20,000 wanted" in worked("munitions")
    assert fired(600_000.0, 20_000.0, 30.0) == pytest.approx(10_000.0, rel=1e-5)


def test_fire_in_the_limits() -> None:
    assert fired(0.0, 20_000.0, 30.0) == 0.0
    assert fired(600_000.0, 0.0, 30.0) == 0.0
    assert fired(600_000.0, 20_000.0, 30.0, activity=0.0) == 0.0
    assert fired(1e9, 20_000.0, 30.0) == pytest.approx(20_000.0, rel=1e-3)
    assert fired(1e9, 20_000.0, 30.0, offensive=1.0) == pytest.approx(30_000.0, rel=1e-3)
    assert fired(1_000.0, 20_000.0, 30.0) == pytest.approx(1_000.0 / 30.0, rel=2e-3)


def test_the_effect_of_fire() -> None:
    def effect(fire: float, numbers: float, activity: float = 1.0, law: str = "munitions") -> float:
        code = jnp.asarray([FIRE_LAW.code(law)], jnp.int8)
        found = munitions.fire_effect(both(fire), one(activity), both(numbers), code, one(0.5))
        return float(found[0, 0])

    assert effect(munitions.REFERENCE_FIRE, 1.0) == pytest.approx(1.0, rel=1e-4)
    assert effect(4 * munitions.REFERENCE_FIRE, 1.0) == pytest.approx(2.0, rel=1e-4)
    # In a truce it is the rounds for each violation that count.
    assert effect(0.1 * munitions.REFERENCE_FIRE, 1.0, activity=0.1) == pytest.approx(1.0, rel=1e-4)
    assert effect(0.0, 1.0) == pytest.approx(0.0, abs=2e-3)
    assert effect(0.0, 1.0, law="numbers") == 1.0


# Equipment


def test_equipment_worked_number() -> None:
    assert "4,000 modern and 2,000 legacy vehicles of worth 0.5 for 250,000 soldiers" in worked("equipment")
    armour = equipment.Armour(both(4_000.0), both(2_000.0), both(0.0))
    assert float(equipment.armour_density(armour, both(250_000.0), one(0.5))[0, 0]) == pytest.approx(1.0)


def test_a_force_without_vehicles_keeps_the_least_effect() -> None:
    nothing = equipment.Armour(both(0.0), both(0.0), both(0.0))
    assert float(equipment.armour_density(nothing, both(250_000.0), one(0.5))[0, 0]) == pytest.approx(0.05)


def armour_flows(modern: float, legacy: float, storage: float, lost: float) -> dict[str, float]:
    found = equipment.armour_flows(
        equipment.Armour(both(modern), both(legacy), both(storage)),
        both(lost),
        both(250_000.0),
        both(1.5),
        both(0.5),
        both(2.0),
        both(4.0),
        both(0.04),
    )
    return {name: float(flow[0, 0]) for name, flow in found._asdict().items()}


def test_flows_of_vehicles() -> None:
    found = armour_flows(3_000.0, 1_000.0, 1e6, 500.0)
    assert found["built"] == pytest.approx(2.0 * 1.5 * 0.5, rel=1e-5)
    assert found["refurbished"] == pytest.approx(4.0 * 1.5 * 0.5, rel=1e-4)
    wanted = 0.04 * 500.0 * (4_000.0 / 250_000.0) / 0.02
    assert found["lost_modern"] + found["lost_legacy"] == pytest.approx(
        4_000.0 * (1 - exp(-wanted / 4_000.0)), rel=1e-4
    )
    assert found["lost_modern"] == pytest.approx(3.0 * found["lost_legacy"], rel=1e-4)


def test_flows_of_vehicles_in_the_limits() -> None:
    found = armour_flows(0.0, 0.0, 0.0, 500.0)
    assert (found["lost_modern"], found["lost_legacy"], found["refurbished"]) == (0.0, 0.0, 0.0)
    assert armour_flows(3_000.0, 1_000.0, 0.0, 0.0)["lost_modern"] == 0.0
    # More vehicles than the cap of the density do not mean more lost for each man.
    dense = armour_flows(20_000.0, 0.0, 0.0, 500.0)
    assert dense["lost_modern"] == pytest.approx(0.04 * 500.0 * equipment.MOST_DENSE, rel=5e-3)
    tomorrow = equipment.next_armour(
        equipment.Armour(both(10.0), both(5.0), both(3.0)),
        equipment.ArmourFlows(both(1.0), both(2.0), both(4.0), both(0.5)),
        both(7.0),
    )
    assert [float(stock[0, 0]) for stock in tomorrow] == [14.0, 6.5, 1.0]


# Industry


def test_industry_worked_number() -> None:
    assert "c = 3, e = 1, r = 365 days, output is 1 + 2 (1 - exp(-1)) = 2.26" in worked("industry")
    output = both(1.0)
    for _ in range(365):
        output = industry.next_industry(output, both(1.0), both(3.0), both(365.0))
    assert float(output[0, 0]) == pytest.approx(1 + 2 * (1 - exp(-1)), abs=0.005)
    assert float(output[0, 0]) == pytest.approx(1 + 2 * (1 - (1 - 1 / 365) ** 365), rel=1e-5)


@pytest.mark.parametrize(("economy", "target"), [(0.0, 1.0), (0.5, 2.0), (1.0, 3.0)])
def test_industry_goes_to_its_target(economy: float, target: float) -> None:
    output = both(0.2)
    step = jax.jit(industry.next_industry)
    for _ in range(600):
        output = step(output, both(economy), both(3.0), both(30.0))
    assert float(output[0, 0]) == pytest.approx(target, rel=1e-4)


# Skill


def test_skill_worked_number() -> None:
    assert "u = 0.35, t = 90 days, 20 days of training give s_new" in worked("skill")
    assert "= 0.480" in worked("skill")
    found = float(skill.recruit_skill(both(20.0), both(0.35), both(90.0))[0, 0])
    assert found == pytest.approx(0.35 + 0.65 * (1 - exp(-20 / 90)), rel=1e-5)
    assert found == pytest.approx(0.480, abs=5e-4)


def test_the_skill_of_recruits_in_the_limits() -> None:
    assert float(skill.recruit_skill(both(0.0), both(0.35), both(90.0))[0, 0]) == pytest.approx(0.35)
    assert float(skill.recruit_skill(both(1e5), both(0.35), both(90.0))[0, 0]) == pytest.approx(1.0)


def next_skill(now: float, recruit: float, graduates: float, lost: float, resting: float) -> float:
    found = skill.next_skill(
        both(now),
        both(recruit),
        both(graduates),
        both(lost),
        both(90_000.0),
        both(resting),
        both(0.3),
        both(300.0),
    )
    return float(found[0, 0])


def test_skill_is_diluted_lost_and_trained() -> None:
    assert next_skill(0.6, 0.4, 0.0, 0.0, 0.0) == pytest.approx(0.6, rel=1e-6)
    assert next_skill(0.6, 0.4, 10_000.0, 0.0, 0.0) == pytest.approx(0.1 * 0.4 + 0.9 * 0.6, rel=1e-5)
    assert next_skill(0.6, 0.4, 0.0, 900.0, 0.0) == pytest.approx(0.6 - 0.3 * 0.01 * 0.6 * 0.4, rel=1e-5)
    assert next_skill(0.6, 0.4, 0.0, 0.0, 1.0) == pytest.approx(0.6 + 0.4 / 300.0, rel=1e-5)
    assert next_skill(1.0, 1.0, 10_000.0, 0.0, 1.0) == pytest.approx(1.0, rel=1e-6)
    assert next_skill(0.0, 0.0, 1e9, 0.0, 0.0) == pytest.approx(0.01)


# Fronts


def test_fronts_worked_number() -> None:
    assert "equal forces, d = 2.5, no lines, k = 3: 1 / (1 + exp(3 ln 2.5)) = 0.060" in worked("fronts")
    troops, nothing = on_fronts([80_000.0], [80_000.0]), on_fronts([0.0], [0.0])
    weight = jnp.ones((1, 1))
    b = fronts.balance(troops, both(0.0), nothing, nothing, weight, one(2.5), one(2.0), one(0.06))
    share = fronts.ground_taken(
        b,
        on_fronts([1.0], [1.0]),
        weight,
        weight,
        on_fronts([1e9], [1e9]),
        both(0.0),
        one(1_000.0),
        one(3.0),
        both(0.1),
    )
    assert float(share[0, 0, 0]) / 1_000.0 == pytest.approx(1 / (1 + 2.5**3), rel=1e-4)
    assert float(share[0, 0, 0]) / 1_000.0 == pytest.approx(0.060, abs=5e-4)


def test_the_balance_counts_numbers_power_lines_and_ground() -> None:
    b = fronts.balance(
        on_fronts([200_000.0], [100_000.0]),
        both(0.3, -0.2),
        on_fronts([0.4], [0.5]),
        on_fronts([500.0], [-500.0]),
        jnp.full((1, 1), 0.5),
        one(2.0),
        one(3.0),
        one(0.06),
    )
    first = log(2.0) + 0.5 - log(2.0) - 0.5 * log(3.0) - 0.06
    second = -log(2.0) - 0.5 - log(2.0) - 0.4 * log(3.0) + 0.06
    assert [float(side) for side in b[:, 0, 0]] == pytest.approx([first, second], rel=1e-4)


def test_the_power_of_a_soldier_at_the_reference_is_1() -> None:
    at_reference = fronts.effectiveness(both(1.0), both(1.0), both(1.0), one(0.7), one(0.25), one(0.65))
    assert float(at_reference[0, 0]) == pytest.approx(0.0, abs=1e-6)
    without_fire = fronts.effectiveness(both(1.0), both(1.0), both(0.0), one(0.7), one(0.25), one(0.65))
    assert float(without_fire[0, 0]) == pytest.approx(log(0.35), rel=1e-5)


def test_ground_in_the_limits() -> None:
    def taken(b: float, attacking: float, ground: float, activity: float = 1.0, shift: float = 0.0) -> float:
        found = fronts.ground_taken(
            on_fronts([b], [b]),
            on_fronts([attacking], [attacking]),
            jnp.full((1, 1), activity),
            jnp.full((1, 1), 0.5),
            on_fronts([ground], [ground]),
            both(shift),
            one(800.0),
            one(3.0),
            both(0.1),
        )
        return float(found[0, 0, 0])

    assert taken(50.0, 1.0, 1e8) == pytest.approx(400.0, rel=1e-4)  # a complete break on half of the front
    assert taken(50.0, 0.0, 1e8) == pytest.approx(40.0, rel=1e-4)  # routine pressure only
    assert taken(-50.0, 1.0, 1e8) == pytest.approx(0.0, abs=1e-12)
    assert taken(50.0, 1.0, 0.0) == 0.0
    assert taken(50.0, 1.0, 1e8, activity=0.0) == 0.0
    assert taken(50.0, 1.0, 10.0) <= 10.0
    # What nothing explains falls to a front by its length, whatever the balance there.
    assert taken(-50.0, 0.0, 1e8, shift=30.0) == pytest.approx(15.0, rel=1e-4)
    assert taken(50.0, 1.0, 1e8, shift=30.0) == pytest.approx(415.0, rel=1e-4)
    assert taken(50.0, 1.0, 10.0, shift=1e6) <= 10.0


def test_lines_are_built_in_quiet_and_lost_with_ground() -> None:
    def lines(now: float, attacking: float, lost: float) -> float:
        found = fronts.next_fortification(
            on_fronts([now], [now]),
            on_fronts([attacking], [attacking]),
            on_fronts([lost], [lost]),
            jnp.full((1, 1), 0.5),
            both(100.0),
            one(1_000.0),
        )
        return float(found[0, 0, 0])

    assert lines(0.4, 0.0, 0.0) == pytest.approx(0.4 + 0.6 / 100.0, rel=1e-5)
    assert lines(0.4, 1.0, 0.0) == pytest.approx(0.4, rel=1e-6)
    assert lines(0.4, 1.0, 500.0) == pytest.approx(0.4 * exp(-1), rel=1e-5)
    assert lines(1.0, 0.0, 0.0) == 1.0
    assert lines(1.0, 1.0, 1e9) == pytest.approx(0.0, abs=1e-6)


# Deployment


def deploy(
    troops: jax.Array,
    reserve: float,
    offensive: float,
    balance: list[float],
    weight: list[float],
    mirroring: float = 0.5,
    move_days: float = 1.0,
    concentration: float = 1.5,
) -> deployment.Deployment:
    return deployment.deployment(
        troops,
        both(reserve),
        both(offensive),
        on_fronts(balance, balance),
        jnp.asarray(weight, jnp.float32)[:, None],
        both(0.2),
        one(mirroring),
        one(0.25),
        one(concentration),
        one(move_days),
    )


def test_deployment_worked_number() -> None:
    assert "mirroring 0.5, an enemy with 3/4 on the first: share 0.5 x 0.5 + 0.5 x 0.75 = 0.625" in worked(
        "deployment"
    )
    troops = on_fronts([40_000.0, 40_000.0], [60_000.0, 20_000.0])
    moved = deploy(troops, 20_000.0, 0.0, [0.0, 0.0], [0.5, 0.5]).moved
    # With a reserve of 20 %, moved within a day, the fronts hold 0.625 and 0.375 of the other 80,000.
    assert (troops + moved)[0, :, 0].tolist() == pytest.approx([0.625 * 80_000, 0.375 * 80_000], rel=1e-5)


def test_an_offensive_commits_the_reserve_and_masses_where_the_balance_is_best() -> None:
    troops = on_fronts([40_000.0, 40_000.0], [40_000.0, 40_000.0])
    plan = deploy(troops, 20_000.0, 1.0, [0.0, -1.0], [0.5, 0.5])
    best = 1 / (1 + exp(-1.5))
    assert plan.attacking[0, :, 0].tolist() == pytest.approx([1.0, exp(-1.5)], rel=1e-5)
    kept = 0.2 * 100_000 * 0.25
    expected = [(0.75 * 0.5 + 0.25 * share) * (100_000 - kept) for share in (best, 1 - best)]
    assert (troops + plan.moved)[0, :, 0].tolist() == pytest.approx(expected, rel=1e-5)


def test_deployment_in_the_limits() -> None:
    troops = on_fronts([40_000.0, 40_000.0], [40_000.0, 40_000.0])
    calm = deploy(troops, 20_000.0, 0.0, [0.0, 0.0], [0.5, 0.5])
    np.testing.assert_allclose(calm.moved, 0.0, atol=0.02)
    np.testing.assert_array_equal(calm.attacking, 0.0)
    slow = deploy(
        on_fronts([80_000.0, 0.0], [40_000.0, 40_000.0]), 20_000.0, 0.0, [0.0, 0.0], [0.5, 0.5], move_days=10
    )
    assert slow.moved[0, :, 0].tolist() == pytest.approx([-4_000.0, 4_000.0], rel=1e-4)
    nobody = deploy(on_fronts([0.0, 0.0], [0.0, 0.0]), 0.0, 1.0, [0.0, 0.0], [0.5, 0.5])
    np.testing.assert_array_equal(nobody.moved, 0.0)


# Tempo


def test_tempo_worked_number() -> None:
    assert "with d = 60 days, r = exp(-7/60) = 0.890" in worked("tempo")
    kept = tempo.next_tempo(jnp.ones((1, 1)), jnp.zeros((1, 1)), jnp.float32(1.0), one(0.3), one(60.0))
    assert float(kept[0, 0]) == pytest.approx(exp(-7 / 60), rel=1e-5)
    assert float(kept[0, 0]) == pytest.approx(0.890, abs=5e-4)


def test_tempo_keeps_its_mean_of_1_and_its_spread() -> None:
    wars, spread = 40_000, 0.6
    rng = np.random.default_rng(5)
    log_tempo = jnp.asarray(spread * rng.standard_normal((1, wars)), jnp.float32)
    for _ in range(30):
        shock = jnp.asarray(rng.standard_normal((1, wars)), jnp.float32)
        log_tempo = tempo.next_tempo(log_tempo, shock, jnp.float32(1.0), one(spread), one(60.0))
    level = np.asarray(tempo.tempo(log_tempo, one(spread)))
    assert np.std(log_tempo) == pytest.approx(spread, rel=0.02)
    assert np.mean(level) == pytest.approx(1.0, abs=4 * float(np.std(level)) / sqrt(wars))


def test_tempo_forgets_where_it_began() -> None:
    """From log tempo 0 the spread grows to its stationary value: s sqrt(1 - r^(2 weeks))."""
    wars, spread, weeks = 40_000, 0.5, 6
    rng = np.random.default_rng(6)
    log_tempo = jnp.zeros((1, wars))
    for _ in range(weeks):
        shock = jnp.asarray(rng.standard_normal((1, wars)), jnp.float32)
        log_tempo = tempo.next_tempo(log_tempo, shock, jnp.float32(1.0), one(spread), one(60.0))
    assert np.std(log_tempo) == pytest.approx(spread * sqrt(1 - exp(-14 * weeks / 60)), rel=0.02)


def test_tempo_changes_on_the_first_day_of_a_week_only() -> None:
    kept = tempo.next_tempo(
        jnp.full((1, 1), 0.37), jnp.full((1, 1), 2.0), jnp.float32(0.0), one(0.3), one(60.0)
    )
    assert float(kept[0, 0]) == pytest.approx(0.37)


# Drift


def drifted(
    weeks: int, spread: float, persistence: float, wars: int = 40_000, start: float | None = None
) -> np.ndarray:
    """A drifting number after some weeks, from one value or else from its spread in the long run."""
    rng = np.random.default_rng(8)
    x = spread * rng.standard_normal(wars) if start is None else np.full(wars, start)
    now = jnp.asarray(x, jnp.float32)
    for _ in range(weeks):
        shock = jnp.asarray(rng.standard_normal(wars), jnp.float32)
        now = drift.next_drift(now, shock, jnp.float32(1.0), one(spread), one(persistence))
    return np.asarray(now, float)


def test_drift_worked_number() -> None:
    assert (
        "with s = 0.4 and d = 500 days a week moves the log intensity by 0.4 sqrt(1 - exp(-14/500)) = 0.066"
    ) in worked("drift")
    moved = drift.next_drift(one(0.0), one(1.0), jnp.float32(1.0), one(0.4), one(500.0))
    assert float(moved[0]) == pytest.approx(0.4 * sqrt(1 - exp(-14 / 500)), rel=1e-4)
    assert float(moved[0]) == pytest.approx(0.066, abs=5e-4)


@pytest.mark.parametrize("persistence", [20.0, 500.0])
def test_drift_keeps_its_spread_and_its_median_of_0(persistence: float) -> None:
    spread, wars = 0.6, 40_000
    x = drifted(30, spread, persistence, wars)
    assert np.std(x) == pytest.approx(spread, rel=0.02)
    # Four standard errors of the median of a normal sample.
    assert np.median(x) == pytest.approx(0.0, abs=4 * spread * sqrt(np.pi / 2 / wars))


def test_drift_from_0_widens_as_its_closed_form_and_its_median_stays() -> None:
    """After n weeks the spread is s sqrt(1 - r^(2 n)): forecasts widen with time."""
    spread, persistence, wars = 0.5, 200.0, 40_000
    for weeks in (1, 6, 52):
        x = drifted(weeks, spread, persistence, wars, start=0.0)
        expected = spread * sqrt(1 - exp(-14 * weeks / persistence))
        assert np.std(x) == pytest.approx(expected, rel=0.02)
        assert np.median(x) == pytest.approx(0.0, abs=4 * expected * sqrt(np.pi / 2 / wars))


def test_a_departure_fades_by_the_persistence() -> None:
    x = drifted(20, 0.0, 140.0, 1, start=1.0)
    assert float(x[0]) == pytest.approx(exp(-1), rel=1e-4)


def test_drift_changes_on_the_first_day_of_a_week_only() -> None:
    x = one(0.37)
    for _ in range(6):
        x = drift.next_drift(x, one(2.0), jnp.float32(0.0), one(0.3), one(60.0))
    assert float(x[0]) == float(np.float32(0.37))
    assert float(drift.next_drift(x, one(2.0), jnp.float32(1.0), one(0.3), one(60.0))[0]) > 0.4


@given(x=st.floats(-3, 3), z=st.floats(-5, 5), spread=st.floats(0, 3), days=st.floats(1, 20_000))
def test_what_one_side_gains_in_advantage_the_other_loses(
    x: float, z: float, spread: float, days: float
) -> None:
    advantage = drift.next_drift(both(x, -x), both(z, -z), jnp.float32(1.0), one(spread), one(days))
    assert float(advantage[0, 0]) == -float(advantage[1, 0])


@given(killed_share=st.floats(0.02, 0.9), lethality=st.floats(-9, 9))
def test_the_lethal_share_in_closed_form(killed_share: float, lethality: float) -> None:
    share = float(drift.lethal_share(both(killed_share), one(lethality))[0, 0])
    odds = log(killed_share / (1 - killed_share)) + lethality
    assert 0 < share < 1
    assert share == pytest.approx(1 / (1 + exp(-odds)), rel=1e-5)


def test_the_lethal_share_in_the_limits() -> None:
    for share in (0.0, 0.222, 1.0):
        assert float(drift.lethal_share(both(share), one(0.0))[0, 0]) == pytest.approx(share, rel=1e-6)
        for lethality in (-30.0, 30.0):
            found = float(drift.lethal_share(both(share), one(lethality))[0, 0])
            assert 0 <= found <= 1
    assert float(drift.lethal_share(both(0.222), one(30.0))[0, 0]) == pytest.approx(1.0, abs=1e-6)
    assert float(drift.lethal_share(both(0.222), one(-30.0))[0, 0]) == pytest.approx(0.0, abs=1e-6)


@given(
    losses=st.floats(0, 1e6),
    killed_share=st.floats(0.02, 0.9),
    captured_share=st.floats(0.0, 0.5),
    lethality=st.floats(-9, 9),
)
def test_losses_are_split_without_remainder_at_any_lethality(
    losses: float, killed_share: float, captured_share: float, lethality: float
) -> None:
    killed_part = drift.lethal_share(both(killed_share), one(lethality))
    fate = manpower.split_losses(both(losses), killed_part, both(captured_share))
    killed, wounded, captured = (float(part[0, 0]) for part in fate)
    assert min(killed, wounded, captured) >= 0
    assert killed + wounded + captured == pytest.approx(losses, rel=1e-5)
    assert captured == pytest.approx(captured_share * losses, rel=1e-5)


# Truce


def test_truce_worked_number() -> None:
    assert "v = 0.08, m = 0.4: 8 % of the fighting goes on without monitors, 4.8 % with them" in worked(
        "truce"
    )
    assert float(truce.activity(one(1.0), one(0.0), one(0.08), one(0.4))[0]) == pytest.approx(0.08)
    assert float(truce.activity(one(1.0), one(1.0), one(0.08), one(0.4))[0]) == pytest.approx(0.048)
    assert float(truce.activity(one(0.0), one(1.0), one(0.08), one(0.4))[0]) == 1.0


@pytest.mark.parametrize(
    ("yesterday", "begins", "ends", "today"),
    [(0, 0, 0, 0), (0, 1, 0, 1), (1, 0, 0, 1), (1, 0, 1, 0), (0, 0, 1, 0), (1, 1, 0, 1)],
)
def test_a_truce_begins_and_ends_by_its_dates(yesterday: int, begins: int, ends: int, today: int) -> None:
    found = truce.begin_or_end(one(yesterday), jnp.float32(begins), jnp.float32(ends))
    assert float(found[0]) == today


@pytest.mark.parametrize(
    ("in_force", "started", "left", "broken_by"),
    [
        (1, (0, 0), 1, (0, 0)),
        (1, (1, 0), 0, (1, 0)),
        (1, (0, 1), 0, (0, 1)),
        (1, (1, 1), 0, (1, 1)),
        (0, (1, 0), 0, (0, 0)),
    ],
)
def test_an_offensive_breaks_a_truce(
    in_force: int, started: tuple[int, int], left: int, broken_by: tuple[int, int]
) -> None:
    found = truce.broken(one(in_force), both(*started))
    assert float(found.in_force[0]) == left
    assert tuple(found.broken_by[:, 0].tolist()) == broken_by


# Offensives


def test_offensive_worked_number() -> None:
    assert "equal forces, d = 2, no lines: y = -0.69" in worked("offensive")
    assert "threshold -0.5 waits and one with -0.8 attacks" in worked("offensive")
    nothing = on_fronts([0.0], [0.0])
    y = offensive.total_balance(
        both(300_000.0), both(0.0), nothing, jnp.ones((1, 1)), nothing, one(2.0), one(2.0), one(0.06)
    )
    assert float(y[0, 0]) == pytest.approx(-0.69, abs=5e-3)
    assert decide(perceived=float(y[0, 0]), offensive_threshold=-0.5) == (0.0, 101.0, 0.0)
    assert decide(perceived=float(y[0, 0]), offensive_threshold=-0.8) == (1.0, 0.0, 1.0)


def decide(**changed: float) -> tuple[float, float, float]:
    """The decision of a rested leader at peace with a hurdle of 0, with some circumstances changed."""
    values = {
        "offensive": 0.0,
        "days_in_phase": 100.0,
        "perceived": 1.0,
        "balance": 1.0,
        "truce": 0.0,
        "monitored": 0.0,
        "allowed": 1.0,
        "observed": -1.0,
        "offensive_threshold": 0.0,
        "truce_cost": 0.4,
        "monitoring_cost": 0.4,
        "over": 0.0,
        "rest_days": 80.0,
        "culmination_drop": 0.3,
    } | changed
    of_the_war = {"truce", "monitored", "monitoring_cost", "culmination_drop"}
    given = {name: one(value) if name in of_the_war else both(value) for name, value in values.items()}
    decision = offensive.decide(**given | {"over": given["over"] > 0})
    return tuple(float(part[0, 0]) for part in decision)


STARTS, WAITS, GOES_ON, STOPS = (1.0, 0.0, 1.0), (0.0, 101.0, 0.0), (1.0, 11.0, 0.0), (0.0, 0.0, 0.0)
UNDER_WAY = {"offensive": 1.0, "days_in_phase": 10.0}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, STARTS),
        ({"perceived": 0.0}, WAITS),
        ({"balance": -5.0}, STARTS),  # it is the perceived balance that counts
        ({"days_in_phase": 80.0}, STARTS),
        ({"days_in_phase": 79.0}, (0.0, 80.0, 0.0)),
        ({"allowed": 0.0}, WAITS),
        ({"truce": 1.0}, STARTS),
        ({"truce": 1.0, "perceived": 0.39}, WAITS),
        ({"truce": 1.0, "perceived": 0.41}, STARTS),
        ({"truce": 1.0, "monitored": 1.0, "perceived": 0.79}, WAITS),
        ({"truce": 1.0, "monitored": 1.0, "perceived": 0.81}, STARTS),
        ({"truce": 0.0, "monitored": 1.0, "perceived": 0.01}, STARTS),
        (UNDER_WAY, GOES_ON),
        (UNDER_WAY | {"perceived": -9.0}, GOES_ON),  # it ends on the true balance
        (UNDER_WAY | {"balance": -0.29}, GOES_ON),
        (UNDER_WAY | {"balance": -0.31}, STOPS),
        (UNDER_WAY | {"allowed": 0.0}, STOPS),
        (UNDER_WAY | {"over": 1.0}, STOPS),
        ({"offensive": 1.0, "days_in_phase": 999.0}, (1.0, 1_000.0, 0.0)),  # its age alone does not end it
        ({"over": 1.0}, STARTS),
        (UNDER_WAY | {"over": 1.0, "observed": 1.0}, GOES_ON),
        ({"observed": 0.0}, WAITS),
        ({"observed": 1.0, "perceived": -9.0}, STARTS),
        (UNDER_WAY | {"observed": 1.0, "balance": -9.0}, GOES_ON),
        (UNDER_WAY | {"observed": 0.0}, STOPS),
    ],
)
def test_the_decision_to_attack(changed: dict[str, float], expected: tuple[float, float, float]) -> None:
    assert decide(**changed) == expected


@pytest.mark.parametrize(("step", "offensive_days"), [(1.0, 70.0), (7.0, 10.0)])
def test_an_offensive_ends_by_chance_at_the_start_of_a_week(step: float, offensive_days: float) -> None:
    """With a mean of 70 days a week ends one in 1 - exp(-0.1) = 0.0952, whatever the step."""
    shocks = np.tile(np.random.default_rng(1).standard_normal(200_000), (2, 1))
    mean = both(offensive_days)
    found = np.asarray(offensive.over(shocks, one(1.0), mean, step))
    assert found.mean() == pytest.approx(0.0952, abs=0.003)
    assert float(offensive.weekly_end(mean, step)[0, 0]) == pytest.approx(1 - exp(-0.1), rel=1e-6)
    assert not np.asarray(offensive.over(shocks, one(0.0), mean, step)).any()


def test_belief_follows_the_balance_with_a_delay() -> None:
    """After l days a leader has (1 - 1/l)^l of his old error left; his bias stays."""
    believed = both(0.0)
    for _ in range(20):
        believed = offensive.next_perceived(believed, both(1.0), both(0.0), both(0.25), both(0.1), both(20.0))
    assert float(believed[0, 0]) == pytest.approx(1.25 * (1 - 0.95**20), rel=1e-5)
    at_once = offensive.next_perceived(both(0.0), both(1.0), both(2.0), both(0.25), both(0.1), both(1.0))
    assert float(at_once[0, 0]) == pytest.approx(1.0 + 0.25 + 0.2, rel=1e-5)


def test_every_mechanism_has_its_worked_number_here_or_in_a_file_of_its_own() -> None:
    here = {name[5:-14] for name in globals() if re.fullmatch(r"test_[a-z]+_worked_number", name)}
    assert here == set(REGISTRY.mechanisms.values()) - set(OPTIONAL)
    for mechanism in [*OPTIONAL, "aid"]:
        text = (Path(__file__).parent / f"test_{mechanism}.py").read_text(encoding="utf-8")
        assert re.search(rf"^def test_({mechanism}_)?worked_number\(\) -> None:$", text, re.MULTILINE), (
            mechanism
        )


def curves() -> dict[str, Callable[[float], float]]:
    """Some effects by one argument, all else held: each is to rise."""
    return {
        "recruit_skill": lambda days: float(skill.recruit_skill(both(days), both(0.3), both(90.0))[0, 0]),
        "fired": lambda shells: fired(1_000.0 * shells, 20_000.0, 30.0),
        "losses": lambda troops: losses((1_000.0 * troops, 1e5))[0],
    }


@pytest.mark.parametrize("name", ["recruit_skill", "fired", "losses"])
@given(low=st.floats(0, 200), step=st.floats(1, 100))
def test_curves_rise(name: str, low: float, step: float) -> None:
    curve = curves()[name]
    assert curve(low) < curve(low + step)
