"""The house holds: layers, public names, lock files, and what may not stand in the repository."""

from __future__ import annotations

import ast
import importlib
import importlib.metadata
import inspect
import itertools
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer

from tests import public_names as public
from tests.repository import ROOT, tracked_text
from tests.shingles import kept, shingles

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LAYERS = PROJECT["tool"]["importlinter"]["contracts"][0]["layers"]
LOCKS = ["requirements.lock", "requirements-dev.lock"]


# Layers


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [Path(sys.executable).with_name("lint-imports"), "--no-logo", "--no-cache"]
    environment = {"PYTHONPATH": str(folder / "src"), "PATH": ""}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_every_room_imports_only_from_rooms_below_it() -> None:
    done = lint_imports(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("room", "line", "contract"),
    [
        ("files", "import ceasefire.war", "The house: data and control flow downward only"),
        ("war", "import ceasefire.files", "The war knows nothing of evidence or files"),
        ("charts", "import ceasefire.evidence", "Charts take labelled data only"),
    ],
)
def test_an_import_against_the_layers_is_found(tmp_path: Path, room: str, line: str, contract: str) -> None:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    with (tmp_path / "src" / "ceasefire" / room / "__init__.py").open("a", encoding="utf-8") as stream:
        stream.write(f"\n{line}\n")
    done = lint_imports(tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"{contract} BROKEN" in done.stdout


def test_a_room_that_no_layer_lists_is_found(tmp_path: Path) -> None:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "src" / "ceasefire" / "attic").mkdir()
    (tmp_path / "src" / "ceasefire" / "attic" / "__init__.py").touch()
    done = lint_imports(tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "attic" in done.stdout


@pytest.mark.parametrize("page", ["docs/model.md", "README.md"])
def test_the_rooms_that_the_docs_name_are_the_rooms_there_are_in_the_order_of_the_layers(page: str) -> None:
    table = re.findall(r"^\| `(\w+)` \|", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE)
    there = [layer.strip("()") for layer in LAYERS]
    built = {room.removeprefix("ceasefire.") for room in public.rooms()}
    assert table == [layer for layer in there if layer in built]


def test_every_package_that_the_code_imports_is_asked_for() -> None:
    imported = {
        name.partition(".")[0]
        for path in (ROOT / "src").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in names_imported(node)
    }
    foreign = imported - set(sys.stdlib_module_names) - {"ceasefire"}
    distributions = importlib.metadata.packages_distributions()
    extras = PROJECT["project"]["optional-dependencies"]
    # What is imported only where an extra is installed is asked for there.
    optional = (extras[name] for name in ("baselines", "cluster", "sensitivity"))
    wanted = [*PROJECT["project"]["dependencies"], *itertools.chain(*optional)]
    asked = {re.split(r"[<>=~! \[;]", name)[0].lower() for name in wanted}
    # What is not installed here is known by its own name.
    needed = {name: {found.lower() for found in distributions.get(name, [name])} for name in foreign}
    assert {name for name, found in needed.items() if not found & asked} == set()


def names_imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        return [node.module]
    return []


SHOWN = [
    (path.relative_to(ROOT).as_posix(), line)
    for path in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
    for line in re.findall(r"^\$ (?:\.venv/bin/)?ceasefire (.+)$", path.read_text(encoding="utf-8"), re.M)
]


@pytest.mark.parametrize(("page", "line"), SHOWN)
def test_a_command_that_the_docs_show_exists_with_the_options_shown(page: str, line: str) -> None:
    app = importlib.import_module("ceasefire.cli.app").app
    command: Any = typer.main.get_command(app)
    words = line.split()
    while hasattr(command, "commands"):
        word = words.pop(0)
        assert word in command.commands, f"{page}: there is no command '{word}' in: ceasefire {line}"
        command = command.commands[word]
    options = {name for parameter in command.params for name in parameter.opts}
    assert {word for word in words if word.startswith("--")} - options == set()


# Public names


def order(name: str) -> tuple[int, list[str | int]]:
    """Return where ruff sorts a name: constants, then classes, then the rest; numbers by their value."""
    rank = 0 if name.isupper() else 1 if name[0].isupper() else 2
    parts = re.split(r"(\d+)", name)
    return rank, [int(part) if part.isdigit() else part for part in parts]


@pytest.mark.parametrize("room", public.rooms())
def test_each_room_lists_its_public_names_sorted_and_once(room: str) -> None:
    module = importlib.import_module(room)
    assert module.__doc__, f"{room} says nothing of what it is for"
    names = getattr(module, "__all__", None)
    assert isinstance(names, list), f"{room} has no list __all__ in its __init__.py"
    assert names == sorted(set(names), key=order)


@pytest.mark.parametrize("name", public.public_names())
def test_each_public_name_exists_and_says_what_it_is(name: str) -> None:
    room, _, attribute = name.rpartition(".")
    module = importlib.import_module(room)
    assert hasattr(module, attribute), f"{room}.__all__ names {attribute}, which is not there"
    thing = getattr(module, attribute)
    assert not attribute.startswith("_")
    if inspect.isclass(thing) or inspect.isroutine(thing):
        # A class must not pass on what its base class says, nor a dataclass on its signature.
        said = thing.__dict__.get("__doc__") if inspect.isclass(thing) else thing.__doc__
        assert said, f"{name} has no docstring"
        assert not said.startswith(f"{attribute}("), f"{name} has no docstring of its own"


def test_the_public_names_are_the_ones_agreed() -> None:
    agreed = public.KEPT.read_text(encoding="utf-8").split()
    now = public.public_names()
    assert now == agreed, (
        f"new: {sorted(set(now) - set(agreed))}; gone: {sorted(set(agreed) - set(now))}. "
        "If this is meant, run python -m tests.update_public_names and write it into CHANGELOG.md."
    )


# Lock files


def pins(lock: str) -> list[str]:
    """Return the entries of a lock file, one for each release, with their hashes."""
    lines = [line for line in (ROOT / lock).read_text(encoding="utf-8").splitlines() if line[:1] != "#"]
    return re.sub(r"\\\n\s+", "", "\n".join(lines)).splitlines()


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_file_pins_every_release_with_hashes_and_names_no_index(lock: str) -> None:
    entries = pins(lock)
    assert len(entries) > len(PROJECT["project"]["dependencies"])
    pinned = re.compile(r"[a-z0-9][a-z0-9.-]*==[^ ;]+( ; [^-]+?)?( ?--hash=sha256:[0-9a-f]{64})+")
    assert [entry for entry in entries if not pinned.fullmatch(entry)] == []
    assert not re.search(r"://|--(extra-)?index-url|--find-links|^-", (ROOT / lock).read_text(), re.MULTILINE)


def test_the_lock_files_hold_what_the_project_asks_for() -> None:
    extras = PROJECT["project"]["optional-dependencies"]
    runtime = PROJECT["project"]["dependencies"]
    wanted = {
        "requirements.lock": [*runtime, *extras["build"]],
        # Left out: the extra of one cross-check, which may have to be built for minutes, and a second fuzzer.
        "requirements-dev.lock": [
            *runtime,
            *itertools.chain.from_iterable(
                asked for name, asked in extras.items() if name not in {"fuzz", "games"}
            ),
        ],
    }
    for lock, requirements in wanted.items():
        there = {entry.partition("==")[0] for entry in pins(lock)}
        asked = {re.split(r"[<>=~! \[;]", requirement)[0].lower() for requirement in requirements}
        assert asked - there == set(), f"{lock} is behind pyproject.toml: run make lock"


def test_both_lock_files_pin_the_same_releases() -> None:
    releases = [{entry.partition(" ")[0] for entry in pins(lock)} for lock in LOCKS]
    # Markers may differ: the larger file forks on packages that the smaller one does not hold.
    assert releases[0] - releases[1] == set()


def test_the_offered_hook_runs_the_ruff_that_is_locked() -> None:
    offered = re.search(r"rev: v(.+)", (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert offered is not None
    assert f"ruff=={offered[1]}" in {entry.partition(" ")[0] for entry in pins("requirements-dev.lock")}


def test_every_place_that_names_the_version_names_the_same_one() -> None:
    version = PROJECT["project"]["version"]
    assert importlib.import_module("ceasefire").__version__ == version
    assert f"\nversion: {version}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\n## {version}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_the_links_of_the_first_pages_lead_somewhere(page: str) -> None:
    links = re.findall(r"\]\(([^)#]+)", (ROOT / page).read_text(encoding="utf-8"))
    assert [link for link in links if "://" not in link and not (ROOT / link).exists()] == []


# What may not stand in the repository. The words are put together here so that this file does not hold them.

FOLDERS = ["wo" + "rk", "ro" + "ot", "ho" + "me"]
MACHINE_PATH = re.compile(rf"(?<![\w.~-])/(?:{'|'.join(FOLDERS)})/[\w.]")
REGISTRY = re.compile(
    "|".join(
        re.escape(host)
        for host in [
            "py" + "pi.org",
            "python" + "hosted.org",
            "npm" + "js.org",
            "npm" + "js.com",
            "ana" + "conda.org",
            "deb." + "debian.org",
            "crates" + ".io",
            "/sim" + "ple/",
            "--index" + "-url",
            "--extra-index" + "-url",
        ]
    ),
    re.IGNORECASE,
)


def offences(texts: dict[str, str]) -> list[str]:
    """Return one line for each machine path, registry address and run of an article's words in the texts."""
    quoted = kept()
    found: list[str] = []
    for name, text in texts.items():
        for number, line in enumerate(text.splitlines(), 1):
            found += [f"{name}, line {number}: {hit.group()}" for hit in MACHINE_PATH.finditer(line)]
            found += [f"{name}, line {number}: {hit.group()}" for hit in REGISTRY.finditer(line)]
        if not name.endswith(".lock"):
            runs = shingles(text)
            found += [f"{name}: words of an article: {runs[run]}" for run in sorted(quoted & runs.keys())]
    return found


def test_the_repository_holds_no_machine_path_no_registry_and_no_sentence_of_an_article() -> None:
    assert offences(tracked_text()) == []


@pytest.mark.parametrize(
    "text",
    [
        "see /wo" + "rk/main/notes.md",
        "open('/ro" + "ot/.cache/x')",
        "file:///ho" + "me/somebody/data.csv",
        "https://files.python" + "hosted.org/packages/x.whl",
        "pip install --index" + "-url x",
    ],
)
def test_an_offence_is_found(text: str) -> None:
    assert len(offences({"notes.md": f"first line\n{text}\n"})) >= 1


def test_words_of_an_article_are_found_whatever_their_case(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    invented = "The river rose in the night, and nobody\u2019s boat was where it had been."
    monkeypatch.setattr(f"{__name__}.kept", lambda: set(shingles(invented)))
    copied = {"copy.md": "He wrote that\nTHE RIVER rose in the night and nobodys boat; was gone."}
    assert sorted(offences(copied)) == [
        "copy.md: words of an article: in the night and nobodys boat",
        "copy.md: words of an article: river rose in the night and",
        "copy.md: words of an article: rose in the night and nobodys",
        "copy.md: words of an article: the night and nobodys boat was",
        "copy.md: words of an article: the river rose in the night",
    ]
    assert offences({"own.md": "At night the river rose, and the boats were gone by the morning."}) == []


def test_the_hashes_of_the_article_are_in_place() -> None:
    hashes = kept()
    assert len(hashes) > 500
    assert all(re.fullmatch(r"[0-9a-f]{16}", one) for one in hashes)
