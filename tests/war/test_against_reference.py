"""The jitted day agrees with the plain reference in double precision, to 1e-4 relative."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ceasefire.war import REGISTRY, STRUCTURES, Decisions, Flows, State, Today
from ceasefire.war.levers import LEVERS
from ceasefire.war.levers import view as levers_view
from tests.reference import day_reference as reference
from tests.war.helpers import (
    FRONTS,
    WARS,
    Inputs,
    day_jitted,
    draw_inputs,
    initial_state,
    observed,
)

RELATIVE = 1e-4

OF_THE_WAR = ("front_weight", "log_tempo", "intensity", "lethality", "volatility", "truce")
# Logs pass through zero and carry the rounding of their terms; a front's troops and reserves are what remains
# when large moves cancel; shells, vehicles and lines likewise. A smaller difference is rounding.
FLOOR = {
    "log_tempo": 1e-5,
    "intensity": 1e-5,
    "advantage": 1e-5,
    "lethality": 1e-5,
    "volatility": 1e-5,
    "perceived": 2e-5,
    "troops": 0.05,
    "reserve": 0.1,
    "shells": 1.0,
    "armour_modern": 2e-3,
    "armour_legacy": 2e-3,
    "armour_storage": 1e-3,
    "fortification": 1e-6,
}
SMALL = 1e-6
# What is left of a pool of millions cannot be told to a person, only to this part of the pool.
OUT_OF_THE_POOL = ("called_up", "emigrating", "trainees")
ROUNDING = 2.0**-23
# What is left of a front of tens of thousands of km2 cannot be told to the square metre either.
OUT_OF_THE_GROUND = ("ground_taken",)


def war_of(state: State, war: int) -> reference.War:
    """One war of the ensemble as the reference sees it."""
    sides: list[dict[str, Any]] = [{}, {}]
    for name, stock in state._asdict().items():
        if name not in OF_THE_WAR:
            for side in (0, 1):
                sides[side][name] = np.asarray(stock)[side, ..., war].astype(float).tolist()
    return {
        "sides": sides,
        "log_tempo": np.asarray(state.log_tempo)[:, war].astype(float).tolist(),
        "front_weight": np.asarray(state.front_weight)[:, war].astype(float).tolist(),
        "intensity": float(np.asarray(state.intensity)[war]),
        "lethality": float(np.asarray(state.lethality)[war]),
        "volatility": float(np.asarray(state.volatility)[war]),
        "truce": float(np.asarray(state.truce)[war]),
    }


def state_of(wars: list[reference.War], dtype: type = np.float64) -> State:
    """The reference's wars side by side."""

    def stack(of_war: Any) -> np.ndarray:
        return np.stack([np.asarray(of_war(war), dtype=dtype) for war in wars], axis=-1)

    return State(
        **{
            name: stack(lambda war, name=name: war[name])
            if name in OF_THE_WAR
            else stack(lambda war, name=name: [side[name] for side in war["sides"]])
            for name in State._fields
        }
    )


def flows_of(flows: list[list[dict[str, Any]]]) -> Flows:
    return Flows(
        **{
            name: np.stack([np.asarray([side[name] for side in war]) for war in flows], axis=-1)
            for name in Flows._fields
        }
    )


def parameters_of(inputs: Inputs, war: int) -> dict[str, Any]:
    table: dict[str, Any] = {}
    for name, rows in REGISTRY.rows.items():
        column = inputs.parameters[rows, war].astype(float).tolist()
        table[name] = column if REGISTRY[name].per_side else column[0]
    return table


def structure_of(inputs: Inputs, war: int) -> dict[str, str]:
    return {rival.name: rival.choices[inputs.structure[k, war]] for k, rival in enumerate(STRUCTURES)}


def levers_of(row: np.ndarray) -> dict[str, Any]:
    named = levers_view(row)
    return {
        lever.name: named[lever.name].ravel().astype(float).tolist()
        if lever.per_side
        else float(named[lever.name][0])
        for lever in LEVERS
    }


def drift_shocks_of(inputs: Inputs, day: int, war: int) -> dict[str, Any]:
    return {
        name: shock[day, ..., war].astype(float).tolist() for name, shock in inputs.drift._asdict().items()
    }


