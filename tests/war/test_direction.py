"""Raise each parameter and each lever: a stated outcome moves in the stated direction. No change fails.

The two runs of a case share every chance (common random numbers) and differ in one row only: a parameter at
the low and at the high point of its prior, a lever at a low and a high value. Offensives are held (none, or
one that goes on) where a leader's answer would blur what a parameter does by itself. Unless a case says
otherwise the outcome moves in every one of the wars. These have the optional mechanisms that a case names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import pytest

from ceasefire.war import LEVERS, REGISTRY, Drift, Geography
from ceasefire.war.levers import COLUMNS, defaults
from ceasefire.war.state import MECHANISM_OF
from ceasefire.war.structure import OPTIONAL, ROWS
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
    weekly_events,
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


def flowed(name: str) -> Outcome:
    """A flow summed over the days."""
    return lambda path: getattr(path.flows, name).astype(float).sum(axis=0)


def days_of(name: str) -> Outcome:
    """Days on which a side's switch is on."""
    return lambda path: getattr(path.states, name)[1:].astype(float).sum(axis=0)


def of_the_war(outcome: Outcome) -> Outcome:
    """An outcome of the whole war, counted for each side."""
    return lambda path: both_sides(outcome(path))


def days_of_battle(path: Path) -> np.ndarray:
    return both_sides(path.states.battle[1:].astype(float).sum(axis=(0, 1)))


def days_after_the_end(path: Path) -> np.ndarray:
    states = path.states
    ended = np.maximum(np.maximum(states.collapsed, states.exhausted).max(axis=1), states.settled)
    return both_sides(ended[1:].astype(float).sum(axis=0))


def missiles_had(path: Path) -> np.ndarray:
    return last("missiles")(path) + last("missiles_launched")(path)


def long_range_drones_had(path: Path) -> np.ndarray:
    return last("long_range_drones")(path) + last("drones_launched")(path)


def weekly_spread(of: Callable[[Path], np.ndarray]) -> Outcome:
    """Spread over the weeks of a number that holds for each of them."""
    return lambda path: of(path)[::7].std(axis=0)


def launched_share(path: Path) -> np.ndarray:
    """Missiles launched on each day, as a share of the mean."""
    launched = path.flows.missiles_launched.astype(float)
    return launched / launched.mean(axis=0)


def stopped_share(path: Path) -> np.ndarray:
    """Share of the enemy's missiles that the side destroys, on each day."""
    launched = path.flows.missiles_launched.astype(float)[:, ::-1]
    return path.flows.missiles_destroyed / np.maximum(launched, 1e-9)


