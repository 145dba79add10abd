"""The record of offers as test episodes: what a rule would have advised then, and what followed.

An episode is an offer as one of the two sides could answer it. An offer of one side makes one episode, for
the other side; a joint one, or one of a third party, makes two. Both sides are judged by the same rules.

What followed, mechanically and blind to cause: the first major ground offensive that began in the window
after the reference day (the last day in force; where there is none the first; where there is none the day of
the offer). Was it the other side's, the episode is a hit. Two kinds teach nothing of the other side and are
in no share: with the fighting never stopped and no new offensive (`ongoing`), and with an attack of one's own
first. Hits that share one offensive are one event: offensives are counted beside rows.

The belief that is handed to the rule, where nothing else is, is a share with stated weights: K prior cases at
the share p of ceasefires of a class that no offensive followed, as known on the day, and one case for each
earlier truce in force with the same other side whose outcome was known on the day (those that share an
offensive are one). An attack is known when it begins, that none came only when the window is over:

    belief = (K p + quiet) / (K + quiet + attacked)

Known to fail: the record of offers between two parties in one war is a single history, and no sample; private
offers are under-counted; whether an offer that was refused would have been kept is never seen.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from ceasefire.bargaining.belief import SIDES, believe
from ceasefire.bargaining.game import check_probability
from ceasefire.bargaining.past import LEAST_CASES, ceasefires, offensive_counts
from ceasefire.evidence import Evidence
from ceasefire.evidence.shares import Counts, jeffreys
from ceasefire.files import InputError, suggest

#: The fighting has not stopped between these sides from this day on.
FULL_WAR = dt.date(2022, 2, 24)
#: The table's own rule.
WINDOW_DAYS = 90
WINDOWS = (30, 60, 90, 180, 365)
LISTS = {
    "counted": "the offensives that the table of offers counts",
    "all": "also those whose start is unclear (Bakhmut 2022, the push of 2025)",
}
REFERENCES = {
    "end": "the last day in force, else the first, else the day of the offer",
    "offer": "the day of the offer",
}
ATTACKED, OWN, QUIET, ONGOING, OPEN = "attacked", "own offensive only", "none", "ongoing", "not over yet"
PRIOR_CASES = 2.0
THRESHOLDS = tuple(round(0.05 * step, 2) for step in range(1, 20))


@dataclasses.dataclass(frozen=True)
class RecordedOffer:
    """An offer as one side could answer it, with what was known on the day."""

    row: int
    """Its row in the table of offers, from 0."""
    day: dt.date
    known_on: dt.date
    """The day on which it could be read; later than the offer where it was private."""
    proposer: str
    """As the table has it: RU, UA, joint, US, UN, third-party."""
    answerer: str
    """The side that answers."""
    other: str
    """The side that it would have to trust."""
    kind: str
    terms: str
    length_days: float | None
    monitored: str
    """yes, partial or no."""
    record: Counts
    """Earlier truces in force with the other side: attacked (did), quiet, and unknown: those whose outcome
    was not to be seen yet, and those that teach nothing of the other side."""
    base: float
    """Share of the class of ceasefires that no offensive followed within a year, as known on the day."""

    @property
    def private(self) -> bool:
        """Whether it became known only later, so that nobody outside could judge it then."""
        return (self.known_on - self.day).days > 31


@dataclasses.dataclass(frozen=True)
class Advised:
    """A belief and a threshold: accept from the one on that the other names."""

    belief: float
    threshold: float

    @property
    def accept(self) -> bool:
        """Whether the rule accepts."""
        return self.belief >= self.threshold


Advise = Callable[[RecordedOffer], Advised]


@dataclasses.dataclass(frozen=True)
class Episode:
    """An offer, what a rule would have advised, and what followed."""

    offer: RecordedOffer
    advised: Advised
    followed: str
    """attacked, own offensive only, none, ongoing, or not over yet."""
    offensive: str | None
    """The first offensive that followed, by its name and first day."""
    in_force: bool
    """Whether it was ever in force."""
    response: str | None

    @property
    def teaches(self) -> bool:
        """Whether the outcome tells anything of the offer."""
        return self.followed in {ATTACKED, QUIET}

    @property
    def right(self) -> bool | None:
        """Whether the advice fits what followed: refused what an attack followed, accepted what none did.

        None where the episode teaches nothing.
        """
        return None if not self.teaches else self.advised.accept != (self.followed == ATTACKED)

    def content(self) -> dict[str, Any]:
        """Return it as plain data."""
        offer = self.offer
        return {
            "row": offer.row,
            "day": offer.day.isoformat(),
            "known_on": offer.known_on.isoformat(),
            "private": offer.private,
            "proposer": offer.proposer,
            "answerer": offer.answerer,
            "other": offer.other,
            "kind": offer.kind,
            "terms": offer.terms,
            "length_days": offer.length_days,
            "monitored": offer.monitored,
            "response": self.response,
            "in_force": self.in_force,
            "record": dataclasses.asdict(offer.record),
            "base": offer.base,
            "belief": self.advised.belief,
            "threshold": self.advised.threshold,
            "advice": "accept" if self.advised.accept else "refuse",
            "followed": self.followed,
            "offensive": self.offensive,
            "teaches": self.teaches,
            "right": self.right,
        }


@dataclasses.dataclass(frozen=True)
class Tally:
    """Episodes, counted; and the offensives behind them."""

    answerer: str
    """The side that answers, or `both`."""
    episodes: int
    teaching: int
    ongoing: int
    """Those that teach nothing since the fighting never stopped."""
    own_first: int
    """Those that teach nothing since the side that answered attacked first."""
    not_over: int
    """Those that teach nothing since the time in which an attack would count was not over."""
    attacked: int
    """Episodes that an offensive of the other side followed."""
    offensives: int
    """The different offensives behind them."""
    quiet: int
    """Episodes that no offensive of the other side followed."""
    right: int
    """Of those that teach: advice that fits."""
    accepted_and_attacked: int
    refused_and_quiet: int

    @property
    def share(self) -> float | None:
        """Share of the teaching episodes that an attack followed."""
        return self.attacked / self.teaching if self.teaching else None

    def content(self) -> dict[str, Any]:
        """Return it as plain data; the interval takes rows as independent, which they are not."""
        interval = list(jeffreys(self.attacked, self.teaching)) if self.teaching else None
        return {**dataclasses.asdict(self), "share": self.share, "interval_if_independent": interval}


@dataclasses.dataclass(frozen=True, eq=False)
class Episodes:
    """The record of offers, read by one window, list and reference day."""

    as_of: dt.date
    window_days: int
    offensives: str
    reference: str
    episodes: tuple[Episode, ...]

    def tally(self, answerer: str | None = None, *, in_force: bool | None = None) -> Tally:
        """Return the counts, of one side's answers or of both; of those in force, or not, or all."""
        chosen = [
            one
            for one in self.episodes
            if (answerer is None or one.offer.answerer == answerer)
            and (in_force is None or one.in_force == in_force)
        ]
        teaching = [one for one in chosen if one.teaches]
        attacked = [one for one in teaching if one.followed == ATTACKED]
        quiet = [one for one in teaching if one.followed == QUIET]
        return Tally(
            answerer or "both",
            len(chosen),
            len(teaching),
            sum(one.followed == ONGOING for one in chosen),
            sum(one.followed == OWN for one in chosen),
            sum(one.followed == OPEN for one in chosen),
            len(attacked),
            len({one.offensive for one in attacked}),
            len(quiet),
            sum(bool(one.right) for one in teaching),
            sum(one.advised.accept for one in attacked),
            sum(not one.advised.accept for one in quiet),
        )

    def content(self) -> dict[str, Any]:
        """Return all of it as plain data."""
        return {
            "as_of": self.as_of.isoformat(),
            "window_days": self.window_days,
            "offensives": self.offensives,
            "reference": self.reference,
            "tallies": [
                {**self.tally(side, in_force=held).content(), "in_force": held}
                for held in (None, True, False)
                for side in (None, *SIDES)
            ],
            "episodes": [one.content() for one in self.episodes],
        }

    def sentence(self) -> str:
        """Return one sentence that is fit to quote."""
        whole, held = self.tally(), self.tally(in_force=True)
        return (
            f"Of {whole.episodes} answers to offers between the two sides,"
            f" {whole.episodes - whole.teaching} teach nothing of the other side ({whole.own_first} since"
            f" the side that answered attacked first, {whole.ongoing} since the fighting never stopped,"
            f" {whole.not_over} since their time is not over); an offensive of the other side followed"
            f" {whole.attacked} of the other {whole.teaching} within {self.window_days} days"
            f" ({held.attacked} of {held.teaching} of those"
            f" in force), but these are {whole.offensives} offensives and not {whole.attacked}."
        )


