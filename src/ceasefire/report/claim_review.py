"""What an audit says of each claim, as the vocabulary of schema.org has it: ClaimReview in JSON-LD.

A rating is the verdict's word alone. The words are no ladder from false to true: "not supported" says that
the evidence does not carry a claim, "undetermined" that it cannot tell. A number would say more than that.
"""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

from ceasefire.charts import theme
from ceasefire.claims.results import Audit, Result
from ceasefire.files import write_atomically
from ceasefire.report import words

CONTEXT = "https://schema.org"
LANGUAGE = "en-GB"


def claim_reviews(audit: Audit, *, page: str = "", made_on: dt.date | None = None) -> list[dict[str, Any]]:
    """Return the review of each claim as JSON-LD, in the order of the article.

    Args:
        audit: the audited claims.
        page: the address of the page of the audit, of which each review is a part; empty on the page itself.
        made_on: the day of the audit; today by default.
    """
    day = made_on or dt.date.today()
    return [_review(result, audit, page, day) for result in audit.results]


def write_claim_reviews(
    audit: Audit, path: Path | str, *, page: str = "", made_on: dt.date | None = None
) -> Path:
    """Write the review of each claim as one JSON-LD file and return its path.

    Args:
        audit: the audited claims.
        path: the file to write; whole or not at all.
        page: the address of the page of the audit as seen from the file.
        made_on: the day of the audit; today by default.

    Raises:
        InputError: the file cannot be written.
    """
    reviews = claim_reviews(audit, page=page, made_on=made_on)
    return write_atomically(path, json.dumps(reviews, ensure_ascii=False, indent=2, allow_nan=False) + "\n")


def in_a_script(reviews: list[dict[str, Any]]) -> str:
    """Return reviews as JSON that may stand in a script of a page: no letter of it ends or opens anything."""
    text = json.dumps(reviews, ensure_ascii=False, allow_nan=False)
    for letter in "<>&\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return text


def _review(result: Result, audit: Audit, page: str, day: dt.date) -> dict[str, Any]:
    main = next((reading for reading in result.readings if reading.main), None)
    rating: dict[str, Any] = {
        "@type": "Rating",
        "alternateName": result.verdict,
        "ratingExplanation": result.quote or words.VERDICTS[result.verdict],
    }
    if main is not None:
        rating["reviewAspect"] = main.text
    return {
        "@context": CONTEXT,
        "@type": "ClaimReview",
        "url": f"{page}#claim-{result.id}",
        "inLanguage": LANGUAGE,
        "datePublished": day.isoformat(),
        "author": {
            "@type": "Organization",
            "name": "ceasefire",
            "description": f"The software ceasefire {audit.version}; the same rules for every article",
        },
        "claimReviewed": result.says,
        "itemReviewed": _claim(result, audit),
        "reviewRating": rating,
        "reviewBody": _body(result, audit),
    }


def _claim(result: Result, audit: Audit) -> dict[str, Any]:
    """Return the claim and the article in which it was made, as far as the audit names it."""
    article = audit.article
    appearance: dict[str, Any] = {"@type": "Article", "headline": str(article.get("title", ""))}
    published = article.get("published")
    exact = article.get("published_is", "exact") == "exact"
    if published and exact:
        appearance["datePublished"] = str(published)[:10]
    elif published and article.get("published_is") == "never":
        appearance["description"] = words.sentence(words.published(article))
    elif published:
        appearance["description"] = f"Published about {words.day(published)}"
    if article.get("url"):
        appearance["url"] = str(article["url"])
    claim: dict[str, Any] = {"@type": "Claim", "text": result.says, "appearance": appearance}
    if article.get("outlet"):
        publisher = {"@type": "Organization", "name": str(article["outlet"])}
        appearance["publisher"] = publisher
        claim["author"] = dict(publisher)
    if published and exact:
        claim["datePublished"] = str(published)[:10]
    return claim


def _body(result: Result, audit: Audit) -> str:
    """Return the verdicts as known now and as known then with their sentences, and the other readings."""
    said = [f"As known now ({theme.day(audit.known_until)}): {result.verdict}. {result.quote}".strip()]
    then = result.quote_then if result.quote_then != result.quote else ""
    said.append(f"As known then ({theme.day(audit.as_of)}): {result.as_known_then}. {then}".strip())
    others = [reading for reading in result.readings if not reading.main]
    if others:
        told = "; ".join(f"{reading.text.rstrip('.')}: {reading.verdict}" for reading in others)
        said.append(f"In other readings: {told}.")
    return " ".join(said)
