"""Pictures of the evidence as files: what one axis can hold is drawn, what it cannot is counted."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from ceasefire import evidence
from ceasefire.files import InputError
from ceasefire.report import plot_evidence

TITLES = {"ukraine_general_staff": "The General Staff"}


@pytest.fixture(scope="module")
def rows() -> object:
    return evidence.load().ask("personnel_losses", side="RU", known_by="2023-06-30")


def test_running_totals_of_all_sources_are_drawn_and_the_rest_counted(rows: object, tmp_path: Path) -> None:
    path = plot_evidence(rows, TITLES, "personnel_losses", tmp_path / "picture.svg")  # type: ignore[arg-type]
    root = ET.parse(path).getroot()
    description = "".join(element.text or "" for element in root if element.tag.endswith("desc"))
    assert "Running totals in persons" in description
    assert "figures of another unit or kind left out" in description
    assert "losses undefined: The General Staff (warring party)" in description
    assert "named dead: mediazona bbc names (independent)" in description


def test_png_by_its_ending(rows: object, tmp_path: Path) -> None:
    path = plot_evidence(rows, TITLES, "personnel_losses", tmp_path / "picture.PNG")  # type: ignore[arg-type]
    assert path.read_bytes().startswith(b"\x89PNG")


def test_another_ending_is_refused(rows: object, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        plot_evidence(rows, TITLES, "personnel_losses", tmp_path / "picture.pdf")  # type: ignore[arg-type]
    assert caught.value.what == "'.pdf' is no ending of a picture."
    assert caught.value.todo == "name a file that ends in .svg or .png."


def test_nothing_to_draw_is_said(tmp_path: Path) -> None:
    nothing = evidence.load().ask("personnel_losses", side="RU").head(0)
    with pytest.raises(InputError) as caught:
        plot_evidence(nothing, {}, "personnel_losses", tmp_path / "picture.svg")
    assert caught.value.what == "there is no figure of 'personnel_losses' to draw."
    assert not (tmp_path / "picture.svg").exists()
