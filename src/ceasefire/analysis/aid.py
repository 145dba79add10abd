"""What one more unit of each kind of aid saves, by finite differences over the same wars.

For a side and a kind of aid, every war is run twice from the same draw and with the same chances: as the
policy has it, and with s more units a day sent from abroad over the first year. With K the count on the last
day (that side's soldiers killed, civilians killed on its ground, net ground it lost) and S = 365 s the units
sent,

    saved by one unit = (K as it is - K with more) / S,

so that a number below zero is a cost. The extra is a fifth of what is sent, and at least a floor for each
kind, so that it stands out from single precision; of a curve that bends it is the slope over that step. A
unit that arrives late, or after the war has ended, saves nothing and is counted. What a unit costs, and what
its donor could do otherwise, is not part of it.

All wars have the mechanisms through which a kind works (guns limit fire, strike drones fight, strikes are
intercepted), whatever the scenario says: else a unit of it would do nothing. No fit had them, so that what is
said of these kinds is assumed.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from ceasefire.analysis.columns import columns_of
from ceasefire.analysis.compare import OUTCOMES, FloatArray, error_of_mean, share_above, shares_by_structure
from ceasefire.analysis.shares import Explained, Shares
from ceasefire.engine import PRIOR, run
from ceasefire.files import InputError, suggest
from ceasefire.inference.posterior import Posterior
from ceasefire.inference.starting import start_of
from ceasefire.scenario import Plan, Scenario, with_mechanisms
from ceasefire.war.levers import COLUMNS


@dataclasses.dataclass(frozen=True)
class Kind:
    """A kind of aid: the lever that sends it, the mechanism through which it works, and how it is told."""

    name: str
    unit: str
    lever: str
    mechanism: str | None
    """None: every war has it."""
    least: float
    """The extra that is sent at least, units a day."""
    told_by: int
    """So many units are told of together."""


@dataclasses.dataclass(frozen=True)
class Saving:
    """Something that a unit of aid may save."""

    name: str
    meaning: str
    unit: str
    outcome: str


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            Kind("shells", "rounds", "aid_shells", None, 500.0, 10_000),
            Kind("vehicles", "vehicles", "aid_armour", None, 0.5, 100),
            Kind("guns", "guns", "aid_artillery", "artillery", 0.2, 100),
            Kind("strike_drones", "drones", "aid_drones", "drones", 10.0, 1_000),
            Kind("interceptors", "interceptors", "aid_interceptors", "air_defence", 0.5, 100),
        )
    }
)
SAVINGS: Mapping[str, Saving] = MappingProxyType(
    {
        saving.name: saving
        for saving in (
            Saving("soldiers", "soldiers of the side who are not killed", "persons", "killed"),
            Saving("civilians", "civilians on its ground who are not killed", "persons", "civilians_killed"),
            Saving("ground", "net ground that it does not lose", "km2", "ground_lost"),
        )
    }
)
# What is kept of each run.
KEPT = ("parameters", *(name for saving in SAVINGS.values() for name in OUTCOMES[saving.outcome].kept))
# Without it no civilian is counted.
ALSO_ON = ("civilian_harm", "air_defence")
DAYS_SENT = 365
STEP = 0.2
Progress = Callable[[int, int], None]


@dataclasses.dataclass(frozen=True)
class Saved:
    """What one more unit of a kind saves, over the wars."""

    kind: Kind
    saving: Saving
    units: float
    """Units sent beyond those of the policy."""
    mean: float
    """Per unit, as are the points and the error."""
    mc_error: float
    low: float
    median: float
    high: float
    probability: float
    """Share of the wars in which more of it saves some (a tie counts one half)."""
    mc_error_of_probability: float
    shares: Shares
    """Where the spread of the difference comes from."""
    by_structure: pd.DataFrame
    """The probability for each rival choice."""


@dataclasses.dataclass(eq=False)
class Aid:
    """The same wars with a little more of each kind of aid to one side."""

    scenario: str
    policy: str
    side: str
    posterior: str
    seed: int
    until: dt.date
    base: xr.Dataset
    more: Mapping[str, xr.Dataset]
    units: Mapping[str, float]
    fitted: frozenset[str]
    """Optional mechanisms that the posterior's fit had."""
    on: tuple[str, ...]
    """Those that all wars have for the purpose."""
    explained: Explained
    _draws: np.ndarray | None = None

    @property
    def draws(self) -> int:
        """Wars computed for each kind."""
        return int(self.base.sizes["war"])

    @property
    def good(self) -> np.ndarray:
        """Wars whose computation succeeded with every kind, `[N]`."""
        results = [self.base, *self.more.values()]
        return np.logical_and.reduce([result["status"].values == 0 for result in results])

    @property
    def failed(self) -> int:
        """Wars left out."""
        return int((~self.good).sum())

    def values(self, kind: str, saves: str) -> FloatArray:
        """Return what one more unit saves in each good war, `[N]`."""
        outcome = OUTCOMES[_known(saves, SAVINGS, "saving").outcome]
        _known(kind, self.more, "kind of aid")
        here, there = (
            outcome.read(result, self.side)[-1][self.good] for result in (self.base, self.more[kind])
        )
        return np.asarray((here - there) / self.units[kind])

    def saved(self, kind: str, saves: str) -> Saved:
        """Return what one more unit of a kind saves, with its interval and Monte-Carlo error.

        Raises:
            InputError: an unknown kind or saving.
        """
        values = self.values(kind, saves)
        low, median, high = np.quantile(values, (0.05, 0.5, 0.95))
        above = (np.sign(values) + 1.0) / 2.0
        structure = self.base["structure"].values[:, self.good]
        return Saved(
            kind=KINDS[kind],
            saving=SAVINGS[saves],
            units=self.units[kind],
            mean=float(values.mean()),
            mc_error=self._error(values),
            low=float(low),
            median=float(median),
            high=float(high),
            probability=float(share_above(values)),
            mc_error_of_probability=error_of_mean(above, self._draws),
            shares=self.explained.shares(values),
            by_structure=shares_by_structure(structure, share_above, values),
        )

    def table(self) -> pd.DataFrame:
        """Return every kind and saving as one row, per unit.

        Columns: `side`, `kind`, `unit`, `saves`, `meaning`, `counted_in`, `units_sent`, `mean`, `mc_error`,
        `low`, `median`, `high` (5, 50 and 95 % of the wars), `probability` that it saves some and its
        `mc_error_of_probability`, `learnt`, `assumed`, `structure`, `chance` (shares of the spread),
        `assumed_of_explained`, `mechanism_assumed` (the mechanism that no fit had, or empty), `draws`,
        `failed`.
        """
        rows = []
        for kind in self.more:
            for saves in SAVINGS:
                found = self.saved(kind, saves)
                parts = found.shares
                rows.append(
                    {
                        "side": self.side,
                        "kind": kind,
                        "unit": found.kind.unit,
                        "saves": saves,
                        "meaning": found.saving.meaning,
                        "counted_in": found.saving.unit,
                        "units_sent": found.units,
                        **{
                            name: getattr(found, name)
                            for name in (
                                "mean", "mc_error", "low", "median", "high", "probability",
                                "mc_error_of_probability",
                            )
                        },
                        "learnt": parts.learnt.value,
                        "assumed": parts.assumed.value,
                        "structure": parts.structure.value,
                        "chance": parts.chance.value,
                        "assumed_of_explained": parts.assumed_of_explained.value,
                        "mechanism_assumed": ", ".join(self.assumed(kind, saves)),
                        "draws": self.draws,
                        "failed": self.failed,
                    }
                )  # fmt: skip
        return pd.DataFrame(rows)

    def assumed(self, kind: str, saves: str) -> tuple[str, ...]:
        """Return the mechanisms that carry a kind's effect and that no fit had."""
        needed = (KINDS[kind].mechanism, *OUTCOMES[SAVINGS[saves].outcome].mechanisms)
        return tuple(dict.fromkeys(name for name in needed if name is not None and name not in self.fitted))

    def _error(self, values: FloatArray) -> float:
        if self._draws is None:
            return float(values.std() / np.sqrt(values.size))
        return error_of_mean(values, self._draws)