def by_belief(
    threshold: float | Callable[[RecordedOffer], float], prior_cases: float = PRIOR_CASES
) -> Advise:
    """Return the rule that accepts from a threshold on, by the belief that the record alone gives.

    Args:
        threshold: the belief from which accepting pays, or a function that gives it for an offer.
        prior_cases: K, how many cases of the record the class of ceasefires is worth; assumed.

    Raises:
        InputError: a threshold that is no probability, or fewer than no prior cases.
    """
    if not callable(threshold):
        check_probability(threshold, "the threshold")
    if not math.isfinite(prior_cases) or prior_cases <= 0:
        raise InputError(
            f"{prior_cases:g} prior cases leave nothing to begin with.", "prior_cases", "give more than 0."
        )

    def advise(offer: RecordedOffer) -> Advised:
        weight = prior_cases + offer.record.cases
        belief = (prior_cases * offer.base + offer.record.did_not) / weight
        return Advised(belief, threshold(offer) if callable(threshold) else threshold)

    return advise


def by_game(evidence: Evidence, thresholds: Mapping[str, float], prior: float | None = None) -> Advise:
    """Return the rule of the offer game: the belief of `belief.believe` and the game's thresholds.

    Args:
        evidence: all evidence; of each day only what was known then counts.
        thresholds: by the code of the side that would have to be trusted, the belief from which accepting its
            offer pays (`Offer.threshold` of `ceasefire.bargaining.offering`). They belong to the war as it
            stood on their scenario's first day, and to the terms of that game; on other days they are a
            number from elsewhere.
        prior: probability that the other side is sincere before its record; that of the class of past
            ceasefires on the day (`RecordedOffer.base`) where not given.

    Raises:
        InputError: a number that is no probability, or a side without a threshold.
    """
    for side in SIDES:
        if side not in thresholds:
            raise InputError(f"the game gives no threshold for {side}.", "thresholds", f"give one of {side}.")
        check_probability(thresholds[side], f"the threshold for {side}")
    if prior is not None:
        check_probability(prior, "the prior")
    kept: dict[tuple[str, dt.date], float] = {}

    def advise(offer: RecordedOffer) -> Advised:
        key = (offer.other, offer.known_on)
        if key not in kept:
            start = offer.base if prior is None else prior
            kept[key] = believe(evidence, offer.other, start, offer.known_on).value
        return Advised(kept[key], thresholds[offer.other])

    return advise


