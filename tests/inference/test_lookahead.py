"""What states are worth for figures to come: whatever it is, the estimates stay without bias."""

from __future__ import annotations

import datetime as dt
import functools

import numpy as np
import pytest

from ceasefire.evidence import load
from ceasefire.inference import filtering, lookahead
from ceasefire.inference.lookahead import DISCOUNT, RIDGE, TRUST, Lookahead, Watched
from ceasefire.inference.observing import observe
from ceasefire.inference.target import Target
from ceasefire.scenario import load_scenario
from ceasefire.war import STRUCTURES

UNTIL = dt.date(2022, 12, 20)


@functools.cache
def target(paths: int, weeks: int = 20) -> Target:
    history = load_scenario("ukraine-2022").history(UNTIL, known_on=UNTIL)
    return Target(
        history.world,
        observe(load().known_by(UNTIL), history, step_days=7),
        paths=paths,
        step_days=7,
        weeks=weeks,
    )


@functools.cache
def sets(count: int) -> tuple[np.ndarray, np.ndarray]:
    """The best of some hundred sets near the middle of the prior."""
    rng = np.random.default_rng(3)
    z = (0.5 * rng.standard_normal((target(16).dimension, 256))).astype(np.float32)
    structure = target(16).draw_structure(rng.random((len(STRUCTURES), 256)))
    found = target(16).log_likelihood(z, structure, np.arange(256, dtype=np.uint32))
    best = np.argsort(found)[-count:]
    return z[:, best], structure[:, best]


def numbers(count: int, first: int = 0) -> np.ndarray:
    return np.arange(first, first + count, dtype=np.uint32)


def any_worth(seed: int, size: float, weeks: int = 20) -> Lookahead:
    """A function that was learnt from nothing."""
    found = lookahead.nothing(weeks, len(target(1).world.fronts))
    rng = np.random.default_rng(seed)
    slope = (size * rng.standard_normal(found.slope.shape)).astype(np.float32)
    slope[-1] = 0.0
    return found._replace(slope=slope, middle=(3.0 * rng.random(slope.shape)).astype(np.float32))


def test_what_is_given_in_advance_is_taken_back() -> None:
    """Where no path is drawn anew, the weights of all weeks together are the same."""
    z, structure = sets(12)
    plain = target(1).log_likelihood(z, structure, numbers(12))
    for size in (0.1, 1.0):
        ahead = target(1).by(any_worth(5, size)).log_likelihood(z, structure, numbers(12))
        np.testing.assert_allclose(ahead, plain, atol=2e-3)
    # What the last week would give no week takes back: it is not asked.
    left = any_worth(5, 1.0)
    left.slope[-1] = left.slope[0]
    ahead = target(1).by(left).log_likelihood(z, structure, numbers(12))
    np.testing.assert_allclose(ahead, plain, atol=2e-3)


def test_estimates_stay_without_bias_whatever_states_are_said_to_be_worth() -> None:
    z, structure = sets(32)
    few = np.repeat(z, 16, axis=1), np.repeat(structure, 16, axis=1)
    scatter = target(64, weeks=3).log_likelihood(*few, numbers(512)).reshape(32, 16).std(axis=1)
    # One whose estimates scatter little: the comparison can tell.
    calm = slice(int(scatter.argmin()), int(scatter.argmin()) + 1)
    many = np.repeat(z[:, calm], 1024, axis=1), np.repeat(structure[:, calm], 1024, axis=1)
    plain, ahead = (
        by.log_likelihood(*many, numbers(1024, 1_000)).astype(float)
        for by in (target(256, weeks=3), target(256, weeks=3).by(any_worth(6, 0.1, weeks=3)))
    )
    assert not np.array_equal(plain, ahead)
    ours, theirs = (np.exp(values - plain.max()) for values in (ahead, plain))
    error = np.hypot(ours.std(), theirs.std()) / np.sqrt(1024)
    assert abs(ours.mean() - theirs.mean()) < 4 * error
    assert error < 0.03 * theirs.mean()


def test_what_is_learnt_from_some_sets_makes_estimates_of_others_scatter_less() -> None:
    z, structure = sets(32)
    worth = target(48).look_ahead(z[:, :16], structure[:, :16], numbers(16, 5_000))
    tries = 24
    many = np.repeat(z[:, 16:], tries, axis=1), np.repeat(structure[:, 16:], tries, axis=1)
    plain, ahead = (
        by.log_likelihood(*many, numbers(16 * tries)).astype(float).reshape(16, tries).var(axis=1)
        for by in (target(48), target(48).by(worth))
    )
    assert np.median(ahead) < 0.8 * np.median(plain)


