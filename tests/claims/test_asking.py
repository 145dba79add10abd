"""Which rows are held against a claim: bounds of other days, means of long periods, changes of ranges."""

import math
from typing import Any

import pytest

from ceasefire.claims import schema
from ceasefire.claims.measures import measure
from ceasefire.claims.results import Finding
from tests.claims.helpers import evidence, row, total


def changed(*rows: dict[str, Any], **given: Any) -> Finding:
    values = {
        "kind": "change", "quantity": "area_controlled", "concept": "claimed_control", "side": "AL",
        "first": "2001-01-01", "last": "2001-06-30", "unit": "km2",
    }  # fmt: skip
    return measure(schema.Change.model_validate({**values, **given}), evidence(rows))


def area(end: str, **given: Any) -> dict[str, Any]:
    values = {"quantity": "area_controlled", "concept": "claimed_control", "flow_or_stock": "stock"}
    return row("alpha", **{**values, "unit": "km2", "start": end, "end": end, **given})


BARE, WIDE = area("2001-01-01", best=50), area("2001-06-30", low=80, best=100, high=120)


def test_a_range_less_a_bare_number_is_a_range() -> None:
    """From exactly 50 to 80..120: by 30 to 70, not by exactly 50."""
    finding = changed(BARE, WIDE, at_least=40)
    assert finding.interval == (30, 70)
    assert finding.verdict == "undetermined"
    assert changed(BARE, WIDE, at_least=30).verdict == "mostly supported"
    assert changed(BARE, WIDE, at_least=71).verdict == "not supported"


def test_a_bare_number_less_a_range_is_a_range() -> None:
    early = area("2001-01-01", low=40, best=50, high=70)
    assert changed(early, area("2001-06-30", best=100), at_least=40).interval == (30, 60)


def test_two_bare_numbers_differ_by_a_bare_number() -> None:
    finding = changed(BARE, area("2001-06-30", best=100), at_least=40)
    assert [(item.low, item.best, item.high) for item in finding.sources] == [(None, 50, None)]


def test_the_ratio_of_a_range_is_a_range() -> None:
    finding = changed(BARE, WIDE, at_least=2, relative=True, unit="ratio")
    assert finding.interval == (1.6, 2.4)
    assert finding.verdict == "undetermined"


def test_a_ratio_to_what_may_be_nothing_has_no_top() -> None:
    early = area("2001-01-01", low=0, best=10, high=20)
    finding = changed(early, WIDE, at_least=3, relative=True, unit="ratio")
    assert [(item.low, item.best, item.high) for item in finding.sources] == [(4, None, None)]
    assert finding.verdict == "mostly supported"
    assert changed(early, WIDE, at_least=5, relative=True, unit="ratio").verdict == "undetermined"


def test_a_change_from_a_misprint_counts_nothing() -> None:
    finding = changed({**BARE, "kind": "misprint"}, area("2001-06-30", best=100), at_least=40)
    assert (finding.verdict, [item.why for item in finding.sources]) == (
        "undetermined",
        ["marked as a misprint"],
    )


@pytest.mark.parametrize(
    "hides_nothing",
    [
        row("alpha", concept="losses_undefined", best=99),
        row("alpha", best=99, unit="thousand_persons"),
        row("alpha", best=99, kind="misprint"),
    ],
)
def test_what_cannot_answer_hides_no_bound(hides_nothing: dict[str, Any]) -> None:
    floor = row("alpha", low=150, end="2001-05-01")
    given: dict[str, Any] = {
        "at_least": 100,
        "bounds_days": 120,
        "window_days": 30,
        "beside": "losses_undefined",
    }
    others = [row("bremor_staff", concept="losses_undefined", best=1)]
    assert total([floor, *others], **given).verdict == "mostly supported"
    finding = total([floor, hides_nothing, *others], **given)
    assert finding.verdict == "mostly supported"
    assert [(item.role, item.low) for item in finding.sources if item.counted] == [("floor", 150)]


def test_a_figure_of_the_day_needs_no_bound_of_another() -> None:
    rows = [row("alpha", best=120), row("alpha", best=150, end="2001-04-01")]
    finding = total(rows, at_least=130, bounds_days=120)
    assert [item.best for item in finding.sources] == [120]


def mean(*rows: dict[str, Any], **given: Any) -> Finding:
    values = {
        "kind": "mean_rate", "quantity": "personnel_losses", "concept": "killed", "side": "AL",
        "date": "2001-06-30", "days": 30, "unit": "persons_per_day",
    }  # fmt: skip
    return measure(schema.MeanRate.model_validate({**values, **given}), evidence(rows))


def flow(start: str, end: str, **given: Any) -> dict[str, Any]:
    return row("alpha", flow_or_stock="flow", start=start, end=end, **given)


def test_a_mean_over_a_year_is_no_mean_of_a_month_because_a_day_is_known() -> None:
    """A day of the same source was not what the mean was made of."""
    year = flow("2001-01-01", "2001-12-31", best=3650, known_on="2002-01-01")
    day = flow("2001-06-15", "2001-06-15", best=1)
    for rows in ([year], [year, day]):
        finding = mean(*rows, at_least=5)
        assert finding.verdict == "undetermined"
        assert [item.why for item in finding.sources] == ["a mean over 365 days, not over these 30"]
    quarter = flow("2001-04-02", "2001-06-30", best=900)
    assert mean(quarter, at_least=5).verdict == "mostly supported"


def test_the_bounds_of_totals_reach_the_mean() -> None:
    """30 days between 1,000 and 1,600, each known to 200: 6.7 to 33.3 a day, not exactly 20."""
    rows = [
        row("alpha", low=800, best=1000, high=1200, end="2001-05-31"),
        row("alpha", low=1400, best=1600, high=1800, end="2001-06-30"),
    ]
    finding = mean(*rows, at_least=15)
    assert finding.interval == (pytest.approx(200 / 30), pytest.approx(1000 / 30))
    assert finding.verdict == "undetermined"
    assert mean(*rows, at_least=34).verdict == "not supported"


def test_a_ceiling_is_the_top_of_a_mean() -> None:
    rows = [
        row("alpha", low=800, best=1000, high=1200, end="2001-05-31"),
        row("alpha", low=1400, best=1600, high=1800, end="2001-06-30"),
        row("beta", place="Ford", best=0, end="2001-05-31"),
    ]
    finding = mean(*rows, at_least=25, place="Ford", whole="whole_front")
    assert finding.verdict == "undetermined"
    (shown,) = [item for item in finding.sources if item.source == "alpha"]
    assert (shown.role, shown.high) == ("ceiling", pytest.approx(1000 / 30))
    assert mean(*rows, at_least=35, place="Ford", whole="whole_front").verdict == "not supported"
    assert not math.isnan(shown.best or 0.0)
