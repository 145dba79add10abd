"""What a claims file may hold: an article, its claims, their readings, and the test of each reading.

The schema is strict: what is not named here is refused. Texts are kept as texts; nothing in them is run or
interpreted.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    field_validator,
    model_validator,
)

from ceasefire.claims.mechanisms import MECHANISMS
from ceasefire.files import suggest


def _identifier(value: str) -> str:
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", value) or len(value) > 60:
        raise ValueError(f"'{value[:60]}' is no id. | use at most 60 small letters, digits and hyphens.")
    return value


def _day(value: Any) -> dt.date:
    try:
        day = value if isinstance(value, dt.date) else dt.date.fromisoformat(str(value))
    except ValueError:
        raise ValueError(f"'{str(value)[:60]}' is not a day. | write a day as YYYY-MM-DD.") from None
    if not FIRST_DAY <= dt.date(day.year, day.month, day.day) <= LAST_DAY:
        raise ValueError(
            f"{day.isoformat()[:10]} lies outside what can be asked of."
            f" | give a day from {FIRST_DAY} to {LAST_DAY}."
        )
    return day


def _some(value: tuple[Any, ...]) -> tuple[Any, ...]:
    if not value:
        raise ValueError("the list is empty. | name at least one.")
    return _not_many(value)


def _not_many(value: tuple[Any, ...]) -> tuple[Any, ...]:
    if len(value) > MOST_ENTRIES:
        raise ValueError(f"the list has {len(value)} entries. | keep it to {MOST_ENTRIES}.")
    return value


def _amount(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float | dict | BaseModel):
        shown = str(value)[:60]
        raise ValueError(f"'{shown}' is no number. | write a number, or a yardstick with 'quantity:'.")
    return value


def _prior(value: Any) -> Any:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if number and not 0 <= value <= 1:
        raise ValueError(f"{value:g} is no probability. | give a number from 0 to 1, or a reference class.")
    if not number and value not in REFERENCE_CLASSES:
        raise ValueError(
            f"'{str(value)[:60]}' is neither a probability nor a reference class of past cases. | "
            + suggest(str(value)[:60], REFERENCE_CLASSES)
        )
    return value


MOST_ENTRIES = 200
#: Past cases by which the prior that an offer is meant can be chosen (`ceasefire.bargaining.belief`).
REFERENCE_CLASSES = ("interstate", "monitored", "unmonitored", "civil", "fortna", "war-is-boring")
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
Identifier = Annotated[str, AfterValidator(_identifier)]
Day = Annotated[dt.date, BeforeValidator(_day)]
Days = Annotated[int, Field(ge=0, le=3650)]
Words = Annotated[tuple[Word, ...], AfterValidator(_some)]
ROWS = tuple(f"S{number}" for number in range(1, 21))
FIRST_DAY, LAST_DAY = dt.date(1900, 1, 1), dt.date(2100, 1, 1)


class Strict(BaseModel):
    """A part of a claims file: unknown keys are refused, values cannot be changed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _one_or_several(cls, data: Any) -> Any:
        """Let a single word stand where several may: `concept: killed`."""
        if isinstance(data, dict):
            several = {"concept", "floors", "ceilings", "beside", "sides", "exclude", "needs", "also"}
            return {
                key: [value] if key in several and isinstance(value, str) else value
                for key, value in data.items()
            }
        return data


class Yardstick(Strict):
    """A number that is a range of the evidence, lowest to highest of its rows: the size of a battalion."""

    quantity: Word
    concept: Words | None = None
    side: Word | None = None
    place: Word | None = None
    since: Day | None = None
    """Only rows whose end lies on this day or later."""
    until: Day | None = None
    """Only rows whose end lies on this day or earlier."""
    times: Annotated[float, Field(gt=0)] = 1.0
    """The multiple of the range that is meant: 0.5 for half of it."""
    says: Word | None = None
    """What it is, in words that fit into a sentence: `a battalion`."""


