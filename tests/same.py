"""Results that are the same to the last bit, names, units and all that they say of themselves included."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr


def differences(first: xr.Dataset, second: xr.Dataset) -> list[str]:
    """Return the names in which two results differ: variables, and what they and the whole say."""
    found = sorted(map(str, {*first.variables} ^ {*second.variables}))
    for name in {*first.variables} & {*second.variables}:
        one, other = first[name], second[name]
        same = one.dtype == other.dtype and one.dims == other.dims
        equal_nan = one.dtype.kind == "f"
        if not same or not np.array_equal(one.values, other.values, equal_nan=equal_nan):
            found.append(str(name))
        found += [f"{name}: {key}" for key in _unlike(one.attrs, other.attrs)]
    return found + [f"attribute {key}" for key in _unlike(first.attrs, second.attrs)]


def _unlike(first: dict[Any, Any], second: dict[Any, Any]) -> list[str]:
    keys = sorted(map(str, {*first, *second}))
    return [
        key
        for key in keys
        if (key in first) != (key in second)
        or not np.array_equal(np.asarray(first[key]), np.asarray(second[key]))
    ]


def assert_same(first: xr.Dataset, second: xr.Dataset) -> None:
    """Raise where two results differ."""
    assert differences(first, second) == []
