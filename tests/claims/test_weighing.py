"""Sources side by side: one voice for each origin, and verdicts that move with their data."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ceasefire.claims.results import Finding
from ceasefire.claims.rules import RANK
from tests.claims.helpers import OUTSIDE, row, total


def counted(finding: Finding) -> list[str]:
    return [item.source for item in finding.sources if item.counted]


def test_each_origin_counts_once() -> None:
    finding = total(
        [row("alpha", best=120), row("alpha_again", best=130), row("beta", best=90)], at_least=100
    )
    assert counted(finding) == ["alpha", "beta"]
    assert finding.verdict == "contested"
    (beaten,) = [item for item in finding.sources if item.source == "alpha_again"]
    assert beaten.why == "the same origin as alpha, which counts"


def test_a_derived_series_is_shown_and_not_counted() -> None:
    finding = total([row("alpha", best=90), row("mixture", best=120)], at_least=100)
    assert counted(finding) == ["alpha"]
    assert finding.verdict == "not supported"
    (derived,) = [item for item in finding.sources if item.source == "mixture"]
    assert derived.verdict == "bears out"
    assert derived.why == "built on other sources (alpha, beta)"


def test_a_party_is_shown_and_not_counted() -> None:
    finding = total([row("bremor_staff", best=500), row("alpha", best=90)], at_least=100)
    assert counted(finding) == ["alpha"]
    assert finding.verdict == "not supported"
    assert {item.source: item.party for item in finding.sources}["bremor_staff"] == "warring party"


def test_a_party_alone_does_not_bear_a_claim_out() -> None:
    finding = total([row("bremor_staff", best=500)], at_least=100)
    assert (finding.verdict, finding.probability) == ("undetermined", None)


def test_an_enemys_count_below_the_claim_is_against_it() -> None:
    finding = total([row("bremor_staff", best=50)], at_least=100)
    assert (finding.verdict, finding.probability) == ("not supported", None)
    assert finding.reason[0]["rule"] == "a party against its own interest"
    assert "even Bremor Staff" in finding.quote


def test_an_own_count_above_the_claim_bears_it_out() -> None:
    finding = total([row("aldria_staff", best=150)], at_least=100)
    assert finding.verdict == "mostly supported"
    assert total([row("aldria_staff", best=50)], at_least=100).verdict == "undetermined"


def test_an_origin_outside_the_war_comes_before_a_party() -> None:
    assert (
        total([row("bremor_staff", best=50), row("alpha", best=120)], at_least=100).verdict
        == "mostly supported"
    )
    assert (
        total([row("aldria_staff", best=150), row("alpha", best=80)], at_least=100).verdict == "not supported"
    )


def test_the_nearest_day_speaks_for_an_origin() -> None:
    rows = [row("alpha", best=90, end="2001-06-20"), row("alpha_again", best=120, end="2001-06-29")]
    finding = total(rows, at_least=100)
    assert counted(finding) == ["alpha_again"]
    assert finding.verdict == "mostly supported"


def test_the_statement_known_last_speaks_for_an_origin() -> None:
    rows = [row("alpha", best=90), row("alpha", best=120, known_on="2002-01-01")]
    finding = total(rows, at_least=100)
    assert finding.verdict == "mostly supported"
    assert [item.why for item in finding.sources if not item.counted] == ["an older statement of this source"]


def test_outside_the_window_nothing_is_compared() -> None:
    rows = [row("alpha", best=120, end="2001-09-30")]
    assert total(rows, at_least=100).verdict == "undetermined"
    assert total(rows, at_least=100, window_days=100).verdict == "mostly supported"


def test_a_later_total_is_a_ceiling_and_an_earlier_one_a_floor() -> None:
    later = [row("alpha", best=90, end="2001-09-30")]
    assert total(later, at_least=100, bounds_days=120).verdict == "not supported"
    assert total(later, at_least=80, bounds_days=120).verdict == "undetermined"
    earlier = [row("alpha", best=120, end="2001-04-01")]
    assert total(earlier, at_least=100, bounds_days=120).verdict == "mostly supported"
    assert total(earlier, at_least=130, bounds_days=120).verdict == "undetermined"


def test_a_part_is_a_floor_and_more_than_asked_a_ceiling() -> None:
    names = [row("alpha", concept="named_dead", best=120), row("beta", best=200)]
    assert total(names, at_least=100, floors="named_dead").verdict == "supported"
    names = [row("alpha", concept="named_dead", best=50), row("beta", best=200)]
    assert total(names, at_least=100, floors="named_dead").verdict == "mostly supported"
    whole = [row("alpha", concept="killed_and_wounded", best=90), row("beta", best=200)]
    assert total(whole, at_least=100, ceilings="killed_and_wounded").verdict == "contested"


def test_another_concept_stands_beside_and_is_not_compared() -> None:
    finding = total(
        [row("alpha", best=20), row("bremor_staff", concept="losses_undefined", best=99)],
        at_least=100,
        beside="losses_undefined",
    )
    (beside,) = [item for item in finding.sources if item.role == "beside"]
    assert (beside.verdict, beside.counted) == ("not comparable", False)
    assert beside.why == "counts another thing: losses undefined"
    near = [reason for reason in finding.reason if reason["rule"].startswith("near the number")]
    assert near[0]["value"] == 99


def test_another_unit_is_shown_and_not_compared() -> None:
    finding = total([row("alpha", best=20, unit="thousand_persons"), row("beta", best=120)], at_least=100)
    assert counted(finding) == ["beta"]
    assert [item.why for item in finding.sources if not item.counted] == [
        "in thousand persons, not in persons"
    ]


def test_as_reported_asks_the_source_alone() -> None:
    rows = [
        row("bremor_staff", best=99, end="2001-06-30"),
        row("bremor_staff", best=101, end="2001-07-02"),
        row("alpha", best=20),
    ]
    finding = total(rows, at_least=100, tolerance=0.02, as_reported_by="bremor_staff")
    assert finding.verdict == "supported"
    assert total(rows, at_least=100, as_reported_by="bremor_staff").verdict == "not supported"
    assert finding.quote == (
        "Bremor Staff reported 99 for personnel losses of AL (killed) by 30 June 2001 and passed 100"
        " by 2 July 2001, with 101; this says what was reported, not that it is right."
    )


def test_the_sentence_names_the_figures_with_their_range() -> None:
    finding = total(
        [row("alpha", low=16272, best=18542, high=22291), row("beta", best=24000)],
        at_least=100_000,
        counts="soldiers killed",
    )
    assert finding.quote == (
        "Soldiers killed by 30 June 2001 came to about 19,000 to 24,000 (16,000 to 24,000 with their"
        " intervals) by origins outside the war; none of the two that weigh bears out the claim of at least"
        " 100,000."
    )
    assert finding.interval == (16272, 24000)


def test_different_if_names_the_number_at_which_the_word_changes() -> None:
    finding = total([row("alpha", best=20), row("beta", best=30), row("gamma", best=40)], at_least=100)
    assert finding.different_if[0] == "the claim said at least 30: the word would be 'mostly supported'"


def test_depends_on_names_the_origin_that_carries_the_word() -> None:
    finding = total([row("alpha", best=120)], at_least=100)
    assert finding.depends_on == ("Alpha: without it the word would be 'undetermined'",)
    finding = total([row("alpha", best=20), row("beta", best=30), row("gamma", best=40)], at_least=100)
    assert finding.depends_on == (
        "no single origin: leaving out any one of the 3 keeps the word 'not supported'",
    )


# Each example asks the evidence several times.
FEW = settings(max_examples=10)
FIGURES = st.lists(
    st.fixed_dictionaries({"low": st.integers(1, 200), "more": st.integers(0, 100), "bare": st.booleans()}),
    min_size=1,
    max_size=len(OUTSIDE),
)


def rows_of(figures: list[dict[str, Any]]) -> list[dict[str, Any]]:
    rows = []
    for name, figure in zip(OUTSIDE, figures, strict=False):
        if figure["bare"]:
            rows.append(row(name, best=figure["low"]))
        else:
            rows.append(row(name, low=figure["low"], high=figure["low"] + figure["more"]))
    return rows


@FEW
@given(FIGURES, st.integers(1, 300))
def test_a_row_that_restates_an_origin_never_changes_the_word(
    figures: list[dict[str, Any]], value: int
) -> None:
    rows = rows_of(figures)
    again = {**rows[0], "source": "alpha_again", "root": "alpha", "known_on": "2001-07-01"}
    without, with_it = total(rows, at_least=value), total([*rows, again], at_least=value)
    assert without.verdict == with_it.verdict
    assert without.probability == with_it.probability


@FEW
@given(FIGURES, st.integers(1, 300), st.integers(1, 200))
def test_claiming_more_never_gets_a_better_word(figures: list[dict[str, Any]], value: int, more: int) -> None:
    rows = [*rows_of(figures), row("bremor_staff", best=150), row("aldria_staff", best=90)]
    less, greater = total(rows, at_least=value), total(rows, at_least=value + more)
    assert RANK[greater.verdict] <= RANK[less.verdict]


@FEW
@given(FIGURES, st.integers(1, 300), st.integers(0, len(OUTSIDE) - 1), st.integers(-200, 200))
def test_raising_one_figure_never_makes_an_at_least_claim_worse(
    figures: list[dict[str, Any]], value: int, which: int, by: int
) -> None:
    rows = rows_of(figures)
    changed = [dict(item) for item in rows]
    target = changed[which % len(changed)]
    for name in ("low", "best", "high"):
        if target[name] is not None:
            target[name] = max(0, target[name] + by)
    before, after = RANK[total(rows, at_least=value).verdict], RANK[total(changed, at_least=value).verdict]
    assert (after >= before) if by >= 0 else (after <= before)


@FEW
@given(FIGURES, st.integers(1, 300))
def test_sources_that_swap_their_figures_leave_the_word(figures: list[dict[str, Any]], value: int) -> None:
    rows = rows_of(figures)
    swapped = [dict(item) for item in rows]
    if len(swapped) > 1:
        for name in ("low", "best", "high"):
            swapped[0][name], swapped[1][name] = swapped[1][name], swapped[0][name]
    assert total(rows, at_least=value).verdict == total(swapped, at_least=value).verdict


@FEW
@given(FIGURES, st.integers(1, 300))
def test_a_party_that_swaps_its_figure_with_an_origin_moves_the_share(
    figures: list[dict[str, Any]], value: int
) -> None:
    """Only the outsider counts: after the swap its word is that of the party's figure."""
    outsider, party = figures[0]["low"], figures[0]["low"] + 150
    here = total([row("alpha", best=outsider), row("bremor_staff", best=party)], at_least=value)
    there = total([row("alpha", best=party), row("bremor_staff", best=outsider)], at_least=value)
    assert here.probability == (1.0 if outsider >= value else 0.0)
    assert there.probability == (1.0 if party >= value else 0.0)


