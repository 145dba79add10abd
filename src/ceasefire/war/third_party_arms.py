"""Arms from third parties: a stream to either side that may open, and then grows to a size not known before.

Equation, for each side, per day:

    opens (Z = 1) in the first step of a week with the chance 1 - exp(-7 / onset), or never
    dY = (max(Z, s) - Y) / r
    sent of each kind = size of the kind x Y x f

| symbol | argument | unit | range |
| --- | --- | --- | --- |
| Z | third_party_open: 1 once the stream has opened by chance | switch | 0 or 1 |
| onset | third_party_onset_days | days | >= 1 |
| s | third_party (lever): share of the stream that opens at once | share | 0 to 1 |
| Y | third_party_level: what flows as a share of the full size | share | 0 to 1 |
| r | third_party_ramp_days | days | >= 1 |
| size | third_party_shells | rounds/day | >= 0 |
| size | third_party_long_range_drones | drones/day | >= 0 |
| size | third_party_missiles | missiles/day | >= 0 |
| f | truce_aid (lever, 1 outside a truce) | share | >= 0 |

Third parties are those that neither fight nor are counted in a side's aid. Shells go the way of all shells
from abroad and arrive with its delay; long-range drones and missiles arrive as they are sent.
Source: the project's own; a constant chance of opening, as in any waiting time of which nothing else is
known; first-order adjustment to a goal (Sterman, Business Dynamics, 2000, ch. 8).
Known to fail: why a third party sends arms, what it is paid and what others do about it are not modelled; a
stream does not close again by itself; all kinds open together; guns and soldiers are not among the kinds.
Worked number: an onset of 500 days: the stream is open after a year with the chance 1 - exp(-365 / 500) =
52 %; with a ramp of 60 days it stands at 63 % of its size 60 days later.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from ceasefire.war.registry import Parameter, Prior

PARAMETERS = (
    Parameter(
        "third_party_onset_days",
        "mean time until third parties begin to send arms to a side",
        "days",
        Prior(60, 500, 5_000),
        (1.0, 1e6),
        "assumed around Russia's search: Iranian drones in August 2022, some 180 days into the war (New"
        " York Times, 29 August 2022), North Korean shells in quantity from August 2023, after some 520"
        " (production table); high: for a side to which no third party but its backers has sent arms",
    ),
    Parameter(
        "third_party_ramp_days",
        "time in which a stream from third parties makes up 63 % of the way to its size",
        "days",
        Prior(20, 60, 200),
        (1.0, 5_000),
        "assumed: more than 1,000 containers from North Korea within the first months, 6,700 within seven"
        " (White House, October 2023, events table; NATO officials, March 2024, production table)",
        per_side=False,
    ),
    Parameter(
        "third_party_shells",
        "artillery rounds from third parties once their stream flows in full",
        "rounds/day",
        Prior(300, 2_500, 9_000),
        (0.0, 1e5),
        "high: 6,700 containers from North Korea in the seven months to March 2024, at 250 rounds assumed"
        " in each, are 7,500 a day, and those from Iran beside them; low: at least 300,000 rounds from Iran"
        " in 2023 are 820 a day, and less is assumed possible (NATO officials, production table); best:"
        " between the two",
    ),
    Parameter(
        "third_party_long_range_drones",
        "long-range drones from third parties once their stream flows in full",
        "drones/day",
        Prior(0.5, 4.0, 15.0),
        (0.0, 1e4),
        "around 450 from Iran by November 2022, some 5 a day since August (officials through CNN, 1 November"
        " 2022); high: 2,400 ordered (air force of Ukraine, 28 October 2022) within half a year",
    ),
    Parameter(
        "third_party_missiles",
        "long-range missiles from third parties once their stream flows in full",
        "missiles/day",
        Prior(0.02, 0.3, 2.0),
        (0.0, 1e3),
        "assumed: about 1,000 more weapons from Iran, ballistic missiles among them, were expected by the"
        " end of 2022 (officials through CNN, 1 November 2022), and no Iranian missile had been used by"
        " 25 December 2022 (Babel)",
    ),
)


class Supply(NamedTuple):
    """What third parties send to each side today, `[2, N]` each."""

    shells: jax.Array
    """Artillery rounds, rounds/day."""
    long_range_drones: jax.Array
    """Drones/day."""
    missiles: jax.Array
    """Long-range missiles, missiles/day."""


def weekly_chance(third_party_onset_days: jax.Array, step: jax.Array | float = 1.0) -> jax.Array:
    """Return the chance that a stream opens in a week, 1 - exp(-7 / onset).

    `step` is the length of a step in days, in which the onset is counted.
    """
    return -jnp.expm1(-7.0 / (third_party_onset_days * step))


def next_open(
    third_party_open: jax.Array,
    shock: jax.Array,
    new_week: jax.Array,
    third_party_onset_days: jax.Array,
    step: jax.Array | float = 1.0,
) -> jax.Array:
    """Return where a stream is open `[2, N]`, 0 or 1; once open it stays so.

    `shock` is this week's standard normal number of the side: a low one opens the stream.
    """
    chance = weekly_chance(third_party_onset_days, step)
    opens = (new_week > 0) & (jax.scipy.stats.norm.cdf(shock) < chance)
    return jnp.where(opens, 1.0, third_party_open)


def next_level(
    third_party_level: jax.Array,
    third_party_open: jax.Array,
    third_party: jax.Array,
    third_party_ramp_days: jax.Array,
) -> jax.Array:
    """Return what flows tomorrow as a share of the full size `[2, N]`; `third_party` is the lever."""
    target = jnp.maximum(third_party_open, third_party)
    return third_party_level + (target - third_party_level) * jnp.minimum(1.0 / third_party_ramp_days, 1.0)


def supply(
    third_party_level: jax.Array,
    aid: jax.Array,
    third_party_shells: jax.Array,
    third_party_long_range_drones: jax.Array,
    third_party_missiles: jax.Array,
) -> Supply:
    """Return what is sent today; `aid` is the lever truce_aid in a truce, else 1."""
    flowing = third_party_level * aid
    return Supply(
        shells=third_party_shells * flowing,
        long_range_drones=third_party_long_range_drones * flowing,
        missiles=third_party_missiles * flowing,
    )
