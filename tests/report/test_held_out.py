"""What a report says and draws of a back-test."""

from __future__ import annotations

import dataclasses
import importlib.util
import re
from types import ModuleType
from typing import Any

import pytest

from ceasefire.claims.held_out import HeldOut, parse_held_out
from ceasefire.claims.results import Audit
from ceasefire.files import InputError
from ceasefire.report import forecast_series, forecasts_chart, modelled, page, pictures, prose, render
from tests.report import example, invented_backtest
from tests.report.test_page import Reader
from tests.repository import ROOT

PER_CENT = "\N{NO-BREAK SPACE}%"


def held_out(*series: str, **more: Any) -> HeldOut:
    found = parse_held_out({**invented_backtest.content(*series), **more})
    assert found is not None
    return found


@pytest.fixture
def audit(monkeypatch: pytest.MonkeyPatch) -> Audit:
    monkeypatch.setattr(prose, "compares", lambda _: True)
    return dataclasses.replace(example.audit(), held_out=held_out())


def test_the_table_has_the_range_of_a_calibrated_forecaster_and_says_where_coverage_leaves_it() -> None:
    rows = modelled.held_out_rows(held_out())
    told = {(row["series"], row["days"]): row for row in rows}
    assert told["Reported losses", "28 days"] == {
        "series": "Reported losses",
        "days": "28 days",
        "ours": "1,900",
        "variant": "everything",
        "best": "2,100",
        "best_name": "log rate walk",
        "trend": "2,000",
        "coverage": f"50{PER_CENT}",
        "calibrated": f"calibrated: 75{PER_CENT} to 100{PER_CENT}; too seldom: intervals too narrow",
        "verdict": "better",
        "difference": "by \N{MINUS SIGN}200 (\N{MINUS SIGN}330 to \N{MINUS SIGN}42)",
        "origins": "4",
    }
    assert told["Area held", "91 days"]["calibrated"] == f"calibrated: 75{PER_CENT} to 100{PER_CENT}"
    deaths = told["Excess deaths", "28 days"]
    assert (deaths["best"], deaths["best_name"], deaths["verdict"]) == ("none", "", "not compared")


@pytest.mark.parametrize(("verdicts", "told"), [
    (("not told apart", "not told apart"), "not told apart in any of 2"),
    (("better", "not told apart"), "better in 1 (by 5.3 % at most) of 2"),
    (("worse", "better", "worse"), "better in 1 (by 5.3 % at most) and worse in 2 (by 5.3 % at most) of 3"),
    ((), ""),
])  # fmt: skip
def test_what_forecasts_are_worth_with_one_mechanism_more(verdicts: tuple[str, ...], told: str) -> None:
    found = held_out("reported losses", mechanisms=invented_backtest.tried("drones", *verdicts))
    assert modelled.forecasts_with(found, "drones") == told
    assert modelled.forecasts_with(found, "aims") == ""
    assert modelled.forecasts_with(None, "drones") == ""


def test_intervals_that_hold_too_often_are_too_wide() -> None:
    row = dataclasses.replace(held_out().horizons[0], coverage_90=1.0, coverage_low=0.5, coverage_high=0.9)
    assert modelled.off_calibrated(row) == "too often: intervals too wide"
    unknown = dataclasses.replace(row, coverage_low=float("nan"))
    assert modelled.off_calibrated(unknown) == ""
    assert (
        modelled.off_calibrated(dataclasses.replace(row, coverage_90=0.7)) == "as a calibrated forecaster's"
    )


def test_the_sentence_says_where_coverage_is_off() -> None:
    said = modelled.held_out_sentence(held_out("reported losses", "excess deaths"))
    assert said == (
        "Checked out of sample: excess deaths, compared with no simple forecast; 90 % intervals held what"
        f" came in 100{PER_CENT} of the cases; reported losses, better than the best simple forecast over 28"
        f" and 91 days; 90 % intervals held what came in 50{PER_CENT} to 100{PER_CENT} of the cases."
        " Beside those of a calibrated forecaster on the same overlapping origins, intervals hold too seldom"
        " for reported losses over 28 days. Too seldom says that they are too narrow, too often that they are"
        " too wide."
    )
    good = dataclasses.replace(held_out("area held"), horizons=held_out("area held").horizons[1:])
    assert "as often as the intervals of a calibrated forecaster" in modelled.held_out_sentence(good)


def compared(verdict: str, false: float, days: int = 28) -> HeldOut:
    found = held_out("area held")
    rows = (
        dataclasses.replace(found.horizons[0], verdict=verdict, false_verdicts=false, coverage_90=1.0),
        dataclasses.replace(found.horizons[1], verdict="not shown to be worse", false_verdicts=0.2),
    )
    return dataclasses.replace(found, horizons=rows)


def test_where_so_few_origins_cannot_tell_nothing_is_better() -> None:
    said = modelled.held_out_sentence(compared("better", 0.31))
    assert said.startswith(
        "Checked out of sample: area held, not shown to be worse than the best simple forecast (over 28 days"
        " so few origins cannot tell);"
    )
    assert (
        f"better or worse in 31{PER_CENT} of the cases; a verdict in the model's favour is left out" in said
    )
    assert "better than the best" not in said
    assert [row["verdict"] for row in modelled.held_out_rows(compared("better", 0.31))] == [
        "too few origins to tell", "not shown to be worse",
    ]  # fmt: skip
    enough = compared("better", 0.25)
    assert "better than the best simple forecast over 28 days;" in modelled.held_out_sentence(enough)
    assert "cannot tell" not in modelled.held_out_sentence(enough)
    assert modelled.held_out_rows(enough)[0]["verdict"] == "better"


