"""What a function is given, found: scenarios, posteriors, claims, evidence, days and whole numbers."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from ceasefire.files import InputError, suggest

if TYPE_CHECKING:
    import pandas as pd

    from ceasefire.bargaining.stated import Values
    from ceasefire.claims import ClaimFile
    from ceasefire.evidence import Evidence
    from ceasefire.inference.posterior import Posterior
    from ceasefire.inference.shipped import Chosen
    from ceasefire.scenario import Scenario

    GivenScenario: TypeAlias = Scenario | str | Path
    GivenPosterior: TypeAlias = Posterior | str | Path
    GivenDay: TypeAlias = dt.date | str
    Progress: TypeAlias = Callable[[int, int], None]


def load_scenario(name_or_path: str | Path, extensions: Sequence[str | Path] = ()) -> Scenario:
    """Return a scenario: a shipped one by its name, or that of a YAML file.

    Args:
        name_or_path: the scenario.
        extensions: Python files with mechanisms of your own, which are on in all wars unless the scenario
            says otherwise.

    Raises:
        InputError: no such scenario or extension, or the first faults of the file with their lines.
    """
    from ceasefire.scenario import load_scenario as read

    return read(name_or_path, extensions)


def load_claims(name_or_path: str | Path) -> ClaimFile:
    """Return the claims of an article: shipped ones by their name, or those of a YAML file.

    Raises:
        InputError: no such file, or what is wrong with it, with file and line.
    """
    from ceasefire.claims import load_claims as read

    return read(name_or_path)


def load_evidence(imports: str | Path | None = None) -> Evidence:
    """Return what was observed and who said so; `ask`, `rate` and `known_by` are the questions to put to it.

    Args:
        imports: folder of evidence that you imported; as with the commands, CEASEFIRE_EVIDENCE where not
            given, or .ceasefire/evidence in this folder where it exists.

    Raises:
        InputError: the folder that is named is not there, or a table in it does not pass the check.
    """
    from ceasefire.evidence import load, user_folder
    from ceasefire.evidence.store import FOLDER_VARIABLE

    usual = user_folder()
    named = imports is not None or bool(os.environ.get(FOLDER_VARIABLE))
    folder = Path(imports) if imports is not None else usual
    return load(folder if named or usual.is_dir() else None)


def load_posterior(name_or_path: str | Path) -> Posterior:
    """Return a posterior by its file, or a shipped one by its name, whatever its model or scenario.

    `choose_posterior` returns the one that a scenario's wars start from. One of another version of the model
    comes with a warning, and no wars start from it.

    Raises:
        InputError: there is none, or the file is none.
    """
    import warnings

    from ceasefire.engine.versions import AnotherModelWarning, of_another_model
    from ceasefire.inference.shipped import named_posterior

    found = named_posterior(str(name_or_path))
    if found.stale:
        said = of_another_model(found.tree.attrs, found.mechanisms)
        warnings.warn(f"{name_or_path}: {said}", AnotherModelWarning, stacklevel=2)
    return found


def choose_posterior(scenario: GivenScenario, posterior: GivenPosterior = "default") -> Chosen:
    """Return where the parameters of a scenario's wars come from: `says` says it in a sentence.

    Args:
        scenario: the scenario.
        posterior: `default` (the shipped posterior as known now, or the priors where none is shipped),
            `prior`, `then` or `now` (the shipped one with the figures as known then or now), a file, or a
            posterior.

    Raises:
        InputError: there is none, or one that failed, is stale, or belongs to another scenario or day.
    """
    from ceasefire.inference.posterior import Posterior
    from ceasefire.inference.shipped import Chosen, describe
    from ceasefire.inference.shipped import choose_posterior as choose
    from ceasefire.inference.starting import start_of

    war = war_of(scenario)
    if isinstance(posterior, Posterior):
        start = start_of(posterior.require(war.calibrated_sha256), war.world())
        return Chosen(posterior, start, describe(posterior))
    return choose(war, str(posterior))


def shipped() -> pd.DataFrame:
    """Return what comes with the package, by its name: scenarios, posteriors and claims.

    Columns: `kind`, `name`, `title`.
    """
    import pandas as pd

    from ceasefire.claims import shipped_claims
    from ceasefire.inference.shipped import describe, named_posterior, shipped_posteriors
    from ceasefire.scenario import shipped_scenarios

    rows = [("scenario", name, title) for name, title in shipped_scenarios().items()]
    rows += [("posterior", name, describe(named_posterior(name))) for name in shipped_posteriors()]
    rows += [("claims", name, title) for name, title in shipped_claims().items()]
    return pd.DataFrame(rows, columns=["kind", "name", "title"])


def war_of(scenario: GivenScenario) -> Scenario:
    """Return a scenario that is given as such, or by its name or file.

    Raises:
        InputError: it is neither, or cannot be read.
    """
    from ceasefire.scenario import Scenario

    if isinstance(scenario, Scenario):
        return scenario
    if isinstance(scenario, str | Path):
        return load_scenario(scenario)
    raise InputError(
        f"{type(scenario).__name__} is no scenario.", "scenario", "give its name, its file, or load it."
    )


def day_of(given: GivenDay | None, slot: str) -> dt.date | None:
    """Return a day that is given as such or as YYYY-MM-DD; None where none is given.

    Raises:
        InputError: it is neither.
    """
    if given is None or (isinstance(given, dt.date) and not isinstance(given, dt.datetime)):
        return given
    if isinstance(given, dt.datetime):
        return given.date()
    try:
        return dt.date.fromisoformat(given)
    except (TypeError, ValueError):
        raise InputError(f"{given!r} is not a day.", slot, "write a day as YYYY-MM-DD.") from None


def whole(given: Any, slot: str) -> int:
    """Return a whole number that is given, of whatever library.

    Raises:
        InputError: it is none.
    """
    if not isinstance(given, bool):
        try:
            return int(given.__index__())
        except (AttributeError, TypeError):
            pass
    raise InputError(f"{given!r} is no whole number.", slot, "give a whole number.")


def number(given: Any, slot: str) -> float:
    """Return a number that is given, of whatever library.

    Raises:
        InputError: it is none.
    """
    if not isinstance(given, bool | str):
        try:
            return float(given)
        except (TypeError, ValueError):
            pass
    raise InputError(f"{given!r} is no number.", slot, "give a number.")


def values_of(
    given: Values | Mapping[str, float] | None, names: Sequence[str] | None = None
) -> Values | None:
    """Return stated values that are given as such or by their names; None where none are given.

    Args:
        given: the values.
        names: those that can be stated; all of them where not given.

    Raises:
        InputError: an unknown name, or a value that cannot be used.
    """
    from ceasefire.bargaining.stated import Values

    if given is None or isinstance(given, Values):
        return given
    known = Values.NAMES if names is None else names
    for name in given:
        if name not in known:
            raise InputError(f"'{name}' is no value.", "values", suggest(str(name), known))
    return Values(**given)
