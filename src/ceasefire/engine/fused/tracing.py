"""From a function of arrays to a program of scalars: the jaxpr of the function, axis by axis.

Arrays have the ensemble on one axis of `LANES` wars, a number that no other axis has. That axis becomes one
element: every operation on it is the same for each war and never mixes two. All other axes are written out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from jax.extend import core

from ceasefire.engine.fused.program import Kind, Program

LANES = 8191
"""Width of the ensemble in shapes that are traced: a prime that no other axis has."""

Ids = npt.NDArray[np.int64]


class CannotFuseError(ValueError):
    """An operation that has no form for one war alone."""


def kind_of(dtype: npt.DTypeLike) -> Kind:
    """Return the kind of a node for a dtype."""
    told = np.dtype(dtype)
    if told == np.float32:
        return "f"
    if told == np.bool_:
        return "b"
    if told == np.uint32:
        return "u"
    if told in (np.int8, np.int16, np.int32):
        return "i"
    raise CannotFuseError(f"a number of type {told} has no place in a fused program")


def short(shape: Sequence[int]) -> tuple[int, ...]:
    """Return a shape with the axis of the ensemble as one element."""
    return tuple(1 if size == LANES else size for size in shape)


def add(program: Program, traced: core.ClosedJaxpr, nodes: Sequence[Ids]) -> list[Ids]:
    """Add a function to a program; return the nodes of its results, flat, in shapes without the ensemble.

    Args:
        program: what is added to.
        traced: a pure function of arrays, traced with the ensemble `LANES` wide.
        nodes: nodes of the flat arguments, in shapes without the ensemble.
    """
    return _run(program, traced.jaxpr, traced.consts, list(nodes))


def _run(program: Program, jaxpr: Any, constants: Sequence[Any], given: list[Ids]) -> list[Ids]:
    values: dict[Any, Ids] = {
        variable: _constant(program, constant)
        for variable, constant in zip(jaxpr.constvars, constants, strict=True)
    }
    for variable, ids in zip(jaxpr.invars, given, strict=True):
        if short(variable.aval.shape) != ids.shape:
            raise CannotFuseError(f"nodes of the shape {ids.shape} stand for {variable.aval.shape}")
        values[variable] = ids

    def read(atom: Any) -> Ids:
        if isinstance(atom, core.Literal):
            aval: Any = atom.aval
            return _constant(program, np.asarray(atom.val, aval.dtype))
        return values[atom]

    for equation in jaxpr.eqns:
        found = _equation(program, equation, [read(atom) for atom in equation.invars])
        values.update(zip(equation.outvars, found, strict=True))
    return [read(atom) for atom in jaxpr.outvars]


def _constant(program: Program, values: npt.ArrayLike) -> Ids:
    array = np.asarray(values)
    if LANES in array.shape:
        axis = array.shape.index(LANES)
        first = np.take(array, [0], axis=axis)
        if not np.array_equal(np.broadcast_to(first, array.shape), array):
            raise CannotFuseError("a constant differs from war to war")
        array = first
    kind = kind_of(array.dtype)
    flat = [program.constant(value, kind) for value in array.ravel()]
    return np.array(flat, np.int64).reshape(array.shape)


# Operations that keep their names, and those that have others here.
_KEPT = (
    "add sub mul div max min neg abs exp log expm1 log1p sqrt erf erfc erf_inv logistic is_finite"
    " and or xor not eq ne lt le gt ge shift_left"
)
_SAME = {name: name for name in _KEPT.split()} | {"add_any": "add", "shift_right_logical": "shift_right"}
_REDUCED = {
    "reduce_sum": "add",
    "reduce_max": "max",
    "reduce_min": "min",
    "reduce_and": "and",
    "reduce_or": "or",
    "reduce_prod": "mul",
}
_CALLS = {"pjit": "jaxpr", "jit": "jaxpr", "closed_call": "call_jaxpr", "core_call": "call_jaxpr"}
_CALLS |= {"custom_jvp_call": "call_jaxpr", "custom_vjp_call": "call_jaxpr", "remat": "jaxpr"}
_UNCHANGED = ("stop_gradient", "copy", "copy_p", "optimization_barrier")


def _each(program: Program, operation: str, kind: Kind, *given: Ids) -> Ids:
    together = np.broadcast_arrays(*given)
    flat = [
        program.apply(operation, (int(one) for one in row), kind)
        for row in zip(*(part.ravel() for part in together), strict=True)
    ]
    return np.array(flat, np.int64).reshape(together[0].shape)


def _equation(program: Program, equation: Any, given: list[Ids]) -> list[Ids]:
    name = equation.primitive.name
    rule = _RULES.get(name)
    if rule is None:
        raise CannotFuseError(f"the operation '{name}' has no form for one war")
    if any(variable.aval.shape.count(LANES) > 1 for variable in equation.outvars):
        raise CannotFuseError("every war beside every other")
    return rule(program, equation, given)


def _shapes(equation: Any) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the shapes of the first argument and of the first result, with the ensemble."""
    return equation.invars[0].aval.shape, equation.outvars[0].aval.shape


