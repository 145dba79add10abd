"""The game of three: every equilibrium holds, none is missing, and the smallest game comes out of it."""

from __future__ import annotations

import dataclasses
import io
import itertools

import numpy as np
import pytest
from scipy import optimize

from ceasefire.bargaining import ENDS, Equilibrium, Game, deviation, equilibria, minimal_game, threshold
from ceasefire.bargaining.game import POOLING, SEMI, SEPARATING, SILENCE
from ceasefire.files import InputError
from tests.bargaining.games import at_random, consistent, smallest

WORKED = {
    "peace": 1.0,
    "war": 0.4,
    "exploited": 0.1,
    "prior": 0.2,
    "refusal_cost": 0.1,
    "rearming_gain": 0.4,
    "sincere_gain": 0.5,
}


def test_the_worked_numbers_of_the_smallest_game_in_closed_form() -> None:
    found = minimal_game(**WORKED)
    assert float(found.threshold) == pytest.approx(1 / 3, abs=1e-12)
    assert float(found.rearming_offers) == pytest.approx(1 / 2, abs=1e-12)
    assert float(found.accepted) == pytest.approx(1 / 5, abs=1e-12)
    assert not found.pooling_accepted
    assert not found.pooling_refused


def test_the_tree_of_three_finds_the_worked_numbers() -> None:
    found = equilibria(smallest(**WORKED))
    (mixed,) = [one for one in found if one.kind == SEMI]
    assert mixed.belief == pytest.approx(1 / 3, abs=1e-6)
    assert mixed.rearming_offers == pytest.approx(1 / 2, abs=1e-6)
    assert mixed.accept == pytest.approx(1 / 5, abs=1e-6)
    assert mixed.sincere_offers == 1.0
    assert {one.kind for one in found} == {SEMI, SILENCE}


def test_over_ten_thousand_parameter_sets_the_tree_agrees_with_the_closed_form() -> None:
    rng = np.random.default_rng(5)
    count = 10_000
    worst, best = rng.uniform(-1.0, 0.0, count), rng.uniform(0.5, 1.5, count)
    war = rng.uniform(0.0, 0.5, count)
    prior, cost = rng.uniform(0.02, 0.98, count), rng.uniform(-0.5, 0.5, count)
    rearming, sincere = rng.uniform(-0.3, 1.0, count), rng.uniform(-0.3, 1.0, count)
    closed = minimal_game(best, war, worst, prior, cost, rearming, sincere)
    of_each = dict.fromkeys(("accepted", "refused", "separating", "mixes", "few", "silence"), 0)
    for row in range(count):
        found = equilibria(
            smallest(best[row], war[row], worst[row], prior[row], cost[row], rearming[row], sincere[row])
        )
        pooling = {one.accept for one in found if one.kind == POOLING}
        assert (1.0 in pooling) == closed.pooling_accepted[row]
        assert (0.0 in pooling) == closed.pooling_refused[row]
        alone = [one for one in found if one.kind == SEPARATING]
        assert bool(alone) == closed.separating[row]
        assert all(one.sincere_offers == 1.0 and one.accept == 1.0 for one in alone)
        assert any(one.kind == SILENCE for one in found) == closed.silence[row]
        mixed = [one for one in found if one.kind == SEMI]
        first = [one for one in mixed if one.sincere_offers == 1.0]
        second = [one for one in mixed if one.rearming_offers == 1.0]
        assert len(first) == int(np.isfinite(closed.rearming_offers[row]))
        assert len(second) == int(np.isfinite(closed.sincere_offers[row]))
        for one in first:
            assert abs(one.belief - closed.threshold[row]) < 1e-6
            assert abs(one.rearming_offers - closed.rearming_offers[row]) < 1e-6
            assert abs(one.accept - closed.accepted[row]) < 1e-6
        for one in second:
            assert abs(one.sincere_offers - closed.sincere_offers[row]) < 1e-6
            assert abs(one.accept - closed.accepted_of_few[row]) < 1e-6
        for one in found:
            assert one.deviation < 1e-9
        of_each["accepted"] += 1.0 in pooling
        of_each["refused"] += 0.0 in pooling
        of_each["separating"] += bool(alone)
        of_each["mixes"] += bool(first)
        of_each["few"] += bool(second)
        of_each["silence"] += bool(closed.silence[row])
    assert min(of_each.values()) > 100, of_each


def test_the_threshold_rises_with_the_shift_and_the_mixtures_move_as_stated() -> None:
    shift = np.linspace(0.05, 0.9, 30)
    found = minimal_game(1.0, 0.4, 0.4 - shift, 0.05, 0.1, 0.4, 0.5)
    assert (np.diff(found.threshold) > 0).all()
    assert (np.diff(found.rearming_offers) < 0).all()
    costs = minimal_game(1.0, 0.4, 0.1, 0.2, np.linspace(0.01, 1.0, 30), 0.4, 0.5)
    assert (np.diff(costs.accepted) > 0).all()
    assert float(threshold(1.0, 0.4, 0.4)) == 0.0


