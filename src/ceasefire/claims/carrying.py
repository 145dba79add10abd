"""Which mechanisms of the war carry a model result, and whether any fit had them (rule 12)."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from ceasefire.analysis.uses import Carried, Use
from ceasefire.claims.results import Finding
from ceasefire.claims.wording import count, listed


@dataclasses.dataclass(frozen=True)
class Carrying:
    """What carries one model result, and what else its wars have that no fit had."""

    carried: Carried
    fitted: frozenset[str] = frozenset()
    """Optional mechanisms that the fit of the parameters took in."""
    on: tuple[str, ...] = ()
    """Optional mechanisms that the wars have, all or some of them."""
    scenario: str = ""

    @property
    def resting(self) -> tuple[str, ...]:
        """The mechanisms that no fit had and without which there would be no such result."""
        return self.carried.rests_on(self.fitted)

    @property
    def others(self) -> tuple[str, ...]:
        """The other mechanisms that the wars have and no fit had."""
        return tuple(name for name in self.on if name not in {*self.fitted, *self.carried.mechanisms})

    def why(self) -> str:
        """Return why the word is undetermined, as part of a sentence."""
        return f"as what carries it ({named(self.resting)}) is assumed and in no fit"

    def reasons(self) -> list[dict[str, Any]]:
        """Return what carries the result as data of its verdict."""
        if not self.on and not self.carried.mechanisms:
            return []
        return [
            {
                "rule": "mechanisms",
                "carried_by": [plain(name) for name in self.carried.mechanisms],
                "alone": self.carried.alone,
                "assumed": [plain(name) for name in self.carried.unfitted(self.fitted)],
                "others_assumed": len(self.others),
            }
        ]

    def depends(self) -> tuple[str, ...]:
        """Return the assumptions that the result rests on, in words."""
        lines = []
        unfitted = self.carried.unfitted(self.fitted)
        if unfitted:
            lines.append(f"mechanisms through which it works and that no fit had: {named(unfitted)}, assumed")
        if self.others:
            lines.append(
                f"{count(len(self.others), 'further mechanism')} of the wars that no fit had, assumed: those"
                " in the table of mechanisms"
            )
        return tuple(lines)

    def different(self) -> str:
        """Return what would have to be true for another word."""
        return f"evidence were held against {named(self.resting)} in a fit, and taught more than half of it"

    def turned_off(self) -> Finding:
        """Return the finding where none of the scenario's wars has what the test asks about."""
        names = named(self.carried.off)
        return Finding(
            "undetermined",
            quote=f"The wars of the scenario '{self.scenario}' have no {names}, so that they cannot tell.",
            reason=({"rule": "the scenario has this mechanism off", "mechanisms": names},),
            depends_on=(f"a scenario with {names}",),
            different_if=(f"the scenario had {names}",),
        )


NOTHING = Carrying(Carried(()))


def plain(mechanism: str) -> str:
    """Return a mechanism's name as words."""
    return mechanism.replace("_", " ")


def named(mechanisms: Sequence[str]) -> str:
    """Return mechanisms as a list in words."""
    return listed([plain(name) for name in mechanisms])


def carrying_of(
    carried: Carried, uses: Sequence[Use], fitted: frozenset[str] | None, scenario: str
) -> Carrying:
    """Return what carries a result, with all that its wars have beside.

    Args:
        carried: the mechanisms that carry it.
        uses: the mechanisms of the scenario.
        fitted: optional mechanisms that the fit had; None under priors.
        scenario: its name.
    """
    on = tuple(use.name for use in uses if use.optional and use.share > 0)
    return Carrying(carried, fitted or frozenset(), on, scenario)
