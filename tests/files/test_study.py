"""A study's folder: parts whole or absent, held by one program, of one thing only."""

import json
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ceasefire.files import InputError, Study, open_study, read_manifest
from ceasefire.files.study import LOCK, MANIFEST, PIECES

COMMAND, MADE_OF = ["run", "invented-war"], {"scenario": "abc", "seed": "1"}
NAME, OTHER = "0" * 32, "1" * 32


def begun(folder: Path, command: list[str] = COMMAND, **changed: str) -> Study:
    return open_study(folder, command, folder.parent, MADE_OF | changed)


def test_a_part_is_kept_whole_and_read_by_the_next_program(tmp_path: Path) -> None:
    with begun(tmp_path / "new" / "study") as study:
        assert study.read(NAME) is None
        study.keep(NAME, b"first")
        assert read_manifest(study.folder).done == 1
    with begun(tmp_path / "new" / "study") as again:
        assert again.read(NAME) == b"first"
        assert not again.has(OTHER)
        assert again.manifest.done == 1
        again.finish(["result.nc"])
    assert not (again.folder / PIECES).exists()
    manifest = read_manifest(again.folder)
    assert manifest.finished
    assert manifest.command == tuple(COMMAND)
    assert manifest.made_of == MADE_OF
    assert manifest.results == ("result.nc",)


@pytest.mark.parametrize("fault", ["cut", "changed", "empty"])
def test_a_part_that_is_torn_or_changed_is_no_part(tmp_path: Path, fault: str) -> None:
    with begun(tmp_path / "study") as study:
        study.keep(NAME, b"a part of some length")
        path = study.folder / PIECES / f"{NAME}.piece"
        whole = path.read_bytes()
        path.write_bytes(
            {"cut": whole[:-1], "changed": whole[:-1] + bytes([whole[-1] ^ 1]), "empty": b""}[fault]
        )
        assert study.has(NAME)
        assert study.read(NAME) is None
        study.keep(NAME, b"a part of some length")
        assert study.read(NAME) == b"a part of some length"


def test_a_piece_under_the_name_of_another_is_no_piece(tmp_path: Path) -> None:
    with begun(tmp_path / "study") as study:
        study.keep(NAME, b"one")
        one, other = (study.folder / PIECES / f"{name}.piece" for name in (NAME, OTHER))
        other.write_bytes(one.read_bytes())
        assert study.read(NAME) == b"one"
        assert study.read(OTHER) is None


@pytest.mark.parametrize("name", [MANIFEST, PIECES, f"{PIECES}/{NAME}.piece", "result.nc"])
def test_nothing_is_written_through_a_link(tmp_path: Path, name: str) -> None:
    with begun(tmp_path / "study") as study:
        study.keep(OTHER, b"one")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "precious").write_text("mine")
    link = tmp_path / "study" / name
    if name == PIECES:
        (link / f"{OTHER}.piece").rename(outside / "piece")
        link.rmdir()
    link.unlink(missing_ok=True)
    link.symlink_to(outside if name == PIECES else outside / "precious")
    before = sorted(path.name for path in outside.iterdir())
    for _ in range(2):
        with pytest.raises(InputError, match="is a link to elsewhere"):
            begun(tmp_path / "study")
        # Without the manifest, too.
        if name != MANIFEST:
            (tmp_path / "study" / MANIFEST).unlink(missing_ok=True)
    assert (outside / "precious").read_text() == "mine"
    assert sorted(path.name for path in outside.iterdir()) == before


def test_a_study_whose_manifest_was_taken_away_is_found_again(tmp_path: Path) -> None:
    with begun(tmp_path / "study") as study:
        study.keep(NAME, b"one")
    (tmp_path / "study" / "result.nc.partial").write_text("half")
    (tmp_path / "study" / MANIFEST).write_text("{")
    with pytest.raises(InputError, match="no JSON") as caught:
        begun(tmp_path / "study")
    assert "remove it and type the command again" in caught.value.todo
    (tmp_path / "study" / MANIFEST).unlink()
    with begun(tmp_path / "study") as again:
        assert again.read(NAME) == b"one"
    # Somebody else's unfinished file is no study.
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.partial").write_text("mine")
    with pytest.raises(InputError, match="no study"):
        begun(tmp_path / "mine")
    assert (tmp_path / "mine" / "thesis.partial").read_text() == "mine"


def test_a_result_that_is_gone_is_said(tmp_path: Path) -> None:
    with begun(tmp_path / "study") as study:
        study.finish(["result.nc"])
    with pytest.raises(InputError, match="is not there any more"):
        begun(tmp_path / "study")


def test_a_folder_where_a_piece_belongs_is_not_a_full_disk(tmp_path: Path) -> None:
    with begun(tmp_path / "study") as study:
        (study.folder / PIECES / f"{NAME}.piece").mkdir(parents=True)
        assert not study.has(NAME)
        assert study.read(NAME) is None
        with pytest.raises(InputError, match="Is a directory") as caught:
            study.keep(NAME, b"one")
    assert "room" not in caught.value.todo


