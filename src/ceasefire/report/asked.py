"""What simulated wars answer to a question, for the terminal: the answer first, then what it rests on."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ceasefire import charts
from ceasefire.analysis import not_modelled
from ceasefire.analysis.compare import OUTCOMES, error_of_mean
from ceasefire.analysis.mapped import Map
from ceasefire.analysis.questions import OPEN, Answer, Condition
from ceasefire.analysis.varied import Varied
from ceasefire.charts import theme
from ceasefire.claims import wording
from ceasefire.claims.chartdata import FuturesChart
from ceasefire.claims.modelled import PRIOR
from ceasefire.report import flipping, words
from ceasefire.report.pictures import chart_of
from ceasefire.report.sensitive import map_table
from ceasefire.report.tables import WIDTH

# A share that is below 1 % when rounded is not told.
TOLD = 0.005
# Rows of the table over the horizon.
MOST_ROWS = 6


def answer_summary(found: Answer) -> RenderableType:
    """Return the answer to a question in plain words, its curve, and where the other answer comes out."""
    rest = not_modelled(found.comparison.world.structure_weights)
    return Group(
        Text(found.asked.sentence, style="bold"),
        Text(""),
        Text(in_a_sentence(found)),
        Text(""),
        Text("Over the horizon", style="bold"),
        _curve(found),
        Text(
            "More: share of wars with more under the truce, ties as one half; its simulation error behind it."
        ),
        Text(""),
        Text("What it rests on", style="bold"),
        Text(rests_on(found)),
        Text(""),
        *_conditions(found.conditions, found.probability, found.unit),
        Text(""),
        Text(f"Not in the model, and so not in the answer: {'; '.join(rest)}."),
    )


def answer_picture(found: Answer, *, width: int = charts.WIDE, show_heading: bool = True) -> charts.Chart:
    """Return both futures of a question, and their difference, as a picture.

    Args:
        found: the answer.
        width: in pixels.
        show_heading: draw title and subtitle; off where a page shows them itself.
    """
    asked = found.asked
    noun = words.sentence(asked.counted).rstrip(".")
    wars = found.comparison.draws - found.comparison.failed
    where = "priors alone" if found.comparison.posterior == PRIOR else "the posterior"
    interval = wording.figure(found.low, found.median, found.high, found.unit)
    data = FuturesChart(
        title=f"{noun}: more with the truce {wording.odds(found.more)}",
        subtitle=f"{asked.truce}, against {asked.other}; {wars:,} simulated wars from {where}. By"
        f" {theme.day(found.comparison.last_day)} the difference is {interval}; in brackets 90 % of the wars",
        unit=found.unit,
        outcome=noun + (" since the start" if OUTCOMES[asked.question.outcome].total else ""),
        curve=found.paths(),
        first=asked.other,
        second="this truce",
        assumed_share=found.assumed.value,
    )
    return chart_of(data, width, heading=show_heading)


def discovery_summary(
    found: Varied,
    probability: float,
    conditions: Sequence[Condition],
    mapped: Map | None = None,
    no_map: str = "",
    dense: Condition | None = None,
) -> RenderableType:
    """Return under which terms of the truce and in which wars the answer comes out the other way.

    Args:
        found: the wars.
        probability: share of them with more.
        conditions: where the other answer is likelier.
        mapped: a map of the answer over two of their columns.
        no_map: why there is none.
        dense: a condition under which the other answer is likely, if there is one.
    """
    terms = [found.labels[column.name] for column, group in zip(found.columns, found.groups, strict=True)
             if group == "term"]  # fmt: skip
    unit = OUTCOMES[found.asked.question.outcome].unit
    above, same = float((found.difference > 0.0).mean()), float((found.difference == 0.0).mean())
    ties = f", and as much in {words.share(same)}" if same >= TOLD else ""
    varied = f" Varied: {'; '.join(terms)}." if terms else " No term of the truce varies."
    return Group(
        Text(found.asked.sentence, style="bold"),
        Text(""),
        Text(
            f"With the terms of the truce varied, there is more in {words.share(above)} of"
            f" {found.difference.size:,} wars{ties} (simulation error {_points(_error(found))}).{varied}"
        ),
        Text(""),
        *_conditions(conditions, probability, unit),
        *_dense(dense, probability, unit),
        *([Text(""), map_table(mapped)] if mapped is not None else []),
        *([Text(""), Text(f"No map of the answer: {no_map}")] if no_map else []),
    )


def in_a_sentence(found: Answer) -> str:
    """Return the answer in two sentences: the share of wars, and the difference with its interval."""
    fewer = 1.0 - found.more - found.same
    low, middle, high = (words.rounded(value, found.unit) for value in (found.low, found.median, found.high))
    unit = words.unit(found.unit)
    same = f", as many in {words.share(found.same)}" if found.same > 0.0 else ""
    return (
        f"More in {words.share(found.more)} of {found.comparison.draws:,} simulated wars{same},"
        f" {flipping.less(found.unit)} in {words.share(fewer)} (simulation error {_points(found.mc_error)})."
        " The truce less the other:"
        f" {middle} {unit}; 90 % of the wars lie between {low} and {high}."
    )


def rests_on(found: Answer) -> str:
    """Return how much of the answer was learnt, how much was assumed, and what rival equations make of it."""
    if math.isnan(found.assumed.value):
        told = "How much of the difference is learnt and how much assumed is not known from so few wars."
    else:
        told = (
            f"Of what explains the difference, {flipping.interval(found.assumed)} is assumed and the rest"
            " learnt from evidence."
        )
        if found.assumed.low > OPEN:
            told += " The number is mostly what was assumed: it says what would follow, not what is known."
    return (
        f"{told} Which of the rival equations holds makes {words.share(found.structure)} of the spread. The"
        f" simulation error is that of {found.ess:,.0f} independent wars."
    )


def _conditions(found: Sequence[Condition], probability: float, unit: str) -> list[RenderableType]:
    other = "more" if probability < OPEN else flipping.less(unit)
    base = probability if probability < OPEN else 1.0 - probability
    head = Text(flipping.heading(other, base), style="bold")
    if not found:
        return [head, Text(flipping.NONE_FOUND)]
    lines: list[RenderableType] = [head]
    for one in found:
        lines.append(Text(f"\N{BULLET} {words.squared(one.text)}:"))
        lines.append(Padding(Text(flipping.told(one, other)), (0, 0, 0, 2)))
    return lines


def _error(found: Varied) -> float:
    """Return the error of the share with more, by draws or by settings, whichever says less is known."""
    above = (np.sign(found.difference) + 1.0) / 2.0
    clusters = [found.draws, *([found.setting] if found.setting is not None else [])]
    return max(error_of_mean(above, np.unique(one, return_inverse=True)[1]) for one in clusters)


def _dense(found: Condition | None, probability: float, unit: str) -> list[RenderableType]:
    if found is None:
        return []
    other = "more" if probability < OPEN else flipping.less(unit)
    return [
        Text(""),
        Text(f'Where "{other}" is likeliest', style="bold"),
        Text(f"\N{BULLET} {words.squared(found.text)}:"),
        Padding(Text(flipping.told(found, other)), (0, 0, 0, 2)),
    ]


def _curve(found: Answer) -> RenderableType:
    rows = found.curve().to_dict("records")
    step = max(-(-len(rows) // MOST_ROWS), 1)
    table = Table(box=None, width=WIDTH, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("until")
    table.add_column("more", justify="right")
    table.add_column(f"the truce less the other, {words.unit(found.unit)}, 90 %", justify="right")
    for row in rows[::-1][::step][::-1]:
        low, middle, high = (words.rounded(row[end], found.unit) for end in ("low", "median", "high"))
        table.add_row(
            theme.day(row["date"]),
            f"{words.share(row['probability'])} \N{PLUS-MINUS SIGN}{_points(row['mc_error'])}",
            f"{middle} ({low} to {high})",
        )
    return table


def _points(error: float) -> str:
    """Return an error of a share, in hundredths."""
    return f"{100 * error:.2g}"
