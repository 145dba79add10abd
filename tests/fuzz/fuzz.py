"""Hand hostile inputs to every reader, on all cores.

    python -m tests.fuzz.fuzz --inputs 1000000 --seed 1

Each input is answered by success or by a `CeasefireError` that a person can read, within a bounded time and
memory; anything else is a failure, is written to `out/fuzz/`, and makes the exit status 1.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import faulthandler
import multiprocessing
import resource
import signal
import subprocess
import sys
import time
import traceback
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ceasefire.files import CeasefireError
from tests.fuzz import mutations
from tests.fuzz.readers import READERS, Reader, check_told

OUT = Path("out/fuzz")
SECONDS = 10.0
"""What one input may take."""
SECONDS_STUCK = 40.0
"""After so long in one input a process is ended: nothing in Python could stop it."""
BYTES = 3_000_000_000
"""Memory that a process may take beyond what it has once all is loaded."""
FAILURES_KEPT = 40
"""Failing inputs of one reader that are written; alike ones count once."""


@dataclasses.dataclass
class Count:
    """How the inputs of one reader went."""

    inputs: int = 0
    accepted: int = 0
    refused: int = 0
    failed: int = 0
    slowest: float = 0.0
    slowest_number: int = -1
    seconds: float = 0.0

    def add(self, other: Count) -> None:
        """Add what another process did."""
        for name in ("inputs", "accepted", "refused", "failed", "seconds"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        if other.slowest > self.slowest:
            self.slowest, self.slowest_number = other.slowest, other.slowest_number


class TooLongError(BaseException):
    """An input takes too long. Not an `Exception`: no reader may take it for a fault of the input."""


def judge(reader: Reader, content: bytes, seconds: float = SECONDS) -> tuple[str, str]:
    """Return how a reader answers an input: accepted, refused or failed, and why."""
    mutations.Planted.fired = False
    try:
        with _at_most(seconds), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            reader.read(content)
        answer = "accepted", ""
    except CeasefireError as error:
        try:
            check_told(str(error))
            answer = "refused", ""
        except AssertionError:
            answer = "failed", traceback.format_exc(limit=-3)
    except TooLongError:
        answer = "failed", f"TooLongError: not done after {seconds:g} seconds"
    except BaseException as error:  # whatever else comes out is what is looked for
        if isinstance(error, KeyboardInterrupt):
            raise
        answer = "failed", traceback.format_exc(limit=-12)
    if mutations.Planted.fired:
        return "failed", "the file was run: what was planted in it fired"
    return answer


@contextlib.contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    def over(number: int, frame: object) -> None:
        raise TooLongError

    before = signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)


def run(
    readers: Mapping[str, Reader],
    seed: int,
    numbers: Mapping[str, range],
    seconds: float,
    now: Any = None,
    seen: dict[str, int] | None = None,
    out: Path = OUT,
) -> dict[str, Count]:
    """Hand inputs to readers in turn, a few at a time; write those that fail.

    Args:
        readers: by name.
        seed: of all inputs.
        numbers: which inputs of each reader.
        seconds: when to stop.
        now: two numbers in which another process can see where this one is.
        seen: how often each kind of failure was met.
        out: where failing inputs are written.
    """
    until, seen = time.monotonic() + seconds, {} if seen is None else seen
    counts = {name: Count() for name in numbers}
    left = {name: iter(wanted) for name, wanted in numbers.items()}
    total = sum(map(len, numbers.values()))
    while left and time.monotonic() < until:
        for name in list(left):
            reader, count, place_of = readers[name], counts[name], list(readers).index(name)
            # In the end each reader has had its share, and at any time about so.
            for _ in range(max(1, round(200 * len(numbers[name]) / max(total, 1)))):
                number = next(left[name], None)
                if number is None:
                    del left[name]
                    break
                if now is not None:
                    now[0], now[1], now[2] = place_of, number, time.monotonic()
                began = time.perf_counter()
                content = reader.make(seed, number)
                began = time.perf_counter()
                answer, why = judge(reader, content)
                took = time.perf_counter() - began
                count.inputs += 1
                count.seconds += took
                setattr(count, answer, getattr(count, answer) + 1)
                if took > count.slowest:
                    count.slowest, count.slowest_number = took, number
                if answer == "failed":
                    report(reader, seed, number, content, why, seen, out)
    return counts


def report(
    reader: Reader, seed: int, number: int, content: bytes, why: str, seen: dict[str, int], out: Path
) -> None:
    """Write a failing input, and how to see it fail again; one of each kind."""
    lines = [line for line in why.strip().splitlines() if line.strip()]
    places = [line.strip() for line in lines if line.lstrip().startswith("File ")]
    kind = f"{reader.name} {places[-1] if places else ''} {lines[-1][:50] if lines else ''}"
    seen[kind] = seen.get(kind, 0) + 1
    if seen[kind] > 1 or sum(one.startswith(f"{reader.name} ") for one in seen) > FAILURES_KEPT:
        return
    out.mkdir(parents=True, exist_ok=True)
    path = out / f"{reader.name}-{seed}-{number}"
    path.write_bytes(content)
    again = f"python -m tests.fuzz.fuzz --reader {reader.name} --seed {seed} --number {number}"
    path.with_suffix(".txt").write_text(f"{again}\n\n{why}\n", encoding="utf-8", errors="backslashreplace")
    told = f"FAILED {reader.name}: {lines[-1][:160] if lines else 'no reason'}\n       {again}"
    print(told.encode("ascii", "backslashreplace").decode(), flush=True)


def bound(more: int = BYTES) -> None:
    """Let this process take no more memory than it has now and some more."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + more
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _work(seed: int, numbers: dict[str, range], seconds: float, now: Any, queue: Any) -> None:
    faulthandler.enable()
    for name in numbers:
        # All is loaded before memory is bounded.
        reader = READERS[name]
        judge(reader, reader.inputs[0], 120.0)
    bound()
    now[0], now[1], now[2] = -1, 0, time.monotonic()
    queue.put(run(READERS, seed, numbers, seconds, now))


