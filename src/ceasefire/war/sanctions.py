"""Sanctions: what others cut a side off from slows its war production, until ways round are found.

Ways round a sanction are found with a delay, and only in part; each tightening bites afresh.

Equation, for each side, per day:

    bite = max(S - A, 0)
    dA = (l S - A) / t,  A(0) = w S_0
    components = (1 - c bite) / (1 - c bite_0),  money = (1 - m bite) / (1 - m bite_0)
    bite_0 = (1 - w) S_0

| symbol | argument | unit | range |
| --- | --- | --- | --- |
| S | sanctions (lever): 0 nothing is cut off, 1 all that is traded with the world is | share | 0 to 1 |
| A | evaded: what ways round make up for | share | 0 to 1 |
| l | sanctions_leak | share | 0 to 1 |
| t | evasion_days | days | >= 30 |
| c, m | component_dependence, money_dependence | share | 0 to 0.9 |
| S_0 | sanctions_at_start | share | 0 to 1 |
| w | evaded_at_start | share | 0 to 1 |
| components | factor on missiles, drones and modern armour built | 1 | 0.1 to 10 |
| money | factor on all war production | 1 | 0.1 to 10 |

Output at the start is what a side made under the sanctions of that day, so that both factors are 1 while
nothing has changed; lifted sanctions raise output above it. With sanctions held at S the bite goes to
(1 - l) S.
Source: first-order adjustment to a goal (Sterman, Business Dynamics, 2000, ch. 8), applied to substitution;
the project's own. Russian imports of dual-use goods fell by a half in the first months and stood 28.5 % below
the time before the invasion in January to September 2023, those found in weapons 9.1 % (Kyiv School of
Economics, with the Yermak-McFaul group, 2023).
Known to fail: prices of what is smuggled, stocks of components and single choke points are not told apart; a
loss of money is felt on the same day; sanctions on buyers of exports and on sellers of parts are one number;
those who impose sanctions bear no cost.
Worked number: S = 0.5 for the first time, l = 0.6, t = 300, c = 0.4: components are 0.80 on the first day,
0.876 after 300 days and 0.92 in the end.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from ceasefire.war.registry import Parameter, Prior

PARAMETERS = (
    Parameter(
        "sanctions_at_start",
        "tightness of the sanctions under which output at the start was made",
        "share",
        Prior(0.0, 0.0, 0.0, "logit"),
        (0.0, 1.0),
        "none unless a scenario says so: a scenario with sanctions on its first day gives the lever's value",
    ),
    Parameter(
        "evaded_at_start",
        "share of the sanctions at the start that ways round already made up for",
        "share",
        Prior(0.05, 0.25, 0.6, "logit"),
        (0.0, 1.0),
        "assumed: depends on how long sanctions had stood; of no effect where there were none",
    ),
    Parameter(
        "sanctions_leak",
        "share of sanctions that ways round make up for in the end",
        "share",
        Prior(0.35, 0.65, 0.9, "logit"),
        (0.0, 1.0),
        "around two ratios: Russian imports of dual-use goods fell by 50 % in the first months of 2022"
        " (Re:Russia, 2023) and were 28.5 % below the time before in January to September 2023, those of"
        " goods found in weapons 9.1 % (Kyiv School of Economics and Yermak-McFaul group, 2023): 0.43 and"
        " 0.82 made up for, by value at higher prices",
    ),
    Parameter(
        "evasion_days",
        "time in which ways round sanctions reach 63 % of what they reach in the end",
        "days",
        Prior(100, 250, 600),
        (30.0, 5_000.0),
        "assumed around Russian imports of dual-use goods: halved in the first months of 2022, recovering in"
        " the second half of the year (Re:Russia, 2023), about half of the fall or more made up by January to"
        " September 2023 (Kyiv School of Economics)",
    ),
    Parameter(
        "component_dependence",
        "share of the output of missiles, drones and modern armour lost if cut off from the world at once",
        "share",
        Prior(0.08, 0.3, 0.7, "logit"),
        (0.0, 0.9),
        "assumed: 1,057 foreign components in 58 captured Russian weapons, over 70 % of United States firms"
        " (Kyiv School of Economics through Re:Russia, 2023), yet output of Kh-101 missiles rose from 56 in"
        " 2021 to 420 in 2023 (production table); what a full cut would do was never seen",
    ),
    Parameter(
        "money_dependence",
        "share of all war production lost if cut off from the world at once",
        "share",
        Prior(0.02, 0.1, 0.35, "logit"),
        (0.0, 0.9),
        "assumed: oil and gas gave 8.8 of 29.1 trillion roubles of Russian federal revenue in 2023, in its"
        " first four months 52 % less than a year before, yet the budget for defence was to rise from 3.9 %"
        " of gross domestic product in 2023 to 6 % in 2024 (economy table): war is spared first",
    ),
)


class Factors(NamedTuple):
    """By what output is multiplied, `[2, N]` each; 1 as at the start."""

    components: jax.Array
    """On missiles, drones and modern armour built."""
    money: jax.Array
    """On all war production."""


def evaded_at_first(sanctions_at_start: jax.Array, evaded_at_start: jax.Array) -> jax.Array:
    """Return A on the first morning `[2, N]`."""
    return evaded_at_start * sanctions_at_start


def bite(sanctions: jax.Array, evaded: jax.Array) -> jax.Array:
    """Return what of the sanctions is felt `[2, N]`, a share."""
    return jnp.maximum(sanctions - evaded, 0.0)


def next_evaded(
    evaded: jax.Array, sanctions: jax.Array, sanctions_leak: jax.Array, evasion_days: jax.Array
) -> jax.Array:
    """Return tomorrow's A `[2, N]`."""
    return evaded + (sanctions_leak * sanctions - evaded) / evasion_days


def factors(
    felt: jax.Array,
    sanctions_at_start: jax.Array,
    evaded_at_start: jax.Array,
    component_dependence: jax.Array,
    money_dependence: jax.Array,
) -> Factors:
    """Return the factors on production. `felt` is today's bite `[2, N]`; symbols as in the module."""
    at_start = bite(sanctions_at_start, evaded_at_first(sanctions_at_start, evaded_at_start))

    def factor(dependence: jax.Array) -> jax.Array:
        return (1.0 - dependence * felt) / (1.0 - dependence * at_start)

    return Factors(factor(component_dependence), factor(money_dependence))
