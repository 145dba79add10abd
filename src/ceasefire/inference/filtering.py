"""How well a war's parameters explain what was reported: a guided particle filter over the weeks.

For each set of parameters M paths of the war are walked week by week. The week's chances of intensity, tempo
and advantage, and before them that of the line's volatility, are not drawn blindly: they come from normal
distributions that the week's figures suggest when the day is linearised, and the weight of the path pays for
it,

    w = p(figures | path) p(chances) / q(chances | figures),

so that the mean weight is an unbiased estimate of the likelihood (Gordon and others 1993 for the filter,
Doucet and others 2000 for the guided proposal). The chance of the line shifts it at the end of the week,
where its distribution given the figure is known exactly. All else that was reported (running totals of many
roots, equipment, the size of forces) weighs the paths where it stands, and in part in the weeks before
(`anticipating`); where it has been learnt what a state is worth for all that is to come, that weighs too
(`lookahead`).
"""

from __future__ import annotations

import functools
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
from scipy import special

from ceasefire.engine import chance, places
from ceasefire.engine.ensemble import shocks_of, week_channels
from ceasefire.engine.fused import LANES, Kernel, available_cores
from ceasefire.engine.loop import Loop
from ceasefire.inference import lookahead as ahead
from ceasefire.inference.anticipating import coming_figures, coming_width
from ceasefire.inference.figures import FORGET, GROUND, Data, Figures
from ceasefire.inference.lookahead import Lookahead, Watched
from ceasefire.war import (
    REGISTRY,
    STRUCTURES,
    Decisions,
    Drift,
    Geography,
    Shocks,
    State,
    Today,
    day,
    initial_state,
)
from ceasefire.war.catalogue import view
from ceasefire.war.drift import next_drift
from ceasefire.war.offensive import weekly_end
from ceasefire.war.structure import pinned

_GUIDED = 3
# Error of the ground by which its chances are proposed, over the true one.
_WIDER_GROUND = 1.2
# The same of the information about its volatility, and how often the mode of that is bettered.
_WIDER_VOLATILITY, _SCORINGS = 1.2, 4
_MOST_INFORMATION = 1.9
# How often the day is linearised: about the middle of its chances, then about what the figures suggest.
_PILOTS = 2
# Chances about which it is linearised lie no farther out.
_FARTHEST = 4.0
# Paths of a set at most: chance belongs to the number of the set and of the path, in 32 bits together.
MOST_PATHS = 1024
# Wars that one core walks at a time, at most: as many as its cache holds the state of.
WARS_A_BLOCK = 1536
# Seed of all chances of the filter; they differ by the numbers of the sets.
_CHANCES = 0xCEA5E
# Channels of chance beyond those of the war: errors of the figures, and the place of resampling.
_NOISE, _RESAMPLING = 200, 203


class Carry(NamedTuple):
    """What goes from week to week in each war."""

    state: State
    last: jax.Array
    """Quantity of each series at its last figure, `[S, N]`."""
    last_losses: jax.Array
    """`[2, N]`."""
    last_ground: jax.Array
    """`[N]`."""
    in_advance: jax.Array
    """Log of the weight given for figures to come, `[N]`."""


class OfWars(NamedTuple):
    """What each war has of its own; the M paths of a set lie side by side."""

    parameters: jax.Array
    """`[P, N]`, in the units of the step."""
    observed: jax.Array
    """Parameters of reporting, `[O, N]`."""
    structure: jax.Array
    """int8 `[K, N]`."""
    wars: jax.Array
    """Numbers of the wars, uint32 `[N]`."""


class OfRun(NamedTuple):
    """What all wars have in common."""

    geography: Geography
    seed_key: jax.Array
    streams: jax.Array
    """Random stream of each side, int32 `[2]`."""
    guide_factor: jax.Array
    """1 in the row of the reporting factor of each side's losses, `[2, O]`."""
    guide_spread: jax.Array
    """The same of their spread."""
    before: jax.Array
    """The same of the losses before the first day."""
    ground_error: jax.Array

    @property
    def favours(self) -> jax.Array:
        """Sign of what favours the initiator, by side, `[2]`."""
        return (1 - 2 * self.streams).astype(jnp.float32)


class OfWeek(NamedTuple):
    """A week's figures: `Data` of one week, its rows of tables as choices among all."""

    number: jax.Array
    levers: jax.Array
    """Of the first step, `[L]`."""
    offensives: jax.Array
    """`[2]`."""
    offensives_before: jax.Array
    """Of the week before, `[2]`."""
    decided: jax.Array
    guide_value: jax.Array
    guide_given: jax.Array
    guide_set: jax.Array
    guide_scale: jax.Array
    ground_value: jax.Array
    ground_given: jax.Array
    ground_set: jax.Array
    told: Figures
    """Those of the week."""
    coming: Figures
    """Those of later weeks, as far as this one can say (`anticipating`)."""
    worth: Lookahead
    """What a state is worth for all of them (`lookahead`)."""


class OfDay(NamedTuple):
    """What a step has."""

    levers: jax.Array
    offensives: jax.Array


