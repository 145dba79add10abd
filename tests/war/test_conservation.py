"""Nobody and nothing appears or vanishes: every stock is what flowed in less what flowed out, on every day.

Sums are taken in double precision from the float32 stocks and flows of 1106 days, with levers, truces, shocks
and parameters drawn by chance and the leaders deciding. Half of the wars have each optional mechanism.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from ceasefire.war import REGISTRY, Flows, State
from ceasefire.war.levers import COLUMNS
from ceasefire.war.state import MECHANISM_OF
from ceasefire.war.structure import has
from tests.war.helpers import Path, draw_inputs, set_lever, set_parameter, structure_of, walk, with_all

DAYS = 1106
SEEDS = range(6)
CONSTANT = 100
"""Not a seed: the war of `constant_intake`."""
ALL, NONE = 101, 102
"""Not seeds: every war has every optional mechanism, or none of them."""
WALKS = (*SEEDS, CONSTANT, ALL, NONE)
SHARE = 1e-5
"""Largest error in people as a share of all who have moved since the start."""
OF_MATERIAL = 1e-4
"""The same for material, where a stock of millions of rounds is used by thousands a day."""
NOBODY = 0.1
"""An error of a tenth of a person is none: a force of 500,000 is known to 0.03 in float32."""
ROUNDING = 2.0**-22
"""Rounding of a stock of float32 from one day to the next, as a share of the stock."""


def doubled(part: State | Flows) -> State | Flows:
    return type(part)(*[np.asarray(stock, dtype=np.float64) for stock in part])


def constant_intake() -> Path:
    """A large pool and the same intake every day, which rounds the same way every day."""
    inputs = draw_inputs(1, DAYS)
    levers = set_lever(set_lever(inputs.levers, "recruitment", 633.0), "mobilisation", 0.0)
    parameters = set_parameter(inputs.parameters, "initial_pool", 25e6)
    return walk(inputs._replace(levers=levers, parameters=parameters))


@cache
def path(seed: int) -> Path:
    if seed == CONSTANT:
        walked = constant_intake()
    else:
        walked = walk(draw_inputs(seed, DAYS)._replace(structure=structures(seed)))
    return Path(doubled(walked.states), doubled(walked.flows))


def structures(seed: int) -> np.ndarray:
    drawn = draw_inputs(1 if seed == CONSTANT else seed, DAYS).structure
    if seed not in (ALL, NONE):
        return drawn
    there = with_all() if seed == ALL else structure_of()
    # The laws of attrition and fire stay drawn.
    return np.concatenate([drawn[:2], there[2:]])


def since_start(*flows: np.ndarray) -> np.ndarray:
    return np.cumsum(sum(flows), axis=0)


def assert_balanced(
    stock: np.ndarray,
    net: np.ndarray,
    gross: np.ndarray,
    rounding: float | np.ndarray = 0.0,
    share: float = SHARE,
) -> None:
    """The stock moved by the net flow since the start, to a share of the gross flow and to rounding."""
    error = np.abs(stock[1:] - stock[0] - net)
    allowed = np.maximum(share * gross, NOBODY) + rounding * np.abs(stock[1:])
    day, *where = np.unravel_index(np.argmax(error - allowed), error.shape)
    worst = (int(day), *where)
    balanced = bool((error <= allowed).all())
    assert balanced, f"day {day}: {error[worst]:.3g} of {gross[worst]:.6g}"


def people_who_moved(flows: Flows) -> np.ndarray:
    """All that has flowed from one stock of people to another since the start."""
    return since_start(
        flows.called_up,
        flows.emigrating,
        flows.graduates,
        flows.losses,
        flows.returned,
        flows.discharged,
        flows.coming_back,
    )


def everybody(states: State, flows: Flows) -> np.ndarray:
    """All people: who can be called up, serve, recover, are abroad for a time or gone for good."""
    pool_left = states.pool_at_start - states.called_up - states.emigrated + states.back_from_abroad
    under_arms = states.trainees.sum(axis=2) + states.troops.sum(axis=2) + states.reserve
    for_a_time = np.concatenate([np.zeros_like(states.killed[:1]), since_start(flows.leaving_for_a_time)])
    gone = states.killed + states.captured + states.discharged + (states.emigrated - for_a_time)
    return pool_left + under_arms + states.recovering.sum(axis=2) + states.abroad.sum(axis=2) + gone


def test_people_add_up() -> None:
    for seed in WALKS:
        states, flows = path(seed)
        assert_balanced(everybody(states, flows), np.zeros_like(flows.losses), people_who_moved(flows))


@pytest.mark.parametrize("seed", WALKS)
def test_each_stock_of_people_is_what_came_less_what_left(seed: int) -> None:
    states, flows = path(seed)
    gross = people_who_moved(flows)
    force = states.troops.sum(axis=2) + states.reserve
    recovering = states.recovering.sum(axis=2)
    assert_balanced(force, since_start(flows.graduates, flows.returned, -flows.losses), gross, ROUNDING)
    assert_balanced(states.trainees.sum(axis=2), since_start(flows.called_up, -flows.graduates), gross)
    assert_balanced(recovering, since_start(flows.wounded, -flows.returned, -flows.discharged), gross)
    abroad = states.abroad.sum(axis=2)
    assert_balanced(abroad, since_start(flows.leaving_for_a_time, -flows.coming_back), gross, ROUNDING)


def test_who_leaves_for_a_time_is_part_of_who_leaves() -> None:
    for seed in WALKS:
        flows = path(seed).flows
        assert (flows.leaving_for_a_time <= flows.emigrating * (1 + 1e-6)).all()


COUNTS = {
    "called_up": "called_up",
    "emigrated": "emigrating",
    "back_from_abroad": "coming_back",
    "killed": "killed",
    "wounded": "wounded",
    "captured": "captured",
    "discharged": "discharged",
    "armour_lost": "armour_lost",
    "shells_fired": "shells_fired",
    "missiles_launched": "missiles_launched",
    "drones_launched": "long_range_drones_launched",
    "interceptors_fired": "interceptors_fired",
    "civilians_killed": "civilians_killed",
}


@pytest.mark.parametrize("count", COUNTS)
def test_each_count_is_the_sum_of_its_flow(count: str) -> None:
    for seed in WALKS:
        states, flows = path(seed)
        flowed = since_start(getattr(flows, COUNTS[count]))
        assert_balanced(getattr(states, count), flowed, flowed, ROUNDING)


@pytest.mark.parametrize("seed", WALKS)
def test_losses_are_killed_wounded_and_captured(seed: int) -> None:
    flows = path(seed).flows
    np.testing.assert_allclose(flows.killed + flows.wounded + flows.captured, flows.losses, rtol=1e-5)


@pytest.mark.parametrize("seed", WALKS)
def test_vehicles_add_up(seed: int) -> None:
    states, flows = path(seed)
    field = states.armour_modern + states.armour_legacy
    on_the_way = states.armour_in_transit.sum(axis=2)
    everything = field + states.armour_storage + states.armour_lost + on_the_way
    added = since_start(flows.armour_built, flows.armour_sent)
    gross = added + since_start(flows.armour_lost, flows.armour_refurbished, flows.armour_arriving)
    assert_balanced(everything, added, gross, ROUNDING, OF_MATERIAL)
    assert_balanced(
        states.armour_storage, since_start(-flows.armour_refurbished), gross, ROUNDING, OF_MATERIAL
    )
    assert_balanced(states.armour_lost, since_start(flows.armour_lost), gross, ROUNDING, OF_MATERIAL)
    assert_balanced(
        on_the_way, since_start(flows.armour_sent, -flows.armour_arriving), gross, share=OF_MATERIAL
    )


@pytest.mark.parametrize("seed", WALKS)
def test_shells_add_up(seed: int) -> None:
    states, flows = path(seed)
    on_the_way = states.shells_in_transit.sum(axis=2)
    added = since_start(flows.shells_made, flows.shells_sent)
    gross = added + since_start(flows.shells_fired, flows.shells_arriving)
    everything = states.shells + states.shells_fired + on_the_way
    assert_balanced(everything, added, gross, ROUNDING, OF_MATERIAL)
    assert_balanced(states.shells_fired, since_start(flows.shells_fired), gross, ROUNDING, OF_MATERIAL)
    assert_balanced(
        on_the_way, since_start(flows.shells_sent, -flows.shells_arriving), gross, share=OF_MATERIAL
    )


# By stock of an optional mechanism: what comes in, and what goes out.
BALANCES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "artillery": (("artillery_built", "artillery_arriving"), ("artillery_struck", "artillery_worn")),
    "artillery_in_transit": (("artillery_sent",), ("artillery_arriving",)),
    "drones": (("drones_made", "drones_arriving"), ("drones_used",)),
    "drones_in_transit": (("drones_sent",), ("drones_arriving",)),
    "missiles": (("missiles_made", "missiles_arriving"), ("missiles_launched",)),
    "long_range_drones": (
        ("long_range_drones_made", "long_range_drones_arriving"),
        ("long_range_drones_launched",),
    ),
    "interceptors": (("interceptors_made", "interceptors_arriving"), ("interceptors_fired",)),
    "interceptors_in_transit": (("interceptors_sent",), ("interceptors_arriving",)),
    "displaced": (("displacing",), ("displaced_returning",)),
    "workforce_lost": (("called_up", "emigrating"), ("coming_back", "discharged")),
}


def balance(seed: int, stock: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A stock, summed over its stages, and its net and gross flows since the start."""
    states, flows = path(seed)
    there = getattr(states, stock)
    there = there if there.ndim == 3 else there.sum(axis=2)
    added, taken = ([getattr(flows, name) for name in names] for names in BALANCES[stock])
    if MECHANISM_OF[stock] == "labour":  # its flows are those of the people: they count where it is there
        wars = np.asarray(has(structures(seed), "labour"))
        added, taken = ([np.where(wars, flow, 0.0) for flow in part] for part in (added, taken))
    return there, since_start(*added) - since_start(*taken), since_start(*added, *taken)