def test_a_verdict_against_the_model_stays_where_few_origins_cannot_tell() -> None:
    said = modelled.held_out_sentence(compared("worse", 0.31))
    assert (
        "worse than the best simple forecast over 28 days (over 28 days so few origins cannot tell)" in said
    )
    rows = modelled.held_out_rows(compared("worse", 0.31))
    assert rows[0]["verdict"] == "worse, but too few origins to tell"


@pytest.mark.parametrize(
    ("changed", "finding"),
    [
        ({"coverage_90": 0.5}, "Area held: 90 % intervals are too narrow over 28 days"),
        ({"coverage_90": 1.0, "coverage_high": 0.9}, "Area held: 90 % intervals are too wide over 28 days"),
        (
            {"coverage_90": 0.8},
            "Area held: 90 % intervals hold what came as often as a calibrated forecaster's",
        ),
        (
            {"coverage_90": 0.8, "coverage_low": float("nan")},
            f"Area held: 90 % intervals held what came in 80{PER_CENT} of the cases",
        ),
    ],
)
def test_the_title_of_a_picture_is_its_finding(changed: dict[str, float], finding: str) -> None:
    found = held_out("area held")
    one = dataclasses.replace(found, horizons=(dataclasses.replace(found.horizons[0], **changed),))  # type: ignore[arg-type]
    assert modelled.forecasts_finding(one, "area held") == finding


def test_the_page_has_a_picture_for_each_series_under_the_table(audit: Audit) -> None:
    text = render(audit, sources=example.MANIFEST)
    assert Reader(text).open == []
    section = re.findall(r'<details class="forecasts">.*?</details>', text, flags=re.S)
    assert len(section) == 1
    assert "Each forecast and what came: 3 pictures" in section[0]
    figures = re.findall(r'<figure class="picture">.*?</figure>', section[0], flags=re.S)
    assert [re.findall(r"<strong>(.*?):", figure)[0] for figure in figures] == [
        "Area held", "Excess deaths", "Reported losses",
    ]  # fmt: skip
    for figure in figures:
        assert re.findall(r'<svg[^>]* width="(\d+)"', figure) == ["640", "330"]
    assert "too seldom: intervals too narrow" in text
    assert text.index("90 % intervals of a perfectly calibrated") < text.index(section[0])
    assert "km\N{SUPERSCRIPT TWO}, and what came, over the day of its target: 9 December 2031" in figures[0]
    ids = [attributes["id"] for _, attributes in Reader(text).elements if attributes.get("id")]
    assert len(ids) == len(set(ids))


def test_the_pictures_weigh_little(audit: Audit) -> None:
    with_them = render(audit, sources=example.MANIFEST)
    found = dataclasses.replace(held_out(), forecasts=())
    without = render(dataclasses.replace(audit, held_out=found), sources=example.MANIFEST)
    assert 'class="forecasts"' not in without
    assert (len(with_them) - len(without)) / 3 < 70_000


def test_a_picture_that_cannot_be_drawn_says_so() -> None:
    found = held_out("area held")
    wrong = dataclasses.replace(found.forecasts[0], pit=2.0)
    (drawn,) = pictures.draw_forecasts(dataclasses.replace(found, forecasts=(wrong,)))
    assert drawn.subtitle == "No picture: the PIT value does not lie from 0 to 1."
    assert (drawn.wide, drawn.narrow) == ("", "")


def test_without_forecasts_there_is_nothing_to_draw() -> None:
    assert pictures.draw_forecasts(None) == []
    assert forecast_series(held_out("area held", forecasts=[])) == []
    with pytest.raises(InputError, match="the back-test holds no forecast of 'reported losses'"):
        forecasts_chart(held_out("area held"), "reported losses")


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    specification = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def test_the_site_says_that_no_back_test_is_shipped(generate: ModuleType) -> None:
    text, drawn = generate.back_tests({})
    assert "No back-test is shipped" in text
    assert drawn == {}


def test_the_site_shows_the_table_and_the_pictures_of_a_back_test(generate: ModuleType) -> None:
    text, drawn = generate.back_tests({"invented-war": held_out("area held", "excess deaths")})
    assert "No back-test" not in text
    assert list(drawn) == [
        "backtest-invented-war-area-held.svg", "backtest-invented-war-excess-deaths.svg",
    ]  # fmt: skip
    for name, picture in drawn.items():
        assert f"]({name})" in text
        assert picture.startswith("<svg")
    assert (
        "| Area held | 28 days | 1,900 (everything) | 2,100 (log rate walk) | 2,000"
        f" | 50{PER_CENT} (calibrated: 75{PER_CENT} to 100{PER_CENT}; too seldom: intervals too narrow)"
        " | better (by \N{MINUS SIGN}200 (\N{MINUS SIGN}330 to \N{MINUS SIGN}42)) | 4 |"
    ).replace("\N{NO-BREAK SPACE}", " ") in text
    assert "2 of 4 90 % intervals held what came" in text


def test_the_page_reads_the_audit_s_back_test_alone(audit: Audit) -> None:
    text = render(dataclasses.replace(audit, held_out=None), sources=example.MANIFEST)
    assert "have not been checked out of sample" in text
    assert page.slug("x") == "x"
    assert '<details class="forecasts">' not in text
