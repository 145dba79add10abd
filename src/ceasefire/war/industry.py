"""War industry: output that ramps up towards a ceiling, with delay.

Equation, for each side, per day:

    dI = (1 + (c - 1) e - I) / r

| symbol | argument | unit | range |
| --- | --- | --- | --- |
| I | industry: output as a multiple of that at the start | 1 | >= 0 |
| c | industry_ceiling | 1 | >= 0.2 |
| e | economy (lever) | share | 0 to 1 |
| r | ramp_days | days | > 1 |

Source: first-order adjustment of capacity, the usual form in system dynamics (Sterman, Business Dynamics, 2000, ch. 21).
Known to fail: labour, components and money do not limit output here; shocks to single factories are averaged out.
Worked number: with c = 3, e = 1, r = 365 days, output is 1 + 2 (1 - exp(-1)) = 2.26 times that at the start after a year.
"""

from __future__ import annotations

import jax

from ceasefire.war.registry import Parameter, Prior

PARAMETERS = (
    Parameter(
        "industry_ceiling",
        "war output that full effort could reach, as a multiple of that at the start",
        "1",
        Prior(1.2, 2.2, 4.5),
        (0.2, 20.0),
        "assumed: estimates of Russian shell output rose from 0.4 to between 2 and 4.5 million a year, 2022 to 2024 (production table),"
        " of United States 155 mm shells from 15,000 towards 100,000 a month",
    ),
    Parameter(
        "ramp_days",
        "time in which output makes up 63 % of the way to its target",
        "days",
        Prior(180, 400, 900),
        (10, 5_000),
        "assumed: the same rises took one to three years (production table)",
    ),
)


def next_industry(
    industry: jax.Array, economy: jax.Array, industry_ceiling: jax.Array, ramp_days: jax.Array
) -> jax.Array:
    """Return tomorrow's output `[2, N]` as a multiple of that at the start."""
    target = 1.0 + (industry_ceiling - 1.0) * economy
    return industry + (target - industry) / ramp_days
