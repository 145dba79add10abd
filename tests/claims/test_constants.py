"""Numbers that were chosen: the reasons that are given for them hold, and no word hangs on them."""

import datetime as dt
from functools import cache

import pytest

from ceasefire.claims import asking, load_claims, schema
from ceasefire.claims.measures import measure
from ceasefire.evidence import load, rates


@cache
def means() -> list[schema.MeanRate]:
    return [
        reading.test
        for claim in load_claims("interview-with-a-tyrant").claims
        for reading in claim.readings
        if isinstance(reading.test, schema.MeanRate)
    ]


def words() -> list[str]:
    known = load().known_by(dt.date(2022, 12, 21)), load()
    return [measure(test, evidence).verdict for test in means() for evidence in known]


def test_there_are_means_to_test() -> None:
    assert len(means()) >= 3


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("module", "name", "low", "high"),
    [
        (rates, "MAX_GAP_DAYS", 31, 92),
        (rates, "MIN_COVERAGE", 0.25, 0.66),
        (asking, "LONGEST_PERIOD", 1.1, 12.0),
    ],
)
def test_no_shipped_word_hangs_on_a_constant(
    module: object, name: str, low: float, high: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = words()
    for value in (low, high):
        monkeypatch.setattr(module, name, value)
        assert words() == now


def test_steps_between_totals_are_at_most_a_month_or_a_year() -> None:
    """What lies between the longest gap that is bridged and half a year is rare."""
    totals = load().observations
    totals = totals[totals["flow_or_stock"] == "cumulative"]
    series = ["quantity", "concept", "side", "place", "source", "start", "unit"]
    totals = totals.drop_duplicates([*series, "end"]).sort_values("end")
    steps = totals.groupby(series)["end"].diff().dt.days.dropna()
    assert (steps <= rates.MAX_GAP_DAYS).mean() > 0.85
    between = steps[(steps > rates.MAX_GAP_DAYS) & (steps <= 182)]
    assert len(between) < 0.02 * len(steps)
