"""Each optional mechanism alone: what must change when it is switched, and what must not change by a bit.

Two directions: a core of none with this one on, and the whole model with this one off. Chances, parameters
and plan are the same, and so is the compiled program. Two further tables say exactly what the mechanism
reaches in a core while leaders cannot answer it, and on its first day, before anything can pass it on.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from ceasefire.war import State
from ceasefire.war.state import MECHANISM_OF
from ceasefire.war.structure import OPTIONAL
from tests.engine.walks import levers, rows, walk, wars

WARS = 256
DAYS = 182

# A plan and parameters under which everything happens in some of the wars within half a year.
PLAN = {
    "recruitment": (300.0, 250.0),
    "mobilisation": (300.0, 200.0),
    "sanctions": (0.5, 0.3),
    "third_party": (0.2, 0.4),
    "aid_artillery": (1.0, 2.0),
    "aid_drones": (50.0, 60.0),
    "aid_interceptors": (2.0, 3.0),
    "aid_shells": (500.0, 1_500.0),
    "aid_armour": (2.0, 4.0),
    "flank": (2.0, 1.0),
}
TRUCE = (56, 126)
AIM = [[0.5, 0.2], [0.0, 0.6]]
PARAMETERS = {
    "offensive_threshold": -1.2,
    "perception_bias": 0.2,
    "initial_usual_losses": 900.0,
    "battle_onset_days": 20.0,
    "violation_growth": 0.08,
    "violation_level": 0.15,
    "flank_opening": 0.005,
    "assault_days": 7.0,
    "third_party_onset_days": 60.0,
    "sanctions_at_start": 0.2,
    "internal_break_rate": 4e-3,
    "initial_will": 0.4,
    "will_by_deaths": 60.0,
    "settlement_rate": 0.03,
    "collapse_share": 0.85,
    "collapse_balance": -0.3,
}

CONSTANT = {"pool_at_start", "front_weight", "ground_at_start", "aim"}
DRIFTS = {"log_tempo", "intensity", "advantage", "lethality", "volatility"}
BY_POLICY = {"industry", "armour_in_transit"}
# The same of optional mechanisms: by policy, parameters and chance alone.
OPTIONAL_BY_POLICY = {
    "artillery_in_transit",
    "drone_industry",
    "drones_in_transit",
    "interceptors_in_transit",
    "sanctions_evaded",
    "third_party_open",
    "third_party_level",
    "flank_open",
}
INTAKE = {"called_up", "emigrated", "trainees"}
FIGHT = {
    "armour_legacy",
    "armour_lost",
    "armour_modern",
    "captured",
    "discharged",
    "fortification",
    "ground_taken",
    "killed",
    "perceived",
    "recovering",
    "reserve",
    "skill",
    "troops",
    "wounded",
}
FIRE = {"shells", "shells_fired"}
MENDED = {"armour_storage"}
SENT = {"shells_in_transit"}
LED = {"offensive", "days_in_phase"}
TRUCES = {"truce", "truces_broken"}
NOTHING: set[str] = set()

# Switched on in a core of none: what must change besides its own stocks, and what may. All else must not.
IN_A_CORE: dict[str, tuple[set[str], set[str]]] = {
    "decision": (FIGHT | FIRE | LED | TRUCES, NOTHING),
    "recruiting": (FIGHT | INTAKE, FIRE | LED | TRUCES),
    "aims": (FIGHT | FIRE | LED, TRUCES),
    "belief": (FIGHT | FIRE | LED | TRUCES, NOTHING),
    "northern_front": (FIGHT, FIRE | LED | TRUCES),
    "battles": (FIGHT | FIRE, LED | TRUCES),
    "violations": (FIGHT | FIRE | {"truce"}, LED | TRUCES),
    # They count in the balance of the first morning, which beliefs begin with.
    "artillery": (FIGHT | FIRE, LED | TRUCES | {"believed_own", "believed_enemy"}),
    "drones": (FIGHT, FIRE | LED | TRUCES | {"believed_own", "believed_enemy"}),
    "third_party_arms": (FIGHT | FIRE | SENT, LED | TRUCES),
    "sanctions": (FIGHT | FIRE | MENDED, LED | TRUCES),
    "labour": (FIGHT | FIRE | MENDED, LED | TRUCES),
    "emigration": (FIGHT | INTAKE, FIRE | LED | TRUCES),
    "air_defence": (FIGHT | FIRE | MENDED, LED | TRUCES),
    "civilian_harm": (NOTHING, NOTHING),
    "internal_break": (FIGHT | FIRE | MENDED | INTAKE | LED, TRUCES),
    "escalation": (NOTHING, NOTHING),
    # Whoever no longer fights still calls up, makes and is sent arms.
    "ending": (FIGHT | FIRE | LED, TRUCES),
}

SEEN_BY_ALL = {"will", "recent_deaths", "escalation", "losses_to_replace", "usual_losses"}

# Switched off in the whole: what must change besides what must in the core.
IN_THE_WHOLE: dict[str, set[str]] = {
    "decision": SEEN_BY_ALL | {"civilians_killed", "artillery", "drones", "battle"},
    "recruiting": SEEN_BY_ALL | {"workforce_lost"},
    "aims": SEEN_BY_ALL | {"civilians_killed", "artillery", "drones", "battle"},
    "belief": SEEN_BY_ALL | {"civilians_killed", "artillery", "drones", "battle"},
    "northern_front": SEEN_BY_ALL,
    "battles": SEEN_BY_ALL | {"civilians_killed", "artillery", "drones"},
    "violations": SEEN_BY_ALL | {"missiles_launched", "civilians_killed", "artillery", "drones"},
    "artillery": SEEN_BY_ALL | {"civilians_killed"},
    "drones": SEEN_BY_ALL | {"artillery"},
    "third_party_arms": SEEN_BY_ALL | {"missiles", "long_range_drones", "civilians_killed"},
    "sanctions": SEEN_BY_ALL
    | {"artillery", "drones", "missiles", "long_range_drones", "interceptors", "internal_breaks"},
    "labour": SEEN_BY_ALL | {"artillery", "drones", "missiles", "long_range_drones", "interceptors"},
    "emigration": SEEN_BY_ALL | {"workforce_lost"},
    "air_defence": SEEN_BY_ALL | {"civilians_killed", "displaced", "artillery", "drones"},
    "civilian_harm": NOTHING,
    "internal_break": SEEN_BY_ALL | {"workforce_lost", "missiles", "interceptors", "artillery", "drones"},
    "escalation": NOTHING,
    "ending": SEEN_BY_ALL | {"missiles_launched", "civilians_killed", "grid", "artillery", "drones"},
}
LEAVES = ("civilian_harm", "escalation")
"""What they count, nothing else reads."""

# With offensives as observed (side 0 attacks until a week before the truce): exactly these change besides its
# own stocks, since nothing can come back by way of what leaders decide.
WITH_DECISIONS_FROZEN: dict[str, set[str]] = {
    "decision": NOTHING,
    "recruiting": FIGHT | INTAKE,
    "aims": FIGHT,
    "belief": {"perceived"},
    "northern_front": FIGHT,
    "battles": FIGHT | FIRE,
    "violations": FIGHT | FIRE | {"truce"},
    "artillery": FIGHT | FIRE | {"believed_own", "believed_enemy"},
    "drones": FIGHT | {"believed_own", "believed_enemy"},
    "third_party_arms": FIGHT | FIRE | SENT,
    "sanctions": FIGHT | FIRE | MENDED,
    "labour": FIGHT | FIRE | MENDED,
    "emigration": FIGHT | INTAKE,
    "air_defence": FIGHT | FIRE | MENDED,
    "civilian_harm": NOTHING,
    "internal_break": FIGHT | FIRE | MENDED | INTAKE,
    "escalation": NOTHING,
    "ending": FIGHT | FIRE | LED,
}

# The first day in a core of none: exactly these change.
HIT = {
    "armour_legacy",
    "armour_lost",
    "armour_modern",
    "captured",
    "killed",
    "recovering",
    "skill",
    "troops",
    "wounded",
}
ON_THE_FIRST_DAY: dict[str, set[str]] = {
    "decision": {"usual_losses"},
    "recruiting": INTAKE | {"losses_to_replace"},
    "aims": NOTHING,
    "belief": {"believed_own", "believed_enemy", "perceived"},
    "northern_front": HIT | {"reserve", "flank_open"},
    "battles": NOTHING,
    "violations": NOTHING,
    "artillery": HIT
    | FIRE
    | {"artillery", "artillery_in_transit", "fortification", "ground_taken"}
    | {"perceived", "believed_own", "believed_enemy"},
    "drones": HIT
    | {"drones", "drone_industry", "drones_in_transit", "fortification", "ground_taken"}
    | {"perceived", "believed_own", "believed_enemy"},
    "third_party_arms": {"third_party_open", "third_party_level"},
    "sanctions": {"sanctions_evaded", "armour_legacy", "armour_modern", "armour_storage", "shells"},
    "labour": {"workforce_lost"},
    "emigration": {"emigration_pressure", "abroad", "back_from_abroad", "emigrated"},
    "air_defence": {
        "missiles",
        "long_range_drones",
        "interceptors",
        "interceptors_in_transit",
        "grid",
        "missiles_launched",
        "drones_launched",
        "missiles_leaked",
        "drones_leaked",
        "interceptors_fired",
    },
    "civilian_harm": {"civilians_killed", "displaced"},
    "internal_break": {"broken_within", "internal_breaks", "recent_deaths"},
    "escalation": {"escalation"},
    "ending": {"will"},
}


TABLES = (IN_A_CORE, IN_THE_WHOLE, WITH_DECISIONS_FROZEN, ON_THE_FIRST_DAY)


def own(mechanism: str) -> set[str]:
    return {stock for stock, of in MECHANISM_OF.items() if of == mechanism}


def walked(whole: bool, frozen: bool = False, **there: bool) -> State:
    """The states after the first day and after each week."""
    of_wars = wars(WARS, whole=whole, parameters=PARAMETERS, **there)
    plan = rows(levers(DAYS, **PLAN), truces=(TRUCE,))
    if frozen:
        plan.observed[:] = 0.0
        plan.observed[7 : TRUCE[0] - 7, 0] = 1.0
    states = walk(of_wars, plan, daily=True, aim=AIM).states
    kept = [1, *range(7, DAYS + 1, 7)]
    return State(*(stock[kept] for stock in states))


@cache
def without_a_switch(whole: bool) -> State:
    return walked(whole)


@cache
def switched(mechanism: str, whole: bool) -> State:
    return walked(whole, **{mechanism: not whole})


def differing(first: State, second: State, records: slice = slice(None)) -> set[str]:
    return {
        name
        for name, stock in first._asdict().items()
        if not np.array_equal(stock[records], getattr(second, name)[records])
    }


def changes(mechanism: str, whole: bool) -> set[str]:
    return differing(without_a_switch(whole), switched(mechanism, whole))


def test_every_optional_mechanism_and_stock_has_its_line() -> None:
    assert all(set(table) == set(OPTIONAL) for table in TABLES)
    groups = (CONSTANT, DRIFTS, BY_POLICY, INTAKE, FIGHT, FIRE, MENDED, SENT, LED, TRUCES)
    assert sum(len(group) for group in groups) == len(set().union(*groups))
    assert set().union(*groups) == set(State._fields) - set(MECHANISM_OF) | {"aim"}


def test_everything_happens_in_some_of_these_wars() -> None:
    last = State(*(stock[-1] for stock in without_a_switch(True)))
    for name in (
        "capital_assaults",
        "capital_taken",
        "battle_losses",
        "truces_broken",
        "truces_collapsed",
        "third_party_open",
        "internal_breaks",
        "collapsed",
        "exhausted",
        "settled",
    ):
        assert getattr(last, name).any(), name
    going_on = np.maximum(np.maximum(last.collapsed, last.exhausted).max(axis=0), last.settled) == 0
    assert going_on.mean() > 0.1


@pytest.mark.parametrize("mechanism", OPTIONAL)
def test_a_mechanism_alone_in_a_core(mechanism: str) -> None:
    must, may = IN_A_CORE[mechanism]
    found = changes(mechanism, whole=False)
    # The aims themselves never change; only what is made of them.
    assert must | own(mechanism) - CONSTANT <= found
    assert found <= must | may | own(mechanism)


@cache
def core_with_decisions_frozen() -> State:
    return walked(False, frozen=True)


@pytest.mark.parametrize("mechanism", OPTIONAL)
def test_a_mechanism_alone_in_a_core_with_decisions_frozen(mechanism: str) -> None:
    found = differing(core_with_decisions_frozen(), walked(False, frozen=True, **{mechanism: True}))
    assert found == WITH_DECISIONS_FROZEN[mechanism] | own(mechanism) - CONSTANT


@pytest.mark.parametrize("mechanism", OPTIONAL)
def test_the_whole_without_one_mechanism(mechanism: str) -> None:
    must = IN_A_CORE[mechanism][0] | own(mechanism) - CONSTANT | IN_THE_WHOLE[mechanism]
    found = changes(mechanism, whole=True)
    assert must <= found
    untouched = CONSTANT | DRIFTS | BY_POLICY | OPTIONAL_BY_POLICY | SENT
    assert not found & (untouched - own(mechanism) - IN_A_CORE[mechanism][0])
    if mechanism in LEAVES:
        assert found == own(mechanism)


@pytest.mark.parametrize("mechanism", OPTIONAL)
def test_what_a_mechanism_reaches_on_its_first_day(mechanism: str) -> None:
    first_day = slice(0, 1)
    found = differing(without_a_switch(False), switched(mechanism, False), first_day)
    assert found == ON_THE_FIRST_DAY[mechanism]


@pytest.mark.parametrize("mechanism", OPTIONAL)
def test_stocks_of_a_mechanism_that_is_off_never_move(mechanism: str) -> None:
    for states in (without_a_switch(False), switched(mechanism, True)):
        for name in own(mechanism):
            stock = getattr(states, name)
            np.testing.assert_array_equal(stock, np.broadcast_to(stock[:1], stock.shape), err_msg=name)
