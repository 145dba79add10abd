"""Where the wars of a program are computed, and whether finished pieces are kept."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def computing(*, study: str | Path | None = None, cluster: str | None = None) -> Iterator[None]:
    """Compute on the workers of a cluster, and keep wars that are finished, as long as the block lasts.

    Every function that runs wars goes by it, and none gives another result: wars that were kept are read
    instead of computed wherever they are asked for again, in another program or after an interruption. A fit
    (`calibrate`) computes its likelihood on the cluster and keeps its stages in a `folder` of its own.

    Args:
        study: a folder for finished pieces; one program works in it at a time, and no command of the terminal
            does. It may be deleted once the results are there.
        cluster: address of a scheduler of Dask, such as `tcp://127.0.0.1:8786`. Its workers get the program's
            own objects, so let nobody reach it whom you do not trust.

    Raises:
        InputError: the folder or the cluster cannot be used.
    """
    from ceasefire.engine.studies import studied

    with studied(None if study is None else Path(study), cluster):
        yield
