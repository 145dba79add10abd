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
from ceasefire.war.timestep import lever_factors, parameter_factors
from tests.reference import day_reference as reference
from tests.war.helpers import (
    WARS,
    Inputs,
    day_jitted,
    draw_inputs,
    initial_state,
    observed,
)

RELATIVE = 1e-4
WEEK = 7

OF_THE_WAR = (
    "front_weight",
    "log_tempo",
    "intensity",
    "lethality",
    "volatility",
    "truce",
    "battle",
    "provocation",
    "truces_collapsed",
    "escalation",
    "settled",
)
# Logs pass through zero and carry the rounding of their terms; a front's troops and reserves are what remains
# when large moves cancel; shells, vehicles, lines, those who wait to leave and those missing at work too.
# A smaller difference is rounding.
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
    "emigration_pressure": 0.05,
    "workforce_lost": 0.1,
    # In a week that is nearly quiet, what is launched is the small difference of larger numbers.
    "missiles_launched": 1e-4,
    "missiles_destroyed": 1e-4,
    "missiles_leaked": 1e-4,
    "long_range_drones_launched": 1e-3,
    "long_range_drones_destroyed": 1e-3,
    "drones_launched": 1e-3,
    "drones_leaked": 1e-3,
}
LAUNCHED = tuple(name for name in FLOOR if name.endswith(("_launched", "_destroyed", "_leaked")))
SMALL = 1e-6
# What is left of a pool of millions cannot be told to a person, only to this part of the pool.
OUT_OF_THE_POOL = ("called_up", "emigrating", "trainees", "leaving_for_a_time", "workforce_lost")
ROUNDING = 2.0**-23
# What is left of a front of tens of thousands of km2 cannot be told to the square metre either.
OUT_OF_THE_GROUND = ("ground_taken",)


def war_of(state: State, war: int) -> reference.War:
    """One war of the ensemble as the reference sees it."""
    found: reference.War = {"sides": [{}, {}]}
    for name, stock in state._asdict().items():
        if name in OF_THE_WAR:
            found[name] = np.asarray(stock)[..., war].astype(float).tolist()
            continue
        for side in (0, 1):
            found["sides"][side][name] = np.asarray(stock)[side, ..., war].astype(float).tolist()
    return found


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


def shocks_of(inputs: Inputs, day: int, war: int) -> dict[str, Any]:
    drawn = inputs.shocks(day)
    named = drawn._asdict() | drawn.drift._asdict() | drawn.events._asdict()
    return {
        name: np.asarray(part)[..., war].astype(float).tolist()
        for name, part in named.items()
        if name not in ("drift", "events")
    }


def reference_day(
    inputs: Inputs, wars: list[reference.War], day: int, step: int = 1
) -> tuple[list[reference.War], Flows]:
    levers = levers_of(inputs.levers[day])
    calendar = reference.Calendar(
        bool(inputs.begins[day]), bool(inputs.ends[day]), day % 7 == 0 or step == WEEK, float(step)
    )
    done = [
        reference.day(
            war,
            parameters_of(inputs, n),
            structure_of(inputs, n),
            levers,
            calendar,
            shocks_of(inputs, day, n),
            inputs.decisions[day, :, 0].astype(float).tolist(),
        )
        for n, war in enumerate(wars)
    ]
    return [tomorrow for tomorrow, _ in done], flows_of([flows for _, flows in done])


def jitted_day(inputs: Inputs, state: State, day: int, step: int = 1) -> tuple[State, Flows]:
    week = np.float32(day % 7 == 0 or step == WEEK)
    return day_jitted(
        state,
        inputs.parameters,
        inputs.structure,
        Today(inputs.levers[day], inputs.begins[day], inputs.ends[day], week, np.float32(step)),
        inputs.shocks(day),
        Decisions(inputs.decisions[day]),
    )


def counted_in_steps(inputs: Inputs, step: int) -> Inputs:
    """The same inputs with all rates and times in steps of that many days."""
    return inputs._replace(
        parameters=inputs.parameters * parameter_factors(step), levers=inputs.levers * lever_factors(step)
    )


