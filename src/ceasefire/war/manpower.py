"""Manpower: call-up from a finite pool, training, wounds, return, discharge and emigration.

Recruits leave the pool, train, join the force; those who are wounded recover and return or are discharged.

Equation, for each side, per day:

    pool left  = pool(0) - called up - emigrated
    call-up    = bounded(y s (r + m), pool left)
    emigrating = bounded(h m s + g rest, rest),  rest = pool left - call-up
    graduates  = outflow of a 3-stage delay of mean tau, fed by the call-up
    captured = c L;  killed = k (L - captured);  wounded = L - captured - killed
    returned = v R;  discharged = R - returned, R = outflow of a 2-stage delay of mean d, fed by the wounded

| symbol | argument | unit | range |
| --- | --- | --- | --- |
| r | recruitment (lever) | persons/day | >= 0 |
| m | mobilisation (lever) | persons/day | >= 0 |
| tau | training_days (lever) | days | >= 3 |
| s | truce_recruitment (lever, 1 outside a truce) | share | >= 0 |
| y | call_up_yield | share | 0 to 1 |
| h | emigration_response | persons per person mobilised | 0 to 5 |
| g | emigration_rate | 1/day | 0 to 0.001 |
| L | losses, from attrition | persons/day | >= 0 |
| c, k, v | captured_share, killed_share, return_share | share | 0 to 1 |
| d | recovery_days | days | >= 2 |

Source: the stocks are those of attrition models with replacement (Turchin 2023: an army refilled from a
finite pool of recruits); the split of losses by killed-to-wounded ratios reported for both armies.
Known to fail: a pool is one number, without age, region or skill; desertion is not told apart from discharge;
prisoners are never exchanged.
Worked number: a call-up of 1,000 a day with 30 days of training has 30,000 in training once steady.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from ceasefire.war.flows import bounded
from ceasefire.war.registry import Parameter, Prior

TRAINING_STAGES = 3
RECOVERY_STAGES = 2

PARAMETERS = (
    Parameter(
        "initial_pool",
        "people who could still be called up at the start",
        "persons",
        Prior(300_000, 2_000_000, 10_000_000),
        (1_000, 5e7),
        "assumed: a scenario gives its own; the default is any middle-sized country",
        initial=True,
    ),
    Parameter(
        "initial_troops",
        "soldiers facing the enemy at the start, reserve included",
        "persons",
        Prior(150_000, 300_000, 500_000),
        (1_000, 5e6),
        "assumed: a scenario gives its own",
        initial=True,
    ),
    Parameter(
        "initial_trainees",
        "recruits in training at the start",
        "persons",
        Prior(10_000, 40_000, 150_000),
        (1, 2e6),
        "assumed: a scenario gives its own",
        initial=True,
    ),
    Parameter(
        "initial_recovering",
        "wounded in recovery at the start",
        "persons",
        Prior(5_000, 20_000, 60_000),
        (1, 1e6),
        "assumed: 50 days of 400 wounded a day; a scenario gives its own",
        initial=True,
    ),
    Parameter(
        "call_up_yield",
        "share of the planned intake that arrives",
        "share",
        Prior(0.55, 0.85, 0.97, "logit"),
        (0.05, 1.0),
        "assumed around two ratios of independent counts to official ones: 426,000 to 640,000 in Russia to"
        " April 2024, 17,000 to 30,000 a month in Ukraine in 2024 (forces table)",
    ),
    Parameter(
        "killed_share",
        "share of killed among killed and wounded",
        "share",
        Prior(0.133, 0.222, 0.4, "logit"),
        (0.02, 0.9),
        "wounded per killed of 1.5, 3.5 and 6.5 implied by estimates for both armies, 2023 to 2025 (table"
        " of casualty estimates); of 100 hit, 28 of the US Army died in 1941-45 and 22 in Korea (Reister"
        " 1973)",
    ),
    Parameter(
        "captured_share",
        "share of losses taken prisoner",
        "share",
        Prior(0.004, 0.018, 0.06, "logit"),
        (0.0, 0.5),
        "Ukraine: 3,392 held (some civilians) and 1,456 freed by 30 December 2022, of about 100,000"
        " losses; Russia: over 10,000 taken by the end of 2025, of about 1.2 million (Coordination"
        " Headquarters)",
    ),
    Parameter(
        "recovery_days",
        "mean time from a wound to return or discharge",
        "days",
        Prior(30, 75, 150),
        (5, 500),
        "assumed: no count of the time to return was found; 38 % of 10,182 United States casualties of"
        " 2007 to 2020 were back within 72 hours (April and others 2022), badly wounded take many months",
    ),
    Parameter(
        "return_share",
        "share of the wounded who return to the force",
        "share",
        Prior(0.45, 0.68, 0.85, "logit"),
        (0.02, 0.98),
        "assumed: about 70 % of Soviet wounded in 1941-45, as Russian officials quote it; claims of this"
        " war, not checked by anyone else: over 75 % in Ukraine (July 2024), 97 % in Russia (December 2022)",
    ),
    Parameter(
        "emigration_response",
        "people who leave the pool abroad for each person mobilised by decree",
        "persons/person",
        Prior(0.1, 0.6, 2.0),
        (0.0, 5.0),
        "260,000 to 1,000,000 left Russia after 300,000 were mobilised from 21 September 2022, and 15 to"
        " 50 % of leavers returned (emigration table); the share that could have been called up is assumed",
    ),
    Parameter(
        "emigration_rate",
        "share of the pool that leaves each day whatever is decreed",
        "1/day",
        Prior(1e-6, 5e-6, 4e-5),
        (0.0, 0.001),
        "assumed around one count: 0.5 % of the population of Russia stayed abroad after 29 months of war"
        " (The Bell, July 2024, in the emigration table), 6e-6 a day, the wave of September 2022 included",
    ),
)


class Intake(NamedTuple):
    """People who leave the pool today, `[2, N]` each, persons/day."""

    called_up: jax.Array
    emigrating: jax.Array


def intake(
    pool_left: jax.Array,
    recruitment: jax.Array,
    mobilisation: jax.Array,
    share: jax.Array,
    call_up_yield: jax.Array,
    emigration_response: jax.Array,
    emigration_rate: jax.Array,
) -> Intake:
    """Return today's call-up and emigration; together they never exceed the pool."""
    called_up = bounded(call_up_yield * share * (recruitment + mobilisation), pool_left)
    left = pool_left - called_up
    leaving = emigration_response * mobilisation * share + emigration_rate * left
    return Intake(called_up, bounded(leaving, left))


class Losses(NamedTuple):
    """What became of today's losses, `[2, N]` each, persons/day."""

    killed: jax.Array
    wounded: jax.Array
    captured: jax.Array


def split_losses(losses: jax.Array, killed_share: jax.Array, captured_share: jax.Array) -> Losses:
    """Divide losses `[2, N]` into captured, killed and wounded; the three add up to them."""
    captured = captured_share * losses
    killed = killed_share * (losses - captured)
    return Losses(killed, jnp.maximum(losses - captured - killed, 0.0), captured)