OUTCOMES: dict[str, Outcome] = {
    "after the end": days_after_the_end,
    "armour built": flowed("armour_built"),
    "assaults": last("capital_assaults"),
    "back from abroad": last("back_from_abroad"),
    "battle losses": last("battle_losses"),
    "belief in the own force": last("believed_own"),
    "capital taken": days_of("capital_taken"),
    "civilians killed": last("civilians_killed"),
    "days broken within": days_of("broken_within"),
    "days of a flank": days_of("flank_open"),
    "days of battle": days_of_battle,
    "days of truce": of_the_war(lambda path: path.states.truce[1:].astype(float).sum(axis=0)),
    "deaths remembered": last("recent_deaths"),
    "displaced": last("displaced"),
    "drone industry": last("drone_industry"),
    "drones leaked": last("drones_leaked"),
    "drones used": flowed("drones_used"),
    "grid": last("grid"),
    "guns": last("artillery"),
    "interceptors fired": last("interceptors_fired"),
    "long-range drones had": long_range_drones_had,
    "long-range drones launched": last("drones_launched"),
    "missiles had": missiles_had,
    "missiles launched": last("missiles_launched"),
    "missiles leaked": last("missiles_leaked"),
    "sanctions evaded": last("sanctions_evaded"),
    "spread of launches": weekly_spread(launched_share),
    "spread of interception": weekly_spread(stopped_share),
    "third-party level": last("third_party_level"),
    "wider wars": of_the_war(lambda path: path.states.escalation[-1].astype(float)),
    "will": last("will"),
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
    """quiet; attack: the side whose row it is attacks; attacked: its enemy; free: its leader decides; truce;
    free truce."""
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
    on: str = ""
    """Optional mechanisms that the wars have."""
    levers: dict[str, float] = field(default_factory=dict)
    """Levers of both sides that the case holds at a value."""

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

NOBODY_CALLED_UP = {"recruitment": 0.0, "mobilisation": 0.0}
FLANK = {"flank": 2.0}
# Assaults in most weeks, none of which takes the capital.
ASSAULTS = {
    "offensive_threshold": -6.0,
    "assault_days": 7.0,
    "capital_defence": 4.0,
    "assault_steepness": 4.0,
    "reserve_share": 0.3,
}
FEW_GUNS = {"initial_artillery": 200.0, "fire_plan": 20_000.0, "initial_shells": 5e6}
MANY_DRONES = {**FEW_SHELLS, "initial_drones": 50_000.0, "drone_output": 2_000.0, "drone_plan": 2_000.0}
SANCTIONED = {"sanctions": 0.8}
# Breaks that come at once and last.
BROKEN = {"internal_break_rate": 0.05, "break_days": 20_000.0}
BREAKS = {"internal_break_rate": 0.002, "break_days": 20_000.0}
WEARY = {"initial_will": 0.05, "offensive_threshold": 6.0}

OPTIONAL_PARAMETERS = [
    # Aims, belief, decision
    Case(
        "aim_worth",
        OWN,
        "days on the offensive",
        UP,
        "free",
        {"offensive_threshold": 1.0},
        equal=True,
        high=6.0,
        on="aims",
    ),
    Case("distortion", OWN, "belief in the own force", UP, given={"perception_bias": 1.5}, on="belief"),
    Case("bad_news_filter", OWN, "belief in the own force", UP, given={"perception_noise": 0.6}, on="belief"),
    Case(
        "success_worth", OWN, "days on the offensive", UP, war="free", equal=True, still=True, on="decision"
    ),
    Case("success_steepness", OWN, "days on the offensive", DOWN, war="free", equal=True, on="decision"),
    Case(
        "initial_usual_losses",
        OWN,
        "days on the offensive",
        DOWN,
        "free",
        {"rest_days": 2.0, "perception_delay_days": 60.0},
        equal=True,
        on="decision",
    ),
    # Recruiting
    Case("initial_losses_to_replace", OWN, "called up", UP, levers=NOBODY_CALLED_UP, on="recruiting"),
    Case(
        "replacement_days",
        OWN,
        "called up",
        DOWN,
        given={"initial_losses_to_replace": 0.0},
        levers=NOBODY_CALLED_UP,
        on="recruiting",
    ),
    Case("replacement_effort", OWN, "called up", UP, levers=NOBODY_CALLED_UP, on="recruiting"),
    Case(
        "replacement_ceiling",
        OWN,
        "called up",
        UP,
        given={"initial_losses_to_replace": 20_000.0, "replacement_days": 180.0},
        levers=NOBODY_CALLED_UP,
        on="recruiting",
    ),
    # Northern front
    Case("flank_opening", OWN, "days of a flank", UP, levers={"flank": 1.0}, high=0.2, on="northern_front"),
    Case("flank_guard_share", OWN, "reserve", UP, levers=FLANK, on="northern_front"),
    Case(
        "assault_share", OWN, "losses", UP, "attack", ASSAULTS, equal=True, levers=FLANK, on="northern_front"
    ),
    Case(
        "assault_days",
        OWN,
        "assaults",
        DOWN,
        "attack",
        ASSAULTS,
        equal=True,
        levers=FLANK,
        on="northern_front",
    ),
    Case(
        "capital_defence",
        ENEMY,
        "capital taken",
        DOWN,
        "attacked",
        ASSAULTS,
        equal=True,
        levers=FLANK,
        low=-5.0,
        high=10.0,
        on="northern_front",
    ),
    Case(
        "assault_steepness",
        OWN,
        "capital taken",
        DOWN,
        "attack",
        ASSAULTS,
        equal=True,
        levers=FLANK,
        low=0.0,
        high=20.0,
        on="northern_front",
    ),
    Case(
        "assault_losses", OWN, "losses", UP, "attack", ASSAULTS, equal=True, levers=FLANK, on="northern_front"
    ),
    Case(
        "capital_guard_losses",
        ENEMY,
        "losses",
        UP,
        "attack",
        ASSAULTS,
        equal=True,
        levers=FLANK,
        on="northern_front",
    ),
    # Battles
    Case("battle_onset_days", TOTAL, "days of battle", DOWN, war="attack", on="battles"),
    Case("battle_days", TOTAL, "days of battle", UP, "attack", {"battle_onset_days": 10.0}, on="battles"),
    Case(
        "battle_front_share", TOTAL, "battle losses", UP, "attack", {"battle_onset_days": 10.0}, on="battles"
    ),
    Case("battle_intensity", TOTAL, "battle losses", UP, "attack", {"battle_onset_days": 10.0}, on="battles"),
    Case(
        "battle_intensity",
        TOTAL,
        "losses",
        UP,
        "attack",
        {"battle_onset_days": 10.0},
        equal=True,
        on="battles",
    ),
    # Violations
    Case("violation_growth", TOTAL, "losses", UP, war="truce", on="violations"),
    Case(
        "violation_limit",
        TOTAL,
        "days of truce",
        UP,
        "truce",
        {"violation_growth": 0.4, "monitoring_effect": 0.3},
        on="violations",
    ),
    # Artillery
    Case("initial_artillery", OWN, "guns", UP, on="artillery"),
    Case("initial_artillery", OWN, "shells fired", UP, given=FEW_GUNS, on="artillery", low=50.0, high=300.0),
    Case("artillery_output", OWN, "guns", UP, on="artillery"),
    Case("rounds_per_gun_day", TOTAL, "shells fired", UP, given=FEW_GUNS, on="artillery"),
    Case("counter_battery", ENEMY, "guns", DOWN, on="artillery"),
    Case("gun_wear", TOTAL, "guns", DOWN, on="artillery"),
    # Drones
    Case("initial_drones", OWN, "drones used", UP, on="drones"),
    Case("drone_output", OWN, "drones used", UP, on="drones"),
    Case("drone_plan", OWN, "drones used", UP, on="drones"),
    Case("drone_growth", OWN, "drones used", UP, on="drones"),
    Case("drone_growth", OWN, "drone industry", UP, on="drones"),
    Case("drone_ceiling", OWN, "drone industry", UP, on="drones"),
    Case("drone_ration_days", TOTAL, "drones used", DOWN, on="drones"),
    Case("rounds_per_drone", TOTAL, "losses", UP, fire="munitions", given=MANY_DRONES, on="drones"),
    Case("jamming", OWN, "losses", DOWN, fire="munitions", given=MANY_DRONES, on="drones"),
    Case("drone_vehicle_ratio", TOTAL, "armour lost", UP, given=MANY_DRONES, on="drones"),
    # Third parties
    Case("third_party_onset_days", OWN, "third-party level", DOWN, low=10.0, high=1e6, on="third_party_arms"),
    Case(
        "third_party_ramp_days",
        OWN,
        "third-party level",
        DOWN,
        levers={"third_party": 1.0},
        on="third_party_arms",
    ),
    Case(
        "third_party_shells",
        OWN,
        "shells made",
        UP,
        levers={"third_party": 0.5},
        on="third_party_arms",
    ),
    Case(
        "third_party_long_range_drones",
        OWN,
        "long-range drones had",
        UP,
        levers={"third_party": 0.5},
        on="third_party_arms air_defence",
    ),
    Case(
        "third_party_missiles",
        OWN,
        "missiles had",
        UP,
        levers={"third_party": 0.5},
        on="third_party_arms air_defence",
    ),
    # Sanctions and labour
    Case("sanctions_at_start", OWN, "shells made", UP, levers=SANCTIONED, high=0.8, on="sanctions"),
    Case(
        "evaded_at_start",
        OWN,
        "sanctions evaded",
        UP,
        given={"sanctions_at_start": 0.8},
        levers=SANCTIONED,
        on="sanctions",
    ),
    Case("sanctions_leak", OWN, "sanctions evaded", UP, levers=SANCTIONED, on="sanctions"),
    Case("sanctions_leak", OWN, "shells made", UP, levers=SANCTIONED, on="sanctions"),
    Case("evasion_days", OWN, "sanctions evaded", DOWN, levers=SANCTIONED, on="sanctions"),
    Case("component_dependence", OWN, "armour built", DOWN, levers=SANCTIONED, on="sanctions"),
    Case("component_dependence", OWN, "missiles had", DOWN, levers=SANCTIONED, on="sanctions air_defence"),
    Case("money_dependence", OWN, "shells made", DOWN, levers=SANCTIONED, on="sanctions"),
    Case("initial_workforce", OWN, "shells made", UP, on="labour"),
    Case("labour_elasticity", OWN, "shells made", DOWN, on="labour"),
    # Emigration
    Case("departure_days", OWN, "emigrated", DOWN, on="emigration"),
    Case("return_share_abroad", OWN, "back from abroad", UP, on="emigration"),
    Case("return_days", OWN, "back from abroad", DOWN, on="emigration"),
    Case("initial_abroad", OWN, "back from abroad", UP, on="emigration"),
    # Air war
    Case("initial_missiles", OWN, "missiles launched", UP, on="air_defence"),
    Case("initial_long_range_drones", OWN, "long-range drones launched", UP, on="air_defence"),
    Case("initial_interceptors", OWN, "interceptors fired", UP, on="air_defence"),
    Case("initial_interceptors", OWN, "missiles leaked", DOWN, on="air_defence"),
    Case("initial_grid", OWN, "grid", UP, given={"grid_repair_days": 300.0}, on="air_defence"),
    Case("missile_output", OWN, "missiles launched", UP, on="air_defence"),
    Case("long_range_drone_output", OWN, "long-range drones launched", UP, on="air_defence"),
    Case("interceptor_output", OWN, "interceptors fired", UP, on="air_defence"),
    Case("missile_plan", OWN, "missiles launched", UP, on="air_defence"),
    Case("long_range_drone_plan", OWN, "long-range drones launched", UP, on="air_defence"),
    Case("air_ration_days", TOTAL, "missiles launched", DOWN, on="air_defence"),
    Case(
        "salvo_spread",
        TOTAL,
        "spread of launches",
        UP,
        given={"initial_missiles": 2_000.0, "missile_output": 3.0},
        on="air_defence",
    ),
    Case(
        "interception_spread",
        TOTAL,
        "spread of interception",
        UP,
        given={"initial_interceptors": 8_000.0},
        on="air_defence",
    ),
    Case("gun_share", OWN, "drones leaked", DOWN, on="air_defence"),
    Case("missile_interception", OWN, "missiles leaked", DOWN, on="air_defence"),
    Case("drone_interception", OWN, "drones leaked", DOWN, on="air_defence"),
    Case("interceptors_per_target", TOTAL, "interceptors fired", UP, on="air_defence"),
    Case("grid_target_share", ENEMY, "grid", DOWN, on="air_defence"),
    Case("grid_hit", OWN, "grid", DOWN, on="air_defence"),
    Case("drone_damage", TOTAL, "grid", DOWN, on="air_defence"),
    Case("grid_repair_days", OWN, "grid", DOWN, on="air_defence"),
    Case("grid_worth", TOTAL, "shells made", DOWN, given={"initial_grid": 1.0}, on="air_defence"),
    # Civilians
    Case("initial_displaced", OWN, "displaced", UP, on="civilian_harm"),
    Case("civilian_population", OWN, "displaced", UP, given={"displaced_per_death": 1e5}, on="civilian_harm"),
    Case("deaths_per_missile", OWN, "civilians killed", UP, on="civilian_harm air_defence"),
    Case("deaths_per_drone", OWN, "civilians killed", UP, on="civilian_harm air_defence"),
    Case("deaths_per_round", OWN, "civilians killed", UP, on="civilian_harm"),
    Case("displaced_per_death", OWN, "displaced", UP, on="civilian_harm"),
    Case("grid_displacement", OWN, "displaced", UP, on="civilian_harm air_defence"),
    Case("displacement_return_days", OWN, "displaced", UP, on="civilian_harm"),
    # Break within
    Case("initial_recent_deaths", OWN, "deaths remembered", UP, on="internal_break"),
    Case("grief_days", TOTAL, "deaths remembered", UP, on="internal_break"),
    Case("internal_break_rate", OWN, "days broken within", UP, high=0.05, on="internal_break"),
    Case(
        "break_by_sanctions",
        TOTAL,
        "days broken within",
        UP,
        given={**BREAKS, "internal_break_rate": 2e-4, "break_by_deaths": 5.0},
        levers=SANCTIONED,
        high=10.0,
        on="internal_break sanctions",
    ),
    Case(
        "break_by_deaths",
        TOTAL,
        "days broken within",
        UP,
        given={**BREAKS, "initial_recent_deaths": 60_000.0},
        high=500.0,
        on="internal_break",
    ),
    Case(
        "break_by_ground",
        ENEMY,
        "days broken within",
        UP,
        "attack",
        BREAKS,
        share=0.5,  # the loss of a few km2 in a hundred brings forward what chance brings
        high=100.0,
        on="internal_break",
    ),
    Case(
        "break_days", OWN, "days broken within", UP, given={"internal_break_rate": 0.05}, on="internal_break"
    ),
    Case("break_recruitment_loss", OWN, "called up", DOWN, given=BROKEN, on="internal_break"),
    Case("break_production_loss", OWN, "shells made", DOWN, given=BROKEN, on="internal_break"),
    # A wider war
    Case("escalation_rate", TOTAL, "wider wars", UP, on="escalation"),
    Case(
        "escalation_by_collapse",
        TOTAL,
        "wider wars",
        UP,
        given={"initial_trainees": 0.0, "initial_recovering": 0.0},
        levers=NOBODY_CALLED_UP,
        on="escalation",
    ),
    Case("escalation_by_ground", TOTAL, "wider wars", UP, on="escalation"),
    Case("escalation_ground_pace", TOTAL, "wider wars", DOWN, on="escalation"),
    Case("escalation_by_aid", TOTAL, "wider wars", UP, on="escalation"),
    Case(
        "escalation_by_assault",
        TOTAL,
        "wider wars",
        UP,
        "attack",
        ASSAULTS,
        equal=True,
        levers=FLANK,
        on="escalation northern_front",
    ),
    Case("escalation_by_strikes", TOTAL, "wider wars", UP, on="escalation air_defence"),
    Case("escalation_strike_pace", TOTAL, "wider wars", DOWN, on="escalation air_defence"),
    Case("escalation_truce_share", TOTAL, "wider wars", UP, war="truce", on="escalation"),
    # The end
    Case("initial_will", OWN, "will", UP, given={"will_by_deaths": 1.0}, on="ending"),
    Case(
        "collapse_share",
        TOTAL,
        "after the end",
        UP,
        given={"collapse_balance": -6.0},
        levers=NOBODY_CALLED_UP,
        low=0.0,
        high=1.0,
        on="ending",
    ),
    Case(
        "collapse_balance",
        TOTAL,
        "after the end",
        DOWN,
        given={"collapse_share": 1.0},
        levers=NOBODY_CALLED_UP,
        low=-6.0,
        high=6.0,
        on="ending",
    ),
    Case("will_by_deaths", OWN, "will", DOWN, on="ending"),
    Case(
        "will_by_hardship",
        OWN,
        "will",
        DOWN,
        given={"will_by_deaths": 1.0},
        levers=SANCTIONED,
        on="ending sanctions",
    ),
    Case("will_recovery_days", OWN, "will", DOWN, war="truce", on="ending"),
    Case("settlement_rate", TOTAL, "after the end", UP, given=WEARY, high=1.0, on="ending"),
]
PARAMETERS += OPTIONAL_PARAMETERS

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
    # Of optional mechanisms
    Case(
        "aim",
        OWN,
        "days on the offensive",
        UP,
        "free",
        {"aim_worth": 6.0, "offensive_threshold": 1.0},
        equal=True,
        on="aims",
        low=0.0,
        high=1.0,
    ),
    Case(
        "distorted_reports",
        OWN,
        "belief in the own force",
        UP,
        given={"perception_bias": 1.5},
        on="belief",
        low=0.2,
        high=1.5,
    ),
    Case("sanctions", OWN, "shells made", DOWN, on="sanctions", low=0.0, high=0.8),
    Case("sanctions", OWN, "armour built", DOWN, on="sanctions", low=0.0, high=0.8),
    Case(
        "third_party",
        OWN,
        "shells made",
        UP,
        given={"third_party_onset_days": 1e6},
        low=0.0,
        high=1.0,
        on="third_party_arms",
    ),
    Case("aid_artillery", OWN, "guns", UP, on="artillery", low=0.0, high=4.0),
    Case("aid_drones", OWN, "drones used", UP, on="drones", low=0.0, high=100.0),
    Case("aid_interceptors", OWN, "interceptors fired", UP, on="air_defence", low=0.0, high=10.0),
    Case("aid_interceptors", OWN, "missiles leaked", DOWN, on="air_defence", low=0.0, high=10.0),
    Case("strikes", OWN, "missiles launched", UP, on="air_defence", low=0.2, high=2.0),
    Case("strikes", ENEMY, "missiles leaked", UP, on="air_defence", low=0.2, high=2.0),
    Case("flank", OWN, "days of a flank", UP, on="northern_front", low=0.0, high=2.0),
    Case("flank", ENEMY, "reserve", UP, on="northern_front", low=0.0, high=1.0),
    Case(
        "monitored",
        TOTAL,
        "days of truce",
        UP,
        "truce",
        {"violation_growth": 0.2, "monitoring_effect": 0.9},
        low=0.0,
        high=1.0,
        on="violations",
    ),
    Case(
        "truce_aid",
        OWN,
        "guns",
        UP,
        "truce",
        levers={"aid_artillery": 4.0},
        low=0.2,
        high=1.0,
        on="artillery",
    ),
    Case("truce_production", OWN, "missiles had", UP, "truce", low=0.2, high=1.0, on="air_defence"),
]

