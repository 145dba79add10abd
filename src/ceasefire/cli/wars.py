"""Commands that compute wars: run, compare, check."""

from __future__ import annotations

import contextlib
import functools
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ceasefire.cli.evidence import Imports, with_imports
from ceasefire.cli.studies import ClusterAddress, StudyFolder, computed_where, finish, within
from ceasefire.cli.terminal import progress, terminal

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from ceasefire.analysis import Comparison, Share
    from ceasefire.inference.shipped import Chosen
    from ceasefire.scenario import Scenario as War
    from ceasefire.scenario import World

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
Extensions = Annotated[
    list[Path] | None,
    typer.Option(
        "--extension", help="Python file with a mechanism of your own, on in all wars; give it once for each."
    ),
]
Json = Annotated[Path | None, typer.Option(help="Write the table as JSON to this file.")]


RESULT = "result.nc"
# A result of more bytes than this is written as it is computed where a file is named.
HELD_AT_EASE = 1_000_000_000


def run(
    scenario: Scenario,
    policy: Annotated[str, typer.Argument(help="A policy of the scenario.")] = "fight-on",
    posterior: Posterior = "default",
    draws: Draws = 2000,
    seed: Seed = 1,
    outcomes: Annotated[
        str | None,
        typer.Option(help="Keep only these outcomes, separated by commas: killed,wounded,ground_net."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Result file to write (netCDF); a run of more than 1 GB is written there as it is computed."
        ),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with a run that was interrupted (FILE.partial).")
    ] = False,
    extension: Extensions = None,
    json: Json = None,
    study: StudyFolder = None,
    cluster: ClusterAddress = None,
) -> None:
    """Run thousands of wars under one policy; print outcomes with intervals and write a result file."""
    from ceasefire.analysis import summarise
    from ceasefire.cli.output import check_targets, frame_as_json
    from ceasefire.engine import open_result, result_bytes, save, stream
    from ceasefire.engine import run as run_wars
    from ceasefire.engine.results import MOST_DRAWS
    from ceasefire.engine.streaming import partial_path
    from ceasefire.inference.shipped import choose_posterior
    from ceasefire.report import run_table
    from ceasefire.scenario import load_scenario

    war = load_scenario(scenario, extension or ())
    target = within(study, out, "--out", RESULT) or Path(f"{war.name}-{policy}-{seed}.nc")
    json = within(study, json, "--json")
    check_targets(
        {"--out": target, "--json": json}, {"the scenario file": war.path, "the posterior file": posterior}
    )
    world, plan = war.world(), war.plan(policy)
    kept = None if outcomes is None else [name.strip() for name in outcomes.split(",") if name.strip()]
    large = draws > MOST_DRAWS or result_bytes(world, draws, kept) > HELD_AT_EASE
    chosen = choose_posterior(war, posterior)
    about = {"scenario_sha256": war.sha256}
    written = functools.partial(
        stream, world, plan, target, draws=draws, seed=seed, start=chosen.start, outcomes=kept, about=about
    )
    with computed_where(study, cluster, made_of(war, chosen)) as kept_in:
        with progress(f"{war.name}, {policy}") as told:
            if kept_in is not None:
                # Its pieces are what counts, with --resume or without; an unfinished file is a copy of some.
                partial_path(target).unlink(missing_ok=True)
                path: Path | None = written(progress=told)
            elif resume or (large and out is not None and not target.is_char_device()):
                again = _again(
                    war.given_as, policy, posterior, draws, seed, outcomes, extension or (), target
                )
                with _left_off(target, draws, again):
                    path = written(progress=told, resume=resume)
            else:
                result = run_wars(
                    world, plan, draws=draws, seed=seed, progress=told, start=chosen.start, outcomes=kept
                )
                result.attrs |= about
                path = None
        if path is not None:
            with open_result(path) as stored:
                summary, attrs = _summary(stored, kept), stored.attrs
        else:
            summary = summarise(result) if kept is None else _summary(result, kept)
            attrs = result.attrs
        if not summary.empty:
            terminal.out.print(run_table(summary, attrs))
        terminal.out.print(chosen.says, markup=False)
        if world.extensions:
            terminal.out.print(own_mechanisms(world), markup=False)
        frame_as_json(summary, json)
        path = path or save(result, target)
        terminal.out.print(f"result: {path}", markup=False, soft_wrap=True)
        finish(kept_in, path, json)


def made_of(war: War, chosen: Chosen) -> dict[str, str]:
    """Return what wars are made of besides the program: a study is of no others."""
    posterior = "prior" if chosen.start is None else chosen.start.sha256
    return {"scenario": war.sha256, "posterior": posterior}


def _again(
    scenario: str,
    policy: str,
    posterior: str,
    draws: int,
    seed: int,
    outcomes: str | None,
    extensions: Sequence[Path],
    out: Path,
) -> str:
    """Return the command that goes on with a run."""
    chosen = [] if posterior == "default" else ["--posterior", posterior]
    kept = [] if outcomes is None else ["--outcomes", outcomes]
    own = [word for path in extensions for word in ("--extension", str(path))]
    numbers = ["--draws", str(draws), "--seed", str(seed)]
    end = ["--out", str(out), "--resume"]
    return shlex.join(["ceasefire", "run", scenario, policy, *chosen, *numbers, *kept, *own, *end])


def own_mechanisms(world: World) -> str:
    """Return a sentence on the mechanisms that are not the model's own, or nothing."""
    told = [
        f"{one.extension.name} ({one.extension.file}, {one.extension.sha256[:8]}) in {100 * one.share:.0f} %"
        " of the wars"
        for one in world.extensions
    ]
    return f"Not the model's own: {'; '.join(told)}." if told else ""


