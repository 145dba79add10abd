"""How fast the engine is: five-year daily wars of the whole model, on one machine.

    python benchmarks/engine.py [--quick] [--core] [--json FILE]

The whole model has every optional mechanism in every war; half of the leaders decide by expected utility, and
half make up their losses. The core, with `--core`, has none of them.

Prints a table and, where a file is named, writes a list of rows: `model`, `wars`, `shocks`, `seconds`,
`wars_per_second`, `steps_per_second`, `compile_seconds`, `peak_bytes`, `ratio_python_loop`,
`ratio_numpy`. The Python loop is the plain reference of one day in `tests/reference`; the version in NumPy
takes the operations of the day one after the other, each over all wars, without those of mechanisms that no
war has. Both are timed in the same run, so that the ratios hold when the machine's speed does not.
"""

from __future__ import annotations

import argparse
import dataclasses
import functools
import itertools
import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend import core
from scipy import special

from ceasefire.engine import draw_parameters, draw_structure
from ceasefire.engine.ensemble import absent, run_blocks
from ceasefire.scenario import Plan, World, load_scenario
from ceasefire.war import (
    LEVERS,
    REGISTRY,
    STRUCTURES,
    Decisions,
    Drift,
    Events,
    Geography,
    Shocks,
    Today,
    day,
    initial_state,
)
from ceasefire.war.levers import COLUMNS
from ceasefire.war.structure import OPTIONAL, ROWS

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from tests.reference import day_reference

WEEKS = 261
SIZES = (1_000, 16_384, 131_072)
CHUNK = 2_048


def weights(core: bool) -> dict[str, tuple[float, ...]]:
    """Return the weights of optional mechanisms: none in the core; else all, and half of each rule."""
    return {
        one.name: (1.0, 0.0) if core else (0.0, 1.0) if one.is_switch else (0.5, 0.5)
        for one in OPTIONAL.values()
    }


def five_years(core: bool = False, scenario: str = "ukraine-2022") -> tuple[World, Plan]:
    """Return a scenario's `truce` policy with its last day held until five years are full."""
    war = load_scenario(scenario)
    world, plan = war.world(), war.plan("truce")
    days = WEEKS * 7
    held = np.minimum(np.arange(days), plan.levers.shape[0] - 1)
    return dataclasses.replace(
        world, days=days, structure_weights=world.structure_weights | weights(core)
    ), dataclasses.replace(plan, levers=plan.levers[held], observed_offensives=plan.observed_offensives[held])


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
    # The last choice that any war has: every mechanism where the world has them all.
    rivals = {
        one.name: [
            choice
            for choice, weight in zip(one.choices, world.structure_weights[one.name], strict=True)
            if weight > 0
        ][-1]
        for one in STRUCTURES
    }
    geography = [np.asarray(part, dtype=float).tolist() for part in world.geography]
    war = day_reference.first_morning(table, rivals, *geography)
    row = plan.levers[0].astype(float)
    levers = {
        lever.name: row[COLUMNS[lever.name]].tolist() if lever.per_side else row[COLUMNS[lever.name]][0]
        for lever in LEVERS
    }
    of_sides = (*Shocks._fields, *Drift._fields, *Events._fields)
    shocks: dict[str, Any] = {name: [0.0, 0.0] for name in of_sides}
    shocks |= {name: [0.0] * len(world.fronts) for name in ("tempo", "battle")}
    shocks |= dict.fromkeys(("intensity", "lethality", "volatility", "settlement"), 0.0)
    started = time.perf_counter()
    for number in range(days):
        calendar = day_reference.Calendar(number == 1, number == 183, number % 7 == 0)
        war, _ = day_reference.day(war, table, rivals, levers, calendar, shocks, [-1.0, -1.0])
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


class Operation(NamedTuple):
    """One operation of a traced function: its arguments are numbers of results, or values that are known."""

    compute: Callable[[list[Any]], Any]
    given: list[Any]
    result: int


def operations(
    jaxpr: core.Jaxpr, given: list[Any], numbers: Iterator[int], found: list[Operation]
) -> list[Any]:
    """Write down the operations of a traced function, without what follows from literals alone.

    `given` are the constants and arguments of the function. Returns what it results in.
    """
    values: dict[Any, Any] = dict(zip((*jaxpr.constvars, *jaxpr.invars), given, strict=True))

    def read(atom: Any) -> Any:
        return np.asarray(atom.val, atom.aval.dtype) if isinstance(atom, core.Literal) else values[atom]

    for equation in jaxpr.eqns:
        told, name = equation.params, equation.primitive.name
        args = [read(atom) for atom in equation.invars]
        known = [not isinstance(one, int) for one in args]
        if name in ("pjit", "jit", "custom_jvp_call"):
            inner = told["call_jaxpr"] if name == "custom_jvp_call" else told["jaxpr"]
            results = operations(inner.jaxpr, [*inner.consts, *args], numbers, found)
        elif name == "select_n" and known[0] and np.all(args[0] == np.ravel(args[0])[0]):
            results = [args[1 + int(np.ravel(args[0])[0])]]
        else:
            compute = functools.partial(_one, name, told, equation.outvars[0].aval)
            if all(known):
                results = [compute(args)]
            else:
                results = [next(numbers)]
                found.append(Operation(compute, args, results[0]))
        values.update(zip(equation.outvars, results, strict=True))
    return [read(atom) for atom in jaxpr.outvars]


