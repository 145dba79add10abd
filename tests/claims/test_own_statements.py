"""Only a party's own statement decides, as a floor or a ceiling; spans, order of concepts and labels."""

import dataclasses
import itertools
from typing import Any

import pytest

from ceasefire.charts import theme
from ceasefire.claims import schema
from ceasefire.claims.chartdata import SourcesChart
from ceasefire.claims.measures import measure
from ceasefire.claims.results import Finding
from ceasefire.claims.yardsticks import NoYardstickError, yardstick
from ceasefire.evidence import load
from tests.claims.helpers import row
from tests.claims.test_parties import MORE, aldria, by, evidence, lost

AT_MOST = {"at_least": None, "at_most": 100}


def title(finding: Finding) -> str:
    assert isinstance(finding.chart, SourcesChart)
    return finding.chart.title


def test_an_allys_restatement_of_a_party_decides_nothing() -> None:
    paper = dataclasses.replace(MORE["bremor_paper"], source_class="government_ally_of_ukraine")
    made = dataclasses.replace(
        evidence([by("bremor_paper", best=50)]), sources={**MORE, "bremor_paper": paper}
    )
    assert measure(aldria(), made).verdict == "undetermined"
    rows = [by("bremor_paper", best=50, known_on="2001-09-01"), by("bremor_staff", best=500)]
    assert lost(*rows).verdict == "undetermined"
    rows = [by("bremor_paper", best=500, known_on="2001-09-01"), by("bremor_staff", best=50)]
    finding = lost(*rows)
    assert finding.verdict == "not supported"
    assert "even Bremor Staff" in finding.quote
    assert "about 50" in finding.quote


def test_the_shipped_restatement_of_the_general_staff_ends_in_a_word() -> None:
    test = schema.TotalAt.model_validate(
        {
            "kind": "total_at", "quantity": "personnel_losses", "concept": "killed_and_wounded", "side": "RU",
            "place": "whole_front", "date": "2022-09-30", "window_days": 5, "at_least": 80000,
            "unit": "persons",
        }
    )  # fmt: skip
    assert measure(test, load()).verdict == "undetermined"


@pytest.mark.parametrize(
    ("name", "best", "test", "word", "why", "heading"),
    [
        (
            "bremor_staff", 50, {}, "not supported", "no reason to count its enemy's losses too low",
            "Even the enemy counts fewer",
        ),
        (
            "bremor_staff", 50, AT_MOST, "mostly supported", "no reason to count its enemy's losses too low",
            "Even the enemy counts no more",
        ),
        (
            "aldria_staff", 150, {}, "mostly supported", "no reason to count its own losses too high",
            "Even the party itself admits as many",
        ),
        (
            "aldria_staff", 150, AT_MOST, "not supported", "no reason to count its own losses too high",
            "Even the party itself admits more",
        ),
    ],
)  # fmt: skip
def test_the_words_follow_whose_losses_a_party_counts(
    name: str, best: float, test: dict[str, Any], word: str, why: str, heading: str
) -> None:
    finding = lost(by(name, best=best), **test)
    assert finding.verdict == word
    assert why in finding.quote
    assert title(finding) == heading


def test_only_what_decided_is_named() -> None:
    finding = lost(by("bremor_staff", best=50), by("aldria_staff", best=20))
    assert finding.depends_on == ("what a party to the war says against its own interest (Bremor Staff)",)


@pytest.mark.parametrize("name", ["bremor_staff", "alpha"])
def test_a_total_that_starts_later_is_no_ceiling(name: str) -> None:
    whole = by("gamma", low=1, side="AL")
    late = by(name, best=50, start="2001-03-01")
    assert lost(whole, by(name, best=50)).verdict == "not supported"
    assert lost(whole, late).verdict == "undetermined"
    later = by(name, best=50, start="2001-03-01", end="2001-09-01")
    assert lost(whole, later, bounds_days=100).verdict == "undetermined"
    more = by(name, concept="killed_and_wounded", best=50, start="2001-03-01")
    finding = lost(whole, more, ceilings="killed_and_wounded")
    assert finding.verdict == "undetermined"
    (shown,) = [item for item in finding.sources if item.source == name]
    assert shown.why == "counts from 1 March 2001 on only, and more than what is asked for"


