"""Emigration: who decides to leave, who leaves when, who comes back, and that nobody is lost on the way."""

from __future__ import annotations

import csv
from datetime import date
from importlib.resources import files
from itertools import product
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ceasefire.engine.fused.tracing import _RULES
from ceasefire.war import emigration, manpower
from tests.reference import emigration_reference as reference

WARS = 64
BOUNDS = {parameter.name: parameter.bounds for parameter in emigration.PARAMETERS} | {
    "emigration_response": (0.0, 5.0),
    "emigration_rate": (0.0, 0.001),
    "call_up_yield": (0.05, 1.0),
}
BEST = {parameter.name: parameter.prior.best for parameter in emigration.PARAMETERS} | {
    "emigration_response": 0.6,
    "emigration_rate": 0.0,
    "call_up_yield": 1.0,
}
Row = dict[str, jax.Array]


class People(NamedTuple):
    """The stocks of a side that this mechanism touches; `pool` is what is left of it."""

    pool: jax.Array
    called_up: jax.Array
    pressure: jax.Array
    abroad: jax.Array
    emigrated: jax.Array
    returned: jax.Array


class Flows(NamedTuple):
    decided: jax.Array
    called_up: jax.Array
    emigrating: jax.Array
    of_wave: jax.Array
    back: jax.Array


def both(first: float, second: float | None = None) -> jax.Array:
    return jnp.asarray([[first], [first if second is None else second]], dtype=jnp.float32)


@jax.jit
def day(people: People, mobilisation: jax.Array, share: jax.Array, p: Row) -> tuple[People, Flows]:
    """One day in the order in which the war walks it."""
    called_up = manpower.intake(
        people.pool, both(0.0), mobilisation, share, p["call_up_yield"], both(0.0), both(0.0)
    ).called_up
    deciding = emigration.decided(mobilisation, share, p["emigration_response"])
    setting_off = emigration.wave(people.pressure, p["departure_days"])
    gone = emigration.departures(people.pool - called_up, setting_off, p["emigration_rate"])
    home = emigration.come_back(people.abroad, gone.of_wave, p["return_share_abroad"], p["return_days"])
    later = People(
        pool=people.pool - called_up - gone.emigrating + home.back,
        called_up=people.called_up + called_up,
        pressure=emigration.next_pressure(people.pressure, deciding, setting_off),
        abroad=home.abroad,
        emigrated=people.emigrated + gone.emigrating,
        returned=people.returned + home.back,
    )
    return later, Flows(deciding, called_up, gone.emigrating, gone.of_wave, home.back)


@jax.jit
def walk_days(people: People, levers: jax.Array, p: Row) -> tuple[People, Flows]:
    """The states after each day and the flows of each; mobilisation `[D, 2, N]` outside a truce."""

    def step(now: People, lever: jax.Array) -> tuple[People, tuple[People, Flows]]:
        later, flows = day(now, lever, both(1.0), p)
        return later, (later, flows)

    return jax.lax.scan(step, people, levers)[1]


def start(wars: int = 1, pool: float = 5e6, abroad: float = 0.0, pressure: float = 0.0) -> People:
    nothing = jnp.zeros((2, wars), jnp.float32)
    stages = jnp.zeros((2, emigration.RETURN_STAGES, wars), jnp.float32)
    return People(nothing + pool, nothing, nothing + pressure, stages + abroad / 2, nothing, nothing)


def parameters(**changed: float) -> Row:
    assert set(changed) <= set(BEST)
    return {name: both(value) for name, value in (BEST | changed).items()}


def walk(levers: list[float], people: People | None = None, **changed: float) -> tuple[People, Flows]:
    """Both sides alike, as NumPy float64 `[D]` of the first."""
    mobilisation = jnp.broadcast_to(jnp.asarray(levers, jnp.float32)[:, None, None], (len(levers), 2, 1))
    found = walk_days(start() if people is None else people, mobilisation, parameters(**changed))
    return jax.tree.map(
        lambda part: np.asarray(part, float)[:, 0].reshape(len(levers), -1).sum(axis=1), found
    )