def offers_as_episodes(
    evidence: Evidence,
    advise: Advise,
    *,
    as_of: dt.date,
    window_days: int = WINDOW_DAYS,
    offensives: str = "counted",
    reference: str = "end",
    group: str = "interstate",
    shared: dict[tuple[str, dt.date], float] | None = None,
) -> Episodes:
    """Return the record of offers with a rule's advice on each and what followed.

    Args:
        evidence: all evidence; of each offer the rule sees what was known on the day on which it was known.
        advise: the rule. It is handed the offer with the record as known then, and gives a belief and a
            threshold.
        as_of: outcomes as known on this day; an offer whose window was not over then is `not over yet`.
        window_days: how soon after the reference day an offensive counts.
        offensives: a list in `LISTS`.
        reference: a rule in `REFERENCES`.
        group: class of past ceasefires behind `RecordedOffer.base`.
        shared: shares of classes by their name and day, which are not counted again; what is counted here is
            added.

    Raises:
        InputError: an unknown list, reference or class, a window that cannot be, a day before any offer, or a
            rule whose belief or threshold is no probability.
    """
    _known(offensives, LISTS, "list of offensives")
    _known(reference, REFERENCES, "reference day")
    if not 1 <= window_days <= 3_650:
        raise InputError(f"a window of {window_days} days cannot be.", "--window", "give 1 to 3650 days.")
    day = pd.Timestamp(as_of)
    known = evidence.known_by(as_of)
    rows = evidence.records("offers")
    rows = rows[(rows["offer_date"] <= day) & (rows["known_on"] <= day)].reset_index(drop=True)
    if rows.empty:
        first = evidence.records("offers")["offer_date"].min()
        raise InputError(
            f"no offer of the record had been made by {as_of}.",
            "--as-of",
            f"give a day from {first:%Y-%m-%d}.",
        )
    attacks = known.records("offensives")
    if offensives == "counted":
        attacks = attacks[attacks["counted"] == "yes"]
    followed = [
        _followed(row, answerer, attacks, day, window_days, reference)
        for row in rows.to_dict("records")
        for answerer in _answerers(str(row["proposer"]))
    ]
    bases = {} if shared is None else shared
    found = []
    place = 0
    for number, row in enumerate(rows.to_dict("records")):
        told = row["known_on"].date()
        if (group, told) not in bases:
            bases[group, told] = _base(evidence, told, group)
        for answerer in _answerers(str(row["proposer"])):
            outcome = followed[place]
            place += 1
            other = SIDES[1 - SIDES.index(answerer)]
            offer = RecordedOffer(
                number,
                row["offer_date"].date(),
                told,
                str(row["proposer"]),
                answerer,
                other,
                str(row["kind"]),
                str(row["terms_short"]),
                None if pd.isna(row["length_days"]) else float(row["length_days"]),
                str(row["monitored"]).split(":")[0],
                _record(followed, told, other),
                bases[group, told],
            )
            advised = advise(offer)
            for value, what in ((advised.belief, "belief"), (advised.threshold, "threshold")):
                check_probability(value, f"the {what} of the rule, offer of {offer.day}")
            response = None if pd.isna(row["response"]) else str(row["response"])
            found.append(Episode(offer, advised, outcome.word, outcome.offensive, outcome.in_force, response))
    return Episodes(as_of, window_days, offensives, reference, tuple(found))