Amount = Annotated[
    Annotated[float, Tag("number")] | Annotated[Yardstick, Tag("yardstick")],
    Discriminator(lambda value: "number" if isinstance(value, int | float) else "yardstick"),
    BeforeValidator(_amount),
]


class Stated(Strict):
    """What the claim says of a number: exactly one of `at_least`, `at_most`, `between`, `about`."""

    at_least: Amount | None = None
    at_most: Amount | None = None
    between: (
        Annotated[
            Annotated[tuple[float, float], Tag("pair")] | Annotated[Yardstick, Tag("yardstick")],
            Discriminator(lambda value: "pair" if isinstance(value, list | tuple) else "yardstick"),
        ]
        | None
    ) = None
    about: float | None = None
    tolerance: Annotated[float, Field(ge=0, le=1)] | None = None
    """The share by which a round figure may be missed; 0.2 for `about`, else 0."""
    counts: Word | None = None
    """What is counted, in words that fit into a sentence: `Russian soldiers killed`."""
    unit: Word | None = None

    @model_validator(mode="after")
    def _one_condition(self) -> Self:
        given = [
            name for name in ("at_least", "at_most", "between", "about") if getattr(self, name) is not None
        ]
        if len(given) != 1:
            shown = "none" if not given else " and ".join(given)
            raise ValueError(
                f"a test states one number, here: {shown}. | give one of at_least, at_most, between, about."
            )
        if isinstance(self.between, tuple) and self.between[0] > self.between[1]:
            raise ValueError("'between' runs from high to low. | write the lower number first.")
        for name in given:
            value = getattr(self, name)
            if isinstance(value, float) and self.unit is None:
                raise ValueError(f"'{name}' has a number without a unit. | add 'unit:', such as persons.")
        if isinstance(self.between, tuple) and self.unit is None:
            raise ValueError("'between' has numbers without a unit. | add 'unit:', such as persons.")
        return self


class TotalAt(Stated):
    """A running total or a state on a day, within `window_days` of it."""

    kind: Literal["total_at"]
    quantity: Word
    concept: Words
    side: Word
    place: Word | None = None
    date: Day
    window_days: Days = 30
    bounds_days: Days = 0
    """How far outside the window a running total is a bound: earlier ones floors, later ones ceilings."""
    floors: Words | None = None
    """Concepts that count a part of what is asked for: each is a floor."""
    ceilings: Words | None = None
    """Concepts that count more than what is asked for: each is a ceiling."""
    beside: Words | None = None
    """Concepts shown beside and not compared."""
    as_reported_by: Word | None = None
    """Ask only what this source reported, whether or not it is right."""


class MeanRate(Stated):
    """A mean per day over the `days` days that end on a date."""

    kind: Literal["mean_rate"]
    quantity: Word
    concept: Words
    side: Word
    place: Word | None = None
    date: Day
    days: Annotated[int, Field(ge=1, le=3650)] = 30
    floors: Words | None = None
    ceilings: Words | None = None
    beside: Words | None = None
    whole: Word | None = None
    """A place that contains this one: its figures are ceilings."""
    as_reported_by: Word | None = None


class Change(Stated):
    """By how much a state differs between two days, each within `window_days`."""

    kind: Literal["change"]
    quantity: Word
    concept: Words
    side: Word
    place: Word | None = None
    first: Day
    last: Day
    window_days: Days = 7
    relative: bool = False
    """Compare the ratio of the later to the earlier state, not their difference."""
    as_reported_by: Word | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.first >= self.last:
            raise ValueError("'first' does not lie before 'last'. | give the earlier day as first.")
        return self


