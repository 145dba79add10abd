"""YAML that a person wrote: what is read, and a gallery of what is refused, with the exact words."""

from __future__ import annotations

import datetime as dt
import os
import string
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ceasefire.files import InputError, read_yaml

TWICE = "keep one of the two."
ALIAS_BOMB = "a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefghi", "bcdefghij", strict=True)
)
NO_TAGS = "anchors, aliases and tags (&, *, !) are not read, for safety."
WRITE_OUT = "write the value out where it is needed, or put it in quotes."
NEAR = "check indentation, colons and quotes near this place."
PLAIN = "write a decimal number without leading zeros or colons, or put it in quotes."

WRONG = {
    "alias bomb": (ALIAS_BOMB, NO_TAGS, "file.yaml, line 1", WRITE_OUT),
    "anchor on a later line": ("a: 1\nb:\n  c: &x 2\n", NO_TAGS, "file.yaml, line 3", WRITE_OUT),
    "anchor on a block": ("a: &x\n  b: 1\n", NO_TAGS, "file.yaml, line 1", WRITE_OUT),
    "alias to nothing": ("a: *x\n", NO_TAGS, "file.yaml, line 1", WRITE_OUT),
    "tag that would run something": (
        "a: 1\nb: !!python/object/apply:os.system ['ls']\n",
        NO_TAGS,
        "file.yaml, line 2",
        WRITE_OUT,
    ),
    "tag of YAML itself": ("a: !!str 1\n", NO_TAGS, "file.yaml, line 1", WRITE_OUT),
    "tag of one's own": ("a: !secret x\n", NO_TAGS, "file.yaml, line 1", WRITE_OUT),
    "tag on a key": ("!!str a: 1\n", NO_TAGS, "file.yaml, line 1", WRITE_OUT),
    "merge key": (
        "a:\n  <<: {b: 1}\n",
        "merge keys (<<) are not read, for safety.",
        "file.yaml, line 2",
        "write the keys out.",
    ),
    "key twice": (
        "a: 1\nb: 2\na: 3\n",
        "the key 'a' stands twice.",
        "file.yaml, line 3",
        TWICE,
    ),
    "key twice in a nest": (
        "a:\n  - {b: 1, b: 1}\n",
        "the key 'b' stands twice.",
        "file.yaml, line 2",
        TWICE,
    ),
    "key twice in two spellings of one word": (
        "a: 1\n'a': 2\n",
        "the key 'a' stands twice.",
        "file.yaml, line 2",
        TWICE,
    ),
    "key that is a list": (
        "? [a, b]\n: 1\n",
        "a key must be a single word.",
        "file.yaml, line 1",
        "use a plain key.",
    ),
    "deep nest of lists": (
        "a: " + "[" * 100_000,
        "the file nests too deeply.",
        "file.yaml, line 1",
        "use at most 30 levels.",
    ),
    "deep nest of keys": (
        "".join(" " * depth + "a:\n" for depth in range(40)),
        "the file nests too deeply.",
        "file.yaml, line 31",
        "use at most 30 levels.",
    ),
    "too many values": (
        "a: [" + "1," * 100_001 + "]",
        "the file holds more than 100,000 values.",
        "file.yaml",
        "split it.",
    ),
    "list that is not closed": (
        "a: [1\n",
        "this is not YAML: expected ',' or ']', but got '<stream end>'.",
        "file.yaml, line 2, column 1",
        NEAR,
    ),
    "wrong indentation": (
        "a: 1\n  b: 2\n",
        "this is not YAML: mapping values are not allowed here.",
        "file.yaml, line 2, column 4",
        NEAR,
    ),
    "tabulator": (
        "a:\n\tb: 1\n",
        "this is not YAML: found character '\\t' that cannot start any token.",
        "file.yaml, line 2, column 1",
        NEAR,
    ),
    "two documents": (
        "a: 1\n---\nb: 2\n",
        "the file holds more than one document (---).",
        "file.yaml, line 2, column 1",
        "split it into two files.",
    ),
    "control character": (
        "a: 1\nb: x\x07y\n",
        "the file holds a character that no text has (U+0007).",
        "file.yaml, line 2",
        "take it out; save the file as plain UTF-8 text.",
    ),
    "half a character": (
        'a: "\\ud83d"\n',
        "'\\ud83d' holds half a character.",
        "file.yaml, line 1",
        "write it as UTF-8 text.",
    ),
    "day that is not in the calendar": (
        "a: 2022-02-30\n",
        "'2022-02-30' cannot be read: day is out of range for month.",
        "file.yaml, line 1",
        "check the date or the number.",
    ),
    "day with an hour": (
        "a: 2022-12-20 10:00:00\n",
        "'2022-12-20 10:00:00' is not a day.",
        "file.yaml, line 1",
        "write a day as YYYY-MM-DD.",
    ),
    "number read in base eight": ("a: 010\n", "'010' would be read as 8.", "file.yaml, line 1", PLAIN),
    "number read in base sixteen": ("a: 0x10\n", "'0x10' would be read as 16.", "file.yaml, line 1", PLAIN),
    "number read in base sixty": ("a: 1:30\n", "'1:30' would be read as 90.", "file.yaml, line 1", PLAIN),
    "no number": (
        "a: .nan\n",
        "'.nan' is not a finite number.",
        "file.yaml, line 1",
        "write a number, or leave it out.",
    ),
    "number beyond all numbers": (
        "a: 1e400\n",
        "'1e400' is not a finite number.",
        "file.yaml, line 1",
        "write a number, or leave it out.",
    ),
}


