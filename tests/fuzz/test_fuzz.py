"""Hostile input: a small share of what `make fuzz` tries, what was found before, and that it finds faults."""

from __future__ import annotations

import datetime as dt
import io
import json
import os
import string
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5netcdf
import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ceasefire.claims import parse_claims
from ceasefire.files import CeasefireError, InputError, cache, errors
from ceasefire.files.arrays import read_arrays
from ceasefire.scenario import load_scenario, parse_scenario, template
from ceasefire.scenario.extensions import read_extensions
from tests.fuzz import fuzz, mutations, readers
from tests.fuzz.readers import FOUND, READERS, Reader, check_told

# Inputs that a test tries of each reader: those that take long fewer.
TRIED = {
    **{"posterior": 6, "result": 12, "evidence-table": 6, "evidence-manifest": 6, "claims-lint": 10},
    **{"scenario": 40, "claims": 60, "page": 40, "scenario-values": 100, "claims-values": 120},
    **{"corrections": 20, "acled": 60, "ucdp": 60, "economist": 40, "general-staff": 60, "options": 60},
}
FILES = [reader for reader in READERS.values() if reader.opens is not None]
HOSTILE = "</title></style></script><script>alert(1)</script><img src=x onerror=alert(2)>\" ' & {{ 7*7 }}"


@pytest.mark.parametrize("name", READERS)
def test_every_input_is_answered_by_success_or_by_an_error_for_people(name: str, tmp_path: Path) -> None:
    tried = TRIED.get(name, 300)
    counts = fuzz.run(READERS, 1, {name: range(tried)}, 300.0, out=tmp_path)
    told = "\n".join(path.read_text() for path in tmp_path.glob("*.txt"))
    assert counts[name].failed == 0, told
    assert counts[name].inputs == tried


def test_each_reader_accepts_some_inputs_and_refuses_others() -> None:
    """A fuzzer whose inputs are all refused at the door tries nothing behind it."""
    numbers = {name: range(150) for name in ("yaml", "claims-values", "battle", "general-staff", "message")}
    counts = fuzz.run(READERS, 3, numbers, 60.0)
    assert all(one.accepted and one.refused for one in counts.values()), counts


@pytest.mark.parametrize("path", sorted(FOUND.iterdir()), ids=lambda path: path.name)
def test_what_was_found_before_stays_mended(path: Path) -> None:
    answer, why = fuzz.judge(READERS[path.name.partition("--")[0]], path.read_bytes())
    assert answer != "failed", why


# That the fuzzer can fail


def planted(
    read: Callable[[bytes], object], mutate: readers.Mutate = mutations.by_bytes
) -> dict[str, Reader]:
    return {"planted": Reader("planted", lambda: (b"a: 1\nb: [2, 3]\n",), read, mutate, 1)}


def divides(content: bytes) -> object:
    return 1 / (content.count(b"[") - 2)


def names_its_library(content: bytes) -> object:
    raise InputError("numpy.exceptions.AxisError: axis 1 is out of bounds.")


def moves_the_cursor(content: bytes) -> object:
    error = InputError("x")
    error.what = "\x1b[2J"
    raise error


def takes_for_ever(content: bytes) -> object:
    while True:
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("read", "says"),
    [
        (divides, "ZeroDivisionError"),
        (names_its_library, "numpy"),
        (moves_the_cursor, "control characters"),
        (takes_for_ever, "TooLongError"),
    ],
)
def test_a_planted_fault_is_found_and_can_be_seen_again(
    read: Callable[[bytes], object], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fuzz, "SECONDS", 0.05)
    monkeypatch.setattr(fuzz.judge, "__defaults__", (0.05,))
    table, tried = planted(read), 1 if read is takes_for_ever else 300
    counts = fuzz.run(table, 1, {"planted": range(tried)}, 60.0, out=tmp_path)
    assert counts["planted"].failed
    (told,) = tmp_path.glob("*.txt")
    assert says in told.read_text()
    assert "--reader planted --seed 1 --number" in told.read_text()
    number = int(told.stem.rpartition("-")[2])
    assert table["planted"].make(1, number) == told.with_suffix("").read_bytes()