@pytest.mark.parametrize("seed", range(5))
def test_every_equilibrium_of_random_games_passes_the_check_of_one_deviation(seed: int) -> None:
    rng = np.random.default_rng(seed)
    kinds = set()
    for _ in range(400):
        game = at_random(rng)
        found = equilibria(game)
        assert found
        for one in found:
            assert deviation(game, one) < 1e-9
            assert consistent(game, one)
            assert not one.degenerate
            kinds.add(one.kind)
    assert kinds == {POOLING, SEMI, SEPARATING, SILENCE}


def test_the_check_of_one_deviation_finds_each_planted_fault() -> None:
    game = smallest(**WORKED)
    (mixed,) = [one for one in equilibria(game) if one.kind == SEMI]
    for change in (
        {"accept": 0.5},
        {"belief": 0.5, "beliefs": (0.5, 0.5)},
        {"sincere_offers": 0.5},
        {"ends": (("exploit", "settle"), ("exploit", "exploit"))},
    ):
        faulty = Equilibrium(**{**mixed.__dict__, **change})
        assert deviation(game, faulty) > 1e-3, change
    assert not consistent(game, Equilibrium(**{**mixed.__dict__, "belief": 0.5}))


def test_no_equilibrium_in_pure_strategies_is_missing() -> None:
    rng = np.random.default_rng(11)
    for _ in range(60):
        game = at_random(rng)
        mine = {_moves(one) for one in equilibria(game)}
        pure = {moves for moves in mine if all(move in {0.0, 1.0} for move in moves)}
        assert pure == _by_hand(game)


@pytest.mark.parametrize("prior", [0.0, 1.0])
def test_where_one_type_does_not_exist_no_equilibrium_in_pure_strategies_is_missing(prior: float) -> None:
    rng = np.random.default_rng(12)
    for number in range(200):
        game = dataclasses.replace(at_random(rng), prior=prior)
        found = equilibria(game)
        assert found
        for one in found:
            assert deviation(game, one) < 1e-9
            assert consistent(game, one)
        if number < 40:
            mine = {_moves(one) for one in found}
            pure = {moves for moves in mine if all(move in {0.0, 1.0} for move in moves)}
            assert pure == _by_hand(game)


def _moves(one: Equilibrium) -> tuple[float, ...]:
    return (
        one.sincere_offers,
        one.rearming_offers,
        one.accept,
        one.keep_if_accepted,
        one.keep_if_refused,
    )


def _by_hand(game: Game) -> set[tuple[float, ...]]:
    """Try all pure strategies, with Bayes' belief, or where nobody offers with that which tempts least.

    What a deviation gains is linear in the belief, so that the largest gain is convex in it.
    """
    better = game.accepted[:, :, 1, 0] > game.accepted[:, :, 0, 0]
    (a, b), (c, d) = ((ENDS[int(end)] for end in of) for of in better)
    found = set()
    for moves in itertools.product((1.0, 0.0), repeat=5):
        sincere, rearming, *_ = moves
        offered = game.prior * sincere + (1.0 - game.prior) * rearming

        def temptation(belief: float, moves: tuple[float, ...] = moves) -> float:
            both = (belief, belief)
            return deviation(game, Equilibrium("", *moves, ((a, b), (c, d)), belief, both, 0.0, False))

        if offered:
            least = temptation(game.prior * sincere / offered)
        else:
            inside = optimize.minimize_scalar(
                temptation, bounds=(0.0, 1.0), method="bounded", options={"xatol": 1e-10}
            )
            least = min(inside.fun, temptation(0.0), temptation(1.0))
        if least <= 1e-12:
            found.add(moves)
    return found


def test_types_whose_payoffs_are_the_same_cannot_be_told_apart() -> None:
    rng = np.random.default_rng(3)
    offered = 0
    for _ in range(300):
        game = at_random(rng)
        same = Game(
            game.prior,
            np.stack([game.war[0]] * 2),
            np.stack([game.refused[0]] * 2),
            np.stack([game.accepted[0]] * 2),
        )
        for one in equilibria(same):
            if one.sincere_offers + one.rearming_offers > 0.0 and one.kind == POOLING:
                assert one.belief == same.prior
                offered += 1
            assert one.kind in {POOLING, SILENCE}
    assert offered > 100


@pytest.mark.parametrize("sincere", [0.4, 0.5])
def test_a_tie_is_said(sincere: float) -> None:
    found = equilibria(smallest(**{**WORKED, "refusal_cost": 0.0, "sincere_gain": sincere}))
    assert {one.kind for one in found} == {POOLING, SEMI, SEPARATING, SILENCE}
    assert all(one.degenerate for one in found)
    # The mixture that is listed is one of many: others with a belief below the threshold hold as well.
    (mixed,) = [one for one in found if one.kind == SEMI]
    game = smallest(**{**WORKED, "refusal_cost": 0.0, "sincere_gain": sincere})
    for share in (0.6, 0.8, 1.0):
        belief = 0.2 / (0.2 + 0.8 * share)
        other = dataclasses.replace(
            mixed, rearming_offers=share, accept=0.0, belief=belief, beliefs=(belief, belief)
        )
        assert deviation(game, other) < 1e-12