class Held(NamedTuple):
    """What a week's steps and its end have from its beginning."""

    shocks: Shocks
    week: OfWeek
    target: jax.Array
    """What guides: log losses of each side, and the ground, `[3]`."""
    given: jax.Array
    """`[3]`."""
    error: jax.Array
    """`[3, N]`."""
    weight: jax.Array
    """Log of p(chances) / q(chances | figures), `[N]`."""
    of_line: jax.Array
    """Standard deviation of the week's unexplained shift of the line, `[N]`."""
    line: jax.Array
    """Its chance in favour of side 0, `[N]`."""


class Shown(NamedTuple):
    """What is kept of a week."""

    log_weight: jax.Array
    """`[N]`."""
    position: jax.Array
    """Chance of the resampling, a standard normal number, `[N]`; that of a set's first path counts."""
    quantities: jax.Array
    """`[2 K + 1, N]`."""


def chosen(rows: jax.Array, values: jax.Array) -> jax.Array:
    """Return the rows of values `[R, N]` that a table of ones `[..., R]` names, `[..., N]`."""
    return jnp.sum(rows[..., None] * values, axis=-2)


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


def _losses(state: State) -> jax.Array:
    return state.killed + state.wounded + state.captured


def _features(state: State, last_losses: jax.Array, last_ground: jax.Array) -> jax.Array:
    """Return what `lookahead` looks at, `[F, N]`, with losses and ground at their last figures."""
    ground = net_ground(state)
    return ahead.features(state, _losses(state) - last_losses, ground, ground - last_ground)


_FEATURES = jax.jit(_features)


def _normal(x: jax.Array, sd: jax.Array) -> jax.Array:
    return -0.5 * jnp.square(x / sd) - jnp.log(sd) - 0.9189385


class _Pilot(NamedTuple):
    """The first day of the week, linearised: logs of losses, ground, and slopes."""

    predicted: jax.Array
    """`[3, N]`."""
    slopes: jax.Array
    """`[3, 2 + F, N]`: of each figure by the chance of intensity, advantage, tempo of each front."""

    def about(self, chances: jax.Array) -> _Pilot:
        """Return the line through what is predicted at some chances `[2 + F, N]`, where these are 0."""
        # Written out: a product of small matrices for each war is slower than their sums by far.
        at_zero = self.predicted - sum(self.slopes[:, a] * chances[a] for a in range(chances.shape[0]))
        return self._replace(predicted=at_zero)


class _Guided(NamedTuple):
    """The week's chances in the light of its figures, by a linear normal model."""

    drawn: jax.Array
    """`[n, N]`."""
    mean: jax.Array
    """`[n, N]`."""
    evidence: jax.Array
    """Log of p_linear(figures), `[N]`."""


def _pilot(carry: Carry, of_wars: OfWars, of_run: OfRun, week: OfWeek, shocks: Shocks, steps: int) -> _Pilot:
    state, p = carry.state, view(of_wars.parameters)
    today = Today(week.levers, _zero(), _zero(), jnp.float32(1.0), 7.0 / steps)

    def first_day(advantage: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array]:
        moved = state._replace(advantage=advantage)
        tomorrow, flows = day(
            moved,
            of_wars.parameters,
            of_wars.structure,
            today,
            shocks,
            Decisions(week.offensives[:, None]),
        )
        ground = jnp.sum(flows.ground_taken[0] - flows.ground_taken[1], axis=0)
        return flows.losses, ground, tomorrow.log_tempo[0]

    sign = of_run.favours[:, None] * jnp.ones_like(state.advantage)
    (losses, ground, _), (_, slope, _) = jax.jvp(first_day, (state.advantage,), (sign,))
    unit = 7.0 / steps  # persistence is counted in steps
    kept = {
        name: jnp.exp(-7.0 / (p[f"{name}_persistence_days"] * unit)) for name in ("intensity", "advantage")
    }
    moves = {name: p[f"{name}_spread"] * jnp.sqrt(jnp.maximum(1.0 - kept[name] ** 2, 1e-12)) for name in kept}
    total = losses * steps
    before = _losses(state) - carry.last_losses
    factor = chosen(of_run.guide_factor, of_wars.observed)
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


def _zero() -> jax.Array:
    return jnp.float32(0.0)


