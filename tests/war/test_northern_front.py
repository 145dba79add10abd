"""The flank over a third country's ground: shut, opening, guarded, and an assault on the capital over it."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Iterator
from math import exp, log
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import norm

from ceasefire.engine.fused.tracing import _CALLS, _RULES
from ceasefire.war import northern_front
from tests.reference import northern_front_reference as reference
from tests.repository import ROOT

TABLES = ROOT / "src" / "ceasefire" / "evidence" / "tables"
PARAMETERS = {parameter.name: parameter for parameter in northern_front.PARAMETERS}
SHUT, MAY_OPEN, OPEN = 0.0, 1.0, 2.0

# One war for each thousandth of the shock's distribution: shares of wars are chances.
EVENLY = np.asarray(norm.ppf((np.arange(1_000) + 0.5) / 1_000), np.float32)
NEVER, NOW = 40.0, -40.0
"""Shocks at which nothing happens, and at which all does that has a chance."""


def both(first: Any, second: Any | None = None) -> jax.Array:
    """A value for each side, `[2, N]`."""
    pair = (first, first if second is None else second)
    return jnp.stack([jnp.atleast_1d(jnp.asarray(side, jnp.float32)) for side in np.broadcast_arrays(*pair)])


def one(value: Any) -> jax.Array:
    """A value of the whole war, `[N]`."""
    return jnp.atleast_1d(jnp.asarray(value, jnp.float32))


# The first side's flank is open, it is on the offensive and has twice as many as the second's guards.
USUAL: dict[str, Any] = {
    "was_open": both(1.0, 0.0),
    "flank_open": both(1.0, 0.0),
    "capital_taken": both(0.0),
    "offensive": both(1.0, 0.0),
    "in_reserve": both(50_000.0, 60_000.0),
    "guard": both(0.0, 15_000.0),
    "quality": both(0.0),
    "error": both(0.0),
    "timing_shock": both(NOW),
    "outcome_shock": both(NOW),
    "new_week": one(1.0),
    "offensive_threshold": both(-1.0),
    "assault_share": both(0.6),
    "assault_days": one(30.0),
    "capital_defence": both(1.6),
    "assault_steepness": one(0.8),
    "assault_losses": one(0.1),
    "capital_guard_losses": one(0.12),
}


_assault = jax.jit(northern_front.assault)


def assault(step: float = 1.0, **changed: Any) -> northern_front.Assault:
    return _assault(**(USUAL | changed), step=step)


def begins(**changed: Any) -> int:
    """In how many wars the first side assaults."""
    return int(np.asarray(assault(**changed).begins)[0].sum())


def taken(**changed: Any) -> int:
    return int(np.asarray(assault(**changed).taken)[0].sum())


def test_worked_number() -> None:
    text = " ".join((northern_front.__doc__ or "").split())
    assert "30,000 against 15,000 guards, equal quality, D = 1.6, k = 0.8: y = ln 2 - 1.6 = -0.91" in text
    assert "a chance of 0.33; with l = 0.1 the attacker loses 3,000" in text
    assert log(2) - 1.6 == pytest.approx(-0.91, abs=0.005)
    chance = 1 / (1 + exp(-0.8 * (log(2) - 1.6)))
    assert chance == pytest.approx(0.33, abs=0.005)
    assert taken(outcome_shock=both(EVENLY)) / 1_000 == pytest.approx(chance, abs=1.5e-3)
    found = assault()
    assert float(found.begins[0, 0]) == 1.0
    assert float(found.lost[0, 0]) == pytest.approx(3_000.0, rel=1e-5)
    assert float(found.lost[1, 0]) == pytest.approx(0.12 * 15_000.0, rel=1e-5)
    for name in ("capital_defence", "assault_steepness", "assault_share", "assault_losses"):
        assert np.float32(PARAMETERS[name].prior.best) == np.ravel(USUAL[name])[0]


# The flank


def flank(
    lever: float, was: float = 0.0, rate: float = 0.0006, new_week: float = 1.0, step: float = 1.0
) -> Any:
    found = northern_front.next_open(
        both(was), both(lever), both(EVENLY, NEVER), jnp.float32(new_week), both(rate), step
    )
    return np.asarray(found)


def test_a_flank_opens_by_its_chance_a_week() -> None:
    found = flank(MAY_OPEN, rate=0.02)
    assert found[0].mean() == pytest.approx(1 - exp(-7 * 0.02), abs=1e-3)
    assert (found[1] == 0).all()
    assert abs(flank(MAY_OPEN, rate=7 * 0.02, step=7.0) - found).sum() <= 1  # a war at the edge
    assert (flank(MAY_OPEN, rate=0.02, new_week=0.0) == 0).all()


def test_a_flank_stays_open_until_it_is_shut() -> None:
    assert (flank(MAY_OPEN, was=1.0) == 1).all()
    assert (flank(OPEN, rate=0.0) == 1).all()
    assert (flank(SHUT, was=1.0, rate=1.0) == 0).all()


def test_a_greater_chance_opens_more_flanks() -> None:
    counts = [flank(MAY_OPEN, rate=rate)[0].sum() for rate in (0.0, 0.01, 0.05)]
    assert counts[0] == 0
    assert counts[0] < counts[1] < counts[2]


def test_the_chances_of_a_year_that_the_source_states() -> None:
    prior = PARAMETERS["flank_opening"].prior
    assert "4, 20 and 67 % within a year" in PARAMETERS["flank_opening"].source
    within = [round(100 * (1 - exp(-365 * rate))) for rate in (prior.low, prior.best, prior.high)]
    assert within == [4, 20, 67]


def test_whoever_faces_a_flank_that_may_open_guards_it() -> None:
    reserve, share = both(80_000.0, 60_000.0), both(0.5, 0.25)
    for lever in (MAY_OPEN, OPEN):
        held = northern_front.guards(reserve, both(lever, SHUT), share)
        assert np.asarray(held)[:, 0].tolist() == [0.0, 15_000.0]
    both_guard = northern_front.guards(reserve, both(MAY_OPEN), share)
    assert np.asarray(both_guard)[:, 0].tolist() == [40_000.0, 15_000.0]


def test_a_flank_that_is_shut_leaves_the_reserve_exactly_as_it_is() -> None:
    reserve = both(np.random.default_rng(1).uniform(0, 1e6, 300))
    for lever, share in [(SHUT, 0.5), (MAY_OPEN, 0.0)]:
        held = northern_front.guards(reserve, both(lever), both(share))
        assert (np.asarray(held) == 0.0).all()
        assert (np.asarray(reserve - held) == np.asarray(reserve)).all()


def test_a_larger_share_guards_more() -> None:
    few, more = (
        float(northern_front.guards(both(60_000.0), both(1.0), both(share))[0, 0]) for share in (0.1, 0.4)
    )
    assert few < more


# The assault


def test_a_shut_flank_gives_no_assault_ever() -> None:
    rng = np.random.default_rng(3)
    n = 5_000
    anything = {
        "timing_shock": both(NOW),
        "in_reserve": both(rng.uniform(0, 1e6, n), rng.uniform(0, 1e6, n)),
        "quality": both(rng.normal(0, 5, n), rng.normal(0, 5, n)),
        "error": both(rng.normal(0, 5, n), rng.normal(0, 5, n)),
        "offensive": both(1.0),
    }
    assert begins(**anything) > 1_000
    for was in (0.0, 1.0):
        shut = northern_front.next_open(both(was), both(SHUT), both(NOW), jnp.float32(1), both(1.0))
        found = assault(**anything, was_open=both(was), flank_open=shut)
        for part in found:
            assert (np.asarray(part) == 0.0).all()


def test_a_flank_is_not_assaulted_over_on_the_day_on_which_it_opens() -> None:
    assert begins(was_open=both(0.0)) == 0
    assert begins() == 1


@pytest.mark.parametrize(
    "without",
    [
        {"offensive": both(0.0, 1.0)},
        {"capital_taken": both(1.0, 0.0)},
        {"new_week": one(0.0)},
        {"timing_shock": both(NEVER)},
        {"offensive_threshold": both(-0.9)},
        {"error": both(-0.1)},
    ],
    ids=["no offensive", "taken", "within a week", "not this week", "below the threshold", "seen as worse"],
)
def test_what_keeps_a_side_from_an_assault(without: dict[str, Any]) -> None:
    assert begins() == 1
    found = assault(**without)
    assert (np.asarray(found.begins)[0] == 0).all()
    assert (np.asarray(found.lost) == 0).all()


def test_the_chance_of_an_assault_in_a_week() -> None:
    expected = 1 - exp(-7 / 30)
    assert begins(timing_shock=both(EVENLY)) / 1_000 == pytest.approx(expected, abs=1e-3)
    by_week = begins(timing_shock=both(EVENLY), assault_days=one(30 / 7), step=7.0)
    assert by_week / 1_000 == pytest.approx(expected, abs=1e-3)


def test_the_eye_decides_whether_and_the_truth_whether_it_succeeds() -> None:
    misled = {"quality": both(-20.0), "error": both(30.0)}
    assert begins(**misled) == 1
    assert taken(**misled, outcome_shock=both(EVENLY)) == 0
    assert begins(quality=both(20.0), error=both(-30.0)) == 0


REACH = np.linspace(-4, 4, 101)
"""Errors of the leader over which the first side's assault begins somewhere."""


