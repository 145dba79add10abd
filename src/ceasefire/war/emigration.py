"""Emigration: compulsory call-ups make people decide to leave; they go after a while, and some come back.

Equation, for each side, per day:

    decided = h m s
    dP = decided - wave,  wave = P min(1, 1 / d)
    emigrating = bounded(wave + g rest, rest)
    of the wave = emigrating wave / (wave + g rest)
    back = outflow of a 2-stage delay of mean b, fed by r times those of the wave
    pool left = pool(0) - called up - emigrated + back since the start

| symbol | argument | unit | range |
| --- | --- | --- | --- |
| m | mobilisation (lever) | persons/day | >= 0 |
| s | truce_recruitment (lever, 1 outside a truce) | share | >= 0 |
| h | emigration_response (of manpower) | persons per person mobilised | 0 to 5 |
| P | pressure: people of the pool who have decided to leave and are still there | persons | >= 0 |
| d | departure_days | days | >= 1 |
| g | emigration_rate (of manpower) | 1/day | 0 to 0.001 |
| rest | pool left less today's call-up | persons | >= 0 |
| r | return_share_abroad | share | 0 to 1 |
| b | return_days | days | >= 14 |

Without this mechanism people leave on the day on which others are mobilised (`wave` = decided) and nobody
comes back. Those who have decided belong to the pool until they go.
Source: stocks and delays as elsewhere in this model; the project's own. After 21 September 2022 sources of
Forbes counted 600,000 to 700,000 exits from Russia within two weeks (emigration table).
Known to fail: people answer to the day of a decree and to rumours of the next one, here to each person
mobilised; who is called up while waiting to leave still counts as leaving, within what the pool holds; those
who leave whatever is decreed never return; flight from the fighting is not emigration here.
Worked number: 300,000 mobilised on one day and h = 0.6 make 180,000 decide; with d = 14, 64.6 % of them have
left 14 days later; with r = 0.35, 63,000 come back in the end.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from ceasefire.war.flows import TINY, bounded, delay
from ceasefire.war.registry import Parameter, Prior

RETURN_STAGES = 2

PARAMETERS = (
    Parameter(
        "departure_days",
        "mean time from the decision to leave the country to leaving it",
        "days",
        Prior(5, 14, 45),
        (1.0, 365.0),
        "around one count: 600,000 to 700,000 exits in the two weeks from 21 September 2022 (sources of"
        " Forbes Russia, tourists included), of 260,000 to 1,000,000 who left after the call-up to the end of"
        " the year (emigration table)",
    ),
    Parameter(
        "return_share_abroad",
        "share of those who left a call-up who come back in the end",
        "share",
        Prior(0.18, 0.35, 0.55, "logit"),
        (0.0, 1.0),
        "returned of those who left Russia since February 2022: 15 % or more of a panel (October 2023), 26 %"
        " of job seekers (December 2023), 40 to 45 % of a firm's clients (May 2024), 50 % by the Kremlin"
        " (June 2023; all in the emigration table); set a little above, since more will follow",
    ),
    Parameter(
        "return_days",
        "mean time abroad of those who come back",
        "days",
        Prior(120, 300, 700),
        (14.0, 5_000.0),
        "assumed around the emigration table: returns were reported 9 to 20 months after September 2022, and"
        " Russians registered in Kazakhstan fell from 146,000 to under 80,000 during 2023, part of them to"
        " other countries",
    ),
    Parameter(
        "initial_abroad",
        "people of the pool who are abroad at the start and will come back",
        "persons",
        Prior(500, 5_000, 50_000),
        (0.0, 1e7),
        "assumed: few without a call-up before the first day; a scenario gives its own",
        initial=True,
    ),
)


def decided(mobilisation: jax.Array, share: jax.Array, emigration_response: jax.Array) -> jax.Array:
    """Return the people who decide to leave today, persons/day."""
    return emigration_response * mobilisation * share


def wave(pressure: jax.Array, departure_days: jax.Array) -> jax.Array:
    """Return those of them who set off today `[2, N]`, persons/day."""
    return pressure * jnp.minimum(1.0, 1.0 / departure_days)


def next_pressure(pressure: jax.Array, deciding: jax.Array, setting_off: jax.Array) -> jax.Array:
    """Return tomorrow's P `[2, N]`, persons, after today's `decided` and `wave`."""
    return jnp.maximum(pressure + deciding - setting_off, 0.0)


class Departures(NamedTuple):
    """People who leave the pool abroad today, `[2, N]` each, persons/day."""

    emigrating: jax.Array
    of_wave: jax.Array
    """Those of them who leave because of a call-up."""


def departures(rest: jax.Array, setting_off: jax.Array, emigration_rate: jax.Array) -> Departures:
    """Return who leaves today, never more than `rest`, the pool left after today's call-up.

    `setting_off` is today's `wave`.
    """
    leaving = setting_off + emigration_rate * rest
    emigrating = bounded(leaving, rest)
    return Departures(emigrating, emigrating * (setting_off / (leaving + TINY)))


class Return(NamedTuple):
    """Those abroad who come back."""

    abroad: jax.Array
    """Abroad and to return, by stage, tomorrow `[2, 2, N]`, persons."""
    back: jax.Array
    """Back in the pool today `[2, N]`, persons/day."""


def come_back(
    abroad: jax.Array, of_wave: jax.Array, return_share_abroad: jax.Array, return_days: jax.Array
) -> Return:
    """Return who is abroad for a time tomorrow and who comes back today."""
    return Return(*delay(abroad, return_share_abroad * of_wave, return_days))
