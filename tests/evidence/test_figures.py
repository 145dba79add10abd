"""The figures that everything rests on come out as their sources state them."""

import pandas as pd
import pytest

from ceasefire.evidence import load

DAY_300 = "2022-12-20"
OUTSIDE = {"meduza_mediazona_registry"}


@pytest.fixture(scope="module")
def evidence():
    return load()


def one(rows: pd.DataFrame) -> pd.Series:
    assert len(rows) == 1
    return rows.iloc[0]


def losses(evidence, **asked):
    return evidence.ask(
        "personnel_losses", side="RU", place="whole_front", flow_or_stock="cumulative", **asked
    )


def test_the_general_staff_on_day_300_and_two_days_later(evidence):
    day = one(losses(evidence, concept="losses_undefined", at=DAY_300, window_days=0))
    assert (day["best"], day["source"], day["unit"]) == (99_230, "ukraine_general_staff", "persons")
    assert (day["end"] - pd.Timestamp("2022-02-24")).days + 1 == 300
    before = one(losses(evidence, concept="losses_undefined", at="2022-12-21", window_days=0))
    after = one(losses(evidence, concept="losses_undefined", at="2022-12-22", window_days=0))
    assert before["best"] < 100_000 < after["best"] == 100_400


def test_undefined_losses_are_nobodys_dead(evidence):
    rows = evidence.observations
    general_staff = rows[rows["root"] == "ua_general_staff"]
    assert set(general_staff[general_staff["quantity"] == "personnel_losses"]["concept"]) == {
        "losses_undefined",
        "killed_and_wounded",
        "killed",
    }
    # The only dead with this root are a part of a restated total, and say so in the manifest.
    assert set(general_staff[general_staff["concept"] == "killed"]["source"]) == {"iiss_losses"}
    own = rows[(rows["source"] == "ukraine_general_staff") & (rows["quantity"] != "missile_attacks")]
    assert set(own["concept"]) == {"losses_undefined"}


def test_deaths_by_sources_outside_the_war_by_vintage(evidence):
    rows = losses(evidence, at=DAY_300, window_days=2, all_vintages=True)
    rows = rows[rows["source"].isin(OUTSIDE) & rows["low"].notna()]
    by_day = rows.sort_values("known_on").set_index("known_on")["best"]
    assert by_day.to_dict() == {
        pd.Timestamp("2024-12-31"): 21_022,
        pd.Timestamp("2025-12-31"): 17_382,
        pd.Timestamp("2026-08-22"): 18_542,
    }
    # Week ends of 18 December; two more days by the following week give 17,600 to 21,400.
    later = losses(evidence, at="2022-12-25", window_days=0, all_vintages=True)
    later = later[later["source"].isin(OUTSIDE) & later["low"].notna()].set_index("known_on")["best"]
    day_300 = by_day + (later - by_day) * 2 / 7
    assert day_300.between(17_400, 21_400).all()
    assert round(day_300.min(), -2) == 17_600
    assert round(day_300.max(), -2) == 21_400


def test_estimates_of_all_casualties_are_about_the_claimed_number(evidence):
    rows = losses(evidence, concept="killed_and_wounded", at=DAY_300, window_days=15)
    assert rows.set_index("source")["best"].to_dict() == {
        "economist_meta_estimate": 108_149,
        "uk_ministry_of_defence_series": 99_658,
    }


def test_mean_losses_of_thirty_days_before_day_300(evidence):
    mean = one(evidence.rate("personnel_losses", side="RU", concept="losses_undefined", at=DAY_300, days=30))
    assert mean["best"] == pytest.approx((99_230 - 84_210) / 30)
    assert mean["best"] == pytest.approx(500.7, abs=0.05)
    assert (mean["unit"], mean["method"], mean["coverage"]) == ("persons_per_day", "difference", 1.0)


def test_ukraines_own_command_near_bakhmut(evidence):
    asked = {"side": "RU", "place": "Bakhmut", "at": "2022-12-31", "window_days": 0}
    for concept, low, high in (("killed", 50, 100), ("wounded", 50, 100), ("killed_and_wounded", 100, 200)):
        row = one(evidence.ask("personnel_losses", concept=concept, **asked))
        assert (row["low"], row["high"], row["unit"]) == (low, high, "persons_per_day")
        assert pd.isna(row["best"])
        assert (row["source"], row["known_on"]) == ("ukraine_eastern_command", pd.Timestamp("2022-12-31"))
        mean = evidence.rate(
            "personnel_losses", side="RU", concept=concept, at=DAY_300, days=20, place="Bakhmut"
        )
        mean = one(mean[mean["source"] == "ukraine_eastern_command"])
        assert (mean["low"], mean["high"], mean["coverage"]) == (low, high, 1.0)