def needed(found: list[Operation], results: list[Any]) -> list[Operation]:
    """Return the operations on which results depend, in order."""
    wanted = {one for one in results if isinstance(one, int)}
    kept = []
    for operation in reversed(found):
        if operation.result in wanted:
            kept.append(operation)
            wanted |= {one for one in operation.given if isinstance(one, int)}
    return kept[::-1]


class ByNumPy:
    """A traced function as operations of NumPy, each over all wars."""

    def __init__(self, traced: core.ClosedJaxpr) -> None:
        """Write down the operations."""
        numbers = itertools.count()
        self.constants = [np.asarray(part) for part in traced.consts]
        # Parameters among them are of each war: what is computed from these is computed every day.
        places = [next(numbers) for _ in (*traced.consts, *traced.jaxpr.invars)]
        found: list[Operation] = []
        self.results = operations(traced.jaxpr, places, numbers, found)
        self.operations = needed(found, self.results)

    def __call__(self, *given: Any) -> list[Any]:
        """Take the operations one after the other."""
        values = dict(enumerate((*self.constants, *given)))

        def read(one: Any) -> Any:
            return values[one] if isinstance(one, int) else one

        for operation in self.operations:
            values[operation.result] = operation.compute([read(one) for one in operation.given])
        return [read(one) for one in self.results]


def _one(name: str, told: dict[str, Any], out: Any, args: list[Any]) -> Any:
    return NUMPY[name](*args) if name in NUMPY else SHAPED[name](told, args, out)


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
    "reduce_min": lambda told, args, out: np.min(args[0], axis=told["axes"]),
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

    off = {ROWS[OPTIONAL[mechanism].name] for mechanism in absent(structure)}

    def one(state: Any, new_week: Any, shocks: Any) -> Any:
        today = Today(jnp.asarray(plan.levers[0]), jnp.float32(0.0), jnp.float32(0.0), new_week)
        decisions = Decisions(jnp.full((2, 1), -1.0))
        # Row by row, so that it is seen which of them are known to be 0.
        chosen: Any = [
            jnp.zeros(wars, jnp.int8) if row in off else jnp.asarray(codes)
            for row, codes in enumerate(structure)
        ]
        return day(state, jnp.asarray(parameters), chosen, today, shocks, decisions)[0]

    def week() -> Any:
        drift = Drift(normal(), normal(2), normal(), normal())
        of_fronts = {"battle": normal(fronts), "settlement": normal()}
        events = Events(**{name: normal(2) for name in Events._fields} | of_fronts)
        return Shocks(normal(fronts), normal(2), normal(2), drift, normal(2), events)

    by_numpy = ByNumPy(jax.make_jaxpr(one)(state, np.float32(1.0), week()))
    leaves = jax.tree.leaves(state)
    started = time.perf_counter()
    for number in range(days):
        if number % 7 == 0:
            shocks = jax.tree.leaves(week())
        leaves = by_numpy(*leaves, np.float32(number % 7 == 0), *shocks)
    return wars * days / (WEEKS * 7) / (time.perf_counter() - started)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="only the smallest ensemble")
    parser.add_argument("--core", action="store_true", help="the core, without optional mechanisms")
    parser.add_argument("--json", type=Path, help="write the rows to this file")
    options = parser.parse_args()
    world, plan = five_years(options.core)
    model = "core" if options.core else "whole"
    loop = python_loop_wars_per_second(world, plan)
    by_array = numpy_wars_per_second(world, plan)
    rows = []
    for wars in SIZES[:1] if options.quick else SIZES:
        first = seconds(world, plan, min(wars, CHUNK))
        best = min(seconds(world, plan, wars) for _ in range(1 if wars > 20_000 else 3))
        rate = wars / best
        rows.append(
            {
                "model": model,
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
            f"{model}  {wars:>8,} wars  {best:8.2f} s  {rate:9,.0f} wars/s"
            f"  {row['ratio_python_loop']:7,.0f} x a Python loop  {row['ratio_numpy']:5.1f} x NumPy"
            f"  {row['peak_bytes'] / 1e9:5.2f} GB"
        )
    if options.json:
        options.json.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
