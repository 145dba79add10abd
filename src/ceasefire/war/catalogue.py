"""The registry of this model's parameters, collected from its mechanisms in a fixed order."""

from __future__ import annotations

import jax

from ceasefire.war import (
    attrition,
    deployment,
    drift,
    equipment,
    fronts,
    industry,
    manpower,
    munitions,
    offensive,
    skill,
    tempo,
    truce,
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
    }
)


def view(parameters: jax.Array) -> dict[str, jax.Array]:
    """Name the rows of a parameter matrix `[P, N]`: `[2, N]` per side, `[N]` of the whole war."""
    return {
        name: parameters[rows] if REGISTRY[name].per_side else parameters[rows.start]
        for name, rows in REGISTRY.rows.items()
    }
