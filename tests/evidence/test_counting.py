"""Why a row does not count, as a code and in words, in any war."""

import pandas as pd

from ceasefire.evidence import Root, Source, load
from ceasefire.evidence.counting import count_roots


def source(name: str, **given: object) -> Source:
    values: dict[str, object] = {
        "id": name, "title": name, "producer": name, "reference": "", "licence": "", "counts": "",
        "counts_not": "", "bias": "", "source_class": "independent_media", "root": name, "independent": "yes",
    }  # fmt: skip
    return Source(**{**values, **given})  # type: ignore[arg-type]


ROOTS = {
    name: Root(name, party, "invented")
    for name, party in (("aldria", "AL"), ("bremor", "BR"), ("paper", ""), ("strange", ""))
}
SOURCES = {
    "aldria": source("aldria", party="AL"),
    "bremor": source("bremor", party="BR"),
    "restates": source("restates", root="bremor"),
    "mixture": source("mixture", root="bremor", derived_from=("aldria", "bremor")),
    "strange": source("strange", source_class="not_classified"),
    "paper": source("paper"),
}


def judged(*rows: tuple[str, str, str]) -> pd.DataFrame:
    frame = pd.DataFrame(
        [
            {"source": name, "root": SOURCES[name].root, "side": side, "kind": kind, "best": 1.0,
             "known_on": pd.Timestamp("2001-01-01")}
            for name, side, kind in rows
        ]
    )  # fmt: skip
    return count_roots(frame, SOURCES, ROOTS)


def test_a_refusal_has_a_code_and_words():
    rows = [
        ("paper", "AL", "estimate"), ("aldria", "AL", "claim"), ("bremor", "AL", "claim"),
        ("restates", "AL", "claim"), ("mixture", "AL", "claim"), ("strange", "AL", "claim"),
        ("bremor", "AL", "misprint"), ("paper", "AL", "misprint"), ("bremor", "world", "claim"),
    ]  # fmt: skip
    found = judged(*rows)
    assert list(zip(found["refusal"], found["why"], strict=True)) == [
        ("", "outside the war"),
        ("party", "a party to the war about itself"),
        ("party", "a party to the war about its enemy"),
        ("party", "restates bremor, a party to the war about its enemy"),
        ("derived", "built on other sources (aldria, bremor)"),
        ("not_classified", "its origin has not been judged"),
        ("misprint", "marked as a misprint"),
        ("misprint", "marked as a misprint"),
        ("party", "a party to the war"),
    ]


def test_the_second_row_of_an_origin_is_not_refused():
    found = judged(("paper", "AL", "estimate"), ("paper", "AL", "estimate"))
    assert found["counted"].tolist() == [True, False]
    assert found["refusal"].tolist() == ["", ""]


def test_the_evidence_hands_the_code_on():
    assert "refusal" in load().independent_roots(load().ask("unit_size")).columns
