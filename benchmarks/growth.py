"""How speed grows: with the ensemble, the horizon, the fronts, the mechanisms, and the workers of a cluster.

    python benchmarks/growth.py [--quick] [--json FILE] [--picture FILE.svg]

Each row is one run of which only one outcome is kept: `varied`, `value`, `wars`, `days`, `fronts`,
`mechanisms`, `workers` (0: this process alone, with all cores), `seconds`, `wars_per_second`. Rows of workers
are computed on a cluster of this machine, one core each, after a first run that compiles.

For more workers than there are cores a model on paper is told, from what was measured here: W workers compute

    wars in a piece / max(seconds a worker needs for a piece / W, seconds that this program needs for one)

wars a second; the second number is measured with pieces that are ready at once.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ceasefire.engine import computing
from ceasefire.engine.cluster import Cluster
from ceasefire.engine.places import place
from ceasefire.engine.results import Common, Leg, Stretch, computed, piece_of, wars_of_a_piece
from ceasefire.scenario import Plan, World, load_scenario, shortened, shortened_plan
from ceasefire.war import Geography
from ceasefire.war.structure import OPTIONAL

KEPT = ("killed",)
SIZES = (1_024, 8_192, 65_536, 262_144)
HORIZONS = (91, 182, 364, 728, 1_106)
FRONTS = (1, 2, 4, 8)
YEAR, WARS = 364, 65_536
ON_PAPER = (1, 2, 5, 10, 20, 50, 100)


def the_war(days: int = YEAR, fronts: int | None = None, core: bool = False) -> tuple[World, Plan]:
    """Return the first article's war under its truce, so long and on so many fronts."""
    war = load_scenario("ukraine-2022")
    world = shortened(war.world(), days)
    if core:
        none = {one.name: (1.0, 0.0) for one in OPTIONAL.values() if one.is_switch}
        world = dataclasses.replace(world, structure_weights=world.structure_weights | none)
    if fronts is not None:
        world = dataclasses.replace(
            world,
            fronts=tuple(f"front {number + 1}" for number in range(fronts)),
            geography=Geography(
                *(
                    np.repeat(total / fronts, fronts, axis=-1).astype(np.float32)
                    for total in (part.sum(axis=-1, keepdims=True) for part in world.geography)
                )
            ),
        )
    return world, shortened_plan(war.plan("truce"), world.days)


def seconds(world: World, plan: Plan, wars: int, pieces_before: int = 1) -> float:
    """Return the time of a run of which nothing is held, after some of its pieces, which compile."""
    size = wars_of_a_piece(world, wars, KEPT)
    for _ in computed(world, [Leg(plan, pieces_before * size)], KEPT, 1, size, None):
        pass
    started = time.perf_counter()
    for _ in computed(world, [Leg(plan, wars)], KEPT, 1, size, None):
        pass
    return time.perf_counter() - started


def row(varied: str, value: object, world: World, wars: int, took: float, workers: int = 0) -> dict[str, Any]:
    """Return one row of the table."""
    return {
        "varied": varied,
        "value": value,
        "wars": wars,
        "days": world.days,
        "fronts": len(world.fronts),
        "mechanisms": "core" if value == "core" else "as the scenario has them",
        "workers": workers,
        "seconds": took,
        "wars_per_second": wars / took,
    }


def here(quick: bool) -> Iterator[dict[str, Any]]:
    """Measure in this process."""
    world, plan = the_war()
    for wars in SIZES[: 2 if quick else None]:
        yield row("wars", wars, world, wars, seconds(world, plan, wars))
    wars = SIZES[1] if quick else WARS
    for days in HORIZONS[: 2 if quick else None]:
        world, plan = the_war(days)
        yield row("days", days, world, wars, seconds(world, plan, wars))
    for fronts in FRONTS[: 2 if quick else None]:
        world, plan = the_war(fronts=fronts)
        yield row("fronts", fronts, world, wars, seconds(world, plan, wars))
    for name in ("core", "whole"):
        world, plan = the_war(core=name == "core")
        yield row("mechanisms", name, world, wars, seconds(world, plan, wars))


def ready(shared: Any, item: int) -> Any:
    """Return a piece that is there already."""
    return shared


