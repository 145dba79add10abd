"""Regret, satisficing, the Pareto front and what stays of a choice: examples by hand, and what must hold."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest

from ceasefire.analysis.robustness import (
    HINDSIGHT,
    JOINTLY,
    PARAMETERS,
    STATED,
    STRUCTURE,
    ByDraw,
    Criterion,
    Resamples,
    Robustness,
    dominated,
    expected_best,
    oriented,
    pareto,
    regret,
    robust_to_structure,
    robustness,
    rounded,
    satisficing,
    sentence,
    weighted,
)
from ceasefire.files import InputError

# Two policies in four wars: first 2, 4, 6, 8 and then 5, 4, 1, 6.
HAND = np.array([[2.0, 4.0, 6.0, 8.0], [5.0, 4.0, 1.0, 6.0]])
NAMES = ("fight-on", "truce")
KILLED = Criterion("killed", "persons")
GROUND = Criterion("ground_held", "km2", less_is_better=False)


def sampled(
    draws: int = 100, wars: int = 3, policies: int = 3, chance: float = 1.0, seed: int = 1
) -> tuple[np.ndarray, np.ndarray]:
    """Return values `[S, N]` that differ by draw and by chance, and the draw of each war."""
    rng = np.random.default_rng(seed)
    of_draw = rng.standard_normal((policies, draws)) + 0.2 * np.arange(policies)[:, None]
    draw = np.arange(draws * wars) % draws
    return of_draw[:, draw] + chance * rng.standard_normal((policies, draws * wars)), draw


def of(frame: pd.DataFrame, knowing: str) -> pd.DataFrame:
    return frame[frame["knowing"] == knowing].set_index("policy")


# Regret.


def test_regret_by_hand() -> None:
    found = of(regret(HAND, policies=NAMES), HINDSIGHT)
    assert found["mean"].tolist() == [3.0 / 4.0, (5.0 + 2.0) / 4.0]
    assert found["percentile_90"].tolist() == [3.0, 5.0]
    assert found["maximum"].tolist() == [3.0, 5.0]


def test_regret_of_draws_and_worlds_by_hand() -> None:
    """Wars of one draw agree, so that no chance is taken off; in each world the means are compared."""
    values = np.repeat(HAND, 2, axis=1)
    draws = np.repeat(np.arange(4), 2)
    frame = regret(
        values, draws, policies=NAMES, worlds=np.repeat([0, 1], 4), world_names=["linear", "square"]
    )
    assert list(dict.fromkeys(frame["knowing"])) == [PARAMETERS, HINDSIGHT, STRUCTURE]
    assert of(frame, PARAMETERS)["mean"].tolist() == [0.75, 1.75]
    # Means in the first world 3 and 4.5, in the second 7 and 3.5.
    assert of(frame, STRUCTURE)["mean"].tolist() == [0.75, 1.75]
    assert of(frame, STRUCTURE)["maximum"].tolist() == [1.5, 3.5]


def test_the_90th_percentile_is_the_least_that_nine_in_ten_do_not_exceed() -> None:
    values = np.stack([-np.arange(1.0, 21.0), np.zeros(20)])
    assert regret(values)["percentile_90"].tolist() == [18.0, 0.0]


def test_regret_is_never_negative_and_nothing_for_the_best_of_every_war() -> None:
    values, draws = sampled()
    values[1] = values.max(axis=0) + 0.5
    frame = regret(values, draws, worlds=draws % 3)
    assert set(frame["knowing"]) == {PARAMETERS, HINDSIGHT, STRUCTURE}
    numbers = frame.drop(columns=["policy", "knowing"])
    assert (numbers.to_numpy() >= -1e-12).all()
    hindsight = frame[(frame["policy"] == "policy 2") & (frame["knowing"] != PARAMETERS)]
    assert (hindsight.drop(columns=["policy", "knowing"]) == 0.0).all(axis=None)
    known = frame[(frame["policy"] == "policy 2") & (frame["knowing"] == PARAMETERS)]
    assert known["mean"].item() < 0.01


def test_a_constant_for_all_policies_of_a_war_changes_nothing() -> None:
    values, draws = sampled()
    shift = np.random.default_rng(2).normal(0.0, 30.0, draws.size)
    here, there = (regret(v, draws, worlds=draws % 2) for v in (values, values + shift))
    columns = ["mean", "mean_low", "mean_high", "percentile_90", "maximum"]
    assert there[columns].to_numpy() == pytest.approx(here[columns].to_numpy(), abs=1e-6)
    best = [expected_best(v, draws)["share_of_draws"].to_numpy() for v in (values, values + shift)]
    assert best[0] == pytest.approx(best[1])


def test_chance_is_taken_off_what_is_expected_in_a_draw() -> None:
    """Of two policies the difference is moved by the root of the share of its variance that is no chance."""
    tau, sigma, wars, draws = 1.0, 2.0, 3, 1_500
    rng = np.random.default_rng(4)
    draw = np.arange(wars * draws) % draws
    true = tau * rng.standard_normal(draws)
    values = np.stack([np.zeros(draw.size), true[draw] + sigma * rng.standard_normal(draw.size)])
    by_draw = ByDraw(values, Resamples(draw, draw.size))
    first, second = by_draw.known(np.ones((1, draws)))[0]
    plain = by_draw.mean[:, 1] - by_draw.mean[:, 0]
    assert np.std(plain) == pytest.approx(math.sqrt(tau**2 + sigma**2 / wars), rel=0.05)
    assert np.std(second - first) == pytest.approx(tau, rel=0.1)
    assert np.mean(second - first) == pytest.approx(plain.mean(), abs=1e-9)
    assert np.corrcoef(second - first, plain)[0, 1] == pytest.approx(1.0)
    # Of the true differences; the plain means would say half as much again.
    found = of(regret(values, draw), PARAMETERS)
    expected = [np.maximum(true, 0.0).mean(), np.maximum(-true, 0.0).mean()]
    assert found["mean"].to_numpy() == pytest.approx(expected, abs=0.05)
    assert np.maximum(plain, 0.0).mean() > 1.3 * expected[0]


def test_chance_alone_leaves_no_regret_to_who_knows_the_parameters() -> None:
    values = np.random.default_rng(5).standard_normal((2, 1_500))
    frame = regret(values, np.arange(1_500) % 500)
    # The plain means of three wars would leave 0.33 of the 0.56 that hindsight of chance finds.
    assert of(frame, PARAMETERS)["mean"].min() < 0.1
    assert of(frame, HINDSIGHT)["mean"].min() > 0.5


def test_draws_of_different_sizes_keep_the_mean_of_all() -> None:
    values, _ = sampled(draws=60, wars=3)
    draws = np.sort(np.random.default_rng(1).integers(0, 50, 180))
    by_draw = ByDraw(values, resamples := Resamples(draws, 180))
    centred = values.mean(axis=1) - values.mean()
    counts = np.concatenate([np.ones((1, resamples.number)), resamples.counts[:5]])
    known = by_draw.known(counts)
    assert known[0] @ resamples.size / 180 == pytest.approx(centred)
    for one, count in zip(known, counts, strict=True):
        weight = count * resamples.size
        assert one @ weight == pytest.approx(by_draw.mean.T @ weight, abs=1e-9)


def test_where_no_draw_is_shared_parameters_are_not_told_from_chance() -> None:
    values, _ = sampled()
    assert set(regret(values)["knowing"]) == {HINDSIGHT}
    assert expected_best(values)["share_of_draws"].isna().all()


def test_wars_that_share_draws_widen_the_intervals() -> None:
    values, draws = sampled(draws=60, wars=6, chance=0.2)
    alone, shared = (of(regret(values, given), HINDSIGHT) for given in (None, draws))
    width = [(frame["mean_high"] - frame["mean_low"]).mean() for frame in (alone, shared)]
    assert width[1] > 1.7 * width[0]
    errors = [expected_best(values, given)["mc_error"].mean() for given in (None, draws)]
    assert errors[1] > 1.7 * errors[0]


def test_intervals_of_mean_regret_hold_the_truth_about_as_often_as_they_say() -> None:
    """The difference is normal with mean 0.5 and variance 1 + 1, the half of it shared within a draw."""
    scale, gap = math.sqrt(2.0), 0.5
    truth = scale * math.exp(-((gap / scale) ** 2) / 2) / math.sqrt(2 * math.pi)
    truth += gap * 0.5 * (1 + math.erf(gap / scale / math.sqrt(2)))
    held = 0
    for repeat in range(60):
        rng = np.random.default_rng(repeat)
        draw = np.arange(120) % 60
        second = gap + rng.standard_normal(60)[draw] + rng.standard_normal(120)
        row = of(regret(np.stack([np.zeros(120), second]), draw, seed=repeat), HINDSIGHT).iloc[0]
        held += row["mean_low"] <= truth <= row["mean_high"]
    assert 48 <= held <= 60


# How often each is best.


def test_ties_are_shared_evenly() -> None:
    values = np.array([[1.0, 2.0, 5.0, 0.0], [1.0, 2.0, 3.0, 0.0], [1.0, 0.0, 1.0, 4.0]])
    found = expected_best(values)
    assert found["share_of_wars"].to_numpy() == pytest.approx(
        [(1 / 3 + 1 / 2 + 1) / 4, (1 / 3 + 1 / 2) / 4, (1 / 3 + 1) / 4]
    )
    twins, draws = sampled(policies=2)
    shares = expected_best(np.concatenate([twins, twins[1:]]), draws)
    assert shares["share_of_wars"].sum() == pytest.approx(1.0)
    for column in ("share_of_wars", "share_of_draws"):
        assert shares[column][1] == pytest.approx(shares[column][2])


def test_a_share_of_all_wars_or_of_none_keeps_an_interval() -> None:
    values = np.stack([np.zeros(40), np.ones(40)])
    found = expected_best(values, np.arange(40) % 20)
    assert found["share_of_wars"].tolist() == [0.0, 1.0]
    assert found["low"].tolist() == pytest.approx([0.0, 0.05 ** (1 / 20)])
    assert found["high"].tolist() == pytest.approx([1 - 0.05 ** (1 / 20), 1.0])


# Satisficing.


def two_outcomes() -> np.ndarray:
    """Return killed and ground held under both policies in four wars, `[2, 2, 4]`."""
    killed = np.array([[10.0, 20.0, 30.0, 40.0], [5.0, 5.0, 35.0, 50.0]])
    ground = np.array([[9.0, 8.0, 7.0, 6.0], [3.0, 8.0, 2.0, 7.0]])
    return np.stack([killed, ground], axis=1)


def test_satisficing_by_hand() -> None:
    found = satisficing(
        two_outcomes(), [KILLED, GROUND], {"killed": 30.0, "ground_held": 7.0}, policies=NAMES
    ).set_index(["policy", "outcome"])
    # The threshold itself is met.
    shares = {
        ("fight-on", "killed"): 0.75,
        ("fight-on", "ground_held"): 0.75,
        ("fight-on", JOINTLY): 0.75,
        ("truce", "killed"): 0.5,
        ("truce", "ground_held"): 0.5,
        ("truce", JOINTLY): 0.25,
    }
    assert found["share"].to_dict() == shares
    assert found.loc[("truce", "killed"), "mc_error"] == pytest.approx(0.25)
    assert found["unit"].tolist()[:3] == ["persons", "km2", ""]
    one = satisficing(two_outcomes(), [KILLED, GROUND], {"killed": 30.0})
    assert set(one["outcome"]) == {"killed"}


# The Pareto front.


def test_the_front_by_hand() -> None:
    means = [[1.0, 5.0], [2.0, 5.0], [3.0, 1.0], [3.0, 1.0], [0.0, 0.0]]
    found = dominated(means)
    assert (~found.any(axis=1)).tolist() == [False, True, True, True, False]
    # The last is worse than every other, and equals do not dominate each other.
    assert found[4].tolist() == [True, True, True, True, False]
    frame = pareto(two_outcomes(), [KILLED, GROUND], policies=NAMES)
    # Killed on average 25 and 23.75, ground held 7.5 and 5.
    assert frame["on_front"].tolist() == [True, True]
    assert frame["mean: killed"].tolist() == [25.0, 23.75]


def test_a_policy_that_is_worse_everywhere_is_never_on_the_front() -> None:
    values, draws = sampled(policies=4)
    both = np.stack([values, values[::-1]], axis=1)
    worse = both[:1] - np.array([-0.01, 0.01])[:, None]
    frame = pareto(np.concatenate([both, worse]), [KILLED, GROUND], draws).set_index("policy")
    assert not frame.loc["policy 5", "on_front"]
    assert frame.loc["policy 5", "probability"] == 0.0
    assert "policy 1" in frame.loc["policy 5", "dominated_by"]


def test_noise_does_not_decide_who_is_on_the_front() -> None:
    rng = np.random.default_rng(3)
    values = rng.standard_normal((2, 1, 400))
    values -= values.mean(axis=2, keepdims=True)
    values[1] += 0.001
    frame = pareto(values, [GROUND])
    assert frame["on_front"].tolist() == [False, True]
    assert frame["probability"].to_numpy() == pytest.approx([0.5, 0.5], abs=0.1)
    twins = pareto(np.concatenate([values[:1], values[:1]]), [GROUND])
    assert twins["on_front"].all()
    assert (twins["probability"] == 1.0).all()


# Stated values and structure.


def test_weights_sum_what_is_better() -> None:
    found = weighted(two_outcomes(), [KILLED, GROUND], {"killed": 1.0, "ground_held": 10.0})
    assert list(found) == [STATED]
    assert found[STATED][0].tolist() == [80.0, 60.0, 40.0, 20.0]
    sets = weighted(
        two_outcomes(), [KILLED, GROUND], {"lives": {"killed": 2.0}, "land": {"ground_held": 1.0}}
    )
    assert sets["lives"][1].tolist() == [-10.0, -10.0, -70.0, -100.0]
    assert sets["land"][1].tolist() == [3.0, 8.0, 2.0, 7.0]


def test_scaling_the_weights_scales_regret() -> None:
    values, draws = sampled(policies=4)
    both = np.stack([values, values[::-1]], axis=1)
    once, thrice = (
        regret(weighted(both, [KILLED, GROUND], {"killed": w, "ground_held": 2 * w})[STATED], draws)
        for w in (1.0, 3.0)
    )
    numbers = [frame.drop(columns=["policy", "knowing"]).to_numpy() for frame in (once, thrice)]
    assert numbers[1] == pytest.approx(3.0 * numbers[0])


def test_the_choice_in_each_world_by_hand() -> None:
    """In the first world the second policy is best by expectation, and the first in the others."""
    values = np.array([[0.0, 0.0, 0.0, 9.0, 9.0, 9.0], [1.0, 1.0, 7.0, 2.0, 2.0, 8.0]])
    found = robust_to_structure({"lives": values}, [0, 0, 0, 1, 1, 1], ["linear", "square"], policies=NAMES)
    table = found.table.set_index("world")
    assert table["best"].to_dict() == {"all worlds": "fight-on", "linear": "truce", "square": "fight-on"}
    assert table["ranking"]["linear"] == "truce > fight-on"
    assert table["minimax_regret"].to_dict() == {
        "all worlds": "fight-on", "linear": "truce", "square": "fight-on",
    }  # fmt: skip
    assert table["maximum_regret"].to_dict() == {"all worlds": 7.0, "linear": 0.0, "square": 0.0}
    assert table["wars"].tolist() == [6, 3, 3]
    assert not found.stays
    assert found.words == (
        "Over 1 set of values and 2 rival worlds, the policy of highest expected value changes: 'fight-on' by"
        " 'lives' in all worlds and square; 'truce' by 'lives' in linear. Over 1 set of values and 2 rival"
        " worlds, the policy of least maximum regret changes: 'fight-on' by 'lives' in all worlds and square;"
        " 'truce' by 'lives' in linear."
    )


def test_a_choice_that_stays_is_said_to_stay() -> None:
    values, draws = sampled()
    values[2] += 10.0
    found = robust_to_structure(
        {"a": values, "b": 2.0 * values}, draws % 2, draws=draws, policies=["x", "y", "z"]
    )
    assert found.stays
    assert (found.table[["best_share", "minimax_share"]] == 1.0).all(axis=None)
    assert found.words.startswith(
        "Over 2 sets of values and 2 rival worlds, the policy of highest expected value is always 'z'."
    )


def test_the_minimax_choice_of_draws_takes_off_chance() -> None:
    """Chance alone would make the first look bad in some war; what is expected is the same in all draws."""
    rng = np.random.default_rng(8)
    draw = np.arange(600) % 200
    values = np.stack([np.full(600, 0.5) + 5.0 * rng.standard_normal(600), np.zeros(600)])
    shared, alone = (robust_to_structure({"v": values}, draws=given).table.iloc[0] for given in (draw, None))
    assert shared["maximum_regret"] < 0.25 * alone["maximum_regret"]


# All of it.


def everything(order: tuple[int, ...] = (0, 1, 2)) -> Robustness:
    values, draws = sampled()
    both = np.stack([-values * 100.0, values[::-1]], axis=1)
    return robustness(
        both[list(order)],
        [KILLED, GROUND],
        draws,
        policies=[("fight-on", "truce", "aid")[number] for number in order],
        worlds=draws % 2,
        world_names=["linear", "square"],
        weights={"lives": {"killed": 1.0}, "both": {"killed": 1.0, "ground_held": 50.0}},
        thresholds={"killed": 0.0, "ground_held": -1.0},
    )


def test_swapping_the_policies_swaps_the_results() -> None:
    here = everything()
    for order in ((1, 0, 2), (2, 0, 1)):
        there = everything(order)
        for name, keys in (
            ("regret", ["values", "knowing", "policy"]),
            ("best", ["values", "policy"]),
            ("satisficing", ["policy", "outcome"]),
            ("front", ["policy"]),
        ):
            frames = [getattr(found, name).set_index(keys).sort_index() for found in (here, there)]
            numbers = [frame.select_dtypes("number") for frame in frames]
            pd.testing.assert_frame_equal(*numbers, rtol=1e-6, atol=1e-9)
        for column in ("ranking", "best", "minimax_regret"):
            assert list(there.structure.table[column]) == list(here.structure.table[column])
        assert sentence(there) == sentence(here)


def test_the_whole_holds_its_parts_and_says_what_was_stated() -> None:
    found = everything()
    assert set(found.regret["values"]) == {"lives", "both"}
    assert set(found.regret["knowing"]) == {PARAMETERS, HINDSIGHT, STRUCTURE}
    assert set(found.satisficing["outcome"]) == {"killed", "ground_held", JOINTLY}
    assert len(found.structure.table) == 2 * 3
    about = found.about
    assert (about["wars"], about["draws"], about["worlds"]) == (300, 100, ["linear", "square"])
    assert about["weights"] == {"lives": {"killed": 1.0}, "both": {"killed": 1.0, "ground_held": 50.0}}
    assert about["outcomes"][0] == dataclasses.asdict(KILLED)  # type: ignore[index]
    words = sentence(found)
    assert "Over 300 wars from 100 draws, by the values 'lives'," in words
    assert "(90 % interval)" in words
    assert words.endswith("which outcomes count, and how much, was stated and not found.")


def test_without_weights_each_outcome_stands_by_itself() -> None:
    found = robustness(two_outcomes(), [KILLED, GROUND], policies=NAMES)
    assert found.regret[["values", "unit"]].drop_duplicates().to_numpy().tolist() == [
        ["killed", "persons"],
        ["ground_held", "km2"],
    ]
    assert found.about["weights"] is None
    assert found.satisficing.empty
    own = regret(oriented(two_outcomes(), [KILLED, GROUND])[:, 0], policies=NAMES)
    assert found.regret.iloc[:2]["mean"].tolist() == own["mean"].tolist()
    assert "by 'killed' alone, 'fight-on' has the smallest mean regret" not in sentence(found)
    assert "by 'killed' alone, 'truce' has the smallest mean regret" in sentence(found)
    assert "hindsight of parameters and chance" in sentence(found)


def test_the_same_seed_gives_the_same() -> None:
    values, draws = sampled()
    first, again, other = (regret(values, draws, seed=seed) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(first, again)
    assert not first.equals(other)


@pytest.mark.parametrize(
    ("numbers", "told"),
    [
        ((1234.0, 1100.0, 1400.0), "1,230 (1,100 to 1,400)"),
        ((0.123, 0.1, 0.15), "0.123 (0.100 to 0.150)"),
        ((0.0, 0.0, 0.0), "0 (0 to 0)"),
        ((math.nan, math.nan, math.nan), "not known"),
    ],
)
def test_a_number_is_told_as_finely_as_its_interval_allows(numbers: tuple[float, ...], told: str) -> None:
    assert rounded(*numbers) == told


# What cannot be used.

BROKEN = two_outcomes()
BROKEN[1, 0, 2] = math.nan
BOTH = [KILLED, GROUND]


@pytest.mark.parametrize(
    ("given", "what", "where", "todo"),
    [
        (
            {"values": two_outcomes()[:1]},
            "there is only one policy: there is nothing to choose.",
            "values",
            "give at least two policies.",
        ),
        (
            {"values": BROKEN, "policies": NAMES},
            "1 of the values are not numbers.",
            "policy 'truce', outcome 'killed', war 2",
            "leave wars out that failed under any policy.",
        ),
        (
            {"values": HAND},
            "the values have 2 dimensions and not 3.",
            "values",
            "give them as policies x outcomes x wars.",
        ),
        (
            {"values": two_outcomes()[:, :1]},
            "the values hold 1 outcomes and 2 different names are given.",
            "outcomes",
            "name each outcome once, in the order of the values.",
        ),
        (
            {"values": two_outcomes()[:, :, :1]},
            "there are fewer than two wars.",
            "values",
            "give them as policies x outcomes x wars.",
        ),
        (
            {"policies": ("truce", "truce")},
            "there are 2 policies and 1 different names.",
            "policies",
            "name each policy once, in the order of the values.",
        ),
        (
            {"draws": [0, 1, 2]},
            "the draws are not one whole number for each of 4 wars.",
            "draws",
            "give the number of the draw of each war, or none where no two wars share one.",
        ),
        (
            {"draws": [0.5, 1.0, 2.0, 3.0]},
            "the draws are not one whole number for each of 4 wars.",
            "draws",
            "give the number of the draw of each war, or none where no two wars share one.",
        ),
        (
            {"draws": [3, 3, 3, 3]},
            "all wars come from one draw: nothing can be said of other draws.",
            "draws",
            "sample wars from at least two draws.",
        ),
        (
            {"worlds": [0, 1]},
            "the worlds are not one whole number for each of 4 wars.",
            "worlds",
            "give the number of the rival structure of each war.",
        ),
        (
            {"worlds": [0, 1, 2, 0], "world_names": ["linear", "square"]},
            "world 2 has no name.",
            "worlds",
            "number the worlds from 0 to 1, in the order of their names.",
        ),
        (
            {"worlds": [0, 0, 0, 1], "world_names": ["linear", "square"]},
            "the wars of world 'square' come from one draw: nothing can be said of other draws.",
            "worlds",
            "sample more wars, or leave that world out.",
        ),
        (
            {"weights": {"kiled": 1.0}},
            "'kiled' is no outcome.",
            "weights 'stated'",
            "did you mean 'killed'?",
        ),
        (
            {"weights": {"lives": {"killed": 0.0}}},
            "the weights sum to nothing: no outcome counts.",
            "weights 'lives'",
            "give at least one outcome a weight above zero.",
        ),
        (
            {"weights": {}},
            "the weights sum to nothing: no outcome counts.",
            "weights 'stated'",
            "give at least one outcome a weight above zero.",
        ),
        (
            {"weights": {"killed": -1.0}},
            "the weight of 'killed' is -1.",
            "weights 'stated'",
            "give a number of at least 0; the outcome itself says whether less is better.",
        ),
        (
            {"weights": {"killed": 1.0, "land": {"ground_held": 1.0}}},
            "some weights are numbers and some are sets of them.",
            "weights",
            "give one number for each outcome, or several named sets.",
        ),
        (
            {"thresholds": {"ground_hold": 1.0}},
            "'ground_hold' is no outcome.",
            "thresholds",
            "did you mean 'ground_held'?",
        ),
        (
            {"thresholds": {"killed": math.nan}},
            "the threshold of 'killed' is no number.",
            "thresholds",
            "give a number.",
        ),
    ],
)
def test_what_cannot_be_used(given: dict[str, object], what: str, where: str, todo: str) -> None:
    with pytest.raises(InputError) as caught:
        robustness(**{"values": two_outcomes(), "outcomes": BOTH, **given})  # type: ignore[arg-type]
    assert (caught.value.what, caught.value.where, caught.value.todo) == (what, where, todo)


def test_one_outcome_that_cannot_be_used() -> None:
    with pytest.raises(InputError, match="there is only one policy"):
        regret(HAND[:1])
    with pytest.raises(InputError) as caught:
        expected_best(np.array([[1.0, 2.0], [math.inf, 1.0]]), policies=NAMES)
    assert caught.value.where == "policy 'truce', war 0"
    with pytest.raises(InputError, match="there is no threshold"):
        satisficing(two_outcomes(), BOTH, {})
    with pytest.raises(InputError, match="there is no set of values"):
        robust_to_structure({})
