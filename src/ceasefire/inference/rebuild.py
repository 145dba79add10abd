"""Make the posteriors that come with the package: `make posterior`.

Each is fitted anew where the model, the scenario or the figures have changed; an interruption loses a
stage at most. A fit that fails its diagnostics lies in `unfinished`, where nothing uses it, and the next one
goes on with its draws.
"""

from __future__ import annotations

import datetime as dt
import os
import sys
import time
from pathlib import Path

from ceasefire.evidence import Evidence, load
from ceasefire.files import CeasefireError
from ceasefire.inference.calibrating import Told, calibrate, heard, usual_settings
from ceasefire.inference.continuing import CannotBeginError, of_other_figures
from ceasefire.inference.posterior import Posterior, load_posterior
from ceasefire.inference.shipped import file_name, folder
from ceasefire.scenario import Scenario, load_scenario

SCENARIO = "ukraine-2022"
UNFINISHED = "unfinished"


SHIPPED = (
    (dt.date(2022, 12, 20), False, False),
    (dt.date(2022, 12, 20), True, False),
    # Nearly four years by days take hours.
    (dt.date(2025, 12, 30), False, True),
)
"""Day of the state; whether later figures of that time count; whether it is walked by weeks."""


def main(work: Path = Path(".ceasefire") / "work") -> int:
    """Make what is missing or out of date; return 1 where a fit failed its diagnostics."""
    scenario, evidence = load_scenario(SCENARIO), load()
    failed = 0
    started = time.monotonic()

    def told(line: str, share: float) -> None:
        print(f"{(time.monotonic() - started) / 60:5.1f} min {100 * share:3.0f} %  {line}", flush=True)

    for until, hindsight, weekly in SHIPPED:
        path = folder() / file_name(SCENARIO, until, "now" if hindsight else "then")
        if not up_to_date(path, scenario, evidence):
            print(path.name, flush=True)
            unfinished = path.parent / UNFINISHED / path.name
            posterior = _fit(
                scenario,
                evidence,
                until,
                unfinished,
                hindsight=hindsight,
                weekly=weekly,
                work=work,
                told=told,
            )
            print(f"{unfinished.stat().st_size:,} bytes; {posterior.tree.attrs['why'] or 'passed'}")
            if posterior.passed:
                os.replace(unfinished, path)
            failed += not posterior.passed
    return int(failed > 0)


def up_to_date(path: Path, scenario: Scenario, evidence: Evidence) -> bool:
    """Say whether a file holds a fit that passed, of this model, this scenario and these figures."""
    try:
        found = load_posterior(path).require(scenario.calibrated_sha256)
    except CeasefireError:
        return False
    _, observed = heard(scenario, evidence, found.until, hindsight=found.hindsight, step_days=found.step_days)
    return not of_other_figures(found, observed)


def _fit(
    scenario: Scenario,
    evidence: Evidence,
    until: dt.date,
    unfinished: Path,
    *,
    hindsight: bool,
    weekly: bool,
    work: Path,
    told: Told,
) -> Posterior:
    """Return a fit, which lies in the file of unfinished ones; begun at what lay there, where that can be."""

    def begun(at: Posterior | None) -> Posterior:
        return calibrate(
            scenario,
            evidence,
            until,
            hindsight=hindsight,
            settings=usual_settings(scenario, until, weekly=weekly),
            folder=work,
            told=told,
            save_to=unfinished,
            begin_at=at,
        )

    unfinished.parent.mkdir(parents=True, exist_ok=True)
    if not unfinished.is_file():
        return begun(None)
    try:
        return begun(load_posterior(unfinished))
    except CannotBeginError as error:
        print(f"begun at the prior: {error}", flush=True)
        return begun(None)


if __name__ == "__main__":
    sys.exit(main())
