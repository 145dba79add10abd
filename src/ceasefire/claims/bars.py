"""What carries the difference between two policies, in words and as the data of a picture."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from ceasefire.claims.chartdata import BarsChart
from ceasefire.claims.modelled import Bar
from ceasefire.claims.wording import listed, number, sentence

# Bars of a picture, and inputs that a sentence names.
MOST = 6
NAMED = 3
KINDS = {"learnt": "learnt", "assumed": "assumed", "structure": "a rival equation"}
NOTHING = "chance: no input of the wars is told apart from nothing"


def foremost(bars: Sequence[Bar]) -> str:
    """Return the inputs that carry most, in words."""
    if not bars:
        return NOTHING
    told = [f"{bar.meaning} ({KINDS[bar.kind]})" for bar in bars[:NAMED]]
    return f"what carries the difference, the foremost first: {listed(told)}"


def bars_chart(bars: Sequence[Bar] | None, of: str) -> tuple[BarsChart, ...]:
    """Return the picture of the foremost inputs; none where there is nothing to draw.

    Args:
        bars: the inputs that are told apart from nothing.
        of: the difference, in words.
    """
    shown = list(bars or ())[:MOST]
    if not shown:
        return ()
    assumed = sum(bar.kind == "assumed" for bar in shown)
    those = f"of {number(len(shown))} shown {number(assumed)} {'is' if assumed == 1 else 'are'} assumed"
    frame = pd.DataFrame(
        {
            "label": [sentence(bar.meaning).rstrip(".") for bar in shown],
            "kind": [bar.kind for bar in shown],
            "value": [bar.delta for bar in shown],
            "low": [max(bar.delta_low, 0.0) for bar in shown],
            "high": [min(bar.delta_high, 1.0) for bar in shown],
            "null": [bar.null for bar in shown],
        }
    )
    rest = len(bars or ()) - len(shown)
    more = f"; {rest} more are told apart from nothing" if rest else ""
    return (
        BarsChart(
            title="The input that tells most moves the distribution of the difference by"
            f" {shown[0].delta:.0%}; {those}",
            subtitle=f"{of}: how far knowing each input would move the distribution of the difference, from 0"
            f" (not at all) to 100 %, with 95 % intervals{more}",
            frame=frame,
        ),
    )
