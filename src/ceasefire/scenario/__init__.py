"""What a user writes: a starting point, ranges, levers and policies in YAML, compiled to arrays."""

from ceasefire.scenario.compiled import (
    TRUCE_BEGINS,
    TRUCE_ENDS,
    Plan,
    World,
    shortened,
    shortened_plan,
    war_days,
)
from ceasefire.scenario.described import Row, describe, describe_history
from ceasefire.scenario.extensions import trusting
from ceasefire.scenario.history import History
from ceasefire.scenario.loading import (
    Scenario,
    load_scenario,
    mirror,
    parse_scenario,
    plan_without_truce,
    shipped_scenarios,
    template,
    with_mechanisms,
    with_policy,
)

__all__ = [
    "TRUCE_BEGINS",
    "TRUCE_ENDS",
    "History",
    "Plan",
    "Row",
    "Scenario",
    "World",
    "describe",
    "describe_history",
    "load_scenario",
    "mirror",
    "parse_scenario",
    "plan_without_truce",
    "shipped_scenarios",
    "shortened",
    "shortened_plan",
    "template",
    "trusting",
    "war_days",
    "with_mechanisms",
    "with_policy",
]
