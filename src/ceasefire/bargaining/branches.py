"""The branches of the offer game as wars: what is done in each, by whom, and what is read off it.

A branch is a plan (a truce or none, aid kept or cut) and a type of leader, which is a setting of parameters
of the war that the branches share. All wars of a draw have the same parameters otherwise, and the same
chances.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
import xarray as xr

from ceasefire.bargaining.game import ENDS, TYPES
from ceasefire.bargaining.stated import OUT_OF_REACH, Terms, Type
from ceasefire.engine import PRIOR, Start, draw_parameters, draw_structure, run
from ceasefire.inference.posterior import Posterior
from ceasefire.inference.starting import start_of
from ceasefire.scenario import TRUCE_BEGINS, TRUCE_ENDS, Plan, Scenario, World, plan_without_truce
from ceasefire.war import REGISTRY, Geography, initial_state
from ceasefire.war.levers import COLUMNS

FloatArray = npt.NDArray[np.float64]

#: Days after the start on which a branch is valued besides the last.
HORIZONS = (364, 728)
AID_LEVERS = ("aid_armour", "aid_shells", "aid_artillery", "aid_drones", "aid_interceptors")
KEPT = ("killed", "civilians_killed", "ground_taken", "capital_taken", "truce", "offensive")


class Branch(NamedTuple):
    """What happened in a branch on chosen days, `[H, 2, N]`: who offers first, who answers second."""

    own_soldiers: FloatArray
    """Soldiers killed."""
    civilians: FloatArray
    """Civilians killed on the side's ground."""
    ground_lost: FloatArray
    """Net ground lost, km2."""
    aim: FloatArray
    """Share of the side's aim that is reached, 0 to 1."""
    truce: npt.NDArray[np.bool_]
    """Whether a truce came into force, `[N]`."""
    attacked: npt.NDArray[np.bool_]
    """Whether the one who offered broke the truce or attacked after it, `[N]`."""
    status: npt.NDArray[np.int8]
    """0 where the computation succeeded, `[N]`."""


def end_of(kind: Type) -> str:
    """Return what a type does with an accepted truce: settle where he keeps it, else exploit."""
    return "settle" if kind.keeps_truce else "exploit"


def start_for(
    world: World, posterior: Posterior | None, draws: int, seed: int, start: Start | None = None
) -> Start:
    """Return M draws from which wars start: evenly spaced ones of a posterior, else draws of the priors.

    `start` is that of the posterior, where it is at hand.
    """
    if posterior is not None:
        whole = start_of(posterior, world) if start is None else start
        return whole.thinned(draws)
    wars = np.arange(draws, dtype=np.int64)
    parameters, structure = draw_parameters(world, wars, seed), draw_structure(world, wars, seed)
    geography = Geography(*(jnp.asarray(part) for part in world.geography))
    state = jax.jit(initial_state)(jnp.asarray(parameters), jnp.asarray(structure), geography)
    return Start(parameters, structure, jax.tree.map(np.asarray, state), PRIOR)


def changed(start: Start, side: int, values: Mapping[str, float | FloatArray]) -> Start:
    """Return a start in which a side's leader has other parameters; its stocks stay as they are."""
    parameters = np.array(start.parameters)
    for name, value in values.items():
        parameters[REGISTRY.rows[name]][side] = value
    return dataclasses.replace(start, parameters=parameters)


def of_type(start: Start, side: int, kind: Type) -> Start:
    """Return a start in which the leader of a side is of a type."""
    values: dict[str, float | FloatArray] = {}
    if kind.keeps_truce:
        values["truce_cost"] = OUT_OF_REACH
    if kind.threshold != 0.0:
        low, high = REGISTRY["offensive_threshold"].bounds
        own = start.parameters[REGISTRY.rows["offensive_threshold"]][side]
        values["offensive_threshold"] = np.clip(own + kind.threshold, low, high)
        # The other rule of decision wants more where a success is worth less: the same change of its odds.
        steep = start.parameters[REGISTRY.rows["success_steepness"]][0]
        worth = start.parameters[REGISTRY.rows["success_worth"]][side]
        values["success_worth"] = np.clip(
            worth * np.exp(-steep * kind.threshold), *REGISTRY["success_worth"].bounds
        )
    return changed(start, side, values)


