"""The command that says what one more unit of each kind of aid saves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ceasefire.cli.terminal import progress, terminal
from ceasefire.cli.wars import Json, Posterior, Scenario, Seed

if TYPE_CHECKING:
    import pandas as pd


def aid(
    scenario: Scenario,
    side: Annotated[
        str | None, typer.Option(help="The belligerent that gets the aid, by name or code; each by default.")
    ] = None,
    policy: Annotated[str, typer.Option(help="What else is decided: a policy of the scenario.")] = "fight-on",
    posterior: Posterior = "default",
    draws: Annotated[int, typer.Option(help="Wars to draw for each kind of aid.")] = 1000,
    seed: Seed = 1,
    json: Json = None,
) -> None:
    """Print what one more unit of each kind of aid from abroad saves: soldiers, civilians, ground."""
    import pandas as pd

    from ceasefire.analysis.aid import KINDS
    from ceasefire.analysis.aid import aid as more_aid
    from ceasefire.cli.output import check_targets, frame_as_json
    from ceasefire.inference.shipped import choose_posterior
    from ceasefire.report import aid_table
    from ceasefire.scenario import load_scenario

    war = load_scenario(scenario)
    check_targets({"--json": json}, {"the scenario file": war.path, "the posterior file": posterior})
    chosen_sides = war.sides if side is None else (war.sides[war.place_of(side, "--side")],)
    war.plan(policy)
    chosen = choose_posterior(war, posterior)
    shared: dict[object, object] = {}
    parts: list[pd.DataFrame] = []
    for name in chosen_sides:
        with progress(f"{war.name}, more aid to {name}") as told:
            found = more_aid(
                war,
                name,
                posterior=chosen.posterior,
                policy=policy,
                draws=draws,
                seed=seed,
                progress=told,
                shared=shared,
            )
        parts.append(found.table())
    rows = pd.concat(parts, ignore_index=True)
    about = {
        "scenario": war.name,
        "policy": policy,
        "until": found.until,
        "draws": draws,
        "failed": int(rows["failed"].max()),
        "posterior": found.posterior,
        "told_by": {kind.name: kind.told_by for kind in KINDS.values()},
        "on": found.on,
    }
    terminal.out.print(aid_table(rows, about))
    terminal.out.print(chosen.says, markup=False)
    frame_as_json(rows, json)
