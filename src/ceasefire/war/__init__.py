"""What happens on one day of a war: stocks, flows and decisions as pure functions of arrays.

One file for each mechanism; `day.py` is the table of contents, `steps/` its chapters. Nothing here knows
of files, evidence, claims or ensembles.
"""

from ceasefire.war.catalogue import REGISTRY
from ceasefire.war.day import day
from ceasefire.war.drift import Drift
from ceasefire.war.levers import LEVERS, Lever
from ceasefire.war.registry import Parameter, Prior, Registry
from ceasefire.war.start import initial_state, rebased
from ceasefire.war.state import Geography, State
from ceasefire.war.steps import Decisions, Events, Flows, Shocks, Today
from ceasefire.war.structure import STRUCTURES, Alternative

__all__ = [
    "LEVERS",
    "REGISTRY",
    "STRUCTURES",
    "Alternative",
    "Decisions",
    "Drift",
    "Events",
    "Flows",
    "Geography",
    "Lever",
    "Parameter",
    "Prior",
    "Registry",
    "Shocks",
    "State",
    "Today",
    "day",
    "initial_state",
    "rebased",
]
