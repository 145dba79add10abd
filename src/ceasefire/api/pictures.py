"""Pictures of results as Altair charts, which show as they are printed: static, and without a network."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ceasefire.api.tables import kind_of
from ceasefire.files import InputError, suggest

if TYPE_CHECKING:
    import pandas as pd

    from ceasefire.charts import Chart
    from ceasefire.claims.chartdata import ChartData

WIDE = 640
BELIEF, POWER = "belief", "power"


def plot(result: Any, of: str | None = None, *, side: str | None = None, width: int = WIDE) -> Chart:
    """Draw a result as an Altair chart; its title is the finding.

    In a notebook it shows as a static picture, and nothing is fetched; `save` writes it, `svg` returns it.

    | result of | what is drawn | `of` |
    | --- | --- | --- |
    | `ask` | both futures and the difference | |
    | `compare` | the same | an outcome; killed where not given |
    | `discover` | the map of the answer | |
    | `sensitivity` | the inputs that tell most, as bars | |
    | `weigh` | what each policy brings | |
    | `offer` | the answer over the prior that it is meant | `belief`, or `power` over the truce |
    | `audit(...).result(id)`, or one of its `readings` | the picture of the claim | |
    | `backtest` | what forecasts said and what came | a series; the first where not given |
    | `load_evidence().ask(...)` | what every source said over time | |

    Args:
        result: what a function returned.
        of: what of it is drawn, where there is a choice.
        side: whose, by name or code, where two policies are compared; both sides where not given.
        width: in pixels; below 480 as for a telephone.

    Raises:
        InputError: there is no picture of it, or not of what is asked for.
    """
    draw, choice = kind_of(result, _PICTURES) or (None, False)
    if draw is None:
        raise InputError(
            f"there is no picture of {type(result).__name__}.",
            "plot",
            "give one of these: an answer, a comparison, a discovery, a sensitivity, an offer, weighed"
            " policies, a claim of an audit, a back-test, or rows of evidence.",
        )
    if of is not None and not choice:
        raise InputError(f"of {type(result).__name__} there is one picture.", "of", f"leave '{of}' out.")
    if side is not None and draw is not _comparison:
        raise InputError(f"the picture of {type(result).__name__} is of no side.", "side", "leave it out.")
    chosen = {"of": of} if choice else {}
    if draw is _comparison:
        chosen["side"] = side
    return _still(draw(result, width=width, **chosen))


def svg(chart: Chart) -> str:
    """Return a picture as static SVG with a title and a description in words.

    Raises:
        InputError: the picture cannot be drawn.
    """
    from ceasefire.charts import to_svg

    return to_svg(chart)


def save(result: Any, path: str | Path) -> Path:
    """Write a result to a file, whole or not at all, and return its path.

    A picture is written as its ending says (.svg or .png), an audit as one page that opens without a network
    (.html), wars and posteriors as netCDF (.nc).

    Raises:
        InputError: another ending, nothing that can be written, or a file that cannot be.
    """
    import altair as alt

    target = Path(path)
    if isinstance(result, alt.TopLevelMixin):
        from ceasefire.charts import write

        return write(result, target)  # type: ignore[arg-type]
    found = kind_of(result, _FILES)
    if found is None:
        raise InputError(
            f"{type(result).__name__} is nothing that can be written.",
            str(target),
            "give a picture, an audit, wars or a posterior; a table has methods of its own, such as to_csv.",
        )
    ending, write_it = found
    if target.suffix.lower() != ending:
        raise InputError(
            f"'{target.name}' does not end in {ending}.", str(target), f"name a file that ends in {ending}."
        )
    written: Path = write_it(result, target)
    return written


def _audit_page(audit: Any, path: Path) -> Path:
    from ceasefire.report import write_report

    return write_report(audit, path)


def _wars(result: Any, path: Path) -> Path:
    from ceasefire.engine import save as save_wars

    return save_wars(result, path)


def _answer(answer: Any, *, width: int) -> Chart:
    from ceasefire.report import answer_picture

    return answer_picture(answer, width=width)


def _comparison(found: Any, *, of: str | None, side: str | None, width: int) -> Chart:
    from ceasefire.analysis import OUTCOMES
    from ceasefire.claims.chartdata import FuturesChart
    from ceasefire.claims.wording import odds

    name = of or "killed"
    whose = _side_of(found, side)
    last = found.last_day
    curve = found.curve(name, whose)
    end = curve.iloc[-1]
    outcome = OUTCOMES[name]
    noun = f"{outcome.meaning.removesuffix(' since the start')}, {whose or 'both sides'}"
    first, second = found.first_policy, found.second_policy
    return _drawn(
        FuturesChart(
            title=f"{_capital(noun)}: more with '{second}' {odds(float(end['probability']))}",
            subtitle=f"'{second}' against '{first}'; {_wars_of(found)}."
            f" {_difference(_Ends(end, outcome.unit), last)}",
            unit=outcome.unit,
            outcome=outcome.meaning,
            curve=curve,
            first=first,
            second=second,
            assumed_share=found.shares(name, whose, last).assumed_of_explained.value,
        ),
        width,
    )


class _Ends:
    """The interval of a difference on its last day, as an answer has it."""

    def __init__(self, row: pd.Series, unit: str) -> None:
        self.low, self.median, self.high = (
            float(row[f"difference_{end}"]) for end in ("low", "median", "high")
        )
        self.unit = unit


def _side_of(comparison: Any, side: str | None) -> str | None:
    """Return a belligerent's name, by its name or code."""
    if side is None:
        return None
    sides = list(comparison.sides)
    known = [*sides, *comparison.first.attrs["codes"]]
    folded = [one.casefold() for one in known]
    if str(side).casefold() not in folded:
        raise InputError(
            f"'{side}' is no belligerent of {comparison.scenario}.", "side", suggest(str(side), known)
        )
    return str(sides[folded.index(side.casefold()) % 2])


