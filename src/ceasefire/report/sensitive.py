"""Which inputs carry an answer, and the map of the answer over two of them, for the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ceasefire import charts
from ceasefire.analysis.designed import Designed
from ceasefire.analysis.mapped import Map
from ceasefire.analysis.sensitivity import Sensitivity
from ceasefire.claims.bars import KINDS
from ceasefire.report import words
from ceasefire.report.tables import WIDTH

# Cells of the longest bar.
BAR = 6
# Eighths of a cell, from the left.
EIGHTHS = (
    "",
    "\N{LEFT ONE EIGHTH BLOCK}",
    "\N{LEFT ONE QUARTER BLOCK}",
    "\N{LEFT THREE EIGHTHS BLOCK}",
    "\N{LEFT HALF BLOCK}",
    "\N{LEFT FIVE EIGHTHS BLOCK}",
    "\N{LEFT THREE QUARTERS BLOCK}",
    "\N{LEFT SEVEN EIGHTHS BLOCK}",
)
# Cells of a map that stand beside each other with word and share on one line.
ON_ONE_LINE = 3


def bars_summary(question: str, found: Sensitivity, labels: Mapping[str, str], most: int) -> RenderableType:
    """Return how much knowing each input alone would tell of an answer, those that tell most first.

    Args:
        question: the question, as a sentence.
        found: as `analysis.bars` returns it.
        labels: what each input is, in words, by its name.
        most: rows of the table at most.
    """
    rows = found.frame.sort_values("delta", ascending=False, kind="stable")
    told = rows[rows["told_apart"]]
    shown = told.head(most)
    count, rest = len(rows), len(rows) - len(told)
    lines: list[RenderableType] = [Text(question, style="bold"), Text("")]
    if shown.empty:
        lines.append(Text(f"None of {count:,} inputs is told apart from nothing in {found.wars:,} wars."))
    else:
        table = _table("input")
        table.add_column("", no_wrap=True)
        for head in ("first, %", "delta, %"):
            table.add_column(head, justify="right", no_wrap=True)
        table.add_column("", width=BAR, no_wrap=True)
        for row in shown.to_dict("records"):
            table.add_row(
                Text(words.squared(labels[row["input"]])),
                KINDS[row["group"]],
                _figure(row, "first"),
                _figure(row, "delta"),
                _bar(row["delta"], shown["delta"].max()),
            )
        further = f" {len(told) - len(shown):,} more are told apart." if len(told) > len(shown) else ""
        lines += [table, Text("")]
        lines.append(Text(f"Of {count:,} inputs {rest:,} are not told apart from nothing.{further}"))
    explained = (
        "First: the share of the difference's variance that knowing the input would take away. Delta: how far"
        " knowing it would move the distribution of the difference, from 0, not at all, to 100. Both count"
        " what an input tells by going along with another."
    )
    return Group(*lines, Text(explained), Text(""), Text(found.sentence, style="dim"))


def design_summary(found: Designed, most: int) -> RenderableType:
    """Return which groups of inputs carry an answer if each is drawn from its prior, by their total order."""
    rows = found.found.frame.sort_values("total", ascending=False, kind="stable")
    shown, others = rows.head(most), rows.iloc[most:]
    table = _table("group")
    for head in ("first, %", "total, %"):
        table.add_column(head, justify="right", no_wrap=True)
    table.add_column("", width=BAR, no_wrap=True)
    for row in shown.to_dict("records"):
        name = row["group"]
        about = f": {found.meanings[name]}; {words.counted(found.inputs[name], 'input')}"
        table.add_row(
            Text(words.plain(name), style="bold").append(words.squared(about), style="not bold"),
            _figure(row, "first"),
            _figure(row, "total"),
            _bar(row["total"], rows["total"].max()),
        )
    alone = min(max(float(rows["first"].sum()), 0.0), 1.0)
    lines = [
        "First: the share of the difference's variance that knowing the group alone would take away. Total:"
        " the share that would stay if all else were known. What groups do together counts in the total of"
        " each, so that these add up to more than 100.",
        f"Alone, all groups carry {words.share(alone)} of the variance. The 1 % of the wars farthest from the"
        f" mean hold {words.share(found.extreme)} of it: where that is much, rare wars decide.",
        "Every input is drawn from its prior, independent of the others: this is no account of what is known"
        " now.",
    ]
    if not others.empty:
        name = words.counted(len(others), "further group")
        largest = words.share(max(float(others["total"].max()), 0.0))
        lines.insert(0, f"{name}: total at most {largest}.")
    return Group(
        Text(found.asked.sentence, style="bold"),
        Text(""),
        table,
        Text(""),
        *(Text(line) for line in lines),
        Text(""),
        Text(found.found.sentence, style="dim"),
    )


def map_table(found: Map) -> RenderableType:
    """Return a map of the answer as a grid of words, one cell for two ranges."""
    down, across = _headings(found)
    rows, columns = found.ranges
    table = Table(box=None, width=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("", style="dim", overflow="fold")
    for name in columns:
        table.add_column(name, justify="left", overflow="fold")
    cells = {(cell["row"], cell["column"]): cell for cell in found.cells.to_dict("records")}
    between = " " if len(columns) <= ON_ONE_LINE else "\n"
    for place, name in enumerate(rows):
        table.add_row(name, *(_cell(cells[place, one], between) for one in range(len(columns))))
    return Group(
        Text(
            "The answer over two of what the wars differ in: share of wars with more, ties as one half",
            style="bold",
        ),
        Text(f"Down: {down}. Across: {across}."),
        Text(""),
        table,
        Text(""),
        Text(
            "Yes: more in over half of these wars, and the 90 % interval of the share says so too; no: in"
            " fewer than half; undecided: the interval holds one half; too few: the wars are worth fewer than"
            " 10 independent ones."
        ),
    )


def map_picture(found: Map, question: str, wars: int, *, width: int = charts.WIDE) -> charts.Chart:
    """Return the same map as a picture.

    Args:
        found: the map.
        question: the question, as a sentence.
        wars: how many wars it counts.
        width: in pixels.
    """
    down, across = _headings(found)
    word = found.cells["word"].to_numpy()
    yes, no, count = int((word == "yes").sum()), int((word == "no").sum()), word.size
    rest = "" if yes + no == count else "; the rest is open"
    title = f"Yes in {yes} of {words.counted(count, 'cell')}, no in {no}{rest}"
    if yes == no == 0:
        title = f"None of {words.counted(count, 'cell')} settles the answer"
    _, _, asked = question.partition(" lead to ")
    lead = f"Share of {wars:,} simulated truces that lead to {asked.rstrip('?')}"
    frame = found.cells.assign(
        row=[found.ranges[0][place] for place in found.cells["row"]],
        column=[found.ranges[1][place] for place in found.cells["column"]],
    )
    return charts.answer_map(
        frame,
        title=title,
        subtitle=f"{lead}, with its 90 % interval",
        down=down,
        across=across,
        width=width,
    )


def _headings(found: Map) -> tuple[str, str]:
    """Return what goes down and what goes across, with their units."""
    down, across = (
        words.squared(f"{label}{f', {column.unit}' if column.unit else ''}")
        for label, column in zip(found.labels, found.columns, strict=True)
    )
    return down, across


def _cell(cell: Mapping[Any, Any], between: str) -> Text:
    text = Text(cell["word"], style="bold" if cell["word"] in {"yes", "no"} else "")
    return text if cell["wars"] == 0 else text.append(f"{between}{words.share(cell['share'])}", "not bold")


def _table(first: str) -> Table:
    table = Table(box=None, width=WIDTH, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column(first, ratio=1, overflow="fold")
    return table


def _figure(row: Mapping[Any, Any], name: str) -> str:
    value, low, high = (_hundredths(row[end]) for end in (name, f"{name}_low", f"{name}_high"))
    return f"{value} ({low} to {high})"


def _hundredths(share: float) -> str:
    return f"{round(100 * share)}".replace("-", "\N{MINUS SIGN}")


def _bar(value: float, longest: float) -> str:
    """Return a bar of blocks as long, of the longest, as a value is of the largest."""
    eighths = round(8 * BAR * max(value, 0.0) / longest) if longest > 0.0 else 0
    return "\N{FULL BLOCK}" * (eighths // 8) + EIGHTHS[eighths % 8]
