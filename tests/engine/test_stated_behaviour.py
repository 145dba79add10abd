"""How ensembles of wars behave, stated in advance: shells, interceptors, truces, ends, dates, steps.

Two ensembles of a test share every chance (common random numbers) and differ in what the test names. Where a
statement holds only while some way round it is closed, the test closes it and says so, and a second test
says what is left of the statement with all ways open.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ceasefire.engine import ensemble
from ceasefire.engine.ensemble import OfWars, Record, record, run_block, schedule
from ceasefire.scenario import TRUCE_BEGINS, TRUCE_ENDS, Plan
from ceasefire.war import REGISTRY, Geography, State
from ceasefire.war.levers import COLUMNS
from tests.engine.walks import BUSY, SEED, Walk, levers, rows, run_of, walk, wars, world

YEAR = 364
FROZEN = [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0)]
FREE = (-1.0, -1.0)
# Counts are sums of some hundred float32 numbers.
ROUNDING = 1e-6


def losses(states: State) -> np.ndarray:
    """Killed, wounded and captured since the start, `[W, 2, N]`."""
    return states.killed.astype(float) + states.wounded + states.captured


def raised(less: np.ndarray, more: np.ndarray) -> np.ndarray:
    """By how much a count `[W, N]` was at most raised in any week, as a share of it, `[N]`."""
    return ((more - less) / (less + 1.0)).max(axis=0)


def with_lever(plan: np.ndarray, name: str, side: int, value: float, first: int = 0) -> np.ndarray:
    changed = plan.copy()
    changed[first:, COLUMNS[name].start + side] = value
    return changed


def with_row(of_wars: OfWars, name: str, side: int, factor: float) -> OfWars:
    parameters = of_wars.parameters.copy()
    parameters[REGISTRY.rows[name].start + side] *= factor
    return of_wars._replace(parameters=parameters)


def ways_of_ending(states: State) -> np.ndarray:
    """1 where a war has ended by a collapse, by exhaustion, by a settlement, `[3, W, N]`."""
    return np.array([states.collapsed.max(axis=1), states.exhausted.max(axis=1), states.settled])


# Shells

# Ways on which one's own fire comes back upon oneself: an enemy with fewer soldiers and drones' smaller share
# has more armour for each, ground that one takes overstretches one's attacks and the enemy takes one's lines,
# and a side attacks harder where its attacks go better.
NO_WAY_BACK = {"armour_worth": 0.0, "fortification_cover": 0.0, "concentration": 0.0}
# Events on knife edges; and who does not break, or is not beaten, lives to lose more.
NO_EVENTS = dict.fromkeys(("ending", "internal_break", "northern_front", "battles"), False)


def own_losses(of_wars: OfWars, observed: tuple[float, float]) -> list[tuple[np.ndarray, np.ndarray]]:
    """Losses `[W, N]` of each side as it is and with more shells, sent or there at the start."""
    plan = levers(YEAR, **BUSY)
    base = losses(walk(of_wars, rows(plan, observed=observed)).states)
    found = []
    for side in (0, 1):
        sent = with_lever(plan, "aid_shells", side, 1_000.0 + float(plan[0, COLUMNS["aid_shells"]][side]))
        more = walk(of_wars, rows(sent, observed=observed))
        stocked = walk(with_row(of_wars, "initial_shells", side, 2.0), rows(plan, observed=observed))
        found += [(base[:, side], losses(other.states)[:, side]) for other in (more, stocked)]
    return found


@pytest.mark.thorough
@pytest.mark.parametrize("observed", FROZEN)
@pytest.mark.parametrize("whole", [False, True])
def test_more_shells_never_raise_ones_own_losses(whole: bool, observed: tuple[float, float]) -> None:
    """In no war and at the end of no week, with offensives as observed and no way back: 512 wars a case."""
    closed = NO_EVENTS if whole else {}
    for less, more in own_losses(wars(512, whole=whole, parameters=NO_WAY_BACK, **closed), observed):
        assert raised(less, more).max() <= ROUNDING
        assert (more[-1] < less[-1] * (1.0 - ROUNDING)).mean() > 0.5
        assert more[-1].mean() < less[-1].mean()


def test_with_all_ways_open_shells_lower_own_losses_in_the_mean() -> None:
    """Where nobody attacks the core raises them in 3 wars of 1,000, by 1 % at most.

    With attacks it does in a fifth, and in the whole model drones alone make it a fifth without any. The mean
    falls in all cases but for endings: who is not beaten has more left to lose.
    """
    for less, more in own_losses(wars(1024, whole=False), FROZEN[0]):
        assert (raised(less, more) > ROUNDING).mean() <= 0.01
        assert raised(less, more).max() <= 0.02
    for whole in (False, True):
        for observed in FROZEN:
            for less, more in own_losses(wars(512, whole=whole, ending=False), observed):
                assert more[-1].mean() < less[-1].mean()


def test_with_decisions_free_shells_have_either_sign(record_property: Callable[[str, object], None]) -> None:
    """Only that it is computed: what leaders do with more shells is their decision."""
    changes = [
        more[-1].mean() / less[-1].mean() - 1.0 for less, more in own_losses(wars(512, whole=True), FREE)
    ]
    assert np.isfinite(changes).all()
    record_property("own losses with more shells, decisions free", [f"{change:+.2%}" for change in changes])


# Interceptors


def civilian_deaths(
    of_wars: OfWars, observed: tuple[float, float]
) -> list[tuple[np.ndarray, np.ndarray, int]]:
    """Civilians killed `[W, 2, N]` as it is, and with more interceptors of a side; the side."""
    plan = levers(YEAR, **BUSY)
    base = walk(of_wars, rows(plan, observed=observed)).states.civilians_killed.astype(float)
    found = []
    for side in (0, 1):
        sent = rows(with_lever(plan, "aid_interceptors", side, 3.0), observed=observed)
        stocked = with_row(of_wars, "initial_interceptors", side, 2.0)
        both = walk(of_wars, sent), walk(stocked, rows(plan, observed=observed))
        found += [(base, other.states.civilians_killed.astype(float), side) for other in both]
    return found


@pytest.mark.parametrize("observed", [*FROZEN, FREE])
def test_more_interceptors_never_raise_civilian_deaths_on_ones_own_ground(
    observed: tuple[float, float],
) -> None:
    """In no war and week of the whole model without endings, decisions frozen or free."""
    for less, more, side in civilian_deaths(wars(512, whole=True, ending=False), observed):
        assert raised(less[:, side], more[:, side]).max() <= ROUNDING
        assert more[-1, side].mean() < less[-1, side].mean()


@pytest.mark.parametrize("observed", [FROZEN[3], FREE])
def test_more_interceptors_raise_nobodys_deaths_where_power_is_worth_nothing_to_industry(
    observed: tuple[float, float],
) -> None:
    """Neither side's, with endings too; else a whole grid makes missiles for the other side's cities."""
    for less, more, side in civilian_deaths(wars(512, whole=True, parameters={"grid_worth": 0.0}), observed):
        assert raised(less[:, side], more[:, side]).max() <= ROUNDING
        np.testing.assert_array_equal(more[:, 1 - side], less[:, 1 - side])


# Truces

BEGINS, AFTER = 91, 91 + 364
PREPARED = 30
"""Days of a truce after which an offensive that breaks it has been prepared in it."""


class Fates:
    """What became of the truce in each war, `[N]`."""

    def __init__(self, states: State) -> None:
        broken = states.truces_broken.max(axis=1) > 0
        self.broken = broken.any(axis=0)
        self.day = np.where(self.broken, 7 * broken.argmax(axis=0) - BEGINS, -1)
        self.prepared = self.day >= PREPARED
        self.collapsed = states.truces_collapsed[-1] > 0
        # On the morning of the day after its last it is still in force.
        self.held = states.truce[AFTER // 7] > 0
        self.over = ways_of_ending(states)[:, BEGINS // 7].any(axis=0)


@cache
def fates(monitored: bool, supply: float = 1.0, violations: bool = True) -> Fates:
    """A truce of a year in 4,096 wars of the whole model; `supply`: share of rearming that goes on in it."""
    goes_on = dict.fromkeys(("truce_recruitment", "truce_production", "truce_aid"), supply)
    plan = levers(546, **BUSY, monitored=float(monitored), **goes_on)
    of_wars = wars(4096, whole=True, violations=violations)
    return Fates(walk(of_wars, rows(plan, truces=((BEGINS, AFTER),))).states)


def test_truces_hold_decay_and_are_broken_in_one_ensemble() -> None:
    """By decisions of the leaders alone; each war has one fate."""
    found = fates(monitored=False)
    for fate in (found.held, found.collapsed, found.prepared):
        assert fate.mean() > 0.05
    assert (found.held.astype(int) + found.collapsed + found.broken <= 1).all()
    assert (found.held | found.collapsed | found.broken | found.over).mean() > 0.97


@pytest.mark.parametrize("violations", [False, True])
def test_truces_without_monitors_end_more_often(violations: bool) -> None:
    without, with_monitors = (fates(monitored, violations=violations) for monitored in (False, True))
    ended = [(found.broken | found.collapsed).mean() for found in (without, with_monitors)]
    assert ended[0] > ended[1] + 0.05
    assert without.broken.mean() > with_monitors.broken.mean()
    if violations:
        assert without.collapsed.mean() > with_monitors.collapsed.mean()
    else:
        assert not without.collapsed.any()


@pytest.mark.parametrize("monitored", [False, True])
def test_truces_without_rearming_are_broken_less_often_by_a_prepared_offensive(monitored: bool) -> None:
    """Share of wars, paired: with monitors below by more than 3 standard errors (by 2 % of all wars).

    Without monitors by 1 %, two standard errors: most truces that break do so by what both forces already
    are, by what rest and the recovery of the wounded add, and by chance.
    """
    with_rearming, without = (fates(monitored, supply).prepared.astype(float) for supply in (1.0, 0.0))
    change = without - with_rearming
    assert change.mean() < 0.0
    if monitored:
        assert change.mean() < -3.0 * change.std() / np.sqrt(change.size)


# Belief, sanctions, flank


def test_a_leader_without_distortion_sees_the_true_balance_every_day() -> None:
    """To the last bit, whatever bias, noise, delay and filter would do at the usual distortion."""
    days = 182
    for whole in (False, True):
        for distortion, exact in ((0.0, True), (1.0, False)):
            of_wars = wars(64, whole=whole, parameters={"distortion": distortion}, belief=True)
            plan = rows(levers(days, **BUSY), truces=((60, 120),))
            found = walk(of_wars, plan, daily=True)
            same = found.states.perceived[1:] == found.balance
            assert same.all() if exact else same.mean() < 0.01


def test_sanctions_at_zero_leave_everything_as_without_the_mechanism() -> None:
    """Production and all else, to the last bit."""
    plan = levers(YEAR, **BUSY | {"sanctions": (0.0, 0.0)})
    there, away = (walk(wars(256, whole=True, sanctions=on), rows(plan)).states for on in (True, False))
    for name, stock in there._asdict().items():
        np.testing.assert_array_equal(stock, getattr(away, name), err_msg=name)
    felt = walk(wars(256, whole=True), rows(levers(YEAR, **BUSY))).states
    made = [states.shells[4] + states.shells_fired[4] for states in (felt, away)]
    assert (made[0] < made[1]).all()


def test_over_a_shut_flank_no_capital_is_assaulted() -> None:
    shut = walk(wars(512, whole=True), rows(levers(YEAR, **BUSY | {"flank": 0.0}))).states
    assert not shut.capital_assaults.any()
    assert not shut.flank_open.any()
    is_open = walk(wars(512, whole=True), rows(levers(YEAR, **BUSY | {"flank": 2.0}))).states
    assert (is_open.capital_assaults[-1].mean(axis=1) > 0.05).all()
    one = walk(wars(512, whole=True), rows(levers(YEAR, **BUSY | {"flank": (2.0, 0.0)}))).states
    assert one.capital_assaults[-1, 0].any()
    assert not one.capital_assaults[:, 1].any()


# Ends

STOPPED = (
    "killed",
    "wounded",
    "captured",
    "civilians_killed",
    "shells_fired",
    "armour_lost",
    "ground_taken",
    "battle_losses",
    "capital_assaults",
    "missiles_launched",
    "drones_launched",
    "missiles_leaked",
    "drones_leaked",
    "interceptors_fired",
    "truces_broken",
    "escalation",
)


def test_wars_end_in_each_way_and_nothing_is_fired_after_it() -> None:
    """From the day of the end on, to the last bit; offensives are over, ends are final."""
    of_wars = wars(256, whole=True)
    states = walk(of_wars, rows(levers(728, **BUSY), truces=((400, 500),)), daily=True).states
    ways = ways_of_ending(states)
    assert (ways[:, -1].mean(axis=1) > 0.01).all()
    assert set(np.unique(ways.sum(axis=0))) == {0.0, 1.0}
    ended = ways.max(axis=0) > 0
    assert (ended[1:] >= ended[:-1]).all()
    for name in STOPPED:
        count = getattr(states, name)
        moved = np.diff(count, axis=0)
        moved = moved.reshape(len(moved), -1, moved.shape[-1]).any(axis=1)
        assert not moved[ended[1:]].any(), name
        assert moved[~ended[1:]].any(), name
    assert not states.offensive.max(axis=1)[ended].any()


# Dates

MOVED = (
    "killed",
    "wounded",
    "captured",
    "skill",
    "armour_lost",
    "shells",
    "shells_fired",
    "called_up",
    "ground_taken",
    "missiles",
    "drones_launched",
    "grid",
    "civilians_killed",
    "will",
)


def means(found: Walk) -> dict[str, np.ndarray]:
    """Ensemble means `[W, 2]`."""
    states = found.states
    whole = {name: getattr(states, name) for name in MOVED} | {
        "force": states.troops.sum(axis=2) + states.reserve,
        "trainees": states.trainees.sum(axis=2),
        "ground_taken": states.ground_taken.sum(axis=2),
    }
    return {name: stock.astype(float).mean(axis=-1) for name, stock in whole.items()}


def days_worth(first: dict[str, np.ndarray], second: dict[str, np.ndarray]) -> dict[str, float]:
    """By how much means differ at most, in units of a day in the week in which they move most."""
    return {
        name: float(
            (np.abs(second[name] - mean).max(axis=0) / (np.abs(np.diff(mean, axis=0)).max(axis=0) / 7)).max()
        )
        for name, mean in first.items()
    }


@pytest.mark.parametrize("later", [1, -1])
def test_a_truce_a_day_later_moves_means_by_about_a_days_worth(later: int) -> None:
    """1.5 at most, and at the end of the year half of one: both truces have given as much."""
    of_wars, plan = wars(2048, whole=True), levers(YEAR, **BUSY)
    first, second = (
        means(walk(of_wars, rows(plan, truces=((98 + moved, 189 + moved),)))) for moved in (0, later)
    )
    worth = days_worth(first, second)
    assert max(worth.values()) < 1.5, worth
    assert worth["killed"] > 0.3
    last = {name: mean[-1] - second[name][-1] for name, mean in first.items()}
    pace = {name: np.abs(np.diff(mean, axis=0)).max(axis=0) / 7 for name, mean in first.items()}
    assert max(float((np.abs(last[name]) / pace[name]).max()) for name in last) < 0.7


@pytest.mark.parametrize(("lever", "side", "value"), [("aid_shells", 1, 3_000.0), ("recruitment", 0, 600.0)])
def test_a_lever_a_day_later_moves_means_by_no_more_than_a_days_worth(
    lever: str, side: int, value: float
) -> None:
    of_wars, plan = wars(2048, whole=True), levers(YEAR, **BUSY)
    first, second = (
        means(walk(of_wars, rows(with_lever(plan, lever, side, value, date)))) for date in (98, 99)
    )
    worth = days_worth(first, second)
    assert max(worth.values()) < 1.1, worth
    assert max(worth.values()) > 0.3


# The clock


def test_a_clock_that_stands_still_only_shifts_the_path() -> None:
    """All that a war remembers is its state, its plan and the week's chances: a stop of 10 days in mid-week.

    Whole weeks of it are a policy (test_clock.py). No levers say so: in a truce without fire, recruits,
    output and arms from abroad people finish training, the wounded recover, lines are dug and what drifts
    drifts on.
    """
    days, stop, length = 182, 59, 10
    of_wars = wars(64, whole=True)
    plan = rows(levers(days, **BUSY), truces=((100, 140),))
    through = walk(of_wars, plan, daily=True)
    dates = np.r_[:stop, np.full(length, stop), stop:days]
    stopped = jax.tree.map(lambda values: values[dates], plan)
    stopped.stands[stop : stop + length] = 1.0
    found = walk(of_wars, stopped, daily=True, weeks=dates // 7)
    for name, path in through.states._asdict().items():
        shifted = getattr(found.states, name)
        np.testing.assert_array_equal(shifted[: stop + 1], path[: stop + 1], err_msg=name)
        np.testing.assert_array_equal(shifted[stop : stop + length], path[[stop] * length], err_msg=name)
        np.testing.assert_allclose(shifted[stop + length :], path[stop:], rtol=1e-5, err_msg=name)
    nothing = dict.fromkeys(("truce_recruitment", "truce_production", "truce_aid", "strikes"), 0.0)
    quiet = wars(64, whole=True, parameters={"violation_level": 0.0})
    held = levers(days, **BUSY | nothing)
    truce = walk(quiet, rows(held, truces=((stop, stop + length),)), daily=True).states
    in_force = truce.truce[stop + length] > 0
    assert in_force.any()
    force = truce.troops.sum(axis=2) + truce.reserve
    assert (force[stop + length] > force[stop + 1])[:, in_force].all()


# Precision and steps

TRUCE = (98, 189)
# In a float64 program only its numbers matter, not its speed.
QUICKLY_COMPILED = {
    "xla_backend_optimization_level": 0,
    "xla_llvm_disable_expensive_passes": True,
    "xla_cpu_use_fusion_emitters": False,
}


@pytest.mark.thorough
def test_single_precision_has_the_means_of_double_precision() -> None:
    """Every outcome within 0.1 % at the end of each week; first days of events too."""
    days, of_wars = YEAR, wars(256, whole=True)
    plan = Plan(
        "test",
        levers(days, **BUSY).astype(np.float32),
        np.array([[TRUCE[0], TRUCE_BEGINS], [TRUCE[1], TRUCE_ENDS]], np.int32),
        np.full((days, 2), -1.0, np.float32),
    )
    numbers = np.asarray(of_wars.wars, np.int64)
    single = next(
        iter(
            ensemble.run_blocks(
                world(), plan, of_wars.parameters, of_wars.structure, numbers, SEED, numbers.size
            )
        )
    )
    ensemble.war_loop(2)
    with jax.enable_x64(True):
        of_run = run_of()
        arguments = jax.tree.map(
            lambda part: jnp.asarray(np.asarray(part, np.float64)) if part.dtype == np.float32 else part,
            (
                of_wars,
                of_run._replace(geography=Geography(*map(np.asarray, world().geography))),
                schedule(plan),
            ),
        )
        compiled = jax.jit(run_block.__wrapped__).lower(*arguments).compile(compiler_options=QUICKLY_COMPILED)
        _, weekly, passages = jax.tree.map(np.asarray, compiled(*arguments))
    assert {values.dtype for values in weekly} == {np.dtype(np.float64)}
    away = {}
    for name, exact in weekly._asdict().items():
        ours = getattr(single.weekly, name).astype(float).mean(axis=-1)
        scale = np.abs(exact).mean(axis=-1)
        assert scale.any(), name
        away[name] = float((np.abs(ours - exact.mean(axis=-1)) / np.maximum(scale, 1e-12)).max())
    assert max(away.values()) < 1e-3, away
    for name, first in passages._asdict().items():
        assert (first != getattr(single.passages, name)).mean() <= 0.01, name


def last(found: Walk) -> Record:
    return jax.tree.map(np.asarray, record(jax.tree.map(lambda stock: stock[-1], found.states)))


# Counts of events that less than one war in ten sees: a few wars on knife edges are some per cent of them.
# Besides, an assault takes what today's moves have left in reserve, and moves of a quarter leave more.
RARE = {"capital_assaults": 0.08, "capital_taken": 0.12}


def test_quarter_days_give_the_means_of_days() -> None:
    """Every outcome at the end of a year within 2 % of the mean of its size, decisions free."""
    of_wars, plan = wars(4096, whole=True), levers(YEAR, **BUSY)
    in_days, in_quarters = (
        last(walk(of_wars, rows(plan, truces=(TRUCE,), parts=parts), parts=parts)) for parts in (1, 4)
    )
    away = {}
    for name, stock in in_days._asdict().items():
        mean, other = (part.astype(float).mean(axis=-1) for part in (stock, getattr(in_quarters, name)))
        away[name] = float((np.abs(other - mean) / np.maximum(np.abs(stock).mean(axis=-1), 1e-12)).max())
    outside = {name: share for name, share in away.items() if share > RARE.get(name, 0.02)}
    assert not outside
    assert max(away.values()) > 1e-4
