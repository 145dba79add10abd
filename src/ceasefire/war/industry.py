"""War industry: output that ramps up towards a ceiling, with delay.

Equation, for each side, per day:

    dI = (1 + (c - 1) e - I) / r

| symbol | argument | unit | range |
| --- | --- | --- | --- |
| I | industry: output as a multiple of that at the start | 1 | >= 0 |
| c | industry_ceiling | 1 | >= 0.2 |
| e | economy (lever) | share | 0 to 1 |
| r | ramp_days | days | > 1 |

Source: first-order adjustment to a goal, the linear negative feedback of system dynamics (Sterman, Business
Dynamics, 2000, ch. 8).
Known to fail: labour, components and money do not limit output here; shocks to single factories are averaged
out.
Worked number: with c = 3, e = 1, r = 365 days, output is 1 + 2 (1 - exp(-1)) = 2.26 times that at the start
after a year.
"""

from __future__ import annotations

import jax

from ceasefire.war.registry import Parameter, Prior

PARAMETERS = (
    Parameter(
        "industry_ceiling",
        "war output that full effort could reach, as a multiple of that at the start",
        "1",
        Prior(1.4, 2.8, 6.0),
        (0.2, 20.0),
        "around rises since 2022 (production table): US 155 mm shells 14,500 to 40,000 a month (2.8),"
        " T-90M tanks 65 to 280 a year (4, contested), Russian shells 0.4 to 3 or 4.5 million; US shells"
        " tripled in half of 1942",
    ),
    Parameter(
        "ramp_days",
        "time in which output makes up 63 % of the way to its target",
        "days",
        Prior(200, 500, 1_100),
        (10, 5_000),
        "around rises since 2022 (production table): US 155 mm output doubled in 19 months and reached 2.8"
        " times that of February 2022 after 40; Russian T-90M output doubled in about a year",
    ),
)


def next_industry(
    industry: jax.Array, economy: jax.Array, industry_ceiling: jax.Array, ramp_days: jax.Array
) -> jax.Array:
    """Return tomorrow's output `[2, N]` as a multiple of that at the start."""
    target = 1.0 + (industry_ceiling - 1.0) * economy
    return industry + (target - industry) / ramp_days
