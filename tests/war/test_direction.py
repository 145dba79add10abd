"""Raise each parameter and each lever: a stated outcome moves in the stated direction. No change fails.

The two runs of a case share every chance (common random numbers) and differ in one row only: a parameter at
the low and at the high point of its prior, a lever at a low and a high value. Offensives are held (none, or
one that goes on) where a leader's answer would blur what a parameter does by itself. Unless a case says
otherwise the outcome moves in every one of the wars.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import pytest

from ceasefire.war import LEVERS, REGISTRY, Drift
from ceasefire.war.levers import defaults
from tests.war.helpers import (
    FRONTS,
    SPAN,
    WARS,
    Inputs,
    Path,
    best_parameters,
    draw_geography,
    draw_parameters,
    draw_structure,
    even_geography,
    initial_state,
    observed,
    set_lever,
    set_parameter,
    structure_of,
    truces,
    walk,
    weekly,
    weekly_drift,
    weekly_opposed,
)

UP, DOWN = 1, -1
OWN, ENEMY, TOTAL = "own", "enemy", "total"

Outcome = Callable[[Path], np.ndarray]  # [2, N]


def last(name: str) -> Outcome:
    return lambda path: getattr(path.states, name)[-1].astype(float)


def in_all(name: str) -> Outcome:
    """A stock summed over its fronts or stages."""
    return lambda path: getattr(path.states, name)[-1].astype(float).sum(axis=1)


def force(path: Path) -> np.ndarray:
    return in_all("troops")(path) + last("reserve")(path)


def vehicles(path: Path) -> np.ndarray:
    return last("armour_modern")(path) + last("armour_legacy")(path)


def losses(path: Path) -> np.ndarray:
    return path.flows.losses.astype(float).sum(axis=0)


def distance_from_lengths(day: int) -> Outcome:
    """How far the shares of the troops on the fronts are from the fronts' lengths on a day."""

    def outcome(path: Path) -> np.ndarray:
        troops = path.states.troops[day].astype(float)
        share = troops / troops.sum(axis=1, keepdims=True)
        return np.abs(share - path.states.front_weight[day]).sum(axis=1)

    return outcome


def both_sides(of_the_war: np.ndarray) -> np.ndarray:
    return np.stack([of_the_war, of_the_war])


def tempo_spread(path: Path) -> np.ndarray:
    return both_sides(path.states.log_tempo[1:].astype(float).std(axis=(0, 1)))


def tempo_steps(path: Path) -> np.ndarray:
    """Mean size of the weekly change of the log tempo against its spread."""
    weeks = path.states.log_tempo[1::7].astype(float)
    return both_sides(np.abs(np.diff(weeks, axis=0)).mean(axis=(0, 1)) / weeks.std(axis=(0, 1)))


def drift_spread(name: str) -> Outcome:
    """Spread over the weeks of a drifting number."""
    return lambda path: both_sides(drifting(path, name).std(axis=0))


def drift_steps(name: str) -> Outcome:
    """Mean size of the weekly change of a drifting number; both runs have one spread in the long run."""
    return lambda path: both_sides(np.abs(np.diff(drifting(path, name), axis=0)).mean(axis=0))


def drifting(path: Path, name: str) -> np.ndarray:
    """A drifting number in each week `[W, N]`, side 0's in the advantage."""
    weeks = getattr(path.states, name)[1::7].astype(float)
    return weeks[:, 0] if weeks.ndim == 3 else weeks


def belief_steps(path: Path) -> np.ndarray:
    """Mean size of the daily change of what a leader believes."""
    return np.abs(np.diff(path.states.perceived.astype(float), axis=0)).mean(axis=0)


def days_on_the_offensive(path: Path) -> np.ndarray:
    return path.states.offensive[1:].astype(float).sum(axis=0)


def made_and_fired(path: Path) -> np.ndarray:
    return last("shells")(path) + last("shells_fired")(path)


