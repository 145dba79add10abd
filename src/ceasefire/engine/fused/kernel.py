"""Wars in one fused loop: the day compiled for all wars at once, a few of them at a time, on every core."""

from __future__ import annotations

import contextlib
import contextvars
import ctypes
import dataclasses
import functools
import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jax
import llvmlite.binding as llvm
import numpy as np
import numpy.typing as npt

from ceasefire.engine.fused.assembly import Section, function, header
from ceasefire.engine.fused.ordering import order
from ceasefire.engine.fused.program import DAILY, ONCE, WEEKLY, Program
from ceasefire.engine.fused.tracing import Ids, add, kind_of, short
from ceasefire.engine.loop import Loop
from ceasefire.files import keep_cached, read_cached

# Parts of a run for each core, so that none waits long for another.
PIECES_A_CORE = 4
LINE = 64
"""Bytes in a line of the cache."""
SCHEDULING = "-enable-misched=false"
"""Operations stay in the order in which they are written (`ordering`)."""
WIDTH = 16
"""Wars that are computed side by side: as many float32 as the widest registers hold."""


@dataclasses.dataclass(frozen=True)
class _Group:
    """One array of inputs: its rows by leaf."""

    name: str
    leaves: tuple[jax.ShapeDtypeStruct, ...]
    level: int

    def nodes(self, program: Program) -> list[Ids]:
        found, row = [], 0
        for leaf in self.leaves:
            shape = short(leaf.shape)
            size = int(np.prod(shape))
            kind = kind_of(leaf.dtype)
            found.append(
                np.array(
                    [program.input(self.name, row + one, kind, self.level) for one in range(size)], np.int64
                ).reshape(shape)
            )
            row += size
        return found

    @functools.cached_property
    def rows(self) -> int:
        return sum(int(np.prod(short(leaf.shape))) for leaf in self.leaves)


def _traced(function: Callable[..., Any], *shapes: Any) -> tuple[Any, Any]:
    """Return a function as a jaxpr, and the shapes of its results."""
    found: tuple[Any, Any] = jax.make_jaxpr(function, return_shape=True)(*shapes)
    return found


def _leaves(tree: Any) -> tuple[jax.ShapeDtypeStruct, ...]:
    return tuple(jax.tree.leaves(tree))


