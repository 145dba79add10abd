"""Commands that compute wars: run, compare, check."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ceasefire.cli.evidence import Imports, with_imports
from ceasefire.cli.terminal import progress, terminal

Scenario = Annotated[str, typer.Argument(help="A shipped scenario by its name, or a YAML file.")]
Draws = Annotated[int, typer.Option(help="Wars to draw.")]
Seed = Annotated[int, typer.Option(help="Seed; the same seed gives the same wars.")]
Out = Annotated[Path | None, typer.Option(help="Result file to write (netCDF).")]
Json = Annotated[Path | None, typer.Option(help="Write the table as JSON to this file.")]


def run(
    scenario: Scenario,
    policy: Annotated[str, typer.Argument(help="A policy of the scenario.")] = "fight-on",
    draws: Draws = 2000,
    seed: Seed = 1,
    out: Out = None,
    json: Json = None,
) -> None:
    """Run thousands of wars under one policy; print outcomes with intervals and write a result file."""
    from ceasefire.analysis import summarise
    from ceasefire.cli.output import check_targets, frame_as_json
    from ceasefire.engine import run as run_wars
    from ceasefire.engine import save
    from ceasefire.report import run_table
    from ceasefire.scenario import load_scenario

    war = load_scenario(scenario)
    target = out or Path(f"{war.name}-{policy}-{seed}.nc")
    check_targets({"--out": target, "--json": json}, {"the scenario file": war.path})
    with progress(f"{war.name}, {policy}") as told:
        result = run_wars(war.world(), war.plan(policy), draws=draws, seed=seed, progress=told)
    result.attrs["scenario_sha256"] = war.sha256
    summary = summarise(result)
    terminal.out.print(run_table(summary, result.attrs))
    frame_as_json(summary, json)
    path = save(result, target)
    terminal.out.print(f"result: {path}", markup=False, soft_wrap=True)


def compare(
    scenario: Scenario,
    first: Annotated[str, typer.Argument(help="The policy to compare with.")] = "fight-on",
    second: Annotated[str, typer.Argument(help="The policy whose effect is asked for.")] = "truce",
    outcome: Annotated[
        str | None,
        typer.Option(help="Print the tables of this outcome alone: killed, wounded, losses or ground_lost."),
    ] = None,
    draws: Draws = 2000,
    seed: Seed = 1,
    out: Out = None,
    json: Json = None,
) -> None:
    """Run the same wars under two policies; print what differs, with intervals, and write a result file."""
    from ceasefire.analysis import OUTCOMES
    from ceasefire.analysis import compare as compare_policies
    from ceasefire.cli.output import check_targets, frame_as_json
    from ceasefire.engine import save
    from ceasefire.files import InputError, suggest
    from ceasefire.report import comparison_summary, comparison_table, drivers_table, limits
    from ceasefire.scenario import load_scenario

    if outcome is not None and outcome not in OUTCOMES:
        raise InputError(f"'{outcome}' is no outcome.", "--outcome", suggest(outcome, OUTCOMES))
    war = load_scenario(scenario)
    target = out or Path(f"{war.name}-{first}-{second}-{seed}.nc")
    check_targets({"--out": target, "--json": json}, {"the scenario file": war.path})
    with progress(f"{war.name}, {first} and {second}") as told:
        comparison = compare_policies(war, first, second, draws=draws, seed=seed, progress=told)
    terminal.out.print(comparison_summary(comparison))
    terminal.out.print()
    for chosen in OUTCOMES.values() if outcome is None else (OUTCOMES[outcome],):
        for side in (None, *comparison.sides) if chosen.both else comparison.sides[1:]:
            terminal.out.print(
                comparison_table(
                    comparison.curve(chosen.name, side),
                    outcome=f"{side or 'Both sides'}: {chosen.meaning}",
                    unit=chosen.unit,
                    first=first,
                    second=second,
                )
            )
            terminal.out.print()
    terminal.out.print(drivers_table(comparison))
    terminal.out.print()
    terminal.out.print(limits(comparison.about()))
    frame_as_json(comparison.table(), json)
    path = save(comparison.dataset(), target)
    terminal.out.print(f"result: {path}", markup=False, soft_wrap=True)


def check(
    scenario: Scenario, draws: Draws = 2000, seed: Seed = 1, json: Json = None, imports: Imports = None
) -> None:
    """Print what the priors alone imply for losses and area, beside what was observed."""
    from ceasefire.cli.output import check_targets, frame_as_json
    from ceasefire.inference import prior_predictive
    from ceasefire.report import check_table
    from ceasefire.scenario import load_scenario

    war = load_scenario(scenario)
    check_targets({"--json": json}, {"the scenario file": war.path})
    evidence = with_imports(imports)
    with progress(f"{war.name}, priors alone") as told:
        found = prior_predictive(war, evidence, draws=draws, seed=seed, progress=told)
    terminal.out.print(check_table(found.table, title=f"{war.name}: what the priors alone imply"))
    frame_as_json(found.table, json)
