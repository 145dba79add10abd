"""The audit: every claim, in every reading, as known then and as known now."""

from __future__ import annotations

import dataclasses
import datetime as dt
import shlex
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

import ceasefire
from ceasefire.analysis.compare import OUTCOMES, not_modelled
from ceasefire.analysis.events import EVENTS, WIDER_WAR
from ceasefire.analysis.uses import Carried, Use, carried_by, has, uses
from ceasefire.claims import schema
from ceasefire.claims.aided import Aided, aid_saves
from ceasefire.claims.carrying import Carrying, carrying_of
from ceasefire.claims.chartdata import FuturesChart
from ceasefire.claims.comparing import Asked, MoreAid, Wars, choices_of, is_watched
from ceasefire.claims.counterfactuals import Compared, compare, outcome_units, truces
from ceasefire.claims.forecasts import event
from ceasefire.claims.held_out import read_held_out
from ceasefire.claims.holding import held
from ceasefire.claims.intents import intent, policy, unobservable
from ceasefire.claims.leaders import WARS, Followed, carried, leader
from ceasefire.claims.leaders import asked as asked_of_leaders
from ceasefire.claims.linting import far_from_the_article, faults, policies_of
from ceasefire.claims.loading import ClaimFile, load_claims
from ceasefire.claims.measures import measure
from ceasefire.claims.mechanisms import Mechanism, missing
from ceasefire.claims.model_shares import Asked as AskedShare
from ceasefire.claims.model_shares import model_share
from ceasefire.claims.modelled import PRIOR, Calibration, Modelled, described
from ceasefire.claims.offers import Weighed, belief_curve, belief_reasons, belief_told, offer, power_shift
from ceasefire.claims.overall import headlines, limits, overall
from ceasefire.claims.results import Audit, Finding, Reading, Result
from ceasefire.claims.rules import Rival
from ceasefire.claims.survivals import survival
from ceasefire.claims.universals import counterexamples
from ceasefire.claims.wording import listed, sentence
from ceasefire.engine import check_draws
from ceasefire.evidence import Evidence, load
from ceasefire.evidence.shares import jeffreys
from ceasefire.files import InputError, suggest
from ceasefire.scenario import Scenario, load_scenario

if TYPE_CHECKING:
    from ceasefire.inference.posterior import Posterior
    from ceasefire.inference.shipped import Chosen

Progress = Callable[[int, int], None]
DEFAULT = "default"
# Rows of the design that speak of a truce or a break, whatever is tested of them.
ON_A_TRUCE = frozenset({"S8", "S9", "S19"})
# The limits of the engine, which is imported only where wars are run.
# Quantities that define a measure rather than report an event: an establishment is no news of its day.
DEFINITIONS = frozenset({"unit_size"})


