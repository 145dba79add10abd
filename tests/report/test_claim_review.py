"""Each claim as a ClaimReview: the vocabulary of schema.org, the word alone, nothing that ends a script."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import re
from pathlib import Path
from typing import Any

import pytest

from ceasefire.claims.results import Audit
from ceasefire.files import InputError
from ceasefire.report import claim_reviews, render, write_claim_reviews
from ceasefire.report.claim_review import in_a_script
from tests.report import example
from tests.report.test_page import HOSTILE, Reader

DAY = dt.date(2035, 1, 2)
THING = {"name": "Text", "alternateName": "Text", "description": "Text", "url": "URL"}
CREATIVE_WORK = {
    **THING,
    "author": "Organization",
    "publisher": "Organization",
    "datePublished": "Date",
    "inLanguage": "Text",
    "headline": "Text",
    "text": "Text",
}
# The properties that a type may have, and what is expected of each; of several expected types the one that we
# use. From the pages of these types at https://schema.org and of those that they extend: Review, CreativeWork
# and Thing.
PROPERTIES: dict[str, dict[str, str]] = {
    "ClaimReview": {
        **CREATIVE_WORK,
        "claimReviewed": "Text",
        "itemReviewed": "Claim",
        "reviewRating": "Rating",
        "reviewBody": "Text",
        "reviewAspect": "Text",
    },
    "Claim": {**CREATIVE_WORK, "appearance": "Article", "firstAppearance": "Article"},
    "Rating": {
        **THING,
        "author": "Organization",
        "bestRating": "Number",
        "ratingExplanation": "Text",
        "ratingValue": "Number",
        "reviewAspect": "Text",
        "worstRating": "Number",
    },
    "Article": CREATIVE_WORK,
    "Organization": THING,
}


def faults(node: Any, wanted: str) -> list[str]:
    """Return what in a node is not of the vocabulary."""
    if wanted in {"Text", "URL", "Date"}:
        if not isinstance(node, str) or not node.strip():
            return [f"no {wanted}: {node!r}"]
        if wanted == "Date" and not re.fullmatch(r"\d{4}-\d\d-\d\d", node):
            return [f"no date: {node}"]
        return []
    if not isinstance(node, dict) or node.get("@type") != wanted:
        return [f"no {wanted}: {node!r}"]
    found = []
    for name, value in node.items():
        if name in {"@type", "@context"}:
            continue
        expected = PROPERTIES[wanted].get(name)
        found += [f"{wanted} has no {name}"] if expected is None else faults(value, expected)
    return found


@pytest.fixture(scope="module")
def whole() -> Audit:
    return example.audit()


def test_every_review_has_only_what_the_vocabulary_has(whole: Audit) -> None:
    approximate = dataclasses.replace(
        whole,
        article={**whole.article, "published_is": "approximate", "url": "https://example.org/talks"},
    )
    for audit in (whole, approximate, dataclasses.replace(whole, article={"title": "A title"})):
        reviews = claim_reviews(audit, made_on=DAY)
        assert len(reviews) == len(whole.results)
        for review in reviews:
            assert review["@context"] == "https://schema.org"
            assert faults(review, "ClaimReview") == []
    broken = {**reviews[0], "verdict": "true", "datePublished": "in May"}
    assert faults(broken, "ClaimReview") == ["no date: in May", "ClaimReview has no verdict"]


def test_the_rating_is_the_word_of_the_verdict_and_no_number(whole: Audit) -> None:
    for review, result in zip(claim_reviews(whole, made_on=DAY), whole.results, strict=True):
        rating = review["reviewRating"]
        assert rating["alternateName"] == result.verdict
        assert rating["ratingExplanation"] == result.quote
        assert not {"ratingValue", "bestRating", "worstRating"} & set(rating)
        assert review["claimReviewed"] == review["itemReviewed"]["text"] == result.says
        assert review["author"]["name"] == "ceasefire"
        assert review["datePublished"] == "2035-01-02"


def test_a_claim_without_a_sentence_to_quote_is_explained_by_its_word(whole: Audit) -> None:
    bare = dataclasses.replace(whole.results[0], quote="")
    (review,) = claim_reviews(dataclasses.replace(whole, results=(bare,)))
    assert review["reviewRating"]["ratingExplanation"].startswith("The evidence, or the simulated wars, bear")
    assert review["datePublished"] == dt.date.today().isoformat()


def test_the_body_says_what_was_known_then_and_how_else_the_claim_is_read(whole: Audit) -> None:
    review = claim_reviews(whole)[10]
    assert review["reviewBody"] == (
        "As known now (31 December 2034): not supported. On hundred thousand killed the sources say about"
        " 20,000 (17,000 to 26,000). As known then (4 May 2031): undetermined. In other readings: Killed and"
        " wounded: mostly supported."
    )
    assert review["reviewRating"]["reviewAspect"] == "Killed"


def test_the_article_is_named_as_far_as_the_audit_names_it(whole: Audit) -> None:
    claim = claim_reviews(whole)[0]["itemReviewed"]
    assert claim["appearance"]["headline"] == "Talks With the North: Why Does It Keep Asking?"
    assert claim["appearance"]["datePublished"] == claim["datePublished"] == "2031-05-04"
    assert claim["author"] == {"@type": "Organization", "name": "The Invented Gazette"}
    about = {"title": "A title", "published": example.THEN, "published_is": "approximate"}
    claim = claim_reviews(dataclasses.replace(whole, article=about))[0]["itemReviewed"]
    assert "author" not in claim
    assert "datePublished" not in claim
    assert claim["appearance"] == {
        "@type": "Article", "headline": "A title", "description": "Published about 4 May 2031",
    }  # fmt: skip
    linked = {**about, "url": "https://example.org/a"}
    claim = claim_reviews(dataclasses.replace(whole, article=linked))[0]["itemReviewed"]
    assert claim["appearance"]["url"] == "https://example.org/a"


def test_the_page_holds_the_reviews_and_each_leads_to_its_card(whole: Audit) -> None:
    text = render(whole, sources=example.MANIFEST, made_on=DAY)
    (inside,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', text, flags=re.S)
    found = json.loads(inside)
    assert found == claim_reviews(whole, made_on=DAY)
    ids = {attributes.get("id") for _, attributes in Reader(text).elements}
    for review in found:
        assert review["url"].startswith("#")
        assert review["url"][1:] in ids


def test_no_words_of_a_user_end_the_script() -> None:
    hostile = example.with_text(f"{HOSTILE} <!-- --> \u2028 \u2029")
    inside = in_a_script(claim_reviews(hostile))
    assert not set("<>&\u2028\u2029") & set(inside)
    assert json.loads(inside) == claim_reviews(hostile)
    text = render(hostile, sources=example.MANIFEST)
    assert text.count("</script>") == 2
    scripts = Reader(text).of("script")
    assert [script.get("type") for script in scripts] == ["application/ld+json", None]


def test_reviews_are_written_beside_the_page_whole_or_not_at_all(whole: Audit, tmp_path: Path) -> None:
    path = write_claim_reviews(whole, tmp_path / "new" / "reviews.json", page="a.html", made_on=DAY)
    found = json.loads(path.read_text(encoding="utf-8"))
    assert found == claim_reviews(whole, page="a.html", made_on=DAY)
    assert found[0]["url"] == "a.html#claim-line-follows-strength"
    blocked = tmp_path / "file"
    blocked.write_text("kept")
    with pytest.raises(InputError, match="could not write"):
        write_claim_reviews(whole, blocked / "reviews.json")
    assert blocked.read_text() == "kept"
