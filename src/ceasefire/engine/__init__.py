"""Thousands of wars at once: chunks, one loop over wars, chance. It never sees YAML, evidence or claims."""

from ceasefire.engine.draws import draw_parameters, draw_structure
from ceasefire.engine.fingerprint import model_fingerprint
from ceasefire.engine.results import PRIOR, VARIABLES, check_draws, failed, good, load, run, save
from ceasefire.engine.start import Start

__all__ = [
    "PRIOR",
    "VARIABLES",
    "Start",
    "check_draws",
    "draw_parameters",
    "draw_structure",
    "failed",
    "good",
    "load",
    "model_fingerprint",
    "run",
    "save",
]
