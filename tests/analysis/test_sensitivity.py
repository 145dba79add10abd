"""Which inputs carry an outcome: closed forms are found, nothing is found in nothing, and traps are shut."""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats

from ceasefire.analysis.sensitivity import (
    EDGE,
    Design,
    Sensitivity,
    base_samples_for,
    given_data,
    sobol_design,
    sobol_indices,
    wars_needed,
)
from ceasefire.files import InputError

# Ishigami and Homma (1990) with a = 7 and b = 0.1.
ISHIGAMI_FIRST = (0.3139, 0.4424, 0.0)
ISHIGAMI_TOTAL = (0.5576, 0.4424, 0.2437)
# Sobol's G: the larger, the less the input does.
G = np.array([0.0, 0.5, 3.0, 9.0, 99.0])
COVARIANCE = np.array([[1.0, 0.7, 0.0], [0.7, 1.0, 0.3], [0.0, 0.3, 1.0]])
SLOPES = np.array([1.0, 0.0, 0.8])


def ishigami(uniform: np.ndarray) -> np.ndarray:
    """Return the outcome of uniforms `[N, 3]`."""
    first, second, third = np.pi * (2.0 * uniform.T - 1.0)
    return np.asarray(np.sin(first) + 7.0 * np.sin(second) ** 2 + 0.1 * third**4 * np.sin(first))


def sobol_g(uniform: np.ndarray) -> np.ndarray:
    """Return the outcome of uniforms `[N, 5]`."""
    return np.asarray(((np.abs(4.0 * uniform - 2.0) + G) / (1.0 + G)).prod(axis=1))


def indices_of_g() -> tuple[np.ndarray, np.ndarray]:
    """Return the closed forms of first and total order."""
    alone = 1.0 / (3.0 * (1.0 + G) ** 2)
    whole = np.prod(1.0 + alone) - 1.0
    return alone / whole, alone * np.prod(1.0 + alone) / (1.0 + alone) / whole


def linear(wars: int, seed: int, noise: float = 0.5) -> tuple[np.ndarray, np.ndarray]:
    """Return correlated normal inputs `[3, N]` of which the second does nothing, and the outcome."""
    rng = np.random.default_rng(seed)
    inputs = np.linalg.cholesky(COVARIANCE) @ rng.standard_normal((3, wars))
    return inputs, SLOPES @ inputs + noise * rng.standard_normal(wars)


def linear_first(noise: float = 0.5) -> np.ndarray:
    """Return the squared correlation of each input with the outcome: of a normal model, first order."""
    variance = SLOPES @ COVARIANCE @ SLOPES + noise**2
    return np.asarray((COVARIANCE @ SLOPES) ** 2 / variance)


def delta_of_normal(first: float) -> float:
    """Return Borgonovo's delta of two normal variables, by integration."""
    outcome = np.linspace(-8.0, 8.0, 4001)
    known = np.sqrt(first) * special.ndtri((np.arange(400) + 0.5) / 400)[:, None]
    apart = np.abs(stats.norm.pdf(outcome) - stats.norm.pdf(outcome, known, np.sqrt(1.0 - first)))
    return float(apart.mean(axis=0).sum() * (outcome[1] - outcome[0]) / 2.0)


def covers(frame: pd.DataFrame, name: str, truth: np.ndarray | tuple[float, ...]) -> np.ndarray:
    low, high = (frame[f"{name}_{end}"].to_numpy() for end in ("low", "high"))
    return np.asarray((low <= np.asarray(truth)) & (np.asarray(truth) <= high))


# Wars that are given.


def test_the_correlation_ratio_of_the_ishigami_function_is_found() -> None:
    uniform = np.random.default_rng(1).random((4000, 3))
    found = given_data(uniform.T, ishigami(uniform), ["one", "two", "three"])
    assert found.frame["first"].to_numpy() == pytest.approx(ISHIGAMI_FIRST, abs=0.025)
    assert covers(found.frame, "first", ISHIGAMI_FIRST).all()
    # The third does nothing to the mean: delta alone sees it.
    third = found.frame.iloc[2]
    assert third["first"] < third["first_null"]
    assert third["delta"] > 3.0 * third["null"]
    assert found.frame["told_apart"].all()
    assert (found.wars, found.level, found.dropped) == (4000, 0.95, 0)
    assert "4,000 wars of 4,000 draws" in found.sentence


