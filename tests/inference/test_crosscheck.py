import dataclasses
import datetime as dt

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
import pytest

from ceasefire.engine import chance
from ceasefire.engine.ensemble import week_shocks
from ceasefire.evidence import load
from ceasefire.files import InputError
from ceasefire.inference import crosscheck, filtering
from ceasefire.inference.observing import observe
from ceasefire.inference.target import Target
from ceasefire.scenario import load_scenario
from ceasefire.war import STRUCTURES

UNTIL = dt.date(2022, 8, 30)
WEEKS = 16


@pytest.fixture(scope="module")
def history():
    history = load_scenario("ukraine-2022").history(UNTIL, known_on=UNTIL)
    return crosscheck.fixed(history, crosscheck.ONE_STRUCTURE)


@pytest.fixture(scope="module")
def observed(history):
    return observe(load().known_by(UNTIL), history, step_days=7)


def test_one_structure_is_certain(history, observed):
    target = Target(history.world, observed, paths=1, step_days=7, weeks=WEEKS)
    drawn = target.draw_structure(np.random.default_rng(1).random((len(STRUCTURES), 50)))
    assert (drawn == crosscheck.codes(crosscheck.ONE_STRUCTURE)[:, None]).all()


def test_an_unknown_choice_is_refused():
    with pytest.raises(InputError, match="'cubic' is no choice of attrition_law"):
        crosscheck.codes({"attrition_law": "cubic", "fire_law": "munitions"})


@pytest.mark.thorough
def test_the_joint_density_is_that_of_the_filter_for_the_same_chances(history, observed):
    data = observed.data
    blind = data._replace(
        guide_given=0 * data.guide_given, ground_given=0 * data.ground_given, ground_set=0 * data.ground_set
    )
    observed = dataclasses.replace(observed, data=blind)
    target = Target(history.world, observed, paths=1, step_days=7, weeks=WEEKS)
    structure = crosscheck.codes(crosscheck.ONE_STRUCTURE)
    z = 0.5 * np.random.default_rng(3).standard_normal((target.dimension, 1)).astype(np.float32)
    number = np.array([17], np.uint32)
    estimate, paths = target.paths_of(z, structure[:, None], number)
    key, war = chance.shock_key(filtering._CHANCES), number * np.uint32(filtering.MOST_PATHS)
    chances = []
    for week in range(WEEKS):
        shocks = week_shocks(
            key, jnp.asarray(war), jnp.uint32(week), target.streams, len(history.world.fronts)
        )
        favours = 1 - 2 * int(target.streams[0])
        common = [
            shocks.drift.intensity,
            favours * shocks.drift.advantage[0],
            shocks.drift.lethality,
            favours * shocks.line[0],
            shocks.drift.volatility,
        ]
        chances.append(np.concatenate([np.array(common)[:, 0], np.asarray(shocks.tempo)[:, 0]]))
    joint = crosscheck.Joint(target, structure)
    position = jnp.asarray(np.concatenate([z[:, 0], *chances]), jnp.float32)
    walked = jax.jit(joint.walk)(position)
    np.testing.assert_allclose(walked.quantities[-1], paths.quantities[WEEKS - 1, :, 0], rtol=1e-3, atol=0.5)
    assert np.asarray(blind.given)[:WEEKS].sum() >= 6
    assert float(walked.log_density) == pytest.approx(float(estimate[0]), rel=2e-3, abs=0.02)


def test_days_are_refused(history):
    daily = observe(load().known_by(UNTIL), history, step_days=1)
    target = Target(history.world, daily, paths=1, step_days=1)
    with pytest.raises(InputError, match="a week has 7 steps here"):
        crosscheck.Joint(target, crosscheck.codes(crosscheck.ONE_STRUCTURE))


@pytest.mark.thorough
def test_equal_posteriors_agree_within_their_errors_and_a_shifted_one_does_not():
    rng = np.random.default_rng(1)
    smc, nuts = rng.standard_normal((4, 500, 40)), rng.standard_normal((4, 500, 40))
    smc[..., 0] += 0.5
    smc[..., 1] *= 2.0
    table = crosscheck.compare([f"row {number}" for number in range(40)], smc, nuts)
    assert table["difference"].iloc[0] == pytest.approx(0.5, abs=0.1)
    assert table["log_sd_ratio"].iloc[1] == pytest.approx(np.log(2.0), abs=0.05)
    assert table["difference"].iloc[0] > 2 * table["error"].iloc[0]
    others = table.iloc[2:]
    assert others["difference"].abs().max() < 0.15
    assert (others["difference"].abs() < 3 * others["error"]).mean() > 0.8
    assert others["log_sd_ratio"].abs().max() < 0.1
    assert table["ess"].min() > 1_000


def test_the_summary_names_the_worst_row():
    table = pd.DataFrame(
        {
            "name": ["a", "b"],
            "difference": [0.1, -0.4],
            "error": [0.1, 0.1],
            "log_sd_ratio": [0.0, np.log(1.5)],
            "rhat": [1.0, 1.02],
            "ess": [500.0, 400.0],
        }
    )
    said = crosscheck.Crosscheck(table, 10.0, 20.0, 3, 15.0).summary()
    assert crosscheck.UNDECIDED not in said
    of_no_number = ({"rhat": [1.0, np.nan]}, {"ess": [500.0, np.nan]})
    for worse in ({"rhat": [1.0, 1.06]}, {"ess": [500.0, 99.0]}, *of_no_number):
        undecided = crosscheck.Crosscheck(table.assign(**worse), 10.0, 20.0, 3, 15.0)
        assert not undecided.decides
        assert undecided.summary().endswith(crosscheck.UNDECIDED)
    assert said == (
        "2 means differ by 0.25 standard deviations in the median, 0.40 at most ('b'); 50 % within two Monte"
        " Carlo errors. Standard deviations differ by a factor of 1.25 in the median, 1.50 at most ('b').\n"
        "Hamiltonian Monte Carlo: 20 s, 3 divergences, 15 steps a draw, largest R-hat 1.020, fewest effective"
        " draws 400. SMC: 10 s."
    )
