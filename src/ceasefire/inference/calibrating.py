"""From priors to a posterior: what the evidence up to a day says about a war's parameters and its state.

The population of `sampling` goes from the prior to the posterior by ever more weeks, by powers of their
likelihood where they say much, then moves on until the replicates agree. Every stage is kept on disk, so that
an interrupted calibration goes on.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import io
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import jax
import numpy as np
import numpy.typing as npt
import pandas as pd

import ceasefire
from ceasefire.engine import model_fingerprint
from ceasefire.evidence import Evidence
from ceasefire.files import InputError, write_atomically
from ceasefire.files.arrays import read_arrays
from ceasefire.inference import code, diagnosing, levelling, sampling
from ceasefire.inference.continuing import (
    Kept,
    described,
    draws_to_begin_at,
    keep_figures,
    keep_rounds,
    kept_rounds,
)
from ceasefire.inference.filtering import MOST_PATHS, Paths
from ceasefire.inference.hamiltonian import (
    Metric,
    PathDensity,
    Tuning,
    Walkers,
    heard_channels,
    heard_rows,
    move,
    tuned,
    untuned,
)
from ceasefire.inference.levelling import Levelling
from ceasefire.inference.lookahead import Lookahead
from ceasefire.inference.observing import Layout, Observed, observe
from ceasefire.inference.posterior import Posterior, make_posterior
from ceasefire.inference.sampling import Population
from ceasefire.inference.target import Target
from ceasefire.scenario import History, Scenario
from ceasefire.war import REGISTRY, STRUCTURES

Float64 = npt.NDArray[np.float64]
Told = Callable[[str, float], None]
"""Called with a line for people and the share done, 0 to 1."""

# Weeks that are added at a time: so many, or one for so many that count already.
WEEKS_ADDED, WEEKS_FOR_ONE_MORE = 2, 8
PATHS_FOR_WEEKS = 52
LEAST_EFFECTIVE = 0.5
MOVES_A_STAGE = 4
ROUNDS = 60
# Of a fit to more than PATHS_FOR_WEEKS weeks: sets, rounds and moves a round at the posterior, sets on the
# way, paths.
FEW_SETS, LONG_ROUNDS, LONG_MOVES, SETS_BEFORE, LONG_PATHS = 64, 24, 25, 192, 96
# Of one by weeks to fewer.
WEEKLY_PATHS = 32
# Where rows disagree or are worth few draws: the share of the first number of rounds that is added each time,
# and so many times that number at most; where a direction is levelled, sets come and go, and that takes long.
# After so many times that number it is levelled anew, by what is known of the modes then. What was before is
# forgotten, so that there must be an end to it: so often in all.
MORE_OF_ROUNDS, MOST_TIMES, MOST_TIMES_LEVELLED = 1 / 2, 3, 15
LEVELLED_AGAIN, MOST_LEVELLINGS = 3, 2
# Proposals learn from so many of the rounds before at most.
ROUNDS_LEARNT = 32
# Share of the rounds that only forgets the way: sets that descend from one are alike until they have moved.
# Of more than twice the first number it is half of these, or a third of all where that is more.
FORGOTTEN, FORGOTTEN_OF_MANY = 1 / 2, 1 / 3
# Sets from whose paths is learnt what states are worth for figures to come, and paths of them all at most;
# of how many estimates one is drawn for each set once that is known.
SETS_WATCHED, PATHS_WATCHED, ESTIMATES_ANEW = 64, 24_000, 16
# Where sets move together with a path each: moves at a stage of the way, and in a round; paths of each at
# first, from which is learnt by what they move; rounds after which it is learnt once more, from these.
TOGETHER_STAGE_MOVES, TOGETHER_MOVES, PATHS_AT_FIRST, LEARNT_AGAIN = 3, 4, 8, 10
# Draws behind the R-hat of the state over those that are kept.
DRAWS_JUDGED = 4
# Beyond PATHS_FOR_WEEKS, where no simulation-based calibration has been, a fit must reach one thing more: the
# largest correlation with what sets were half of the rounds before. Replicates that all begin at one mode
# agree before they know the other.
MOST_REMEMBERED = 0.2


@dataclasses.dataclass(frozen=True)
class Settings:
    """How hard a calibration tries."""

    sets: int = 256
    """Sets of parameters in each replicate, once all weeks count."""
    times_before: int = 2
    """So many times as many on the way there: weights leave descendants of few of them, and what none of
    these has (a narrow spread, with all that must fit to it) later moves hardly find."""
    replicates: int = 4
    paths: int = 48
    """Paths of the war for each set, in proportion to the weeks that count beyond 52: so many that the
    estimated log likelihood has an error of 1 to 2, beyond which sets stay where their estimate was lucky."""
    step_days: int = 1
    draws: int = 1024
    """Draws that are kept."""
    seed: int = 1
    rounds: int = ROUNDS
    """Rounds at the posterior at least; three times as many at most, while R-hat is large or draws few, or
    fifteen times where a direction is levelled."""
    moves: int = 5
    """Moves in each round: with more of them fewer populations are kept that are less alike."""
    together: bool = False
    """Whether sets move together with a path each (`hamiltonian`), not by estimates."""

    @property
    def sets_before(self) -> int:
        """Sets in each replicate before all weeks count."""
        return self.sets * self.times_before


def usual_settings(
    scenario: Scenario,
    until: dt.date,
    *,
    weekly: bool = False,
    sets: int | None = None,
    paths: int | None = None,
    seed: int = 1,
) -> Settings:
    """Return settings that suit the weeks up to a day; what is given stands.

    Up to a year of figures many sets and few rounds agree soonest. Beyond it estimates are dear and let sets
    move by little: there they move together with a path each, and fewer sets forget the way in less time.
    """
    past = scenario.content.history
    weeks = 0 if past is None else (until - past.start).days // 7
    long = weeks > PATHS_FOR_WEEKS
    together = long and weekly
    each = sets if sets is not None else FEW_SETS if long else Settings.sets
    usual = LONG_PATHS if long else WEEKLY_PATHS if weekly else Settings.paths
    return Settings(
        sets=each,
        times_before=-(-SETS_BEFORE // each) if long else Settings.times_before,
        paths=usual if paths is None else paths,
        step_days=7 if weekly else 1,
        seed=seed,
        rounds=LONG_ROUNDS if long else ROUNDS,
        moves=TOGETHER_MOVES if together else LONG_MOVES if long else Settings.moves,
        together=together,
    )


def known_evidence(evidence: Evidence, until: dt.date, *, hindsight: bool) -> Evidence:
    """Return what a calibration may see."""
    return evidence if hindsight else evidence.known_by(until)


def history_and_figures(
    scenario: Scenario,
    evidence: Evidence,
    until: dt.date,
    *,
    hindsight: bool,
    step_days: int,
    layout: Layout | None = None,
) -> tuple[History, Observed]:
    """Return a war up to a day and the figures that weigh in a calibration to it.

    Raises:
        InputError: the scenario has no history, or the day lies outside it.
    """
    history = scenario.history(until, known_on=None if hindsight else until)
    known = known_evidence(evidence, until, hindsight=hindsight)
    return history, observe(known, history, step_days=step_days, layout=layout)


def calibrate(
    scenario: Scenario,
    evidence: Evidence,
    until: dt.date,
    *,
    hindsight: bool = False,
    settings: Settings | None = None,
    folder: Path | None = None,
    told: Told | None = None,
    save_to: Path | None = None,
    begin_at: Posterior | None = None,
) -> Posterior:
    """Return the posterior of a scenario's war on a day.

    Args:
        scenario: a scenario with a history.
        evidence: the observations; only those known on the day are read unless `hindsight`.
        until: the day, whole weeks after the history's start.
        hindsight: whether figures count that became known later (none of a later day ever does).
        settings: how hard to try.
        folder: where stages are kept; a calibration that finds its own goes on from there.
        told: is called with progress.
        save_to: file to write it to; the last stage is removed once it is there.
        begin_at: an earlier fit of the same posterior, one that failed or a coarser one: the rounds begin at
            its draws, each replicate at those of one chain, instead of at the end of the way from the prior.
            Where it holds its rounds, of the same steps, sets, moves and paths, they go on, and count.

    Raises:
        InputError: no history, a day outside it, or before the first or after the last figure; `begin_at` is
            of another posterior; or the file cannot be written.
    """
    settings = settings or Settings()
    say = told or (lambda line, share: None)
    history, observed = history_and_figures(
        scenario, evidence, until, hindsight=hindsight, step_days=settings.step_days
    )
    refuse_cut_off(evidence, history)
    course = Course(history, observed, settings)
    store = Store(folder, identity(scenario, observed, history, hindsight, settings, begin_at))
    stage = store.read()
    if stage is None and begin_at is None:
        stage = begin(course)
    elif stage is None:
        stage = begin_at_draws(course, begin_at, scenario, hindsight=hindsight)
        if may_be_levelled(stage, course):
            stage = levelled(stage, course)
    wanted, more = settings.rounds, max(1, int(MORE_OF_ROUNDS * settings.rounds))
    # What was interrupted is judged where it would have been.
    while wanted < len(stage.rounds) - stage.earlier:
        wanted += more
    while True:
        for stage in stages(course, stage, stage.earlier + wanted):  # noqa: B020
            store.write(stage)
            say(*course.says(stage, wanted))
        if may_be_levelled(stage, course):
            say(f"{what_is_remembered(stage.counted(settings), course.target(stage.block))}: levelled", 0.7)
            stage, wanted = levelled(stage, course), settings.rounds
            store.write(stage)
            continue
        wanted += more
        if wanted > (MOST_TIMES_LEVELLED if stage.levelled else MOST_TIMES) * settings.rounds:
            break
        lacking = what_lacks(stage, course)
        if not lacking:
            break
        say(f"{lacking}: {more} rounds more", 0.8)
    posterior = finish(scenario, course, stage, hindsight, begin_at)
    say(str(posterior.tree.attrs["why"]) or "passed", 1.0)
    if save_to is not None:
        posterior.save(save_to)
    store.clear()
    return posterior


def refuse_cut_off(evidence: Evidence, history: History) -> None:
    """Refuse a cut-off that the evidence does not reach.

    Raises:
        InputError: the day lies before the first figure of the war or after the last.
    """
    rows = evidence.observations
    rows = rows[
        rows["quantity"].isin(["personnel_losses", "area_controlled"])
        & rows["side"].isin(history.world.codes)
    ]
    if rows.empty:
        raise InputError(
            f"the evidence holds no losses and no area for {' or '.join(history.world.codes)}.",
            history.world.scenario,
            "import figures, or give the belligerents the codes that the evidence uses.",
        )
    first, last = rows["end"].min().date(), rows["end"].max().date()
    if not first <= history.until <= last:
        raise InputError(
            f"the evidence runs from {first} to {last}: it cannot say anything for {history.until}.",
            "--until",
            "choose a day between them.",
        )


class Course:
    """The way from the prior to the posterior: a likelihood of ever more weeks."""

    def __init__(self, history: History, observed: Observed, settings: Settings) -> None:
        self.history = history
        self.observed = observed
        self.settings = settings
        self.ends = block_ends(observed.weeks)
        """Weeks that count in each block."""
        self._targets: dict[int, Target] = {}
        self._ahead: Target | None = None
        self._density: PathDensity | None = None

    def target(self, block: int) -> Target:
        """Return the likelihood of a block."""
        weeks = self.ends[block]
        if block not in self._targets:
            self._targets[block] = Target(
                self.history.world,
                self.observed,
                paths=paths_for(weeks, self.settings.paths),
                step_days=self.settings.step_days,
                weeks=weeks,
            )
        return self._targets[block]

    def target_of(self, stage: Stage) -> Target:
        """Return the likelihood of a stage's block, estimated as it looks ahead."""
        plain = self.target(stage.block)
        if stage.worth is None:
            return plain
        # One for all moves: it knows which rows are silent.
        if self._ahead is None or self._ahead.weeks != plain.weeks or self._ahead.worth is not stage.worth:
            self._ahead = plain.by(stage.worth)
        return self._ahead

    def density(self, stage: Stage) -> PathDensity:
        """Return the density of sets and their paths in a stage's block, levelled where it is."""
        density = self.density_of(stage.block)
        return density if stage.tuning is None else density.levelled(stage.tuning.levelling)

    def density_of(self, block: int) -> PathDensity:
        """Return the density of sets and their paths in a block, compiled once."""
        if self._density is None or self._density.target is not self.target(block):
            self._density = PathDensity(self.target(block))
        return self._density

    def says(self, stage: Stage, rounds: int) -> tuple[str, float]:
        """Return where a stage stands, in words and as a share of the way, roughly."""
        if stage.rounds:
            done = len(stage.rounds) - stage.earlier
            after = f", after {stage.earlier} of the fit before" if stage.earlier else ""
            return f"round {done} of {rounds} at the posterior{after}", 0.7 + 0.25 * done / rounds
        day = self.history.start + dt.timedelta(days=7 * self.ends[stage.block])
        weight = f"figures to {day}, {100 * stage.population.power:.3g} % of their weight"
        return f"{weight}, {stage.shares()}", 0.7 * stage.share(self)


