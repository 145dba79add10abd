"""Commands on past battles: fit the Lanchester laws to one, and what others reported beside ours."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich import box
from rich.table import Table
from rich.text import Text

from ceasefire.cli.terminal import terminal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ceasefire.inference.battle_fit import BattleFit, Estimate, LawFit, Region
    from ceasefire.inference.published import PublishedRow

WIDTH = 80
#: So many intervals of a battle are printed; the JSON file has all.
MOST_INTERVALS = 40
#: From here on residuals of neighbouring days are too much alike for the intervals.
ALIKE = 0.3

Json = Annotated[Path | None, typer.Option("--json", help="Write all of it as JSON to this file.")]


def fit_battle(
    file: Annotated[Path, typer.Argument(help="A daily battle table: see below.", metavar="FILE")],
    json: Json = None,
) -> None:
    """Fit the Lanchester laws to a daily battle table.

    FILE is CSV: day, first_strength, second_strength; optional first_arrivals and second_arrivals,
    first_losses and second_losses, attacker (first, second or empty). One row a day, strengths as the day
    begins; arrivals and losses run to the next row. Without losses, they follow from strengths and arrivals.
    """
    from ceasefire.cli.output import as_json, check_targets
    from ceasefire.inference.battle_fit import fit_battle as fitted
    from ceasefire.inference.battle_fit import read_battle

    check_targets({"--json": json}, {"the battle": file})
    fit = fitted(read_battle(file))
    _print_fit(fit)
    as_json(fit_content(fit), json)


def published(json: Json = None) -> None:
    """Print what others reported about attrition beside what this package computes."""
    import dataclasses

    from ceasefire.cli.output import as_json, check_targets
    from ceasefire.inference.published import published as rows_of
    from ceasefire.inference.shipped import shipped_backtest

    check_targets({"--json": json})
    rows = rows_of(shipped_backtest("ukraine-2022"))
    _print_published(rows)
    as_json([dataclasses.asdict(row) for row in rows], json)


def _table(*columns: tuple[str, bool]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, width=WIDTH, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    for name, right in columns:
        table.add_column(name, overflow="fold", justify="right" if right else "left")
    return table


def _say(text: str, *, bold: bool = False) -> None:
    terminal.out.print(Text(text, style="bold" if bold else ""), width=WIDTH)


# One battle


def _print_fit(fit: BattleFit) -> None:
    best = fit.laws[0]
    table = fit.table
    _say(f"{table.name}: {len(table.days)} intervals, day {table.days[0]:g} to {_last(fit):g}", bold=True)
    _say(fit.sentence)
    laws = _table(
        ("Law", False),
        ("AICc", True),
        ("R2", True),
        ("Losses at reference,\n% a day", True),
        ("Exponents", False),
    )
    laws.columns[3].no_wrap = True
    for law in fit.laws:
        laws.add_row(
            Text(law.law),
            f"+{law.difference:.1f}",
            "\n".join(_share(law.r2[side]) for side in ("first", "second")),
            "\n".join(_estimate(law.rates[side], 100.0) for side in ("first", "second")),
            Text("\n".join(f"{name} {_estimate(one)}" for name, one in law.exponents.items()) or "fixed"),
        )
    terminal.out.print(laws)
    _say(
        f"Upper line: first side; lower: second. The reference is {table.reference:,.6g}, the geometric mean"
        " of both strengths in the first row. AICc is given above that of the best law. Intervals at 95 % by"
        " profile likelihood; errors are taken as independent from day to day."
    )
    if best.correlation > ALIKE:
        _say(
            f"Residuals of neighbouring days are alike (correlation {best.correlation:.2f}): the intervals"
            " are too narrow."
        )
    _say("")
    _say(
        "Exponents p (enemy's numbers, across) and q (own, upward) that the battle allows at 95 %", bold=True
    )
    for line in region_lines(fit.region):
        _say(line)
    _say(_region_words(fit.region))
    _say("")
    _say(f"Losses, and what the best law ({best.law}) expects", bold=True)
    terminal.out.print(_losses(fit, best))


def _last(fit: BattleFit) -> float:
    return float(fit.table.days[-1] + fit.table.length[-1])


def _losses(fit: BattleFit, best: LawFit) -> Table:
    table = fit.table
    shown = _table(
        ("From day", True),
        ("First: lost", True),
        ("expected", True),
        ("Second: lost", True),
        ("expected", True),
    )
    for place, day in enumerate(table.days[:MOST_INTERVALS]):
        cells = [f"{one[side, place]:,.4g}" if one[side, place] < 1000 else f"{one[side, place]:,.0f}"
                 for side in (0, 1) for one in (table.losses, best.expected)]  # fmt: skip
        shown.add_row(f"{day:g}", *cells)
    if len(table.days) > MOST_INTERVALS:
        shown.add_row("...", *["..."] * 4)
    return shown


def _share(value: float) -> str:
    return "none" if math.isnan(value) else f"{round(value, 2) + 0.0:.2f}"


def _estimate(one: Estimate, times: float = 1.0) -> str:
    """Return a number with its interval; `open` where the battle gives no end."""
    low, high = ("open" if end is None else f"{times * end:.3g}" for end in (one.low, one.high))
    return f"{times * one.value:.3g} ({low} to {high})"


def region_lines(region: Region) -> list[str]:
    """Return the region of (p, q) as lines of characters: # allowed, . not."""
    lines = []
    for q in region.q[::-2]:
        cells = "".join("#" if region.holds(float(p), float(q)) else "." for p in region.p)
        lines.append(f"q {q:4.1f}  {cells}")
    return [*lines, f"        p {region.p[0]:g} to {region.p[-1]:g}"]


