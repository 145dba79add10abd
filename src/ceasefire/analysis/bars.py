"""What carries the difference between two policies: how much knowing each input of a war would tell of it.

Of the wars of a comparison, whose parameters may be correlated as those of a posterior are; the indices and
their limits stand in `sensitivity.given_data`. Inputs are what the wars differ in before chance acts
(`columns_of`), with rivals for one equation as one input.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ceasefire.analysis.columns import Columns, columns_of, described
from ceasefire.analysis.compare import Comparison
from ceasefire.analysis.questions import check_varies
from ceasefire.analysis.sensitivity import RESAMPLES, Sensitivity, given_data
from ceasefire.analysis.shares import GROUPS, FloatArray
from ceasefire.war import STRUCTURES

RIVALS = {one.name: one for one in STRUCTURES}


def bars(
    comparison: Comparison,
    outcome: str,
    side: str | None,
    date: dt.date,
    seed: int = 0,
    *,
    resamples: int = RESAMPLES,
) -> Sensitivity:
    """Return how much knowing each input alone would tell of a difference between two policies near a date.

    The frame has a row for each input that varies; `group` is learnt, assumed or structure. Inputs are called
    as `columns_of` calls them, an equation of which there are rivals by the name of its alternative;
    `in_words` says what they are.

    Args:
        comparison: the wars.
        outcome: a name of `OUTCOMES`.
        side: a belligerent, or None for both together.
        date: a day of the comparison's horizon.
        seed: of the shuffles and resamples.
        resamples: number of either.

    Raises:
        InputError: as `Comparison.difference`; a difference that is 0 in every war; or fewer than 50 draws.
    """
    difference = comparison.difference(outcome, side, date)
    check_varies(difference, outcome)
    wars = comparison.first.isel(war=np.flatnonzero(comparison.good))
    names, groups, values, draws = _inputs(columns_of(wars, comparison.start, comparison.learnt))
    members = {group: [row for row, own in enumerate(groups) if own == group] for group in GROUPS}
    return given_data(
        values,
        difference,
        names,
        groups={group: rows for group, rows in members.items() if rows},
        draws=draws,
        seed=seed,
        resamples=resamples,
    )


def _inputs(found: Columns) -> tuple[list[str], list[str], FloatArray, npt.NDArray[np.int64]]:
    """Return the columns that vary, with one for all rivals of an equation: their codes."""
    names: dict[str, str] = {}
    rows: dict[str, FloatArray] = {}
    codes = {f"{one.name}: {choice}": (one.name, code) for one in STRUCTURES
             for code, choice in enumerate(one.choices)}  # fmt: skip
    for name, group, values in zip(found.names, found.groups, found.values, strict=True):
        alternative, code = codes.get(name, (name, 1.0))
        names[alternative] = group
        rows[alternative] = rows.get(alternative, 0.0) + code * values
    kept = [name for name, values in rows.items() if np.ptp(values) > 0.0]
    return kept, [names[name] for name in kept], np.array([rows[name] for name in kept]), found.draws


def in_words(names: Sequence[str]) -> dict[str, str]:
    """Return what inputs of `bars` are in words, by their names."""
    _, labels = described(names)
    return {name: RIVALS[name].meaning if name in RIVALS else labels[name] for name in names}