class _Layout:
    """The loop as sections of one program, with the slots that they share."""

    def __init__(self, loop: Loop, streamed: bool = True) -> None:
        self.streamed = streamed
        self.groups = {
            "wars": _Group("wars", _leaves(loop.of_wars), ONCE),
            "run": _Group("run", _leaves(loop.of_run), ONCE),
            "week": _Group("week", _leaves(loop.of_week), WEEKLY),
            "day": _Group("day", _leaves(loop.of_day), DAILY),
        }
        self.carry = _Group("carry", _leaves(loop.carry), DAILY)
        shapes = (loop.of_wars, loop.of_run)
        begin, held = _traced(loop.begin_week, loop.carry, *shapes, loop.of_week)
        end, (_, self.record) = _traced(loop.end_week, loop.carry, *shapes, held)
        new_week = np.float32(0.0)
        self.traced = {
            "start": _traced(loop.start, *shapes)[0],
            "begin": begin,
            "step": _traced(loop.step, loop.carry, *shapes, held, loop.of_day, new_week)[0],
            "end": end,
        }
        # What no day and no week changes is known once a war.
        self._lower(self._lower(frozenset()))
        self.sections = self._sections()

    def _lower(self, constant: frozenset[int]) -> frozenset[int]:
        """Write the loop as a new program; return the rows of the carry that nothing changes."""
        program = self.program = Program()
        wars, run, week, day = (group.nodes(program) for group in self.groups.values())
        own = [*wars, *run]
        carry = self._carry(program, "carry", DAILY, constant)
        morning = self._carry(program, "morning", WEEKLY, constant)
        self.flat, self.morning = _flat(carry), _flat(morning)
        self.started = _flat(add(program, self.traced["start"], own))
        held = add(program, self.traced["begin"], [*morning, *own, *week])
        # The first day of a week and the others are two functions, each without what the other asks for.
        self.steps = [
            _flat(
                add(
                    program,
                    self.traced["step"],
                    [*carry, *own, *held, *day, np.array(program.constant(new_week, "f"))],
                )
            )
            for new_week in (1.0, 0.0)
        ]
        ended = add(program, self.traced["end"], [*carry, *own, *held])
        self.closed, self.recorded = _flat(ended[: len(carry)]), _flat(ended[len(carry) :])
        return frozenset(
            row
            for row, one in enumerate(self.flat)
            if all(after[row] == one for after in (*self.steps, self.closed))
        )

    def _carry(self, program: Program, name: str, level: int, constant: frozenset[int]) -> list[Ids]:
        found, row = [], 0
        for leaf in self.carry.leaves:
            shape = short(leaf.shape)
            ids = []
            for _ in range(int(np.prod(shape))):
                same = row in constant
                ids.append(
                    program.input(
                        "carry" if same else name, row, kind_of(leaf.dtype), ONCE if same else level
                    )
                )
                row += 1
            found.append(np.array(ids, np.int64).reshape(shape))
        return found

    def _frontier(self, outputs: Sequence[int], level: int) -> set[int]:
        """Return the nodes of a level that higher ones and outputs look at, unless they are read at once."""
        nodes = self.program.nodes

        def is_kept(one: int) -> bool:
            node = nodes[one]
            read = node.operation == "constant" or (node.source is not None and node.source[0] in _READ)
            return node.level == level and not read

        found = {one for one in outputs if is_kept(one)}
        for one in self.program.needed(outputs):
            if nodes[one].level > level:
                found |= {argument for argument in nodes[one].arguments if is_kept(argument)}
        return found

    def _sections(self) -> tuple[Section, ...]:
        changes = [
            [(row, node) for row, node in enumerate(outputs) if node != self.flat[row]]
            for outputs in (*self.steps, self.closed)
        ]
        recorded = list(enumerate(self.recorded))
        of_days = [[node for _, node in part] for part in changes[:2]]
        of_close = [node for _, node in (*changes[2], *recorded)]
        weekly = sorted(set().union(*(self._frontier(part, WEEKLY) for part in (*of_days, of_close))))
        once: set[int] = set()
        for part in (*of_days, of_close, weekly):
            once |= self._frontier(part, ONCE)
        at_once = sorted(once - set(self.flat))
        slots = self._slots([*self.flat, *at_once, *weekly], of_days[1])
        self.slots = len(slots)
        places = [slots[node] for node in self.flat]
        mornings = dict(zip(self.morning, places, strict=True))
        kept_once = {node: slots[node] for node in at_once}
        carried = dict(zip(self.flat, places, strict=True))
        first_day, other_day, close = ([(places[row], node) for row, node in part] for part in changes)
        return (
            Section("start", {}, list(zip(places, self.started, strict=True))),
            Section("resume", {}, list(zip(places, self.flat, strict=True))),
            Section("once", carried, [(slots[node], node) for node in at_once]),
            Section("begin", mornings | kept_once, [(slots[node], node) for node in weekly]),
            Section("first_day", slots, first_day),
            Section("other_day", slots, other_day),
            Section("close", slots, close, recorded),
            *[Section("close_streamed", slots, close, recorded, streamed=True)] * self.streamed,
            Section("finish", carried, (), list(enumerate(self.flat))),
        )

    def _slots(self, kept: Sequence[int], day: Sequence[int]) -> dict[int, int]:
        """Return a slot for each node that is kept, in the order in which a day asks for them.

        A processor fetches what comes next before it is asked for.
        """
        is_kept = set(kept)
        operations = self.program.operations(day, is_kept)
        asked = [
            one for node in order(operations, day) for one in operations[node].arguments if one in is_kept
        ]
        return {node: slot for slot, node in enumerate(dict.fromkeys([*asked, *kept]))}

    def text(self, width: int, avx512: bool) -> str:
        """Return the whole program in LLVM's language."""
        rows = {name: group.rows for name, group in self.groups.items()}
        inputs = {
            "wars": "lanes",
            "run": "once 0",
            "week": f"week {rows['week']}",
            "day": f"day {rows['day']}",
            "carry": "gathered",
        }
        lines = header(width, avx512)
        for section in self.sections:
            lines += function(self.program, section, width, inputs)
        return "\n".join(
            [
                *lines,
                *_driver(width, self.slots, len(self.recorded), self.streamed),
                ATTRIBUTES,
                "!0 = !{i32 1}",
            ]
        )


