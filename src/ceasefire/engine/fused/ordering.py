"""In which order the operations of a function are written.

Registers hold about thirty numbers and a day has thousands: what is computed long before it is used goes to
memory and back. So each number is computed as late as it can be, depth first, and where it would have to wait
for what is not ready yet, others that come soon are computed meanwhile. How long operations take, in cycles,
is about the same on all processors of today; a wrong guess costs time and changes no result.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence

from ceasefire.engine.fused.program import Node

# Cycles until a result is there, and until the next such operation can begin; what is not named is simple.
_SIMPLE = (4, 1)
_CYCLES = {
    "div": (11, 6),
    "sqrt": (20, 10),
    "exp": (50, 14),
    "expm1": (50, 13),
    "log": (55, 16),
    "log1p": (80, 24),
    "logistic": (70, 20),
    "erf": (120, 40),
    "erfc": (110, 36),
    "erf_inv": (140, 50),
    "threefry_0": (60, 30),
    "threefry_1": (60, 30),
}


def order(operations: Mapping[int, Node], outputs: Sequence[int]) -> list[int]:
    """Return operations in the order in which they are to be computed.

    Args:
        operations: by their numbers, each after what it looks at (`Program.operations`).
        outputs: what is asked for.
    """
    looks_at = {
        one: [other for other in dict.fromkeys(node.arguments) if other in operations]
        for one, node in operations.items()
    }
    return _without_waiting(operations, _depth_first(outputs, looks_at), looks_at)


def _depth_first(outputs: Sequence[int], looks_at: Mapping[int, list[int]]) -> list[int]:
    """Return operations in the order in which few results are at hand at once."""
    # How many registers each needs (Sethi and Ullman 1970): what needs most is computed first.
    registers: dict[int, int] = {}
    for one, arguments in looks_at.items():
        needs = sorted((registers[other] for other in arguments), reverse=True)
        registers[one] = max([1, *(place + need for place, need in enumerate(needs))])
    found: dict[int, None] = {}
    for output in reversed(outputs):
        stack = [(output, False)]
        while stack:
            one, is_ready = stack.pop()
            if one in found or one not in looks_at:
                continue
            if is_ready:
                found[one] = None
            else:
                stack.append((one, True))
                stack += [(other, False) for other in sorted(looks_at[one], key=registers.__getitem__)]
    return list(found)


def _without_waiting(
    operations: Mapping[int, Node], wanted: list[int], looks_at: Mapping[int, list[int]]
) -> list[int]:
    """Return operations as near to the wanted order as they come without waiting for results."""
    places = {one: place for place, one in enumerate(wanted)}
    users: dict[int, list[int]] = {one: [] for one in wanted}
    for one in wanted:
        for other in looks_at[one]:
            users[other].append(one)
    missing = {one: len(looks_at[one]) for one in wanted}
    complete = dict.fromkeys(wanted, 0)
    # Those whose arguments are there; those whose arguments are under way, by the cycle that completes them.
    ready = [places[one] for one in wanted if not missing[one]]
    waiting: list[tuple[int, int]] = []
    found, now = [], 0
    while ready or waiting:
        while waiting and (waiting[0][0] <= now or not ready):
            at, place = heapq.heappop(waiting)
            now = max(now, at)
            heapq.heappush(ready, place)
        one = wanted[heapq.heappop(ready)]
        found.append(one)
        latency, cycles = _CYCLES.get(operations[one].operation, _SIMPLE)
        now += cycles
        for user in users[one]:
            complete[user] = max(complete[user], now + latency)
            missing[user] -= 1
            if not missing[user]:
                heapq.heappush(waiting, (complete[user], places[user]))
    return found
