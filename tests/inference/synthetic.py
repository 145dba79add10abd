"""Posteriors for tests, made of draws of the priors: quick, and the same every time."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import numpy as np
import pandas as pd

from ceasefire.engine import model_fingerprint
from ceasefire.inference.posterior import Posterior, make_posterior, row_label
from ceasefire.scenario import Scenario, World
from ceasefire.war import REGISTRY
from ceasefire.war.structure import OPTIONAL
from tests.engine.starts import state_from_priors

LEARNT = ("attrition_coefficient", "line_spread", "overstretch")


def as_fitted(world: World, mechanisms: tuple[str, ...] = ()) -> World:
    """Return a world whose wars have the optional mechanisms of a fit, and no others."""
    weights = {
        one.name: (0.0, 1.0) if one.mechanism in mechanisms else (1.0, *[0.0] * (len(one.choices) - 1))
        for one in OPTIONAL.values()
    }
    return dataclasses.replace(world, structure_weights=world.structure_weights | weights)


def synthetic_posterior(
    scenario: Scenario, size: int = 64, learnt: tuple[str, ...] = LEARNT, /, **attrs: Any
) -> Posterior:
    """Return a posterior of a scenario's first morning; `attrs` replace what is said of the fit."""
    world = scenario.world()
    mechanisms = tuple(attrs.get("mechanisms", ()))
    parameters, structure, state = state_from_priors(as_fitted(world, mechanisms), size)
    labels = [(row_label(name, side, world.sides), name) for name, side in REGISTRY.labels()]
    diagnostics = pd.DataFrame(
        {
            "name": [
                *(label for label, _ in labels),
                "reporting_factor[someone]",
                f"state: force ({world.sides[0]})",
                "state: intensity",
            ],
            "kind": ["parameter"] * len(labels) + ["reporting", "state", "state"],
            "contraction": [0.9 if name in learnt else 0.1 for _, name in labels] + [0.7, 0.8, 0.2],
            "shift": 0.0,
            "rhat": 1.004,
            "ess": 812.0,
        }
    )
    rows = pd.DataFrame(
        {
            "quantity": ["personnel_losses"],
            "concept": ["killed"],
            "side": [world.codes[0]],
            "start": [pd.Timestamp("2022-01-01")],
            "end": [pd.Timestamp("2022-06-01")],
            "low": [1.0],
            "best": [2.0],
            "high": [3.0],
            "source": ["someone"],
            "root": ["someone"],
            "known_on": [pd.Timestamp("2022-06-02")],
            "term": ["someone/X/people"],
        }
    )
    about: dict[str, Any] = {
        "scenario": scenario.name,
        "scenario_sha256": scenario.calibrated_sha256,
        "history_start": str(world.start - dt.timedelta(days=364)),
        "until": str(world.start),
        "hindsight": 0,
        "model_fingerprint": model_fingerprint(frozenset(mechanisms)),
        "version": "0",
        "passed": 1,
        "why": "",
        "notes": ["a week was set aside."],
        "terms": [
            '{"root": "someone", "side": "X", "says": "running totals", "figures": 1,'
            ' "first": "2022-06-01", "last": "2022-06-01"}'
        ],
        "settings": "{}",
        "log_evidence": [0.0],
    }
    return make_posterior(
        parameters=parameters,
        reporting=np.ones((1, size), np.float32),
        reporting_names=["reporting_factor[someone]"],
        structure=structure,
        state=state,
        months=[world.start],
        path=np.ones((1, 2, 2, size), np.float32),
        log_likelihood=np.zeros(size, np.float32),
        chains=2,
        diagnostics=diagnostics,
        rows=rows,
        sides=world.sides,
        fronts=world.fronts,
        attrs=about | attrs,
    )
