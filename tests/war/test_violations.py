"""Violations of a truce: how they grow, when a truce has collapsed, and what leaves all as it was."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Iterator
from math import exp, log, log1p
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ceasefire.engine.fused.tracing import _CALLS, _RULES
from ceasefire.war import truce, violations
from tests.reference import violations_reference as reference
from tests.repository import ROOT

TABLES = ROOT / "src" / "ceasefire" / "evidence" / "tables"
PARAMETERS = {parameter.name: parameter for parameter in violations.PARAMETERS}


def one(value: Any) -> jax.Array:
    """A value of the whole war, `[N]`."""
    return jnp.atleast_1d(jnp.asarray(value, jnp.float32))


USUAL = {
    "monitored": 0.0,
    "violation_growth": 0.04,
    "monitoring_effect": 0.4,
    "violation_level": 0.08,
    "violation_limit": 0.5,
}


def walked(days: int, **changed: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Walk a truce that begins on day 0: whether it stands, its activity and its collapses, `[D, N]`."""
    p = {name: one(value) for name, value in (USUAL | changed).items()}
    wars = max(value.shape[0] for value in p.values())
    stands, provocation = jnp.zeros(wars), jnp.zeros(wars)
    found = []
    for day in range(days):
        begins = jnp.float32(day == 0)
        stands = truce.begin_or_end(stands, begins, jnp.float32(0))
        provocation = violations.next_provocation(
            provocation, stands, begins, p["monitored"], p["violation_growth"], p["monitoring_effect"]
        )
        today = violations.violations(
            stands,
            provocation,
            p["monitored"],
            p["violation_level"],
            p["monitoring_effect"],
            p["violation_limit"],
        )
        stands = today.in_force
        found.append((stands, violations.activity(stands, today.level), today.collapsed))
    return tuple(np.asarray([row[part] for row in found]) for part in range(3))  # type: ignore[return-value]


def days_to_collapse(**changed: Any) -> float:
    """Closed form: ln(1 + L / ((1 - L) v0)) / (g (1 - m M))."""
    p = USUAL | changed
    watched = 1.0 - p["monitoring_effect"] * p["monitored"]
    limit = p["violation_limit"]
    odds = limit / (1.0 - limit) / (p["violation_level"] * watched)
    return log1p(odds) / (p["violation_growth"] * watched)


def test_worked_number() -> None:
    text = " ".join((violations.__doc__ or "").split())
    assert "after ln(13.5) / 0.04 = 65.1 days; the level is then 0.54" in text
    assert "With monitors and m = 0.4: 128.5 days" in text
    assert days_to_collapse() == pytest.approx(log(13.5) / 0.04)
    assert days_to_collapse() == pytest.approx(65.1, abs=0.05)
    assert days_to_collapse(monitored=1.0) == pytest.approx(128.5, abs=0.05)
    stands, activity, _ = walked(140, monitored=[0.0, 1.0])
    assert stands.sum(axis=0).tolist() == [66, 129]  # days 0 to 65, and 0 to 128
    assert activity[65, 0] == pytest.approx(0.54, abs=0.005)


def test_the_level_is_the_logistic_curve() -> None:
    stands, activity, _ = walked(400, violation_limit=1.0, violation_level=[0.02, 0.08, 0.25])
    for war, first in enumerate((0.02, 0.08, 0.25)):
        curve = [1 / (1 + (1 - first) / first * exp(-0.04 * day)) for day in range(400)]
        np.testing.assert_allclose(activity[:, war], curve, rtol=2e-5)
    assert stands.all()  # a limit of 1 is never passed


def test_a_step_of_a_week_follows_the_same_curve() -> None:
    _, by_day, _ = walked(71, violation_limit=1.0)
    _, by_week, _ = walked(11, violation_limit=1.0, violation_growth=7 * 0.04)
    np.testing.assert_allclose(by_week[:, 0], by_day[::7, 0], rtol=1e-5)


def test_without_growth_the_level_is_exactly_that_of_a_constant_truce() -> None:
    rng = np.random.default_rng(5)
    level, effect = rng.random((2, 500)).astype(np.float32)
    limit = np.where(rng.random(500) < 0.2, 0.0, rng.random(500)).astype(np.float32)
    for monitored in (0.0, 0.3, 1.0):
        told = {"monitored": monitored, "monitoring_effect": effect, "violation_level": level}
        stands, activity, collapsed = walked(30, violation_growth=0.0, violation_limit=limit, **told)
        constant = truce.activity(one(1.0), one(monitored), one(level), one(effect))
        assert (stands == 1).all()
        assert not collapsed.any()
        assert (activity == np.asarray(constant)).all()


