"""Does an answer hold up: what a card shows of conditions, of rival assumptions, and of what carries it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ceasefire.claims.bars import KINDS, NOTHING
from ceasefire.claims.holding import Held, Stays, Under, flips
from ceasefire.claims.modelled import Bar, Modelled
from ceasefire.claims.results import Audit, Result
from ceasefire.claims.rules import HALF
from ceasefire.report import flipping, words

UNDER: dict[Under, str] = {
    "rival equations": "Whichever of the rival equations holds",
    "priors of a truce": "Whether a truce is likely to hold or not",
    "dates": "On every date up to then",
    "readings": "In the other readings of the same two policies",
}
IN_ALL = "In every kind of these wars"
# Kinds of claim whose card says so where no two policies are compared.
ASKED_OF = frozenset({"counterfactual", "policy"})


def block(modelled: Modelled | None, then: Modelled | None = None) -> dict[str, Any] | None:
    """Return what a card shows of a comparison of two policies; None where there is none.

    Args:
        modelled: what simulated wars say, from what is known now.
        then: from what was known then.
    """
    if modelled is None or not modelled.other:
        return None
    return {
        "answer": _answer(modelled.probability),
        "rows": _rows(modelled),
        "then": "" if then is None or then == modelled else _in_short(then),
        **_conditions(modelled),
        "bars": [_bar(bar) for bar in modelled.bars or ()],
        "no_bars": f"What carries the difference is {NOTHING}." if modelled.bars == () else "",
    }


def _answer(share: float) -> str:
    if share == HALF:
        return "As many wars go as the reading says as do not."
    most = max(share, 1.0 - share)
    does = "go" if share > HALF else "do not go"
    return f"Most wars ({words.share(most)}) {does} as the reading says. Does that stay?"


def _rows(modelled: Modelled) -> list[dict[str, str]]:
    kinds = _in_all_kinds(modelled)
    return [*(_row(one) for one in modelled.holds), *([] if kinds is None else [kinds])]


def _in_short(then: Modelled) -> str:
    told = "; ".join(f"{row['asks'][:1].lower()}{row['asks'][1:]}: {row['stays']}" for row in _rows(then))
    return f"As known then: {_answer(then.probability)} {words.sentence(told)}" if told else ""


def _row(one: Held) -> dict[str, str]:
    ends = ((one.low, one.low_at), (one.high, one.high_at))
    low, high = (f"{words.share(share)} ({words.squared(at)})" for share, at in ends)
    told = low if ends[0] == ends[1] else f"from {low} to {high}"
    return {"asks": UNDER[one.under], "stays": one.stays, "told": f"{told} of the wars go as it says"}


def _in_all_kinds(modelled: Modelled) -> dict[str, str] | None:
    """Return whether the answer stays whatever the wars differ in; None where that was not searched."""
    if modelled.conditions is None:
        return None
    found = [flips(one) for one in modelled.conditions]
    stays: Stays = "no" if "yes" in found else "open" if "open" in found else "yes"
    told = {
        "no": "conditions that flip it were found, below",
        "open": "under conditions below the wars are divided",
        "yes": "conditions that make the other answer likelier were found, below, and none that flips it",
    }[stays]
    return {"asks": IN_ALL, "stays": stays, "told": told if found else "no condition was found that flips it"}


def _conditions(modelled: Modelled) -> dict[str, Any]:
    """Return the conditions as sentences, under what they are; none where they were not searched."""
    found = modelled.conditions
    if found is None:
        return {"where": "", "conditions": []}
    base = min(modelled.probability, 1.0 - modelled.probability)
    told = [f"Where {words.squared(one.text)}: {flipping.told(one, modelled.other)}" for one in found]
    return {
        "where": flipping.heading(modelled.other, base),
        "conditions": told or [flipping.NONE_FOUND],
    }


def _bar(bar: Bar) -> dict[str, str]:
    return {
        "input": words.squared(words.sentence(bar.meaning).rstrip(".")),
        "kind": KINDS[bar.kind],
        "delta": _interval(bar.delta, bar.delta_low, bar.delta_high),
        "delta_sort": repr(bar.delta),
        "first": _interval(bar.first, bar.first_low, bar.first_high),
        "first_sort": repr(bar.first),
        "above": "" if math.isnan(bar.above) else words.share(bar.above),
        "below": "" if math.isnan(bar.below) else words.share(bar.below),
    }


def _interval(value: float, low: float, high: float) -> str:
    shown, least, most = (words.share(min(max(end, 0.0), 1.0)) for end in (value, low, high))
    return f"{shown} ({least} to {most})"


def elsewhere(result: Result, audit: Audit) -> str:
    """Return where the bars and conditions stand of a card that has none of its own, where it should."""
    if result.kind not in ASKED_OF or block(result.modelled) is not None:
        return ""
    own = sum(block(reading.modelled) is not None for reading in result.readings)
    if own:
        which = "the one reading that compares" if own == 1 else f"the {own} readings that compare"
        return f"What carries it, and where it flips, stand below with {which} two policies."
    rests = next((reason["rests_on"] for reason in result.reason if "rests_on" in reason), {})
    named = [other.short for other in audit.results if other.id in rests and _compares(other)]
    told = "This claim compares no two policies over the same wars, and has no bars and conditions of its own"
    if not named:
        return f"{told}."
    return f"{told}; they stand with what it rests on: {_quoted(named)}."


def _compares(result: Result) -> bool:
    return any(block(reading.modelled) is not None for reading in result.readings)


def _quoted(texts: Sequence[str]) -> str:
    return "; ".join(f"\N{LEFT DOUBLE QUOTATION MARK}{text}\N{RIGHT DOUBLE QUOTATION MARK}" for text in texts)
