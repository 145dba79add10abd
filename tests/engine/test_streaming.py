"""Runs that are written as they are computed: the same to the last bit, readable and resumable."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5netcdf
import numpy as np
import pytest
import xarray as xr

from ceasefire.engine import OUTCOMES, load, open_result, result_bytes, results, run, save, stream, streaming
from ceasefire.engine.streaming import partial_path, wars_done
from ceasefire.files import InputError
from ceasefire.scenario import Scenario, load_scenario
from tests.engine.starts import start_from_priors

pytestmark = pytest.mark.thorough

DRAWS, CHUNK = 300, 100


@pytest.fixture(scope="module")
def invented() -> Scenario:
    return load_scenario("invented-war")


@pytest.fixture(scope="module")
def whole(invented: Scenario) -> xr.Dataset:
    return run(invented.world(), invented.plan("truce"), draws=DRAWS, seed=7)


def streamed(invented: Scenario, path: Path, **options: Any) -> Path:
    given = {"draws": DRAWS, "seed": 7, "chunk": CHUNK, **options}
    return stream(invented.world(), invented.plan("truce"), path, **given)


def assert_the_same(first: xr.Dataset, second: xr.Dataset) -> None:
    assert list(first.data_vars) == list(second.data_vars)
    assert set(first.coords) == set(second.coords)
    for name in first.variables:
        assert first[name].dtype == second[name].dtype
        assert first[name].dims == second[name].dims
        equal_nan = first[name].dtype.kind == "f"
        assert np.array_equal(first[name].values, second[name].values, equal_nan=equal_nan), name
        assert first[name].attrs.get("units") == second[name].attrs.get("units")
    assert set(first.attrs) == set(second.attrs)
    for name, value in first.attrs.items():
        assert np.array_equal(np.asarray(value), np.asarray(second.attrs[name])), name


def interrupted(after: int) -> Callable[[int, int], None]:
    def told(done: int, total: int) -> None:
        if done >= after:
            raise KeyboardInterrupt

    return told


@pytest.mark.parametrize("chunk", [37, 100, 256, None])
def test_a_streamed_run_is_the_run_in_one_piece_to_the_last_bit(
    invented: Scenario, whole: xr.Dataset, tmp_path: Path, chunk: int | None
) -> None:
    path = streamed(invented, tmp_path / "new" / "result.nc", chunk=chunk)
    assert_the_same(load(path), whole)
    assert_the_same(load(save(whole, tmp_path / "saved.nc")), load(path))
    assert list(path.parent.iterdir()) == [path]


def test_a_streamed_run_from_a_start_is_the_run_in_one_piece(invented: Scenario, tmp_path: Path) -> None:
    world, plan = invented.world(), invented.plan("truce")
    start = start_from_priors(world, 40)
    path = streamed(invented, tmp_path / "result.nc", start=start)
    assert_the_same(load(path), run(world, plan, draws=DRAWS, seed=7, start=start))


def test_chosen_outcomes_are_those_of_the_whole_run(
    invented: Scenario, whole: xr.Dataset, tmp_path: Path
) -> None:
    kept = run(
        invented.world(),
        invented.plan("truce"),
        draws=DRAWS,
        seed=7,
        chunk=CHUNK,
        outcomes=["losses", "ended"],
    )
    always = {*results.PASSAGES, "status", "structure"}
    assert set(map(str, kept.data_vars)) == {"losses", "ended"} | always
    assert_the_same(kept, whole[list(kept.data_vars)].drop_vars("parameter", errors="ignore"))
    path = streamed(invented, tmp_path / "result.nc", outcomes=["ended", "losses"])
    assert_the_same(load(path), kept)


def test_an_unknown_outcome_is_refused_with_the_nearest(invented: Scenario, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="'kiled' is no outcome") as caught:
        streamed(invented, tmp_path / "result.nc", outcomes=["kiled"])
    assert caught.value.todo == "did you mean 'killed'?"
    with pytest.raises(InputError, match="no outcome is to be kept"):
        run(invented.world(), invented.plan("truce"), draws=2, outcomes=[])
    assert not list(tmp_path.iterdir())


def test_the_bytes_of_a_result_are_known_beforehand(invented: Scenario, whole: xr.Dataset) -> None:
    held = sum(values.nbytes for values in whole.data_vars.values())
    assert result_bytes(invented.world(), DRAWS) == held
    few = whole[["killed", "ground_net", *results.PASSAGES, "status", "structure"]]
    held = sum(values.nbytes for values in few.data_vars.values())
    assert result_bytes(invented.world(), DRAWS, ["killed", "ground_net"]) == held
    assert set(OUTCOMES) | {*results.PASSAGES, "status", "structure"} == set(map(str, whole.data_vars))


def test_a_run_too_large_to_hold_is_refused_before_it_begins(
    invented: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = invented.world()
    monkeypatch.setattr(results, "MOST_HELD", result_bytes(world, 5_000) - 1)
    with pytest.raises(InputError) as caught:
        run(world, invented.plan("truce"), draws=5_000, progress=interrupted(0))
    size = f"{result_bytes(world, 5_000) / 1e9:.1f} GB"
    assert caught.value.what.startswith(f"5,000 wars with {len(OUTCOMES)} outcomes by week take {size}")
    assert "--out FILE" in caught.value.todo
    assert "--outcomes" in caught.value.todo
    run(world, invented.plan("truce"), draws=500, outcomes=["killed"])


def test_more_wars_than_memory_holds_may_be_streamed(invented: Scenario, tmp_path: Path) -> None:
    many = results.MOST_DRAWS + 1
    with pytest.raises(InputError, match="100,001 draws cannot be run at one time") as caught:
        run(invented.world(), invented.plan("truce"), draws=many, outcomes=["killed"])
    assert "--out FILE" in caught.value.todo
    path = tmp_path / "result.nc"
    with pytest.raises(KeyboardInterrupt):
        streamed(invented, path, draws=many, progress=interrupted(1), outcomes=["killed"])
    assert streaming.wars_done(streaming.partial_path(path)) == CHUNK
    with pytest.raises(InputError, match="cannot be run at one time"):
        streamed(invented, path, draws=streaming.MOST_STREAMED + 1)


def test_while_it_runs_the_file_is_partial_and_can_be_read(
    invented: Scenario, whole: xr.Dataset, tmp_path: Path
) -> None:
    path = tmp_path / "result.nc"
    seen = []

    def told(done: int, total: int) -> None:
        assert not path.exists()
        found = load(streaming.partial_path(path))
        assert (found.attrs["draws"], found.attrs["draws_wanted"]) == (done, DRAWS)
        assert np.array_equal(found["killed"].values, whole["killed"].values[..., :done])
        seen.append((done, total))

    streamed(invented, path, progress=told)
    assert seen == [(100, 300), (200, 300), (300, 300)]
    assert not streaming.partial_path(path).exists()
    assert "draws_wanted" not in load(path).attrs


def test_an_interrupted_run_goes_on_and_ends_as_if_nothing_had_happened(
    invented: Scenario, whole: xr.Dataset, tmp_path: Path
) -> None:
    path = tmp_path / "result.nc"
    path.write_bytes(b"an older result")
    with pytest.raises(KeyboardInterrupt):
        streamed(invented, path, progress=interrupted(200))
    partial = streaming.partial_path(path)
    assert path.read_bytes() == b"an older result"
    assert load(partial).sizes["war"] == 200
    with pytest.raises(InputError, match="a run that was not finished stands here") as caught:
        streamed(invented, path)
    assert "--resume" in caught.value.todo
    seen = []
    # Another chunk does not matter.
    streamed(invented, path, resume=True, chunk=64, progress=lambda done, _: seen.append(done))
    assert seen == [200, 264, 300]
    assert_the_same(load(path), whole)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError(28, "No space left on device")])
def test_a_chunk_that_was_being_written_does_not_count(
    invented: Scenario,
    whole: xr.Dataset,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: type[BaseException] | BaseException,
) -> None:
    path = tmp_path / "result.nc"
    flush = h5netcdf.File.flush

    def fails(stored: h5netcdf.File) -> None:
        if stored.dimensions["war"].size == 300:
            raise error
        flush(stored)

    with monkeypatch.context() as patched:
        patched.setattr(h5netcdf.File, "flush", fails)
        with pytest.raises((KeyboardInterrupt, InputError)):
            streamed(invented, path)
    partial = streaming.partial_path(path)
    # Also for a program that knows nothing of ours.
    with xr.open_dataset(partial, engine="h5netcdf") as stored:
        assert stored.sizes["war"] == 200
    streamed(invented, path, resume=True)
    assert_the_same(load(path), whole)


def test_what_a_killed_run_left_behind_its_last_chunk_is_not_read(
    invented: Scenario, whole: xr.Dataset, tmp_path: Path
) -> None:
    path = tmp_path / "result.nc"
    with pytest.raises(KeyboardInterrupt):
        streamed(invented, path, progress=interrupted(100))
    partial = streaming.partial_path(path)
    with h5netcdf.File(partial, "a") as stored:
        stored.resize_dimension("war", 200)
    assert load(partial).sizes["war"] == 100
    streamed(invented, path, resume=True)
    assert_the_same(load(path), whole)


def test_ctrl_c_stops_behind_the_chunk_that_is_being_computed(
    invented: Scenario, whole: xr.Dataset, tmp_path: Path
) -> None:
    path = tmp_path / "result.nc"
    before = signal.getsignal(signal.SIGINT)

    def told(done: int, total: int) -> None:
        if done == 100:
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        streamed(invented, path, progress=told)
    assert load(streaming.partial_path(path)).sizes["war"] == 100
    assert signal.getsignal(signal.SIGINT) is before
    streamed(invented, path, resume=True)
    assert_the_same(load(path), whole)


def test_ctrl_c_behind_the_last_chunk_changes_nothing(
    invented: Scenario, whole: xr.Dataset, tmp_path: Path
) -> None:
    def told(done: int, total: int) -> None:
        if done == total:
            signal.raise_signal(signal.SIGINT)

    assert_the_same(load(streamed(invented, tmp_path / "result.nc", progress=told)), whole)


def test_an_interruption_before_the_first_chunk_leaves_nothing(
    invented: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(streaming, "_write", stopped)
    with pytest.raises(KeyboardInterrupt):
        streamed(invented, tmp_path / "result.nc")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({"seed": 8}, "this file is of another run: seed 7, not 8."),
        ({"draws": 400}, "this file is of another run: draws_wanted 300, not 400."),
        ({"outcomes": ["killed"]}, "this file keeps other outcomes: "),
        ({"about": {"scenario_sha256": "x"}}, "this file is of another run: scenario_sha256 None, not x."),
    ],
)
def test_only_the_same_run_goes_on(
    invented: Scenario, tmp_path: Path, options: dict[str, Any], what: str
) -> None:
    path = tmp_path / "result.nc"
    with pytest.raises(KeyboardInterrupt):
        streamed(invented, path, progress=interrupted(100))
    before = streaming.partial_path(path).read_bytes()
    with pytest.raises(InputError) as caught:
        streamed(invented, path, resume=True, **options)
    assert caught.value.what.startswith(what)
    assert streaming.partial_path(path).read_bytes() == before


def test_there_must_be_something_to_go_on_with(invented: Scenario, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no run to go on with"):
        streamed(invented, tmp_path / "result.nc", resume=True)
    streaming.partial_path(tmp_path / "result.nc").write_bytes(b"no netCDF")
    with pytest.raises(InputError, match="this is not a result file"):
        streamed(invented, tmp_path / "result.nc", resume=True)


def test_a_file_may_be_read_piece_by_piece(invented: Scenario, whole: xr.Dataset, tmp_path: Path) -> None:
    path = streamed(invented, tmp_path / "result.nc")
    with open_result(path) as stored:
        last = stored["killed"].isel(time=-1)
        assert np.array_equal(last.values, whole["killed"].values[-1])


READS = """
import sys, time, h5py
with h5py.File(sys.argv[1], "r"):
    print("open", flush=True)
    time.sleep(float(sys.argv[2]))