class Precedent(Strict):
    """No other case reaches this number: the largest other case of each origin is compared with it."""

    kind: Literal["precedent"]
    quantity: Word = "war_deaths"
    concept: Words
    sides: Words | None = None
    """Whose cases; every single party's where not given. Sums over parties never count as a case."""
    exclude: Words | None = None
    """Beginnings of the names of cases that are no precedent: the war in question, sums over several wars."""
    since: Day = dt.date(1945, 1, 1)
    before: Day
    larger_than: float
    within_days: Annotated[int, Field(ge=1)] | None = None
    """Compare what a case cost in so many days: at least its mean over the whole case, at most all of it."""
    old_wars_of_parties: bool = False
    """Also count a party's own official record of wars that are over."""
    cases: Annotated[int, Field(ge=1)] = 2
    """An origin must know at least so many cases before it can say that none is larger."""
    counts: Word | None = None
    unit: Word


class Share(Stated):
    """The share, 0 to 1, of the records that satisfy a second condition among those that satisfy a first."""

    kind: Literal["share"]
    records: Word
    where: dict[Word, Word | float | list[Word]] = Field(default_factory=dict)
    having: dict[Word, Word | float | list[Word]] = Field(min_length=1)
    since: Day | None = None
    until: Day | None = None


class Count(Stated):
    """How many records satisfy a condition."""

    kind: Literal["count"]
    records: Word
    where: dict[Word, Word | float | list[Word]] = Field(default_factory=dict)
    since: Day | None = None
    until: Day | None = None


class Event(Strict):
    """Whether something happened by a day, from the record of events."""

    kind: Literal["event"]
    topic: Word
    side: Word | None = None
    after: Day
    until: Day
    occurs: bool = True
    """Whether the claim expects it to happen (true) or not to happen."""
    counts: Word | None = None
    """What happens, in words that fit into a sentence: `a general mobilisation in Russia`."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.after >= self.until:
            raise ValueError("'after' does not lie before 'until'. | give the earlier day as after.")
        return self


class Counterexamples(Strict):
    """How many cases of a reference class did what the claim says of all of them; groups are never pooled."""

    kind: Literal["counterexamples"]
    records: Word = "ceasefires"
    outcome: Word = "offensive_within_3y"
    """A column with 1 (did), 0 (did not: a counter-example) or blank (not observable or contested)."""
    years: Annotated[float, Field(gt=0, le=100)] = 3
    """How long a case must have been observable."""
    group: Word = "conflict_type"
    groups: Words
    main_group: Word
    says: Literal["always", "mostly"] = "always"
    near: Words | None = None
    """Names of parties: a counter-example that involves one of them is nearer than any other."""
    counts: Word | None = None

    @model_validator(mode="after")
    def _known_group(self) -> Self:
        if self.main_group not in self.groups:
            raise ValueError(
                f"'{self.main_group}' is none of the groups. | " + suggest(self.main_group, self.groups)
            )
        return self


class Compare(Strict):
    """One policy against another on an outcome, over the same simulated wars and the whole horizon."""

    kind: Literal["compare"]
    first: Word = "fight-on"
    second: Word = "truce"
    outcome: Word
    side: Word | None = None
    """A belligerent's name or code; both sides together where not given."""
    second_is: Literal["more", "less"] = "more"
    """Whether the claim says that the outcome is more or less under the second policy."""
    by: Annotated[float, Field(gt=0)] | None = None
    """By how much it must be more or less at least, in the outcome's unit; by anything where not given."""
    until: Day | None = None
    """The day up to which the claim speaks; the whole horizon where not given."""
    counts: Word | None = None


class Condition(Strict):
    """Something that must have happened in a simulated war before it is asked about."""

    event: Word
    side: Word | None = None


class ModelShare(Strict):
    """In which share of the simulated wars under one policy something happens by a day."""

    kind: Literal["model_share"]
    event: Word
    """See `ceasefire.analysis.events`: assault_on_capital, internal_break, war_ended, ..."""
    side: Word | None = None
    """To whom it happens, by name or code; nobody where it belongs to the war."""
    policy: Word = "fight-on"
    until: Day
    given: Condition | None = None
    """Ask only of wars in which this came first."""
    at_least: Annotated[float, Field(ge=0, le=1)] | None = None
    at_most: Annotated[float, Field(ge=0, le=1)] | None = None
    counts: Word | None = None
    """What happens, in words that fit into a sentence: `Russia assaults Kyiv on the ground`."""

    @model_validator(mode="after")
    def _one_edge(self) -> Self:
        if (self.at_least is None) == (self.at_most is None):
            raise ValueError("a share needs one edge. | give at_least or at_most, between 0 and 1.")
        return self