def _wars_of(comparison: Any) -> str:
    where = "priors alone" if comparison.posterior == "prior" else "the posterior"
    return f"{comparison.draws - comparison.failed:,} simulated wars from {where}"


def _difference(found: Any, date: Any) -> str:
    from ceasefire.claims.wording import day, figure

    interval = figure(found.low, found.median, found.high, found.unit)
    return f"By {day(date)} the difference is {interval}; in brackets 90 % of the wars"


def _discovery(found: Any, *, width: int) -> Chart:
    from ceasefire.report import map_picture

    if found.map is None:
        raise InputError(f"there is no map to draw: {found.no_map}", "plot", "name two columns with `over`.")
    return map_picture(found.map, found.sentence, found.varied.difference.size, width=width)


def _importance(found: Any, *, width: int) -> Chart:
    from ceasefire.claims.bars import bars_chart
    from ceasefire.claims.modelled import Bar
    from ceasefire.claims.wording import day

    if "delta" not in found.frame:
        raise InputError(
            "a design is no picture of inputs.", "plot", "leave `method` out, or read the `frame` of it."
        )
    rows = found.frame[found.frame["told_apart"]].sort_values("delta", ascending=False, kind="stable")
    figures = [name for name in rows.columns if name.startswith(("delta", "first")) or name == "null"]
    bars = [
        Bar(
            input=row["input"],
            meaning=row["meaning"],
            kind=row["group"],
            **{name: row[name] for name in figures},
        )
        for row in rows.to_dict("records")
    ]
    asked = found.asked
    data = bars_chart(bars, f"{asked.counted} by {day(asked.last_day)}, the truce less {asked.other}")
    if not data:
        raise InputError(
            f"none of {len(found.frame):,} inputs is told apart from nothing: there is nothing to draw.",
            "plot",
            "ask with more draws.",
        )
    return _drawn(data[0], width)


def _weighed(found: Any, *, width: int) -> Chart:
    from ceasefire.report import trade_off_picture

    return trade_off_picture(found, found.holding_up(), width)


