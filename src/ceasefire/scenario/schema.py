"""The shape of a scenario file: which keys it has, which of them are needed, and what type each value has.

What needs more than one value at a time, or the registry, is in `checks.py`.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

EARLIEST = dt.date(1800, 1, 1)
LATEST = dt.date(2200, 1, 1)
MAX_DAYS = 7_300
MAX_FRONTS = 20
MAX_POLICIES = 100
LONGEST_NAME = 60
LONGEST_TEXT = 4_000


def _text(value: str) -> str:
    """Return the text with its white space made plain; refuse empty text and control characters."""
    value = " ".join(value.split())
    if not value:
        raise ValueError("the text is empty. | write a few words.")
    if len(value) > LONGEST_TEXT:
        raise ValueError(f"the text is longer than {LONGEST_TEXT:,} characters. | shorten it.")
    if any(unicodedata.category(letter) in {"Cc", "Cf"} for letter in value):
        raise ValueError("the text holds a control character. | take it out.")
    return value


def _slug(value: Any) -> Any:
    """Return a plain name as it is; files and commands use it."""
    if (
        isinstance(value, str)
        and len(value) <= LONGEST_NAME
        and re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", value)
    ):
        return value
    raise ValueError(
        f"'{str(value)[:60]}' is not a plain name. | use small letters, digits and single hyphens."
    )


def _code(value: Any) -> Any:
    """Return a code as it is; YAML reads a bare NO as false."""
    if isinstance(value, str) and re.fullmatch(r"[A-Z0-9]{1,8}", value):
        return value
    shown = str(value)[:60]
    if isinstance(value, bool):
        raise ValueError(f"YAML reads this code as {str(value).lower()}. | put it in quotes.")
    raise ValueError(f"'{shown}' is not a code. | use up to 8 capital letters and digits, in quotes.")


def _day(value: Any) -> Any:
    """Return a date as it is, and one in quotes as a date; anything else is no day."""
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        day = value
    elif isinstance(value, str):
        try:
            day = dt.date.fromisoformat(value)
        except ValueError:
            raise ValueError(f"'{value[:60]}' is not a day. | write a day as YYYY-MM-DD.") from None
    else:
        raise ValueError(f"'{str(value)[:60]}' is not a day. | write a day as YYYY-MM-DD.")
    if not EARLIEST <= day <= LATEST:
        raise ValueError(f"{day} is not between {EARLIEST} and {LATEST}. | check the year.")
    return day


def _switch(value: Any) -> Any:
    """Return a switch or a share as it is."""
    if isinstance(value, bool) or (isinstance(value, int | float) and 0.0 <= value <= 1.0):
        return value
    raise ValueError(
        f"'{str(value)[:60]}' is no switch. | write on, off, or a share of the wars from 0 to 1."
    )


def _as_list(value: Any) -> Any:
    """Let a lone change stand without the dash of a list."""
    return value if isinstance(value, list) else [value]


Text = Annotated[str, Field(strict=True), AfterValidator(_text)]
Name = Annotated[str, Field(strict=True, max_length=LONGEST_NAME), AfterValidator(_text)]
Slug = Annotated[str, BeforeValidator(_slug)]
Code = Annotated[str, BeforeValidator(_code)]
Number = Annotated[float, Field(strict=True)]
Whole = Annotated[int, Field(strict=True)]
Flag = Annotated[bool, Field(strict=True)]
Day = Annotated[dt.date, BeforeValidator(_day)]
Share = Annotated[float, Field(strict=True, ge=0.0, le=1.0)]
Switch = Annotated[Flag | Share, BeforeValidator(_switch)]
"""Whether a mechanism is in the war: on, off, or the share of wars that have it."""
Length = Annotated[int, Field(strict=True, ge=1, le=MAX_DAYS)]
Area = Annotated[float, Field(strict=True, ge=0.0, le=1e7)]


class Group(BaseModel):
    """A group of keys: unknown ones are refused, and nothing changes once it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    number_as: ClassVar[str] = ""
    """How a number is written that stands here alone, for the message."""

    @model_validator(mode="before")
    @classmethod
    def _keys(cls, value: Any) -> Any:
        if isinstance(value, dict | BaseModel):
            return value
        names = ", ".join(field.alias or name for name, field in cls.model_fields.items())
        if cls.number_as and isinstance(value, int | float) and not isinstance(value, bool):
            raise ValueError(
                f"the number {str(value)[:60]} stands alone, without a source. | write {cls.number_as}."
            )
        raise ValueError(f"keys are missing here. | write the keys {names}.")


