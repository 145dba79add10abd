"""The worth of knowing: examples by hand, closed forms of normal problems, and nothing found in nothing."""

from __future__ import annotations

import dataclasses
import math
from functools import cache

import numpy as np
import pandas as pd
import pytest

from ceasefire.analysis.worth import (
    EVERYTHING,
    Partial,
    information_by_kind,
    partial,
    perfect_information,
    sentence,
)
from ceasefire.files import InputError

HAND = np.array([[2.0, 4.0, 6.0, 8.0], [5.0, 4.0, 1.0, 6.0]])
NAMES = ("fight-on", "truce")


def normal_loss(mean: float, deviation: float) -> float:
    """Return E max(0, X) - max(0, E X) of a normal X: the unit normal loss integral, scaled.

    With u = |mean| / deviation it is deviation (phi(u) - u (1 - Phi(u))) (Raiffa and Schlaifer 1961).
    """
    unit = abs(mean) / deviation
    density = math.exp(-(unit**2) / 2.0) / math.sqrt(2.0 * math.pi)
    return deviation * (density - unit * 0.5 * math.erfc(unit / math.sqrt(2.0)))


GAP, FIRST, SECOND, CHANCE = 0.3, 1.0, 0.5, 1.0


def problem(
    correlation: float = 0.0, draws: int = 600, wars: int = 1, nulls: int = 2, seed: int = 1
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return values `[2, N]`, inputs `[2 + nulls, N]` and draws of a decision between two policies.

    The second policy is worth 0.3 + x1 + x2 / 2 more than the first, and chance; the other inputs do nothing.
    """
    rng = np.random.default_rng(seed)
    drawn = rng.standard_normal((2 + nulls, draws))
    drawn[1] = correlation * drawn[0] + math.sqrt(1.0 - correlation**2) * drawn[1]
    draw = np.arange(draws * wars) % draws
    gain = (GAP + FIRST * drawn[0] + SECOND * drawn[1])[draw]
    common = 10.0 * rng.standard_normal(draw.size)
    chance = CHANCE * rng.standard_normal(draw.size)
    return np.stack([common, common + gain + chance]), drawn[:, draw], draw


def truths(correlation: float = 0.0) -> dict[str, float]:
    """Return the worth of the groups in `found`, and of chance and all inputs together."""
    both = math.sqrt(FIRST**2 + SECOND**2 + 2.0 * FIRST * SECOND * correlation)
    return {
        "first": normal_loss(GAP, FIRST + SECOND * correlation),
        "second": normal_loss(GAP, SECOND + FIRST * correlation),
        "null": 0.0,
        EVERYTHING: normal_loss(GAP, both),
        "chance": normal_loss(GAP, math.hypot(both, CHANCE)),
    }


GROUPS = {"first": [0], "second": [1], "null": [2, 3]}


@cache
def found(correlation: float = 0.0, draws: int = 600, wars: int = 1, seed: int = 1) -> Partial:
    values, inputs, draw = problem(correlation, draws, wars, seed=seed)
    return partial(values, inputs, GROUPS, draw, policies=NAMES, unit="lives", seed=seed)


def by_group(one: Partial) -> pd.DataFrame:
    return one.table.set_index("group")


# Perfect information.


def test_perfect_information_by_hand() -> None:
    """The best of each war is 5, 4, 6, 8, on average 5.75; the first policy alone gives 5."""
    one = perfect_information(HAND, policies=NAMES)
    assert one.of_everything.value == 0.75
    assert one.best == "fight-on"
    assert (one.wars, one.draws) == (4, 4)
    assert math.isnan(one.of_parameters.value)
    assert math.isnan(one.of_parameters_at_most.value)


def test_perfect_information_of_draws_by_hand() -> None:
    agreeing = perfect_information(np.repeat(HAND, 2, axis=1), np.repeat(np.arange(4), 2))
    assert agreeing.of_parameters.value == agreeing.of_everything.value == 0.75
    # Two draws of two wars: their means are 3 and 7, and 4.5 and 3.5.
    values = np.tile(HAND, 25)
    one = perfect_information(values, np.arange(100) // 2)
    assert one.of_everything.value == 0.75
    assert one.of_parameters_at_most.value == pytest.approx((4.5 + 7.0) / 2.0 - 5.0)
    assert one.of_parameters.value < one.of_parameters_at_most.value


def test_perfect_information_of_a_normal_difference_is_recovered() -> None:
    truth = truths()
    held = {"everything": 0, "parameters": 0}
    most = []
    for repeat in range(40):
        values, _, draw = problem(draws=200, wars=3, seed=repeat)
        one = perfect_information(values, draw, seed=repeat)
        held["everything"] += one.of_everything.low <= truth["chance"] <= one.of_everything.high
        held["parameters"] += one.of_parameters.low <= truth[EVERYTHING] <= one.of_parameters.high
        most.append(one.of_parameters_at_most.value)
    # Intervals hold 90 %; of 40 fewer than 31 hold once in 100 times.
    assert min(held.values()) >= 31
    # The plain means of draws know a third of the variance of chance.
    left = math.hypot(math.sqrt(FIRST**2 + SECOND**2), CHANCE / math.sqrt(3.0))
    assert np.mean(most) == pytest.approx(normal_loss(GAP, left), abs=0.02)


# Partial perfect information.


@pytest.mark.parametrize("correlation", [0.0, 0.6, -0.3])
def test_partial_information_of_normal_inputs_is_recovered(correlation: float) -> None:
    """A group also tells what goes with it: with r between inputs its deviation is a + b r."""
    truth = truths(correlation)
    table = by_group(found(correlation, draws=1_500))
    for group in ("first", "second", EVERYTHING):
        row = table.loc[group]
        # Three errors, and a little for what a fit of so many draws does not find.
        assert row["value"] == pytest.approx(truth[group], abs=3.0 * row["mc_error"] + 0.01)
    assert table.loc["null", "low"] <= 0.0 <= table.loc["null", "high"]
    assert table["above_zero"].to_dict()["first"]
    whole = truth["chance"]
    assert table.loc["first", "share"] == pytest.approx(truth["first"] / whole, abs=0.1)
    assert table.loc[EVERYTHING, "share_of_inputs"] == 1.0


def test_intervals_hold_the_closed_form_about_as_often_as_they_say() -> None:
    truth = truths()
    tables = [by_group(found(draws=300, wars=2, seed=seed)) for seed in range(30)]
    for group in ("first", EVERYTHING):
        held = sum(bool(t.loc[group, "low"] <= truth[group] <= t.loc[group, "high"]) for t in tables)
        assert held >= 22
        # On the low side, and by little.
        mean = np.mean([t.loc[group, "value"] for t in tables])
        assert truth[group] - 0.03 < mean < truth[group] + 0.02


@pytest.mark.thorough
@pytest.mark.parametrize("gap", [0.0, 0.1, 0.3])
def test_nothing_is_found_in_inputs_that_do_nothing(gap: float) -> None:
    """Not even where two policies are alike and any noise decides between them."""
    above, values_told = 0, []
    for repeat in range(60):
        rng = np.random.default_rng(repeat)
        values = np.stack([np.zeros(200), gap + rng.standard_normal(200)])
        row = partial(values, rng.standard_normal((3, 200)), {"null": [0, 1, 2]}, seed=repeat).table.iloc[0]
        above += bool(row["above_zero"])
        values_told.append(row["value"])
        assert row["low"] <= row["value"]
        assert row["high"] >= 0.0
    assert above <= 3
    # It is not cut off at 0.
    assert min(values_told) < 0.0


def test_a_fit_of_noise_is_not_followed() -> None:
    """To choose by a dozen inputs that do nothing would cost 0.04 of the deviation."""
    told = []
    for repeat in range(20):
        rng = np.random.default_rng(repeat)
        values = np.stack([np.zeros(200), 0.2 + rng.standard_normal(200)])
        inputs = rng.standard_normal((12, 200))
        told.append(partial(values, inputs, {"null": list(range(12))}, seed=repeat).table.loc[0, "value"])
    assert -0.03 < np.mean(told) <= 0.005


def test_it_is_no_more_than_all_there_is_to_know() -> None:
    for one in (found(), found(0.6, 1_500), found(draws=300, wars=2)):
        assert (one.table["value"] <= one.perfect.of_everything.value).all()
        assert (one.table["share"] <= 1.0).all()


def test_all_inputs_are_worth_what_the_parameters_are() -> None:
    one = found(draws=600, wars=3)
    inputs, parameters = by_group(one).loc[EVERYTHING], one.perfect.of_parameters
    error = math.hypot(inputs["mc_error"], parameters.mc_error)
    assert inputs["value"] == pytest.approx(parameters.value, abs=2.5 * error)


def test_more_inputs_are_worth_no_less() -> None:
    values, inputs, draw = problem(draws=800)
    nested = {"one": [0], "two": [0, 1], "four": [0, 1, 2, 3]}
    worth = partial(values, inputs, nested, draw).table["value"].to_numpy()
    assert worth[1] > worth[0] + 0.01
    assert worth[2] == pytest.approx(worth[1], abs=0.02)


def test_what_acts_together_only_is_worth_something_together_only() -> None:
    """Of a product of two normal inputs the mean of the positive part is 1 / pi."""
    rng = np.random.default_rng(3)
    inputs = rng.standard_normal((8, 800))
    values = np.stack([np.zeros(800), inputs[0] * inputs[1] - 0.1 + 0.5 * rng.standard_normal(800)])
    table = by_group(partial(values, inputs, {"one": [0], "both": [0, 1]}))
    assert not table.loc["one", "above_zero"]
    truth = (np.maximum(inputs[0] * inputs[1] - 0.1, 0.0)).mean()
    # Among all eight inputs the product is found as well.
    for group in ("both", EVERYTHING):
        assert table.loc[group, "value"] == pytest.approx(truth, abs=0.06)


def test_a_structure_is_worth_what_choosing_by_it_gains() -> None:
    """In a third of the wars the second policy is 2 better, in the others 1.5 worse: 2 / 3."""
    draws = 600
    world = np.arange(draws) % 3
    rng = np.random.default_rng(4)
    values = np.stack([np.zeros(draws), np.where(world == 0, 2.0, -1.5) + rng.standard_normal(draws)])
    inputs = np.concatenate([world == np.arange(3)[:, None], rng.standard_normal((2, draws))])
    kinds = ["structure"] * 3 + ["learnt", "assumed"]
    one = information_by_kind(values, inputs, kinds, unit="lives")
    table = by_group(one)
    assert list(table.index) == ["structure", "learnt", "assumed", EVERYTHING]
    assert table.loc["structure", "value"] == pytest.approx(2.0 / 3.0, abs=0.1)
    assert not table.loc[["learnt", "assumed"], "above_zero"].any()
    groups = {"structure": [0, 1, 2], "learnt": [3], "assumed": [4]}
    pd.testing.assert_frame_equal(one.table, partial(values, inputs, groups).table)


def test_of_several_policies_each_is_chosen_where_it_is_best() -> None:
    """Of three policies that are worth x, -x and 0, knowing x is worth the mean of |x|."""
    rng = np.random.default_rng(6)
    inputs = rng.standard_normal((2, 800))
    values = np.stack([inputs[0], -inputs[0], 0.2 + np.zeros(800)]) + 0.5 * rng.standard_normal((3, 800))
    row = by_group(partial(values, inputs, {"x": [0]})).loc["x"]
    truth = np.maximum(np.abs(inputs[0]), 0.2).mean() - 0.2
    assert row["value"] == pytest.approx(truth, abs=3.0 * row["mc_error"])


# What must not change.


def test_a_constant_for_all_policies_of_a_war_changes_nothing() -> None:
    values, inputs, draw = problem(draws=200, wars=2)
    shift = np.random.default_rng(2).normal(0.0, 30.0, draw.size)
    here, there = (partial(v, inputs, GROUPS, draw) for v in (values, values + shift))
    pd.testing.assert_frame_equal(here.table, there.table, rtol=1e-6, atol=1e-9)


def test_a_unit_scales_the_worth_and_no_share() -> None:
    values, inputs, draw = problem(draws=200, wars=2)
    here, there = (by_group(partial(v, inputs, GROUPS, draw)) for v in (values, 1e4 * values))
    for column in ("value", "mc_error", "low", "high"):
        assert there[column].to_numpy() == pytest.approx(1e4 * here[column].to_numpy(), rel=1e-6, abs=1e-4)
    assert there["share"].to_numpy() == pytest.approx(here["share"].to_numpy(), rel=1e-6, abs=1e-9)


def test_swapping_the_policies_changes_no_worth() -> None:
    values, inputs, draw = problem(draws=200, wars=2)
    here = partial(values, inputs, GROUPS, draw, policies=NAMES)
    there = partial(values[::-1], inputs, GROUPS, draw, policies=NAMES[::-1])
    pd.testing.assert_frame_equal(here.table, there.table, rtol=1e-6, atol=1e-9)
    assert here.perfect.best == there.perfect.best == "truce"


def test_a_monotone_change_of_an_input_changes_nothing() -> None:
    values, inputs, draw = problem(draws=200)
    here, there = (partial(values, given, GROUPS, draw).table for given in (inputs, np.exp(inputs)))
    pd.testing.assert_frame_equal(here, there, rtol=1e-6, atol=1e-9)


def test_wars_that_share_draws_widen_the_interval() -> None:
    values, inputs, draw = problem(draws=100, wars=6)
    alone, shared = (by_group(partial(values, inputs, GROUPS, given)) for given in (None, draw))
    assert shared.loc["first", "mc_error"] > 1.4 * alone.loc["first", "mc_error"]
    assert shared.loc["first", "low"] < alone.loc["first", "low"]


def test_inputs_that_differ_between_wars_of_a_draw_are_used() -> None:
    values, inputs, draw = problem(draws=600)
    row = by_group(partial(values, inputs, GROUPS, draw // 2)).loc["first"]
    assert row["value"] == pytest.approx(truths()["first"], abs=3.0 * row["mc_error"] + 0.01)


def test_an_input_that_does_not_vary_and_policies_that_are_alike_are_worth_nothing() -> None:
    values, inputs, draw = problem(draws=100)
    inputs[3] = 7.0
    row = by_group(partial(values, inputs, {"fixed": [3]}, draw)).loc["fixed"]
    assert (row["inputs"], row["value"], row["low"], row["high"]) == (0, 0.0, 0.0, 0.0)
    alike = partial(np.stack([values[0], values[0]]), inputs, GROUPS, draw)
    assert (alike.table[["value", "low", "high"]] == 0.0).all(axis=None)
    assert alike.table[["share", "share_of_inputs"]].isna().all(axis=None)


# In words.


def test_the_sentence_has_number_interval_and_limits() -> None:
    words = sentence(found())
    assert words.startswith(
        "Over 600 wars from 600 draws, to know everything, chance included, before a policy is chosen"
    )
    assert "lives (90 % interval)" in words
    assert "Of the groups 'first' is worth most" in words
    assert words.endswith("what the regression misses is not in it, so that the worth may be higher.")
    nothing = dataclasses.replace(found(), table=found().table.iloc[2:])
    assert "The worth of no group is told apart from 0" in sentence(nothing)
    about = found().about
    assert (about["wars"], about["unit"], about["chosen_without_information"]) == (600, "lives", "truce")


# What cannot be used.


@pytest.mark.parametrize(
    ("given", "what", "where", "todo"),
    [
        (
            {"values": np.zeros((1, 100))},
            "there is only one policy: there is nothing to choose.",
            "values",
            "give at least two policies.",
        ),
        (
            {"values": np.where(np.arange(200).reshape(2, 100) == 103, np.nan, 0.0)},
            "1 of the values are not numbers.",
            "policy 'truce', war 3",
            "leave wars out that failed under any policy.",
        ),
        (
            {"inputs": np.zeros((2, 99))},
            "the inputs are not rows of one number for each of 100 wars.",
            "inputs",
            "give them as inputs x wars.",
        ),
        (
            {"inputs": np.where(np.arange(200).reshape(2, 100) == 103, np.inf, 0.0)},
            "1 of the inputs are not numbers.",
            "input 1, war 3",
            "leave that input or those wars out.",
        ),
        (
            {"groups": {"learnt": [0, 2]}},
            "there is no input 2.",
            "group 'learnt'",
            "number the inputs from 0 to 1.",
        ),
        (
            {"groups": {"learnt": []}},
            "the group has no inputs.",
            "group 'learnt'",
            "name at least one row of inputs.",
        ),
        ({"groups": {}}, "there is no group of inputs.", "groups", "give at least one."),
        (
            {"groups": {EVERYTHING: [0]}},
            "'all inputs' is the name of the last row.",
            "groups",
            "take another name.",
        ),
        (
            {"draws": np.arange(100) % 40},
            "there are only 40 draws: no regression is made of fewer than 50.",
            "draws",
            "sample more.",
        ),
        (
            {"draws": [1, 2]},
            "the draws are not one whole number for each of 100 wars.",
            "draws",
            "give the number of the draw of each war, or none where no two wars share one.",
        ),
    ],
)
def test_what_cannot_be_used(given: dict[str, object], what: str, where: str, todo: str) -> None:
    usual = {"values": np.zeros((2, 100)), "inputs": np.zeros((2, 100)), "groups": {"learnt": [0]}}
    with pytest.raises(InputError) as caught:
        partial(**{**usual, "policies": NAMES, **given})  # type: ignore[arg-type]
    assert (caught.value.what, caught.value.where, caught.value.todo) == (what, where, todo)


def test_a_kind_for_each_input() -> None:
    with pytest.raises(InputError) as caught:
        information_by_kind(np.zeros((2, 100)), np.zeros((3, 100)), ["learnt", "assumed"])
    assert caught.value.what == "there are 3 inputs and 2 kinds."
    with pytest.raises(InputError, match="there is only one policy"):
        perfect_information(HAND[:1])


def test_what_a_group_narrows_is_its_share_of_what_tells_policies_apart() -> None:
    # The policies differ by 0.3 + x1 + x2 / 2 + chance, with variances 1, 1/4 and 1.
    values, inputs, draw = problem(draws=2000)
    narrows = by_group(partial(values, inputs, GROUPS, draw, policies=NAMES))["narrows"]
    whole = FIRST**2 + SECOND**2 + CHANCE**2
    assert narrows["first"] == pytest.approx(FIRST**2 / whole, abs=0.04)
    assert narrows["second"] == pytest.approx(SECOND**2 / whole, abs=0.04)
    assert narrows["null"] == pytest.approx(0.0, abs=0.01)
    assert narrows[EVERYTHING] == pytest.approx((FIRST**2 + SECOND**2) / whole, abs=0.04)


def test_what_a_group_narrows_counts_chance_within_draws() -> None:
    # With four wars of a draw the inputs still explain the same share of the spread of single wars.
    values, inputs, draw = problem(draws=1000, wars=4)
    narrows = by_group(partial(values, inputs, GROUPS, draw, policies=NAMES))["narrows"]
    assert narrows["first"] == pytest.approx(FIRST**2 / (FIRST**2 + SECOND**2 + CHANCE**2), abs=0.05)


def test_what_a_group_narrows_does_not_hang_on_the_choice() -> None:
    # The second policy is better in every war: nothing is worth knowing, and much is narrowed.
    values, inputs, draw = problem()
    values[1] += 100.0
    found = by_group(partial(values, inputs, GROUPS, draw, policies=NAMES))
    assert found.loc["first", "value"] == 0.0
    assert found.loc["first", "narrows"] > 0.3
