"""Offers that several tests look at, computed once a process."""

from __future__ import annotations

import functools
from typing import Any

from ceasefire.bargaining import Offer, Terms, offer
from ceasefire.evidence import Evidence, load
from ceasefire.inference.shipped import Chosen, choose_posterior
from ceasefire.scenario import Scenario, load_scenario

UKRAINE, INVENTED = "ukraine-2022", "invented-war"


@functools.cache
def scenario(name: str = UKRAINE) -> Scenario:
    return load_scenario(name)


@functools.cache
def chosen(name: str = UKRAINE) -> Chosen:
    return choose_posterior(scenario(name))


@functools.cache
def evidence() -> Evidence:
    return load()


@functools.cache
def shared(name: str = UKRAINE) -> dict[Any, Any]:
    """Return what offers of one scenario with the same draws can use again."""
    return {}


@functools.cache
def shipped(by: str = "RU", draws: int = 128, repeats: int = 4) -> Offer:
    """Return an offer on the shipped posterior, as the command weighs it."""
    found = chosen()
    return offer(
        scenario(),
        by,
        posterior=found.posterior,
        start=found.start,
        evidence=evidence(),
        draws=draws,
        repeats=repeats,
        shared=shared(),
    )


def invented(by: str = "AL", **changed: Any) -> Offer:
    """Return an offer in the invented war, from priors, with few wars."""
    given: dict[str, Any] = {"draws": 48, "repeats": 2, "terms": Terms(days=91), "shared": shared(INVENTED)}
    return offer(scenario(INVENTED), by, **given | changed)
