"""Pieces of a run: the same bits wherever they are computed, and whether they are computed or read."""

import dataclasses
import itertools
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from ceasefire.engine import computing, results, run
from ceasefire.engine.places import HERE, kept_or_computed, place, store
from ceasefire.engine.results import SEVERAL, Leg, run_in_turn
from ceasefire.files import InputError, Study, open_study
from ceasefire.scenario import Scenario, load_scenario
from tests.engine.starts import start_from_priors
from tests.same import assert_same

DRAWS, CHUNK = 250, 60


class Backwards:
    """A place that computes pieces last one first, and counts them."""

    at_once = 3
    processor = HERE.processor

    def __init__(self) -> None:
        self.computed = 0

    def each(self, work: Callable[[Any, Any], Any], shared: Any, items: Iterable[Any]) -> Iterator[Any]:
        given = list(items)
        self.computed += len(given)
        found = [work(shared, item) for item in reversed(given)]
        yield from reversed(found)


@pytest.fixture(scope="module")
def invented() -> Scenario:
    return load_scenario("invented-war")


def ran(war: Scenario, **options: Any) -> xr.Dataset:
    given = {"draws": DRAWS, "seed": 4, "chunk": CHUNK, "outcomes": ["killed", "ended"]} | options
    return run(war.world(), war.plan("truce"), **given)


def study(folder: Path) -> Study:
    return open_study(folder, ["run"], folder.parent, {})


