"""What users have on disk becomes evidence: whole or not at all, and never twice."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from ceasefire.evidence.importing import economist, events, general_staff
from ceasefire.evidence.importing.reading import decode, read_bytes
from ceasefire.evidence.shape import COLUMNS, DATES, FIGURES, check_observations
from ceasefire.evidence.sources import Source
from ceasefire.evidence.store import load, user_folder
from ceasefire.files import InputError, suggest, write_atomically
from ceasefire.files.errors import plain

FORMATS = {
    "acled-csv": "ACLED export: event_id_cnty, event_date, country, fatalities; kept by country and week",
    "economist-csv": "The Economist's estimates of dead and wounded: estimate_low, estimate, estimate_high",
    "general-staff-json": "daily losses stated by the General Staff of Ukraine, personnel or equipment",
    "ucdp-ged-csv": "UCDP GED file: date_start, date_end, deaths_a, ..., best; kept by country and week",
}


@dataclasses.dataclass(frozen=True)
class ImportResult:
    """What an import wrote: how many observations, where, from which sources, and what to know about it."""

    rows: int
    path: Path
    source: str
    replaced: bool
    notes: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class _Parsed:
    rows: list[dict[str, Any]]
    notes: list[str]
    strange: dict[str, str]


def import_file(
    format: str, path: Path | str, into: Path | str | None = None, *, on: dt.date | None = None
) -> ImportResult:
    """Turn a file into observations and write them to a folder, whole or not at all.

    The table is named after the content of the file, so that the same file imported again replaces itself.

    Args:
        format: a name of `FORMATS`.
        path: the file.
        into: the folder; where not given CEASEFIRE_EVIDENCE, else ./.ceasefire/evidence.
        on: day of the import, today where not given; figures without a day of publication count as known
            from this day on.

    Raises:
        InputError: an unknown format, or a fault in the file with its row and column. Nothing is changed.
    """
    if format not in FORMATS:
        raise InputError(f"there is no format '{format}'.", "", suggest(format, FORMATS))
    path, folder, day = Path(path), user_folder(into), on or dt.date.today()
    content = read_bytes(path)
    parsed = _parse(format, decode(content, path.name), path.name, day)
    if not parsed.rows:
        raise InputError("the file holds no rows.", path.name, "export it again.")
    known = {**load().sources, **_strange_sources(parsed.strange)}
    digest = hashlib.sha256(content).hexdigest()
    target = folder / f"{format}-{digest[:12]}.csv"
    frame = _frame(parsed.rows, known, path.name, target.name)
    described = {name: known[name] for name in sorted(frame["source"].unique())}
    manifest = {
        "format": format,
        "file": path.name,
        "sha256": digest,
        "rows": len(frame),
        "imported_on": day.isoformat(),
        "quantities": _meanings(frame),
        "sources": {name: _entry(source) for name, source in described.items()},
    }
    replaced = target.exists()
    _write(target, frame, manifest)
    return ImportResult(
        len(frame), target, ", ".join(described), replaced, tuple(plain(note) for note in parsed.notes)
    )


def _parse(format: str, text: str, name: str, day: dt.date) -> _Parsed:
    if format == "general-staff-json":
        return _Parsed(*general_staff.observations(text, name), {})
    if format == "economist-csv":
        return _Parsed(*economist.observations(text, name, day))
    reader: Callable[[str, str, dt.date], tuple[list[dict[str, Any]], list[str]]]
    reader = events.acled if format == "acled-csv" else events.ucdp
    return _Parsed(*reader(text, name, day), {})


def _frame(rows: list[dict[str, Any]], known: dict[str, Source], name: str, table: str) -> pd.DataFrame:
    frame = pd.DataFrame(rows)
    for column in COLUMNS:
        if column not in frame.columns:
            frame[column] = float("nan") if column in FIGURES else ""
    frame["root"] = [known[source].root for source in frame["source"]]
    frame["source_class"] = [known[source].source_class for source in frame["source"]]
    frame["reference"] = frame["reference"].where(
        frame["reference"].notna() & (frame["reference"] != ""), name
    )
    frame["verified"], frame["table"] = "imported", table
    checked = check_observations(frame, sources=known, name=name)
    keys = ["quantity", "concept", "side", "place", "source", "start", "end"]
    return checked.sort_values(keys, kind="stable").reset_index(drop=True)


def _strange_sources(strange: dict[str, str]) -> dict[str, Source]:
    return {
        name: Source(
            id=name,
            title=told,
            producer=told,
            reference="see the reference of each row",
            licence="as the file says",
            counts="what the file says",
            counts_not="not judged",
            bias="not judged: named in an imported file and not in the package's manifest",
            source_class="not_classified",
            root=name,
            independent="partly",
        )
        for name, told in strange.items()
    }


def _meanings(frame: pd.DataFrame) -> dict[str, str]:
    told = {**general_staff.QUANTITIES, **events.QUANTITIES}
    return {name: told[name] for name in sorted(frame["quantity"].unique()) if name in told}


def _entry(source: Source) -> dict[str, Any]:
    values = {field.name: getattr(source, field.name) for field in dataclasses.fields(source)}
    values["derived_from"] = list(source.derived_from)
    return {name: value for name, value in values.items() if name != "id" and value not in ("", [], None)}


def _write(target: Path, frame: pd.DataFrame, manifest: dict[str, Any]) -> None:
    out = frame.copy()
    for column in DATES:
        out[column] = out[column].dt.strftime("%Y-%m-%d")
    for column in FIGURES:
        out[column] = [_short(value) for value in out[column]]
    text = yaml.safe_dump(manifest, sort_keys=False, allow_unicode=True, width=100)
    beside = target.with_suffix(".yaml")
    old = beside.read_bytes() if beside.exists() else None
    write_atomically(beside, text)
    try:
        write_atomically(target, out.to_csv(index=False, lineterminator="\n"))
    except InputError:
        # The pair is whole or not there: the manifest goes back to what it was.
        if old is None:
            beside.unlink(missing_ok=True)
        else:
            write_atomically(beside, old)
        raise


def _short(value: float) -> str:
    if pd.isna(value):
        return ""
    return str(int(value)) if float(value).is_integer() else repr(float(value))
