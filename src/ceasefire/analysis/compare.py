"""Two policies over the same sampled wars.

Every war is run twice, with the same parameters, structure and chances, so that what differs between the two
is the policy. Nothing in the evidence can teach what only a truce would reveal: while parameters come from
priors, the whole of a difference is assumed; from a posterior, `shares` says how much of it.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr
from scipy import stats

from ceasefire.analysis.columns import columns_of
from ceasefire.analysis.shares import CERTAIN, Explained, Share, Shares
from ceasefire.engine import PRIOR, Start, run
from ceasefire.engine.results import PARAMETERS, Progress
from ceasefire.files import InputError, suggest
from ceasefire.scenario import Scenario, World, shortened, shortened_plan
from ceasefire.war import REGISTRY, STRUCTURES
from ceasefire.war.structure import in_use

FloatArray = npt.NDArray[np.float64]


@dataclasses.dataclass(frozen=True)
class Outcome:
    """Something to compare: its name, meaning, unit, and how it is read off a result."""

    name: str
    meaning: str
    unit: str
    read: Callable[[xr.Dataset, str | None], FloatArray]
    """From a result and a side (None: both together) to `[time, war]`."""
    both: bool = True
    """Whether both sides together make sense."""
    each: bool = True
    """Whether one side alone makes sense."""
    total: bool = True
    """Whether it is counted since the start; a state on the day where not."""
    mechanisms: tuple[str, ...] = ()
    """Optional mechanisms of the war that count it, or a part of it."""
    core: bool = True
    """Whether a war without these mechanisms has any of it."""
    variables: tuple[str, ...] = ()
    """What of a result it is read off; what is called like it where not given."""

    @property
    def kept(self) -> tuple[str, ...]:
        """What of a result it is read off: what a run has to keep."""
        return self.variables or (self.name,)

    def counted_for(self, sides: tuple[str, str]) -> tuple[str | None, ...]:
        """Return for whom it can be read: both sides together (None), and each."""
        return (*((None,) if self.both else ()), *(sides if self.each else ()))


def share_above(difference: npt.ArrayLike, axis: int | None = None) -> FloatArray:
    """Return the share of differences above zero, a tie as one half; NaN where there is no difference."""
    values = np.asarray(difference)
    if values.size == 0:
        return np.asarray(np.nan)
    share: FloatArray = np.asarray((np.sign(values).mean(axis=axis, dtype=np.float64) + 1.0) / 2.0)
    return share


def error_of_mean(values: FloatArray, draws: npt.NDArray[np.int64] | None = None) -> float:
    """Return the Monte-Carlo error of the mean of values between 0 and 1, or of any others, `[N]`.

    Equation: of shares sqrt(p (1 - p) / N) where no war shares a draw (draws None, or one war); where several
    do, they count together: the root of the sum over draws of the squared sums of x - mean(x), over N.
    """
    mean = float(values.mean())
    if draws is None or values.size <= 1:
        return float(np.sqrt(max(mean * (1.0 - mean), 0.0) / values.size))
    return float(np.sqrt((np.bincount(draws, weights=values - mean) ** 2).sum()) / values.size)


def shares_by_structure(
    codes: npt.NDArray[np.int8], share: Callable[[FloatArray], npt.ArrayLike], values: FloatArray
) -> pd.DataFrame:
    """Return the share that a function finds in the wars of each rival choice.

    Args:
        codes: `[K, N]`.
        share: from the values of some wars to a share.
        values: `[N]`.
    """
    rows = []
    for index, alternative in enumerate(STRUCTURES):
        present = np.unique(codes[index])
        for code in present if present.size > 1 else ():
            here = values[codes[index] == code]
            found = float(np.asarray(share(here)))
            error = float(np.sqrt(found * (1 - found) / here.size))
            rows.append((alternative.name, alternative.choices[int(code)], here.size, found, error))
    return pd.DataFrame(rows, columns=["structure", "choice", "draws", "probability", "mc_error"])


def _of(variable: str) -> Callable[[xr.Dataset, str | None], FloatArray]:
    def read(result: xr.Dataset, side: str | None) -> FloatArray:
        values = result[variable].sel(side=side) if side is not None else result[variable].sum("side")
        return np.asarray(values.transpose("time", "war").values, dtype=np.float64)

    return read


def _sum(*variables: str) -> Callable[[xr.Dataset, str | None], FloatArray]:
    parts = [_of(variable) for variable in variables]

    def read(result: xr.Dataset, side: str | None) -> FloatArray:
        return np.sum([part(result, side) for part in parts], axis=0)

    return read


def _supplied(stock: str, used: str) -> Callable[[xr.Dataset, str | None], FloatArray]:
    """Read what was made and received: what is in stock, less what was at the start, and what was used."""

    def read(result: xr.Dataset, side: str | None) -> FloatArray:
        here = _of(stock)(result, side)
        return np.asarray(here - here[:1] + _of(used)(result, side))

    return read


def _weeks_attacking(result: xr.Dataset, side: str | None) -> FloatArray:
    weeks = _of("offensive")(result, side)
    weeks[0] = 0.0
    return np.cumsum(weeks, axis=0)


def _at_war(result: xr.Dataset, side: str | None) -> FloatArray:
    return np.asarray(1.0 - result["ended"].transpose("time", "war").values, dtype=np.float64)


def _ground_lost(result: xr.Dataset, side: str | None) -> FloatArray:
    (other,) = [name for name in result["side"].values if name != side]
    net = result["ground_taken"].sel(side=other) - result["ground_taken"].sel(side=side)
    return np.asarray(net.transpose("time", "war").values, dtype=np.float64)


# What a truce leaves in place or changes and no mechanism of the model has; named wherever a truce is judged.
NOT_MODELLED = (
    "people who live under occupation and what is done to them",
    "whether those who were displaced can return to what they left",
    "civilians who die of cold, illness or want, or in a siege",
    "negotiation, and what a settlement would bring",
)
# The same of optional mechanisms, where a scenario has them off.
WHERE_OFF: Mapping[str, str] = MappingProxyType(
    {
        "civilian_harm": "civilians killed by fire and by strikes, and people who are displaced",
        "air_defence": "missiles and drones against cities, and the defence against them",
        "ending": "a war that ends by collapse, exhaustion or settlement",
    }
)


def not_modelled(weights: Mapping[str, tuple[float, ...]]) -> tuple[str, ...]:
    """Return what bears on a truce and a scenario's wars do not have.

    Args:
        weights: the weights of the alternatives of a world, by name (`World.structure_weights`).
    """
    on = in_use(weights)
    return (*NOT_MODELLED, *(text for mechanism, text in WHERE_OFF.items() if mechanism not in on))


# Points of the intervals that are shown: 90 % and 50 %.
LEVELS = {"low": 0.05, "low50": 0.25, "median": 0.5, "high50": 0.75, "high": 0.95}

# Days after the start on which a table reads the outcomes.
TABLE_DAYS = (91, 182, 364, 728)

STRIKES, CIVILIANS = ("air_defence",), ("civilian_harm",)
OUTCOMES: Mapping[str, Outcome] = MappingProxyType(
    {
        outcome.name: outcome
        for outcome in (
            Outcome("killed", "soldiers killed since the start", "persons", _of("killed")),
            Outcome("wounded", "soldiers wounded since the start", "persons", _of("wounded")),
            Outcome(
                "losses", "soldiers killed, wounded and captured since the start", "persons", _of("losses")
            ),
            Outcome(
                "ground_lost",
                "net ground lost to the enemy since the start",
                "km2",
                _ground_lost,
                both=False,
                variables=("ground_taken",),
            ),
            Outcome(
                "civilians_killed",
                "civilians killed since the start, by the side on whose ground",
                "persons",
                _of("civilians_killed"),
                mechanisms=CIVILIANS,
                core=False,
            ),
            Outcome(
                "deaths",
                "soldiers and civilians killed since the start",
                "persons",
                _sum("killed", "civilians_killed"),
                mechanisms=CIVILIANS,
                variables=("killed", "civilians_killed"),
            ),
            Outcome(
                "displaced",
                "civilians displaced within the country on that day",
                "persons",
                _of("displaced"),
                total=False,
                mechanisms=CIVILIANS,
                core=False,
            ),
            Outcome(
                "strikes_through",
                "missiles and long-range drones that got through to the side since the start",
                "weapons",
                _sum("missiles_leaked", "drones_leaked"),
                mechanisms=STRIKES,
                variables=("missiles_leaked", "drones_leaked"),
                core=False,
            ),
            Outcome(
                "capital_assaults",
                "assaults of the side on the enemy's capital since the start",
                "assaults",
                _of("capital_assaults"),
                mechanisms=("northern_front",),
                core=False,
            ),
            Outcome(
                "weeks_attacking",
                "weeks since the start at whose end an offensive of the side is under way",
                "weeks",
                _weeks_attacking,
                variables=("offensive",),
            ),
            Outcome(
                "vehicles_lost",
                "armoured vehicles lost since the start",
                "vehicles",
                _of("armour_lost"),
                variables=("armour_lost",),
            ),
            Outcome(
                "vehicles_supplied",
                "armoured vehicles made, restored and received since the start",
                "vehicles",
                _supplied("armour", "armour_lost"),
                variables=("armour", "armour_lost"),
            ),
            Outcome(
                "shells_supplied",
                "artillery rounds made and received since the start",
                "rounds",
                _supplied("shells", "shells_fired"),
                variables=("shells", "shells_fired"),
            ),
            Outcome(
                "missiles_supplied",
                "long-range missiles made and received since the start",
                "missiles",
                _supplied("missiles", "missiles_launched"),
                mechanisms=STRIKES,
                variables=("missiles", "missiles_launched"),
                core=False,
            ),
            Outcome(
                "emigrated",
                "people of the pool for call-up who left the country since the start",
                "persons",
                _of("emigrated"),
                mechanisms=("emigration",),
            ),
            Outcome(
                "at_war",
                "whether the war still goes on, 1 or 0",
                "share",
                _at_war,
                each=False,
                total=False,
                mechanisms=("ending",),
                core=False,
                variables=("ended",),
            ),
        )
    }
)
# What a table of all outcomes begins with; the others are asked for by name.
FIRST_OUTCOMES = ("killed", "wounded", "losses", "ground_lost", "civilians_killed", "displaced")


@dataclasses.dataclass(frozen=True)
class Comparison:
    """The same wars under two policies."""

    scenario: str
    first_policy: str
    second_policy: str
    first: xr.Dataset
    second: xr.Dataset
    world: World
    seed: int
    start: Start | None = None
    """The draws from which the wars started; None: the priors."""
    learnt: pd.DataFrame | None = None
    """What the evidence taught, as `Posterior.contraction` tells it."""
    _kept: dict[object, Any] = dataclasses.field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def posterior(self) -> str:
        """Where the parameters come from: `prior`, or the name of a posterior."""
        return str(self.first.attrs["posterior"])

    @property
    def assumed_share(self) -> float:
        """Assumed / (assumed + learnt) of the soldiers killed on both sides on the last day; 1 under priors.

        `shares` tells it for any outcome and day, with an interval.
        """
        if self.posterior == PRIOR:
            return CERTAIN.value
        return self.shares("killed", None, self.last_day).assumed_of_explained.value

    @property
    def last_day(self) -> dt.date:
        """The last day of the horizon."""
        return self.world.start + dt.timedelta(days=7 * (self.first.sizes["time"] - 1))

    def shares(self, outcome: str, side: str | None, date: dt.date) -> Shares:
        """Return how much of the spread of a difference near a date was learnt, assumed, structure, chance.

        The method stands in `ceasefire.analysis.shares`.
        """
        key = (outcome, side, self._week(date))
        if key not in self._kept:
            if "explained" not in self._kept:
                names = columns_of(self.first.isel(war=np.flatnonzero(self.good)), self.start, self.learnt)
                self._kept["explained"] = Explained(names.values, names.groups, names.draws)
            self._kept[key] = self._kept["explained"].shares(self.difference(outcome, side, date))
        found: Shares = self._kept[key]
        return found

    def learnt_share(self, outcome: str, side: str | None, date: dt.date) -> Share:
        """Return the share of a difference's spread that comes from what the evidence taught."""
        return self.shares(outcome, side, date).learnt

    def chance_share(self, outcome: str, side: str | None, date: dt.date) -> Share:
        """Return the share of a difference's spread that comes from chance, and from what acts together."""
        return self.shares(outcome, side, date).chance

    @property
    def draws(self) -> int:
        """Wars computed under each policy."""
        return int(self.first.sizes["war"])

    @property
    def sides(self) -> tuple[str, str]:
        """The belligerents, as the scenario names them."""
        first, second = self.world.sides
        return first, second

    @property
    def good(self) -> npt.NDArray[np.bool_]:
        """Wars that succeeded under both policies, `[N]`; only these are summarised."""
        both = (self.first["status"].values == 0) & (self.second["status"].values == 0)
        return np.asarray(both, dtype=np.bool_)

    @property
    def failed(self) -> int:
        """Wars left out because their computation failed under either policy."""
        return int((~self.good).sum())

    def dataset(self) -> xr.Dataset:
        """Return both results as one along `policy`, each with the hash of what went into it."""
        parts = []
        for result in (self.first, self.second):
            own = {"input_sha256": ("policy", [result.attrs["input_sha256"]])}
            parts.append(result.expand_dims(policy=[result.attrs["policy"]]).assign(own))
        both = xr.concat(parts, "policy", combine_attrs="drop_conflicts")
        both["input_sha256"].attrs["long_name"] = "hash of all that went into the run but the seed"
        both.attrs["title"] = f"{self.scenario}: {self.first_policy} and {self.second_policy}"
        return both

    def values(self, outcome: str, side: str | None = None) -> tuple[FloatArray, FloatArray]:
        """Return an outcome under both policies, each `[time, war]`, good wars only.

        Args:
            outcome: a name in `OUTCOMES`.
            side: a belligerent, or None for both together.

        Raises:
            InputError: an unknown outcome or side, an outcome that needs a side, or wars that all failed.
        """
        read = self._outcome(outcome, side)
        if not self.good.any():
            raise InputError(
                f"the computation of all {self.draws:,} wars failed: nothing can be compared.",
                f"scenario {self.scenario}, policies {self.first_policy} and {self.second_policy}",
                "look for ranges in the scenario that are far from those of the registry.",
            )
        return read.read(self.first, side)[:, self.good], read.read(self.second, side)[:, self.good]

    def curve(self, outcome: str, side: str | None = None, beyond: float = 0.0) -> pd.DataFrame:
        """Return the outcome under both policies and its difference (second less first), over the horizon.

        One row a week: `date`, `day`; `first_` and `second_` with `low`, `low50`, `median`, `high50`, `high`
        (90 % and 50 % intervals over the wars); the same for `difference_`; `probability` that the second
        exceeds the first by more than `beyond` (a tie counts one half) and its `mc_error`; `draws` and
        `failed` wars.
        """
        key = ("curve", outcome, side, beyond)
        if key not in self._kept:
            self._kept[key] = self._curve(outcome, side, beyond)
        kept: pd.DataFrame = self._kept[key]
        return kept.copy()

    def _curve(self, outcome: str, side: str | None, beyond: float) -> pd.DataFrame:
        first, second = self.values(outcome, side)
        difference = second - first
        above = share_above(difference - beyond, axis=1)
        count = first.shape[1]
        error = np.array([self._error(values) for values in difference - beyond])
        frame: dict[str, object] = {
            "date": pd.to_datetime(self.first["time"].values),
            "day": (np.arange(first.shape[0]) * 7).astype(int),
        }
        for label, values in (("first", first), ("second", second), ("difference", difference)):
            points = np.quantile(values, list(LEVELS.values()), axis=1)
            frame |= {f"{label}_{name}": row for name, row in zip(LEVELS, points, strict=True)}
        frame["probability"] = above
        frame["mc_error"] = error
        frame["draws"] = count
        frame["failed"] = self.failed
        return pd.DataFrame(frame).iloc[1:].reset_index(drop=True)

    def table(self, days: Sequence[int] = TABLE_DAYS) -> pd.DataFrame:
        """Return every outcome on chosen days after the start, and on the last.

        The rows of `curve` with `outcome`, `meaning`, `unit`, `side`; `side` is empty where both sides are
        taken together.
        """
        last = self.world.days
        chosen = [day for day in days if day < last] + [last]
        parts = []
        for outcome in OUTCOMES.values():
            for side in outcome.counted_for(self.sides):
                curve = self.curve(outcome.name, side)
                rows = curve[curve["day"].isin([round(day / 7) * 7 for day in chosen])].copy()
                rows.insert(0, "outcome", outcome.name)
                rows.insert(1, "meaning", outcome.meaning)
                rows.insert(2, "unit", outcome.unit)
                rows.insert(3, "side", side or "")
                parts.append(rows)
        return pd.concat(parts, ignore_index=True)

    def about(self) -> dict[str, object]:
        """Return what a reader of the figures must know: policies, draws, failures, origin, limits."""
        return {
            "scenario": self.scenario,
            "first": self.first_policy,
            "second": self.second_policy,
            "draws": self.draws,
            "failed": self.failed,
            "seed": self.seed,
            "posterior": self.posterior,
            "assumed_share": self.assumed_share,
            "version": self.first.attrs["version"],
            "model_fingerprint": self.first.attrs["model_fingerprint"],
            "not_modelled": list(not_modelled(self.world.structure_weights)),
        }

    def at(self, outcome: str, side: str | None, date: dt.date) -> pd.Series:
        """Return the row of `curve` at the end of the week nearest to a date.

        Raises:
            InputError: a date outside the horizon.
        """
        curve = self.curve(outcome, side)
        return curve.iloc[self._week(date) - 1]

    def difference(self, outcome: str, side: str | None, date: dt.date) -> FloatArray:
        """Return the difference (second less first) of each good war near a date, `[N]`."""
        first, second = self.values(outcome, side)
        week = self._week(date)
        change: FloatArray = second[week] - first[week]
        return change

    def by_structure(
        self, outcome: str, side: str | None, date: dt.date, beyond: float = 0.0
    ) -> pd.DataFrame:
        """Return, for each rival equation, the probability that the second exceeds the first near a date.

        Columns: `structure`, `choice`, `draws`, `probability`, `mc_error`. Where all wars have one choice
        there is no rival, and no row.
        """
        difference = self.difference(outcome, side, date) - beyond
        return shares_by_structure(self.first["structure"].values[:, self.good], share_above, difference)

    def structure_share(self, outcome: str, side: str | None, date: dt.date) -> float:
        """Return the share of the difference's variance that lies between structures, 0 to 1.

        This is the correlation ratio, less what chance alone would put between that many groups. Ranks are
        used, so that a few extreme wars do not decide.
        """
        ranks = stats.rankdata(self.difference(outcome, side, date))
        total = float(ranks.var())
        if total == 0.0:
            return 0.0
        codes = self.first["structure"].values[:, self.good]
        _, group = np.unique(codes, axis=1, return_inverse=True)
        size = np.bincount(group.ravel())
        mean = np.bincount(group.ravel(), weights=ranks) / size
        between = float((size * (mean - ranks.mean()) ** 2).sum() / ranks.size)
        # What chance alone would put between that many groups is taken off.
        by_chance = (size.size - 1) / max(ranks.size - 1, 1)
        share = (between / total - by_chance) / (1.0 - by_chance)
        return float(np.clip(share, 0.0, 1.0))

    def drivers(
        self, outcome: str, side: str | None, date: dt.date, most: int = 5, beyond: float = 0.0
    ) -> pd.DataFrame:
        """Return the parameters whose draws go most with the difference, by Spearman's rank correlation.

        Columns: `parameter`, `side`, `meaning`, `correlation`, `above`, `below`: the last two are the
        probabilities that the second exceeds the first (a tie counts one half) in the wars with the
        parameter above its median, and in all others; NaN where there are none. With `beyond` it is the
        probability that the second exceeds the first by more than that.
        """
        difference = self.difference(outcome, side, date)
        drawn = self.first["parameters"].values[:, self.good]
        ranks = stats.rankdata(drawn, axis=1)
        target = stats.rankdata(difference)
        if target.std() == 0.0:
            return pd.DataFrame(columns=["parameter", "side", "meaning", "correlation", "above", "below"])
        spread = ranks.std(axis=1)
        varies = spread > 0
        centred = ranks - ranks.mean(axis=1, keepdims=True)
        covariance = centred @ (target - target.mean()) / target.size
        correlation = np.where(varies, covariance / np.where(varies, spread * target.std(), 1.0), 0.0)
        labels = REGISTRY.labels()
        rows = []
        for row in np.argsort(-np.abs(correlation))[:most]:
            name, number = labels[row]
            above = drawn[row] > np.median(drawn[row])
            rows.append(
                (
                    name,
                    None if number is None else self.world.sides[number],
                    REGISTRY[name].meaning,
                    float(correlation[row]),
                    float(share_above(difference[above] - beyond)),
                    float(share_above(difference[~above] - beyond)),
                )
            )
        return pd.DataFrame(rows, columns=["parameter", "side", "meaning", "correlation", "above", "below"])

    def _error(self, difference: FloatArray) -> float:
        """Return the Monte-Carlo error of the share of differences `[N]` above zero.

        A tie counts one half; see `error_of_mean`.
        """
        above = (np.sign(difference) + 1.0) / 2.0
        draws = None if self.start is None else self.start.draws(self.first["war"].values[self.good])
        return error_of_mean(above, draws)

    def _outcome(self, outcome: str, side: str | None) -> Outcome:
        if outcome not in OUTCOMES:
            raise InputError(f"'{outcome}' is no outcome.", "outcome", suggest(outcome, OUTCOMES))
        if side is None and not OUTCOMES[outcome].both:
            raise InputError(
                f"'{outcome}' needs a side.", "side", f"name one of: {', '.join(self.world.sides)}."
            )
        if side is not None and not OUTCOMES[outcome].each:
            raise InputError(f"'{outcome}' belongs to no side.", "side", "leave the side out.")
        if side is not None and side not in self.world.sides:
            raise InputError(
                f"'{side}' is no belligerent of {self.scenario}.", "side", suggest(side, self.world.sides)
            )
        return OUTCOMES[outcome]

    def _week(self, date: dt.date) -> int:
        weeks = self.first.sizes["time"] - 1
        days = (date - self.world.start).days
        if not 0 < days <= weeks * 7 + 3:
            raise InputError(
                f"{date:%Y-%m-%d} lies outside the horizon of {self.scenario}.",
                "date",
                f"give a day after {self.world.start:%Y-%m-%d}, up to"
                f" {self.world.start + dt.timedelta(days=weeks * 7):%Y-%m-%d}.",
            )
        return int(np.clip(round(days / 7), 1, weeks))


