"""Wars of a question whose terms vary: the same wars as those of one truce, and a planted flip."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from ceasefire.analysis import varied
from ceasefire.analysis.compare import share_above
from ceasefire.analysis.questions import Asked, Question, ask, conditions, fill
from ceasefire.analysis.varied import PER_CENT, TERMS, WARS_OF_A_SETTING, Varied, vary
from ceasefire.files import InputError
from ceasefire.scenario import Scenario, load_scenario, mirror


@pytest.fixture(scope="module")
def war() -> Scenario:
    return load_scenario("invented-war")


@pytest.fixture(scope="module")
def asked(war: Scenario) -> Asked:
    return fill(Question(by=war.start + dt.timedelta(days=200)), war)


@pytest.fixture(scope="module")
def found(war: Scenario, asked: Asked) -> Varied:
    return vary(asked, war, wars=6 * WARS_OF_A_SETTING, seed=4)


def test_without_terms_that_vary_the_wars_are_those_of_the_question(war: Scenario, asked: Asked) -> None:
    """Whatever the number of batches: wars 0 to N - 1 with the chances of the same seed."""
    plain = ask(asked.question, war, draws=300, seed=4)
    same = vary(asked, war, terms=(), wars=300, seed=4)
    comparison = plain.comparison
    assert np.array_equal(same.difference, comparison.difference("killed", None, asked.by))
    assert share_above(same.difference) == plain.probability


def test_every_term_covers_its_range_and_stands_first(found: Varied, war: Scenario) -> None:
    names = [column.name for column in found.columns]
    first, second = war.sides
    assert names[:7] == [
        "days", "monitored", "aid", f"recruitment ({first})", f"recruitment ({second})",
        f"production ({first})", f"production ({second})",
    ]  # fmt: skip
    assert found.groups[:7] == ("term",) * 7
    assert "term" not in found.groups[7:]
    assert len(found.columns) == len(found.groups) == len(found.values)
    assert set(found.labels) == set(names)
    days, monitored, aid = found.values[:3]
    assert days.min() >= 28
    assert days.max() <= 364
    assert np.array_equal(days, np.round(days))
    assert set(np.unique(monitored)) == {0.0, 1.0}
    # Of six settings one lies in each sixth of the range.
    assert sorted(np.unique(aid) // (200 / 6)) == [0, 1, 2, 3, 4, 5]
    assert found.columns[2].unit == PER_CENT
    assert found.labels[f"recruitment ({second})"] == f"recruitment of {second} in the truce"


def test_a_truce_never_outlasts_the_war(war: Scenario) -> None:
    for left in (60, 20):
        late = fill(Question(start=war.end - dt.timedelta(days=left), days=10), war)
        found = vary(late, war, terms=("days",), wars=300, seed=1)
        assert found.values[0].min() >= 1
        assert found.values[0].max() <= left


def test_a_planted_flip_is_found_within_five_per_cent(
    war: Scenario, asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The outcome is made to follow the aid of the truce: more of it where less than 60 % is sent."""
    monkeypatch.setattr(varied, "WARS_OF_A_SETTING", 5)
    found = vary(asked, war, terms=("aid", "days"), wars=2_000, seed=2)
    noise = np.random.default_rng(1).normal(0.0, 2.0, found.difference.size)
    planted = 60.0 - found.values[0] + noise
    probability = float(share_above(planted))
    assert probability < 0.5
    (first, *_) = conditions(
        found.columns, found.labels, found.values, planted, probability, found.draws, seed=1
    )
    said, _, rest = first.text.partition(" is below ")
    assert said == "arms sent from abroad in the truce"
    assert float(rest.split()[0]) == pytest.approx(60.0, rel=0.05)
    assert first.density.value > 0.95


def test_the_same_seed_gives_the_same_wars(war: Scenario, asked: Asked, found: Varied) -> None:
    again = vary(asked, war, wars=6 * WARS_OF_A_SETTING, seed=4)
    assert np.array_equal(again.values, found.values)
    assert np.array_equal(again.difference, found.difference)


def test_the_sides_listed_the_other_way_round_give_the_same_wars(
    war: Scenario, asked: Asked, found: Varied
) -> None:
    turned = mirror(war)
    again = vary(fill(asked.question, turned), turned, wars=6 * WARS_OF_A_SETTING, seed=4)
    here, there = ({column.name: row for row, column in enumerate(one.columns)} for one in (found, again))
    for name, row in here.items():
        assert np.array_equal(found.values[row], again.values[there[name]]), name
    assert np.array_equal(found.difference, again.difference)


def test_an_unknown_term_is_refused(war: Scenario, asked: Asked) -> None:
    with pytest.raises(InputError, match="'aids' is no term of a truce") as caught:
        vary(asked, war, terms=("aids",), wars=100)
    assert "aid" in str(caught.value)
    assert set(TERMS) == {"days", "monitored", "aid", "recruitment", "production"}
