"""Recruiting: two rival rules for the call-up: as decreed, or also making up the losses that a leader sees.

Under the first rule the levers say how many are called up. Under the second a leader who is told of more
losses than the levers bring in calls up a share of the rest on top, up to a ceiling.

Equation, for each side, per day:

    dB = (s L - B) / t
    added = 0 where the rule is decreed, else min(e max(B - (r + m), 0), c)
    call-up planned = r + m + added, of which `manpower.intake` says what arrives

| symbol | argument | unit | range |
| --- | --- | --- | --- |
| B | losses_to_replace: smoothed losses as the leader is told of them | persons/day | >= 0 |
| L | lost_for_good: killed, captured and discharged | persons/day | >= 0 |
| s | passed_on: share of bad news that reaches the leader (`belief`) | share | 0 to 1 |
| t | replacement_days | days | >= 1 |
| e | replacement_effort | share | 0 to 1 |
| c | replacement_ceiling | persons/day | >= 0 |
| r, m | recruitment, mobilisation (levers) | persons/day | >= 0 |

With s = e = 1, a full yield, no levers and losses below the ceiling a force keeps its size once losses are
steady: those who come are those who are lost, training days later.
Source: the project's own; an army kept at its size by refilling as in Turchin (2023). In 2024 intake and
losses of Russia were alike: over 1,200 a day by its minister of defence, 1,200 by that of the United States
(Institute for the Study of War, 16 December 2024; a party and an ally of one).
Known to fail: a leader plans by orders and not by arrivals, so that a low yield is not made up; what is
added counts as volunteers and contracts and drives nobody abroad; the ceiling does not fall with the pool.
Worked number: 600 a day lost for good, 200 a day by the levers, e = 0.6: 0.6 x (600 - 200) = 240 a day more,
once the news has settled; with 0.7 of bad news passed on 0.6 x (420 - 200) = 132.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from ceasefire.war.registry import Parameter, Prior

PARAMETERS = (
    Parameter(
        "initial_losses_to_replace",
        "losses for good a day in the weeks before the start: killed, captured and discharged",
        "persons/day",
        Prior(50, 200, 700),
        (0.0, 20_000),
        "assumed: a scenario gives its own; a little under half of 450 losses a day, by the central shares of"
        " killed, captured and returning",
        initial=True,
    ),
    Parameter(
        "replacement_days",
        "time in which a change of losses reaches 63 % of its weight in what a leader replaces",
        "days",
        Prior(20, 60, 180),
        (1.0, 2_000),
        "assumed: mobilisation in Russia was decreed on 21 September 2022, seven months after the war began"
        " and 15 days after the offensive of Kharkiv did (events table)",
    ),
    Parameter(
        "replacement_effort",
        "share of the losses not made up otherwise for which a leader calls up others",
        "share",
        Prior(0.15, 0.6, 0.95, "logit"),
        (0.0, 1.0),
        "assumed, and the same for both sides: Russia took in about as many as it lost in 2024 (1,200 a day,"
        " Institute for the Study of War, 16 December 2024); Ukraine 10,000 to 15,000 a month in the winter"
        " of 2023 to 2024, a half to a third of what it took in after the law of May 2024 (forces table)",
    ),
    Parameter(
        "replacement_ceiling",
        "most that a leader calls up in this way",
        "persons/day",
        Prior(300, 1_000, 5_000),
        (0.0, 1e5),
        "assumed around rates that were kept up: 1,000 a day in Ukraine after May 2024, 1,200 in Russia in"
        " 2024; the wave of 2022 reached 7,900 a day for 38 days (forces table)",
    ),
)


def next_losses_to_replace(
    losses_to_replace: jax.Array,
    lost_for_good: jax.Array,
    passed_on: jax.Array,
    replacement_days: jax.Array,
) -> jax.Array:
    """Return B `[2, N]` of tomorrow, persons/day."""
    return losses_to_replace + (passed_on * lost_for_good - losses_to_replace) / replacement_days


def added(
    losses_to_replace: jax.Array,
    recruitment: jax.Array,
    mobilisation: jax.Array,
    replacement_effort: jax.Array,
    replacement_ceiling: jax.Array,
) -> jax.Array:
    """Return the call-up `[2, N]` that the replacing rule adds to the levers, persons/day."""
    wanting = jnp.maximum(losses_to_replace - (recruitment + mobilisation), 0.0)
    return jnp.minimum(replacement_effort * wanting, replacement_ceiling)
