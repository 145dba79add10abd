"""How past ceasefires ended: the curve by hand, censoring at the as-of date, no pooling, no single war."""

import datetime as dt
import json
import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from ceasefire.bargaining import past
from ceasefire.bargaining.published import PUBLISHED
from ceasefire.evidence import Evidence, load
from ceasefire.files import InputError

DAY_300 = dt.date(2022, 12, 20)
TODAY = dt.date(2025, 12, 31)


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    return load()


@pytest.fixture(scope="module")
def then(evidence: Evidence) -> past.History:
    return past.history(evidence, DAY_300)


# A small table: ends at 1, 2, 2 and 4 years, censored at 2, 3 and 5.
YEARS = np.array([1.0, 2.0, 2.0, 2.0, 3.0, 4.0, 5.0])
ENDED = np.array([True, True, True, False, False, True, False])


def by_hand() -> list[tuple[float, float, float]]:
    """Return time, S and Greenwood's variance of each step, written out."""
    steps = [(1.0, 1, 7), (2.0, 2, 6), (4.0, 1, 2)]
    found, survival, total = [], 1.0, 0.0
    for time, ends, at_risk in steps:
        survival *= 1.0 - ends / at_risk
        total += ends / (at_risk * (at_risk - ends))
        found.append((time, survival, survival**2 * total))
    return found


def test_the_curve_and_greenwoods_interval_by_hand() -> None:
    curve = past.survival_curve(YEARS, ENDED).set_index("years")
    for time, survival, variance in by_hand():
        row = curve.loc[time]
        assert row["survival"] == pytest.approx(survival, abs=1e-12)
        wide = stats.norm.ppf(0.975) * math.sqrt(variance) / (survival * abs(math.log(survival)))
        assert row["low"] == pytest.approx(survival ** math.exp(wide), abs=1e-12)
        assert row["high"] == pytest.approx(survival ** math.exp(-wide), abs=1e-12)
    assert [survival for _, survival, _ in by_hand()] == pytest.approx([6 / 7, 4 / 7, 2 / 7])
    assert curve.loc[3.0, "survival"] == curve.loc[2.0, "survival"]
    assert curve.loc[2.0, "at_risk"] == 6
    assert curve.loc[2.0, "ended"] == 2


def test_the_product_limit_for_many_weights_agrees_with_the_curve(then: past.History) -> None:
    for at in (0.5, 1.0, 2.5, 4.0, 5.0):
        curve = past.survival_curve(YEARS, ENDED)
        expected = float(curve[curve["years"] <= at]["survival"].iloc[-1])
        assert past.still_in_force(YEARS, ENDED, at)[0] == pytest.approx(expected, abs=1e-12)
    for found in then.classes:
        for figure in found.whole.held:
            curve = found.whole.curve
            expected = float(curve[curve["years"] <= figure.years]["survival"].iloc[-1])
            assert figure.value == pytest.approx(expected, abs=1e-12)


def test_a_weight_of_two_is_a_case_twice_and_of_zero_none() -> None:
    twice = past.still_in_force(np.append(YEARS, 2.0), np.append(ENDED, True), 4.0)
    weights = np.array([1, 2, 1, 1, 1, 1, 1.0])
    assert past.still_in_force(YEARS, ENDED, 4.0, weights)[0] == pytest.approx(twice[0], abs=1e-12)
    without = past.still_in_force(YEARS[1:], ENDED[1:], 4.0)
    assert past.still_in_force(YEARS, ENDED, 4.0, np.array([0, 1, 1, 1, 1, 1, 1.0]))[0] == without[0]


def test_nobody_followed_so_long_is_not_known() -> None:
    assert math.isnan(past.still_in_force(YEARS, ENDED, 6.0)[0])
    assert past.still_in_force([1.0, 2.0], [True, True], 6.0)[0] == 0.0


@pytest.mark.parametrize(("ended", "share"), [(False, 1.0), (True, 0.0)])
def test_an_interval_where_greenwood_has_none(ended: bool, share: float) -> None:
    curve = past.survival_curve(np.full(6, 2.0), np.full(6, ended))
    last = curve.iloc[-1]
    assert last["survival"] == share
    assert 0.0 < last["high"] - last["low"] < 0.5
    assert last["low"] <= share <= last["high"]


