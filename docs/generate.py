"""Pages that the code writes: mechanisms, parameters, quantities, sources, published numbers, back-tests.

The API reference is made in `api_pages`, and parts of hand-written pages in `science_parts`.
"""

from __future__ import annotations

import importlib
import inspect
import re
from pathlib import Path

import pandas as pd

from ceasefire import charts
from ceasefire.claims import counterfactuals, rules
from ceasefire.claims.held_out import NO_CHANGE, HeldOut, Tried, read_held_out
from ceasefire.evidence import load
from ceasefire.inference import backtesting, battle_fit, battles, published
from ceasefire.inference.shipped import shipped_backtest
from ceasefire.report import forecast_series, forecasts_chart, modelled
from ceasefire.scenario import shipped_scenarios
from ceasefire.war import LEVERS, REGISTRY, STRUCTURES, Parameter

HERE = Path(__file__).resolve().parent
HEAD = "<!-- Written by the code when the site is built. -->\n\n"


def write_pages(folder: Path) -> None:
    """Write every page into a folder, only where its text has changed, and parts of pages into one below."""
    from api_pages import api_pages
    from science_parts import science_parts

    (folder / "parts").mkdir(parents=True, exist_ok=True)
    pages = {
        "verdict-rules.md": verdict_rules(),
        "mechanisms.md": mechanisms(),
        "parameters.md": parameters(),
        "quantities.md": quantities(),
        "sources.md": sources(),
        "published.md": published_numbers(),
        **api_pages(),
    }
    shipped = {name: found for name in shipped_scenarios() if (found := read_held_out(name)) is not None}
    pages["backtest.md"], pictures = back_tests(shipped)
    parts = {f"parts/{name}": text for name, text in science_parts(HERE).items()}
    # The page of a room that is gone is no page any more.
    for path in folder.glob("*.md"):
        if path.name not in pages:
            path.unlink()
    for name, text in ({name: HEAD + text for name, text in pages.items()} | parts | pictures).items():
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def verdict_rules() -> str:
    """Return the rules of a verdict, as the room of claims states them."""
    text = inspect.getdoc(rules) or ""
    return f"# The rules of a verdict\n\n{text}\n\n{inspect.getdoc(counterfactuals) or ''}\n"


def mechanisms() -> str:
    """Return one section for each mechanism: its docstring, its parameters."""
    parts = [
        "# Mechanisms\n",
        "One file in `war` for each. Both sides obey the same equations. The parameters of a mechanism stand"
        " in"
        " [Parameters](parameters.md).\n",
    ]
    # Aid has no parameter of its own.
    for name in (*dict.fromkeys(REGISTRY.mechanisms.values()), "aid"):
        text = inspect.getdoc(importlib.import_module(f"ceasefire.war.{name}")) or ""
        first, _, rest = text.partition("\n")
        title, _, sentence = first.partition(": ")
        rest = re.sub(r"\n(Source|Known to fail|Worked number):", r"\n\n**\1**:", rest)
        parts.append(f"## {title}\n\n{sentence[:1].upper()}{sentence[1:]}\n{rest}\n")
    parts.append("## Rival equations\n")
    parts.append(
        "A war follows one of the choices of each; the weights are those of the priors.\n\n"
        "| mechanism | choices (weight) | source |\n| --- | --- | --- |"
    )
    for rival in STRUCTURES:
        choices = ", ".join(
            f"{choice} ({weight:g})" for choice, weight in zip(rival.choices, rival.weights, strict=True)
        )
        parts.append(f"| {rival.meaning} | {choices} | {cell(rival.source)} |")
    return "\n".join(parts) + "\n"


def parameters() -> str:
    """Return the registry and the levers as tables."""
    parts = [
        "# Parameters and levers\n",
        "Priors are given by their 5 %, 50 % and 95 % points. A scenario may give its own range, with a"
        " source. What the evidence taught about it is in each posterior"
        " (`ceasefire posterior show`).\n",
    ]
    for mechanism in dict.fromkeys(REGISTRY.mechanisms.values()):
        parts.append(f"## Parameters of {mechanism}\n")
        parts.append(
            "| parameter | meaning | unit | prior | bounds | source |\n| --- | --- | --- | --- | --- | --- |"
        )
        parts += [row(one) for one in REGISTRY.values() if REGISTRY.mechanisms[one.name] == mechanism]
        parts.append("")
    parts.append(
        "## Levers\n\n| lever | meaning | unit | when nobody sets it | bounds |\n| --- | --- | --- | --- |"
        " --- |"
    )
    for lever in LEVERS:
        low, high = lever.bounds
        name = f"`{lever.name}`{' (each side)' if lever.per_side else ''}"
        cells = (name, cell(lever.meaning), lever.unit, f"{lever.default:g}", f"{low:g} to {high:g}")
        parts.append(f"| {' | '.join(cells)} |")
    return "\n".join(parts) + "\n"


