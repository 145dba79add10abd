"""The one look of every picture: ink on warm white, greys for context, two colours for the sides.

The two colours belong to no flag, stay apart for colour-blind readers and in grey print (one is darker), and
each has a line style of its own. Only system fonts are named; nothing is fetched.
"""

from __future__ import annotations

import textwrap
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

INK = "#1f1d1a"
PAPER = "#fdfcf9"
TEXT = "#57524a"
QUIET = "#6f685e"
HAIRLINE = "#b9b2a5"
GRID = "#e9e4da"
SHADE = "#cfc8bb"
BLUE = "#1a4f8b"
OCHRE = "#b8860b"

SANS = "system-ui, -apple-system, 'Segoe UI', 'Helvetica Neue', Arial, 'Liberation Sans', sans-serif"
SERIF = "Charter, 'Bitstream Charter', 'Iowan Old Style', Georgia, 'Liberation Serif', serif"

#: The two widths of a picture in pixels: for a page, and for a telephone.
WIDE = 640
NARROW = 330

#: How a warring party, whoever is not neutral, and sources outside the war are marked: (fill, stroke).
MARKS: dict[str, tuple[str, str]] = {
    "independent": (INK, INK),
    "ally": ("#aaa397", INK),
    "warring party": (PAPER, INK),
}
MARK_WORDS = {
    "independent": "independent",
    "ally": "not neutral or allied",
    "warring party": "warring party",
}

#: The pictures are either one layered panel or two panels, one below the other.
Chart = alt.LayerChart | alt.FacetChart | alt.VConcatChart


def config(**more: Any) -> dict[str, Any]:
    """Return the Vega-Lite configuration that every picture of ours shares."""
    return {
        "background": PAPER,
        "font": SANS,
        "view": {"stroke": None},
        "axis": {
            "aria": False,
            "domain": False,
            "grid": True,
            "gridColor": GRID,
            "gridWidth": 1,
            "labelColor": TEXT,
            "labelFontSize": 12,
            "labelFontWeight": "normal",
            "labelPadding": 6,
            "ticks": False,
            "title": None,
        },
        "text": {"color": INK, "fontSize": 12.5, "lineBreak": "\n"},
        "mark": {"aria": False},
        **more,
    }


def is_narrow(width: int) -> bool:
    """Say whether a width is that of a telephone: labels then stand above what they label."""
    return width < 480


def wrap(text: str, characters: int, lines: int = 3) -> list[str]:
    """Return `text` in at most `lines` lines of about `characters`; what does not fit ends in three dots."""
    wrapped = textwrap.wrap(str(text), max(characters, 8), break_long_words=True) or [""]
    if len(wrapped) > lines:
        kept = wrapped[lines - 1]
        if len(kept) > characters - 3:
            # Cut between words where there are several.
            kept = kept[: characters - 3].rpartition(" ")[0] or kept[: characters - 3]
        wrapped = [*wrapped[: lines - 1], kept.rstrip(" ,.;:") + "..."]
    return wrapped


def number(value: float) -> str:
    """Return a figure as a reader expects it: thousands with commas, small figures with three digits."""
    if not np.isfinite(value):
        return ""
    if abs(value) >= 100 or float(value).is_integer():
        return f"{value:,.0f}".replace("-", "\N{MINUS SIGN}")
    # Three digits, never as a power of ten.
    shown = np.format_float_positional(value, precision=3, unique=False, fractional=False, trim="-")
    return shown.replace("-", "\N{MINUS SIGN}")


_BOUND = {"low": "at least", "high": "up to"}


def figure(low: float, best: float, high: float) -> str:
    """Return a figure with its interval in the same breath, or what of it is known."""
    words = {name: number(end) for name, end in (("low", low), ("high", high)) if np.isfinite(end)}
    if np.isfinite(best):
        around = {name: shown for name, shown in words.items() if shown != number(best)}
        if len(words) == 2 and around:
            return f"{number(best)} ({words['low']} to {words['high']})"
        return ", ".join([number(best), *(f"{_BOUND[name]} {shown}" for name, shown in around.items())])
    if len(words) == 2:
        return words["low"] if words["low"] == words["high"] else f"{words['low']} to {words['high']}"
    return next((f"{_BOUND[name]} {shown}" for name, shown in words.items()), "no figure")


def percent(share: float) -> str:
    """Return a share from 0 to 1 as per cent."""
    return f"{100 * share:.0f}\N{NO-BREAK SPACE}%"


def day(value: Any) -> str:
    """Return a date written out, `20 December 2022`; nothing for a missing one."""
    stamp = pd.Timestamp(value) if value is not None else pd.NaT
    return "" if pd.isna(stamp) else f"{stamp.day} {stamp:%B %Y}"


def short_day(value: Any) -> str:
    """Return a date for a tight place, `20 Dec 2022`."""
    stamp = pd.Timestamp(value) if value is not None else pd.NaT
    return "" if pd.isna(stamp) else f"{stamp.day} {stamp:%b %Y}"
