"""Small ensembles for the tests of the war: random inputs, and a jitted walk over the days.

Every array has one shape (WARS wars, FRONTS fronts, SPAN days a call), so that each function compiles once.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import jax
import numpy as np

from ceasefire.war import (
    LEVERS,
    REGISTRY,
    STRUCTURES,
    Decisions,
    Drift,
    Events,
    Flows,
    Geography,
    Shocks,
    State,
    Today,
    day,
)
from ceasefire.war import initial_state as _initial_state
from ceasefire.war.levers import COLUMNS, WIDTH, defaults
from ceasefire.war.structure import OPTIONAL

WARS = 64
FRONTS = 3
SPAN = 158
"""Days in one call of `walk`: seven calls are the 1106 days of three years of 158 weeks."""

STOCKS_OF_ANY_SIGN = (
    "log_tempo",
    "intensity",
    "advantage",
    "lethality",
    "volatility",
    "perceived",
    "believed_own",
    "believed_enemy",
    "workforce_lost",
)


class Inputs(NamedTuple):
    """All that a walk needs, NumPy float32 unless said otherwise."""

    parameters: np.ndarray  # [P, N]
    structure: np.ndarray  # [K, N] int8
    geography: Geography
    levers: np.ndarray  # [D, L]
    begins: np.ndarray  # [D]
    ends: np.ndarray  # [D]
    tempo: np.ndarray  # [D, F, N], held over each week
    perception: np.ndarray  # [D, 2, N], held over each week
    culmination: np.ndarray  # [D, 2, N], held over each week
    drift: Drift  # [D, N], the advantage [D, 2, N]; held over each week
    line: np.ndarray  # [D, 2, N], held over each week
    events: Events  # [D, 2, N], battle [D, F, N], settlement [D, N]; held over each week
    decisions: np.ndarray  # [D, 2, 1]

    @property
    def days(self) -> int:
        return len(self.levers)

    def new_week(self) -> np.ndarray:
        return (np.arange(self.days) % 7 == 0).astype(np.float32)

    def shocks(self, days: int | slice) -> Shocks:
        drift = Drift(*(part[days] for part in self.drift))
        return Shocks(
            self.tempo[days],
            self.perception[days],
            self.culmination[days],
            drift,
            self.line[days],
            Events(*(part[days] for part in self.events)),
        )


class Path(NamedTuple):
    """The states before each day and after the last `[D + 1, ...]`; the flows of each day `[D, ...]`."""

    states: State
    flows: Flows


day_jitted = jax.jit(day)
initial_state = jax.jit(_initial_state)


@jax.jit
def _walk(state, parameters, structure, levers, begins, ends, new_week, shocks, decisions):
    def step(state, today):
        row, begin, end, week, shock, decision = today
        tomorrow, flows = day(
            state,
            parameters,
            structure,
            Today(row, begin, end, week),
            shock,
            Decisions(decision),
        )
        return tomorrow, (tomorrow, flows)

    return jax.lax.scan(step, state, (levers, begins, ends, new_week, shocks, decisions))


def walk(inputs: Inputs, state: State | None = None) -> Path:
    """Walk through the days of the inputs, a multiple of SPAN, from the first morning or from a given one."""
    assert inputs.days % SPAN == 0
    if state is None:
        state = initial_state(inputs.parameters, inputs.structure, inputs.geography)
    new_week = inputs.new_week()
    states = [jax.tree.map(lambda stock: np.asarray(stock)[None], state)]
    flows = []
    for start in range(0, inputs.days, SPAN):
        span = slice(start, start + SPAN)
        state, (later, moved) = _walk(
            state,
            inputs.parameters,
            inputs.structure,
            inputs.levers[span],
            inputs.begins[span],
            inputs.ends[span],
            new_week[span],
            inputs.shocks(span),
            inputs.decisions[span],
        )
        states.append(jax.tree.map(np.asarray, later))
        flows.append(jax.tree.map(np.asarray, moved))
    return Path(
        jax.tree.map(lambda *parts: np.concatenate(parts), *states),
        jax.tree.map(lambda *parts: np.concatenate(parts), *flows),
    )


def beside(rng: np.random.Generator) -> np.random.Generator:
    """Return a generator beside another, whose numbers and children stay as they are.

    What optional mechanisms need is drawn from it, so that the draws of the core do not depend on them.
    """
    return np.random.Generator(rng.bit_generator.jumped())


def is_optional(name: str) -> bool:
    """Whether a parameter belongs to an optional mechanism; those of the core come first."""
    return REGISTRY.mechanisms[name] in OPTIONAL


def draw_parameters(rng: np.random.Generator, wars: int = WARS) -> np.ndarray:
    """Draw each row of the parameter matrix from its prior, `[P, N]` float32."""
    other = beside(rng)
    rows = [
        parameter.prior.draw((other if is_optional(name) else rng).standard_normal(wars), parameter.bounds)
        for name, _ in REGISTRY.labels()
        for parameter in (REGISTRY[name],)
    ]
    return np.asarray(rows, dtype=np.float32)


def extreme_parameters(rng: np.random.Generator, wars: int = WARS) -> np.ndarray:
    """Put each entry at its lower bound, its upper bound or a draw of its prior, `[P, N]` float32."""
    drawn = draw_parameters(rng, wars)
    bounds = np.asarray([REGISTRY[name].bounds for name, _ in REGISTRY.labels()], dtype=np.float32)
    core = sum(not is_optional(name) for name, _ in REGISTRY.labels())
    choice = np.concatenate(
        [
            rng.integers(0, 3, (core, wars)),
            beside(rng).integers(0, 3, (len(drawn) - core, wars)),
        ]
    )
    return np.where(choice == 0, bounds[:, :1], np.where(choice == 1, bounds[:, 1:], drawn)).astype(
        np.float32
    )


def sanctioned(parameters: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the matrix with sanctions at the start drawn by chance: their prior is the constant 0."""
    tightness = rng.uniform(0.0, 0.9, (2, parameters.shape[1]))
    return set_parameter(parameters, "sanctions_at_start", tightness)


