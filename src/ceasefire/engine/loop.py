"""Weeks of days as pure functions, and how JAX walks them: the one description that every engine computes."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp


@dataclasses.dataclass(frozen=True)
class Loop:
    """Weeks of days as pure functions of arrays, and the shapes of what they take.

    Arguments are pytrees of arrays with the ensemble on the last axis; shapes are pytrees of
    `jax.ShapeDtypeStruct` with `fused.LANES` wars. No function may mix wars.
    """

    start: Callable[[Any, Any], Any]
    """`(of_wars, of_run) -> carry`: the first morning."""
    begin_week: Callable[[Any, Any, Any, Any], Any]
    """`(carry, of_wars, of_run, of_week) -> held`: what the days of a week have in common."""
    step: Callable[[Any, Any, Any, Any, Any, Any], Any]
    """`(carry, of_wars, of_run, held, of_day, new_week) -> carry`: a day; `new_week` is 1 on the first of a
    week, else 0."""
    end_week: Callable[[Any, Any, Any, Any], tuple[Any, Any]]
    """`(carry, of_wars, of_run, held) -> carry, record`: float32 arrays that are kept of a week."""
    carry: Any
    of_wars: Any
    """What each war has of its own."""
    of_run: Any
    """What all wars have in common."""
    of_week: Any
    of_day: Any
    """What a step has; a week may have any number of them."""


def scan(loop: Loop, carry: Any, of_wars: Any, of_run: Any, of_week: Any, of_day: Any) -> tuple[Any, Any]:
    """Walk a loop by JAX; return the last carry and the records of the weeks.

    Args:
        loop: what a week is.
        carry: the first morning; that of the loop where it is None.
        of_wars: N wars on the last axis.
        of_run: the same for all.
        of_week: by week, `[W, ...]`.
        of_day: by week and step, `[W, S, ...]`.
    """
    if carry is None:
        carry = loop.start(of_wars, of_run)

    def week(carry: Any, rows: tuple[Any, Any]) -> tuple[Any, Any]:
        held = loop.begin_week(carry, of_wars, of_run, rows[0])

        def one_day(carry: Any, row: tuple[jax.Array, Any]) -> tuple[Any, None]:
            new_week = (row[0] == 0).astype(jnp.float32)
            return loop.step(carry, of_wars, of_run, held, row[1], new_week), None

        steps = jax.tree.leaves(rows[1])[0].shape[0]
        carry, _ = jax.lax.scan(one_day, carry, (jnp.arange(steps), rows[1]))
        return loop.end_week(carry, of_wars, of_run, held)

    return jax.lax.scan(week, carry, (of_week, of_day))
