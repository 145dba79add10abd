"""Checking a claims file beyond its form: that the evidence and the scenario have what it names."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Literal

import pandas as pd

from ceasefire.analysis.aid import KINDS, SAVINGS
from ceasefire.analysis.compare import OUTCOMES
from ceasefire.analysis.events import EVENTS, WIDER_WAR
from ceasefire.claims import schema
from ceasefire.claims.asking import check_place
from ceasefire.claims.counterfactuals import outcome_units
from ceasefire.claims.forecasts import check_topic
from ceasefire.claims.loading import ClaimFile, load_claims
from ceasefire.claims.mechanisms import missing
from ceasefire.claims.universals import EPISODES, check_episodes
from ceasefire.evidence import Evidence, load
from ceasefire.files import InputError, suggest
from ceasefire.scenario import Scenario, load_scenario


@dataclasses.dataclass(frozen=True)
class LintFinding:
    """Something in a claims file that should be put right (`error`) or looked at (`note`)."""

    severity: Literal["error", "note"]
    """`error`: an audit refuses the file; `note`: the audit runs, and says so in the verdict."""
    what: str
    where: str
    todo: str

    def __str__(self) -> str:
        return f"{self.severity}: {self.what}\n  where: {self.where}\n  to do: {self.todo}"


def lint(path: str | Path | ClaimFile, *, evidence: Evidence | None = None) -> list[LintFinding]:
    """Return what is wrong with a claims file, beginning with what stops an audit; nothing where all is well.

    Args:
        path: a claims file, its name or its path.
        evidence: the evidence to check against; the package's own where not given.
    """
    try:
        file = path if isinstance(path, ClaimFile) else load_claims(path)
    except InputError as error:
        return [LintFinding("error", error.what, error.where, error.todo)]
    known = load() if evidence is None else evidence
    scenario, found = _scenario(file)
    return sorted([*found, *faults(file, known, scenario)], key=lambda finding: finding.severity)


def faults(
    file: ClaimFile,
    evidence: Evidence,
    scenario: Scenario | None,
    only: Collection[str] | None = None,
) -> list[LintFinding]:
    """Return what the claims ask for that the evidence or the scenario does not have.

    Args:
        file: a claims file that passed the check of its form.
        evidence: the evidence to check against.
        scenario: the scenario to check against; nothing of it is checked where there is none.
        only: ids of the claims to look at; all where not given.
    """
    found: list[LintFinding] = []
    for number, claim in enumerate(file.claims):
        if only is None or claim.id in only:
            found += _claim(file, number, claim, evidence, scenario)
    if scenario is not None:
        todo = "give a scenario whose policies begin near the article's day, or read the comparison so."
        told = far_from_the_article(file, scenario)
        found += [LintFinding("note", what, where, todo) for what, where in told]
    return found


def _scenario(file: ClaimFile) -> tuple[Scenario | None, list[LintFinding]]:
    try:
        return load_scenario(file.article.scenario), []
    except InputError as error:
        where = file.document.where(("article", "scenario"))
        return None, [LintFinding("error", error.what, error.where or where, error.todo)]


def _claim(
    file: ClaimFile, number: int, claim: schema.Claim, evidence: Evidence, scenario: Scenario | None
) -> Iterator[LintFinding]:
    lacking = missing(claim.needs)
    if lacking:
        names = ", ".join(mechanism.name for mechanism in lacking)
        yield LintFinding(
            "note",
            f"'{claim.id}' needs what is not built: {names}.",
            file.where(number, "needs"),
            "its verdict is 'not yet modelled'.",
        )
    for place, reading in enumerate(claim.readings):
        where = file.where(number, "readings", place, "test")
        if reading.test is None:
            waits = [mechanism.name for mechanism in missing(reading.needs)]
            told = f"needs what is not built: {', '.join(waits)}" if waits else "has no test yet"
            yield LintFinding(
                "note",
                f"the reading '{reading.id}' of '{claim.id}' {told}.",
                file.where(number, "readings", place),
                "its verdict is 'not yet modelled'.",
            )
            continue
        for error in _test(reading.test, evidence, scenario, file):
            yield LintFinding("error", error.what, where, error.todo)
        if isinstance(reading.test, schema.TotalAt):
            yield from _nothing_near(reading.test, evidence, where)
    if isinstance(claim, schema.Intent):
        for place, item in enumerate(claim.bears_on):
            for error in _observe(item, evidence):
                yield LintFinding("error", error.what, file.where(number, "bears_on", place), error.todo)


def _test(
    test: schema.Test, evidence: Evidence, scenario: Scenario | None, file: ClaimFile
) -> Iterator[InputError]:
    try:
        if isinstance(test, schema.Compare):
            yield from _compare(test, scenario)
        elif isinstance(test, schema.ModelShare):
            yield from _model_share(test, scenario)
        elif isinstance(test, schema.AidSaves):
            yield from _aid(test, scenario)
        elif isinstance(test, schema.Offer):
            yield from _offer(test, scenario)
        elif isinstance(test, schema.Leader):
            yield from _of_the_scenario(scenario, (test.policy,), (test.side,), None)
        elif isinstance(test, schema.Survival):
            evidence.records("ceasefires")
        elif isinstance(test, schema.Unobservable):
            return
        elif isinstance(test, schema.Event):
            check_topic(test, evidence)
        elif isinstance(test, schema.Counterexamples | schema.Share | schema.Count):
            _columns(test, evidence)
        elif isinstance(test, schema.Precedent):
            evidence.ask(test.quantity, concept=list(test.concept))
        else:
            yield from _measure(test, evidence)
    except InputError as error:
        yield error


def _measure(
    test: schema.TotalAt | schema.MeanRate | schema.Change, evidence: Evidence
) -> Iterator[InputError]:
    rows = evidence.ask(test.quantity, concept=list(test.concept), side=test.side, place=test.place)
    for extra in ("floors", "ceilings", "beside"):
        concepts = getattr(test, extra, None)
        if concepts:
            evidence.ask(test.quantity, concept=list(concepts), side=test.side)
    if rows.empty:
        yield InputError(
            f"'{test.quantity}' has no source for {test.side}, {', '.join(test.concept)}.",
            "",
            "see 'ceasefire evidence show' for what there is.",
        )
        return
    date = test.first if isinstance(test, schema.Change) else test.date
    first = rows["start"].min()
    if pd.Timestamp(date) < first:
        yield InputError(
            f"{date.isoformat()} lies before the first evidence on '{test.quantity}' ({first:%Y-%m-%d}).",
            "",
            "give a later day.",
        )
    yield from _units(test, rows, evidence)
    check_place(test, evidence)
    source = test.as_reported_by
    if source is not None and source not in evidence.sources:
        yield InputError(f"there is no source '{source}'.", "", suggest(source, evidence.sources))
    elif source is not None and source not in set(rows["source"]):
        told = f"'{source}' says nothing of '{test.quantity}' in that concept."
        yield InputError(told, "", f"ask one that does: {', '.join(sorted(set(rows['source'])))}.")


def _nothing_near(test: schema.TotalAt, evidence: Evidence, where: str) -> Iterator[LintFinding]:
    """Note a day that no figure is near: the claim is undetermined then, not wrong."""
    try:
        rows = evidence.ask(test.quantity, concept=list(test.concept), side=test.side, place=test.place)
    except InputError:  # told as an error already
        return
    reach = max(test.window_days, test.bounds_days)
    days = (rows["end"] - pd.Timestamp(test.date)).dt.days.abs()
    if len(rows) and pd.Timestamp(test.date) >= rows["start"].min() and not (days <= reach).any():
        yield LintFinding(
            "note",
            f"'{test.quantity}' has no source within {reach} days of {test.date.isoformat()}.",
            where,
            "its verdict is 'undetermined'; choose another day, or a wider window.",
        )


def policies_of(test: schema.ModelTest) -> tuple[str, ...]:
    """Return the policies that a test asks about; an offer's truce is the test's own."""
    if isinstance(test, schema.Offer):
        return ()
    return (test.first, test.second) if isinstance(test, schema.Compare) else (test.policy,)


# Two months: a convention, as long as the default window of an observation that bears on an intent.
APART_DAYS = 60


def far_from_the_article(file: ClaimFile, scenario: Scenario) -> list[tuple[str, str]]:
    """Return what of the scenario begins more than 60 days from the article's day, and where it is asked for.

    A comparison then answers for another moment than the article's, and has to say so.

    Args:
        file: a claims file.
        scenario: the scenario that its comparisons are run in.
    """
    published = file.article.published
    asked = [
        (name, file.where(number, "readings", place, "test"))
        for number, claim in enumerate(file.claims)
        for place, reading in enumerate(claim.readings)
        if isinstance(reading.test, schema.ModelTest)
        for name in policies_of(reading.test)
        if name in scenario.policies
    ]
    offers = any(
        isinstance(reading.test, schema.Offer) for claim in file.claims for reading in claim.readings
    )
    begins: dict[str, tuple[dt.date, str]] = {}
    if asked or offers:
        begins[f"the scenario '{scenario.name}'"] = (
            scenario.start,
            file.document.where(("article", "scenario")),
        )
    for name, where in asked:
        for truce in scenario.policies[name].truces:
            begins.setdefault(f"the truce of '{name}'", (truce.start, where))
    return [
        (
            f"{what} begins on {start}, {abs((start - published).days):,} days"
            f" {'before' if start < published else 'after'} the article ({published}):"
            " its comparisons answer for that day and not for the article's.",
            where,
        )
        for what, (start, where) in begins.items()
        if abs((start - published).days) > APART_DAYS
    ]


def _units(test: schema.Stated, rows: pd.DataFrame, evidence: Evidence) -> Iterator[InputError]:
    units = {"ratio"} if isinstance(test, schema.Change) and test.relative else set(rows["unit"])
    for name in ("at_least", "at_most", "between"):
        amount = getattr(test, name)
        if isinstance(amount, schema.Yardstick):
            yield from _yardstick(test, amount, units, evidence)
    if test.unit is not None and not _fits(test, test.unit, units):
        yield InputError(
            f"the evidence counts in {', '.join(sorted(units))}, the claim in {test.unit}.",
            "",
            suggest(test.unit, units),
        )


def _yardstick(
    test: schema.Stated, amount: schema.Yardstick, units: set[str], evidence: Evidence
) -> Iterator[InputError]:
    """Refuse a yardstick without a figure, and one that is counted in something else than the evidence."""
    rows = evidence.ask(amount.quantity, concept=amount.concept, side=amount.side, place=amount.place)
    for day, late in ((amount.since, False), (amount.until, True)):
        if day is not None:
            rows = rows[rows["end"] <= pd.Timestamp(day)] if late else rows[rows["end"] >= pd.Timestamp(day)]
    if rows.empty:
        yield InputError(
            f"the yardstick '{amount.quantity}' has no figure.",
            "",
            "see 'ceasefire evidence show' for what there is.",
        )
    for unit in sorted(set(rows["unit"])):
        if not _fits(test, unit, units):
            yield InputError(
                f"the evidence counts in {', '.join(sorted(units))},"
                f" the yardstick '{amount.quantity}' in {unit}.",
                "",
                "choose a yardstick in the same unit.",
            )


PER = re.compile(r"_per_(day|month|year)$")


def _fits(test: schema.Stated, unit: str, units: set[str]) -> bool:
    """Say whether a unit is one of the evidence's; a mean rate is formed from totals as from rates."""
    if isinstance(test, schema.MeanRate):
        return PER.sub("", unit) in {PER.sub("", known) for known in units}
    return unit in units


