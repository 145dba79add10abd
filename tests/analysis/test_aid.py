"""What one more unit of aid saves: finite differences over the same wars."""

import dataclasses

import numpy as np
import pytest

from ceasefire.analysis.aid import DAYS_SENT, KINDS, SAVINGS, STEP, Aid, aid
from ceasefire.engine import PRIOR
from ceasefire.files import InputError
from ceasefire.scenario import load_scenario, mirror
from ceasefire.war.levers import COLUMNS
from ceasefire.war.structure import ROWS

WARS = 64


@pytest.fixture(scope="module")
def found() -> Aid:
    return aid(load_scenario("invented-war"), load_scenario("invented-war").sides[1], draws=WARS, seed=3)


def test_a_unit_is_what_it_saves_over_what_is_sent(found: Aid) -> None:
    shells = found.saved("shells", "soldiers")
    more = found.more["shells"]["killed"].sel(side=found.side).isel(time=-1).values.astype(float)
    base = found.base["killed"].sel(side=found.side).isel(time=-1).values.astype(float)
    per_unit = (base - more) / found.units["shells"]
    assert shells.mean == pytest.approx(per_unit.mean())
    assert (shells.low, shells.median, shells.high) == pytest.approx(np.quantile(per_unit, [0.05, 0.5, 0.95]))
    assert shells.mc_error == pytest.approx(per_unit.std() / np.sqrt(WARS))
    assert shells.probability == pytest.approx((per_unit > 0).mean() + (per_unit == 0).mean() / 2)


def test_a_fifth_more_is_sent_over_the_first_year_and_never_next_to_nothing(found: Aid) -> None:
    scenario = load_scenario("invented-war")
    plan = scenario.plan("fight-on").levers
    days = min(DAYS_SENT, plan.shape[0])
    for kind in KINDS.values():
        sent = float(plan[:days, COLUMNS[kind.lever].start + 1].mean())
        assert found.units[kind.name] == pytest.approx(max(STEP * sent, kind.least) * days, rel=1e-5)


def test_every_war_has_the_mechanisms_of_the_kinds(found: Aid) -> None:
    codes = found.base["structure"].values
    for name in ("artillery", "drones", "air_defence", "civilian_harm"):
        assert name in found.on
        assert (codes[ROWS[name]] == 1).all()
    assert not codes[ROWS["sanctions"]].any()


def test_interceptors_save_civilians_and_are_assumed(found: Aid) -> None:
    assert found.saved("interceptors", "civilians").mean > 0.0
    assert found.assumed("interceptors", "civilians") == ("air_defence", "civilian_harm")
    assert found.assumed("shells", "soldiers") == ()
    known = dataclasses.replace(found, fitted=frozenset({"air_defence"}))
    assert known.assumed("interceptors", "civilians") == ("civilian_harm",)


def test_the_table_holds_every_kind_and_saving(found: Aid) -> None:
    table = found.table()
    assert list(zip(table["kind"], table["saves"], strict=True)) == [(k, s) for k in KINDS for s in SAVINGS]
    numbers = table[["mean", "mc_error", "low", "median", "high", "probability"]]
    assert np.isfinite(numbers.to_numpy()).all()
    assert (table["low"] <= table["median"]).all()
    assert (table["median"] <= table["high"]).all()
    assert (table["assumed_of_explained"] == 1.0).all()
    assert found.posterior == PRIOR


def test_sides_listed_the_other_way_round_give_the_same(found: Aid) -> None:
    turned = aid(mirror(load_scenario("invented-war")), found.side, kinds=["shells"], draws=WARS, seed=3)
    here, there = found.saved("shells", "ground"), turned.saved("shells", "ground")
    assert there.mean == pytest.approx(here.mean, rel=1e-4, abs=1e-9)


def test_both_sides_share_the_wars_without_more() -> None:
    scenario = load_scenario("invented-war")
    shared: dict[object, object] = {}
    told: list[tuple[int, int]] = []
    first, second = (
        aid(scenario, side, kinds=["shells"], draws=8, shared=shared, progress=lambda *n: told.append(n))
        for side in scenario.sides
    )
    assert first.base is second.base
    assert first.explained is second.explained
    assert told[-1] == (8, 8)
    assert (16, 16) in told


def test_a_failed_war_is_left_out_of_all(found: Aid) -> None:
    broken = found.base.copy(deep=True)
    broken["status"][3] = 1
    assert dataclasses.replace(found, base=broken).failed == 1
    assert dataclasses.replace(found, base=broken).values("shells", "soldiers").size == WARS - 1


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ({"side": "Nowhere"}, "is no belligerent"),
        ({"kinds": ["tea"]}, "is no kind of aid"),
        ({"policy": "no-such"}, "no policy"),
    ],
)
def test_errors_for_people(given: dict[str, object], what: str) -> None:
    scenario = load_scenario("invented-war")
    with pytest.raises(InputError, match=what):
        aid(scenario, **{"side": scenario.sides[0], "draws": 2, **given})  # type: ignore[arg-type]


def test_an_unknown_saving(found: Aid) -> None:
    with pytest.raises(InputError, match="is no saving"):
        found.saved("shells", "money")
