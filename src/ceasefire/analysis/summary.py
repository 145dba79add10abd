"""One policy's outcomes with their intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from ceasefire.analysis.compare import LEVELS, TABLE_DAYS
from ceasefire.engine import good
from ceasefire.files import InputError

SUMMARISED = (
    "killed",
    "wounded",
    "captured",
    "losses",
    "force",
    "called_up",
    "skill",
    "armour",
    "shells",
    "industry",
    "ground_taken",
)


def summarise(result: xr.Dataset) -> pd.DataFrame:
    """Return the 50 % and 90 % intervals of each outcome over the good wars, on chosen days and on the last.

    Columns: `outcome`, `meaning`, `unit`, `side`, `date`, `day`, `low`, `low50`, `median`, `high50`, `high`.

    Raises:
        InputError: there is no war whose computation succeeded.
    """
    wars = good(result)
    if wars.sizes["war"] == 0:
        raise InputError(
            f"the computation of all {result.sizes['war']:,} wars failed: there is nothing to summarise.",
            f"scenario {result.attrs['scenario']}, policy {result.attrs['policy']}",
            "look for ranges in the scenario that are far from those of the registry.",
        )
    weeks = wars.sizes["time"] - 1
    chosen = sorted({round(day / 7) for day in TABLE_DAYS if day / 7 < weeks} | {weeks})
    rows = []
    for name in SUMMARISED:
        values = wars[name]
        for side in wars["side"].values:
            for week in chosen:
                here = values.isel(time=week).sel(side=side)
                points = np.quantile(here.values, list(LEVELS.values()))
                date = pd.Timestamp(wars["time"].values[week])
                rows.append(
                    (
                        name,
                        values.attrs["long_name"],
                        values.attrs["units"],
                        str(side),
                        date,
                        week * 7,
                        *points,
                    )
                )
    return pd.DataFrame(rows, columns=["outcome", "meaning", "unit", "side", "date", "day", *LEVELS])