def _compare(test: schema.Compare, scenario: Scenario | None) -> Iterator[InputError]:
    outcomes = outcome_units()
    if test.outcome not in outcomes:
        yield InputError(f"'{test.outcome}' is no outcome.", "", suggest(test.outcome, outcomes))
    else:
        kind = OUTCOMES[test.outcome]
        if test.side is None and not kind.both:
            yield InputError(f"'{test.outcome}' needs a side.", "", "add 'side:'.")
        if test.side is not None and not kind.each:
            yield InputError(f"'{test.outcome}' belongs to no side.", "", "leave 'side:' out.")
    yield from _of_the_scenario(scenario, (test.first, test.second), (test.side,), test.until)


def _model_share(test: schema.ModelShare, scenario: Scenario | None) -> Iterator[InputError]:
    asked = [(test.event, test.side)]
    asked += [] if test.given is None else [(test.given.event, test.given.side)]
    for event, side in asked:
        if event not in EVENTS:
            yield InputError(f"'{event}' is no event of a war.", "", suggest(event, EVENTS))
        elif side is not None and not EVENTS[event].of_side:
            yield InputError(f"'{event}' belongs to no side.", "", "leave 'side:' out.")
    if test.event == WIDER_WAR and test.given is not None:
        yield InputError(f"'{WIDER_WAR}' is asked of all wars.", "", "leave 'given:' out.")
    yield from _of_the_scenario(scenario, (test.policy,), [side for _, side in asked], test.until)


