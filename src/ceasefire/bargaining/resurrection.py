"""Why keep fighting: the point at which a leader stops, by what he is told and what he has to lose.

A leader may settle on the line as it stands every four weeks. Settling gives him what has been reached; going
on gives what the war still brings, its deaths included. He stops when settling is worth more than going on is
expected to be. The rule is the best that can be learnt from wars in which reports are true. An informed
leader follows it on the true state of the war; a misled one follows the same rule on what he is told
(mechanism `belief`: the balance biased and late, bad news and losses filtered).

Equation. Worth to the leader of settling on day k, in lives of his own side's soldiers (`stated.Values`):

    u_k = - own killed - civilians x civilians killed - area x net ground lost
          + aim x share of the aim reached - office x 1{he loses}

    R_k(X) = E[u_tau - u_k | X_k = X],  tau the first later day with R_tau <= 0
    settle on the first day with R_k(X_k) <= 0, or on the last day

`office` is what he loses with his office and by the punishment after it; only their sum counts. He loses,
whatever the size of the loss, below a line of victory (`whatever`); or only after a disaster (`disaster`).
R_k is a regression of what followed on the state (Longstaff and Schwartz 2001, Review of Financial Studies
14, 113-147), learnt on one half of the draws and used on the other, several times over other halves. On late
days on which too few wars are still going to learn from, the rule of the last day that has enough holds,
learnt for one step: what four weeks more bring.

Gambling for resurrection as a special case, one decision in closed form: settle now and lose a share l of
the aim, or go on at the cost c and win a share g with the chance p, else lose d > l. With office S,

    whatever:  go on if p > (aim (d - l) + c) / (aim (g + d) + S)        to 0 as S grows
    disaster:  go on if p > (aim (d - l) + c + S) / (aim (g + d) + S)    to 1 as S grows

and of two ends with the same mean below the line he who loses office whatever the loss prefers the one that
is spread wider, by S times its chance to pass the line.

Source: that leaders of mixed regimes lose office and are punished however they lose, so that they go on
(Goemans 2000, Journal of Conflict Resolution 44: read in its abstract, which names this condition); that a
war which an informed principal would end goes on since ending it would cost the agent his office (Downs and
Rocke 1994, American Journal of Political Science 38, 362-380, read in its abstract). The algebra is derived
here.
Known to fail: a settlement on the line as it stands is there for the asking and is kept; office hangs on
ground alone; nobody is replaced; the misled leader never learns that he is misled; where lines of victory
and disaster lie is assumed.
Worked number: aim 100, l = 0.1, d = 0.5, g = 0.3, c = 4: p > 44 / 80 = 0.55 without office, 44 / 480 = 0.092
with S = 400 whatever the loss, 444 / 480 = 0.925 where only disaster costs it.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from ceasefire.bargaining.branches import aim_reached
from ceasefire.bargaining.payoffs import side_named
from ceasefire.bargaining.stated import Values
from ceasefire.engine import check_draws, run
from ceasefire.files import InputError, suggest
from ceasefire.inference.posterior import Posterior
from ceasefire.inference.starting import start_of
from ceasefire.scenario import Plan, Scenario, World, with_mechanisms
from ceasefire.war import REGISTRY
from ceasefire.war.levers import COLUMNS

FloatArray = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Progress = Callable[[int, int], None]
Fate = Literal["whatever", "disaster"]

DISTORTIONS = (0.0, 0.5, 1.0, 2.0, 3.0)
"""Multiples of each war's own distortion; 1 is what the scenario has."""
OFFICES = (0.0, 50_000.0, 100_000.0, 200_000.0, 500_000.0)
AIMS = (0.0, 50_000.0, 200_000.0, 500_000.0, 1_000_000.0)
LARGEST_DISTORTION = 5.0
LARGEST_STAKE = 1e9
#: The first day of a decision. A judgement: by then reports have had time to go wrong, and a trend to show.
FIRST_DAY = 84
EVERY_DAYS = 28
#: How far back a leader looks for the trend of the ground and of his losses, weeks. A judgement: a quarter of
#: a year, the length of an offensive, and no more than has passed on the first day of a decision.
TREND_WEEKS = 12
SPLITS = 4
# A rule has 21 terms; it is learnt from three times as many wars at least.
_LEAST_WARS = 63
#: Wars under each distortion, at least: half of them learn.
LEAST_WARS = 2 * _LEAST_WARS
MECHANISM, LEVER = "belief", "distorted_reports"
KEPT = (
    "parameters",
    "killed",
    "civilians_killed",
    "perceived",
    "offensive",
    "ground_taken",
    "capital_taken",
    "ended",
)


