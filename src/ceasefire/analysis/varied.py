"""Wars of a question in which the terms of its truce vary too, to find what flips the answer.

Terms are drawn by a Latin hypercube (McKay, Beckman and Conover 1979), one setting for forty wars; each
war is run under the truce of its setting and under the other policy, with the same parameters and chances.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import qmc

from ceasefire.analysis.columns import columns_of, described
from ceasefire.analysis.compare import OUTCOMES, kept_for
from ceasefire.analysis.discovery import Column
from ceasefire.analysis.questions import ASKED, Asked, the_supplied
from ceasefire.analysis.shares import FloatArray
from ceasefire.engine import Start, check_draws, run
from ceasefire.engine.results import Leg, Progress, run_in_turn
from ceasefire.files import InputError, suggest
from ceasefire.scenario import Plan, Scenario, shortened, shortened_plan, with_policy
from ceasefire.scenario.schema import Policy

WARS_OF_A_SETTING = 40
PER_CENT = "% of what it is without one"


class Term(NamedTuple):
    """Something that can be agreed of a truce."""

    meaning: str
    unit: str
    low: float
    high: float
    of_side: bool = False


TERMS: Mapping[str, Term] = MappingProxyType(
    {
        "days": Term("length of the truce", "days", 28.0, 364.0),
        "monitored": Term("monitoring of the truce", "", 0.0, 1.0),
        "aid": Term("arms sent from abroad in the truce", PER_CENT, 0.0, 2.0),
        "recruitment": Term("recruitment{of} in the truce", PER_CENT, 0.0, 2.0, of_side=True),
        "production": Term("output of the war industry{of} in the truce", PER_CENT, 0.0, 2.0, of_side=True),
    }
)
"""What varies, each from low to high; see `vary`."""


def number_that_vary(terms: Sequence[str]) -> int:
    """Return in how many columns wars differ where some terms vary: those of a side in one for each."""
    return sum(2 if TERMS[name].of_side else 1 for name in dict.fromkeys(terms) if name in TERMS)


@dataclasses.dataclass(frozen=True)
class Varied:
    """Wars that differ in the terms of a truce and in all that is not known of the war."""

    asked: Asked
    columns: tuple[Column, ...]
    """What the wars differ in: first the terms, then parameters, stocks and rival equations."""
    labels: Mapping[str, str]
    """What each column is, in words, by its name."""
    groups: tuple[str, ...]
    """Of each column: term, learnt, assumed or structure."""
    values: FloatArray
    """`[C, N]`."""
    difference: FloatArray
    """The outcome under the truce less that under the other policy, on the last day, `[N]`."""
    draws: npt.NDArray[np.int64]
    """The posterior's draw of each war, `[N]`."""
    setting: npt.NDArray[np.int64] | None
    """Which setting of the terms each war has, `[N]` from 0; None where no term varies."""
    failed: int
    """Wars that could not be computed and are left out."""
    seed: int