def _known(word: str, known: Mapping[str, str], what: str) -> None:
    if word not in known:
        raise InputError(f"'{word}' is no {what}.", what, suggest(word, known))


def _answerers(proposer: str) -> tuple[str, ...]:
    """Return the sides that an offer is made to: the other side; both where it is of neither, or of both."""
    return tuple(side for side in SIDES if side != proposer)


@dataclasses.dataclass(frozen=True)
class _Outcome:
    word: str
    offensive: str | None
    in_force_on: dt.date | None
    """The day on which the truce was in force and known; None where it never was in force."""
    other: str
    known_on: dt.date
    """The day on which what followed was there to see."""

    @property
    def in_force(self) -> bool:
        """Whether it was ever in force."""
        return self.in_force_on is not None


def _reference_day(row: Mapping[Any, Any], reference: str) -> pd.Timestamp:
    offered = pd.Timestamp(row["offer_date"])
    if reference == "offer":
        return offered
    end = row["in_force_to"]
    if pd.notna(end):
        end = pd.Timestamp(end)
        # A month is written as its last day and counts from its first, as the table's rule has it.
        first = end.replace(day=1)
        return max(first, offered) if end.is_month_end else end
    return pd.Timestamp(row["in_force_from"]) if pd.notna(row["in_force_from"]) else offered


