"""Casualties as a command: what it prints and writes, and what it says where it cannot be done."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from ceasefire.cli.casualties import period, rounded, span
from ceasefire.scenario import load_scenario
from tests.cli.conftest import Commands
from tests.inference.invented_posterior import UNTIL, invented_posterior

WAR = "ukraine-2022"


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("casualties") / "fit.nc"
    return invented_posterior(load_scenario(WAR)).save(path).read_bytes()


@pytest.fixture
def fit(commands: Commands, content: bytes, monkeypatch: pytest.MonkeyPatch) -> Commands:
    """Return commands in a folder with the posterior `fit.nc`; nothing is shipped."""
    Path("fit.nc").write_bytes(content)
    shelf = Path("shelf").resolve()
    shelf.mkdir()
    monkeypatch.setattr("ceasefire.inference.shipped.folder", lambda: shelf)
    return commands


def test_it_prints_both_sides_in_one_form_and_writes_all_of_it(fit: Commands) -> None:
    done = fit.done("casualties", WAR, "--posterior", "fit.nc", "--json", "all.json", "--chart", "all.svg")
    content = json.loads(Path("all.json").read_text(encoding="utf-8"))
    lines = done.out.split("\n")
    assert lines[0] == "ukraine-2022: soldiers killed and wounded since 24 February 2022"
    assert max(len(line) for line in lines) <= 80
    heads = [line for line in lines if line.endswith(", persons")]
    assert heads == [
        "Russia: killed, persons", "Ukraine: killed, persons",
        "Russia: killed and wounded, persons", "Ukraine: killed and wounded, persons",
    ]  # fmt: skip
    text = " ".join(done.out.split())
    for told in (
        "What these figures rest on", "Soldiers only:", "is no independent check", content["posterior"],
        content["factors"][0]["sentence"], content["rests_on"]["Ukraine"],
        "* No whole month: earlier, 24 Feb 2022 to 12 Apr 2022;", "* Set aside in the fit: 1;",
        "written: all.json", "picture: all.svg",
    ):  # fmt: skip
        assert told in text
    assert Path("all.svg").read_text(encoding="utf-8").startswith("<svg")


def test_tables_say_what_the_file_says(fit: Commands) -> None:
    out = fit.done("casualties", WAR, "--posterior", "fit.nc", "--json", "all.json").out
    content = json.loads(Path("all.json").read_text(encoding="utf-8"))
    months = [one for one in content["months"] if one["end"] == "2022-07-31"]
    totals = [one for one in content["totals"] if one["until"] == "2022-07-31"]
    rows = re.findall(r"^ Jul 2022 +(\S+) +(\S+) +(\S+) +(\S+) +(\S+) +(\d+) *$", out, re.MULTILINE)
    assert len(rows) == len(months) == 4
    for row, month, total in zip(rows, months, totals, strict=True):
        assert row == (
            rounded(month["median"]),
            "\N{EN DASH}".join(rounded(end) for end in month["interval50"]),
            "\N{EN DASH}".join(rounded(end) for end in month["interval90"]),
            rounded(total["median"]),
            "\N{EN DASH}".join(rounded(end) for end in total["interval90"]),
            str(month["figures_in_it"]),
        )


def test_the_same_file_gives_the_same_picture_and_json(fit: Commands) -> None:
    for name in ("first", "second"):
        fit.done(
            "casualties", WAR, "--posterior", "fit.nc", "--json", f"{name}.json", "--chart", f"{name}.svg"
        )
    for ending in ("json", "svg"):
        assert Path(f"first.{ending}").read_bytes() == Path(f"second.{ending}").read_bytes()


def test_a_shipped_posterior_is_used_by_default(fit: Commands) -> None:
    Path(f"shelf/{WAR}-{UNTIL}-known-then.nc").write_bytes(Path("fit.nc").read_bytes())
    named = fit.done("casualties", WAR, "--posterior", "fit.nc").out
    assert fit.done("casualties", WAR).out == named
    assert fit.done("casualties", WAR, "--posterior", "then").out == named


def test_up_to_a_day(fit: Commands) -> None:
    out = fit.done("casualties", WAR, "--posterior", "fit.nc", "--until", "2022-07-31").out
    assert "Killed by 31 July 2022: Russia about " in out
    assert "Aug 2022" not in out


def test_a_picture_as_png(fit: Commands) -> None:
    fit.done("casualties", WAR, "--posterior", "fit.nc", "--chart", "all.png")
    assert Path("all.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("arguments", "lines"),
    [
        (
            ("ukraine-2023",),
            ["there is no scenario 'ukraine-2023'.", "  to do: did you mean 'ukraine-2022'?"],
        ),
        (
            (WAR,),
            [
                "no posterior is shipped for 'ukraine-2022'.",
                "  where: --posterior",
                "  to do: run `ceasefire calibrate ukraine-2022 --until DATE` and name its file with"
                " --posterior.",
            ],
        ),
        (
            (WAR, "--posterior", "fit.nc", "--until", "2023-01-31"),
            [
                "the posterior runs from 2022-04-12 to 2022-12-20: it cannot say anything for 2023-01-31.",
                "  where: --until",
                "  to do: choose a day between them, or another posterior.",
            ],
        ),
        (
            (WAR, "--posterior", "fit.nc", "--until", "soon"),
            ["'soon' is not a day.", "  where: --until", "  to do: write a day as YYYY-MM-DD."],
        ),
        (
            ("invented-war", "--posterior", "fit.nc"),
            [
                "this posterior is of the scenario 'ukraine-2022', not of 'invented-war'.",
                "  where: fit.nc",
                "  to do: name one of this scenario.",
            ],
        ),
        (
            (WAR, "--posterior", "fit.nc", "--chart", "all.pdf"),
            [
                "'.pdf' is no ending of a picture.",
                "  where: all.pdf",
                "  to do: name a file that ends in .svg or .png.",
            ],
        ),
        (
            (WAR, "--posterior", "fit.nc", "--json", "fit.nc"),
            [
                "--json would replace the posterior.",
                "  where: fit.nc",
                "  to do: name another file; nothing was changed.",
            ],
        ),
        (
            (WAR, "--posterior", "fit.nc", "--json", "a.svg", "--chart", "a.svg"),
            [
                "--json and --chart name the same file.",
                "  where: a.svg",
                "  to do: name another file; nothing was changed.",
            ],
        ),
        (
            (WAR, "--posterior", "fit.nc", "--json", "fit.nc/all.json"),
            [
                "--json cannot be written: 'fit.nc' is no folder.",
                "  where: fit.nc/all.json",
                "  to do: name another file; nothing was changed.",
            ],
        ),
    ],
)
def test_what_cannot_be_done(fit: Commands, arguments: tuple[str, ...], lines: list[str]) -> None:
    before = {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()}
    said = fit.refused("casualties", *arguments)
    assert said == [f"error: {lines[0]}", *lines[1:]]
    assert {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()} == before


def test_what_is_no_posterior(fit: Commands) -> None:
    Path("text.nc").write_text("nothing", encoding="utf-8")
    said = fit.refused("casualties", WAR, "--posterior", "text.nc")
    assert said[0].startswith("error: this is not a posterior file: ")
    assert said[-1] == "  to do: name a file that `ceasefire calibrate` wrote."


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0, "0"),
        (4.4, "4"),
        (97.2, "97"),
        (1_249.0, "1,200"),
        (12_500.1, "13,000"),
        (999_600.0, "1,000,000"),
    ],
)
def test_people_are_rounded_to_two_digits(value: float, shown: str) -> None:
    assert rounded(value) == shown


def test_intervals_and_periods_in_words() -> None:
    assert span(1_249.0, 34_900.0) == "1,200 to 35,000"
    assert period(UNTIL.replace(day=1), UNTIL, "part") == "Dec 2022*"
    assert period(UNTIL.replace(day=1), UNTIL.replace(day=31), "whole") == "Dec 2022"
    assert period(UNTIL, UNTIL, "before") == "earlier*"
