"""Policies as rows, what each brings in deaths, civilian harm and ground; what none beats is filled."""

from __future__ import annotations

import math

import altair as alt
import pandas as pd

from ceasefire.charts import drawing, theme
from ceasefire.charts.frames import checked
from ceasefire.files import InputError

FIGURES = ("low", "value", "high")
GAP = 22.0


def trade_offs(
    frame: pd.DataFrame,
    *,
    title: str,
    subtitle: str,
    width: int = theme.WIDE,
    show_heading: bool = True,
) -> theme.Chart:
    """Draw a row for each policy with a panel for each outcome, of all of which less is better.

    Args:
        frame: one row for each policy and outcome, in the order of the picture: `label` (the policy),
            `outcome` with its unit, `low`, `value`, `high` (drawn as a line with a mark), and `on_front`
            (bool; filled where no other policy is as good in everything). Each panel has its own scale,
            which holds zero.
        title: the finding.
        subtitle: what is shown, for which war and day, and what the lines hold.
        width: in pixels.
        show_heading: draw title and subtitle; off where the page shows them itself.

    Raises:
        InputError: columns missing, fewer than two policies, a policy without one of the outcomes, or a
            figure that is missing.
    """
    needs = ("label", "outcome", "on_front", *FIGURES)
    data = checked(frame, "trade_offs", needs=needs, figures=FIGURES, words=("label", "outcome"))
    policies, outcomes = list(dict.fromkeys(data["label"])), list(dict.fromkeys(data["outcome"]))
    _refuse(data, policies, outcomes)
    cells = data.set_index(["label", "outcome"])
    narrow = theme.is_narrow(width)
    front = {name: bool(cells.loc[(name, outcomes[0]), "on_front"]) for name in policies}
    layout = drawing.rows(policies, [""] * len(policies), width, characters=28)
    left, right = (12, 12) if narrow else (190, 16)
    across = width - left - right
    wide = (across - GAP * (len(outcomes) - 1)) / len(outcomes)
    head = drawing.heading(title, subtitle, width, show_heading)
    entries = [
        ("circle", theme.INK, theme.INK, "no other policy is as good in the mean of all of these"),
        ("circle", theme.PAPER, theme.TEXT, "another is as good or better in all of them"),
    ]
    key_height = drawing.Ink().key(entries, left, 0, width - 8)
    heads = [theme.wrap(name, int(wide / 6.4), 3) for name in outcomes]
    above = drawing.LINE * max(len(lines) for lines in heads)
    top = head.height + key_height + above + 34
    ink = drawing.Ink()
    ink.heading(head, left, top)
    ink.key(entries, left, -key_height - above - 18, width - 8)
    colours = [theme.INK if front[name] else theme.TEXT for name in policies]
    drawing.row_labels(ink, layout, left, colours)
    lines: list[tuple[float, float, float, float, str, float]] = []
    for panel, outcome in enumerate(outcomes):
        start = panel * (wide + GAP)
        part = data[data["outcome"] == outcome]
        low, high = min(float(part["low"].min()), 0.0), max(float(part["high"].max()), 0.0)
        room = 0.05 * ((high - low) or 1.0)
        low, high = low - room, high + room

        def at(value: float, start: float = start, low: float = low, high: float = high) -> float:
            return start + (value - low) / (high - low) * wide

        ink.text(start, -above - 2, heads[panel], weight="bold", size=12)
        for tick in ticks(low, high):
            zero = tick == 0.0
            lines.append(
                (
                    at(tick),
                    0.0,
                    at(tick),
                    layout.height,
                    theme.HAIRLINE if zero else theme.GRID,
                    1.2 if zero else 1.0,
                )
            )
            ink.text(
                at(tick), layout.height + 12, _number(tick), colour=theme.TEXT, size=11.5, align="center"
            )
        for name, y in zip(policies, layout.marks, strict=True):
            row = cells.loc[(name, outcome)]
            colour = theme.INK if front[name] else theme.QUIET
            lines.append((at(row["low"]), y, at(row["high"]), y, colour, 1.6))
            fill = theme.INK if front[name] else theme.PAPER
            ink.mark(at(row["value"]), y, "circle", fill, theme.INK if front[name] else theme.TEXT)
    described = "; ".join(
        f"{name}{' (not beaten)' if front[name] else ''}: "
        + ", ".join(
            f"{outcome} {theme.figure(*(float(cells.loc[(name, outcome), end]) for end in FIGURES))}"
            for outcome in outcomes
        )
        for name in policies
    )
    return drawing.finish(
        alt.layer(*drawing.rules(lines), *ink.layers()).properties(width=across, height=layout.height),
        size=(across, layout.height),
        margins={"left": left, "right": right, "top": top, "bottom": 30},
        title=title,
        description=f"{subtitle.rstrip('.')}. {described}.",
        framed=show_heading,
    )


def _refuse(data: pd.DataFrame, policies: list[str], outcomes: list[str]) -> None:
    where = "the data of the picture 'trade_offs'"
    if len(policies) < 2:
        raise InputError("there is nothing to trade off.", where, "give two policies at least.")
    if len(data) != len(policies) * len(outcomes) or data.duplicated(["label", "outcome"]).any():
        raise InputError(
            f"{len(policies)} policies and {len(outcomes)} outcomes make"
            f" {len(policies) * len(outcomes)} rows, not {len(data)}.",
            where,
            "give each policy each outcome once.",
        )
    for column in FIGURES:
        if data[column].isna().any():
            row = int(data[column].isna().to_numpy().argmax())
            raise InputError(
                "a figure is missing.", f"{where}, column '{column}', row {row + 1}", "leave the policy out."
            )


def ticks(low: float, high: float) -> list[float]:
    """Return zero and, on either side of it, the largest round number that leaves its label room."""
    span = high - low
    found = [0.0]
    for sign, reach in ((-1.0, -low), (1.0, high)):
        if reach > 0.0:
            power = 10.0 ** math.floor(math.log10(reach))
            tick = max(step * power for step in (1.0, 2.0, 5.0) if step * power <= reach)
            if tick > 0.25 * span:
                found.append(sign * tick)
    return sorted(found)


def _number(value: float) -> str:
    """Return a tick, thousands as k: a panel is narrow."""
    size = abs(value)
    text = f"{size / 1000:g}k" if size >= 1000 else f"{size:g}"
    return "0" if value == 0.0 else ("\N{MINUS SIGN}" if value < 0.0 else "+") + text