# Groups whose rows are the same for all wars: reading them again costs no more than keeping them.
_READ = {"run", "week"}
# Without `stackrealign` what goes to the stack would lie across two lines of the cache.
ATTRIBUTES = (
    'attributes #0 = { nounwind "stackrealign" "prefer-vector-width"="512" "min-legal-vector-width"="512" }'
)


def _flat(parts: Sequence[Ids]) -> list[int]:
    return [int(one) for ids in parts for one in ids.ravel()]


def _driver(width: int, slots: int, recorded: int, streamed: bool) -> list[str]:
    """Return the function that walks blocks of W wars through all weeks."""

    def call(name: str, written: str, week: str, day: str) -> str:
        return (
            f"  call void @{name}(ptr %slots, ptr %table, ptr {written}, i64 %stride, i64 %first,"
            f" i64 {week}, i64 {day})"
        )

    return [
        "define void @run(ptr %table, ptr %weekly, ptr %final, i64 %stride, i64 %from, i64 %to,"
        " i64 %weeks, i64 %steps, i64 %fresh) #0 {",
        "entry:",
        f"  %slots = alloca <{width} x float>, i64 {slots}, align 64",
        "  %is_fresh = icmp ne i64 %fresh, 0",
        # One week is read at once by who asked for it; many do not fit the caches.
        "  %is_long = icmp ugt i64 %weeks, 1",
        "  br label %blocks",
        "blocks:",
        "  %first = phi i64 [ %from, %entry ], [ %next, %end_block ]",
        "  %more = icmp ult i64 %first, %to",
        "  br i1 %more, label %begin_block, label %done",
        "begin_block:",
        "  br i1 %is_fresh, label %starts, label %resumes",
        "starts:",
        call("start", "%final", "0", "0"),
        "  br label %prepare",
        "resumes:",
        call("resume", "%final", "0", "0"),
        "  br label %prepare",
        "prepare:",
        call("once", "%final", "0", "0"),
        "  br label %weeks_loop",
        "weeks_loop:",
        "  %week = phi i64 [ 0, %prepare ], [ %next_week, %closed ]",
        "  %more_weeks = icmp ult i64 %week, %weeks",
        "  br i1 %more_weeks, label %begin_week, label %end_block",
        "begin_week:",
        "  %monday = mul i64 %week, %steps",
        call("begin", "%final", "%week", "%monday"),
        call("first_day", "%final", "%week", "%monday"),
        "  br label %days",
        "days:",
        "  %number = phi i64 [ 1, %begin_week ], [ %next_number, %other ]",
        "  %more_days = icmp ult i64 %number, %steps",
        "  br i1 %more_days, label %other, label %end_week",
        "other:",
        "  %day = add i64 %monday, %number",
        call("other_day", "%final", "%week", "%day"),
        "  %next_number = add i64 %number, 1",
        "  br label %days",
        "end_week:",
        f"  %rows = mul i64 %week, {recorded}",
        "  %place = mul i64 %rows, %stride",
        "  %column = add i64 %place, %first",
        "  %written = getelementptr float, ptr %weekly, i64 %column",
        "  br i1 %is_long, label %streamed, label %kept",
        "streamed:",
        call("close_streamed" if streamed else "close", "%written", "%week", "%monday"),
        "  br label %closed",
        "kept:",
        call("close", "%written", "%week", "%monday"),
        "  br label %closed",
        "closed:",
        "  %next_week = add i64 %week, 1",
        "  br label %weeks_loop",
        "end_block:",
        "  %last = getelementptr float, ptr %final, i64 %first",
        call("finish", "%last", "0", "0"),
        f"  %next = add i64 %first, {width}",
        "  br label %blocks",
        "done:",
        "  ret void",
        "}",
    ]


