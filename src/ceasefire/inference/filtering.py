"""How well a war's parameters explain what was reported: a guided particle filter over the weeks.

For each set of parameters M paths of the war are walked week by week. The week's chances of intensity, tempo
and advantage are not drawn blindly: they come from the normal distribution that the week's figures suggest
when the day is linearised about its middle, and the weight of the path pays for it,

    w = p(figures | path) p(chances) / q(chances | figures),

so that the mean weight is an unbiased estimate of the likelihood (Gordon and others 1993 for the filter,
Doucet and others 2000 for the guided proposal). The chance of the line shifts it at the end of the week,
where its distribution given the figure is known exactly. All else that was reported (running totals of many
roots, equipment, the size of forces) weighs the paths where it stands.
"""

from __future__ import annotations

import dataclasses
import functools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import AxisType, PartitionSpec

from ceasefire.engine import chance
from ceasefire.engine.ensemble import week_shocks
from ceasefire.war import Decisions, Drift, Geography, Shocks, State, Today, day, initial_state
from ceasefire.war.catalogue import view
from ceasefire.war.drift import next_drift
from ceasefire.war.offensive import weekly_end

# What of the war is reported: two rows for each, side 0 first.
QUANTITIES = ("killed", "killed_and_wounded", "losses", "armour_lost", "force")
GROUND = 2 * len(QUANTITIES)
_GUIDED = 3
# Wars that one device walks at a time: fewer, and starting the many small operations of a week takes over.
WARS_A_BLOCK = 8192
# A figure with this in place of a spread renews what its series remembers and weighs nothing.
FORGET = 1e6
# Seed of all chances of the filter; they differ by the numbers of the sets.
_CHANCES = 0xCEA5E
# Channels of chance beyond those of the war: errors of the figures, and the place of resampling.
_NOISE, _RESAMPLING = 200, 203


class Data(NamedTuple):
    """All figures by week of the war, padded to the longest calibration: `W` weeks.

    A figure says: log(value) is near log(factor x quantity); the quantity is a running total, a state, or
    what was added since the series' last figure.
    """

    levers: jax.Array
    """`[W, S, L]`, S steps in a week."""
    offensives: jax.Array
    """1 or 0 where known, -1 where the leader decides, `[W, S, 2]`."""
    guide_value: jax.Array
    """Log of the losses of each side reported since the series' last figure, `[W, 2]`."""
    guide_given: jax.Array
    """1 where there is one, `[W, 2]`."""
    guide_set: jax.Array
    """1 where the series goes on from a figure that does not inform, `[W, 2]`."""
    guide_factor: jax.Array
    """Row of the reporting factor, `[2]`."""
    guide_spread: jax.Array
    """Row of the spread, `[2]`."""
    guide_scale: jax.Array
    """What multiplies the spread, `[W, 2]`."""
    ground_value: jax.Array
    """Net ground taken by side 0 since the last figure, `[W]`, km2."""
    ground_given: jax.Array
    """1 where it informs, `[W]`."""
    ground_set: jax.Array
    """1 where the line is set to the figure without weighing it (a reassessment), `[W]`."""
    ground_error: jax.Array
    """Standard deviation of an assessed change, scalar, km2."""
    quantity: jax.Array
    """Row of what is reported, int `[W, J]`."""
    series: jax.Array
    """Which series remembers its last figure, int `[W, J]`."""
    factor: jax.Array
    """Row of the reporting factor, int `[W, J]`."""
    spread: jax.Array
    """Row of the spread, int `[W, J]`; -1: `fixed`."""
    fixed: jax.Array
    """Standard deviation of the log, or what multiplies the spread, `[W, J]`."""
    value: jax.Array
    """Log of the figure, `[W, J]`."""
    bound: jax.Array
    """0 a value, 1 at least, -1 at most, `[W, J]`."""
    since_last: jax.Array
    """1 where the figure counts since the series' last one, `[W, J]`."""
    given: jax.Array
    """1 where there is a figure, `[W, J]`."""
    before: jax.Array
    """Rows of the losses before the first day, int `[2]`."""
    decided: jax.Array
    """1 where the week's known decisions were those of a leader and weigh, `[W]`."""


