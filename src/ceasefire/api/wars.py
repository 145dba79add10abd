"""Wars under policies: run, compare, weigh, more arms, an offer; what they start from and how they did."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ceasefire.api.loading import choose_posterior, day_of, load_evidence, number, values_of, war_of, whole
from ceasefire.files import InputError, suggest

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd
    import xarray as xr

    from ceasefire.analysis import Comparison
    from ceasefire.analysis.policies import Weighed
    from ceasefire.api.loading import GivenDay, GivenPosterior, GivenScenario, Progress
    from ceasefire.bargaining import Offer, Values
    from ceasefire.claims.held_out import HeldOut
    from ceasefire.evidence import Evidence
    from ceasefire.inference.posterior import Posterior

# As the commands have them.
LEAST_WARS_PER_DRAW, MOST_WARS_PER_DRAW = 2, 100


def run(
    scenario: GivenScenario,
    policy: str = "fight-on",
    *,
    posterior: GivenPosterior = "default",
    draws: int = 2000,
    seed: int = 1,
    outcomes: Collection[str] | None = None,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Run thousands of wars under one policy (`ceasefire run`).

    Args:
        scenario: the war.
        policy: a policy of the scenario.
        posterior: where the parameters come from, as `choose_posterior` takes it.
        draws: wars.
        seed: the same seed gives the same wars, under every policy.
        outcomes: what is kept of each war, such as ["killed", "ground_net"]; all of it where not given.
        progress: called with the wars done and the wars in all.

    Returns:
        A dataset over `time` (weeks), `side` and `war`; units and meanings stand in the attributes.

    Raises:
        InputError: an unknown policy or outcome, or more wars than can be held in memory.
    """
    from ceasefire.engine import run as run_wars

    war = war_of(scenario)
    world, plan = war.world(), war.plan(policy)
    chosen = choose_posterior(war, posterior)
    result = run_wars(
        world,
        plan,
        draws=whole(draws, "draws"),
        seed=whole(seed, "seed"),
        progress=progress,
        start=chosen.start,
        outcomes=outcomes,
    )
    result.attrs["scenario_sha256"] = war.sha256
    return result


def compare(
    scenario: GivenScenario,
    first: str = "fight-on",
    second: str = "truce",
    *,
    posterior: GivenPosterior = "default",
    draws: int = 2000,
    seed: int = 1,
    until: GivenDay | None = None,
    outcomes: Collection[str] | None = None,
    progress: Progress | None = None,
) -> Comparison:
    """Run the same wars under two policies (`ceasefire compare`).

    `dataset()` has both as xarray along `policy`, `curve(outcome, side)` the difference over the horizon with
    its intervals, `shares(outcome, side, date)` how much of its spread was learnt and how much is assumed.

    Args:
        scenario: the war.
        first: the policy to compare with.
        second: the policy whose effect is asked for.
        posterior: where the parameters come from, as `choose_posterior` takes it.
        draws: wars under each policy.
        seed: the same seed gives the same wars.
        until: the last day; that of the scenario where not given.
        outcomes: what will be read, such as ["killed", "ground_lost"]; all of it where not given.
        progress: called with the wars done and the wars in all, both policies together.

    Raises:
        InputError: an unknown policy or outcome, or a policy that is compared with itself.
    """
    from ceasefire.analysis import compare as compare_policies

    war = war_of(scenario)
    for policy in (first, second):
        war.plan(policy)
    last = day_of(until, "until")
    if last is not None and not war.start < last <= war.end:
        raise InputError(
            f"{last} lies outside the simulated war.", "until", f"name a day after {war.start}, to {war.end}."
        )
    chosen = choose_posterior(war, posterior)
    return compare_policies(
        war,
        first,
        second,
        draws=whole(draws, "draws"),
        seed=whole(seed, "seed"),
        progress=progress,
        start=chosen.start,
        learnt=chosen.learnt,
        until=last,
        outcomes=outcomes,
    )


