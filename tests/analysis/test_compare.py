import dataclasses
import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ceasefire.analysis import OUTCOMES, Comparison, compare, summarise
from ceasefire.analysis.compare import share_above
from ceasefire.engine import load, save
from ceasefire.files import InputError
from ceasefire.scenario import load_scenario


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    return compare(load_scenario("invented-war"), "fight-on", "truce", draws=400, seed=3)


def test_the_curve_holds_what_a_plain_computation_gives(comparison: Comparison) -> None:
    side = comparison.sides[1]
    row = comparison.curve("killed", side).iloc[20]
    week = int(row["day"]) // 7
    first = comparison.first["killed"].sel(side=side).isel(time=week).values.astype(float)
    second = comparison.second["killed"].sel(side=side).isel(time=week).values.astype(float)
    assert row["date"] == pd.Timestamp(comparison.first["time"].values[week])
    assert row["first_median"] == pytest.approx(np.median(first))
    assert row["difference_low"] == pytest.approx(np.quantile(second - first, 0.05))
    assert row["difference_high"] == pytest.approx(np.quantile(second - first, 0.95))
    expected = (second > first).mean() + 0.5 * (second == first).mean()
    assert row["probability"] == pytest.approx(expected)
    assert row["mc_error"] == pytest.approx(np.sqrt(expected * (1 - expected) / 400))


def test_before_the_policies_part_the_odds_are_even(comparison: Comparison) -> None:
    first_week = comparison.curve("killed").iloc[0]
    assert first_week["probability"] == 0.5
    assert first_week["difference_low"] == first_week["difference_high"] == 0.0


def test_both_sides_together_are_the_sum(comparison: Comparison) -> None:
    first, second = comparison.sides
    both = comparison.values("losses")[1]
    assert np.allclose(both, comparison.values("losses", first)[1] + comparison.values("losses", second)[1])


def test_one_sides_ground_lost_is_the_others_gain(comparison: Comparison) -> None:
    first, second = comparison.sides
    assert np.array_equal(
        comparison.values("ground_lost", first)[0], -comparison.values("ground_lost", second)[0]
    )


def test_the_policies_turned_round_turn_the_answer(comparison: Comparison) -> None:
    turned = compare(load_scenario("invented-war"), "truce", "fight-on", draws=400, seed=3)
    here, there = comparison.curve("losses"), turned.curve("losses")
    assert there["probability"].to_numpy() == pytest.approx(1 - here["probability"].to_numpy())
    assert there["difference_median"].to_numpy() == pytest.approx(-here["difference_median"].to_numpy())


def test_a_failed_war_is_left_out_of_both_and_counted(comparison: Comparison) -> None:
    second = comparison.second.copy(deep=True)
    second["status"][5] = 1
    second["killed"][:, :, 5] = np.nan
    broken = dataclasses.replace(comparison, second=second)
    curve = broken.curve("killed")
    assert (curve["failed"] == 1).all()
    assert (curve["draws"] == 399).all()
    assert curve.drop(columns="date").notna().all(axis=None)


def test_structures_add_up_to_the_whole(comparison: Comparison) -> None:
    date = comparison.world.start + dt.timedelta(days=350)
    by_law = comparison.by_structure("killed", None, date)
    for _, group in by_law.groupby("structure"):
        assert group["draws"].sum() == 400
        whole = comparison.at("killed", None, date)["probability"]
        assert np.average(group["probability"], weights=group["draws"]) == pytest.approx(whole)


def test_the_share_of_structure_finds_a_planted_difference(comparison: Comparison) -> None:
    date = comparison.world.start + dt.timedelta(days=350)
    assert 0 <= comparison.structure_share("killed", None, date) < 0.5
    planted = comparison.second.copy(deep=True)
    law = planted["structure"].values[0]
    planted["killed"] = comparison.first["killed"] + 1e6 * (law + 1.0)
    assert dataclasses.replace(comparison, second=planted).structure_share("killed", None, date) > 0.9
    shuffled = comparison.second.copy(deep=True)
    noise = np.random.default_rng(1).normal(size=400)
    shuffled["killed"] = comparison.first["killed"] + 1e6 * noise
    assert dataclasses.replace(comparison, second=shuffled).structure_share("killed", None, date) < 0.05


def test_the_drivers_find_a_planted_parameter(comparison: Comparison) -> None:
    from ceasefire.engine import draw_parameters
    from ceasefire.war import REGISTRY

    drawn = draw_parameters(comparison.world, comparison.first["war"].values, comparison.seed)
    row = REGISTRY.rows["ramp_days"].start + 1
    planted = comparison.second.copy(deep=True)
    planted["killed"] = comparison.first["killed"] - 1e3 * (drawn[row] - np.median(drawn[row]))
    found = dataclasses.replace(comparison, second=planted).drivers(
        "killed", comparison.sides[0], comparison.world.start + dt.timedelta(days=350)
    )
    assert (found.iloc[0]["parameter"], found.iloc[0]["side"]) == ("ramp_days", comparison.sides[1])
    assert found.iloc[0]["correlation"] == pytest.approx(-1.0)
    assert (found.iloc[0]["above"], found.iloc[0]["below"]) == (0.0, 1.0)
    assert found["correlation"].abs().is_monotonic_decreasing


