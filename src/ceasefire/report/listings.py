"""Listings for the terminal: outcomes of a run, quantities, a scenario's ranges, the registry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ceasefire.engine.versions import note_of
from ceasefire.report import words
from ceasefire.scenario import Row, Scenario

WIDTH = 80


def _listing(*columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, width=WIDTH, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def interval(low: float, middle: float, high: float, *, unit: str = "") -> str:
    """Return a middle of a simulation with its interval."""
    return f"{words.rounded(middle, unit)} ({words.rounded(low, unit)} to {words.rounded(high, unit)})"


def run_table(summary: pd.DataFrame, about: Mapping[str, Any]) -> RenderableType:
    """Return each outcome of a run on the last day of its table, by side, with its 90 % interval."""
    last = summary[summary["day"] == summary["day"].max()]
    sides = list(dict.fromkeys(last["side"]))
    table = _listing("Outcome", "Unit", *sides)
    for outcome, rows in last.groupby("outcome", sort=False):
        first = rows.iloc[0]
        cells = [
            interval(*rows.loc[rows["side"] == side, ["low", "median", "high"]].iloc[0], unit=first["unit"])
            for side in sides
        ]
        table.add_row(
            *(Text(text) for text in (words.plain(str(outcome)), words.unit(first["unit"]), *cells))
        )
    priors = " The wars come from priors: nothing in them is learnt from the evidence."
    another = note_of(about)
    return Group(
        Text(f"{about['scenario']}, {about['policy']}: {last['date'].iloc[0]:%-d %B %Y}", style="bold"),
        table,
        Text(
            f"Median and 90 % interval of {int(about['draws']):,} simulated wars, seed {about['seed']}."
            + (priors if about["posterior"] == "prior" else "")
            + (f" {another}" if another else "")
        ),
    )


def limits(about: Mapping[str, Any]) -> RenderableType:
    """Return what a reader of a comparison must know: where it comes from and what it leaves out."""
    lines = []
    if about["posterior"] == "prior":
        lines.append("These wars come from priors: all of the difference is assumed, none of it learnt.")
    lines.append(f"Not modelled: {'; '.join(about['not_modelled'])}.")
    return Text("\n".join(lines))


def quantities_table(quantities: pd.DataFrame, word: str | None = None) -> RenderableType:
    """Return every quantity of the evidence with its unit, sources, origins and years.

    Args:
        quantities: the table, as `Evidence.quantities` gives it.
        word: show only those with this word in their name or meaning.
    """
    table = Table(box=box.SIMPLE_HEAD, width=WIDTH, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    table.add_column("Quantity", overflow="fold", ratio=1)
    table.add_column("Unit", overflow="fold", max_width=20)
    for name in ("Sources", "Origins"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("Years", no_wrap=True)
    for row in quantities.to_dict("records"):
        years = "-".join(dict.fromkeys(f"{row[end]:%Y}" for end in ("first", "last")))
        units = ", ".join(
            dict.fromkeys(words.unit(unit) or words.plain(unit) for unit in row["unit"].split(", "))
        )
        cells = (row["quantity"], units, row["sources"], row["roots"], years)
        table.add_row(*(Text(str(cell)) for cell in cells))
    counted = words.counted(len(quantities), "quantity", "quantities")
    which = f" with '{word}' in the name or meaning" if word else ""
    return Group(table, Text(f"{counted}{which}. `ceasefire evidence show QUANTITY` prints one."))


def scenario_tables(scenario: Scenario, rows: Sequence[Row]) -> list[RenderableType]:
    """Return what a scenario says: belligerents, fronts, policies, and its own ranges with their sources."""
    policies = _listing("Policy", "What it says")
    for name, policy in scenario.policies.items():
        policies.add_row(Text(name), Text(" ".join(str(policy.says).split())))
    own = [row for row in rows if row.changed]
    ranges = [
        _entry(f"{row.name}, {row.side or 'both sides'}", (row.low, row.best, row.high), row.unit, row.source)
        for row in own
    ]
    head = (
        f"{scenario.title}\n{' and '.join(scenario.sides)}, {scenario.start:%-d %B %Y} to"
        f" {scenario.end:%-d %B %Y}; fronts: {', '.join(scenario.fronts)}"
    )
    return [
        Text(head, style="bold"),
        Text(" ".join(scenario.about.split())),
        policies,
        *ranges,
        Text(f"{len(own)} of {len(rows)} ranges are the scenario's own; all others are the registry's."),
    ]


def parameters_table(rows: pd.DataFrame) -> RenderableType:
    """Return the registry: the 5, 50 and 95 % points of every prior, its unit, meaning and source."""
    entries = [
        _entry(
            row["parameter"] + (", each side" if row["per_side"] else ""),
            (row["low"], row["best"], row["high"]),
            row["unit"],
            f"{row['meaning']}. {row['source']}",
        )
        for row in rows.to_dict("records")
    ]
    return Group(*entries, Text(f"{len(rows)} parameters with their priors, which a posterior moves."))


def _entry(name: str, points: tuple[float, float, float], unit: str, text: str) -> RenderableType:
    """Return a range with its unit on one line and what is said of it below, indented."""
    shown = ", ".join(dict.fromkeys(words.written_out(point) for point in points))
    head = Text.assemble((name, "bold"), f": {shown} {words.unit(unit)}".rstrip())
    return Group(head, Padding(Text(" ".join(text.split())), (0, 0, 0, 4)))