def test_a_pickle_that_is_run_is_found(tmp_path: Path) -> None:
    """A reader that lets arrays be pickles runs what stands in them."""

    def lax(content: bytes) -> object:
        with np.load(io.BytesIO(content), allow_pickle=True) as stored:
            return [stored[name] for name in stored]

    found = [fuzz.judge(READERS["stage"], make(number))[1] for number in range(300)]
    assert not any("fired" in why for why in found)
    lax_one = planted(lax)["planted"]
    assert any("fired" in fuzz.judge(lax_one, make(number))[1] for number in range(300))


def make(number: int) -> bytes:
    return READERS["stage"].make(7, number)


def test_a_process_that_is_stuck_or_has_crashed_goes_on_behind_the_input() -> None:
    numbers = {"yaml": range(1, 100, 2), "battle": range(1, 20, 2)}
    rest = fuzz._behind(numbers, "yaml", 51)
    assert rest["yaml"] == range(53, 101, 2)
    assert rest["battle"].start in {9, 11}
    assert fuzz._behind({"yaml": range(0, 3)}, "yaml", 2) == {}


# Paths


def no_file(folder: Path) -> Path:
    return folder / "nowhere"


def a_folder(folder: Path) -> Path:
    return folder


def a_pipe(folder: Path) -> Path:
    os.mkfifo(folder / "pipe")
    return folder / "pipe"


def a_device(folder: Path) -> Path:
    return Path("/dev/zero")


def a_link_to_a_device(folder: Path) -> Path:
    (folder / "link.yaml").symlink_to("/dev/zero")
    return folder / "link.yaml"


def a_link_to_itself(folder: Path) -> Path:
    (folder / "loop.yaml").symlink_to("loop.yaml")
    return folder / "loop.yaml"


def a_long_name(folder: Path) -> Path:
    return folder / ("x" * 5000)


def a_name_with_a_zero(folder: Path) -> Path:
    return folder / "a\0b.yaml"


def an_outsized_file(folder: Path) -> Path:
    (folder / "large.yaml").touch()
    os.truncate(folder / "large.yaml", 20_000_000_000)
    return folder / "large.yaml"


PATHS = (
    no_file,
    a_folder,
    a_pipe,
    a_device,
    a_link_to_a_device,
    a_link_to_itself,
    a_long_name,
    a_name_with_a_zero,
    an_outsized_file,
)


@pytest.mark.parametrize("made", PATHS, ids=lambda made: made.__name__)
@pytest.mark.parametrize("reader", FILES, ids=lambda reader: reader.name)
def test_what_is_no_file_is_refused_at_once(reader: Reader, made: Any, tmp_path: Path) -> None:
    path = made(tmp_path)
    assert reader.opens is not None
    opened = Reader(reader.name, reader.seeds, lambda _: reader.opens(path), reader.mutate, 1)  # type: ignore[misc]
    began = time.monotonic()
    answer, why = fuzz.judge(opened, b"")
    assert answer != "failed", why
    assert time.monotonic() - began < 3.0
    # What is only a help for the next run is made again instead.
    kept = {"stage", "validation", "cached"}
    assert answer == ("accepted" if reader.name in kept else "refused")
    if reader.name in kept:
        assert not reader.opens(path)


