"""Make the posteriors that come with the package: `make posterior`.

Each is fitted anew where the model, the scenario or the figures have changed; an interruption loses at most
a stage.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import sys
import time
from pathlib import Path

from ceasefire.inference.calibrating import Settings

SCENARIO = "ukraine-2022"


@dataclasses.dataclass(frozen=True)
class Fit:
    """One of the posteriors that ship."""

    until: dt.date
    hindsight: bool
    """Whether later figures of that time count."""
    settings: Settings


SHIPPED = (
    Fit(dt.date(2022, 12, 20), False, Settings()),
    Fit(dt.date(2022, 12, 20), True, Settings()),
    # By weeks: nearly four years by days take hours. Few sets and many rounds, since each round is dear.
    Fit(dt.date(2025, 12, 30), False, Settings(sets=64, times_before=4, paths=96, step_days=7, rounds=120)),
)


def main(work: Path = Path(".ceasefire") / "work") -> int:
    """Make what is missing or out of date; return 1 where a fit failed its diagnostics."""
    from ceasefire.evidence import load
    from ceasefire.files import CeasefireError
    from ceasefire.inference.calibrating import calibrate
    from ceasefire.inference.posterior import load_posterior
    from ceasefire.inference.shipped import file_name, folder
    from ceasefire.scenario import load_scenario

    scenario, evidence = load_scenario(SCENARIO), load()
    failed = 0
    started = time.monotonic()

    def told(line: str, share: float) -> None:
        print(f"{(time.monotonic() - started) / 60:5.1f} min {100 * share:3.0f} %  {line}", flush=True)

    for fit in SHIPPED:
        path = folder() / file_name(SCENARIO, fit.until, "now" if fit.hindsight else "then")
        try:
            load_posterior(path).require(scenario.calibrated_sha256)
        except CeasefireError:
            print(path.name, flush=True)
            posterior = calibrate(
                scenario,
                evidence,
                fit.until,
                hindsight=fit.hindsight,
                settings=fit.settings,
                folder=work,
                told=told,
                save_to=path,
            )
            failed += not posterior.passed
            print(f"{path.name}: {path.stat().st_size:,} bytes; {posterior.tree.attrs['why'] or 'passed'}")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
