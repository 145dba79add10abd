"""How fast the engine is: five-year daily wars of the whole model, on one machine.

    python benchmarks/engine.py [--quick] [--json FILE]

Prints a table and, where a file is named, writes a list of rows: `wars`, `shocks`, `seconds`,
`wars_per_second`, `steps_per_second`, `compile_seconds`, `peak_bytes`, `ratio_python_loop`,
`ratio_numpy`. The Python loop is the plain reference of one day in `tests/reference`; the version in NumPy
takes the operations of the day one after the other, each over all wars. Both are timed in the same run, so
that the ratios hold when the machine's speed does not.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend import core
from scipy import special

from ceasefire.engine import draw_parameters, draw_structure
from ceasefire.engine.ensemble import run_blocks
from ceasefire.scenario import Plan, World, load_scenario
from ceasefire.war import (
    LEVERS,
    REGISTRY,
    STRUCTURES,
    Decisions,
    Drift,
    Geography,
    Shocks,
    Today,
    day,
    initial_state,
)
from ceasefire.war.levers import COLUMNS

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from tests.reference import day_reference

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
    still, nothing = [0.0] * len(weight), [0.0, 0.0]
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
            nothing,
            nothing,
            {"intensity": 0.0, "advantage": nothing, "lethality": 0.0, "volatility": 0.0},
            nothing,
            [-1.0, -1.0],
        )
    return days / (WEEKS * 7) / (time.perf_counter() - started)


NUMPY = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "div": np.divide,
    "max": np.maximum,
    "min": np.minimum,
    "neg": np.negative,
    "abs": np.abs,
    "exp": np.exp,
    "log": np.log,
    "expm1": np.expm1,
    "log1p": np.log1p,
    "sqrt": np.sqrt,
    "logistic": special.expit,
    "erf": special.erf,
    "erfc": special.erfc,
    "square": np.square,
    "eq": np.equal,
    "ne": np.not_equal,
    "lt": np.less,
    "le": np.less_equal,
    "gt": np.greater,
    "ge": np.greater_equal,
    "and": np.logical_and,
    "or": np.logical_or,
    "not": np.logical_not,
    "stop_gradient": lambda value: value,
    "copy": lambda value: value,
}


def by_numpy(jaxpr: core.Jaxpr, constants: list[Any], given: list[Any]) -> list[Any]:
    """Take the operations of a traced function one after the other, by NumPy."""
    values: dict[Any, Any] = {}
    values.update(zip((*jaxpr.constvars, *jaxpr.invars), (*constants, *given), strict=True))

    def read(atom: Any) -> Any:
        return np.asarray(atom.val, atom.aval.dtype) if isinstance(atom, core.Literal) else values[atom]

    for equation in jaxpr.eqns:
        told, name = equation.params, equation.primitive.name
        args = [read(atom) for atom in equation.invars]
        if name in ("pjit", "jit", "custom_jvp_call"):
            inner = told["call_jaxpr"] if name == "custom_jvp_call" else told["jaxpr"]
            found = by_numpy(inner.jaxpr, inner.consts, args)
        elif name in NUMPY:
            found = [NUMPY[name](*args)]
        else:
            found = [SHAPED[name](told, args, equation.outvars[0].aval)]
        values.update(zip(equation.outvars, found, strict=True))
    return [read(atom) for atom in jaxpr.outvars]


def _broadcast(told: dict[str, Any], args: list[Any], out: Any) -> Any:
    shape = [1] * len(out.shape)
    for axis, size in zip(told["broadcast_dimensions"], np.shape(args[0]), strict=True):
        shape[axis] = size
    return np.broadcast_to(np.reshape(args[0], shape), out.shape)


def _slice(told: dict[str, Any], args: list[Any], out: Any) -> Any:
    strides = told["strides"] or (1,) * np.ndim(args[0])
    ends = zip(told["start_indices"], told["limit_indices"], strides, strict=True)
    return args[0][tuple(slice(*one) for one in ends)]


SHAPED: dict[str, Callable[[dict[str, Any], list[Any], Any], Any]] = {
    "select_n": lambda told, args, out: np.where(args[0], args[2], args[1]),
    "clamp": lambda told, args, out: np.clip(args[1], args[0], args[2]),
    "integer_pow": lambda told, args, out: args[0] ** told["y"],
    "convert_element_type": lambda told, args, out: np.asarray(args[0]).astype(out.dtype),
    "broadcast_in_dim": _broadcast,
    "reshape": lambda told, args, out: np.reshape(args[0], out.shape),
    "squeeze": lambda told, args, out: np.reshape(args[0], out.shape),
    "slice": _slice,
    "rev": lambda told, args, out: np.flip(args[0], told["dimensions"]),
    "concatenate": lambda told, args, out: np.concatenate(args, axis=told["dimension"]),
    "stack": lambda told, args, out: np.stack(args, axis=told["axis"]),
    "reduce_sum": lambda told, args, out: np.sum(args[0], axis=told["axes"]),
    "reduce_max": lambda told, args, out: np.max(args[0], axis=told["axes"]),
}


def numpy_wars_per_second(world: World, plan: Plan, wars: int = 2_048, days: int = 21) -> float:
    """Return how many five-year wars a second the day in NumPy computes, each operation over all wars."""
    numbers = np.arange(wars)
    parameters, structure = draw_parameters(world, numbers, 1), draw_structure(world, numbers, 1)
    geography = Geography(*(jnp.asarray(part) for part in world.geography))
    state = jax.tree.map(np.asarray, jax.jit(initial_state)(parameters, structure, geography))
    rng = np.random.default_rng(1)
    fronts = len(world.fronts)

    def normal(*axes: int) -> Any:
        return rng.standard_normal((*axes, wars)).astype(np.float32)

    def one(state: Any, new_week: Any, shocks: Any) -> Any:
        today = Today(jnp.asarray(plan.levers[0]), jnp.float32(0.0), jnp.float32(0.0), new_week)
        decisions = Decisions(jnp.full((2, 1), -1.0))
        return day(state, jnp.asarray(parameters), jnp.asarray(structure), today, shocks, decisions)[0]

    def week() -> Any:
        drift = Drift(normal(), normal(2), normal(), normal())
        return Shocks(normal(fronts), normal(2), normal(2), drift, normal(2))

    closed = jax.make_jaxpr(one)(state, np.float32(1.0), week())
    constants = [np.asarray(part) for part in closed.consts]
    leaves = jax.tree.leaves(state)
    started = time.perf_counter()
    for number in range(days):
        if number % 7 == 0:
            shocks = jax.tree.leaves(week())
        first = np.float32(number % 7 == 0)
        leaves = by_numpy(closed.jaxpr, constants, [*leaves, first, *shocks])
    return wars * days / (WEEKS * 7) / (time.perf_counter() - started)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="only the smallest ensemble")
    parser.add_argument("--json", type=Path, help="write the rows to this file")
    options = parser.parse_args()
    world, plan = five_years()
    loop = python_loop_wars_per_second(world, plan)
    by_array = numpy_wars_per_second(world, plan)
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
                "ratio_numpy": rate / by_array,
            }
        )
        row = rows[-1]
        print(
            f"{wars:>8,} wars  {best:8.2f} s  {rate:9,.0f} wars/s"
            f"  {row['ratio_python_loop']:7,.0f} x a Python loop  {row['ratio_numpy']:5.1f} x NumPy"
            f"  {row['peak_bytes'] / 1e9:5.2f} GB"
        )
    if options.json:
        options.json.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