@pytest.mark.parametrize("made", [a_device, a_link_to_a_device, a_pipe, an_outsized_file])
def test_an_extension_that_is_no_file_is_refused(made: Any, tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.symlink_to(made(tmp_path))
    with pytest.raises(InputError, match="is no file, or larger"):
        read_extensions("mine.py", tmp_path, "here")


@pytest.mark.parametrize(
    "content",
    [
        b"def",
        b"\0",
        b"\xff",
        b"raise SystemExit(0)",
        b"1 / 0",
        b"",
        b"import nowhere",
        b"raise RecursionError",
    ],
)
def test_a_broken_extension_says_what_is_wrong(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_bytes(content)
    with pytest.raises(InputError) as refused:
        read_extensions("mine.py", tmp_path, "here")
    assert "mine.py" in refused.value.where


@pytest.mark.parametrize("name", ["../../etc/passwd", "x" * 5000, "a\0b", "/dev/zero", "\ud800", ""])
def test_no_name_of_a_scenario_or_an_article_does_harm(name: str) -> None:
    from ceasefire.claims import load_claims

    for load in (load_scenario, load_claims):
        with pytest.raises(CeasefireError) as refused:
            load(name)
        check_told(str(refused.value))


# Small files that hold more than they say, and what would be run


def test_a_small_archive_that_unpacks_to_gigabytes_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "bomb.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("z.npy", b"\x93NUMPY" + bytes(30_000_000))
    assert path.stat().st_size < 100_000
    assert read_arrays(path, 20_000_000) is None
    np.savez(path, z=np.zeros(3))
    assert read_arrays(path) is not None
    assert read_arrays(path, 100) is None


@pytest.mark.parametrize("name", ["posterior", "result"])
def test_a_small_file_that_says_it_holds_terabytes_is_refused(name: str, tmp_path: Path) -> None:
    reader = READERS[name]
    path = readers.file(reader.inputs[0], f"bomb-{name}.nc")
    with h5netcdf.File(path, "a") as stored:
        inside = stored["posterior"] if name == "posterior" else stored
        inside.dimensions["huge"] = 2**40
        inside.create_variable("bomb", ("huge",), "f4", chunks=(2**20,), compression="gzip")
    assert path.stat().st_size < 1_000_000
    answer, why = fuzz.judge(reader, path.read_bytes())
    assert (answer, why) == ("refused", "")
    with pytest.raises(InputError, match=r"GB"):
        reader.opens(path)  # type: ignore[misc]


@pytest.mark.parametrize("name", ["posterior", "result"])
def test_a_file_that_points_to_another_is_refused(name: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"private" * 100)

    def linked(stored: Any) -> None:
        stored["more"] = h5py.ExternalLink(str(secret), "/")

    def outside(stored: Any) -> None:
        stored.create_dataset("more", (4,), "f4", external=[(str(secret), 0, 16)])

    for change in (linked, outside):
        path = readers.file(READERS[name].inputs[0], f"pointing-{name}.nc")
        with h5py.File(path, "r+") as stored:
            change(stored)
        with pytest.raises(InputError, match="cannot be read as netCDF"):
            READERS[name].opens(path)  # type: ignore[misc]


def test_nothing_in_a_file_is_run(tmp_path: Path) -> None:
    mutations.Planted.fired = False
    buffer = io.BytesIO()
    np.save(buffer, np.array([mutations.Planted()], object), allow_pickle=True)
    with zipfile.ZipFile(tmp_path / "x.npz", "w") as archive:
        archive.writestr("z.npy", buffer.getvalue())
    assert read_arrays(tmp_path / "x.npz") is None
    tagged = b"a: !!python/object/apply:tests.fuzz.mutations.fired []\n"
    for name in ("yaml", "scenario", "claims", "corrections", "evidence-manifest"):
        assert fuzz.judge(READERS[name], tagged)[0] == "refused"
    for name in ("posterior", "result"):
        path = readers.file(READERS[name].inputs[0], f"object-{name}.nc")
        with h5py.File(path, "r+") as stored:
            stored.attrs["title"] = np.void(buffer.getvalue())
            stored.attrs["notes"] = np.frombuffer(buffer.getvalue(), np.uint8)
        assert fuzz.judge(READERS[name], path.read_bytes())[0] != "failed"
    assert not mutations.Planted.fired


def test_a_cached_program_that_others_can_write_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path))
    cache.keep_cached("a", b"program")
    assert cache.read_cached("a") == b"program"
    (tmp_path / "a").chmod(0o666)
    assert cache.read_cached("a") is None
    (tmp_path / "a").chmod(0o644)
    monkeypatch.setattr(os, "getuid", lambda: 12_345)
    if (tmp_path / "a").stat().st_uid:
        assert cache.read_cached("a") is None


