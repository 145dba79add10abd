"""Does an answer hold up: conditions that flip it, exceptions to a word, and rival assumptions."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from typing import Any

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from ceasefire.analysis import Comparison
from ceasefire.analysis import compare as run_both
from ceasefire.analysis.questions import OUTSIDE, Condition
from ceasefire.analysis.shares import Share
from ceasefire.bargaining.branches import start_for
from ceasefire.claims import audit
from ceasefire.claims.bars import MOST, NOTHING, bars_chart, foremost
from ceasefire.claims.comparing import Asked
from ceasefire.claims.holding import A_TENTH, different, exception, flips, held
from ceasefire.claims.modelled import Bar
from ceasefire.claims.rules import FEWEST, RANK, VERDICTS, Rival, capped
from ceasefire.scenario import load_scenario, mirror
from ceasefire.war import REGISTRY
from tests.claims.helpers import evidence
from tests.claims.test_audit import INVENTED, rows
from tests.claims.test_counterfactuals import Fake, found
from tests.claims.test_model_tests import Aided, saving
from tests.inference.synthetic import synthetic_posterior

WARS = 600


def share(value: float, by: float = 0.05) -> Share:
    return Share(value, value - by, value + by)


def condition(density: float, support: float, text: str = "skill is above 2", by: float = 0.05) -> Condition:
    return Condition(text, share(0.5), share(density, by), share(support))


FLIP = condition(0.64, 0.2)


@pytest.mark.parametrize(("density", "word"), [(0.64, "yes"), (0.36, "no"), (0.52, "open"), (0.55, "open")])
def test_a_condition_flips_where_all_of_its_interval_lies_above_one_half(density: float, word: str) -> None:
    assert flips(condition(density, 0.2)) == word


def test_an_exception_is_sure_and_large_and_the_largest_is_named() -> None:
    for none in ((), None, (condition(0.52, 0.9),), (condition(0.9, A_TENTH - 1e-6),)):
        assert exception(none, "fewer") == ""
    small, large = condition(0.9, A_TENTH, "a is low"), condition(0.6, 0.3, "b is high")
    assert exception((small,), "fewer").startswith("a is low (fewer in 90% (85% to 95%)")
    assert exception((small, large), "fewer") == (
        "b is high (fewer in 60% (55% to 65%) of these wars, which are 30% of all)"
    )
    assert different((small, condition(0.52, 0.9), large), "fewer") == (
        "the war were one in which a is low (fewer in 90% (85% to 95%) of these wars, which are 10% of all)",
        "the war were one in which b is high (fewer in 60% (55% to 65%) of these wars, which are 30% of all)",
    )


def test_a_later_condition_that_stands_alone_points_to_nothing_above() -> None:
    (told,) = different((condition(0.9, 0.2, f"a is low{OUTSIDE}"),), "fewer")
    assert told.startswith(
        "the war were one in which a is low, outside of what was found first (fewer in 90%"
    )


def test_an_exception_caps_supported_and_no_other_word() -> None:
    plain = Fake([0.95], [0.95])
    assert found(plain).verdict == "supported"
    capped_by = dataclasses.replace(plain, where=(FLIP,))
    finding = found(capped_by)
    assert finding.verdict == "mostly supported"
    told = "skill is above 2 (fewer in 64% (59% to 69%) of these wars, which are 20% of all)"
    assert finding.reason[0]["rule"] == f"nine of ten wars or more, except where {told}"
    assert f"it is mostly supported, except where {told}: more soldiers killed" in finding.quote
    assert finding.different_if == (f"the war were one in which {told}",)
    assert finding.modelled.conditions == (FLIP,)
    for where in ((), None, (condition(0.52, 0.2),), (condition(0.9, 0.09),)):
        assert found(dataclasses.replace(plain, where=where)).verdict == "supported"
    for of_all, word in ((0.8, "mostly supported"), (0.5, "undetermined"), (0.2, "not supported")):
        assert found(Fake([of_all], [of_all], where=(FLIP,))).verdict == word


def test_a_claim_that_is_not_supported_names_where_it_holds() -> None:
    finding = found(Fake([0.1], [0.1], where=(FLIP,)))
    assert finding.verdict == "not supported"
    assert finding.modelled.other == "more"
    assert "the war were one in which skill is above 2 (more in 64% (59% to 69%)" in finding.different_if[-1]


def test_other_caps_come_first_and_what_is_assumed_hides_no_exception() -> None:
    exceptional = Fake([0.95], [0.95], where=(FLIP,))
    assert found(dataclasses.replace(exceptional, structures=[0.99, 0.1])).verdict == "contested"
    assumed = found(dataclasses.replace(exceptional, assumed_share=0.7))
    assert assumed.verdict == "undetermined"
    assert assumed.reason[0]["word_without_the_cap"] == "mostly supported"
    assert "except where skill is above 2" in assumed.reason[0]["because_then"]


@given(st.sampled_from(VERDICTS), st.sampled_from(["", "skill is above 2"]))
def test_no_word_gets_better_by_an_exception(word: Any, where: str) -> None:
    after, rule = capped(word, "why", from_priors=False, assumed_share=0.0, exception=where)
    assert RANK[after] <= RANK[word]
    assert (after == word) is not (word == "supported" and bool(where))
    assert rule.startswith("why")


@given(
    st.floats(0, 1),
    st.lists(st.tuples(st.floats(0.1, 0.9), st.floats(0.01, 0.9)), max_size=3),
)
def test_less_mirrors_more_with_conditions(of_all: float, drawn: list[tuple[float, float]]) -> None:
    """The same wars, counted the other way round: conditions, word and answer are the same."""
    where = tuple(condition(density, support) for density, support in drawn)
    more = found(Fake([of_all], [of_all], where=where))
    less = found(Fake([1.0 - of_all], [1.0 - of_all], where=where), second_is="less")
    assert more.verdict == less.verdict
    assert [one.stays for one in more.modelled.holds] == [one.stays for one in less.modelled.holds]
    # At even odds "the other answer" is fewer, whoever asks.
    if abs(of_all - 0.5) > 1e-9:
        assert {more.modelled.other, less.modelled.other} == {"more", "fewer"}


@pytest.mark.parametrize(
    ("second_is", "of_more", "by", "other"),
    [
        ("more", 0.9, None, "fewer"),
        ("more", 0.1, None, "more"),
        ("less", 0.9, None, "fewer"),
        ("less", 0.1, None, "more"),
        ("more", 0.9, 500, "not at least 500 more"),
        ("more", 0.1, 500, "at least 500 more"),
        ("less", 0.9, 500, "at least 500 fewer"),
        ("less", 0.1, 500, "not at least 500 fewer"),
    ],
)
def test_the_other_answer_is_told_as_what_is_counted(
    second_is: str, of_more: float, by: float | None, other: str
) -> None:
    more = {} if by is None else {"by": by}
    assert found(Fake([of_more], []), second_is=second_is, **more).modelled.other == other


@pytest.mark.parametrize(
    ("rows_", "stays"),
    [
        ({"a": (0.8, 0.7, 0.9), "b": (0.7, 0.6, 0.8)}, "yes"),
        ({"a": (0.8, 0.7, 0.9), "b": (0.55, 0.45, 0.65)}, "open"),
        ({"a": (0.8, 0.7, 0.9), "b": (0.3, 0.2, 0.4)}, "no"),
    ],
)
def test_a_sign_stays_turns_round_or_is_open(rows_: dict[str, tuple[float, ...]], stays: str) -> None:
    told = {name: Rival(*ends) for name, ends in rows_.items()}
    one = held("rival equations", 0.8, told)
    assert one is not None
    assert (one.stays, one.high_at, one.low_at) == (stays, "a", "b")
    turned = {name: Rival(1 - row.share, 1 - row.high, 1 - row.low) for name, row in told.items()}
    other = held("rival equations", 0.2, turned)
    assert other is not None
    assert other.stays == stays
    assert (other.low_at, other.high_at) == ("a", "b")
    # Where all wars are divided evenly there is no sign that could stay.
    even = held("rival equations", 0.5, told)
    assert even is not None
    assert even.stays == "open"


def test_of_few_wars_nothing_is_held_against_an_answer() -> None:
    few = Rival(0.2, 0.1, 0.3, FEWEST - 1)
    assert held("dates", 0.8, {}) is None
    assert held("dates", 0.8, {"a": few}) is None
    one = held("dates", 0.8, {"a": few, "b": Rival(0.9, 0.8, 0.95)})
    assert one is not None
    assert one.stays == "yes"


def test_a_finding_says_under_what_it_stays() -> None:
    fake = Fake([0.3, 0.8], [0.7, 0.52], extremes=(0.85, 0.7))
    told = {one.under: one for one in found(fake).modelled.holds}
    assert {under: one.stays for under, one in told.items()} == {
        "rival equations": "open",
        "priors of a truce": "yes",
        "dates": "no",
    }
    assert (told["dates"].low_at, told["dates"].high_at) == ("8 January 2001", "15 January 2001")
    assert told["priors of a truce"].low_at == "where a truce is most likely to hold"
    # A difference of a size takes its time, and a policy without a truce has no priors of one.
    fewer = {one.under for one in found(dataclasses.replace(fake, extremes=None), by=500).modelled.holds}
    assert fewer == {"rival equations"}


def test_dates_on_which_the_policies_do_not_differ_yet_say_nothing() -> None:
    class Late(Fake):
        def curve(self, *given: Any) -> Any:
            frame = super().curve(*given)
            frame.loc[0, [name for name in frame if name.startswith("difference_")]] = 0.0
            return frame

    (dates,) = found(Late([0.5, 0.9], [])).modelled.holds
    assert (dates.under, dates.stays, dates.low) == ("dates", "yes", 0.9)
    (open_,) = found(Fake([0.5, 0.9], [])).modelled.holds
    assert open_.stays == "open"


def test_aid_is_capped_alike_and_the_weakest_kind_is_searched() -> None:
    often = {"shells": 0.95, "vehicles": 0.97}
    assert saving(Aided(often)).verdict == "supported"
    exceptional = Aided(often, where={"vehicles": (FLIP,)})
    finding = saving(exceptional)
    assert finding.verdict == "mostly supported"
    assert finding.reason[0]["weakest"] == "vehicles"
    assert finding.modelled.conditions == (FLIP,)
    assert (finding.modelled.other, exceptional.searched[:2]) == ("some lost", ["shells", "vehicles"])
    assert any(
        "except where skill is above 2 (some lost in 64%" in row.get("because", "") for row in finding.reason
    )
    weak = Aided({"shells": 0.95, "vehicles": 0.1}, where={"vehicles": (FLIP,)})
    finding = saving(weak)
    assert (finding.verdict, finding.modelled.other) == ("not supported", "some saved")
    assert finding.different_if[-1].startswith(
        "the war were one in which skill is above 2 (some saved in 64%"
    )
    # What cannot change the word is searched for the weakest alone.
    assert weak.searched == ["shells", "vehicles"]


def bar(meaning: str, kind: str, delta: float) -> Bar:
    return Bar(meaning, meaning, kind, delta, delta - 0.02, delta + 0.02, 0.01, 0.1, 0.0, 0.2, 0.01, 0.7, 0.4)


def test_bars_are_told_and_drawn_the_foremost_first() -> None:
    assert foremost(()) == NOTHING
    assert bars_chart((), "x") == bars_chart(None, "x") == ()
    inputs = tuple(bar(f"input {n}", kind, 0.3 - n / 100) for n, kind in enumerate(["assumed", "learnt"] * 4))
    assert foremost(inputs).endswith("input 0 (assumed), input 1 (learnt) and input 2 (assumed)")
    (chart,) = bars_chart(inputs, "soldiers killed")
    assert list(chart.frame["label"]) == [f"Input {n}" for n in range(MOST)]
    assert chart.title.endswith(
        "moves the distribution of the difference by 30%; of six shown three are assumed"
    )
    assert "2 more are told apart from nothing" in chart.subtitle
    finding = found(Fake([0.8], [], inputs=inputs))
    assert finding.depends_on == (foremost(inputs),)
    assert finding.beside[0].kind == "bars"
    assert [one.above for one in finding.modelled.bars] == [0.7] * 8
    less = found(Fake([0.2], [], inputs=inputs), second_is="less").modelled.bars
    assert [(one.above, one.below) for one in less] == [(pytest.approx(0.3), 0.6)] * 8
    nothing = found(Fake([0.8], []))
    assert (nothing.depends_on, nothing.beside) == ((NOTHING,), ())
    unasked = found(Fake([0.8], [], inputs=None))
    assert (unasked.modelled.bars, unasked.depends_on) == (None, ("the draws of the simulated wars",))


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    world = load_scenario("invented-war")
    return run_both(
        world, draws=WARS, seed=4, until=world.start + dt.timedelta(days=70), outcomes=("killed",)
    )


def planted(comparison: Comparison, difference: np.ndarray) -> Asked:
    """Return the same wars with another difference in soldiers killed of the first side on the last day."""
    second = comparison.first.copy(deep=True)
    killed = second["killed"].transpose("time", "side", "war").values.copy()
    killed[-1, 0] += difference
    second["killed"] = xr.DataArray(killed, dims=("time", "side", "war"))
    return Asked(dataclasses.replace(comparison, second=second))


def asked_of(compared: Asked) -> tuple[str, str, dt.date]:
    return "killed", compared.sides[0], compared.comparison.last_day


def test_a_planted_flip_is_found_with_its_unit_and_the_input_is_the_foremost_bar(
    comparison: Comparison,
) -> None:
    name = "rest_days"
    row = comparison.first["parameters"].values[REGISTRY.rows[name]][1]
    edge = float(np.quantile(row, 0.75))
    noise = np.random.default_rng(1).random(WARS)
    compared = planted(comparison, np.where((row > edge) ^ (noise < 0.08), -100.0, 100.0))
    (one,) = compared.conditions(*asked_of(compared))  # type: ignore[misc]
    assert one.text.startswith(f"{REGISTRY[name].meaning} ({compared.sides[1]}) is above")
    assert one.text.endswith(" days")
    assert flips(one) == "yes"
    assert one.density.value == pytest.approx(0.92, abs=0.08)
    assert one.support.value == pytest.approx(0.25, abs=0.08)
    bars = compared.bars(*asked_of(compared))
    assert bars
    assert (bars[0].input, bars[0].kind) == (f"{name} ({compared.sides[1]})", "assumed")
    assert bars[0].meaning == f"{REGISTRY[name].meaning} ({compared.sides[1]})"
    assert bars[0].above < bars[0].below
    assert bars[0].delta > bars[0].null


def test_a_flip_is_not_lost_in_a_larger_condition_that_does_not(comparison: Comparison) -> None:
    row = comparison.first["parameters"].values[REGISTRY.rows["rest_days"]][1]
    place = np.argsort(np.argsort(row)) / WARS
    often = np.select([place > 0.8, place > 0.3], [0.85, 0.2], 0.01)
    compared = planted(comparison, np.where(np.random.default_rng(2).random(WARS) < often, -100.0, 100.0))
    (one,) = compared.conditions(*asked_of(compared))  # type: ignore[misc]
    assert flips(one) == "yes"
    assert one.support.value == pytest.approx(0.2, abs=0.06)
    # Where nothing flips the answer, what makes the other one likelier is told all the same.
    gentle = planted(comparison, np.where(np.random.default_rng(2).random(WARS) < 0.4 * often, -100.0, 100.0))
    (one,) = gentle.conditions(*asked_of(gentle))  # type: ignore[misc]
    assert flips(one) == "no"


def test_a_permuted_outcome_has_no_condition_and_next_to_no_bar(comparison: Comparison) -> None:
    for seed in range(3):
        difference = np.random.default_rng(seed).permutation(np.where(np.arange(WARS) < WARS // 4, -1.0, 1.0))
        compared = planted(comparison, 100.0 * difference)
        assert compared.conditions(*asked_of(compared)) == ()
        assert len(compared.bars(*asked_of(compared)) or ()) <= 1


def test_a_rival_equation_is_told_as_a_choice(comparison: Comparison) -> None:
    codes = comparison.first["structure"].sel(alternative="decision_rule").values
    compared = planted(comparison, np.where(codes == 1, -100.0, 100.0) * (1.0 + 1e-3 * np.arange(WARS)))
    (one,) = compared.conditions(*asked_of(compared))  # type: ignore[misc]
    assert one.text in {
        "the equation for decision rule is expected utility",
        "the equation for decision rule is not threshold",
        "the equation for decision rule is threshold",
        "the equation for decision rule is not expected utility",
    }
    (foremost_, *_) = compared.bars(*asked_of(compared)) or ()
    assert (foremost_.input, foremost_.kind) == ("decision_rule", "structure")
    assert np.isnan(foremost_.above)


def test_wars_that_are_too_few_are_not_searched(comparison: Comparison) -> None:
    few = dataclasses.replace(
        comparison,
        first=comparison.first.isel(war=slice(40)),
        second=comparison.second.isel(war=slice(40)),
    )
    compared = Asked(few)
    assert compared.conditions(*asked_of(compared)) is None
    assert compared.bars(*asked_of(compared)) is None
    same = Asked(dataclasses.replace(comparison, second=comparison.first))
    assert same.conditions(*asked_of(same)) == ()
    assert same.bars(*asked_of(same)) == ()


def test_draws_worth_fewer_widen_the_intervals() -> None:
    world = load_scenario("invented-war")
    start = start_for(world.world(), None, 200, 1)
    until = world.start + dt.timedelta(days=28)
    wars = run_both(world, draws=WARS, seed=4, until=until, outcomes=("killed",), start=start)
    row = wars.first["parameters"].values[REGISTRY.rows["rest_days"]][1]
    noise = np.random.default_rng(1).random(WARS)
    compared = planted(
        wars, np.where((row > np.quantile(row, 0.75)) ^ (noise < 0.2), -100.0, 100.0)
    ).comparison
    plain, many, few = (Asked(compared, effective_draws=worth) for worth in (None, 1e9, 50.0))
    asked = asked_of(plain)
    (one,) = plain.conditions(*asked)  # type: ignore[misc]
    (wide,) = few.conditions(*asked)  # type: ignore[misc]
    assert many.conditions(*asked) == (one,)
    assert wide.density.value == one.density.value
    assert wide.density.value - wide.density.low == pytest.approx(2.0 * (one.density.value - one.density.low))
    assert wide.density.high <= 1.0


def test_sides_listed_the_other_way_round_have_the_same_conditions_and_bars() -> None:
    """The wars of a posterior, mirrored: the same words, conditions, bars, and what stays."""
    world = load_scenario("invented-war")
    posterior = synthetic_posterior(world, 64, ("attrition_coefficient",), hindsight=0)
    turned = mirror(world)
    same = dataclasses.replace(posterior, tree=posterior.tree.copy())
    same.tree.attrs["scenario_sha256"] = turned.calibrated_sha256
    known = evidence(rows())
    one, other = (
        audit(INVENTED, scenario=scenario, evidence=known, draws=256, seed=1, posterior=given_)
        for scenario, given_ in ((world, posterior), (turned, same))
    )
    searched = 0
    for result in one.results:
        mirrored = other.result(result.id)
        assert (result.verdict, result.different_if) == (mirrored.verdict, mirrored.different_if)
        told, turned_told = result.modelled, mirrored.modelled
        if told is None or turned_told is None:
            continue
        searched += told.conditions is not None
        assert (told.conditions, told.other, told.holds) == (
            turned_told.conditions,
            turned_told.other,
            turned_told.holds,
        )
        assert {bar.input: bar.delta for bar in told.bars or ()} == pytest.approx(
            {bar.input: bar.delta for bar in turned_told.bars or ()}
        )
    assert searched > 0
    data = json.loads(one.to_text())
    (claim,) = [claim for claim in data["claims"] if claim["id"] == "truce-costs-aldria"]
    assert isinstance(claim["modelled"]["conditions"], list)
    assert {row["under"] for row in claim["modelled"]["holds"]} >= {"rival equations", "dates"}


def test_a_flip_of_mirrored_wars_is_the_same_flip() -> None:
    """The sides listed the other way round, the same condition planted: the same words and numbers."""
    found_ = []
    for world in (load_scenario("invented-war"), mirror(load_scenario("invented-war"))):
        until = world.start + dt.timedelta(days=28)
        wars = run_both(world, draws=WARS, seed=4, until=until, outcomes=("killed",))
        one, other = sorted(wars.sides)
        row = wars.first["parameters"].values[REGISTRY.rows["rest_days"]][wars.sides.index(one)]
        noise = np.random.default_rng(1).random(WARS)
        second = wars.first.copy(deep=True)
        killed = second["killed"].transpose("time", "side", "war").values.copy()
        flipped = (row > np.quantile(row, 0.75)) ^ (noise < 0.1)
        killed[-1, wars.sides.index(other)] += np.where(flipped, -9.0, 9.0)
        second["killed"] = xr.DataArray(killed, dims=("time", "side", "war"))
        asked, of = Asked(dataclasses.replace(wars, second=second)), ("killed", other, wars.last_day)
        found_.append((asked.conditions(*of), asked.bars(*of)))
    (conditions, bars), (turned, turned_bars) = found_
    assert conditions == turned != ()
    assert bars is not None
    assert turned_bars is not None
    assert [(one.input, one.delta) for one in bars] == [(one.input, one.delta) for one in turned_bars]


def test_the_file_holds_conditions_bars_and_what_stays() -> None:
    finding = found(Fake([0.95], [0.95], where=(FLIP,), inputs=(bar("skill", "assumed", 0.2),)))
    told = finding.modelled.to_dict()
    assert told["conditions"] == [
        {
            "text": "skill is above 2",
            "coverage": 0.5,
            "coverage_interval": [0.45, 0.55],
            "density": 0.64,
            "density_interval": [0.59, pytest.approx(0.69)],
            "support": 0.2,
            "support_interval": [pytest.approx(0.15), 0.25],
            "flips": "yes",
            "other": "fewer",
        }
    ]
    assert told["bars"][0]["kind"] == "assumed"
    assert {one["under"]: one["stays"] for one in told["holds"]} == {"rival equations": "yes", "dates": "yes"}
    assert found(Fake([0.95], [0.95], where=None)).modelled.to_dict()["conditions"] is None
