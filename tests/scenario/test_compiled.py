"""Compiling is exact: arrays of small scenarios against values worked out by hand."""

import datetime as dt
from importlib import resources

import numpy as np
import pytest

from ceasefire.scenario import TRUCE_BEGINS, TRUCE_ENDS, Plan, Scenario, load_scenario, parse_scenario
from ceasefire.scenario.schema import Levers, Supply
from ceasefire.war import LEVERS, REGISTRY, Prior
from ceasefire.war.levers import COLUMNS, WIDTH
from ceasefire.war.structure import SWITCHES, in_use

START = dt.date(2001, 1, 1)


@pytest.fixture(scope="module")
def invented() -> Scenario:
    return load_scenario("invented-war")


def lever(plan: Plan, name: str, side: int = 0) -> np.ndarray:
    return plan.levers[:, COLUMNS[name].start + side]


def day(date: str) -> int:
    return (dt.date.fromisoformat(date) - START).days


def test_calendar_is_rounded_up_to_whole_weeks(invented: Scenario) -> None:
    # 1 January to 31 December 2001 are 364 days, 52 weeks exactly.
    assert invented.world().days == 364
    text = invented_text().replace("end: 2001-12-31", "end: 2002-01-01")
    assert parse_scenario(text).world().days == 371


def invented_text() -> str:
    return (resources.files("ceasefire.scenario") / "shipped" / "invented-war.yaml").read_text()


def test_world_of_the_invented_war(invented: Scenario) -> None:
    world = invented.world()
    assert world.scenario == "invented-war"
    assert world.sides == ("Aldria", "Bremor")
    assert world.codes == ("AL", "BR")
    assert world.roles == ("initiator", "defender")
    assert world.streams == (0, 1)
    assert world.fronts == ("Hills", "Plain")
    assert world.start == START
    np.testing.assert_array_equal(world.geography.weight, np.float32([0.4, 0.6]))
    np.testing.assert_array_equal(world.geography.ground, np.float32([[2000, 3000], [9000, 15000]]))
    np.testing.assert_array_equal(world.geography.share, np.float32([[0.35, 0.65], [0.4, 0.6]]))
    np.testing.assert_array_equal(world.geography.aim, np.zeros((2, 2), np.float32))
    assert world.structure_weights == {
        "attrition_law": pytest.approx((0.25, 0.25, 0.1, 0.4)),
        "fire_law": pytest.approx((0.75, 0.25)),
        "decision_rule": (0.5, 0.5),
        "recruitment_rule": (1.0, 0.0),
        **{alternative.name: (1.0, 0.0) for alternative in SWITCHES},
    }


def test_rows_of_the_world_are_the_scenario_s_ranges_over_the_registry_s(invented: Scenario) -> None:
    world = invented.world()
    assert len(world.priors) == len(world.bounds) == len(world.row_sources) == REGISTRY.size
    troops = REGISTRY.rows["initial_troops"].start
    assert world.priors[troops] == Prior(90_000, 100_000, 110_000, "log")
    assert world.priors[troops + 1] == Prior(80_000, 90_000, 100_000, "log")
    assert world.bounds[troops] == REGISTRY["initial_troops"].bounds
    assert world.row_sources[troops] == "invented"
    output = REGISTRY.rows["armour_output"].start
    assert world.priors[output].constant
    assert world.priors[output].best == 0.5
    advance = REGISTRY.rows["advance_scale"].start
    assert world.priors[advance] == Prior(100, 250, 600, "log")
    assert world.row_sources[advance] == "invented: a small theatre"
    untouched = REGISTRY.rows["killed_share"].start
    assert world.priors[untouched] == world.priors[untouched + 1] == REGISTRY["killed_share"].prior
    assert world.row_sources[untouched] == REGISTRY["killed_share"].source


def test_every_row_has_a_prior_on_the_registry_s_scale(invented: Scenario) -> None:
    for (name, _), prior in zip(REGISTRY.labels(), invented.world().priors, strict=True):
        assert prior.scale == REGISTRY[name].prior.scale


