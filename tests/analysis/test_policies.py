"""Policies weighed for a side: the same wars, the same rules for both, choices that follow the values."""

from __future__ import annotations

import datetime as dt
import math
from functools import cache

import numpy as np
import pytest

from ceasefire.analysis.columns import columns_of
from ceasefire.analysis.knowing import RIVALS, TRUCE_ONLY, kind_of
from ceasefire.analysis.policies import CIVILIANS, GROUND, SOLDIERS, Runs, run_policies, stated_sets
from ceasefire.analysis.robustness import EVERY_WORLD
from ceasefire.bargaining.branches import start_for
from ceasefire.bargaining.stated import Values
from ceasefire.engine import run
from ceasefire.files import InputError
from ceasefire.scenario import load_scenario, mirror
from ceasefire.war import REGISTRY

DRAWS = 240


@cache
def invented() -> Runs:
    return run_policies(load_scenario("invented-war"), draws=DRAWS)


@cache
def ukraine() -> Runs:
    war = load_scenario("ukraine-2022")
    return run_policies(
        war, ("fight-on", "truce", "aid-doubled", "no-interceptors"), draws=DRAWS, until=dt.date(2023, 6, 20)
    )


def test_every_policy_that_can_be_chosen_is_weighed_and_no_what_if() -> None:
    war = load_scenario("ukraine-2022")
    chosen = {name for name, one in war.policies.items() if not one.what_if}
    assert {"fight-on", "truce", "truce-monitored-aid-doubled", "air-defence-first"} <= chosen
    assert {"informed-leader", "aim-given-up", "flank-open"}.isdisjoint(chosen)
    found = invented()
    assert found.policies == tuple(found.scenario.policies)
    assert found.baseline == "fight-on"


def test_a_policy_differs_from_the_baseline_by_itself_alone() -> None:
    # The first days, before any truce or lever: nothing differs, whatever the draw.
    found = ukraine().of("UA").table()
    base = found[found["policy"] == "fight-on"]
    assert (base[["difference_low", "difference_median", "difference_high"]] == 0.0).all(axis=None)
    # Interceptors alone change no ground in half a year by more than the guns that they tie down.
    other = found[(found["policy"] == "no-interceptors") & (found["outcome"] == CIVILIANS)].iloc[0]
    assert other["difference_median"] > 0.0


