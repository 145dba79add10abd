"""What a path of the war is worth for figures to come.

A figure that counts what many weeks added (named dead of a quarter, tanks of four weeks) weighs the paths
once it is there, all at once, and few are left of which many went astray weeks before. So each week on the
way gives a path weight in advance, by what it has added so far over the share a of the span that is over:

    g = normal( log(figure); log(factor x added / a), spread^2 + u^2 ),  u = r (1 - a) + c sqrt((1 - a) / k)

after k weeks of it. The weight of a week is multiplied by its g over that of the week before, the figure
itself by its likelihood over the last g. The product is the likelihood alone, so that the estimate is
unbiased whatever g is; only the paths that are kept on the way differ (Pitt and Shephard 1999; Lin, Chen and
Liu 2013 on lookahead). Figures after the weeks that count give nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ceasefire.inference.figures import FORGET, Data, Figures

# So many weeks before a figure at most; r and c: what is not yet over differs by so much between paths, and a
# week from the next.
WEEKS_BEFORE = 13
UNSURE_OF_THE_REST, UNSURE_OF_A_WEEK = 0.3, 0.3
# Room for so many figures at once, or so many more: each number is compiled once.
_ROOM = 4
_OF_DATA = tuple(name for name in Figures._fields if name in Data._fields)


class _Span(NamedTuple):
    """A figure of what some weeks added."""

    week: int
    place: int
    """Its column in `Data`."""
    first: int
    """First week that it counts."""


def _spans(data: Data, weeks: int) -> Iterator[_Span]:
    given, since, fixed = (np.asarray(part) for part in (data.given, data.since_last, data.fixed))
    series = np.asarray(data.series)
    last: dict[int, int] = {}
    for week, place in zip(*np.nonzero((given[:weeks] > 0) & (since[:weeks] > 0)), strict=True):
        before = last.get(int(series[week, place]))
        last[int(series[week, place])] = int(week)
        if before is not None and fixed[week, place] < FORGET:
            yield _Span(int(week), int(place), before + 1)


def _early(span: _Span) -> slice:
    """Return the weeks that give weight in advance."""
    return slice(max(span.first, span.week - WEEKS_BEFORE), span.week)


def coming_width(data: Data) -> int:
    """Return how many figures to come there may be in a week, with room for some more."""
    count = np.zeros(len(np.asarray(data.given)), int)
    for span in _spans(data, len(count)):
        count[_early(span)] += 1
    return max(1, -(-int(count.max()) // _ROOM)) * _ROOM


def coming_figures(data: Data, weeks: int, width: int) -> Figures:
    """Return figures to come within the `weeks` that count, `width` of them at once, by week `[W, A]`.

    Their values are the logs of what they would be so far.
    """
    longest = len(np.asarray(data.given))
    table = {name: np.asarray(getattr(data, name)) for name in _OF_DATA}
    found = {name: np.zeros((longest, width), values.dtype) for name, values in table.items()}
    found["fixed"] += 1
    unsure = np.zeros((longest, width), np.float32)
    through = np.concatenate([[0.0], np.cumsum(_pace(data, weeks))])
    taken = np.zeros(longest, int)
    for span in _spans(data, weeks):
        early = np.arange(longest)[_early(span)]
        at = taken[early]
        taken[early] += 1
        whole = through[span.week + 1] - through[span.first]
        over = (through[early + 1] - through[span.first]) / whole
        for name, values in table.items():
            found[name][early, at] = values[span.week, span.place]
        found["value"][early, at] += np.log(over).astype(np.float32)
        rest, so_far = 1.0 - over, early - span.first + 1
        unsure[early, at] = UNSURE_OF_THE_REST * rest + UNSURE_OF_A_WEEK * np.sqrt(rest / so_far)
    return Figures(**found, unsure=unsure)


def _pace(data: Data, weeks: int) -> npt.NDArray[np.float64]:
    """Return the losses reported of each week that counts, of all sides that have any, else their mean."""
    given = np.asarray(data.guide_given)[:weeks] > 0
    told = np.where(given, np.exp(np.asarray(data.guide_value, np.float64)[:weeks]), 0.0).sum(axis=1)
    usual = told[told > 0].mean() if (told > 0).any() else 1.0
    return np.asarray(np.where(told > 0, told, usual))