def test_the_indices_of_correlated_inputs_have_their_closed_form() -> None:
    inputs, outcome = linear(4000, 2)
    frame = given_data(inputs, outcome, list("abc")).frame
    truth = linear_first()
    assert frame["first"].to_numpy() == pytest.approx(truth, abs=0.03)
    assert covers(frame, "first", truth).all()
    assert frame["delta"].to_numpy() == pytest.approx([delta_of_normal(first) for first in truth], abs=0.025)
    # It does nothing, but what it goes with does.
    assert truth[1] > 0.4
    assert frame["told_apart"].all()


@pytest.mark.parametrize(("first", "wars"), [(0.05, 4000), (0.3, 4000), (0.3, 500), (0.6, 500)])
def test_what_noise_adds_is_taken_off(first: float, wars: int) -> None:
    """The mean over repeats, so that an error of the estimate itself shows."""
    found = []
    for seed in range(5):
        rng = np.random.default_rng(seed)
        inputs = rng.standard_normal((2, wars))
        outcome = np.sqrt(first) * inputs[0] + np.sqrt(1.0 - first) * rng.standard_normal(wars)
        found.append(given_data(inputs, outcome, ["does", "nothing"], seed=seed, resamples=100).frame)
    mean = pd.concat(found).groupby("input").mean(numeric_only=True)
    assert mean.loc["does", "first"] == pytest.approx(first, abs=0.03)
    assert mean.loc["does", "delta"] == pytest.approx(delta_of_normal(first), abs=0.035)
    assert mean.loc["nothing", "first"] == pytest.approx(0.0, abs=0.01)


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    held = []
    for seed in range(60):
        inputs, outcome = linear(400, seed)
        frame = given_data(inputs, outcome, list("abc"), seed=seed, resamples=100).frame
        held.append(covers(frame, "first", linear_first()))
    assert np.all(np.mean(held, axis=0) >= 0.88)