TRUCE = (20, 140)


def without_optional(structure: np.ndarray) -> np.ndarray:
    """The same laws, and none of the optional mechanisms."""
    without = structure.copy()
    for rival in OPTIONAL.values():
        without[ROWS[rival.name]] = 0
    return without


def aimed(geography: Geography) -> Geography:
    """The same fronts; nine tenths of the aims of both leaders lie on them."""
    aim = np.asarray(geography.aim)
    return geography._replace(aim=(0.9 * aim / aim.sum(axis=1, keepdims=True)).astype(np.float32))


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
        structure=without_optional(draw_structure(rng)),
        geography=aimed(draw_geography(rng)),
        levers=levers,
        begins=begins,
        ends=ends,
        tempo=weekly(rng, SPAN, FRONTS),
        perception=weekly(rng, SPAN, 2),
        culmination=weekly(rng.spawn(1)[0], SPAN, 2),
        drift=weekly_drift(rng, SPAN),
        line=weekly_opposed(rng, SPAN),
        events=weekly_events(rng.spawn(1)[0], SPAN),
        decisions=observed(SPAN, 0.0, 0.0),
    )


def second_choices(mechanisms: Iterable[str]) -> dict[str, str]:
    """The choices of the structure with which a war has these optional mechanisms."""
    return {OPTIONAL[name].name: OPTIONAL[name].choices[1] for name in mechanisms}


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
    chosen = {"attrition_law": case.law, "fire_law": case.fire} | second_choices(case.on.split())
    for name, choice in chosen.items():
        if choice:
            structure[ROWS[name]] = structure_of(**{name: choice})[ROWS[name]]
    inputs = inputs._replace(structure=structure)
    for name, value in case.levers.items():
        inputs = inputs._replace(levers=set_lever(inputs.levers, name, value))
    if case.war.startswith("free"):
        # Only one leader may decide, so that the other's answer does not blur the first's choice.
        levers = set_lever(inputs.levers, "offensives", 0.0, 1 - side)
        inputs = inputs._replace(decisions=observed(SPAN), levers=levers)
    elif case.war == "attack":
        inputs = inputs._replace(decisions=observed(SPAN, 1.0 - side, float(side)))
    elif case.war == "attacked":
        inputs = inputs._replace(decisions=observed(SPAN, float(side), 1.0 - side))
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


