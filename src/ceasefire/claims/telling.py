"""From weighed sources to a finding: the sentence fit to quote, and the data of the picture."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import numpy as np
import pandas as pd

from ceasefire.claims.chartdata import SourcesChart
from ceasefire.claims.figures import Interval
from ceasefire.claims.results import Finding, SourceRow
from ceasefire.claims.rules import Ruling
from ceasefire.claims.turning import different_if
from ceasefire.claims.weighing import Voice, Weighed, depends_on, reasons
from ceasefire.claims.wording import (
    count,
    day,
    exact,
    figure,
    listed,
    number,
    sentence,
    span,
    stated,
    with_unit,
)

# A figure within two weeks of the asked day is told without its own day: the sources table has it.
FAR_DAYS = 14


def finding(
    weighed: Weighed,
    noun: str,
    when: str,
    unit: str,
    date: dt.date,
    *,
    extra: dict[str, Any] | None = None,
    yard: str = "",
) -> Finding:
    """Return the finding of weighed sources.

    Args:
        weighed: the sources and the ruling on them.
        noun: what is counted, in words.
        when: the time that the claim speaks of, in words.
        unit: the unit of the claim.
        date: the day that the claim speaks of.
        extra: a further reason, as data.
        yard: the name of the yardstick, where one stands for the claim's number.
    """
    said = stated(weighed.condition, unit) + (f" ({yard})" if yard else "")
    if weighed.condition.says == "about":
        said += f", give or take {100 * weighed.condition.tolerance:.3g} %"
    quote = (
        _as_reported_quote(weighed, noun, when, unit, date, extra)
        if weighed.reported_by
        else _quote(weighed, noun, when, unit, said, date)
    )
    return Finding(
        verdict=weighed.ruling.word,
        probability=weighed.ruling.share,
        interval=figures_range(weighed),
        interval_of=f"the figures that count, {unit.replace('_', ' ')}",
        sources=weighed.rows,
        reason=(*reasons(weighed), *([extra] if extra else []), *_near_miss(weighed)),
        quote=quote,
        depends_on=depends_on(weighed),
        different_if=different_if(weighed, unit),
        chart=sources_chart(weighed, f"{noun} {when}", unit, date, said, weighed.condition.value),
    )


def _near_miss(weighed: Weighed) -> tuple[dict[str, Any], ...]:
    """Return figures that come near the claim's number but count another thing."""
    value = weighed.condition.value
    return tuple(
        {
            "rule": "near the number, but counts another thing",
            "source": row.label,
            "counts": row.concept,
            "value": row.best,
            "date": row.end,
        }
        for row in weighed.rows
        if row.role == "beside" and value and row.best is not None and abs(row.best / value - 1.0) <= 0.05
    )


def _heads(weighed: Weighed) -> list[Voice]:
    """Return the counted rows that a range is formed from: figures of the day before bounds of other days."""
    weighing = weighed.informing or weighed.counted
    return [pair for pair in weighing if pair[0].role == "value"] or weighing


def figures_range(weighed: Weighed) -> tuple[float | None, float | None] | None:
    """Return the range that the counted figures span; an end is None where no origin gives one."""
    lows = [item.low for _, item in _heads(weighed) if math.isfinite(item.low)]
    highs = [item.high for _, item in _heads(weighed) if math.isfinite(item.high)]
    return (min(lows) if lows else None, max(highs) if highs else None) if lows or highs else None


def _quote(weighed: Weighed, noun: str, when: str, unit: str, said: str, date: dt.date) -> str:
    ruling = weighed.ruling
    if weighed.deciding:
        return _party_quote(weighed, noun, when, unit, said)
    claim = f"the claim of {said}"
    heads = _heads(weighed)
    if not heads:
        return sentence(
            f"No source outside the war gives a figure for {noun} {when} that could settle {claim}"
        )
    # A bound has no best value: "up to 120", not "about 120".
    values = span(
        [item for _, item in heads],
        [row.best if row.role == "value" else None for row, _ in heads],
        unit,
        bounds=True,
    )
    total = ruling.bears_out + ruling.against + ruling.straddles
    start = f"{noun} {when} came to {values} by"
    if total == 0:
        return sentence(f"{start} {_origins(len(heads))}, which leaves {claim} open")
    if total == 1:
        does = "bears out" if ruling.bears_out else "does not bear out" if ruling.against else "leaves open"
        row = heads[0][0]
        label = row.label + (", not neutral" if row.party == "ally" else "")
        label += f", of {day(row.end)}" if row.end is not None and row.end != date else ""
        return sentence(f"{start} the one origin outside the war that weighs ({label}), which {does} {claim}")
    told = [_of_several(ruling, start, claim, total)]
    others = [
        f"{row.label} ({day(row.end)})"
        for row, _ in heads
        if row.end is not None and abs((row.end - date).days) > FAR_DAYS
    ]
    told += [f"of another day: {listed(others)}"] if others else []
    # A bound beside figures is no part of their range; one that they fall short of or exceed must be told.
    spoken = [row for row, _ in heads]
    low, high = figures_range(weighed) or (None, None)
    told += [
        f"{row.label} gives a bound: {_bound(row, interval, unit)}"
        for row, interval in weighed.informing
        if row not in spoken and _outside(interval, low, high)
    ]
    return sentence("; ".join(told))


def _outside(bound: Interval, low: float | None, high: float | None) -> bool:
    """Return whether a bound leaves out a part of the range that the figures span."""
    above = low is not None and low < bound.low
    below = high is not None and high > bound.high
    return above or below