def test_the_table_reads_the_curves(comparison: Comparison) -> None:
    table = comparison.table()
    assert set(table["outcome"]) == set(OUTCOMES)
    last = table[(table["outcome"] == "killed") & (table["side"] == "")].iloc[-1]
    assert last["day"] == comparison.world.days
    assert last["difference_median"] == comparison.curve("killed").iloc[-1]["difference_median"]


def test_what_is_not_modelled_is_named(comparison: Comparison) -> None:
    about = comparison.about()
    assert about["posterior"] == "prior"
    assert about["assumed_share"] == 1.0
    assert any("occupation" in text for text in about["not_modelled"])
    assert any("displaced" in text for text in about["not_modelled"])


def test_the_summary_of_one_policy(comparison: Comparison) -> None:
    summary = summarise(comparison.first)
    row = summary[(summary["outcome"] == "killed") & (summary["side"] == comparison.sides[0])].iloc[-1]
    values = comparison.first["killed"].sel(side=comparison.sides[0]).isel(time=-1).values
    assert row["median"] == pytest.approx(np.median(values))
    assert (summary["low"] <= summary["median"]).all()
    assert (summary["median"] <= summary["high"]).all()


@pytest.mark.parametrize(
    ("asked", "what", "todo"),
    [
        (("kiled", None), "'kiled' is no outcome.", "did you mean 'killed'?"),
        (("killed", "Bremr"), "'Bremr' is no belligerent of invented-war.", "did you mean 'Bremor'?"),
        (("ground_lost", None), "'ground_lost' needs a side.", "name one of: Aldria, Bremor."),
    ],
)
def test_questions_that_cannot_be_asked(
    comparison: Comparison, asked: tuple[str, str | None], what: str, todo: str
) -> None:
    with pytest.raises(InputError) as caught:
        comparison.curve(*asked)
    assert (caught.value.what, caught.value.todo) == (what, todo)


def test_a_date_beyond_the_horizon_is_refused(comparison: Comparison) -> None:
    with pytest.raises(InputError, match="lies outside the horizon of invented-war"):
        comparison.at("killed", None, dt.date(2030, 1, 1))


def test_a_policy_against_itself_is_refused() -> None:
    with pytest.raises(InputError, match="'truce' is compared with itself"):
        compare(load_scenario("invented-war"), "truce", "truce", draws=2)


def test_a_policy_that_was_run_is_not_run_again(comparison: Comparison) -> None:
    runs = {"fight-on": comparison.first}
    again = compare(load_scenario("invented-war"), "fight-on", "truce", draws=400, seed=3, runs=runs)
    assert again.first is comparison.first
    assert set(runs) == {"fight-on", "truce"}
    assert np.array_equal(again.second["killed"].values, comparison.second["killed"].values)


def test_a_tie_counts_one_half_in_every_share() -> None:
    difference = np.array([[1.0, 0.0, 0.0, -1.0], [2.0, 0.0, 1.0, 3.0]])
    assert share_above(difference, axis=1) == pytest.approx([0.5, 0.875])
    assert float(share_above(difference[1])) == 0.875
    assert np.isnan(share_above(np.array([])))


def test_ties_count_one_half_among_the_drivers_too(comparison: Comparison) -> None:
    planted = comparison.second.copy(deep=True)
    planted["killed"] = comparison.first["killed"].copy()
    # One war differs and all others tie: the odds stay near even in every half.
    planted["killed"][:, :, 7] += 1e3
    found = dataclasses.replace(comparison, second=planted)
    date = comparison.world.start + dt.timedelta(days=350)
    drivers = found.drivers("killed", None, date)
    assert drivers[["above", "below"]].to_numpy() == pytest.approx(0.5, abs=0.01)
    both = drivers["above"] + drivers["below"]
    assert both.to_numpy() == pytest.approx(2 * found.at("killed", None, date)["probability"], abs=1e-3)


def test_wars_that_all_failed_are_said_to_have_failed(comparison: Comparison) -> None:
    broken = comparison.first.copy(deep=True)
    broken["status"][:] = 2
    lost = dataclasses.replace(comparison, first=broken)
    for ask in (lambda: lost.curve("killed"), lost.table):
        with pytest.raises(InputError) as caught:
            ask()
        assert caught.value.what == "the computation of all 400 wars failed: nothing can be compared."
        assert caught.value.where == "scenario invented-war, policies fight-on and truce"
    with pytest.raises(InputError, match="the computation of all 400 wars failed"):
        summarise(broken)


def test_both_results_keep_what_they_were_computed_from(comparison: Comparison) -> None:
    both = comparison.dataset()
    assert list(both["policy"].values) == ["fight-on", "truce"]
    hashes = [comparison.first.attrs["input_sha256"], comparison.second.attrs["input_sha256"]]
    assert list(both["input_sha256"].values) == hashes
    assert hashes[0] != hashes[1]
    assert both.attrs["scenario_sha256"] == load_scenario("invented-war").sha256
    assert both.attrs["model_fingerprint"] == comparison.first.attrs["model_fingerprint"]
    killed = both["killed"].sel(policy="truce").transpose(*comparison.second["killed"].dims)
    assert np.array_equal(killed.values, comparison.second["killed"].values)


def test_both_results_survive_being_written(comparison: Comparison, tmp_path: Path) -> None:
    path = save(comparison.dataset(), tmp_path / "both.nc")
    stored = load(path)
    assert list(stored["input_sha256"].values) == list(comparison.dataset()["input_sha256"].values)
    assert np.array_equal(stored["killed"].values, comparison.dataset()["killed"].values)
