"""Mechanisms of one's own: read from a Python file or from a package that has registered them.

An extension is a program: reading it runs it.
"""

from __future__ import annotations

import contextlib
import contextvars
import dataclasses
import hashlib
import importlib.util
import inspect
import sys
import traceback
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path
from types import ModuleType

from ceasefire.files import InputError, suggest
from ceasefire.files.bounded import is_small_file, is_there
from ceasefire.war.extension import Extension, ExtensionError, examine

LARGEST_FILE = 2_000_000
"""Bytes of the file of an extension."""
ENTRY_POINTS = "ceasefire.extensions"
_TRUSTED: contextvars.ContextVar[frozenset[Path] | None] = contextvars.ContextVar("trusted", default=None)
_READ: dict[tuple[str, str], tuple[Extension, ...]] = {}


def read_extensions(entry: str, folder: Path, where: str) -> tuple[Extension, ...]:
    """Return the extensions that an entry of a scenario names, each examined.

    Args:
        entry: the path of a Python file, or a name that a package has registered.
        folder: where a path that is not absolute begins.
        where: place of the entry, for messages.

    Raises:
        InputError: there is none, it cannot be run, or one of its mechanisms cannot be used.
    """
    if not entry.endswith(".py"):
        return _registered(entry, where)
    path = folder / entry
    _refuse_untrusted(path, entry)
    if is_there(path) and not is_small_file(path, LARGEST_FILE):
        raise InputError(
            f"the extension '{entry}' is no file, or larger than {LARGEST_FILE / 1e6:.0f} MB.",
            where,
            "name a Python file.",
        )
    try:
        content = path.read_bytes()
    except ValueError:
        raise InputError(f"no file can have the name '{entry}'.", where, "check the name.") from None
    except OSError as error:
        raise InputError(
            f"the extension '{entry}' cannot be read: {error.strerror or error}.",
            where,
            "name a Python file, by its path from the scenario's folder.",
        ) from None
    digest = hashlib.sha256(content).hexdigest()
    known = (str(path.resolve()), digest)
    # One file is one object, so that what was compiled for it is used again.
    if known not in _READ:
        found = _extensions(_run(path, digest))
        if not found:
            raise InputError(
                "this file holds no extension.", str(path), "mark a function with `@extension(...)`."
            )
        _READ[known] = tuple(dataclasses.replace(one, file=str(path), sha256=digest) for one in found)
        for one in _READ[known]:
            try:
                _examined(one)
            except InputError:
                del _READ[known]
                raise
    return _READ[known]


@contextlib.contextmanager
def trusting(paths: Iterable[Path]) -> Iterator[None]:
    """Run no files but these as long as the block lasts: what is read was written by somebody else."""
    token = _TRUSTED.set(frozenset(path.resolve() for path in paths))
    try:
        yield
    finally:
        _TRUSTED.reset(token)


def _refuse_untrusted(path: Path, entry: str) -> None:
    trusted = _TRUSTED.get()
    if trusted is not None and path.resolve() not in trusted:
        raise InputError(
            f"this would run a program: {entry}.",
            str(path.resolve()),
            "read it; if you trust it, name it by this path with `--extension`.",
        )


def _registered(name: str, where: str) -> tuple[Extension, ...]:
    points = {point.name: point for point in metadata.entry_points(group=ENTRY_POINTS)}
    if name not in points:
        todo = suggest(name, points) if points else "name a Python file: its name ends with .py."
        raise InputError(f"no package has registered the extension '{name}'.", where, todo)
    try:
        one = points[name].load()
    except Exception as error:
        raise InputError(
            f"the extension '{name}' cannot be loaded: {type(error).__name__}: {error}.",
            where,
            "install its package again.",
        ) from error
    if not isinstance(one, Extension):
        raise InputError(
            f"what is registered as '{name}' is no extension.", where, "register what `@extension` made."
        )
    file = inspect.getsourcefile(inspect.unwrap(one.effect)) or ""
    digest = hashlib.sha256(Path(file).read_bytes()).hexdigest() if file else one.sha256
    known = (file, digest)
    if known not in _READ:
        told = dataclasses.replace(one, file=file, sha256=digest)
        _examined(told)
        _READ[known] = (told,)
    return _READ[known]


def check_apart(extensions: Iterable[Extension]) -> None:
    """Refuse extensions that cannot be told from each other.

    Raises:
        InputError: two have one name, or parameters of one name.
    """
    seen: dict[str, Extension] = {}
    for one in extensions:
        for name in (one.name, *(parameter.name for parameter in one.parameters)):
            if name in seen:
                raise InputError(
                    f"'{name}' stands in two extensions.",
                    f"{seen[name].file} and {one.file}",
                    "rename it in one of them, or name the file once.",
                )
            seen[name] = one


def _run(path: Path, digest: str) -> ModuleType:
    name = f"ceasefire_extension_{digest[:16]}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise InputError("this is no Python file.", str(path), "name a file that ends with .py.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except ExtensionError as error:
        raise InputError(error.what, _line(path, error), error.todo) from error
    except (Exception, SystemExit) as error:
        where = f"{path}, line {error.lineno}" if isinstance(error, SyntaxError) else _line(path, error)
        raise InputError(
            f"the extension cannot be run: {type(error).__name__}: {error}.", where, "correct the file."
        ) from error
    return module


def _extensions(module: ModuleType) -> list[Extension]:
    """Return the extensions of a module, each once."""
    found = [value for value in vars(module).values() if isinstance(value, Extension)]
    return list(dict.fromkeys(found))


def _examined(one: Extension) -> None:
    try:
        examine(one)
    except ExtensionError as error:
        cause = error.__cause__ or error
        raise InputError(f"'{one.name}': {error.what}", _line(Path(one.file), cause), error.todo) from error


def _line(path: Path, error: BaseException) -> str:
    """Return the file, with the last line of it that an error passed through."""
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).resolve() == path.resolve()
    ]
    return f"{path}, line {lines[-1]}" if lines else str(path)