def shares(names: Sequence[str], inputs: int) -> dict[str, int]:
    """Return how many inputs each reader gets."""
    whole = sum(READERS[name].share for name in names)
    return {name: max(1, round(inputs * READERS[name].share / whole)) for name in names}


def spread(names: Sequence[str], inputs: int, seed: int, seconds: float, processes: int) -> dict[str, Count]:
    """Run inputs in processes side by side; one that is stuck or has crashed is a failure and goes on."""
    wanted = shares(names, inputs)
    until = time.monotonic() + seconds
    totals = {name: Count() for name in names}
    context = multiprocessing.get_context("spawn")
    todo = [{name: range(first, wanted[name], processes) for name in names} for first in range(processes)]
    running: list[tuple[Any, Any, Any, dict[str, range]]] = []

    def begin(numbers: dict[str, range]) -> None:
        now, queue = context.Array("d", [-1.0, 0.0, 0.0], lock=False), context.SimpleQueue()
        left = max(1.0, until - time.monotonic())
        process = context.Process(target=_work, args=(seed, numbers, left, now, queue), daemon=True)
        process.start()
        running.append((process, now, queue, numbers))

    for numbers in todo:
        begin(numbers)
    seen: dict[str, int] = {}
    while running:
        time.sleep(0.2)
        for one in list(running):
            process, now, queue, numbers = one
            if not queue.empty():
                for name, count in queue.get().items():
                    totals[name].add(count)
                process.join()
                running.remove(one)
                continue
            stuck = now[0] >= 0 and time.monotonic() - now[2] > SECONDS_STUCK
            if process.is_alive() and not stuck:
                continue
            if stuck:
                process.kill()
            process.join()
            running.remove(one)
            if now[0] < 0:
                raise RuntimeError(f"a process ended before its first input (status {process.exitcode})")
            name, number = list(READERS)[int(now[0])], int(now[1])
            why = "Stuck: nothing in Python could stop it" if stuck else f"Crashed: status {process.exitcode}"
            reader = READERS[name]
            totals[name].failed += 1
            report(reader, seed, number, reader.make(seed, number), why, seen, OUT)
            # What that process had counted is lost; it goes on behind the input, reader by reader.
            rest = _behind(numbers, name, number)
            if time.monotonic() < until and any(map(len, rest.values())):
                begin(rest)
    return totals


