"""Measurements: a number of the claim against what every source reported. Each measure is a pure function of the evidence.

`total_at`   a running total or a state on a day
`mean_rate`  a mean per day over a window
`change`     a state on two days
`precedent`  the largest other case that each origin knows
`share`, `count`  records with a property
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import stats

from ceasefire.claims import schema
from ceasefire.claims.chartdata import ShareChart, SourcesChart
from ceasefire.claims.figures import Condition, Interval, condition, interval_of
from ceasefire.claims.results import Finding, SourceRow
from ceasefire.claims.rules import Verdict, rule_on
from ceasefire.claims.weighing import (
    COLUMNS,
    Weighed,
    depends_on,
    different_if,
    independence,
    reasons,
    weigh,
)
from ceasefire.claims.wording import count, day, exact, figure, listed, sentence, span, stated, with_unit
from ceasefire.evidence import Evidence
from ceasefire.files import InputError

Noun = str
# A figure that stands for a period much longer than the window says little of the window.
LONGEST_PERIOD = 3.0


def stated_condition(test: schema.Stated, evidence: Evidence) -> Condition:
    """Return the condition that a test states, its yardstick read from the evidence where it has one.

    Raises:
        NoYardstick: the yardstick has no figure in this evidence.
    """
    if isinstance(test.between, schema.Yardstick):
        return condition("between", yardstick(test.between, evidence))
    if test.between is not None:
        return condition("between", test.between[0], test.between[1])
    if test.about is not None:
        return condition("about", test.about, tolerance=0.2 if test.tolerance is None else test.tolerance)
    says: Literal["at least", "at most"] = "at least" if test.at_least is not None else "at most"
    amount = test.at_least if test.at_least is not None else test.at_most
    tolerance = test.tolerance or 0.0
    if isinstance(amount, schema.Yardstick):
        return condition(says, yardstick(amount, evidence), tolerance=tolerance)
    assert amount is not None
    return condition(says, amount, tolerance=tolerance)


def yardstick(amount: schema.Yardstick, evidence: Evidence) -> Interval:
    """Return the lowest to the highest of what the evidence says of a yardstick.

    Raises:
        NoYardstick: there is no such row.
    """
    rows = evidence.ask(amount.quantity, concept=amount.concept, side=amount.side, place=amount.place)
    if amount.since is not None:
        rows = rows[rows["end"] >= pd.Timestamp(amount.since)]
    if amount.until is not None:
        rows = rows[rows["end"] <= pd.Timestamp(amount.until)]
    found = [interval_of(row["low"], row["best"], row["high"]) for row in rows.to_dict("records")]
    ends = [end for item in found if item is not None for end in (item.low, item.high) if math.isfinite(end)]
    if not ends:
        raise NoYardstick(amount.quantity)
    return Interval(min(ends), max(ends)).scaled(amount.times)


class NoYardstick(LookupError):
    """The evidence, as known on a day, has no figure for a yardstick."""


def measure(test: Any, evidence: Evidence) -> Finding:
    """Return the finding of a measurement; `undetermined` where its yardstick was not yet known."""
    try:
        return MEASURES[test.by](test, evidence)
    except NoYardstick as missing:
        name = str(missing).replace("_", " ")
        return Finding(
            "undetermined",
            quote=sentence(f"There was no figure for the yardstick, {name}, that could be read"),
            reason=({"rule": "no yardstick known", "yardstick": name},),
            depends_on=(f"a figure for the yardstick, {name}",),
        )


def total_at(test: schema.TotalAt, evidence: Evidence) -> Finding:
    """Hold a running total or a state on a day against the claim."""
    parts: list[pd.DataFrame] = []
    for role, concepts in _roles(test).items():
        for order, concept in enumerate(concepts):
            parts.append(_near(evidence, test, concept, role, order))
            if role != "beside" and test.bounds_days:
                parts += _bounds(evidence, test, concept, role, order)
    frame = _joined(parts)
    # A source that speaks of the day itself needs no bounds from other days.
    near = set(frame.loc[frame["days_from_target"].abs() <= test.window_days, "source"]) if len(frame) else set()
    frame = frame[(frame["days_from_target"].abs() <= test.window_days) | ~frame["source"].isin(near)] if len(frame) else frame
    weighed = weigh(frame, stated_condition(test, evidence), evidence, reported_by=test.as_reported_by)
    noun = test.counts or _noun(test.quantity, test.concept, test.side)
    when = f"by {day(test.date)}" if _running(frame) else f"on {day(test.date)}"
    extra = _first_reached(test, evidence)
    return _finding(weighed, noun, when, test.unit or _unit(frame), test.date, extra=extra, yard=_yard(test))


def mean_rate(test: schema.MeanRate, evidence: Evidence) -> Finding:
    """Hold a mean per day over a window against the claim."""
    parts: list[pd.DataFrame] = []
    for role, concepts in _roles(test).items():
        for order, concept in enumerate(concepts):
            parts.append(_rates(evidence, test, concept, role, order, test.place))
            if test.whole is not None and role in {"value", "ceiling"}:
                parts.append(_rates(evidence, test, concept, "ceiling", order + 10, test.whole))
            elif test.whole is not None and role == "beside":
                parts.append(_rates(evidence, test, concept, "beside", order + 10, test.whole))
    frame = _joined(parts)
    weighed = weigh(frame, stated_condition(test, evidence), evidence, reported_by=test.as_reported_by)
    noun = test.counts or _noun(test.quantity, test.concept, test.side)
    when = f"in the {test.days} days to {day(test.date)}"
    return _finding(weighed, noun, when, test.unit or _unit(frame, "persons_per_day"), test.date, yard=_yard(test))


def change(test: schema.Change, evidence: Evidence) -> Finding:
    """Hold the difference (or ratio) of a state between two days against the claim."""
    rows: list[dict[str, Any]] = []
    for order, concept in enumerate(test.concept):
        early = _ask(evidence, test, concept, test.first, test.window_days)
        late = _ask(evidence, test, concept, test.last, test.window_days)
        for row in late.to_dict("records"):
            same = early[(early["source"] == row["source"]) & (early["flow_or_stock"] == row["flow_or_stock"])]
            if same.empty:
                continue
            low, best, high = _changed(same.iloc[0].to_dict(), row, relative=test.relative)
            rows.append(
                {
                    **row,
                    "low": low,
                    "best": best,
                    "high": high,
                    "start": pd.Timestamp(test.first),
                    "known_on": max(row["known_on"], same.iloc[0]["known_on"]),
                    "unit": "ratio" if test.relative else row["unit"],
                    "role": "value",
                    "order": order,
                    "barred": "",
                }
            )
    frame = _joined([pd.DataFrame(rows)])
    weighed = weigh(frame, stated_condition(test, evidence), evidence, reported_by=test.as_reported_by)
    noun = test.counts or f"the change of {_noun(test.quantity, test.concept, test.side)}"
    when = f"from {day(test.first)} to {day(test.last)}"
    return _finding(weighed, noun, when, test.unit or _unit(frame), test.last, yard=_yard(test))


def _changed(early: Mapping[str, Any], late: Mapping[str, Any], *, relative: bool) -> tuple[float, float, float]:
    """Return low, best and high of the change; a bound that either state lacks is missing."""
    if relative:
        best = _divide(late["best"], early["best"])
        return _divide(late["low"], early["high"]), best, _divide(late["high"], early["low"])
    return late["low"] - early["high"], late["best"] - early["best"], late["high"] - early["low"]


def _divide(one: float, other: float) -> float:
    return float("nan") if pd.isna(one) or pd.isna(other) or other <= 0 else float(one / other)


def precedent(test: schema.Precedent, evidence: Evidence) -> Finding:
    """Compare the claim's number with every other case. Rows are never summed, and one sure case is a precedent.

    A case reaches the number where the origins that speak of it bear that out; one origin alone of low confidence leaves it contested.
    """
    cases = _cases(test, evidence)
    figures = _by_case(cases, evidence, test)
    rows: list[dict[str, Any]] = []
    for _, known in cases.groupby("root", sort=True):
        largest = _largest(known, test.larger_than)
        places = int(known["place"].nunique())
        few = places < test.cases and _bottom(largest) < test.larger_than
        barred = f"knows {count(places, 'case')} only, too few to say that none is larger" if few else ""
        rows.append({**largest, "barred": barred, "order": 0, "days_from_target": 0, "role": "value"})
    frame = _joined([pd.DataFrame(rows)])
    under = condition("at most", _under(test.larger_than))
    weighed = weigh(frame, under, evidence, parties_count=test.old_wars_of_parties)
    origins = len(weighed.counted)
    ruling = dataclasses.replace(
        weighed.ruling, word=_precedent_word(figures, test.larger_than, origins), rule="one sure case is a precedent"
    )
    return _precedent_finding(test, dataclasses.replace(weighed, ruling=ruling), frame, figures)


Case = tuple[str, str]


def _by_case(
    cases: pd.DataFrame, evidence: Evidence, test: schema.Precedent
) -> dict[Case, list[tuple[str, Interval, str]]]:
    """Return, for each case, what each counted origin says of it (the statement known last), with its confidence."""
    found: dict[Case, dict[str, tuple[str, Interval, str]]] = {}
    standing: dict[tuple[str, str, str, str], bool] = {}
    for row in cases.sort_values("known_on", kind="stable").to_dict("records"):
        key = (str(row["source"]), str(row["root"]), str(row["side"]), str(row["kind"]))
        if key not in standing:
            origin = evidence.roots.get(key[1])
            official = test.old_wars_of_parties and origin is not None and bool(origin.party)
            standing[key] = official or independence(row, evidence)[0]
        interval = interval_of(row["low"], row["best"], row["high"])
        if standing[key] and interval is not None:
            case = found.setdefault((str(row["place"]), str(row["side"])), {})
            case[key[1]] = (key[1], interval, str(row["confidence"]))
    return {case: list(said.values()) for case, said in found.items()}


def _case_word(said: Sequence[tuple[str, Interval, str]], value: float) -> Verdict:
    """Return whether a case reached a number."""
    ruling = rule_on(condition("at least", value), [interval for _, interval, _ in said])
    if ruling.word == "mostly supported" and len(said) == 1 and said[0][2] == "low":
        return "contested"
    if ruling.word == "undetermined" and ruling.bears_out + ruling.against + ruling.straddles == 0:
        return "not supported"
    return ruling.word


def _precedent_word(figures: Mapping[Case, Sequence[tuple[str, Interval, str]]], value: float, origins: int) -> Verdict:
    words = {_case_word(said, value) for said in figures.values()}
    if words & {"supported", "mostly supported"}:
        return "not supported"
    if "contested" in words:
        return "contested"
    if "undetermined" in words or origins == 0:
        return "undetermined"
    return "supported" if origins >= 2 else "mostly supported"


def _bottom(row: Mapping[str, Any]) -> float:
    value = row["low"] if not pd.isna(row["low"]) else row["best"]
    return float("-inf") if pd.isna(value) else float(value)


def _largest(known: pd.DataFrame, value: float) -> dict[str, Any]:
    """Return the case of an origin that most surely reaches the number, else its largest."""
    rows = known.to_dict("records")
    sure = [row for row in rows if _bottom(row) >= value]
    if sure:
        return dict(max(sure, key=_bottom))
    return dict(max(rows, key=lambda row: max(x for x in (row["low"], row["best"], row["high"]) if not pd.isna(x))))


def _under(value: float) -> float:
    """Return the largest number that is smaller: a case that equals the claim's number is a precedent."""
    return float(np.nextafter(value, -np.inf))