def draw_structure(rng: np.random.Generator, wars: int = WARS) -> np.ndarray:
    """Draw each structural alternative, all choices equally likely, `[K, N]` int8."""
    other = beside(rng)
    return np.stack(
        [
            (rng if rival.mechanism is None else other).integers(0, len(rival.choices), wars)
            for rival in STRUCTURES
        ]
    ).astype(np.int8)


def structure_of(wars: int = WARS, **choices: str) -> np.ndarray:
    """Return the structure with the named choices in every war, the first of each for the rest, int8."""
    codes = [rival.code(choices.pop(rival.name, rival.choices[0])) for rival in STRUCTURES]
    assert not choices, f"no such alternatives: {choices}"
    return np.tile(np.asarray(codes, dtype=np.int8)[:, None], (1, wars))


def with_all(wars: int = WARS, **choices: str) -> np.ndarray:
    """Return the structure with every optional mechanism, and the second of the rival rules, int8."""
    there = {rival.name: rival.choices[1] for rival in OPTIONAL.values()}
    return structure_of(wars, **there | choices)


def draw_geography(rng: np.random.Generator) -> Geography:
    """Draw three fronts of unequal length, ground and troops."""
    return Geography(
        weight=rng.dirichlet(np.full(FRONTS, 4.0)).astype(np.float32),
        ground=rng.uniform(5_000, 60_000, (2, FRONTS)).astype(np.float32),
        share=rng.dirichlet(np.full(FRONTS, 4.0), 2).astype(np.float32),
        aim=draw_aim(beside(rng)),
    )


def draw_aim(rng: np.random.Generator) -> np.ndarray:
    """Draw how each leader's aims lie on the fronts, `[2, F]`: more or less of them lies on none."""
    return (rng.dirichlet(np.full(FRONTS, 4.0), 2) * rng.uniform(0.0, 1.0, (2, 1))).astype(np.float32)