def _kind(equation: Any) -> Kind:
    """Return the kind of the first result."""
    return kind_of(equation.outvars[0].aval.dtype)


# Rules: from an equation and the nodes of its arguments to those of its results.


def _called(program: Program, equation: Any, given: list[Ids]) -> list[Ids]:
    inner = equation.params[_CALLS[equation.primitive.name]]
    jaxpr, constants = (inner.jaxpr, inner.consts) if hasattr(inner, "consts") else (inner, ())
    return _run(program, jaxpr, constants, given)


def _unchanged(program: Program, equation: Any, given: list[Ids]) -> list[Ids]:
    return given


def _same(program: Program, equation: Any, given: list[Ids]) -> list[Ids]:
    return [_each(program, _SAME[equation.primitive.name], _kind(equation), *given)]


def _reduced(program: Program, equation: Any, given: list[Ids]) -> list[Ids]:
    ids, axes = given[0], equation.params["axes"]
    shape, _ = _shapes(equation)
    if any(shape[axis] == LANES for axis in axes):
        raise CannotFuseError("a sum over the ensemble")
    kept = [axis for axis in range(ids.ndim) if axis not in axes]
    rows = np.transpose(ids, (*axes, *kept)).reshape(-1, *(ids.shape[axis] for axis in kept))
    total: Ids = rows[0]
    for row in rows[1:]:
        total = _each(program, _REDUCED[equation.primitive.name], _kind(equation), total, row)
    return [total]


def _threefry(program: Program, equation: Any, given: list[Ids]) -> list[Ids]:
    return [_each(program, f"threefry_{place}", _kind(equation), *given) for place in range(2)]


def _selected(program: Program, equation: Any, given: list[Ids]) -> list[Ids]:
    if len(given) != 3:
        raise CannotFuseError("a choice among more than two")
    condition, no, yes = given
    return [_each(program, "select", _kind(equation), condition, yes, no)]


def _clamped(program: Program, equation: Any, given: list[Ids]) -> list[Ids]:
    low, value, high = given
    kind = _kind(equation)
    return [_each(program, "min", kind, _each(program, "max", kind, value, low), high)]


def _power(program: Program, equation: Any, given: list[Ids]) -> list[Ids]:
    kind, exponent = _kind(equation), equation.params.get("y", 2)
    if not 1 <= abs(exponent) <= 8:
        raise CannotFuseError(f"a power of {exponent}")
    total = given[0]
    for _ in range(abs(exponent) - 1):
        total = _each(program, "mul", kind, total, given[0])
    if exponent < 0:
        total = _each(program, "div", kind, _constant(program, np.float32(1.0)), total)
    return [total]


def _one_by_root(program: Program, equation: Any, given: list[Ids]) -> list[Ids]:
    kind = _kind(equation)
    one = _constant(program, np.float32(1.0))
    return [_each(program, "div", kind, one, _each(program, "sqrt", kind, given[0]))]


def _converted(program: Program, equation: Any, given: list[Ids]) -> list[Ids]:
    was, kind = kind_of(equation.invars[0].aval.dtype), _kind(equation)
    return [given[0] if was == kind else _each(program, "convert", kind, given[0])]


def _counted(program: Program, equation: Any, given: list[Ids]) -> list[Ids]:
    axis, out = equation.params["dimension"], equation.outvars[0].aval
    if out.shape[axis] == LANES:
        raise CannotFuseError("wars counted by their place")
    shape = short(out.shape)
    numbers = np.arange(shape[axis]).reshape([-1 if one == axis else 1 for one in range(len(shape))])
    return [_constant(program, np.broadcast_to(numbers, shape).astype(out.dtype))]


# Rules of what only moves values about.


def _broadcast(program: Program, equation: Any, given: list[Ids]) -> list[Ids]:
    shape = short(_shapes(equation)[1])
    places = [1] * len(shape)
    for axis, size in zip(equation.params["broadcast_dimensions"], given[0].shape, strict=True):
        places[axis] = size
    return [np.broadcast_to(given[0].reshape(places), shape)]