class AidSaves(Strict):
    """What one more unit of a kind of aid, or of each, saves on the side that gets it."""

    kind: Literal["aid"]
    side: Word
    """Who gets the aid, by name or code."""
    of: Word = "each"
    """A kind of aid (`ceasefire.analysis.aid`), or each."""
    saves: Word = "soldiers"
    """soldiers, civilians or ground."""
    policy: Word = "fight-on"


class Offer(Strict):
    """What an offer of a truce is worth, and what it tells, from the signalling game on the wars."""

    kind: Literal["offer"]
    by: Word
    """Who offers, by name or code; the other side answers."""
    asks: Literal["bluff", "refusing_pays", "accepting_pays", "never_pays", "rearming_gains", "sincere_gains"]
    """What is claimed of it; `bluff` is about intent, and untestable."""
    prior: Annotated[float | str, BeforeValidator(_prior)] = "fortna"
    """Probability that it is meant before its record: a number, or a reference class of past cases."""
    days: Annotated[int, Field(ge=1, le=3650)] = 182
    """How long the truce is to last."""
    monitored: bool = False
    """Whether third parties watch it."""


class Leader(Strict):
    """Whether a leader goes on longer than one who is told the truth and has nothing but his aim at stake."""

    kind: Literal["leader"]
    side: Word
    """Whose leader, by name or code."""
    distortion: Annotated[float, Field(ge=0, le=5)] = 1.0
    """How far reports mislead him, as a multiple of what the war has; 0 is a leader told the truth."""
    office: Annotated[float, Field(ge=0, le=1e9)] = 0.0
    """What he loses with his office, in lives of his own soldiers."""
    policy: Word = "fight-on"

    @model_validator(mode="after")
    def _differs(self) -> Self:
        if self.distortion == 0.0 and self.office == 0.0:
            raise ValueError(
                "a leader who is told the truth and has no office to lose is the one compared with."
                " | give 'distortion' or 'office' more than 0."
            )
        return self


class Survival(Strict):
    """The share of past ceasefires of a class that were still in force after some years."""

    kind: Literal["survival"]
    group: Literal["interstate", "civil", "extrastate"]
    years: Literal[1, 3, 5, 10] = 5
    monitored: Literal["yes", "partial", "no"] | None = None
    """Only those that third parties monitored so."""
    at_least: Annotated[float, Field(ge=0, le=1)] | None = None
    at_most: Annotated[float, Field(ge=0, le=1)] | None = None

    @model_validator(mode="after")
    def _one_edge(self) -> Self:
        if (self.at_least is None) == (self.at_most is None):
            raise ValueError("a share needs one edge. | give at_least or at_most, between 0 and 1.")
        return self


class Unobservable(Strict):
    """Nothing that anybody could read settles it: the word is `untestable`."""

    kind: Literal["unobservable"]
    because: Text


class Observe(Strict):
    """Something observable that bears on an intent without settling it."""

    says: Text
    records: Word | None = None
    where: dict[Word, Word | float | list[Word]] = Field(default_factory=dict)
    since: Day | None = None
    until: Day | None = None
    quantity: Word | None = None
    concept: Words | None = None
    side: Word | None = None
    date: Day | None = None
    window_days: Days = 60

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if (self.records is None) == (self.quantity is None):
            raise ValueError("an observation asks records or a quantity. | give 'records:' or 'quantity:'.")
        if self.quantity is not None and self.date is None:
            raise ValueError("a quantity is asked for on a day. | add 'date:'.")
        return self


