"""The smallest game of an offer: two types, one answer, in closed form.

Somebody offers a truce or does not. He is sincere (he keeps it) with the prior q, or rearming (he uses it).
The other accepts or fights on. The offer is all that the other sees.

Equation, for the one who answers, with belief mu that the offer is sincere:

    accept if mu P + (1 - mu) E >= W,  so from  mu* = (W - E) / (P - E)  on

and with E = W - v D, D the shift of power over the truce:  mu* = v D / (P - W + v D).

Equation, for the one who offers, each type's gain from a deal less his cost of offering (g, G) and loss from
a refused offer (k):

    q >= mu*; g, G >= 0              pooling, accepted: both offer
    q < mu*, k <= 0                  pooling, refused: both offer, and the offer tells nothing
    q < mu*, k G > 0, g >= G         semi-separating: a rearming leader offers with
                                     r = q (1 - mu*) / ((1 - q) mu*), accepted with alpha = k / (G + k)
    q > mu*, k g > 0, G >= g         semi-separating: a sincere leader offers with
                                     s = mu* (1 - q) / ((1 - mu*) q), accepted with alpha = k / (g + k)
    G < 0 <= g                       separating: only a sincere leader offers, and is believed
    k >= 0, or g, G <= 0             nobody offers: disbelief, or what a deal brings, deters both

| symbol | argument | unit | range |
| --- | --- | --- | --- |
| P, W, E | peace, war, exploited: worth to the one who answers | one unit of worth | P > W > E |
| q | prior | probability | 0 to 1, both left out |
| g, G | sincere_gain, rearming_gain, costs of offering taken off | worth | any |
| k | refusal_cost | worth | any but 0 |

Source: signalling games (Spence 1973; Cho and Kreps 1987) in the smallest form that holds the question; all
of it derived here. Where both types gain by a deal (g, G > 0) and a refused offer costs nothing (k <= 0),
no offer changes the answer: talk is cheap (Crawford and Sobel 1982). Where a deal costs a rearming leader
more than it brings (G < 0) offers inform even then: he would rather not be believed.
Known to fail: one offer, one answer, two types, no terms to haggle over; with k = 0 every mixture that leaves
mu below mu* is an equilibrium as well.
Worked number: P = 1, W = 0.4, E = 0.1, q = 0.2, k = 0.1, G = 0.4, g >= 0.4: mu* = 1/3, r = 1/2, alpha = 1/5.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ceasefire.files import InputError

FloatArray = npt.NDArray[np.float64]


class MinimalGame(NamedTuple):
    """The equilibria in closed form, one entry for each set of parameters, shapes as the arguments broadcast.

    NaN where there is none of that kind.
    """

    threshold: FloatArray
    """mu*: the belief from which accepting pays."""
    pooling_accepted: npt.NDArray[np.bool_]
    pooling_refused: npt.NDArray[np.bool_]
    separating: npt.NDArray[np.bool_]
    """Only a sincere leader offers."""
    rearming_offers: FloatArray
    """r: how often a rearming leader offers, where he mixes."""
    accepted: FloatArray
    """alpha: how often the offer is accepted, where a rearming leader mixes."""
    sincere_offers: FloatArray
    """s: how often a sincere leader offers, where he mixes."""
    accepted_of_few: FloatArray
    """alpha where a sincere leader mixes."""
    silence: npt.NDArray[np.bool_]
    """Nobody offers, and would not be believed."""


def threshold(peace: npt.ArrayLike, war: npt.ArrayLike, exploited: npt.ArrayLike) -> FloatArray:
    """Return mu* = (W - E) / (P - E), the belief from which accepting pays.

    It is returned as it comes: outside 0 to 1 where P > W > E does not hold, NaN where P = E. Nothing is
    clipped.
    """
    peace, war, exploited = (np.asarray(one, dtype=np.float64) for one in (peace, war, exploited))
    span = peace - exploited
    return np.asarray(np.divide(war - exploited, span, out=np.full(span.shape, np.nan), where=span != 0.0))


def minimal_game(
    peace: npt.ArrayLike,
    war: npt.ArrayLike,
    exploited: npt.ArrayLike,
    prior: npt.ArrayLike,
    refusal_cost: npt.ArrayLike,
    rearming_gain: npt.ArrayLike,
    sincere_gain: npt.ArrayLike,
) -> MinimalGame:
    """Return all perfect Bayesian equilibria of the smallest game; symbols as in the module.

    Raises:
        InputError: a prior that is no probability, or payoffs out of order (P > W > E).
    """
    given = np.broadcast_arrays(
        *(
            np.asarray(one, dtype=np.float64)
            for one in (peace, war, exploited, prior, refusal_cost, rearming_gain, sincere_gain)
        )
    )
    best, going_on, worst, q, k, big, small = given
    if not np.all((q > 0.0) & (q < 1.0)):
        raise InputError("a prior is not between 0 and 1.", "prior", "give a probability, 0 and 1 left out.")
    if not np.all((best > going_on) & (going_on > worst)):
        raise InputError(
            "payoffs are out of order.", "minimal_game", "give peace above war above being exploited."
        )
    mu = threshold(best, going_on, worst)
    believed = q >= mu
    both = (small >= 0.0) & (big >= 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        r = q * (1.0 - mu) / ((1.0 - q) * mu)
        s = mu * (1.0 - q) / ((1.0 - mu) * q)
        alpha, few = k / (big + k), k / (small + k)
    mixes = ~believed & (k * big > 0.0) & (small >= big)
    fewer = (q > mu) & (k * small > 0.0) & (big >= small)
    return MinimalGame(
        threshold=mu,
        pooling_accepted=believed & both,
        pooling_refused=~believed & (k <= 0.0),
        separating=(small >= 0.0) & (big < 0.0),
        rearming_offers=np.where(mixes, r, np.nan),
        accepted=np.where(mixes, alpha, np.nan),
        sincere_offers=np.where(fewer, s, np.nan),
        accepted_of_few=np.where(fewer, few, np.nan),
        silence=(k >= 0.0) | ((small <= 0.0) & (big <= 0.0)),
    )
