"""All sources on one number, side by side: which of them count, what each says, and the word that follows.

One row speaks for each origin: a figure of what was asked for before a bound on it, the nearest in time
before others, then what became known last, then one that gives an interval. Where its source has figures of
several of the concepts asked for, equally near and equally new, it allows what any of them allows.
Everything else is shown beside, with the reason why it does not count.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import pandas as pd

from ceasefire.claims.figures import AGAINST, BEARS_OUT, NOT_COMPARABLE, Condition, Interval, interval_of
from ceasefire.claims.results import SourceRow
from ceasefire.claims.rules import INTEREST, Ruling, Verdict, rule_against_interest, rule_on
from ceasefire.claims.tables import rows_of
from ceasefire.evidence import COLUMNS as OBSERVED
from ceasefire.evidence import Evidence

# Quantities that a party to the war has reason to count high for its enemy and low for itself.
LOSSES = ("personnel_losses", "equipment_losses")
# What a verdict has no use for in an observation; the last five are what `asking` says of a row.
_LEFT_OUT = {"flow_or_stock", "known_on_rule", "confidence", "verified", "table"}
COLUMNS = (
    *(column for column in OBSERVED if column not in _LEFT_OUT),
    *("role", "order", "days_from_target", "barred", "whole"),
)


# What a party's figure is: of its own losses a floor, of its enemy's a ceiling.
Bound = Literal["floor", "ceiling"]
FLOOR: Bound = "floor"
CEILING: Bound = "ceiling"
# A row that speaks, with what it allows.
Voice = tuple[SourceRow, Interval]


@dataclasses.dataclass(frozen=True)
class Standing:
    """Whether a row may count, why (not), and the code of what refuses it, or an empty text."""

    may_count: bool
    why: str
    refusal: str = ""


@dataclasses.dataclass(frozen=True)
class Weighed:
    """The rows of a reading, the ruling on them, and what they were weighed by."""

    rows: tuple[SourceRow, ...]
    intervals: tuple[Interval | None, ...]
    ruling: Ruling
    condition: Condition
    own: tuple[Voice, ...]
    """What speaks for a party on its own losses: one row for each of a party's origins."""
    enemy: tuple[Voice, ...]
    """What speaks for a party on its enemy's losses."""
    refusals: tuple[str, ...]
    """Why a row can never count, as a code of `Evidence.independent_roots`, or an empty text."""
    reported_by: str | None

    @property
    def counted(self) -> list[Voice]:
        """The rows that count, with what they allow."""
        return _counted(self.rows, self.intervals)

    @property
    def informing(self) -> list[Voice]:
        """The counted rows that weigh: those that could have spoken either way."""
        return [pair for pair in self.counted if self.condition.informs(pair[1])]

    @property
    def deciding(self) -> list[tuple[SourceRow, Bound]]:
        """What parties say that decides against their own interest: floors under own losses, or ceilings."""
        if self.ruling.rule != INTEREST:
            return []
        wanted = AGAINST if self.ruling.word == "not supported" else BEARS_OUT
        voices = [(row, interval.as_floor(), FLOOR) for row, interval in self.own]
        voices += [(row, interval.as_ceiling(), CEILING) for row, interval in self.enemy]
        return [(row, kind) for row, bound, kind in voices if self.condition.judge(bound) == wanted]

    def word(self, condition: Condition, figures: Sequence[Interval] | None = None) -> Verdict:
        """Return the word for another condition, or for other counted figures."""
        if figures is None:
            figures = [interval for _, interval in self.counted]
        own, enemy = ([interval for _, interval in voices] for voices in (self.own, self.enemy))
        return _ruling(condition, figures, own, enemy, self.reported_by).word


