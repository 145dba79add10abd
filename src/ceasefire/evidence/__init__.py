"""What was observed and who said so: tables, sources, provenance.

Every figure is one row of one shape. `ask` returns what all sources say, side by side, and `known_by` what
could be read on a day. A root is the origin of a figure: everything that restates one origin counts once.
"""

from ceasefire.evidence.breaks import breaks
from ceasefire.evidence.importing import FORMATS, ImportResult, import_file
from ceasefire.evidence.shape import COLUMNS, check_observations
from ceasefire.evidence.sources import Root, Source
from ceasefire.evidence.store import Evidence, load, user_folder

__all__ = [
    "COLUMNS",
    "FORMATS",
    "Evidence",
    "ImportResult",
    "Root",
    "Source",
    "breaks",
    "check_observations",
    "import_file",
    "load",
    "user_folder",
]
