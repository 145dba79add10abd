"""The audit as a whole: the shipped article, and an invented one with the real engine."""

import datetime as dt
import json
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from ceasefire.analysis import NOT_MODELLED
from ceasefire.analysis.aid import KINDS
from ceasefire.claims import (
    VERDICTS,
    Audit,
    audit,
    auditing,
    load_claims,
    parse_claims,
    schema,
    shipped_claims,
)
from ceasefire.claims.loading import ClaimFile
from ceasefire.claims.overall import _resolved, limits
from ceasefire.claims.rules import RANK
from ceasefire.evidence import load
from ceasefire.files import InputError
from ceasefire.scenario import load_scenario, template
from tests.claims.helpers import evidence, row
from tests.claims.test_counterfactuals import Fake
from tests.claims.test_model_tests import Aided, Wars

INVENTED = Path(__file__).parent / "invented.yaml"
KEYS = {
    "id", "row", "kind", "says", "verdict", "probability", "interval", "sources", "readings", "as_known_then",
    "depends_on", "reason", "quote",
}  # fmt: skip


class Wide(Fake):
    """A fake over the horizon of the shipped scenario."""

    def curve(self, outcome: str, side: str | None = None, beyond: float = 0.0) -> Any:
        frame = super().curve(outcome, side, beyond)
        frame["date"] = frame["date"] + (dt.datetime(2023, 12, 20) - dt.datetime(2001, 1, 8))
        return frame


@pytest.fixture(scope="module")
def shipped() -> Audit:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(auditing, "run_comparison", lambda *_, **__: Wide([0.4, 0.6], [0.3, 0.7], "prior", 1.0))
        patch.setattr(auditing, "run_alone", lambda *_, **__: Wars(0.6, posterior="prior"))
        each = Aided(dict.fromkeys(KINDS, 0.6), posterior="prior")
        patch.setattr(auditing, "run_aid", lambda *_, **__: each)
        return audit("interview-with-a-tyrant", draws=50, seed=3, posterior="prior")


def rows() -> list[dict[str, Any]]:
    """Return what the sources say of both sides, the same of each."""
    found = []
    for side, enemy in (("AL", "bremor_staff"), ("BR", "aldria_staff")):
        found += [row("alpha", best=120, side=side), row("beta", best=130, side=side)]
        found += [row(enemy, best=900, side=side)]
        found += [row("gamma", best=400, concept="killed_and_wounded", side=side)]
    return found


@pytest.fixture(scope="module")
def invented() -> Audit:
    return audit(INVENTED, evidence=evidence(rows()), draws=8, seed=1)


def test_the_shipped_article_covers_every_row() -> None:
    claims = load_claims("interview-with-a-tyrant").claims
    assert len(claims) >= 20
    assert {claim.row for claim in claims} == set(schema.ROWS)
    assert {claim.kind for claim in claims} == {
        "measurement", "forecast", "counterfactual", "universal", "intent", "policy",
    }  # fmt: skip
    assert "interview-with-a-tyrant" in shipped_claims()


def test_every_claim_has_a_word_a_sentence_and_reasons(shipped: Audit) -> None:
    for result in shipped.results:
        assert result.verdict in VERDICTS
        assert result.as_known_then in VERDICTS
        assert result.reason
        for text in (result.quote, result.quote_then):
            assert text.endswith(".")
            assert text[0].isupper() or not text[0].isalpha()
            assert "nan" not in text.lower().split()
            assert "  " not in text
        assert result.depends_on
    assert sum(shipped.counts.values()) == len(shipped.results)
    assert shipped.counts["not yet modelled"] == 0
    waiting = {
        (result.id, reading.id)
        for result in shipped.results
        for reading in result.readings
        if reading.verdict == "not yet modelled"
    }
    # Terms of a settlement beyond a truce, and wars re-run from an earlier day.
    assert waiting == {
        ("never-a-break", "a-settlement"),
        ("long-war", "line-follows-capability"),
        ("call-up-only-steadied", "the-cause"),
        ("war-as-long-as-resources", "until-the-means-are-gone"),
    }