def weigh(
    frame: pd.DataFrame,
    condition: Condition,
    evidence: Evidence,
    *,
    reported_by: str | None = None,
    parties_count: bool = False,
) -> Weighed:
    """Hold every row against a condition and return the ruling.

    Args:
        frame: rows with the columns of `COLUMNS`; `role` says what a row is to the question, `barred` why it
            cannot count (or empty).
        condition: what the claim says.
        evidence: the evidence that the rows are from.
        reported_by: ask only what this source reported: its own row decides, right or wrong.
        parties_count: let a party's own record count, where the wars are over.
    """
    frame = frame.reset_index(drop=True)
    records = rows_of(frame)
    intervals = [_interval(row) for row in records]
    judged: dict[tuple[str, ...], Standing] = {}
    standing = []
    for record in records:
        # Rows of one source on one side stand alike, except for what they are to the question.
        key = tuple(
            str(record[name]) for name in ("source", "root", "side", "kind", "role", "barred", "concept")
        )
        if key not in judged:
            judged[key] = _standing(record, evidence, reported_by, parties_count)
        standing.append(judged[key])
    speaker = _speakers(frame, intervals, [item.may_count for item in standing], reported_by)
    intervals = _widened(records, intervals, [item.may_count for item in standing], speaker.values())
    rows: list[SourceRow] = []
    for index, record in enumerate(records):
        counted = speaker.get(_root(record, reported_by)) == index
        why = standing[index].why
        if standing[index].may_count and not counted:
            why = _beaten(record, frame, speaker, reported_by)
        rows.append(_source_row(record, intervals[index], condition, counted, why, evidence))
    own, enemy = _interested(frame, intervals, standing, rows, evidence)
    ruling = _ruling(
        condition,
        [interval for _, interval in _counted(rows, intervals)],
        [interval for _, interval in own],
        [interval for _, interval in enemy],
        reported_by,
    )
    refusals = tuple(item.refusal for item in standing)
    return Weighed(
        tuple(rows), tuple(intervals), ruling, condition, tuple(own), tuple(enemy), refusals, reported_by
    )


def _counted(rows: Sequence[SourceRow], intervals: Sequence[Interval | None]) -> list[Voice]:
    pairs = zip(rows, intervals, strict=True)
    return [(row, interval) for row, interval in pairs if row.counted and interval is not None]


def _interested(
    frame: pd.DataFrame,
    intervals: Sequence[Interval | None],
    standing: Sequence[Standing],
    rows: Sequence[SourceRow],
    evidence: Evidence,
) -> tuple[list[Voice], list[Voice]]:
    """Return what parties say of their own losses and of their enemy's: one row speaks for each origin.

    Only what is refused for being a party's can speak here, and only in the party's own words: a misprint, a
    compilation, a restatement or a source that has not been judged decides nothing.
    """
    records = rows_of(frame)
    speaks_for = [_own_statement(record, evidence) for record in records]
    may_speak = [
        item.refusal == "party" and bool(party) for item, party in zip(standing, speaks_for, strict=True)
    ]
    own: list[Voice] = []
    enemy: list[Voice] = []
    parties = {root.party for root in evidence.roots.values() if root.party}
    speaker = _speakers(frame, intervals, may_speak, None)
    intervals = _widened(records, intervals, may_speak, speaker.values())
    for index in speaker.values():
        record, interval = records[index], intervals[index]
        if interval is None or record["role"] != "value" or not str(record["quantity"]).startswith(LOSSES):
            continue
        if speaks_for[index] == record["side"]:
            own.append((rows[index], interval))
        elif record["side"] in parties:
            enemy.append((rows[index], interval))
    return own, enemy


def _ruling(
    condition: Condition,
    figures: Sequence[Interval],
    own: Sequence[Interval],
    enemy: Sequence[Interval],
    reported_by: str | None,
) -> Ruling:
    ruling = rule_on(condition, figures)
    if reported_by is not None:
        return _as_reported(ruling)
    if ruling.word != "undetermined":
        return ruling
    settled = rule_against_interest(condition, own, enemy)
    # An origin outside the war that says the opposite keeps the question open.
    if settled is None:
        return ruling
    opposed = ruling.bears_out if settled.word == "not supported" else ruling.against
    return ruling if opposed else settled


def _as_reported(ruling: Ruling) -> Ruling:
    """Let one row settle what its source reported; nothing is said on whether it is right."""
    if ruling.bears_out and not ruling.against:
        return dataclasses.replace(ruling, word="supported", rule="as reported")
    if ruling.against and not ruling.bears_out:
        return dataclasses.replace(ruling, word="not supported", rule="as reported")
    return ruling


def _interval(row: Mapping[str, Any]) -> Interval | None:
    interval = interval_of(row["low"], row["best"], row["high"])
    if interval is None or row["role"] == "beside":
        return None
    if row["role"] == "floor":
        return None if math.isinf(interval.low) else interval.as_floor()
    if row["role"] == "ceiling":
        return None if math.isinf(interval.high) else interval.as_ceiling()
    return interval


def _standing(
    row: Mapping[str, Any], evidence: Evidence, reported_by: str | None, parties_count: bool
) -> Standing:
    """Say whether a row may count, and why (not)."""
    if reported_by is not None and row["source"] != reported_by:
        return Standing(False, "this reading asks only what one source reported")
    if row["barred"]:
        return Standing(False, str(row["barred"]))
    if row["role"] == "beside":
        return Standing(False, f"counts another thing: {str(row['concept']).replace('_', ' ')}")
    judged = independence(row, evidence, parties_count=parties_count)
    if reported_by is not None and judged.refusal != "misprint":
        return Standing(row["role"] == "value", "what the source itself reported")
    return judged