@pytest.mark.parametrize("cost", [-0.1, -0.5])
def test_where_a_deal_harms_a_rearming_leader_offers_tell_types_apart_at_a_benefit_too(cost: float) -> None:
    """With k below 0: cheap talk informs nobody only where both types gain by a deal."""
    apart = equilibria(smallest(1.0, 0.4, 0.1, 0.2, cost, -0.4, 0.5))
    assert any(one.kind == SEPARATING and one.sincere_offers == one.accept == 1.0 for one in apart)
    both = equilibria(smallest(1.0, 0.4, 0.1, 0.2, cost, 0.4, 0.5))
    assert {one.kind for one in both} == {POOLING}


def test_with_the_types_named_the_other_way_round_the_game_mirrors() -> None:
    rng = np.random.default_rng(8)
    for _ in range(100):
        game = at_random(rng)
        turned = Game(1.0 - game.prior, game.war[::-1], game.refused[::-1], game.accepted[::-1])
        mine = {tuple(round(move, 9) for move in _moves(one)) for one in equilibria(game)}
        theirs = {
            tuple(round(move, 9) for move in (b, a, *rest))
            for a, b, *rest in (_moves(one) for one in equilibria(turned))
        }
        assert mine == theirs


def test_gambit_finds_no_regret_in_any_equilibrium() -> None:
    gambit = pytest.importorskip(
        "pygambit", reason="pygambit is not installed: an optional extra, `pip install ceasefire[games]`"
    )
    rng = np.random.default_rng(21)
    for _ in range(100):
        game = at_random(rng)
        tree = gambit.read_efg(io.BytesIO(_as_efg(game).encode()))
        for one in equilibria(game):
            first, second = ([_of(float(end == ENDS[0])) for end in of] for of in one.ends)
            profile = tree.mixed_behavior_profile(
                [
                    [_of(one.sincere_offers), *first, _of(one.rearming_offers), *second],
                    [_of(one.accept)],
                    [_of(one.keep_if_accepted), _of(one.keep_if_refused)],
                ]
            )
            assert float(profile.max_regret()) < 1e-9


def _of(share: float) -> list[float]:
    return [share, 1.0 - share]


def _as_efg(game: Game) -> str:
    """Write a game as Gambit's own text, nodes in the order in which they are walked."""
    count = itertools.count(1)

    def end(payoffs: np.ndarray) -> str:
        told = ", ".join(repr(float(one)) for one in payoffs)
        return f't "" {next(count)} "" {{ {told} }}'

    twentieths = round(game.prior * 20)
    lines = [
        'EFG 2 R "offer" { "offers" "answers" "backer" }',
        '""',
        f'c "" 1 "" {{ "sincere" {twentieths}/20 "rearming" {20 - twentieths}/20 }} 0',
    ]
    for kind in (0, 1):
        lines += [
            f'p "" 1 {1 + 3 * kind} "" {{ "offer" "silence" }} 0',
            'p "" 2 1 "" { "accept" "refuse" } 0',
        ]
        lines.append('p "" 3 1 "" { "keep" "cut" } 0')
        for aid in (0, 1):
            lines.append(f'p "" 1 {2 + 3 * kind + aid} "" {{ "settle" "exploit" }} 0')
            lines += [end(game.accepted[kind, aid, last]) for last in (0, 1)]
        lines.append('p "" 3 2 "" { "keep" "cut" } 0')
        lines += [end(game.refused[kind, aid]) for aid in (0, 1)]
        lines.append(end(game.war[kind]))
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("prior", [-0.1, 1.1, float("nan")])
def test_a_prior_that_is_no_probability_is_refused(prior: float) -> None:
    with pytest.raises(InputError, match="is no probability"):
        Game(prior, np.zeros((2, 3)), np.zeros((2, 2, 3)), np.zeros((2, 2, 2, 3)))


def test_payoffs_of_another_shape_or_without_a_number_are_refused() -> None:
    with pytest.raises(InputError, match="are no table of 2 x 3 numbers"):
        Game(0.5, np.zeros((3, 2)), np.zeros((2, 2, 3)), np.zeros((2, 2, 2, 3)))
    with pytest.raises(InputError, match="are no table of 2 x 2 x 3 numbers"):
        Game(0.5, np.zeros((2, 3)), np.full((2, 2, 3), np.nan), np.zeros((2, 2, 2, 3)))


def test_the_closed_form_refuses_payoffs_out_of_order_and_priors_that_are_none() -> None:
    with pytest.raises(InputError, match="payoffs are out of order"):
        minimal_game(0.3, 0.4, 0.1, 0.2, 0.1, 0.4, 0.5)
    with pytest.raises(InputError, match="a prior is not between 0 and 1"):
        minimal_game(1.0, 0.4, 0.1, 1.2, 0.1, 0.4, 0.5)
