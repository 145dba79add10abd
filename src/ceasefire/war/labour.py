"""Labour: people who are called up or leave the country are missing at work, and production falls.

Equation, for each side, per day:

    dL = called up + emigrating - back from abroad - discharged
    labour = max(1 - L / W, 0.05)^a

| symbol | argument | unit | range |
| --- | --- | --- | --- |
| L | workforce_lost since the start | persons | any |
| W | initial_workforce: people at work or looking for it at the start | persons | >= 100,000 |
| a | labour_elasticity | 1 | 0 to 1.5 |
| labour | factor on all war production | 1 | >= 0 |

L is below 0 where more have come back to work than have left it; output is then above that at the start.
Source: the labour term of the production function of Cobb and Douglas, whose exponent is labour's share of
income where firms compete: 0.65 to 0.80 in most countries (Gollin 2002, Journal of Political Economy 110).
Known to fail: nobody takes an empty place (the unemployed, women, migrants, overtime), and training does not
count; trades are all alike; those discharged after wounds are counted as back at work, though many cannot;
everybody in the pool is counted as at work; who flees the fighting or lives where the enemy rules is not
counted.
Worked number: L = 1,500,000 of W = 20,000,000 and a = 0.6 leave 0.925^0.6 = 0.954 of the output.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from ceasefire.war.registry import Parameter, Prior

# Share of the workforce at which more losses count no further: keeps the logarithm finite.
FEWEST_AT_WORK = 0.05

PARAMETERS = (
    Parameter(
        "initial_workforce",
        "people at work or looking for work at the start",
        "persons",
        Prior(3e6, 15e6, 60e6),
        (100_000.0, 1e9),
        "assumed: a scenario gives its own; about half of the inhabitants of a middle-sized country",
        initial=True,
    ),
    Parameter(
        "labour_elasticity",
        "percent of war production lost with one percent of the workforce",
        "1",
        Prior(0.05, 0.3, 0.8),
        (0.0, 1.5),
        "labour's share of income is 0.65 to 0.80 in most countries (Gollin 2002); lower values are assumed,"
        " since war plants are spared: their workers were let off Russia's call-up by the decree of 21"
        " September 2022 (TASS)",
    ),
)


def next_workforce_lost(
    workforce_lost: jax.Array,
    called_up: jax.Array,
    emigrating: jax.Array,
    back_from_abroad: jax.Array,
    discharged: jax.Array,
) -> jax.Array:
    """Return tomorrow's L `[2, N]`, persons; the four flows are today's, persons/day."""
    return workforce_lost + ((called_up + emigrating) - (back_from_abroad + discharged))


def factor(
    workforce_lost: jax.Array, initial_workforce: jax.Array, labour_elasticity: jax.Array
) -> jax.Array:
    """Return the factor on all war production `[2, N]`; exactly 1 where nobody is missing."""
    at_work = jnp.maximum(1.0 - workforce_lost / initial_workforce, FEWEST_AT_WORK)
    return jnp.exp(labour_elasticity * jnp.log(at_work))
