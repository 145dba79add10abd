"""What happens on one day of a war: who is called, in which order, and which stocks change.

| step | what it does | mechanisms |
| --- | --- | --- |
| `morning` | what drifts moves; compare the two forces; what limits production | drift, equipment, munitions,
artillery, drones, fronts, offensive, aims, sanctions, labour, air_defence, internal_break |
| `leaders` | belief, decision, truce; whether the war goes on | belief, decision, offensive, truce,
violations, northern_front, internal_break, ending |
| `fighting` | deployment, battles, fire, tempo, losses, assaults | deployment, battles, munitions, artillery,
drones, tempo, attrition, northern_front |
| `people` | call-up, training, wounds, return, skill, emigration | manpower, recruiting, emigration, skill,
labour |
| `material` | industry, vehicles, shells, guns, drones, arms from abroad | industry, equipment, munitions,
artillery, drones, aid, third_party_arms, sanctions |
| `skies` | strikes at cities, defence, civilians | air_defence, civilian_harm |
| `ground` | the line and the prepared lines | fronts |
| `course` | breaks within, will, the hazard of a wider war | internal_break, ending, escalation |

Mechanisms that a scenario may leave out are always computed and count where the war's structure has them.
Those that do not come with the package (`extension`) multiply flows where a step makes them (`now.factors`).
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from ceasefire.war import steps
from ceasefire.war.extension import NOTHING, Factors
from ceasefire.war.state import MECHANISM_OF, State
from ceasefire.war.steps import Decisions, Flows, Shocks, Today
from ceasefire.war.structure import OPTIONAL


def day(
    state: State,
    parameters: jax.Array,
    structure: jax.Array,
    today: Today,
    shocks: Shocks,
    decisions: Decisions,
    factors: Factors = NOTHING,
) -> tuple[State, Flows]:
    """Return the state of tomorrow morning and today's flows.

    Args:
        state: the state this morning.
        parameters: `[P, N]`, rows by the registry.
        structure: int8 `[K, N]`, rows by `STRUCTURES`.
        today: the plan's levers and the calendar.
        shocks: this week's chances.
        decisions: what was decided, where it is known.
        factors: what mechanisms of one's own multiply (`extension`); nothing where not given.

    Losses, fire, moves and decisions are all computed from this morning's stocks and beliefs; stocks change
    once, at the end. A truce begins or ends and offensives start or stop in the morning: fire, moves, losses
    and ground follow today's truce, offensives and tempo.
    """
    now = steps.morning(state, parameters, structure, today, shocks, factors)
    led = steps.leaders(now, today, shocks, decisions)
    fought = steps.fighting(now, led, today, shocks)
    people = steps.people(now, led, fought)
    made = steps.material(now, led, fought, today, shocks)
    flown = steps.skies(now, led, fought, made, shocks)
    ground = steps.ground(now, led, fought, shocks)
    course = steps.course(now, led, fought, people.flows, made, flown, ground.flows, today, shocks)
    tomorrow = now.state
    flows: steps.Named = {}
    for change in (led.change, fought.change, people, made.change, flown.change, ground, course):
        tomorrow = tomorrow._replace(**change.stocks)
        flows |= change.flows
    return _held(tomorrow, now), Flows(**flows)


def _held(tomorrow: State, now: steps.Morning) -> State:
    """Return the state of tomorrow; stocks of mechanisms that a war has not stay as they are."""
    there = {mechanism: now.has(mechanism) for mechanism in OPTIONAL}
    return tomorrow._replace(
        **{
            stock: jnp.where(there[mechanism], getattr(tomorrow, stock), getattr(now.state, stock))
            for stock, mechanism in MECHANISM_OF.items()
        }
    )
