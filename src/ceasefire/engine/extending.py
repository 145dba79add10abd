"""Whether a mechanism of one's own can be compiled into the loop over wars; if not, where and why."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ceasefire.engine.fused import LANES, CannotFuseError
from ceasefire.engine.fused.program import DAILY, Program
from ceasefire.engine.fused.tracing import OPERATIONS, Ids, add, kind_of, short
from ceasefire.files import InputError
from ceasefire.war import REGISTRY, STRUCTURES, Geography, initial_state
from ceasefire.war.extension import Calendar, Extension, Factors, Rows, factors
from ceasefire.war.levers import WIDTH

TO_DO = (
    "use + - * /, comparisons, where, exp, log, expm1, log1p, sqrt, erf, sigmoid, minimum, maximum, and sums"
    " over sides or fronts of jax.numpy."
)


def check_fused(extension: Extension, fronts: int) -> None:
    """Refuse an extension that has no form for one war alone.

    Raises:
        InputError: with the file, the line and the operation.
    """
    shape: Any = jax.ShapeDtypeStruct
    parameters = shape((REGISTRY.size, LANES), jnp.float32)
    geography = Geography(*(shape(axes, jnp.float32) for axes in ((fronts,), *[(2, fronts)] * 3)))
    state = jax.eval_shape(initial_state, parameters, shape((len(STRUCTURES), LANES), jnp.int8), geography)
    scalar = shape((), jnp.float32)
    given = (
        state,
        parameters,
        Rows(shape((len(extension.labels()), LANES), jnp.float32), shape((1, LANES), jnp.int8)),
        shape((WIDTH,), jnp.float32),
        Calendar(scalar, scalar, scalar),
    )

    def alone(*arguments: Any) -> Factors:
        return factors((extension,), *arguments)

    traced = jax.make_jaxpr(alone)(*given)
    for written in traced.jaxpr.eqns:
        for name in _operations(written):
            if name not in OPERATIONS:
                raise _refused(extension, f"it uses the operation '{name}'", written)
    program = Program()
    nodes: list[Ids] = []
    for leaf in jax.tree.leaves(given):
        size = int(np.prod(short(leaf.shape)))
        ids = [program.input(f"leaf {len(nodes)}", row, kind_of(leaf.dtype), DAILY) for row in range(size)]
        nodes.append(np.array(ids, np.int64).reshape(short(leaf.shape)))
    try:
        add(program, traced, nodes)
    except CannotFuseError as error:
        raise _refused(extension, str(error), None) from error


def _operations(equation: Any) -> Iterator[str]:
    """Return the name of an operation, or of those within a function that is called."""
    name = equation.primitive.name
    within = [getattr(part, "jaxpr", part) for part in equation.params.values()]
    called = [part for part in within if hasattr(part, "eqns")]
    if name not in OPERATIONS or not called:
        yield name
        return
    for part in called:
        for inner in part.eqns:
            yield from _operations(inner)


def _refused(extension: Extension, why: str, equation: Any) -> InputError:
    line = _line(extension, equation)
    return InputError(
        f"the mechanism '{extension.name}' cannot be compiled into the loop over wars: {why}.",
        f"{extension.file or 'extension'}{f', line {line}' if line else ''}",
        TO_DO,
    )


def _line(extension: Extension, equation: Any) -> int | None:
    """Return the line of the extension's file on which an operation stands, where that is known."""
    traceback = getattr(getattr(equation, "source_info", None), "traceback", None)
    for frame in getattr(traceback, "frames", ()):
        if extension.file and Path(frame.file_name).resolve() == Path(extension.file).resolve():
            return int(frame.line_num)
    return None