def unreported(data: Data) -> Data:
    """Return the same levers and decisions with nothing reported: what is walked are the priors."""
    zeros = {
        name: np.zeros_like(getattr(data, name))
        for name in ("guide_given", "guide_set", "ground_given", "ground_set", "given", "decided")
    }
    return data._replace(**zeros)


class Carry(NamedTuple):
    """What goes from week to week."""

    state: State
    last: jax.Array
    """Quantity of each series at its last figure, `[S, N]`."""
    last_losses: jax.Array
    """`[2, N]`."""
    last_ground: jax.Array
    """`[N]`."""
    log_weight: jax.Array
    """Normalised in each group, `[T, M]`."""
    log_likelihood: jax.Array
    """`[T]`."""


def quantities(state: State, p: dict[str, jax.Array], before: jax.Array) -> jax.Array:
    """Return what can be reported of a state, `[2 K, N]` in the order of `QUANTITIES`; `before` `[2, N]`."""
    captured = p["captured_share"] * before
    killed = p["killed_share"] * (before - captured)
    wounded = before - captured - killed
    return jnp.concatenate(
        [
            state.killed + killed,
            state.killed + state.wounded + killed + wounded,
            state.killed + state.wounded + state.captured + before,
            state.armour_lost,
            state.force(),
        ]
    )


def net_ground(state: State) -> jax.Array:
    """Return the ground that side 0 has taken less what it has lost, `[N]`, km2."""
    taken = jnp.sum(state.ground_taken, axis=1)
    return taken[0] - taken[1]


def _normal(x: jax.Array, sd: jax.Array) -> jax.Array:
    return -0.5 * jnp.square(x / sd) - jnp.log(sd) - 0.9189385


class _Pilot(NamedTuple):
    """The first day of the week in the middle of its chances: logs of losses, ground, and slopes."""

    predicted: jax.Array
    """`[3, N]`."""
    slopes: jax.Array
    """`[3, 2 + F, N]`: of each figure by the chance of intensity, advantage, tempo of each front."""


def _pilot(
    carry: Carry,
    parameters: jax.Array,
    p: dict[str, jax.Array],
    observed: jax.Array,
    structure: jax.Array,
    data: Data,
    week: jax.Array,
    shocks: Shocks,
    steps: int,
    favours: jax.Array,
) -> _Pilot:
    state = carry.state
    today = Today(data.levers[week, 0], _zero(), _zero(), jnp.float32(1.0), 7.0 / steps)

    def first_day(advantage: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array]:
        moved = state._replace(advantage=advantage)
        tomorrow, flows = day(
            moved, parameters, structure, today, shocks, Decisions(data.offensives[week, 0][:, None])
        )
        ground = jnp.sum(flows.ground_taken[0] - flows.ground_taken[1], axis=0)
        return flows.losses, ground, tomorrow.log_tempo[0]

    sign = favours[:, None] * jnp.ones_like(state.advantage)
    (losses, ground, _), (_, slope, _) = jax.jvp(first_day, (state.advantage,), (sign,))
    unit = 7.0 / steps  # persistence is counted in steps
    kept = {
        name: jnp.exp(-7.0 / (p[f"{name}_persistence_days"] * unit)) for name in ("intensity", "advantage")
    }
    moves = {name: p[f"{name}_spread"] * jnp.sqrt(jnp.maximum(1.0 - kept[name] ** 2, 1e-12)) for name in kept}
    total = losses * steps
    before = _losses(state) - carry.last_losses
    factor = observed[data.guide_factor]
    whole = before + total + 1e-3
    ground_before = net_ground(state) - carry.last_ground
    share = total / whole * moves["intensity"]
    nothing = jnp.zeros_like(ground)
    # What a front has in the losses, nearly: exact shares would cost a day more for each front.
    both = jnp.sqrt(state.troops[0] * state.troops[1]) + 1.0
    of_front = both / jnp.sum(both, axis=0)
    kept_tempo = jnp.exp(-7.0 / (p["tempo_persistence_days"] * unit))
    tempo = of_front * p["tempo_spread"] * jnp.sqrt(jnp.maximum(1.0 - kept_tempo**2, 1e-12))
    in_losses = total / whole
    return _Pilot(
        predicted=jnp.stack([*(jnp.log(whole) + jnp.log(factor)), ground_before + ground * steps]),
        slopes=jnp.stack(
            [
                jnp.stack([share[0], nothing, *(in_losses[0] * tempo)]),
                jnp.stack([share[1], nothing, *(in_losses[1] * tempo)]),
                jnp.stack(
                    [
                        ground * steps * moves["intensity"],
                        slope * steps * moves["advantage"],
                        *(ground * steps * tempo),
                    ]
                ),
            ]
        ),
    )