OUTCOMES: dict[str, Outcome] = {
    "advantage spread": drift_spread("advantage"),
    "advantage steps": drift_steps("advantage"),
    "armour lost": last("armour_lost"),
    "belief steps": belief_steps,
    "called up": last("called_up"),
    "captured": last("captured"),
    "days on the offensive": days_on_the_offensive,
    "discharged": last("discharged"),
    "distance from lengths, day 30": distance_from_lengths(30),
    "distance from lengths": distance_from_lengths(SPAN),
    "emigrated": last("emigrated"),
    "force": force,
    "ground taken": in_all("ground_taken"),
    "industry": last("industry"),
    "intensity spread": drift_spread("intensity"),
    "intensity steps": drift_steps("intensity"),
    "killed": last("killed"),
    "lethality spread": drift_spread("lethality"),
    "lethality steps": drift_steps("lethality"),
    "lines": in_all("fortification"),
    "volatility spread": drift_spread("volatility"),
    "volatility steps": drift_steps("volatility"),
    "losses": losses,
    "recovering": in_all("recovering"),
    "reserve": last("reserve"),
    "shells fired": last("shells_fired"),
    "shells made": made_and_fired,
    "skill": last("skill"),
    "tempo spread": tempo_spread,
    "tempo steps": tempo_steps,
    "trainees": in_all("trainees"),
    "truces broken": last("truces_broken"),
    "vehicles": vehicles,
}


@dataclass(frozen=True)
class Case:
    """What is raised, and what must come of it."""

    name: str
    whose: str
    outcome: str
    sign: int
    war: str = "quiet"
    """quiet; attack: the side whose row it is attacks; free: its leader decides; truce; free truce."""
    given: dict[str, float] = field(default_factory=dict)
    """Parameters of both sides that the case holds at a value."""
    equal: bool = False
    """Both sides at the best guess of everything else, not at draws of the priors."""
    still: bool = False
    """Nothing drifts and the line moves by the balance alone: where chance would end an offensive first."""
    even_fronts: bool = False
    """Fronts of one length."""
    law: str = ""
    """The law of attrition; all of them where empty."""
    fire: str = ""
    """The law of fire; both where empty."""
    share: float = 1.0
    """Share of the wars in which the outcome has to move that way."""
    low: float | None = None
    high: float | None = None

    def label(self) -> str:
        return f"{self.name} -> {self.whose} {self.outcome} ({self.war}{', ' + self.law if self.law else ''})"


FEW_SHELLS = {"initial_shells": 300_000.0, "shell_output": 500.0, "fire_plan": 4_000.0}
FEW_VEHICLES = {"initial_armour_modern": 800.0, "initial_armour_legacy": 200.0, "initial_troops": 300_000.0}
# Vehicles enough that direct fire is worth more than the fire of few shells.
SHELLS_SHORT = {**FEW_SHELLS, "initial_armour_modern": 6_000.0, "initial_troops": 200_000.0}
FEW_TROOPS = {"initial_troops": 100_000.0}
GROWING_INDUSTRY = {"industry_ceiling": 2.5}
# Who attacks again the day after: the weeks that end a long offensive are among those that end a short one.
ATTACKS_AT_ONCE = {"offensive_threshold": -6.0, "rest_days": 1.0, "offensive_days": 30.0}
ALWAYS_ATTACKS = {"offensive_threshold": -6.0, "rest_days": 20.0, "offensive_days": 30.0}
ATTACKS_ON_A_BELIEF = {  # that the balance does not bear out
    "offensive_threshold": -0.5,
    "perception_bias": 1.5,
    "perception_noise": 0.0,
    "rest_days": 20.0,
}
BREAKS_AT_NO_COST = {
    "offensive_threshold": -0.9,
    "perception_bias": 0.5,
    "perception_noise": 0.0,
    "truce_cost": 0.03,
    "monitoring_cost": 0.03,
    "rest_days": 30.0,
}