def _cases(test: schema.Precedent, evidence: Evidence) -> pd.DataFrame:
    found = evidence.ask(test.quantity, concept=list(test.concept))
    since, before = pd.Timestamp(test.since), pd.Timestamp(test.before)
    found = found[(found["start"] >= since) & (found["start"] < before)]
    if test.sides is not None:
        found = found[found["side"].isin(test.sides)]
    else:
        found = found[~found["side"].str.startswith("all")]
    for prefix in test.exclude or ():
        found = found[~found["place"].str.startswith(prefix)]
    if test.within_days is None:
        return found
    length = (found["end"] - found["start"]).dt.days + 1
    factor = (test.within_days / length).clip(upper=1.0)
    scaled = found.copy()
    # The worst span of a case costs at least its mean over the whole case, and at most all of it.
    long = length > test.within_days
    scaled["low"] = (found["low"].where(found["low"].notna(), found["best"]) * factor).where(long, found["low"])
    scaled["high"] = found["high"].where(found["high"].notna() | ~long, found["best"])
    scaled["best"] = found["best"].mask(long)
    return scaled[scaled[["low", "best", "high"]].notna().any(axis=1)]


def _precedent_finding(
    test: schema.Precedent, weighed: Weighed, frame: pd.DataFrame, figures: Mapping[Case, Sequence[tuple[str, Interval, str]]]
) -> Finding:
    noun, number = test.counts or "deaths on one side of one war", exact(test.larger_than)
    names = [f"{row['place']} ({row['side']})" for row in frame.to_dict("records")]

    def named(verdict: str) -> list[str]:
        pairs = [(row, name) for row, name in zip(weighed.rows, names, strict=True) if row.counted and row.verdict == verdict]
        pairs.sort(key=lambda pair: -max(x for x in (pair[0].low, pair[0].best, pair[0].high) if x is not None))
        return [f"{name}, {figure(row.low, row.best, row.high)} by {row.label}" for row, name in pairs]

    reach, fewer, unsure = named("against"), named("bears out"), named("compatible")
    total = len(reach) + len(fewer) + len(unsure)
    word = weighed.ruling.word
    if word == "not supported":
        text = f"{noun}: there is a precedent for {number} since {test.since.year}: {'; '.join(reach[:2])}"
    elif not total:
        text = f"{noun}: no origin outside the war settles whether another case since {test.since.year} reached {number}"
    else:
        text = f"{noun}: by {len(fewer)} of {total} counts no other case since {test.since.year} reached {number}"
        text += f" (the largest: {fewer[0]})" if fewer and not reach else ""
        text += f", but {reach[0]}, did" if reach else ""
        text += f"; {unsure[0]}, leaves it open" if unsure else ""
    title = f"The largest other case that each origin knows: {noun}"
    reached = [f"{place} ({side})" for (place, side), said in figures.items() if _case_word(said, test.larger_than) in {"supported", "mostly supported"}]  # fmt: skip
    disputed = [f"{place} ({side})" for (place, side), said in figures.items() if _case_word(said, test.larger_than) == "contested"]
    return Finding(
        verdict=word,
        probability=weighed.ruling.share,
        interval=_range(weighed),
        interval_of="the largest other cases of the origins counted",
        sources=tuple(dataclasses.replace(row, note=f"{name}; {row.note}".rstrip("; ")) for row, name in zip(weighed.rows, names, strict=True)),
        reason=(
            *reasons(weighed),
            {"rule": "cases that reach the number", "number": test.larger_than, "sure": reached, "contested": disputed, "cases": len(figures)},
        ),
        quote=sentence(text),
        depends_on=_precedent_depends(figures, test, len(weighed.counted), word),
        different_if=_precedent_different(figures, test, len(weighed.counted), word),
        chart=_chart(weighed, title, test.unit, None, f"no other case reaches {number}", test.larger_than),
    )


