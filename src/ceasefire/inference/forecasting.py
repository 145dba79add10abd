"""Forecasts from a state: the same wars walked on, and what each origin would report of them.

A mechanism can be cut: its stocks are held where they stand on the first day. Cutting all of them leaves the
drift alone, which is a trend with a widening interval.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt

from ceasefire.engine import chance
from ceasefire.engine.ensemble import DAYS_IN_WEEK, absent, week_shocks
from ceasefire.war import Decisions, State, Today, day
from ceasefire.war.structure import OPTIONAL, pinned
from ceasefire.war.timestep import lever_factors, parameter_factors

Float = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]

# The stocks of each mechanism. Held, they stay as they are on the first day.
STOCKS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "manpower": ("trainees", "reserve", "troops", "recovering", "called_up", "emigrated"),
        "skill": ("skill",),
        "equipment": ("armour_modern", "armour_legacy", "armour_storage", "armour_in_transit"),
        "munitions": ("shells", "shells_in_transit", "industry"),
        "prepared lines": ("fortification",),
    }
)


@dataclasses.dataclass(frozen=True)
class Variant:
    """A way to walk on."""

    name: str
    held: tuple[str, ...] = ()
    """Names of `STOCKS`."""
    decides: bool = True
    """Whether leaders start and end offensives; otherwise they go on as on the first day."""
    choice: tuple[str, str] | None = None
    """A structural alternative and the choice that all wars follow from the first day."""


EVERYTHING = Variant("everything")
OFFENSIVES_HELD = Variant("without new decisions", decides=False)
TREND = Variant("the trend alone", tuple(STOCKS), decides=False)
VARIANTS = (
    EVERYTHING,
    OFFENSIVES_HELD,
    *(Variant(f"without {name}", (name,)) for name in STOCKS),
    TREND,
)

# Each optional mechanism by itself, and each of two rules, from the first day of a forecast.
ADDED = tuple(
    Variant(
        f"with {one.name}" if one.is_switch else f"{one.name}: {choice}",
        choice=(one.name, choice),
    )
    for one in OPTIONAL.values()
    for choice in (one.choices[1:] if one.weights[0] == 1.0 else one.choices)
)


@dataclasses.dataclass(frozen=True)
class Futures:
    """What happens after the origin, at the end of each week, `[W + 1, 2, N]`, counted from the origin."""

    losses: Float64
    killed: Float64
    ground: Float64
    """Net ground taken by side 0, `[W + 1, N]`, km2."""


_STOCKS = tuple(stock for stocks in STOCKS.values() for stock in stocks)


@functools.partial(jax.jit, static_argnames=("weeks", "step_days", "off"))
def _walk(
    parameters: jax.Array,
    structure: jax.Array,
    state: State,
    wars: jax.Array,
    levers: jax.Array,
    seed_key: jax.Array,
    streams: jax.Array,
    held: jax.Array,
    decides: jax.Array,
    *,
    weeks: int,
    step_days: int,
    off: tuple[str, ...],
) -> Any:
    """`held` says of each of `_STOCKS` whether it stays; given as numbers, all variants are compiled once."""
    structure = pinned(structure, off)
    steps = DAYS_IN_WEEK // step_days

    def read(state: State) -> tuple[jax.Array, jax.Array, jax.Array]:
        taken = jnp.sum(state.ground_taken, axis=1)
        losses = state.killed + state.wounded + state.captured
        return losses, state.killed, taken[0] - taken[1]

    def one_week(state: State, week: jax.Array) -> tuple[State, Any]:
        shocks = week_shocks(seed_key, wars, week, streams, state.front_weight.shape[0])

        def one_step(number: jax.Array, now: State) -> State:
            first_step = (number == 0).astype(jnp.float32)
            today = Today(levers, jnp.float32(0.0), jnp.float32(0.0), first_step, float(step_days))
            known = jnp.where(decides, -1.0, now.offensive)
            tomorrow, _ = day(now, parameters, structure, today, shocks, Decisions(known))
            kept = {
                name: jnp.where(stays, getattr(now, name), getattr(tomorrow, name))
                for name, stays in zip(_STOCKS, held, strict=True)
            }
            return tomorrow._replace(**kept)

        state = jax.lax.fori_loop(0, steps, one_step, state)
        return state, read(state)

    first = read(state)
    _, later = jax.lax.scan(one_week, state, jnp.arange(weeks))
    return jax.tree.map(lambda start, path: jnp.concatenate([start[None], path]) - start, first, later)


def walk_on(
    parameters: Float,
    structure: npt.NDArray[np.int8],
    state: State,
    levers: Float,
    streams: tuple[int, int],
    *,
    weeks: int,
    draws: int,
    seed: int,
    variant: Variant = EVERYTHING,
    step_days: int = 1,
) -> Futures:
    """Return what happens in `weeks` weeks from a state under the levers of its day.

    Args:
        parameters: `[P, n]`, in days.
        structure: int8 `[K, n]`.
        state: ensemble of n last.
        levers: the plan's row on the day, `[L]`; it goes on.
        streams: random stream of each side.
        weeks: how far.
        draws: futures; number i goes on from draw i mod n.
        seed: seed of the chances.
        variant: what is cut.
        step_days: length of a step; 7 where the state comes from a calibration by weeks.
    """
    index = np.arange(draws) % parameters.shape[1]
    held = {stock for name in variant.held for stock in STOCKS[name]}
    found = _walk(
        jnp.asarray(parameters[:, index] * parameter_factors(float(step_days))),
        jnp.asarray(structure[:, index]),
        jax.tree.map(lambda stock: jnp.asarray(stock[..., index]), state),
        jnp.arange(draws, dtype=jnp.uint32),
        jnp.asarray(levers * lever_factors(float(step_days))),
        chance.shock_key(seed),
        jnp.asarray(streams, jnp.int32),
        jnp.asarray([stock in held for stock in _STOCKS]),
        jnp.asarray(variant.decides),
        weeks=weeks,
        step_days=step_days,
        off=absent(structure),
    )
    losses, killed, ground = (np.asarray(part, np.float64) for part in found)
    return Futures(losses, killed, ground)
