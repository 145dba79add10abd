"""Counterfactuals: the word from the whole curve, and the caps."""

import dataclasses
import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ceasefire.claims import schema
from ceasefire.claims.counterfactuals import compare

UNITS = {"killed": "persons", "ground_lost": "km2"}
CODES = {"AL": "Aldria", "BR": "Bremor", "Aldria": "Aldria", "Bremor": "Bremor"}


@dataclasses.dataclass
class Fake:
    """A comparison with the probabilities that a test wants."""

    shares: list[float]
    structures: list[float]
    posterior: str = "a calibration"
    assumed_share: float = 0.2
    draws: int = 10_000
    sides: tuple[str, str] = ("Aldria", "Bremor")
    asked: list[str | None] = dataclasses.field(default_factory=list)

    def curve(self, outcome: str, side: str | None = None) -> pd.DataFrame:
        self.asked.append(side)
        shares = np.array(self.shares)
        frame = pd.DataFrame({"date": pd.date_range("2001-01-08", periods=len(shares), freq="7D")})
        for label in ("first", "second", "difference"):
            for place, name in enumerate(("low", "low50", "median", "high50", "high")):
                frame[f"{label}_{name}"] = 100.0 * (place - 1)
        frame["probability"] = shares
        frame["mc_error"] = np.sqrt(shares * (1 - shares) / self.draws)
        frame["draws"], frame["failed"] = self.draws, 0
        return frame

    def by_structure(self, outcome: str, side: str | None, date: dt.date) -> pd.DataFrame:
        return pd.DataFrame(
            {
                "structure": "attrition_law",
                "choice": [f"law {number}" for number in range(len(self.structures))],
                "draws": 100,
                "probability": self.structures,
                "mc_error": 0.01,
            }
        )


def found(fake: Fake, **given: Any) -> Any:
    values = {"kind": "compare", "outcome": "killed", "side": "AL", "second_is": "more"}
    test = schema.Compare.model_validate({**values, **given})
    return compare(test, lambda first, second: fake, CODES, UNITS)


@pytest.mark.parametrize(
    ("shares", "structures", "word"),
    [
        ([0.95, 0.95], [0.94, 0.96], "supported"),
        ([0.8, 0.8], [0.8, 0.8], "mostly supported"),
        ([0.5, 0.5], [0.5, 0.5], "undetermined"),
        ([0.2, 0.2], [0.2, 0.2], "not supported"),
        ([0.95, 0.95], [0.99, 0.2], "contested"),
        ([0.1, 0.95], [0.95, 0.95], "contested"),
    ],
)
def test_the_word_of_a_calibrated_comparison(shares: list[float], structures: list[float], word: str) -> None:
    assert found(Fake(shares, structures)).verdict == word


@given(
    st.lists(st.floats(0, 1), min_size=1, max_size=5), st.lists(st.floats(0, 1), max_size=3), st.booleans()
)
def test_priors_alone_decide_nothing(shares: list[float], structures: list[float], prior: bool) -> None:
    capped = Fake(shares, structures, "prior" if prior else "a calibration", 1.0 if prior else 0.51)
    finding = found(capped)
    assert finding.verdict == "undetermined"
    if prior:
        assert finding.quote.startswith("With parameters from priors alone the model cannot decide it")
        assert finding.reason[0]["word_without_the_cap"] == found(Fake(shares, structures)).verdict


def test_few_wars_are_less_sure() -> None:
    assert found(Fake([0.91], [0.91])).verdict == "supported"
    assert found(Fake([0.91], [0.91], draws=100)).verdict == "mostly supported"


@given(st.lists(st.floats(0, 1), min_size=1, max_size=5), st.lists(st.floats(0, 1), max_size=3))
def test_less_mirrors_more(shares: list[float], structures: list[float]) -> None:
    more = found(Fake(shares, structures))
    less = found(Fake([1 - p for p in shares], [1 - p for p in structures]), second_is="less")
    assert more.verdict == less.verdict
    assert more.probability == pytest.approx(less.probability)


def test_the_claims_own_horizon_is_used_and_the_whole_curve_is_drawn() -> None:
    finding = found(Fake([0.95, 0.95, 0.2], [0.95]), until="2001-01-16")
    assert finding.verdict == "supported"
    assert len(finding.chart.curve) == 3
    assert found(Fake([0.95, 0.95, 0.2], [0.95])).verdict == "contested"


def test_a_side_may_be_a_code_or_a_name_or_both_together() -> None:
    for side, asked in (("BR", "Bremor"), ("Bremor", "Bremor"), (None, None)):
        fake = Fake([0.5], [0.5])
        found(fake, side=side)
        assert fake.asked == [asked]


def test_a_result_is_never_without_its_interval_and_error() -> None:
    finding = found(Fake([0.8], [0.7, 0.9]))
    assert finding.interval == (-100.0, 300.0)
    assert finding.mc_error == pytest.approx(np.sqrt(0.8 * 0.2 / 10_000))
    assert (finding.ess, finding.assumed_share) == (10_000, 0.2)
    assert "a difference of about 100 (\N{MINUS SIGN}100 to 300)" in finding.quote
    assert "from 70% of wars (attrition law: law 0) to 90% (attrition law: law 1)" in finding.depends_on[0]
