"""Who said so: the manifest of sources and of the roots that they go back to."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import yaml

from ceasefire.files import InputError, suggest


@dataclasses.dataclass(frozen=True)
class Source:
    """A source of figures: what it counts and what not, its bias, its licence and its origin.

    `root` is the origin that counts once. `derived_from` names the roots that a source is built on; such a
    source is shown beside the others and never counted. `party` is the side of the war that speaks, or
    empty; `independent` says whether it stands outside the war: yes, no or partly.
    """

    id: str
    title: str
    producer: str
    reference: str
    licence: str
    counts: str
    counts_not: str
    bias: str
    source_class: str
    root: str
    independent: Literal["yes", "no", "partly"]
    party: str = ""
    derived_from: tuple[str, ...] = ()
    snapshot: Mapping[str, str] | None = None


@dataclasses.dataclass(frozen=True)
class Root:
    """An origin of figures, the party that speaks through it (or empty), and why it is one root."""

    id: str
    party: str
    why: str


def read_sources(path: Path) -> tuple[dict[str, Source], dict[str, Root]]:
    """Read the package's own manifest of sources and roots."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    data = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)
    roots = {name: Root(name, entry.get("party", ""), entry["why"]) for name, entry in data["roots"].items()}
    sources = {}
    for name, entry in data["sources"].items():
        sources[name] = make_source(name, entry, str(path))
    return sources, roots


def make_source(name: str, entry: Mapping[str, Any], where: str) -> Source:
    """Make a source from the values of a manifest.

    Raises:
        InputError: a value is missing or not known.
    """
    known = {field.name for field in dataclasses.fields(Source)} - {"id"}
    optional = {"party", "derived_from", "snapshot"}
    for key in entry:
        if key not in known:
            raise InputError(f"'{key}' is not known for the source '{name}'.", where, suggest(key, known))
    for key in sorted(known - optional):
        if not str(entry.get(key, "")).strip():
            raise InputError(f"'{key}' is missing for the source '{name}'.", where, f"add '{key}:'.")
    values = {key: entry[key] for key in entry}
    values["derived_from"] = tuple(values.get("derived_from") or ())
    return Source(id=name, **values)
