"""The desk: who asked for what, in which order it is computed, and what need not be computed again.

Three workers share the machine. The quick one answers in the order of urgency; one for offers and one for
audits do what takes many seconds, and wait at every chunk of wars until the quick one has nothing to do. What
offers share is used by their worker alone, so that no worker ever waits for a lock of another. A request of a
visitor replaces his earlier one of the same lane (the latest wins); two visitors who ask for the same wait
for one computation. What each visitor may have waiting is thereby bounded by the number of lanes.
"""

from __future__ import annotations

import collections
import dataclasses
import heapq
import itertools
import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Any, Literal

Told = Callable[[int, int], None]
Work = Callable[[Told], Any]
Lane = Literal["answer", "rest", "picture", "file"]
Queue = Literal["quick", "offers", "slow"]
# The less, the sooner. What rests on an answer waits until all answers are given.
URGENCY: dict[str, int] = {"answer": 0, "file": 1, "picture": 1, "rest": 2}
# More requests than these do not wait: they are refused.
MOST_WAITING = 200


class SupersededError(Exception):
    """A request that a later one of the same visitor replaced; its computation stops at the next chunk."""


class BusyError(Exception):
    """More is waiting than the desk takes."""


@dataclasses.dataclass(eq=False)
class _Job:
    key: Hashable
    work: Work
    urgency: int
    waiting: dict[tuple[str, str], tuple[Future[Any], Told | None]] = dataclasses.field(default_factory=dict)
    """Who waits, by visitor and lane."""


class Kept:
    """The last of something, by key, up to a weight in all; safe to use from several threads."""

    def __init__(self, most: float, weigh: Callable[[Any], float] = lambda _: 1.0) -> None:
        self._most = most
        self._weigh = weigh
        self._weight = 0.0
        self._found: collections.OrderedDict[Hashable, Any] = collections.OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> Any | None:
        """Return what is kept under a key, or None."""
        with self._lock:
            if key not in self._found:
                return None
            self._found.move_to_end(key)
            return self._found[key]

    def put(self, key: Hashable, value: Any) -> None:
        """Keep something, and forget what was longest not asked for."""
        with self._lock:
            if key in self._found:
                self._weight -= self._weigh(self._found.pop(key))
            self._found[key] = value
            self._weight += self._weigh(value)
            # The newest stays, whatever it weighs.
            while self._weight > self._most and len(self._found) > 1:
                self._weight -= self._weigh(self._found.popitem(last=False)[1])

    def __len__(self) -> int:
        with self._lock:
            return len(self._found)


class Desk:
    """The workers and their queues."""

    def __init__(self) -> None:
        self._lock = threading.Condition()
        self._queues: dict[str, list[tuple[int, int, _Job]]] = {"quick": [], "offers": [], "slow": []}
        self._jobs: dict[Hashable, _Job] = {}
        self._running: dict[str, _Job | None] = dict.fromkeys(self._queues)
        self._order = itertools.count()
        self._open = True
        self._workers = [
            threading.Thread(target=self._work, args=(name,), name=f"desk-{name}", daemon=True)
            for name in self._queues
        ]
        for worker in self._workers:
            worker.start()

    def ask(
        self,
        visitor: str,
        lane: Lane,
        key: Hashable,
        work: Work,
        *,
        queue: Queue = "quick",
        told: Told | None = None,
    ) -> Future[Any]:
        """Ask for something to be computed.

        Args:
            visitor: who asks.
            lane: what for; an earlier request of the same visitor in the same lane is dropped.
            key: what is computed: the same key is computed once for all who wait for it.
            work: computes it; it is given a function that takes what is done and what there is to do, and
                must call it now and then.
            queue: which worker computes it.
            told: called with what is done and what there is to do, in the thread of a worker.

        Raises:
            BusyError: too much is waiting.
        """
        future: Future[Any] = Future()
        with self._lock:
            self._drop(visitor, lane, but=key)
            job = self._jobs.get(key)
            if job is None:
                if len(self._jobs) >= MOST_WAITING:
                    raise BusyError
                job = _Job(key, work, URGENCY[lane])
                self._jobs[key] = job
                entry = (job.urgency, next(self._order), job)
                heapq.heappush(self._queues[queue], entry)
            elif (before := job.waiting.get((visitor, lane))) is not None:
                before[0].cancel()
            job.waiting[visitor, lane] = (future, told)
            self._lock.notify_all()
        return future

    def leave(self, visitor: str) -> None:
        """Drop all that a visitor waits for."""
        with self._lock:
            for lane in URGENCY:
                self._drop(visitor, lane)

    def close(self) -> None:
        """Stop the workers, at the next chunk of what they compute."""
        with self._lock:
            self._open = False
            for job in self._jobs.values():
                for future, _ in job.waiting.values():
                    future.cancel()
                job.waiting.clear()
            self._lock.notify_all()
        for worker in self._workers:
            worker.join(timeout=10.0)

    @property
    def waiting(self) -> int:
        """How many computations wait or run."""
        with self._lock:
            return len(self._jobs)

    def _drop(self, visitor: str, lane: str, but: Hashable = None) -> None:
        for job in list(self._jobs.values()):
            if job.key != but and (entry := job.waiting.pop((visitor, lane), None)) is not None:
                entry[0].cancel()
                if not job.waiting and job not in self._running.values():
                    del self._jobs[job.key]

    def _work(self, name: str) -> None:
        while (job := self._next(name)) is not None:
            found: Any = None
            failed: BaseException | None = None
            try:
                found = job.work(lambda done, total, job=job: self._tell(name, job, done, total))
            except Exception as error:  # noqa: BLE001  # whoever waits is told, and the worker goes on
                failed = error
            with self._lock:
                self._running[name] = None
                if self._jobs.get(job.key) is job:
                    del self._jobs[job.key]
                waiting = [future for future, _ in job.waiting.values()]
                job.waiting.clear()
                self._lock.notify_all()
            for future in waiting:
                if future.set_running_or_notify_cancel():
                    if failed is None:
                        future.set_result(found)
                    else:
                        future.set_exception(failed)

    def _next(self, name: str) -> _Job | None:
        """Wait for the most urgent request that somebody still waits for; None where the desk is closed."""
        queue = self._queues[name]
        with self._lock:
            while self._open:
                while queue:
                    job = heapq.heappop(queue)[-1]
                    if job.waiting and self._jobs.get(job.key) is job:
                        self._running[name] = job
                        return job
                self._lock.wait()
        return None

    def _tell(self, name: str, job: _Job, done: int, total: int) -> None:
        """Pass on what is done; stop where nobody waits any more; where it is not quick, wait for what is."""
        with self._lock:
            while name != "quick" and self._open and job.waiting and self._quick_is_busy():
                self._lock.wait(timeout=1.0)
            if not job.waiting:
                # Whoever asks for it from here on has it computed anew.
                if self._jobs.get(job.key) is job:
                    del self._jobs[job.key]
                raise SupersededError
            told = [one for _, one in job.waiting.values() if one is not None]
        for one in told:
            one(done, total)

    def _quick_is_busy(self) -> bool:
        if self._running["quick"] is not None:
            return True
        return any(job.waiting and self._jobs.get(job.key) is job for *_, job in self._queues["quick"])