@pytest.mark.parametrize(
    ("changed", "low", "high", "more"),
    [
        ("assault_share", both(0.3), both(0.9), True),
        ("capital_defence", both(0.8), both(2.4), False),
        ("assault_days", one(10.0), one(100.0), False),
        ("offensive_threshold", both(-2.0), both(0.0), False),
        ("guard", both(0.0, 5_000.0), both(0.0, 30_000.0), False),
        ("quality", both(-0.5), both(0.5), True),
        ("in_reserve", both(20_000.0, 60_000.0), both(90_000.0, 60_000.0), True),
    ],
)
def test_what_makes_assaults_more_frequent(changed: str, low: Any, high: Any, more: bool) -> None:
    spread = {"error": both(np.repeat(REACH, 50)), "timing_shock": both(np.tile(EVENLY[::20], REACH.size))}
    few, many = (begins(**(spread | {changed: value})) for value in ((low, high) if more else (high, low)))
    assert few < many


@pytest.mark.parametrize(
    ("changed", "low", "high", "more"),
    [
        ("assault_share", both(0.3), both(0.9), True),
        ("capital_defence", both(0.8), both(2.4), False),
        ("assault_steepness", one(0.4), one(2.0), False),  # the balance is below even
        ("guard", both(0.0, 5_000.0), both(0.0, 30_000.0), False),
        ("quality", both(-0.5), both(0.5), True),
    ],
)
def test_what_makes_the_fall_of_a_capital_more_likely(changed: str, low: Any, high: Any, more: bool) -> None:
    surely = {"outcome_shock": both(EVENLY), "error": both(50.0)}
    few, many = (taken(**(surely | {changed: value})) for value in ((low, high) if more else (high, low)))
    assert 0 < few < many < 1_000