def _losses(state: State) -> jax.Array:
    return state.killed + state.wounded + state.captured


def _zero() -> jax.Array:
    return jnp.float32(0.0)


def _guide(
    pilot: _Pilot,
    target: jax.Array,
    given: jax.Array,
    error: jax.Array,
    chances: jax.Array,
    noise: jax.Array,
) -> tuple[jax.Array, jax.Array]:
    """Return chances `[n, N]` drawn given the figures, and the log of p_linear(figures).

    The figures are taken one after the other, each an exact update of a linear normal model: a draw z of the
    prior becomes z + K (y + e - predicted - h z), e a draw of the error (Matheron's rule).
    """
    number, wars = chances.shape
    every = range(number)
    mean = jnp.zeros((number, wars), chances.dtype)
    spread = [[jnp.full(wars, 1.0 if i == j else 0.0, chances.dtype) for j in every] for i in every]
    drawn = chances
    evidence = jnp.zeros(wars, chances.dtype)
    for i in range(_GUIDED):
        h = pilot.slopes[i]
        along = [sum(spread[a][b] * h[b] for b in every) for a in every]
        variance = sum(h[a] * along[a] for a in every) + error[i] ** 2
        gain = [part / variance for part in along]
        expected = pilot.predicted[i] + sum(h[a] * mean[a] for a in every)
        told = (given[i] > 0).astype(chances.dtype)
        evidence += jnp.where(given[i] > 0, _normal(target[i] - expected, jnp.sqrt(variance)), 0.0)
        surprise = target[i] - expected
        drawn_surprise = (
            target[i] + error[i] * noise[i] - pilot.predicted[i] - sum(h[a] * drawn[a] for a in every)
        )
        mean = jnp.stack([mean[a] + told * gain[a] * surprise for a in every])
        drawn = jnp.stack([drawn[a] + told * gain[a] * drawn_surprise for a in every])
        spread = [[spread[a][b] - told * gain[a] * along[b] for b in every] for a in every]
    return drawn, evidence


def _weigh(
    carry: Carry, data: Data, week: jax.Array, now: jax.Array, observed: jax.Array
) -> tuple[jax.Array, jax.Array]:
    """Return the log likelihood `[N]` of the week's other figures, and what each series remembers."""
    last = carry.last
    total = jnp.zeros(now.shape[1], now.dtype)
    for j in range(data.value.shape[1]):
        given = data.given[week, j]
        quantity = now[data.quantity[week, j]]
        since = data.since_last[week, j] > 0
        amount = jnp.maximum(quantity - jnp.where(since, last[data.series[week, j]], 0.0), 1e-3)
        expected = jnp.log(amount) + jnp.log(observed[data.factor[week, j]])
        row = data.spread[week, j]
        sd = data.fixed[week, j] * jnp.where(row < 0, 1.0, observed[jnp.maximum(row, 0)])
        gap = data.value[week, j] - expected
        bound = data.bound[week, j]
        # At least: the source's own value lies above the bound; at most: below it.
        one_sided = jax.scipy.stats.norm.logcdf(-bound * gap / sd)
        weighs = (given > 0) & (data.fixed[week, j] < FORGET)
        total += jnp.where(weighs, jnp.where(bound == 0, _normal(gap, sd), one_sided), 0.0)
        remembered = jnp.where((given > 0) & since, quantity, last[data.series[week, j]])
        last = last.at[data.series[week, j]].set(remembered)
    return total, last