def _precedent_depends(
    figures: Mapping[Case, Sequence[tuple[str, Interval, str]]], test: schema.Precedent, origins: int, now: Verdict
) -> tuple[str, ...]:
    lines = []
    for case in figures:
        rest = {other: said for other, said in figures.items() if other != case}
        word = _precedent_word(rest, test.larger_than, origins)
        if word != now:
            lines.append(f"{case[0]} ({case[1]}): without that case the word would be '{word}'")
    return tuple(lines) or (f"no single case: leaving out any one keeps the word '{now}'",)


def _precedent_different(
    figures: Mapping[Case, Sequence[tuple[str, Interval, str]]], test: schema.Precedent, origins: int, now: Verdict
) -> tuple[str, ...]:
    """Return the nearest numbers below and above at which the word would be another one."""
    edges = sorted({edge for said in figures.values() for _, item, _ in said for edge in (item.low, item.high) if math.isfinite(edge)})
    lines = []
    for direction in (-1, 1):
        beyond = [edge for edge in edges if (edge - test.larger_than) * direction > 0]
        for edge in reversed(beyond) if direction < 0 else beyond:
            # At an edge the case still reaches the number; just above it no longer.
            candidate = edge if direction < 0 else math.floor(edge) + 1.0
            word = _precedent_word(figures, candidate, origins)
            if word != now:
                lines.append(f"the number were {exact(candidate)} instead of {exact(test.larger_than)}: the word would be '{word}'")
                break
    return tuple(lines)