def null_wars(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    rng = np.random.default_rng(seed)
    return rng.standard_normal((5, 300)), rng.standard_normal(300), None


def null_wars_of_shared_draws(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    rng = np.random.default_rng(seed)
    draws = np.arange(300) % 80
    return rng.standard_normal((5, 80))[:, draws], rng.standard_normal(80)[draws], draws


def null_wars_of_few_values(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    rng = np.random.default_rng(seed)
    return (rng.random((5, 300)) < 0.3).astype(float), rng.random(300) < 0.1, None


@pytest.mark.parametrize("make", [null_wars, null_wars_of_shared_draws, null_wars_of_few_values])
def test_an_input_that_does_nothing_is_below_its_null_level(make: Any) -> None:
    below, any_told = 0, 0
    for seed in range(100):
        inputs, outcome, draws = make(seed)
        frame = given_data(inputs, outcome, list("abcde"), draws=draws, seed=seed, resamples=100).frame
        row = frame.iloc[0]
        below += bool(row["delta"] <= row["null"] and row["first"] <= row["first_null"])
        any_told += bool(frame["told_apart"].any())
    assert below >= 95
    # The level holds for all inputs together.
    assert any_told <= 13


def test_wars_that_share_a_draw_widen_intervals_and_raise_the_level() -> None:
    rng = np.random.default_rng(4)
    draws = np.arange(1600) % 200
    inputs = rng.standard_normal((3, 200))[:, draws]
    outcome = 0.7 * inputs[0] + rng.standard_normal(200)[draws] + 0.3 * rng.standard_normal(1600)
    together = given_data(inputs, outcome, list("abc"), draws=draws).frame
    apart = given_data(inputs, outcome, list("abc")).frame
    for name in ("first", "delta"):
        wide = (together[f"{name}_high"] - together[f"{name}_low"])[0]
        assert wide > 1.5 * (apart[f"{name}_high"] - apart[f"{name}_low"])[0]
    assert (together["first_null"] > 3.0 * apart["first_null"]).all()
    assert (together["null"] > 1.5 * apart["null"]).all()
    # Taken as independent, inputs that do nothing seem to do something.
    assert apart["told_apart"].all()
    assert together["told_apart"].tolist() == [True, False, False]


def test_an_input_that_varies_within_a_draw_is_seen() -> None:
    rng = np.random.default_rng(5)
    draws = np.arange(600) % 200
    law = (rng.random(600) < 0.5).astype(float)
    inputs = np.stack([rng.standard_normal(200)[draws], law])
    outcome = rng.standard_normal(200)[draws] + law
    frame = given_data(inputs, outcome, ["drawn", "law"], draws=draws).frame
    assert frame["first"][1] == pytest.approx(0.2, abs=0.05)
    # Shuffled wars know nothing of it within their draws either.
    assert frame["first_null"][1] < 0.02
    assert frame["told_apart"].tolist() == [False, True]


def test_an_input_that_moves_the_spread_only_is_told_apart_by_delta() -> None:
    rng = np.random.default_rng(6)
    inputs = rng.standard_normal((2, 1000))
    frame = given_data(inputs, np.exp(0.7 * inputs[0]) * rng.standard_normal(1000), ["a", "b"]).frame
    assert frame["delta"][0] > 1.5 * frame["null"][0]
    assert frame["told_apart"].tolist() == [True, False]


def test_a_choice_a_constant_and_a_yes_or_no_are_inputs_and_outcomes() -> None:
    rng = np.random.default_rng(7)
    choice = rng.integers(0, 3, 2000).astype(float)
    mean = np.array([0.0, 2.0, 0.0])[choice.astype(int)]
    inputs = np.stack([choice, np.ones(2000), rng.standard_normal(2000)])
    frame = given_data(inputs, mean + rng.standard_normal(2000), ["choice", "constant", "none"]).frame
    expected = 8.0 / 9.0 / (8.0 / 9.0 + 1.0)
    assert frame["first"][0] == pytest.approx(expected, abs=0.04)
    constant = frame.drop(columns=["input", "group", "told_apart"]).iloc[1].astype(float)
    assert constant.to_numpy() == pytest.approx(0.0, abs=1e-9)
    assert frame["told_apart"].tolist() == [True, False, False]
    yes = given_data(inputs, choice == 1.0, ["choice", "constant", "none"]).frame
    # Known in full: delta of a share p is 2 p (1 - p).
    share = float((choice == 1.0).mean())
    assert yes["first"][0] == pytest.approx(1.0)
    assert yes["delta"][0] == pytest.approx(2.0 * share * (1.0 - share), abs=0.01)


def test_many_inputs_are_taken_in_parts_without_a_change(monkeypatch: pytest.MonkeyPatch) -> None:
    inputs, outcome = linear(300, 8)
    whole = given_data(inputs, outcome, list("abc"))
    monkeypatch.setattr("ceasefire.analysis.sensitivity.MOST_AT_A_TIME", 300)
    pd.testing.assert_frame_equal(given_data(inputs, outcome, list("abc")).frame, whole.frame)


def test_seeds_are_deterministic_and_zero_is_one() -> None:
    inputs, outcome = linear(300, 9)
    np.random.seed(1)
    zero = given_data(inputs, outcome, list("abc"), seed=0).frame
    np.random.seed(2)
    pd.testing.assert_frame_equal(zero, given_data(inputs, outcome, list("abc"), seed=0).frame)
    other = given_data(inputs, outcome, list("abc"), seed=1).frame
    assert not np.array_equal(zero["first_low"], other["first_low"])
    assert other["first"].to_numpy() == pytest.approx(zero["first"].to_numpy(), abs=0.02)


@settings(max_examples=10, deadline=None)
@given(
    st.integers(0, 1000),
    st.sampled_from([np.exp, np.cbrt, np.arctan, lambda values: 3.0 * values - 7.0]),
)
def test_a_monotone_change_of_an_inputs_scale_changes_nothing(seed: int, change: Any) -> None:
    inputs, outcome = linear(200, seed)
    before = given_data(inputs, outcome, list("abc"), resamples=100).frame
    inputs[1] = change(inputs[1])
    after = given_data(inputs, outcome, list("abc"), resamples=100).frame
    pd.testing.assert_frame_equal(before, after, rtol=1e-9, atol=1e-12)


def test_a_scale_that_is_turned_round_leaves_the_estimates() -> None:
    inputs, outcome = linear(1000, 10)
    before, after = (given_data(values, outcome, list("abc")).frame for values in (inputs, -inputs))
    for name in ("first", "delta"):
        assert after[name].to_numpy() == pytest.approx(before[name].to_numpy(), abs=1e-9)


def test_delta_does_not_depend_on_the_outcomes_scale() -> None:
    inputs, outcome = linear(500, 11)
    before, after = (given_data(inputs, values, list("abc")).frame for values in (outcome, np.exp(outcome)))
    assert after["delta"].to_numpy() == pytest.approx(before["delta"].to_numpy(), abs=1e-9)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 1000), st.booleans(), st.booleans())
def test_the_order_of_the_wars_changes_nothing(seed: int, shared: bool, ties: bool) -> None:
    inputs, outcome = linear(240, seed)
    draws = np.arange(240) % 60 if shared else None
    outcome = np.round(outcome) if ties else outcome
    before = given_data(inputs, outcome, list("abc"), draws=draws, resamples=100).frame
    order = np.random.default_rng(seed).permutation(240)
    moved = None if draws is None else draws[order]
    after = given_data(inputs[:, order], outcome[order], list("abc"), draws=moved, resamples=100).frame
    pd.testing.assert_frame_equal(before, after, rtol=1e-9, atol=1e-9)


def test_groups_are_named() -> None:
    inputs, outcome = linear(100, 12)
    frame = given_data(inputs, outcome, list("abc"), groups={"front": [0, 2]}).frame
    assert frame["group"].tolist() == ["front", "", "front"]
    assert frame["input"].tolist() == ["a", "b", "c"]


INPUTS, OUTCOME = linear(100, 13)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"outcome": OUTCOME[:50]}, r"inputs have the shape \[3, 100\] and the outcome \[50\]"),
        ({"values": INPUTS.T}, r"inputs have the shape \[100, 3\] and the outcome \[100\]"),
        ({"values": INPUTS[0]}, r"inputs have the shape \[100\]"),
        ({"outcome": np.full(100, 0.1)}, "the outcome is the same in all wars"),
        ({"outcome": np.where(OUTCOME > 2.0, np.nan, OUTCOME)}, r"of 100 wars hold a value .* \(rows? \d"),
        ({"values": np.where(INPUTS[1, 7] == INPUTS, np.inf, INPUTS)}, r"1 of 100 wars .* \(row 7\)"),
        ({"names": ["a", "b"]}, "3 inputs have 2 names, of which 2 differ"),
        ({"names": ["a", "b", "a"]}, "3 inputs have 3 names, of which 2 differ"),
        ({"draws": np.arange(99)}, r"draws are 100 whole numbers.* the shape \[99\]"),
        ({"draws": np.arange(100) / 2}, "the type float64"),
        ({"draws": np.arange(100) % 20}, "20 draws are too few"),
        ({"resamples": 5}, "5 resamples are too few"),
        ({"seed": -1}, "the seed is -1"),
        ({"groups": {"g": [3]}}, "the group 'g' names input 3; there are 3, counted from 0"),
        ({"groups": {"g": [0], "h": [0]}}, "input 0 is in 'g' and in 'h'"),
        ({"groups": {"g": []}}, "the group 'g' has no input"),
    ],
)
def test_what_cannot_be_read_is_refused(changed: dict[str, Any], message: str) -> None:
    arguments: dict[str, Any] = {"values": INPUTS, "outcome": OUTCOME, "names": list("abc")}
    with pytest.raises(InputError, match=message):
        given_data(**(arguments | changed))


