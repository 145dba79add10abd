"""Battles: when they begin and end, what they do to a front, and that their losses are a part of its own."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Iterator
from math import exp
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import norm

from ceasefire.engine.fused.tracing import _CALLS, _RULES
from ceasefire.war import battles
from tests.reference import battles_reference as reference
from tests.repository import ROOT

TABLES = ROOT / "src" / "ceasefire" / "evidence" / "tables"
PARAMETERS = {parameter.name: parameter for parameter in battles.PARAMETERS}
SHARE, INTENSITY = (PARAMETERS[name].prior.best for name in ("battle_front_share", "battle_intensity"))

# One war for each thousandth of the shock's distribution: shares of wars are chances.
EVENLY = np.asarray(norm.ppf((np.arange(1_000) + 0.5) / 1_000), np.float32)


def one(value: Any) -> jax.Array:
    """A value of the whole war, `[N]`."""
    return jnp.atleast_1d(jnp.asarray(value, jnp.float32))


def next_battle(
    battle: float,
    attacking: tuple[float, float] = (1.0, 0.0),
    in_force: float = 0.0,
    new_week: float = 1.0,
    onset: float = 40.0,
    lasts: float = 110.0,
    step: float = 1.0,
) -> np.ndarray:
    """Whether a battle goes on in each of the evenly spread wars, on one front."""
    found = battles.next_battle(
        jnp.full((1, EVENLY.size), battle, jnp.float32),
        jnp.asarray(attacking, jnp.float32).reshape(2, 1, 1),
        one(in_force),
        jnp.asarray(EVENLY)[None],
        jnp.float32(new_week),
        one(onset),
        one(lasts),
        step,
    )
    return np.asarray(found)[0]


def test_worked_number() -> None:
    text = " ".join((battles.__doc__ or "").split())
    assert "s = 0.2, q = 3.5: the front loses 1 + 0.2 x 2.5 = 1.5 times as many, 0.7 / 1.5 = 47 %" in text
    assert "0.45 x 0.7 / (0.55 + 0.45 x 1.5) = 26 %" in text
    found = battles.battles(jnp.ones((1, 1)), one(0.2), one(3.5))
    assert float(found.factor[0, 0]) == pytest.approx(1.5, rel=1e-6)
    assert float(found.share[0, 0]) == pytest.approx(0.47, abs=0.005)
    lost = jnp.asarray([0.45 * 1.5, 0.55])[None, :, None]
    there = jnp.asarray([[float(found.share[0, 0])], [0.0]])
    in_battle = float(battles.battle_losses(lost, there)[0, 0])
    assert in_battle / float(lost.sum()) == pytest.approx(0.26, abs=0.005)
    assert (SHARE, INTENSITY) == (0.2, 3.5)


def test_chances_of_a_week() -> None:
    assert next_battle(0.0).mean() == pytest.approx(1 - exp(-7 / 40), abs=1e-3)
    assert next_battle(0.0, (0.5, 0.5)).mean() == pytest.approx(0.75 * (1 - exp(-7 / 40)), abs=1e-3)
    assert 1 - next_battle(1.0).mean() == pytest.approx(1 - exp(-7 / 110), abs=1e-3)


def test_a_step_of_a_week_has_the_same_chances() -> None:
    for battle in (0.0, 1.0):
        by_week = next_battle(battle, onset=40 / 7, lasts=110 / 7, step=7.0)
        assert abs(by_week - next_battle(battle)).sum() <= 1  # a war at the edge


def test_nothing_begins_or_ends_within_a_week() -> None:
    assert (next_battle(0.0, new_week=0.0) == 0).all()
    assert (next_battle(1.0, new_week=0.0) == 1).all()


def test_where_nobody_attacks_no_battle_begins_but_one_goes_on() -> None:
    assert (next_battle(0.0, (0.0, 0.0), onset=1.0) == 0).all()
    assert (next_battle(1.0, (0.0, 0.0)) == next_battle(1.0)).all()
    assert next_battle(1.0, (0.0, 0.0)).sum() > 900


def test_a_truce_ends_every_battle_and_lets_none_begin() -> None:
    for battle, new_week in itertools.product((0.0, 1.0), (0.0, 1.0)):
        assert (next_battle(battle, in_force=1.0, new_week=new_week, onset=1.0) == 0).all()


def test_a_battle_lasts_its_mean_time() -> None:
    """Weeks until the end have the geometric mean 7 / (1 - exp(-7 / battle_days)) days."""
    rng = np.random.default_rng(2)
    goes_on, weeks = jnp.ones((1, 20_000)), np.zeros(20_000)
    step = jax.jit(battles.next_battle)
    nobody = jnp.zeros((2, 1, 20_000))
    for _ in range(150):
        shock = jnp.asarray(rng.standard_normal((1, 20_000)), jnp.float32)
        goes_on = step(goes_on, nobody, one(0.0), shock, one(1.0), one(40.0), one(80.0))
        weeks += np.asarray(goes_on)[0]
    assert 7 * (weeks.mean() + 1) == pytest.approx(7 / (1 - exp(-7 / 80)), rel=0.03)


@pytest.mark.parametrize(
    ("name", "low", "high"), [("onset", 20.0, 80.0), ("lasts", 40.0, 300.0)], ids=["onset", "lasts"]
)
def test_longer_times_mean_fewer_changes(name: str, low: float, high: float) -> None:
    battle = 0.0 if name == "onset" else 1.0
    sooner, later = (
        (next_battle(battle, **{name: value}) != battle).sum()  # type: ignore[arg-type]
        for value in (low, high)
    )
    assert later < sooner


def test_a_stronger_attack_means_more_battles() -> None:
    counts = [next_battle(0.0, attack).sum() for attack in [(0.2, 0.0), (0.6, 0.0), (0.6, 0.5)]]
    assert counts[0] < counts[1] < counts[2]


@pytest.mark.parametrize(("low", "high"), [((0.1, 3.5), (0.3, 3.5)), ((0.2, 2.0), (0.2, 6.0))])
def test_a_larger_or_fiercer_battle_costs_the_front_more(
    low: tuple[float, float], high: tuple[float, float]
) -> None:
    def costs(share: float, intensity: float) -> list[float]:
        battle, troops = jnp.ones((1, 1)), jnp.full((2, 1, 1), 1e5)
        found = battles.battles(battle, one(share), one(intensity))
        fire = battles.fire_factor(troops, troops[:, 0], battle, one(share), one(intensity))
        return [float(found.factor[0, 0]), float(found.share[0, 0]), float(fire[0, 0])]

    assert all(more > less for less, more in zip(costs(*low), costs(*high), strict=True))


def test_what_leaves_a_war_exactly_as_without_battles() -> None:
    rng = np.random.default_rng(4)
    troops = jnp.asarray(rng.uniform(0, 2e5, (2, 3, 50)), jnp.float32)
    on_front = troops.sum(axis=1)
    battle = jnp.asarray(rng.integers(0, 2, (3, 50)), jnp.float32)
    for here, share, intensity in [(0.0 * battle, 0.2, 3.5), (battle, 0.0, 3.5), (battle, 0.2, 1.0)]:
        found = battles.battles(here, one(share), one(intensity))
        assert (np.asarray(found.factor) == 1.0).all()
        fire = battles.fire_factor(troops, on_front, here, one(share), one(intensity))
        assert (np.asarray(fire) == 1.0).all()
    nowhere = battles.battles(0.0 * battle, one(0.2), one(3.5))
    assert (np.asarray(battles.battle_losses(troops, nowhere.share)) == 0.0).all()
    # Fought no harder than the rest, a battle loses what its troops are of the front's.
    even = battles.battles(jnp.ones((3, 50)), one(0.2), one(1.0))
    assert (np.asarray(even.share) == np.float32(0.2)).all()


def test_losses_in_battle_are_never_more_than_those_of_the_front() -> None:
    rng = np.random.default_rng(6)
    lost = jnp.asarray(rng.uniform(0, 1e4, (2, 3, 500)), jnp.float32)
    battle = jnp.asarray(rng.integers(0, 2, (3, 500)), jnp.float32)
    share, intensity = rng.random(500), rng.uniform(1, 100, 500)
    found = battles.battles(battle, one(share), one(intensity))
    inside = np.asarray(battles.battle_losses(lost, found.share))
    elsewhere = np.asarray((lost * (1.0 - found.share)).sum(axis=1))
    whole = np.asarray(lost.sum(axis=1))
    assert (np.asarray(found.share) <= 1).all()
    assert (inside <= whole * (1 + 1e-6)).all()
    np.testing.assert_allclose(inside + elsewhere, whole, rtol=1e-5)


def test_losses_of_several_days_add_up_to_the_count() -> None:
    rng = np.random.default_rng(8)
    counted, days = jnp.zeros((2, 5)), []
    for _ in range(50):
        lost = jnp.asarray(rng.uniform(0, 500, (2, 3, 5)), jnp.float32)
        share = battles.battles(jnp.asarray(rng.integers(0, 2, (3, 5))), one(0.2), one(3.5)).share
        days.append(np.asarray(battles.battle_losses(lost, share), np.float64))
        counted = counted + battles.battle_losses(lost, share)
    np.testing.assert_allclose(np.asarray(counted), np.sum(days, axis=0), rtol=1e-5)


def test_rounds_follow_the_troops_in_battle() -> None:
    troops = jnp.asarray([[[3e4], [1e4]], [[0.0], [0.0]]])
    fire = battles.fire_factor(troops, troops.sum(axis=1), jnp.asarray([[1.0], [0.0]]), one(0.2), one(3.5))
    assert float(fire[0, 0]) == pytest.approx(1 + 0.75 * 0.5, rel=1e-6)
    assert float(fire[1, 0]) == 1.0  # nobody at the front


def test_sides_that_change_places_change_nothing_but_places() -> None:
    rng = np.random.default_rng(9)
    battle = jnp.asarray(rng.integers(0, 2, (3, 200)), jnp.float32)
    attacking = jnp.asarray(rng.random((2, 3, 200)), jnp.float32)
    troops = jnp.asarray(rng.uniform(0, 1e5, (2, 3, 200)), jnp.float32)
    shock = jnp.asarray(rng.standard_normal((3, 200)), jnp.float32)
    told = (one(0.0), shock, one(1.0), one(15.0), one(30.0))
    here, there = (battles.next_battle(battle, told_to, *told) for told_to in (attacking, attacking[::-1]))
    assert (here == there).all()
    assert (here != battle).any()
    share = battles.battles(battle, one(0.2), one(3.5)).share
    assert (battles.battle_losses(troops, share)[::-1] == battles.battle_losses(troops[::-1], share)).all()
    rounds, mirrored = (
        battles.fire_factor(men, men.sum(axis=1), battle, one(0.2), one(3.5))
        for men in (troops, troops[::-1])
    )
    assert (rounds[::-1] == mirrored).all()


def test_the_multiple_that_the_source_derives_from_the_table() -> None:
    """19 to 37 % of the losses of the whole front, so 2.3 to 6.0 times as many for each soldier."""
    with (TABLES / "personnel_losses.csv").open(encoding="utf-8") as stream:
        rows = [
            row
            for row in csv.DictReader(stream)
            if (row["concept"], row["side"]) == ("killed_and_wounded", "RU")
            and row["start"] == "2022-12-01"
            and row["end"] == "2022-12-31"
            and row["unit"] == "persons_per_day"
        ]
    (near,) = [row for row in rows if row["place"] == "Bakhmut"]
    whole = {
        row["best"]
        for row in rows
        if row["place"] == "whole_front" and row["source"] == "uk_ministry_of_defence_series"
    }
    assert (near["low"], near["high"], whole) == ("100", "200", {"537"})
    multiples = []
    for point in ("low", "high"):
        part = float(near[point]) / 537
        multiples.append(part * (1 - 0.45 * SHARE) / (0.45 * SHARE * (1 - part)))
    assert multiples == pytest.approx([2.3, 6.0], abs=0.05)
    at_best = 537 * 0.45 * SHARE * INTENSITY / (1 + 0.45 * SHARE * (INTENSITY - 1))
    assert 100 < at_best < 200
    assert "a multiple of 2.3 to 6.0" in " ".join(PARAMETERS["battle_intensity"].source.split())


def steps(c: dict[str, Any]) -> tuple[jax.Array, ...]:
    tomorrow = battles.next_battle(
        c["battle"],
        c["attacking"],
        c["in_force"],
        c["shock"],
        c["new_week"],
        c["battle_onset_days"],
        c["battle_days"],
    )
    found = battles.battles(tomorrow, c["battle_front_share"], c["battle_intensity"])
    fire = battles.fire_factor(
        c["troops"], c["on_front"], tomorrow, c["battle_front_share"], c["battle_intensity"]
    )
    return tomorrow, found.factor, found.share, fire, battles.battle_losses(c["troops"], found.share)


def corners(fronts: int = 2) -> dict[str, jax.Array]:
    """Every corner of the bounds of parameters, with and without troops, attacks, battles and a truce."""
    ranges: dict[str, tuple[float, ...]] = {name: p.bounds for name, p in PARAMETERS.items()}
    ranges |= {"battle": (0, 1), "attack": (0, 1), "in_force": (0, 1), "shock": (-40, 0, 40), "men": (0, 1e6)}
    table = np.asarray(list(itertools.product(*ranges.values())), np.float32).T
    c = dict(zip(ranges, (jnp.asarray(row) for row in table), strict=True))
    front, side = jnp.ones((fronts, 1)), jnp.ones((2, fronts, 1))
    troops = side * c.pop("men")
    return c | {
        "battle": front * c["battle"],
        "shock": front * c["shock"],
        "attacking": side * c.pop("attack"),
        "troops": troops,
        "on_front": troops.sum(axis=1),
        "new_week": jnp.float32(1.0),
    }


def test_at_all_corners_nothing_is_negative_or_no_number() -> None:
    tomorrow, factor, share, fire, lost = (np.asarray(part) for part in jax.jit(steps)(corners()))
    for part in (tomorrow, factor, share, fire, lost):
        assert np.isfinite(part).all()
        assert (part >= 0).all()
    assert set(np.unique(tomorrow)) == {0.0, 1.0}
    assert (factor >= 1).all()
    assert (share <= 1).all()
    assert (fire >= 1).all()


def test_agreement_with_the_plain_reference() -> None:
    rng = np.random.default_rng(12)
    n = 200
    single = {
        "battle": rng.integers(0, 2, (3, n)),
        "attacking": rng.random((2, 3, n)),
        "in_force": rng.random(n) < 0.2,
        "shock": rng.standard_normal((3, n)),
        "new_week": rng.random(n) < 0.7,
        "battle_onset_days": rng.uniform(3, 60, n),
        "battle_days": rng.uniform(3, 60, n),
        "battle_front_share": rng.random(n),
        "battle_intensity": rng.uniform(1, 20, n),
        "troops": rng.uniform(0, 1e5, (2, 3, n)),
    }
    c = {name: jnp.asarray(values, jnp.float32) for name, values in single.items()}
    c["on_front"] = c["troops"].sum(axis=1)
    tomorrow, factor, share, fire, lost = (np.asarray(part) for part in jax.jit(steps)(c))
    c = {name: np.asarray(values, np.float64) for name, values in c.items()}
    changed = 0
    for war in range(n):
        s, q = float(c["battle_front_share"][war]), float(c["battle_intensity"][war])
        ours = []
        for f in range(3):
            after = reference.next_battle(
                c["battle"][f, war],
                tuple(c["attacking"][:, f, war]),
                c["in_force"][war] > 0,
                c["shock"][f, war],
                c["new_week"][war] > 0,
                c["battle_onset_days"][war],
                c["battle_days"][war],
            )
            assert tomorrow[f, war] == after
            changed += after != c["battle"][f, war]
            ours.append((after, *reference.battles(after, s, q)))
            assert [factor[f, war], share[f, war]] == pytest.approx(ours[-1][1:], rel=1e-5)
        for i in (0, 1):
            troops = list(c["troops"][i, :, war])
            assert fire[i, war] == pytest.approx(
                reference.fire_factor(troops, [part[0] for part in ours], s, q), rel=1e-5
            )
            assert lost[i, war] == pytest.approx(
                reference.battle_losses(troops, [part[2] for part in ours]), rel=1e-5
            )
    assert changed > 100


def primitives(jaxpr: Any) -> Iterator[str]:
    """Every operation of a jaxpr, those inside calls included."""
    for equation in jaxpr.eqns:
        name = equation.primitive.name
        yield name
        if name in _CALLS:
            inner = equation.params[_CALLS[name]]
            yield from primitives(getattr(inner, "jaxpr", inner))


def test_every_operation_is_known_to_the_fused_engine() -> None:
    assert set(primitives(jax.make_jaxpr(steps)(corners()).jaxpr)) <= set(_RULES)
