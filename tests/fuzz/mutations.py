"""How a small real input becomes a hostile one: by its bytes, by its words, or by the values it holds.

Everything goes by the random numbers that are handed in, so that an input can be made again.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import numpy as np

LONGEST = 400_000
"""Bytes of an input; a mutation that grows beyond it is cut."""

TEXTS = (
    "",
    " ",
    "\0",
    "\x1b[2J\x1b]0;title\x07",
    "\x85\u2028\u2029",
    "\u202eright to left",
    "\ud800",
    "a\u0301\u0301\u0301",
    "\U0010ffff",
    "<script>alert(1)</script>",
    "</title></style></script><img src=x onerror=alert(2)>\"'&",
    "{{ 7*7 }}{% raw %}",
    "=1+1",
    "[bold red]x[/bold]",
    "../../../../etc/passwd",
    "/dev/zero",
    "/dev/stdin",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "__class__",
    "constructor",
    "$(id)",
    "%s%n%x",
    "{0.__class__}",
    "nan",
    "inf",
    "-inf",
    "NaN",
    "Infinity",
    "null",
    "true",
    "no",
    "0x10",
    "1_000",
    "1:30",
    "1e400",
    "-0",
    "\N{ARABIC-INDIC DIGIT FIVE}",
    "0001-01-01",
    "9999-12-31",
    "2022-02-30",
    "2022-12-20T10:00:00+99:00",
    "2022-W01-1",
    "20221220",
    "x" * 300,
    "x" * 5000,
    "9" * 400,
    "9" * 5000,
    "RU",
    "all",
    "killed",
)
NUMBERS = (
    0,
    -1,
    1,
    2,
    -0.0,
    0.5,
    1e-320,
    1e-30,
    1e15,
    1e30,
    1e300,
    1.7e308,
    -1e308,
    2**31,
    2**53 + 1,
    2**63,
    -(2**63) - 1,
    2**64,
    10**30,
    10**400,
)
TOKENS = (
    b"\0",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\xed\xa0\x80",
    b"\x1b[2J",
    b"\r",
    b"\r\n",
    b"\n",
    b"\t",
    b"'",
    b'"',
    b'"\\ud800"',
    b'"\\e[2J"',
    b",",
    b";",
    b":",
    b"- ",
    b"? ",
    b"&a ",
    b"*a",
    b"!!python/object/apply:os.system ['true']",
    b"!!binary eA==",
    b"<<: {a: 1}",
    b"---\n",
    b"...\n",
    b"%YAML 9.9\n---\n",
    b"|\n",
    b">9\n",
    b"[" * 40,
    b"{" * 40,
    b"[" * 3000,
    b"0x" + b"f" * 5000,
    b"0b" + b"1" * 20000,
    b"0" + b"7" * 6000,
    b"1" + b":59" * 3000,
    b"9" * 5000,
    b"1e400",
    b".nan",
    b".inf",
    b"=",
    b"~",
    b"2022-02-30",
    b"0000-00-00",
    b"2022-12-20 10:00:00 +99:99",
    b"NaN",
    b"-Infinity",
    b"<script>alert(1)</script>",
    b"../../etc/passwd",
    b"%00",
    b"%ED%A0%80",
    b"&a=1",
    b"\\",
)


def by_bytes(
    random: Random, content: bytes, others: Sequence[bytes], tokens: Sequence[bytes] = TOKENS
) -> bytes:
    """Return the content with one to eight changes of its bytes."""
    made = bytearray(content)
    for _ in range(random.choice((1, 1, 1, 2, 3, 8))):
        at = random.randrange(len(made) + 1)
        kind = random.randrange(11)
        if kind == 0 and made:
            made[at % len(made)] ^= 1 << random.randrange(8)
        elif kind == 1 and made:
            made[at % len(made)] = random.randrange(256)
        elif kind == 2:
            made[at:at] = random.randbytes(random.choice((1, 2, 4, 16)))
        elif kind == 3:
            del made[at : at + random.choice((1, 2, 8, 100, 1000))]
        elif kind == 4:
            del made[at:]
        elif kind == 5 and made:
            start = random.randrange(len(made))
            part = bytes(made[start : start + random.choice((1, 8, 60, 400))])
            made[at:at] = part * random.choice((1, 1, 2, 200))
        elif kind == 6:
            other = random.choice(others)
            cut = random.randrange(len(other) + 1)
            made[at:] = other[cut:]
        elif kind == 7 and len(made) >= 8:
            # Sizes and offsets of a file in bytes.
            at = min(at, len(made) - 8)
            value = random.choice((0, 1, 0xFF, 0x7FFF, 0xFFFF, 2**31 - 1, 2**32 - 1, 2**63 - 1, 2**64 - 1))
            made[at : at + 8] = value.to_bytes(8, random.choice(("little", "big")))
        else:
            token = random.choice(tokens)
            end = at if random.random() < 0.5 else at + random.choice((1, 3, len(token)))
            made[at:end] = token
    return bytes(made[:LONGEST])


def value(random: Random, depth: int = 0) -> Any:
    """Return a hostile value as JSON has them."""
    kind = random.randrange(12)
    made: Any = random.choice(NUMBERS)
    if kind < 4:
        made = random.choice(TEXTS)
    elif kind == 7:
        made = random.choice((None, True, False, [], {}))
    elif kind == 8:
        made = random.uniform(-1e6, 1e6)
    elif kind == 9 and depth < 3:
        many = random.choice((1, 2, 3, 300)) if depth == 0 else 2
        made = [value(random, depth + 1) for _ in range(many)]
    elif kind == 10 and depth < 3:
        made = {random.choice(TEXTS): value(random, depth + 1) for _ in range(2)}
    elif kind == 11:
        for _ in range(random.choice((1, 5, 29, 31, 60))):
            made = [made] if random.random() < 0.5 else {"a": made}
    return made


def places(data: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return where all values of nested data stand."""
    found = [at]
    if isinstance(data, dict):
        for key, part in data.items():
            found += places(part, (*at, key))
    elif isinstance(data, list):
        for number, part in enumerate(data):
            found += places(part, (*at, number))
    return found


