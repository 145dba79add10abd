"""The page: every claim and verdict, every word of a user shown as text, nothing from elsewhere."""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
import hashlib
import html.parser
import itertools
import re
from pathlib import Path

import pytest

from ceasefire.analysis import Use
from ceasefire.claims import wording
from ceasefire.claims.held_out import parse_held_out
from ceasefire.claims.modelled import Calibration, Modelled, Parts
from ceasefire.claims.results import Audit
from ceasefire.files import InputError
from ceasefire.report import modelled, page, prose, render, words, write_report
from ceasefire.report.words import plain, unit
from tests.report import example, invented_backtest

HOSTILE = (
    "</title></style></script><script>alert(1)</script></svg><img src=x onerror=alert(2)>\" ' & {{ 7*7 }}"
)
CALIBRATION = Calibration("a fit", "now", example.THEN, 10, 3, 100, 1.001, 90.0, (), ())
VOID = {"meta", "link", "br", "img", "input", "hr", "path", "rect", "line", "circle"}


class Reader(html.parser.HTMLParser):
    """Collect the elements of a page, and complain about any that is not closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag, f"</{tag}> closes something else"

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="module")
def whole() -> Audit:
    return example.audit()


@pytest.fixture(scope="module")
def text(whole: Audit) -> str:
    return render(whole, sources=example.MANIFEST)


@pytest.fixture(scope="module")
def read(text: str) -> Reader:
    return Reader(text)


def test_is_well_formed(read: Reader) -> None:
    assert read.open == []


def test_every_claim_and_both_its_verdicts_are_on_the_page(whole: Audit, text: str) -> None:
    for result in whole.results:
        card = text[text.index(f'id="claim-{result.id}"') :]
        card = card[: card.index("</article>")]
        assert result.says in card
        assert f"row {result.row}" in card
        assert result.kind in card
        then, now = re.findall(r"<dd><span class=\"verdict [^\"]*\">([^<]+)</span></dd>", card)[:2]
        assert (then, now) == (result.as_known_then, result.verdict)
        assert f'href="#claim-{result.id}"' in text


def test_tiles_are_grouped_by_verdict_and_in_the_order_of_the_article(whole: Audit, text: str) -> None:
    strip = text[text.index('class="strip"') : text.index('class="findings"')]
    shown_words = re.findall(r"<dt>([^<]+) <span", strip)
    order = ["supported", "mostly supported", "contested", "not supported", "undetermined", "untestable"]
    assert shown_words == [*order, "not yet modelled"]
    for group, word in zip(strip.split("<dt>")[1:], shown_words, strict=True):
        shown = re.findall(r'href="#claim-([^"]+)"', group)
        assert shown == [result.id for result in whole.results if result.verdict == word]


def test_a_tile_says_where_the_verdict_was_another_one_then(whole: Audit, text: str) -> None:
    strip = text[text.index('class="strip"') : text.index('class="findings"')]
    changed = sum(result.verdict != result.as_known_then for result in whole.results)
    assert changed > 0
    assert strip.count('<i title="as known then:') == changed


def test_the_first_screen_has_title_date_overall_findings_and_limits(whole: Audit, text: str) -> None:
    first = text[: text.index('id="claims"')]
    assert "Talks With the North: Why Does It Keep Asking?" in first
    assert "The Invented Gazette" in first
    assert "4 May 2031" in first
    assert "31 December 2034" in first
    assert "four are not; what a truce would cost is undetermined" in first
    for finding in whole.findings:
        assert finding.text in first
    assert whole.limits[0] in first
    assert "Model results come from priors" in first


def test_priors_are_not_spoken_of_once_there_is_a_posterior(whole: Audit) -> None:
    results = whole.results[:1]
    text = render(dataclasses.replace(whole, posterior="3f9a", results=results), sources=example.MANIFEST)
    assert "come from priors" not in text
    assert "posterior 3f9a" in text


def test_no_words_of_a_user_become_markup() -> None:
    text = render(example.with_text(HOSTILE), sources=example.MANIFEST)
    read = Reader(text)
    # Ours, and the reviews, which are data.
    assert [script.get("type") for script in read.of("script")] == ["application/ld+json", None]
    assert read.of("img") == []
    assert "7*7" in text
    assert "onerror=alert" in "".join(read.words)
    assert not [name for _, attributes in read.elements for name in attributes if name.startswith("on")]


def test_nothing_outside_the_page_is_referred_to(read: Reader, text: str) -> None:
    for tag, attributes in read.elements:
        for name, value in attributes.items():
            if (tag, name) == ("a", "href") and str(value).startswith("https://"):
                # A source that a reader may follow: nothing is fetched before, and nothing is told to it.
                assert attributes["rel"] == "noopener noreferrer"
                continue
            if name in {"src", "srcset", "href", "xlink:href", "action", "data", "poster", "background"}:
                assert str(value).startswith("#"), (tag, name, value)
            if name.startswith("xmlns"):
                continue
            assert not re.match(r"\s*(https?:)?//", str(value)), (tag, name, value)
    assert read.of("link") == []
    assert "@import" not in text
    assert "url(http" not in text
    assert "@font-face" not in text


def test_every_link_leads_somewhere_and_no_id_stands_twice(read: Reader) -> None:
    ids = [str(attributes["id"]) for _, attributes in read.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = [str(attributes["href"]) for attributes in read.of("a")]
    targets = {link[1:] for link in links if not link.startswith("https://")}
    targets |= {
        name
        for _, attributes in read.elements
        for name in str(attributes.get("aria-labelledby") or "").split()
    }
    assert targets <= set(ids)


def test_a_source_is_a_link_only_where_the_whole_of_it_is_an_address(whole: Audit) -> None:
    references = {
        "https://example.org/a?b=1&c=2": True,
        "http://example.org/": True,
        "javascript:alert(1)": False,
        "https://example.org and a book": False,
        'https://example.org/"onclick="alert(1)': False,
        "a book, 2010": False,
    }
    for reference, linked in references.items():
        assert page.is_address(reference) == linked
    rows = tuple(example.source("registry", reference=reference) for reference in references)
    one = dataclasses.replace(whole, results=(dataclasses.replace(whole.results[1], sources=rows),))
    links = [str(found["href"]) for found in Reader(render(one, sources={})).of("a")]
    assert [link for link in links if not link.startswith("#")] == list(references)[:2]


def test_the_contents_lead_to_every_claim_and_to_every_part_of_the_end(whole: Audit, text: str) -> None:
    contents = text[text.index('id="contents"') :]
    contents = contents[: contents.index("</nav>")]
    shown = re.findall(r'<b>(\d+)</b> <a href="#claim-([^"]+)">[^<]+</a> <small>([^<]+)</small>', contents)
    assert shown == [
        (str(place), result.id, result.verdict) for place, result in enumerate(whole.results, start=1)
    ]
    end = text[text.index('id="method"') :]
    parts = re.findall(r'<li><a href="#([^"]+)">', contents)
    assert parts == [
        "method", "words", "learnt-and-assumed", "forecasts", "limits", "sources", "corrections", "this-page",
    ]  # fmt: skip
    places = [end.index(f'id="{part}"') for part in parts]
    assert places == sorted(places)
    without = render(dataclasses.replace(whole, results=whole.results[:1]), sources=example.MANIFEST)
    assert 'href="#forecasts"' not in without
    having = dataclasses.replace(whole, mechanisms=(Use("manpower", "call-up", 1.0, False, True),))
    assert '<li><a href="#mechanisms">' in render(having, sources=example.MANIFEST)


def test_the_article_is_linked_where_its_address_is_known(whole: Audit) -> None:
    article = {**whole.article, "url": "https://example.org/talks"}
    linked = render(dataclasses.replace(whole, article=article, results=()), sources={})
    assert '<a class="shown" href="https://example.org/talks" rel="noopener noreferrer">' in linked
    bad = {**article, "url": "javascript:alert(1)"}
    assert "javascript:" not in re.sub(
        r"<script type=.*?</script>",
        "",
        render(dataclasses.replace(whole, article=bad, results=()), sources={}),
        flags=re.S,
    )


def test_the_day_of_the_audit_is_said_and_is_today_by_default(whole: Audit) -> None:
    few = dataclasses.replace(whole, results=whole.results[1:2])
    said = render(few, sources={}, made_on=dt.date(2035, 1, 2))
    assert "<dt>Audit of</dt><dd>2 January 2035</dd>" in said
    assert '"datePublished": "2035-01-02"' in said
    today = dt.date.today()
    assert f"<dd>{today.day} {today:%B %Y}</dd>" in render(few, sources={})


def test_numbers_then_and_now_stand_in_lines_of_their_own(whole: Audit) -> None:
    now = Modelled("a", example.THEN, 0.31, 0.01, 100.0, 3.0, 2.0, 4.0, "persons", Parts())
    reading = example.reading(
        "a",
        "A",
        "undetermined",
        "undetermined",
        modelled=now,
        modelled_then=dataclasses.replace(now, median=2.5),
    )
    first, second = page._numbers(reading)
    assert first.startswith("now: ")
    assert second.startswith("then: ")
    assert page._number(reading) == f"{first}; {second}"
    assert page._numbers(dataclasses.replace(reading, modelled_then=now)) == [first.removeprefix("now: ")]


def test_the_policy_allows_our_style_and_script_alone(text: str) -> None:
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]+)"', text)
    policy = policy.replace("&#39;", "'")
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    assert len(re.findall("<script", text)) == 2
    for tag in ("style", "script"):
        (inside,) = re.findall(rf"<{tag}>(.*?)</{tag}>", text, flags=re.S)
        digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy


def test_no_element_needs_a_style_that_the_policy_forbids(read: Reader) -> None:
    assert not [attributes for _, attributes in read.elements if "style" in attributes]


def test_each_picture_is_there_for_a_page_and_for_a_telephone(text: str) -> None:
    figures = re.findall(r'<figure class="picture">.*?</figure>', text, flags=re.S)
    assert len(figures) == 7
    for figure in figures:
        wide, narrow = re.findall(r'<svg[^>]* width="(\d+)"', figure)
        assert (wide, narrow) == ("640", "330")
        assert figure.count("<title ") == figure.count("<desc ") == 2


def test_headings_go_down_one_step_at_a_time(read: Reader) -> None:
    levels = [int(tag[1]) for tag, _ in read.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_tables_have_headers_and_the_page_a_language_and_a_way_past_the_first_screen(read: Reader) -> None:
    assert [attributes["lang"] for attributes in read.of("html")] == ["en-GB"]
    assert all("scope" in attributes for attributes in read.of("th"))
    assert read.of("a")[0] == {"class": "skip", "href": "#claims"}
    assert len(read.of("main")) == 1


def test_sources_say_what_counts_and_why_not(text: str) -> None:
    table = text[text.index('id="claim-hundred-thousand-killed"') :]
    table = table[table.index('<table class="sortable') : table.index("</table>", table.index("sortable"))]
    assert "4 figures from the sources, 2 counted" in text
    for shown in (
        "20,000<small>(17,000 to 26,000) persons</small>",
        "at least 10,376 persons",
        "a party to the war on its enemy",
        "restates General Staff",
        "1 May 2031",
        "3 Feb 2033",
        "losses undefined",
        "https://example.org/registry_of_deaths?a=1&amp;b=2",
    ):
        assert shown in table


def test_a_reading_has_its_own_verdict_then_and_now(text: str) -> None:
    card = text[text.index('id="claim-hundred-thousand-killed"') :]
    readings = card[card.index('class="readings') : card.index("</table>", card.index('class="readings'))]
    assert re.findall(r">(undetermined|not supported|contested|mostly supported)</span>", readings) == [
        "undetermined",
        "not supported",
        "contested",
        "mostly supported",
    ]
    assert "decides the word of the claim" in readings
    assert "share of independent origins that bear it out: 75\N{NO-BREAK SPACE}%" in readings


def test_a_truce_names_what_is_not_modelled_and_what_is_assumed(text: str) -> None:
    card = text[text.index('id="claim-truce-costs-more-lives"') :]
    card = card[: card.index("</article>")]
    for said in ("areas under occupation", "people displaced", "civilians killed"):
        assert said in card
    assert "0\N{NO-BREAK SPACE}% is learnt from evidence and 100\N{NO-BREAK SPACE}% is assumed" in card
    assert "<pattern" in card


def test_the_end_has_method_words_licences_and_how_it_was_made(text: str) -> None:
    end = text[text.index('id="method"') :]
    for said in (
        "CC BY 4.0",
        "counts late",
        "2,000 under each policy, seed 1",
        "3f1c9a0b77de",
        "priors only",
    ):
        assert said in end
    assert "ceasefire audit talks-with-the-north" in end
    for word in ("supported", "contested", "untestable", "not yet modelled"):
        assert f">{word}</span></dt>" in end
    assert "parameters of the model, their ranges and sources" in end


def test_the_command_of_the_audit_is_the_one_to_reproduce_it(whole: Audit) -> None:
    one = dataclasses.replace(whole, results=whole.results[1:2], command="ceasefire audit mine.yaml --seed 7")
    text = render(one, sources=example.MANIFEST)
    # Once at the head of the claims and once at the end, however many claims there are.
    assert text.count("ceasefire audit mine.yaml --seed 7") == 2
    many = dataclasses.replace(whole, command="ceasefire audit mine.yaml --seed 7")
    text = render(many, sources=example.MANIFEST)
    assert text.count("ceasefire audit mine.yaml --seed 7") == 2


def test_claims_are_numbered_and_a_row_stands_only_where_there_is_one(whole: Audit) -> None:
    first = dataclasses.replace(whole.results[0], row=None, also=())
    text = render(dataclasses.replace(whole, results=(first, whole.results[10])), sources=example.MANIFEST)
    kickers = re.findall(r'<p class="kicker">([^<]+)</p>', text)
    assert kickers == [
        "Claim 1 of 2 &middot; measurement",
        "Claim 2 of 2 &middot; measurement &middot; row S11 (also S10)",
    ]
    assert re.findall(r'class="tile [^>]+><b>([^<]+)</b>', text) == ["1", "2"]
    assert "None" not in text


def test_no_raw_name_of_a_method_and_no_sorting_capitals_stand_on_the_page(whole: Audit) -> None:
    noted = dataclasses.replace(whole.results[10].sources[0], note="mean_of_flows")
    reason = {
        "rule": "an event on record",
        "date": example.THEN,
        "record": "STATUS: no call-up by then",
        "source": "",
    }
    result = dataclasses.replace(
        whole.results[10], sources=(noted,), reason=(reason,), readings=(), chart=None
    )
    text = render(dataclasses.replace(whole, results=(result,)), sources=example.MANIFEST)
    assert "the mean of the spans that the source gives" in text
    assert "No call-up by then" in text
    for raw in ("mean of flows", "mean_of_flows", "STATUS:"):
        assert raw not in text
    assert words.unprefixed("FORECAST published: it ends soon").startswith("It ends soon")
    assert words.unprefixed("1 May 2031: FORECAST published: it ends") == "1 May 2031: it ends."
    assert words.squared("1,000 km2 a day") == "1,000 km\N{SUPERSCRIPT TWO} a day"
    assert words.unprefixed("NATO: a meeting") == "NATO: a meeting."


def test_a_picture_that_cannot_be_drawn_leaves_the_page_whole(whole: Audit) -> None:
    chart = example.sources_chart()
    broken = dataclasses.replace(chart, frame=chart.frame.assign(party="nobody"))
    result = dataclasses.replace(whole.results[0], chart=broken)
    text = render(dataclasses.replace(whole, results=(result,)), sources=example.MANIFEST)
    assert "No picture: &#39;nobody&#39; is no party." in text
    assert Reader(text).open == []


def test_an_audit_without_claims_findings_or_limits_is_a_page(whole: Audit) -> None:
    empty = dataclasses.replace(whole, results=(), findings=(), limits=())
    assert Reader(render(empty, sources={})).open == []


def test_the_page_is_written_whole_or_not_at_all(whole: Audit, tmp_path: Path) -> None:
    one = dataclasses.replace(whole, results=whole.results[1:2])
    path = write_report(one, tmp_path / "new" / "page.html", sources=example.MANIFEST)
    assert path.read_text(encoding="utf-8").startswith("<!doctype html>")
    blocked = tmp_path / "file"
    blocked.write_text("kept")
    with pytest.raises(InputError, match="could not write"):
        write_report(one, blocked / "page.html", sources=example.MANIFEST)
    assert blocked.read_text() == "kept"


def test_the_manifest_of_the_package_is_used_by_default(whole: Audit) -> None:
    one = dataclasses.replace(
        whole,
        results=(
            dataclasses.replace(
                whole.results[1],
                sources=(example.source("ukraine_general_staff"), example.source("not_there")),
            ),
        ),
    )
    text = render(one)
    manifest = text[text.index('id="sources"') :]
    assert "General Staff" in manifest
    assert "not stated" in manifest


@pytest.mark.parametrize(
    ("words", "slug"),
    [("not yet modelled", "not-yet-modelled"), ("", "none"), ('"><script>', "script"), ("A  B", "a-b")],
)
def test_class_names_are_made_of_letters_and_hyphens(words: str, slug: str) -> None:
    assert page.slug(words) == slug


def test_the_day_of_the_article_is_marked_and_not_the_day_of_as_known_then(whole: Audit) -> None:
    later = dataclasses.replace(whole, as_of=example.THEN + dt.timedelta(days=400))
    drawn = page._picture(example.timeline_chart(), "here", later)
    assert drawn is not None
    assert "the article, 4 May 2031" in drawn.wide
    assert "the article, 7 Jun 2032" not in drawn.wide


def test_the_end_says_of_each_mechanism_whether_a_fit_had_it(whole: Audit) -> None:
    having = dataclasses.replace(
        whole,
        mechanisms=(
            Use("manpower", "call-up and training", 1.0, False, True),
            Use("truce", "fire falls", 1.0, False, True),
            Use("ending", "whether a war may end", 0.5, True, False),
            Use("battles", "whether fighting concentrates", 0.0, True, False),
            Use("air_defence", "whether both sides strike <cities>", 1.0, True, True),
        ),
    )
    told = {row["name"]: (row["share"], row["evidence"]) for row in modelled.mechanisms(having)}
    assert told["Battles"] == ("off", "not in these wars")
    assert {evidence for _, evidence in told.values()} == {"assumed: priors alone", "not in these wars"}
    fitted = dataclasses.replace(having, calibration=CALIBRATION)
    told = {row["name"]: (row["share"], row["evidence"]) for row in modelled.mechanisms(fitted)}
    assert told == {
        "Manpower": ("on", "in the fit"),
        "Truce": ("on", "assumed: no truce was observed"),
        "Ending": ("in 50\N{NO-BREAK SPACE}% of wars", "assumed: no fit had it"),
        "Battles": ("off", "not in these wars"),
        "Air defence": ("on", "in the fit"),
    }
    line = modelled.mechanisms_line(fitted)
    assert "5 mechanisms. The simulated wars here have 4 of them: 2 were in the fit" in line
    text = render(fitted, sources=example.MANIFEST)
    table = text[text.index('id="mechanisms"') :]
    assert "Whether both sides strike &lt;cities&gt;" in table
    assert table.count("assumed: no fit had it") == 1
    assert 'id="mechanisms"' not in render(whole, sources=example.MANIFEST)
    judged = parse_held_out(
        {**invented_backtest.content(), "mechanisms": invented_backtest.tried("air_defence", "worse", "x")}
    )
    text = render(dataclasses.replace(fitted, held_out=judged), sources=example.MANIFEST)
    assert text.count("forecasts with it: worse in 1 (by 5.3 % at most) of 2") == 1


@pytest.mark.parametrize(
    ("of", "said"),
    [
        ("share of wars", "It happens in 31\N{NO-BREAK SPACE}% of the simulated wars by 4 May 2031"),
        ("probability in one war", "told apart and deeply uncertain: median 30\N{NO-BREAK SPACE}%"),
        ("difference", "probability over the simulated wars: 31\N{NO-BREAK SPACE}%"),
    ],
)
def test_the_number_of_a_model_says_what_it_is_of(of: str, said: str) -> None:
    one = Modelled("a", example.THEN, 0.31, 0.01, 100.0, 0.3, 0.2, 0.4, "share", Parts(), of=of)
    assert said.lower() in modelled.number(one).lower()


def test_a_method_without_simulated_wars_speaks_of_none(whole: Audit) -> None:
    assert any("simulated wars of the scenario" in paragraph for paragraph in prose.method(whole))
    rest = dataclasses.replace(
        whole,
        results=tuple(result for result in whole.results if not prose.is_compared(result)),
    )
    assert 0 < len(rest.results) < len(whole.results)
    assert not any("simulated" in paragraph for paragraph in prose.method(rest))


def test_units_are_those_of_the_sentences_of_a_verdict() -> None:
    for name, said in wording.UNITS.items():
        assert unit(name).endswith(said or plain(name))
    assert unit("persons_per_day") == "persons a day"
    assert unit("percent") == "%"
    assert unit("1") == ""
