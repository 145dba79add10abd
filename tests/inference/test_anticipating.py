"""Figures to come: what they say in the weeks before, and that they leave the estimate as it is."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools

import numpy as np
import pytest

from ceasefire.evidence import load
from ceasefire.inference import anticipating
from ceasefire.inference.anticipating import coming_figures, coming_width
from ceasefire.inference.figures import FORGET, Data
from ceasefire.inference.observing import Observed, observe
from ceasefire.inference.target import Target
from ceasefire.scenario import History, load_scenario
from ceasefire.war import STRUCTURES

UNTIL = dt.date(2022, 12, 20)
WEEKS = 36


@functools.cache
def seen() -> tuple[History, Observed]:
    history = load_scenario("ukraine-2022").history(UNTIL, known_on=None)
    return history, observe(load(), history, step_days=7)


def data() -> Data:
    return seen()[1].data


def spans() -> list[tuple[int, int, int]]:
    """Week, column and first week of every figure that counts what was added, found the slow way."""
    last: dict[int, int] = {}
    found = []
    own = data()
    for week in range(WEEKS):
        for place in range(own.given.shape[1]):
            if own.given[week, place] and own.since_last[week, place]:
                series = int(own.series[week, place])
                if series in last and own.fixed[week, place] < FORGET:
                    found.append((week, place, last[series] + 1))
                last[series] = week
    return found


def test_each_figure_of_several_weeks_speaks_in_every_week_before_and_no_other() -> None:
    coming = coming_figures(data(), WEEKS, coming_width(data()))
    expected = np.zeros(len(coming.given), int)
    for week, _, first in spans():
        expected[max(first, week - anticipating.WEEKS_BEFORE) : week] += 1
    assert expected.max() > 1
    np.testing.assert_array_equal(coming.given.sum(axis=1), expected)
    assert coming.given.shape[1] >= expected.max()
    # Running totals and states say nothing in advance.
    assert coming.since_last[coming.given > 0].all()


def test_what_a_figure_would_be_so_far_is_its_share_of_the_losses_reported_since() -> None:
    own = data()
    coming = coming_figures(own, WEEKS, coming_width(own))
    told = np.exp(own.guide_value).sum(axis=1, where=own.guide_given > 0)
    assert (own.guide_given[:WEEKS, 0] > 0).all()
    week, place, first = next(span for span in spans() if span[0] - span[2] >= 3)
    early = week - 2
    share = told[first : early + 1].sum() / told[first : week + 1].sum()
    values = coming.value[early][coming.given[early] > 0]
    assert np.abs(values - (own.value[week, place] + np.log(share))).min() < 1e-5


def test_it_is_the_less_sure_the_more_is_to_come() -> None:
    coming = coming_figures(data(), WEEKS, coming_width(data()))
    week, place, first = next(span for span in spans() if span[0] - span[2] >= 3)
    factor = data().factor[week, place]
    unsure = []
    for early in range(first, week):
        here = (coming.given[early] > 0) & (coming.factor[early] == factor)
        assert here.sum() == 1
        unsure.append(float(coming.unsure[early][here][0]))
    assert unsure == sorted(unsure, reverse=True)
    assert unsure[-1] > 0.0


@pytest.mark.thorough
def test_figures_after_the_weeks_that_count_say_nothing() -> None:
    """Planted: a figure of the weeks after, however wild, moves nothing by a bit."""
    weeks = 20
    # A week without losses reported takes the mean of those that count.
    told = data().guide_given * (np.arange(len(data().value)) != 5)[:, None]
    own = data()._replace(guide_given=told)
    later = np.arange(len(own.value))[:, None] >= weeks
    wild = own._replace(
        value=np.where(later, own.value + 5.0, own.value).astype(np.float32),
        guide_value=np.where(later, own.guide_value + 5.0, own.guide_value).astype(np.float32),
        guide_given=np.where(later, 0.0, own.guide_given).astype(np.float32),
    )
    width = coming_width(own)
    both = coming_figures(own, weeks, width), coming_figures(wild, weeks, width)
    for ours, theirs in zip(*both, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    history, observed = seen()
    target, other = (
        Target(history.world, dataclasses.replace(observed, data=part), paths=8, step_days=7, weeks=weeks)
        for part in (own, wild)
    )
    rng = np.random.default_rng(3)
    z = (0.3 * rng.standard_normal((target.dimension, 4))).astype(np.float32)
    args = z, target.draw_structure(rng.random((len(STRUCTURES), 4))), np.arange(4, dtype=np.uint32)
    np.testing.assert_array_equal(target.log_likelihood(*args), other.log_likelihood(*args))


def test_a_quarter_that_surprises_scatters_the_estimates_less(monkeypatch: pytest.MonkeyPatch) -> None:
    """A total of some weeks far from what most paths add: with weight in advance more of them are near it."""
    history, observed = seen()
    own = data()
    week, place, _ = max((span for span in spans() if span[0] - span[2] >= 3), key=lambda span: span[0])
    value = own.value.copy()
    value[week, place] += 0.5
    planted = dataclasses.replace(observed, data=own._replace(value=value))
    target = Target(history.world, planted, paths=64, step_days=7, weeks=week + 1)
    rng = np.random.default_rng(5)
    tries = 64
    z = np.repeat((0.1 * rng.standard_normal((target.dimension, 1))).astype(np.float32), tries, axis=1)
    structure = np.zeros((len(STRUCTURES), tries), np.int8)
    found = {}
    for before in (0, anticipating.WEEKS_BEFORE):
        monkeypatch.setattr(anticipating, "WEEKS_BEFORE", before)
        found[before] = target.log_likelihood(z, structure, np.arange(tries, dtype=np.uint32)).astype(float)
    apart = {before: values.std() for before, values in found.items()}
    assert apart[13] < 0.8 * apart[0], apart