@pytest.mark.parametrize("stock", BALANCES)
def test_each_stock_of_an_optional_mechanism_is_what_came_less_what_left(stock: str) -> None:
    for seed in WALKS:
        there, net, gross = balance(seed, stock)
        assert_balanced(there, net, gross, rounding_of(stock, len(net)), OF_MATERIAL)


def rounding_of(stock: str, days: int) -> float | np.ndarray:
    """A day's rounding; every day's where a stock of millions moves by hundreds a day."""
    return ROUNDING * np.arange(1, days + 1)[:, None, None] if stock == "displaced" else ROUNDING


@pytest.mark.parametrize("stock", BALANCES)
def test_something_flows_through_each_of_these_stocks(stock: str) -> None:
    """In and out, in nearly all wars that have the mechanism; nothing where no war has it."""
    for names in BALANCES[stock]:
        for name in names:
            flow = getattr(path(ALL).flows, name)[:200]
            assert (flow.sum(axis=(0, 1)) > 0).mean() > 0.8, name
            assert (getattr(path(NONE).flows, name) == 0).all() or stock == "workforce_lost", name


@pytest.mark.parametrize("kind", ["missiles", "drones"])
def test_what_is_launched_is_destroyed_or_gets_through(kind: str) -> None:
    for seed in WALKS:
        states, flows = path(seed)
        prefix = kind if kind == "missiles" else "long_range_drones"
        destroyed = since_start(getattr(flows, f"{prefix}_destroyed"))
        leaked = getattr(states, f"{kind}_leaked")
        launched = since_start(getattr(flows, f"{prefix}_launched"))
        assert_balanced(leaked, launched[:, ::-1] - destroyed, launched[:, ::-1], ROUNDING, OF_MATERIAL)