@contextlib.contextmanager
def _left_off(target: Path, draws: int, again: str) -> Iterator[None]:
    """Say, where a run is interrupted, how far it came and how to go on."""
    from ceasefire.engine.streaming import partial_path, wars_done

    try:
        yield
    except KeyboardInterrupt:
        partial = partial_path(target)
        if partial.is_file():
            terminal.interrupted = (
                f"interrupted; {wars_done(partial):,} of {draws:,} wars are in {partial}, which can be read."
                f"\n  to go on: {again}"
            )
        raise


def _summary(result: xr.Dataset, kept: Sequence[str] | None) -> pd.DataFrame:
    """Return the table of `summarise` for chosen outcomes, reading one of them at a time.

    What belongs to the whole war stands with each side.
    """
    import numpy as np
    import pandas as pd

    from ceasefire.analysis.compare import LEVELS, TABLE_DAYS
    from ceasefire.analysis.summary import SUMMARISED
    from ceasefire.engine import failed
    from ceasefire.files import InputError

    good = result["status"].values == 0
    if failed(result) == result.sizes["war"]:
        raise InputError(
            f"the computation of all {result.sizes['war']:,} wars failed: there is nothing to summarise.",
            f"scenario {result.attrs['scenario']}, policy {result.attrs['policy']}",
            "look for ranges in the scenario that are far from those of the registry.",
        )
    weeks = result.sizes["time"] - 1
    chosen = sorted({round(day / 7) for day in TABLE_DAYS if day / 7 < weeks} | {weeks})
    dates = result["time"].values
    rows = []
    for name in SUMMARISED if kept is None else [name for name in result.data_vars if name in kept]:
        values = result[name]
        if "time" not in values.dims:
            continue
        found = values.isel(time=chosen).values[..., good]
        by_side = found if found.ndim == 3 else np.broadcast_to(found[:, None], (len(chosen), 2, good.sum()))
        for side, label in enumerate(result["side"].values):
            for place, week in enumerate(chosen):
                points = np.quantile(by_side[place, side], list(LEVELS.values()))
                told = (name, values.attrs["long_name"], values.attrs["units"], str(label))
                rows.append((*told, pd.Timestamp(dates[week]), week * 7, *points))
    return pd.DataFrame(rows, columns=["outcome", "meaning", "unit", "side", "date", "day", *LEVELS])


def compare(
    scenario: Scenario,
    first: Annotated[str, typer.Argument(help="The policy to compare with.")] = "fight-on",
    second: Annotated[str, typer.Argument(help="The policy whose effect is asked for.")] = "truce",
    outcome: Annotated[
        str | None,
        typer.Option(
            help="Print the tables of this outcome alone, such as killed, ground_lost, civilians_killed,"
            " deaths, displaced or strikes_through; a wrong name lists the nearest."
        ),
    ] = None,
    posterior: Posterior = "default",
    draws: Draws = 2000,
    seed: Seed = 1,
    extension: Extensions = None,
    out: Out = None,
    json: Json = None,
    study: StudyFolder = None,
    cluster: ClusterAddress = None,
) -> None:
    """Run the same wars under two policies; print what differs, with intervals, and write a result file."""
    from ceasefire.analysis import FIRST_OUTCOMES, OUTCOMES
    from ceasefire.analysis import compare as compare_policies
    from ceasefire.cli.output import check_targets, frame_as_json
    from ceasefire.engine import save
    from ceasefire.files import InputError, suggest
    from ceasefire.inference.shipped import choose_posterior
    from ceasefire.report import comparison_summary, comparison_table, drivers_table, limits
    from ceasefire.scenario import load_scenario

    if outcome is not None and outcome not in OUTCOMES:
        raise InputError(f"'{outcome}' is no outcome.", "--outcome", suggest(outcome, OUTCOMES))
    war = load_scenario(scenario, extension or ())
    target = within(study, out, "--out", RESULT) or Path(f"{war.name}-{first}-{second}-{seed}.nc")
    json = within(study, json, "--json")
    check_targets(
        {"--out": target, "--json": json}, {"the scenario file": war.path, "the posterior file": posterior}
    )
    for policy in (first, second):
        war.plan(policy)
    chosen = choose_posterior(war, posterior)
    with computed_where(study, cluster, made_of(war, chosen)) as kept_in:
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
        first_ones = [name for name in FIRST_OUTCOMES if OUTCOMES[name].core or has_all(war, name)]
        for shown in (OUTCOMES[name] for name in (first_ones if outcome is None else (outcome,))):
            for side in shown.counted_for(comparison.sides) if shown.both else comparison.sides[1:]:
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
        if comparison.world.extensions:
            unsure = "What they leave open counts as chance in the shares above."
            terminal.out.print(f"{own_mechanisms(comparison.world)} {unsure}", markup=False)
        terminal.out.print()
        terminal.out.print(limits(comparison.about()))
        frame_as_json(comparison.table(), json)
        path = save(comparison.dataset(), target)
        terminal.out.print(f"result: {path}", markup=False, soft_wrap=True)
        finish(kept_in, path, json)


def has_all(war: object, outcome: str) -> bool:
    """Say whether a scenario's wars have the mechanisms that count an outcome."""
    from ceasefire.analysis import OUTCOMES
    from ceasefire.analysis.uses import has

    return all(has(war, name) for name in OUTCOMES[outcome].mechanisms)  # type: ignore[arg-type]


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
