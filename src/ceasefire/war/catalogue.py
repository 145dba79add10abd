"""The registry of this model's parameters, collected from its mechanisms in a fixed order."""

from __future__ import annotations

import jax

from ceasefire.war import (
    aims,
    air_defence,
    artillery,
    attrition,
    battles,
    belief,
    civilian_harm,
    decision,
    deployment,
    drift,
    drones,
    emigration,
    ending,
    equipment,
    escalation,
    fronts,
    industry,
    internal_break,
    labour,
    manpower,
    munitions,
    northern_front,
    offensive,
    recruiting,
    sanctions,
    skill,
    tempo,
    third_party_arms,
    truce,
    violations,
)
from ceasefire.war.registry import Registry

REGISTRY = Registry(
    {
        "manpower": manpower.PARAMETERS,
        "skill": skill.PARAMETERS,
        "industry": industry.PARAMETERS,
        "equipment": equipment.PARAMETERS,
        "munitions": munitions.PARAMETERS,
        "attrition": attrition.PARAMETERS,
        "tempo": tempo.PARAMETERS,
        "drift": drift.PARAMETERS,
        "fronts": fronts.PARAMETERS,
        "deployment": deployment.PARAMETERS,
        "offensive": offensive.PARAMETERS,
        "truce": truce.PARAMETERS,
        # Optional ones after the core, whose rows a fingerprint knows by their place.
        "aims": aims.PARAMETERS,
        "belief": belief.PARAMETERS,
        "decision": decision.PARAMETERS,
        "recruiting": recruiting.PARAMETERS,
        "northern_front": northern_front.PARAMETERS,
        "battles": battles.PARAMETERS,
        "violations": violations.PARAMETERS,
        "artillery": artillery.PARAMETERS,
        "drones": drones.PARAMETERS,
        "third_party_arms": third_party_arms.PARAMETERS,
        "sanctions": sanctions.PARAMETERS,
        "labour": labour.PARAMETERS,
        "emigration": emigration.PARAMETERS,
        "air_defence": air_defence.PARAMETERS,
        "civilian_harm": civilian_harm.PARAMETERS,
        "internal_break": internal_break.PARAMETERS,
        "escalation": escalation.PARAMETERS,
        "ending": ending.PARAMETERS,
    }
)


def view(parameters: jax.Array) -> dict[str, jax.Array]:
    """Name the rows of a parameter matrix `[P, N]`: `[2, N]` per side, `[N]` of the whole war."""
    return {
        name: parameters[rows] if REGISTRY[name].per_side else parameters[rows.start]
        for name, rows in REGISTRY.rows.items()
    }
