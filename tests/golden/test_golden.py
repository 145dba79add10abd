"""Golden results: what users see does not change unseen, and a change is said in the changelog."""

from __future__ import annotations

import copy
import json
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

import ceasefire as cf
from tests.golden import changelog, results
from tests.golden.update import update

KEPT = results.read()
LOG = """# Changelog

## 0.2.0, not yet released

### Added

* A thing.

### Your numbers will move

* The first
  change.
* The second change.

## 0.1.0, 1 January 2027

### Your numbers will move

* An old change.

### Known limits

* None.
"""


def kept() -> dict[str, Any]:
    return copy.deepcopy(KEPT["results"])


def test_what_users_see_is_what_is_kept() -> None:
    changes = results.moved(KEPT["results"], results.compute())
    assert not changes, results.says(changes)


def test_the_changelog_still_has_the_entries_that_the_results_rest_on() -> None:
    gone = changelog.vanished(KEPT["changelog"], changelog.read())
    assert not gone, (
        f"entries under '{changelog.HEADING}' that golden results rest on were changed or taken away: {gone}."
        f" Put them back, or, where only the words were mended, run {results.UPDATE}."
    )


def test_the_file_is_written_as_the_program_writes_it() -> None:
    text = results.KEPT.read_text(encoding="utf-8")
    assert text == results.written(KEPT["results"], KEPT["changelog"])
    assert len(text) < 40_000


def test_the_results_kept_are_of_many_kinds_and_are_not_all_nought() -> None:
    numbers = [value for _, value in results.leaves(kept()) if isinstance(value, int | float)]
    assert len(numbers) > 500
    assert np.count_nonzero(numbers) > 0.8 * len(numbers)
    words = [
        value
        for name, value in results.leaves(kept())
        if name.startswith("verdicts") and isinstance(value, str)
    ]
    assert len(set(words)) >= 4


# A change is caught


def test_a_change_of_the_model_is_caught(tmp_path: Path) -> None:
    """One side of the invented war has a fiftieth fewer people: its wars are not those kept."""
    shipped = resources.files("ceasefire.scenario").joinpath("shipped", "invented-war.yaml")
    content = yaml.safe_load(shipped.read_text(encoding="utf-8"))
    stocks = content["belligerents"][0]["stocks"]
    stocks["troops"] = changed(stocks["troops"], 0.98)
    own = tmp_path / "invented-war.yaml"
    own.write_text(yaml.safe_dump(content), encoding="utf-8")
    now = results.rounded(results.told(cf.run(str(own), draws=results.DRAWS, seed=results.SEED)))
    before = KEPT["results"]["wars"]["invented-war, fight-on, priors"]
    same = results.rounded(results.told(cf.run("invented-war", draws=results.DRAWS, seed=results.SEED)))
    assert not results.moved(before, same)
    assert len(results.moved(before, now)) >= 5


def changed(prior: Any, by: float) -> Any:
    """Return a prior of a scenario with every number of it multiplied."""
    if isinstance(prior, dict):
        return {name: changed(value, by) for name, value in prior.items()}
    if isinstance(prior, list):
        return [changed(value, by) for value in prior]
    return prior * by if isinstance(prior, int | float) and not isinstance(prior, bool) else prior


@pytest.mark.parametrize("by", [1.003, 0.997, -1.0])
def test_each_number_that_moves_is_named_with_what_it_was_and_is(by: float) -> None:
    now = kept()
    place = now["wars"]["ukraine-2022, truce, priors"]["killed, Ukraine"]
    before = place[1]
    place[1] = before * by
    (found,) = results.moved(KEPT["results"], now)
    assert str(found).startswith("wars / ukraine-2022, truce, priors / killed, Ukraine / 2: ")
    assert f"{before} -> {before * by}" in str(found)
    said = results.says([found])
    for word in ("1 golden results moved", changelog.HEADING, results.UPDATE):
        assert word in said


def test_what_another_processor_may_do_is_not_a_change() -> None:
    now = kept()
    place = now["wars"]["ukraine-2022, truce, priors"]["killed, Ukraine"]
    place[1] *= 1.001
    now["what a truce does"]["killed, both sides: share of wars with more under the truce"] += (
        1 / results.DRAWS
    )
    assert not results.moved(KEPT["results"], now)
    now["what a truce does"]["killed, both sides: share of wars with more under the truce"] += (
        1 / results.DRAWS
    )
    assert len(results.moved(KEPT["results"], now)) == 1


