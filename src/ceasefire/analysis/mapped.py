"""A map of the answer over two things in which wars differ: where there is more, and where that is open.

A cell holds the wars whose two values lie in its ranges, with `discovery.two_way` saying what their share of
more is and how sure that is. Ranges hold about equally many wars; choices, and values of which there are few,
stand apart. There are as many ranges as the wars allow: the most for which nine in ten wars lie in cells that
say something, which is decided without a look at the outcome.

Two things make wars less than independent: those of one draw of a posterior have their parameters in common,
and those of one setting of the truce its terms. Errors are computed both ways, and the wider counts.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ceasefire.analysis.discovery import LEAST_DRAWS, LEAST_IN_CELL, LEVEL, Column, two_way
from ceasefire.analysis.sensitivity import LEAST_DRAWS as LEAST_TOLD
from ceasefire.analysis.sensitivity import LEAST_RESAMPLES, given_data
from ceasefire.analysis.shares import FloatArray
from ceasefire.analysis.varied import Varied
from ceasefire.files import InputError, suggest

IntArray = npt.NDArray[np.int64]

TERM = "term"
# Ranges of a column.
MOST_RANGES, LEAST_RANGES = 6, 2
# Wars, of the whole, that lie in cells that say something.
ENOUGH = 0.9
OPTION = "--map"


@dataclasses.dataclass(frozen=True, eq=False)
class Map:
    """Where there is more of an outcome under a truce, over two columns."""

    columns: tuple[Column, Column]
    """The first goes down the map, the second across."""
    labels: tuple[str, str]
    """What each is, in words."""
    ranges: tuple[tuple[str, ...], tuple[str, ...]]
    """The ranges of each in words, in its unit, or its choices."""
    cells: pd.DataFrame
    """A row for each cell: `row` and `column` (places among the ranges), `low_a`, `high_a`, `low_b`, `high_b`
    in the units of the columns (codes of choices), `wars`, `share` with more (a tie as one half), its 90 %
    interval `low` to `high`, and `word`: yes, no, undecided or too few, as of `two_way`."""

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for a file."""
        first, second = self.ranges
        return {
            "columns": [column.name for column in self.columns],
            "labels": list(self.labels),
            "units": [column.unit for column in self.columns],
            "level": LEVEL,
            "cells": [
                {
                    **{name: None if pd.isna(value) else value for name, value in cell.items()},
                    "row": first[cell["row"]],
                    "column": second[cell["column"]],
                }
                for cell in self.cells.to_dict("records")
            ],
        }


def foremost(found: Varied) -> tuple[str, str] | None:
    """Return the two terms of a truce that tell most of the answer, or None where fewer than two vary.

    By Borgonovo's delta (`sensitivity.given_data`) of whether there is more; the foremost goes across.
    """
    rows = [row for row, group in enumerate(found.groups)
            if group == TERM and np.ptp(found.values[row]) > 0.0]  # fmt: skip
    if len(rows) < 2:
        return None
    names = [found.columns[row].name for row in rows]
    cases = _cases(found)
    settings = found.setting
    told = settings if settings is not None and settings.max() + 1 >= LEAST_TOLD else found.draws
    if len(rows) == 2 or np.ptp(cases) == 0.0 or np.unique(told).size < LEAST_TOLD:
        return names[1], names[0]
    sensitivity = given_data(
        found.values[rows], cases, names, draws=told, seed=found.seed, resamples=LEAST_RESAMPLES
    )
    first, second = sensitivity.frame.sort_values("delta", ascending=False, kind="stable")["input"].iloc[:2]
    return str(second), str(first)