def on_workers(quick: bool) -> Iterator[dict[str, Any]]:
    """Measure with one and two workers, and what this program needs for a piece."""
    from distributed import LocalCluster

    world, plan = the_war()
    wars = SIZES[1] if quick else SIZES[-1]
    size = wars_of_a_piece(world, wars, KEPT)
    piece = piece_of(Common(world, None, KEPT, 1, ()), (Stretch(plan, 0, size),))
    for workers in (1, 2):
        local = LocalCluster(
            n_workers=workers, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
        )
        with local, Cluster(local.scheduler_address) as cluster, computing(cluster):
            yield row("workers", workers, world, wars, seconds(world, plan, wars, 4 * workers), workers)
            if workers == 2:
                count = 64
                started = time.perf_counter()
                for _ in place().each(ready, piece, range(count)):
                    pass
                took = (time.perf_counter() - started) / count
                yield row("a piece that is ready", size, world, size, took, workers)


def on_paper(table: pd.DataFrame) -> pd.DataFrame:
    """Return what the model on paper gives for more workers; see the head of this file."""
    one = table[(table["varied"] == "workers") & (table["value"] == 1)].iloc[0]
    ready_piece = table[table["varied"] == "a piece that is ready"].iloc[0]
    size, of_program = float(ready_piece["wars"]), float(ready_piece["seconds"])
    of_worker = one["seconds"] / (one["wars"] / size)
    rates = [size / max(of_worker / workers, of_program) for workers in ON_PAPER]
    return pd.DataFrame({"workers": ON_PAPER, "wars_per_second": rates})


def picture(table: pd.DataFrame, paper: pd.DataFrame, path: Path) -> None:
    """Draw how speed grows with each thing that was varied; what is on paper alone is hollow."""
    import altair as alt

    from ceasefire import charts
    from ceasefire.charts.theme import INK, PAPER, config

    def panel(rows: pd.DataFrame, title: str, fill: str, dash: list[int]) -> alt.LayerChart:
        shown = sorted(rows["at"].unique())
        base = alt.Chart(rows).encode(
            alt.X(
                "at:Q",
                axis=alt.Axis(
                    title=title,
                    values=shown,
                    format=",",
                    labelFlush=False,
                    grid=False,
                    titleFontWeight="normal",
                ),
                scale=alt.Scale(type="log", nice=False),
            ),
            alt.Y(
                "wars_per_second:Q",
                axis=alt.Axis(title="wars a second", format="~s", tickCount=4, titleFontWeight="normal"),
                scale=alt.Scale(zero=True),
            ),
        )
        line = base.mark_line(color=INK, strokeDash=dash, strokeWidth=1.5)
        return line + base.mark_point(
            filled=True, color=fill, stroke=INK, strokeWidth=1.5, size=45, opacity=1
        )

    titles = {"wars": "wars of a run", "days": "days of a war", "fronts": "fronts"}
    drawn = [
        panel(
            table[table["varied"] == name].assign(at=lambda rows: rows["value"].astype(float)), title, INK, []
        )
        for name, title in titles.items()
    ]
    measured = table[table["varied"] == "workers"].assign(at=lambda rows: rows["value"].astype(float))
    drawn.append(
        panel(
            paper.assign(at=paper["workers"].astype(float)), "workers: measured, and on paper", PAPER, [4, 3]
        )
        + panel(measured, "workers: measured, and on paper", INK, [])
    )
    drawn = [one.properties(width=250, height=150) for one in drawn]
    panels = alt.vconcat(alt.hconcat(*drawn[:2]), alt.hconcat(*drawn[2:]))
    charts.write(panels.configure(**config()), path)


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="the smallest of each")
    parser.add_argument("--json", type=Path, help="write the rows to this file")
    parser.add_argument("--picture", type=Path, help="draw them: .svg or .png")
    asked = parser.parse_args()
    rows = []
    for found in (*here(asked.quick), *on_workers(asked.quick)):
        rows.append(found)
        print(
            f"{found['varied']:>22} {found['value']!s:>8} {found['seconds']:8.2f} s"
            f" {found['wars_per_second']:10,.0f} wars a second",
            flush=True,
        )
    table = pd.DataFrame(rows)
    paper = on_paper(table)
    alone = table[(table["varied"] == "wars")].iloc[-1]
    two, one = (
        table[(table["varied"] == "workers") & (table["value"] == number)].iloc[0] for number in (2, 1)
    )
    print(f"two workers against one: {one['seconds'] / two['seconds']:.2f} times")
    print(
        f"two workers against this process alone: {two['seconds'] / alone['seconds'] - 1.0:+.0%} of the time"
    )
    for line in paper.itertuples():
        print(f"on paper, {line.workers:3d} workers: {line.wars_per_second:10,.0f} wars a second")
    if asked.json is not None:
        asked.json.write_text(
            json.dumps({"rows": rows, "on_paper": paper.to_dict("records")}, indent=1) + "\n"
        )
    if asked.picture is not None:
        picture(table, paper, asked.picture)


if __name__ == "__main__":
    main()
