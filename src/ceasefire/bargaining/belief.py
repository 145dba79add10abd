"""The belief that an offer is sincere: a prior from past cases, moved by behaviour on record.

Equation, odds form of Bayes' rule, for a prior q and behaviour b = 1 ... B:

    odds = q / (1 - q) x product of ratio_b,   ratio_b = P(b | sincere) / P(b | rearming)
    belief = odds / (1 + odds)

| symbol | argument | unit | range |
| --- | --- | --- | --- |
| q | prior | probability | 0 to 1 |
| ratio | likelihood ratio of a kind of behaviour, stated in `behaviour.yaml` | 1 | > 0 |

A belief is not a fact about a person: it is what follows from a prior and from ratios that somebody states.
Rows that say the same of a side count once. Where both types would behave alike the ratio is 1 and the belief
does not move. The prior is a free axis: which past cases an offer belongs to is the question that people
disagree about, and no data answer it.

Source: Bayes' rule; reference classes: the ceasefire table of the evidence, and published shares with their
cautions (`published`).
Known to fail: behaviours are taken as independent given the type; what is not in the tables (back channels,
staffs, private terms) moves nothing; tables hold more of what one side did where more was written about it.
Worked number: q = 1/2, ratios 0.5 and 0.7: odds 0.35, belief 0.26.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any

import numpy as np
import pandas as pd

from ceasefire.bargaining.game import check_probability
from ceasefire.bargaining.past import LEAST_CASES, ceasefires, offensive_counts
from ceasefire.bargaining.published import PUBLISHED
from ceasefire.evidence import Evidence
from ceasefire.evidence.shares import Counts
from ceasefire.files import InputError, read_yaml, suggest

SIDES = ("RU", "UA")
"""The two sides of the tables of offers and events."""
NEAR_OFFERS = pd.Timedelta(days=90)
"""A judgement: the window of the table of offers, within which it counts an offensive as what followed."""
NEAR_OWN_OFFERS = pd.Timedelta(days=30)
"""A judgement: a month, within which who offers could have halted his fire; offensives last longer."""
TALKS_WITHIN = pd.Timedelta(days=365)
"""A judgement: older words were said in another state of the war."""
TRUCES = ("ceasefire agreement", "holiday", "unilateral", "limited", "humanitarian")
# Topics are named by what an article claims, so that the same behaviour of two sides can have two names: each
# list holds all of them. Where troops moved is on record of one side alone, and no kind of behaviour here.
CALL_UPS = (
    "authorised_strength",
    "call_up_rules",
    "general_mobilisation",
    "mobilisation_of_ukraine",
    "partial_mobilisation",
    "recruitment",
)
WITHDRAWALS = ("withdrawal",)
FIRE = ("air_campaign", "assault_on_capital", "ground_offensive", "strike_on_russia")
DONE = ("yes", "announced")


@dataclasses.dataclass(frozen=True)
class Ratio:
    """The likelihood ratio of a kind of behaviour, with its range and source."""

    name: str
    says: str
    low: float
    best: float
    high: float
    source: str


@dataclasses.dataclass(frozen=True)
class Observation:
    """A kind of behaviour that is on record, and what it does to the belief."""

    name: str
    says: str
    rows: tuple[tuple[str, str, str], ...]
    """Day, what happened, source; the latest last."""
    ratio: Ratio
    belief_before: float
    belief_after: float
    looked_in: tuple[tuple[str, int], ...]
    """How many rows of the tables each side has in which such behaviour could be seen: a gap in what is on
    record moves one side's belief and not the other's."""

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "name": self.name,
            "says": self.says,
            "belief_before": self.belief_before,
            "belief_after": self.belief_after,
            "ratio": self.ratio.best,
            "ratio_interval": [self.ratio.low, self.ratio.high],
            "ratio_source": self.ratio.source,
            "looked_in": dict(self.looked_in),
            "rows": [dict(zip(("date", "what", "source"), row, strict=True)) for row in self.rows],
        }


@dataclasses.dataclass(frozen=True)
class Belief:
    """A prior, what is on record, and the belief that follows."""

    prior: float
    observations: tuple[Observation, ...]
    value: float
    low: float
    """With every ratio at its low end."""
    high: float
    """With every ratio at its high end."""

    @property
    def ratio(self) -> float:
        """The product of the likelihood ratios of all that is on record."""
        return math.prod(one.ratio.best for one in self.observations)


@dataclasses.dataclass(frozen=True)
class ReferenceClass:
    """Past cases, and the share that failed: one answer of several to where an offer belongs."""

    name: str
    """By which it is chosen."""
    label: str
    """In a few words, for a picture."""
    says: str
    failed: float | None
    """Share that failed; None where it is not known, or too few cases are."""
    low: float | None
    high: float | None
    cases: int | None
    """None: published without a count that was read."""
    source: str
    caution: str = ""

    @property
    def sincere(self) -> float | None:
        """The prior that it suggests: the share that did not fail."""
        return None if self.failed is None else 1.0 - self.failed

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return dataclasses.asdict(self) | {"sincere": self.sincere}


def update(prior: float, ratio: float) -> float:
    """Return the belief after behaviour with a likelihood ratio.

    Raises:
        InputError: no probability, or a ratio that is not above 0.
    """
    check_probability(prior, "prior")
    if not (math.isfinite(ratio) and ratio > 0.0):
        raise InputError(
            f"{ratio:g} is no likelihood ratio.",
            "--ratio",
            "give a number above 0; 1 says nothing either way.",
        )
    return prior * ratio / (prior * ratio + (1.0 - prior))


def stated_ratios(changes: Mapping[str, float] | None = None) -> dict[str, Ratio]:
    """Return the stated likelihood ratios by kind of behaviour, with changes of a user.

    A changed ratio has no range any more.

    Raises:
        InputError: an unknown kind, or a ratio that is not above 0.
    """
    text = resources.files("ceasefire.bargaining").joinpath("behaviour.yaml").read_text(encoding="utf-8")
    stated = read_yaml("behaviour.yaml", text).data
    found = {name: Ratio(name=name, **entry) for name, entry in stated.items()}
    for name, value in (changes or {}).items():
        if name not in found:
            raise InputError(f"'{name}' is no kind of behaviour.", "--ratio", suggest(name, found))
        update(0.5, value)
        found[name] = dataclasses.replace(
            found[name], low=value, best=value, high=value, source="stated by the user"
        )
    return found


def believe(
    evidence: Evidence | None,
    side: str,
    prior: float,
    day: dt.date,
    ratios: Mapping[str, float] | None = None,
) -> Belief:
    """Return the belief that an offer of a side is sincere, from what was on record on a day.

    Args:
        evidence: the evidence; only what was known on the day counts. None: nothing is on record.
        side: code of the one who offers.
        prior: probability before anything on record.
        day: the day of the offer.
        ratios: likelihood ratios that replace the stated ones, by kind.

    Raises:
        InputError: a prior that is no probability, an unknown kind, or a ratio that cannot be used.
    """
    check_probability(prior, "--prior")
    stated = stated_ratios(ratios)
    seen = [] if evidence is None else on_record(evidence, side, day)
    belief, observations = prior, []
    there = {} if evidence is None or not seen else looked_in(evidence, day)
    for name, rows in seen:
        after = update(belief, stated[name].best)
        observations.append(
            Observation(name, stated[name].says, rows, stated[name], belief, after, there[name])
        )
        belief = after
    low = high = prior
    for one in observations:
        low, high = update(low, one.ratio.low), update(high, one.ratio.high)
    return Belief(prior, tuple(observations), belief, low, high)


Rows = tuple[tuple[str, str, str], ...]


def on_record(evidence: Evidence, side: str, day: dt.date) -> list[tuple[str, Rows]]:
    """Return the kinds of behaviour of a side that were on record on a day, each with its rows.

    The rules are those of `behaviour.yaml`, the same for every side.
    """
    # The tables are of one war: of others they know nothing.
    if side not in SIDES or not {"offers", "events"} <= set(evidence.record_names()):
        return []
    offers, events = _as_known(evidence, day)
    rows = _rows_to_look_in(offers, events, side)
    followed = "followed_within_90_days_by_offensive_of"
    own = offers[offers["proposer"] == side]
    truces, talks = rows["truce_kept"], rows["talk_without_truce"]

    def near(name: str, dates: pd.Series, margin: pd.Timedelta) -> Rows:
        found = rows[name]
        ends = found["end_date"].fillna(found["date"])
        keep = [
            bool(((dates >= start - margin) & (dates <= end + margin)).any())
            for start, end in zip(found["date"], ends, strict=True)
        ]
        return _events(found[np.array(keep, dtype=bool)])

    offered, own_offered = offers["offer_date"], own["offer_date"]
    found = [
        ("truce_broken", _offers(truces[truces[followed] == side])),
        ("truce_kept", _offers(truces[truces[followed] == "none"])),
        ("talk_without_truce", _offers(talks[talks["offer_date"] >= pd.Timestamp(day) - TALKS_WITHIN])),
        ("call_up_during_talks", near("call_up_during_talks", offered, NEAR_OFFERS)),
        ("fire_kept_up", near("fire_kept_up", own_offered, NEAR_OWN_OFFERS)),
        ("withdrawal", near("withdrawal", offered, NEAR_OFFERS)),
    ]
    return [(name, rows) for name, rows in found if rows]


def looked_in(evidence: Evidence, day: dt.date) -> dict[str, tuple[tuple[str, int], ...]]:
    """Return in how many rows of the tables each kind of behaviour of each side could be seen on a day."""
    offers, events = _as_known(evidence, day)
    by_side = {side: _rows_to_look_in(offers, events, side) for side in SIDES}
    return {
        name: tuple((side, len(by_side[side][name])) for side in SIDES)
        for name in next(iter(by_side.values()))
    }


def _as_known(evidence: Evidence, day: dt.date) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the offers made, and what had been done or announced, as known on a day."""
    known, today = evidence.known_by(day), pd.Timestamp(day)
    offers, events = known.records("offers"), known.records("events")
    return (
        offers[offers["offer_date"] <= today],
        events[events["occurred"].isin(DONE) & (events["date"] <= today)],
    )


