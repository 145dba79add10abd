"""Figures, units, days and reasons in plain words, as the page and the terminal show them."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from ceasefire.charts import theme

UNITS = {
    "1": "",
    "persons_per_day": "persons per day",
    "persons_per_month": "persons per month",
    "persons_per_week": "persons per week",
    "km2": "km\N{SUPERSCRIPT TWO}",
    "km2_per_day": "km\N{SUPERSCRIPT TWO} per day",
    "percent": "per cent",
    "percent_gdp": "per cent of GDP",
    "EUR_billion": "billion euros",
    "usd_bn": "billion US dollars",
    "rub_trn": "trillion roubles",
    "items_per_year": "items per year",
}

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


def unit(name: str) -> str:
    """Return a unit in words."""
    return UNITS.get(name, plain(name))


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


def because(reasons: tuple[Mapping[str, Any], ...]) -> list[str]:
    """Return the reasons of a verdict, which are data, as sentences."""
    return [_reason(dict(reason)) for reason in reasons]


def _reason(data: dict[str, Any]) -> str:
    rule = str(data.pop("rule", "")).strip()
    if "origins_counted" in data:
        return _origins(rule, data)
    if rule == "parties to the war are shown and not counted":
        rows, out, against = (data.get(name, 0) for name in ("rows", "would_bear_out", "would_be_against"))
        return (
            f"{counted(rows, 'figure')} of parties to the war {'is' if rows == 1 else 'are'} shown and not"
            f" counted; {out} would bear the claim out, {against} would speak against it."
        )
    says = data.pop("says", None)
    head = sentence(str(says) if says else rule)
    details = [f"{plain(name)} {value}" for name, value in ((n, _value(v)) for n, v in data.items()) if value]
    if not details:
        return head
    return f"{head.rstrip('.')} ({'; '.join(details)})."


def _origins(rule: str, data: Mapping[str, Any]) -> str:
    total = int(data["origins_counted"])
    if not total:
        return sentence(f"No independent origin counts{f': {rule}' if rule else ''}")
    parts = [
        f"{data[name]} {words}"
        for name, words in (
            ("bear_out", "bear the claim out" if data.get("bear_out") != 1 else "bears the claim out"),
            ("against", "speak against it" if data.get("against") != 1 else "speaks against it"),
            ("straddle", "compatible either way"),
            ("leave_open", "too loose to tell"),
        )
        if data.get(name)
    ]
    said = f"Of {counted(total, 'independent origin')}, {', '.join(parts) or 'none decides'}"
    return sentence(f"{said}: {rule}" if rule else said)


def _value(value: Any) -> str:
    """Return a value of a reason in words; nothing for what is empty."""
    if isinstance(value, Mapping):
        items = {plain(name): _value(item) for name, item in value.items()}
        return ", ".join(f"{name} {shown}" for name, shown in items.items() if shown)
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(shown for shown in (_value(item) for item in value) if shown)
    return _single(value)


def _single(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return theme.number(float(value)) if math.isfinite(value) else ""
    return day(value)


def sentence(text: str) -> str:
    """Return the text with a capital first letter and one full stop."""
    text = text.strip()
    if not text:
        return text
    return text[0].upper() + text[1:] + ("" if text.endswith((".", "?", "!")) else ".")
