"""Counterfactuals: the word from the whole curve, and the caps."""

import dataclasses
import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ceasefire.analysis import Carried
from ceasefire.analysis.questions import Condition
from ceasefire.claims import schema
from ceasefire.claims.carrying import NOTHING, Carrying
from ceasefire.claims.comparing import Asked, Extremes
from ceasefire.claims.counterfactuals import Compared, compare, truces
from ceasefire.claims.modelled import Bar, Part, Parts
from ceasefire.scenario import load_scenario

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
    beyond: list[float] = dataclasses.field(default_factory=list)
    draws_of_structure: int = 1_000
    extremes: tuple[float, float] | None = None
    effective_draws: float | None = None
    where: tuple[Condition, ...] | None = ()
    inputs: tuple[Bar, ...] | None = ()

    def curve(self, outcome: str, side: str | None = None, beyond: float = 0.0) -> pd.DataFrame:
        self.asked.append(side)
        self.beyond.append(beyond)
        shares = np.array(self.shares)
        frame = pd.DataFrame({"date": pd.date_range("2001-01-08", periods=len(shares), freq="7D")})
        for label in ("first", "second", "difference"):
            for place, name in enumerate(("low", "low50", "median", "high50", "high")):
                frame[f"{label}_{name}"] = 100.0 * (place - 1)
        frame["probability"] = shares
        frame["mc_error"] = np.sqrt(shares * (1 - shares) / max(self.draws, 1))
        frame["draws"], frame["failed"] = self.draws, 0 if self.draws else 7
        return frame

    def by_structure(
        self, outcome: str, side: str | None, date: dt.date, beyond: float = 0.0
    ) -> pd.DataFrame:
        return pd.DataFrame(
            {
                "structure": "attrition_law",
                "choice": [f"law {number}" for number in range(len(self.structures))],
                "draws": self.draws_of_structure,
                "probability": self.structures,
                "mc_error": 0.01,
            }
        )

    def parts(self, outcome: str, side: str | None, date: dt.date) -> Parts:
        rest = 1.0 - self.assumed_share
        of_all = [0.5 * rest, 0.5 * self.assumed_share, 0.1, 0.4]
        parts = [Part(value, max(value - 0.05, 0.0), min(value + 0.05, 1.0)) for value in of_all]
        return Parts(*parts, Part(self.assumed_share, self.assumed_share - 0.1, self.assumed_share + 0.1))

    def by_priors(
        self, outcome: str, side: str | None, date: dt.date, beyond: float = 0.0
    ) -> Extremes | None:
        return None if self.extremes is None else Extremes(*self.extremes, self.draws // 4)

    def conditions(
        self, outcome: str, side: str | None, date: dt.date, beyond: float = 0.0
    ) -> tuple[Condition, ...] | None:
        return self.where

    def bars(
        self, outcome: str, side: str | None, date: dt.date, beyond: float = 0.0
    ) -> tuple[Bar, ...] | None:
        return self.inputs

    def about(self) -> dict[str, object]:
        return {"version": "0", "model_fingerprint": "invented"}


def found(fake: Fake, carrying: Carrying = NOTHING, **given: Any) -> Any:
    values = {"kind": "compare", "outcome": "killed", "side": "AL", "second_is": "more"}
    test = schema.Compare.model_validate({**values, **given})
    return compare(test, lambda first, second: fake, CODES, UNITS, carrying=carrying)


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


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_all_of_a_few_wars_decide_nothing(share: float) -> None:
    """Nought of one and one of one have no spread of their own, and are no certainty."""
    for draws in (1, 2):
        finding = found(Fake([share], [share], draws=draws, draws_of_structure=draws))
        assert finding.verdict == "undetermined"
        assert finding.mc_error > 0.1
    many = found(Fake([share], [share], draws=500))
    assert many.verdict == ("supported" if share else "not supported")
    assert 0 < many.mc_error < 0.01


def test_structures_and_dates_disagree_only_beyond_the_error_of_few_wars() -> None:
    few = Fake([0.5], [0.7, 0.3], draws_of_structure=20)
    assert found(few).verdict == "undetermined"
    assert found(dataclasses.replace(few, draws_of_structure=2_000)).verdict == "contested"
    dates = Fake([0.3, 0.7], [], draws=20)
    assert found(dates).verdict == "undetermined"
    assert found(dataclasses.replace(dates, draws=2_000)).verdict == "contested"


def test_wars_that_all_failed_decide_nothing() -> None:
    finding = found(Fake([float("nan")], [], draws=0))
    assert (finding.verdict, finding.probability) == ("undetermined", None)
    assert finding.quote == "No simulated war could be computed to its end: all 7 failed."


def test_a_comparison_has_all_that_is_asked_of_it() -> None:
    """The comparison of the analysis offers what this room names, and the fake of these tests too."""
    asked = {name for name in vars(Compared) if not name.startswith("_")}
    assert asked >= {"curve", "by_structure", "parts", "by_priors", "conditions", "bars", "about"}
    for kind in (Asked, Fake):
        assert asked <= set(dir(kind)) | {field.name for field in dataclasses.fields(kind)}


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
    (laws,) = [one for one in finding.modelled.holds if one.under == "rival equations"]
    assert (laws.low, laws.low_at) == (0.7, "attrition law: law 0")
    assert (laws.high, laws.high_at) == (0.9, "attrition law: law 1")


def test_the_quote_names_the_days_of_the_truces() -> None:
    policies = load_scenario("ukraine-2022").policies
    spans = truces(policies)
    assert spans["truce"] == "a truce of 182 days from 21 December 2022"
    assert "fight-on" not in spans
    test = schema.Compare.model_validate({"kind": "compare", "outcome": "killed", "side": "AL"})
    finding = compare(test, lambda first, second: Fake([0.8], [0.8]), CODES, UNITS, spans)
    assert (
        "with 'truce' (a truce of 182 days from 21 December 2022) than with 'fight-on' in about 8 of 10"
        in finding.quote
    )


def test_fewer_persons_and_less_ground() -> None:
    quote = found(Fake([0.2], [0.2]), second_is="less").quote
    assert "fewer soldiers killed" in quote
    assert "less ground lost" in found(Fake([0.2], [0.2]), second_is="less", outcome="ground_lost").quote


def test_no_date_is_told_as_no_date() -> None:
    assert found(Fake([0.2, 0.2], [0.2])).quote.endswith("on no date up to then do most wars say so.")


@given(
    st.lists(st.floats(0, 1), min_size=1, max_size=4),
    st.lists(st.floats(0, 1), max_size=3),
    st.floats(0, 1),
    st.one_of(st.none(), st.tuples(st.floats(0, 1), st.floats(0, 1))),
)
def test_no_comparison_is_better_than_its_caps(
    shares: list[float], structures: list[float], assumed: float, extremes: tuple[float, float] | None
) -> None:
    finding = found(Fake(shares, structures, assumed_share=assumed, extremes=extremes))
    signs = [{p > 0.5 for p in group if p != 0.5} for group in (structures, extremes or ())]
    if assumed > 0.5 or any(len(sign) == 2 for sign in signs):
        assert finding.verdict in {"contested", "undetermined"}
    assert finding.modelled.parts.assumed_of_explained.value == finding.assumed_share == assumed


def test_sceptical_and_credulous_priors_that_disagree_are_contested() -> None:
    agree = Fake([0.95], [0.95], extremes=(0.97, 0.93))
    assert found(agree).verdict == "supported"
    assert (found(agree).modelled.sceptical, found(agree).modelled.credulous) == (0.97, 0.93)
    surely = found(dataclasses.replace(agree, extremes=(0.97, 0.2)))
    assert surely.verdict == "contested"
    assert surely.reason[0]["rule"] == "sceptical and credulous priors disagree on the sign"
    hardly = found(dataclasses.replace(agree, extremes=(0.97, 0.48)))
    assert hardly.verdict == "undetermined"
    assert hardly.reason[0]["rule"] == "the sign differs between sceptical and credulous priors"
    assert "the sign differs between sceptical and credulous priors" in hardly.quote


def test_a_structure_of_few_wars_says_nothing_of_the_sign() -> None:
    assert found(Fake([0.95], [0.95, 0.4], draws_of_structure=19)).verdict == "supported"
    assert found(Fake([0.95], [0.95, 0.4], draws_of_structure=20)).verdict == "undetermined"


def test_shares_that_are_not_known_decide_nothing() -> None:
    finding = found(Fake([0.95], [0.95], assumed_share=float("nan")))
    assert finding.verdict == "undetermined"
    assert "the share that is assumed is not known" in finding.quote


def test_wars_count_for_no_more_than_the_posterior_has_effective_draws() -> None:
    many = found(Fake([0.91], [0.91]))
    few = found(Fake([0.91], [0.91], effective_draws=100.0))
    assert (many.verdict, few.verdict) == ("supported", "mostly supported")
    assert few.ess == pytest.approx(100)
    assert few.mc_error > many.mc_error


ALONE = Carrying(Carried(("sanctions",), True), frozenset(), ("sanctions", "aims", "ending"), "a war")


def test_what_no_fit_had_decides_nothing_for_the_claim_and_against_it() -> None:
    for share, word in ((0.99, "supported"), (0.01, "not supported")):
        finding = found(Fake([share], [share]), ALONE)
        assert finding.verdict == "undetermined"
        assert finding.reason[0]["rule"] == "no fit had what carries it"
        assert finding.reason[0]["word_without_the_cap"] == word
        assert "as what carries it (sanctions) is assumed and in no fit" in finding.quote
        assert finding.different_if[0].startswith("evidence were held against sanctions")
        assert finding.depends_on[0].startswith("mechanisms through which it works and that no fit had: sanc")
        assert finding.depends_on[1].startswith("two further mechanisms of the wars")


def test_what_a_fit_had_and_what_is_part_of_it_alone_is_not_capped() -> None:
    fitted = dataclasses.replace(ALONE, fitted=frozenset({"sanctions"}))
    part = Carrying(Carried(("civilian_harm",), False), frozenset(), ("civilian_harm",), "a war")
    for carrying in (fitted, part):
        assert found(Fake([0.95], [0.95]), carrying).verdict == "supported"
    told = [reason for reason in found(Fake([0.95], []), part).reason if reason["rule"] == "mechanisms"]
    assert told == [
        {
            "rule": "mechanisms",
            "carried_by": ["civilian harm"],
            "alone": False,
            "assumed": ["civilian harm"],
            "others_assumed": 0,
        }
    ]


def test_a_scenario_without_the_mechanism_cannot_tell_and_no_war_is_asked() -> None:
    fake = Fake([0.95], [])
    off = Carrying(Carried(("sanctions",), True, ("sanctions",)), scenario="a war")
    finding = found(fake, off)
    assert (finding.verdict, fake.asked) == ("undetermined", [])
    assert finding.quote == "The wars of the scenario 'a war' have no sanctions, so that they cannot tell."


def test_by_how_much_is_asked_in_the_direction_of_the_claim() -> None:
    for second_is, beyond, told in (
        ("more", 500.0, "at least 500 more"),
        ("less", -500.0, "at least 500 fewer"),
    ):
        fake = Fake([0.01, 0.95], [])
        finding = found(fake, by=500, second_is=second_is)
        assert fake.beyond == [beyond]
        assert told in finding.quote
        # A difference of a size takes its time: early dates do not make it contested.
        assert finding.verdict == ("supported" if second_is == "more" else "not supported")
    assert found(Fake([0.01, 0.95], [])).verdict == "contested"