def test_baseline_levers(invented: Scenario) -> None:
    plan = invented.plan("fight-on")
    assert plan.policy == "fight-on"
    assert plan.levers.shape == (364, WIDTH)
    assert plan.levers.dtype == np.float32
    assert plan.events.shape == (0, 2)
    assert plan.events.dtype == np.int32
    assert plan.observed_offensives.shape == (364, 2)
    assert (plan.observed_offensives == -1).all()
    recruitment = lever(plan, "recruitment")
    # 150 a day to 1 June; then a straight line that reaches 250 on 31 July, 60 days later.
    assert (recruitment[: day("2001-06-01") + 1] == 150).all()
    np.testing.assert_allclose(recruitment[day("2001-06-01") + 30], 200, rtol=1e-6)
    np.testing.assert_allclose(recruitment[day("2001-06-01") + 12], 170, rtol=1e-6)
    assert (recruitment[day("2001-07-31") :] == 250).all()
    assert (lever(plan, "recruitment", 1) == 120).all()
    assert (lever(plan, "training_days") == 40).all()
    assert (lever(plan, "training_days", 1) == 45).all()
    # 30 vehicles a month, of 365.25 / 12 days.
    np.testing.assert_allclose(lever(plan, "aid_armour", 1), 30 * 12 / 365.25, rtol=1e-6)
    np.testing.assert_allclose(lever(plan, "aid_shells", 1), 15_000 * 12 / 365.25, rtol=1e-6)
    for name in ("mobilisation", "aid_armour", "aid_shells"):
        assert (lever(plan, name) == 0).all()
    assert (plan.levers[:, COLUMNS["strikes"]] == 1).all()
    assert (plan.levers[:, COLUMNS["flank"]] == 0).all()
    for name in ("economy", "offensives", "truce_recruitment", "truce_production", "truce_aid"):
        assert (plan.levers[:, COLUMNS[name]] == 1).all()
    assert (lever(plan, "monitored") == 0).all()


def test_truce_sets_supply_and_monitors_on_its_days_only(invented: Scenario) -> None:
    plan = invented.plan("truce-monitored")
    first, after = day("2001-03-01"), day("2001-03-01") + 91
    assert plan.events.tolist() == [[first, TRUCE_BEGINS], [after, TRUCE_ENDS]]
    expected = np.zeros(364)
    expected[first:after] = 1
    np.testing.assert_array_equal(lever(plan, "monitored"), expected)
    np.testing.assert_array_equal(lever(plan, "truce_aid", 1), 1 - 0.5 * expected)
    assert (lever(plan, "truce_aid", 0) == 1).all()
    assert (plan.levers[:, COLUMNS["truce_recruitment"]] == 1).all()
    # Nothing else differs from fighting on.
    rest = [name for name in COLUMNS if name not in {"monitored", "truce_aid"}]
    for name in rest:
        np.testing.assert_array_equal(
            plan.levers[:, COLUMNS[name]], invented.plan("fight-on").levers[:, COLUMNS[name]]
        )


def test_plain_truce_changes_no_lever(invented: Scenario) -> None:
    np.testing.assert_array_equal(invented.plan("truce").levers, invented.plan("fight-on").levers)
    assert len(invented.plan("truce").events) == 2


def test_wave_spreads_its_persons_and_mixes_training(invented: Scenario) -> None:
    plan = invented.plan("call-up")
    first, after = day("2001-02-01"), day("2001-02-01") + 60
    mobilisation = lever(plan, "mobilisation")
    assert (mobilisation[first:after] == 600).all()
    assert mobilisation.sum() == pytest.approx(36_000)
    # 150 recruits with 40 days and 600 with 20: (150 x 40 + 600 x 20) / 750 = 24.
    training = lever(plan, "training_days")
    assert (training[first:after] == 24).all()
    assert (np.delete(training, np.arange(first, after)) == 40).all()
    assert (lever(plan, "recruitment") == lever(invented.plan("fight-on"), "recruitment")).all()


def small(policy: str, first: str = "", end: str = "2001-12-31", more: str = "", aim: str = "") -> Scenario:
    text = f"""
name: small-war
title: A small war
about: For one rule.
version: 1
start: 2001-01-01
end: {end}
belligerents:
  - {{name: Aldria, code: AL, role: initiator, levers: {{{first}}}}}
  - {{name: Bremor, code: BR, role: defender}}
fronts:
  - name: Hills
    weight: 1
    ground: {{Aldria: 100, Bremor: 200}}
    troops: {{Aldria: 1, Bremor: 1}}
    source: invented
    {aim}
{more}
policies:
  tried: {{says: Tried., {policy}}}
"""
    return parse_scenario(text)


def test_covert_wave_is_recruitment_and_overlapping_waves_add_up() -> None:
    plan = small(
        "levers: {Aldria: {mobilisation: ["
        "{kind: covert, from: 2001-01-03, days: 4, persons: 400, training_days: 10},"
        "{kind: general, from: 2001-01-05, days: 2, persons: 600, training_days: 40}]}}"
    ).plan("tried")
    assert lever(plan, "recruitment")[:8].tolist() == [0, 0, 100, 100, 100, 100, 0, 0]
    assert lever(plan, "mobilisation")[:8].tolist() == [0, 0, 0, 0, 300, 300, 0, 0]
    # (100 x 10 + 300 x 40) / 400 = 32.5; the default of 60 where nobody is called up by a wave.
    assert lever(plan, "training_days")[:8].tolist() == [60, 60, 10, 10, 32.5, 32.5, 60, 60]
    assert (lever(plan, "mobilisation", 1) == 0).all()


