"""Armoured vehicles: modern and legacy in the field, legacy in storage, arms from abroad.

New vehicles and aid are modern; refurbishment brings legacy ones out of storage; losses take both in
proportion.

Equation, for each side, per day:

    sent = a_v f;  arriving = outflow of a 3-stage delay of mean d
    dV_m = o I p + arriving - lost V_m / V
    dV_l = refurbished - lost V_l / V;  dZ = -refurbished
    refurbished = bounded(x I p, Z);  lost = bounded(k L min(D / D0, 3), V);  V = V_m + V_l;  D = V / A
    E = (V_m + w V_l) / (A D0), held between 0.05 and 3

| symbol | argument | unit | range |
| --- | --- | --- | --- |
| V_m, V_l, Z | modern, legacy, storage | vehicles | >= 0 |
| a_v | aid_armour (lever) | vehicles/day | >= 0 |
| f, p | truce_aid, truce_production (levers, 1 outside a truce) | share | >= 0 |
| d | aid_delay_days | days | >= 3 |
| o | armour_output | vehicles/day | >= 0 |
| x | refurbishment_capacity | vehicles/day | >= 0 |
| I | industry | 1 | >= 0 |
| k | armour_per_casualty | vehicles/person | >= 0 |
| L, A | losses, force | persons/day, persons | >= 0 |
| w | legacy_worth | 1 | 0 to 1 |
| D0 | 0.02, the reference density | vehicles/person | fixed |
| E | density of armour relative to the reference | 1 | 0.05 to 3 |

Source: stocks of modern and stored vehicles as the IISS Military Balance counts them; equations are the
project's own.
Known to fail: tanks, infantry fighting vehicles and guns are one kind here; crews and spare parts do not
limit use.
Worked number: 4,000 modern and 2,000 legacy vehicles of worth 0.5 for 250,000 soldiers give E = 5,000 /
(250,000 x 0.02) = 1.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from ceasefire.war.flows import TINY, bounded
from ceasefire.war.registry import Parameter, Prior

AID_STAGES = 3
REFERENCE_DENSITY = 0.02
MOST_DENSE = 3.0
LEAST_EQUIPPED = 0.05

PARAMETERS = (
    Parameter(
        "initial_armour_modern",
        "modern armoured vehicles in the field at the start",
        "vehicles",
        Prior(1_000, 3_000, 6_000),
        (0.0, 1e5),
        "assumed: a scenario gives its own",
        initial=True,
    ),
    Parameter(
        "initial_armour_legacy",
        "legacy armoured vehicles in the field at the start",
        "vehicles",
        Prior(300, 1_000, 3_000),
        (0.0, 1e5),
        "assumed: a scenario gives its own",
        initial=True,
    ),
    Parameter(
        "initial_armour_storage",
        "legacy armoured vehicles in storage that can be refurbished",
        "vehicles",
        Prior(300, 1_500, 6_000),
        (0.0, 1e5),
        "assumed: a scenario gives its own",
        initial=True,
    ),
    Parameter(
        "armour_output",
        "new armoured vehicles built at the start",
        "vehicles/day",
        Prior(0.2, 1.0, 3.0),
        (0.0, 100.0),
        "assumed: a scenario gives its own",
    ),
    Parameter(
        "refurbishment_capacity",
        "vehicles that can be brought out of storage at the start",
        "vehicles/day",
        Prior(0.3, 2.0, 6.0),
        (0.0, 200.0),
        "assumed: a scenario gives its own",
    ),
    Parameter(
        "armour_per_casualty",
        "vehicles lost for each soldier lost, at the reference density",
        "vehicles/person",
        Prior(0.01, 0.035, 0.09),
        (0.0, 1.0),
        "the General Staff claimed 0.09 tanks and armoured vehicles a person by day 300, and 0.013 during"
        " 2025 (General Staff table); Oryx had counted half the tanks claimed: over 1,000 of 2,049 in early"
        " September 2022",
    ),
    Parameter(
        "legacy_worth",
        "worth of a legacy vehicle against a modern one",
        "1",
        Prior(0.3, 0.5, 0.8, "logit"),
        (0.01, 1.0),
        "assumed: no measure of the worth of old against modern vehicles in this war was found",
        per_side=False,
    ),
    Parameter(
        "armour_worth",
        "exponent of the density of armour in a force's effectiveness",
        "1",
        Prior(0.08, 0.25, 0.5),
        (0.0, 1.0),
        "assumed: the same for both sides",
        per_side=False,
    ),
    Parameter(
        "aid_delay_days",
        "mean time from sending to use",
        "days",
        Prior(15, 45, 120),
        (3, 1_000),
        "days from promise to arrival: HIMARS 22 (1 to 23 June 2022), German Leopard 2 61 (25 January to"
        " 27 March 2023), Patriot 119 (21 December 2022 to 19 April 2023; events table)",
    ),
)


class Armour(NamedTuple):
    """Armoured vehicles of both sides, `[2, N]` each."""

    modern: jax.Array
    legacy: jax.Array
    storage: jax.Array


class ArmourFlows(NamedTuple):
    """Today's flows of vehicles, `[2, N]` each, vehicles/day."""

    built: jax.Array
    refurbished: jax.Array
    lost_modern: jax.Array
    lost_legacy: jax.Array


def armour_flows(
    armour: Armour,
    losses: jax.Array,
    force: jax.Array,
    industry: jax.Array,
    production: jax.Array,
    armour_output: jax.Array,
    refurbishment_capacity: jax.Array,
    armour_per_casualty: jax.Array,
) -> ArmourFlows:
    """Return today's building, refurbishment and losses. Symbols as in the module."""
    field = armour.modern + armour.legacy
    density = jnp.minimum(field / ((force + TINY) * REFERENCE_DENSITY), MOST_DENSE)
    lost = bounded(armour_per_casualty * losses * density, field)
    modern_part = lost * armour.modern / (field + TINY)
    effort = industry * production
    return ArmourFlows(
        built=armour_output * effort,
        refurbished=bounded(refurbishment_capacity * effort, armour.storage),
        lost_modern=modern_part,
        lost_legacy=lost - modern_part,
    )


def next_armour(armour: Armour, flows: ArmourFlows, arriving: jax.Array) -> Armour:
    """Return tomorrow's vehicles; none falls below zero."""
    return Armour(
        modern=jnp.maximum(armour.modern + flows.built + arriving - flows.lost_modern, 0.0),
        legacy=jnp.maximum(armour.legacy + flows.refurbished - flows.lost_legacy, 0.0),
        storage=jnp.maximum(armour.storage - flows.refurbished, 0.0),
    )


def armour_density(armour: Armour, force: jax.Array, legacy_worth: jax.Array) -> jax.Array:
    """Return E `[2, N]`: the density of armour relative to the reference, from 0.05 to 3."""
    worth = armour.modern + legacy_worth * armour.legacy
    return jnp.clip(worth / ((force + TINY) * REFERENCE_DENSITY), LEAST_EQUIPPED, MOST_DENSE)
