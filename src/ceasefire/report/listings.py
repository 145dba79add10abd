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

from ceasefire.charts import theme
from ceasefire.report import words
from ceasefire.scenario import Row, Scenario

WIDTH = 80


def _listing(*columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, width=WIDTH, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def figure(value: float) -> str:
    """Return a figure of a simulation to three digits: more would be noise."""
    return theme.number(float(f"{value:.3g}"))


def interval(low: float, middle: float, high: float) -> str:
    """Return a middle with its interval."""
    return f"{figure(middle)} ({figure(low)} to {figure(high)})"


def run_table(summary: pd.DataFrame, about: Mapping[str, Any]) -> RenderableType:
    """Return each outcome of a run on the last day of its table, by side, with its 90 % interval."""
    last = summary[summary["day"] == summary["day"].max()]
    sides = list(dict.fromkeys(last["side"]))
    table = _listing("Outcome", "Unit", *sides)
    for outcome, rows in last.groupby("outcome", sort=False):
        first = rows.iloc[0]
        cells = [
            interval(*rows.loc[rows["side"] == side, ["low", "median", "high"]].iloc[0]) for side in sides
        ]
        table.add_row(*(Text(text) for text in (words.plain(str(outcome)), first["unit"], *cells)))
    return Group(
        Text(f"{about['scenario']}, {about['policy']}: {last['date'].iloc[0]:%-d %B %Y}", style="bold"),
        table,
        Text(
            f"Median and 90 % interval of {int(about['draws']):,} simulated wars, seed {about['seed']}."
            " The wars come from priors: nothing has been estimated from the evidence yet."
        ),
    )


def limits(about: Mapping[str, Any]) -> RenderableType:
    """Return what a reader of a comparison must know: where it comes from and what it leaves out."""
    lines = []
    if about["posterior"] == "prior":
        lines.append("These wars come from priors: all of the difference is assumed, none of it learnt.")
    lines.append(f"Not modelled: {'; '.join(about['not_modelled'])}.")
    return Text("\n".join(lines))


def quantities_table(quantities: pd.DataFrame) -> RenderableType:
    """Return every quantity of the evidence with its unit, sources, origins and dates."""
    table = _listing("Quantity", "Sources", "Origins", "Years")
    table.columns[0].no_wrap = True
    for row in quantities.to_dict("records"):
        years = "-".join(dict.fromkeys(f"{row[end]:%Y}" for end in ("first", "last")))
        table.add_row(*(Text(str(cell)) for cell in (row["quantity"], row["sources"], row["roots"], years)))
    return Group(table, Text(f"{len(quantities)} quantities. `ceasefire evidence show QUANTITY` prints one."))


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
    return Group(*entries, Text(f"{len(rows)} parameters; all of them are assumed in this version."))


def _entry(name: str, points: tuple[float, float, float], unit: str, text: str) -> RenderableType:
    """Return a range with its unit on one line and what is said of it below, indented."""
    shown = ", ".join(dict.fromkeys(f"{point:,.6g}" for point in points))
    head = Text.assemble((name, "bold"), f": {shown} {unit if unit != '1' else ''}".rstrip())
    return Group(head, Padding(Text(" ".join(text.split())), (0, 0, 0, 4)))