PARAMETERS = [
    # People
    Case("initial_pool", OWN, "called up", UP),
    Case("initial_troops", OWN, "force", UP),
    Case("initial_troops", ENEMY, "losses", UP, law="linear", equal=True),
    Case("initial_troops", ENEMY, "losses", UP, law="square", equal=True),
    Case("initial_troops", ENEMY, "losses", UP, law="mixed", equal=True),
    Case("initial_troops", ENEMY, "ground taken", DOWN, equal=True),
    Case("initial_trainees", OWN, "force", UP),
    Case("initial_recovering", OWN, "force", UP),
    Case("call_up_yield", OWN, "called up", UP),
    Case("killed_share", OWN, "killed", UP),
    Case("killed_share", OWN, "force", DOWN),
    Case("captured_share", OWN, "captured", UP),
    Case("recovery_days", OWN, "recovering", UP),
    Case("return_share", OWN, "force", UP),
    Case("return_share", OWN, "discharged", DOWN),
    Case("emigration_response", OWN, "emigrated", UP),
    Case("emigration_rate", OWN, "emigrated", UP),
    # Skill
    Case("initial_skill", OWN, "skill", UP),
    Case("initial_skill", ENEMY, "losses", UP),
    Case("untrained_skill", OWN, "skill", UP),
    Case("training_time", OWN, "skill", DOWN),
    Case("skill_selection", OWN, "skill", DOWN),
    Case("rest_training_days", OWN, "skill", DOWN),
    Case("skill_worth", TOTAL, "losses", DOWN),
    # Industry and vehicles
    Case("industry_ceiling", OWN, "industry", UP),
    Case("industry_ceiling", OWN, "shells made", UP),
    Case("ramp_days", OWN, "industry", DOWN, given=GROWING_INDUSTRY),
    Case("initial_armour_modern", OWN, "vehicles", UP),
    Case("initial_armour_modern", ENEMY, "losses", UP),
    Case("initial_armour_legacy", OWN, "vehicles", UP),
    Case("initial_armour_storage", OWN, "vehicles", UP),
    Case("armour_output", OWN, "vehicles", UP),
    # Where storage lasts: else it only brings vehicles to the front sooner, to be lost there.
    Case("refurbishment_capacity", OWN, "vehicles", UP, given={"initial_armour_storage": 20_000.0}),
    Case("armour_per_casualty", OWN, "armour lost", UP),
    Case("armour_per_casualty", OWN, "vehicles", DOWN),
    Case("legacy_worth", TOTAL, "losses", UP),
    Case("armour_worth", TOTAL, "losses", DOWN, given=FEW_VEHICLES),
    Case("aid_delay_days", OWN, "vehicles", DOWN),
    Case("aid_delay_days", OWN, "shells made", DOWN),
    # Munitions
    Case("initial_shells", OWN, "shells fired", UP),
    Case("initial_shells", ENEMY, "losses", UP, fire="munitions"),
    Case("shell_output", OWN, "shells fired", UP),
    Case("shell_output", ENEMY, "losses", UP, fire="munitions"),
    Case("fire_plan", OWN, "shells fired", UP),
    Case("fire_plan", ENEMY, "losses", UP, fire="munitions", given={"initial_shells": 5e6}),
    Case("ration_days", TOTAL, "shells fired", DOWN),
    Case("offensive_fire", OWN, "shells fired", UP, war="attack"),
    Case("fire_share", TOTAL, "losses", DOWN, fire="munitions", given=SHELLS_SHORT),
    Case("fire_returns", TOTAL, "losses", DOWN, fire="munitions", given=FEW_SHELLS),
    # Attrition
    Case("attrition_coefficient", ENEMY, "losses", UP),
    Case("mixed_enemy_exponent", TOTAL, "losses", DOWN, law="mixed", given=FEW_TROOPS),
    Case("mixed_own_exponent", TOTAL, "losses", DOWN, law="mixed", given=FEW_TROOPS),
    Case("attacker_exposure", OWN, "losses", UP, war="attack"),
    Case("fortification_cover", TOTAL, "losses", DOWN),
    Case("surge", TOTAL, "losses", UP, war="attack"),
    # Tempo
    Case("tempo_spread", TOTAL, "tempo spread", UP),
    Case("tempo_persistence_days", TOTAL, "tempo steps", DOWN),
    # Drift
    Case("intensity_spread", TOTAL, "intensity spread", UP),
    Case("intensity_persistence_days", TOTAL, "intensity steps", DOWN),
    Case("advantage_spread", TOTAL, "advantage spread", UP),
    Case("advantage_persistence_days", TOTAL, "advantage steps", DOWN),
    Case("lethality_spread", TOTAL, "lethality spread", UP),
    Case("lethality_persistence_days", TOTAL, "lethality steps", DOWN),
    Case("volatility_spread", TOTAL, "volatility spread", UP),
    Case("volatility_persistence_days", TOTAL, "volatility steps", DOWN),
    # Fronts
    Case("initial_fortification", ENEMY, "ground taken", DOWN),
    Case("initial_fortification", OWN, "losses", DOWN),
    Case("defence_advantage", TOTAL, "ground taken", DOWN),
    Case("fortification_worth", TOTAL, "ground taken", DOWN),
    Case("overstretch", OWN, "ground taken", DOWN, war="attack", equal=True, still=True),
    Case("advance_scale", TOTAL, "ground taken", UP),
    Case("advance_steepness", TOTAL, "ground taken", DOWN, equal=True),
    Case("line_spread", TOTAL, "ground taken", UP),
    Case("routine_pressure", OWN, "ground taken", UP),
    Case("fortify_days", OWN, "lines", DOWN),
    Case("fortify_days", ENEMY, "ground taken", UP),
    Case("fortification_depth", TOTAL, "lines", UP, war="attack"),
    # Deployment
    Case("reserve_share", OWN, "reserve", UP),
    Case("mirroring", TOTAL, "distance from lengths, day 30", UP),
    Case(
        "massing",
        OWN,
        "distance from lengths, day 30",
        UP,
        "attack",
        {"mirroring": 0.0, "concentration": 4.0, "move_days": 7.0},
    ),
    Case("concentration", OWN, "lines", UP, war="attack", even_fronts=True),
    Case("move_days", TOTAL, "distance from lengths, day 30", UP, given={"mirroring": 0.0}),
    # Offensives
    Case("offensive_threshold", OWN, "days on the offensive", DOWN, war="free", equal=True),
    Case("perception_bias", OWN, "days on the offensive", UP, war="free", equal=True, still=True),
    Case("perception_noise", OWN, "belief steps", UP, equal=True, still=True),
    Case("perception_delay_days", OWN, "belief steps", DOWN),
    Case("offensive_days", OWN, "days on the offensive", UP, war="free", given=ATTACKS_AT_ONCE),
    Case("rest_days", OWN, "days on the offensive", DOWN, war="free", given=ALWAYS_ATTACKS),
    Case(
        "culmination_drop",
        OWN,
        "days on the offensive",
        UP,
        "free",
        ATTACKS_ON_A_BELIEF,
        equal=True,
        still=True,
    ),
    Case(
        "truce_cost",
        OWN,
        "truces broken",
        DOWN,
        war="free truce",
        equal=True,
        given=BREAKS_AT_NO_COST,
        still=True,
    ),
    Case(
        "monitoring_cost",
        OWN,
        "truces broken",
        DOWN,
        war="free truce",
        equal=True,
        given=BREAKS_AT_NO_COST,
        still=True,
    ),
    # Truce
    Case("violation_level", TOTAL, "losses", UP, war="truce"),
    Case("monitoring_effect", TOTAL, "losses", DOWN, war="truce"),
]