def reference_day(inputs: Inputs, wars: list[reference.War], day: int) -> tuple[list[reference.War], Flows]:
    levers = levers_of(inputs.levers[day])
    done = [
        reference.day(
            war,
            parameters_of(inputs, n),
            structure_of(inputs, n),
            levers,
            bool(inputs.begins[day]),
            bool(inputs.ends[day]),
            day % 7 == 0,
            inputs.tempo[day, :, n].astype(float).tolist(),
            inputs.perception[day, :, n].astype(float).tolist(),
            inputs.culmination[day, :, n].astype(float).tolist(),
            drift_shocks_of(inputs, day, n),
            inputs.line[day, :, n].astype(float).tolist(),
            inputs.decisions[day, :, 0].astype(float).tolist(),
        )
        for n, war in enumerate(wars)
    ]
    return [tomorrow for tomorrow, _ in done], flows_of([flows for _, flows in done])


def jitted_day(inputs: Inputs, state: State, day: int) -> tuple[State, Flows]:
    week = np.float32(day % 7 == 0)
    return day_jitted(
        state,
        inputs.parameters,
        inputs.structure,
        Today(inputs.levers[day], inputs.begins[day], inputs.ends[day], week),
        inputs.shocks(day),
        Decisions(inputs.decisions[day]),
    )


def disagreements(ours: State | Flows, theirs: State | Flows, inputs: Inputs, day: int = 0) -> list[str]:
    """Every stock or flow that differs by more than 1e-4 of itself, in words."""
    pool = inputs.parameters[REGISTRY.rows["initial_pool"]].astype(float)
    found = []
    for name in theirs._fields:
        ours_here = np.asarray(getattr(ours, name), dtype=np.float64)
        theirs_here = np.asarray(getattr(theirs, name), dtype=np.float64)
        floor = FLOOR.get(name, SMALL) if isinstance(theirs, State) else SMALL
        allowed = RELATIVE * np.abs(theirs_here) + floor
        if name in OUT_OF_THE_POOL:
            wars = theirs_here.shape[-1]
            allowed += ROUNDING * (pool[:, None, :wars] if theirs_here.ndim == 3 else pool[:, :wars])
        if name in OUT_OF_THE_GROUND:
            allowed += ROUNDING * np.asarray(inputs.geography.ground, dtype=float).sum(axis=0)[:, None]
        wrong = ~(np.abs(ours_here - theirs_here) <= allowed)
        if wrong.any():
            worst = np.unravel_index(
                np.nanargmax(np.abs(ours_here - theirs_here) / allowed), theirs_here.shape
            )
            found.append(
                f"day {day}: {name}{list(map(int, worst))}:"
                f" {ours_here[worst]} instead of {theirs_here[worst]} ({int(wrong.sum())} entries)"
            )
    return found


def shaken(inputs: Inputs, rng: np.random.Generator) -> State:
    """A state that no first morning has: every stock moved, offensives and truces under way."""
    state = initial_state(inputs.parameters, inputs.structure, inputs.geography)
    changed = {}
    for name, stock in state._asdict().items():
        changed[name] = (np.asarray(stock) * rng.lognormal(0.0, 0.4, np.shape(stock))).astype(np.float32)
    changed["front_weight"] = np.asarray(state.front_weight)
    changed["pool_at_start"] = np.asarray(state.pool_at_start)
    pool = changed["pool_at_start"]
    two = (2, WARS)
    changed["called_up"] = (pool * rng.uniform(0.0, 0.5, two)).astype(np.float32)
    changed["emigrated"] = (pool * rng.uniform(0.0, 0.4, two)).astype(np.float32)
    changed["skill"] = rng.uniform(0.05, 1.0, two).astype(np.float32)
    changed["industry"] = rng.uniform(0.3, 4.0, two).astype(np.float32)
    changed["fortification"] = rng.uniform(0.0, 1.0, (2, FRONTS, WARS)).astype(np.float32)
    for name, scale in {
        "killed": 5e4,
        "wounded": 2e5,
        "captured": 5e3,
        "discharged": 1e5,
        "armour_lost": 4e3,
    }.items():
        changed[name] = rng.uniform(0.0, scale, two).astype(np.float32)
    changed["shells_fired"] = rng.uniform(0.0, 1e7, two).astype(np.float32)
    changed["armour_in_transit"] = rng.uniform(0.0, 200.0, (2, 3, WARS)).astype(np.float32)
    changed["shells_in_transit"] = rng.uniform(0.0, 1e5, (2, 3, WARS)).astype(np.float32)
    changed["ground_taken"] = rng.uniform(0.0, 3_000.0, (2, FRONTS, WARS)).astype(np.float32)
    changed["log_tempo"] = rng.normal(0.0, 0.4, (FRONTS, WARS)).astype(np.float32)
    changed["intensity"] = rng.normal(0.0, 0.4, WARS).astype(np.float32)
    advantage = rng.normal(0.0, 0.4, WARS).astype(np.float32)
    changed["advantage"] = np.stack([advantage, -advantage])
    changed["lethality"] = rng.normal(0.0, 0.4, WARS).astype(np.float32)
    changed["volatility"] = rng.normal(0.0, 0.8, WARS).astype(np.float32)
    changed["perceived"] = rng.normal(-0.5, 1.0, two).astype(np.float32)
    changed["offensive"] = rng.integers(0, 2, two).astype(np.float32)
    changed["days_in_phase"] = rng.integers(0, 200, two).astype(np.float32)
    changed["truce"] = rng.integers(0, 2, WARS).astype(np.float32)
    changed["truces_broken"] = rng.integers(0, 3, two).astype(np.float32)
    return State(**changed)


