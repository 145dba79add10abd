"""The steps of a day, a file for each.

What the leaders decide, who fights, what becomes of people, material and ground: each step takes the morning
and the steps before it, calls its mechanisms, and returns what it changes. `day.py` puts them in order.
"""

from ceasefire.war.steps.course import course
from ceasefire.war.steps.fighting import Fighting, fighting
from ceasefire.war.steps.ground import ground
from ceasefire.war.steps.leaders import Leaders, leaders
from ceasefire.war.steps.material import Material, material
from ceasefire.war.steps.morning import Assessment, Morning, assess, morning
from ceasefire.war.steps.people import people
from ceasefire.war.steps.skies import Skies, skies
from ceasefire.war.steps.today import Change, Decisions, Events, Flows, Named, Shocks, Today

__all__ = [
    "Assessment",
    "Change",
    "Decisions",
    "Events",
    "Fighting",
    "Flows",
    "Leaders",
    "Material",
    "Morning",
    "Named",
    "Shocks",
    "Skies",
    "Today",
    "assess",
    "course",
    "fighting",
    "ground",
    "leaders",
    "material",
    "morning",
    "people",
    "skies",
]
