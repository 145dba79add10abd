"""A small share of what `python -m tests.faults.trial` tries."""

import os
import signal
from pathlib import Path

import pytest

from tests.faults import trial

DRAWS = 10_000


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return trial.undisturbed(tmp_path_factory.mktemp("plain"), DRAWS)


@pytest.mark.thorough
def test_a_program_that_is_killed_twice_ends_with_the_same_result(plain: Path, tmp_path: Path) -> None:
    assert trial.same(trial.killed_at_random(tmp_path, DRAWS, 2, seed=5), plain)


def test_results_that_differ_by_a_bit_are_told_apart(plain: Path, tmp_path: Path) -> None:
    import xarray as xr

    with xr.open_dataset(plain, engine="h5netcdf") as stored:
        content = stored.load()
    other = content.copy(deep=True)
    other["killed"][-1, 0, -1] += 1
    other.to_netcdf(tmp_path / "other.nc", engine="h5netcdf")
    content.to_netcdf(tmp_path / "same.nc", engine="h5netcdf")
    assert trial.same(tmp_path / "same.nc", plain)
    assert not trial.same(tmp_path / "other.nc", plain)


@pytest.mark.thorough
def test_a_full_disk_costs_nothing_that_was_finished(plain: Path, tmp_path: Path) -> None:
    found = trial.on_a_full_disk(tmp_path, DRAWS)
    if found is None:
        pytest.skip("this system does not let us mount a small disk")
    said, result = found
    assert "No space left on device" in said
    assert "ceasefire resume" in said
    assert trial.same(result, plain)


@pytest.mark.thorough
def test_two_programs_in_one_folder(plain: Path, tmp_path: Path) -> None:
    study = tmp_path / "study"
    first = trial.Program(*trial.RUN, str(DRAWS), "--study", str(study))
    assert trial.until(1, study, first)
    os.kill(first.process.pid, signal.SIGSTOP)
    code, said = trial.Program("resume", str(study)).ended()
    os.kill(first.process.pid, signal.SIGCONT)
    assert code == 2
    assert "another program works in this folder" in said
    code, said = first.ended()
    assert code == 0, said
    assert trial.same(study / "result.nc", plain)
