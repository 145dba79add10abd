"""Artillery: guns that limit how many rounds can be fired, and that wear and the enemy's fire use up.

Equation, for side i against side j, per day:

    wanted = f (1 + (b - 1) O) v
    limit = min(1, r G / wanted);  the plan of fire becomes limit x f
    struck_i = bounded(c_j H_j G_i / G0, G_i)
    worn_i = min(a F_i, G_i - struck_i)
    dG = o I p + arriving - struck - worn

| symbol | argument | unit | range |
| --- | --- | --- | --- |
| G | artillery: guns, howitzers and rocket launchers in the field | guns | >= 0 |
| f, b | fire_plan, offensive_fire (`munitions`) | rounds/day, 1 | >= 0, >= 1 |
| O | offensive: 1 while one is under way | switch | 0 or 1 |
| v | activity: 1, or the level of violations in a truce | share | 0 to 1 |
| r | rounds_per_gun_day | rounds/gun/day | >= 0 |
| c | counter_battery of the side that fires | guns/round | >= 0 |
| H | rounds that count: F and what drones are worth in rounds (`drones`) | rounds/day | >= 0 |
| F | fire: rounds fired | rounds/day | >= 0 |
| G0 | 2,000, the reference number of guns | guns | fixed |
| a | gun_wear | guns/round | >= 0 |
| o | artillery_output: built, or brought out of storage | guns/day | >= 0 |
| I, p | industry; truce_production (lever, 1 outside a truce) | 1 | >= 0 |

Where the guns can fire all that is wanted, the limit is exactly 1; the stock of shells then limits fire as in
`munitions`. Each round of the enemy strikes guns in proportion to how many there are.
Source: the project's own; that what is hit grows with the number of targets in reach of unaimed fire is
Lanchester's linear law (1916).
Known to fail: range, calibre and mobility are not told apart; all guns of a side are in reach of all of the
enemy's fire; guns in storage are not counted, so that output can go on when storage is empty; crews do not
limit use.
Worked number: 1,000 guns at 20 rounds a day against 40,000 wanted: the limit is 0.5. 5,000 rounds of the
enemy at 0.0004 guns a round strike 1 - exp(-0.001) = 0.1 % of them, 1 gun.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from ceasefire.war.flows import TINY, bounded, enemy
from ceasefire.war.registry import Parameter, Prior

# Guns of a side at which `counter_battery` counts the guns struck by one round.
REFERENCE_GUNS = 2_000.0

PARAMETERS = (
    Parameter(
        "initial_artillery",
        "guns, howitzers and rocket launchers in the field at the start",
        "guns",
        Prior(600, 2_000, 5_000),
        (0.0, 1e5),
        "assumed: a scenario gives its own; fewer than 5,000 Russian pieces in the theatre in February 2024"
        " (RUSI, in The Economist, March 2024)",
        initial=True,
    ),
    Parameter(
        "artillery_output",
        "guns built or brought out of storage at the start",
        "guns/day",
        Prior(0.1, 1.0, 6.0),
        (0.0, 1e3),
        "assumed around 6 new Bohdana howitzers a month in December 2023 and 15 to 20 in October 2024"
        " (president of Ukraine), and some 8,000 towed guns fewer in Russian storage after two years, in"
        " part for their barrels (press on depot counts, 2024)",
    ),
    Parameter(
        "rounds_per_gun_day",
        "rounds that a gun can fire, as a mean over all guns of a side",
        "rounds/gun/day",
        Prior(10, 24, 57),
        (0.0, 1_000),
        "best: Russian guns kept to 24 rounds a day to spare barrels (P. Gros, Foundation for Strategic"
        " Research, January 2023); high: 594,000 rounds of 155 mm a month that Ukraine's guns could fire"
        " (defence minister to the Financial Times, 3 March 2023) over about 350 given (New York Times, 25"
        " November 2022); low: assumed, a third of those 350 being out of action at any time",
        per_side=False,
    ),
    Parameter(
        "counter_battery",
        "enemy guns that a side's fire strikes for each round, where the enemy has the reference number",
        "guns/round",
        Prior(3e-5, 1.5e-4, 8e-4),
        (0.0, 1.0),
        "high: 8 Russian guns and launchers claimed a day up to day 300 and 19 in 2023 (general staff,"
        " equipment losses table), halved as Oryx's count halves the tanks claimed, by some 6,000 rounds a"
        " day (production table) on 3,500 to 4,500 guns, are 0.0004 to 0.0007; low and best are assumed,"
        " since no count of the guns of the other side is in the tables",
    ),
    Parameter(
        "gun_wear",
        "guns that leave the field for each round fired, because no new barrel is at hand",
        "guns/round",
        Prior(2e-5, 1e-4, 3e-4),
        (0.0, 1.0),
        "a barrel lasts 2,000 (152 mm; P. Gros, January 2023) to 2,500 rounds (M777; Kyiv Independent, 16"
        " June 2022), 0.0004 to 0.0005 barrels a round; that four in five are replaced is assumed",
        per_side=False,
    ),
)


class GunFlows(NamedTuple):
    """Today's flows of guns, `[2, N]` each, guns/day."""

    built: jax.Array
    """Built or brought out of storage."""
    struck: jax.Array
    """Lost to the enemy's fire."""
    worn: jax.Array
    """Worn out by their own."""


def limit(
    artillery: jax.Array,
    offensive: jax.Array,
    activity: jax.Array,
    fire_plan: jax.Array,
    offensive_fire: jax.Array,
    rounds_per_gun_day: jax.Array,
) -> jax.Array:
    """Return the share of the wanted fire that the guns can fire today `[2, N]`; multiplies `fire_plan`."""
    wanted = fire_plan * (1.0 + (offensive_fire - 1.0) * offensive) * activity
    return jnp.minimum(rounds_per_gun_day * artillery / (wanted + TINY), 1.0)


def gun_flows(
    artillery: jax.Array,
    fire: jax.Array,
    counted: jax.Array,
    industry: jax.Array,
    production: jax.Array,
    artillery_output: jax.Array,
    counter_battery: jax.Array,
    gun_wear: jax.Array,
) -> GunFlows:
    """Return today's building and losses of guns.

    `fire` is the rounds that each side fires, `counted` those and its drones in rounds. Symbols as in the
    module.
    """
    aimed = enemy(counter_battery * counted) * (artillery / REFERENCE_GUNS)
    struck = bounded(aimed, artillery)
    return GunFlows(
        built=artillery_output * industry * production,
        struck=struck,
        worn=jnp.minimum(gun_wear * fire, artillery - struck),
    )


def next_artillery(artillery: jax.Array, flows: GunFlows, arriving: jax.Array) -> jax.Array:
    """Return tomorrow's guns `[2, N]`; never below zero."""
    return jnp.maximum(artillery + flows.built + arriving - flows.struck - flows.worn, 0.0)
