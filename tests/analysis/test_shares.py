"""Shares of a spread: a planted split is found, chance is left over, and nothing is found in nothing."""

from __future__ import annotations

import datetime as dt
from functools import cache

import numpy as np
import pytest
from scipy import special, stats

from ceasefire.analysis import Comparison, compare
from ceasefire.analysis.columns import OF_A_TRUCE, columns_of
from ceasefire.analysis.shares import (
    ADAPTED,
    FOLDS,
    MOST_COLUMNS,
    PENALTIES,
    REPEATS,
    Explained,
    Group,
    Shares,
    _double_ridges,
    _More,
    _Posed,
    _ridges,
    _scores,
    _Turned,
)
from ceasefire.engine import Start
from ceasefire.scenario import load_scenario
from tests.engine.starts import start_from_priors

WARS, DRAWS, SIDE = 1_500, 1_000, 20
GROUPS: list[Group] = ["learnt"] * SIDE + ["assumed"] * SIDE + ["structure"] * 3
# How far a share may be from the planted one with this many wars and columns.
ERROR = 0.06


def whitened(values: np.ndarray) -> np.ndarray:
    return (values - values.mean()) / values.std()


@cache
def planted(correlation: float = 0.0, seed: int = 1) -> tuple[Explained, np.ndarray, np.ndarray, np.ndarray]:
    """Return the columns, and what is planted for each group and for chance, `[4, N]` of variance 1."""
    rng = np.random.default_rng(seed)
    drawn = rng.standard_normal((2 * SIDE, DRAWS))
    drawn[:SIDE] = np.sqrt(1 - correlation**2) * drawn[:SIDE] + correlation * drawn[SIDE:]
    law = rng.integers(0, 3, DRAWS)
    draws = np.arange(WARS) % DRAWS
    learnt = whitened(drawn[0] + 0.5 * drawn[1] + 0.3 * drawn[2] ** 2)[draws]
    assumed = whitened(drawn[SIDE] - 0.6 * drawn[SIDE + 1] + 0.3 * drawn[SIDE + 4] ** 2)[draws]
    structure = whitened((law == 1).astype(float))[draws]
    chance = rng.standard_normal(WARS)
    columns = np.concatenate([drawn, [law == code for code in range(3)]])[:, draws]
    return Explained(columns, GROUPS, draws), np.array([learnt, assumed, structure, chance]), columns, draws


def found(*weights: float, correlation: float = 0.0) -> Shares:
    explained, parts, _, _ = planted(correlation)
    return explained.shares(np.sqrt(np.array(weights)) @ parts)


@pytest.mark.parametrize(
    "split", [(0.4, 0.3, 0.0, 0.3), (0.0, 0.6, 0.0, 0.4), (0.5, 0.0, 0.2, 0.3), (0.1, 0.2, 0.1, 0.6)]
)
def test_a_planted_split_is_found(split: tuple[float, ...]) -> None:
    shares = found(*split)
    parts = (shares.learnt, shares.assumed, shares.structure, shares.chance)
    assert [part.value for part in parts] == pytest.approx(split, abs=ERROR)
    assert sum(part.value for part in parts) == pytest.approx(1.0)
    for part in parts:
        assert 0.0 <= part.low <= part.value <= part.high <= 1.0
    assert shares.chance_alone.value == pytest.approx(split[3], abs=ERROR)
    expected = split[1] / (split[0] + split[1])
    assert shares.assumed_of_explained.value == pytest.approx(expected, abs=0.1)


def test_what_correlated_columns_share_goes_half_to_each_group() -> None:
    """With r between the two, learnt alone predicts both; the orders give each its half of what is common."""
    r = 0.6
    explained, _, columns, _ = planted(r)
    first, second = columns[5], columns[SIDE + 5]
    noise = np.random.default_rng(3).standard_normal(WARS)
    # Only the assumed column acts; the learnt one is correlated with it.
    shares = explained.shares(second * np.sqrt(0.6) + noise * np.sqrt(0.4))
    assert np.corrcoef(first, second)[0, 1] == pytest.approx(r, abs=0.05)
    assert shares.learnt.value == pytest.approx(0.6 * r**2 / 2, abs=ERROR)
    assert shares.assumed.value == pytest.approx(0.6 * (1 - r**2 / 2), abs=ERROR)


def test_nothing_is_found_in_an_outcome_that_was_shuffled() -> None:
    explained, parts, _, _ = planted()
    outcome = np.sqrt([0.4, 0.4, 0.1, 0.1]) @ parts
    shares = explained.shares(np.random.default_rng(5).permutation(outcome))
    assert shares.learnt.value < 0.02
    assert shares.assumed.value < 0.02
    assert shares.chance.value > 0.96


def test_what_acts_together_only_is_in_the_rest_and_not_in_chance_alone() -> None:
    explained, _, columns, _ = planted()
    together = whitened(columns[0] * columns[SIDE])
    noise = np.random.default_rng(6).standard_normal(WARS)
    shares = explained.shares(np.sqrt(0.7) * together + np.sqrt(0.3) * noise)
    assert shares.chance.value > 0.85
    assert shares.chance_alone.value == pytest.approx(0.3, abs=0.1)


