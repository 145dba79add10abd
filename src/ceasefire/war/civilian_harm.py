"""Civilian harm: people killed by what gets through to cities and by fire near the front, and displaced.

Civilians are counted by the side that holds the ground on which they live, apart from all soldiers.

Equation, for each side, per day:

    killed by strikes = m leaked missiles + d leaked drones
    killed by fire = f rounds fired by the enemy
    displacing = bounded(x killed by fire + g (1 - G), P - D)
    returning = D / r
    dD = displacing - returning

| symbol | argument | unit | range |
| --- | --- | --- | --- |
| leaked | missiles and long-range drones that got through to the side today (air_defence) | 1/day | >= 0 |
| m, d | deaths_per_missile, deaths_per_drone | persons/missile, persons/drone | >= 0 |
| f | deaths_per_round | persons/round | >= 0 |
| D | displaced | persons | >= 0 |
| P | civilian_population | persons | >= 0 |
| x | displaced_per_death | persons/person | >= 0 |
| G | grid: power capacity that works (air_defence) | share | 0 to 1 |
| g | grid_displacement | persons/day | >= 0 |
| r | displacement_return_days | days | >= 7 |

Source: the project's own, rates around what the United Nations verified; verified deaths are a lower bound by
their own statement, and hardly any are verified on ground that Russia holds.
Known to fail: deaths by cold, illness or want are not counted; mines, bombs and drones near the front are
part of the rate by fire; a siege (Mariupol) is not modelled; who is displaced stays in the pool for call-up;
people abroad are not counted; flight from ground that is taken is part of the rate by fire.
Worked number: 4 missiles and 10 drones that get through a day at 0.4 and 0.04 deaths each, and 15,000 rounds
a day at 0.0003: 2 + 4.5 = 6.5 people killed a day.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from ceasefire.war.flows import bounded, enemy
from ceasefire.war.registry import Parameter, Prior

PARAMETERS = (
    Parameter(
        "initial_displaced",
        "civilians displaced within the country at the start",
        "persons",
        Prior(30_000, 500_000, 6_000_000),
        (0.0, 1e8),
        "assumed: a scenario gives its own",
        initial=True,
    ),
    Parameter(
        "civilian_population",
        "civilians on the ground that the side holds",
        "persons",
        Prior(8e6, 3e7, 1.2e8),
        (1_000, 2e9),
        "assumed: a scenario gives its own",
    ),
    Parameter(
        "deaths_per_missile",
        "civilians killed by each long-range missile that gets through",
        "persons/missile",
        Prior(0.12, 0.4, 1.5),
        (0.0, 100.0),
        "14 killed on 10 October 2022 (events table), in a week in which 70 missiles got through (air"
        " table): at least 0.2; 89 in July 2025 and 36 in September by all long-range weapons (civilians"
        " table), of some 90 and 70 missiles and 700 drones each that got through: 0.5 and 0.25 where a"
        " drone kills a tenth of that; verified deaths are a lower bound",
    ),
    Parameter(
        "deaths_per_drone",
        "civilians killed by each long-range drone that gets through",
        "persons/drone",
        Prior(0.01, 0.04, 0.15),
        (0.0, 100.0),
        "assumed: a tenth of a missile's; both together from the counts by long-range weapons of July and"
        " September 2025 (civilians table)",
    ),
    Parameter(
        "deaths_per_round",
        "civilians killed near the front for each artillery round that the enemy fires",
        "persons/round",
        Prior(1e-4, 3e-4, 1e-3),
        (0.0, 0.1),
        "184 and 205 killed in November and December 2022 (civilians table, known on 6 March 2023), 43 of"
        " them by 107 missiles that got through (air table) at 0.4 each: 5.7 a day for 20,000 rounds a day,"
        " 2.8e-4; 129 in April 2024, 3.2 a day by the same rule for 10,000 rounds a day, 3.2e-4; mines,"
        " bombs and drones at the front are in it; verified deaths are a lower bound",
    ),
    Parameter(
        "displaced_per_death",
        "civilians who flee for each one killed by fire near the front",
        "persons/person",
        Prior(150, 800, 3_500),
        (0.0, 1e5),
        "assumed: 8 million displaced within Ukraine by 3 May 2022 and 5.9 million crossings of the border,"
        " 3,930 deaths verified by 22 May (civilians table), are 3,500 each at the outset; some 3.7 million"
        " displaced from 2023 to 2025 (from memory; civilians table) need 1,400 at the best time of return"
        " and 4.5 deaths a day, less what the grid drives out",
    ),
    Parameter(
        "grid_displacement",
        "civilians who leave their homes a day when no grid works",
        "persons/day",
        Prior(100, 1_500, 15_000),
        (0.0, 1e6),
        "assumed: the number of displaced in Ukraine did not rise from June to December 2022 (6.3 to 5.9"
        " million, the latter from memory; civilians table) while up to half of the grid was damaged",
    ),
    Parameter(
        "displacement_return_days",
        "time in which 63 % of the displaced return or settle elsewhere for good",
        "days",
        Prior(200, 600, 2_500),
        (7.0, 50_000),
        "displaced within Ukraine: 8.0 million on 3 May and 6.3 million on 23 June 2022 (civilians table), a"
        " rate of 1 in 210 days; 6.3 to 5.1 million from June 2022 to May 2023 (the latter from memory), 1 in"
        " 1,600; new displacement hides part of the return",
    ),
)


class Deaths(NamedTuple):
    """Civilians killed today on the ground of each side, `[2, N]` each, persons/day."""

    by_strikes: jax.Array
    by_fire: jax.Array


def deaths(
    missiles_leaked: jax.Array,
    drones_leaked: jax.Array,
    fire: jax.Array,
    deaths_per_missile: jax.Array,
    deaths_per_drone: jax.Array,
    deaths_per_round: jax.Array,
) -> Deaths:
    """Return the civilians killed today.

    What leaked and all parameters `[2, N]` are by the side that suffers; `fire` `[2, N]` by the side that
    fires, rounds/day.
    """
    return Deaths(
        by_strikes=deaths_per_missile * missiles_leaked + deaths_per_drone * drones_leaked,
        by_fire=deaths_per_round * enemy(fire),
    )


class Displacement(NamedTuple):
    """Civilians who leave their homes and who return today, `[2, N]` each, persons/day."""

    displacing: jax.Array
    returning: jax.Array


def displacement(
    displaced: jax.Array,
    killed_by_fire: jax.Array,
    grid: jax.Array,
    civilian_population: jax.Array,
    displaced_per_death: jax.Array,
    grid_displacement: jax.Array,
    displacement_return_days: jax.Array,
) -> Displacement:
    """Return today's flows of displaced civilians; nobody flees who has fled already."""
    wanted = displaced_per_death * killed_by_fire + grid_displacement * (1.0 - grid)
    at_home = jnp.maximum(civilian_population - displaced, 0.0)
    return Displacement(bounded(wanted, at_home), displaced / displacement_return_days)


def next_displaced(displaced: jax.Array, flows: Displacement) -> jax.Array:
    """Return tomorrow's displaced civilians `[2, N]`."""
    return jnp.maximum(displaced + flows.displacing - flows.returning, 0.0)