EXCEPTIONS: dict[str, str] = {}
"""Parameters that no case raises, with the reason; none at present."""

LEVER_CASES = [
    Case("recruitment", OWN, "called up", UP, low=100.0, high=1_000.0),
    Case("recruitment", OWN, "force", UP, low=100.0, high=1_000.0),
    Case("mobilisation", OWN, "called up", UP, given={"initial_pool": 1e7}, low=0.0, high=3_000.0),
    Case("mobilisation", OWN, "emigrated", UP, low=0.0, high=3_000.0),
    Case("training_days", OWN, "force", DOWN, low=20.0, high=90.0),
    Case("training_days", OWN, "trainees", UP, low=20.0, high=90.0),
    Case("economy", OWN, "industry", UP, given=GROWING_INDUSTRY, low=0.2, high=1.0),
    Case("economy", OWN, "shells made", UP, given=GROWING_INDUSTRY, low=0.2, high=1.0),
    Case("aid_armour", OWN, "vehicles", UP, low=0.0, high=10.0),
    Case("aid_armour", ENEMY, "losses", UP, low=0.0, high=10.0),
    Case("aid_shells", OWN, "shells fired", UP, low=0.0, high=5_000.0),
    Case("aid_shells", ENEMY, "losses", UP, low=0.0, high=5_000.0, fire="munitions"),
    Case("offensives", OWN, "days on the offensive", UP, "free", ALWAYS_ATTACKS, low=0.0, high=1.0),
    Case("truce_recruitment", OWN, "called up", UP, "truce", low=0.2, high=1.0),
    Case("truce_production", OWN, "shells made", UP, "truce", low=0.2, high=1.0),
    Case("truce_production", OWN, "vehicles", UP, "truce", low=0.2, high=1.0),
    Case("truce_aid", OWN, "vehicles", UP, "truce", low=0.2, high=1.0),
    Case("truce_aid", OWN, "shells made", UP, "truce", low=0.2, high=1.0),
    Case("monitored", TOTAL, "losses", DOWN, "truce", low=0.0, high=1.0),
]

