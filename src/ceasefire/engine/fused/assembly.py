"""A program as text in LLVM's language: each function straight on, W wars at a time.

Functions share a small memory of slots, each W numbers wide, which stays in the nearest cache: what is
computed once a war or once a week is kept there, and so is the state of the war from one day to the next.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence

from ceasefire.engine.fused.elementary import Lines, avx512_declared, number
from ceasefire.engine.fused.ordering import order
from ceasefire.engine.fused.program import Kind, Node, Program

_COMPARED = {"eq": "oeq", "ne": "une", "lt": "olt", "le": "ole", "gt": "ogt", "ge": "oge"}
_COMPARED_SIGNED = {"eq": "eq", "ne": "ne", "lt": "slt", "le": "sle", "gt": "sgt", "ge": "sge"}
_COMPARED_UNSIGNED = {"eq": "eq", "ne": "ne", "lt": "ult", "le": "ule", "gt": "ugt", "ge": "uge"}
_CONVERTED: dict[tuple[Kind, Kind], str] = {
    ("i", "f"): "sitofp",
    ("u", "f"): "uitofp",
    ("b", "i"): "zext",
    ("b", "u"): "zext",
}
_INTEGER = {"add": "add", "sub": "sub", "mul": "mul", "and": "and", "or": "or", "xor": "xor"}
_INTEGER |= {"shift_right": "lshr", "shift_left": "shl"}
# Methods of `Lines`.
_FLOAT = {"add": "add", "sub": "sub", "mul": "mul", "div": "div"}
_FLOAT |= {"neg": "negative", "abs": "absolute", "sqrt": "root"}
_FLOAT |= {"product_plus": "fma", "product_minus": "fms", "minus_product": "fnma"}
_ELEMENTARY = {"exp", "expm1", "log", "log1p", "logistic", "erf", "erfc", "erf_inv"}


@dataclasses.dataclass(frozen=True)
class Section:
    """One function: which nodes it takes from slots, and which it puts into them."""

    name: str
    kept: Mapping[int, int]
    """Slot of each node that is already there."""
    stored: Sequence[tuple[int, int]]
    """Slots, and the nodes that are put into them at the end."""
    written: Sequence[tuple[int, int]] = ()
    """Rows of the results, and the nodes that are written to them."""
    streamed: bool = False
    """Whether results go to memory past the caches, which are too small for them."""


_Due = dict[int, list[tuple[int, int]]]
"""Slots or rows, and the nodes that are put there, by the place of the operation after which it is done."""


def _whole_of(width: int, kind: Kind) -> str:
    """Return the name of LLVM's conversion of floats to integers."""
    return f"llvm.fpto{'ui' if kind == 'u' else 'si'}.sat.v{width}i32.v{width}f32"


def header(width: int, avx512: bool) -> list[str]:
    """Return declarations, and one function for each elementary function."""
    floats, integers = f"<{width} x float>", f"<{width} x i32>"
    lines = [
        f"declare {floats} @llvm.fma.v{width}f32({floats}, {floats}, {floats})",
        f"declare {floats} @llvm.sqrt.v{width}f32({floats})",
        f"declare {integers} @llvm.fshl.v{width}i32({integers}, {integers}, {integers})",
        *(f"declare {integers} @{_whole_of(width, kind)}({floats})" for kind in ("i", "u")),
        f"declare {floats} @llvm.masked.gather.v{width}f32.v{width}p0"
        f"(<{width} x ptr>, i32, <{width} x i1>, {floats})",
        f"declare {integers} @llvm.masked.gather.v{width}i32.v{width}p0"
        f"(<{width} x ptr>, i32, <{width} x i1>, {integers})",
        *(avx512_declared(width) if avx512 else ()),
    ]
    for name in sorted(_ELEMENTARY):
        body = Lines(width, avx512)
        found = getattr(body, name)("%x")
        lines += [
            f"define internal {floats} @{name}({floats} %x) alwaysinline {{",
            *body.text,
            f"  ret {floats} {found}",
            "}",
        ]
    return lines