class Range(Group):
    """An uncertain number by its 5 %, 50 % and 95 % points, or a fixed one; with its source."""

    number_as: ClassVar[str] = "it as 'value', or low, best and high, with its 'source'"

    low: Number | None = None
    best: Number | None = None
    high: Number | None = None
    value: Number | None = None
    source: Text

    @model_validator(mode="after")
    def _points(self) -> Range:
        given = [point for point in (self.low, self.best, self.high) if point is not None]
        if self.value is not None and given:
            raise ValueError(
                "a fixed value and a range stand together. | keep 'value', or low, best and high."
            )
        if self.value is None and len(given) < 3:
            raise ValueError("the range is not complete. | write low, best and high, or one 'value'.")
        if given and not given[0] <= given[1] <= given[2]:
            shown = f"low {given[0]:,.10g}, best {given[1]:,.10g}, high {given[2]:,.10g}"
            raise ValueError(f"the range is out of order: {shown}. | write low <= best <= high.")
        return self

    @property
    def points(self) -> tuple[float, float, float]:
        """Low, best and high; three times the value if it is fixed."""
        if self.value is not None:
            return self.value, self.value, self.value
        points = [point for point in (self.low, self.best, self.high) if point is not None]
        return points[0], points[1], points[2]


class Change(Group):
    """A lever from a day on: at once, or as a ramp that reaches its value on the day `to`."""

    number_as: ClassVar[str] = "it as 'value', 'per_day' or 'per_month', with its 'source'"

    from_: Day | None = Field(default=None, alias="from")
    to: Day | None = None
    value: Number | None = None
    per_day: Number | None = None
    per_month: Number | None = None
    source: Text | None = None

    @model_validator(mode="after")
    def _one(self) -> Change:
        given = [value for value in (self.value, self.per_day, self.per_month) if value is not None]
        if len(given) != 1:
            raise ValueError("a change needs one number. | write one of value, per_day and per_month.")
        return self


class Wave(Group):
    """A call-up of so many persons, spread evenly over so many days."""

    kind: Literal["covert", "partial", "general"]
    from_: Day = Field(alias="from")
    days: Length
    persons: Annotated[float, Field(strict=True, gt=0.0)]
    training_days: Number
    source: Text | None = None


Changes = Annotated[list[Change], BeforeValidator(_as_list)]
Waves = Annotated[list[Wave], BeforeValidator(_as_list)]


class Levers(Group):
    """What one belligerent does, by lever; what is not named keeps its default."""

    recruitment: Changes = []
    mobilisation: Waves = []
    training_days: Changes = []
    economy: Changes = []
    aid_armour: Changes = []
    aid_shells: Changes = []
    offensives: Changes = []
    aim: Changes = []
    distorted_reports: Changes = []
    sanctions: Changes = []
    third_party: Changes = []
    aid_artillery: Changes = []
    aid_drones: Changes = []
    aid_interceptors: Changes = []
    strikes: Changes = []
    flank: Changes = []


class Supply(Group):
    """What of a belligerent's supply goes on in a truce, as shares of what it is without one."""

    recruitment: Number = 1.0
    production: Number = 1.0
    aid: Number = 1.0


class Truce(Group):
    """A truce of so many days, from its first day on."""

    start: Day
    days: Length
    monitored: Flag = False
    supply: dict[str, Supply] = {}


