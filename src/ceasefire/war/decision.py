"""Decision: two rival rules by which a leader starts and stops an offensive, over the same arguments.

The first compares the balance that he perceives with a threshold. The second weighs what a success is worth
to him, times its chance as he sees it, against the losses that he expects.

Equation, for each side:

    threshold:         r = h - a
    expected utility:  r = ln(E / (w - E)) / k - a,  never where E >= w
    passed: Z > r + C,  C = truce (c + c_m monitored)
    stop:   Y < r - f
    E = R max(u x - 1, 0) D / A
    dR = (s L / (1 + (u x - 1) O) - v R) / l

| symbol | argument | unit | range |
| --- | --- | --- | --- |
| r | required: perceived balance that is required in peace or war | 1 | any |
| Z, Y | perceived; noticed: the balance that ends an offensive, perceived or true | 1 | any |
| h, f | offensive_threshold, culmination_drop (`offensive`) | 1 | any, >= 0 |
| c, c_m | truce_cost, monitoring_cost (`offensive`) | 1 | >= 0 |
| a | aim: pull of the whole (`aims`) | 1 | >= 0 |
| E | expected_losses: losses that an offensive adds, as a share of the force | share | >= 0 |
| w | success_worth: share of the force that a leader would give for a sure success | 1 | >= 0 |
| k | success_steepness | 1 | > 0 |
| R | usual: losses a day at full fighting without an attack of one's own, as told | persons/day | >= 0 |
| u, x | surge (`offensive`), attacker_exposure (`attrition`) | 1 | > 0 |
| D, A | offensive_days (`offensive`); force | days, persons | >= 1, >= 0 |
| L, s | losses; share of bad news that is passed on (`belief`) | persons/day, share | >= 0, 0 to 1 |
| v, O | activity; offensive | share, switch | 0 to 1, 0 or 1 |
| l | perception_delay_days (`offensive`) | days | >= 1 |

The second rule in utilities, in shares of the own force, with P(y) = 1 / (1 + exp(-k y)):

    starting: w P(Z) + aim part > E + truce cost,  aim part - truce cost = w (P(Z + a - C) - P(Z))
    going on: w P(Y) + aim part + cost of breaking off > E,  the last two: w (P(Y + a + f) - P(Y))

Aims, truces and breaking off, which the first rule counts in log balance, count as much here: by the chances
that they are worth. An offensive of mean length D that ends by chance in any week always has D still to
come, so that the losses still to come do not fall while it lasts. Solved for the balance, w P(y) > E is y >
ln(E / (w - E)) / k. At the best guess r is -0.91 where the first rule has -0.9.

Source: expected utility as in bargaining theory of war, costs in people; both forms are the project's own.
Known to fail: waiting is worth nothing and costs nothing to the second leader; he knows the factor by which
attacking adds to losses; a force that masses on one front is exposed less than he expects.
Worked number: R = 450 a day, u x = 1.6 x 1.3 = 2.08, D = 75 days, A = 300,000: E = 0.12; with w = 0.6 and k =
1.5 a leader attacks above ln(0.1215 / 0.4785) / 1.5 = -0.91.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from ceasefire.war.flows import TINY
from ceasefire.war.registry import Parameter, Prior

# A log balance that no force reaches: what is required where no success would be worth the losses.
NEVER = 1_000.0

PARAMETERS = (
    Parameter(
        "success_worth",
        "share of his force that a leader would give for a sure success of an offensive",
        "1",
        Prior(0.3, 0.6, 1.2),
        (0.0, 20.0),
        "assumed, and the same for both sides: so that both rules of decision require about the same balance"
        " at the best guess; a factor of 2 either way",
    ),
    Parameter(
        "success_steepness",
        "rise of the log odds of success, as leaders count on it, with the perceived log balance",
        "1",
        Prior(0.8, 1.5, 3.6),
        (0.05, 20.0),
        "between 0.8, by which attackers' log odds rise with a unit of the log ratio of numbers alone (672"
        " engagements of 1904-1991, Dupuy Institute 2019), and 3.6, the central steepness of the advance"
        " with the balance (advance_steepness); 1.5 is assumed",
        per_side=False,
    ),
    Parameter(
        "initial_usual_losses",
        "losses a day of full fighting in the weeks before the start, outside offensives of the side",
        "persons/day",
        Prior(100, 450, 1_500),
        (0.0, 20_000),
        "assumed: a scenario gives its own; 0.15 % a day of the default force, a factor of 3 and more either"
        " way",
        initial=True,
    ),
)


class Verdict(NamedTuple):
    """What a rule of decision says today, `[2, N]` each."""

    required: jax.Array
    """Balance that is required where no truce is in force, log balance; NEVER where none would do."""
    passed: jax.Array
    """True where the hurdle of starting an offensive is passed."""
    stop: jax.Array
    """True where an offensive under way has culminated."""


def threshold(
    perceived: jax.Array,
    noticed: jax.Array,
    expected_losses: jax.Array,
    truce: jax.Array,
    monitored: jax.Array,
    aim: jax.Array,
    offensive_threshold: jax.Array,
    success_worth: jax.Array,
    success_steepness: jax.Array,
    truce_cost: jax.Array,
    monitoring_cost: jax.Array,
    culmination_drop: jax.Array,
) -> Verdict:
    """Return the verdict of the threshold on the perceived balance. Symbols as in the module."""
    del expected_losses, success_worth, success_steepness
    required = offensive_threshold - aim
    return _verdict(
        required, perceived, noticed, truce, monitored, truce_cost, monitoring_cost, culmination_drop
    )


def expected_utility(
    perceived: jax.Array,
    noticed: jax.Array,
    expected_losses: jax.Array,
    truce: jax.Array,
    monitored: jax.Array,
    aim: jax.Array,
    offensive_threshold: jax.Array,
    success_worth: jax.Array,
    success_steepness: jax.Array,
    truce_cost: jax.Array,
    monitoring_cost: jax.Array,
    culmination_drop: jax.Array,
) -> Verdict:
    """Return the verdict of expected utility on the perceived balance. Symbols as in the module."""
    del offensive_threshold
    gain = success_worth - expected_losses
    odds = (expected_losses + TINY) / jnp.maximum(gain, TINY)
    required = jnp.where(gain > 0.0, jnp.log(odds) / success_steepness - aim, NEVER)
    return _verdict(
        required, perceived, noticed, truce, monitored, truce_cost, monitoring_cost, culmination_drop
    )


def _verdict(
    required: jax.Array,
    perceived: jax.Array,
    noticed: jax.Array,
    truce: jax.Array,
    monitored: jax.Array,
    truce_cost: jax.Array,
    monitoring_cost: jax.Array,
    culmination_drop: jax.Array,
) -> Verdict:
    hurdle = required + truce * (truce_cost + monitoring_cost * monitored)
    return Verdict(required, perceived > hurdle, noticed < required - culmination_drop)


def chosen(by_utility: jax.Array, first: Verdict, second: Verdict) -> Verdict:
    """Return the second verdict where `by_utility` `[N]` is true, else the first."""
    return Verdict(*(jnp.where(by_utility, theirs, ours) for ours, theirs in zip(first, second, strict=True)))


def expected_losses(
    usual: jax.Array,
    force: jax.Array,
    surge: jax.Array,
    attacker_exposure: jax.Array,
    offensive_days: jax.Array,
) -> jax.Array:
    """Return E `[2, N]`, the losses that a leader expects an offensive to add, as a share of his force.

    Arguments: usual, force, offensive_days `[2, N]`, surge, attacker_exposure `[N]`.
    """
    added = jnp.maximum(surge * attacker_exposure - 1.0, 0.0) * offensive_days
    return usual * added / (force + TINY)


def next_usual(
    usual: jax.Array,
    losses: jax.Array,
    passed_on: jax.Array,
    activity: jax.Array,
    offensive: jax.Array,
    surge: jax.Array,
    attacker_exposure: jax.Array,
    perception_delay_days: jax.Array,
) -> jax.Array:
    """Return R `[2, N]` of tomorrow: what a day of full fighting costs, as far as a leader is told.

    In a truce the little that is lost counts as what it is: the violations' share of the fighting.
    """
    raised = 1.0 + (surge * attacker_exposure - 1.0) * offensive
    return usual + (passed_on * losses / raised - activity * usual) / perception_delay_days