def test_outcomes_are_those_of_a_plain_run() -> None:
    war = load_scenario("invented-war")
    found = invented()
    number = found.wars // np.unique(found.columns.draws).size
    start = start_for(war.world(), None, found.wars // number, 1)
    result = run(war.world(), war.plan("truce"), draws=found.wars, seed=1, start=start)
    killed = result["killed"].sel(side=war.sides[1]).values[-1]
    place = found.policies.index("truce")
    np.testing.assert_array_equal(found.of(war.sides[1]).values(names=[SOLDIERS])[place, 0], killed)
    assert found.columns.draws.tolist() == columns_of(result, start, None).draws.tolist()


def test_what_one_side_loses_in_ground_the_other_gains() -> None:
    found = invented()
    first, second = (found.of(side).values(names=[GROUND]) for side in found.scenario.sides)
    np.testing.assert_allclose(first, -second, atol=1e-6)


def test_lives_of_both_sides_are_the_same_for_either() -> None:
    found = ukraine()
    first, second = (found.of(side).choices() for side in found.scenario.sides)
    ours, theirs = (
        one[(one["values"] == "lives of both sides") & (one["world"] == EVERY_WORLD)]
        for one in (first, second)
    )
    assert ours["best"].tolist() == theirs["best"].tolist()
    np.testing.assert_allclose(ours["ahead"], theirs["ahead"], rtol=1e-9)


def test_sides_listed_the_other_way_round_are_weighed_alike() -> None:
    war = load_scenario("invented-war")
    turned = run_policies(mirror(war), draws=DRAWS)
    for side in war.sides:
        here, there = invented().of(side), turned.of(side)
        np.testing.assert_array_equal(here.values(), there.values())
        one, other = here.holding_up(), there.holding_up()
        assert one["policy"].tolist() == other["policy"].tolist()
        np.testing.assert_allclose(one["mean"], other["mean"], rtol=1e-9)


def test_the_choice_follows_the_values() -> None:
    # Where ground is all that counts, the policy that loses least of it is chosen.
    found = ukraine()
    weighed = found.of("UA", {"ground alone": {GROUND: 1.0}})
    lost = weighed.values(names=[GROUND])[:, 0].mean(axis=1)
    choice = weighed.choices()
    assert choice.iloc[-1 if len(found.dates) == 1 else 0]["best"] == found.policies[int(lost.argmin())]
    row = choice[choice["world"] == EVERY_WORLD].iloc[-1]
    order = np.sort(lost)
    assert row["ahead"] == pytest.approx(order[1] - order[0])
    assert row["ahead_low"] <= row["ahead"] <= row["ahead_high"]


def test_regret_is_zero_for_a_policy_that_is_best_in_every_draw_and_never_negative() -> None:
    held = invented().of(invented().scenario.sides[0]).holding_up()
    assert (held["mean"] >= 0.0).all()
    assert held["share_of_draws"].sum() == pytest.approx(1.0)
    assert held["on_front"].any()
    assert ((held["met"] >= 0.0) & (held["met"] <= 1.0)).all()


def test_what_is_asked_for_by_default_is_met_by_the_baseline_in_half_of_the_wars() -> None:
    weighed = ukraine().of("UA")
    asked = weighed.thresholds()
    for name, limit in asked.items():
        base = weighed.values(names=[name])[ukraine().policies.index("fight-on"), 0]
        assert float((base <= limit).mean()) == pytest.approx(0.5, abs=0.01)
    tighter = weighed.holding_up(thresholds=dict.fromkeys(asked, -math.inf))
    assert (tighter["met"] == 0.0).all()


def test_stated_values_stand_first() -> None:
    sets = stated_sets(Values(area=100.0))
    assert next(iter(sets)) == "as stated"
    assert sets["as stated"] == {SOLDIERS: 1.0, CIVILIANS: 1.0, GROUND: 100.0}
    assert next(iter(stated_sets())) == "own lives and ground"


def test_a_set_of_values_alike_without_civilians_stands_once() -> None:
    # The invented war counts no civilians: sets that differ in them alone would be told twice.
    weights = invented().of(invented().scenario.sides[0]).weights()
    assert len({tuple(sorted(one.items())) for one in weights.values()}) == len(weights)


def test_worth_is_told_by_kind_of_evidence_and_by_origin() -> None:
    by_kind, by_group = ukraine().of("UA").worth()
    assert {TRUCE_ONLY, RIVALS} <= set(by_kind.table["group"])
    # From priors nothing was learnt.
    assert "learnt" not in set(by_group.table["group"])
    assert ((by_kind.table["narrows"] >= 0.0) & (by_kind.table["narrows"] <= 1.0)).all()


def test_every_column_has_a_kind_of_evidence() -> None:
    for name in REGISTRY:
        assert kind_of(name)
    war = load_scenario("ukraine-2022")
    start = start_for(war.world(), None, 50, 1)
    result = run(
        war.world(), war.plan("fight-on"), draws=50, seed=1, start=start, outcomes=("killed", "parameters")
    )
    for name in columns_of(result, start, None).names:
        assert kind_of(name)


def test_policies_that_work_through_what_no_fit_had_are_named() -> None:
    found = ukraine().of("UA").unfitted(frozenset())
    assert found["no-interceptors"] == ("air_defence",)
    assert "truce" not in found
    assert "aid-doubled" not in found


@pytest.mark.parametrize(
    ("policies", "keywords", "says"),
    [
        (("fight-on", "truse"), {}, "truse"),
        (("fight-on", "fight-on"), {}, "named twice"),
        (("fight-on",), {}, "nothing to weigh"),
        (("fight-on", "truce"), {"draws": 10}, "too few"),
        (("fight-on", "truce"), {"until": dt.date(2050, 1, 1)}, "outside"),
    ],
)
def test_bad_input(policies: tuple[str, ...], keywords: dict[str, object], says: str) -> None:
    with pytest.raises(InputError, match=says):
        run_policies(load_scenario("invented-war"), policies, **keywords)  # type: ignore[arg-type]


def test_an_unknown_set_of_values() -> None:
    with pytest.raises(InputError, match="no set of stated values"):
        ukraine().of("UA").worth("own live alone")
