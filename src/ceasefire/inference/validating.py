"""Simulation-based calibration: a fit must recover wars that the model itself has made.

Parameters, structure and reporting are drawn from their priors, a war is walked with them, figures are drawn
from the observation model, and the figures are fitted as if they were evidence. Over many such data sets the
rank of each true number among L draws of its posterior is uniform on 0 to L, if the likelihood is the one by
which the figures were made and the sampler is right (Talts and others 2018). The same holds for quantities
that depend on the figures, such as their own density, which see faults that leave the priors as they are
(Modrak and others 2023).

The figures stand where those of a scenario's evidence stand (the design): the same weeks, kinds, origins and
series. Three things are fixed by the design that in real evidence depend on the figure itself: the scale of
the weekly spread (`guide_scale`), the limit of a bound (a figure beyond its limit is told as at least, one
below as at most), and reassessments of the line, which are left out.

A figure is a log: of what was added plus 0.001 for the weekly losses, of the quantity but at least 0.001 for
all others, in the simulation as in the likelihood, so that a war without losses has figures too. No data set
is ever left out.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import datetime as dt
import functools
import hashlib
import io
import json
import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any, NamedTuple

import jax
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special, stats

from ceasefire.engine import model_fingerprint
from ceasefire.engine.fused import available_cores
from ceasefire.evidence import Evidence, load
from ceasefire.files import InputError, write_atomically
from ceasefire.files.bounded import is_small_file
from ceasefire.inference import calibrating, sampling
from ceasefire.inference import code as sources
from ceasefire.inference.figures import FORGET, GROUND, QUANTITIES, Data, unreported
from ceasefire.inference.filtering import Paths
from ceasefire.inference.observing import Observed, observe
from ceasefire.inference.posterior import row_label
from ceasefire.inference.target import Target
from ceasefire.scenario import History, Scenario, load_scenario
from ceasefire.war import REGISTRY, STRUCTURES
from ceasefire.war.structure import in_use

Float = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int = npt.NDArray[np.int64]
Told = Callable[[str], None]

WEEK = 7
# Amounts below count as this much, as in the filter.
LEAST = 1e-3
LOSSES = 2 * QUANTITIES.index("losses")
# Truths are walked so many at a time; which one a data set gets depends on its number alone.
BLOCK = 64
FIT = "log density of the figures"


@dataclasses.dataclass(frozen=True)
class Design:
    """Where figures stand, what they count, and how hard a fit tries."""

    history: History
    observed: Observed
    """The figures' places; their values are never used but for the limits of bounds."""
    settings: calibrating.Settings
    draws: int = 63
    """L, draws of a posterior among which a truth is ranked."""

    @functools.cached_property
    def rows(self) -> npt.NDArray[np.bool_]:
        """Which parameters are ranked, `[D]`: uncertain, and heard by the figures.

        Every other one is drawn from its prior in any case; ranked too, it would only make the correction for
        many rows weaker.
        """
        target = _target(self, self.observed.data)
        return np.asarray(target.transform.free & ~target.silent)

    @functools.cached_property
    def alternatives(self) -> npt.NDArray[np.bool_]:
        """Which structural alternatives are ranked, `[K]`: those with more than one choice."""
        given = self.history.world.structure_weights
        return np.array([np.count_nonzero(given.get(one.name, one.weights)) > 1 for one in STRUCTURES])


@dataclasses.dataclass(frozen=True)
class Truth:
    """Wars that were made: one for each data set of a block, `n` of them."""

    z: Float
    """`[D, n]`."""
    structure: npt.NDArray[np.int8]
    """`[K, n]`."""
    quantities: Float
    """At the end of each week, `[W, 2 K + 1, n]`."""
    reporting: Float64
    """`[O, n]`."""


class Expected(NamedTuple):
    """What the figures should be of wars `n`, and their standard deviations."""

    guide: Float64
    """Logs of weekly losses, `[W, 2, n]`."""
    guide_error: Float64
    """`[W, 2, n]`."""
    ground: Float64
    """`[W, n]`, km2."""
    other: Float64
    """Logs, `[W, J, n]`."""
    other_error: Float64
    """`[W, J, n]`."""


