"""One thread for many small problems of linear algebra."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator

from threadpoolctl import ThreadpoolController


@functools.cache
def _controller() -> ThreadpoolController:
    return ThreadpoolController()


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Let the libraries of linear algebra use one thread within.

    Threads wait for each other at every product; for small matrices on busy cores that takes many times as
    long as the products.
    """
    with _controller().limit(limits=1, user_api="blas"):
        yield