def _offer(found: Any, *, of: str | None, width: int) -> Chart:
    from ceasefire.claims.offers import belief_curve, power_shift

    kinds: dict[str, Callable[[Any], ChartData]] = {BELIEF: belief_curve, POWER: power_shift}
    name = BELIEF if of is None else of
    if name not in kinds:
        raise InputError(f"there is no picture '{of}' of an offer.", "of", suggest(str(of), kinds))
    return _drawn(kinds[name](found), width)


def _claim(found: Any, *, width: int) -> Chart:
    if found.chart is None:
        raise InputError(
            f"there is no picture of the claim '{found.id}'.",
            "plot",
            "read its `reason`, `sources` and `quote`.",
        )
    return _drawn(found.chart, width)


def _backtest(found: Any, *, of: str | None, width: int) -> Chart:
    from ceasefire.report import forecast_series, forecasts_chart

    series = of or next(iter(forecast_series(found)), "")
    return forecasts_chart(found, series, width=width)


def _evidence(rows: pd.DataFrame, *, width: int) -> Chart:
    from ceasefire.api.loading import load_evidence
    from ceasefire.evidence import COLUMNS
    from ceasefire.report import evidence_chart

    missing = [name for name in COLUMNS if name not in rows]
    if missing or rows.empty or rows["quantity"].nunique() != 1:
        what = f"the column '{missing[0]}' is missing" if missing else "it has no rows, or several quantities"
        raise InputError(
            f"this table is no evidence of one quantity: {what}.",
            "plot",
            "give what `load_evidence().ask(quantity)` returns.",
        )
    sources = load_evidence().sources
    titles = {name: source.title for name, source in sources.items()}
    return evidence_chart(rows, titles, str(rows["quantity"].iloc[0]), sources=sources, width=width)


def _drawn(data: ChartData, width: int) -> Chart:
    """Draw the plain data of a picture with its heading."""
    from ceasefire.report.pictures import chart_of

    return chart_of(data, width, heading=True)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _still(chart: Chart) -> Chart:
    """Return the chart as one that shows itself as static SVG, in a notebook too, and stays a chart.

    Altair's own display fetches its program from elsewhere, and knows nothing of the hatching that marks what
    is assumed.
    """
    # In place: a chart sets names of its specification and not of itself.
    kind: Any = type(chart)
    object.__setattr__(chart, "__class__", _still_class(kind))
    return chart


@functools.cache
def _still_class(kind: type[Any]) -> type[Any]:
    def shown(self: Any, *_: object, **__: object) -> dict[str, str]:
        meta = self.usermeta
        return {"image/svg+xml": svg(self), "text/plain": f"{meta['title']}\n{meta['description']}"}

    about = {"__doc__": kind.__doc__, "__module__": kind.__module__, "_repr_mimebundle_": shown}
    return type(kind.__name__, (kind,), about)


# The picture of each kind of result, and whether there is a choice of them.
_PICTURES: Mapping[str, tuple[Callable[..., Chart], bool]] = {
    "ceasefire.analysis.compare.Comparison": (_comparison, True),
    "ceasefire.analysis.policies.Weighed": (_weighed, False),
    "ceasefire.analysis.questions.Answer": (_answer, False),
    "ceasefire.api.asking.Discovery": (_discovery, False),
    "ceasefire.api.asking.Importance": (_importance, False),
    "ceasefire.bargaining.offering.Offer": (_offer, True),
    "ceasefire.claims.held_out.HeldOut": (_backtest, True),
    "ceasefire.claims.results.Reading": (_claim, False),
    "ceasefire.claims.results.Result": (_claim, False),
    "pandas.DataFrame": (_evidence, False),
}

# How a result is written: the ending of its file.
_FILES: Mapping[str, tuple[str, Callable[[Any, Path], Path]]] = {
    "ceasefire.claims.results.Audit": (".html", _audit_page),
    "ceasefire.inference.posterior.Posterior": (".nc", lambda result, path: result.save(path)),
    "xarray.core.dataset.Dataset": (".nc", _wars),
}
