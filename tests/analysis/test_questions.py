"""Questions with slots: how they are filled, what they say, and what the wars answer."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from typing import Any

import numpy as np
import pytest

from ceasefire.analysis import compare
from ceasefire.analysis.discovery import Column
from ceasefire.analysis.questions import ASKED, Answer, Question, ask, conditions, fill, likeliest
from ceasefire.bargaining.branches import start_for
from ceasefire.files import InputError
from ceasefire.scenario import Scenario, load_scenario, mirror


@pytest.fixture(scope="module")
def war() -> Scenario:
    return load_scenario("invented-war")


@pytest.fixture(scope="module")
def ukraine() -> Scenario:
    return load_scenario("ukraine-2022")


@pytest.fixture(scope="module")
def answer(war: Scenario) -> Answer:
    return ask(Question(by=war.start + dt.timedelta(days=200)), war, draws=400, seed=3)


def test_the_question_of_a_shipped_policy_has_the_answer_of_that_policy(ukraine: Scenario) -> None:
    """The truce of 182 days with arms halved stands in the scenario, too: the same wars, to the last bit."""
    asked = fill(Question(aid=0.5, by=dt.date(2023, 12, 20)), ukraine)
    assert asked.question.aid_to == "Ukraine"
    own, shipped = asked.scenario.plan(ASKED), ukraine.plan("truce-aid-halved")
    assert np.array_equal(own.levers, shipped.levers)
    assert np.array_equal(own.events, shipped.events)
    found = ask(Question(aid=0.5, by=dt.date(2023, 12, 20)), ukraine, draws=64, seed=2)
    whole = compare(ukraine, "fight-on", "truce-aid-halved", draws=64, seed=2)
    date = dt.date(2023, 12, 20)
    row = whole.at("killed", None, date)
    assert found.probability == row["probability"]
    assert (found.low, found.median, found.high) == tuple(
        row[f"difference_{end}"] for end in ("low", "median", "high")
    )
    assert found.comparison.world.days < whole.world.days


def test_an_answer_holds_what_a_plain_computation_gives(answer: Answer) -> None:
    comparison = answer.comparison
    week = round(200 / 7)
    first = comparison.first["killed"].sum("side").isel(time=week).values.astype(float)
    second = comparison.second["killed"].sum("side").isel(time=week).values.astype(float)
    difference = second - first
    assert answer.more == (difference > 0).mean()
    assert answer.same == (difference == 0).mean()
    assert answer.probability == pytest.approx(answer.more + answer.same / 2)
    assert answer.median == pytest.approx(np.median(difference))
    # Under priors every war is a draw of its own.
    assert answer.ess == pytest.approx(400)
    assert answer.assumed.value == 1.0


def test_wars_that_are_at_hand_are_not_run_again_and_change_no_bit(war: Scenario, answer: Answer) -> None:
    by = war.start + dt.timedelta(days=200)
    runs = {answer.asked.question.against: answer.comparison.first}
    told: list[tuple[int, int]] = []
    again = ask(
        Question(by=by),
        war,
        draws=400,
        seed=3,
        runs=runs,
        progress=lambda done, total: told.append((done, total)),
    )
    assert again.to_dict() == answer.to_dict()
    assert again.comparison.first is answer.comparison.first
    # Only the truce was run, the second half of all wars.
    assert told
    assert min(done for done, _ in told) >= 400
    assert set(runs) == {answer.asked.question.against, ASKED}


def test_an_error_grows_as_a_posterior_s_draws_are_worth_fewer(war: Scenario) -> None:
    start = start_for(war.world(), None, 100, 1)
    question = Question(by=war.start + dt.timedelta(days=200))
    few, many = (ask(question, war, draws=400, seed=3, start=start, effective=worth) for worth in (25.0, 1e9))
    assert few.probability == many.probability
    assert few.mc_error == pytest.approx(2.0 * many.mc_error)
    assert few.ess == pytest.approx(many.ess / 4.0)
    assert few.curve()["mc_error"].to_numpy() == pytest.approx(2.0 * many.curve()["mc_error"].to_numpy())


def test_the_file_holds_what_was_promised(answer: Answer) -> None:
    told: dict[str, Any] = json.loads(json.dumps(answer.to_dict(), allow_nan=False))
    assert set(told) >= {
        "probability", "mc_error", "ess", "difference", "horizon_curve", "conditions", "assumed_share",
        "structural_share", "seed", "draws",
    }  # fmt: skip
    assert set(told["difference"]) >= {"median", "interval", "unit"}
    assert told["difference"]["unit"] == "persons"
    last = told["horizon_curve"][-1]
    assert (last["probability"], last["mc_error"]) == (told["probability"], told["mc_error"])
    assert [last["low"], last["high"]] == told["difference"]["interval"]
    assert last["date"] == str(answer.asked.last_day)
    assert (told["seed"], told["draws"]) == (3, 400)


def test_the_sides_turned_round_turn_the_answer_round(war: Scenario) -> None:
    by = war.start + dt.timedelta(days=200)
    side = war.sides[0]
    here = ask(Question("area", side, by), war, draws=200, seed=3)
    there = ask(Question("area", side, by), mirror(war), draws=200, seed=3)
    assert there.probability == here.probability
    assert there.median == here.median
    other = ask(Question("area", war.sides[1], by), war, draws=200, seed=3)
    assert other.probability == pytest.approx(1.0 - here.probability)
    assert other.median == pytest.approx(-here.median)


def test_two_seeds_agree_within_their_errors(war: Scenario) -> None:
    """In 95 of 100 repeats within 1.96 of both errors together; fewer than 16 of 20 in 1 of 300 by chance."""
    by = war.start + dt.timedelta(days=140)

    def told(seed: int) -> tuple[float, float]:
        found = compare(war, "fight-on", "truce", draws=60, seed=seed, until=by, outcomes=("killed",))
        row = found.at("killed", None, found.last_day)
        return float(row["probability"]), float(row["mc_error"])

    pairs = [(told(2 * number), told(2 * number + 1)) for number in range(20)]
    agree = [abs(one[0] - other[0]) <= 1.96 * np.hypot(one[1], other[1]) for one, other in pairs]
    assert sum(agree) >= 16


@pytest.mark.parametrize(("slots", "said"), [
    ({}, "Would a truce of 182 days from 21 December 2022, without monitors, lead to more soldiers killed on"
         " both sides by 21 December 2023 than fighting on?"),
    ({"outcome": "area", "side": "ua", "days": 90, "monitored": True, "aid": 0.5,
      "by": dt.date(2023, 6, 1)},
     "Would a truce of 90 days from 21 December 2022, watched by third parties, with arms from abroad for"
     " Ukraine at 50 % of what they are, lead to more ground lost by Ukraine by 1 June 2023 than fighting"
     " on?"),
    ({"outcome": "assault", "side": "Russia", "against": "flank-open"},
     "Would a truce of 182 days from 21 December 2022, without monitors, lead to more assaults of Russia on"
     " the enemy's capital by 21 December 2023 than the policy 'flank-open'?"),
])  # fmt: skip
def test_a_question_is_a_sentence(ukraine: Scenario, slots: dict[str, Any], said: str) -> None:
    assert fill(Question(**slots), ukraine).sentence == said


@pytest.mark.parametrize(("slots", "what", "to_do"), [
    ({"outcome": "soldier"}, "'soldier' is no outcome", "soldiers"),
    ({"outcome": "area"}, "'ground_lost' needs a side", "Russia, Ukraine"),
    ({"outcome": "at_war", "side": "UA"}, "'at_war' belongs to no side", "leave the side out"),
    ({"side": "Ukrain"}, "'Ukrain' is no belligerent", "Ukraine"),
    ({"by": dt.date(2030, 1, 1)}, "2030-01-01 lies outside", "to 2025-12-30"),
    ({"by": dt.date(2022, 12, 21)}, "2022-12-21 lies outside", "2022-12-22"),
    ({"start": dt.date(2021, 1, 1)}, "cannot begin on 2021-01-01", "between them"),
    ({"days": 0}, "a truce of 0 days is none", "from 1"),
    ({"days": 4000}, "goes on after the simulated war", "at most"),
    ({"aid": -0.1}, "-0.1 is no share", "from 0 to 5"),
    ({"aid": float("nan")}, "nan is no share", "from 0 to 5"),
    ({"against": "fight-onn"}, "no policy 'fight-onn'", "fight-on"),
])  # fmt: skip
def test_a_slot_that_cannot_be_filled_is_refused(
    ukraine: Scenario, slots: dict[str, Any], what: str, to_do: str
) -> None:
    with pytest.raises(InputError) as caught:
        fill(Question(**slots), ukraine)
    assert what in str(caught.value)
    assert to_do in str(caught.value)


def test_a_truce_compared_with_itself_is_refused(ukraine: Scenario) -> None:
    with pytest.raises(InputError, match="the same on every day"):
        ask(Question(against="truce"), ukraine, draws=64)


def test_an_outcome_that_never_varies_is_said(war: Scenario) -> None:
    """Assaults on a capital need the northern front, which this scenario has not."""
    with pytest.raises(InputError, match=r"comes to the same under both policies in all .* wars"):
        ask(Question("assault", by=war.start + dt.timedelta(days=100)), war, draws=64)


def test_so_few_wars_that_an_interval_is_that_of_the_extremes_are_refused(war: Scenario) -> None:
    with pytest.raises(InputError, match="1 wars are too few for an answer"):
        ask(Question(), war, draws=1)


def test_arms_for_a_side_that_gets_none_must_be_named(war: Scenario) -> None:
    levers = war.content.belligerents
    bare = [one.model_copy(update={"levers": type(one.levers)()}) for one in levers]
    nobody = dataclasses.replace(war, content=war.content.model_copy(update={"belligerents": bare}))
    with pytest.raises(InputError, match="no side gets arms from abroad"):
        fill(Question(aid=0.5), nobody)
    assert fill(Question(aid=0.5, aid_to=war.sides[1]), nobody).question.aid_to == war.sides[1]


def test_a_planted_condition_is_found_and_said() -> None:
    rng = np.random.default_rng(1)
    values = np.concatenate([rng.uniform(0, 100, (1, 4000)), rng.standard_normal((5, 4000))])
    columns = (Column("aid", "%"), *(Column(f"noise {row}", "") for row in range(5)))
    labels = {column.name: column.name for column in columns}
    difference = np.where(values[0] < 45.0, 1.0, -1.0) * rng.choice([1.0, -1.0], 4000, p=[0.95, 0.05])
    probability = float((difference > 0).mean())
    (found, *_) = conditions(columns, labels, values, difference, probability, np.arange(4000), 1)
    assert found.text.startswith("aid is below 4")
    assert found.density.value == pytest.approx(0.95, abs=0.03)
    assert found.coverage.value > 0.85
    dealt = rng.permutation(difference)
    assert conditions(columns, labels, values, dealt, probability, np.arange(4000), 1) == ()


def test_where_the_other_answer_is_likely_is_a_smaller_box_that_is_denser() -> None:
    rng = np.random.default_rng(5)
    values = rng.random((4, 8_000))
    # The lower the first column, the likelier there is less.
    difference = np.where(rng.random(8_000) < 0.1 + 0.8 * values[0], 1.0, -1.0)
    columns, labels = (
        [Column(f"c{row}", "") for row in range(4)],
        {f"c{row}": f"thing {row}" for row in range(4)},
    )
    probability = float((difference > 0).mean())
    wars = (columns, labels, values, difference, probability, np.arange(8_000), 1)
    known = conditions(*wars)
    dense = likeliest(*wars, known=known)
    assert dense is not None
    assert dense.text.startswith("thing 0 is")
    assert dense.density.low > max(one.density.value for one in known)
    assert dense.support.value < min(one.support.value for one in known)
    # One that is no denser than what is told anyway is not told.
    assert likeliest(*wars, known=(dense,)) is None


def test_wars_that_come_to_the_same_are_worth_no_more_than_they_are(war: Scenario) -> None:
    """Two weeks after a truce began hardly any war differs in how long a side attacked."""
    start = start_for(war.world(), None, 100, 1)
    question = Question("weeks_attacking", by=war.start + dt.timedelta(days=14), days=28)
    found = ask(question, war, draws=400, seed=3, start=start)
    assert found.same > 0.5
    assert found.ess <= 400
