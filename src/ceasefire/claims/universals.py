"""Universal claims: only, never, always. Answered by the share of counter-examples and the nearest real one.

Groups of the reference class (interstate, intrastate ...) are never pooled. A case whose window is still
open, or whose outcome is contested, is unknown: counted apart, in neither share. That holds also where the
outcome came early, as a share of early outcomes alone would be too high.
"""

from __future__ import annotations

import dataclasses
import datetime as dt

import pandas as pd
from scipy import stats

from ceasefire.claims import schema
from ceasefire.claims.chartdata import ShareChart
from ceasefire.claims.figures import Interval, condition
from ceasefire.claims.results import Finding
from ceasefire.claims.rules import Verdict, rule_on
from ceasefire.claims.tables import date_column
from ceasefire.claims.wording import count, day, sentence
from ceasefire.evidence import Evidence
from ceasefire.evidence.shares import Counts, counted, jeffreys, within_window
from ceasefire.files import InputError

EPISODES, ATTACKED, ANSWERER = "episodes", "attacked", "answerer"


def counterexamples(test: schema.Counterexamples, evidence: Evidence, as_of: dt.date) -> Finding:
    """Return how often cases did what the claim says of all of them, as could be observed on a day.

    The probability is that the claim holds, not the share: of `mostly`, that more than half of such cases do,
    from Beta(did + 1/2, did not + 1/2); of `always`, 0 after one counter-example and none given before.

    Raises:
        InputError: the records have no such column.
    """
    rows = _observable(test, evidence, as_of)
    groups = {name: counted(rows[rows[test.group] == name][test.outcome]) for name in test.groups}
    main = groups[test.main_group]
    nearest = _nearest(rows[rows[test.group] == test.main_group], test)
    apart = _nearer_elsewhere(rows[rows[test.group].isin(set(test.groups) - {test.main_group})], test)
    noun = test.counts or f"{test.records} with {test.outcome.replace('_', ' ')}"
    if main.cases == 0:
        return Finding(
            "undetermined",
            quote=sentence(f"No case of {noun} could be observed"),
            reason=({"rule": "no case"},),
        )
    low, high = jeffreys(main.did, main.cases)
    percent = f"{main.did / main.cases:.0%}; 95 % interval {low:.0%} to {high:.0%}"
    told = f"{main.did} of {main.cases} {test.main_group} cases ({percent})"
    probability: float | None
    if test.says == "always":
        refuted = main.did_not > 0
        word = "not supported" if refuted else "mostly supported"
        rule = "one counter-example refutes certainty" if refuted else "no counter-example so far"
        probability = 0.0 if refuted else None
    else:
        ruling = rule_on(condition("at least", 0.5), [Interval(low, high)])
        word, rule = ruling.word, "more than half, with its interval"
        probability = float(stats.beta.sf(0.5, main.did + 0.5, main.did_not + 0.5))
    example = "" if nearest is None else f"; the nearest case that did not: {_named(nearest)}"
    if apart is not None:
        example += f"; of another group ({apart[test.group]}), not in that share: {_named(apart)}"
    quote = sentence(f"{noun}: {told}{example}")
    return Finding(
        verdict=word,  # type: ignore[arg-type]
        probability=probability,
        interval=(low, high),
        interval_of=f"share of {test.main_group} cases that did, 95 %",
        reason=(
            {"rule": rule, "word": word},
            *(
                {"rule": "group", "group": name, **dataclasses.asdict(group)}
                for name, group in groups.items()
            ),
            {
                "rule": "nearest counter-example",
                "case": None if nearest is None else _named(nearest),
                "how_it_ended": None if nearest is None else _text(nearest.get("how_it_ended")),
            },
            *(
                ()
                if apart is None
                else (
                    {
                        "rule": "nearest counter-example of another group",
                        "group": str(apart[test.group]),
                        "case": _named(apart),
                        "how_it_ended": _text(apart.get("how_it_ended")),
                    },
                )
            ),
        ),
        quote=quote,
        depends_on=_depends(test, rows),
        different_if=_different(test, main),
        chart=_chart(test, groups, noun, as_of),
    )


def _depends(test: schema.Counterexamples, rows: pd.DataFrame) -> tuple[str, ...]:
    if test.records == EPISODES:
        of_group = rows[(rows[test.group] == test.main_group) & (rows[ATTACKED] == 1)]
        return (
            f"{count(of_group['offensive'].nunique(), 'offensive')} behind the {len(of_group)} episodes:"
            " those that share one are one event",
            "the rule of what followed: the first major offensive within 90 days, whatever its cause",
            "offers that were refused: nobody knows what accepting them would have brought",
        )
    return (
        f"the table of records '{test.records}': hand coded, a convenience sample, and rows of one pair"
        " of parties are not independent",
        f"the column '{test.outcome.replace('_', ' ')}' as the meaning of the claim",
    )


def check_episodes(test: schema.Counterexamples) -> None:
    """Refuse what cannot be asked of offers as episodes.

    Raises:
        InputError: another outcome or group, or a claim on most of them.
    """
    for given, needed, name in (
        (test.outcome, ATTACKED, "outcome"),
        (test.group, ANSWERER, "group"),
        (test.says, "always", "says"),
    ):
        if given != needed:
            raise InputError(
                f"the records '{EPISODES}' have no answer for '{name}: {given}'.", "", f"write '{needed}'."
            )


