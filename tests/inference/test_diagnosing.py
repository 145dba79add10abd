"""Diagnostics that can fail: replicates that agree and those that do not, and what rounds are worth."""

from __future__ import annotations

import dataclasses
import datetime as dt

import numpy as np
import pandas as pd
import pytest

from ceasefire.evidence import load
from ceasefire.inference import diagnosing
from ceasefire.inference.observing import observe
from ceasefire.inference.target import Target
from ceasefire.scenario import load_scenario
from ceasefire.war import STRUCTURES
from ceasefire.war.structure import ROWS

REPLICATES = 4


def independent(rounds: int = 12, rows: int = 40, sets: int = 128) -> np.ndarray:
    return np.random.default_rng(3).standard_normal((rounds, rows, REPLICATES * sets)).astype(np.float32)


def test_independent_draws_agree_and_count_in_full() -> None:
    """No row is far off, and most draws count: the pooled ratio of 40 rows is known to a fifth or so."""
    values = independent()
    rhat, ess = diagnosing.agreement(values, REPLICATES, np.ones(40, bool))
    assert 1.0 <= rhat.min() <= rhat.max() < 1.005
    assert ess.min() > 0.6 * values[:, 0].size


def test_a_drift_that_all_replicates_share_is_caught() -> None:
    """Three standard deviations over the rounds; the means of whole replicates agree all the same."""
    values = independent()
    values[:, 5] += np.linspace(0.0, 3.0, len(values), dtype=np.float32)[:, None]
    rhat, _ = diagnosing.agreement(values, REPLICATES)
    assert rhat[5] > 1.1
    assert np.delete(rhat, 5).max() < 1.005


def test_a_replicate_that_is_three_times_as_wide_is_caught() -> None:
    values = independent()
    values[:, 7, :128] *= 3.0
    rhat, _ = diagnosing.agreement(values, REPLICATES)
    assert rhat[7] > 1.05
    assert np.delete(rhat, 7).max() < 1.005


def test_ranks_see_a_shift_that_heavy_tails_hide() -> None:
    """Of Cauchy values neither mean nor variance exists; a shift by less than the interquartile range is."""
    values = np.random.default_rng(2).standard_cauchy((12, 1, REPLICATES * 128))
    values[..., :128] += 1.5
    assert diagnosing.agreement(values, REPLICATES)[0][0] > 1.02


def test_weights_move_means_and_cost_draws() -> None:
    """Of normal draws with weights exp(a x) the mean is a; N T exp(-a^2) of them count for other rows."""
    values, shift = independent(rows=12), 0.8
    weights = np.exp(shift * values[:, 0].astype(float))
    rhat, ess = diagnosing.agreement(values, REPLICATES, None, weights)
    equal, all_count = diagnosing.agreement(values, REPLICATES, None, np.full_like(weights, 3.0))
    size = values[:, 0].size
    assert ess[1:].mean() == pytest.approx(size * np.exp(-(shift**2)), rel=0.15)
    # x itself: var(x) / E[w^2 (x - a)^2] = 1 / (exp(a^2) (1 + a^2)).
    assert ess[0] == pytest.approx(size * np.exp(-(shift**2)) / (1.0 + shift**2), rel=0.3)
    plain = diagnosing.agreement(values, REPLICATES)
    for ours, theirs in zip((equal, all_count), plain, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-9)
    assert rhat.max() < 1.01


def test_replicates_that_agree_but_for_their_weights_do_not_agree() -> None:
    values = independent(rows=6)
    weights = np.ones((len(values), values.shape[2]))
    weights[:, :128] = np.exp(0.8 * values[:, 2, :128])
    rhat, _ = diagnosing.agreement(values, REPLICATES, None, weights)
    assert rhat[2] > 1.05
    assert np.delete(rhat, 2).max() < 1.01
    assert diagnosing.agreement(values, REPLICATES)[0].max() < 1.005
    structures = np.zeros((len(values), len(STRUCTURES), values.shape[2]), np.int8)
    structures[:, 0] = values[:, 2] > 0.0
    fair, weighted = (
        max(row["rhat"] for row in diagnosing.structure_rows(structures, REPLICATES, by))
        for by in (None, weights)
    )
    assert fair < 1.005
    assert weighted > 1.02


def test_few_members_that_never_move_are_not_many_draws() -> None:
    """60 distinct members in each replicate of 512 sets and 24 rounds: autocorrelation says half of 2,048."""
    rng = np.random.default_rng(1)
    members = rng.standard_normal((60, REPLICATES, 60))
    chosen = rng.integers(60, size=(REPLICATES, 512))
    one = np.concatenate([members[:, k][:, chosen[k]] for k in range(REPLICATES)], axis=1)
    values = np.repeat(one[None], 24, axis=0).astype(np.float32)
    assert diagnosing.agreement(values, REPLICATES)[1].min() > 1_000
    _, ess = diagnosing.agreement(values, REPLICATES, np.ones(60, bool))
    # 512 of 60 with repetition are worth about 1 / (1 / 60 + 1 / 512) members: 4 x 54.
    assert 0.6 * 4 * 54 < ess.max() < 1.6 * 4 * 54
    table = pd.DataFrame({"name": "a", "kind": "parameter", "rhat": 1.0, "ess": ess})
    assert "effective draws, below 400" in diagnosing.judge(table)


def test_draws_are_pooled_over_the_rows_that_were_named_alone() -> None:
    values = independent()
    values[:, 0, :128] += 2.0
    audible = np.arange(40) > 0
    _, ess = diagnosing.agreement(values, REPLICATES, audible)
    _, all_of_them = diagnosing.agreement(values, REPLICATES, np.ones(40, bool))
    assert ess[1:].min() > 3_000
    assert all_of_them.max() < 400


