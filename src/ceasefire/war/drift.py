"""Drift: what changes in a war that no mechanism explains, as slow random walks back to 0.

Four numbers drift: the intensity of the fighting on all fronts, the advantage of one side over the other
(weather, surprise, morale, new arms), the lethality of a hit, and the volatility of the line: phases of
movement and of position come and go.

Equation, at the start of each week, for each of the four:

    x = r x + s sqrt(1 - r^2) z,  r = exp(-7 / d)
    losses and ground x exp(intensity);  b_i + advantage_i, advantage_j = -advantage_i
    k = logistic(logit(killed_share) + lethality);  line_spread x exp(volatility)

| symbol | argument | unit | range |
| --- | --- | --- | --- |
| x | intensity, advantage, lethality, volatility | 1 (logs) | any |
| s | intensity_spread, advantage_spread, lethality_spread, volatility_spread | 1 | >= 0 |
| d | intensity_persistence_days, advantage_persistence_days | days | > 0 |
| d | lethality_persistence_days, volatility_persistence_days | days | > 0 |
| z | this week's shock, standard normal; of opposite signs for the two sides in the advantage | 1 | any |
| b, k | balance (fronts); share of killed among killed and wounded (manpower) | 1 | any, 0 to 1 |

A war starts at x = 0, from where the spread grows to s within about 2 d; the median stays at 0.
Source: discrete Ornstein-Uhlenbeck processes, so that forecasts widen with time as the record says.
Known to fail: sudden breaks (a front that collapses, a new weapon) are spread over many weeks.
Worked number: with s = 0.4 and d = 500 days a week moves the log intensity by 0.4 sqrt(1 - exp(-14/500)) =
0.066.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from ceasefire.war.registry import Parameter, Prior


def _pair(
    name: str, of: str, spread: Prior, persistence: Prior, source: str, why_long: str
) -> tuple[Parameter, Parameter]:
    return (
        Parameter(
            f"{name}_spread",
            f"standard deviation in the long run of {of}",
            "1",
            spread,
            (0.0, 3.0),
            source,
            per_side=False,
        ),
        Parameter(
            f"{name}_persistence_days",
            f"time in which a departure of {of} fades to 37 %",
            "days",
            persistence,
            (1.0, 20_000),
            why_long,
            per_side=False,
        ),
    )


PARAMETERS = (
    *_pair(
        "intensity",
        "the log intensity of the fighting on all fronts",
        Prior(0.2, 0.4, 0.8),
        Prior(150, 500, 2_000),
        "assumed around the General Staff's weekly figures for the whole front: over 38 weeks from April to"
        " 20 December 2022 the log rate has a standard deviation of 0.49, 0.29 without its trend, which"
        " leaves 0.39 to the trend",
        "assumed: a trend over the 38 weeks of that series says no more than that it is long",
    ),
    *_pair(
        "advantage",
        "the log advantage of one side over the other",
        Prior(0.1, 0.3, 0.8),
        Prior(60, 200, 800),
        "assumed: at the registry's steepness of 3.6 a change of 0.3 makes an advance three times as fast;"
        " the area changed 21 times as fast in September 2022 as in July (area table), which would be 0.85",
        "assumed: a campaigning season",
    ),
    *_pair(
        "lethality",
        "the log odds of dying for who is hit",
        Prior(0.1, 0.3, 0.8),
        Prior(300, 1_000, 4_000),
        "assumed: 28 of 100 hit died in the US Army in 1941-45, 22 in Korea (Reister 1973), log odds that"
        " differ by 0.3 from war to war",
        "assumed: weapons and medicine change over years",
    ),
    *_pair(
        "volatility",
        "the log spread of what nothing explains in the line",
        Prior(0.2, 0.6, 1.2),
        Prior(40, 120, 500),
        "assumed around the record before the article: without steps of the map the weekly change of area has"
        " a standard deviation of 112 km2 from June to August 2022 and of 73 from 16 November to 20 December"
        " (area table), logs that differ by 0.4; with the steps of September to November it is 2,700",
        "assumed: a phase of movement lasts a campaigning season or less",
    ),
)


class Drift(NamedTuple):
    """The drifting numbers: intensity, lethality and volatility `[N]`, advantage `[2, N]`."""

    intensity: jax.Array
    advantage: jax.Array
    lethality: jax.Array
    volatility: jax.Array


def next_drift(
    x: jax.Array,
    shock: jax.Array,
    new_week: jax.Array,
    spread: jax.Array,
    persistence_days: jax.Array,
    step: jax.Array | float = 1.0,
) -> jax.Array:
    """Return tomorrow's value of a drifting number; it changes on the first day of a week only.

    Symbols as in the module; `step` is the length of a step in days, in which `persistence_days` is counted.
    """
    kept = jnp.exp(-7.0 / (persistence_days * step))
    moved = kept * x + spread * jnp.sqrt(1.0 - kept * kept) * shock
    return jnp.where(new_week > 0, moved, x)


def lethal_share(killed_share: jax.Array, lethality: jax.Array) -> jax.Array:
    """Return k `[2, N]`, the share of killed among killed and wounded at today's lethality `[N]`."""
    odds = killed_share * jnp.exp(lethality)
    return odds / (1.0 - killed_share + odds)
