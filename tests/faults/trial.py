"""Faults, tried: programs and workers are killed at random, parts corrupted, disks filled.

What comes out must be what an undisturbed run gives, by the bit.

Run: python -m tests.faults.trial [--kills N] [--seed N]
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import xarray as xr

from tests.same import differences

COMMAND = [sys.executable, "-c", "from ceasefire.cli import main; main()"]
# Enough pieces that a program is killed between them; each takes a fraction of a second.
RUN = ["run", "invented-war", "truce", "--outcomes", "killed,force", "--draws"]
PATIENCE_SECONDS = 120.0
FOLDER = Path(__file__).resolve().parents[2]


class Program:
    """A command of ours in a process group of its own."""

    def __init__(self, *words: str) -> None:
        environment = os.environ | {"JAX_PLATFORMS": "cpu", "PYTHONPATH": str(FOLDER)}
        self.process = subprocess.Popen(
            [*COMMAND, *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            env=environment,
        )

    def kill(self) -> None:
        """Kill it as the system does where memory is short."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.communicate()

    def interrupt(self) -> str:
        """Interrupt it as a person does; return what it said."""
        self.process.send_signal(signal.SIGINT)
        return self.process.communicate(timeout=PATIENCE_SECONDS)[0]

    def ended(self) -> tuple[int, str]:
        """Wait for its end; return its code and what it said."""
        said, _ = self.process.communicate(timeout=PATIENCE_SECONDS)
        return self.process.returncode, said


def parts_in(study: Path) -> list[Path]:
    """Return the parts that are kept."""
    return sorted((study / "pieces").glob("*.piece"))


def until(parts: int, study: Path, program: Program) -> bool:
    """Wait until so many parts are kept; say whether the program still runs."""
    started = time.monotonic()
    while program.process.poll() is None:
        if len(parts_in(study)) >= parts:
            return True
        if time.monotonic() - started > PATIENCE_SECONDS:
            program.kill()
            raise AssertionError(f"{len(parts_in(study))} parts after {PATIENCE_SECONDS:.0f} s")
        time.sleep(0.01)
    return False


def same(first: Path, second: Path) -> bool:
    """Say whether two result files hold the same, by the bit."""
    with (
        xr.open_dataset(first, engine="h5netcdf") as one,
        xr.open_dataset(second, engine="h5netcdf") as other,
    ):
        return not differences(one, other)


def undisturbed(folder: Path, draws: int) -> Path:
    """Return the result of a run that nothing disturbs, without a study."""
    out = folder / f"undisturbed-{draws}.nc"
    code, said = Program(*RUN, str(draws), "--out", str(out)).ended()
    assert code == 0, said
    return out


def killed_at_random(folder: Path, draws: int, kills: int, seed: int, cluster: str | None = None) -> Path:
    """Kill the program at random, so many times, and go on each time; return the result."""
    chance, study = random.Random(seed), folder / f"killed-{seed}-{'cluster' if cluster else 'here'}"
    where = [] if cluster is None else ["--cluster", cluster]
    pieces = -(-draws // 2048)
    program = Program(*RUN, str(draws), "--study", str(study), *where)
    done = 0
    while done < kills:
        # Later each time, so that it comes to its end; sometimes while it starts.
        wanted = 0 if chance.random() < 0.2 else min(pieces - 1, len(parts_in(study)) + 1)
        if not until(wanted, study, program):
            code, said = program.ended()
            assert code == 0, said
            # It was quicker than the kill: begin again.
            shutil.rmtree(study)
            program = Program(*RUN, str(draws), "--study", str(study), *where)
            continue
        time.sleep(chance.uniform(0.0, 0.3))
        program.kill()
        done += 1
        if chance.random() < 0.3 and parts_in(study):
            torn = chance.choice(parts_in(study))
            torn.write_bytes(torn.read_bytes()[: chance.randrange(1, 200)])
        words = ["resume", str(study)] if (study / "study.json").exists() else None
        program = Program(*(words or [*RUN, str(draws), "--study", str(study)]), *where)
    code, said = program.ended()
    assert code == 0, said
    return study / "result.nc"


@contextlib.contextmanager
def workers(count: int) -> Iterator[object]:
    """Give a cluster of so many workers of one core, each started again where it is lost."""
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=count, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
    ) as cluster:
        yield cluster


