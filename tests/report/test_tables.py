"""The terminal: 80 columns, the verdict first, every claim, no emoji, legible without colour."""

from __future__ import annotations

import dataclasses
import io

import pandas as pd
import pytest
from rich.console import Console, RenderableType

from ceasefire.files import InputError
from ceasefire.report import (
    check_table,
    comparison_table,
    evidence_table,
    summary_table,
    words,
)
from tests.charts import frames
from tests.report import example


def printed(renderable: RenderableType) -> str:
    stream = io.StringIO()
    Console(file=stream, width=80, no_color=True, highlight=False).print(renderable)
    return stream.getvalue()


def assert_fits(text: str) -> None:
    assert max(len(line) for line in text.splitlines()) <= 80
    assert all(ord(letter) < 0x2600 for letter in text)


def curve() -> pd.DataFrame:
    return frames.curve(60).assign(probability=0.31, draws=2000, failed=3)


def test_the_summary_has_one_line_per_claim_with_the_verdict_first() -> None:
    audit = example.audit()
    text = printed(summary_table(audit))
    assert_fits(text)
    lines = [line.strip() for line in text.splitlines()]
    starts = [
        line for line in lines if any(line.startswith(f"{result.verdict}  ") for result in audit.results)
    ]
    assert len(starts) == len(audit.results)
    for result, line in zip(audit.results, starts, strict=True):
        assert line.startswith(result.verdict)
        assert result.row in line
        then = line.removeprefix(result.verdict).split()[0]
        assert (then == "=") == (result.verdict == result.as_known_then)
    assert "22 claims: 2 supported, 3 mostly supported, 1 contested, 4 not supported," in text
    assert "Model results come from priors" in text


def test_markup_in_a_claim_is_printed_as_it_is() -> None:
    audit = example.audit()
    result = dataclasses.replace(audit.results[0], short="[bold red]not markup[/]")
    text = printed(summary_table(dataclasses.replace(audit, results=(result,))))
    assert "[bold red]not markup[/]" in text


def test_a_comparison_gives_every_median_with_its_interval() -> None:
    table = comparison_table(
        curve(), outcome="soldiers killed", unit="persons", first="fight-on", second="truce"
    )
    text = printed(table)
    assert_fits(text)
    assert "Soldiers killed, persons" in text
    last = curve().iloc[-1]
    assert f"{last['first_median']:,.0f}" in text
    assert "(81,000 to 102,000)" in text
    assert "31\N{NO-BREAK SPACE}%" in text
    assert "2,000 simulated wars" in text
    assert "3 failed wars are left out" in text


def test_a_comparison_on_chosen_dates_shows_those() -> None:
    table = comparison_table(
        curve(), outcome="o", unit="persons", first="a", second="b", dates=["2031-05-11", "2031-07-20"]
    )
    text = printed(table)
    assert "11 May" in text
    assert "20 Jul" in text
    assert "27 Jun" not in text


def test_evidence_shows_lone_bounds_origins_and_both_days() -> None:
    rows = pd.DataFrame(
        {
            "source": ["registry_of_deaths", "uk_series"],
            "concept": ["killed", "killed_and_wounded"],
            "low": [20_000.0, float("nan")],
            "best": [float("nan"), 99_658.0],
            "high": [float("nan"), float("nan")],
            "unit": ["persons", "persons"],
            "end": pd.to_datetime(["2022-12-09", "2022-12-31"]),
            "known_on": pd.to_datetime(["2022-12-09", "2025-01-07"]),
            "root": ["registry_of_deaths", "general_staff"],
            "counted": [True, False],
        }
    )
    text = printed(evidence_table(rows, title="personnel_losses"))
    assert_fits(text)
    for shown in (
        "at least 20,000",
        "99,658",
        "2022-12-31",
        "2025-01-07",
        "killed and wounded",
        "personnel losses",
    ):
        assert shown in text
    assert "not counted" in " ".join(text.split())
    assert "2 figures, in persons." in text
    shown = " ".join(printed(evidence_table(rows, most=1)).split())
    assert "Shown: 1, the latest of each source; --all prints every one" in shown


def series(source: str, ends: list[str], kind: str, days: int) -> pd.DataFrame:
    last = pd.to_datetime(ends)
    return pd.DataFrame(
        {
            "source": source,
            "concept": "killed",
            "flow_or_stock": kind,
            "low": float("nan"),
            "best": 1000.0 + last.day,
            "high": float("nan"),
            "unit": "persons",
            "start": last - pd.Timedelta(days=days - 1),
            "end": last,
            "known_on": last,
            "root": source,
        }
    )


def test_evidence_stands_by_source_and_time_and_says_over_which_days() -> None:
    rows = pd.concat(
        [
            series("weekly", ["2022-03-14", "2022-03-07"], "flow", 7),
            series("total", ["2022-03-20"], "cumulative", 25),
            series("weekly", ["2022-02-28"], "flow", 7),
            series("total", ["2022-03-10"], "cumulative", 15),
            series("area", ["2022-03-11"], "stock", 1),
            series("odd", ["2022-03-12"], "flow", 12),
        ]
    )
    text = printed(evidence_table(rows))
    assert_fits(text)
    order = ["1,028", "1,007", "1,014", "1,010", "1,020", "1,011", "1,012"]
    assert [word for word in text.split() if word in order] == order
    for shown in (
        "week from 2022-02-22",
        "total from 2022-02-24",
        "state on the day",
        "12 days from",
    ):
        assert shown in text
    few = printed(evidence_table(rows, most=5))
    # The latest of each of the four sources, and one more.
    assert [word for word in few.split() if word in order] == ["1,007", "1,014", "1,020", "1,011", "1,012"]
    assert "7 figures, in persons. Shown: 5" in few