def test_a_table_that_lies_on_its_side_is_known() -> None:
    with pytest.raises(InputError) as caught:
        given_data(INPUTS.T, OUTCOME, list("abc"))
    assert caught.value.todo == "turn the inputs round."


# The size of a design.


def test_a_design_never_needs_more_wars_than_asked_for() -> None:
    assert wars_needed(20, 2048) == 45_056
    assert base_samples_for(65_536, 20) == 2048
    for groups in (2, 7, 20, 300):
        for wars in (64 * (groups + 2), 65_536, 100_001):
            base = base_samples_for(wars, groups)
            assert wars_needed(groups, base) <= wars < wars_needed(groups, 2 * base)


@pytest.mark.parametrize(
    ("call", "message", "todo"),
    [
        (
            lambda: base_samples_for(1000, 300),
            "1,000 wars are too few for 300",
            "compute 19,328 at least or make 13",
        ),
        (lambda: base_samples_for(100, 3), "100 wars are too few for 3", "compute 320 at least."),
        (lambda: wars_needed(5, 1000), "1,000 base samples are no power of two", "give 512 or 1,024."),
        (lambda: wars_needed(5, 32), "32 base samples are too few", "give a power of two, 64 at least."),
        (lambda: wars_needed(1, 64), "1 inputs or groups cannot be told apart", "give two at least."),
        (lambda: sobol_design(3, 100, 0), "100 base samples are no power of two", "give 64 or 128."),
        (lambda: sobol_design(3, 64, 0, groups={"all": [0, 1, 2]}), "1 inputs or groups cannot", "give two"),
        (lambda: sobol_design(3, 64, 0, names=["a"]), "3 inputs have 1 names", "give each input a name"),
        (
            lambda: sobol_design(3, 64, 0, names=list("abc"), groups={"a": [1, 2]}),
            "'a' is a group and an input outside of it",
            "give the group another name.",
        ),
    ],
)
def test_a_design_that_cannot_be_is_refused(call: Any, message: str, todo: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        call()
    assert caught.value.todo.startswith(todo)


def test_a_library_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    importing = builtins.__import__

    def without(name: str, *arguments: Any, **named: Any) -> Any:
        if name.startswith("SALib"):
            raise ImportError(name)
        return importing(name, *arguments, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(InputError, match="needs the package SALib"):
        sobol_design(3, 64, 0)


# Designs.


@pytest.fixture(scope="module")
def _library() -> None:
    pytest.importorskip("SALib", reason="indices of total order need SALib")


def indices(design: Design, outcome: np.ndarray) -> tuple[Sensitivity, pd.DataFrame]:
    found = sobol_indices(design, outcome)
    return found, found.frame


@pytest.mark.usefixtures("_library")
class TestDesigns:
    def test_the_indices_of_the_ishigami_function_are_found(self) -> None:
        design = sobol_design(3, 2048, 0)
        found, frame = indices(design, ishigami(design.uniform))
        assert frame["first"].to_numpy() == pytest.approx(ISHIGAMI_FIRST, abs=0.03)
        assert frame["total"].to_numpy() == pytest.approx(ISHIGAMI_TOTAL, abs=0.03)
        assert covers(frame, "first", ISHIGAMI_FIRST).all()
        assert covers(frame, "total", ISHIGAMI_TOTAL).all()
        assert frame["input"].tolist() == ["input 1", "input 2", "input 3"]
        assert (frame["group"] == "").all()
        assert (found.wars, found.level, found.dropped) == (design.wars, 0.95, 0)
        assert design.uniform.shape == (design.wars, 3) == (10_240, 3)

    def test_the_indices_of_the_g_function_have_their_closed_form(self) -> None:
        design = sobol_design(5, 2048, 1)
        _, frame = indices(design, sobol_g(design.uniform))
        for name, truth in zip(("first", "total"), indices_of_g(), strict=True):
            assert frame[name].to_numpy() == pytest.approx(truth, abs=0.02)
            assert covers(frame, name, truth).all()

    def test_a_group_carries_what_its_inputs_do_together(self) -> None:
        design = sobol_design(3, 1024, 2, names=list("abc"), groups={"both": [0, 2]})
        found, frame = indices(design, ishigami(design.uniform))
        assert design.carriers == ("both", "b")
        assert found.wars == wars_needed(2, 1024)
        assert frame["input"].tolist() == ["", "b"]
        assert frame["group"].tolist() == ["both", ""]
        # The second acts alone, all else is the group's.
        rest = 1.0 - ISHIGAMI_FIRST[1]
        assert frame["first"].to_numpy() == pytest.approx([rest, ISHIGAMI_FIRST[1]], abs=0.03)
        assert frame["total"].to_numpy() == pytest.approx([rest, ISHIGAMI_FIRST[1]], abs=0.03)

    def test_chance_is_told_apart_as_an_input_of_its_own(self) -> None:
        design = sobol_design(3, 1024, 3, names=["does", "nothing", "chance"])
        noise = special.ndtri(design.uniform[:, 2])
        _, frame = indices(design, special.ndtri(design.uniform[:, 0]) + noise)
        assert frame["total"].to_numpy() == pytest.approx([0.5, 0.0, 0.5], abs=0.04)
        # With chance of its own, each war seems to owe it to the input that does nothing.
        own = np.random.default_rng(3).standard_normal(design.wars)
        _, frame = indices(design, special.ndtri(design.uniform[:, 0]) + own)
        assert frame["total"][1] > 0.4
        assert frame["first"][1] == pytest.approx(0.0, abs=0.1)

    def test_uniforms_have_quantiles_at_both_ends(self) -> None:
        uniform = sobol_design(4, 4096, 0).uniform
        assert EDGE <= uniform.min() < 0.001
        assert 0.999 < uniform.max() <= 1.0 - EDGE
        assert np.isfinite(special.ndtri([EDGE, 1.0 - EDGE])).all()
        assert uniform.mean(axis=0) == pytest.approx(0.5, abs=0.01)

    def test_seeds_are_deterministic_and_zero_is_one(self) -> None:
        frames = []
        for seed, state in ((0, 1), (0, 2), (1, 1)):
            np.random.seed(state)
            design = sobol_design(3, 128, seed)
            frames.append((design.uniform, sobol_indices(design, ishigami(design.uniform)).frame))
        assert np.array_equal(frames[0][0], frames[1][0])
        pd.testing.assert_frame_equal(frames[0][1], frames[1][1])
        assert not np.array_equal(frames[0][0], frames[2][0])
        assert not np.array_equal(frames[0][1]["first_low"], frames[2][1]["first_low"])

    @pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
    def test_blocks_of_failed_wars_are_dropped_and_counted(self, bad: float) -> None:
        design = sobol_design(3, 1024, 4)
        outcome = ishigami(design.uniform)
        # Two in one block, one in another.
        outcome[[0, 3, 5017]] = bad
        found, frame = indices(design, outcome)
        assert (found.dropped, found.wars) == (10, design.wars - 10)
        assert "10 others left out with 2 blocks that hold a failed war" in found.sentence
        assert frame["total"].to_numpy() == pytest.approx(ISHIGAMI_TOTAL, abs=0.04)
        assert frame.drop(columns=["input", "group"]).notna().all(axis=None)

    def test_many_failed_wars_are_refused(self) -> None:
        design = sobol_design(3, 64, 4)
        outcome = ishigami(design.uniform)
        outcome[::50] = np.nan
        with pytest.raises(InputError, match=r"7 wars failed \(rows 0, 50, 100, 150, 200, \.\.\.\)"):
            sobol_indices(design, outcome)

    def test_an_outcome_far_from_zero_is_as_good(self) -> None:
        design = sobol_design(3, 256, 5)
        outcome = ishigami(design.uniform)
        _, near = indices(design, outcome)
        _, far = indices(design, 1e6 + outcome)
        assert far["first"].to_numpy() == pytest.approx(near["first"].to_numpy(), abs=1e-6)

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            (lambda outcome: outcome[:-1], r"the design has 320 wars; the outcome has the shape \[319\]"),
            (lambda outcome: outcome[:, None], r"the shape \[320, 1\]"),
            (lambda outcome: 0.0 * outcome, "the outcome is the same in all wars"),
            (lambda outcome: 1e9 + 1e-9 * outcome, "the outcome is the same in all wars"),
        ],
    )
    def test_an_outcome_that_tells_nothing_is_refused(self, change: Any, message: str) -> None:
        design = sobol_design(3, 64, 6)
        with pytest.raises(InputError, match=message):
            sobol_indices(design, change(ishigami(design.uniform)))
