"""Does an answer of simulated wars hold up: where the other one comes out, and under what it stays (rule 13).

Whether the sign stays under one kind of other assumption (each rival equation, sceptical and credulous priors
of a truce, each date): with p the share of all wars that go as the claim says,

* `yes`: under each of them the share surely lies on the same side of one half as p;
* `no`: under one of them it surely lies on the other side;
* `open`: neither.

Surely: with its whole 95 % interval. Of fewer than 20 wars the share says nothing. It is told beside the
word; what follows for the word is the business of the caps.

Whether a condition flips the answer: `yes` where the whole 90 % interval of its density (the share of the
wars that meet it in which the other answer comes out) lies above one half, `no` where it lies below, else
`open`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from ceasefire.claims.rules import FEWEST, HALF, Rival

if TYPE_CHECKING:
    from ceasefire.analysis.questions import Condition
    from ceasefire.analysis.shares import Share

Stays = Literal["yes", "no", "open"]
Under = Literal["rival equations", "priors of a truce", "dates", "readings"]
# A condition that flips the answer and holds so many of all wars is an exception that a word has to name.
A_TENTH = 0.1


@dataclasses.dataclass(frozen=True)
class Held:
    """Whether the sign of an answer stays under one kind of other assumption."""

    under: Under
    stays: Stays
    low: float
    """Least share of the wars that go as the claim says under any of them."""
    low_at: str
    """Under which, in words."""
    high: float
    """The greatest."""
    high_at: str


def held(under: Under, share: float, rows: Mapping[str, Rival]) -> Held | None:
    """Return whether the sign of a share of wars stays; None where there is nothing to hold it against.

    Args:
        under: the kind of assumption.
        share: of all wars, those that go as the claim says.
        rows: what the wars say under each such assumption, by its name in words.
    """
    told = {name: row for name, row in rows.items() if row.draws >= FEWEST}
    if not told:
        return None
    above, below = share > HALF, share < HALF
    stays: Stays = "open"
    if any((above and row.high < HALF) or (below and row.low > HALF) for row in told.values()):
        stays = "no"
    elif all((above and row.low > HALF) or (below and row.high < HALF) for row in told.values()):
        stays = "yes"
    low, high = (end(told, key=lambda name: told[name].share) for end in (min, max))
    return Held(under, stays, told[low].share, low, told[high].share, high)


def flips(one: Condition) -> Stays:
    """Say whether a condition flips the answer."""
    if one.density.low > HALF:
        return "yes"
    return "open" if one.density.high >= HALF else "no"


def exception(conditions: Sequence[Condition] | None, other: str) -> str:
    """Return, in words, the largest condition that surely flips the answer in a tenth of all wars or more.

    Args:
        conditions: those that were found.
        other: the other answer in a word, such as `fewer`.

    Returns:
        The condition with its numbers; empty where there is none.
    """
    found = [one for one in conditions or () if flips(one) == "yes" and one.support.value >= A_TENTH]
    if not found:
        return ""
    return in_numbers(max(found, key=lambda one: one.support.value), other)


def in_numbers(one: Condition, other: str) -> str:
    """Return a condition with its density and support in words, as it stands in a sentence of its own."""
    from ceasefire.analysis.questions import OUTSIDE

    text = one.text
    if text.endswith(OUTSIDE):
        text = f"{text.removesuffix(OUTSIDE)}, outside of what was found first"
    return (
        f"{text} ({other} in {_interval(one.density)} of these wars, which are {one.support.value:.0%} of"
        " all)"
    )


def different(conditions: Sequence[Condition] | None, other: str) -> tuple[str, ...]:
    """Return, in words, the conditions that surely flip the answer, as what would have to be true for it."""
    return tuple(
        f"the war were one in which {in_numbers(one, other)}"
        for one in conditions or ()
        if flips(one) == "yes"
    )


def _interval(share: Share) -> str:
    return f"{share.value:.0%} ({share.low:.0%} to {share.high:.0%})"
