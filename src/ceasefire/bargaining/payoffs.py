"""What each branch of the offer game is worth, from thousands of wars that follow it.

A payoff is a continuation value: what a branch comes to on a later day in the same sampled wars, with the
same chances (common random numbers), weighted by stated values. The branches are

    refused by type and aid    no truce; the war goes on under a leader of that type
    settle by aid              a truce without end under a leader who keeps it
    exploit by aid             a truce of its length under a leader who breaks it, or attacks after it, when
                               his own rule says so

The one who answers keeps a truce that he has accepted as long as it is in force: what he could make of it
himself is asked when he is the one who offers. A truce without end can still collapse, by violations.

The wars are K repetitions of M draws: war w has the parameters of draw w mod M and chances of its own. With
x_mk the value of a difference between branches in repetition k of draw m, and x_m its mean,

    Monte-Carlo error of the mean over draws    sd(x_m) / sqrt(M)                shrinks with draws
    posterior spread                            of x_m, with chance taken out    does not

Chance is taken out by pulling each x_m towards the mean of all until the (co)variance is that between draws:

    B = cov(x_m) - mean within-draw cov / K,   x_m' = mean + B^(1/2) cov(x_m)^(-1/2) (x_m - mean)

(Louis 1984, Journal of the American Statistical Association 79, 393-398, in the form for vectors.) The error
of whatever is read off the x_m' (a share, a median) comes from drawing whole draws again, with all their
wars, and taking chance out anew: the mean and B are then as uncertain as they are.

A draw all of whose wars failed is lost: its row is NaN everywhere, and it is in no share and no mean.

Known to fail: the shape of the spread is that of the noisy means; a war that ends by collapse counts nothing
of what follows; ground and lives are added in one unit, which is a judgement and not a measurement.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ceasefire.bargaining.branches import Branch, Setting, end_of, start_for
from ceasefire.bargaining.game import AID, ENDS, TYPES, Game
from ceasefire.bargaining.stated import REARMING, SINCERE, Terms, Type, Values
from ceasefire.engine import PRIOR, Start, check_draws
from ceasefire.files import InputError
from ceasefire.inference.posterior import Posterior
from ceasefire.scenario import Scenario

FloatArray = npt.NDArray[np.float64]
Progress = Callable[[int, int], None]

DRAWS, REPEATS = 128, 4
#: Samples of draws drawn again: the error of an error is then a twentieth of it.
RESAMPLES = 200


class Estimate(NamedTuple):
    """A number with its two intervals, which are never mixed."""

    value: float
    mc_error: float
    """Monte-Carlo error of `value`: shrinks with draws."""
    low: float
    """5 % point of the posterior spread: does not shrink with draws."""
    high: float
    """95 % point."""

    def as_json(self) -> dict[str, object]:
        """Return it as plain values."""
        return {
            "value": self.value,
            "mc_error": self.mc_error,
            "interval": [self.low, self.high],
        }


@dataclasses.dataclass(frozen=True, eq=False)
class Spread:
    """Quantities of each draw with chance taken out, and what they would be for draws drawn again."""

    values: FloatArray
    """By war, `[M, K, D]`; NaN for a war that failed."""

    @functools.cached_property
    def _of_draws(self) -> tuple[FloatArray, FloatArray]:
        return between(self.values)

    @property
    def draws(self) -> FloatArray:
        """The quantities of each draw with chance taken out, `[M, D]`; NaN for a lost draw."""
        return self._of_draws[0]

    @property
    def noisy(self) -> FloatArray:
        """The same before chance was taken out: means over the wars of each draw, `[M, D]`."""
        return self._of_draws[1]

    @functools.cached_property
    def there(self) -> npt.NDArray[np.int64]:
        """The draws that are not lost, by number."""
        return np.flatnonzero(np.isfinite(self.noisy[:, 0]))

    @functools.cached_property
    def chosen(self) -> npt.NDArray[np.int64]:
        """Draws drawn again, by number, `[R, M']` with M' draws that are not lost."""
        rng = np.random.default_rng(0)
        return self.there[rng.integers(0, self.there.size, (RESAMPLES, self.there.size))]

    @functools.cached_property
    def again(self) -> FloatArray:
        """Their quantities, chance taken out of each sample anew, `[R, M', D]`."""
        return np.stack([between(self.values[chosen])[0] for chosen in self.chosen])


