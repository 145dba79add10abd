"""Every reader of what a user or a browser hands in: small real inputs, what changes them, and the reading.

A reading takes the bytes of a file (or of an address) and does with it what the package does next: it reads
it, and looks at all of it. It ends well or raises `CeasefireError`.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import hashlib
import json
import math
import os
import re
import tempfile
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from ceasefire.files import Document, InputError, read_yaml
from tests.fuzz import mutations

ROOT = Path(__file__).parents[2]
FOUND = Path(__file__).parent / "found"
"""Inputs that a reader once failed on: `READER--anything`; each is a seed, and is read by the tests."""
SHIPPED = ROOT / "src" / "ceasefire"
ON = dt.date(2030, 3, 1)

Mutate = Callable[[Random, bytes, Sequence[bytes]], bytes]


@dataclasses.dataclass(frozen=True)
class Reader:
    """One reader of the package."""

    name: str
    seeds: Callable[[], Sequence[bytes]]
    """Small real inputs."""
    read: Callable[[bytes], object]
    """Reads an input and looks at all of it."""
    mutate: Mutate
    share: float
    """How many of a thousand inputs are its own."""
    opens: Callable[[Path], object] | None = None
    """Reads a file by its path, where it reads files."""

    @functools.cached_property
    def inputs(self) -> tuple[bytes, ...]:
        """Its seeds, and what was found in it before."""
        found = [path.read_bytes() for path in sorted(FOUND.glob(f"{self.name}--*"))]
        return (*self.seeds(), *found)

    def make(self, seed: int, number: int) -> bytes:
        """Return an input; the same numbers give the same one."""
        random = Random(f"{seed}/{self.name}/{number}")
        inputs = self.inputs
        content = random.choice(inputs)
        try:
            return self.mutate(random, content, inputs)
        except Exception:  # noqa: BLE001  # whatever a library makes of it
            # An input found before may be none that values can be changed in.
            return mutations.by_bytes(random, content, inputs)


@functools.cache
def folder() -> Path:
    """Return the folder of this process, in memory where there is such a place."""
    memory = Path("/dev/shm")
    made = tempfile.TemporaryDirectory(
        prefix="ceasefire-fuzz-", dir=memory if os.access(memory, os.W_OK) else None
    )
    _KEPT.append(made)
    return Path(made.name)


_KEPT: list[Any] = []


def file(content: bytes, name: str) -> Path:
    """Return a file of this process with some content."""
    path = folder() / name
    path.write_bytes(content)
    return path


def text_of(content: bytes) -> str:
    """Return text whose half characters are what somebody may hand to a function."""
    return content.decode("utf-8", "surrogateescape")


# YAML


def read_any_yaml(content: bytes) -> object:
    """Read YAML, and ask for the line of each value."""
    document = read_yaml(file(content, "any.yaml"))
    for position in document.lines:
        document.where(position)
    return document


ANY = (
    b"a: 1\nb: [x, 2.5, yes, ~, 2022-12-20]\nc:\n  - {d: 'e', f: \"g\\n\"}\n"
    b"  - |\n    text\n  - >\n    more\n",
    b"%YAML 1.1\n---\n? key\n: - 1e5\n  - 0x1F\n  - 010\n  - 1:30\n  - .5\n...\n",
    b"name: a-war\ndays: {from: 2022-12-20, to: 2023-01-01}\nlist: &a [1, 2]\nagain: *a\n",
)


def _document(content: bytes) -> Document:
    """Return JSON as what YAML would have given: quicker, and so that far more values are tried."""
    try:
        data = json.loads(content.decode())
    except (ValueError, RecursionError):
        raise InputError("this is not JSON.") from None
    return Document("values.yaml", _plain(data), {})


DAY = re.compile(r"\d{4}-\d\d-\d\d")


def _plain(data: Any, depth: int = 0) -> Any:
    if depth > 30:
        raise InputError("the file nests too deeply.")
    if isinstance(data, dict):
        return {_plain(key): _plain(part, depth + 1) for key, part in data.items()}
    if isinstance(data, list):
        return [_plain(part, depth + 1) for part in data]
    if isinstance(data, float) and not math.isfinite(data):
        raise InputError("this is not a finite number.")
    if isinstance(data, str):
        if any(
            "\ud800" <= letter <= "\udfff"
            or (letter < " " and letter not in "\t\n")
            or "\x7f" <= letter <= "\x9f"
            for letter in data
        ):
            raise InputError("this is no text.")
        if DAY.fullmatch(data):
            try:
                return dt.date.fromisoformat(data)
            except ValueError:
                raise InputError("this is no day.") from None
    return data


def _as_json(content: str) -> bytes:
    return json.dumps(read_yaml("seed.yaml", content).data, default=str).encode()


def by_yaml(random: Random, content: bytes, others: Sequence[bytes]) -> bytes:
    """Return YAML with its bytes changed, or with its values changed and written as JSON."""
    if random.random() < 0.6:
        return mutations.by_bytes(random, content, others)
    data = json.loads(_json_of(content))
    return mutations.written(mutations.by_values(random, data))


@functools.lru_cache(maxsize=200)
def _json_of(content: bytes) -> bytes:
    try:
        return _as_json(content.decode())
    except InputError as error:
        raise ValueError from error


def _shipped(*parts: str) -> str:
    return SHIPPED.joinpath(*parts).read_text("utf-8")


# Scenarios


def use_scenario(scenario: Any) -> object:
    """Do with a scenario what follows its reading: hash it and compile all of it."""
    world = scenario.world()
    plans = [scenario.plan(name) for name in scenario.policies]
    past = scenario.content.history
    if past is not None:
        from ceasefire.scenario.history import WEEK, last_cut_off

        for until in {past.start + WEEK, last_cut_off(scenario.content, past)}:
            if until > past.start:
                scenario.history(until)
                scenario.history(until, known_on=until)
    return scenario.sha256, scenario.calibrated_sha256, world, plans


def read_scenario(content: bytes) -> object:
    """Read a scenario's text."""
    from ceasefire.scenario import parse_scenario

    # Extensions are programs: none that a mutation names is run.
    if b".py" in content:
        raise InputError("extensions are not fuzzed.")
    return use_scenario(parse_scenario(text_of(content)))


