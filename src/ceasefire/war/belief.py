"""Belief: what each leader takes both forces to be, from reports that come late, biased and filtered.

A leader does not see the forces. He hears of his own and of the enemy's; the reports lean towards what he
would like to hear, and bad news is passed on only in part. His decisions follow what he believes.

Equation, for each leader i with the enemy j, per day:

    P_i = ln(A_i + 1) + effectiveness_i + advantage_i / 2
    reported own   = P_i + x (p + n z) / 2
    reported enemy = P_j - x (p + n z) / 2
    g = step / max(1 + x (l - 1), step),  l in days
    s = max(1 - x q, 0) where the news is bad (own below, enemy above what is believed), else 1
    believed = reported - (1 - g s) (reported - believed)
    Z = y + (believed own - P_i) - (believed enemy - P_j)

| symbol | argument | unit | range |
| --- | --- | --- | --- |
| P | power: log power of a force | 1 | any |
| A, effectiveness | force; log effectiveness of a soldier (`fronts`) | persons, 1 | >= 0, any |
| advantage | log advantage of the side (drift) | 1 | any |
| x | distortion | 1 | >= 0 |
| p, n | perception_bias, perception_noise (`offensive`) | 1 | any, >= 0 |
| l | perception_delay_days (`offensive`) | days | >= 1 |
| z | this week's shock of the leader, standard normal | 1 | any |
| q | bad_news_filter | share | 0 to 1 |
| g, s | gain: weight of today's report; share of the news that is passed on | share | 0 to 1 |
| y, Z | balance of the whole forces (`offensive`), true and as the leader sees it | 1 | any |

With x = 0 belief is this morning's truth and Z = y, to the last bit. With x = 1, q = 0 and unmoved lines Z
follows the rule of `offensive.next_perceived`: one number, late and biased. Ground and prepared lines are on
every map, so that a leader knows them at once. Where reports go up and down around a steady truth, a filter
alone makes belief too good: it settles at the expectile of the reports of level 1 / (2 - x q).

Source: in wargames people expect too much of themselves, and those who do so more attack more (Johnson and
others 2006, Proceedings of the Royal Society B, pp. 2513-2520); fear of bringing bad news: the White House on
the president of Russia, 30 March 2022 (an ally of a party). The form of the filter is the project's own.
Known to fail: one shock moves the errors about both forces; nobody learns that he was misled; the balance on
each front is known when troops are sent there; how far the enemy deceives is part of the noise.
Worked number: a force falls by half at once (ln 0.5 = -0.69); with x = 1, l = 20 days and q = 0.3 its leader
believes after 20 days that it has fallen by -0.69 (1 - (1 - 0.7 / 20)^20) = -0.35, with q = 0 by -0.44.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from ceasefire.war.flows import enemy
from ceasefire.war.registry import Parameter, Prior

PARAMETERS = (
    Parameter(
        "distortion",
        "how far reports to a leader are late, biased, noisy and filtered, as a multiple of the usual",
        "1",
        Prior(0.5, 1.0, 2.0),
        (0.0, 5.0),
        "assumed, and the same for both sides: 1 is what the other parameters of perception describe, a"
        " factor of 2 either way. In the Battle of Britain honest claims were 1.55 times the enemy's losses"
        " by his own records (2,692 to 1,733 aircraft; House of Commons, 14 May 1947), 0.44 in the log",
    ),
    Parameter(
        "bad_news_filter",
        "share of bad news that does not reach a leader at usual distortion",
        "share",
        Prior(0.05, 0.3, 0.7, "logit"),
        (0.0, 1.0),
        "assumed around one ratio of public figures: 5,937 killed by the ministry of defence of Russia, 21"
        " September 2022 (personnel losses table), to 8,900 (4,600 to 17,000) on 1 September by the"
        " meta-estimate of The Economist; what a leader is told in private may be better or worse",
    ),
)


class Belief(NamedTuple):
    """What each leader believes the log power of both forces to be, `[2, N]` each."""

    own: jax.Array
    enemy: jax.Array


def log_power(force: jax.Array, effectiveness: jax.Array, advantage: jax.Array) -> jax.Array:
    """Return P `[2, N]`, the log power of each force."""
    return jnp.log(force + 1.0) + effectiveness + 0.5 * advantage


def passed_on(distortion: jax.Array, bad_news_filter: jax.Array) -> jax.Array:
    """Return s `[2, N]`, the share of bad news that reaches a leader: 1 without distortion."""
    return jnp.maximum(1.0 - distortion * bad_news_filter, 0.0)


def first_belief(power: jax.Array, perception_bias: jax.Array, distortion: jax.Array) -> Belief:
    """Return the beliefs of the first morning: both forces as they are, with the bias."""
    lean = 0.5 * distortion * perception_bias
    return Belief(power + lean, enemy(power) - lean)


def next_belief(
    belief: Belief,
    power: jax.Array,
    shock: jax.Array,
    distortion: jax.Array,
    bad_news_filter: jax.Array,
    perception_bias: jax.Array,
    perception_noise: jax.Array,
    perception_delay_days: jax.Array,
    step: jax.Array | float = 1.0,
) -> Belief:
    """Return what the leaders believe after this morning's reports.

    `power` is P `[2, N]`, `shock` this week's standard normal number of each leader; `step` is the length of
    a step in days, in which `perception_delay_days` is counted.
    """
    lean = 0.5 * distortion * (perception_bias + perception_noise * shock)
    days = 1.0 + distortion * (perception_delay_days * step - 1.0)
    gain = step / jnp.maximum(days, step)
    good, bad = 1.0 - gain, 1.0 - gain * passed_on(distortion, bad_news_filter)

    def heard(reported: jax.Array, believed: jax.Array, is_bad: jax.Array) -> jax.Array:
        # From the report backwards: exactly the report where all of it counts.
        return reported - jnp.where(is_bad, bad, good) * (reported - believed)

    own, other = power + lean, enemy(power) - lean
    return Belief(heard(own, belief.own, own < belief.own), heard(other, belief.enemy, other > belief.enemy))


def perceived_balance(balance: jax.Array, power: jax.Array, belief: Belief) -> jax.Array:
    """Return Z `[2, N]`, the balance as each leader sees it; `balance` is y `[2, N]`."""
    return balance + ((belief.own - power) - (belief.enemy - enemy(power)))


def shifted(belief: Belief, change: jax.Array) -> Belief:
    """Return the beliefs after a change of the advantage that every leader knows, `[2, N]`.

    For a running war that becomes the start of another, where what ground has cost goes into the advantage.
    """
    return Belief(belief.own + 0.5 * change, belief.enemy + 0.5 * enemy(change))
