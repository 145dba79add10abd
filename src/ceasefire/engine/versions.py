"""Files of another version of the model: they say that their numbers are not those of the model as it is."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import xarray as xr

import ceasefire
from ceasefire.engine.fingerprint import model_fingerprint
from ceasefire.files.formats import check_format

ANOTHER_MODEL = "another_model"
"""The attribute in which a result of another model that was read says so; no file has it."""


class AnotherModelWarning(UserWarning):
    """What was read is of another version of the model."""


def of_another_model(about: Mapping[Any, Any], mechanisms: frozenset[str] | None = None) -> str:
    """Return a sentence where a file is of another model than the one there is now, or nothing.

    Args:
        about: what the file says of itself: `model_fingerprint` and, where it has it, `version`.
        mechanisms: the optional mechanisms that count for it; all of them where not given.
    """
    made, now = str(about.get("model_fingerprint", "unknown")), model_fingerprint(mechanisms)
    if made == now:
        return ""
    version = f"version {about['version']}, " if "version" in about else ""
    return (
        f"This is of another version of the model ({version}model {made}); the model is now {now} (version"
        f" {ceasefire.__version__}), and its numbers may be others."
    )


def check_result(result: xr.Dataset, where: str) -> None:
    """Refuse a result of a newer format; note in one of another model that it is, and warn.

    Raises:
        InputError: its format is not known.
    """
    check_format(result.attrs, "result", where)
    result.attrs.pop(ANOTHER_MODEL, None)
    said = of_another_model(result.attrs)
    if said:
        result.attrs[ANOTHER_MODEL] = said
        warnings.warn(f"{where}: {said}", AnotherModelWarning, stacklevel=4)


def note_of(about: Mapping[Any, Any]) -> str:
    """Return the sentence that a result of another model carries, or nothing."""
    return str(about.get(ANOTHER_MODEL, ""))
