"""A small posterior for tests: invented draws in the shape that a calibration gives."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import numpy as np
import pandas as pd

from ceasefire.engine import model_fingerprint
from ceasefire.inference.calibrating import month_ends
from ceasefire.inference.posterior import Posterior, make_posterior, state_axes
from ceasefire.scenario import Scenario
from ceasefire.war import REGISTRY, STRUCTURES, State

UNTIL = dt.date(2022, 12, 20)
CHAINS, EACH = 2, 60
# Root, side, concept, what its factor counts, days of the figures: those of the shipped evidence's parties.
SPEAKERS = (
    ("ua_general_staff", "RU", "losses_undefined", "losses", ("2022-05-03", "2022-05-10", "2022-11-29")),
    ("mediazona_bbc_names", "RU", "named_dead", "names", ("2022-12-09",)),
    ("us_government", "UA", "killed_and_wounded", "killed_and_wounded", ("2022-11-09",)),
    ("ru_government", "UA", "killed", "killed", ("2022-09-21",)),
    ("ua_government", "UA", "killed", "killed", ("2022-08-22",)),
)
SOURCES = {
    "ua_general_staff": "ukraine_general_staff",
    "mediazona_bbc_names": "mediazona_bbc_names",
    "us_government": "us_government",
    "ru_government": "russia_ministry_of_defence",
    "ua_government": "ukraine_president",
}
TAUGHT = {"state: killed": (0.84, 0.36), "state: wounded": (0.75, 0.19), "killed_share": (0.91, 0.51)}


def invented_posterior(scenario: Scenario, until: dt.date = UNTIL, /, **attrs: Any) -> Posterior:
    """Return a posterior whose figures of a side go by its code: turned sides give turned arrays."""
    sides, codes = scenario.sides, scenario.codes
    history = scenario.history(until)
    months, size = month_ends(history), CHAINS * EACH
    order = [sorted(codes).index(code) for code in codes]
    rng = np.random.default_rng(7)
    added = rng.lognormal(8.0, 0.3, (len(months), 2, size))[:, order]
    killed = added.cumsum(axis=0)
    both = (added * rng.uniform(2.5, 5.0, (1, 2, size))[:, order]).cumsum(axis=0)
    extents = {
        "side": 2, "front": len(scenario.fronts), "training_stage": 3, "recovery_stage": 2, "aid_stage": 3,
        "return_stage": 2,
    }  # fmt: skip
    state = State(
        **{
            name: np.ones((*(extents[axis] for axis in state_axes(name)), size), np.float32)
            for name in State._fields
        }
    )
    names = [f"reporting_factor[{root}/{code}/{counts}]" for root, code, _, counts, _ in SPEAKERS]
    factors = rng.lognormal(0.0, 0.1, (len(names), size))
    told = [(name, "reporting", 0.3 + 0.1 * place) for place, name in enumerate(names)]
    told += [
        (f"{name} ({side})", "state" if name.startswith("state") else "parameter", values[order[place]])
        for name, values in TAUGHT.items()
        for place, side in enumerate(sides)
    ]
    told += [(f"losses_before[{code}]", "reporting", 0.64) for code in codes]
    diagnostics = pd.DataFrame(told, columns=["name", "kind", "contraction"])
    return make_posterior(
        parameters=np.ones((REGISTRY.size, size), np.float32),
        reporting=factors.astype(np.float32),
        reporting_names=names,
        structure=np.zeros((len(STRUCTURES), size), np.int8),
        state=state,
        months=months,
        path=np.stack([killed, both], axis=1).astype(np.float32),
        log_likelihood=np.zeros(size, np.float32),
        chains=CHAINS,
        diagnostics=diagnostics.assign(shift=0.0, rhat=1.0, ess=500.0),
        rows=_rows(),
        sides=sides,
        fronts=scenario.fronts,
        attrs={
            "scenario": scenario.name,
            "scenario_sha256": scenario.calibrated_sha256,
            "history_start": str(history.start),
            "until": str(until),
            "hindsight": 0,
            "model_fingerprint": model_fingerprint(frozenset()),
            "version": "9.9.9",
            "passed": 1,
            "why": "",
            "notes": ["a week was set aside."],
            "terms": [""],
            "settings": json.dumps({"seed": 11}),
            "log_evidence": [0.0, 0.0],
        }
        | attrs,
    )


def _rows() -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "quantity": "personnel_losses",
                "concept": concept,
                "side": code,
                "start": pd.Timestamp("2022-02-24"),
                "end": pd.Timestamp(day),
                "low": np.nan,
                "best": 1_000.0,
                "high": np.nan,
                "source": SOURCES[root],
                "root": root,
                "known_on": pd.Timestamp(day),
                "term": f"{root}/{code}/people",
            }
            for root, code, concept, _, days in SPEAKERS
            for day in days
        ]
    )