def _behind(numbers: dict[str, range], name: str, number: int) -> dict[str, range]:
    """Return what is left of a process's inputs: those of the other readers from about where it was."""
    share = (number - numbers[name].start) / max(len(numbers[name]) * numbers[name].step, 1)
    rest = {}
    for other, wanted in numbers.items():
        done = wanted.index(number) + 1 if other == name else int(share * len(wanted))
        rest[other] = wanted[done:]
    return {other: wanted for other, wanted in rest.items() if wanted}


def table(counts: Mapping[str, Count]) -> str:
    """Return how it went, a line for each reader."""
    heads = ("inputs", "accepted", "refused")
    lines = [
        f"{'reader':18} " + " ".join(f"{head:>9}" for head in heads) + "  failed       each  slowest input"
    ]
    whole = Count()
    for name, one in counts.items():
        whole.add(one)
        each = 1000 * one.seconds / max(one.inputs, 1)
        lines.append(
            f"{name:18} {one.inputs:9,} {one.accepted:9,} {one.refused:9,} {one.failed:7,}  {each:6.2f} ms"
            f"  {1000 * one.slowest:.0f} ms (number {one.slowest_number})"
        )
    lines.append(f"{'all':18} {whole.inputs:9,} {whole.accepted:9,} {whole.refused:9,} {whole.failed:7,}")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the fuzzer; return 1 where an input fails."""
    asked = argparse.ArgumentParser(prog="fuzz", description="Hostile inputs for every reader.")
    asked.add_argument("--inputs", type=int, default=1_000_000, help="in all (1,000,000)")
    asked.add_argument("--seed", type=int, default=1, help="of all inputs (1)")
    asked.add_argument("--reader", action="append", choices=list(READERS), help="these readers only")
    asked.add_argument("--seconds", type=float, default=86_400.0, help="stop after so long")
    asked.add_argument("--processes", type=int, help="side by side (all cores)")
    asked.add_argument("--number", type=int, help="one input of one reader, to see it again")
    asked.add_argument(
        "--guided", action="store_true", help="by what code it reaches; needs atheris, one reader"
    )
    given = asked.parse_args(arguments)
    names = given.reader or list(READERS)
    if given.number is not None or given.guided:
        if len(names) != 1:
            asked.error("name one reader with --reader")
        if given.guided:
            # In a process of its own, which follows the package from its first import on.
            command = [sys.executable, "-m", "tests.fuzz.guided", names[0]]
            return subprocess.call([*command, str(given.inputs), str(given.seconds), str(OUT)])
        return _again(READERS[names[0]], given.seed, given.number)
    processes = given.processes or _cores()
    counts = spread(names, given.inputs, given.seed, given.seconds, processes)
    print(table(counts))
    failed = sum(one.failed for one in counts.values())
    if failed:
        print(f"{failed} inputs failed; see {OUT}/")
    return int(failed > 0)


def _cores() -> int:
    from ceasefire.inference.validating import available_cores

    return available_cores()


def _again(reader: Reader, seed: int, number: int) -> int:
    content = reader.make(seed, number)
    print(repr(content[:2000]))
    answer, why = judge(reader, content)
    print(answer)
    print(why)
    return int(answer == "failed")


if __name__ == "__main__":
    sys.exit(main())
