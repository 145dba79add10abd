"""The command on true losses: killed and wounded of both sides by month, and what they rest on."""

from __future__ import annotations

import datetime as dt
import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.table import Table
from rich.text import Text

from ceasefire.cli.terminal import day, terminal

if TYPE_CHECKING:
    from ceasefire.charts import Chart
    from ceasefire.inference.casualties import Casualties

NARROWEST, WIDEST = 80, 100
WORDS = {"killed": "Killed", "killed_and_wounded": "Killed and wounded"}
META_WORDS = "The Economist"


def casualties(
    scenario: Annotated[str, typer.Argument(help="A shipped scenario by its name, or a YAML file.")],
    posterior: Annotated[
        str,
        typer.Option(
            metavar="default|then|now|FILE",
            help="The shipped posterior with the latest day, that of what was known then or is known now, or"
            " a file of `ceasefire calibrate`.",
        ),
    ] = "default",
    until: Annotated[
        str | None,
        typer.Option(
            metavar="DATE",
            help="Leave out what ends after this day; the shipped posterior of this very day is used where"
            " there is one.",
        ),
    ] = None,
    json: Annotated[Path | None, typer.Option("--json", help="Write all of it as JSON to this file.")] = None,
    chart: Annotated[Path | None, typer.Option(help="Picture to write: .svg or .png.")] = None,
) -> None:
    """Print soldiers killed and wounded of both sides by month, with intervals and what they rest on."""
    from ceasefire.cli.output import as_json, check_targets
    from ceasefire.evidence import load
    from ceasefire.files import check_picture
    from ceasefire.inference.casualties import casualties as estimate
    from ceasefire.inference.casualties import posterior_path, usable_posterior
    from ceasefire.scenario import load_scenario

    if chart is not None:
        check_picture(chart)
    last = day(until, "--until")
    war = load_scenario(scenario)
    path = posterior_path(war, posterior, last)
    check_targets({"--json": json, "--chart": chart}, {"the scenario file": war.path, "the posterior": path})
    found = estimate(usable_posterior(path, war), war, load(), until=last)
    _print(found)
    as_json(found.content(), json)
    if chart is not None:
        from ceasefire import charts

        terminal.out.print(f"picture: {charts.write(picture(found), chart)}", markup=False, soft_wrap=True)


def rounded(value: float) -> str:
    """Return a number of people with two digits that count, which is more than these figures know."""
    if value <= 0 or not math.isfinite(value):
        return "0" if value == 0 else f"{value:,.0f}"
    step = 10.0 ** max(math.floor(math.log10(value)) - 1, 0)
    return f"{round(value / step) * step:,.0f}"


def span(low: float, high: float) -> str:
    """Return an interval in words."""
    return f"{rounded(low)} to {rounded(high)}"


def period(start: dt.date, end: dt.date, part: str) -> str:
    """Return a period for a tight place; a star where it is no whole month."""
    return {"whole": f"{start:%b %Y}", "part": f"{start:%b %Y}*", "before": "earlier*"}[part]


def starred(found: Casualties) -> str:
    """Return what the starred periods are."""
    rows = found.rows("killed", found.sides[0])
    said = [
        f"{period(row['start'], row['end'], row['part']).rstrip('*')}, {short(row['start'])} to"
        f" {short(row['end'])}"
        for row in rows[rows["part"] != "whole"].to_dict("records")
    ]
    return f"* No whole month: {'; '.join(said)}." if said else ""


def short(date: dt.date) -> str:
    """Return a date for a tight place."""
    return f"{date.day} {date:%b %Y}"


def written(date: dt.date) -> str:
    """Return a date written out."""
    return f"{date.day} {date:%B %Y}"


def headline(found: Casualties, measure: str) -> str:
    """Return the running totals of both sides on the last day, each with its interval."""
    said = []
    for side in found.sides:
        row = found.rows(measure, side).iloc[-1]
        interval = span(row["total_low90"], row["total_high90"])
        said.append(f"{side} about {rounded(row['total_median'])} ({interval})")
    return f"{WORDS[measure]} by {written(found.until)}: {'; '.join(said)}"


# The terminal


def _width() -> int:
    return min(max(terminal.out.width, NARROWEST), WIDEST)


def _say(text: str, *, bold: bool = False) -> None:
    terminal.out.print(Text(text, style="bold" if bold else ""), width=_width())


def _table(*columns: tuple[str, bool], words: tuple[int, ...] = ()) -> Table:
    """Return an empty table; `words` are the columns whose text may take several lines."""
    table = Table(box=box.SIMPLE_HEAD, width=_width(), pad_edge=False, padding=0, header_style="bold")
    for number, (name, right) in enumerate(columns):
        table.add_column(
            name,
            overflow="fold",
            justify="right" if right else "left",
            ratio=len(words) + 2 - words.index(number) if number in words else None,
            no_wrap=bool(words) and number not in words,
        )
    return table


def _range(low: float, high: float) -> str:
    """Return an interval for a tight column."""
    return f"{rounded(low)}\N{EN DASH}{rounded(high)}"


