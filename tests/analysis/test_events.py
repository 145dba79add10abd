"""Events of single wars: who is counted, until when, and under which condition."""

import datetime as dt

import numpy as np
import pytest
import xarray as xr

from ceasefire.analysis.compare import error_of_mean
from ceasefire.analysis.events import EVENTS, happened
from ceasefire.engine import run
from ceasefire.engine.results import PASSAGES
from ceasefire.files import InputError
from ceasefire.scenario import load_scenario

WARS = 40


@pytest.fixture(scope="module")
def result() -> xr.Dataset:
    """Wars of which a test knows what happened in them."""
    scenario = load_scenario("invented-war")
    found = run(scenario.world(), scenario.plan("truce"), draws=WARS, seed=3).copy(deep=True)
    never = np.full(WARS, -1)
    breaks = np.stack([never, never])
    breaks[0, :10] = 20
    breaks[1, 5:8] = 10
    found["internal_break_day"][:] = breaks
    ended = never.copy()
    ended[:4], ended[4], ended[30:36] = 100, 15, 50
    found["ended_day"][:] = ended
    found["escalation"][:] = 0.0
    found["escalation"][-1] = np.linspace(0.0, 2.0, WARS)
    return found


def day(result: xr.Dataset, days: int) -> dt.date:
    first = np.datetime64(result["time"].values[0], "D").astype(dt.date)
    return first + dt.timedelta(days=days)


def test_every_event_is_read_off_a_result(result: xr.Dataset) -> None:
    for event in EVENTS.values():
        assert event.variable in result
        assert event.variable in {*PASSAGES, "escalation"}


def test_it_counts_the_wars_in_which_it_came_by_the_day(result: xr.Dataset) -> None:
    aldria, bremor = (str(side) for side in result["side"].values)
    asked = {(aldria, 20): 10, (aldria, 19): 0, (bremor, 20): 3, (None, 20): 10, (None, 10): 3}
    for (side, days), wars in asked.items():
        found = happened(result, "internal_break", side, day(result, days))
        assert found.share == pytest.approx(wars / WARS)
        assert (found.wars, found.draws, found.failed) == (WARS, WARS, 0)
        p = wars / WARS
        assert found.mc_error == pytest.approx(np.sqrt(p * (1 - p) / WARS))


def test_a_condition_asks_only_wars_in_which_it_came_first(result: xr.Dataset) -> None:
    aldria = str(result["side"].values[0])
    found = happened(result, "war_ended", None, day(result, 200), given=("internal_break", aldria))
    # Ten wars broke on day 20; four of them ended after it, and one had ended before.
    assert (found.wars, found.share) == (10, pytest.approx(0.4))
    none = happened(result, "war_ended", None, day(result, 5), given=("internal_break", aldria))
    assert none.wars == 0
    assert np.isnan(none.share)


def test_the_wider_war_is_a_probability_of_each_war(result: xr.Dataset) -> None:
    last = (result.sizes["time"] - 1) * 7
    found = happened(result, "wider_war", None, day(result, last))
    each = 1.0 - np.exp(-np.linspace(0.0, 2.0, WARS))
    assert found.share == pytest.approx(each.mean(), rel=1e-6)
    points = np.quantile(each, [0.05, 0.5, 0.95])
    assert (found.low, found.median, found.high) == pytest.approx(points, rel=1e-6)
    assert found.mc_error == pytest.approx(each.std() / np.sqrt(WARS), rel=1e-6)
    assert happened(result, "wider_war", None, day(result, last - 7)).share == 0.0


def test_a_failed_war_is_left_out_and_counted(result: xr.Dataset) -> None:
    broken = result.copy(deep=True)
    broken["status"][3] = 1
    found = happened(broken, "internal_break", str(result["side"].values[0]), day(result, 20))
    assert (found.wars, found.failed) == (WARS - 1, 1)
    assert found.share == pytest.approx(9 / (WARS - 1))


def test_wars_of_one_draw_count_together() -> None:
    values = np.array([1.0, 1.0, 0.0, 0.0])
    alike = error_of_mean(values, np.array([0, 0, 1, 1]))
    assert alike == pytest.approx(np.sqrt(2 * 1.0**2) / 4)
    assert alike > error_of_mean(values)


def test_sides_turned_round_give_the_same(result: xr.Dataset) -> None:
    turned = result.isel(side=[1, 0])
    for side in (None, *(str(name) for name in result["side"].values)):
        here = happened(result, "internal_break", side, day(result, 20))
        there = happened(turned, "internal_break", side, day(result, 20))
        assert here.share == there.share


@pytest.mark.parametrize(
    ("event", "side", "days", "what"),
    [
        ("internal_brake", None, 20, "is no event of a war"),
        ("internal_break", "Nowhere", 20, "is no belligerent"),
        ("war_ended", "first", 20, "belongs to the war"),
        ("internal_break", None, 0, "outside the horizon"),
        ("internal_break", None, 10_000, "outside the horizon"),
    ],
)
def test_errors_for_people(result: xr.Dataset, event: str, side: str | None, days: int, what: str) -> None:
    side = str(result["side"].values[0]) if side == "first" else side
    with pytest.raises(InputError, match=what):
        happened(result, event, side, day(result, days))


def test_wars_that_all_failed_cannot_be_counted(result: xr.Dataset) -> None:
    broken = result.copy(deep=True)
    broken["status"][:] = 1
    with pytest.raises(InputError, match="all 40 wars failed"):
        happened(broken, "war_ended", None, day(result, 20))