def draw(rng: np.random.Generator) -> tuple[People, jax.Array, jax.Array, Row]:
    """All stocks, levers and parameters anywhere within their bounds, `[2, N]` float32."""

    def between(low: float, high: float, *shape: int) -> jax.Array:
        return jnp.asarray(rng.uniform(low, high, shape or (2, WARS)), jnp.float32)

    people = People(
        pool=between(1e3, 1e6),
        called_up=between(0, 1e5),
        pressure=between(0, 1e5),
        abroad=between(0, 1e5, 2, emigration.RETURN_STAGES, WARS),
        emigrated=between(0, 1e5),
        returned=between(0, 1e5),
    )
    p = {name: between(*bounds) for name, bounds in BOUNDS.items()}
    return people, between(0, 6e3), between(0, 2), p


ONE_CALL_UP = [300_000.0, *[0.0] * 2_999]


def test_emigration_worked_number() -> None:
    said = " ".join((emigration.__doc__ or "").split()).partition("Worked number: ")[2]
    assert "h = 0.6 make 180,000 decide; with d = 14, 64.6 % of them have left 14 days later" in said
    assert "with r = 0.35, 63,000 come back in the end" in said
    people, flows = walk(ONE_CALL_UP, start(pool=1e9), return_share_abroad=0.35)
    assert flows.decided[0] == pytest.approx(180_000, rel=1e-6)
    assert people.pressure[0] == pytest.approx(180_000, rel=1e-6)
    assert people.emigrated[14] == pytest.approx(0.646 * 180_000, rel=1e-3)
    assert people.returned[-1] == pytest.approx(63_000, rel=1e-3)


@pytest.mark.parametrize("days", [5.0, 14.0, 45.0])
def test_those_who_decided_leave_as_the_closed_form_says(days: float) -> None:
    """emigrated(t) = D (1 - (1 - 1/d)^t), t days after the decision; all of them go in the end."""
    people, _ = walk(ONE_CALL_UP, start(pool=1e9), departure_days=days)
    after = np.arange(3_000)
    np.testing.assert_allclose(
        people.emigrated[:500], 180_000 * (1 - (1 - 1 / days) ** after[:500]), rtol=1e-3, atol=1.0
    )
    assert people.emigrated[-1] == pytest.approx(180_000, rel=1e-3)


def test_those_who_leave_at_once_leave_on_the_next_day() -> None:
    people, flows = walk(ONE_CALL_UP[:5], start(pool=1e9), departure_days=1.0)
    assert flows.emigrating[0] == 0.0
    assert flows.emigrating[1] == pytest.approx(180_000, rel=1e-3)
    assert people.pressure[1] == 0.0


def test_a_time_shorter_than_a_step_takes_no_more_than_there_is() -> None:
    """A step of a week counts a departure within a day as 1/7."""
    found = emigration.wave(both(1_000.0), both(1.0 / 7.0))
    assert float(found[0, 0]) == 1_000.0


@pytest.mark.parametrize(("stages", "days"), [(2, 100.0), (2, 300.0)])
def test_returns_come_after_their_mean_time_abroad(stages: int, days: float) -> None:
    assert stages == emigration.RETURN_STAGES
    _, flows = walk(
        [0.0] * 3_000, start(pool=1e9, pressure=1e5), departure_days=1.0, return_share_abroad=1.0,
        return_days=days,
    )  # fmt: skip
    since = np.arange(3_000)
    assert (flows.back * since).sum() / flows.back.sum() == pytest.approx(days, rel=2e-3)


def test_a_steady_call_up_drives_out_as_many_a_day_as_without_the_delay() -> None:
    people, flows = walk([1_000.0] * 1_500, start(pool=1e9), departure_days=20.0)
    assert flows.emigrating[-1] == pytest.approx(600.0, rel=1e-3)
    assert people.pressure[-1] == pytest.approx(20.0 * 600.0, rel=1e-3)


