"""Commands on scenarios."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ceasefire.cli.claims import write_template
from ceasefire.cli.terminal import terminal

app = typer.Typer(
    help="What a war starts from, and what each side may do.", no_args_is_help=True, rich_markup_mode=None
)


@app.command("list")
def list_scenarios() -> None:
    """Print the scenarios that come with the package."""
    from ceasefire.scenario import shipped_scenarios

    for name, title in shipped_scenarios().items():
        terminal.out.print(f"{name}  {title}", markup=False, soft_wrap=True)


@app.command("show")
def show(
    scenario: Annotated[str, typer.Argument(help="A shipped scenario by its name, or a YAML file.")],
) -> None:
    """Print a scenario: its belligerents, fronts and policies, and every range with its source."""
    from ceasefire.report import scenario_tables
    from ceasefire.scenario import describe, describe_history, load_scenario

    war = load_scenario(scenario)
    for table in scenario_tables(war, describe(war)):
        terminal.out.print(table)
    terminal.out.print(describe_history(war), markup=False, soft_wrap=True)


@app.command("lint")
def lint(scenario: Annotated[str, typer.Argument(help="The scenario file.")]) -> None:
    """Check a scenario file and compile every policy in it, and its extensions."""
    from ceasefire.engine import check_fused
    from ceasefire.scenario import load_scenario

    war = load_scenario(scenario)
    war.world()
    for one in war.extensions:
        check_fused(one, len(war.fronts))
    for policy in war.policies:
        war.plan(policy)
    terminal.out.print(f"{war.path}: no faults found.", markup=False, soft_wrap=True)


@app.command("new")
def new(
    file: Annotated[Path | None, typer.Argument(help="File to write; printed where none is named.")] = None,
) -> None:
    """Write a commented template of a scenario; a file that exists is never overwritten."""
    from ceasefire.scenario import template

    write_template(template(), file)
