"""The back-test's summary: read where it is, none where it is missing or cannot be read."""

from __future__ import annotations

import math
from typing import Any

import pytest

from ceasefire.claims.held_out import parse_held_out, read_held_out

ROW = {
    "ours": 2_000.0,
    "best_baseline": 2_098.0,
    "best_baseline_name": "log_rate_walk",
    "coverage_90": 0.92,
    "verdict": "not worse",
    "origins": 25,
}


def test_the_chosen_variant_is_read_with_the_trend_beside_it() -> None:
    found = parse_held_out(
        {
            "chosen": {"reported losses": {"91": ROW, "28": ROW}},
            "everything": {"reported losses": {"28": {**ROW, "ours": 3_000.0}}},
            "trend_alone": {"reported losses": {"28": {**ROW, "ours": 1_900.0}, "91": 2_500.0}},
        }
    )
    assert found is not None
    assert [(row.days, row.ours, row.trend_alone) for row in found.of("killed")] == [
        (28, 2_000.0, 1_900.0),
        (91, 2_000.0, 2_500.0),
    ]
    assert [row.trend_does_it for row in found.horizons] == [True, False]
    assert found.of("ground_lost") == ()


@pytest.mark.parametrize("content", [
    {"area held": {"28": ROW}},
    {"area held": {"28": ROW}, "trend_alone": {}},
    {"chosen": "everything", "everything": {"area held": {"28": ROW}}},
])  # fmt: skip
def test_without_a_table_of_the_chosen_variant_the_others_are_read(content: dict[str, Any]) -> None:
    found = parse_held_out(content)
    assert found is not None
    (row,) = found.of("ground_lost")
    assert (row.days, row.verdict) == (28, "not worse")
    assert math.isnan(row.trend_alone)
    assert not row.trend_does_it


@pytest.mark.parametrize(
    "content", [None, [], {}, "text", {"chosen": {"area held": {"28": {"ours": 1.0}}}}, {"chosen": 3}]
)
def test_what_cannot_be_read_counts_as_unchecked(content: Any) -> None:
    assert parse_held_out(content) is None


def test_a_scenario_without_a_back_test_has_none() -> None:
    assert read_held_out("invented-war") is None
    assert read_held_out("../../secrets") is None
