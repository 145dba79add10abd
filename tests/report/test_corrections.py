"""The log of corrections: read and checked, shown at the end of the page, honest where it is empty."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest

import ceasefire
from ceasefire.claims import load_claims
from ceasefire.files import InputError
from ceasefire.report import Correction, load_corrections, page, render
from tests.report import example
from tests.report.test_page import HOSTILE, Reader

ENTRY = {
    "date": "2026-02-03",
    "article": "interview-with-a-tyrant",
    "claim": "killed-in-300-days",
    "wrong": "The claim was said to be supported.",
    "right": "It is not supported.",
    "since": '"0.1.0"',
}


def written(folder: Path, *entries: dict[str, str]) -> Path:
    """Write a log of corrections and return its path."""
    lines = ["corrections:"] if entries else ["corrections: []"]
    for entry in entries:
        rows = [f"{name}: {value}" for name, value in entry.items()]
        lines += [f"  - {rows[0]}", *(f"    {row}" for row in rows[1:])]
    path = folder / "log.yaml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_the_log_that_ships_is_right() -> None:
    for row in load_corrections():
        assert row.claim in {claim.id for claim in load_claims(row.article).claims}
        assert row.date <= dt.date.today()


def test_a_log_is_read_with_the_latest_first(tmp_path: Path) -> None:
    later = {**ENTRY, "date": "2026-05-06", "claim": "battalion-a-day"}
    rows = load_corrections(written(tmp_path, ENTRY, later))
    assert [(row.date, row.claim) for row in rows] == [
        (dt.date(2026, 5, 6), "battalion-a-day"),
        (dt.date(2026, 2, 3), "killed-in-300-days"),
    ]
    assert rows[1].wrong == "The claim was said to be supported."
    assert rows[1].since == "0.1.0"
    assert load_corrections(written(tmp_path)) == ()


@pytest.mark.parametrize(
    ("changed", "what", "where", "todo"),
    [
        (
            {"verdict": "supported"},
            "'verdict' is not known here.",
            "line 8 (corrections[1].verdict)",
            "use one of: article, claim, date, right, since, wrong.",
        ),
        ({"right": None}, "'right' is missing.", "line 2 (corrections[1].right)", "add 'right:' here."),
        (
            {"date": "soon"},
            "'soon' is not a day.",
            "line 2 (corrections[1].date)",
            "write a day as YYYY-MM-DD.",
        ),
        (
            {"since": "0.1"},
            "'0.1' is no version.",
            "line 7 (corrections[1].since)",
            'write three numbers in quotes, as in "0.2.0".',
        ),
        (
            {"since": '"999.0.0"'},
            f"version 999.0.0 is later than this one, {ceasefire.__version__}.",
            "line 7 (corrections[1].since)",
            "name the first version that says what is right.",
        ),
        (
            {"article": "interview-with-a-tyran"},
            "there are no claims called 'interview-with-a-tyran'.",
            "line 3 (corrections[1].article)",
            "did you mean 'interview-with-a-tyrant'?",
        ),
        (
            {"claim": "killed-in-300-day"},
            "'interview-with-a-tyrant' has no claim 'killed-in-300-day'.",
            "line 4 (corrections[1].claim)",
            "did you mean 'killed-in-300-days'?",
        ),
    ],
)
def test_what_is_wrong_with_a_log_is_said_with_its_line(
    tmp_path: Path, changed: dict[str, str | None], what: str, where: str, todo: str
) -> None:
    entry = {name: value for name, value in {**ENTRY, **changed}.items() if value is not None}
    path = written(tmp_path, entry)
    with pytest.raises(InputError) as caught:
        load_corrections(path)
    assert caught.value.what == what
    assert caught.value.where == f"{path}, {where}"
    assert caught.value.todo == todo


def test_a_correction_that_stands_twice_and_a_file_of_nothing_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="a correction of 'killed-in-300-days' stands twice"):
        load_corrections(written(tmp_path, ENTRY, ENTRY))
    path = tmp_path / "empty.yaml"
    path.write_text("", encoding="utf-8")
    with pytest.raises(InputError, match="this is not a log of corrections"):
        load_corrections(path)
    with pytest.raises(InputError, match="there is no such file"):
        load_corrections(tmp_path / "none.yaml")


def end_of(text: str) -> str:
    """Return the part of a page that holds the corrections."""
    end = text[text.index('id="corrections"') :]
    return end[: end.index("<h3")]


def test_a_page_says_that_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "load_corrections", lambda: ())
    end = end_of(render(example.audit(), sources=example.MANIFEST))
    assert "There are none so far." in end
    assert "<table" not in end


def test_a_page_shows_the_corrections_of_its_article_and_counts_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    audit = example.audit()
    mine = str(audit.article["id"])
    rows = (
        Correction(dt.date(2032, 3, 4), mine, "hundred-thousand-killed", HOSTILE, "It is 20,000.", "1.2.0"),
        Correction(dt.date(2031, 3, 4), mine, "a-claim-withdrawn", "It stood.", "It is gone.", "1.1.0"),
        Correction(dt.date(2030, 3, 4), "another", "a-claim", "One.", "Two.", "1.0.0"),
    )
    monkeypatch.setattr(page, "load_corrections", lambda: rows)
    text = render(audit, sources=example.MANIFEST)
    assert Reader(text).open == []
    end = end_of(text)
    assert "There are none so far." not in end
    assert re.findall(r'data-label="Date">([^<]+)<', end) == ["4 March 2032", "4 March 2031"]
    assert '<a href="#claim-hundred-thousand-killed">hundred thousand killed</a>' in end
    assert '<td data-label="Claim">a claim withdrawn</td>' in end
    assert "&lt;script&gt;alert(1)" in end
    assert "<script" not in end
    assert "It is 20,000." in end
    assert "The log holds 1 correction of other articles." in end
