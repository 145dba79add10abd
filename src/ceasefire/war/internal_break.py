"""Internal break: a mutiny, coup or fall of government that stops a side's attacks and cripples its effort.

A rare event with a chance in each week. It is likelier where sanctions bite, where many have been killed of
late and where ground is lost; it lasts until the side has found a government that is obeyed again.

Equation, for each side, per day:

    h = r exp(x),  x = s bite + d G / M + g lost
    begins: in the first step of a week, with the chance 1 - exp(-7 h), if B = 0
    ends:   in the first step of a week, with the chance 1 - exp(-7 / t), if B = 1
    dG = K - G / u
    lost = max(sum over fronts of ground taken by the enemy less that taken from him, 0) / ground at the start
    offensives allowed x (1 - B);  call-up x (1 - c B);  war production x (1 - p B)

| symbol | argument | unit | range |
| --- | --- | --- | --- |
| B | broken_within | 0 or 1 | 0 or 1 |
| r | internal_break_rate | 1/day | >= 0 |
| s, d, g | break_by_sanctions, break_by_deaths, break_by_ground | 1 | >= 0 |
| bite | what sanctions bite (0 where that mechanism is off) | share | 0 to 1 |
| G, u | recent_deaths, grief_days | persons, days | >= 0, >= 30 |
| K | killed | persons/day | >= 0 |
| M | people: those who serve and those who could be called up | persons | >= 0 |
| t | break_days | days | >= 1 |
| c, p | break_recruitment_loss, break_production_loss | share | 0 to 1 |

One shock a side and week serves for both chances, since a side is either broken or not. The chance is drawn
in logs, which asks for no exponential a day: with Phi the normal distribution function and z the shock,

    Phi(z) < 1 - exp(-7 r exp(x))   if and only if   x > ln(-ln(1 - Phi(z))) - ln(7 r)

Source: the project's own proportional hazard. Base rate: 242 successful coups in 1946-2018 (Center for
Systemic Peace, by year at HumanProgress) are 3.3 a year in all the world; a state in a militarised dispute
sees about 60 % fewer coup attempts (Conflict Management and Peace Science 2014, abstract), and long
interstate wars lower the risk of coups (Piplani and Talmadge 2016, abstract).
Known to fail: a break is one size; who comes to power, and whether he wants the war, is not modelled; break
and recovery do not depend on the regime; the enemy learns of it by the balance of forces alone.
Worked number: r = 2.5e-5 a day and x = 0: a chance of 0.91 % in a year; with s = 0.5 and a full bite, 1.5 %.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from ceasefire.war.flows import TINY, enemy
from ceasefire.war.registry import Parameter, Prior

PARAMETERS = (
    Parameter(
        "initial_recent_deaths",
        "soldiers killed in the year before the start, as they are still remembered",
        "persons",
        Prior(2_000, 10_000, 60_000),
        (0.0, 5e6),
        "assumed: a scenario gives its own",
        initial=True,
    ),
    Parameter(
        "internal_break_rate",
        "chance a day of an internal break where nothing adds to it",
        "1/day",
        Prior(2e-6, 2.5e-5, 2.5e-4),
        (0.0, 0.05),
        "assumed over two orders of magnitude, 0.07 to 9 % a year, around 0.9 %: 242 successful coups in"
        " 1946-2018 (Center for Systemic Peace through HumanProgress) are 3.3 a year in all states, whose"
        " number is assumed as 140: 2.4 % a year each; attempts are about 60 % fewer in a militarised"
        " dispute (Conflict Management and Peace Science 2014) and coups rarer still in long interstate wars"
        " (Piplani and Talmadge 2016)",
    ),
    Parameter(
        "break_by_sanctions",
        "log of the chance that a full bite of sanctions adds",
        "1",
        Prior(0.1, 0.5, 2.0),
        (0.0, 10.0),
        "assumed: no size was found",
        per_side=False,
    ),
    Parameter(
        "break_by_deaths",
        "log of the chance for each share of the people killed of late: 25 adds 0.25 for one in a hundred",
        "1",
        Prior(5, 25, 100),
        (0.0, 2_000),
        "assumed: costs of war raise the risk of a violent change of regime (Bueno de Mesquita, Siverson and"
        " Woller 1992, as a hypothesis); no size was found",
        per_side=False,
    ),
    Parameter(
        "break_by_ground",
        "log of the chance that the loss of all ground adds",
        "1",
        Prior(1, 4, 12),
        (0.0, 100.0),
        "assumed: new leaders come more often where a war goes badly (Weisiger, Learning from the"
        " Battlefield, abstract); no size was found",
        per_side=False,
    ),
    Parameter(
        "grief_days",
        "time in which the weight of deaths fades to 37 %",
        "days",
        Prior(180, 365, 730),
        (30.0, 10_000),
        "assumed: a year",
        per_side=False,
    ),
    Parameter(
        "break_days",
        "mean time for which an internal break lasts",
        "days",
        Prior(10, 120, 1_000),
        (1.0, 20_000),
        "assumed: from a mutiny of days to a revolution of years",
    ),
    Parameter(
        "break_recruitment_loss",
        "share of the call-up that an internal break stops",
        "share",
        Prior(0.1, 0.4, 0.8, "logit"),
        (0.0, 1.0),
        "assumed",
    ),
    Parameter(
        "break_production_loss",
        "share of war production that an internal break stops",
        "share",
        Prior(0.05, 0.2, 0.6, "logit"),
        (0.0, 1.0),
        "assumed",
    ),
)

# Beyond every log chance: a side whose rate is 0 never breaks.
NEVER = 1e30
# Least and largest chances that float32 tells apart from 0 and 1.
_LEAST, _MOST = 1e-30, 1.0 - 2.0**-23


def waited(shock: jax.Array) -> jax.Array:
    """Return -ln(1 - Phi(z)) of a standard normal shock: how much hazard passes before the week's event.

    An event whose hazard adds up to H over the week happens where H exceeds it, with the chance 1 - exp(-H).
    """
    chance = jnp.clip(jax.scipy.stats.norm.cdf(shock), _LEAST, _MOST)
    return -jnp.log1p(-chance)


def ground_lost(ground_taken: jax.Array, ground_at_start: jax.Array) -> jax.Array:
    """Return the share of its ground that each side has lost on balance since the start, `[2, N]`, 0 to 1.

    Both arguments `[2, F, N]`, km2: what each side has taken, and what it held at the start.
    """
    lost = jnp.sum(enemy(ground_taken) - ground_taken, axis=1)
    return jnp.clip(lost / (jnp.sum(ground_at_start, axis=1) + TINY), 0.0, 1.0)


def risk(
    bite: jax.Array,
    recent_deaths: jax.Array,
    people: jax.Array,
    ground_lost: jax.Array,
    break_by_sanctions: jax.Array,
    break_by_deaths: jax.Array,
    break_by_ground: jax.Array,
) -> jax.Array:
    """Return x `[2, N]`, the log of today's hazard over the base rate. Symbols as in the module."""
    return (
        break_by_sanctions * bite
        + break_by_deaths * (recent_deaths / (people + TINY))
        + break_by_ground * ground_lost
    )


