"""Belief: Bayes' rule in odds, what is on record as known on a day, reference classes and their limits."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pandas as pd
import pytest

from ceasefire.bargaining import (
    Advised,
    RecordedOffer,
    believe,
    history,
    offers_as_episodes,
    reference_classes,
    stated_ratios,
    update,
)
from ceasefire.bargaining.belief import LEAST_CASES, looked_in, on_record, prior_of
from ceasefire.files import InputError
from tests.bargaining.offers import evidence

DAY = dt.date(2022, 12, 20)


def test_the_worked_number_and_the_ends() -> None:
    assert update(update(0.5, 0.5), 0.7) == pytest.approx(0.35 / 1.35, abs=1e-12)
    assert update(0.0, 10.0) == 0.0
    assert update(1.0, 0.1) == 1.0
    assert update(0.3, 1.0) == pytest.approx(0.3, abs=1e-15)


def test_each_observation_moves_the_belief_by_its_ratio_and_the_next_starts_where_it_ends() -> None:
    found = believe(evidence(), "RU", 0.4, DAY)
    belief = 0.4
    for one in found.observations:
        assert one.belief_before == belief
        assert one.belief_after == pytest.approx(update(belief, one.ratio.best), abs=1e-15)
        assert one.rows
        assert all(row[0] <= DAY.isoformat() for row in one.rows)
        belief = one.belief_after
    assert found.value == belief
    assert found.low <= found.value <= found.high
    assert len(found.observations) == 6
    assert found.value == pytest.approx(update(0.4, found.ratio), abs=1e-15)


def test_beside_each_kind_stands_in_how_many_rows_of_each_side_it_could_be_seen() -> None:
    """What is on record of one side alone is no kind of behaviour, unless the gap is told."""
    there = {name: dict(rows) for name, rows in looked_in(evidence(), DAY).items()}
    assert set(there) == set(stated_ratios())
    assert there["truce_kept"]["RU"] == there["truce_kept"]["UA"] > 20
    events = evidence().known_by(DAY).records("events")
    gone = events[(events["topic"] == "withdrawal") & (events["date"] <= pd.Timestamp(DAY))]
    assert there["withdrawal"] == {"RU": int((gone["side"] == "RU").sum()), "UA": 0}
    found = believe(evidence(), "RU", 0.4, DAY)
    for one in found.observations:
        assert dict(one.looked_in) == there[one.name]
        assert len(one.rows) <= there[one.name]["RU"]
    assert not any("nuclear" in row[1] for one in found.observations for row in one.rows)


def test_the_same_rules_are_asked_of_both_sides() -> None:
    kinds = {side: {name for name, _ in on_record(evidence(), side, DAY)} for side in ("RU", "UA")}
    assert {"call_up_during_talks", "fire_kept_up", "truce_kept", "talk_without_truce"} <= kinds["UA"]
    assert "truce_broken" in kinds["RU"]
    assert "truce_broken" not in kinds["UA"]


def test_with_the_names_of_the_sides_exchanged_in_the_record_the_beliefs_are_exchanged() -> None:
    plain = evidence()
    names = {"RU": "UA", "UA": "RU"}
    tables = plain._records.tables
    offers, events = tables["offers"].copy(), tables["events"].copy()
    offers["proposer"] = offers["proposer"].replace(names)
    column = "followed_within_90_days_by_offensive_of"
    offers[column] = offers[column].replace(names)
    events["side"] = events["side"].replace(names)
    exchanged = {**tables, "offers": offers, "events": events}
    turned = dataclasses.replace(plain, _records=dataclasses.replace(plain._records, tables=exchanged))
    for side, other in names.items():
        assert believe(turned, side, 0.5, DAY).value == pytest.approx(
            believe(plain, other, 0.5, DAY).value, abs=1e-12
        )


def test_only_what_was_known_on_the_day_counts() -> None:
    before = dict(on_record(evidence(), "RU", dt.date(2022, 2, 20)))
    after = dict(on_record(evidence(), "RU", dt.date(2023, 3, 1)))
    assert "fire_kept_up" not in before
    assert len(after["truce_broken"]) > len(before["truce_broken"])
    # What became of a truce is known 90 days later, not on its day.
    early = on_record(evidence(), "RU", dt.date(2022, 1, 15))
    assert all("2021-12-22" not in row[0] for name, rows in early if name == "truce_broken" for row in rows)


def test_of_a_war_that_the_tables_do_not_know_nothing_is_on_record() -> None:
    found = believe(evidence(), "AL", 0.3, DAY)
    assert found.observations == ()
    assert found.value == found.low == found.high == 0.3
    assert believe(None, "RU", 0.3, DAY).value == 0.3


def test_a_user_can_change_a_ratio() -> None:
    plain = believe(evidence(), "RU", 0.5, DAY)
    changed = believe(evidence(), "RU", 0.5, DAY, {"truce_broken": 1.0})
    assert changed.value > plain.value
    assert stated_ratios({"truce_broken": 1.0})["truce_broken"].source == "stated by the user"
    alike = believe(evidence(), "RU", 0.5, DAY, dict.fromkeys(stated_ratios(), 1.0))
    assert alike.value == pytest.approx(0.5, abs=1e-15)
    assert all(one.belief_after == pytest.approx(one.belief_before) for one in alike.observations)


def test_every_stated_ratio_has_a_range_around_it_and_a_source() -> None:
    for one in stated_ratios().values():
        assert 0.0 < one.low <= one.best <= one.high
        assert one.source
        assert one.says


@pytest.mark.thorough
def test_the_reference_classes_are_those_of_the_table_and_of_others() -> None:
    classes = {one.name: one for one in reference_classes(evidence(), DAY)}
    table = evidence().known_by(DAY).records("ceasefires")
    between = table[(table["conflict_type"] == "interstate") & (table["start_date"] < "2022-12-20")]
    outcome = pd.to_numeric(between["offensive_within_1y"])
    assert classes["interstate"].cases == int(outcome.notna().sum()) == 56
    assert classes["interstate"].failed == pytest.approx(float(outcome.mean()), abs=1e-12)
    assert classes["interstate"].failed == pytest.approx(16 / 56)
    assert "since 1917" in classes["interstate"].says
    # One number for one class, wherever it is asked.
    past = history(evidence(), DAY, ["interstate"]).of("interstate").whole.offensives[0]
    assert classes["interstate"].failed == past.value
    seen: list[RecordedOffer] = []

    def keep(offer: RecordedOffer) -> Advised:
        seen.append(offer)
        return Advised(0.5, 0.5)

    offers_as_episodes(evidence(), keep, as_of=dt.date(2025, 12, 31))
    for one in seen:
        of_day = {known.name: known for known in reference_classes(evidence(), one.known_on)}
        assert one.base == of_day["interstate"].sincere
    assert classes["fortna"].failed == 0.5
    assert classes["war-is-boring"].failed == 0.84
    assert "of failed ceasefires alone" in classes["war-is-boring"].caution
    assert all(one.source for one in classes.values())


def test_a_reference_class_of_two_gives_no_prior() -> None:
    day = dt.date(1951, 6, 1)
    classes = reference_classes(evidence(), day)
    few = next(one for one in classes if one.name == "civil")
    assert few.cases is not None
    assert few.cases < LEAST_CASES
    assert few.failed is None
    assert few.sincere is None
    assert "too few to say" in few.caution
    with pytest.raises(InputError) as refused:
        prior_of("civil", classes)
    assert str(refused.value) == (
        f"the reference class 'civil' has {few.cases} known cases: too few for a prior.\n"
        "  where: --prior\n"
        "  to do: choose a class with at least 5 cases, or give a number from 0 to 1."
    )


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        (1.2, "1.2 is no probability.\n  where: --prior\n  to do: give a number from 0 to 1."),
        ("-0.1", "-0.1 is no probability.\n  where: --prior\n  to do: give a number from 0 to 1."),
        (
            "interstat",
            "'interstat' is neither a probability nor a reference class.\n  where: --prior\n"
            "  to do: did you mean 'interstate'?",
        ),
        ("nan", "nan is no probability.\n  where: --prior\n  to do: give a number from 0 to 1."),
    ],
)
def test_a_prior_that_is_none_is_refused(chosen: str | float, message: str) -> None:
    with pytest.raises(InputError) as refused:
        prior_of(chosen, reference_classes(evidence(), DAY))
    assert str(refused.value) == message


@pytest.mark.parametrize("ratio", [0.0, -1.0, float("inf"), float("nan")])
def test_a_ratio_that_is_none_is_refused(ratio: float) -> None:
    with pytest.raises(InputError, match="is no likelihood ratio"):
        stated_ratios({"truce_kept": ratio})


def test_an_unknown_behaviour_is_named_with_the_nearest() -> None:
    with pytest.raises(InputError, match="did you mean 'truce_kept'"):
        stated_ratios({"truce_kep": 2.0})
