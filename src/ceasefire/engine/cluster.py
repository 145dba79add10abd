"""Pieces computed by the workers of a cluster: any scheduler of dask.distributed, by its address.

What all pieces share is a task of its own, so that the scheduler makes it again where a worker is lost, like
any piece. Each piece is computed on one core: the threads of a worker are what it computes at one time.
"""

from __future__ import annotations

import collections
import contextlib
import hashlib
import logging
import os
import pickle
import socket
import time
import urllib.parse
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ceasefire.engine import places
from ceasefire.engine.fused import on_cores
from ceasefire.engine.making import made_by, processor_here, program
from ceasefire.engine.places import Found, Item, Shared
from ceasefire.files import InputError

if TYPE_CHECKING:
    from distributed import Client, Future

PATIENCE_SECONDS = 30.0
# Pieces that are asked for ahead of the one that is waited for, for each that is computed at one time.
AHEAD = 3
# How often a piece is asked for again whose workers were lost.
TRIES = 5


class Cluster:
    """The workers of a scheduler; use it in a `with` block."""

    def __init__(self, address: str) -> None:
        """Connect to a scheduler.

        Raises:
            InputError: Dask is not installed, nothing answers, there is no worker, one has another version,
                model, code or libraries than this program, or they have different kinds of processors.
        """
        try:
            from distributed import Client
        except ImportError:
            raise InputError(
                "a cluster needs the package 'distributed', which is not installed.",
                "--cluster",
                "install it: pip install 'ceasefire[cluster]'.",
            ) from None
        self.address = address
        # What it logs is said again in our words.
        logging.getLogger("distributed").setLevel(logging.CRITICAL)
        try:
            _knock(address)
            self._client: Client = Client(address, timeout=PATIENCE_SECONDS, set_as_default=False)
        except (OSError, TimeoutError, ValueError, TypeError) as error:
            raise InputError(
                f"no scheduler answers: {str(error) or type(error).__name__}",
                address,
                "start one (`dask scheduler`, `dask worker ADDRESS --nthreads 1 --nworkers 2`) and name its"
                " address, such as tcp://127.0.0.1:8786.",
            ) from None
        try:
            self.processor = self._checked_workers()
            """The kind of processor that all workers have."""
        except BaseException:
            self._client.close()
            raise

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(Exception):
            self._client.close(timeout=2)

    @property
    def at_once(self) -> int:
        """Threads of all workers that are there now."""
        return max(1, self._threads())

    def _threads(self) -> int:
        with self._told_in_words():
            return sum(map(int, self._client.nthreads().values()))

    def _checked_workers(self) -> str:
        """Return the kind of processor of the workers, each of which is asked what it is."""
        if not self._threads():
            raise InputError(
                "the cluster has no worker.", self.address, f"start one: dask worker {self.address}."
            )
        try:
            found = self._client.run(_prepared)
        except Exception as error:  # noqa: BLE001
            raise InputError(
                f"a worker cannot compute: {type(error).__name__}: {error}",
                self.address,
                f"install ceasefire {program()['version']} where the workers run.",
            ) from None
        for worker, there in sorted(found.items()):
            _refuse_another(there, program(), str(worker))
        return _one_kind(found, self.address)

    def each(
        self, work: Callable[[Shared, Item], Found], shared: Shared, items: Iterable[Item]
    ) -> Iterator[Found]:
        """Return `work(shared, item)` of each item, in their order.

        Raises:
            InputError: the scheduler is lost, no worker is left, or something cannot be sent to it.
        """
        waiting: collections.deque[tuple[Item, Future]] = collections.deque()
        try:
            packed = pickle.dumps(shared)
        except (pickle.PicklingError, AttributeError, TypeError) as error:
            raise InputError(
                f"this cannot be sent to the workers of a cluster: {error}.",
                self.address,
                "leave out `--cluster`: mechanisms of one's own are computed here.",
            ) from None
        name = hashlib.sha256(packed).hexdigest()[:24]
        to_come = iter(items)
        with self._told_in_words():
            common = self._client.submit(_unpacked, packed, key=f"shared-{name}")

        def ask(item: Item) -> Future:
            with self._told_in_words():
                return self._client.submit(
                    _on_one_core, work, common, item, made_by(self.processor), pure=False, retries=TRIES
                )

        try:
            while True:
                while len(waiting) < AHEAD * self.at_once:
                    try:
                        item = next(to_come)
                    except StopIteration:
                        break
                    waiting.append((item, ask(item)))
                if not waiting:
                    return
                item, future = waiting.popleft()
                yield self._result(item, future, ask)
        finally:
            for _, future in waiting:
                with contextlib.suppress(Exception):
                    future.cancel()

    def _result(self, item: Item, future: Future, ask: Callable[[Item], Future]) -> Any:
        from distributed.client import FutureCancelledError
        from distributed.scheduler import KilledWorker

        lost = 0
        while True:
            self._wait(future)
            try:
                return future.result()
            except (OSError, TimeoutError) as error:
                # Of the work itself, or of the way to it.
                if future.status == "error":
                    raise
                raise self._lost(error) from None
            except (KilledWorker, FutureCancelledError) as error:
                if self._client.status != "running":
                    raise self._lost(error) from None
                lost += 1
                if lost == TRIES:
                    raise InputError(
                        f"workers were lost {TRIES} times while they computed one piece.",
                        self.address,
                        f"give workers more memory{_go_on()}.",
                    ) from None
                future = ask(item)

    def _wait(self, future: Future) -> None:
        """Wait for a piece.

        Raises:
            InputError: no worker is left, and none comes.
        """
        from distributed import wait

        alone_since: float | None = None
        while True:
            with contextlib.suppress(TimeoutError), self._client.as_current():
                wait(future, timeout=1.0)
                return
            if self._client.status != "running":
                # What is asked of it next tells what has happened.
                return
            if self._threads():
                alone_since = None
                continue
            alone_since = alone_since or time.monotonic()
            if time.monotonic() - alone_since > PATIENCE_SECONDS:
                raise InputError(
                    f"the cluster has had no worker for {PATIENCE_SECONDS:.0f} seconds.",
                    self.address,
                    f"start workers: dask worker {self.address}{_go_on()}.",
                )

    @contextlib.contextmanager
    def _told_in_words(self) -> Iterator[None]:
        from distributed.client import ClosedClientError
        from distributed.comm import CommClosedError

        try:
            yield
        except (CommClosedError, ClosedClientError, OSError, TimeoutError) as error:
            raise self._lost(error) from None

    def _lost(self, error: Exception) -> InputError:
        return InputError(
            f"the cluster is lost: {str(error) or type(error).__name__}",
            self.address,
            f"start its scheduler again{_go_on()}.",
        )


