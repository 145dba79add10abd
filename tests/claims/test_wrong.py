"""A gallery of wrong claims files: one small file for each rule, the exact message beside it."""

import copy
import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from ceasefire.claims import LintFinding, lint, load_claims, parse_claims, shipped_claims, template
from ceasefire.files import InputError

HERE = Path(__file__).parent / "wrong"
WRONG = sorted(HERE.glob("*.yaml"))
TO_LINT = sorted((HERE / "lint").glob("*.yaml"))


@pytest.mark.parametrize("path", WRONG, ids=lambda path: path.stem)
def test_a_wrong_file_is_refused_with_its_message(path: Path) -> None:
    with pytest.raises(InputError) as caught:
        parse_claims(path.read_text(encoding="utf-8"), path.name)
    assert f"{caught.value}\n" == path.with_suffix(".txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", TO_LINT, ids=lambda path: path.stem)
def test_what_the_evidence_or_the_scenario_does_not_have_is_found(path: Path) -> None:
    found = lint(parse_claims(path.read_text(encoding="utf-8"), path.name))
    told = "".join(f"{finding}\n" for finding in found)
    assert told == path.with_suffix(".txt").read_text(encoding="utf-8")
    assert told


@pytest.mark.parametrize("path", WRONG, ids=lambda path: path.stem)
def test_lint_tells_what_loading_refuses(path: Path) -> None:
    (found,) = lint(path)
    message = path.with_suffix(".txt").read_text(encoding="utf-8")
    assert found.severity == "error"
    assert f"{found}\n".replace(str(path), path.name) == f"error: {message}"


def test_a_note_is_no_error() -> None:
    """What is not built yet is told and stops nothing."""
    found = [finding.severity for path in TO_LINT if path.stem == "not-built" for finding in lint(path)]
    assert found == ["note"]
    assert {finding.severity for finding in lint("interview-with-a-tyrant")} == {"note"}


def test_the_galleries_are_whole() -> None:
    assert len(WRONG) > 40
    assert len(TO_LINT) > 20
    for paths in (WRONG, TO_LINT):
        assert {path.stem for path in paths} == {path.stem for path in paths[0].parent.glob("*.txt")}


def test_messages_name_no_library_and_no_class() -> None:
    for path in [*WRONG, *TO_LINT]:
        text = path.with_suffix(".txt").read_text(encoding="utf-8").lower()
        for word in ("pydantic", "instance of", "validat", "traceback", "tuple"):
            assert word not in text, path.stem


def test_a_file_of_50_megabytes_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    with path.open("wb") as stream:
        stream.truncate(50_000_000)
    with pytest.raises(InputError) as caught:
        load_claims(path)
    assert str(caught.value) == (
        "the file is too large: 50.0 MB, the limit is 2 MB.\n"
        f"  where: {path}\n"
        "  to do: split it into several files."
    )


def test_an_unknown_name_is_met_with_the_nearest() -> None:
    with pytest.raises(InputError) as caught:
        load_claims("interview-with-tyrant")
    assert str(caught.value) == (
        "there are no claims called 'interview-with-tyrant'.\n"
        "  to do: did you mean 'interview-with-a-tyrant'?"
    )


def test_the_template_and_what_is_shipped_lint_clean() -> None:
    assert lint(parse_claims(template(), "template.yaml"))[0].severity == "note"
    names: list[LintFinding] = lint(parse_claims(template(), "template.yaml"))
    for name in shipped_claims():
        names += lint(name)
    assert [finding for finding in names if finding.severity == "error"] == []


def places(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if place:
        yield place
    if isinstance(value, dict):
        for key, child in value.items():
            yield from places(child, (*place, key))
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from places(child, (*place, index))


ODD = [
    None,
    [],
    {},
    "<b>x</b>",
    10**400,
    True,
    -1,
    1e308,
    dt.date(9999, 12, 31),
    [None],
    {"a": None},
    "2022-12-20",
]


@pytest.mark.thorough
def test_any_value_in_any_place_is_admitted_or_refused_but_never_crashes() -> None:
    whole = yaml.safe_load(template())
    refused = admitted = 0
    for index, place in enumerate(places(whole)):
        changed = copy.deepcopy(whole)
        holder = changed
        for part in place[:-1]:
            holder = holder[part]
        # Each place gets one odd value, and each value meets many places.
        holder[place[-1]] = ODD[index % len(ODD)]
        try:
            parse_claims(yaml.safe_dump(changed), "odd.yaml")
            admitted += 1
        except InputError:
            refused += 1
    assert refused > 50
    assert admitted > 5


def test_a_day_out_of_bounds_is_refused_wherever_it_stands() -> None:
    """Days are added to days later: the calendar's last one must not get that far."""
    whole = yaml.safe_load(template())
    days = [place for place in places(whole) if isinstance(_at(whole, place), dt.date)]
    assert len(days) > 4
    for place in days:
        for day in (dt.date(1, 1, 1), dt.date(1899, 12, 31), dt.date(2100, 1, 2), dt.date(9999, 12, 31)):
            changed = copy.deepcopy(whole)
            _at(changed, place[:-1])[place[-1]] = day
            with pytest.raises(InputError, match="lies outside what can be asked of"):
                parse_claims(yaml.safe_dump(changed), "odd.yaml")


def _at(value: Any, place: tuple[Any, ...]) -> Any:
    for part in place:
        value = value[part]
    return value


def small(published: str = "2022-12-21", second: str = "truce") -> str:
    text = (HERE / "lint" / "unknown-policy.yaml").read_text(encoding="utf-8")
    claims = yaml.safe_load(text)
    claims["article"]["published"] = published
    test = claims["claims"][0]["readings"][0]["test"]
    test.update(first="fight-on", second=second)
    return yaml.safe_dump(claims, sort_keys=False)


def test_a_scenario_far_from_the_article_is_noted() -> None:
    told = [str(found) for found in lint(parse_claims(small("2024-03-01"), "mine.yaml"))]
    assert len(told) == 2
    assert told[0].startswith(
        "note: the scenario 'ukraine-2022' begins on 2022-12-20, 437 days before the article (2024-03-01):"
        " its comparisons answer for that day and not for the article's.\n  where: mine.yaml, line "
    )
    assert told[1].startswith("note: the truce of 'truce' begins on 2022-12-21, 436 days before the article")


@pytest.mark.parametrize(("published", "notes"), [
    ("2023-02-18", 0), ("2023-02-19", 1), ("2023-02-20", 2), ("2022-10-21", 1), ("2022-10-22", 0),
])  # fmt: skip
def test_sixty_days_are_not_far(published: str, notes: int) -> None:
    assert len(lint(parse_claims(small(published), "mine.yaml"))) == notes


def test_a_claim_needs_no_row_of_the_design() -> None:
    whole = yaml.safe_load(template())
    for claim in whole["claims"]:
        claim.pop("row", None)
    file = parse_claims(yaml.safe_dump(whole), "mine.yaml")
    assert {claim.row for claim in file.claims} == {None}