def read_scenario_values(content: bytes) -> object:
    """Read a scenario's values."""
    from ceasefire.scenario.loading import _checked

    if b".py" in content:
        raise InputError("extensions are not fuzzed.")
    return use_scenario(_checked(_document(content)))


@functools.cache
def scenarios() -> tuple[bytes, ...]:
    """Return small scenarios as YAML text."""
    from ceasefire.scenario import template

    return template().encode(), _shipped("scenario", "shipped", "invented-war.yaml").encode()


def short_scenarios() -> tuple[bytes, ...]:
    """Return the values of scenarios as JSON."""
    return tuple(_as_json(text.decode()) for text in scenarios())


# Claims


def use_claims(claims: Any) -> object:
    """Ask where the parts of claims stand."""
    for number in range(len(claims.claims)):
        claims.where(number, "readings", 0, "test")
    return claims.name, claims.given_as, claims.sha256


def read_claims(content: bytes) -> object:
    """Read the text of a claims file."""
    from ceasefire.claims import parse_claims

    return use_claims(parse_claims(text_of(content)))


def read_claims_values(content: bytes) -> object:
    """Read the values of a claims file."""
    from ceasefire.claims.loading import _parsed

    return use_claims(_parsed(_document(content)))


def lint_claims(content: bytes) -> object:
    """Read a claims file and check it against the evidence and its scenario."""
    from ceasefire.claims import lint
    from ceasefire.claims.loading import _parsed

    claims = _parsed(_document(content))
    if claims.article.scenario not in {"ukraine-2022", "invented-war"}:
        raise InputError("a claims file of one's own scenario is not fuzzed.")
    found = lint(claims)
    for one in found:
        check_told(str(one))
    return found


@functools.cache
def claims_texts() -> tuple[bytes, ...]:
    """Return small claims files as YAML."""
    from ceasefire.claims.loading import template

    short = [ROOT / "tests" / "claims" / "invented.yaml", ROOT / "tests" / "cli" / "article.yaml"]
    return (template().encode(), *(path.read_bytes() for path in short))


@functools.cache
def claims_values() -> tuple[bytes, ...]:
    """Return claims files of one claim each, of all that ship, as JSON."""
    found = []
    for path in sorted((SHIPPED / "claims" / "shipped").glob("*.yaml")):
        data = json.loads(_as_json(path.read_text("utf-8")))
        found += [
            json.dumps({**data, "claims": [claim]}).encode()
            for claim in data["claims"]
            if "policy" not in str(claim.get("kind"))
        ]
    return tuple(found)


# Evidence


