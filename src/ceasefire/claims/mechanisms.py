"""Which mechanisms a claim may rest on, and which of them are built.

What is built is read off the war's registry and the rooms that exist, so that a claim stops being `not yet
modelled` on the day its mechanism arrives.
"""

from __future__ import annotations

import dataclasses
import importlib.util
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from ceasefire.war import REGISTRY


@dataclasses.dataclass(frozen=True)
class Mechanism:
    """Something a claim may rest on: its name, the row of the design, what it is, and where it is built."""

    name: str
    row: str
    meaning: str
    module: str
    """A mechanism of the war's registry (`manpower`), or a room or module of the package (`analysis`)."""

    @property
    def built(self) -> bool:
        """Whether the package has it."""
        if self.module in set(REGISTRY.mechanisms.values()):
            return True
        if not self.module.startswith("ceasefire."):
            return False
        try:
            return importlib.util.find_spec(self.module) is not None
        except ModuleNotFoundError:
            return False


_ALL = (
    Mechanism("fronts", "S1", "lines that move with the local balance", "fronts"),
    Mechanism("skill", "S2", "skill that losses dilute and training rebuilds", "skill"),
    Mechanism("equipment", "S2", "modern and legacy equipment as separate stocks", "equipment"),
    Mechanism("aims", "S3", "a leader's aim and its worth to him", "aims"),
    Mechanism("manpower", "S4", "pool, call-up, training, wounded and returned", "manpower"),
    Mechanism("third_party_arms", "S5", "arms from third countries", "third_party_arms"),
    Mechanism("offensives", "S6", "the decision to attack on perceived capability", "offensive"),
    Mechanism("signalling", "S7", "offers as signals between three players", "ceasefire.bargaining"),
    Mechanism("decision", "S6", "a leader who weighs gains against losses", "decision"),
    Mechanism(
        "going_on",
        "S13",
        "when leaders stop, by what they are told and have to lose",
        "ceasefire.bargaining.resurrection",
    ),
    Mechanism("past_ceasefires", "S19", "how past ceasefires ended", "ceasefire.bargaining.past"),
    Mechanism("truce", "S8", "a truce in which both sides rebuild", "truce"),
    Mechanism("violations", "S8", "violations of a truce that grow by response", "violations"),
    Mechanism("comparison", "S9", "the same wars with and without a truce", "ceasefire.analysis"),
    Mechanism("battles", "S10", "battles for one place", "battles"),
    Mechanism("northern_front", "S12", "a northern front that opens or stays shut", "northern_front"),
    Mechanism("belief", "S13", "beliefs that an entourage filters", "belief"),
    Mechanism("industry", "S14", "production that ramps up", "industry"),
    Mechanism("sanctions", "S15", "sanctions as a drag that leaks and decays", "sanctions"),
    Mechanism("labour", "S15", "people missing at work", "labour"),
    Mechanism("emigration", "S15", "emigration in answer to policy", "emigration"),
    Mechanism("internal_break", "S15", "a state that breaks from within", "internal_break"),
    Mechanism("ending", "S20", "a war that ends by collapse, exhaustion or settlement", "ending"),
    Mechanism("aid", "S16", "aid as a stream into stocks", "munitions"),
    Mechanism("aid_by_kind", "S16", "what one more unit of each kind of aid saves", "ceasefire.analysis.aid"),
    Mechanism("air_defence", "S17", "salvoes against layered, finite interceptors", "air_defence"),
    Mechanism("civilian_harm", "S17", "civilians killed by fire and by strikes", "civilian_harm"),
    Mechanism("escalation", "S18", "a hazard of a wider war", "escalation"),
    Mechanism(
        "acceptance_rule",
        "S19",
        "accept or refuse, as a rule over belief, with regret",
        "ceasefire.bargaining.offering",
    ),
    Mechanism(
        "settlement_terms",
        "S19",
        "terms of a settlement beyond a truce: guarantees, return of the displaced",
        "ceasefire.bargaining.settling",
    ),
    Mechanism(
        "past_counterfactuals",
        "S4",
        "wars re-run from a day before the question",
        "ceasefire.inference.posterior",
    ),
)
MECHANISMS: Mapping[str, Mechanism] = MappingProxyType({mechanism.name: mechanism for mechanism in _ALL})


def missing(needs: Iterable[str]) -> tuple[Mechanism, ...]:
    """Return those of the needed mechanisms that are not built."""
    return tuple(MECHANISMS[need] for need in needs if not MECHANISMS[need].built)