def _guide(
    pilot: _Pilot,
    target: jax.Array,
    given: jax.Array,
    error: jax.Array,
    chances: jax.Array,
    noise: jax.Array,
) -> _Guided:
    """Return chances `[n, N]` drawn given the figures.

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
    return _Guided(drawn, mean, evidence)


def _weigh(figures: Figures, now: jax.Array, last: jax.Array, observed: jax.Array) -> jax.Array:
    """Return the log likelihood `[N]` of figures, with what each series remembers of its last, `[S, N]`."""
    total = jnp.zeros_like(now[0])
    factor, spread = chosen(figures.factor, observed), chosen(figures.spread, observed)
    has_spread = jnp.sum(figures.spread, axis=1)
    for j in range(figures.value.shape[0]):
        quantity = chosen(figures.quantity[j], now)
        remembers = chosen(figures.series[j], last)
        amount = jnp.maximum(quantity - jnp.where(figures.since_last[j] > 0, remembers, 0.0), 1e-3)
        expected = jnp.log(amount) + jnp.log(factor[j])
        own = figures.fixed[j] * jnp.where(has_spread[j] > 0, spread[j], 1.0)
        sd = jnp.sqrt(own**2 + figures.unsure[j] ** 2)
        gap = figures.value[j] - expected
        bound = figures.bound[j]
        # At least: the source's own value lies above the bound; at most: below it.
        one_sided = jax.scipy.stats.norm.logcdf(-bound * gap / sd)
        weighs = (figures.given[j] > 0) & (figures.fixed[j] < FORGET)
        total += jnp.where(weighs, jnp.where(bound == 0, _normal(gap, sd), one_sided), 0.0)
    return total


def _remember(figures: Figures, now: jax.Array, last: jax.Array) -> jax.Array:
    """Return what each series remembers once its figures are there, `[S, N]`."""
    for j in range(figures.value.shape[0]):
        renews = figures.series[j] * figures.given[j] * figures.since_last[j]
        last = jnp.where(renews[:, None] > 0, chosen(figures.quantity[j], now), last)
    return last


def _next_volatility(p: dict[str, jax.Array], before: jax.Array, shock: jax.Array, steps: int) -> jax.Array:
    """Return the volatility from the week's first morning on, `[N]`."""
    persistence = p["volatility_persistence_days"]
    return next_drift(before, shock, 1.0, p["volatility_spread"], persistence, 7.0 / steps)


def _line_deviation(p: dict[str, jax.Array], volatility: jax.Array, steps: int) -> jax.Array:
    """Return the standard deviation of a week's unexplained shift of the line, `[N]`, km2."""
    return p["line_spread"] * steps * jnp.exp(volatility)


def _guide_volatility(
    carry: Carry,
    p: dict[str, jax.Array],
    of_run: OfRun,
    week: OfWeek,
    pilot: _Pilot,
    noise: jax.Array,
    steps: int,
) -> tuple[jax.Array, jax.Array]:
    """Return the week's chance of the volatility in the light of the ground, and log p / q, `[N]`.

    A line that moves far says that lines move far now. With the ground y, d from what is predicted, and the
    chance e of the volatility

        ln p(e | y) = -e^2 / 2 - ln(S) / 2 - d^2 / (2 S),  S = (deviation of the line at e)^2 + rest

    it is drawn from a normal distribution about the mode, found by scoring, with the information there
    (`noise` is standard normal). Where no ground is given it stays as it was.
    """
    before = carry.state.volatility
    steady = _next_volatility(p, before, jnp.zeros_like(noise), steps)
    moves = _next_volatility(p, before, jnp.ones_like(noise), steps) - steady
    still = jnp.square(_line_deviation(p, steady, steps))
    rest = jnp.sum(jnp.square(pilot.slopes[2]), axis=0) + of_run.ground_error**2
    off = jnp.square(week.ground_value - pilot.predicted[2])
    mode, information = jnp.zeros_like(noise), jnp.ones_like(noise)
    for _ in range(_SCORINGS):
        of_line = still * jnp.exp(2.0 * moves * mode)
        whole = of_line + rest
        share = of_line / whole * moves * (week.ground_given > 0)
        information = 1.0 + 2.0 * share**2
        mode = jnp.clip(mode + (share * (off / whole - 1.0) - mode) / information, -_FARTHEST, _FARTHEST)
    # Somewhat wider: a little movement says less against a calm line than the middle of it does. With 2 or
    # more the weights would have no finite variance, because of very calm lines.
    information = jnp.minimum(1.0 + (information - 1.0) / _WIDER_VOLATILITY, _MOST_INFORMATION)
    drawn = mode + noise / jnp.sqrt(information)
    return drawn, 0.5 * (noise**2 - drawn**2 - jnp.log(information))


def _of_decisions(p: dict[str, jax.Array], week: OfWeek, steps: int) -> jax.Array:
    """Return the log probability that an offensive goes on for another week, or ends in it, `[N]`.

    What is known of the leaders says how long offensives last (`war.offensive`): ln(1 - e) for each week in
    which one goes on and ln(e) for that in which it ends, e = 1 - exp(-7 / offensive_days).
    """
    before, known = week.offensives_before[:, None], week.offensives[:, None]
    e = weekly_end(p["offensive_days"], 7.0 / steps)
    told = jnp.where(known > 0, jnp.log1p(-e), jnp.log(e))
    weighs = (before > 0) & (known >= 0) & (week.decided > 0)
    return jnp.sum(jnp.where(weighs, told, 0.0), axis=0)


def _start(of_wars: OfWars, of_run: OfRun, *, series: int, steps: int) -> Carry:
    nothing = jnp.zeros_like(of_wars.parameters[0])
    return Carry(
        initial_state(of_wars.parameters, of_wars.structure, of_run.geography, 7.0 / steps),
        jnp.stack([nothing] * series),
        jnp.stack([nothing, nothing]),
        nothing,
        nothing,
    )


