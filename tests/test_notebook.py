"""The notebook: stored clean, run from top to bottom, shown without a network."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

import ceasefire as cf
from tests.repository import ROOT

NOTEBOOK = ROOT / "docs" / "notebooks" / "an-audit-in-python.ipynb"
STORED = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
CODE = [cell for cell in STORED["cells"] if cell["cell_type"] == "code"]


def source(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


def test_it_is_stored_without_outputs_and_says_how_to_run_more() -> None:
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in CODE)
    assert set(STORED["metadata"]) <= {"kernelspec", "language_info"}
    first = source(STORED["cells"][0])
    for said in ("`DRAWS`", "`WARS`", "4,000", "`ONLY`", "`None`"):
        assert said in first


def test_it_names_what_there_is() -> None:
    text = "\n".join(source(cell) for cell in CODE)
    assert set(re.findall(r"\bcf\.(\w+)", text)) <= set(cf.__all__)
    claims = re.search(r"^ONLY = (\[.*?\])$", text, re.M)
    assert claims is not None
    assert set(json.loads(claims[1])) <= {one.id for one in cf.load_claims("interview-with-a-tyrant").claims}


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """Return the code cells after a run in a kernel of its own."""
    nbformat = pytest.importorskip("nbformat", reason="nbformat is not installed")
    nbclient = pytest.importorskip("nbclient", reason="nbclient is not installed")
    pytest.importorskip("ipykernel", reason="ipykernel is not installed")
    folder = tmp_path_factory.mktemp("notebook")
    with pytest.MonkeyPatch.context() as patch:
        # Nothing of whoever runs the tests is read or written, and no proxy leads anywhere.
        for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
            patch.setenv(name, str(folder / name.lower()))
        for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
            patch.setenv(name, "http://127.0.0.1:9")
        patch.delenv("CEASEFIRE_EVIDENCE", raising=False)
        run = nbformat.read(NOTEBOOK, as_version=4)
        resources = {"metadata": {"path": str(folder)}}
        nbclient.NotebookClient(run, timeout=1_800, kernel_name="python3", resources=resources).execute()
    assert [path.name for path in folder.iterdir() if path.is_file()] == []
    return [cell for cell in run.cells if cell.cell_type == "code"]


def shown(cells: list[Any], kind: str) -> list[str]:
    """Return all outputs of a kind: a media type, or `stream` for what is printed."""
    found = []
    for output in (one for cell in cells for one in cell.outputs):
        if output.output_type == "stream":
            found += [output.text] if kind == "stream" else []
        elif kind in output.data:
            found.append(output.data[kind])
    return found


@pytest.mark.thorough
def test_it_runs_and_shows_what_it_promises(executed: list[Any]) -> None:
    printed = "\n".join(shown(executed, "stream"))
    tables = "\n".join(shown(executed, "text/html"))
    assert [
        output.text for cell in executed for output in cell.outputs if output.get("name") == "stderr"
    ] == []
    assert re.match(r"Of \w+ claims, ", printed)
    for said in ("Posterior ukraine-2022@2022-12-20-known-now", "soldiers killed since the start, persons"):
        assert said in printed
    for said in (
        "as_known_then",
        "not supported",
        "Meduza and Mediazona",
        "in two years",
        "assumed",
        "coverage_90",
    ):
        assert said in tables
    # The wars as xarray shows them, with the units of a variable.
    assert "xarray.Dataset" in tables
    assert "<dt><span>units :</span></dt><dd>persons</dd>" in tables
    # Every share has its error beside it, and what is assumed its interval.
    assert re.search(r"\d+% \(\d+% to \d+%\)", tables)


@pytest.mark.thorough
def test_its_pictures_are_still_and_nothing_is_fetched(executed: list[Any]) -> None:
    pictures = shown(executed, "image/svg+xml")
    assert len(pictures) == sum("cf.plot(" in cell.source for cell in executed) == 3
    assert all(picture.startswith("<svg") for picture in pictures)
    everything = "\n".join(str(output) for cell in executed for output in cell.outputs)
    assert set(re.findall(r"https?://[^\s\"'\\<>)]+", everything)) == {"http://www.w3.org/2000/svg"}
    for fetched in ("<script", "<iframe", "<link", "<img", "vega-embed", "application/vnd.vegalite"):
        assert fetched not in everything


def test_the_page_leads_to_it() -> None:
    page = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
    assert Path("notebooks", NOTEBOOK.name).as_posix() in page