@pytest.mark.parametrize(("name", "side"), [("assault_losses", 0), ("capital_guard_losses", 1)])
def test_the_shares_of_losses_cost_their_side_alone(name: str, side: int) -> None:
    less, more = (np.asarray(assault(**{name: one(share)}).lost)[:, 0] for share in (0.05, 0.3))
    assert less[side] < more[side]
    assert less[1 - side] == more[1 - side]


def test_without_guards_the_capital_is_lost_and_nobody_there_dies() -> None:
    found = assault(guard=both(0.0), outcome_shock=both(2.5))
    assert (float(found.taken[0, 0]), float(found.lost[1, 0])) == (1.0, 0.0)


def test_a_reserve_that_rounding_leaves_below_nothing_loses_nobody() -> None:
    found = assault(
        in_reserve=both(-0.01),
        was_open=both(1.0),
        flank_open=both(1.0),
        offensive=both(1.0),
        error=both(50.0),
    )
    assert (np.asarray(found.begins) == 1).all()
    assert (np.asarray(found.lost) == 0).all()


def test_both_sides_may_assault_at_once_and_all_come_out_of_the_reserves() -> None:
    rng = np.random.default_rng(8)
    n = 2_000
    reserve = both(rng.uniform(0, 1e5, n), rng.uniform(0, 1e5, n))
    guard = both(rng.uniform(0, 1e5, n), rng.uniform(0, 1e5, n))  # more than is there in half of the wars
    found = assault(
        was_open=both(1.0),
        flank_open=both(1.0),
        offensive=both(1.0),
        error=both(50.0),
        in_reserve=reserve,
        guard=guard,
        assault_share=both(rng.random(n), rng.random(n)),
        assault_losses=one(rng.random(n)),
        capital_guard_losses=one(rng.random(n)),
    )
    assert (np.asarray(found.begins) == 1).all()
    lost, start = np.asarray(found.lost, np.float64), np.asarray(reserve, np.float64)
    left = np.asarray(jnp.maximum(reserve - found.lost, 0.0), np.float64)
    assert (lost >= 0).all()
    np.testing.assert_allclose(start - lost, left, atol=1e-5 * start.max())