def test_a_part_has_no_name_that_leads_out_of_the_folder(tmp_path: Path) -> None:
    with begun(tmp_path / "study") as study:
        for name in ("../x", "x" * 32, "", "0" * 65):
            with pytest.raises(ValueError, match="no name of a piece"):
                study.keep(name, b"")


def test_two_programs_do_not_work_in_one_folder(tmp_path: Path) -> None:
    with (
        begun(tmp_path / "study"),
        pytest.raises(InputError, match="another program works in this folder"),
    ):
        begun(tmp_path / "study")
    begun(tmp_path / "study").__exit__()


def test_a_program_that_was_killed_holds_the_folder_no_more(tmp_path: Path) -> None:
    folder = tmp_path / "study"
    code = (
        "import sys, time, pathlib\n"
        "from ceasefire.files import open_study\n"
        f"study = open_study(pathlib.Path({str(folder)!r}), {COMMAND!r}, pathlib.Path({str(tmp_path)!r}),"
        f" {MADE_OF!r})\n"
        f"study.keep({NAME!r}, b'kept')\n"
        "print('held', flush=True)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(InputError, match="another program"):
            begun(folder)
        other.send_signal(signal.SIGKILL)
    with begun(folder) as study:
        assert study.read(NAME) == b"kept"
        assert study.manifest.done == 1


def test_what_a_study_is_made_of_must_not_change(tmp_path: Path) -> None:
    with begun(tmp_path / "study"):
        pass
    with pytest.raises(InputError, match="began with another scenario: abc, not abd"):
        begun(tmp_path / "study", scenario="abd")
    with pytest.raises(InputError, match="began with another posterior: none, not x"):
        begun(tmp_path / "study", posterior="x")
    with pytest.raises(InputError, match="another command"):
        begun(tmp_path / "study", ["run", "ukraine-2022"])
    with begun(tmp_path / "study") as study:
        study.finish(["result.nc"])
    with pytest.raises(InputError, match=r"finished; its results are result\.nc"):
        begun(tmp_path / "study")


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "study").mkdir()
    (tmp_path / "study" / "thesis.txt").write_text("mine")
    with pytest.raises(InputError, match=r"no study \(thesis\.txt\)"):
        begun(tmp_path / "study")
    assert {path.name for path in (tmp_path / "study").iterdir()} <= {"thesis.txt", LOCK}
    (tmp_path / "file").write_text("mine")
    with pytest.raises(InputError, match="cannot be used"):
        begun(tmp_path / "file")
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "not what a study says"),
        ("[]", "it holds no keys"),
        ("[" * 100_000, "not what a study says"),
        ('{"format": 99}', "has format 99"),
        ('{"format": 1}', "'command' is no list of words"),
        ('{"format": 1, "command": ["run", 1], "folder": "", "made_of": {}}', "'command' is no list"),
        ('{"format": 1, "command": [], "folder": 1}', "'folder' is no text"),
        ('{"format": 1, "command": [], "folder": "", "made_of": {"x": 1}}', "'made_of' is no table"),
        ('{"format": 1, "command": [], "folder": "", "made_of": {}, "done": -1}', "'done' is no number"),
        ('{"format": 1, "command": [], "folder": "", "made_of": {}, "done": 0}', "'results' is no list"),
        (" " * 1_000_001, "larger than 1 MB"),
        ("\udcff", "not what a study says"),
    ],
)
def test_a_manifest_that_cannot_be_read_is_refused(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / MANIFEST).write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(InputError, match=message):
        read_manifest(tmp_path)


def test_no_manifest_is_no_study(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no study here"):
        read_manifest(tmp_path)


def test_a_disk_without_room_costs_no_finished_part(tmp_path: Path) -> None:
    """The limit of a file's size is a fault of the system's own, as a full disk is."""
    before, told = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    with begun(tmp_path / "study") as study:
        study.keep(NAME, b"first")
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, before[1]))
        try:
            with pytest.raises(InputError, match="could not write the file") as caught:
                study.keep(OTHER, bytes(20_000))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
            signal.signal(signal.SIGXFSZ, told)
        assert "ceasefire resume" in caught.value.todo
        assert study.read(NAME) == b"first"
        assert not study.has(OTHER)
        assert sorted(path.name for path in (study.folder / PIECES).iterdir()) == [f"{NAME}.piece"]
        study.keep(OTHER, bytes(20_000))
        assert json.loads((study.folder / MANIFEST).read_text())["done"] == 2


def test_no_time_of_a_file_counts(tmp_path: Path) -> None:
    """A clock may jump while a study goes on."""
    with begun(tmp_path / "study") as study:
        study.keep(NAME, b"first")
        study.keep(OTHER, b"second")
    for number, path in enumerate(sorted(study.folder.rglob("*"))):
        os.utime(path, (1e9 * (number % 3), 1e9 * (number % 3)))
    with begun(tmp_path / "study") as study:
        assert (study.read(NAME), study.read(OTHER)) == (b"first", b"second")
        study.keep(NAME, b"first")
        # The same piece once more is no further one.
        assert study.manifest.done == 2