def test_shells_of_third_parties_are_among_those_sent() -> None:
    """Aid by the levers and the stream of third parties: nothing else, and nothing without the mechanism."""
    inputs = draw_inputs(ALL, DAYS)
    states, flows = path(ALL)
    level = states.third_party_level[:-1] * inputs.parameters[REGISTRY.rows["third_party_shells"]]
    truce = states.truce[1:, None] > 0
    columns = {name: inputs.levers[:, COLUMNS[name]][..., None] for name in ("aid_shells", "truce_aid")}
    expected = (columns["aid_shells"] + level) * np.where(truce, columns["truce_aid"], 1.0)
    np.testing.assert_allclose(flows.shells_sent, expected, rtol=1e-5)
    assert (level[-1] > 0).mean() > 0.9
    assert (path(NONE).states.third_party_level == 0).all()


@pytest.mark.parametrize("seed", WALKS)
def test_losses_in_battles_are_part_of_all_losses(seed: int) -> None:
    states, flows = path(seed)
    losses = since_start(flows.losses)
    assert (np.diff(states.battle_losses, axis=0) >= 0).all()
    assert (states.battle_losses[1:] <= losses * (1 + 1e-5)).all()
    # Whoever had a battle lost people in it, on both sides, and nobody else did.
    fought = (states.battle > 0).any(axis=(0, 1))
    assert np.array_equal(states.battle_losses[-1] > 0, np.stack([fought, fought]))
    if seed == ALL:
        assert 0.5 < fought.mean() < 1.0


