"""Figures, units and days in plain words, as the page and the terminal show them."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Mapping
from typing import Any

import pandas as pd

from ceasefire.charts import theme
from ceasefire.claims import wording

sentence = wording.sentence

# A unit that stands alone, on an axis or above a table, names what is counted as well.
COUNTED = {
    "persons_per_day": "persons",
    "persons_per_month": "persons",
    "items_per_year": "items",
}
ALONE = {
    "1": "",
    "1/day": "per day",
    "1 per 1,000 km2": "per 1,000 km\N{SUPERSCRIPT TWO}",
    "km2/day": "km\N{SUPERSCRIPT TWO} a day",
    "persons_per_week": "persons a week",
    "km2_per_day": "km\N{SUPERSCRIPT TWO} a day",
}

#: What is counted one by one: a simulation gives fractions of it, which nobody has seen.
WHOLE = {"persons", "vehicles", "rounds", "items", "weapons", "missiles"}

VERDICTS = {
    "supported": "The evidence, or the simulated wars, bear the claim out in this reading.",
    "mostly supported": "They do on the whole; the exceptions are shown.",
    "contested": "Credible sources, or plausible assumptions, disagree; the card says which.",
    "not supported": "The evidence, or the simulated wars, speak against the claim in this reading.",
    "undetermined": "The evidence cannot tell; the card says why.",
    "untestable": "Nothing observable settles it; the card says what would bear on it.",
    "not yet modelled": "The mechanism that the claim rests on is not built.",
}


def plain(word: str) -> str:
    """Return an identifier as words: `killed_and_wounded` as `killed and wounded`."""
    return str(word).replace("_", " ")


def spaced(text: str) -> str:
    """Return a text with the identifiers in it as words."""
    return re.sub(r"(?<=\w)_(?=\w)", " ", text)


#: How a figure a day was made from what a source gave, by the name of the method.
METHODS = {
    "stated": "the source gives it a day",
    "difference": "the difference of two running totals",
    "difference_interpolated": "the difference of two running totals, by straight lines between their days",
    "mean_of_flows": "the mean of the spans that the source gives",
}


def noted(text: str) -> str:
    """Return a note on a figure in words: a method by what it does, identifiers as words."""
    return METHODS.get(text, squared(spaced(text)))


def squared(text: str) -> str:
    """Return a text with square kilometres as they are written."""
    return re.sub(r"\bkm2\b", "km\N{SUPERSCRIPT TWO}", text)


def unprefixed(text: str) -> str:
    """Return a record without the capitals that sort it in a table: `STATUS: it holds` as `It holds`."""
    return sentence(re.sub(r"(^|: )(?:STATUS|FORECAST)(?: [a-z]+)?: *", r"\1", str(text)))


def unit(name: str) -> str:
    """Return a unit in the words of the sentences of a verdict, with what it counts: `persons a day`."""
    if name in ALONE:
        return ALONE[name]
    said = wording.UNITS.get(name) or plain(name)
    return f"{COUNTED[name]} {said}" if name in COUNTED else said


def day(value: Any) -> str:
    """Return a day written out, or nothing; text that is no day stays as it is."""
    if value is None or value == "":
        return ""
    if isinstance(value, str):
        try:
            value = dt.date.fromisoformat(value)
        except ValueError:
            return str(value)
    return theme.day(value)


def published(article: Mapping[str, Any]) -> str:
    """Return when an article came out: `published about 21 December 2022`."""
    when = day(article["published"])
    kind = article.get("published_is")
    if kind == "never":
        return f"written for this audit, published nowhere; it speaks as of {when}"
    return f"published {'about ' if kind == 'approximate' else ''}{when}"


def sortable_day(value: Any) -> str:
    """Return a day as digits that sort, 20221220, or nothing."""
    stamp = pd.Timestamp(value) if value else pd.NaT
    return "" if pd.isna(stamp) else f"{stamp:%Y%m%d}"


def finite(value: float | None) -> float:
    """Return a number, NaN where there is none."""
    return math.nan if value is None else float(value)


def figure(low: float | None, best: float | None, high: float | None, of: str = "") -> str:
    """Return a figure with its interval and unit."""
    shown = theme.figure(finite(low), finite(best), finite(high))
    # A lone infinite end means that the interval is open there.
    return f"{shown} {unit(of)}" if of and shown != "no figure" else shown


def share(value: float) -> str:
    """Return a share as per cent."""
    return theme.percent(value)


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """Return `1 source` or `3 sources`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def dashes(identifier: str) -> str:
    """Return an identifier as words: `truce-costs-more` as `truce costs more`."""
    return identifier.replace("-", " ")


def rounded(number: float, of: str = "", digits: int = 3) -> str:
    """Return a figure of a simulation to a few digits; persons, vehicles and rounds whole."""
    if not math.isfinite(number):
        return "none"
    shown = float(f"{number:.{digits}g}")
    return theme.number(round(shown) if of in WHOLE else shown)


def written_out(number: float) -> str:
    """Return an end of a range to six digits, never as a power of ten."""
    shown = float(f"{number:.6g}")
    text = f"{shown:,.12f}".rstrip("0").rstrip(".")
    return text.replace("-", "\N{MINUS SIGN}")


def value(what: Any) -> str:
    """Return a value in words; nothing for what is empty."""
    if isinstance(what, Mapping):
        items = {plain(name): value(item) for name, item in what.items()}
        return ", ".join(f"{name} {shown}" for name, shown in items.items() if shown)
    if isinstance(what, list | tuple | set | frozenset):
        return ", ".join(shown for shown in (value(item) for item in what) if shown)
    if isinstance(what, bool):
        return "yes" if what else "no"
    if isinstance(what, int | float):
        return theme.number(float(what)) if math.isfinite(what) else ""
    return day(what)
