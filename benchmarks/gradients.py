"""What the gradient of sets and their paths costs, as a multiple of their density.

    python benchmarks/gradients.py --posterior FILE [--sets N] [--times N]

Takes a fit by weeks, finished or not, and prints the seconds of the density and of the density with its
gradient at its draws, each the least of some times, and their ratio. Compiles for a minute or two the first
time.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from ceasefire.evidence import load
from ceasefire.inference.calibrating import history_and_figures
from ceasefire.inference.hamiltonian import PathDensity
from ceasefire.inference.posterior import load_posterior
from ceasefire.inference.target import Target
from ceasefire.scenario import load_scenario


def least(what: Callable[[], object], times: int) -> float:
    """Return the least of the seconds that it takes, after a first time that compiles."""
    what()
    found = []
    for _ in range(times):
        started = time.perf_counter()
        what()
        found.append(time.perf_counter() - started)
    return min(found)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--posterior", type=Path, required=True, help="a fit by weeks")
    parser.add_argument("--sets", type=int, default=256)
    parser.add_argument("--times", type=int, default=5)
    given = parser.parse_args()
    fit = load_posterior(given.posterior)
    history, observed = history_and_figures(
        load_scenario(fit.scenario), load(), fit.until, hindsight=fit.hindsight, step_days=fit.step_days
    )
    density = PathDensity(Target(history.world, observed, paths=1, step_days=fit.step_days))
    rng = np.random.default_rng(1)
    some = rng.integers(fit.size, size=given.sets)
    reporting = fit.draws["reporting"].transpose("report", "draw").values
    z = density.target.transform.inverse(np.concatenate([fit.parameters(), reporting])[:, some])
    structure = fit.structure()[:, some]
    chances = rng.standard_normal((density.weeks, density.channels, given.sets)).astype(np.float32)
    sets = np.nan_to_num(z), structure, chances
    plain = least(lambda: density.log_density(*sets), given.times)
    slopes = least(lambda: density.with_gradient(*sets), given.times)
    print(
        f"{given.sets} sets, {density.weeks} weeks: density {plain:.2f} s, with gradient {slopes:.2f} s,",
        end=" ",
    )
    print(f"{slopes / plain:.1f} times as long")


if __name__ == "__main__":
    main()
