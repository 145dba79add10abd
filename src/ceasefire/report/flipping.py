"""Where the other answer of a comparison comes out, in words: for the terminal and for the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ceasefire.analysis.shares import Share
from ceasefire.claims.counterfactuals import COUNTED
from ceasefire.claims.holding import Stays, flips
from ceasefire.report import words

if TYPE_CHECKING:
    from ceasefire.analysis.questions import Condition

NONE_FOUND = "No condition was found that holds in wars that were not searched for it."
FLIPS: Mapping[Stays, str] = {
    "yes": "it flips the answer",
    "no": "it does not flip the answer",
    "open": "whether it flips the answer is open",
}


def less(unit: str) -> str:
    """Return the opposite of more: fewer of what is counted one by one, else less."""
    return "fewer" if unit in COUNTED else "less"


def heading(other: str, base: float) -> str:
    """Return what the conditions are: where the other answer is likelier than in all wars.

    Args:
        other: the other answer in a word, such as `fewer`.
        base: the share of all wars in which it comes out.
    """
    return f'Where "{other}" is likelier than in all wars ({words.share(base)}, ties as one half)'


def told(one: Condition, other: str) -> str:
    """Return what holds in the wars that meet a condition, as what follows the condition itself."""
    return (
        f"{other} in {interval(one.density)} of these wars; {FLIPS[flips(one)]}. They are"
        f" {interval(one.support)} of all wars, and hold {interval(one.coverage)} of those with {other}."
    )


def interval(share: Share) -> str:
    """Return a share with its interval: `64 % (58 % to 70 %)`."""
    return f"{words.share(share.value)} ({words.share(share.low)} to {words.share(share.high)})"