@dataclasses.dataclass(frozen=True)
class Wars:
    """Wars laid out for a kernel."""

    size: int
    """Number of wars, N."""
    of_wars: npt.NDArray[np.int32]
    """Rows of 32 bits, N rounded up to the width."""
    of_run: npt.NDArray[np.int32]


class Kernel:
    """A loop compiled for this processor; all its cores are used."""

    def __init__(
        self, loop: Loop, width: int = WIDTH, avx512: bool | None = None, *, streamed: bool = True
    ) -> None:
        """Trace and compile a loop; takes seconds.

        Args:
            loop: what is walked.
            width: wars that are computed side by side.
            avx512: whether to use what only processors with AVX-512 have; where they have it, if not given.
            streamed: whether records of many weeks at once go to memory past the caches; without it the end
                of a week is compiled once, not twice.

        Raises:
            CannotFuseError: an operation of the loop mixes wars or is not known.
        """
        self.loop = loop
        self.width = width
        self._layout = _Layout(loop, streamed)
        self.text = self._layout.text(width, _has_avx512() if avx512 is None else avx512)
        self._engine = _compiled(self.text)
        pointer, integer = ctypes.c_void_p, ctypes.c_int64
        kind = ctypes.CFUNCTYPE(None, pointer, pointer, pointer, *[integer] * 6)
        self._run = kind(self._engine.get_function_address("run"))

    @property
    def carry_rows(self) -> int:
        """Number of rows of a carry."""
        return self._layout.carry.rows

    def lay_out(self, of_wars: Any, of_run: Any) -> Wars:
        """Return what wars and the run have of their own, laid out once for many calls."""
        size = int(jax.tree.leaves(of_wars)[0].shape[-1])
        return Wars(size, self._by_war(of_wars, size), _by_row(of_run, 1))

    def start(self, of_wars: Any, of_run: Any) -> Any:
        """Return the first morning."""
        wars = self.lay_out(of_wars, of_run)
        return self.carry_of(self.walk(wars, None, None, None, 0)[0], wars.size)

    def run(self, carry: Any, of_wars: Any, of_run: Any, of_week: Any, of_day: Any) -> tuple[Any, Any]:
        """Return the last carry and the records of the weeks, as `loop.scan` does; arguments as there."""
        wars = self.lay_out(of_wars, of_run)
        rows = None if carry is None else self._by_war(carry, wars.size)
        weeks, steps = jax.tree.leaves(of_day)[0].shape[:2]
        last, weekly = self.walk(
            wars, rows, _by_row(of_week, weeks), _by_row(of_day, weeks * steps), weeks, steps
        )
        return self.carry_of(last, wars.size), self.record_of(weekly, wars.size)

    def walk(
        self,
        wars: Wars,
        carry: npt.NDArray[np.int32] | None,
        of_week: npt.NDArray[np.int32] | None,
        of_day: npt.NDArray[np.int32] | None,
        weeks: int,
        steps: int = 1,
        ancestors: npt.NDArray[np.int32] | None = None,
        cores: int | None = None,
    ) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
        """Walk weeks on laid out numbers; return the rows of the last carry and of the records.

        Args:
            wars: N wars.
            carry: rows of the first morning `[C, N]`; that of the loop where not given.
            of_week: `[W, rows]`.
            of_day: `[W x S, rows]`.
            weeks: W.
            steps: S, steps in a week.
            ancestors: whose morning each war takes, `[N]`; its own where not given.
            cores: how many to use; all where not given.
        """
        width = wars.of_wars.shape[1]
        index = np.arange(width, dtype=np.int32)
        if ancestors is not None:
            index[: wars.size] = ancestors
        nothing = np.zeros((1, 1), np.int32)
        table = [
            wars.of_wars,
            wars.of_run,
            nothing if of_week is None else of_week,
            nothing if of_day is None else of_day,
            nothing if carry is None else carry,
            index,
        ]
        pointers = (ctypes.c_void_p * len(table))(*(part.ctypes.data for part in table))
        weekly = _room((weeks, len(self._layout.recorded), width), np.float32)
        final = _room((self._layout.carry.rows, width), np.int32)
        whither = (weekly.ctypes.data, final.ctypes.data)

        def part(first: int, last: int) -> None:
            self._run(pointers, *whither, width, first, last, weeks, steps, carry is None)

        cores = cores or available_cores()
        blocks = width // self.width
        pieces = min(blocks, PIECES_A_CORE * cores if cores > 1 else 1)
        ends = [piece * blocks // pieces * self.width for piece in range(pieces + 1)]
        if pieces == 1:
            part(0, width)
        else:
            list(_threads(cores).map(part, ends[:-1], ends[1:]))
        return final, weekly

    def carry_of(self, rows: npt.NDArray[np.int32], size: int) -> Any:
        """Return the rows of a carry `[C, N]` as its pytree."""
        return _unpacked(rows[:, :size], self.loop.carry)

    def record_of(self, rows: npt.NDArray[np.float32], size: int) -> Any:
        """Return the rows of records `[W, R, N]` as their pytree."""
        return _unpacked(rows[..., :size], self._layout.record)

    def rows(self, tree: Any, count: int) -> npt.NDArray[np.int32]:
        """Return what weeks or days have, `count` of them, laid out once for many calls."""
        return _by_row(tree, count)

    def _by_war(self, tree: Any, size: int) -> npt.NDArray[np.int32]:
        """Return all leaves as rows; wars beyond the last repeat it."""
        parts = [_words(leaf) for leaf in jax.tree.leaves(tree)]
        rows = np.concatenate([part.reshape(-1, part.shape[-1]) for part in parts])
        return np.pad(rows, ((0, 0), (0, -size % self.width)), mode="edge")


class Stepwise:
    """The weeks of a kernel one at a time, on one core, where the carry is changed between them.

    What `Kernel.walk` lays out for each call is laid out once, which is half of the time where wars are few.
    """

    def __init__(
        self, kernel: Kernel, wars: Wars, of_week: npt.NDArray[np.int32], of_day: npt.NDArray[np.int32]
    ) -> None:
        """Take wars and the rows of all weeks, of one step each."""
        self._run, self._width = kernel._run, wars.of_wars.shape[1]
        index, nothing = np.arange(self._width, dtype=np.int32), np.zeros((1, 1), np.int32)
        # Whatever the table points at must stay.
        self._table_of = wars.of_wars, wars.of_run, of_week, of_day, nothing, index
        self._table = (ctypes.c_void_p * 6)(*(part.ctypes.data for part in self._table_of))
        self._weeks = of_week.ctypes.data, of_week.strides[0]
        self._days = of_day.ctypes.data, of_day.strides[0]
        self.record = _room((len(kernel._layout.recorded), self._width), np.float32)
        """Rows of the record of the week that was walked last `[R, N]`."""
        self._recorded = self.record.ctypes.data

    def walk(self, week: int, carry: npt.NDArray[np.int32], last: npt.NDArray[np.int32]) -> None:
        """Walk a week from rows of a morning `[C, N]`; write those of the next into `last` (`carry_room`)."""
        table = self._table
        table[2] = self._weeks[0] + week * self._weeks[1]
        table[3] = self._days[0] + week * self._days[1]
        table[4] = carry.ctypes.data
        self._run(table, self._recorded, last.ctypes.data, self._width, 0, self._width, 1, 1, 0)


def carry_room(kernel: Kernel, wars: Wars, count: int) -> npt.NDArray[np.int32]:
    """Return room for the rows of so many carries, `[count, C, N]`."""
    return _room((count, kernel.carry_rows, wars.of_wars.shape[1]), np.int32)


def _room(shape: tuple[int, ...], kind: npt.DTypeLike) -> npt.NDArray[Any]:
    """Return an array of 32 bits that begins with a line of the cache, as W wars of each row then do."""
    size = 4 * int(np.prod(shape))
    room = np.empty(size + LINE, np.uint8)
    first = -room.ctypes.data % LINE
    return room[first : first + size].view(kind).reshape(shape)


@functools.cache
def _threads(cores: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(cores, thread_name_prefix="wars")


_CORES: contextvars.ContextVar[int | None] = contextvars.ContextVar("cores", default=None)


@contextlib.contextmanager
def on_cores(count: int) -> Iterator[None]:
    """Compute on so many cores as long as the block lasts."""
    token = _CORES.set(count)
    try:
        yield
    finally:
        _CORES.reset(token)


def available_cores() -> int:
    """Return how many cores are to be used: by `on_cores`, else all that this process may use."""
    chosen = _CORES.get()
    if chosen is not None:
        return chosen
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _words(leaf: Any) -> npt.NDArray[np.int32]:
    """Return numbers as words of 32 bits."""
    values = np.asarray(leaf)
    if values.dtype in (np.int8, np.int16, np.bool_):
        values = values.astype(np.int32)
    if values.dtype.itemsize != 4:
        raise ValueError(f"numbers of type {values.dtype} are not of 32 bits")
    return np.ascontiguousarray(values).view(np.int32)


def _by_row(tree: Any, count: int) -> npt.NDArray[np.int32]:
    """Return all leaves as `[count, rows]`."""
    parts = [_words(leaf).reshape(count, -1) for leaf in jax.tree.leaves(tree)]
    return np.concatenate(parts, axis=1) if parts else np.zeros((count, 1), np.int32)


def _unpacked(rows: npt.NDArray[Any], shapes: Any) -> Any:
    """Return rows `[..., rows, N]` of 32 bits as leaves of their shapes and types."""
    leaves, treedef = jax.tree.flatten(shapes)
    found, row = [], 0
    for leaf in leaves:
        shape = short(leaf.shape)[:-1]
        size = int(np.prod(shape))
        values = rows[..., row : row + size, :]
        values = values.reshape(*rows.shape[:-2], *shape, rows.shape[-1])
        kind = np.dtype(leaf.dtype)
        wide = kind if kind.itemsize == 4 else np.dtype(np.int32)
        found.append(values.view(wide).astype(kind, copy=False))
        row += size
    return jax.tree.unflatten(treedef, found)


@functools.cache
def _initialize() -> None:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    llvm.set_option("", SCHEDULING)


def _has_avx512() -> bool:
    features = llvm.get_host_cpu_features()
    return all(features.get(name, False) for name in ("avx512f", "avx512vl"))


@functools.cache
def processor() -> str:
    """Return the kind of this processor: on one kind the same program gives the same bits."""
    features = llvm.get_host_cpu_features().flatten()
    return f"{llvm.get_host_cpu_name()} {hashlib.sha256(features.encode()).hexdigest()[:8]}"


def _compiled(text: str) -> Any:
    """Return the program as machine code in memory; what was compiled once for this processor is kept."""
    _initialize()
    target = llvm.Target.from_default_triple()
    processor, features = llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()
    machine = target.create_target_machine(cpu=processor, features=features, opt=3, jit=True)
    told = (text, SCHEDULING, target.triple, processor, features, *map(str, llvm.llvm_version_info))
    name = f"{hashlib.sha256(chr(0).join(told).encode()).hexdigest()[:32]}.kernel"
    code = read_cached(name)
    if code is None:
        code = _machine_code(text, machine)
        keep_cached(name, code)
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
    engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    return engine


def _machine_code(text: str, machine: Any) -> bytes:
    module = llvm.parse_assembly(text)
    module.verify()
    options = llvm.create_pipeline_tuning_options(speed_level=2)
    builder = llvm.create_pass_builder(machine, options)
    builder.getModulePassManager().run(module, builder)
    return bytes(machine.emit_object(module))
