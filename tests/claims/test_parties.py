"""What a party to the war decides, and what it does not: misprints, old statements, compilations."""

import dataclasses
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ceasefire.claims import load_claims, schema
from ceasefire.claims.measures import measure
from ceasefire.claims.results import Finding
from ceasefire.evidence import Evidence, load
from tests.claims.helpers import SOURCES, row, source, total

INVENTED = Path(__file__).parent / "invented.yaml"
SWAP = {"AL": "BR", "BR": "AL", "aldria_staff": "bremor_staff", "bremor_staff": "aldria_staff"}
MORE = {
    **SOURCES,
    "bremor_paper": source("bremor_paper", root="bremor_staff"),
    "bremor_mixture": source("bremor_mixture", root="bremor_staff", derived_from=("alpha",)),
}


def evidence(rows: Iterable[Mapping[str, Any]]) -> Evidence:
    frame = pd.DataFrame(list(rows))
    for name in ("low", "best", "high"):
        frame[name] = pd.to_numeric(frame[name])
    return load().replace_observations(frame, MORE)


def by(name: str, **given: Any) -> dict[str, Any]:
    about = MORE[name]
    return {**row("alpha", **given), "source": name, "source_class": about.source_class, "root": about.root}


def aldria(**test: Any) -> schema.TotalAt:
    values = {
        "kind": "total_at", "quantity": "personnel_losses", "concept": "killed", "side": "AL",
        "date": "2001-06-30", "unit": "persons", "at_least": 100,
    }  # fmt: skip
    return schema.TotalAt.model_validate({**values, **test})


def lost(*rows: Mapping[str, Any], **test: Any) -> Finding:
    return measure(aldria(**test), evidence(rows))


def test_a_partys_misprint_decides_nothing() -> None:
    assert lost(by("bremor_staff", best=50)).verdict == "not supported"
    misprint = by("bremor_staff", best=50, kind="misprint")
    for rows in ([misprint], [misprint, by("bremor_staff", best=500, end="2001-06-29")]):
        assert lost(*rows).verdict == "undetermined"
    assert lost(misprint).different_if == ()


def test_a_partys_superseded_statement_decides_nothing() -> None:
    old = by("bremor_staff", best=50, known_on="2001-07-01")
    new = by("bremor_staff", best=500, known_on="2001-08-01")
    assert lost(old).verdict == "not supported"
    assert lost(old, new).verdict == "undetermined"
    assert lost(by("bremor_staff", best=500, known_on="2001-07-01"), by("bremor_staff", best=50)).verdict == (
        "not supported"
    )


def test_a_restatement_farther_from_the_day_decides_nothing() -> None:
    rows = [by("bremor_staff", best=500), by("bremor_paper", best=50, end="2001-06-10")]
    assert lost(*rows).verdict == "undetermined"


def test_a_compilation_of_a_partys_figures_decides_nothing() -> None:
    assert lost(by("bremor_mixture", best=50)).verdict == "undetermined"


def test_a_source_whose_origin_was_not_judged_decides_nothing() -> None:
    unjudged = dataclasses.replace(MORE["bremor_staff"], source_class="not_classified", party="")
    known = {**MORE, "bremor_staff": unjudged}
    made = evidence([by("bremor_staff", best=50)])
    assert measure(aldria(), made).verdict == "not supported"
    assert measure(aldria(), dataclasses.replace(made, sources=known)).verdict == "undetermined"


def test_the_sentence_and_the_reasons_name_the_row_that_decided() -> None:
    rows = [
        by("bremor_staff", best=40, known_on="2001-07-01"),
        by("bremor_staff", best=50, known_on="2001-08-01"),
        by("bremor_mixture", best=30),
    ]
    finding = lost(*rows)
    assert finding.verdict == "not supported"
    assert "about 50" in finding.quote
    assert finding.reason[1]["ceilings_on_enemy"] == [50.0]
    assert finding.depends_on == ("what a party to the war says against its own interest (Bremor Staff)",)
    (shown,) = [reason for reason in finding.reason if reason["rule"].startswith("parties to the war")]
    assert (shown["rows"], shown["would_be_against"]) == (2, 2)


def test_what_a_source_reported_is_not_its_misprint() -> None:
    rows = [by("bremor_staff", best=101, kind="misprint"), by("bremor_staff", best=99, end="2001-06-28")]
    assert lost(*rows[:1], as_reported_by="bremor_staff").verdict == "undetermined"
    finding = lost(*rows, as_reported_by="bremor_staff")
    assert finding.verdict == "not supported"
    (reached,) = [reason for reason in finding.reason if reason["rule"] == "first reached"]
    assert reached["date"] is None


def war(name: str, place: str, **given: Any) -> dict[str, Any]:
    return by(
        name, quantity="war_deaths", place=place, **{"start": "1950-01-01", "end": "1953-01-01", **given}
    )


