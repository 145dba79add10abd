"""The Lanchester family: exponents, closed forms, invariants, and paths of the war's own law.

    first loses   b x second^p x first^q    a day
    second loses  a x first^p x second^q    a day

a is what the first side does to the second, b the reverse (`effectiveness` = (a, b)). The family has one
right-hand side, `ceasefire.war.attrition.lanchester`; what is integrated here is that one, in double
precision. The closed forms are written out apart from it, so that each tests the other.

Source: Lanchester 1916 (square, linear), Peterson 1953 (logarithmic), Deitchman 1962 (guerrilla), Bracken
1995 (advantage of the defender), Helmbold's modification as later papers state it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import jax
import numpy as np
import numpy.typing as npt
from scipy.integrate import solve_ivp
from scipy.optimize import least_squares

from ceasefire.war import attrition

FloatArray = npt.NDArray[np.float64]
Pair = tuple[float, float]

SIDES = ("first", "second")


@dataclasses.dataclass(frozen=True)
class Exponents:
    """The exponents (p, q) of the enemy's and one's own numbers in the losses of each side."""

    first: Pair
    second: Pair

    @property
    def p(self) -> FloatArray:
        """The exponents of the enemy's numbers `[2]`."""
        return np.array([self.first[0], self.second[0]])

    @property
    def q(self) -> FloatArray:
        """The exponents of one's own numbers `[2]`."""
        return np.array([self.first[1], self.second[1]])

    def mirrored(self) -> Exponents:
        """Return the same law with the sides exchanged."""
        return Exponents(self.second, self.first)


def generalised(p: float, q: float) -> Exponents:
    """Return the law whose losses grow with the enemy's numbers to the p and one's own to the q."""
    return Exponents((p, q), (p, q))


def helmbold(w: float) -> Exponents:
    """Return Helmbold's form, losses = rate x (own / enemy)^(1 - w) x enemy: p = w, q = 1 - w.

    w = 1 is the square law, w = 0 the logarithmic law, w = 1/2 gives the linear law's course of the ratio.
    """
    return generalised(w, 1.0 - w)


LOGARITHMIC = generalised(0.0, 1.0)
LINEAR = generalised(1.0, 1.0)
SQUARE = generalised(1.0, 0.0)
#: The first side hides and is hit by area fire; the second stands in the open.
GUERRILLA = Exponents((1.0, 1.0), (1.0, 0.0))


def tactical(d: float, attacker: str | None) -> FloatArray:
    """Return what multiplies the losses of each side `[2]`: d for the defender, 1 / d for the attacker.

    Args:
        d: the defender's multiplier; below 1, defending saves losses.
        attacker: `first`, `second`, or None where neither attacks.

    Source: Bracken 1995.
    """
    if attacker is None:
        return np.ones(2)
    return np.array([1.0 / d if side == attacker else d for side in SIDES])


def closed_form(law: str, start: Pair, effectiveness: Pair, days: Sequence[float] | FloatArray) -> FloatArray:
    """Return the strengths `[2, T]` under a law that has a closed form, without arrivals.

        square       x = x0 cosh(s t) - y0 sqrt(b / a) sinh(s t),  s = sqrt(a b)
        linear       x = x0 / (1 + b y0 (1 - e^(-K t)) / K),  K = a x0 - b y0
        logarithmic  x = x0 e^(-b t)

    and y by exchanging the sides. The square law's form holds until one side is gone.

    Args:
        law: `square`, `linear` or `logarithmic`.
        start: strengths (x0, y0) at time 0.
        effectiveness: (a, b), 1/day in the units of the law.
        days: times `[T]`, days.

    Raises:
        KeyError: the law has no closed form here.
    """
    return _CLOSED[law](start, effectiveness, np.asarray(days, dtype=np.float64))


def _square(start: Pair, effectiveness: Pair, t: FloatArray) -> FloatArray:
    (x, y), (a, b) = start, effectiveness
    s = np.sqrt(a * b) * t
    return np.array(
        [
            x * np.cosh(s) - y * np.sqrt(b / a) * np.sinh(s),
            y * np.cosh(s) - x * np.sqrt(a / b) * np.sinh(s),
        ]
    )


