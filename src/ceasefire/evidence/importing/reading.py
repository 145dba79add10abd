"""Reading files that a user has on disk, with the row and column of every fault.

Rows are counted as a spreadsheet counts them: the header of a CSV file is row 1.
"""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import functools
import io
import json
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ceasefire.files import InputError, suggest
from ceasefire.files.errors import control_in

MAX_BYTES = 200_000_000
EARLIEST, LATEST = dt.date(1800, 1, 1), dt.date(2200, 1, 1)
SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}


@dataclasses.dataclass(frozen=True)
class Row:
    """One row of a file: its values by column, and where it stands."""

    name: str
    number: int
    values: dict[str, Any]

    def fault(self, column: str, what: str, todo: str) -> InputError:
        """Return the error for a value of this row."""
        return InputError(what, f"{self.name}, row {self.number}, column '{column}'", todo)

    def text(self, column: str) -> str:
        """Return a text, which must not be empty."""
        value = str(self.values.get(column) or "").strip()
        if not value:
            raise self.fault(column, f"'{column}' is empty.", "give it a value, or leave the row out.")
        if control_in(value):
            raise self.fault(column, f"'{value}' holds a control character.", "take it out.")
        return value

    def day(self, column: str, formats: Sequence[str], todo: str) -> dt.date:
        """Return a day written in one of the formats."""
        text = self.text(column)
        day = _day(text, tuple(formats))
        if day is None:
            raise self.fault(column, f"'{text}' is not a day.", todo)
        if not EARLIEST <= day <= LATEST:
            raise self.fault(column, f"{day} is not between {EARLIEST} and {LATEST}.", "check the year.")
        return day

    def count(self, column: str, *, empty: bool = False) -> int | None:
        """Return a whole number of at least 0, thousands separated by commas or not.

        With `empty`, a value that is missing is None; it is never read as 0.
        """
        value = self.values.get(column)
        if value is None or (isinstance(value, float) and math.isnan(value)) or str(value).strip() == "":
            if empty:
                return None
            raise self.fault(column, f"'{column}' is empty.", "give a whole number; missing is not 0.")
        text = str(value).strip()
        groups = text.split(",")
        if len(groups) > 1 and all(len(group) == 3 for group in groups[1:]):
            text = "".join(groups)
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if isinstance(value, bool) or not math.isfinite(number) or number != int(number):
            raise self.fault(
                column, f"'{value}' is not a whole number.", "give a whole number of at least 0."
            )
        if number < 0:
            raise self.fault(column, f"{text} is below 0.", "give a whole number of at least 0.")
        return int(number)


@functools.lru_cache(maxsize=10_000)
def _day(text: str, formats: tuple[str, ...]) -> dt.date | None:
    """Return a day in the first of the formats that fits; events of one day repeat it many times."""
    for form in formats:
        try:
            return dt.datetime.strptime(text, form).date()
        except ValueError:
            continue
    return None


def read_bytes(path: Path) -> bytes:
    """Read a file whole.

    Raises:
        InputError: no such file, a folder, too large, empty, or not readable.
    """
    name = path.name
    try:
        if path.is_dir():
            raise InputError("this is a folder, not a file.", name, "name the file to import.")
        if path.exists() and not path.is_file():
            raise InputError("this is a device or a pipe, not a file.", name, "name the file to import.")
        size = path.stat().st_size
        if size > MAX_BYTES:
            what = f"the file is too large: {size / 1e6:.0f} MB, the limit is {MAX_BYTES / 1e6:.0f} MB."
            raise InputError(what, name, "export fewer years or countries at a time.")
        content = path.read_bytes()
    except FileNotFoundError:
        raise InputError("there is no such file.", str(path), "check the name and the folder.") from None
    except OSError as error:
        raise InputError(
            f"the file could not be read: {error.strerror}.", name, "check its name and rights."
        ) from None
    except ValueError:
        raise InputError("no file can have this name.", name, "check the name.") from None
    if not content.strip():
        raise InputError("the file is empty.", name, "export it again.")
    return content


def decode(content: bytes, name: str) -> str:
    """Return the text of a UTF-8 file.

    Raises:
        InputError: the bytes are not UTF-8; says in which row.
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
        raise InputError("the file is not UTF-8 text.", f"{name}, row {row}", "save it as UTF-8.") from None


def csv_rows(text: str, name: str, required: Sequence[str]) -> Iterator[Row]:
    """Yield the rows of a comma-separated text.

    Raises:
        InputError: another separator, a required column missing or named twice, a row with more or fewer
            cells than the header, or a quote that is not closed.
    """
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    number = 0
    try:
        header = [column.strip() for column in next(reader)]
        _check_header(header, name, required)
        number = reader.line_num + 1
        for cells in reader:
            if cells:
                if len(cells) != len(header):
                    what = f"the row has {len(cells)} cells, the header {len(header)}."
                    raise InputError(what, f"{name}, row {number}", "check commas and quotes in this row.")
                yield Row(name, number, dict(zip(header, cells, strict=True)))
            number = reader.line_num + 1
    except csv.Error as error:
        raise InputError(
            f"the row cannot be read: {error}.",
            f"{name}, row {max(number, 1)}",
            "check its commas and quotes.",
        ) from None


def _check_header(header: list[str], name: str, required: Sequence[str]) -> None:
    missing = [column for column in required if column not in header]
    if missing:
        joined = ",".join(header)
        for separator, word in SEPARATORS.items():
            if all(column in joined.split(separator) for column in required):
                raise InputError(
                    f"the columns are separated by {word}.", f"{name}, row 1", "export the file with commas."
                )
        what = f"the column '{missing[0]}' is missing."
        raise InputError(what, f"{name}, row 1", _nearest(missing[0], header))
    for column in required:
        if header.count(column) > 1:
            raise InputError(f"the column '{column}' stands twice.", f"{name}, row 1", "keep one of the two.")


def _nearest(column: str, header: list[str]) -> str:
    hint = suggest(column, [word for word in header if word])
    if hint.startswith("did you mean"):
        return f"rename the column {hint.removeprefix('did you mean ').rstrip('?')} to '{column}'."
    return "check that the format is the right one."


class _NotANumberError(Exception):
    """NaN or Infinity, which JSON does not have and Python reads."""


def _not_a_number(word: str) -> float:
    raise _NotANumberError(word)


def json_rows(text: str, name: str) -> Iterator[Row]:
    """Yield the entries of a JSON list of objects; the first entry is row 1.

    Raises:
        InputError: not JSON, not a list of objects, or nested too deeply.
    """
    try:
        data = json.loads(text, parse_constant=_not_a_number)
    except _NotANumberError as error:
        line = text[: text.find(str(error))].count("\n") + 1
        where = f"{name}, line {line}"
        raise InputError(f"'{error}' is not a number.", where, "write the figure, or leave it out.") from None
    except json.JSONDecodeError as error:
        where = f"{name}, line {error.lineno}, column {error.colno}"
        raise InputError(f"this is not JSON: {error.msg}.", where, "download the file again.") from None
    except ValueError:
        raise InputError("a number in the file is too large.", name, "download the file again.") from None
    except RecursionError:
        raise InputError("the file nests too deeply.", name, "use a list of plain entries.") from None
    if not isinstance(data, list) or not data:
        raise InputError("this is not a list of entries.", name, "use a JSON list with one entry a day.")
    for number, entry in enumerate(data, start=1):
        if not isinstance(entry, dict):
            where = f"{name}, row {number}"
            raise InputError(f"'{entry}' is not an entry.", where, 'write an entry as {"date": ...}.')
        yield Row(name, number, entry)
