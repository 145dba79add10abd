"""Audits on posteriors: then and now, files, caps, neutrality, and what is said of them."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from ceasefire.claims import Audit, audit, auditing
from ceasefire.claims.modelled import described
from ceasefire.files import InputError
from ceasefire.inference import shipped
from ceasefire.inference.posterior import Posterior
from ceasefire.inference.shipped import file_name
from ceasefire.scenario import Scenario, load_scenario, mirror
from tests.claims.helpers import evidence
from tests.claims.test_audit import INVENTED, rows
from tests.inference.synthetic import synthetic_posterior

FEW = 64


@pytest.fixture(scope="module")
def invented() -> Scenario:
    return load_scenario("invented-war")


@pytest.fixture(scope="module")
def then(invented: Scenario) -> Posterior:
    return synthetic_posterior(invented, FEW, ("attrition_coefficient",), hindsight=0)


@pytest.fixture(scope="module")
def now(invented: Scenario) -> Posterior:
    return synthetic_posterior(invented, FEW // 2, hindsight=1)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(shipped, "folder", lambda: tmp_path)
    return tmp_path


def checked(posterior: Any, scenario: Scenario | None = None, draws: int = FEW // 4, **given: Any) -> Audit:
    """Audit the invented article; of so few wars no shares of the spread are told, which is quick."""
    known = evidence(rows())
    return audit(
        INVENTED, scenario=scenario, evidence=known, draws=draws, seed=1, posterior=posterior, **given
    )


def names(found: Audit) -> tuple[str, str]:
    return found.posterior_then, found.posterior


@pytest.mark.thorough
def test_then_and_now_have_posteriors_of_their_own(
    place: Path, invented: Scenario, then: Posterior, now: Posterior
) -> None:
    then.save(place / file_name(invented.name, invented.start, "then"))
    now.save(place / file_name(invented.name, invented.start, "now"))
    found = checked("default", draws=FEW)
    assert names(found) == (then.name, now.name)
    assert "--posterior" not in found.command
    reading = found.result("truce-costs-aldria").readings[0]
    assert reading.modelled is not None
    assert reading.modelled_then is not None
    assert (reading.modelled_then.posterior, reading.modelled.posterior) == (then.name, now.name)
    assert reading.modelled_then.probability != reading.modelled.probability
    # 64 wars, but only so many draws.
    assert reading.modelled_then.ess <= FEW
    assert reading.modelled.ess <= FEW // 2
    data = json.loads(found.to_text())
    assert (data["posterior_then"], data["posterior"]) == names(found)
    assert data["calibration"]["figures"] == len(now.evidence_rows())
    (one,) = [claim for claim in data["claims"] if claim["id"] == "truce-costs-aldria"]
    for told in (one["modelled"], one["modelled_then"], one["readings"][0]["modelled"]):
        assert set(told["parts"]) == {"learnt", "assumed", "structure", "chance", "assumed_of_explained"}
        for share in told["parts"].values():
            assert 0 <= share["low"] <= share["value"] <= share["high"] <= 1
    # A day before the posterior's cannot have known it.
    early = checked("default", as_of=invented.start - dt.timedelta(days=1))
    assert names(early) == ("prior", now.name)
    assert (
        "Model results as known then come from priors alone: no posterior of what was known then applies, and"
        " no comparison is more than undetermined there."
    ) in early.limits
    assert early.result("truce-costs-aldria").as_known_then == "undetermined"
    # One with hindsight never stands behind what was known then.
    assert names(checked("now")) == (then.name, now.name)
    assert names(checked("then")) == (then.name, then.name)


def test_without_a_shipped_posterior_priors_stand_and_the_audit_says_so(place: Path) -> None:
    found = checked("default")
    assert names(found) == ("prior", "prior")
    assert found.limits[0].startswith("Model results come from priors alone")
    reading = found.result("truce-costs-aldria").readings[0]
    assert reading.modelled == reading.modelled_then
    assert reading.assumed_share == 1.0


def test_a_file_of_what_was_known_then_stands_behind_both_answers(
    place: Path, then: Posterior, now: Posterior
) -> None:
    path = then.save(place / "mine.nc")
    found = checked(str(path))
    assert names(found) == (then.name, then.name)
    assert f"--posterior {path}" in found.command
    assert found.limits[:3] == (
        "What only a truce would reveal is not learnt from any evidence: how much fighting goes on in it,"
        " what breaking it costs a leader, what monitors do. It stays assumed, whatever is fitted.",
        "The priors lean in part on reports that were published later, so that a model result 'as known then'"
        " is not strictly so.",
        "The intervals of the model's forecasts have not been checked out of sample.",
    )
    # With hindsight it is no answer to what was known then.
    assert names(checked(now)) == ("prior", now.name)


def test_a_posterior_that_cannot_be_used_is_refused(invented: Scenario) -> None:
    with pytest.raises(InputError) as caught:
        checked(synthetic_posterior(invented, FEW, passed=0, why="R-hat of 'x' is 1.2"))
    assert caught.value.what == "this posterior failed its diagnostics: R-hat of 'x' is 1.2"
    with pytest.raises(InputError, match="stale"):
        checked(synthetic_posterior(invented, FEW, model_fingerprint="other"))
    with pytest.raises(InputError, match="neither a file nor one of default, prior, then, now"):
        checked("posterior")


def test_sides_listed_the_other_way_round_give_the_same_verdicts_and_numbers(
    invented: Scenario, then: Posterior
) -> None:
    turned = mirror(invented)
    same = dataclasses.replace(then, tree=then.tree.copy())
    same.tree.attrs["scenario_sha256"] = turned.calibrated_sha256
    one, other = checked(then, invented), checked(same, turned)
    for result in one.results:
        mirrored = other.result(result.id)
        assert (result.verdict, result.as_known_then) == (mirrored.verdict, mirrored.as_known_then)
        assert (result.probability, result.interval) == (mirrored.probability, mirrored.interval)
        if result.modelled is not None:
            assert mirrored.modelled is not None
            told, turned_told = result.modelled, mirrored.modelled
            assert (told.sceptical, told.credulous) == (turned_told.sceptical, turned_told.credulous)


def test_what_is_said_of_a_posterior(invented: Scenario, then: Posterior) -> None:
    found = described(then)
    assert (found.name, found.known, found.until) == (then.name, "then", invented.start)
    assert (found.draws, found.worst_rhat, found.least_ess) == (FEW, pytest.approx(1.004), FEW)
    assert found.taught[0].name == "attrition_coefficient"
    assert {one.side for one in found.taught[:2]} == set(invented.sides)
    assert {one.name for one in found.only_a_truce} == {
        "violation_level", "monitoring_effect", "truce_cost", "monitoring_cost",
    }  # fmt: skip
    assert all(one.label == "assumed" for one in found.only_a_truce)
    one = invented.sides[0]
    (learnt, stock, nothing) = (
        found.of_input(name)
        for name in (f"attrition_coefficient ({one})", f"state: skill ({one})", "attrition_law")
    )
    assert learnt is not None
    assert (learnt.kind, learnt.side, learnt.label) == ("parameter", one, "learnt")
    assert stock is None or (stock.kind, stock.side) == ("state", one)
    assert nothing is None


def test_what_only_a_truce_would_reveal_is_never_learnt(invented: Scenario) -> None:
    found = described(synthetic_posterior(invented, 8, ("violation_level", "truce_cost")))
    assert {one.label for one in found.only_a_truce} == {"assumed"}
    assert auditing.posteriors(invented, "prior") == (None, None)