def importing(form: str) -> Callable[[Path], object]:
    """Return what imports a file of a format."""

    def read(path: Path) -> object:
        from ceasefire.evidence import import_file

        found = import_file(form, path, folder() / "imported", on=ON)
        for note in found.notes:
            check_told(note)
        found.path.unlink()
        found.path.with_suffix(".yaml").unlink()
        return found

    return read


def of_file(opens: Callable[[Path], object], name: str) -> Callable[[bytes], object]:
    """Return what reads a file's content by what opens a path."""
    return lambda content: opens(file(content, name))


def _tests(*parts: str) -> Callable[[], Sequence[bytes]]:
    return lambda: [(ROOT / "tests" / "evidence" / part).read_bytes() for part in parts]


@functools.cache
def imported() -> tuple[bytes, bytes]:
    """Return an imported table and its manifest."""
    from ceasefire.evidence import import_file

    here = folder() / "seed"
    done = import_file("acled-csv", ROOT / "tests" / "evidence" / "acled.csv", here, on=ON)
    return done.path.read_bytes(), done.path.with_suffix(".yaml").read_bytes()


def read_table(content: bytes) -> object:
    """Read a folder with an imported table."""
    return _read_folder(content, imported()[1])


def read_manifest(content: bytes) -> object:
    """Read a folder with the manifest of an imported table."""
    return _read_folder(imported()[0], content)


def _read_folder(table: bytes, manifest: bytes) -> object:
    from ceasefire.evidence import load

    here = folder() / "kept"
    here.mkdir(exist_ok=True)
    (here / "table.csv").write_bytes(table)
    (here / "table.yaml").write_bytes(manifest)
    evidence = load(here)
    told = evidence.quantities()
    evidence.ask("conflict_deaths")
    return told


BATTLE = (
    b"day,first_strength,second_strength,first_arrivals,second_arrivals,first_losses,second_losses,attacker\n"
    + b"".join(
        b"%d,%d,%d,%d,0,%d,%d,%s\n" % (d, 1000 - 30 * d, 900 - 40 * d, d, 30, 40, b"first") for d in range(8)
    )
)


def open_battle(path: Path) -> object:
    """Read a table of a battle and look at it from the other side."""
    from ceasefire.inference.battle_fit import read_battle

    found = read_battle(path)
    assert np.isfinite(found.start).all()
    assert np.isfinite(found.reference)
    return found.mirrored()


# Posteriors, results and other files of arrays


@functools.cache
def posteriors() -> tuple[bytes, ...]:
    """Return an invented posterior."""
    from tests.inference import invented_posterior as invented

    scenario = _historical()
    before, invented.EACH = invented.EACH, 4
    try:
        made = invented.invented_posterior(scenario, scenario.content.history.start + dt.timedelta(days=28))
    finally:
        invented.EACH = before
    # Few stocks, so that a file is small and quickly read; what a fit had not need not be there.
    draws = made.tree["posterior"].to_dataset()
    stocks = [str(name) for name in draws if str(name).startswith("state_")]
    made.tree["posterior"].dataset = draws.drop_vars(stocks[5:])
    path = folder() / "seed.nc"
    made.save(path)
    return (path.read_bytes(),)


@functools.cache
def _historical() -> Any:
    from ceasefire.scenario import load_scenario, parse_scenario, template

    own = load_scenario("invented-war")
    if own.content.history is not None:
        return own
    own = parse_scenario(template())
    return own if own.content.history is not None else load_scenario("ukraine-2022")


def open_posterior(path: Path) -> object:
    """Read a posterior, look at all of it, and begin wars with it."""
    from ceasefire.inference.posterior import load_posterior
    from ceasefire.inference.shipped import describe

    found = load_posterior(path)
    asked = (
        found.scenario, found.scenario_sha256, found.until, found.hindsight, found.known, found.fingerprint,
        found.step_days, found.passed, found.least_ess, found.mechanisms, found.stale, found.sides,
        found.name, found.size, found.parameters(), found.structure(), found.contraction(),
        found.diagnostics(), found.evidence_rows(), found.notes(), str(found.tree.attrs["why"]),
        [json.loads(text) for text in np.atleast_1d(found.tree.attrs["terms"]) if text],
    )  # fmt: skip
    told = describe(found)
    found.state()
    return asked, told, found.require(found.scenario_sha256)


