import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from ceasefire.engine import chance, ensemble
from ceasefire.scenario.schema import MAX_FRONTS
from ceasefire.war import Events, Shocks

WARS = np.arange(20_000)


def shocks(seed: int, week: int, channels: list[int], wars: np.ndarray = WARS) -> np.ndarray:
    return np.asarray(
        chance.shock(
            chance.shock_key(seed), jnp.asarray(wars, jnp.uint32), jnp.asarray(week), jnp.asarray(channels)
        )
    )


def test_weekly_shocks_are_standard_normal() -> None:
    assert stats.kstest(shocks(3, 5, [0])[0], "norm").pvalue > 0.001


def test_shocks_of_channels_weeks_and_wars_are_uncorrelated() -> None:
    here, other_channel = shocks(3, 5, [0, 16])
    next_week = shocks(3, 6, [0])[0]
    other_seed = shocks(4, 5, [0])[0]
    for other in (other_channel, next_week, other_seed, np.roll(here, 1)):
        assert abs(np.corrcoef(here, other)[0, 1]) < 4 / np.sqrt(WARS.size)


@given(st.integers(0, 2**48 - 1), st.integers(0, 4000), st.integers(0, 2**32 - 1))
def test_a_shock_belongs_to_its_war_and_not_to_its_place(seed: int, week: int, war: int) -> None:
    among_others = np.array([7, war, 9])
    assert shocks(seed, week, [1], among_others)[0, 1] == shocks(seed, week, [1], np.array([war, 1, 2]))[0, 0]


@pytest.mark.parametrize("seed", [0, 1, 2**32, 2**48 - 1])
def test_seeds_differ(seed: int) -> None:
    assert not np.array_equal(shocks(seed, 0, [0]), shocks(seed + 1, 0, [0]))
    assert not np.array_equal(
        chance.uniforms(seed, WARS, [("a", 0)]), chance.uniforms(seed + 1, WARS, [("a", 0)])
    )


def test_draws_are_uniform_and_belong_to_name_and_stream() -> None:
    first = chance.uniforms(0, WARS, [("troops", 0)])[0]
    assert stats.kstest(first, "uniform").pvalue > 0.001
    assert 0 < first.min() < first.max() < 1
    for name, stream in (("troops", 1), ("troops", None), ("shells", 0)):
        other = chance.uniforms(0, WARS, [("a", None), (name, stream)])[1]
        assert abs(np.corrcoef(first, other)[0, 1]) < 4 / np.sqrt(WARS.size)


OF_THE_WAR = ("battle", "settlement")
OF_SIDES = tuple(name for name in Events._fields if name not in OF_THE_WAR)


def test_channels_do_not_meet_however_many_fronts_there_are() -> None:
    """As many fronts as a scenario may have, each with a chance of its own."""
    pairs = (chance.PERCEPTION, chance.CULMINATION, *ensemble._OF_SIDES.values())
    single = (
        chance.INTENSITY,
        chance.ADVANTAGE,
        chance.LETHALITY,
        chance.LINE,
        chance.VOLATILITY,
        chance.SETTLEMENT,
    )
    fronts = [
        first + front for first in (chance.FIRST_FRONT, chance.FIRST_BATTLE) for front in range(MAX_FRONTS)
    ]
    used = [*single, *fronts, *(channel + side for channel in pairs for side in (0, 1))]
    assert len(set(used)) == len(used)
    assert max(used) < chance.CHANNELS
    assert set(ensemble._OF_SIDES) == set(OF_SIDES)


def week_shocks_of(streams: list[int]) -> Shocks:
    return ensemble.week_shocks(
        chance.shock_key(3), jnp.asarray(WARS, jnp.uint32), jnp.asarray(5), jnp.asarray(streams), fronts=3
    )


def test_what_favours_the_initiator_goes_against_the_other_however_they_are_listed() -> None:
    straight, turned = week_shocks_of([0, 1]), week_shocks_of([1, 0])
    for here, there in (
        (straight.drift.advantage, turned.drift.advantage),
        (straight.line, turned.line),
        (straight.perception, turned.perception),
        (straight.culmination, turned.culmination),
        *((getattr(straight.events, name), getattr(turned.events, name)) for name in OF_SIDES),
    ):
        np.testing.assert_array_equal(here, there[::-1])
    for shocks_of_both in (straight.drift.advantage, straight.line):
        np.testing.assert_array_equal(shocks_of_both[0], -shocks_of_both[1])
        assert np.std(shocks_of_both[0]) == pytest.approx(1.0, rel=0.03)
    for here, there in (
        (straight.tempo, turned.tempo),
        (straight.drift.intensity, turned.drift.intensity),
        (straight.drift.lethality, turned.drift.lethality),
        (straight.drift.volatility, turned.drift.volatility),
        *((getattr(straight.events, name), getattr(turned.events, name)) for name in OF_THE_WAR),
    ):
        np.testing.assert_array_equal(here, there)


def test_the_shocks_of_a_week_are_of_different_channels() -> None:
    found = week_shocks_of([0, 1])
    rows = np.vstack(
        [
            found.tempo,
            found.perception,
            found.culmination,
            found.drift.intensity,
            found.drift.advantage[0],
            found.drift.lethality,
            found.drift.volatility,
            found.line[0],
            *found.events,
        ]
    )
    # Core, seven chances for each side, one for each front, one for the war.
    assert len(rows) == 12 + 2 * 7 + 3 + 1
    correlation = np.corrcoef(rows) - np.eye(len(rows))
    assert np.abs(correlation).max() < 4.5 / np.sqrt(WARS.size)
