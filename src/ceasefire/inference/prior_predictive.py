"""The prior-predictive check: what the priors alone imply for losses and ground, beside what was observed.

Nothing is fitted. Yet the check is no independent test: several ranges rest on sources written after the
scenario's start (each parameter names its source), and one source's figures on several days are one origin.
An observation far outside the model's interval says that a prior or an equation is poor; one inside says
little more than that the priors are wide.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from ceasefire.engine import failed, good, run
from ceasefire.engine.results import Progress
from ceasefire.evidence import Evidence
from ceasefire.files import InputError
from ceasefire.scenario import Scenario, World

FloatArray = npt.NDArray[np.float64]

DAYS = (28, 91, 182, 364, 728, 1106)
# A running total is often given once a month: so far from a day may its nearest figure lie. The model is read
# on the figure's own days, so that nothing is compared across the gap.
REACH_DAYS = 31
WHOLE_FRONT = "whole_front"


@dataclasses.dataclass(frozen=True)
class Matched:
    """What of the model is held against which observations.

    `values` are observations of the same thing. `floors` hold a part of it only (the dead known by name):
    they can lie above the model's interval and never below it.
    """

    label: str
    unit: str
    quantity: str
    values: tuple[str, ...]
    floors: tuple[str, ...]
    read: Callable[[xr.Dataset, str], xr.DataArray]
    """From the wars and a side to `[time, war]`."""
    of_first_side: bool = False
    """Whether it is one number for both sides, as seen by the first."""


def _killed(wars: xr.Dataset, side: str) -> xr.DataArray:
    return wars["killed"].sel(side=side)


def _killed_and_wounded(wars: xr.Dataset, side: str) -> xr.DataArray:
    return wars["killed"].sel(side=side) + wars["wounded"].sel(side=side)


def _ground(wars: xr.Dataset, side: str) -> xr.DataArray:
    return wars["ground_net"]


# A belligerent's undefined losses are left out: nobody knows what they count. So are the killed and missing
# of a source that gives the killed as well.
MATCHED = (
    Matched("killed", "persons", "personnel_losses", ("killed",), ("named_dead",), _killed),
    Matched(
        "killed and wounded", "persons", "personnel_losses", ("killed_and_wounded",), (), _killed_and_wounded
    ),
    Matched("net ground taken", "km2", "area_controlled", ("assessed",), (), _ground, of_first_side=True),
)

CHANGE = (
    "source", "concept", "root", "role", "first", "last", "observed_low", "observed", "observed_high",
    "counted", "why",
)  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Check:
    """What priors imply, beside what was observed."""

    scenario: str
    policy: str
    draws: int
    failed: int
    seed: int
    table: pd.DataFrame
    """One row for each quantity, side, day and origin; source empty where nothing was observed.

    `quantity`, `side`, `unit`; `first` and `date`, between which the change is taken, and `day`, the days
    from the start to `date`; `low`, `median`, `high` (90 % interval of the model's change between those two
    days); `source`, `concept`, `root`, `role` (value or floor), `observed_low`, `observed`, `observed_high`,
    `position` (the observed interval lies wholly `below`, `inside` or `above` that of the model, or is
    `compatible` with it: reaches across an end, or is a floor that does not lie above), `counted` (an origin
    outside the war, one row of it) and `why`.
    """

    def about(self) -> dict[str, object]:
        """Return what a reader of the table must know.

        `origins` counts each origin outside the war once for each quantity and side, on however many days it
        is read; `outside` counts those of them that lie below or above the model's interval on any day.
        """
        counted = self.table[self.table["counted"]]
        missed = counted.assign(missed=counted["position"].isin(["below", "above"]))
        origins = missed.groupby(["quantity", "side", "root"])["missed"].any()
        return {
            "scenario": self.scenario,
            "policy": self.policy,
            "draws": self.draws,
            "failed": self.failed,
            "seed": self.seed,
            "posterior": "prior",
            "origins": len(origins),
            "outside": int(origins.sum()),
        }


def observed_change(
    evidence: Evidence, matched: Matched, side: str, start: dt.date, date: dt.date, until: dt.date
) -> pd.DataFrame:
    """Return by how much each origin's figure changed from the start of a war to a day.

    Each source is compared with itself: its first figure on the start or after it, less the figure nearest to
    the day, on the days that the source itself names, each within 31 days. A bound of a change takes the far
    ends of both figures. A list of names counts only where both figures come from one publication: names that
    became known in between are no deaths in between.

    Args:
        evidence: the observations.
        matched: what is compared.
        side: code of the side.
        start: the first day of the war.
        date: the day near which to compare.
        until: the last day on which the model can be read.

    Returns:
        One row per origin (the one that counts, else the first that is shown): `source`, `concept`, `root`,
        `role` (value or floor), `first`, `last`, `observed_low`, `observed`, `observed_high` (infinite where
        open), `counted`, `why`.
    """
    rows = _comparable(evidence, matched, side)
    begins, ends = pd.Timestamp(start), pd.Timestamp(date)
    reach = pd.Timedelta(days=REACH_DAYS)
    found = []
    # Running totals are compared where they begin on one day; a state has no beginning.
    begun = rows["start"].where(rows["flow_or_stock"] == "cumulative", pd.NaT)
    for _, series in rows.groupby(["source", "concept", "flow_or_stock", begun], dropna=False):
        role = "floor" if series["concept"].iloc[0] in matched.floors else "value"
        early = series[(series["end"] >= begins) & (series["end"] <= begins + reach)]
        late = series[((series["end"] - ends).abs() <= reach) & (series["end"] <= pd.Timestamp(until))]
        if early.empty or late.empty:
            continue
        first = early.sort_values("end", kind="stable").iloc[0]
        last = late.iloc[int((late["end"] - ends).abs().to_numpy().argmin())]
        if last["end"] <= first["end"] or (role == "floor" and first["known_on"] != last["known_on"]):
            continue
        low, best, high = _change(first, last, running=last["flow_or_stock"] == "cumulative")
        away = (last["end"] - ends).days
        found.append({**last.to_dict(), "days_from_target": away, "role": role, "first": first["end"]})
        found[-1] |= {"last": last["end"], "observed_low": low, "observed": best, "observed_high": high}
    if not found:
        return pd.DataFrame(columns=list(CHANGE))
    changes = pd.DataFrame(found)
    # Values are judged apart from floors: an origin that gives the whole needs no floor beside it.
    judged = pd.concat(
        [
            evidence.independent_roots(changes[changes["role"] == role])
            for role in ("value", "floor")
            if (changes["role"] == role).any()
        ]
    )
    order = judged.sort_values("counted", ascending=False, kind="stable")
    return order.drop_duplicates("root")[list(CHANGE)].reset_index(drop=True)


def _comparable(evidence: Evidence, matched: Matched, side: str) -> pd.DataFrame:
    """Return running totals and states of a quantity on the whole front, or at the only place there is."""
    known = evidence.observations
    known = known[(known["quantity"] == matched.quantity) & (known["side"] == side)]
    if known.empty:
        return known
    rows = evidence.ask(matched.quantity, side=side)
    rows = rows[
        rows["flow_or_stock"].isin(["cumulative", "stock"])
        & rows["concept"].isin([*matched.values, *matched.floors])
        & (rows["unit"] == matched.unit)
        & (rows["kind"] != "misprint")
        & rows[["low", "best", "high"]].notna().any(axis=1)
    ]
    places = set(rows["place"])
    place = WHOLE_FRONT if WHOLE_FRONT in places else places.pop() if len(places) == 1 else None
    kept: pd.DataFrame = rows[rows["place"] == place]
    return kept


def _change(first: pd.Series, last: pd.Series, *, running: bool) -> tuple[float, float, float]:
    """Return low, best and high of the difference of two figures; a running total does not fall."""
    low = _bound(last, "low", -math.inf) - _bound(first, "high", math.inf)
    high = _bound(last, "high", math.inf) - _bound(first, "low", -math.inf)
    best = float(last["best"] - first["best"])
    if running:
        low = max(low, 0.0)
    return low, best, high


def _bound(row: pd.Series, end: str, nothing: float) -> float:
    """Return an end of a figure's interval: the end itself, else its best value, else none."""
    given = row[end] if not pd.isna(row[end]) else row["best"]
    return nothing if pd.isna(given) else float(given)


