"""Skill: what losses dilute and training rebuilds.

The mean skill of a force is 1 for one that is fully trained and experienced; recruits bring theirs, the
skilled fall first, and those out of contact train.

Equation, for each side, per day:

    s_new = u + (1 - u)(1 - exp(-tau / t))
    dS = (G / (A + G))(s_new - S) - b (L / A) S (1 - S) + q (1 - S) / w,  S held between 0.01 and 1

| symbol | argument | unit | range |
| --- | --- | --- | --- |
| S | skill | 1 | 0.01 to 1 |
| G | graduates | persons/day | >= 0 |
| A | force | persons | > 0 |
| L | losses | persons/day | >= 0 |
| tau | training_days (lever) | days | >= 3 |
| u | untrained_skill | 1 | 0 to 1 |
| t | training_time | days | > 0 |
| b | skill_selection | 1 | >= 0 |
| q | resting: the reserve and, in a truce, 1 - activity of the troops, over the force | share | 0 to 1 |
| w | rest_training_days | days | > 0 |

Source: the project's own; no published form was found.
Known to fail: one mean for a whole army hides elite and worn-out units; leaders and staff are not modelled;
newcomers may be lost first, which skill_selection cannot say (of some 3,000 mobilised Russians known to have
died by September 2023 a fifth fell within two months, counted IStories and the Conflict Intelligence Team).
Worked number: with u = 0.35, t = 90 days, 20 days of training give s_new = 0.35 + 0.65 (1 - exp(-20/90)) =
0.480.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from ceasefire.war.flows import TINY
from ceasefire.war.registry import Parameter, Prior

PARAMETERS = (
    Parameter(
        "initial_skill",
        "mean skill of the force at the start",
        "1",
        Prior(0.4, 0.6, 0.8, "logit"),
        (0.02, 0.99),
        "assumed",
        initial=True,
    ),
    Parameter(
        "untrained_skill",
        "skill of a recruit without training",
        "1",
        Prior(0.2, 0.35, 0.5, "logit"),
        (0.02, 0.95),
        "assumed",
    ),
    Parameter(
        "training_time",
        "training after which a recruit has made up 63 % of the way to full skill",
        "days",
        Prior(45, 90, 180),
        (5, 1_000),
        "assumed: basic courses for Ukrainian recruits in the United Kingdom took five weeks from June"
        " 2022 (Ministry of Defence), its own standard training 12 to 18 weeks (The Independent, February"
        " 2024)",
    ),
    Parameter(
        "skill_selection",
        "how much more often the skilled are lost",
        "1",
        Prior(0.05, 0.3, 1.0),
        (0.0, 5.0),
        "assumed; no measure was found, and counts of early deaths among the mobilised point the other way",
    ),
    Parameter(
        "rest_training_days",
        "time in which soldiers out of contact make up 63 % of the way to full skill",
        "days",
        Prior(150, 300, 700),
        (20, 5_000),
        "assumed",
    ),
    Parameter(
        "skill_worth",
        "exponent of skill in a force's effectiveness",
        "1",
        Prior(0.3, 0.7, 1.2),
        (0.0, 3.0),
        "assumed: the same for both sides",
        per_side=False,
    ),
)


def recruit_skill(
    training_days: jax.Array, untrained_skill: jax.Array, training_time: jax.Array
) -> jax.Array:
    """Return the skill of recruits after `training_days`. Symbols as in the module."""
    return untrained_skill - (1.0 - untrained_skill) * jnp.expm1(-training_days / training_time)


def next_skill(
    skill: jax.Array,
    recruit: jax.Array,
    graduates: jax.Array,
    losses: jax.Array,
    force: jax.Array,
    resting: jax.Array,
    skill_selection: jax.Array,
    rest_training_days: jax.Array,
) -> jax.Array:
    """Return tomorrow's mean skill `[2, N]`, held between 0.01 and 1."""
    renewed = graduates / (force + graduates + TINY)
    lost = losses / (force + TINY)
    change = (
        renewed * (recruit - skill)
        - skill_selection * lost * skill * (1.0 - skill)
        + resting * (1.0 - skill) / rest_training_days
    )
    return jnp.clip(skill + change, 0.01, 1.0)
