"""Drones: small strike drones at the front, whose output grows from little, and what they do as fire.

Equation, for side i against side j, per day:

    K = 1 + (c - 1) e;  J' = J K exp(g) / (K + J (exp(g) - 1))
    used = wanted D / (D + t wanted),  wanted = u J (1 + (b - 1) O) v
    dD = o J p + arriving - used
    Q_i = w (1 - m_j) used_i;  H = F + Q
    q_i = s Q_j / H_j;  armour lost of i for each casualty: k (1 + (n - 1) q_i)
    share of it that drones cause = n q / (1 + (n - 1) q)

| symbol | argument | unit | range |
| --- | --- | --- | --- |
| D | drones: strike drones at hand | drones | >= 0 |
| J | drone_industry: output and crews as a multiple of those at the start | 1 | > 0 |
| K, c, e | ceiling today; drone_ceiling; economy (lever) | 1, 1, share | >= 1, >= 1, 0 to 1 |
| g | drone_growth | 1/day | >= 0 |
| u | drone_plan | drones/day | >= 0 |
| b, O, v | offensive_fire, offensive, activity (`munitions`) | 1, switch, share | >= 1, 0 or 1, 0 to 1 |
| t | drone_ration_days | days | >= 1 |
| o, p | drone_output; truce_production (lever, 1 outside a truce) | drones/day, 1 | >= 0 |
| w | rounds_per_drone | rounds/drone | >= 0 |
| m | jamming | share | 0 to 1 |
| F, Q, H | rounds fired; drones in rounds; rounds that count | rounds/day | >= 0 |
| s, q | fire_share (`munitions`); share of casualties that drones cause | share | 0 to 1 |
| n | drone_vehicle_ratio | 1 | >= 0 |
| k | armour_per_casualty (`equipment`) | vehicles/person | >= 0 |

H takes the place of the rounds fired in the effect of fire (`munitions.fire_effect`) and in counter-battery
(`artillery`). Without drones H is the rounds fired and all factors are exactly 1.
Source: logistic growth in its exact form (Verhulst 1838), so that a step of a week is seven of a day; the
rationing is that of shells; the rest is the project's own.
Known to fail: growth does not depend on money, parts or what the enemy does; jamming stays as it is, while
both sides kept finding answers to it (fibre-optic drones among them); reconnaissance drones, which direct
shells, are not counted.
Worked number: a ceiling of 60 and a growth of 0.007 a day: after a year output is 10.7 times that at the
start. 100 drones a day, 45 % of them jammed, at 4 rounds each count as 220 rounds.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from ceasefire.war.flows import TINY, enemy
from ceasefire.war.munitions import fired
from ceasefire.war.registry import Parameter, Prior

PARAMETERS = (
    Parameter(
        "initial_drones",
        "strike drones at hand at the front at the start",
        "drones",
        Prior(300, 1_500, 8_000),
        (0.0, 1e7),
        "assumed: a scenario gives its own",
        initial=True,
    ),
    Parameter(
        "drone_output",
        "strike drones made or bought at the start",
        "drones/day",
        Prior(20, 100, 500),
        (0.0, 1e5),
        "assumed: a scenario gives its own; 50,000 a month in December 2023 (Ukraine's minister of strategic"
        " industries), carried back a year at the growth of this table, is 120 a day",
    ),
    Parameter(
        "drone_plan",
        "strike drones used at the start while stocks allow",
        "drones/day",
        Prior(40, 200, 1_000),
        (0.0, 1e5),
        "assumed: twice the output at the start, so that drones are used about as fast as they come",
    ),
    Parameter(
        "drone_growth",
        "rate at which output and crews of strike drones grow while far from their ceiling",
        "1/day",
        Prior(0.003, 0.007, 0.012),
        (0.0, 0.1),
        "around 0.0065 on both sides: Russia 140,000 drones of all types in 2023 and 1.5 million in 2024,"
        " Ukraine 2.2 million of first-person view in 2024 (production table) after 50,000 in December 2023"
        " (Kyiv Independent, 20 December 2023); the range is assumed",
    ),
    Parameter(
        "drone_ceiling",
        "output of strike drones that full effort could reach, as a multiple of that at the start",
        "1",
        Prior(10, 60, 400),
        (1.0, 1e5),
        "assumed around 4,000 a day (president of Russia, 23 April 2025) and 6,000 a day (2.2 million in"
        " 2024, president of Ukraine; production table) over some 100 a day at the end of 2022",
    ),
    Parameter(
        "drone_ration_days",
        "days of the planned use at which a stock of drones begins to be rationed",
        "days",
        Prior(3, 10, 30),
        (1.0, 1_000),
        "assumed: shorter than for shells, since drones are used as they come",
        per_side=False,
    ),
    Parameter(
        "rounds_per_drone",
        "artillery rounds that do as much as one strike drone that is not jammed",
        "rounds/drone",
        Prior(1.0, 4.0, 15.0),
        (0.0, 1_000),
        "assumed: that drones cause half of all losses (those of Ukraine: defence minister of Russia, 17"
        " December 2025) takes 2 rounds a drone at 6,000 drones and 2,000 rounds a day, and 15 at 4,000"
        " drones and 10,000 rounds (Ukraine and Russia, production table), with 45 % of the drones jammed"
        " and 65 % of losses by indirect fire",
        per_side=False,
    ),
    Parameter(
        "jamming",
        "share of the enemy's strike drones that a side's jamming and nets stop",
        "share",
        Prior(0.2, 0.45, 0.75, "logit"),
        (0.0, 1.0),
        "assumed: up to 31 % of Ukrainian sorties lost to jamming in a press summary of 2025 that does not"
        " name who counted, more with other defences; 10,000 drones of all types lost a month (RUSI 2023)"
        " against 1,000 (Ukraine's deputy prime minister; Washington Post 2023)",
    ),
    Parameter(
        "drone_vehicle_ratio",
        "vehicles lost for each soldier lost to drones, as a multiple of that for each other soldier lost",
        "1",
        Prior(0.5, 2.0, 5.0),
        (0.0, 50.0),
        "assumed: two thirds of Russian tanks lost in recent months were lost to drones of first-person view"
        " (NATO official, in Foreign Policy, April 2024), which takes 2 to 4 where drones caused 50 to 33 %"
        " of the casualties; vehicles then stayed away from them",
        per_side=False,
    ),
)


class DroneFlows(NamedTuple):
    """Today's drones and what they are worth as fire, `[2, N]` each."""

    used: jax.Array
    """Drones used, drones/day."""
    counted: jax.Array
    """Rounds that count: those fired and the drones that are not jammed, in rounds, rounds/day."""
    share: jax.Array
    """Share of the rounds that count which drones are, 0 to 1."""