def weigh(
    scenario: GivenScenario,
    side: str,
    policies: Sequence[str] = (),
    *,
    until: GivenDay | None = None,
    values: Values | Mapping[str, float] | None = None,
    posterior: GivenPosterior = "default",
    draws: int = 4000,
    seed: int = 1,
    progress: Progress | None = None,
) -> Weighed:
    """Weigh policies against each other for one side, over the same wars (`ceasefire policies`).

    `table()` says what each brings, `holding_up()` its regret and whether another beats it, `choices()`
    whether the choice stays, `worth()` what it would be worth to know; `runs.of(side)` weighs the same wars
    for the other side.

    Args:
        scenario: the war.
        side: for whom, by name or code.
        policies: names of policies; all that somebody could choose where none are given.
        until: by which day; the scenario's last where not given.
        values: what counts how much, in lives of own soldiers: own_soldiers, civilians and area (a km2).
        posterior: where the parameters come from, as `choose_posterior` takes it.
        draws: wars under each policy, about.
        seed: the same seed gives the same wars.
        progress: called with the wars done and the wars in all.

    Raises:
        InputError: an unknown side, policy or value, fewer than two policies, or too few wars.
    """
    from ceasefire.analysis.policies import run_policies, stated_sets

    war = war_of(scenario)
    war.place_of(side, "side")
    if isinstance(policies, str):
        raise InputError(
            f"'{policies}' is no list of policies.", "policies", f"write it as ['fight-on', '{policies}']."
        )
    sets = stated_sets(values_of(values, ("own_soldiers", "civilians", "area")))
    chosen = choose_posterior(war, posterior)
    runs = run_policies(
        war,
        policies,
        draws=whole(draws, "draws"),
        seed=whole(seed, "seed"),
        until=day_of(until, "until"),
        start=chosen.start,
        learnt=chosen.learnt,
        effective=chosen.effective,
        progress=progress,
    )
    return runs.of(side, sets)


