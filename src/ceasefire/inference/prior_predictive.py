"""The prior-predictive check: what the priors alone imply for losses and ground, beside what was observed.

Nothing is fitted. Priors were set without the observations after the scenario's start, so an observation far
outside the model's interval says that a prior or an equation is poor; one inside says little more than that
the priors are wide.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr

from ceasefire.engine import failed, good, run
from ceasefire.engine.results import Progress
from ceasefire.evidence import Evidence
from ceasefire.scenario import Scenario

DAYS = (28, 91, 182, 364, 728, 1106)
WINDOW_DAYS = 7


@dataclasses.dataclass(frozen=True)
class Matched:
    """A model variable and the observations that count the same thing."""

    variable: str
    label: str
    quantity: str
    concepts: tuple[str, ...]
    unit: str


MATCHED = (
    Matched(
        "killed", "killed", "personnel_losses", ("killed", "killed_and_missing", "named_dead"), "persons"
    ),
    Matched(
        "losses",
        "killed, wounded and captured",
        "personnel_losses",
        ("killed_and_wounded", "losses_undefined"),
        "persons",
    ),
    Matched("ground_net", "net ground taken", "area_controlled", (), "km2"),
)


@dataclasses.dataclass(frozen=True)
class Check:
    """What priors imply, beside what was observed."""

    scenario: str
    policy: str
    draws: int
    failed: int
    seed: int
    table: pd.DataFrame
    """One row for each quantity, side, date and source (source empty where nothing was observed): `quantity`,
    `side`, `day`, `date`, `unit`, `low`, `median`, `high` (90 % interval of the model), `source`, `concept`,
    `root`, `observed`, `position` (below, inside, above)."""

    def about(self) -> dict[str, object]:
        """Return what a reader of the table must know; `inside` counts observations in the interval."""
        seen = self.table[self.table["position"] != ""]
        return {
            "scenario": self.scenario,
            "policy": self.policy,
            "draws": self.draws,
            "failed": self.failed,
            "seed": self.seed,
            "posterior": "prior",
            "observations": len(seen),
            "inside": int((seen["position"] == "inside").sum()),
        }


def observed_change(
    evidence: Evidence, matched: Matched, side: str, start: dt.date, date: dt.date
) -> pd.DataFrame:
    """Return how much each source's cumulative or held amount changed between two days.

    Only sources with a figure within a week of both days are compared, each with itself: `source`, `concept`,
    `root`, `change`, and the days that were used. A source that restates another is listed with the same
    root.
    """
    columns = ["source", "concept", "root", "change", "first", "last"]
    rows = []
    known = set(evidence.observations["quantity"])
    if matched.quantity not in known:
        return pd.DataFrame(columns=columns)
    ends = []
    for day in (start, date):
        found = evidence.ask(matched.quantity, side=side, at=day, window_days=WINDOW_DAYS)
        found = found[found["flow_or_stock"].isin(["cumulative", "stock"]) & found["best"].notna()]
        if matched.concepts:
            found = found[found["concept"].isin(matched.concepts)]
        ends.append(found[found["unit"] == matched.unit])
    for key, before in ends[0].groupby(["source", "concept", "place"]):
        after = ends[1].loc[(ends[1][["source", "concept", "place"]] == list(key)).all(axis=1)]
        if after.empty:
            continue
        first, last = before.iloc[-1], after.iloc[-1]
        rows.append((key[0], key[1], first["root"], last["best"] - first["best"], first["end"], last["end"]))
    return pd.DataFrame(rows, columns=columns)


def prior_predictive(
    scenario: Scenario,
    evidence: Evidence,
    *,
    policy: str = "fight-on",
    draws: int = 2000,
    seed: int = 1,
    days: Sequence[int] = DAYS,
    progress: Progress | None = None,
) -> Check:
    """Run a scenario from its priors and set the outcome beside the evidence.

    Args:
        scenario: the scenario; its belligerents' codes name the sides of the evidence.
        evidence: the observations.
        policy: the policy under which history went on.
        draws: wars.
        seed: seed.
        days: days after the start at which to compare; those beyond the horizon are left out.
        progress: called with the wars done and the wars in all.
    """
    world = scenario.world()
    result = run(world, scenario.plan(policy), draws=draws, seed=seed, progress=progress)
    wars = good(result)
    rows = []
    for matched in MATCHED:
        for number, side in enumerate(world.sides):
            if matched.variable == "ground_net" and number == 1:
                continue
            code = world.codes[number]
            for day in days:
                if day > world.days:
                    continue
                date = world.start + dt.timedelta(days=int(day))
                low, median, high = np.quantile(_at(wars, matched.variable, side, day), [0.05, 0.5, 0.95])
                seen = observed_change(evidence, matched, code, world.start, date)
                base = (matched.label, side, int(day), date, matched.unit, low, median, high)
                if seen.empty:
                    rows.append((*base, "", "", "", np.nan, ""))
                for _, one in seen.iterrows():
                    place = "below" if one["change"] < low else "above" if one["change"] > high else "inside"
                    rows.append((*base, one["source"], one["concept"], one["root"], one["change"], place))
    columns = ["quantity", "side", "day", "date", "unit", "low", "median", "high"]
    table = pd.DataFrame(rows, columns=[*columns, "source", "concept", "root", "observed", "position"])
    return Check(scenario.name, policy, draws, failed(result), seed, table)


def _at(wars: xr.Dataset, variable: str, side: str, day: int) -> np.ndarray:
    values = wars[variable].isel(time=round(day / 7))
    return np.asarray(values.sel(side=side) if "side" in values.dims else values, dtype=np.float64)