# Messages


@given(st.text(max_size=100) | st.characters().map(lambda letter: letter * 5000))
@settings(max_examples=100, deadline=None)
def test_an_error_can_be_shown_whatever_it_repeats(text: str) -> None:
    shown = str(InputError(text, text, text))
    assert not any(readers.moves(letter) for letter in shown)
    assert len(shown) < readers.LONGEST_MESSAGE + 100
    shown.encode()


def test_text_that_can_be_shown_is_shown_as_it_is() -> None:
    many = (
        "Kyiv, \u041a\u0438\u0457\u0432, \u57fa\u8f14, \u0643\u064a, 1\u202f000 km\u00b2, \u201cquoted\u201d"
    )
    for text in (many, "two\nlines", "x" * errors.LONGEST):
        assert str(InputError(text)) == text


def test_an_error_repeats_a_long_text_by_its_ends() -> None:
    shown = InputError("a" * 9_000 + "z").what
    assert len(shown) <= errors.LONGEST
    assert shown.startswith("aaa")
    assert shown.endswith("az")


# Values at random


def _values() -> st.SearchStrategy[Any]:
    words = st.text(string.printable + "é\u202e\x85", max_size=20) | st.sampled_from(mutations.TEXTS)
    numbers = st.integers(-(10**400), 10**400) | st.floats(allow_nan=False, allow_infinity=False)
    return st.recursive(
        st.none() | st.booleans() | numbers | words,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4),
        max_leaves=15,
    )


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_any_value_in_any_place_of_a_scenario_or_of_claims_is_answered(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(["scenario-values", "claims-values"]))
    made = json.loads(READERS[name].inputs[data.draw(st.integers(0, 1))])
    *above, last = data.draw(st.sampled_from(mutations.places(made)[1:]))
    inside = made
    for step in above:
        inside = inside[step]
    inside[last] = data.draw(_values())
    answer, why = fuzz.judge(READERS[name], json.dumps(made).encode())
    assert answer != "failed", why


# What reaches a page


def test_the_words_of_a_scenario_are_text_on_the_page(tmp_path: Path) -> None:
    from ceasefire.web import parts
    from ceasefire.web.workshop import Workshop

    text = template().replace("A war of my own", json.dumps(HOSTILE).strip('"').replace("'", ""))
    assert "<script>alert" in text
    side = "<script>alert(3)</script>"
    first = parse_scenario(text).sides[0]
    path = tmp_path / "hostile.yaml"
    path.write_text(text.replace(first, side), encoding="utf-8")
    own = load_scenario(path)
    assert side in own.sides
    shop = Workshop({own.name: own.title}, {}, {f"scenario {own.name}": str(path)})
    try:
        for name in ("question", "offer"):
            _, state = parts.state_of(shop, {"part": name, "scenario": own.name})
            shown = parts.PARTS[name].body(shop, state)
            assert "<script>" not in shown
            assert "<img" not in shown
            assert "&lt;script&gt;alert(3)" in shown
    finally:
        shop.desk.close()


def test_the_words_of_a_claims_file_are_text_in_its_page(tmp_path: Path) -> None:
    from ceasefire.claims import audit
    from ceasefire.report import render
    from tests.report.test_page import Reader as Page

    data = json.loads(
        readers._as_json((Path(__file__).parents[1] / "cli" / "article.yaml").read_text("utf-8"))
    )
    claim = data["claims"][2]
    claim["short"], claim["says"] = "<script>alert(1)</script>", HOSTILE
    data["claims"] = [claim]
    data["article"] |= {"title": HOSTILE, "about": HOSTILE}
    claims = parse_claims(json.dumps(data))
    assert claims.article.title == HOSTILE
    shown = render(audit(claims, as_of=dt.date(2023, 9, 1), draws=10))
    assert "<script>alert" not in shown
    assert "&lt;script&gt;alert(1)" in shown
    elements = Page(shown).elements
    assert not [found for tag, found in elements if tag == "img" and found.get("src") == "x"]
    assert not any(name.startswith("on") for _, found in elements for name in found)