def test_json_has_what_was_promised(shipped: Audit) -> None:
    data = json.loads(shipped.to_text())
    assert {"scenario", "as_of", "draws", "seed", "posterior", "version", "claims"} <= set(data)
    assert (data["scenario"], data["as_of"], data["draws"], data["seed"], data["posterior"]) == (
        "ukraine-2022", "2022-12-21", 50, 3, "prior",
    )  # fmt: skip
    for claim in data["claims"]:
        assert set(claim) >= KEYS
        for source in claim["sources"]:
            assert {"value", "root", "verdict", "counted", "why"} <= set(source)
        for reading in claim["readings"]:
            assert {"id", "verdict", "as_known_then", "quote"} <= set(reading)


def test_no_counterfactual_from_priors_is_more_than_undetermined(shipped: Audit) -> None:
    for result in shipped.results:
        for reading in result.readings:
            if reading.test in schema.MODELLED:
                # Whether an offer is a bluff is about intent.
                untestable = reading.id.startswith("as-a-signal")
                word = "untestable" if untestable else "undetermined"
                assert reading.verdict == reading.as_known_then == word
            if reading.test == "compare":
                assert (reading.assumed_share, reading.ess) == (1.0, 10_000)


def test_the_word_of_a_claim_is_that_of_its_main_reading(shipped: Audit) -> None:
    for result in shipped.results:
        if result.kind in {"intent", "policy"} or not result.readings:
            continue
        (main,) = [reading for reading in result.readings if reading.main]
        assert (result.verdict, result.as_known_then, result.quote) == (
            main.verdict,
            main.as_known_then,
            main.quote,
        )


def test_readings_of_the_deaths_have_words_of_their_own(shipped: Audit) -> None:
    result = shipped.result("killed-in-300-days")
    words = {reading.id: reading.verdict for reading in result.readings}
    assert words == {
        "killed": "not supported",
        "killed-and-wounded": "mostly supported",
        "as-reported": "supported",
        "as-reported-to-the-letter": "not supported",
    }
    assert (result.verdict, result.as_known_then) == ("not supported", "undetermined")


def test_every_verdict_about_a_truce_names_what_it_leaves_in_place(shipped: Audit) -> None:
    for claim in ("truce-costs-more", "pause-to-rebuild", "never-a-break", "any-break-is-used"):
        assert set(NOT_MODELLED) <= set(shipped.result(claim).not_modelled)


def part(shipped: Audit, *claims: str) -> tuple[str, ...]:
    """Return the limits of an audit of some of the claims alone."""
    chosen = [result for result in shipped.results if result.id in claims]
    assert len(chosen) == len(claims)
    return limits(chosen, (None, None), load(), load_scenario("ukraine-2022"))


def test_limits_speak_of_a_truce_and_of_priors_only_where_there_are_any(shipped: Audit) -> None:
    said = part(shipped, "killed-in-300-days", "wartime-economy")
    assert not [line for line in said if "truce" in line or "priors" in line]
    # To call up more men is a comparison and no truce.
    tests = {reading.id: reading.test for reading in shipped.result("only-lack-of-force").readings}
    assert tests["more-force-more-ground"] == "compare"
    assert not set(NOT_MODELLED) & set(shipped.result("only-lack-of-force").not_modelled)
    said = part(shipped, "only-lack-of-force")
    assert [line for line in said if "truce" in line] == []
    assert len([line for line in said if "priors" in line]) == 2
    assert len([line for line in part(shipped, "truce-costs-more") if "truce" in line]) == 1


def test_priors_lean_on_what_came_out_later(shipped: Audit) -> None:
    assert shipped.limits[1] == (
        "The priors lean in part on reports that were published later, so that a model result 'as known"
        " then' is not strictly so."
    )


def test_now_is_the_last_day_on_which_anything_became_known() -> None:
    """A record that came out after the last figure is known now."""
    known = evidence([row("alpha", best=120)])
    last = max(
        known.records(name)["known_on"].max()
        for name in known.record_names()
        if "known_on" in known.records(name)
    )
    assert known.observations["known_on"].max() < last
    assert auditing._last_day(known) >= last.date()