def _linear(start: Pair, effectiveness: Pair, t: FloatArray) -> FloatArray:
    (x, y), (a, b) = start, effectiveness
    k = a * x - b * y
    # (1 - e^(-K t)) / K, which is t where both sides wear down alike.
    fading = t if k == 0.0 else -np.expm1(-k * t) / k
    growing = t if k == 0.0 else np.expm1(k * t) / k
    return np.array([x / (1.0 + b * y * fading), y / (1.0 + a * x * growing)])


def _logarithmic(start: Pair, effectiveness: Pair, t: FloatArray) -> FloatArray:
    (x, y), (a, b) = start, effectiveness
    return np.array([x * np.exp(-b * t), y * np.exp(-a * t)])


_CLOSED = {"square": _square, "linear": _linear, "logarithmic": _logarithmic}


def invariant(law: Exponents, effectiveness: Pair, strengths: FloatArray) -> FloatArray:
    """Return what a battle without arrivals conserves `[...]`.

        a F(x, m1) - b F(y, m2),  F(z, m) = z^m / m,  F(z, 0) = ln z
        m1 = p of second - q of first + 1,  m2 = p of first - q of second + 1

    With one (p, q) for both sides and m = p - q + 1, m times this is a x^m - b y^m.

    Args:
        law: the exponents.
        effectiveness: (a, b).
        strengths: `[2, ...]`, above 0.
    """
    a, b = effectiveness
    first = _integral(strengths[0], law.second[0] - law.first[1] + 1.0)
    second = _integral(strengths[1], law.first[0] - law.second[1] + 1.0)
    return a * first - b * second


def _integral(base: FloatArray, m: float) -> FloatArray:
    return np.asarray(np.log(base) if m == 0.0 else base**m / m, dtype=np.float64)


_lanchester = jax.jit(attrition.lanchester)


def losses(law: Exponents, effectiveness: Pair, strengths: FloatArray) -> FloatArray:
    """Return the losses a day of both sides `[2]` under the war's own law, in double precision."""
    own = np.maximum(np.asarray(strengths, dtype=np.float64), 0.0)
    caused = np.array([effectiveness[1], effectiveness[0]])
    with jax.enable_x64(True):
        return np.asarray(_lanchester(caused, own[::-1].copy(), own, law.p, law.q), dtype=np.float64)


@dataclasses.dataclass(frozen=True)
class Path:
    """A battle over time: strengths `[2, T]` on `days` `[T]`, and when a side was gone, if it was."""

    days: FloatArray
    strengths: FloatArray
    gone: str | None = None
    gone_on: float = float("nan")


def path(
    law: Exponents,
    start: Pair,
    effectiveness: Pair,
    days: Sequence[float] | FloatArray,
    arrivals: FloatArray | None = None,
) -> Path:
    """Return the course of a battle by integrating the war's own law.

    When a side is gone the losses of both end; the other side keeps what it has and what still arrives.

    Args:
        law: the exponents.
        start: strengths at time 0.
        effectiveness: (a, b), 1/day in the units of the law.
        days: times `[T]`, days from the start, not falling.
        arrivals: persons who arrive over day k, evenly over [k, k + 1) `[2, days]`; None for none.

    Raises:
        ValueError: the integration failed.
    """
    wanted = np.asarray(days, dtype=np.float64)
    end = float(wanted[-1])
    rates = np.zeros((2, max(int(np.ceil(end)), 1)))
    if arrivals is not None:
        kept = min(rates.shape[1], arrivals.shape[1])
        rates[:, :kept] = arrivals[:, :kept]
    # Arrivals jump at some midnights; the integration stops there and goes on.
    jumps = [0, *(k for k in range(1, rates.shape[1]) if np.any(rates[:, k] != rates[:, k - 1]))]
    bounds = [float(k) for k in jumps] + [max(end, float(jumps[-1]))]
    result = np.empty((2, wanted.size))
    strengths = np.array(start, dtype=np.float64)
    gone, gone_on = None, float("nan")
    for place, begin in enumerate(bounds[:-1]):
        until = bounds[place + 1]
        here = (wanted >= begin) & ((wanted <= until) if until == bounds[-1] else (wanted < until))
        strengths, values, stopped = _leg(
            law, effectiveness, strengths, rates[:, jumps[place]], (begin, until), wanted[here], gone
        )
        result[:, here] = values
        if stopped is not None:
            gone, gone_on = stopped
    return Path(wanted, result, gone, gone_on)


