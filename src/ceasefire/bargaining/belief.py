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
from collections.abc import Callable, Mapping, Sequence
from importlib import resources
from typing import Any

import numpy as np
import pandas as pd

from ceasefire.bargaining.game import check_probability
from ceasefire.bargaining.published import PUBLISHED
from ceasefire.evidence import Evidence
from ceasefire.evidence.shares import Counts, counted, within_window
from ceasefire.files import InputError, read_yaml, suggest

LEAST_CASES = 10
"""With fewer cases a reference class says nothing."""
YEARS = 1
NEAR_OFFERS = pd.Timedelta(days=90)
NEAR_OWN_OFFERS = pd.Timedelta(days=30)
TALKS_WITHIN = pd.Timedelta(days=365)
TRUCES = ("ceasefire agreement", "holiday", "unilateral", "limited", "humanitarian")
CALL_UPS = (
    "authorised_strength",
    "call_up_rules",
    "general_mobilisation",
    "mobilisation_of_ukraine",
    "partial_mobilisation",
    "recruitment",
)
DEPLOYMENTS = ("force_strength", "northern_front", "nuclear_posture")
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
    for name, rows in seen:
        after = update(belief, stated[name].best)
        observations.append(Observation(name, stated[name].says, rows, stated[name], belief, after))
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
    known = evidence.known_by(day)
    if not {"offers", "events"} <= set(known.record_names()):
        return []
    # The tables are of one war: of others they know nothing.
    if side not in set(evidence.records("offers")["proposer"]):
        return []
    offers, events = known.records("offers"), known.records("events")
    today = pd.Timestamp(day)
    offers = offers[offers["offer_date"] <= today]
    own = offers[offers["proposer"] == side]
    done = events[(events["side"] == side) & events["occurred"].isin(DONE) & (events["date"] <= today)]
    followed = offers["followed_within_90_days_by_offensive_of"]
    in_force = offers["kind"].isin(TRUCES) & offers["in_force_from"].notna()

    def near(topics: Sequence[str], dates: pd.Series, margin: pd.Timedelta) -> pd.DataFrame:
        found = done[done["topic"].isin(topics)]
        ends = found["end_date"].fillna(found["date"])
        keep = [
            bool(((dates >= start - margin) & (dates <= end + margin)).any())
            for start, end in zip(found["date"], ends, strict=True)
        ]
        return found[np.array(keep, dtype=bool)]

    kinds: list[tuple[str, Callable[[], Rows]]] = [
        ("truce_broken", lambda: _offers(offers[in_force & (followed == side)])),
        ("truce_kept", lambda: _offers(offers[in_force & (followed == "none")])),
        (
            "talk_without_truce",
            lambda: _offers(own[(own["kind"] == "talks") & (own["offer_date"] >= today - TALKS_WITHIN)]),
        ),
        ("call_up_during_talks", lambda: _events(near(CALL_UPS, offers["offer_date"], NEAR_OFFERS))),
        ("deployment_during_talks", lambda: _events(near(DEPLOYMENTS, offers["offer_date"], NEAR_OFFERS))),
        ("fire_kept_up", lambda: _events(near(FIRE, own["offer_date"], NEAR_OWN_OFFERS))),
        ("withdrawal", lambda: _events(near(("withdrawal",), offers["offer_date"], NEAR_OFFERS))),
    ]
    found = [(name, rows()) for name, rows in kinds]
    return [(name, rows) for name, rows in found if rows]


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

    Those of the ceasefire table count ceasefires since 1946 that were followed by a large offensive, by
    anybody, within a year; only cases whose year was over count. With fewer than ten the share is not given.
    """
    found: list[ReferenceClass] = []
    if evidence is not None:
        known = evidence.known_by(day)
        if "ceasefires" in known.record_names():
            table = known.records("ceasefires")
            table = table[table["start_date"] >= pd.Timestamp(1946, 1, 1)]
            monitored = table["third_party_monitored"] == "yes"
            interstate = table["conflict_type"] == "interstate"
            for name, label, words, rows in (
                ("interstate", "between states", "ceasefires between states", table[interstate]),
                (
                    "monitored",
                    "with monitors",
                    "ceasefires between states with third-party monitors",
                    table[interstate & monitored],
                ),
                (
                    "unmonitored",
                    "without monitors",
                    "ceasefires between states without monitors",
                    table[interstate & (table["third_party_monitored"] == "no")],
                ),
                (
                    "civil",
                    "civil wars",
                    "ceasefires in civil wars",
                    table[table["conflict_type"] == "intrastate"],
                ),
            ):
                outcomes = within_window(
                    rows[f"offensive_within_{YEARS}y"], rows["start_date"], YEARS, pd.Timestamp(day)
                )
                found.append(_of_table(name, label, words, counted(outcomes)))
    return (*found, *_published())


def _of_table(name: str, label: str, words: str, counts: Counts) -> ReferenceClass:
    enough = counts.cases >= LEAST_CASES
    low, high = counts.interval if enough and counts.interval else (None, None)
    return ReferenceClass(
        name=name,
        label=label,
        says=f"{words} since 1946, followed by a large offensive within a year",
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
    else:
        number = float(chosen)
    return check_probability(number, "--prior")