def by_values(random: Random, data: Any) -> Any:
    """Return nested data with one to four values changed; the data itself stays as it is."""
    made = json.loads(json.dumps(data))
    for _ in range(random.choice((1, 1, 1, 2, 4))):
        there = places(made)
        at = random.choice(there)
        if not at:
            made = made if random.random() < 0.9 else value(random)
            continue
        inside = made
        for step in at[:-1]:
            inside = inside[step]
        last, kind = at[-1], random.randrange(10)
        if kind == 0:
            del inside[last]
        elif kind == 1 and isinstance(inside, dict):
            inside[random.choice((*TEXTS, *map(str, inside)))] = inside.pop(last)
        elif kind == 2:
            other = made
            for step in random.choice(there):
                other = other[step]
            inside[last] = json.loads(json.dumps(other))
        elif kind == 3 and isinstance(inside, list):
            inside += [inside[last]] * random.choice((1, 2, 250))
        elif kind == 4 and isinstance(inside[last], int | float) and not isinstance(inside[last], bool):
            number = inside[last]
            inside[last] = random.choice((-number, number + 1, number * 1000, number / 1000, float(number)))
        elif kind == 5 and isinstance(inside[last], str):
            inside[last] = inside[last] + random.choice(TEXTS)
        else:
            inside[last] = value(random)
    return made


def written(data: Any) -> bytes:
    """Return data as JSON, which is YAML too; half characters stay as they are escaped."""
    return json.dumps(data, allow_nan=True).encode()[:LONGEST]


def json_by_values(random: Random, content: bytes, others: Sequence[bytes]) -> bytes:
    """Return JSON with some of its values changed, or some of its bytes."""
    if random.random() < 0.3:
        return by_bytes(random, content, others)
    return written(by_values(random, json.loads(content)))