def vary(
    asked: Asked,
    scenario: Scenario,
    *,
    terms: Sequence[str] = tuple(TERMS),
    wars: int = 50_000,
    seed: int = 1,
    start: Start | None = None,
    learnt: pd.DataFrame | None = None,
    progress: Progress | None = None,
) -> Varied:
    """Run the wars of a question with some terms of its truce varied.

    Args:
        asked: the question, filled; a term that does not vary is as it says.
        scenario: the war that it is about.
        terms: names of `TERMS`.
        wars: number of wars, each run under the truce of its setting and under the other policy.
        seed: seed of the settings, the draws and chance.
        start: draws of wars that have been going on; the priors where not given.
        learnt: what the evidence taught of them, as `Posterior.contraction` tells it.
        progress: called with the wars done and the wars in all, both policies together.

    Raises:
        InputError: an unknown term, or too few or too many wars.
    """
    for name in terms:
        if name not in TERMS:
            raise InputError(f"'{name}' is no term of a truce.", "terms", suggest(name, TERMS))
    check_draws(wars, seed)
    question, last = asked.question, scenario.end
    sides = scenario.sides
    names = [
        (name, side) for name in dict.fromkeys(terms) for side in (sides if TERMS[name].of_side else (None,))
    ]
    # Settings are drawn for the initiator first, so that the order of the sides in the file is nothing.
    streams = dict(zip(sides, scenario.world().streams, strict=True))
    drawn_as = sorted(
        range(len(names)), key=lambda place: (names[place][0], streams.get(names[place][1] or "", 0))
    )
    settings = np.empty((len(names), max(wars // WARS_OF_A_SETTING, 1)))
    settings[drawn_as] = _settings(
        [names[place] for place in drawn_as], asked, settings.shape[1], (last - asked.start).days, seed
    )
    world = shortened(scenario.world(), (asked.last_day - scenario.start).days)
    kept = kept_for([question.outcome])
    against = shortened_plan(scenario.plan(question.against), world.days)
    told = None if progress is None else lambda done, total: progress(done, 2 * total)
    base = run(world, against, draws=wars, seed=seed, start=start, outcomes=kept, progress=told)
    read = OUTCOMES[question.outcome].read
    other = read(base, question.side)[-1]
    bounds = np.linspace(0, wars, settings.shape[1] + 1).round().astype(int)
    varied = run_in_turn(
        world,
        [
            Leg(_plan(asked, names, settings[:, place], scenario, world.days), int(end - first))
            for place, (first, end) in enumerate(itertools.pairwise(bounds))
        ],
        seed=seed,
        start=start,
        outcomes=OUTCOMES[question.outcome].kept,
        progress=None if progress is None else lambda done, total: progress(total + done, 2 * total),
    )
    truce = read(varied, question.side)[-1]
    good = (base["status"].values == 0) & (varied["status"].values == 0)
    if not good.any():
        raise InputError(
            f"the computation of all {wars:,} wars failed: nothing can be compared.",
            f"scenario {scenario.name}",
            "look for ranges in the scenario that are far from those of the registry.",
        )
    drawn = columns_of(base.isel(war=np.flatnonzero(good)), start, learnt)
    of_war = np.repeat(np.arange(settings.shape[1]), np.diff(bounds))[good]
    columns, labels = _in_words(names)
    others, of_others = described(drawn.names)
    scale = np.array([[100.0 if TERMS[name].unit == PER_CENT else 1.0] for name, _ in names])
    return Varied(
        asked=asked,
        columns=(*columns, *others),
        labels=labels | of_others,
        groups=(*("term" for _ in names), *drawn.groups),
        values=np.concatenate([scale.reshape(-1, 1) * settings[:, of_war], drawn.values]),
        difference=(truce - other)[good],
        draws=drawn.draws,
        setting=of_war.astype(np.int64) if names else None,
        failed=int(wars - good.sum()),
        seed=seed,
    )


def _settings(
    names: Sequence[tuple[str, str | None]], asked: Asked, number: int, longest: int, seed: int
) -> FloatArray:
    """Return a setting of the terms in each column, `[T, S]`."""
    if not names:
        return np.empty((0, number))
    unit = qmc.LatinHypercube(len(names), rng=np.random.default_rng([seed, 7])).random(number).T
    found = np.empty_like(unit)
    for row, (name, _) in enumerate(names):
        term = TERMS[name]
        low, high = (min(end, float(longest)) if name == "days" else end for end in (term.low, term.high))
        found[row] = low + (high - low) * unit[row]
        if name == "days":
            found[row] = np.round(found[row])
        elif name == "monitored":
            found[row] = unit[row] >= 0.5
    return found


def _plan(
    asked: Asked,
    names: Sequence[tuple[str, str | None]],
    setting: FloatArray,
    scenario: Scenario,
    days: int,
) -> Plan:
    policy = _policy(asked, names, setting, scenario)
    return shortened_plan(with_policy(scenario, ASKED, policy).plan(ASKED), days)


def _policy(
    asked: Asked, names: Sequence[tuple[str, str | None]], setting: FloatArray, scenario: Scenario
) -> Policy:
    question = asked.question
    told = {name: float(value) for name, value in zip(names, setting, strict=True)}
    supply: dict[str, dict[str, float]] = {}
    aid = told.get(("aid", None), question.aid)
    if question.aid_to is not None or ("aid", None) in told:
        receiver = question.aid_to or the_supplied(scenario, question.against)
        supply.setdefault(receiver, {})["aid"] = aid
    for (name, side), value in told.items():
        if side is not None:
            supply.setdefault(side, {})[name] = value
    truce: dict[str, Any] = {
        "start": asked.start,
        "days": int(told.get(("days", None), question.days)),
        "monitored": bool(told.get(("monitored", None), question.monitored)),
        "supply": supply,
    }
    return Policy.model_validate({"says": "A truce whose terms vary.", "truces": [truce]})


def _in_words(names: Sequence[tuple[str, str | None]]) -> tuple[tuple[Column, ...], dict[str, str]]:
    """Return the terms as columns, and what each is in words, by its name."""
    columns, labels = [], {}
    for name, side in names:
        term, label = TERMS[name], name if side is None else f"{name} ({side})"
        choices = ("absent", "by third parties") if name == "monitored" else ()
        columns.append(Column(label, term.unit, choices))
        labels[label] = term.meaning.format(of="" if side is None else f" of {side}")
    return tuple(columns), labels
