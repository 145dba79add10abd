"""Wars of a design: the engine's own wars, blocks that share chance, and groups that do nothing."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from ceasefire.analysis import designed as module
from ceasefire.analysis.compare import OUTCOMES
from ceasefire.analysis.designed import CHANCE, RIVALS, Wars, designed, inputs_of, outcome_of, wars_of
from ceasefire.analysis.questions import ASKED, Asked, Question, fill
from ceasefire.analysis.sensitivity import sobol_design
from ceasefire.analysis.shares import FloatArray
from ceasefire.engine import draw_parameters, draw_structure, run
from ceasefire.files import InputError
from ceasefire.scenario import Plan, Scenario, World, load_scenario, mirror, shortened, shortened_plan
from ceasefire.war import REGISTRY
from ceasefire.war.structure import OPTIONAL, in_use

FEW = 1_100


@pytest.fixture(scope="module")
def war() -> Scenario:
    return load_scenario("invented-war")


@pytest.fixture(scope="module")
def world(war: Scenario) -> World:
    return shortened(war.world(), 119)


def asked_of(war: Scenario) -> Asked:
    return fill(Question(by=war.start + dt.timedelta(days=119)), war)


def plan_of(war: Scenario, world: World, policy: str = "truce") -> Plan:
    return shortened_plan(war.plan(policy), world.days)


def own_wars(world: World, count: int, seed: int) -> Wars:
    """Return what the engine draws itself: each war with the chances of its own number."""
    wars = np.arange(count, dtype=np.int64)
    return Wars(draw_parameters(world, wars, seed), draw_structure(world, wars, seed), wars)


# Chance by number.


@pytest.mark.parametrize("name", ["invented-war", "ukraine-2022"])
def test_wars_with_the_draws_and_numbers_of_a_run_are_that_run_to_the_last_bit(name: str) -> None:
    """Every outcome, whoever it belongs to, in pieces of another size than the run's."""
    war = load_scenario(name)
    world = shortened(war.world(), 42)
    plan = plan_of(war, world)
    whole = run(world, plan, draws=40, seed=5)
    wars = own_wars(world, 40, 5)
    for outcome in OUTCOMES.values():
        for side in outcome.counted_for(world.sides):
            found = outcome_of(world, plan, wars, outcome.name, side, seed=5, chunk=16)
            assert np.array_equal(found, outcome.read(whole, side)[-1]), (outcome.name, side)


def test_chance_follows_the_number_and_nothing_else_does(war: Scenario, world: World) -> None:
    plan = plan_of(war, world)
    wars = own_wars(world, 12, 3)
    one = Wars(
        np.repeat(wars.parameters[:, :1], 12, 1),
        np.repeat(wars.structure[:, :1], 12, 1),
        np.array([7, 7, 8, 2**32 - 1] * 3, dtype=np.int64),
    )
    found = outcome_of(world, plan, one, "killed", None, seed=3, chunk=5)
    assert np.array_equal(found[:4], found[4:8])
    assert found[0] == found[1]
    assert np.unique(found).size == 3
    other = outcome_of(world, plan, one, "killed", None, seed=4)
    assert not np.isin(other, found).any()


def test_a_war_that_fails_is_not_a_number(war: Scenario, world: World) -> None:
    wars = own_wars(world, 6, 3)
    wars.parameters[REGISTRY.rows["initial_troops"], 2] = np.nan
    found = outcome_of(world, plan_of(war, world), wars, "killed", None, seed=3)
    assert np.isnan(found).tolist() == [False, False, True, False, False, False]


# Inputs.


