"""The docs say what is so: commands exist as shown, files work, paths are there, figures are what ships."""

from __future__ import annotations

import dataclasses
import datetime as dt
import importlib
import re
import shlex
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import typer

from ceasefire.claims import lint, parse_claims
from ceasefire.claims.held_out import HeldOut, Horizon, read_held_out
from ceasefire.engine import model_fingerprint
from ceasefire.evidence import load
from tests import public_names as public
from tests.repository import ROOT

DOCS = ROOT / "docs"
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.glob("*.md"))]


def text(page: Path | str) -> str:
    return (DOCS / page).read_text(encoding="utf-8")


def blocks(page: Path | str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text(page), re.MULTILINE | re.DOTALL)


# Commands


def shown() -> Iterator[tuple[str, str]]:
    """Yield each line that a console block shows as typed, with its page."""
    for page in PAGES:
        for block in blocks(page, "console"):
            for line in block.splitlines():
                if line.startswith("$ "):
                    yield page.name, line[2:]


def parsed(words: list[str]) -> None:
    """Have the command line read as it would be, without running it.

    Raises:
        typer's own error: no such command, option, argument or value.
    """
    app = importlib.import_module("ceasefire.cli.app").app
    command: Any = typer.main.get_command(app)
    context = command.make_context("ceasefire", list(words))
    while hasattr(command, "commands"):
        rest = [*context._protected_args, *context.args]
        name, command, rest = command.resolve_command(context, rest)
        context = command.make_context(name, rest, parent=context)


def of_ours(words: list[str]) -> str:
    try:
        parsed(words[1:])
    except Exception as error:  # noqa: BLE001
        return f"{type(error).__name__}: {error}"
    return ""


def of_make(words: list[str]) -> str:
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    unknown = [word for word in words[1:] if "=" not in word and word not in targets]
    return f"the Makefile has no {unknown}" if unknown else ""


def of_python(words: list[str]) -> str:
    if words[1:3] == ["-m", "pytest"]:
        return "" if (ROOT / words[3]).exists() else f"{words[3]} is not there"
    source = (ROOT / f"{words[2].replace('.', '/')}.py").read_text(encoding="utf-8")
    missing = [word for word in words[3:] if word.startswith("--") and word not in source]
    return f"{words[2]} has no {missing}" if missing else ""


def of_pip(words: list[str]) -> str:
    extra = words[2].removeprefix("ceasefire[").removesuffix("]")
    return "" if extra in EXTRAS else f"there is no extra {extra}"


def of_dask(words: list[str]) -> str:
    module = importlib.import_module(f"distributed.cli.dask_{words[1]}")
    options = {name for option in module.main.params for name in option.opts}
    unknown = [word for word in words if word.startswith("--") and word not in options]
    return f"dask {words[1]} has no {unknown}" if unknown else ""


PROGRAMS = {
    "ceasefire": of_ours,
    ".venv/bin/ceasefire": of_ours,
    "make": of_make,
    ".venv/bin/python": of_python,
    "pip": of_pip,
    "dask": of_dask,
    ".": lambda words: "" if words[1:] == [".venv/bin/activate"] else "no test knows such a line",
}


def fault(line: str) -> str:
    """Return what is wrong with a line that is shown as typed; nothing where it can be typed."""
    words = shlex.split(line, comments=True)
    check = PROGRAMS.get(words[0])
    return "no test knows such a line" if check is None else check(words)


@pytest.mark.parametrize(("page", "line"), sorted(set(shown())))
def test_a_line_that_a_page_shows_as_typed_can_be_typed(page: str, line: str) -> None:
    assert fault(line) == ""


@pytest.mark.parametrize(
    "line",
    [
        "ceasefire aks ukraine-2022",
        "ceasefire ask",
        "ceasefire ask ukraine-2022 two many",
        "ceasefire ask ukraine-2022 --horizon 3",
        "ceasefire ask ukraine-2022 --draws many",
        "ceasefire ask ukraine-2022 --by",
        "ceasefire claims",
        "ceasefire claims lint",
        "make demos",
        ".venv/bin/python -m pytest tests/test_nothing.py",
        "rm -rf out",
    ],
)
def test_a_line_that_cannot_be_typed_is_found(line: str) -> None:
    assert fault(line) != ""


# Files that pages show


def test_the_claims_file_of_the_tutorial_lints_clean_and_has_the_kinds_it_says(tmp_path: Path) -> None:
    (content,) = [block for block in blocks("tutorial-fact-checker.md", "yaml") if "article:" in block]
    path = tmp_path / "stop-now.yaml"
    path.write_text(content, encoding="utf-8")
    assert lint(str(path)) == []
    kinds = [claim.kind for claim in parse_claims(content, "stop-now.yaml").claims]
    assert kinds == ["measurement", "forecast", "counterfactual", "intent"]


