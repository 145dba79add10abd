"""Make the posteriors that come with the package: `make posterior`.

Each is fitted anew where the model, the scenario or the figures have changed; an interruption loses at most
a stage.
"""

from __future__ import annotations

import datetime as dt
import sys
import time
from pathlib import Path

SCENARIO = "ukraine-2022"


SHIPPED = (
    (dt.date(2022, 12, 20), False, False),
    (dt.date(2022, 12, 20), True, False),
    # Nearly four years by days take hours.
    (dt.date(2025, 12, 30), False, True),
)
"""Day of the state; whether later figures of that time count; whether it is walked by weeks."""


def main(work: Path = Path(".ceasefire") / "work") -> int:
    """Make what is missing or out of date; return 1 where a fit failed its diagnostics."""
    from ceasefire.evidence import load
    from ceasefire.files import CeasefireError
    from ceasefire.inference.calibrating import calibrate, usual_settings
    from ceasefire.inference.posterior import load_posterior
    from ceasefire.inference.shipped import file_name, folder
    from ceasefire.scenario import load_scenario

    scenario, evidence = load_scenario(SCENARIO), load()
    failed = 0
    started = time.monotonic()

    def told(line: str, share: float) -> None:
        print(f"{(time.monotonic() - started) / 60:5.1f} min {100 * share:3.0f} %  {line}", flush=True)

    for until, hindsight, weekly in SHIPPED:
        path = folder() / file_name(SCENARIO, until, "now" if hindsight else "then")
        try:
            load_posterior(path).require(scenario.calibrated_sha256)
        except CeasefireError:
            print(path.name, flush=True)
            posterior = calibrate(
                scenario,
                evidence,
                until,
                hindsight=hindsight,
                settings=usual_settings(scenario, until, weekly=weekly),
                folder=work,
                told=told,
                save_to=path,
            )
            failed += not posterior.passed
            print(f"{path.name}: {path.stat().st_size:,} bytes; {posterior.tree.attrs['why'] or 'passed'}")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