@pytest.mark.parametrize(("text", "what", "where", "todo"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_file_is_refused_with_what_where_and_what_to_do(
    text: str, what: str, where: str, todo: str
) -> None:
    with pytest.raises(InputError) as refused:
        read_yaml("file.yaml", text)
    assert (refused.value.what, refused.value.where, refused.value.todo) == (what, where, todo)


def test_a_whole_number_of_thousands_of_digits_is_refused_without_showing_them_all() -> None:
    with pytest.raises(InputError) as refused:
        read_yaml("file.yaml", "a: " + "9" * 5000)
    assert refused.value.what.startswith("'" + "9" * 57 + "...' cannot be read: ")


def test_a_file_of_50_megabytes_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "large.yaml"
    path.write_bytes(b"a: 1\n")
    os.truncate(path, 50_000_000)
    monkeypatch.setattr(Path, "read_bytes", lambda _: pytest.fail("the file was read"))
    with pytest.raises(InputError) as refused:
        read_yaml(path)
    assert str(refused.value) == (
        "the file is too large: 50.0 MB, the limit is 2 MB.\n"
        f"  where: {path}\n"
        "  to do: split it into several files."
    )


def test_a_text_of_50_megabytes_is_refused_by_its_size_in_bytes() -> None:
    with pytest.raises(InputError, match=r"too large: 50\.0 MB"):
        read_yaml("file.yaml", "é" * 25_000_000)


def test_the_limit_on_size_is_where_it_is_said_to_be() -> None:
    text = "a: 1\n#"
    text += "#" * (2_000_000 - len(text))
    assert read_yaml("file.yaml", text).data == {"a": 1}
    with pytest.raises(InputError, match="too large"):
        read_yaml("file.yaml", text + "#")


def test_the_limit_on_depth_is_where_it_is_said_to_be() -> None:
    assert read_yaml("file.yaml", "[" * 30 + "]" * 30).data is not None
    assert read_yaml("file.yaml", "[" * 30 + "1" + "]" * 30).data is not None
    with pytest.raises(InputError, match="too deeply"):
        read_yaml("file.yaml", "[" * 31 + "1" + "]" * 31)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("a: é\n".encode("latin-1"), "the file is not UTF-8 text (byte 4)."),
        ("a: 1\n".encode("utf-16"), "the file is not UTF-8 text (byte 1)."),
        (b"a: \xed\xa0\x80\n", "the file is not UTF-8 text (byte 4)."),
    ],
)
def test_a_file_that_is_not_utf_8_is_refused(tmp_path: Path, content: bytes, what: str) -> None:
    path = tmp_path / "file.yaml"
    path.write_bytes(content)
    with pytest.raises(InputError) as refused:
        read_yaml(path)
    assert (refused.value.what, refused.value.where) == (what, str(path))
    assert refused.value.todo == "save it as UTF-8."


