"""Errors for people: three lines, and the nearest known name."""

from __future__ import annotations

import pickle

import pytest

from ceasefire.files import CeasefireError, InputError, suggest


def test_an_error_reads_as_what_where_and_what_to_do() -> None:
    assert str(InputError("it is wrong.", "file.yaml, line 3", "mend it.")) == (
        "it is wrong.\n  where: file.yaml, line 3\n  to do: mend it."
    )
    assert str(InputError("it is wrong.", todo="mend it.")) == "it is wrong.\n  to do: mend it."
    assert str(InputError("it is wrong.")) == "it is wrong."


def test_an_error_survives_the_way_between_processes() -> None:
    error = pickle.loads(pickle.dumps(InputError("what.", "where", "todo.")))
    assert isinstance(error, CeasefireError)
    assert (error.what, error.where, error.todo) == ("what.", "where", "todo.")


TWENTY = [f"n{number:02}" for number in range(20)]


@pytest.mark.parametrize(
    ("word", "known", "expected"),
    [
        ("shels", ["troops", "shells"], "did you mean 'shells'?"),
        ("qqq", ["b", "a"], "use one of: a, b."),
        ("qqq", [], "there are none to choose from."),
        ("qqq", TWENTY, f"use one of: {', '.join(TWENTY)}."),
        ("qqq", [*TWENTY, "n20"], f"use one of: {', '.join(TWENTY)}, ..."),
    ],
)
def test_the_nearest_known_name_is_suggested_or_the_names_there_are(
    word: str, known: list[str], expected: str
) -> None:
    assert suggest(word, known) == expected
