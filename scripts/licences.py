"""Check the licences of all locked packages against those that are allowed, and write them as a table.

Usage: python scripts/licences.py [--table FILE]

What a package says of itself is read from its installed metadata: the SPDX expression where it has one,
else its licence field, else its classifiers. Where these say nothing clear, the licence was read in the files
of the package and stands in `READ`. A package that is not installed here cannot be read, and is told.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

if __package__ in {None, ""}:
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scripts.locked import DEV_LOCK, LOCK, Locked, read_lock, wanted_here

ALLOWED = {
    "0BSD": "",
    "Apache-2.0": "",
    "Apache-2.0 WITH LLVM-exception": "",
    "BSD-2-Clause": "",
    "BSD-3-Clause": "",
    "CC0-1.0": "",
    "ISC": "",
    "LicenseRef-BSD": "a BSD licence; the package does not say how many clauses",
    "LicenseRef-matplotlib": "a permissive licence after that of Python",
    "LicenseRef-public-domain": "given to the public domain",
    "MIT": "",
    "MIT-CMU": "",
    "MPL-2.0": "a change of its own files stays under it; use and linking do not",
    "PSF-2.0": "",
    "Zlib": "",
}
"""SPDX identifiers that a package may have, with what is to be known of some. None of them asks that software
which uses the package be published under the same licence."""
READ = {
    "axe-playwright-python": ("MIT", "its licence file"),
    "docutils": (
        "LicenseRef-public-domain AND BSD-2-Clause AND 0BSD AND PSF-2.0",
        "its COPYING; a file for an editor, rst.el, is under the GPL and is not installed",
    ),
    "matplotlib": ("LicenseRef-matplotlib", "its licence file"),
    "scoringrules": ("Apache-2.0", "its licence file, where its classifiers name two"),
}
"""Licences that were read in the files of a package, and in which."""
_FIELDS = {
    "2-clause bsd": "BSD-2-Clause",
    "apache 2.0": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache software license 2.0": "Apache-2.0",
    "bsd": "LicenseRef-BSD",
    "bsd 2-clause license": "BSD-2-Clause",
    "bsd 3-clause license": "BSD-3-Clause",
    "isc license": "ISC",
    "mit license": "MIT",
    "psfl": "PSF-2.0",
}
_CLASSIFIERS = {
    "Apache Software License": "Apache-2.0",
    "BSD License": "LicenseRef-BSD",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Public Domain": "LicenseRef-public-domain",
    "Python Software Foundation License": "PSF-2.0",
    "zlib/libpng License": "Zlib",
}
_TOKEN = re.compile(r"\(|\)|[A-Za-z0-9.+-]+")


class Licence(NamedTuple):
    """The licence of a locked package."""

    name: str
    version: str
    expression: str
    """SPDX; empty where it is not known."""
    where: str
    """Where it is said."""
    installed: bool
    """Whether the package is here to be read, in the release that is locked."""

    @property
    def fault(self) -> str:
        """What is wrong with it, or nothing."""
        if not self.installed:
            return ""
        if not self.expression:
            return f"{self.name} {self.version}: its licence is not known; {self.where}"
        refused = refused_of(self.expression)
        return f"{self.name} {self.version}: {refused} is not among those allowed" if refused else ""


def licence_of(locked: Locked) -> Licence:
    """Return the licence of a locked package, from what is installed."""
    if not wanted_here(locked):
        return Licence(locked.name, locked.version, "", f"not wanted here: {locked.marker}", False)
    try:
        about = importlib.metadata.metadata(locked.name)
    except importlib.metadata.PackageNotFoundError:
        return Licence(locked.name, locked.version, "", "not installed", False)
    if about["Version"] != locked.version:
        return Licence(locked.name, locked.version, "", f"release {about['Version']} is installed", False)
    if locked.name in READ:
        return Licence(locked.name, locked.version, *READ[locked.name], True)
    found = told_by(about.get("License-Expression"), about.get("License"), about.get_all("Classifier") or ())
    return Licence(locked.name, locked.version, *found, True)


def told_by(expression: str | None, field: str | None, classifiers: Iterable[str]) -> tuple[str, str]:
    """Return the licence that metadata tell, and where they tell it; of several classifiers all hold."""
    if expression:
        return expression, "SPDX expression"
    text = (field or "").strip()
    first = text.partition("\n")[0].strip()
    if first.casefold() in _FIELDS:
        return _FIELDS[first.casefold()], "licence field"
    if "\n" not in text and _is_spdx(text):
        return text, "licence field"
    named = [one.rpartition(" :: ")[2] for one in classifiers if one.startswith("License ::")]
    named = [one for one in named if one != "OSI Approved"]
    unknown = [one for one in named if one not in _CLASSIFIERS]
    if unknown or not named:
        says = "; ".join(unknown) or first[:60] or "it says none"
        return "", f"it says: {says}. Read its files, and add it to READ or to the tables"
    return " AND ".join(_CLASSIFIERS[one] for one in named), "classifiers"


def _is_spdx(text: str) -> bool:
    words = [word for word in _TOKEN.findall(text) if word not in {"(", ")", "AND", "OR", "WITH"}]
    return bool(words) and all(any(word in one.split() for one in ALLOWED) for word in words)


def refused_of(expression: str) -> str:
    """Return what in an SPDX expression is not allowed, or nothing; of an OR one side is enough.

    Raises:
        ValueError: it is no SPDX expression.
    """
    words = _TOKEN.findall(expression)
    refused = _either(words)
    if words:
        raise ValueError(f"no SPDX expression: {expression!r}")
    return " and ".join(refused)


def _either(words: list[str]) -> list[str]:
    found = _both(words)
    while words and words[0] == "OR":
        words.pop(0)
        other = _both(words)
        found = found and other and [f"{' and '.join(found)} or {' and '.join(other)}"]
    return found


def _both(words: list[str]) -> list[str]:
    found = _one(words)
    while words and words[0] == "AND":
        words.pop(0)
        found = found + _one(words)
    return found


def _one(words: list[str]) -> list[str]:
    if not words or words[0] in {")", "AND", "OR", "WITH"}:
        raise ValueError("an SPDX expression lacks a licence")
    word = words.pop(0)
    if word == "(":
        found = _either(words)
        if not words or words.pop(0) != ")":
            raise ValueError("an SPDX expression lacks a bracket")
        return found
    if words and words[0] == "WITH":
        if len(words) < 2:
            raise ValueError("an SPDX expression lacks an exception")
        word = f"{word} WITH {words[1]}"
        del words[:2]
    return [] if word in ALLOWED else [word]


def licences(*locks: list[Locked]) -> list[Licence]:
    """Return the licences of all that lock files pin, by name and release."""
    # Two lock files may want the same release on different machines.
    every = {(one.name, one.version): one for lock in reversed(locks) for one in lock}
    return [licence_of(every[key]) for key in sorted(every)]


def table(found: Iterable[Licence], with_the_package: Iterable[str]) -> str:
    """Return the licences as a table in Markdown."""
    needed = set(with_the_package)
    lines = [
        "| package | release | licence (SPDX) | said by | needed |",
        "| --- | --- | --- | --- | --- |",
        *(
            f"| {one.name} | {one.version} | {one.expression or '-'} | {one.where} |"
            f" {'to run' if one.name in needed else 'to develop'} |"
            for one in found
        ),
    ]
    return "\n".join(lines) + "\n"


def main(arguments: list[str] | None = None) -> int:
    """Check, and write the table; return 1 where a licence is not allowed or not known."""
    reader = argparse.ArgumentParser(description="Check the licences of all locked packages.")
    reader.add_argument("--table", type=Path, help="file to write them to, as Markdown")
    given = reader.parse_args(arguments)
    runs = read_lock(LOCK)
    found = licences(runs, read_lock(DEV_LOCK))
    faults = [one.fault for one in found if one.fault]
    absent = [f"{one.name} {one.version} ({one.where})" for one in found if not one.installed]
    if given.table is not None:
        given.table.parent.mkdir(parents=True, exist_ok=True)
        given.table.write_text(table(found, [one.name for one in runs]), encoding="utf-8")
        print(f"wrote {given.table}")
    print(f"{len(found) - len(absent)} of {len(found)} locked packages were read, {len(faults)} faults.")
    if absent:
        print(f"Not read: {'; '.join(absent)}.")
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