def test_what_is_not_a_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name, what in {
        "nowhere.yaml": "there is no such file.",
        "": "this is a folder, not a file.",
        "pipe": "this is a device or a pipe, not a file.",
    }.items():
        with pytest.raises(InputError) as refused:
            read_yaml(tmp_path / name)
        assert refused.value.what == what


def test_a_name_that_no_file_can_have_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="could not be read"):
        read_yaml(tmp_path / ("x" * 5000))


def test_html_and_commands_in_a_text_are_text() -> None:
    text = "a: <script>alert(1)</script>\nb: $(ls)\nc: ${HOME}\nd: '{{ 7 * 7 }}'\n"
    assert read_yaml("file.yaml", text).data == {
        "a": "<script>alert(1)</script>",
        "b": "$(ls)",
        "c": "${HOME}",
        "d": "{{ 7 * 7 }}",
    }


def test_plain_values_are_read_as_they_look() -> None:
    text = "day: 2022-12-20\ncount: 1_000\nshare: 0.5\nlarge: 1e5\nnone:\nyes: true\n2022: x\nword: é\n"
    assert read_yaml("file.yaml", text).data == {
        "day": dt.date(2022, 12, 20),
        "count": 1000,
        "share": 0.5,
        "large": 1e5,
        "none": None,
        "yes": True,
        "2022": "x",
        "word": "é",
    }


def test_a_byte_order_mark_and_foreign_line_ends_do_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "file.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n")
    document = read_yaml(path)
    assert document.data == {"a": 1, "b": 2}
    assert document.where(("b",)) == f"{path}, line 2 (b)"


def test_an_empty_file_holds_nothing() -> None:
    assert read_yaml("file.yaml", "# only a comment\n").data is None


def test_every_value_has_its_line_and_a_missing_one_has_its_parents() -> None:
    document = read_yaml("war.yaml", "sides:\n  - name: red\n    stocks:\n      shells: 5\n  - name: blue\n")
    assert document.where(("sides", 0, "stocks", "shells")) == "war.yaml, line 4 (sides[1].stocks.shells)"
    assert document.where(("sides", 1)) == "war.yaml, line 5 (sides[2])"
    assert document.where(("sides", 1, "stocks", "troops")) == "war.yaml, line 5 (sides[2].stocks.troops)"
    assert document.where(("nothing",)) == "war.yaml, line 1 (nothing)"
    assert document.where(()) == "war.yaml, line 1"


WORDS = st.text(string.ascii_letters + string.digits + " éж:#-'\"{}[]&*!<>|%@`", min_size=0, max_size=12)
PLAIN_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | WORDS | st.dates(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=12,
)


@given(PLAIN_VALUES)
def test_what_is_written_plainly_is_read_as_it_was(value: object) -> None:
    written = yaml.safe_dump(value, allow_unicode=True, default_flow_style=None)
    # The same list or text twice in one document would be written with an alias.
    if "&id0" not in written:
        assert read_yaml("file.yaml", written).data == value


@given(st.text(max_size=200) | st.text(":-[]{}&*!|>'\"#%@,? \n\tab01", max_size=60))
def test_any_text_is_read_or_refused_and_never_anything_else(text: str) -> None:
    try:
        document = read_yaml("file.yaml", text)
    except InputError as error:
        refused = error
    else:
        assert document.lines or document.data is None
        return
    assert refused.what
    assert refused.where.startswith("file.yaml")
    assert refused.todo
