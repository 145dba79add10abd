"""What happens on one day of a war: who is called, in which order, and which stocks change.

| step | what it does | mechanisms |
| --- | --- | --- |
| `morning` | what drifts moves; compare the two forces | drift, equipment, munitions, fronts, offensive |
| `leaders` | belief, decision, truce | offensive, truce |
| `fighting` | deployment, fire, tempo, losses | deployment, munitions, tempo, attrition |
| `people` | call-up, training, wounds, return, skill | manpower, skill |
| `material` | industry, vehicles, shells, arms from abroad | industry, equipment, munitions |
| `ground` | the line and the prepared lines | fronts |
"""

from __future__ import annotations

import jax

from ceasefire.war import steps
from ceasefire.war.state import State
from ceasefire.war.steps import Decisions, Flows, Shocks, Today


def day(
    state: State,
    parameters: jax.Array,
    structure: jax.Array,
    today: Today,
    shocks: Shocks,
    decisions: Decisions,
) -> tuple[State, Flows]:
    """Return the state of tomorrow morning and today's flows.

    Args:
        state: the state this morning.
        parameters: `[P, N]`, rows by the registry.
        structure: int8 `[K, N]`, rows by `STRUCTURES`.
        today: the plan's levers and the calendar.
        shocks: this week's chances.
        decisions: what was decided, where it is known.

    Losses, fire, moves and decisions are all computed from this morning's stocks and beliefs; stocks change
    once, at the end. A truce begins or ends and offensives start or stop in the morning: fire, moves, losses
    and ground follow today's truce, offensives and tempo.
    """
    now = steps.morning(state, parameters, structure, today, shocks)
    led = steps.leaders(now, today, shocks, decisions)
    fought = steps.fighting(now, led, today, shocks)
    changes = (
        led.change,
        fought.change,
        steps.people(now, led, fought),
        steps.material(now, led, fought),
        steps.ground(now, led, fought, shocks),
    )
    tomorrow = now.state
    flows: steps.Named = {}
    for change in changes:
        tomorrow = tomorrow._replace(**change.stocks)
        flows |= change.flows
    return tomorrow, Flows(**flows)