def test_the_command_gives_the_same_audit_again(tmp_path: Path) -> None:
    world = tmp_path / "my war; rm -r.yaml"
    world.write_text(template(), encoding="utf-8")
    article = tmp_path / "the article.yaml"
    text = INVENTED.read_text(encoding="utf-8")
    first, last = text.index("  - id: aldria-lost"), text.index("  - id: bridges")
    article.write_text(text[:first] + text[last:], encoding="utf-8")
    found = audit(article, scenario=world, evidence=evidence(rows()), draws=8)
    words = shlex.split(found.command)
    assert words[:3] == ["ceasefire", "audit", str(article)]
    named = words[words.index("--scenario") + 1]
    assert load_scenario(named).sha256 == found.model["scenario_sha256"]
    assert audit(words[2], scenario=named, evidence=evidence(rows()), draws=8).command == found.command


def test_forecasts_were_open_then_and_are_resolved_now(shipped: Audit) -> None:
    forecasts = [result for result in shipped.results if result.kind == "forecast"]
    for result in forecasts:
        assert result.as_known_then in {"undetermined", "not yet modelled"}
    assert shipped.result("second-offensive").verdict == "supported"
    assert shipped.result("general-mobilisation").verdict == "not supported"


def test_summary_says_how_many_of_what(shipped: Audit) -> None:
    assert shipped.overall.startswith(f"Of {len(shipped.results)} claims, ")
    assert len(shipped.findings) == 3
    assert len({finding.claim for finding in shipped.findings}) == 3
    assert shipped.findings[0].claim == "killed-in-300-days"
    assert shipped.findings[1].claim == "truce-costs-more"
    assert shipped.limits[0].startswith("Model results come from priors alone")
    assert "--posterior prior --draws 50 --seed 3" in shipped.command


def test_pictures_are_data(shipped: Audit) -> None:
    kinds = {chart.kind for chart in (result.chart for result in shipped.results) if chart is not None}
    assert kinds == {"sources", "futures", "share", "timeline", "offer"}
    chart = next(r for r in shipped.result("killed-in-300-days").readings if r.id == "killed").chart
    assert chart is not None
    assert chart.kind == "sources"
    assert chart.claim_value == 100_000  # type: ignore[union-attr]
    assert chart.log  # type: ignore[union-attr]
    frame = chart.frame  # type: ignore[union-attr]
    assert {
        "label",
        "source",
        "root",
        "value",
        "low",
        "best",
        "high",
        "date",
        "party",
        "counted",
        "restates",
    } <= set(frame)
    assert set(frame["party"]) <= {"independent", "warring party", "ally"}


def test_an_audit_with_the_real_engine(invented: Audit) -> None:
    words = {result.id: result.verdict for result in invented.results}
    assert words == {
        "aldria-lost": "supported",
        "bremor-lost": "supported",
        "truce-costs-aldria": "undetermined",
        "truce-costs-bremor": "undetermined",
        "refuse": "undetermined",
        "bridges": "not yet modelled",
    }
    result = invented.result("truce-costs-aldria")
    assert result.ess == 8
    assert result.interval is not None
    assert result.interval[0] <= result.interval[1]  # type: ignore[operator]
    assert invented.posterior == "prior"
    assert len(str(invented.model["model_fingerprint"])) > 0


def test_a_mirrored_article_gets_mirrored_verdicts(invented: Audit) -> None:
    one, other = invented.result("aldria-lost"), invented.result("bremor-lost")
    assert one.verdict == other.verdict
    assert one.interval == other.interval
    assert one.quote.replace("Aldria", "X") == other.quote.replace("Bremor", "X")
    assert one.different_if == other.different_if


def test_html_in_a_claim_stays_text(invented: Audit) -> None:
    result = invented.result("bridges")
    assert result.says == "Guns on the roofs save the bridges; <script>alert('x')</script> & \"so\" they say."
    assert result.short == "Guns save <b>the bridges</b>"


def test_limits_speak_of_the_scenario_and_not_of_another_war(invented: Audit) -> None:
    text = " ".join(invented.limits)
    assert "two for Aldria and two for Bremor" in text
    assert "Ukrain" not in text
    assert "Russia" not in text