def test_replicates_each_stuck_elsewhere_never_agree() -> None:
    groups = np.repeat([[[0.0], [1.0]], [[2.0], [2.0]]], 5, axis=2)
    assert diagnosing.nested_rhat(groups).tolist() == [np.inf, 1.0]


def test_rival_equations_are_judged_too() -> None:
    """Replicates that hold to different laws disagree; choices that none has do not count."""
    rng = np.random.default_rng(5)
    structures = np.zeros((6, len(STRUCTURES), REPLICATES * 64), np.int8)
    structures[:, :2] = rng.integers(2, size=(6, 2, REPLICATES * 64))
    fair = {row["name"]: row for row in diagnosing.structure_rows(structures, REPLICATES)}
    assert list(fair) == [
        "structure: attrition_law = logarithmic",
        "structure: attrition_law = linear",
        "structure: attrition_law = square",
        "structure: attrition_law = mixed",
        "structure: fire_law = munitions",
        "structure: fire_law = numbers",
    ]
    assert max(row["rhat"] for row in fair.values()) < 1.01
    assert fair["structure: attrition_law = square"]["rhat"] == 1.0
    structures[:, 0, :64] = 3
    split = pd.DataFrame(diagnosing.structure_rows(structures, REPLICATES))
    table = pd.concat(
        [split, pd.DataFrame([{"name": "a", "kind": "parameter", "rhat": 1.0, "ess": 900.0}])],
        ignore_index=True,
    )
    assert diagnosing.judge(table).startswith("R-hat of 'structure: attrition_law = mixed' is inf")
    structures[0, 0, 0] = 0
    # A mechanism that some of the sets have is judged like every other.
    structures[:, ROWS["drones"], 5] = 1
    again = pd.DataFrame(diagnosing.structure_rows(structures, REPLICATES)).set_index("name")
    assert {"structure: drones = off", "structure: drones = on"} <= set(again.index)
    assert len(again) == 8
    assert again.loc["structure: attrition_law = mixed", "rhat"] > 2.0


def test_a_diagnostic_that_is_no_number_is_a_fault() -> None:
    table = pd.DataFrame(
        {"name": ["a", "b"], "kind": "parameter", "rhat": [1.0, np.nan], "ess": [900.0, np.nan]}
    )
    why = diagnosing.judge(table)
    assert "R-hat of 'b' is inf" in why
    assert "'b' has 0 effective draws" in why


def test_few_draws_of_the_state_are_a_fault_too() -> None:
    table = pd.DataFrame(
        {"name": ["a", "state: force"], "kind": ["parameter", "state"], "rhat": 1.0, "ess": [900.0, 380.0]}
    )
    assert diagnosing.judge(table) == "'state: force' has 380 effective draws, below 400"


def test_what_is_remembered_is_the_correlation_with_earlier_rounds() -> None:
    """Of an autoregressive row it falls by a power, of one in two modes that are never left it stays."""
    rng, size = np.random.default_rng(3), 20_000
    kept, rounds = 0.8, [rng.standard_normal(size)]
    for _ in range(9):
        rounds.append(kept * rounds[-1] + np.sqrt(1.0 - kept**2) * rng.standard_normal(size))
    mode = np.where(rng.random(size) < 0.2, 2.0, 0.0)
    modes = mode + rng.standard_normal((10, size))
    z = np.stack([np.stack(rounds), modes, np.ones((10, size))], axis=1)
    share = 4.0 * 0.2 * 0.8
    found = diagnosing.remembered(z, 5)
    np.testing.assert_allclose(found, [kept**5, share / (share + 1.0), 0.0], atol=0.02)


def test_what_a_fit_must_reach() -> None:
    table = pd.DataFrame(
        {"name": ["a", "b"], "kind": ["parameter", "reporting"], "rhat": [1.002, 1.02], "ess": [900.0, 380.0]}
    )
    why = diagnosing.judge(table)
    assert "R-hat of 'b' is 1.020, above 1.01" in why
    assert "'b' has 380 effective draws, below 400" in why
    assert diagnosing.judge(table.assign(rhat=1.0, ess=500.0)) == ""


def test_what_is_shown_of_the_state_must_agree_too() -> None:
    table = pd.DataFrame(
        {
            "name": ["a", "state: force"],
            "kind": ["parameter", "state"],
            "rhat": [1.0, 1.05],
            "ess": [900.0, 900.0],
        }
    )
    assert "R-hat of 'state: force' is 1.050" in diagnosing.judge(table)


def test_the_prior_of_the_state_knows_no_figure_at_all() -> None:
    """Neither a figure that weighs, nor one that sets the line, nor what is known of offensives' lengths."""
    scenario, until = load_scenario("ukraine-2022"), dt.date(2022, 12, 20)
    history = scenario.history(until, known_on=until)
    observed = observe(load().known_by(until), history, step_days=7)
    assert observed.data.ground_set.any()
    wild = observed.data._replace(
        guide_value=observed.data.guide_value + 3.0,
        ground_value=observed.data.ground_value - 20_000.0,
        value=observed.data.value + 3.0,
        decided=1.0 - observed.data.decided,
    )
    found = []
    for data in (observed.data, wild):
        target = Target(history.world, dataclasses.replace(observed, data=data), paths=4, step_days=7)
        z = np.zeros((target.dimension, 8), np.float32)
        _, paths = target.paths_of(z, np.zeros((2, 8), np.int8), np.arange(8, dtype=np.uint32))
        found.append(diagnosing._prior_state(target, paths.state, seed=1))
    for name, values in found[0].items():
        assert np.array_equal(values, found[1][name]), name