def even_geography() -> Geography:
    """Return three equal fronts, the same for both sides."""
    return Geography(
        weight=np.full(FRONTS, 1 / FRONTS, np.float32),
        ground=np.full((2, FRONTS), 30_000.0, np.float32),
        share=np.full((2, FRONTS), 1 / FRONTS, np.float32),
        aim=np.full((2, FRONTS), 0.5 / FRONTS, np.float32),
    )


# What a policy could plausibly set, by lever: the range of `draw_levers`.
LEVER_RANGES = {
    "recruitment": (0.0, 1_500.0),
    "mobilisation": (0.0, 6_000.0),
    "training_days": (10.0, 120.0),
    "economy": (0.0, 1.0),
    "aid_armour": (0.0, 15.0),
    "aid_shells": (0.0, 6_000.0),
    "offensives": (0.0, 1.0),
    "truce_recruitment": (0.0, 2.0),
    "truce_production": (0.0, 2.0),
    "truce_aid": (0.0, 2.0),
    "monitored": (0.0, 1.0),
    "aim": (0.0, 1.0),
    "distorted_reports": (0.0, 2.0),
    "sanctions": (0.0, 1.0),
    "third_party": (0.0, 1.0),
    "aid_artillery": (0.0, 4.0),
    "aid_drones": (0.0, 200.0),
    "aid_interceptors": (0.0, 10.0),
    "strikes": (0.0, 2.0),
    "flank": (0.0, 2.0),
}
SWITCHES = ("offensives", "monitored")


