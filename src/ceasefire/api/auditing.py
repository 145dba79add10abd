"""An audit of an article's claims, or of some of them."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from ceasefire.api.loading import day_of, load_claims, load_evidence, whole
from ceasefire.files import InputError, suggest

if TYPE_CHECKING:
    from ceasefire.api.loading import GivenDay, GivenPosterior, GivenScenario, Progress
    from ceasefire.claims import Audit, ClaimFile
    from ceasefire.evidence import Evidence


def audit(
    claims: ClaimFile | str | Path,
    *,
    only: Collection[str] | None = None,
    without: Collection[str] = (),
    scenario: GivenScenario | None = None,
    as_of: GivenDay | None = None,
    posterior: GivenPosterior = "default",
    draws: int = 2000,
    seed: int = 1,
    evidence: Evidence | None = None,
    progress: Progress | None = None,
) -> Audit:
    """Audit an article: a verdict for each reading of each claim, as known then and now (`ceasefire audit`).

    `results` are the claims, `result(id)` is one of them, `to_json()` all of it as plain values; `save`
    writes the page.

    Args:
        claims: a claims file: its name, its path, or as `load_claims` returns it.
        only: ids of the claims that are audited, with those that they rest on; all of them where not given.
        without: origins of which no figure counts, to ask what rests on them; what a posterior has learnt
            from them stays.
        scenario: the scenario of the counterfactuals; the article's own where not given.
        as_of: the day of 'as known then'; the day of publication where not given.
        posterior: `default` (the shipped ones as known then and as known now), `prior`, `then`, `now`, a file
            or a posterior.
        draws: wars under each policy.
        seed: the same seed gives the same audit.
        evidence: what was observed; `load_evidence` where not given.
        progress: called with the wars done and the wars in all.

    Raises:
        InputError: an unknown claim, claims that ask for what the evidence or the scenario does not have,
            with file and line, or a posterior that cannot be used.
    """
    from ceasefire.claims import ClaimFile
    from ceasefire.claims import audit as check_claims

    file = claims if isinstance(claims, ClaimFile) else load_claims(claims)
    return check_claims(
        file,
        only=None if only is None else _with_what_they_rest_on(file, only),
        without=without,
        scenario=scenario,
        as_of=day_of(as_of, "as_of"),
        draws=whole(draws, "draws"),
        seed=whole(seed, "seed"),
        evidence=load_evidence() if evidence is None else evidence,
        progress=progress,
        posterior=posterior,
    )


def _with_what_they_rest_on(file: ClaimFile, only: Collection[str]) -> list[str]:
    """Return ids of claims, and of those that they rest on."""
    if isinstance(only, str):
        raise InputError(f"'{only}' is no list of claims.", "only", f"write it as ['{only}'].")
    known = {claim.id: claim for claim in file.claims}
    wanted: dict[str, None] = {}
    for name in only:
        if name not in known:
            raise InputError(f"'{file.name}' has no claim '{name}'.", "only", suggest(str(name), known))
        wanted |= dict.fromkeys([name, *getattr(known[name], "rests_on", ())])
    if not wanted:
        raise InputError("no claim is named.", "only", "name one at least, or leave it out.")
    return list(wanted)