def test_the_error_that_the_tutorial_shows_is_the_one_that_comes(tmp_path: Path) -> None:
    (content,) = [block for block in blocks("tutorial-fact-checker.md", "yaml") if "article:" in block]
    path = tmp_path / "stop-now.yaml"
    path.write_text(content.replace("          unit: persons\n", "", 1), encoding="utf-8")
    (shown_error,) = [one for one in blocks("tutorial-fact-checker.md", "text") if one.startswith("error:")]
    assert [str(finding).replace(f"{tmp_path}/", "") for finding in lint(str(path))] == [shown_error.strip()]


def test_the_evidence_of_the_tutorial_is_taken_in(tmp_path: Path) -> None:
    page = "tutorial-researcher.md"
    (table,) = [block for block in blocks(page, "text") if block.startswith("quantity,")]
    (manifest,) = [block for block in blocks(page, "yaml") if block.startswith("sources:")]
    (tmp_path / "losses.csv").write_text(table, encoding="utf-8")
    (tmp_path / "losses.yaml").write_text(manifest, encoding="utf-8")
    rows = load(tmp_path).ask("personnel_losses", side="EA")
    assert set(rows["root"]) == {"river_institute", "westland_staff"}
    assert len(load(tmp_path).observations) - len(load().observations) == len(table.splitlines()) - 1


NAMED = [
    (page.name, path)
    for page in PAGES
    for path in sorted(set(re.findall(r"`((?:src|tests|docs|scripts)/[\w./-]+)`", text(page))))
    if not re.search(r"NAME|STEP|ID\b", path)
]


@pytest.mark.parametrize(("page", "path"), NAMED)
def test_a_file_that_a_page_names_is_there(page: str, path: str) -> None:
    assert (ROOT / path).exists()


def test_files_are_named() -> None:
    assert len([page for page, _ in NAMED if page == "adding.md"]) > 20


# Outputs that pages show

OUTPUTS = [page for page in PAGES if "Outputs on this page" in text(page)]


@pytest.mark.parametrize("page", OUTPUTS, ids=lambda page: page.name)
def test_outputs_on_a_page_are_of_this_model_and_version(page: Path) -> None:
    """Where this fails results have moved: run the commands of the page again and show what comes."""
    version = importlib.import_module("ceasefire").__version__
    assert f"Outputs on this page: version {version}, model {model_fingerprint()}, seed 1" in text(page)


def test_pages_that_show_outputs_say_of_which_model_they_are() -> None:
    tutorials = {page.name for page in DOCS.glob("tutorial-*.md")}
    assert {page.name for page in OUTPUTS} == {*tutorials, "first-audit.md"}


# The first page


def test_every_page_is_listed_once_on_the_first_and_once_beside_it() -> None:
    first = text("index.md")
    beside = [
        entry
        for block in re.findall(r"^```\{toctree\}\n(.*?)^```", first, re.MULTILINE | re.DOTALL)
        for entry in re.findall(r"[\w/-]+(?=>?$)", block.split("\n\n", 1)[1], re.MULTILINE)
    ]
    listed = re.findall(r"\]\(([\w/-]+)\.md\)", first)
    assert sorted(listed) == sorted(beside)
    assert len(set(listed)) == len(listed)
    assert {f"{entry}.md" for entry in beside if "/" not in entry} == {
        page.name for page in DOCS.glob("*.md") if page.name != "index.md"
    }


# Pages and parts that the code writes


@pytest.fixture(scope="module")
def docs_on_path() -> Iterator[None]:
    sys.path.insert(0, str(DOCS))
    yield
    sys.path.remove(str(DOCS))


@pytest.fixture(scope="module")
def api(docs_on_path: None) -> ModuleType:
    return importlib.import_module("api_pages")


@pytest.fixture(scope="module")
def science(docs_on_path: None) -> ModuleType:
    return importlib.import_module("science_parts")


@pytest.fixture(scope="module")
def reference(api: ModuleType) -> dict[str, str]:
    pages: dict[str, str] = api.api_pages()
    return pages


@pytest.mark.parametrize("room", public.rooms())
def test_every_public_name_has_its_place_in_the_reference(reference: dict[str, str], room: str) -> None:
    page = reference[f"api-{room.rpartition('.')[2]}.md"]
    names = importlib.import_module(room).__all__
    assert re.findall(r"^## `(\w+)`$", page, re.MULTILINE) == names
    targets = re.findall(r"^\(([\w-]+)\)=$", page, re.MULTILINE)
    assert re.findall(r"^\| \[`\w+`\]\(#([\w-]+)\)", page, re.MULTILINE) == targets
    assert len(set(targets)) == len(targets) == len(names)
    bare = [part for part in page.split("\n## ")[1:] if not part.partition("\n")[2].strip()]
    assert bare == []


