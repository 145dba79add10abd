"""Long work as a folder: begun, interrupted, gone on with, finished."""

import json
import shutil
from pathlib import Path

import pytest

from ceasefire.cli.app import run
from ceasefire.engine import load, places
from ceasefire.files import read_manifest
from tests.same import assert_same

RUN = ["run", "invented-war", "truce", "--draws", "5000", "--outcomes", "killed,force"]


@pytest.fixture(autouse=True)
def in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def stop_after(monkeypatch: pytest.MonkeyPatch, pieces: int) -> list[object]:
    """Interrupt the program once so many pieces were computed; return those that are."""
    computed: list[object] = []
    plain = places.Here.each

    def each(self, work, shared, items):
        def counted(shared, item):
            if len(computed) == pieces:
                raise KeyboardInterrupt
            computed.append(item)
            return work(shared, item)

        yield from plain(self, counted, shared, items)

    monkeypatch.setattr(places.Here, "each", each)
    return computed


def test_a_study_is_gone_on_with_and_ends_as_if_nothing_had_happened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*RUN, "--out", "plain.nc"]) == 0
    with monkeypatch.context() as patched:
        stop_after(patched, 2)
        assert run([*RUN, "--study", "s", "--json", "table.json"]) == 130
    said = capsys.readouterr()
    assert f"ceasefire resume {tmp_path / 's'}" in said.err.replace("\n", "")
    manifest = read_manifest(tmp_path / "s")
    assert not manifest.finished
    assert manifest.done == 2
    assert set(manifest.made_of) == {
        *("version", "model", "code", "libraries", "processor"),
        *("scenario", "posterior"),
    }
    # From another folder, too.
    other = tmp_path / "elsewhere"
    other.mkdir()
    with monkeypatch.context() as patched:
        patched.chdir(other)
        computed = stop_after(patched, 99)
        assert run(["resume", str(tmp_path / "s")]) == 0
        assert len(computed) == 1
    assert "2 finished pieces are there" in capsys.readouterr().err
    assert_same(load(tmp_path / "s" / "result.nc"), load(tmp_path / "plain.nc"))
    assert read_manifest(tmp_path / "s").results == ("result.nc", "table.json")
    assert json.loads((tmp_path / "s" / "table.json").read_text())
    assert {path.name for path in (tmp_path / "s").iterdir()} == {
        "result.nc",
        "table.json",
        "study.json",
        "study.lock",
    }
    assert run(["resume", str(tmp_path / "s")]) == 0
    assert "this study is finished" in capsys.readouterr().out
    assert run([*RUN, "--study", "s", "--json", "table.json"]) == 2
    assert "finished; its results are result.nc, table.json" in capsys.readouterr().err


def test_a_comparison_is_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["compare", "invented-war", "fight-on", "truce", "--draws", "600"]
    assert run([*command, "--out", "plain.nc"]) == 0
    plain = capsys.readouterr().out
    with monkeypatch.context() as patched:
        stop_after(patched, 1)
        assert run([*command, "--study", "s"]) == 130
    capsys.readouterr()
    with monkeypatch.context() as patched:
        computed = stop_after(patched, 99)
        assert run(["resume", "s"]) == 0
    assert computed
    again = capsys.readouterr().out
    assert again.split("result:")[0] == plain.split("result:")[0]
    assert_same(load(tmp_path / "s" / "result.nc"), load(tmp_path / "plain.nc"))


def test_a_discovery_is_gone_on_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command = ["discover", "invented-war", "--draws", "2500"]
    assert run([*command, "--json", "plain.json"]) == 0
    with monkeypatch.context() as patched:
        stop_after(patched, 3)
        assert run([*command, "--study", "s"]) == 130
    assert run(["resume", "s"]) == 0
    plain = json.loads((tmp_path / "plain.json").read_text())
    assert json.loads((tmp_path / "s" / "result.json").read_text()) == plain


def test_a_study_of_something_else_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with monkeypatch.context() as patched:
        stop_after(patched, 1)
        assert run([*RUN, "--study", "s"]) == 130
    before = sorted(path.name for path in (tmp_path / "s" / "pieces").iterdir())
    for words, message in (
        ([*RUN[:-1], "killed"], "another command"),
        (["run", "ukraine-2022", "truce", "--posterior", "prior"], "another scenario"),
    ):
        capsys.readouterr()
        assert run([*words, "--study", "s"]) == 2
        assert message in capsys.readouterr().err
    assert sorted(path.name for path in (tmp_path / "s" / "pieces").iterdir()) == before