@functools.cache
def results() -> tuple[bytes, ...]:
    """Return an invented result of three wars, finished and not."""
    import xarray as xr

    from ceasefire.engine import model_fingerprint
    from ceasefire.engine import results as of
    from ceasefire.war import REGISTRY, STRUCTURES

    wars, weeks, random = 3, 4, np.random.default_rng(1)
    data: dict[str, Any] = {
        name: (("time", "side", "war"), random.random((weeks, 2, wars), np.float32), {"units": unit})
        for name, (unit, _) in list(of.VARIABLES.items())[:5]
    }
    data |= {
        name: (("war",) if name in of.PASSAGES_OF_THE_WAR else ("side", "war"), _days(name, of, wars))
        for name in of.PASSAGES
    }
    data["status"] = (("war",), np.zeros(wars, np.int8))
    data["structure"] = (("alternative", "war"), np.zeros((len(STRUCTURES), wars), np.int8))
    data["parameters"] = (("parameter", "war"), np.ones((REGISTRY.size, wars), np.float32))
    time = np.datetime64("2030-01-01", "ns") + np.arange(weeks) * np.timedelta64(7, "D")
    coords = {"time": time, "side": ["Aldria", "Bremor"]}
    told = {
        "title": "invented-war: truce",
        "scenario": "invented-war",
        "policy": "truce",
        "input_sha256": "0" * 64,
        "seed": 1,
        "draws": wars,
        "posterior": of.PRIOR,
        "version": "0.1.0",
        "sides": ["Aldria", "Bremor"],
        "codes": ["AL", "BR"],
        "model_fingerprint": model_fingerprint(),
    }
    made = []
    for more in ({}, {of.DRAWS_WANTED: 10}):
        path = folder() / "seed.nc"
        of.save(xr.Dataset(data, coords, told | more), path)
        made.append(path.read_bytes())
    return tuple(made)


def _days(name: str, of: Any, wars: int) -> Any:
    return np.zeros((wars,) if name in of.PASSAGES_OF_THE_WAR else (2, wars), np.int16)


def open_result(path: Path) -> object:
    """Read a result, all of it, and the wars that went well."""
    from ceasefire.engine import failed, good, load
    from ceasefire.engine.streaming import wars_done

    found = load(path)
    return wars_done(path), failed(found), good(found).sizes


@functools.cache
def stages() -> tuple[bytes, ...]:
    """Return the stages of a calibration that is under way."""
    from ceasefire.inference.calibrating import Stage, Store
    from ceasefire.inference.sampling import Population

    random = np.random.default_rng(1)
    rows, kinds, sets = 6, 3, 8
    z = random.standard_normal((rows, sets)).astype(np.float32)
    structure, numbers = np.zeros((kinds, sets), np.int8), np.arange(sets, dtype=np.uint32)
    old, line = np.zeros(sets, np.float32), np.arange(sets, dtype=np.int32)
    population = Population(z, structure, numbers, old, old, 1.0, 2, np.zeros(2), line)
    made = []
    for stage in (Stage(population), Stage(population, 1, 4, (z,) * 2, (structure,) * 2, (numbers,) * 2)):
        store = Store(folder(), "seed")
        store.write(stage)
        assert store.path is not None
        made.append(store.path.read_bytes())
    return tuple(made)


def open_stage(path: Path) -> object:
    """Read the stage of a calibration, and look at all of it."""
    from ceasefire.inference.calibrating import Settings, Store

    store = Store(None, "")
    store.path = path
    found = store.read()
    if found is None:
        return None
    population = found.population
    assert population.z.shape[1] == population.size == len(population.numbers)
    assert all(part.shape == population.z.shape for part in found.rounds)
    return population.log_target, found.settled(Settings()), found.shares()


def open_validation(path: Path) -> object:
    """Read what a validation that is under way has done so far."""
    from ceasefire.inference.validating import _read

    found = _read(path)
    assert all(one.number == number and one.ranks.ndim == 1 for number, one in found.items())
    return found


VALIDATION = (b'[{"number": 0, "ranks": [1, 2, 3], "farness": 4, "seconds": 1.5}]',)


def cached() -> Sequence[bytes]:
    """Return what is kept in the cache."""
    content = b"a compiled program"
    return [hashlib.sha256(content).digest() + content]


def open_cached(path: Path) -> object:
    """Read the cache."""
    from ceasefire.files import cache

    before = os.environ.get(cache.VARIABLE)
    os.environ[cache.VARIABLE] = str(path.parent)
    try:
        return cache.read_cached(path.name)
    finally:
        if before is None:
            del os.environ[cache.VARIABLE]
        else:
            os.environ[cache.VARIABLE] = before


