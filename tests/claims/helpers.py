"""Invented evidence for the tests of claims: Aldria and Bremor, and sources outside their war or in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from ceasefire.claims import schema
from ceasefire.claims.measures import measure
from ceasefire.claims.results import Finding
from ceasefire.evidence import Evidence, Source, load

OUTSIDE = ("alpha", "beta", "gamma", "delta", "epsilon")


def source(name: str, party: str = "", root: str = "", derived_from: tuple[str, ...] = ()) -> Source:
    """Return an invented source; one with a party speaks for a side of the war."""
    return Source(
        id=name,
        title=name.replace("_", " ").title(),
        producer=name,
        reference="invented",
        licence="invented",
        counts="invented",
        counts_not="invented",
        bias="invented",
        source_class="government_belligerent" if party else "academic_or_think_tank",
        root=root or name,
        independent="no" if party else "yes",
        party=party,
        derived_from=derived_from,
    )


SOURCES: Mapping[str, Source] = {
    **{name: source(name) for name in OUTSIDE},
    "aldria_staff": source("aldria_staff", "AL"),
    "bremor_staff": source("bremor_staff", "BR"),
    "alpha_again": source("alpha_again", root="alpha"),
    "mixture": source("mixture", derived_from=("alpha", "beta")),
}


def row(name: str, **given: Any) -> dict[str, Any]:
    """Return an observation of Aldria's killed by 30 June 2001, with what is given in its place."""
    values = {
        "quantity": "personnel_losses",
        "concept": "killed",
        "side": "AL",
        "place": "whole_front",
        "start": "2001-01-01",
        "end": "2001-06-30",
        "flow_or_stock": "cumulative",
        "low": None,
        "best": None,
        "high": None,
        "unit": "persons",
        "source": name,
        "source_class": SOURCES[name].source_class,
        "root": SOURCES[name].root,
        "known_on": "2001-07-10",
        "known_on_rule": "stated",
        "kind": "estimate",
        "confidence": "medium",
        "verified": "read",
        "reference": "invented",
        "note": "",
        "table": "invented",
    }
    return {**values, **given}


def evidence(rows: Iterable[Mapping[str, Any]]) -> Evidence:
    """Return evidence that holds these rows and no others."""
    frame = pd.DataFrame(list(rows))
    for name in ("low", "best", "high"):
        frame[name] = pd.to_numeric(frame[name])
    return load().replace_observations(frame, SOURCES)


def total(rows: Iterable[Mapping[str, Any]], **test: Any) -> Finding:
    """Return the finding on a total on 30 June 2001."""
    values = {
        "kind": "total_at",
        "quantity": "personnel_losses",
        "concept": "killed",
        "side": "AL",
        "date": "2001-06-30",
        "unit": "persons",
        **test,
    }
    return measure(schema.TotalAt.model_validate(values), evidence(rows))
