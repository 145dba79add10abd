"""When a leader stops: Goemans in closed form, stopping against dynamic programming, the war by direction."""

import dataclasses
import json

import numpy as np
import pytest

from ceasefire.bargaining.resurrection import (
    EVERY_DAYS,
    FIRST_DAY,
    KEPT,
    Cell,
    Line,
    Resurrection,
    Seen,
    Study,
    _seen,
    _with_reports,
    aim_or_ground,
    learn,
    odds_required,
    stops,
    when_leaders_stop,
)
from ceasefire.bargaining.stated import Values
from ceasefire.engine import run
from ceasefire.files import InputError
from ceasefire.scenario import load_scenario, mirror, with_mechanisms

INVENTED = load_scenario("invented-war")
LOSS, WIN, DISASTER, COST, AIM = 0.1, 0.3, 0.5, 4.0, 100.0


def expected(chance: float, office: float, fate: str) -> tuple[float, float]:
    """Return what settling and going on are worth, written out end by end."""
    settle = -AIM * LOSS - (office if fate == "whatever" else 0.0)
    won, lost = AIM * WIN, -AIM * DISASTER - office
    return settle, chance * won + (1.0 - chance) * lost - COST


@pytest.mark.parametrize("fate", ["whatever", "disaster"])
@pytest.mark.parametrize("office", [0.0, 10.0, 400.0])
def test_the_odds_required_make_both_worth_the_same(fate: str, office: float) -> None:
    odds = odds_required(LOSS, WIN, DISASTER, COST, AIM, office, fate)
    settle, going_on = expected(odds, office, fate)
    assert settle == pytest.approx(going_on, abs=1e-12)
    assert expected(odds + 0.01, office, fate)[1] > expected(odds + 0.01, office, fate)[0]


def test_who_loses_office_whatever_the_loss_gambles_on_any_odds() -> None:
    """Goemans: with more to lose he needs ever lower odds, and the one safe after a moderate loss higher."""
    stakes = [0.0, 10.0, 100.0, 400.0, 1e9]
    whatever = [odds_required(LOSS, WIN, DISASTER, COST, AIM, stake) for stake in stakes]
    disaster = [odds_required(LOSS, WIN, DISASTER, COST, AIM, stake, "disaster") for stake in stakes]
    assert whatever == sorted(whatever, reverse=True)
    assert disaster == sorted(disaster)
    assert whatever[0] == disaster[0] == pytest.approx(0.55)
    assert whatever[3] == pytest.approx(44 / 480)
    assert disaster[3] == pytest.approx(444 / 480)
    assert whatever[-1] == pytest.approx(0.0, abs=1e-6)
    assert disaster[-1] == pytest.approx(1.0, abs=1e-6)


def gamble(chances: np.ndarray, rng: np.random.Generator) -> Seen:
    """Return wars of one decision: settle, or go on and win with a chance that the leader sees."""
    won = rng.random(chances.size) < chances
    start = 0.6
    aim = np.stack([np.full(chances.size, start - LOSS), np.where(won, start + WIN, start - DISASTER)])
    return Seen(
        state=np.stack([chances[None], chances[None]]),
        lives=np.stack([np.zeros(chances.size), np.full(chances.size, -COST)]),
        aim=aim,
        ground_lost=np.stack([np.full(chances.size, LOSS), np.where(won, 0.0, DISASTER)]),
        killed=np.zeros((2, chances.size)),
        over=np.zeros((2, chances.size), bool),
    )


@pytest.mark.parametrize("fate", ["whatever", "disaster"])
@pytest.mark.parametrize("office", [0.0, 100.0, 400.0])
def test_the_learnt_rule_reproduces_the_closed_form(fate: str, office: float) -> None:
    rng = np.random.default_rng(7)
    chances = rng.random(400_000)
    seen = gamble(chances, rng)
    line = Line(fate, victory=0.6, disaster=0.3)
    worth = seen.worth(AIM, office, line)
    rule = learn(seen.state, worth, seen.over)
    asked = np.linspace(0.02, 0.98, 9601)
    goes_on = rule.gain(0, asked[None]) > 0.0
    odds = odds_required(LOSS, WIN, DISASTER, COST, AIM, office, fate)
    assert not goes_on[0]
    assert goes_on[-1]
    # The chance from which he goes on; its error is that of a mean over the wars near it.
    assert asked[goes_on.argmax()] == pytest.approx(odds, abs=0.01)


def test_late_days_with_few_wars_borrow_the_rule_of_the_last_day_that_has_enough() -> None:
    """A war that grows better each day for whoever goes on: nobody settles before its end."""
    days, wars = 6, 400
    rng = np.random.default_rng(2)
    state = rng.normal(size=(days, 1, wars))
    worth = np.tile(np.arange(days, dtype=float)[:, None], (1, wars))
    over = np.zeros((days, wars), bool)
    over[3:, 5:] = True
    rule = learn(state, worth, over)
    assert (rule.coefficients[3] == rule.coefficients[4]).all()
    assert rule.coefficients[3].any()
    stopped = stops(rule, state, over)
    assert (stopped[:5] == days - 1).all()
    assert (stopped[5:] == 3).all()
    # Where going on costs, they settle at once, late days as well.
    at_once = learn(state, -worth, over)
    assert (stops(at_once, state, over) == 0).all()
    assert (at_once.gain(4, state[4]) < 0.0).all()