def chances(of_run: OfRun, wars: jax.Array, week: jax.Array, fronts: int) -> jax.Array:
    """Return the standard normal numbers of a week, `[C, N]`: of the war, then of the figures that guide."""
    errors = jnp.arange(_NOISE, _NOISE + _GUIDED)
    channels = jnp.concatenate([week_channels(of_run.streams, fronts), errors])
    return chance.shock(of_run.seed_key, wars, week, channels)


def channels_of(fronts: int) -> int:
    """Return C, the number of `chances` of a week."""
    return int(week_channels(jnp.arange(2), fronts).size) + _GUIDED


def _begin_week(
    carry: Carry, of_wars: OfWars, of_run: OfRun, week: OfWeek, *, steps: int, off: tuple[str, ...] = ()
) -> Held:
    """Draw the week's chances and guide them by its figures."""
    drawn = chances(of_run, of_wars.wars, week.number, carry.state.front_weight.shape[0])
    return guided_week(carry, of_wars, of_run, week, drawn, steps=steps, off=off)


def guided_week(
    carry: Carry,
    of_wars: OfWars,
    of_run: OfRun,
    week: OfWeek,
    drawn: jax.Array,
    *,
    steps: int,
    off: tuple[str, ...] = (),
) -> Held:
    """Guide the week's `chances` by its figures; the line is not walked but shifted at the end."""
    of_wars = of_wars._replace(structure=pinned(of_wars.structure, off))
    favours, p = of_run.favours, view(of_wars.parameters)
    blind = shocks_of(drawn[:-_GUIDED], of_run.streams, carry.state.front_weight.shape[0])
    noise = drawn[-_GUIDED:]

    def about(chances: jax.Array) -> Shocks:
        """Return the week's chances with those of intensity, advantage and tempo, `[2 + F, N]`."""
        drift = Drift(
            chances[0], favours[:, None] * chances[1], blind.drift.lethality, blind.drift.volatility
        )
        return blind._replace(tempo=chances[2:], drift=drift, line=0.0)

    target = jnp.concatenate([week.guide_value, week.ground_value[None]])
    given = jnp.concatenate([week.guide_given, week.ground_given[None]])
    of_losses = chosen(of_run.guide_spread, of_wars.observed) * week.guide_scale[:, None]
    before = jnp.stack([blind.drift.intensity, favours[0] * blind.drift.advantage[0], *blind.tempo])
    middle = jnp.zeros_like(before)
    pilot = _pilot(carry, of_wars, of_run, week, about(middle), steps).about(middle)
    volatility, weight = _guide_volatility(carry, p, of_run, week, pilot, blind.drift.volatility, steps)
    # The chance of the line is not walked but added up: as an error of the figure, then as a shift.
    of_line = _line_deviation(p, _next_volatility(p, carry.state.volatility, volatility, steps), steps)
    of_ground = jnp.sqrt(of_line**2 + of_run.ground_error**2)
    error = jnp.concatenate([of_losses, of_ground[None]])
    error = jnp.where(given[:, None] > 0, error, 1.0)
    # Where the day is not linear, chances that keep close to the figure would have lighter tails than the
    # target: most estimates too low, few far too high.
    proposed = error * jnp.array([1.0, 1.0, _WIDER_GROUND], jnp.float32)[:, None]
    guided = _guide(pilot, target, given, proposed, before, noise)
    for _ in range(_PILOTS - 1):
        middle = jnp.clip(guided.mean, -_FARTHEST, _FARTHEST)
        pilot = _pilot(carry, of_wars, of_run, week, about(middle), steps).about(middle)
        guided = _guide(pilot, target, given, proposed, before, noise)
    after = guided.drawn
    weight += guided.evidence
    blind = blind._replace(drift=blind.drift._replace(volatility=volatility))
    shocks = about(after)
    # Written out: a product of small matrices for each war is slower than their sums by far.
    linear = pilot.predicted + sum(pilot.slopes[:, a] * after[a] for a in range(after.shape[0]))
    for i in range(_GUIDED):
        weight -= jnp.where(given[i] > 0, _normal(target[i] - linear[i], proposed[i]), 0.0)
    line = favours[0] * blind.line[0]
    return Held(shocks, week, target, given, error, weight, of_line, line)


def _step(
    carry: Carry,
    of_wars: OfWars,
    of_run: OfRun,
    held: Held,
    of_day: OfDay,
    new_week: jax.Array,
    *,
    steps: int,
    off: tuple[str, ...] = (),
) -> Carry:
    today = Today(of_day.levers, _zero(), _zero(), new_week, 7.0 / steps)
    decisions = Decisions(of_day.offensives[:, None])
    structure = pinned(of_wars.structure, off)
    state, _ = day(carry.state, of_wars.parameters, structure, today, held.shocks, decisions)
    return carry._replace(state=state)


