"""The command that says how past ceasefires ended."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.table import Table
from rich.text import Text

from ceasefire.cli.terminal import day, terminal

if TYPE_CHECKING:
    from ceasefire.bargaining.past import Class, Figure, History, Part
    from ceasefire.charts import Chart

WIDEST = 100
SPLIT_WORDS = {
    ("monitored", "yes"): "monitored",
    ("monitored", "partial"): "monitored in part",
    ("monitored", "no"): "not monitored",
    ("decisive", "yes"): "after a decisive war",
    ("decisive", "no"): "after an undecided war",
    ("decisive", "not known"): "decisive: not known",
}


def history(
    json: Annotated[Path | None, typer.Option("--json", help="Write all of it as JSON to this file.")] = None,
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of",
            metavar="DATE",
            help="Only ceasefires that began before this day, with what was known of them on it; the last day"
            " of the evidence where not given.",
        ),
    ] = None,
    group: Annotated[
        list[str] | None,
        typer.Option(
            help="interstate, civil or extrastate; give it once for each, all three where not given. They are"
            " never pooled."
        ),
    ] = None,
    chart: Annotated[Path | None, typer.Option(help="Picture to write: .svg or .png.")] = None,
) -> None:
    """Print how past ceasefires ended: how long they held, and how many an offensive followed."""
    from ceasefire.bargaining.past import group_name, known_day
    from ceasefire.bargaining.past import history as past
    from ceasefire.cli.output import as_json, check_targets
    from ceasefire.evidence import load
    from ceasefire.files import check_picture

    if chart is not None:
        check_picture(chart)
    wanted = None if not group else [group_name(name) for name in group]
    check_targets({"--json": json, "--chart": chart})
    evidence = load()
    when = known_day(day(as_of, "--as-of"), evidence)
    found = past(evidence, when, wanted)
    _print(found)
    as_json(found.content(), json)
    if chart is not None:
        from ceasefire import charts

        terminal.out.print(f"picture: {charts.write(picture(found), chart)}", markup=False, soft_wrap=True)


def _say(text: str, *, bold: bool = False) -> None:
    terminal.out.print(Text(text, style="bold" if bold else ""), width=min(terminal.out.width, WIDEST))


def _percent(value: float) -> str:
    return f"{100 * value:.0f}"


def _span(pair: tuple[float, float]) -> str:
    return f"{_percent(pair[0])}\N{EN DASH}{_percent(pair[1])}"


def _print(found: History) -> None:
    written = f"{found.as_of.day} {found.as_of:%B %Y}"
    _say(f"How the ceasefires that began before {written} had ended by then", bold=True)
    _say("Per cent with 95 % intervals. By pair: one vote for each pair of parties, interval over pairs.")
    for one in found.classes:
        _say("")
        _print_class(one)
    _say("")
    _say("What others found, each of something else; none of it is in the figures above", bold=True)
    for entry in found.published:
        caution = f" ({entry.caution})" if entry.caution else ""
        _say(f"* {entry.name}: {entry.words} {entry.of}{caution}. Source: {entry.source}.")
    _say("")
    _say("Notes", bold=True)
    for caution in found.cautions:
        _say(f"* {caution}")


def _print_class(one: Class) -> None:
    from ceasefire.bargaining.past import GROUPS

    whole = one.whole
    _say(f"{one.name.capitalize()}: {GROUPS[one.name]}", bold=True)
    if whole.undetermined is not None:
        _say(f"Undetermined: {whole.undetermined}.")
        return
    _say(
        f"{len(whole.rows)} ceasefires of {whole.wars} wars and {whole.dyads} pairs of parties;"
        f" {whole.ended} had ended in large-scale fighting."
    )
    _say("Still in force after")
    terminal.out.print(_figures(whole.held, followed=True))
    _say("Followed by a large offensive within")
    terminal.out.print(_figures(whole.offensives, followed=False))
    for years, counts in zip((1, 3, 5), whole.open_windows, strict=True):
        if counts.unknown:
            _say(f"* Within {years} year{'s' if years > 1 else ''}: {counts.unknown} not known, in no share.")
    table = _table("Still in force after", "cases", "ended", "1 year", "5 years", "10 years")
    for split, parts in one.splits.items():
        for part in parts:
            table.add_row(*_row(split, part))
    if one.splits:
        terminal.out.print(table)
    for contrast in one.contrasts:
        if contrast.years == 5:
            first, second = (SPLIT_WORDS[contrast.split, word] for word in (contrast.first, contrast.second))
            points = f"{100 * contrast.difference:+.0f} points".replace("-", "\N{MINUS SIGN}")
            _say(
                f"* {first} less {second}, after 5 years: {points} ({_points(contrast.interval)});"
                f" {'stands' if contrast.stands else 'not shown'}: log-rank p {contrast.p_value:.2f}, up to"
                f" {contrast.highest_p_without_war:.2f} with one war left out."
            )
    others = [f"{name}: {_percent(value)} %" for name, value in one.otherwise.items() if value is not None]
    if others:
        _say(f"Still in force after 5 years, read otherwise: {'; '.join(others)}.")


def _points(pair: tuple[float, float]) -> str:
    return " to ".join(f"{100 * value:+.0f}" for value in pair).replace("-", "\N{MINUS SIGN}")


def _table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1), header_style="bold")
    for number, name in enumerate(columns):
        table.add_column(name, justify="right" if number else "left", no_wrap=number > 0, overflow="fold")
    return table


def _figures(figures: tuple[Figure, ...], *, followed: bool) -> Table:
    table = _table("years", "cases", "%", "95 %", "by pair", "95 %", "a war less", "a pair less")
    for figure in figures:
        counts = figure.counts
        told = str(figure.at_risk) if counts is None else f"{counts.did} of {counts.cases}"
        table.add_row(
            f"{figure.years:g}",
            told,
            _percent(figure.value),
            _span(figure.interval),
            _percent(figure.by_dyad),
            _span(figure.by_dyad_interval),
            _span((figure.without_war.low, figure.without_war.high)),
            _span((figure.without_dyad.low, figure.without_dyad.high)),
        )
    if not figures:
        table.add_row("undetermined", *[""] * 7)
    table.columns[1].header = "followed" if followed else "cases"
    return table


def _row(split: str, part: Part) -> list[str]:
    words = SPLIT_WORDS[split, part.label]
    if part.undetermined is not None:
        return [words, str(len(part.rows)), str(part.ended), "too few", "", ""]
    by_years = {figure.years: figure for figure in part.held}
    return [
        words,
        str(len(part.rows)),
        str(part.ended),
        *(
            f"{_percent(by_years[years].value)} ({_span(by_years[years].interval)})"
            if years in by_years
            else ""
            for years in (1, 5, 10)
        ),
    ]


def picture(found: History) -> Chart:
    """Return the picture: monitored, in part and not, in one panel for each class.

    Raises:
        InputError: no class has enough cases for a curve.
    """
    import pandas as pd

    from ceasefire import charts
    from ceasefire.files import InputError

    rows = []
    for one in found.classes:
        for part in one.splits.get("monitored", ()):
            if not part.curve.empty:
                own = part.curve.assign(cases=len(part.rows))
                rows.append(
                    own.assign(group=one.name.capitalize(), label=SPLIT_WORDS["monitored", part.label])
                )
    if not rows:
        raise InputError("there are too few ceasefires for a curve.", "--chart", "choose a later day.")
    first = found.classes[0]
    written = f"{found.as_of.day} {found.as_of:%B %Y}"
    five = next((figure for figure in first.whole.held if figure.years == 5), None)
    title = (
        "How long ceasefires held"
        if five is None
        else f"{_percent(five.value)} % of {first.name} ceasefires still held after five years"
        f" ({_percent(five.interval[0])} to {_percent(five.interval[1])} %)"
    )
    return charts.survival(
        pd.concat(rows, ignore_index=True),
        title=title,
        subtitle=f"Share still in force, 95 % interval, by monitoring, as known on {written}; who is"
        " monitored is no accident",
    )
