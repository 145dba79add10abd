"""The functions of a researcher, small and named in one place: `import ceasefire as cf`.

One line does what one command does, with the same numbers: `cf.ask("ukraine-2022", outcome="soldiers")`. A
scenario is given by its name, its file, or as `load_scenario` returns it; a posterior by `default`, `prior`,
`then`, `now`, its file, or as `calibrate` returns it. `table` returns any result as a pandas table, `plot`
draws it as an Altair chart. Wars are xarray datasets with units.

Nothing here computes: each function finds what it is given and hands it to the room that does the work, which
is imported only then.
"""

from ceasefire.api.asking import ask, discover, sensitivity
from ceasefire.api.auditing import audit
from ceasefire.api.computing import computing
from ceasefire.api.loading import (
    choose_posterior,
    load_claims,
    load_evidence,
    load_posterior,
    load_scenario,
    shipped,
)
from ceasefire.api.pictures import plot, save, svg
from ceasefire.api.tables import table
from ceasefire.api.wars import aid, backtest, calibrate, compare, offer, run, weigh
from ceasefire.files import InputError

__all__ = [
    "InputError",
    "aid",
    "ask",
    "audit",
    "backtest",
    "calibrate",
    "choose_posterior",
    "compare",
    "computing",
    "discover",
    "load_claims",
    "load_evidence",
    "load_posterior",
    "load_scenario",
    "offer",
    "plot",
    "run",
    "save",
    "sensitivity",
    "shipped",
    "svg",
    "table",
    "weigh",
]