def test_a_scenario_that_has_changed_since_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["scenario", "new", "war.yaml"]) == 0
    command = ["run", "war.yaml", "truce", "--draws", "3000", "--outcomes", "killed"]
    with monkeypatch.context() as patched:
        stop_after(patched, 1)
        assert run([*command, "--study", "s"]) == 130
    text = (tmp_path / "war.yaml").read_text()
    (tmp_path / "war.yaml").write_text(text.replace("weight: 0.55", "weight: 0.60").replace("0.45", "0.40"))
    assert (tmp_path / "war.yaml").read_text() != text
    capsys.readouterr()
    assert run(["resume", "s"]) == 2
    assert "began with another scenario" in capsys.readouterr().err
    (tmp_path / "war.yaml").write_text(text)
    assert run(["resume", "s"]) == 0


@pytest.mark.parametrize("name", ["../x.json", "/tmp/x.json", "pieces", "study.json", "study.lock", ".."])
def test_a_study_writes_into_its_folder_alone(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*RUN, "--study", "s", "--json", name]) == 2
    assert "--json" in capsys.readouterr().err
    assert not (tmp_path / "s").exists()


@pytest.mark.parametrize("folder", ["", ".", "file", "file/x", "x" * 300, "new\nline"])
def test_a_folder_that_can_be_no_study_is_refused(
    tmp_path: Path, folder: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("mine")
    assert run([*RUN, "--study", folder]) == 2
    said = capsys.readouterr().err
    assert "--study" in said
    assert "--out" not in said
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def manifest_with(folder: Path, command: list[str]) -> None:
    folder.mkdir()
    content = {"format": 1, "command": command, "folder": str(folder.parent), "made_of": {}, "done": 0}
    (folder / "study.json").write_text(json.dumps(content | {"finished": False, "results": []}))


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (["serve"], "no command that can be a study"),
        ([], "belongs to a program in Python"),
        (["resume", "s"], "no command that can be a study"),
        ([*RUN, "--json", "../outside.json"], "give a name alone"),
        ([*RUN, "--out", "/tmp/outside.nc"], "give a name alone"),
        ([*RUN, "--extension", "evil.py"], "this would run a program: evil.py"),
        ([*RUN, "--extension=evil.py"], "this would run a program: evil.py"),
        ([*RUN, "--no-such-option"], "the command of this study cannot be read: No such option"),
        (["run"], "the command of this study cannot be read"),
        ([*RUN, "--json"], "--json"),
        ([*RUN, "--help"], "no command that can be a study"),
        (["run", "no-such-war"], "no-such-war"),
    ],
)
def test_a_manifest_makes_the_program_do_nothing_else(
    tmp_path: Path, command: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "evil.py").write_text(EVIL)
    manifest_with(tmp_path / "s", command)
    assert run(["resume", "s"]) == 2
    said = capsys.readouterr()
    assert message in said.err + said.out
    assert not (tmp_path / "ran").exists()
    assert not (tmp_path / "outside.json").exists()


EVIL = "import pathlib; pathlib.Path(__file__).with_name('ran').write_text('x')\n"


