"""No war of any scenario that the schema admits ends with a bad status."""

import numpy as np
from hypothesis import given, settings

from ceasefire.engine import run
from ceasefire.scenario import Scenario
from tests.scenario.strategies import scenarios

OF_ANY_SIGN = {"perceived", "ground_net", "truce_broken_day", "first_offensive_day", "parameters"}


@settings(max_examples=5)
@given(scenarios(longest=35))
def test_no_stock_of_an_admitted_scenario_turns_bad(scenario: Scenario) -> None:
    for policy in list(scenario.policies)[:2]:
        result = run(scenario.world(), scenario.plan(policy), draws=64, seed=0)
        assert (result["status"].values == 0).all()
        for name, values in result.data_vars.items():
            assert np.isfinite(values.values).all(), name
            if name not in OF_ANY_SIGN:
                assert (values.values >= 0).all(), name