def test_too_few_wars_on_the_first_day_teach_no_rule() -> None:
    over = np.zeros((3, 100), bool)
    over[:, 5:] = True
    with pytest.raises(InputError, match="5 wars are still going: too few to learn when to stop"):
        learn(np.zeros((3, 1, 100)), np.zeros((3, 100)), over)


def test_below_the_line_the_wider_of_two_equal_means_is_preferred() -> None:
    """By exactly the office times the chance to pass the line."""
    line, office = Line("whatever", victory=0.5), 1_000.0
    wars = 4_000
    narrow = np.full(wars, 0.3)
    wide = np.where(np.arange(wars) % 4 == 0, 0.6, 0.2)
    assert narrow.mean() == pytest.approx(wide.mean())

    def worth(aim: np.ndarray) -> float:
        nothing = np.zeros((1, wars))
        seen = Seen(nothing[None], nothing, aim[None], nothing, nothing, nothing > 1.0)
        return float(seen.worth(AIM, office, line).mean())

    assert worth(wide) - worth(narrow) == pytest.approx(office / 4.0)
    safe = dataclasses.replace(line, fate="disaster")
    assert not safe.lost(wide, np.zeros(wars)).any()


def test_stopping_agrees_with_dynamic_programming() -> None:
    """A fair walk of 12 steps at a price for each, worth 10 above the line: exact values by recursion."""
    days, wars, price, prize = 13, 60_000, 0.6, 10.0
    rng = np.random.default_rng(11)

    def walks() -> np.ndarray:
        steps = rng.choice([-1, 1], (days - 1, wars))
        return np.concatenate([np.zeros((1, wars)), np.cumsum(steps, axis=0)])

    def worth(place: np.ndarray) -> np.ndarray:
        return prize * (place >= 2) - price * np.arange(days)[:, None]

    values = {place: prize * (place >= 2) - price * (days - 1) for place in range(-days, days + 1)}
    for day in range(days - 2, -1, -1):
        values = {
            place: max(
                prize * (place >= 2) - price * day,
                0.5 * values[place - 1] + 0.5 * values[place + 1],
            )
            for place in range(-day, day + 1)
        }
    best = values[0]
    first, second = walks(), walks()
    over = np.zeros((days, wars), bool)

    def state(place: np.ndarray) -> np.ndarray:
        return np.stack([place, (place >= 2).astype(float)], axis=1)

    rule = learn(state(first), worth(first), over)
    stopped = stops(rule, state(second), over)
    got = np.take_along_axis(worth(second), stopped[None], axis=0)[0]
    error = got.std() / np.sqrt(wars)
    assert best > 1.0
    # Never better than the best, and within a twentieth of the prize of it.
    assert got.mean() < best + 4 * error
    assert got.mean() > best - 0.05 * prize


def test_a_war_that_is_over_is_not_gone_on_with() -> None:
    rng = np.random.default_rng(2)
    state, worth = rng.normal(size=(5, 2, 900)), np.arange(5.0)[:, None] + np.zeros((5, 900))
    over = np.zeros((5, 900), bool)
    over[2:, ::3] = True
    rule = learn(state, worth, over)
    stopped = stops(rule, state, over)
    assert (stopped[::3] == 2).all()
    assert (stopped[1::3] == 4).all()


# On the war


@pytest.fixture(scope="module")
def found() -> Resurrection:
    return small()


def small(**more: object) -> Resurrection:
    given = {
        "distortions": (0.0, 1.0, 3.0),
        "offices": (0.0, 50_000.0),
        "aims": (0.0, 50_000.0),
        "draws": 1_200,
    }
    return when_leaders_stop(INVENTED, **(given | more))


def test_true_reports_and_no_office_are_the_yardstick(found: Resurrection) -> None:
    informed = found.cell(0.0, office=0.0)
    assert (informed.days, informed.by_reports, informed.by_stakes, informed.killed) == (0.0, 0.0, 0.0, 0.0)
    assert found.cell(0.0, office=50_000.0).by_reports == 0.0
    for one in (*found.by_office, *found.by_aim):
        assert one.days == pytest.approx(one.by_reports + one.by_stakes)
        assert one.interval[0] <= one.interval[1]


def test_worse_reports_and_a_higher_office_keep_him_going(found: Resurrection) -> None:
    def above(more: Cell, less: Cell) -> bool:
        return more.days - less.days > 2.0 * max(more.days_error, less.days_error)

    assert above(found.cell(1.0, office=0.0), found.cell(0.0, office=0.0))
    assert above(found.cell(3.0, office=0.0), found.cell(1.0, office=0.0))
    assert above(found.cell(0.0, office=50_000.0), found.cell(0.0, office=0.0))
    assert found.cell(3.0, office=0.0).killed > 0.0


