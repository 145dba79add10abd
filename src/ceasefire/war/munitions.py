"""Munitions: shells made, sent from abroad, and fired; fire that the stock limits, and its effect.

Equation, for each side, per day:

    wanted = f (1 + (b - 1) O) v
    fired = wanted M / (M + t wanted)
    dM = o I p + arriving - fired
    X = (fired / (v R_F N))^g  where munitions limit fire, 1 where only numbers do

| symbol | argument | unit | range |
| --- | --- | --- | --- |
| M | shells | rounds | >= 0 |
| f | fire_plan | rounds/day | >= 0 |
| b | offensive_fire | 1 | >= 1 |
| O | offensive: 1 while one is under way | switch | 0 or 1 |
| v | activity: 1, or the level of violations in a truce | share | 0 to 1 |
| t | ration_days | days | >= 1 |
| o | shell_output | rounds/day | >= 0 |
| I, p | industry; truce_production (lever, 1 outside a truce) | 1 | >= 0 |
| X | effect of the fire of one's own troops relative to the reference, while there is fire | 1 | >= 0 |
| N, R_F | own troops on all fronts over 100,000; 4,000, the reference fire | 1, rounds/day | >= 0 |
| g | fire_returns | 1 | 0 to 1 |

A full stock gives the wanted fire, a small one at most M / t a day; X enters the laws of attrition and fronts
with the weight fire_share.
Source: stock and use of munitions as in AWM-like models; the rationing is the project's own.
Known to fail: calibres, barrels and counter-battery fire are not told apart; drones are not counted as
munitions yet.
Worked number: with M = 600,000, t = 30 and 20,000 wanted, 20,000 x 600,000 / 1,200,000 = 10,000 rounds are
fired.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from ceasefire.war.flows import TINY
from ceasefire.war.registry import Parameter, Prior
from ceasefire.war.structure import FIRE_LAW

# Rounds a day by which a reference force of 100,000 is supported where indirect fire has its reference
# effect.
REFERENCE_FIRE = 4_000.0

PARAMETERS = (
    Parameter(
        "initial_shells",
        "artillery rounds in stock at the start",
        "rounds",
        Prior(300_000, 1_500_000, 5_000_000),
        (0.0, 1e8),
        "assumed: a scenario gives its own",
        initial=True,
    ),
    Parameter(
        "shell_output",
        "artillery rounds made or refurbished at the start",
        "rounds/day",
        Prior(500, 3_000, 8_000),
        (0.0, 1e6),
        "assumed: a scenario gives its own",
    ),
    Parameter(
        "fire_plan",
        "artillery rounds fired while stocks allow",
        "rounds/day",
        Prior(4_000, 10_000, 22_000),
        (0.0, 1e6),
        "assumed: a scenario gives its own",
    ),
    Parameter(
        "ration_days",
        "days of the planned fire at which a stock begins to be rationed",
        "days",
        Prior(10, 25, 60),
        (1.0, 1_000),
        "assumed",
        per_side=False,
    ),
    Parameter(
        "offensive_fire",
        "planned fire during an offensive as a multiple of that otherwise",
        "1",
        Prior(1.1, 1.5, 2.5),
        (1.0, 10.0),
        "assumed: at most the ratio of 3 between Russian fire at the peak of 2022 and in January 2023"
        " (60,000 and 20,000 rounds a day, Ukrainian officials to CNN), which emptied stocks explain in"
        " part",
        per_side=False,
    ),
    Parameter(
        "fire_share",
        "share of losses that indirect fire causes at the reference",
        "share",
        Prior(0.45, 0.65, 0.85, "logit"),
        (0.01, 0.99),
        "artillery and mortars caused 64 to 69 % of US casualties in Europe and 47 % in the Pacific,"
        " 1941-45; 84 % of 280 dead examined in Ukraine in 2022-23 had wounds by fragments or blast, mines"
        " included",
        per_side=False,
    ),
    Parameter(
        "fire_returns",
        "exponent of the rounds fired in their effect: below 1, each further round does less",
        "1",
        Prior(0.35, 0.65, 0.95),
        (0.0, 1.0),
        "assumed around the record before the article: Russia fired 3 to 4 times as many rounds, yet a US"
        " general put the losses of both at over"
        " 100,000 in November 2022 (casualty estimates)",
        per_side=False,
    ),
)


def fired(
    shells: jax.Array,
    offensive: jax.Array,
    activity: jax.Array,
    fire_plan: jax.Array,
    offensive_fire: jax.Array,
    ration_days: jax.Array,
) -> jax.Array:
    """Return the rounds fired today `[2, N]`, never more than 1 / ration_days of the stock."""
    wanted = fire_plan * (1.0 + (offensive_fire - 1.0) * offensive) * activity
    return wanted * shells / (shells + ration_days * wanted + TINY)


def fire_effect(
    fire: jax.Array,
    activity: jax.Array,
    numbers: jax.Array,
    fire_law: jax.Array,
    fire_returns: jax.Array,
    step: jax.Array | float = 1.0,
) -> jax.Array:
    """Return X `[2, N]`, the effect of fire relative to the reference, while there is fire.

    Arguments: fire, numbers `[2, N]`, activity, fire_law, fire_returns `[N]`; `step` is the length of a step
    in days, in which the fire is counted. Symbols as in the module.
    """
    rounds = fire / (activity * REFERENCE_FIRE * step * numbers + TINY)
    limited = jnp.exp(fire_returns * jnp.log(rounds + TINY))
    return jnp.where(fire_law == FIRE_LAW.code("munitions"), limited, 1.0)


def next_shells(shells: jax.Array, made: jax.Array, arriving: jax.Array, used: jax.Array) -> jax.Array:
    """Return tomorrow's stock `[2, N]`, rounds."""
    return jnp.maximum(shells + made + arriving - used, 0.0)
