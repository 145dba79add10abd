"""The command line: one file of commands for each thing that a user works with."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

import ceasefire
from ceasefire.cli import (
    aid,
    asks,
    audits,
    battles,
    calibrations,
    casualties,
    claims,
    episodes,
    evidence,
    history,
    leaders,
    offer,
    parameters,
    policies,
    posteriors,
    scenarios,
    serving,
    studies,
    wars,
)
from ceasefire.cli.terminal import NOTHING_CHANGED, terminal
from ceasefire.files import CeasefireError

# With this code typer leaves where a command is interrupted; it says nothing itself.
INTERRUPTED = 130

app = typer.Typer(
    name="ceasefire",
    help="A laboratory for protracted wars: test what an article says a truce would do.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.command("audit")(audits.audit)
app.command("serve")(serving.serve)
app.command("run")(wars.run)
app.command("compare")(wars.compare)
app.command("ask")(asks.ask)
app.command("discover")(asks.discover)
app.command("sensitivity")(asks.sensitivity)
app.command("policies")(policies.policies)
app.command("check")(wars.check)
app.command("resume")(studies.resume)
app.command("aid")(aid.aid)
app.command("offer")(offer.offer)
app.command("parameters")(parameters.parameters)
app.command("calibrate")(calibrations.calibrate)
app.command("backtest")(calibrations.backtest)
app.command("casualties")(casualties.casualties)
app.command("history")(history.history)
app.command("episodes")(episodes.episodes)
app.command("leader")(leaders.leader)
app.command("fit-battle")(battles.fit_battle)
app.command("published")(battles.published)
app.add_typer(evidence.app, name="evidence")
app.add_typer(claims.app, name="claims")
app.add_typer(scenarios.app, name="scenario")
app.add_typer(posteriors.app, name="posterior")


def _version(wanted: bool) -> None:
    if wanted:
        terminal.out.print(ceasefire.__version__, markup=False)
        raise typer.Exit


@app.callback()
def _everywhere(
    no_color: Annotated[bool, typer.Option("--no-color", help="Print without colour.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    terminal.colour(not no_color)


def run(arguments: list[str] | None) -> int:
    """Run the command line and return its exit code."""
    terminal.interrupted = NOTHING_CHANGED
    terminal.arguments = list(sys.argv[1:] if arguments is None else arguments)
    try:
        app(arguments)
    except CeasefireError as error:
        terminal.error(error)
        return 2
    except SystemExit as left:
        if left.code == INTERRUPTED:
            terminal.err.print(terminal.interrupted, markup=False, soft_wrap=True)
        return left.code if isinstance(left.code, int) else 0
    except BrokenPipeError:
        return 0
    return 0
