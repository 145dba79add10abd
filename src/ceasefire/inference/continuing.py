"""A fit that begins at the draws of an earlier one of the same posterior: a failed or a coarser one."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ceasefire.files import InputError
from ceasefire.inference.posterior import Posterior, is_known
from ceasefire.inference.target import Target
from ceasefire.scenario import History, Scenario
from ceasefire.war import REGISTRY


class Begun(NamedTuple):
    """Sets to begin at, replicates side by side."""

    z: npt.NDArray[np.float32]
    """`[D, T]`."""
    structure: npt.NDArray[np.int8]
    """`[K, T]`."""


def draws_to_begin_at(
    earlier: Posterior,
    scenario: Scenario,
    history: History,
    target: Target,
    *,
    hindsight: bool,
    sets: int,
    replicates: int,
    rng: np.random.Generator,
) -> Begun:
    """Return sets for each replicate, drawn from one chain of the earlier fit each, so that they stay apart.

    What the earlier fit says nothing of (optional mechanisms) is drawn from the prior.

    Raises:
        InputError: it is a posterior of another scenario, model, day or evidence, or has fewer chains.
    """
    _refuse(earlier, scenario, history, target, hindsight, replicates)
    draws = earlier.tree["posterior"].to_dataset()
    each = int(draws.sizes["draw"])
    taken = np.concatenate(
        [rng.choice(each, sets, replace=sets > each) + chain * each for chain in range(replicates)]
    )
    reporting = earlier.draws["reporting"].transpose("report", "draw").values[:, taken]
    z = target.transform.inverse(np.concatenate([earlier.parameters()[:, taken], reporting]))
    unknown = np.array(
        [not is_known(REGISTRY.mechanisms[name], earlier.mechanisms) for name, _ in REGISTRY.labels()]
    )
    z[: REGISTRY.size][unknown] = rng.standard_normal((int(unknown.sum()), taken.size))
    return Begun(z, earlier.structure()[:, taken])


def _refuse(
    earlier: Posterior,
    scenario: Scenario,
    history: History,
    target: Target,
    hindsight: bool,
    replicates: int,
) -> None:
    where = earlier.path or earlier.name

    def of_another(what: str, theirs: object, ours: object) -> InputError:
        return InputError(
            f"it is a posterior of another {what}: {theirs}, not {ours}.",
            where,
            "begin at a fit of the same scenario, day and evidence, or leave it out.",
        )

    if earlier.scenario_sha256 != scenario.calibrated_sha256:
        raise of_another("scenario", f"'{earlier.scenario}' as it was then", f"'{scenario.name}' as it is")
    if earlier.stale:
        raise of_another("model", "that of an earlier version", "this one")
    if earlier.until != history.until:
        raise of_another("day", earlier.until, history.until)
    if earlier.hindsight != hindsight:
        told = {False: "figures known then", True: "figures with hindsight"}
        raise of_another("choice of figures", told[earlier.hindsight], told[hindsight])
    theirs = [str(name) for name in earlier.draws["report"].values]
    ours = [parameter.name for parameter in target.observed.parameters]
    if theirs != ours or len(earlier.evidence_rows()) != len(target.observed.rows):
        counts = (len(earlier.evidence_rows()), len(target.observed.rows))
        raise of_another("evidence", f"{counts[0]} figures", f"{counts[1]} figures of these origins")
    chains = int(earlier.tree["posterior"].to_dataset().sizes["chain"])
    if chains != replicates:
        raise of_another("number of chains", chains, replicates)