def test_monitors_who_come_later_count_from_their_day_on() -> None:
    p = {name: one(value) for name, value in USUAL.items()}
    for monitored in (0.0, 1.0):
        found = violations.violations(
            one(1.0), one(0.0), one(monitored), p["violation_level"], p["monitoring_effect"], one(0.5)
        )
        constant = truce.activity(one(1.0), one(monitored), p["violation_level"], p["monitoring_effect"])
        assert float(found.level[0]) == float(constant[0])


def test_without_a_truce_nothing_grows_and_all_fighting_goes_on() -> None:
    grown = violations.next_provocation(one(3.0), one(0.0), one(0.0), one(0.0), one(0.04), one(0.4))
    assert float(grown[0]) == 0.0
    found = violations.violations(one(0.0), grown, one(0.0), one(0.08), one(0.4), one(0.0))
    assert (float(found.in_force[0]), float(found.collapsed[0])) == (0.0, 0.0)
    assert float(violations.activity(found.in_force, found.level)[0]) == 1.0


def test_a_truce_that_begins_anew_begins_at_the_first_level() -> None:
    anew = violations.next_provocation(one(2.0), one(1.0), one(1.0), one(0.0), one(0.04), one(0.4))
    goes_on = violations.next_provocation(one(2.0), one(1.0), one(0.0), one(0.0), one(0.04), one(0.4))
    assert float(anew[0]) == 0.0
    assert float(goes_on[0]) == pytest.approx(2.04)


def test_a_truce_collapses_once_and_is_then_over() -> None:
    stands, activity, collapsed = walked(200)
    assert collapsed.sum() == 1
    day = int(collapsed[:, 0].argmax())
    assert day == 66
    assert (stands[:day] == 1).all()
    assert (stands[day:] == 0).all()
    assert (activity[day:] == 1).all()
    assert (np.diff(activity[:day, 0]) > 0).all()


def test_an_unmonitored_truce_collapses_at_least_as_often_and_as_soon() -> None:
    rng = np.random.default_rng(7)
    drawn = {
        name: parameter.prior.draw(rng.standard_normal(4_000), parameter.bounds)
        for name, parameter in (PARAMETERS | {p.name: p for p in truce.PARAMETERS}).items()
    }
    without = walked(200, monitored=0.0, **drawn)[2]
    watched = walked(200, monitored=1.0, **drawn)[2]
    assert (without.any(axis=0) >= watched.any(axis=0)).all()
    assert (without.cumsum(axis=0) >= watched.cumsum(axis=0)).all()
    assert without.sum() > 1.3 * watched.sum()


@pytest.mark.parametrize(
    ("name", "low", "high", "sooner"),
    [
        ("violation_growth", 0.02, 0.06, True),
        ("violation_limit", 0.3, 0.7, False),
        ("violation_level", 0.03, 0.2, True),
        ("monitoring_effect", 0.1, 0.8, False),
        ("monitored", 0.0, 1.0, False),
    ],
)
def test_each_parameter_moves_the_collapse(name: str, low: float, high: float, sooner: bool) -> None:
    watched = {"monitored": 0.0 if name in ("violation_growth", "violation_limit") else 1.0}
    stands, activity, _ = walked(700, **(watched | {name: [low, high]}))
    lasted = stands.sum(axis=0)
    assert (lasted < 700).all()
    assert (lasted[1] < lasted[0]) == sooner
    assert lasted[0] != lasted[1]
    if name != "violation_limit":
        assert (activity[20, 1] > activity[20, 0]) == sooner
        assert activity[20, 0] != activity[20, 1]


def test_shares_of_truces_that_collapse_within_a_year_are_those_that_the_source_states() -> None:
    """A third without monitors and a fifth with them, by the priors of all four parameters."""
    assert "a third of truces without monitors and a fifth with them" in " ".join(
        PARAMETERS["violation_growth"].source.split()
    )
    rng = np.random.default_rng(3)
    priors = PARAMETERS | {parameter.name: parameter for parameter in truce.PARAMETERS}
    g, limit, v, m = (
        priors[name].prior.draw(rng.standard_normal(100_000), priors[name].bounds)
        for name in ("violation_growth", "violation_limit", "violation_level", "monitoring_effect")
    )
    shares = []
    for monitored in (0.0, 1.0):
        watched = 1.0 - m * monitored
        shares.append(float((np.log1p(limit / (1 - limit) / (v * watched)) / (g * watched) < 365).mean()))
    assert shares == pytest.approx([1 / 3, 1 / 5], abs=0.02)