def independence(row: Mapping[str, Any], evidence: Evidence, *, parties_count: bool) -> Standing:
    """Say whether a row may count as an origin outside the war, and why (not), by the evidence's own rule.

    Args:
        row: an observation.
        evidence: the evidence that it is from.
        parties_count: let what only a party's voice refuses count, where the wars are over.
    """
    asked = pd.DataFrame([{**row, "days_from_target": 0}])
    judged = evidence.independent_roots(asked).iloc[0]
    refusal, why = str(judged["refusal"]), str(judged["why"])
    if parties_count and refusal == "party":
        return Standing(True, "an official record of a war that is over")
    restated = _restates(row, evidence) if refusal == "party" else ""
    return Standing(bool(judged["counted"]), f"restates {restated}" if restated else why, refusal)


def _root(row: Mapping[str, Any], reported_by: str | None) -> str:
    return str(row["source"]) if reported_by is not None else str(row["root"])


def _speakers(
    frame: pd.DataFrame,
    intervals: Sequence[Interval | None],
    may_speak: Sequence[bool],
    reported_by: str | None,
) -> dict[str, int]:
    """Return, for each origin, the number of the row that speaks for it, of those that may."""
    best: dict[str, tuple[tuple[float, ...], int]] = {}
    for index, row in enumerate(rows_of(frame)):
        interval = intervals[index]
        if interval is None or not may_speak[index]:
            continue
        known = row["known_on"]
        rank = (
            0.0 if row["role"] == "value" else 1.0,
            abs(float(row["days_from_target"])),
            -float(known.toordinal()) if not pd.isna(known) else 0.0,
            1.0 if interval.low == interval.high or interval.open else 0.0,
            float(row["order"]),
            float(index),
        )
        root = _root(row, reported_by)
        if root not in best or rank < best[root][0]:
            best[root] = (rank, index)
    return {root: index for root, (_, index) in best.items()}


def _widened(
    records: Sequence[Mapping[str, Any]],
    intervals: Sequence[Interval | None],
    may_speak: Sequence[bool],
    speakers: Iterable[int],
) -> list[Interval | None]:
    """Return the intervals, those that speak as wide as all concepts asked for that stand level with them.

    Otherwise the order in which a claim names its concepts would decide.
    """
    level = ("source", "root", "role", "days_from_target", "known_on")
    wide = list(intervals)
    for index in speakers:
        same = [
            interval
            for record, interval, may in zip(records, intervals, may_speak, strict=True)
            if may and interval is not None and all(record[name] == records[index][name] for name in level)
        ]
        if records[index]["role"] == "value" and len(set(same)) > 1:
            wide[index] = Interval(min(item.low for item in same), max(item.high for item in same))
    return wide


def _beaten(
    record: Mapping[str, Any], frame: pd.DataFrame, speaker: Mapping[str, int], reported_by: str | None
) -> str:
    index = speaker.get(_root(record, reported_by))
    if index is None:
        return "gives no figure for this question"
    winner = frame.iloc[index]
    if winner["source"] != record["source"]:
        return f"the same origin as {winner['source']}, which counts"
    if winner["end"] == record["end"] and winner["known_on"] != record["known_on"]:
        return "an older statement of this source"
    return "another row of this source counts"


def _party(row: Mapping[str, Any], evidence: Evidence) -> str:
    root = evidence.roots.get(str(row["root"]))
    return root.party if root is not None else ""


def _own_statement(row: Mapping[str, Any], evidence: Evidence) -> str:
    """Return the party whose own statement a row is, or an empty text."""
    entry = evidence.sources.get(str(row["source"]))
    party = _party(row, evidence)
    return party if entry is not None and entry.party == party else ""


def _speaker_kind(row: Mapping[str, Any], evidence: Evidence) -> str:
    """Return how a source is marked; `ally` is whoever is neither a party to the war nor neutral."""
    kind = str(row["source_class"])
    entry = evidence.sources.get(str(row["source"]))
    if "ally" in kind:
        return "ally"
    if _party(row, evidence) or kind.endswith("belligerent") or (entry is not None and entry.party):
        return "warring party"
    return "independent" if entry is None or entry.independent == "yes" else "ally"