STUDY = (
    b'{"format": 1, "command": ["run", "invented-war"], "folder": "/somewhere", "done": 2,'
    b' "finished": false, "made_of": {"scenario": "0123", "seed": "1"}, "results": []}',
)


def open_study(path: Path) -> object:
    """Read what a study says of itself."""
    from ceasefire.files.study import MANIFEST, read_manifest

    here = folder() / "study"
    here.mkdir(exist_ok=True)
    (here / MANIFEST).unlink(missing_ok=True)
    try:
        (here / MANIFEST).symlink_to(path)
    except (OSError, ValueError):
        raise InputError("no file can have this name.") from None
    return read_manifest(here)


def open_corrections(path: Path) -> object:
    """Read a log of corrections."""
    from ceasefire.report.corrections import load_corrections

    return load_corrections(path)


CORRECTIONS = (
    b"corrections:\n  - date: 2030-01-02\n    article: interview-with-a-tyrant\n"
    b"    claim: hundred-thousand-killed\n    wrong: It was 3.\n"
    b'    right: It is 4.\n    since: "0.1.0"\n',
    b"corrections: []\n",
)


# What a browser sends


@functools.cache
def _workshop() -> Any:
    from ceasefire.claims import shipped_claims
    from ceasefire.scenario import shipped_scenarios
    from ceasefire.web.workshop import Workshop

    return Workshop(shipped_scenarios(), shipped_claims())


@functools.cache
def queries() -> tuple[bytes, ...]:
    """Return addresses of each part of the page with a value in every slot."""
    import urllib.parse

    from ceasefire.web import parts

    found = []
    for part in parts.PARTS:
        _, state = parts.state_of(_workshop(), {"part": part})
        pairs = [("part", part)] + [(name, slot.write(state[name])) for name, slot in state.slots.items()]
        found.append(urllib.parse.urlencode(pairs).encode())
    return tuple(found)


def read_address(content: bytes) -> object:
    """Read an address, and show the view that it asks for with all that was wrong with it."""
    from ceasefire.web import address

    asked, faults = address.entries(text_of(content))
    return _view(asked, faults)


def _view(asked: dict[str, str], faults: tuple[str, ...] = ()) -> object:
    from ceasefire.web import address, parts

    part, state = parts.state_of(_workshop(), asked)
    for fault in (*faults, *state.faults):
        check_told(fault)
    again, _ = address.entries(state.query(part))
    assert parts.state_of(_workshop(), again)[1].values == state.values
    return hash(state.key())


def read_body(content: bytes) -> object:
    """Write the page of an address: nothing in it is the address's own markup."""
    from ceasefire.web import address, parts, templates

    asked, faults = address.entries(text_of(content))
    part, state = parts.state_of(_workshop(), asked)
    page = templates.render(
        "frame.html.j2",
        title=parts.TITLES[part],
        part=part,
        parts=list(parts.TITLES.items()),
        faults=(*faults, *state.faults),
        body=parts.PARTS[part].body(_workshop(), state),
        version="0",
    )
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    page.encode()
    return page


def read_message(content: bytes) -> object:
    """Read the slots that a page sends."""
    from ceasefire.web import address

    try:
        sent = json.loads(content)
    except (ValueError, RecursionError):
        raise InputError("this is not JSON.") from None
    return _view(address.texts(sent))


def messages() -> Sequence[bytes]:
    """Return the slots of each part as a page sends them."""
    import urllib.parse

    return [json.dumps(dict(urllib.parse.parse_qsl(query.decode()))).encode() for query in queries()]


# What is written on a command line


def read_options(content: bytes) -> object:
    """Read the days and numbers of options."""
    from ceasefire.cli import terminal
    from ceasefire.evidence.shape import as_day

    found = []
    for text in text_of(content).split("\n"):
        for read in (
            lambda text: terminal.day(text, "--until"),
            lambda text: terminal.numbers([text], None, "--value", "--value a=1"),
            lambda text: terminal.numbers([text], ["a", "b"], "--value", "--value a=1"),
            lambda text: as_day(text, "at"),
        ):
            try:
                found.append(read(text))
            except InputError as error:
                check_told(str(error))
    return found


OPTIONS = (b"2022-12-20\na=1.5\nb = 1e6\n2022-12-20T10:00:00+02:00\nnow\n20 December 2022",)


# What a message may hold