def test_the_upper_end_does_not_rise_when_the_last_case_ends() -> None:
    curve = past.survival_curve(np.arange(1.0, 21.0), np.ones(20, bool))
    last, before = curve.iloc[-1], curve.iloc[-2]
    assert last["survival"] == last["low"] == 0.0
    assert before["survival"] == pytest.approx(0.05)
    assert last["high"] == before["high"] < 0.3
    assert (curve["high"].diff().dropna() <= 1e-12).all()


def test_each_date_sees_only_what_was_known_then(evidence: Evidence) -> None:
    for as_of in (dt.date(1973, 1, 1), dt.date(1995, 6, 1), DAY_300, TODAY):
        cases = past.ceasefires(evidence, as_of)
        day = pd.Timestamp(as_of)
        assert (cases["start"] < day).all()
        followed = (day - cases["start"]).dt.days / past.DAYS_PER_YEAR
        assert (cases["years"] <= followed + 1e-9).all()
        held = cases[~cases["ended"] & cases["status"].isna()]
        # What held is censored on the day, not later.
        assert held["years"].to_numpy() == pytest.approx(followed[held.index].to_numpy())
        for years in past.WINDOWS:
            open_ = cases["start"] + pd.DateOffset(years=years) > day
            assert cases.loc[open_, f"within_{years}"].isna().all()


def test_an_end_after_the_date_is_not_used(evidence: Evidence) -> None:
    # Minsk II ended on 24 February 2022.
    before = past.ceasefires(evidence, dt.date(2022, 2, 23)).set_index("id").loc["CF133"]
    after = past.ceasefires(evidence, dt.date(2022, 2, 25)).set_index("id").loc["CF133"]
    assert not before["ended"]
    assert after["ended"]
    assert before["years"] < 7.03 + 0.01


def test_the_counts_are_those_of_the_table(evidence: Evidence) -> None:
    """An independent count of the table, without the room's functions."""
    table = evidence.records("ceasefires")
    rows = table[(table["start_date"] < "2022-12-20") & (table["conflict_type"] == "interstate")]
    over = rows["start_date"] + pd.DateOffset(years=1) <= pd.Timestamp(DAY_300)
    values = rows["offensive_within_1y"].where(over)
    found = past.history(evidence, DAY_300, ["interstate"]).of("interstate").whole
    assert len(found.rows) == len(rows) == 57
    counts = found.open_windows[0]
    assert (counts.did, counts.did_not) == (int((values == 1).sum()), int((values == 0).sum())) == (16, 40)
    assert counts.unknown == 1
    ends = pd.to_datetime(rows["end_date"].where(rows["end_date"] != "held"))
    ended = (ends <= pd.Timestamp(DAY_300)) & rows["end_status"].isin(["resumed", "lapsed", "eroded"])
    assert found.ended == int(ended.sum())


def test_classes_are_never_pooled(then: past.History) -> None:
    assert [found.name for found in then.classes] == ["interstate", "civil", "extrastate"]
    for found in then.classes:
        assert set(found.whole.rows["group"]) == {found.name}
        for parts in found.splits.values():
            assert sum(len(part.rows) for part in parts) == len(found.whole.rows)


def test_every_figure_has_its_intervals_and_what_one_war_makes(then: past.History) -> None:
    figures = [figure for found in then.classes for figure in (*found.whole.held, *found.whole.offensives)]
    assert len(figures) >= 18
    for figure in figures:
        assert figure.interval[0] <= figure.value <= figure.interval[1]
        assert figure.by_dyad_interval[0] <= figure.by_dyad <= figure.by_dyad_interval[1]
        for without in (figure.without_war, figure.without_dyad):
            assert without.low <= figure.value <= without.high
            assert without.low_without
    # No single war carries the interstate figures: leaving out any moves them by less than their interval.
    for figure in then.of("interstate").whole.held:
        without = figure.without_war
        assert without.high - without.low < figure.interval[1] - figure.interval[0]


def test_leaving_out_a_war_is_leaving_out_its_rows(then: past.History) -> None:
    rows = then.of("civil").whole.rows
    five = next(figure for figure in then.of("civil").whole.held if figure.years == 5)
    kept = rows[rows["war"] != five.without_war.low_without]
    again = past.still_in_force(kept["years"], kept["ended"], 5.0)[0]
    assert five.without_war.low == pytest.approx(again, abs=1e-12)