def test_the_place_changes_no_bit(invented: Scenario) -> None:
    elsewhere = Backwards()
    with computing(elsewhere):
        assert place() is elsewhere
        found = ran(invented)
    assert place() is HERE
    assert elsewhere.computed == -(-DRAWS // CHUNK)
    assert_same(found, ran(invented))


def test_pieces_are_kept_and_read_instead_of_computed(invented: Scenario, tmp_path: Path) -> None:
    plain, first, second = ran(invented), Backwards(), Backwards()
    with study(tmp_path / "study") as kept, computing(first, kept):
        assert store() is kept
        assert_same(ran(invented), plain)
    pieces = -(-DRAWS // CHUNK)
    assert first.computed == pieces
    with study(tmp_path / "study") as kept, computing(second, kept):
        assert_same(ran(invented), plain)
        assert second.computed == 0
        torn = sorted((tmp_path / "study" / "pieces").iterdir())
        assert len(torn) == pieces
        for path in torn:
            path.write_bytes(path.read_bytes()[:-1])
        assert_same(ran(invented), plain)
        assert second.computed == pieces
        assert_same(ran(invented), plain)
        assert second.computed == pieces
    assert store() is None


def test_a_piece_that_somebody_has_written_is_refused(invented: Scenario, tmp_path: Path) -> None:
    with study(tmp_path / "study") as kept, computing(kept=kept):
        ran(invented)
        for path in (tmp_path / "study" / "pieces").iterdir():
            kept.keep(path.stem, b"no result at all, with a digest of its own")
        with pytest.raises(InputError, match="a kept piece of this run is no result"):
            ran(invented)


@pytest.mark.thorough
@pytest.mark.parametrize("change", [{"seed": 5}, {"outcomes": ["killed"]}, {"chunk": 61}, {"draws": 249}])
def test_a_piece_of_another_run_is_not_taken_for_its_own(
    invented: Scenario, tmp_path: Path, change: dict[str, Any]
) -> None:
    counted, start = Backwards(), start_from_priors(invented.world(), 30)
    with study(tmp_path / "study") as kept, computing(counted, kept):
        ran(invented)
        before = counted.computed
        found = ran(invented, **change)
        assert counted.computed > before
        from_start = ran(invented, start=start)
    assert_same(found, ran(invented, **change))
    assert_same(from_start, ran(invented, start=start))


def test_wars_in_turn_are_those_of_each_policy(invented: Scenario) -> None:
    world, names = invented.world(), list(invented.policies)[:3]
    legs = [Leg(invented.plan(name), count) for name, count in zip(names, (40, 75, 10), strict=True)]
    found = run_in_turn(world, legs, seed=4, chunk=50, outcomes=["killed"])
    assert found.attrs["policy"] == SEVERAL
    assert found.sizes["war"] == 125
    for (first, last), leg in zip(itertools.pairwise((0, 40, 115, 125)), legs, strict=True):
        alone = run(world, leg.plan, draws=last - first, first=first, seed=4, outcomes=["killed"])
        np.testing.assert_array_equal(found["killed"].values[..., first:last], alone["killed"].values)
        np.testing.assert_array_equal(found["war"].values[first:last], alone["war"].values)
    assert run_in_turn(world, legs[:1], seed=4, outcomes=["killed"]).attrs["policy"] == names[0]
    # What a result says of itself does not depend on where it was divided.
    assert_same(found, run_in_turn(world, legs, seed=4, chunk=165, outcomes=["killed"]))


def test_an_interruption_keeps_what_was_done(invented: Scenario, tmp_path: Path) -> None:
    def told(done: int, total: int) -> None:
        if done >= 2 * CHUNK:
            raise KeyboardInterrupt

    counted = Backwards()
    with study(tmp_path / "study") as kept, computing(kept=kept), pytest.raises(KeyboardInterrupt):
        ran(invented, progress=told)
    with study(tmp_path / "study") as kept, computing(counted, kept):
        assert kept.manifest.done == 2
        found = ran(invented)
    assert_same(found, ran(invented))
    assert counted.computed == -(-DRAWS // CHUNK) - 2


def test_a_store_that_cannot_be_written_to_stops_the_run(
    invented: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(name: str, content: bytes) -> None:
        raise InputError("could not write the file: No space left on device", name, "make room.")

    with study(tmp_path / "study") as kept, computing(kept=kept):
        monkeypatch.setattr(kept, "keep", full)
        with pytest.raises(InputError, match="No space left"):
            ran(invented)


def test_names_of_pieces_differ_by_all_that_they_depend_on(
    invented: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, plan = invented.world(), invented.plan("truce")
    shared = results.Common(world, None, ("killed",), 1, ())
    piece = (results.Stretch(plan, 0, 10),)

    def named(given: results.Common = shared, *changed: results.Stretch) -> str:
        return results._names(given)(changed or piece)

    other = dataclasses.replace
    names = {
        named(),
        named(shared._replace(seed=2)),
        named(shared._replace(off=("battles",))),
        named(shared._replace(wanted=("force",))),
        named(shared._replace(world=other(world, scenario="renamed"))),
        named(shared._replace(world=other(world, codes=("XX", "YY")))),
        named(shared._replace(start=start_from_priors(world, 3))),
        named(shared, piece[0]._replace(first=1)),
        named(shared, piece[0]._replace(wars=9)),
        named(shared, piece[0]._replace(plan=invented.plan("fight-on"))),
        named(shared, piece[0]._replace(plan=other(plan, policy="renamed"))),
        named(shared, *piece, piece[0]._replace(first=10)),
        named(shared, piece[0]._replace(plan=other(plan, stands=np.zeros(len(plan.levers), np.float32)))),
    }
    with monkeypatch.context() as patched:
        patched.setattr(results, "made_by", lambda kind: {"libraries": "others"})
        names.add(named())
    another = Backwards()
    another.processor = "another"
    with computing(another):
        names.add(named())
    assert len(names) == 15
    assert named() == named()


def test_what_is_kept_whole_is_not_computed() -> None:
    class Memory(dict[str, bytes]):
        def has(self, name: str) -> bool:
            return name in self

        def read(self, name: str) -> bytes | None:
            return self[name] or None

        def keep(self, name: str, content: bytes) -> None:
            self[name] = content

    memory, asked = Memory(b=b"B", c=b""), []

    def work(shared: bytes, item: str) -> bytes:
        asked.append(item)
        return shared + item.encode()

    named = [(letter, letter) for letter in "abcd"]
    assert list(kept_or_computed(work, b"-", named, memory)) == [b"-a", b"B", b"-c", b"-d"]
    assert sorted(asked) == ["a", "c", "d"]
    assert memory["c"] == b"-c"