def aid(
    scenario: GivenScenario,
    side: str | None = None,
    *,
    policy: str = "fight-on",
    posterior: GivenPosterior = "default",
    draws: int = 1000,
    seed: int = 1,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Return what one more unit of each kind of aid from abroad saves (`ceasefire aid`).

    Args:
        scenario: the war.
        side: the belligerent that gets the aid, by name or code; each where not given.
        policy: what else is decided.
        posterior: where the parameters come from, as `choose_posterior` takes it.
        draws: wars for each kind of aid.
        seed: the same seed gives the same wars.
        progress: called with the wars done and the wars in all, of one side.

    Returns:
        A row for each side, kind and saving, per unit: `mean` with its `mc_error`, `low`, `median` and `high`
        (5, 50 and 95 % of the wars), `probability`, the learnt and assumed shares, and `mechanism_assumed`.

    Raises:
        InputError: an unknown side or policy, or wars that all failed.
    """
    import pandas as pd

    from ceasefire.analysis.aid import aid as more_aid

    war = war_of(scenario)
    sides = war.sides if side is None else (war.sides[war.place_of(side, "side")],)
    war.plan(policy)
    chosen = choose_posterior(war, posterior)
    shared: dict[object, object] = {}
    parts = [
        more_aid(
            war,
            name,
            posterior=chosen.posterior,
            policy=policy,
            draws=whole(draws, "draws"),
            seed=whole(seed, "seed"),
            progress=progress,
            shared=shared,
        ).table()
        for name in sides
    ]
    return pd.concat(parts, ignore_index=True)


def offer(
    scenario: GivenScenario,
    by: str | None = None,
    *,
    prior: str | float = "fortna",
    ratios: Mapping[str, float] | None = None,
    values: Values | Mapping[str, float] | None = None,
    days: int = 182,
    monitored: bool = False,
    cut_to: float = 0.5,
    as_of: GivenDay | None = None,
    posterior: GivenPosterior = "default",
    draws: int = 128,
    wars_per_draw: int = 4,
    seed: int = 1,
    evidence: Evidence | None = None,
    progress: Progress | None = None,
) -> Offer:
    """Return whether to accept a side's offer of a truce, and what it tells of the side (`ceasefire offer`).

    `curve()` is the answer over the prior that it is meant; `accept`, `accept_share`, `belief`, `threshold`,
    `equilibria` and `turns()` say what it rests on.

    Args:
        scenario: the war, which begins on the day of the offer.
        by: who offers, by name or code; the initiator where not given.
        prior: probability that the offer is sincere before its record, or a reference class (interstate,
            monitored, unmonitored, civil, fortna, war-is-boring).
        ratios: likelihood ratios of kinds of behaviour that replace the stated ones, by name.
        values: what counts, in lives of own soldiers, by name: own_soldiers, civilians, area (a km2), aim,
            office, refusal, solidarity, aid_cost.
        days: how long the truce is to last.
        monitored: whether third parties watch it.
        cut_to: share of arms from abroad that is left where the backer cuts them.
        as_of: what was on record by this day counts; the scenario's first day where not given.
        posterior: where the parameters come from, as `choose_posterior` takes it.
        draws: draws of the war.
        wars_per_draw: wars of each draw, which differ by chance alone, 2 to 100.
        seed: the same seed gives the same wars.
        evidence: the record of both sides, and past cases; `load_evidence` where not given.
        progress: called with the wars done and the wars in all.

    Raises:
        InputError: an unknown side, class, value or kind of behaviour, or numbers that cannot be used.
    """
    from ceasefire.bargaining import Terms, Values
    from ceasefire.bargaining import offer as weigh_offer

    war = war_of(scenario)
    stated = values_of(values) or Values()
    terms = Terms(days=whole(days, "days"), monitored=bool(monitored), cut_to=number(cut_to, "cut_to"))
    repeats = whole(wars_per_draw, "wars_per_draw")
    if not LEAST_WARS_PER_DRAW <= repeats <= MOST_WARS_PER_DRAW:
        raise InputError(
            f"{repeats} wars of each draw cannot be used: chance is told from what is not known by several"
            " wars of a draw.",
            "wars_per_draw",
            f"give a number from {LEAST_WARS_PER_DRAW} to {MOST_WARS_PER_DRAW}.",
        )
    if terms.days < 1:
        raise InputError(f"a truce of {terms.days} days is none.", "days", "give a number from 1.")
    chosen = choose_posterior(war, posterior)
    return weigh_offer(
        war,
        by,
        posterior=chosen.posterior,
        evidence=load_evidence() if evidence is None else evidence,
        prior=prior,
        ratios=dict(ratios or {}),
        values=stated,
        terms=terms,
        as_of=day_of(as_of, "as_of"),
        draws=whole(draws, "draws"),
        repeats=repeats,
        seed=whole(seed, "seed"),
        progress=progress,
        start=chosen.start,
    )


def calibrate(
    scenario: GivenScenario,
    until: GivenDay,
    *,
    hindsight: bool = False,
    sets: int | None = None,
    paths: int | None = None,
    weekly: bool = False,
    seed: int = 1,
    folder: str | Path | None = None,
    evidence: Evidence | None = None,
    told: Callable[[str, float], None] | None = None,
    begin_at: Posterior | None = None,
) -> Posterior:
    """Fit a scenario's war to the evidence known on a day; it takes hours (`ceasefire calibrate`).

    `contraction()` says what the evidence taught, `passed` whether the fit may be used; `save` keeps it.

    Args:
        scenario: a scenario with a history.
        until: the day of the posterior, whole weeks after the history's start.
        hindsight: whether figures of that time count that became known later.
        sets: sets of parameters in each of 4 replicates; 256 where not given, 64 beyond a year.
        paths: paths of the war for each set; 48 where not given, 32 by weeks; beyond a year 96, and more in
            proportion.
        weekly: walk by weeks instead of days, which is quicker and coarser.
        seed: the same seed gives the same fit.
        folder: where stages are kept, so that a fit that was interrupted goes on; nowhere where not given.
        evidence: what was observed; `load_evidence` where not given.
        told: called with each stage in words and the share done.
        begin_at: a posterior of the same scenario, day and evidence that failed or was coarser: the fit goes
            on from its draws instead of from the prior.

    Raises:
        InputError: no history, a day that cannot be calibrated to, or `begin_at` is of another posterior.
    """
    from ceasefire.inference.calibrating import calibrate as fit
    from ceasefire.inference.calibrating import usual_settings

    war = war_of(scenario)
    day = day_of(until, "until")
    if day is None:
        raise InputError("the day is missing.", "until", "write a day as YYYY-MM-DD.")
    settings = usual_settings(
        war,
        day,
        weekly=weekly,
        sets=None if sets is None else whole(sets, "sets"),
        paths=None if paths is None else whole(paths, "paths"),
        seed=whole(seed, "seed"),
    )
    return fit(
        war,
        load_evidence() if evidence is None else evidence,
        day,
        hindsight=hindsight,
        settings=settings,
        folder=None if folder is None else Path(folder),
        told=told,
        begin_at=begin_at,
    )


def backtest(scenario: str = "ukraine-2022") -> HeldOut:
    """Return how forecasts made then did, beside plain ones: the back-test that comes with a scenario.

    `table` has its scores by series and horizon, `plot` draws what each forecast said and what came. To make
    one anew takes many hours: `ceasefire backtest`.

    Args:
        scenario: the name of a shipped scenario.

    Raises:
        InputError: none is shipped for it.
    """
    from ceasefire.claims.held_out import read_held_out
    from ceasefire.scenario import shipped_scenarios

    found = read_held_out(str(scenario))
    if found is None:
        there = [name for name in shipped_scenarios() if read_held_out(name) is not None]
        raise InputError(
            f"no back-test is shipped for '{scenario}'.", "scenario", suggest(str(scenario), there)
        )
    if found.another_model:
        import warnings

        from ceasefire.engine.versions import AnotherModelWarning

        warnings.warn(found.another_model, AnotherModelWarning, stacklevel=2)
    return found