def _reshaped(program: Program, equation: Any, given: list[Ids]) -> list[Ids]:
    before, after = _shapes(equation)
    if _before_wars(before) != _before_wars(after):
        raise CannotFuseError(f"{equation.primitive.name} from {before} to {after} mixes wars")
    return [given[0].reshape(short(after))]


def _before_wars(shape: tuple[int, ...]) -> int:
    """Return how many elements come before the axis of the ensemble; -1 where there is none."""
    return math.prod(shape[: shape.index(LANES)]) if LANES in shape else -1


def _sliced(program: Program, equation: Any, given: list[Ids]) -> list[Ids]:
    told = equation.params
    before, _ = _shapes(equation)
    strides = told["strides"] or (1,) * len(before)
    index = []
    for size, *part in zip(before, told["start_indices"], told["limit_indices"], strides, strict=True):
        if size == LANES and part != [0, LANES, 1]:
            raise CannotFuseError("a part of the ensemble")
        index.append(slice(0, 1) if size == LANES else slice(*part))
    return [given[0][tuple(index)]]


def _reversed(program: Program, equation: Any, given: list[Ids]) -> list[Ids]:
    axes = equation.params["dimensions"]
    if any(_shapes(equation)[0][axis] == LANES for axis in axes):
        raise CannotFuseError("the ensemble turned round")
    return [np.flip(given[0], axes)]


def _transposed(program: Program, equation: Any, given: list[Ids]) -> list[Ids]:
    return [np.transpose(given[0], equation.params["permutation"])]


def _joined(program: Program, equation: Any, given: list[Ids]) -> list[Ids]:
    axis = equation.params["dimension"]
    if _shapes(equation)[1][axis] >= LANES:
        raise CannotFuseError("ensembles put side by side")
    return [np.concatenate(given, axis=axis)]


def _stacked(program: Program, equation: Any, given: list[Ids]) -> list[Ids]:
    told = equation.params
    return [np.stack(given, axis=told.get("axis", told.get("dimension", 0)))]


def _unstacked(program: Program, equation: Any, given: list[Ids]) -> list[Ids]:
    axis = equation.params["axis"]
    if _shapes(equation)[0][axis] == LANES:
        raise CannotFuseError("a part of the ensemble")
    return [np.take(given[0], place, axis=axis) for place in range(given[0].shape[axis])]


def _padded(program: Program, equation: Any, given: list[Ids]) -> list[Ids]:
    ids, filling = given
    before, after = _shapes(equation)
    told = equation.params["padding_config"]
    if any(size == LANES and tuple(part) != (0, 0, 0) for size, part in zip(before, told, strict=True)):
        raise CannotFuseError("wars added to the ensemble")
    found = np.full(short(after), filling.ravel()[0], np.int64)
    into, taken = [], []
    for size, total, (low, _, between) in zip(ids.shape, found.shape, told, strict=True):
        place = low + np.arange(size) * (between + 1)
        inside = (place >= 0) & (place < total)
        into.append(place[inside])
        taken.append(np.flatnonzero(inside))
    found[np.ix_(*into)] = ids[np.ix_(*taken)]
    return [found]


def _split(program: Program, equation: Any, given: list[Ids]) -> list[Ids]:
    told = equation.params
    if _shapes(equation)[0][told["axis"]] == LANES:
        raise CannotFuseError("a part of the ensemble")
    return list(np.split(given[0], np.cumsum(told["sizes"])[:-1], axis=told["axis"]))


_RULES: dict[str, Callable[[Program, Any, list[Ids]], list[Ids]]] = {
    **dict.fromkeys(_CALLS, _called),
    **dict.fromkeys(_UNCHANGED, _unchanged),
    **dict.fromkeys(_SAME, _same),
    **dict.fromkeys(_REDUCED, _reduced),
    **dict.fromkeys(("reshape", "squeeze", "expand_dims"), _reshaped),
    **dict.fromkeys(("square", "integer_pow"), _power),
    "threefry2x32": _threefry,
    "select_n": _selected,
    "clamp": _clamped,
    "rsqrt": _one_by_root,
    "convert_element_type": _converted,
    "iota": _counted,
    "broadcast_in_dim": _broadcast,
    "slice": _sliced,
    "rev": _reversed,
    "transpose": _transposed,
    "concatenate": _joined,
    "stack": _stacked,
    "split": _split,
    "unstack": _unstacked,
    "pad": _padded,
}

OPERATIONS = frozenset(_RULES)
"""Names of the operations that have a form for one war."""