def test_a_scenario_of_a_study_runs_no_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nor does a file of the same name as one that is trusted."""
    manifest_with(tmp_path / "s", ["run", "s/war.yaml", "truce"])
    assert run(["scenario", "new", "s/war.yaml"]) == 0
    war = tmp_path / "s" / "war.yaml"
    war.write_text(war.read_text() + "extensions: [evil.py]\n")
    (tmp_path / "s" / "evil.py").write_text(EVIL)
    mine = tmp_path / "mine" / "evil.py"
    mine.parent.mkdir()
    mine.write_text("")
    for words in ([], ["--extension", str(mine)]):
        capsys.readouterr()
        assert run(["resume", "s", *words]) == 2
        said = capsys.readouterr().err.replace("\n", "")
        assert "this would run a program: evil.py" in said
        assert str(tmp_path / "s" / "evil.py") in said
        assert not (tmp_path / "s" / "ran").exists()
        monkeypatch.chdir(tmp_path)
    assert run(["resume", "s", "--extension", "s/evil.py"]) == 2
    assert (tmp_path / "s" / "ran").exists()


def test_a_study_chooses_no_cluster(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from ceasefire.engine import cluster

    asked: list[str] = []
    monkeypatch.setattr(cluster.Cluster, "__init__", lambda self, address: asked.append(address))
    for number, words in enumerate((["--cluster", "tcp://evil:1"], ["--cluster=tcp://evil:1"])):
        manifest_with(tmp_path / f"s{number}", ["run", "invented-war", "truce", "--draws", "20", *words])
        assert run(["resume", f"s{number}"]) == 2
        assert "began with another" in capsys.readouterr().err
    assert asked == []


def test_a_study_that_has_moved_keeps_where_it_began(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with monkeypatch.context() as patched:
        stop_after(patched, 1)
        assert run([*RUN, "--study", "s"]) == 130
    (tmp_path / "s").rename(tmp_path / "moved")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    with monkeypatch.context() as patched:
        stop_after(patched, 1)
        assert run(["resume", "../moved"]) == 130
        assert f"ceasefire resume {tmp_path / 'moved'}" in capsys.readouterr().err.replace("\n", "")
    assert read_manifest(tmp_path / "moved").folder == str(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert run(["resume", "moved"]) == 0


def test_a_study_that_was_killed_as_it_began_can_begin_again(tmp_path: Path) -> None:
    (tmp_path / "s" / "pieces").mkdir(parents=True)
    for folder in (tmp_path / "s", tmp_path / "s" / "pieces"):
        (folder / ".abc.partial").write_text("half")
    (tmp_path / "s" / "study.lock").touch()
    assert run([*RUN, "--study", "s"]) == 0
    assert {path.name for path in (tmp_path / "s").iterdir()} == {"result.nc", "study.json", "study.lock"}


def test_no_study_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["resume", "nowhere"]) == 2
    assert "there is no study here" in capsys.readouterr().err
    (tmp_path / "file").write_text("mine")
    assert run(["resume", "file"]) == 2
    assert "this is a file and no study" in capsys.readouterr().err
    assert not (tmp_path / "nowhere").exists()


def test_torn_pieces_are_computed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run([*RUN, "--out", "plain.nc"]) == 0
    with monkeypatch.context() as patched:
        stop_after(patched, 2)
        assert run([*RUN, "--study", "s"]) == 130
    torn = sorted((tmp_path / "s" / "pieces").iterdir())
    torn[0].write_bytes(torn[0].read_bytes()[:-5])
    # A file that was being copied when the program stopped is no part of it.
    shutil.copy(torn[1], tmp_path / "s" / "result.nc.partial")
    with monkeypatch.context() as patched:
        computed = stop_after(patched, 99)
        assert run(["resume", "s"]) == 0
        assert len(computed) == 2
    assert_same(load(tmp_path / "s" / "result.nc"), load(tmp_path / "plain.nc"))


@pytest.mark.parametrize("command", ["calibrate", "backtest"])
def test_a_fit_keeps_its_stages_in_the_study(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The work itself is replaced: what is tried is where it keeps its stages and how it is gone on with."""
    from ceasefire.cli import calibrations
    from ceasefire.inference import backtesting, calibrating

    folders: list[Path] = []

    class Found:
        def content(self) -> dict[str, str]:
            return {"found": "fitted"}

    def worked(*_: object, folder: Path, save_to: Path | None = None, **__: object) -> Found:
        folders.append(folder)
        stage = folder / "stage.npz"
        if not stage.exists():
            folder.mkdir(parents=True, exist_ok=True)
            stage.write_text("half")
            raise KeyboardInterrupt
        if save_to is not None:
            save_to.write_text("fitted")
        return Found()

    monkeypatch.setattr(calibrating, "calibrate", worked)
    monkeypatch.setattr(backtesting, "backtest", worked)
    monkeypatch.setattr(calibrations, "_print_posterior", lambda found: None)
    monkeypatch.setattr(calibrations, "_print_backtest", lambda found: None)
    words = [command, "ukraine-2022", *(["--until", "2022-12-20"] if command == "calibrate" else [])]
    assert run([*words, "--study", "s"]) == 130
    assert "ceasefire resume" in capsys.readouterr().err
    assert (tmp_path / "s" / "pieces" / "stage.npz").read_text() == "half"
    assert run(["resume", "s"]) == 0
    assert folders == [tmp_path / "s" / "pieces"] * 2
    name = "posterior.nc" if command == "calibrate" else "backtest.json"
    assert "fitted" in (tmp_path / "s" / name).read_text()
    assert read_manifest(tmp_path / "s").results == (name,)
    assert not (tmp_path / "s" / "pieces").exists()