def _end_week(carry: Carry, of_wars: OfWars, of_run: OfRun, held: Held, *, steps: int) -> tuple[Carry, Shown]:
    """Shift the line, and weigh the path by the week's figures."""
    state, week, p = carry.state, held.week, view(of_wars.parameters)
    added = _losses(state) - carry.last_losses
    ground = net_ground(state) - carry.last_ground
    of_losses = jnp.log(added + 1e-3) + jnp.log(chosen(of_run.guide_factor, of_wars.observed))
    exact = jnp.concatenate([of_losses, ground[None]])
    weight = held.weight
    for i in range(_GUIDED):
        weight += jnp.where(held.given[i] > 0, _normal(held.target[i] - exact[i], held.error[i]), 0.0)
    # Drawn from its distribution given the week's figure, where there is one.
    off = week.ground_value - ground
    share = held.of_line**2 / (held.of_line**2 + of_run.ground_error**2)
    informed = share * off + jnp.sqrt(share) * of_run.ground_error * held.line
    shift = jnp.where(week.ground_given > 0, informed, held.line * held.of_line)
    # A reassessment: the line is where the map shows it from this week on.
    shift = jnp.where(week.ground_set > 0, off, shift)
    shifts = jnp.stack([jnp.maximum(shift, 0.0), jnp.maximum(-shift, 0.0)])
    state = state._replace(ground_taken=state.ground_taken + shifts[:, None, :] * state.front_weight)
    now = quantities(state, p, chosen(of_run.before, of_wars.observed))
    weight += _weigh(week.told, now, carry.last, of_wars.observed) + _of_decisions(p, week, steps)
    last = _remember(week.told, now, carry.last)
    told = (week.guide_given + week.guide_set)[:, None]
    last_losses = jnp.where(told > 0, _losses(state), carry.last_losses)
    last_ground = jnp.where(week.ground_given + week.ground_set != 0, net_ground(state), carry.last_ground)
    # What a week gives in advance the next one takes back.
    in_advance = _weigh(week.coming, now, last, of_wars.observed)
    in_advance += ahead.worth(week.worth, _features(state, last_losses, last_ground))
    weight = jnp.nan_to_num(weight + in_advance - carry.in_advance, nan=-1e30, posinf=-1e30, neginf=-1e30)
    position = chance.shock(of_run.seed_key, of_wars.wars, week.number, jnp.array([_RESAMPLING]))[0]
    fresh = Carry(state, last, last_losses, last_ground, in_advance)
    return fresh, Shown(weight, position, jnp.concatenate([now, net_ground(state)[None]]))


@functools.cache
def filter_loop(
    fronts: int,
    levers: int,
    observed: int,
    series: int,
    figures: int,
    coming: int,
    steps: int,
    off: tuple[str, ...] = (),
) -> Loop:
    """Return a filter's weeks as a loop, for so many fronts, levers, parameters of reporting and so on.

    `off` are the optional mechanisms that no set has.
    """
    shape = jax.ShapeDtypeStruct
    real = jnp.float32
    of_wars = OfWars(
        shape((REGISTRY.size, LANES), real),
        shape((observed, LANES), real),
        shape((len(STRUCTURES), LANES), jnp.int8),
        shape((LANES,), jnp.uint32),
    )
    scalar, pair, rows = shape((), real), shape((2,), real), shape((2, observed), real)
    of_run = OfRun(
        Geography(*(shape(axes, real) for axes in ((fronts,), *[(2, fronts)] * 3))),
        shape((2,), jnp.uint32),
        shape((2,), jnp.int32),
        rows,
        rows,
        rows,
        scalar,
    )

    def of_figures(number: int) -> Figures:
        tables = (shape((number, width), real) for width in (GROUND, series, observed, observed))
        return Figures(*tables, *[shape((number,), real)] * 6)

    of_week = OfWeek(
        number=shape((), jnp.int32),
        levers=shape((levers,), real),
        offensives=pair,
        offensives_before=pair,
        decided=scalar,
        guide_value=pair,
        guide_given=pair,
        guide_set=pair,
        guide_scale=pair,
        ground_value=scalar,
        ground_given=scalar,
        ground_set=scalar,
        told=of_figures(figures),
        coming=of_figures(coming),
        worth=Lookahead(*[shape((ahead.size(fronts),), real)] * len(Lookahead._fields)),
    )
    start = functools.partial(_start, series=series, steps=steps)
    return Loop(
        start=start,
        begin_week=functools.partial(_begin_week, steps=steps, off=off),
        step=functools.partial(_step, steps=steps, off=off),
        end_week=functools.partial(_end_week, steps=steps),
        carry=jax.eval_shape(start, of_wars, of_run),
        of_wars=of_wars,
        of_run=of_run,
        of_week=of_week,
        of_day=OfDay(shape((levers,), real), pair),
    )


@functools.cache
def _kernel(sizes: tuple[int, ...], off: tuple[str, ...]) -> Kernel:
    return Kernel(filter_loop(*sizes, off=off))


def _ones(rows: npt.ArrayLike, width: int) -> npt.NDArray[np.float32]:
    """Return 1 in the row of each number, nothing for -1, `[..., width]`."""
    return (np.asarray(rows)[..., None] == np.arange(width)).astype(np.float32)


