"""What an audit returns: plain frozen data, and its JSON."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import math
from collections.abc import Mapping
from typing import Any

from ceasefire.analysis.uses import Use
from ceasefire.claims.chartdata import ChartData
from ceasefire.claims.held_out import HeldOut
from ceasefire.claims.modelled import PRIOR, Calibration, Modelled
from ceasefire.claims.rules import VERDICTS, Verdict


@dataclasses.dataclass(frozen=True)
class SourceRow:
    """What one source says, held against a reading."""

    source: str
    label: str
    value: float | None
    low: float | None
    best: float | None
    high: float | None
    unit: str
    concept: str
    start: dt.date | None
    end: dt.date | None
    known_on: dt.date | None
    root: str
    source_class: str
    party: str
    """independent, ally or warring party."""
    counted: bool
    why: str
    verdict: str
    role: str = "value"
    """value, floor, ceiling or beside."""
    reference: str = ""
    restates: str = ""
    of_party: bool = False
    """Whether the figure has its origin with a party to the war, whoever repeats it."""
    note: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the row as JSON values."""
        return plain(dataclasses.asdict(self))  # type: ignore[no-any-return]


@dataclasses.dataclass(frozen=True)
class Finding:
    """The verdict on one reading with one set of evidence: what `then` and `now` have in common."""

    verdict: Verdict
    probability: float | None = None
    interval: tuple[float | None, float | None] | None = None
    interval_of: str = ""
    mc_error: float | None = None
    ess: float | None = None
    assumed_share: float | None = None
    structure_share: float | None = None
    modelled: Modelled | None = None
    sources: tuple[SourceRow, ...] = ()
    reason: tuple[Mapping[str, Any], ...] = ()
    quote: str = ""
    depends_on: tuple[str, ...] = ()
    different_if: tuple[str, ...] = ()
    chart: ChartData | None = None
    beside: tuple[ChartData, ...] = ()
    """Further pictures."""


@dataclasses.dataclass(frozen=True)
class Reading:
    """One reading with its verdict, as known now and as known then."""

    id: str
    text: str
    main: bool
    verdict: Verdict
    as_known_then: Verdict
    probability: float | None
    interval: tuple[float | None, float | None] | None
    quote: str
    quote_then: str
    reason: tuple[Mapping[str, Any], ...]
    sources: tuple[SourceRow, ...]
    depends_on: tuple[str, ...]
    different_if: tuple[str, ...]
    chart: ChartData | None
    test: str
    interval_of: str = ""
    mc_error: float | None = None
    ess: float | None = None
    assumed_share: float | None = None
    structure_share: float | None = None
    note: str = ""
    sources_then: tuple[SourceRow, ...] = ()
    """What the sources said that could be read then."""
    modelled: Modelled | None = None
    """What simulated wars say, from what is known now."""
    modelled_then: Modelled | None = None
    """What simulated wars say, from what was known then."""
    beside: tuple[ChartData, ...] = ()
    """Further pictures."""

    def to_dict(self) -> dict[str, Any]:
        """Return the reading as JSON values, without its picture."""
        values = {
            field.name: getattr(self, field.name)
            for field in dataclasses.fields(self)
            if field.name not in {"chart", "beside", "sources", "sources_then", "modelled", "modelled_then"}
        }
        values |= _modelled(self.modelled, self.modelled_then)
        values["sources"] = [row.to_dict() for row in self.sources]
        values["sources_then"] = [row.to_dict() for row in self.sources_then]
        return plain(values)  # type: ignore[no-any-return]