def aid(
    scenario: Scenario,
    side: str,
    *,
    posterior: Posterior | None = None,
    policy: str = "fight-on",
    kinds: Sequence[str] = tuple(KINDS),
    draws: int = 1000,
    seed: int = 1,
    progress: Progress | None = None,
    shared: dict[Any, Any] | None = None,
) -> Aid:
    """Return what one more unit of each kind of aid to a side saves.

    Args:
        scenario: the scenario.
        side: the belligerent that gets the aid.
        posterior: where parameters and the state come from; the priors where not given.
        policy: what else is decided.
        kinds: names in `KINDS`.
        draws: wars for each kind.
        seed: seed of the draws and of chance.
        progress: called with the wars done and the wars in all.
        shared: what does not depend on the side, so that it is made once for both: the wars without more aid
            by policy, and what explains a spread. It must be of the same scenario, posterior, draws and seed.

    Raises:
        InputError: an unknown side, policy or kind, a posterior that does not fit the scenario, or wars that
            all failed.
    """
    _known(side, dict(zip(scenario.sides, scenario.sides, strict=True)), "belligerent")
    wanted = [_known(kind, KINDS, "kind of aid") for kind in dict.fromkeys(kinds)]
    on = tuple(dict.fromkeys([*ALSO_ON, *(kind.mechanism for kind in KINDS.values() if kind.mechanism)]))
    having = with_mechanisms(scenario, on)
    world, plan = having.world(), having.plan(policy)
    start = None if posterior is None else start_of(posterior, world)
    number = scenario.sides.index(side)
    wars = {} if shared is None else shared
    total = draws * (len(wanted) + (policy not in wars))
    done = 0

    def told(count: int, _: int) -> None:
        if progress is not None:
            progress(done + count, total)

    if policy not in wars:
        wars[policy] = run(world, plan, draws=draws, seed=seed, start=start, progress=told, outcomes=KEPT)
        done += draws
    more, units = {}, {}
    for kind in wanted:
        changed, units[kind.name] = _with_more(plan, kind, number)
        more[kind.name] = run(
            world, changed, draws=draws, seed=seed, start=start, progress=told, outcomes=KEPT
        )
        done += draws
    base = wars[policy]
    good = np.logical_and.reduce([result["status"].values == 0 for result in (base, *more.values())])
    if not good.any():
        raise InputError(
            f"the computation of all {draws:,} wars failed: nothing can be compared.",
            f"scenario {scenario.name}, policy {policy}",
            "look for ranges in the scenario that are far from those of the registry.",
        )
    if ("explained", good.tobytes()) not in wars:
        learnt = None if posterior is None else posterior.contraction()
        columns = columns_of(base.isel(war=np.flatnonzero(good)), start, learnt)
        wars["explained", good.tobytes()] = Explained(columns.values, columns.groups, columns.draws)
    return Aid(
        scenario=scenario.name,
        policy=policy,
        side=side,
        posterior=PRIOR if posterior is None else posterior.name,
        seed=seed,
        until=world.start + dt.timedelta(days=world.days),
        base=base,
        more=more,
        units=units,
        fitted=frozenset() if posterior is None else posterior.mechanisms,
        on=on,
        explained=wars["explained", good.tobytes()],
        _draws=None if start is None else start.draws(base["war"].values[good]),
    )


def _with_more(plan: Plan, kind: Kind, side: int) -> tuple[Plan, float]:
    """Return the plan with more of a kind over the first year, and the units that are sent beyond it."""
    levers = plan.levers.copy()
    column = levers[:DAYS_SENT, COLUMNS[kind.lever].start + side]
    extra = np.float32(max(STEP * float(column.mean()), kind.least))
    column += extra
    return dataclasses.replace(plan, levers=levers), float(extra) * column.size


def _known(name: str, known: Mapping[str, Any], what: str) -> Any:
    if name not in known:
        raise InputError(f"'{name}' is no {what}.", what, suggest(name, known))
    return known[name]
