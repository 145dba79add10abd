"""Workers of a cluster: the same bits whatever their number, and errors that say what is wrong."""

import contextlib
import os
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

import ceasefire as cf
from ceasefire.cli.app import run as run_command
from ceasefire.engine import cluster as clusters
from ceasefire.engine import computing, making, run
from ceasefire.engine.cluster import Cluster
from ceasefire.engine.places import HERE
from ceasefire.engine.results import Leg, run_in_turn
from ceasefire.files import InputError, open_study
from ceasefire.scenario import Scenario, load_scenario
from tests.engine.starts import start_from_priors
from tests.same import assert_same

pytest.importorskip("distributed", reason="distributed is not installed")
pytestmark = [pytest.mark.thorough, pytest.mark.filterwarnings("ignore")]
DRAWS = 700


@pytest.fixture(scope="module")
def local() -> Iterator[Any]:
    """Two workers of one core each."""
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
    ) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def invented() -> Scenario:
    return load_scenario("invented-war")


def ran(war: Scenario, **options: Any) -> xr.Dataset:
    given = {"draws": DRAWS, "seed": 4, "outcomes": ["killed", "parameters"]} | options
    return run(war.world(), war.plan("truce"), **given)


def test_workers_give_the_same_bits(local: Any, invented: Scenario) -> None:
    plain = ran(invented)
    start = start_from_priors(invented.world(), 40)
    legs = [Leg(invented.plan(name), 90) for name in list(invented.policies)[:3]]
    with Cluster(local.scheduler_address) as cluster, computing(cluster):
        assert cluster.at_once == 2
        for chunk in (100, 350):
            assert_same(ran(invented, chunk=chunk), plain)
        from_start = ran(invented, start=start, chunk=350)
        in_turn = run_in_turn(invented.world(), legs, seed=2, chunk=100)
    assert_same(from_start, ran(invented, start=start))
    assert_same(in_turn, run_in_turn(invented.world(), legs, seed=2))


@pytest.mark.parametrize("threads", [1, 2])
def test_one_worker_gives_the_same_bits_as_two(invented: Scenario, threads: int) -> None:
    from distributed import LocalCluster

    alone = LocalCluster(
        n_workers=1, threads_per_worker=threads, processes=False, dashboard_address=None, silence_logs=50
    )
    with alone as local, Cluster(local.scheduler_address) as cluster, computing(cluster):
        found = ran(invented, chunk=150)
    assert_same(found, ran(invented))


def test_the_likelihood_of_a_fit_has_the_same_bits(local: Any, small_target: Callable[[], Any]) -> None:
    target = small_target()
    rng = np.random.default_rng(3)
    z = 0.3 * rng.standard_normal((target.dimension, 40)).astype(np.float32)
    structure = target.draw_structure(rng.random((len(target._weights()), 40)))
    numbers = np.arange(40, dtype=np.uint32)
    here, paths = target.paths_of(z, structure, numbers)
    with Cluster(local.scheduler_address) as cluster, computing(cluster):
        there, other = target.paths_of(z, structure, numbers)
        alone = target.log_likelihood(z, structure, numbers)
    np.testing.assert_array_equal(here, there)
    np.testing.assert_array_equal(here, alone)
    np.testing.assert_array_equal(paths.quantities, other.quantities)
    for name, stock in paths.state._asdict().items():
        np.testing.assert_array_equal(stock, getattr(other.state, name), err_msg=name)


@pytest.fixture
def small_target() -> Callable[[], Any]:
    import datetime as dt

    from ceasefire.evidence import load
    from ceasefire.inference.observing import observe
    from ceasefire.inference.target import Target

    def made() -> Any:
        war, until = load_scenario("ukraine-2022"), dt.date(2022, 6, 7)
        history = war.history(until, known_on=until)
        observed = observe(load().known_by(until), history, step_days=7)
        return Target(history.world, observed, paths=8, step_days=7)

    return made


def test_a_lost_worker_costs_no_war(local: Any, invented: Scenario) -> None:
    killed: list[int] = []

    def told(done: int, total: int) -> None:
        pids = [nanny.pid for nanny in local.workers.values() if nanny.pid]
        if len(killed) < 2 and pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pids[len(killed) % len(pids)], signal.SIGKILL)
                killed.append(pids[0])

    with Cluster(local.scheduler_address) as cluster, computing(cluster):
        found = ran(invented, chunk=70, progress=told)
    assert len(killed) == 2
    assert_same(found, ran(invented))


def test_wars_of_a_program_are_computed_there_and_kept(local: Any, tmp_path: Path) -> None:
    words: dict[str, Any] = {"draws": 300, "seed": 3, "outcomes": ["killed"]}
    plain = cf.run("invented-war", "truce", **words)
    with cf.computing(study=tmp_path / "kept", cluster=local.scheduler_address):
        assert_same(cf.run("invented-war", "truce", **words), plain)
    assert len(list((tmp_path / "kept" / "pieces").iterdir())) == 1
    with cf.computing(study=tmp_path / "kept"):
        found = cf.run("invented-war", "truce", **words)
    assert_same(found, plain)
    assert run_command(["resume", str(tmp_path / "kept")]) == 2