def _leg(
    law: Exponents,
    effectiveness: Pair,
    strengths: FloatArray,
    rate: FloatArray,
    span: Pair,
    wanted: FloatArray,
    gone: str | None,
) -> tuple[FloatArray, FloatArray, tuple[str, float] | None]:
    """Integrate between two jumps: the strengths at the end, those on the wanted days, and who went when."""
    begin, end = span
    stopped = None
    known = np.empty((2, wanted.size))
    left = np.ones(wanted.size, dtype=bool)
    if gone is None and end > begin:

        def change(_: float, now: FloatArray) -> FloatArray:
            return rate - losses(law, effectiveness, now)

        def nobody(_: float, now: FloatArray) -> float:
            return float(np.min(now))

        nobody.terminal = True  # type: ignore[attr-defined]
        nobody.direction = -1.0  # type: ignore[attr-defined]
        done = solve_ivp(
            change, span, strengths, "DOP853", dense_output=True, events=nobody, rtol=1e-10, atol=1e-9
        )
        if done.status < 0:
            raise ValueError(done.message)
        reached = float(done.t[-1])
        left = wanted > reached
        if done.sol is not None and np.any(~left):
            known[:, ~left] = done.sol(wanted[~left])
        strengths, begin = done.y[:, -1], reached
        if done.status == 1:
            place = int(np.argmin(strengths))
            stopped = (SIDES[place], reached)
            strengths = np.where(np.arange(2) == place, 0.0, strengths)
    known[:, left] = strengths[:, None] + rate[:, None] * (wanted[left] - begin)
    return strengths + rate * (end - begin), known, stopped


def end_point_fit(
    law: Exponents,
    start: Pair,
    end: Pair,
    days: float,
    arrivals: FloatArray | None = None,
    guess: Pair = (0.01, 0.05),
) -> Pair:
    """Return the effectiveness (a, b) with which a battle ends at given strengths: the inverse problem.

    Two unknowns and two end points, so the fit is exact where it exists and says nothing about its error.

    Raises:
        ValueError: no pair of coefficients reaches the end points.
    """

    def miss(logs: FloatArray) -> FloatArray:
        a, b = (float(value) for value in np.exp(logs))
        # Followed past zero: a side that is gone too early is a miss that still tells how early.
        missed = _free(law, start, (a, b), days, arrivals) - np.array(end)
        return np.asarray(missed / max(start), dtype=np.float64)

    found = least_squares(miss, np.log(guess), xtol=1e-12, ftol=1e-12, gtol=1e-12)
    if not np.all(np.abs(found.fun) < 1e-6):
        raise ValueError("no coefficients reach these end points")
    return float(np.exp(found.x[0])), float(np.exp(found.x[1]))


def _free(
    law: Exponents, start: Pair, effectiveness: Pair, days: float, arrivals: FloatArray | None
) -> FloatArray:
    """Return the end of a battle, where a side that is gone counts below 0 by the time it went too early."""
    done = path(law, start, effectiveness, [days], arrivals)
    end = done.strengths[:, -1]
    if done.gone is not None:
        place = SIDES.index(done.gone)
        end = end.copy()
        end[place] = -max(start) * (days - done.gone_on) / days
    return end


def square_rates(first: Sequence[float], second: Sequence[float]) -> Pair:
    """Return the square law's effectiveness (a, b) from two histories: losses over the enemy's numbers.

    a = sum of second's losses / sum of first's numbers before each step, and the reverse for b
    """
    x, y = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    return float((y[0] - y[-1]) / x[:-1].sum()), float((x[0] - x[-1]) / y[:-1].sum())