def share(test: schema.Share, evidence: Evidence) -> Finding:
    """Hold the share of records with a property against the claim; one table is one origin."""
    rows = _records(evidence, test)
    hits = select(rows, test.having)
    return _share_finding(test, len(hits), len(rows), stated_condition(test, evidence))


def jeffreys(hits: int, cases: int) -> tuple[float, float]:
    """Return the 95 % Jeffreys interval of a share: the 2.5 and 97.5 % points of Beta(hits + 1/2, cases - hits + 1/2)."""
    low = 0.0 if hits == 0 else float(stats.beta.ppf(0.025, hits + 0.5, cases - hits + 0.5))
    high = 1.0 if hits == cases else float(stats.beta.ppf(0.975, hits + 0.5, cases - hits + 0.5))
    return low, high


def _share_finding(test: schema.Share, hits: int, cases: int, said: Condition) -> Finding:
    noun = test.counts or f"records of {test.records}"
    if cases == 0:
        return Finding("undetermined", quote=sentence(f"There is no record of {noun} to form a share"), reason=({"rule": "no record"},))
    low, high = jeffreys(hits, cases)
    ruling = rule_on(said, [Interval(low, high)])
    frame = pd.DataFrame([{"label": noun, "value": hits / cases, "low": low, "high": high, "count": hits, "cases": cases, "highlight": True}])
    return Finding(
        verdict=ruling.word,
        probability=ruling.share,
        interval=(low, high),
        interval_of="the share, 95 %",
        reason=({"rule": ruling.rule, "word": ruling.word, "hits": hits, "cases": cases, "share": hits / cases},),
        quote=sentence(f"Of {count(cases, 'record')} of {noun}, {hits} ({hits / cases:.0%}; 95 % interval {low:.0%} to {high:.0%}) have the property; the claim says {stated(said, 'share')}"),
        depends_on=(f"the table of records '{test.records}' and its coding: one origin",),
        chart=ShareChart(f"{hits} of {cases}: {noun}", "share, with its 95 % interval", "share", frame, said.value),
    )


