"""Commitment: whether a bargain fails because power shifts in the truce, whatever anybody believes.

Two conditions, on the draws of the war. Both say that who is losing power would rather fight now than face
who has gained it later, and that no promise can help: the other cannot bind himself not to use his gain.

Equation. Fearon 1995, preventive war: A's share p of what is in dispute shifts from p1 to p2 in one period,
which is the truce; the stake is a flow of 1 a period, d the discount factor of a period, c what fighting on
costs B in all. B, whose power falls, attacks now exactly if

    d p2 - p1 > c (1 - d)^2

since fighting now gives him (1 - p1) / (1 - d) - c, and peace at most 1 now and the value of war at the new
balance from then on, 1 + d ((1 - p2) / (1 - d) - c). With costs C as a share of the whole stake, c = C /
(1 - d), so that the right side is C (1 - d).

Powell 2004, 2006: with M the value that each can be sure of by fighting, V the whole pie, one period apart,

    M_B(t) + d M_A(t + 1) > V,   or   d M_A(t + 1) - M_A(t) > V - M_A(t) - M_B(t)

(what A gains by waiting exceeds the surplus of peace), since in any peace A must get d M_A(t + 1) in the end,
which leaves B less than he has by fighting. The abstract of Powell 2004 (American Political Science Review
98, 231-241) names the condition, large and rapid changes of power in terms of minmax payoffs; its algebra was
not to be read there and is derived here.

| symbol | here | unit |
| --- | --- | --- |
| y | balance of each whole force in attack (`war.offensive`), true, in a truce that both keep | log |
| p | 1 / (1 + exp(-k (y_A - y_B) / 2)), k success_steepness (`war.decision`) | share |
| C | deaths that B is spared by peace, over area x ground in dispute + aims | share |
| M_A(t), M_B(t) | worth of the war that goes on (refused) | lives |
| d M_A(t + 1) | worth to A of fighting after the truce (exploited), to the same last day | lives |
| V | worth of a truce without end to both together (settle) | lives |

A is the one who offers, then in turn the other: power may shift to either. Powell's condition is asked of
the one who offers alone, since M_A(t + 1) is a branch in which A attacks after the truce, and in the game the
one who answers does so in none. Deaths of all years count alike, so that in Powell's form the discount is in
the shorter time that is left. A draw whose wars failed is NaN, and in no share.

Known to fail: a share of what is in dispute is read off the model's odds of success of one offensive; a
period is one truce and nothing shifts after it; in the war neither condition is what makes leaders decide.
Worked number: d = 0.9, p1 = 0.4, p2 = 0.6: the left side is 0.14, so war unless c is at least 14, where the
whole stake is worth 10.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from ceasefire.bargaining.branches import changed, start_for
from ceasefire.bargaining.payoffs import Payoffs, between
from ceasefire.bargaining.stated import OUT_OF_REACH, Values
from ceasefire.engine import Start, run
from ceasefire.files import InputError
from ceasefire.inference.posterior import Posterior
from ceasefire.scenario import TRUCE_BEGINS, Scenario, plan_without_truce
from ceasefire.war import REGISTRY
from ceasefire.war.levers import COLUMNS

FloatArray = npt.NDArray[np.float64]

DISCOUNT_PER_YEAR = 0.95
"""Worth of a year later. A judgement: 5 % a year, as of a long-run rate of interest."""
WEEK = 7


def preventive_war(p1: npt.ArrayLike, p2: npt.ArrayLike, discount: npt.ArrayLike) -> FloatArray:
    """Return d p2 - p1, the left side of Fearon's condition; its right side is c (1 - d)^2."""
    first, second, d = (np.asarray(one, dtype=np.float64) for one in (p1, p2, discount))
    return np.asarray(d * second - first)


