"""Rename the sides and every number mirrors, to the last bit: the equations know no Russia and no Ukraine."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from ceasefire.war import LEVERS, REGISTRY, Events, Flows, Geography, State
from ceasefire.war.levers import COLUMNS
from tests.war.helpers import SPAN, Inputs, Path, draw_inputs, walk

DAYS = 3 * SPAN
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
EVENTS_OF_THE_WAR = ("battle", "settlement")


def swapped_parameters(parameters: np.ndarray) -> np.ndarray:
    mirrored = parameters.copy()
    for name, rows in REGISTRY.rows.items():
        if REGISTRY[name].per_side:
            mirrored[rows] = parameters[rows][::-1]
    return mirrored


def swapped_levers(levers: np.ndarray) -> np.ndarray:
    mirrored = levers.copy()
    for lever in LEVERS:
        if lever.per_side:
            mirrored[:, COLUMNS[lever.name]] = levers[:, COLUMNS[lever.name]][:, ::-1]
    return mirrored


def swapped_geography(geography: Geography) -> Geography:
    return Geography(
        geography.weight, geography.ground[::-1], geography.share[::-1], np.asarray(geography.aim)[::-1]
    )


def swapped_events(events: Events) -> Events:
    return Events(
        **{
            name: shocks if name in EVENTS_OF_THE_WAR else shocks[:, ::-1]
            for name, shocks in events._asdict().items()
        }
    )


def mirrored(inputs: Inputs) -> Inputs:
    """The same war with the sides listed the other way round."""
    return inputs._replace(
        parameters=swapped_parameters(inputs.parameters),
        geography=swapped_geography(inputs.geography),
        levers=swapped_levers(inputs.levers),
        perception=inputs.perception[:, ::-1],
        culmination=inputs.culmination[:, ::-1],
        drift=inputs.drift._replace(advantage=inputs.drift.advantage[:, ::-1]),
        line=inputs.line[:, ::-1],
        events=swapped_events(inputs.events),
        decisions=inputs.decisions[:, ::-1],
    )


def differences(path: Path, mirror: Path) -> list[str]:
    """The stocks and flows that are not the same to the last bit when the sides are turned back."""
    found = []
    for ours, theirs in ((path.states, mirror.states), (path.flows, mirror.flows)):
        for name, stock in ours._asdict().items():
            back = getattr(theirs, name) if name in OF_THE_WAR else getattr(theirs, name)[:, ::-1]
            if not np.array_equal(stock, back):
                found.append(name)
    return found


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_mirrored_war_gives_mirrored_numbers(seed: int) -> None:
    inputs = draw_inputs(seed, DAYS)
    assert differences(walk(inputs), walk(mirrored(inputs))) == []


def test_a_mirrored_war_of_extremes_gives_mirrored_numbers() -> None:
    inputs = draw_inputs(4, DAYS, extreme=True)
    assert differences(walk(inputs), walk(mirrored(inputs))) == []


@pytest.mark.parametrize("known", [(1.0, 0.0), (0.0, -1.0)])
def test_known_decisions_mirror_too(known: tuple[float, float]) -> None:
    inputs = draw_inputs(5, DAYS)
    decisions = np.tile(np.asarray(known, np.float32).reshape(1, 2, 1), (DAYS, 1, 1))
    inputs = inputs._replace(decisions=decisions)
    assert differences(walk(inputs), walk(mirrored(inputs))) == []


def test_the_two_sides_of_these_wars_differ() -> None:
    """Without this, the mirror would show a war that is its own image."""
    paths = [walk(draw_inputs(seed, DAYS)) for seed in (1, 2, 3)]
    moved = {name for path in paths for name in differences(path, path)}
    assert moved == (set(State._fields) | set(Flows._fields)) - set(OF_THE_WAR)
    # Nor does what both sides share stay as it was, but for the lengths of the fronts.
    for name in set(OF_THE_WAR) - {"front_weight"}:
        assert any(np.ptp(getattr(path.states, name), axis=0).any() for path in paths), name


@cache
def with_its_image() -> tuple[Inputs, Path, Inputs]:
    inputs = draw_inputs(5, SPAN)
    # Nobody is called up in the second half, so that a leader who makes up his losses has to.
    half = SPAN // 2
    for name in ("recruitment", "mobilisation"):
        inputs.levers[half:, COLUMNS[name]] = 0.0
    # What is rare happens.
    inputs.parameters[REGISTRY.rows["internal_break_rate"]] *= 100.0
    inputs.parameters[REGISTRY.rows["initial_losses_to_replace"]] *= 10.0
    # One leader may attack in the second half, the other may not.
    inputs.levers[half:, COLUMNS["offensives"]] = [0.0, 1.0]
    return inputs, walk(inputs), mirrored(inputs)


@pytest.mark.parametrize("row", [name for name, side in REGISTRY.labels() if side == 0])
def test_a_parameter_that_is_left_behind_is_found(row: str) -> None:
    """Mirror all but one parameter and the image is wrong: each per-side parameter is the side's own."""
    inputs, path, mirror = with_its_image()
    forgotten = mirror.parameters.copy()
    forgotten[REGISTRY.rows[row]] = inputs.parameters[REGISTRY.rows[row]]
    assert differences(path, walk(mirror._replace(parameters=forgotten))) != []


def test_what_is_mirrored_in_full_is_its_image() -> None:
    """Without this the test before would also pass for a mirror that never fits."""
    _, path, mirror = with_its_image()
    assert differences(path, walk(mirror)) == []


@pytest.mark.parametrize("lever", [lever.name for lever in LEVERS if lever.per_side])
def test_a_lever_that_is_left_behind_is_found(lever: str) -> None:
    inputs, path, mirror = with_its_image()
    forgotten = mirror.levers.copy()
    forgotten[:, COLUMNS[lever]] = inputs.levers[:, COLUMNS[lever]]
    assert differences(path, walk(mirror._replace(levers=forgotten))) != []


@pytest.mark.parametrize("event", [name for name in Events._fields if name not in EVENTS_OF_THE_WAR])
def test_a_chance_that_is_left_behind_is_found(event: str) -> None:
    inputs, path, mirror = with_its_image()
    forgotten = mirror.events._replace(**{event: getattr(inputs.events, event)})
    assert differences(path, walk(mirror._replace(events=forgotten))) != []


def test_aims_that_are_left_behind_are_found() -> None:
    inputs, path, mirror = with_its_image()
    forgotten = mirror.geography._replace(aim=inputs.geography.aim)
    assert differences(path, walk(mirror._replace(geography=forgotten))) != []