class Stakes:
    """What the one who answers wins by peace and loses by being exploited, each draw.

    Args:
        differences: P - W and W - E of each war, `[M, K, 2]`; NaN for a war that failed.
    """

    def __init__(self, differences: FloatArray) -> None:
        """Take chance out of the differences."""
        self.spread = Spread(differences)

    @property
    def gain(self) -> FloatArray:
        """Accepted from a sincere leader, less refused: P - W, `[M]`; NaN for a lost draw."""
        return self.spread.draws[:, 0]

    @property
    def loss(self) -> FloatArray:
        """Refused, less accepted from a rearming leader: W - E, `[M]`; NaN for a lost draw."""
        return self.spread.draws[:, 1]

    @property
    def noisy(self) -> FloatArray:
        """The two before chance was taken out, `[M, 2]`."""
        return self.spread.noisy

    @property
    def mean_gain(self) -> float:
        """Mean of P - W over the draws."""
        return float(np.nanmean(self.noisy[:, 0]))

    @property
    def mean_loss(self) -> float:
        """Mean of W - E over the draws."""
        return float(np.nanmean(self.noisy[:, 1]))

    @property
    def count(self) -> int:
        """Draws that are not lost."""
        return int(self.spread.there.size)

    def advantage(self, belief: float) -> FloatArray:
        """Return what accepting gains at a belief, for each draw, `[M]`; NaN for a lost draw."""
        return np.asarray(belief * self.gain - (1.0 - belief) * self.loss)

    def advantage_again(self, belief: float) -> FloatArray:
        """Return the same of draws drawn again, `[R, M']`."""
        again = self.spread.again
        return np.asarray(belief * again[..., 0] - (1.0 - belief) * again[..., 1])

    @property
    def ordered(self) -> npt.NDArray[np.bool_]:
        """Draws in which P > W > E."""
        return np.asarray((self.gain > 0.0) & (self.loss > 0.0))

    @property
    def thresholds(self) -> FloatArray:
        """The belief from which accepting pays, of the draws in which payoffs are ordered."""
        kept = self.ordered
        return np.asarray(self.loss[kept] / (self.loss[kept] + self.gain[kept]))

    def fails(self) -> dict[str, float | int]:
        """Return in how many draws the ordering fails, and how."""
        there = self.spread.there
        gain, loss = self.gain[there] > 0.0, self.loss[there] > 0.0
        return {
            "draws": int(gain.size),
            "count": int((~(gain & loss)).sum()),
            "share": float((~(gain & loss)).mean()),
            "accepting_always_pays": float((gain & ~loss).mean()),
            "accepting_never_pays": float((~gain & loss).mean()),
            "reversed": float((~gain & ~loss).mean()),
        }


