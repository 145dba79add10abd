"""How fast the engine is: five-year daily wars of the whole model, on one machine.

    python benchmarks/engine.py [--quick] [--json FILE]

Prints a table and, where a file is named, writes a list of rows: `wars`, `shocks`, `seconds`,
`wars_per_second`, `steps_per_second`, `compile_seconds`, `peak_bytes`, `ratio_python_loop`. The Python loop
is the plain reference of one day in `tests/reference`, timed in the same run, so that the ratio holds when
the machine's speed does not.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import resource
import sys
import time
from pathlib import Path

from ceasefire.engine import use_all_cores

use_all_cores()

import numpy as np  # noqa: E402

from ceasefire.engine import draw_parameters, draw_structure  # noqa: E402
from ceasefire.engine.ensemble import run_blocks  # noqa: E402
from ceasefire.scenario import Plan, World, load_scenario  # noqa: E402
from ceasefire.war import LEVERS, REGISTRY, STRUCTURES  # noqa: E402
from ceasefire.war.levers import COLUMNS  # noqa: E402

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from tests.reference import day_reference  # noqa: E402

WEEKS = 261
SIZES = (1_000, 16_384, 131_072)
CHUNK = 2_048


def five_years(scenario: str = "ukraine-2022") -> tuple[World, Plan]:
    """Return a scenario's `truce` policy with its last day held until five years are full."""
    war = load_scenario(scenario)
    plan = war.plan("truce")
    days = WEEKS * 7
    held = np.minimum(np.arange(days), plan.levers.shape[0] - 1)
    return dataclasses.replace(war.world(), days=days), dataclasses.replace(
        plan, levers=plan.levers[held], observed_offensives=plan.observed_offensives[held]
    )


def seconds(world: World, plan: Plan, wars: int) -> float:
    """Return the time of a run; results of each chunk are dropped as they come."""
    numbers = np.arange(wars)
    parameters = draw_parameters(world, numbers, 1)
    structure = draw_structure(world, numbers, 1)
    started = time.perf_counter()
    for _ in run_blocks(world, plan, parameters, structure, numbers, 1, min(CHUNK, wars)):
        pass
    return time.perf_counter() - started


def python_loop_wars_per_second(world: World, plan: Plan, days: int = 200) -> float:
    """Return how many five-year wars a second the plain reference computes."""
    drawn = draw_parameters(world, np.arange(1), 1)[:, 0].astype(float).tolist()
    table = {
        name: drawn[rows] if REGISTRY[name].per_side else drawn[rows.start]
        for name, rows in REGISTRY.rows.items()
    }
    rivals = {one.name: one.choices[-1] for one in STRUCTURES}
    weight, ground, share = (np.asarray(part, dtype=float).tolist() for part in world.geography)
    war = day_reference.first_morning(table, rivals, weight, ground, share)
    row = plan.levers[0].astype(float)
    levers = {
        lever.name: row[COLUMNS[lever.name]].tolist() if lever.per_side else row[COLUMNS[lever.name]][0]
        for lever in LEVERS
    }
    still = [0.0] * len(weight)
    started = time.perf_counter()
    for number in range(days):
        war, _ = day_reference.day(
            war,
            table,
            rivals,
            levers,
            number == 1,
            number == 183,
            number % 7 == 0,
            still,
            [0.0, 0.0],
            [-1.0, -1.0],
        )
    return days / (WEEKS * 7) / (time.perf_counter() - started)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="only the smallest ensemble")
    parser.add_argument("--json", type=Path, help="write the rows to this file")
    options = parser.parse_args()
    world, plan = five_years()
    loop = python_loop_wars_per_second(world, plan)
    rows = []
    for wars in SIZES[:1] if options.quick else SIZES:
        first = seconds(world, plan, min(wars, CHUNK))
        best = min(seconds(world, plan, wars) for _ in range(1 if wars > 20_000 else 3))
        rate = wars / best
        rows.append(
            {
                "wars": wars,
                "shocks": "weekly",
                "seconds": best,
                "wars_per_second": rate,
                "steps_per_second": rate * WEEKS * 7,
                "compile_seconds": max(0.0, first - best * min(wars, CHUNK) / wars),
                "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
                "ratio_python_loop": rate / loop,
            }
        )
        row = rows[-1]
        print(
            f"{wars:>8,} wars  {best:8.2f} s  {rate:9,.0f} wars/s"
            f"  {row['ratio_python_loop']:7,.0f} x a Python loop  {row['peak_bytes'] / 1e9:5.2f} GB"
        )
    if options.json:
        options.json.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