def design(
    scenario: Scenario,
    evidence: Evidence,
    until: dt.date,
    settings: calibrating.Settings | None = None,
    *,
    weeks: int | None = None,
    draws: int = 63,
) -> Design:
    """Return the design of a scenario's evidence as known on a day, by weekly steps.

    Args:
        scenario: a scenario with a history.
        evidence: where its figures stand.
        until: the day, whole weeks after the history's start.
        settings: how hard a fit tries.
        weeks: how many weeks count; all where not given.
        draws: L.

    Raises:
        InputError: no history, or a day outside it.
    """
    settings = dataclasses.replace(settings or SETTINGS, step_days=WEEK)
    history = scenario.history(until, known_on=until)
    observed = observe(evidence.known_by(until), history, step_days=WEEK)
    data = observed.data
    scale = np.where(np.asarray(data.guide_given) > 0, 1.0, data.guide_scale).astype(np.float32)
    data = data._replace(
        guide_scale=scale,
        ground_set=np.zeros_like(data.ground_set),
        # How long offensives last is given by the design, not drawn.
        decided=np.zeros_like(data.decided),
        # Whatever only renews a memory weighs nothing and cannot be made.
        given=np.where(np.asarray(data.fixed) < FORGET, data.given, 0.0).astype(np.float32),
    )
    count = np.arange(len(data.value)) < (weeks or observed.weeks)
    data = data._replace(
        guide_given=data.guide_given * count[:, None],
        ground_given=data.ground_given * count,
        given=data.given * count[:, None],
    )
    observed = dataclasses.replace(observed, data=data, weeks=weeks or observed.weeks)
    return Design(history, observed, settings, draws)


SETTINGS = calibrating.Settings(sets=128, times_before=6, replicates=1, paths=32, step_days=WEEK, rounds=80)


def _target(made: Design, data: Data) -> Target:
    observed = dataclasses.replace(made.observed, data=data)
    return Target(made.history.world, observed, paths=made.settings.paths, step_days=WEEK)


def make_wars(made: Design, block: int, seed: int) -> Truth:
    """Draw parameters, structure and reporting from the priors and walk a war with each, `BLOCK` of them."""
    target = _target(made, unreported(made.observed.data))
    rng = np.random.default_rng([seed, 101, block])
    z = rng.standard_normal((target.dimension, BLOCK)).astype(np.float32)
    structure = target.draw_structure(rng.random((len(STRUCTURES), BLOCK)))
    _, paths = target.paths_of(z, structure, sampling.draw_numbers(BLOCK, rng))
    reporting = np.asarray(target.values(z)[1], np.float64)
    return Truth(z, structure, np.asarray(paths.quantities), reporting)


def expected(data: Data, quantities: npt.NDArray[np.floating], reporting: Float64) -> Expected:
    """Return what a design's figures should be of wars, by the observation model as the docs state it.

    Args:
        data: the design.
        quantities: at the end of each week, `[W, 2 K + 1, n]`.
        reporting: parameters of reporting, `[O, n]`.
    """
    q = np.asarray(quantities, np.float64)
    weeks, wars, places = len(data.value), q.shape[2], data.value.shape[1]
    losses = q[:, LOSSES : LOSSES + 2] - reporting[data.before]
    found = Expected(
        *(np.zeros(shape) for shape in ((weeks, 2, wars), (weeks, 2, wars), (weeks, wars))),
        *(np.zeros((weeks, places, wars)) for _ in range(2)),
    )
    last_losses, last_ground = np.zeros((2, wars)), np.zeros(wars)
    last: dict[int, Float64] = {}
    for week in range(weeks):
        for side in range(2):
            factor = reporting[data.guide_factor[side]]
            # Below zero by rounding alone, and in weeks that do not count.
            added = np.maximum(losses[week, side] - last_losses[side], 0.0)
            found.guide[week, side] = np.log(added + LEAST) + np.log(factor)
            found.guide_error[week, side] = reporting[data.guide_spread[side]] * data.guide_scale[week, side]
            if data.guide_given[week, side] or data.guide_set[week, side]:
                last_losses[side] = losses[week, side]
        found.ground[week] = q[week, GROUND] - last_ground
        if data.ground_given[week] or data.ground_set[week]:
            last_ground = q[week, GROUND]
        for place in np.flatnonzero(data.given[week]):
            now, series = q[week, data.quantity[week, place]], int(data.series[week, place])
            amount = now
            if data.since_last[week, place]:
                amount, last[series] = now - last.get(series, np.zeros(wars)), now
            found.other[week, place] = np.log(np.maximum(amount, LEAST)) + np.log(
                reporting[data.factor[week, place]]
            )
            row = data.spread[week, place]
            spread = 1.0 if row < 0 else reporting[row]
            found.other_error[week, place] = data.fixed[week, place] * spread
    return found


