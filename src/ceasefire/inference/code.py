"""Which code made what is kept while a fit is under way: another version of it must not go on from there."""

from __future__ import annotations

import hashlib
from importlib import resources

FIT = (
    "anticipating",
    "calibrating",
    "continuing",
    "diagnosing",
    "figures",
    "filtering",
    "hamiltonian",
    "levelling",
    "lookahead",
    "observing",
    "sampling",
    "target",
)
"""The modules that decide the stages of a calibration; the war and the engine have their own fingerprint."""
FORECAST = (*FIT, "backtesting", "baselines", "forecasting", "scoring", "starting")
"""Those that decide the snapshots and scores of a back-test."""


def source_hash(*modules: str) -> str:
    """Return a hash of the source of modules of this package, named without its name.

    It is for work in progress alone: a finished posterior is stale by the model's fingerprint.

    Raises:
        FileNotFoundError: there is no such module.
    """
    digest = hashlib.sha256()
    for name in modules:
        source = resources.files("ceasefire.inference").joinpath(f"{name}.py").read_bytes()
        digest.update(f"{name} {len(source)}\n".encode() + source)
    return digest.hexdigest()[:16]