def _episodes(test: schema.Counterexamples, evidence: Evidence, as_of: dt.date) -> pd.DataFrame:
    """Return the offers on record as one side could answer them, with what followed."""
    from ceasefire.bargaining.episodes import by_belief, offers_as_episodes

    check_episodes(test)
    found = offers_as_episodes(evidence, by_belief(0.5), as_of=as_of)
    known = [
        {
            "name": one.offer.terms,
            "start_date": pd.Timestamp(one.offer.day),
            ANSWERER: one.offer.answerer,
            ATTACKED: float(one.followed == "attacked") if one.teaches else float("nan"),
            "offensive": one.offensive,
            "how_it_ended": one.response,
        }
        for one in found.episodes
    ]
    return pd.DataFrame(known)


def _observable(test: schema.Counterexamples, evidence: Evidence, as_of: dt.date) -> pd.DataFrame:
    if test.records == EPISODES:
        return _episodes(test, evidence, as_of)
    rows = evidence.records(test.records)
    for column in (test.outcome, test.group):
        if column not in rows.columns:
            raise InputError(
                f"'{test.records}' has no column '{column}'.", "", f"use one of: {', '.join(rows.columns)}."
            )
    start = rows[date_column(rows)]
    rows = rows[start < pd.Timestamp(as_of)].copy()
    rows[test.outcome] = within_window(
        rows[test.outcome], rows[date_column(rows)], test.years, pd.Timestamp(as_of)
    )
    return rows


def _nearest(rows: pd.DataFrame, test: schema.Counterexamples) -> pd.Series | None:
    """Return the latest counter-example, one with a party of the claim before any other."""
    found = rows[rows[test.outcome] == 0]
    if found.empty:
        return None
    ordered = found.assign(_hits=_hits(found, test), _start=found[date_column(found)]).sort_values(
        ["_hits", "_start"], ascending=False, kind="stable"
    )
    return ordered.iloc[0]


def _nearer_elsewhere(rows: pd.DataFrame, test: schema.Counterexamples) -> pd.Series | None:
    """Return the latest counter-example of another group that involves a party of the claim."""
    return _nearest(rows[_hits(rows, test) > 0], test)


def _hits(found: pd.DataFrame, test: schema.Counterexamples) -> pd.Series:
    """Return how many of the claim's parties each case names."""
    if found.empty:
        return pd.Series(0, index=found.index)
    parties = (
        found[[name for name in ("party_a", "party_b", "name", "war") if name in found.columns]]
        .astype(str)
        .agg(" ".join, axis=1)
    )
    hits: pd.Series = sum(
        (parties.str.contains(word, case=False, regex=False).astype(int) for word in test.near or ()),
        start=pd.Series(0, index=found.index),
    )
    return hits


def _named(row: pd.Series) -> str:
    start = row[date_column(row.to_frame().T)].date()
    war = _text(row.get("war"))
    told = f"{row['name']} ({war}), from {day(start)}" if war else f"{row['name']}, from {day(start)}"
    if ANSWERER in row.index:
        return f"{row['name']}, of {day(start)}"
    end = pd.to_datetime(str(row.get("end_date")), errors="coerce")
    how = _text(row.get("how_it_ended"))
    if pd.isna(end):
        return f"{told}, which held"
    return f"{told}, which ended on {day(end.date())}" + (f": {how}" if how else "")


def _text(value: object) -> str | None:
    return None if value is None or (isinstance(value, float) and pd.isna(value)) else str(value)


def _different(test: schema.Counterexamples, main: Counts) -> tuple[str, ...]:
    if test.says == "always":
        if main.did_not:
            return (
                f"none of the {count(main.did_not, 'counter-example')} were one:"
                " certainty needs that there is none",
            )
        return ("a single counter-example were found: the word would be 'not supported'",)

    def word(did: int) -> Verdict:
        return rule_on(condition("at least", 0.5), [Interval(*jeffreys(did, main.cases))]).word

    now = word(main.did)
    lines = []
    for counts in (range(main.did - 1, -1, -1), range(main.did + 1, main.cases + 1)):
        changed = next((did for did in counts if word(did) != now), None)
        if changed is not None:
            lines.append(
                f"{changed} of the {main.cases} cases had done so: the word would be '{word(changed)}'"
            )
    return tuple(lines)


def _chart(test: schema.Counterexamples, groups: dict[str, Counts], noun: str, as_of: dt.date) -> ShareChart:
    rows = []
    for name, group in groups.items():
        if group.cases == 0:
            continue
        low, high = jeffreys(group.did, group.cases)
        label = f"{name} ({group.did} of {group.cases}" + (
            f", {group.unknown} unknown)" if group.unknown else ")"
        )
        rows.append(
            {
                "label": label,
                "value": group.did / group.cases,
                "low": low,
                "high": high,
                "count": group.did,
                "cases": group.cases,
                "highlight": name == test.main_group,
            }
        )
    main = groups[test.main_group]
    title = f"{main.did_not} of {main.cases} {test.main_group} cases are counter-examples"
    return ShareChart(
        title,
        f"{noun}; share with its 95 % interval, as could be observed on {day(as_of)}",
        "share",
        pd.DataFrame(rows),
        1.0 if test.says == "always" else 0.5,
    )
