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
    if not isinstance(entry, Mapping):
        raise InputError(f"the source '{name}' has no keys.", where, f"write {', '.join(sorted(known))}.")
    for key in entry:
        if key not in known:
            raise InputError(f"'{key}' is not known for the source '{name}'.", where, suggest(key, known))
    for key in sorted(known - optional):
        if not str(entry.get(key, "")).strip():
            raise InputError(f"'{key}' is missing for the source '{name}'.", where, f"add '{key}:'.")
    for key in entry:
        if key not in {"derived_from", "snapshot"} and not isinstance(entry[key], str):
            raise InputError(
                f"'{key}' of the source '{name}' is no text.", where, "write it as text, in quotes."
            )
    built = entry.get("derived_from") or ()
    if not isinstance(built, list | tuple) or not all(isinstance(root, str) for root in built):
        raise InputError(
            f"'derived_from' of the source '{name}' is no list.", where, "list the roots' names."
        )
    if not isinstance(entry.get("snapshot") or {}, Mapping):
        raise InputError(f"'snapshot' of the source '{name}' has no keys.", where, "write its keys.")
    values = {key: entry[key] for key in entry}
    values["derived_from"] = tuple(built)
    return Source(id=name, **values)
