"""Long work as a folder that can be gone on with, and its pieces on the workers of a cluster."""

from __future__ import annotations

import contextlib
import os
import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ceasefire.cli.terminal import terminal
from ceasefire.files import InputError

if TYPE_CHECKING:
    from ceasefire.files import Study

STUDIED = ("run", "compare", "discover", "backtest", "calibrate")
"""Commands that can be a study."""
_OWN_OPTIONS = ("--study", "--cluster")

StudyFolder = Annotated[
    Path | None,
    typer.Option(
        "--study",
        help="Folder in which each finished piece is kept; `ceasefire resume` goes on after an interruption."
        " Files are written into it: name them without a folder.",
    ),
]
ClusterAddress = Annotated[
    str | None,
    typer.Option(
        "--cluster",
        help="Scheduler of Dask (dask.distributed) whose workers compute, such as tcp://127.0.0.1:8786.",
    ),
]


def within(study: Path | None, path: Path | None, option: str, otherwise: str | None = None) -> Path | None:
    """Return where a file is written: as named, or into the folder of the study.

    Args:
        study: the folder, if there is a study.
        path: the file as it was named, if it was.
        option: what named it.
        otherwise: the file of a study where none was named.

    Raises:
        InputError: there is a study, and the name has a folder or is one of its own.
    """
    if study is None:
        return path
    _check_folder(study)
    if path is None:
        return None if otherwise is None else study / otherwise
    if path.name != str(path) or path.name in ("", ".", ".."):
        raise InputError(
            "with `--study`, files are written into its folder.", f"{option} {path}", "give a name alone."
        )
    from ceasefire.files.study import LOCK, MANIFEST, PIECES

    if path.name in (LOCK, MANIFEST, PIECES):
        raise InputError(f"'{path.name}' is a file of the study itself.", option, "give another name.")
    return study / path.name


def _check_folder(study: Path) -> None:
    """Refuse a name that is no folder of a study, before anything is looked for in it."""
    from ceasefire.files.bounded import is_there

    if str(study) == ".":
        raise InputError(
            "the folder that one stands in is no study, and an empty name means it.",
            "--study",
            "name a folder, such as `--study long`.",
        )
    for part in (study, *study.parents):
        if is_there(part) and not part.is_dir():
            raise InputError(
                f"'{part}' is a file and no folder.", f"--study {study}", "name a folder, or a new one."
            )
    if any(ord(letter) < 32 for letter in str(study)) or any(len(part) > 200 for part in study.parts):
        raise InputError("no folder should have this name.", "--study", "name a shorter and plainer one.")


@contextlib.contextmanager
def computed_where(
    study: Path | None, cluster: str | None, made_of: Mapping[str, object]
) -> Iterator[Study | None]:
    """Compute pieces on a cluster and keep them in a study, where asked for, as long as the block lasts.

    Args:
        study: the folder of the study.
        cluster: the address of a scheduler.
        made_of: what the pieces are made of besides this program and its model.

    Raises:
        InputError: the folder or the cluster cannot be used.
    """
    from ceasefire.engine.studies import studied

    told = {name: str(value) for name, value in made_of.items()}
    with studied(study, cluster, _words(terminal.arguments), told) as kept:
        try:
            yield kept
        except KeyboardInterrupt:
            if kept is not None:
                terminal.interrupted = (
                    f"interrupted; what is finished is kept in {kept.folder}."
                    f"\n  to go on: {shlex.join(['ceasefire', 'resume', str(kept.folder)])}"
                )
            raise


def finish(study: Study | None, *results: Path | None) -> None:
    """Say that the results of a study, if there is one, are written, and remove its pieces."""
    if study is not None:
        study.finish([path.name for path in results if path is not None])


def _words(arguments: Sequence[str]) -> list[str]:
    """Return the words of a command without the study's own options."""
    kept, skip = [], False
    for word in arguments:
        if skip:
            skip = False
        elif word in _OWN_OPTIONS:
            skip = True
        elif not word.startswith(tuple(f"{option}=" for option in _OWN_OPTIONS)):
            kept.append(word)
    return [word for word in kept if word != "--no-color"]


def resume(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of a study.")],
    cluster: ClusterAddress = None,
    extension: Annotated[
        list[Path] | None,
        typer.Option(help="Mechanism of your own with which the study began: a program, so name it again."),
    ] = None,
) -> None:
    """Go on with a study that was interrupted: only what is not finished is computed."""
    from ceasefire.cli.app import app
    from ceasefire.files import read_manifest
    from ceasefire.files.study import MANIFEST
    from ceasefire.scenario import trusting

    folder = folder.resolve()
    manifest = read_manifest(folder)
    # Somebody else may have written it: it chooses no cluster and no folder, and runs no program by itself.
    command = _words(manifest.command)
    if not manifest.command:
        raise InputError(
            "this study belongs to a program in Python.", str(folder), "run that program again: it goes on."
        )
    if not command or command[0] not in STUDIED or "--help" in command:
        raise InputError(
            f"'{' '.join(command[:1])}' is no command that can be a study.",
            str(folder),
            "put back the file that the program wrote.",
        )
    if manifest.finished:
        terminal.out.print(f"this study is finished: {shlex.join(command)}", markup=False, soft_wrap=True)
        for name in manifest.results:
            result = folder / Path(name).name
            gone = "" if result.is_file() else " (not there any more: remove the folder and begin again)"
            terminal.out.print(f"  {result}{gone}", markup=False, soft_wrap=True)
        return
    if manifest.done:
        terminal.err.print(
            f"{manifest.done:,} finished pieces are there; going on.", markup=False, soft_wrap=True
        )
    trusted = [path.resolve() for path in extension or ()]
    with contextlib.suppress(OSError, ValueError):
        os.chdir(manifest.folder)
    terminal.arguments = command
    where = ["--study", str(folder), *(["--cluster", cluster] if cluster else [])]
    try:
        with trusting(trusted):
            code = app([command[0], *where, *command[1:]], standalone_mode=False)
    except Exception as error:
        # What the parser of commands says, which is of no type of ours.
        said = getattr(error, "format_message", None)
        if said is None:
            raise
        raise InputError(
            f"the command of this study cannot be read: {said()}",
            str(folder / MANIFEST),
            "remove it and type the command again with the same `--study`: finished pieces are found again.",
        ) from error
    if code:
        # An interruption comes back as a code.
        raise typer.Exit(code)
