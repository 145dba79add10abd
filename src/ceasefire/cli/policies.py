"""The command that weighs policies against each other."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ceasefire.cli.terminal import day as as_day
from ceasefire.cli.terminal import numbers, progress, terminal
from ceasefire.cli.wars import Json, Posterior, Scenario, Seed

if TYPE_CHECKING:
    from ceasefire.analysis.worth import Partial


def policies(
    scenario: Scenario,
    policy: Annotated[
        list[str] | None,
        typer.Option(
            "--policy", help="A policy of the scenario, once for each; by default all that can be chosen."
        ),
    ] = None,
    side: Annotated[
        str | None, typer.Option(help="For whom they are weighed, by name or code; each by default.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(help="By which day (YYYY-MM-DD); the scenario's last by default.")
    ] = None,
    value: Annotated[
        list[str] | None,
        typer.Option(
            "--value",
            help="What counts how much, in lives of own soldiers: own_soldiers=1, civilians=1 or area=5 (a"
            " km2); once for each.",
        ),
    ] = None,
    at_most: Annotated[
        list[str] | None,
        typer.Option(
            "--at-most",
            help="What is asked for: soldiers=50000, civilians=1000 or ground=0 at most; once for each. By"
            " default no more than the median of fighting on.",
        ),
    ] = None,
    worth: Annotated[
        bool, typer.Option(help="Say as well what it would be worth to know before choosing.")
    ] = True,
    posterior: Posterior = "default",
    draws: Annotated[int, typer.Option(help="Wars under each policy.")] = 4000,
    seed: Seed = 1,
    picture: Annotated[
        Path | None,
        typer.Option(
            help="Draw what each policy brings, and which none beats, to this file (SVG, PNG); needs --side."
        ),
    ] = None,
    json: Json = None,
) -> None:
    """Weigh policies against each other: regret, what is met, what no other beats, and what it would take."""
    from ceasefire.analysis.policies import CIVILIANS, GROUND, SOLDIERS, is_counted, run_policies, stated_sets
    from ceasefire.bargaining.stated import Values
    from ceasefire.charts import write
    from ceasefire.cli.output import as_json, check_targets, records
    from ceasefire.files import InputError, check_picture
    from ceasefire.inference.shipped import choose_posterior
    from ceasefire.report import trade_off_picture, weighed_summary
    from ceasefire.scenario import load_scenario

    war = load_scenario(scenario)
    check_targets(
        {"--json": json, "--picture": picture},
        {"the scenario file": war.path, "the posterior file": posterior},
    )
    sides = war.sides if side is None else (war.sides[war.place_of(side, "--side")],)
    if picture is not None:
        check_picture(picture)
        if len(sides) != 1:
            raise InputError(
                "a picture is of one side.",
                "--picture",
                f"add --side {war.codes[0]} or --side {war.codes[1]}.",
            )
    given = numbers(value, ("own_soldiers", "civilians", "area"), "--value", "area=5")
    sets = stated_sets(Values(**given) if given else None)
    asked = numbers(at_most, (SOLDIERS, CIVILIANS, GROUND), "--at-most", "soldiers=50000")
    missing = sorted(set(asked) - {name for name in asked if is_counted(war, name)})
    if missing:
        raise InputError(f"the wars of {war.name} do not count {missing[0]}.", "--at-most", "leave it out.")
    chosen = choose_posterior(war, posterior)
    with progress(f"{war.name}, one policy after the other") as told:
        runs = run_policies(
            war,
            policy or (),
            draws=draws,
            seed=seed,
            until=as_day(until, "--until"),
            start=chosen.start,
            learnt=chosen.learnt,
            effective=chosen.effective,
            progress=told,
        )
    content: dict[str, Any] = {
        "scenario": war.name,
        "policies": list(runs.policies),
        "baseline": runs.baseline,
        "dates": [f"{date:%Y-%m-%d}" for date in runs.dates],
        "wars": runs.wars,
        "failed": runs.failed,
        "seed": seed,
        "posterior": runs.posterior,
        "sides": {},
    }
    for name in sides:
        found = runs.of(name, sets)
        thresholds = {**found.thresholds(), **asked}
        held, choices = found.holding_up(thresholds=thresholds), found.choices()
        known = found.worth() if worth else None
        terminal.out.print(
            weighed_summary(
                found,
                holding_up=held,
                choices=choices,
                worth=known,
                thresholds=thresholds,
                fitted=frozenset() if chosen.posterior is None else war.fitted_mechanisms,
            )
        )
        terminal.out.print()
        content["sides"][name] = {
            "values": found.weights(),
            "asked_for": thresholds,
            "outcomes": records(found.table()),
            "holding_up": records(held),
            "horizon": records(found.horizon()),
            "choices": records(choices),
            **({} if known is None else {"worth": _worth(known)}),
        }
        if picture is not None:
            write(trade_off_picture(found, held), picture)
            terminal.out.print(f"written: {picture}", markup=False, soft_wrap=True)
    terminal.out.print(chosen.says, markup=False)
    as_json(content, json)


def _worth(found: Partial) -> dict[str, Any]:
    from ceasefire.cli.output import records

    worth = {"of_everything": found.perfect.of_everything, "of_parameters": found.perfect.of_parameters}
    return {
        "chosen_without": found.perfect.best,
        **{
            name: dataclasses.asdict(one) if math.isfinite(one.value) else None for name, one in worth.items()
        },
        "between_draws": found.between_draws if math.isfinite(found.between_draws) else None,
        "groups": records(found.table),
    }
