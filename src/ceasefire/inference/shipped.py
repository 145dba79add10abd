"""Posteriors that come with the package, and which one a command uses."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import math
import os
from importlib import resources
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from ceasefire.engine import Start
from ceasefire.engine.versions import ANOTHER_MODEL, of_another_model
from ceasefire.files import InputError, suggest
from ceasefire.files.formats import check_format
from ceasefire.inference.posterior import Posterior, load_posterior
from ceasefire.inference.starting import start_of
from ceasefire.scenario import Scenario

Known = Literal["then", "now"]

DEFAULT, PRIOR, THEN, NOW = "default", "prior", "then", "now"
OPTIONS = (DEFAULT, PRIOR, THEN, NOW)
OPTION = "--posterior"
# A shipped file is no larger, bytes.
LARGEST_FILE = 3_000_000


def folder() -> Path:
    """Return where shipped posteriors lie."""
    return Path(str(resources.files("ceasefire.inference").joinpath("posteriors")))


def file_name(scenario: str, until: dt.date, known: Known) -> str:
    """Return the name of a shipped posterior's file."""
    return f"{scenario}-{until}-known-{known}.nc"


def shipped_posteriors() -> tuple[str, ...]:
    """Return the names of the shipped posteriors."""
    return tuple(sorted(path.stem for path in folder().glob("*.nc")))


def shipped_backtest(scenario: str) -> dict[str, Any] | None:
    """Return the summary of a scenario's back-test as `Backtest.summary_by_series` made it, or None.

    None is shipped, or it cannot be read; a scenario's own file has none. One of another version of the model
    says so in `another_model`.

    Raises:
        InputError: it has a newer format.
    """
    if not scenario.replace("-", "").replace("_", "").isalnum():
        return None
    path = folder() / f"backtest-{scenario}.json"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(content, dict):
        return None
    about = content.get("about")
    about = about if isinstance(about, dict) else {}
    check_format(about, "back-test", str(path))
    content.pop(ANOTHER_MODEL, None)
    # Mechanisms that the fits had; none where the file does not say.
    fitted = about.get("mechanisms", [])
    said = of_another_model(about, frozenset(map(str, fitted if isinstance(fitted, list) else [])))
    return content | ({ANOTHER_MODEL: said} if said else {})


def shipped_posterior(
    scenario: Scenario, known: Known = "now", until: dt.date | None = None
) -> Posterior | None:
    """Return the posterior that comes with the package for a scenario, or None where there is none.

    Args:
        scenario: the scenario.
        known: as of when the figures were known: on the posterior's day, or now.
        until: the posterior's day; the scenario's start where not given.

    Raises:
        InputError: it failed its diagnostics, or belongs to another model or to a changed scenario.
    """
    path = folder() / file_name(scenario.name, until or scenario.start, known)
    return load_posterior(path).require(scenario.calibrated_sha256) if path.is_file() else None


@dataclasses.dataclass(frozen=True, eq=False)
class Chosen:
    """Where the parameters of a run come from."""

    posterior: Posterior | None
    """None: the priors."""
    start: Start | None
    """What `run` and `compare` take; None: the priors."""
    says: str
    """One sentence for people."""

    @property
    def learnt(self) -> pd.DataFrame | None:
        """What the evidence taught: `Posterior.contraction`, or None under priors."""
        return None if self.posterior is None else self.posterior.contraction()

    @property
    def effective(self) -> float:
        """How many independent draws its draws are worth; infinite under priors, of which all are new."""
        return math.inf if self.posterior is None else self.posterior.least_ess


def choose_posterior(scenario: Scenario, option: str = DEFAULT, known: Known = "now") -> Chosen:
    """Return the posterior that an option asks for.

    Args:
        scenario: the scenario whose wars are to run.
        option: `default` (the shipped posterior of the scenario's start, or the priors where none is
            shipped), `prior`, `then` or `now` (the shipped posterior with the figures as known then or now),
            or a file.
        known: which of the shipped ones `default` means.

    Raises:
        InputError: none is shipped though it was asked for by name, no such file, not a posterior, or one
            that failed, is stale, or belongs to another scenario, day or war.
    """
    if option == PRIOR:
        return Chosen(None, None, "Priors, as asked for: nothing was learnt from the evidence.")
    if option in {DEFAULT, THEN, NOW}:
        wanted: Known = known if option == DEFAULT else "then" if option == THEN else "now"
        found = shipped_posterior(scenario, wanted)
        if found is None and option == DEFAULT:
            return Chosen(
                None,
                None,
                f"Priors: no posterior is shipped for {scenario.name} on {scenario.start}; nothing was learnt"
                " from the evidence.",
            )
        if found is None:
            raise InputError(
                f"no posterior as known {wanted} is shipped for '{scenario.name}' on {scenario.start}.",
                OPTION,
                f"run `ceasefire calibrate {scenario.name} --until {scenario.start}` and name its file,"
                f" or use `{OPTION} {PRIOR}`.",
            )
        return _chosen(found, scenario)
    found = _from_file(option)
    if found.scenario != scenario.name:
        raise InputError(
            f"this posterior is of the scenario '{found.scenario}', not of '{scenario.name}'.",
            option,
            f"name one of this scenario, or use `{OPTION} {PRIOR}`.",
        )
    return _chosen(found.require(scenario.calibrated_sha256), scenario)


def named_posterior(name: str) -> Posterior:
    """Return a posterior by its file, or a shipped one by its name, whatever its model or scenario.

    Raises:
        InputError: there is none, or the file is none.
    """
    path = folder() / f"{name.removesuffix('.nc')}.nc"
    if not Path(name).is_file() and path.is_file():
        return load_posterior(path)
    if not _is_path(name):
        raise InputError(
            f"'{name}' is neither a file nor a shipped posterior.", name, suggest(name, shipped_posteriors())
        )
    return load_posterior(name)


def describe(posterior: Posterior) -> str:
    """Return in one sentence which posterior it is and how its fit went."""
    judged, counted = (
        table[table["kind"] != "constant"] for table in (posterior.diagnostics(), posterior.contraction())
    )
    by_weeks = ", by weekly steps" if posterior.step_days == 7 else ""
    return (
        f"Posterior {posterior.name}: figures to {posterior.until} as known {posterior.known}{by_weeks};"
        f" {posterior.size:,} draws, R-hat at most {judged['rhat'].max():.3f}, at least"
        f" {counted['ess'].min():,.0f} effective draws."
    )


def _chosen(posterior: Posterior, scenario: Scenario) -> Chosen:
    return Chosen(posterior, start_of(posterior, scenario.world()), describe(posterior))


def _is_path(text: str) -> bool:
    return Path(text).exists() or Path(text).suffix != "" or os.sep in text


def _from_file(option: str) -> Posterior:
    if not _is_path(option):
        raise InputError(
            f"'{option}' is neither a file nor one of {', '.join(OPTIONS)}.", OPTION, suggest(option, OPTIONS)
        )
    return load_posterior(option)