def kept_for(outcomes: Collection[str]) -> tuple[str, ...]:
    """Return what a run must keep so that outcomes can be read and taken apart.

    Raises:
        InputError: an unknown outcome.
    """
    for name in outcomes:
        if name not in OUTCOMES:
            raise InputError(f"'{name}' is no outcome.", "outcome", suggest(name, OUTCOMES))
    read = dict.fromkeys(variable for name in outcomes for variable in OUTCOMES[name].kept)
    return (*read, PARAMETERS)


def compare(
    scenario: Scenario,
    first: str = "fight-on",
    second: str = "truce",
    *,
    draws: int = 2000,
    seed: int = 1,
    progress: Progress | None = None,
    runs: dict[str, xr.Dataset] | None = None,
    start: Start | None = None,
    learnt: pd.DataFrame | None = None,
    until: dt.date | None = None,
    outcomes: Collection[str] | None = None,
) -> Comparison:
    """Run the same sampled wars under two policies of a scenario.

    Args:
        scenario: the scenario.
        first: the policy to compare with.
        second: the policy whose effect is asked for.
        draws: wars under each policy.
        seed: seed of the draws and of chance.
        progress: called with the wars done and the wars in all, both policies together.
        runs: results by policy of the same scenario, draws, seed and start, which are not run again; what is
            run here is added.
        start: draws of wars that have been going on, as `ceasefire.inference.starting` makes them of a
            posterior; the priors where not given.
        learnt: what the evidence taught of them, as `Posterior.contraction` tells it; None: nothing.
        until: the last day that is simulated, rounded up to a whole week; that of the scenario if not given.
        outcomes: names of `OUTCOMES` that will be read; with fewer of them less is kept of each war.

    Raises:
        InputError: an unknown policy, one compared with itself, or an unknown outcome.
    """
    if first == second:
        raise InputError(
            f"'{first}' is compared with itself.",
            f"scenario {scenario.name}",
            f"name two policies of: {', '.join(scenario.policies)}.",
        )
    world = scenario.world()
    if until is not None:
        world = shortened(world, (until - world.start).days)
    plans = {policy: shortened_plan(scenario.plan(policy), world.days) for policy in (first, second)}
    kept = None if outcomes is None else kept_for(outcomes)
    results = {} if runs is None else runs

    def told(offset: int) -> Progress | None:
        return None if progress is None else lambda done, total: progress(offset + done, 2 * total)

    for number, (policy, plan) in enumerate(plans.items()):
        if policy not in results:
            results[policy] = run(
                world,
                plan,
                draws=draws,
                seed=seed,
                progress=told(number * draws),
                start=start,
                outcomes=kept,
            )
            results[policy].attrs["scenario_sha256"] = scenario.sha256
    return Comparison(
        scenario.name, first, second, results[first], results[second], world, seed, start, learnt
    )
