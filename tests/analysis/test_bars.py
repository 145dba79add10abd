"""Which inputs carry a difference: the wars of the question, a planted input, and sides exchanged."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from ceasefire.analysis import Comparison, compare
from ceasefire.analysis.bars import bars, in_words
from ceasefire.analysis.questions import ASKED, Asked, Question, compared, fill
from ceasefire.bargaining.branches import start_for
from ceasefire.files import InputError
from ceasefire.scenario import Scenario, load_scenario, mirror
from ceasefire.war import REGISTRY, STRUCTURES


@pytest.fixture(scope="module")
def war() -> Scenario:
    return load_scenario("invented-war")


def asked_of(war: Scenario) -> Asked:
    return fill(Question(by=war.start + dt.timedelta(days=119)), war)


@pytest.fixture(scope="module")
def comparison(war: Scenario) -> Comparison:
    return compared(asked_of(war), draws=400, seed=3)


def read(comparison: Comparison, seed: int = 1) -> pd.DataFrame:
    found = bars(comparison, "killed", None, comparison.last_day, seed, resamples=100)
    return found.frame.set_index("input")


def test_the_wars_are_those_of_the_question(war: Scenario, comparison: Comparison) -> None:
    asked = asked_of(war)
    whole = compare(asked.scenario, "fight-on", ASKED, draws=400, seed=3)
    date = comparison.last_day
    assert date == asked.last_day
    assert whole.last_day > date
    own = comparison.difference("killed", None, date)
    assert np.array_equal(whole.difference("killed", None, date), own)


def test_sides_that_are_exchanged_have_the_same_bars(war: Scenario, comparison: Comparison) -> None:
    here = read(comparison)
    there = read(compared(asked_of(mirror(war)), draws=400, seed=3))
    pd.testing.assert_frame_equal(there.loc[here.index], here, check_exact=True)


def test_inputs_are_what_varies_and_each_equation_is_one(comparison: Comparison) -> None:
    frame = read(comparison)
    names = set(frame.index)
    assert {"attrition_law", "fire_law", "decision_rule"} <= names
    assert not any(": " in name for name in names)
    weights = comparison.world.structure_weights
    rivals = {one.name for one in STRUCTURES if np.count_nonzero(weights[one.name]) > 1}
    assert set(frame.index[frame["group"] == "structure"]) == rivals
    # Nothing was learnt of priors; a constant is no input.
    assert set(frame["group"]) == {"assumed", "structure"}
    parameters = comparison.first["parameters"]
    constant = [str(name) for name in parameters["parameter"].values[np.ptp(parameters.values, axis=1) == 0]]
    assert constant
    assert not names & set(constant)
    labels = in_words(list(frame.index))
    assert labels["fire_law"] == "what limits losses by indirect fire"
    side = comparison.sides[0]
    assert labels[f"rest_days ({side})"] == f"{REGISTRY['rest_days'].meaning}, {side}"


def test_what_the_evidence_taught_is_called_learnt(war: Scenario) -> None:
    side = war.sides[1]
    learnt = pd.DataFrame({"name": [f"rest_days ({side})", "violation_level"], "label": "learnt"})
    frame = read(compared(asked_of(war), draws=100, seed=3, learnt=learnt))
    assert frame.loc[f"rest_days ({side})", "group"] == "learnt"
    assert frame.loc["violation_level", "group"] == "assumed"
    assert (frame["group"] == "learnt").sum() == 1


def test_a_planted_input_and_a_planted_equation_are_found(
    comparison: Comparison, monkeypatch: pytest.MonkeyPatch
) -> None:
    wars = comparison.first
    planted = np.log(wars["parameters"].sel(parameter="violation_level").values.astype(float))
    codes = wars["structure"].sel(alternative="fire_law").values
    noise = np.random.default_rng(1).normal(size=planted.size)
    difference = planted / planted.std() + codes / codes.std() + 0.3 * noise
    monkeypatch.setattr(Comparison, "difference", lambda *_: difference)
    frame = read(comparison).sort_values("delta", ascending=False)
    assert set(frame.index[:2]) == {"violation_level", "fire_law"}
    assert frame["told_apart"].iloc[:2].all()
    assert frame["first"].iloc[:2].to_numpy() == pytest.approx(0.48, abs=0.1)
    assert frame["told_apart"].sum() <= 3


def test_wars_of_one_draw_count_together(war: Scenario) -> None:
    start = start_for(war.world(), None, 60, 1)
    found = compared(asked_of(war), draws=120, seed=3, start=start)
    sensitivity = bars(found, "killed", None, found.last_day, 1, resamples=100)
    assert "120 wars of 60 draws" in sensitivity.sentence
    assert any(name.startswith("state: ") for name in sensitivity.frame["input"])
    labels = in_words(list(sensitivity.frame["input"]))
    assert labels[f"state: skill ({war.sides[0]})"] == f"skill ({war.sides[0]}) on the first morning"


def test_what_cannot_be_told_is_refused(war: Scenario, comparison: Comparison) -> None:
    nothing = fill(Question("assault", by=war.start + dt.timedelta(days=60)), war)
    same = compared(nothing, draws=60)
    with pytest.raises(InputError, match=r"comes to the same under both policies in all 60 wars") as caught:
        bars(same, "capital_assaults", None, same.last_day)
    assert "another outcome" in str(caught.value)
    few = compared(asked_of(war), draws=40)
    with pytest.raises(InputError, match="40 draws are too few"):
        bars(few, "killed", None, few.last_day)
    with pytest.raises(InputError, match="lies outside the horizon"):
        bars(comparison, "killed", None, war.end)
