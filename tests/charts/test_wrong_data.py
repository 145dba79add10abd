"""A gallery of data that no picture can show, each with the message a person gets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from ceasefire import charts
from ceasefire.files import InputError
from tests.charts import frames

WORDS: dict[str, Any] = {"title": "t", "subtitle": "s"}


def sources(frame: Any, **more: Any) -> charts.Chart:
    return charts.sources(frame, unit="persons", **WORDS | more)


def futures(frame: Any) -> charts.Chart:
    return charts.futures(frame, outcome="o", unit="persons", first="a", second="b", **WORDS)


def share(frame: Any) -> charts.Chart:
    return charts.share(frame, unit="share", **WORDS)


def timeline(frame: Any) -> charts.Chart:
    return charts.timeline(frame, **WORDS)


def casualties(**changed: Any) -> charts.Chart:
    """Draw casualties with some tables changed."""
    months, totals, beside = frames.casualties()
    tables = {"months": months, "totals": totals, "beside": beside} | changed
    return charts.casualties(**tables, **WORDS)


def backtest(**changed: Any) -> charts.Chart:
    """Draw a back-test with some columns changed."""
    return charts.backtest(frames.forecasts().assign(**changed), **WORDS)


def survival(**changed: Any) -> charts.Chart:
    """Draw curves with some columns changed."""
    return charts.survival(frames.survival().assign(**changed), **WORDS)


def trade_offs(frame: Any) -> charts.Chart:
    return charts.trade_offs(frame, **WORDS)


GALLERY: dict[str, tuple[Callable[[], charts.Chart], str, str, str]] = {
    "one policy alone": (
        lambda: trade_offs(frames.trade_offs().head(2)),
        "there is nothing to trade off.",
        "the data of the picture 'trade_offs'",
        "give two policies at least.",
    ),
    "a policy without an outcome": (
        lambda: trade_offs(frames.trade_offs().head(5)),
        "3 policies and 2 outcomes make 6 rows, not 5.",
        "the data of the picture 'trade_offs'",
        "give each policy each outcome once.",
    ),
    "an input of no kind": (
        lambda: charts.bars(frames.inputs().assign(kind="learned"), **WORDS),
        "'learned' is no kind.",
        "the data of the picture 'bars', row 1",
        "did you mean 'learnt'?",
    ),
    "a bar beside its interval": (
        lambda: charts.bars(frames.inputs().assign(high=[0.35, 0.15, None]), **WORDS),
        "low, value and high are no shares in this order, or the level of nothing is none.",
        "the data of the picture 'bars', row 2 (Skill)",
        "give shares from 0 to 1, the lowest first.",
    ),
    "a level of nothing above one": (
        lambda: charts.bars(frames.inputs().assign(null=1.5), **WORDS),
        "low, value and high are no shares in this order, or the level of nothing is none.",
        "the data of the picture 'bars', row 1 (Rest of Aldria, while there are offensives)",
        "give shares from 0 to 1, the lowest first.",
    ),
    "no table": (
        lambda: sources([1, 2]),
        "a table was expected, not list.",
        "the data of the picture 'sources'",
        "pass a pandas DataFrame.",
    ),
    "no rows": (
        lambda: sources(frames.sources().head(0)),
        "the table has no rows.",
        "the data of the picture 'sources'",
        "give at least one row.",
    ),
    "a column missing": (
        lambda: sources(frames.sources().rename(columns={"party": "partys"})),
        "the column 'party' is missing.",
        "the data of the picture 'sources'",
        "give the columns label, value, party; of those it has, did you mean 'partys'?",
    ),
    "a party that is none": (
        lambda: sources(frames.sources().replace({"party": {"ally": "allied"}})),
        "'allied' is no party.",
        "the data of the picture 'sources', row 2",
        "did you mean 'ally'?",
    ),
    "a curve above one": (
        lambda: survival(high=1.2),
        "years, low, survival and high cannot be drawn as they are.",
        "the data of the picture 'survival', row 1 (yes)",
        "give years from 0, and shares from 0 to 1 in this order: low, survival, high.",
    ),
    "too many curves": (
        lambda: survival(label=[f"curve {number}" for number in range(25)]),
        "a panel shows 3 curves, not 25.",
        "the data of the picture 'survival'",
        "leave some out or draw them apart.",
    ),
    "a word for a number": (
        lambda: sources(frames.sources().astype({"low": object}).replace({"low": {17_000.0: "many"}})),
        "'many' is not a finite number.",
        "the data of the picture 'sources', column 'low', row 3",
        "give a number, or leave the cell empty.",
    ),
    "an infinite number": (
        lambda: sources(frames.sources().replace({"high": {26_000.0: float("inf")}})),
        "'inf' is not a finite number.",
        "the data of the picture 'sources', column 'high', row 3",
        "give a number, or leave the cell empty.",
    ),
    "a word for a date": (
        lambda: sources(frames.sources().assign(date="soon")),
        "'soon' is not a date.",
        "the data of the picture 'sources', column 'date', row 1",
        "write a day as YYYY-MM-DD, or leave the cell empty.",
    ),
    "a source without a figure": (
        lambda: sources(frames.sources().assign(low=None, best=None, high=None, value=None)),
        "a source has no figure: low, best, high and value are all empty.",
        "the data of the picture 'sources', row 1 (General Staff)",
        "give one of them, or leave the row out.",
    ),
    "a logarithm of zero": (
        lambda: sources(frames.sources().assign(low=0.0), log=True),
        "a logarithmic axis cannot show 0.",
        "the data of the picture 'sources'",
        "ask for a linear axis, or leave `log` out.",
    ),
    "one date": (
        lambda: futures(frames.curve(1)),
        "two futures need at least two dates.",
        "the data of the picture 'futures'",
        "give one row per date.",
    ),
    "a band upside down": (
        lambda: futures(frames.curve().assign(second_low=1e9)),
        "low, median and high of 'second' are not in this order, or one is empty.",
        "the data of the picture 'futures', row 1 (2031-05-11)",
        "give all three, the lowest first.",
    ),
    "a share above one": (
        lambda: share(frames.shares().assign(value=[0.4, 1.2])),
        "'1.2' cannot be drawn as a bar.",
        "the data of the picture 'share', row 2 (Civil wars)",
        "give a share from 0 to 1.",
    ),
    "an event without a date": (
        lambda: timeline(frames.events().assign(date=[None, "2030-09-21"])),
        "an event has no date.",
        "the data of the picture 'timeline', row 1 (The president sees no need)",
        "give it one.",
    ),
    "an end before its start": (
        lambda: timeline(frames.events().assign(end_date=["2031-01-01", None])),
        "an event ends on 2031-01-01, before it starts on 2031-12-07.",
        "the data of the picture 'timeline', row 1 (The president sees no need)",
        "give the earlier day as 'date'.",
    ),
    "a forecast without what came": (
        lambda: backtest(truth=[None] + [1.0] * 11),
        "what came is missing, or low_90, low_50, median, high_50, high_90 are not in this order.",
        "the data of the picture 'backtest', row 1",
        "give all of them, the lowest first.",
    ),
    "a forecast upside down": (
        lambda: backtest(low_50=[0.0] * 3 + [1e9] * 9),
        "what came is missing, or low_90, low_50, median, high_50, high_90 are not in this order.",
        "the data of the picture 'backtest', row 1",
        "give all of them, the lowest first.",
    ),
    "a PIT value above one": (
        lambda: backtest(pit=[0.5] * 11 + [1.1]),
        "the PIT value does not lie from 0 to 1.",
        "the data of the picture 'backtest', row 12",
        "give the share of the forecast below.",
    ),
    "a horizon of half a day": (
        lambda: backtest(horizon_days=[28.0, 0.5] + [91.0] * 10),
        "the origin is missing, or the horizon is no whole number of days.",
        "the data of the picture 'backtest', row 2",
        "give the day of each forecast and how many days it looks ahead.",
    ),
    "a forecast of no day": (
        lambda: backtest(origin="soon"),
        "'soon' is not a date.",
        "the data of the picture 'backtest', column 'origin', row 1",
        "write a day as YYYY-MM-DD, or leave the cell empty.",
    ),
    "a back-test without PIT": (
        lambda: charts.backtest(frames.forecasts().drop(columns="pit"), **WORDS),
        "the column 'pit' is missing.",
        "the data of the picture 'backtest'",
        "give the columns horizon_days, origin, truth, low_90, low_50, median, high_50, high_90, pit; of"
        " those it has, use one of: high_50, high_90, horizon_days, low_50, low_90, median, origin, truth.",
    ),
    "a month without its end": (
        lambda: casualties(months=frames.casualties()[0].drop(columns="end")),
        "the column 'end' is missing.",
        "the data of the picture 'casualties'",
        "give the columns measure, side, start, end, low, low50, median, high50, high; of those it has, use"
        " one of: high, high50, low, low50, measure, median, part, side, start.",
    ),
    "an interval upside down": (
        lambda: casualties(totals=frames.casualties()[1].assign(low50=1e9)),
        "a day is missing, or low, low50, median, high50, high are not in this order.",
        "the data of the picture 'casualties' (totals), row 1 (Aldria)",
        "give all of them, the lowest first.",
    ),
    "a third side": (
        lambda: casualties(totals=frames.casualties()[1].assign(side=["A", "B", "C", "D"] * 5)),
        "the picture shows two sides, not 4.",
        "the data of the picture 'casualties' (totals)",
        "leave a side out.",
    ),
    "a side without a total": (
        lambda: casualties(months=frames.casualties()[0].replace({"side": {"Bremor": "Bremer"}})),
        "'Bremer' is no side.",
        "the data of the picture 'casualties', row 5",
        "did you mean 'Bremor'?",
    ),
    "a model without its interval": (
        lambda: charts.prior_check(frames.check().assign(model_high=None), **WORDS),
        "the model's low, median and high must all be given.",
        "the data of the picture 'prior_check', row 1 (Soldiers killed, persons)",
        "give all three, or leave the row out.",
    ),
    "a probability above one": (
        lambda: charts.offer_belief(frames.offer_curve().assign(share=2.0), frames.offer_classes(), **WORDS),
        "'2' is no share.",
        "the data of the picture 'offer_belief', column 'share', row 1",
        "give a number from 0 to 1.",
    ),
    "one prior alone": (
        lambda: charts.offer_belief(frames.offer_curve().head(1), frames.offer_classes(), **WORDS),
        "a curve needs at least two priors.",
        "the data of the picture 'offer_belief'",
        "give more rows.",
    ),
    "one day of power": (
        lambda: charts.power_shift(frames.power().head(1), side="Aldria", **WORDS),
        "a path needs at least two days.",
        "the data of the picture 'power_shift'",
        "give more rows.",
    ),
    "nothing with a date": (
        lambda: charts.evidence_over_time(frames.over_time().assign(date=pd.NaT), unit="persons", **WORDS),
        "the table has no rows.",
        "the data of the picture 'evidence_over_time'",
        "give at least one row.",
    ),
}


@pytest.mark.parametrize("name", sorted(GALLERY))
def test_wrong_data_is_refused_with_what_where_and_what_to_do(name: str) -> None:
    make, what, where, todo = GALLERY[name]
    with pytest.raises(InputError) as caught:
        make()
    assert (caught.value.what, caught.value.where, caught.value.todo) == (what, where, todo)


def test_the_data_given_is_left_as_it_was() -> None:
    frame = frames.sources()
    before = frame.copy()
    sources(frame)
    pd.testing.assert_frame_equal(frame, before)