class Shift(NamedTuple):
    """How power shifts in a truce that both keep, seen from one side: what each draw leads to expect."""

    side: str
    first: FloatArray
    """p on the truce's first day, `[M]`."""
    last: FloatArray
    """p on its last day, `[M]`."""
    weekly: FloatArray
    """p at the end of each week of the truce, from its start on, `[W, M]`."""
    log_shift: FloatArray
    """Shift of the relative power (y_A - y_B) / 2, `[M]`."""


@dataclasses.dataclass(frozen=True, eq=False)
class Commitment:
    """Fearon's and Powell's conditions for one side that gains power in the truce."""

    side: str
    """Whose power is asked about: A."""
    other: str
    days: int
    discount: float
    """Of a truce, d."""
    shift: Shift
    fearon_left: FloatArray
    """d p2 - p1, `[M]`."""
    fearon_right: FloatArray
    """C (1 - d), `[M]`."""
    powell_gain: FloatArray | None
    """What A gains by waiting, in lives, `[M]`; None for the one who answers: no branch has it."""
    powell_surplus: FloatArray | None
    """What peace gives both beyond war, in lives, `[M]`; None likewise."""

    @property
    def fearon(self) -> tuple[float, float]:
        """The share of draws in which Fearon's condition holds, with its Monte-Carlo error."""
        return _share(self.fearon_left, self.fearon_right)

    @property
    def powell(self) -> tuple[float, float] | None:
        """The same of Powell's; None for the one who answers."""
        if self.powell_gain is None or self.powell_surplus is None:
            return None
        return _share(self.powell_gain, self.powell_surplus)

    @property
    def lost(self) -> int:
        """Draws without a number, since their wars failed."""
        return int((np.isnan(self.fearon_left) | np.isnan(self.fearon_right)).sum())

    def sentence(self) -> str:
        """Return how fast power would shift and whether that alone makes a bargain fail."""
        low, median, high = np.nanquantile(self.shift.last - self.shift.first, (0.05, 0.5, 0.95))
        start = float(np.nanmedian(self.shift.first))
        rises, _ = _share(self.shift.log_shift, np.zeros_like(self.shift.log_shift))
        fails, error = self.fearon
        by_powell = (
            f"; Powell's is not computed for it, since no branch has {self.side} attack after the truce"
            if self.powell is None
            else f" and in {100 * self.powell[0]:.0f} % by Powell's ({100 * self.powell[1]:.0f})"
        )
        change = f"{100 * median:+.0f} points ({100 * low:+.0f} to {100 * high:+.0f})"
        return (
            f"In a truce of {self.days} days that both keep, {self.side}'s share of power,"
            f" {100 * start:.0f} % at first, would change by {change}; it would rise in"
            f" {100 * rises:.0f} % of the draws. That alone would make {self.other} rather fight now in"
            f" {100 * fails:.0f} % of the draws by Fearon's condition (simulation error {100 * error:.0f})"
            f"{by_powell}."
            + (f" Of {self.lost} draws nothing is known, since their wars failed." if self.lost else "")
        )

    def table(self) -> pd.DataFrame:
        """Return the path of power for a picture: `day`, `low`, `low50`, `median`, `high50`, `high`.

        These are shares. Days count from the start of the truce; 90 % and 50 % of the draws.
        """
        points = np.nanquantile(self.shift.weekly, (0.05, 0.25, 0.5, 0.75, 0.95), axis=1)
        days = WEEK * np.arange(self.shift.weekly.shape[0])
        columns = dict(zip(("low", "low50", "median", "high50", "high"), points, strict=True))
        return pd.DataFrame({"day": days, **columns})

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""

        def told(values: FloatArray) -> dict[str, Any]:
            low, median, high = np.nanquantile(values, (0.05, 0.5, 0.95))
            return {"median": float(median), "interval": [float(low), float(high)]}

        return {
            "side": self.side,
            "other": self.other,
            "days": self.days,
            "discount": self.discount,
            "share_of_power_first": told(self.shift.first),
            "share_of_power_last": told(self.shift.last),
            "log_shift": told(self.shift.log_shift),
            "fearon": dict(zip(("share", "mc_error"), self.fearon, strict=True)),
            "powell": None
            if self.powell is None
            else dict(zip(("share", "mc_error"), self.powell, strict=True)),
            "lost_draws": self.lost,
            "sentence": self.sentence(),
        }