def _rows_to_look_in(offers: pd.DataFrame, events: pd.DataFrame, side: str) -> dict[str, pd.DataFrame]:
    """Return the rows in which each kind of behaviour of a side could be seen."""
    truces = offers[offers["kind"].isin(TRUCES) & offers["in_force_from"].notna()]
    talks = offers[(offers["proposer"] == side) & (offers["kind"] == "talks")]

    def done(topics: Sequence[str]) -> pd.DataFrame:
        return events[(events["side"] == side) & events["topic"].isin(topics)]

    return {
        "truce_broken": truces,
        "truce_kept": truces,
        "talk_without_truce": talks,
        "call_up_during_talks": done(CALL_UPS),
        "fire_kept_up": done(FIRE),
        "withdrawal": done(WITHDRAWALS),
    }


def _offers(rows: pd.DataFrame) -> Rows:
    return tuple(
        (f"{date:%Y-%m-%d}", str(terms), str(source))
        for date, terms, source in zip(rows["offer_date"], rows["terms_short"], rows["source"], strict=True)
    )


def _events(rows: pd.DataFrame) -> Rows:
    ordered = rows.sort_values("date", kind="stable")
    told = (
        (f"{date:%Y-%m-%d}", str(event), str(source))
        for date, event, source in zip(ordered["date"], ordered["event"], ordered["source"], strict=True)
    )
    return tuple(dict.fromkeys(told))


