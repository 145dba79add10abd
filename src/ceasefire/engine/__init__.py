"""Thousands of wars at once: chunks, one loop over wars, chance. It never sees YAML, evidence or claims."""

from ceasefire.engine.draws import draw_parameters, draw_structure
from ceasefire.engine.extending import check_fused
from ceasefire.engine.fingerprint import model_fingerprint
from ceasefire.engine.places import computing
from ceasefire.engine.results import (
    OUTCOMES,
    PRIOR,
    VARIABLES,
    check_draws,
    failed,
    good,
    load,
    open_result,
    result_bytes,
    run,
    save,
)
from ceasefire.engine.start import Start
from ceasefire.engine.streaming import stream

__all__ = [
    "OUTCOMES",
    "PRIOR",
    "VARIABLES",
    "Start",
    "check_draws",
    "check_fused",
    "computing",
    "draw_parameters",
    "draw_structure",
    "failed",
    "good",
    "load",
    "model_fingerprint",
    "open_result",
    "result_bytes",
    "run",
    "save",
    "stream",
]