def _share(left: FloatArray, right: FloatArray) -> tuple[float, float]:
    """Return the share of draws with left above right, with its error; NaN counts nowhere."""
    known = np.isfinite(left) & ~np.isnan(right)
    share = float((left > right)[known].mean())
    return share, float(np.sqrt(share * (1.0 - share) / known.sum()))


def commitment(
    scenario: Scenario,
    found: Payoffs,
    values: Values,
    *,
    posterior: Posterior | None = None,
    discount_per_year: float = DISCOUNT_PER_YEAR,
    shared: dict[Any, Any] | None = None,
) -> tuple[Commitment, Commitment]:
    """Return the conditions for the one who offers gaining power, and for the one who answers.

    Args:
        scenario: that of the payoffs.
        found: the branches of the game.
        values: what counts.
        posterior: that of the payoffs.
        discount_per_year: worth of a year later, 0 to 1, both left out.
        shared: as in `payoffs`.

    Raises:
        InputError: a discount that is none, or wars that all failed.
    """
    if not 0.0 < discount_per_year < 1.0:
        raise InputError(
            f"{discount_per_year:g} is no discount factor.",
            "discount_per_year",
            "give a number inside 0 to 1.",
        )
    discount = float(discount_per_year ** (found.terms.days / 365.25))
    key = ("start", found.draws, found.seed)
    start = (shared or {}).get(key) or start_for(scenario.world(), posterior, found.draws, found.seed)
    balance, steepness = _balances(scenario, start, found)
    stake = _stake(scenario, found, values)
    offers = (0, found.by, found.to)
    answers = (1, found.to, found.by)
    parts = []
    for place, side, other in (offers, answers):
        relative = 0.5 * (balance[:, place] - balance[:, 1 - place])
        share = special.expit(steepness[:, None] * relative)
        shift = Shift(
            side, *_expected(share), np.asarray(_expected(relative)[2][-1] - _expected(relative)[2][0])
        )
        gain, surplus = _gain_and_surplus(found, values) if place == 0 else (None, None)
        cost = _cost_of_war(found, values, 1 - place)
        right = (1.0 - discount) * cost / stake if stake > 0.0 else np.full(cost.size, np.inf)
        parts.append(
            Commitment(
                side=side,
                other=other,
                days=found.terms.days,
                discount=discount,
                shift=shift,
                fearon_left=preventive_war(shift.first, shift.last, discount),
                fearon_right=right,
                powell_gain=gain,
                powell_surplus=surplus,
            )
        )
    return parts[0], parts[1]