def draw_figures(data: Data, told: Expected, rng: np.random.Generator) -> Data:
    """Return the design with figures drawn about what they should be of one war."""
    guide = told.guide[..., 0] + told.guide_error[..., 0] * rng.standard_normal(data.guide_value.shape)
    ground = told.ground[..., 0] + float(data.ground_error) * rng.standard_normal(data.ground_value.shape)
    value = told.other[..., 0] + told.other_error[..., 0] * rng.standard_normal(data.value.shape)
    limit = np.asarray(data.value)
    bound = np.where(np.asarray(data.bound) != 0, np.where(value >= limit, 1, -1), 0)
    value = np.where(bound != 0, limit, value)
    return data._replace(
        guide_value=(guide * (np.asarray(data.guide_given) > 0)).astype(np.float32),
        ground_value=(ground * (np.asarray(data.ground_given) > 0)).astype(np.float32),
        value=(value * (np.asarray(data.given) > 0)).astype(np.float32),
        bound=bound.astype(np.asarray(data.bound).dtype),
    )


def log_density(data: Data, told: Expected) -> Float64:
    """Return the log density of all figures given whole wars, `[n]`."""
    total = np.zeros(told.ground.shape[1])
    given = np.asarray(data.guide_given)[..., None] > 0
    guide = stats.norm.logpdf(
        np.asarray(data.guide_value)[..., None], told.guide, np.where(given, told.guide_error, 1.0)
    )
    total += np.where(given, guide, 0.0).sum(axis=(0, 1))
    ground = stats.norm.logpdf(np.asarray(data.ground_value)[:, None], told.ground, float(data.ground_error))
    total += np.where(np.asarray(data.ground_given)[:, None] > 0, ground, 0.0).sum(axis=0)
    given = np.asarray(data.given)[..., None] > 0
    error = np.where(given, told.other_error, 1.0)
    gap = (np.asarray(data.value)[..., None] - told.other) / error
    bound = np.asarray(data.bound)[..., None]
    single = np.where(bound == 0, stats.norm.logpdf(gap) - np.log(error), special.log_ndtr(-bound * gap))
    return np.asarray(total + np.where(given, single, 0.0).sum(axis=(0, 1)))


def names(made: Design) -> list[str]:
    """Return what is ranked: uncertain parameters that are heard, structures, the last day, the fit."""
    world = made.history.world
    labels = [row_label(name, side, world.sides) for name, side in REGISTRY.labels()]
    labels += [parameter.name for parameter in made.observed.parameters]
    outcomes = [f"{name} ({side})" for name in QUANTITIES for side in world.sides]
    return [
        *(label for label, is_ranked in zip(labels, made.rows, strict=True) if is_ranked),
        *(one.name for one, is_ranked in zip(STRUCTURES, made.alternatives, strict=True) if is_ranked),
        *(f"last day: {name}" for name in [*outcomes, "ground"]),
        FIT,
    ]


def _shown(
    made: Design, z: Float, structure: npt.NDArray[np.int8], quantities: Float, density: Float64
) -> Float64:
    """Return the values that are ranked, `[Q, n]`, in the order of `names`."""
    return np.concatenate(
        [z[made.rows], structure[made.alternatives], quantities[made.observed.weeks - 1], density[None]]
    ).astype(np.float64)