def week_rows(data: Data, coming: Figures, worth: Lookahead, observed: int, series: int) -> OfWeek:
    """Return the figures by week, `[W, ...]`, with those to come and what states are worth for them."""
    offensives = np.asarray(data.offensives, np.float32)[:, 0]
    widths = {"quantity": GROUND, "series": series, "factor": observed, "spread": observed}

    def figures(of: Data | Figures, unsure: npt.NDArray[np.float32]) -> Figures:
        plain = set(Figures._fields) - set(widths) - {"unsure"}
        return Figures(
            **{name: _ones(getattr(of, name), width) for name, width in widths.items()},
            **{name: np.asarray(getattr(of, name), np.float32) for name in plain},
            unsure=unsure,
        )

    own = (set(OfWeek._fields) & set(Data._fields)) - {"levers", "offensives"}
    return OfWeek(
        number=np.arange(len(offensives), dtype=np.int32),
        levers=np.asarray(data.levers, np.float32)[:, 0],
        offensives=offensives,
        offensives_before=np.concatenate([offensives[:1], offensives[:-1]]),
        told=figures(data, np.zeros(np.shape(data.value), np.float32)),
        coming=figures(coming, coming.unsure),
        worth=worth,
        **{name: np.asarray(getattr(data, name), np.float32) for name in own},
    )


