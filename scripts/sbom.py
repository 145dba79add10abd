"""Write a software bill of materials (CycloneDX, JSON) of what a lock file pins: releases, hashes, licences.

Usage: python scripts/sbom.py [--lock requirements.lock] [--out out/sbom.json]

The components and what each needs are read from the installed environment by cyclonedx-bom, which fetches
nothing; the hashes of the files that may be installed come from the lock file, the licences from
`licences.py`. A release that is wanted on other machines only is listed with its hashes and a property that
says so. The result is the same each time, carries no time and no address of a package index, and is checked
against the schema before it is written.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

if __package__ in {None, ""}:
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scripts.licences import licence_of
from scripts.locked import LOCK, ROOT, Locked, canonical, read_lock, wanted_here

TOOL = "cyclonedx_py"
SPEC = "1.6"
Bom = dict[str, Any]


class SbomError(Exception):
    """The bill cannot be written; the text says why and what to do."""


def environment(python: str = sys.executable) -> Bom:
    """Return what cyclonedx-bom says of an environment.

    Raises:
        SbomError: it is not installed, or fails.
    """
    command = [
        sys.executable, "-m", TOOL, "environment", python, "--pyproject", str(ROOT / "pyproject.toml"),
        "--spec-version", SPEC, "--output-reproducible", "--output-format", "JSON", "--output-file", "-",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise SbomError(
            f"the environment cannot be read: {last}\n"
            "  to do: make lint installs what is needed, or install the extra: .[supply-chain]"
        )
    found: Bom = json.loads(done.stdout)
    return found


def bill(read: Bom, lock: list[Locked]) -> Bom:
    """Return the bill of what a lock file pins.

    Args:
        read: what cyclonedx-bom said of the environment.
        lock: the releases of the lock file.

    Raises:
        SbomError: what is installed is not what is locked.
    """
    there = {canonical(one["name"]): one for one in read["components"]}
    wanted = {one.name: one for one in lock if wanted_here(one)}
    wrong = [
        f"{one.name} {there[one.name]['version'] if one.name in there else 'is absent'}, not {one.version}"
        for one in wanted.values()
        if one.name not in there or there[one.name]["version"] != one.version
    ]
    if wrong:
        raise SbomError(
            f"what is installed is not what is locked: {'; '.join(wrong)}\n"
            "  to do: make lint installs what is locked"
        )
    kept = {there[name]["bom-ref"]: _ref(one) for name, one in wanted.items()}
    root = read["metadata"]["component"]
    kept[root["bom-ref"]] = root["bom-ref"]
    # The package stands in its environment too; there it is the root.
    kept |= {
        one["bom-ref"]: root["bom-ref"] for name, one in there.items() if name == canonical(root["name"])
    }
    needs: dict[str, set[str]] = {ref: set() for ref in (*map(_ref, wanted.values()), root["bom-ref"])}
    for one in read["dependencies"]:
        if one["ref"] in kept:
            needs[kept[one["ref"]]] |= {kept[other] for other in one.get("dependsOn", ()) if other in kept}
    root_needs = needs[root["bom-ref"]] - {root["bom-ref"]}
    return {
        "$schema": read["$schema"],
        "bomFormat": read["bomFormat"],
        "specVersion": read["specVersion"],
        "version": 1,
        "metadata": {
            "component": {name: value for name, value in root.items() if name != "externalReferences"},
            "tools": {
                "components": [
                    {name: one[name] for name in ("type", "name", "version") if name in one}
                    for one in read["metadata"].get("tools", {}).get("components", [])
                ]
            },
        },
        "components": [_component(one) for one in sorted(lock)],
        "dependencies": [
            {"ref": ref, "dependsOn": sorted(root_needs if ref == root["bom-ref"] else others)}
            for ref, others in sorted(needs.items())
        ],
    }


def _ref(locked: Locked) -> str:
    return f"pkg:pypi/{locked.name}@{locked.version}"


def _component(locked: Locked) -> Bom:
    found: Bom = {
        "type": "library",
        "bom-ref": _ref(locked),
        "name": locked.name,
        "version": locked.version,
        "purl": _ref(locked),
        # One address for all files of the release: an index is whatever the machine is set up for.
        "externalReferences": [
            {
                "type": "distribution",
                "url": _ref(locked),
                "comment": "the files of the release that the lock file allows",
                "hashes": [{"alg": "SHA-256", "content": one} for one in sorted(locked.hashes)],
            }
        ],
    }
    licence = licence_of(locked)
    if licence.expression:
        found["licenses"] = [{"expression": licence.expression, "acknowledgement": "declared"}]
    if locked.marker:
        found["properties"] = [{"name": "ceasefire:wanted-where", "value": locked.marker}]
    return found


def check(text: str) -> None:
    """Check a bill against the schema of CycloneDX.

    Raises:
        SbomError: it is not one.
    """
    try:
        from cyclonedx.schema import SchemaVersion
        from cyclonedx.validation.json import JsonStrictValidator
    except ImportError as error:
        raise SbomError("cyclonedx-bom is not installed: install the extra .[supply-chain]") from error
    fault = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if fault is not None:
        raise SbomError(f"the bill does not follow the schema: {fault}")


def main(arguments: list[str] | None = None) -> int:
    """Write the bill; return 1 where that is not possible."""
    reader = argparse.ArgumentParser(description="Write a software bill of materials of a lock file.")
    reader.add_argument("--lock", type=Path, default=LOCK)
    reader.add_argument("--out", type=Path, default=ROOT / "out" / "sbom.json")
    given = reader.parse_args(arguments)
    try:
        lock = read_lock(given.lock)
        text = json.dumps(bill(environment(), lock), indent=1, ensure_ascii=False, sort_keys=True) + "\n"
        check(text)
    except (OSError, ValueError, SbomError) as error:
        print(error, file=sys.stderr)
        return 1
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(text, encoding="utf-8")
    print(f"wrote {given.out}: {len(lock)} releases")
    return 0


if __name__ == "__main__":
    sys.exit(main())
