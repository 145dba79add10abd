"""Tables and records as files, written whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ceasefire.cli.terminal import terminal
from ceasefire.files import write_atomically

if TYPE_CHECKING:
    import pandas as pd


def as_json(content: Any, path: Path | None) -> None:
    """Write plain data as JSON where a file is named, and say so."""
    if path is None:
        return
    _said(write_atomically(path, json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False) + "\n"))


def frame_as_json(frame: pd.DataFrame, path: Path | None) -> None:
    """Write a table as a JSON list of rows, days as YYYY-MM-DD and what is not known as null."""
    if path is not None:
        text = frame.to_json(
            orient="records", date_format="iso", date_unit="s", force_ascii=False, default_handler=str
        )
        as_json(json.loads(text), path)


def frame_as_csv(frame: pd.DataFrame, path: Path | None) -> None:
    """Write a table as CSV where a file is named, and say so."""
    if path is not None:
        _said(write_atomically(path, frame.to_csv(index=False)))


def _said(path: Path) -> None:
    terminal.out.print(f"written: {path}", markup=False, soft_wrap=True)