class Break(NamedTuple):
    """The internal break of today, `[2, N]` each."""

    broken_within: jax.Array
    """1 while a side is broken within."""
    began: jax.Array
    """1 on the day on which a break begins."""


def next_broken(
    broken_within: jax.Array,
    risk: jax.Array,
    shock: jax.Array,
    new_week: jax.Array,
    internal_break_rate: jax.Array,
    break_days: jax.Array,
    step: jax.Array | float = 1.0,
) -> Break:
    """Return who is broken within today; it changes on the first day of a week only.

    `shock` `[2, N]` is this week's standard normal number of each side; `step` is the length of a step in
    days, in which rate and time are counted.
    """
    weekly_rate = jnp.maximum(7.0 * internal_break_rate / step, _LEAST)
    limit = jnp.where(internal_break_rate > 0, jnp.log(waited(shock)) - jnp.log(weekly_rate), NEVER)
    over = jax.scipy.stats.norm.cdf(shock) < -jnp.expm1(-7.0 / (break_days * step))
    week = new_week > 0
    began = jnp.where(week & (broken_within == 0) & (risk > limit), 1.0, 0.0)
    ended = jnp.where(week & (broken_within > 0) & over, 1.0, 0.0)
    return Break(broken_within + began - ended, began)


def next_recent_deaths(recent_deaths: jax.Array, killed: jax.Array, grief_days: jax.Array) -> jax.Array:
    """Return tomorrow's deaths in memory `[2, N]`, persons."""
    return recent_deaths - recent_deaths / grief_days + killed


class Effects(NamedTuple):
    """What an internal break does to a side, factors `[2, N]`: exactly 1 where there is none."""

    offensives: jax.Array
    """On the lever that allows offensives: 0 while broken."""
    call_up: jax.Array
    production: jax.Array


def effects(
    broken_within: jax.Array, break_recruitment_loss: jax.Array, break_production_loss: jax.Array
) -> Effects:
    """Return the factors of today. Symbols as in the module."""
    return Effects(
        1.0 - broken_within,
        1.0 - break_recruitment_loss * broken_within,
        1.0 - break_production_loss * broken_within,
    )
