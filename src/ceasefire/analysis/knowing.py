"""Which kind of evidence could teach each of the things in which wars differ."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ceasefire.analysis.columns import OF_A_TRUCE, STATE
from ceasefire.war import REGISTRY, STRUCTURES

TRUCE_ONLY = "what only a truce would show"
RIVALS = "which rival equations hold"
LOSSES = "counts of the dead, wounded and captured"
PEOPLE = "counts of forces, recruits and those who left"
WEAPONS = "counts of weapons, shells and output"
FRONT = "maps and ground: front, fortification, movement"
LEADERS = "what leaders want, see and decide"
STRIKES = "counts of strikes, interceptions and their victims"
ECONOMY = "sanctions, trade, third parties, economy"
ENDS = "how wars end, spread or break a side"
DRIFT = "how fighting changes over time"

_OF_MECHANISM: Mapping[str, str] = MappingProxyType(
    {
        "manpower": PEOPLE,
        "recruiting": PEOPLE,
        "emigration": PEOPLE,
        "skill": PEOPLE,
        "industry": WEAPONS,
        "equipment": WEAPONS,
        "munitions": WEAPONS,
        "artillery": WEAPONS,
        "drones": WEAPONS,
        "attrition": LOSSES,
        "battles": LOSSES,
        "tempo": DRIFT,
        "drift": DRIFT,
        "fronts": FRONT,
        "deployment": FRONT,
        "northern_front": FRONT,
        "offensive": LEADERS,
        "aims": LEADERS,
        "belief": LEADERS,
        "decision": LEADERS,
        "truce": TRUCE_ONLY,
        "violations": TRUCE_ONLY,
        "air_defence": STRIKES,
        "civilian_harm": STRIKES,
        "sanctions": ECONOMY,
        "third_party_arms": ECONOMY,
        "labour": ECONOMY,
        "internal_break": ENDS,
        "escalation": ENDS,
        "ending": ENDS,
    }
)
# Shares of losses stand among what becomes of people, but counts of losses teach them.
_OF_PARAMETER: Mapping[str, str] = MappingProxyType(
    {"killed_share": LOSSES, "captured_share": LOSSES, **dict.fromkeys(OF_A_TRUCE, TRUCE_ONLY)}
)
_OF_STOCK: Mapping[str, str] = MappingProxyType(
    {
        "force": PEOPLE,
        "skill": PEOPLE,
        "trainees": PEOPLE,
        "pool": PEOPLE,
        "recovering": PEOPLE,
        "shells": WEAPONS,
        "armour": WEAPONS,
        "industry": WEAPONS,
        "modern armour, share": WEAPONS,
        "armour in storage": WEAPONS,
        "armour in transit": WEAPONS,
        "shells in transit": WEAPONS,
        "fortification": FRONT,
        "troops on the first front, share": FRONT,
        "perceived": LEADERS,
        "offensive": LEADERS,
        "days in phase": LEADERS,
        "intensity": DRIFT,
        "advantage": DRIFT,
        "lethality": DRIFT,
        "volatility": DRIFT,
    }
)


def kind_of(name: str) -> str:
    """Return the kind of evidence that could teach a column of `columns_of`, by the column's name.

    Raises:
        KeyError: a mechanism or a stock that no kind is named for, which is a fault of this module.
    """
    if name.startswith(STATE):
        stock = name.removeprefix(STATE)
        return DRIFT if stock.startswith("log tempo") else _OF_STOCK[_without_side(stock)]
    if name.partition(": ")[0] in {one.name for one in STRUCTURES}:
        return RIVALS
    bare = _without_side(name)
    return _OF_PARAMETER.get(bare) or _OF_MECHANISM[REGISTRY.mechanisms[bare]]


def _without_side(name: str) -> str:
    return name.partition(" (")[0]
