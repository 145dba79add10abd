"""Policies weighed for a side: the same wars, the same rules for both, choices that follow the values."""

from __future__ import annotations

import dataclasses
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


def test_a_difference_is_that_of_the_same_war_under_the_baseline() -> None:
    runs = ukraine()
    weighed = runs.of("UA")
    rows = weighed.table().set_index(["policy", "outcome"])
    killed = weighed.values(names=[SOLDIERS])[:, 0]
    apart = killed[runs.policies.index("truce")] - killed[runs.policies.index("fight-on")]
    low, middle, high = np.quantile(apart, (0.05, 0.5, 0.95))
    row = rows.loc[("truce", SOLDIERS)]
    assert (row["difference_low"], row["difference_median"], row["difference_high"]) == (low, middle, high)
    # War by war the spread is far smaller than that of the outcome itself.
    assert high - low < 0.5 * (row["high"] - row["low"])
    # Without interceptors more civilians are killed.
    assert rows.loc[("no-interceptors", CIVILIANS), "difference_median"] > 0.0


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
    (row,) = choice[(choice["world"] == EVERY_WORLD) & (choice["date"] == found.dates[-1])].to_dict("records")
    assert row["best"] == found.policies[int(lost.argmin())]
    order = np.sort(lost)
    assert row["ahead"] == pytest.approx(order[1] - order[0])
    assert row["ahead_low"] <= row["ahead"] <= row["ahead_high"]


def test_what_holds_up_is_counted_by_hand_where_chance_is_nothing() -> None:
    """Wars of a draw made alike, so that the means of draws are what is known: regret and shares by hand."""
    runs = invented()
    _, first = np.unique(runs.columns.draws, return_index=True)
    alike = dataclasses.replace(
        runs,
        outcomes={name: values[..., first[runs.columns.draws]] for name, values in runs.outcomes.items()},
    )
    held = alike.of(runs.scenario.sides[0], {"lives": {SOLDIERS: 1.0}}).holding_up().set_index("policy")
    killed = alike.of(runs.scenario.sides[0]).values(names=[SOLDIERS])[:, 0]
    regrets = killed - killed.min(axis=0)
    for number, policy in enumerate(runs.policies):
        assert held.loc[policy, "mean"] == pytest.approx(regrets[number].mean())
        assert held.loc[policy, "maximum"] == pytest.approx(regrets[number].max())
        best = regrets[number] == 0.0
        assert held.loc[policy, "share_of_draws"] == pytest.approx(
            (best / (regrets == 0.0).sum(axis=0)).mean(), abs=1e-9
        )
        asked = alike.of(runs.scenario.sides[0]).thresholds()
        meets = np.all(
            [
                alike.of(runs.scenario.sides[0]).values(names=[one])[number, 0] <= limit
                for one, limit in asked.items()
            ],
            axis=0,
        )
        assert held.loc[policy, "met"] == pytest.approx(meets.mean())


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
    found = ukraine().of("UA").worth().table.set_index("group")
    assert {TRUCE_ONLY, RIVALS, "assumed"} <= set(found.index)
    # From priors nothing was learnt, and all but the rival equations is assumed.
    assert "learnt" not in found.index
    kinds = found.loc[[name for name in found.index if name not in {"assumed", "all inputs"}]]
    assert kinds["inputs"].sum() == found.loc["all inputs", "inputs"]
    assert found.loc["assumed", "inputs"] == found.loc["all inputs", "inputs"] - found.loc[RIVALS, "inputs"]
    assert (found["narrows_low"] <= found["narrows"]).all()
    assert (found["narrows"] <= found["narrows_high"]).all()


def test_a_posterior_that_is_worth_too_few_draws_is_refused_before_any_war() -> None:
    war = load_scenario("invented-war")
    start = start_for(war.world(), None, 80, 1)
    with pytest.raises(InputError, match="worth 30: too few"):
        run_policies(war, draws=DRAWS, start=start, effective=30.0)
    found = run_policies(war, ("fight-on", "truce"), draws=DRAWS, start=start, effective=60.0)
    assert np.unique(found.columns.draws).size == 60
    assert found.wars == 60 * 4


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