@dataclasses.dataclass
class _Model:
    """The scenario and its comparisons: each pair of policies is run once, when a reading asks for it."""

    scenario: Scenario
    draws: int
    seed: int
    progress: Progress | None
    chosen: Chosen | None = None
    """The posterior where the parameters come from; None for priors."""
    calibration: Calibration | None = None
    """The same in words and numbers."""
    done: dict[tuple[str, str], Compared] = dataclasses.field(default_factory=dict)
    runs: dict[str, Any] = dataclasses.field(default_factory=dict)
    """Results by policy, so that each policy is run once."""
    prepared: dict[bytes, Any] = dataclasses.field(default_factory=dict)
    """What the wars differ in, so that it is prepared once."""
    alone: dict[str, AskedShare] = dataclasses.field(default_factory=dict)
    """The wars under one policy, by policy."""
    aided: dict[tuple[str, str], Aided] = dataclasses.field(default_factory=dict)
    """What more aid saves, by side and policy."""
    of_aid: dict[str, dict[Any, Any]] = dataclasses.field(default_factory=dict)
    """What both sides have in common there, by policy."""
    keeps: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    """What the claims ask of the wars under each policy: nothing else is held in memory."""
    leaders: Mapping[tuple[str, str], list[schema.Leader]] = dataclasses.field(default_factory=dict)
    """What the claims ask of the leaders of each side under each policy."""
    weighed: dict[Any, Weighed] = dataclasses.field(default_factory=dict)
    """Offers, by who offers, their terms, the prior and the day of the record."""
    of_offers: dict[Any, Any] = dataclasses.field(default_factory=dict)
    """What offers have in common: starts and branches."""
    followed: dict[tuple[str, str], Followed] = dataclasses.field(default_factory=dict)
    """Leaders, by side and policy."""

    @property
    def fitted(self) -> frozenset[str] | None:
        """Optional mechanisms that the fit of the parameters had; None under priors."""
        return None if self.calibration is None else frozenset(self.calibration.mechanisms)

    @cached_property
    def uses(self) -> tuple[Use, ...]:
        """The mechanisms of the scenario."""
        return uses(self.scenario.world().structure_weights, self.fitted)

    def carrying(self, carried: Carried) -> Carrying:
        """Return what carries a result, with all that its wars have beside."""
        return carrying_of(carried, self.uses, self.fitted, self.scenario.name)

    def under(self, policy: str) -> AskedShare:
        """Return the wars under one policy."""
        if policy not in self.alone:
            self.alone[policy] = run_alone(
                self.scenario,
                policy,
                draws=self.draws,
                seed=self.seed,
                progress=self.progress,
                runs=self.runs,
                chosen=self.chosen,
                prepared=self.prepared,
                keeps=self.keeps,
            )
        return self.alone[policy]

    def with_more_aid(self, side: str, policy: str) -> Aided:
        """Return the wars with more of each kind of aid to a side."""
        if (side, policy) not in self.aided:
            self.aided[side, policy] = run_aid(
                self.scenario,
                side,
                policy,
                draws=self.draws,
                seed=self.seed,
                progress=self.progress,
                shared=self.of_aid.setdefault(policy, {}),
                chosen=self.chosen,
            )
        return self.aided[side, policy]

    def offered(self, test: schema.Offer, evidence: Evidence, as_of: dt.date) -> Weighed:
        """Return an offer as it can be weighed with what is on record on a day."""
        by = self.codes.get(test.by, test.by)
        key = (by, test.days, test.monitored, test.prior, as_of)
        if key not in self.weighed:
            self.weighed[key] = run_offer(
                self.scenario,
                test,
                evidence,
                as_of,
                draws=self.draws,
                seed=self.seed,
                progress=self.progress,
                shared=self.of_offers,
                chosen=self.chosen,
            )
        return self.weighed[key]

    def followed_leader(self, test: schema.Leader) -> Followed:
        """Return the leaders of a side, followed as long as they go on."""
        key = (self.codes.get(test.side, test.side), test.policy)
        if key not in self.followed:
            self.followed[key] = run_leaders(
                self.scenario,
                key[0],
                test.policy,
                self.leaders.get(key, [test]),
                draws=self.draws,
                seed=self.seed,
                progress=self.progress,
                chosen=self.chosen,
            )
        return self.followed[key]

    def compared(self, first: str, second: str) -> Compared:
        """Return the comparison of two policies."""
        if (first, second) not in self.done:
            self.done[first, second] = run_comparison(
                self.scenario,
                first,
                second,
                draws=self.draws,
                seed=self.seed,
                progress=self.progress,
                runs=self.runs,
                chosen=self.chosen,
                prepared=self.prepared,
                keeps=self.keeps,
            )
        return self.done[first, second]

    @property
    def codes(self) -> dict[str, str]:
        """The belligerents' names by code and by name."""
        names = {name: name for name in self.scenario.sides}
        return {**dict(zip(self.scenario.codes, self.scenario.sides, strict=True)), **names}


@dataclasses.dataclass
class _Models:
    """The models of the answers as known then and as known now; one where they have the same parameters."""

    then: _Model
    now: _Model

    @property
    def each(self) -> tuple[_Model, ...]:
        """Each model once."""
        return (self.now,) if self.then is self.now else (self.then, self.now)


def run_comparison(
    scenario: Scenario,
    first: str,
    second: str,
    *,
    draws: int,
    seed: int,
    progress: Progress | None,
    runs: dict[str, Any],
    chosen: Chosen | None = None,
    prepared: dict[bytes, Any] | None = None,
    keeps: Mapping[str, tuple[str, ...]] | None = None,
) -> Compared:
    """Run two policies of a scenario over the same sampled wars, from a posterior or from priors."""
    # JAX is imported only where wars are run.
    from ceasefire.analysis import compare as run_both

    policies = [scenario.policies[name] for name in (first, second)]
    for name in (first, second):
        _run(scenario, name, draws, seed, progress, runs, chosen, keeps)
    compared = run_both(
        scenario,
        first,
        second,
        draws=draws,
        seed=seed,
        progress=progress,
        runs=runs,
        start=None if chosen is None else chosen.start,
        learnt=None if chosen is None else chosen.learnt,
    )
    return Asked(
        compared,
        effective_draws=_effective(chosen),
        truces=any(one.truces for one in policies),
        watched=is_watched(policies),
        prepared={} if prepared is None else prepared,
    )


def run_alone(
    scenario: Scenario,
    policy: str,
    *,
    draws: int,
    seed: int,
    progress: Progress | None,
    runs: dict[str, Any],
    chosen: Chosen | None = None,
    prepared: dict[bytes, Any] | None = None,
    keeps: Mapping[str, tuple[str, ...]] | None = None,
) -> AskedShare:
    """Run one policy of a scenario, or take it from the runs that there are."""
    _run(scenario, policy, draws, seed, progress, runs, chosen, keeps)
    return Wars(
        runs[policy],
        posterior=str(runs[policy].attrs["posterior"]),
        start=None if chosen is None else chosen.start,
        learnt=None if chosen is None else chosen.learnt,
        effective_draws=_effective(chosen),
        prepared={} if prepared is None else prepared,
    )


