"""The command that lists every parameter: its meaning and source, and what the evidence made of it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from ceasefire.cli.terminal import terminal
from ceasefire.cli.wars import Extensions

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd
    from rich.console import RenderableType

    from ceasefire.inference.shipped import Chosen
    from ceasefire.scenario import Scenario, World

WIDTH = 80
POINTS = (0.05, 0.5, 0.95)
CORE, ON, OFF, SHARE = "core", "on", "off", "share"
ASSUMED, LEARNT = "assumed", "learnt"
# The quantity of a state that tells what the evidence taught of a stock on the first morning.
_STATE_OF = {
    "troops": "force",
    "armour_modern": "armour",
    "armour_legacy": "armour",
    "armour_storage": "armour in storage",
}


def parameters(
    scenario: Annotated[
        str, typer.Argument(help="A shipped scenario by its name, or a YAML file.")
    ] = "ukraine-2022",
    mechanism: Annotated[
        str | None, typer.Option(help="Print the parameters of this mechanism alone.")
    ] = None,
    learnt: Annotated[bool, typer.Option("--learnt", help="Print only what the evidence taught.")] = False,
    posterior: Annotated[
        str,
        typer.Option(
            help="Posterior to show: default (the shipped one), then, now, prior (none), or a file."
        ),
    ] = "default",
    extension: Extensions = None,
    json: Annotated[Path | None, typer.Option(help="Write the table as JSON to this file.")] = None,
) -> None:
    """Print every parameter: meaning, unit, prior, posterior, bounds, source; learnt or assumed."""
    from ceasefire.cli.output import check_targets, frame_as_json
    from ceasefire.files import InputError, suggest
    from ceasefire.inference.shipped import DEFAULT, choose_posterior
    from ceasefire.scenario import load_scenario

    war = load_scenario(scenario, extension or ())
    check_targets({"--json": json}, {"the scenario file": war.path, "the posterior file": posterior})
    world = war.world()
    uses = mechanisms_of(world)
    if mechanism is not None and mechanism not in uses:
        raise InputError(f"'{mechanism}' is no mechanism.", "--mechanism", suggest(mechanism, uses))
    try:
        chosen = choose_posterior(war, posterior)
        says = chosen.says
    except InputError as error:
        if posterior != DEFAULT:
            raise
        chosen = choose_posterior(war, "prior")
        says = f"No posterior is shown: {error.what}"
    rows = parameter_rows(war, world, chosen)
    if mechanism is not None:
        rows = rows[rows["mechanism"] == mechanism]
    if learnt:
        rows = rows[rows["label"] == LEARNT]
    rows = rows.reset_index(drop=True)
    for part in _blocks(rows, uses, war.sides):
        terminal.out.print(part)
    terminal.out.print(_counted(rows, mechanism, learnt=learnt), markup=False)
    terminal.out.print(says, markup=False)
    if chosen.start is not None:
        terminal.out.print(
            "The posterior of a first stock is what wars start with on the first day.", markup=False
        )
    frame_as_json(rows, json)


class Use(NamedTuple):
    """Whether a scenario's wars have a mechanism."""

    state: str
    """`core`, `on`, `off` or `share`."""
    share: float
    """Share of the wars that have it; of a rule: that follow its second choice."""

    def says(self, mechanism: str) -> str:
        """Return it in words."""
        if self.state != SHARE:
            return self.state
        from ceasefire.war.structure import OPTIONAL

        rule = OPTIONAL.get(mechanism)
        which = "" if rule is None or rule.is_switch else f", {rule.name} = {rule.choices[1]}"
        return f"in {100 * self.share:.0f} % of the wars{which}"


def mechanisms_of(world: World) -> dict[str, Use]:
    """Return every mechanism of the registry with what the scenario makes of it."""
    from ceasefire.war import REGISTRY
    from ceasefire.war.structure import OPTIONAL

    found: dict[str, Use] = {}
    for mechanism in dict.fromkeys(REGISTRY.mechanisms.values()):
        alternative = OPTIONAL.get(mechanism)
        if alternative is None:
            found[mechanism] = Use(CORE, 1.0)
        else:
            found[mechanism] = _use(sum(world.structure_weights[alternative.name][1:]))
    return found | {one.extension.name: _use(one.share) for one in world.extensions}


