"""What holds for any scenario that the schema admits."""

import numpy as np
from hypothesis import given

from ceasefire.scenario import Scenario, describe, mirror
from ceasefire.war import LEVERS, REGISTRY
from ceasefire.war.levers import COLUMNS
from ceasefire.war.structure import OPTIONAL
from tests.scenario.strategies import scenarios


@given(scenarios())
def test_any_admitted_scenario_compiles_to_finite_arrays_within_bounds(scenario: Scenario) -> None:
    world = scenario.world()
    assert world.days % 7 == 0
    assert 0 <= world.days - (scenario.end - scenario.start).days < 7
    for prior, (low, high) in zip(world.priors, world.bounds, strict=True):
        assert low <= prior.low <= prior.best <= prior.high <= high
        drawn = prior.draw(np.array([-9.0, -1.0, 0.0, 1.0, 9.0]), (low, high))
        assert np.isfinite(drawn).all()
        assert (drawn >= low).all()
        assert (drawn <= high).all()
    assert all(world.row_sources)
    for array in world.geography:
        assert array.dtype == np.float32
        assert np.isfinite(array).all()
    np.testing.assert_allclose(world.geography.weight.sum(), 1, rtol=1e-5)
    np.testing.assert_allclose(world.geography.share.sum(axis=1), 1, rtol=1e-5)
    assert (world.geography.aim >= 0).all()
    assert (world.geography.aim.sum(axis=1) <= 1 + 1e-6).all()
    for weights in world.structure_weights.values():
        np.testing.assert_allclose(sum(weights), 1)
        assert min(weights) >= 0
    for mechanism in OPTIONAL:
        share = scenario.content.mechanisms.get(mechanism)
        if share is not None:
            assert world.structure_weights[mechanism] == (1 - float(share), float(share))
    for policy in scenario.policies:
        plan = scenario.plan(policy)
        assert len(plan.levers) == len(plan.observed_offensives) == world.days
        assert np.isfinite(plan.levers).all()
        for lever in LEVERS:
            values = plan.levers[:, COLUMNS[lever.name]]
            assert (values >= lever.bounds[0]).all()
            assert (values <= lever.bounds[1]).all()
        begins_and_ends = plan.events[:, 1].tolist()
        assert begins_and_ends == [1, 2] * (len(begins_and_ends) // 2) + [1] * (len(begins_and_ends) % 2)
        assert (np.diff(plan.events[:, 0]) > 0).all()
        assert ((plan.events[:, 0] >= 0) & (plan.events[:, 0] < world.days)).all()


@given(scenarios(longest=30))
def test_mirrored_scenario_gives_the_mirrored_world_and_plan_exactly(scenario: Scenario) -> None:
    world, mirrored = scenario.world(), mirror(scenario).world()
    for field in ("sides", "codes", "roles", "streams"):
        assert getattr(mirrored, field) == getattr(world, field)[::-1]
    for field in ("scenario", "fronts", "start", "days", "structure_weights"):
        assert getattr(mirrored, field) == getattr(world, field)
    for name, rows in REGISTRY.rows.items():
        step = -1 if REGISTRY[name].per_side else 1
        for field in ("priors", "bounds", "row_sources"):
            assert getattr(mirrored, field)[rows] == getattr(world, field)[rows][::step]
    np.testing.assert_array_equal(mirrored.geography.weight, world.geography.weight)
    np.testing.assert_array_equal(mirrored.geography.ground, world.geography.ground[::-1])
    np.testing.assert_array_equal(mirrored.geography.share, world.geography.share[::-1])
    np.testing.assert_array_equal(mirrored.geography.aim, world.geography.aim[::-1])
    for policy in scenario.policies:
        plan, turned = scenario.plan(policy), mirror(scenario).plan(policy)
        for lever in LEVERS:
            step = -1 if lever.per_side else 1
            columns = COLUMNS[lever.name]
            np.testing.assert_array_equal(turned.levers[:, columns], plan.levers[:, columns][:, ::step])
        np.testing.assert_array_equal(turned.events, plan.events)
        np.testing.assert_array_equal(turned.observed_offensives, plan.observed_offensives)


@given(scenarios(longest=10))
def test_twice_mirrored_is_the_same_scenario(scenario: Scenario) -> None:
    assert mirror(mirror(scenario)).sha256 == scenario.sha256


@given(scenarios(longest=10))
def test_described_rows_are_the_compiled_ones(scenario: Scenario) -> None:
    world = scenario.world()
    rows = describe(scenario)
    assert [(row.low, row.best, row.high) for row in rows] == [
        (prior.low, prior.best, prior.high) for prior in world.priors
    ]
    assert [row.source for row in rows] == list(world.row_sources)
    for row in rows:
        if not row.changed:
            assert row.source == REGISTRY[row.name].source