def test_a_total_that_starts_later_is_a_floor() -> None:
    rows = [by("gamma", low=1, side="AL"), by("alpha", best=150, start="2001-03-01")]
    assert lost(*rows).verdict == "mostly supported"
    assert {item.source: item.role for item in lost(*rows).sources}["alpha"] == "floor"
    assert "at least 150" in lost(*rows).quote


def test_what_a_source_reported_needs_no_span() -> None:
    rows = [by("gamma", low=1, side="AL"), by("alpha", best=50, start="2001-03-01")]
    assert lost(*rows, as_reported_by="alpha").verdict == "not supported"


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({}, "undetermined"),
        ({"end": "2001-06-20"}, "not supported"),
        ({"known_on": "2001-08-01"}, "mostly supported"),
    ],
)
def test_the_order_of_the_concepts_decides_nothing(given: dict[str, Any], word: str) -> None:
    rows = [by("alpha", best=120, **given), by("alpha", concept="killed_and_missing", best=90)]
    for order in itertools.permutations(rows):
        for concept in (["killed", "killed_and_missing"], ["killed_and_missing", "killed"]):
            assert lost(*order, concept=concept).verdict == word


def test_a_partys_figures_of_two_concepts_are_one_interval() -> None:
    rows = [by("bremor_staff", best=120), by("bremor_staff", concept="killed_and_missing", best=90)]
    for concept in (["killed", "killed_and_missing"], ["killed_and_missing", "killed"]):
        assert lost(*rows, concept=concept).verdict == "undetermined"


def test_whoever_is_neither_a_party_nor_neutral_is_told_so() -> None:
    known = {
        **MORE,
        "alpha": dataclasses.replace(MORE["alpha"], independent="partly"),
        "beta": dataclasses.replace(MORE["beta"], independent="no", party="BR", source_class="partisan_site"),
    }
    rows = [by("alpha", best=120), by("beta", best=10, known_on="2001-07-11"), by("gamma", low=1)]
    made = dataclasses.replace(evidence(rows), sources=known)
    finding = measure(aldria(), made)
    assert {item.source: item.party for item in finding.sources} == {
        "alpha": "ally", "beta": "warring party", "gamma": "independent",
    }  # fmt: skip
    assert "Alpha, not neutral" in finding.quote
    assert theme.MARK_WORDS["ally"] == "not neutral or allied"


def test_the_shipped_lists_of_names_are_not_called_independent() -> None:
    test = schema.TotalAt.model_validate(
        {
            "kind": "total_at", "quantity": "personnel_losses", "concept": "named_dead", "side": "UA",
            "place": "whole_front", "date": "2024-02-24", "at_least": 31000, "unit": "persons",
        }
    )  # fmt: skip
    marks = {item.source: item.party for item in measure(test, load()).sources}
    assert marks["ualosses"] == "ally"
    assert marks["ukrwarlosses_ukraine"] == "warring party"


def near_town(**given: Any) -> Finding:
    test = schema.MeanRate.model_validate(
        {
            "kind": "mean_rate", "quantity": "personnel_losses", "concept": "killed", "side": "AL",
            "place": "town", "whole": "whole_front", "date": "2001-06-30", "days": 30, "unit":
            "persons_per_day", "counts": "soldiers killed near the town", "at_least": 100, **given,
        }
    )  # fmt: skip
    span = {"start": "2001-06-01", "end": "2001-06-30", "flow_or_stock": "flow"}
    rows = [
        by("alpha", best=1500, place="whole_front", **span),
        by("beta", low=600, best=600, high=900, place="town", **span),
    ]
    return measure(test, evidence(rows))