@dataclasses.dataclass(frozen=True)
class Result:
    """A claim with its verdict, from its main reading; the other readings beside it."""

    id: str
    row: str | None
    """The row of the design, None where the claim belongs to none."""
    kind: str
    short: str
    says: str
    verdict: Verdict
    as_known_then: Verdict
    probability: float | None
    interval: tuple[float | None, float | None] | None
    quote: str
    quote_then: str
    readings: tuple[Reading, ...]
    sources: tuple[SourceRow, ...]
    depends_on: tuple[str, ...]
    different_if: tuple[str, ...]
    reason: tuple[Mapping[str, Any], ...]
    not_modelled: tuple[str, ...]
    chart: ChartData | None
    also: tuple[str, ...] = ()
    interval_of: str = ""
    mc_error: float | None = None
    ess: float | None = None
    assumed_share: float | None = None
    structure_share: float | None = None
    note: str = ""
    sources_then: tuple[SourceRow, ...] = ()
    """What the sources said that could be read then."""
    modelled: Modelled | None = None
    """What simulated wars say, from what is known now."""
    modelled_then: Modelled | None = None
    """What simulated wars say, from what was known then."""
    beside: tuple[ChartData, ...] = ()
    """Further pictures."""

    def to_dict(self) -> dict[str, Any]:
        """Return the claim as JSON values, without its pictures."""
        left = {"chart", "beside", "sources", "sources_then", "readings", "modelled", "modelled_then"}
        values = {
            field.name: getattr(self, field.name)
            for field in dataclasses.fields(self)
            if field.name not in left
        }
        values |= _modelled(self.modelled, self.modelled_then)
        values["sources"] = [row.to_dict() for row in self.sources]
        values["sources_then"] = [row.to_dict() for row in self.sources_then]
        values["readings"] = [reading.to_dict() for reading in self.readings]
        return plain(values)  # type: ignore[no-any-return]


@dataclasses.dataclass(frozen=True)
class Headline:
    """A finding worth knowing, and the claim that it is about."""

    text: str
    claim: str


@dataclasses.dataclass(frozen=True)
class Audit:
    """An article's claims with their verdicts."""

    article: Mapping[str, Any]
    scenario: str
    as_of: dt.date
    known_until: dt.date
    """The last day on which anything in the evidence became known: `now`."""
    draws: int
    seed: int
    posterior: str
    version: str
    results: tuple[Result, ...]
    overall: str
    findings: tuple[Headline, ...]
    limits: tuple[str, ...]
    model: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    """Fingerprint of the model and hash of the scenario, where wars were run."""
    command: str = ""
    calibration: Calibration | None = None
    """The posterior of the answers as known now; None where they come from priors."""
    calibration_then: Calibration | None = None
    """That of the answers as known then."""
    held_out: HeldOut | None = None
    """How forecasts of the model did out of sample; None where nothing was checked."""
    mechanisms: tuple[Use, ...] = ()
    """The mechanisms of the war as the scenario has them, and whether the fit had them."""

    @property
    def posterior_then(self) -> str:
        """The posterior of the answers as known then: its name, or `prior`."""
        return PRIOR if self.calibration_then is None else self.calibration_then.name

    @property
    def counts(self) -> dict[Verdict, int]:
        """How many claims have each verdict, in the fixed order of the words."""
        return {word: sum(result.verdict == word for result in self.results) for word in VERDICTS}

    def result(self, claim: str) -> Result:
        """Return the result of a claim by its id.

        Raises:
            KeyError: there is no such claim.
        """
        for result in self.results:
            if result.id == claim:
                return result
        raise KeyError(claim)

    def to_json(self) -> dict[str, Any]:
        """Return the audit as JSON values: finite numbers, texts, lists, and null where there is none."""
        return {
            "scenario": self.scenario,
            "as_of": self.as_of.isoformat(),
            "known_until": self.known_until.isoformat(),
            "draws": self.draws,
            "seed": self.seed,
            "posterior": self.posterior,
            "posterior_then": self.posterior_then,
            "calibration": plain(None if self.calibration is None else self.calibration.to_dict()),
            "calibration_then": plain(
                None if self.calibration_then is None else self.calibration_then.to_dict()
            ),
            "held_out": plain(None if self.held_out is None else self.held_out.to_dict()),
            "mechanisms": [plain(dataclasses.asdict(use)) for use in self.mechanisms],
            "version": self.version,
            "model": plain(self.model),
            "article": plain(self.article),
            "overall": self.overall,
            "counts": dict(self.counts),
            "findings": [dataclasses.asdict(finding) for finding in self.findings],
            "limits": list(self.limits),
            "claims": [result.to_dict() for result in self.results],
        }

    def to_text(self) -> str:
        """Return the JSON as text."""
        return json.dumps(self.to_json(), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _modelled(now: Modelled | None, then: Modelled | None) -> dict[str, Any]:
    return {
        "modelled": None if now is None else now.to_dict(),
        "modelled_then": None if then is None else then.to_dict(),
    }


def plain(value: Any) -> Any:
    """Return a value as JSON holds it: days as text, numbers that are not finite as null."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, dt.date):
        return value.isoformat()[:10]
    if value is None or isinstance(value, str | bool | int):
        return value
    number = float(value)
    return number if math.isfinite(number) else None