def disagreements(ours: State | Flows, theirs: State | Flows, inputs: Inputs, day: int = 0) -> list[str]:
    """Every stock or flow that differs by more than 1e-4 of itself, in words."""
    pool = inputs.parameters[REGISTRY.rows["initial_pool"]].astype(float)
    found = []
    for name in theirs._fields:
        ours_here = np.asarray(getattr(ours, name), dtype=np.float64)
        theirs_here = np.asarray(getattr(theirs, name), dtype=np.float64)
        floor = FLOOR.get(name, SMALL) if isinstance(theirs, State) or name in LAUNCHED else SMALL
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
    """A state that no first morning has: every stock moved, offensives, truces, battles, breaks under way."""
    state = initial_state(inputs.parameters, inputs.structure, inputs.geography)
    changed = {}
    for name, stock in state._asdict().items():
        changed[name] = np.asarray(stock) * rng.lognormal(0.0, 0.4, np.shape(stock))
    for name in ("front_weight", "pool_at_start", "aim"):
        changed[name] = np.asarray(getattr(state, name))
    two = (2, WARS)
    pool = changed["pool_at_start"]
    changed["called_up"] = pool * rng.uniform(0.0, 0.5, two)
    changed["emigrated"] = pool * rng.uniform(0.0, 0.4, two)
    changed["back_from_abroad"] = changed["emigrated"] * rng.uniform(0.0, 0.5, two)
    for name, (low, high) in BETWEEN.items():
        changed[name] = rng.uniform(low, high, np.shape(getattr(state, name)))
    for name, (mean, spread) in AROUND.items():
        changed[name] = rng.normal(mean, spread, np.shape(getattr(state, name)))
    for name, share in SHARE_OF_ONES.items():
        changed[name] = rng.random(np.shape(getattr(state, name))) < share
    changed["advantage"][1] = -changed["advantage"][0]
    for name in ("believed_own", "believed_enemy"):
        changed[name] = np.asarray(getattr(state, name)) + rng.normal(0.0, 0.5, two)
    changed["days_in_phase"] = rng.integers(0, 200, two)
    changed["truces_broken"] = rng.integers(0, 3, two)
    force = changed["reserve"] + changed["troops"].sum(axis=1)
    changed["highest_force"] = force * rng.uniform(1.0, 4.0, two)
    changed["will"] *= rng.random(two) < 0.95
    # A war has ended in one way, or has not.
    kind = rng.random(WARS)
    changed["collapsed"] = (rng.random(two) < 0.5) & (kind < 0.04)
    changed["exhausted"] = (rng.random(two) < 0.5) & (kind > 0.96)
    changed["settled"] = (kind > 0.5) & (kind < 0.54)
    return State(**{name: np.asarray(stock, np.float32) for name, stock in changed.items()})


BETWEEN = {
    "skill": (0.05, 1.0),
    "industry": (0.3, 4.0),
    "fortification": (0.0, 1.0),
    "killed": (0.0, 5e4),
    "wounded": (0.0, 2e5),
    "captured": (0.0, 5e3),
    "discharged": (0.0, 1e5),
    "armour_lost": (0.0, 4e3),
    "shells_fired": (0.0, 1e7),
    "armour_in_transit": (0.0, 200.0),
    "shells_in_transit": (0.0, 1e5),
    "ground_taken": (0.0, 3_000.0),
    "battle_losses": (0.0, 5e4),
    "provocation": (0.0, 4.0),
    "artillery_in_transit": (0.0, 50.0),
    "drone_industry": (0.5, 20.0),
    "drones_in_transit": (0.0, 2_000.0),
    "third_party_level": (0.0, 1.0),
    "sanctions_evaded": (0.0, 0.6),
    "workforce_lost": (-1e5, 1e6),
    "emigration_pressure": (0.0, 1e5),
    "interceptors_in_transit": (0.0, 50.0),
    "grid": (0.2, 1.0),
    "missiles_launched": (0.0, 3e3),
    "drones_launched": (0.0, 1e4),
    "missiles_leaked": (0.0, 1e3),
    "drones_leaked": (0.0, 2e3),
    "interceptors_fired": (0.0, 1e4),
    "civilians_killed": (0.0, 1e4),
    "escalation": (0.0, 0.1),
    "will": (0.0, 1.0),
}
"""What stocks are drawn between where a first morning has nothing, or the same in all wars."""
AROUND = {
    "log_tempo": (0.0, 0.4),
    "intensity": (0.0, 0.4),
    "advantage": (0.0, 0.4),
    "lethality": (0.0, 0.4),
    "volatility": (0.0, 0.8),
    "perceived": (-0.5, 1.0),
}
SHARE_OF_ONES = {
    "offensive": 0.5,
    "truce": 0.5,
    "flank_open": 0.6,
    "capital_taken": 0.1,
    "battle": 0.5,
    "third_party_open": 0.3,
    "broken_within": 0.2,
}
# The engine draws numbers of 23 bits, none of which is farther out.
FARTHEST = np.float32(5.0)
RARE = ("third_party", "flank", "assault", "battle", "internal_break", "settlement")