SWAP = {"AL": "BR", "BR": "AL"}
SPEAKER = {"aldria_staff": "bremor_staff", "bremor_staff": "aldria_staff"}


def mirrored(item: dict[str, Any]) -> dict[str, Any]:
    name = SPEAKER.get(item["source"], item["source"])
    return {
        **item,
        "side": SWAP[item["side"]],
        "source": name,
        "root": SPEAKER.get(item["root"], item["root"]),
    }


@FEW
@given(FIGURES, st.integers(1, 300), st.integers(1, 300), st.integers(1, 300))
def test_label_swap(figures: list[dict[str, Any]], value: int, own: int, enemy: int) -> None:
    rows = [*rows_of(figures)[:2], row("aldria_staff", best=own), row("bremor_staff", best=enemy)]
    for test in ({"at_least": value}, {"at_most": value}, {"between": [value, value + 50]}):
        here = total(rows, **test)
        there = total([mirrored(item) for item in rows], side="BR", **test)
        assert (here.verdict, here.probability, here.interval) == (
            there.verdict,
            there.probability,
            there.interval,
        )


@pytest.mark.parametrize("value", [10, 95, 100, 110, 125, 200])
def test_the_word_moves_with_the_number(value: int) -> None:
    words = {
        10: "supported",
        95: "mostly supported",
        100: "mostly supported",
        110: "contested",
        125: "not supported",
        200: "not supported",
    }
    rows = [row("alpha", best=90), row("beta", best=105), row("gamma", best=120), row("delta", best=115)]
    assert total(rows, at_least=value).verdict == words[value]