def _region_words(region: Region) -> str:
    ranges = [region.range(*direction) for direction in ((1.0, 0.0), (0.0, 1.0), (1.0, -1.0))]
    if any(one is None for one in ranges):
        return "No point of the grid lies inside: the exponents are known more closely, or lie beyond it."
    told = ", ".join(
        f"{name} {one[0]:.3g} to {one[1]:.3g}"
        for name, one in zip(("p", "q", "p - q"), ranges, strict=True)
        if one
    )
    return f"Region: {told}." + (
        " It reaches beyond the grid: those ends are no ends." if region.open else ""
    )


def _plain(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def fit_content(fit: BattleFit) -> dict[str, Any]:
    """Return a fit as plain data."""
    import dataclasses

    table, region = fit.table, fit.region
    inside = [
        [float(p), float(q)]
        for i, p in enumerate(region.p)
        for j, q in enumerate(region.q)
        if region.inside[i, j]
    ]
    return {
        "file": table.name,
        "sentence": fit.sentence,
        "reference": table.reference,
        "level": 0.95,
        "method": "least squares on the losses of each interval; intervals by profile likelihood",
        "losses_given": table.losses_given,
        "intervals": [
            {
                "day": float(day),
                "days": float(table.length[place]),
                "first_lost": float(table.losses[0, place]),
                "second_lost": float(table.losses[1, place]),
            }
            for place, day in enumerate(table.days)
        ],
        "laws": [
            {
                "law": law.law,
                "meaning": law.meaning,
                "aicc_above_best": law.difference,
                "rates_at_reference_per_day": {k: dataclasses.asdict(v) for k, v in law.rates.items()},
                "coefficients": law.coefficients,
                "exponents": {k: dataclasses.asdict(v) for k, v in law.exponents.items()},
                "r2": {k: _plain(v) for k, v in law.r2.items()},
                "residual_sd_per_day": law.spread,
                "residual_correlation": law.correlation,
                "expected": {"first": law.expected[0].tolist(), "second": law.expected[1].tolist()},
            }
            for law in fit.laws
        ],
        "region": {
            "step": float(region.p[1] - region.p[0]),
            "from": float(region.p[0]),
            "to": float(region.p[-1]),
            "reaches_beyond": region.open,
            "p_q_inside": inside,
        },
    }


# The table of published numbers


def _figure(value: float | str | None) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return f"{value:,.1f}" if abs(value) >= 1000.0 else f"{value:.6g}"


def _print_published(rows: Sequence[PublishedRow]) -> None:
    done = [row for row in rows if row.status != "quoted"]
    for topic in dict.fromkeys(row.topic for row in done):
        _say(topic, bold=True)
        table = _table(
            ("Item", False), ("Published", True), ("Ours", True), ("Tolerance", True), ("Status", False)
        )
        for row in done:
            if row.topic == topic:
                cells = (_figure(row.published), _figure(row.ours), f"{row.tolerance:.2g}")
                table.add_row(Text(row.item), *cells, row.status)
        terminal.out.print(table)
    missed = [row for row in done if row.status == "not reproduced" and row.note]
    if missed:
        _say("Why a row is not reproduced", bold=True)
        for note in dict.fromkeys(row.note for row in missed):
            _say(f"* {note}.")
        _say("")
    _say("Quoted: open data do not allow the attempt", bold=True)
    table = _table(("Item", False), ("Published", False), ("Why not tried", False))
    for row in rows:
        if row.status == "quoted":
            table.add_row(Text(row.item), Text(_figure(row.published)), Text(row.note))
    terminal.out.print(table)
    counts = {
        status: sum(row.status == status for row in rows)
        for status in ("reproduced", "not reproduced", "quoted")
    }
    _say(
        ", ".join(f"{count} {status}" for status, count in counts.items())
        + ". Sources stand in the JSON file and the docs."
    )