def test_what_a_war_has_not_does_not_move() -> None:
    """Stocks of a mechanism that a war has not stay as on the first morning, to the last bit."""
    for seed in (0, NONE):
        states = path(seed).states
        for stock, mechanism in MECHANISM_OF.items():
            without = ~np.asarray(has(structures(seed), mechanism))
            assert without.any(), mechanism
            there = getattr(states, stock)[..., without]
            assert (there == there[:1]).all(), stock


@pytest.mark.parametrize("seed", WALKS)
def test_ground_changes_hands_and_nothing_else(seed: int) -> None:
    walked = path(seed)
    ground = walked.states.ground_at_start
    held = ground - walked.states.ground_taken[:, ::-1] + walked.states.ground_taken
    np.testing.assert_allclose(held.sum(axis=1), ground.sum(axis=1), rtol=1e-6)
    assert held.min() > -1e-6 * ground.max()
    taken = since_start(walked.flows.ground_taken)
    np.testing.assert_allclose(walked.states.ground_taken[1:], taken, rtol=1e-4, atol=1e-4)


def test_the_wars_of_these_tests_go_where_they_must() -> None:
    """Truces are kept and broken, offensives run, pools run low: these are not quiet wars."""
    walks = [path(seed).states for seed in SEEDS]
    assert sum(float(states.truces_broken[-1].sum()) for states in walks) > 50
    assert sum(float(states.truce.sum()) for states in walks) > 50 * 64
    assert sum(float(states.offensive.sum()) for states in walks) > 50 * 64
    left = np.concatenate([(1 - states.called_up[-1] / states.pool_at_start[-1]).ravel() for states in walks])
    assert left.min() < 0.1


@pytest.mark.parametrize("stock", ["killed", "reserve", "called_up", "discharged", "back_from_abroad"])
def test_a_count_that_is_one_in_a_thousand_off_is_found(stock: str) -> None:
    states, flows = path(0)
    moved = getattr(states, stock).copy()
    moved[500:] += 1e-3 * people_who_moved(flows)[499:]
    wrong = states._replace(**{stock: moved})
    nobody = np.zeros_like(flows.losses)
    with pytest.raises(AssertionError, match="day "):
        assert_balanced(everybody(wrong, flows), nobody, people_who_moved(flows), share=1e-4)


@pytest.mark.parametrize("stock", BALANCES)
def test_a_stock_that_is_one_in_a_thousand_off_is_found(stock: str) -> None:
    there, net, gross = balance(ALL, stock)
    moved = there.copy()
    moved[500:] += 1e-3 * gross[499:]
    with pytest.raises(AssertionError, match="day "):
        assert_balanced(moved, net, gross, rounding_of(stock, len(net)), OF_MATERIAL)