def test_control_characters_come_into_no_file_of_evidence(tmp_path: Path) -> None:
    from ceasefire.evidence import import_file

    rows = (
        (Path(__file__).parents[1] / "evidence" / "acled.csv")
        .read_text()
        .replace("Lemuria", "Le\x1b[2Jmuria")
    )
    (tmp_path / "acled.csv").write_text(rows)
    with pytest.raises(InputError, match="holds a control character") as refused:
        import_file("acled-csv", tmp_path / "acled.csv", tmp_path / "kept")
    assert refused.value.where == "acled.csv, row 6, column 'country'"
    assert not (tmp_path / "kept").exists()


# What is said of some that were found


@pytest.mark.parametrize(
    ("text", "what", "where"),
    [
        ("a: 0x" + "f" * 300, f"'0x{'f' * 55}...' is too large a number.", "x, line 1"),
        ("a: 1\nb: =\n", "'=' cannot be read.", "x, line 2"),
        ('a: "\\e[2J"\n', "the text holds a control character.", "x, line 1 (a)"),
        ('"\\e[2J": 1\n', "the text holds a control character.", "x, line 1"),
        (
            "%YAML 1." + "9" * 5000 + "\n---\na: 1\n",
            "this is not YAML: a number in it is too large.",
            "x, line 1",
        ),
    ],
)
def test_yaml_that_was_found_is_refused_with_its_line(text: str, what: str, where: str) -> None:
    with pytest.raises(InputError) as refused:
        readers.read_yaml("x", text)
    assert (refused.value.what, refused.value.where) == (what, where)


def test_the_limits_in_the_docs_are_those_of_the_program() -> None:
    from ceasefire.engine import results
    from ceasefire.evidence.importing import reading
    from ceasefire.files import arrays, study, yamlfile
    from ceasefire.inference import battle_fit, posterior
    from ceasefire.scenario import extensions
    from ceasefire.web import address, serving

    text = " ".join((readers.ROOT / "docs" / "hostile-input.md").read_text("utf-8").split())
    for words in (
        f"{yamlfile.MAX_BYTES / 1e6:.0f} MB, {yamlfile.MAX_DEPTH} levels, {yamlfile.MAX_VALUES:,} values",
        f"numbers below 2^{yamlfile.LARGEST_BITS}",
        f"{reading.MAX_BYTES / 1e6:.0f} MB; a battle table {battle_fit.MOST:,} rows and 10^12",
        f"| {reading.EARLIEST.year} to {reading.LATEST.year} |",
        f"{posterior.LARGEST_FILE / 1e6:.0f} MB on disk, {posterior.LARGEST_HELD / 1e9:.0f} GB of values",
        f"any size when it is opened, {results.MOST_HELD / 1e9:.0f} GB when",
        f"| {arrays.MAX_BYTES / 1e9:.0f} GB, packed or not",
        f"manifest | {study.MOST_MANIFEST_BYTES / 1e6:.0f} MB |",
        f"Extension | {extensions.LARGEST_FILE / 1e6:.0f} MB |",
        f"{address.LONGEST_QUERY:,} letters, {address.MOST_ENTRIES} entries, {address.LONGEST_VALUE} letters",
        f"{serving.LARGEST_MESSAGE:,} bytes",
        f"{errors.LONGEST:,} characters",
        f"{fuzz.BYTES / 1e9:.0f} GB",
    ):
        assert words in text, words
    assert battle_fit.LARGEST == 1e12
    assert fuzz.SECONDS == 10.0