def test_sides_that_change_places_change_nothing_but_places() -> None:
    rng = np.random.default_rng(10)
    inputs = random_inputs(rng, 500)
    mirrored = {name: value[::-1] if value.shape[0] == 2 else value for name, value in inputs.items()}
    together = jax.jit(steps)
    found, turned = together(inputs), together(mirrored)
    for here, there in zip(found, turned, strict=True):
        assert (np.asarray(here) == np.asarray(there)[::-1]).all()
    assert np.asarray(found[2]).any()


def steps(c: dict[str, jax.Array]) -> tuple[jax.Array, ...]:
    """The three functions as a day calls them: open, guards, begins, taken, lost."""
    told = dict(c)
    lever, rate, share = told.pop("flank"), told.pop("flank_opening"), told.pop("flank_guard_share")
    now = northern_front.next_open(c["was_open"], lever, c["timing_shock"], c["new_week"], rate)
    guard = northern_front.guards(c["in_reserve"], lever, share)
    return now, guard, *northern_front.assault(**(told | {"flank_open": now, "guard": guard}))


def random_inputs(rng: np.random.Generator, n: int) -> dict[str, jax.Array]:
    drawn = {
        "was_open": rng.integers(0, 2, (2, n)),
        "flank": rng.integers(0, 3, (2, n)),
        "flank_opening": rng.uniform(0, 0.05, (2, n)),
        "flank_guard_share": rng.random((2, n)),
        "capital_taken": rng.random((2, n)) < 0.1,
        "offensive": rng.random((2, n)) < 0.8,
        "in_reserve": rng.uniform(0, 1e5, (2, n)),
        "quality": rng.normal(0, 1, (2, n)),
        "error": rng.normal(0, 1, (2, n)),
        "timing_shock": rng.normal(-1, 1, (2, n)),
        "outcome_shock": rng.normal(0, 1, (2, n)),
        "new_week": np.ones(1),
        "offensive_threshold": rng.normal(-2, 1, (2, n)),
        "assault_share": rng.random((2, n)),
        "assault_days": rng.uniform(3, 60, (1, n)),
        "capital_defence": rng.normal(1, 1, (2, n)),
        "assault_steepness": rng.uniform(0, 4, (1, n)),
        "assault_losses": rng.random((1, n)),
        "capital_guard_losses": rng.random((1, n)),
    }
    return {name: jnp.asarray(value, jnp.float32) for name, value in drawn.items()}


