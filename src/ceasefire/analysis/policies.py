"""Policies weighed against each other for one side, over the same sampled wars.

All policies are run over the same wars: the same parameters, rival equations and chances. What is weighed
is what befalls the side: its soldiers killed, civilians killed on its ground, net ground lost; and, by one
set of values, the lives of the other side as well. How much each counts is stated and found nowhere: several
sets of stated values stand beside each other, the same for whichever side asks.

Draws of a posterior that are worth fewer than they are are thinned to as many as they are worth, evenly
spaced, so that intervals over whole draws are as wide as they should be. Several wars share a draw, which is
what tells chance from what could be known (`ceasefire.analysis.robustness`).
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from ceasefire.analysis.columns import Columns, columns_of
from ceasefire.analysis.compare import LEVELS, OUTCOMES
from ceasefire.analysis.knowing import kind_of
from ceasefire.analysis.robustness import (
    EVERY_WORLD,
    JOINTLY,
    Criterion,
    FloatArray,
    IntArray,
    Resamples,
    best_shares,
    ends,
    expected_best,
    pareto,
    regret,
    satisficing,
    weighted,
)
from ceasefire.analysis.uses import changed_by
from ceasefire.analysis.worth import Partial, partial
from ceasefire.bargaining.branches import start_for
from ceasefire.bargaining.stated import Values
from ceasefire.engine import PRIOR, Start, check_draws, run
from ceasefire.engine.results import PARAMETERS as DRAWN
from ceasefire.engine.results import Progress
from ceasefire.files import InputError, suggest
from ceasefire.scenario import Scenario, plan_without_truce, shortened, shortened_plan
from ceasefire.war import STRUCTURES
from ceasefire.war.structure import in_use

# Wars of one draw, by default and at the least: with fewer, chance cannot be told from what could be known.
WARS_OF_A_DRAW = 4
LEAST_OF_A_DRAW = 2
LEAST_DRAWS = 50
DAYS_OF_A_YEAR = 364
#: Lives that attackers paid for a km2 in 2024: 102 killed and wounded by the count of the Institute for the
#: Study of War, three wounded for each killed.
DEAR = 25.0

SOLDIERS, CIVILIANS, GROUND = "soldiers", "civilians", "ground"
THEIR_SOLDIERS, THEIR_CIVILIANS = "their soldiers", "their civilians"


class _Read(NamedTuple):
    outcome: str
    own: bool


READ: Mapping[str, _Read] = MappingProxyType(
    {
        SOLDIERS: _Read("killed", True),
        CIVILIANS: _Read("civilians_killed", True),
        GROUND: _Read("ground_lost", True),
        THEIR_SOLDIERS: _Read("killed", False),
        THEIR_CIVILIANS: _Read("civilians_killed", False),
    }
)
"""What is weighed, and what of a war it is: an outcome, of the side that asks or of the other."""
#: What is drawn against each other; the other side's lives count in one set of values only.
OWN = (SOLDIERS, CIVILIANS, GROUND)


def stated_sets(values: Values | None = None) -> dict[str, dict[str, float]]:
    """Return the sets of stated values: how much one of each counts, in lives of soldiers of one's own side.

    Args:
        values: what the user states; it then stands first.
    """
    usual = Values()
    found: dict[str, dict[str, float]] = {}
    if values is not None:
        found["as stated"] = {
            SOLDIERS: values.own_soldiers,
            CIVILIANS: values.civilians,
            GROUND: values.area,
        }
    lives = {SOLDIERS: 1.0, CIVILIANS: 1.0}
    return found | {
        "own lives and ground": {**lives, GROUND: usual.area},
        "own lives alone": dict(lives),
        "ground dear": {**lives, GROUND: DEAR},
        "lives of both sides": {**lives, THEIR_SOLDIERS: 1.0, THEIR_CIVILIANS: 1.0},
    }


@dataclasses.dataclass(frozen=True, eq=False)
class Runs:
    """The same wars under several policies, of which outcomes on some days are kept."""

    scenario: Scenario
    policies: tuple[str, ...]
    baseline: str
    """The policy that changes nothing, or the first."""
    dates: tuple[dt.date, ...]
    """The days on which outcomes are read, the last one at the end."""
    outcomes: Mapping[str, FloatArray]
    """`[H, S, 2, N]` by outcome: days, policies, sides, wars."""
    columns: Columns
    """What the wars differ in before chance acts."""
    structure: npt.NDArray[np.int8]
    """`[K, N]`."""
    failed: int
    """Wars that could not be computed under some policy and are left out."""
    seed: int
    posterior: str

    @property
    def wars(self) -> int:
        """Wars under each policy."""
        return int(self.columns.draws.size)

    def of(self, side: str, sets: Mapping[str, Mapping[str, float]] | None = None) -> Weighed:
        """Return the policies as they are weighed for a side.

        Args:
            side: a belligerent, by name or code.
            sets: stated values by name; those of `stated_sets` where not given.

        Raises:
            InputError: an unknown side.
        """
        place = self.scenario.place_of(side, "side")
        return Weighed(self, place, sets or stated_sets())


def run_policies(
    scenario: Scenario,
    policies: Sequence[str] = (),
    *,
    draws: int = 4000,
    seed: int = 1,
    until: dt.date | None = None,
    start: Start | None = None,
    learnt: pd.DataFrame | None = None,
    effective: float = math.inf,
    progress: Progress | None = None,
) -> Runs:
    """Run the same wars under several policies.

    Args:
        scenario: the war.
        policies: names of its policies; where none are given, all that somebody could choose.
        draws: wars under each policy, about; as many to a draw of parameters as make so many, two at the
            least.
        seed: seed of the draws and of chance.
        until: the last day; that of the scenario where not given.
        start: draws of wars that have been going on; the priors where not given.
        learnt: what the evidence taught of them, as `Posterior.contraction` tells it.
        effective: effective draws of the posterior, where its draws are worth fewer than they are.
        progress: called with the wars done and the wars in all.

    Raises:
        InputError: an unknown policy, one named twice or fewer than two; too few wars; a day outside the war.
    """
    chosen = _policies(scenario, policies)
    last = scenario.end if until is None else until
    if not scenario.start < last <= scenario.end:
        raise InputError(
            f"{last} lies outside the simulated war.",
            "until",
            f"name a day from {scenario.start + dt.timedelta(days=7)} to {scenario.end}.",
        )
    check_draws(draws, seed)
    if draws < LEAST_OF_A_DRAW * LEAST_DRAWS:
        raise InputError(
            f"{draws} wars under each policy are too few to tell policies apart.",
            "draws",
            f"give {LEAST_OF_A_DRAW * LEAST_DRAWS} at least.",
        )
    world = shortened(scenario.world(), (last - scenario.start).days)
    if start is not None and min(start.size, effective) < LEAST_DRAWS:
        raise InputError(
            f"the posterior's draws are worth {min(start.size, effective):.0f}: too few to weigh by.",
            "posterior",
            f"calibrate again until they are worth {LEAST_DRAWS}, or use the priors.",
        )
    of_draws, repeats = _start(scenario, draws, seed, start, effective)
    wars = of_draws.size * repeats
    counted = _counted(world.structure_weights)
    weeks = _weeks(world.days)
    kept = (*dict.fromkeys(name for one in counted for name in OUTCOMES[one].kept), DRAWN)
    found: dict[str, list[FloatArray]] = {one: [] for one in counted}
    status = np.zeros(wars, dtype=np.int8)
    first: xr.Dataset | None = None
    for number, policy in enumerate(chosen):
        result = run(
            world,
            shortened_plan(scenario.plan(policy), world.days),
            draws=wars,
            seed=seed,
            start=of_draws,
            outcomes=kept,
            progress=_told(progress, number * wars, len(chosen) * wars),
        )
        status |= result["status"].values
        for one in counted:
            sides = [OUTCOMES[one].read(result, side)[weeks] for side in scenario.sides]
            found[one].append(np.stack(sides, axis=1))
        first = result if first is None else first
    good = status == 0
    if first is None or not good.any():
        raise InputError(
            f"the computation of all {wars:,} wars failed: nothing can be compared.",
            f"scenario {scenario.name}",
            "look for ranges in the scenario that are far from those of the registry.",
        )
    here = np.flatnonzero(good)
    columns = columns_of(first.isel(war=here), of_draws, learnt)
    return Runs(
        scenario=scenario,
        policies=chosen,
        baseline=_baseline(scenario, chosen),
        dates=tuple(scenario.start + dt.timedelta(days=7 * week) for week in weeks),
        outcomes={one: np.stack(parts, axis=1)[..., here] for one, parts in found.items()},
        columns=columns,
        structure=first["structure"].values[:, here],
        failed=int(wars - here.size),
        seed=seed,
        posterior=PRIOR if start is None else start.name,
    )


def _policies(scenario: Scenario, named: Sequence[str]) -> tuple[str, ...]:
    chosen = tuple(named) or tuple(name for name, one in scenario.policies.items() if not one.what_if)
    for name in chosen:
        if name not in scenario.policies:
            raise InputError(
                f"there is no policy '{name}' in the scenario '{scenario.name}'.",
                scenario.path,
                suggest(name, scenario.policies),
            )
    twice = next((name for name in chosen if chosen.count(name) > 1), "")
    if twice:
        raise InputError(f"the policy '{twice}' is named twice.", "policies", "name each policy once.")
    if len(chosen) < 2:
        raise InputError(
            "there is nothing to weigh against each other.",
            "policies",
            "name two at least with `--policy`; a policy that says what_if is left out where none is named.",
        )
    return chosen


def _baseline(scenario: Scenario, chosen: Sequence[str]) -> str:
    try:
        usual = plan_without_truce(scenario).policy
    except InputError:
        return chosen[0]
    return usual if usual in chosen else chosen[0]


def _start(
    scenario: Scenario, draws: int, seed: int, start: Start | None, effective: float
) -> tuple[Start, int]:
    """Return the draws from which wars start, and how many wars each has."""
    if start is None:
        number = max(draws // WARS_OF_A_DRAW, LEAST_DRAWS)
        return start_for(scenario.world(), None, number, seed), max(round(draws / number), LEAST_OF_A_DRAW)
    thinned = start.thinned(int(min(start.size, effective, max(draws // LEAST_OF_A_DRAW, LEAST_DRAWS))))
    return thinned, max(round(draws / thinned.size), LEAST_OF_A_DRAW)


def _counted(weights: Mapping[str, tuple[float, ...]]) -> tuple[str, ...]:
    """Return the outcomes that the wars of a world have."""
    on = in_use(weights)
    read = dict.fromkeys(one.outcome for one in READ.values())
    return tuple(one for one in read if OUTCOMES[one].core or on.issuperset(OUTCOMES[one].mechanisms))


def is_counted(scenario: Scenario, name: str) -> bool:
    """Say whether a scenario's wars have something that is weighed, a name of `READ`."""
    return READ[name].outcome in _counted(scenario.world().structure_weights)