LONGEST_MESSAGE = 6_000
SPOKEN = re.compile(
    r"Traceback|site-packages|object at 0x|<class |<function |\bErrno\b|\bNoneType\b|\bndarray\b|\bdtype\b"
    r"|\b(?:pydantic|pandas|numpy|np|xarray|h5netcdf|h5py|HDF5|PyYAML|jax|zipfile|shiny|starlette)\b"
    r"|\bC error\b|\bcodec\b|synchronously|Exception|\b[A-Z][A-Za-z]+Error\b|tag:yaml\.org|\bset_int_max"
)


def moves(letter: str) -> bool:
    """Say whether a character is not shown but does something to what shows it; an end of a line may."""
    if unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"}:
        return letter != "\n"
    return unicodedata.bidirectional(letter) in {
        "LRE",
        "RLE",
        "LRO",
        "RLO",
        "PDF",
        "LRI",
        "RLI",
        "FSI",
        "PDI",
    }


class ToldError(AssertionError):
    """A message that is no message for people."""


def check_told(text: str) -> None:
    """Refuse a message that names a library, runs on without end, or would move a terminal's cursor."""
    if len(text) > LONGEST_MESSAGE:
        raise ToldError(f"a message of {len(text)} characters: {text[:300]!r}")
    if any(moves(letter) for letter in text):
        raise ToldError(f"a message with control characters: {text[:300]!r}")
    spoken = SPOKEN.search(text)
    if spoken:
        raise ToldError(f"a message that says {spoken[0]!r}: {text[:300]!r}")


def _paths(
    name: str, seeds: Any, opens: Callable[[Path], object], ending: str, mutate: Mutate, share: float
) -> Reader:
    return Reader(name, seeds, of_file(opens, f"{name}.{ending}"), mutate, share, opens)


def _yaml_paths() -> dict[str, Callable[[Path], object]]:
    def scenario(path: Path) -> object:
        from ceasefire.scenario import load_scenario

        return load_scenario(path)

    def claims(path: Path) -> object:
        from ceasefire.claims import load_claims

        return load_claims(path)

    return {"scenario": scenario, "claims": claims, "yaml": read_yaml}


_OPENS = _yaml_paths()
_JSON, _CSV, _VALUES = mutations.json_by_values, mutations.csv_by_cells, mutations.values_only
READERS: dict[str, Reader] = {
    reader.name: reader
    for reader in (
        Reader("yaml", lambda: ANY, read_any_yaml, mutations.by_bytes, 220, _OPENS["yaml"]),
        Reader("scenario", scenarios, read_scenario, by_yaml, 12, _OPENS["scenario"]),
        Reader("scenario-values", short_scenarios, read_scenario_values, _VALUES, 40),
        Reader("claims", claims_texts, read_claims, by_yaml, 25, _OPENS["claims"]),
        Reader("claims-values", claims_values, read_claims_values, _VALUES, 120),
        Reader("claims-lint", claims_values, lint_claims, _VALUES, 4),
        _paths("acled", _tests("acled.csv"), importing("acled-csv"), "csv", _CSV, 15),
        _paths("ucdp", _tests("ged.csv"), importing("ucdp-ged-csv"), "csv", _CSV, 15),
        _paths("economist", _tests("estimates.csv"), importing("economist-csv"), "csv", _CSV, 15),
        _paths(
            "general-staff",
            _tests("losses_personnel.json", "losses_equipment.json"),
            importing("general-staff-json"),
            "json",
            _JSON,
            15,
        ),
        Reader("evidence-table", lambda: imported()[:1], read_table, _CSV, 3),
        Reader("evidence-manifest", lambda: imported()[1:], read_manifest, by_yaml, 3),
        _paths("battle", lambda: (BATTLE,), open_battle, "csv", _CSV, 140),
        _paths("posterior", posteriors, open_posterior, "nc", mutations.netcdf_by_parts, 4),
        _paths("result", results, open_result, "nc", mutations.netcdf_by_parts, 6),
        _paths("stage", stages, open_stage, "npz", mutations.npz_by_arrays, 40),
        _paths("validation", lambda: VALIDATION, open_validation, "json", _JSON, 20),
        _paths("study", lambda: STUDY, open_study, "json", _JSON, 20),
        _paths("cached", cached, open_cached, "kernel", mutations.by_bytes, 10),
        _paths("corrections", lambda: CORRECTIONS, open_corrections, "yaml", by_yaml, 6),
        Reader("address", queries, read_address, mutations.query, 220),
        Reader("page", queries, read_body, mutations.query, 13),
        Reader("message", messages, read_message, _JSON, 80),
        Reader("options", lambda: OPTIONS, read_options, mutations.by_bytes, 20),
    )
}