def test_same_question_same_answer(invented: Audit) -> None:
    assert audit(INVENTED, evidence=evidence(rows()), draws=8, seed=1).to_text() == invented.to_text()


def test_an_audit_of_a_day_before_everything_knows_nothing(shipped: Audit) -> None:
    known = load().known_by("1900-01-01")
    (claim,) = [
        item for item in load_claims("interview-with-a-tyrant").claims if item.id == "killed-in-300-days"
    ]
    for reading in claim.readings:
        assert reading.test is not None
        finding = auditing.measure(reading.test, known)
        assert (finding.verdict, finding.sources) == ("undetermined", ())


def refused(old: str, new: str) -> str:
    text = INVENTED.read_text(encoding="utf-8")
    assert old in text
    with pytest.raises(InputError) as caught:
        audit(parse_claims(text.replace(old, new, 1), "mine.yaml"), evidence=evidence(rows()), draws=8)
    return str(caught.value)


def test_a_quantity_that_is_not_there_is_refused_with_file_and_line() -> None:
    assert refused("quantity: personnel_losses", "quantity: personel_losses") == (
        "there is no quantity 'personel_losses' in the evidence.\n"
        "  where: mine.yaml, line 19 (claims[1].readings[1].test)\n"
        "  to do: did you mean 'personnel_losses'?"
    )


def test_a_date_before_the_first_evidence_is_refused() -> None:
    assert refused("date: 2001-06-30", "date: 2000-06-30") == (
        "2000-06-30 lies before the first evidence on 'personnel_losses' (2001-01-01).\n"
        "  where: mine.yaml, line 19 (claims[1].readings[1].test)\n"
        "  to do: give a later day."
    )


def test_a_quantity_with_no_source_is_refused() -> None:
    assert refused("concept: killed\n          side: AL", "concept: wounded\n          side: AL") == (
        "'personnel_losses' has no source for AL, wounded.\n"
        "  where: mine.yaml, line 19 (claims[1].readings[1].test)\n"
        "  to do: see 'ceasefire evidence show' for what there is."
    )


def test_a_policy_that_the_scenario_does_not_have_is_refused_before_any_war_is_run() -> None:
    assert refused("{kind: compare, outcome", "{kind: compare, second: truces, outcome") == (
        "'invented-war' has no policy 'truces'.\n"
        "  where: mine.yaml, line 78 (claims[3].readings[1].test)\n"
        "  to do: did you mean 'truce'?"
    )


def test_no_wars_no_audit() -> None:
    with pytest.raises(InputError, match="0 draws cannot be run"):
        audit(INVENTED, draws=0)


def test_ranks_are_level_where_neither_is_better() -> None:
    assert RANK["contested"] == RANK["undetermined"]


@pytest.mark.parametrize("day", [dt.date(1, 1, 1), dt.date(2030, 1, 1), dt.date(9999, 12, 31)])
def test_a_day_of_which_nothing_can_be_told_is_refused(day: dt.date) -> None:
    known = load()
    with pytest.raises(InputError) as caught:
        audit(INVENTED, as_of=day, draws=8, evidence=known)
    last = auditing._last_day(known)
    assert str(caught.value) == (
        f"what was known on {day} cannot be told: the evidence became known from 1917-12-09 to {last}.\n"
        "  where: --as-of\n"
        f"  to do: give a day from 1917-12-09 to {last}."
    )


def test_the_last_day_of_the_evidence_can_be_asked() -> None:
    known = evidence(rows())
    last = auditing._last_day(known)
    found = audit(_without_wars(), as_of=last, draws=8, evidence=known)
    assert (found.as_of, found.known_until) == (last, last)
    assert [r.verdict for r in found.results] == [r.as_known_then for r in found.results]


