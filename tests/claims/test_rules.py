"""The rules of a verdict: each by its own example, and what holds for any figures."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ceasefire.claims.figures import Interval, condition
from ceasefire.claims.rules import (
    FEWEST,
    RANK,
    VERDICTS,
    Rival,
    capped,
    rule_against_interest,
    rule_on,
    rule_on_wars,
    signs,
    word_of_share,
)

FOR, AGAINST, BOTH, OPEN = Interval(100, 120), Interval(50, 60), Interval(80, 130), Interval(20, math.inf)
SAID = condition("at least", 100)


@pytest.mark.parametrize(
    ("figures", "word", "share"),
    [
        ([], "undetermined", None),
        ([OPEN, OPEN], "undetermined", None),
        ([BOTH], "undetermined", 0.5),
        ([BOTH, BOTH, BOTH], "undetermined", 0.5),
        ([FOR], "mostly supported", 1.0),
        ([FOR, OPEN], "mostly supported", 1.0),
        ([FOR, FOR], "supported", 1.0),
        ([FOR, FOR, OPEN], "supported", 1.0),
        ([FOR, FOR, BOTH], "mostly supported", 5 / 6),
        ([FOR, BOTH, BOTH], "mostly supported", 2 / 3),
        ([FOR, BOTH, BOTH, BOTH], "undetermined", 0.625),
        ([FOR, FOR, AGAINST], "mostly supported", 2 / 3),
        ([FOR, AGAINST], "contested", 0.5),
        ([FOR, AGAINST, BOTH], "contested", 0.5),
        ([FOR, AGAINST, AGAINST], "not supported", 1 / 3),
        ([AGAINST], "not supported", 0.0),
        ([AGAINST, OPEN], "not supported", 0.0),
        ([AGAINST, BOTH, BOTH], "not supported", 1 / 3),
        ([AGAINST, BOTH, BOTH, BOTH], "undetermined", 0.375),
    ],
)
def test_the_word_follows_from_the_share(figures: list[Interval], word: str, share: float | None) -> None:
    ruling = rule_on(SAID, figures)
    assert ruling.word == word
    assert ruling.share == (None if share is None else pytest.approx(share))
    assert ruling.bears_out + ruling.against + ruling.straddles + ruling.open == len(figures)


def test_every_word_has_a_rank() -> None:
    assert set(RANK) == set(VERDICTS)


FIGURES = st.lists(
    st.tuples(st.floats(0, 200), st.floats(0, 200), st.sampled_from(["two", "low", "high"])).map(
        lambda ends: (
            Interval(min(ends[:2]), math.inf)
            if ends[2] == "low"
            else Interval(-math.inf, max(ends[:2]))
            if ends[2] == "high"
            else Interval(min(ends[:2]), max(ends[:2]))
        )
    ),
    max_size=8,
)


@given(FIGURES, st.floats(0, 200), st.floats(0, 100))
def test_a_claim_of_more_never_gets_a_better_word(figures: list[Interval], value: float, more: float) -> None:
    less = rule_on(condition("at least", value), figures)
    greater = rule_on(condition("at least", value + more), figures)
    assert RANK[greater.word] <= RANK[less.word]


@given(FIGURES, st.floats(0, 200))
def test_the_order_of_the_sources_does_not_matter(figures: list[Interval], value: float) -> None:
    said = condition("at least", value)
    assert rule_on(said, figures) == rule_on(said, figures[::-1])


def test_a_party_decides_against_its_own_interest_only() -> None:
    # The enemy's count is a ceiling: below the claim it decides, above it leaves the claim open.
    assert rule_against_interest(SAID, [], [Interval(50, 60)]).word == "not supported"  # type: ignore[union-attr]
    assert rule_against_interest(SAID, [], [Interval(500, 600)]) is None
    # The own count is a floor: above the claim it decides, below it leaves the claim open.
    assert rule_against_interest(SAID, [Interval(110, 110)], []).word == "mostly supported"  # type: ignore[union-attr]
    assert rule_against_interest(SAID, [Interval(10, 10)], []) is None
    # Where parties contradict each other so, neither decides.
    assert rule_against_interest(SAID, [Interval(110, 110)], [Interval(50, 60)]) is None


BETTER = {"supported", "mostly supported", "not supported"}


@given(
    st.sampled_from(VERDICTS),
    st.booleans(),
    st.one_of(st.floats(0, 1), st.just(math.nan)),
    st.sampled_from(["", "structures"]),
    st.sampled_from(["", "structures", "sceptical and credulous priors"]),
)
def test_no_model_result_is_better_than_its_caps(
    word: str, prior: bool, assumed: float, disagree: str, differ: str
) -> None:
    found, rule = capped(  # type: ignore[arg-type]
        word, "why", from_priors=prior, assumed_share=assumed, disagree=disagree, differ=differ
    )
    if prior or not assumed <= 0.5:
        assert found == "undetermined"
    elif disagree:
        assert (found, rule) == ("contested", "structures disagree on the sign")
    elif differ:
        assert (found, rule) == ("undetermined", f"the sign differs between {differ}")
    else:
        assert (found, rule) == (word, "why")
    if prior or not assumed <= 0.5 or disagree or differ:
        assert found not in BETTER
        assert RANK[found] <= RANK["contested"]


def test_priors_are_named_before_shares_and_shares_before_signs() -> None:
    def rule(prior: bool, assumed: float) -> str:
        return capped("supported", "", from_priors=prior, assumed_share=assumed, disagree="structures")[1]

    assert rule(True, 1.0) == "priors alone decide nothing"
    assert rule(False, 0.51) == "more than half of what the parameters explain is assumed"
    assert rule(False, 0.5) == "structures disagree on the sign"


@pytest.mark.parametrize(
    ("low", "high", "word", "rule"),
    [
        (0.9, 0.99, "supported", "nine of ten draws or more"),
        (0.89, 0.99, "mostly supported", "two thirds of the draws or more"),
        (0.66, 0.99, "undetermined", "the draws are divided"),
        (0.1, 0.34, "undetermined", "the draws are divided"),
        (0.1, 0.33, "not supported", "one third of the draws or fewer"),
    ],
)
def test_the_word_of_a_share_goes_by_the_end_of_its_interval(
    low: float, high: float, word: str, rule: str
) -> None:
    assert word_of_share(low, high, "draws") == (word, rule)


def test_rivals_disagree_surely_or_differ_in_sign_or_agree() -> None:
    sure, against = Rival(0.8, 0.7, 0.9), Rival(0.2, 0.1, 0.3)
    unsure = Rival(0.45, 0.2, 0.7)
    assert signs({"laws": [sure, against], "values": [sure, unsure], "ratios": [sure, sure]}) == (
        "laws",
        "laws and values",
    )
    # Of few wars the share says nothing of the sign, but its interval does where it is sure.
    few = unsure._replace(draws=FEWEST - 1)
    assert signs({"values": [sure, few]}) == ("", "")
    assert signs({"values": [sure, few._replace(draws=FEWEST)]}) == ("", "values")
    assert signs({"laws": [sure, against._replace(draws=1)]}) == ("laws", "")
    assert signs({"none": []}) == ("", "")


def test_a_ruling_also_says_what_the_word_would_be_without_the_caps() -> None:
    found = rule_on_wars(
        "supported", "nine of ten wars or more", from_priors=False, assumed_share=0.7, unfitted=True
    )
    assert (found.word, found.free, found.free_because) == (
        "undetermined",
        "supported",
        "nine of ten wars or more",
    )
    free = rule_on_wars("supported", "so", from_priors=False, assumed_share=0.7, differ="laws")
    assert free.rule == "more than half of what the parameters explain is assumed"
    assert (free.free, free.free_because) == ("undetermined", "the sign differs between laws")
    assert free.as_reason()["word_without_the_cap"] == free.free
