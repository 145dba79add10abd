"""The check against observations: like with like, on the source's own days, each origin once."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ceasefire.engine import run
from ceasefire.evidence import Evidence, Source, load
from ceasefire.files import InputError
from ceasefire.inference import Check, prior_predictive
from ceasefire.inference.prior_predictive import MATCHED, observed_change, position
from ceasefire.scenario import load_scenario
from tests.claims.helpers import source

KILLED, KILLED_AND_WOUNDED, GROUND = MATCHED
START = dt.date(2001, 1, 1)
UNTIL = dt.date(2001, 12, 31)


SOURCES: Mapping[str, Source] = {
    "alpha": source("alpha"),
    "alpha_again": source("alpha_again", root="alpha"),
    "beta": source("beta"),
    "mixture": source("mixture", derived_from=("alpha", "beta")),
    "bremor_staff": source("bremor_staff", "BR"),
}


def row(end: str, best: float | None, name: str = "alpha", **given: Any) -> dict[str, Any]:
    values = {
        "quantity": "personnel_losses",
        "concept": "killed",
        "side": "AL",
        "place": "whole_front",
        "start": "2000-06-01",
        "end": end,
        "flow_or_stock": "cumulative",
        "low": None,
        "best": best,
        "high": None,
        "unit": "persons",
        "source": name,
        "source_class": SOURCES[name].source_class,
        "root": SOURCES[name].root,
        "known_on": "2002-06-01",
        "known_on_rule": "stated",
        "kind": "estimate",
        "confidence": "medium",
        "verified": "yes",
        "reference": "invented",
        "note": "",
        "table": "invented",
    }
    return {**values, **given}


def of(*rows: dict[str, Any]) -> Evidence:
    return load().replace_observations(pd.DataFrame(rows), SOURCES)


def change(*rows: dict[str, Any], matched: Any = KILLED, date: dt.date = dt.date(2001, 7, 1)) -> pd.DataFrame:
    return observed_change(of(*rows), matched, "AL", START, date, UNTIL)


def only(found: pd.DataFrame) -> dict[str, Any]:
    assert len(found) == 1
    return dict(found.iloc[0])


def test_a_change_is_taken_between_the_days_that_the_source_names() -> None:
    found = only(change(row("2001-01-05", 100.0), row("2001-07-10", 180.0)))
    assert found["observed"] == 80.0
    assert (found["first"], found["last"]) == (pd.Timestamp("2001-01-05"), pd.Timestamp("2001-07-10"))


def test_the_bounds_of_a_change_take_the_far_ends_of_both_figures() -> None:
    early = row("2001-01-05", 100.0, low=90.0, high=115.0)
    found = only(change(early, row("2001-07-10", 180.0, low=160.0, high=220.0)))
    assert (found["observed_low"], found["observed_high"]) == (160.0 - 115.0, 220.0 - 90.0)
    found = only(change(early, row("2001-07-10", 180.0)))
    assert (found["observed_low"], found["observed_high"]) == (180.0 - 115.0, 180.0 - 90.0)
    # A running total does not fall, however wide its intervals are.
    assert only(change(early, row("2001-07-10", 110.0, low=90.0, high=130.0)))["observed_low"] == 0.0


def test_a_lone_bound_leaves_the_other_end_open() -> None:
    found = only(change(row("2001-01-05", 100.0), row("2001-07-10", None, low=150.0)))
    assert found["observed_low"] == 50.0
    assert found["observed_high"] == math.inf
    assert math.isnan(found["observed"])


def test_figures_too_far_from_the_days_are_left_out() -> None:
    assert change(row("2000-12-31", 100.0), row("2001-07-10", 180.0)).empty
    assert change(row("2001-02-02", 100.0), row("2001-07-10", 180.0)).empty
    assert change(row("2001-01-05", 100.0), row("2001-08-02", 180.0)).empty
    beyond = change(row("2001-01-05", 100.0), row("2002-01-01", 180.0), date=UNTIL)
    assert beyond.empty


def test_running_totals_that_begin_on_different_days_are_not_subtracted() -> None:
    assert change(row("2001-01-05", 100.0), row("2001-07-10", 180.0, start="2001-01-01")).empty


def test_an_amount_within_a_span_is_no_running_total() -> None:
    flow = {"flow_or_stock": "flow"}
    assert change(row("2001-01-05", 100.0, **flow), row("2001-07-10", 180.0, **flow)).empty


@pytest.mark.parametrize("concept", ["killed_and_missing", "losses_undefined", "killed_and_wounded"])
def test_what_counts_another_thing_is_not_held_against_the_killed(concept: str) -> None:
    assert change(row("2001-01-05", 100.0, concept=concept), row("2001-07-10", 180.0, concept=concept)).empty


def test_undefined_losses_are_not_held_against_the_killed_and_wounded() -> None:
    rows = [row(day, 100.0, concept="losses_undefined") for day in ("2001-01-05", "2001-07-10")]
    assert change(*rows, matched=KILLED_AND_WOUNDED).empty


def test_a_part_of_the_front_is_not_the_war() -> None:
    town = [row(day, 10.0, "beta", place="Town") for day in ("2001-01-05", "2001-07-10")]
    found = change(*town, row("2001-01-05", 100.0), row("2001-07-10", 180.0))
    assert only(found)["source"] == "alpha"
    other = [row(day, 10.0, place="Village") for day in ("2001-01-05", "2001-07-10")]
    assert change(*town, *other).empty


def test_one_origin_gives_one_row() -> None:
    rows = [row("2001-01-05", 100.0, name) for name in ("alpha", "alpha_again", "beta")]
    rows += [row("2001-07-10", 180.0, name) for name in ("alpha", "alpha_again", "beta")]
    found = change(*rows)
    assert sorted(found["root"]) == ["alpha", "beta"]
    assert found["counted"].all()


def test_an_origin_that_gives_the_whole_needs_no_floor_beside_it() -> None:
    rows = [row("2001-01-05", 50.0, concept="named_dead"), row("2001-07-10", 90.0, concept="named_dead")]
    rows += [row("2001-01-05", 100.0, "alpha_again"), row("2001-07-10", 180.0, "alpha_again")]
    assert only(change(*rows))["role"] == "value"


def test_a_party_and_what_is_built_on_others_are_shown_and_not_counted() -> None:
    rows = [row(day, 100.0, name) for day in ("2001-01-05", "2001-07-10") for name in SOURCES]
    found = change(*rows).set_index("source")
    assert not found.loc["bremor_staff", "counted"]
    assert not found.loc["mixture", "counted"]
    assert found.loc["beta", "counted"]


def test_a_misprint_is_no_figure() -> None:
    assert change(row("2001-01-05", 100.0), row("2001-07-10", 900.0, kind="misprint")).empty


def test_names_that_became_known_later_are_no_deaths_in_between() -> None:
    names = {"concept": "named_dead"}
    same = change(row("2001-01-05", 100.0, **names), row("2001-07-10", 180.0, **names))
    assert only(same)["role"] == "floor"
    later = row("2001-07-10", 180.0, **names, known_on="2003-01-01")
    assert change(row("2001-01-05", 100.0, **names), later).empty


def test_a_state_is_compared_whatever_day_its_row_begins_on() -> None:
    area = {
        "quantity": "area_controlled",
        "concept": "assessed",
        "place": "Aldria",
        "flow_or_stock": "stock",
        "unit": "km2",
    }
    rows = [row(day, best, start=day, **area) for day, best in (("2001-01-05", 900.0), ("2001-07-10", 860.0))]
    found = only(change(*rows, matched=GROUND))
    assert (found["observed"], found["observed_low"]) == (-40.0, -40.0)


@pytest.mark.parametrize(
    ("role", "observed", "lies"),
    [
        ("value", (1.0, 9.0), "below"),
        ("value", (5.0, 15.0), "compatible"),
        ("value", (10.0, 20.0), "inside"),
        ("value", (15.0, math.inf), "compatible"),
        ("value", (21.0, 30.0), "above"),
        ("floor", (1.0, 1.0), "compatible"),
        ("floor", (15.0, 15.0), "compatible"),
        ("floor", (21.0, 21.0), "above"),
    ],
)
def test_where_an_observation_lies(role: str, observed: tuple[float, float], lies: str) -> None:
    assert position(role, observed, (10.0, 20.0)) == lies


def checked(*rows: dict[str, Any]) -> Check:
    return prior_predictive(load_scenario("invented-war"), of(*rows), draws=64, seed=4, days=(91, 182))


def test_the_model_is_read_on_the_days_of_the_figure() -> None:
    table = checked(row("2001-01-05", 100.0), row("2001-04-04", 180.0)).table
    seen = table[table["source"] == "alpha"].iloc[0]
    scenario = load_scenario("invented-war")
    side = scenario.sides[scenario.codes.index("AL")]
    wars = run(scenario.world(), scenario.plan("fight-on"), draws=64, seed=4)
    killed = wars["killed"].sel(side=side).transpose("time", "war").values.astype(float)
    # 5 January is day 4 (between weeks 0 and 1), 4 April is day 93 (between weeks 13 and 14).
    first = killed[0] + 4 / 7 * (killed[1] - killed[0])
    last = killed[13] + 2 / 7 * (killed[14] - killed[13])
    assert seen["day"] == 93
    assert seen[["low", "median", "high"]].to_list() == pytest.approx(
        list(np.quantile(last - first, [0.05, 0.5, 0.95]))
    )


def test_one_figure_near_two_days_is_compared_once_and_an_origin_counts_once() -> None:
    found = checked(
        row("2001-01-05", 100.0),
        row("2001-04-01", 180.0),
        row("2001-07-01", 1e9),
        row("2001-01-05", 100.0, "bremor_staff"),
        row("2001-07-01", 1e9, "bremor_staff"),
    )
    seen = found.table[found.table["source"] == "alpha"]
    assert list(seen["position"])[1] == "above"
    assert len(seen) == 2
    about = found.about()
    # Two days of one origin are one origin; the party's figure lies outside as well and is not counted.
    assert (about["origins"], about["outside"]) == (1, 1)


def test_what_nobody_observed_still_shows_the_model() -> None:
    table = checked(row("2001-01-05", 100.0)).table
    assert (table["source"] == "").all()
    assert list(table["quantity"].unique()) == [matched.label for matched in MATCHED]
    assert table[["low", "median", "high"]].notna().all(axis=None)
    # Ground is one number for both sides.
    assert table.loc[table["quantity"] == "net ground taken", "side"].nunique() == 1


def test_wars_that_all_failed_are_said_to_have_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*given: Any, **named: Any) -> Any:
        result = run(*given, **named)
        result["status"][:] = 1
        return result

    monkeypatch.setitem(prior_predictive.__globals__, "run", broken)
    with pytest.raises(InputError, match="all 64 wars failed"):
        checked(row("2001-01-05", 100.0))