# Tests that ask simulated wars.
ModelTest = Compare | ModelShare | AidSaves | Offer | Leader
MODELLED = frozenset({"compare", "model_share", "aid", "offer", "leader"})

Test = Annotated[
    TotalAt
    | MeanRate
    | Change
    | Precedent
    | Share
    | Count
    | Event
    | Counterexamples
    | Compare
    | ModelShare
    | AidSaves
    | Offer
    | Leader
    | Survival
    | Unobservable,
    Field(discriminator="kind"),
]


class Reading(Strict):
    """One defensible way to read a claim, and how it is tested."""

    id: Identifier
    says: Text
    main: bool = False
    """Whether this reading is the nearest to the article's own words; it decides the word of the claim."""
    test: Test | None = None
    needs: Annotated[tuple[Word, ...], AfterValidator(_not_many)] = ()
    note: Text | None = None

    @field_validator("needs")
    @classmethod
    def _known_mechanisms(cls, needs: tuple[str, ...]) -> tuple[str, ...]:
        return _known(needs)

    @model_validator(mode="after")
    def _testable(self) -> Self:
        if self.test is None and not self.needs:
            raise ValueError(
                f"the reading '{self.id}' has no test."
                " | add 'test:', or 'needs:' with the mechanisms that it lacks."
            )
        return self


def _known(needs: tuple[str, ...]) -> tuple[str, ...]:
    for need in needs:
        if need not in MECHANISMS:
            raise ValueError(f"'{need}' is no known mechanism. | " + suggest(need, MECHANISMS))
    return needs


class ClaimBase(Strict):
    """What every claim has."""

    id: Identifier
    row: (
        Literal[
            "S1", "S2", "S3", "S4", "S5", "S6", "S7", "S8", "S9", "S10",
            "S11", "S12", "S13", "S14", "S15", "S16", "S17", "S18", "S19", "S20",
        ]
        | None
    ) = None  # fmt: skip
    """The row of the design that the claim belongs to, where it belongs to one."""
    also: Annotated[tuple[Word, ...], AfterValidator(_not_many)] = ()
    """Further rows that the claim touches."""
    short: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
    """A label of a few words, for tiles and tables."""
    says: Text
    readings: Annotated[tuple[Reading, ...], AfterValidator(_not_many)] = ()
    needs: Annotated[tuple[Word, ...], AfterValidator(_not_many)] = ()
    depends_on: Annotated[tuple[Text, ...], AfterValidator(_not_many)] = ()
    """Assumptions that the claim rests on and that no test here covers."""
    note: Text | None = None

    @field_validator("also")
    @classmethod
    def _known_rows(cls, also: tuple[str, ...]) -> tuple[str, ...]:
        for row in also:
            if row not in ROWS:
                raise ValueError(f"'{row}' is no row. | use S1 to S20.")
        return also

    @field_validator("needs")
    @classmethod
    def _known_mechanisms(cls, needs: tuple[str, ...]) -> tuple[str, ...]:
        return _known(needs)

    @model_validator(mode="after")
    def _readings_in_order(self) -> Self:
        seen: set[str] = set()
        for reading in self.readings:
            if reading.id in seen:
                raise ValueError(f"two readings are called '{reading.id}'. | give each its own id.")
            seen.add(reading.id)
        if sum(reading.main for reading in self.readings) > 1:
            raise ValueError(
                "more than one reading is the main one. | mark the one nearest to the article's own words."
            )
        kind = getattr(self, "kind", "")
        marked = any(reading.main for reading in self.readings)
        # The word of an intent and of a recommendation does not come from one of their readings.
        if len(self.readings) > 1 and not marked and kind not in {"intent", "policy"}:
            raise ValueError(
                "no reading is the main one."
                " | mark the one nearest to the article's own words with 'main: true'."
            )
        if not self.readings and not self.needs and kind not in {"intent", "policy"}:
            raise ValueError(
                "the claim has no reading. | add 'readings:', or 'needs:' with the mechanisms that it lacks."
            )
        fitting = FITTING.get(kind)
        main = self.main
        if fitting and main is not None and main.test is not None and main.test.kind not in fitting:
            raise ValueError(
                f"the main reading's test, {main.test.kind}, does not fit a {kind}."
                f" | use one of: {', '.join(sorted(fitting))}."
            )
        return self

    @property
    def main(self) -> Reading | None:
        """The reading nearest to the article's own words: the one marked, or the only one."""
        for reading in self.readings:
            if reading.main:
                return reading
        return self.readings[0] if self.readings else None