def fit(
    made: Design, data: Data, seed: int, changed: Callable[[Target], Target] | None = None
) -> tuple[calibrating.Picked, Paths]:
    """Return `made.draws` draws of the posterior, and the war of each, by the stages of a calibration.

    Args:
        made: the design.
        data: figures of the same shapes.
        seed: of all chances of the fit.
        changed: makes a wrong likelihood of the right one, to see whether it is caught.
    """
    settings = dataclasses.replace(made.settings, seed=seed)
    course = _Course(made, data, settings, changed)
    *_, stage = calibrating.stages(course, calibrating.begin(course), settings.rounds)
    each = -(-made.draws // settings.replicates)
    picked = calibrating.pick(stage.counted(settings), settings.replicates, each, seed)
    kept: calibrating.Picked = jax.tree.map(lambda part: part[..., : made.draws], picked)
    if settings.together:
        return kept, calibrating.paths_as_walked(stage, course, kept)
    return kept, calibrating.paths_as_estimated(course.target(stage.block), kept, stage.worth)[1]


class _Course(calibrating.Course):
    """A course whose likelihood may be changed."""

    def __init__(
        self,
        made: Design,
        data: Data,
        settings: calibrating.Settings,
        changed: Callable[[Target], Target] | None,
    ) -> None:
        super().__init__(made.history, dataclasses.replace(made.observed, data=data), settings)
        self._changed = changed

    def target(self, block: int) -> Target:
        new = block not in self._targets
        found = super().target(block)
        if new and self._changed is not None:
            found = self._targets[block] = self._changed(found)
        return found


@dataclasses.dataclass(frozen=True)
class Ranked:
    """One data set after its fit."""

    number: int
    ranks: Int
    """Of each truth among the draws, 0 to L, `[Q]`."""
    farness: int
    """How many draws lie nearer to the middle than the truth, 0 to L: see `farness`."""
    seconds: float


def rank_one(
    made: Design, number: int, seed: int, truth: Truth, changed: Callable[[Target], Target] | None = None
) -> Ranked:
    """Make the figures of a data set, fit them and rank the truth."""
    began = time.perf_counter()
    column = [number % BLOCK]
    rng = np.random.default_rng([seed, 202, number])
    quantities, reporting = truth.quantities[..., column], truth.reporting[:, column]
    told = expected(made.observed.data, quantities, reporting)
    data = draw_figures(made.observed.data, told, rng)
    right = _target(made, data)
    draws, paths = fit(made, data, int(rng.integers(2**31)), changed)
    reporting_drawn = np.asarray(right.values(draws.z)[1], np.float64)
    true = _shown(made, truth.z[:, column], truth.structure[:, column], quantities, log_density(data, told))
    drawn = _shown(
        made,
        draws.z,
        draws.structure,
        np.asarray(paths.quantities),
        log_density(data, expected(data, paths.quantities, reporting_drawn)),
    )
    ranks = rank(true[:, 0], drawn, rng)
    return Ranked(number, ranks, farness(true[:, 0], drawn, rng), time.perf_counter() - began)


def rank(true: Float64, drawn: Float64, rng: np.random.Generator) -> Int:
    """Return how many draws `[Q, L]` lie below each truth `[Q]`; equal ones by chance."""
    below = (drawn < true[:, None]).sum(axis=1)
    same = (drawn == true[:, None]).sum(axis=1)
    return np.asarray(below + rng.integers(0, same + 1))


def farness(true: Float64, drawn: Float64, rng: np.random.Generator) -> int:
    """Return how many draws lie nearer to the middle of truth and draws together than the truth, 0 to L.

    Distance is the largest over all rows of |x - mean| / standard deviation. Truth and draws are exchangeable
    where the fit is right, so that the number is uniform whatever the rows have to do with one another.
    """
    everything = np.concatenate([true[:, None], drawn], axis=1)
    spread = everything.std(axis=1, keepdims=True)
    gap = np.abs(everything - everything.mean(axis=1, keepdims=True)) / np.where(spread > 0, spread, 1.0)
    distance = gap.max(axis=0)
    return int(rank(distance[:1], distance[None, 1:], rng)[0])


# Chances are simulated so often: a level of 1 % over some 150 rows and two tests is 3 in 100,000.
SIMULATIONS = 400_000
BINS = 8


def uniformity(ranks: Int, draws: int, labels: Sequence[str], seed: int = 1) -> pd.DataFrame:
    """Return how well ranks agree with uniform ones, row by row.

    Args:
        ranks: `[n, Q]`, 0 to `draws`.
        draws: L; L + 1 is a multiple of 8.
        labels: names of the rows.
        seed: of the simulation that gives the p-values.

    Returns:
        `name`; `chi_squared_p`, of the counts in 8 bins; `ecdf_p`, of the greatest departure of the
        distribution function, each point measured by its own binomial probability (the simultaneous band of
        Sailynoja and others 2022); `p`, the smaller of both doubled; `holds`: p times the number of rows is
        above 0.01; `mean`, of the ranks over L, 0.5 where nothing is off; `spread`, their variance over that
        of uniform ranks: above 1 where the posterior is too narrow.
    """
    number = len(ranks)
    rng = np.random.default_rng([seed, number, draws])
    even = np.full(draws + 1, 1.0 / (draws + 1))
    counts = np.stack([np.bincount(row, minlength=draws + 1) for row in ranks.T])
    own = (_chi_squared(counts, number), _narrowest(counts, number))
    below = [np.zeros(len(counts)), np.zeros(len(counts))]
    step = 20_000
    for _ in range(SIMULATIONS // step):
        drawn = rng.multinomial(number, even, size=step)
        chance = (np.sort(_chi_squared(drawn, number)), np.sort(_narrowest(drawn, number)))
        below[0] += step - np.searchsorted(chance[0], own[0] - 1e-9, side="left")
        below[1] += np.searchsorted(chance[1], own[1] * (1.0 + 1e-9), side="right")
    chi, ecdf = ((1.0 + found) / (1.0 + SIMULATIONS) for found in below)
    p = np.minimum(1.0, 2.0 * np.minimum(chi, ecdf))
    return pd.DataFrame(
        {
            "name": list(labels),
            "chi_squared_p": chi,
            "ecdf_p": ecdf,
            "p": p,
            "holds": p * len(labels) > LEVEL,
            "mean": ranks.mean(axis=0) / draws,
            "spread": (ranks / draws).var(axis=0) / ((draws + 2) / (12.0 * draws)),
        }
    )


LEVEL = 0.01
LARGEST_FILE = 500_000_000
"""Bytes of a file of what was ranked so far."""


def _chi_squared(counts: Int, number: int) -> Float64:
    binned = counts.reshape(len(counts), BINS, -1).sum(axis=2)
    return np.asarray((binned - number / BINS) ** 2 / (number / BINS)).sum(axis=1)


def _narrowest(counts: Int, number: int) -> Float64:
    """Return the least two-sided binomial probability of the distribution function at any rank."""
    places = counts.shape[1]
    reached = np.cumsum(counts, axis=1)[:, :-1]
    share = np.arange(1, places) / places
    k = np.arange(number + 1)[:, None]
    table = 2.0 * np.minimum(stats.binom.cdf(k, number, share), stats.binom.sf(k - 1, number, share))
    return np.asarray(np.minimum(1.0, table[reached, np.arange(places - 1)]).min(axis=1))


class Pooled(NamedTuple):
    """Two tests for gross faults that a handful of data sets allows; both are exact."""

    far: float
    """p-value: the truths lie farther out than draws do, in whatever row."""
    fit: float
    """p-value, two-sided: the figures fit the truths better or worse than they fit the draws."""

    def caught(self, level: float = LEVEL) -> bool:
        """Whether a right fit would look so bad in less than `level` of all cases."""
        return min(self.far, self.fit) < level / 2.0


def pooled(found: Sequence[Ranked], draws: int, seed: int = 1) -> Pooled:
    """Return the two tests; the ranks of the fit are the last row.

    The statistic of the first is the sum of -log((L + 1 - rank) / (L + 1)) over data sets (Fisher 1932), of
    the second the same for the lower and the upper tail, the larger of both; p-values by simulation.
    """
    rng = np.random.default_rng([seed, len(found), draws])
    drawn = rng.integers(0, draws + 1, size=(200_000, len(found)))

    def upper(ranks: Int) -> Float64:
        return np.asarray(-np.log((draws + 1 - ranks) / (draws + 1.0)).sum(axis=-1))

    def both(ranks: Int) -> Float64:
        return np.maximum(upper(ranks), upper(draws - ranks))

    def p_value(statistic: Callable[[Int], Float64], ranks: list[int]) -> float:
        own = statistic(np.array(ranks))
        return float((1 + np.sum(statistic(drawn) >= own - 1e-9)) / (1 + len(drawn)))

    return Pooled(
        p_value(upper, [one.farness for one in found]), p_value(both, [int(one.ranks[-1]) for one in found])
    )


def identity(made: Design, seed: int) -> str:
    """Return a hash of all that the ranks depend on, the code of the fit too."""
    code = sources.source_hash(*sources.FIT, "validating")
    fitted = in_use(made.history.world.structure_weights)
    text = (model_fingerprint(fitted), code, made.settings, made.draws, seed, made.observed.parameters)
    digest = hashlib.sha256(repr(text).encode())
    digest.update(repr(made.history.world.priors).encode())
    for part in made.observed.data:
        digest.update(np.ascontiguousarray(part).tobytes())
    return digest.hexdigest()[:16]


def validate(
    made: Design,
    sets: int,
    seed: int,
    *,
    folder: Path | None = None,
    told: Told | None = None,
    changed: Callable[[Target], Target] | None = None,
    processes: int = 1,
) -> list[Ranked]:
    """Return the ranks of data sets 0 to `sets` - 1; those already in the folder are read.

    Args:
        made: the design.
        sets: number of data sets.
        seed: of everything.
        folder: where each data set is kept as soon as it is done; one file a design and seed.
        told: is called with progress.
        changed: see `fit`; must be a function of a module where there is more than one process.
        processes: how many work side by side, on one core each; the ranks do not depend on it.
    """
    say = told or (lambda line: None)
    path = None if folder is None else folder / f"validation-{identity(made, seed)}.json"
    found = _read(path)
    missing = [number for number in range(sets) if number not in found]
    with _workers(made, seed, changed, min(processes, len(missing))) as ranked:
        for one in ranked(missing):
            found[one.number] = one
            if path is not None:
                rows = [
                    dataclasses.asdict(one) | {"ranks": one.ranks.tolist()}
                    for _, one in sorted(found.items())
                ]
                write_atomically(path, json.dumps(rows).encode())
            say(f"data set {one.number + 1}, {len(found)} of {sets}: {one.seconds:.1f} s")
    return [found[number] for number in range(sets)]


class _Worker:
    """Ranks data sets one by one; the wars of a block are made once."""

    def __init__(self, made: Design, seed: int, changed: Callable[[Target], Target] | None) -> None:
        self._made, self._seed, self._changed = made, seed, changed
        self._truth: tuple[int, Truth] | None = None

    def __call__(self, number: int) -> Ranked:
        block = number // BLOCK
        if self._truth is None or self._truth[0] != block:
            self._truth = (block, make_wars(self._made, block, self._seed))
        return rank_one(self._made, number, self._seed, self._truth[1], self._changed)


@contextlib.contextmanager
def _workers(
    made: Design, seed: int, changed: Callable[[Target], Target] | None, processes: int
) -> Iterator[Callable[[Sequence[int]], Iterator[Ranked]]]:
    """Give a function that ranks data sets and returns each as it is done."""
    if processes <= 1:
        worker = _Worker(made, seed, changed)
        yield lambda numbers: map(worker, numbers)
        return
    context = multiprocessing.get_context("spawn")
    cores: multiprocessing.Queue[int] = context.Queue()
    for place in range(processes):
        cores.put(place)
    pool = ProcessPoolExecutor(
        processes, context, initializer=_begin_process, initargs=(cores, made, seed, changed)
    )
    with pool:

        def ranked(numbers: Sequence[int]) -> Iterator[Ranked]:
            waiting = [pool.submit(_rank_in_process, number) for number in numbers]
            return (done.result() for done in as_completed(waiting))

        yield ranked


_WORKER: list[_Worker] = []


def _begin_process(
    cores: multiprocessing.Queue[int], made: Design, seed: int, changed: Callable[[Target], Target] | None
) -> None:
    """Keep this process to one core: two that share theirs hinder each other."""
    place = cores.get()
    if hasattr(os, "sched_setaffinity"):
        free = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {free[place % len(free)]})
    _WORKER.append(_Worker(made, seed, changed))


def _rank_in_process(number: int) -> Ranked:
    return _WORKER[0](number)


def _ranked(row: dict[str, Any]) -> Ranked:
    ranks = np.array(row["ranks"])
    whole = all(type(row[name]) is int for name in ("number", "farness"))
    if not whole or not isinstance(row["seconds"], float) or ranks.ndim != 1 or ranks.dtype.kind != "i":
        raise ValueError(row)
    return Ranked(**{**row, "ranks": ranks})


def _read(path: Path | None) -> dict[int, Ranked]:
    if path is None or not is_small_file(path, LARGEST_FILE):
        return {}
    try:
        rows = json.loads(path.read_text("utf-8"))
        return {row["number"]: _ranked(row) for row in rows}
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return {}


SCENARIO, UNTIL, WEEKS = "ukraine-2022", dt.date(2022, 8, 30), 16


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the validation; return 1 where a row rejects uniformity."""
    reader = argparse.ArgumentParser(prog="validating", description="Simulation-based calibration.")
    reader.add_argument("--sets", type=int, default=100, help="number of data sets (100)")
    reader.add_argument("--seed", type=int, default=1, help="seed of everything (1)")
    reader.add_argument("--processes", type=int, default=available_cores(), help="side by side (all cores)")
    reader.add_argument("--out", type=Path, default=Path("out/validation"), help="folder of the results")
    asked = reader.parse_args(arguments)
    try:
        made = design(load_scenario(SCENARIO), load(), UNTIL, weeks=WEEKS)
        if asked.sets < 1:
            raise InputError(f"{asked.sets} data sets are none.", "--sets", "ask for 1 or more.")
        found = validate(
            made, asked.sets, asked.seed, folder=asked.out, told=_print, processes=asked.processes
        )
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    labels = names(made)
    table = uniformity(np.stack([one.ranks for one in found]), made.draws, labels)
    for number in range(len(labels)):
        table.loc[number, "ranks"] = " ".join(str(one.ranks[number]) for one in found)
    buffer = io.StringIO()
    table.to_csv(buffer, index=False, lineterminator="\n")
    asked.out.mkdir(parents=True, exist_ok=True)
    write_atomically(asked.out / "ranks.csv", buffer.getvalue().encode())
    print(summary(table, found, made))
    return int(not table["holds"].all())


def _print(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def summary(table: pd.DataFrame, found: Sequence[Ranked], made: Design) -> str:
    """Return the result in words and a table of the ten rows that depart most."""
    test = pooled(found, made.draws)
    seconds = np.array([one.seconds for one in found])
    rejected = int((~table["holds"]).sum())
    verdict = "none rejects" if rejected == 0 else f"{rejected} reject"
    columns = ["name", "chi_squared_p", "ecdf_p", "mean", "spread"]
    worst = table.nsmallest(10, "p")[columns].to_string(index=False, float_format="{:.4g}".format)
    return (
        f"{len(found)} data sets, {np.median(seconds):.1f} s each (median); {len(table)} rows ranked:"
        f" {verdict} uniformity at {LEVEL:.0%} after Bonferroni's correction over rows and tests.\n"
        f"Pooled over rows: p = {test.far:.4g} (truths farther out than draws), {test.fit:.4g} (fit of the"
        f" figures).\nThe rows that depart most:\n{worst}"
    )


if __name__ == "__main__":
    sys.exit(main())
