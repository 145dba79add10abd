"""Commands on posteriors: what a calibration learnt and what stays assumed."""

from __future__ import annotations

import json as plain_json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ceasefire.cli.terminal import terminal

if TYPE_CHECKING:
    import pandas as pd

    from ceasefire.inference.posterior import Posterior
    from ceasefire.war import Prior

app = typer.Typer(help="Posteriors: what the evidence taught.", no_args_is_help=True, rich_markup_mode=None)

POINTS = (0.05, 0.5, 0.95)
UNITS = {
    "force": "persons",
    "skill": "1",
    "shells": "rounds",
    "armour": "vehicles",
    "trainees": "persons",
    "industry": "1",
    "pool": "persons",
    "killed": "persons",
    "wounded": "persons",
    "fortification": "share",
    "perceived": "1",
    "intensity": "1",
    "advantage": "1",
    "lethality": "1",
    "volatility": "1",
}
"""Units of the quantities of a state."""


@app.command("list")
def listed() -> None:
    """Print the posteriors that come with the package."""
    from ceasefire.inference.shipped import describe, named_posterior, shipped_posteriors

    names = shipped_posteriors()
    for name in names:
        posterior = named_posterior(name)
        terminal.out.print(f"{name}: {describe(posterior)} {_fit(posterior)}", markup=False)
    if not names:
        terminal.out.print("No posterior is shipped. `ceasefire calibrate` makes one.", markup=False)


@app.command()
def show(
    posterior: Annotated[str, typer.Argument(help="A posterior file, or a shipped one by its name.")],
    scenario: Annotated[
        str | None, typer.Option(help="The scenario it was made of, where that is not a shipped one.")
    ] = None,
    json: Annotated[Path | None, typer.Option(help="Write the table as JSON to this file.")] = None,
) -> None:
    """Print what a calibration learnt and what stays assumed, its terms, notes and diagnostics."""
    from ceasefire.cli.output import check_targets, frame_as_json
    from ceasefire.inference.shipped import describe, named_posterior

    check_targets({"--json": json}, {"the posterior file": posterior})
    found = named_posterior(posterior)
    priors, why = _priors(found, scenario)
    rows = learnt_rows(found, priors)
    terminal.out.print(describe(found), markup=False)
    terminal.out.print(_fit(found), markup=False)
    terminal.out.print()
    terminal.out.print(_table(rows))
    learnt = int((rows["label"] == "learnt").sum())
    terminal.out.print(
        f"{learnt} of {len(rows)} learnt: the evidence took away more than half of the variance of the prior."
        f" {why}".rstrip(),
        markup=False,
    )
    terminal.out.print()
    for line in _terms(found):
        terminal.out.print(line, markup=False)
    for note in found.notes():
        terminal.out.print(f"note: {note}", markup=False)
    frame_as_json(rows, json)


def learnt_rows(posterior: Posterior, priors: tuple[Prior, ...] | None) -> pd.DataFrame:
    """Return one row for each uncertain quantity, the most contracted first.

    Columns: `name`, `kind`, `unit`, `prior_low`, `prior_best`, `prior_high` (5, 50 and 95 % points; NaN
    where the file does not hold them), `low`, `best`, `high` (the same after the evidence), `contraction`,
    `shift`, `label`, `rhat`, `ess`.
    """
    import numpy as np

    from ceasefire.analysis.columns import STATE, stocks
    from ceasefire.inference.posterior import row_label
    from ceasefire.war import REGISTRY

    table = posterior.contraction()
    table = table[table["kind"] != "constant"].sort_values(
        ["contraction", "name"], ascending=[False, True], ignore_index=True
    )
    labels = [row_label(name, side, posterior.sides) for name, side in REGISTRY.labels()]
    drawn = dict(zip(labels, posterior.parameters(), strict=True))
    units = dict(zip(labels, [REGISTRY[name].unit for name, _ in REGISTRY.labels()], strict=True))
    before = {} if priors is None else dict(zip(labels, priors, strict=True))
    reports = posterior.draws["reporting"].transpose("report", "draw")
    drawn |= dict(zip(reports["report"].values.astype(str), reports.values, strict=True))
    state = posterior.state()
    counted = {
        f"{name} ({side})": np.asarray(getattr(state, name))[number]
        for name in ("killed", "wounded")
        for number, side in enumerate(posterior.sides)
    }
    for name, values in (stocks(state, list(posterior.sides)) | counted).items():
        drawn[STATE + name] = np.asarray(values)
        units[STATE + name] = UNITS.get(name.split(" (")[0], "1")
    points = np.array(
        [np.quantile(drawn[name], POINTS) if name in drawn else [np.nan] * 3 for name in table["name"]]
    )
    earlier = np.array(
        [
            (before[name].low, before[name].best, before[name].high) if name in before else [np.nan] * 3
            for name in table["name"]
        ]
    )
    table.insert(2, "unit", [units.get(name, "1") for name in table["name"]])
    for place, column in enumerate(("prior_low", "prior_best", "prior_high")):
        table.insert(3 + place, column, earlier[:, place])
    for place, column in enumerate(("low", "best", "high")):
        table.insert(6 + place, column, points[:, place])
    return table


def _priors(posterior: Posterior, scenario: str | None) -> tuple[tuple[Prior, ...] | None, str]:
    """Return the priors that the calibration started from, or why they are not shown."""
    from ceasefire.scenario import load_scenario, shipped_scenarios

    if scenario is None and posterior.scenario not in shipped_scenarios():
        return None, "Name its scenario with --scenario to see the priors."
    war = load_scenario(scenario or posterior.scenario)
    if war.calibrated_sha256 != posterior.scenario_sha256:
        return None, f"The scenario '{war.name}' has changed since: its priors are not shown."
    known_on = None if posterior.hindsight else posterior.until
    return war.history(posterior.until, known_on).world.priors, ""


def _fit(posterior: Posterior) -> str:
    why = str(posterior.tree.attrs["why"])
    passed = "It passed its diagnostics." if posterior.passed else f"It failed its diagnostics: {why}."
    return passed + (" It is stale: the model has changed since." if posterior.stale else "")


def _terms(posterior: Posterior) -> list[str]:
    import numpy as np

    lines = []
    for text in np.atleast_1d(posterior.tree.attrs["terms"]):
        if str(text):
            term: dict[str, Any] = plain_json.loads(str(text))
            lines.append(
                f"term: {term['root']}, {term['side']}, {term['says']}: {term['figures']} figures,"
                f" {term['first']} to {term['last']}"
            )
    return lines


def _table(rows: pd.DataFrame) -> Any:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from ceasefire.report import words

    table = Table(box=box.SIMPLE_HEAD, width=80, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    table.add_column("Quantity", ratio=1, overflow="fold")
    table.add_column("Before\n5, 50, 95 %", justify="right")
    table.add_column("After\n5, 50, 95 %", justify="right")
    table.add_column("Variance\ntaken away", justify="right")

    def points(row: dict[Any, Any], names: tuple[str, ...]) -> str:
        values = [float(row[name]) for name in names]
        return "-" if values[0] != values[0] else "\n".join(words.rounded(value) for value in values)

    for row in rows.to_dict("records"):
        unit = words.unit(row["unit"])
        name = str(row["name"]) + (f", {unit}" if unit else "")
        table.add_row(
            Text(name, style="bold" if row["label"] == "learnt" else ""),
            Text(points(row, ("prior_low", "prior_best", "prior_high"))),
            Text(points(row, ("low", "best", "high"))),
            Text(f"{100 * float(row['contraction']):.0f} %\n{row['label']}"),
        )
    return table