def test_policy_takes_over_from_its_day_whatever_the_baseline_does_later() -> None:
    plan = small(
        "levers: {Aldria: {recruitment: {from: 2001-02-01, per_day: 7}}}",
        "recruitment: [{per_day: 1, source: x}, {from: 2001-01-11, per_day: 2, source: x},"
        " {from: 2001-03-01, per_day: 3, source: x}]",
    ).plan("tried")
    recruitment = lever(plan, "recruitment")
    assert (recruitment[:10] == 1).all()
    assert (recruitment[10:31] == 2).all()
    assert (recruitment[31:] == 7).all()


def test_ramp_of_a_policy_begins_at_the_baseline() -> None:
    plan = small(
        "levers: {Aldria: {economy: {from: 2001-01-03, to: 2001-01-07, value: 1}}}",
        "economy: {value: 0.5, source: x}",
    ).plan("tried")
    np.testing.assert_allclose(
        lever(plan, "economy")[:8], [0.5, 0.5, 0.5, 0.625, 0.75, 0.875, 1, 1], rtol=1e-6
    )


def test_changes_may_be_listed_in_any_order() -> None:
    one = "{from: 2001-02-01, per_day: 1}"
    two = "{from: 2001-03-01, per_day: 2}"
    plans = [
        small(f"levers: {{Aldria: {{recruitment: [{pair}]}}}}").plan("tried")
        for pair in (f"{one}, {two}", f"{two}, {one}")
    ]
    np.testing.assert_array_equal(plans[0].levers, plans[1].levers)


def test_truce_to_the_end_has_no_event_after_the_last_day() -> None:
    plan = small("truces: [{start: 2001-01-01, days: 7}]", end="2001-01-08").plan("tried")
    assert plan.levers.shape[0] == 7
    assert plan.events.tolist() == [[0, TRUCE_BEGINS]]


def test_truces_a_day_apart_are_admitted_in_any_order() -> None:
    plan = small("truces: [{start: 2001-03-01, days: 5}, {start: 2001-02-01, days: 27}]").plan("tried")
    assert plan.events.tolist() == [[31, 1], [58, 2], [59, 1], [64, 2]]


def test_a_mechanism_is_on_off_or_in_a_share_of_the_wars() -> None:
    world = small(
        "", more="mechanisms: {drones: on, aims: 0.25, labour: no, artillery: 1, sanctions: 0.0}"
    ).world()
    weights = world.structure_weights
    assert weights["drones"] == weights["artillery"] == (0.0, 1.0)
    assert weights["aims"] == (0.75, 0.25)
    assert weights["labour"] == weights["sanctions"] == weights["belief"] == (1.0, 0.0)
    assert in_use(weights) == {"drones", "artillery", "aims", "decision"}


def test_rival_rules_have_weights() -> None:
    weights = (
        "structures: {decision_rule: {weights: {threshold: 3, expected_utility: 1}, source: x},"
        " recruitment_rule: {weights: {replacing: 2}, source: x}}"
    )
    found = small("", more=weights).world().structure_weights
    assert found["decision_rule"] == (0.75, 0.25)
    assert found["recruitment_rule"] == (0.0, 1.0)


def test_aims_lie_on_fronts_and_the_rest_on_none() -> None:
    world = small("", aim="aim: {Bremor: 0.4}\n    aim_source: invented").world()
    np.testing.assert_array_equal(world.geography.aim, np.float32([[0.0], [0.4]]))
    np.testing.assert_array_equal(small("").world().geography.aim, np.zeros((2, 1), np.float32))


def test_levers_of_optional_mechanisms() -> None:
    plan = small(
        "levers: {Aldria: {flank: {from: 2001-01-03, value: 2},"
        " aid_drones: {from: 2001-01-02, per_month: 100},"
        " sanctions: {from: 2001-01-03, to: 2001-01-07, value: 0.8}}}",
        "strikes: {value: 0.5, source: x}, third_party: {value: 1, source: x}",
    ).plan("tried")
    assert lever(plan, "flank")[:4].tolist() == [0, 0, 2, 2]
    np.testing.assert_allclose(lever(plan, "aid_drones")[:3], [0, 1200 / 365.25, 1200 / 365.25], rtol=1e-6)
    np.testing.assert_allclose(lever(plan, "sanctions")[:8], [0, 0, 0, 0.2, 0.4, 0.6, 0.8, 0.8], rtol=1e-6)
    assert (lever(plan, "strikes") == 0.5).all()
    assert (lever(plan, "third_party") == 1).all()
    for name in ("flank", "aid_drones", "sanctions", "third_party"):
        assert (lever(plan, name, 1) == 0).all()
    assert (lever(plan, "strikes", 1) == 1).all()


def test_every_lever_of_the_war_can_be_written() -> None:
    written = set(Levers.model_fields) | {f"truce_{kind}" for kind in Supply.model_fields} | {"monitored"}
    assert written == {item.name for item in LEVERS}
