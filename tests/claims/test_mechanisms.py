"""Mechanisms: what is built is read off the package, and a claim waits for what is not."""

import dataclasses

import pytest

from ceasefire.claims import MECHANISMS, audit, load_claims, mechanisms, parse_claims, schema
from ceasefire.claims.mechanisms import missing
from ceasefire.war import REGISTRY
from tests.claims.helpers import evidence, row

WAITING = """
article: {id: small, title: Small, published: 2001-07-15, scenario: invented-war, about: Small.}
claims:
  - id: waits
    row: S17
    kind: measurement
    short: Waits
    says: It waits.
    needs: [settlement_terms]
"""


def test_the_first_floor_is_built() -> None:
    built = {mechanism.row for mechanism in MECHANISMS.values() if mechanism.built}
    assert built >= {"S1", "S2", "S4", "S6", "S8", "S9", "S14", "S16"}


def test_every_built_mechanism_of_the_war_is_in_its_registry() -> None:
    for mechanism in MECHANISMS.values():
        if mechanism.built and not mechanism.module.startswith("ceasefire."):
            assert mechanism.module in set(REGISTRY.mechanisms.values())


def test_each_row_is_a_row() -> None:
    assert {mechanism.row for mechanism in MECHANISMS.values()} <= set(schema.ROWS)


def test_missing_names_what_is_not_built() -> None:
    assert [
        item.name for item in missing(["signalling", "truce", "settlement_terms", "acceptance_rule"])
    ] == ["settlement_terms"]


def test_every_optional_mechanism_of_the_war_counts_as_built_by_its_own_name() -> None:
    named = {"aims", "third_party_arms", "northern_front", "belief", "sanctions", "emigration"}
    for name in named | {"internal_break", "air_defence", "escalation", "civilian_harm", "ending"}:
        assert MECHANISMS[name].module == name
        assert MECHANISMS[name].built
    assert MECHANISMS["aid_by_kind"].module == "ceasefire.analysis.aid"
    assert MECHANISMS["aid_by_kind"].built


def test_no_reading_of_the_article_waits_for_a_mechanism_of_the_war() -> None:
    waits = {
        need
        for claim in load_claims("interview-with-a-tyrant").claims
        for reading in claim.readings
        if reading.test is None
        for need in reading.needs
    }
    assert waits == {"past_counterfactuals", "settlement_terms"}


def test_a_claim_that_waits_says_for_what() -> None:
    (result,) = audit(parse_claims(WAITING), evidence=evidence([row("alpha", best=1)]), draws=1).results
    assert (result.verdict, result.as_known_then) == ("not yet modelled", "not yet modelled")
    assert (
        result.quote
        == "Not yet modelled: terms of a settlement beyond a truce: guarantees, return of the displaced."
    )
    assert result.not_modelled == (
        "terms of a settlement beyond a truce: guarantees, return of the displaced",
    )


def test_a_claim_whose_mechanism_came_waits_for_a_test(monkeypatch: pytest.MonkeyPatch) -> None:
    arrived = dataclasses.replace(MECHANISMS["settlement_terms"], module="truce")
    monkeypatch.setattr(mechanisms, "MECHANISMS", {**MECHANISMS, "settlement_terms": arrived})
    (result,) = audit(parse_claims(WAITING), evidence=evidence([row("alpha", best=1)]), draws=1).results
    assert result.verdict == "not yet modelled"
    assert result.quote == "What it needs is built, but no test of it has been written yet."


def test_every_mechanism_that_is_not_built_is_asked_for_by_the_shipped_article() -> None:
    asked = set()
    for claim in load_claims("interview-with-a-tyrant").claims:
        asked |= set(claim.needs)
        for reading in claim.readings:
            asked |= set(reading.needs)
    assert {name for name, mechanism in MECHANISMS.items() if not mechanism.built} <= asked
