"""What would be replaced or could not be written is refused before any war is run."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Commands

HERE = Path(__file__).parent


@pytest.fixture(autouse=True)
def no_war(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*arguments: Any, **options: Any) -> None:
        raise AssertionError("a war was run")

    for name in (
        "ceasefire.claims.audit", "ceasefire.engine.run", "ceasefire.analysis.compare",
        "ceasefire.inference.prior_predictive",
    ):  # fmt: skip
        monkeypatch.setattr(name, forbidden)


@pytest.fixture
def files(commands: Commands) -> Commands:
    Path("a-letter.html").write_text((HERE / "article.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    Path("letter.yaml").write_text((HERE / "article.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    commands.done("scenario", "new", "war.yaml")
    Path("folder").mkdir()
    Path("plain").write_text("kept", encoding="utf-8")
    return commands


def refused(commands: Commands, *arguments: str) -> list[str]:
    """Return the message of a command that must refuse and change nothing."""
    before = {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()}
    lines = commands.refused(*arguments)
    assert {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()} == before
    return lines


REPLACES = "--json would replace the {} file."
SAME = "{} and {} name the same file."
FOLDER = "a folder stands where {} would be written."
NO_FOLDER = "{} cannot be written: 'plain' is no folder."
PAGE = "new/a-letter.html"
EVIDENCE = ("evidence", "show", "personnel_losses")
AUDIT = ("audit", "letter.yaml", "--scenario", "war.yaml")


@pytest.mark.parametrize(
    ("arguments", "what", "where"),
    [
        ((*AUDIT, "--json", "letter.yaml"), REPLACES.format("claims"), "letter.yaml"),
        ((*AUDIT, "--json", "folder/../letter.yaml"), REPLACES.format("claims"), "folder/../letter.yaml"),
        ((*AUDIT, "--json", "war.yaml"), REPLACES.format("scenario"), "war.yaml"),
        (
            ("audit", "a-letter.html", "--out", "."),
            "the page would replace the claims file.",
            "a-letter.html",
        ),
        ((*AUDIT, "--out", "new", "--json", "new/a-letter.html"), SAME.format("the page", "--json"), PAGE),
        ((*AUDIT, "--json", "folder"), FOLDER.format("--json"), "folder"),
        ((*AUDIT, "--json", "plain/a.json"), NO_FOLDER.format("--json"), "plain/a.json"),
        ((*AUDIT, "--out", "plain"), NO_FOLDER.format("the page"), "plain/a-letter.html"),
        (("run", "war.yaml", "--json", "war.yaml"), REPLACES.format("scenario"), "war.yaml"),
        (("run", "war.yaml", "--out", "war.yaml"), "--out would replace the scenario file.", "war.yaml"),
        (("run", "war.yaml", "--out", "a", "--json", "./a"), SAME.format("--out", "--json"), "a"),
        (("compare", "war.yaml", "--json", "war.yaml"), REPLACES.format("scenario"), "war.yaml"),
        (("compare", "war.yaml", "--out", "folder"), FOLDER.format("--out"), "folder"),
        (("check", "war.yaml", "--json", "war.yaml"), REPLACES.format("scenario"), "war.yaml"),
        ((*EVIDENCE, "--json", "a", "--csv", "a"), SAME.format("--json", "--csv"), "a"),
    ],
)  # fmt: skip
def test_a_target_that_would_be_lost_or_cannot_be_written_is_refused_before_any_war(
    files: Commands, arguments: tuple[str, ...], what: str, where: str
) -> None:
    assert refused(files, *arguments) == [
        f"error: {what}",
        f"  where: {where}",
        "  to do: name another file; nothing was changed.",
    ]


def test_a_link_to_the_claims_file_is_seen_through(files: Commands) -> None:
    Path("linked.json").symlink_to("letter.yaml")
    os.link("letter.yaml", "hard.json")
    for name in ("linked.json", "hard.json"):
        assert refused(files, *AUDIT, "--json", name)[0] == "error: --json would replace the claims file."


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write everywhere")
def test_a_folder_without_leave_to_write_is_refused(files: Commands) -> None:
    Path("folder").chmod(0o500)
    assert refused(files, *AUDIT, "--json", "folder/a.json")[0] == (
        "error: --json cannot be written: there is no leave to write into 'folder'."
    )
