"""Numbers, days and lists in plain words, rounded as the uncertainty allows."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence

from ceasefire.claims.figures import Condition, Interval

MINUS = "\N{MINUS SIGN}"
NUMBERS = (
    "no",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)
UNITS = {
    "persons": "",
    "persons_per_day": "a day",
    "persons_per_month": "a month",
    "km2": "km²",
    "percent": "%",
    "percent_gdp": "% of GDP",
    "share": "",
    "ratio": "times",
    "records": "",
    "EUR_billion": "billion euros",
    "usd_bn": "billion US dollars",
    "rub_trn": "trillion roubles",
    "items_per_year": "a year",
    "items": "",
    "weapons": "",
    "missiles": "",
    "GW": "GW",
}


def day(date: dt.date) -> str:
    """Return a day written out: 20 December 2022."""
    return f"{date.day} {date:%B %Y}"


def number(value: int) -> str:
    """Return a whole number as a word up to twelve, in figures above."""
    return NUMBERS[value] if 0 <= value < len(NUMBERS) else f"{value:,}"


def count(value: int, noun: str) -> str:
    """Return `one source`, `three sources`, `14 sources`."""
    return f"{number(value)} {noun if value == 1 else noun + 's'}"


def exact(value: float) -> str:
    """Return a number as it was stated: 99,230; 537.4; 0.62."""
    if math.isinf(value):
        return "any"
    if value == 0:
        return "0"
    if abs(value) >= 1000 or float(value).is_integer():
        return f"{value:,.0f}".replace("-", MINUS)
    return f"{value:,.3g}".replace("-", MINUS)


def rounded(value: float, figures: int = 2) -> str:
    """Return a number to a few significant figures: 20,330 as 20,000."""
    if value == 0 or math.isinf(value):
        return exact(value)
    places = figures - 1 - math.floor(math.log10(abs(value)))
    return exact(round(value, places))


def with_unit(text: str, unit: str) -> str:
    """Return the text with its unit in words."""
    word = UNITS.get(unit, unit.replace("_", " "))
    if not word:
        return text
    return f"{text} {word}"


def figure(low: float | None, best: float | None, high: float | None, unit: str = "") -> str:
    """Return a figure with its interval: about 20,000 (12,000 to 34,000); at least 20,000; up to 500."""
    has_low, has_best, has_high = (value is not None and math.isfinite(value) for value in (low, best, high))
    if has_best and has_low and has_high and low != high:
        text = f"about {_as_wide(_f(best), _f(high) - _f(low))} ({rounded(_f(low))} to {rounded(_f(high))})"
    elif has_low and has_high and low != high:
        text = f"{rounded(_f(low))} to {rounded(_f(high))}"
    elif has_best and has_low and low != best:
        text = f"{rounded(_f(low))} to {rounded(_f(best))}"
    elif has_best and has_high and high != best:
        text = f"{rounded(_f(best))} to {rounded(_f(high))}"
    elif has_best:
        text = f"about {rounded(_f(best), 3)}"
    elif has_low and has_high:
        text = f"about {rounded(_f(low), 3)}"
    elif has_low:
        text = f"at least {rounded(_f(low), 3)}"
    elif has_high:
        text = f"up to {rounded(_f(high), 3)}"
    else:
        return "no figure"
    return with_unit(text, unit)


def _as_wide(value: float, width: float) -> str:
    """Return a number to the place that its interval allows: two figures of the interval's width."""
    place = 1 - math.floor(math.log10(width))
    return exact(round(value, place) + 0.0)


def _f(value: float | None) -> float:
    return float("nan") if value is None else float(value)


def span(
    intervals: Sequence[Interval], bests: Sequence[float | None], unit: str, *, bounds: bool = False
) -> str:
    """Return the range that several figures span: 17,000 to 24,000; at least 20,000.

    Args:
        intervals: what each figure allows.
        bests: the best value of each, None where it has none.
        unit: the unit of all.
        bounds: name the range with the figures' intervals too, where it is wider than that of best values.
    """
    centres = [best for best in bests if best is not None and math.isfinite(best)]
    lows = [item.low for item in intervals if math.isfinite(item.low)]
    highs = [item.high for item in intervals if math.isfinite(item.high)]
    if not centres and not highs and not lows:
        return "no figure"
    if not centres and not highs:
        text = f"at least {rounded(max(lows), 3)}"
    elif not centres and not lows:
        text = f"up to {rounded(min(highs), 3)}"
    else:
        ends = [
            *centres,
            *[
                value
                for item, best in zip(intervals, bests, strict=True)
                if best is None
                for value in (item.low, item.high)
                if math.isfinite(value)
            ],
        ]
        low, high = rounded(min(ends)), rounded(max(ends))
        text = f"about {low}" if low == high else f"about {low} to {high}"
        # Best values alone would hide how wide the figures are.
        bottom = rounded(min([*ends, *(v for v in lows if v <= max(ends))]))
        top = rounded(max([*ends, *(v for v in highs if v >= min(ends))]))
        if bounds and (bottom, top) != (low, high):
            text += f" ({bottom} to {top} with their intervals)"
    return with_unit(text, unit)


def stated(condition: Condition, unit: str) -> str:
    """Return what a claim states: at least 100,000; at least 400 to 1,000 a day."""
    lower, upper = condition.lower, condition.upper
    if condition.value is not None:
        return with_unit(f"{condition.says} {exact(condition.value)}", unit)
    if condition.says in {"at least", "at most"}:
        edge = lower if condition.says == "at least" else upper
        ends = exact(edge.low) if edge.low == edge.high else f"{exact(edge.low)} to {exact(edge.high)}"
        return with_unit(f"{condition.says} {ends}", unit)
    return with_unit(f"between {exact(lower.low)} and {exact(upper.high)}", unit)


def listed(words: Sequence[str], last: str = "and") -> str:
    """Return a list in words: a, b and c."""
    if len(words) <= 1:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def odds(probability: float) -> str:
    """Return a probability as a count of wars: in about 7 of 10 simulated wars."""
    if probability < 0.05:
        return "in fewer than 1 of 20 simulated wars"
    if probability > 0.95:
        return "in more than 19 of 20 simulated wars"
    return f"in about {min(max(round(probability * 10), 1), 9)} of 10 simulated wars"


def sentence(text: str) -> str:
    """Return the text with a capital first letter and one full stop."""
    text = text.strip()
    if not text:
        return text
    return text[0].upper() + text[1:] + ("" if text.endswith((".", "?", "!")) else ".")