@pytest.mark.parametrize("name", ["invented-war", "ukraine-2022"])
def test_the_inputs_are_all_that_a_war_draws(name: str) -> None:
    world = load_scenario(name).world()
    inputs = inputs_of(world)
    on = in_use(world.structure_weights)
    wanted = {
        row
        for row, (label, _) in enumerate(REGISTRY.labels())
        if not world.priors[row].constant
        and (REGISTRY.mechanisms[label] not in OPTIONAL or REGISTRY.mechanisms[label] in on)
    }
    assert set(inputs.rows.tolist()) == wanted
    assert len(inputs.names) == len(set(inputs.names)) == len(inputs.groups)
    assert len(inputs.names) == inputs.rows.size + inputs.alternatives.size + 1
    assert inputs.names[-1] == inputs.groups[-1] == CHANCE
    groups = inputs.members
    assert sorted(place for places in groups.values() for place in places) == list(range(len(inputs.names)))
    assert len(groups[RIVALS]) == inputs.alternatives.size
    assert set(groups) - {RIVALS, CHANCE} <= set(REGISTRY.mechanisms.values())


def test_uniforms_become_draws_of_the_priors(world: World) -> None:
    inputs = inputs_of(world)
    uniform = np.random.default_rng(1).uniform(size=(2_000, len(inputs.names)))
    wars = wars_of(world, inputs, uniform)
    row = int(inputs.rows[3])
    prior = world.priors[row]
    low, best, high = np.quantile(wars.parameters[row], [0.05, 0.5, 0.95])
    assert (low, best, high) == pytest.approx((prior.low, prior.best, prior.high), rel=0.1)
    # What is no input stays where most of its prior is.
    still = sorted(set(range(REGISTRY.size)) - set(inputs.rows.tolist()))
    assert (np.ptp(wars.parameters[still], axis=1) == 0.0).all()
    law = wars.structure[0]
    weights = np.array(world.structure_weights["attrition_law"])
    assert np.bincount(law) / law.size == pytest.approx(weights, abs=0.03)
    assert np.array_equal(wars.chances, np.floor(uniform[:, -1] * 2.0**32))


def test_wars_of_a_block_share_all_but_one_group_and_chance_too(world: World) -> None:
    inputs = inputs_of(world)
    design = sobol_design(len(inputs.names), 64, 2, names=inputs.names, groups=inputs.members)
    wars = wars_of(world, inputs, design.uniform)
    carriers = list(design.carriers)
    size = len(carriers) + 2
    resampled = 1 + carriers.index(CHANCE)
    chances = wars.chances.reshape(-1, size)
    for place in range(1, size - 1):
        same = chances[:, place] == chances[:, 0]
        assert same.all() if place != resampled else not same.any()
    assert np.array_equal(chances[:, resampled], chances[:, -1])
    # No two blocks have one course of chance.
    assert np.unique(chances[:, [0, -1]]).size == 2 * 64
    drawn = wars.parameters.reshape(REGISTRY.size, -1, size)
    changed = (drawn[..., 1:-1] != drawn[..., :1]).any(axis=1)
    for row, (name, _) in enumerate(REGISTRY.labels()):
        own = {carriers[place] for place in np.flatnonzero(changed[row])}
        assert own == ({REGISTRY.mechanisms[name]} if row in inputs.rows else set())


# What a group does.


def test_a_group_on_which_nothing_depends_has_a_total_of_zero() -> None:
    """The hazard of a wider war is counted, and stops nobody; what civilians suffer kills no soldier."""
    war = load_scenario("ukraine-2022")
    asked = fill(Question(by=war.start + dt.timedelta(days=60), days=30), war)
    found = designed(asked, wars=64 * 31, seed=1)
    rows = found.found.frame.set_index("group")
    assert set(found.inputs) == set(rows.index) <= set(found.meanings)
    for group in ("escalation", "civilian_harm"):
        assert rows.loc[group, "total"] == pytest.approx(0.0, abs=1e-12)
    assert rows["total"].max() > 0.3
    # Of a mechanism that no war has there is no group.
    assert "battles" not in rows.index