def _weeks(days: int) -> list[int]:
    """Return the weeks on which outcomes are read: each year's end, and the last."""
    last = max(days // 7, 1)
    years = range(DAYS_OF_A_YEAR // 7, last, DAYS_OF_A_YEAR // 7)
    # A year that ends within a month of the last day says nothing new.
    return [*(week for week in years if last - week > 4), last]


def _told(progress: Progress | None, offset: int, total: int) -> Progress | None:
    return None if progress is None else lambda done, _: progress(offset + done, total)


@dataclasses.dataclass(frozen=True, eq=False)
class Weighed:
    """Policies as they are weighed for one side."""

    runs: Runs
    place: int
    """The side's place in the scenario, 0 or 1."""
    sets: Mapping[str, Mapping[str, float]]
    """Stated values by name: how much one of each outcome counts; the first is the headline's."""

    @property
    def side(self) -> str:
        """The side's name."""
        return self.runs.scenario.sides[self.place]

    @cached_property
    def criteria(self) -> tuple[Criterion, ...]:
        """What is weighed, as far as the wars have it."""
        return tuple(
            Criterion(name, OUTCOMES[one.outcome].unit, meaning=self._meaning(name))
            for name, one in READ.items()
            if one.outcome in self.runs.outcomes
        )

    def _meaning(self, name: str) -> str:
        sides = self.runs.scenario.sides
        side = sides[self.place if READ[name].own else 1 - self.place]
        return {
            "killed": f"soldiers of {side} killed",
            "civilians_killed": f"civilians killed on the ground of {side}",
            "ground_lost": f"net ground lost by {side}",
        }[READ[name].outcome]

    @property
    def own(self) -> tuple[Criterion, ...]:
        """What is drawn against each other: what befalls the side itself."""
        return tuple(one for one in self.criteria if one.name in OWN)

    def weights(self) -> dict[str, dict[str, float]]:
        """Return the stated values of what the wars have; sets that then are alike stand once.

        Raises:
            InputError: a set in which nothing counts that the wars have.
        """
        there = {one.name for one in self.criteria}
        found: dict[str, dict[str, float]] = {}
        for name, chosen in self.sets.items():
            kept = {outcome: weight for outcome, weight in chosen.items() if outcome in there and weight}
            if not kept:
                raise InputError(
                    f"by '{name}' nothing counts that the wars of {self.runs.scenario.name} have.",
                    "values",
                    f"give one of these a number above 0: {', '.join(sorted(there))}.",
                )
            if kept not in found.values():
                found[name] = kept
        return found

    def values(self, date: dt.date | None = None, names: Sequence[str] | None = None) -> FloatArray:
        """Return outcomes on a day, `[S, O, N]`, each in its unit, of the criteria or of those named."""
        day = -1 if date is None else self.runs.dates.index(date)
        chosen = [one.name for one in self.criteria] if names is None else list(names)
        rows = []
        for name in chosen:
            outcome, own = READ[name]
            rows.append(self.runs.outcomes[outcome][day][:, self.place if own else 1 - self.place])
        return np.stack(rows, axis=1)

    def table(self, date: dt.date | None = None) -> pd.DataFrame:
        """Return each outcome under each policy on a day, with what it differs from the baseline.

        Columns: `policy`, `outcome`, `meaning`, `unit`; `low`, `low50`, `median`, `high50`, `high` (90 and
        50 % of the wars), and the same of the difference, the policy less the baseline, war by war, after
        `difference_`.
        """
        values, base = self.values(date), self.runs.policies.index(self.runs.baseline)
        rows = []
        for number, policy in enumerate(self.runs.policies):
            for place, one in enumerate(self.criteria):
                own = values[number, place]
                points = np.quantile(own, list(LEVELS.values()))
                apart = np.quantile(own - values[base, place], list(LEVELS.values()))
                rows.append((policy, one.name, one.meaning, one.unit, *points, *apart))
        named = ["policy", "outcome", "meaning", "unit", *LEVELS, *(f"difference_{end}" for end in LEVELS)]
        return pd.DataFrame(rows, columns=named)

    def thresholds(self, date: dt.date | None = None) -> dict[str, float]:
        """Return what is asked for where nothing is stated: no more than the baseline's median of each."""
        base = self.runs.policies.index(self.runs.baseline)
        own = [one.name for one in self.own]
        medians = np.median(self.values(date, own)[base], axis=1)
        return dict(zip(own, (float(one) for one in medians), strict=True))

    def holding_up(
        self, weights: str | None = None, thresholds: Mapping[str, float] | None = None
    ) -> pd.DataFrame:
        """Return how each policy holds up on the last day, by one set of stated values.

        One row for each policy, columns as of `regret` (`mean`, `percentile_90`, `maximum`, with `_low` and
        `_high`, in lives, of what is known where wars tell it apart from chance; `knowing` says which),
        `expected_best` (`share_of_wars`, `share_of_draws`, ...), `pareto` (`on_front`, `probability`,
        `dominated_by`), and `met`, `met_low`, `met_high`: the share of wars in which all that is asked for
        is met. The front and what is asked for are of what befalls the side itself.

        Args:
            weights: a set of stated values; the first where not given.
            thresholds: what is asked for, at most so much of each outcome; `thresholds` where not given.

        Raises:
            InputError: an unknown set, or a threshold of something that is not weighed.
        """
        draws, names, seed = self.runs.columns.draws, self.runs.policies, self.runs.seed
        values, own = self._chosen(weights), self.own
        outcomes = self.values(names=[one.name for one in own])
        asked = thresholds or self.thresholds()
        regrets = regret(values, draws, policies=names, only_first=True, seed=seed)
        met = satisficing(outcomes, own, asked, draws, policies=names, seed=seed)
        met = met[met["outcome"] == (JOINTLY if len(asked) > 1 else next(iter(asked)))]
        met = met.rename(columns={"share": "met", "low": "met_low", "high": "met_high"})
        parts = (
            regrets,
            expected_best(values, draws, policies=names, seed=seed).drop(columns="mc_error"),
            pareto(outcomes, own, draws, policies=names, seed=seed),
            met[["policy", "met", "met_low", "met_high"]],
        )
        found = parts[0]
        for part in parts[1:]:
            found = found.merge(part, on="policy")
        return found

    def horizon(self, weights: str | None = None) -> pd.DataFrame:
        """Return what each policy costs less the baseline on each day, by one set of stated values.

        Columns: `policy`, `date`, `mean` (in lives; below 0 it costs less), `low`, `high` (the 90 % interval
        of the mean).
        """
        runs, rows = self.runs, []
        base = runs.policies.index(runs.baseline)
        resamples = Resamples(runs.columns.draws, runs.wars, runs.seed)
        chosen = weights or next(iter(self.weights()))
        by_day = [self._sets(date)[chosen] for date in runs.dates]
        for number, policy in enumerate(runs.policies):
            for date, values in zip(runs.dates, by_day, strict=True):
                found = resamples.estimate(values[base] - values[number])
                rows.append((policy, date, found.value, found.low, found.high))
        return pd.DataFrame(rows, columns=["policy", "date", "mean", "low", "high"])

    def choices(self) -> pd.DataFrame:
        """Return which policy has the highest expected worth, by values, day and rival equation.

        One row for each set of stated values and each day, all wars together (`world` is then `all worlds`),
        and on the last day each world of each rival equation: `values`, `date`, `world`, `wars`, `best`,
        `agree` (share of resamples of whole draws in which the same is best), `second`, `ahead` (by how many
        lives, with `ahead_low` and `ahead_high`, 90 %).
        """
        rows = []
        for date in self.runs.dates:
            for label, values in self._sets(date).items():
                rows.append({"values": label, "date": date, "world": EVERY_WORLD, **self._best(values)})
        last = self.runs.dates[-1]
        sets = self._sets(last)
        for alternative, codes in zip(STRUCTURES, self.runs.structure, strict=True):
            present = np.unique(codes)
            for code in present if present.size > 1 else ():
                inside = codes == code
                # Wars of few draws say nothing of other draws.
                if np.unique(self.runs.columns.draws[inside]).size < LEAST_DRAWS:
                    continue
                world = f"{alternative.name}: {alternative.choices[int(code)]}".replace("_", " ")
                for label, values in sets.items():
                    found = self._best(values[:, inside], self.runs.columns.draws[inside])
                    rows.append({"values": label, "date": last, "world": world, **found})
        return pd.DataFrame(rows)

    def _best(self, values: FloatArray, draws: IntArray | None = None) -> dict[str, object]:
        resamples = Resamples(
            self.runs.columns.draws if draws is None else draws, values.shape[1], self.runs.seed
        )
        means = resamples.means(values)
        order = np.argsort(-values.mean(axis=1), kind="stable")
        ahead = values[order[0]] - values[order[1]]
        low, high = ends(means[:, order[0]] - means[:, order[1]], float(ahead.mean()))
        return {
            "wars": values.shape[1],
            "best": self.runs.policies[order[0]],
            "agree": float(best_shares(means.T)[order[0]].mean()),
            "second": self.runs.policies[order[1]],
            "ahead": float(ahead.mean()),
            "ahead_low": low,
            "ahead_high": high,
        }

    def worth(self, weights: str | None = None) -> Partial:
        """Return what it would be worth to know: by kind of evidence, and of what was learnt or assumed.

        The groups are those of `knowing.kind_of`, and `learnt` and `assumed`, which cut across them.

        Args:
            weights: a set of stated values; the first where not given.
        """
        values, columns = self._chosen(weights), self.runs.columns
        groups: dict[str, list[int]] = {}
        for row, (name, origin) in enumerate(zip(columns.names, columns.groups, strict=True)):
            groups.setdefault(kind_of(name), []).append(row)
            if origin != "structure":
                groups.setdefault(origin, []).append(row)
        return partial(
            values,
            columns.values,
            groups,
            columns.draws,
            policies=self.runs.policies,
            unit="lives",
            seed=self.runs.seed,
        )

    def unfitted(self, fitted: Collection[str]) -> dict[str, tuple[str, ...]]:
        """Return, by policy, the mechanisms that no fit had and that alone make it differ from the baseline.

        Args:
            fitted: the optional mechanisms that the posterior's fit took in.
        """
        found = {}
        for policy in self.runs.policies:
            if policy != self.runs.baseline:
                through = changed_by(self.runs.scenario, self.runs.baseline, policy)
                named = tuple(name for name in through if name is not None and name not in fitted)
                if named and len(named) == len(through):
                    found[policy] = named
        return found

    def _chosen(self, weights: str | None) -> FloatArray:
        sets = self._sets(self.runs.dates[-1])
        label = weights or next(iter(sets))
        if label not in sets:
            raise InputError(f"'{label}' is no set of stated values.", "values", suggest(label, sets))
        return sets[label]

    def _sets(self, date: dt.date) -> dict[str, FloatArray]:
        return weighted(self.values(date), self.criteria, self.weights())