def label_of(source: str, evidence: Evidence) -> str:
    """Return the title of a source; shortened to its first part where no other source has the same."""
    entry = evidence.sources.get(source)
    if entry is None:
        return source
    short = _short(entry.title)
    same = sum(_short(other.title) == short for other in evidence.sources.values())
    return short if same == 1 else entry.title


def _short(title: str) -> str:
    return re.split(r"[,:(]", title, maxsplit=1)[0].strip()


def _restates(row: Mapping[str, Any], evidence: Evidence) -> str:
    """Return the label of the source that a row restates: a belligerent's, of the same origin."""
    if not _party(row, evidence) or str(row["source_class"]).endswith("belligerent"):
        return ""
    speaks = evidence.sources.get(str(row["source"]))
    for name, other in evidence.sources.items():
        if other.root == row["root"] and other.source_class.endswith("belligerent") and other is not speaks:
            return label_of(name, evidence)
    return ""


def _date(value: Any) -> dt.date | None:
    if value is None or pd.isna(value):
        return None
    stamp = pd.Timestamp(value)
    return dt.date(stamp.year, stamp.month, stamp.day)


def _number(value: Any) -> float | None:
    return None if value is None or pd.isna(value) else float(value)


def _source_row(
    record: Mapping[str, Any],
    interval: Interval | None,
    condition: Condition,
    counted: bool,
    why: str,
    evidence: Evidence,
) -> SourceRow:
    return SourceRow(
        source=str(record["source"]),
        label=", ".join(filter(None, [label_of(str(record["source"]), evidence), str(record["whole"])])),
        value=_number(record["best"]),
        low=_number(record["low"]),
        best=_number(record["best"]),
        high=_number(record["high"]),
        unit=str(record["unit"]),
        concept=str(record["concept"]),
        start=_date(record["start"]),
        end=_date(record["end"]),
        known_on=_date(record["known_on"]),
        root=str(record["root"]),
        source_class=str(record["source_class"]),
        party=_speaker_kind(record, evidence),
        counted=counted,
        why=why,
        verdict=NOT_COMPARABLE if interval is None else condition.judge(interval),
        role=str(record["role"]),
        reference=str(record["reference"] or ""),
        restates=_restates(record, evidence),
        of_party=bool(_party(record, evidence)),
        note=str(record["note"] or ""),
    )


def reasons(weighed: Weighed) -> tuple[dict[str, Any], ...]:
    """Return why the word is what it is, as data."""
    ruling = weighed.ruling
    found: list[dict[str, Any]] = [
        {
            "rule": ruling.rule,
            "word": ruling.word,
            "origins_counted": len(weighed.counted),
            "bear_out": ruling.bears_out,
            "against": ruling.against,
            "straddle": ruling.straddles,
            "leave_open": ruling.open,
            "share": ruling.share,
        }
    ]
    if ruling.rule == INTEREST:
        found[0]["bear_out"], found[0]["against"] = 0, 0
        found.append(
            {
                "rule": "against interest",
                "says": "a party's figure decides only against its own interest: on its enemy's losses as a"
                " ceiling, on its own as a floor",
                "ceilings_on_enemy": [interval.high for _, interval in weighed.enemy],
                "floors_under_own": [interval.low for _, interval in weighed.own],
            }
        )
    parties = [
        row
        for row, refusal in zip(weighed.rows, weighed.refusals, strict=True)
        if refusal == "party" and not row.counted
    ]
    if parties:
        found.append(
            {
                "rule": "parties to the war are shown and not counted",
                "rows": len(parties),
                "would_bear_out": sum(row.verdict == BEARS_OUT for row in parties),
                "would_be_against": sum(row.verdict == AGAINST for row in parties),
            }
        )
    return tuple(found)


def depends_on(weighed: Weighed) -> tuple[str, ...]:
    """Return the origins without which the word would be another one, and the origins in all."""
    figures = weighed.counted
    lines: list[str] = []
    for index, (row, _) in enumerate(figures):
        rest = [interval for number, (_, interval) in enumerate(figures) if number != index]
        word = weighed.word(weighed.condition, rest)
        if word != weighed.ruling.word:
            lines.append(f"{row.label}: without it the word would be '{word}'")
    if weighed.deciding:
        party = [row.label for row, _ in weighed.deciding]
        lines.append(
            f"what a party to the war says against its own interest ({', '.join(sorted(set(party)))})"
        )
    elif not figures:
        lines.append("nothing that counts: a figure of an origin outside the war would decide it")
    elif not lines:
        lines.append(
            f"no single origin: leaving out any one of the {len(figures)}"
            f" keeps the word '{weighed.ruling.word}'"
        )
    return tuple(lines)