@pytest.mark.parametrize(("given", "message"), [
    ({"seed": -1},
     "-1 is no seed.\n  where: --seed\n  to do: give a whole number from 0 to 281474976710655."),
    ({"seed": 2**48}, "281474976710656 is no seed."),
    ({"draws": 99_999_999_999},
     "99,999,999,999 draws cannot be run at one time.\n  where: --draws\n"
     "  to do: give a number from 1 to 100,000."),
    ({"draws": 0}, "0 draws cannot be run at one time."),
])  # fmt: skip
def test_draws_and_seed_are_checked_where_no_war_is_run(given: dict[str, int], message: str) -> None:
    with pytest.raises(InputError) as caught:
        audit(_without_wars(), evidence=evidence(rows()), **given)  # type: ignore[arg-type]
    assert str(caught.value).startswith(message)


def _without_wars(published: str = "2001-07-15") -> ClaimFile:
    """Return the invented article without the claims for which wars are run."""
    whole = yaml.safe_load(INVENTED.read_text(encoding="utf-8"))
    whole["article"]["published"] = published
    whole["claims"] = [claim for claim in whole["claims"] if claim["id"].endswith("-lost")]
    return parse_claims(yaml.safe_dump(whole, sort_keys=False), "mine.yaml")


@pytest.mark.thorough
def test_the_size_of_a_unit_is_no_news_of_its_day(shipped: Audit) -> None:
    """A battalion is as large for what was known then as for what is known now."""
    for reading in shipped.result("battalion-a-day").readings:
        if reading.id != "whole-front-as-reported":
            assert "at least 400 to 1,000 a day (a battalion)" in reading.quote
            assert "at least 400 to 1,000 a day (a battalion)" in reading.quote_then
    # What is no definition is cut at its day: the force on the eve of the invasion was counted then.
    then = load().known_by("2022-12-21")
    (claim,) = [i for i in load_claims("interview-with-a-tyrant").claims if i.id == "best-resources-lost"]
    assert claim.main is not None
    assert claim.main.test is not None
    assert auditing._with_definitions(claim.main.test, then, load()) is then


def test_every_comparison_names_the_days_of_its_truces(shipped: Audit) -> None:
    seen = 0
    for result in shipped.results:
        for reading in result.readings:
            if reading.test == "compare" and "'truce'" in reading.quote:
                seen += 1
                assert "'truce' (a truce of 182 days from 21 December 2022)" in reading.quote
    assert seen > 3


def test_an_article_far_from_the_scenario_is_told_so(shipped: Audit) -> None:
    assert not [line for line in shipped.limits if "its comparisons answer for that day" in line]
    late = dict(yaml.safe_load(INVENTED.read_text(encoding="utf-8")))
    late["article"]["published"] = "2002-03-01"
    found = audit(
        parse_claims(yaml.safe_dump(late, sort_keys=False), "mine.yaml"), evidence=evidence(rows()), draws=8
    )
    assert found.limits[-2:] == (
        "The scenario 'invented-war' begins on 2001-01-01, 424 days before the article (2002-03-01):"
        " its comparisons answer for that day and not for the article's.",
        "The truce of 'truce' begins on 2001-03-01, 365 days before the article (2002-03-01):"
        " its comparisons answer for that day and not for the article's.",
    )
    nothing_run = audit(_without_wars("2002-03-01"), evidence=evidence(rows()), draws=8)
    assert not [line for line in nothing_run.limits if "its comparisons answer" in line]


def test_what_the_sources_said_then_is_in_the_json(shipped: Audit) -> None:
    for claim in json.loads(shipped.to_text())["claims"]:
        for holder in (claim, *claim["readings"]):
            for row_then in holder["sources_then"]:
                assert row_then["known_on"] <= "2022-12-21"
    (killed,) = [r for r in shipped.result("killed-in-300-days").readings if r.id == "killed"]
    assert {row.source for row in killed.sources_then} < {row.source for row in killed.sources}
    assert shipped.result("killed-in-300-days").sources_then == killed.sources_then


def test_no_forecast_came_true_is_said_in_words(shipped: Audit) -> None:
    wrong = [r for r in shipped.results if r.kind == "forecast" and r.verdict == "not supported"][:1]
    found = _resolved(wrong)
    assert found is not None
    assert found.text.startswith("Of one forecast that the record resolves by now, none came true; not: ")
