"""Tempo: how hard the two sides fight on a front, a random walk that soon returns to its mean.

Equation, at the start of each week, for each front:

    x = r x + s sqrt(1 - r^2) z,  r = exp(-7 / d);    tempo = exp(x - s^2 / 2)

| symbol | argument | unit | range |
| --- | --- | --- | --- |
| x | log tempo | 1 | any |
| s | tempo_spread | 1 | >= 0 |
| d | tempo_persistence_days | days | > 0 |
| z | this week's shock, standard normal | 1 | any |

In the long run the mean of the tempo is 1 and the spread of x is s; a war starts at x = 0, from where the
spread grows to s within about 2 d.
Source: a discrete Ornstein-Uhlenbeck process.
Known to fail: weather, season and mud are part of the shock. What lasts for months is in `drift`.
Worked number: with d = 60 days, r = exp(-7/60) = 0.890.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from ceasefire.war.registry import Parameter, Prior

PARAMETERS = (
    Parameter(
        "tempo_spread",
        "standard deviation of the log tempo of a front",
        "1",
        Prior(0.1, 0.25, 0.5),
        (0.0, 2.0),
        "assumed around the General Staff's weekly figures for the whole front: over 38 weeks from April"
        " to 20 December 2022 the log rate without its trend has a standard deviation of 0.29, errors of"
        " the figures included",
        per_side=False,
    ),
    Parameter(
        "tempo_persistence_days",
        "time in which a high or low tempo fades to 37 %",
        "days",
        Prior(5, 14, 40),
        (1.0, 2_000),
        "assumed: the same series without its trend has a correlation of 0.55 from one week to the next"
        " (12 days)",
        per_side=False,
    ),
)


def next_tempo(
    log_tempo: jax.Array,
    shock: jax.Array,
    new_week: jax.Array,
    tempo_spread: jax.Array,
    tempo_persistence_days: jax.Array,
    step: jax.Array | float = 1.0,
) -> jax.Array:
    """Return tomorrow's log tempo `[F, N]`; it changes on the first day of a week only.

    `step` is the length of a step in days, in which `tempo_persistence_days` is counted.
    """
    kept = jnp.exp(-7.0 / (tempo_persistence_days * step))
    moved = kept * log_tempo + tempo_spread * jnp.sqrt(1.0 - kept * kept) * shock
    return jnp.where(new_week > 0, moved, log_tempo)


def tempo(log_tempo: jax.Array, tempo_spread: jax.Array) -> jax.Array:
    """Return the tempo `[F, N]`, of mean 1."""
    return jnp.exp(log_tempo - 0.5 * tempo_spread * tempo_spread)