def test_the_features_of_a_war_are_as_many_as_is_said_and_all_are_numbers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def as_they_are(seen: np.ndarray, **_: float) -> np.ndarray:
        assert np.isfinite(seen).all()
        return seen

    monkeypatch.setattr(filtering.np, "nan_to_num", as_they_are)
    z, structure = sets(2)
    weeks = filtering._watched(target(4)._asked(z, structure, numbers(2)))
    assert len(weeks) == 20
    assert {week.features.shape for week in weeks} == {(lookahead.size(len(target(4).world.fronts)), 8)}


def test_the_weights_that_are_learnt_from_hold_nothing_that_was_given_in_advance() -> None:
    z, structure = sets(8)
    asked = target(1)._asked(z, structure, numbers(8))
    plain = filtering._watched(asked)
    ahead = filtering._watched(asked._replace(worth=any_worth(7, 0.5)))
    for one, other in zip(plain, ahead, strict=True):
        np.testing.assert_allclose(other.log_weight, one.log_weight, atol=1e-3)


def test_each_path_gives_back_what_its_parent_was_given() -> None:
    given = Lookahead(*(np.full((2, 1), value, np.float32) for value in (0.0, 1.0, 1.0)))
    stay, crossed = np.arange(3, dtype=np.int32), np.array([2, 0, 0], np.int32)
    first = Watched(np.array([[0.5, 1.0, 2.0]], np.float32), np.array([10.0, 20.0, 30.0], np.float32), stay)
    then = Watched(np.array([[0.1, 0.2, 0.3]], np.float32), np.zeros(3, np.float32), crossed)
    found = lookahead.without(given, [first, then])
    np.testing.assert_allclose(found[0].log_weight, [9.5, 19.0, 28.0])
    np.testing.assert_allclose(found[1].log_weight, [2.0 - 0.1, 0.5 - 0.2, 0.5 - 0.3], rtol=1e-6)


def watched(weeks: int, *, slope: float, sets: int = 5, paths: int = 40) -> list[Watched]:
    """Paths with one feature that varies and lasts; it says how much each week weighs."""
    rng = np.random.default_rng(9)
    x = rng.standard_normal(sets * paths).astype(np.float32)
    level = np.repeat(10.0 * rng.standard_normal(sets), paths)
    features = np.stack([x, np.full_like(x, 3.0), np.repeat(np.arange(sets, dtype=np.float32), paths)])
    of_week = Watched(features, (slope * x + level).astype(np.float32), np.arange(x.size, dtype=np.int32))
    return [of_week] * weeks


def test_a_weight_that_a_feature_explains_is_learnt_to_the_ridge() -> None:
    weeks = watched(4, slope=0.5)
    found = lookahead.learn(weeks, 40)
    scale = weeks[0].features[0].std()
    # A week's weight, and DISCOUNT of what the next one has learnt: a geometric series, shrunk by the ridge.
    expected, shrunk = 0.0, 1.0 / (1.0 + RIDGE)
    assert found.slope[3].tolist() == [0.0, 0.0, 0.0]
    for week in (2, 1, 0):
        expected = shrunk * (0.5 * scale + DISCOUNT * expected)
        assert found.slope[week, 0] == pytest.approx(TRUST * expected, rel=0.02)
        # What is the same for all paths of a set says nothing.
        assert found.slope[week, 1:].tolist() == [0.0, 0.0]


def test_children_count_for_their_parents() -> None:
    weeks = watched(2, slope=0.5)
    back = weeks[1].parent.reshape(5, 40)[:, ::-1].ravel()
    turned = [weeks[0], weeks[1]._replace(parent=back, log_weight=weeks[1].log_weight[back])]
    np.testing.assert_allclose(lookahead.learn(turned, 40).slope, lookahead.learn(weeks, 40).slope, rtol=1e-5)
    wrong = [weeks[0], weeks[1]._replace(parent=back)]
    assert abs(lookahead.learn(wrong, 40).slope[0, 0]) < 0.5 * lookahead.learn(weeks, 40).slope[0, 0]


def test_a_path_that_is_lost_does_not_decide_what_is_learnt() -> None:
    weeks = watched(2, slope=0.5)
    lost = weeks[1].log_weight.copy()
    lost[::50] = -1e30
    found = lookahead.learn([weeks[0], weeks[1]._replace(log_weight=lost)], 40)
    assert np.isfinite(found.slope).all()
    assert abs(found.slope[0, 0]) < 3.0
    all_lost = [weeks[0], weeks[1]._replace(log_weight=np.full_like(lost, -1e30))]
    assert not lookahead.learn(all_lost, 40).slope.any()


def test_a_state_unlike_all_others_is_worth_what_the_farthest_was() -> None:
    week = Lookahead(*(np.array([value], np.float32) for value in (1.0, 2.0, 0.5)))
    seen = np.array([[1.0, 5.0, 9.0, 1e6, -1e6]], np.float32)
    np.testing.assert_allclose(lookahead.worth(week, seen), [0.0, 1.0, 2.0, 2.0, -2.0])
