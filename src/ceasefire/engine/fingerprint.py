"""The model's fingerprint: what it does with 16 pinned wars, rounded.

It changes when results change and not when a comment does, so that stored results and posteriors can tell
whether they are of this model. The fingerprint of the model as shipped stands in `fingerprint.txt`; a test
holds the two together, and `python -m ceasefire.engine.fingerprint` writes it anew after a change of the
model (say so in the changelog).
"""

from __future__ import annotations

import functools
import hashlib
from importlib import resources
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
from scipy import special

from ceasefire.engine import chance
from ceasefire.engine.ensemble import DAYS_IN_WEEK, OF_THE_CORE, OfRun, OfWars, Schedule, run_block
from ceasefire.war import LEVERS, REGISTRY, STRUCTURES, Geography
from ceasefire.war import levers as lever_columns
from ceasefire.war.structure import OPTIONAL

PINNED_WARS = 16
PINNED_WEEKS = 52
_ROUNDED_TO = 3


CORE = "core"
"""The model without its optional mechanisms."""


@functools.cache
def model_fingerprint(mechanisms: frozenset[str] | None = None) -> str:
    """Return the fingerprint of the model as shipped, 16 hexadecimal digits.

    Args:
        mechanisms: the optional mechanisms that count; all of them where not given. A calibration that took
            none in goes stale when the core changes, not when a mechanism does that it knows nothing of.
    """
    stored = dict(line.split() for line in _stored().splitlines())
    names = sorted(set(stored) - {CORE} if mechanisms is None else mechanisms)
    if not names:
        return stored[CORE]
    text = " ".join(f"{name} {stored.get(name)}" for name in (CORE, *names))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _stored() -> str:
    return resources.files("ceasefire.engine").joinpath("fingerprint.txt").read_text("utf-8")


def compute_fingerprint() -> str:
    """Return the lines of `fingerprint.txt` for the model as it is now.

    One line for the model without its optional mechanisms, and one for each with that mechanism alone. The
    wars take their parameters from the registry's default priors at pinned points and run for a year with a
    truce in it, in float64; their outcomes are rounded to three significant digits before they are hashed,
    so that other processors agree.
    """
    with jax.enable_x64(True):
        lines = {CORE: _compute(None)} | {name: _compute(name) for name in sorted(OPTIONAL)}
    return "".join(f"{name} {found}\n" for name, found in lines.items())


def _structure(wars: npt.NDArray[np.int64], mechanism: str | None) -> npt.NDArray[np.int8]:
    """Return rival equations in turn, and of optional mechanisms the first choice for all but one."""
    rows = []
    for one in STRUCTURES:
        if one.mechanism is None:
            rows.append(wars % len(one.choices))
        elif one.mechanism == mechanism:
            rows.append(1 + wars % (len(one.choices) - 1))
        else:
            rows.append(np.zeros_like(wars))
    return np.stack(rows).astype(np.int8)


def _compute(mechanism: str | None) -> str:
    wars = np.arange(PINNED_WARS)
    # A low-discrepancy point for each row, held within one standard deviation to keep wars away from
    # decisions' knife edges.
    points = np.modf((wars[None, :] + 0.5) * np.sqrt(np.arange(2, REGISTRY.size + 2))[:, None])[0]
    z = special.ndtri(0.16 + 0.68 * points)
    parameters = np.empty((REGISTRY.size, PINNED_WARS), dtype=np.float64)
    for row, (name, _) in enumerate(REGISTRY.labels()):
        parameters[row] = REGISTRY[name].prior.draw(z[row], REGISTRY[name].bounds)
    structure = _structure(wars, mechanism)
    days = PINNED_WEEKS * DAYS_IN_WEEK
    plan = lever_columns.defaults(days).astype(np.float64)
    for lever in LEVERS:
        if lever.name in _PINNED_LEVERS:
            plan[:, lever_columns.COLUMNS[lever.name]] = _PINNED_LEVERS[lever.name]
    begins, ends = np.zeros((2, days), dtype=np.float64)
    begins[100], ends[190] = 1.0, 1.0
    weekly = (PINNED_WEEKS, DAYS_IN_WEEK)
    _, record, passages = run_block(
        OfWars(jnp.asarray(parameters), jnp.asarray(structure), jnp.asarray(wars, dtype=jnp.uint32)),
        OfRun(
            Geography(
                jnp.array([0.4, 0.6], jnp.float64),
                jnp.full((2, 2), 10_000.0, jnp.float64),
                jnp.full((2, 2), 0.5, jnp.float64),
                jnp.array([[0.5, 0.2], [0.0, 0.6]], jnp.float64),
            ),
            chance.shock_key(0),
            jnp.array([0, 1], jnp.int32),
        ),
        Schedule(
            jnp.asarray(plan.reshape(*weekly, -1)),
            jnp.asarray(begins.reshape(weekly)),
            jnp.asarray(ends.reshape(weekly)),
            jnp.full((*weekly, 2), -1.0, jnp.float64),
        ),
    )
    if mechanism is None:
        # What only optional mechanisms move is theirs.
        record = [getattr(record, name) for name in OF_THE_CORE]
    outcomes = [np.median(np.asarray(values)[[12, 25, 51]], axis=-1) for values in record]
    text = ",".join(f"{value:.{_ROUNDED_TO - 1}e}" for part in outcomes for value in np.ravel(part))
    counts = ",".join(str(int((np.asarray(values) >= 0).sum())) for values in passages[:2])
    return hashlib.sha256(f"{text};{counts}".encode()).hexdigest()[:16]


_PINNED_LEVERS = {
    "recruitment": (700.0, 800.0),
    "mobilisation": (100.0, 0.0),
    "aid_armour": (0.0, 3.0),
    "aid_shells": (200.0, 2_000.0),
    "sanctions": (0.5, 0.2),
    "third_party": (0.3, 0.0),
    "aid_artillery": (0.5, 1.0),
    "aid_drones": (10.0, 40.0),
    "aid_interceptors": (1.0, 3.0),
    "flank": (2.0, 1.0),
}


if __name__ == "__main__":
    now = compute_fingerprint()
    Path(__file__).with_name("fingerprint.txt").write_text(now, encoding="utf-8")
    print(now, end="")