class ClockStop(Group):
    """Days on which nothing happens at all, from the first of them on, in whole weeks.

    What the war remembers, its calendar and its chances wait: it goes on as it would have, so much later.
    """

    start: Day
    days: Length


class Policy(Group):
    """What is decided: a sentence that says it, changes of levers, truces; or a stop of the clock."""

    says: Text
    what_if: bool = False
    """Whether nobody could choose it: an aim given up, a leader who sees the truth. Such a policy is compared
    when it is named, and not weighed against those that can be chosen."""
    levers: dict[str, Levers] = {}
    truces: list[Truce] = []
    clock_stopped: ClockStop | None = None

    @property
    def changes_nothing(self) -> bool:
        """Whether both sides go on as they would have, on the days on which they would have."""
        return not self.levers and not self.truces and self.clock_stopped is None


class Belligerent(Group):
    """One of the two sides."""

    name: Name
    code: Code
    role: Literal["initiator", "defender"]
    stocks: dict[str, Range] = {}
    parameters: dict[str, Range] = {}
    levers: Levers = Levers()


class Front(Group):
    """A part of the front: its weight, ground that could change hands, troops, and whose aims lie there."""

    name: Name
    weight: Annotated[float, Field(strict=True, gt=0.0, le=1.0)]
    ground: dict[str, Area]
    troops: dict[str, Share]
    aim: dict[str, Share] = {}
    aim_source: Text | None = None
    source: Text


class Weights(Group):
    """Weights of rival equations for one mechanism."""

    weights: dict[str, Annotated[float, Field(strict=True, ge=0.0, le=1e6)]]
    source: Text


class KnownChange(Change):
    """A change of a lever that happened, with the day from which it could be known."""

    known_on: Day | None = None


class KnownWave(Wave):
    """A call-up that happened, with the day from which it could be known."""

    known_on: Day


KnownChanges = Annotated[list[KnownChange], BeforeValidator(_as_list)]
KnownWaves = Annotated[list[KnownWave], BeforeValidator(_as_list)]


class KnownLevers(Group):
    """What one belligerent did, by lever, as it could be known; offensives are listed apart."""

    recruitment: KnownChanges = []
    mobilisation: KnownWaves = []
    training_days: KnownChanges = []
    economy: KnownChanges = []
    aid_armour: KnownChanges = []
    aid_shells: KnownChanges = []


class PastGround(Group):
    """Ground of each belligerent on each front at the start of a history, km2."""

    fronts: dict[str, dict[str, Area]]
    source: Text


class PastOffensive(Group):
    """An offensive that happened, from its first day to its last; without a last day it goes on."""

    side: Text
    name: Text | None = None
    from_: Day = Field(alias="from")
    to: Day | None = None
    known_on: Day | None = None
    ended_known_on: Day | None = None
    source: Text


class Past(Group):
    """How the war went before the scenario's first day and beyond it, as it could be known."""

    start: Day
    first_day: Day
    losses_before: dict[str, Range]
    stocks: dict[str, dict[str, Range]] = {}
    ground: PastGround
    levers: dict[str, KnownLevers]
    offensives: list[PastOffensive] = []
    mechanisms: dict[str, Switch] = {}
    """Optional mechanisms that a calibration takes in."""


class ScenarioFile(Group):
    """A scenario as it is written."""

    name: Slug
    title: Text
    about: Text
    version: Annotated[int, Field(strict=True, ge=1, le=1_000_000)]
    start: Day
    end: Day
    belligerents: list[Belligerent]
    war: dict[str, Range] = {}
    fronts: list[Front]
    structures: dict[str, Weights] = {}
    mechanisms: dict[str, Switch] = {}
    """Optional mechanisms of the registry that are in the war, and extensions."""
    extensions: list[Text] = []
    """Mechanisms of one's own: Python files beside the scenario's, or names that packages have registered."""
    policies: dict[Slug, Policy]
    history: Past | None = None