@dataclasses.dataclass(frozen=True)
class Line:
    """Where a loss of office begins; assumed, and the same for any leader."""

    fate: Fate = "whatever"
    victory: float = 0.1
    """Share of the aim that must have been reached for the outcome to be no loss."""
    disaster: float = 0.1
    """Share of the ground held on the first day whose net loss is a disaster."""

    def __post_init__(self) -> None:
        """Check the numbers.

        Raises:
            InputError: an unknown fate, or a share that cannot be.
        """
        if self.fate not in get_args(Fate):
            raise InputError(
                f"'{self.fate}' is no fate of a leader.", "--fate", suggest(self.fate, get_args(Fate))
            )
        for name in ("victory", "disaster"):
            value = getattr(self, name)
            if not 0.0 < value <= 1.0:
                raise InputError(
                    f"{value:g} cannot be used as '{name}'.", f"--{name}", "give a share above 0 to 1."
                )

    def lost(self, aim: FloatArray, ground_lost: FloatArray) -> Bools:
        """Return where the leader loses office; the aim reached and the ground lost are shares."""
        if self.fate == "whatever":
            return np.asarray(aim < self.victory)
        return np.asarray(ground_lost >= self.disaster)


# One decision in closed form


def odds_required(
    settle_loss: float,
    win: float,
    disaster: float,
    cost: float,
    aim: float,
    office: float,
    fate: Fate = "whatever",
) -> float:
    """Return the chance of winning from which a leader goes on, in closed form. Symbols as in the module.

    Args:
        settle_loss: l, share of the aim that settling now gives up.
        win: g, share of it that winning brings.
        disaster: d, share of it that losing costs, more than l.
        cost: c of going on, lives.
        aim: worth of the whole aim, lives.
        office: S, office and punishment together, lives.
        fate: whether he loses office whatever the loss, or after a disaster alone.

    Raises:
        InputError: numbers between which there is nothing to choose.
    """
    if not 0.0 <= settle_loss < disaster or win < 0.0 or cost < 0.0 or aim < 0.0 or office < 0.0:
        raise InputError(
            "these numbers leave nothing to gamble on.",
            "the gamble",
            "let the disaster be greater than the loss on settling, and nothing below 0.",
        )
    spread = aim * (win + disaster) + office
    if spread == 0.0:
        raise InputError(
            "neither aim nor office is worth anything.", "the gamble", "give one a worth above 0."
        )
    price = aim * (disaster - settle_loss) + cost + (office if fate == "disaster" else 0.0)
    return price / spread


# Stopping, learnt from paths


class Rule(NamedTuple):
    """When to stop: for each day of decision the gain expected of going on, as a function of the state."""

    coefficients: FloatArray
    """`[K, T]`, for each day the weights of the terms; the last day has none."""
    middle: FloatArray
    """`[P]`, by which the state is centred."""
    scale: FloatArray
    """`[P]`, by which it is scaled."""
    low: FloatArray
    """`[P]`, ends of what the rule was learnt on: beyond them the state counts as at the end."""
    high: FloatArray

    def gain(self, day: int, state: FloatArray) -> FloatArray:
        """Return what going on is expected to gain over settling on a day of decision, `[N]`."""
        return np.asarray(self._terms(state) @ self.coefficients[day])

    def _terms(self, state: FloatArray) -> FloatArray:
        held = np.clip(state, self.low[:, None], self.high[:, None])
        return _terms((held - self.middle[:, None]) / self.scale[:, None])


def _terms(state: FloatArray) -> FloatArray:
    """Return one, each part of the state `[P, N]`, and all products of two, `[N, T]`."""
    parts = state.shape[0]
    first, second = np.triu_indices(parts)
    return np.vstack([np.ones((1, state.shape[1])), state, state[first] * state[second]]).T


