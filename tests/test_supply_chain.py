"""What is locked: its hashes, licences, bill of materials, and what can be known of its faults."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from scripts import licences, sbom, vulnerabilities
from scripts.locked import DEV_LOCK, LOCK, Locked, read_lock, wanted_here

HASH = "0" * 64
LOCKED = Locked("numpy", "2.4.6", "", (HASH,))
SKIPPED = importlib.util.find_spec("cyclonedx_py") is None


def lock_file(folder: Path, *lines: str) -> Path:
    path = folder / "some.lock"
    path.write_text("# a lock file\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return path


def pin(name: str, version: str = "1.0", more: str = "", digest: str = HASH) -> str:
    return f"{name}=={version}{more} \\\n    --hash=sha256:{digest}"


# Lock files


@pytest.mark.parametrize("path", [LOCK, DEV_LOCK], ids=lambda path: path.name)
def test_every_locked_release_has_hashes(path: Path) -> None:
    found = read_lock(path)
    text = path.read_text(encoding="utf-8")
    assert len(found) == len(re.findall(r"^\S+==", text, re.MULTILINE)) > 50
    assert sum(len(one.hashes) for one in found) == text.count("--hash=sha256:")
    assert all(one.hashes for one in found)


def test_a_lock_file_is_read_with_its_markers(tmp_path: Path) -> None:
    path = lock_file(tmp_path, pin("Some.Name", more=" ; sys_platform == 'beos'"), pin("other"))
    first, second = read_lock(path)
    assert first == Locked("some-name", "1.0", "sys_platform == 'beos'", (HASH,))
    assert (wanted_here(first), wanted_here(second)) == (False, True)


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (["numpy==1.0"], "no release with hashes"),
        (["numpy>=1.0 --hash=sha256:" + HASH], "no release with hashes"),
        (["-r other.txt"], "no release with hashes"),
        ([pin("numpy"), pin("numpy")], "pinned twice"),
    ],
)
def test_a_lock_that_does_not_hold_is_refused(tmp_path: Path, lines: list[str], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        read_lock(lock_file(tmp_path, *lines))


# Licences


def test_the_licence_of_every_locked_package_is_known_and_allowed() -> None:
    found = licences.licences(read_lock(LOCK), read_lock(DEV_LOCK))
    assert [one.fault for one in found if one.fault] == []
    read = [one for one in found if one.installed]
    assert len(read) > 0.85 * len(found)
    absent = [one for one in found if not one.installed and not one.where.startswith("not wanted here")]
    assert absent == [], "what is installed is not what is locked: make lint"


@pytest.mark.parametrize(
    ("expression", "refused"),
    [
        ("MIT", ""),
        ("GPL-3.0-only", "GPL-3.0-only"),
        ("MIT OR GPL-3.0-only", ""),
        ("GPL-2.0-only OR GPL-3.0-only", "GPL-2.0-only or GPL-3.0-only"),
        ("MIT AND GPL-3.0-only", "GPL-3.0-only"),
        ("MPL-2.0 AND (Apache-2.0 OR MIT)", ""),
        ("MPL-2.0 AND (AGPL-3.0-only OR SSPL-1.0)", "AGPL-3.0-only or SSPL-1.0"),
        ("Apache-2.0 WITH LLVM-exception", ""),
        ("GPL-2.0-only WITH Classpath-exception-2.0", "GPL-2.0-only WITH Classpath-exception-2.0"),
        ("MIT OR GPL-3.0-only AND LGPL-2.1-only", ""),
    ],
)
def test_an_expression_is_allowed_as_it_is_built(expression: str, refused: str) -> None:
    assert licences.refused_of(expression) == refused


@pytest.mark.parametrize(
    "expression", ["", "MIT AND", "(MIT", "MIT)", "OR MIT", "MIT WITH", "MIT BSD-3-Clause"]
)
def test_what_is_no_expression_is_refused(expression: str) -> None:
    with pytest.raises(ValueError, match="SPDX"):
        licences.refused_of(expression)


@pytest.mark.parametrize(
    ("expression", "field", "classifiers", "found"),
    [
        ("MIT", "something", [], "MIT"),
        (None, "BSD-3-Clause", ["License :: OSI Approved :: BSD License"], "BSD-3-Clause"),
        (None, "BSD 3-Clause License\n\nCopyright", [], "BSD-3-Clause"),
        (None, "Copyright 2020 somebody\nAll that", ["License :: OSI Approved :: MIT License"], "MIT"),
        (
            None, None,
            ["License :: OSI Approved :: MIT License", "License :: OSI Approved :: Apache Software License"],
            "MIT AND Apache-2.0",
        ),
        (None, "GPL-3.0", [], ""),
        (None, None, ["License :: OSI Approved :: GNU General Public License (GPL)"], ""),
        (None, None, ["License :: OSI Approved"], ""),
        (None, None, [], ""),
    ],
)  # fmt: skip
def test_what_a_package_says_of_its_licence(
    expression: str | None, field: str | None, classifiers: list[str], found: str
) -> None:
    assert licences.told_by(expression, field, classifiers)[0] == found


def test_a_licence_that_is_not_allowed_or_not_known_fails_the_check(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert licences.main(["--table", str(tmp_path / "all.md")]) == 0
    assert "| numpy |" in (tmp_path / "all.md").read_text(encoding="utf-8")
    monkeypatch.setitem(licences.READ, "numpy", ("AGPL-3.0-only", "its licence file"))
    monkeypatch.setitem(licences.READ, "scipy", ("", "it says nothing"))
    capsys.readouterr()
    assert licences.main([]) == 1
    said = capsys.readouterr().err
    assert "AGPL-3.0-only is not among those allowed" in said
    assert "scipy" in said
    assert "its licence is not known" in said


def test_licences_that_were_read_by_hand_are_of_locked_packages_that_do_not_say_them() -> None:
    names = {one.name for one in read_lock(DEV_LOCK)}
    assert set(licences.READ) <= names
    assert not any(licences.refused_of(expression) for expression, _ in licences.READ.values())


# The bill of materials


def environment_of(*names: str, version: str = "1.0") -> dict[str, Any]:
    parts = [{"bom-ref": f"{name}=={version}", "name": name, "version": version} for name in names]
    return {
        "$schema": "a schema",
        "bomFormat": "CycloneDX",
        "specVersion": sbom.SPEC,
        "metadata": {
            "component": {
                "bom-ref": "root",
                "name": "ceasefire",
                "externalReferences": [{"url": "https://x"}],
            },
            "tools": {
                "components": [{"type": "library", "name": "t", "version": "1", "externalReferences": []}]
            },
        },
        "components": parts,
        "dependencies": [
            {"ref": "root", "dependsOn": [f"{names[0]}=={version}"]},
            {"ref": f"{names[0]}=={version}", "dependsOn": [part["bom-ref"] for part in parts[1:]]},
        ],
    }


def test_a_bill_holds_what_is_locked_with_hashes_and_what_needs_what() -> None:
    elsewhere = Locked("elsewhere", "3.0", "sys_platform == 'beos'", ("2" * 64,))
    lock = [Locked("a", "1.0", "", ("1" * 64, HASH)), Locked("b-c", "1.0", "", (HASH,)), elsewhere]
    found = sbom.bill(environment_of("a", "B_C", "not-locked"), lock)
    assert [one["purl"] for one in found["components"]] == [
        "pkg:pypi/a@1.0", "pkg:pypi/b-c@1.0", "pkg:pypi/elsewhere@3.0"
    ]  # fmt: skip
    (files,) = found["components"][0]["externalReferences"]
    assert [one["content"] for one in files["hashes"]] == [HASH, "1" * 64]
    assert found["components"][2]["properties"][0]["value"] == elsewhere.marker
    assert found["dependencies"] == [
        {"ref": "pkg:pypi/a@1.0", "dependsOn": ["pkg:pypi/b-c@1.0"]},
        {"ref": "pkg:pypi/b-c@1.0", "dependsOn": []},
        {"ref": "root", "dependsOn": ["pkg:pypi/a@1.0"]},
    ]
    assert "https" not in json.dumps(found)


def test_a_bill_of_what_is_not_installed_is_refused() -> None:
    with pytest.raises(sbom.SbomError, match=r"a 1\.0, not 2\.0; b is absent, not 1\.0"):
        sbom.bill(environment_of("a"), [Locked("a", "2.0", "", (HASH,)), Locked("b", "1.0", "", (HASH,))])


def test_a_bill_without_the_tool_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sbom, "TOOL", "no_such_tool_as_this")
    assert sbom.main(["--out", str(tmp_path / "sbom.json")]) == 1
    assert "to do:" in capsys.readouterr().err
    assert not (tmp_path / "sbom.json").exists()


@pytest.mark.thorough
@pytest.mark.skipif(SKIPPED, reason="cyclonedx-bom is not installed (the extra supply-chain)")
def test_the_bill_follows_the_schema_is_the_same_twice_and_names_no_index(tmp_path: Path) -> None:
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    assert sbom.main(["--out", str(first)]) == 0
    assert sbom.main(["--out", str(second)]) == 0
    text = first.read_text(encoding="utf-8")
    assert text == second.read_text(encoding="utf-8")
    found = json.loads(text)
    assert len(found["components"]) == len(read_lock(LOCK))
    assert re.findall(r"https?://[^\"]*", text) == [found["$schema"]]
    licensed = [one for one in found["components"] if one.get("licenses")]
    assert len(licensed) == sum(map(wanted_here, read_lock(LOCK)))
    broken = json.loads(text)
    del broken["components"][0]["name"]
    with pytest.raises(sbom.SbomError, match="schema"):
        sbom.check(json.dumps(broken))


# Faults


def osv(name: str = "NumPy", ecosystem: str = "PyPI", **more: Any) -> dict[str, Any]:
    given = {"package": {"ecosystem": ecosystem, "name": name}, **more}
    return {"id": "TEST-2026-1", "aliases": ["CVE-0"], "summary": "It fails.", "affected": [given]}


def ranged(*events: dict[str, str], kind: str = "ECOSYSTEM") -> dict[str, Any]:
    return {"ranges": [{"type": kind, "events": list(events)}]}


@pytest.mark.parametrize(
    ("advisory", "affected"),
    [
        (osv(versions=["2.4.5", "2.4.6"]), True),
        (osv(versions=["2.4.5"]), False),
        (osv(name="num_py", versions=["2.4.6"]), False),
        (osv(ecosystem="npm", versions=["2.4.6"]), False),
        (osv(**ranged({"introduced": "0"})), True),
        (osv(**ranged({"introduced": "0"}, {"fixed": "2.4.6"})), False),
        (osv(**ranged({"introduced": "0"}, {"fixed": "2.4.7"})), True),
        (osv(**ranged({"introduced": "2.4.7"})), False),
        (osv(**ranged({"introduced": "2.4.6rc1"}, {"fixed": "2.10"})), True),
        (osv(**ranged({"introduced": "0"}, {"last_affected": "2.4.6"})), True),
        (osv(**ranged({"introduced": "0"}, {"last_affected": "2.4.5"})), False),
        (osv(**ranged({"introduced": "0"}, {"fixed": "1.0"}, {"introduced": "2.0"}, {"fixed": "3.0"})), True),
        (osv(**ranged({"introduced": "0"}, {"fixed": "2.0"}, {"introduced": "2.5"})), False),
        (osv(**ranged({"introduced": "what"}, {"fixed": "1.0"})), True),
        (osv(**ranged({"introduced": "0"}, kind="GIT")), True),
        (osv(), True),
        (osv() | {"withdrawn": "2026-01-01T00:00:00Z"}, False),
    ],
)
def test_an_advisory_affects_the_releases_that_it_names(advisory: dict[str, Any], affected: bool) -> None:
    assert vulnerabilities.affects(advisory, LOCKED) is affected


@pytest.mark.parametrize("kind", ["file", "list", "folder", "zip"])
def test_advisories_are_read_from_a_file_a_folder_or_a_zip(
    tmp_path: Path, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    lock = lock_file(tmp_path, pin("numpy", "2.4.6"), pin("other"))
    text = json.dumps([osv(versions=["2.4.6"])] if kind == "list" else osv(versions=["2.4.6"]))
    given = tmp_path / "advisories"
    if kind == "folder":
        given.mkdir()
        (given / "one.json").write_text(text, encoding="utf-8")
        (given / "read me.txt").write_text("no advisory", encoding="utf-8")
    elif kind == "zip":
        with zipfile.ZipFile(given, "w") as held:
            held.writestr("one.json", text)
    else:
        given.write_text(text, encoding="utf-8")
    arguments = ["--lock", str(lock), "--advisories", str(given), "--offline"]
    assert vulnerabilities.main(arguments) == 1
    said = capsys.readouterr()
    assert said.err.strip() == "numpy 2.4.6: TEST-2026-1 (CVE-0) It fails."
    assert "1 advisories were compared" in said.out
    assert "Not checked: withdrawn, changed and newer releases: --offline." in said.out


@pytest.mark.parametrize("content", ["", "no json", "{}", "[]", "[1]", '{"id": 1}'])
def test_what_is_no_advisory_is_refused(tmp_path: Path, content: str) -> None:
    given = tmp_path / "advisories.json"
    given.write_text(content, encoding="utf-8")
    lock = lock_file(tmp_path, pin("numpy"))
    assert vulnerabilities.main(["--lock", str(lock), "--advisories", str(given), "--offline"]) == 2
    assert (
        vulnerabilities.main(["--lock", str(lock), "--advisories", str(tmp_path / "none"), "--offline"]) == 2
    )


def told(name: str, version: str = "1.0", digest: str = HASH, **more: Any) -> dict[str, Any]:
    return {
        "metadata": {"name": name, "version": version},
        "download_info": {"archive_info": {"hashes": {"sha256": digest}}},
        **more,
    }


def fake_pip(
    folder: Path, report: list[dict[str, Any]], newer: list[dict[str, str]], code: int = 0
) -> list[str]:
    """Return a command that answers as pip does."""
    program = folder / "pip.py"
    program.write_text(
        "import json, sys\n"
        "if 'install' in sys.argv:\n"
        "    assert '--dry-run' in sys.argv and '--require-hashes' in sys.argv\n"
        f"    report = {report!r}\n"
        "    open(sys.argv[sys.argv.index('--report') + 1], 'w').write(json.dumps({'install': report}))\n"
        f"    sys.stderr.write('the index does not answer\\n' if {code} else '')\n"
        f"    sys.exit({code})\n"
        f"print(json.dumps({newer!r}))\n",
        encoding="utf-8",
    )
    return [sys.executable, str(program)]


def test_what_an_index_tells_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lock = lock_file(tmp_path, *(pin(name) for name in ("good", "yanked", "changed", "gone")))
    report = [
        told("good", is_yanked=False),
        told("Yanked", is_yanked=True),
        told("changed", digest="1" * 64, is_yanked=False),
    ]
    newer = [
        {"name": "Good", "version": "1.0", "latest_version": "1.1"},
        {"name": "not-locked", "version": "1", "latest_version": "2"},
    ]
    assert vulnerabilities.main(["--lock", str(lock)], fake_pip(tmp_path, report, newer)) == 1
    said = capsys.readouterr()
    assert said.err.splitlines() == [
        "changed 1.0: the index offers a file of another hash",
        "gone 1.0: the index has no such release any more",
        "yanked 1.0: withdrawn (yanked) by its makers; lock another one",
    ]
    assert "Newer releases of 1 locked packages, which may mend a fault: good 1.0 -> 1.1." in said.out
    assert "Not checked: vulnerabilities: a package index does not tell them" in said.out


def test_what_could_not_be_looked_for_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lock = lock_file(tmp_path, pin("good"), pin("elsewhere", more=" ; sys_platform == 'beos'"))
    assert vulnerabilities.main(["--lock", str(lock)], fake_pip(tmp_path, [told("good")], [])) == 0
    said = capsys.readouterr().out
    assert "Not checked: withdrawn releases: this pip does not tell them" in said
    assert "releases for other machines and Pythons: elsewhere 1.0" in said
    assert vulnerabilities.main(["--lock", str(lock)], fake_pip(tmp_path, [], [], code=1)) == 2
    said = capsys.readouterr().out
    assert "the package index could not be asked: the index does not answer" in said
    assert "vulnerabilities: a package index does not tell them" in said
