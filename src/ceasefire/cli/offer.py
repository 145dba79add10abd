"""The command that says whether an offer of a truce is worth accepting, and what it tells."""

from __future__ import annotations

import dataclasses
from typing import Annotated

import typer

from ceasefire.cli.evidence import Imports, with_imports
from ceasefire.cli.terminal import day as as_day
from ceasefire.cli.terminal import numbers, progress, terminal
from ceasefire.cli.wars import Json, Posterior, Scenario, Seed

LEAST_WARS_PER_DRAW, MOST_WARS_PER_DRAW = 2, 100


def offer(
    scenario: Scenario,
    by: Annotated[
        str | None, typer.Option(help="Who offers, by name or code; the initiator by default.")
    ] = None,
    prior: Annotated[
        str,
        typer.Option(
            help="Probability that the offer is sincere before its record: a number, or a reference class"
            " (interstate, monitored, unmonitored, civil, fortna, war-is-boring)."
        ),
    ] = "fortna",
    ratio: Annotated[
        list[str] | None,
        typer.Option(help="Likelihood ratio of a kind of behaviour, NAME=NUMBER; once for each."),
    ] = None,
    value: Annotated[
        list[str] | None,
        typer.Option(
            help="What counts, in lives of own soldiers, NAME=NUMBER: own_soldiers, civilians, area (a km2),"
            " aim, office, refusal, solidarity, aid_cost; once for each."
        ),
    ] = None,
    days: Annotated[int, typer.Option(help="How long the truce is to last.")] = 182,
    monitored: Annotated[bool, typer.Option("--monitored", help="Third parties watch the truce.")] = False,
    cut_to: Annotated[
        float, typer.Option(help="Share of arms from abroad that is left where the backer cuts them.")
    ] = 0.5,
    as_of: Annotated[
        str | None,
        typer.Option(help="What was on record by this day counts (YYYY-MM-DD); the first day by default."),
    ] = None,
    moves: Annotated[
        bool, typer.Option("--moves", help="Also print how the threshold moves with the truce and the war.")
    ] = False,
    posterior: Posterior = "default",
    draws: Annotated[int, typer.Option(help="Draws of the war.")] = 128,
    wars_per_draw: Annotated[int, typer.Option(help="Wars of each draw, which differ by chance alone.")] = 4,
    seed: Seed = 1,
    imports: Imports = None,
    json: Json = None,
) -> None:
    """Print whether to accept a side's offer of a truce, as a curve over the prior that it is meant."""
    from ceasefire.bargaining import Terms, Values, directions
    from ceasefire.bargaining import offer as weigh
    from ceasefire.cli.output import as_json, check_targets
    from ceasefire.files import InputError
    from ceasefire.inference.shipped import choose_posterior
    from ceasefire.report import directions_table, offer_summary
    from ceasefire.scenario import load_scenario

    war = load_scenario(scenario)
    check_targets({"--json": json}, {"the scenario file": war.path, "the posterior file": posterior})
    values = dataclasses.replace(Values(), **numbers(value, Values.NAMES, "--value", "area=5"))
    terms = Terms(days=days, monitored=monitored, cut_to=cut_to)
    if not LEAST_WARS_PER_DRAW <= wars_per_draw <= MOST_WARS_PER_DRAW:
        raise InputError(
            f"{wars_per_draw} wars of each draw cannot be used: chance is told from what is not known by"
            " several wars of a draw.",
            "--wars-per-draw",
            f"give a number from {LEAST_WARS_PER_DRAW} to {MOST_WARS_PER_DRAW}.",
        )
    if days < 1:
        raise InputError(f"a truce of {days} days is none.", "--days", "give a number from 1.")
    chosen = choose_posterior(war, posterior)
    shared: dict[object, object] = {}
    evidence = with_imports(imports)
    with progress(f"{war.name}, the branches of the offer") as told:
        found = weigh(
            war,
            by,
            posterior=chosen.posterior,
            evidence=evidence,
            prior=prior,
            ratios=numbers(ratio, None, "--ratio", "NAME=3"),
            values=values,
            terms=terms,
            as_of=as_day(as_of, "--as-of"),
            draws=draws,
            repeats=wars_per_draw,
            seed=seed,
            progress=told,
            start=chosen.start,
            shared=shared,
        )
    terminal.out.print(offer_summary(found))
    content = found.as_json()
    if moves:
        with progress(f"{war.name}, how the threshold moves") as told:
            rows = directions(
                war,
                by,
                posterior=chosen.posterior,
                values=values,
                terms=terms,
                draws=draws,
                repeats=wars_per_draw,
                seed=seed,
                progress=told,
                start=chosen.start,
                shared=shared,
            )
        terminal.out.print()
        terminal.out.print(directions_table(rows))
        content["moves"] = rows.astype(object).to_dict("records")
    terminal.out.print(chosen.says, markup=False)
    as_json(content, json)