def _knock(address: str) -> None:
    """See whether somebody listens, before a client is made that would try for a minute.

    Raises:
        ValueError: it is no address of a scheduler.
        OSError: nobody answers there.
    """
    from distributed.security import Security

    kind, _, place = address.partition("://")
    if kind not in {"tcp", "tls"}:
        if kind not in {"inproc", "ucx", "ws", "wss"} or not place:
            raise ValueError("an address of a scheduler is written as tcp://HOST:PORT")
        return
    parts = urllib.parse.urlsplit(address)
    if not parts.hostname or parts.port is None:
        raise ValueError("an address of a scheduler is written as tcp://HOST:PORT")
    if kind == "tls" and Security().get_connection_args("client").get("ssl_context") is None:
        raise ValueError("Dask's configuration names no certificates for tls")
    socket.create_connection((parts.hostname, parts.port), timeout=PATIENCE_SECONDS).close()


def _go_on() -> str:
    """Say how to go on, where what is finished is kept."""
    return "; what is finished is kept and will not be computed again" if places.store() is not None else ""


def _refuse_another(there: Mapping[str, str], wanted: Mapping[str, str], worker: str) -> None:
    """Refuse a worker whose program is another.

    Raises:
        InputError: its version, model, code, libraries or processor differ.
    """
    there = there if isinstance(there, Mapping) else {}
    for name, here in wanted.items():
        if there.get(name) != here:
            raise InputError(
                f"a worker has another {name}: {there.get(name)}, not {here}.",
                worker,
                "install the same on both, from one lock file.",
            )


def _one_kind(found: Mapping[str, Mapping[str, str]], address: str) -> str:
    """Return the kind of processor of all workers.

    Raises:
        InputError: they have several.
    """
    kinds = sorted({there["processor"] for there in found.values()})
    if len(kinds) > 1:
        raise InputError(
            f"the workers have different kinds of processors: {', '.join(kinds)}.",
            address,
            "use workers of one kind: the last digits of results would depend on who computes what.",
        )
    return kinds[0]


def _prepared() -> dict[str, str]:
    """Return what makes numbers in a worker, before it computes anything, and let it keep to its cores."""
    # XLA reads it once, as it begins; its small operations would else use all cores beside those of others.
    os.environ.setdefault("NPROC", "1")
    return made_by(processor_here())


def _unpacked(packed: bytes) -> Any:
    return pickle.loads(packed)


def _on_one_core(work: Callable[[Any, Any], Any], shared: Any, item: Any, wanted: Mapping[str, str]) -> Any:
    import dask

    # A worker may have come after the others were asked.
    _refuse_another(_prepared(), wanted, "a worker that came later")
    # For good: else xarray asks the scheduler for locks, which a scheduler lost and found does not know.
    dask.config.set(scheduler="synchronous")
    with on_cores(1):
        return work(shared, item)
