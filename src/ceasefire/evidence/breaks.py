"""Where a source's series is broken: days without a figure, and a running total that falls."""

from __future__ import annotations

import pandas as pd

# A silence is told where it lasts so many times as long as usual between two figures, and so many days.
TIMES_AS_LONG, LEAST_DAYS = 4.0, 21
# With fewer figures nothing is usual.
LEAST_FIGURES = 6
COLUMNS = ["source", "concept", "side", "place", "kind", "start", "end", "change", "unit"]


def breaks(rows: pd.DataFrame) -> pd.DataFrame:
    """Return where the series of each source are broken.

    Args:
        rows: observations in the one shape of the evidence.

    Returns:
        One row for each break: `source`, `concept`, `side`, `place`; `kind`: `gap` (no figure between `start`
        and `end` for four times as long as is usual for it, and three weeks at least) or `fall` (a running
        total that is less than the one before: a correction, or a misprint); `change` in `unit`, of a fall.
    """
    found = []
    # A source may have a figure of its own beside a series that somebody made of its data: by the table.
    series = ["quantity", "source", "concept", "side", "place", "flow_or_stock", "unit", "table"]
    known = rows[rows["best"].notna() & rows["end"].notna()]
    for key, one in known.groupby(series, sort=True):
        _, source, concept, side, place, kind, unit, _ = (str(part) for part in key)
        about = {"source": source, "concept": concept, "side": side, "place": place}
        figures = one.sort_values("end").drop_duplicates("end", keep="last")
        if len(figures) < LEAST_FIGURES:
            continue
        ends, best = figures["end"].to_numpy(), figures["best"].to_numpy(dtype=float)
        apart = (ends[1:] - ends[:-1]) / pd.Timedelta(days=1).to_timedelta64()
        usual = float(pd.Series(apart).median())
        for place_in, days in enumerate(apart):
            span = {"start": pd.Timestamp(ends[place_in]), "end": pd.Timestamp(ends[place_in + 1])}
            change = best[place_in + 1] - best[place_in]
            if days >= max(TIMES_AS_LONG * usual, LEAST_DAYS):
                found.append({**about, "kind": "gap", **span, "change": float("nan"), "unit": unit})
            if kind == "cumulative" and change < 0.0:
                found.append({**about, "kind": "fall", **span, "change": change, "unit": unit})
    return pd.DataFrame(found, columns=COLUMNS)