def values_only(random: Random, content: bytes, others: Sequence[bytes]) -> bytes:
    """Return JSON with some of its values changed, and never its bytes."""
    return json.dumps(by_values(random, json.loads(content))).encode()


def csv_by_cells(random: Random, content: bytes, others: Sequence[bytes]) -> bytes:
    """Return a table with some of its cells, rows or columns changed, or some of its bytes."""
    if random.random() < 0.3:
        return by_bytes(random, content, others)
    rows = list(csv.reader(io.StringIO(content.decode())))
    for _ in range(random.choice((1, 1, 2, 4))):
        row = random.randrange(len(rows))
        cells = rows[row]
        column = random.randrange(len(cells)) if cells else 0
        kind = random.randrange(10)
        if kind == 0:
            del cells[column : column + 1]
        elif kind == 1:
            rows.insert(random.randrange(len(rows) + 1), list(cells))
        elif kind == 2 and len(rows) > 1:
            del rows[row]
        elif kind == 3:
            for each in rows:
                each[column:column] = each[:1]
        elif kind == 4:
            rows += [list(cells)] * random.choice((1, 10, 300))
        elif cells:
            given = random.choice((random.choice(TEXTS), str(random.choice(NUMBERS))))
            cells[column] = given if random.random() < 0.8 else cells[column] + given
    out = io.StringIO()
    csv.writer(out, lineterminator=random.choice(("\n", "\r\n", "\r"))).writerows(rows)
    return out.getvalue().encode("utf-8", "surrogatepass")[:LONGEST]


def arrays(random: Random) -> Any:
    """Return an array that is not what was expected."""
    shape = random.choice(((), (0,), (1,), (3,), (2, 3), (2, 0, 4), (1, 1, 1, 1, 1)))
    kind = random.randrange(6)
    if kind == 5:
        return np.zeros(shape, [("a", "f4"), ("b", "S3")])
    text = random.choice(TEXTS).encode("utf-8", "replace")[:50] or b"x"
    number = random.choice((np.nan, np.inf, -np.inf, 1e308, 0.0))
    whole = np.int64(random.choice((0, -1, 2**62)))
    given = (number, whole, text, 1 + 2j, np.datetime64("NaT"))[kind]
    return np.full(shape, given if random.random() < 0.9 else True)


def npz_by_arrays(random: Random, content: bytes, others: Sequence[bytes]) -> bytes:
    """Return an archive of arrays with some of them changed, or some of its bytes."""
    if random.random() < 0.4:
        return by_bytes(random, content, others)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    for _ in range(random.choice((1, 1, 2, 5))):
        name = random.choice(list(members))
        kind = random.randrange(6)
        if kind == 0:
            members.pop(name)
            if not members:
                return b""
        elif kind == 1:
            members[name] = by_bytes(random, members[name], [members[name]])
        elif kind == 2:
            members[name] = random.choice(list(members.values()))
        elif kind == 3:
            # What a pickle would run is never run.
            buffer = io.BytesIO()
            np.save(buffer, np.array([Planted()], object), allow_pickle=True)
            members[name] = buffer.getvalue()
        elif kind == 4:
            size = random.choice((2**33, 2**40, 2**62, 50_000_000))
            header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({size},), }}".ljust(117) + "\n"
            zeros = bytes(4_000_000 if size == 50_000_000 else 64)
            members[name] = b"\x93NUMPY\x01\x00v\x00" + header.encode() + zeros
        else:
            buffer = io.BytesIO()
            np.save(buffer, arrays(random), allow_pickle=False)
            members[name] = buffer.getvalue()
    out = io.BytesIO()
    packed = random.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))
    with zipfile.ZipFile(out, "w", packed) as archive:
        for name, part in members.items():
            archive.writestr(name, part)
    return out.getvalue()


