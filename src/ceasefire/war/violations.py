"""Violations: a truce decays as each side answers the other's violations, until it has collapsed.

A truce begins at the level of violations that `truce` gives it. From there the log odds of violations grow
by the same amount each day, less where monitors watch; the growth is counted as provocation.

Equation, per day, while a truce is in force:

    x = 0 on the day on which it begins, then x + g (1 - m M)
    v0 = v (1 - m M)
    r = v0 (exp(x) - 1) / (1 + v0 (exp(x) - 1))
    level = v0 + (1 - v0) r
    collapsed if r > L

| symbol | argument | unit | range |
| --- | --- | --- | --- |
| x | provocation: growth of the log odds of violations since the truce began | 1 | >= 0 |
| g | violation_growth | 1/day | >= 0 |
| v, m | violation_level, monitoring_effect (parameters of `truce`) | share | 0 to 1 |
| M | monitored (lever) | share | 0 to 1 |
| v0, level | violations at first and today, as a share of normal fighting | share | 0 to 1 |
| r | regained: share of the way from v0 back to normal fighting | share | 0 to 1 |
| L | violation_limit | share | 0 to 1 |

The level is the logistic curve d level = g (1 - m M) level (1 - level) from v0 on, exact for every length of
a step. Growth 0 gives the constant level of `truce`, to the last digit. A truce that has collapsed is over:
fighting is normal from that day, and nobody is counted as the one who broke it.
Source: the project's own; mutual response with a ceiling. Counts of OSCE monitors in Donbas for its speed.
Known to fail: one speed for a whole truce; no single incident, no side that answers more than the other, no
commission that calms; what was seen in Donbas were renewed promises within a frozen war.
Worked number: v = 0.08, g = 0.04, L = 0.5, no monitors: regained passes 0.5 when 0.08 (exp(x) - 1) > 1, so
after ln(13.5) / 0.04 = 65.1 days; the level is then 0.54. With monitors and m = 0.4: 128.5 days.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from ceasefire.war.registry import Parameter, Prior

# Log odds beyond which a truce is no truce in any respect; keeps exp(x) finite.
MOST_PROVOCATION = 30.0

PARAMETERS = (
    Parameter(
        "violation_growth",
        "growth of the log odds of violations in an unmonitored truce",
        "1/day",
        Prior(0.0003, 0.003, 0.07),
        (0.0, 5.0),
        "Donbas, counted by OSCE monitors: 63 % more within a week in August 2018 is 0.07 a day (LB.ua, 9"
        " August 2018), five times as many in December 2021 as a year before is 0.004 (offers table, truce of"
        " July 2020); 12 promises of three years lasted about two weeks on average (the same of August 2018),"
        " faster than the range. Best and low are assumed, so that a third of truces without monitors and a"
        " fifth with them collapse within a year; a large offensive by any cause came after 46 % (of 26) and"
        " 18 % (of 28) of interstate ceasefires (ceasefire table)",
        per_side=False,
    ),
    Parameter(
        "violation_limit",
        "share of the way back to normal fighting at which a truce has collapsed",
        "share",
        Prior(0.25, 0.5, 0.8, "logit"),
        (0.0, 1.0),
        "assumed: 431 violations on 29 August 2017 after 654 on the last day before (66 %) were called a"
        " failure by the monitors (LB.ua, 1 September 2017)",
        per_side=False,
    ),
)


class Violations(NamedTuple):
    """What today's violations make of a truce, `[N]` each."""

    level: jax.Array
    """Share of normal fighting that goes on in a truce."""
    in_force: jax.Array
    """1 where a truce is still in force."""
    collapsed: jax.Array
    """1 on the day on which a truce collapses."""


def next_provocation(
    provocation: jax.Array,
    in_force: jax.Array,
    begins: jax.Array,
    monitored: jax.Array,
    violation_growth: jax.Array,
    monitoring_effect: jax.Array,
) -> jax.Array:
    """Return today's provocation x `[N]`: 0 without a truce and on the day on which one begins.

    `in_force` `[N]` is 1 where a truce is in force this morning, `begins` 1 on the day on which one begins,
    also where it follows another at once.
    """
    grown = provocation + violation_growth * (1.0 - monitoring_effect * monitored)
    goes_on = (in_force > 0) & (begins == 0)
    return jnp.where(goes_on, jnp.minimum(grown, MOST_PROVOCATION), 0.0)


def violations(
    in_force: jax.Array,
    provocation: jax.Array,
    monitored: jax.Array,
    violation_level: jax.Array,
    monitoring_effect: jax.Array,
    violation_limit: jax.Array,
) -> Violations:
    """Return today's level of violations and whether the truce stands. Symbols as in the module, `[N]`."""
    first = violation_level * (1.0 - monitoring_effect * monitored)
    gained = first * jnp.expm1(provocation)
    regained = gained / (1.0 + gained)
    collapsed = (in_force > 0) & (regained > violation_limit)
    return Violations(
        level=first + (1.0 - first) * regained,
        in_force=jnp.where(collapsed, 0.0, in_force),
        collapsed=jnp.where(collapsed, 1.0, 0.0),
    )


def activity(in_force: jax.Array, level: jax.Array) -> jax.Array:
    """Return the share of fighting that goes on today `[N]`: 1 without a truce."""
    return jnp.where(in_force > 0, level, 1.0)