class VehicleLosses(NamedTuple):
    """What the enemy's drones do to vehicles, `[2, N]` each."""

    factor: jax.Array
    """Multiplies the vehicles lost for each casualty."""
    share: jax.Array
    """Share of the vehicles lost that drones cause, 0 to 1."""


def drone_flows(
    drones: jax.Array,
    drone_industry: jax.Array,
    fire: jax.Array,
    offensive: jax.Array,
    activity: jax.Array,
    drone_plan: jax.Array,
    offensive_fire: jax.Array,
    drone_ration_days: jax.Array,
    rounds_per_drone: jax.Array,
    jamming: jax.Array,
) -> DroneFlows:
    """Return the drones used today and the rounds that count; `fire` is the rounds fired `[2, N]`."""
    # A stock is never used up faster than it is there, however long a step is.
    ration = jnp.maximum(drone_ration_days, 1.0)
    used = fired(drones, offensive, activity, drone_plan * drone_industry, offensive_fire, ration)
    in_rounds = rounds_per_drone * (1.0 - enemy(jamming)) * used
    counted = fire + in_rounds
    return DroneFlows(used, counted, in_rounds / (counted + TINY))


def vehicle_losses(share: jax.Array, fire_share: jax.Array, drone_vehicle_ratio: jax.Array) -> VehicleLosses:
    """Return what the enemy's drones add to the losses of vehicles, and their share of these.

    `share` is that of `DroneFlows`. The factor is never 0, since fire_share is below 1.
    """
    by_drones = fire_share * enemy(share)
    factor = 1.0 + (drone_vehicle_ratio - 1.0) * by_drones
    return VehicleLosses(factor, drone_vehicle_ratio * by_drones / factor)


def next_drone_industry(
    drone_industry: jax.Array, economy: jax.Array, drone_growth: jax.Array, drone_ceiling: jax.Array
) -> jax.Array:
    """Return tomorrow's output and crews `[2, N]` as a multiple of those at the start."""
    ceiling = 1.0 + (drone_ceiling - 1.0) * economy
    grown = jnp.expm1(drone_growth)
    return drone_industry * ((ceiling + ceiling * grown) / (ceiling + drone_industry * grown))


def made(drone_industry: jax.Array, production: jax.Array, drone_output: jax.Array) -> jax.Array:
    """Return the strike drones made today `[2, N]`; `production` is the lever of a truce, else 1."""
    return drone_output * drone_industry * production


def next_drones(drones: jax.Array, new: jax.Array, arriving: jax.Array, used: jax.Array) -> jax.Array:
    """Return tomorrow's stock of strike drones `[2, N]`; never below zero."""
    return jnp.maximum(drones + new + arriving - used, 0.0)