def draw_levers(rng: np.random.Generator, days: int, extreme: bool = False) -> np.ndarray:
    """Draw levers that change every four weeks, `[D, L]` float32; `extreme`: at the bounds of the levers."""
    rows = np.zeros((days, WIDTH), dtype=np.float32)
    other = beside(rng)
    for lever in LEVERS:
        draw = rng if lever.mechanism is None else other
        low, high = lever.bounds if extreme else LEVER_RANGES[lever.name]
        size = COLUMNS[lever.name].stop - COLUMNS[lever.name].start
        blocks = -(-days // 28)
        if lever.name in SWITCHES:
            drawn = (draw.random((blocks, size)) < 0.8).astype(float)
        elif lever.unit == "switch":
            drawn = draw.integers(0, int(high) + 1, (blocks, size)).astype(float)
        elif extreme:
            drawn = draw.choice([low, high], (blocks, size))
        else:
            drawn = draw.uniform(low, high, (blocks, size))
        rows[:, COLUMNS[lever.name]] = np.repeat(drawn, 28, axis=0)[:days]
    return rows


def set_lever(levers: np.ndarray, name: str, value: float, side: int | None = None) -> np.ndarray:
    """Return a copy of the plan's levers with one of them set on all days, for one side or for all."""
    changed = levers.copy()
    columns = COLUMNS[name]
    if side is None:
        changed[:, columns] = value
    else:
        changed[:, columns.start + side] = value
    return changed


def weekly(rng: np.random.Generator, days: int, rows: int, wars: int = WARS) -> np.ndarray:
    """Draw standard normal shocks, one for each week, held over its days, `[D, rows, N]` float32."""
    weeks = rng.standard_normal((-(-days // 7), rows, wars)).astype(np.float32)
    return np.repeat(weeks, 7, axis=0)[:days]


def weekly_opposed(rng: np.random.Generator, days: int, wars: int = WARS) -> np.ndarray:
    """Draw weekly shocks that favour one side and go against the other, `[D, 2, N]` float32."""
    shocks = weekly(rng, days, 1, wars)
    return np.concatenate([shocks, -shocks], axis=1)


def weekly_drift(rng: np.random.Generator, days: int, wars: int = WARS) -> Drift:
    """Draw the shocks of the drifting numbers, of opposite signs for the two sides in the advantage."""
    intensity, lethality = np.moveaxis(weekly(rng, days, 2, wars), 1, 0)
    # From a stream of its own, which leaves the numbers of the others as they are.
    volatility = weekly(rng.spawn(1)[0], days, 1, wars)[:, 0]
    return Drift(intensity, weekly_opposed(rng, days, wars), lethality, volatility)


def weekly_events(rng: np.random.Generator, days: int, wars: int = WARS) -> Events:
    """Draw the shocks of optional mechanisms, each independent of the others."""
    drawn = {name: weekly(rng, days, FRONTS if name == "battle" else 2, wars) for name in Events._fields}
    return Events(**drawn | {"settlement": weekly(rng, days, 1, wars)[:, 0]})


def observed(days: int, first: float = -1.0, second: float = -1.0) -> np.ndarray:
    """Return known decisions of both sides for all days, `[D, 2, 1]`: 1 or 0; -1 lets the leader decide."""
    return np.tile(np.asarray([first, second], np.float32).reshape(1, 2, 1), (days, 1, 1))


def truces(days: int, *spans: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Return the calendar `(begins, ends)` `[D]` of truces given as (first day, first day after)."""
    begins, ends = np.zeros(days, np.float32), np.zeros(days, np.float32)
    for first, after in spans:
        begins[first] = 1.0
        if after < days:
            ends[after] = 1.0
    return begins, ends


def draw_inputs(seed: int, days: int = SPAN, extreme: bool = False) -> Inputs:
    """Draw everything by chance: parameters, structure, fronts, levers, truces, shocks; leaders decide."""
    rng = np.random.default_rng(seed)
    parameters = extreme_parameters(rng) if extreme else sanctioned(draw_parameters(rng), beside(rng))
    first = int(rng.integers(0, 60))
    length = int(rng.integers(1, 200))
    second = first + length + int(rng.integers(1, 200))
    spans = [(first, first + length), (second, second + int(rng.integers(1, 200)))]
    begins, ends = truces(days, *[span for span in spans if span[0] < days])
    return Inputs(
        parameters=parameters,
        structure=draw_structure(rng),
        geography=draw_geography(rng),
        levers=draw_levers(rng, days, extreme),
        begins=begins,
        ends=ends,
        tempo=weekly(rng, days, FRONTS),
        perception=weekly(rng, days, 2),
        culmination=weekly(rng.spawn(1)[0], days, 2),
        drift=weekly_drift(rng, days),
        line=weekly_opposed(rng, days),
        events=weekly_events(rng.spawn(1)[0], days),
        decisions=observed(days),
    )


def rows(name: str, side: int | None = None) -> slice:
    """Return the rows of a parameter in the matrix: both sides' or one's."""
    found = REGISTRY.rows[name]
    return found if side is None else slice(found.start + side, found.start + side + 1)


def set_parameter(parameters: np.ndarray, name: str, value: object, side: int | None = None) -> np.ndarray:
    """Return a copy of the matrix with one parameter set, for one side or for all."""
    assert side is None or REGISTRY[name].per_side
    changed = parameters.copy()
    changed[rows(name, side)] = value
    return changed


@cache
def best_parameters() -> np.ndarray:
    """Return the matrix in which every war has the best guess of every parameter, `[P, N]` float32."""
    best = np.asarray([REGISTRY[name].prior.best for name, _ in REGISTRY.labels()], dtype=np.float32)
    matrix = np.tile(best[:, None], (1, WARS))
    matrix.setflags(write=False)
    return matrix


def ordinary(structure: np.ndarray | None = None, days: int = SPAN, seed: int = 1) -> Inputs:
    """Return wars between equals at the best guess of every parameter: only the shocks differ."""
    rng = np.random.default_rng(seed)
    levers = defaults(days)
    levers = set_lever(levers, "recruitment", 500.0)
    begins, ends = truces(days)
    return Inputs(
        parameters=best_parameters(),
        structure=structure_of() if structure is None else structure,
        geography=even_geography(),
        levers=levers,
        begins=begins,
        ends=ends,
        tempo=weekly(rng, days, FRONTS),
        perception=weekly(rng, days, 2),
        culmination=weekly(rng.spawn(1)[0], days, 2),
        drift=weekly_drift(rng, days),
        line=weekly_opposed(rng, days),
        events=weekly_events(rng.spawn(1)[0], days),
        decisions=observed(days),
    )
