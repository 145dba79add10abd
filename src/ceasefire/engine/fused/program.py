"""A program of scalar operations: what one war needs, written once and later laid out over many wars.

Nodes are numbered in the order in which they are made; each has an operation, arguments that come before it,
a kind (float, boolean, signed or unsigned integer of 32 bits) and a level: how often it has to be computed,
once a war, once a week or once a day. A node that exists already is not made again, and what follows from
constants alone is computed at once.
"""

from __future__ import annotations

import dataclasses
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal, cast

import numpy as np

Kind = Literal["f", "b", "i", "u"]
Number = float | int | bool

ONCE, WEEKLY, DAILY = 0, 1, 2

TYPES: dict[Kind, type[np.generic]] = {"f": np.float32, "b": np.bool_, "i": np.int32, "u": np.uint32}


@dataclasses.dataclass(frozen=True)
class Node:
    """One scalar operation."""

    operation: str
    arguments: tuple[int, ...]
    kind: Kind
    level: int
    value: Number | None = None
    """Of a constant."""
    source: tuple[str, int] | None = None
    """Group and row of an input."""


_COMMUTE = {"add", "mul", "and", "or", "xor", "eq", "ne"}
# What changes nothing as the second argument, and as the first where both may change places.
_IDLE = {"add": 0.0, "sub": 0.0, "mul": 1.0, "div": 1.0}

_FOLDED: dict[str, Callable[..., object]] = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "div": np.divide,
    "neg": np.negative,
    "abs": np.abs,
    "max": np.maximum,
    "min": np.minimum,
    "sqrt": np.sqrt,
    "exp": np.exp,
    "log": np.log,
    "expm1": np.expm1,
    "log1p": np.log1p,
    "eq": np.equal,
    "ne": np.not_equal,
    "lt": np.less,
    "le": np.less_equal,
    "gt": np.greater,
    "ge": np.greater_equal,
    "and": np.bitwise_and,
    "or": np.bitwise_or,
    "xor": np.bitwise_xor,
    "not": np.invert,
    "shift_right": np.right_shift,
    "shift_left": np.left_shift,
}