def position(role: str, observed: tuple[float, float], model: tuple[float, float]) -> str:
    """Say where an observed interval lies against the model's: below, compatible, inside or above.

    Args:
        role: value, or floor (which is compatible unless it lies above).
        observed: low and high of what was observed.
        model: low and high of the model.
    """
    if observed[0] > model[1]:
        return "above"
    if role == "floor":
        return "compatible"
    if observed[1] < model[0]:
        return "below"
    return "inside" if model[0] <= observed[0] and observed[1] <= model[1] else "compatible"


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
        days: days after the start near which to compare; those beyond the horizon are left out.
        progress: called with the wars done and the wars in all.

    Raises:
        InputError: an unknown policy, or no war whose computation succeeded.
    """
    world = scenario.world()
    result = run(world, scenario.plan(policy), draws=draws, seed=seed, progress=progress)
    wars = good(result)
    if wars.sizes["war"] == 0:
        raise InputError(
            f"the computation of all {draws:,} wars failed: nothing can be compared.",
            f"scenario {scenario.name}, policy {policy}",
            "look for ranges in the scenario that are far from those of the registry.",
        )
    rows: list[dict[str, object]] = []
    for matched in MATCHED:
        for number, side in enumerate(world.sides):
            if matched.of_first_side and number > 0:
                continue
            values = np.asarray(matched.read(wars, side).transpose("time", "war"), dtype=np.float64)
            rows += _beside(matched, side, world, number, values, evidence, days)
    columns = [
        "quantity", "side", "first", "day", "date", "unit", "low", "median", "high",
        "source", "concept", "root", "role", "observed_low", "observed", "observed_high", "position",
        "counted", "why",
    ]  # fmt: skip
    return Check(scenario.name, policy, draws, failed(result), seed, pd.DataFrame(rows, columns=columns))


def _beside(
    matched: Matched,
    side: str,
    world: World,
    number: int,
    values: FloatArray,
    evidence: Evidence,
    days: Sequence[int],
) -> list[dict[str, object]]:
    """Return one quantity of one side on each day: the model, and each origin's figure on its own days."""
    start = pd.Timestamp(world.start)
    until = world.start + dt.timedelta(days=world.days)
    rows: list[dict[str, object]] = []
    used = set()
    for day in days:
        if day > world.days:
            continue
        date = start + pd.Timedelta(days=int(day))
        seen = observed_change(evidence, matched, world.codes[number], world.start, date.date(), until)
        base = {"quantity": matched.label, "side": side, "unit": matched.unit}
        if seen.empty:
            model = _interval(values, 0.0, float(day))
            nothing = {"source": "", "concept": "", "root": "", "role": "", "position": "", "why": ""}
            missing = dict.fromkeys(("observed_low", "observed", "observed_high"), math.nan)
            when = {"first": start, "day": int(day), "date": date}
            rows.append({**base, **when, **model, **nothing, **missing, "counted": False})
        for one in seen.to_dict("records"):
            # The figure nearest to two of the days is compared once.
            if (one["source"], one["concept"], one["last"]) in used:
                continue
            used.add((one["source"], one["concept"], one["last"]))
            first, last = ((one[end] - start).days for end in ("first", "last"))
            model = _interval(values, first, last)
            observed = (float(one["observed_low"]), float(one["observed_high"]))
            lies = position(str(one["role"]), observed, (model["low"], model["high"]))
            when = {"first": one["first"], "day": last, "date": one["last"]}
            kept = {name: one[name] for name in CHANGE if name not in {"first", "last"}}
            bounds = {
                f"observed_{end}": _finite(value)
                for end, value in zip(("low", "high"), observed, strict=True)
            }
            rows.append({**base, **when, **model, **kept, **bounds, "position": lies})
    return rows


def _finite(value: float) -> float:
    return value if math.isfinite(value) else math.nan


def _interval(values: FloatArray, first: float, last: float) -> dict[str, float]:
    """Return the 90 % interval of the wars' change between two days, by straight lines between weeks."""
    change = _on(values, last) - _on(values, first)
    low, median, high = (float(point) for point in np.quantile(change, [0.05, 0.5, 0.95]))
    return {"low": low, "median": median, "high": high}


def _on(values: FloatArray, day: float) -> FloatArray:
    week = min(max(day / 7, 0.0), values.shape[0] - 1.0)
    below = min(int(week), values.shape[0] - 2)
    part = week - below
    here: FloatArray = (1.0 - part) * values[below] + part * values[below + 1]
    return here
