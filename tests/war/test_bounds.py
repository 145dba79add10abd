"""No stock is ever negative or without a number, whatever the priors and bounds of the registry admit."""

from __future__ import annotations

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from ceasefire.war import REGISTRY, Flows, State
from ceasefire.war.structure import ROWS, SWITCHES
from tests.war.helpers import (
    SPAN,
    STOCKS_OF_ANY_SIGN,
    WARS,
    Inputs,
    draw_inputs,
    observed,
    set_parameter,
    walk,
)

BETWEEN_0_AND_1 = (
    "skill",
    "fortification",
    "offensive",
    "truce",
    "flank_open",
    "capital_taken",
    "battle",
    "third_party_open",
    "third_party_level",
    "sanctions_evaded",
    "grid",
    "broken_within",
    "will",
    "collapsed",
    "exhausted",
    "settled",
)
seeds = st.integers(0, 2**32 - 1)


def faults(states: State, flows: Flows) -> list[str]:
    """Every stock or flow that is not a number, not finite, or below zero, in words."""
    found = []
    for part in (states, flows):
        for name, stock in part._asdict().items():
            if not np.isfinite(stock).all():
                found.append(f"{name} is not finite on day {np.argwhere(~np.isfinite(stock))[0]}")
            elif name not in STOCKS_OF_ANY_SIGN and stock.min() < 0:
                found.append(f"{name} falls to {stock.min()}")
            if name in BETWEEN_0_AND_1 and not (stock <= 1).all():
                found.append(f"{name} reaches {stock.max()}")
    return found


def faults_on_the_way(inputs: Inputs) -> list[str]:
    path = walk(inputs)
    return faults(path.states, path.flows)


def with_every_mechanism(inputs: Inputs) -> Inputs:
    """The same wars with every mechanism that may be left out; rival rules stay as drawn."""
    structure = inputs.structure.copy()
    for rival in SWITCHES:
        structure[ROWS[rival.name]] = rival.code("on")
    return inputs._replace(structure=structure)


@given(seed=seeds)
@example(seed=0)
def test_wars_drawn_from_the_priors_stay_in_bounds(seed: int) -> None:
    assert faults_on_the_way(draw_inputs(seed)) == []


@given(seed=seeds)
@example(seed=0)
def test_wars_at_the_extremes_of_the_bounds_stay_in_bounds(seed: int) -> None:
    assert faults_on_the_way(draw_inputs(seed, extreme=True)) == []


@given(seed=seeds)
@example(seed=0)
def test_wars_with_every_mechanism_stay_in_bounds_at_the_extremes(seed: int) -> None:
    inputs = draw_inputs(seed, extreme=True)
    assert faults_on_the_way(with_every_mechanism(inputs)) == []


@given(seed=seeds, first=st.sampled_from([-1.0, 0.0, 1.0]), second=st.sampled_from([-1.0, 0.0, 1.0]))
def test_known_decisions_stay_in_bounds(seed: int, first: float, second: float) -> None:
    assert (
        faults_on_the_way(draw_inputs(seed, extreme=True)._replace(decisions=observed(SPAN, first, second)))
        == []
    )


NEARLY_EMPTY = (
    "troops",
    "pool",
    "trainees",
    "recovering",
    "armour_modern",
    "armour_legacy",
    "shells",
    "usual_losses",
    "losses_to_replace",
    "artillery",
    "drones",
    "workforce",
    "abroad",
    "missiles",
    "long_range_drones",
    "interceptors",
    "grid",
    "displaced",
    "recent_deaths",
    "will",
)


@given(seed=seeds)
def test_forces_near_zero_stay_in_bounds(seed: int) -> None:
    """One or both sides start with a single soldier or less and hardly anything else."""
    rng = np.random.default_rng(seed)
    inputs = draw_inputs(seed, extreme=bool(rng.integers(0, 2)))
    parameters = inputs.parameters
    for name in NEARLY_EMPTY:
        rows = REGISTRY.rows[f"initial_{name}"]
        tiny = rng.choice([0.0, 1e-6, 1.0], (2, WARS)).astype(np.float32)
        tiny = np.clip(tiny, *REGISTRY[f"initial_{name}"].bounds)
        parameters = set_parameter(
            parameters, f"initial_{name}", np.where(rng.random((2, WARS)) < 0.7, tiny, parameters[rows])
        )
    assert faults_on_the_way(inputs._replace(parameters=parameters)) == []


def test_every_row_alone_at_each_bound_stays_in_bounds() -> None:
    """Each row of the matrix at its lower and at its upper bound in a war of its own, all else a draw."""
    labels = REGISTRY.labels()
    cases = [(row, bound) for row in range(len(labels)) for bound in (0, 1)]
    for start in range(0, len(cases), WARS):
        inputs = draw_inputs(start)
        parameters = inputs.parameters.copy()
        for war, (row, bound) in enumerate(cases[start : start + WARS]):
            parameters[row, war] = REGISTRY[labels[row][0]].bounds[bound]
        wars = with_every_mechanism(inputs._replace(parameters=parameters))
        assert faults_on_the_way(wars) == []


def test_all_rows_of_a_mechanism_at_their_bounds_stay_in_bounds() -> None:
    """All rows of one mechanism at their lower or at their upper bounds in a war, all else a draw."""
    labels = REGISTRY.labels()
    mechanisms = list(dict.fromkeys(REGISTRY.mechanisms.values()))
    cases = [(mechanism, bound) for mechanism in mechanisms for bound in (0, 1)]
    assert len(cases) <= WARS
    inputs = draw_inputs(7)
    parameters = inputs.parameters.copy()
    for war, (mechanism, bound) in enumerate(cases):
        for row, (name, _) in enumerate(labels):
            if REGISTRY.mechanisms[name] == mechanism:
                parameters[row, war] = REGISTRY[name].bounds[bound]
    assert faults_on_the_way(with_every_mechanism(inputs._replace(parameters=parameters))) == []


def test_extreme_wars_with_every_mechanism_go_where_they_must() -> None:
    """Without this the tests before might never have seen an event."""
    states = walk(with_every_mechanism(draw_inputs(0, extreme=True))).states
    for event in EVENTS:
        assert getattr(states, event)[-1].any(), event


EVENTS = (
    "flank_open",
    "capital_assaults",
    "capital_taken",
    "battle_losses",
    "truces_collapsed",
    "third_party_open",
    "internal_breaks",
    "escalation",
    "collapsed",
    "exhausted",
    "settled",
)


def test_a_fault_is_found() -> None:
    path = walk(draw_inputs(1))
    states = path.states
    assert faults(states._replace(killed=states.killed * np.nan), path.flows)[0].startswith("killed is not")
    assert faults(states._replace(reserve=states.reserve - 1e7), path.flows)[0].startswith("reserve falls to")
    assert faults(states._replace(skill=states.skill + 1.0), path.flows)[0].startswith("skill reaches")
    assert faults(states._replace(grid=states.grid + 0.5), path.flows)[0].startswith("grid reaches")
    assert faults(states, path.flows._replace(drones_used=path.flows.drones_used - 1.0))[0].startswith(
        "drones_used falls to"
    )