@pytest.mark.parametrize("seed", range(3))
def test_with_no_delay_who_leaves_is_exactly_who_left_before(seed: int) -> None:
    """The wave put to the day of the call-up gives manpower's own emigration, bit by bit."""
    people, mobilisation, share, p = draw(np.random.default_rng(seed))
    names = ("call_up_yield", "emigration_response", "emigration_rate")
    before = manpower.intake(people.pool, both(0.0), mobilisation, share, *(p[name] for name in names))
    now = emigration.departures(
        people.pool - before.called_up,
        emigration.decided(mobilisation, share, p["emigration_response"]),
        p["emigration_rate"],
    )
    np.testing.assert_array_equal(now.emigrating, before.emigrating)


@pytest.mark.parametrize("seed", range(3))
def test_without_a_call_up_by_decree_nothing_changes(seed: int) -> None:
    """Nobody decides, nobody comes back, and who leaves anyway is exactly who left before."""
    _, _, share, p = draw(np.random.default_rng(seed))
    people = start(WARS)
    for _ in range(5):
        before = manpower.intake(
            people.pool, both(0.0), both(0.0), share, p["call_up_yield"], p["emigration_response"],
            p["emigration_rate"],
        )  # fmt: skip
        people, flows = day(people, both(0.0), share, p)
        np.testing.assert_array_equal(flows.emigrating, before.emigrating)
        assert float(flows.emigrating.min()) > 0.0
        for nothing in (people.pressure, people.abroad, people.returned, flows.of_wave, flows.back):
            assert float(jnp.abs(nothing).max()) == 0.0


def test_nobody_leaves_a_call_up_that_moves_nobody() -> None:
    people, _ = walk([500.0] * 50, emigration_response=0.0)
    assert people.pressure[-1] == people.emigrated[-1] == people.returned[-1] == 0.0


def test_who_never_returns_stays_abroad() -> None:
    people, _ = walk([500.0] * 50, return_share_abroad=0.0)
    assert people.emigrated[-1] > 1_000
    assert people.returned[-1] == people.abroad[-1] == 0.0


def test_those_abroad_at_the_start_come_home() -> None:
    people, _ = walk([0.0] * 4_000, start(abroad=80_000.0), return_days=200.0)
    assert people.returned[-1] == pytest.approx(80_000, rel=1e-4)
    assert people.pool[-1] == pytest.approx(5e6 + 80_000, rel=1e-5)


def test_everybody_is_somewhere() -> None:
    """Pool left, called up and abroad add up over three years, and so does each new stock, to 1e-5."""
    rng = np.random.default_rng(8)
    _, _, _, p = draw(rng)
    p["return_days"] = p["return_days"] / 10.0 + 14.0
    people = start(WARS, pool=2e6, abroad=5e4, pressure=1e4)
    levers = jnp.asarray(rng.uniform(0, 2_000, (1_096, 2, WARS)), jnp.float32)
    after, flows = jax.tree.map(lambda part: np.asarray(part, float), walk_days(people, levers, p))
    came = jax.tree.map(lambda part: part.cumsum(axis=0), flows)
    moved = sum(came)
    settled = (1.0 - np.asarray(p["return_share_abroad"], float)) * came.of_wave + (
        came.emigrating - came.of_wave
    )
    returning = after.abroad.sum(axis=2)

    def same(found: np.ndarray, expected: np.ndarray) -> None:
        assert (np.abs(found - expected) <= 1e-5 * moved + 1e-5 * 2e6).all()

    same(after.pool + after.called_up + after.emigrated - after.returned, np.full_like(moved, 2e6))
    same(after.emigrated - after.returned + 5e4, settled + returning)
    same(returning, 5e4 + np.asarray(p["return_share_abroad"], float) * came.of_wave - came.back)
    waves = np.asarray(p["departure_days"], float)
    before = np.concatenate([np.full((1, 2, WARS), 1e4), after.pressure[:-1]])
    same(after.pressure, 1e4 + came.decided - (before / waves).cumsum(axis=0))
    assert after.returned[-1].min() > 1.0
    assert after.pool.min() >= 0.0