FITTING = {
    "measurement": {
        "total_at",
        "mean_rate",
        "change",
        "precedent",
        "share",
        "count",
        "event",
        "survival",
        "unobservable",
        *MODELLED,
    },
    "forecast": {"event", "total_at", "mean_rate", "change", "count", "model_share"},
    "counterfactual": {"compare", "aid", "offer", "leader"},
    "universal": {"counterexamples", "precedent", "share", "model_share", "survival"},
}


class Measurement(ClaimBase):
    """A number, held against every source."""

    kind: Literal["measurement"]


class Forecast(ClaimBase):
    """A statement with a date, resolved by what was observed."""

    kind: Literal["forecast"]


class Counterfactual(ClaimBase):
    """One policy against another."""

    kind: Literal["counterfactual"]


class Universal(ClaimBase):
    """Only, never, always."""

    kind: Literal["universal"]


class Intent(ClaimBase):
    """What someone means or plans."""

    kind: Literal["intent"]
    bears_on: Annotated[tuple[Observe, ...], AfterValidator(_some)]


class Policy(ClaimBase):
    """A recommendation: under which conditions it holds."""

    kind: Literal["policy"]
    valuation: Text | None = None
    """A judgement of worth in the claim, named and not scored."""
    holds_if: Annotated[tuple[Text, ...], AfterValidator(_some)]
    """The conditions under which the recommendation follows."""
    rests_on: Annotated[tuple[Identifier, ...], AfterValidator(_not_many)] = ()
    """Other claims of the file that it rests on."""


Claim = Annotated[
    Measurement | Forecast | Counterfactual | Universal | Intent | Policy, Field(discriminator="kind")
]


class Article(Strict):
    """The article: what it is, when it came out, and which scenario its counterfactuals are run in."""

    id: Identifier
    title: Text
    published: Day
    published_is: Literal["exact", "approximate", "never"] = "exact"
    """`never`: written for an audit alone; `published` is then the day as of which it speaks."""
    outlet: Text | None = None
    url: Text | None = None
    scenario: Word
    about: Text

    @field_validator("url")
    @classmethod
    def _plain_address(cls, url: str | None) -> str | None:
        if url is not None and not re.match(r"^https?://[^\s<>\"']+$", url):
            raise ValueError("'url' is no web address. | write it as https://..., or leave it out.")
        return url


class ClaimsDocument(Strict):
    """A claims file."""

    article: Article
    claims: Annotated[tuple[Claim, ...], AfterValidator(_some)]

    @model_validator(mode="after")
    def _ids_differ(self) -> Self:
        seen: set[str] = set()
        for claim in self.claims:
            if claim.id in seen:
                raise ValueError(f"two claims are called '{claim.id}'. | give each its own id.")
            seen.add(claim.id)
        recommendations = {claim.id for claim in self.claims if isinstance(claim, Policy)}
        for claim in self.claims:
            for other in getattr(claim, "rests_on", ()):
                if other not in seen or other == claim.id:
                    raise ValueError(
                        f"'{claim.id}' rests on '{other}', which is no other claim. | "
                        + suggest(other, seen - {claim.id})
                    )
                if other in recommendations:
                    raise ValueError(
                        f"'{claim.id}' rests on '{other}', which is a recommendation. | "
                        "name what that rests on."
                    )
        return self