TRUCE = (20, 140)


@cache
def drawn() -> Inputs:
    """Wars drawn from the priors, with recruits and arms for both sides; every chance is fixed here."""
    rng = np.random.default_rng(2022)
    levers = defaults(SPAN)
    for name, amount in {
        "recruitment": 400.0,
        "mobilisation": 300.0,
        "aid_armour": 2.0,
        "aid_shells": 1_000.0,
        "monitored": 1.0,
    }.items():
        levers = set_lever(levers, name, amount)
    begins, ends = truces(SPAN)
    return Inputs(
        parameters=draw_parameters(rng),
        structure=draw_structure(rng),
        geography=draw_geography(rng),
        levers=levers,
        begins=begins,
        ends=ends,
        tempo=weekly(rng, SPAN, FRONTS),
        perception=weekly(rng, SPAN, 2),
        culmination=weekly(rng.spawn(1)[0], SPAN, 2),
        drift=weekly_drift(rng, SPAN),
        line=weekly_opposed(rng, SPAN),
        decisions=observed(SPAN, 0.0, 0.0),
    )


def circumstances(case: Case, side: int) -> Inputs:
    """The wars of a case before anything is raised; `side` is the side whose row is raised."""
    inputs = drawn()
    if case.equal:
        inputs = inputs._replace(parameters=best_parameters())
    for name, value in case.given.items():
        inputs = inputs._replace(parameters=set_parameter(inputs.parameters, name, value))
    if case.even_fronts:
        weight = even_geography().weight
        inputs = inputs._replace(geography=inputs.geography._replace(weight=weight))
    if case.still:
        nothing = Drift(*(0.0 * shocks for shocks in inputs.drift))
        inputs = inputs._replace(drift=nothing, line=0.0 * inputs.line)
    structure = inputs.structure.copy()
    for row, choice in enumerate((case.law, case.fire)):
        if choice:
            name = ("attrition_law", "fire_law")[row]
            structure[row] = structure_of(**{name: choice})[row]
    inputs = inputs._replace(structure=structure)
    if case.war.startswith("free"):
        # Only one leader may decide, so that the other's answer does not blur the first's choice.
        levers = set_lever(inputs.levers, "offensives", 0.0, 1 - side)
        inputs = inputs._replace(decisions=observed(SPAN), levers=levers)
    elif case.war == "attack":
        inputs = inputs._replace(decisions=observed(SPAN, 1.0 - side, float(side)))
    if case.war.endswith("truce"):
        begins, ends = truces(SPAN, TRUCE)
        inputs = inputs._replace(begins=begins, ends=ends)
    return inputs


def raised(case: Case, side: int | None, of_side: int) -> tuple[Inputs, Inputs]:
    """The same wars with the row at its low and at its high value."""
    inputs = circumstances(case, of_side)
    if case.name in REGISTRY:
        prior = REGISTRY[case.name].prior
        ends = (prior.low if case.low is None else case.low, prior.high if case.high is None else case.high)
        low, high = (
            inputs._replace(parameters=set_parameter(inputs.parameters, case.name, value, side))
            for value in ends
        )
    else:
        low, high = (
            inputs._replace(levers=set_lever(inputs.levers, case.name, value, side))
            for value in (case.low, case.high)
        )
    return low, high


def per_side(name: str) -> bool:
    if name in REGISTRY:
        return REGISTRY[name].per_side
    return next(lever.per_side for lever in LEVERS if lever.name == name)


def sides(case: Case) -> list[int | None]:
    return [0, 1] if per_side(case.name) else [None]


def moved(case: Case, side: int | None) -> np.ndarray:
    """How far the stated outcome moves in the stated direction, in each war."""
    of_side = 0 if side is None else side
    low, high = (OUTCOMES[case.outcome](walk(inputs)) for inputs in raised(case, side, of_side))
    change = case.sign * (high - low)
    return {OWN: change[of_side], ENEMY: change[1 - of_side], TOTAL: change.sum(axis=0)}[case.whose]


