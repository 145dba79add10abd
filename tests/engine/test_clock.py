"""A stop of the clock: nothing happens for some weeks, then the war goes on as it would have."""

import datetime as dt

import jax
import numpy as np
import pytest

from ceasefire.engine import chance, draw_parameters, draw_structure, ensemble, run
from ceasefire.engine.ensemble import OfRun, OfWars, run_block, run_blocks, schedule
from ceasefire.engine.results import PASSAGES
from ceasefire.files import InputError
from ceasefire.scenario import Scenario, load_scenario, parse_scenario, template, with_mechanisms, with_policy
from ceasefire.scenario.schema import ClockStop, Policy
from ceasefire.war.structure import OPTIONAL

DRAWS = 128


@pytest.fixture(scope="module")
def whole() -> Scenario:
    """The first article's war with every optional mechanism in it."""
    return with_mechanisms(load_scenario("ukraine-2022"), on=OPTIONAL)


def stopped(scenario: Scenario, first: int, days: int) -> Scenario:
    stop = ClockStop.model_validate({"start": scenario.start + dt.timedelta(days=first), "days": days})
    return with_policy(scenario, "stopped", Policy(says="It stands still.", clock_stopped=stop))


@pytest.mark.thorough
@pytest.mark.parametrize(("first", "days"), [(1, 182), (7, 70), (24, 7), (0, 21)])
def test_the_path_is_that_of_fighting_on_shifted_by_the_stop(whole: Scenario, first: int, days: int) -> None:
    war = stopped(whole, first, days)
    through, found = (
        run(war.world(), war.plan(name), draws=DRAWS, seed=5) for name in ("fight-on", "stopped")
    )
    before, weeks = -(-first // 7), days // 7
    moved = 0
    for name in through.data_vars:
        if "time" not in through[name].dims:
            continue
        path, shifted = through[name].values, found[name].values
        np.testing.assert_array_equal(shifted[: first // 7 + 1], path[: first // 7 + 1], err_msg=name)
        standing = shifted[before : before + weeks] if first % 7 else shifted[before : before + weeks + 1]
        np.testing.assert_array_equal(standing, standing[[0] * len(standing)], err_msg=name)
        end = len(path) - weeks
        np.testing.assert_allclose(shifted[before + weeks :], path[before:end], rtol=1e-5, err_msg=name)
        moved += not np.array_equal(shifted, path)
    assert moved > 20
    happened = 0
    for name in PASSAGES:
        there, here = through[name].values, found[name].values
        # What came before the stop kept its day; later days are later by it, those beyond the end are lost.
        later = there >= first
        expected = np.where(later, there + days, there)
        expected[expected >= whole.world().days] = -1
        np.testing.assert_array_equal(here, expected, err_msg=name)
        happened += int((here >= first + days).sum())
    assert happened > 20


@pytest.mark.thorough
def test_jax_walks_it_like_the_fused_loop() -> None:
    war = stopped(load_scenario("invented-war"), 3, 14)
    world, plan = war.world(), war.plan("stopped")
    wars = np.arange(16)
    parameters, structure = draw_parameters(world, wars, 1), draw_structure(world, wars, 1)
    (block,) = run_blocks(world, plan, parameters, structure, wars, 1, 16)
    of_run = OfRun(
        ensemble.Geography(*world.geography),
        chance.shock_key(1),
        np.asarray(world.streams, np.int32),
    )
    of_wars = OfWars(parameters, structure, wars.astype(np.uint32))
    _, weekly, passages = jax.tree.map(np.asarray, run_block(of_wars, of_run, schedule(plan)))
    for name, values in weekly._asdict().items():
        np.testing.assert_allclose(getattr(block.weekly, name), values, rtol=2e-4, atol=1e-3, err_msg=name)
    np.testing.assert_array_equal(block.passages.first_offensive_day, passages.first_offensive_day)


TRIED = template().replace("start: 2001-06-01, days: 182}", "start: 2001-06-01, days: DAYS}")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("days: DAYS", "days: 100"), "not of whole weeks"),
        (("days: DAYS", "days: 70000"), "days"),
        (("days: DAYS", "days: 700"), "beyond the end of the war"),
        (("2001-06-01, days: DAYS", "1999-06-01, days: 7"), "1999-06-01"),
        (
            ("clock_stopped:", "truces: [{start: 2001-03-01, days: 7}]\n    clock_stopped:"),
            "changes something else too",
        ),
    ],
)
def test_a_stop_that_cannot_be_is_refused(change: tuple[str, str], message: str) -> None:
    text = TRIED.replace(*change).replace("DAYS", "182")
    assert text != template()
    with pytest.raises(InputError, match=message):
        parse_scenario(text)