def test_agreement_with_the_plain_reference() -> None:
    n = 250
    inputs = random_inputs(np.random.default_rng(14), n)
    found = [np.asarray(part) for part in jax.jit(steps)(inputs)]
    c = {name: np.asarray(value, np.float64) for name, value in inputs.items()}
    fell = 0
    for war in range(n):
        p = {name: tuple(v[:, war]) if v.shape[-1] == n else float(v[0]) for name, v in c.items()}
        p |= {name: value[0] for name, value in p.items() if isinstance(value, tuple) and len(value) == 1}
        week = p.pop("new_week") > 0
        lever, rate, share = p.pop("flank"), p.pop("flank_opening"), p.pop("flank_guard_share")
        now = tuple(
            reference.next_open(p["was_open"][i], lever[i], p["timing_shock"][i], week, rate[i])
            for i in (0, 1)
        )
        guard = tuple(reference.guards(i, p["in_reserve"], lever, share) for i in (0, 1))
        assert list(found[0][:, war]) == list(now)
        assert list(found[1][:, war]) == pytest.approx(guard, rel=1e-5)
        result = reference.assaults(flank_open=now, guard=guard, new_week=week, **p)
        for i in (0, 1):
            mine = [part[i, war] for part in found[2:]]
            assert mine[:2] == list(result[i][:2])
            assert mine[2] == pytest.approx(result[i][2], rel=1e-5, abs=1e-3)
            fell += result[i][1]
    assert fell > 10


def test_at_all_corners_nothing_is_negative_or_no_number() -> None:
    of_war = ("assault_days", "assault_steepness", "assault_losses", "capital_guard_losses")
    ranges: dict[str, tuple[float, ...]] = {name: p.bounds for name, p in PARAMETERS.items()}
    ranges |= {"in_reserve": (0.0, 1e7), "outcome_shock": (-40.0, 40.0), "flank": (MAY_OPEN, OPEN)}
    table = np.asarray(list(itertools.product(*ranges.values())), np.float32).T
    n = table.shape[1]
    inputs = random_inputs(np.random.default_rng(15), n)
    for name, row in zip(ranges, table, strict=True):
        inputs[name] = jnp.asarray(row if name in of_war else np.stack([row, row]))
    together = jax.jit(steps)
    # Sides at unlike corners, too.
    for shift in (0, 517):

        def turned(value: jax.Array, shift: int = shift) -> jax.Array:
            per_side = value.ndim == 2 and len(value) == 2
            return jnp.stack([value[0], jnp.roll(value[1], shift)]) if per_side else value

        shifted = {name: turned(value) for name, value in inputs.items()}
        shifted |= {
            "was_open": both(np.ones(n)),
            "offensive": both(np.ones(n)),
            "error": both(np.full(n, 60.0)),
        }
        shifted |= {"timing_shock": both(np.full(n, NOW)), "capital_taken": both(np.zeros(n))}
        now, guard, starts, falls, lost = (np.asarray(part) for part in together(shifted))
        for part in (now, guard, starts, falls, lost):
            assert np.isfinite(part).all()
            assert (part >= 0).all()
        assert set(np.unique(starts)) == {1.0}
        assert set(np.unique(falls)) == {0.0, 1.0}
        assert (lost <= np.asarray(shifted["in_reserve"]) * (1 + 1e-6)).all()


def test_the_battles_that_the_sources_of_losses_count() -> None:
    with (TABLES / "records" / "battles_cdb90.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 528
    for side, told in (("attacker", (0.7, 7, 36)), ("defender", (1.2, 12, 75))):
        shares = [
            float(row[f"{side}_casualties"]) / float(row[f"{side}_strength"])
            for row in rows
            if row[f"{side}_casualties"] and row[f"{side}_strength"]
        ]
        assert len(shares) > 500
        found = 100 * np.quantile(shares, [0.05, 0.5, 0.95])
        assert found.tolist() == pytest.approx(told, abs=0.5)


def primitives(jaxpr: Any) -> Iterator[str]:
    """Every operation of a jaxpr, those inside calls included."""
    for equation in jaxpr.eqns:
        name = equation.primitive.name
        yield name
        if name in _CALLS:
            inner = equation.params[_CALLS[name]]
            yield from primitives(getattr(inner, "jaxpr", inner))


def test_every_operation_is_known_to_the_fused_engine() -> None:
    inputs = random_inputs(np.random.default_rng(16), 8)
    assert set(primitives(jax.make_jaxpr(steps)(inputs).jaxpr)) <= set(_RULES)