def _use(share: float) -> Use:
    return Use(OFF if share <= 0 else ON if share >= 1 else SHARE, share)


def parameter_rows(war: Scenario, world: World, chosen: Chosen) -> pd.DataFrame:
    """Return one row for each number: a parameter of the whole war, or one side's.

    Columns: `parameter`, `side` (None: the whole war), `mechanism`, `used` (core, on, off, share), `share`
    (of the wars), `meaning`, `unit`, `low`, `best`, `high` (prior), `posterior_low`, `posterior_best`,
    `posterior_high` (5, 50 and 95 %; NaN where there is none), `lower_bound`, `upper_bound`, `label`
    (learnt or assumed), `source`. Of a stock on the first morning the posterior is what wars start with.
    """
    import numpy as np
    import pandas as pd

    from ceasefire.inference.posterior import is_known
    from ceasefire.scenario import describe
    from ceasefire.war import REGISTRY

    uses = mechanisms_of(world)
    known = frozenset[str]() if chosen.posterior is None else chosen.posterior.mechanisms
    drawn = None if chosen.start is None else chosen.start.recorded()
    taught = _taught(chosen)
    rows = []
    for number, ((name, side), told) in enumerate(zip(REGISTRY.labels(), describe(war), strict=True)):
        one, used = REGISTRY[name], uses[told.mechanism]
        after: npt.NDArray[np.float64] = np.full(3, np.nan)
        if drawn is not None and is_known(told.mechanism, known):
            after = np.quantile(drawn[number], POINTS)
        rows.append(
            {
                "parameter": name,
                "side": None if side is None else world.sides[side],
                "mechanism": told.mechanism,
                "used": used.state,
                "share": used.share,
                "meaning": one.meaning,
                "unit": one.unit,
                "low": told.low,
                "best": told.best,
                "high": told.high,
                "posterior_low": float(after[0]),
                "posterior_best": float(after[1]),
                "posterior_high": float(after[2]),
                "lower_bound": one.bounds[0],
                "upper_bound": one.bounds[1],
                "label": LEARNT if _label(name, told.side) in taught else ASSUMED,
                "source": told.source,
            }
        )
    for added in world.extensions:
        for (name, side), prior, source in zip(
            added.extension.labels(), added.priors, added.row_sources, strict=True
        ):
            (one,) = [one for one in added.extension.parameters if one.name == name]
            rows.append(
                {
                    "parameter": name,
                    "side": None if side is None else world.sides[side],
                    "mechanism": added.extension.name,
                    "used": uses[added.extension.name].state,
                    "share": added.share,
                    "meaning": one.meaning,
                    "unit": one.unit,
                    "low": prior.low,
                    "best": prior.best,
                    "high": prior.high,
                    "posterior_low": np.nan,
                    "posterior_best": np.nan,
                    "posterior_high": np.nan,
                    "lower_bound": one.bounds[0],
                    "upper_bound": one.bounds[1],
                    "label": ASSUMED,
                    "source": source,
                }
            )
    found = pd.DataFrame(rows)
    found["side"] = found["side"].astype(object).where(found["side"].notna(), None)
    return found


def _taught(chosen: Chosen) -> set[str]:
    """Return the names of what the evidence taught; of what only a truce would show, nothing."""
    from ceasefire.analysis.columns import OF_A_TRUCE

    table = chosen.learnt
    if table is None:
        return set()
    names = table.loc[table["label"] == LEARNT, "name"]
    return {name for name in names if name.split(" (")[0] not in OF_A_TRUCE}


