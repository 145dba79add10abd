"""Commands that compute wars: run, compare, check."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ceasefire.cli.evidence import Imports, with_imports
from ceasefire.cli.terminal import progress, terminal

if TYPE_CHECKING:
    from ceasefire.analysis import Comparison, Share

Scenario = Annotated[str, typer.Argument(help="A shipped scenario by its name, or a YAML file.")]
Draws = Annotated[int, typer.Option(help="Wars to draw.")]
Seed = Annotated[int, typer.Option(help="Seed; the same seed gives the same wars.")]
Out = Annotated[Path | None, typer.Option(help="Result file to write (netCDF).")]
Posterior = Annotated[
    str,
    typer.Option(
        "--posterior",
        help="Where parameters and the state come from: default (the posterior that is shipped for the"
        " scenario, the priors where there is none), then or now (the shipped one as known then or now),"
        " prior, or a file.",
    ),
]
Json = Annotated[Path | None, typer.Option(help="Write the table as JSON to this file.")]


def run(
    scenario: Scenario,
    policy: Annotated[str, typer.Argument(help="A policy of the scenario.")] = "fight-on",
    posterior: Posterior = "default",
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
    from ceasefire.inference.shipped import choose_posterior
    from ceasefire.report import run_table
    from ceasefire.scenario import load_scenario

    war = load_scenario(scenario)
    target = out or Path(f"{war.name}-{policy}-{seed}.nc")
    check_targets(
        {"--out": target, "--json": json}, {"the scenario file": war.path, "the posterior file": posterior}
    )
    plan = war.plan(policy)
    chosen = choose_posterior(war, posterior)
    with progress(f"{war.name}, {policy}") as told:
        result = run_wars(war.world(), plan, draws=draws, seed=seed, progress=told, start=chosen.start)
    result.attrs["scenario_sha256"] = war.sha256
    summary = summarise(result)
    terminal.out.print(run_table(summary, result.attrs))
    terminal.out.print(chosen.says, markup=False)
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
    posterior: Posterior = "default",
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
    from ceasefire.inference.shipped import choose_posterior
    from ceasefire.report import comparison_summary, comparison_table, drivers_table, limits
    from ceasefire.scenario import load_scenario

    if outcome is not None and outcome not in OUTCOMES:
        raise InputError(f"'{outcome}' is no outcome.", "--outcome", suggest(outcome, OUTCOMES))
    war = load_scenario(scenario)
    target = out or Path(f"{war.name}-{first}-{second}-{seed}.nc")
    check_targets(
        {"--out": target, "--json": json}, {"the scenario file": war.path, "the posterior file": posterior}
    )
    for policy in (first, second):
        war.plan(policy)
    chosen = choose_posterior(war, posterior)
    with progress(f"{war.name}, {first} and {second}") as told:
        comparison = compare_policies(
            war,
            first,
            second,
            draws=draws,
            seed=seed,
            progress=told,
            start=chosen.start,
            learnt=chosen.learnt,
        )
    terminal.out.print(comparison_summary(comparison))
    terminal.out.print()
    for shown in OUTCOMES.values() if outcome is None else (OUTCOMES[outcome],):
        for side in (None, *comparison.sides) if shown.both else comparison.sides[1:]:
            terminal.out.print(
                comparison_table(
                    comparison.curve(shown.name, side),
                    outcome=f"{side or 'Both sides'}: {shown.meaning}",
                    unit=shown.unit,
                    first=first,
                    second=second,
                )
            )
            terminal.out.print()
    terminal.out.print(drivers_table(comparison))
    terminal.out.print()
    for name in ("killed", "ground_lost") if outcome is None else (outcome,):
        terminal.out.print(shares_in_words(comparison, name), markup=False)
    terminal.out.print(chosen.says, markup=False)
    terminal.out.print()
    terminal.out.print(limits(comparison.about()))
    frame_as_json(comparison.table(), json)
    path = save(comparison.dataset(), target)
    terminal.out.print(f"result: {path}", markup=False, soft_wrap=True)


def shares_in_words(comparison: Comparison, outcome: str) -> str:
    """Return where the spread of a difference on the last day comes from, in two sentences."""
    from ceasefire.analysis import OUTCOMES

    side = None if OUTCOMES[outcome].both else comparison.sides[1]
    found = comparison.shares(outcome, side, comparison.last_day)
    head = (
        f"Where the spread of the difference comes from ({outcome.replace('_', ' ')}, {side or 'both sides'},"
        f" {comparison.last_day:%-d %B %Y}): "
    )
    if found.learnt.value != found.learnt.value:
        return head + f"not known from {found.wars} wars, or nothing differs."
    alone = found.chance_alone
    repeated = "" if alone.value != alone.value else f" (chance alone {_percent(alone)})"
    return (
        f"{head}learnt {_percent(found.learnt)}, assumed {_percent(found.assumed)}, rival equations"
        f" {_percent(found.structure)}; chance, and what acts together only,"
        f" {_percent(found.chance)}{repeated}."
    )


def _percent(share: Share) -> str:
    low, value, high = (f"{100 * part:.0f}" for part in (share.low, share.value, share.high))
    return f"{value} % ({low} to {high})"


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
