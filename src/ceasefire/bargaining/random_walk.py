"""A war as a random walk: battles move the line one fort at a time until one side has all or none.

Equation, for a side that holds i of N forts and wins each battle with the chance p, r = (1 - p) / p:

    P(win) = (1 - r^i) / (1 - r^N),   i / N where p = 1/2
    E[battles] = (i - N P(win)) / (1 - 2 p),   i (N - i) where p = 1/2

| symbol | argument | unit | range |
| --- | --- | --- | --- |
| N, i | forts, held | forts | N >= 1, 0 <= i <= N |
| p | chance of winning a battle | probability | 0 to 1, both left out |

Source: gambler's ruin; as a model of war: Smith and Stam 2004, Journal of Conflict Resolution 48. Derived.
Known to fail: every battle is alike and nobody learns or tires. Their point, that sides who disagree about p
come to agree by fighting, is not in it.
Worked number: 10 forts, 5 held, p = 0.55: P(win) = 0.7317 and 23.17 battles.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from ceasefire.files import InputError


class RandomWalk(NamedTuple):
    """How such a war ends."""

    wins: float
    """Probability that the side wins."""
    battles: float
    """Expected number of battles."""


def random_walk(forts: int, held: int, chance: float) -> RandomWalk:
    """Return how a war of forts ends for one side; symbols as in the module.

    Raises:
        InputError: forts that cannot be, or a chance that is not inside 0 to 1.
    """
    if forts < 1 or not 0 <= held <= forts:
        raise InputError(
            f"{held} of {forts} forts cannot be held.", "random_walk", "give 0 to all of at least one fort."
        )
    if not 0.0 < chance < 1.0:
        raise InputError(
            f"{chance:g} is no chance of winning a battle.", "random_walk", "give a number inside 0 to 1."
        )
    # log r; where it is above 0 both powers are large, and the same ratio is taken of their inverses.
    log_odds = math.log1p(-chance) - math.log(chance)
    if abs(log_odds) * forts < 1e-6:
        return RandomWalk(held / forts, float(held * (forts - held)))
    if log_odds > 0.0:
        wins = math.exp((held - forts) * log_odds) * math.expm1(-held * log_odds)
        wins /= math.expm1(-forts * log_odds)
    else:
        wins = math.expm1(held * log_odds) / math.expm1(forts * log_odds)
    return RandomWalk(wins, (held - forts * wins) / (1.0 - 2.0 * chance))
