"""The desk: the latest of each visitor wins, the same is computed once, the quick goes before the slow."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import CancelledError
from typing import Any

import pytest

from ceasefire.web import desk as desks
from ceasefire.web.desk import BusyError, Desk, Kept, Told

PATIENCE = 20.0


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk()
    yield made
    made.close()


class Held:
    """Work that goes on until it is let go, and tells how far it is."""

    def __init__(self, value: Any = None) -> None:
        self.value = value
        self.began = threading.Event()
        self.go_on = threading.Event()
        self.times = 0

    def __call__(self, told: Told) -> Any:
        self.times += 1
        self.began.set()
        while not self.go_on.wait(0.005):
            told(1, 2)
        told(2, 2)
        return self.value


def test_what_is_asked_for_is_computed_and_errors_reach_who_asked(desk: Desk) -> None:
    def fails(told: Told) -> None:
        raise ValueError("no")

    assert desk.ask("a", "answer", 1, lambda told: 7).result(PATIENCE) == 7
    with pytest.raises(ValueError, match="no"):
        desk.ask("a", "answer", 2, fails).result(PATIENCE)
    assert desk.ask("a", "answer", 3, lambda told: 8).result(PATIENCE) == 8
    assert desk.waiting == 0


def test_the_latest_of_a_visitor_wins_and_what_runs_for_nobody_stops(desk: Desk) -> None:
    first, second = Held("first"), Held("second")
    one = desk.ask("a", "answer", "first", first)
    assert first.began.wait(PATIENCE)
    waiting = desk.ask("a", "answer", "between", lambda told: "between")
    two = desk.ask("a", "answer", "second", second)
    # The first never ends by itself: only since nobody waits for it does the second begin.
    assert second.began.wait(PATIENCE)
    second.go_on.set()
    assert two.result(PATIENCE) == "second"
    for dropped in (one, waiting):
        with pytest.raises(CancelledError):
            dropped.result(PATIENCE)


def test_another_visitor_and_another_lane_are_not_disturbed(desk: Desk) -> None:
    held = Held("mine")
    mine = desk.ask("a", "answer", "mine", held)
    assert held.began.wait(PATIENCE)
    other = desk.ask("b", "answer", "other", lambda told: "other")
    rest = desk.ask("a", "rest", "rest", lambda told: "rest")
    held.go_on.set()
    assert [one.result(PATIENCE) for one in (mine, other, rest)] == ["mine", "other", "rest"]


def test_the_same_is_computed_once_for_all_who_wait_for_it(desk: Desk) -> None:
    held = Held("same")
    found = [desk.ask(visitor, "answer", "same", held) for visitor in "abc"]
    assert held.began.wait(PATIENCE)
    desk.leave("b")
    held.go_on.set()
    assert found[0].result(PATIENCE) == found[2].result(PATIENCE) == "same"
    assert held.times == 1
    assert found[1].cancelled()


def test_answers_go_before_what_they_rest_on(desk: Desk) -> None:
    held, order = Held(), []
    desk.ask("a", "answer", "held", held)
    assert held.began.wait(PATIENCE)
    asked = [
        desk.ask("b", "rest", "rest", lambda told: order.append("rest")),
        desk.ask("c", "picture", "picture", lambda told: order.append("picture")),
        desk.ask("d", "answer", "answer", lambda told: order.append("answer")),
    ]
    held.go_on.set()
    for one in asked:
        one.result(PATIENCE)
    assert order == ["answer", "picture", "rest"]


def test_what_is_slow_waits_for_what_is_quick_and_goes_on(desk: Desk) -> None:
    told: list[int] = []

    def slow(tell: Told) -> str:
        for done in range(400):
            tell(done, 400)
            time.sleep(0.002)
        return "slow"

    long = desk.ask("a", "answer", "slow", slow, queue="slow", told=lambda done, total: told.append(done))
    while len(told) < 3:
        time.sleep(0.001)
    held = Held("quick")
    quick = desk.ask("b", "answer", "quick", held)
    assert held.began.wait(PATIENCE)
    time.sleep(0.05)
    before = len(told)
    time.sleep(0.1)
    assert len(told) <= before + 1
    held.go_on.set()
    assert quick.result(PATIENCE) == "quick"
    assert long.result(PATIENCE) == "slow"
    assert told[-1] == 399


def test_a_visitor_who_leaves_leaves_nothing_behind(desk: Desk) -> None:
    held = Held()
    found = desk.ask("a", "answer", "held", held)
    assert held.began.wait(PATIENCE)
    for lane in ("rest", "picture", "file"):
        desk.ask("a", lane, lane, lambda told: None)  # type: ignore[arg-type]
    desk.leave("a")
    assert found.cancelled()
    deadline = time.monotonic() + PATIENCE
    while desk.waiting and time.monotonic() < deadline:
        time.sleep(0.005)
    assert desk.waiting == 0


def test_more_than_the_desk_takes_is_refused(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desks, "MOST_WAITING", 3)
    held = Held(1)
    first = desk.ask("a", "answer", "held", held)
    assert held.began.wait(PATIENCE)
    others = [desk.ask(visitor, "answer", visitor, lambda told: 2) for visitor in "bc"]
    with pytest.raises(BusyError):
        desk.ask("d", "answer", "d", lambda told: 3)
    held.go_on.set()
    assert [one.result(PATIENCE) for one in (first, *others)] == [1, 2, 2]


def test_a_closed_desk_ends_what_it_computes() -> None:
    made, held = Desk(), Held()
    found = made.ask("a", "answer", "held", held)
    assert held.began.wait(PATIENCE)
    made.close()
    assert found.cancelled()
    assert not any(worker.is_alive() for worker in made._workers)


def test_what_is_kept_is_bounded_by_what_it_weighs() -> None:
    kept = Kept(10, weigh=float)
    kept.put("a", 6)
    kept.put("b", 3)
    kept.put("a", 7)
    assert (kept.get("a"), kept.get("b")) == (7, 3)
    kept.put("c", 2)
    assert kept.get("a") is None
    kept.put("d", 50)
    assert len(kept) == 1
    assert kept.get("d") == 50


def test_what_is_kept_is_bounded_and_the_least_asked_for_goes() -> None:
    kept = Kept(2)
    kept.put("a", 1)
    kept.put("b", 2)
    assert kept.get("a") == 1
    kept.put("c", 3)
    assert kept.get("b") is None
    assert (kept.get("a"), kept.get("c"), len(kept)) == (1, 3, 2)