# After 100 days of a call-up of 1,000 a day: what rises and what falls.
@pytest.mark.parametrize(
    ("name", "values", "outcome", "sign"),
    [
        ("departure_days", (3.0, 14.0, 60.0), "emigrated", -1),
        ("departure_days", (3.0, 14.0, 60.0), "pressure", 1),
        ("departure_days", (3.0, 14.0, 60.0), "returned", -1),
        ("return_share_abroad", (0.1, 0.4, 0.9), "returned", 1),
        ("return_share_abroad", (0.1, 0.4, 0.9), "pool", 1),
        ("return_share_abroad", (0.1, 0.4, 0.9), "emigrated", 0),
        ("return_days", (60.0, 200.0, 800.0), "returned", -1),
        ("return_days", (60.0, 200.0, 800.0), "abroad", 1),
        ("emigration_response", (0.1, 0.6, 2.0), "emigrated", 1),
        ("emigration_response", (0.1, 0.6, 2.0), "pool", -1),
        ("initial_abroad", (1e3, 1e5, 1e6), "returned", 1),
        ("lever", (100.0, 1_000.0, 4_000.0), "pressure", 1),
        ("lever", (100.0, 1_000.0, 4_000.0), "emigrated", 1),
    ],
)
def test_each_number_moves_people_the_stated_way(
    name: str, values: tuple[float, ...], outcome: str, sign: int
) -> None:
    found = []
    for value in values:
        people = start(pool=1e8, abroad=value if name == "initial_abroad" else 0.0)
        changed = {} if name in {"lever", "initial_abroad"} else {name: value}
        after, _ = walk([value if name == "lever" else 1_000.0] * 100, people, **changed)
        found.append(float(getattr(after, outcome)[-1]))
    # Where nothing should change, the pool's own rounding may: a part in a million.
    steps = np.diff(found)
    assert (np.sign(np.where(np.abs(steps) < 1e-6 * found[0], 0.0, steps)) == sign).all()


@given(
    pool=st.floats(0.0, 1e6, width=32),
    pressure=st.floats(0.0, 1e7, width=32),
    rate=st.floats(0.0, 0.001),
)
def test_no_more_leave_than_there_are(pool: float, pressure: float, rate: float) -> None:
    gone = emigration.departures(both(pool), both(pressure), both(rate))
    assert 0.0 <= float(gone.of_wave[0, 0]) <= float(gone.emigrating[0, 0]) * (1 + 1e-6)
    assert float(gone.emigrating[0, 0]) <= float(np.float32(pool))


@pytest.mark.parametrize("seed", range(3))
def test_the_sides_mirror(seed: int) -> None:
    given_ = draw(np.random.default_rng(seed))
    there = jax.tree.leaves(day(*given_))
    back = jax.tree.leaves(day(*jax.tree.map(lambda part: part[::-1], given_)))
    assert len(there) == 11
    for one, other in zip(there, back, strict=True):
        np.testing.assert_array_equal(one, other[::-1])


def test_the_corners_of_all_bounds_are_finite_and_nothing_is_negative() -> None:
    ends = list(product((0.0, 1e4), *(BOUNDS[name] for name in BOUNDS)))
    corners = np.array(ends, np.float32).T
    mobilisation, *rows = (jnp.asarray(np.stack([row, row[::-1]])) for row in corners)
    p = dict(zip(BOUNDS, rows, strict=True))
    for pool, abroad, pressure in product((0.0, 1.0, 1e6), (0.0, 1e4), (0.0, 1e6)):
        people = start(corners.shape[1], pool, abroad, pressure)
        for _ in range(3):
            people, flows = day(people, mobilisation, both(1.0), p)
            for part in (*people, *flows):
                assert np.isfinite(part).all()
                assert float(part.min()) >= 0.0