def _followed(
    row: Mapping[Any, Any],
    answerer: str,
    attacks: pd.DataFrame,
    as_of: pd.Timestamp,
    window_days: int,
    reference: str,
) -> _Outcome:
    """Return what followed an offer within the window, as seen on a day."""
    start = _reference_day(row, reference)
    over = start + pd.Timedelta(days=window_days)
    other = SIDES[1 - SIDES.index(answerer)]
    inside = attacks[(attacks["start_date"] >= start) & (attacks["start_date"] <= over)]
    named, told = None, over
    if not inside.empty:
        first = inside.sort_values("start_date", kind="stable").iloc[0]
        word = ATTACKED if first["side"] == other else OWN
        told = first["known_on"]
        named = f"{first['name']} ({first['side']}, {first['start_date']:%Y-%m-%d})"
    elif over > as_of:
        word = OPEN
    else:
        word = ONGOING if start.date() >= FULL_WAR else QUIET
    began = row["in_force_from"]
    force = None if pd.isna(began) else max(pd.Timestamp(began), pd.Timestamp(row["known_on"])).date()
    return _Outcome(word, named, force, other, told.date())


def _record(followed: Iterable[_Outcome], day: dt.date, other: str) -> Counts:
    """Return what the other side had done after earlier truces in force, as known on a day.

    Attacks that share an offensive are one case; truces that were quiet are one each. Unknown are those whose
    outcome was not to be seen yet, and those that teach nothing of the other side.
    """
    earlier = [
        one
        for one in followed
        if one.other == other and one.in_force_on is not None and one.in_force_on < day
    ]
    seen = [one for one in earlier if one.known_on < day]
    attacks = {one.offensive for one in seen if one.word == ATTACKED}
    quiet = sum(one.word == QUIET for one in seen)
    unknown = len(earlier) - sum(one.word in {ATTACKED, QUIET} for one in seen)
    return Counts(len(attacks), quiet, unknown)


def _base(evidence: Evidence, day: dt.date, group: str) -> float:
    """Return the share of a class that no offensive followed within a year, as known on a day.

    Raises:
        InputError: there is no such class, or it has too few cases.
    """
    counts = offensive_counts(ceasefires(evidence, day), group)
    if counts.share is None or counts.cases < LEAST_CASES:
        raise InputError(
            f"the class '{group}' has {counts.cases} known cases on {day}: too few to begin a belief with.",
            "--group",
            f"choose a class with at least {LEAST_CASES} cases.",
        )
    return 1.0 - counts.share


def varied(
    evidence: Evidence,
    advise: Advise,
    *,
    as_of: dt.date,
    windows: Sequence[int] = WINDOWS,
    group: str = "interstate",
    shared: dict[tuple[str, dt.date], float] | None = None,
) -> pd.DataFrame:
    """Return the tallies over windows, lists of offensives, reference days and sides.

    Columns: `window_days`, `offensives_list`, `reference`, and those of `Tally` with its `share`. Arguments
    as in `offers_as_episodes`.
    """
    shared = {} if shared is None else shared
    rows = []
    for window in windows:
        for name in LISTS:
            for reference in REFERENCES:
                found = offers_as_episodes(
                    evidence,
                    advise,
                    as_of=as_of,
                    window_days=window,
                    offensives=name,
                    reference=reference,
                    group=group,
                    shared=shared,
                )
                for side in (None, *SIDES):
                    tally = found.tally(side)
                    rows.append(
                        {
                            "window_days": window,
                            "offensives_list": name,
                            "reference": reference,
                            **dataclasses.asdict(tally),
                            "share": tally.share,
                        }
                    )
    return pd.DataFrame(rows)


def over_thresholds(found: Episodes, thresholds: Sequence[float] = THRESHOLDS) -> pd.DataFrame:
    """Return how the same beliefs would have done at other thresholds.

    Columns: `threshold`, `accepted` (of those that teach), `right`, `accepted_and_attacked`,
    `refused_and_quiet`, `teaching`.
    """
    rows = []
    for threshold in thresholds:
        moved = dataclasses.replace(
            found,
            episodes=tuple(
                dataclasses.replace(one, advised=Advised(one.advised.belief, threshold))
                for one in found.episodes
            ),
        )
        tally = moved.tally()
        rows.append(
            {
                "threshold": threshold,
                "accepted": sum(one.advised.accept for one in moved.episodes if one.teaches),
                "right": tally.right,
                "accepted_and_attacked": tally.accepted_and_attacked,
                "refused_and_quiet": tally.refused_and_quiet,
                "teaching": tally.teaching,
            }
        )
    return pd.DataFrame(rows)
