"""Wars computed on a cluster and kept in a study's folder, as long as a block lasts."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ceasefire.engine.making import made_by
from ceasefire.engine.places import HERE, Place, computing
from ceasefire.files import Study, open_study


@contextlib.contextmanager
def studied(
    folder: Path | None,
    cluster: str | None,
    command: Sequence[str] = (),
    made_of: Mapping[str, str] | None = None,
) -> Iterator[Study | None]:
    """Compute pieces on a cluster and keep them in a folder, where asked for, as long as the block lasts.

    Args:
        folder: the folder of the study.
        cluster: the address of a scheduler.
        command: the words that began the study, for a command of ours.
        made_of: what the pieces are made of besides the program, its libraries and the processor.

    Raises:
        InputError: the folder or the cluster cannot be used.
    """
    with contextlib.ExitStack() as stack:
        at: Place | None = None
        if cluster is not None:
            from ceasefire.engine.cluster import Cluster

            at = stack.enter_context(Cluster(cluster))
        kept = None
        if folder is not None:
            told = {**made_by((at or HERE).processor), **(made_of or {})}
            kept = stack.enter_context(open_study(folder, command, Path.cwd(), told))
        stack.enter_context(computing(at, kept))
        yield kept