def test_a_figure_of_the_whole_front_says_so() -> None:
    finding = near_town()
    labels = {item.source: item.label for item in finding.sources}
    assert labels == {"alpha": "Alpha, whole front: a ceiling", "beta": "Beta"}
    assert isinstance(finding.chart, SourcesChart)
    assert set(finding.chart.frame["label"]) == set(labels.values())


def test_the_quote_tells_a_ceiling_of_the_whole_front() -> None:
    test_rows = [
        by("alpha", best=1500, place="whole_front", start="2001-06-01", flow_or_stock="flow"),
        by("beta", low=1, place="town", start="2001-06-01", flow_or_stock="flow"),
    ]
    test = schema.MeanRate.model_validate(
        {
            "kind": "mean_rate", "quantity": "personnel_losses", "concept": "killed", "side": "AL",
            "place": "town", "whole": "whole_front", "date": "2001-06-30", "days": 30, "unit":
            "persons_per_day", "counts": "soldiers killed near the town", "at_least": 100,
        }
    )  # fmt: skip
    finding = measure(test, evidence(test_rows))
    assert "up to 50 a day by the one origin outside the war that weighs (Alpha, whole front: a ceiling)" in (
        finding.quote
    )


def test_bounds_are_drawn_as_bounds() -> None:
    finding = lost(by("alpha", concept="named_dead", best=50), by("beta", best=200), floors="named_dead")
    assert isinstance(finding.chart, SourcesChart)
    drawn = finding.chart.frame.set_index("source")
    assert drawn.loc["alpha", "low"] == 50
    assert drawn.loc["alpha", ["best", "high"]].isna().all()
    assert drawn.loc["beta", "best"] == 200


def test_the_day_of_a_figure_that_is_of_another_day_is_told() -> None:
    finding = lost(by("alpha", best=120, end="2001-06-10"))
    assert "Alpha, of 10 June 2001" in finding.quote
    two = lost(by("alpha", best=120, end="2001-06-10"), by("beta", best=130))
    assert "of another day: Alpha (10 June 2001)" in two.quote


def test_what_about_means_is_said() -> None:
    finding = lost(by("alpha", best=90), at_least=None, about=100)
    assert "about 100, give or take 20 %" in finding.quote
    assert (
        "about 100, give or take 5 %"
        in lost(by("alpha", best=90), at_least=None, about=100, tolerance=0.05).quote
    )


def size(name: str, **given: Any) -> dict[str, Any]:
    return by(name, quantity="unit_size", concept="battalion", flow_or_stock="stock", **given)


BATTALION = schema.Yardstick.model_validate({"quantity": "unit_size", "concept": "battalion"})


def test_a_yardstick_takes_no_misprint_compilation_or_claim_of_a_party() -> None:
    right = size("alpha", low=400, high=600)
    wrong = [
        size("beta", best=4000, kind="misprint"),
        size("mixture", best=50),
        size("bremor_staff", best=10),
        size("aldria_staff", best=20),
    ]
    assert yardstick(BATTALION, evidence([right])).high == 600
    found = yardstick(BATTALION, evidence([right, *wrong]))
    assert (found.low, found.high) == (400, 600)
    with pytest.raises(NoYardstickError):
        yardstick(BATTALION, evidence(wrong))


def test_a_yardstick_takes_a_partys_own_establishment() -> None:
    own = size("aldria_staff", best=500, kind="establishment")
    assert yardstick(BATTALION, evidence([own])).low == 500
    with pytest.raises(NoYardstickError):
        yardstick(BATTALION, evidence([size("bremor_staff", best=500, kind="establishment")]))


def test_two_thirds_are_those_of_the_origins_that_can_tell() -> None:
    rows = [row("alpha", best=20), row("delta", best=30), row("beta", low=20), row("gamma", low=30)]
    finding = lost(*rows)
    alone = lost(rows[0], *rows[2:])
    assert alone.reason[0]["rule"] == "the one that can tell speaks against it"
    assert finding.reason[0]["rule"] == "two thirds or more of those that can tell speak against it"