def test_before_the_policies_part_the_odds_are_the_same() -> None:
    equal = curve()
    ends = [name for name in equal.columns if name.startswith("difference_")]
    equal.loc[0, ends] = 0.0
    equal.loc[0, "probability"] = 0.5
    dates = [equal["date"].iloc[0], equal["date"].iloc[-1]]
    text = printed(comparison_table(equal, outcome="o", unit="persons", first="a", second="b", dates=dates))
    assert "same" in text
    assert "50" not in text.split("same")[0].split("Odds")[1].split("(")[0]
    assert "31\N{NO-BREAK SPACE}%" in text


def test_persons_are_whole_and_no_figure_is_a_power_of_ten() -> None:
    few = curve()
    for name in [name for name in few.columns if name.startswith("first_")]:
        few[name] = 0.521
    text = printed(comparison_table(few, outcome="o", unit="persons", first="a", second="b"))
    assert "0.521" not in text
    assert "(1 to 1)" in text
    assert "0.521" in printed(comparison_table(few, outcome="o", unit="km2", first="a", second="b"))
    assert [words.rounded(value, "rounds") for value in (0.000488, 0.4, 383.7, 1.5e6)] == [
        "0", "0", "384", "1,500,000",
    ]  # fmt: skip
    assert words.rounded(0.0000123) == "0.0000123"
    assert [words.written_out(value) for value in (1.5e6, 0.00002, 12.5, 200.0, -0.25)] == [
        "1,500,000", "0.00002", "12.5", "200", "\N{MINUS SIGN}0.25",
    ]  # fmt: skip
    assert (words.unit("1"), words.unit("km2"), words.unit("km2/day")) == ("", "km²", "km² a day")


def test_a_check_of_a_war_without_evidence_says_so() -> None:
    rows = pd.DataFrame(
        {
            "quantity": "killed",
            "side": "North",
            "first": pd.Timestamp("2031-01-05"),
            "date": pd.to_datetime(["2031-07-01", "2031-10-01"]),
            "unit": "persons",
            "low": 3_530.4,
            "median": 16_300.0,
            "high": 67_600.0,
            "source": "",
            "concept": "",
            "root": "",
            "role": "",
            "observed_low": float("nan"),
            "observed": float("nan"),
            "observed_high": float("nan"),
            "position": "",
            "counted": False,
        }
    )
    text = printed(check_table(rows, title="A check"))
    assert_fits(text)
    assert text.count("none for this war") == 3
    assert "(3,530 to 67,600)" in text
    assert "Observed: none for this war." in text
    assert "Of 0 origins" not in text


def test_claims_without_a_row_are_numbered() -> None:
    audit = example.audit()
    results = tuple(dataclasses.replace(result, row=None) for result in audit.results)
    text = printed(summary_table(dataclasses.replace(audit, results=results)))
    assert_fits(text)
    assert "Row" not in text
    assert "None" not in text
    assert [line.split()[-1] for line in text.splitlines() if " 22 " in line]


def test_a_check_shows_the_model_beside_what_was_observed() -> None:
    rows = pd.DataFrame(
        {
            "quantity": "killed",
            "side": "North",
            "first": pd.Timestamp("2031-01-05"),
            "date": pd.to_datetime(["2031-07-01", "2031-07-01", "2031-10-01", "2031-07-01", "2031-07-01"]),
            "unit": "persons",
            "low": 3_530.0,
            "median": 16_300.0,
            "high": 67_600.0,
            "source": ["registry", "names", "names", "general_staff", "ministry"],
            "concept": "killed",
            "root": ["registry", "names", "names", "general_staff", "ministry"],
            "role": ["value", "floor", "floor", "value", "value"],
            "observed_low": [12_000.0, 9_000.0, 70_000.0, 99_000.0, 4_000.0],
            "observed": [13_033.0, 9_000.0, 70_000.0, 99_000.0, float("nan")],
            "observed_high": [15_000.0, 9_000.0, 70_000.0, 99_000.0, float("nan")],
            "position": ["inside", "compatible", "above", "above", "compatible"],
            "counted": [True, True, True, False, True],
        }
    )
    text = printed(check_table(rows, title="A check"))
    assert_fits(text)
    for shown in (
        "16,300",
        "(3,530 to 67,600)",
        "13,033",
        "(12,000 to 15,000)",
        "at least 9,000",
        "5 Jan 2031",
    ):
        assert shown in text
    flat = " ".join(text.split())
    assert flat.count("not counted") == 1
    # Three origins: the list of names counts once though it is read on two days; the party does not count.
    assert "Of 3 origins outside the war" in flat
    assert "1 lie outside the model's interval on any day." in flat


def test_a_missing_column_is_named() -> None:
    with pytest.raises(InputError) as caught:
        comparison_table(curve().drop(columns="first_low"), outcome="o", unit="u", first="a", second="b")
    assert caught.value.what == "the column 'first_low' is missing."
    assert caught.value.where == "the table 'comparison'"


def test_an_empty_comparison_is_refused_and_empty_evidence_is_not() -> None:
    with pytest.raises(InputError, match="no rows"):
        comparison_table(curve().head(0), outcome="o", unit="u", first="a", second="b")
    columns = ["source", "concept", "low", "best", "high", "unit", "end", "known_on", "root"]
    assert "0 figures" in printed(evidence_table(pd.DataFrame(columns=columns)))
