"""How far off an estimated likelihood is: estimates with other chances at the same draws of a posterior.

    python benchmarks/estimates.py [--posterior FILE] [--paths M ...] [--tries N] [--ahead] [--json FILE]

Prints, for each number of paths, the standard deviation of the log of the estimate: its median over the
draws, the largest, the mean of its square, and the seconds that they took. Beyond 1 to 2 a fit's sets
stay where they were lucky. With `--ahead` the same where estimates look ahead, by what other draws teach.
"""

from __future__ import annotations

import argparse
import itertools
import json
import time
from pathlib import Path

import numpy as np

from ceasefire.evidence import load
from ceasefire.inference.calibrating import Course, Settings, begin_at_draws, known_evidence
from ceasefire.inference.observing import observe
from ceasefire.inference.posterior import Posterior, load_posterior
from ceasefire.inference.shipped import choose_posterior
from ceasefire.inference.target import Target
from ceasefire.scenario import load_scenario

DRAWS_OF_A_CHAIN = 8


def errors(posterior: Posterior, paths: int, tries: int, *, ahead: bool) -> tuple[np.ndarray, float]:
    """Return the standard deviation of each draw's log estimates, and the seconds they took."""
    scenario = load_scenario(posterior.scenario)
    history = scenario.history(posterior.until, known_on=None if posterior.hindsight else posterior.until)
    known = known_evidence(load(), posterior.until, hindsight=posterior.hindsight)
    step = posterior.step_days
    chains = int(posterior.tree["posterior"].to_dataset().sizes["chain"])
    # Half of the draws only teach what lies ahead.
    settings = Settings(sets=2 * DRAWS_OF_A_CHAIN, replicates=chains, paths=4, step_days=step)
    course = Course(history, observe(known, history, step_days=step), settings)
    begun = begin_at_draws(course, posterior, scenario, hindsight=posterior.hindsight).population
    target = Target(history.world, course.observed, paths=paths, step_days=step)
    sets = begun.z, begun.structure
    teach, tried = (tuple(part[:, of::2] for part in sets) for of in (0, 1))
    count = begun.size // 2
    if ahead:
        target = target.by(target.look_ahead(*teach, np.arange(count, dtype=np.uint32) + 10**6))
    many = (np.repeat(part, tries, axis=1) for part in tried)
    numbers = np.arange(count * tries, dtype=np.uint32)
    started = time.perf_counter()
    found = target.log_likelihood(*many, numbers).astype(float).reshape(count, tries)
    return found.std(axis=1, ddof=1), time.perf_counter() - started


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--posterior", help="a posterior file; the shipped one as known then if not given")
    parser.add_argument(
        "--paths", type=int, nargs="+", default=[48, 96], help="paths of the war for each set"
    )
    parser.add_argument("--tries", type=int, default=24, help="estimates at each draw")
    parser.add_argument("--ahead", action="store_true", help="also where estimates look ahead")
    parser.add_argument("--json", type=Path, help="write the rows to this file")
    options = parser.parse_args()
    if options.posterior:
        posterior = load_posterior(options.posterior)
    else:
        posterior = choose_posterior(load_scenario("ukraine-2022"), "then").posterior
    assert posterior is not None
    rows: list[dict[str, float]] = []
    for paths, ahead in itertools.product(options.paths, (False, True) if options.ahead else (False,)):
        found, seconds = errors(posterior, paths, options.tries, ahead=ahead)
        row = {
            "paths": paths,
            "ahead": ahead,
            "median": float(np.median(found)),
            "largest": float(found.max()),
            "variance": float(np.square(found).mean()),
            "seconds": seconds,
        }
        rows.append(row)
        told = "looking ahead  " if ahead else ""
        shown = "  ".join(f"{name} {row[name]:.2f}" for name in ("median", "largest", "variance"))
        print(f"{paths:5d} paths  {told}{shown}  {seconds:.1f} s", flush=True)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