@dataclasses.dataclass(frozen=True, eq=False)
class Payoffs:
    """All branches of the offer game over the same wars."""

    scenario: str
    by: str
    """Who offers."""
    to: str
    """Who answers."""
    posterior: str
    seed: int
    draws: int
    """Draws of the parameters that are in use, M."""
    repeats: int
    """Wars of each draw, K."""
    days: tuple[int, ...]
    """Days after the start on which branches are valued; the last one is the horizon."""
    start: dt.date
    terms: Terms
    types: tuple[Type, Type]
    branches: Mapping[tuple[str, ...], Branch]
    """`("refused", type, aid)`, `("settle", aid)` and `("exploit", aid)`."""
    failed: int
    """Wars left out because a computation failed in a branch."""
    has_aid: bool
    """Whether the one who answers gets arms from abroad, so that a backer can cut any."""
    has_aim: tuple[bool, bool]
    """Whether the scenario names an aim of who offers, and of who answers."""
    _kept: dict[tuple[Values, int], tuple[FloatArray, FloatArray]] = dataclasses.field(
        default_factory=dict, init=False, repr=False
    )

    @property
    def good(self) -> npt.NDArray[np.bool_]:
        """Wars whose computation succeeded in every branch, `[N]`."""
        good: npt.NDArray[np.bool_] = np.logical_and.reduce(
            [branch.status == 0 for branch in self.branches.values()]
        )
        return good

    @property
    def lost(self) -> int:
        """Draws all of whose wars failed: they are in no number."""
        return int((~self.good.reshape(self.repeats, self.draws).any(axis=0)).sum())

    def worth(
        self, branch: tuple[str, ...], player: int, values: Values, kind: Type | None = None, day: int = -1
    ) -> FloatArray:
        """Return what a branch is worth to a player, `[M, K]`; NaN where a computation failed.

        Args:
            branch: a key of `branches`.
            player: 0 who offers, 1 who answers.
            values: what counts, in lives of own soldiers.
            kind: what the one who offers still pursues; all of his aim where not given.
            day: place in `days`.
        """
        found = self.branches[branch]
        pursued = 1.0 if kind is None else kind.aim
        worth = (
            -values.own_soldiers * found.own_soldiers[day, player]
            - values.civilians * found.civilians[day, player]
            - values.area * found.ground_lost[day, player]
            + values.aim * pursued * found.aim[day, player]
        )
        worth = np.where(self.good, worth, np.nan)
        return np.asarray(worth.reshape(self.repeats, self.draws).T)

    def answerer_differences(self, values: Values, aid: str = "keep", day: int = -1) -> FloatArray:
        """Return P - W and W - E of the one who answers for each war, `[M, K, 2]`.

        Refused or not, the leader is of the same type: P - W is against a sincere one, W - E against a
        rearming one. After a refusal aid is kept; `aid` says what becomes of it in an accepted truce.
        """
        sincere, rearming = TYPES
        peace, exploited = (self.worth((end_of(kind), aid), 1, values, day=day) for kind in self.types)
        going_on = [self.worth(("refused", kind, "keep"), 1, values, day=day) for kind in (sincere, rearming)]
        return np.stack([peace - going_on[0], going_on[1] - exploited], axis=-1)

    def stakes(self, values: Values, aid: str = "keep", day: int = -1) -> Stakes:
        """Return what the one who answers wins and loses, by draw, with chance taken out."""
        return Stakes(self.answerer_differences(values, aid, day))

    def offerer_gain(self, kind: str, values: Values, aid: str = "keep", day: int = -1) -> FloatArray:
        """Return what each war gives a type of the one who offers beyond no offer, `[M, K]`."""
        type_ = self.types[TYPES.index(kind)]
        reached = self.worth((end_of(type_), aid), 0, values, type_, day)
        return np.asarray(reached - self.worth(("refused", kind, "keep"), 0, values, type_, day))

    def implied_office(self, values: Values, day: int = -1) -> FloatArray:
        """Return what settling short of his aim must cost a rearming leader who exploits, `[M, K]`, in lives.

        It is what he would be better off by settling, by the other stated values; below 0 nothing is needed.
        """
        kind = self.types[1]
        settled, exploited = (self.worth((end, "keep"), 0, values, kind, day) for end in ENDS)
        return np.asarray(settled - exploited)

    def game(self, prior: float, values: Values, day: int = -1, draw: int | None = None) -> Game:
        """Return the game with these payoffs: means over all draws, or those of one draw.

        Without an offer the war goes on with aid kept; a refused offer costs its maker `values.refusal`.
        Settling costs each type `values.office` for the share of his aim that he pursues; where that is not
        given it is the least by which a leader who does not keep a truce exploits it whatever the backer
        does, as the leader of his type does in the war. Breaking a truce costs a leader who keeps it the
        least by which he settles whatever the backer does, for the same reason.
        """
        accepted, refused = (
            np.array(np.nanmean(part, axis=(-2, -1)) if draw is None else np.nanmean(part[..., draw, :], -1))
            for part in self._tables(values, day)
        )
        for place, kind in enumerate(self.types):
            if values.office is not None:
                accepted[place, :, 0, 0] -= values.office * kind.aim
            settled, exploited = accepted[place, :, 0, 0], accepted[place, :, 1, 0]
            # A life more, so that he is not indifferent.
            if kind.keeps_truce:
                exploited -= max(float((exploited - settled).max()) + 1.0, 0.0)
            elif values.office is None:
                settled -= max(float((settled - exploited).max()) + 1.0, 0.0)
        war = refused[:, 0].copy()
        refused[..., 0] -= values.refusal
        return Game(prior, war, refused, accepted)

    def _tables(self, values: Values, day: int) -> tuple[FloatArray, FloatArray]:
        """Return all payoffs by war: accepted `[2, 2, 2, 3, M, K]` and refused `[2, 2, 3, M, K]`."""
        key = (values, day)
        if key not in self._kept:
            size = (self.draws, self.repeats)
            accepted, refused = np.zeros((2, 2, 2, 3, *size)), np.zeros((2, 2, 3, *size))
            for place, kind in enumerate(self.types):
                for aid, reaction in enumerate(AID):
                    cost = values.aid_cost * (self.terms.cut_to if aid else 1.0)
                    paths: list[tuple[FloatArray, tuple[str, ...]]] = [
                        (refused[place, aid], ("refused", TYPES[place], reaction))
                    ]
                    paths += [(accepted[place, aid, end], (name, reaction)) for end, name in enumerate(ENDS)]
                    for row, branch in paths:
                        row[0] = self.worth(branch, 0, values, kind, day)
                        row[1] = self.worth(branch, 1, values, day=day)
                        row[2] = values.solidarity * row[1] - cost
            self._kept[key] = accepted, refused
        return self._kept[key]

    def reached(self) -> dict[str, float]:
        """Return the share of wars that reach a truce, and those in which a rearming leader attacks."""
        truce = self.branches["exploit", "keep"].truce & self.branches["settle", "keep"].truce
        return {
            "truce": float(truce.mean()),
            "exploited": float(self.branches["exploit", "keep"].attacked.mean()),
        }