def test_words_are_compared_exactly_and_what_is_new_or_gone_is_told() -> None:
    now = kept()
    now["verdicts"]["the-korean-armistice"]["armistice-held"]["then, now"][1] = "supported"
    now["model fingerprint"] = "0123456789abcdef"
    del now["a question"]["probability"]
    now["something"] = 1
    told = [str(one) for one in results.moved(KEPT["results"], now)]
    assert any(line.endswith("then, now / 2: mostly supported -> supported") for line in told)
    assert any(line.startswith("model fingerprint: ") for line in told)
    assert any("is not computed any more" in line for line in told)
    assert "something: 1 is not kept" in told
    assert len(told) == 4


# The changelog


def test_entries_are_those_under_the_heading_alone_however_they_are_wrapped() -> None:
    assert list(changelog.entries(LOG).values()) == [
        "The first change.",
        "The second change.",
        "An old change.",
    ]
    assert list(changelog.entries(LOG, unreleased=True).values()) == [
        "The first change.",
        "The second change.",
    ]
    assert changelog.entries(LOG.replace("first\n  change", "first change")) == changelog.entries(LOG)
    assert len(changelog.entries(changelog.read(), unreleased=True)) >= 1


def golden(folder: Path, content: dict[str, Any], log: str) -> Path:
    path = folder / "golden.json"
    path.write_text(results.written(content, changelog.entries(log)), encoding="utf-8")
    return path


NEW = LOG.replace("* The second change.\n", "* The second change.\n* A third one.\n")


@pytest.mark.parametrize(
    ("log", "allowed"),
    [
        (LOG, False),
        (NEW, True),
        # An entry that is only changed is none that is new.
        (LOG.replace("second change", "second change, in other words"), False),
        # What was released cannot say it any more.
        (LOG.replace("* An old change.\n", "* An old change.\n* Another.\n"), False),
        (LOG.replace("* A thing.\n", "* A thing.\n* Another.\n"), False),
    ],
)
def test_results_that_moved_are_written_only_with_a_new_entry(
    tmp_path: Path, log: str, allowed: bool
) -> None:
    path = golden(tmp_path, {"a": [1.0, 2.0], "b": "word"}, LOG)
    before = path.read_text(encoding="utf-8")
    said: list[str] = []
    assert update(path, log, lambda: {"a": [1.0, 2.1], "b": "word"}, said.append) is allowed
    assert any("a / 2: 2.0 -> 2.1 (+5.00 %)" in line for line in said)
    if allowed:
        found = results.read(path)
        assert found["results"]["a"] == [1.0, 2.1]
        assert found["changelog"] == changelog.entries(log)
    else:
        assert path.read_text(encoding="utf-8") == before
        assert changelog.HEADING in said[-1]


def test_without_a_change_the_entries_are_taken_up_and_small_steps_do_not_add_up(tmp_path: Path) -> None:
    mended = LOG.replace("second change", "second change, in other words")
    path = golden(tmp_path, {"a": 1000.0}, LOG)
    assert changelog.vanished(results.read(path)["changelog"], mended) == ["The second change."]
    assert update(path, mended, lambda: {"a": 1001.0}, lambda _: None)
    assert json.loads(path.read_text(encoding="utf-8"))["results"] == {"a": 1000.0}
    assert not changelog.vanished(results.read(path)["changelog"], mended)


def test_a_result_that_is_kept_from_now_on_or_no_more_needs_no_entry(tmp_path: Path) -> None:
    path = golden(tmp_path, {"a": 1.0, "b": 2.0}, LOG)
    assert update(path, LOG, lambda: {"a": 1.0, "c": 3.0}, lambda _: None)
    assert results.read(path)["results"] == {"a": 1.0, "c": 3.0}
    assert not update(path, LOG, lambda: {"a": 1.1, "c": 3.0, "d": 4.0}, lambda _: None)


def test_an_entry_that_vanishes_is_found() -> None:
    there = changelog.entries(LOG)
    assert changelog.vanished(there, LOG) == []
    assert changelog.vanished(there, LOG.replace("* An old change.\n", "")) == ["An old change."]
    # An entry stays one when its part is released.
    assert changelog.vanished(there, LOG.replace("not yet released", "2 January 2027")) == []
