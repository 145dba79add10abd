"""Shapes of flows that every mechanism uses: a flow that a stock bounds, and a delay as a chain of stages."""

from __future__ import annotations

import jax
import jax.numpy as jnp

# Keeps divisions finite where a stock is empty; far below one person, vehicle or round.
TINY = 1e-6


def bounded(flow: jax.Array, stock: jax.Array) -> jax.Array:
    """Return the amount that a wanted flow takes out of a stock in a day, never more than is there.

    Equation: taken = stock (1 - exp(-flow / stock)); nearly `flow` while the stock is large, nearly `stock`
    when it is small.

    Units: both in the stock's unit (flow: per day). Shapes: any that broadcast.
    """
    return -stock * jnp.expm1(-flow / (stock + TINY))


def delay(stages: jax.Array, inflow: jax.Array, mean_days: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Move a delay chain on by a day; return its new stages and what leaves it.

    Equation: each of K stages passes on the share min(1, K / mean_days) of its content a day, so that the
    mean time in the chain is `mean_days` (at least K days) and its spread is that of K geometric waiting
    times.

    Shapes: stages `[2, K, N]`, inflow `[2, N]`, mean_days `[2, 1]` or `[2, N]`. Source: Erlang's method of
    stages.
    """
    share = jnp.minimum(1.0, stages.shape[1] / mean_days)[:, None, :]
    passed = stages * share
    arrivals = jnp.concatenate([inflow[:, None, :], passed[:, :-1, :]], axis=1)
    return stages - passed + arrivals, passed[:, -1, :]


def enemy(values: jax.Array) -> jax.Array:
    """Return, for each side, the value of the other: the leading axis of 2 turned round."""
    return values[::-1]
