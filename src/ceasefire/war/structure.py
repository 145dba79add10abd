"""Structural alternatives: rival equations for one mechanism, carried by each war as a column.

`Structure` is int8 `[K, N]`, one row for each entry of `STRUCTURES`. A mechanism holds all its rivals and
chooses by `where`, so that one compiled program runs them side by side. A mechanism that a scenario may leave
out is an alternative too, between `off` and `on`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping
from types import MappingProxyType

import jax
import jax.numpy as jnp

OFF, ON = "off", "on"


@dataclasses.dataclass(frozen=True)
class Alternative:
    """A mechanism with rival equations, their names by code, prior weights and the reason for these."""

    name: str
    meaning: str
    choices: tuple[str, ...]
    weights: tuple[float, ...]
    source: str
    mechanism: str | None = None
    """The mechanism of the registry that has no use where the first choice holds; None: there is none."""

    @property
    def is_switch(self) -> bool:
        """Whether it says whether a mechanism is there at all."""
        return self.choices == (OFF, ON)

    def code(self, choice: str) -> int:
        """Return the code of a choice by its name."""
        return self.choices.index(choice)


ATTRITION_LAW = Alternative(
    "attrition_law",
    "how losses depend on the numbers of both sides",
    ("logarithmic", "linear", "square", "mixed"),
    (0.25, 0.25, 0.1, 0.4),
    "judgement on 654 land battles 1600 to 1973 (CDB90): the slope of log loss ratio on log strength"
    " ratio is 0.71"
    " (standard error 0.08), between the logarithmic (0) and the linear law (1), far from the square law (2)",
)
FIRE_LAW = Alternative(
    "fire_law",
    "what limits losses by indirect fire",
    ("munitions", "numbers"),
    (0.75, 0.25),
    "judgement: Russian fire fell by up to 75 % by January 2023 (officials to CNN), Ukraine rationed"
    " shells for"
    " six months to April 2024 (Sullivan); plain Lanchester models count only the firing troops",
)


def _switch(mechanism: str, meaning: str) -> Alternative:
    return Alternative(
        mechanism,
        meaning,
        (OFF, ON),
        (1.0, 0.0),
        "off where a scenario does not say otherwise: not yet shown to leave forecasts as good as they are",
        mechanism,
    )


DECISION_RULE = Alternative(
    "decision_rule",
    "by what a leader starts and ends an offensive",
    ("threshold", "expected_utility"),
    (0.5, 0.5),
    "assumed: both are used for leaders at war, and no count tells which of them decides so",
    "decision",
)
RECRUITMENT_RULE = Alternative(
    "recruitment_rule",
    "whether a leader also makes up the losses that he sees",
    ("decreed", "replacing"),
    (1.0, 0.0),
    "as decreed where a scenario does not say otherwise: its levers are what was ordered, losses made up"
    " included",
    "recruiting",
)
RIVALS: tuple[Alternative, ...] = (ATTRITION_LAW, FIRE_LAW, DECISION_RULE, RECRUITMENT_RULE)
SWITCHES: tuple[Alternative, ...] = (
    _switch("aims", "whether leaders value aims beyond ordinary ground"),
    _switch("belief", "whether leaders believe what a late, biased and filtered report says of both forces"),
    _switch("northern_front", "whether a flank over a third country may open"),
    _switch("battles", "whether fighting concentrates in battles for one place"),
    _switch("violations", "whether violations of a truce grow by mutual response"),
    _switch("artillery", "whether guns limit the rounds fired"),
    _switch("drones", "whether strike drones fight at the front"),
    _switch("third_party_arms", "whether third parties may send arms"),
    _switch("sanctions", "whether sanctions bear on production"),
    _switch("labour", "whether people missing at work bear on production"),
    _switch("emigration", "whether those who flee a call-up leave with a delay and some return"),
    _switch("air_defence", "whether both sides strike cities and defend theirs"),
    _switch("civilian_harm", "whether civilians are killed and displaced"),
    _switch("internal_break", "whether a side may break from within"),
    _switch("escalation", "whether the hazard of a wider war is counted"),
    _switch("ending", "whether a war may end by collapse, exhaustion or settlement"),
)
STRUCTURES: tuple[Alternative, ...] = (*RIVALS, *SWITCHES)
ROWS: dict[str, int] = {alternative.name: row for row, alternative in enumerate(STRUCTURES)}
OPTIONAL: Mapping[str, Alternative] = MappingProxyType(
    {alternative.mechanism: alternative for alternative in STRUCTURES if alternative.mechanism is not None}
)
"""By mechanism: the alternative of which some choice has a use for it."""


def has(structure: jax.Array, mechanism: str) -> jax.Array:
    """Return the wars that have an optional mechanism, `[N]`; for a rule: those that follow the second."""
    return structure[ROWS[OPTIONAL[mechanism].name]] > 0


def pinned(structure: jax.Array, off: Collection[str]) -> jax.Array:
    """Return the structure with the first choice, as a constant, for optional mechanisms that no war has.

    What is computed for them alone then falls out of a compiled program.
    """
    rows = {ROWS[OPTIONAL[mechanism].name] for mechanism in off}
    return jnp.stack(
        [jnp.zeros_like(structure[row]) if row in rows else structure[row] for row in range(len(STRUCTURES))]
    )


def in_use(weights: Mapping[str, tuple[float, ...]]) -> frozenset[str]:
    """Return the optional mechanisms for which weights of the alternatives, by name, leave a chance."""
    return frozenset(
        mechanism
        for mechanism, alternative in OPTIONAL.items()
        if any(weight > 0 for weight in weights.get(alternative.name, alternative.weights)[1:])
    )