def test_the_reference_lists_every_room(reference: dict[str, str]) -> None:
    names = {room.rpartition(".")[2] for room in public.rooms()}
    assert {f"api-{name}.md" for name in names} | {"api.md"} == set(reference)
    assert set(re.findall(r"\(api-(\w+)\.md\)", reference["api.md"])) == names


def documented(count: int, *, name: str = "x") -> None:
    """Return what is asked for.

    Args:
        count: how many, such as `a < b`, in a line that goes on
            below.
        name: of what; a <tag> is none.

    Raises:
        InputError: fewer than none.
    """


def test_a_docstring_becomes_a_signature_and_lists(api: ModuleType) -> None:
    assert api.signature("documented", documented) == "documented(count: int, *, name: str = 'x') -> None"
    assert api.entry(importlib.import_module("ceasefire.files"), "documented", documented).splitlines() == [
        "```python",
        "documented(count: int, *, name: str = 'x') -> None",
        "```",
        "",
        "Return what is asked for.",
        "",
        "**Arguments**",
        "",
        "* `count`: how many, such as `a < b`, in a line that goes on below.",
        "* `name`: of what; a &lt;tag> is none.",
        "",
        "**Raises**",
        "",
        "* `InputError`: fewer than none.",
    ]


def test_a_class_has_its_fields_with_their_meanings_and_its_methods(reference: dict[str, str]) -> None:
    page = reference["api-evidence.md"]
    assert "* `derived_from`: `tuple[str, ...]`, `()` by default." in page
    assert "Evidence.observations: pd.DataFrame\n" in page
    assert "Evidence.known_by(day: Day) -> Evidence\n" in page
    assert "* `_observations`" not in page
    assert "* `low`: `float`" in reference["api-analysis.md"]


def test_parts_that_pages_take_in_are_those_that_are_written(science: ModuleType) -> None:
    taken = [
        name
        for page in PAGES
        for name in re.findall(r"^```\{include\} generated/parts/(.+)$", text(page), re.MULTILINE)
    ]
    parts = science.science_parts(DOCS)
    assert set(taken) == set(parts)
    assert all(part.strip() and part.endswith("\n") for part in parts.values())


def of(series: str, days: int, **given: Any) -> Horizon:
    row = Horizon(series, days, 150.0, 100.0, "plain", 0.5, "worse", 25, 120.0, 0.8, 1.0, "", 160.0)
    return dataclasses.replace(row, **given)


def test_figures_of_forecasts_are_those_of_the_back_test(science: ModuleType) -> None:
    rows = (of("area held", 28), of("area held", 91, ours=80.0, verdict="better"))
    found = HeldOut("chosen", rows, judged_from=dt.date(2001, 2, 3))
    assert science.forecasts(found).splitlines()[2:] == [
        "| Area held, km² | 28 days | 150 | 100 | 50 % larger, worse | 50 % (80 % to 100 %) | 25 |",
        "| Area held, km² | 91 days | 80 | 100 | 20 % smaller, better | 50 % (80 % to 100 %) | 25 |",
    ]
    told = science.forecasts_told(found).replace("\N{NO-BREAK SPACE}", " ")
    assert "origins from 3 February 2001 on" in told
    assert "is larger than that of the best plain forecast: for area held over 28 days (50 % larger)." in told
    assert "Of the 90 % intervals for area held, 50 % at 28 days and 50 % at 91 days held what came." in told
    assert "| 28 days | 160 | 120 | 33 % larger |" in science.mechanisms_cut(found)


def test_a_page_without_the_result_of_the_check_by_simulation_is_refused(science: ModuleType) -> None:
    with pytest.raises(ValueError, match=r"validation\.md"):
        science.simulated_wars("# Is the calibration right?\n\n**Result so far: none.**\n")


def test_what_the_page_on_science_says_of_the_back_test_in_words_is_so() -> None:
    held_out = read_held_out("ukraine-2022")
    assert held_out is not None
    rows = {(row.series, row.days): row for row in held_out.horizons}
    losses, area = "reported losses", "area held"
    assert all(rows[losses, days].verdict == "worse" for days in (28, 91))
    assert all(rows[area, days].verdict == "worse" for days in (28, 91, 182))
    # "For losses the mechanisms do harm over weeks and carry the forecast over a year; for area always."
    assert all(rows[losses, days].everything > rows[losses, days].trend_alone for days in (28, 91))
    assert rows[losses, 364].everything < rows[losses, 364].trend_alone
    assert all(row.everything > row.trend_alone for row in held_out.horizons if row.series == area)
    assert all(row.variant == "without prepared lines" for row in held_out.horizons if row.series == area)
    # "Take no interval for deaths as one that holds. Those for area hold everything."
    assert all(row.calibrated is False for row in held_out.horizons if row.series == "excess deaths")
    assert all(row.coverage_90 > 0.95 for row in held_out.horizons if row.series == area)