def reference_classes(evidence: Evidence | None, day: dt.date) -> tuple[ReferenceClass, ...]:
    """Return past cases by which a prior can be chosen, as known on a day; they answer different questions.

    Those of the ceasefire table count ceasefires that were followed by a large offensive, by anybody, within
    a year (`past.offensive_counts`); only cases whose year was over count. With fewer than `LEAST_CASES` the
    share is not given.
    """
    found: list[ReferenceClass] = []
    if evidence is not None and _any_ceasefire(evidence, day):
        cases = ceasefires(evidence, day)
        first = int(cases["start"].min().year)
        for name, label, words, group, monitored in (
            ("interstate", "between states", "ceasefires between states", "interstate", None),
            (
                "monitored",
                "with monitors",
                "ceasefires between states with third-party monitors",
                "interstate",
                "yes",
            ),
            (
                "unmonitored",
                "without monitors",
                "ceasefires between states without monitors",
                "interstate",
                "no",
            ),
            ("civil", "civil wars", "ceasefires in civil wars", "civil", None),
        ):
            counts = offensive_counts(cases, group, monitored)
            found.append(_of_table(name, label, f"{words} since {first}", counts))
    return (*found, *_published())


def _any_ceasefire(evidence: Evidence, day: dt.date) -> bool:
    known = evidence.known_by(day)
    if "ceasefires" not in known.record_names():
        return False
    return bool((known.records("ceasefires")["start_date"] < pd.Timestamp(day)).any())