@dataclasses.dataclass(frozen=True, eq=False)
class Setting:
    """All that the branches share."""

    scenario: Scenario
    world: World
    start: Start
    side: int
    terms: Terms
    types: tuple[Type, Type]
    repeats: int
    seed: int

    @functools.cached_property
    def base(self) -> Plan:
        """What both sides do without a truce: the levers of the scenario, and no change of a policy."""
        return plan_without_truce(self.scenario)

    @property
    def days(self) -> tuple[int, ...]:
        """Days on which a branch is valued."""
        return (*(day for day in HORIZONS if day < self.world.days), self.world.days)

    @property
    def has_aid(self) -> bool:
        """Whether the one who answers gets arms from abroad."""
        columns = [COLUMNS[name].start + 1 - self.side for name in AID_LEVERS]
        return bool((self.base.levers[:, columns] > 0.0).any())

    def plan(self, branch: tuple[str, ...]) -> Plan:
        """Return the plan of a branch."""
        name, *rest = branch
        kind = self.leader(branch)
        levers = self.base.levers.copy()
        terms, offers, answers = self.terms, self.side, 1 - self.side
        first, events = terms.start_day, []
        if name == "settle" or (name == "exploit" and terms.days > 0):
            last = len(levers) if name == "settle" else first + terms.days
            events.append((first, TRUCE_BEGINS))
            if last < len(levers):
                events.append((last, TRUCE_ENDS))
            here = slice(first, last)
            levers[here, COLUMNS["monitored"].start] = float(terms.monitored)
            for lever in ("truce_recruitment", "truce_production"):
                levers[here, COLUMNS[lever].start + offers] = terms.offerer_rearms
                levers[here, COLUMNS[lever].start + answers] = terms.answerer_rearms
            levers[here, COLUMNS["truce_aid"].start + answers] = terms.aid_in_truce
        levers[:, COLUMNS["aim"].start + offers] *= kind.aim
        if terms.offerer_training_days is not None:
            levers[:, COLUMNS["training_days"].start + offers] = terms.offerer_training_days
        if rest[-1] == "cut":
            for lever in AID_LEVERS:
                levers[first:, COLUMNS[lever].start + answers] *= terms.cut_to
        return dataclasses.replace(
            self.base,
            policy=" ".join(branch),
            levers=levers,
            events=np.array(events, dtype=np.int32).reshape(-1, 2),
        )

    def leader(self, branch: tuple[str, ...]) -> Type:
        """Return the type of the leader who acts in a branch: of two of a kind, what such a one would be."""
        if branch[0] == "refused":
            return self.types[TYPES.index(branch[1])]
        place = ENDS.index(branch[0])
        fitting = [kind for kind in self.types if end_of(kind) == branch[0]]
        return fitting[-1] if fitting else dataclasses.replace(self.types[place], keeps_truce=place == 0)

    def signature(self, branch: tuple[str, ...]) -> tuple[Any, ...]:
        """Return what tells branches apart: two with the same one are the same wars."""
        plan = self.plan(branch)
        content = (plan.levers.tobytes(), plan.events.tobytes())
        return ("branch", self.side, self.leader(branch), self.repeats, self.seed, self.start.size, *content)

    def run(self, branch: tuple[str, ...]) -> Branch:
        """Run the wars of a branch."""
        start = changed(self.start, 1 - self.side, {"truce_cost": OUT_OF_REACH})
        start = of_type(start, self.side, self.leader(branch))
        result = run(
            self.world,
            self.plan(branch),
            draws=self.start.size * self.repeats,
            seed=self.seed,
            start=start,
            outcomes=KEPT,
        )
        return self._read(result)

    def _read(self, result: xr.Dataset) -> Branch:
        weeks = [min(day // 7, result.sizes["time"] - 1) for day in self.days]
        order = [self.side, 1 - self.side]

        def told(name: str) -> FloatArray:
            return np.asarray(result[name].values[weeks][:, order], dtype=np.float64)

        taken = told("ground_taken")
        net = taken - taken[:, ::-1]
        begun = self.terms.start_day // 7
        truce = np.asarray(result["truce"].values > 0.0, dtype=np.bool_)
        attack = np.asarray(result["offensive"].values[begun + 1 :, self.side] > 0.0, dtype=np.bool_)
        broken = np.asarray(result["truce_broken_day"].values[self.side] >= 0, dtype=np.bool_)
        return Branch(
            own_soldiers=told("killed"),
            civilians=told("civilians_killed"),
            ground_lost=-net,
            aim=self._aims(net, told("capital_taken")),
            truce=np.asarray(np.any(truce, axis=0)),
            attacked=np.asarray(np.any(attack, axis=0) | broken),
            status=np.asarray(result["status"].values, dtype=np.int8),
        )

    def _aims(self, net: FloatArray, capital: FloatArray) -> FloatArray:
        """Return the share of each side's aim that is reached; none where it has none."""
        reached = np.zeros_like(net)
        for place, side in enumerate((self.side, 1 - self.side)):
            found = aim_reached(self.world, side, net[:, place], capital[:, place])
            if found is not None:
                reached[:, place] = found
        return reached


def aim_reached(world: World, side: int, net: FloatArray, capital: FloatArray) -> FloatArray | None:
    """Return the share of a side's aim that is reached, 0 to 1; None where the scenario names no aim of it.

    The fronts' part by net ground taken over the enemy's ground on the fronts that the aim names, the rest by
    the enemy's capital.

    Args:
        world: the scenario's.
        side: whose aim.
        net: net ground that the side has taken, km2.
        capital: above 0 where it has taken the enemy's capital, of the same shape.
    """
    if world.geography.aim is None:
        return None
    aim = np.asarray(world.geography.aim, np.float64)[side]
    on_fronts = float(aim.sum())
    wanted = float(np.asarray(world.geography.ground, np.float64)[1 - side][aim > 0.0].sum())
    if on_fronts == 0.0 or wanted == 0.0:
        return None
    held = np.clip(net / wanted, 0.0, 1.0)
    return np.asarray(on_fronts * held + (1.0 - on_fronts) * (capital > 0.0))