def _label(name: str, side: str | None) -> str:
    """Return how a posterior calls a row; of a stock, the quantity of its state on the first morning."""
    from ceasefire.analysis.columns import STATE
    from ceasefire.scenario.compiled import STOCK
    from ceasefire.war import REGISTRY

    if name in REGISTRY and REGISTRY[name].initial:
        stock = name.removeprefix(STOCK)
        name = STATE + _STATE_OF.get(stock, stock)
    return name if side is None else f"{name} ({side})"


def _counted(rows: pd.DataFrame, mechanism: str | None, *, learnt: bool) -> str:
    names = rows["parameter"].nunique()
    taught = int((rows["label"] == LEARNT).sum())
    which = f" of {mechanism}" if mechanism else ""
    head = f"{names:,} {'parameter' if names == 1 else 'parameters'}{which}"
    if learnt and not names:
        return f"No parameter{which} is learnt."
    if learnt:
        return (
            f"{head} learnt, {taught:,} numbers with those of each side: the evidence took away more than"
            " half of the variance."
        )
    return f"{head}, {len(rows):,} numbers with those of each side; {taught:,} learnt, the rest assumed."


def _blocks(rows: pd.DataFrame, uses: dict[str, Use], sides: Sequence[str]) -> Iterator[RenderableType]:
    """Return one heading for each mechanism and one block for each parameter."""
    from rich.text import Text

    width = max(len("both sides"), *(min(len(side), 16) for side in sides))
    for mechanism, of_mechanism in rows.groupby("mechanism", sort=False):
        name = str(mechanism)
        yield Text(f"{name}: {uses[name].says(name)}", style="bold")
        yield Text("\N{BOX DRAWINGS LIGHT HORIZONTAL}" * WIDTH)
        for _, numbers in of_mechanism.groupby("parameter", sort=False):
            yield _block(numbers.to_dict("records"), width)


def _block(numbers: list[dict[Any, Any]], width: int) -> RenderableType:
    from rich.console import Group
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    from ceasefire.report import words

    first = numbers[0]
    unit = words.unit(first["unit"])
    head = Text.assemble((first["parameter"], "bold"), f", {unit}" if unit else "")
    low, high = (words.written_out(first[end]) for end in ("lower_bound", "upper_bound"))
    told = " ".join(f"{first['meaning']}. Bounds {low} to {high}.".split())
    table = Table(box=None, width=WIDTH - 4, pad_edge=False, padding=(0, 1, 0, 0), header_style="dim")
    table.add_column("", width=width, overflow="fold")
    table.add_column("prior 5, 50, 95 %", ratio=1, overflow="fold")
    table.add_column("posterior 5, 50, 95 %", ratio=1, overflow="fold")
    table.add_column("", width=len(ASSUMED))
    for row in _merged(numbers):
        prior = [row[point] for point in ("low", "best", "high")]
        after = [row[f"posterior_{point}"] for point in ("low", "best", "high")]
        cells = (row["side"] or "the war", _points(prior), _points(after), row["label"])
        table.add_row(*(Text(cell) for cell in cells))
    by_source: dict[str, list[str]] = {}
    for row in numbers:
        by_source.setdefault(" ".join(row["source"].split()), []).append(row["side"] or "")
    sources = [
        Text(f"Source{f', {whose[0]}' if len(by_source) > 1 else ''}: {source}")
        for source, whose in by_source.items()
    ]
    below = Padding(Group(Text(told), table, *sources), (0, 0, 1, 4), expand=False)
    return Group(head, below)


def _merged(numbers: list[dict[Any, Any]]) -> list[dict[Any, Any]]:
    """Return one row for both sides where nothing tells them apart."""
    shown = ("low", "best", "high", "posterior_low", "posterior_best", "posterior_high", "label")

    def told(row: dict[Any, Any]) -> list[str]:
        return [str(row[name]) for name in shown]

    if len(numbers) == 2 and told(numbers[0]) == told(numbers[1]):
        return [numbers[0] | {"side": "both sides"}]
    return numbers


def _points(values: Sequence[float]) -> str:
    from ceasefire.report import words

    if math.isnan(values[0]):
        return "-"
    return ", ".join(dict.fromkeys(words.written_out(float(f"{value:.3g}")) for value in values))