def learn(state: FloatArray, worth: FloatArray, over: Bools) -> Rule:
    """Learn when to stop from paths, backwards from the last day.

    Args:
        state: what a leader sees on each day of decision, `[K, P, N]`.
        worth: what settling is worth on it, `[K, N]`; on the last day he has to.
        over: whether the war has ended by itself by then, `[K, N]`.

    Returns:
        The rule: `stops` tells when a leader who follows it stops.

    Raises:
        InputError: too few wars are still going on the first day.
    """
    days, parts, wars = state.shape
    going = state[:-1][:, :, :].transpose(1, 0, 2).reshape(parts, -1)
    middle, scale = going.mean(axis=1), going.std(axis=1)
    scale = np.where(scale > 0.0, scale, 1.0)
    low, high = np.quantile(going, (0.01, 0.99), axis=1)
    count = 1 + parts + parts * (parts + 1) // 2
    rule = Rule(np.zeros((days, count)), middle, scale, low, high)

    def learnt(day: int, later: FloatArray) -> FloatArray:
        terms = rule._terms(state[day][:, ~over[day]])
        gained = (later - worth[day])[~over[day]]
        # A little towards zero, for terms that never vary on a day.
        square = terms.T @ terms + 1e-6 * wars * np.eye(count)
        return np.asarray(np.linalg.solve(square, terms.T @ gained))

    # A war that is over stays so: the days with enough wars to learn from come first.
    enough = int(((~over[:-1]).sum(axis=1) >= 3 * count).sum())
    if enough == 0:
        raise InputError(
            f"on the first day of a decision {int((~over[0]).sum())} wars are still going: too few to learn"
            " when to stop.",
            "--draws",
            "give more draws, or a scenario whose wars last longer.",
        )
    rule.coefficients[enough:-1] = learnt(enough - 1, worth[enough])
    later = worth[-1].copy()
    for day in range(days - 2, -1, -1):
        if day < enough:
            rule.coefficients[day] = learnt(day, later)
        goes_on = ~over[day] & (rule.gain(day, state[day]) > 0.0)
        later = np.where(goes_on, later, worth[day])
    return rule


def stops(rule: Rule, state: FloatArray, over: Bools) -> npt.NDArray[np.int64]:
    """Return the day of decision, counted from 0, on which each leader stops, `[N]`.

    Arguments as in `learn`; where the war ends by itself he stops then at the latest.
    """
    days, _, wars = state.shape
    stopped = np.full(wars, days - 1, np.int64)
    for day in range(days - 2, -1, -1):
        settles = over[day] | (rule.gain(day, state[day]) <= 0.0)
        stopped[settles] = day
    return stopped


# The war as a leader sees it


class Seen(NamedTuple):
    """The wars under one distortion on the days of decision."""

    state: FloatArray
    """What the leader is told, `[K, 5, N]`: balance, net ground, its trend, losses a day, attacking."""
    lives: FloatArray
    """What settling is worth without aim and office, `[K, N]`, lives."""
    aim: FloatArray
    """Share of the aim that is reached, `[K, N]`."""
    ground_lost: FloatArray
    """Net ground lost, as a share of what was held on the first day, `[K, N]`."""
    killed: FloatArray
    """Soldiers killed on both sides since the start, `[K, N]`."""
    over: Bools
    """Whether the war has ended by itself, `[K, N]`."""

    def worth(self, aim: float, office: float, line: Line) -> FloatArray:
        """Return u, what settling is worth on each day, `[K, N]`, lives."""
        lost = line.lost(self.aim, self.ground_lost)
        return np.asarray(self.lives + aim * self.aim - office * lost)