def test_the_ceasefire_table_says_what_the_source_quotes() -> None:
    with (TABLES / "records" / "ceasefires.csv").open(encoding="utf-8") as stream:
        between_states = [row for row in csv.DictReader(stream) if row["conflict_type"] == "interstate"]
    counted = {}
    for monitored in ("yes", "no"):
        seen = [
            row["offensive_within_1y"]
            for row in between_states
            if row["third_party_monitored"] == monitored and row["offensive_within_1y"]
        ]
        counted[monitored] = (len(seen), round(100 * seen.count("1") / len(seen)))
    assert counted == {"yes": (28, 18), "no": (26, 46)}


def corners() -> dict[str, np.ndarray]:
    """Every corner of the bounds of all that goes in, each `[N]`."""
    ranges = {
        "in_force": (0.0, 1.0),
        "provocation": (0.0, 1e-3, violations.MOST_PROVOCATION),
        "monitored": (0.0, 1.0),
        "violation_growth": PARAMETERS["violation_growth"].bounds,
        "violation_level": (0.0, 1e-4, 1.0),
        "monitoring_effect": (0.0, 1.0),
        "violation_limit": PARAMETERS["violation_limit"].bounds,
        "begins": (0.0, 1.0),
    }
    table = np.asarray(list(itertools.product(*ranges.values())), np.float32).T
    return dict(zip(ranges, table, strict=True))


def both_steps(c: dict[str, Any]) -> tuple[jax.Array, ...]:
    grown = violations.next_provocation(
        *(
            c[name]
            for name in (
                "provocation",
                "in_force",
                "begins",
                "monitored",
                "violation_growth",
                "monitoring_effect",
            )
        )
    )
    found = violations.violations(
        c["in_force"],
        c["provocation"],
        c["monitored"],
        c["violation_level"],
        c["monitoring_effect"],
        c["violation_limit"],
    )
    return grown, *found, violations.activity(found.in_force, found.level)


def test_at_all_corners_shares_stay_shares() -> None:
    c = {name: jnp.asarray(values) for name, values in corners().items()}
    grown, level, in_force, collapsed, activity = (np.asarray(part) for part in both_steps(c))
    for share in (level, activity):
        assert np.isfinite(share).all()
        assert (share >= 0).all()
        assert (share <= 1).all()
    assert (grown >= 0).all()
    assert (grown <= violations.MOST_PROVOCATION).all()
    assert set(np.unique(in_force)) <= {0.0, 1.0}
    assert (in_force + collapsed == np.asarray(c["in_force"])).all()


def test_agreement_with_the_plain_reference() -> None:
    rng = np.random.default_rng(11)
    n = 400
    c = {
        "in_force": rng.integers(0, 2, n),
        "provocation": rng.exponential(2.0, n),
        "monitored": rng.random(n),
        "violation_growth": rng.exponential(0.05, n),
        "violation_level": rng.uniform(0.01, 0.9, n),
        "monitoring_effect": rng.uniform(0.0, 0.9, n),
        "violation_limit": rng.uniform(0.05, 0.95, n),
        "begins": rng.integers(0, 2, n),
    }
    single = {name: jnp.asarray(values, jnp.float32) for name, values in c.items()}
    found = np.asarray(both_steps(single))
    c = {name: np.asarray(values, np.float64) for name, values in single.items()}
    collapses = 0
    for war in range(n):
        p = {name: float(values[war]) for name, values in c.items()}
        stands, begins = p.pop("in_force") > 0, p.pop("begins") > 0
        grown = reference.next_provocation(
            p["provocation"],
            stands,
            begins,
            p["monitored"],
            p.pop("violation_growth"),
            p["monitoring_effect"],
        )
        level, in_force, collapsed = reference.violations(stands, **p)
        assert found[0, war] == pytest.approx(grown, rel=1e-5)
        assert found[1, war] == pytest.approx(level, rel=1e-5)
        assert (found[2, war], found[3, war]) == (in_force, collapsed)
        collapses += collapsed
    assert 20 < collapses < 180


def primitives(jaxpr: Any) -> Iterator[str]:
    """Every operation of a jaxpr, those inside calls included."""
    for equation in jaxpr.eqns:
        name = equation.primitive.name
        yield name
        if name in _CALLS:
            inner = equation.params[_CALLS[name]]
            yield from primitives(getattr(inner, "jaxpr", inner))


def test_every_operation_is_known_to_the_fused_engine() -> None:
    wars = {name: jnp.ones(8, jnp.float32) for name in corners()}
    traced = jax.make_jaxpr(both_steps)(wars)
    assert set(primitives(traced.jaxpr)) <= set(_RULES)