def counted_records(test: schema.Count, evidence: Evidence) -> Finding:
    """Hold a number of records against the claim; one table is one origin."""
    rows = _records(evidence, test)
    said = stated_condition(test, evidence)
    ruling = rule_on(said, [Interval(float(len(rows)), float(len(rows)))])
    noun = test.counts or f"records of {test.records}"
    return Finding(
        verdict=ruling.word,
        probability=ruling.share,
        interval=(float(len(rows)), float(len(rows))),
        interval_of="the number of records",
        reason=({"rule": ruling.rule, "word": ruling.word, "records": len(rows)},),
        quote=sentence(f"The record holds {len(rows)} {noun}; the claim says {stated(said, 'records')}"),
        depends_on=(f"the table of records '{test.records}': what it leaves out is not counted",),
    )


def select(rows: pd.DataFrame, where: Mapping[str, Any]) -> pd.DataFrame:
    """Return the records whose columns have the values given; numbers and their texts are the same.

    Raises:
        InputError: there is no such column.
    """
    for column, wanted in where.items():
        if column not in rows.columns:
            raise InputError(f"the records have no column '{column}'.", "", f"use one of: {', '.join(rows.columns)}.")
        words = {_word(item) for item in (wanted if isinstance(wanted, list) else [wanted])}
        rows = rows[rows[column].map(_word).isin(words)]
    return rows


def _word(value: Any) -> str:
    if isinstance(value, float | int) and not isinstance(value, bool) and not pd.isna(value):
        return f"{float(value):g}"
    return str(value).strip()


def date_column(rows: pd.DataFrame) -> str:
    """Return the column that dates the records."""
    for name in ("date", "offer_date", "start_date"):
        if name in rows.columns:
            return name
    raise InputError("the records have no date.", "", "leave 'since' and 'until' out.")


def _records(evidence: Evidence, test: schema.Share | schema.Count) -> pd.DataFrame:
    rows = select(evidence.records(test.records), test.where)
    return between(rows, test.since, test.until)


def between(rows: pd.DataFrame, since: dt.date | None, until: dt.date | None) -> pd.DataFrame:
    """Return the records dated from `since` to `until`."""
    if since is None and until is None:
        return rows
    dates = rows[date_column(rows)]
    keep = dates.notna()
    if since is not None:
        keep &= dates >= pd.Timestamp(since)
    if until is not None:
        keep &= dates <= pd.Timestamp(until)
    return rows[keep]


# How rows are asked for.


def _roles(test: schema.TotalAt | schema.MeanRate) -> dict[str, Sequence[str]]:
    return {
        "value": test.concept,
        "floor": test.floors or (),
        "ceiling": test.ceilings or (),
        "beside": test.beside or (),
    }