def test_a_cluster_that_loses_its_workers_or_its_scheduler_is_said(
    invented: Scenario, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from distributed import LocalCluster

    monkeypatch.setattr(clusters, "PATIENCE_SECONDS", 2.0)
    lonely = LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None, silence_logs=50
    )
    with lonely, Cluster(lonely.scheduler_address) as cluster, computing(cluster):

        def leave(done: int, total: int) -> None:
            lonely.scale(0)

        with pytest.raises(InputError, match="has had no worker for 2 seconds") as caught:
            ran(invented, chunk=70, progress=leave)
    assert "resume" not in caught.value.todo
    gone = LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None, silence_logs=50
    )
    kept = open_study(tmp_path / "study", (), tmp_path, {})
    with kept, Cluster(gone.scheduler_address) as cluster, computing(cluster, kept):

        def close(done: int, total: int) -> None:
            gone.close()

        with pytest.raises(InputError, match=r"is lost|has had no worker") as caught:
            ran(invented, chunk=70, progress=close)
    assert "what is finished is kept" in caught.value.todo
    assert kept.manifest.done >= 1


def test_a_mechanism_of_ones_own_is_not_sent(local: Any, invented: Scenario, tmp_path: Path) -> None:
    (tmp_path / "mud.py").write_text(
        "from ceasefire.war.extension import Factors, extension\n\n\n"
        '@extension("mud", "it is muddy", [])\n'
        "def mud(state, parameters, levers, calendar):\n    return Factors(tempo=0.5)\n"
    )
    war = load_scenario("invented-war", [tmp_path / "mud.py"])
    with (
        Cluster(local.scheduler_address) as cluster,
        computing(cluster),
        pytest.raises(InputError, match="not sent to the workers"),
    ):
        ran(war)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def test_no_scheduler_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "PATIENCE_SECONDS", 0.5)
    for address, message in (
        (f"tcp://127.0.0.1:{free_port()}", "no scheduler answers"),
        *(
            (address, "written as tcp://HOST:PORT")
            for address in ("nonsense://x", "", "127.0.0.1", "tcp://x")
        ),
        ("http://127.0.0.1:5", "written as tcp://HOST:PORT"),
        ("tls://127.0.0.1:5", "no certificates"),
    ):
        with pytest.raises(InputError, match=message) as caught:
            Cluster(address)
        assert caught.value.where == address
        assert "dask worker" in caught.value.todo


@pytest.fixture
def another_version(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(making.ceasefire, "__version__", "99.0")
    making.program.cache_clear()
    yield
    making.program.cache_clear()


def test_workers_of_another_version_are_refused(
    local: Any, invented: Scenario, another_version: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InputError, match=r"a worker has another version: .*, not 99\.0"):
        Cluster(local.scheduler_address)
    # One that comes after the others were asked.
    monkeypatch.setattr(Cluster, "_checked_workers", lambda self: HERE.processor)
    with (
        Cluster(local.scheduler_address) as cluster,
        computing(cluster),
        pytest.raises(InputError, match=r"another version: .*, not 99\.0"),
    ):
        ran(invented)


def test_workers_of_another_kind_of_processor_are_refused(local: Any, invented: Scenario) -> None:
    alike = {"processor": "x86_64 one, cpu"}
    assert clusters._one_kind({"a": alike, "b": alike}, "here") == "x86_64 one, cpu"
    with pytest.raises(InputError, match="different kinds of processors: aarch64 two, cpu, x86_64 one, cpu"):
        clusters._one_kind({"a": alike, "b": {"processor": "aarch64 two, cpu"}}, "here")
    with Cluster(local.scheduler_address) as cluster, computing(cluster):
        assert cluster.processor == HERE.processor
        # One that comes after the others were asked.
        cluster.processor = "another"
        with pytest.raises(InputError, match="a worker has another processor"):
            ran(invented)


def test_a_cluster_without_a_worker_is_refused() -> None:
    from distributed import LocalCluster

    nobody = LocalCluster(n_workers=0, dashboard_address=None, silence_logs=50)
    with nobody as empty, pytest.raises(InputError, match="no worker"):
        Cluster(empty.scheduler_address)


def test_what_cannot_be_sent_is_said(local: Any) -> None:
    with Cluster(local.scheduler_address) as cluster, pytest.raises(InputError, match="cannot be sent"):
        next(iter(cluster.each(max, lambda: None, [1])))


def breaks(shared: object, item: int) -> int:
    raise TimeoutError(f"{item} took too long")


def test_an_error_of_the_work_is_not_one_of_the_cluster(local: Any) -> None:
    with Cluster(local.scheduler_address) as cluster, pytest.raises(TimeoutError, match="7 took too long"):
        next(iter(cluster.each(breaks, None, [7])))


def fails(shared: object, item: int) -> int:
    raise InputError(f"{item} cannot be computed.", "here", "take another.")


def test_an_error_of_a_piece_is_told_as_it_is(local: Any) -> None:
    with Cluster(local.scheduler_address) as cluster, pytest.raises(InputError, match="7 cannot be computed"):
        next(iter(cluster.each(fails, None, [7])))
