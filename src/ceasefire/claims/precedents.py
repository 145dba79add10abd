"""Without precedent: the claim's number against every other case that the evidence knows.

Rows are never summed. One sure case is a precedent, whatever other origins leave out; an origin that knows
one case only cannot say that none is larger.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from ceasefire.claims import schema
from ceasefire.claims.asking import joined
from ceasefire.claims.figures import Condition, Interval, condition, interval_of
from ceasefire.claims.results import Finding
from ceasefire.claims.rules import RANK, Verdict, rule_on
from ceasefire.claims.tables import rows_of
from ceasefire.claims.telling import figures_range, sources_chart
from ceasefire.claims.weighing import Weighed, independence, reasons, weigh
from ceasefire.claims.wording import count, exact, figure, sentence
from ceasefire.evidence import Evidence


def precedent(test: schema.Precedent, evidence: Evidence) -> Finding:
    """Compare the claim's number with every other case; one sure case is a precedent.

    A case reaches the number where the origins that speak of it bear that out; one origin alone of low
    confidence leaves it contested.
    """
    cases = _cases(test, evidence)
    cases = cases.assign(may_count=_may_count(cases, evidence, test))
    figures = _by_case(cases)
    rows: list[dict[str, Any]] = []
    for _, told in cases.groupby("root", sort=True):
        # A misprint or a compilation hides no other case of its origin.
        known = told[told["may_count"]] if told["may_count"].any() else told
        largest = _largest(known, test.larger_than)
        places = int(known["place"].nunique())
        few = places < test.cases and _bottom(largest) < test.larger_than
        barred = f"knows {count(places, 'case')} only, too few to say that none is larger" if few else ""
        rows.append({**largest, "barred": barred, "order": 0, "days_from_target": 0, "role": "value"})
    frame = joined([pd.DataFrame(rows)])
    cautions = {str(row["root"]): _caution(row) for row in rows}
    under = condition("at most", _under(test.larger_than))
    weighed = weigh(frame, under, evidence, parties_count=test.old_wars_of_parties)
    origins = len(weighed.counted)
    ruling = dataclasses.replace(
        weighed.ruling,
        word=_precedent_word(_case_words(figures, test.larger_than).values(), origins),
        rule="one sure case is a precedent",
    )
    return _precedent_finding(test, dataclasses.replace(weighed, ruling=ruling), frame, figures, cautions)


# The name of a case and whose it is; what one origin says of it, with its confidence.
Case = tuple[str, str]
Voice = tuple[str, Interval, str]
Figures = Mapping[Case, Sequence[Voice]]


def _may_count(cases: pd.DataFrame, evidence: Evidence, test: schema.Precedent) -> list[bool]:
    """Say of each row whether it may count, by the rule that weighs it."""
    standing: dict[tuple[str, ...], bool] = {}
    found = []
    for row in rows_of(cases):
        key = tuple(str(row[name]) for name in ("source", "root", "side", "kind"))
        if key not in standing:
            judged = independence(row, evidence, parties_count=test.old_wars_of_parties)
            standing[key] = judged.may_count
        found.append(standing[key])
    return found


def _by_case(cases: pd.DataFrame) -> dict[Case, list[Voice]]:
    """Return what each counted origin says of each case (the statement known last), with its confidence."""
    found: dict[Case, dict[str, Voice]] = {}
    for row in rows_of(cases[cases["may_count"]].sort_values("known_on", kind="stable")):
        interval = interval_of(row["low"], row["best"], row["high"])
        if interval is not None:
            case = found.setdefault((str(row["place"]), str(row["side"])), {})
            case[str(row["root"])] = (str(row["root"]), interval, str(row["confidence"]))
    return {case: list(said.values()) for case, said in found.items()}


def _case_name(case: Case) -> str:
    return f"{case[0]} ({case[1]})"


def _case_words(figures: Figures, value: float) -> dict[Case, Verdict]:
    """Return, for each case, whether it reached a number."""
    said = condition("at least", value)
    return {case: _case_word(origins, said) for case, origins in figures.items()}


def _case_word(origins: Sequence[Voice], said: Condition) -> Verdict:
    """Return whether a case reached a number; one known by an open bound only may have, or may not."""
    ruling = rule_on(said, [interval for _, interval, _ in origins])
    if ruling.word == "mostly supported" and len(origins) == 1 and origins[0][2] == "low":
        return "contested"
    return ruling.word


def _precedent_word(words: Iterable[Verdict], origins: int) -> Verdict:
    """Return the word on the claim that no other case reached the number, from the words of the cases."""
    found = set(words)
    if found & {"supported", "mostly supported"}:
        return "not supported"
    if "contested" in found:
        return "contested"
    if "undetermined" in found or origins == 0:
        return "undetermined"
    return "supported" if origins >= 2 else "mostly supported"


def _bottom(row: Mapping[str, Any]) -> float:
    value = row["low"] if not pd.isna(row["low"]) else row["best"]
    return float("-inf") if pd.isna(value) else float(value)


def _largest(known: pd.DataFrame, value: float) -> dict[str, Any]:
    """Return the case of an origin that most surely reaches the number, else its largest."""
    rows = rows_of(known)
    sure = [row for row in rows if _bottom(row) >= value]
    if sure:
        return max(sure, key=_bottom)
    return max(rows, key=_top)


def _top(row: Mapping[str, Any]) -> float:
    """Return the largest of the figures that a row states."""
    return max(float(row[name]) for name in ("low", "best", "high") if not pd.isna(row[name]))


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
    scaled["low"] = (found["low"].where(found["low"].notna(), found["best"]) * factor).where(
        long, found["low"]
    )
    scaled["high"] = found["high"].where(found["high"].notna() | ~long, found["best"])
    scaled["best"] = found["best"].mask(long)
    return scaled[scaled[["low", "best", "high"]].notna().any(axis=1)]


def _precedent_finding(
    test: schema.Precedent,
    weighed: Weighed,
    frame: pd.DataFrame,
    figures: Figures,
    cautions: Mapping[str, str],
) -> Finding:
    noun, number = test.counts or "deaths on one side of one war", exact(test.larger_than)
    names = [f"{row['place']} ({row['side']})" for row in rows_of(frame)]

    def named(verdict: str) -> list[str]:
        pairs = [
            (row, name)
            for row, name in zip(weighed.rows, names, strict=True)
            if row.counted and row.verdict == verdict
        ]
        pairs.sort(
            key=lambda pair: (
                pair[0].why != "outside the war",
                -max(x for x in (pair[0].low, pair[0].best, pair[0].high) if x is not None),
            )
        )
        return [
            f"{name}, {figure(row.low, row.best, row.high)} by {row.label}{cautions[row.root]}"
            for row, name in pairs
        ]

    reach, fewer, unsure = named("against"), named("bears out"), named("compatible")
    total = len(reach) + len(fewer) + len(unsure)
    word = weighed.ruling.word
    if word == "not supported":
        text = f"{noun}: there is a precedent for {number} since {test.since.year}: {'; '.join(reach[:2])}"
    elif not total:
        text = f"{noun}: nothing settles whether another case since {test.since.year} reached {number}"
    else:
        text = f"{noun}: by {len(fewer)} of {total} counts no other case reached {number}"
        text += f" since {test.since.year}"
        text += f" (the largest: {fewer[0]})" if fewer and not reach else ""
        text += f", but {reach[0]}, did" if reach else ""
        text += f"; {unsure[0]}, leaves it open" if unsure else ""
    title = f"The largest other case that each origin knows: {noun}"
    words = _case_words(figures, test.larger_than)
    reached = [_case_name(case) for case, found in words.items() if RANK[found] >= 2]
    disputed = [_case_name(case) for case, found in words.items() if found == "contested"]
    return Finding(
        verdict=word,
        # Where one sure case decides, the share of origins that know of none is no probability of the claim.
        probability=None if reached else weighed.ruling.share,
        interval=figures_range(weighed),
        interval_of="the largest other cases of the origins counted",
        sources=tuple(
            dataclasses.replace(row, note=f"{name}; {row.note}".rstrip("; "))
            for row, name in zip(weighed.rows, names, strict=True)
        ),
        reason=(
            *reasons(weighed),
            {
                "rule": "cases that reach the number",
                "number": test.larger_than,
                "sure": reached,
                "contested": disputed,
                "cases": len(figures),
            },
        ),
        quote=sentence(text),
        depends_on=_precedent_depends(words, len(weighed.counted), word),
        different_if=_precedent_different(figures, test, len(weighed.counted), word),
        chart=sources_chart(
            weighed, title, test.unit, None, f"no other case reaches {number}", test.larger_than
        ),
    )


CLASSIFIED = re.compile(r"(inter|intra|extra|non-)state\w*|COW [0-9]+")


def _caution(row: Mapping[str, Any]) -> str:
    """Return what a row of low confidence says of itself, fit to follow it; nothing where it says nothing."""
    if row["confidence"] != "low" or not isinstance(row["note"], str):
        return ""
    parts = [part.strip() for part in row["note"].split(";")]
    told = ", ".join(part for part in parts if part and not CLASSIFIED.fullmatch(part))
    return f", with the note '{told}'" if told else ""


def _precedent_depends(words: Mapping[Case, Verdict], origins: int, now: Verdict) -> tuple[str, ...]:
    lines = []
    for case in words:
        word = _precedent_word((other for name, other in words.items() if name != case), origins)
        if word != now:
            lines.append(f"{_case_name(case)}: without that case the word would be '{word}'")
    return tuple(lines) or (f"no single case: leaving out any one keeps the word '{now}'",)


def _precedent_different(
    figures: Figures,
    test: schema.Precedent,
    origins: int,
    now: Verdict,
) -> tuple[str, ...]:
    """Return the nearest numbers below and above at which the word would be another one."""
    edges = sorted(
        {
            edge
            for said in figures.values()
            for _, item, _ in said
            for edge in (item.low, item.high)
            if math.isfinite(edge)
        }
    )
    lines = []
    for direction in (-1, 1):
        beyond = [edge for edge in edges if (edge - test.larger_than) * direction > 0]
        for edge in reversed(beyond) if direction < 0 else beyond:
            # At an edge the case still reaches the number; just above it no longer.
            candidate = edge if direction < 0 else math.floor(edge) + 1.0
            word = _precedent_word(_case_words(figures, candidate).values(), origins)
            if word != now:
                lines.append(
                    f"the number were {exact(candidate)} instead of {exact(test.larger_than)}:"
                    f" the word would be '{word}'"
                )
                break
    return tuple(lines)