def fired() -> None:
    """Say that something in a file was run."""
    Planted.fired = True


class Planted:
    """What would say that it was run, were it read as a pickle."""

    fired = False

    def __reduce__(self) -> tuple[Callable[[], None], tuple[()]]:
        return fired, ()


def netcdf_by_parts(random: Random, content: bytes, others: Sequence[bytes]) -> bytes:
    """Return a netCDF file with some attributes or variables changed, or some of its bytes."""
    if random.random() < 0.4:
        return by_bytes(random, content, others)
    import h5py

    buffer = io.BytesIO(content)
    with h5py.File(buffer, "r+") as stored:
        there: list[Any] = [stored]
        stored.visititems(lambda _, part: there.append(part))
        for _ in range(random.choice((1, 1, 2, 4))):
            _change(random, random.choice(there), stored)
            there = [part for part in there if part]
    return buffer.getvalue()


def _change(random: Random, part: Any, stored: Any) -> None:
    import h5py

    names, kind = list(part.attrs), random.randrange(9)
    if kind == 0 and names:
        del part.attrs[random.choice(names)]
    elif kind in {1, 2}:
        name = random.choice(
            (*names, "title", "draws", "draws_wanted", "_FillValue", "scale_factor", "units")
        )
        given = value(random)
        if isinstance(given, str):
            given = given.encode("utf-8", "replace").decode().replace("\0", "")
        elif isinstance(given, dict | list) or given is None:
            given = json.dumps(given)[:1000]
        elif isinstance(given, int) and not -(2**63) <= given < 2**63:
            given = float(min(given, 10**300))
        part.attrs[name] = given if random.random() < 0.7 else arrays_plain(random)
    elif kind == 3 and part.parent is not None and part != stored:
        del part.parent[part.name]
    elif kind == 4 and part != stored:
        name = part.name
        del part.parent[name]
        stored.create_dataset(name, data=arrays_plain(random))
    elif kind == 5 and part != stored:
        name = part.name
        del part.parent[name]
        strings = h5py.string_dtype()
        stored.create_dataset(name, data=[random.choice(TEXTS[5:6] + TEXTS[9:14])], dtype=strings)
    elif kind == 6 and part != stored:
        # A small file that holds thousands of gigabytes of one value.
        name = part.name
        size = random.choice((10**7, 10**12, 2**62))
        del part.parent[name]
        stored.create_dataset(name, shape=(size,), dtype="f4", chunks=(min(size, 10**6),), compression="gzip")
    elif kind == 7:
        part_name = random.choice(("elsewhere", "posterior", "state_force", "time"))
        if part_name not in stored:
            stored[part_name] = random.choice(
                (h5py.SoftLink("/nowhere"), h5py.SoftLink("/"), h5py.ExternalLink("/etc/passwd", "/"))
            )
    elif kind == 8 and isinstance(part, h5py.Dataset) and part.size and part.dtype.kind == "f":
        part[...] = random.choice((np.nan, np.inf, -1.0, 0.0, 1e38))


def arrays_plain(random: Random) -> Any:
    """Return an array that can be written to a netCDF file."""
    made = arrays(random)
    return np.zeros(2) if made.dtype.kind in "MO" else made


def query(random: Random, content: bytes, others: Sequence[bytes]) -> bytes:
    """Return a query with entries changed, or some of its bytes."""
    import urllib.parse

    if random.random() < 0.3:
        return by_bytes(random, content, others)
    pairs = urllib.parse.parse_qsl(content.decode(), keep_blank_values=True)
    names = sorted({name for other in others for name, _ in urllib.parse.parse_qsl(other.decode())})
    for _ in range(random.choice((1, 2, 4, 120))):
        given = random.choice((random.choice(TEXTS), str(random.choice(NUMBERS))))
        name = random.choice(names) if random.random() < 0.9 else random.choice(TEXTS)
        pairs.append((name, given))
    return urllib.parse.urlencode(pairs, errors="surrogatepass").encode()