ALL = [
    pytest.param(case, side, id=f"{case.label()}{'' if side is None else f' of side {side}'}")
    for case in PARAMETERS + LEVER_CASES
    for side in sides(case)
]


@pytest.mark.parametrize(("case", "side"), ALL)
def test_raising_it_moves_the_outcome(case: Case, side: int | None) -> None:
    change = moved(case, side)
    assert change.mean() > 0, f"on average the {case.outcome} moved the other way, or not at all"
    as_stated = np.mean(change > 0)
    assert as_stated >= case.share, (
        f"in {np.sum(change <= 0)} of {change.size} wars it did not move as stated"
    )


def held(name: str, value: float, side: int = 0) -> Path:
    """The wars with one drifting number (the advantage: a side's) held at a value, the others at 0."""
    inputs = drawn()
    for drift in Drift._fields:
        inputs = inputs._replace(parameters=set_parameter(inputs.parameters, f"{drift}_spread", 0.0))
        longest = REGISTRY[f"{drift}_persistence_days"].bounds[1]
        inputs = inputs._replace(
            parameters=set_parameter(inputs.parameters, f"{drift}_persistence_days", longest)
        )
    start = initial_state(inputs.parameters, inputs.structure, inputs.geography)
    values = np.full(WARS, value, np.float32)
    if name == "advantage":
        values = np.stack([values, -values] if side == 0 else [-values, values])
    return walk(inputs, start._replace(**{name: values}))


def test_intensity_raises_losses_and_ground() -> None:
    """On the first day, before the losses of the one and the other change the balance."""
    low, high = (held("intensity", value) for value in (0.0, 0.5))
    assert (high.flows.losses[0] > low.flows.losses[0]).all()
    assert (high.flows.ground_taken[0].sum(axis=1) > low.flows.ground_taken[0].sum(axis=1)).all()


@pytest.mark.parametrize("side", [0, 1])
def test_an_advantage_gives_ground_to_its_side_and_takes_it_from_the_other(side: int) -> None:
    low, high = (OUTCOMES["ground taken"](held("advantage", value, side)) for value in (0.0, 0.5))
    assert (high[side] > low[side]).all()
    assert (high[1 - side] < low[1 - side]).all()


def test_lethality_raises_the_killed_at_the_cost_of_the_wounded() -> None:
    low, high = (held("lethality", value) for value in (0.0, 0.5))
    assert (OUTCOMES["killed"](high) > OUTCOMES["killed"](low)).all()
    assert (last("wounded")(high) < last("wounded")(low)).all()
    # Who is lost on the first day does not depend on what becomes of them.
    np.testing.assert_array_equal(high.flows.losses[0], low.flows.losses[0])
    np.testing.assert_array_equal(high.flows.captured[0], low.flows.captured[0])


@pytest.mark.parametrize("fire", ["munitions", "numbers"])
@pytest.mark.parametrize("law", ["logarithmic", "linear", "square", "mixed"])
def test_an_army_that_melts_away_does_not_cause_more_losses(law: str, fire: str) -> None:
    """Ten times fewer soldiers with the same shells and vehicles never cause twice the losses."""
    case = Case("initial_troops", ENEMY, "losses", UP, law=law, fire=fire, equal=True)
    inputs = circumstances(case, 0)
    caused = []
    for troops in (300_000.0, 30_000.0, 3_000.0):
        parameters = set_parameter(inputs.parameters, case.name, troops, 0)
        caused.append(float(walk(inputs._replace(parameters=parameters)).flows.losses[0, 1].mean()))
    assert max(caused[1:]) < 2.0 * caused[0]


def test_every_parameter_is_raised_by_a_case_or_excused() -> None:
    tested = {case.name for case in PARAMETERS}
    assert tested | set(EXCEPTIONS) == set(REGISTRY)
    assert tested & set(EXCEPTIONS) == set()
    assert {case.name for case in LEVER_CASES} == {lever.name for lever in LEVERS}


def test_no_change_fails() -> None:
    """A parameter that nothing reads would not pass: raise one without effect where decisions are held."""
    unwired = Case("rest_days", OWN, "days on the offensive", DOWN)
    with pytest.raises(AssertionError, match="or not at all"):
        test_raising_it_moves_the_outcome(unwired, 0)