def one_day(seed: int) -> Inputs:
    """Random inputs whose first day may begin or end a truce, with decisions known or left to the leaders."""
    rng = np.random.default_rng(seed)
    inputs = draw_inputs(seed)
    begins, ends = inputs.begins.copy(), inputs.ends.copy()
    begins[0], ends[0] = rng.random(2) < 0.25
    known = rng.integers(-1, 2, 2)
    return inputs._replace(begins=begins, ends=ends, decisions=observed(inputs.days, *known.astype(float)))


@given(seed=st.integers(0, 2**32 - 1))
@example(seed=0)
def test_one_day_from_any_state_agrees(seed: int) -> None:
    inputs = one_day(seed)
    state = shaken(inputs, np.random.default_rng(seed))
    ours, our_flows = jitted_day(inputs, state, 0)
    theirs, their_flows = reference_day(inputs, [war_of(state, n) for n in range(WARS)], 0)
    assert disagreements(ours, state_of(theirs), inputs) + disagreements(our_flows, their_flows, inputs) == []


@pytest.mark.parametrize("seed", [11, 12])
def test_each_of_200_days_along_the_path_of_the_reference_agrees(seed: int) -> None:
    """Each day starts again from the reference's state: one decision at a threshold cannot hide the rest."""
    days, wars = 200, 24
    inputs = draw_inputs(seed, days)
    first = initial_state(inputs.parameters, inputs.structure, inputs.geography)
    path = [war_of(first, n) for n in range(WARS)]
    found, started, broken = [], 0.0, 0.0
    for day in range(days):
        state = state_of(path, np.float32)
        ours, our_flows = jitted_day(inputs, state, day)
        path[:wars], their_flows = reference_day(inputs, path[:wars], day)
        found += disagreements(first_wars(ours, wars), state_of(path[:wars]), inputs, day)
        found += disagreements(first_wars(our_flows, wars), their_flows, inputs, day)
        now = state_of(path[:wars])
        started += float(np.sum((now.offensive == 1) & (now.days_in_phase == 0)))
        broken = float(np.sum(now.truces_broken))
    assert found == []
    # The path went where it matters.
    assert started > wars
    assert broken > 0


def first_wars(stocks: State | Flows, wars: int) -> State | Flows:
    return type(stocks)(*[np.asarray(stock)[..., :wars] for stock in stocks])


def test_the_first_morning_agrees() -> None:
    inputs = draw_inputs(21)
    ours = initial_state(inputs.parameters, inputs.structure, inputs.geography)
    weight, ground, share = (np.asarray(part, dtype=float).tolist() for part in inputs.geography)
    theirs = [
        reference.first_morning(parameters_of(inputs, n), structure_of(inputs, n), weight, ground, share)
        for n in range(WARS)
    ]
    assert disagreements(ours, state_of(theirs), inputs) == []


def test_a_disagreement_of_one_part_in_a_thousand_is_found() -> None:
    """The comparison itself can fail: move each stock and each flow a little, and it is named."""
    inputs = one_day(31)
    state = shaken(inputs, np.random.default_rng(31))
    theirs, their_flows = reference_day(inputs, [war_of(state, n) for n in range(WARS)], 0)
    exact = state_of(theirs)
    for stocks in (exact, their_flows):
        for name, stock in stocks._asdict().items():
            moved = stocks._replace(**{name: stock + 0.001 * np.maximum(np.abs(stock), 1.0)})
            assert [line.split(": ")[1].split("[")[0] for line in disagreements(moved, stocks, inputs)] == [
                name
            ]
