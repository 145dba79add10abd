"""Games for the tests: the smallest one inside the tree of three, and games with random payoffs."""

from __future__ import annotations

import numpy as np

from ceasefire.bargaining import Equilibrium, Game


def smallest(
    peace: float,
    war: float,
    exploited: float,
    prior: float,
    refusal_cost: float,
    rearming_gain: float,
    sincere_gain: float,
) -> Game:
    """Return the smallest game as a tree of three, with a backer to whom all is one."""
    accepted, refused, going_on = np.zeros((2, 2, 2, 3)), np.zeros((2, 2, 3)), np.zeros((2, 3))
    accepted[0, :, 0] = sincere_gain, peace, 0.0
    accepted[0, :, 1] = sincere_gain - 1.0, exploited, 0.0
    accepted[1, :, 0] = rearming_gain - 1.0, peace, 0.0
    accepted[1, :, 1] = rearming_gain, exploited, 0.0
    refused[:] = -refusal_cost, war, 0.0
    going_on[:] = 0.0, war, 0.0
    return Game(prior, going_on, refused, accepted)


def at_random(rng: np.random.Generator) -> Game:
    """Return a game whose payoffs do not tie."""
    shapes = ((2, 3), (2, 2, 3), (2, 2, 2, 3))
    return Game(float(rng.integers(1, 20)) / 20.0, *(rng.normal(size=shape) for shape in shapes))


def consistent(game: Game, found: Equilibrium, tolerance: float = 1e-9) -> bool:
    """Say whether the belief after an offer is Bayes' rule wherever somebody who exists offers."""
    sincere = game.prior * found.sincere_offers
    offered = sincere + (1.0 - game.prior) * found.rearming_offers
    return offered == 0.0 or abs(found.belief - sincere / offered) <= tolerance
