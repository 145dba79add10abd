"""The fit as a command: what it refuses before it starts, and the second method, with no war run."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pytest

from ceasefire.inference import crosscheck
from ceasefire.inference.crosscheck import Crosscheck, compare
from tests.cli.conftest import Commands

WAR = "ukraine-2022"


def invented() -> Crosscheck:
    """Two methods that agree but for one row, which lies a deviation apart."""
    rng = np.random.default_rng(1)
    # A name may hold brackets, which are no markup.
    names = ["reporting_spread[someone/RU/people]", "return_share (Ukraine)"]
    smc, nuts = rng.standard_normal((4, 500, 2)), rng.standard_normal((4, 500, 2))
    nuts[..., 1] += 1.0
    return Crosscheck(compare(names, smc, nuts), 60.0, 120.0, 3, 31.0)


@pytest.mark.thorough
def test_the_cross_check_says_how_far_two_methods_differ_and_writes_no_posterior(
    commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, Any] = {}

    def instead(scenario: Any, evidence: Any, until: dt.date, **more: Any) -> Crosscheck:
        asked.update(until=until, **more)
        return invented()

    monkeypatch.setattr(crosscheck, "crosscheck", instead)
    out = commands.done(
        "calibrate", WAR, "--until", "2022-12-20", "--cross-check", "--hindsight", "--seed", "7"
    ).out
    assert asked["until"] == dt.date(2022, 12, 20)
    assert asked["hindsight"] is True
    assert asked["settings"].seed == 7
    said = " ".join(out.split())
    assert "at most ('return_share (Ukraine)')" in said
    assert "Hamiltonian Monte Carlo: 120 s, 3 divergences, 31 steps a draw" in said
    rows = [line for line in out.split("\n") if ("_share (" in line or "[someone" in line) and " sd" in line]
    assert "return_share (Ukraine)" in rows[-2]
    assert "-0.98 sd" in rows[-2]
    assert "reporting_spread[someone/RU/people]" in rows[-1]


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2022-13-01", "2022-13-01"),
        ("2022-12-21", "whole weeks"),
        ("2030-01-01", "2030-01-01"),
    ],
)
def test_a_day_that_cannot_be_is_refused_before_anything_runs(
    commands: Commands, day: str, said: str
) -> None:
    assert said in " ".join(commands.refused("calibrate", WAR, "--until", day))
