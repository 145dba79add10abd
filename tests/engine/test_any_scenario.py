"""No war of any scenario that the schema admits ends with a bad status."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ceasefire.engine import run
from ceasefire.engine.ensemble import Passages
from ceasefire.scenario import Scenario
from tests.scenario.strategies import SWITCHED, scenarios

OF_ANY_SIGN = {
    "perceived",
    "ground_net",
    "parameters",
    *(name for name in Passages._fields if name.endswith("_day")),
}


# Two sets of mechanisms, so that few programs are compiled: none, and half of the wars with each.
MECHANISMS = st.sampled_from([{}, dict.fromkeys(SWITCHED, 0.5)])


@pytest.mark.thorough
@settings(max_examples=5)
@given(scenarios(longest=35, mechanisms=MECHANISMS))
def test_no_stock_of_an_admitted_scenario_turns_bad(scenario: Scenario) -> None:
    for policy in list(scenario.policies)[:2]:
        result = run(scenario.world(), scenario.plan(policy), draws=64, seed=0)
        assert (result["status"].values == 0).all()
        for name, values in result.data_vars.items():
            assert np.isfinite(values.values).all(), name
            if name not in OF_ANY_SIGN:
                assert (values.values >= 0).all(), name
