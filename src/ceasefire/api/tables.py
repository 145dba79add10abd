"""Any result as a pandas table."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ceasefire.files import InputError

if TYPE_CHECKING:
    import pandas as pd


def table(result: Any) -> pd.DataFrame:
    """Return a result as a pandas table, each figure with its interval.

    | result of | one row for each |
    | --- | --- |
    | `ask` | week: probability of more, difference with its 90 % interval |
    | `discover` | condition under which the other answer is likelier |
    | `sensitivity` | input, or group of inputs, that is not known |
    | `compare` | outcome, side and day |
    | `run` | outcome, side and day |
    | `weigh` | policy and outcome |
    | `offer` | prior that it is meant |
    | `audit` | claim: its verdict then and now, and one sentence fit to quote |
    | `audit(...).result(id)`, or one of its `readings` | source: what it says and whether it counts |
    | `backtest` | series and horizon: our score beside the best plain forecast's, and coverage |
    | `load_posterior`, `calibrate` | parameter: what the evidence taught |

    Raises:
        InputError: there is no table of it.
    """
    read = kind_of(result, _TABLES)
    if read is None:
        raise InputError(
            f"there is no table of {type(result).__name__}.",
            "table",
            "give what a function of ceasefire returned.",
        )
    found: pd.DataFrame = read(result)
    return found


def kind_of(result: object, known: Mapping[str, Any]) -> Any | None:
    """Return what stands for the class of a result, by its name; None where nothing does.

    Classes go by their names, so that no room is imported that the result did not come from.
    """
    names = (f"{one.__module__}.{one.__qualname__}" for one in type(result).__mro__)
    # Where pandas keeps its table depends on its version.
    names = (name.replace("pandas.core.frame.", "pandas.") for name in names)
    return next((known[name] for name in names if name in known), None)


def _conditions(found: Any) -> pd.DataFrame:
    import pandas as pd

    columns = ("text", "coverage", "density", "support")
    rows = [
        {"text": one.text}
        | {
            f"{name}{end}": getattr(getattr(one, name), part)
            for name in columns[1:]
            for end, part in (("", "value"), ("_low", "low"), ("_high", "high"))
        }
        for one in found.conditions
    ]
    names = ["text", *(f"{name}{end}" for name in columns[1:] for end in ("", "_low", "_high"))]
    return pd.DataFrame(rows, columns=names)


def _wars(result: Any) -> pd.DataFrame:
    import warnings

    from ceasefire.analysis import summarise
    from ceasefire.engine.versions import AnotherModelWarning, note_of

    said = note_of(result.attrs)
    if said:
        warnings.warn(said, AnotherModelWarning, stacklevel=3)
    return summarise(result)


def _verdicts(found: Any) -> pd.DataFrame:
    import pandas as pd

    rows = []
    for one in found.results:
        low, high = one.interval or (None, None)
        rows.append(
            {
                "claim": one.id,
                "short": one.short,
                "kind": one.kind,
                "as_known_then": one.as_known_then,
                "verdict": one.verdict,
                "probability": one.probability,
                "low": low,
                "high": high,
                "interval_of": one.interval_of,
                "assumed_share": one.assumed_share,
                "quote": one.quote,
            }
        )
    figures = dict.fromkeys(("probability", "low", "high", "assumed_share"), "float64")
    return pd.DataFrame(rows).astype(figures)


def _sources(found: Any) -> pd.DataFrame:
    import pandas as pd

    from ceasefire.claims import SourceRow

    columns = [field.name for field in dataclasses.fields(SourceRow)]
    return pd.DataFrame([dataclasses.asdict(row) for row in found.sources], columns=columns)


def _scores(found: Any) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame([dataclasses.asdict(row) for row in found.horizons])


def _as_is(found: Any) -> pd.DataFrame:
    return found  # type: ignore[no-any-return]


_TABLES: Mapping[str, Callable[[Any], pd.DataFrame]] = {
    "ceasefire.analysis.compare.Comparison": lambda found: found.table(),
    "ceasefire.analysis.policies.Weighed": lambda found: found.table(),
    "ceasefire.analysis.questions.Answer": lambda found: found.curve(),
    "ceasefire.api.asking.Discovery": _conditions,
    "ceasefire.api.asking.Importance": lambda found: found.frame,
    "ceasefire.bargaining.offering.Offer": lambda found: found.curve(),
    "ceasefire.claims.held_out.HeldOut": _scores,
    "ceasefire.claims.results.Audit": _verdicts,
    "ceasefire.claims.results.Reading": _sources,
    "ceasefire.claims.results.Result": _sources,
    "ceasefire.inference.posterior.Posterior": lambda found: found.contraction(),
    "pandas.DataFrame": _as_is,
    "xarray.core.dataset.Dataset": _wars,
}
