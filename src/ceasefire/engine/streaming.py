"""Runs too large for memory: each chunk of wars is written to a file as soon as it is computed.

While it is not finished the file is named FILE.partial, and can be read: it holds whole wars, the first of
the run. A run that was interrupted goes on behind them, since a war depends on nothing but its number.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import signal
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import h5netcdf
import numpy as np
import xarray as xr

from ceasefire.engine import places
from ceasefire.engine.results import (
    DRAWS_WANTED,
    ComputedPiece,
    Leg,
    Progress,
    attributes,
    check_chunk,
    check_draws,
    check_outcomes,
    computed,
    open_result,
)
from ceasefire.engine.start import Start
from ceasefire.files import InputError
from ceasefire.files.writing import flush_folder
from ceasefire.scenario import Plan, World

MOST_STREAMED = 10_000_000
"""Wars that a file may hold."""
# Wars that are compressed together.
_TOGETHER = 512
# Room for what a file has besides its wars.
_MARGIN_BYTES = 2_000_000
# Seconds for which another program may read an unfinished file before the run gives up.
PATIENCE_SECONDS = 60.0
_COMPRESSED = {"zlib": True, "complevel": 1}


def partial_path(path: Path | str) -> Path:
    """Return where a run is written until it is finished."""
    path = Path(path)
    path = Path(os.path.realpath(path)) if path.is_symlink() else path
    return path.with_name(f"{path.name}.partial")


def wars_done(path: Path | str) -> int:
    """Return how many wars a result file holds, finished or not.

    Raises:
        InputError: no such file, or not a result of this program.
    """
    with open_result(path) as found:
        return int(found.sizes["war"])


def stream(
    world: World,
    plan: Plan,
    path: Path | str,
    *,
    draws: int,
    seed: int = 1,
    chunk: int | None = None,
    progress: Progress | None = None,
    start: Start | None = None,
    outcomes: Collection[str] | None = None,
    resume: bool = False,
    about: Mapping[str, Any] | None = None,
) -> Path:
    """Run an ensemble of wars as `run` does and write it to a file in chunks; return its path.

    Memory holds one chunk. The file takes its name when it is whole; an interruption leaves FILE.partial with
    the wars that were done.

    Args:
        world: the compiled scenario.
        plan: the compiled policy.
        path: the file.
        draws: number of wars.
        seed: as in `run`.
        chunk: wars computed at one time.
        progress: called with the wars done and the wars in all.
        start: as in `run`.
        outcomes: what is kept, as in `run`.
        resume: go on behind the wars of FILE.partial.
        about: further attributes of the result.

    Raises:
        InputError: a number or an outcome that cannot be used, a partial file that is in the way, is absent
            or belongs to another run, or a file that cannot be written.
        ValueError: a start on other fronts than the world's.
    """
    check_draws(draws, seed, MOST_STREAMED)
    check_chunk(chunk)
    wanted = check_outcomes(outcomes)
    path = Path(path)
    partial = partial_path(path)
    told = attributes(world, [plan], draws, seed, start) | dict(about or {})
    first = _done(partial, told, wanted, draws) if resume else 0
    if not resume and partial.exists():
        raise InputError(
            "a run that was not finished stands here.",
            str(partial),
            "go on with `--resume`, move it away, or name another file; nothing was changed.",
        )
    done = first
    if progress is not None and first:
        progress(first, draws)
    try:
        with _asked_to_stop() as stopping:
            for part in computed(world, [Leg(plan, draws - first)], wanted, seed, chunk, start, first):
                _check_room(partial, part)
                _write(part, partial, told, draws)
                done = part.first + part.content.sizes["war"]
                if progress is not None:
                    progress(done, draws)
                if stopping() and done < draws:
                    raise KeyboardInterrupt
        _finish(partial, path)
    except OSError as error:
        if not isinstance(error, _NoRoomError):
            _trim(partial, done)
        kept = places.store()
        again = "`--resume` goes on behind the wars that were written" if kept is None else kept.again()
        raise InputError(
            f"could not write the file: {error.strerror or error}",
            str(partial),
            f"make room, or name another folder; {again}.",
        ) from error
    except BaseException:
        _trim(partial, done)
        raise
    return path


@contextlib.contextmanager
def _asked_to_stop() -> Iterator[Callable[[], bool]]:
    """Give a function that says whether a person has asked to stop (Ctrl-C); the second time stops at once.

    The chunk that is being computed is finished first: an interruption in the middle of it may get lost in a
    library.
    """
    asked = False
    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return

    def told(number: int, frame: object) -> None:
        nonlocal asked
        if asked:
            raise KeyboardInterrupt
        asked = True

    before = signal.signal(signal.SIGINT, told)
    try:
        yield lambda: asked
    finally:
        signal.signal(signal.SIGINT, before or signal.default_int_handler)


def _done(partial: Path, told: Mapping[str, Any], wanted: tuple[str, ...], draws: int) -> int:
    """Return how many wars a partial file holds, if it is of the same run."""
    if not partial.is_file():
        raise InputError("there is no run to go on with.", str(partial), "leave out `--resume`.")
    other = "run it with the scenario, policy, outcomes and options that it began with, or move it away."
    with open_result(partial) as found:
        attrs = dict(found.attrs)
        kept = set(map(str, found.data_vars))
        done = int(found.sizes["war"])
    for name, value in {**told, DRAWS_WANTED: draws}.items():
        # Files before formats were counted are of the first.
        there = attrs.get(name, 1 if name == "format" else None)
        if name != "draws" and not np.array_equal(np.asarray(there), np.asarray(value)):
            shown = f"{name} {there}, not {value}"
            raise InputError(f"this file is of another run: {shown}.", str(partial), other)
    named = {name for name in check_outcomes(None) if name in kept}
    if named != set(wanted):
        differs = ", ".join(sorted(named ^ set(wanted)))
        raise InputError(f"this file keeps other outcomes: {differs}.", str(partial), other)
    return done


class _NoRoomError(OSError):
    """There is no room for more wars; nothing was written."""


def _check_room(partial: Path, part: ComputedPiece) -> None:
    """Refuse to write where there is no room: the library of the file cannot be stopped in the middle."""
    folder = next(folder for folder in partial.parents if folder.is_dir())
    if shutil.disk_usage(folder).free < part.content.nbytes + _MARGIN_BYTES:
        raise _NoRoomError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _write(part: ComputedPiece, partial: Path, told: Mapping[str, Any], draws: int) -> None:
    """Append a chunk; it counts once all of it is there."""
    last = part.first + part.content.sizes["war"]
    if part.first == 0:
        _begin(part.content.assign_attrs({**told, "draws": last, DRAWS_WANTED: draws}), partial, draws)
        return
    with _opened(partial) as stored:
        stored.resize_dimension("war", last)
        for name, variable in part.content.variables.items():
            if variable.dims and variable.dims[-1] == "war":
                stored.variables[str(name)][..., part.first : last] = variable.values
        stored.flush()
        stored.attrs["draws"] = last


def _opened(partial: Path) -> h5netcdf.File:
    """Open a file to write to; where another program reads it just now, wait until it has read."""
    started = time.monotonic()
    while True:
        try:
            return h5netcdf.File(partial, "a")
        except BlockingIOError as error:
            if time.monotonic() - started > PATIENCE_SECONDS:
                raise OSError(error.errno, "another program holds it open") from error
            time.sleep(0.05)


def _begin(content: xr.Dataset, partial: Path, draws: int) -> None:
    partial.parent.mkdir(parents=True, exist_ok=True)
    together = min(_TOGETHER, draws)
    encoding: dict[str, dict[str, Any]] = {}
    for name, variable in content.variables.items():
        if variable.dims and variable.dims[-1] == "war":
            sizes = (*variable.shape[:-1], together)
            encoding[str(name)] = {"chunksizes": sizes} | (_COMPRESSED if variable.ndim > 1 else {})
    content.to_netcdf(partial, engine="h5netcdf", unlimited_dims=["war"], encoding=encoding)


def _finish(partial: Path, path: Path) -> None:
    with _opened(partial) as stored:
        if DRAWS_WANTED in stored.attrs:
            del stored.attrs[DRAWS_WANTED]
    with partial.open("rb+") as stream_:
        os.fsync(stream_.fileno())
    os.replace(partial, os.path.realpath(path))
    flush_folder(Path(os.path.realpath(path)).parent)


def _trim(partial: Path, done: int) -> None:
    """Leave the wars that were done when a run was interrupted: no file where there are none."""
    with contextlib.suppress(OSError, KeyError, ValueError, RuntimeError):
        if done == 0:
            partial.unlink(missing_ok=True)
            return
        with h5netcdf.File(partial, "a") as stored:
            if stored.dimensions["war"].size > done:
                stored.resize_dimension("war", done)
            stored.attrs["draws"] = done
