"""Regressions on battles: what was planted is found, gaps are left out, and a wrong law is caught."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ceasefire.evidence import load
from ceasefire.inference import battles
from ceasefire.war.structure import ATTRITION_LAW


def invented(
    p: float, q: float, *, n: int = 600, sd: float = 0.8, seed: int = 1, wars: int = 12
) -> pd.DataFrame:
    """Battles whose losses follow ln losses = -3 + p ln(enemy) + q ln(own) + noise."""
    random = np.random.default_rng(seed)
    logs = random.normal(10.0, 0.7, (2, n))
    lost = -3.0 + p * logs[::-1] + q * logs + random.normal(0.0, sd, (2, n))
    return pd.DataFrame(
        {
            "war": [f"war {k % wars}" for k in range(n)],
            "start_date": pd.Timestamp("1940-06-01"),
            "duration_days": 1.0,
            "attacker_strength": np.exp(logs[0]),
            "defender_strength": np.exp(logs[1]),
            "attacker_casualties": np.exp(lost[0]),
            "defender_casualties": np.exp(lost[1]),
            "winner": np.where(lost[1] - logs[1] > lost[0] - logs[0], "attacker", "defender"),
        }
    )


@settings(max_examples=15, deadline=None)
@given(
    slope=st.floats(-2.0, 2.0),
    constant=st.floats(-5.0, 5.0),
    seed=st.integers(0, 1_000),
    n=st.integers(10, 60),
)
def test_least_squares_finds_an_exact_line(slope: float, constant: float, seed: int, n: int) -> None:
    x = np.random.default_rng(seed).normal(size=n)
    fit = battles.least_squares({"x": x}, constant + slope * x + np.where(np.arange(n) % 2, 1e-9, -1e-9))
    assert fit.coefficients["x"] == pytest.approx(slope, abs=1e-7)
    assert fit.coefficients["constant"] == pytest.approx(constant, abs=1e-7)
    assert fit.errors["x"] < 1e-7


def test_standard_errors_are_those_of_the_textbook() -> None:
    x, y = np.array([1.0, 2.0, 3.0, 4.0]), np.array([1.0, 3.0, 2.0, 5.0])
    fit = battles.least_squares({"x": x}, y)
    assert fit.coefficients == pytest.approx({"constant": 0.0, "x": 1.1})
    assert fit.residual_sd == pytest.approx(math.sqrt(2.7 / 2.0))
    assert fit.errors["x"] == pytest.approx(math.sqrt(2.7 / 2.0 / 5.0))
    assert fit.r2 == pytest.approx(1.0 - 2.7 / 8.75)


def test_columns_that_repeat_one_another_are_refused() -> None:
    x = np.arange(5.0)
    with pytest.raises(ValueError, match="too few rows, or columns that repeat one another"):
        battles.least_squares({"x": x, "twice": 2.0 * x}, x)


def test_planted_exponents_are_found() -> None:
    frame = battles.battles(invented(0.4, 0.7))
    for fit in battles.exponents(frame).values():
        assert fit.coefficients["p"] == pytest.approx(0.4, abs=4.0 * fit.errors["p"])
        assert fit.coefficients["q"] == pytest.approx(0.7, abs=4.0 * fit.errors["q"])
        assert fit.residual_sd == pytest.approx(0.8, abs=0.1)
    slope = battles.exchange_slope(frame)
    assert slope.coefficients["log_ratio"] == pytest.approx(0.7, abs=4.0 * slope.errors["log_ratio"])


def test_battles_without_losses_or_strengths_are_left_out() -> None:
    table = invented(0.4, 0.7, n=20)
    table.loc[0, "attacker_casualties"] = np.nan
    table.loc[1, "defender_casualties"] = 0.0
    table.loc[2, "defender_strength"] = np.nan
    assert len(battles.battles(table)) == 17


def test_exchanging_the_roles_turns_the_intercept_round() -> None:
    table = invented(0.3, 0.8, n=80)
    swapped = table.rename(
        columns=lambda name: (
            name.replace("attacker", "x").replace("defender", "attacker").replace("x_", "defender_")
            if name != "winner"
            else name
        )
    )
    ours, theirs = (battles.exchange_slope(battles.battles(one)) for one in (table, swapped))
    assert theirs.coefficients["log_ratio"] == pytest.approx(ours.coefficients["log_ratio"])
    assert theirs.coefficients["constant"] == pytest.approx(-ours.coefficients["constant"])


# The shipped battles


def test_the_shipped_battles_lie_between_the_logarithmic_and_the_linear_law() -> None:
    frame = battles.battles()
    fit = battles.exchange_slope(frame)
    assert fit.n == len(frame) == 523
    assert round(fit.coefficients["log_ratio"], 2) == 0.72
    assert round(fit.errors["log_ratio"], 2) == 0.09
    assert fit.r2 < 0.15


def test_defeats_and_draws_are_told_apart_from_blanks() -> None:
    table = load().records("battles_cdb90")
    shares = battles.win_shares(table)
    everyone = shares.iloc[-1]
    counted = table["winner"].value_counts()
    # Were blanks or defeats dropped, every attacker would win.
    assert counted["defender"] > 150
    assert everyone["n"] <= counted["attacker"] + counted["defender"]
    assert 0.6 < everyone["share"] < 0.68
    assert shares["n"].iloc[:-1].sum() == everyone["n"]


# Weights of laws


def test_the_spread_between_wars_is_found() -> None:
    random = np.random.default_rng(4)
    errors = np.full(400, 0.3)
    slopes = random.normal(0.7, 0.5, 400) + random.normal(0.0, 0.3, 400)
    mean, error, spread = battles.between_wars(slopes, errors)
    assert mean == pytest.approx(0.7, abs=4.0 * error)
    assert error == pytest.approx(math.hypot(0.5, 0.3) / 20.0, rel=0.1)
    assert spread == pytest.approx(0.5, abs=0.08)


def test_no_spread_between_wars_is_found_where_there_is_none() -> None:
    slopes = np.array([0.7, 0.71, 0.69, 0.7])
    assert battles.between_wars(slopes, np.full(4, 0.3))[2] == 0.0


@pytest.mark.parametrize(("exponents", "law"), [((1.0, 0.0), "square"), ((0.0, 1.0), "logarithmic")])
def test_battles_of_one_law_give_it_the_weight(exponents: tuple[float, float], law: str) -> None:
    weights = battles.law_weights(battles.battles(invented(*exponents, sd=0.3)))
    assert weights.weights[law] > 0.9
    assert sum(weights.weights.values()) == pytest.approx(1.0)


def test_the_shipped_battles_rule_no_law_out_for_one_war() -> None:
    told = battles.law_weights()
    assert tuple(told.weights) == ATTRITION_LAW.choices
    assert sum(told.weights.values()) == pytest.approx(1.0)
    assert min(told.weights.values()) > 0.05
    assert max(told.weights, key=lambda law: told.weights[law]) == "mixed"
    assert min(told.weights, key=lambda law: told.weights[law]) == "square"
    # As if all wars were alike, one law would have nearly all.
    assert told.pooled["mixed"] > 0.9
    assert told.between_wars > 0.3
    assert "numbers explain little" in told.sentence


def test_too_few_wars_give_no_weights() -> None:
    with pytest.raises(ValueError, match="fewer than three wars have enough battles"):
        battles.law_weights(battles.battles(invented(0.4, 0.7, wars=2)))


# Daily losses


def checks(table: pd.DataFrame, law: str, **options: int) -> dict[str, battles.Check]:
    rates = battles.daily_rates(battles.battles(table))
    return {one.statistic: one for one in battles.posterior_predictive(rates, law, draws=300, **options)}


def test_data_of_a_law_pass_under_it_and_fail_under_another() -> None:
    table = invented(1.0, 0.0, sd=0.5)
    right, wrong = checks(table, "square"), checks(table, "logarithmic")
    assert min(one.tail for one in right.values()) > 0.01
    for statistic in ("attacker_tilt", "defender_tilt"):
        assert right[statistic].verdict == "the law gives such data"
        assert wrong[statistic].tail < 0.01
        assert wrong[statistic].verdict == "the law does not give this: more than it allows"


def test_the_same_seed_gives_the_same_check() -> None:
    table = invented(0.4, 0.7, n=60)
    assert checks(table, "free", seed=3) == checks(table, "free", seed=3)
    assert checks(table, "free", seed=3) != checks(table, "free", seed=4)


def test_the_shipped_battles_of_1939_to_1973() -> None:
    rates = battles.daily_rates(battles.battles())
    mixed = {one.statistic: one for one in battles.posterior_predictive(rates, "mixed", draws=300)}
    assert 0.01 < mixed["attacker_median"].observed < 0.02
    assert 0.035 < mixed["defender_median"].observed < 0.055
    assert min(one.tail for one in mixed.values()) > 0.01
    square = {one.statistic: one for one in battles.posterior_predictive(rates, "square", draws=300)}
    assert square["attacker_tilt"].tail < 0.01


def test_an_unknown_law_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        battles.posterior_predictive(battles.daily_rates(battles.battles()), "cubic")
