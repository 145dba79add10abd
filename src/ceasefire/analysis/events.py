"""Events of single wars: in which share of the simulated wars something happens by a day.

A share is taken over the wars whose computation succeeded, under one policy. The wider war is no event of a
war but a hazard beside it: of each war it gives the probability 1 - exp(-E) of at least one, with E the
expected number so far (`ceasefire.war.escalation`), and the share is their mean.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from ceasefire.analysis.compare import FloatArray, error_of_mean, shares_by_structure
from ceasefire.analysis.shares import UNKNOWN, Explained, Shares
from ceasefire.engine import Start
from ceasefire.files import InputError, suggest


@dataclasses.dataclass(frozen=True)
class Event:
    """Something that happens in a war or does not."""

    name: str
    meaning: str
    """What happens, in words that follow the name of a side or stand alone."""
    variable: str
    """Of a result: the day on which it first happened, -1 for never; `escalation` for the wider war."""
    mechanism: str | None
    """The optional mechanism without which it cannot happen."""
    of_side: bool = True


WIDER_WAR = "wider_war"
EVENTS: Mapping[str, Event] = MappingProxyType(
    {
        event.name: event
        for event in (
            Event("offensive", "begins an offensive", "first_offensive_day", None),
            Event(
                "assault_on_capital", "assaults the enemy's capital on the ground", "assault_day",
                "northern_front",
            ),
            Event("internal_break", "breaks from within", "internal_break_day", "internal_break"),
            Event("truce_broken", "breaks a truce", "truce_broken_day", None),
            Event(
                "truce_collapsed", "a truce ends by violations", "truce_collapsed_day", "violations", False
            ),
            Event("war_ended", "the war ends", "ended_day", "ending", False),
            Event(WIDER_WAR, "a wider war is set off", "escalation", "escalation", False),
        )
    }
)  # fmt: skip


NOT_KNOWN = Shares(UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, 0)


@dataclasses.dataclass(frozen=True)
class Happened:
    """In how many wars something happened, of those that are asked about."""

    wars: int
    """Wars that are asked about: all, or those in which the condition came first."""
    share: float
    mc_error: float
    low: float
    """5 %, 50 % and 95 % points over the wars; of an event 0 or 1 each, of the wider war its probability."""
    median: float
    high: float
    by_structure: pd.DataFrame
    shares: Shares
    """Where the spread between wars comes from."""
    failed: int
    draws: int


def happened(
    result: xr.Dataset,
    event: str,
    side: str | None,
    until: dt.date,
    *,
    given: tuple[str, str | None] | None = None,
    start: Start | None = None,
    explained: Callable[[npt.NDArray[np.bool_]], Explained] | None = None,
) -> Happened:
    """Return in which share of the wars of a result something happens by a day.

    Args:
        result: wars under one policy.
        event: a name in `EVENTS`.
        side: the belligerent to which it happens; None where it belongs to the war, or for either side.
        until: the last day that counts, after the start and within the horizon.
        given: an event and its side; only wars are asked about in which it happened by then, and of the event
            only whether it came on that day or later.
        start: the draws from which the wars started; None for priors.
        explained: from the wars that are good, `[N]`, to what explains a spread among them
            (`ceasefire.analysis.shares`); without it, and of a condition, the shares are not known.

    Raises:
        InputError: an unknown event or side, a day outside the horizon, or wars that all failed.
    """
    good = result["status"].values == 0
    wars = result.isel(war=np.flatnonzero(good))
    if not good.any():
        raise InputError(
            f"the computation of all {good.size:,} wars failed: nothing can be counted.",
            f"scenario {result.attrs['scenario']}, policy {result.attrs['policy']}",
            "look for ranges in the scenario that are far from those of the registry.",
        )
    days = _days(wars, until)
    if event == WIDER_WAR:
        week = min(round(days / 7), wars.sizes["time"] - 1)
        if given is not None:
            raise InputError(f"'{WIDER_WAR}' is asked of all wars.", "given", "leave the condition out.")
        values = 1.0 - np.exp(-wars["escalation"].isel(time=week).values.astype(np.float64))
        asked = np.ones(values.size, dtype=bool)
    else:
        on = _first_day(wars, event, side)
        came = (on >= 0) & (on <= days)
        asked = np.ones(came.size, dtype=bool)
        if given is not None:
            before = _first_day(wars, *given)
            asked = (before >= 0) & (before <= days)
            came &= on >= before
        values = came.astype(np.float64)
    shares = NOT_KNOWN
    if explained is not None and given is None:
        shares = explained(good).shares(values)
    values = values[asked]
    draws = None if start is None else start.draws(wars["war"].values[asked])
    none = values.size == 0
    low, median, high = (np.nan,) * 3 if none else np.quantile(values, (0.05, 0.5, 0.95))
    return Happened(
        wars=int(values.size),
        share=np.nan if none else float(values.mean()),
        mc_error=np.nan if none else _error(values, draws, event),
        low=float(low),
        median=float(median),
        high=float(high),
        by_structure=shares_by_structure(wars["structure"].values[:, asked], np.mean, values),
        shares=shares,
        failed=int((~good).sum()),
        draws=int(good.sum()),
    )


def _error(values: FloatArray, draws: npt.NDArray[np.int64] | None, event: str) -> float:
    if draws is None and event == WIDER_WAR:
        return float(values.std() / np.sqrt(values.size))
    return error_of_mean(values, draws)


def _first_day(wars: xr.Dataset, event: str, side: str | None) -> npt.NDArray[np.int64]:
    """Return the day on which an event first happened, -1 for never, `[N]`; of either side where None."""
    if event not in EVENTS:
        raise InputError(f"'{event}' is no event of a war.", "event", suggest(event, EVENTS))
    sides = [str(name) for name in wars["side"].values]
    if side is not None and side not in sides:
        raise InputError(f"'{side}' is no belligerent.", "side", suggest(side, sides))
    first = wars[EVENTS[event].variable]
    if not EVENTS[event].of_side:
        if side is not None:
            raise InputError(f"'{event}' belongs to the war, to no side.", "side", "leave the side out.")
        return np.asarray(first.values, dtype=np.int64)
    if side is not None:
        return np.asarray(first.sel(side=side).values, dtype=np.int64)
    either = np.asarray(first.transpose("side", "war").values, dtype=np.int64)
    never = np.iinfo(np.int64).max
    earliest = np.where(either < 0, never, either).min(axis=0)
    return np.where(earliest == never, -1, earliest)


def _days(wars: xr.Dataset, until: dt.date) -> int:
    start = pd.Timestamp(wars["time"].values[0]).date()
    last = pd.Timestamp(wars["time"].values[-1]).date()
    # As in a comparison, a day within half a week of the last one is that day.
    if not start < until <= last + dt.timedelta(days=3):
        raise InputError(
            f"{until:%Y-%m-%d} lies outside the horizon of {wars.attrs['scenario']}.",
            "until",
            f"give a day after {start:%Y-%m-%d}, up to {last:%Y-%m-%d}.",
        )
    return (until - start).days
