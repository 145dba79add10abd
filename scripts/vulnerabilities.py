"""Look for known faults of the locked releases, as far as a package index and given advisories tell them.

Usage: python scripts/vulnerabilities.py [--lock FILE] [--advisories FILE_OR_FOLDER] [--offline]

It asks the package index that pip is set up for (nothing is downloaded but descriptions of packages): which
locked releases were withdrawn by their makers ("yanked"), whether the files there still have the locked
hashes, and of which packages there are newer releases. With --advisories it also compares the lock with
advisories in the OSV format: a file, a folder of files, or a zip of them, which you fetch yourself. An index
does not tell vulnerabilities: without advisories none are looked for, and the answer says so.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from packaging.version import InvalidVersion, Version

if __package__ in {None, ""}:
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scripts.locked import LOCK, Locked, canonical, read_lock, wanted_here

ECOSYSTEM = "pypi"
LARGEST_ADVISORY = 5_000_000
"""Bytes of one advisory; none has as many."""


@dataclasses.dataclass
class Findings:
    """What was found, and what was not looked for."""

    faults: list[str] = dataclasses.field(default_factory=list)
    """What somebody has to act on."""
    notes: list[str] = dataclasses.field(default_factory=list)
    unchecked: list[str] = dataclasses.field(default_factory=list)


# What an index tells


def ask_index(lock: Path, pip: Sequence[str] = (sys.executable, "-m", "pip")) -> tuple[Any, Any, str]:
    """Return what pip reports of the locked releases and of newer ones, and why not where it cannot.

    Args:
        lock: the lock file.
        pip: the command.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.json"
        # Nothing is installed, and nothing but descriptions is fetched.
        done = subprocess.run(
            [
                *pip, "install", "--dry-run", "--ignore-installed", "--no-deps", "--quiet",
                "--require-hashes", "--requirement", str(lock), "--report", str(path),
            ],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode != 0 or not path.is_file():
            last = (done.stderr.strip().splitlines() or ["pip said nothing"])[-1]
            return None, None, f"the package index could not be asked: {last}"
        report = json.loads(path.read_text(encoding="utf-8"))
    newer = subprocess.run(
        [*pip, "list", "--outdated", "--format", "json"], capture_output=True, text=True, check=False
    )
    return report, json.loads(newer.stdout) if newer.returncode == 0 else None, ""


def read_index(report: Any, newer: Any, lock: list[Locked], found: Findings) -> None:
    """Add what pip reported of an index."""
    locked = {one.name: one for one in lock if wanted_here(one)}
    told = {canonical(one["metadata"]["name"]): one for one in report["install"]}
    for name in sorted(locked):
        one = told.get(name)
        if one is None or one["metadata"]["version"] != locked[name].version:
            found.faults.append(f"{name} {locked[name].version}: the index has no such release any more")
            continue
        if one.get("is_yanked"):
            found.faults.append(
                f"{name} {locked[name].version}: withdrawn (yanked) by its makers; lock another one"
            )
        digest = one.get("download_info", {}).get("archive_info", {}).get("hashes", {}).get("sha256")
        if digest is not None and digest not in locked[name].hashes:
            found.faults.append(f"{name} {locked[name].version}: the index offers a file of another hash")
    if any("is_yanked" not in one for one in report["install"]):
        found.unchecked.append(
            "withdrawn releases: this pip does not tell them, a newer one does (26.3 was tried)"
        )
    if newer is None:
        found.unchecked.append("newer releases: pip could not list them")
        return
    later = [
        f"{canonical(one['name'])} {one['version']} -> {one['latest_version']}"
        for one in newer
        if canonical(one["name"]) in locked
    ]
    if later:
        found.notes.append(
            f"Newer releases of {len(later)} locked packages, which may mend a fault: {'; '.join(later)}."
        )


# Advisories


def advisories(path: Path) -> Iterator[tuple[str, Any]]:
    """Yield the advisories in a file, a folder or a zip, each with the name of its file.

    Raises:
        ValueError: a file that is no JSON, or too large.
        OSError: it cannot be read.
    """
    if path.is_dir():
        for one in sorted(path.rglob("*.json")):
            yield from advisories(one)
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as held:
            for item in sorted(held.infolist(), key=lambda one: one.filename):
                if item.filename.endswith(".json"):
                    if item.file_size > LARGEST_ADVISORY:
                        raise ValueError(f"{item.filename} is too large for an advisory")
                    yield item.filename, _parsed(held.read(item), item.filename)
    else:
        if path.stat().st_size > LARGEST_ADVISORY:
            raise ValueError(f"{path} is too large for an advisory")
        content = _parsed(path.read_bytes(), str(path))
        for one in content if isinstance(content, list) else [content]:
            yield path.name, one


def _parsed(content: bytes, name: str) -> Any:
    try:
        return json.loads(content)
    except ValueError as error:
        raise ValueError(f"{name} is no JSON: {error}") from error


def affects(advisory: Mapping[str, Any], locked: Locked) -> bool:
    """Say whether an advisory in the OSV format speaks of a locked release.

    A range whose versions cannot be compared counts: it is better to look once too often.
    """
    if advisory.get("withdrawn"):
        return False
    for one in advisory.get("affected") or ():
        package = one.get("package") or {}
        if str(package.get("ecosystem", "")).partition(":")[0].lower() != ECOSYSTEM:
            continue
        if canonical(str(package.get("name", ""))) != locked.name:
            continue
        version = Version(locked.version)
        if any(_same(text, version) for text in one.get("versions") or ()):
            return True
        ranges = [given for given in one.get("ranges") or () if given.get("type") in {"ECOSYSTEM", "SEMVER"}]
        if any(_within(given.get("events") or (), version) for given in ranges):
            return True
        if not ranges and not one.get("versions"):
            # It names a package and no release: all of them.
            return True
    return False


def _same(text: Any, version: Version) -> bool:
    try:
        return Version(str(text)) == version
    except InvalidVersion:
        return False


def _within(events: Sequence[Mapping[str, Any]], version: Version) -> bool:
    """Say whether a version lies in a range of events, as OSV evaluates them: in order of version."""
    try:
        steps = sorted(
            (Version("0.dev0") if str(text) == "0" else Version(str(text)), kind)
            for event in events
            for kind, text in event.items()
            if kind in {"introduced", "fixed", "last_affected"}
        )
    except InvalidVersion:
        return True
    inside = False
    for step, kind in steps:
        if kind == "introduced" and version >= step:
            inside = True
        elif (kind == "fixed" and version >= step) or (kind == "last_affected" and version > step):
            inside = False
    return inside


def read_advisories(path: Path, lock: list[Locked], found: Findings) -> None:
    """Add what advisories say of the locked releases.

    Raises:
        ValueError: an advisory that cannot be read.
        OSError: the file cannot be read.
    """
    count, newest = 0, ""
    for name, one in advisories(path):
        if not isinstance(one, Mapping) or not isinstance(one.get("id"), str):
            raise ValueError(f"{name} is no advisory in the OSV format: it has no id")
        count += 1
        newest = max(newest, str(one.get("modified") or one.get("published") or "")[:10])
        for locked in lock:
            if affects(one, locked):
                aliases = ", ".join(map(str, one.get("aliases") or ()))
                summary = " ".join(str(one.get("summary") or "").split())[:160]
                also = f" ({aliases})" if aliases else ""
                found.faults.append(f"{locked.name} {locked.version}: {one['id']}{also} {summary}".rstrip())
    if count == 0:
        raise ValueError(f"{path} holds no advisory")
    dated = f", the newest of {newest}" if newest else ""
    found.notes.append(f"{count:,} advisories were compared{dated}; what is newer is not known here.")


def main(arguments: list[str] | None = None, pip: Sequence[str] = (sys.executable, "-m", "pip")) -> int:
    """Look, and say what was found; return 1 where something was, 2 where nothing could be looked for."""
    reader = argparse.ArgumentParser(description="Look for known faults of the locked releases.")
    reader.add_argument("--lock", type=Path, default=LOCK)
    reader.add_argument("--advisories", type=Path, help="advisories in the OSV format: a file, folder or zip")
    reader.add_argument("--offline", action="store_true", help="do not ask the package index")
    given = reader.parse_args(arguments)
    found = Findings()
    try:
        lock = read_lock(given.lock)
        if given.advisories is None:
            found.unchecked.append(
                "vulnerabilities: a package index does not tell them; give advisories with --advisories"
            )
        else:
            read_advisories(given.advisories, lock, found)
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    asked = False
    if given.offline:
        found.unchecked.append("withdrawn, changed and newer releases: --offline")
    else:
        report, newer, why = ask_index(given.lock, pip)
        asked = report is not None
        if asked:
            read_index(report, newer, lock, found)
        else:
            found.unchecked.append(f"withdrawn, changed and newer releases: {why}")
    others = [one for one in lock if not wanted_here(one)]
    if asked and others:
        names = ", ".join(f"{one.name} {one.version}" for one in others)
        found.unchecked.append(f"on the index, releases for other machines and Pythons: {names}")
    for line in found.notes:
        print(line)
    for line in found.unchecked:
        print(f"Not checked: {line}.")
    print(f"{len(lock)} locked releases, {len(found.faults)} with something to act on.")
    for line in found.faults:
        print(line, file=sys.stderr)
    if found.faults:
        return 1
    return 0 if asked or given.advisories is not None else 2


if __name__ == "__main__":
    sys.exit(main())
