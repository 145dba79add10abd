"""A question gets the verdict that the same claim in an article gets; some claims, and evidence left out."""

from __future__ import annotations

import datetime as dt

import pytest

from ceasefire.analysis.questions import Question, ask
from ceasefire.claims import audit, parse_claims
from ceasefire.claims.answering import verdict_on
from ceasefire.files import InputError
from ceasefire.inference.shipped import choose_posterior
from ceasefire.scenario import load_scenario

BY = dt.date(2023, 6, 20)
CLAIM = """
article:
  id: one
  title: One claim
  published: 2022-12-21
  scenario: ukraine-2022
  about: A claim that is also a question.
claims:
  - id: more-killed
    row: S9
    kind: counterfactual
    short: more killed
    says: A truce of half a year leads to more soldiers killed.
    readings:
      - id: killed
        main: true
        says: More soldiers are killed on both sides by 20 June 2023.
        test:
          kind: compare
          first: fight-on
          second: truce
          outcome: killed
          until: 2023-06-20
"""


def test_a_question_gets_the_verdict_of_the_same_claim() -> None:
    war = load_scenario("ukraine-2022")
    chosen = choose_posterior(war)
    answer = ask(
        Question("killed", by=BY),
        war,
        draws=200,
        start=chosen.start,
        learnt=chosen.learnt,
        effective=chosen.effective,
    )
    found = verdict_on(answer, chosen)
    (result,) = audit(parse_claims(CLAIM), draws=200).results
    assert found.verdict == result.verdict
    assert found.probability == result.probability == answer.probability
    assert found.interval == result.interval
    assert found.assumed_share == result.assumed_share
    assert {"rule": found.reason[0]["rule"]} == {"rule": result.reason[0]["rule"]}


@pytest.fixture(scope="module")
def whole() -> str:
    return "interview-with-a-tyrant"


def test_one_claim_alone_has_the_result_that_it_has_among_all(whole: str) -> None:
    told: list[tuple[int, int]] = []
    found = audit(
        whole, draws=100, only=["killed-in-300-days"], checked=lambda done, of: told.append((done, of))
    )
    assert [result.id for result in found.results] == ["killed-in-300-days"]
    assert told == [(1, 1)]
    assert found.results[0].verdict == "not supported"
    with pytest.raises(InputError, match="no claim 'killed'"):
        audit(whole, draws=100, only=["killed"])


@pytest.mark.thorough
def test_without_an_origin_its_figures_are_counted_no_more(whole: str) -> None:
    claim = ["killed-in-300-days"]
    before = audit(whole, draws=100, only=claim).results[0]
    roots = {row.root for row in before.sources}
    gone = sorted({row.root for row in before.sources if row.counted})[0]
    after = audit(whole, draws=100, only=claim, without=[gone])
    assert {row.root for row in after.results[0].sources} == roots - {gone}
    assert f"--without {gone}" in after.command
    none = audit(whole, draws=100, only=claim, without=sorted(roots)).results[0]
    assert none.verdict == "undetermined"
    assert not any(row.counted for row in none.sources)
    with pytest.raises(InputError, match="no figure has its origin in 'nobody'"):
        audit(whole, draws=100, only=claim, without=["nobody"])


RESTING = """
article:
  id: resting
  title: A recommendation
  published: 2022-12-21
  scenario: ukraine-2022
  about: A recommendation that rests on a figure.
claims:
  - id: many-killed
    kind: measurement
    short: many killed
    says: More than 10,000 Russian soldiers were killed.
    readings:
      - id: killed
        main: true
        says: More than 10,000 were killed.
        test:
          kind: total_at
          quantity: personnel_losses
          concept: killed
          side: RU
          place: whole_front
          date: 2022-12-20
          at_least: 10000
          unit: persons
          counts: Russian soldiers killed
  - id: stop
    kind: policy
    short: stop
    says: It should stop.
    holds_if: [many have died]
    rests_on: [many-killed]
    readings: []
"""


def test_a_claim_that_rests_on_others_is_computed_with_them_and_returned_alone() -> None:
    file = parse_claims(RESTING)
    whole = audit(file, draws=100)
    alone = audit(file, draws=100, only=["stop"])
    assert [result.id for result in whole.results] == ["many-killed", "stop"]
    assert [result.id for result in alone.results] == ["stop"]
    assert alone.results[0] == whole.results[1]
    assert "supported" in str(alone.results[0].reason)