def _bound(row: SourceRow, interval: Interval, unit: str) -> str:
    return figure(interval.low, None, interval.high, unit)


def _of_several(ruling: Ruling, start: str, claim: str, total: int) -> str:
    if ruling.bears_out == total:
        return f"{start} {_origins(total)}, all of which bear out {claim}"
    if ruling.bears_out == 0 and ruling.straddles == 0:
        return f"{start} origins outside the war; none of the {number(total)} that weigh bears out {claim}"
    told: list[str] = []
    for origins, one, several in (
        (ruling.bears_out, "bears out", "bear out"),
        (ruling.against, "speaks against", "speak against"),
        (ruling.straddles, "straddles", "straddle"),
    ):
        if origins:
            told.append(
                f"{count(origins, 'origin')} {one if origins == 1 else several} {'it' if told else claim}"
            )
    return f"{start} {_origins(total)}: {listed(told)}"


def _origins(number: int) -> str:
    return f"{count(number, 'origin')} outside the war"


def _party_quote(weighed: Weighed, noun: str, when: str, unit: str, said: str) -> str:
    row, kind = weighed.deciding[0]
    value = figure(row.low, row.best, row.high, unit)
    reason = "its own losses too high" if kind == "floor" else "its enemy's losses too low"
    why = f"which has no reason to count {reason}"
    end = f"not {said}" if weighed.ruling.word == "not supported" else f"which bears out {said}"
    return sentence(
        f"No origin outside the war settles it, but even {row.label}, {why},"
        f" put {noun} {when} at {value}, {end}"
    )


def _as_reported_quote(
    weighed: Weighed, noun: str, when: str, unit: str, date: dt.date, extra: dict[str, Any] | None
) -> str:
    if not weighed.counted:
        return sentence(f"No statement of {weighed.reported_by} on {noun} {when} could be read")
    row, _ = weighed.counted[0]
    value = exact(row.best) if row.best is not None else figure(row.low, row.best, row.high)
    text = f"{row.label} reported {with_unit(value, unit)} for {noun} {when}"
    text += f" (its figure of {day(row.end)})" if row.end is not None and row.end != date else ""
    if extra is not None and extra.get("date") is not None and extra["date"] > (row.end or extra["date"]):
        text += (
            f" and passed {exact(extra['value'])} by {day(extra['date'])}, with {exact(extra['reported'])}"
        )
    return sentence(f"{text}; this says what was reported, not that it is right")


def sources_chart(
    weighed: Weighed, title: str, unit: str, date: dt.date | None, said: str, value: float | None
) -> SourcesChart | None:
    """Return the data of the picture, the claim's value marked; None where there is no source."""
    if not weighed.rows:
        return None
    frame = pd.DataFrame(
        [
            {
                "label": row.label,
                "source": row.source,
                "root": row.root,
                **_drawn(row, interval),
                "date": pd.Timestamp(row.end) if row.end else pd.NaT,
                "party": row.party,
                "counted": row.counted,
                "restates": row.restates,
                "concept": row.concept,
                "role": row.role,
                "verdict": row.verdict,
            }
            for row, interval in zip(weighed.rows, weighed.intervals, strict=True)
        ]
    )
    numbers = frame[["low", "best", "high"]].to_numpy(dtype=float)
    positive = numbers[np.isfinite(numbers) & (numbers > 0)]
    claimed = [value] if value else []
    wide = positive.size > 0 and max([*positive, *claimed]) / min([*positive, *claimed]) >= 10
    all_positive = bool((numbers[np.isfinite(numbers)] > 0).all())
    lower, upper = weighed.condition.lower, weighed.condition.upper
    edges = [edge for edge in (lower.low, lower.high, upper.low, upper.high) if math.isfinite(edge)]
    return SourcesChart(
        quantity=title,
        unit=unit,
        claim_value=value,
        claim_low=min(edges) if edges else None,
        claim_high=max(edges) if edges else None,
        claim_date=date,
        claim_label=f"the claim: {said}",
        frame=frame,
        log=wide and all_positive,
        title=_chart_title(weighed, said),
        subtitle=f"{sentence(title).rstrip('.')}; unit: {unit.replace('_', ' ')}",
    )


def _drawn(row: SourceRow, interval: Interval | None) -> dict[str, float | None]:
    """Return what is drawn of a row: of a floor or a ceiling its one end, else the figure as stated."""
    if interval is None or row.role == "value":
        return {"value": row.value, "low": row.low, "best": row.best, "high": row.high}
    low, high = (end if math.isfinite(end) else None for end in (interval.low, interval.high))
    return {"value": low if high is None else high, "low": low, "best": None, "high": high}


def _chart_title(weighed: Weighed, said: str) -> str:
    """Return the finding of the picture."""
    ruling = weighed.ruling
    total = ruling.bears_out + ruling.against + ruling.straddles
    if weighed.reported_by:
        return "What the source itself reported"
    if weighed.deciding:
        _, kind = weighed.deciding[0]
        more, fewer = ("more", "fewer") if ruling.word == "not supported" else ("as many", "no more")
        return f"Even the party itself admits {more}" if kind == "floor" else f"Even the enemy counts {fewer}"
    if total == 0:
        return "No origin outside the war settles it"
    if ruling.bears_out == 0 and ruling.against:
        return f"No origin outside the war bears out {said}"
    if ruling.against == 0 and ruling.bears_out == total:
        return f"Every origin outside the war that weighs bears out {said}"
    return f"{count(ruling.bears_out, 'origin')} of {total} bear out {said}".capitalize()