def map_of(found: Varied, names: Sequence[str]) -> Map:
    """Return the map of the answer over two columns.

    Args:
        found: wars with terms of a truce varied.
        names: of two of its columns; the first goes down, the second across.

    Raises:
        InputError: not two columns, one that there is not or that never varies, an answer that is the same in
            all wars, or too few wars, draws or settings of the truce.
    """
    if len(names) != 2 or names[0] == names[1]:
        raise InputError(
            f"a map has two columns, not {len(set(names))}.",
            OPTION,
            f"give {OPTION} twice, with two names such as days and aid.",
        )
    known = {column.name: row for row, column in enumerate(found.columns)}
    for name in names:
        if name not in known:
            raise InputError(f"the wars do not differ in '{name}'.", OPTION, _meant(name, found))
        if np.ptp(found.values[known[name]]) == 0.0:
            raise InputError(
                f"'{name}' is the same in all wars.", OPTION, "name something in which they differ."
            )
    clusters = [found.draws]
    settings = found.setting
    if settings is not None:
        number = int(settings.max()) + 1
        of_one = -(-settings.size // number)
        if number < LEAST_DRAWS:
            raise InputError(
                f"{found.difference.size:,} wars have {number:,} settings of the truce: too few for a map.",
                "--draws",
                f"give {LEAST_DRAWS * of_one:,} wars at least; a map of many cells wants more.",
            )
        clusters.append(settings)
    columns = (found.columns[known[names[0]]], found.columns[known[names[1]]])
    values = [found.values[known[name]] for name in names]
    edges = _ranges(columns, values, clusters)
    codes = [_codes(edge, one) for edge, one in zip(edges, values, strict=True)]
    tables = [_cells(codes, _cases(found), cluster) for cluster in clusters]
    return Map(
        columns,
        (found.labels[names[0]], found.labels[names[1]]),
        (_said(columns[0], edges[0]), _said(columns[1], edges[1])),
        _with_ends(_widest(tables), edges),
    )


def _cases(found: Varied) -> FloatArray:
    return np.asarray((np.sign(found.difference) + 1.0) / 2.0)


def _meant(name: str, found: Varied) -> str:
    names = [column.name for column in found.columns]
    of_sides = [one for one in names if one.startswith(f"{name} (")]
    if of_sides:
        return f"say of whom: {' or '.join(of_sides)}."
    terms = [one for one, group in zip(names, found.groups, strict=True) if group == TERM]
    told = suggest(name, names)
    return told if told.startswith("did you mean") else suggest(name, terms or names)


def _ranges(
    columns: Sequence[Column], values: Sequence[FloatArray], clusters: Sequence[IntArray]
) -> tuple[FloatArray, FloatArray]:
    """Return the ends of the ranges of both columns: as many ranges as most wars are enough for."""
    for most in range(MOST_RANGES, LEAST_RANGES - 1, -1):
        first, second = (_edges(column, one, most) for column, one in zip(columns, values, strict=True))
        cell = _codes(first, values[0]) * second.size + _codes(second, values[1])
        if all(_telling(cell, cluster) >= ENOUGH for cluster in clusters):
            break
    return first, second


def _edges(column: Column, values: FloatArray, most: int) -> FloatArray:
    """Return the ends of ranges of about equally many wars, rounded; each choice has a range of its own.

    Raises:
        InputError: fewer than 10 wars would have a range.
    """
    distinct, counts = np.unique(values, return_counts=True)
    low, high = distinct[0], distinct[-1]
    few = counts.min() < LEAST_IN_CELL
    if not few and (column.choices or distinct.size <= most):
        return np.append(distinct, high)
    if not column.choices:
        tried = [np.unique(np.quantile(values, np.linspace(0.0, 1.0, number + 1)[1:-1]))
                 for number in range(most, 1, -1)]  # fmt: skip
        for inner in (*tried, distinct[1:2]):
            for figures in (*range(2, 7), 17):
                rounded = [float(f"{edge:.{figures}g}") for edge in inner]
                edges = np.array([low, *rounded, high])
                sizes = np.bincount(_codes(edges, values), minlength=edges.size - 1)
                if (np.diff(edges) > 0.0).all() and sizes.min() >= LEAST_IN_CELL:
                    return edges
    raise InputError(
        f"'{column.name}' has a value of its own in fewer than {LEAST_IN_CELL} wars: too few for a map.",
        OPTION,
        "name something in which more wars differ, or give more wars with `--draws`.",
    )


def _codes(edges: FloatArray, values: FloatArray) -> IntArray:
    """Return the range in which each value lies, from 0; a range holds its lower end."""
    return np.asarray(np.searchsorted(edges[1:-1], values, side="right"), dtype=np.int64)


def _telling(cell: IntArray, cluster: IntArray) -> float:
    """Return the share of the wars that lie in cells worth enough independent wars."""
    pairs, sizes = np.unique(np.stack([cell, cluster]), axis=1, return_counts=True)
    wars = np.bincount(pairs[0], weights=sizes)
    squares = np.bincount(pairs[0], weights=sizes.astype(np.float64) ** 2)
    enough = wars**2 >= LEAST_IN_CELL * squares
    return float(wars[enough].sum() / wars.sum())


def _cells(codes: Sequence[IntArray], cases: FloatArray, cluster: IntArray) -> pd.DataFrame:
    """Return the cells by the places of their ranges, as `two_way` judges them."""
    ended, rarest = [], cases.size
    for own in codes:
        stands = own.astype(np.float64)
        # The last bin of a map has an end of its own, on which somebody has to stand.
        stands[np.flatnonzero(own == own.max())[0]] += 1.0
        ended.append(stands)
        rarest = min(rarest, int(np.bincount(own).min()))
    # So many quantiles that one lies well inside each range.
    found = two_way(ended[0], ended[1], cases, bins=-(-2 * cases.size // rarest), draws=cluster)
    found = found.assign(row=np.ceil(found["low_a"]).astype(int), column=np.ceil(found["low_b"]).astype(int))
    # Quantiles may fall between two places; nobody stands there.
    between = (found["low_a"] % 1.0 > 0.0) | (found["low_b"] % 1.0 > 0.0)
    return found[~between].set_index(["row", "column"])[["wars", "share", "low", "high", "word"]]


def _widest(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return cells with the wider of their intervals, and the word that follows from it."""
    first = tables[0]
    low = np.min([table["low"].to_numpy() for table in tables], axis=0)
    high = np.max([table["high"].to_numpy() for table in tables], axis=0)
    few = np.any([table["word"].to_numpy() == "too few" for table in tables], axis=0)
    word = np.select([few, low > 0.5, high < 0.5], ["too few", "yes", "no"], "undecided")
    return first.assign(low=low, high=high, word=word).reset_index()


def _with_ends(cells: pd.DataFrame, edges: Sequence[FloatArray]) -> pd.DataFrame:
    for name, place, edge in zip("ab", ("row", "column"), edges, strict=True):
        apart = int(edge[-1] > edge[-2])
        cells[f"low_{name}"] = edge[cells[place]]
        cells[f"high_{name}"] = edge[cells[place] + apart]
    order = ["row", "column", "low_a", "high_a", "low_b", "high_b", "wars", "share", "low", "high", "word"]
    return cells[order]


def _said(column: Column, edges: FloatArray) -> tuple[str, ...]:
    """Return ranges in words, or the choices."""
    if column.choices:
        return tuple(column.choices[int(code)] for code in edges[:-1])
    shown = [_number(edge) for edge in edges]
    if edges[-1] == edges[-2]:
        return tuple(shown[:-1])
    inner = [f"{low} to {high}" for low, high in itertools.pairwise(shown[1:-1])]
    return (f"below {shown[1]}", *inner, f"from {shown[-2]}")


def _number(value: float) -> str:
    shown = np.format_float_positional(float(f"{value:.6g}"), trim="-")
    units, _, decimals = shown.partition(".")
    text = f"{int(units):,}" if units not in {"-0"} else units
    return (text + (f".{decimals}" if decimals else "")).replace("-", "\N{MINUS SIGN}")