def test_one_vote_for_each_pair(then: past.History) -> None:
    whole = then.of("interstate").whole
    one = next(figure for figure in whole.offensives if figure.years == 1)
    known = whole.rows[whole.rows["within_1"].notna()]
    assert one.by_dyad == pytest.approx(known.groupby("dyad")["within_1"].mean().mean(), abs=1e-12)


def test_a_pair_of_states_is_one_under_any_name_and_order(evidence: Evidence) -> None:
    cases = past.ceasefires(evidence, TODAY).set_index("id")
    assert cases.loc["CF036", "dyad"] == cases.loc["CF047", "dyad"] == cases.loc["CF054", "dyad"]
    assert cases.loc["CF036", "dyad"] != cases.loc["CF038", "dyad"]
    assert cases.loc["CF132", "dyad"] == cases.loc["CF131", "dyad"]  # by code, and by names without one


def test_two_cases_say_nothing(evidence: Evidence) -> None:
    found = past.history(evidence, dt.date(1918, 1, 1), ["interstate"])
    whole = found.of("interstate").whole
    assert len(whole.rows) == 2
    assert whole.undetermined is not None
    assert whole.held == whole.offensives == ()
    assert whole.curve.empty
    assert "undetermined" in found.sentences()[0]
    # Many cases of two pairs say nothing either.
    rows = pd.concat([whole.rows] * 4, ignore_index=True)
    assert past.part("interstate", "all", rows).undetermined is not None


def test_wrong_input_is_told_what_to_do(evidence: Evidence) -> None:
    with pytest.raises(InputError) as wrong:
        past.history(evidence, DAY_300, ["interstat"])
    assert str(wrong.value) == (
        "'interstat' is no class of ceasefires.\n  where: --group\n  to do: did you mean 'interstate'?"
    )
    with pytest.raises(InputError) as early:
        past.history(evidence, dt.date(1900, 1, 1))
    assert str(early.value) == (
        "no ceasefire of the list had begun before 1900-01-01.\n  where: --as-of\n"
        "  to do: give a day after 1917-12-09, the first of the list."
    )
    assert past.group_name("intrastate") == "civil"


def test_a_difference_that_one_empty_part_makes_does_not_stand(then: past.History) -> None:
    """None of the five undecided wars was resumed: drawing again sees no spread there, the test does."""
    contrasts = [one for one in then.of("interstate").contrasts if one.split == "decisive"]
    assert contrasts
    assert any(one.interval[1] < 0.0 for one in contrasts)
    assert not any(one.stands for one in contrasts)


def test_a_planted_difference_is_found_and_stands(then: past.History) -> None:
    rows = then.of("civil").whole.rows.copy()
    random = np.random.default_rng(3)
    good = random.random(len(rows)) < 0.5
    rows["monitored"] = np.where(good, "yes", "no")
    rows["years"], rows["ended"] = np.where(good, 20.0, 0.3), ~good
    rows.loc[rows.index[:2], ["years", "ended"]] = [0.5, True]
    found = past._class("civil", rows)
    assert all(one.stands and one.difference > 0.5 for one in found.contrasts if one.split == "monitored")


def test_no_difference_by_chance_alone_stands_too_often(then: past.History) -> None:
    rows = then.of("civil").whole.rows.copy()
    random = np.random.default_rng(5)
    stood = 0
    for _ in range(40):
        rows["monitored"] = np.where(random.permutation(len(rows)) % 2 == 0, "yes", "no")
        stood += any(one.stands for one in past._contrasts("monitored", rows))
    assert stood <= 4


def test_published_figures_carry_their_source_and_are_no_part_of_ours(then: past.History) -> None:
    assert {entry.words for entry in PUBLISHED} >= {"almost half", "65 to 193 days", "26 %", "84 %"}
    assert all(entry.source and entry.kind for entry in PUBLISHED)
    content = then.content()
    assert [entry["words"] for entry in content["published"]] == [entry.words for entry in PUBLISHED]
    assert "Fortna" not in json.dumps(content["groups"])


def test_the_content_is_plain_and_repeats(evidence: Evidence, then: past.History) -> None:
    first = json.dumps(then.content(), allow_nan=False)
    assert first == json.dumps(past.history(evidence, DAY_300).content(), allow_nan=False)