def log_of_sum(log_weight: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the log of the sum over each row of finite logs `[T, M]`, without what a general one checks."""
    highest = log_weight.max(axis=1)
    return np.asarray(highest + np.log(np.exp(log_weight - highest[:, None]).sum(axis=1)))


def resample(
    log_weight: npt.NDArray[np.float64], position: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float64]]:
    """Return ancestors `[T, M]` (systematic, where the effective number is below one half) and weights.

    Args:
        log_weight: normalised in each group, `[T, M]`.
        position: where each group's places begin, 0 to 1, `[T]`.
    """
    groups, paths = log_weight.shape
    weight = np.exp(log_weight)
    weight /= weight.sum(axis=1, keepdims=True)
    poor = 1.0 / np.square(weight).sum(axis=1) < 0.5 * paths
    ancestor = np.tile(np.arange(paths, dtype=np.int32), (groups, 1))
    if poor.any():
        # Groups one after the other: each begins where the one before it ends.
        first = np.arange(int(poor.sum()))[:, None]
        steps = np.minimum(np.cumsum(weight[poor], axis=1), 1.0) + first
        at = (np.arange(paths) + position[poor, None]) / paths + first
        found = np.searchsorted(steps.ravel(), at.ravel()).reshape(at.shape) - first * paths
        ancestor[poor] = np.clip(found, 0, paths - 1)
        log_weight = np.where(poor[:, None], -np.log(paths), log_weight)
    return ancestor, log_weight


class Paths(NamedTuple):
    """What is kept of each set of parameters at the end: one path, drawn by its weight."""

    state: State
    """`[..., T]`."""
    quantities: npt.NDArray[np.float32]
    """At the end of each week, `[W, 2 K + 1, T]`; the last row is the net ground."""
    wars: npt.NDArray[np.uint32] | None = None
    """Whose chances the path took in each week that counts (`chances`), `[W, T]`; None where it was given its
    numbers (`hamiltonian`)."""


class _Sets(NamedTuple):
    """Some of the sets, as `_Filter.run` takes them."""

    parameters: npt.NDArray[np.float32]
    observed: npt.NDArray[np.float32]
    structure: npt.NDArray[np.int8]
    numbers: npt.NDArray[np.uint32]
    paths: int
    keep: bool


class Common(NamedTuple):
    """What all sets have in common, as `_Filter` takes it."""

    geography: Geography
    data: Data
    weeks: int
    streams: Any
    sizes: tuple[int, ...]
    off: tuple[str, ...]
    worth: Lookahead | None = None

    def plain(self) -> Common:
        """Return the same as NumPy arrays, which can be sent to another process."""
        kept: Common = jax.tree.map(
            lambda leaf: np.asarray(leaf) if isinstance(leaf, jax.Array) else leaf, self
        )
        return kept


def run_and_rows(common: Common, *, alone: bool = False) -> tuple[OfRun, OfWeek, OfDay]:
    """Return what all wars have in common, and what the weeks and the days have, as NumPy arrays.

    `alone`: paths are never drawn anew, so that no week gives weight in advance for figures to come.
    """
    data, weeks = common.data, common.weeks
    fronts, _, observed, series, _, coming, _ = common.sizes
    longest = int(np.shape(data.levers)[0])
    of_run = OfRun(
        common.geography,
        chance.shock_key(_CHANCES),
        np.asarray(common.streams, np.int32),
        _ones(data.guide_factor, observed),
        _ones(data.guide_spread, observed),
        _ones(data.before, observed),
        np.float32(data.ground_error),
    )
    # The last week that counts looks at nothing: what it gave in advance no week would take back.
    looked = ahead.nothing(longest, fronts)
    if common.worth is not None:
        for all_weeks, learnt in zip(looked, common.worth, strict=True):
            all_weeks[: weeks - 1] = learnt[: weeks - 1]
    to_come = coming_figures(data, 0 if alone else weeks, coming)
    of_week = week_rows(data, to_come, looked, observed, series)
    of_day = OfDay(np.asarray(data.levers, np.float32), np.asarray(data.offensives, np.float32))
    return of_run, of_week, of_day


def _elsewhere(common: Common, part: _Sets) -> tuple[npt.NDArray[np.float64], Paths | None]:
    likelihood, paths = _Filter(common).run(*part)
    return likelihood, None if paths is None else jax.tree.map(np.asarray, paths)


class _Filter:
    """A filter over the same figures for any sets of parameters."""

    def __init__(self, common: Common) -> None:
        self.kernel = _kernel(common.sizes, common.off)
        self.weeks, self.steps = common.weeks, common.sizes[-1]
        self.longest = int(np.shape(common.data.levers)[0])
        self.of_run, *rows = run_and_rows(common)
        self.of_week, self.of_day = (
            self.kernel.rows(part, self.longest * every)
            for part, every in zip(rows, (1, self.steps), strict=True)
        )

    def run(
        self,
        parameters: npt.NDArray[np.float32],
        observed: npt.NDArray[np.float32],
        structure: npt.NDArray[np.int8],
        numbers: npt.NDArray[np.uint32],
        paths: int,
        keep: bool,
        watched: list[Watched] | None = None,
    ) -> tuple[npt.NDArray[np.float64], Paths | None]:
        """Return the log likelihood of each set, and one path of it; `watched` gets what paths go through."""
        sets = numbers.size
        # The chances of a path do not depend on how many there are.
        wars = (numbers[:, None] * np.uint32(MOST_PATHS) + np.arange(paths, dtype=np.uint32)).reshape(-1)
        many = functools.partial(np.repeat, repeats=paths, axis=-1)
        of_wars = OfWars(many(parameters), many(observed), many(structure), wars)
        laid = self.kernel.lay_out(of_wars, self.of_run)
        log_weight = np.full((sets, paths), -np.log(paths))
        log_likelihood = np.zeros(sets)
        rows: npt.NDArray[np.int32] | None = None
        place = np.arange(wars.size, dtype=np.int32)
        records, ancestry = [], []
        for week in range(self.weeks):
            rows, shown = self.kernel.walk(
                laid,
                rows,
                self.of_week[week : week + 1],
                self.of_day[week * self.steps : (week + 1) * self.steps],
                1,
                self.steps,
                place,
                cores=1,
            )
            told = shown[0, :, : wars.size]
            if watched is not None:
                watched.append(self._watch(rows, told[0], place))
            log_weight = log_weight + told[0].reshape(sets, paths)
            peak = log_of_sum(log_weight)
            log_likelihood += peak
            position = special.ndtr(told[1].reshape(sets, paths)[:, 0].astype(np.float64))
            ancestor, log_weight = resample(log_weight - peak[:, None], position)
            place = (ancestor + np.arange(sets, dtype=np.int32)[:, None] * paths).reshape(-1)
            if keep:
                records.append(told[2:])
                ancestry.append(ancestor)
        if not keep or rows is None:
            return log_likelihood, None
        return log_likelihood, self._one_path(rows, place, records, ancestry, log_weight, wars)

    def _watch(
        self, rows: npt.NDArray[np.int32], log_weight: npt.NDArray[np.float32], place: npt.NDArray[np.int32]
    ) -> Watched:
        """Return what a week did to the paths; its weight still holds what was given in advance."""
        carry = self.kernel.carry_of(rows, place.size)
        seen = _FEATURES(carry.state, carry.last_losses, carry.last_ground)
        return Watched(np.nan_to_num(np.asarray(seen), posinf=0.0, neginf=0.0), np.array(log_weight), place)

    def _one_path(
        self,
        rows: npt.NDArray[np.int32],
        place: npt.NDArray[np.int32],
        records: list[npt.NDArray[np.float32]],
        ancestry: list[npt.NDArray[np.int32]],
        log_weight: npt.NDArray[np.float64],
        wars: npt.NDArray[np.uint32],
    ) -> Paths:
        """Return a path of each set, drawn by its weight and followed back through its ancestors."""
        sets, paths = log_weight.shape
        drawn = chance.shock(
            chance.shock_key(_CHANCES),
            jnp.asarray(wars.reshape(sets, paths)[:, 0]),
            jnp.uint32(self.longest + 1),
            jnp.array([_NOISE]),
        )
        at = special.ndtr(np.asarray(drawn[0], np.float64))
        rising = np.cumsum(special.softmax(log_weight, axis=1), axis=1)
        whose = np.minimum((rising < at[:, None]).sum(axis=1), paths - 1)
        start = np.arange(sets) * paths
        last = rows[:, place[start + whose]]
        story = np.zeros((self.longest, GROUND + 1, sets), np.float32)
        whom = np.zeros((self.weeks, sets), np.uint32)
        for week in reversed(range(self.weeks)):
            # The record of a week was written before the resampling at its end.
            whose = np.take_along_axis(ancestry[week], whose[:, None], axis=1)[:, 0]
            story[week] = records[week][:, start + whose]
            whom[week] = wars[start + whose]
        return Paths(self.kernel.carry_of(last, sets).state, story, whom)


class Asked(NamedTuple):
    """Sets of parameters whose likelihood is asked for, and the figures."""

    parameters: npt.ArrayLike
    """`[P, T]`, in the units of the step."""
    observed: npt.ArrayLike
    """Parameters of reporting, `[O, T]`."""
    structure: npt.ArrayLike
    """int8 `[K, T]`."""
    geography: Geography
    data: Data
    weeks: int
    """How many of them count."""
    numbers: npt.ArrayLike
    """Chance belongs to the number of a set, uint32 `[T]` below 2^32 / `MOST_PATHS`: the same number gives
    the same estimate whatever the cores, and the same chances when weeks or paths are added."""
    streams: npt.ArrayLike
    """Random stream of each side, int32 `[2]`."""
    series: int
    """Number of series that remember their last figure."""
    paths: int
    """M, paths of the war for each set."""
    off: tuple[str, ...] = ()
    """Optional mechanisms that no set has, which are left out of what is computed."""
    worth: Lookahead | None = None
    """What states are worth for all figures to come, in the weeks that count."""

    def common(self) -> Common:
        """Return what all sets have in common."""
        fronts = int(np.shape(self.geography.weight)[0])
        _, steps, levers = np.shape(self.data.levers)
        at_once = np.shape(self.data.value)[1], coming_width(self.data)
        reporting = int(np.shape(self.observed)[0])
        sizes = (fronts, levers, reporting, max(1, self.series), *at_once, steps)
        return Common(self.geography, self.data, self.weeks, self.streams, sizes, self.off, self.worth)

    def parts(self, cores: int, *, keep: bool) -> list[_Sets]:
        """Return the sets in blocks, as many for each core as for any other."""
        given = (
            np.asarray(self.parameters, np.float32),
            np.asarray(self.observed, np.float32),
            np.asarray(self.structure, np.int8),
            np.asarray(self.numbers, np.uint32),
        )
        sets = given[0].shape[1]
        blocks_a_core = -(-sets // (cores * max(1, WARS_A_BLOCK // self.paths)))
        width = -(-sets // (cores * blocks_a_core))
        blocks = [slice(first, first + width) for first in range(0, sets, width)]
        return [_Sets(*(part[..., here] for part in given), self.paths, keep) for here in blocks]


def filter_wars(asked: Asked, *, keep: bool) -> tuple[npt.NDArray[np.float32], Paths | None]:
    """Return the log likelihood `[T]` of each set of parameters and, where asked, one path of each."""
    at = places.place()
    cores = available_cores() if at is places.HERE else at.at_once
    common, parts = asked.common(), asked.parts(cores, keep=keep)
    if at is places.HERE:
        walk = _Filter(common)
        with ThreadPoolExecutor(cores) as pool:
            found = list(pool.map(lambda part: walk.run(*part), parts))
    else:
        found = list(at.each(_elsewhere, common.plain(), parts))
    likelihood = np.concatenate([part[0] for part in found]).astype(np.float32)
    if not keep:
        return likelihood, None
    kept: Paths = jax.tree.map(lambda *parts: np.concatenate(parts, axis=-1), *(part[1] for part in found))
    return likelihood, kept


def look_ahead(asked: Asked, *, times: int) -> Lookahead:
    """Return what states are worth for figures to come, learnt from these sets' paths `times` times over.

    The first time paths go the way that single weeks lead them, then that of what has been learnt so far.
    """
    found = asked.worth
    for _ in range(times):
        found = ahead.learn(_watched(asked._replace(worth=found)), asked.paths)
    assert found is not None
    return found


def _watched(asked: Asked) -> list[Watched]:
    """Return what each week does to all paths of the sets, without what is learnt of the weeks to come."""
    walk = _Filter(asked.common())

    def watched(part: _Sets) -> list[Watched]:
        weeks: list[Watched] = []
        walk.run(*part, watched=weeks)
        return weeks

    cores = available_cores()
    with ThreadPoolExecutor(cores) as pool:
        parts = list(pool.map(watched, asked.parts(cores, keep=False)))
    first = np.cumsum([0, *(part[0].parent.size for part in parts[:-1])], dtype=np.int32)
    weeks: list[Watched] = []
    while len(weeks) < asked.weeks:
        # What is put together is let go: a war of years is a gigabyte.
        week = [part.pop(0) for part in parts]
        weeks.append(
            Watched(
                np.concatenate([one.features for one in week], axis=1),
                np.concatenate([one.log_weight for one in week]),
                np.concatenate([one.parent + at for one, at in zip(week, first, strict=True)]),
            )
        )
    return weeks if asked.worth is None else ahead.without(asked.worth, weeks)
