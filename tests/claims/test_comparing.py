"""Sceptical and credulous priors: quarters of the wars by what only a truce would reveal."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ceasefire.claims.comparing import friendliness, is_watched, quarters
from ceasefire.scenario import load_scenario
from ceasefire.war import REGISTRY


def drawn(wars: int, **values: list[float]) -> np.ndarray:
    """Return parameters that are 1 but for those given, each side of which gets the same."""
    parameters = np.ones((REGISTRY.size, wars), np.float32)
    for name, of_wars in values.items():
        parameters[REGISTRY.rows[name]] = of_wars
    return parameters


def test_much_fighting_in_a_truce_and_a_cheap_breach_are_sceptical() -> None:
    violated = friendliness(drawn(4, violation_level=[0.1, 0.2, 0.3, 0.4]), watched=False)
    assert list(np.argsort(violated)) == [3, 2, 1, 0]
    dear = friendliness(drawn(4, truce_cost=[0.1, 0.2, 0.3, 0.4]), watched=False)
    assert list(np.argsort(dear)) == [0, 1, 2, 3]
    low, high = quarters(violated)
    assert (list(low), list(high)) == ([3], [0])


@pytest.mark.parametrize("name", ["monitoring_effect", "monitoring_cost"])
def test_what_monitors_do_counts_only_where_there_are_any(name: str) -> None:
    parameters = drawn(4, **{name: [0.1, 0.2, 0.3, 0.4]})
    assert len(set(friendliness(parameters, watched=False))) == 1
    assert list(np.argsort(friendliness(parameters, watched=True))) == [0, 1, 2, 3]


@given(st.lists(st.tuples(*[st.floats(0.1, 1.0)] * 3), min_size=1, max_size=30))
def test_sides_the_other_way_round_have_the_same_quarters(values: list[tuple[float, ...]]) -> None:
    parameters = drawn(len(values), violation_level=[row[0] for row in values])
    rows = REGISTRY.rows["truce_cost"]
    parameters[rows] = np.array([row[1:] for row in values]).T
    turned = parameters.copy()
    turned[rows] = parameters[rows][::-1]
    one, other = (friendliness(given_, watched=False) for given_ in (parameters, turned))
    assert np.array_equal(one, other)
    for size in (len(part) for part in quarters(one)):
        assert size == max(round(len(values) / 4), 1)


def test_the_shipped_truces_with_monitors_are_watched() -> None:
    policies = load_scenario("ukraine-2022").policies
    assert is_watched([policies["fight-on"], policies["truce-monitored"]])
    assert not is_watched([policies["fight-on"], policies["truce"]])
