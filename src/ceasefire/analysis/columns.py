"""What the wars of an ensemble differ in before chance acts, and what of it the evidence taught."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from ceasefire.analysis.discovery import Column
from ceasefire.analysis.shares import FloatArray, Group
from ceasefire.engine import Start
from ceasefire.war import REGISTRY, STRUCTURES, State
from ceasefire.war.structure import OPTIONAL, ROWS

# What only a truce would show: no evidence of a war without one can teach it.
OF_A_TRUCE = frozenset({"violation_level", "monitoring_effect", "truce_cost", "monitoring_cost"})
LEARNT = "learnt"
# How a posterior names its rows that are stocks on its day.
STATE = "state: "


class Columns(NamedTuple):
    """One row for each thing in which the wars differ."""

    names: tuple[str, ...]
    groups: tuple[Group, ...]
    values: FloatArray
    """`[C, N]`."""
    draws: npt.NDArray[np.int64]
    """The draw of each war, `[N]`: wars of one draw differ by chance alone."""


def columns_of(result: xr.Dataset, start: Start | None, learnt: pd.DataFrame | None) -> Columns:
    """Return the columns of an ensemble's wars.

    Args:
        result: the wars, of which one policy is enough.
        start: the draws from which they started; their parameters' priors where not given.
        learnt: the table of `Posterior.contraction`. A row that it does not label, and all that only a truce
            would show, counts as assumed; so does everything without a table.
    """
    sides = [str(side) for side in result["side"].values]
    taught = set() if learnt is None else set(learnt.loc[learnt["label"] == LEARNT, "name"])
    wars = np.asarray(result["war"].values, dtype=np.int64)
    draws = wars if start is None else start.draws(wars)
    names: list[str] = []
    groups: list[Group] = []
    rows: list[npt.NDArray[np.generic]] = []

    def add(name: str, values: npt.NDArray[np.generic], group: Group) -> None:
        names.append(name)
        groups.append(group)
        rows.append(values)

    parameters = result["parameters"].values
    codes = result["structure"].values
    nobody = {name for name, one in OPTIONAL.items() if not codes[ROWS[one.name]].any()}
    for row, (name, side) in enumerate(REGISTRY.labels()):
        # What belongs to a mechanism that no war has makes no difference.
        if REGISTRY.mechanisms[name] in nobody or (start is not None and REGISTRY[name].initial):
            continue
        label = name if side is None else f"{name} ({sides[side]})"
        known = label in taught and name not in OF_A_TRUCE
        add(label, parameters[row], "learnt" if known else "assumed")
    if start is not None:
        for name, values in stocks(start.state, sides).items():
            add(STATE + name, values[draws], "learnt" if STATE + name in taught else "assumed")
    for row, alternative in enumerate(STRUCTURES):
        for code, choice in enumerate(alternative.choices):
            add(f"{alternative.name}: {choice}", (codes[row] == code).astype(np.float64), "structure")
    return Columns(tuple(names), tuple(groups), np.array(rows, dtype=np.float64), draws)


def described(names: Sequence[str]) -> tuple[tuple[Column, ...], dict[str, str]]:
    """Return columns of `columns_of` with their units, and what each is in words, by its name."""
    columns, labels = [], {}
    rivals = {f"{one.name}: {choice}" for one in STRUCTURES for choice in one.choices}
    for name in names:
        bare, _, side = name.partition(" (")
        if name in rivals:
            columns.append(Column(name, "", ("another", "this")))
            labels[name] = f"the equation for {name.replace('_', ' ').replace(': ', ', ')}"
        elif bare in REGISTRY:
            unit = REGISTRY[bare].unit
            columns.append(Column(name, "" if unit == "1" else unit.replace("_", " ")))
            labels[name] = REGISTRY[bare].meaning + (f", {side.removesuffix(')')}" if side else "")
        else:
            columns.append(Column(name, ""))
            labels[name] = f"{name.removeprefix(STATE)} on the first morning"
    return tuple(columns), labels


def stocks(state: State, sides: list[str]) -> dict[str, npt.NDArray[np.generic]]:
    """Return what the first mornings of wars differ in, `[n]` by the names that posteriors use."""
    armour = np.asarray(state.armour_modern) + np.asarray(state.armour_legacy)
    fronts = np.asarray(state.troops).sum(axis=1)
    of_sides: dict[str, npt.NDArray[np.generic]] = {
        "force": np.asarray(state.force()),
        "skill": np.asarray(state.skill),
        "shells": np.asarray(state.shells),
        "armour": armour,
        "trainees": np.asarray(state.trainees).sum(axis=1),
        "industry": np.asarray(state.industry),
        "pool": np.asarray(state.pool_left()),
        "fortification": np.asarray(state.fortification).mean(axis=1),
        "recovering": np.asarray(state.recovering).sum(axis=1),
        "modern armour, share": np.asarray(state.armour_modern) / np.maximum(armour, 1e-6),
        "armour in storage": np.asarray(state.armour_storage),
        "armour in transit": np.asarray(state.armour_in_transit).sum(axis=1),
        "shells in transit": np.asarray(state.shells_in_transit).sum(axis=1),
        "troops on the first front, share": np.asarray(state.troops)[:, 0] / np.maximum(fronts, 1e-6),
        "perceived": np.asarray(state.perceived),
        "offensive": np.asarray(state.offensive),
        "days in phase": np.asarray(state.days_in_phase),
    }
    found = {f"{name} ({sides[side]})": values[side] for name, values in of_sides.items() for side in (0, 1)}
    tempo = np.asarray(state.log_tempo)
    return found | {
        "intensity": np.asarray(state.intensity),
        "advantage": np.asarray(state.advantage)[0],
        "lethality": np.asarray(state.lethality),
        "volatility": np.asarray(state.volatility),
        **{f"log tempo, front {front + 1}": values for front, values in enumerate(tempo)},
    }