def block_ends(weeks: int) -> list[int]:
    """Return how many weeks count in each block.

    A few at a time: on the way the population is then what so much evidence says. Where many weeks weigh by
    a power of their likelihood instead, sets of large spreads fit best on the way, whatever the evidence,
    and the narrow ones must all come back at the end.
    """
    ends, end = [], 0
    while end < weeks:
        end = min(weeks, end + max(WEEKS_ADDED, end // WEEKS_FOR_ONE_MORE))
        ends.append(end)
    return ends


def paths_for(weeks: int, paths: int) -> int:
    """Return the paths for so many weeks, `MOST_PATHS` at most: an estimate's error grows with the weeks."""
    return max(paths, min(paths * weeks // PATHS_FOR_WEEKS, MOST_PATHS))


@dataclasses.dataclass(frozen=True)
class Stage:
    """How far a calibration has come."""

    population: Population
    block: int = -1
    """Block of weeks towards which the population goes; -1: still the prior."""
    number: int = 0
    rounds: tuple[npt.NDArray[np.float32], ...] = ()
    """z after each round at the posterior."""
    structures: tuple[npt.NDArray[np.int8], ...] = ()
    numbers: tuple[npt.NDArray[np.uint32], ...] = ()
    accepted: float = 0.0
    earlier: int = 0
    """How many of the rounds are those that an earlier fit counted."""
    tried: Float64 = dataclasses.field(default_factory=lambda: np.zeros(len(sampling.SHARES)))
    """Proposals at the posterior by the share of coordinates that they drew anew."""
    taken: Float64 = dataclasses.field(default_factory=lambda: np.zeros(len(sampling.SHARES)))
    """Those of them that were accepted."""
    worth: Lookahead | None = None
    """What states are worth for figures to come: learnt where all weeks count, by it estimates look ahead."""
    blind: int = 0
    """How many of the rounds have estimates from before it was learnt: those of an earlier fit."""
    chances: tuple[npt.NDArray[np.float32], ...] = ()
    """Where sets have a path each: the numbers of its channels `[W, H, T]`, on the way those of now, at the
    posterior those after each of the last rounds."""
    tuning: Tuning | None = None
    """By what they move together with it."""
    levellings: int = 0
    """How often a direction was levelled; rounds of an earlier fit that were levelled go on as they are."""

    @property
    def levelled(self) -> bool:
        """Whether a direction is levelled where sets move."""
        return self.tuning is not None and not self.tuning.levelling.flat

    def arrived(self, course: Course) -> bool:
        """Whether all weeks count in full."""
        return self.block == len(course.ends) - 1 and self.population.power == 1.0

    def settled(self, settings: Settings) -> slice:
        """Return which rounds count: all where those of an earlier fit go on, which had forgotten the way."""
        rounds = len(self.rounds)
        first = max(FORGOTTEN * min(rounds, 2 * settings.rounds), FORGOTTEN_OF_MANY * rounds)
        return slice(0 if self.earlier else int(first), None)

    def counted(self, settings: Settings) -> Kept:
        """Return the rounds that count, with axes `N` first."""
        parts = (np.stack(part) for part in (self.rounds, self.structures, self.numbers))
        tuning = self.tuning
        of_paths = (None, None) if tuning is None else (tuning.channels, tuning.levelling)
        return Kept(*parts, self.blind, self.worth, self.chances, *of_paths).of(self.settled(settings))

    def share(self, course: Course) -> float:
        """Return how much of the way lies behind, 0 to 1, roughly."""
        return float((self.block + self.population.power**0.3) / len(course.ends))

    def shares(self) -> str:
        """Return how the moves of the stage went, in words."""
        return f"{100 * self.accepted:.0f} % of moves accepted"


def _rng(settings: Settings, number: int) -> np.random.Generator:
    return np.random.default_rng([settings.seed, number])


def begin(course: Course) -> Stage:
    """Return sets drawn from the prior."""
    settings = course.settings
    rng = np.random.default_rng(settings.seed)
    return Stage(sampling.start(course.target(0), settings.sets_before, settings.replicates, rng))


# Beside a seed in place of the number of a stage: chance that no stage has.
_OF_NO_STAGE = 2**31


def begin_at_draws(course: Course, earlier: Posterior, scenario: Scenario, *, hindsight: bool) -> Stage:
    """Return sets at the draws of an earlier fit, where all weeks count.

    Where it holds its rounds, of the same steps, sets, moves and paths, the sets go on as the last of these
    left them, with the chances of their estimates, and the rounds count.

    Raises:
        CannotBeginError: it is not one of the same posterior, or its rounds are damaged.
    """
    settings, block = course.settings, len(course.ends) - 1
    target, rng = course.target(block), np.random.default_rng([settings.seed, _OF_NO_STAGE])
    draws = draws_to_begin_at(
        earlier,
        scenario,
        course.history,
        target,
        hindsight=hindsight,
        sets=settings.sets,
        replicates=settings.replicates,
        rng=rng,
    )
    total = settings.sets * settings.replicates
    kept = kept_rounds(
        earlier, target, total, settings.moves, settings.paths, rng, together=settings.together
    )
    if kept is None:
        z, structure, numbers = *draws, sampling.draw_numbers(total, rng)
    else:
        z, structure, numbers = kept.z[-1], kept.structure[-1], kept.numbers[-1]
        target = target.by(kept.worth)
    rounds = 0 if kept is None else len(kept.z)
    return Stage(
        Population(
            z,
            structure,
            numbers,
            np.zeros(total, np.float32),
            target.log_likelihood(z, structure, numbers),
            1.0,
            settings.replicates,
            # No way was gone that would tell.
            np.full(settings.replicates, np.nan),
            np.arange(total, dtype=np.int32),
        ),
        block,
        # Chances that no stage of the earlier fit had.
        number=int(earlier.name[-8:], 16),
        rounds=() if kept is None else tuple(kept.z),
        structures=() if kept is None else tuple(kept.structure),
        numbers=() if kept is None else tuple(kept.numbers),
        earlier=rounds,
        worth=None if kept is None else kept.worth,
        blind=0 if kept is None else kept.blind,
        chances=() if kept is None else kept.chances,
        tuning=None if kept is None else _tuning_kept(kept),
        levellings=0 if kept is None or kept.weights is None else MOST_LEVELLINGS,
    )


def _tuning_kept(kept: Kept) -> Tuning | None:
    """Return what an earlier fit says of how sets move with their paths."""
    if kept.channels is None or kept.levelling is None:
        return None
    return untuned(kept.channels, kept.z.shape[1])._replace(levelling=kept.levelling)


def stages(course: Course, stage: Stage, rounds: int, *, ahead: bool = True) -> Iterator[Stage]:
    """Go on until so many rounds are done at the posterior; each stage on the way, if any is left.

    Args:
        course: the likelihoods.
        stage: where it stands.
        rounds: rounds at the posterior, those of an earlier fit among them.
        ahead: whether estimates look ahead there.
    """
    together = course.settings.together
    while not stage.arrived(course):
        stage = (next_stage_together if together else next_stage)(stage, course)
        yield stage
    if together and len(stage.rounds) < rounds and not stage.chances:
        stage = give_paths(stage, course)
    elif ahead and not together and len(stage.rounds) < rounds and stage.worth is None:
        stage = look_ahead(stage, course)
    while len(stage.rounds) < rounds:
        stage = (next_round_together if together else next_round)(stage, course)
        yield stage


def next_stage(stage: Stage, course: Course) -> Stage:
    """Go on along the way: as far as the weights can, then moves."""
    settings, number = course.settings, stage.number + 1
    rng = _rng(settings, number)
    population, block = stage.population, stage.block
    if population.power == 1.0:
        block += 1
        population = sampling.towards(population, course.target(block), number)
    population = sampling.step_forward(population, LEAST_EFFECTIVE, rng)
    old = course.target(block - 1) if block else None
    acceptance = sampling.Acceptance()
    for _ in range(MOVES_A_STAGE):
        population = sampling.move(population, old, course.target(block), rng, acceptance)
    stage = dataclasses.replace(
        stage, population=population, block=block, number=number, accepted=acceptance.share()
    )
    if not stage.arrived(course):
        return stage
    return dataclasses.replace(stage, population=sampling.thinned(population, settings.sets, rng))


def next_stage_together(stage: Stage, course: Course) -> Stage:
    """Go on along the way with a path of each set: as far as the weights can, then moves.

    The numbers of new weeks are drawn from the prior, which the figures of these weeks guide. What moves go
    by is learnt at each stage from the sets themselves, as long as the way goes.
    """
    settings, number = course.settings, stage.number + 1
    rng, population = _rng(settings, number), stage.population
    sets_out = population.power == 1.0
    block = stage.block + sets_out
    before = course.ends[block - 1] if block else 0
    density = course.density_of(block)
    chances = rng.standard_normal((density.weeks, density.channels, population.size)).astype(np.float32)
    if stage.tuning is not None:
        known = stage.chances[-1]
        chances[: len(known), stage.tuning.channels] = known
    if sets_out:
        new = density.log_weight(population.z, population.structure, chances)
        old = np.zeros_like(population.new) if block == 0 else population.new
        population = dataclasses.replace(population, old=old, new=new.astype(np.float32), power=0.0)
    # Whose path each set takes.
    population = dataclasses.replace(population, numbers=np.arange(population.size, dtype=np.uint32))
    population = sampling.step_forward(population, LEAST_EFFECTIVE, rng)
    walkers = Walkers(population.z, population.structure, chances[..., population.numbers])
    bridge = density.bridge(before, population.power)
    channels = heard_channels(walkers, density, rng)
    been, went = [walkers], []
    for _ in range(TOGETHER_STAGE_MOVES):
        tuning = tuned(been[-2:], bridge, channels)
        walkers, how = move(walkers, bridge, tuning, rng)
        been.append(walkers)
        went.append(how.accepted)
    old, new = (density.bridge(before, power).log_weight(*walkers) for power in (0.0, 1.0))
    population = dataclasses.replace(
        population,
        z=walkers.z,
        structure=walkers.structure,
        old=old.astype(np.float32),
        new=new.astype(np.float32),
        numbers=np.arange(population.size, dtype=np.uint32),
    )
    stage = dataclasses.replace(
        stage,
        population=population,
        block=block,
        number=number,
        accepted=float(np.mean(went)),
        chances=(walkers.chances[:, channels],),
        tuning=tuning,
    )
    if not stage.arrived(course):
        return stage
    population = sampling.thinned(population, settings.sets, rng)
    return dataclasses.replace(
        stage,
        population=population,
        chances=(stage.chances[0][..., population.numbers],),
        rounds=(population.z,),
        structures=(population.structure,),
        numbers=(population.numbers,),
    )


def look_ahead(stage: Stage, course: Course) -> Stage:
    """Learn what states are worth for figures to come, and estimate the likelihood of each set anew by it.

    Of some new estimates of a set one is drawn by its weight, so that it is distributed nearly as where the
    chain is at rest, and sets are not given up too easily at first: the likelihood stays the same, and only
    how it is estimated has changed.
    """
    population, target = stage.population, course.target(stage.block)
    size, rng = population.size, np.random.default_rng([course.settings.seed, stage.number, _OF_NO_STAGE])
    watched = min(size, SETS_WATCHED, max(1, PATHS_WATCHED // target.paths))
    some = np.linspace(0, size - 1, watched).astype(int)
    numbers = sampling.draw_numbers(some.size, rng)
    worth = target.look_ahead(population.z[:, some], population.structure[:, some], numbers)
    sets = population.z, population.structure
    tries = [sampling.draw_numbers(size, rng) for _ in range(ESTIMATES_ANEW)]
    found = np.stack([target.by(worth).log_likelihood(*sets, one) for one in tries])
    drawn = one_by_weight(found, rng), np.arange(size)
    population = dataclasses.replace(population, numbers=np.stack(tries)[drawn], new=found[drawn])
    return dataclasses.replace(stage, population=population, worth=worth, blind=len(stage.rounds))


def give_paths(stage: Stage, course: Course) -> Stage:
    """Give each set a path, and learn by what they move together.

    The sets are the first of the rounds: they are forgotten with the way.
    """
    population, density = stage.population, course.density(stage)
    been = _walkers(stage, course)
    channels = heard_channels(been[0], density, np.random.default_rng([course.settings.seed, 17]))
    return dataclasses.replace(
        stage,
        rounds=(*stage.rounds, population.z),
        structures=(*stage.structures, population.structure),
        numbers=(*stage.numbers, population.numbers),
        chances=(been[0].chances[:, channels],),
        tuning=tuned(been, density, channels),
    )


def may_be_levelled(stage: Stage, course: Course) -> bool:
    """Say whether sets with paths remember where they were, and nothing has been levelled, or long ago."""
    if stage.tuning is None or not stage.rounds or stage.levellings >= MOST_LEVELLINGS:
        return False
    if stage.levelled and len(stage.rounds) < LEVELLED_AGAIN * course.settings.rounds:
        return False
    return bool(what_is_remembered(stage.counted(course.settings), course.target(stage.block)))


def levelled(stage: Stage, course: Course) -> Stage:
    """Level what the rounds that count remember most, and begin to count anew.

    What was levelled before is levelled no longer, and weighs in what is known of the density now. The sets
    are the first of the rounds: they are forgotten with the way.
    """
    tuning, population, counted = stage.tuning, stage.population, stage.counted(course.settings)
    assert tuning is not None
    rows, lag = heard_rows(course.target(stage.block)), len(counted.z) // 2
    level = levelling.learnt(counted.z, rows, lag, counted.weights)
    # Of a fit that goes on only the last paths are kept.
    been = _walkers(stage, course) if len(stage.chances) == 1 else _have_been(stage, course, LEARNT_AGAIN)
    return dataclasses.replace(
        stage,
        rounds=(population.z,),
        structures=(population.structure,),
        numbers=(population.numbers,),
        chances=stage.chances[-1:],
        tuning=tuned(been, course.density(stage).levelled(level), tuning.channels, counted.z),
        earlier=0,
        blind=0,
        levellings=stage.levellings + 1,
    )


def _walkers(stage: Stage, course: Course) -> list[Walkers]:
    """Return the sets with a path each, drawn by its weight among those of an estimate, some times over."""
    population, density = stage.population, course.density(stage)
    rng = np.random.default_rng([course.settings.seed, stage.number, _OF_NO_STAGE])
    sets = population.z, population.structure
    tries = [sampling.draw_numbers(population.size, rng) for _ in range(PATHS_AT_FIRST)]
    found = []
    for one in tries:
        wars = density.target.paths_of(*sets, one)[1].wars
        assert wars is not None
        found.append(Walkers(*sets, density.chances_of(wars)))
    return found


def _have_been(stage: Stage, course: Course, most: int) -> list[Walkers]:
    """Return the sets with their paths after each of the last rounds of which these are known."""
    tuning, density = stage.tuning, course.density(stage)
    assert tuning is not None
    number, rng = min(most, len(stage.chances)), np.random.default_rng([course.settings.seed, 19])
    of_rounds = zip(
        *(part[-number:] for part in (stage.rounds, stage.structures, stage.chances)), strict=True
    )
    return [Walkers(*sets, density.completed(some, tuning.channels, rng)) for *sets, some in of_rounds]


def next_round_together(stage: Stage, course: Course) -> Stage:
    """Move sets together with their paths, and keep the population and its paths."""
    number, density, population = stage.number + 1, course.density(stage), stage.population
    rng = _rng(course.settings, number)
    tuning, walked = stage.tuning, len(stage.chances)
    assert tuning is not None
    if tuning.rows.size == 0:
        # Of a fit that goes on the paths are kept, and not what was learnt.
        tuning = tuned(_walkers(stage, course), density, tuning.channels, stage.rounds)
    elif walked == LEARNT_AGAIN and not stage.earlier:
        # These rounds will be forgotten; where all count, what moves go by stays as it is.
        tuning = tuned(_have_been(stage, course, walked), density, tuning.channels)
    first = density.completed(stage.chances[-1], tuning.channels, rng)
    walkers, went = Walkers(population.z, population.structure, first), []
    for _ in range(course.settings.moves):
        walkers, how = move(walkers, density, tuning, rng)
        went.append(how.accepted)
    return dataclasses.replace(
        stage,
        population=dataclasses.replace(population, z=walkers.z, structure=walkers.structure),
        number=number,
        rounds=(*stage.rounds, walkers.z),
        structures=(*stage.structures, walkers.structure),
        numbers=(*stage.numbers, population.numbers),
        chances=(*stage.chances, walkers.chances[:, tuning.channels]),
        tuning=tuning,
        accepted=float(np.mean(went)),
    )


def one_by_weight(log_weight: npt.NDArray[np.floating], rng: np.random.Generator) -> npt.NDArray[np.intp]:
    """Return which of each column's rows is drawn by its weight, `[T]`, from `[K, T]`."""
    # The largest of logs with Gumbel numbers added (Gumbel 1954).
    return np.asarray(np.argmax(log_weight + rng.gumbel(size=log_weight.shape), axis=0))


def learnt(rounds: int) -> slice:
    """Return of which of so many rounds proposals learn: some of the later half, as far apart as it allows.

    The earlier half still knows the way.
    """
    first = rounds // 2
    return slice(first, None, max(1, -(-(rounds - first) // ROUNDS_LEARNT)))


def next_round(stage: Stage, course: Course) -> Stage:
    """Move at the posterior and keep the population."""
    number = stage.number + 1
    rng = _rng(course.settings, number)
    population = stage.population
    acceptance = sampling.Acceptance(chances=sampling.Acceptance(stage.tried, stage.taken).learnt())
    past = learnt(len(stage.rounds))
    earlier = sampling.Earlier(stage.rounds[past], stage.structures[past])
    target = course.target_of(stage)
    for _ in range(course.settings.moves):
        population = sampling.move(population, None, target, rng, acceptance, earlier)
    return dataclasses.replace(
        stage,
        population=population,
        number=number,
        rounds=(*stage.rounds, population.z),
        structures=(*stage.structures, population.structure),
        numbers=(*stage.numbers, population.numbers),
        accepted=acceptance.share(),
        tried=stage.tried + acceptance.tried,
        taken=stage.taken + acceptance.taken,
    )


def what_lacks(stage: Stage, course: Course) -> str:
    """Return in words what more rounds may mend: R-hat of rows and rival equations, draws; or nothing."""
    replicates, target = stage.population.replicates, course.target(stage.block)
    free = target.transform.free
    counted = stage.counted(course.settings)
    rounds, structures = counted.z, counted.structure
    rhat, ess = diagnosing.agreement(rounds[:, free], replicates, ~target.silent[free], counted.weights)
    of_structures = diagnosing.structure_rows(structures, replicates, counted.weights)
    worst = max(float(rhat.max()), *(float(row["rhat"]) for row in of_structures))
    if worst > diagnosing.LARGEST_RHAT:
        return f"R-hat {worst:.3f}"
    if ess.min() < diagnosing.LEAST_ESS:
        return f"{ess.min():.0f} effective draws"
    return what_is_remembered(counted, target)


def what_is_remembered(counted: Kept, target: Target) -> str:
    """Return in words which row still knows what it was half of the rounds before, or nothing.

    Fits up to a year are not asked: simulation-based calibration judges such as they are.
    """
    rows = np.flatnonzero(target.transform.free & ~target.silent)
    if target.weeks <= PATHS_FOR_WEEKS or len(counted.z) < 2:
        return ""
    lag = len(counted.z) // 2
    found = diagnosing.remembered(counted.z[:, rows], lag)
    worst = int(np.argmax(found))
    if found[worst] <= MOST_REMEMBERED:
        return ""
    name = diagnosing.row_names(target)[rows[worst]]
    return f"'{name}' has a correlation of {found[worst]:.2f} with what it was {lag} rounds before"


def month_ends(history: History) -> list[dt.date]:
    """Return the ends of the calendar months from the history's start to its cut-off, and both these days."""
    ends = pd.date_range(history.start, history.until, freq="ME").date
    return sorted({history.start, *ends, history.until})


def finish(
    scenario: Scenario, course: Course, stage: Stage, hindsight: bool, begun_at: Posterior | None = None
) -> Posterior:
    """Return the posterior of a population that has reached it."""
    history, observed, settings = course.history, course.observed, course.settings
    target, population = course.target(stage.block), stage.population
    replicates = population.replicates
    counted = stage.counted(settings)
    judged = pick(counted, replicates, DRAWS_JUDGED * (settings.draws // replicates), settings.seed)
    if settings.together:
        log_likelihood, paths = None, paths_as_walked(stage, course, judged)
    else:
        log_likelihood, paths = paths_as_estimated(target, judged, stage.worth)
    diagnostics = diagnosing.diagnose(target, counted, replicates, paths.state, settings.seed)
    why = "; ".join(filter(None, [diagnosing.judge(diagnostics), what_is_remembered(counted, target)]))
    # They were drawn in no order: every fourth is as good as any.
    picked, log_likelihood, paths = jax.tree.map(
        lambda values: values[..., ::DRAWS_JUDGED], (judged, log_likelihood, paths)
    )
    if log_likelihood is None:
        log_likelihood = target.log_likelihood(picked.z, picked.structure, picked.numbers)
    parameters, reporting = (np.asarray(values) for values in target.values(picked.z))
    months = month_ends(history)
    weekly = np.arange(1, observed.weeks + 1) * 7.0
    start = _first_quantities(paths.quantities, target, picked.z)
    series = np.concatenate([start[None], paths.quantities[: observed.weeks, :4]])
    days = np.array([(month - history.start).days for month in months], dtype=float)
    at = _on_days(series, np.concatenate([[0.0], weekly]), days)
    shown = at.reshape(len(months), 2, 2, -1).astype(np.float32)
    posterior = make_posterior(
        parameters=parameters,
        reporting=reporting,
        reporting_names=[parameter.name for parameter in observed.parameters],
        structure=picked.structure,
        state=paths.state,
        months=months,
        path=shown,
        log_likelihood=log_likelihood,
        chains=replicates,
        diagnostics=diagnostics,
        rows=observed.rows,
        sides=history.world.sides,
        fronts=history.world.fronts,
        attrs={
            "scenario": scenario.name,
            "scenario_sha256": scenario.calibrated_sha256,
            "history_start": str(history.start),
            "until": str(history.until),
            "hindsight": int(hindsight),
            "model_fingerprint": model_fingerprint(scenario.fitted_mechanisms),
            "mechanisms": sorted(scenario.fitted_mechanisms) or [""],
            "version": ceasefire.__version__,
            "passed": int(not why),
            "why": why,
            "notes": list(observed.notes) or [""],
            "terms": [json.dumps(dataclasses.asdict(term), default=str) for term in observed.terms] or [""],
            "settings": json.dumps(dataclasses.asdict(settings)),
            "log_evidence": [float(value) for value in population.log_evidence],
            "begun_at": "" if begun_at is None else described(begun_at),
        },
    )
    keep_figures(posterior, observed)
    if why:
        keep_rounds(posterior, counted, target)
    return posterior


class Picked(NamedTuple):
    """Draws to keep, replicates side by side: `[D, n]`, `[K, n]`, `[n]`."""

    z: npt.NDArray[np.float32]
    structure: npt.NDArray[np.int8]
    numbers: npt.NDArray[np.uint32]
    blind: npt.NDArray[np.bool_]
    """Whether the estimate did not look ahead."""
    chances: npt.NDArray[np.float32] | None = None
    """Numbers of the path of each set, `[W, H, n]`, where it has one."""


def paths_as_estimated(
    target: Target, picked: Picked, worth: Lookahead | None
) -> tuple[npt.NDArray[np.float32], Paths]:
    """Return the log likelihood and one path of each draw, by the paths that its estimate was made of."""
    parts = [np.flatnonzero(picked.blind == is_blind) for is_blind in (True, False)]
    found = [
        target.by(None if is_blind else worth).paths_of(
            picked.z[:, part], picked.structure[:, part], picked.numbers[part]
        )
        for is_blind, part in zip((True, False), parts, strict=True)
        if part.size
    ]
    back = np.argsort(np.concatenate(parts))
    together: tuple[npt.NDArray[np.float32], Paths] = jax.tree.map(
        lambda *both: np.concatenate(both, axis=-1)[..., back], *found
    )
    return together


def paths_as_walked(stage: Stage, course: Course, picked: Picked) -> Paths:
    """Return the path that each set has of its own."""
    density, rng = course.density(stage), np.random.default_rng([course.settings.seed, 13])
    assert stage.tuning is not None
    assert picked.chances is not None
    chances = density.completed(picked.chances, stage.tuning.channels, rng)
    return density.walk(picked.z, picked.structure, chances)


def pick(counted: Kept, replicates: int, keep: int, seed: int) -> Picked:
    """Draw `keep` sets of each replicate from the rounds that count, each once where there are enough.

    Where sets have paths, from those rounds of which they are known.
    """
    if counted.channels is not None:
        counted = counted.of(slice(len(counted.z) - len(counted.chances), None))
    rounds, structures, numbers = counted[:3]
    each = rounds.shape[2] // replicates
    rng = np.random.default_rng([seed, 7])
    when, who = [], []
    for replicate in range(replicates):
        pool = len(rounds) * each
        if counted.weights is None:
            chosen = rng.choice(pool, keep, replace=keep > pool)
        else:
            of_replicate = counted.weights[:, replicate * each : (replicate + 1) * each].ravel()
            chosen = _by_weight(of_replicate, keep, rng)
        when.append(chosen // each)
        who.append(chosen % each + replicate * each)
    at, of = np.concatenate(when), np.concatenate(who)
    chances = None
    if counted.channels is not None:
        chances = np.stack([counted.chances[a][..., b] for a, b in zip(at, of, strict=True)], axis=-1)
    blind = at < counted.blind
    return Picked(rounds[at, :, of].T, structures[at, :, of].T, numbers[at, of], blind, chances)


def _by_weight(weights: Float64, keep: int, rng: np.random.Generator) -> npt.NDArray[np.intp]:
    """Return so many numbers of draws, each as often as its weight wants to within one, in no order."""
    order = rng.permutation(weights.size)
    ends = np.cumsum(weights[order] / weights.sum())
    places = (rng.random() + np.arange(keep)) / keep
    found = order[np.minimum(np.searchsorted(ends, places, side="right"), weights.size - 1)]
    return np.asarray(rng.permutation(found))


def _first_quantities(
    quantities: npt.NDArray[np.float32], target: Target, z: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    """Return killed, killed and wounded of both sides on the history's first morning, `[4, n]`."""
    parameters, reporting = (np.asarray(values) for values in target.values(z))
    before = reporting[np.asarray(target.observed.data.before)]
    captured = parameters[REGISTRY.rows["captured_share"]] * before
    killed = parameters[REGISTRY.rows["killed_share"]] * (before - captured)
    return np.concatenate([killed, before - captured])


def _on_days(series: npt.NDArray[np.floating], at: Float64, days: Float64) -> Float64:
    """Interpolate `[W + 1, Q, n]` given on days `at` by straight lines."""
    index = np.clip(np.searchsorted(at, days, side="right") - 1, 0, len(at) - 2)
    part = ((days - at[index]) / (at[index + 1] - at[index]))[:, None, None]
    found: Float64 = (1.0 - part) * series[index] + part * series[index + 1]
    return found


def identity(
    scenario: Scenario,
    observed: Observed,
    history: History,
    hindsight: bool,
    settings: Settings,
    begin_at: Posterior | None = None,
) -> str:
    """Return a hash of all that a calibration under way depends on, its own code included."""
    digest = hashlib.sha256()
    digest.update(
        repr(
            (
                scenario.calibrated_sha256,
                model_fingerprint(scenario.fitted_mechanisms),
                code.source_hash(*code.FIT),
                str(history.until),
                hindsight,
                settings,
                observed.parameters,
                "" if begin_at is None else begin_at.name,
            )
        ).encode()
    )
    for part in observed.data:
        digest.update(np.ascontiguousarray(part).tobytes())
    return digest.hexdigest()[:16]


_SHAPES: dict[str, tuple[str, str]] = {
    "z": ("f4", "DT"),
    "structure": ("i1", "KT"),
    "numbers": ("u4", "T"),
    "old": ("f4", "T"),
    "new": ("f4", "T"),
    "log_evidence": ("f8", "R"),
    "line": ("i4", "T"),
    "rounds": ("f4", "NDT"),
    "structures": ("i1", "NKT"),
    "all_numbers": ("u4", "NT"),
    "power": ("f8", ""),
    "replicates": ("i8", ""),
    "block": ("i8", ""),
    "number": ("i8", ""),
    "earlier": ("i8", ""),
    "tried": ("f8", "S"),
    "taken": ("f8", "S"),
    "worth": ("f4", "LWF"),
    "blind": ("i8", ""),
    "round_chances": ("f4", "PXHT"),
    "tuning_rows": ("i4", "M"),
    "tuning_channels": ("i4", "H"),
    "tuning_directions": ("f4", "QB"),
    "tuning_curvature": ("f4", "B"),
    "tuning_means": ("f4", "CD"),
    "tuning_lines": ("f4", "ME"),
    "tuning_odds": ("f8", "E"),
    "levellings": ("i8", ""),
    "level_direction": ("f4", "D"),
    "level_knots": ("f8", "J"),
    "level_heights": ("f8", "J"),
}
"""What a stage on disk holds: its kind, and its axes, each of one length wherever it stands."""


def lengths_of(
    stored: Mapping[str, npt.NDArray[Any]], shapes: Mapping[str, tuple[str, str]]
) -> dict[str, int] | None:
    """Return how long each axis of arrays is, or None where they are not those of some shapes.

    Args:
        stored: arrays by name.
        shapes: the kind of each array, and its axes by letters, each of one length wherever it stands; what
            is by rounds (`N`) may be empty.
    """
    lengths: dict[str, int] = {}
    for name, (kind, axes) in shapes.items():
        found = stored.get(name)
        if found is None or found.dtype != np.dtype(kind):
            return None
        if axes[:1] == "N" and found.shape == (0,):
            found = np.zeros((0, *(lengths[axis] for axis in axes[1:])))
        if found.ndim != len(axes):
            return None
        if any(lengths.setdefault(axis, size) != size for axis, size in zip(axes, found.shape, strict=True)):
            return None
    return lengths


def _is_stage(stored: Mapping[str, npt.NDArray[Any]]) -> bool:
    """Say whether arrays are those of a stage, and fit together."""
    lengths = lengths_of(stored, _SHAPES)
    if lengths is None:
        return False
    replicates = int(stored["replicates"])
    return (
        lengths["T"] > 0
        and replicates == lengths["R"] > 0
        and lengths["T"] % replicates == 0
        and 0.0 <= float(stored["power"]) <= 1.0
        and int(stored["block"]) >= -1
        and int(stored["number"]) >= 0
        and 0 <= int(stored["earlier"]) <= lengths.get("N", 0)
        and 0 <= int(stored["blind"]) <= lengths.get("N", 0)
        and lengths["L"] in (0, len(Lookahead._fields))
        and bool(np.isfinite(stored["worth"]).all() and (stored["worth"][1:2] >= 0.0).all())
        and lengths["S"] == len(sampling.SHARES)
        and bool(np.isfinite(stored["tried"]).all() and (stored["tried"] >= stored["taken"]).all())
        and bool((stored["taken"] >= 0.0).all())
        and 0 <= lengths["P"] <= max(lengths.get("N", 0), 1)
        and _is_tuning(stored, lengths)
        and bool(np.isfinite(stored["z"]).all() and np.isfinite(stored["rounds"]).all())
    )


def _is_tuning(stored: Mapping[str, npt.NDArray[Any]], lengths: Mapping[str, int]) -> bool:
    """Say whether what sets move by together with their paths fits to them, where they have any."""
    rows, channels, means = (stored[f"tuning_{name}"] for name in ("rows", "channels", "means"))
    if lengths["P"] == 0:
        return lengths["H"] == lengths["M"] == 0
    return (
        lengths["M"] > 0
        and lengths["Q"] == lengths["M"] + lengths["X"] * lengths["H"]
        and set(rows.tolist()) <= set(range(lengths["D"]))
        and bool((channels >= 0).all() and (stored["tuning_curvature"] > 0.0).all())
        and len(means) == sum(len(alternative.choices) for alternative in STRUCTURES)
        and bool((stored["tuning_odds"] >= 0.0).all())
        and (lengths["E"] == 0 or bool(np.isclose(stored["tuning_odds"].sum(), 1.0)))
        and all(
            np.isfinite(stored[name]).all()
            for name in ("round_chances", "tuning_directions", "tuning_means", "tuning_lines")
        )
        and all(np.isfinite(stored[f"level_{name}"]).all() for name in Levelling._fields)
        and lengths["J"] != 1
        and bool((np.diff(stored["level_knots"]) > 0.0).all())
    )


def _stage(stored: Mapping[str, npt.NDArray[Any]]) -> Stage:
    population = Population(
        stored["z"],
        stored["structure"],
        stored["numbers"],
        stored["old"],
        stored["new"],
        float(stored["power"]),
        int(stored["replicates"]),
        stored["log_evidence"],
        stored["line"],
    )
    return Stage(
        population,
        int(stored["block"]),
        int(stored["number"]),
        tuple(stored["rounds"]),
        tuple(stored["structures"]),
        tuple(stored["all_numbers"]),
        earlier=int(stored["earlier"]),
        tried=stored["tried"],
        taken=stored["taken"],
        worth=Lookahead(*stored["worth"]) if len(stored["worth"]) else None,
        blind=int(stored["blind"]),
        chances=tuple(stored["round_chances"]),
        tuning=_tuning(stored) if stored["tuning_rows"].size else None,
        levellings=int(stored["levellings"]),
    )


def _tuning(stored: Mapping[str, npt.NDArray[Any]]) -> Tuning:
    rows, channels, directions, curvature, means, lines, odds = (
        stored[f"tuning_{name}"]
        for name in ("rows", "channels", "directions", "curvature", "means", "lines", "odds")
    )
    level = Levelling(*(stored[f"level_{name}"] for name in Levelling._fields))
    return Tuning(rows, channels, Metric(directions, curvature), means, lines, odds, level)


class Store:
    """Stages of one calibration on disk."""

    def __init__(self, folder: Path | None, name: str) -> None:
        self.path = None if folder is None else folder / f"calibration-{name}.npz"

    def read(self) -> Stage | None:
        """Return the last stage, or None where there is none or it cannot be read."""
        stored = None if self.path is None else read_arrays(self.path)
        return None if stored is None or not _is_stage(stored) else _stage(stored)

    def write(self, stage: Stage) -> None:
        """Write a stage, whole or not at all."""
        if self.path is None:
            return
        population, tuning = (
            stage.population,
            stage.tuning or untuned(np.zeros(0, np.int32), len(stage.population.z)),
        )
        weeks = stage.chances[0].shape[0] if stage.chances else 0
        of_paths = np.asarray(stage.chances, np.float32).reshape(
            len(stage.chances), weeks, tuning.channels.size, population.size
        )
        buffer = io.BytesIO()
        np.savez(
            buffer,
            z=population.z,
            structure=population.structure,
            numbers=population.numbers,
            old=population.old,
            new=population.new,
            power=population.power,
            replicates=population.replicates,
            log_evidence=population.log_evidence,
            line=population.line,
            block=stage.block,
            number=stage.number,
            earlier=stage.earlier,
            tried=stage.tried,
            taken=stage.taken,
            worth=np.zeros((0, 0, 0), np.float32) if stage.worth is None else np.stack(stage.worth),
            blind=stage.blind,
            rounds=np.asarray(stage.rounds, np.float32),
            structures=np.asarray(stage.structures, np.int8),
            all_numbers=np.asarray(stage.numbers, np.uint32),
            round_chances=of_paths,
            tuning_rows=tuning.rows,
            tuning_channels=tuning.channels,
            tuning_directions=tuning.metric.directions,
            tuning_curvature=tuning.metric.curvature,
            tuning_means=tuning.means,
            tuning_lines=tuning.lines,
            tuning_odds=tuning.odds,
            levellings=stage.levellings,
            **{f"level_{name}": part for name, part in tuning.levelling._asdict().items()},
        )
        write_atomically(self.path, buffer.getvalue())

    def clear(self) -> None:
        """Remove what was kept."""
        if self.path is not None:
            self.path.unlink(missing_ok=True)
