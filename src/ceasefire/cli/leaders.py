"""The command that says how much longer a leader goes on, by what he is told and what he has to lose."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.table import Table
from rich.text import Text

from ceasefire.cli.casualties import rounded
from ceasefire.cli.terminal import progress, terminal
from ceasefire.cli.wars import Posterior, Scenario, Seed

if TYPE_CHECKING:
    from ceasefire.bargaining.resurrection import Cell, Resurrection

WIDEST = 100
LIVES = 1_000


def leader(
    scenario: Scenario,
    json: Annotated[Path | None, typer.Option("--json", help="Write all of it as JSON to this file.")] = None,
    side: Annotated[
        str | None, typer.Option(help="Whose leader, by name or code; the initiator where not given.")
    ] = None,
    policy: Annotated[str, typer.Option(help="What else is decided: a policy of the scenario.")] = "fight-on",
    posterior: Posterior = "default",
    aim: Annotated[
        float | None, typer.Option(help="Worth of the whole aim to him, lives of his own side's soldiers.")
    ] = None,
    fate: Annotated[
        str,
        typer.Option(
            metavar="whatever|disaster",
            help="Whether he loses office whatever the size of a defeat, or by a disaster alone.",
        ),
    ] = "whatever",
    victory: Annotated[
        float, typer.Option(help="Share of the aim that must be reached for the outcome to be no defeat.")
    ] = 0.1,
    disaster: Annotated[
        float, typer.Option(help="Share of the ground held at first whose loss is a disaster.")
    ] = 0.1,
    draws: Annotated[int, typer.Option(help="Wars to draw for each distortion.")] = 2000,
    seed: Seed = 1,
) -> None:
    """Print how many days longer a leader fights on, by what he is told and what he has to lose."""
    from ceasefire.bargaining.resurrection import Line, when_leaders_stop
    from ceasefire.bargaining.stated import Values
    from ceasefire.cli.output import as_json, check_targets
    from ceasefire.inference.shipped import choose_posterior
    from ceasefire.scenario import load_scenario

    line = Line(fate, victory, disaster)  # type: ignore[arg-type]  # checked there
    values = Values() if aim is None else Values(aim=aim)
    war = load_scenario(scenario)
    check_targets({"--json": json}, {"the scenario file": war.path, "the posterior file": posterior})
    chosen = choose_posterior(war, posterior)
    with progress(f"{war.name}, when a leader stops") as told:
        found = when_leaders_stop(
            war,
            side,
            posterior=chosen.posterior,
            policy=policy,
            values=values,
            line=line,
            draws=draws,
            seed=seed,
            progress=told,
        )
    _print(found)
    terminal.out.print(chosen.says, markup=False)
    as_json(found.content(), json)


def _say(text: str, *, bold: bool = False) -> None:
    terminal.out.print(Text(text, style="bold" if bold else ""), width=min(terminal.out.width, WIDEST))


def _print(found: Resurrection) -> None:
    _say(f"{found.scenario}: how much longer the leader of {found.side} fights on", bold=True)
    _say(found.sentence())
    _say("")
    _say(
        f"Days past an informed leader without office, who stops {found.informed_days:.0f} days after the"
        f" first decision ({found.first:%Y-%m-%d}) on average; to {found.last:%Y-%m-%d} at most, so that all"
        f" are least numbers. Mean over {found.draws:,} wars, with the simulation error after"
        " \N{PLUS-MINUS SIGN}."
    )
    _say("")
    _say("By what he is told (1: as the war has it) and what he loses with office, thousand lives", bold=True)
    terminal.out.print(_map(found.by_office, "office"))
    _say("By what he is told and the worth of his whole aim, thousand lives; without office", bold=True)
    terminal.out.print(_map(found.by_aim, "aim"))
    usual = min((one.distortion for one in found.by_office), key=lambda value: abs(value - 1.0))
    told = found.cell(usual, office=0.0)
    low, high = told.interval
    _say(
        f"At {usual:g} without office: 90 % of the wars lie between {low:.0f} and {high:.0f} days, he stops"
        f" later in {100 * told.later:.0f} % of them, and about {rounded(told.killed)} more soldiers of both"
        f" sides are killed (simulation error {rounded(told.killed_error)})."
    )
    _say("")
    _say(f"The same at {usual:g} with the largest office, where defeat begins elsewhere", bold=True)
    table = _table("He loses office", "line", "days")
    for row in found.varied:
        whatever = row["fate"] == "whatever"
        table.add_row(
            "whatever the size of a defeat" if whatever else "by a disaster alone",
            f"{100 * row['victory']:.0f} % of the aim"
            if whatever
            else f"{100 * row['disaster']:.0f} % of the ground",
            _shown(row["days"], row["days_error"]),
        )
    terminal.out.print(table)
    _say("Notes", bold=True)
    for note in NOTES:
        _say(f"* {note}")
    if found.failed:
        _say(f"* Left out: {found.failed} wars whose computation failed.")


NOTES = (
    "Reports, stakes and the lines of victory and disaster are assumed; no evidence is held against them.",
    "A settlement on the line as it stands is taken to be there for the asking, and to be kept.",
    "What the other leader is told is the scenario's. A misled leader attacks by what he believes, so that"
    " the war itself takes another course.",
)


def _shown(value: float, error: float) -> str:
    return f"{value:.0f} \N{PLUS-MINUS SIGN}{error:.0f}".replace("-", "\N{MINUS SIGN}")


def _table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1), header_style="bold")
    for number, name in enumerate(columns):
        table.add_column(name, justify="right" if number else "left", overflow="fold")
    return table


def _map(cells: tuple[Cell, ...], by: str) -> Table:
    stakes = sorted({getattr(one, by) for one in cells})
    table = _table("told", *(f"{stake / LIVES:,.0f}" for stake in stakes))
    for distortion in sorted({one.distortion for one in cells}):
        by_stake = {getattr(one, by): one for one in cells if one.distortion == distortion}
        table.add_row(
            "the truth" if distortion == 0.0 else f"{distortion:g} times",
            *(_shown(by_stake[stake].days, by_stake[stake].days_error) for stake in stakes),
        )
    return table