def test_a_monotone_change_of_scale_changes_nothing() -> None:
    explained, parts, columns, draws = planted()
    outcome = np.sqrt([0.3, 0.3, 0.1, 0.3]) @ parts
    again = Explained(np.exp(columns), GROUPS, draws)
    assert again.shares(np.exp(outcome)).learnt.value == pytest.approx(
        explained.shares(outcome).learnt.value, abs=1e-6
    )


def test_without_a_learnt_column_all_that_is_explained_is_assumed() -> None:
    _, parts, columns, draws = planted()
    groups: list[Group] = ["assumed"] * (2 * SIDE) + ["structure"] * 3
    shares = Explained(columns, groups, draws).shares(parts[0])
    assert shares.assumed_of_explained.value == shares.assumed_of_explained.low == 1.0
    assert shares.learnt.value == 0.0
    assert shares.assumed.value > 0.8


def test_few_wars_or_no_difference_say_nothing_and_stay_capped() -> None:
    explained, _, columns, draws = planted()
    for shares in (
        explained.shares(np.ones(WARS)),
        Explained(columns[:, :40], GROUPS, draws[:40]).shares(columns[0, :40]),
    ):
        assert np.isnan(shares.learnt.value)
        assert np.isnan(shares.chance.value)
        assert shares.assumed_of_explained.value == 1.0


# The fits.


def plain_ridge(gram: np.ndarray, along: np.ndarray, power: float, wars: float) -> np.ndarray:
    """Return the slopes with the penalty of least generalised cross-validation, from inverses."""
    scored = []
    for penalty in PENALTIES * wars:
        inverse = np.linalg.inv(gram + penalty * np.eye(along.size))
        slopes = inverse @ along
        error = power - 2.0 * slopes @ along + slopes @ gram @ slopes
        used = np.trace(gram @ inverse)
        scored.append((max(error, 0.0) / max(1.0 - used / wars, 1e-3) ** 2, slopes))
    return np.asarray(min(scored, key=lambda one: one[0])[1])