def row(one: Parameter) -> str:
    """Return a parameter as a row of a table."""
    prior = one.prior
    points = f"{prior.best:g}" if prior.constant else f"{prior.low:g}, {prior.best:g}, {prior.high:g}"
    side = " (each side)" if one.per_side else ""
    low, high = one.bounds
    return (
        f"| `{one.name}`{side} | {cell(one.meaning)} | {one.unit} | {points} | {low:g} to {high:g}"
        f" | {cell(one.source)} |"
    )


def quantities() -> str:
    """Return every quantity of the evidence."""
    frame = load().quantities()
    parts = [
        "# Quantities\n",
        "What the evidence holds. `ceasefire evidence show QUANTITY` prints what every source said.\n",
        "| quantity | meaning | unit | sources | origins | first | last | caution |\n"
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    parts += [
        f"| `{one.quantity}` | {cell(one.meaning)} | {cell(one.unit)} | {one.sources} | {one.roots}"
        f" | {one.first:%Y-%m-%d} | {one.last:%Y-%m-%d} | {cell(one.caution)} |"
        for one in frame.itertuples()
    ]
    return "\n".join(parts) + "\n"


def sources() -> str:
    """Return every source with what it counts, its bias and its licence."""
    parts = [
        "# Sources\n",
        "A root is the origin of a figure: everything that restates one origin counts once.\n",
        "| source | what it counts | known bias | root | licence |\n| --- | --- | --- | --- | --- |",
    ]
    parts += [
        f"| {cell(one.title)} | {cell(one.counts)} | {cell(one.bias)} | {one.root} | {cell(one.licence)} |"
        for one in load().sources.values()
    ]
    return "\n".join(parts) + "\n"


def published_numbers() -> str:
    """Return what others reported about attrition beside what the package computes, and what battles say."""
    rows = published.published(shipped_backtest("ukraine-2022"))
    text = inspect.getdoc(published) or ""
    title, _, rest = text.partition("\n")
    counts = ", ".join(
        f"{sum(row.status == status for row in rows)} {status}"
        for status in (published.REPRODUCED, published.NOT_REPRODUCED, published.QUOTED)
    )
    parts = ["# Published against ours\n", f"{title}\n{rest}\n", f"In this table: {counts}.\n"]
    for topic in dict.fromkeys(row.topic for row in rows):
        parts.append(
            f"## {topic}\n\n| item | published | source | ours | difference | tolerance | status | note |\n"
            "| --- | --- | --- | --- | --- | --- | --- | --- |"
        )
        parts += [
            f"| {cell(row.item)} | {number(row.published)} | {cell(row.source)} | {number(row.ours)}"
            f" | {number(row.difference, 2)} | {number(row.tolerance, 2)} | {row.status} | {cell(row.note)} |"
            for row in rows
            if row.topic == topic
        ]
        parts.append("")
    weights = battles.law_weights()
    parts.append(f"## What battles say of the laws\n\n{weights.sentence}\n")
    parts.append(f"{rule(battles.law_weights)}\n")
    parts.append("| law | weight for one war | if all wars were alike |\n| --- | --- | --- |")
    parts += [
        f"| {law} | {weight:.2f} | {weights.pooled[law]:.2f} |" for law, weight in weights.weights.items()
    ]
    parts.append("\n## Do fitted laws give daily losses like those of 1939 to 1973?\n")
    parts.append(f"{rule(battles.posterior_predictive)}\n")
    parts.append("| law | statistic | observed | 5 %, 50 %, 95 % | tail probability | in words |")
    parts.append("| --- | --- | --- | --- | --- | --- |")
    rates = battles.daily_rates(battles.battles())
    for law in ("free", "mixed", "logarithmic", "linear", "square"):
        parts += [
            f"| {law} | {cell(one.meaning)} | {number(one.observed, 3)} | {number(one.low, 3)},"
            f" {number(one.middle, 3)}, {number(one.high, 3)} | {one.tail:.2f} | {one.verdict} |"
            for one in battles.posterior_predictive(rates, law)
        ]
    parts.append(f"\n## A battle of your own\n\n{inspect.getdoc(battle_fit) or ''}\n")
    return "\n".join(parts) + "\n"


def back_tests(shipped: dict[str, HeldOut]) -> tuple[str, dict[str, str]]:
    """Return the page on forecasts held against what came, by scenario, and its pictures by file name."""
    text = inspect.getdoc(backtesting) or ""
    title, _, rest = text.partition("\n")
    parts = ["# Was it any good?\n", f"{title}\n{rest}\n"]
    if not shipped:
        parts.append(
            "No back-test is shipped: the intervals of the model's forecasts have not been checked out of"
            " sample. `make backtest` runs one.\n"
        )
    pictures: dict[str, str] = {}
    for scenario, held_out in shipped.items():
        parts.append(f"## {scenario}\n\n{modelled.held_out_sentence(held_out)}\n")
        parts.append(
            "Mean CRPS in the unit of the series, on origins that no choice was made on; less is better.\n\n"
            "| series | ahead | model | best simple forecast | trend alone | 90 % intervals held | model is"
            " | origins |\n| --- | --- | --- | --- | --- | --- | --- | --- |"
        )
        parts += [
            f"| {' | '.join(cell(one) for one in table_row(row))} |"
            for row in modelled.held_out_rows(held_out)
        ]
        parts.append("")
        parts += one_more(held_out)
        for series in forecast_series(held_out):
            name = f"backtest-{scenario}-{series.replace(' ', '-')}.svg"
            chart = forecasts_chart(held_out, series)
            pictures[name] = charts.to_svg(chart)
            said = cell(chart.usermeta["description"]).replace("[", "(").replace("]", ")")
            parts.append(f"### {series[:1].upper()}{series[1:]}\n\n![{said}]({name})\n")
    return "\n".join(parts), pictures


def one_more(held_out: HeldOut) -> list[str]:
    """Return what each optional mechanism does to the scores, a table of series and horizons for each."""
    if not held_out.tried:
        return []
    columns = list(dict.fromkeys((row.series, row.days) for row in held_out.tried))
    parts = [
        "### One mechanism more\n",
        "All wars of the core walk on from the same origins, once as they are and once with one optional"
        " mechanism, or one choice of a rule, from the origin on. Change of the mean CRPS on origins from"
        " 2024: less is better. *Better* and *worse* by a paired block bootstrap at 90 %, so that of a"
        " hundred comparisons without a difference ten would be called so; over half a year and more, far"
        " more.\n",
        f"| with | {' | '.join(f'{series}, {days} days' for series, days in columns)} |",
        f"| --- | {' | '.join('---' for _ in columns)} |",
    ]
    for name in dict.fromkeys(row.name for row in held_out.tried):
        told = {(row.series, row.days): row for row in held_out.with_more(name)}
        cells = [f"{change(told[column])}" if column in told else "" for column in columns]
        parts.append(f"| {cell(name.replace('_', ' '))} | {' | '.join(cells)} |")
    return [*parts, ""]


def change(row: Tried) -> str:
    """Return by which share a score changes, and the verdict where there is one."""
    share = f"{100 * row.change:+.1f} %" if abs(row.change) >= NO_CHANGE else "0.0 %"
    return f"{share} *{row.word}*" if row.word else share


def table_row(row: dict[str, str]) -> tuple[str, ...]:
    """Return a row of the back-test's table, second lines in brackets."""

    def both(first: str, second: str) -> str:
        return f"{row[first]} ({row[second]})" if row[second] else row[first]

    return (
        row["series"],
        row["days"],
        both("ours", "variant"),
        both("best", "best_name"),
        row["trend"],
        both("coverage", "calibrated"),
        both("verdict", "difference"),
        row["origins"],
    )


def rule(thing: object) -> str:
    """Return what a docstring says between its first line and its arguments."""
    text = (inspect.getdoc(thing) or "").split("\nArgs:")[0]
    return text.partition("\n")[2].strip()


def number(value: object, digits: int = 8) -> str:
    """Return a figure as text; text stays as it is."""
    return f"{value:.{digits}g}" if isinstance(value, float | int) else cell(value)


def cell(text: object) -> str:
    """Return text that fits into a table's cell."""
    plain = "" if text is None or pd.isna(text) else str(text)
    return " ".join(plain.split()).replace("|", "\\|").replace("<", "&lt;")