def test_false_reports_cost_him_by_his_own_values(found: Resurrection) -> None:
    """The rule learnt on other wars is worth more with true reports than with false ones."""
    for office in (0.0, 50_000.0):
        told = found.cell(3.0, office=office)
        assert told.regret > 2.0 * told.regret_error > 0.0


def test_the_informed_rule_beats_every_fixed_day() -> None:
    """Out of sample, over the wars on which it was not learnt."""
    world, plan = with_mechanisms(INVENTED, ["belief"]).world(), INVENTED.plan("fight-on")
    weeks = np.arange(FIRST_DAY // 7, world.days // 7 + 1, EVERY_DAYS // 7)
    result = run(world, _with_reports(plan, 0, 0.0), draws=2_000, seed=4, outcomes=KEPT)
    seen = _seen(result, world, 0, weeks, 0.0, Values())
    for office in (0.0, 50_000.0):
        study = Study({0.0: seen}, np.arange(2_000), EVERY_DAYS, 1)
        got = study.stop(0.0, 50_000.0, office, Line()).worth.mean(axis=0)
        fixed = seen.worth(50_000.0, office, Line())
        error = (got - fixed).std(axis=1) / np.sqrt(2_000)
        assert (got.mean() > fixed.mean(axis=1) - 2.0 * error).all()


def test_an_office_lost_by_disaster_alone_does_not(found: Resurrection) -> None:
    safe = small(line=Line("disaster"))
    assert safe.cell(0.0, office=50_000.0).by_stakes < found.cell(0.0, office=50_000.0).by_stakes
    assert safe.cell(0.0, office=50_000.0).by_stakes < 2.0 * safe.cell(0.0, office=50_000.0).by_stakes_error


def test_the_simulation_error_shrinks_with_draws_and_the_spread_does_not() -> None:
    few, many = (small(draws=draws, distortions=(1.0,)).cell(1.0, office=0.0) for draws in (600, 4_800))
    assert many.days_error < 0.6 * few.days_error
    width = few.interval[1] - few.interval[0]
    assert many.interval[1] - many.interval[0] > 0.6 * width


def test_rename_the_sides_and_the_answer_mirrors(found: Resurrection) -> None:
    turned = when_leaders_stop(
        mirror(INVENTED),
        distortions=(0.0, 1.0, 3.0),
        offices=(0.0, 50_000.0),
        aims=(0.0, 50_000.0),
        draws=1_200,
    )
    assert turned.side == found.side
    for here, there in zip(found.by_office, turned.by_office, strict=True):
        assert there.days == pytest.approx(here.days, abs=1.0)


def test_the_same_seed_gives_the_same_map(found: Resurrection) -> None:
    assert small().content() == found.content()


def test_the_aim_reached_is_that_of_the_payoffs() -> None:
    world = load_scenario("ukraine-2022").world()
    net, capital = np.array([-500.0, 0.0, 8_170.0, 1e6]), np.array([0.0, 0.0, 0.0, 1.0])
    russia = aim_or_ground(world, 0, net, capital)
    # Its aims lie on two fronts with 43,800 and 37,900 km2, 0.8 of them; the capital is the other 0.2.
    assert russia == pytest.approx([0.0, 0.0, 0.8 * 0.1, 1.0])
    invented = aim_or_ground(INVENTED.world(), 1, np.array([500.0]), np.array([0.0]))
    assert invented == pytest.approx([0.1])


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"side": "Aldri"}, "did you mean 'Aldria'?"),
        ({"distortions": (-1.0,)}, "a number is outside what can be."),
        ({"offices": (float("inf"),)}, "a number is outside what can be."),
        ({"aims": (float("nan"),)}, "a number is outside what can be."),
        ({"draws": 100}, "a rule cannot be learnt from 100 wars."),
        ({"draws": 0}, "0 draws cannot be run"),
        ({"policy": "fight-onn"}, "did you mean 'fight-on'?"),
    ],
)
def test_wrong_input_is_told_what_to_do(more: dict, told: str) -> None:
    with pytest.raises(InputError) as wrong:
        small(**more)
    assert told in str(wrong.value)


def test_a_line_or_gamble_that_cannot_be_is_refused() -> None:
    with pytest.raises(InputError, match="did you mean 'whatever'"):
        Line("whatevr")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="0 cannot be used as 'victory'"):
        Line(victory=0.0)
    with pytest.raises(InputError, match="nothing to gamble on"):
        odds_required(0.5, 0.3, 0.5, 0.0, 100.0, 0.0)
    with pytest.raises(InputError, match="neither aim nor office"):
        odds_required(0.1, 0.3, 0.5, 0.0, 0.0, 0.0)


def test_values_are_in_lives_and_said(found: Resurrection) -> None:
    content = json.loads(json.dumps(found.content(), allow_nan=False))
    assert content["values"]["own_soldiers"] == Values().own_soldiers == 1.0
    assert "simulation error" in content["sentence"]
    assert "assumed" in content["sentence"]
    assert len(content["varied"]) == 6
    assert found.table().shape[0] == len(found.by_office) + len(found.by_aim)
