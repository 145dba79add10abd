"""What would have to be otherwise for another word: the claim's number, or what an origin says."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from ceasefire.claims.figures import AGAINST, BEARS_OUT, Condition, Interval
from ceasefire.claims.rules import RANK, Verdict
from ceasefire.claims.weighing import Weighed
from ceasefire.claims.wording import exact, stated


def different_if(
    weighed: Weighed, unit: str, says: Callable[[Condition, str], str] = stated
) -> tuple[str, ...]:
    """Return what would have to be otherwise for another word: the claim's number, or an origin's figure."""
    lines = [
        f"the claim said {says(weighed.condition.at(value), unit)}: the word would be '{word}'"
        for value, word in turning_points(weighed)
    ]
    now = weighed.ruling.word
    figures = weighed.counted
    for index, (row, interval) in enumerate(figures):
        verdict = weighed.condition.judge(interval)
        target = _other_side(weighed.condition, verdict)
        if target is None:
            continue
        flipped = [other for _, other in figures]
        flipped[index] = target
        word = weighed.word(weighed.condition, flipped)
        if word != now and len(lines) < 4:
            edge = target.low if math.isfinite(target.low) else target.high
            bound = (
                "or more"
                if weighed.condition.judge(target) == BEARS_OUT and weighed.condition.says == "at least"
                else "or less"
            )
            if weighed.condition.says == "at most":
                bound = "or less" if weighed.condition.judge(target) == BEARS_OUT else "or more"
            lines.append(f"{row.label} had said {exact(edge)} {bound}: the word would be '{word}'")
    return tuple(lines)


def _other_side(condition: Condition, verdict: str) -> Interval | None:
    """Return the nearest figure that would have said the opposite, for a one-sided condition."""
    if condition.says == "at least":
        edge = condition.lower.high if verdict == AGAINST else _below(condition.lower.low)
    elif condition.says == "at most":
        edge = condition.upper.low if verdict == AGAINST else _above(condition.upper.high)
    else:
        return None
    if verdict not in {AGAINST, BEARS_OUT} or math.isinf(edge):
        return None
    return Interval(edge, edge)


def _below(value: float) -> float:
    return _step(value, -1)


def _above(value: float) -> float:
    return _step(value, 1)


def _step(value: float, direction: int) -> float:
    """Return the next number of three figures above or below."""
    if value == 0:
        return 0.001 * direction
    size = 10.0 ** (math.floor(math.log10(abs(value))) - 2)
    number = value / size
    snapped = math.floor(number) if direction < 0 else math.ceil(number)
    if abs(snapped - number) < 1e-9:
        snapped += direction
    return float(snapped * size)


def turning_points(weighed: Weighed) -> list[tuple[float, Verdict]]:
    """Return the nearest numbers of the claim, below and above its own, at which the word is another one."""
    value = weighed.condition.value
    if value is None:
        return []
    edges = sorted(
        {
            edge
            for _, interval in (*weighed.counted, *weighed.own, *weighed.enemy)
            for edge in (interval.low, interval.high)
            if math.isfinite(edge)
        }
    )
    now = weighed.ruling.word
    found: list[tuple[float, Verdict]] = []
    for direction in (-1, 1):
        beyond = [edge for edge in edges if (edge - value) * direction > 0]
        found += _changes(weighed, beyond if direction > 0 else beyond[::-1], value, now)
    return found


def _changes(
    weighed: Weighed, edges: Sequence[float], value: float, now: Verdict
) -> list[tuple[float, Verdict]]:
    """Return the first change of the word on one side and, where that is no good word, the first good one."""
    found: list[tuple[float, Verdict]] = []
    for edge in edges:
        for candidate in (edge if _is_round(edge) else _snap(edge, value), edge, _snap(edge, value)):
            word = weighed.word(weighed.condition.at(candidate))
            if word == now or (candidate - value) * (edge - value) <= 0:
                continue
            if not found or (RANK[word] >= 2 > RANK[found[-1][1]]):
                found.append((candidate, word))
            break
        if found and RANK[found[-1][1]] != 1:
            break
    return found


def _is_round(value: float) -> bool:
    return value == 0 or abs(value / 10.0 ** (math.floor(math.log10(abs(value))) - 2) % 1) < 1e-9


def _snap(edge: float, value: float) -> float:
    """Return a number of three figures just past the edge, seen from the claim's own number."""
    return _below(edge) if edge < value else _above(edge)