def _run(
    scenario: Scenario,
    policy: str,
    draws: int,
    seed: int,
    progress: Progress | None,
    runs: dict[str, Any],
    chosen: Chosen | None,
    keeps: Mapping[str, tuple[str, ...]] | None,
) -> None:
    """Add the wars under a policy to the runs that there are, with no more than the claims ask of them."""
    from ceasefire.engine import run

    if policy not in runs:
        runs[policy] = run(
            scenario.world(),
            scenario.plan(policy),
            draws=draws,
            seed=seed,
            progress=progress,
            start=None if chosen is None else chosen.start,
            outcomes=None if keeps is None else keeps.get(policy),
        )
        runs[policy].attrs["scenario_sha256"] = scenario.sha256


def kept(file: ClaimFile) -> dict[str, tuple[str, ...]]:
    """Return what the claims of a file ask of the wars under each policy: variables of a result."""
    found: dict[str, dict[str, None]] = {}
    for claim in file.claims:
        for reading in claim.readings:
            test = reading.test
            if not isinstance(test, schema.Compare | schema.ModelShare):
                continue
            asked = OUTCOMES[test.outcome].kept if isinstance(test, schema.Compare) else ()
            if isinstance(test, schema.ModelShare) and test.event == WIDER_WAR:
                asked = (EVENTS[WIDER_WAR].variable,)
            for under in policies_of(test):
                found.setdefault(under, {"parameters": None}).update(dict.fromkeys(asked))
    return {under: tuple(names) for under, names in found.items()}


def run_aid(
    scenario: Scenario,
    side: str,
    policy: str,
    *,
    draws: int,
    seed: int,
    progress: Progress | None,
    shared: dict[Any, Any],
    chosen: Chosen | None = None,
) -> Aided:
    """Run a policy with more of each kind of aid to a side."""
    from ceasefire.analysis.aid import aid

    found = aid(
        scenario,
        side,
        posterior=None if chosen is None else chosen.posterior,
        policy=policy,
        draws=draws,
        seed=seed,
        progress=progress,
        shared=shared,
    )
    return MoreAid(
        found,
        scenario.world(),
        start=None if chosen is None else chosen.start,
        learnt=None if chosen is None else chosen.learnt,
        effective_draws=_effective(chosen),
        prepared=shared.setdefault("prepared", {}),
    )


