"""Neutral by test: list the sides the other way round, or rename them, and every number follows."""

import numpy as np
import pytest
import xarray as xr
import yaml

from ceasefire.engine import run
from ceasefire.scenario import Scenario, load_scenario, mirror, parse_scenario
from ceasefire.war.structure import DECISION_RULE, RECRUITMENT_RULE, SWITCHES

EVERYTHING = "invented-war with everything"


def with_everything() -> Scenario:
    """The invented war with every mechanism that a scenario may leave out, aims, levers and rival rules."""
    data = yaml.safe_load(_text("invented-war.yaml"))
    data["mechanisms"] = {one.name: 1.0 if one.name != "ending" else 0.5 for one in SWITCHES}
    data["structures"] = data.get("structures", {}) | {
        rule.name: {"weights": dict.fromkeys(rule.choices, 1.0), "source": "invented"}
        for rule in (DECISION_RULE, RECRUITMENT_RULE)
    }
    first, second = data["belligerents"]
    for front, aims in zip(data["fronts"], ((0.3, 0.1), (0.5, 0.2)), strict=True):
        front["aim"] = dict(zip((first["name"], second["name"]), aims, strict=True))
        front["aim_source"] = "invented"
    for side, flank, strikes in ((first, 2, 1.0), (second, 1, 0.5)):
        side.setdefault("levers", {}).update(
            flank={"value": flank, "source": "invented"},
            strikes={"value": strikes, "source": "invented"},
            sanctions={"value": strikes / 2, "source": "invented"},
        )
    return parse_scenario(yaml.safe_dump(data))


@pytest.mark.parametrize(
    ("scenario", "policy"),
    [("invented-war", "truce"), ("ukraine-2022", "truce"), (EVERYTHING, "truce")],
)
def test_sides_listed_the_other_way_round_mirror_by_the_bit(scenario: str, policy: str) -> None:
    straight = with_everything() if scenario == EVERYTHING else load_scenario(scenario)
    turned = mirror(straight)
    assert turned.sides == straight.sides[::-1]
    here, there = (run(war.world(), war.plan(policy), draws=64, seed=9) for war in (straight, turned))
    for name in here.data_vars:
        if name == "ground_net":
            assert np.array_equal(here[name].values, -there[name].values)
            continue
        places = {label: here[label] for label in ("side", "parameter") if label in there[name].dims}
        values = there[name].sel(places)
        assert np.array_equal(here[name].values, values.values), name


def test_names_have_no_effect() -> None:
    straight = load_scenario("invented-war")
    first, second = straight.sides
    text = _text(straight.path).replace(first, "\0").replace(second, first).replace("\0", second)
    renamed = parse_scenario(text)
    assert renamed.sides == (second, first)
    here, there = (run(war.world(), war.plan("truce"), draws=64, seed=9) for war in (straight, renamed))
    assert_same_by_place(here, there)


def _text(name: str) -> str:
    from importlib import resources

    return resources.files("ceasefire.scenario").joinpath("shipped", name).read_text("utf-8")


def assert_same_by_place(here: xr.Dataset, there: xr.Dataset) -> None:
    for name in here.data_vars:
        assert np.array_equal(here[name].values, there[name].values), name