def _expected(paths: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return what each draw leads to expect on the first day, on the last, and week by week, `[W, M]`.

    Args:
        paths: `[W, M, K]`; chance is taken out of the change from the first week on.
    """
    _, noisy = between(paths[0][..., None])
    first = noisy[:, 0]
    weekly = [first]
    for week in paths[1:]:
        spread, _ = between((week - paths[0])[..., None])
        weekly.append(first + spread[:, 0])
    return first, weekly[-1], np.array(weekly)


def _gain_and_surplus(found: Payoffs, values: Values) -> tuple[FloatArray, FloatArray]:
    """Return what who offers gains by attacking after the truce, and what peace gives both, `[M]` each."""

    def of(branch: tuple[str, ...], player: int) -> FloatArray:
        return found.worth(branch, player, values, found.types[1] if player == 0 else None)

    going_on = ("refused", "rearming", "keep")
    gain = of(("exploit", "keep"), 0) - of(going_on, 0)
    surplus = sum(of(("settle", "keep"), player) - of(going_on, player) for player in (0, 1))
    spread, _ = between(np.stack([gain, np.asarray(surplus)], axis=-1))
    return spread[:, 0], spread[:, 1]


def _cost_of_war(found: Payoffs, values: Values, place: int) -> FloatArray:
    """Return the deaths that peace spares a player, weighted, `[M]`."""
    if values.own_soldiers + values.civilians == 0.0:
        return np.zeros(found.draws)
    lives = dataclasses.replace(values, area=0.0, aim=0.0)
    spared = found.worth(("settle", "keep"), place, lives)
    spared = spared - found.worth(("refused", "rearming", "keep"), place, lives)
    return np.asarray(between(spared[..., None])[0][:, 0])


def _stake(scenario: Scenario, found: Payoffs, values: Values) -> float:
    """Return what is in dispute, in lives: all ground of the fronts, and the aims."""
    ground = float(np.asarray(scenario.world().geography.ground).sum())
    return values.area * ground + values.aim * max(found.has_aim)


def _balances(scenario: Scenario, start: Start, found: Payoffs) -> tuple[FloatArray, FloatArray]:
    """Return the true balance of each side by week of a truce that both keep, and k of each draw.

    `[W, 2, M, K]`, who offers first, from the week in which the truce begins on; NaN where a war failed; and
    `[M]`. Leaders who see the truth at once make what is recorded as perceived the truth; it decides nothing,
    since none of them breaks a truce.

    Raises:
        InputError: all wars failed.
    """
    world = scenario.world()
    terms = found.terms
    weeks = min(max(round(terms.days / WEEK), 1), world.days // WEEK - 1)
    # Balances are kept by the week, and one week goes by before the truth is seen.
    begins = min(max(WEEK * math.ceil(terms.start_day / WEEK), WEEK), world.days - WEEK * weeks)
    days = begins + WEEK * weeks
    base = plan_without_truce(scenario)
    levers = base.levers[:days].copy()
    side = scenario.sides.index(found.by)
    levers[:, COLUMNS["distorted_reports"]] = 0.0
    levers[begins:, COLUMNS["monitored"].start] = float(terms.monitored)
    for lever in ("truce_recruitment", "truce_production"):
        levers[begins:, COLUMNS[lever].start + side] = terms.offerer_rearms
        levers[begins:, COLUMNS[lever].start + 1 - side] = terms.answerer_rearms
    levers[begins:, COLUMNS["truce_aid"].start + 1 - side] = terms.aid_in_truce
    if terms.offerer_training_days is not None:
        levers[:, COLUMNS["training_days"].start + side] = terms.offerer_training_days
    plan = dataclasses.replace(
        base,
        policy="a truce that both keep",
        levers=levers,
        # It ends with what is computed.
        events=np.array([(begins, TRUCE_BEGINS)], np.int32),
        observed_offensives=base.observed_offensives[:days],
    )
    informed: Mapping[str, float] = {
        "truce_cost": OUT_OF_REACH,
        "perception_bias": 0.0,
        "perception_noise": 0.0,
        "perception_delay_days": 1.0,
    }
    for one in (0, 1):
        start = changed(start, one, informed)
    result = run(
        dataclasses.replace(world, days=days),
        plan,
        draws=start.size * found.repeats,
        seed=found.seed,
        start=start,
        outcomes=("perceived",),
    )
    balance = np.asarray(result["perceived"].values[begins // WEEK :, [side, 1 - side]], dtype=np.float64)
    failed = result["status"].values != 0
    if failed.all():
        raise InputError(
            "the computation of all wars of a truce that both keep failed: no shift of power can be told.",
            f"scenario {scenario.name}",
            "look for ranges in the scenario that are far from those of the registry.",
        )
    balance[:, :, failed] = np.nan
    by_draw = balance.reshape(*balance.shape[:2], found.repeats, start.size)
    return np.moveaxis(by_draw, 2, 3), np.asarray(
        start.parameters[REGISTRY.rows["success_steepness"]][0], dtype=np.float64
    )