def eventful(inputs: Inputs) -> Inputs:
    """The same inputs with chances far out and violations that grow fast, so that what is rare happens."""
    events = inputs.events
    wide = {name: np.clip(np.float32(2.5) * getattr(events, name), -FARTHEST, FARTHEST) for name in RARE}
    parameters = inputs.parameters.copy()
    parameters[REGISTRY.rows["violation_growth"]] *= 10.0
    return inputs._replace(parameters=parameters, events=events._replace(**wide))


def one_day(seed: int) -> Inputs:
    """Random inputs whose first day may begin or end a truce, with decisions known or left to the leaders."""
    rng = np.random.default_rng(seed)
    inputs = eventful(draw_inputs(seed))
    begins, ends = inputs.begins.copy(), inputs.ends.copy()
    begins[0], ends[0] = rng.random(2) < 0.25
    known = rng.integers(-1, 2, 2)
    return inputs._replace(begins=begins, ends=ends, decisions=observed(inputs.days, *known.astype(float)))


@pytest.mark.thorough
@given(seed=st.integers(0, 2**32 - 1), step=st.sampled_from([1, WEEK]))
@example(seed=0, step=1)
@example(seed=0, step=WEEK)
def test_one_step_from_any_state_agrees(seed: int, step: int) -> None:
    inputs = counted_in_steps(one_day(seed), step)
    state = shaken(inputs, np.random.default_rng(seed))
    ours, our_flows = jitted_day(inputs, state, 0, step)
    theirs, their_flows = reference_day(inputs, [war_of(state, n) for n in range(WARS)], 0, step)
    assert disagreements(ours, state_of(theirs), inputs) + disagreements(our_flows, their_flows, inputs) == []


@pytest.mark.thorough
@pytest.mark.parametrize("seed", [12, 16])
def test_each_of_200_days_along_the_path_of_the_reference_agrees(seed: int) -> None:
    """Each day starts again from the reference's state: one decision at a threshold cannot hide the rest."""
    days, wars = 200, 24
    inputs = eventful(draw_inputs(seed, days))
    first = initial_state(inputs.parameters, inputs.structure, inputs.geography)
    path = [war_of(first, n) for n in range(WARS)]
    found, started = [], 0.0
    for day in range(days):
        state = state_of(path, np.float32)
        ours, our_flows = jitted_day(inputs, state, day)
        path[:wars], their_flows = reference_day(inputs, path[:wars], day)
        found += disagreements(first_wars(ours, wars), state_of(path[:wars]), inputs, day)
        found += disagreements(first_wars(our_flows, wars), their_flows, inputs, day)
        now = state_of(path[:wars])
        started += float(np.sum((now.offensive == 1) & (now.days_in_phase == 0)))
    assert found == []
    # The path went where it matters.
    assert started > wars
    for name in HAPPENS:
        assert np.sum(getattr(now, name)) > 0, name
    for row in inputs.structure[:, :wars]:
        assert len(set(row.tolist())) > 1


HAPPENS = (
    "truces_broken",
    "truces_collapsed",
    "flank_open",
    "capital_assaults",
    "battle_losses",
    "third_party_open",
    "back_from_abroad",
    "drones_leaked",
    "interceptors_fired",
    "internal_breaks",
    "escalation",
    "exhausted",
    "settled",
)


def first_wars(stocks: State | Flows, wars: int) -> State | Flows:
    return type(stocks)(*[np.asarray(stock)[..., :wars] for stock in stocks])


def test_the_first_morning_agrees() -> None:
    inputs = draw_inputs(21)
    ours = initial_state(inputs.parameters, inputs.structure, inputs.geography)
    geography = [np.asarray(part, dtype=float).tolist() for part in inputs.geography]
    theirs = [
        reference.first_morning(parameters_of(inputs, n), structure_of(inputs, n), *geography)
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