"""


@pytest.mark.parametrize(("seconds", "survives"), [(0.5, True), (60.0, False)])
def test_a_reader_of_the_unfinished_file_is_waited_for(
    invented: Scenario,
    whole: xr.Dataset,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    seconds: float,
    survives: bool,
) -> None:
    """It may be read while it grows; a reader that does not let go is said, and what is done stays."""
    readers: list[subprocess.Popen[str]] = []

    def told(done: int, total: int) -> None:
        if not readers:
            words = [sys.executable, "-c", READS, str(partial_path(path)), str(seconds)]
            readers.append(subprocess.Popen(words, stdout=subprocess.PIPE, text=True))
            stream = readers[0].stdout
            assert stream is not None
            assert stream.readline() == "open\n"

    path = tmp_path / "result.nc"
    monkeypatch.setattr(streaming, "PATIENCE_SECONDS", 20.0 if survives else 0.3)
    try:
        if survives:
            streamed(invented, path, progress=told)
            assert_the_same(load(path), whole)
            return
        with pytest.raises(InputError, match="another program holds it open"):
            streamed(invented, path, progress=told)
    finally:
        for reader in readers:
            reader.kill()
            reader.communicate()
    assert wars_done(partial_path(path)) == CHUNK
    streamed(invented, path, resume=True)
    assert_the_same(load(path), whole)


def test_where_there_is_no_room_nothing_is_written_and_it_can_go_on(
    invented: Scenario, whole: xr.Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library of the file cannot be stopped while it writes: what is there is looked at before."""
    plain, looked = shutil.disk_usage, [0]

    def full_later(folder: Path) -> object:
        looked[0] += 1
        return plain(folder)._replace(free=10 if looked[0] == 3 else 10**12)

    path = tmp_path / "result.nc"
    monkeypatch.setattr(shutil, "disk_usage", full_later)
    with pytest.raises(InputError, match="No space left on device") as caught:
        streamed(invented, path)
    assert "`--resume` goes on" in caught.value.todo
    assert wars_done(partial_path(path)) == 2 * CHUNK
    streamed(invented, path, resume=True)
    assert_the_same(load(path), whole)