def _ask(
    evidence: Evidence, test: schema.TotalAt | schema.Change, concept: str, at: dt.date, window: int
) -> pd.DataFrame:
    rows = evidence.ask(
        test.quantity,
        concept=concept,
        side=test.side,
        place=test.place,
        at=at,
        window_days=window,
        all_vintages=isinstance(test, schema.TotalAt),
    )
    states = rows[rows["flow_or_stock"] != "flow"]
    # What is only stated for whole periods, such as a share of a year's output, is compared by the end of its period.
    return rows if states.empty and not _has_states(evidence, test) else states


def _has_states(evidence: Evidence, test: schema.TotalAt | schema.Change) -> bool:
    rows = evidence.ask(test.quantity, concept=list(test.concept), side=test.side, place=test.place)
    return bool((rows["flow_or_stock"] != "flow").any())


def _near(evidence: Evidence, test: schema.TotalAt, concept: str, role: str, order: int) -> pd.DataFrame:
    rows = _ask(evidence, test, concept, test.date, test.window_days)
    return rows.assign(role=role, order=order, barred="")


def _bounds(evidence: Evidence, test: schema.TotalAt, concept: str, role: str, order: int) -> list[pd.DataFrame]:
    """Return running totals outside the window: those before the day as floors, those after it as ceilings."""
    at, near, far = pd.Timestamp(test.date), pd.Timedelta(days=test.window_days + 1), pd.Timedelta(days=test.bounds_days)
    parts = []
    for kind, first, last in (("floor", at - far, at - near), ("ceiling", at + near, at + far)):
        if first > last or role not in {"value", kind}:
            continue
        rows = evidence.ask(
            test.quantity, concept=concept, side=test.side, place=test.place, flow_or_stock="cumulative", between=(first, last)
        ) if _has_totals(evidence, test) else pd.DataFrame()  # fmt: skip
        if rows.empty:
            continue
        rows = rows.assign(days_from_target=(rows["end"] - at).dt.days)
        nearest = rows["days_from_target"].abs()
        rows = rows[nearest == nearest.groupby(rows["source"]).transform("min")]
        parts.append(rows.assign(role=kind, order=order, barred=""))
    return parts


def _has_totals(evidence: Evidence, test: schema.TotalAt) -> bool:
    rows = evidence.ask(test.quantity, concept=list(test.concept), side=test.side, place=test.place)
    return bool((rows["flow_or_stock"] == "cumulative").any())


def _rates(
    evidence: Evidence, test: schema.MeanRate, concept: str, role: str, order: int, place: str | None
) -> pd.DataFrame:
    rows = evidence.rate(test.quantity, side=test.side, concept=concept, at=test.date, days=test.days, place=place)
    if rows.empty:
        return rows
    barred = [_too_long(evidence, test, concept, row) for row in rows.to_dict("records")]
    return rows.assign(role=role, order=order, barred=barred, days_from_target=0, note=rows["method"])


def _too_long(evidence: Evidence, test: schema.MeanRate, concept: str, row: Mapping[str, Any]) -> str:
    """Say why a mean is no mean of this window: every period behind it is much longer than the window."""
    if row["method"] not in {"mean_of_flows", "stated"}:
        return ""
    flows = evidence.ask(test.quantity, concept=concept, side=test.side, place=row["place"])
    flows = flows[(flows["flow_or_stock"] == "flow") & (flows["source"] == row["source"])]
    flows = flows[(flows["end"] >= row["start"]) & (flows["start"] <= row["end"])]
    if flows.empty:
        return ""
    shortest = int(((flows["end"] - flows["start"]).dt.days + 1).min())
    if shortest <= LONGEST_PERIOD * test.days:
        return ""
    return f"a mean over {shortest} days, not over these {test.days}"


