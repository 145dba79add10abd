"""The log of corrections: what a released version said of a claim that a later one found wrong.

It ships with the package as `corrections.yaml` and stands at the end of every page.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import re
from importlib import resources
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, StringConstraints

import ceasefire
from ceasefire.claims import load_claims, shipped_claims
from ceasefire.files import Document, InputError, read_yaml, suggest, validate

SHIPPED = Path(str(resources.files("ceasefire.report") / "corrections.yaml"))


def _day(value: Any) -> dt.date:
    try:
        return value if isinstance(value, dt.date) else dt.date.fromisoformat(str(value))
    except ValueError:
        raise ValueError(f"'{str(value)[:60]}' is not a day. | write a day as YYYY-MM-DD.") from None


def _version(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"\d+\.\d+\.\d+", value):
        shown = str(value)[:60]
        raise ValueError(f"'{shown}' is no version. | write three numbers in quotes, as in \"0.2.0\".")
    return value


def _some(value: tuple[_Entry, ...]) -> tuple[_Entry, ...]:
    seen: set[tuple[Any, ...]] = set()
    for entry in value:
        key = (entry.article, entry.claim, entry.wrong)
        if key in seen:
            raise ValueError(f"a correction of '{entry.claim}' stands twice. | keep one of the two.")
        seen.add(key)
    return value


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=600)]


class _Entry(BaseModel):
    """One entry as the file holds it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    date: Annotated[dt.date, BeforeValidator(_day)]
    article: Text
    claim: Text
    wrong: Text
    right: Text
    since: Annotated[str, BeforeValidator(_version)]


class _Log(BaseModel):
    """The file: a list of entries, empty where nothing was corrected so far."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    corrections: Annotated[tuple[_Entry, ...], AfterValidator(_some)]


@dataclasses.dataclass(frozen=True)
class Correction:
    """What was said of a claim that was wrong, and what is right."""

    date: dt.date
    """The day of the correction."""
    article: str
    claim: str
    wrong: str
    """What the page had said, as a sentence."""
    right: str
    """What it says now."""
    since: str
    """The first version that says so."""


def load_corrections(path: Path | str | None = None) -> tuple[Correction, ...]:
    """Return the corrections of a log, the latest first: of the one that ships, or of a file.

    Raises:
        InputError: no such file, or what is wrong with it, with file and line.
    """
    return _shipped() if path is None else _parsed(read_yaml(path))


@functools.cache
def _shipped() -> tuple[Correction, ...]:
    return _parsed(read_yaml(SHIPPED))


def _parsed(document: Document) -> tuple[Correction, ...]:
    log = validate(document, _Log, "a log of corrections")
    for place, entry in enumerate(log.corrections):
        _check_claim(entry, document, place)
        if _numbers(entry.since) > _numbers(ceasefire.__version__):
            raise InputError(
                f"version {entry.since} is later than this one, {ceasefire.__version__}.",
                document.where(("corrections", place, "since")),
                "name the first version that says what is right.",
            )
    rows = (Correction(**entry.model_dump()) for entry in log.corrections)
    return tuple(sorted(rows, key=lambda row: row.date, reverse=True))


def _numbers(version: str) -> tuple[int, ...]:
    """Return the first three numbers of a version, to compare it with another."""
    return tuple(int(number) for number in re.findall(r"\d+", version)[:3])


def _check_claim(entry: _Entry, document: Document, place: int) -> None:
    """Refuse an entry of an article that does not ship, or of a claim that it does not have."""
    articles = shipped_claims()
    if entry.article not in articles:
        raise InputError(
            f"there are no claims called '{entry.article}'.",
            document.where(("corrections", place, "article")),
            suggest(entry.article, articles),
        )
    claims = [claim.id for claim in load_claims(entry.article).claims]
    if entry.claim not in claims:
        raise InputError(
            f"'{entry.article}' has no claim '{entry.claim}'.",
            document.where(("corrections", place, "claim")),
            suggest(entry.claim, claims),
        )