def function(program: Program, section: Section, width: int, inputs: Mapping[str, str]) -> list[str]:
    """Return the lines of one function.

    Args:
        program: the nodes.
        section: what goes in and out.
        width: W.
        inputs: how each group of inputs is reached, in the order of their arrays: `lanes` by rows of all
            wars, `gathered` the same but at the place that the last array names for each war, else one row
            of numbers for all wars: the name of its counter and the length of a row.
    """
    writer = _Writer(program, section, width, inputs)
    return writer.lines()


class _Writer:
    def __init__(self, program: Program, section: Section, width: int, inputs: Mapping[str, str]) -> None:
        self.program = program
        self.section = section
        self.inputs = inputs
        self.outputs = [node for _, node in (*section.stored, *section.written)]
        self.operations = program.operations(self.outputs, section.kept)
        self.body = Lines(width)
        self.width = width
        self.names: dict[int, str] = {}
        self.threefry: dict[tuple[int, ...], tuple[str, str]] = {}
        self.places: str | None = None

    def lines(self) -> list[str]:
        section = self.section
        operations = order(self.operations, self.outputs)
        stored, written = self._due(operations)
        for place, node in enumerate(operations):
            self._name(node)
            self._put(stored.get(place, ()), written.get(place, ()))
        end = len(operations)
        # What is read at the end comes before what overwrites it.
        self._put((), written.get(end, ()))
        for _, node in stored.get(end, ()):
            self._name(node)
        self._put(stored.get(end, ()), ())
        return [
            f"define internal void @{section.name}(ptr noalias %slots, ptr noalias %table,"
            f" ptr noalias %written, i64 %stride, i64 %first, i64 %week, i64 %day) noinline #0 {{",
            *self.body.text,
            "  ret void",
            "}",
        ]

    def _due(self, operations: Sequence[int]) -> tuple[_Due, _Due]:
        """Return after which operation slots and rows are written: as soon as it can be.

        A slot waits until what it held is used for the last time; both wait for the end where an operation is
        not what they come from, or where what a slot held is asked for itself.
        """
        section, end = self.section, len(operations)
        places = {node: place for place, node in enumerate(operations)}
        last_use: dict[int, int] = {}
        for place, node in enumerate(operations):
            last_use |= dict.fromkeys(self.operations[node].arguments, place)
        written: _Due = {}
        for row, node in section.written:
            written.setdefault(places.get(node, end), []).append((row, node))
        held = {slot: node for node, slot in section.kept.items()}
        asked = set(self.outputs)
        stored: _Due = {}
        for slot, node in section.stored:
            before = held.get(slot)
            place = places.get(node, end)
            if before is not None:
                place = end if before in asked else max(place, last_use.get(before, 0))
            stored.setdefault(place, []).append((slot, node))
        return stored, written

    def _put(self, stored: Iterable[tuple[int, int]], written: Iterable[tuple[int, int]]) -> None:
        for slot, node in stored:
            self._store(self._slot(slot), node)
        for row, node in written:
            place = self.body.say(f"mul i64 {row}, %stride")
            pointer = self.body.say(f"getelementptr float, ptr %written, i64 {place}")
            self._store(pointer, node, ", !nontemporal !0" if self.section.streamed else "")

    def _slot(self, slot: int) -> str:
        return self.body.say(f"getelementptr {self.body.floats}, ptr %slots, i64 {slot}")

    def _store(self, pointer: str, node: int, how: str = "") -> None:
        kind, name = self.program.nodes[node].kind, self._name(node)
        body = self.body
        if kind == "b":
            name = body.say(f"zext {body.flags} {name} to {body.integers}")
        vector = body.floats if kind == "f" else body.integers
        body.text.append(f"  store {vector} {name}, ptr {pointer}, align {4 * self.width}{how}")

    def _load(self, slot: int, kind: Kind) -> str:
        body = self.body
        vector = body.floats if kind == "f" else body.integers
        return self._told(kind, body.say(f"load {vector}, ptr {self._slot(slot)}, align {4 * self.width}"))

    def _told(self, kind: Kind, name: str) -> str:
        """Return what was read from memory, where truth values are integers, as its kind."""
        return self._flagged(name) if kind == "b" else name

    def _flagged(self, name: str) -> str:
        return self.body.say(f"icmp ne {self.body.integers} {name}, zeroinitializer")

    def _name(self, node: int) -> str:
        """Return the name of a node's value; it is written down where it is asked for first."""
        if node not in self.names:
            self.names[node] = self._value(node)
        return self.names[node]

    def _value(self, number_of: int) -> str:
        node = self.operations.get(number_of, self.program.nodes[number_of])
        if number_of in self.section.kept:
            return self._load(self.section.kept[number_of], node.kind)
        if node.operation == "constant":
            return self._constant(node)
        if node.operation == "input":
            return self._told(node.kind, self._input(node))
        return self._operation(node, [self._name(one) for one in node.arguments])

    def _constant(self, node: Node) -> str:
        assert node.value is not None
        if node.kind == "f":
            return f"splat (float {number(float(node.value))})"
        if node.kind == "b":
            return f"splat (i1 {int(bool(node.value))})"
        return f"splat (i32 {int(node.value)})"

    def _input(self, node: Node) -> str:
        assert node.source is not None
        group, row = node.source
        body, how = self.body, self.inputs[group]
        scalar = "float" if node.kind == "f" else "i32"
        vector = body.floats if node.kind == "f" else body.integers
        if how == "gathered":
            return self._gathered(group, row, scalar, vector)
        if how == "lanes":
            base = body.say(f"getelementptr ptr, ptr %table, i64 {self._table(group)}")
            array = body.say(f"load ptr, ptr {base}")
            place = body.say(f"mul i64 {row}, %stride")
            place = body.say(f"add i64 {place}, %first")
            pointer = body.say(f"getelementptr {scalar}, ptr {array}, i64 {place}")
            return body.say(f"load {vector}, ptr {pointer}, align 4")
        base = body.say(f"getelementptr ptr, ptr %table, i64 {self._table(group)}")
        array = body.say(f"load ptr, ptr {base}")
        counter, size = how.split()
        if counter != "once":
            place = body.say(f"mul i64 %{counter}, {size}")
            place = body.say(f"add i64 {place}, {row}")
        else:
            place = str(row)
        pointer = body.say(f"getelementptr {scalar}, ptr {array}, i64 {place}")
        one = body.say(f"load {scalar}, ptr {pointer}, align 4")
        first = body.say(f"insertelement {vector} poison, {scalar} {one}, i64 0")
        return body.say(f"shufflevector {vector} {first}, {vector} poison, {body.integers} zeroinitializer")

    def _gathered(self, group: str, row: int, scalar: str, vector: str) -> str:
        body, width = self.body, self.width
        if self.places is None:
            base = body.say(f"getelementptr ptr, ptr %table, i64 {len(self.inputs)}")
            array = body.say(f"load ptr, ptr {base}")
            pointer = body.say(f"getelementptr i32, ptr {array}, i64 %first")
            self.places = body.say(f"load {body.integers}, ptr {pointer}, align 4")
        base = body.say(f"getelementptr ptr, ptr %table, i64 {self._table(group)}")
        array = body.say(f"load ptr, ptr {base}")
        place = body.say(f"mul i64 {row}, %stride")
        start = body.say(f"getelementptr {scalar}, ptr {array}, i64 {place}")
        pointers = body.say(f"getelementptr {scalar}, ptr {start}, {body.integers} {self.places}")
        kind = "f32" if scalar == "float" else "i32"
        return body.say(
            f"call {vector} @llvm.masked.gather.v{width}{kind}.v{width}p0(<{width} x ptr> {pointers}, i32 4,"
            f" {body.flags} splat (i1 1), {vector} poison)"
        )

    def _table(self, group: str) -> int:
        return list(self.inputs).index(group)

    def _vector(self, kind: Kind) -> str:
        return {"f": self.body.floats, "b": self.body.flags}.get(kind, self.body.integers)

    def _kind_of_first(self, node: Node) -> Kind:
        return self.program.nodes[node.arguments[0]].kind

    def _operation(self, node: Node, given: list[str]) -> str:
        write = _BY_NAME.get(node.operation) or _BY_KIND[node.kind]
        return write(self, node, given)

    def _compared(self, node: Node, given: list[str]) -> str:
        kind = self._kind_of_first(node)
        if kind == "f":
            return self.body.compare(_COMPARED[node.operation], *given)
        how = (_COMPARED_UNSIGNED if kind == "u" else _COMPARED_SIGNED)[node.operation]
        return self.body.say(f"icmp {how} {self._vector(kind)} {given[0]}, {given[1]}")

    def _selected(self, node: Node, given: list[str]) -> str:
        condition, yes, no = given
        return self.body.choose(condition, yes, no, self._vector(node.kind))

    def _finite(self, node: Node, given: list[str]) -> str:
        return self.body.compare("olt", self.body.absolute(given[0]), self.body.constant(float("inf")))

    def _flag(self, node: Node, given: list[str]) -> str:
        other = "splat (i1 1)" if node.operation == "not" else given[1]
        name = "xor" if node.operation == "not" else node.operation
        return self.body.say(f"{name} {self.body.flags} {given[0]}, {other}")

    def _float(self, node: Node, given: list[str]) -> str:
        body, name = self.body, node.operation
        if name in ("max", "min"):
            return self._extreme(name, given)
        if name in _ELEMENTARY:
            return body.say(f"call {body.floats} @{name}({body.floats} {given[0]})")
        written: Callable[..., str] = getattr(body, _FLOAT[name])
        return written(*given)

    def _extreme(self, name: str, given: list[str]) -> str:
        # What is no number stays none: a constant is one, and comes second.
        first, second = given[::-1] if given[0].startswith("splat") else given
        found = (self.body.larger if name == "max" else self.body.smaller)(first, second)
        return found if second.startswith("splat") else self.body.nan_of(second, found)

    def _integer(self, node: Node, given: list[str]) -> str:
        body, name = self.body, node.operation
        if name.startswith("threefry"):
            return self._threefry(node, given)
        if name in ("max", "min"):
            how = ("u" if node.kind == "u" else "s") + ("gt" if name == "max" else "lt")
            first, second = given
            than = body.say(f"icmp {how} {body.integers} {first}, {second}")
            return body.choose(than, first, second, body.integers)
        if name == "neg":
            return body.integer("sub", body.whole(0), given[0])
        if name == "not":
            return body.integer("xor", given[0], body.whole(-1))
        return body.integer(_INTEGER[name], *given)

    def _threefry(self, node: Node, given: list[str]) -> str:
        if node.arguments not in self.threefry:
            first_key, second_key, first, second = given
            self.threefry[node.arguments] = self.body.threefry(first_key, second_key, first, second)
        return self.threefry[node.arguments][int(node.operation[-1])]

    def _converted(self, node: Node, given: list[str]) -> str:
        body, value = self.body, given[0]
        was, kind = self._kind_of_first(node), node.kind
        if (was, kind) in _CONVERTED:
            how = _CONVERTED[was, kind]
            return body.say(f"{how} {self._vector(was)} {value} to {self._vector(kind)}")
        if was == "b":
            return body.choose(value, body.constant(1.0), body.constant(0.0))
        if was == "f" and kind == "b":
            return body.compare("une", value, body.constant(0.0))
        if was == "f":
            # The nearest integer there is where the number is out of range, as in JAX.
            name = _whole_of(self.width, kind)
            return body.say(f"call {body.integers} @{name}({body.floats} {value})")
        if kind == "b":
            return self._flagged(value)
        return value


_Write = Callable[[_Writer, Node, list[str]], str]
# Who writes an operation: by its name, else by the kind of its result.
_BY_NAME: dict[str, _Write] = {
    **dict.fromkeys(_COMPARED, _Writer._compared),
    "select": _Writer._selected,
    "convert": _Writer._converted,
    "is_finite": _Writer._finite,
}
_BY_KIND: dict[Kind, _Write] = {
    "f": _Writer._float,
    "b": _Writer._flag,
    "i": _Writer._integer,
    "u": _Writer._integer,
}