def _print(found: Casualties) -> None:
    _say(f"{found.scenario}: soldiers killed and wounded since {written(found.first_day)}", bold=True)
    for measure in WORDS:
        _say(f"{headline(found, measure)}.")
    _say(f"Medians with 90 % intervals. {found.draws:,} draws of {found.posterior}.")
    _say("")
    for measure, words in WORDS.items():
        for side in found.sides:
            _say(f"{side}: {words.lower()}, persons", bold=True)
            terminal.out.print(_months(found, measure, side))
    if starred(found):
        _say(starred(found))
    _say(
        f"Total: since {written(found.first_day)}. Seen: how many figures of the side's losses lie in the"
        " period and weigh in the fit; at 0 the model carries it by those before and after."
    )
    _say("")
    _say("What these figures rest on", bold=True)
    for side in found.sides:
        _say(f"* {found.rests(side)}")
    _say("")
    _print_factors(found)
    _print_meta(found)
    _say("Notes", bold=True)
    for note in found.notes:
        _say(f"* {note}")
    if found.set_aside:
        _say(f"* Set aside in the fit: {len(found.set_aside)}; the JSON file says what and why.")


def _months(found: Casualties, measure: str, side: str) -> Table:
    table = _table(
        ("Period", False), ("Median", True), ("50 %", True), ("90 %", True), ("Total", True), ("90 %", True),
        ("Seen", True),
    )  # fmt: skip
    for row in found.rows(measure, side).to_dict("records"):
        table.add_row(
            Text(period(row["start"], row["end"], row["part"])),
            rounded(row["median"]),
            _range(row["low50"], row["high50"]),
            _range(row["low90"], row["high90"]),
            rounded(row["total_median"]),
            _range(row["total_low90"], row["total_high90"]),
            str(row["figures"]),
        )
    return table


def _print_factors(found: Casualties) -> None:
    if not found.factors:
        return
    _say("What each origin reports for each one that there is, with 90 % intervals", bold=True)
    example = max(found.factors, key=lambda factor: factor.figures)
    _say(f"To be read: {example.sentence}")
    for side in found.sides:
        own = [factor for factor in found.factors if factor.side == side]
        if not own:
            continue
        table = _table(
            (f"On {side}", False), ("for each", False), ("reports", True), ("prior", True), ("", False),
            words=(0, 1),
        )  # fmt: skip
        for factor in own:
            middle, low, high = (factor.quantiles[name] for name in ("median", "low90", "high90"))
            table.add_row(
                Text(factor.reporter),
                Text(factor.each),
                f"{middle:.2f} ({low:.2f}\N{EN DASH}{high:.2f})",
                f"{factor.prior[1]:.3g} ({factor.prior[0]:.3g}\N{EN DASH}{factor.prior[2]:.3g})",
                factor.label,
            )
        terminal.out.print(table)


def _print_meta(found: Casualties) -> None:
    if not found.meta_sentence:
        return
    _say("Beside it", bold=True)
    _say(found.meta_sentence)
    for measure, words in WORDS.items():
        for side in found.sides:
            chosen = (found.meta["measure"] == measure) & (found.meta["side"] == side)
            others = found.meta[chosen]
            if others.empty:
                continue
            ours = found.rows(measure, side).set_index("end")
            table = _table(
                (f"{side}: {words.lower()}, by", False),
                ("Here, 90 %", True),
                (f"{META_WORDS}, 95 %", True),
                words=(0,),
            )
            for other in others.to_dict("records"):
                row = ours.loc[other["end"]]
                table.add_row(
                    short(other["end"]),
                    f"{rounded(row['total_median'])} ({span(row['total_low90'], row['total_high90'])})",
                    f"{rounded(other['best'])} ({span(other['low'], other['high'])})",
                )
            terminal.out.print(table)


# The picture


def picture(found: Casualties) -> Chart:
    """Return the picture: each month with its intervals, and the running totals with the meta-estimate."""
    import pandas as pd

    from ceasefire import charts

    names = {"low90": "low", "high90": "high"}
    table = found.table.assign(words=found.table["measure"].map(WORDS))
    months = table[table["part"] != "before"]
    months = pd.DataFrame(
        {
            "measure": months["words"],
            "side": months["side"],
            "start": months["start"],
            "end": months["end"],
            "part": months["part"] == "part",
            **{names.get(name, name): months[name] for name in _levels()},
        }
    )
    totals = pd.DataFrame(
        {
            "measure": table["words"],
            "side": table["side"],
            "date": table["end"],
            "assumed": [
                found.assumed(measure, side)
                for measure, side in zip(table["measure"], table["side"], strict=True)
            ],
            **{names.get(name, name): table[f"total_{name}"] for name in _levels()},
        }
    )
    beside = found.meta.assign(measure=found.meta["measure"].map(WORDS)).rename(columns={"end": "date"})
    shares = f" {found.meta_sentence.split('. ')[0]}." if found.meta_sentence else ""
    known = "with hindsight" if found.known == "now" else "as known then"
    return charts.casualties(
        months,
        totals,
        beside[["measure", "side", "date", "low", "best", "high"]],
        title=headline(found, "killed"),
        subtitle=f"Soldiers, {written(found.first_day)} to {written(found.until)}, {known}: medians with 50"
        f" and 90 % intervals.{shares}",
        since=written(found.first_day),
        beside_label=f"{META_WORDS} (95 %)",
    )


def _levels() -> tuple[str, ...]:
    from ceasefire.inference.casualties import LEVELS

    return tuple(LEVELS)