@pytest.mark.parametrize("seed", range(2))
def test_it_agrees_with_the_plain_reference(seed: int) -> None:
    people, mobilisation, share, p = draw(np.random.default_rng(seed))
    later, flows = day(people, mobilisation, share, p)
    for side, war in product((0, 1), range(WARS)):
        of = {name: float(row[side, war]) for name, row in p.items()}
        was = {
            "pressure": float(people.pressure[side, war]),
            "abroad": [float(stage) for stage in people.abroad[side, :, war]],
            "pool": float(people.pool[side, war]),
            "emigrated": float(people.emigrated[side, war]),
            "returned": float(people.returned[side, war]),
        }
        drafted, supply = float(mobilisation[side, war]), float(share[side, war])
        called_up = reference.bounded(of["call_up_yield"] * drafted * supply, was["pool"])
        assert float(flows.called_up[side, war]) == pytest.approx(called_up, rel=1e-5)
        then = reference.day(was, drafted, supply, called_up, of)
        # What is left is a difference of stocks: its rounding is that of what it was.
        for name, stock in (("pressure", "pressure"), ("emigrated", "emigrated"), ("returned", "returned")):
            found = float(getattr(later, stock)[side, war])
            assert found == pytest.approx(then[name], rel=1e-5, abs=1e-6 * was[name])
        assert float(later.pool[side, war]) == pytest.approx(then["pool"], rel=1e-5, abs=1e-6 * was["pool"])
        for stage, expected in zip(later.abroad[side, :, war], then["abroad"], strict=True):
            assert float(stage) == pytest.approx(expected, rel=1e-5, abs=1e-6 * max(was["abroad"]))
        for name in ("decided", "emigrating", "of_wave", "back"):
            expected = then["flows"][name]
            assert float(getattr(flows, name)[side, war]) == pytest.approx(expected, rel=1e-5, abs=1e-3)


def primitives(jaxpr: Any) -> set[str]:
    found: set[str] = set()
    for equation in jaxpr.eqns:
        found.add(equation.primitive.name)
        for parameter in equation.params.values():
            inner = getattr(parameter, "jaxpr", parameter)
            found |= primitives(inner) if hasattr(inner, "eqns") else set()
    return found


def test_the_fused_loop_knows_every_operation() -> None:
    used = primitives(jax.make_jaxpr(day)(*draw(np.random.default_rng(0))).jaxpr)
    assert {"expm1", "div", "min"} <= used
    assert used <= set(_RULES)


def evidence() -> list[dict[str, str]]:
    table = files("ceasefire.evidence").joinpath("tables/emigration.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(table.splitlines()))


# The call-up of 21 September to 28 October 2022, 300,000 persons within 38 days.
CALL_UP = date(2022, 9, 21)
DECREED = [300_000.0 / 38.0] * 38


def test_returns_after_the_call_up_of_2022_are_of_the_size_that_was_counted() -> None:
    """At the best guess the share of leavers who are back lies among the counts of the time.

    The counts take in those who left from February 2022 on, so that they have had longer to return.
    """
    people, _ = walk([*DECREED, *[0.0] * 900], start(pool=1e9))
    shares = people.returned / np.maximum(people.emigrated, 1.0)
    counts = [row for row in evidence() if row["concept"] == "returned_share"]
    dated = {
        row["source"]: (
            (date.fromisoformat(row["end"]) - CALL_UP).days,
            float(row["low"] or row["best"]) / 100.0,
            float(row["high"] or row["best"] or 100.0) / 100.0,
        )
        for row in counts
    }
    assert set(dated) == {"finion", "izvestia", "outrush_panel", "russia_president"}
    panel, seekers, clients = (shares[dated[name][0]] for name in ("outrush_panel", "izvestia", "finion"))
    assert dated["outrush_panel"][1] < panel  # "15 % or more"
    assert seekers == pytest.approx(dated["izvestia"][1], abs=0.06)
    assert panel < clients < dated["finion"][2]


def test_exits_after_the_call_up_of_2022_come_in_its_first_weeks() -> None:
    """Half of them within the call-up and its two weeks after, nearly all by the end of the year."""
    people, _ = walk([*DECREED, *[0.0] * 400], start(pool=1e9), return_share_abroad=0.0)
    left = people.emigrated / people.emigrated[-1]
    assert left[38 + 14] > 0.5
    assert left[(date(2022, 12, 31) - CALL_UP).days] > 0.95