def _resample(log_weight: jax.Array, position: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Return ancestors `[T, M]` (systematic, where the effective number is below one half) and weights."""
    groups, paths = log_weight.shape
    weight = jax.nn.softmax(log_weight, axis=1)
    poor = 1.0 / jnp.sum(weight * weight, axis=1) < 0.5 * paths
    steps = jnp.cumsum(weight, axis=1)
    at = (jnp.arange(paths)[None, :] + position[:, None]) / paths
    ancestor = jnp.sum(steps[:, None, :] < at[:, :, None], axis=2).clip(0, paths - 1)
    same = jnp.broadcast_to(jnp.arange(paths)[None, :], (groups, paths))
    flat = jnp.full_like(log_weight, -np.log(paths))
    return jnp.where(poor[:, None], ancestor, same), jnp.where(poor[:, None], flat, log_weight)


def _take(values: jax.Array, ancestor: jax.Array) -> jax.Array:
    """Reorder the last axis `[..., T M]` within each group."""
    groups, paths = ancestor.shape
    index = (ancestor + jnp.arange(groups)[:, None] * paths).reshape(-1)
    return jnp.take(values, index, axis=-1)


class Paths(NamedTuple):
    """What is kept of each set of parameters at the end: one path, drawn by its weight."""

    state: State
    """`[..., T]`."""
    quantities: jax.Array
    """At the end of each week, `[W, 2 K + 1, T]`; the last row is the net ground."""


@dataclasses.dataclass(frozen=True)
class _Walk:
    """What does not change while the weeks are walked: T sets of parameters with M paths each, N = T M."""

    parameters: jax.Array
    """`[P, N]`."""
    observed: jax.Array
    """`[O, N]`."""
    structure: jax.Array
    """`[K, N]`."""
    wars: jax.Array
    """Numbers of the wars, `[N]`."""
    data: Data
    seed_key: jax.Array
    streams: jax.Array
    paths: int

    @property
    def steps(self) -> int:
        """Steps in a week."""
        return int(self.data.levers.shape[1])

    @property
    def sets(self) -> int:
        """Sets of parameters."""
        return int(self.wars.shape[0]) // self.paths

    @property
    def favours(self) -> jax.Array:
        """Sign of what favours the initiator, by side, `[2]`."""
        return (1 - 2 * self.streams).astype(self.parameters.dtype)

    def first(self, geography: Geography, series: int) -> Carry:
        """Return what the first week begins with."""
        dtype, wars = self.parameters.dtype, self.wars.shape[0]
        return Carry(
            initial_state(self.parameters, self.structure, geography, 7.0 / self.steps),
            jnp.zeros((series, wars), dtype),
            jnp.zeros((2, wars), dtype),
            jnp.zeros((wars,), dtype),
            jnp.full((self.sets, self.paths), -np.log(self.paths), dtype),
            jnp.zeros((self.sets,), dtype),
        )

    def week(self, state: State, week: jax.Array, shocks: Shocks) -> State:
        """Walk a week."""

        def one_step(number: jax.Array, state: State) -> State:
            today = Today(
                self.data.levers[week, number],
                _zero(),
                _zero(),
                (number == 0).astype(jnp.float32),
                7.0 / self.steps,
            )
            decisions = Decisions(self.data.offensives[week, number][:, None])
            return day(state, self.parameters, self.structure, today, shocks, decisions)[0]

        return jax.lax.fori_loop(0, self.steps, one_step, state)

    def guided_week(self, carry: Carry, week: jax.Array) -> tuple[State, jax.Array, jax.Array]:
        """Walk a week with guided chances and without that of the line.

        Returns:
            The state, the log weight `[N]` and the shift of the line in favour of side 0, `[N]` km2: drawn
            from its distribution given the week's figure, where there is one.
        """
        data, favours = self.data, self.favours
        blind = week_shocks(self.seed_key, self.wars, week, self.streams, carry.state.front_weight.shape[0])
        noise = chance.shock(self.seed_key, self.wars, week, jnp.arange(_NOISE, _NOISE + _GUIDED))
        still = jnp.zeros_like(noise[0])
        middle = blind._replace(
            tempo=jnp.zeros_like(blind.tempo),
            drift=Drift(still, jnp.stack([still, still]), blind.drift.lethality, blind.drift.volatility),
            line=0.0,
        )
        pilot = _pilot(
            carry,
            self.parameters,
            view(self.parameters),
            self.observed,
            self.structure,
            data,
            week,
            middle,
            self.steps,
            favours,
        )
        target = jnp.concatenate([data.guide_value[week], data.ground_value[week][None]])
        given = jnp.concatenate([data.guide_given[week], data.ground_given[week][None]])
        of_losses = self.observed[data.guide_spread] * data.guide_scale[week][:, None]
        # The chance of the line is not walked but added up: as an error of the figure, then as a shift.
        of_line = self.line_deviation(carry.state.volatility, blind.drift.volatility)
        of_ground = jnp.sqrt(of_line**2 + data.ground_error**2)
        error = jnp.concatenate([of_losses, of_ground[None]])
        error = jnp.where(given[:, None] > 0, error, 1.0)
        chances = jnp.stack(
            [
                blind.drift.intensity,
                favours[0] * blind.drift.advantage[0],
                *blind.tempo,
            ]
        )
        drawn, weight = _guide(pilot, target, given, error, chances, noise)
        shocks = blind._replace(
            tempo=drawn[2:],
            drift=Drift(drawn[0], favours[:, None] * drawn[1], blind.drift.lethality, blind.drift.volatility),
            line=0.0,
        )
        state = self.week(carry.state, week, shocks)
        added = _losses(state) - carry.last_losses
        ground = net_ground(state) - carry.last_ground
        of_losses = jnp.log(added + 1e-3) + jnp.log(self.observed[data.guide_factor])
        exact = jnp.concatenate([of_losses, ground[None]])
        # Written out: a product of small matrices for each war is slower than their sums by far.
        linear = pilot.predicted + sum(pilot.slopes[:, a] * drawn[a] for a in range(drawn.shape[0]))
        for i in range(_GUIDED):
            here = _normal(target[i] - exact[i], error[i]) - _normal(target[i] - linear[i], error[i])
            weight += jnp.where(given[i] > 0, here, 0.0)
        free = favours[0] * blind.line[0] * of_line
        off = data.ground_value[week] - ground
        share = of_line**2 / (of_line**2 + data.ground_error**2)
        informed = share * off + jnp.sqrt(share) * data.ground_error * favours[0] * blind.line[0]
        shift = jnp.where(data.ground_given[week] > 0, informed, free)
        # A reassessment: the line is where the map shows it from this week on.
        return state, weight, jnp.where(data.ground_set[week] > 0, off, shift)

    def of_decisions(self, week: jax.Array) -> jax.Array:
        """Return the log probability that an offensive goes on for another week, or ends in it, `[N]`.

        What is known of the leaders says how long offensives last (`war.offensive`): ln(1 - e) for each
        week in which one goes on and ln(e) for that in which it ends, e = 1 - exp(-7 / offensive_days).
        """
        before = self.data.offensives[jnp.maximum(week, 1) - 1, 0][:, None]
        known = self.data.offensives[week, 0][:, None]
        e = weekly_end(view(self.parameters)["offensive_days"], 7.0 / self.steps)
        told = jnp.where(known > 0, jnp.log1p(-e), jnp.log(e))
        weighs = (before > 0) & (known >= 0) & (self.data.decided[week] > 0)
        return jnp.sum(jnp.where(weighs, told, 0.0), axis=0)

    def line_deviation(self, volatility: jax.Array, shock: jax.Array) -> jax.Array:
        """Return the standard deviation of a week's unexplained shift of the line, `[N]`, km2.

        `volatility` is that before the week and `shock` the chance that moves it on its first morning.
        """
        p = view(self.parameters)
        step = 7.0 / self.steps
        now = next_drift(
            volatility, shock, 1.0, p["volatility_spread"], p["volatility_persistence_days"], step
        )
        return p["line_spread"] * self.steps * jnp.exp(now)

    def next(self, carry: Carry, week: jax.Array) -> tuple[Carry, jax.Array, jax.Array]:
        """Walk, weigh and resample a week; return what goes on, what could be reported, and ancestors."""
        data = self.data
        state, weight, off = self.guided_week(carry, week)
        shift = jnp.stack([jnp.maximum(off, 0.0), jnp.maximum(-off, 0.0)])
        state = state._replace(ground_taken=state.ground_taken + shift[:, None, :] * state.front_weight)
        now = quantities(state, view(self.parameters), self.observed[data.before])
        more, last = _weigh(carry, data, week, now, self.observed)
        more += self.of_decisions(week)
        weight = jnp.nan_to_num(weight + more, nan=-1e30, neginf=-1e30)
        log_weight = carry.log_weight + weight.reshape(self.sets, self.paths)
        peak = jax.scipy.special.logsumexp(log_weight, axis=1)
        ancestor, log_weight = _resample(log_weight - peak[:, None], self.uniform(week, _RESAMPLING))
        told = data.guide_given[week] + data.guide_set[week]
        seen = data.ground_given[week] + data.ground_set[week]
        fresh = Carry(
            jax.tree.map(lambda stock: _take(stock, ancestor), state),
            _take(last, ancestor),
            _take(jnp.where(told[:, None] > 0, _losses(state), carry.last_losses), ancestor),
            _take(jnp.where(seen > 0, net_ground(state), carry.last_ground), ancestor),
            log_weight,
            carry.log_likelihood + peak,
        )
        return fresh, jnp.concatenate([now, net_ground(state)[None]]), ancestor

    def uniform(self, week: jax.Array, channel: int) -> jax.Array:
        """Return a number from 0 to 1 for each set, `[T]`."""
        drawn = chance.shock(self.seed_key, self.wars, week, jnp.array([channel]))[0]
        return jax.scipy.stats.norm.cdf(drawn.reshape(self.sets, self.paths)[:, 0])

    def one_path(self, carry: Carry, record: jax.Array, ancestry: jax.Array, weeks: jax.Array) -> Paths:
        """Return a path of each set, drawn by its weight and followed back through its ancestors."""
        longest = record.shape[0]
        rising = jnp.cumsum(jax.nn.softmax(carry.log_weight, axis=1), axis=1)
        at = self.uniform(jnp.uint32(longest + 1), _NOISE)
        chosen = jnp.sum(rising < at[:, None], axis=1).clip(0, self.paths - 1)
        start = jnp.arange(self.sets) * self.paths

        def back(number: jax.Array, inner: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array]:
            # The record of a week was written before the resampling at its end.
            whose, story = inner
            week = weeks - 1 - number
            whose = jnp.take_along_axis(ancestry[week], whose[:, None], axis=1)[:, 0]
            return whose, story.at[week].set(jnp.take(record[week], start + whose, axis=-1))

        story = jnp.zeros((longest, record.shape[1], self.sets), record.dtype)
        _, story = jax.lax.fori_loop(0, weeks, back, (chosen, story))
        state = jax.tree.map(lambda stock: jnp.take(stock, start + chosen, axis=-1), carry.state)
        return Paths(state, story)


def _filter(
    parameters: jax.Array,
    observed: jax.Array,
    structure: jax.Array,
    numbers: jax.Array,
    geography: Geography,
    data: Data,
    weeks: jax.Array,
    seed_key: jax.Array,
    streams: jax.Array,
    series: int,
    paths: int,
    keep: bool,
) -> tuple[jax.Array, Paths | None]:
    many = functools.partial(jnp.repeat, repeats=paths, axis=-1)
    wars = (numbers[:, None] * jnp.uint32(paths) + jnp.arange(paths, dtype=jnp.uint32)).reshape(-1)
    walk = _Walk(many(parameters), many(observed), many(structure), wars, data, seed_key, streams, paths)
    kept = data.levers.shape[0] if keep else 1
    record = jnp.zeros((kept, GROUND + 1, wars.shape[0]), parameters.dtype)
    ancestry = jnp.zeros((kept, walk.sets, paths), jnp.int32)

    def one_week(week: jax.Array, inner: Any) -> Any:
        carry, record, ancestry = inner
        carry, shown, ancestor = walk.next(carry, week)
        if keep:
            record = record.at[week].set(shown)
            ancestry = ancestry.at[week].set(ancestor)
        return carry, record, ancestry

    start = (walk.first(geography, series), record, ancestry)
    carry, record, ancestry = jax.lax.fori_loop(0, weeks, one_week, start)
    path = walk.one_path(carry, record, ancestry, weeks) if keep else None
    return carry.log_likelihood, path


@functools.cache
def _compiled(devices: int, series: int, paths: int, keep: bool) -> Any:
    mesh = jax.make_mesh((devices,), ("sets",), axis_types=(AxisType.Auto,))
    over, whole = PartitionSpec(None, "sets"), PartitionSpec()
    call = functools.partial(_filter, series=series, paths=paths, keep=keep)
    state = jax.tree.map(lambda n: PartitionSpec(*[None] * n, "sets"), _STATE_AXES)
    out = (PartitionSpec("sets"), Paths(state, PartitionSpec(None, None, "sets")) if keep else None)
    spread = jax.shard_map(
        call,
        mesh=mesh,
        in_specs=(over, over, over, PartitionSpec("sets"), whole, whole, whole, whole, whole),
        out_specs=out,
        check_vma=False,
    )
    return jax.jit(spread)


_STATE_AXES = State(
    **{
        name: {
            "trainees": 2,
            "troops": 2,
            "recovering": 2,
            "armour_in_transit": 2,
            "shells_in_transit": 2,
        }.get(name, 1)
        for name in State._fields
    }
)._replace(
    front_weight=1,
    ground_at_start=2,
    ground_taken=2,
    fortification=2,
    log_tempo=1,
    intensity=0,
    lethality=0,
    volatility=0,
    truce=0,
)


def filter_wars(
    parameters: jax.Array,
    observed: jax.Array,
    structure: jax.Array,
    geography: Geography,
    data: Data,
    weeks: int,
    numbers: jax.Array,
    streams: jax.Array,
    *,
    series: int,
    paths: int,
    keep: bool,
) -> tuple[jax.Array, Paths | None]:
    """Return the log likelihood `[T]` of each set of parameters and, where asked, one path of each.

    Args:
        parameters: `[P, T]`, in the units of the step.
        observed: parameters of reporting, `[O, T]`.
        structure: int8 `[K, T]`.
        geography: the fronts.
        data: the figures.
        weeks: how many of them count.
        numbers: chance belongs to the number of a set, uint32 `[T]` below 2^32 / M: the same number gives the
            same estimate whatever the devices, and nearly the same chances when weeks are added.
        streams: random stream of each side, int32 `[2]`.
        series: number of series that remember their last figure.
        paths: M, paths of the war for each set.
        keep: whether to return paths.
    """
    devices = len(jax.devices())
    sets = parameters.shape[1]
    # A power of two, so that few sizes are compiled; fewer wars than a vector holds are rounded otherwise.
    enough = max(8, 1 << max(0, -(-sets // devices) - 1).bit_length())
    width = min(max(1, WARS_A_BLOCK // paths), enough) * devices
    key = chance.shock_key(_CHANCES)
    run = _compiled(devices, series, paths, keep)
    blocks = []
    for start in range(0, sets, width):
        index = np.minimum(np.arange(start, start + width), sets - 1)
        blocks.append(
            run(
                parameters[:, index],
                observed[:, index],
                structure[:, index],
                numbers[index],
                geography,
                data,
                jnp.int32(weeks),
                key,
                streams,
            )
        )
    joined = jax.tree.map(lambda *parts: jnp.concatenate(parts, axis=-1)[..., :sets], *blocks)
    return joined