def plain_errors(explained: Explained, design: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Return the squared errors of left-out wars by set of groups and war, with a row for each war."""
    errors = np.zeros((len(explained.subsets), target.size))
    for place in range(REPEATS * FOLDS):
        inside = explained.inside[place][explained.row]
        mean = target[inside].mean()
        rest, out = design[inside], design[~inside]
        for number, groups in enumerate(explained.subsets):
            kept = np.flatnonzero(np.isin(explained.of_group, groups))
            slopes, scale = np.zeros(kept.size), np.ones(kept.size)
            for _ in range(1 + ADAPTED if kept.size else 0):
                scaled = rest[:, kept] * scale
                centred = target[inside] - mean
                slopes = scale * plain_ridge(
                    scaled.T @ scaled, centred @ scaled, centred @ centred, float(inside.sum())
                )
                strongest = np.argsort(-np.abs(slopes))[:MOST_COLUMNS]
                last, columns = kept, slopes
                kept, scale = kept[strongest], np.abs(slopes[strongest]) / np.abs(slopes).max()
            guess = mean + (out[:, last] @ columns if kept.size else 0.0)
            errors[number, ~inside] += (target[~inside] - guess) ** 2 / REPEATS
    return errors


@pytest.mark.parametrize(("draws", "within"), [(240, False), (90, False), (90, True)])
def test_errors_are_those_of_plain_fits(draws: int, within: bool) -> None:
    """For wars with a draw each, wars that share draws, and wars of a draw that differ in a column."""
    rng = np.random.default_rng(8)
    draw = np.arange(240) % draws
    columns = rng.standard_normal((9, draws))[:, draw]
    columns[3] = columns[2] + 0.1 * columns[3]
    columns[7], columns[8] = columns[7] > 0.3, columns[7] <= 0.3
    if within:
        columns[5] = rng.standard_normal(240)
    groups: list[Group] = ["learnt"] * 3 + ["assumed"] * 4 + ["structure"] * 2
    outcome = columns[0] + columns[4] ** 2 + columns[7] + rng.standard_normal(240)
    explained = Explained(columns, groups, draw, seed=2)
    assert explained.design.shape == (240 if within else draws, 16)
    target = _scores(outcome[None], np.ones(240))[0]
    expected = plain_errors(explained, explained.design[explained.row], target)
    by_draw = [np.bincount(draw, weights=row) for row in expected]
    assert np.array(explained._errors(target)) == pytest.approx(np.array(by_draw), rel=1e-8)


def posed(columns: np.ndarray, target: np.ndarray) -> _Posed:
    return _Posed(_Turned(columns.T @ columns), target @ columns, float(target @ target), float(target.size))


def test_ridges_of_all_sizes_at_once_are_those_of_inverses() -> None:
    """Of one column, of two that say the same, of many; and with more columns, of which two say the same."""
    rng = np.random.default_rng(4)
    target = rng.standard_normal(80)
    more = rng.standard_normal((80, 3))
    more[:, 2] = -more[:, 1]
    given = []
    for size in (1, 2, 7, 40):
        columns = rng.standard_normal((80, size)) + 0.5 * target[:, None] * (rng.random(size) < 0.4)
        columns[:, -1] = columns[:, 0]
        given.append(columns)
    power = float(target @ target)
    expected = [plain_ridge(one.T @ one, target @ one, power, 80.0) for one in given]
    for own, plain in zip(_ridges([posed(one, target) for one in given]), expected, strict=True):
        assert own == pytest.approx(plain, rel=1e-9, abs=1e-9)
    besides = [
        _More(0, np.arange(3), posed(one, target).turned.to(one.T @ more), more.T @ more) for one in given
    ]
    both = [np.concatenate([one, more], axis=1) for one in given]
    expected += [plain_ridge(one.T @ one, target @ one, power, 80.0) for one in both]
    found = _double_ridges([posed(one, target) for one in given], besides, [target @ more] * 4)
    for own, plain in zip(found, expected, strict=True):
        assert own == pytest.approx(plain, rel=1e-9, abs=1e-9)
    assert _ridges([]) == _double_ridges([], [], []) == []


def test_scores_of_values_that_stand_for_several_wars_are_those_of_the_wars() -> None:
    rng = np.random.default_rng(1)
    values = np.stack([rng.random(60), np.floor(rng.random(60) * 4), rng.random(60) < 0.2]).astype(float)
    size = rng.integers(1, 6, 60)
    found = _scores(values, size.astype(float))
    for own, row in zip(found, values, strict=True):
        each = np.repeat(row, size)
        scores = special.ndtri(stats.rankdata(each) / (each.size + 1))
        assert np.repeat(own, size) == pytest.approx((scores - scores.mean()) / scores.std())


# In a comparison.


@pytest.fixture(scope="module")
def start() -> Start:
    return start_from_priors(load_scenario("invented-war").world(), 150)


def learnt_table(*names: str) -> object:
    import pandas as pd

    return pd.DataFrame({"name": names, "label": "learnt"})


@pytest.fixture(scope="module")
def comparison(start: Start) -> Comparison:
    names = ("attrition_coefficient (Aldria)", "violation_level", "state: force (Bremor)")
    return compare(load_scenario("invented-war"), draws=400, seed=3, start=start, learnt=learnt_table(*names))


def test_columns_follow_the_table_and_a_truce_is_never_learnt(comparison: Comparison) -> None:
    columns = columns_of(comparison.first, comparison.start, comparison.learnt)
    learnt = {name for name, group in zip(columns.names, columns.groups, strict=True) if group == "learnt"}
    assert learnt == {"attrition_coefficient (Aldria)", "state: force (Bremor)"}
    assert {name for name in columns.names if name.split(" (")[0] in OF_A_TRUCE}
    assert not any(name.startswith("initial_") for name in columns.names)
    assert len(set(columns.names)) == len(columns.names)
    assert np.array_equal(columns.draws, np.arange(400) % 150)
    force = columns.values[columns.names.index("state: force (Bremor)")]
    assert np.array_equal(force, comparison.first["force"].sel(side="Bremor").values[0])


def test_a_planted_parameter_is_learnt_or_assumed_by_its_label(comparison: Comparison) -> None:
    import dataclasses

    date = comparison.world.start + dt.timedelta(days=350)
    for name, share in (("attrition_coefficient (Aldria)", "learnt"), ("violation_level", "assumed")):
        row = list(comparison.first["parameter"].values).index(name)
        second = comparison.second.copy(deep=True)
        second["killed"] = comparison.first["killed"] + 1e3 * comparison.first["parameters"][row]
        shares = dataclasses.replace(comparison, second=second).shares("killed", None, date)
        assert getattr(shares, share).value > 0.9
        assert shares.assumed_of_explained.value == pytest.approx(float(share == "assumed"), abs=0.1)


def test_the_comparison_of_a_posterior_says_so(comparison: Comparison, start: Start) -> None:
    about = comparison.about()
    assert about["posterior"] == start.name
    assert 0.0 <= float(str(about["assumed_share"])) <= 1.0
    date = comparison.last_day
    assert comparison.learnt_share("killed", None, date) == comparison.shares("killed", None, date).learnt
    assert comparison.chance_share("killed", None, date).value > 0.0


def test_wars_that_share_a_draw_count_together_in_the_error(comparison: Comparison) -> None:
    row = comparison.curve("killed").iloc[-1]
    difference = comparison.difference("killed", None, comparison.last_day)
    above = (np.sign(difference) + 1) / 2
    by_draw = np.bincount(np.arange(400) % 150, weights=above - above.mean())
    assert row["mc_error"] == pytest.approx(np.sqrt((by_draw**2).sum()) / 400)
    plain = np.sqrt(above.mean() * (1 - above.mean()) / 400)
    assert row["mc_error"] > plain


def test_under_priors_all_is_assumed() -> None:
    found = compare(load_scenario("invented-war"), draws=60, seed=3)
    shares = found.shares("killed", None, found.last_day)
    assert found.assumed_share == shares.assumed_of_explained.value == 1.0
    assert shares.learnt.value == 0.0
    assert np.isnan(shares.chance_alone.value)