def precedent(*rows: Mapping[str, Any], number: float = 100, **given: Any) -> Finding:
    values = {
        "kind": "precedent", "concept": "killed", "before": "2000-01-01", "larger_than": number,
        "old_wars_of_parties": True, "cases": 1, "unit": "persons",
    }  # fmt: skip
    return measure(schema.Precedent.model_validate({**values, **given}), evidence(rows))


def test_an_official_record_of_an_old_war_counts() -> None:
    assert precedent(war("bremor_staff", "Hills", best=150)).verdict == "not supported"
    assert precedent(war("bremor_staff", "Hills", best=150), old_wars_of_parties=False).verdict == (
        "undetermined"
    )


@pytest.mark.parametrize(
    "wrong",
    [
        war("bremor_staff", "Hills", best=150, kind="misprint"),
        war("bremor_mixture", "Hills", best=150),
    ],
)
def test_a_misprint_or_a_compilation_is_no_precedent(wrong: dict[str, Any]) -> None:
    assert precedent(wrong).verdict == "undetermined"
    finding = precedent(wrong, war("alpha", "Plain", best=20), war("beta", "Plain", best=25))
    assert finding.verdict == "supported"
    assert not any(item.counted for item in finding.sources if item.best == 150)


def test_a_misprint_hides_no_other_case_of_its_origin() -> None:
    rows = [war("bremor_staff", "Hills", best=900, kind="misprint"), war("bremor_staff", "Moor", best=150)]
    finding = precedent(*rows)
    assert finding.verdict == "not supported"
    assert [(item.best, item.counted) for item in finding.sources] == [(150.0, True)]


def test_a_case_known_by_an_open_bound_leaves_a_precedent_open() -> None:
    """Of "at least 20" nobody can say that it stayed below 100."""
    few = [war("alpha", "Plain", best=20), war("beta", "Plain", best=25)]
    assert precedent(*few).verdict == "supported"
    assert precedent(*few, war("alpha", "Moor", low=20)).verdict == "undetermined"
    assert precedent(*few, war("alpha", "Moor", high=90)).verdict == "supported"
    assert precedent(*few, war("alpha", "Moor", high=200)).verdict == "undetermined"
    assert precedent(*few, war("alpha", "Moor", low=120)).verdict == "not supported"


def swapped(item: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **item, "side": SWAP[item["side"]], "source": SWAP.get(item["source"], item["source"]),
        "root": SWAP.get(item["root"], item["root"]),
    }  # fmt: skip


def readings(claim: str) -> list[schema.TotalAt]:
    (found,) = [item for item in load_claims(INVENTED).claims if item.id == claim]
    assert isinstance(found, schema.Measurement)
    return [reading.test for reading in found.readings if isinstance(reading.test, schema.TotalAt)]


@settings(max_examples=15)
@given(
    st.lists(st.tuples(st.integers(1, 300), st.integers(1, 300)), min_size=2, max_size=2),
    st.sampled_from([None, 30, 300]),
)
def test_a_mirrored_article_on_mirrored_and_unlike_figures(
    party: list[tuple[int, int]], outside: int | None
) -> None:
    """Aldria's and Bremor's figures differ; with sides and speakers swapped, so are the words."""
    rows = []
    for side, (own, enemy) in zip(("AL", "BR"), party, strict=True):
        mine, theirs = ("aldria_staff", "bremor_staff") if side == "AL" else ("bremor_staff", "aldria_staff")
        rows += [by(mine, best=own, side=side), by(theirs, best=enemy, side=side)]
        rows += [by("alpha", low=outside, side=side)] if outside else []
    here, there = evidence(rows), evidence(swapped(item) for item in rows)
    for one, other in (("aldria-lost", "bremor-lost"), ("bremor-lost", "aldria-lost")):
        for mine, theirs in zip(readings(one)[:1], readings(other)[:1], strict=True):
            a, b = measure(mine, here), measure(theirs, there)
            assert (a.verdict, a.probability, a.interval) == (b.verdict, b.probability, b.interval)
            assert a.reason[0] == b.reason[0]


@pytest.mark.parametrize(
    ("own", "enemy", "word"), [(50, 60, "not supported"), (150, 160, "mostly supported")]
)
def test_the_mirrored_article_reaches_the_rule_of_interest_on_both_sides(
    own: int, enemy: int, word: str
) -> None:
    rows = [by("aldria_staff", best=own), by("bremor_staff", best=enemy)]
    for claim, known in (("aldria-lost", rows), ("bremor-lost", [swapped(item) for item in rows])):
        beside = by("gamma", best=1, side=known[0]["side"], concept="killed_and_wounded")
        finding = measure(readings(claim)[0], evidence([*known, beside]))
        assert finding.verdict == word
        assert finding.reason[0]["rule"] == "a party against its own interest"


def test_a_party_about_its_enemy_is_told_so_in_any_war() -> None:
    finding = total([row("bremor_staff", best=500)], at_least=100)
    assert [item.why for item in finding.sources] == ["a party to the war about its enemy"]