def run_offer(
    scenario: Scenario,
    test: schema.Offer,
    evidence: Evidence,
    as_of: dt.date,
    *,
    draws: int,
    seed: int,
    progress: Progress | None,
    shared: dict[Any, Any],
    chosen: Chosen | None = None,
) -> Weighed:
    """Weigh an offer with the record of a day, over the branches of the game."""
    from ceasefire.bargaining import Terms
    from ceasefire.bargaining import offer as weigh
    from ceasefire.bargaining.past import last_day
    from ceasefire.bargaining.payoffs import DRAWS, REPEATS

    count = max(min(DRAWS, draws // REPEATS), 2)
    found = weigh(
        scenario,
        test.by,
        posterior=None if chosen is None else chosen.posterior,
        start=None if chosen is None or chosen.posterior is None else chosen.start,
        evidence=evidence,
        prior=test.prior,
        terms=Terms(days=test.days, monitored=test.monitored),
        # Figures may have become known after the last day that any record is about.
        as_of=min(as_of, last_day(evidence)),
        draws=count,
        seed=seed,
        progress=progress,
        shared=shared,
    )
    structure = np.asarray(shared["start", count, seed].structure)
    return Weighed(found, choices_of(structure), _effective(chosen))


def run_leaders(
    scenario: Scenario,
    side: str,
    policy: str,
    tests: list[schema.Leader],
    *,
    draws: int,
    seed: int,
    progress: Progress | None,
    chosen: Chosen | None = None,
) -> Followed:
    """Follow the leaders of a side in the same wars: informed, misled, with and without an office."""
    from ceasefire.bargaining.resurrection import LEAST_WARS, when_leaders_stop

    distortions, offices = asked_of_leaders(tests)
    found = when_leaders_stop(
        scenario,
        side,
        posterior=None if chosen is None else chosen.posterior,
        policy=policy,
        distortions=distortions,
        offices=offices,
        aims=(),
        lines=(),
        # A rule is learnt from so many at least.
        draws=min(max(draws, LEAST_WARS + LEAST_WARS // 4), WARS),
        seed=seed,
        progress=progress,
    )
    kinds = tuple(dict.fromkeys((test.distortion, test.office) for test in tests))
    return Followed(found, kinds, choices_of(found.structure), _effective(chosen))


def leaders_asked(file: ClaimFile, scenario: Scenario) -> dict[tuple[str, str], list[schema.Leader]]:
    """Return what the claims of a file ask of leaders, by side and policy."""
    names = dict(zip(scenario.codes, scenario.sides, strict=True))
    found: dict[tuple[str, str], list[schema.Leader]] = {}
    for claim in file.claims:
        for reading in claim.readings:
            if isinstance(reading.test, schema.Leader):
                side = names.get(reading.test.side, reading.test.side)
                found.setdefault((side, reading.test.policy), []).append(reading.test)
    return found


def _effective(chosen: Chosen | None) -> float | None:
    """Return the effective draws of a posterior; None for priors."""
    return None if chosen is None or chosen.posterior is None else chosen.posterior.least_ess


def _models(
    scenario: Scenario,
    option: str | Path | Posterior,
    as_of: dt.date,
    draws: int,
    seed: int,
    progress: Progress | None,
    keeps: Mapping[str, tuple[str, ...]],
    leaders: Mapping[tuple[str, str], list[schema.Leader]],
) -> _Models:
    """Return the models of both answers.

    A posterior of a day after that of `as known then` never stands behind that answer.
    """
    then, now = posteriors(scenario, option)
    if then is not None and then.posterior is not None and then.posterior.until > as_of:
        then = None
    names = dict(zip(scenario.codes, scenario.sides, strict=True))
    models = [
        _Model(
            scenario,
            draws,
            seed,
            progress,
            chosen,
            None if chosen is None or chosen.posterior is None else described(chosen.posterior, names),
            keeps=keeps,
            leaders=leaders,
        )
        for chosen in (then, now)
    ]
    of = [None if model.calibration is None else model.calibration.name for model in models]
    return _Models(models[1] if of[0] == of[1] else models[0], models[1])


def posteriors(
    scenario: Scenario, option: str | Path | Posterior = DEFAULT
) -> tuple[Chosen | None, Chosen | None]:
    """Return the posteriors of the answers as known then and as known now, None for priors.

    Args:
        scenario: the scenario of the counterfactuals.
        option: `default` (those that are shipped, or priors where none is), `prior`, or a posterior or its
            file. One with hindsight stands behind the answer as known now alone; the other answer then has
            the shipped one.
    """
    if option == PRIOR:
        return None, None
    from ceasefire.inference.shipped import Chosen, choose_posterior, describe
    from ceasefire.inference.starting import start_of

    if option == DEFAULT:
        return choose_posterior(scenario, DEFAULT, "then"), choose_posterior(scenario, DEFAULT, "now")
    if isinstance(option, str | Path):
        given = choose_posterior(scenario, str(option))
    else:
        start = start_of(option.require(scenario.calibrated_sha256), scenario.world())
        given = Chosen(option, start, describe(option))
    if given.posterior is None or not given.posterior.hindsight:
        return given, given
    return choose_posterior(scenario, DEFAULT, "then"), given


def audit(
    claims: ClaimFile | str | Path,
    *,
    scenario: Scenario | str | Path | None = None,
    as_of: dt.date | None = None,
    draws: int = 2000,
    seed: int = 1,
    evidence: Evidence | None = None,
    progress: Progress | None = None,
    posterior: str | Path | Posterior = DEFAULT,
    only: Collection[str] | None = None,
    without: Collection[str] = (),
    checked: Progress | None = None,
) -> Audit:
    """Audit an article's claims: a verdict for each reading, as known then and as known now.

    Args:
        claims: a claims file, its name or its path.
        scenario: the scenario of the counterfactuals; the article's own where not given.
        as_of: the day of `as known then`; the day of the article where not given.
        draws: simulated wars under each policy.
        seed: seed of the draws and of chance.
        evidence: the evidence; the package's own where not given.
        progress: called with the wars done and the wars in all.
        posterior: where the parameters of the counterfactuals come from: `default` (the shipped posteriors as
            known then and as known now, priors where none is shipped), `prior`, or a posterior or its file.
        only: ids of the claims to check; all where not given.
        without: roots of which no figure counts, to ask what rests on them; a posterior has seen them
            still.
        checked: called with the claims checked and the claims in all.

    Raises:
        InputError: the claims ask for what the evidence or the scenario does not have, with file and line;
            or the posterior cannot be used.
    """
    check_draws(draws, seed)  # before anything is computed, and whether or not a war is run
    file = claims if isinstance(claims, ClaimFile) else load_claims(claims)
    _check_claims(only, file)
    everything = load() if evidence is None else evidence
    last = _last_day(everything)
    if as_of is not None:
        _check_day(as_of, everything, last)
    day = file.article.published if as_of is None else as_of
    world = scenario if isinstance(scenario, Scenario) else load_scenario(scenario or file.article.scenario)
    chosen = _with_what_they_rest_on(file, only)
    _refuse_faults(file, everything, world, chosen)
    # What a claim asks for is in the evidence; without some of it, it is as if nobody had said it.
    everything = everything.without(without)
    models = _models(world, posterior, day, draws, seed, progress, kept(file), leaders_asked(file, world))
    asked = chosen if only is None else frozenset(only)
    worker = _Worker(file, everything, everything.known_by(day), day, last, models, asked, chosen)
    results = worker.results(checked)
    then, now = models.then.calibration, models.now.calibration
    held_out = read_held_out(world.name)
    return Audit(
        article=_described(file),
        scenario=world.name,
        as_of=day,
        known_until=worker.now,
        draws=draws,
        seed=seed,
        posterior=PRIOR if now is None else now.name,
        version=ceasefire.__version__,
        results=results,
        overall=overall(results),
        findings=headlines(results),
        limits=(
            *limits(results, (then, now), everything, world, checked=held_out is not None),
            *_apart(file, world),
        ),
        model=_provenance(models),
        command=_command(file, world, as_of, draws, seed, posterior, without),
        calibration=now,
        calibration_then=then,
        held_out=held_out,
        mechanisms=models.now.uses if any(_is_modelled(result) for result in results) else (),
    )


def _with_what_they_rest_on(file: ClaimFile, only: Collection[str] | None) -> frozenset[str]:
    """Return ids of claims, all where none is named, and of those that they rest on."""
    asked = [claim for claim in file.claims if only is None or claim.id in only]
    under = {name for claim in asked if isinstance(claim, schema.Policy) for name in claim.rests_on}
    return frozenset({claim.id for claim in asked} | under)


def _check_claims(only: Collection[str] | None, file: ClaimFile) -> None:
    known = [claim.id for claim in file.claims]
    for name in only or ():
        if name not in known:
            raise InputError(f"'{file.name}' has no claim '{name}'.", "only", suggest(name, known))


def _is_modelled(result: Result) -> bool:
    return any(reading.test in schema.MODELLED for reading in result.readings)


def _check_day(as_of: dt.date, evidence: Evidence, last: dt.date) -> None:
    """Refuse a day before anything was known, and one of which it is not known yet what was known."""
    first = min(_stamps(evidence, "min"))
    if not first <= as_of <= last:
        raise InputError(
            f"what was known on {as_of} cannot be told: the evidence became known from {first} to {last}.",
            "--as-of",
            f"give a day from {first} to {last}.",
        )


def _refuse_faults(file: ClaimFile, evidence: Evidence, scenario: Scenario, chosen: frozenset[str]) -> None:
    """Refuse claims that ask for what the evidence or the scenario does not have; no war is run then."""
    errors = [found for found in faults(file, evidence, scenario, chosen) if found.severity == "error"]
    if errors:
        more = f"\n... and {len(errors) - 1} more; see 'ceasefire claims lint'." if len(errors) > 1 else ""
        raise InputError(errors[0].what, errors[0].where, errors[0].todo + more)


def _apart(file: ClaimFile, scenario: Scenario) -> tuple[str, ...]:
    """Return what the audit must say where the scenario or a truce begins far from the article's day."""
    told = far_from_the_article(file, scenario)
    return tuple(f"{text[:1].upper()}{text[1:]}" for text, _ in told)


def _described(file: ClaimFile) -> dict[str, Any]:
    article = file.article
    kept = {
        "id": article.id,
        "title": article.title,
        "published": article.published,
        "published_is": article.published_is,
        "outlet": article.outlet,
        "url": article.url,
        "about": article.about,
        "sha256": file.sha256,
    }
    return {key: value for key, value in kept.items() if value is not None}


def _provenance(models: _Models) -> dict[str, Any]:
    found: dict[str, Any] = {"scenario_sha256": models.now.scenario.sha256}
    for model in models.each:
        for compared in model.done.values():
            about = compared.about()
            found.update({key: about[key] for key in ("model_fingerprint", "version")})
        for result in model.runs.values():
            found.update({key: result.attrs[key] for key in ("model_fingerprint", "version")})
    return found


def _command(
    file: ClaimFile,
    world: Scenario,
    as_of: dt.date | None,
    draws: int,
    seed: int,
    posterior: str | Path | Posterior,
    without: Collection[str],
) -> str:
    """Return the command that gives the same audit again, fit for a shell."""
    words = ["ceasefire", "audit", file.given_as, "--scenario", world.given_as]
    words += [] if as_of is None else ["--as-of", as_of.isoformat()]
    named = str(posterior) if isinstance(posterior, str | Path) else posterior.path or posterior.name
    words += [] if named == DEFAULT else ["--posterior", named]
    for root in without:
        words += ["--without", root]
    return shlex.join([*words, "--draws", str(draws), "--seed", str(seed)])


def _last_day(evidence: Evidence) -> dt.date:
    """Return the last day on which anything became known: an observation, a record, what became of one."""
    return max(_stamps(evidence, "max"))


def _stamps(evidence: Evidence, which: Literal["min", "max"]) -> list[dt.date]:
    """Return the first or last day on which something became known, of the observations and of each table."""
    tables = [evidence.observations, *(evidence.records(name) for name in evidence.record_names())]
    stamps = [
        table[column].agg(which)
        for table in tables
        for column in ("known_on", "outcome_known_on")
        if column in table
    ]
    return [dt.date(stamp.year, stamp.month, stamp.day) for stamp in stamps if not pd.isna(stamp)]


@dataclasses.dataclass
class _Worker:
    file: ClaimFile
    now_evidence: Evidence
    then_evidence: Evidence
    then: dt.date
    now: dt.date
    models: _Models
    asked: frozenset[str]
    """Ids of the claims that are asked for."""
    needed: frozenset[str]
    """The same with those that they rest on."""

    def results(self, checked: Progress | None = None) -> tuple[Result, ...]:
        """Return the results of the claims asked for, in the order of the article.

        What rests on others is computed last, and what it rests on with it.

        Args:
            checked: called with the claims checked and the claims in all.
        """
        needed = [one for one in enumerate(self.file.claims) if one[1].id in self.needed]
        found: dict[str, Result] = {}
        for place, claim in sorted(needed, key=lambda one: isinstance(one[1], schema.Policy)):
            found[claim.id] = self._result(place, claim, found)
            if checked is not None:
                checked(len(found), len(needed))
        return tuple(found[claim.id] for claim in self.file.claims if claim.id in self.asked)

    def _result(self, at: int, claim: schema.Claim, others: Mapping[str, Result]) -> Result:
        readings = tuple(
            self._reading(claim, reading, self.file.where(at, "readings", place))
            for place, reading in enumerate(claim.readings)
        )
        lacking = missing(claim.needs)
        scenario = self.models.now.scenario
        settled_elsewhere = isinstance(claim, schema.Intent | schema.Policy)
        if lacking or (claim.main is None and not settled_elsewhere):
            now = then = _with_conditions(claim, _not_modelled(lacking))
            return _assembled(claim, readings, now, then, lacking, scenario)
        if isinstance(claim, schema.Intent):
            where = self.file.where(at)
            now = _placed(where, lambda: intent(claim, self.now_evidence, self.now))
            then = _placed(where, lambda: intent(claim, self.then_evidence, self.then))
            now, then = self._with_belief(claim, now, then)
            return _assembled(claim, readings, now, then, (), scenario)
        if isinstance(claim, schema.Policy):
            own_now = [reading.verdict for reading in readings if reading.test in schema.MODELLED]
            own_then = [reading.as_known_then for reading in readings if reading.test in schema.MODELLED]
            labels = {name: other.short for name, other in others.items()}
            now = policy(claim, {name: other.verdict for name, other in others.items()}, labels, own_now)
            words = {name: other.as_known_then for name, other in others.items()}
            then = policy(claim, words, labels, own_then)
            return _assembled(claim, readings, now, then, _lacking(claim), scenario)
        main = claim.main
        assert main is not None
        chosen = next(reading for reading in readings if reading.id == main.id)
        return _from_reading(claim, readings, chosen, missing(main.needs), scenario)

    def _with_belief(self, claim: schema.Intent, now: Finding, then: Finding) -> tuple[Finding, Finding]:
        """Return what bears on an intent with its effect on belief, where a reading asks for it."""
        tests = [
            reading.test
            for reading in claim.readings
            if isinstance(reading.test, schema.Offer) and reading.test.asks == "bluff"
        ]
        if not tests:
            return now, then
        told = []
        for finding, day, model in ((now, self.now, self.models.now), (then, self.then, self.models.then)):
            found = model.offered(tests[0], self.now_evidence, day).found
            told.append(
                dataclasses.replace(
                    finding,
                    quote=sentence(f"{finding.quote.rstrip('.')}; {belief_told(found)}"),
                    reason=(*finding.reason, *belief_reasons(found)),
                    chart=belief_curve(found),
                    beside=tuple(one for one in (finding.chart, power_shift(found)) if one is not None),
                )
            )
        return told[0], told[1]

    def _reading(self, claim: schema.Claim, reading: schema.Reading, where: str) -> Reading:
        main = claim.main
        # The word of an intent and of a recommendation comes from none of their readings.
        decides = not isinstance(claim, schema.Intent | schema.Policy)
        is_main = decides and main is not None and main.id == reading.id
        lacking = missing(reading.needs)
        if lacking or reading.test is None:
            finding = _not_modelled(lacking)
            return _reading(reading, is_main, finding, finding)
        test = reading.test
        models, then_evidence = self.models, self.then_evidence
        now = _placed(where, lambda: self._finding(test, self.now_evidence, self.now, models.now))
        same = isinstance(test, schema.ModelTest) and not isinstance(test, schema.Offer)
        if same and models.then is models.now:
            return _reading(reading, is_main, now, now)
        then = _placed(where, lambda: self._finding(test, then_evidence, self.then, models.then))
        return _reading(reading, is_main, now, then)

    def _finding(self, test: schema.Test, evidence: Evidence, as_of: dt.date, model: _Model) -> Finding:
        if isinstance(test, schema.Offer):
            # Of all that is known no more counts than what was known on the day.
            weighed = model.offered(test, self.now_evidence, as_of)
            return offer(test, weighed, model.carrying(Carried(())))
        if isinstance(test, schema.ModelTest):
            return self._of_the_model(test, model)
        if isinstance(test, schema.Counterexamples | schema.Survival):
            return self._of_past_cases(test, evidence, as_of)
        if isinstance(test, schema.Event):
            return event(test, evidence)
        if isinstance(test, schema.Unobservable):
            return unobservable(test)
        return measure(test, _with_definitions(test, evidence, self.now_evidence))

    def _of_past_cases(
        self, test: schema.Counterexamples | schema.Survival, evidence: Evidence, as_of: dt.date
    ) -> Finding:
        if isinstance(test, schema.Survival):
            return survival(test, self.now_evidence, as_of)
        return counterexamples(test, evidence, as_of)

    def _of_the_model(
        self, test: schema.Compare | schema.ModelShare | schema.AidSaves | schema.Leader, model: _Model
    ) -> Finding:
        if isinstance(test, schema.Leader):
            return leader(test, model.followed_leader(test), model.carrying(carried(test)))
        if isinstance(test, schema.ModelShare):
            return self._share_of_wars(test, model)
        if isinstance(test, schema.AidSaves):
            side = model.codes.get(test.side, test.side)
            return aid_saves(
                test,
                model.with_more_aid(side, test.policy),
                model.codes,
                model.carrying(Carried(())),
                _effective(model.chosen),
                bars=model is self.models.now,
            )
        return compare(
            test,
            model.compared,
            model.codes,
            outcome_units(),
            truces(model.scenario.policies),
            calibration=model.calibration,
            carrying=model.carrying(carried_by(model.scenario, test.first, test.second, test.outcome)),
            # They take longer than all else and decide no word.
            bars=model is self.models.now,
        )

    def _share_of_wars(self, test: schema.ModelShare, model: _Model) -> Finding:
        asked = [test.event] + ([] if test.given is None else [test.given.event])
        needed = [one for one in (EVENTS[name].mechanism for name in asked) if one is not None]
        off = tuple(name for name in needed if not has(model.scenario, name))
        carrying = model.carrying(Carried(tuple(dict.fromkeys(needed)), bool(needed), off))
        if off:
            return carrying.turned_off()
        spans = truces(model.scenario.policies)
        return model_share(test, model.under(test.policy), model.codes, carrying=carrying, spans=spans)


def _with_definitions(test: schema.Test, evidence: Evidence, everything: Evidence) -> Evidence:
    """Return the evidence with all that defines the test's yardstick, whenever it became known."""
    amounts = [getattr(test, name, None) for name in ("at_least", "at_most", "between")]
    asked = {amount.quantity for amount in amounts if isinstance(amount, schema.Yardstick)} & DEFINITIONS
    asked -= {getattr(test, "quantity", "")}
    if not asked or evidence is everything:
        return evidence
    rows, known = everything.observations, evidence.observations
    defined = rows[rows["quantity"].isin(asked)]
    whole = pd.concat([known[~known["quantity"].isin(asked)], defined], ignore_index=True)
    # The day is taken off while the rows are put in, as it would cut them again.
    found = dataclasses.replace(evidence, as_known_on=None).replace_observations(whole)
    return dataclasses.replace(found, as_known_on=evidence.as_known_on)


def _placed(where: str, compute: Callable[[], Finding]) -> Finding:
    """Return a finding; an error in it gets the file and the line of its reading."""
    try:
        return compute()
    except InputError as error:
        raise InputError(
            error.what, f"{where}; {error.where}" if error.where else where, error.todo
        ) from error


def _lacking(claim: schema.Claim) -> tuple[Mechanism, ...]:
    needs = [need for reading in claim.readings for need in reading.needs]
    return missing(dict.fromkeys([*claim.needs, *needs]))


def _not_modelled(lacking: Sequence[Mechanism]) -> Finding:
    if not lacking:
        return Finding(
            "not yet modelled",
            quote="What it needs is built, but no test of it has been written yet.",
            reason=({"rule": "no test is written yet"},),
            depends_on=("a test of this reading",),
            different_if=("the reading had a test",),
        )
    names = listed([mechanism.meaning for mechanism in lacking])
    return Finding(
        "not yet modelled",
        quote=sentence(f"Not yet modelled: {names}"),
        reason=tuple(
            {"rule": "a mechanism is not built", "mechanism": m.name, "row": m.row, "meaning": m.meaning}
            for m in lacking
        ),
        depends_on=tuple(f"a mechanism that is not built: {mechanism.meaning}" for mechanism in lacking),
        different_if=("the mechanism were built",),
    )


def _with_conditions(claim: schema.Claim, finding: Finding) -> Finding:
    """Return the finding with a recommendation's conditions and valuation, which stand whatever is built."""
    if not isinstance(claim, schema.Policy):
        return finding
    valued = [{"rule": "valuation, not scored", "says": claim.valuation}] if claim.valuation else []
    conditions = [{"rule": "condition", "says": text} for text in claim.holds_if]
    return dataclasses.replace(
        finding,
        reason=(*finding.reason, *conditions, *valued),
        depends_on=(*finding.depends_on, *claim.holds_if),
    )


def _reading(reading: schema.Reading, main: bool, now: Finding, then: Finding) -> Reading:
    return Reading(
        id=reading.id,
        text=reading.says,
        main=main,
        verdict=now.verdict,
        as_known_then=then.verdict,
        probability=now.probability,
        interval=now.interval,
        quote=now.quote,
        quote_then=then.quote,
        reason=now.reason,
        sources=now.sources,
        sources_then=then.sources,
        depends_on=now.depends_on,
        different_if=now.different_if,
        chart=now.chart,
        test=reading.test.kind if reading.test is not None else "none",
        interval_of=now.interval_of,
        mc_error=now.mc_error,
        ess=now.ess,
        assumed_share=now.assumed_share,
        structure_share=now.structure_share,
        note=reading.note or "",
        modelled=now.modelled,
        modelled_then=then.modelled,
        beside=now.beside,
    )


def _unmodelled(claim: schema.Claim, lacking: Sequence[Mechanism], scenario: Scenario) -> tuple[str, ...]:
    """Return what is not modelled and bears on a claim: its mechanisms, and what a truce leaves in place."""
    asked = [
        name
        for reading in claim.readings
        if isinstance(reading.test, schema.ModelTest)
        for name in policies_of(reading.test)
    ]
    policies = scenario.policies
    offers = any(isinstance(reading.test, schema.Offer) for reading in claim.readings)
    truce = offers or claim.row in ON_A_TRUCE or any(policies[name].truces for name in asked)
    left = not_modelled(scenario.world().structure_weights) if truce else ()
    return (*(mechanism.meaning for mechanism in lacking), *left)


def _assembled(
    claim: schema.Claim,
    readings: tuple[Reading, ...],
    now: Finding,
    then: Finding,
    lacking: Sequence[Mechanism],
    scenario: Scenario,
) -> Result:
    chart = now.chart or next((reading.chart for reading in readings if reading.chart is not None), None)
    return Result(
        id=claim.id,
        row=claim.row,
        kind=claim.kind,
        short=claim.short,
        says=claim.says,
        verdict=now.verdict,
        as_known_then=then.verdict,
        probability=now.probability,
        interval=now.interval,
        quote=now.quote,
        quote_then=then.quote,
        readings=readings,
        sources=now.sources or tuple(row for reading in readings for row in reading.sources),
        sources_then=then.sources or tuple(row for reading in readings for row in reading.sources_then),
        depends_on=(*now.depends_on, *claim.depends_on),
        different_if=now.different_if,
        reason=now.reason,
        not_modelled=_unmodelled(claim, lacking, scenario),
        chart=chart,
        also=claim.also,
        note=claim.note or "",
        beside=now.beside,
    )


def _from_reading(
    claim: schema.Claim,
    readings: tuple[Reading, ...],
    chosen: Reading,
    lacking: Sequence[Mechanism],
    scenario: Scenario,
) -> Result:
    differing = [reading for reading in readings if reading.verdict != chosen.verdict]
    others = tuple(
        {
            "rule": "another reading has another word",
            "reading": reading.id,
            "says": reading.text,
            "word": reading.verdict,
        }
        for reading in differing
    )
    return Result(
        id=claim.id,
        row=claim.row,
        kind=claim.kind,
        short=claim.short,
        says=claim.says,
        verdict=chosen.verdict,
        as_known_then=chosen.as_known_then,
        probability=chosen.probability,
        interval=chosen.interval,
        quote=chosen.quote,
        quote_then=chosen.quote_then,
        readings=readings,
        sources=chosen.sources,
        sources_then=chosen.sources_then,
        depends_on=(*chosen.depends_on, *claim.depends_on),
        different_if=(
            *chosen.different_if,
            *(f"it is read as: {reading.text.rstrip('.')} ({reading.verdict})" for reading in differing),
        ),
        reason=(*chosen.reason, *others),
        not_modelled=_unmodelled(claim, lacking, scenario),
        chart=chosen.chart,
        also=claim.also,
        interval_of=chosen.interval_of,
        mc_error=chosen.mc_error,
        ess=chosen.ess,
        assumed_share=chosen.assumed_share,
        structure_share=chosen.structure_share,
        note=claim.note or "",
        modelled=_among_readings(chosen, readings),
        modelled_then=chosen.modelled_then,
        beside=chosen.beside,
    )


def _among_readings(chosen: Reading, readings: Sequence[Reading]) -> Modelled | None:
    """Return the model's numbers of a claim, with whether its readings of the same two policies agree."""
    found = chosen.modelled
    if found is None or not isinstance(chosen.chart, FuturesChart):
        return found
    policies = (chosen.chart.first, chosen.chart.second)
    rows = {
        reading.text.rstrip("."): Rival(one.probability, *jeffreys(one.probability * one.ess, one.ess))
        for reading in readings
        if (one := reading.modelled) is not None
        and isinstance(reading.chart, FuturesChart)
        and (reading.chart.first, reading.chart.second) == policies
    }
    among = held("readings", found.probability, rows) if len(rows) > 1 else None
    return found if among is None else dataclasses.replace(found, holds=(*found.holds, among))