@dataclasses.dataclass(frozen=True)
class Cell:
    """How much longer a leader goes on, at one distortion and one set of stakes."""

    distortion: float
    """As a multiple of the usual."""
    aim: float
    """Lives for the whole of it."""
    office: float
    """Lives."""
    days: float
    """Days by which he goes on past an informed leader who has no office to lose; means over wars."""
    days_error: float
    """Monte-Carlo error: of the wars, and of the rule learnt from them."""
    interval: tuple[float, float]
    """5 and 95 % of the wars; it does not shrink with draws."""
    by_reports: float
    """Of it: days past an informed leader with the same stakes."""
    by_reports_error: float
    by_stakes: float
    """Of it: days of an informed leader with the office past one without."""
    by_stakes_error: float
    killed: float
    """Soldiers killed on both sides in the meantime, more than if an informed leader without office led."""
    killed_error: float
    regret: float
    """What he loses by false reports by his own values, lives: the informed leader's worth less his."""
    regret_error: float
    later: float
    """Share of the wars in which he stops later."""
    to_the_end: float
    """Share of the wars in which he has not stopped by the last day: there the days are a least number."""

    def content(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {**dataclasses.asdict(self), "interval": list(self.interval)}


@dataclasses.dataclass(frozen=True, eq=False)
class Resurrection:
    """Maps of distortion and stakes: how much longer a leader goes on."""

    scenario: str
    policy: str
    side: str
    posterior: str
    draws: int
    failed: int
    seed: int
    first: dt.date
    """The first day of a decision."""
    last: dt.date
    values: Values
    line: Line
    by_office: tuple[Cell, ...]
    """Distortion by office, with the aim of the stated values."""
    by_aim: tuple[Cell, ...]
    """Distortion by aim, without office."""
    informed_days: float
    """Days from the first decision at which an informed leader without office stops, with the stated aim."""
    varied: tuple[dict[str, Any], ...]
    """The usual distortion with the largest office, under other lines."""
    study: Study = dataclasses.field(repr=False)
    """The wars themselves, to ask further."""
    structure: npt.NDArray[np.int8] = dataclasses.field(repr=False)
    """Which alternative of each structure the wars have, `[K, N]`."""

    def cell(self, distortion: float, *, office: float | None = None, aim: float | None = None) -> Cell:
        """Return a cell of one of the two maps.

        Raises:
            InputError: it is in neither.
        """
        if (office is None) == (aim is None):
            raise InputError("a cell is named by office or by aim.", "cell", "give one of the two.")
        for one in self.by_office if aim is None else self.by_aim:
            if one.distortion == distortion and (one.office == office if aim is None else one.aim == aim):
                return one
        raise InputError("there is no such cell.", "cell", "give a distortion and a stake of the map.")

    def table(self) -> pd.DataFrame:
        """Return both maps, one row a cell, with the column `map` (office or aim)."""
        rows = [{"map": "office", **one.content()} for one in self.by_office]
        return pd.DataFrame(rows + [{"map": "aim", **one.content()} for one in self.by_aim])

    def sentence(self) -> str:
        """Return one sentence that is fit to quote."""
        usual = min((one.distortion for one in self.by_office), key=lambda value: abs(value - 1.0))
        most = max(one.office for one in self.by_office)
        told, kept = self.cell(usual, office=0.0), self.cell(usual, office=most)
        informed = self.cell(min(one.distortion for one in self.by_office), office=most)
        fate = "whatever the size of a defeat" if self.line.fate == "whatever" else "by a disaster alone"
        return (
            f"In {self.draws:,} simulated wars a leader of {self.side} with nothing but his aim at stake goes"
            f" on {_days(told.by_reports, told.by_reports_error)} past the point at which he would stop if he"
            f" were told the truth; with an office worth {most:,.0f} lives to him, lost {fate}, an informed"
            f" leader goes on {_days(informed.by_stakes, informed.by_stakes_error)} past it and a misled one"
            f" {_days(kept.days, kept.days_error)}; all of this rests on assumed reports, stakes and lines."
        )

    def content(self) -> dict[str, Any]:
        """Return all of it as plain data."""
        return {
            "scenario": self.scenario,
            "policy": self.policy,
            "side": self.side,
            "posterior": self.posterior,
            "draws": self.draws,
            "failed": self.failed,
            "seed": self.seed,
            "first_decision": self.first.isoformat(),
            "last_day": self.last.isoformat(),
            "every_days": EVERY_DAYS,
            "values": {
                name: getattr(self.values, name) for name in ("own_soldiers", "civilians", "area", "aim")
            },
            "line": dataclasses.asdict(self.line),
            "informed_days": self.informed_days,
            "sentence": self.sentence(),
            "by_office": [one.content() for one in self.by_office],
            "by_aim": [one.content() for one in self.by_aim],
            "varied": list(self.varied),
            "assumed": "the distortion, the stakes, the lines of victory and disaster: nothing observed is"
            " held against them",
        }


def _days(value: float, error: float) -> str:
    shown = f"{value:.0f}".replace("-", "\N{MINUS SIGN}")
    return f"{shown} days (simulation error {error:.0f})"


def aim_or_ground(world: World, side: int, net: FloatArray, capital: FloatArray) -> FloatArray:
    """Return the share of a side's aim that is reached; without an aim, of all the enemy's ground."""
    found = aim_reached(world, side, net, capital)
    if found is not None:
        return found
    ground = np.asarray(world.geography.ground, np.float64)[1 - side]
    return np.asarray(np.clip(net / ground.sum(), 0.0, 1.0))


def when_leaders_stop(
    scenario: Scenario,
    side: str | None = None,
    *,
    posterior: Posterior | None = None,
    policy: str = "fight-on",
    values: Values | None = None,
    line: Line | None = None,
    distortions: Sequence[float] = DISTORTIONS,
    offices: Sequence[float] = OFFICES,
    aims: Sequence[float] = AIMS,
    lines: Sequence[Line] | None = None,
    draws: int = 2000,
    seed: int = 1,
    progress: Progress | None = None,
) -> Resurrection:
    """Return how much longer a leader goes on, by what he is told and what he has to lose.

    All wars have the mechanism `belief`, whatever the scenario says. The same sampled wars are run under each
    distortion of the reports to the one leader; what the other is told is the scenario's.

    Args:
        scenario: the scenario.
        side: whose leader, by name or code; the initiator where not given.
        posterior: where parameters and the state come from; the priors where not given.
        policy: what else is decided.
        values: what is valued, in lives.
        line: where a loss of office begins.
        distortions: multiples of each war's own distortion; 0 is always among them.
        offices: what is lost with office, lives; 0 is always among them.
        aims: worth of the whole aim, lives; 0 is always among them.
        lines: other lines of victory and disaster that stand beside; three of each fate where not given.
        draws: wars under each distortion.
        seed: seed of the draws, of chance and of the halves on which rules are learnt.
        progress: called with the wars done and the wars in all.

    Raises:
        InputError: an unknown side or policy, a distortion or stake that cannot be, too few wars to learn a
            rule, a horizon without a decision, or wars that all failed.
    """
    values, line = values or Values(), line or Line()
    bent = _sorted(distortions, "distortions", LARGEST_DISTORTION)
    stakes = _sorted(offices, "offices", LARGEST_STAKE)
    worths = _sorted(aims, "aims", LARGEST_STAKE)
    check_draws(draws, seed)
    having = with_mechanisms(scenario, [MECHANISM])
    world, plan = having.world(), having.plan(policy)
    place = side_named(scenario, side, "--side")
    weeks = np.arange(FIRST_DAY // 7, world.days // 7 + 1, EVERY_DAYS // 7)
    if weeks.size < 3:
        raise InputError(
            f"'{scenario.name}' ends {world.days} days after its start: too soon for a choice of when.",
            scenario.name,
            f"take one of at least {FIRST_DAY + 2 * EVERY_DAYS} days.",
        )
    start = None if posterior is None else start_of(posterior, world)
    results: dict[float, xr.Dataset] = {}
    for number, distortion in enumerate(bent):

        def told(done: int, _: int, before: int = number) -> None:
            if progress is not None:
                progress(before * draws + done, len(bent) * draws)

        results[distortion] = run(
            world,
            _with_reports(plan, place, distortion),
            draws=draws,
            seed=seed,
            start=start,
            outcomes=KEPT,
            progress=told,
        )
    good = np.logical_and.reduce([result["status"].values == 0 for result in results.values()])
    wars = np.flatnonzero(good)
    if wars.size == 0:
        raise InputError(
            f"the computation of all {draws:,} wars failed: no leader can be followed.",
            f"scenario {scenario.name}, policy {policy}",
            "look for ranges in the scenario that are far from those of the registry.",
        )
    if wars.size < LEAST_WARS:
        raise InputError(
            f"a rule cannot be learnt from {wars.size} wars.", "--draws", f"give at least {LEAST_WARS}."
        )
    seen = {
        distortion: _seen(result.isel(war=wars), world, place, weeks, distortion, values)
        for distortion, result in results.items()
    }
    groups = wars if start is None else start.draws(results[bent[0]]["war"].values[wars])
    study = Study(seen, groups, EVERY_DAYS, seed)
    by_office = tuple(
        study.cell(distortion, values.aim, office, line) for office in stakes for distortion in bent
    )
    by_aim = tuple(study.cell(distortion, aim, 0.0, line) for aim in worths for distortion in bent)
    usual, most = min(bent, key=lambda value: abs(value - 1.0)), max(stakes)
    others = (
        [
            *(Line("whatever", victory, line.disaster) for victory in (0.05, 0.1, 0.2)),
            *(Line("disaster", line.victory, disaster) for disaster in (0.05, 0.1, 0.2)),
        ]
        if lines is None
        else list(lines)
    )
    varied = tuple(
        {**dataclasses.asdict(other), **study.cell(usual, values.aim, most, other).content()}
        for other in others
    )
    return Resurrection(
        scenario=scenario.name,
        policy=policy,
        side=world.sides[place],
        posterior="prior" if posterior is None else posterior.name,
        draws=int(wars.size),
        failed=int((~good).sum()),
        seed=seed,
        first=world.start + dt.timedelta(days=int(weeks[0]) * 7),
        last=world.start + dt.timedelta(days=int(weeks[-1]) * 7),
        values=values,
        line=line,
        by_office=by_office,
        by_aim=by_aim,
        informed_days=study.informed_days(values.aim, line),
        varied=varied,
        study=study,
        structure=results[bent[0]]["structure"].values[:, wars],
    )


def _sorted(given: Sequence[float], where: str, most: float) -> tuple[float, ...]:
    values = sorted({0.0, *(float(value) for value in given)})
    if not all(np.isfinite(value) and 0.0 <= value <= most for value in values):
        raise InputError("a number is outside what can be.", where, f"give numbers from 0 to {most:g}.")
    return tuple(values)


def _with_reports(plan: Plan, side: int, distortion: float) -> Plan:
    levers = plan.levers.copy()
    levers[:, COLUMNS[LEVER].start + side] = distortion
    return dataclasses.replace(plan, levers=levers)


def _seen(
    result: xr.Dataset,
    world: World,
    side: int,
    weeks: npt.NDArray[np.int64],
    distortion: float,
    values: Values,
) -> Seen:
    def of(name: str, which: int = side) -> FloatArray:
        return np.asarray(result[name].values[:, which], np.float64)

    net = of("ground_taken") - of("ground_taken", 1 - side)
    before = np.maximum(weeks - TREND_WEEKS, 0)
    span = (7.0 * (weeks - before))[:, None]
    drawn = result["parameters"].values.astype(np.float64)
    own = distortion * drawn[REGISTRY.rows["distortion"]][side]
    passed = np.maximum(1.0 - own * drawn[REGISTRY.rows["bad_news_filter"]][side], 0.0)
    losses = passed * (of("killed")[weeks] - of("killed")[before]) / span
    state = np.stack(
        [
            of("perceived")[weeks],
            net[weeks],
            (net[weeks] - net[before]) / span,
            losses,
            of("offensive")[weeks],
        ],
        axis=1,
    )
    lives = (
        -values.own_soldiers * of("killed") - values.civilians * of("civilians_killed") + values.area * net
    )
    held = float(np.asarray(world.geography.ground)[side].sum())
    return Seen(
        state=state,
        lives=lives[weeks],
        aim=aim_or_ground(world, side, net[weeks], of("capital_taken")[weeks]),
        ground_lost=np.maximum(-net[weeks], 0.0) / held,
        killed=(of("killed") + of("killed", 1 - side))[weeks],
        over=np.asarray(result["ended"].values[weeks] > 0.0),
    )


class _Stop(NamedTuple):
    """When leaders stop, over the halves on which rules were learnt: `[V, N]` each."""

    days: FloatArray
    killed: FloatArray
    worth: FloatArray
    last: Bools


@dataclasses.dataclass(eq=False)
class Study:
    """The wars under each distortion, and the rules learnt from those in which reports are true."""

    seen: dict[float, Seen]
    groups: npt.NDArray[np.int64]
    """The draw of each war: wars of one draw are learnt on together and count together, `[N]`."""
    every: int
    seed: int
    _rules: dict[tuple[float, float, Line], list[tuple[Bools, Rule, Rule]]] = dataclasses.field(
        default_factory=dict
    )
    _stops: dict[tuple[float, float, float, Line], _Stop] = dataclasses.field(default_factory=dict)

    def informed_days(self, aim: float, line: Line) -> float:
        """Return the mean day at which an informed leader without office stops."""
        return float(self.stop(0.0, aim, 0.0, line).days.mean())

    def longer(self, distortion: float, aim: float, office: float, line: Line) -> FloatArray:
        """Return by how many days each leader goes on past an informed one without office, `[V, N]`."""
        return self.stop(distortion, aim, office, line).days - self.stop(0.0, aim, 0.0, line).days

    def cell(self, distortion: float, aim: float, office: float, line: Line) -> Cell:
        """Return one cell of a map."""
        misled = self.stop(distortion, aim, office, line)
        same, plain = self.stop(0.0, aim, office, line), self.stop(0.0, aim, 0.0, line)
        longer, reports, stakes = misled.days - plain.days, misled.days - same.days, same.days - plain.days
        low, high = np.quantile(longer, (0.05, 0.95))
        return Cell(
            distortion,
            aim,
            office,
            *self._mean(longer),
            (float(low), float(high)),
            *self._mean(reports),
            *self._mean(stakes),
            *self._mean(misled.killed - plain.killed),
            *self._mean(same.worth - misled.worth),
            float((longer > 0.0).mean()),
            float(misled.last.mean()),
        )

    def _mean(self, values: FloatArray) -> tuple[float, float]:
        """Return the mean of `[V, N]` and its error: over draws, and over the halves that rules came from."""
        by_war = values.mean(axis=0)
        _, group = np.unique(self.groups, return_inverse=True)
        sums = np.bincount(group, weights=by_war - by_war.mean())
        of_wars = float((sums**2).sum()) / by_war.size**2
        of_rules = float(values.mean(axis=1).var(ddof=1)) / values.shape[0]
        return float(by_war.mean()), float(np.sqrt(of_wars + of_rules))

    def stop(self, distortion: float, aim: float, office: float, line: Line) -> _Stop:
        """Return when leaders of one kind stop."""
        # Without an office there is none to lose, wherever lines lie.
        line = line if office else Line()
        key = (distortion, aim, office, line)
        if key not in self._stops:
            here = self.seen[distortion]
            last = here.state.shape[0] - 1
            worth = here.worth(aim, office, line)
            days, killed, got, end = [], [], [], []
            for half, of_half, of_other in self._learnt(aim, office, line):
                stopped = np.empty(half.size, np.int64)
                # A rule is used on the wars that it was not learnt on.
                stopped[half] = stops(of_other, here.state[:, :, half], here.over[:, half])
                stopped[~half] = stops(of_half, here.state[:, :, ~half], here.over[:, ~half])
                days.append(stopped * float(self.every))
                killed.append(np.take_along_axis(here.killed, stopped[None], axis=0)[0])
                got.append(np.take_along_axis(worth, stopped[None], axis=0)[0])
                end.append((stopped == last) & ~here.over[last])
            self._stops[key] = _Stop(*(np.asarray(part) for part in (days, killed, got, end)))
        return self._stops[key]

    def _learnt(self, aim: float, office: float, line: Line) -> list[tuple[Bools, Rule, Rule]]:
        key = (aim, office, line)
        if key not in self._rules:
            true = self.seen[0.0]
            worth = true.worth(aim, office, line)
            names = np.unique(self.groups)
            found = []
            for number in range(SPLITS):
                chosen = np.random.default_rng([self.seed, number]).permutation(names)[: names.size // 2]
                half = np.isin(self.groups, chosen)
                of_half, of_other = (
                    learn(true.state[:, :, part], worth[:, part], true.over[:, part])
                    for part in (half, ~half)
                )
                found.append((half, of_half, of_other))
            self._rules[key] = found
        return self._rules[key]