class Program:
    """Nodes in the order of their making."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.nodes: list[Node] = []
        self._known: dict[tuple[object, ...], int] = {}
        self._known_bounds: dict[int, tuple[float, float]] = {}

    def constant(self, value: object, kind: Kind) -> int:
        """Return the node of a constant."""
        told = TYPES[kind](value)
        # NaN is not equal to itself, and -0 is equal to 0: their bits tell them apart.
        return self._add(("constant", kind, told.tobytes()), Node("constant", (), kind, ONCE, told.item()))

    def input(self, group: str, row: int, kind: Kind, level: int) -> int:
        """Return the node of a row of a group of inputs."""
        return self._add(("input", group, row), Node("input", (), kind, level, source=(group, row)))

    def apply(self, operation: str, arguments: Iterable[int], kind: Kind) -> int:
        """Return the node of an operation on nodes."""
        given = tuple(arguments)
        simpler = self._simpler(operation, given, kind)
        if simpler is not None:
            return simpler
        if operation in _COMMUTE:
            given = tuple(sorted(given))
        level = max((self.nodes[one].level for one in given), default=ONCE)
        return self._add((operation, kind, given), Node(operation, given, kind, level))

    def _add(self, key: tuple[object, ...], node: Node) -> int:
        if key not in self._known:
            self._known[key] = len(self.nodes)
            self.nodes.append(node)
        return self._known[key]

    def _simpler(self, operation: str, given: tuple[int, ...], kind: Kind) -> int | None:
        """Return the node that an operation comes to without being computed, if there is one."""
        values = [self.nodes[one].value for one in given]
        if operation == "select":
            return _chosen(values[0], *given[1:])
        if operation == "convert":
            return self._converted(given[0], kind)
        if operation in _FOLDED and None not in values:
            return self._folded(operation, given, kind)
        if kind == "f":
            unchanged = _unchanged if operation in _IDLE else self._within
            return unchanged(operation, given, values)
        if kind == "b" and operation in ("and", "or"):
            return self._decided(operation, given, values)
        return None

    def _converted(self, one: int, kind: Kind) -> int | None:
        value = self._scalar(one)
        if value is None:
            return None
        with np.errstate(all="ignore"):
            return self.constant(np.asarray(value).astype(TYPES[kind])[()], kind)

    def _folded(self, operation: str, given: tuple[int, ...], kind: Kind) -> int:
        with np.errstate(all="ignore"):
            return self.constant(_FOLDED[operation](*map(self._scalar, given)), kind)

    def _decided(self, operation: str, given: tuple[int, ...], values: Sequence[Number | None]) -> int | None:
        decides = operation == "or"
        for value, other in zip(values, given[::-1], strict=True):
            if value is not None:
                return self.constant(decides, "b") if bool(value) == decides else other
        return None

    def _within(self, operation: str, given: tuple[int, ...], values: Sequence[Number | None]) -> int | None:
        """Return the number that a bound leaves as it is, since it is within it or no number at all."""
        if operation not in ("max", "min"):
            return None
        for value, other in zip(values, given[::-1], strict=True):
            if value is None:
                continue
            least, most = self._bounds(other)
            if least >= value if operation == "max" else most <= value:
                return other
        return None

    def _bounds(self, one: int) -> tuple[float, float]:
        """Return the least and the most that a float can be, as far as its clamps tell."""
        if one in self._known_bounds:
            return self._known_bounds[one]
        node = self.nodes[one]
        least, most = -math.inf, math.inf
        if node.value is not None and not math.isnan(node.value):
            least = most = float(node.value)
        elif node.operation in ("max", "min") and node.kind == "f":
            choose = max if node.operation == "max" else min
            lows, highs = zip(*map(self._bounds, node.arguments), strict=True)
            least, most = choose(lows), choose(highs)
        self._known_bounds[one] = least, most
        return least, most

    def _scalar(self, one: int) -> np.generic | None:
        """Return the value of a constant in its own type."""
        node = self.nodes[one]
        told: Any = TYPES[node.kind]
        return None if node.value is None else cast(np.generic, told(node.value))

    def needed(self, outputs: Iterable[int], given: Iterable[int] = ()) -> list[int]:
        """Return the nodes that outputs depend on, in order; those given are listed and not looked behind."""
        known = set(given)
        found: set[int] = set()
        stack = list(outputs)
        while stack:
            one = stack.pop()
            if one in found:
                continue
            found.add(one)
            if one not in known:
                stack += self.nodes[one].arguments
        return sorted(found)

    def operations(self, outputs: Iterable[int], given: Iterable[int] = ()) -> dict[int, Node]:
        """Return what is to be computed for outputs, in order; what is given, constants and inputs are there.

        A product that is only added to something, or taken from it, is one operation with the sum and rounded
        once. Which, is told by nothing but the program: of two products neither is, since the first of them
        is another where the sides are listed the other way round.
        """
        asked, known = list(outputs), set(given)
        nodes = {
            one: self.nodes[one]
            for one in self.needed(asked, known)
            if one not in known and self.nodes[one].operation not in ("constant", "input")
        }
        uses = Counter(asked)
        for node in nodes.values():
            uses.update(node.arguments)
        products = {
            one: node
            for one, node in nodes.items()
            if node.operation == "mul" and node.kind == "f" and uses[one] == 1 and one not in asked
        }
        for one, node in list(nodes.items()):
            if node.kind != "f" or node.operation not in ("add", "sub"):
                continue
            joined = _one_rounding(node, products)
            if joined is not None:
                nodes[one] = joined
                del nodes[next(other for other in node.arguments if other in products)]
        return nodes


def _one_rounding(node: Node, products: Mapping[int, Node]) -> Node | None:
    """Return a sum or difference of a product and something else as one operation, if it is one."""
    first, second = node.arguments
    if (first in products) == (second in products):
        return None
    product = first if first in products else second
    name = "product_plus"
    if node.operation == "sub":
        name = "product_minus" if product == first else "minus_product"
    other = second if product == first else first
    return dataclasses.replace(node, operation=name, arguments=(*products[product].arguments, other))


def _chosen(condition: Number | None, yes: int, no: int) -> int | None:
    if condition is None:
        return yes if yes == no else None
    return yes if condition else no


def _unchanged(operation: str, given: tuple[int, ...], values: Sequence[Number | None]) -> int | None:
    idle = _IDLE[operation]
    if values[1] == idle:
        return given[0]
    if operation in _COMMUTE and values[0] == idle:
        return given[1]
    return None