def _of_table(name: str, label: str, words: str, counts: Counts) -> ReferenceClass:
    enough = counts.cases >= LEAST_CASES
    low, high = counts.interval if enough and counts.interval else (None, None)
    return ReferenceClass(
        name=name,
        label=label,
        says=f"{words}, followed by a large offensive within a year",
        failed=counts.share if enough else None,
        low=low,
        high=high,
        cases=counts.cases,
        source="ceasefire table of the evidence, hand coded",
        caution="" if enough else f"{counts.cases} known cases are too few to say",
    )


def _published() -> list[ReferenceClass]:
    by_name = {one.name: one for one in PUBLISHED}
    fortna, magazine = by_name["Fortna"], by_name["War Is Boring"]
    return [
        ReferenceClass(
            name="fortna",
            label="Fortna 2004",
            says=f"{fortna.words}: {fortna.of}",
            failed=0.5,
            low=None,
            high=0.5,
            cases=None,
            source=fortna.source,
            caution=f"put in words, drawn here at one half; {fortna.caution}",
        ),
        ReferenceClass(
            name="war-is-boring",
            label="War Is Boring",
            says=f"{magazine.words} {magazine.of}",
            failed=magazine.value,
            low=None,
            high=None,
            cases=105,
            source=magazine.source,
            caution=magazine.caution,
        ),
    ]


def prior_of(chosen: str | float, classes: Sequence[ReferenceClass]) -> float:
    """Return a prior that is given as a number, or by the name of a reference class.

    Raises:
        InputError: no probability, an unknown class, or one with too few cases.
    """
    if isinstance(chosen, str):
        named = {one.name: one for one in classes}
        if chosen in named:
            one = named[chosen]
            if one.sincere is None:
                raise InputError(
                    f"the reference class '{chosen}' has {one.cases} known cases: too few for a prior.",
                    "--prior",
                    f"choose a class with at least {LEAST_CASES} cases, or give a number from 0 to 1.",
                )
            return one.sincere
        try:
            number = float(chosen)
        except ValueError:
            raise InputError(
                f"'{chosen}' is neither a probability nor a reference class.",
                "--prior",
                suggest(chosen, named),
            ) from None
    elif isinstance(chosen, int | float) and not isinstance(chosen, bool):
        number = float(chosen)
    else:
        raise InputError(
            f"{chosen!r} is no prior.", "--prior", "give a number from 0 to 1, or a reference class by name."
        )
    return check_probability(number, "--prior")