def between(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Take chance out of the means of draws: return the spread of the draws, and the noisy means, `[M, D]`.

    Args:
        values: `[M, K, D]`, D quantities of K wars for each of M draws; NaN for a war that failed.

    The equation stands in the module. With one war a draw chance cannot be told from the draws, and the means
    come back as they are. A draw without a war is NaN in both.
    """
    kept: npt.NDArray[np.bool_] = np.asarray(np.all(np.isfinite(values), axis=2))
    there = np.flatnonzero(kept.any(axis=1))
    whole = np.full((values.shape[0], values.shape[2]), np.nan)
    known, kept = values[there], kept[there]
    count = kept.sum(axis=1)
    means = np.where(kept[..., None], known, 0.0).sum(axis=1) / count[:, None]
    noisy = whole.copy()
    noisy[there] = means
    if there.size < 3 or (count < 2).all():
        return noisy, noisy
    inside = np.where(kept[..., None], known - means[:, None], 0.0)
    several = count > 1
    within = np.einsum("mki,mkj->mij", inside, inside)[several] / (count[several] - 1)[:, None, None]
    noise = within.mean(axis=0) * float((1.0 / count).mean())
    total = np.atleast_2d(np.cov(means.T))
    centre = means.mean(axis=0)
    pull = _root(total - noise) @ _root(total, inverse=True)
    whole[there] = centre + (means - centre) @ pull.T
    return whole, noisy


def _root(matrix: FloatArray, inverse: bool = False) -> FloatArray:
    """Return the symmetric root of a covariance, or its inverse; what is not positive counts as none."""
    scale, vectors = np.linalg.eigh(matrix)
    least = 1e-12 * max(float(scale.max()), 0.0)
    there = scale > least
    power = np.zeros_like(scale)
    power[there] = scale[there] ** (-0.5 if inverse else 0.5)
    return np.asarray((vectors * power) @ vectors.T)


def estimate(values: FloatArray) -> Estimate:
    """Return the mean of `[M, K]` with its Monte-Carlo error and its posterior spread."""
    return estimate_of(*(part[:, 0] for part in between(values[..., None])))


def estimate_of(spread: FloatArray, noisy: FloatArray) -> Estimate:
    """Return the mean of `[M]` noisy values and its Monte-Carlo error, with the spread of the draws."""
    low, high = np.nanquantile(spread, (0.05, 0.95))
    return Estimate(float(np.nanmean(noisy)), error_of_mean(noisy), float(low), float(high))


def error_of_mean(noisy: FloatArray) -> float:
    """Return the Monte-Carlo error of the mean of `[M]` draws; NaN for fewer than two."""
    known = noisy[np.isfinite(noisy)]
    return float(known.std(ddof=1) / np.sqrt(known.size)) if known.size > 1 else float("nan")


def side_named(scenario: Scenario, name: str | None, where: str = "--by") -> int:
    """Return the place of a belligerent by name or code; the initiator where not given.

    Raises:
        InputError: there is no such belligerent.
    """
    if name is None:
        return scenario.roles.index("initiator")
    return scenario.place_of(name, where)


def payoffs(
    scenario: Scenario,
    by: str | None = None,
    *,
    posterior: Posterior | None = None,
    terms: Terms | None = None,
    types: tuple[Type, Type] = (SINCERE, REARMING),
    draws: int = DRAWS,
    repeats: int = REPEATS,
    seed: int = 1,
    progress: Progress | None = None,
    start: Start | None = None,
    shared: dict[Any, Any] | None = None,
) -> Payoffs:
    """Run every branch of the offer game over the same sampled wars.

    Args:
        scenario: the scenario.
        by: who offers, by name or code; the initiator where not given.
        posterior: where parameters and the state come from; the priors where not given.
        terms: the truce that is offered.
        types: what a sincere and a rearming leader are.
        draws: draws of the parameters, M; of a posterior with fewer, all of them.
        repeats: wars of each draw, K.
        seed: seed of chance, and of the priors.
        progress: called with the wars done and the wars in all.
        start: that of the posterior (`start_of`), where it is at hand.
        shared: what other calls with the same scenario, posterior, draws and seed can use again: starts and
            branches that do not differ.

    Raises:
        InputError: an unknown side, numbers that cannot be used, a truce beyond the scenario's end, a
            posterior that does not fit, or a branch that no war reaches.
    """
    terms = terms or Terms()
    if types[0] != types[1] and (not types[0].keeps_truce or types[1].keeps_truce):
        raise InputError(
            "the first type must keep a truce and the second must not, or both must be the same.",
            "the types",
            "give a sincere and a rearming leader, in this order.",
        )
    side = side_named(scenario, by)
    check_draws(draws * repeats, seed)
    if draws < 2 or repeats < 1:
        raise InputError(
            f"{draws} draws of {repeats} wars tell nothing of a spread.", "--draws", "give at least 2 draws."
        )
    world = scenario.world()
    if terms.start_day + terms.days >= world.days:
        raise InputError(
            f"a truce of {terms.days:,} days from day {terms.start_day} does not end before the war that is"
            f" computed, of {world.days:,} days.",
            "--days",
            "give fewer days: what follows the truce decides what the offer is worth.",
        )
    kept = {} if shared is None else shared
    key = ("start", draws, seed)
    if key not in kept:
        kept[key] = start_for(world, posterior, draws, seed, start)
    chosen: Start = kept[key]
    setting = Setting(scenario, world, chosen, side, terms, types, repeats, seed)
    wanted: list[tuple[str, ...]] = [("refused", kind, aid) for kind in TYPES for aid in AID]
    wanted += [(end, aid) for end in ENDS for aid in AID]
    branches: dict[tuple[str, ...], Branch] = {}
    count = chosen.size * repeats
    for number, branch in enumerate(wanted):
        told = setting.signature(branch)
        if told not in kept:
            kept[told] = setting.run(branch)
        branches[branch] = kept[told]
        if progress is not None:
            progress((number + 1) * count, len(wanted) * count)
    aimed = np.asarray(world.geography.aim).sum(axis=1) if world.geography.aim is not None else np.zeros(2)
    found = Payoffs(
        scenario=scenario.name,
        by=scenario.sides[side],
        to=scenario.sides[1 - side],
        posterior=PRIOR if posterior is None else posterior.name,
        seed=seed,
        draws=chosen.size,
        repeats=repeats,
        days=setting.days,
        start=world.start,
        terms=terms,
        types=types,
        branches=branches,
        failed=0,
        has_aid=setting.has_aid,
        has_aim=(bool(aimed[side] > 0.0), bool(aimed[1 - side] > 0.0)),
    )
    found = dataclasses.replace(found, failed=int((~found.good).sum()))
    if not found.good.any():
        raise InputError(
            f"the computation of all {count:,} wars failed in some branch: nothing can be weighed.",
            f"scenario {scenario.name}",
            "look for ranges in the scenario that are far from those of the registry.",
        )
    if terms.days > 0 and not found.branches["exploit", "keep"].truce.any():
        raise InputError(
            "no simulated war reaches the branch in which the offer is accepted: no truce comes into force.",
            f"scenario {scenario.name}, {terms.days} days from day {terms.start_day}",
            "offer a truce that begins before the wars have ended, for longer.",
        )
    return found