@pytest.mark.thorough
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


def test_every_optional_mechanism_is_raised_where_it_is_there() -> None:
    for case in PARAMETERS:
        mechanism = REGISTRY.mechanisms[case.name]
        assert mechanism not in OPTIONAL or mechanism in case.on.split(), case.label()
    for case in LEVER_CASES:
        mechanism = next(lever.mechanism for lever in LEVERS if lever.name == case.name)
        assert mechanism is None or mechanism in case.on.split(), case.label()


NOT_ITS_OWN = {"ending": ("escalation",)}
"""Other stocks that read its parameters whether it is on or not: how near a force is to collapse."""


@pytest.mark.parametrize("mechanism", OPTIONAL)
def test_without_its_mechanism_nothing_that_is_raised_moves_anything(mechanism: str) -> None:
    """All parameters and levers of one that is off while every other is on: only its own stocks differ."""
    inputs = drawn()._replace(decisions=observed(SPAN))
    rest = second_choices(set(OPTIONAL) - {mechanism})
    structure = inputs.structure.copy()
    for name, choice in rest.items():
        structure[ROWS[name]] = structure_of(**{name: choice})[ROWS[name]]
    paths = []
    for end in (0, 1):
        parameters, levers = inputs.parameters.copy(), inputs.levers.copy()
        for name in REGISTRY:
            if REGISTRY.mechanisms[name] == mechanism:
                prior = REGISTRY[name].prior
                parameters[REGISTRY.rows[name]] = (prior.low, prior.high)[end]
        for lever in LEVERS:
            if lever.mechanism == mechanism:
                levers[:, COLUMNS[lever.name]] = lever.bounds[end]
        paths.append(walk(inputs._replace(parameters=parameters, levers=levers, structure=structure)))
    low, high = paths
    moved = [
        name
        for ours, theirs in ((low.states, high.states), (low.flows, high.flows))
        for name, stock in ours._asdict().items()
        if name not in NOT_ITS_OWN.get(mechanism, ())
        and MECHANISM_OF.get(name) != mechanism
        and not np.array_equal(stock, getattr(theirs, name))
    ]
    assert moved == []


def test_a_mechanism_that_is_off_and_still_read_would_be_found() -> None:
    """With it on, the same change moves stocks that are not its own."""
    case = Case("labour_elasticity", OWN, "shells made", DOWN, on="labour")
    assert (moved(case, 0) > 0).all()
    off = Case("labour_elasticity", OWN, "shells made", DOWN)
    with pytest.raises(AssertionError, match="or not at all"):
        test_raising_it_moves_the_outcome(off, 0)


def test_no_change_fails() -> None:
    """A parameter that nothing reads would not pass: raise one without effect where decisions are held."""
    unwired = Case("rest_days", OWN, "days on the offensive", DOWN)
    with pytest.raises(AssertionError, match="or not at all"):
        test_raising_it_moves_the_outcome(unwired, 0)