def test_a_planted_group_carries_everything(war: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = REGISTRY.rows[next(name for name, of in REGISTRY.mechanisms.items() if of == "tempo")]

    def planted(world: World, plan: Plan, wars: Wars, *_: object, **__: object) -> FloatArray:
        return np.asarray(wars.parameters[rows].sum(axis=0, dtype=np.float64) * (plan.policy == ASKED))

    monkeypatch.setattr(module, "outcome_of", planted)
    found = designed(asked_of(war), wars=FEW, seed=2).found
    frame = found.frame.set_index("group")
    assert frame.loc["tempo", "total"] == pytest.approx(1.0, abs=0.15)
    assert frame.drop(index="tempo")["total"].to_numpy() == pytest.approx(0.0, abs=1e-12)
    assert (found.wars, found.dropped) == (64 * 17, 0)


def test_planted_chance_is_told_apart_from_what_is_not_known(
    war: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The outcome is half chance, half an input: each carries half of the variance alone."""
    row = REGISTRY.rows["violation_level"].start

    def planted(world: World, plan: Plan, wars: Wars, *_: object, **__: object) -> FloatArray:
        if plan.policy != ASKED:
            return np.zeros(wars.chances.size)
        prior = world.priors[row]
        score = np.log(wars.parameters[row].astype(float) / prior.best)
        rank = score / (np.log(prior.high / prior.best) / 1.645)
        return np.asarray(rank + np.sqrt(12.0) * wars.chances / 2.0**32)

    monkeypatch.setattr(module, "outcome_of", planted)
    frame = designed(asked_of(war), wars=64 * 16 * 17, seed=2).found.frame.set_index("group")
    assert frame.loc[["truce", CHANCE], "first"].to_numpy() == pytest.approx(0.5, abs=0.12)
    assert frame.drop(index=["truce", CHANCE])["total"].to_numpy() == pytest.approx(0.0, abs=1e-12)


@pytest.fixture(scope="module")
def frame(war: Scenario) -> pd.DataFrame:
    return designed(asked_of(war), wars=FEW, seed=3).found.frame.set_index("group")


def test_sides_that_are_exchanged_have_the_same_bars(war: Scenario, frame: pd.DataFrame) -> None:
    turned = designed(asked_of(mirror(war)), wars=FEW, seed=3).found.frame.set_index("group")
    pd.testing.assert_frame_equal(turned, frame, check_exact=True)


def test_pieces_change_nothing(war: Scenario, frame: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "DEFAULT_CHUNK", 100)
    told: list[tuple[int, int]] = []
    again = designed(asked_of(war), wars=FEW, seed=3, progress=lambda *at: told.append(at))
    pd.testing.assert_frame_equal(again.found.frame.set_index("group"), frame, check_exact=True)
    assert len(told) == 11
    assert told[-1] == (2 * 64 * 17, 2 * 64 * 17)
    assert 0.01 < again.extreme < 1.0


def test_a_failed_war_costs_its_block(war: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)

    def failing(world: World, plan: Plan, wars: Wars, *_: object, **__: object) -> FloatArray:
        found = rng.normal(size=wars.chances.size)
        found[20] = np.nan
        return found

    monkeypatch.setattr(module, "outcome_of", failing)
    found = designed(asked_of(war), wars=FEW, seed=2)
    assert (found.found.wars, found.found.dropped) == (63 * 17, 17)
    assert np.isfinite(found.extreme)


def test_too_few_wars_and_nothing_to_carry_are_refused(war: Scenario) -> None:
    with pytest.raises(InputError, match="900 wars are too few for 15 inputs or groups") as caught:
        designed(asked_of(war), wars=900)
    assert "compute 1,088 at least" in str(caught.value)
    with pytest.raises(InputError, match="cannot be run at one time"):
        designed(asked_of(war), wars=10**7)
    nothing = fill(Question("assault", by=war.start + dt.timedelta(days=60)), war)
    with pytest.raises(InputError, match="the same in all wars"):
        designed(nothing, wars=FEW)