def _aid(test: schema.AidSaves, scenario: Scenario | None) -> Iterator[InputError]:
    if test.of not in {"each", *KINDS}:
        yield InputError(f"'{test.of}' is no kind of aid.", "", suggest(test.of, {"each", *KINDS}))
    if test.saves not in SAVINGS:
        yield InputError(f"aid does not save '{test.saves}' here.", "", suggest(test.saves, SAVINGS))
    yield from _of_the_scenario(scenario, (test.policy,), (test.side,), None)


def _offer(test: schema.Offer, scenario: Scenario | None) -> Iterator[InputError]:
    yield from _of_the_scenario(scenario, (), (test.by,), None)
    if scenario is None:
        return
    days = (scenario.end - scenario.start).days
    if test.days + 1 >= days:
        yield InputError(
            f"a truce of {test.days:,} days does not end before '{scenario.name}' does ({days:,} days).",
            "",
            "give fewer days: what follows the truce decides what the offer is worth.",
        )
    if not any(policy.changes_nothing for policy in scenario.policies.values()):
        yield InputError(
            f"'{scenario.name}' has no policy that changes nothing, so that no offer can be refused in it.",
            "",
            "add one without levers and truces, such as 'fight-on'.",
        )


def _of_the_scenario(
    scenario: Scenario | None,
    policies: Sequence[str],
    sides: Sequence[str | None],
    until: dt.date | None,
) -> Iterator[InputError]:
    """Refuse policies, sides and days that the scenario does not have."""
    if scenario is None:
        return
    for policy in policies:
        if policy not in scenario.policies:
            yield InputError(
                f"'{scenario.name}' has no policy '{policy}'.", "", suggest(policy, scenario.policies)
            )
    known = {*scenario.sides, *scenario.codes}
    for side in sides:
        if side is not None and side not in known:
            yield InputError(f"'{side}' is no belligerent of '{scenario.name}'.", "", suggest(side, known))
    if until is not None and not scenario.start < until <= scenario.end:
        yield InputError(
            f"{until.isoformat()} lies outside '{scenario.name}' ({scenario.start} to {scenario.end}).",
            "",
            "give a day within it.",
        )


def _columns(test: schema.Counterexamples | schema.Share | schema.Count, evidence: Evidence) -> None:
    if isinstance(test, schema.Counterexamples) and test.records == EPISODES:
        check_episodes(test)
        evidence.records("offers")
        return
    columns = set(evidence.records(test.records).columns)
    asked = {test.group, test.outcome} if isinstance(test, schema.Counterexamples) else set(test.where)
    if isinstance(test, schema.Share):
        asked |= set(test.having)
    for column in sorted(asked):
        if column not in columns:
            raise InputError(
                f"the records '{test.records}' have no column '{column}'.", "", suggest(column, columns)
            )


def _observe(item: schema.Observe, evidence: Evidence) -> Iterator[InputError]:
    try:
        if item.records is not None:
            columns = set(evidence.records(item.records).columns)
            for column in item.where:
                if column not in columns:
                    yield InputError(
                        f"the records '{item.records}' have no column '{column}'.",
                        "",
                        suggest(column, columns),
                    )
        else:
            assert item.quantity is not None
            evidence.ask(item.quantity, concept=item.concept, side=item.side)
    except InputError as error:
        yield error
