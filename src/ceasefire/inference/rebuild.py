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
from typing import NamedTuple

from ceasefire.evidence import Evidence, load
from ceasefire.files import CeasefireError
from ceasefire.inference.calibrating import Told, calibrate, history_and_figures, usual_settings
from ceasefire.inference.continuing import CannotBeginError, of_other_figures
from ceasefire.inference.posterior import Posterior, load_posterior
from ceasefire.inference.shipped import file_name, folder
from ceasefire.scenario import Scenario, load_scenario

SCENARIO = "ukraine-2022"
UNFINISHED = "unfinished"


class Wanted(NamedTuple):
    """A posterior that ships."""

    until: dt.date
    """Day of the state."""
    hindsight: bool
    """Whether later figures of that time count."""
    weekly: bool
    """Whether it is walked by weeks."""

    @property
    def path(self) -> Path:
        """Where it lies once it has passed."""
        return folder() / file_name(SCENARIO, self.until, "now" if self.hindsight else "then")

    @property
    def unfinished(self) -> Path:
        """Where it lies until then."""
        return self.path.parent / UNFINISHED / self.path.name


SHIPPED = (
    Wanted(dt.date(2022, 12, 20), hindsight=False, weekly=False),
    Wanted(dt.date(2022, 12, 20), hindsight=True, weekly=False),
    # Nearly four years by days take hours.
    Wanted(dt.date(2025, 12, 30), hindsight=False, weekly=True),
)


def main(work: Path = Path(".ceasefire") / "work") -> int:
    """Make what is missing or out of date; return 1 where a fit failed its diagnostics."""
    scenario, evidence = load_scenario(SCENARIO), load()
    failed = 0
    started = time.monotonic()

    def told(line: str, share: float) -> None:
        print(f"{(time.monotonic() - started) / 60:5.1f} min {100 * share:3.0f} %  {line}", flush=True)

    for wanted in SHIPPED:
        if not up_to_date(wanted, scenario, evidence):
            print(wanted.path.name, flush=True)
            posterior = _fit(wanted, scenario, evidence, work=work, told=told)
            size = wanted.unfinished.stat().st_size
            print(f"{size:,} bytes; {posterior.tree.attrs['why'] or 'passed'}")
            if posterior.passed:
                os.replace(wanted.unfinished, wanted.path)
            failed += not posterior.passed
    return int(failed > 0)


def up_to_date(wanted: Wanted, scenario: Scenario, evidence: Evidence) -> bool:
    """Say whether the fit is there: passed, and of this model, this scenario and these figures."""
    until, hindsight = wanted.until, wanted.hindsight
    step_days = usual_settings(scenario, until, weekly=wanted.weekly).step_days
    try:
        found = load_posterior(wanted.path).require(scenario.calibrated_sha256)
    except CeasefireError:
        return False
    if (found.until, found.hindsight, found.step_days) != (until, hindsight, step_days):
        return False
    _, observed = history_and_figures(scenario, evidence, until, hindsight=hindsight, step_days=step_days)
    return not of_other_figures(found, observed)


def _fit(wanted: Wanted, scenario: Scenario, evidence: Evidence, *, work: Path, told: Told) -> Posterior:
    """Return a fit, which lies in the file of unfinished ones; begun at what lay there, where that can be."""

    def begun(at: Posterior | None) -> Posterior:
        return calibrate(
            scenario,
            evidence,
            wanted.until,
            hindsight=wanted.hindsight,
            settings=usual_settings(scenario, wanted.until, weekly=wanted.weekly),
            folder=work,
            told=told,
            save_to=wanted.unfinished,
            begin_at=at,
        )

    wanted.unfinished.parent.mkdir(parents=True, exist_ok=True)
    if not wanted.unfinished.is_file():
        return begun(None)
    try:
        return begun(load_posterior(wanted.unfinished))
    except CannotBeginError as error:
        print(f"begun at the prior: {error}", flush=True)
        return begun(None)


if __name__ == "__main__":
    sys.exit(main())
