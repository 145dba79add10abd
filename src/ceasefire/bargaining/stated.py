"""What a user states of an offer: what is valued, what the types are, and the terms of the truce.

None of it is in the evidence. Every default is the same for both sides, and each can be changed.
"""

from __future__ import annotations

import dataclasses
import math
from typing import ClassVar

from ceasefire.files import InputError

# The largest log balance that a parameter of the war can hold: no leader ever sees as much.
OUT_OF_REACH = 6.0
# The largest value that can be stated, in lives: more than anybody could lose.
LARGEST = 1e9


def _check(what: object, name: str, least: float, most: float, where: str) -> None:
    value = getattr(what, name)
    if not isinstance(value, int | float) or not math.isfinite(value) or not least <= value <= most:
        span = f"from {least:g} to {most:g}" if math.isfinite(most) else f"of at least {least:g}"
        raise InputError(f"{value!r} cannot be used as '{name}'.", where, f"give a number {span}.")


@dataclasses.dataclass(frozen=True)
class Values:
    """What a death, ground, an aim and a loss of face are worth, in lives of soldiers of one's own side.

    A side's worth of a course of the war is

        - own_soldiers x its soldiers killed - civilians x civilians killed on its ground
        - area x net ground lost (km2) + aim x share of its aim that is reached

    and for the one who offers also

        - office x share of his aim that he pursues, where he settles    - refusal, where his offer is refused

    The backer's is solidarity x the worth of the side that he helps, less aid_cost x the share of aid that he
    keeps.
    """

    own_soldiers: float = 1.0
    civilians: float = 1.0
    area: float = 5.0
    """Lives for a km2. Assumed: nothing says what ground is worth. 0 counts lives alone; attackers paid about
    25 lives for a km2 taken in 2024 (102 killed and wounded by the count of ISW, three wounded for each
    killed)."""
    aim: float = 50_000.0
    """Lives for the whole of an aim; assumed."""
    office: float | None = None
    """Lives that settling short of his aim costs the leader who pursues it (his office, or worse). Not given,
    it is what his conduct in the war implies: the least that makes attacking his best reply."""
    refusal: float = 0.0
    """Lives that a refused offer costs its maker, in face or at home; not observed, below 0 a benefit."""
    solidarity: float = 1.0
    """How much of the helped side's worth counts with the backer; assumed."""
    aid_cost: float = 0.0
    """Lives of the helped side for which a backer would cut aid; not observed."""
    NAMES: ClassVar[tuple[str, ...]] = (
        "own_soldiers",
        "civilians",
        "area",
        "aim",
        "office",
        "refusal",
        "solidarity",
        "aid_cost",
    )

    def __post_init__(self) -> None:
        """Check each value, and that something counts.

        Raises:
            InputError: a value that cannot be used, or values that sum to nothing.
        """
        for name in self.NAMES:
            if name != "office" or self.office is not None:
                least = -math.inf if name == "refusal" else 0.0
                _check(self, name, max(least, -LARGEST), LARGEST, "the stated values")
        if self.own_soldiers + self.civilians + self.area + self.aim == 0.0:
            raise InputError(
                "the stated values sum to nothing: no course of the war is better than another.",
                "the stated values",
                "give one of own_soldiers, civilians, area and aim a number above 0.",
            )


@dataclasses.dataclass(frozen=True)
class Type:
    """What the one who offers may be: a setting of his leader's parameters in the same war."""

    aim: float = 1.0
    """Share of his aim that he still pursues, in the war and in what he values."""
    keeps_truce: bool = False
    """Whether his threshold for breaking a truce is beyond reach; else it is what the war's draws say."""
    threshold: float = 0.0
    """Added to the log balance that he wants before any attack."""

    def __post_init__(self) -> None:
        """Check the numbers.

        Raises:
            InputError: a share outside 0 to 1, or a threshold beyond the registry's bounds.
        """
        _check(self, "aim", 0.0, 1.0, "the types")
        _check(self, "threshold", -OUT_OF_REACH, OUT_OF_REACH, "the types")


SINCERE = Type(aim=0.0, keeps_truce=True)
"""He gives up his aim and never breaks a truce himself; refused, or once a truce has collapsed, he fights."""
REARMING = Type()
"""His aim and his thresholds are those of the fitted war: he attacks in a truce or after it when it suits."""


@dataclasses.dataclass(frozen=True)
class Terms:
    """The truce that is offered, what each side may do in it, and what the backer may do."""

    days: int = 182
    """How long it lasts before a leader who does not settle is free of it. Settling goes on to the end."""
    start_day: int = 1
    """Days after the scenario's first."""
    monitored: bool = False
    cut_to: float = 0.5
    """Share of arms from abroad that the one who answers still gets where his backer cuts aid."""
    offerer_rearms: float = 1.0
    """Recruitment and production of the one who offers in the truce, as a share of those without it."""
    answerer_rearms: float = 1.0
    aid_in_truce: float = 1.0
    """Arms from abroad that the one who answers gets in the truce, as a share of what he gets without it."""
    offerer_training_days: float | None = None
    """Training before a recruit of the one who offers joins the force; the scenario's where not given."""

    def __post_init__(self) -> None:
        """Check the numbers.

        Raises:
            InputError: no number of days, or a share that cannot be used.
        """
        if isinstance(self.days, bool) or not isinstance(self.days, int) or self.days < 0:
            raise InputError(f"{self.days!r} is no length of a truce.", "--days", "give whole days from 0.")
        if isinstance(self.start_day, bool) or not isinstance(self.start_day, int) or self.start_day < 0:
            raise InputError(
                f"{self.start_day!r} is no first day of a truce.", "the terms", "give whole days from 0."
            )
        _check(self, "cut_to", 0.0, 1.0, "--cut-to")
        for name in ("offerer_rearms", "answerer_rearms", "aid_in_truce"):
            _check(self, name, 0.0, 5.0, "the terms")
        if self.offerer_training_days is not None:
            _check(self, "offerer_training_days", 3.0, 730.0, "the terms")
