"""The back-test as a command: its tables and its pictures, with invented scores and no war run."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from ceasefire.inference import backtesting
from ceasefire.inference.backtesting import GROUND, LOSSES, OURS, Backtest
from ceasefire.inference.forecasting import EVERYTHING, TREND
from tests.charts import frames
from tests.cli.conftest import Commands

WAR = "ukraine-2022"
RIVAL = "log_rate_walk"


def invented(*names: str) -> Backtest:
    """Return a back-test whose origins run from 2023 to 2024; those of area never hold."""
    series = names or (LOSSES, GROUND)
    rows: list[dict[str, Any]] = []
    for name in series:
        for model, crps in ((OURS, 1.0), (EVERYTHING.name, 1.0), (TREND.name, 2.0), (RIVAL, 3.0)):
            for number, one in enumerate(frames.forecasts().to_dict("records")):
                held = one["low_90"] <= one["truth"] <= one["high_90"]
                day = pd.Timestamp(one["origin"]) - pd.DateOffset(years=8)
                rows.append(
                    {
                        **one,
                        "series": name,
                        "model": model,
                        "origin": f"{day:%Y-%m-%d}",
                        "crps": crps + 0.01 * number,
                        "log_score": 1.0,
                        "interval_score_90": 1.0,
                        "inside_50": held,
                        "inside_90": held and name != GROUND,
                    }
                )
    about: dict[str, object] = {
        "scenario": WAR,
        "judged_from": "2024-01-01",
        "agreement": {
            "worst": {
                "worst_rhat": 1.0347,
                "share_above": 0.12,
                "ancestors": 9,
                "accepted": 0.213,
                "log_evidence_spread": 3.14,
            },
            "origins": [{}, {}],
        },
    }
    return Backtest(WAR, pd.DataFrame(rows), dict.fromkeys(series, EVERYTHING.name), about)


@pytest.fixture
def judged(commands: Commands, monkeypatch: pytest.MonkeyPatch) -> Commands:
    monkeypatch.setattr(backtesting, "backtest", lambda *_, **__: invented())
    return commands


def test_it_says_where_intervals_hold_as_often_as_a_calibrated_forecaster_s(judged: Commands) -> None:
    out = judged.done("backtest", WAR).out
    lines = [
        " ".join(line.replace("\N{BOX DRAWINGS LIGHT VERTICAL}", " ").split()) for line in out.split("\n")
    ]
    rows = [line for line in lines if line.endswith(("as often", "too seldom", "too often"))]
    assert len(rows) == 4
    found = invented().calibrated_coverage()
    for line, row in zip(rows, found.to_dict("records"), strict=True):
        low, high = (f"{100 * row[end]:.0f}" for end in ("low", "high"))
        held, words = ("0", "too seldom") if row["series"] == GROUND else ("50", "as often")
        assert line.startswith(f"{row['series']} {row['horizon_days']} {held} % {low} to {high} % ")
        assert line.endswith(f" % {words}")
    assert "it should be 10 %" in " ".join(out.split())


def test_it_says_in_one_line_how_well_replicates_agreed(judged: Commands) -> None:
    assert judged.done("backtest", WAR).out.split("\n")[-2] == (
        "replicates, at the worst of 2 origins: R-hat 1.035, 12 % of rows above 1.01, 9 first ancestors,"
        " 21 % of moves accepted, log evidence 3.1 apart."
    )


def test_a_forecast_of_fewer_origins_says_so(commands: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    found = invented(LOSSES)
    table = found.table
    last = table["origin"].max()
    fewer = table[(table["model"] != RIVAL) | (table["origin"] != last)]
    monkeypatch.setattr(backtesting, "backtest", lambda *_, **__: dataclasses.replace(found, table=fewer))
    out = " ".join(commands.done("backtest", WAR).out.split())
    count = int(found.calibrated_coverage()["origins"].max())
    assert f"{count - 1} of {count} origins" in out
    assert f"on the {count - 1} origins that both have" in out


def test_a_picture_of_each_series_and_the_summary_that_a_report_reads(judged: Commands) -> None:
    out = judged.done("backtest", WAR, "--picture", "all.svg", "--summary", "all.json").out
    assert "picture: all-reported-losses.svg" in out
    assert "picture: all-area-held.svg" in out
    assert not Path("all.svg").exists()
    assert "km\N{SUPERSCRIPT TWO}" in Path("all-area-held.svg").read_text(encoding="utf-8")
    assert "persons" in Path("all-reported-losses.svg").read_text(encoding="utf-8")
    content = json.loads(Path("all.json").read_text(encoding="utf-8"))
    assert len(content["forecasts"]) == 24
    assert content["chosen"][LOSSES]["28"]["verdict"] == "better"


def test_a_back_test_of_one_series_is_one_picture(judged: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backtesting, "backtest", lambda *_, **__: invented(GROUND))
    judged.done("backtest", WAR, "--picture", "ground.png")
    assert Path("ground.png").read_bytes().startswith(b"\x89PNG")
    assert [path.name for path in Path().glob("*.png")] == ["ground.png"]


@pytest.mark.parametrize(
    ("arguments", "lines"),
    [
        (
            ("--picture", "all.pdf"),
            [
                "error: '.pdf' is no ending of a picture.",
                "  where: all.pdf",
                "  to do: name a file that ends in .svg or .png.",
            ],
        ),
        (
            ("--picture", "a.svg", "--summary", "a-area-held.svg"),
            [
                "error: --summary and the picture of area held name the same file.",
                "  where: a-area-held.svg",
                "  to do: name another file; nothing was changed.",
            ],
        ),
    ],
)
def test_what_cannot_be_written_is_said_before_any_work(
    commands: Commands, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], lines: list[str]
) -> None:
    def never(*_: Any, **__: Any) -> Backtest:
        raise AssertionError("no work was to be done")

    monkeypatch.setattr(backtesting, "backtest", never)
    assert commands.refused("backtest", WAR, *arguments) == lines
    assert list(Path().iterdir()) == []