def worker_killed_at_random(folder: Path, draws: int, kills: int, seed: int) -> tuple[Path, int]:
    """Kill workers at random while a run goes on; return its result and how many were killed."""
    chance, done = random.Random(seed), 0
    with workers(2) as cluster:
        study = folder / f"workers-{seed}"
        program = Program(*RUN, str(draws), "--study", str(study), "--cluster", cluster.scheduler_address)
        pieces = -(-draws // 2048)
        while done < kills and until(min(pieces, 1 + done * pieces // (kills + 1)), study, program):
            nannies = list(cluster.workers.values())
            pids = [nanny.pid for nanny in nannies if nanny.pid]
            if pids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(chance.choice(pids), signal.SIGKILL)
                    done += 1
            time.sleep(chance.uniform(0.1, 0.6))
        code, said = program.ended()
        assert code == 0, said
    return study / "result.nc", done


@contextlib.contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path | None]:
    """Give a folder on a disk of its own of a given size; None where this system allows none."""
    place = folder / "small"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)], capture_output=True, check=False
    )
    if mounted.returncode:
        yield None
        return
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=False)


def on_a_full_disk(folder: Path, draws: int) -> tuple[str, Path] | None:
    """Run on a disk that fills up, make room, go on; return what was said and the result."""
    with small_disk(folder, "256m") as disk:
        if disk is None:
            return None
        ballast, study = disk / "ballast", disk / "study"
        ballast.write_bytes(bytes(256 * 2**20 - 12_000_000))
        code, said = Program(*RUN, str(draws), "--study", str(study)).ended()
        assert code == 2, (code, said)
        kept = len(parts_in(study))
        assert kept, said
        ballast.unlink()
        code, again = Program("resume", str(study)).ended()
        assert code == 0, again
        assert f"{kept} finished pieces" in again, again
        result = folder / "of-full-disk.nc"
        shutil.copy(study / "result.nc", result)
        return said, result


def main(arguments: list[str] | None = None) -> int:
    """Try every fault; return 0 where all were survived."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=24, help="kills of the program, and of workers")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(arguments)
    draws, failures = 40_000, 0

    def told(what: str, survived: bool) -> None:
        nonlocal failures
        failures += not survived
        print(f"{'survived' if survived else 'FAILED  '}  {what}", flush=True)

    with tempfile.TemporaryDirectory(prefix="ceasefire-faults-") as name:
        folder = Path(name)
        plain = undisturbed(folder, draws)
        half = asked.kills // 2
        for number in range(0, half, 4):
            kills = min(4, half - number)
            found = killed_at_random(folder, draws, kills, asked.seed + number)
            told(f"{kills} kills of the program, parts torn", same(found, plain))
        with workers(2) as cluster:
            found = killed_at_random(folder, draws, 4, asked.seed + 100, cluster.scheduler_address)
            told("4 kills of the program that uses a cluster", same(found, plain))
        long = undisturbed(folder, 4 * draws)
        left, number = asked.kills - half, 0
        while left > 0:
            found, killed = worker_killed_at_random(folder, 4 * draws, min(4, left), asked.seed + number)
            told(f"{killed} kills of workers", killed > 0 and same(found, long))
            left, number = left - max(killed, 1), number + 1
        filled = on_a_full_disk(folder, draws)
        if filled is None:
            print("skipped   a full disk: this system does not let us mount one")
        else:
            told(f"a full disk ({filled[0].strip().splitlines()[0]})", same(filled[1], plain))
    return int(failures > 0)


if __name__ == "__main__":
    sys.exit(main())