def test_a_whole_front_statement_is_not_filed_under_bakhmut(evidence):
    rows = evidence.ask("personnel_losses", side="RU", place="Bakhmut")
    assert set(rows["source"]) == {
        "ukraine_eastern_command",
        "ukraine_ministry_of_defence",
        "uk_ministry_of_defence_assessments",
    }


def test_a_battalion_is_between_two_hundred_and_a_thousand(evidence):
    sizes = evidence.ask(
        "unit_size", side="RU", concept=["motor_rifle_battalion", "battalion_tactical_group"]
    )
    figures = sizes[["low", "best", "high"]]
    assert figures.min(axis=None) == 400
    assert figures.max(axis=None) == 1_000


def test_area_on_day_300(evidence):
    area = one(evidence.ask("area_controlled", at=DAY_300, window_days=0))
    assert (area["best"], area["unit"]) == (111_331.5, "km2")
    assert area["known_on"] == pd.Timestamp("2022-12-21")
    change = evidence.ask("area_change", at=DAY_300, window_days=0).set_index("start")["best"]
    assert change.loc[pd.Timestamp("2022-11-21")] == 25.7
    before = one(evidence.ask("area_controlled", at="2022-02-22", window_days=0))
    assert before["best"] == 43_679.1


def test_precedents_since_1945(evidence):
    wars = evidence.ask("war_deaths", concept="military_battle_deaths", place="Korean War")
    assert wars.set_index("side")["best"]["China"] == 422_612
    afghan = evidence.ask("war_deaths", place="Afghanistan, Soviet period", all_vintages=True)
    soviet = afghan[afghan["side"] == "Soviet Union"]
    assert soviet[["low", "best", "high"]].max(axis=None) < 17_400


def test_misfiled_rows_stand_where_they_belong(evidence):
    nato = one(
        losses(evidence, concept="killed", between=("2022-03-01", "2022-04-30")).query("root == 'nato'")
    )
    assert (nato["end"], nato["low"], nato["high"]) == (pd.Timestamp("2022-03-24"), 7_000, 15_000)
    claims = losses(evidence, concept="losses_undefined", between=("2024-01-10", "2024-02-10"))
    assert claims.query("best == 390580")["end"].dt.strftime("%Y-%m-%d").unique().tolist() == ["2024-02-06"]
    assert claims[claims["end"] == pd.Timestamp("2024-01-16")]["best"].tolist() == [372_090]


def test_a_lone_bound_stays_alone(evidence):
    def given(source, end):
        rows = losses(evidence).query("source == @source")
        row = one(rows[rows["end"] == pd.Timestamp(end)])
        return [name for name in ("low", "best", "high") if pd.notna(row[name])]

    assert given("us_government", "2022-11-09") == ["low"]
    assert given("bbc_extrapolation", "2022-12-09") == ["low"]
    assert given("uk_ministry_of_defence_assessments", "2022-06-29") == ["high"]


def test_false_zeros_are_not_there(evidence):
    rows = evidence.observations
    zero = rows[rows["best"] == 0]
    assert not zero["quantity"].isin(["air_weapons_launched_bomb", "air_weapons_destroyed_bomb"]).any()
    jammed = zero[zero["quantity"] == "air_weapons_lost_shahed"]
    assert (jammed["end"] > pd.Timestamp("2024-09-01")).all()
    russian = rows[rows["source"] == "ukrwarlosses_russia"]
    assert russian["end"].max() == pd.Timestamp("2025-10-12")
    snapshots = zero[zero["known_on_rule"] == "list_snapshot"]
    assert (snapshots["end"] <= snapshots["known_on"]).all()
    # A week before the invasion's first named deaths would be a real zero; there is none after it either.
    assert not (snapshots["note"].str.contains("misdated")).any()


def test_attacks_are_not_missiles(evidence):
    missiles = evidence.ask("missiles_launched", between=("2022-05-01", "2022-06-30"))
    assert missiles["best"].tolist() == [2_014, 2_400, 2_478, 2_709]
    assert evidence.ask("missile_attacks", between=("2022-05-01", "2022-06-30"))["best"].tolist() == [1_474]
    misprint = evidence.observations.query("kind == 'misprint'")
    assert misprint["low"].tolist() == [660]
