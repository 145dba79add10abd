"""A gallery of wrong scenarios: one small file for each rule, the exact message beside it."""

import copy
import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from ceasefire.files import InputError
from ceasefire.scenario import parse_scenario, template

WRONG = sorted((Path(__file__).parent / "wrong").glob("*.yaml"))


@pytest.mark.parametrize("path", WRONG, ids=lambda path: path.stem)
def test_wrong_scenario_is_refused_with_its_message(path: Path) -> None:
    with pytest.raises(InputError) as caught:
        parse_scenario(path.read_text(encoding="utf-8"), path.name)
    assert f"{caught.value}\n" == path.with_suffix(".txt").read_text(encoding="utf-8")


def test_gallery_is_whole() -> None:
    assert len(WRONG) > 80
    assert {path.stem for path in WRONG} == {path.stem for path in WRONG[0].parent.glob("*.txt")}


def test_messages_name_no_library_and_no_class() -> None:
    for path in WRONG:
        text = path.with_suffix(".txt").read_text(encoding="utf-8").lower()
        for word in ("pydantic", "instance of", "_validator", "scenariofile", "traceback"):
            assert word not in text, path.stem


def places(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if place:
        yield place
    if isinstance(value, dict):
        for key, child in value.items():
            yield from places(child, (*place, key))
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from places(child, (*place, index))


ODD = [None, [], {}, "<b>x</b>", 10**400, True, -1, 1e308, dt.date(9999, 12, 31), [None], {"a": None}]


@pytest.mark.thorough
def test_any_value_in_any_place_is_admitted_or_refused_but_never_crashes() -> None:
    whole = yaml.safe_load(template())
    refused = 0
    for index, place in enumerate(places(whole)):
        changed = copy.deepcopy(whole)
        holder = changed
        for part in place[:-1]:
            holder = holder[part]
        # Each place gets one odd value, and each value meets many places.
        holder[place[-1]] = ODD[index % len(ODD)]
        try:
            scenario = parse_scenario(yaml.safe_dump(changed), "odd.yaml")
        except InputError:
            refused += 1
        else:
            scenario.world()
            for policy in scenario.policies:
                scenario.plan(policy)
            past = scenario.content.history
            if past:
                scenario.history(past.start + dt.timedelta(days=7))
    assert refused > 100
