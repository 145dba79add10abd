"""Nothing is known before its day."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ceasefire.evidence import load
from ceasefire.files import InputError

DAYS = st.dates(pd.Timestamp("2014-01-01").date(), pd.Timestamp("2027-01-01").date())
DAY_300 = "2022-12-20"


@pytest.fixture(scope="module")
def evidence():
    return load()


@given(day=DAYS)
def test_known_by_leaks_no_row(day):
    evidence = load()
    known = evidence.known_by(day)
    when = pd.Timestamp(day)
    rows = known.observations
    assert (rows["known_on"] <= when).all()
    assert len(rows) == (evidence.observations["known_on"] <= when).sum()
    for name in known.record_names():
        table = known.records(name)
        if "known_on" in table.columns:
            assert (table["known_on"] <= when).all()
    offers = known.records("offers")
    told = offers[offers["response"].notna() | offers["violations_reported"].notna()]
    assert (told["outcome_known_on"] <= when).all()
    ceasefires = known.records("ceasefires")
    ends = pd.to_datetime(ceasefires["end_date"].where(ceasefires["end_date"] != "held"))
    assert not (ends > when).any()
    for years in (1, 3, 5):
        not_over = ceasefires["start_date"] + pd.DateOffset(years=years) > when
        assert ceasefires[f"offensive_within_{years}y"][not_over].isna().all()


@given(day=DAYS, later=DAYS)
def test_ask_and_a_view_agree(day, later):
    evidence = load()
    asked = evidence.ask("personnel_losses", concept="killed", at=later, window_days=60, known_by=day)
    viewed = evidence.known_by(day).ask("personnel_losses", concept="killed", at=later, window_days=60)
    pd.testing.assert_frame_equal(asked, viewed)
    assert (asked["known_on"] <= pd.Timestamp(day)).all()
    assert (asked["days_from_target"].abs() <= 60).all()


def test_a_view_of_a_view_never_sees_more(evidence):
    view = evidence.known_by(DAY_300).known_by("2026-12-31")
    assert view.observations["known_on"].max() <= pd.Timestamp(DAY_300)


def test_what_was_known_of_the_dead_on_day_300(evidence):
    view = evidence.known_by(DAY_300)
    dead = view.ask(
        "personnel_losses", concept=["killed", "named_dead"], side="RU", at=DAY_300, window_days=30
    )
    assert "meduza_mediazona_registry" not in set(view.observations["source"])
    assert "economist_meta_estimate" not in set(view.observations["source"])
    assert "uk_ministry_of_defence_series" not in set(view.observations["source"])
    assert dead.query("concept == 'named_dead'")["best"].tolist() == [10_002]
    names = view.ask("personnel_losses", concept="named_dead", side="RU", flow_or_stock="cumulative")
    assert names.sort_values("end")["best"].tolist()[-2:] == [9_818, 10_002]
    bbc = dead.query("source == 'bbc_extrapolation'")
    assert bbc["low"].tolist() == [20_000]


def test_the_list_of_names_by_the_time_it_could_be_read(evidence):
    def newest(known_by):
        rows = evidence.ask(
            "personnel_losses",
            concept="named_dead",
            side="RU",
            flow_or_stock="cumulative",
            at="2022-12-18",
            window_days=0,
            known_by=known_by,
        )
        return rows.set_index("source")["best"].get("mediazona_bbc_names")

    assert newest("2022-12-31") is None
    assert newest("2023-01-02") == 10_376
    assert newest("2025-12-31") == 16_990
    assert newest("2026-12-31") == 18_556


def test_the_uk_months_were_read_when_they_were_posted(evidence):
    rows = evidence.observations.query(
        "source == 'uk_ministry_of_defence_series' and known_on_rule == 'post_date'"
    )
    first = rows[rows["end"] <= "2024-12-31"].query("flow_or_stock == 'flow'")
    assert first["known_on"].unique().tolist() == [pd.Timestamp("2025-01-07")]


def test_a_private_offer_is_known_from_its_first_report(evidence):
    offers = evidence.records("offers").set_index("offer_date")
    assert offers.loc["2022-09-01", "known_on"] == pd.Timestamp("2023-12-23")
    assert offers.loc["2022-12-25", "known_on"] == pd.Timestamp("2022-12-25")
    assert "2022-09-01" not in set(evidence.known_by(DAY_300).records("offers")["offer_date"].astype(str))


@pytest.mark.parametrize("as_of", ["2025-12-31", "2026-12-31"])
def test_forecasts_can_be_resolved_from_events(evidence, as_of):
    events = evidence.known_by(as_of).records("events")
    last = events.sort_values("date").groupby("topic").last()
    for topic in (
        "general_mobilisation",
        "assault_on_capital",
        "northern_front",
        "settlement",
        "nuclear_use",
    ):
        assert last.loc[topic, "occurred"] == "no"
        assert last.loc[topic, "date"] == pd.Timestamp("2025-12-31")
    assert last.loc["direct_war_with_nato", "occurred"] == "no"
    assert last.loc["third_party_troops", "occurred"] == "yes"
    offensives = events.query("topic == 'ground_offensive' and occurred == 'yes' and side == 'RU'")
    assert pd.Timestamp("2023-02-01") in set(offensives["date"])
    assert not ((events["topic"] == "general_mobilisation") & (events["occurred"] == "yes")).any()


def test_event_words_are_a_closed_vocabulary(evidence):
    events = evidence.records("events")
    assert set(events["topic"]) == set(evidence.records("event_topics")["topic"])
    assert set(events["occurred"].fillna("")) <= {"yes", "no", "announced", "forecast", ""}
    assert set(events["status"].fillna("")) <= {"yes", ""}
    # A state of affairs is looked up for a day; a statement of a person or a service is none.
    status = events[events["status"] == "yes"]
    assert not status["event"].str.contains("Putin|service:", regex=True).any()
    assert (status["known_on"] == status["date"]).all()
    assert events["known_on"].notna().all()
    # An outcome is not known before it: the text of a row with an end tells that end.
    ended = events[events["end_date"].notna() & (events["occurred"] == "yes")]
    assert (ended["known_on"] >= ended["end_date"]).all()


def test_outcomes_of_a_ceasefire_are_blank_before_they_happened(evidence):
    day = pd.Timestamp("2016-01-01")
    now = evidence.records("ceasefires").set_index("id")
    then = evidence.known_by(day).records("ceasefires").set_index("id")
    assert then.index.tolist() == now.index[now["start_date"] <= day].tolist()
    now = now.loc[then.index]
    ends = pd.to_datetime(now["end_date"].where(now["end_date"] != "held"))
    later = ends[ends > day].index
    assert len(later) >= 3
    assert (then.loc[later, "end_date"] == "held").all()
    assert then.loc[later, ["how_it_ended", "resumed_by", "end_status", "note"]].isna().all(axis=None)
    assert then.loc[later, "years_to_end_or_2026"].max() < 100
    recent = now.index[(now["start_date"] > "2013-01-01") & ~(ends <= day)]
    assert len(recent) >= 2
    assert then.loc[recent, ["offensive_within_3y", "offensive_within_5y"]].isna().all(axis=None)
    over = ends[ends <= day].index
    assert (then.loc[over, "end_date"] == now.loc[over, "end_date"]).all()
    assert then["next_cow_war_same_dyad"].isna().all()


def test_unknown_records_are_refused(evidence):
    with pytest.raises(InputError) as error:
        evidence.records("offer")
    assert str(error.value) == "there is no table of records 'offer'.\n  to do: did you mean 'offers'?"
