"""Where the pieces of a computation are computed, and whether they are kept: no question of what they are.

A piece is what a pure function returns for what all pieces share and for what is its own. It is the same bits
wherever it is computed, in which order, and whether it is computed or read.
"""

from __future__ import annotations

import contextlib
import contextvars
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol, TypeVar

from ceasefire.engine.making import processor_here

Shared = TypeVar("Shared")
Item = TypeVar("Item")
Found = TypeVar("Found")


class Place(Protocol):
    """Where pieces are computed."""

    @property
    def at_once(self) -> int:
        """How many pieces are computed side by side."""
        ...

    @property
    def processor(self) -> str:
        """The kind of processor on which they are: on another their last digits may differ."""
        ...

    def each(
        self, work: Callable[[Shared, Item], Found], shared: Shared, items: Iterable[Item]
    ) -> Iterator[Found]:
        """Return `work(shared, item)` of each item, in their order."""
        ...


class Store(Protocol):
    """Where finished pieces are kept by name."""

    def has(self, name: str) -> bool:
        """Say whether there is one."""
        ...

    def read(self, name: str) -> bytes | None:
        """Return one, or None where it is absent or not whole."""
        ...

    def keep(self, name: str, content: bytes) -> None:
        """Keep one, whole or not at all."""
        ...

    def again(self) -> str:
        """Return how to go on with what is kept, in words."""
        ...


class Here:
    """The process itself, one piece after the other: each uses all cores."""

    at_once = 1

    @property
    def processor(self) -> str:
        """The kind of this process's."""
        return processor_here()

    def each(
        self, work: Callable[[Shared, Item], Found], shared: Shared, items: Iterable[Item]
    ) -> Iterator[Found]:
        """Return `work(shared, item)` of each item, in their order."""
        for item in items:
            yield work(shared, item)


HERE = Here()
_PLACE: contextvars.ContextVar[Place] = contextvars.ContextVar("place", default=HERE)
_STORE: contextvars.ContextVar[Store | None] = contextvars.ContextVar("store", default=None)


def place() -> Place:
    """Return where pieces are computed now."""
    return _PLACE.get()


def store() -> Store | None:
    """Return where pieces are kept now."""
    return _STORE.get()


@contextlib.contextmanager
def computing(at: Place | None = None, kept: Store | None = None) -> Iterator[None]:
    """Compute pieces somewhere, and keep them, as long as the block lasts.

    Args:
        at: where; as before where not given.
        kept: where finished pieces are kept, and read instead of computed; as before where not given.
    """
    tokens: list[tuple[contextvars.ContextVar[Any], contextvars.Token[Any]]] = []
    if at is not None:
        tokens.append((_PLACE, _PLACE.set(at)))
    if kept is not None:
        tokens.append((_STORE, _STORE.set(kept)))
    try:
        yield
    finally:
        for variable, token in reversed(tokens):
            variable.reset(token)


def kept_or_computed(
    work: Callable[[Shared, Item], bytes],
    shared: Shared,
    named: Iterable[tuple[str, Item]],
    into: Store,
) -> Iterator[bytes]:
    """Return `work(shared, item)` of each named item in their order; what is kept whole is not computed."""
    items = list(named)
    missing = {name for name, _ in items if not into.has(name)}
    computed = place().each(work, shared, [item for name, item in items if name in missing])
    for name, item in items:
        content = next(computed) if name in missing else into.read(name)
        if content is None:
            # Torn, or changed since it was written.
            content = next(iter(place().each(work, shared, [item])))
            into.keep(name, content)
        elif name in missing:
            into.keep(name, content)
        yield content