def _joined(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    kept = [part for part in parts if not part.empty]
    if not kept:
        return pd.DataFrame({name: [] for name in COLUMNS})
    frame = pd.concat(kept, ignore_index=True)
    for name in COLUMNS:
        if name not in frame.columns:
            frame[name] = ""
    frame = frame[list(COLUMNS)]
    frame[["reference", "note", "barred"]] = frame[["reference", "note", "barred"]].fillna("")
    return frame.drop_duplicates(
        [name for name in COLUMNS if name not in {"role", "order", "days_from_target"}], keep="first"
    )


def _running(frame: pd.DataFrame) -> bool:
    return bool(len(frame)) and bool((frame["start"] < frame["end"]).any())


def _unit(frame: pd.DataFrame, other: str = "persons") -> str:
    return str(frame["unit"].iloc[0]) if len(frame) else other


def _noun(quantity: str, concepts: Sequence[str], side: str) -> Noun:
    return f"{quantity.replace('_', ' ')} of {side} ({listed([word.replace('_', ' ') for word in concepts], 'or')})"


def _yard(test: schema.Stated) -> str:
    amount = test.at_least if test.at_least is not None else test.at_most if test.at_most is not None else test.between
    return amount.quantity.replace("_", " ") if isinstance(amount, schema.Yardstick) else ""


def _first_reached(test: schema.TotalAt, evidence: Evidence) -> dict[str, Any] | None:
    """Return the day on which the source that is asked about first reported the claim's number."""
    if test.as_reported_by is None or not isinstance(test.at_least, float):
        return None
    rows = evidence.ask(test.quantity, concept=list(test.concept), side=test.side, place=test.place)
    rows = rows[(rows["source"] == test.as_reported_by) & (rows["flow_or_stock"] == "cumulative") & rows["best"].notna()]
    reached = rows[rows["best"] >= test.at_least].sort_values("end")
    if reached.empty:
        return {"rule": "first reached", "value": test.at_least, "date": None}
    first = reached.iloc[0]
    return {
        "rule": "first reached",
        "value": test.at_least,
        "date": first["end"].date(),
        "reported": float(first["best"]),
        "days_after": int((first["end"] - pd.Timestamp(test.date)).days),
    }


# How a finding is put together.


def _finding(
    weighed: Weighed,
    noun: str,
    when: str,
    unit: str,
    date: dt.date,
    *,
    extra: dict[str, Any] | None = None,
    yard: str = "",
) -> Finding:
    said = stated(weighed.condition, unit) + (f" ({yard})" if yard else "")
    quote = _as_reported_quote(weighed, noun, when, unit, extra) if weighed.reported_by else _quote(weighed, noun, when, unit, said)
    return Finding(
        verdict=weighed.ruling.word,
        probability=weighed.ruling.share,
        interval=_range(weighed),
        interval_of=f"the figures that count, {unit.replace('_', ' ')}",
        sources=weighed.rows,
        reason=(*reasons(weighed), *([extra] if extra else []), *_near_miss(weighed)),
        quote=quote,
        depends_on=depends_on(weighed),
        different_if=different_if(weighed, unit),
        chart=_chart(weighed, f"{noun} {when}", unit, date, said, weighed.condition.value),
    )


def _near_miss(weighed: Weighed) -> tuple[dict[str, Any], ...]:
    """Return figures that come near the claim's number but count another thing."""
    value = weighed.condition.value
    return tuple(
        {"rule": "near the number, but counts another thing", "source": row.label, "counts": row.concept, "value": row.best, "date": row.end}
        for row in weighed.rows
        if row.role == "beside" and value and row.best is not None and abs(row.best / value - 1.0) <= 0.05
    )


def _heads(weighed: Weighed) -> list[tuple[SourceRow, Interval]]:
    """Return the counted rows that a range is formed from: figures of the day itself before bounds from other days."""
    weighing = weighed.informing or weighed.counted
    return [pair for pair in weighing if pair[0].role == "value"] or weighing


def _range(weighed: Weighed) -> tuple[float | None, float | None] | None:
    lows = [item.low for _, item in _heads(weighed) if math.isfinite(item.low)]
    highs = [item.high for _, item in _heads(weighed) if math.isfinite(item.high)]
    # A range has an end only where some origin gives one.
    return (min(lows) if lows else None, max(highs) if highs else None) if lows or highs else None


def _quote(weighed: Weighed, noun: str, when: str, unit: str, said: str) -> str:
    ruling = weighed.ruling
    if ruling.rule == "a party against its own interest":
        return _party_quote(weighed, noun, when, unit, said)
    heads = _heads(weighed)
    if not heads:
        return sentence(f"No source outside the war gives a figure for {noun} {when} that could settle {said}")
    values = span([item for _, item in heads], [row.best for row, _ in heads], unit)
    total = ruling.bears_out + ruling.against + ruling.straddles
    start = f"{noun} {when} came to {values} by"
    if total == 0:
        return sentence(f"{start} {_origins(len(heads))}, which leaves {said} open")
    if total == 1:
        does = "bears out" if ruling.bears_out else "does not bear out" if ruling.against else "leaves open"
        return sentence(f"{start} the one origin outside the war that weighs ({heads[0][0].label}), which {does} {said}")
    if ruling.bears_out == total:
        return sentence(f"{start} {_origins(total)}, all of which bear out {said}")
    if ruling.bears_out == 0 and ruling.straddles == 0:
        return sentence(f"{start} origins outside the war; none of the {count(total, 'origin').split()[0]} that weigh bears out {said}")
    told = []
    if ruling.bears_out:
        told.append(f"{count(ruling.bears_out, 'origin')} bear{'s' if ruling.bears_out == 1 else ''} out {said}")
    if ruling.against:
        told.append(f"{count(ruling.against, 'origin')} speak{'s' if ruling.against == 1 else ''} against {'it' if told else said}")
    if ruling.straddles:
        told.append(f"{count(ruling.straddles, 'origin')} leave{'s' if ruling.straddles == 1 else ''} {'it' if told else said} open")
    return sentence(f"{start} {_origins(total)}: {listed(told)}")


def _origins(number: int) -> str:
    return f"{count(number, 'origin')} outside the war"


def _party_quote(weighed: Weighed, noun: str, when: str, unit: str, said: str) -> str:
    against = weighed.ruling.word == "not supported"
    rows = [
        row
        for row in weighed.rows
        if row.party == "warring party" and row.role == "value" and not row.counted and row.verdict != "not comparable"
    ]
    wanted = [row for row in rows if row.verdict == ("against" if against else "bears out")] or rows
    row = wanted[0]
    value = figure(row.low, row.best, row.high, unit)
    why = "which has no reason to count too low" if against else "which has no reason to count too high"
    end = f"not {said}" if against else f"which bears out {said}"
    return sentence(f"No origin outside the war settles it, but even {row.label}, {why}, put {noun} {when} at {value}, {end}")


def _as_reported_quote(weighed: Weighed, noun: str, when: str, unit: str, extra: dict[str, Any] | None) -> str:
    if not weighed.counted:
        return sentence(f"No statement of {weighed.reported_by} on {noun} {when} could be read")
    row, _ = weighed.counted[0]
    value = exact(row.best) if row.best is not None else figure(row.low, row.best, row.high)
    text = f"{row.label} reported {with_unit(value, unit)} for {noun} {when}"
    if extra is not None and extra.get("date") is not None and extra["date"] > (row.end or extra["date"]):
        text += f" and passed {exact(extra['value'])} by {day(extra['date'])}, with {exact(extra['reported'])}"
    return sentence(f"{text}; this says what was reported, not that it is right")


def _chart(
    weighed: Weighed, title: str, unit: str, date: dt.date | None, said: str, value: float | None
) -> SourcesChart | None:
    if not weighed.rows:
        return None
    frame = pd.DataFrame(
        [
            {
                "label": row.label,
                "source": row.source,
                "root": row.root,
                "value": row.value,
                "low": row.low,
                "best": row.best,
                "high": row.high,
                "date": pd.Timestamp(row.end) if row.end else pd.NaT,
                "party": row.party,
                "counted": row.counted,
                "restates": row.restates,
                "concept": row.concept,
                "role": row.role,
                "verdict": row.verdict,
            }
            for row in weighed.rows
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


def _chart_title(weighed: Weighed, said: str) -> str:
    """Return the finding of the picture."""
    ruling = weighed.ruling
    total = ruling.bears_out + ruling.against + ruling.straddles
    if weighed.reported_by:
        return "What the source itself reported"
    if ruling.rule == "a party against its own interest":
        return "Even a party with an interest in the claim says otherwise" if ruling.word == "not supported" else "Even the party itself admits it"
    if total == 0:
        return "No origin outside the war settles it"
    if ruling.bears_out == 0 and ruling.against:
        return f"No origin outside the war bears out {said}"
    if ruling.against == 0 and ruling.bears_out == total:
        return f"Every origin outside the war that weighs bears out {said}"
    return f"{count(ruling.bears_out, 'origin')} of {total} bear out {said}".capitalize()


MEASURES: Mapping[str, Callable[[Any, Evidence], Finding]] = {
    "total_at": total_at,
    "mean_rate": mean_rate,
    "change": change,
    "precedent": precedent,
    "share": share,
    "count": counted_records,
}
